//! The name of every setting, and how each may be set.

/// What a value is in TOML, and how it is read from a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Text that names a file or folder; relative to where it is written.
    Path,
    Integer,
    Float,
    Boolean,
    /// In a variable: separated by commas.
    List,
}

/// What a project file may do: it comes with somebody's folder, so it may not redirect data or weaken a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Project {
    May,
    MayNot,
    /// Only to a smaller value than it has without the project file.
    MayLower,
    /// Only to `true`.
    MayTurnOn,
    /// Entries are added to those it has without the project file.
    MayAdd,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `section.key`.
    pub name: &'static str,
    pub kind: Kind,
    pub project: Project,
    /// Variables besides `T2S_SECTION_KEY` that set it.
    pub also: &'static [&'static str],
}

impl Key {
    /// `T2S_SECTION_KEY`.
    pub fn variable(&self) -> String {
        format!("T2S_{}", self.name.replace('.', "_").to_uppercase())
    }

    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|k| k.name == name)
    }
}

/// Every setting, in the order of `config.example.toml`.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("database.path", Kind::Path, Project::May, &["DATABASE_PATH"]),
    key("database.as_of", Kind::Text, Project::May, &[]),
    key("database.memory_map", Kind::Boolean, Project::MayNot, &[]),
    key("knowledge.path", Kind::Path, Project::May, &[]),
    key("folders.data", Kind::Path, Project::MayNot, &["T2S_DATA_DIR"]),
    key("folders.cache", Kind::Path, Project::MayNot, &["T2S_CACHE_DIR", "VECTOR_STORE_PATH"]),
    key("folders.state", Kind::Path, Project::MayNot, &["T2S_STATE_DIR"]),
    key("model.offline", Kind::Boolean, Project::MayTurnOn, &[]),
    key("model.name", Kind::Text, Project::May, &[]),
    key("model.base_url", Kind::Text, Project::MayNot, &["OPENAI_BASE_URL"]),
    key("model.api_key_env", Kind::Text, Project::MayNot, &[]),
    key("model.timeout", Kind::Text, Project::May, &[]),
    key("model.attempts", Kind::Integer, Project::MayLower, &[]),
    key("model.privacy", Kind::Text, Project::MayNot, &[]),
    key("limits.max_results", Kind::Integer, Project::MayLower, &["MAX_RESULTS"]),
    key("limits.app_rows", Kind::Integer, Project::MayLower, &[]),
    key("limits.time", Kind::Text, Project::MayLower, &[]),
    key("limits.http_time", Kind::Text, Project::MayLower, &[]),
    key("limits.question_chars", Kind::Integer, Project::MayLower, &[]),
    key("limits.result_bytes", Kind::Integer, Project::MayLower, &[]),
    key("limits.value_bytes", Kind::Integer, Project::MayLower, &[]),
    key("limits.memory_bytes", Kind::Integer, Project::MayLower, &[]),
    key("thresholds.answer", Kind::Float, Project::May, &[]),
    key("thresholds.margin", Kind::Float, Project::May, &[]),
    key("thresholds.abstain", Kind::Float, Project::May, &[]),
    key("cache.enabled", Kind::Boolean, Project::May, &["ENABLE_CACHE"]),
    key("cache.ttl", Kind::Text, Project::May, &["CACHE_TTL"]),
    key("cache.bytes", Kind::Integer, Project::MayLower, &[]),
    key("server.host", Kind::Text, Project::MayNot, &["FLASK_HOST"]),
    key("server.port", Kind::Integer, Project::May, &["FLASK_PORT"]),
    key("server.allow_remote", Kind::Boolean, Project::MayNot, &[]),
    key("server.rate_limit_per_minute", Kind::Integer, Project::MayNot, &["RATE_LIMIT_PER_MINUTE"]),
    key("server.body_bytes", Kind::Integer, Project::MayLower, &[]),
    key("policy.deny_tables", Kind::List, Project::MayAdd, &[]),
    key("policy.deny_columns", Kind::List, Project::MayAdd, &[]),
    key("embedding.model", Kind::Text, Project::May, &[]),
    key("appearance.color", Kind::Text, Project::May, &[]),
    key("appearance.theme", Kind::Text, Project::May, &[]),
    key("appearance.ascii", Kind::Boolean, Project::May, &[]),
    key("appearance.plain", Kind::Boolean, Project::May, &[]),
    key("appearance.reduce_motion", Kind::Boolean, Project::May, &["T2S_REDUCE_MOTION"]),
    key("programs.pager", Kind::Text, Project::MayNot, &["PAGER"]),
    key("programs.editor", Kind::Text, Project::MayNot, &["VISUAL", "EDITOR"]),
    key("log.level", Kind::Text, Project::MayNot, &[]),
    key("log.format", Kind::Text, Project::MayNot, &[]),
];

const fn key(name: &'static str, kind: Kind, project: Project, also: &'static [&'static str]) -> Key {
    Key { name, kind, project, also }
}

/// The known name nearest to one that is not known, if one is near enough to be meant.
pub(super) fn nearest(unknown: &str) -> Option<&'static str> {
    let (_, unknown_last) = unknown.rsplit_once('.').unwrap_or(("", unknown));
    let nearness = |key: &Key| {
        let (_, last) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        let whole = strsim::jaro_winkler(unknown, key.name);
        // A right key in a wrong section is nearer than a wrong key in the right one.
        whole.max(strsim::jaro_winkler(unknown_last, last) - 0.01)
    };
    KEYS.iter()
        .map(|key| (key.name, nearness(key)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, score)| *score >= 0.8)
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_key_across_sections() {
        assert_eq!(nearest("limits.max_result"), Some("limits.max_results"));
        assert_eq!(nearest("limit.max_results"), Some("limits.max_results"));
        assert_eq!(nearest("max_results"), Some("limits.max_results"));
        assert_eq!(nearest("model.api_key"), Some("model.api_key_env"));
        assert_eq!(nearest("zzz.qqq"), None);
    }

    #[test]
    fn names_a_variable_for_each_key_once() {
        let mut names: Vec<String> =
            KEYS.iter().flat_map(|k| std::iter::once(k.variable()).chain(k.also.iter().map(|a| (*a).into()))).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}

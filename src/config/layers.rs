//! Joins the sources: defaults < user file < project file < environment < flags. Each value knows its source.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::keys::{KEYS, Key, Kind, Project, nearest};
use super::{Config, ConfigFile, Folders, Secret, Surroundings, parse_duration};

/// Why the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration file {}: {why}", path.display())]
    Read { path: PathBuf, why: String },
    #[error("{place}: {why}")]
    Syntax { place: String, why: String },
    #[error("{place}: unknown key {key:?}{}", nearest.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownKey { place: String, key: String, nearest: Option<&'static str> },
    #[error("{place}: {key}: {why}")]
    Value { place: String, key: &'static str, why: String },
}

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    #[default]
    Default,
    /// `path:line:column` in the user's file or the one given with `--config`.
    User(String),
    /// `path:line:column` in `t2s.toml`.
    Project(String),
    /// The variable's name.
    Variable(String),
    /// The flag as typed.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::User(place) | Self::Project(place) => f.write_str(place),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value given on the command line.
#[derive(Clone, Debug)]
pub struct Setting {
    /// A name of [`KEYS`].
    pub key: &'static str,
    pub value: Value,
    pub flag: &'static str,
}

/// One value with where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub key: &'static Key,
    pub value: Value,
    pub source: Source,
}

/// The settings, and how they came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// Every key in the order of [`KEYS`], with its value (if it has one) and where that comes from.
    pub values: Vec<(&'static Key, Option<Value>, Source)>,
    /// What was ignored, in words.
    pub warnings: Vec<String>,
    /// Files that were looked for, in order, with whether they were there.
    pub files: Vec<(PathBuf, bool)>,
    /// The variable named by `model.api_key_env`, and whether it holds a key.
    pub api_key: (String, bool),
}

/// Reads all sources and joins them. `user_file` takes the place of the user's own file and must exist.
pub fn load(surroundings: &Surroundings, user_file: Option<&Path>, flags: &[Setting]) -> Result<Loaded, ConfigError> {
    let mut layers = Layers::of_defaults();
    let mut files = Vec::new();

    let user_path = user_file.unwrap_or(&surroundings.user_file);
    let user_text = read(user_path, user_file.is_some())?;
    files.push((user_path.to_owned(), user_text.is_some()));
    for leaf in parse(&user_text.unwrap_or_default(), user_path, surroundings, Source::User)? {
        layers.set(leaf)?;
    }

    let project_path = surroundings.project_file();
    let project_text = read(&project_path, false)?;
    files.push((project_path.clone(), project_text.is_some()));
    for leaf in parse(&project_text.unwrap_or_default(), &project_path, surroundings, Source::Project)? {
        layers.set_from_project(leaf)?;
    }

    let (leaves, warnings) = surroundings.leaves()?;
    layers.warnings.extend(warnings);
    for leaf in leaves {
        layers.set(leaf)?;
    }
    for Setting { key, value, flag } in flags {
        if let Some(key) = Key::find(key) {
            layers.set(Leaf { key, value: value.clone(), source: Source::Flag(flag) })?;
        }
    }
    layers.finish(surroundings, files)
}

/// The path as written, relative to the folder it is written in; `~/` is the home folder.
pub(super) fn absolute(text: &str, folder: &Path, home: Option<&Path>) -> String {
    if text.contains("://") {
        return text.to_owned();
    }
    let path = match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(text),
    };
    path.to_string_lossy().into_owned()
}

struct Layers {
    values: BTreeMap<&'static str, (Value, Source)>,
    warnings: Vec<String>,
}

impl Layers {
    fn of_defaults() -> Self {
        let table = Table::try_from(ConfigFile::default()).unwrap_or_default();
        let value_of = |key: &Key| {
            let (section, name) = key.name.split_once('.')?;
            Some((key.name, (table.get(section)?.get(name)?.clone(), Source::Default)))
        };
        Self { values: KEYS.iter().filter_map(value_of).collect(), warnings: Vec::new() }
    }

    fn set(&mut self, leaf: Leaf) -> Result<(), ConfigError> {
        let fits = ConfigFile::deserialize(nested([(leaf.key.name, leaf.value.clone())]));
        if let Err(error) = fits {
            let why = error.message().lines().next().unwrap_or_default().to_owned();
            return Err(ConfigError::Value { place: leaf.source.to_string(), key: leaf.key.name, why });
        }
        self.values.insert(leaf.key.name, (leaf.value, leaf.source));
        Ok(())
    }

    fn set_from_project(&mut self, mut leaf: Leaf) -> Result<(), ConfigError> {
        let now = self.values.get(leaf.key.name).map(|(value, _)| value);
        let refused = match leaf.key.project {
            Project::May => None,
            Project::MayNot => Some("a project file may not set it"),
            Project::MayTurnOn => (leaf.value != Value::Boolean(true)).then_some("a project file may only turn it on"),
            Project::MayLower => {
                now.is_some_and(|now| is_greater(&leaf.value, now)).then_some("a project file may only lower it")
            }
            Project::MayAdd => {
                leaf.value = joined(now, &leaf.value);
                None
            }
        };
        match refused {
            None => self.set(leaf),
            Some(why) => {
                self.warnings.push(format!("{}: {} is ignored: {why}", leaf.source, leaf.key.name));
                Ok(())
            }
        }
    }

    fn finish(self, surroundings: &Surroundings, files: Vec<(PathBuf, bool)>) -> Result<Loaded, ConfigError> {
        let merged = nested(self.values.iter().map(|(key, (value, _))| (*key, value.clone())));
        let file = ConfigFile::deserialize(merged)
            .map_err(|e| ConfigError::Syntax { place: "settings".into(), why: e.message().to_owned() })?;
        if let Some((key, why)) = file.nonsense() {
            let source = self.values.get(key).map(|(_, source)| source.clone()).unwrap_or_default();
            return Err(ConfigError::Value { place: source.to_string(), key, why });
        }
        let folders = Folders {
            data: file.folders.data.clone().unwrap_or_else(|| surroundings.folders.data.clone()),
            cache: file.folders.cache.clone().unwrap_or_else(|| surroundings.folders.cache.clone()),
            state: file.folders.state.clone().unwrap_or_else(|| surroundings.folders.state.clone()),
        };
        let variable = file.model.api_key_env.clone();
        let key = surroundings.variable(&variable).map(|k| Secret::new(k.trim()));
        let values = KEYS.iter().map(|key| match self.values.get(key.name) {
            Some((value, source)) => (key, Some(value.clone()), source.clone()),
            None => (key, None, Source::Default),
        });
        Ok(Loaded {
            values: values.collect(),
            warnings: self.warnings,
            files,
            api_key: (variable, key.is_some()),
            config: file.into_config(folders, key, surroundings.depth()),
        })
    }
}

/// `section.key` names and their values as nested tables.
fn nested<'a>(leaves: impl IntoIterator<Item = (&'a str, Value)>) -> Table {
    let mut table = Table::new();
    for (name, value) in leaves {
        let (section, key) = name.split_once('.').unwrap_or(("", name));
        let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = section {
            section.insert(key.to_owned(), value);
        }
    }
    table
}

/// Whether a limit is weaker than the one in force. What cannot be compared is left to the check of types.
fn is_greater(new: &Value, now: &Value) -> bool {
    let millis = |value: &Value| parse_duration(value.as_str()?).ok().map(|d| d.as_millis());
    match (new, now) {
        (Value::Integer(new), Value::Integer(now)) => new > now,
        _ => millis(new).zip(millis(now)).is_some_and(|(new, now)| new > now),
    }
}

fn joined(now: Option<&Value>, added: &Value) -> Value {
    let (Some(Value::Array(now)), Value::Array(added)) = (now, added) else {
        return added.clone();
    };
    let new = added.iter().filter(|entry| !now.contains(entry));
    Value::Array(now.iter().chain(new).cloned().collect())
}

fn read(path: &Path, must_exist: bool) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !must_exist => Ok(None),
        Err(e) => Err(ConfigError::Read { path: path.to_owned(), why: e.to_string() }),
    }
}

/// The values written in a file. Unknown keys are refused, with their place and the nearest known key.
fn parse(
    text: &str,
    path: &Path,
    surroundings: &Surroundings,
    source: fn(String) -> Source,
) -> Result<Vec<Leaf>, ConfigError> {
    let place = |offset: usize| {
        let (line, column) = line_and_column(text, offset);
        format!("{}:{line}:{column}", path.display())
    };
    let syntax = |e: &toml::de::Error| ConfigError::Syntax {
        place: place(e.span().map_or(0, |s| s.start)),
        why: e.message().lines().next().unwrap_or_default().to_owned(),
    };
    let spans = DeTable::parse(text).map_err(|e| syntax(&e))?;
    let values: Table = toml::from_str(text).map_err(|e| syntax(&e))?;

    let mut leaves = Vec::new();
    for (section, content) in spans.get_ref() {
        let unknown = |name: &str, at: usize| ConfigError::UnknownKey {
            place: place(at),
            key: name.to_owned(),
            nearest: nearest(name),
        };
        let DeValue::Table(entries) = content.get_ref() else {
            return Err(unknown(section.get_ref(), section.span().start));
        };
        if !KEYS.iter().any(|k| k.name.split_once('.').is_some_and(|(s, _)| s == section.get_ref())) {
            let first = entries.keys().next().map(|k| format!("{}.{}", section.get_ref(), k.get_ref()));
            let name = section.get_ref().to_string();
            let nearest = first.as_deref().and_then(nearest).or_else(|| nearest(&name));
            return Err(ConfigError::UnknownKey { place: place(section.span().start), key: name, nearest });
        }
        for name in entries.keys().map(Spanned::get_ref) {
            let full = format!("{}.{name}", section.get_ref());
            let at = entries.keys().find(|k| k.get_ref() == name).map_or(0, |k| k.span().start);
            let key = Key::find(&full).ok_or_else(|| unknown(&full, at))?;
            let value = values.get(section.get_ref().as_ref()).and_then(|s| s.get(name.as_ref()));
            let Some(value) = value else { continue };
            leaves.push(Leaf { key, value: placed(key, value, path, surroundings), source: source(place(at)) });
        }
    }
    Ok(leaves)
}

/// Paths become relative to the file they are written in; dates become the text that every source uses.
fn placed(key: &Key, value: &Value, file: &Path, surroundings: &Surroundings) -> Value {
    let folder = file.parent().unwrap_or(Path::new(""));
    match value {
        Value::String(text) if key.kind == Kind::Path => {
            absolute(text, &surroundings.here.join(folder), surroundings.home.as_deref()).into()
        }
        Value::Datetime(date) => date.to_string().into(),
        other => other.clone(),
    }
}

/// Both counted from 1; columns in characters.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ColorChoice, EXAMPLE, Privacy};
    use tempfile::TempDir;

    /// A user's and a project's file in a fresh folder, and variables.
    struct World {
        folder: TempDir,
        surroundings: Surroundings,
    }

    impl World {
        fn new(user: &str, project: &str, variables: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let user_file = folder.path().join("config.toml");
            std::fs::write(&user_file, user).expect("writes the user's file");
            let here = folder.path().join("project");
            std::fs::create_dir(&here).expect("makes the project's folder");
            std::fs::write(here.join("t2s.toml"), project).expect("writes the project's file");
            let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let surroundings = Surroundings { variables, here, user_file, ..Surroundings::default() };
            Self { folder, surroundings }
        }

        fn load(&self, flags: &[Setting]) -> Result<Loaded, ConfigError> {
            load(&self.surroundings, None, flags)
        }
    }

    fn load_user(text: &str) -> Result<Loaded, ConfigError> {
        World::new(text, "", &[]).load(&[])
    }

    fn source(loaded: &Loaded, name: &str) -> Source {
        loaded.values.iter().find(|(key, ..)| key.name == name).map(|(_, _, s)| s.clone()).expect("a known key")
    }

    #[test]
    fn knows_exactly_the_keys_of_the_file() {
        let mut full = ConfigFile::default();
        full.database.path = Some("a".into());
        full.database.as_of = Some(jiff::civil::date(2025, 6, 30));
        full.knowledge.path = Some("a".into());
        full.folders.data = Some("a".into());
        full.folders.cache = Some("a".into());
        full.folders.state = Some("a".into());
        full.programs.pager = Some("a".into());
        full.programs.editor = Some("a".into());
        let table = Table::try_from(full).expect("every key has a TOML form");
        let names = table.iter().flat_map(|(section, content)| {
            content.as_table().into_iter().flat_map(move |t| t.keys().map(move |k| format!("{section}.{k}")))
        });
        let mut written: Vec<String> = names.collect();
        let mut known: Vec<String> = KEYS.iter().map(|k| k.name.to_owned()).collect();
        written.sort();
        known.sort();
        assert_eq!(known, written);
    }

    #[test]
    fn the_example_states_the_built_in_defaults() {
        let example: ConfigFile = toml::from_str(EXAMPLE).expect("the example is valid");
        assert_eq!(example, ConfigFile::default());
    }

    #[test]
    fn the_example_names_every_key_and_no_other() {
        let all = EXAMPLE.lines().map(|l| match l.strip_prefix("# ") {
            Some(rest) if rest.split_once(" = ").is_some_and(|(k, _)| !k.contains(' ')) => rest,
            _ => l,
        });
        let uncommented = all.collect::<Vec<_>>().join("\n");
        let table: Table = uncommented.parse().expect("the example is valid with its commented keys too");
        for key in KEYS {
            let (section, name) = key.name.split_once('.').expect("a section and a key");
            assert!(table[section].get(name).is_some(), "{} is missing", key.name);
        }
        load_user(&uncommented).expect("the commented keys are valid");
    }

    #[test]
    fn accepts_the_valid_cases() {
        for (name, text) in cases("valid") {
            load_user(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }

    #[test]
    fn refuses_the_invalid_cases_and_says_where() {
        for (name, text) in cases("invalid") {
            let wanted =
                text.lines().next().and_then(|l| l.strip_prefix("# error: ")).expect("a first line with the error");
            let world = World::new(&text, "", &[]);
            let message = world.load(&[]).map(|_| ()).expect_err(&name).to_string();
            let place = format!("{}:", world.surroundings.user_file.display());
            let rest = message.strip_prefix(&place).unwrap_or_else(|| panic!("{name}: {message}"));
            assert!(rest.starts_with(wanted), "{name}: {rest}");
            assert!(!message.contains("not-a-real-key"), "{message}");
        }
    }

    fn cases(folder: &str) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/config").join(folder);
        let entries = std::fs::read_dir(folder).expect("the folder of cases");
        let cases: Vec<_> = entries
            .map(|e| e.expect("an entry").path())
            .map(|p| (p.display().to_string(), std::fs::read_to_string(&p).expect("a case")))
            .collect();
        assert!(!cases.is_empty());
        cases
    }

    #[test]
    fn each_layer_wins_over_the_one_before() {
        let user = "[limits]
max_results = 500
app_rows = 500
question_chars = 500
";
        let project = "[limits]\napp_rows = 400\nquestion_chars = 400\n";
        let world = World::new(user, project, &[("T2S_LIMITS_QUESTION_CHARS", "300")]);
        let flag = Setting { key: "limits.time", value: "7s".into(), flag: "--timeout" };
        let loaded = world.load(&[flag]).expect("valid settings");
        let limits = &loaded.config.limits;
        assert_eq!((limits.max_results, limits.app_rows, limits.question_chars), (500, 400, 300));
        assert_eq!(limits.time.as_secs(), 7);
        assert!(source(&loaded, "limits.max_results").to_string().ends_with("config.toml:2:1"));
        assert!(source(&loaded, "limits.app_rows").to_string().ends_with("t2s.toml:2:1"));
        assert_eq!(source(&loaded, "limits.question_chars"), Source::Variable("T2S_LIMITS_QUESTION_CHARS".into()));
        assert_eq!(source(&loaded, "limits.time"), Source::Flag("--timeout"));
        assert_eq!(source(&loaded, "limits.http_time"), Source::Default);
    }

    #[test]
    fn a_project_file_may_not_redirect_data() {
        let project = "[model]\nbase_url = \"http://evil.example/v1\"\napi_key_env = \"AWS_SECRET\"\nprivacy = \"rows\"\n\
                       offline = false\n[folders]\ndata = \"x\"\n[server]\nhost = \"0.0.0.0\"\n[programs]\npager = \"sh\"\n";
        let world = World::new("[model]\noffline = true", project, &[("OPENAI_API_KEY", "k")]);
        let loaded = world.load(&[]).expect("ignored, not refused");
        let model = loaded.config.model.expect("a key is set");
        assert_eq!((model.base_url.as_str(), model.privacy), ("https://api.openai.com/v1", Privacy::Schema));
        assert_eq!(loaded.api_key.0, "OPENAI_API_KEY");
        assert!(loaded.config.offline);
        assert_eq!(loaded.config.server.host, "127.0.0.1");
        assert_eq!(loaded.config.programs.pager, None);
        assert_eq!(loaded.warnings.len(), 7, "{:?}", loaded.warnings);
        assert!(loaded.warnings.iter().any(|w| w.contains("t2s.toml:2:1: model.base_url is ignored")));
    }

    #[test]
    fn a_project_file_may_lower_a_limit_but_not_weaken_it() {
        let user = "[limits]\ntime = \"10s\"\nmax_results = 100\n[policy]\ndeny_tables = [\"pay\"]";
        let project = "[limits]\ntime = \"1m\"\nmax_results = 50\n[policy]\ndeny_tables = [\"hr\"]";
        let loaded = World::new(user, project, &[]).load(&[]).expect("valid settings");
        assert_eq!(loaded.config.limits.time.as_secs(), 10);
        assert_eq!(loaded.config.limits.max_results, 50);
        assert_eq!(loaded.config.policy.deny_tables, ["pay", "hr"]);
        assert_eq!(loaded.warnings.len(), 1);
    }

    #[test]
    fn heeds_the_older_variables_and_prefers_its_own() {
        let variables = [
            ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"),
            ("DATABASE_PATH", "shop.db"),
            ("VECTOR_STORE_PATH", "vectors"),
            ("MAX_RESULTS", "5"),
            ("T2S_LIMITS_MAX_RESULTS", "6"),
            ("ENABLE_CACHE", "false"),
            ("CACHE_TTL", "90"),
            ("RATE_LIMIT_PER_MINUTE", "9"),
            ("FLASK_HOST", "localhost"),
            ("FLASK_PORT", "8080"),
            ("ENABLE_DEBUG", "1"),
            ("EDITOR", "ed"),
        ];
        let world = World::new("", "", &variables);
        let config = world.load(&[]).expect("valid settings").config;
        assert_eq!(config.model.expect("an own endpoint is set up").base_url, "http://127.0.0.1:1/v1");
        assert_eq!(config.database, Some(world.surroundings.here.join("shop.db")));
        assert_eq!(config.folders.cache, world.surroundings.here.join("vectors"));
        assert_eq!(config.limits.max_results, 6);
        assert_eq!((config.cache.enabled, config.cache.ttl.as_secs()), (false, 90));
        assert_eq!((config.server.rate_limit_per_minute, config.server.port), (9, 8080));
        assert_eq!(config.server.host, "localhost");
        assert_eq!(config.log.level, "debug");
        assert_eq!(config.programs.editor.as_deref(), Some("ed"));
    }

    #[test]
    fn no_color_yields_only_to_the_flag() {
        let variables = [("NO_COLOR", "1"), ("T2S_APPEARANCE_COLOR", "always")];
        let world = World::new("", "", &variables);
        assert_eq!(world.load(&[]).expect("valid").config.appearance.color, ColorChoice::Never);
        let flag = Setting { key: "appearance.color", value: "always".into(), flag: "--color" };
        assert_eq!(world.load(&[flag]).expect("valid").config.appearance.color, ColorChoice::Always);
    }

    #[test]
    fn a_poor_terminal_gets_plain_lines_and_ascii() {
        let world = World::new("", "", &[("TERM", "dumb"), ("LANG", "C")]);
        let appearance = world.load(&[]).expect("valid").config.appearance;
        assert!(appearance.plain && appearance.ascii);
        let world = World::new("", "", &[("TERM", "xterm-256color"), ("LANG", "en_GB.UTF-8")]);
        let appearance = world.load(&[]).expect("valid").config.appearance;
        assert!(!appearance.plain && !appearance.ascii);
    }

    #[test]
    fn a_misspelt_variable_is_told_and_a_wrong_one_refused() {
        let loaded = World::new("", "", &[("T2S_LIMITS_MAX_RESULT", "5")]).load(&[]).expect("a warning only");
        assert_eq!(
            loaded.warnings,
            ["the variable T2S_LIMITS_MAX_RESULT sets nothing; did you mean T2S_LIMITS_MAX_RESULTS?"]
        );
        let error = World::new("", "", &[("MAX_RESULTS", "lots")]).load(&[]).expect_err("no number");
        assert_eq!(error.to_string(), "MAX_RESULTS: limits.max_results: \"lots\" is no whole number");
    }

    #[test]
    fn paths_are_relative_to_the_file_they_stand_in() {
        let world = World::new("[database]\npath = \"shop.db\"", "[knowledge]\npath = \"k\"", &[]);
        let config = world.load(&[]).expect("valid").config;
        assert_eq!(config.database, Some(world.folder.path().join("shop.db")));
        assert_eq!(config.knowledge, Some(world.surroundings.here.join("k")));
    }

    #[test]
    fn a_named_file_must_exist() {
        let world = World::new("", "", &[]);
        let missing = world.folder.path().join("missing.toml");
        let error = load(&world.surroundings, Some(&missing), &[]).expect_err("no such file");
        assert!(error.to_string().contains("missing.toml"));
    }
}

//! What a configuration file may hold. Every key may be left out; a key left out has its built-in default.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Appearance, CacheConfig, ColorChoice, ColorDepth, Config, EmbeddingConfig, Folders, LimitsConfig, LogConfig,
    ModelConfig, Policy, Privacy, Programs, Secret, ServerConfig, Theme, Thresholds, duration,
};

const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";

/// The shape of `config.toml` and `t2s.toml`. The default value is the built-in default of every key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigFile {
    pub database: DatabaseSection,
    pub knowledge: KnowledgeSection,
    pub folders: FoldersSection,
    pub model: ModelSection,
    pub limits: LimitsConfig,
    pub thresholds: Thresholds,
    pub cache: CacheConfig,
    pub server: ServerConfig,
    pub policy: Policy,
    pub embedding: EmbeddingConfig,
    pub appearance: AppearanceSection,
    pub programs: Programs,
    pub log: LogConfig,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSection {
    pub path: Option<PathBuf>,
    pub as_of: Option<Date>,
    pub memory_map: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnowledgeSection {
    pub path: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FoldersSection {
    pub data: Option<PathBuf>,
    pub cache: Option<PathBuf>,
    pub state: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSection {
    pub offline: bool,
    pub name: String,
    pub base_url: String,
    /// The environment variable that holds the key, never the key itself.
    pub api_key_env: String,
    #[serde(with = "duration")]
    pub timeout: Duration,
    pub attempts: u32,
    pub privacy: Privacy,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppearanceSection {
    pub color: ColorChoice,
    pub theme: Theme,
    pub ascii: bool,
    pub plain: bool,
    pub reduce_motion: bool,
}

impl Default for ModelSection {
    fn default() -> Self {
        Self {
            offline: false,
            name: "gpt-4o-mini".into(),
            base_url: DEFAULT_BASE_URL.into(),
            api_key_env: "OPENAI_API_KEY".into(),
            timeout: Duration::from_secs(30),
            attempts: 3,
            privacy: Privacy::Schema,
        }
    }
}

impl ModelSection {
    /// A model is set up once there is a key, or an endpoint of one's own that may want none.
    fn into_config(self, api_key: Option<Secret>) -> Option<ModelConfig> {
        let set_up = api_key.is_some() || self.base_url != DEFAULT_BASE_URL;
        set_up.then_some(ModelConfig {
            base_url: self.base_url,
            api_key,
            name: self.name,
            timeout: self.timeout,
            attempts: self.attempts,
            privacy: self.privacy,
        })
    }
}

impl ConfigFile {
    pub(super) fn into_config(self, folders: Folders, api_key: Option<Secret>, depth: ColorDepth) -> Config {
        Config {
            database: self.database.path,
            memory_map: self.database.memory_map,
            knowledge: self.knowledge.path,
            folders,
            offline: self.model.offline,
            as_of: self.database.as_of,
            model: self.model.into_config(api_key),
            limits: self.limits,
            thresholds: self.thresholds,
            cache: self.cache,
            server: self.server,
            policy: self.policy,
            embedding: self.embedding,
            appearance: Appearance {
                color: self.appearance.color,
                depth,
                theme: self.appearance.theme,
                ascii: self.appearance.ascii,
                plain: self.appearance.plain,
                reduce_motion: self.appearance.reduce_motion,
            },
            programs: self.programs,
            log: self.log,
        }
    }

    /// The first value that makes no sense: its key and what is wrong with it.
    pub(super) fn nonsense(&self) -> Option<(&'static str, String)> {
        let Self { model, limits, thresholds, server, .. } = self;
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let checks = [
            ("model.name", !model.name.trim().is_empty(), "must not be empty"),
            ("model.base_url", is_http(&model.base_url), "must start with http:// or https://"),
            ("model.attempts", (1..=10).contains(&model.attempts), "must be between 1 and 10"),
            ("limits.max_results", limits.max_results > 0, "must be at least 1 row"),
            ("limits.app_rows", limits.app_rows > 0, "must be at least 1 row"),
            ("limits.question_chars", limits.question_chars > 0, "must be at least 1 character"),
            ("limits.result_bytes", limits.result_bytes > 0, "must be at least 1 byte"),
            ("limits.value_bytes", limits.value_bytes >= 1_000, "must be at least 1000 bytes"),
            ("limits.memory_bytes", limits.memory_bytes >= 10_000_000, "must be at least 10000000 bytes"),
            ("thresholds.answer", share(thresholds.answer), "must be between 0 and 1"),
            ("thresholds.margin", share(thresholds.margin), "must be between 0 and 1"),
            ("thresholds.abstain", share(thresholds.abstain), "must be between 0 and 1"),
            (
                "thresholds.abstain",
                thresholds.abstain <= thresholds.answer,
                "must not be greater than thresholds.answer",
            ),
            ("server.host", !server.host.trim().is_empty(), "must not be empty"),
            ("server.body_bytes", server.body_bytes > 0, "must be at least 1 byte"),
        ];
        checks.into_iter().find(|(_, holds, _)| !holds).map(|(key, _, why)| (key, why.to_owned()))
    }
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

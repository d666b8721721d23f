//! The process's environment as plain data, read once; and what its variables set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::keys::{KEYS, Key, Kind, nearest};
use super::layers::{ConfigError, Leaf, Source};
use super::{ColorDepth, Folders};

/// What the settings take from the world outside: variables, folders, the place of the files.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub variables: BTreeMap<String, String>,
    /// The working folder.
    pub here: PathBuf,
    pub home: Option<PathBuf>,
    /// Where the platform wants a program's files.
    pub folders: Folders,
    /// `config.toml` of this user.
    pub user_file: PathBuf,
}

impl Surroundings {
    /// Of this process. Variables that are not UTF-8 are left out.
    pub fn of_this_process() -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let variables = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        let home = directories::BaseDirs::new().map(|d| d.home_dir().to_owned());
        let (folders, user_file) = match ProjectDirs::from("", "", "t2s") {
            Some(dirs) => (platform_folders(&dirs), dirs.config_dir().join("config.toml")),
            None => (folders_under(&here.join(".t2s")), here.join(".t2s/config.toml")),
        };
        Self { variables: variables.collect(), here, home, folders, user_file }
    }

    /// `t2s.toml` of the working folder.
    pub fn project_file(&self) -> PathBuf {
        self.here.join("t2s.toml")
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Settings made by variables, and warnings about variables that look meant for this program but are not known.
    pub(super) fn leaves(&self) -> Result<(Vec<Leaf>, Vec<String>), ConfigError> {
        let mut leaves = self.conventions();
        for key in KEYS {
            // The program's own name for a key wins over the names it shares with others.
            for name in key.also.iter().rev().map(|n| (*n).to_owned()).chain([key.variable()]) {
                if let Some(text) = self.variable(&name) {
                    leaves.push(read(key, &name, text, &self.here)?);
                }
            }
        }
        // Only an explicit flag overrides NO_COLOR.
        if self.variable("NO_COLOR").is_some() {
            leaves.push(leaf("appearance.color", "never".into(), "NO_COLOR"));
        }
        Ok((leaves, self.unknown()))
    }

    /// Variables that every terminal program heeds, and one older switch.
    fn conventions(&self) -> Vec<Leaf> {
        let truthy = |name| self.variable(name).is_some_and(|v| boolean(v) == Some(true));
        let mut leaves = Vec::new();
        if self.variable("TERM") == Some("dumb") {
            leaves.push(leaf("appearance.plain", true.into(), "TERM"));
        }
        if truthy("ACCESSIBLE") {
            leaves.push(leaf("appearance.plain", true.into(), "ACCESSIBLE"));
        }
        if let Some((name, locale)) = self.locale()
            && !locale.to_lowercase().replace('-', "").contains("utf8")
        {
            leaves.push(leaf("appearance.ascii", true.into(), name));
        }
        if truthy("ENABLE_DEBUG") {
            leaves.push(leaf("log.level", "debug".into(), "ENABLE_DEBUG"));
        }
        leaves
    }

    fn locale(&self) -> Option<(&'static str, &str)> {
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, self.variable(name)?)))
    }

    fn unknown(&self) -> Vec<String> {
        let known = |name: &str| KEYS.iter().any(|k| k.variable() == name || k.also.contains(&name));
        self.variables
            .keys()
            .filter(|name| name.starts_with("T2S_") && !known(name))
            .map(|name| {
                let meant = name["T2S_".len()..].to_lowercase().replacen('_', ".", 1);
                let hint = nearest(&meant).and_then(Key::find).map(Key::variable);
                let hint = hint.map(|h| format!("; did you mean {h}?")).unwrap_or_default();
                format!("the variable {name} sets nothing{hint}")
            })
            .collect()
    }

    /// What the terminal says it can show.
    pub(super) fn depth(&self) -> ColorDepth {
        let term = self.variable("TERM").unwrap_or_default();
        let truecolor = matches!(self.variable("COLORTERM"), Some("truecolor" | "24bit"));
        let known = ["direct", "kitty", "ghostty", "alacritty", "wezterm", "foot"];
        match term {
            "dumb" => ColorDepth::Mono,
            _ if truecolor || known.iter().any(|k| term.contains(k)) => ColorDepth::TrueColor,
            "" => ColorDepth::Ansi256,
            _ if term.contains("256color") => ColorDepth::Ansi256,
            _ => ColorDepth::Ansi16,
        }
    }
}

fn platform_folders(dirs: &ProjectDirs) -> Folders {
    Folders {
        data: dirs.data_dir().to_owned(),
        cache: dirs.cache_dir().to_owned(),
        state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned(),
    }
}

fn folders_under(root: &Path) -> Folders {
    Folders { data: root.join("data"), cache: root.join("cache"), state: root.join("state") }
}

/// # Panics
/// Never: `name` is one of [`KEYS`], as a test holds.
fn leaf(name: &str, value: toml::Value, variable: &str) -> Leaf {
    let key = Key::find(name).unwrap_or(&KEYS[0]);
    Leaf { key, value, source: Source::Variable(variable.to_owned()) }
}

fn read(key: &'static Key, name: &str, text: &str, here: &Path) -> Result<Leaf, ConfigError> {
    let wrong = |wanted: &str| ConfigError::Value {
        place: name.to_owned(),
        key: key.name,
        why: format!("{text:?} is no {wanted}"),
    };
    let value = match key.kind {
        Kind::Text => text.into(),
        Kind::Path => super::layers::absolute(text, here, None).into(),
        Kind::Integer => text.trim().parse::<i64>().map_err(|_| wrong("whole number"))?.into(),
        Kind::Float => text.trim().parse::<f64>().map_err(|_| wrong("number"))?.into(),
        Kind::Boolean => boolean(text).ok_or_else(|| wrong("yes or no"))?.into(),
        Kind::List => text.split(',').map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>().into(),
    };
    Ok(Leaf { key, value, source: Source::Variable(name.to_owned()) })
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

//! Opens the database that the settings name, or the sample shop, made on first use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Setup;
use super::exit::{Exit, Failed};
use super::say::Teller;
use crate::config::{Config, Folders};
use crate::pipeline::Pipeline;
use crate::shop::{self, Scale, ShopError};

/// Where the sample shop is made and looked for.
pub fn sample_path(folders: &Folders) -> PathBuf {
    folders.data.join("retail.db")
}

/// The knowledge files that go with the sample shop.
pub fn sample_knowledge(folders: &Folders) -> PathBuf {
    folders.data.join("retail-knowledge")
}

/// The pipeline over the configured database.
pub async fn pipeline(setup: &Setup) -> Result<Arc<Pipeline>, Failed> {
    pipeline_of(config(setup).await?).await
}

/// The settings with a database in them.
pub async fn config(setup: &Setup) -> Result<Config, Failed> {
    let mut config = setup.loaded.config.clone();
    if config.database.is_none() {
        let path = sample_path(&config.folders);
        if !path.exists() {
            write_sample(setup, &path, Scale::default(), shop::DEFAULT_SEED).await?;
        }
        if config.knowledge.is_none() {
            config.knowledge = Some(write_sample_knowledge(&config.folders)?);
        }
        config.database = Some(path);
    }
    refuse_address(&config)?;
    Ok(config)
}

pub async fn pipeline_of(config: Config) -> Result<Arc<Pipeline>, Failed> {
    refuse_address(&config)?;
    Ok(Arc::new(Pipeline::open(config).await?))
}

fn refuse_address(config: &Config) -> Result<(), Failed> {
    if let Some(path) = config.database.as_deref().filter(|p| p.to_string_lossy().contains("://")) {
        let message = format!("{} cannot be opened: only SQLite files are read", path.display());
        return Err(Failed::new(Exit::USAGE, "not_a_database", message).hint("name a SQLite file with --db"));
    }
    Ok(())
}

/// Writes a shop, with its progress on stderr.
pub async fn write_sample(setup: &Setup, path: &Path, scale: Scale, seed: u64) -> Result<(), Failed> {
    let (voice, path) = (setup.voice, path.to_owned());
    voice.note("sample shop", &format!("making {}", path.display()));
    let written = tokio::task::spawn_blocking(move || {
        let teller = Teller::new(voice);
        let draw = |done: f32| teller.draw(&format!("making the sample shop: {:.0} %", done * 100.0));
        match shop::write(&path, scale, seed, &draw) {
            // Another process was faster: its shop is the same.
            Err(ShopError::Exists { .. }) if scale == Scale::default() && seed == shop::DEFAULT_SEED => Ok(()),
            written => written,
        }
    });
    let written = written.await.map_err(|e| Failed::new(Exit::USAGE, "internal", format!("no sample shop: {e}")))?;
    Ok(written?)
}

fn write_sample_knowledge(folders: &Folders) -> Result<PathBuf, Failed> {
    let folder = sample_knowledge(folders);
    shop::write_knowledge(&folder)?;
    Ok(folder)
}

impl From<ShopError> for Failed {
    fn from(error: ShopError) -> Self {
        let code = if matches!(error, ShopError::Exists { .. }) { "file_exists" } else { "output" };
        Self::new(Exit::USAGE, code, error.to_string())
    }
}

//! A pipeline for a program that runs long: opened anew once the tables of its database are others.

use std::sync::{Arc, PoisonError, RwLock};

use super::Pipeline;

/// Gives the pipeline in force. An answer is drawn with the one that made it, so each request asks once.
pub struct Live {
    current: RwLock<Arc<Pipeline>>,
    /// Held by the one who opens, so that others wait for it.
    opening: tokio::sync::Mutex<()>,
}

impl Live {
    pub fn new(pipeline: Arc<Pipeline>) -> Self {
        Self { current: RwLock::new(pipeline), opening: tokio::sync::Mutex::default() }
    }

    /// The pipeline as it was last opened.
    pub fn current(&self) -> Arc<Pipeline> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The pipeline over the tables as they are now. One that cannot be opened leaves the former in force: its answers
    /// tell what is wrong.
    pub async fn fresh(&self) -> Arc<Pipeline> {
        if !self.current().is_outdated() {
            return self.current();
        }
        let _opening = self.opening.lock().await;
        let former = self.current();
        if !former.is_outdated() {
            return former;
        }
        match Pipeline::open(former.config().clone()).await {
            Ok(pipeline) => {
                tracing::info!("the tables changed: the database was read again");
                let pipeline = Arc::new(pipeline);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&pipeline);
                pipeline
            }
            Err(error) => {
                tracing::warn!(%error, "the tables changed, but the database cannot be read again");
                former
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::pipeline::execution::Limits;
    use crate::pipeline::progress::silent;
    use crate::pipeline::response::Outcome;

    #[tokio::test]
    async fn other_tables_are_read_and_a_database_that_is_gone_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        let write = |sql: &str| {
            rusqlite::Connection::open(&path).and_then(|c| c.execute_batch(sql)).expect("writes");
        };
        write("CREATE TABLE items(id INTEGER PRIMARY KEY); INSERT INTO items VALUES (1)");
        let config = Config { database: Some(path.clone()), offline: true, ..Config::with_folders(folder.path()) };
        let live = Live::new(Arc::new(Pipeline::open(config).await.expect("opens")));
        let outcome = async |sql: &str| {
            let limits = Limits { rows: None, time: std::time::Duration::from_secs(10), bytes: None };
            live.fresh().await.run_sql(sql, limits, true, &silent).await.outcome
        };
        let first = live.fresh().await;
        write("INSERT INTO items VALUES (2)");
        assert!(Arc::ptr_eq(&first, &live.fresh().await), "other rows alone");
        assert_eq!(outcome("SELECT * FROM more").await, Outcome::Error);
        write("CREATE TABLE more(a)");
        assert_eq!(outcome("SELECT * FROM more").await, Outcome::Answer);
        let away = folder.path().join("away.db");
        std::fs::rename(&path, &away).expect("moves");
        assert_eq!(outcome("SELECT a FROM more").await, Outcome::Error);
        std::fs::rename(&away, &path).expect("moves back");
        assert_eq!(outcome("SELECT a FROM more").await, Outcome::Answer);
    }
}

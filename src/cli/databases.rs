//! Databases that lines of a file name, each opened and profiled once however many lines name it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::exit::Failed;
use super::{Setup, open};
use crate::config::Config;
use crate::pipeline::Pipeline;

/// Databases kept open at once; those opened first are closed first.
const OPEN_AT_ONCE: usize = 64;

type Opened = Arc<OnceCell<Arc<Pipeline>>>;

/// Open databases by path, the first opened first.
pub struct Databases {
    setup: Setup,
    /// What paths are relative to.
    root: PathBuf,
    open: Mutex<VecDeque<(PathBuf, Opened)>>,
}

impl Databases {
    pub fn new(setup: Setup, root: PathBuf) -> Self {
        Self { setup, root, open: Mutex::default() }
    }

    /// The database that a line names; without a name the one of the settings.
    pub async fn get(&self, db: Option<&Path>) -> Result<Arc<Pipeline>, Failed> {
        let Some(db) = db else {
            return self.cell(Path::new("")).get_or_try_init(|| open::pipeline(&self.setup)).await.cloned();
        };
        let path = self.path(db);
        let config = Config { database: Some(path.clone()), ..self.setup.loaded.config.clone() };
        self.cell(&path).get_or_try_init(|| open::pipeline_of(config)).await.cloned()
    }

    /// Where a database that a line names is.
    pub fn path(&self, db: &Path) -> PathBuf {
        self.root.join(db)
    }

    fn cell(&self, path: &Path) -> Opened {
        let mut open = self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, cell)) = open.iter().find(|(known, _)| known == path) {
            return Arc::clone(cell);
        }
        if open.len() == OPEN_AT_ONCE {
            open.pop_front();
        }
        let cell = Opened::default();
        open.push_back((path.to_owned(), Arc::clone(&cell)));
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::Voice;
    use crate::config::{Loaded, Surroundings, load};

    #[test]
    fn a_database_is_opened_once_while_it_is_kept() {
        let loaded: Loaded = load(&Surroundings::default(), None, &[]).unwrap();
        let setup = Setup { loaded, voice: Voice::unset(), no_input: true };
        let databases = Databases::new(setup, PathBuf::new());
        let first = databases.cell(Path::new("a"));
        assert!(Arc::ptr_eq(&first, &databases.cell(Path::new("a"))));
        for number in 0..OPEN_AT_ONCE {
            databases.cell(Path::new(&format!("other-{number}")));
        }
        assert!(!Arc::ptr_eq(&first, &databases.cell(Path::new("a"))));
        assert_eq!(databases.open.lock().unwrap().len(), OPEN_AT_ONCE);
    }
}

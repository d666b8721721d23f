//! The sample shop: a grocery chain in eight tables, made from a seed. Units answer to prices by each article's own
//! elasticity, and margins, gaps and changes follow from the same prices, so that what people ask of it has answers
//! that fit together. With it come the knowledge files that explain it.

mod assortment;
mod competitors;
mod knowledge;
mod load;
mod prices;
mod products;
mod random;
mod stores;
mod suggestions;
mod world;

#[cfg(test)]
mod coherence;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rusqlite::Connection;
use tempfile::TempPath;

pub use knowledge::{KNOWLEDGE_FILES, write_knowledge};
use world::World;

/// The last day of the data, a Sunday in the middle of a quarter: the day that counts as today in the shop.
pub const AS_OF: Date = jiff::civil::date(2026, 5, 17);

/// The seed of the shop that is made where none is asked for.
pub const DEFAULT_SEED: u64 = 42;

/// How much of a shop to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// 200 products, 10 stores, 52 weeks.
    #[default]
    Small,
    /// 500 products, 20 stores, 104 weeks.
    Medium,
    /// 2,000 products, 50 stores, 104 weeks.
    Large,
}

impl Scale {
    fn size(self) -> Size {
        match self {
            Self::Small => Size { products: 200, stores: 10, weeks: 52 },
            Self::Medium => Size { products: 500, stores: 20, weeks: 104 },
            Self::Large => Size { products: 2_000, stores: 50, weeks: 104 },
        }
    }
}

/// Each at least 1.
#[derive(Clone, Copy, Debug)]
struct Size {
    products: usize,
    stores: usize,
    weeks: usize,
}

/// Why there is no sample shop.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    #[error("{} already exists and is not overwritten; remove it first or choose another path", path.display())]
    Exists { path: PathBuf },
    #[error("cannot write {}: {source}; check that the folder can be written to and has space", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot fill the sample shop {}: {source}; check that the disk has space and try again", path.display())]
    Fill { path: PathBuf, source: rusqlite::Error },
}

/// Writes a shop to `path`, making its folder if need be. The same scale and seed give the same bytes.
///
/// Rows go to a temporary file in the same folder, which takes its place under `path` when it is complete; a failure
/// leaves nothing behind. `progress` hears the share done, from 0 to 1. Refuses a path that exists.
pub fn write(path: &Path, scale: Scale, seed: u64, progress: &dyn Fn(f32)) -> Result<(), ShopError> {
    write_sized(path, scale.size(), seed, progress)
}

fn write_sized(path: &Path, size: Size, seed: u64, progress: &dyn Fn(f32)) -> Result<(), ShopError> {
    if path.symlink_metadata().is_ok() {
        return Err(ShopError::Exists { path: path.to_owned() });
    }
    let cannot_write = |source| ShopError::Write { path: path.to_owned(), source };
    let aside = aside(path).map_err(cannot_write)?;
    fill(&aside, size, seed, progress).map_err(|source| ShopError::Fill { path: path.to_owned(), source })?;
    // A name must not outlive its contents when the power fails.
    File::open(&aside).and_then(|file| file.sync_all()).map_err(cannot_write)?;
    aside.persist_noclobber(path).map_err(|refused| match refused.error.kind() {
        io::ErrorKind::AlreadyExists => ShopError::Exists { path: path.to_owned() },
        _ => cannot_write(refused.error),
    })?;
    progress(1.0);
    Ok(())
}

/// An empty file in the folder of `path`, removed when dropped.
fn aside(path: &Path) -> io::Result<TempPath> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".t2s-shop-").suffix(".tmp");
    #[cfg(unix)]
    {
        // A temporary file is private by default; a database is shared as the umask says.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    Ok(builder.tempfile_in(folder)?.into_temp_path())
}

fn fill(path: &Path, size: Size, seed: u64, progress: &dyn Fn(f32)) -> rusqlite::Result<()> {
    let world = World::new(size, seed);
    let connection = Connection::open(path)?;
    load::load(&connection, &world, progress)?;
    connection.close().map_err(|(_, source)| source)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const TINY: Size = Size { products: 40, stores: 3, weeks: 6 };

    fn silent(_: f32) {}

    fn written(folder: &Path, name: &str, seed: u64) -> Vec<u8> {
        let path = folder.join(name);
        write_sized(&path, TINY, seed, &silent).unwrap();
        fs::read(path).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let first = written(folder.path(), "a.db", 1);
        assert!(first == written(folder.path(), "b.db", 1));
        assert!(first != written(folder.path(), "c.db", 2));
    }

    #[test]
    fn refuses_to_overwrite_and_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        fs::write(&path, "mine").unwrap();
        let error = write_sized(&path, TINY, 1, &silent).unwrap_err();
        assert!(error.to_string().ends_with("remove it first or choose another path"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn refuses_a_path_that_was_taken_while_it_wrote_and_leaves_nothing_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let error = write_sized(&path, TINY, 1, &|_| fs::write(&path, "mine").unwrap()).unwrap_err();
        assert!(matches!(error, ShopError::Exists { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn leaves_one_file_in_rollback_mode_in_a_folder_that_it_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("shop.db");
        write_sized(&path, TINY, 1, &silent).unwrap();
        let connection = Connection::open(&path).unwrap();
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "delete");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn progress_rises_to_one() {
        let folder = tempfile::tempdir().unwrap();
        let heard = RefCell::new(Vec::new());
        write_sized(&folder.path().join("shop.db"), TINY, 1, &|part| heard.borrow_mut().push(part)).unwrap();
        let heard = heard.into_inner();
        assert!(heard.windows(2).all(|w| w[0] < w[1]), "{heard:?}");
        assert_eq!(heard.last().copied(), Some(1.0));
    }

    #[test]
    fn says_which_folder_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = write_sized(&folder.path().join("file").join("shop.db"), TINY, 1, &silent).unwrap_err();
        assert!(matches!(error, ShopError::Write { .. }), "{error}");
    }
}

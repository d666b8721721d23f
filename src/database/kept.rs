//! Schemas kept on disk: reading one anew takes a look at every table, and most databases are as they were.
//!
//! A kept schema counts only for the very same state of the file, the same policy and the same program. Whatever is
//! wrong with the folder or a file in it costs time, never an answer.

use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{Database, DatabaseError, Stamp};
use crate::schema::Schema;

/// Where they lie in the cache folder.
const FOLDER: &str = "schemas";
const ENDING: &str = "schema";
/// The newest files are kept, up to this number and these bytes together; a larger one is not kept at all.
const FILES: usize = 200;
const BYTES: u64 = 256 << 20;
const FILE_BYTES: u64 = 64 << 20;

/// Changes with the code that a schema comes from: another program's findings do not count.
const CODE: u64 = {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut file = 0;
    while file < SOURCES.len() {
        let mut at = 0;
        while at < SOURCES[file].len() {
            hash = (hash ^ SOURCES[file][at] as u64).wrapping_mul(0x100_0000_01b3);
            at += 1;
        }
        file += 1;
    }
    hash
};
const SOURCES: &[&[u8]] = &[
    env!("CARGO_PKG_VERSION").as_bytes(),
    include_bytes!("catalogue.rs"),
    include_bytes!("extent.rs"),
    include_bytes!("gathered.rs"),
    include_bytes!("hidden.rs"),
    include_bytes!("meaning.rs"),
    include_bytes!("profile.rs"),
    include_bytes!("../language/identifier.rs"),
    include_bytes!("../language/lemma.rs"),
    include_bytes!("../schema/functions.rs"),
    include_bytes!("../schema/mod.rs"),
    include_bytes!("../schema/packed.rs"),
    include_bytes!("../schema/profile.rs"),
    include_bytes!("../schema/values.rs"),
    include_bytes!("../schema/words.rs"),
];

/// What a cache folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSchemas {
    pub folder: PathBuf,
    pub files: usize,
    pub bytes: u64,
}

/// Counts the schemas in a cache folder.
pub fn kept_schemas(cache: &Path) -> KeptSchemas {
    let folder = cache.join(FOLDER);
    let files = list(&folder);
    KeptSchemas { files: files.len(), bytes: files.iter().map(|file| file.bytes).sum(), folder }
}

impl Database {
    /// The schema as it was kept under the cache folder, if nothing has changed since; else read anew and kept there.
    /// Without a folder it is always read, as [`Database::read_schema`] does.
    pub fn schema(&self, cache: Option<&Path>) -> Result<Schema, DatabaseError> {
        let Some(cache) = cache.filter(|cache| !cache.as_os_str().is_empty()) else { return self.read_schema() };
        let stamp = self.stamp()?;
        // A change within the same tick of the clock would not show.
        let is_settled = stamp.is_settled();
        let kept = Kept::new(self, &stamp, cache);
        if is_settled && let Some(schema) = kept.read() {
            return Ok(schema);
        }
        let schema = self.read_schema()?;
        if is_settled && self.stamp()? == stamp {
            match kept.write(&schema) {
                Ok(()) => tracing::debug!(file = %kept.file.display(), "schema kept"),
                Err(error) => tracing::debug!(%error, "schema not kept"),
            }
        }
        Ok(schema)
    }
}

/// One file of the folder. Named by the database's path alone, so that a stricter policy replaces what was read under
/// a laxer one.
struct Kept {
    folder: PathBuf,
    file: PathBuf,
    /// What the schema was read from and by: a digest, as a policy names what it hides.
    origin: Vec<u8>,
}

impl Kept {
    fn new(database: &Database, stamp: &Stamp, cache: &Path) -> Self {
        let path = std::path::absolute(database.path()).unwrap_or_else(|_| database.path().to_owned());
        let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
        let name = format!("{:032x}", u128::from_be_bytes(std::array::from_fn(|n| digest[n])));
        let folder = cache.join(FOLDER);
        let file = folder.join(name).with_extension(ENDING);
        let policy = &database.access().policy;
        let mut source = format!("{CODE:016x}\n{policy:?}\n{}\n", stamp.token()).into_bytes();
        source.extend(path.as_os_str().as_encoded_bytes());
        let origin = [&b"t2s schema\n"[..], &Sha256::digest(&source)].concat();
        Self { folder, file, origin }
    }

    /// `None` if there is none, or not this one, or anything is wrong with it.
    fn read(&self) -> Option<Schema> {
        // Opening a pipe that somebody put there would wait for ever.
        let bytes = fs::symlink_metadata(&self.file).ok().filter(fs::Metadata::is_file)?.len();
        let mut content = Vec::with_capacity(usize::try_from(bytes.min(FILE_BYTES)).ok()?);
        File::open(&self.file).ok()?.take(FILE_BYTES + 1).read_to_end(&mut content).ok()?;
        let (content, sum) = content.split_last_chunk::<8>()?;
        let packed = content.strip_prefix(self.origin.as_slice())?;
        if checksum(content) != *sum {
            return None;
        }
        Schema::unpack(packed)
    }

    /// Written aside and then renamed: another process reads the old file or the new one.
    fn write(&self, schema: &Schema) -> io::Result<()> {
        let mut content = self.origin.clone();
        content.extend(schema.pack());
        content.extend(checksum(&content));
        if content.len() as u64 > FILE_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        make_private(&self.folder)?;
        let suffix = format!(".{ENDING}");
        let mut aside = tempfile::Builder::new().prefix("new-").suffix(&suffix).tempfile_in(&self.folder)?;
        aside.write_all(&content)?;
        aside.persist(&self.file)?;
        self.tidy();
        Ok(())
    }

    /// Takes the oldest files away until the rest are within the bounds.
    fn tidy(&self) {
        let mut files = list(&self.folder);
        files.sort_by_key(|file| std::cmp::Reverse((file.path == self.file, file.modified)));
        let mut bytes = 0;
        for (number, file) in files.iter().enumerate() {
            bytes += file.bytes;
            if number >= FILES || bytes > BYTES {
                // Somebody else may have been faster.
                let _ = fs::remove_file(&file.path);
            }
        }
    }
}

struct Listed {
    path: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
}

fn list(folder: &Path) -> Vec<Listed> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| {
        let (path, metadata) = (entry.path(), entry.metadata().ok()?);
        let is_ours = metadata.is_file() && path.extension().is_some_and(|ending| ending == ENDING);
        is_ours.then(|| Listed { path, bytes: metadata.len(), modified: metadata.modified().ok() })
    });
    files.collect()
}

/// It holds values of the database, which may be secret to others on this machine.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Against accidents, not against those who may write the folder.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;
    use tempfile::TempDir;

    use super::*;
    use crate::config::Policy;
    use crate::database::Access;

    struct Place {
        folder: TempDir,
    }

    impl Place {
        /// With a database that was written long ago.
        fn new() -> Self {
            let place = Self { folder: tempfile::tempdir().expect("a folder") };
            fs::create_dir(place.path("user")).expect("a folder");
            make(&place.database());
            place.age();
            place
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn database(&self) -> PathBuf {
            self.path("user/shop.db")
        }

        fn cache(&self) -> PathBuf {
            self.path("own/cache")
        }

        /// Sets the time of the last change to one and the same moment, so that it tells nothing.
        fn age(&self) {
            set_time(&self.database(), 1_700_000_000);
        }

        fn open(&self) -> Database {
            self.open_with(&[], &[])
        }

        fn open_with(&self, tables: &[&str], columns: &[&str]) -> Database {
            let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let policy = Policy { deny_tables: list(tables), deny_columns: list(columns) };
            Database::open_with(&self.database(), Access { policy, ..Access::default() }).expect("opens")
        }

        fn schema(&self) -> Schema {
            self.open().schema(Some(&self.cache())).expect("a schema")
        }

        fn kept(&self) -> Option<Schema> {
            self.entry(&self.open()).read()
        }

        fn entry(&self, database: &Database) -> Kept {
            Kept::new(database, &database.stamp().expect("a stamp"), &self.cache())
        }

        fn file(&self) -> PathBuf {
            self.entry(&self.open()).file
        }

        fn execute(&self, sql: &str) {
            Connection::open(self.database()).expect("opens").execute_batch(sql).expect("runs");
        }
    }

    fn make(path: &Path) {
        let connection = Connection::open(path).expect("makes a database");
        connection
            .execute_batch(
                "CREATE TABLE shop(shop_id INTEGER PRIMARY KEY, city TEXT);
                 CREATE TABLE sale(id INTEGER PRIMARY KEY, shop_id INTEGER, day DATE, amount REAL, note TEXT);
                 CREATE VIEW late AS SELECT * FROM sale WHERE day > '2025-01-01';
                 INSERT INTO shop VALUES (1, 'Leeds'), (2, 'Bath');
                 INSERT INTO sale VALUES (1, 1, '2025-01-01', 0.1, 'first note'), (2, 2, '2025-01-02', 1e300, NULL);",
            )
            .expect("fills it");
    }

    fn set_time(path: &Path, seconds: u64) {
        let file = File::options().write(true).open(path).expect("opens");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("sets the time");
    }

    fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> = paths.map(|path| (path.clone(), fs::read(&path).expect("a file"))).collect();
        files.sort();
        files
    }

    #[test]
    fn what_was_kept_is_what_would_be_read_and_nothing_else_is_written() {
        let place = Place::new();
        let before = content(&place.path("user"));
        let fresh = place.open().read_schema().expect("a schema");
        assert_eq!((place.kept(), place.schema()), (None, fresh.clone()));
        assert_eq!(place.kept().as_ref(), Some(&fresh));
        assert_eq!(place.schema(), fresh);
        assert_eq!(fresh.values.exact(&["leed"]), place.schema().values.exact(&["leed"]));
        assert_eq!(content(&place.path("user")), before);
        let kept = kept_schemas(&place.cache());
        assert_eq!((kept.files, kept.bytes), (1, fs::metadata(place.file()).expect("a file").len()));
        assert_eq!(fs::read_dir(place.path(".")).expect("a folder").count(), 2);
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let place = Place::new();
        let schema = place.open().schema(None).expect("a schema");
        assert_eq!(place.open().schema(Some(Path::new(""))).expect("a schema"), schema);
        assert!(!place.path("own").exists());
    }

    #[test]
    fn every_kind_of_change_is_seen_even_with_the_time_set_back() {
        type Change = fn(&Place);
        let changes: &[(&str, Change)] = &[
            ("row", |place| place.execute("INSERT INTO shop VALUES (3, 'York')")),
            ("value", |place| place.execute("UPDATE shop SET city = 'Hull' WHERE shop_id = 1")),
            ("column", |place| place.execute("ALTER TABLE shop ADD COLUMN zone TEXT")),
            ("replaced", |place| {
                fs::copy(place.database(), place.path("copy")).expect("copies");
                place.age();
                fs::rename(place.path("copy"), place.database()).expect("replaces");
            }),
            ("mode", |place| place.execute("PRAGMA journal_mode = WAL")),
            ("time", |_| ()),
        ];
        for (name, change) in changes {
            let place = Place::new();
            place.schema();
            assert!(place.kept().is_some(), "{name}");
            change(&place);
            if *name == "time" {
                set_time(&place.database(), 1_700_000_001);
            } else {
                place.age();
            }
            assert_eq!(place.kept(), None, "{name}");
            let fresh = place.open().read_schema().expect("a schema");
            assert_eq!(place.schema(), fresh, "{name}");
            assert_eq!(place.kept(), Some(fresh), "{name}");
            assert_eq!(kept_schemas(&place.cache()).files, 1, "{name}");
        }
    }

    #[test]
    fn a_row_that_lies_in_the_log_only_is_seen() {
        let place = Place::new();
        place.execute("PRAGMA journal_mode = WAL");
        place.age();
        place.schema();
        assert!(place.kept().is_some());
        let writer = Connection::open(place.database()).expect("opens");
        writer.execute_batch("INSERT INTO shop VALUES (3, 'York')").expect("runs");
        place.age();
        assert_eq!(place.kept(), None);
        assert_eq!(place.schema().tables[0].row_count, Some(3));
        drop(writer);
    }

    #[test]
    fn a_file_changed_just_now_is_not_kept() {
        let place = Place::new();
        let soon = SystemTime::now() + Duration::from_mins(1);
        let file = File::options().write(true).open(place.database()).expect("opens");
        file.set_modified(soon).expect("sets the time");
        place.schema();
        assert_eq!((place.kept(), kept_schemas(&place.cache()).files), (None, 0));
    }

    #[test]
    fn another_policy_reads_anew_and_leaves_nothing_of_what_it_hides() {
        let place = Place::new();
        let full = place.schema();
        let strict = place.open_with(&["sale"], &["CITY"]);
        let schema = strict.schema(Some(&place.cache())).expect("a schema");
        assert_eq!((schema.tables.len(), schema.tables[0].has_hidden), (1, true));
        assert_eq!(place.entry(&strict).read(), Some(schema));
        assert_eq!(place.kept(), None);
        for (path, bytes) in content(&place.cache().join(FOLDER)) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!(!text.contains("Leeds") && !text.contains("first note"), "{}", path.display());
        }
        assert_eq!(place.schema(), full);
    }

    #[test]
    fn a_file_that_is_damaged_in_any_way_is_ignored_and_written_anew() {
        let place = Place::new();
        let fresh = place.schema();
        let whole = fs::read(place.file()).expect("a file");
        let flipped = (0..whole.len()).step_by(97).map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            bytes
        });
        let cut = (0..whole.len()).step_by(97).map(|end| whole[..end].to_vec());
        let longer = [&whole[..], b"\0"].concat();
        let older = whole.iter().copied().enumerate().map(|(at, byte)| if at == 12 { b'_' } else { byte }).collect();
        let foreign = [longer, older, b"SQLite format 3\0".to_vec(), vec![0; 100_000]];
        for bytes in flipped.chain(cut).chain(foreign) {
            fs::write(place.file(), &bytes).expect("writes");
            assert_eq!(place.kept(), None, "{} bytes", bytes.len());
        }
        assert_eq!(place.schema(), fresh);
        assert_eq!(fs::read(place.file()).expect("a file"), whole);
    }

    #[test]
    fn a_folder_that_cannot_be_used_costs_nothing_but_time() {
        let place = Place::new();
        let fresh = place.open().read_schema().expect("a schema");
        fs::create_dir_all(place.file()).expect("a folder where the file should be");
        assert_eq!(place.schema(), fresh);
        fs::remove_dir_all(place.path("own")).expect("removes");
        fs::write(place.path("own"), "a file where the folder should be").expect("writes");
        assert_eq!((place.schema(), place.kept()), (fresh, None));
        assert_eq!(kept_schemas(&place.cache()).files, 0);
    }

    #[test]
    fn only_so_many_files_are_kept_and_the_oldest_go() {
        let place = Place::new();
        let folder = place.cache().join(FOLDER);
        fs::create_dir_all(&folder).expect("a folder");
        for number in 0..FILES as u64 + 5 {
            let path = folder.join(format!("{number}.{ENDING}"));
            fs::write(&path, "x").expect("writes");
            set_time(&path, 2_000_000_000 + number);
        }
        fs::write(folder.join("note.txt"), "not ours").expect("writes");
        place.schema();
        assert_eq!(kept_schemas(&place.cache()).files, FILES);
        assert!(place.kept().is_some() && folder.join("note.txt").exists());
        assert!(!folder.join(format!("5.{ENDING}")).exists() && folder.join(format!("6.{ENDING}")).exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_is_kept() {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new();
        place.schema();
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(
            (mode(&place.file()), mode(&place.cache().join(FOLDER)), mode(&place.cache())),
            (0o600, 0o700, 0o700)
        );
    }

    #[test]
    fn many_at_once_all_read_the_same() {
        let place = Place::new();
        let fresh = place.open().read_schema().expect("a schema");
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..8).map(|_| scope.spawn(|| place.schema())).collect();
            assert!(readers.into_iter().all(|reader| reader.join().expect("no panic") == fresh));
        });
        assert_eq!(kept_schemas(&place.cache()).files, 1);
        assert!(place.kept().is_some());
    }
}

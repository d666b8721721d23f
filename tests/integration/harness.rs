//! Runs the program as a person or a script would: own folders, a cleared environment, the real binary.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A machine of one's own for one test.
pub struct World {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), variables: Vec::new() }
    }

    /// A world with `shop.db`: three tables, few rows, known sums.
    pub fn with_shop() -> Self {
        let world = Self::new();
        write_database(&world.path("shop.db"));
        world
    }

    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path in the folder in which the program runs.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes the folder");
        std::fs::write(&path, text).expect("writes a file");
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("reads a file")
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// With `stdin` as input, ended at once.
    pub fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("starts the program");
        let mut pipe = child.stdin.take().expect("a pipe");
        let text = stdin.to_vec();
        // The program may end before it has read everything; that is its right.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&text)));
        let output = child.wait_with_output().expect("ends");
        writer.join().expect("writes");
        Ran {
            code: output.status.code().expect("an exit code, not a signal"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_t2s"));
        let home = self.path("home");
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", &home)
            .env("T2S_DATA_DIR", home.join("data"))
            .env("T2S_CACHE_DIR", home.join("cache"))
            .env("T2S_STATE_DIR", home.join("state"))
            .env("LANG", "C.UTF-8")
            .envs(self.variables.iter().map(|(k, v)| (k, v)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Ran {
    /// Fails with everything that was said if the code is another.
    #[track_caller]
    pub fn code(self, wanted: i32) -> Self {
        assert_eq!(self.code, wanted, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "{part:?} is not in: {}", self.stderr);
        self
    }

    #[track_caller]
    pub fn prints(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "{part:?} is not in: {}", self.stdout);
        self
    }

    #[track_caller]
    pub fn prints_nothing(self) -> Self {
        assert_eq!(self.stdout, "");
        self
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
    }
}

fn write_database(path: &Path) {
    let connection = rusqlite::Connection::open(path).expect("makes a database");
    connection
        .execute_batch(
            "CREATE TABLE stores (store_id INTEGER PRIMARY KEY, store_name TEXT NOT NULL, city TEXT NOT NULL);
             CREATE TABLE products (product_id INTEGER PRIMARY KEY, product_name TEXT NOT NULL, category TEXT NOT NULL);
             CREATE TABLE sales (
                 sale_id INTEGER PRIMARY KEY,
                 store_id INTEGER NOT NULL REFERENCES stores (store_id),
                 product_id INTEGER NOT NULL REFERENCES products (product_id),
                 sale_date TEXT NOT NULL,
                 quantity INTEGER NOT NULL,
                 revenue REAL NOT NULL,
                 note TEXT
             );
             INSERT INTO stores VALUES (1, 'North', 'Leeds'), (2, 'South', 'Bath'), (3, 'West', 'Bath');
             INSERT INTO products VALUES (1, 'Ice cream', 'Frozen'), (2, 'Peas', 'Frozen'), (3, 'Bread', 'Bakery');
             INSERT INTO sales VALUES
                 (1, 1, 1, '2025-05-03', 2, 10.0, NULL),
                 (2, 1, 2, '2025-05-10', 1, 2.5, 'half, price'),
                 (3, 2, 1, '2025-05-20', 4, 20.0, NULL),
                 (4, 2, 3, '2025-06-01', 3, 6.0, NULL),
                 (5, 3, 3, '2025-06-15', 5, 10.0, '=1+1'),
                 (6, 3, 1, '2025-06-30', 1, 5.0, NULL);",
        )
        .expect("fills the database");
}

//! The databases of `tests/cases/questions/schemas/`, made where they are asked.

use rusqlite::Connection;
use t2s::config::Config;
use t2s::pipeline::Pipeline;
use tempfile::TempDir;

use super::{OpenShop, databases};

const SCHEMAS: [(&str, &str); 5] = [
    ("energy", include_str!("../../cases/questions/schemas/energy.sql")),
    ("festival", include_str!("../../cases/questions/schemas/festival.sql")),
    ("parts", include_str!("../../cases/questions/schemas/parts.sql")),
    ("lab", include_str!("../../cases/questions/schemas/lab.sql")),
    ("ferry", include_str!("../../cases/questions/schemas/ferry.sql")),
];

/// Opens the database of that name, made in the folder if it is not there yet. Nothing is taught of it.
pub async fn open(folder: &TempDir, name: &str) -> OpenShop {
    let path = folder.path().join(format!("{name}.db"));
    let (_, data) = SCHEMAS.iter().find(|(known, _)| *known == name).expect("a schema of that name");
    if !path.exists() {
        Connection::open(&path).and_then(|c| c.execute_batch(data)).expect("makes the database");
    }
    let config = Config { database: Some(path.clone()), offline: true, ..Config::with_folders(folder.path()) };
    OpenShop { pipeline: Pipeline::open(config).await.expect("opens the database"), path, _databases: databases() }
}

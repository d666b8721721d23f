//! What keeps a connection from doing anything but reading, whatever text reaches it.

use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Result};

use super::hidden::Hidden;
use super::{Access, functions};
use crate::schema::Dialect;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The program's own questions about tables and columns.
    Catalogue,
    /// Statements that passed the gate.
    Statements,
}

/// Pragmas that tell what tables are made of and change nothing.
const CATALOGUE_PRAGMAS: &[&str] =
    &["table_list", "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list"];

/// Pragmas that tell a number: the first two are asked for by full-text tables themselves.
const INNER_PRAGMAS: &[&str] = &["data_version", "page_size", "schema_version"];

/// Bytes of a file that are read without copying them, where that is asked for.
const MAPPED: i64 = 1 << 40;

const LIMITS: &[(Limit, i32)] = &[
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 200_000),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 1_000),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 500),
    (Limit::SQLITE_LIMIT_VDBE_OP, 500_000),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 250),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Makes a fresh connection one that can only read. Extensions cannot be loaded unless switched on, which nothing
/// does. The authorizer comes last: it forbids the pragmas used before. Gives what is hidden in this database.
pub fn install(connection: &mut Connection, purpose: Purpose, access: &Access) -> Result<Arc<Hidden>> {
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(setting, value)?;
    }
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.query_row(&format!("PRAGMA hard_heap_limit={}", access.memory_bytes), [], |_| Ok(()))?;
    if access.memory_map {
        connection.query_row(&format!("PRAGMA mmap_size={MAPPED}"), [], |_| Ok(()))?;
    }
    // The first read of the file: it fails here if the file is locked, damaged or encrypted.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    for (limit, value) in LIMITS {
        connection.set_limit(*limit, *value)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, access.value_bytes)?;
    functions::register(connection, access.value_bytes)?;
    let hidden = Arc::new(Hidden::find(connection, &access.policy)?);
    authorize(connection, purpose, &hidden)?;
    Ok(hidden)
}

/// Lets through reads of what is not hidden, and functions that only compute.
fn authorize(connection: &mut Connection, purpose: Purpose, hidden: &Arc<Hidden>) -> Result<()> {
    let hidden = Arc::clone(hidden);
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        if allows(&context, purpose, &hidden) { Authorization::Allow } else { Authorization::Deny }
    }))
}

fn allows(context: &AuthContext<'_>, purpose: Purpose, hidden: &Hidden) -> bool {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Read { table_name, column_name } => may_read(table_name, column_name, purpose, hidden),
        AuthAction::Function { function_name } => Dialect::Sqlite.allows_function(function_name),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let named = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(pragma_name));
            (named(INNER_PRAGMAS) && pragma_value.is_none())
                || (named(CATALOGUE_PRAGMAS) && tells_of_tables(purpose, hidden))
        }
        _ => false,
    }
}

/// Under a policy the catalogue is closed to statements, as it tells of what is hidden.
fn tells_of_tables(purpose: Purpose, hidden: &Hidden) -> bool {
    purpose == Purpose::Catalogue || hidden.is_nothing()
}

fn may_read(table: &str, column: &str, purpose: Purpose, hidden: &Hidden) -> bool {
    let starts = |with: &str| table.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if starts("sqlite_") {
        return purpose == Purpose::Catalogue;
    }
    if starts("pragma_") {
        return tells_of_tables(purpose, hidden);
    }
    !hidden.table(table) && !hidden.column(table, column)
}

/// True if a pragma is read as a table with anything but a plain text for its argument: it may be any bytes, about
/// which the authorizer, asked while the statement runs, would be asked as about a text.
pub fn reads_odd_pragma(sql: &str) -> bool {
    const NAME: &str = "pragma_";
    let lower = sql.to_ascii_lowercase();
    if !lower.contains(NAME) {
        return false;
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let names_argument = lower.split(|c| !is_part(c)).any(|word| word == "arg");
    let odd = |(at, _): (usize, &str)| {
        let rest = lower[at..].trim_start_matches(is_part);
        let rest = rest.strip_prefix(['"', '`', ']', '\'']).unwrap_or(rest).trim_start();
        let Some(arguments) = rest.strip_prefix('(') else { return rest.starts_with(['/', '-']) };
        let plain = arguments.trim_start().strip_prefix('\'').and_then(|text| text.split_once('\''));
        let empty = arguments.trim_start().starts_with(')');
        !empty && !plain.is_some_and(|(_, after)| after.trim_start().starts_with(')'))
    };
    names_argument || lower.match_indices(NAME).any(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The authorizer by itself, without the look at what was prepared: it denies before anything could run.
    #[test]
    fn the_authorizer_denies_all_but_reading() {
        let mut connection = Connection::open_in_memory().expect("memory");
        connection
            .execute_batch("CREATE TABLE t(a); CREATE INDEX ti ON t(a); CREATE VIEW v AS SELECT a FROM t")
            .expect("runs");
        authorize(&mut connection, Purpose::Statements, &Arc::default()).expect("installed");
        for denied in [
            "CREATE TEMP TABLE x(a)",
            "CREATE TEMP VIEW t AS SELECT 1",
            "CREATE INDEX i ON t(a)",
            "DROP TABLE t",
            "ALTER TABLE t RENAME TO u",
            "INSERT INTO t VALUES (1)",
            "UPDATE t SET a = 1",
            "DELETE FROM t",
            "ATTACH ':memory:' AS m",
            "DETACH main",
            "BEGIN",
            "SAVEPOINT s",
            "ANALYZE",
            "REINDEX t",
            "PRAGMA query_only = 0",
            "PRAGMA hard_heap_limit = 0",
            "CREATE VIRTUAL TABLE f USING fts5(a)",
            "SELECT load_extension('x')",
            "SELECT fts3_tokenizer('simple')",
            "SELECT sqlite_version()",
            "SELECT * FROM sqlite_schema",
        ] {
            assert!(connection.prepare(denied).is_err(), "{denied}");
        }
        for allowed in ["SELECT a FROM v", "SELECT upper(a) FROM t", "SELECT name FROM pragma_table_info('t')"] {
            assert!(connection.prepare(allowed).is_ok(), "{allowed}");
        }
    }

    #[test]
    fn a_pragma_read_as_a_table_takes_a_plain_text() {
        for odd in [
            "SELECT name FROM pragma_table_info(x'ff')",
            "SELECT name FROM \"PRAGMA_table_info\" ( CAST(x'ff' AS TEXT) )",
            "SELECT name FROM 'pragma_table_info'(x'ff')",
            "SELECT name FROM pragma_table_info/**/(x'ff')",
            "SELECT name FROM pragma_table_info WHERE arg = x'ff'",
            "SELECT name FROM t, pragma_table_info(t.a)",
            "SELECT name FROM pragma_table_info('t' || x'ff')",
        ] {
            assert!(reads_odd_pragma(odd), "{odd}");
        }
        for plain in ["SELECT 1", "SELECT name FROM pragma_table_info('margin')", "SELECT name FROM pragma_table_list"]
        {
            assert!(!reads_odd_pragma(plain), "{plain}");
        }
    }
}

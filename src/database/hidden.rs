//! What a policy hides in one database: the tables and columns that its rules name, and whatever would tell of them.
//!
//! The connection's authorizer is asked about most reads, and not about these: columns matched by `USING` and
//! `NATURAL` inside a view, columns that a generated column is computed from, and what a full-text table keeps of its
//! text elsewhere. They are found here by the words of their definitions; when in doubt something is hidden.

use std::collections::HashSet;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode, Result};

use super::DatabaseError;
use super::catalogue::quote;
use crate::config::Policy;

/// Names of tables and columns in lower case.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    policy: Policy,
    tables: HashSet<String>,
    columns: HashSet<(String, String)>,
    /// Words whose presence in a text tells of something hidden.
    marks: Vec<Mark>,
}

/// All of its names together tell of something hidden.
type Mark = Vec<String>;

/// A table or a view as the database's catalogue has it.
#[derive(Clone, Debug)]
struct Object {
    name: String,
    kind: Kind,
    definition: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Table,
    View,
    Virtual,
    /// Belongs to the virtual table of which its name is the beginning.
    Shadow,
}

struct Column {
    name: String,
    generated: bool,
}

impl Hidden {
    /// Looks through the catalogue; the connection must be one that may read it, and has no authorizer afterwards.
    pub fn find(connection: &mut Connection, policy: &Policy) -> Result<Self> {
        let mut hidden = Self { policy: policy.clone(), ..Self::default() };
        if *policy == Policy::default() {
            return Ok(hidden);
        }
        let objects = objects(connection)?;
        let mut shown: Vec<(String, String)> = Vec::new();
        for object in &objects {
            if policy.denies_table(&object.name) {
                hidden.tables.insert(object.name.to_ascii_lowercase());
            }
            if object.kind != Kind::View {
                shown.extend(hidden.look_at_columns(connection, object)?);
            }
        }
        hidden.mark(&shown);
        loop {
            let before = hidden.tables.len();
            for object in &objects {
                if !hidden.table(&object.name) && hidden.tells(connection, object, &objects)? {
                    hidden.tables.insert(object.name.to_ascii_lowercase());
                }
            }
            hidden.mark(&shown);
            if hidden.tables.len() == before {
                break;
            }
        }
        // A plan names the index that it takes.
        let telling = indexes(connection)?.into_iter().filter(|(_, text)| hidden.is_named_in(text));
        let names: Vec<Mark> = telling.map(|(name, _)| vec![name]).collect();
        hidden.marks.extend(names);
        Ok(hidden)
    }

    /// True if everything may be read.
    pub fn is_nothing(&self) -> bool {
        self.policy == Policy::default()
    }

    /// True if the table or view may not be read at all.
    pub fn table(&self, name: &str) -> bool {
        self.policy.denies_table(name) || self.tables.contains(&name.to_ascii_lowercase())
    }

    /// True if the column may not be read, in a table that may.
    pub fn column(&self, table: &str, column: &str) -> bool {
        self.policy.denies_column(table, column)
            || self.columns.contains(&(table.to_ascii_lowercase(), column.to_ascii_lowercase()))
    }

    /// True if a text names something hidden. A column's name that is also that of one to be seen tells only together
    /// with its table's.
    pub fn is_named_in(&self, text: &str) -> bool {
        self.marks.iter().any(|mark| mark.iter().all(|name| mentions(text, name)))
    }

    /// An error in words that tell of nothing hidden: SQLite's own may name what the asker did not.
    pub fn silence(&self, error: DatabaseError) -> DatabaseError {
        let tells = match &error {
            DatabaseError::Denied(message)
            | DatabaseError::Sql { message, .. }
            | DatabaseError::Damaged(message)
            | DatabaseError::TooComplex(message) => self.is_named_in(message),
            _ => false,
        };
        if tells { DatabaseError::Denied("it would read what is hidden".to_owned()) } else { error }
    }

    /// A step of a query plan without the name of an index that tells of something hidden.
    pub fn silence_step(&self, step: &str) -> String {
        let index = [" USING ", " (", " AS "].iter().filter_map(|word| step.find(word)).min();
        if self.is_named_in(step) { step[..index.unwrap_or(0)].to_owned() } else { step.to_owned() }
    }

    /// Hides the columns that are denied, and those computed from them. Gives the others.
    fn look_at_columns(&mut self, connection: &Connection, object: &Object) -> Result<Vec<(String, String)>> {
        let columns = columns(connection, &object.name)?;
        let of = |column: &Column| (object.name.to_ascii_lowercase(), column.name.to_ascii_lowercase());
        self.columns.extend(columns.iter().filter(|c| self.policy.denies_column(&object.name, &c.name)).map(of));
        loop {
            let concealed = |c: &&Column| self.columns.contains(&of(c));
            let hidden: Vec<&str> = columns.iter().filter(concealed).map(|c| c.name.as_str()).collect();
            let derived = columns.iter().find(|c| {
                let definition = || generating(&object.definition, &c.name);
                c.generated && !concealed(c) && hidden.iter().any(|h| definition().is_none_or(|d| mentions(d, h)))
            });
            let Some(derived) = derived else { break };
            self.columns.insert(of(derived));
        }
        Ok(columns.iter().map(of).filter(|id| !self.columns.contains(id)).collect())
    }

    /// True if what may be read in a table or view would tell of something hidden.
    fn tells(&self, connection: &mut Connection, object: &Object, all: &[Object]) -> Result<bool> {
        let text = object.definition.as_str();
        Ok(match object.kind {
            Kind::Table => false,
            Kind::Shadow => parent(object, all).is_some_and(|parent| self.table(&parent.name)),
            // Its functions read every column, and its index tells of all words.
            Kind::Virtual => {
                self.columns.iter().any(|(table, _)| table.eq_ignore_ascii_case(&object.name)) || self.is_named_in(text)
            }
            Kind::View => {
                let joins = ["USING", "NATURAL"].iter().any(|word| mentions(text, word));
                let natural =
                    || mentions(text, "NATURAL") && self.columns.iter().any(|(table, _)| mentions(text, table));
                let named = || self.is_named_in(text) || natural();
                match self.compile(connection, &object.name)? {
                    Compiled::Denied => true,
                    Compiled::Broken => named(),
                    Compiled::Allowed => joins && named(),
                }
            }
        })
    }

    /// Compiles a reading of a view, which asks about every column that it reads itself.
    fn compile(&self, connection: &mut Connection, view: &str) -> Result<Compiled> {
        let hidden = self.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| match context.action {
            AuthAction::Read { table_name, column_name }
                if hidden.table(table_name) || hidden.column(table_name, column_name) =>
            {
                Authorization::Deny
            }
            _ => Authorization::Allow,
        }))?;
        let compiled = match connection.prepare(&format!("SELECT 1 FROM {}", quote(view))) {
            Ok(_) => Compiled::Allowed,
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied) => Compiled::Denied,
            Err(_) => Compiled::Broken,
        };
        connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        Ok(compiled)
    }

    fn mark(&mut self, shown: &[(String, String)]) {
        let is_shown =
            |name: &String| shown.iter().any(|(table, column)| [table, column].contains(&name) && !self.table(table));
        let columns = self.columns.iter().map(|(table, column)| {
            if is_shown(column) { vec![table.clone(), column.clone()] } else { vec![column.clone()] }
        });
        let mut marks: Vec<Mark> = self.tables.iter().map(|table| vec![table.clone()]).chain(columns).collect();
        marks.sort_unstable();
        marks.dedup();
        self.marks = marks;
    }
}

enum Compiled {
    Allowed,
    Denied,
    /// It cannot be read anyway.
    Broken,
}

fn objects(connection: &Connection) -> Result<Vec<Object>> {
    let mut statement = connection.prepare(
        "SELECT s.name, l.type, s.sql FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name \
         WHERE l.schema = 'main' AND s.type IN ('table', 'view')",
    )?;
    let objects = statement.query_map([], |row| {
        let kind = match row.get::<_, String>(1)?.as_str() {
            "view" => Kind::View,
            "virtual" => Kind::Virtual,
            "shadow" => Kind::Shadow,
            _ => Kind::Table,
        };
        Ok(Object { name: row.get(0)?, kind, definition: row.get::<_, Option<String>>(2)?.unwrap_or_default() })
    });
    objects?.collect()
}

/// Names and definitions of indexes that somebody made.
fn indexes(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement =
        connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")?;
    let indexes = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    indexes?.collect()
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    let mut statement = connection.prepare("SELECT name, hidden FROM pragma_table_xinfo(?1)")?;
    let columns =
        statement.query_map([table], |row| Ok(Column { name: row.get(0)?, generated: row.get::<_, i64>(1)? >= 2 }));
    // What has no columns to tell has none to hide.
    Ok(columns?.map_while(Result::ok).collect())
}

/// The virtual table that a shadow belongs to.
fn parent<'a>(shadow: &Object, all: &'a [Object]) -> Option<&'a Object> {
    let starts = |parent: &&Object| {
        let start = shadow.name.get(..parent.name.len());
        let rest = shadow.name.get(parent.name.len()..);
        parent.kind == Kind::Virtual
            && start.is_some_and(|start| start.eq_ignore_ascii_case(&parent.name))
            && rest.is_some_and(|rest| rest.starts_with('_'))
    };
    all.iter().filter(starts).max_by_key(|parent| parent.name.len())
}

/// The part of a table's definition that stands for one column: from its name to the comma after it.
fn generating<'a>(definition: &'a str, column: &str) -> Option<&'a str> {
    let body = definition.find('(')? + 1;
    let (mut depth, mut start) = (0_u32, body);
    let mut quote = None;
    for (at, byte) in definition.bytes().enumerate().skip(body) {
        if let Some(close) = quote {
            quote = Some(close).filter(|close| *close != byte);
            continue;
        }
        match byte {
            b'\'' | b'"' | b'`' => quote = Some(byte),
            b'[' => quote = Some(b']'),
            // A comment may hold an odd quote or bracket.
            b'-' | b'/' if matches!(definition.get(at..at + 2), Some("--" | "/*")) => return None,
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b',' | b')' if depth == 0 => {
                let part = &definition[start..at];
                let first = part.trim_start().trim_start_matches(['"', '`', '[', '\'']);
                let rest = first.get(column.len()..).unwrap_or_default();
                let is_name = first.get(..column.len()).is_some_and(|name| name.eq_ignore_ascii_case(column));
                if is_name && !rest.starts_with(is_word) {
                    return Some(part);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// True if a name stands in a text by itself, whatever its case and quotes.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let stands = |name: &str| {
        let (text, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
        text.match_indices(&name).any(|(at, _)| {
            let before = text[..at].chars().next_back().filter(|_| name.starts_with(is_word));
            let after = text[at + name.len()..].chars().next().filter(|_| name.ends_with(is_word));
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    !name.is_empty() && (stands(name) || (name.contains('"') && stands(&name.replace('"', "\"\""))))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET_UP: &str = "
        CREATE TABLE staff(id INTEGER PRIMARY KEY, name TEXT, pin TEXT, double TEXT GENERATED ALWAYS AS (pin || pin),
            fourfold TEXT AS (double || double), loud TEXT AS (upper(name)));
        CREATE TABLE shop(id INTEGER PRIMARY KEY, name TEXT, city TEXT);
        CREATE TABLE secret(code TEXT);
        CREATE INDEX quick ON staff(name, lower(pin));
        CREATE INDEX plain ON staff(name);
        CREATE VIEW of_staff AS SELECT name, PIN FROM staff;
        CREATE VIEW of_view AS SELECT name FROM of_staff;
        CREATE VIEW names AS SELECT name FROM staff;
        CREATE VIEW guess AS SELECT g.x FROM staff JOIN (SELECT '1234' AS pin, 1 AS x) g USING (pin);
        CREATE VIEW of_guess AS SELECT x FROM guess;
        CREATE VIEW unspoken AS SELECT x FROM staff NATURAL JOIN (SELECT '1234' AS pin, 1 AS x);
        CREATE VIEW joined AS SELECT city FROM staff JOIN shop USING (id);
        CREATE VIEW probe AS SELECT y FROM secret JOIN (SELECT '1' AS code, 1 AS y) USING (code);
        CREATE VIEW of_loud AS SELECT loud FROM staff;
        CREATE VIEW of_double AS SELECT double FROM staff;
        CREATE VIEW gone AS SELECT pin, absent FROM staff;
        CREATE VIEW empty AS SELECT absent FROM shop;
        CREATE VIRTUAL TABLE found USING fts5(name, pin, content='staff');
        CREATE VIRTUAL TABLE words USING fts5vocab('found', 'row');
        CREATE VIRTUAL TABLE notes USING fts5(title, city);
        CREATE VIRTUAL TABLE code_notes USING fts5(pin);";

    fn hidden(tables: &[&str], columns: &[&str]) -> Hidden {
        let mut connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch(SET_UP).expect("set-up");
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let policy = Policy { deny_tables: list(tables), deny_columns: list(columns) };
        let hidden = Hidden::find(&mut connection, &policy).expect("found");
        connection.prepare("SELECT pin FROM staff").expect("no authorizer is left");
        hidden
    }

    fn tables(hidden: &Hidden) -> Vec<&str> {
        let mut tables: Vec<&str> = hidden.tables.iter().map(String::as_str).collect();
        tables.retain(|table| !table.contains("_data") && !table.contains("_idx") && !table.contains("_docsize"));
        tables.sort_unstable();
        tables
    }

    #[test]
    fn a_denied_column_hides_what_is_made_of_it_and_nothing_else() {
        let hidden = hidden(&[], &["STAFF.Pin"]);
        let expected = [
            "found",
            "found_config",
            "gone",
            "guess",
            "of_double",
            "of_guess",
            "of_staff",
            "of_view",
            "unspoken",
            "words",
        ];
        assert_eq!(tables(&hidden), expected);
        for column in ["pin", "Double", "fourfold"] {
            assert!(hidden.column("Staff", column), "{column}");
        }
        assert!(!hidden.column("staff", "loud") && !hidden.column("staff", "name") && !hidden.column("shop", "pin"));
        assert!(hidden.table("found_data") && !hidden.table("notes_data"));
    }

    #[test]
    fn a_denied_table_hides_its_views_even_those_that_only_match_by_it() {
        assert_eq!(tables(&hidden(&["Secret"], &[])), ["probe", "secret"]);
        let staff = hidden(&["staff"], &[]);
        for name in ["names", "joined", "found", "words", "of_loud", "unspoken", "found_data"] {
            assert!(staff.table(name), "{name}");
        }
        assert!(!staff.table("shop") && !staff.table("empty") && !staff.table("notes") && !staff.table("probe"));
    }

    #[test]
    fn a_bare_column_is_hidden_everywhere() {
        let hidden = hidden(&[], &["city"]);
        assert!(hidden.column("shop", "City") && hidden.table("notes") && hidden.table("joined"));
        assert!(!hidden.table("found"));
    }

    #[test]
    fn a_name_is_found_as_a_word() {
        let hidden = hidden(&["secret"], &["staff.pin", "staff.name"]);
        for text in ["access to staff.PIN is prohibited", "the Secret", "SELECT s.name FROM \"staff\" s"] {
            assert!(hidden.is_named_in(text), "{text}");
        }
        assert_eq!(hidden.silence_step("SCAN s USING COVERING INDEX quick"), "SCAN s");
        assert_eq!(hidden.silence_step("SCAN shop USING INDEX other"), "SCAN shop USING INDEX other");
        for text in ["a pineapple", "spin", "name of a shop", "the staff", "secrets", ""] {
            assert!(!hidden.is_named_in(text), "{text}");
        }
    }

    #[test]
    fn the_definition_of_one_column_is_found_or_the_column_is_hidden() {
        let text = "CREATE TABLE t(a TEXT DEFAULT ',pin', \"b\" AS (max(a, c)), [c] INT, check (a <> c))";
        assert_eq!(generating(text, "B"), Some(" \"b\" AS (max(a, c))"));
        assert_eq!(generating(text, "c"), Some(" [c] INT"));
        assert_eq!(generating(text, "d"), None);
        assert_eq!(generating("CREATE TABLE t(a -- ',\n, b AS (a))", "b"), None);
    }
}

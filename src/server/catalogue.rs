//! `GET /api/schema`: what the database holds, without what the knowledge folder hides. What the policy denies is in no schema.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::state::ServerState;
use crate::export;
use crate::knowledge::{ColumnKnowledge, Knowledge, TableKnowledge};
use crate::pipeline::Pipeline;
use crate::pipeline::execution::Limits;
use crate::pipeline::progress::silent;
use crate::schema::{ColumnId, Dialect, ForeignKey, Schema, TableId};

/// Rows of a table's sample.
const SAMPLE_ROWS: usize = 3;

/// A sample that takes longer (a costly view) is left out.
const SAMPLE_TIME: Duration = Duration::from_millis(500);

/// Bytes of one sample.
const SAMPLE_BYTES: u64 = 64 << 10;

/// Likeness of two names, 0 to 1, from which one is offered for the other.
const ALIKE: f64 = 0.7;

#[derive(Deserialize)]
pub struct Wanted {
    table: Option<String>,
}

pub async fn schema(State(server): State<Arc<ServerState>>, Query(wanted): Query<Wanted>) -> Response {
    let pipeline = &server.fresh().await;
    let visible = Visible::new(pipeline.schema(), pipeline.knowledge());
    let tables = match &wanted.table {
        None => visible.tables(),
        Some(name) => match visible.find(name) {
            Ok(table) => vec![table],
            Err(problem) => return problem.into_response(),
        },
    };
    let until = Instant::now() + pipeline.config().limits.http_time / 2;
    let mut described = Vec::with_capacity(tables.len());
    for table in tables {
        let mut object = visible.describe(table);
        let sample = if Instant::now() < until { sample(pipeline, &visible, table).await } else { Value::Null };
        object.insert("sample_data".into(), sample);
        described.push(Value::Object(object));
    }
    let schema = pipeline.schema();
    Json(json!({ "database": schema.name, "dialect": schema.dialect.name(), "tables": described })).into_response()
}

/// First rows, read through the same gate as every statement; null if they cannot be had.
async fn sample(pipeline: &Pipeline, visible: &Visible<'_>, table: TableId) -> Value {
    let limits = Limits { rows: Some(SAMPLE_ROWS), time: SAMPLE_TIME, bytes: Some(SAMPLE_BYTES) };
    let Some(sql) = visible.sample_sql(table) else { return Value::Null };
    let answer = tokio::time::timeout(SAMPLE_TIME, pipeline.run_sql(&sql, limits, true, &silent)).await;
    let Some(result) = answer.ok().and_then(|answer| answer.result) else { return Value::Null };
    let rows = result.rows.iter().map(|row| {
        let cells = result.columns.iter().zip(row);
        Value::Object(cells.map(|(column, value)| (column.name.clone(), export::json::cell(value))).collect())
    });
    rows.collect()
}

/// The part of a schema that may be shown.
struct Visible<'a> {
    schema: &'a Schema,
    knowledge: &'a Knowledge,
}

impl<'a> Visible<'a> {
    fn new(schema: &'a Schema, knowledge: &'a Knowledge) -> Self {
        Self { schema, knowledge }
    }

    fn tables(&self) -> Vec<TableId> {
        self.schema.table_ids().filter(|table| self.shows_table(*table)).collect()
    }

    /// A hidden table is as unknown as one that does not exist.
    fn find(&self, name: &str) -> Result<TableId, Problem> {
        self.schema.find_table(name).filter(|table| self.shows_table(*table)).ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> Problem {
        let message = format!("no table named {name:?}");
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_table", message);
        match self.nearest(name) {
            Some(nearest) => problem.hint(format!("did you mean {nearest:?}?")),
            None => problem.hint("GET /api/schema lists all tables"),
        }
    }

    fn nearest(&self, name: &str) -> Option<&'a str> {
        let asked = name.to_lowercase();
        let names = self.tables().into_iter().map(|table| self.schema.table(table).name.as_str());
        names
            .map(|name| (strsim::jaro_winkler(&asked, &name.to_lowercase()), name))
            .filter(|(likeness, _)| *likeness >= ALIKE)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name)
    }

    fn shows_table(&self, table: TableId) -> bool {
        !self.taught(table).is_some_and(|taught| taught.hidden)
    }

    fn shows_column(&self, id: ColumnId) -> bool {
        !self.taught_column(id).is_some_and(|taught| taught.hidden)
    }

    fn taught(&self, table: TableId) -> Option<&'a TableKnowledge> {
        let name = &self.schema.table(table).name;
        self.knowledge.tables.iter().find(|taught| taught.name.eq_ignore_ascii_case(name))
    }

    fn taught_column(&self, id: ColumnId) -> Option<&'a ColumnKnowledge> {
        let name = &self.schema.column(id).name;
        self.taught(id.table)?.columns.iter().find(|taught| taught.name.eq_ignore_ascii_case(name))
    }

    fn columns(&self, table: TableId) -> Vec<ColumnId> {
        let columns = 0..self.schema.table(table).columns.len();
        columns.map(|column| ColumnId { table, column }).filter(|id| self.shows_column(*id)).collect()
    }

    fn describe(&self, id: TableId) -> Map<String, Value> {
        let table = self.schema.table(id);
        let taught = self.taught(id).and_then(|taught| taught.description.as_ref());
        let columns: Vec<Value> = self.columns(id).into_iter().map(|column| self.describe_column(column)).collect();
        let members = [
            ("name", json!(table.name)),
            ("description", json!(taught.or(table.description.as_ref()))),
            ("is_view", json!(table.is_view)),
            ("columns", json!(columns)),
            ("row_count", json!(table.row_count)),
            ("row_count_estimated", json!(table.rows_estimated)),
            ("relationships", self.relationships(id)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn describe_column(&self, id: ColumnId) -> Value {
        let column = self.schema.column(id);
        let taught = self.taught_column(id).and_then(|taught| taught.description.as_ref());
        json!({
            "name": column.name,
            "type": column.declared_type,
            "description": taught.or(column.description.as_ref()),
            "key": self.key(id),
            "semantic_type": column.profile.semantic,
        })
    }

    fn key(&self, id: ColumnId) -> Option<&'static str> {
        if self.schema.table(id.table).primary_key.contains(&id.column) {
            return Some("primary");
        }
        self.schema.reference_of(id).map(|_| "foreign")
    }

    /// Keys from this table and to it.
    fn relationships(&self, table: TableId) -> Value {
        let shows = |id: ColumnId| self.shows_table(id.table) && self.shows_column(id);
        let touches = |key: &&ForeignKey| key.from.table == table || key.to.table == table;
        let keys = self.schema.foreign_keys.iter().filter(touches).filter(|key| shows(key.from) && shows(key.to));
        keys.map(|key| {
            json!({
                "from": self.schema.qualified(key.from),
                "to": self.schema.qualified(key.to),
                "kind": if key.one_to_one { "one_to_one" } else { "many_to_one" },
                "declared": key.declared,
            })
        })
        .collect()
    }

    fn sample_sql(&self, table: TableId) -> Option<String> {
        let quoted = |name: &str| quoted(name, self.schema.dialect);
        let columns: Vec<String> =
            self.columns(table).into_iter().map(|id| quoted(&self.schema.column(id).name)).collect();
        let table = quoted(&self.schema.table(table).name);
        (!columns.is_empty()).then(|| format!("SELECT {} FROM {table}", columns.join(", ")))
    }
}

fn quoted(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
        Dialect::BigQuery => format!("`{}`", name.replace('`', "\\`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Column, Table};

    fn table(name: &str, columns: &[&str]) -> Table {
        let columns = columns.iter().map(|name| Column { name: (*name).to_owned(), ..Column::default() }).collect();
        Table { name: name.into(), columns, primary_key: vec![0], row_count: Some(7), ..Table::default() }
    }

    fn id(table: usize, column: usize) -> ColumnId {
        ColumnId { table: TableId(table), column }
    }

    fn library() -> Schema {
        Schema {
            tables: vec![
                table("authors", &["id", "name", "salary"]),
                table("books", &["id", "author_id", "ti\"tle"]),
                table("drafts", &["id"]),
            ],
            foreign_keys: vec![ForeignKey { from: id(1, 1), to: id(0, 0), declared: true, one_to_one: false }],
            ..Schema::default()
        }
    }

    #[test]
    fn describes_columns_keys_and_relationships() {
        let (schema, knowledge) = (library(), Knowledge::default());
        let visible = Visible::new(&schema, &knowledge);
        let books = Value::Object(visible.describe(TableId(1)));
        assert_eq!(books["row_count"], 7);
        assert_eq!(books["columns"][0]["key"], "primary");
        assert_eq!(books["columns"][1]["key"], "foreign");
        assert_eq!(books["columns"][2]["key"], Value::Null);
        let expected =
            json!([{"from": "books.author_id", "to": "authors.id", "kind": "many_to_one", "declared": true}]);
        assert_eq!(books["relationships"], expected);
        assert_eq!(visible.describe(TableId(0))["relationships"], expected);
    }

    #[test]
    fn what_is_hidden_does_not_show() {
        let schema = library();
        let hidden = |name: &str| ColumnKnowledge { name: name.into(), hidden: true, ..ColumnKnowledge::default() };
        let columns = vec![hidden("NAME"), hidden("salary")];
        let authors = TableKnowledge { name: "Authors".into(), columns, ..TableKnowledge::default() };
        let drafts = TableKnowledge { name: "Drafts".into(), hidden: true, ..TableKnowledge::default() };
        let knowledge = Knowledge { tables: vec![authors, drafts], ..Knowledge::default() };
        let visible = Visible::new(&schema, &knowledge);
        assert_eq!(visible.tables(), [TableId(0), TableId(1)]);
        assert_eq!(visible.columns(TableId(0)), [id(0, 0)]);
        assert_eq!(visible.find("drafts").map_err(|problem| problem.code), Err("unknown_table"));
    }

    #[test]
    fn an_unknown_table_has_its_nearest_name() {
        let (schema, knowledge) = (library(), Knowledge::default());
        let visible = Visible::new(&schema, &knowledge);
        assert_eq!(visible.find("BOOKS").ok(), Some(TableId(1)));
        assert_eq!(visible.unknown("bokks").hint.as_deref(), Some("did you mean \"books\"?"));
        assert_eq!(visible.unknown("zzz").hint.as_deref(), Some("GET /api/schema lists all tables"));
    }

    #[test]
    fn names_in_a_sample_are_quoted() {
        let (schema, knowledge) = (library(), Knowledge::default());
        let visible = Visible::new(&schema, &knowledge);
        assert_eq!(
            visible.sample_sql(TableId(1)).as_deref(),
            Some(r#"SELECT "id", "author_id", "ti""tle" FROM "books""#)
        );
        assert_eq!(quoted("a`b", Dialect::BigQuery), "`a\\`b`");
    }
}

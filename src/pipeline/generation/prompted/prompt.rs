//! The messages that are sent: fixed texts of `assets/prompts/` filled with the context.

use std::fmt::Write;

use super::Task;
use super::mask::Mask;
use crate::config::Privacy;
use crate::knowledge::{Additivity, ColumnKnowledge, Metric};
use crate::llm::{Message, Role};
use crate::pipeline::analysis::EntityKind;
use crate::schema::{Column, ColumnId, Dialect, ForeignKey, Schema, SemanticType, TableId, Value};

const SYSTEM: &str = include_str!("../../../../assets/prompts/system.md");
const PLACEHOLDERS: &str = include_str!("../../../../assets/prompts/placeholders.md");
const TASK: &str = include_str!("../../../../assets/prompts/task.md");
const REPAIR: &str = include_str!("../../../../assets/prompts/repair.md");

/// Earlier turns that are told; a question leans on the last few at most.
const TURNS: usize = 3;

/// Frequent values of a column that are told under privacy `rows`.
const SAMPLES: usize = 5;

/// The messages, and the mask that puts values back into the answer.
pub(super) fn compose(task: &Task<'_>, privacy: Privacy) -> (Vec<Message>, Mask) {
    let analysis = task.analysis;
    let mut mask = Mask::new(privacy, task.schema, &analysis.text);
    let asked = mask.question(&analysis.text, &analysis.entities, task.schema);
    let knowledge = knowledge(task, &mut mask);
    let turns = turns(task, &mut mask);
    let question = question(task, privacy, &asked, &turns, &mask);
    let mut user = fill(
        TASK,
        &[
            ("database", &task.schema.name),
            ("dialect", dialect(task.schema.dialect)),
            ("schema", &schema_text(task, privacy)),
            ("knowledge", &knowledge),
            ("question", &question),
        ],
    );
    if let Some(failure) = task.failure {
        let sql = mask.sql(&failure.sql);
        let why = mask.text(&failure.why);
        user.push_str(&fill(REPAIR, &[("sql", &sql), ("why", &why)]));
    }
    let placeholders = mask.example().map_or_else(String::new, |word| fill(PLACEHOLDERS, &[("example", &word)]));
    let as_of = analysis.as_of.to_string();
    let system =
        fill(SYSTEM, &[("dialect", dialect(task.schema.dialect)), ("as_of", &as_of), ("placeholders", &placeholders)]);
    let messages = vec![Message { role: Role::System, text: system }, Message { role: Role::User, text: user }];
    (messages, mask)
}

/// Fills `{{name}}` in one pass, so that nothing inside a filled-in text is filled again.
fn fill(template: &str, texts: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        filled.push_str(texts.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SQLite",
        Dialect::BigQuery => "BigQuery",
    }
}

fn schema_text(task: &Task<'_>, privacy: Privacy) -> String {
    let mut text = String::new();
    let told: Vec<TableId> = task.context.tables.iter().map(|t| t.table).collect();
    for &id in &told {
        table_text(&mut text, task, privacy, id);
    }
    let keys: Vec<String> = task
        .schema
        .foreign_keys
        .iter()
        .filter(|key| told.contains(&key.from.table) && told.contains(&key.to.table))
        .map(|key| key_text(task.schema, key))
        .chain(task.knowledge.relationships.iter().map(|r| format!("- {} = {}\n", r.from, r.to)))
        .collect();
    if !keys.is_empty() {
        text.push_str("Keys to join by\n");
        text.push_str(&keys.concat());
    }
    if !task.context.whole_schema {
        text.push_str("\nThe database has more tables; these are the ones that the question is about.\n");
    }
    text
}

fn table_text(text: &mut String, task: &Task<'_>, privacy: Privacy, id: TableId) {
    let table = task.schema.table(id);
    let taught = task.knowledge.table(&table.name);
    let mut remarks = Vec::new();
    remarks.extend(taught.and_then(|t| t.description.clone()).or_else(|| table.description.clone()));
    remarks.extend(taught.and_then(|t| also(&t.synonyms)));
    let about = if table.rows_estimated { "about " } else { "" };
    remarks.extend(table.row_count.map(|rows| format!("{about}{rows} rows")));
    let kind = if table.is_view { "VIEW" } else { "TABLE" };
    let _ = writeln!(text, "CREATE {kind} {} ({}", name(&table.name), comment(&remarks));
    for (position, column) in table.columns.iter().enumerate() {
        let taught = task.knowledge.column(&table.name, &column.name);
        if taught.is_some_and(|t| t.hidden) {
            continue;
        }
        let kind = if column.declared_type.is_empty() { String::new() } else { format!(" {}", column.declared_type) };
        let key =
            if task.schema.is_primary_key(ColumnId { table: id, column: position }) { " PRIMARY KEY" } else { "" };
        let remarks = comment(&column_remarks(column, taught, privacy));
        let _ = writeln!(text, "  {}{kind}{key},{remarks}", name(&column.name));
    }
    text.push_str(");\n\n");
}

fn column_remarks(column: &Column, taught: Option<&ColumnKnowledge>, privacy: Privacy) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(taught.and_then(|t| t.description.clone()).or_else(|| column.description.clone()));
    remarks.extend(taught.and_then(|t| also(&t.synonyms)));
    remarks.extend(meaning(column, taught).map(str::to_owned));
    match privacy {
        Privacy::Schema => {}
        Privacy::Values => remarks.extend(taught.and_then(words_for_values)),
        Privacy::Rows => {
            remarks.extend(taught.and_then(words_for_values));
            remarks.extend(samples(column));
        }
    }
    remarks
}

/// What may be done with the numbers or texts of a column.
fn meaning(column: &Column, taught: Option<&ColumnKnowledge>) -> Option<&'static str> {
    let profile = &column.profile;
    let word = taught.and_then(|t| t.semantic_type.as_deref());
    let semantic = word
        .and_then(|w| serde_json::from_value(serde_json::Value::String(w.to_owned())).ok())
        .unwrap_or(profile.semantic);
    match semantic {
        SemanticType::UnitPrice => Some("money for one unit; not added up"),
        SemanticType::Ratio => Some("a ratio; not added up"),
        SemanticType::Percent => Some("a percentage; not added up"),
        SemanticType::Score => Some("a measurement; not added up"),
        SemanticType::Money => Some("money"),
        SemanticType::Code => Some("a code kept as text"),
        SemanticType::Flag if profile.numeric => Some("0 or 1"),
        SemanticType::Date | SemanticType::DateTime if profile.iso_dates => Some("text like 2025-01-31"),
        _ => None,
    }
}

fn words_for_values(taught: &ColumnKnowledge) -> Option<String> {
    let words: Vec<String> =
        taught.value_synonyms.iter().map(|(word, value)| format!("'{value}' means {word}")).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn samples(column: &Column) -> Option<String> {
    let shown = |value: &Value| match value {
        Value::Integer(n) => Some(n.to_string()),
        Value::Real(x) => Some(x.to_string()),
        Value::Text(text) if text.len() <= 60 => Some(format!("'{text}'")),
        _ => None,
    };
    let values: Vec<String> = column.profile.top.iter().filter_map(shown).take(SAMPLES).collect();
    (!values.is_empty()).then(|| format!("such as {}", values.join(", ")))
}

fn also(synonyms: &[String]) -> Option<String> {
    (!synonyms.is_empty()).then(|| format!("also called {}", synonyms.join(", ")))
}

fn comment(remarks: &[String]) -> String {
    if remarks.is_empty() {
        return String::new();
    }
    // A line break would end the comment.
    format!(" -- {}", remarks.join("; ").split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Plain names as they are, others in double quotes.
fn name(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty();
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn key_text(schema: &Schema, key: &ForeignKey) -> String {
    let end = |id: ColumnId| format!("{}.{}", name(&schema.table(id.table).name), name(&schema.column(id).name));
    let side = if key.one_to_one { "one to one" } else { "many to one" };
    let source = if key.declared { "" } else { ", found in the data" };
    format!("- {} = {} ({side}{source})\n", end(key.from), end(key.to))
}

fn knowledge(task: &Task<'_>, mask: &mut Mask) -> String {
    let mut text = String::new();
    section(&mut text, "Metrics", task.context.metrics.iter().map(|m| metric_text(&m.metric, mask)).collect());
    let filters = task.knowledge.filters.iter().map(|f| format!("{}: {}", f.name, mask.sql(&f.condition))).collect();
    section(&mut text, "Filters", filters);
    let rules: Vec<String> =
        task.context.rules.iter().map(|r| mask.text(&format!("{}: {}", r.rule.heading, r.rule.text))).collect();
    section(&mut text, "Rules of this business", rules);
    if !task.context.examples.is_empty() {
        text.push_str("\n# Questions answered before\n");
    }
    for scored in &task.context.examples {
        // The literals first: then they are known in the question, too.
        let sql = mask.sql(&scored.example.sql);
        let question = mask.text(&scored.example.question);
        let _ = write!(text, "\n{question}\n```sql\n{sql}\n```\n");
    }
    text
}

fn metric_text(metric: &Metric, mask: &mut Mask) -> String {
    let mut text = format!("{} = {}", metric.name, mask.sql(&metric.expression));
    let additivity = match metric.additivity {
        Additivity::Full => None,
        Additivity::Semi => Some("not added up over time".to_owned()),
        Additivity::None => Some("computed anew for each group, never added up".to_owned()),
    };
    let filters = metric.required_filters.iter().map(|f| format!("only where {}", mask.sql(f)));
    let day = metric.time_column.iter().map(|c| format!("dated by {c}"));
    for remark in metric.description.iter().cloned().chain(additivity).chain(day).chain(filters) {
        text.push_str("; ");
        text.push_str(&remark);
    }
    text
}

fn section(text: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n# {title}");
    for line in lines {
        let _ = writeln!(text, "- {line}");
    }
}

fn turns(task: &Task<'_>, mask: &mut Mask) -> String {
    let mut text = String::new();
    for turn in task.turns.iter().skip(task.turns.len().saturating_sub(TURNS)) {
        let sql = turn.sql.as_deref().map(|sql| mask.sql(sql));
        let asked = mask.question(&turn.analysis.text, &turn.analysis.entities, task.schema);
        let _ = writeln!(text, "Asked before: {asked}");
        if let Some(sql) = sql {
            let _ = writeln!(text, "```sql\n{sql}\n```");
        }
    }
    text
}

/// The question with what is known about the words in it.
fn question(task: &Task<'_>, privacy: Privacy, asked: &str, turns: &str, mask: &Mask) -> String {
    // Turns may have taught values that stand in the question, too.
    let mut text = format!("{turns}{}", mask.text(asked));
    let mut known: Vec<String> = mask
        .columns()
        .into_iter()
        .map(|(placeholder, column)| format!("{placeholder} is a value of {}", task.schema.qualified(column)))
        .collect();
    if privacy != Privacy::Schema {
        known.extend(task.context.values.iter().map(|v| {
            format!(
                "\"{}\" is the value '{}' of {}",
                v.text,
                v.value.replace('\'', "''"),
                task.schema.qualified(v.column)
            )
        }));
    }
    let dates = task.analysis.entities.iter().filter(|e| e.kind == EntityKind::DateRange);
    known.extend(dates.map(|e| format!("\"{}\" is {}", e.text, e.value.replace("..", " to "))));
    if !known.is_empty() {
        let _ = write!(text, "\n\nKnown about it: {}.", known.join("; "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_in_text_is_not_filled_again() {
        assert_eq!(fill("a {{x}} {{y}} {{", &[("x", "{{y}}"), ("y", "1")]), "a {{y}} 1 {{");
    }

    #[test]
    fn every_name_of_the_templates_is_filled() {
        let known = [
            "dialect",
            "as_of",
            "placeholders",
            "example",
            "database",
            "schema",
            "knowledge",
            "question",
            "sql",
            "why",
        ];
        for template in [SYSTEM, PLACEHOLDERS, TASK, REPAIR] {
            for name in template.split("{{").skip(1).filter_map(|t| t.split_once("}}")).map(|(name, _)| name) {
                assert!(known.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn names_that_need_quotes_get_them() {
        assert_eq!(name("unit_price"), "unit_price");
        assert_eq!(name("Order Details"), "\"Order Details\"");
        assert_eq!(name("2nd \"x\""), "\"2nd \"\"x\"\"\"");
    }
}

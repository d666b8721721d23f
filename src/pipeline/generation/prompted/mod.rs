//! The generator that asks a model: a prompt made of the question and its context goes out, a draft comes back.
//!
//! Nothing here is trusted: the SQL of a model passes the same gate as any other. Under privacy `schema` no value
//! leaves this machine; see [`mask`].

mod mask;
mod prompt;
mod reply;

use super::{Draft, EarlierTurn, Engine, Evidence, Generated};
use crate::knowledge::Knowledge;
use crate::llm::{ModelClient, ModelError, Sent, Usage};
use crate::pipeline::analysis::{Analysis, EntityKind};
use crate::pipeline::retrieval::Context;
use crate::schema::Schema;
use mask::Mask;
use reply::{Answered, Form};

/// What a draft is asked for.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    pub analysis: &'a Analysis,
    /// Earlier turns of the conversation, oldest first.
    pub turns: &'a [EarlierTurn],
    pub schema: &'a Schema,
    pub knowledge: &'a Knowledge,
    pub context: &'a Context,
    /// The earlier attempt, if this is another one.
    pub failure: Option<&'a FailedDraft>,
}

/// SQL that was not accepted, and why: a refusal of the gate or an error of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDraft {
    pub sql: String,
    pub why: String,
}

/// What came of asking a model, with what was sent whether or not it answered.
#[derive(Debug)]
pub struct Written {
    pub generated: Result<Generated, ModelError>,
    pub sent: Sent,
    pub usage: Option<Usage>,
}

/// Asks the model once for a draft. Gives a draft or the model's reason why there can be none (`abstain`).
pub async fn write(client: &ModelClient, task: &Task<'_>) -> Written {
    let (messages, mask) = prompt::compose(task, client.privacy());
    let sent = client.sent(&messages);
    match client.chat(&messages).await {
        Ok(reply) => Written { generated: read(&reply.text, &mask, task), sent, usage: reply.usage },
        Err(error) => Written { generated: Err(error), sent, usage: None },
    }
}

fn read(text: &str, mask: &Mask, task: &Task<'_>) -> Result<Generated, ModelError> {
    match reply::read(text).map_err(|why| ModelError::BadAnswer { why: mask.restore_text(&why) })? {
        Answered::Cannot(reason) => Ok(Generated::Abstain { reason: mask.restore_text(&reason), nearest: Vec::new() }),
        Answered::Sql { sql, interpretation, assumptions, form } => {
            let sql = mask.restore_sql(&sql);
            let evidence = vec![coverage(&sql, task), structure(form, task.failure.is_some())];
            Ok(Generated::Draft(Box::new(Draft {
                sql,
                engine: Engine::Model,
                interpretation: mask.restore_text(&interpretation),
                assumptions: assumptions.iter().map(|a| mask.restore_text(a)).collect(),
                evidence,
                choices: Vec::new(),
            })))
        }
    }
}

/// The share of what the question names that stands in the SQL.
fn coverage(sql: &str, task: &Task<'_>) -> Evidence {
    let sql = sql.to_lowercase();
    let named: Vec<_> =
        task.analysis.entities.iter().filter(|e| e.column.is_some() || e.kind == EntityKind::TopN).collect();
    let missing: Vec<&str> =
        named.iter().filter(|e| !sql.contains(&e.value.to_lowercase())).map(|e| e.text.as_str()).collect();
    let (score, why) = match (named.len(), missing.len()) {
        (0, _) => (0.8, "the question names no value to look for in the SQL".to_owned()),
        (all, 0) => (1.0, format!("all {all} values of the question stand in the SQL")),
        (all, _) => {
            let share = 1.0 - missing.len() as f64 / all as f64;
            (share, format!("the SQL does not mention \"{}\"", missing.join("\", \"")))
        }
    };
    Evidence { name: "coverage", score, why }
}

/// How far a model kept to what was asked of it. Whether its SQL means what was asked, nobody has checked: hence
/// never 1.
fn structure(form: Form, repaired: bool) -> Evidence {
    let (score, why) = match form {
        Form::Json => (0.8, "written by a model, in the form asked for"),
        Form::Fenced => (0.7, "written by a model, as a block of SQL without an explanation"),
        Form::Bare => (0.65, "written by a model, as plain SQL without an explanation"),
    };
    let (score, why) = if repaired { (score - 0.1, format!("{why}, at another attempt")) } else { (score, why.into()) };
    Evidence { name: "structure", score, why }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::civil::date;

    use super::*;
    use crate::config::{ModelConfig, Privacy};
    use crate::knowledge::{ColumnKnowledge, Example, Metric, NamedFilter, Rule, TableKnowledge};
    use crate::llm::scripted::{Script, Scripted, config};
    use crate::pipeline::analysis::{Complexity, Entity, Intent};
    use crate::pipeline::retrieval::{ScoredExample, ScoredMetric, ScoredRule, ScoredTable, ScoredValue};
    use crate::schema::{Column, ColumnId, ForeignKey, SemanticType, Table, TableId, Value};

    const QUESTION: &str = "passengers from reykjavík in may";

    /// Everything that a task is made of, so that a test changes only what it is about.
    struct Given {
        analysis: Analysis,
        turns: Vec<EarlierTurn>,
        schema: Schema,
        knowledge: Knowledge,
        context: Context,
        failure: Option<FailedDraft>,
    }

    impl Given {
        fn new() -> Self {
            let schema = schema();
            let knowledge = knowledge();
            Self {
                analysis: analysis(),
                turns: Vec::new(),
                context: context(&knowledge),
                schema,
                knowledge,
                failure: None,
            }
        }

        fn task(&self) -> Task<'_> {
            let Self { analysis, turns, schema, knowledge, context, failure } = self;
            Task { analysis, turns, schema, knowledge, context, failure: failure.as_ref() }
        }

        async fn ask(&self, privacy: Privacy, reply: &str) -> (Written, String) {
            let server = Scripted::start(vec![Script::answer(reply)]).await;
            let config = ModelConfig { privacy, ..config(&server.base_url, Duration::from_secs(20)) };
            let written = write(&ModelClient::new(&config).unwrap(), &self.task()).await;
            let sent = server.requests().iter().map(|r| r.body["messages"].to_string()).collect::<String>();
            (written, sent)
        }
    }

    fn schema() -> Schema {
        let mut fare = Column { name: "fare".to_owned(), declared_type: "REAL".to_owned(), ..Column::default() };
        fare.profile.semantic = SemanticType::UnitPrice;
        let mut city = Column { name: "home city".to_owned(), declared_type: "TEXT".to_owned(), ..Column::default() };
        city.profile.top = vec![Value::Text("Reykjavík".to_owned())];
        let plain = |name: &str| Column { name: name.to_owned(), ..Column::default() };
        let key = |table: usize, column: usize| ColumnId { table: TableId(table), column };
        let tables = vec![
            Table {
                name: "flights".to_owned(),
                columns: vec![plain("id"), plain("port_id"), fare],
                ..Table::default()
            },
            Table {
                name: "ports".to_owned(),
                columns: vec![plain("id"), city, plain("secret_note")],
                primary_key: vec![0],
                ..Table::default()
            },
            Table { name: "audit_log".to_owned(), columns: vec![plain("line")], ..Table::default() },
        ];
        Schema {
            name: "air".to_owned(),
            tables,
            foreign_keys: vec![ForeignKey { from: key(0, 1), to: key(1, 0), declared: true, one_to_one: false }],
            ..Schema::default()
        }
    }

    fn knowledge() -> Knowledge {
        let hidden = |name: &str| ColumnKnowledge { name: name.to_owned(), hidden: true, ..ColumnKnowledge::default() };
        Knowledge {
            tables: vec![TableKnowledge {
                name: "ports".to_owned(),
                description: Some("where flights\nstart".to_owned()),
                synonyms: vec!["airports".to_owned()],
                columns: vec![hidden("secret_note")],
                ..TableKnowledge::default()
            }],
            filters: vec![NamedFilter {
                name: "hubs".to_owned(),
                condition: "ports.\"home city\" = 'Keflavík'".to_owned(),
                ..NamedFilter::default()
            }],
            metrics: vec![Metric {
                name: "mean fare".to_owned(),
                expression: "AVG(flights.fare)".to_owned(),
                ..Metric::default()
            }],
            examples: vec![Example {
                question: "flights from Akureyri".to_owned(),
                sql: "SELECT count(*) FROM ports WHERE \"home city\" = 'Akureyri'".to_owned(),
                ..Example::default()
            }],
            rules: vec![Rule { heading: "Fares".to_owned(), text: "Net of tax.".to_owned() }],
            ..Knowledge::default()
        }
    }

    fn context(knowledge: &Knowledge) -> Context {
        let why = String::new;
        let table = |at: usize| ScoredTable { table: TableId(at), score: 1.0, why: why() };
        Context {
            tables: vec![table(0), table(1)],
            metrics: vec![ScoredMetric { metric: knowledge.metrics[0].clone(), score: 1.0, why: why() }],
            examples: vec![ScoredExample { example: knowledge.examples[0].clone(), index: 0, score: 1.0, why: why() }],
            rules: vec![ScoredRule { rule: knowledge.rules[0].clone(), score: 1.0, why: why() }],
            values: vec![ScoredValue {
                column: ColumnId { table: TableId(1), column: 1 },
                value: "Reykjavík".to_owned(),
                text: "reykjavík".to_owned(),
                score: 1.0,
                why: why(),
            }],
            ..Context::default()
        }
    }

    fn analysis() -> Analysis {
        let entity = |kind, text: &str, value: &str, column| {
            let start = QUESTION.find(text).unwrap();
            Entity { kind, text: text.to_owned(), value: value.to_owned(), column, span: start..start + text.len() }
        };
        let column = Some(ColumnId { table: TableId(1), column: 1 });
        Analysis {
            text: QUESTION.to_owned(),
            intent: Intent::General,
            complexity: Complexity::Simple,
            entities: vec![
                entity(EntityKind::Value, "reykjavík", "Reykjavík", column),
                entity(EntityKind::DateRange, "in may", "2025-05-01..2025-05-31", None),
            ],
            dates: Vec::new(),
            as_of: date(2025, 6, 30),
            words: Vec::new(),
            values: Vec::new(),
            times: Vec::new(),
            filters: Vec::new(),
        }
    }

    const REPLY: &str = r#"{"sql": "SELECT count(*) AS n FROM ports WHERE \"home city\" = 'value_1'",
        "interpretation": "flights from value_1", "assumptions": ["value_1 is where they start"]}"#;

    #[tokio::test]
    async fn a_draft_comes_back_with_its_values_and_what_was_sent() {
        let (written, _) = Given::new().ask(Privacy::Schema, REPLY).await;
        let Ok(Generated::Draft(draft)) = written.generated else { panic!("{:?}", written.generated) };
        assert_eq!(draft.sql, "SELECT count(*) AS n FROM ports WHERE \"home city\" = 'Reykjavík'");
        assert_eq!(draft.interpretation, "flights from Reykjavík");
        assert_eq!(draft.assumptions, ["Reykjavík is where they start"]);
        assert_eq!(draft.engine, Engine::Model);
        assert_eq!(draft.evidence.iter().map(|e| e.score).collect::<Vec<_>>(), [1.0, 0.8]);
        assert_eq!(written.usage.map(|u| u.prompt_tokens), Some(21));
        assert_eq!(written.sent.messages.len(), 2);
    }

    #[tokio::test]
    async fn the_prompt_holds_the_context_and_nothing_hidden() {
        let (_, sent) = Given::new().ask(Privacy::Schema, REPLY).await;
        for part in [
            "CREATE TABLE flights (",
            "fare REAL, -- money for one unit; not added up",
            "CREATE TABLE ports ( -- where flights start; also called airports",
            r#"\"home city\" TEXT"#,
            "id PRIMARY KEY",
            "flights.port_id = ports.id (many to one)",
            "mean fare = AVG(flights.fare)",
            "Fares: Net of tax.",
            "today is 2025-06-30",
            "2025-05-01 to 2025-05-31",
            "value_1 is a value of ports.home city",
            "more tables",
        ] {
            assert!(sent.contains(part), "{part} is missing in {sent}");
        }
        for part in ["audit_log", "secret_note", "{{"] {
            assert!(!sent.contains(part), "{part} was sent: {sent}");
        }
    }

    #[tokio::test]
    async fn under_privacy_schema_no_value_leaves() {
        let mut given = Given::new();
        let asked = |text: &str| Analysis { text: text.to_owned(), entities: Vec::new(), ..analysis() };
        given.turns = vec![
            EarlierTurn { analysis: analysis(), sql: None },
            EarlierTurn {
                analysis: asked("what about Húsavík"),
                sql: Some("SELECT 1 FROM ports WHERE \"home city\" = 'Húsavík'".to_owned()),
            },
        ];
        given.analysis = asked("and in june");
        given.context.values = Vec::new();
        given.failure = Some(FailedDraft {
            sql: "SELECT x FROM ports WHERE y = 'Selfoss'".to_owned(),
            why: "no column x near 'Selfoss' of Reykjavík".to_owned(),
        });
        let (written, sent) = given.ask(Privacy::Schema, REPLY).await;
        for value in ["eykjav", "Keflav", "Akureyri", "savík", "Selfoss"] {
            assert!(!sent.contains(value), "{value} was sent: {sent}");
            assert!(!format!("{:?}", written.sent).contains(value));
        }
        let (_, sent) = given.ask(Privacy::Values, REPLY).await;
        assert!(sent.contains("Selfoss") && sent.contains("reykjavík") && !sent.contains("such as"));
        let (_, sent) = Given::new().ask(Privacy::Values, REPLY).await;
        assert!(sent.contains("is the value 'Reykjavík' of"));
        let (_, sent) = given.ask(Privacy::Rows, REPLY).await;
        assert!(sent.contains("such as 'Reykjavík'"));
    }

    #[tokio::test]
    async fn a_failed_attempt_is_told_and_lowers_the_evidence() {
        let mut given = Given::new();
        given.failure = Some(FailedDraft { sql: "SELECT nope".to_owned(), why: "no column named nope".to_owned() });
        let (written, sent) = given.ask(Privacy::Schema, "```sql\nSELECT 1\n```").await;
        assert!(sent.contains("It was not accepted: no column named nope"));
        let Ok(Generated::Draft(draft)) = written.generated else { panic!("{:?}", written.generated) };
        assert!(draft.evidence[0].score < 0.1 && draft.evidence[0].why.contains("reykjavík"));
        assert!((draft.evidence[1].score - 0.6).abs() < 1e-9);
    }

    #[tokio::test]
    async fn what_cannot_be_answered_is_an_abstention() {
        let (written, _) = Given::new().ask(Privacy::Schema, r#"{"cannot": "no passengers of value_1"}"#).await;
        let Ok(Generated::Abstain { reason, .. }) = written.generated else { panic!("{:?}", written.generated) };
        assert_eq!(reason, "no passengers of Reykjavík");
    }

    #[tokio::test]
    async fn prose_is_a_bad_answer_and_a_write_is_left_to_the_gate() {
        let (written, _) = Given::new().ask(Privacy::Schema, "I'm sorry, value_1 is unknown to me.").await;
        let error = written.generated.unwrap_err();
        assert_eq!(error.code(), "model_bad_answer");
        assert!(error.to_string().contains("Reykjavík is unknown"), "{error}");
        let (written, _) = Given::new().ask(Privacy::Schema, "DROP TABLE ports").await;
        assert!(matches!(written.generated, Ok(Generated::Draft(draft)) if draft.sql == "DROP TABLE ports"));
    }

    #[tokio::test]
    async fn a_failing_endpoint_still_tells_what_was_sent() {
        let server = Scripted::start(vec![Script { status: 401, ..Script::default() }]).await;
        let client = ModelClient::new(&config(&server.base_url, Duration::from_secs(20))).unwrap();
        let written = write(&client, &Given::new().task()).await;
        assert_eq!(written.generated.unwrap_err().code(), "model_unauthorized");
        assert!(written.sent.messages[1].text.contains("# Question"));
    }
}

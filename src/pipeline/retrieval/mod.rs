//! Room 2: an analysis becomes a context: tables, metrics, examples, rules and values, each scored and with its reason.
//!
//! A score joins what words and meanings say. Nothing is embedded before the first question asks for it, and if the
//! embedding model cannot be had, the schema is read directly and the context says so.

mod documents;
mod embedding;
mod index;
mod joins;
mod lexical;
mod ranking;

use std::sync::{Arc, OnceLock};

pub use embedding::{BUILT_IN, Embedder, EmbeddingError};
use index::VectorIndex;
use lexical::WordIndex;

use super::analysis::Entity;
use crate::config::EmbeddingConfig;
use crate::knowledge::{Example, Knowledge, Metric, Rule};
use crate::schema::{ColumnId, Schema, TableId};

/// What the generators are handed. Best first in every list.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub tables: Vec<ScoredTable>,
    pub metrics: Vec<ScoredMetric>,
    pub examples: Vec<ScoredExample>,
    pub rules: Vec<ScoredRule>,
    pub values: Vec<ScoredValue>,
    /// Every table that is not hidden is among `tables`.
    pub whole_schema: bool,
    /// What went wrong on the way, for people.
    pub note: Option<String>,
}

/// Scores lie between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredTable {
    pub table: TableId,
    pub score: f64,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScoredMetric {
    pub metric: Metric,
    pub score: f64,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScoredExample {
    pub example: Example,
    /// Position in the knowledge.
    pub index: usize,
    pub score: f64,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScoredRule {
    pub rule: Rule,
    pub score: f64,
    pub why: String,
}

/// A value of the database that the question names.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredValue {
    pub column: ColumnId,
    /// As the database has it.
    pub value: String,
    /// As written in the question.
    pub text: String,
    pub score: f64,
    pub why: String,
}

/// Documents in each collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collections {
    pub schemas: usize,
    pub examples: usize,
    pub rules: usize,
}

/// Whether meanings are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VectorStatus {
    /// Nothing asked for them yet.
    NotBuilt,
    Ready,
    Unavailable(EmbeddingError),
}

/// Searches one database's schema and knowledge. Cheap to create and to clone.
#[derive(Clone)]
pub struct Retriever {
    library: Arc<Library>,
}

/// What is searched, each part made when first needed.
struct Library {
    schema: Arc<Schema>,
    knowledge: Arc<Knowledge>,
    embedding: EmbeddingConfig,
    words: OnceLock<Words>,
    vectors: OnceLock<Result<Vectors, EmbeddingError>>,
}

struct Words {
    /// Tables that are not hidden, in the order of the schema.
    visible: Vec<TableId>,
    tables: WordIndex,
    metrics: WordIndex,
    examples: WordIndex,
    rules: WordIndex,
}

struct Vectors {
    embedder: Embedder,
    passages: Vec<documents::Passage>,
    schema: VectorIndex,
    metrics: VectorIndex,
    examples: VectorIndex,
    rules: VectorIndex,
}

impl Retriever {
    pub fn new(schema: Arc<Schema>, knowledge: Arc<Knowledge>, embedding: &EmbeddingConfig) -> Self {
        let embedding = embedding.clone();
        let library = Library { schema, knowledge, embedding, words: OnceLock::new(), vectors: OnceLock::new() };
        Self { library: Arc::new(library) }
    }

    /// At most `top` of each kind by words and meaning. The first call loads the embedding model and embeds the
    /// schema, on a blocking thread.
    pub async fn retrieve(&self, question: &str, entities: &[Entity], top: usize) -> Context {
        let (library, text, found) = (Arc::clone(&self.library), question.to_owned(), entities.to_vec());
        let searched = tokio::task::spawn_blocking(move || library.search(&text, &found, top)).await;
        searched.unwrap_or_else(|e| {
            let mut context = self.retrieve_without_vectors(question, entities, top);
            context.note = Some(format!("the search by meaning broke off ({e}); the schema was read directly"));
            context
        })
    }

    /// The whole schema, ranked by words alone, and at most `top` of the rest. Takes well under a millisecond for a
    /// schema of usual size.
    pub fn retrieve_without_vectors(&self, question: &str, entities: &[Entity], top: usize) -> Context {
        self.library.read_directly(question, entities, top)
    }

    pub fn collections(&self) -> Collections {
        let Library { schema, knowledge, .. } = &*self.library;
        let schemas = documents::visible_tables(schema, knowledge)
            .into_iter()
            .map(|id| documents::passages(schema, knowledge, id).len())
            .sum();
        Collections { schemas, examples: knowledge.examples.len(), rules: knowledge.rules.len() }
    }

    /// Builds nothing.
    pub fn vector_status(&self) -> VectorStatus {
        match self.library.vectors.get() {
            None => VectorStatus::NotBuilt,
            Some(Ok(_)) => VectorStatus::Ready,
            Some(Err(e)) => VectorStatus::Unavailable(e.clone()),
        }
    }
}

impl Library {
    fn search(&self, question: &str, entities: &[Entity], top: usize) -> Context {
        let near = self.vectors().and_then(|vectors| vectors.near(question));
        match near {
            Ok(near) => self.rank(question, entities, top, Some(&near)),
            Err(e) => {
                let note = Some(format!("{e}; the schema was read directly"));
                Context { note, ..self.read_directly(question, entities, top) }
            }
        }
    }

    fn read_directly(&self, question: &str, entities: &[Entity], top: usize) -> Context {
        let mut context = self.rank(question, entities, usize::MAX, None);
        context.metrics.truncate(top);
        context.examples.truncate(top);
        context.rules.truncate(top);
        context.values.truncate(top);
        context
    }

    fn rank(&self, question: &str, entities: &[Entity], top: usize, near: Option<&ranking::Near>) -> Context {
        let words = self.words();
        let (schema, knowledge) = (&*self.schema, &*self.knowledge);
        let metrics = ranking::metrics(question, knowledge, &words.metrics, near.map(|n| n.metrics.as_slice()), top);
        let evidence = ranking::Evidence { question, schema, entities, metrics: &metrics, near };
        let mut tables = ranking::tables(&evidence, &words.visible, &words.tables);
        joins::lift(&mut tables, schema, knowledge);
        ranking::sort_tables(&mut tables);
        tables.truncate(top);
        Context {
            whole_schema: tables.len() == words.visible.len(),
            tables,
            metrics,
            examples: ranking::examples(question, knowledge, &words.examples, near.map(|n| n.examples.as_slice()), top),
            rules: ranking::rules(question, knowledge, &words.rules, near.map(|n| n.rules.as_slice()), top),
            values: ranking::values(schema, entities, top),
            note: None,
        }
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let (schema, knowledge) = (&*self.schema, &*self.knowledge);
            let visible = documents::visible_tables(schema, knowledge);
            let bags = |texts: Vec<String>| WordIndex::new(texts.iter().map(|t| documents::text_bag(t)).collect());
            Words {
                tables: WordIndex::new(visible.iter().map(|&id| documents::table_bag(schema, knowledge, id)).collect()),
                visible,
                metrics: bags(knowledge.metrics.iter().map(documents::metric_text).collect()),
                examples: bags(knowledge.examples.iter().map(documents::example_text).collect()),
                rules: bags(knowledge.rules.iter().map(documents::rule_text).collect()),
            }
        })
    }

    /// A failure is kept: what failed to load once will not load at the next question either.
    fn vectors(&self) -> Result<&Vectors, EmbeddingError> {
        self.vectors.get_or_init(|| self.embed()).as_ref().map_err(Clone::clone)
    }

    fn embed(&self) -> Result<Vectors, EmbeddingError> {
        let embedder = Embedder::load(&self.embedding)?;
        let (schema, knowledge) = (&*self.schema, &*self.knowledge);
        let passages: Vec<documents::Passage> = documents::visible_tables(schema, knowledge)
            .into_iter()
            .flat_map(|id| documents::passages(schema, knowledge, id))
            .collect();
        let index = |texts: Vec<String>| -> Result<VectorIndex, EmbeddingError> {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            embedder.embed(&texts).map(VectorIndex::new)
        };
        Ok(Vectors {
            schema: index(passages.iter().map(|p| p.text.clone()).collect())?,
            metrics: index(knowledge.metrics.iter().map(documents::metric_text).collect())?,
            examples: index(knowledge.examples.iter().map(documents::example_text).collect())?,
            rules: index(knowledge.rules.iter().map(documents::rule_text).collect())?,
            passages,
            embedder,
        })
    }
}

impl Vectors {
    fn near(&self, question: &str) -> Result<ranking::Near, EmbeddingError> {
        let vectors = self.embedder.embed(&[question])?;
        let query = vectors.first().map_or(&[][..], Vec::as_slice);
        let passages = self.schema.nearest(query, ranking::PASSAGES);
        Ok(ranking::Near {
            passages: passages.into_iter().map(|(at, cosine)| (self.passages[at].clone(), cosine)).collect(),
            metrics: self.metrics.nearest(query, ranking::NEIGHBOURS),
            examples: self.examples.nearest(query, ranking::NEIGHBOURS),
            rules: self.rules.nearest(query, ranking::NEIGHBOURS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::TableKnowledge;
    use crate::pipeline::analysis::EntityKind;
    use crate::schema::{Column, ForeignKey, Table};

    fn schema() -> Schema {
        let table = |name: &str, columns: &[&str]| Table {
            name: name.to_owned(),
            columns: columns.iter().map(|c| Column { name: (*c).to_owned(), ..Column::default() }).collect(),
            ..Table::default()
        };
        let key = |from: usize, column: usize, to: usize| ForeignKey {
            from: ColumnId { table: TableId(from), column },
            to: ColumnId { table: TableId(to), column: 0 },
            declared: true,
            one_to_one: false,
        };
        Schema {
            tables: vec![
                table("flights", &["id", "plane_id", "departure", "passengers"]),
                table("planes", &["id", "maker_id", "seats"]),
                table("makers", &["id", "company", "country"]),
                table("meals", &["id", "dish", "calories"]),
            ],
            foreign_keys: vec![key(0, 1, 1), key(1, 1, 2)],
            ..Schema::default()
        }
    }

    fn knowledge() -> Knowledge {
        Knowledge {
            metrics: vec![Metric {
                name: "load factor".to_owned(),
                synonyms: vec!["occupancy".to_owned()],
                expression: "SUM(flights.passengers) / SUM(planes.seats)".to_owned(),
                ..Metric::default()
            }],
            examples: vec![
                Example {
                    question: "How many passengers flew last year?".to_owned(),
                    sql: "SELECT SUM(passengers) FROM flights".to_owned(),
                    ..Example::default()
                },
                Example {
                    question: "Which dish has the most calories?".to_owned(),
                    sql: "SELECT dish FROM meals ORDER BY calories DESC LIMIT 1".to_owned(),
                    ..Example::default()
                },
            ],
            rules: vec![Rule { heading: "Passengers".to_owned(), text: "Crew are not passengers.".to_owned() }],
            ..Knowledge::default()
        }
    }

    fn retriever(knowledge: Knowledge, model: &str) -> Retriever {
        let embedding = EmbeddingConfig { model: model.to_owned() };
        Retriever::new(Arc::new(schema()), Arc::new(knowledge), &embedding)
    }

    fn names(context: &Context) -> Vec<&'static str> {
        let names = ["flights", "planes", "makers", "meals"];
        context.tables.iter().map(|t| names[t.table.0]).collect()
    }

    #[tokio::test]
    async fn meaning_finds_what_shares_no_word() {
        let retriever = retriever(knowledge(), BUILT_IN);
        assert_eq!(retriever.vector_status(), VectorStatus::NotBuilt);
        let context = retriever.retrieve("Which food is richest in energy?", &[], 2).await;
        assert_eq!(names(&context)[0], "meals");
        assert!(context.tables[0].why.contains("meaning"), "{:?}", context.tables[0]);
        assert_eq!(context.note, None);
        assert!(!context.whole_schema && context.tables.len() == 2);
        assert_eq!(retriever.vector_status(), VectorStatus::Ready);
    }

    #[tokio::test]
    async fn examples_and_rules_come_with_score_and_reason() {
        let retriever = retriever(knowledge(), BUILT_IN);
        let context = retriever.retrieve("number of passengers by month", &[], 5).await;
        assert_eq!(context.examples[0].index, 0);
        assert!(context.examples[0].why.contains("passenger"), "{:?}", context.examples[0]);
        assert_eq!(context.rules[0].rule.heading, "Passengers");
        let same = retriever.retrieve("how many passengers flew last year", &[], 5).await;
        assert_eq!((same.examples[0].score, same.examples[0].why.as_str()), (1.0, "asks the same"));
    }

    #[test]
    fn a_metric_brings_the_tables_it_reads() {
        let context = retriever(knowledge(), BUILT_IN).retrieve_without_vectors("occupancy per week", &[], 5);
        assert_eq!(context.metrics[0].metric.name, "load factor");
        assert_eq!(names(&context)[..2], ["flights", "planes"]);
        assert!(context.tables[0].why.contains("load factor"));
        assert!(context.whole_schema);
    }

    #[test]
    fn a_named_value_brings_its_table_and_the_tables_between() {
        let column = ColumnId { table: TableId(2), column: 2 };
        let entity = Entity {
            kind: EntityKind::Value,
            text: "french".to_owned(),
            value: "France".to_owned(),
            column: Some(column),
            span: 0..6,
        };
        let retriever = retriever(Knowledge::default(), BUILT_IN);
        let context = retriever.retrieve_without_vectors("french company flights", &[entity], 5);
        assert_eq!(names(&context)[..3], ["makers", "flights", "planes"]);
        assert!(context.tables[2].why.contains("joins makers and flights"), "{:?}", context.tables[2]);
        assert_eq!((context.values[0].value.as_str(), context.values[0].column), ("France", column));
    }

    #[test]
    fn hidden_tables_are_never_handed_on() {
        let mut knowledge = knowledge();
        knowledge.tables = vec![TableKnowledge { name: "meals".to_owned(), hidden: true, ..TableKnowledge::default() }];
        let retriever = retriever(knowledge, BUILT_IN);
        let context = retriever.retrieve_without_vectors("meals by calories", &[], 5);
        assert_eq!(context.tables.len(), 3);
        assert!(context.whole_schema && !names(&context).contains(&"meals"));
        assert_eq!(retriever.collections(), Collections { schemas: 3 + 10, examples: 2, rules: 1 });
    }

    #[tokio::test]
    async fn without_a_model_the_schema_is_read_directly_and_said_so() {
        let retriever = retriever(knowledge(), "no-such-model");
        let context = retriever.retrieve("passengers by departure", &[], 1).await;
        assert!(context.whole_schema && context.tables.len() == 4);
        assert_eq!(names(&context)[0], "flights");
        let note = context.note.unwrap_or_default();
        assert!(note.contains("no-such-model") && note.contains("read directly"), "{note}");
        assert!(matches!(retriever.vector_status(), VectorStatus::Unavailable(_)));
    }
}

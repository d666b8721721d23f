//! The order of the rooms. Rooms never call each other; this file calls them.

pub mod analysis;
mod as_of;
mod error;
pub mod execution;
pub mod generation;
mod live;
mod model;
pub mod plan;
pub mod progress;
pub mod response;
pub mod retrieval;
pub mod validation;

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use error::{OpenError, database_code};
pub use live::Live;

use analysis::{Analysis, Question};
use execution::{ExecutionError, Limits, Ran, ResultCache, ResultSet, RowSink, Streamed};
use generation::offline::{self, OfflineEngine};
use generation::{Draft, Engine, Generated};
use jiff::ZonedDateTime;
use jiff::civil::Date;
use model::ModelEnd;
use plan::PlanWords;
use progress::{Progress, Report, Stage};
use response::figure::capitalised;
use response::{Answer, Choice, Confidence, Failure, Outcome};
use retrieval::Retriever;
use validation::ReadOnlySql;

use crate::config::Config;
use crate::database::{Access, Database, Stamp, TablesVersion};
use crate::knowledge::Knowledge;
use crate::language::fold;
use crate::llm::{ModelClient, ModelError};
use crate::schema::Schema;

/// One open database with everything needed to answer questions about it. Shared by all doors.
pub struct Pipeline {
    config: Config,
    database: Database,
    /// The file and its tables as they were when the schema was read.
    read_at: (Stamp, TablesVersion),
    schema: Arc<Schema>,
    knowledge: Arc<Knowledge>,
    offline: OfflineEngine,
    retriever: Retriever,
    results: ResultCache,
    /// `None` if none is set up or none may be asked; else the client, or why there can be none.
    model: Option<Result<ModelClient, ModelError>>,
    /// Said with every answer: names in the knowledge folder that no longer exist.
    warnings: Vec<String>,
}

/// A question that the open database can answer, for galleries and empty states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub question: String,
    /// An intent's name.
    pub category: &'static str,
}

/// A statement that may run, or why it may not.
type Checked = Result<ReadOnlySql, (Outcome, Failure)>;

/// Ends an answer early: everything to say is in it.
struct Ended;

impl Pipeline {
    /// Opens the configured database and reads its schema, profile and knowledge.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let path = config.database.clone().ok_or(OpenError::NoDatabase)?;
        tokio::task::spawn_blocking(move || Self::open_file(config, &path)).await.map_err(|_| OpenError::Interrupted)?
    }

    fn open_file(config: Config, path: &Path) -> Result<Self, OpenError> {
        let access = Access { memory_map: config.memory_map, ..Access::new(config.policy.clone(), &config.limits) };
        let database = Database::open_with(path, access)?;
        let read_at = (database.stamp()?, database.tables()?);
        let mut schema = database.schema(config.cache.enabled.then_some(config.folders.cache.as_path()))?;
        let folder = config.knowledge.clone().unwrap_or_else(|| {
            config.folders.data.join("knowledge").join(format!("{}-{}", schema.name, schema.fingerprint))
        });
        let mut knowledge = Knowledge::read(&folder)?;
        let hidden = database.hidden()?;
        if !hidden.is_nothing() {
            knowledge.conceal(&schema, &|text| hidden.is_named_in(text));
        }
        let warnings = knowledge.check_names(&schema);
        let model = config.model.as_ref().filter(|_| !config.offline).map(ModelClient::new);
        knowledge.teach(&mut schema);
        let offline = OfflineEngine::new(&schema, &knowledge);
        let (schema, knowledge) = (Arc::new(schema), Arc::new(knowledge));
        let retriever = Retriever::new(Arc::clone(&schema), Arc::clone(&knowledge), &config.embedding);
        let results = ResultCache::new(&config.cache);
        Ok(Self { config, database, read_at, schema, knowledge, offline, retriever, results, model, warnings })
    }

    /// True if a statement runs within the time; rows kept from before do not count.
    pub async fn reaches_database(&self, time: Duration) -> bool {
        let Ok(probe) = validation::check("SELECT 1", &self.schema, &self.config.policy) else { return false };
        let limits = Limits { rows: Some(1), time, bytes: None };
        let run = execution::run(&self.database, &probe, limits, &progress::silent);
        tokio::time::timeout(time, run).await.is_ok_and(|ran| ran.is_ok())
    }

    /// True if the tables changed since they were read.
    pub fn is_outdated(&self) -> bool {
        let (stamp, tables) = &self.read_at;
        // Most changes are to rows alone. A file that cannot be read says so where it is asked.
        self.database.stamp().is_ok_and(|now| now != *stamp) && self.database.tables().is_ok_and(|now| now != *tables)
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    pub fn retriever(&self) -> &Retriever {
        &self.retriever
    }

    /// Questions made for the open database from its own tables and values.
    pub fn suggestions(&self) -> Vec<Suggestion> {
        let as_of = self.as_of(None);
        offline::suggestions(&self.schema)
            .into_iter()
            .map(|suggested| {
                let intent = analysis::analyse(&suggested.question, &self.schema, as_of).intent;
                Suggestion { question: suggested.question, category: intent.name() }
            })
            .collect()
    }

    /// The day that counts as today for a question that names none.
    pub fn as_of(&self, question: Option<Date>) -> Date {
        self.given_as_of(question).unwrap_or_else(|| as_of::as_of(&self.schema, ZonedDateTime::now().date()))
    }

    fn given_as_of(&self, question: Option<Date>) -> Option<Date> {
        let taught = || self.knowledge.as_of.as_ref().and_then(|date| date.parse().ok());
        question.or(self.config.as_of).or_else(taught)
    }

    /// Reads a question without answering it.
    pub fn analyse(&self, question: &Question) -> Result<Analysis, Failure> {
        let text = analysis::normalise(&question.text, self.config.limits.question_chars)
            .map_err(|e| error::of_question(&e))?;
        let mut analysis = analysis::analyse(&text, &self.schema, self.as_of(question.as_of));
        analysis.filters = question
            .filters
            .iter()
            .filter_map(|(name, value)| Some((analysis::filter_column(&self.schema, name, value)?, value.clone())))
            .collect();
        Ok(analysis)
    }

    /// Answers a question. Every failure is an answer too (outcome `error`). Dropping the future stops the work.
    /// With `run` false the SQL is made and checked but not run.
    pub async fn ask(&self, question: &Question, limits: Limits, run: bool, report: Report<'_>) -> Answer {
        let begun = Instant::now();
        let mut answer = self.blank(&question.text);
        let _ = self.answer_question(&mut answer, question, limits, run, report).await;
        answer.timings.total = begun.elapsed();
        tracing::info!(request_id = %answer.request_id, outcome = answer.outcome.name(), total_ms = answer.timings.total.as_millis() as u64, "question answered");
        answer
    }

    /// Runs a statement written by a person through the same gate. With `run` false it is only checked.
    pub async fn run_sql(&self, sql: &str, limits: Limits, run: bool, report: Report<'_>) -> Answer {
        let begun = Instant::now();
        let mut answer = self.blank(sql);
        answer.engine = Some(Engine::Person);
        let _ = self.answer_sql(&mut answer, sql, limits, run, report).await;
        answer.timings.total = begun.elapsed();
        answer
    }

    /// As [`Pipeline::run_sql`], with each row handed to the sink as it is read: the answer has columns and a count of
    /// rows, no rows. The sink comes back unless the program is shutting down.
    pub async fn stream_sql<S: RowSink + 'static>(
        &self,
        sql: &str,
        limits: Limits,
        sink: S,
        report: Report<'_>,
    ) -> (Answer, Option<S>) {
        let begun = Instant::now();
        let mut answer = self.blank(sql);
        answer.engine = Some(Engine::Person);
        let sink = match self.check(&mut answer, sql, report, Self::through_gate) {
            Ok(sql) => self.stream(&mut answer, &sql, limits, sink, report).await,
            Err(Ended) => Some(sink),
        };
        answer.timings.total = begun.elapsed();
        (answer, sink)
    }

    /// The steps in which a statement would run, if it passes the gate. Nothing of it is run.
    pub async fn explain_sql(&self, sql: &str) -> Result<PlanWords, Failure> {
        let checked = self.checked(sql).map_err(|(_, failure)| failure)?;
        let (database, text) = (self.database.clone(), checked.text().to_owned());
        let planned = tokio::task::spawn_blocking(move || database.plan(&text)).await;
        let plan = planned.map_err(|_| ExecutionError::Stopped).and_then(|plan| Ok(plan?));
        let plan = plan.map_err(|error| error::of_execution(&error, checked.text()).1)?;
        Ok(plan::tell(&plan, checked.text(), &self.schema))
    }

    async fn answer_question(
        &self,
        answer: &mut Answer,
        question: &Question,
        limits: Limits,
        run: bool,
        report: Report<'_>,
    ) -> Result<(), Ended> {
        let analysis = self.understand(answer, question, report)?;
        if !analysis.times.is_empty() && self.given_as_of(question.as_of).is_none() {
            answer.warnings.extend(as_of::doubt(&self.schema, ZonedDateTime::now().date()));
        }
        let (draft, sql) = self.generate(answer, question, &analysis, report).await?;
        answer.confidence = Some(Confidence::of_draft(&draft, &sql));
        answer.engine = Some(draft.engine);
        answer.interpretation = Some(draft.interpretation);
        answer.assumptions = draft.assumptions;
        answer.choices = draft.choices.into_iter().map(Choice::from).collect();
        if run {
            self.run(answer, &sql, limits, report).await?;
        } else {
            report(Progress::Skipped { stage: Stage::Run, why: "not asked to run".to_owned() });
        }
        Self::explain(answer, report);
        Ok(())
    }

    /// A checked draft: a verified example, the model's, or the offline engine's, in this order.
    async fn generate(
        &self,
        answer: &mut Answer,
        question: &Question,
        analysis: &Analysis,
        report: Report<'_>,
    ) -> Result<(Draft, ReadOnlySql), Ended> {
        if let Some(draft) = self.verified(analysis) {
            return self.accept(answer, draft, report);
        }
        let ended = match &self.model {
            Some(Ok(client)) => match self.ask_model(answer, client, question, analysis, report).await {
                Ok(checked) => return Ok(checked),
                Err(ended) => Some(ended),
            },
            Some(Err(error)) => Some(ModelEnd::Failed(error.clone())),
            None => None,
        };
        if !matches!(self.model, Some(Ok(_))) {
            self.read_directly(report);
        }
        self.write_offline(answer, question, analysis, ended, report)
    }

    /// The offline engine's draft; what it has to say counts where a model failed, and where data are to be changed.
    fn write_offline(
        &self,
        answer: &mut Answer,
        question: &Question,
        analysis: &Analysis,
        ended: Option<ModelEnd>,
        report: Report<'_>,
    ) -> Result<(Draft, ReadOnlySql), Ended> {
        let begun = Instant::now();
        report(Progress::Begun(Stage::WriteSql));
        let mut turns = self.read_turns(question);
        for turn in &mut turns {
            // What is set beside the question was set beside those before it.
            turn.analysis.filters.clone_from(&analysis.filters);
        }
        let written =
            self.offline.write_after(&turns, analysis, &self.schema, &self.knowledge, &self.config.thresholds);
        answer.timings.generation += begun.elapsed();
        let (generated, trouble) = match (written, ended) {
            (written @ Generated::WriteRequest { .. }, _) | (written, None) => (written, None),
            (_, Some(ModelEnd::Declined(declined))) => (declined, None),
            (written, Some(ModelEnd::Failed(error))) => (written, Some(error)),
        };
        let ended = match (generated, trouble) {
            (Generated::Abstain { reason, nearest }, Some(trouble)) => {
                decline(answer, Generated::Abstain { reason: reason.clone(), nearest });
                fail(answer, Outcome::Error, error::of_model(&trouble, &reason))
            }
            (generated, trouble) => {
                let used = |error: ModelError| format!("{error} ({}): used the offline rules instead", error.code());
                answer.warnings.extend(trouble.map(used));
                match generated {
                    Generated::Draft(draft) => return self.accept(answer, *draft, report),
                    declined => decline(answer, declined),
                }
            }
        };
        let evidence = answer.outcome.name().to_owned();
        report(Progress::Done { stage: Stage::WriteSql, evidence, elapsed: begun.elapsed() });
        Err(ended)
    }

    fn read_directly(&self, report: Report<'_>) {
        let evidence = format!(
            "{} tables read directly · {} examples · {} rules",
            self.schema.tables.len(),
            self.knowledge.examples.len(),
            self.knowledge.rules.len()
        );
        report(Progress::Begun(Stage::Context));
        report(Progress::Done { stage: Stage::Context, evidence, elapsed: Duration::ZERO });
    }

    /// Passes a draft that nobody can mend through the gate.
    fn accept(&self, answer: &mut Answer, draft: Draft, report: Report<'_>) -> Result<(Draft, ReadOnlySql), Ended> {
        let evidence = format!("{} engine", draft.engine.name());
        report(Progress::Done { stage: Stage::WriteSql, evidence, elapsed: answer.timings.generation });
        report(Progress::Sql(draft.sql.clone()));
        let sql = self.check(answer, &draft.sql, report, Self::checked)?;
        Ok((draft, sql))
    }

    async fn answer_sql(
        &self,
        answer: &mut Answer,
        sql: &str,
        limits: Limits,
        run: bool,
        report: Report<'_>,
    ) -> Result<(), Ended> {
        // What is run is compiled then.
        let check = if run { Self::through_gate } else { Self::checked };
        let sql = self.check(answer, sql, report, check)?;
        if run {
            self.run(answer, &sql, limits, report).await?;
        }
        Self::explain(answer, report);
        Ok(())
    }

    fn understand(&self, answer: &mut Answer, question: &Question, report: Report<'_>) -> Result<Analysis, Ended> {
        let begun = Instant::now();
        report(Progress::Begun(Stage::Understand));
        let analysis = self.analyse(question).map_err(|failure| fail(answer, Outcome::Error, failure))?;
        answer.timings.analysis = begun.elapsed();
        for (name, value) in &question.filters {
            if analysis::filter_column(&self.schema, name, value).is_none() {
                answer
                    .warnings
                    .push(format!("the filter {name} = {value} was not applied: no column is called {name}"));
            }
        }
        answer.analysis = Some(analysis.clone());
        let found: Vec<String> = analysis.entities.iter().map(|e| format!("{} = {}", e.kind.name(), e.value)).collect();
        let evidence = if found.is_empty() {
            analysis.intent.name().to_owned()
        } else {
            format!("{} · {}", analysis.intent.name(), found.join(", "))
        };
        report(Progress::Done { stage: Stage::Understand, evidence, elapsed: begun.elapsed() });
        Ok(analysis)
    }

    /// A verified example that asks the very same thing. Its SQL knows nothing of conditions set beside the question.
    fn verified(&self, analysis: &Analysis) -> Option<Draft> {
        if !analysis.filters.is_empty() {
            return None;
        }
        let asked = question_key(&analysis.text);
        let example = self.knowledge.examples.iter().find(|e| {
            std::iter::once(&e.question).chain(&e.paraphrases).any(|question| question_key(question) == asked)
        })?;
        Some(Draft {
            sql: example.sql.clone(),
            engine: Engine::Verified,
            interpretation: format!("as verified: {}", example.question),
            assumptions: Vec::new(),
            evidence: Vec::new(),
            choices: Vec::new(),
        })
    }

    fn check(
        &self,
        answer: &mut Answer,
        sql: &str,
        report: Report<'_>,
        check: impl FnOnce(&Self, &str) -> Checked,
    ) -> Result<ReadOnlySql, Ended> {
        let begun = Instant::now();
        report(Progress::Begun(Stage::Check));
        let checked = check(self, sql);
        answer.timings.validation += begun.elapsed();
        match checked {
            Ok(checked) => {
                Self::passed(answer, &checked, report);
                Ok(checked)
            }
            Err((outcome, failure)) => {
                answer.sql = Some(sql.to_owned());
                Err(fail(answer, outcome, failure))
            }
        }
    }

    fn through_gate(&self, sql: &str) -> Checked {
        validation::check(sql, &self.schema, &self.config.policy).map_err(|r| error::of_refusal(&r, sql))
    }

    /// The gate, and then the database's own compiler.
    fn checked(&self, sql: &str) -> Checked {
        let checked = self.through_gate(sql)?;
        match self.database.explain_ok(checked.text()) {
            // Rows of an earlier run may stand in.
            Err(error) if !error.is_unreachable() => Err(error::of_execution(&error.into(), checked.text())),
            _ => Ok(checked),
        }
    }

    fn passed(answer: &mut Answer, sql: &ReadOnlySql, report: Report<'_>) {
        answer.sql = Some(sql.text().to_owned());
        answer.warnings.extend(sql.notes().iter().cloned());
        answer.warnings.extend(sql.cautions().iter().map(|caution| caution.text.clone()));
        let evidence = format!("read-only · {} tables and {} columns exist", sql.tables().len(), sql.columns().len());
        report(Progress::Done { stage: Stage::Check, evidence, elapsed: answer.timings.validation });
    }

    async fn run(
        &self,
        answer: &mut Answer,
        sql: &ReadOnlySql,
        limits: Limits,
        report: Report<'_>,
    ) -> Result<(), Ended> {
        let begun = Instant::now();
        report(Progress::Begun(Stage::Run));
        let ran = self.results.run(&self.database, sql, limits, report).await;
        answer.timings.execution = begun.elapsed();
        let Ran { result, cached_at, stale } = ran.map_err(|error| {
            let (outcome, failure) = error::of_execution(&error, sql.text());
            fail(answer, outcome, failure)
        })?;
        answer.cached_at = cached_at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        if let (Some(why), Some(at)) = (stale, &answer.cached_at) {
            answer.warnings.push(format!("{why}: these rows are stale, they were read at {at}"));
        }
        let rows = result.rows.len();
        Self::ran(answer, result, rows, report);
        Ok(())
    }

    async fn stream<S: RowSink + 'static>(
        &self,
        answer: &mut Answer,
        sql: &ReadOnlySql,
        limits: Limits,
        sink: S,
        report: Report<'_>,
    ) -> Option<S> {
        let begun = Instant::now();
        report(Progress::Begun(Stage::Run));
        let (streamed, sink) = execution::stream(&self.database, sql, limits, sink, report).await;
        answer.timings.execution = begun.elapsed();
        match streamed {
            Ok(Streamed { result, rows }) => {
                answer.outcome = Outcome::Answer;
                answer.handed_over = Some(rows);
                Self::ran(answer, result, rows, report);
            }
            Err(error) => {
                let (outcome, failure) = error::of_execution(&error, sql.text());
                fail(answer, outcome, failure);
            }
        }
        sink
    }

    fn ran(answer: &mut Answer, result: ResultSet, rows: usize, report: Report<'_>) {
        if result.truncated {
            answer.warnings.push(format!("only the first {rows} rows are here: more exist"));
        }
        let evidence = format!("{rows} rows");
        answer.result = Some(result);
        report(Progress::Done { stage: Stage::Run, evidence, elapsed: answer.timings.execution });
    }

    fn explain(answer: &mut Answer, report: Report<'_>) {
        let begun = Instant::now();
        report(Progress::Begun(Stage::Explain));
        response::explain(answer);
        answer.timings.response = begun.elapsed();
        let evidence = match (&answer.chart, &answer.confidence) {
            (Some(chart), Some(confidence)) => {
                format!("{} chart · confidence {}", chart.kind.name(), confidence.word())
            }
            (Some(chart), None) => format!("{} chart", chart.kind.name()),
            (None, Some(confidence)) => format!("no chart · confidence {}", confidence.word()),
            (None, None) => "no chart".to_owned(),
        };
        report(Progress::Done { stage: Stage::Explain, evidence, elapsed: begun.elapsed() });
    }

    fn blank(&self, question: &str) -> Answer {
        let mut answer = Answer::blank(question, self.schema.dialect, request_id());
        answer.warnings.clone_from(&self.warnings);
        answer
    }
}

fn fail(answer: &mut Answer, outcome: Outcome, failure: Failure) -> Ended {
    answer.outcome = outcome;
    answer.text = match &failure.hint {
        Some(hint) => format!("{}. {}.", capitalised(&failure.message), capitalised(hint)),
        None => format!("{}.", capitalised(&failure.message)),
    };
    answer.error = Some(failure);
    Ended
}

fn decline(answer: &mut Answer, generated: Generated) -> Ended {
    match generated {
        Generated::Draft(_) => {}
        Generated::Clarify { question, readings } => {
            answer.outcome = Outcome::Clarify;
            answer.text = question;
            answer.choices = readings.into_iter().map(Choice::from).collect();
        }
        Generated::Abstain { reason, nearest } => {
            answer.outcome = Outcome::Abstain;
            answer.text = format!("I cannot answer that: {reason}.");
            answer.choices = nearest.into_iter().map(|q| Choice { label: q.clone(), question: q }).collect();
        }
        Generated::WriteRequest { verb } => {
            let failure = Failure {
                code: "write_request",
                message: format!("\"{verb}\" asks to change the data"),
                why: Some("t2s only reads".to_owned()),
                hint: Some("ask what the data say; changes are made with the tool that owns them".to_owned()),
                place: None,
            };
            fail(answer, Outcome::Refused, failure);
        }
    }
    Ended
}

/// Two questions are the same if their words are.
fn question_key(question: &str) -> String {
    fold(question).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Unique enough to find a question in the logs.
fn request_id() -> String {
    let random = RandomState::new().hash_one(Instant::now());
    format!("{random:016x}")
}

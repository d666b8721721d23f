//! Asking a model for a draft, and again with what was wrong: the one arrow back.

use std::fmt::Write;
use std::time::Instant;

use super::analysis::{self, Analysis, Entity, EntityKind, Question, Turn};
use super::generation::prompted::{self, FailedDraft, Task};
use super::generation::{Draft, EarlierTurn, Generated};
use super::progress::{Progress, Report, Stage};
use super::response::{Answer, Failure, Outcome, Usage};
use super::retrieval::Context;
use super::validation::ReadOnlySql;
use super::{Pipeline, error};
use crate::llm::{self, ModelClient, ModelError};
use crate::schema::{ColumnId, Schema};

/// Tables, examples and rules handed to a model at most, each.
const CONTEXT_TOP: usize = 12;

/// How asking a model can end without a statement.
pub(super) enum ModelEnd {
    /// The model says that it cannot be answered.
    Declined(Generated),
    /// No use could be made of it.
    Failed(ModelError),
}

impl Pipeline {
    /// Asks the model at most `attempts` times: again with what was wrong, or with half of the context if the whole
    /// is too long for it.
    pub(super) async fn ask_model(
        &self,
        answer: &mut Answer,
        client: &ModelClient,
        question: &Question,
        analysis: &Analysis,
        report: Report<'_>,
    ) -> Result<(Draft, ReadOnlySql), ModelEnd> {
        let beside = with_filters(analysis, &self.schema);
        let turns = self.read_turns(question);
        let mut context = self.retrieve(answer, &beside, report).await;
        let tables = context.tables.len();
        let attempts = self.config.model.as_ref().map_or(1, |m| m.attempts.max(1));
        let mut failure: Option<FailedDraft> = None;
        for attempt in 1..=attempts {
            let begun = Instant::now();
            report(Progress::Begun(Stage::WriteSql));
            let task = Task {
                analysis: &beside,
                turns: &turns,
                schema: &self.schema,
                knowledge: &self.knowledge,
                context: &context,
                failure: failure.as_ref(),
            };
            let written = prompted::write(client, &task).await;
            answer.timings.generation += begun.elapsed();
            add_usage(answer, written.usage);
            tracing::debug!(endpoint = %written.sent.endpoint, model = %written.sent.model, messages = written.sent.messages.len(), "asked the model");
            let draft = match written.generated {
                Ok(Generated::Draft(draft)) => *draft,
                Ok(declined) => return Err(ModelEnd::Declined(declined)),
                Err(ModelError::TooLong { .. }) if attempt < attempts && halve(&mut context) => continue,
                Err(error) => return Err(ModelEnd::Failed(error)),
            };
            let evidence = format!("model {}", client.model());
            report(Progress::Done { stage: Stage::WriteSql, evidence, elapsed: begun.elapsed() });
            report(Progress::Sql(draft.sql.clone()));
            let begun = Instant::now();
            report(Progress::Begun(Stage::Check));
            let checked = self.checked(&draft.sql).and_then(|sql| self.with_conditions(sql, analysis));
            answer.timings.validation += begun.elapsed();
            match checked {
                Ok(sql) => {
                    if context.tables.len() < tables {
                        let read = context.tables.len();
                        answer
                            .warnings
                            .push(format!("all was too long for the model: it read {read} of {tables} tables"));
                    }
                    Self::passed(answer, &sql, report);
                    return Ok((draft, sql));
                }
                Err((_, why)) => {
                    let evidence = format!("not accepted: {}", why.message);
                    report(Progress::Done { stage: Stage::Check, evidence, elapsed: begun.elapsed() });
                    failure = Some(FailedDraft { sql: draft.sql, why: why.message });
                }
            }
        }
        let why = failure.map_or_else(String::new, |f| f.why);
        Err(ModelEnd::Failed(ModelError::BadAnswer { why: format!("no draft of {attempts} passes the gate: {why}") }))
    }

    /// Earlier questions name values too; what cannot be read is left out.
    pub(super) fn read_turns(&self, question: &Question) -> Vec<EarlierTurn> {
        let read = |turn: &Turn| {
            let text = analysis::normalise(&turn.question, self.config.limits.question_chars).ok()?;
            let analysis = analysis::analyse(&text, &self.schema, self.as_of(question.as_of));
            Some(EarlierTurn { analysis, sql: turn.sql.clone() })
        };
        question.turns.iter().filter_map(read).collect()
    }

    async fn retrieve(&self, answer: &mut Answer, analysis: &Analysis, report: Report<'_>) -> Context {
        let begun = Instant::now();
        report(Progress::Begun(Stage::Context));
        let context = self.retriever.retrieve(&analysis.text, &analysis.entities, CONTEXT_TOP).await;
        answer.timings.retrieval = begun.elapsed();
        answer.warnings.extend(context.note.clone());
        let evidence = format!(
            "{} tables · {} examples · {} rules",
            context.tables.len(),
            context.examples.len(),
            context.rules.len()
        );
        report(Progress::Done { stage: Stage::Context, evidence, elapsed: begun.elapsed() });
        context
    }

    /// A model may overlook a condition that was set beside the question: then its rows are not those asked for.
    fn with_conditions(&self, sql: ReadOnlySql, analysis: &Analysis) -> Result<ReadOnlySql, (Outcome, Failure)> {
        let name = |id: ColumnId| &self.schema.column(id).name;
        let is_used = |id: ColumnId| sql.columns().iter().any(|used| name(*used).eq_ignore_ascii_case(name(id)));
        match analysis.filters.iter().find(|(id, _)| !is_used(*id)) {
            None => Ok(sql),
            Some((id, _)) => Err((Outcome::Error, error::of_condition(&self.schema.qualified(*id)))),
        }
    }
}

/// A model is told the conditions that were set beside the question as a part of it, with their values marked as such.
fn with_filters(analysis: &Analysis, schema: &Schema) -> Analysis {
    let mut told = analysis.clone();
    let mut columns: Vec<ColumnId> = Vec::new();
    for (column, _) in &analysis.filters {
        if columns.contains(column) {
            continue;
        }
        columns.push(*column);
        let _ = write!(told.text, " (only where {} is ", schema.qualified(*column));
        for (position, (_, value)) in analysis.filters.iter().filter(|(c, _)| c == column).enumerate() {
            let stored = schema.values.of_column(*column).find(|v| v.eq_ignore_ascii_case(value)).unwrap_or(value);
            told.text.push_str(if position == 0 { "'" } else { " or '" });
            let span = told.text.len()..told.text.len() + stored.len();
            told.text.push_str(stored);
            told.text.push('\'');
            let (text, value) = (stored.to_owned(), stored.to_owned());
            told.entities.push(Entity { kind: EntityKind::Value, text, value, column: Some(*column), span });
        }
        told.text.push(')');
    }
    told
}

/// Leaves the better half of what a model reads; false if there is nothing to leave out.
fn halve(context: &mut Context) -> bool {
    let size = |c: &Context| c.tables.len() + c.metrics.len() + c.examples.len() + c.rules.len();
    let before = size(context);
    let tables = context.tables.len();
    context.tables.truncate(tables.div_ceil(2));
    context.metrics.truncate(context.metrics.len() / 2);
    context.examples.truncate(context.examples.len() / 2);
    context.rules.truncate(context.rules.len() / 2);
    context.whole_schema &= context.tables.len() == tables;
    size(context) < before
}

fn add_usage(answer: &mut Answer, usage: Option<llm::Usage>) {
    let Some(usage) = usage else { return };
    let total = answer.usage.get_or_insert_with(Usage::default);
    total.prompt_tokens += usage.prompt_tokens;
    total.completion_tokens += usage.completion_tokens;
}

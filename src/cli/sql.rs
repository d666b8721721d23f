//! `t2s sql`: one statement that a person wrote, through the same gate as every other.

use super::args::{SqlArgs, chart_wish};
use super::ask::{Show, limits};
use super::batch::{self, Work};
use super::exit::{Exit, Failed};
use super::output::Output;
use super::say::Teller;
use super::stream::Stream;
use super::{Setup, input, open};
use crate::export::Format;
use crate::pipeline::Pipeline;
use crate::pipeline::execution::Limits;
use crate::pipeline::response::{Answer, Outcome};
use crate::pipeline::validation;
use crate::schema::{ColumnId, TableId};

pub async fn run(setup: &Setup, args: SqlArgs) -> Result<Exit, Failed> {
    let config = &setup.loaded.config;
    let is_run = !(args.run.no_run || args.check);
    if args.batch.batch.is_some() {
        let work = Work::Sql { is_run, rows: args.run.rows(None) };
        return batch::run(setup, &args.batch, &args.output, &args.sql, work).await;
    }
    let mut words = args.sql.clone();
    let wish = chart_wish(args.chart.as_deref(), &mut words).map_err(Failed::usage)?;
    let output = Output::plan(&args.output, config.appearance, (!is_run).then_some(Format::Sql))?;
    let show = Show { output, wish, is_explained: false, min_confidence: None, is_run };
    show.refuse_contradictions(false)?;

    let asked = async {
        let sql = input::text(&words, "statement", setup.no_input)?;
        Ok((open::pipeline(setup).await?, sql))
    };
    let (pipeline, sql) = match asked.await {
        Ok(asked) => asked,
        Err(failed) => return show.failure(&words.join(" "), failed),
    };
    let limits = limits(setup, args.run.rows(show.output.suitable_rows(config)));
    if args.explain {
        tell_plan(setup, &pipeline, &sql).await;
    }
    if is_run
        && show.wish.is_none()
        && let Some((rows, placing)) = show.output.open_stream()?
    {
        // Rows that are not kept need no bound on the memory they take.
        let limits = Limits { bytes: args.run.given_bytes(), ..limits };
        return Stream { output: &show.output, rows, placing }.run(setup, &pipeline, &sql, limits).await;
    }
    let teller = Teller::new(setup.voice);
    let answer = pipeline.run_sql(&sql, limits, is_run, &|p| teller.tell(&p)).await;
    drop(teller);
    if args.check && answer.outcome == Outcome::Answer && !show.output.is_json() {
        tell_checked(setup, &pipeline, &answer);
        return Ok(Exit::ANSWERED);
    }
    show.answer(setup, &pipeline, answer)
}

/// That a statement may run, what it would read, and what is worth knowing about it.
fn tell_checked(setup: &Setup, pipeline: &Pipeline, answer: &Answer) {
    let voice = setup.voice;
    voice.text("ok: the statement may run");
    for table in tables_read(pipeline, answer.sql.as_deref().unwrap_or_default()) {
        voice.note("reads", &table);
    }
    for warning in &answer.warnings {
        voice.warning(warning);
    }
}

/// `sales: revenue, store_id`, a line a table. A view stands for what it reads.
fn tables_read(pipeline: &Pipeline, sql: &str) -> Vec<String> {
    let schema = pipeline.schema();
    let Ok(checked) = validation::check(sql, schema, &pipeline.config().policy) else { return Vec::new() };
    let name = |id: &ColumnId| Some(schema.tables.get(id.table.0)?.columns.get(id.column)?.name.as_str());
    let read = |table: &TableId| {
        let columns = checked.columns().iter().filter(|id| id.table == *table);
        let columns: Vec<&str> = columns.filter_map(name).collect();
        let columns = if columns.is_empty() { "no column by name".to_owned() } else { columns.join(", ") };
        Some(format!("{}: {columns}", schema.tables.get(table.0)?.name))
    };
    checked.tables().iter().filter_map(read).collect()
}

/// The steps in which the statement would run. One that is not let through has none, and is told of where it is run.
async fn tell_plan(setup: &Setup, pipeline: &Pipeline, sql: &str) {
    let Ok(plan) = pipeline.explain_sql(sql).await else { return };
    for line in &plan.lines {
        let text = format!("{}{}", "  ".repeat(line.depth), line.text);
        if line.is_full_scan { setup.voice.alert("plan", &text) } else { setup.voice.note("plan", &text) }
    }
    for hint in &plan.hints {
        setup.voice.note("hint", hint);
    }
}

//! `t2s sql`: one statement that a person wrote, through the same gate as every other.

use super::args::{SqlArgs, chart_wish};
use super::ask::{Show, limits};
use super::batch::{self, Work};
use super::exit::{Exit, Failed};
use super::output::Output;
use super::say::Teller;
use super::{Setup, input, open};
use crate::export::Format;
use crate::pipeline::Pipeline;
use crate::pipeline::response::{Answer, Outcome};
use crate::pipeline::validation;
use crate::schema::Value;

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
        let pipeline = open::pipeline(setup).await?;
        let limits = limits(setup, args.run.rows(show.output.suitable_rows(config)));
        let teller = Teller::new(setup.voice);
        let answer = pipeline.run_sql(&sql, limits, is_run, &|p| teller.tell(&p)).await;
        drop(teller);
        if args.explain {
            tell_plan(setup, &pipeline, &answer)?;
        }
        Ok((pipeline, answer))
    };
    match asked.await {
        Ok((pipeline, answer)) if args.check && answer.outcome == Outcome::Answer && !show.output.is_json() => {
            setup.voice.text("ok: the statement may run");
            for warning in &answer.warnings {
                setup.voice.warning(warning);
            }
            drop(pipeline);
            Ok(Exit::ANSWERED)
        }
        Ok((pipeline, answer)) => show.answer(setup, &pipeline, answer),
        Err(failed) => show.failure(&words.join(" "), failed),
    }
}

/// The steps in which SQLite would run the statement. One that was not let through has none.
fn tell_plan(setup: &Setup, pipeline: &Pipeline, answer: &Answer) -> Result<(), Failed> {
    let Some(sql) = &answer.sql else { return Ok(()) };
    let policy = &pipeline.config().policy;
    let Ok(checked) = validation::check(sql, pipeline.schema(), policy) else { return Ok(()) };
    let plan = pipeline.database().query_plan(checked.text())?;
    // Columns of a step: its number, the number of the step it belongs to, one that is not used, and its words.
    let number = |cell: Option<&Value>| cell.and_then(Value::as_f64).unwrap_or_default() as i64;
    let mut depths = std::collections::HashMap::new();
    for row in &plan.rows {
        let depth = depths.get(&number(row.get(1))).map_or(0, |above: &usize| above + 1);
        depths.insert(number(row.first()), depth);
        let words = row.get(3).and_then(Value::as_text).unwrap_or_default();
        setup.voice.note("plan", &format!("{}{words}", "  ".repeat(depth)));
    }
    Ok(())
}

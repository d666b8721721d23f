//! Many questions: a line each in, JSON objects in the same order out. A line that fails is a line with `error`.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;
use serde_json::{Value as Json, json};

use super::args::{BatchArgs, OutputArgs};
use super::ask::failed_answer;
use super::databases::Databases;
use super::exit::{self, Exit, Failed};
use super::lines::{self, Line, TurnLine};
use super::output::{Output, Sink, What};
use super::{Setup, context, input};
use crate::config::Config;
use crate::export::{Format, json as answer_json};
use crate::pipeline::Pipeline;
use crate::pipeline::analysis::{Question, Turn};
use crate::pipeline::execution::Limits;
use crate::pipeline::progress::silent;
use crate::pipeline::response::{Answer, Failure, Outcome};
use crate::schema::Schema;

/// What is done with each line.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    Ask { is_run: bool, rows: Option<usize> },
    Sql { is_run: bool, rows: Option<usize> },
    Context { top: usize },
}

/// Everything that lines share.
struct Batch {
    config: Config,
    setup: Setup,
    work: Work,
    databases: Databases,
}

/// What one line became.
struct Done {
    objects: Vec<Json>,
    /// Of the first turn that failed.
    failed: Option<Exit>,
}

pub async fn run(
    setup: &Setup,
    args: &BatchArgs,
    output: &OutputArgs,
    words: &[String],
    work: Work,
) -> Result<Exit, Failed> {
    if !words.is_empty() {
        return Err(Failed::usage("--batch takes its questions from the file, not from the arguments"));
    }
    let output = Output::plan(output, setup.loaded.config.appearance, Some(Format::Jsonl))?;
    if !matches!(output.what, What::Rows(Format::Jsonl | Format::Json)) {
        return Err(Failed::usage("--batch writes JSON, one object a line").hint("leave out --format"));
    }
    let path = args.batch.as_deref().unwrap_or(Path::new("-"));
    let read = lines::read_lines(path)?;
    let config = setup.loaded.config.clone();
    let root = args.db_root.clone().unwrap_or_else(|| lines::folder_of(path));
    let databases = Databases::new(setup.clone(), root);
    let batch = Arc::new(Batch { config, setup: setup.clone(), work, databases });

    let mut sink = output.open()?;
    let exit = work_through(&batch, read, args, &mut sink).await?;
    sink.finish()?;
    Ok(exit)
}

/// Gives the exit code of the whole. Ends early when nobody reads any more.
async fn work_through(
    batch: &Arc<Batch>,
    lines: impl Iterator<Item = (usize, io::Result<Vec<u8>>)>,
    args: &BatchArgs,
    sink: &mut Sink,
) -> Result<Exit, Failed> {
    let tasks = lines.map(|(number, line)| {
        let batch = Arc::clone(batch);
        tokio::spawn(async move { batch.line(number, line).await })
    });
    let mut done = futures::stream::iter(tasks).buffered(usize::from(args.jobs));
    let voice = batch.setup.voice;
    let (mut exit, mut worked) = (Exit::ANSWERED, 0_usize);
    while let Some(line) = done.next().await {
        let line = line.unwrap_or_else(|e| Done::failed(&Json::Null, "", &internal(&e), Exit::SQL));
        for object in line.objects {
            writeln!(sink, "{object}")?;
        }
        sink.flush()?;
        worked += 1;
        if voice.verbose > 0 {
            voice.note("batch", &format!("line {worked} done"));
        }
        match line.failed {
            Some(failed) if args.fail_fast => return Ok(failed),
            Some(_) => exit = Exit::SQL,
            None => {}
        }
    }
    Ok(exit)
}

impl Batch {
    async fn line(&self, number: usize, line: io::Result<Vec<u8>>) -> Done {
        let line = match lines::text(line).and_then(|text| parse(&text, self.work)) {
            Ok(line) => line,
            Err(why) => return Done::failed(&json!(number), "", &bad_input(why), Exit::USAGE),
        };
        let id = line.id.clone().unwrap_or_else(|| json!(number));
        match self.databases.get(line.db.as_deref()).await {
            Ok(pipeline) => self.turns(&pipeline, line, &id).await,
            Err(failed) => {
                let asked = line.question.or(line.sql).unwrap_or_default();
                Done::failed(&id, &asked, &failed.failure, failed.exit)
            }
        }
    }

    async fn turns(&self, pipeline: &Pipeline, line: Line, id: &Json) -> Done {
        let as_of = match line.as_of.as_deref().map(lines::date).transpose() {
            Ok(as_of) => as_of.or(self.config.as_of),
            Err(why) => return Done::failed(id, "", &bad_input(why), Exit::USAGE),
        };
        let is_conversation = !line.turns.is_empty();
        let texts: Vec<String> = match line.turns {
            turns if turns.is_empty() => line.sql.or(line.question).into_iter().collect(),
            turns => turns.into_iter().map(TurnLine::into_text).collect(),
        };
        let mut done = Done { objects: Vec::new(), failed: None };
        let mut earlier = Vec::new();
        for (index, text) in texts.into_iter().enumerate() {
            let question = Question { text, turns: earlier.clone(), as_of, ..Question::default() };
            let turn = is_conversation.then_some(index + 1);
            let (object, answer) = self.one(pipeline, &question).await;
            done.objects.push(named(object, id, turn));
            let Some(answer) = answer else { continue };
            if answer.outcome == Outcome::Error {
                done.failed = done.failed.or(Some(exit::of_answer(&answer, None)));
            }
            earlier.push(Turn { question: question.text, sql: answer.sql });
        }
        done
    }

    async fn one(&self, pipeline: &Pipeline, question: &Question) -> (Json, Option<Answer>) {
        let limits = |rows| {
            let limits = &self.config.limits;
            Limits { rows, time: limits.time, bytes: Some(limits.result_bytes) }
        };
        if !matches!(self.work, Work::Sql { .. }) {
            let limit = self.config.limits.question_chars;
            if let Err(failed) = input::check_length(&question.text, limit) {
                let answer = failed_answer(&question.text, &failed.failure);
                return (answer_json::answer(&answer, pipeline.schema()), Some(answer));
            }
        }
        let answer = match self.work {
            Work::Ask { is_run, rows } => pipeline.ask(question, limits(rows), is_run, &silent).await,
            Work::Sql { is_run, rows } => pipeline.run_sql(&question.text, limits(rows), is_run, &silent).await,
            Work::Context { top } => match context::find(pipeline, question, top).await {
                Ok(found) => return (found, None),
                Err(failure) => failed_answer(&question.text, &failure),
            },
        };
        (answer_json::answer(&answer, pipeline.schema()), Some(answer))
    }
}

impl Done {
    fn failed(id: &Json, asked: &str, failure: &Failure, exit: Exit) -> Self {
        let answer = failed_answer(asked, failure);
        let object = answer_json::answer(&answer, &Schema::default());
        Self { objects: vec![named(object, id, None)], failed: Some(exit) }
    }
}

/// `id` and `turn` come first, where people look for them.
fn named(object: Json, id: &Json, turn: Option<usize>) -> Json {
    let mut named = serde_json::Map::new();
    named.insert("id".into(), id.clone());
    named.insert("turn".into(), json!(turn));
    if let Json::Object(rest) = object {
        named.extend(rest);
    }
    Json::Object(named)
}

fn parse(text: &str, work: Work) -> Result<Line, String> {
    if !text.trim_start().starts_with('{') {
        return Ok(Line { question: Some(text.trim().to_owned()), ..Line::default() });
    }
    let line: Line = serde_json::from_str(text).map_err(|e| format!("the line is no batch object: {e}"))?;
    let is_empty = line.turns.is_empty() && line.question.is_none() && line.sql.is_none();
    match work {
        _ if is_empty => Err("the object has neither \"question\", \"sql\" nor \"turns\"".to_owned()),
        Work::Ask { .. } | Work::Context { .. } if line.turns.is_empty() && line.question.is_none() => {
            Err("the object has no \"question\"; SQL is run by t2s sql --batch".to_owned())
        }
        Work::Ask { .. } | Work::Context { .. } => Ok(Line { sql: None, ..line }),
        Work::Sql { .. } if line.sql.is_none() && line.turns.is_empty() => Err("the object has no \"sql\"".to_owned()),
        Work::Sql { .. } => Ok(line),
    }
}

fn bad_input(message: String) -> Failure {
    let hint = Some("t2s help batch shows the form of a line".to_owned());
    Failure { code: "bad_input", message, why: None, hint, place: None }
}

fn internal(error: &tokio::task::JoinError) -> Failure {
    Failure { code: "internal", message: format!("the line broke off: {error}"), why: None, hint: None, place: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: Work = Work::Ask { is_run: true, rows: None };
    const SQL: Work = Work::Sql { is_run: true, rows: None };

    #[test]
    fn a_plain_line_is_the_question() {
        assert_eq!(parse(" how many? ", ASK).unwrap().question.as_deref(), Some("how many?"));
    }

    #[test]
    fn an_object_may_carry_more_than_is_read() {
        let text =
            r#"{"id": 7, "question": "q", "db_path": "a.db", "now": "2025-06-30", "gold_sql": "x", "turns": []}"#;
        let line = parse(text, ASK).unwrap();
        assert_eq!((line.id, line.db), (Some(json!(7)), Some("a.db".into())));
        assert_eq!(line.as_of.as_deref(), Some("2025-06-30"));
    }

    #[test]
    fn an_object_without_its_text_is_refused() {
        for (text, work) in
            [("{}", ASK), (r#"{"sql": "SELECT 1"}"#, ASK), (r#"{"question": "q"}"#, SQL), ("{\"a\"", ASK)]
        {
            assert!(parse(text, work).is_err(), "{text}");
        }
    }
}

//! `t2s eval`: asks the questions of a file, compares the rows with those of gold statements, and shows the figures.

mod cases;
mod page;
mod show;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::Value as Json;

use super::args::{EvalArgs, OutputArgs};
use super::databases::Databases;
use super::exit::{Exit, Failed};
use super::output::Output;
use super::say::Teller;
use super::{Setup, lines};
use crate::config::Thresholds;
use crate::evaluation::{Asked, Changes, Earlier, Fault, Judge, Settings, Summary, Verdict, record, write_junit};
use crate::export::Format;
use crate::pipeline::analysis::{Question, Turn};
use crate::pipeline::execution::Limits;
use crate::pipeline::response::figure;
use cases::Case;
use page::Page;

/// Rows of one statement that are compared at most, as in the open scorers.
const MOST_ROWS: usize = 200_000;
/// Questions named in a warning.
const NAMED: usize = 5;

pub async fn run(setup: &Setup, args: EvalArgs) -> Result<Exit, Failed> {
    let files = Files::plan(setup, &args)?;
    let earlier = args.baseline.as_deref().map(read_earlier).transpose()?;
    let cases = cases::read(&args.file, &args.group_by)?;
    let (asked, wall) = ask(setup, &args, cases).await?;
    warn(setup, &asked);

    let settings = settings(setup, &args);
    let summary = Summary::of(&asked, wall);
    let changes = earlier.as_ref().map(|earlier| Changes::between(earlier, &asked));
    if let (Some(earlier), true) =
        (&earlier, earlier.as_ref().is_some_and(|e| e.settings.matching != args.matching.name()))
    {
        setup.voice.warning(&format!(
            "the baseline was matched by {:?}, this run by {:?}",
            earlier.settings.matching,
            args.matching.name()
        ));
    }
    let written = record(&settings, &summary, &asked, changes.as_ref());
    files.write(&written, &asked, wall)?;
    if !files.take_stdout {
        let mut page = Page::of_stdout(setup.loaded.config.appearance);
        if args.wrong {
            show::wrong(&mut page, &asked);
        }
        show::figures(&mut page, &settings, &summary);
        if let Some((changes, path)) = changes.as_ref().zip(args.baseline.as_deref()) {
            show::changes(&mut page, changes, path);
        }
        show::last_line(&mut page, &summary);
        page.print()?;
    }
    ended(&args, &summary)
}

fn ended(args: &EvalArgs, summary: &Summary) -> Result<Exit, Failed> {
    let accuracy = summary.overall.value();
    match args.min_accuracy {
        Some(least) if accuracy < least => {
            let message = format!("the accuracy {accuracy:.4} is below --min-accuracy {least}");
            Err(Failed::new(Exit::CHECK_FAILED, "accuracy", message)
                .hint("--wrong lists the questions that went wrong"))
        }
        _ => Ok(Exit::ANSWERED),
    }
}

fn settings(setup: &Setup, args: &EvalArgs) -> Settings {
    let config = &setup.loaded.config;
    Settings {
        file: args.file.display().to_string(),
        matching: args.matching,
        jobs: args.jobs(),
        model: config.model.as_ref().filter(|_| !config.offline).map(|model| model.name.clone()),
        answers_all: args.all,
    }
}

/// Where a run is written down.
struct Files {
    json: Option<Output>,
    junit: Option<Output>,
    /// One of them goes to stdout, so that nothing else may.
    take_stdout: bool,
}

impl Files {
    /// The decision, made before anything is asked, so that a mistake costs no waiting.
    fn plan(setup: &Setup, args: &EvalArgs) -> Result<Self, Failed> {
        let to_stdout = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
        if to_stdout(&args.json) && to_stdout(&args.junit) {
            return Err(Failed::usage("only one of --json and --junit can go to stdout"));
        }
        let plan = |path: &Option<PathBuf>| {
            let output = path.clone().map(|path| {
                let output = OutputArgs {
                    format: Some(Format::Json),
                    output: Some(path),
                    force: args.force,
                    ..OutputArgs::default()
                };
                Output::plan(&output, setup.loaded.config.appearance, None)
            });
            output.transpose()
        };
        let take_stdout = to_stdout(&args.json) || to_stdout(&args.junit);
        Ok(Self { json: plan(&args.json)?, junit: plan(&args.junit)?, take_stdout })
    }

    fn write(&self, record: &Json, asked: &[Asked], wall: Duration) -> Result<(), Failed> {
        if let Some(json) = &self.json {
            json.write_with(|out| writeln!(out, "{record:#}"))?;
        }
        if let Some(junit) = &self.junit {
            junit.write_with(|out| out.write_all(write_junit(asked, wall).as_bytes()))?;
        }
        Ok(())
    }
}

fn read_earlier(path: &Path) -> Result<Earlier, Failed> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failed::new(Exit::USAGE, "missing_file", format!("cannot read {}: {e}", path.display())))?;
    Earlier::read(&text).map_err(|why| Failed::usage(format!("{} is no baseline: {why}", path.display())))
}

/// Everything that the questions share.
struct Run {
    judge: Judge,
    databases: Databases,
    as_of: Option<jiff::civil::Date>,
}

/// Asks everything; in the order of the file, with the time it took.
async fn ask(setup: &Setup, args: &EvalArgs, cases: Vec<Case>) -> Result<(Vec<Asked>, Duration), Failed> {
    let run = Arc::new(Run::new(setup, args));
    run.find_databases(&cases).await?;
    let total: usize = cases.iter().map(|case| case.turns.len()).sum();
    let cases = by_database(cases);
    let teller = Teller::new(setup.voice);
    let begun = Instant::now();
    let tasks = cases.into_iter().map(|case| {
        let run = Arc::clone(&run);
        let task = tokio::spawn({
            let case = case.clone();
            async move { run.case(&case).await }
        });
        async move { task.await.unwrap_or_else(|e| case.unasked("-", &format!("the question broke off: {e}"))) }
    });
    let mut done = futures::stream::iter(tasks).buffer_unordered(args.jobs());
    let (mut asked, mut right) = (Vec::with_capacity(total), 0);
    while let Some(turns) = done.next().await {
        right += turns.iter().filter(|turn| turn.is_right()).count();
        asked.extend(turns);
        teller.draw(&format!(
            "{} of {} asked, {} right",
            figure::count(asked.len()),
            figure::count(total),
            figure::count(right)
        ));
        if let (1.., Some(last)) = (setup.voice.verbose, asked.last()) {
            let ended = last.verdict.fault.as_ref().map_or("right".to_owned(), Fault::text);
            teller.erase();
            setup.voice.note(&format!("line {}", last.line), &ended);
        }
    }
    let wall = begun.elapsed();
    drop(teller);
    asked.sort_by_key(|a| (a.line, a.turn));
    Ok((asked, wall))
}

/// Cases of one database beside each other, so that it need not stay open for the whole.
fn by_database(mut cases: Vec<Case>) -> Vec<Case> {
    let mut places: HashMap<Option<PathBuf>, usize> = HashMap::new();
    for case in &cases {
        let next = places.len();
        places.entry(case.db.clone()).or_insert(next);
    }
    cases.sort_by_key(|case| places.get(&case.db).copied());
    cases
}

impl Run {
    fn new(setup: &Setup, args: &EvalArgs) -> Self {
        let mut setup = setup.clone();
        let config = &mut setup.loaded.config;
        // Rows kept from a question before would make the times of the next ones look better than they are.
        config.cache.ttl = Duration::ZERO;
        config.cache.bytes = 0;
        if args.all {
            config.thresholds = Thresholds { answer: 0.0, margin: 0.0, abstain: 0.0 };
        }
        let limits =
            Limits { rows: Some(MOST_ROWS), time: config.limits.time, bytes: Some(config.limits.result_bytes) };
        let root = args.db_root.clone().unwrap_or_else(|| lines::folder_of(&args.file));
        let as_of = config.as_of;
        Self { judge: Judge { matching: args.matching, limits }, databases: Databases::new(setup, root), as_of }
    }

    /// Ends before anything is asked if a database is not there: figures over half of a file mean nothing.
    async fn find_databases(&self, cases: &[Case]) -> Result<(), Failed> {
        for case in cases {
            let Some(db) = &case.db else { continue };
            let path = self.databases.path(db);
            if !path.is_file() {
                let message = format!("line {}: there is no database {}", case.line, path.display());
                return Err(Failed::new(Exit::USAGE, "missing_database", message)
                    .hint("databases are relative to --db-root, or to the folder of the questions"));
            }
        }
        if cases.iter().any(|case| case.db.is_none()) {
            self.databases.get(None).await?;
        }
        Ok(())
    }

    async fn case(&self, case: &Case) -> Vec<Asked> {
        let pipeline = match self.databases.get(case.db.as_deref()).await {
            Ok(pipeline) => pipeline,
            Err(failed) => return case.unasked("-", &failed.failure.message),
        };
        let (mut asked, mut earlier) = (Vec::new(), Vec::new());
        for number in 0..case.turns.len() {
            let text = case.turns[number].question.clone();
            let as_of = case.as_of.or(self.as_of);
            let question = Question { text, turns: earlier.clone(), as_of, ..Question::default() };
            let verdict = self.judge.ask(&pipeline, &question, &case.turns[number].gold).await;
            earlier.push(Turn { question: question.text, sql: verdict.sql.clone() });
            asked.push(case.asked(number, &pipeline.schema().name, verdict));
        }
        asked
    }
}

impl Case {
    fn asked(&self, number: usize, database: &str, verdict: Verdict) -> Asked {
        let turn = &self.turns[number];
        Asked {
            line: self.line,
            id: self.id.clone(),
            turn: self.is_conversation.then_some(number + 1),
            database: self.database.clone().unwrap_or_else(|| database.to_owned()),
            question: turn.question.clone(),
            gold: turn.gold.clone(),
            groups: turn.groups.clone(),
            verdict,
        }
    }

    fn unasked(&self, database: &str, message: &str) -> Vec<Asked> {
        (0..self.turns.len()).map(|number| self.asked(number, database, Verdict::unasked(message))).collect()
    }
}

/// What makes figures worse than the engine is.
fn warn(setup: &Setup, asked: &[Asked]) {
    let failed: Vec<&Asked> = asked.iter().filter(|a| matches!(a.verdict.fault, Some(Fault::Gold(_)))).collect();
    if let Some(first) = failed.first() {
        let ids: Vec<String> = failed.iter().take(NAMED).map(|a| show::id_of(&a.id)).collect();
        let more = if failed.len() > NAMED { ", ..." } else { "" };
        let why = first.verdict.fault.as_ref().map(Fault::text).unwrap_or_default();
        let count = figure::count(failed.len());
        setup.voice.warning(&format!(
            "no gold statement runs for {count} of the questions, which count as wrong: {}{more} ({why})",
            ids.join(", ")
        ));
    }
}

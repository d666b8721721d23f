//! `t2s ask` and, as far as they are alike, `t2s sql`: one text in, data on stdout, words for people on stderr.

use super::Setup;
use super::args::{AskArgs, ChartWish, chart_wish};
use super::batch::{self, Work};
use super::exit::{self, Exit, Failed};
use super::output::{Output, What};
use super::say::{Teller, Voice};
use super::{draw, input, open};
use crate::export::Format;
use crate::pipeline::Pipeline;
use crate::pipeline::analysis::Question;
use crate::pipeline::execution::Limits;
use crate::pipeline::response::{Answer, Failure, Outcome, figure};
use crate::schema::Dialect;
use crate::terminal::safe_lines;

pub async fn run(setup: &Setup, args: AskArgs) -> Result<Exit, Failed> {
    let config = &setup.loaded.config;
    let is_run = !(args.run.no_run || args.sql_only);
    if args.batch.batch.is_some() {
        let work = Work::Ask { is_run, rows: args.run.rows(None) };
        return batch::run(setup, &args.batch, &args.output, &args.question, work).await;
    }
    let mut words = args.question.clone();
    let wish = chart_wish(args.chart.as_deref(), &mut words).map_err(Failed::usage)?;
    let otherwise = (!is_run).then_some(Format::Sql);
    let output = Output::plan(&args.output, config.appearance, otherwise)?;
    let show = Show { output, wish, is_explained: args.explain, min_confidence: args.min_confidence, is_run };
    show.refuse_contradictions(args.sql_only)?;

    let asked = async {
        let text = input::text(&words, "question", setup.no_input)?;
        input::check_length(&text, config.limits.question_chars)?;
        let pipeline = open::pipeline(setup).await?;
        let question = Question { text, as_of: config.as_of, ..Question::default() };
        let limits = limits(setup, args.run.rows(show.output.suitable_rows(config)));
        let teller = Teller::new(setup.voice);
        let answer = pipeline.ask(&question, limits, is_run, &|p| teller.tell(&p)).await;
        drop(teller);
        Ok((pipeline, answer))
    };
    match asked.await {
        Ok((pipeline, answer)) => show.answer(setup, &pipeline, answer),
        Err(failed) => show.failure(&words.join(" "), failed),
    }
}

/// What one statement may use.
pub fn limits(setup: &Setup, rows: Option<usize>) -> Limits {
    let limits = &setup.loaded.config.limits;
    Limits { rows, time: limits.time, bytes: Some(limits.result_bytes) }
}

/// How an answer is shown.
pub struct Show {
    pub output: Output,
    pub wish: Option<ChartWish>,
    pub is_explained: bool,
    pub min_confidence: Option<f64>,
    pub is_run: bool,
}

impl Show {
    pub fn refuse_contradictions(&self, sql_only: bool) -> Result<(), Failed> {
        if self.wants_picture() && !self.is_run {
            return Err(Failed::usage("a chart needs rows: leave out --sql-only and --no-run"));
        }
        if sql_only && !matches!(self.output.what, What::Rows(Format::Sql)) {
            return Err(Failed::usage("--sql-only writes SQL and no other format")
                .hint("use --no-run with --format json for the whole answer object"));
        }
        Ok(())
    }

    /// Writes the data, says the rest, and gives the exit code.
    pub fn answer(&self, setup: &Setup, pipeline: &Pipeline, mut answer: Answer) -> Result<Exit, Failed> {
        if let Some(wish) = self.wish.or_else(|| self.wants_picture().then_some(ChartWish::Suiting)) {
            draw::grant(&mut answer, wish);
        }
        let answer = &answer;
        let exit = exit::of_answer(answer, self.min_confidence);
        let voice = setup.voice;
        if self.is_explained {
            tell_reading(voice, pipeline, answer);
        }
        let is_withheld = exit::is_below(answer, self.min_confidence) && !self.output.is_json();
        let written = if answer.outcome == Outcome::Answer && !is_withheld {
            self.data(setup, pipeline, answer)
        } else if self.output.is_json() {
            self.output.write(answer, pipeline.schema())
        } else {
            Ok(())
        };
        match written {
            Err(failed) if failed.is_quiet() => return Err(failed),
            _ => self.tell(voice, answer),
        }
        written.map(|()| exit)
    }

    fn wants_picture(&self) -> bool {
        matches!(self.output.what, What::Picture(_))
    }

    fn data(&self, setup: &Setup, pipeline: &Pipeline, answer: &Answer) -> Result<(), Failed> {
        if let What::Picture(kind) = self.output.what {
            let picture = draw::picture(answer, kind)?;
            return self.output.write_with(|out| out.write_all(&picture));
        }
        if !(self.output.is_table_on_terminal() && answer.result.is_some()) {
            return self.output.write(answer, pipeline.schema());
        }
        if !answer.text.is_empty() {
            let sentence = safe_lines(&answer.text, setup.voice.charset);
            self.output.write_with(|out| writeln!(out, "{sentence}\n"))?;
        }
        self.output.write(answer, pipeline.schema())?;
        match (&answer.chart, &answer.result, self.wish) {
            (Some(spec), Some(result), Some(_)) => {
                let drawing = draw::on_terminal(spec, result, setup.loaded.config.appearance);
                self.output.write_with(|out| write!(out, "\n{drawing}"))
            }
            _ => Ok(()),
        }
    }

    /// A failure before there was an answer: where the answer object was asked for, it is still one.
    pub fn failure(&self, question: &str, failed: Failed) -> Result<Exit, Failed> {
        if self.output.is_json() && !failed.is_quiet() {
            let answer = failed_answer(question, &failed.failure);
            self.output.write(&answer, &crate::schema::Schema::default())?;
        }
        Err(failed)
    }

    fn tell(&self, voice: Voice, answer: &Answer) {
        for warning in &answer.warnings {
            voice.warning(warning);
        }
        if answer.outcome == Outcome::Answer {
            warn_of_formulas(voice, self.output.formulas(answer));
        }
        match answer.outcome {
            Outcome::Answer => self.tell_answer(voice, answer),
            Outcome::Clarify => tell_choices(voice, answer, "which of these?"),
            Outcome::Abstain => tell_choices(voice, answer, "questions that can be answered:"),
            Outcome::Refused | Outcome::Error => match &answer.error {
                Some(failure) => voice.error(failure),
                None => voice.note(answer.outcome.name(), &answer.text),
            },
        }
    }

    fn tell_answer(&self, voice: Voice, answer: &Answer) {
        if exit::is_below(answer, self.min_confidence) {
            let score = answer.confidence.as_ref().map_or(0.0, |c| c.score);
            let wanted = self.min_confidence.unwrap_or_default();
            voice.note("no answer", &format!("the confidence {score:.2} is below --min-confidence {wanted}"));
            if let Some(sql) = &answer.sql {
                voice.note("the SQL would be", sql);
            }
            return;
        }
        if let Some(reading) = &answer.interpretation
            && !self.is_explained
        {
            voice.note("read as", reading);
        }
        for assumption in &answer.assumptions {
            voice.note("assumed", assumption);
        }
        if !self.output.is_table_on_terminal() && !answer.text.is_empty() {
            voice.note("answer", &answer.text);
        }
        for insight in &answer.insights {
            voice.note(&insight.kind.name().replace('_', " "), &insight.text);
        }
        if answer.result.as_ref().is_some_and(|r| r.truncated) {
            voice.note("truncated", "--limit -1 gives all rows");
        }
        for choice in &answer.choices {
            voice.note("or ask", &choice.question);
        }
        voice.note("done", &summary(answer));
    }
}

/// `offline, confidence 0.87 (high), 12 rows, 35 ms`.
fn summary(answer: &Answer) -> String {
    let mut parts = Vec::new();
    parts.extend(answer.engine.map(|e| e.name().to_owned()));
    parts.extend(answer.confidence.as_ref().map(|c| format!("confidence {:.2} ({})", c.score, c.word())));
    parts.push(answer.row_count().map_or("not run".to_owned(), counted_rows));
    parts.extend(answer.cached_at.as_ref().map(|at| format!("cached {at}")));
    parts.push(format!("{} ms", answer.timings.total.as_millis()));
    parts.join(", ")
}

/// Said whenever rows go unguarded to where a spreadsheet may open them.
pub fn warn_of_formulas(voice: Voice, cells: u64) {
    let what = match cells {
        0 => return,
        1 => "1 text cell begins like a formula".to_owned(),
        _ => format!("{} text cells begin like formulas", figure::count(usize::try_from(cells).unwrap_or(usize::MAX))),
    };
    voice.warning(&format!("{what} (= + - @), and spreadsheets run those: --formula-safe puts ' before them"));
}

/// `1 row`, `12,000 rows`.
pub fn counted_rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", figure::count(count)) }
}

fn tell_choices(voice: Voice, answer: &Answer, heading: &str) {
    voice.text(&answer.text);
    if answer.choices.is_empty() {
        return;
    }
    voice.text(heading);
    for (number, choice) in answer.choices.iter().enumerate() {
        let label = if choice.label == choice.question { "" } else { choice.label.as_str() };
        let gap = if label.is_empty() { "" } else { ": " };
        voice.text(&format!("  {}. {label}{gap}{}", number + 1, choice.question));
    }
}

fn tell_reading(voice: Voice, pipeline: &Pipeline, answer: &Answer) {
    if let Some(analysis) = &answer.analysis {
        voice.note("question", &analysis.text);
        voice.note("intent", &format!("{}, {}", analysis.intent.name(), analysis.complexity.name()));
        for entity in &analysis.entities {
            let column = entity.column.map(|c| format!(" in {}", pipeline.schema().qualified(c))).unwrap_or_default();
            voice.note(entity.kind.name(), &format!("{:?} is {}{column}", entity.text, entity.value));
        }
        voice.note("today", &analysis.as_of.to_string());
    }
    if let Some(reading) = &answer.interpretation {
        voice.note("read as", reading);
    }
    for part in answer.confidence.iter().flat_map(|c| &c.parts) {
        voice.note(part.name, &format!("{:.2}: {}", part.score, part.why));
    }
    if let Some(sql) = &answer.sql {
        voice.note("sql", sql);
    }
}

/// The answer object of something that failed before the pipeline was asked.
pub fn failed_answer(question: &str, failure: &Failure) -> Answer {
    Answer {
        outcome: Outcome::Error,
        text: failure.message.clone(),
        error: Some(failure.clone()),
        ..Answer::blank(question, Dialect::default(), String::new())
    }
}

//! `t2s sql` into a file or a pipe: each row is written as it is read, and none is kept.

use std::time::Duration;

use super::Setup;
use super::ask::{counted_rows, warn_of_formulas};
use super::exit::{self, Exit, Failed};
use super::output::{Outlet, Output, Placing};
use super::say::{Teller, Voice};
use crate::export::{RowStream, Tally};
use crate::pipeline::Pipeline;
use crate::pipeline::execution::Limits;
use crate::pipeline::response::{Answer, Outcome};

/// An open target with what is known of it.
pub struct Stream<'a> {
    pub output: &'a Output,
    pub rows: RowStream<Outlet>,
    pub placing: Placing,
}

impl Stream<'_> {
    /// Runs the statement. A file takes its name only if all went well; what a pipe got cannot be taken back.
    pub async fn run(self, setup: &Setup, pipeline: &Pipeline, sql: &str, limits: Limits) -> Result<Exit, Failed> {
        let voice = setup.voice;
        let mut unfinished = Unfinished::new(voice, &self);
        let teller = Teller::new(voice);
        let (answer, rows) = pipeline.stream_sql(sql, limits, self.rows, &|p| teller.tell(&p)).await;
        drop(teller);
        unfinished.is_watching = false;
        let Some(rows) = rows else {
            return Err(Failed::new(Exit::UNAVAILABLE, "stopped", "the statement was stopped before it ended"));
        };
        let formulas = rows.formulas();
        let code = answer.error.as_ref().map_or("", |failure| failure.code);
        // A write that failed is told by the target's own error: a closed pipe is none. What waits in the buffer is
        // kept back if the statement failed, so that a small result is there as a whole or not at all.
        if answer.outcome == Outcome::Answer || code == "output" {
            rows.finish().map_err(|error| self.output.cannot_write(&error))?;
            self.placing.finish()?;
        }
        tell(voice, &answer, formulas, &unfinished);
        Ok(exit::of_answer(&answer, None))
    }
}

fn tell(voice: Voice, answer: &Answer, formulas: u64, written: &Unfinished) {
    for warning in &answer.warnings {
        voice.warning(warning);
    }
    if answer.outcome != Outcome::Answer {
        match &answer.error {
            Some(failure) => voice.error(failure),
            None => voice.note(answer.outcome.name(), &answer.text),
        }
        return written.tell("before that");
    }
    warn_of_formulas(voice, formulas);
    if answer.result.as_ref().is_some_and(|r| r.truncated) {
        voice.note("truncated", "--limit -1 gives all rows");
    }
    let rows = counted_rows(answer.row_count().unwrap_or_default());
    let (bytes, time) = (size(written.tally.bytes()), duration(answer.timings.total));
    voice.note("done", &format!("{rows}, {bytes}, {time}"));
}

/// Tells what a pipe got of a result that broke off, an interruption included: then it is dropped where it is.
struct Unfinished {
    voice: Voice,
    tally: Tally,
    is_pipe: bool,
    is_watching: bool,
}

impl Unfinished {
    fn new(voice: Voice, stream: &Stream<'_>) -> Self {
        let is_pipe = matches!(stream.placing, Placing::InPlace);
        Self { voice, tally: stream.rows.tally(), is_pipe, is_watching: true }
    }

    fn tell(&self, when: &str) {
        if self.is_pipe && self.tally.bytes() > 0 {
            let rows = usize::try_from(self.tally.rows()).unwrap_or(usize::MAX);
            let were = if rows == 1 { "was" } else { "were" };
            self.voice.note("incomplete", &format!("{} {were} written {when}", counted_rows(rows)));
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.is_watching {
            self.tell("before the interruption");
        }
    }
}

/// `812 bytes`, `56.5 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} bytes");
    }
    let mut scaled = bytes as f64 / 1e3;
    let mut unit = 0;
    // What would be rounded to 1000.0 belongs to the next unit.
    while scaled >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1e3;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// `35 ms`, `2.1 s`.
fn duration(time: Duration) -> String {
    if time.as_millis() < 1_000 { format!("{} ms", time.as_millis()) } else { format!("{:.1} s", time.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        let cases = [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (56_512_315, "56.5 MB"),
            (999_960, "1.0 MB"),
            (7_100_000_000_000, "7.1 TB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
        assert_eq!(duration(Duration::from_micros(35_900)), "35 ms");
        assert_eq!(duration(Duration::from_millis(2_140)), "2.1 s");
    }
}

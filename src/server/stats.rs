//! Counts since the server started, in memory and bounded.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::pipeline::response::{Answer, Outcome};

/// Latencies kept: enough for a steady p95, 16 KiB.
const LATENCIES: usize = 1_000;

/// What `/api/stats` tells.
#[derive(Debug)]
pub struct Stats {
    since: Timestamp,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    questions: u64,
    outcomes: BTreeMap<&'static str, u64>,
    errors: BTreeMap<&'static str, u64>,
    cache_hits: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    /// Newest last.
    latencies: VecDeque<Duration>,
}

impl Stats {
    pub fn new(since: Timestamp) -> Self {
        Self { since, counts: Mutex::default() }
    }

    /// Counts a question that was worked on.
    pub fn answered(&self, answer: &Answer, took: Duration) {
        self.with(|counts| {
            counts.questions += 1;
            *counts.outcomes.entry(answer.outcome.name()).or_default() += 1;
            counts.cache_hits += u64::from(answer.cached_at.is_some());
            if let Some(usage) = answer.usage {
                counts.prompt_tokens += usage.prompt_tokens;
                counts.completion_tokens += usage.completion_tokens;
            }
            counts.timed(took);
        });
    }

    /// Counts the code of a request that got no answer.
    pub fn failed(&self, code: &'static str) {
        self.with(|counts| *counts.errors.entry(code).or_default() += 1);
    }

    pub fn to_json(&self, now: Timestamp) -> Value {
        self.with(|counts| {
            let answers = counts.outcomes.get(Outcome::Answer.name()).copied().unwrap_or(0);
            let success_rate = (counts.questions > 0).then(|| answers as f64 / counts.questions as f64);
            let mut sorted: Vec<Duration> = counts.latencies.iter().copied().collect();
            sorted.sort_unstable();
            json!({
                "questions": counts.questions,
                "success_rate": success_rate,
                "latency_ms": { "p50": percentile(&sorted, 50), "p95": percentile(&sorted, 95) },
                "cache_hits": counts.cache_hits,
                "tokens": {
                    "prompt": counts.prompt_tokens,
                    "completion": counts.completion_tokens,
                    "total": counts.prompt_tokens + counts.completion_tokens,
                },
                "outcomes": counts.outcomes,
                "errors": counts.errors,
                "since": self.since.to_string(),
                "uptime_seconds": now.duration_since(self.since).as_secs(),
            })
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Counts) -> T) -> T {
        act(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Counts {
    fn timed(&mut self, took: Duration) {
        if self.latencies.len() == LATENCIES {
            self.latencies.pop_front();
        }
        self.latencies.push_back(took);
    }
}

/// Nearest rank, in milliseconds to a tenth.
fn percentile(sorted: &[Duration], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map(|took| (took.as_secs_f64() * 10_000.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let sorted: Vec<Duration> = (1..=20).map(Duration::from_millis).collect();
        assert_eq!(percentile(&sorted, 50), Some(10.0));
        assert_eq!(percentile(&sorted, 95), Some(19.0));
        assert_eq!(percentile(&sorted[..1], 95), Some(1.0));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn only_the_last_latencies_are_kept() {
        let mut counts = Counts::default();
        (0..LATENCIES as u64 + 7).for_each(|ms| counts.timed(Duration::from_millis(ms)));
        assert_eq!(counts.latencies.len(), LATENCIES);
        assert_eq!(counts.latencies.front(), Some(&Duration::from_millis(7)));
    }

    #[test]
    fn before_the_first_question_there_is_no_rate() {
        let stats = Stats::new(Timestamp::UNIX_EPOCH).to_json(Timestamp::UNIX_EPOCH);
        assert_eq!(stats["success_rate"], Value::Null);
        assert_eq!(stats["latency_ms"]["p50"], Value::Null);
        assert_eq!(stats["since"], "1970-01-01T00:00:00Z");
    }
}

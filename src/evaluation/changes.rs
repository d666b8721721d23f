//! What an earlier run got right and this one does not, and the other way round.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::judge::Asked;
use super::record::VERSION;
use super::statistics::{Share, chance_of_split};

/// A run as it was written down.
#[derive(Clone, Debug, Deserialize)]
pub struct Earlier {
    version: u64,
    pub settings: EarlierSettings,
    pub questions: Vec<EarlierQuestion>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct EarlierSettings {
    #[serde(default, rename = "match")]
    pub matching: String,
}

/// One question of an earlier run.
#[derive(Clone, Debug, Deserialize)]
pub struct EarlierQuestion {
    pub id: Json,
    pub turn: Option<usize>,
    pub right: bool,
    pub question: String,
    pub sql: Option<String>,
    pub why: Option<String>,
}

/// A question that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: Json,
    pub turn: Option<usize>,
    pub question: String,
    pub gold: Option<String>,
    pub before: Option<String>,
    pub now: Option<String>,
    /// What is wrong: now if it broke, before if it was fixed.
    pub why: String,
}

/// This run beside an earlier one, over the questions that both have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub fixed: Vec<Change>,
    pub broken: Vec<Change>,
    pub still_right: usize,
    pub still_wrong: usize,
    /// Only in this run.
    pub new: usize,
    /// Only in the earlier one.
    pub gone: usize,
}

impl Earlier {
    /// Reads what [`super::record`] made.
    ///
    /// # Errors
    /// Why it is no record that can be compared, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let earlier: Self =
            serde_json::from_str(text).map_err(|e| format!("it is no record of t2s eval --json: {e}"))?;
        if earlier.version != VERSION {
            return Err(format!("its version is {}, this program reads version {VERSION}", earlier.version));
        }
        Ok(earlier)
    }
}

/// Names a question within a run. Ids may repeat: the first of an id is compared with the first.
type Key = (String, Option<usize>, usize);

impl Changes {
    pub fn between(earlier: &Earlier, asked: &[Asked]) -> Self {
        let mut known: HashMap<Key, &EarlierQuestion> = HashMap::new();
        let mut keys = Keys::default();
        for question in &earlier.questions {
            known.insert(keys.next(&question.id, question.turn), question);
        }
        let (mut changes, mut keys) = (Self::default(), Keys::default());
        for question in asked {
            let Some(before) = known.remove(&keys.next(&question.id, question.turn)) else {
                changes.new += 1;
                continue;
            };
            match (before.right, question.is_right()) {
                (true, true) => changes.still_right += 1,
                (false, false) => changes.still_wrong += 1,
                (false, true) => changes.fixed.push(Change::of(before, question)),
                (true, false) => changes.broken.push(Change::of(before, question)),
            }
        }
        changes.gone = known.len();
        changes
    }

    /// Right in the earlier run, of the questions that both have.
    pub fn before(&self) -> Share {
        Share { right: self.still_right + self.broken.len(), all: self.common() }
    }

    /// As [`Changes::before`], in this run.
    pub fn now(&self) -> Share {
        Share { right: self.still_right + self.fixed.len(), all: self.common() }
    }

    fn common(&self) -> usize {
        self.still_right + self.still_wrong + self.fixed.len() + self.broken.len()
    }

    /// How likely so uneven a split is by chance, from 0 to 1.
    pub fn chance(&self) -> f64 {
        chance_of_split(self.fixed.len(), self.broken.len())
    }
}

impl Change {
    fn of(before: &EarlierQuestion, now: &Asked) -> Self {
        let fault = now.verdict.fault.as_ref().map(super::Fault::text);
        Self {
            id: now.id.clone(),
            turn: now.turn,
            question: now.question.clone(),
            gold: now.gold.statement().map(str::to_owned),
            before: before.sql.clone(),
            now: now.verdict.sql.clone(),
            why: fault.or_else(|| before.why.clone()).unwrap_or_default(),
        }
    }
}

#[derive(Default)]
struct Keys {
    seen: HashMap<(String, Option<usize>), usize>,
}

impl Keys {
    fn next(&mut self, id: &Json, turn: Option<usize>) -> Key {
        let count = self.seen.entry((id.to_string(), turn)).or_default();
        *count += 1;
        (id.to_string(), turn, *count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::samples::{asked, turn};
    use crate::evaluation::{Match, Settings, Summary, record};

    fn written(questions: &[Asked]) -> Earlier {
        let settings =
            Settings { file: "shop.jsonl".to_owned(), matching: Match::Rows, jobs: 1, model: None, answers_all: false };
        let summary = Summary::of(questions, std::time::Duration::ZERO);
        Earlier::read(&record(&settings, &summary, questions, None).to_string()).unwrap()
    }

    #[test]
    fn tells_what_was_fixed_and_what_broke() {
        let before = [
            asked(1, "a", true),
            asked(2, "b", false),
            asked(3, "c", true),
            asked(4, "d", false),
            asked(5, "old", true),
        ];
        // In another order, and with one that was not there.
        let now = [
            asked(1, "new", false),
            asked(2, "d", true),
            asked(3, "c", false),
            asked(4, "b", false),
            asked(5, "a", true),
        ];
        let changes = Changes::between(&written(&before), &now);
        let ids = |list: &[Change]| list.iter().map(|c| c.id.as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(&changes.fixed), ids(&changes.broken)), (vec!["d".to_owned()], vec!["c".to_owned()]));
        assert_eq!((changes.still_right, changes.still_wrong, changes.new, changes.gone), (1, 1, 1, 1));
        assert_eq!((changes.before(), changes.now()), (Share { right: 2, all: 4 }, Share { right: 2, all: 4 }));
        assert!((changes.chance() - 1.0).abs() < 1e-12);
        let fixed = &changes.fixed[0];
        assert_eq!((fixed.why.as_str(), fixed.gold.as_deref()), ("other values", Some("SELECT 'd'")));
        assert_eq!(fixed.before.as_deref(), Some("SELECT \"d\" AS made"));
    }

    #[test]
    fn turns_and_repeated_ids_are_told_apart() {
        let before = [turn(1, "c", 1, true), turn(1, "c", 2, false), asked(2, "x", true), asked(3, "x", false)];
        let now = [turn(1, "c", 1, false), turn(1, "c", 2, false), asked(2, "x", true), asked(3, "x", true)];
        let changes = Changes::between(&written(&before), &now);
        assert_eq!((changes.fixed.len(), changes.broken.len()), (1, 1));
        assert_eq!((changes.broken[0].turn, changes.fixed[0].turn), (Some(1), None));
        assert_eq!((changes.new, changes.gone), (0, 0));
    }

    #[test]
    fn what_is_no_record_is_told() {
        for (text, why) in [
            ("{}", "no record"),
            ("no json", "no record"),
            (r#"{"version": 7, "settings": {}, "questions": []}"#, "version is 7"),
        ] {
            assert!(Earlier::read(text).is_err_and(|e| e.contains(why)), "{text}");
        }
    }
}

//! Questions as if they had been asked.

use std::time::Duration;

use serde_json::json;

use super::{Asked, Fault, Gold, Verdict};
use crate::pipeline::generation::Engine;
use crate::pipeline::response::Outcome;

/// A question of the database `shop` that was answered, rightly or with other values.
pub fn asked(line: usize, id: &str, is_right: bool) -> Asked {
    Asked {
        line,
        id: json!(id),
        turn: None,
        database: "shop".to_owned(),
        question: format!("what is {id}"),
        gold: Gold { statements: vec![format!("SELECT '{id}'")], ..Gold::default() },
        groups: Vec::new(),
        verdict: Verdict {
            outcome: Outcome::Answer,
            sql: Some(format!("SELECT \"{id}\" AS made")),
            confidence: Some(0.5),
            engine: Some(Engine::Offline),
            fault: (!is_right).then_some(Fault::Values),
            elapsed: Duration::from_millis(line as u64),
            tokens: 0,
        },
    }
}

/// A turn of a conversation.
pub fn turn(line: usize, id: &str, turn: usize, is_right: bool) -> Asked {
    Asked { turn: Some(turn), ..asked(line, id, is_right) }
}

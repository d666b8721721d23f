//! Text that a command works on: from its arguments, or from stdin.

use std::io::{self, IsTerminal, Read};

use super::exit::{Exit, Failed};

/// Nothing that is asked is longer than this; reading stops there.
const MOST_BYTES: u64 = 4 << 20;

/// The arguments as one text, or stdin for `-` and where there are none. `what` names the text in messages.
pub fn text(words: &[String], what: &'static str, no_input: bool) -> Result<String, Failed> {
    let from_stdin = words.is_empty() || (words.len() == 1 && words[0] == "-");
    let text = match from_stdin {
        false => words.join(" "),
        true if words.is_empty() && io::stdin().is_terminal() => {
            return Err(empty(what));
        }
        true if no_input && io::stdin().is_terminal() => return Err(empty(what)),
        true => stdin(what)?,
    };
    if text.trim().is_empty() { Err(empty(what)) } else { Ok(text) }
}

/// Refuses a question that is longer than `limit` characters, before anything is opened for it.
pub fn check_length(question: &str, limit: usize) -> Result<(), Failed> {
    let length = question.trim().chars().count();
    if length <= limit {
        return Ok(());
    }
    let message = format!("the question has {length} characters, more than {limit}");
    Err(Failed::new(Exit::USAGE, "question_too_long", message).hint("shorten it, or raise limits.question_chars"))
}

fn stdin(what: &'static str) -> Result<String, Failed> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| Failed::usage(format!("cannot read stdin: {e}")))?;
    if bytes.len() as u64 > MOST_BYTES {
        let code = if what == "question" { "question_too_long" } else { "too_long" };
        return Err(Failed::new(Exit::USAGE, code, format!("the {what} is longer than {MOST_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Failed::usage(format!("the {what} on stdin is not UTF-8 text")))
}

fn empty(what: &'static str) -> Failed {
    let (code, example) = match what {
        "question" => ("empty_question", "t2s ask \"revenue by store last month\""),
        _ => ("empty_sql", "t2s sql \"SELECT 1\""),
    };
    Failed::new(Exit::USAGE, code, format!("no {what} was given")).hint(format!("try: {example}"))
}

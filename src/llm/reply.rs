//! From the JSON of an answer to its text. Lenient about what is missing, strict about what is there by halves.

use serde_json::Value;

use super::{ModelError, Reply, Usage};

/// Characters of a foreign message that are worth repeating.
const MESSAGE_CHARS: usize = 300;

pub(super) fn read(answer: &Value) -> Result<Reply, ModelError> {
    let Some(choice) = answer["choices"].get(0) else {
        let why = error_message(answer).unwrap_or_else(|| "it holds no choice".to_owned());
        return Err(ModelError::BadAnswer { why });
    };
    match choice["finish_reason"].as_str() {
        Some("content_filter") => {
            return Err(ModelError::Refused { why: "the provider's content filter stopped it".to_owned() });
        }
        Some("length") => return Err(ModelError::BadAnswer { why: "it was cut off at the length limit".to_owned() }),
        _ => {}
    }
    if let Some(refusal) = choice["message"]["refusal"].as_str().filter(|r| !r.trim().is_empty()) {
        return Err(ModelError::Refused { why: one_line(refusal) });
    }
    let text = clean(&content(&choice["message"]["content"]));
    if text.is_empty() {
        return Err(ModelError::BadAnswer { why: "it is empty".to_owned() });
    }
    Ok(Reply { text, usage: usage(&answer["usage"]) })
}

/// A message of an endpoint, short and on one line.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line,
    }
}

/// `error.message`, or `error` itself where it is a text.
pub(super) fn error_message(answer: &Value) -> Option<String> {
    let error = &answer["error"];
    let message = error["message"].as_str().or_else(|| error.as_str()).or_else(|| answer["message"].as_str())?;
    Some(one_line(message)).filter(|m| !m.is_empty())
}

/// A text, or parts of which the texts are joined.
fn content(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn usage(usage: &Value) -> Option<Usage> {
    Some(Usage {
        prompt_tokens: usage["prompt_tokens"].as_u64()?,
        completion_tokens: usage["completion_tokens"].as_u64().unwrap_or(0),
    })
}

/// Leaves out what a reasoning model thought aloud, and control characters.
fn clean(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, thought)) = rest.split_once("<think>") {
        said.push_str(before);
        // A thought without an end has no answer after it.
        rest = thought.split_once("</think>").map_or("", |(_, after)| after);
    }
    said.push_str(rest);
    let kept = |c: &char| !c.is_control() && *c != '\u{feff}' || matches!(c, '\n' | '\t');
    said.chars().filter(kept).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_and_control_characters_are_left_out() {
        assert_eq!(clean("<think>maybe DROP?</think>\r\nSELECT 1\u{1b}[31m;\u{feff} "), "SELECT 1[31m;");
        assert_eq!(clean("a<think>b</think>c<think>d"), "ac");
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let line = one_line(&"ä ".repeat(1_000));
        assert!(line.chars().count() <= MESSAGE_CHARS + 4 && line.ends_with("..."));
        assert_eq!(one_line("a\n\tb\u{7}c"), "a b c");
    }
}

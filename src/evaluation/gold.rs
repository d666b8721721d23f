//! What is right for a question, as the lines of a file say it.

use serde_json::{Map, Value as Json};

/// What a question deserves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The rows of the gold statement.
    #[default]
    Answer,
    /// No answer: the data cannot give one. A question back is right too.
    Abstain,
    /// A question back. Not answering is right too.
    Clarify,
    /// A question back, or the rows of one of the accepted readings.
    ClarifyOrAssume,
    /// A policy must say no.
    Refused,
}

impl Action {
    pub const ALL: [Self; 5] = [Self::Answer, Self::Abstain, Self::Clarify, Self::ClarifyOrAssume, Self::Refused];

    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Abstain => "abstain",
            Self::Clarify => "clarify",
            Self::ClarifyOrAssume => "clarify_or_assume",
            Self::Refused => "refused",
        }
    }

    /// True if rows can be right.
    pub fn takes_rows(self) -> bool {
        matches!(self, Self::Answer | Self::ClarifyOrAssume)
    }
}

/// The right answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gold {
    pub action: Action,
    /// Statements whose rows are right, the first one by preference. Empty where no rows are.
    pub statements: Vec<String>,
    /// Whether the order of rows counts; `None`: where the statement sorts.
    pub ordered: Option<bool>,
    /// One column of labels of groups may be worded differently.
    pub label_free: bool,
}

impl Gold {
    /// Reads the fields of a line, or of one turn of it.
    ///
    /// # Errors
    /// What is missing or of another form, in words.
    pub fn read(fields: &Map<String, Json>) -> Result<Self, String> {
        let action = match fields.get("action").filter(|a| !a.is_null()) {
            None => Action::Answer,
            Some(word) => Action::ALL
                .into_iter()
                .find(|a| word.as_str() == Some(a.name()))
                .ok_or_else(|| format!("action is {word}, not one of {}", Action::ALL.map(Action::name).join(", ")))?,
        };
        let mut statements: Vec<String> = Vec::new();
        if let Some((name, sql)) = first_of(fields, &["gold_sql", "gold", "sql"]) {
            statements.push(sql.as_str().ok_or_else(|| format!("{name} is not text"))?.to_owned());
        }
        if let Some((name, list)) = first_of(fields, &["gold_alternatives", "alternatives"]) {
            let texts = list.as_array().map(|list| list.iter().map(|sql| sql.as_str().map(str::to_owned)).collect());
            let texts: Option<Vec<String>> = texts.flatten();
            statements.extend(texts.ok_or_else(|| format!("{name} is not a list of statements"))?);
        }
        if action.takes_rows() && statements.is_empty() {
            return Err("there is no \"gold_sql\" (also read: \"gold\", \"sql\")".to_owned());
        }
        Ok(Self {
            action,
            statements,
            ordered: truth(fields, "ordered")?,
            label_free: truth(fields, "label_free")? == Some(true),
        })
    }

    /// The statement that is shown, and whose structure counts.
    pub fn statement(&self) -> Option<&str> {
        self.statements.first().map(String::as_str)
    }
}

fn first_of<'a>(fields: &'a Map<String, Json>, names: &[&'static str]) -> Option<(&'static str, &'a Json)> {
    names.iter().find_map(|name| Some((*name, fields.get(*name).filter(|value| !value.is_null())?)))
}

fn truth(fields: &Map<String, Json>, name: &str) -> Result<Option<bool>, String> {
    match fields.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Bool(truth)) => Ok(Some(*truth)),
        Some(other) => Err(format!("{name} is {other}, not true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Gold, String> {
        Gold::read(serde_json::from_str::<Json>(text).unwrap().as_object().unwrap())
    }

    #[test]
    fn statements_go_by_several_names() {
        for text in [
            r#"{"gold_sql": "a", "gold_alternatives": ["b"], "sql": "what somebody predicted"}"#,
            r#"{"gold": "a", "alternatives": ["b"]}"#,
            r#"{"sql": "a", "alternatives": ["b"], "ordered": null, "action": "answer"}"#,
        ] {
            let gold = read(text).unwrap();
            assert_eq!((gold.statements, gold.ordered), (vec!["a".to_owned(), "b".to_owned()], None), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_told() {
        for (text, why) in [
            ("{}", "gold_sql"),
            (r#"{"action": "clarify_or_assume"}"#, "gold_sql"),
            (r#"{"gold_sql": 7}"#, "gold_sql is not text"),
            (r#"{"gold_sql": "a", "alternatives": "b"}"#, "not a list"),
            (r#"{"gold_sql": "a", "ordered": "yes"}"#, "ordered is \"yes\""),
            (r#"{"action": "guess"}"#, "clarify_or_assume"),
        ] {
            assert!(read(text).is_err_and(|e| e.contains(why)), "{text}");
        }
    }

    #[test]
    fn a_question_without_an_answer_needs_no_statement() {
        assert_eq!(read(r#"{"action": "abstain"}"#).unwrap().action, Action::Abstain);
    }
}

//! A run as JUnit XML, which continuous integration reads: a suite for each database, a case for each question.

use std::fmt::Write;
use std::time::Duration;

use super::judge::{Asked, Fault};

/// The whole run as one document.
pub fn write_junit(asked: &[Asked], wall: Duration) -> String {
    let mut suites: Vec<(&str, Vec<&Asked>)> = Vec::new();
    for question in asked {
        match suites.iter_mut().find(|(name, _)| *name == question.database) {
            Some((_, cases)) => cases.push(question),
            None => suites.push((&question.database, vec![question])),
        }
    }
    let all: Vec<&Asked> = asked.iter().collect();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, "<testsuites name=\"t2s eval\" {} time=\"{}\">", counts(&all), seconds(wall));
    for (name, cases) in suites {
        let time: Duration = cases.iter().map(|c| c.verdict.elapsed).sum();
        let _ = writeln!(xml, "  <testsuite name=\"{}\" {} time=\"{}\">", escaped(name), counts(&cases), seconds(time));
        for case in cases {
            one(&mut xml, case);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn one(xml: &mut String, asked: &Asked) {
    let id = asked.id.as_str().map_or_else(|| asked.id.to_string(), str::to_owned);
    let turn = asked.turn.map(|turn| format!(" ({turn})")).unwrap_or_default();
    let name = escaped(&format!("{id}{turn}: {}", asked.question));
    let time = seconds(asked.verdict.elapsed);
    let _ = write!(xml, "    <testcase classname=\"{}\" name=\"{name}\" time=\"{time}\"", escaped(&asked.database));
    let Some(fault) = &asked.verdict.fault else {
        xml.push_str("/>\n");
        return;
    };
    let element = if is_error(fault) { "error" } else { "failure" };
    let statement = |label: &str, sql: Option<&str>| sql.map(|sql| format!("{label}: {sql}\n")).unwrap_or_default();
    let body = statement("gold", asked.gold.statement()) + &statement("made", asked.verdict.sql.as_deref());
    let (kind, message) = (fault.name(), escaped(&fault.text()));
    let _ =
        write!(xml, ">\n      <{element} type=\"{kind}\" message=\"{message}\">{}</{element}>\n", escaped_text(&body));
    xml.push_str("    </testcase>\n");
}

/// An answer that is not right is a failure; what does not run is an error.
fn is_error(fault: &Fault) -> bool {
    matches!(fault, Fault::Error(_) | Fault::Gold(_))
}

fn counts(asked: &[&Asked]) -> String {
    let errors = asked.iter().filter(|a| a.verdict.fault.as_ref().is_some_and(is_error)).count();
    let wrong = asked.iter().filter(|a| !a.is_right()).count();
    format!("tests=\"{}\" failures=\"{}\" errors=\"{errors}\"", asked.len(), wrong - errors)
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// Fit for an attribute: what XML gives a meaning is named, breaks included, and what it forbids is replaced.
fn escaped(text: &str) -> String {
    escaped_text(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

/// As [`escaped`], for text between elements, where quotes and breaks stand for themselves.
fn escaped_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            // A lone carriage return would be read back as a line feed.
            '\r' => out.push_str("&#13;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::samples::{asked, turn};

    #[test]
    fn each_database_is_a_suite_and_each_question_a_case() {
        let mut questions = [asked(1, "a", true), turn(2, "<b>", 2, false), asked(3, "c", false), asked(4, "d", true)];
        questions[2].verdict.fault = Some(Fault::Error("no such \"thing\"".to_owned()));
        questions[3].database = "bank & co".to_owned();
        let xml = write_junit(&questions, Duration::from_millis(1500));
        assert_eq!(xml, include_str!("../../tests/cases/evaluation/junit.xml"));
    }

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("a<b>&\"c\"\n\t"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;&#9;");
        assert_eq!(escaped_text("]]> it's \"so\"\nä\r"), "]]&gt; it's \"so\"\nä&#13;");
    }

    #[test]
    fn what_no_document_may_hold_is_replaced() {
        assert_eq!(escaped("a\u{0}b\u{1b}[31mc\u{ffff}"), "a\u{fffd}b\u{fffd}[31mc\u{fffd}");
        let all: String = (0..0x3000).filter_map(char::from_u32).collect();
        assert!(escaped(&all).chars().all(|c| c >= ' ' && c != '<'));
    }
}

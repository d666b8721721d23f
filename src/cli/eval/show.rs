//! What a person sees of a run: questions that went wrong, figures, changes since an earlier run, and one line at the end.

use std::path::Path;
use std::time::Duration;

use serde_json::Value as Json;

use super::page::{Page, Style};
use crate::evaluation::{Asked, Change, Changes, Grouping, Settings, Share, Summary};
use crate::pipeline::response::figure;
use crate::terminal::{Align, fit, width};

/// Databases shown, the worst first.
const DATABASES: usize = 10;
/// Cells of a name at most and at least.
const NAMES: (usize, usize) = (18, 32);
/// Cells of a bar.
const BAR: usize = 20;

/// Every question that is not right, with its gold statement and the one made.
pub fn wrong(page: &mut Page, asked: &[Asked]) {
    for question in asked {
        let Some(fault) = &question.verdict.fault else { continue };
        let mark = page.styled("wrong", Style::Bad);
        let place = page.clean(&format!("{} in {}", turn_of(&question.id, question.turn), question.database));
        let text = page.clean(&question.question);
        page.line(&format!("{mark}  {place}: {text}"));
        detail(page, "why", Some(&fault.text()));
        detail(page, "gold", question.gold.statement());
        let confidence = question.verdict.confidence.map(|c| format!("confidence {c:.2}"));
        detail(page, "made", question.verdict.sql.as_deref());
        detail(page, "", confidence.as_deref());
    }
}

fn detail(page: &mut Page, label: &str, text: Option<&str>) {
    if let Some(text) = text {
        let label = page.styled(&fit(label, 5, Align::Left, page.charset), Style::Faint);
        let text = page.clean(text);
        page.line(&format!("       {label} {text}"));
    }
}

pub fn figures(page: &mut Page, settings: &Settings, summary: &Summary) {
    let names = summary.groupings.iter().flat_map(|g| &g.groups).map(|g| width(&g.name)).max().unwrap_or(0);
    let names = names.clamp(NAMES.0, NAMES.1);
    page.heading("execution accuracy");
    share(page, "all questions", summary.overall, names);
    if let Some(conversations) = summary.conversations {
        share(page, "whole conversations", conversations, names);
    }
    for grouping in &summary.groupings {
        group(page, grouping, names);
    }
    outcomes(page, summary);
    confidence(page, summary);
    times(page, settings, summary);
}

fn group(page: &mut Page, grouping: &Grouping, names: usize) {
    let is_cut = grouping.by == "database" && grouping.groups.len() > DATABASES;
    let all = grouping.groups.len();
    let worst = if is_cut { format!(", the worst {DATABASES} of {all}") } else { String::new() };
    page.heading(&page.clean(&format!("by {}{worst}", grouping.by)));
    let shown = if is_cut { DATABASES } else { all };
    for group in &grouping.groups[..shown] {
        share(page, &group.name, group.share, names);
    }
}

/// `  easy    12/15   80.0 %  [54.8, 93.0]  ━━━━━━━━━━╌╌╌╌╌`.
fn share(page: &mut Page, name: &str, share: Share, names: usize) {
    let (low, high) = share.interval();
    let name = fit(&page.clean(name), names, Align::Left, page.charset);
    let count = format!("{}/{}", figure::count(share.right), figure::count(share.all));
    let percent = page.styled(&format!("{:>6}", percent(share.value())), Style::Heading);
    let interval = page.styled(&format!("[{:>4.1}, {:>5.1}]", low * 100.0, high * 100.0), Style::Faint);
    let line = format!("  {name}  {count:>11}  {percent} %  {interval}");
    let taken = 2 + names + 2 + 11 + 2 + 6 + 4 + 13 + 2;
    let bar = page.bar(share.value(), BAR.min(page.width.saturating_sub(taken)));
    page.line(&format!("{line}  {bar}"));
}

fn outcomes(page: &mut Page, summary: &Summary) {
    page.heading("outcomes");
    let counted = |(name, count): (&str, usize)| format!("{} {}", name.replace('_', " "), figure::count(count));
    let outcomes: Vec<String> = summary.outcomes.iter().map(|(o, n)| counted((o.name(), *n))).collect();
    page.line(&format!("  {}", outcomes.join(page.dot())));
    if !summary.faults.is_empty() {
        let mut faults: Vec<(&str, usize)> = summary.faults.iter().map(|(name, n)| (*name, *n)).collect();
        faults.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let faults: Vec<String> = faults.into_iter().map(counted).collect();
        page.line(&format!("  wrong by: {}", faults.join(page.dot())));
    }
}

fn confidence(page: &mut Page, summary: &Summary) {
    let Some(error) = summary.calibration_error else { return };
    page.heading("confidence");
    page.line("  of the answers     number  from  precision");
    for point in &summary.curve {
        let coverage = format!("{:.0} %", point.coverage * 100.0);
        let precision = percent(point.precision);
        let bar = page.bar(point.precision, BAR);
        page.line(&format!(
            "  the surest {coverage:>6}  {:>6}  {:.2}    {precision:>5} %  {bar}",
            figure::count(point.answers),
            point.confidence
        ));
    }
    page.line(&format!("  expected calibration error {error:.3} (10 bins of equal count)"));
}

fn times(page: &mut Page, settings: &Settings, summary: &Summary) {
    page.heading("time");
    if let Some(latency) = summary.latency {
        let times = [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99), ("max", latency.longest)];
        let times: Vec<String> = times.iter().map(|(name, time)| format!("{name} {}", milliseconds(*time))).collect();
        page.line(&format!("  a question: {}", times.join(page.dot())));
    }
    let jobs = if settings.jobs == 1 { "1 job".to_owned() } else { format!("{} jobs", settings.jobs) };
    page.line(&format!("  wall clock: {:.1} s, {jobs}", summary.wall.as_secs_f64()));
    if summary.tokens > 0 {
        page.line(&format!("  tokens: {}", figure::count(usize::try_from(summary.tokens).unwrap_or(usize::MAX))));
    }
}

/// The table of changes, and each question that came out otherwise.
pub fn changes(page: &mut Page, changes: &Changes, path: &Path) {
    for (what, style, list) in [("broken", Style::Bad, &changes.broken), ("fixed", Style::Good, &changes.fixed)] {
        if !list.is_empty() {
            page.heading(what);
        }
        for change in list {
            let mark = page.styled(what, style);
            changed(page, &mark, change);
        }
    }
    page.heading(&page.clean(&format!("since {}", path.display())));
    page.line("               now right  now wrong");
    let row = |name, right, wrong| format!("  {name}  {:>9}  {:>9}", figure::count(right), figure::count(wrong));
    page.line(&row("was right  ", changes.still_right, changes.broken.len()));
    page.line(&row("was wrong  ", changes.fixed.len(), changes.still_wrong));
    let (before, now) = (changes.before(), changes.now());
    page.line(&format!(
        "  {} % before, {} % now, of {} questions in both; {} new, {} gone",
        percent(before.value()),
        percent(now.value()),
        figure::count(now.all),
        figure::count(changes.new),
        figure::count(changes.gone)
    ));
    let chance = if changes.fixed.len() + changes.broken.len() == 0 {
        String::new()
    } else {
        format!(" (McNemar, exact: p = {:.3})", changes.chance())
    };
    page.line(&format!(
        "  {} fixed, {} broken{chance}",
        figure::count(changes.fixed.len()),
        figure::count(changes.broken.len())
    ));
}

fn changed(page: &mut Page, mark: &str, change: &Change) {
    let text = page.clean(&format!("{}: {}", turn_of(&change.id, change.turn), change.question));
    page.line(&format!("{mark}  {text}"));
    detail(page, "why", Some(&change.why).filter(|why| !why.is_empty()).map(String::as_str));
    detail(page, "gold", change.gold.as_deref());
    detail(page, "was", change.before.as_deref());
    detail(page, "now", Some(change.now.as_deref().unwrap_or("no statement")));
}

/// `45 questions, 43 right, 2 wrong in 0.5 s`.
pub fn last_line(page: &mut Page, summary: &Summary) {
    let Share { right, all } = summary.overall;
    let questions = if all == 1 { "1 question".to_owned() } else { format!("{} questions", figure::count(all)) };
    let right_part = page.styled(&format!("{} right", figure::count(right)), Style::Good);
    let wrong = format!("{} wrong", figure::count(all - right));
    let wrong = if right == all { wrong } else { page.styled(&wrong, Style::Bad) };
    page.line("");
    page.line(&format!("{questions}, {right_part}, {wrong} in {:.1} s", summary.wall.as_secs_f64()));
}

/// The id as it stands in the file, without quotes.
pub fn id_of(id: &Json) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn turn_of(id: &Json, turn: Option<usize>) -> String {
    turn.map_or_else(|| id_of(id), |turn| format!("{} turn {turn}", id_of(id)))
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

fn milliseconds(time: Duration) -> String {
    match time.as_secs_f64() * 1000.0 {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

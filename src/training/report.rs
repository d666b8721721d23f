//! What the workshop tells of a corpus and of weights.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::corpus::{Asked, GOLD_STEPS, Source};
use crate::evaluation::spider::{has_top_level_order, same, without_distinct};
use crate::knowledge::Knowledge;
use crate::pipeline::generation::offline::plan::Query;
use crate::pipeline::generation::offline::render::Renderer;

/// True if two statements give the same rows, order counting where the gold has one.
pub fn right(source: &Source, asked: &Asked, sql: &str) -> bool {
    let ordered = has_top_level_order(&asked.gold);
    let gold = source.rows(&without_distinct(&asked.gold), GOLD_STEPS);
    let rows = source.rows(&without_distinct(sql), GOLD_STEPS);
    gold.zip(rows).is_some_and(|(gold, rows)| same(&gold, &rows, ordered))
}

pub fn render(source: &Source, query: &Query) -> Option<String> {
    let renderer =
        Renderer { schema: &source.schema, knowledge: &Knowledge::default(), graph: &source.graph, mentioned: &[] };
    renderer.query(query).ok().map(|rendered| rendered.sql)
}

/// How many gold statements a plan can say, and how many of these plans give the gold's rows.
pub fn plan_coverage(sources: &[Source]) -> String {
    let (mut all, mut read, mut rendered, mut good) = (0, 0, 0, 0);
    let mut lost: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for source in sources {
        for asked in source.questions.iter().filter(|asked| !asked.made) {
            all += 1;
            let Some(plan) = &asked.plan else {
                lost.entry("no plan").or_default().push(asked.gold.clone());
                continue;
            };
            read += 1;
            let Some(sql) = render(source, plan) else {
                lost.entry("no statement").or_default().push(asked.gold.clone());
                continue;
            };
            rendered += 1;
            if right(source, asked, &sql) {
                good += 1;
            } else {
                lost.entry("other rows").or_default().push(format!("{}\n    {}", asked.gold, sql.replace('\n', " ")));
            }
        }
    }
    let mut text = format!("gold statements {all}, as plans {read}, rendered {rendered}, with the same rows {good}\n");
    for (why, statements) in lost {
        let _ = writeln!(text, "{why}: {}", statements.len());
        let step = (statements.len() / 25).max(1);
        for statement in statements.iter().step_by(step) {
            let _ = writeln!(text, "  {statement}");
        }
    }
    text
}

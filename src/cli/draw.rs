//! The chart of an answer: cells under a table, or a picture in a file.

use super::args::ChartWish;
use super::exit::{Exit, Failed};
use super::output::{Picture, terminal_width};
use super::say::charset;
use crate::chart::terminal::{Depth, Size};
use crate::chart::{self, ChartError};
use crate::config::{Appearance, ColorDepth};
use crate::pipeline::execution::ResultSet;
use crate::pipeline::generation::Engine;
use crate::pipeline::response::chart::choose;
use crate::pipeline::response::{Answer, ChartSpec};

/// Lines of a chart under a table: it shares the screen with the rows.
const LINES: usize = 20;
/// Cells across at most; a wider chart is harder to read, not easier.
const MOST_COLUMNS: usize = 120;
/// Pixels of a picture, a size that slides and pages take as it is.
const PICTURE: (u32, u32) = (1200, 750);

/// Puts the chart that was wished for into the answer, or the reason why there is none.
pub fn grant(answer: &mut Answer, wish: ChartWish) {
    let wanted = match wish {
        ChartWish::Kind(kind) => Some(kind),
        ChartWish::Suiting if answer.chart.is_some() => return,
        ChartWish::Suiting => None,
    };
    // A statement is no title.
    let title = if answer.engine == Some(Engine::Person) { "" } else { answer.question.as_str() };
    let Some(result) = &answer.result else { return };
    match choose(result, title, wanted) {
        Ok(spec) => answer.chart = Some(spec),
        Err(why) => {
            answer.chart = None;
            answer.warnings.push(format!("no chart: {why}"));
        }
    }
}

/// The chart as lines of text, coloured if the terminal and the person want it.
pub fn on_terminal(spec: &ChartSpec, result: &ResultSet, appearance: Appearance) -> String {
    if appearance.plain {
        return format!("{}\n", chart::describe(spec, result));
    }
    let size = Size { cols: terminal_width().min(MOST_COLUMNS), rows: LINES };
    let lines = chart::terminal::draw(spec, result, size, charset(appearance));
    let depth = match appearance.depth {
        ColorDepth::Mono => None,
        ColorDepth::Ansi16 => Some(Depth::Sixteen),
        ColorDepth::Ansi256 => Some(Depth::Palette256),
        ColorDepth::TrueColor => Some(Depth::TrueColor),
    };
    match depth.filter(|_| appearance.color.paints(true)) {
        Some(depth) => chart::terminal::ansi(&lines, depth),
        None => chart::terminal::plain(&lines),
    }
}

/// The bytes of a picture file.
pub fn picture(answer: &Answer, kind: Picture) -> Result<Vec<u8>, Failed> {
    let (Some(spec), Some(result)) = (&answer.chart, &answer.result) else {
        return Err(no_chart("these rows suit none"));
    };
    let (width, height) = PICTURE;
    Ok(match kind {
        Picture::Png => chart::png(spec, result, width, height)?,
        Picture::Svg => chart::svg(spec, result, width, height)?.into_bytes(),
    })
}

fn no_chart(why: &str) -> Failed {
    Failed::new(Exit::USAGE, "no_chart", format!("no chart: {why}")).hint("write the rows instead, as -o rows.csv")
}

impl From<ChartError> for Failed {
    fn from(error: ChartError) -> Self {
        no_chart(&error.to_string())
    }
}

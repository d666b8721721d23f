//! One to three numbers, written large where there is room.

use super::super::figure::BigNumber;
use super::Role;
use super::canvas::Canvas;
use crate::terminal;

const HEIGHT: usize = 5;

pub(super) fn draw(canvas: &mut Canvas, title: &str, numbers: &[BigNumber]) {
    let (cols, rows) = (canvas.cols(), canvas.rows());
    let mut row = 0;
    if rows > numbers.len() {
        canvas.put_cut(0, 0, cols, title, Role::Title);
        row += 1;
    }
    let large = numbers.iter().all(|n| large_width(&n.text).is_some_and(|width| width <= cols))
        && rows > row + numbers.len() * (HEIGHT + 2);
    for (index, number) in numbers.iter().enumerate() {
        if large {
            draw_large(canvas, row + 1, &number.text, index);
            canvas.put_cut(0, row + 1 + HEIGHT, cols, &caption(number), Role::Label);
            row += HEIGHT + 2;
        } else {
            canvas.put_cut(0, row, cols, &format!("{}  {}", number.text, caption(number)), Role::Value);
            row += 1;
        }
    }
}

fn caption(number: &BigNumber) -> String {
    match number.change {
        Some(change) => format!("{}  {change:+.1}% against the period before", number.name),
        None => number.name.clone(),
    }
}

fn draw_large(canvas: &mut Canvas, top: usize, text: &str, series: usize) {
    let fill = if canvas.is_ascii() { "#" } else { "█" };
    let mut col = 0;
    for glyph in text.chars().filter_map(glyph) {
        for (row, line) in glyph.iter().enumerate() {
            for (offset, _) in line.bytes().enumerate().filter(|(_, b)| *b == b'#') {
                canvas.put(col + offset, top + row, fill, Role::Series(series));
            }
        }
        col += glyph[0].len() + 1;
    }
}

/// `None` if a character has no large form.
fn large_width(text: &str) -> Option<usize> {
    let widths: Option<Vec<usize>> = text.chars().map(|c| glyph(c).map(|g| g[0].len() + 1)).collect();
    widths.map(|w| w.iter().sum()).filter(|_| terminal::width(text) > 0)
}

fn glyph(c: char) -> Option<[&'static str; HEIGHT]> {
    Some(match c {
        '0' => ["####", "#  #", "#  #", "#  #", "####"],
        '1' => [" ## ", "  # ", "  # ", "  # ", " ###"],
        '2' => ["####", "   #", "####", "#   ", "####"],
        '3' => ["####", "   #", " ###", "   #", "####"],
        '4' => ["#  #", "#  #", "####", "   #", "   #"],
        '5' => ["####", "#   ", "####", "   #", "####"],
        '6' => ["####", "#   ", "####", "#  #", "####"],
        '7' => ["####", "   #", "  # ", " #  ", " #  "],
        '8' => ["####", "#  #", "####", "#  #", "####"],
        '9' => ["####", "#  #", "####", "   #", "####"],
        '.' => [" ", " ", " ", " ", "#"],
        ',' => ["  ", "  ", "  ", " #", "# "],
        '-' => ["   ", "   ", "###", "   ", "   "],
        '%' => ["#  #", "  # ", " ## ", " #  ", "#  #"],
        _ => return None,
    })
}

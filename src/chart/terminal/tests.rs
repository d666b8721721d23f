use super::super::samples::{self, r};
use super::*;
use crate::terminal;

type Sample = (ChartSpec, ResultSet);

fn drawn((spec, result): &Sample, cols: usize, rows: usize, charset: Charset) -> String {
    plain(&draw(spec, result, Size { cols, rows }, charset))
}

#[track_caller]
fn check(sample: &Sample, (cols, rows): (usize, usize), expected: &str) {
    let text = drawn(sample, cols, rows, Charset::Unicode);
    assert_eq!(text, expected, "\n{text}");
}

#[track_caller]
fn check_fits(sample: &Sample, cols: usize, rows: usize) {
    for charset in [Charset::Unicode, Charset::Ascii] {
        let lines = draw(&sample.0, &sample.1, Size { cols, rows }, charset);
        assert!(lines.len() <= rows, "{} in {cols}x{rows}: {} lines", sample.0.title, lines.len());
        for line in &lines {
            let text: String = line.iter().map(|span| span.text.as_str()).collect();
            assert!(terminal::width(&text) <= cols, "{} in {cols}x{rows}: {text:?}", sample.0.title);
            assert_eq!(terminal::safe(&text, charset), text);
        }
    }
}

#[test]
fn every_size_holds_every_chart() {
    let sizes = [1, 2, 3, 5, 8, 13, 23, 24, 25, 33, 50, 51, 80];
    for sample in &samples::all() {
        for cols in sizes {
            for rows in sizes {
                check_fits(sample, cols, rows);
            }
        }
        for (cols, rows) in [(500, 200), (500, 1), (1, 200), (0, 0), (0, 9), (9, 0)] {
            check_fits(sample, cols, rows);
        }
    }
}

#[test]
fn no_data_and_no_spec_breaks_a_drawing() {
    for sample in &samples::hostile() {
        for (cols, rows) in [(1, 1), (7, 3), (24, 8), (40, 12), (80, 24), (200, 60)] {
            check_fits(sample, cols, rows);
        }
        let told = super::super::describe(&sample.0, &sample.1);
        assert_eq!(terminal::safe(&told, Charset::Unicode), told);
    }
}

#[test]
fn ascii_drawings_are_ascii() {
    for sample in &samples::all() {
        for (cols, rows) in [(20, 5), (40, 12), (80, 24)] {
            let text = drawn(sample, cols, rows, Charset::Ascii);
            assert!(text.is_ascii(), "{text}");
        }
    }
}

#[test]
fn bars_start_at_zero_and_say_their_value() {
    let expected = "\
a bar chart
Frozen          █████████████████████████████████ 94,120.50
Dairy           █████████████████▉ 51,004.00
Snacks & sweets ██████████▌ 29,870.25
Produce         ▏ 310.00
";
    check(&samples::bars(), (59, 10), expected);
}

#[test]
fn negative_bars_grow_from_the_zero_line() {
    let expected = "\
a bar chart
Frozen        │███████████▍ 40.00
Dairy      ███│            -10.00
Produce ▐█████│            -20.00
Bakery        │                 ∅
";
    let text = drawn(&samples::bars_around_zero(), 33, 10, Charset::Unicode);
    assert_eq!(text.lines().count(), expected.lines().count());
    let zero: Vec<Option<usize>> = text.lines().skip(1).map(|line| line.chars().position(|c| c == '│')).collect();
    assert!(zero[0].is_some() && zero.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
    check(&samples::bars_around_zero(), (33, 10), expected);
}

#[test]
fn what_has_no_room_is_counted() {
    let text = drawn(&samples::many_bars(), 60, 50, Charset::Unicode);
    assert_eq!(text.lines().count(), 22);
    assert!(text.ends_with("25 more rows\n"), "{text}");
    let text = drawn(&samples::many_bars(), 60, 10, Charset::Unicode);
    assert_eq!(text.lines().count(), 10);
    assert!(text.ends_with("37 more rows\n"), "{text}");
    let text = drawn(&samples::groups(), 60, 9, Charset::Unicode);
    assert!(text.ends_with("2 more groups\n"), "{text}");
    let text = drawn(&samples::heatmap(), 30, 8, Charset::Unicode);
    assert!(text.contains("1 more column") && text.contains("0  1  2  3  4"), "{text}");
}

#[test]
fn a_gap_in_a_line_stays_a_gap() {
    let expected = "\
a line chart
500k ┤
     │      ⡞⡄       ⠤⠤⡄            ⡀
     │ ⢠⡆  ⢰⠁⠘⡄⢀⠔      ⠈⠢⡀⡠⠊⠑⢄     ⡜⢣     ⢀
250k ┤ ⡎⠘⡄ ⡎  ⠈⠁         ⠈   ⠈⢆   ⢰⠁⠈⡆   ⢠⠃
     │⡸  ⠘⣴⠁                   ⠣⣀⣀⠇  ⠘⠤⠤⢤⠃
     │⠃   ⠈
   0 ┤
     └┬──────────┬─────────┬──────────┬────
   2024-01    2024-06   2024-11    2025-04
";
    check(&samples::line(), (44, 10), expected);
}

#[test]
fn names_stand_at_the_line_ends_or_in_a_legend() {
    let wide = drawn(&samples::lines(3), 70, 16, Charset::Unicode);
    for name in ["● Store 0", "▲ Store 1", "■ Store 2"] {
        assert!(wide.lines().any(|line| line.ends_with(name)), "{name}\n{wide}");
    }
    let narrow = drawn(&samples::lines(3), 40, 16, Charset::Unicode);
    assert_eq!(narrow.lines().nth(1), Some("● Store 0  ▲ Store 1  ■ Store 2"));
    let many = drawn(&samples::lines(9), 70, 16, Charset::Unicode);
    assert!(many.contains("the 5 largest of 9, the rest as other") && many.contains("+ other"), "{many}");
}

#[test]
fn labels_below_an_axis_never_touch() {
    for cols in 24..120 {
        for sample in [samples::line(), samples::scatter(60), samples::histogram()] {
            let text = drawn(&sample, cols, 14, Charset::Ascii);
            let axis = text.lines().position(|line| line.contains("--")).unwrap();
            let labels = text.lines().nth(axis + 1).unwrap();
            let marks = text.lines().nth(axis).unwrap().matches('+').count() - 1;
            assert_eq!(labels.split_whitespace().count(), marks, "{cols}\n{text}");
        }
    }
}

#[test]
fn parts_fill_the_whole_width() {
    let expected = "\
a pie chart
42%              31%         20%
█████████████████▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒░░█

█ Frozen     42.0%  420.00
▓ Dairy      31.0%  310.00
▒ Snacks     20.0%  200.00
░ Bakery      5.0%   50.00
█ 2 others    2.0%   20.00
";
    check(&samples::parts(), (40, 12), expected);
}

#[test]
fn a_histogram_counts_every_value_and_marks_the_median() {
    let text = drawn(&samples::histogram(), 76, 18, Charset::Unicode);
    assert!(text.contains("▲ median 48.50"), "{text}");
    let (_, result) = samples::histogram();
    let values: Vec<f64> = result.rows.iter().filter_map(|row| row[0].as_f64()).collect();
    for most in [1, 3, 5, 12, 40, 400] {
        let bins = super::super::figure::bins(&values, most);
        assert_eq!(bins.counts.iter().sum::<usize>(), values.len(), "{most}");
        assert!(bins.counts.len() <= most.min(40), "{most}: {bins:?}");
        assert!(most < 5 || bins.counts.len() >= 5, "{most}: {bins:?}");
    }
    let ratings: Vec<f64> = [1, 2, 2, 3, 3, 3, 4, 5, 5].map(f64::from).to_vec();
    assert_eq!(super::super::figure::bins(&ratings, 40).counts, [1, 2, 3, 1, 2]);
}

#[test]
fn a_heatmap_shades_and_leaves_gaps_blank() {
    let expected = "\
a heatmap chart
0 ·░▒▓█ 99k
                Zone 0 Zone 1 Zone 2 Zone 3 Zone 4 Zone 5
Frozen          ···· 0 ▓▓ 72k ··· 4k ██ 99k ▒▒ 54k
Dairy           ▒▒ 49k ██ 89k ██ 90k ▒▒ 52k ▓▓ 76k ▓▓ 61k
Snacks & sweets ··· 7k ·· 15k ██ 85k ·· 15k        ▓▓ 61k
Bakery          ▓▓ 76k ▒▒ 52k ██ 90k ██ 89k ▒▒ 49k ▓▓ 71k
Deli            ▒▒ 54k ██ 99k ··· 4k        ···· 0 ██ 91k
";
    check(&samples::heatmap(), (60, 10), expected);
}

#[test]
fn numbers_are_written_large_where_there_is_room() {
    let (mut spec, mut result) = samples::big_numbers();
    spec.y = vec![0];
    result.rows[0][0] = r(-120.5);
    let expected = "\
a big_numbers chart

     ██  ████ ████   ████ ████
      █     █ █  █   █    █  █
███   █  ████ █  █   ████ █  █
      █  █    █  █      █ █  █
     ███ ████ ████ █ ████ ████
revenue
";
    check(&(spec, result), (40, 10), expected);
    check(
        &samples::big_numbers(),
        (60, 3),
        "a big_numbers chart\n1,234,567.50  revenue  +12.2% against the period before\n1,100,000.00  prior_revenue\n",
    );
}

#[test]
fn a_sparkline_is_left_where_there_is_no_room() {
    check(&samples::bars(), (22, 2), "█▅▃▁\nmin 310 max 94.1k las…\n");
    check(&samples::bars(), (22, 7), "a bar chart\n█▅▃▁\nmin 310\nmax 94.1k\nlast 310\n");
    check(&samples::line(), (80, 3), "a line chart\n▁▆▁█▅▆▇▇▅▆▅▁▂▇▂▁▅\nmin 120k max 417k last 303k\n");
}

#[test]
fn crowded_points_are_shaded_by_their_number() {
    let dots = drawn(&samples::scatter(60), 60, 16, Charset::Unicode);
    let shades = drawn(&samples::scatter(3000), 60, 16, Charset::Unicode);
    assert!(dots.contains("r = -0.95") && !dots.contains(['░', '▓', '█']), "{dots}");
    assert!(shades.contains(['░', '▓', '█']), "{shades}");
}

#[test]
fn colours_follow_the_roles() {
    let (spec, result) = samples::bars();
    let lines = draw(&spec, &result, Size { cols: 40, rows: 8 }, Charset::Unicode);
    assert_eq!(lines[0], [Span { text: "a bar chart".into(), role: Role::Title }]);
    let roles: Vec<Role> = lines[1].iter().map(|span| span.role).collect();
    assert_eq!(roles, [Role::Label, Role::Series(0), Role::Value]);
    assert!(ansi(&lines, Depth::TrueColor).contains("\u{1b}[38;2;0;114;178m██"));
    assert!(ansi(&lines, Depth::Palette256).contains("\u{1b}[38;5;25m██"));
    assert!(ansi(&lines, Depth::Sixteen).contains("\u{1b}[34m██"));
    assert!(!plain(&lines).contains('\u{1b}'));
}

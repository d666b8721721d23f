//! The histograms against sums over all rows, and the objectives by what they push up and down.

use super::*;

const OPTIONS: Options =
    Options { trees: 1, leaves: 2, rate: 1.0, least_rows: 1, shrinkage: 0.0, features_percent: 100 };

/// Numbers that look like chance and are the same each time.
fn noise(rows: usize, width: usize) -> Vec<Vec<f32>> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 65536.0
    };
    (0..rows).map(|_| (0..width).map(|_| next()).collect()).collect()
}

fn table(rows: &[Vec<f32>]) -> Table {
    Table::new(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Pulls each row's score to its target, as least squares do.
fn toward(targets: &[f32]) -> impl Fn(&[f32], &mut [(f32, f32)]) + '_ {
    move |scores, slopes| {
        for ((slope, score), target) in slopes.iter_mut().zip(scores).zip(targets) {
            *slope = (score - target, 1.0);
        }
    }
}

#[test]
fn values_fall_into_bins_in_their_order() {
    let few = table(&[vec![3.0], vec![1.0], vec![2.0], vec![1.0]]);
    assert_eq!((few.bins[0].as_slice(), few.cuts[0].as_slice()), (&[2, 0, 1, 0][..], &[1.0, 2.0][..]));
    let many: Vec<Vec<f32>> = (0..1000_u16).map(|i| vec![f32::from(i)]).collect();
    let many = table(&many);
    assert!(many.bins[0].windows(2).all(|pair| pair[0] <= pair[1]));
    assert_eq!(usize::from(*many.bins[0].last().expect("rows")) + 1, MOST_BINS);
    for bin in 0..MOST_BINS as u8 {
        let held = many.bins[0].iter().map(|b| usize::from(*b == bin)).sum::<usize>();
        assert!((14..=17).contains(&held), "{bin}: {held}");
    }
}

#[test]
fn what_one_side_does_not_hold_the_other_does() {
    let rows = noise(200, 3);
    let table = table(&rows);
    let slopes: Vec<(f32, f32)> = noise(200, 2).iter().map(|row| (row[0] - 0.5, row[1])).collect();
    let features = [0, 2];
    let all: Vec<u32> = (0..200).collect();
    let (some, others): (Vec<u32>, Vec<u32>) = all.iter().partition(|row| **row % 3 == 0);
    let of = |rows: &[u32]| Histogram::of(&table, &features, &slopes, rows);
    let (rest, direct) = (of(&all).without(&of(&some)), of(&others));
    assert_eq!(rest.0.len(), 2 * MOST_BINS);
    for (a, b) in rest.0.iter().zip(&direct.0) {
        assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9 && a.2 == b.2, "{a:?} {b:?}");
    }
    let counted: u32 = direct.0.iter().map(|cell| cell.2).sum();
    assert_eq!(counted as usize, 2 * others.len());
}

#[test]
fn the_best_split_is_the_best_of_all() {
    let rows = noise(60, 3);
    let table = table(&rows);
    let mut slopes: Vec<(f32, f32)> = noise(60, 2).iter().map(|row| (row[0] - 0.5, row[1] + 0.1)).collect();
    // The last row of one feature would be best alone, were there enough rows like it.
    slopes[(0..60).max_by(|a, b| rows[*a][0].total_cmp(&rows[*b][0])).expect("rows")].0 = 30.0;
    let options = Options { least_rows: 7, shrinkage: 0.5, ..OPTIONS };
    let all: Vec<u32> = (0..60).collect();
    let worth = |side: &[u32]| {
        let (g, h) = sums(&slopes, side);
        f64::from(g) * f64::from(g) / (f64::from(h) + 0.5)
    };
    let mut best: Option<(f64, usize, u8)> = None;
    for feature in 0..3 {
        for bin in 0..table.cuts[feature].len() as u8 {
            let (left, right): (Vec<u32>, Vec<u32>) =
                all.iter().partition(|row| table.bins[feature][**row as usize] <= bin);
            if left.len() < 7 || right.len() < 7 {
                continue;
            }
            let gain = worth(&left) + worth(&right) - worth(&all);
            if best.is_none_or(|known| gain > known.0) {
                best = Some((gain, feature, bin));
            }
        }
    }
    let found = Histogram::of(&table, &[0, 1, 2], &slopes, &all).best_split(&table, &[0, 1, 2], 60, &options);
    let (found, best) = (found.expect("a split"), best.expect("a split"));
    assert_eq!((found.feature, found.bin), (best.1, best.2));
    assert!((f64::from(found.gain) - best.0).abs() < 1e-4);
    let few = Options { least_rows: 31, ..options };
    assert!(Histogram::of(&table, &[0], &slopes, &all).best_split(&table, &[0], 60, &few).is_none());
}

#[test]
fn a_tree_learns_a_step_and_splits_no_more_than_it_may() {
    let rows: Vec<Vec<f32>> = (0..40_u8).map(|i| vec![f32::from(i % 7), f32::from(i)]).collect();
    let targets: Vec<f32> = (0..40).map(|i| if i < 25 { -1.0 } else { 3.0 }).collect();
    let forest = fit(&table(&rows), 0.0, &OPTIONS, toward(&targets));
    let [tree] = forest.trees() else { panic!("{forest:?}") };
    assert_eq!(tree.nodes().next(), Some((&Node::split(1, 24.0, 1), false)));
    for (row, target) in rows.iter().zip(&targets) {
        assert!((forest.score(row) - target).abs() < 1e-5);
    }
    let leaves = |leaves: usize| {
        let noise = noise(200, 4);
        let targets: Vec<f32> = noise.iter().map(|row| row[0] * row[1] - row[2]).collect();
        let forest = fit(&table(&noise), 0.0, &Options { leaves, ..OPTIONS }, toward(&targets));
        forest.trees()[0].nodes().filter(|(_, is_leaf)| *is_leaf).count()
    };
    assert_eq!([1, 2, 5, 9].map(leaves), [1, 2, 5, 9]);
}

#[test]
fn more_trees_come_nearer() {
    let rows = noise(300, 4);
    let labels: Vec<bool> = rows.iter().map(|row| row[0] + row[3] > 1.0).collect();
    let wrong = |trees: usize| {
        let options = Options { trees, leaves: 8, rate: 0.3, least_rows: 5, ..OPTIONS };
        let forest = fit(&table(&rows), base_rate(&labels), &options, logistic(&labels));
        rows.iter().zip(&labels).filter(|(row, label)| (forest.score(row) > 0.0) != **label).count()
    };
    assert!(wrong(1) > wrong(40) && wrong(40) <= 9, "{} {}", wrong(1), wrong(40));
    assert!(base_rate(&[true; 9]) > 2.0 && base_rate(&[false; 9]) < -2.0 && base_rate(&[true, false]).abs() < 1e-6);
}

/// Gradients of one group; a negative one is pushed up.
fn pushes(scores: &[f32], right: &[bool]) -> Vec<f32> {
    let mut slopes = vec![(9.0, 9.0); scores.len()];
    let group = 0..scores.len();
    first_places(std::slice::from_ref(&group), right)(scores, &mut slopes);
    slopes.iter().map(|slope| slope.0).collect()
}

#[test]
fn a_right_row_behind_a_wrong_one_is_pushed_up() {
    let pushed = pushes(&[2.0, 1.9, 1.0, 0.0], &[false, false, true, false]);
    assert!(pushed[2] < 0.0 && pushed[0] > 0.0 && pushed[1] > 0.0, "{pushed:?}");
    assert!(pushed[0] > pushed[1], "the first place is worth more: {pushed:?}");
    assert!(pushed.iter().sum::<f32>().abs() < 1e-6, "{pushed:?}");
    // Behind the places that count nothing matters.
    assert!(pushed[3].abs() < 1e-12);
    let ahead = pushes(&[9.0, 1.0, 0.0], &[true, false, false]);
    assert!(ahead[0] < 0.0 && ahead[0].abs() < pushed[2].abs(), "little is left to gain: {ahead:?}");
}

#[test]
fn groups_that_are_all_right_or_all_wrong_push_nothing() {
    for right in [[true; 3], [false; 3]] {
        assert_eq!(pushes(&[1.0, 2.0, 3.0], &right), [0.0; 3]);
    }
    // Rows of other groups are not compared.
    let mut slopes = vec![(0.0, 0.0); 4];
    first_places(&[0..2, 2..4], &[false, false, true, true])(&[5.0, 4.0, 1.0, 0.0], &mut slopes);
    assert!(slopes.iter().all(|slope| slope.0 == 0.0 && slope.1 > 0.0));
}

#[test]
fn a_question_counts_no_more_because_many_of_its_rows_are_mixed_up() {
    let long: Vec<f32> = (0..60_u8).map(|i| f32::from(60 - i) / 10.0).collect();
    let right: Vec<bool> = (0..60).map(|i| i > 1 && i % 2 == 0).collect();
    let total = |pushed: &[f32]| pushed.iter().map(|push| push.abs()).sum::<f32>();
    let (long, short) = (total(&pushes(&long, &right)), total(&pushes(&[1.0, 0.9], &[false, true])));
    assert!(long < 12.0 && short > 0.3, "{long} {short}");
}

//! Whether a confidence means anything: precision among the surest, and how far the numbers are from the truth.

/// Parts of equal count that the answers are cut into.
const BINS: usize = 10;

/// Precision if only the surest are answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Of all answers, from 0 to 1.
    pub coverage: f64,
    pub answers: usize,
    /// The lowest confidence among them.
    pub confidence: f64,
    /// Answers of equal confidence count as many times as the chance that they are among these.
    pub precision: f64,
}

/// The precision among the surest tenth, two tenths, up to all. `answers` are confidences, and whether it was right.
pub fn curve(answers: &[(f64, bool)]) -> Vec<Point> {
    let mut sorted = answers.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let among = |tenths: usize| {
        let count = (sorted.len() * tenths).div_ceil(BINS);
        let lowest = sorted[..count].last()?.0;
        let surer = sorted.partition_point(|(confidence, _)| *confidence > lowest);
        let as_sure = sorted[surer..].iter().take_while(|(confidence, _)| *confidence >= lowest);
        let (ties, right_ties) = as_sure.fold((0, 0), |(n, k), (_, right)| (n + 1, k + usize::from(*right)));
        let right = sorted[..surer].iter().filter(|(_, right)| *right).count() as f64;
        let share_of_ties = (count - surer) as f64 / f64::from(ties);
        let precision = (right + share_of_ties * right_ties as f64) / count as f64;
        Some(Point { coverage: tenths as f64 / BINS as f64, answers: count, confidence: lowest, precision })
    };
    (1..=BINS).filter_map(among).collect()
}

/// The expected calibration error (Naeini et al. 2015) over ten bins of equal count: how far confidence and precision
/// are apart, on average over the answers. `None` without answers.
pub fn expected_error(answers: &[(f64, bool)]) -> Option<f64> {
    let mut sorted = answers.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let edge = |bin: usize| sorted.len() * bin / BINS;
    let gap = |bin: usize| {
        let part = &sorted[edge(bin)..edge(bin + 1)];
        let sure: f64 = part.iter().map(|(confidence, _)| confidence).sum();
        let right = part.iter().filter(|(_, right)| *right).count() as f64;
        (sure - right).abs()
    };
    let gaps: f64 = (0..BINS).map(gap).sum();
    (!sorted.is_empty()).then(|| gaps / sorted.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_come_first() {
        // The five surest are right, the others are not.
        let answers: Vec<(f64, bool)> = (0..10).map(|i| (f64::from(i) / 10.0, i >= 5)).collect();
        let points = curve(&answers);
        assert_eq!(points.len(), 10);
        assert_eq!(points[0], Point { coverage: 0.1, answers: 1, confidence: 0.9, precision: 1.0 });
        assert!((points[4].precision - 1.0).abs() < 1e-12);
        assert!((points[9].precision - 0.5).abs() < 1e-12);
        assert!((points[9].confidence).abs() < 1e-12);
    }

    #[test]
    fn the_order_of_equals_does_not_count() {
        let mut answers: Vec<(f64, bool)> = (0..20).map(|i| (0.5, i < 5)).collect();
        let (first, all) = (curve(&answers), expected_error(&answers));
        assert!(first.iter().all(|p| (p.precision - 0.25).abs() < 1e-12), "{first:?}");
        answers.reverse();
        assert_eq!((curve(&answers), all.is_some()), (first, true));
    }

    #[test]
    fn few_answers_and_none_make_a_curve_too() {
        let few = curve(&[(0.9, true), (0.2, false)]);
        assert_eq!(few.iter().map(|p| p.answers).collect::<Vec<_>>(), [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
        assert_eq!((curve(&[]), expected_error(&[])), (Vec::new(), None));
    }

    #[test]
    fn a_confidence_that_keeps_its_word_has_no_error() {
        let honest: Vec<(f64, bool)> =
            (0..1000).map(|i| (if i < 500 { 0.2 } else { 0.8 }, i % 5 == 0 || (i >= 500 && i % 5 != 1))).collect();
        assert!(expected_error(&honest).unwrap() < 1e-9);
        let boastful: Vec<(f64, bool)> = (0..1000).map(|i| (0.9, i % 2 == 0)).collect();
        assert!((expected_error(&boastful).unwrap() - 0.4).abs() < 1e-9);
    }
}

//! Shares with their intervals, quantiles, and how likely a difference is chance.

/// So many right of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub right: usize,
    pub all: usize,
}

/// The standard normal distribution has 95 % within this.
const Z: f64 = 1.96;

impl Share {
    pub fn count(&mut self, is_right: bool) {
        self.right += usize::from(is_right);
        self.all += 1;
    }

    /// From 0 to 1; 0 of nothing.
    pub fn value(self) -> f64 {
        if self.all == 0 { 0.0 } else { self.right as f64 / self.all as f64 }
    }

    /// Where the true share is with 95 % confidence (Wilson 1927); everywhere if nothing was counted.
    pub fn interval(self) -> (f64, f64) {
        if self.all == 0 {
            return (0.0, 1.0);
        }
        let (n, p) = (self.all as f64, self.value());
        let centre = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        (((centre - half) / whole).max(0.0), ((centre + half) / whole).min(1.0))
    }
}

impl FromIterator<bool> for Share {
    fn from_iter<I: IntoIterator<Item = bool>>(rights: I) -> Self {
        let mut share = Self::default();
        rights.into_iter().for_each(|is_right| share.count(is_right));
        share
    }
}

/// The smallest of the sorted values that at least this share of them does not exceed (nearest rank).
pub fn quantile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// How likely so uneven a split of changes is if fixing and breaking are equally likely: the exact two-sided test of
/// McNemar (1947).
pub fn chance_of_split(fixed: usize, broken: usize) -> f64 {
    let (n, least) = (fixed + broken, fixed.min(broken));
    // Logarithms, since 2^n is soon too large.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = log_term.exp();
    for k in 1..=least {
        log_term += ((n - k + 1) as f64 / k as f64).ln();
        tail += log_term.exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_open_scorer() {
        // score.py, wilson(k, n).
        let cases = [
            ((0, 10), (0.0, 0.277_538)),
            ((10, 10), (0.722_462, 1.0)),
            ((1, 2), (0.094_528, 0.905_472)),
            ((2588, 5899), (0.426_099, 0.451_418)),
        ];
        for ((right, all), (low, high)) in cases {
            let (a, b) = Share { right, all }.interval();
            assert!((a - low).abs() < 1e-5 && (b - high).abs() < 1e-5, "{right} of {all}: {a} {b}");
        }
        assert_eq!(Share::default().interval(), (0.0, 1.0));
        assert!(Share::default().value().abs() < f64::EPSILON);
    }

    #[test]
    fn quantiles_are_values_that_were_there() {
        let times: Vec<u32> = (1..=20).collect();
        assert_eq!([0.0, 0.5, 0.95, 0.99, 1.0].map(|q| quantile(&times, q)), [1, 10, 19, 20, 20].map(Some));
        assert_eq!(quantile(&[7], 0.95), Some(7));
        assert_eq!(quantile::<u32>(&[], 0.5), None);
    }

    #[test]
    fn an_even_split_is_chance_and_an_uneven_one_is_not() {
        assert!((chance_of_split(0, 0) - 1.0).abs() < 1e-12);
        assert!((chance_of_split(5, 5) - 1.0).abs() < 1e-12);
        // 2 * (1 + 15 + 105 + 455) / 2^15.
        assert!((chance_of_split(12, 3) - 2.0 * 576.0 / 32768.0).abs() < 1e-12);
        assert!(chance_of_split(5000, 4000) < 1e-20);
    }
}

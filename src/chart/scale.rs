//! Round ticks (1, 2, 2.5, 5 times a power of ten) and the short numbers beside them.

/// Beyond this the difference of two numbers may not be a number.
const LARGEST: f64 = 1e300;

/// An axis from `low` to `high`, both of them ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub step: f64,
    pub ticks: Vec<f64>,
}

impl Scale {
    /// The smallest round axis that holds both numbers with about `count` intervals. With `whole`, ticks are integers.
    pub fn covering(low: f64, high: f64, count: usize, whole: bool) -> Self {
        let (low, high) = widened(low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
        let step = round_step((high - low) / count.max(1) as f64, whole);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil().max(first + 1.0);
        let count = (last - first).min(100.0) as usize;
        let ticks: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
        Self { low: first * step, high: (first + count as f64) * step, step, ticks }
    }

    /// Where a number lies, 0 at the low end and 1 at the high end.
    pub fn fraction(&self, x: f64) -> f64 {
        ((x.clamp(-LARGEST, LARGEST) - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// `0`, `2.5k`, `1.025M`: as many decimals as tell neighbouring ticks apart.
    pub fn label(&self, tick: f64) -> String {
        if tick.abs() < self.step * 1e-6 {
            return "0".to_owned();
        }
        if tick.abs() >= 1e15 {
            return format!("{tick:.2e}");
        }
        let (divisor, suffix) = magnitude(tick);
        let exact = |decimals: &usize| {
            let shown: f64 = format!("{:.decimals$}", tick / divisor, decimals = *decimals).parse().unwrap_or(f64::NAN);
            (shown * divisor - tick).abs() <= self.step * 1e-3
        };
        let decimals = (0..=9).find(exact);
        decimals.map_or_else(|| format!("{tick:.2e}"), |decimals| format!("{:.decimals$}{suffix}", tick / divisor))
    }
}

/// Three significant digits: `0.123`, `12.3`, `120k`, `3.4M`.
pub fn short(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { "0".to_owned() } else { format!("{x}") };
    }
    let (divisor, suffix) = magnitude(x);
    let scaled = x / divisor;
    if !(0.001..1000.0).contains(&scaled.abs()) {
        return format!("{x:.1e}");
    }
    let decimals = match scaled.abs() {
        s if s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        s if s >= 0.9995 => 2,
        _ => 3,
    };
    let text = format!("{scaled:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{suffix}")
}

/// The step of 1, 2, 2.5, 5 or 10 times a power of ten that is not smaller than `least`.
pub fn round_step(least: f64, whole: bool) -> f64 {
    let least = if whole { least.max(1.0) } else { least.max(f64::MIN_POSITIVE * 1e10) };
    let power = 10f64.powi(least.log10().floor() as i32);
    let fits = |factor: &f64| factor * power >= least * (1.0 - 1e-9) && !(whole && (factor * power).fract() != 0.0);
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0) * power
}

fn magnitude(x: f64) -> (f64, &'static str) {
    match x.abs() {
        size if size >= 999.5e9 => (1e12, "T"),
        size if size >= 999.5e6 => (1e9, "B"),
        size if size >= 999.5e3 => (1e6, "M"),
        size if size >= 999.5 => (1e3, "k"),
        _ => (1.0, ""),
    }
}

/// A span that steps can divide without drowning in rounding.
fn widened(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = (low.min(high), low.max(high));
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 {
        return (low, high);
    }
    let room = if size == 0.0 { 1.0 } else { size * 0.1 };
    (low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_data() {
        let cases = [
            ((0.0, 97.0, 5), vec!["0", "20", "40", "60", "80", "100"]),
            ((0.0, 950_000.0, 4), vec!["0", "250k", "500k", "750k", "1M"]),
            ((1_010_000.0, 1_090_000.0, 4), vec!["1M", "1.02M", "1.04M", "1.06M", "1.08M", "1.1M"]),
            ((-30.0, 55.0, 4), vec!["-50", "-25", "0", "25", "50", "75"]),
            ((0.1, 0.35, 3), vec!["0.1", "0.2", "0.3", "0.4"]),
            ((5.0, 5.0, 4), vec!["4.5", "4.75", "5", "5.25", "5.5"]),
            ((0.0, 0.0, 2), vec!["-1", "0", "1"]),
        ];
        for ((low, high, count), expected) in cases {
            let scale = Scale::covering(low, high, count, false);
            let labels: Vec<String> = scale.ticks.iter().map(|t| scale.label(*t)).collect();
            assert_eq!(labels, expected, "{low} to {high}");
            assert!(scale.low <= low && scale.high >= high);
        }
    }

    #[test]
    fn counts_have_whole_ticks() {
        assert_eq!(Scale::covering(0.0, 3.0, 10, true).ticks, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Scale::covering(0.0, 9.0, 4, true).ticks, [0.0, 5.0, 10.0]);
    }

    #[test]
    fn no_pair_of_numbers_breaks_an_axis() {
        let hard = [0.0, -0.0, 1e-320, 1e-12, 1.0, 1.0 + 1e-12, 1e15, 1e15 + 0.1, 1e300, f64::MAX, f64::MIN];
        for low in hard {
            for high in hard {
                for count in [0, 1, 5, 1000] {
                    let scale = Scale::covering(low, high, count, false);
                    assert!((2..=101).contains(&scale.ticks.len()), "{low} {high} {count}: {scale:?}");
                    assert!((0.0..=1.0).contains(&scale.fraction(high)), "{low} {high} {count}");
                    assert!(scale.ticks.iter().all(|t| scale.label(*t).len() < 24));
                }
            }
        }
    }

    #[test]
    fn short_numbers_have_three_digits() {
        let cases = [
            (0.0, "0"),
            (7.0, "7"),
            (0.1234, "0.123"),
            (12.34, "12.3"),
            (123.4, "123"),
            (1234.0, "1.23k"),
            (120_000.0, "120k"),
            (999_960.0, "1M"),
            (-3_400_000.0, "-3.4M"),
            (2.5e12, "2.5T"),
            (1e16, "1.0e16"),
            (0.000_01, "1.0e-5"),
        ];
        for (x, expected) in cases {
            assert_eq!(short(x), expected, "{x}");
        }
    }
}

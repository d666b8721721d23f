//! Repeatable random numbers: splitmix64, with the normal distribution by Box and Muller.
//!
//! The package draws nothing random anywhere else, and a stream here starts from the seed and the keys of the thing it
//! is for (a product, a store, a week), so rows can be made in any order and none needs the state of another. Steele,
//! Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a stream is for; two purposes never share numbers.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(super) enum Purpose {
    Family = 1,
    Product,
    Store,
    Appeal,
    Price,
    Promotion,
    Strategy,
    Demand,
    Competitor,
    Check,
}

/// One stream of numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64, purpose: Purpose, keys: &[usize]) -> Self {
        let start = mix(mix(seed) ^ purpose as u64);
        Self(keys.iter().fold(start, |state, &key| mix(state.wrapping_add(GAMMA) ^ key as u64)))
    }

    /// Uniform from 0 up to, not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform between two numbers.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform over `0..bound`; 0 if the bound is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// An item, each as likely as its weight says; the last if the weights do not reach the draw.
    pub(super) fn weighted<T: Copy>(&mut self, items: &[(f64, T)], otherwise: T) -> T {
        let mut left = self.unit() * items.iter().map(|(weight, _)| weight).sum::<f64>();
        for &(weight, item) in items {
            if left < weight {
                return item;
            }
            left -= weight;
        }
        otherwise
    }

    /// Normal with mean 0 and deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        self.normal_pair().0
    }

    /// Two independent normal numbers for the price of one.
    pub(super) fn normal_pair(&mut self) -> (f64, f64) {
        // 1 - u lies above 0, where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.unit()).sin_cos();
        (radius * cosine, radius * sine)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_the_published_sequence() {
        // The first numbers of the reference implementation from the state 1234567.
        let mut random = Random(1_234_567);
        let drawn = [random.next(), random.next(), random.next()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_normal_numbers() {
        let mut random = Random::new(7, Purpose::Demand, &[1, 2]);
        let drawn: Vec<f64> = (0..5_000).flat_map(|_| <[f64; 2]>::from(random.normal_pair())).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "mean {mean}, variance {variance}");
    }

    #[test]
    fn gives_each_purpose_and_key_numbers_of_its_own() {
        let first = |purpose, keys: &[usize]| Random::new(1, purpose, keys).next();
        let drawn = [
            first(Purpose::Price, &[0, 1]),
            first(Purpose::Price, &[1, 0]),
            first(Purpose::Price, &[0]),
            first(Purpose::Demand, &[0, 1]),
            Random::new(2, Purpose::Price, &[0, 1]).next(),
        ];
        for (i, a) in drawn.iter().enumerate() {
            assert!(drawn[i + 1..].iter().all(|b| a != b));
        }
    }
}

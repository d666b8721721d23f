//! Repeatable random numbers: splitmix64, started from a seed and the number of the statement they are for.

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// One stream of numbers.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, ordinal: u64) -> Self {
        Self(mix(mix(seed.wrapping_add(GAMMA)) ^ ordinal.wrapping_mul(GAMMA)))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// Uniform over `0..bound`; 0 if the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of some items, of which there is at least one.
    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

//! A small deterministic generator (SplitMix64) with named streams, so that a
//! change in one part of the demo does not shift all the others. Integer and
//! IEEE-exact arithmetic only: the same numbers on every machine.

/// A stream of pseudo-random numbers.
pub struct Rng(u64);

impl Rng {
    /// The stream `label` of a seed.
    pub fn stream(seed: u64, label: &str) -> Self {
        // FNV-1a of the label, mixed with the seed.
        let hash = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut rng = Rng(seed ^ hash);
        rng.next();
        rng
    }
    /// 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// 0…n-1; 0 for n = 0.
    pub fn below(&mut self, n: usize) -> usize {
        // The high product half is uniform enough for n far below 2^64.
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
    /// first…last, both included.
    pub fn range(&mut self, first: i32, last: i32) -> i32 {
        first + self.below((last - first + 1).max(1) as usize) as i32
    }
    /// 0 ≤ x < 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    /// a ≤ x < b.
    pub fn between(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.unit()
    }
    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
    /// One of a non-empty list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
    /// An index with probability proportional to its weight; the last one when
    /// all weights are 0.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.below(total as usize) as u32;
        for (i, w) in weights.iter().enumerate() {
            if left < *w {
                return i;
            }
            left -= w;
        }
        weights.len().saturating_sub(1)
    }
    /// Bell-shaped around 0 with standard deviation 1, within ±6 (sum of twelve uniforms).
    pub fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
    /// A direction: a unit vector, uniform on the circle.
    pub fn direction(&mut self) -> (f64, f64) {
        loop {
            let (x, y) = (self.between(-1.0, 1.0), self.between(-1.0, 1.0));
            let r = (x * x + y * y).sqrt();
            if (0.1..=1.0).contains(&r) {
                return (x / r, y / r);
            }
        }
    }
    /// Mixes a list.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // First outputs of SplitMix64 for seed 1234567 (from the reference C code).
        let mut rng = Rng(1_234_567);
        assert_eq!(rng.next(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn draws_stay_in_range_and_reach_all_of_it() {
        let mut rng = Rng::stream(1, "test");
        let mut seen = [0; 6];
        for _ in 0..6_000 {
            seen[rng.below(6)] += 1;
        }
        assert!(seen.iter().all(|n| (850..1150).contains(n)), "{seen:?}");
        assert!((0..1000).all(|_| (-3..=3).contains(&rng.range(-3, 3))));
        assert!((0..1000).all(|_| rng.weighted(&[0, 5, 0]) == 1));
    }
}

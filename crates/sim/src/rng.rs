//! The only randomness of a simulation: SplitMix64 (Steele, Lea, Flood 2014)
//! from a seed. Integers only, so that a history is the same everywhere.

use uuid::Uuid;

/// A stream of pseudo-random numbers.
pub struct Rng(u64);

impl Rng {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0…n-1; 0 for n = 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// first…last, both included.
    pub fn range(&mut self, first: i64, last: i64) -> i64 {
        first + self.below((last - first + 1).max(1) as u64) as i64
    }

    /// True `per_mille` times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of a non-empty list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// An id as a phone makes it: UUIDv7 of a moment in milliseconds.
    pub fn id(&mut self, now_ms: i64) -> Uuid {
        let mut tail = [0u8; 10];
        tail[..8].copy_from_slice(&self.bits().to_be_bytes());
        tail[8..].copy_from_slice(&(self.bits() as u16).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(now_ms.unsigned_abs(), &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_published_code() {
        // Output of the reference C code for seed 1234567.
        let mut rng = Rng::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| rng.bits()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}

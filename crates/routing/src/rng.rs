//! Small seeded random numbers (xorshift64*), so that a seed gives the same
//! plan on every machine and with every compiler.
//!
//! It may not know where a seed comes from; the engine reads no randomness.

/// Random numbers of one search.
pub(crate) struct Rng(u64);

impl Rng {
    /// Different seeds give unrelated sequences; 0 is as good as any.
    pub(crate) fn new(seed: u64) -> Self {
        // splitmix64 spreads neighbouring seeds over the whole range.
        let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Rng((z ^ (z >> 31)).max(1))
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `n`, which must be > 0.
    #[inline]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }

    /// A number in `[0, 1)`.
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with a chance of `threshold` in 2^32.
    #[inline]
    pub(crate) fn chance(&mut self, threshold: u32) -> bool {
        ((self.next() >> 32) as u32) < threshold
    }
}

//! A small deterministic source of random-looking numbers (splitmix64). Nothing it makes is kept
//! secret.

/// The state: equal states give equal numbers.
pub(super) struct Random(u64);

impl Random {
    /// The source for the placeholder at `position` under `seed`.
    pub(super) fn new(seed: u64, position: u64) -> Self {
        let mut mixed = Self(seed);
        Self(mixed.next() ^ position.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// `length` characters of an ASCII alphabet.
    pub(super) fn string(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(self.pick(alphabet))).collect()
    }

    /// `length` bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes().first().copied().unwrap_or(0)).collect()
    }

    fn pick(&mut self, alphabet: &[u8]) -> u8 {
        let below = u64::try_from(alphabet.len()).unwrap_or(u64::MAX).max(1);
        let at = usize::try_from(self.next() % below).unwrap_or_default();
        alphabet.get(at).copied().unwrap_or(b'0')
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

//! Ids from a seed, so that a test meets the same ones every time.

/// Ids and everything else that would be random.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number of a splitmix64 sequence.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 32 hex digits, as HubSpot's message ids.
    pub(crate) fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let tail = low & 0xffff_ffff_ffff;
        let (time, middle, version) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
        format!("{time:08x}-{middle:04x}-4{version:03x}-{:04x}-{tail:012x}", 0x8000 | ((low >> 48) & 0x3fff))
    }
}

//! A quick hash for tables that live as long as one job, keyed by nothing: what it hashes is bounded by its callers.

use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

pub(crate) type Hashing = BuildHasherDefault<Quick>;

const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Default)]
pub(crate) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        self.write_u64(xxh3_64(bytes));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = u128::from(self.0 ^ value ^ SPREAD) * u128::from(SPREAD);
        let (low, high) = (mixed & u128::from(u64::MAX), mixed >> 64);
        self.0 = u64::try_from(low ^ high).unwrap_or_default();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

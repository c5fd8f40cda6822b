//! A small deterministic source of variation, so that every run of the demo serves the same bytes.
//!
//! SplitMix64: good enough for plausible tables, and for nothing else (never for keys).

/// Variation that depends on its seed alone.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice for one table; the table's own name is the seed, so adding a table changes no other.
    pub(crate) fn new(seed: &str) -> Self {
        Self(fnv1a(seed.as_bytes()))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Evenly in `0.0..1.0`.
    #[expect(clippy::cast_precision_loss, reason = "only the upper 53 bits are used, which a double holds")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `low..=high`.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.next() % span)
    }

    /// Roughly normal, mean 0, deviation 1 (sum of twelve even draws).
    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of a few words; the empty text when there are none.
    pub(crate) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let last = i64::try_from(words.len()).unwrap_or(1).saturating_sub(1);
        let at = usize::try_from(self.whole(0, last)).unwrap_or(0);
        words.get(at).copied().unwrap_or_default()
    }
}

/// FNV-1a, 64 bits: names seeds and versions of documents; no protection against intent is needed here.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut one, mut two) = (Dice::new("trees"), Dice::new("trees"));
        for _ in 0..50 {
            assert_eq!(one.next(), two.next());
        }
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut dice = Dice::new("range");
        for _ in 0..1000 {
            assert!((0.0..1.0).contains(&dice.unit()));
            assert!((-3..=4).contains(&dice.whole(-3, 4)));
            assert!(["a", "b"].contains(&dice.pick(&["a", "b"])));
        }
        assert_eq!(dice.pick(&[]), "");
    }
}

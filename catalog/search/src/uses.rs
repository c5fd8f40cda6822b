//! How often datasets are used, as it is told to the index: counted elsewhere, kept in memory, a factor of the order.

use std::collections::HashMap;

use fairground_domain::DatasetId;
use foldhash::fast::RandomState;

/// Datasets whose use is known at a time, at most; the most used come first.
pub const MAX_USED: usize = 100_000;

/// Uses by dataset. Numbers are rounded up to powers of two, so that the order does not tremble and little changes from one
/// telling to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses(HashMap<u128, u64, RandomState>);

impl Uses {
    pub(crate) fn new(uses: impl IntoIterator<Item = (DatasetId, u64)>) -> Self {
        let rounded = |uses: u64| uses.checked_next_power_of_two().unwrap_or(u64::MAX);
        let known = uses.into_iter().filter(|(_, uses)| *uses > 0).take(MAX_USED);
        Self(known.map(|(id, uses)| (id.as_uuid().as_u128(), rounded(uses))).collect())
    }

    /// The uses of the dataset whose id is that number; 0 when nobody told.
    pub(crate) fn of(&self, id: u128) -> u64 {
        self.0.get(&id).copied().unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_rounded_and_bounded() {
        let (one, other) = (DatasetId::new(), DatasetId::new());
        let uses = Uses::new([(one, 1_000), (other, 0)]);
        assert_eq!((uses.of(one.as_uuid().as_u128()), uses.of(other.as_uuid().as_u128())), (1_024, 0));
        assert_eq!(uses, Uses::new([(one, 1_020)]), "a few more change nothing");
        assert_eq!(Uses::new((0..MAX_USED + 5).map(|_| (DatasetId::new(), 1))).0.len(), MAX_USED);
    }
}

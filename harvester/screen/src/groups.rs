//! Groups of rows that agree in their quasi-identifiers.

use crate::names::ByHash;
use crate::report::Groups;
use crate::rules::GROUPS_MAX;

/// Rows by combination of values, exact up to a number of groups, then a sample: only combinations whose hash ends in so many
/// zeros are kept, so that counts of what is kept stay exact and shares can be estimated.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter {
    counts: ByHash<u32>,
    /// Zero bits that a hash must end with.
    level: u32,
    rows: u64,
    limit: usize,
}

impl Counter {
    pub(crate) fn new() -> Self {
        Self { limit: GROUPS_MAX, ..Self::default() }
    }

    #[cfg(test)]
    fn with_limit(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    const fn keeps(&self, hash: u64) -> bool {
        hash & ((1 << self.level) - 1) == 0
    }

    pub(crate) fn see(&mut self, hash: u64) {
        self.rows += 1;
        if !self.keeps(hash) {
            return;
        }
        let count = self.counts.entry(hash).or_insert(0);
        *count = count.saturating_add(1);
        self.thin_out();
    }

    /// Takes over what another counter has seen, as if this one had seen all of it.
    pub(crate) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.level = self.level.max(other.level);
        let mask = (1 << self.level) - 1;
        self.counts.retain(|hash, _| hash & mask == 0);
        for (hash, rows) in other.counts.into_iter().filter(|(hash, _)| hash & mask == 0) {
            let count = self.counts.entry(hash).or_insert(0);
            *count = count.saturating_add(rows);
        }
        self.thin_out();
    }

    /// Keeps a smaller sample once there are too many groups.
    fn thin_out(&mut self) {
        while self.counts.len() > self.limit && self.level < 60 {
            self.level += 1;
            let mask = (1 << self.level) - 1;
            self.counts.retain(|hash, _| hash & mask == 0);
        }
    }

    /// Writes it down, as a sample of at most `most` groups.
    pub(crate) fn write(&self, most: usize, out: &mut Vec<u8>) {
        let mut level = self.level;
        let mut kept: Vec<(u64, u32)> = self.counts.iter().map(|(hash, count)| (*hash, *count)).collect();
        while kept.len() > most && level < 60 {
            level += 1;
            let mask = (1 << level) - 1;
            kept.retain(|(hash, _)| hash & mask == 0);
        }
        kept.sort_unstable();
        out.extend(self.rows.to_le_bytes());
        out.extend(level.to_le_bytes());
        out.extend(u64::try_from(kept.len()).unwrap_or(u64::MAX).to_le_bytes());
        for (hash, count) in kept {
            out.extend(hash.to_le_bytes());
            out.extend(count.to_le_bytes());
        }
    }

    /// Reads what [`Self::write`] wrote, and moves behind it; `None` when it is something else.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let rows = u64::from_le_bytes(take(bytes)?);
        let level = u32::from_le_bytes(take(bytes)?);
        let mut counter = Self { rows, level: (level <= 60).then_some(level)?, ..Self::new() };
        for _ in 0..u64::from_le_bytes(take(bytes)?) {
            let hash = u64::from_le_bytes(take(bytes)?);
            counter.counts.insert(hash, u32::from_le_bytes(take(bytes)?));
        }
        Some(counter)
    }

    /// Rows that were counted.
    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn summary(&self, table: &str, columns: Vec<String>, previous: Option<&Self>) -> Groups {
        let scale = 1_u64 << self.level;
        let kept: u64 = self.counts.values().map(|count| u64::from(*count)).sum();
        let alone = u64::try_from(self.counts.values().filter(|count| **count == 1).count()).unwrap_or(u64::MAX);
        let groups = u64::try_from(self.counts.len()).unwrap_or(u64::MAX).saturating_mul(scale);
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { precise(part) / precise(whole) };
        Groups {
            table: table.to_owned(),
            columns,
            rows: self.rows,
            groups,
            smallest: self.counts.values().copied().min().unwrap_or(0),
            unique: alone.saturating_mul(scale).min(self.rows),
            unique_share: share(alone, kept),
            sampled: self.level > 0,
            became_unique: previous.map(|previous| self.became_unique(previous)),
        }
    }

    /// Combinations that are alone here and were in company there; those that were not there at all are new, not exposed.
    fn became_unique(&self, previous: &Self) -> u64 {
        let level = self.level.max(previous.level);
        let mask = (1_u64 << level) - 1;
        let alone = self.counts.iter().filter(|(hash, count)| **count == 1 && **hash & mask == 0);
        let exposed = alone.filter(|(hash, _)| previous.counts.get(hash).is_some_and(|count| *count > 1)).count();
        u64::try_from(exposed).unwrap_or(u64::MAX).saturating_mul(1 << level)
    }
}

/// Takes so many bytes off the front.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

#[expect(clippy::cast_precision_loss, reason = "shares need no more digits than a double has")]
fn precise(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(value: u64) -> u64 {
        xxhash_rust::xxh3::xxh3_64(&value.to_le_bytes())
    }

    #[test]
    fn small_groups_and_what_became_unique_are_counted() {
        let mut before = Counter::new();
        let mut after = Counter::new();
        for value in [1, 1, 2, 2, 2, 3] {
            before.see(hash(value));
        }
        for value in [1, 2, 2, 3, 4] {
            after.see(hash(value));
        }
        let summary = after.summary("t", Vec::new(), Some(&before));
        assert_eq!((summary.rows, summary.groups, summary.smallest, summary.unique), (5, 4, 1, 3));
        assert!((summary.unique_share - 0.6).abs() < 1e-9);
        assert_eq!(summary.became_unique, Some(1));
    }

    #[test]
    fn memory_is_bounded_and_estimates_are_near() {
        let mut counter = Counter::with_limit(4_096);
        for value in 0..200_000_u64 {
            // Half of the rows are alone, the others come in pairs.
            counter.see(hash(if value % 2 == 0 { value } else { value / 4 * 4 + 1 }));
        }
        let summary = counter.summary("t", Vec::new(), None);
        assert!(counter.counts.len() <= 4_096 && summary.sampled);
        assert!((summary.unique_share - 0.5).abs() < 0.05, "{}", summary.unique_share);
        assert!((140_000..160_000).contains(&summary.groups), "{}", summary.groups);
    }
}

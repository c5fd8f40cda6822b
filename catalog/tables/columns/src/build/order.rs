//! Sorting rows by value, in pieces that fit into memory.

use std::cmp::Ordering;

use super::Task;
use crate::error::ColumnsError;

/// Rows by (value, row), those without a value last. `key` gives a number that never contradicts the order of values;
/// `ties` decides between values of the same key. `valid` says which rows have a value.
pub(super) fn sorted(
    task: &Task<'_>,
    valid: &dyn Fn(u32) -> bool,
    key: &dyn Fn(u32) -> u64,
    ties: Option<&dyn Fn(u32, u32) -> Ordering>,
) -> Result<Vec<u32>, ColumnsError> {
    let mut runs = Vec::new();
    let mut from = 0;
    while from < task.rows {
        let to = from.saturating_add(task.tuning.sorted_rows.max(1)).min(task.rows);
        let piece: Vec<(u64, u32)> = (from..to).filter(|row| valid(*row)).map(|row| (key(row), row)).collect();
        let mut piece = by_key(piece);
        if let Some(ties) = ties {
            for same in piece.chunk_by_mut(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
                same.sort_unstable_by(|a, b| ties(a.1, b.1).then(a.1.cmp(&b.1)));
            }
        }
        runs.push(piece.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
        task.checked()?;
        from = to;
    }
    let mut order = if runs.len() > 1 { merged(task, &runs, key, ties)? } else { runs.pop().unwrap_or_default() };
    order.extend((0..task.rows).filter(|row| !valid(*row)));
    Ok(order)
}

/// Pairs from which sorting by digits is quicker than by comparing.
const DIGITS_FROM: usize = 4_096;
/// Bytes of a key.
const KEY_BYTES: usize = 8;

/// Pairs of key and row by (key, row); the rows ascend as they come. By digits, the last one first: most columns differ in few of
/// their keys' bytes, and only these are looked at.
fn by_key(mut pairs: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    if pairs.len() < DIGITS_FROM {
        pairs.sort_unstable();
        return pairs;
    }
    let mut counts = [[0u32; 256]; KEY_BYTES];
    for (key, _) in &pairs {
        for (counts, digit) in counts.iter_mut().zip(key.to_le_bytes()) {
            if let Some(count) = counts.get_mut(usize::from(digit)) {
                *count += 1;
            }
        }
    }
    let mut moved = vec![(0u64, 0u32); pairs.len()];
    for (place, mut counts) in counts.into_iter().enumerate() {
        if counts.iter().any(|count| *count as usize == pairs.len()) {
            continue;
        }
        // From counts to where each digit's pairs begin.
        let mut sum = 0;
        for count in &mut counts {
            sum += std::mem::replace(count, sum);
        }
        for pair in &pairs {
            let digit = pair.0.to_le_bytes().get(place).copied().unwrap_or_default();
            if let Some(start) = counts.get_mut(usize::from(digit)) {
                if let Some(slot) = moved.get_mut(*start as usize) {
                    *slot = *pair;
                }
                *start += 1;
            }
        }
        std::mem::swap(&mut pairs, &mut moved);
    }
    pairs
}

fn merged(
    task: &Task<'_>,
    runs: &[Vec<u32>],
    key: &dyn Fn(u32) -> u64,
    ties: Option<&dyn Fn(u32, u32) -> Ordering>,
) -> Result<Vec<u32>, ColumnsError> {
    let mut order = Vec::with_capacity(runs.iter().map(Vec::len).sum::<usize>() + 1);
    let mut rests: Vec<_> = runs.iter().map(|run| run.iter().copied().peekable()).collect();
    let mut heads: Vec<Option<(u64, u32)>> =
        rests.iter_mut().map(|rest| rest.next().map(|row| (key(row), row))).collect();
    loop {
        // Few runs, so looking at each head is as good as a heap. Earlier runs hold earlier rows: they win ties.
        let mut least: Option<(usize, (u64, u32))> = None;
        for (at, head) in heads.iter().enumerate() {
            let Some(head) = head else { continue };
            let less = least.is_none_or(|(_, best)| {
                head.0.cmp(&best.0).then_with(|| ties.map_or(Ordering::Equal, |ties| ties(head.1, best.1))).is_lt()
            });
            if less {
                least = Some((at, *head));
            }
        }
        let Some((at, (_, row))) = least else { return Ok(order) };
        order.push(row);
        if order.len() % 65_536 == 0 {
            task.checked()?;
        }
        if let (Some(head), Some(rest)) = (heads.get_mut(at), rests.get_mut(at)) {
            *head = rest.next().map(|row| (key(row), row));
        }
    }
}

/// Bits of rows that have a value.
#[derive(Default)]
pub(super) struct Valid {
    words: Vec<u64>,
    rows: u32,
    nulls: u32,
}

impl Valid {
    pub(super) fn push(&mut self, valid: bool) {
        let bit = self.rows % 64;
        if bit == 0 {
            self.words.push(0);
        }
        if let (true, Some(word)) = (valid, self.words.last_mut()) {
            *word |= 1 << bit;
        }
        self.nulls += u32::from(!valid);
        self.rows += 1;
    }

    pub(super) fn get(&self, row: u32) -> bool {
        self.nulls == 0 || self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(super) const fn non_null(&self) -> usize {
        (self.rows - self.nulls) as usize
    }

    /// The words, when there is any row without a value.
    pub(super) fn into_words(self) -> Option<Vec<u64>> {
        (self.nulls > 0).then_some(self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_by_digits_is_sorting() {
        let mut x = 7u64;
        for shift in [0, 20, 40, 56, 63] {
            let mut next = || {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                x.rotate_left(17) >> shift
            };
            let pairs: Vec<(u64, u32)> = (0..20_000).map(|row| (next(), row)).collect();
            let mut expected = pairs.clone();
            expected.sort_unstable();
            assert_eq!(by_key(pairs), expected);
        }
    }
}

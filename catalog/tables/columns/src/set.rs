//! Sets of rows.

use std::borrow::Cow;

/// Rows of a snapshot that fulfil a condition, each once.
#[derive(Debug, Clone)]
pub enum RowSet<'a> {
    /// All of so many.
    All(u32),
    /// These, ascending.
    Sorted(Cow<'a, [u32]>),
    /// Those whose bit is set.
    Bits(Bits),
}

impl RowSet<'_> {
    pub(crate) const fn nothing() -> Self {
        Self::Sorted(Cow::Borrowed(&[]))
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::All(rows) => u64::from(*rows),
            Self::Sorted(rows) => rows.len() as u64,
            Self::Bits(bits) => bits.count,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the row is one of them.
    #[must_use]
    #[inline]
    pub fn contains(&self, row: u32) -> bool {
        match self {
            Self::All(rows) => row < *rows,
            Self::Sorted(rows) => rows.binary_search(&row).is_ok(),
            Self::Bits(bits) => bits.get(row),
        }
    }

    /// The rows, ascending.
    pub fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        self.iter_from(0)
    }

    /// The rows from this number on, ascending.
    pub fn iter_from(&self, row: u32) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::All(rows) => Box::new(row..*rows),
            Self::Sorted(rows) => {
                let from = rows.partition_point(|own| *own < row);
                Box::new(rows.get(from..).unwrap_or_default().iter().copied())
            }
            Self::Bits(bits) => Box::new(bits.iter_from(row)),
        }
    }

    /// The row that `count` rows of the set stand before.
    #[must_use]
    pub fn select(&self, count: u64) -> Option<u32> {
        match self {
            Self::All(rows) => u32::try_from(count).ok().filter(|row| row < rows),
            Self::Sorted(rows) => usize::try_from(count).ok().and_then(|at| rows.get(at)).copied(),
            Self::Bits(bits) => bits.select(count),
        }
    }
}

/// A bit a row.
#[derive(Debug, Clone)]
pub struct Bits {
    words: Vec<u64>,
    count: u64,
}

impl Bits {
    pub(crate) fn new(rows: u32) -> Self {
        Self { words: vec![0; (rows as usize).div_ceil(64)], count: 0 }
    }

    /// A bit for each value.
    pub(crate) fn of<T>(values: &[T], test: impl Fn(&T) -> bool) -> Self {
        let word =
            |values: &[T]| values.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(test(value)) << bit);
        let mut bits = Self { words: values.chunks(64).map(word).collect(), count: 0 };
        bits.recount();
        bits
    }

    /// Leaves only bits that are set there too.
    pub(crate) fn keep(&mut self, words: &[u64]) {
        for (word, other) in self.words.iter_mut().zip(words) {
            *word &= other;
        }
        self.recount();
    }

    #[inline]
    pub(crate) fn get(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Sets the bits of rows; the count is wrong until [`Self::recount`].
    #[inline]
    pub(crate) fn set_all(&mut self, rows: impl Iterator<Item = u32>) {
        for row in rows {
            if let Some(word) = self.words.get_mut(row as usize / 64) {
                *word |= 1 << (row % 64);
            }
        }
    }

    pub(crate) fn recount(&mut self) {
        self.count = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words, to be filled in; the count is wrong until [`Self::recount`].
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    pub(crate) fn union(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
        self.recount();
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        self.keep(&other.words);
    }

    /// All rows that are not in the set.
    pub(crate) fn invert(&mut self, rows: u32) {
        for word in &mut self.words {
            *word = !*word;
        }
        if let (Some(last), true) = (self.words.last_mut(), !rows.is_multiple_of(64)) {
            *last &= (1 << (rows % 64)) - 1;
        }
        self.recount();
    }

    fn iter_from(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        let first = row as usize / 64;
        let words = self.words.get(first..).unwrap_or_default();
        (first..).zip(words).flat_map(move |(at, word)| {
            let mut rest = if at == first { word & (u64::MAX << (row % 64)) } else { *word };
            let base = u32::try_from(at * 64).unwrap_or(u32::MAX);
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    base + bit
                })
            })
        })
    }

    fn select(&self, count: u64) -> Option<u32> {
        let mut left = count;
        for (at, word) in self.words.iter().enumerate() {
            let ones = u64::from(word.count_ones());
            if left < ones {
                let mut rest = *word;
                for _ in 0..left {
                    rest &= rest - 1;
                }
                return u32::try_from(at * 64).ok().map(|base| base + rest.trailing_zeros());
            }
            left -= ones;
        }
        None
    }
}

/// A union of ascending runs of rows.
pub(crate) fn union<'a>(rows: u32, mut runs: Vec<&'a [u32]>) -> RowSet<'a> {
    runs.retain(|run| !run.is_empty());
    let total: usize = runs.iter().map(|run| run.len()).sum();
    match runs.as_slice() {
        [] => RowSet::nothing(),
        [one] => RowSet::Sorted(Cow::Borrowed(one)),
        _ if is_few(total, rows) => {
            let mut all = runs.concat();
            all.sort_unstable();
            all.dedup();
            RowSet::Sorted(Cow::Owned(all))
        }
        _ => {
            let mut bits = Bits::new(rows);
            for run in runs {
                bits.set_all(run.iter().copied());
            }
            bits.recount();
            RowSet::Bits(bits)
        }
    }
}

/// Whether sorting so many row numbers is cheaper than a bit for each row.
pub(crate) fn is_few(count: usize, rows: u32) -> bool {
    count <= 256 || count <= rows as usize / 1_024
}

/// Rows that are in both.
pub(crate) fn intersection<'a>(a: RowSet<'a>, b: RowSet<'a>) -> RowSet<'a> {
    match (a, b) {
        (RowSet::All(_), other) | (other, RowSet::All(_)) => other,
        (RowSet::Bits(mut a), RowSet::Bits(b)) => {
            a.intersect(&b);
            RowSet::Bits(a)
        }
        (RowSet::Sorted(few), RowSet::Bits(bits)) | (RowSet::Bits(bits), RowSet::Sorted(few)) => {
            RowSet::Sorted(few.iter().copied().filter(|row| bits.get(*row)).collect())
        }
        (RowSet::Sorted(a), RowSet::Sorted(b)) => {
            let (few, mut many) = if a.len() <= b.len() { (&*a, &*b) } else { (&*b, &*a) };
            let mut both = Vec::new();
            for row in few {
                // Steps that double: the longer list is passed over in the time of the shorter.
                let mut reach = 1;
                while many.get(reach).is_some_and(|own| own < row) {
                    reach *= 2;
                }
                let window = many.get(..(reach + 1).min(many.len())).unwrap_or_default();
                let skip = window.partition_point(|own| own < row);
                many = many.get(skip..).unwrap_or_default();
                if many.first() == Some(row) {
                    both.push(*row);
                }
            }
            RowSet::Sorted(Cow::Owned(both))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_all_kinds_agree() {
        let rows = 200u32;
        let threes: Vec<u32> = (0..rows).filter(|row| row % 3 == 0).collect();
        let mut bits = Bits::new(rows);
        bits.set_all(threes.iter().copied());
        bits.recount();
        let sorted = RowSet::Sorted(Cow::Borrowed(&threes));
        let bits = RowSet::Bits(bits);
        for set in [&sorted, &bits] {
            assert_eq!(set.len(), 67);
            assert_eq!(set.iter().collect::<Vec<_>>(), threes);
            assert_eq!(set.iter_from(100).next(), Some(102));
            assert_eq!(set.select(66), Some(198));
            assert_eq!(set.select(67), None);
            assert!(set.contains(99) && !set.contains(100) && !set.contains(300));
        }
        let mut inverse = match bits.clone() {
            RowSet::Bits(bits) => bits,
            _ => Bits::new(0),
        };
        inverse.invert(rows);
        assert_eq!(RowSet::Bits(inverse).len(), 133);
        let fives: Vec<u32> = (0..rows).filter(|row| row % 5 == 0).collect();
        let five = || RowSet::Sorted(Cow::Borrowed(fives.as_slice()));
        let both: Vec<u32> = (0..rows).filter(|row| row % 15 == 0).collect();
        assert_eq!(intersection(sorted.clone(), five()).iter().collect::<Vec<_>>(), both);
        assert_eq!(intersection(five(), bits).iter().collect::<Vec<_>>(), both);
        assert_eq!(union(rows, vec![&threes, &fives]).len(), 67 + 40 - 14);
    }
}

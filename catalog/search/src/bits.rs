//! Sets of a segment's documents, a bit each.

use tantivy::DocId;

/// A set of the documents below a given number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    documents: DocId,
}

impl Bits {
    /// None of so many documents.
    pub(crate) fn none(documents: DocId) -> Self {
        Self { words: vec![0; documents.div_ceil(64) as usize], documents }
    }

    /// All of so many documents.
    pub(crate) fn all(documents: DocId) -> Self {
        let mut words = vec![u64::MAX; documents.div_ceil(64) as usize];
        if !documents.is_multiple_of(64)
            && let Some(last) = words.last_mut()
        {
            *last = (1 << (documents % 64)) - 1;
        }
        Self { words, documents }
    }

    /// The documents of a list of bytes, one each, that pass a test. Bytes go by 64, which compilers make fast.
    pub(crate) fn of_bytes(bytes: &[u8], test: impl Fn(u8) -> bool) -> Self {
        let word =
            |chunk: &[u8]| chunk.iter().enumerate().fold(0, |word, (at, byte)| word | u64::from(test(*byte)) << at);
        Self {
            words: bytes.chunks(64).map(word).collect(),
            documents: DocId::try_from(bytes.len()).unwrap_or(DocId::MAX),
        }
    }

    #[inline]
    pub(crate) fn insert(&mut self, doc: DocId) {
        if let Some(word) = self.words.get_mut((doc / 64) as usize) {
            *word |= 1 << (doc % 64);
        }
    }

    pub(crate) fn remove(&mut self, doc: DocId) {
        if let Some(word) = self.words.get_mut((doc / 64) as usize) {
            *word &= !(1 << (doc % 64));
        }
    }

    #[inline]
    pub(crate) fn contains(&self, doc: DocId) -> bool {
        self.words.get((doc / 64) as usize).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// How many of these are in another set too.
    pub(crate) fn count_in(&self, other: &Self) -> u32 {
        self.words.iter().zip(&other.words).map(|(one, other)| (one & other).count_ones()).sum()
    }

    /// Keeps those that are in another set too.
    pub(crate) fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(one, other)| *one &= other);
    }

    /// Adds those that are in another set.
    pub(crate) fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(one, other)| *one |= other);
    }

    /// Calls `each` with every document, in order.
    #[inline]
    pub(crate) fn each(&self, mut each: impl FnMut(DocId)) {
        for (begin, word) in (0..self.documents).step_by(64).zip(&self.words) {
            let mut left = *word;
            while left != 0 {
                each(begin + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    /// Keeps those that pass a test.
    pub(crate) fn retain(&mut self, mut test: impl FnMut(DocId) -> bool) {
        for (begin, word) in (0..self.documents).step_by(64).zip(&mut self.words) {
            let mut left = *word;
            while left != 0 {
                let bit = left & left.wrapping_neg();
                if !test(begin + left.trailing_zeros()) {
                    *word &= !bit;
                }
                left &= left - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(bits: &Bits) -> Vec<DocId> {
        let mut docs = Vec::new();
        bits.each(|doc| docs.push(doc));
        docs
    }

    #[test]
    fn sets_hold_what_was_put_in_at_every_size() {
        for documents in [0, 1, 63, 64, 65, 128, 200] {
            let all = Bits::all(documents);
            assert_eq!(list(&all), (0..documents).collect::<Vec<_>>());
            assert_eq!(all.count(), u64::from(documents));
            let mut thirds = Bits::none(documents);
            (0..documents).filter(|doc| doc.is_multiple_of(3)).for_each(|doc| thirds.insert(doc));
            let mut even = all.clone();
            even.retain(|doc| doc.is_multiple_of(2));
            assert_eq!(thirds.count_in(&even) as usize, (0..documents).filter(|doc| doc.is_multiple_of(6)).count());
            even.and(&thirds);
            assert_eq!(list(&even), (0..documents).filter(|doc| doc.is_multiple_of(6)).collect::<Vec<_>>());
            assert!(!all.contains(documents) && (documents < 5 || !thirds.contains(4)));
            let bytes: Vec<u8> = (0..documents).map(|doc| u8::try_from(doc % 5).unwrap_or(0)).collect();
            let fours = Bits::of_bytes(&bytes, |byte| byte == 4);
            assert_eq!(list(&fours), (0..documents).filter(|doc| doc % 5 == 4).collect::<Vec<_>>());
        }
    }
}

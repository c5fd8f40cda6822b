//! What a word weighs in each document of a segment, kept for words of many documents: those are asked for again and again,
//! in one question with others and in the next with more, and cost the most to read.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tantivy::{DocId, Term};

/// Memory that a segment's lists may take, in bytes for each of its documents …
const BYTES_PER_DOCUMENT: usize = 256;
/// … and in all.
const MAX_BYTES: usize = 64 << 20;
/// What a key takes about, in bytes.
const KEY_BYTES: usize = 100;
/// Words of fewer documents are read anew each time.
pub(crate) const WIDE_DOCUMENTS: u64 = 1_000;
/// Segments of fewer documents keep nothing.
const LARGE_SEGMENT: DocId = 4_096;
/// A list of one in so many documents has a place for each document: from there on that is no larger.
const DENSE_SHARE: usize = 2;

/// What a word weighs in the documents of a segment that have it, without what all share: its rarity and boost.
#[derive(Debug)]
pub(crate) enum List {
    /// By document; 0 where there is none.
    Dense(Vec<f32>),
    /// In the order of documents.
    Sparse(Vec<(DocId, f32)>),
}

impl List {
    /// A list in the order of documents.
    pub(crate) fn of(weights: Vec<(DocId, f32)>, documents: DocId) -> Self {
        if weights.len() < documents as usize / DENSE_SHARE {
            return Self::Sparse(weights);
        }
        let mut dense = vec![0.0; documents as usize];
        for (doc, weight) in weights {
            if let Some(place) = dense.get_mut(doc as usize) {
                *place = weight;
            }
        }
        Self::Dense(dense)
    }

    const fn bytes(&self) -> usize {
        match self {
            Self::Dense(weights) => weights.len() * size_of::<f32>(),
            Self::Sparse(weights) => weights.len() * size_of::<(DocId, f32)>(),
        }
    }
}

/// How a word is known: all that its weights follow from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The documents' mean length, as bits.
    pub(crate) mean_length: u32,
    pub(crate) term: Term,
}

/// The kept lists of a segment: those used of late, and those from before, which are let go when memory is needed.
#[derive(Debug)]
pub(crate) struct Lists {
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    young: HashMap<Key, Arc<List>>,
    young_bytes: usize,
    old: HashMap<Key, Arc<List>>,
}

impl Lists {
    /// The lists of a segment of so many documents: none yet.
    pub(crate) fn of(documents: DocId) -> Self {
        let most = if documents < LARGE_SEGMENT { 0 } else { (documents as usize * BYTES_PER_DOCUMENT).min(MAX_BYTES) };
        Self { most_bytes: most, kept: Mutex::default() }
    }

    /// False when nothing is ever kept here.
    pub(crate) const fn keeps(&self) -> bool {
        self.most_bytes > 0
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<List>> {
        let mut kept = self.kept.lock();
        if let Some(list) = kept.young.get(key) {
            return Some(list.clone());
        }
        let (key, list) = kept.old.remove_entry(key)?;
        kept.put(key, list.clone(), self.most_bytes);
        Some(list)
    }

    pub(crate) fn put(&self, key: Key, list: Arc<List>) {
        self.kept.lock().put(key, list, self.most_bytes);
    }
}

impl Kept {
    fn put(&mut self, key: Key, list: Arc<List>, most_bytes: usize) {
        let bytes = KEY_BYTES + list.bytes();
        if bytes > most_bytes / 2 {
            return;
        }
        if self.young_bytes + bytes > most_bytes / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(key, list);
    }
}

#[cfg(test)]
mod tests {
    use tantivy::schema::Field;

    use super::*;

    #[test]
    fn memory_is_held_and_what_is_used_stays() {
        let lists = Lists::of(100_000);
        let key = |n: u32| Key { mean_length: n, term: Term::from_field_text(Field::from_field_id(0), "water") };
        let list = || Arc::new(List::of((0..60_000).map(|doc| (doc, 1.0)).collect(), 100_000));
        for n in 0..500_u32 {
            lists.put(key(n), list());
            assert!(lists.get(&key(0)).is_some(), "{n}");
        }
        let kept = lists.kept.lock();
        let bytes: usize = kept.young.iter().chain(&kept.old).map(|(_, list)| KEY_BYTES + list.bytes()).sum();
        assert!(bytes > 400_000 && bytes <= 100_000 * BYTES_PER_DOCUMENT, "{bytes}");
        drop(kept);
        assert!(!Lists::of(100).keeps());
    }

    #[test]
    fn lists_are_as_small_as_they_can_be() {
        let weights = |every: u32| (0..1_000).filter(|doc| doc % every == 0).map(|doc| (doc, 1.0)).collect();
        assert!(matches!(List::of(weights(3), 1_000), List::Sparse(sparse) if sparse.len() == 334));
        assert!(matches!(List::of(weights(1), 1_000), List::Dense(dense) if dense.len() == 1_000));
    }
}

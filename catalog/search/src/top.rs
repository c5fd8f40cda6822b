//! The first so many of a stream of hits, after a given place.

use tantivy::DocId;

/// A hit's place in the order (smaller comes first) and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) rank: u64,
    pub(crate) id: u128,
    pub(crate) segment: u32,
    pub(crate) doc: DocId,
    /// The score's bits.
    pub(crate) score: u32,
}

/// Keeps the first `wanted` places that lie after `after`.
#[derive(Debug)]
pub(crate) struct Top {
    wanted: usize,
    after: Option<(u64, u128)>,
    kept: Vec<Place>,
    /// Ranks beyond this cannot be among the first any more.
    worst: u64,
}

impl Top {
    pub(crate) fn new(wanted: usize, after: Option<(u64, u128)>) -> Self {
        Self { wanted, after, kept: Vec::new(), worst: u64::MAX }
    }

    /// Offers a hit; `id` is asked only when the rank does not settle it.
    #[inline]
    pub(crate) fn offer(&mut self, rank: u64, score: f32, segment: u32, doc: DocId, id: impl FnOnce() -> u128) {
        if rank > self.worst || self.wanted == 0 || self.after.is_some_and(|(after, _)| rank < after) {
            return;
        }
        let id = id();
        if self.after.is_some_and(|after| (rank, id) <= after) {
            return;
        }
        self.kept.push(Place { rank, id, segment, doc, score: score.to_bits() });
        if self.kept.len() >= self.wanted * 2 + 64 {
            self.cut();
        }
    }

    /// True when something of that rank lies after the place that the page begins after, whatever its id.
    pub(crate) fn is_after(&self, rank: u64) -> bool {
        self.after.is_none_or(|(after, _)| rank > after)
    }

    fn cut(&mut self) {
        if self.kept.len() > self.wanted {
            self.kept.select_nth_unstable(self.wanted);
            self.kept.truncate(self.wanted);
            self.worst = self.kept.iter().map(|place| place.rank).max().unwrap_or(u64::MAX);
        }
    }

    /// The first ones, in order.
    pub(crate) fn into_places(mut self) -> Vec<Place> {
        self.cut();
        self.kept.sort_unstable();
        self.kept
    }
}

/// The rank of a score: the higher the score, the earlier. The last bits are dropped, so that the order of sums does not
/// matter.
#[inline]
pub(crate) fn rank_of_score(score: f32) -> u64 {
    u64::from(!(score.max(0.0).to_bits() & !0x7ff))
}

/// The rank of a moment: the later, the earlier it comes; without one, last.
#[inline]
pub(crate) fn rank_of_moment(micros: Option<i64>) -> u64 {
    micros.map_or(u64::MAX, |micros| (!tantivy::i64_to_u64(micros)).min(u64::MAX - 1))
}

/// The rank of a text's place in its segment's dictionary, and the other way round.
pub(crate) const fn rank_of_ord(ord: u64, descending: bool) -> u64 {
    if descending { u64::MAX - ord } else { ord }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_order_as_their_values() {
        assert!(rank_of_score(2.0) < rank_of_score(1.0));
        assert!(rank_of_score(0.5) < rank_of_score(0.0));
        assert_eq!(rank_of_score(1.0), rank_of_score(1.000_000_1));
        assert!(rank_of_moment(Some(5)) < rank_of_moment(Some(4)));
        assert!(rank_of_moment(Some(0)) < rank_of_moment(Some(-1)));
        assert!(rank_of_moment(Some(i64::MIN)) < rank_of_moment(None));
    }

    #[test]
    fn the_first_after_a_place_are_kept_in_order() {
        let mut top = Top::new(3, Some((5, 7)));
        for n in (0..1_000_u32).rev() {
            top.offer(u64::from(n / 2), 0.0, 0, n, || u128::from(n));
        }
        let docs: Vec<_> = top.into_places().into_iter().map(|place| place.doc).collect();
        assert_eq!(docs, [10, 11, 12]);
    }
}

//! Counting facets: the most frequent values among some documents.
//!
//! Of few documents each one's values are counted. Of many, the values are gone through from the most frequent of all on,
//! each by how many of its documents are among those: a value cannot have more than it has over all, so once enough values have
//! more than the next one has at all, no further one can be among the most frequent.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bits::Bits;
use crate::facets::{NONE, Names, Values};
use crate::generation::Snapshot;
use crate::posted::Posted;
use crate::query::{Facet, FacetCount};

/// Documents that are counted one by one, whatever their values.
const FEW_DOCUMENTS: u64 = 1_000;
/// Values that are gone through at most, the most frequent ones.
const MAX_RANKED: usize = 512;

/// The datasets with one value, whatever its spelling.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) count: u32,
    /// The spelling to show, and how many of the datasets use it.
    pub(crate) shown: u32,
    pub(crate) shown_count: u32,
}

/// The greatest sums of many, with all that are equal to the last of them.
#[derive(Debug)]
pub(crate) struct Most {
    limit: usize,
    least: u32,
    sums: Vec<Sum>,
    cut_at: usize,
}

impl Most {
    /// Sums beyond the limit that are borne before they are sorted out.
    const SLACK: usize = 256;

    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, least: u32::from(limit == 0) * u32::MAX, sums: Vec::new(), cut_at: limit + Self::SLACK }
    }

    #[inline]
    pub(crate) fn offer(&mut self, sum: Sum) {
        if sum.count < self.least {
            return;
        }
        self.sums.push(sum);
        if self.sums.len() >= self.cut_at {
            self.cut();
            self.cut_at = self.sums.len() * 2 + Self::SLACK;
        }
    }

    fn cut(&mut self) {
        if let Some(last) = self.limit.checked_sub(1).filter(|last| *last < self.sums.len()) {
            let (_, least, _) = self.sums.select_nth_unstable_by_key(last, |sum| std::cmp::Reverse(sum.count));
            self.least = least.count;
            self.sums.retain(|sum| sum.count >= self.least);
        }
    }

    pub(crate) fn into_sums(mut self) -> Vec<Sum> {
        self.cut();
        self.sums
    }
}

/// The most frequent values of a facet over all documents, the most frequent first.
#[derive(Debug)]
pub(crate) struct Ranked {
    roots: Vec<Root>,
    /// True when there are no others.
    whole: bool,
    /// How many values a document has in the mean.
    per_document: f64,
}

#[derive(Debug)]
struct Root {
    /// How many documents have it, deleted ones included: a bound.
    total: u32,
    numbers: Vec<u32>,
}

impl Ranked {
    /// Ranks the values of the facet at `slot`.
    pub(crate) fn of(snapshot: &Snapshot, slot: usize, names: &Names) -> Self {
        let posted: Vec<&Posted> = snapshot.segments.iter().filter_map(|segment| segment.posted(slot)).collect();
        let documents: u64 = posted.iter().map(|posted| u64::from(posted.documents())).sum();
        let sums = names.sum_by_root(posted.iter().flat_map(|posted| posted.totals()));
        let values: u64 = sums.iter().map(|sum| u64::from(*sum)).sum();
        let mut roots: Vec<(u32, u32)> = (0..).zip(sums).filter(|(_, total)| *total > 0).collect();
        let whole = roots.len() <= MAX_RANKED;
        if !whole {
            roots.select_nth_unstable_by_key(MAX_RANKED, |(_, total)| Reverse(*total));
            roots.truncate(MAX_RANKED);
        }
        roots.sort_unstable_by_key(|(_, total)| Reverse(*total));
        let root = |(root, total)| Root { total, numbers: names.spellings(root) };
        let per_document = float(values) / float(documents.max(1));
        Self { roots: roots.into_iter().map(root).collect(), whole, per_document }
    }

    /// The documents of each value that may be among the most frequent of a set (one per segment); none when counting them one
    /// by one is cheaper.
    fn count(&self, posted: &[&Posted], sets: &[&Bits], hits: u64, limit: usize) -> Option<Vec<(u32, u32)>> {
        let mut left = float(hits) * self.per_document;
        let mut counted = Vec::new();
        let mut most: BinaryHeap<Reverse<u32>> = BinaryHeap::with_capacity(limit + 1);
        for root in &self.roots {
            if most.len() >= limit && most.peek().is_none_or(|Reverse(least)| root.total < *least) {
                return Some(counted);
            }
            if left < 0.0 {
                return None;
            }
            let mut sum = 0;
            for number in &root.numbers {
                let mut count = 0;
                for (posted, set) in posted.iter().zip(sets) {
                    let (found, looked_at) = posted.count(*number, set)?;
                    count += found;
                    left -= float(looked_at);
                }
                if count > 0 {
                    counted.push((*number, count));
                }
                sum += count;
            }
            most.push(Reverse(sum));
            if most.len() > limit {
                most.pop();
            }
        }
        self.whole.then_some(counted)
    }
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "costs are estimates")]
fn float(number: u64) -> f64 {
    number as f64
}

thread_local! {
    /// Count arrays that are all zero, ready for use; kept per thread so that a question allocates nothing large.
    static SPARE: RefCell<Vec<Vec<u32>>> = const { RefCell::new(Vec::new()) };
}

/// The most frequent values of the facet at `slot` among sets of documents, one per segment.
pub(crate) fn count(snapshot: &Snapshot, slot: usize, sets: &[&Bits], limit: usize) -> Vec<FacetCount> {
    let Some(names) = snapshot.names.get(slot) else { return Vec::new() };
    let hits: u64 = sets.iter().map(|set| set.count()).sum();
    if hits > FEW_DOCUMENTS && limit > 0 {
        let posted: Vec<&Posted> = snapshot.segments.iter().filter_map(|segment| segment.posted(slot)).collect();
        let counted = snapshot.ranked(slot).and_then(|ranked| ranked.count(&posted, sets, hits, limit));
        if let Some(counted) = counted {
            return names.top(counted.into_iter(), limit);
        }
    }
    let mut counter = Counter::new(names);
    for (segment, set) in snapshot.segments.iter().zip(sets) {
        if let Some(values) = segment.facets.get(slot) {
            counter.add(values, set);
        }
    }
    counter.top(names, limit)
}

/// Counts the values of documents one by one.
#[derive(Debug)]
struct Counter {
    counts: Vec<u32>,
    touched: Vec<u32>,
}

impl Counter {
    fn new(names: &Names) -> Self {
        let mut counts = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
        counts.resize(names.len().max(counts.len()), 0);
        Self { counts, touched: Vec::new() }
    }

    fn add(&mut self, values: &Values, documents: &Bits) {
        let Self { counts, touched } = self;
        let mut note = |number: u32| {
            if let Some(count) = counts.get_mut(number as usize) {
                if *count == 0 {
                    touched.push(number);
                }
                *count += 1;
            }
        };
        match values {
            // No number is [`NONE`], so that documents without a value count for nothing.
            Values::One(values) => documents.each(|doc| note(values.get(doc as usize).copied().unwrap_or(NONE))),
            Values::Many { .. } => documents.each(|doc| values.of(doc).iter().for_each(|number| note(*number))),
        }
    }

    /// The most frequent values.
    fn top(mut self, names: &Names, limit: usize) -> Vec<FacetCount> {
        let Self { counts, touched } = &mut self;
        // Each is taken once, and all are zero again in the end.
        let counted = touched.iter().filter_map(|number| {
            let count = std::mem::take(counts.get_mut(*number as usize)?);
            (count > 0).then_some((*number, count))
        });
        let top = names.top(counted, limit);
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < Facet::ALL.len() {
                spare.push(self.counts);
            }
        });
        top
    }
}

//! Scoring: word by word over all documents of a commit, into one array.
//!
//! Every hit of a question is visited anyway, to count facets, so nothing is won by leaving documents out; and words one
//! after another go through memory in order. What a document scores for a word is the best of the word's alternatives.

use std::sync::Arc;

use parking_lot::Mutex;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::query::{EnableScoring, PhraseQuery, Query};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use crate::bits::Bits;
use crate::generation::Snapshot;
use crate::lists::{Key, List, WIDE_DOCUMENTS};
use crate::plan::{Alternative, Group, Plan, What};
use crate::ranking::{COVERAGE_POWER, LENGTH_SHARE, SATURATION};
use crate::segment::Segment;

/// Occurrences that a phrase, a word within one field or a year counts as.
const PLAIN_OCCURRENCES: f32 = 2.0;
/// Arrays that are kept for the next question.
const KEPT_ARRAYS: usize = 8;
/// When the words of a question stand in more than one in so many documents, documents are not noted one by one.
const MANY_TOUCHED_SHARE: u32 = 8;
/// Questions of so many words at most count the documents that hold so and so many in a pass each.
const COUNTED_BY_PASSES: usize = 12;
/// Steps to which the documents' mean length is rounded, so that what follows from it lasts longer than a commit.
const LENGTH_STEPS: f32 = 4.0;

/// Arrays with a place per document, all zero between questions.
#[derive(Debug, Default)]
struct Arrays {
    scores: Vec<f32>,
    best: Vec<f32>,
    held: Vec<u8>,
    touched: Vec<u32>,
    of_group: Vec<u32>,
}

static SPARE: Mutex<Vec<Arrays>> = Mutex::new(Vec::new());

/// What the documents of a commit score for a question.
pub(crate) struct Scores {
    arrays: Arrays,
    /// Where each segment's documents begin; the last is their number.
    begins: Vec<u32>,
    /// Where each segment's documents begin among the touched ones; none when so many are touched that all are looked at.
    touched_begins: Option<Vec<usize>>,
    wanted: usize,
    /// By the number of words held: what that share of all makes of a score.
    by_share: Vec<f32>,
}

/// One segment's part of the scores, by document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scored<'a> {
    scores: &'a [f32],
    held: &'a [u8],
    by_share: &'a [f32],
}

impl Scored<'_> {
    /// What a document scores, with its share of the wanted words.
    #[inline]
    pub(crate) fn score(&self, doc: DocId) -> f32 {
        let doc = doc as usize;
        let score = self.scores.get(doc).copied().unwrap_or(0.0);
        let held = self.held.get(doc).copied().unwrap_or(0);
        score * self.by_share.get(usize::from(held)).copied().unwrap_or(1.0)
    }
}

impl Scores {
    /// Scores every document that holds any of the wanted words.
    pub(crate) fn of(plan: &Plan, snapshot: &Snapshot) -> Result<Self, TantivyError> {
        let mut arrays = SPARE.lock().pop().unwrap_or_default();
        let mut begins = vec![0_u32];
        for reader in snapshot.searcher.0.segment_readers() {
            begins.push(begins.last().copied().unwrap_or(0).saturating_add(reader.max_doc()));
        }
        let documents = begins.last().copied().unwrap_or(0);
        let places = documents as usize;
        if arrays.scores.len() < places {
            arrays.scores.resize(places, 0.0);
            arrays.best.resize(places, 0.0);
            arrays.held.resize(places, 0);
        }
        let wanted = plan.groups.len();
        let count = |words: usize| as_float(u64::try_from(words).unwrap_or(u64::MAX));
        let by_share = (0..wanted).map(|held| (count(held) / count(wanted)).powf(COVERAGE_POWER)).collect();
        let touched: u64 = plan.groups.iter().map(|group| group.frequency).sum();
        let few = touched < u64::from(documents / MANY_TOUCHED_SHARE);
        let mut scores = Self { arrays, begins, touched_begins: few.then(|| vec![0]), wanted, by_share };
        let statistics = Statistics::of(snapshot)?;
        for number in 0..scores.begins.len().saturating_sub(1) {
            let Some(mut part) = Part::of(snapshot, number, &scores.begins, &statistics, few)? else { continue };
            for group in &plan.groups {
                part.group(group, &mut scores.arrays, true)?;
            }
            let from = scores.touched_begins.as_ref().and_then(|begins| begins.last().copied()).unwrap_or(0);
            for group in &plan.optional {
                part.extra(group, &mut scores.arrays, from)?;
            }
            if let Some(begins) = &mut scores.touched_begins {
                begins.push(scores.arrays.touched.len());
            }
        }
        Ok(scores)
    }

    /// Adds what moves hits up, after hits are known.
    pub(crate) fn add(&mut self, groups: &[Group], snapshot: &Snapshot) -> Result<(), TantivyError> {
        let statistics = Statistics::of(snapshot)?;
        for number in 0..self.begins.len().saturating_sub(1) {
            let few = self.touched_begins.is_some();
            let Some(mut part) = Part::of(snapshot, number, &self.begins, &statistics, few)? else { continue };
            for group in groups {
                part.group(group, &mut self.arrays, false)?;
            }
        }
        Ok(())
    }

    fn range(&self, segment: usize) -> std::ops::Range<usize> {
        let at = |segment: usize| self.begins.get(segment).copied().unwrap_or(0) as usize;
        at(segment)..at(segment + 1)
    }

    /// The scores of a segment.
    pub(crate) fn scored(&self, segment: usize) -> Scored<'_> {
        let range = self.range(segment);
        Scored {
            scores: self.arrays.scores.get(range.clone()).unwrap_or_default(),
            held: self.arrays.held.get(range).unwrap_or_default(),
            by_share: &self.by_share,
        }
    }

    /// How many documents hold so many of the wanted words, for every number of words.
    pub(crate) fn by_words_held(&self, snapshot: &Snapshot) -> Vec<u64> {
        let mut counts = vec![0; self.wanted + 1];
        for (number, reader) in snapshot.searcher.0.segment_readers().iter().enumerate() {
            let held = self.scored(number).held;
            let alive = reader.alive_bitset();
            if self.touched_begins.is_none() && alive.is_none() && self.wanted <= COUNTED_BY_PASSES {
                // A pass for each number of words is quicker than one pass for all: it goes by many bytes at once.
                for (words, count) in (1..).zip(counts.iter_mut().skip(1)) {
                    *count += held.chunks(255).map(|held| u64::from(equal_to(held, words))).sum::<u64>();
                }
                continue;
            }
            self.each(number, |doc, held| {
                if alive.is_none_or(|alive| alive.is_alive(doc))
                    && let Some(count) = counts.get_mut(usize::from(held))
                {
                    *count += 1;
                }
            });
        }
        counts
    }

    /// Calls `each` with the documents of a segment that hold any of the words, and how many they hold.
    pub(crate) fn each(&self, segment: usize, mut each: impl FnMut(DocId, u8)) {
        let range = self.range(segment);
        let held = self.arrays.held.get(range.clone()).unwrap_or_default();
        let Some(begins) = &self.touched_begins else {
            return (0..).zip(held).filter(|(_, held)| **held > 0).for_each(|(doc, held)| each(doc, *held));
        };
        let touched = begins.get(segment).zip(begins.get(segment + 1));
        let touched = touched.and_then(|(from, to)| self.arrays.touched.get(*from..*to)).unwrap_or_default();
        let begin = self.begins.get(segment).copied().unwrap_or(0);
        touched.iter().for_each(|place| {
            let doc = place - begin;
            each(doc, held.get(doc as usize).copied().unwrap_or(0));
        });
    }

    /// The documents of a segment that hold so many words at least (of none, nothing can be said).
    pub(crate) fn holding(&self, segment: usize, least: usize) -> Bits {
        let least = u8::try_from(least.max(1)).unwrap_or(u8::MAX);
        if self.touched_begins.is_none() {
            return Bits::of_bytes(self.scored(segment).held, |held| held >= least);
        }
        let range = self.range(segment);
        let mut bits = Bits::none(u32::try_from(range.len()).unwrap_or(u32::MAX));
        self.each(segment, |doc, held| {
            if held >= least {
                bits.insert(doc);
            }
        });
        bits
    }
}

/// How many of at most 255 bytes are equal to one.
fn equal_to(bytes: &[u8], wanted: u8) -> u8 {
    bytes.iter().fold(0, |count: u8, byte| count.wrapping_add(u8::from(*byte == wanted)))
}

impl Drop for Scores {
    fn drop(&mut self) {
        let mut arrays = std::mem::take(&mut self.arrays);
        if self.touched_begins.is_none() || arrays.touched.len() > arrays.scores.len() / 8 {
            arrays.scores.fill(0.0);
            arrays.held.fill(0);
        } else {
            for place in &arrays.touched {
                if let (Some(score), Some(held)) =
                    (arrays.scores.get_mut(*place as usize), arrays.held.get_mut(*place as usize))
                {
                    (*score, *held) = (0.0, 0);
                }
            }
        }
        // A group that failed half-way may have left something here.
        for place in arrays.of_group.drain(..) {
            if let Some(best) = arrays.best.get_mut(place as usize) {
                *best = 0.0;
            }
        }
        arrays.touched.clear();
        let mut spare = SPARE.lock();
        if spare.len() < KEPT_ARRAYS {
            spare.push(arrays);
        }
    }
}

/// How many documents there are, and how long they are.
struct Statistics {
    documents: f32,
    mean_length: f32,
}

impl Statistics {
    fn of(snapshot: &Snapshot) -> Result<Self, TantivyError> {
        let searcher = &snapshot.searcher.0;
        let documents: u64 = searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum();
        let mut tokens = 0;
        for reader in searcher.segment_readers() {
            tokens += reader.inverted_index(snapshot.generation.fields.words)?.total_num_tokens();
        }
        let documents = as_float(documents).max(1.0);
        let mean_length = (as_float(tokens) / documents * LENGTH_STEPS).round() / LENGTH_STEPS;
        Ok(Self { documents, mean_length: mean_length.max(1.0) })
    }

    /// How much a word tells that stands in so many documents.
    fn rarity(&self, frequency: u64) -> f32 {
        rarity(frequency, self.documents)
    }
}

/// How much a word tells that stands in so many of all documents (BM25's idf, never negative).
pub(crate) fn rarity(frequency: u64, documents: f32) -> f32 {
    let frequency = as_float(frequency).min(documents);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

#[expect(clippy::cast_precision_loss, reason = "a count beyond 16 millions may be off by one")]
#[expect(clippy::as_conversions, reason = "the language has no other way from a count to a float")]
pub(crate) fn as_float(number: u64) -> f32 {
    number as f32
}

/// A segment's part of the work.
struct Part<'a> {
    reader: &'a SegmentReader,
    segment: &'a Segment,
    snapshot: &'a Snapshot,
    statistics: &'a Statistics,
    begin: u32,
    /// Whether documents that come to hold a word are noted.
    noted: bool,
    lengths: FieldNormReader,
    /// By a length's number: how much it takes from a word's occurrences.
    by_length: [f32; 256],
}

impl<'a> Part<'a> {
    fn of(
        snapshot: &'a Snapshot,
        number: usize,
        begins: &[u32],
        statistics: &'a Statistics,
        noted: bool,
    ) -> Result<Option<Self>, TantivyError> {
        let readers = snapshot.searcher.0.segment_readers();
        let (Some(reader), Some(segment), Some(begin)) =
            (readers.get(number), snapshot.segments.get(number), begins.get(number))
        else {
            return Ok(None);
        };
        let lengths = reader.get_fieldnorms_reader(snapshot.generation.fields.words)?;
        let mut by_length = [0.0; 256];
        for (id, share) in (0..=u8::MAX).zip(&mut by_length) {
            let length = as_float(u64::from(FieldNormReader::id_to_fieldnorm(id)));
            *share = SATURATION * (1.0 - LENGTH_SHARE + LENGTH_SHARE * length / statistics.mean_length);
        }
        Ok(Some(Self { reader, segment, snapshot, statistics, begin: *begin, noted, lengths, by_length }))
    }

    #[inline]
    fn weigh(&self, doc: DocId, occurrences: f32) -> f32 {
        let length = self.by_length.get(usize::from(self.lengths.fieldnorm_id(doc))).copied().unwrap_or(SATURATION);
        occurrences * (SATURATION + 1.0) / (occurrences + length)
    }

    /// Scores a group; with `wanted`, documents that have it hold one word more, otherwise only those score that hold some.
    fn group(&mut self, group: &Group, arrays: &mut Arrays, wanted: bool) -> Result<(), TantivyError> {
        let rarity = self.statistics.rarity(group.frequency);
        if let [only] = group.alternatives.as_slice()
            && arrays.of_group.is_empty()
            && let Some(list) = self.kept(&only.what)?
        {
            self.take(&list, only.boost * rarity, arrays, wanted);
            return Ok(());
        }
        let mut any_dense = false;
        for alternative in &group.alternatives {
            match self.kept(&alternative.what)? {
                Some(list) => any_dense |= self.offer_list(&list, alternative.boost * rarity, arrays, wanted),
                None => self.alternative(alternative, rarity, arrays, wanted)?,
            }
        }
        self.settle(arrays, wanted, any_dense);
        Ok(())
    }

    /// Adds the best of a group's alternatives to the scores; with `everywhere`, there may be some in any document.
    fn settle(&self, arrays: &mut Arrays, wanted: bool, everywhere: bool) {
        let Arrays { scores, best, held, touched, of_group } = arrays;
        let mut settle = |place: u32, score: &mut f32, best: &mut f32, held: &mut u8| {
            *score += *best;
            *best = 0.0;
            if wanted {
                if self.noted && *held == 0 {
                    touched.push(place);
                }
                *held = held.saturating_add(1);
            }
        };
        if everywhere {
            of_group.clear();
            let range = self.range();
            if let (Some(scores), Some(best), Some(held)) =
                (scores.get_mut(range.clone()), best.get_mut(range.clone()), held.get_mut(range))
            {
                if self.noted {
                    let found = (self.begin..)
                        .zip(scores.iter_mut().zip(best).zip(held))
                        .filter(|(_, ((_, best), _))| **best > 0.0);
                    found.for_each(|(place, ((score, best), held))| settle(place, score, best, held));
                    return;
                }
                let one = u8::from(wanted);
                for ((score, best), held) in scores.iter_mut().zip(best).zip(held) {
                    *score += *best;
                    *held = held.saturating_add(if *best > 0.0 { one } else { 0 });
                    *best = 0.0;
                }
            }
            return;
        }
        for place in of_group.drain(..) {
            let at = place as usize;
            if let (Some(score), Some(best), Some(held)) = (scores.get_mut(at), best.get_mut(at), held.get_mut(at)) {
                settle(place, score, best, held);
            }
        }
    }

    fn range(&self) -> std::ops::Range<usize> {
        self.begin as usize..self.begin as usize + self.reader.max_doc() as usize
    }

    /// What a word of many documents weighs in each, without rarity and boost; read when first asked for.
    fn kept(&self, what: &What) -> Result<Option<Arc<List>>, TantivyError> {
        let (What::Word(term) | What::Scoped(term)) = what else { return Ok(None) };
        if !self.segment.lists.keeps() || self.snapshot.frequency(term)? < WIDE_DOCUMENTS {
            return Ok(None);
        }
        let key = Key { mean_length: self.statistics.mean_length.to_bits(), term: term.clone() };
        if let Some(list) = self.segment.lists.get(&key) {
            return Ok(Some(list));
        }
        let mut weights = Vec::new();
        self.each_weight(what, |doc, weight| weights.push((doc, weight)))?;
        let list = Arc::new(List::of(weights, self.reader.max_doc()));
        self.segment.lists.put(key, list.clone());
        Ok(Some(list))
    }

    /// Scores the documents of a list that is a group's only alternative.
    fn take(&self, list: &List, factor: f32, arrays: &mut Arrays, wanted: bool) {
        let range = self.range();
        let (Some(scores), Some(held)) = (arrays.scores.get_mut(range.clone()), arrays.held.get_mut(range)) else {
            return;
        };
        let touched = &mut arrays.touched;
        match list {
            List::Dense(weights) if !wanted => {
                for ((score, held), weight) in scores.iter_mut().zip(held.iter()).zip(weights) {
                    *score += if *held > 0 { weight * factor } else { 0.0 };
                }
            }
            List::Dense(weights) => {
                if self.noted {
                    let found = (self.begin..).zip(weights.iter().zip(held.iter()));
                    let new = found.filter(|(_, (weight, held))| **weight > 0.0 && **held == 0);
                    touched.extend(new.map(|(place, _)| place));
                }
                for ((score, held), weight) in scores.iter_mut().zip(held.iter_mut()).zip(weights) {
                    *score += weight * factor;
                    *held = held.saturating_add(u8::from(*weight > 0.0));
                }
            }
            List::Sparse(weights) => {
                for (doc, weight) in weights {
                    let at = *doc as usize;
                    if let (Some(score), Some(held)) = (scores.get_mut(at), held.get_mut(at)) {
                        if wanted {
                            if self.noted && *held == 0 {
                                touched.push(self.begin + doc);
                            }
                            *held = held.saturating_add(1);
                        }
                        *score += if *held > 0 { weight * factor } else { 0.0 };
                    }
                }
            }
        }
    }

    /// Offers what a list gives as one of a group's alternatives. True when it may have given something to any document,
    /// which then are not noted one by one.
    fn offer_list(&self, list: &List, factor: f32, arrays: &mut Arrays, wanted: bool) -> bool {
        match list {
            List::Dense(weights) => {
                let range = self.range();
                if let (Some(best), Some(held)) = (arrays.best.get_mut(range.clone()), arrays.held.get(range)) {
                    for ((best, held), weight) in best.iter_mut().zip(held).zip(weights) {
                        *best = if wanted || *held > 0 { best.max(weight * factor) } else { *best };
                    }
                }
                true
            }
            List::Sparse(weights) => {
                weights.iter().for_each(|(doc, weight)| self.offer(*doc, weight * factor, arrays, wanted));
                false
            }
        }
    }

    /// Scores a group that is not required.
    fn extra(&mut self, group: &Group, arrays: &mut Arrays, touched_from: usize) -> Result<(), TantivyError> {
        let rarity = self.statistics.rarity(group.frequency);
        for alternative in &group.alternatives {
            if let What::Year(year) = alternative.what {
                self.year(year, alternative.boost * rarity, arrays, touched_from);
            }
        }
        self.group(group, arrays, false)
    }

    fn alternative(
        &self,
        alternative: &Alternative,
        rarity: f32,
        arrays: &mut Arrays,
        wanted: bool,
    ) -> Result<(), TantivyError> {
        let factor = alternative.boost * rarity;
        self.each_weight(&alternative.what, |doc, weight| self.offer(doc, factor * weight, arrays, wanted))
    }

    /// Calls `each` with what something weighs in the segment's documents that have it, in their order.
    fn each_weight(&self, what: &What, mut each: impl FnMut(DocId, f32)) -> Result<(), TantivyError> {
        match what {
            What::Word(term) => {
                let index = self.reader.inverted_index(term.field())?;
                let Some(mut postings) = index.read_postings(term, IndexRecordOption::WithFreqs)? else {
                    return Ok(());
                };
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    let occurrences = as_float(u64::from(postings.term_freq()));
                    each(doc, self.weigh(doc, occurrences));
                    doc = postings.advance();
                }
            }
            What::Scoped(term) => {
                let index = self.reader.inverted_index(term.field())?;
                let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else { return Ok(()) };
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    each(doc, self.weigh(doc, PLAIN_OCCURRENCES));
                    doc = postings.advance();
                }
            }
            What::Phrase(terms) => {
                let unscored = EnableScoring::disabled_from_searcher(&self.snapshot.searcher.0);
                let phrase = PhraseQuery::new(terms.clone()).weight(unscored)?;
                phrase.for_each_no_score(self.reader, &mut |docs| {
                    docs.iter().for_each(|doc| each(*doc, self.weigh(*doc, PLAIN_OCCURRENCES)));
                })?;
            }
            What::Year(_) => {}
        }
        Ok(())
    }

    /// Documents with some word whose time coverage holds a year.
    fn year(&self, year: i64, weight: f32, arrays: &mut Arrays, touched_from: usize) {
        let (begin, end) = (year_begin(year), year_begin(year + 1) - 1);
        let holds = |doc: DocId| {
            let (from, to) = (self.segment.from.first(doc), self.segment.to.first(doc));
            (from.is_some() || to.is_some()) && from.is_none_or(|from| from <= end) && to.is_none_or(|to| to >= begin)
        };
        if self.noted {
            for at in touched_from..arrays.touched.len() {
                let Some(doc) = arrays.touched.get(at).map(|place| place - self.begin) else { continue };
                if holds(doc) {
                    self.offer(doc, weight * self.weigh(doc, PLAIN_OCCURRENCES), arrays, false);
                }
            }
            return;
        }
        // What holds no word is passed over by the offer itself.
        for doc in (0..self.reader.max_doc()).filter(|doc| holds(*doc)) {
            self.offer(doc, weight * self.weigh(doc, PLAIN_OCCURRENCES), arrays, false);
        }
    }

    #[inline]
    fn offer(&self, doc: DocId, score: f32, arrays: &mut Arrays, wanted: bool) {
        let place = self.begin + doc;
        let at = place as usize;
        if !wanted && arrays.held.get(at).is_none_or(|held| *held == 0) {
            return;
        }
        if let Some(best) = arrays.best.get_mut(at) {
            if *best == 0.0 {
                arrays.of_group.push(place);
            }
            *best = best.max(score);
        }
    }
}

/// The first moment of a year, in microseconds since 1970.
fn year_begin(year: i64) -> i64 {
    // Days from 1970 to the year's first day, by the Gregorian calendar.
    let before = year - 1;
    let days = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162;
    days * 86_400_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_when_they_do() {
        for (year, text) in [(1970, "1970-01-01"), (1900, "1900-01-01"), (2000, "2000-01-01"), (2024, "2024-01-01")] {
            let moment = fairground_domain::Timestamp::lenient(text).map(fairground_domain::Timestamp::as_micros);
            assert_eq!(Some(year_begin(year)), moment, "{year}");
        }
    }

    #[test]
    fn rare_words_tell_more() {
        assert!(rarity(1, 1_000.0) > rarity(10, 1_000.0));
        assert!(rarity(1_000, 1_000.0) > 0.0 && rarity(5_000, 1_000.0) > 0.0);
    }
}

//! Scoring: word by word over all documents of a commit, into one array.
//!
//! Every hit of a question is visited anyway, to count facets, so nothing is won by leaving documents out; and words one
//! after another go through memory in order. What a document scores for a word is the best of the word's alternatives.

use parking_lot::Mutex;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::query::{EnableScoring, PhraseQuery, Query};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use crate::generation::Snapshot;
use crate::plan::{Alternative, Group, Plan, What};
use crate::ranking::{COVERAGE_POWER, LENGTH_SHARE, SATURATION};
use crate::segment::Segment;

/// Occurrences that a phrase, a word within one field or a year counts as.
const PLAIN_OCCURRENCES: f32 = 2.0;
/// Arrays that are kept for the next question.
const KEPT_ARRAYS: usize = 8;

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
    /// Where each segment's documents begin among the touched ones.
    touched_begins: Vec<usize>,
    wanted: usize,
    /// By the number of words held: what that share of all makes of a score.
    by_share: Vec<f32>,
}

impl Scores {
    /// Scores every document that holds any of the wanted words.
    pub(crate) fn of(plan: &Plan, snapshot: &Snapshot) -> Result<Self, TantivyError> {
        let mut arrays = SPARE.lock().pop().unwrap_or_default();
        let mut begins = vec![0_u32];
        for reader in snapshot.searcher.0.segment_readers() {
            begins.push(begins.last().copied().unwrap_or(0).saturating_add(reader.max_doc()));
        }
        let documents = begins.last().copied().unwrap_or(0) as usize;
        if arrays.scores.len() < documents {
            arrays.scores.resize(documents, 0.0);
            arrays.best.resize(documents, 0.0);
            arrays.held.resize(documents, 0);
        }
        let wanted = plan.groups.len();
        let count = |words: usize| as_float(u64::try_from(words).unwrap_or(u64::MAX));
        let by_share = (0..wanted).map(|held| (count(held) / count(wanted)).powf(COVERAGE_POWER)).collect();
        let mut scores = Self { arrays, begins, touched_begins: vec![0], wanted, by_share };
        let statistics = Statistics::of(snapshot)?;
        for number in 0..scores.begins.len().saturating_sub(1) {
            let Some(mut part) = Part::of(snapshot, number, &scores.begins, &statistics)? else { continue };
            for group in &plan.groups {
                part.group(group, &mut scores.arrays, true)?;
            }
            let from = scores.touched_begins.last().copied().unwrap_or(0);
            for group in &plan.optional {
                part.extra(group, &mut scores.arrays, from)?;
            }
            scores.touched_begins.push(scores.arrays.touched.len());
        }
        Ok(scores)
    }

    /// Adds what moves hits up, after hits are known.
    pub(crate) fn add(&mut self, groups: &[Group], snapshot: &Snapshot) -> Result<(), TantivyError> {
        let statistics = Statistics::of(snapshot)?;
        for number in 0..self.begins.len().saturating_sub(1) {
            let Some(mut part) = Part::of(snapshot, number, &self.begins, &statistics)? else { continue };
            for group in groups {
                part.group(group, &mut self.arrays, false)?;
            }
        }
        Ok(())
    }

    /// How many documents hold so many of the wanted words, for every number of words.
    pub(crate) fn by_words_held(&self, snapshot: &Snapshot) -> Vec<u64> {
        let mut counts = vec![0; self.wanted + 1];
        for (number, reader) in snapshot.searcher.0.segment_readers().iter().enumerate() {
            let alive = reader.alive_bitset();
            for (doc, held) in self.documents(number) {
                if alive.is_none_or(|alive| alive.is_alive(doc))
                    && let Some(count) = counts.get_mut(usize::from(held))
                {
                    *count += 1;
                }
            }
        }
        counts
    }

    /// The documents of a segment that hold any of the words, and how many they hold.
    pub(crate) fn documents(&self, segment: usize) -> impl Iterator<Item = (DocId, u8)> + '_ {
        let begin = self.begins.get(segment).copied().unwrap_or(0);
        let range = self.touched_begins.get(segment).zip(self.touched_begins.get(segment + 1));
        let touched = range.and_then(|(from, to)| self.arrays.touched.get(*from..*to)).unwrap_or_default();
        touched.iter().map(move |place| (place - begin, self.arrays.held.get(*place as usize).copied().unwrap_or(0)))
    }

    /// What a document of a segment scores, with its share of the wanted words.
    #[inline]
    pub(crate) fn score(&self, segment: usize, doc: DocId, held: u8) -> f32 {
        let place = self.begins.get(segment).copied().unwrap_or(0) + doc;
        let score = self.arrays.scores.get(place as usize).copied().unwrap_or(0.0);
        score * self.by_share.get(usize::from(held)).copied().unwrap_or(1.0)
    }
}

impl Drop for Scores {
    fn drop(&mut self) {
        let mut arrays = std::mem::take(&mut self.arrays);
        if arrays.touched.len() > arrays.scores.len() / 8 {
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
        Ok(Self { documents, mean_length: (as_float(tokens) / documents).max(1.0) })
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
        Ok(Some(Self { reader, segment, snapshot, statistics, begin: *begin, lengths, by_length }))
    }

    #[inline]
    fn weigh(&self, doc: DocId, occurrences: f32) -> f32 {
        let length = self.by_length.get(usize::from(self.lengths.fieldnorm_id(doc))).copied().unwrap_or(SATURATION);
        occurrences * (SATURATION + 1.0) / (occurrences + length)
    }

    /// Scores a group; with `wanted`, documents that have it hold one word more, otherwise only those score that hold some.
    fn group(&mut self, group: &Group, arrays: &mut Arrays, wanted: bool) -> Result<(), TantivyError> {
        let rarity = self.statistics.rarity(group.frequency);
        for alternative in &group.alternatives {
            self.alternative(alternative, rarity, arrays, wanted)?;
        }
        for place in arrays.of_group.drain(..) {
            let at = place as usize;
            if let (Some(score), Some(best), Some(held)) =
                (arrays.scores.get_mut(at), arrays.best.get_mut(at), arrays.held.get_mut(at))
            {
                *score += *best;
                *best = 0.0;
                if wanted {
                    if *held == 0 {
                        arrays.touched.push(place);
                    }
                    *held = held.saturating_add(1);
                }
            }
        }
        Ok(())
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
        let weight = alternative.boost * rarity;
        match &alternative.what {
            What::Word(term) => {
                let index = self.reader.inverted_index(term.field())?;
                let Some(mut postings) = index.read_postings(term, IndexRecordOption::WithFreqs)? else {
                    return Ok(());
                };
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    let occurrences = as_float(u64::from(postings.term_freq()));
                    self.offer(doc, weight * self.weigh(doc, occurrences), arrays, wanted);
                    doc = postings.advance();
                }
            }
            What::Scoped(term) => {
                let index = self.reader.inverted_index(term.field())?;
                let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else { return Ok(()) };
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    self.offer(doc, weight * self.weigh(doc, PLAIN_OCCURRENCES), arrays, wanted);
                    doc = postings.advance();
                }
            }
            What::Phrase(terms) => {
                let unscored = EnableScoring::disabled_from_searcher(&self.snapshot.searcher.0);
                let phrase = PhraseQuery::new(terms.clone()).weight(unscored)?;
                phrase.for_each_no_score(self.reader, &mut |docs| {
                    for doc in docs {
                        self.offer(*doc, weight * self.weigh(*doc, PLAIN_OCCURRENCES), arrays, wanted);
                    }
                })?;
            }
            What::Year(_) => {}
        }
        Ok(())
    }

    /// Documents with some word whose time coverage holds a year.
    fn year(&self, year: i64, weight: f32, arrays: &mut Arrays, touched_from: usize) {
        let (begin, end) = (year_begin(year), year_begin(year + 1) - 1);
        for at in touched_from..arrays.touched.len() {
            let Some(place) = arrays.touched.get(at).copied() else { continue };
            let doc = place - self.begin;
            let (from, to) = (self.segment.from.first(doc), self.segment.to.first(doc));
            let holds = (from.is_some() || to.is_some())
                && from.is_none_or(|from| from <= end)
                && to.is_none_or(|to| to >= begin);
            if holds {
                self.offer(doc, weight * self.weigh(doc, PLAIN_OCCURRENCES), arrays, false);
            }
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

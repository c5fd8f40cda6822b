//! From a question's words to a query of the engine.
//!
//! Every word becomes a group of alternatives: as typed, its stems in all languages, joined with its neighbour ("child care" →
//! "childcare"), or split in two ("childcare" → "child care" side by side). The groups must all match; how many of them, is
//! decided by the caller when nothing holds all. Within a group all alternatives share one document frequency, the greatest,
//! so that a rare stem of a foreign language does not outshine the word itself.

use std::collections::HashMap;

use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, BoostQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery, Query,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TantivyError, Term};

use crate::analysis::{forms, is_little_in_any};
use crate::query::Respelling;
use crate::ranking::{FORM_BOOST, FORM_TIE_BREAKER, LITTLE_WORD_BOOST, RESPELLED_BOOST, WHOLE_TITLE_BOOST};
use crate::schema::{Fields, joined, whole as as_term, whole_title};
use crate::words::{Want, Words};

/// Words in more documents than this are not also sought split in two.
const MAX_SPLIT_DOCS: u64 = 200;
/// Shortest half of a split word, in bytes.
const MIN_HALF_BYTES: usize = 3;
/// Splits of one word that are sought.
const MAX_SPLITS: usize = 2;
/// Words of one question for which a nearer spelling is sought.
const MAX_RESPELLED: usize = 4;
/// Shorter words have no nearest word, in characters.
const MIN_RESPELLED_CHARS: usize = 4;
/// From this length on, two letters may be wrong.
const TWO_ERRORS_CHARS: usize = 8;
/// Terms of the dictionary that are weighed for one misspelt word.
const MAX_CANDIDATES: usize = 200;

/// What the words of a question became.
pub(crate) struct Plan {
    groups: Vec<Box<dyn Query>>,
    optional: Vec<Box<dyn Query>>,
    without: Vec<Box<dyn Query>>,
    /// Words that nothing holds, nor anything near.
    pub(crate) unknown: usize,
    pub(crate) respelled: Vec<Respelling>,
    frequencies: HashMap<Term, u64>,
}

impl Plan {
    /// How many groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// True when there were no words at all, so that everything matches.
    pub(crate) fn is_everything(&self) -> bool {
        self.groups.is_empty() && self.without.is_empty() && self.unknown == 0
    }

    /// The query for what must not be in a hit; none when nothing is unwanted.
    ///
    /// It is run by itself and not as an exclusion within [`Self::query`]: the engine (0.27) seeks backwards in phrases that
    /// are excluded, which they do not bear.
    pub(crate) fn without(&self) -> Option<Box<dyn Query>> {
        if self.without.is_empty() {
            return None;
        }
        Some(Box::new(BooleanQuery::union(self.without.iter().map(|query| query.box_clone()).collect())))
    }

    /// The query by which at least `required` groups match (0: all).
    pub(crate) fn query(&self, required: usize) -> Box<dyn Query> {
        let all = required == 0 || required >= self.groups.len();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        if self.groups.is_empty() {
            clauses.push((Occur::Must, Box::new(tantivy::query::AllQuery)));
        } else if all {
            clauses.extend(self.groups.iter().map(|group| (Occur::Must, group.box_clone())));
        } else {
            let some = self.groups.iter().map(|group| (Occur::Should, group.box_clone())).collect();
            clauses.push((Occur::Must, Box::new(BooleanQuery::with_minimum_required_clauses(some, required))));
        }
        clauses.extend(self.optional.iter().map(|query| (Occur::Should, query.box_clone())));
        match clauses.as_slice() {
            [(Occur::Must, only)] => only.box_clone(),
            _ => Box::new(BooleanQuery::new(clauses)),
        }
    }

    /// The statistics to score with.
    pub(crate) fn statistics<'a>(&'a self, searcher: &'a Searcher) -> Statistics<'a> {
        Statistics { searcher, frequencies: &self.frequencies }
    }
}

/// The index's statistics, with one frequency for all forms of a word.
pub(crate) struct Statistics<'a> {
    searcher: &'a Searcher,
    frequencies: &'a HashMap<Term, u64>,
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        match self.frequencies.get(term) {
            Some(frequency) => Ok(*frequency),
            None => self.searcher.doc_freq(term),
        }
    }
}

/// Plans the words of a question.
pub(crate) fn plan(words: &Words, searcher: &Searcher, fields: &Fields) -> Result<Plan, TantivyError> {
    let mut planner = Planner::new(searcher, fields);
    let units = planner.units(&words.wanted)?;
    let small_talk = units.iter().all(Unit::is_little);
    for (at, unit) in units.iter().enumerate() {
        match unit {
            Unit::Word(word) if !small_talk && is_little_in_any(word) => planner.optional_word(word)?,
            Unit::Word(word) => {
                let before = at.checked_sub(1).and_then(|before| units.get(before)).and_then(Unit::word);
                let after = units.get(at + 1).and_then(Unit::word);
                planner.word(word, before, after)?;
            }
            Unit::Run { whole, words } => planner.run(whole, words)?,
            Unit::Phrase(words) => planner.phrase(words)?,
        }
    }
    planner.whole_title(&words.wanted)?;
    for want in &words.unwanted {
        planner.unwanted(want);
    }
    Ok(planner.plan)
}

/// A wanted thing after runs that are no identifier have been taken apart.
enum Unit {
    Word(String),
    Run { whole: String, words: Vec<String> },
    Phrase(Vec<String>),
}

impl Unit {
    fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Run { .. } | Self::Phrase(_) => None,
        }
    }

    fn is_little(&self) -> bool {
        self.word().is_some_and(is_little_in_any)
    }
}

struct Planner<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    plan: Plan,
    respellings_left: usize,
}

impl<'a> Planner<'a> {
    fn new(searcher: &'a Searcher, fields: &'a Fields) -> Self {
        let plan = Plan {
            groups: Vec::new(),
            optional: Vec::new(),
            without: Vec::new(),
            unknown: 0,
            respelled: Vec::new(),
            frequencies: HashMap::new(),
        };
        Self { searcher, fields, plan, respellings_left: MAX_RESPELLED }
    }

    fn in_words(&self, word: &str) -> Term {
        Term::from_field_text(self.fields.words, word)
    }

    fn in_phrases(&self, word: &str) -> Term {
        Term::from_field_text(self.fields.phrases, word)
    }

    fn units(&self, wanted: &[Want]) -> Result<Vec<Unit>, TantivyError> {
        let mut units = Vec::new();
        for want in wanted {
            match want {
                Want::Word(word) => units.push(Unit::Word(word.clone())),
                Want::Phrase(words) => units.push(Unit::Phrase(words.clone())),
                Want::Run { whole, words } => {
                    if self.searcher.doc_freq(&self.in_words(&as_term(whole)))? > 0 {
                        units.push(Unit::Run { whole: whole.clone(), words: words.clone() });
                    } else {
                        units.extend(words.iter().map(|word| Unit::Word(word.clone())));
                    }
                }
            }
        }
        Ok(units)
    }

    fn term_query(term: Term, boost: f32) -> Box<dyn Query> {
        let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
        if (boost - 1.0).abs() < f32::EPSILON { query } else { Box::new(BoostQuery::new(query, boost)) }
    }

    fn either(mut alternatives: Vec<Box<dyn Query>>) -> Option<Box<dyn Query>> {
        if alternatives.len() > 1 {
            return Some(Box::new(DisjunctionMaxQuery::with_tie_breaker(alternatives, FORM_TIE_BREAKER)));
        }
        alternatives.pop()
    }

    /// The alternatives for a word that some document holds; none when none does.
    fn forms_of(
        &mut self,
        word: &str,
        extra: &[String],
        boost: f32,
    ) -> Result<(Vec<Box<dyn Query>>, u64), TantivyError> {
        let mut found = Vec::new();
        for (form, is_extra) in
            forms(word).iter().map(|form| (form, false)).chain(extra.iter().map(|form| (form, true)))
        {
            let term = self.in_words(form);
            let frequency = self.searcher.doc_freq(&term)?;
            if frequency > 0 && !found.iter().any(|(known, _, _)| *known == term) {
                found.push((term, frequency, if !is_extra && form == word { boost } else { boost * FORM_BOOST }));
            }
        }
        let greatest = found.iter().map(|(_, frequency, _)| *frequency).max().unwrap_or(0);
        let mut alternatives = Vec::new();
        for (term, _, boost) in found {
            let shared = self.plan.frequencies.entry(term.clone()).or_default();
            *shared = greatest.max(*shared);
            alternatives.push(Self::term_query(term, boost));
        }
        Ok((alternatives, greatest))
    }

    fn word(&mut self, word: &str, before: Option<&str>, after: Option<&str>) -> Result<(), TantivyError> {
        let extra: Vec<String> =
            [before.and_then(|before| joined(before, word)), after.and_then(|after| joined(word, after))]
                .into_iter()
                .flatten()
                .collect();
        let (mut alternatives, frequency) = self.forms_of(word, &extra, 1.0)?;
        if frequency <= MAX_SPLIT_DOCS {
            alternatives.extend(self.splits(word)?);
        }
        if alternatives.is_empty() && is_little_in_any(word) {
            // Nothing but little words was asked for: they stand in phrases only.
            let term = self.in_phrases(word);
            if self.searcher.doc_freq(&term)? > 0 {
                alternatives.push(Self::term_query(term, 1.0));
            }
        }
        if alternatives.is_empty()
            && let Some(near) = self.nearest(word)?
        {
            alternatives = self.forms_of(&near, &[], RESPELLED_BOOST)?.0;
            self.plan.respelled.push(Respelling { typed: word.to_owned(), taken: near });
        }
        match Self::either(alternatives) {
            Some(group) => self.plan.groups.push(group),
            None => self.plan.unknown += 1,
        }
        Ok(())
    }

    fn optional_word(&mut self, word: &str) -> Result<(), TantivyError> {
        let term = self.in_words(word);
        if self.searcher.doc_freq(&term)? > 0 {
            self.plan.optional.push(Self::term_query(term, LITTLE_WORD_BOOST));
        }
        Ok(())
    }

    /// Something with punctuation inside that some document has as it stands, or else has all its words.
    fn run(&mut self, whole: &str, words: &[String]) -> Result<(), TantivyError> {
        let mut all = Vec::new();
        for word in words {
            let (alternatives, _) = self.forms_of(word, &[], 1.0)?;
            let Some(group) = Self::either(alternatives) else {
                all.clear();
                break;
            };
            all.push((Occur::Must, group));
        }
        let mut alternatives = vec![Self::term_query(self.in_words(&as_term(whole)), 1.0)];
        if !all.is_empty() {
            alternatives.push(Box::new(BooleanQuery::new(all)));
        }
        self.plan.groups.extend(Self::either(alternatives));
        Ok(())
    }

    fn phrase_query(&self, words: &[String]) -> Option<Box<dyn Query>> {
        let terms: Vec<Term> = words.iter().map(|word| self.in_phrases(word)).collect();
        match terms.as_slice() {
            [] => None,
            [only] => Some(Self::term_query(only.clone(), 1.0)),
            _ => Some(Box::new(PhraseQuery::new(terms))),
        }
    }

    fn phrase(&mut self, words: &[String]) -> Result<(), TantivyError> {
        let mut held = true;
        for word in words {
            held &= self.searcher.doc_freq(&self.in_phrases(word))? > 0;
        }
        match self.phrase_query(words).filter(|_| held) {
            Some(query) => self.plan.groups.push(query),
            None => self.plan.unknown += 1,
        }
        Ok(())
    }

    fn unwanted(&mut self, want: &Want) {
        match want {
            Want::Word(word) => {
                let in_words = Self::term_query(self.in_words(word), 1.0);
                self.plan.without.extend([in_words, Self::term_query(self.in_phrases(word), 1.0)]);
            }
            Want::Run { words, .. } | Want::Phrase(words) => self.plan.without.extend(self.phrase_query(words)),
        }
    }

    /// A title that is all that was typed comes first.
    fn whole_title(&mut self, wanted: &[Want]) -> Result<(), TantivyError> {
        if self.plan.groups.is_empty() {
            return Ok(());
        }
        let words = wanted.iter().flat_map(|want| match want {
            Want::Word(word) => std::slice::from_ref(word),
            Want::Run { words, .. } | Want::Phrase(words) => words.as_slice(),
        });
        let term = self.in_words(&whole_title(words.map(String::as_str)));
        if self.searcher.doc_freq(&term)? > 0 {
            self.plan.optional.push(Self::term_query(term, WHOLE_TITLE_BOOST));
        }
        Ok(())
    }

    /// The word as two words side by side, where some document has them so.
    fn splits(&self, word: &str) -> Result<Vec<Box<dyn Query>>, TantivyError> {
        let mut splits = Vec::new();
        if word.len() > 40 {
            return Ok(Vec::new());
        }
        for at in MIN_HALF_BYTES..=word.len().saturating_sub(MIN_HALF_BYTES) {
            let Some((one, other)) = word.split_at_checked(at) else { continue };
            let halves = [self.in_phrases(one), self.in_phrases(other)];
            let mut rarer = u64::MAX;
            for half in &halves {
                rarer = rarer.min(self.searcher.doc_freq(half)?);
                if rarer == 0 {
                    break;
                }
            }
            if rarer > 0 {
                splits.push((rarer, halves));
            }
        }
        splits.sort_by_key(|(rarer, _)| std::cmp::Reverse(*rarer));
        let mut queries: Vec<Box<dyn Query>> = Vec::new();
        for (_, halves) in splits.into_iter().take(MAX_SPLITS) {
            let phrase = PhraseQuery::new(halves.into());
            if phrase.count(self.searcher)? > 0 {
                queries.push(Box::new(BoostQuery::new(Box::new(phrase), FORM_BOOST)));
            }
        }
        Ok(queries)
    }

    /// The word nearest to one that nothing holds: the fewest errors, then the same first letter, then the most documents.
    fn nearest(&mut self, word: &str) -> Result<Option<String>, TantivyError> {
        let chars = word.chars().count();
        if self.respellings_left == 0 || chars < MIN_RESPELLED_CHARS || word.bytes().any(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        self.respellings_left -= 1;
        let most_errors = if chars >= TWO_ERRORS_CHARS { 2 } else { 1 };
        for errors in 1..=most_errors {
            let near = self.within(word, errors)?;
            let same_start = |other: &str| other.chars().next() == word.chars().next();
            let best = near.into_iter().max_by(|(a, a_docs), (b, b_docs)| {
                (same_start(a), a_docs).cmp(&(same_start(b), b_docs)).then_with(|| b.cmp(a))
            });
            if let Some((best, _)) = best {
                return Ok(Some(best));
            }
        }
        Ok(None)
    }

    /// Words of the index within so many errors of a word, with the number of documents that hold them. Taken from the
    /// plain words, not from stems, so that what is shown to people is a word.
    fn within(&self, word: &str, errors: u8) -> Result<HashMap<String, u64>, TantivyError> {
        let mut near: HashMap<String, u64> = HashMap::new();
        let query = FuzzyTermQuery::new(self.in_phrases(word), errors, true);
        for reader in self.searcher.segment_readers() {
            let index = reader.inverted_index(self.fields.phrases)?;
            let mut stream = index.terms().search(query.automaton()?).into_stream()?;
            let mut left = MAX_CANDIDATES;
            while left > 0 && stream.advance() {
                left -= 1;
                if let Ok(term) = std::str::from_utf8(stream.key()) {
                    *near.entry(term.to_owned()).or_default() += u64::from(stream.value().doc_freq);
                }
            }
        }
        near.retain(|term, _| !is_little_in_any(term));
        Ok(near)
    }
}

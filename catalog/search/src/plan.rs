//! From a question's words to groups of alternatives.
//!
//! Every word becomes a group: as typed, its stems in all languages, joined with its neighbour ("child care" → "childcare"),
//! split in two ("childcare" → "child care" side by side), and what means the same ("kinderopvang"). A dataset holds a word
//! when it has one of the group's alternatives; how many of the groups it must have, is decided when it is known how many
//! datasets have them all. Within a group all alternatives share one frequency, so that a rare stem of a foreign
//! language does not outshine the word itself.

use std::collections::HashMap;

use tantivy::query::{BooleanQuery, FuzzyTermQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyError, Term};

use crate::analysis::{forms, is_frame, is_little_in_any, is_weak};
use crate::generation::Snapshot;
use crate::query::Respelling;
use crate::ranking::{
    FORM_BOOST, LITTLE_WORD_BOOST, PAIR_BOOST, RESPELLED_BOOST, SYNONYM_BOOST, WHOLE_TITLE_BOOST, YEAR_BOOST,
};
use crate::schema::{joined, scoped, whole as as_term, whole_title};
use crate::vocabulary::{MAX_TERM_WORDS, Vocabulary};
use crate::words::{Want, Words};

/// Words in more documents than this are not also sought split in two.
const MAX_SPLIT_DOCS: u64 = 200;
/// Phrases whose rarer word stands in more documents than this are sought for as pairs in titles and keywords only.
const MAX_PHRASE_DOCS: u64 = 20_000;
/// Shortest half of a split word, in bytes.
const MIN_HALF_BYTES: usize = 3;
/// Splits of one word that are sought.
const MAX_SPLITS: usize = 2;
/// Words of one question for which a nearer spelling is sought.
const MAX_RESPELLED: usize = 4;
/// Shorter words have no nearest word, in characters.
const MIN_RESPELLED_CHARS: usize = 4;
/// From this length on, two letters may be wrong.
const TWO_ERRORS_CHARS: usize = 7;
/// Terms of the dictionary that are weighed for one misspelt word.
const MAX_CANDIDATES: usize = 200;
/// A word in so few documents may be a slip that a publisher made too …
const RARE_DOCS: u64 = 2;
/// … when the nearest word stands in so many times more.
const RARE_FACTOR: u64 = 20;
/// Another spelling is offered when it stands in so many times more documents.
const MEANT_FACTOR: u64 = 3;
/// Other words for one word that are sought.
const MAX_SYNONYMS: usize = 60;
/// Words that must be left when phrases of asking ("how many", "data on") are not required.
const MIN_WORDS_BESIDE_FRAME: usize = 1;
/// Telling words from which on a question is a sentence, whose weak words are not required.
const MIN_WORDS_OF_SENTENCE: usize = 3;
/// Years that a number of four digits may be.
const YEARS: std::ops::RangeInclusive<i64> = 1900..=2100;

/// Something that a document may have.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A word, weighed by the fields it stands in.
    Word(Term),
    /// A word within one field.
    Scoped(Term),
    /// Words side by side.
    Phrase(Vec<Term>),
    /// A time coverage that holds this year.
    Year(i64),
}

/// One of the things that stand for a word.
#[derive(Debug, Clone)]
pub(crate) struct Alternative {
    pub(crate) what: What,
    pub(crate) boost: f32,
}

/// What stands for one word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub(crate) alternatives: Vec<Alternative>,
    /// In how many documents the most frequent alternative stands.
    pub(crate) frequency: u64,
}

impl Group {
    pub(crate) fn of(what: What, boost: f32, frequency: u64) -> Self {
        Self { alternatives: vec![Alternative { what, boost }], frequency }
    }

    fn add(&mut self, what: What, boost: f32, frequency: u64) {
        self.alternatives.push(Alternative { what, boost });
        self.frequency = self.frequency.max(frequency);
    }
}

/// What the words of a question became.
#[derive(Default)]
pub(crate) struct Plan {
    /// What is wanted.
    pub(crate) groups: Vec<Group>,
    /// What only moves hits up.
    pub(crate) optional: Vec<Group>,
    pub(crate) without: Vec<Box<dyn Query>>,
    /// Words that nothing holds, nor anything near.
    pub(crate) unknown: usize,
    pub(crate) respelled: Vec<Respelling>,
    /// True when the question is nothing but words.
    pub(crate) plain: bool,
}

impl Plan {
    /// True when there were no words at all, so that everything matches.
    pub(crate) fn is_everything(&self) -> bool {
        self.groups.is_empty() && self.without.is_empty() && self.unknown == 0
    }

    /// The query for what must not be in a hit; none when nothing is unwanted.
    pub(crate) fn without(&self) -> Option<Box<dyn Query>> {
        if self.without.is_empty() {
            return None;
        }
        Some(Box::new(BooleanQuery::union(self.without.iter().map(|query| query.box_clone()).collect())))
    }
}

/// Plans the words of a question.
pub(crate) fn plan(words: &Words, snapshot: &Snapshot, vocabulary: &Vocabulary) -> Result<Plan, TantivyError> {
    let mut planner = Planner { snapshot, vocabulary, plan: Plan::default(), respellings_left: MAX_RESPELLED };
    planner.plan.plain = words.unwanted.is_empty() && words.wanted.iter().all(|want| matches!(want, Want::Word(_)));
    let units = planner.units(&words.wanted)?;
    let roles = roles(&units);
    let mut group_of: Vec<Option<usize>> = Vec::with_capacity(units.len());
    for (at, (unit, role)) in units.iter().zip(&roles).enumerate() {
        let before = planner.plan.groups.len();
        match (unit, role) {
            (Unit::Word(word), Role::Little) => planner.optional_word(word)?,
            (Unit::Word(word), Role::Year(year)) => planner.year(word, *year)?,
            (Unit::Word(word), Role::Wanted) => {
                let neighbour = |at: Option<usize>| at.and_then(|at| units.get(at)).and_then(Unit::word);
                planner.word(word, neighbour(at.checked_sub(1)), neighbour(Some(at + 1)))?;
            }
            (Unit::Run { whole, words }, _) => planner.run(whole, words)?,
            (Unit::Phrase(words), _) => planner.phrase(words)?,
            (Unit::Scoped(terms), _) => planner.scoped(terms)?,
            (Unit::Identifier(whole), _) => planner.identifier(whole)?,
        }
        group_of.push((planner.plan.groups.len() > before).then_some(before));
    }
    planner.synonyms(&units, &roles, &mut group_of)?;
    planner.respell(&units, &roles, &mut group_of)?;
    planner.whole_title(&words.wanted)?;
    for want in &words.unwanted {
        planner.unwanted(want);
    }
    planner.plan.groups.retain(|group| !group.alternatives.is_empty());
    Ok(planner.plan)
}

/// A word of the question and a far more frequent one that differs in a letter.
pub(crate) fn nearest_more_frequent(
    words: &Words,
    snapshot: &Snapshot,
    vocabulary: &Vocabulary,
) -> Result<Option<(String, String)>, TantivyError> {
    let mut planner = Planner { snapshot, vocabulary, plan: Plan::default(), respellings_left: MAX_RESPELLED };
    let mut best: Option<(u64, String, String)> = None;
    for want in &words.wanted {
        let Want::Word(word) = want else { continue };
        if is_little_in_any(word) {
            continue;
        }
        let held = planner.forms_of(word, &[], 1.0)?.frequency;
        if let Some((near, docs)) = planner.nearest(word, false)?
            && docs >= MEANT_FACTOR * held.max(1)
            && best.as_ref().is_none_or(|(most, _, _)| docs > *most)
        {
            best = Some((docs, word.clone(), near));
        }
    }
    Ok(best.map(|(_, typed, near)| (typed, near)))
}

/// A wanted thing after runs that are no identifier have been taken apart.
enum Unit {
    Word(String),
    Run {
        whole: String,
        words: Vec<String>,
    },
    Phrase(Vec<String>),
    /// Each word's terms, one of which must be there.
    Scoped(Vec<Vec<String>>),
    Identifier(String),
}

impl Unit {
    fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Run { .. } | Self::Phrase(_) | Self::Scoped(_) | Self::Identifier(_) => None,
        }
    }
}

/// What a word is to its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Wanted,
    Little,
    Year(i64),
}

/// Little words and phrases of asking are not required beside others; nor is a year, which only moves hits up.
fn roles(units: &[Unit]) -> Vec<Role> {
    let year = |word: &str| word.parse().ok().filter(|year| word.len() == 4 && YEARS.contains(year));
    let role = |unit: &Unit| match unit.word() {
        Some(word) if is_little_in_any(word) => Role::Little,
        Some(word) => year(word).map_or(Role::Wanted, Role::Year),
        None => Role::Wanted,
    };
    let mut roles: Vec<Role> = units.iter().map(role).collect();
    let wanted = |roles: &[Role]| roles.iter().filter(|role| **role == Role::Wanted).count();
    if wanted(&roles) == 0 {
        // Nothing but little words or a year: they are what is wanted.
        let has_year = roles.iter().any(|role| matches!(role, Role::Year(_)));
        return roles
            .into_iter()
            .map(|role| if has_year && role == Role::Little { role } else { Role::Wanted })
            .collect();
    }
    let framed = units.iter().zip(&roles);
    let beside = framed.filter(|(u, role)| **role == Role::Wanted && !u.word().is_some_and(is_frame)).count();
    if beside >= MIN_WORDS_BESIDE_FRAME && units.len() > 2 {
        for (unit, role) in units.iter().zip(&mut roles) {
            if *role == Role::Wanted && unit.word().is_some_and(is_frame) {
                *role = Role::Little;
            }
        }
    }
    let telling = |(unit, role): &(&Unit, &Role)| **role == Role::Wanted && !unit.word().is_some_and(is_weak);
    if wanted(&roles) > MIN_WORDS_OF_SENTENCE
        && units.iter().zip(&roles).filter(telling).count() >= MIN_WORDS_OF_SENTENCE
    {
        for (unit, role) in units.iter().zip(&mut roles) {
            if *role == Role::Wanted && unit.word().is_some_and(is_weak) {
                *role = Role::Little;
            }
        }
    }
    roles
}

struct Planner<'a> {
    snapshot: &'a Snapshot,
    vocabulary: &'a Vocabulary,
    plan: Plan,
    respellings_left: usize,
}

impl Planner<'_> {
    fn in_words(&self, word: &str) -> Term {
        Term::from_field_text(self.snapshot.generation.fields.words, word)
    }

    fn in_phrases(&self, word: &str) -> Term {
        Term::from_field_text(self.snapshot.generation.fields.phrases, word)
    }

    fn units(&self, wanted: &[Want]) -> Result<Vec<Unit>, TantivyError> {
        let mut units = Vec::new();
        for want in wanted {
            match want {
                Want::Word(word) => units.push(Unit::Word(word.clone())),
                Want::Phrase(words) => units.push(Unit::Phrase(words.clone())),
                Want::Identifier(whole) => units.push(Unit::Identifier(whole.clone())),
                Want::Scoped { scope, words } => {
                    let forms = |word: &String| forms(word).iter().map(|form| scoped(*scope, form)).collect();
                    units.push(Unit::Scoped(words.iter().map(forms).collect()));
                }
                Want::Run { whole, words } => {
                    if self.snapshot.frequency(&self.in_words(&as_term(whole)))? > 0 || self.is_code(whole, words)? {
                        units.push(Unit::Run { whole: whole.clone(), words: words.clone() });
                    } else {
                        units.extend(words.iter().map(|word| Unit::Word(word.clone())));
                    }
                }
            }
        }
        Ok(units)
    }

    /// True for something with digits and punctuation that some document has just so: a code, a form's number.
    fn is_code(&self, whole: &str, words: &[String]) -> Result<bool, TantivyError> {
        if !whole.bytes().any(|b| b.is_ascii_digit()) || !whole.bytes().any(|b| b.is_ascii_alphabetic() || b == b'-') {
            return Ok(false);
        }
        let (terms, rarest) = self.side_by_side(words)?;
        if rarest == 0 || rarest > MAX_PHRASE_DOCS || terms.len() < 2 {
            return Ok(false);
        }
        Ok(PhraseQuery::new(terms).count(&self.snapshot.searcher.0)? > 0)
    }

    /// The terms of words side by side, and in how many documents the rarest stands.
    fn side_by_side(&self, words: &[String]) -> Result<(Vec<Term>, u64), TantivyError> {
        let terms: Vec<Term> = words.iter().map(|word| self.in_phrases(word)).collect();
        let mut rarest = u64::MAX;
        for term in &terms {
            rarest = rarest.min(self.snapshot.frequency(term)?);
            if rarest == 0 {
                break;
            }
        }
        Ok((terms, rarest))
    }

    /// The alternatives for a word that some document holds.
    fn forms_of(&self, word: &str, extra: &[String], boost: f32) -> Result<Group, TantivyError> {
        let mut group = Group::default();
        let own = forms(word);
        let mut known: Vec<&String> = Vec::new();
        for (form, is_extra) in own.iter().map(|form| (form, false)).chain(extra.iter().map(|form| (form, true))) {
            if known.contains(&form) {
                continue;
            }
            known.push(form);
            let term = self.in_words(form);
            let frequency = self.snapshot.frequency(&term)?;
            if frequency > 0 {
                let boost = if !is_extra && form == word { boost } else { boost * FORM_BOOST };
                group.add(What::Word(term), boost, frequency);
            }
        }
        Ok(group)
    }

    fn word(&mut self, word: &str, before: Option<&str>, after: Option<&str>) -> Result<(), TantivyError> {
        let extra: Vec<String> =
            [before.and_then(|before| joined(before, word)), after.and_then(|after| joined(word, after))]
                .into_iter()
                .flatten()
                .collect();
        let mut group = self.forms_of(word, &extra, 1.0)?;
        if group.frequency <= MAX_SPLIT_DOCS {
            self.splits(word, &mut group)?;
        }
        if group.alternatives.is_empty() {
            self.umlauts(word, &mut group)?;
        }
        if group.alternatives.is_empty() && is_little_in_any(word) {
            // Nothing but little words was asked for: they stand in phrases only.
            let term = self.in_phrases(word);
            let frequency = self.snapshot.frequency(&term)?;
            if frequency > 0 {
                group.add(What::Scoped(term), 1.0, frequency);
            }
        }
        if let Some(after) = after.and_then(|after| joined(word, after)) {
            let term = self.in_words(&after);
            let frequency = self.snapshot.frequency(&term)?;
            if frequency > 0 {
                self.plan.optional.push(Group::of(What::Word(term), PAIR_BOOST, frequency));
            }
        }
        self.plan.groups.push(group);
        Ok(())
    }

    /// German and Scandinavian letters as they are typed where a keyboard lacks them: `Luftguete`.
    fn umlauts(&self, word: &str, group: &mut Group) -> Result<(), TantivyError> {
        let plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a");
        if plain != word {
            let found = self.forms_of(&plain, &[], FORM_BOOST)?;
            group.frequency = group.frequency.max(found.frequency);
            group.alternatives.extend(found.alternatives);
        }
        Ok(())
    }

    fn optional_word(&mut self, word: &str) -> Result<(), TantivyError> {
        let term = self.in_words(word);
        let frequency = self.snapshot.frequency(&term)?;
        if frequency > 0 {
            self.plan.optional.push(Group::of(What::Word(term), LITTLE_WORD_BOOST, frequency));
        }
        Ok(())
    }

    fn year(&mut self, word: &str, year: i64) -> Result<(), TantivyError> {
        let term = self.in_words(word);
        let frequency = self.snapshot.frequency(&term)?;
        let mut group = Group::of(What::Year(year), YEAR_BOOST * FORM_BOOST, frequency.max(1));
        if frequency > 0 {
            group.add(What::Word(term), YEAR_BOOST, frequency);
        }
        self.plan.optional.push(group);
        Ok(())
    }

    /// Something with punctuation inside that some document has as it stands, or else has its words side by side.
    fn run(&mut self, whole: &str, words: &[String]) -> Result<(), TantivyError> {
        let term = self.in_words(&as_term(whole));
        let mut group = Group::default();
        let frequency = self.snapshot.frequency(&term)?;
        if frequency > 0 {
            group.add(What::Word(term), 1.0, frequency);
        }
        let (terms, rarest) = self.side_by_side(words)?;
        if rarest > 0 && terms.len() > 1 {
            group.add(What::Phrase(terms), FORM_BOOST, frequency.max(1));
        }
        self.add_or_miss(group);
        Ok(())
    }

    fn identifier(&mut self, whole: &str) -> Result<(), TantivyError> {
        let term = self.in_words(&as_term(whole));
        let frequency = self.snapshot.frequency(&term)?;
        let group = if frequency > 0 { Group::of(What::Word(term), 1.0, frequency) } else { Group::default() };
        self.add_or_miss(group);
        Ok(())
    }

    fn scoped(&mut self, words: &[Vec<String>]) -> Result<(), TantivyError> {
        let field = self.snapshot.generation.fields.scoped;
        for forms in words {
            let mut group = Group::default();
            for (at, form) in forms.iter().enumerate() {
                let term = Term::from_field_text(field, form);
                let frequency = self.snapshot.frequency(&term)?;
                if frequency > 0 {
                    group.add(What::Scoped(term), if at == 0 { 1.0 } else { FORM_BOOST }, frequency);
                }
            }
            self.add_or_miss(group);
        }
        Ok(())
    }

    fn phrase(&mut self, words: &[String]) -> Result<(), TantivyError> {
        let (mut terms, rarest) = self.side_by_side(words)?;
        let mut group = Group::default();
        if rarest > 0 {
            let what = if terms.len() > 1 { Some(What::Phrase(terms)) } else { terms.pop().map(What::Scoped) };
            if let Some(what) = what {
                group.add(what, 1.0, rarest);
            }
        }
        self.add_or_miss(group);
        Ok(())
    }

    fn add_or_miss(&mut self, group: Group) {
        if group.alternatives.is_empty() {
            self.plan.unknown += 1;
        } else {
            self.plan.groups.push(group);
        }
    }

    fn unwanted(&mut self, want: &Want) {
        let term_query = |term: Term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
        match want {
            Want::Word(word) => {
                self.plan.without.push(term_query(self.in_words(word)));
                self.plan.without.push(term_query(self.in_phrases(word)));
            }
            Want::Identifier(whole) => self.plan.without.push(term_query(self.in_words(&as_term(whole)))),
            Want::Scoped { scope, words } => {
                let field = self.snapshot.generation.fields.scoped;
                let terms = words.iter().map(|word| term_query(Term::from_field_text(field, &scoped(*scope, word))));
                self.plan.without.push(Box::new(BooleanQuery::intersection(terms.collect())));
            }
            Want::Run { words, .. } | Want::Phrase(words) => {
                let mut terms: Vec<Term> = words.iter().map(|word| self.in_phrases(word)).collect();
                match terms.len() {
                    0 => {}
                    1 => self.plan.without.extend(terms.pop().map(term_query)),
                    _ => self.plan.without.push(Box::new(PhraseQuery::new(terms))),
                }
            }
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
            Want::Scoped { .. } | Want::Identifier(_) => &[],
        });
        let term = self.in_words(&whole_title(words.map(String::as_str)));
        let frequency = self.snapshot.frequency(&term)?;
        if frequency > 0 {
            self.plan.optional.push(Group::of(What::Word(term), WHOLE_TITLE_BOOST, frequency));
        }
        Ok(())
    }

    /// The word as two words side by side, where some document has them so.
    fn splits(&self, word: &str, group: &mut Group) -> Result<(), TantivyError> {
        let mut splits = Vec::new();
        if word.len() > 40 {
            return Ok(());
        }
        for at in MIN_HALF_BYTES..=word.len().saturating_sub(MIN_HALF_BYTES) {
            let Some((one, other)) = word.split_at_checked(at) else { continue };
            let (halves, rarer) = self.side_by_side(&[one.to_owned(), other.to_owned()])?;
            if rarer > 0 {
                splits.push((rarer, halves));
            }
        }
        splits.sort_by_key(|(rarer, _)| std::cmp::Reverse(*rarer));
        for (_, halves) in splits.into_iter().take(MAX_SPLITS) {
            let count = PhraseQuery::new(halves.clone()).count(&self.snapshot.searcher.0)?;
            if count > 0 {
                group.add(What::Phrase(halves), FORM_BOOST, u64::try_from(count).unwrap_or(u64::MAX));
            }
        }
        Ok(())
    }

    /// What means the same as a word, or as some words in a row: every word of the row is held by what means the same as
    /// the row. The longest rows are taken first.
    fn synonyms(&mut self, units: &[Unit], roles: &[Role], group_of: &mut [Option<usize>]) -> Result<(), TantivyError> {
        let mut at = 0;
        while at < units.len() {
            let mut taken = 1;
            for length in (1..=MAX_TERM_WORDS.min(units.len() - at)).rev() {
                let Some(row) = units.get(at..at + length) else { continue };
                let words: Vec<&str> = row.iter().map_while(Unit::word).collect();
                let wanted = roles.get(at..at + length).is_some_and(|roles| roles.contains(&Role::Wanted));
                if words.len() < length || !wanted {
                    continue;
                }
                let others = self.same_meaning(&words)?;
                if !others.is_empty() {
                    for place in group_of.get(at..at + length).into_iter().flatten().flatten() {
                        if let Some(group) = self.plan.groups.get_mut(*place) {
                            for (what, frequency) in &others {
                                group.add(what.clone(), SYNONYM_BOOST, *frequency);
                            }
                        }
                    }
                    taken = length;
                    break;
                }
            }
            at += taken;
        }
        Ok(())
    }

    fn same_meaning(&self, words: &[&str]) -> Result<Vec<(What, u64)>, TantivyError> {
        let mut found = Vec::new();
        for other in self.vocabulary.others(words).take(MAX_SYNONYMS) {
            if let [word] = other {
                let term = self.in_words(word);
                let frequency = self.snapshot.frequency(&term)?;
                if frequency > 0 {
                    found.push((What::Word(term), frequency));
                }
                continue;
            }
            if let [one, two] = other
                && let Some(pair) = joined(one, two)
            {
                let term = self.in_words(&pair);
                let frequency = self.snapshot.frequency(&term)?;
                if frequency > 0 {
                    found.push((What::Word(term), frequency));
                }
            }
            let (terms, rarest) = self.side_by_side(other)?;
            if rarest > 0 && rarest <= MAX_PHRASE_DOCS {
                found.push((What::Phrase(terms), 1));
            }
        }
        Ok(found)
    }

    /// Takes words that nothing holds for the nearest; words that next to nothing holds are sought in both spellings.
    fn respell(&mut self, units: &[Unit], roles: &[Role], group_of: &mut [Option<usize>]) -> Result<(), TantivyError> {
        for ((unit, role), place) in units.iter().zip(roles).zip(group_of) {
            let (Some(word), Role::Wanted, Some(at)) = (unit.word(), role, *place) else { continue };
            let Some(group) = self.plan.groups.get(at) else { continue };
            let (held, unheld) = (group.frequency, group.alternatives.is_empty());
            if held > RARE_DOCS {
                continue;
            }
            let near = self.nearest(word, unheld)?.filter(|(_, docs)| unheld || *docs >= RARE_FACTOR * held.max(1));
            if let Some((near, _)) = near {
                let found = self.forms_of(&near, &[], RESPELLED_BOOST)?;
                if let Some(group) = self.plan.groups.get_mut(at) {
                    group.frequency = group.frequency.max(found.frequency);
                    group.alternatives.extend(found.alternatives);
                }
                self.plan.respelled.push(Respelling { typed: word.to_owned(), taken: near, held });
            } else if unheld {
                self.plan.unknown += 1;
            }
        }
        Ok(())
    }

    /// The word nearest to another: the fewest errors, then the same first letter, then the most documents.
    fn nearest(&mut self, word: &str, unheld: bool) -> Result<Option<(String, u64)>, TantivyError> {
        let chars = word.chars().count();
        let shortest = if unheld { MIN_RESPELLED_CHARS } else { MIN_RESPELLED_CHARS + 1 };
        if self.respellings_left == 0 || chars < shortest || word.bytes().any(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        self.respellings_left -= 1;
        let most_errors = if unheld && chars >= TWO_ERRORS_CHARS { 2 } else { 1 };
        for errors in 1..=most_errors {
            let mut near = self.within(word, errors)?;
            near.remove(word);
            let same_start = |other: &str| other.chars().next() == word.chars().next();
            let best = near.into_iter().max_by(|(a, a_docs), (b, b_docs)| {
                (same_start(a), a_docs).cmp(&(same_start(b), b_docs)).then_with(|| b.cmp(a))
            });
            if best.is_some() {
                return Ok(best);
            }
        }
        Ok(None)
    }

    /// Words of the index within so many errors of a word, with the number of documents that hold them. Taken from the
    /// plain words, not from stems, so that what is shown to people is a word.
    fn within(&self, word: &str, errors: u8) -> Result<HashMap<String, u64>, TantivyError> {
        let mut near: HashMap<String, u64> = HashMap::new();
        let query = FuzzyTermQuery::new(self.in_phrases(word), errors, true);
        for reader in self.snapshot.searcher.0.segment_readers() {
            let index = reader.inverted_index(self.snapshot.generation.fields.phrases)?;
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

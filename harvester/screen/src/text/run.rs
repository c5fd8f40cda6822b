//! Capitalised words that come one after the other, and whether they name a person.

use super::Recent;
use crate::cell::{Sign, Traits};
use crate::fold::fold;
use crate::names::{
    ACTS, AND, BEFORE_PERSON, BEFORE_PLACE, BODY, COMMON, FUNCTION, GIVEN, INTRODUCES, LISTED, NAME_WORD, NUMBER,
    OFFICE, PARTICLE, PLACE, SELF, STREET, STREET_FIRST, SURNAME, TITLE, TOWARDS, UNIT, known,
};
use crate::value::address;
use crate::word::Word;

/// Words of one run; longer ones are headings.
const RUN_MAX: usize = 6;

/// Capitalised words that came one after the other, and what stood around them.
#[derive(Default)]
pub(super) struct Run<'a> {
    words: [(&'a str, Word); RUN_MAX],
    count: usize,
    given: usize,
    surname: usize,
    /// Unknown words that look like names.
    like: usize,
    /// Ordinary words.
    ordinary: usize,
    /// It stands where places stand: in, near.
    placed: bool,
    /// It stands where persons stand: by, with.
    by_person: bool,
    /// A number stands right before or behind it, as with streets.
    numbered: bool,
    bodies: bool,
    titled: bool,
    office: bool,
    introduced: bool,
    /// A name of a name stands before: `name`, `name is`.
    by_name: bool,
    /// It stands behind `of`, `de`, `von`.
    of: bool,
    /// It owns something: `Schmidt's`.
    owns: bool,
    /// The first word begins a sentence, so its capital says nothing.
    opens: bool,
    /// It comes behind `&`, or `&` behind it, as in names of firms.
    ampersand: bool,
    /// It stands behind a preposition that says nothing of what comes: to, at.
    towards: bool,
    /// How many single words came before it in a row that began a sentence: `Evans, Godfrey and Hooper`.
    chained: u8,
    /// A comma parts it from the one before.
    parted: bool,
    /// Anything above is set.
    touched: bool,
    /// Single words of such a row, of which the last one came right before.
    row: u8,
    /// A comma came right before.
    after_comma: bool,
    /// `&` came right before.
    after_ampersand: bool,
}

impl<'a> Run<'a> {
    /// Takes the next word of the text.
    pub(super) fn see(
        &mut self,
        raw: &str,
        word: &'a str,
        before: &Recent,
        sentence: bool,
        mailboxes: &str,
        traits: &mut Traits,
    ) {
        let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
        let facts = Word::of(bare);
        if (facts.has(Word::DOTTED) || is_slashed_form(bare)) && self.count > 0 {
            // `Mašek k.s.`, `Angulo S.L.`
            self.bodies = true;
            self.end(facts, mailboxes, traits);
            return;
        }
        if !facts.has(Word::NAME_SHAPED) && !facts.has(Word::INITIAL) {
            self.pass(raw, bare, facts, mailboxes, traits);
            if !facts.is(AND) {
                self.row = 0;
            }
            self.after_comma = false;
            self.after_ampersand = false;
            return;
        }
        let mut flags = facts.flags();
        if flags & LISTED == 0 && facts.has(Word::JOINED) {
            flags = bare.split(['-', '\'', '’']).map(known).fold(0, |all, part| all | (part & (GIVEN | SURNAME)));
        }
        // `Anna-Seghers-Gasse` is a street.
        let street = facts.has(Word::JOINED) && facts.has(Word::STREET_ENDING);
        let name = flags & (GIVEN | SURNAME) != 0 && !street;
        if flags & TITLE != 0 && (!name || self.count == 0 && bare.len() <= 4) && bare.len() > 1 {
            self.end(Word::default(), mailboxes, traits);
            self.titled = true;
            self.touched = true;
            return;
        }
        // `Mrs Anna Schmidt Suite 5`: an address begins.
        if flags & UNIT != 0 && !name {
            self.end(Word::default(), mailboxes, traits);
            return;
        }
        if flags & OFFICE != 0 && !name {
            self.end(Word::default(), mailboxes, traits);
            self.office = true;
            self.touched = true;
            return;
        }
        if self.count == 0 {
            self.begin(before, sentence);
        }
        self.touched = true;
        // A place word such as `North` may be part of a name; a street or a university is not.
        self.owns = bare.len() < word.len();
        let place = flags & PLACE != 0 && bare.len() > 2 && flags & PARTICLE == 0;
        // `West Joanna`
        self.bodies |= place && self.count == 0 && flags & GIVEN == 0;
        // `Engström AB`, `Petit SA`: forms of companies in two capitals.
        self.bodies |= self.count > 0 && flags & BODY != 0 && bare.len() == 2 && facts.has(Word::SHOUTED);
        // `Viale Anita`
        self.bodies |= self.count == 0 && flags & STREET_FIRST != 0 && bare.len() > 3 && !sentence;
        self.bodies |= !name
            && ((flags & (BODY | STREET) != 0 && bare.len() > 2)
                || place
                || address::is_of_street_or_place(bare, facts));
        self.given += usize::from(flags & GIVEN != 0);
        let morph = flags & LISTED == 0 && bare.len() >= 5 && facts.has(Word::SURNAME_LIKE);
        self.surname += usize::from(flags & SURNAME != 0 || morph);
        self.like += usize::from(facts.has(Word::NAME_LIKE) && !morph);
        self.ordinary += usize::from(facts.has(Word::ORDINARY));
        match self.words.get_mut(self.count) {
            Some(room) => {
                *room = (bare, facts);
                self.count += 1;
            }
            None => *self = Self { bodies: true, touched: true, ..Self::default() },
        }
    }

    /// A word that is not written as names are.
    fn pass(&mut self, raw: &str, bare: &str, facts: Word, mailboxes: &str, traits: &mut Traits) {
        // `University of Maria Curie`: the name is the body's.
        if self.bodies && (facts.is(PARTICLE) || matches!(bare, "of" | "for" | "für")) {
            return;
        }
        // `Antrag von Anna Schmidt`: what stands before is a word, and another run begins.
        let last = self.count.checked_sub(1).and_then(|at| self.words.get(at));
        let worded = last.is_some_and(|(_, last)| last.has(Word::ORDINARY) || last.is(FUNCTION));
        let particle = self.count > 0 && !worded && facts.is(PARTICLE) && bare.len() <= 5 && facts.has(Word::LETTERS);
        if !particle || raw.ends_with([',', '.']) {
            self.end(facts, mailboxes, traits);
        }
    }

    fn begin(&mut self, before: &Recent, sentence: bool) {
        let last = before.last();
        self.chained = std::mem::take(&mut self.row);
        self.parted = std::mem::take(&mut self.after_comma);
        self.ampersand = std::mem::take(&mut self.after_ampersand);
        self.towards = last.is(TOWARDS);
        self.opens = sentence;
        self.placed = last.is(BEFORE_PLACE);
        self.by_person = last.is(BEFORE_PERSON);
        self.of = last.is(PARTICLE);
        // `rue Anne Allain`, `chemin de Payet`: a street's name.
        self.bodies |= last.is(STREET_FIRST) && !last.is(BEFORE_PLACE | BEFORE_PERSON) && !last.has(Word::CAPITAL);
        self.by_name = last.is(NAME_WORD) || (last.is(NUMBER) && before.has(2, NAME_WORD));
        self.introduced =
            last.is(INTRODUCES | NAME_WORD) || (last.is(NUMBER) && before.has(4, NAME_WORD)) || before.has(2, SELF);
        self.office |= last.is(OFFICE) && last.has(Word::CAPITAL);
    }

    /// A number comes next, or came before.
    pub(super) fn beside_number(&mut self) {
        self.numbered = true;
    }

    /// Whether no word came yet.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Judges what came; `next` is the word behind it.
    pub(super) fn end(&mut self, next: Word, mailboxes: &str, traits: &mut Traits) {
        if self.touched {
            let ended = std::mem::take(self);
            let alone = ended.count == 1 && !ended.titled && (ended.chained > 0 || ended.opens);
            self.row = if alone { ended.chained.saturating_add(1) } else { 0 };
            self.after_ampersand = ended.after_ampersand;
            ended.judge(next, mailboxes, traits);
        }
    }

    /// `&` comes next.
    pub(super) fn beside_ampersand(&mut self) {
        self.ampersand = true;
        self.after_ampersand = true;
    }

    /// A comma came.
    pub(super) fn behind_comma(&mut self) {
        self.after_comma = true;
    }

    /// What comes next has nothing to do with what came.
    pub(super) fn forget(&mut self) {
        self.row = 0;
        self.after_comma = false;
        self.after_ampersand = false;
    }

    fn judge(mut self, next: Word, mailboxes: &str, traits: &mut Traits) {
        let all = self.words;
        let mut words = all.get(..self.count).unwrap_or_default();
        // `The`, `In`, `Gestern`: what begins a sentence has a capital anyway.
        while let [(_, first), rest @ ..] = words {
            let introduces = !first.is(GIVEN | SURNAME) && first.is(INTRODUCES) && !rest.is_empty();
            let worded = first.has(Word::ORDINARY) && rest.len() >= 2;
            if !first.is(FUNCTION) && !introduces && !worded {
                break;
            }
            self.ordinary -= usize::from(first.has(Word::ORDINARY));
            // `Das` is a family name too, and says nothing where it begins a sentence.
            self.surname -= usize::from(first.is(FUNCTION) && first.is(SURNAME));
            words = rest;
            self.introduced |= first.is(INTRODUCES);
            self.opens = false;
        }
        // `Rydén & Nilsson`: a firm, unless somebody's given name is among them.
        if words.is_empty() || self.bodies || (self.ampersand && self.given == 0) {
            return;
        }
        if self.is_name(words, next, mailboxes) {
            traits.add(if self.office { Sign::TextOffice } else { Sign::TextName });
        }
    }

    fn is_name(&self, words: &[(&str, Word)], next: Word, mailboxes: &str) -> bool {
        let shouted = words.iter().all(|(_, facts)| facts.has(Word::SHOUTED));
        // Capitals throughout are headings unless both words are names.
        if shouted && !(self.given > 0 && self.surname > 0) {
            return false;
        }
        let initial = |word: &(&str, Word)| word.1.has(Word::INITIAL);
        let initials = words.iter().filter(|word| initial(word)).count();
        let plain = words.len() - initials;
        let acts = next.is(ACTS);
        let common = words.iter().all(|(_, facts)| facts.is(COMMON));
        let middle = matches!(words, [first, middle, last] if initial(middle) && !initial(first) && !initial(last));
        let first_known = words.first().is_some_and(|(_, first)| first.is(GIVEN | SURNAME));
        if plain > 0 && !mailboxes.is_empty() && words.iter().any(|(word, _)| echoes(word, mailboxes)) {
            return true;
        }
        let Some((first, last)) = words.first().zip(words.last()) else { return false };
        match plain {
            1 if common => self.titled || self.by_name || (self.introduced && self.given > 0 && self.ordinary == 0),
            1 => {
                // `Evans-Schofield` alone is a business as often as a person.
                let surname = self.surname > 0 && !self.placed && !self.towards && !last.1.has(Word::JOINED);
                // `Evans, Godfrey and Hooper` at the beginning is a firm as often as it is persons.
                let row = self.chained > 1 || self.chained == 1 && self.parted;
                let only_given = first.1.is(GIVEN) && !first.1.is(SURNAME);
                if row && !self.titled && !self.introduced && !only_given {
                    return false;
                }
                self.titled
                    || (self.introduced && (!self.opens || self.by_name) && self.ordinary == 0)
                    || (self.given > 0 && !self.placed && !self.numbered)
                    || (surname && (!self.opens && !self.of || initials > 0 || acts || self.by_person || self.owns))
                    || (acts && self.ordinary == 0 && !self.placed)
            }
            2..=4 => {
                let strong = words.iter().any(|(_, facts)| facts.is(GIVEN) && !facts.is(COMMON));
                // `Victoria Park`, `Grant Agreement`.
                let worded = last.1.has(Word::ORDINARY) && !strong;
                let pair = first.1.is(GIVEN) && last.1.is(SURNAME) && !first.1.is(PARTICLE) && !self.opens;
                let surname = self.surname > 0
                    && self.ordinary == 0
                    && !common
                    && (!self.opens || first_known || initials > 0 || plain == 2);
                let alike = self.like >= 2 && self.ordinary == 0 && plain <= 3;
                let known = (self.given > 0 && !common) || pair || surname || alike;
                let told = self.introduced || acts || self.by_person;
                // `Tina Lane`, `Elisabeth Parks 12`: a street.
                let street = last.1.is(STREET | PLACE | BODY) && (self.placed || self.numbered);
                self.titled
                    || middle
                    || (known
                        && !street
                        && !self.numbered
                        && !worded
                        && (!self.placed || (self.given > 0 && self.surname > 0)))
                    || (told && plain <= 3 && self.ordinary == 0 && !self.placed)
            }
            _ => false,
        }
    }
}

/// Forms of companies that are written with a stroke.
fn is_slashed_form(word: &str) -> bool {
    matches!(word, "S/A" | "A/S" | "I/S" | "K/S" | "P/S")
}

/// Whether a word, or what stands before its hyphen, is in a mailbox.
fn echoes(word: &str, mailboxes: &str) -> bool {
    let word = fold(word);
    let first = word.split('-').next().unwrap_or_default();
    first.len() >= 3 && mailboxes.contains(first)
}

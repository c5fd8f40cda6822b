//! Few words: names, sexes, bodies, streets.

use super::{Shape, Sign, Traits};
use crate::names::{
    BODY, GIVEN, LISTED, OFFICE, PARTICLE, PLACE, SEX, STREET, SURNAME, TITLE, is_caseless, is_of_letters, known,
};
use crate::value::address;
use crate::word::{Word, split};

/// What the words of a cell are, counted.
#[derive(Default)]
struct Counts {
    words: u32,
    named: u32,
    given: u32,
    surname: u32,
    other: u32,
    initials: u32,
}

/// Words from which a cell is no name any more.
const WORDS_MAX: u32 = 8;

pub(super) fn look(text: &str, shape: &Shape, traits: &mut Traits) {
    if text.len() <= 12 && shape.blanks == 0 && Word::of(text).is(SEX) {
        traits.add(Sign::Sex);
    }
    let mut counts = Counts::default();
    for word in split(text, b",;/()\"") {
        counts.words += 1;
        if counts.words > WORDS_MAX {
            return;
        }
        see_word(word, shape, &mut counts, traits);
    }
    let Counts { words, named, given, surname, other, initials } = counts;
    if given > 0 {
        traits.add(Sign::Given);
    }
    if surname > 0 {
        traits.add(Sign::Surname);
    }
    let people =
        |traits: &Traits| !traits.has(Sign::Body) && !traits.has(Sign::Street) && !traits.has(Sign::OfficeWord);
    if other == 0 && words >= 2 && (1..=5).contains(&named) && named + initials >= 2 && people(traits) {
        traits.add(Sign::NameShape);
        if given > 0 && !traits.has(Sign::PlaceWord) {
            traits.add(Sign::NameBoth);
        }
    } else if words == 1 && shape.digits == 0 && shape.others <= 2 && (named == 1 || is_lone_word(text)) {
        traits.add(Sign::OneName);
        // 山田太郎, 김민준: two to four signs of a script without capitals or gaps.
        if !text.is_ascii() && text.chars().all(is_caseless) && (2..=4).contains(&text.chars().count()) {
            traits.add(Sign::NameShape);
        }
    }
}

fn see_word(word: &str, shape: &Shape, counts: &mut Counts, traits: &mut Traits) {
    let facts = Word::of(word);
    if facts.has(Word::INITIAL) {
        counts.initials += 1;
        return;
    }
    let bare = word.trim_end_matches('.');
    let mut flags = if bare.len() == word.len() { facts } else { Word::of(bare) }.flags();
    if flags & LISTED == 0 && facts.has(Word::JOINED) {
        flags = word.split(['-', '\'', '’']).map(known).fold(0, |all, part| all | part);
    }
    note_word(flags, word, facts, traits);
    if facts.has(Word::NAME_LIKE) {
        traits.add(Sign::NameLike);
    }
    if flags & GIVEN != 0 {
        counts.given += 1;
    }
    if flags & SURNAME != 0 || (flags & LISTED == 0 && word.len() >= 5 && facts.has(Word::SURNAME_LIKE)) {
        counts.surname += 1;
    }
    if flags & TITLE != 0 || (flags & PARTICLE != 0 && facts.has(Word::SMALL)) {
        return;
    }
    // Files in small letters: `waller`, `lachlan berry`.
    let small = facts.has(Word::LETTERS)
        && counts.given + counts.surname > 0
        && word.len() > 1
        && flags & (GIVEN | SURNAME) != 0;
    if shape.digits == 0 && (facts.has(Word::NAME_SHAPED) || small) {
        counts.named += 1;
    } else {
        counts.other += 1;
    }
}

fn is_lone_word(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(|sign| is_of_letters(sign) || matches!(sign, '\'' | '’' | '-'))
}

fn note_word(flags: u32, word: &str, facts: Word, traits: &mut Traits) {
    let name = flags & (GIVEN | SURNAME) != 0;
    if flags & BODY != 0 && word.len() > 2 {
        traits.add(Sign::Body);
    }
    if flags & STREET != 0 && word.len() > 2 && !name
        || address::is_of_street_or_place(word, facts) && flags & (PLACE | PARTICLE | TITLE) == 0 && !name
    {
        traits.add(Sign::Street);
    }
    if flags & PLACE != 0 && !name {
        traits.add(Sign::PlaceWord);
    }
    if flags & OFFICE != 0 && !name {
        traits.add(Sign::OfficeWord);
    }
    if flags & TITLE != 0 && word.len() > 1 && flags & (GIVEN | SURNAME | STREET) == 0 {
        traits.add(Sign::Title);
    }
}

//! Postal addresses: a street and a number.

use crate::names::{PLACE, STREET, STREET_FIRST, UNIT, ends};
use crate::word::{Word, split};

/// Ends of words that are streets by themselves: Hauptstraße, Dorpsstraat, Storgatan.
const STREET_ENDS: &[&str] = &[
    "strasse", "straße", "str.", "gasse", "allee", "platz", "damm", "chaussee", "weg", "straat", "laan", "plein",
    "gracht", "dijk", "gatan", "vägen", "stigen", "gränd", "gata", "veien", "vegen", "gade", "vej", "stræde", "katu",
    "tie", "kuja", "polku", "utca", "ulica", "singel", "kade", "steeg", "dreef", "stræti", "puiestee", "tänav", "iela",
    "körút", "vollen", "backen", "torget", "bulvari", "caddesi", "sokagi",
];

/// Words of an address that are looked at.
const WORDS_MAX: usize = 14;

/// Whether a text is a street with a number, or a postbox.
pub(crate) fn is_address(text: &str) -> bool {
    if !(6..=200).contains(&text.len()) {
        return false;
    }
    let mut words = [""; WORDS_MAX];
    let mut count = 0;
    for (room, word) in words.iter_mut().zip(split(text, b",")) {
        *room = word;
        count += 1;
    }
    words_are_address(words.get(..count).unwrap_or_default())
}

/// Whether words are a street with a number.
pub(crate) fn words_are_address(words: &[&str]) -> bool {
    if words.len() < 2 {
        return false;
    }
    let mut room = [Word::default(); WORDS_MAX];
    for (fact, word) in room.iter_mut().zip(words) {
        *fact = Word::of(word);
    }
    let facts = room.get(..words.len()).unwrap_or(&room);
    let house = |fact: &Word| fact.has(Word::HOUSE_NUMBER);
    let Some(number) = facts.iter().position(house) else { return false };
    let street = words
        .iter()
        .zip(facts)
        .enumerate()
        .any(|(at, (word, fact))| at != number && !house(fact) && is_street_word(word, *fact, at, words));
    let boxed = || {
        let mut pairs = words.iter().zip(facts).zip(facts.iter().skip(1));
        pairs
            .any(|((kind, fact), number)| house(number) && of_trimmed(kind, *fact, kind.trim_end_matches('.')).is(UNIT))
    };
    // A number of pieces before a street's name is no address: some other word must be a name.
    street && (words.len() > 2 || number > 0) || boxed()
}

/// What is known of what remains of a word, of which something is known.
fn of_trimmed(word: &str, fact: Word, bare: &str) -> Word {
    if bare.len() == word.len() { fact } else { Word::of(bare) }
}

fn is_street_word(word: &str, fact: Word, at: usize, words: &[&str]) -> bool {
    let bare = word.trim_end_matches([',', ';']);
    let fact = of_trimmed(word, fact, bare);
    let letter = |word: &str| word.chars().next().is_some_and(char::is_alphabetic);
    if fact.has(Word::STREET_ENDING) && letter(bare) {
        return true;
    }
    if fact.is(STREET_FIRST) && words.get(at + 1).is_some_and(|next| letter(next)) {
        return true;
    }
    let ordinal = |word: &str| ["th", "st", "nd", "rd"].iter().any(|ending| word.ends_with(ending));
    let before = at.checked_sub(1).and_then(|at| words.get(at));
    of_trimmed(bare, fact, bare.trim_end_matches('.')).is(STREET)
        && before.is_some_and(|before| letter(before) || ordinal(before))
}

/// Whether a word is the number of a house: `6`, `12a`, `3-5`, `25/2`, `No.7`.
pub(crate) fn is_house_number(word: &str) -> bool {
    Word::of(word).has(Word::HOUSE_NUMBER)
}

/// The same, judged anew.
pub(crate) fn reads_as_house_number(word: &str) -> bool {
    if word.len() <= 6 && !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let bare = word.trim_end_matches([',', '.', ';']).trim_start_matches(['#', '№']);
    if bare.len() > 10 || !bare.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let letters = bare.chars().filter(|sign| sign.is_alphabetic()).count();
    (1..=6).contains(&digits)
        && letters <= 2
        && bare.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '/' | '–'))
}

/// Whether a word is part of a street's name rather than a person's: the word after `via`, before `street`.
pub(crate) fn is_of_street_or_place(word: &str, fact: Word) -> bool {
    let dotted = || word.strip_suffix('.').is_some_and(|bare| Word::of(bare).is(STREET | PLACE | STREET_FIRST));
    fact.is(STREET | PLACE | STREET_FIRST) || (fact.has(Word::STREET_ENDING) && fact.has(Word::NAME_SHAPED)) || dotted()
}

/// Whether a word ends as streets do, and is more than that ending.
pub(crate) fn ends_like_street(word: &str) -> bool {
    STREET_ENDS.iter().any(|ending| word.len() > ending.len() + 2 && ends(word.as_bytes(), ending.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_with_numbers_are_addresses() {
        for text in [
            "1659 Hoog St",
            "183 Epimenidou Street",
            "Puruntie 82",
            "Rua do Arenque 1634",
            "Musterstraße 12a",
            "12, rue de la Paix",
            "Calle Mayor, 5",
            "Via Garibaldi 3",
            "ul. Długa 7/2",
            "Storgatan 14",
            "Dorpsstraat 21",
            "Kossuth utca 8",
            "P.O. Box 255",
            "улица Ленина 5",
            "Οδός Ερμού 12",
            "Hlavní ulice 33",
            "350 5th Avenue",
        ] {
            assert!(is_address(text), "{text}");
        }
        for text in
            ["Main Street", "12 trees", "2020-01-01", "Table 3", "Berlin 2021", "way", "1 2 3", "Chapter 4 Page 12"]
        {
            assert!(!is_address(text), "{text}");
        }
    }
}

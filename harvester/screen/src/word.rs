//! Words: what is known of each by itself. Texts say the same words again and again, so each thread remembers the last ones.

use std::cell::Cell;

use xxhash_rust::xxh3::xxh3_64;

use crate::fold::fold_into;
use crate::morph::{is_ordinary, looks_like_name};
use crate::names::{GIVEN, LISTED, SURNAME, ends_like_surname, is_initial, is_intimate, is_name_word, known};
use crate::value::address::{ends_like_street, reads_as_house_number};

/// What is known of a word, as bits: those of [`known`], and the ones below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Word(u64);

macro_rules! facts {
    ($($name:ident $bit:literal $about:literal)*) => {
        impl Word { $(#[doc = $about] pub(crate) const $name: u64 = 1 << $bit;)* }
    };
}

facts! {
    SURNAME_LIKE 32 "It ends as family names do."
    NAME_SHAPED 33 "It is written as names are: a capital and small letters, or capitals only."
    INITIAL 34 "An initial."
    STREET_ENDING 35 "It ends as names of streets do, and is more than that."
    HOUSE_NUMBER 36 "The number of a house."
    INTIMATE 37 "It begins as words of illness and other private matters do."
    DIGIT 38 "There is a digit in it."
    CAPITAL 39 "It begins with a capital."
    SMALL 40 "It begins with a small letter."
    SHOUTED 41 "Two letters or more, all of them capitals."
    LETTERS 42 "There is nothing but letters in it."
    JOINED 43 "There is a hyphen or an apostrophe in it."
    NAME_LIKE 44 "It is in no list, and its letters follow one another as in names."
    DOTTED 46 "Letters parted by points, as in forms of companies and initials: S.L, s.r.o, J.R."
    ORDINARY 45 "It is in the list of ordinary words, and in no list of names."
}

/// Longest word that is remembered, in bytes.
const WORD_BYTES_MAX: usize = 48;
/// Words that a thread remembers: half a megabyte, of which what is used stays near the processor.
const REMEMBERED: usize = 32_768;

thread_local! {
    static SEEN: Vec<Cell<(u64, Word)>> = vec![Cell::new((0, Word(0))); REMEMBERED];
}

impl Word {
    /// Everything known of a word.
    pub(crate) fn of(word: &str) -> Self {
        let first = word.bytes().next().unwrap_or(b' ');
        if word.len() > WORD_BYTES_MAX {
            return Self::judge(word);
        }
        if first.is_ascii_digit() {
            // Numbers seldom come twice, and no list has them.
            let house = if reads_as_house_number(word) { Self::HOUSE_NUMBER } else { 0 };
            return Self(Self::DIGIT | house);
        }
        let hash = xxh3_64(word.as_bytes());
        SEEN.with(|seen| {
            let Some(slot) = usize::try_from(hash >> 20).ok().and_then(|at| seen.get(at % REMEMBERED)) else {
                return Self::judge(word);
            };
            let (known, facts) = slot.get();
            if known == hash {
                return facts;
            }
            let facts = Self::judge(word);
            slot.set((hash, facts));
            facts
        })
    }

    fn judge(word: &str) -> Self {
        let listed = known(word);
        let written = if word.is_ascii() { Self::written_ascii(word.as_bytes()) } else { Self::written(word) };
        let mut facts = u64::from(listed) | written;
        let mut add = |holds: bool, fact: u64| facts |= if holds { fact } else { 0 };
        add(ends_like_surname(word), Self::SURNAME_LIKE);
        add(ends_like_street(word), Self::STREET_ENDING);
        add(reads_as_house_number(word), Self::HOUSE_NUMBER);
        add(word.len() > 3 && is_intimate(word), Self::INTIMATE);
        let mut room = [0; 64];
        if let Some(folded) = fold_into(word, &mut room).filter(|_| listed & (GIVEN | SURNAME) == 0) {
            let ordinary = is_ordinary(folded);
            add(ordinary, Self::ORDINARY);
            add(!ordinary && listed & LISTED == 0 && looks_like_name(folded), Self::NAME_LIKE);
        }
        Self(facts)
    }

    /// How a word is written.
    fn written(word: &str) -> u64 {
        let mut facts = 0;
        let mut add = |holds: bool, fact: u64| facts |= if holds { fact } else { 0 };
        add(is_name_word(word), Self::NAME_SHAPED);
        add(is_initial(word), Self::INITIAL);
        add(word.bytes().any(|byte| byte.is_ascii_digit()), Self::DIGIT);
        let first = word.chars().next().unwrap_or(' ');
        add(first.is_uppercase(), Self::CAPITAL);
        add(first.is_lowercase(), Self::SMALL);
        let letters = word.chars().filter(|sign| sign.is_alphabetic()).count();
        add(
            letters > 1 && !word.chars().any(char::is_lowercase) && word.chars().any(char::is_uppercase),
            Self::SHOUTED,
        );
        add(word.chars().all(char::is_alphabetic), Self::LETTERS);
        add(word.contains(['-', '\'', '’']), Self::JOINED);
        let parts = word.trim_end_matches('.').split('.');
        let dotted = word.trim_end_matches('.').contains('.')
            && parts.clone().all(|part| (1..=5).contains(&part.len()) && part.chars().all(char::is_alphabetic));
        add(dotted, Self::DOTTED);
        facts
    }

    /// The same for ASCII, from one look at its bytes.
    fn written_ascii(word: &[u8]) -> u64 {
        let (mut capitals, mut smalls, mut digits, mut marks, mut points) = (0, 0, 0, 0, 0);
        for byte in word {
            match byte {
                b'A'..=b'Z' => capitals += 1,
                b'a'..=b'z' => smalls += 1,
                b'0'..=b'9' => digits += 1,
                b'-' | b'\'' => marks += 1,
                b'.' => points += 1,
                _ => {}
            }
        }
        let letters = capitals + smalls;
        let first = word.first().copied().unwrap_or(b' ');
        let mut facts = 0;
        let mut add = |holds: bool, fact: u64| facts |= if holds { fact } else { 0 };
        let capital = first.is_ascii_uppercase();
        add(capital && word.len() > 1 && letters + marks + points == word.len(), Self::NAME_SHAPED);
        add(capital && (word.len() == 1 || word.len() == 2 && points == 1), Self::INITIAL);
        add(digits > 0, Self::DIGIT);
        add(capital, Self::CAPITAL);
        add(first.is_ascii_lowercase(), Self::SMALL);
        add(letters > 1 && smalls == 0, Self::SHOUTED);
        add(letters == word.len(), Self::LETTERS);
        add(marks > 0, Self::JOINED);
        if points > 0 {
            let until = word.iter().rposition(|byte| *byte != b'.').map_or(0, |at| at + 1);
            let bare = word.get(..until).unwrap_or_default();
            let part = |part: &[u8]| (1..=5).contains(&part.len()) && part.iter().all(u8::is_ascii_alphabetic);
            add(bare.contains(&b'.') && bare.split(|byte| *byte == b'.').all(part), Self::DOTTED);
        }
        facts
    }

    /// Whether any of the flags of the lists is set.
    pub(crate) const fn is(self, flags: u32) -> bool {
        self.0 & flags as u64 != 0
    }

    /// Whether a fact holds.
    pub(crate) const fn has(self, fact: u64) -> bool {
        self.0 & fact != 0
    }

    /// What the lists say.
    pub(crate) const fn flags(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the lower half are the flags")]
        let flags = self.0 as u32;
        flags
    }
}

/// The words of a text, cut at blanks and at further signs, which are ASCII.
pub(crate) fn split<'a>(text: &'a str, cuts: &'static [u8]) -> impl Iterator<Item = &'a str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let mut from = 0;
        while let Some(length) = blank_at(bytes, from, cuts) {
            from += length;
        }
        if from >= bytes.len() {
            return None;
        }
        let mut until = from;
        while let Some(byte) = bytes.get(until) {
            if !byte.is_ascii_alphanumeric() && blank_at(bytes, until, cuts).is_some() {
                break;
            }
            until += 1;
        }
        let word = rest.get(from..until)?;
        rest = rest.get(until..)?;
        Some(word)
    })
}

/// How many bytes the blank or cut at a place has.
fn blank_at(bytes: &[u8], at: usize, cuts: &[u8]) -> Option<usize> {
    let byte = *bytes.get(at)?;
    match byte {
        b' ' | b'\t'..=b'\r' => Some(1),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => None,
        0..0x80 => cuts.contains(&byte).then_some(1),
        // No-break space, and the spaces of general punctuation and of East Asian scripts.
        0xc2 => (bytes.get(at + 1) == Some(&0xa0)).then_some(2),
        0xe2 => (bytes.get(at + 1) == Some(&0x80)
            && matches!(bytes.get(at + 2), Some(0x80..=0x8a | 0xa8 | 0xa9 | 0xaf)))
        .then_some(3),
        0xe3 => (bytes.get(at + 1) == Some(&0x80) && bytes.get(at + 2) == Some(&0x80)).then_some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{GIVEN, STREET_FIRST};

    #[test]
    fn what_is_remembered_is_what_was_judged() {
        for _ in 0..3 {
            for word in ["Anna", "anna", "Müller", "Hauptstraße", "12a", "J.", "diagnosed", "O'Neill", "IBM", "rue"] {
                let judged = if word.starts_with(|sign: char| sign.is_ascii_digit()) {
                    Word(Word::DIGIT | Word::HOUSE_NUMBER)
                } else {
                    Word::judge(word)
                };
                assert_eq!(Word::of(word), judged, "{word}");
            }
        }
        assert!(Word::of("Anna").is(GIVEN) && Word::of("rue").is(STREET_FIRST));
        assert!(Word::of("Hauptstraße").has(Word::STREET_ENDING) && Word::of("IBM").has(Word::SHOUTED));
    }

    proptest::proptest! {
        #[test]
        fn words_are_cut_at_blanks(text in "[a-zé ,;\u{a0}\u{2009}\u{3000}\t]{0,30}") {
            let cut: Vec<&str> = split(&text, b",;").collect();
            let wanted: Vec<&str> = text.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';')).filter(|word| !word.is_empty()).collect();
            proptest::prop_assert_eq!(cut, wanted);
        }

        #[test]
        fn words_of_ascii_are_judged_as_all_are(word in "[A-Za-z0-9.' -]{0,8}") {
            proptest::prop_assert_eq!(Word::written_ascii(word.as_bytes()), Word::written(&word), "{}", word);
        }

        #[test]
        fn any_word_is_judged(word in "\\PC{0,60}") {
            proptest::prop_assert_eq!(Word::of(&word), Word::of(&word));
        }
    }
}

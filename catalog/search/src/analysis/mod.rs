//! Text analysis: how text becomes words, the same way for documents and for questions.
//!
//! Text is folded ([`fairground_domain::fold`]: lower case, no accents), split into words ([`each_word`]) and stemmed after the
//! language of the text. A word and its stem live side by side in one list, so a question is found by its exact words and by
//! their stems in any language at the same time.

mod compound;
mod language;
mod polish;
mod stem;
mod stream;

pub use language::{Language, is_frame, is_little_in_any, is_weak};
pub(crate) use language::{by_letters, by_words};
pub use stem::{Stems, forms};
pub(crate) use stream::{PLAIN_TOKENIZER, PlainWords, Stream, WEIGHED_TOKENIZER, WeighedWords};

use std::borrow::Cow;

/// Longest word that is indexed, in bytes; longer runs are no words.
pub const MAX_WORD_BYTES: usize = 64;

/// A text without web addresses, whose parts are no words of the text.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        let scheme = before.len() - before.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
        plain.push_str(before.get(..scheme).unwrap_or(before));
        plain.push(' ');
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | '>' | '<' | '"' | '\'' | '|'));
        rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// A text with dotted letters as one word: `U.S.` → `US`, `E.P.A.` → `EPA`.
#[must_use]
pub fn without_dots(text: &str) -> Cow<'_, str> {
    // Two dots about a letter: looked for in bytes first, for few texts have any.
    let bytes = text.as_bytes();
    let about_a_letter =
        |at: usize| bytes.get(at + 2..(at + 6).min(bytes.len())).is_some_and(|next| next.contains(&b'.'));
    if !memchr::memchr_iter(b'.', bytes).any(about_a_letter) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    // How many single letters with a dot after them stand in a row before this place.
    let (mut dotted, mut before) = (0, None::<char>);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let alone =
            c.is_alphabetic() && (before.is_none_or(|b| !b.is_alphanumeric()) || dotted > 0 && before == Some('.'));
        if alone && chars.peek() == Some(&'.') {
            let mut ahead = chars.clone();
            ahead.next();
            let goes_on = matches!((ahead.next(), ahead.next()), (Some(next), Some('.')) if next.is_alphabetic());
            if goes_on || dotted > 0 {
                plain.push(c);
                chars.next();
                dotted += 1;
                before = Some('.');
                continue;
            }
        }
        dotted = 0;
        before = Some(c);
        plain.push(c);
    }
    Cow::Owned(plain)
}

/// Calls `each` with every word of a folded text: runs of letters and digits. Chinese and Japanese characters and Korean
/// syllables, which are written without spaces, count as a word each.
pub fn each_word<'t>(folded: &'t str, mut each: impl FnMut(&'t str)) {
    let mut start = None;
    let mut give = |from: usize, to: usize| {
        if to - from <= MAX_WORD_BYTES
            && let Some(word) = folded.get(from..to)
        {
            each(word);
        }
    };
    for (at, c) in folded.char_indices() {
        let unspaced = !c.is_ascii() && is_unspaced(c);
        if c.is_alphanumeric() && !unspaced {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            give(from, at);
        }
        if unspaced {
            give(at, at + c.len_utf8());
        }
    }
    if let Some(from) = start {
        give(from, folded.len());
    }
}

/// Han, Hiragana, Katakana and Hangul.
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// Longest tag or entity that is passed over, in bytes; anything longer is text with a stray `<` or `&`.
const MAX_MARKUP_BYTES: usize = 400;

/// The text without HTML tags and with entities as spaces (or their letter, for accented ones that people type).
#[must_use]
pub fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, markup) = rest.split_at(at);
        plain.push_str(before);
        let closing = if markup.starts_with('<') { '>' } else { ';' };
        let begins = markup.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '#'));
        let limit = if closing == ';' { 10 } else { MAX_MARKUP_BYTES };
        let end = markup.bytes().take(limit).position(|b| char::from(b) == closing).filter(|_| begins);
        match end {
            Some(end) => {
                plain.push_str(markup.get(1..end).and_then(entity_letter).unwrap_or(" "));
                rest = markup.get(end + 1..).unwrap_or_default();
            }
            None => {
                plain.push(' ');
                rest = markup.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The letter of the entities that stand within words; folded, since only search sees it.
fn entity_letter(name: &str) -> Option<&'static str> {
    const LETTERS: [&str; 20] =
        ["a", "e", "i", "o", "u", "y", "c", "n", "A", "E", "I", "O", "U", "Y", "C", "N", "s", "S", "z", "Z"];
    const MARKS: [&str; 8] = ["acute", "grave", "circ", "uml", "cedil", "tilde", "ring", "caron"];
    if name == "szlig" {
        return Some("ss");
    }
    let letter = name.get(..1)?;
    MARKS.contains(&name.get(1..)?).then(|| LETTERS.iter().find(|known| **known == letter).copied()).flatten()
}

/// A column's name with spaces where its parts meet: `StationId` → `Station Id`, `PM25value` → `PM25value`.
#[must_use]
pub fn split_case(name: &str) -> String {
    let mut split = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if lower && c.is_uppercase() {
            split.push(' ');
        }
        lower = c.is_lowercase();
        split.push(c);
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        each_word(text, |word| words.push(word));
        words
    }

    #[test]
    fn text_is_split_into_words() {
        for (text, expected) in [
            ("air quality, 2023", vec!["air", "quality", "2023"]),
            ("l'eau_potable/pm2.5", vec!["l", "eau", "potable", "pm2", "5"]),
            ("人口 data", vec!["人", "口", "data"]),
            ("東京tokyo", vec!["東", "京", "tokyo"]),
            ("", vec![]),
            ("--- \u{0} ---", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert!(words(&"x".repeat(MAX_WORD_BYTES + 1)).is_empty());
    }

    #[test]
    fn markup_is_passed_over() {
        for (text, expected) in [
            ("<p>Air<br/>quality</p>", vec!["air", "quality"]),
            ("if a < b & c", vec!["if", "a", "b", "c"]),
            ("Qualit&eacute;&nbsp;de l&#39;air", vec!["qualite", "de", "l", "air"]),
            ("<a href=\"https://example.org/secret\">here</a>", vec!["here"]),
            ("<unclosed", vec!["unclosed"]),
            ("&", vec![]),
        ] {
            let plain = fairground_domain::fold(&without_markup(text));
            assert_eq!(words(&plain), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_passed_over() {
        for (text, expected) in [
            ("see https://example.org/a/b?c=d for more", "see   for more"),
            ("[here](https://example.org/x) and", "[here]( ) and"),
            ("ftp://x", " "),
            ("a://", " "),
            ("none", "none"),
        ] {
            assert_eq!(without_addresses(text), expected);
        }
    }

    #[test]
    fn dotted_letters_are_one_word() {
        for (text, expected) in [
            ("U.S. Census", "US Census"),
            ("the E.P.A. and U.K.", "the EPA and UK"),
            ("end. A. Smith", "end. A. Smith"),
            ("pm2.5 v1.0 example.org", "pm2.5 v1.0 example.org"),
            ("no dots", "no dots"),
        ] {
            assert_eq!(without_dots(text), expected);
        }
    }

    #[test]
    fn column_names_are_split_where_their_parts_meet() {
        assert_eq!(split_case("StationId"), "Station Id");
        assert_eq!(split_case("NOx_value"), "NOx_value");
    }
}

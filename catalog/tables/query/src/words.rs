//! Words of texts: what `q=` looks for, and what an index of words holds.
//!
//! A word is a longest run of letters and digits of the folded text (lower case, no accents, ligatures spelled out), cut at
//! [`WORD_CHARS_MAX`] characters. Scripts written without spaces (Han, Hiragana, Katakana) give one word a character, so
//! that a name of two characters is found inside a sentence. Questions and rows go through the same function: whatever it
//! does to one, it does to the other.

use std::borrow::Cow;

use fairground_domain::fold;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::plan::Word;

/// Characters of a word that count; what follows them is disregarded, in questions and rows alike.
pub const WORD_CHARS_MAX: usize = 64;

/// The words of a text in their order, each as often as it stands there.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    for_each_word(text, |word| found.push(word.to_owned()));
    found.into_iter()
}

/// Calls `take` with each word of a text, in order, without an allocation per word: for those who index many rows.
pub fn for_each_word(text: &str, mut take: impl FnMut(&str)) {
    if text.is_ascii() {
        let mut lower = [0u8; WORD_CHARS_MAX];
        for run in text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).filter(|run| !run.is_empty()) {
            let length = run.len().min(WORD_CHARS_MAX);
            for (to, from) in lower.iter_mut().zip(run) {
                *to = from.to_ascii_lowercase();
            }
            if let Some(Ok(word)) = lower.get(..length).map(std::str::from_utf8) {
                take(word);
            }
        }
        return;
    }
    let folded = fold(text);
    for run in folded.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        for_each_piece(run, &mut take);
    }
}

/// A run of letters and digits: its spaceless characters one by one, what stands between them as words.
fn for_each_piece(run: &str, take: &mut impl FnMut(&str)) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let end = if is_spaceless(first) { first.len_utf8() } else { rest.find(is_spaceless).unwrap_or(rest.len()) };
        let (piece, after) = rest.split_at(end);
        let cut = piece.char_indices().nth(WORD_CHARS_MAX).map_or(piece.len(), |(at, _)| at);
        take(piece.get(..cut).unwrap_or(piece));
        rest = after;
    }
}

/// Han, Hiragana and Katakana: written without spaces between words.
const fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3134F}')
}

/// Takes a `q` text apart: its words, the last one of each run before a `*` marked as a prefix (`wat*`). Sorted, each once.
///
/// A `*` that follows no letter or digit is disregarded, like all other signs.
#[must_use]
pub fn wanted_words(text: &str) -> Vec<Word> {
    let mut wanted = Vec::new();
    let mut pieces = text.split('*').peekable();
    while let Some(piece) = pieces.next() {
        let starred = pieces.peek().is_some()
            && piece.chars().next_back().is_some_and(|c| c.is_alphanumeric() || is_combining_mark(c));
        let from = wanted.len();
        for_each_word(piece, |word| wanted.push(Word { text: word.to_owned(), prefix: false }));
        if let (true, Some(last)) = (starred && wanted.len() > from, wanted.last_mut()) {
            last.prefix = true;
        }
    }
    wanted.sort();
    wanted.dedup();
    wanted
}

/// Whether some word of the texts is this one, or begins with it when it is a prefix.
#[must_use]
pub fn holds_word<'a>(texts: impl IntoIterator<Item = &'a str>, word: &Word) -> bool {
    texts.into_iter().any(|text| {
        let mut held = false;
        for_each_word(text, |found| {
            held = held || if word.prefix { found.starts_with(&word.text) } else { found == word.text };
        });
        held
    })
}

/// Without regard to case (CQL2's `casei`): lower case, character by character, the final sigma like any other.
#[must_use]
pub fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// Without regard to accents (CQL2's `accenti`), case kept; letters with strokes and ligatures are spelled out.
#[must_use]
pub fn fold_accents(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match spelled_out(c) {
            Some(plain) => folded.push_str(plain),
            None => folded.push(c),
        }
    }
    folded
}

const fn spelled_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'ł' => "l",
        'Ł' => "L",
        'þ' => "th",
        'Þ' => "TH",
        'ı' => "i",
        'ħ' => "h",
        'Ħ' => "H",
        _ => return None,
    })
}

/// The one folding of comparisons: by case, by accents, by both ([`fairground_domain::fold`]) or not at all.
#[must_use]
pub fn fold_by(text: &str, ignore_case: bool, ignore_accents: bool) -> Cow<'_, str> {
    match (ignore_case, ignore_accents) {
        (false, false) => Cow::Borrowed(text),
        (true, false) => Cow::Owned(fold_case(text)),
        (false, true) => Cow::Owned(fold_accents(text)),
        (true, true) => Cow::Owned(fold(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits_folded() {
        for (text, expected) in [
            ("", vec![]),
            ("Water  levels, 2024!", vec!["water", "levels", "2024"]),
            ("L'ÉTÉ à Łódź", vec!["l", "ete", "a", "lodz"]),
            ("A-12 b_c", vec!["a", "12", "b", "c"]),
            ("Straße", vec!["strasse"]),
            ("東京 tower", vec!["東", "京", "tower"]),
            ("x東y", vec!["x", "東", "y"]),
            ("½", vec!["1", "2"]),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn long_words_are_cut_alike_in_plain_and_accented_text() {
        let plain = "x".repeat(100);
        assert_eq!(words(&plain).next(), Some("x".repeat(WORD_CHARS_MAX)));
        assert_eq!(words(&format!("{plain} é")).next(), Some("x".repeat(WORD_CHARS_MAX)));
    }

    #[test]
    fn a_star_after_a_word_makes_it_a_prefix() {
        let word = |text: &str, prefix| Word { text: text.to_owned(), prefix };
        for (text, expected) in [
            ("Wat*", vec![word("wat", true)]),
            ("fresh wat* level", vec![word("fresh", false), word("level", false), word("wat", true)]),
            ("* water", vec![word("water", false)]),
            ("water * level", vec![word("level", false), word("water", false)]),
            ("a a A", vec![word("a", false)]),
            ("été*", vec![word("ete", true)]),
            ("***", vec![]),
        ] {
            assert_eq!(wanted_words(text), expected, "{text}");
        }
    }

    #[test]
    fn folding_takes_case_or_accents_or_both() {
        for (text, case, accents, both) in [
            ("ÉTÉ", "été", "ETE", "ete"),
            ("Straße", "straße", "Strasse", "strasse"),
            ("ΟΔΟΣ", "οδοσ", "ΟΔΟΣ", "οδοσ"),
            ("plain", "plain", "plain", "plain"),
        ] {
            assert_eq!(fold_by(text, true, false), case);
            assert_eq!(fold_by(text, false, true), accents);
            assert_eq!(fold_by(text, true, true), both);
            assert_eq!(fold_by(text, false, false), text);
        }
    }
}

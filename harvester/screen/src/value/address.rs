//! Postal addresses: a street and a number.

use crate::names::{PLACE, STREET, STREET_FIRST, UNIT, ends, is_name_word, known};

/// Ends of words that are streets by themselves: Hauptstraße, Dorpsstraat, Storgatan.
const STREET_ENDS: &[&str] = &[
    "strasse", "straße", "str.", "gasse", "allee", "platz", "damm", "chaussee", "weg", "straat", "laan", "plein",
    "gracht", "dijk", "gatan", "vägen", "stigen", "gränd", "gata", "veien", "vegen", "gade", "vej", "stræde", "katu",
    "tie", "kuja", "polku", "utca", "ulica",
];

/// Whether a text is a street with a number, or a postbox.
pub(crate) fn is_address(text: &str) -> bool {
    if !(6..=200).contains(&text.len()) || !text.bytes().any(|sign| sign.is_ascii_digit()) {
        return false;
    }
    let mut words = [""; 14];
    let mut count = 0;
    for word in text.split(|sign: char| sign.is_whitespace() || sign == ',').filter(|word| !word.is_empty()) {
        let Some(room) = words.get_mut(count) else { break };
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
    let number = words.iter().position(|word| is_house_number(word));
    let Some(number) = number else { return false };
    let street = words
        .iter()
        .enumerate()
        .any(|(at, word)| at != number && !is_house_number(word) && is_street_word(word, at, words));
    let boxed = words.windows(2).any(|pair| match pair {
        [kind, number] => known(kind.trim_end_matches('.')) & UNIT != 0 && is_house_number(number),
        _ => false,
    });
    // A number of pieces before a street's name is no address: some other word must be a name.
    street && (words.len() > 2 || number > 0) || boxed
}

fn is_street_word(word: &str, at: usize, words: &[&str]) -> bool {
    let bare = word.trim_end_matches([',', ';']);
    if ends_like_street(bare) && bare.chars().next().is_some_and(char::is_alphabetic) {
        return true;
    }
    if known(bare) & STREET_FIRST != 0
        && words.get(at + 1).is_some_and(|next| next.chars().next().is_some_and(char::is_alphabetic))
    {
        return true;
    }
    known(bare.trim_end_matches('.')) & STREET != 0
        && at > 0
        && words.get(at - 1).is_some_and(|before| {
            before.chars().next().is_some_and(char::is_alphabetic)
                || before.ends_with("th")
                || before.ends_with("st")
                || before.ends_with("nd")
                || before.ends_with("rd")
        })
}

/// Whether a word is the number of a house: `6`, `12a`, `3-5`, `25/2`, `No.7`.
pub(crate) fn is_house_number(word: &str) -> bool {
    let bare = word.trim_end_matches([',', '.', ';']).trim_start_matches(['#', '№']);
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let letters = bare.chars().filter(|sign| sign.is_alphabetic()).count();
    (1..=6).contains(&digits)
        && letters <= 2
        && bare.len() <= 10
        && bare.bytes().next().is_some_and(|first| first.is_ascii_digit())
        && bare.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '/' | '–'))
}

/// Whether a word is part of a street's name rather than a person's: the word after `via`, before `street`.
pub(crate) fn is_of_street_or_place(word: &str) -> bool {
    let flags = known(word) | if word.ends_with('.') { known(word.trim_end_matches('.')) } else { 0 };
    flags & (STREET | PLACE | STREET_FIRST) != 0 || (ends_like_street(word) && is_name_word(word))
}

/// Whether a word ends as streets do, and is more than that ending.
fn ends_like_street(word: &str) -> bool {
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

//! What a person typed, taken apart: a small grammar in which nothing is an error.
//!
//! `air quality` both words; `"air quality"` the phrase; `-water` without the word; `title:air` the word in that field;
//! everything else is a word or nothing.

use fairground_domain::fold;

use crate::analysis::{each_word, without_dots};
use crate::schema::Scope;

/// Characters of a question that are read; the rest is passed over.
pub const MAX_TEXT_CHARS: usize = 1_000;
/// Words and phrases of a question that are sought; the rest is passed over.
pub const MAX_WORDS: usize = 16;
/// Words of one phrase, or of one run such as `pm2.5-2023`, that are sought.
const MAX_PARTS: usize = 12;

/// One thing that is wanted or not wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    /// A word, folded.
    Word(String),
    /// Something with punctuation inside, such as an identifier: as typed (folded), and its words.
    Run { whole: String, words: Vec<String> },
    /// Words that must stand side by side.
    Phrase(Vec<String>),
    /// Words that must all stand in one field.
    Scoped { scope: Scope, words: Vec<String> },
    /// An identifier or slug as it stands, folded.
    Identifier(String),
}

/// A question's words.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) wanted: Vec<Want>,
    pub(crate) unwanted: Vec<Want>,
}

impl Words {
    /// Reads what a person typed.
    pub(crate) fn read(text: &str) -> Self {
        let text: String = text.chars().take(MAX_TEXT_CHARS).map(plain_quote).collect();
        let folded = fold(&without_dots(&text));
        let mut words = Self::default();
        let mut rest = folded.as_str();
        while words.wanted.len() + words.unwanted.len() < MAX_WORDS {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
            if rest.is_empty() {
                break;
            }
            let (minus, piece) = match rest.strip_prefix('-') {
                Some(after) => (true, after),
                None => (false, rest),
            };
            let want;
            (want, rest) = match in_field(piece) {
                Some((field, after)) => {
                    let (want, rest) = read_one(after);
                    (want.map(|want| within(field, want)), rest)
                }
                None => read_one(piece),
            };
            if let Some(want) = want {
                let list = if minus { &mut words.unwanted } else { &mut words.wanted };
                if !list.contains(&want) {
                    list.push(want);
                }
            }
        }
        words
    }
}

/// Where a word was asked for.
#[derive(Debug, Clone, Copy)]
enum InField {
    Scope(Scope),
    Identifier,
}

/// Longest name of a field, in bytes.
const MAX_FIELD_BYTES: usize = 12;

/// The field before a colon, and what comes after it at once.
fn in_field(piece: &str) -> Option<(InField, &str)> {
    let at = piece.bytes().take(MAX_FIELD_BYTES + 1).position(|b| b == b':')?;
    let (name, after) = (piece.get(..at)?, piece.get(at + 1..)?);
    if !after.starts_with(|c: char| c.is_alphanumeric() || c == '"') {
        return None;
    }
    match name {
        "id" | "identifier" => Some((InField::Identifier, after)),
        name => Scope::parse(name).map(|scope| (InField::Scope(scope), after)),
    }
}

fn within(field: InField, want: Want) -> Want {
    let whole = match &want {
        Want::Word(word) | Want::Identifier(word) => word.clone(),
        Want::Run { whole, .. } => whole.clone(),
        Want::Phrase(words) | Want::Scoped { words, .. } => words.join(" "),
    };
    match field {
        InField::Identifier => Want::Identifier(whole),
        InField::Scope(scope) => Want::Scoped {
            scope,
            words: match want {
                Want::Word(word) | Want::Identifier(word) => vec![word],
                Want::Run { words, .. } | Want::Phrase(words) | Want::Scoped { words, .. } => words,
            },
        },
    }
}

/// Reads one phrase or run from the start; gives what it is and what is left.
fn read_one(text: &str) -> (Option<Want>, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        // A quote that is never closed was no quote.
        let Some((phrase, rest)) = quoted.split_once('"') else { return (None, quoted) };
        let mut words = parts(phrase);
        let want = if words.len() > 1 { Some(Want::Phrase(words)) } else { words.pop().map(|w| Want::Phrase(vec![w])) };
        return (want, rest);
    }
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || c == '"').unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    let run = run.trim_matches(|c: char| !c.is_alphanumeric());
    let mut words = parts(run);
    let want = match words.len() {
        0 => None,
        1 => words.pop().map(Want::Word),
        _ => Some(Want::Run { whole: run.to_owned(), words }),
    };
    (want, rest)
}

fn parts(folded: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(folded, |word| {
        if words.len() < MAX_PARTS {
            words.push(word.to_owned());
        }
    });
    words
}

/// Typographic quotation marks and dashes as a keyboard has them.
const fn plain_quote(c: char) -> char {
    match c {
        '“' | '”' | '„' | '«' | '»' | '‟' => '"',
        '–' | '−' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Want {
        Want::Word(text.to_owned())
    }

    fn phrase(text: &str) -> Want {
        Want::Phrase(text.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn questions_are_taken_apart() {
        let run = Want::Run { whole: "pm2.5".to_owned(), words: vec!["pm2".to_owned(), "5".to_owned()] };
        for (text, wanted, unwanted) in [
            ("Air  Qualité", vec![word("air"), word("qualite")], vec![]),
            ("air air AIR", vec![word("air")], vec![]),
            ("\"air quality\" city", vec![phrase("air quality"), word("city")], vec![]),
            ("„Luft Güte“", vec![phrase("luft gute")], vec![]),
            ("air -water", vec![word("air")], vec![word("water")]),
            ("-\"tap water\" air", vec![word("air")], vec![phrase("tap water")]),
            ("\"never closed", vec![word("never"), word("closed")], vec![]),
            ("(pm2.5)", vec![run], vec![]),
            ("a\"b\"c", vec![word("a"), phrase("b"), word("c")], vec![]),
            ("u.s. air", vec![word("us"), word("air")], vec![]),
            ("Title:Air", vec![Want::Scoped { scope: Scope::Title, words: vec!["air".to_owned()] }], vec![]),
            (
                "publisher:\"City of Bonn\"",
                vec![Want::Scoped { scope: Scope::Publisher, words: vec!["city".into(), "of".into(), "bonn".into()] }],
                vec![],
            ),
            ("id:AB-12", vec![Want::Identifier("ab-12".to_owned())], vec![]),
            ("", vec![], vec![]),
            ("- -- \"\" \"\"\" ( ) * ? ~ ^ : \u{0}", vec![], vec![]),
            ("a\u{0}b", vec![word("a"), word("b")], vec![]),
        ] {
            assert_eq!(Words::read(text), Words { wanted, unwanted }, "{text}");
        }
    }

    #[test]
    fn what_is_too_much_is_passed_over() {
        let many = (0..5_000).map(|n| format!("w{n} ")).collect::<String>();
        assert_eq!(Words::read(&many).wanted.len(), MAX_WORDS);
        let late = format!("{}word", " ".repeat(MAX_TEXT_CHARS));
        assert_eq!(Words::read(&late), Words::default());
        assert_eq!(Words::read(&"\"".repeat(10_000)), Words::default());
    }
}

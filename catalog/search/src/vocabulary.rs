//! Words that mean the same: the built-in civic vocabulary and an operator's file in the same form.
//!
//! One notion a line: `child care, childcare, Kinderbetreuung` (each finds the others) or `tram => light rail` (one way).
//! Lines that begin with `#` are notes.

use std::collections::HashMap;
use std::sync::OnceLock;

use fairground_domain::fold;

use crate::analysis::each_word;

/// The built-in vocabulary, written for this program.
const CIVIC: &str = include_str!("../vocabulary/civic.txt");

/// Longest operator's file that is read, in bytes; the rest is passed over.
pub const MAX_VOCABULARY_BYTES: usize = 4 << 20;
/// Words of one term, and terms of one notion, that are read.
pub(crate) const MAX_TERM_WORDS: usize = 4;
const MAX_TERMS: usize = 100;

/// A term: its folded words.
type TermWords = Vec<String>;

/// Notions and the terms that lead to them.
#[derive(Debug, Default, Clone)]
pub struct Vocabulary {
    /// Terms of each notion.
    notions: Vec<Vec<TermWords>>,
    /// Notions by the words of a term, one space between.
    by_term: HashMap<String, Vec<u32>>,
    /// The same by the words in the singular, as far as that follows the common rule.
    by_singular: HashMap<String, Vec<u32>>,
}

impl Vocabulary {
    /// The built-in vocabulary.
    #[must_use]
    pub fn civic() -> &'static Self {
        static BUILT_IN: OnceLock<Vocabulary> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            let mut vocabulary = Self::default();
            vocabulary.read(CIVIC);
            vocabulary
        })
    }

    /// The built-in vocabulary and an operator's file.
    #[must_use]
    pub fn with_file(text: &str) -> Self {
        let mut vocabulary = Self::civic().clone();
        vocabulary.read(text);
        vocabulary
    }

    /// How many notions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.notions.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.notions.is_empty()
    }

    fn read(&mut self, text: &str) {
        let end = text.floor_char_boundary(MAX_VOCABULARY_BYTES);
        for line in text.get(..end).unwrap_or_default().lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.split_once("=>") {
                Some((typed, meant)) => self.add(&terms(typed), terms(meant)),
                None => {
                    let all = terms(line);
                    self.add(&all.clone(), all);
                }
            }
        }
    }

    fn add(&mut self, typed: &[TermWords], meant: Vec<TermWords>) {
        let Ok(number) = u32::try_from(self.notions.len()) else { return };
        if meant.is_empty() {
            return;
        }
        for words in typed {
            for notions in [
                self.by_term.entry(words.join(" ")).or_default(),
                self.by_singular.entry(in_singular(words)).or_default(),
            ] {
                if !notions.contains(&number) {
                    notions.push(number);
                }
            }
        }
        self.notions.push(meant);
    }

    /// The other terms for these words, when together they are a term, or are one but for their number.
    pub(crate) fn others<'v>(&'v self, words: &[&str]) -> impl Iterator<Item = &'v [String]> + use<'v> {
        let term = words.join(" ");
        let notions = self.by_term.get(term.as_str()).or_else(|| self.by_singular.get(in_singular(words).as_str()));
        let notions = notions.map(Vec::as_slice).unwrap_or_default();
        notions
            .iter()
            .filter_map(|number| self.notions.get(usize::try_from(*number).ok()?))
            .flatten()
            .filter(move |other| other.join(" ") != term)
            .map(Vec::as_slice)
    }
}

/// Words in the singular, one space between: by the rule that English, French, Spanish, Portuguese and Dutch share. What is no
/// plural may come out as no word; it only has to come out the same each time.
fn in_singular(words: &[impl AsRef<str>]) -> String {
    const SHORTEST: usize = 4;
    let mut term = String::new();
    for word in words.iter().map(AsRef::as_ref) {
        if !term.is_empty() {
            term.push(' ');
        }
        let keeps = word.len() < SHORTEST || ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
        match word.strip_suffix('s').filter(|_| !keeps) {
            Some(stem) if stem.ends_with("ie") => {
                term.push_str(stem.strip_suffix("ie").unwrap_or(stem));
                term.push('y');
            }
            Some(stem) if ["sse", "xe", "che", "she"].iter().any(|end| stem.ends_with(end)) => {
                term.push_str(stem.strip_suffix('e').unwrap_or(stem));
            }
            Some(stem) => term.push_str(stem),
            None => term.push_str(word),
        }
    }
    term
}

fn terms(list: &str) -> Vec<TermWords> {
    let mut terms: Vec<TermWords> = Vec::new();
    for term in list.split(',').take(MAX_TERMS) {
        let mut words = Vec::new();
        each_word(&fold(term), |word| words.push(word.to_owned()));
        if !words.is_empty() && words.len() <= MAX_TERM_WORDS && !terms.contains(&words) {
            terms.push(words);
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(vocabulary: &Vocabulary, words: &str) -> Vec<String> {
        vocabulary.others(&words.split(' ').collect::<Vec<_>>()).map(|term| term.join(" ")).collect()
    }

    #[test]
    fn the_built_in_vocabulary_links_languages() {
        let civic = Vocabulary::civic();
        for (typed, other) in [
            ("child care", "kinderbetreuung"),
            ("kinderopvang", "childcare"),
            ("luftqualitat", "air quality"),
            ("bezrobocie", "unemployment"),
            ("ov", ""),
        ] {
            let found = others(civic, typed);
            assert!(other.is_empty() && found.is_empty() || found.contains(&other.to_owned()), "{typed}: {found:?}");
        }
        assert!(civic.len() > 100);
    }

    #[test]
    fn singular_and_plural_are_one_term() {
        let vocabulary = Vocabulary::with_file("light railways, tram\nbus lane, Busspur\nchurches, Kirchen");
        for (typed, other) in [
            ("light railway", "tram"),
            ("light railways", "tram"),
            ("trams", "light railways"),
            ("bus lanes", "busspur"),
            ("church", "kirchen"),
            ("recall", "product recalls"),
        ] {
            assert!(others(&vocabulary, typed).contains(&other.to_owned()), "{typed}");
        }
        let same = [
            ("companies", "company"),
            ("taxes", "tax"),
            ("gas", "gas"),
            ("analysis", "analysis"),
            ("status", "status"),
        ];
        for (one, other) in same {
            assert_eq!(in_singular(&[one]), other);
        }
    }

    #[test]
    fn an_operators_file_adds_notions_both_ways_and_one_way() {
        let text = "# trams\ntram, streetcar\nHGV => lorry, heavy goods vehicle\n\n=>\n, ,\n";
        let vocabulary = Vocabulary::with_file(text);
        assert_eq!(vocabulary.len(), Vocabulary::civic().len() + 2);
        assert_eq!(others(&vocabulary, "streetcar"), ["tram"]);
        assert_eq!(others(&vocabulary, "hgv"), ["lorry", "heavy goods vehicle"]);
        assert!(others(&vocabulary, "lorry").is_empty());
    }

    #[test]
    fn every_built_in_line_is_read_whole() {
        for line in CIVIC.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            for term in line.split(',') {
                let mut words = 0;
                each_word(&fold(term), |_| words += 1);
                assert!((1..=MAX_TERM_WORDS + 1).contains(&words), "{term}");
            }
        }
    }
}

//! Stems (Snowball, as the engine brings them), remembered, for the same words come again and again.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::Mutex;
use tantivy::tokenizer::{RawTokenizer, Stemmer, TextAnalyzer, TokenStream};

use super::compound::each_part;
use super::language::Language;
use super::polish;

/// Words remembered per language; when there are more, memory starts again from nothing.
const MAX_REMEMBERED: usize = 30_000;
/// Shorter words have no endings worth cutting, in bytes.
const MIN_STEMMED_BYTES: usize = 3;

fn stemmer(language: Language) -> Option<TextAnalyzer> {
    let algorithm = language.algorithm()?;
    Some(TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(algorithm)).build())
}

fn stem(language: Language, stemmer: Option<&mut TextAnalyzer>, word: &str) -> String {
    let Some(stemmer) = stemmer else { return polish::stem(word) };
    if language == Language::English
        && let Ok(at) = IRREGULAR.binary_search_by_key(&word, |(plural, _)| plural)
        && let Some((_, singular)) = IRREGULAR.get(at)
    {
        return (*singular).to_owned();
    }
    let mut stream = stemmer.token_stream(word);
    if stream.advance() { stream.token().text.clone() } else { word.to_owned() }
}

/// English plurals that the stemmer does not bring together with their singular, by alphabet, and the singular's stem.
const IRREGULAR: [(&str, &str); 18] = [
    ("buses", "bus"),
    ("bussed", "bus"),
    ("busses", "bus"),
    ("calves", "calf"),
    ("children", "child"),
    ("criteria", "criterion"),
    ("feet", "foot"),
    ("gases", "gas"),
    ("gasses", "gas"),
    ("geese", "goos"),
    ("indices", "index"),
    ("leaves", "leaf"),
    ("lives", "life"),
    ("men", "man"),
    ("mice", "mous"),
    ("teeth", "tooth"),
    ("wolves", "wolf"),
    ("women", "woman"),
];

/// Takes one word after another apart, in any of the languages.
pub struct Stems {
    languages: Vec<OneLanguage>,
}

struct OneLanguage {
    language: Language,
    stemmer: Option<TextAnalyzer>,
    known: HashMap<Box<str>, Derived, RandomState>,
}

/// What a folded word gives besides itself, in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Derived {
    /// Whether it is a little word there ([`Language::is_little`]).
    pub(crate) is_little: bool,
    /// Its stem, unless that is the word itself.
    pub(crate) stem: Option<Box<str>>,
    /// The parts of a compound.
    pub(crate) parts: Box<[Part]>,
}

/// A part of a compound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// As it stands in the compound.
    pub(crate) text: Box<str>,
    /// Its stem, unless that is the part itself.
    pub(crate) stem: Option<Box<str>>,
}

impl OneLanguage {
    fn new(language: Language) -> Self {
        Self { language, stemmer: stemmer(language), known: HashMap::default() }
    }

    fn stem(&mut self, word: &str) -> Option<Box<str>> {
        if word.len() < MIN_STEMMED_BYTES {
            return None;
        }
        let stem = stem(self.language, self.stemmer.as_mut(), word);
        (!stem.is_empty() && stem != word).then(|| stem.into())
    }

    fn derive(&mut self, word: &str) -> Derived {
        let mut parts = Vec::new();
        each_part(self.language, word, |part| parts.push(Part { text: part.into(), stem: self.stem(part) }));
        Derived { is_little: self.language.is_little(word), stem: self.stem(word), parts: parts.into() }
    }
}

impl fmt::Debug for Stems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stems").finish_non_exhaustive()
    }
}

impl Default for Stems {
    fn default() -> Self {
        Self { languages: Language::ALL.map(OneLanguage::new).into() }
    }
}

impl Stems {
    /// What a folded word gives in a language; worked out once for words that come again and again.
    pub(crate) fn derive(&mut self, language: Language, word: &str) -> Option<&Derived> {
        // The list is in the order of the languages' numbers.
        let of = self.languages.get_mut(language as usize)?;
        if !of.known.contains_key(word) {
            if of.known.len() >= MAX_REMEMBERED {
                of.known.clear();
            }
            let derived = of.derive(word);
            of.known.insert(word.into(), derived);
        }
        of.known.get(word)
    }
}

/// Words whose forms are remembered, for questions use the same words again and again; when there are more, memory starts
/// again from nothing.
const MAX_REMEMBERED_FORMS: usize = 10_000;

type FormsByWord = HashMap<Box<str>, Arc<[String]>>;

static FORMS: Mutex<Option<FormsByWord>> = Mutex::new(None);

/// The folded word and its stems in every language, each once, the word first.
#[must_use]
pub fn forms(word: &str) -> Arc<[String]> {
    if let Some(known) = FORMS.lock().get_or_insert_default().get(word) {
        return known.clone();
    }
    let forms: Arc<[String]> = work_out_forms(word).into();
    let mut known = FORMS.lock();
    let known = known.get_or_insert_default();
    if known.len() >= MAX_REMEMBERED_FORMS {
        known.clear();
    }
    known.insert(word.into(), forms.clone());
    forms
}

fn work_out_forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if word.len() < MIN_STEMMED_BYTES || word.bytes().any(|b| b.is_ascii_digit()) {
        return forms;
    }
    for language in Language::ALL {
        let stem = stem(language, stemmer(language).as_mut(), word);
        if !stem.is_empty() && !forms.contains(&stem) {
            forms.push(stem);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_family_share_a_stem() {
        for (language, one, other) in [
            (Language::English, "schools", "school"),
            (Language::French, "ecoles", "ecole"),
            (Language::German, "schulen", "schule"),
            (Language::Italian, "scuole", "scuola"),
            (Language::Spanish, "escuelas", "escuela"),
            (Language::Portuguese, "escolas", "escola"),
            (Language::Dutch, "scholen", "scholen"),
            (Language::Swedish, "skolor", "skola"),
            (Language::Finnish, "kouluja", "koulu"),
            (Language::Danish, "skoler", "skole"),
            (Language::Polish, "szkoly", "szkola"),
            (Language::Polish, "przystankow", "przystanki"),
            (Language::English, "busses", "bus"),
            (Language::English, "buses", "bus"),
            (Language::English, "women", "woman"),
        ] {
            let mut stems = Stems::default();
            let mut of = |word: &str| {
                let derived = stems.derive(language, word).cloned().unwrap_or_default();
                derived.stem.unwrap_or_else(|| word.into())
            };
            assert_eq!(of(one), of(other), "{language:?}");
        }
    }

    #[test]
    fn irregular_plurals_are_in_order() {
        assert!(IRREGULAR.is_sorted());
    }

    #[test]
    fn a_word_is_its_own_first_form() {
        assert_eq!(*forms("2023"), ["2023".to_owned()]);
        assert_eq!(forms("2023"), forms("2023"));
        assert_eq!(forms("nitrates").first().map(String::as_str), Some("nitrates"));
        assert!(forms("nitrates").contains(&"nitrat".to_owned()));
    }
}

//! Stems (Snowball, as the engine brings them), remembered, for the same words come again and again.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use tantivy::tokenizer::{RawTokenizer, Stemmer, TextAnalyzer, TokenStream};

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

/// Stems one word after another, in any of the languages.
pub struct Stems {
    languages: Vec<OneLanguage>,
}

struct OneLanguage {
    language: Language,
    stemmer: Option<TextAnalyzer>,
    known: HashMap<Box<str>, Box<str>>,
}

impl fmt::Debug for Stems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stems").finish_non_exhaustive()
    }
}

impl Default for Stems {
    fn default() -> Self {
        let one = |language| OneLanguage { language, stemmer: stemmer(language), known: HashMap::new() };
        Self { languages: Language::ALL.map(one).into() }
    }
}

impl Stems {
    /// Hands `use_stem` the stem of a folded word in a language, unless it is the word itself.
    pub fn with_stem(&mut self, language: Language, word: &str, use_stem: impl FnOnce(&str)) {
        if word.len() < MIN_STEMMED_BYTES {
            return;
        }
        let Some(of) = self.languages.iter_mut().find(|of| of.language == language) else { return };
        let OneLanguage { language, stemmer, known } = of;
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        if !known.contains_key(word) {
            known.insert(word.into(), stem(*language, stemmer.as_mut(), word).into());
        }
        if let Some(stem) = known.get(word)
            && **stem != *word
            && !stem.is_empty()
        {
            use_stem(stem);
        }
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
                let mut stem = word.to_owned();
                stems.with_stem(language, word, |s| stem = s.to_owned());
                stem
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

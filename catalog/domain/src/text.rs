//! Text in several languages, and how it is folded for comparison.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A BCP 47 language tag, lower case, such as `en` or `pt-br`; `und` when the source does not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The tag for "not said" (BCP 47, section 4.1).
    #[must_use]
    pub fn undetermined() -> Self {
        Self("und".to_owned())
    }

    /// Reads what sources write: `EN`, `en_US`, ISO 639-2 (`ita`), or an EU authority or Library of Congress IRI.
    ///
    /// Anything that cannot be a tag becomes `und`.
    #[must_use]
    pub fn lenient(text: &str) -> Self {
        let last = text.trim().trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default();
        let tag = last.replace('_', "-").to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let well_formed = (2..=35).contains(&tag.len())
            && (2..=8).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_lowercase())
            && tag
                .split('-')
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !well_formed {
            return Self::undetermined();
        }
        match two_letters(primary) {
            Some(short) => Self(format!("{short}{}", &tag[primary.len()..])),
            None => Self(tag),
        }
    }

    /// The tag's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary subtag, such as `pt` of `pt-br`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl From<String> for LanguageTag {
    fn from(text: String) -> Self {
        Self::lenient(&text)
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The two-letter code for the ISO 639-2 codes (both variants) of the languages that European and American portals use.
fn two_letters(three: &str) -> Option<&'static str> {
    Some(match three {
        "bul" => "bg",
        "cat" => "ca",
        "ces" | "cze" => "cs",
        "cym" | "wel" => "cy",
        "dan" => "da",
        "deu" | "ger" => "de",
        "ell" | "gre" => "el",
        "eng" => "en",
        "est" => "et",
        "eus" | "baq" => "eu",
        "fin" => "fi",
        "fra" | "fre" => "fr",
        "gle" => "ga",
        "glg" => "gl",
        "hrv" => "hr",
        "hun" => "hu",
        "isl" | "ice" => "is",
        "ita" => "it",
        "jpn" => "ja",
        "lav" => "lv",
        "lit" => "lt",
        "mlt" => "mt",
        "nld" | "dut" => "nl",
        "nob" => "nb",
        "nor" => "no",
        "pol" => "pl",
        "por" => "pt",
        "ron" | "rum" => "ro",
        "slk" | "slo" => "sk",
        "slv" => "sl",
        "spa" => "es",
        "swe" => "sv",
        "tur" => "tr",
        "ukr" => "uk",
        _ => return None,
    })
}

/// One text in one or more languages; at most one text per language.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalizedText(BTreeMap<LanguageTag, String>);

impl LocalizedText {
    /// A text whose language is not said. Blank text gives an empty value.
    #[must_use]
    pub fn undetermined(text: impl Into<String>) -> Self {
        let mut it = Self::default();
        it.insert(LanguageTag::undetermined(), text);
        it
    }

    /// Adds a text in a language. Blank text is ignored; the first text of a language stays.
    pub fn insert(&mut self, language: LanguageTag, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.0.entry(language).or_insert(text);
        }
    }

    /// True when there is no text in any language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text in the first of `preferred` that exists (by full tag, then by primary subtag), else English, else
    /// the undetermined one, else any. Empty only when the value is.
    #[must_use]
    pub fn best<'a>(&'a self, preferred: &[LanguageTag]) -> &'a str {
        let exact = preferred.iter().find_map(|want| self.0.get(want));
        let primary = || {
            preferred
                .iter()
                .find_map(|want| self.0.iter().find(|(have, _)| have.primary() == want.primary()).map(|(_, text)| text))
        };
        let fallback = || {
            ["en", "und"].iter().find_map(|tag| self.0.iter().find(|(have, _)| have.primary() == *tag).map(|(_, t)| t))
        };
        exact.or_else(primary).or_else(fallback).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// The text for a reader who states no preference.
    #[must_use]
    pub fn any(&self) -> &str {
        self.best(&[])
    }

    /// Every language and its text, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (&LanguageTag, &str)> {
        self.0.iter().map(|(tag, text)| (tag, text.as_str()))
    }
}

impl FromIterator<(LanguageTag, String)> for LocalizedText {
    fn from_iter<T: IntoIterator<Item = (LanguageTag, String)>>(texts: T) -> Self {
        let mut it = Self::default();
        for (tag, text) in texts {
            it.insert(tag, text);
        }
        it
    }
}

/// Lower case without accents, Latin letters with strokes and ligatures spelled out (`ß` → `ss`, `ø` → `o`, `æ` → `ae`).
///
/// The one folding for slugs, facets and search, so that they agree.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
        return folded;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            'ħ' => folded.push('h'),
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_as_sources_write_them() {
        for (written, tag) in [
            ("EN", "en"),
            ("en_US", "en-us"),
            ("ita", "it"),
            ("http://publications.europa.eu/resource/authority/language/ITA", "it"),
            ("http://id.loc.gov/vocabulary/iso639-1/de", "de"),
            ("Klingon language", "und"),
            ("", "und"),
            ("é", "und"),
        ] {
            assert_eq!(LanguageTag::lenient(written).as_str(), tag, "{written}");
        }
    }

    #[test]
    fn the_best_text_follows_the_readers_wishes() {
        let text: LocalizedText = [("de", "Luft"), ("fr", "Air"), ("pt-br", "Ar")]
            .map(|(l, t)| (LanguageTag::lenient(l), t.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(text.best(&[LanguageTag::lenient("fr")]), "Air");
        assert_eq!(text.best(&[LanguageTag::lenient("pt")]), "Ar");
        assert_eq!(text.best(&[LanguageTag::lenient("nl")]), "Luft");
        assert_eq!(LocalizedText::default().any(), "");
    }

    #[test]
    fn folding_makes_accents_and_ligatures_plain() {
        assert_eq!(fold("Ærø, Łódź & Straße ÉTÉ"), "aero, lodz & strasse ete");
    }
}

//! What the interface says, in which language, and how numbers, moments, licences and frequencies are said to people.
//!
//! Sentences stand in `web/locales/LANGUAGE/ROOM.ftl` and are asked for by key: [`Language::t`]. Everything here takes plain
//! values and gives text; escaping is the template's, but for a [`Phrase`], which escapes its own arguments.

mod freshness;
mod language;
mod licence;
mod number;
mod phrase;
mod refusal;
mod table;
mod time;
mod voice;

use fairground_domain::{LocalizedText, Timestamp};

pub use fairground_domain::Frequency;
pub use freshness::{Freshness, FreshnessState};
pub use language::Language;
pub use licence::{LicenceKind, LicenceWords};
pub use number::Share;
pub use phrase::{Give, Given, Html, Later, Phrase};
pub use refusal::{is_known_refusal, known_refusals};
pub use table::{format_words, reading_words, reason_words, sentence, type_name};
pub use time::iso;

/// A whole number or any reference to one, as templates pass it.
pub trait Whole {
    /// The number.
    fn whole(&self) -> u64;
}

impl Whole for u64 {
    fn whole(&self) -> u64 {
        *self
    }
}

impl Whole for u32 {
    fn whole(&self) -> u64 {
        u64::from(*self)
    }
}

impl Whole for i64 {
    /// A number below 0 counts as none.
    fn whole(&self) -> u64 {
        u64::try_from(*self).unwrap_or(0)
    }
}

impl<T: Whole> Whole for &T {
    fn whole(&self) -> u64 {
        (*self).whole()
    }
}

/// A moment or any reference to one, as templates pass it.
pub trait Moment {
    /// The moment.
    fn moment(&self) -> Timestamp;
}

impl Moment for Timestamp {
    fn moment(&self) -> Timestamp {
        *self
    }
}

impl<T: Moment> Moment for &T {
    fn moment(&self) -> Timestamp {
        (*self).moment()
    }
}

/// A text and, where it is not in the interface's language, its language for the `lang` attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The text itself.
    pub text: String,
    /// A BCP 47 tag when it differs from the interface's language and is known.
    pub lang: Option<String>,
}

impl Said {
    /// A text in the interface's language.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), lang: None }
    }

    /// The best text for a reader of English.
    #[must_use]
    pub fn of(text: &LocalizedText) -> Self {
        Language::En.best_of(text)
    }

    /// What to tell a reader of a text in another language: that it exists only in that one. Nothing where it is in theirs.
    #[must_use]
    pub fn note(&self, language: Language) -> Option<String> {
        let tag = self.lang.as_deref()?;
        Some(language.t("words-only-in").with("language", language.name_of(tag)).text())
    }
}

impl Language {
    /// The best text for a reader of this language: theirs, else English, else one of no language, else any.
    #[must_use]
    pub fn best_of(self, text: &LocalizedText) -> Said {
        let best = text.best(std::slice::from_ref(&self.tag()));
        let is_foreign = |tag: &str| tag != self.as_str() && tag != "und";
        let lang = text
            .iter()
            .find(|(_, candidate)| std::ptr::eq(*candidate, best))
            .map(|(tag, _)| tag)
            .filter(|tag| is_foreign(tag.primary()))
            .map(|tag| tag.as_str().to_owned());
        Said { text: best.to_owned(), lang }
    }

    /// What another language is called in this one.
    #[must_use]
    pub fn name_of(self, tag: &str) -> String {
        let (primary, region) = tag.split_once(['-', '_']).unwrap_or((tag, ""));
        let name = self.t("words-language").with("tag", primary.to_ascii_lowercase()).text();
        if region.is_empty() { name } else { format!("{name} ({})", region.to_uppercase()) }
    }

    /// What a theme is called: one of the EU's list by its code, any other as it is.
    #[must_use]
    pub fn theme(self, code: &str) -> String {
        self.t("words-theme").with("code", code).text()
    }

    /// How often something is promised: the words of [`Frequency`] in this language.
    #[must_use]
    pub fn frequency(self, frequency: &Frequency) -> String {
        let name = frequency.words.replace(' ', "-");
        self.t("words-frequency").with("frequency", name).with("words", &frequency.words).text()
    }
}

// Rooms whose templates are still in English alone say numbers and times by these.

/// `12345` as `12,345`.
#[must_use]
pub fn count(number: impl Whole) -> String {
    Language::En.count(number)
}

/// Bytes in powers of 1000: `1.2 MB`.
#[must_use]
pub fn size(bytes: impl Whole) -> String {
    Language::En.size(bytes)
}

/// A moment in UTC to the minute: `1 March 2026, 12:05 UTC`.
#[must_use]
pub fn moment(moment: impl Moment) -> String {
    Language::En.moment(moment)
}

/// A text with a capital at its beginning.
#[must_use]
pub fn capitalised(text: impl AsRef<str>) -> String {
    let mut chars = text.as_ref().chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// A date as a source wrote it, in words as exact as the source was.
#[must_use]
pub fn as_written(text: &str) -> String {
    Language::En.as_written(text)
}

/// `one` or `many`, by number.
#[must_use]
pub fn plural<'a>(number: impl Whole, one: &'a str, many: &'a str) -> &'a str {
    if number.whole() == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use fairground_domain::{Concept, LanguageTag};

    use super::*;

    #[test]
    fn the_language_is_named_only_where_it_differs() {
        let mut text = LocalizedText::default();
        text.insert(LanguageTag::lenient("de"), "Krankenhäuser");
        assert_eq!(Language::En.best_of(&text).lang.as_deref(), Some("de"));
        assert_eq!(Language::De.best_of(&text), Said::plain("Krankenhäuser"));
        text.insert(LanguageTag::lenient("en"), "Hospitals");
        assert_eq!(Language::En.best_of(&text), Said::plain("Hospitals"));
        assert_eq!(Language::Fr.best_of(&text), Said { text: "Hospitals".to_owned(), lang: Some("en".to_owned()) });
        assert_eq!(Language::En.best_of(&LocalizedText::undetermined("Hôpitaux")).lang, None);
    }

    #[test]
    fn a_foreign_text_says_which_language_it_is_in() {
        let foreign = Said { text: "Spitäler".to_owned(), lang: Some("de-CH".to_owned()) };
        assert_eq!(foreign.note(Language::En).as_deref(), Some("This text exists only in: German (CH)"));
        assert_eq!(Language::Fr.name_of("DE_ch"), "allemand (CH)");
        assert_eq!(Language::En.name_of("tlh"), "another language (tlh)");
        assert_eq!(Said::plain("x").note(Language::En), None);
    }

    #[test]
    fn every_frequency_that_the_domain_knows_has_words() {
        for (written, words) in [("R/P1M", "monatlich"), ("R/P2W", "alle zwei Wochen"), ("irreg", "unregelmäßig")] {
            let frequency = Frequency::of(&Concept::label(written)).expect("a frequency");
            assert_eq!(Language::De.frequency(&frequency), words);
        }
        let own = Frequency::of(&Concept::label("at full moon")).expect("a frequency");
        assert_eq!(Language::De.frequency(&own), own.words);
    }
}

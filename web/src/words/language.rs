//! The languages of the interface, and which of them a reader gets.

use fairground_api::mail::Tongue;
use fairground_domain::LanguageTag;

/// A language that the interface speaks. Its words stand in `web/locales/` under its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
    /// German.
    De,
    /// Spanish.
    Es,
}

impl Language {
    /// Every language, in the order in which a page offers them.
    pub const ALL: [Self; 4] = [Self::En, Self::Fr, Self::De, Self::Es];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::De => "de",
            Self::Es => "es",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::De => "Deutsch",
            Self::Es => "Español",
        }
    }

    /// The direction of its writing, as the `dir` attribute says it.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::En | Self::Fr | Self::De | Self::Es => "ltr",
        }
    }

    /// The language that a tag asks for: `de`, `de-AT` and `DE_at` are all German.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.as_str().eq_ignore_ascii_case(primary))
    }

    /// Its tag as texts of the catalogue carry it.
    #[must_use]
    pub fn tag(self) -> LanguageTag {
        LanguageTag::lenient(self.as_str())
    }

    /// The same language as letters speak it.
    #[must_use]
    pub const fn tongue(self) -> Tongue {
        match self {
            Self::En => Tongue::English,
            Self::Fr => Tongue::French,
            Self::De => Tongue::German,
            Self::Es => Tongue::Spanish,
        }
    }

    /// The first of `offered` that an `Accept-Language` field asks for (RFC 9110, section 12.5.4), by weight and then by
    /// the field's order.
    #[must_use]
    pub fn accepted(field: &str, offered: &[Self]) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in field.split(',') {
            let mut parts = range.split(';');
            let Some(tag) = parts.next() else { continue };
            let Some(language) = Self::of_tag(tag).filter(|language| offered.contains(language)) else { continue };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1_000, thousandths);
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// A weight of 0 to 1 in thousandths; what is no weight is none.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u16>()) {
        ("1", _) => 1_000,
        ("0", Ok(fraction)) => fraction,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_means_its_language_wherever_it_is_spoken() {
        for (tag, language) in [
            ("de", Some(Language::De)),
            ("de-AT", Some(Language::De)),
            ("FR_ca", Some(Language::Fr)),
            (" es ", Some(Language::Es)),
            ("deu", None),
            ("", None),
            ("../en", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }

    #[test]
    fn the_heaviest_language_that_is_offered_is_accepted() {
        let all = Language::ALL.as_slice();
        for (field, offered, language) in [
            ("fr", all, Some(Language::Fr)),
            ("it, de-CH;q=0.8, fr;q=0.9", all, Some(Language::Fr)),
            ("it, de-CH;q=0.8, fr;q=0.9", &[Language::En, Language::De], Some(Language::De)),
            ("es;q=0.5, de;q=0.5", all, Some(Language::Es)),
            ("es;q=0, it", all, None),
            ("de;q=2, es;q=0.001", all, Some(Language::Es)),
            ("*", all, None),
            (";;,,q=", all, None),
            ("", all, None),
        ] {
            assert_eq!(Language::accepted(field, offered), language, "{field}");
        }
    }
}

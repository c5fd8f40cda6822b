//! Readable addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::fold;

/// A readable address: 1–100 of `a-z 0-9 -`, no hyphen at the ends. `parse` and [`Slug::from_title`] are the only ways in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// A text that is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a slug: 1 to 100 of a-z, 0-9 and hyphens, no hyphen at the ends")]
pub struct InvalidSlug(pub String);

impl Slug {
    /// Longest slug, in characters.
    pub const MAX_CHARS: usize = 100;

    /// The slug that a title suggests: folded to ASCII, other scripts transliterated, words joined by hyphens, cut at a word's end.
    ///
    /// `None` when there is no letter or digit in it.
    #[must_use]
    pub fn from_title(title: &str) -> Option<Self> {
        const ROOM_FOR_SUFFIX: usize = 20;
        let longest = Self::MAX_CHARS - ROOM_FOR_SUFFIX;
        let folded = fold(title);
        let folded = if folded.is_ascii() { folded } else { deunicode::deunicode(&folded).to_ascii_lowercase() };
        let mut slug = String::with_capacity(longest);
        for word in folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            let needed = word.len() + usize::from(!slug.is_empty());
            if slug.len() + needed > longest {
                if slug.is_empty() {
                    slug.extend(word.chars().take(longest));
                }
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(word);
        }
        (!slug.is_empty()).then_some(Self(slug))
    }

    /// This slug with `-suffix` appended, for when the plain one is taken.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let keep = Self::MAX_CHARS.saturating_sub(suffix.len() + 1);
        let stem: String = self.0.chars().take(keep).collect();
        Self(format!("{}-{suffix}", stem.trim_end_matches('-')))
    }

    /// The slug's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let fits = (1..=Self::MAX_CHARS).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidSlug(text.chars().take(120).collect())) }
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl AsRef<str> for Slug {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_readable_slugs() {
        for (title, slug) in [
            ("Air quality, 2023", "air-quality-2023"),
            ("Qualité de l’air à Liège", "qualite-de-l-air-a-liege"),
            ("Straßenverzeichnis Köln", "strassenverzeichnis-koln"),
            ("  --Øresund--  ", "oresund"),
            ("Таблица на училищата 2024", "tablitsa-na-uchilishchata-2024"),
            ("Δήμος Αθηναίων", "demos-athenaion"),
            ("東京都 人口", "dong-jing-du-ren-kou"),
        ] {
            assert_eq!(Slug::from_title(title).map(|s| s.to_string()).as_deref(), Some(slug), "{title}");
        }
        assert_eq!(Slug::from_title("«…»"), None);
    }

    #[test]
    fn a_long_title_is_cut_at_a_word_and_leaves_room_for_a_suffix() {
        let slug = Slug::from_title(&"statistics ".repeat(30)).expect("has words");
        assert!(slug.as_str().len() <= 80);
        assert!(slug.as_str().ends_with("statistics"));
        assert!(slug.with_suffix("0190f3a2b1c4").as_str().len() <= Slug::MAX_CHARS);
    }

    #[test]
    fn only_slugs_parse() {
        for bad in ["", "-a", "a-", "A", "a b", "é", &"a".repeat(101)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
        assert!("a-1".parse::<Slug>().is_ok());
    }
}

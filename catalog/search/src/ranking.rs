//! Every number that decides the order of hits, in one place.
//!
//! score = BM25F(words; fields weighed as below) × [`freshness`]. Nothing here looks at who owns a dataset: the publisher's
//! name counts as text when a person types it, and in no other way.
//!
//! BM25F in its simple form (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004): a
//! word in a field of weight *w* counts as *w* occurrences in the document, before frequency saturates.

use std::sync::OnceLock;

/// Occurrences that one word counts for, by the field it stands in.
pub mod weight {
    /// In the title.
    pub const TITLE: u8 = 5;
    /// In the identifier or slug.
    pub const IDENTIFIER: u8 = 4;
    /// In a keyword.
    pub const KEYWORD: u8 = 3;
    /// In the label of a theme.
    pub const THEME: u8 = 2;
    /// In the publisher's name.
    pub const PUBLISHER: u8 = 2;
    /// In the name of a place.
    pub const PLACE: u8 = 2;
    /// In the name of a column.
    pub const COLUMN: u8 = 1;
    /// In the description.
    pub const DESCRIPTION: u8 = 1;
}

/// A word's other forms (stems, joined or split compounds) count a little less than the word as typed.
pub const FORM_BOOST: f32 = 0.8;
/// A word taken for a misspelt one.
pub const RESPELLED_BOOST: f32 = 0.5;
/// Little words ("of", "der") are not required; when they are there they count this much.
pub const LITTLE_WORD_BOOST: f32 = 0.1;
/// What the words add that match besides the best form of the same word.
pub const FORM_TIE_BREAKER: f32 = 0.05;
/// A title that is exactly what was typed.
pub const WHOLE_TITLE_BOOST: f32 = 2.0;

/// How much a dataset modified today gains over one of which nothing is known or that is very old: 20 %.
pub const FRESHNESS_GAIN: f32 = 0.2;
/// Days after which half of that gain is left.
pub const FRESHNESS_HALF_LIFE_DAYS: f32 = 365.0;

/// Every number above by its name, as the portal publishes them and notes their changes: nothing else decides the order.
#[must_use]
pub fn published() -> [(&'static str, f64); 15] {
    [
        ("weight-title", weight::TITLE.into()),
        ("weight-identifier", weight::IDENTIFIER.into()),
        ("weight-keyword", weight::KEYWORD.into()),
        ("weight-theme", weight::THEME.into()),
        ("weight-publisher", weight::PUBLISHER.into()),
        ("weight-place", weight::PLACE.into()),
        ("weight-column", weight::COLUMN.into()),
        ("weight-description", weight::DESCRIPTION.into()),
        ("boost-form", rounded(FORM_BOOST)),
        ("boost-respelled", rounded(RESPELLED_BOOST)),
        ("boost-little-word", rounded(LITTLE_WORD_BOOST)),
        ("tie-breaker-form", rounded(FORM_TIE_BREAKER)),
        ("boost-whole-title", rounded(WHOLE_TITLE_BOOST)),
        ("freshness-gain", rounded(FRESHNESS_GAIN)),
        ("freshness-half-life-days", rounded(FRESHNESS_HALF_LIFE_DAYS)),
    ]
}

/// As it is written above: `0.8`, not what a single-precision number comes to.
fn rounded(number: f32) -> f64 {
    (f64::from(number) * 10_000.0).round() / 10_000.0
}

/// The day, in days since 1970, of a document without a date.
pub const NO_DAY: u16 = 0;

/// The factor for a dataset modified on `day` when today is `today` (days since 1970; [`NO_DAY`]: not known).
///
/// Between 1 and 1 + [`FRESHNESS_GAIN`]. Days to come count as today.
#[must_use]
pub fn freshness(day: u16, today: u16) -> f32 {
    if day == NO_DAY {
        return 1.0;
    }
    let age = f32::from(today.saturating_sub(day));
    1.0 + FRESHNESS_GAIN * (-age / FRESHNESS_HALF_LIFE_DAYS).exp2()
}

/// Ages beyond this gain next to nothing and are taken as this.
const MAX_AGE_DAYS: u16 = 4_000;

/// The factors of [`freshness`] for a given day, looked up by age.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Freshness {
    today: u16,
    by_age: &'static [f32],
}

impl Freshness {
    pub(crate) fn on(today: u16) -> Self {
        static BY_AGE: OnceLock<Vec<f32>> = OnceLock::new();
        let by_age = BY_AGE.get_or_init(|| (0..=MAX_AGE_DAYS).map(|age| freshness(u16::MAX - age, u16::MAX)).collect());
        Self { today, by_age }
    }

    #[inline]
    pub(crate) fn factor(self, day: u16) -> f32 {
        if day == NO_DAY {
            return 1.0;
        }
        let age = self.today.saturating_sub(day).min(MAX_AGE_DAYS);
        self.by_age.get(usize::from(age)).copied().unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_falls_with_age_and_never_below_one() {
        let today = 20_000;
        for (day, factor) in [
            (today, 1.0 + FRESHNESS_GAIN),
            (today + 9, 1.0 + FRESHNESS_GAIN),
            (today - 365, 1.0 + FRESHNESS_GAIN / 2.0),
            (1, 1.0),
            (NO_DAY, 1.0),
        ] {
            assert!((freshness(day, today) - factor).abs() < 1e-4, "{day}");
            assert!((Freshness::on(today).factor(day) - factor).abs() < 1e-3, "{day}");
        }
    }
}

//! Every number that decides the order of hits, in one place.
//!
//! score = text × [`freshness`] × [`quality`] × [`usage`], where text = BM25F(words; fields weighed as below) × the share of
//! the words that the dataset holds. Nothing here looks at who owns a dataset: the publisher's name counts as text when a
//! person types it, and in no other way.
//!
//! BM25F in its simple form (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004): a
//! word in a field of weight *w* counts as *w* occurrences in the document, before frequency saturates.

use std::sync::OnceLock;

/// Occurrences that one word counts for, by the field it stands in.
pub mod weight {
    /// In the title.
    pub const TITLE: u8 = 4;
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

/// How soon further occurrences of a word count for less (BM25's k1).
pub const SATURATION: f32 = 0.9;
/// How much a long document's words count for less (BM25's b): less than in running text, since a long description is
/// no worse a description.
pub const LENGTH_SHARE: f32 = 0.4;

/// A word's other forms (stems, joined or split compounds) count a little less than the word as typed.
pub const FORM_BOOST: f32 = 0.8;
/// A word that means the same, in this language or another.
pub const SYNONYM_BOOST: f32 = 0.5;
/// A word taken for a misspelt one.
pub const RESPELLED_BOOST: f32 = 0.5;
/// Little words ("of", "der") are not required; when they are there they count this much.
pub const LITTLE_WORD_BOOST: f32 = 0.1;
/// What two neighbouring words add where title or keywords have them side by side.
pub const PAIR_BOOST: f32 = 0.3;
/// What a typed year adds where the text has it or the time coverage holds it.
pub const YEAR_BOOST: f32 = 1.0;
/// A title that is exactly what was typed.
pub const WHOLE_TITLE_BOOST: f32 = 2.0;
/// Power of the share of wanted words that a dataset holds.
pub const COVERAGE_POWER: f32 = 0.5;

/// Of questions with so many words or more, the best hits are looked at for further words that they share …
pub const FEEDBACK_FROM_WORDS: usize = 3;
/// … so many hits …
pub const FEEDBACK_HITS: usize = 15;
/// … so many words at most, each shared by two of the hits at least …
pub const FEEDBACK_WORDS: usize = 30;
/// … which together count this much beside the words that were typed.
pub const FEEDBACK_SHARE: f32 = 0.7;

/// How much a dataset modified today gains over one of which nothing is known or that is very old: 20 %.
pub const FRESHNESS_GAIN: f32 = 0.2;
/// Days after which half of that gain is left.
pub const FRESHNESS_HALF_LIFE_DAYS: f32 = 365.0;
/// How much a dataset of the highest quality gains over one of the lowest: 20 %; one of unknown quality stands between.
pub const QUALITY_GAIN: f32 = 0.2;
/// The highest quality, in points.
pub const QUALITY_POINTS: u16 = 405;
/// How much a much-used dataset gains over one that is not used: 20 %.
pub const USE_GAIN: f32 = 0.2;
/// From so many uses on a dataset is much used; the gain grows with the logarithm.
pub const MUCH_USED: f32 = 10_000.0;

/// Every number above by its name, as the portal publishes them and notes their changes: nothing else decides the order.
#[must_use]
pub fn published() -> [(&'static str, f64); 28] {
    [
        ("weight-title", weight::TITLE.into()),
        ("weight-identifier", weight::IDENTIFIER.into()),
        ("weight-keyword", weight::KEYWORD.into()),
        ("weight-theme", weight::THEME.into()),
        ("weight-publisher", weight::PUBLISHER.into()),
        ("weight-place", weight::PLACE.into()),
        ("weight-column", weight::COLUMN.into()),
        ("weight-description", weight::DESCRIPTION.into()),
        ("word-saturation", rounded(SATURATION)),
        ("word-length-share", rounded(LENGTH_SHARE)),
        ("boost-form", rounded(FORM_BOOST)),
        ("boost-synonym", rounded(SYNONYM_BOOST)),
        ("boost-respelled", rounded(RESPELLED_BOOST)),
        ("boost-little-word", rounded(LITTLE_WORD_BOOST)),
        ("boost-pair", rounded(PAIR_BOOST)),
        ("boost-year", rounded(YEAR_BOOST)),
        ("boost-whole-title", rounded(WHOLE_TITLE_BOOST)),
        ("coverage-power", rounded(COVERAGE_POWER)),
        ("feedback-from-words", whole(FEEDBACK_FROM_WORDS)),
        ("feedback-hits", whole(FEEDBACK_HITS)),
        ("feedback-words", whole(FEEDBACK_WORDS)),
        ("feedback-share", rounded(FEEDBACK_SHARE)),
        ("freshness-gain", rounded(FRESHNESS_GAIN)),
        ("freshness-half-life-days", rounded(FRESHNESS_HALF_LIFE_DAYS)),
        ("quality-gain", rounded(QUALITY_GAIN)),
        ("quality-points", QUALITY_POINTS.into()),
        ("use-gain", rounded(USE_GAIN)),
        ("use-much", rounded(MUCH_USED)),
    ]
}

/// The factor for a dataset with so many points of quality: between 1 and 1 + [`QUALITY_GAIN`]; with 0 (not known), midway.
#[must_use]
pub fn quality(points: u16) -> f32 {
    let share = if points == 0 { 0.5 } else { f32::from(points.min(QUALITY_POINTS)) / f32::from(QUALITY_POINTS) };
    1.0 + QUALITY_GAIN * share
}

/// The factor for a dataset used so many times of late: between 1 and 1 + [`USE_GAIN`].
#[must_use]
pub fn usage(uses: u64) -> f32 {
    let uses = u16::try_from(uses.min(u64::from(u16::MAX))).map_or(f32::from(u16::MAX), f32::from);
    1.0 + USE_GAIN * ((1.0 + uses).ln() / (1.0 + MUCH_USED).ln()).min(1.0)
}

fn whole(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
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
    fn quality_and_use_only_ever_gain() {
        for (points, factor) in [(0, 1.1), (1, 1.0), (405, 1.2), (u16::MAX, 1.2)] {
            assert!((quality(points) - factor).abs() < 1e-3, "{points}");
        }
        for (uses, factor) in [(0, 1.0), (100, 1.1), (10_000, 1.2), (u64::MAX, 1.2)] {
            assert!((usage(uses) - factor).abs() < 1e-2, "{uses}");
        }
    }

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

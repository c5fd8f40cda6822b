//! How numbers, moments, licences and frequencies are said to people.
//!
//! The only Rust in this crate that holds sentences of the interface besides the templates, and like them in English for
//! now. Everything takes plain values and gives text; escaping is the template's.

mod freshness;
mod licence;
mod table;

use fairground_domain::{LanguageTag, LocalizedText, Timestamp};

pub use fairground_domain::Frequency;
pub use freshness::{Freshness, FreshnessState};
pub use licence::{LicenceKind, LicenceWords};
pub use table::{format_words, reading_words, reason_words, sentence, type_name};

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

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

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
        let english = LanguageTag::lenient("en");
        let best = text.best(std::slice::from_ref(&english));
        let lang = text
            .iter()
            .find(|(_, candidate)| std::ptr::eq(*candidate, best))
            .map(|(tag, _)| tag)
            .filter(|tag| tag.primary() != "en" && **tag != LanguageTag::undetermined())
            .map(|tag| tag.as_str().to_owned());
        Self { text: best.to_owned(), lang }
    }
}

/// `12345` as `12,345`.
#[must_use]
pub fn count(number: impl Whole) -> String {
    let digits = number.whole().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as people say them, in powers of 1000: `1.2 MB`.
#[must_use]
pub fn size(bytes: impl Whole) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let bytes = bytes.whole();
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return if whole >= 100 || tenth == 0 {
                format!("{whole} {name}")
            } else {
                format!("{whole}.{tenth} {name}")
            };
        }
    }
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

/// A calendar day in UTC: `1 March 2026`.
#[must_use]
pub fn day(moment: impl Moment) -> String {
    let day = moment.moment().day();
    calendar(&day).unwrap_or(day)
}

/// A moment in UTC to the minute: `1 March 2026, 12:05 UTC`.
#[must_use]
pub fn moment(moment: impl Moment) -> String {
    const DAY_SECS: i64 = 86_400;
    let secs = moment.moment().as_secs().rem_euclid(DAY_SECS);
    format!("{}, {:02}:{:02} UTC", day(moment), secs / 3600, secs % 3600 / 60)
}

/// For the `datetime` attribute of `<time>` (HTML, "global date and time string").
#[must_use]
pub fn iso(moment: impl Moment) -> String {
    const DAY_SECS: i64 = 86_400;
    let secs = moment.moment().as_secs().rem_euclid(DAY_SECS);
    format!("{}T{:02}:{:02}:{:02}Z", moment.moment().day(), secs / 3600, secs % 3600 / 60, secs % 60)
}

/// How long ago a moment was: `3 days ago`, `just now`; a later moment is `in 3 days`.
#[must_use]
pub fn ago(moment: impl Moment, now: impl Moment) -> String {
    const JUST_NOW_SECS: u64 = 45;
    let secs = now.moment().as_secs() - moment.moment().as_secs();
    let past = secs >= 0;
    let secs = secs.unsigned_abs();
    if secs < JUST_NOW_SECS {
        return "just now".to_owned();
    }
    let said = span(secs);
    if past { format!("{said} ago") } else { format!("in {said}") }
}

/// A length of time in its largest unit: `2 hours`, `1 year`.
#[must_use]
pub fn span(secs: impl Whole) -> String {
    const UNITS: [(u64, &str); 6] = [
        (31_557_600, "year"),
        (2_629_800, "month"),
        (604_800, "week"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    let secs = secs.whole();
    let (number, unit) = UNITS
        .iter()
        .find(|(length, _)| secs >= *length)
        .map_or((secs, "second"), |(length, unit)| (secs / length, *unit));
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// How a quota's window is called after "per": `day`, `hour`, `30 seconds`.
#[must_use]
pub fn window(secs: impl Whole) -> String {
    let said = span(secs);
    said.strip_prefix("1 ").map_or(said.clone(), str::to_owned)
}

/// A date as a source wrote it, in words as exact as the source was: `2024` stays a year, `2024-03` becomes `March 2024`,
/// a day or moment becomes a day. What is no date stays as it is.
#[must_use]
pub fn as_written(text: &str) -> String {
    let text = text.trim();
    calendar(text).or_else(|| Timestamp::lenient(text).map(day)).unwrap_or_else(|| text.to_owned())
}

/// `2024`, `2024-03` or `2024-03-01` in words.
fn calendar(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))?;
    let Some(month) = parts.next() else { return Some(year.to_owned()) };
    let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let Some(day) = parts.next() else { return Some(format!("{name} {year}")) };
    let day: u8 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    parts.next().is_none().then(|| format!("{day} {name} {year}"))
}

/// `one` or `many`, by number.
#[must_use]
pub fn plural<'a>(number: impl Whole, one: &'a str, many: &'a str) -> &'a str {
    if number.whole() == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_separators() {
        for (number, said) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), said);
        }
    }

    #[test]
    fn sizes_are_said_in_their_largest_unit() {
        for (bytes, said) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (1_234_567, "1.2 MB"),
            (250_400_000, "250 MB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(size(bytes), said);
        }
    }

    #[test]
    fn dates_stay_as_exact_as_the_source_was() {
        for (written, said) in [
            ("2024", "2024"),
            ("2024-03", "March 2024"),
            ("2024-03-01", "1 March 2024"),
            ("2024-03-01T10:00:00Z", "1 March 2024"),
            ("2024-13", "2024-13"),
            ("whenever", "whenever"),
            ("", ""),
        ] {
            assert_eq!(as_written(written), said, "{written}");
        }
    }

    #[test]
    fn spans_are_told_from_now() {
        let now = Timestamp::from_micros(1_760_000_000_000_000);
        for (earlier_by, said) in [
            (0, "just now"),
            (60, "1 minute ago"),
            (7_300, "2 hours ago"),
            (86_400 * 3, "3 days ago"),
            (86_400 * 800, "2 years ago"),
            (-86_400 * 2, "in 2 days"),
        ] {
            assert_eq!(ago(now.plus_secs(-earlier_by), now), said);
        }
        assert_eq!(window(86_400), "day");
        assert_eq!(window(30), "30 seconds");
    }

    #[test]
    fn the_language_is_named_only_where_it_differs() {
        let mut text = LocalizedText::default();
        text.insert(LanguageTag::lenient("de"), "Krankenhäuser");
        assert_eq!(Said::of(&text).lang.as_deref(), Some("de"));
        text.insert(LanguageTag::lenient("en"), "Hospitals");
        assert_eq!(Said::of(&text), Said::plain("Hospitals"));
        assert_eq!(Said::of(&LocalizedText::undetermined("Hôpitaux")).lang, None);
    }

    #[test]
    fn moments_are_given_for_people_and_machines() {
        let moment_given = Timestamp::from_micros(1_760_000_000_000_000);
        assert_eq!(moment(moment_given), "9 October 2025, 08:53 UTC");
        assert_eq!(iso(moment_given), "2025-10-09T08:53:20Z");
    }
}

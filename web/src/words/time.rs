//! Days, moments and lengths of time as each language says them.

use fairground_domain::Timestamp;

use super::{Html, Language, Moment, Whole};

const DAY_SECS: i64 = 86_400;
const UNITS: [(u64, &str); 7] = [
    (31_557_600, "year"),
    (2_629_800, "month"),
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (0, "second"),
];

impl Language {
    /// A calendar day in UTC: `1 March 2026`.
    #[must_use]
    pub fn day(self, moment: impl Moment) -> String {
        let day = moment.moment().day();
        self.calendar(&day).unwrap_or(day)
    }

    /// A moment in UTC to the minute: `1 March 2026, 12:05 UTC`.
    #[must_use]
    pub fn moment(self, moment: impl Moment) -> String {
        let secs = moment.moment().as_secs().rem_euclid(DAY_SECS);
        let time = format!("{:02}:{:02}", secs / 3600, secs % 3600 / 60);
        self.t("words-moment").with("day", self.day(moment)).with("time", time).text()
    }

    /// A day as a `<time>`.
    #[must_use]
    pub fn day_tag(self, moment: impl Moment) -> Html {
        Html(format!("<time datetime=\"{}\">{}</time>", iso(&moment), self.day(&moment)))
    }

    /// A moment as a `<time>`.
    #[must_use]
    pub fn moment_tag(self, moment: impl Moment) -> Html {
        Html(format!("<time datetime=\"{}\">{}</time>", iso(&moment), self.moment(&moment)))
    }

    /// How long ago a moment was: `3 days ago`, `just now`; a later moment is `in 3 days`.
    #[must_use]
    pub fn ago(self, moment: impl Moment, now: impl Moment) -> String {
        const JUST_NOW_SECS: u64 = 45;
        let secs = now.moment().as_secs() - moment.moment().as_secs();
        let is_past = secs >= 0;
        let secs = secs.unsigned_abs();
        if secs < JUST_NOW_SECS {
            return self.t("words-just-now").text();
        }
        let (number, unit) = largest(secs);
        let key = if is_past { "words-ago" } else { "words-in" };
        self.t(key).with("n", number).with("unit", unit).text()
    }

    /// How long ago a day was; dates of catalogues are days, so within a day this says `today`.
    #[must_use]
    pub fn days_ago(self, moment: impl Moment, now: impl Moment) -> String {
        match (now.moment().as_secs() - moment.moment().as_secs()).div_euclid(DAY_SECS) {
            0 => self.t("words-today").text(),
            1 => self.t("words-yesterday").text(),
            _ => self.ago(moment, now),
        }
    }

    /// A length of time in its largest unit: `2 hours`, `1 year`.
    #[must_use]
    pub fn span(self, secs: impl Whole) -> String {
        let (number, unit) = largest(secs.whole());
        self.t("words-span").with("n", number).with("unit", unit).text()
    }

    /// A quota's window: `per day`, `every 30 seconds`.
    #[must_use]
    pub fn per(self, secs: impl Whole) -> String {
        let (number, unit) = largest(secs.whole());
        self.t("words-per").with("n", number).with("unit", unit).text()
    }

    /// How often something happens: `every day`, `every 6 hours`.
    #[must_use]
    pub fn every(self, secs: impl Whole) -> String {
        let (number, unit) = largest(secs.whole());
        self.t("words-every").with("n", number).with("unit", unit).text()
    }

    /// A date as a source wrote it, in words as exact as the source was: `2024` stays a year, `2024-03` becomes
    /// `March 2024`, a day or moment becomes a day. What is no date stays as it is.
    #[must_use]
    pub fn as_written(self, text: &str) -> String {
        let text = text.trim();
        self.calendar(text)
            .or_else(|| Timestamp::lenient(text).map(|moment| self.day(moment)))
            .unwrap_or_else(|| text.to_owned())
    }

    /// `2024`, `2024-03` or `2024-03-01` in words.
    fn calendar(self, text: &str) -> Option<String> {
        let mut parts = text.split('-');
        let year = parts.next().filter(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))?;
        let Some(month) = parts.next() else { return Some(year.to_owned()) };
        let month: u8 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
        let name = self.t("words-month").with("month", month).text();
        let Some(day) = parts.next() else {
            return Some(self.t("words-month-of-year").with("month", name).with("year", year).text());
        };
        let day: u8 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
        parts
            .next()
            .is_none()
            .then(|| self.t("words-day-of-year").with("day", day).with("month", name).with("year", year).text())
    }
}

/// For the `datetime` attribute of `<time>` (HTML, "global date and time string").
#[must_use]
pub fn iso(moment: impl Moment) -> String {
    let secs = moment.moment().as_secs().rem_euclid(DAY_SECS);
    format!("{}T{:02}:{:02}:{:02}Z", moment.moment().day(), secs / 3600, secs % 3600 / 60, secs % 60)
}

fn largest(secs: u64) -> (u64, &'static str) {
    let unit = UNITS.iter().find(|(length, _)| secs >= *length);
    unit.map_or((secs, "second"), |(length, unit)| (secs.checked_div(*length).unwrap_or(secs), *unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_stay_as_exact_as_the_source_was() {
        for (written, en, fr, de, es) in [
            ("2024", "2024", "2024", "2024", "2024"),
            ("2024-03", "March 2024", "mars 2024", "März 2024", "marzo de 2024"),
            ("2024-03-01", "1 March 2024", "1er mars 2024", "1. März 2024", "1 de marzo de 2024"),
            ("2024-03-02T10:00:00Z", "2 March 2024", "2 mars 2024", "2. März 2024", "2 de marzo de 2024"),
            ("2024-13", "2024-13", "2024-13", "2024-13", "2024-13"),
            ("whenever", "whenever", "whenever", "whenever", "whenever"),
            ("", "", "", "", ""),
        ] {
            assert_eq!(Language::ALL.map(|language| language.as_written(written)), [en, fr, de, es], "{written}");
        }
    }

    #[test]
    fn spans_are_told_from_now() {
        let now = Timestamp::from_micros(1_760_000_000_000_000);
        for (earlier_by, en, de) in [
            (0, "just now", "gerade eben"),
            (50, "50 seconds ago", "vor 50 Sekunden"),
            (60, "1 minute ago", "vor 1 Minute"),
            (7_300, "2 hours ago", "vor 2 Stunden"),
            (86_400 * 3, "3 days ago", "vor 3 Tagen"),
            (86_400 * 800, "2 years ago", "vor 2 Jahren"),
            (-86_400 * 2, "in 2 days", "in 2 Tagen"),
        ] {
            let then = now.plus_secs(-earlier_by);
            assert_eq!((Language::En.ago(then, now), Language::De.ago(then, now)), (en.to_owned(), de.to_owned()));
        }
        assert_eq!(Language::De.span(86_400_u64 * 3), "3 Tage");
        assert_eq!(Language::En.per(86_400_u64), "per day");
        assert_eq!(Language::Fr.per(30_u64), "toutes les 30 secondes");
        assert_eq!(Language::Es.days_ago(now.plus_secs(-90_000), now), "ayer");
    }

    #[test]
    fn moments_are_given_for_people_and_machines() {
        let moment = Timestamp::from_micros(1_760_000_000_000_000);
        assert_eq!(Language::En.moment(moment), "9 October 2025, 08:53 UTC");
        assert_eq!(Language::Fr.moment(moment), "9 octobre 2025, 08:53 UTC");
        assert_eq!(iso(moment), "2025-10-09T08:53:20Z");
        assert_eq!(
            Language::De.day_tag(moment).to_string(),
            "<time datetime=\"2025-10-09T08:53:20Z\">9. Oktober 2025</time>"
        );
    }
}

//! How often: the EU frequency table and the ISO 8601 repetitions that DCAT-US 1.1 writes.

use fairground_domain::fold;

/// The base of the EU frequency table.
const FREQUENCIES: &str = "http://publications.europa.eu/resource/authority/frequency/";

/// One frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frequency {
    /// The table's code.
    code: &'static str,
    /// As DCAT-US 1.1 writes it; empty when it cannot.
    pub(crate) repetition: &'static str,
}

impl Frequency {
    /// The IRI of the EU table.
    pub(crate) fn iri(self) -> String {
        format!("{FREQUENCIES}{}", self.code)
    }
}

/// Code, the repetition that is written, other repetitions and words (folded) that mean it.
const KNOWN: &[(&str, &str, &[&str])] = &[
    ("DECENNIAL", "R/P10Y", &["decennial", "every ten years"]),
    ("QUINQUENNIAL", "R/P5Y", &["every five years"]),
    ("QUADRENNIAL", "R/P4Y", &["quadrennial"]),
    ("TRIENNIAL", "R/P3Y", &["triennial", "every three years"]),
    ("BIENNIAL", "R/P2Y", &["biennial", "every two years", "biannually"]),
    ("ANNUAL", "R/P1Y", &["r/p12m", "annual", "annually", "yearly", "every year", "jahrlich", "annuale"]),
    ("ANNUAL_2", "R/P6M", &["r/p0.5y", "semiannual", "semi-annual", "semiannually", "twice a year", "half-yearly"]),
    ("ANNUAL_3", "R/P4M", &["r/p0.33y", "three times a year"]),
    ("QUARTERLY", "R/P3M", &["quarterly", "every quarter", "vierteljahrlich"]),
    ("BIMONTHLY", "R/P2M", &["bimonthly", "every two months"]),
    ("MONTHLY", "R/P1M", &["monthly", "every month", "monatlich", "mensile"]),
    ("MONTHLY_2", "R/P0.5M", &["semimonthly", "twice a month"]),
    ("MONTHLY_3", "R/P0.33M", &["three times a month"]),
    ("BIWEEKLY", "R/P2W", &["biweekly", "fortnightly", "every two weeks"]),
    ("WEEKLY", "R/P1W", &["r/p7d", "weekly", "every week", "wochentlich"]),
    ("WEEKLY_2", "R/P3.5D", &["r/p0.5w", "semiweekly", "twice a week"]),
    ("WEEKLY_3", "R/P0.33W", &["three times a week"]),
    ("DAILY", "R/P1D", &["r/pt24h", "daily", "every day", "taglich"]),
    ("DAILY_2", "R/PT12H", &["twice a day"]),
    ("HOURLY", "R/PT1H", &["hourly", "every hour"]),
    (
        "UPDATE_CONT",
        "R/PT1S",
        &["r/p0d", "continuously updated", "continuous", "continual", "live", "real time", "real-time"],
    ),
    ("CONT", "R/PT1S", &[]),
    ("IRREG", "irregular", &["irregularly", "completely irregular", "unplanned"]),
    ("AS_NEEDED", "irregular", &["as needed", "asneeded", "ad hoc"]),
    ("NEVER", "", &["never"]),
    ("NOT_PLANNED", "", &["not planned", "notplanned"]),
    ("UNKNOWN", "", &["unknown"]),
];

/// The frequency that a repetition, words or an IRI (of the EU table, or Dublin Core's `freq:` terms) mean.
pub(crate) fn frequency_of(text: &str) -> Option<Frequency> {
    let text = text.trim();
    if text.contains("://") {
        let code = text.trim_end_matches('/').rsplit(['/', '#']).next()?;
        let known = KNOWN.iter().find(|(known, _, _)| *known == code);
        let known = known.or_else(|| KNOWN.iter().find(|(_, _, words)| words.contains(&fold(code).as_str())))?;
        return Some(Frequency { code: known.0, repetition: known.1 });
    }
    let words = fold(text);
    KNOWN
        .iter()
        .find(|(_, repetition, others)| {
            (!repetition.is_empty() && repetition.eq_ignore_ascii_case(text)) || others.contains(&words.as_str())
        })
        .map(|(code, repetition, _)| Frequency { code, repetition })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_known_in_every_profile() {
        for (text, code, repetition) in [
            ("R/P1Y", "ANNUAL", "R/P1Y"),
            ("http://publications.europa.eu/resource/authority/frequency/ANNUAL_2", "ANNUAL_2", "R/P6M"),
            ("http://purl.org/cld/freq/daily", "DAILY", "R/P1D"),
            ("Fortnightly", "BIWEEKLY", "R/P2W"),
            ("irregular", "IRREG", "irregular"),
        ] {
            assert_eq!(frequency_of(text), Some(Frequency { code, repetition }), "{text}");
        }
        assert_eq!(frequency_of("when the moon is full"), None);
        assert_eq!(frequency_of("https://x.example/sometimes"), None);
    }
}

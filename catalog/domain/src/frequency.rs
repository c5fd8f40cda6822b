//! How often a publisher promises to update.

use crate::dataset::Concept;
use crate::text::fold;

/// A frequency in words, and the longest pause it allows where that can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frequency {
    /// Such as `monthly`; the source's own words where we do not know them.
    pub words: String,
    /// The promised pause in days; `None` where nothing is promised.
    pub days: Option<u32>,
}

/// Names in the EU frequency authority table, the Dublin Core vocabulary (after its `freq:`) and ISO 8601 repetitions as
/// Project Open Data lists them, folded; the words; the days.
const KNOWN: &[(&[&str], &str, Option<u32>)] = &[
    (&["cont", "update_cont", "continuous", "continuously updated", "r/pt1s", "r/p0.33w"], "continuously", Some(1)),
    (&["hourly", "bihourly", "trihourly", "r/pt1h"], "hourly", Some(1)),
    (&["daily", "daily_2", "r/p1d", "r/pt12h"], "daily", Some(1)),
    (&["weekly_2", "weekly_3", "semiweekly", "threetimesaweek", "r/p3.5d", "r/p0.5w"], "several times a week", Some(4)),
    (&["weekly", "r/p1w", "r/p7d"], "weekly", Some(7)),
    (&["biweekly", "fortnightly", "r/p2w"], "every two weeks", Some(14)),
    (
        &["monthly_2", "monthly_3", "semimonthly", "threetimesamonth", "r/p0.5m", "r/p0.33m"],
        "several times a month",
        Some(15),
    ),
    (&["monthly", "r/p1m"], "monthly", Some(31)),
    (&["bimonthly", "r/p2m"], "every two months", Some(62)),
    (&["quarterly", "r/p3m"], "quarterly", Some(92)),
    (&["annual_3", "threetimesayear", "r/p4m"], "three times a year", Some(123)),
    (&["annual_2", "semiannual", "biannually", "r/p6m"], "twice a year", Some(184)),
    (&["annual", "annually", "yearly", "r/p1y"], "yearly", Some(366)),
    (&["biennial", "r/p2y"], "every two years", Some(731)),
    (&["triennial", "r/p3y"], "every three years", Some(1096)),
    (&["quadrennial", "r/p4y"], "every four years", Some(1461)),
    (&["quinquennial", "r/p5y"], "every five years", Some(1827)),
    (&["decennial", "r/p10y"], "every ten years", Some(3653)),
    (&["irreg", "irregular", "r/irregular"], "irregularly", None),
    (&["as_needed", "asneeded", "as needed"], "when needed", None),
    (&["not_planned", "notplanned", "never"], "no further updates planned", None),
    (&["unknown", "op_datpro", "other"], "", None),
];

/// Grace over the promised pause, in percent: a monthly dataset may be six weeks old before we call it late.
const GRACE_PERCENT: i64 = 150;
/// Least grace in days: sources give dates without hours, in their own time zones, and rest on Sundays.
const LEAST_GRACE_DAYS: i64 = 3;
const DAY_SECS: i64 = 86_400;

impl Frequency {
    /// How old a dataset may be before it is late, in seconds: the promise with some grace; `None` where nothing is promised.
    #[must_use]
    pub fn late_after_secs(&self) -> Option<i64> {
        let days = i64::from(self.days?);
        Some((days * GRACE_PERCENT / 100).max(days + LEAST_GRACE_DAYS) * DAY_SECS)
    }

    /// Reads `dct:accrualPeriodicity`; `None` when the source says that it does not know.
    #[must_use]
    pub fn of(concept: &Concept) -> Option<Self> {
        let label = concept.label.any().trim();
        let written = match &concept.iri {
            Some(iri) => iri.trim_end_matches('/').rsplit_once(['/', '#']).map_or(iri.as_str(), |(_, name)| name),
            None => label,
        };
        let repetition = format!("r/{}", fold(written));
        let name = fold(written.trim_start_matches("freq:"));
        let known = KNOWN.iter().find(|(names, _, _)| {
            let whole = concept.iri.as_deref().unwrap_or(label);
            names.contains(&name.as_str())
                || names.contains(&fold(whole).as_str())
                || (name.starts_with('p') && names.contains(&repetition.as_str()))
        });
        match known {
            Some((_, "", _)) => None,
            Some((_, words, days)) => Some(Self { words: (*words).to_owned(), days: *days }),
            None if !label.is_empty() => Some(Self { words: label.to_owned(), days: None }),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_vocabularies_are_read() {
        for (concept, words, days) in [
            (Concept::iri("http://publications.europa.eu/resource/authority/frequency/MONTHLY"), "monthly", Some(31)),
            (Concept::iri("http://purl.org/cld/freq/daily"), "daily", Some(1)),
            (Concept::label("R/P1Y"), "yearly", Some(366)),
            (Concept::label("R/P3M"), "quarterly", Some(92)),
            (Concept::label("irregular"), "irregularly", None),
            (Concept::label("Annually"), "yearly", Some(366)),
            (Concept::label("jeden Dienstag"), "jeden Dienstag", None),
        ] {
            assert_eq!(Frequency::of(&concept), Some(Frequency { words: words.to_owned(), days }), "{concept:?}");
        }
    }

    #[test]
    fn an_unknown_frequency_promises_nothing() {
        assert_eq!(
            Frequency::of(&Concept::iri("http://publications.europa.eu/resource/authority/frequency/UNKNOWN")),
            None
        );
        assert_eq!(Frequency::of(&Concept::iri("https://example.org/strange")), None);
    }
}

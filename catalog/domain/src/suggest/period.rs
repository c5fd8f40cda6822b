//! The period that rows cover, and the rhythm in which they come.

use super::Suggested;
use crate::dataset::PeriodOfTime;
use crate::table::{Column, ColumnType, Snapshot};
use crate::text::fold;
use crate::time::Timestamp;

/// Where the EU keeps its frequencies.
const FREQUENCIES: &str = "http://publications.europa.eu/resource/authority/frequency/";
const DAY_SECS: f64 = 86_400.0;
/// Moments that a rhythm is read from, at least.
const LEAST_MOMENTS: u64 = 4;
/// Years that a column of whole numbers may hold to be one of years.
const YEARS: std::ops::RangeInclusive<i64> = 1500..=2200;

/// Words in headings of columns that say when a row is from, folded.
const WHEN: &[&str] = &[
    "anno",
    "annee",
    "ano",
    "data",
    "date",
    "datum",
    "day",
    "dag",
    "dia",
    "fecha",
    "giorno",
    "jaar",
    "jahr",
    "jour",
    "maand",
    "measured",
    "mes",
    "mese",
    "mois",
    "monat",
    "month",
    "observed",
    "period",
    "periode",
    "periodo",
    "quarter",
    "quartal",
    "reference",
    "rok",
    "tag",
    "time",
    "timestamp",
    "week",
    "woche",
    "year",
    "zeit",
    "zeitpunkt",
];
/// Words that speak of other moments: of a person, of a thing's life, of the row's own making, folded.
const OTHER_MOMENTS: &[&str] = &[
    "birth",
    "born",
    "built",
    "closed",
    "created",
    "deleted",
    "expiry",
    "geburt",
    "geburtsdatum",
    "geburtsjahr",
    "gebaut",
    "inserted",
    "modified",
    "naissance",
    "nacimiento",
    "opened",
    "planted",
    "updated",
    "valid",
    "baujahr",
    "pflanzjahr",
];

/// Mean days between two moments, the frequency's name, and the words for it.
const RHYTHMS: &[(std::ops::RangeInclusive<f64>, &str, &str)] = &[
    (0.02..=0.07, "HOURLY", "an hour"),
    (0.8..=1.6, "DAILY", "a day"),
    (6.0..=8.5, "WEEKLY", "a week"),
    (26.0..=35.0, "MONTHLY", "a month"),
    (80.0..=100.0, "QUARTERLY", "three months"),
    (170.0..=195.0, "ANNUAL_2", "half a year"),
    (340.0..=390.0, "ANNUAL", "a year"),
];

/// The column that says when rows are from, and its bounds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Covered {
    column: String,
    start: String,
    end: String,
    /// Days from the first to the last moment.
    days: f64,
    moments: u64,
    says_when: bool,
}

/// The column that tells best: by its heading, then by how many rows it tells of.
pub(super) fn of(tables: &[Snapshot]) -> Option<Covered> {
    let all = tables.iter().flat_map(|table| &table.columns);
    let found = all.filter_map(|column| Some((covered(column)?, column.statistics.count)));
    let best = found.max_by_key(|(covered, count)| (covered.says_when, *count))?;
    Some(best.0)
}

fn covered(column: &Column) -> Option<Covered> {
    let (min, max) = (column.statistics.min.as_deref()?, column.statistics.max.as_deref()?);
    let heading = if column.title.trim().is_empty() { &column.name } else { &column.title };
    let words = words_of(heading);
    if words.iter().any(|word| OTHER_MOMENTS.contains(&word.as_str())) {
        return None;
    }
    let says_when = words.iter().any(|word| WHEN.contains(&word.as_str()));
    let (start, end) = match column.column_type {
        ColumnType::Date | ColumnType::Timestamp { .. } => (min.to_owned(), max.to_owned()),
        // A number is a year only where its heading says so.
        ColumnType::Integer if says_when => {
            let year = |text: &str| text.parse::<i64>().ok().filter(|year| YEARS.contains(year));
            (year(min)?.to_string(), year(max)?.to_string())
        }
        _ => return None,
    };
    let (from, to) = (Timestamp::lenient(&start)?, Timestamp::lenient(&end)?);
    let secs = to.as_secs().checked_sub(from.as_secs())?;
    Some(Covered {
        column: heading.clone(),
        days: f64::from(i32::try_from(secs / 60).ok()?) * 60.0 / DAY_SECS,
        start,
        end,
        moments: column.statistics.distinct,
        says_when,
    })
}

/// The words of a heading, folded.
pub(super) fn words_of(heading: &str) -> Vec<String> {
    let folded = fold(heading);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Covered {
    pub(super) fn period(self) -> Suggested<PeriodOfTime> {
        let because = format!("The column “{}” holds {} to {}.", self.column, self.start, self.end);
        Suggested::new(PeriodOfTime { start: Some(self.start), end: Some(self.end) }, because)
    }

    /// The frequency, where the column says when rows are from and its moments lie evenly enough to be told.
    pub(super) fn rhythm(&self) -> Option<Suggested<String>> {
        if !self.says_when || self.moments < LEAST_MOMENTS {
            return None;
        }
        let steps = f64::from(u32::try_from(self.moments - 1).ok()?);
        let pause = self.days / steps;
        let (_, name, words) = RHYTHMS.iter().find(|(range, ..)| range.contains(&pause))?;
        let because = format!("The column “{}” holds one moment {words}, on average.", self.column);
        Some(Suggested::new(format!("{FREQUENCIES}{name}"), because))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{column, table};
    use super::*;

    #[test]
    fn periods_and_rhythms_are_read_from_the_column_that_says_when() {
        let cases = [
            ("date", ColumnType::Date, ("2024-01-01", "2024-12-31"), 366, Some("DAILY")),
            ("Datum", ColumnType::Date, ("2020-01-06", "2021-12-27"), 104, Some("WEEKLY")),
            ("month", ColumnType::Date, ("2015-01-01", "2024-12-01"), 120, Some("MONTHLY")),
            ("Jahr", ColumnType::Integer, ("1990", "2023"), 34, Some("ANNUAL")),
            (
                "time",
                ColumnType::Timestamp { utc: true },
                ("2024-01-01T00:00:00Z", "2024-01-31T23:00:00Z"),
                744,
                Some("HOURLY"),
            ),
            ("date", ColumnType::Date, ("1900-01-01", "2024-12-31"), 17, None),
            ("station", ColumnType::Date, ("2024-01-01", "2024-12-31"), 366, None),
            ("date", ColumnType::Date, ("2024-01-01", "2024-01-02"), 2, None),
        ];
        for (heading, kind, bounds, moments, rhythm) in cases {
            let found = of(&[table("t", vec![column(heading, kind, Some(bounds), moments)])]).expect(heading);
            let told = found.rhythm().map(|it| it.value);
            assert_eq!(told.as_deref().and_then(|iri| iri.strip_prefix(FREQUENCIES)), rhythm, "{heading} {bounds:?}");
            assert_eq!((found.start.as_str(), found.end.as_str()), bounds);
        }
    }

    #[test]
    fn other_moments_are_no_period() {
        for (heading, kind, bounds) in [
            ("date of birth", ColumnType::Date, ("1930-01-01", "2001-12-31")),
            ("Baujahr", ColumnType::Integer, ("1890", "2020")),
            ("beds", ColumnType::Integer, ("1900", "2020")),
            ("year", ColumnType::Integer, ("1", "12")),
            ("updated", ColumnType::Timestamp { utc: true }, ("2024-01-01T00:00:00Z", "2024-01-31T23:00:00Z")),
        ] {
            assert_eq!(of(&[table("t", vec![column(heading, kind, Some(bounds), 20)])]), None, "{heading}");
        }
    }

    #[test]
    fn the_heading_decides_before_the_number_of_rows() {
        let mut fuller = column("opening", ColumnType::Date, Some(("1950-01-01", "2020-01-01")), 400);
        fuller.statistics.count = 10_000;
        let when = column("date", ColumnType::Date, Some(("2024-01-01", "2024-12-31")), 366);
        let found = of(&[table("t", vec![fuller, when])]).expect("a period");
        assert_eq!(found.start, "2024-01-01");
    }
}

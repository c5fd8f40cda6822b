//! One column: what it holds, in words and small pictures.

use fairground_domain::{Column, ColumnType, Timestamp};

use super::chart::Chart;
use super::quote::is_deceptive;
use crate::words::count;

/// Most frequent values that a card shows.
const MOST_TOP: usize = 6;
/// Longest value that a card shows, in characters.
const LONGEST_VALUE_CHARS: usize = 60;
/// Values of a published list that a card names.
const MOST_ALLOWED: usize = 12;

/// One column on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnCard {
    /// Its place in the page: `column-` and its name.
    pub anchor: String,
    /// Its name in addresses and answers.
    pub name: String,
    /// Its name in the file; its public name where it has none.
    pub title: String,
    /// What it holds: the key of its words.
    pub type_key: &'static str,
    /// Digits after the point that all values are shown with.
    pub digits: u8,
    /// What a data dictionary says about it.
    pub description: Option<String>,
    /// The part of the rows with a value, in words.
    pub filled: String,
    /// Rows without a value.
    pub nulls: u64,
    /// Different values, in words.
    pub distinct: String,
    /// The least and the greatest value.
    pub range: Option<(String, String)>,
    /// The mean.
    pub mean: Option<String>,
    /// The most frequent values.
    pub top: Vec<TopBar>,
    /// Whether no value comes twice.
    pub is_unique: bool,
    /// How its values are spread.
    pub chart: Option<Chart>,
    /// The only values that it may hold, and how many more there are.
    pub allowed: (Vec<String>, u64),
    /// West, south, east, north, in words.
    pub extent: Option<String>,
}

/// A frequent value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopBar {
    /// The value.
    pub value: String,
    /// Rows that hold it.
    pub rows: u64,
    /// Their part of all rows, in words.
    pub share: String,
    /// The bar's length, 0 to 100.
    pub length: u64,
}

impl ColumnCard {
    /// A card for a column of a table with so many rows.
    #[must_use]
    pub fn of(column: &Column, rows: u64) -> Self {
        let known = &column.statistics;
        let shown = |value: &String| shorten(value, LONGEST_VALUE_CHARS);
        let is_unique = known.distinct_is_exact && known.count > 1 && known.distinct == known.count;
        let most = known.top.first().map_or(0, |top| top.rows);
        let bars = |top: &fairground_domain::TopValue| TopBar {
            value: shown(&top.value),
            rows: top.rows,
            share: share(top.rows, rows),
            length: part(top.rows, most, 100),
        };
        let has_range = !column.column_type.is_spatial() && column.column_type != ColumnType::Boolean;
        let more = u64::try_from(column.allowed.len().saturating_sub(MOST_ALLOWED)).unwrap_or(u64::MAX);
        Self {
            anchor: format!("column-{}", column.name),
            name: column.name.clone(),
            title: title_of(column),
            type_key: type_of(column).0,
            digits: type_of(column).1,
            description: column.description.clone().filter(|text| !text.trim().is_empty()),
            filled: share(known.count, rows),
            nulls: known.nulls,
            distinct: match known.distinct_is_exact {
                true => count(known.distinct),
                false => format!("≈ {}", count(known.distinct)),
            },
            range: known.min.as_ref().zip(known.max.as_ref()).filter(|_| has_range).map(|(a, b)| (shown(a), shown(b))),
            mean: known.mean.filter(|_| known.count > 0).map(number),
            top: if is_unique || most < 2 { Vec::new() } else { known.top.iter().take(MOST_TOP).map(bars).collect() },
            is_unique,
            chart: known.histogram.as_ref().and_then(|it| Chart::of(it, column.column_type)),
            allowed: (column.allowed.iter().take(MOST_ALLOWED).map(shown).collect(), more),
            extent: known
                .bbox
                .map(|[west, south, east, north]| format!("{west:.4}, {south:.4} – {east:.4}, {north:.4}")),
        }
    }

    /// Whether its name in answers is another than in the file.
    #[must_use]
    pub fn is_renamed(&self) -> bool {
        self.name != self.title
    }
}

/// What a column holds: the key of its words, and the digits after the point that they name.
pub(super) fn type_of(column: &Column) -> (&'static str, u8) {
    match column.column_type {
        ColumnType::Integer => ("table-type-integer", 0),
        ColumnType::Decimal { scale } => ("table-type-decimal", scale),
        ColumnType::Float => ("table-type-float", 0),
        ColumnType::Boolean => ("table-type-boolean", 0),
        ColumnType::Date => ("table-type-date", 0),
        ColumnType::Timestamp { utc: true } => ("table-type-moment", 0),
        ColumnType::Timestamp { utc: false } => ("table-type-civil", 0),
        ColumnType::Text => ("table-type-text", 0),
        ColumnType::Point => ("table-type-point", 0),
        ColumnType::Geometry => ("table-type-geometry", 0),
    }
}

/// A column's name for people.
#[must_use]
pub fn title_of(column: &Column) -> String {
    let title = column.title.trim();
    if title.is_empty() { column.name.clone() } else { shorten(title, LONGEST_VALUE_CHARS) }
}

/// A value as it may stand in a line: cut, with what would break or turn the line made visible.
pub(super) fn shorten(text: &str, chars: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(chars)
        .map(|c| match c {
            '\n' | '\r' | '\t' => '⏎',
            c if c.is_control() || is_deceptive(c) => '�',
            c => c,
        })
        .collect();
    if text.chars().nth(chars).is_some() {
        shown.push('…');
    }
    shown
}

/// `part` of `whole` in so many steps, at least one where there is any.
pub(super) fn part(part: u64, whole: u64, steps: u64) -> u64 {
    if part == 0 || whole == 0 {
        return 0;
    }
    let scaled = u128::from(part) * u128::from(steps) / u128::from(whole);
    u64::try_from(scaled).unwrap_or(steps).clamp(1, steps)
}

/// A part as a percentage that never says all or nothing where it is not so.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0%".to_owned();
    }
    if part >= whole {
        return "100%".to_owned();
    }
    let permille = u128::from(part) * 1_000 / u128::from(whole);
    match permille {
        0 => "< 0.1%".to_owned(),
        1..=99 => format!("{}.{}%", permille / 10, permille % 10),
        995..=999 => format!("{}.{}%", permille / 10, permille % 10),
        _ => format!("{}%", (permille + 5) / 10),
    }
}

/// A number with at most four digits behind the point.
pub(super) fn number(value: f64) -> String {
    const HUGE: f64 = 1e15;
    if !value.is_finite() || value.abs() >= HUGE {
        return format!("{value:e}");
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("−", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), count);
    let sign = if whole == "0" && fraction.is_none() { "" } else { sign };
    fraction.map_or_else(|| format!("{sign}{whole}"), |rest| format!("{sign}{whole}.{rest}"))
}

/// A bound of a histogram: seconds for times, the number itself otherwise.
pub(super) fn bound(value: f64, column_type: ColumnType) -> String {
    if !column_type.is_temporal() {
        return number(value);
    }
    const MICROS: f64 = 1_000_000.0;
    const FURTHEST_SECS: f64 = 1e11;
    // Within bounds, so that the cast is exact enough for a day.
    let micros = (value.clamp(-FURTHEST_SECS, FURTHEST_SECS) * MICROS).round();
    #[expect(clippy::cast_possible_truncation, reason = "clamped to well within 64 bits")]
    let micros = micros as i64;
    Timestamp::from_micros(micros).day()
}

#[cfg(test)]
mod tests {
    use fairground_domain::{ColumnStatistics, TopValue};

    use super::*;

    #[test]
    fn shares_and_numbers_are_said_honestly() {
        for (of, whole, said) in [
            (0, 10, "0%"),
            (10, 10, "100%"),
            (9_999, 10_000, "99.9%"),
            (1, 10_000, "< 0.1%"),
            (31, 1_000, "3.1%"),
            (1, 3, "33%"),
            (0, 0, "0%"),
        ] {
            assert_eq!(share(of, whole), said, "{of} of {whole}");
        }
        for (value, said) in
            [(0.0, "0"), (-0.00001, "0"), (1_234_567.5, "1,234,567.5"), (-2.25, "−2.25"), (1.0 / 3.0, "0.3333")]
        {
            assert_eq!(number(value), said);
        }
        assert_eq!(bound(1_709_164_800.0, ColumnType::Date), "2024-02-29");
        assert_eq!(bound(12.0, ColumnType::Integer), "12");
    }

    #[test]
    fn a_card_shows_frequent_values_unless_none_comes_twice() {
        let top = |value: &str, rows| TopValue { value: value.to_owned(), rows };
        let column = |distinct, values: Vec<TopValue>| Column {
            name: "kind".to_owned(),
            title: " Kind\nof ".to_owned(),
            column_type: ColumnType::Text,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics {
                count: 4,
                nulls: 1,
                distinct,
                distinct_is_exact: true,
                top: values,
                ..ColumnStatistics::default()
            },
        };
        let card = ColumnCard::of(&column(2, vec![top("a", 3), top("b\u{202e}", 1)]), 5);
        assert_eq!((card.title.as_str(), card.filled.as_str(), card.distinct.as_str()), ("Kind⏎of", "80%", "2"));
        let bars: Vec<(&str, u64, &str)> =
            card.top.iter().map(|bar| (bar.value.as_str(), bar.length, bar.share.as_str())).collect();
        assert_eq!(bars, [("a", 100, "60%"), ("b�", 33, "20%")]);
        let card = ColumnCard::of(&column(4, vec![top("a", 1)]), 5);
        assert!(card.is_unique && card.top.is_empty());
    }
}

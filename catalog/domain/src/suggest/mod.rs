//! What a file suggests about itself: title, period, area, keywords, update rhythm and words for its columns, each with the
//! reason why. A person decides; nothing here is ever published by itself.
//!
//! It looks at names and statistics of columns alone, never at rows, so it costs nothing and repeats no value of the file but the
//! first and last moment and the edges of an area.

mod period;
mod place;
mod title;
mod words;

use crate::dataset::{Concept, DatasetDraft, Location, PeriodOfTime};
use crate::table::{ColumnType, Snapshot};
use crate::text::{LanguageTag, LocalizedText};

/// Keywords that are suggested at most.
pub const MOST_KEYWORDS: usize = 8;
/// Columns of one file whose words are suggested at most.
pub const MOST_COLUMNS: usize = 2_000;

/// A value and why it is suggested, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested<T> {
    /// The value.
    pub value: T,
    /// Why.
    pub because: String,
}

impl<T> Suggested<T> {
    fn new(value: T, because: impl Into<String>) -> Self {
        Self { value, because: because.into() }
    }
}

/// Words for one column of a data dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedColumn {
    /// The table's name within its file.
    pub table: String,
    /// The column's public name.
    pub name: String,
    /// The heading as people would write it.
    pub title: String,
    /// What it holds.
    pub column_type: ColumnType,
    /// The unit that its heading names, such as `µg/m³`.
    pub unit: Option<String>,
}

/// Everything that a file suggests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestions {
    /// A title.
    pub title: Option<Suggested<String>>,
    /// The period that the rows cover.
    pub temporal: Option<Suggested<PeriodOfTime>>,
    /// The box around all places: west, south, east, north in degrees.
    pub bbox: Option<Suggested<Bbox>>,
    /// Keywords, the most telling first.
    pub keywords: Option<Suggested<Vec<String>>>,
    /// How often new rows may be expected, as an IRI of the EU's frequency table.
    pub frequency: Option<Suggested<String>>,
    /// Words for columns, in the order of the file.
    pub columns: Vec<SuggestedColumn>,
}

/// West, south, east, north in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bbox(pub [f64; 4]);

// Only finite numbers get in.
impl Eq for Bbox {}

impl Suggestions {
    /// What a file of this name with these tables suggests.
    #[must_use]
    pub fn of(file_name: &str, tables: &[Snapshot]) -> Self {
        let title = title::of(file_name, tables);
        let covered = period::of(tables);
        let words = words::of(title.as_ref().map_or("", |title| title.value.as_str()), tables);
        Self {
            title,
            frequency: covered.as_ref().and_then(period::Covered::rhythm),
            temporal: covered.map(period::Covered::period),
            bbox: place::of(tables),
            keywords: words,
            columns: columns(tables),
        }
    }

    /// Puts what is suggested into those fields of a description that are empty; gives their names. What somebody wrote stays.
    pub fn fill(&self, draft: &mut DatasetDraft, language: &LanguageTag) -> Vec<&'static str> {
        let mut filled = Vec::new();
        if let (true, Some(title)) = (draft.title.is_empty(), &self.title) {
            draft.title = LocalizedText::from_iter([(language.clone(), title.value.clone())]);
            filled.push("title");
        }
        if let (true, Some(period)) = (draft.temporal.is_empty(), &self.temporal) {
            draft.temporal.push(period.value.clone());
            filled.push("temporal");
        }
        if let (true, Some(area)) = (draft.spatial.is_empty(), &self.bbox) {
            draft.spatial.push(Location { bbox: Some(area.value.0), ..Location::default() });
            filled.push("spatial");
        }
        if let (true, Some(words)) = (draft.keyword.is_empty(), &self.keywords) {
            draft.keyword = words.value.iter().map(|word| (language.clone(), word.clone())).collect();
            filled.push("keyword");
        }
        if let (true, Some(rhythm)) = (draft.frequency.is_none(), &self.frequency) {
            draft.frequency = Some(Concept::iri(rhythm.value.clone()));
            filled.push("frequency");
        }
        filled
    }
}

fn columns(tables: &[Snapshot]) -> Vec<SuggestedColumn> {
    let all = tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    all.take(MOST_COLUMNS)
        .map(|(table, column)| {
            let heading = if column.title.trim().is_empty() { &column.name } else { &column.title };
            let (heading, unit) = words::without_unit(heading);
            SuggestedColumn {
                table: table.name.clone(),
                name: column.name.clone(),
                title: title::humanised(heading).unwrap_or_else(|| heading.trim().to_owned()),
                column_type: column.column_type,
                unit,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::table::{Column, ColumnStatistics, QuarantineSummary, SourceNotes};

    /// A column with the least and greatest value and how many different ones there are.
    pub(super) fn column(title: &str, column_type: ColumnType, bounds: Option<(&str, &str)>, distinct: u64) -> Column {
        Column {
            name: title.to_lowercase().replace(' ', "_"),
            title: title.to_owned(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics {
                count: distinct.max(10),
                distinct,
                distinct_is_exact: true,
                min: bounds.map(|(min, _)| min.to_owned()),
                max: bounds.map(|(_, max)| max.to_owned()),
                ..ColumnStatistics::default()
            },
        }
    }

    pub(super) fn table(name: &str, columns: Vec<Column>) -> Snapshot {
        Snapshot {
            key: ContentHash::of(name.as_bytes()),
            name: name.to_owned(),
            rows: 10,
            columns,
            quarantine: QuarantineSummary::default(),
            source: SourceNotes::default(),
            parquet_bytes: 1,
        }
    }

    fn air() -> Vec<Snapshot> {
        vec![table(
            "air_quality_2024-03-01",
            vec![
                column("station", ColumnType::Text, Some(("A", "Z")), 5),
                column("measured_on", ColumnType::Date, Some(("2023-01-01", "2023-12-31")), 365),
                column("pm10 [µg/m³]", ColumnType::Integer, Some(("0", "99")), 90),
                column("lat", ColumnType::Float, Some(("45.1", "45.9")), 5),
                column("lon", ColumnType::Float, Some(("8.2", "8.8")), 5),
            ],
        )]
    }

    #[test]
    fn a_file_of_measurements_suggests_its_whole_description() {
        let suggested = Suggestions::of("air_quality_2024-03-01.csv", &air());
        let period = PeriodOfTime { start: Some("2023-01-01".into()), end: Some("2023-12-31".into()) };
        assert_eq!(suggested.title.as_ref().map(|it| it.value.as_str()), Some("Air quality"));
        assert_eq!(suggested.temporal.as_ref().map(|it| &it.value), Some(&period));
        assert_eq!(suggested.bbox.as_ref().map(|it| it.value.0), Some([8.2, 45.1, 8.8, 45.9]));
        assert!(suggested.frequency.as_ref().is_some_and(|it| it.value.ends_with("/DAILY")), "{suggested:?}");
        let words = suggested.keywords.as_ref().map(|it| it.value.clone()).unwrap_or_default();
        assert_eq!(words, ["air", "quality", "station"]);
        let dust = suggested.columns.iter().find(|column| column.name.starts_with("pm10")).expect("a column");
        assert_eq!((dust.title.as_str(), dust.unit.as_deref()), ("Pm10", Some("µg/m³")));
    }

    #[test]
    fn what_somebody_wrote_stays() {
        let english = LanguageTag::lenient("en");
        let mut draft = DatasetDraft { title: LocalizedText::undetermined("Ours"), ..DatasetDraft::default() };
        let filled = Suggestions::of("air_quality.csv", &air()).fill(&mut draft, &english);
        assert_eq!(filled, ["temporal", "spatial", "keyword", "frequency"]);
        assert_eq!(draft.title.any(), "Ours");
        assert!(draft.keyword.iter().all(|(language, _)| *language == english));
        assert!(Suggestions::of("other.csv", &air()).fill(&mut draft, &english).is_empty());
    }

    #[test]
    fn a_file_that_says_nothing_suggests_nothing() {
        let nothing = Suggestions::of("12345678.csv", &[table("1", vec![column("", ColumnType::Text, None, 0)])]);
        assert_eq!((nothing.title, nothing.temporal, nothing.bbox, nothing.frequency), (None, None, None, None));
        assert_eq!(nothing.keywords, None);
    }
}

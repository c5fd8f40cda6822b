//! One table: its page for people, with everything that developers need beside it.
//!
//! The page is made from what the catalogue knows of a table (schema, statistics, versions). Its rows, charts and maps come from
//! the public API, asked with the portal's own key: the first rows from within, so that they stand in the page as it comes, all
//! others by the reader's browser.

mod card;
mod chart;
mod column;
mod download;
mod embed;
mod first;
mod inside;
mod load;
mod picture;
mod question;
mod quote;
mod sample;
mod script;
mod show;
mod version;

use askama::Template;
use fairground_catalog::table::{Table, TableVersion};
use fairground_domain::{Column, ColumnType, OperationClass, SchemaChange, Tariff, Timestamp};

pub use card::{DictionaryLine, Shelf, Shelves, TableCard, api_address, page_address};
pub use chart::{Bar, Chart, HEIGHT};
pub use column::{ColumnCard, TopBar, title_of};
pub use download::Download;
pub(crate) use embed::show_embed;
pub use first::{Cell, FirstRows};
pub(crate) use inside::Inside;
pub use load::LoadState;
pub use picture::{ChartChoice, ColumnFacts, MapChoice, suggest_chart, suggest_map};
pub use question::Question;
pub use sample::{Call, Language, Samples, is_taken};
pub(crate) use show::show_table;
pub use version::{ColumnChange, VersionLine};

use crate::layout::{Frame, Link};
use crate::words::{LicenceKind, LicenceWords, Said, format_words, reading_words, reason_words, sentence};
use download::downloads;
use version::version_lines;

/// Most columns that the preview shows; the API has them all.
const MOST_PREVIEWED: usize = 40;
/// Most columns that are described on the page; the API has them all.
const MOST_DESCRIBED: usize = 200;
/// Frequent values that a filter box of the preview offers.
const MOST_OFFERED: usize = 20;
/// Longest value that is offered, in characters.
const LONGEST_OFFERED_CHARS: usize = 80;

/// What the catalogue says around a table.
#[derive(Debug, Clone)]
pub struct Home {
    /// The dataset's slug.
    pub slug: String,
    /// The dataset's title.
    pub title: Said,
    /// The publisher's name and page.
    pub publisher: Option<Link>,
    /// The licence of the file, else of the dataset.
    pub licence: LicenceWords,
    /// Where the file came from, if that may be followed.
    pub original: Option<String>,
    /// Length of that file as its source says, in bytes.
    pub original_bytes: Option<u64>,
    /// Where the newest load stands.
    pub load: LoadState,
}

/// A column of the preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewColumn {
    /// Its name in the API.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Its type's public name.
    pub kind: &'static str,
    /// Digits after the point that all values are shown with.
    pub scale: Option<u8>,
    /// Whether `column=value` works; otherwise only a filter does.
    pub is_plain: bool,
    /// Values that its filter box offers.
    pub offered: Vec<String>,
}

impl PreviewColumn {
    fn of(column: &Column) -> Self {
        let is_short = |value: &&str| !value.is_empty() && value.chars().count() <= LONGEST_OFFERED_CHARS;
        let offers = match column.column_type {
            ColumnType::Text => column.statistics.top.first().is_some_and(|top| top.rows > 1),
            ColumnType::Boolean => true,
            _ => false,
        };
        let values = column.statistics.top.iter().map(|top| top.value.as_str()).filter(is_short);
        Self {
            name: column.name.clone(),
            title: title_of(column),
            kind: column.column_type.as_str(),
            scale: match column.column_type {
                ColumnType::Decimal { scale } => Some(scale),
                _ => None,
            },
            is_plain: !is_taken(&column.name),
            offered: if offers { values.take(MOST_OFFERED).map(str::to_owned).collect() } else { Vec::new() },
        }
    }

    /// Whether it can be sorted by and filtered in a box.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        !matches!(self.kind, "point" | "geometry")
    }

    /// Whether its values stand on the right.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self.kind, "integer" | "decimal")
    }
}

/// What calls about tables cost, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// A page of rows.
    pub rows: u64,
    /// Groups and sums.
    pub aggregate: u64,
    /// A whole table.
    pub export: u64,
}

impl From<&Tariff> for Costs {
    fn from(tariff: &Tariff) -> Self {
        let cost = |class| u64::from(tariff.cost(class));
        Self {
            rows: cost(OperationClass::Rows),
            aggregate: cost(OperationClass::Aggregate),
            export: cost(OperationClass::Export),
        }
    }
}

/// The page of a table.
#[derive(Debug, Clone)]
pub struct TablePage {
    /// Its dataset and what is said there.
    pub home: Home,
    /// What people read.
    pub title: String,
    /// Its name within the file.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Its readable name in the API.
    pub slug: String,
    /// Its own page.
    pub href: String,
    /// Its address in the API.
    pub api: String,
    /// Whether somebody uploaded it.
    pub is_upload: bool,
    /// Rows in this version.
    pub rows: u64,
    /// Columns in it.
    pub column_count: u64,
    /// The version shown.
    pub version: i32,
    /// The current version.
    pub current: i32,
    /// When the version shown was published.
    pub loaded_at: Timestamp,
    /// The file's format, in words.
    pub format: String,
    /// The file's name.
    pub file: String,
    /// How it was read.
    pub reading: Vec<String>,
    /// What people should know about that.
    pub notes: Vec<String>,
    /// Rows that were kept out.
    pub kept_out: u64,
    /// Those rows by reason.
    pub reasons: Vec<(String, u64)>,
    /// The preview's columns.
    pub preview: Vec<PreviewColumn>,
    /// Whether there is text to look for words in.
    pub has_text: bool,
    /// The columns, described.
    pub columns: Vec<ColumnCard>,
    /// How many more there are.
    pub more_columns: u64,
    /// Calls and code.
    pub samples: Samples,
    /// The formats.
    pub downloads: Vec<Download>,
    /// The versions that are kept.
    pub versions: Vec<VersionLine>,
    /// What calls cost.
    pub costs: Costs,
    /// What the page's address asks of the rows.
    pub question: Question,
    /// The rows that stand in the page as it comes.
    pub first: FirstRows,
    /// What scripts know of the columns.
    pub facts: Vec<ColumnFacts>,
    /// The chart that suggests itself.
    pub chart: Option<ChartChoice>,
    /// Where the rows are on the map.
    pub map: Option<MapChoice>,
}

impl TablePage {
    /// The page of a table in one of its versions; `versions` are all that are kept, newest first.
    #[must_use]
    pub fn of(
        home: Home,
        table: &Table,
        shown: &TableVersion,
        versions: &[TableVersion],
        costs: Costs,
        public_url: &str,
    ) -> Self {
        let snapshot = &shown.snapshot;
        let pinned = (shown.version != table.version).then_some(shown.version);
        let (href, api) = (page_address(&home.slug, table), api_address(table));
        let total = u64::try_from(snapshot.columns.len()).unwrap_or(u64::MAX);
        let described = u64::try_from(snapshot.columns.len().min(MOST_DESCRIBED)).unwrap_or(u64::MAX);
        let notes = snapshot.source.notes.iter().map(|note| sentence(note)).filter(|note| !note.is_empty());
        Self {
            title: table.title.clone(),
            name: table.name.clone(),
            id: table.id.to_string(),
            slug: table.slug.to_string(),
            is_upload: table.uploaded,
            rows: snapshot.rows,
            column_count: total,
            version: shown.version,
            current: table.version,
            loaded_at: shown.loaded_at,
            format: format_words(&snapshot.source.format),
            file: snapshot.source.file.clone(),
            reading: reading_words(&snapshot.source),
            notes: notes.collect(),
            kept_out: snapshot.quarantine.rows,
            reasons: snapshot.quarantine.reasons.iter().map(|(name, rows)| (reason_words(name), *rows)).collect(),
            preview: snapshot.columns.iter().take(MOST_PREVIEWED).map(PreviewColumn::of).collect(),
            has_text: snapshot.columns.iter().any(|column| column.column_type == ColumnType::Text),
            columns: snapshot
                .columns
                .iter()
                .take(MOST_DESCRIBED)
                .map(|column| ColumnCard::of(column, snapshot.rows))
                .collect(),
            more_columns: total - described,
            samples: Samples::of(snapshot, public_url, &api, pinned),
            downloads: downloads(snapshot, &api, pinned),
            versions: version_lines(versions, table, &href, &api),
            costs,
            question: Question::default(),
            first: FirstRows::default(),
            facts: snapshot.columns.iter().take(MOST_DESCRIBED).map(ColumnFacts::of).collect(),
            chart: suggest_chart(snapshot),
            map: suggest_map(snapshot),
            home,
            href,
            api,
        }
    }

    /// Whether an older version is shown.
    #[must_use]
    pub fn is_old(&self) -> bool {
        self.version != self.current
    }

    /// The version, where an older one is shown.
    #[must_use]
    pub fn pinned(&self) -> Option<i32> {
        self.is_old().then_some(self.version)
    }

    /// The preview's columns with what is known of each.
    pub fn heads(&self) -> impl Iterator<Item = (&PreviewColumn, Option<&ColumnCard>)> {
        self.preview.iter().enumerate().map(|(place, column)| (column, self.columns.get(place)))
    }

    /// Where a click on a column's name leads without a script.
    #[must_use]
    pub fn sort_href(&self, column: &str) -> String {
        format!("{}{}#data", self.href, self.question.clicked(column).query(self.pinned()))
    }

    /// `?version=…` where an older version is shown.
    #[must_use]
    pub fn pin(&self) -> String {
        if self.is_old() { format!("?version={}", self.version) } else { String::new() }
    }

    /// The names of the preview's columns where it does not show all.
    #[must_use]
    pub fn properties(&self) -> String {
        let shown = u64::try_from(self.preview.len()).unwrap_or(u64::MAX);
        if shown == self.column_count {
            return String::new();
        }
        let names: Vec<&str> = self.preview.iter().map(|column| column.name.as_str()).collect();
        names.join(",")
    }

    /// One line for search engines and previews.
    #[must_use]
    pub fn summary(&self, frame: &Frame<'_>) -> String {
        let rows = frame.t("table-count-rows").with("count", self.rows).text();
        let columns = frame.t("table-count-columns").with("count", self.column_count).text();
        let title = &self.home.title.text;
        frame.t("table-summary").with("rows", rows).with("columns", columns).with("title", title).text()
    }

    /// What the licence lets people do, in plain words.
    #[must_use]
    pub fn licence_plain(&self, frame: &Frame<'_>) -> String {
        self.home.licence.plainly(frame.language).text()
    }

    /// The dataset's page.
    #[must_use]
    pub fn dataset_href(&self) -> String {
        format!("/datasets/{}", self.home.slug)
    }

    /// The rows that were kept out.
    #[must_use]
    pub fn quarantine_href(&self) -> String {
        format!("{}/quarantine.csv{}", self.api, self.pin())
    }

    /// The columns as a data dictionary (Data Package).
    #[must_use]
    pub fn dictionary_href(&self) -> String {
        format!("/api/v1/datasets/{}/datapackage.json", self.home.slug)
    }

    /// The columns as data.
    #[must_use]
    pub fn schema_href(&self) -> String {
        format!("{}{}", self.api, self.pin())
    }

    /// The table's own contract.
    #[must_use]
    pub fn contract_href(&self) -> String {
        format!("{}/openapi.json{}", self.api, self.pin())
    }

    /// Where the contract can be tried.
    #[must_use]
    pub fn try_href(&self) -> String {
        format!("/docs?table={}", self.slug)
    }

    /// The rows that the page's address asks for, from another door of the API: `rows`, `export.csv`.
    #[must_use]
    pub fn take_href(&self, door: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.question.parameters(&self.preview));
        if let Some(version) = self.pinned() {
            query.append_pair("version", &version.to_string());
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/{door}{mark}{query}", self.api)
    }

    /// Groups and sums of the chart that suggests itself, as data.
    #[must_use]
    pub fn chart_call(&self) -> String {
        let Some(chart) = &self.chart else { return format!("{}/aggregate{}", self.api, self.pin()) };
        let key = chart.unit.map_or_else(|| chart.x.clone(), |unit| format!("date_trunc({unit},{})", chart.x));
        let measure = chart.y.as_ref().map_or_else(|| "count".to_owned(), |y| format!("{}({y})", chart.aggregate));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("groupby", &key).append_pair("aggregate", &measure);
        if let Some(version) = self.pinned() {
            query.append_pair("version", &version.to_string());
        }
        format!("{}/aggregate?{}", self.api, query.finish())
    }

    /// Whether there is something to add up.
    #[must_use]
    pub fn has_numbers(&self) -> bool {
        self.facts.iter().any(ColumnFacts::is_number)
    }

    /// Who answers for the data.
    #[must_use]
    pub fn publisher_name(&self, frame: &Frame<'_>) -> String {
        self.home
            .publisher
            .as_ref()
            .map_or_else(|| frame.t("table-no-publisher").text(), |publisher| publisher.text.clone())
    }

    /// The cells of a row with their columns.
    pub fn cells<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Cell, &'a PreviewColumn)> {
        row.iter().zip(&self.preview)
    }
}

/// The template of [`TablePage`].
#[derive(Debug, Template)]
#[template(path = "table/page.html")]
pub struct TableView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a TablePage,
}

#[cfg(test)]
mod tests {
    use fairground_domain::{ColumnStatistics, ContentHash, QuarantineSummary, Snapshot, SourceNotes};

    use super::*;

    pub(super) fn snapshot(columns: Vec<Column>) -> Snapshot {
        Snapshot {
            key: ContentHash::of(b"x"),
            name: "beds".to_owned(),
            rows: 10,
            columns,
            quarantine: QuarantineSummary::default(),
            source: SourceNotes { format: "csv".to_owned(), ..SourceNotes::default() },
            parquet_bytes: 12_345,
        }
    }

    pub(super) fn column(name: &str, column_type: ColumnType) -> Column {
        Column {
            name: name.to_owned(),
            title: String::new(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics::default(),
        }
    }
}

//! Tables as they are told.

use std::collections::BTreeMap;

use fairground_catalog::table::{TableCard, TableVersion};
use fairground_domain::{
    Column, ColumnStatistics, ColumnType, LanguageTag, Licence, QuarantineSummary, SourceNotes, Timestamp,
};
use fairground_tables::ExportFormat;
use serde::Serialize;
use utoipa::ToSchema;

use super::directory::View;
use crate::API_ROOT;

/// One table in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableItem {
    /// Its id, for ever.
    id: String,
    /// Its readable address, for ever.
    slug: String,
    /// What people read.
    title: String,
    /// Its name within the file: the sheet, the file in an archive, or the file itself.
    name: String,
    /// The dataset's readable address.
    dataset: String,
    /// The id of the distribution whose file it is in.
    distribution: String,
    /// Rows in the current version.
    rows: u64,
    /// Rows of the file that could not be taken.
    quarantined: u64,
    /// The current version, from 1.
    version: i32,
    /// The current snapshot's key.
    snapshot: String,
    /// When the current version was published.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Where it is described.
    pub(crate) href: String,
}

impl From<TableCard> for TableItem {
    fn from(card: TableCard) -> Self {
        let table = card.table;
        Self {
            href: address(&table.id.to_string()),
            id: table.id.to_string(),
            slug: table.slug.to_string(),
            title: table.title,
            name: table.name,
            dataset: card.dataset_slug.to_string(),
            distribution: table.distribution_id.to_string(),
            rows: table.rows,
            quarantined: table.quarantined,
            version: table.version,
            snapshot: table.snapshot_key.to_string(),
            updated_at: table.updated_at,
        }
    }
}

/// The address of a table.
pub(crate) fn address(id: &str) -> String {
    format!("{API_ROOT}/tables/{id}")
}

/// The dataset that a table belongs to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableHome {
    /// Its id.
    id: String,
    /// Its readable address.
    slug: String,
    /// Its title.
    title: String,
    /// The slug of the publisher that answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// Where it is described.
    href: String,
}

/// On which terms the data may be used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableLicence {
    /// The licence's IRI or address, as the source gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    iri: Option<String>,
    /// Its title, or the source's own words.
    title: String,
}

impl TableLicence {
    fn of(licence: &Licence, languages: &[LanguageTag]) -> Self {
        Self { iri: licence.iri.clone(), title: licence.title.best(languages).to_owned() }
    }
}

/// One column.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ColumnOut {
    /// Its name in addresses and answers.
    name: String,
    /// Its name in the file.
    title: String,
    /// `integer`, `decimal`, `boolean`, `date`, `timestamp`, `text`, `point` or `geometry`.
    #[serde(rename = "type")]
    column_type: &'static str,
    /// Digits after the point, of decimals that are exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<u8>,
    /// Of timestamps: whether they are in UTC; otherwise they are civil time without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    utc: Option<bool>,
    /// What a data dictionary beside the file says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The only values that it may hold, where a published schema names them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
    /// What its values are like.
    statistics: StatisticsOut,
}

impl From<&Column> for ColumnOut {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            title: column.title.clone(),
            column_type: column.column_type.as_str(),
            scale: match column.column_type {
                ColumnType::Decimal { scale } => Some(scale),
                _ => None,
            },
            utc: match column.column_type {
                ColumnType::Timestamp { utc } => Some(utc),
                _ => None,
            },
            description: column.description.clone(),
            allowed: column.allowed.clone(),
            statistics: StatisticsOut::from(&column.statistics),
        }
    }
}

/// What a column's values are like.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StatisticsOut {
    /// Rows with a value.
    count: u64,
    /// Rows without one.
    nulls: u64,
    /// Different values.
    distinct: u64,
    /// Whether `distinct` is exact.
    distinct_is_exact: bool,
    /// The least value, as in CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<String>,
    /// The greatest value, as in CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<String>,
    /// The mean of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    /// The longest text, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    longest: Option<u32>,
    /// The most frequent values, most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    top: Vec<TopValueOut>,
    /// Numbers and times in ranges of equal width.
    #[serde(skip_serializing_if = "Option::is_none")]
    histogram: Option<HistogramOut>,
    /// West, south, east, north of all shapes (WGS 84).
    #[serde(skip_serializing_if = "Option::is_none")]
    bbox: Option<[f64; 4]>,
}

/// A frequent value.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TopValueOut {
    /// The value, as in CSV.
    value: String,
    /// How many rows hold it.
    rows: u64,
}

/// Counts by ranges of equal width.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HistogramOut {
    /// The bounds, one more than there are counts; seconds since 1970 for times.
    bounds: Vec<f64>,
    /// Rows in each range; the last bound is inside the last range.
    counts: Vec<u64>,
}

impl From<&ColumnStatistics> for StatisticsOut {
    fn from(statistics: &ColumnStatistics) -> Self {
        Self {
            count: statistics.count,
            nulls: statistics.nulls,
            distinct: statistics.distinct,
            distinct_is_exact: statistics.distinct_is_exact,
            min: statistics.min.clone(),
            max: statistics.max.clone(),
            mean: statistics.mean,
            longest: statistics.longest,
            top: statistics.top.iter().map(|top| TopValueOut { value: top.value.clone(), rows: top.rows }).collect(),
            histogram: statistics
                .histogram
                .as_ref()
                .map(|it| HistogramOut { bounds: it.bounds.clone(), counts: it.counts.clone() }),
            bbox: statistics.bbox,
        }
    }
}

/// How the file was read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReadingNotes {
    /// Where the file came from; absent for uploads.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// `csv`, `xlsx`, `ods`, `json`, `parquet`, …
    format: String,
    /// The file's name, or its name within its archive.
    file: String,
    /// The text encoding's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    /// What stands between fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    delimiter: Option<char>,
    /// What encloses fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    quote: Option<char>,
    /// `.` or `,` in the file's decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    decimal_mark: Option<char>,
    /// Rows before the header that were left out.
    preamble_rows: u32,
    /// Rows that make up the header; 0 when the file has none.
    header_rows: u32,
    /// Rows after the data that were left out as footnotes.
    footnote_rows: u32,
    /// What people should know, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl ReadingNotes {
    fn of(notes: &SourceNotes, url: Option<&str>) -> Self {
        Self {
            url: url.map(str::to_owned),
            format: notes.format.clone(),
            file: notes.file.clone(),
            encoding: notes.encoding.clone(),
            delimiter: notes.delimiter,
            quote: notes.quote,
            decimal_mark: notes.decimal_mark,
            preamble_rows: notes.preamble_rows,
            header_rows: notes.header_rows,
            footnote_rows: notes.footnote_rows,
            notes: notes.notes.clone(),
        }
    }
}

/// Rows that were kept out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QuarantineOut {
    /// How many.
    rows: u64,
    /// How many by reason.
    reasons: BTreeMap<String, u64>,
}

impl From<&QuarantineSummary> for QuarantineOut {
    fn from(summary: &QuarantineSummary) -> Self {
        Self { rows: summary.rows, reasons: summary.reasons.iter().cloned().collect() }
    }
}

/// Where a table's data is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableLinks {
    /// Pages of rows.
    rows: String,
    /// Groups and sums.
    aggregate: String,
    /// Everything at once, by format.
    exports: BTreeMap<&'static str, String>,
    /// Versions that are kept.
    versions: String,
    /// This table's own OpenAPI document.
    openapi: String,
    /// The rows that were kept out, with line, reason and raw text; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantine: Option<String>,
    /// The page for people.
    page: String,
}

/// A table: what it holds and where its data is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableOut {
    /// Its id, for ever.
    id: String,
    /// Its readable address, for ever.
    slug: String,
    /// What people read.
    title: String,
    /// Its name within the file: the sheet, the file in an archive, or the file itself.
    name: String,
    /// The dataset that it belongs to.
    dataset: TableHome,
    /// The id of the distribution whose file it is in.
    distribution: String,
    /// Whether somebody uploaded it; otherwise it follows its distribution.
    uploaded: bool,
    /// The version told here, from 1.
    version: i32,
    /// The current version.
    current_version: i32,
    /// The snapshot's key: the same key is the same data, for ever.
    snapshot: String,
    /// How its columns stand to those of the version before: `first`, `same`, `compatible` or `breaking`.
    change: &'static str,
    /// Rows in it.
    rows: u64,
    /// Rows of the file that could not be taken.
    quarantined: u64,
    /// Those rows by reason.
    quarantine: QuarantineOut,
    /// Whether the index is built, which makes most questions answer in less than a millisecond. Answers are the same without.
    indexed: bool,
    /// Its columns, in the order of the file.
    columns: Vec<ColumnOut>,
    /// How the file was read.
    source: ReadingNotes,
    /// On which terms it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<TableLicence>,
    /// When it was first published.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When this version was published.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Where its data is.
    links: TableLinks,
}

impl TableOut {
    /// A table for a reader of these languages. `pinned` keeps the version in its links.
    pub(crate) fn of(view: &View, languages: &[LanguageTag], pinned: bool, indexed: bool) -> Self {
        let (table, snapshot, home) = (&view.table, &view.snapshot, &view.home);
        Self {
            id: table.id.to_string(),
            slug: table.slug.to_string(),
            title: table.title.clone(),
            name: table.name.clone(),
            dataset: TableHome {
                id: home.id.to_string(),
                slug: home.slug.to_string(),
                title: home.title.best(languages).to_owned(),
                publisher: home.publisher.as_ref().map(|(slug, _)| slug.clone()),
                href: format!("{API_ROOT}/datasets/{}", home.slug),
            },
            distribution: table.distribution_id.to_string(),
            uploaded: table.uploaded,
            version: view.version,
            current_version: table.version,
            snapshot: snapshot.key.to_string(),
            change: view.change,
            rows: snapshot.rows,
            quarantined: snapshot.quarantine.rows,
            quarantine: QuarantineOut::from(&snapshot.quarantine),
            indexed,
            columns: snapshot.columns.iter().map(ColumnOut::from).collect(),
            source: ReadingNotes::of(&snapshot.source, home.source_url.as_deref()),
            licence: home.licence.as_ref().map(|licence| TableLicence::of(licence, languages)),
            created_at: table.created_at,
            updated_at: view.loaded_at,
            links: TableLinks::of(view, pinned),
        }
    }
}

impl TableLinks {
    fn of(view: &View, pinned: bool) -> Self {
        let own = address(&view.table.id.to_string());
        let version = if pinned { format!("?version={}", view.version) } else { String::new() };
        let at = |what: &str| format!("{own}/{what}{version}");
        let spatial = view.snapshot.columns.iter().any(|column| column.column_type.is_spatial())
            || view.snapshot.coordinates().is_some();
        Self {
            rows: at("rows"),
            aggregate: at("aggregate"),
            exports: ExportFormat::ALL
                .into_iter()
                .filter(|format| *format != ExportFormat::GeoJson || spatial)
                .map(|format| (format.extension(), at(&format!("export.{}", format.extension()))))
                .collect(),
            versions: format!("{own}/versions"),
            openapi: at("openapi.json"),
            quarantine: (view.snapshot.quarantine.rows > 0).then(|| at("quarantine.csv")),
            page: format!("/datasets/{}/tables/{}", view.home.slug, view.table.id),
        }
    }
}

/// One version of a table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableVersionItem {
    /// Its number, from 1.
    version: i32,
    /// Its snapshot's key; `?version=` takes either.
    snapshot: String,
    /// Rows in it.
    rows: u64,
    /// Rows of the file that could not be taken.
    quarantined: u64,
    /// How its columns stand to those of the version before: `first`, `same`, `compatible` or `breaking`.
    change: &'static str,
    /// SHA-256 of the file that it was made from.
    source_hash: String,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    loaded_at: Timestamp,
    /// When a newer one took its place; absent for the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    retired_at: Option<Timestamp>,
}

impl From<TableVersion> for TableVersionItem {
    fn from(version: TableVersion) -> Self {
        Self {
            version: version.version,
            snapshot: version.snapshot.key.to_string(),
            rows: version.snapshot.rows,
            quarantined: version.snapshot.quarantine.rows,
            change: version.change.as_str(),
            source_hash: version.source_hash.to_string(),
            loaded_at: version.loaded_at,
            retired_at: version.retired_at,
        }
    }
}

/// The versions of a table that are kept, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableVersionList {
    /// The versions.
    pub(crate) items: Vec<TableVersionItem>,
    /// How many.
    pub(crate) total: usize,
}

/// The tables of a dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableList {
    /// The tables, by slug.
    pub(crate) items: Vec<TableItem>,
    /// How many.
    pub(crate) total: usize,
}

/// A page of rows. `items` holds one object a row, its members the table's own columns: see the table's `openapi.json`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowsPage {
    /// The rows.
    #[schema(value_type = Vec<Object>)]
    items: Vec<()>,
    /// Rows that the filters take, exact.
    total: u64,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
    /// The snapshot's key: a cursor goes on in the same snapshot, also when there is a newer one.
    snapshot: String,
}

/// Groups and sums. `items` holds one object a group, its members the keys, then the sums.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupsPage {
    /// The groups.
    #[schema(value_type = Vec<Object>)]
    items: Vec<()>,
    /// Groups in all, exact.
    total: u64,
    /// The snapshot's key.
    snapshot: String,
}

/// What an export would come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateOut {
    /// Rows at most.
    pub(crate) rows: u64,
    /// Length, roughly, in bytes before compression.
    pub(crate) bytes: u64,
    /// What it would cost, in units.
    pub(crate) units: u64,
    /// The snapshot's key.
    pub(crate) snapshot: String,
    /// A file that is ready and cheaper to fetch, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

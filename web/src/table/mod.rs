//! One table: its page for people, with everything that developers need beside it.
//!
//! The page is made from what the catalogue knows of a table (schema, statistics, versions); it never reads rows. The preview in
//! it is an ordinary client of the public API, in the reader's browser.

mod card;
mod chart;
mod column;
mod load;
mod quote;
mod sample;
mod show;

use askama::Template;
use fairground_catalog::table::{ColumnChanges, Table, TableVersion};
use fairground_domain::{Column, ColumnType, OperationClass, SchemaChange, Snapshot, Tariff, Timestamp};

pub use card::{Shelf, Shelves, TableCard, api_address, page_address};
pub use chart::{Bar, Chart, HEIGHT};
pub use column::{ColumnCard, TopBar, title_of};
pub use load::LoadState;
pub use sample::{Call, Language, Samples, is_taken};
pub(crate) use show::show_table;

use crate::layout::{Frame, Link};
use crate::words::{LicenceKind, LicenceWords, Said, format_words, reading_words, reason_words, sentence, size};

/// Most columns that the preview shows; the API has them all.
const MOST_PREVIEWED: usize = 40;
/// Most columns that are described on the page; the API has them all.
const MOST_DESCRIBED: usize = 200;
/// Frequent values that a filter box of the preview offers.
const MOST_OFFERED: usize = 20;
/// Longest value that is offered, in characters.
const LONGEST_OFFERED_CHARS: usize = 80;
/// Rows that a sheet of a workbook holds, its header not counted.
const SHEET_ROWS: u64 = 1_048_575;
/// Changes of columns that a version's line names.
const MOST_CHANGES: usize = 12;

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

/// One way to take the whole table away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The format's name.
    pub name: &'static str,
    /// Its address; `None` where the format cannot hold the table.
    pub href: Option<String>,
    /// The file's ending, for those who choose by it.
    pub ending: &'static str,
    /// What it is good for.
    pub purpose: &'static str,
    /// Its size in words, where it is known.
    pub size: Option<String>,
    /// Why it does not hold everything, if so.
    pub caution: Option<&'static str>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// Its number.
    pub version: i32,
    /// When it was published.
    pub loaded_at: Timestamp,
    /// Rows in it.
    pub rows: u64,
    /// Rows more or fewer than in the version before, in words.
    pub difference: Option<String>,
    /// Rows that were kept out.
    pub kept_out: u64,
    /// How its columns stand to those before.
    pub change: SchemaChange,
    /// What changed in its columns, in words.
    pub changes: Vec<String>,
    /// The page of that version.
    pub href: String,
    /// The API pinned to that version.
    pub api: String,
    /// Whether it is the current one.
    pub is_current: bool,
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
    pub fn summary(&self) -> String {
        let (rows, columns) = (crate::words::count(self.rows), crate::words::count(self.column_count));
        format!("{rows} rows in {columns} columns, to look at, download and query, from “{}”.", self.home.title.text)
    }
}

fn downloads(snapshot: &Snapshot, api: &str, pinned: Option<i32>) -> Vec<Download> {
    let pin = pinned.map(|version| format!("version={version}"));
    let href = |ending: &str, more: Option<&str>| {
        let query: Vec<&str> = more.into_iter().chain(pin.as_deref()).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        Some(format!("{api}/export.{ending}{mark}{}", query.join("&")))
    };
    let line =
        |name, ending, purpose| Download { name, href: href(ending, None), ending, purpose, size: None, caution: None };
    let too_long = (snapshot.rows > SHEET_ROWS).then_some(
        "A sheet holds at most 1,048,576 rows, so this table does not fit: narrow it down first, or take CSV.",
    );
    let spatial = snapshot.columns.iter().any(|column| column.column_type.is_spatial());
    let mut all = vec![
        line("CSV", "csv", "Opens everywhere: text in UTF-8, commas between fields."),
        Download {
            href: href("csv", Some("safe=true")),
            ..line(
                "CSV, safe for spreadsheets",
                "csv",
                "Texts that a spreadsheet would run as a formula get an apostrophe in front; nothing else differs.",
            )
        },
        Download {
            caution: too_long,
            href: if too_long.is_some() { None } else { href("xlsx", None) },
            ..line("Excel", "xlsx", "A workbook with real numbers and dates; nothing is taken for a formula.")
        },
        line("JSON", "json", "One list of objects, with types."),
        line("JSON lines", "ndjson", "One object a line, for programs that read as it comes."),
        Download {
            size: Some(size(snapshot.parquet_bytes)),
            ..line("Parquet", "parquet", "Small, typed and fast: for pandas, DuckDB, Spark and R.")
        },
        line("Arrow", "arrow", "A stream of typed columns (Arrow IPC), for programs."),
    ];
    if spatial {
        all.push(line("GeoJSON", "geojson", "For maps and geographic information systems."));
    }
    all
}

fn version_lines(versions: &[TableVersion], table: &Table, page: &str, api: &str) -> Vec<VersionLine> {
    let older = versions.iter().skip(1).map(Some).chain(std::iter::once(None));
    versions
        .iter()
        .zip(older)
        .map(|(version, before)| VersionLine {
            version: version.version,
            loaded_at: version.loaded_at,
            rows: version.snapshot.rows,
            difference: before.and_then(|before| difference(before.snapshot.rows, version.snapshot.rows)),
            kept_out: version.snapshot.quarantine.rows,
            change: version.change,
            changes: before.map(|before| changes(&before.snapshot, &version.snapshot)).unwrap_or_default(),
            href: if version.version == table.version {
                page.to_owned()
            } else {
                format!("{page}?version={}", version.version)
            },
            api: format!("{api}/rows?version={}", version.version),
            is_current: version.version == table.version,
        })
        .collect()
}

fn difference(before: u64, after: u64) -> Option<String> {
    use std::cmp::Ordering;

    use crate::words::count;
    match after.cmp(&before) {
        Ordering::Equal => None,
        Ordering::Greater => Some(format!("{} more", count(after - before))),
        Ordering::Less => Some(format!("{} fewer", count(before - after))),
    }
}

/// What changed in the columns, in words.
fn changes(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let found = ColumnChanges::between(before, after);
    let added = found.added.iter().map(|name| format!("new: {name}"));
    let removed = found.removed.iter().map(|name| format!("gone: {name}"));
    let retyped = found.retyped.iter().map(|(name, old, new)| {
        if old == new { format!("{name}: finer or coarser {new}") } else { format!("{name}: {old} became {new}") }
    });
    let mut said: Vec<String> = removed.chain(retyped).chain(added).collect();
    let more = said.len().saturating_sub(MOST_CHANGES);
    said.truncate(MOST_CHANGES);
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    said
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
    use fairground_domain::{ColumnStatistics, ContentHash, QuarantineSummary, SourceNotes};

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

    fn column(name: &str, column_type: ColumnType) -> Column {
        Column {
            name: name.to_owned(),
            title: String::new(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics::default(),
        }
    }

    #[test]
    fn downloads_fit_the_table() {
        let mut table = snapshot(vec![column("a", ColumnType::Integer)]);
        let endings =
            |table: &Snapshot| -> Vec<&str> { downloads(table, "/t", None).iter().map(|it| it.ending).collect() };
        assert_eq!(endings(&table), ["csv", "csv", "xlsx", "json", "ndjson", "parquet", "arrow"]);
        table.columns.push(column("place", ColumnType::Point));
        assert_eq!(endings(&table).last(), Some(&"geojson"));
        table.rows = SHEET_ROWS + 1;
        let all = downloads(&table, "/t", Some(2));
        assert!(all[2].caution.is_some() && all[2].href.is_none());
        assert_eq!(all[1].href.as_deref(), Some("/t/export.csv?safe=true&version=2"));
        assert_eq!(all[5].size.as_deref(), Some("12.3 kB"));
    }

    #[test]
    fn changes_of_columns_are_said_with_what_went_first() {
        let before = snapshot(vec![column("a", ColumnType::Integer), column("b", ColumnType::Text)]);
        let after = snapshot(vec![column("a", ColumnType::Text), column("c", ColumnType::Text)]);
        assert_eq!(changes(&before, &after), ["gone: b", "a: integer became text", "new: c"]);
        let (one, two) = (ColumnType::Decimal { scale: 1 }, ColumnType::Decimal { scale: 2 });
        let said = changes(&snapshot(vec![column("a", one)]), &snapshot(vec![column("a", two)]));
        assert_eq!(said, ["a: finer or coarser decimal"]);
        assert_eq!(difference(10, 12).as_deref(), Some("2 more"));
        assert_eq!(difference(12_000, 1).as_deref(), Some("11,999 fewer"));
        assert_eq!(difference(1, 1), None);
    }
}

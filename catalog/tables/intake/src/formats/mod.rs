//! Formats: what a file is, what an archive holds, and a reader for each table in it.
//!
//! The pipeline calls [`detect()`], then [`unpack`] for what holds other files, then [`open`] for everything that is not
//! delimited text (which has a reader of its own). Nothing in here panics or grows without bound, whatever the bytes:
//! what passes a limit of [`FormatLimits`] ends in [`IntakeError::TooLarge`], what cannot be read in
//! [`IntakeError::Broken`].

mod archive;
mod biff;
mod columnar;
mod columnar_value;
mod csvw;
mod dbf;
mod detect;
mod guard;
mod json;
mod json_row;
mod json_scan;
mod json_shape;
mod ods;
mod published;
mod reference;
mod shapefile;
mod sheet_cell;
mod wkb;
mod workbook;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use self::published::{
    Constraints, FieldType, PublishedDialect, PublishedField, PublishedSchema, published_schema,
};
use crate::cell::TableReader;
use crate::error::IntakeError;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// CSV, TSV and their kin.
    Delimited,
    /// Office Open XML workbook (ECMA-376).
    Xlsx,
    /// Excel 5 to 2003 workbook (BIFF).
    Xls,
    /// Excel binary workbook.
    Xlsb,
    /// OpenDocument spreadsheet.
    Ods,
    /// One JSON document (RFC 8259).
    Json,
    /// A JSON document a line; GeoJSON features a line too.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// A GeoJSON feature collection (RFC 7946).
    GeoJson,
    /// An ESRI shapefile: the `.shp`, with its parts beside it.
    Shapefile,
    /// A dBase table on its own.
    Dbf,
    /// A ZIP archive that is none of the above.
    Zip,
    /// A file compressed with gzip.
    Gzip,
    /// A file compressed with Zstandard.
    Zstd,
}

impl Format {
    /// The short name, as in [`fairground_domain::SourceNotes::format`].
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Delimited => "csv",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::GeoJson => "geojson",
            Self::Shapefile => "shapefile",
            Self::Dbf => "dbf",
            Self::Zip => "zip",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Whether it holds other files: [`unpack`] is next, not [`open`].
    pub(crate) const fn is_archive(self) -> bool {
        matches!(self, Self::Zip | Self::Gzip | Self::Zstd)
    }
}

/// How far a reader goes.
#[derive(Debug, Clone)]
pub(crate) struct FormatLimits {
    /// Bytes that one archive may unpack to, nested archives included.
    pub(crate) unpacked_bytes: u64,
    /// How many times larger than its packed form a member may be, once it passes [`FREE_RATIO_BYTES`].
    pub(crate) ratio: u64,
    /// Entries that an archive may list.
    pub(crate) entries: usize,
    /// Bytes of one row, field or JSON value, in memory.
    pub(crate) row_bytes: usize,
    /// Columns of a table.
    pub(crate) columns: usize,
    /// Cells of one sheet in formats that have to be held in memory (xls, ods).
    pub(crate) sheet_cells: u64,
    /// Bytes of a file in formats that have to be held in memory (xls, ods, and the parts of xlsx that are).
    pub(crate) memory_bytes: u64,
    /// Becomes true when somebody asks to stop.
    pub(crate) stop: Arc<AtomicBool>,
}

/// Unpacked bytes below which no ratio is asked: small tables of one repeated value pack very well.
pub(crate) const FREE_RATIO_BYTES: u64 = 16 << 20;

impl Default for FormatLimits {
    fn default() -> Self {
        Self {
            unpacked_bytes: 20 << 30,
            ratio: 250,
            entries: 2_000,
            row_bytes: 16 << 20,
            columns: fairground_domain::COLUMNS_MAX,
            sheet_cells: 10_000_000,
            memory_bytes: 256 << 20,
            stop: Arc::default(),
        }
    }
}

impl FormatLimits {
    /// An error once somebody asked to stop.
    pub(crate) fn check_stop(&self) -> Result<(), IntakeError> {
        if self.stop.load(Ordering::Relaxed) { Err(IntakeError::Cancelled) } else { Ok(()) }
    }
}

/// A tabular file within an archive.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Where it was unpacked to (a shapefile: its `.shp`, the other parts beside it).
    pub(crate) path: PathBuf,
    /// Its name within the archive, with folders; `outer.zip/inner.csv` in a nested archive.
    pub(crate) name: String,
    /// What it is; never an archive.
    pub(crate) format: Format,
    /// What a data package or a schema in the archive says about it.
    pub(crate) schema: Option<PublishedSchema>,
}

/// What an archive held.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    /// The tabular files, in the archive's order.
    pub(crate) members: Vec<Member>,
    /// The names of other files, with the reason why each was left out.
    pub(crate) skipped: Vec<(String, String)>,
}

/// Says what a file is: by its first bytes, then by what its text looks like, and by name and media type only where these
/// leave a choice.
///
/// # Errors
/// `NotTabular` for web pages, XML, PDF, images and other things that are no data; `Io`.
pub(crate) fn detect(path: &Path, name: &str, media_type: Option<&str>) -> Result<Format, IntakeError> {
    detect::detect(path, name, media_type)
}

/// Unpacks an archive or a compressed file into the folder `into`, under names of our own; one archive within another is
/// followed, deeper ones are refused.
///
/// # Errors
/// `NotTabular` when no tabular file is in it, `TooLarge` for bombs, `Protected` for encrypted entries, `Broken`, `Io`.
pub(crate) fn unpack(
    path: &Path,
    name: &str,
    format: Format,
    limits: &FormatLimits,
    into: &Path,
) -> Result<Unpacked, IntakeError> {
    archive::unpack(path, name, format, limits, into)
}

/// Opens every table of a file: one reader a sheet or layer. Empty and hidden sheets give none.
///
/// # Errors
/// `NotTabular` when there is no table in it (and for delimited text and archives, which are not opened here),
/// `Protected`, `Broken`, `TooLarge`, `Io`.
pub(crate) fn open(
    format: Format,
    path: &Path,
    name: &str,
    limits: &FormatLimits,
) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    match format {
        Format::Xlsx | Format::Xls | Format::Xlsb => workbook::open(format, path, limits),
        Format::Ods => ods::open(path, limits),
        Format::Json | Format::Ndjson | Format::GeoJson => json::open(format, path, name, limits),
        Format::Parquet => columnar::open(path, name, limits),
        Format::Shapefile => shapefile::open(path, name, limits),
        Format::Dbf => dbf::open(path, name, limits),
        Format::Delimited | Format::Zip | Format::Gzip | Format::Zstd => {
            Err(IntakeError::NotTabular { why: format!("`{name}` is {}, which is not opened here", format.as_str()) })
        }
    }
}

#[cfg(test)]
mod tests;

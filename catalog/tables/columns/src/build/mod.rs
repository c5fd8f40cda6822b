//! Making a sidecar: one column after the other (two at a time), so that memory is that of a column or two.

mod fixed;
mod order;
mod shape;
mod spool;
mod text;
mod words;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use fairground_domain::{ColumnType, Snapshot};

use crate::error::{ColumnsError, Stop};
use crate::format::{Kind, SIDECAR_FILE, Writer};
use crate::source::{ColumnPieces, ColumnSource};

/// Rows that a sidecar is built for at most; larger snapshots are the scan engine's.
pub const INDEX_ROWS_MAX: u64 = 16_777_216;
/// Distinct values that a column may have to be kept as codes into a dictionary.
pub(crate) const DICTIONARY_MAX: usize = 65_535;
/// Columns that are built at the same time.
const THREADS: usize = 2;
/// Rows above which columns are built one after the other, to keep memory down.
const ROWS_FOR_THREADS: u64 = 4_000_000;

/// Sizes that decide how a sidecar is made, never what it answers. Tests make them small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Distinct values that a column may have to be kept as codes into a dictionary, at most 65,535.
    pub dictionary_values: usize,
    /// Rows that are sorted at a time: 32 bytes each while it lasts.
    pub sorted_rows: u32,
    /// Pairs of word and row that are gathered at a time: 12 bytes each while it lasts.
    pub word_pairs: usize,
    /// Values (rows × columns) from which more than one thread pays.
    pub parallel_values: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            dictionary_values: DICTIONARY_MAX,
            sorted_rows: 2_000_000,
            word_pairs: 4_000_000,
            parallel_values: 200_000,
        }
    }
}

/// What the building of a sidecar made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildReport {
    /// Length of the file.
    pub bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a column is built with.
struct Task<'a> {
    column: u32,
    column_type: ColumnType,
    name: &'a str,
    rows: u32,
    folder: &'a Path,
    writer: &'a Mutex<Writer>,
    tuning: &'a Tuning,
    stop: Stop<'a>,
}

impl Task<'_> {
    fn write(&self, kind: Kind, bytes: &[u8]) -> Result<(), ColumnsError> {
        let mut writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        writer.section(self.column, kind, bytes)
    }

    /// Meta: encoding, distinct values, rows with a value, bytes of a code.
    fn write_meta(&self, encoding: u64, distinct: usize, non_null: usize, code_bytes: u64) -> Result<(), ColumnsError> {
        let mut bytes = Vec::with_capacity(32);
        for number in [encoding, distinct as u64, non_null as u64, code_bytes] {
            bytes.extend_from_slice(&number.to_ne_bytes());
        }
        self.write(Kind::Meta, &bytes)
    }

    fn checked(&self) -> Result<(), ColumnsError> {
        if (self.stop)() { Err(ColumnsError::Stopped) } else { Ok(()) }
    }

    /// The pieces as this type, casting what a foreign writer chose differently; row counts are proved.
    fn each_piece(
        &self,
        pieces: ColumnPieces<'_>,
        wanted: &DataType,
        take: &mut dyn FnMut(u32, &ArrayRef) -> Result<(), ColumnsError>,
    ) -> Result<(), ColumnsError> {
        let mut at = 0u32;
        for piece in pieces {
            self.checked()?;
            let mut piece = piece?;
            if piece.data_type() != wanted {
                piece = arrow::compute::cast(&piece, wanted)
                    .map_err(|e| ColumnsError::Snapshot(format!("column `{}`: {e}", self.name)))?;
            }
            let after = u32::try_from(piece.len()).ok().and_then(|length| at.checked_add(length));
            let Some(after) = after.filter(|after| *after <= self.rows) else { return Err(self.other_length()) };
            take(at, &piece)?;
            at = after;
        }
        if at == self.rows { Ok(()) } else { Err(self.other_length()) }
    }

    fn other_length(&self) -> ColumnsError {
        ColumnsError::Snapshot(format!("column `{}` has not {} rows as the snapshot says", self.name, self.rows))
    }

    fn run(&self, source: &dyn ColumnSource) -> Result<(), ColumnsError> {
        match self.column_type {
            ColumnType::Text => text::build(self, source),
            ColumnType::Point | ColumnType::Geometry => shape::build(self, source),
            ColumnType::Integer
            | ColumnType::Decimal { .. }
            | ColumnType::Float
            | ColumnType::Boolean
            | ColumnType::Date
            | ColumnType::Timestamp { .. } => fixed::build(self, source),
        }
    }
}

/// Builds the sidecar of a snapshot into a folder, which is made when it is not there. A sidecar that is there already is
/// replaced in one step; when anything fails it stays.
///
/// # Errors
/// `TooManyRows` above [`INDEX_ROWS_MAX`]; `Stopped`; `Snapshot` when the source does not hold what the snapshot says; `Io`.
pub fn build(
    source: &dyn ColumnSource,
    snapshot: &Snapshot,
    folder: &Path,
    stop: Stop<'_>,
) -> Result<BuildReport, ColumnsError> {
    build_tuned(source, snapshot, folder, &Tuning::default(), stop)
}

/// As [`build`], with other sizes.
///
/// # Errors
/// As [`build`].
pub fn build_tuned(
    source: &dyn ColumnSource,
    snapshot: &Snapshot,
    folder: &Path,
    tuning: &Tuning,
    stop: Stop<'_>,
) -> Result<BuildReport, ColumnsError> {
    let started = Instant::now();
    let rows = u32::try_from(snapshot.rows)
        .ok()
        .filter(|_| snapshot.rows <= INDEX_ROWS_MAX)
        .ok_or(ColumnsError::TooManyRows { rows: snapshot.rows, max: INDEX_ROWS_MAX })?;
    std::fs::create_dir_all(folder).map_err(ColumnsError::io("making the sidecar's folder"))?;
    let file = tempfile::Builder::new()
        .prefix("columns-")
        .suffix(".part")
        .tempfile_in(folder)
        .map_err(ColumnsError::io("making the sidecar's file"))?;
    let writer = Mutex::new(Writer::create(file.path())?);
    build_columns(source, snapshot, rows, &(folder, tuning, &writer), stop)?;
    let writer = writer.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let bytes = writer.finish(snapshot)?;
    file.persist(folder.join(SIDECAR_FILE))
        .map_err(|e| ColumnsError::Io { what: "putting the sidecar in its place", source: e.error })?;
    Ok(BuildReport { bytes, elapsed: started.elapsed() })
}

fn build_columns(
    source: &dyn ColumnSource,
    snapshot: &Snapshot,
    rows: u32,
    (folder, tuning, writer): &(&Path, &Tuning, &Mutex<Writer>),
    stop: Stop<'_>,
) -> Result<(), ColumnsError> {
    let values = snapshot.rows.saturating_mul(snapshot.columns.len() as u64);
    let parallel = values >= tuning.parallel_values && snapshot.rows <= ROWS_FOR_THREADS;
    let threads = if parallel { THREADS.min(snapshot.columns.len()) } else { 1 };
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let stopped = || failed.load(Ordering::Relaxed) || stop();
    let work = || -> Result<(), ColumnsError> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(column) = snapshot.columns.get(at) else { return Ok(()) };
            let task = Task {
                column: u32::try_from(at).unwrap_or(u32::MAX),
                column_type: column.column_type,
                name: &column.name,
                rows,
                folder,
                writer,
                tuning,
                stop: &stopped,
            };
            if let Err(e) = task.run(source) {
                failed.store(true, Ordering::Relaxed);
                return Err(e);
            }
        }
    };
    if threads < 2 {
        return work();
    }
    let results = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut results = vec![work()];
        results.extend(others.into_iter().map(|other| {
            other.join().unwrap_or_else(|_| Err(ColumnsError::Snapshot("a column made its builder give up".to_owned())))
        }));
        results
    });
    // The failure that came first made the others stop: tell that one.
    let mut failures: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    failures.sort_by_key(|failure| matches!(failure, ColumnsError::Stopped));
    failures.into_iter().next().map_or(Ok(()), Err)
}

//! Files under repair: what a list of repairs would make of a file, and the file that it makes.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use fairground_screen::repair::{Mending, RepairError, Repairs, Touched};
use fairground_screen::{Baseline, Report, Rules, Screen};
use fairground_tables_intake::{IntakeError, LoadOptions, RowVisitor, Unwatched, visit_rows};

/// Why a file was not repaired.
#[derive(Debug, thiserror::Error)]
pub enum MendError {
    /// It cannot be read as tables; texts have no columns to repair.
    #[error("it cannot be read as tables")]
    Unreadable(#[source] IntakeError),
    /// The repairs do not fit it.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// The file system failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What is repaired could not be written.
    #[error("the repaired table cannot be written")]
    Write(#[from] csv::Error),
}

/// What repairs made of a file, or would make.
#[derive(Debug)]
pub struct Mended {
    /// What each repair did, in the order of the list.
    pub touched: Vec<Touched>,
    /// What the screen says of the repaired tables.
    pub after: Report,
    /// What a later version of them is compared with.
    pub baseline: Baseline,
    /// The tables as they are after.
    pub tables: Vec<MendedTable>,
    /// Rows that went because they had more cells than their table has columns.
    pub ragged: u64,
}

/// A repaired table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendedTable {
    /// Its name.
    pub name: String,
    /// Its columns after the repairs.
    pub columns: Vec<String>,
    /// Its rows after the repairs.
    pub rows: u64,
    /// Where it was written: CSV in UTF-8 with a header. `None` for a preview.
    pub file: Option<PathBuf>,
}

/// Repairs a file of tables, and screens what comes of it.
///
/// With `folder` every table is written there as a CSV file of its own (`001.csv`, `002.csv` …), which the caller loads in place of
/// the file; without, this is a preview and nothing is written. Only rows go over: document properties, texts beside the tables
/// and shapes other than points stay behind.
///
/// # Errors
/// When the file holds no table, the repairs do not fit it, or reading or writing fails; what was written is then worthless.
pub fn mend_file(
    file: &Path,
    name: &str,
    rules: Rules,
    previous: Option<Baseline>,
    repairs: &Repairs,
    folder: Option<&Path>,
) -> Result<Mended, MendError> {
    let mut screen = Screen::new(rules);
    if let Some(previous) = previous {
        screen = screen.against(previous);
    }
    let mut mender = Mender {
        mending: Mending::new(repairs.clone()),
        counting: false,
        screen,
        folder,
        out: None,
        tables: Vec::new(),
        failed: None,
    };
    if repairs.need_counting() {
        mender.counting = true;
        mender.read(file, name)?;
        mender.counting = false;
    }
    mender.read(file, name)?;
    mender.close()?;
    let ragged = mender.mending.ragged();
    if ragged > 0 {
        mender.screen.note(format!("{ragged} rows had more cells than their table has columns, and were left out."));
    }
    let (after, baseline) = mender.screen.finish_with_baseline();
    Ok(Mended { touched: mender.mending.finish()?, after, baseline, tables: mender.tables, ragged })
}

struct Mender<'a> {
    mending: Mending,
    /// The rows go by to be counted.
    counting: bool,
    screen: Screen,
    folder: Option<&'a Path>,
    out: Option<csv::Writer<BufWriter<File>>>,
    tables: Vec<MendedTable>,
    /// Why the reading was ended.
    failed: Option<MendError>,
}

impl Mender<'_> {
    fn read(&mut self, file: &Path, name: &str) -> Result<(), MendError> {
        let options = LoadOptions { name: name.to_owned(), ..LoadOptions::default() };
        let scratch = tempfile::tempdir()?;
        let read = visit_rows(file, &options, scratch.path(), self, &Unwatched);
        match (self.failed.take(), read) {
            (Some(failed), _) => Err(failed),
            (None, Err(IntakeError::Io(error))) => Err(error.into()),
            (None, Err(error)) => Err(MendError::Unreadable(error)),
            (None, Ok(())) => Ok(()),
        }
    }

    /// Ends the reading for a reason of ours.
    fn end(&mut self, why: impl Into<MendError>) -> IntakeError {
        self.failed = Some(why.into());
        IntakeError::Cancelled
    }

    fn open(&mut self, columns: &[String]) -> Result<Option<PathBuf>, MendError> {
        self.close()?;
        let Some(folder) = self.folder else { return Ok(None) };
        let path = folder.join(format!("{:03}.csv", self.tables.len() + 1));
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(BufWriter::new(File::create(&path)?));
        out.write_record(columns)?;
        self.out = Some(out);
        Ok(Some(path))
    }

    fn close(&mut self) -> Result<(), MendError> {
        if let Some(mut out) = self.out.take() {
            out.flush()?;
        }
        Ok(())
    }
}

impl RowVisitor for Mender<'_> {
    fn table(&mut self, name: &str, titles: &[String]) -> Result<(), IntakeError> {
        if self.counting {
            return self.mending.count_table(name, titles).map_err(|error| self.end(error));
        }
        let columns = self.mending.begin_table(name, titles).map_err(|error| self.end(error))?;
        let file = self.open(&columns).map_err(|error| self.end(error))?;
        self.screen.begin_table(name, &columns);
        self.tables.push(MendedTable { name: name.to_owned(), columns, rows: 0, file });
        Ok(())
    }

    fn row(&mut self, number: u64, cells: &[String]) -> Result<(), IntakeError> {
        if self.counting {
            return self.mending.count_row(cells).map_err(|error| self.end(error));
        }
        let Some(row) = self.mending.row(cells) else { return Ok(()) };
        self.screen.row(number, row);
        if let Some(table) = self.tables.last_mut() {
            table.rows += 1;
        }
        match self.out.as_mut().map(|out| out.write_record(row)) {
            Some(Err(error)) => Err(self.end(error)),
            Some(Ok(())) | None => Ok(()),
        }
    }

    fn aside(&mut self, _place: &str, _text: &str) -> Result<(), IntakeError> {
        Ok(())
    }

    fn left_out(&mut self, part: &str, why: &str) -> Result<(), IntakeError> {
        if !self.counting {
            self.screen.note(format!("`{part}` was left out: {why}."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

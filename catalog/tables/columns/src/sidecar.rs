//! An open sidecar.

use std::path::Path;
use std::sync::OnceLock;

use fairground_domain::{ColumnType, Snapshot};
use fairground_tables_query::Value;

use crate::column::{Column, Words};
use crate::error::ColumnsError;
use crate::format::{Reader, SIDECAR_FILE};
use crate::json::write_json_text;

/// The sidecar of a snapshot: one mapped file. Opening it reads its header; columns are made ready when first asked for.
#[derive(Debug)]
pub struct Sidecar {
    reader: Reader,
    rows: u32,
    pub(crate) columns: Vec<Slot>,
}

/// A column that is made ready once.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Its name as a member of a JSON object, with what stands before: `,"name":`.
    pub(crate) member: Box<[u8]>,
    pub(crate) column_type: ColumnType,
    column: OnceLock<Box<Column>>,
    words: OnceLock<Box<Words>>,
}

impl Sidecar {
    /// Opens the sidecar of a snapshot in its folder.
    ///
    /// # Errors
    /// `Foreign` when there is none, or it is of another snapshot, of another format, or torn: build it. `Io` when it
    /// cannot be mapped.
    pub fn open(folder: &Path, snapshot: &Snapshot) -> Result<Self, ColumnsError> {
        let path = folder.join(SIDECAR_FILE);
        let reader = Reader::open(&path, snapshot)?;
        let rows = u32::try_from(snapshot.rows)
            .map_err(|_| ColumnsError::Foreign { path, reason: "of more rows than a sidecar holds" })?;
        let columns = snapshot
            .columns
            .iter()
            .map(|column| Slot {
                member: member(&column.name),
                column_type: column.column_type,
                column: OnceLock::new(),
                words: OnceLock::new(),
            })
            .collect();
        Ok(Self { reader, rows, columns })
    }

    /// Rows of the snapshot.
    #[must_use]
    pub const fn rows_total(&self) -> u32 {
        self.rows
    }

    /// Columns of the snapshot.
    #[must_use]
    pub fn columns_total(&self) -> usize {
        self.columns.len()
    }

    /// Length of the file, in bytes.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.reader.len()
    }

    /// Makes every column ready and proves its bytes: what the first questions would do otherwise.
    ///
    /// # Errors
    /// `Damaged`: build the sidecar anew.
    pub fn prove(&self) -> Result<(), ColumnsError> {
        for (at, slot) in self.columns.iter().enumerate() {
            self.column(at)?;
            if slot.column_type == ColumnType::Text {
                self.words(at)?;
            }
        }
        Ok(())
    }

    /// The value of a row.
    ///
    /// # Errors
    /// `Mismatch` when there is no such column, `Damaged`.
    pub fn value(&self, row: u32, column: usize) -> Result<Value, ColumnsError> {
        Ok(self.column(column)?.value(row))
    }

    fn slot(&self, column: usize) -> Result<&Slot, ColumnsError> {
        self.columns.get(column).ok_or_else(|| ColumnsError::Mismatch(format!("there is no column {column}")))
    }

    pub(crate) fn column(&self, column: usize) -> Result<&Column, ColumnsError> {
        let slot = self.slot(column)?;
        if let Some(ready) = slot.column.get() {
            return Ok(ready);
        }
        let number = u32::try_from(column).unwrap_or(u32::MAX);
        let ready = Box::new(Column::open(&self.reader, number, slot.column_type, self.rows)?);
        Ok(slot.column.get_or_init(|| ready))
    }

    /// Words of a text column.
    pub(crate) fn words(&self, column: usize) -> Result<&Words, ColumnsError> {
        let slot = self.slot(column)?;
        if let Some(ready) = slot.words.get() {
            return Ok(ready);
        }
        let ready = Box::new(Words::open(&self.reader, u32::try_from(column).unwrap_or(u32::MAX))?);
        Ok(slot.words.get_or_init(|| ready))
    }
}

fn member(name: &str) -> Box<[u8]> {
    let mut member = vec![b','];
    write_json_text(name.as_bytes(), &mut member);
    member.push(b':');
    member.into_boxed_slice()
}

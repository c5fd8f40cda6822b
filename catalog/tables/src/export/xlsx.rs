//! Spreadsheets (Office Open XML): one sheet, written row by row in constant memory, given as a whole at the end.

use std::fs::File;

use arrow::array::RecordBatch;
use fairground_tables_query::calendar::DAY_MICROS;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::{Encoder, Sheet, XLSX_TEXT_MAX};
use crate::error::TablesError;
use crate::text::cells::Cells;
use crate::text::{csv, write_date, write_decimal, write_integer, write_timestamp};

/// Whole numbers beyond this lose digits in a spreadsheet: they are written as text.
const EXACT_MAX: u64 = 999_999_999_999_999;
/// 1970-01-01 as spreadsheets count days.
const EPOCH_SERIAL: i32 = 25_569;
/// The first day that all spreadsheets count alike (1900-03-01); earlier ones are written as text.
const FIRST_SERIAL: i32 = 61;
/// The last day they know (9999-12-31).
const LAST_SERIAL: i32 = 2_958_465;

pub(super) struct Xlsx {
    workbook: Workbook,
    heads: Vec<String>,
    row: u32,
    date: Format,
    moment: Format,
    made: File,
}

impl Xlsx {
    pub(super) fn new(sheet: &Sheet<'_>) -> Result<Self, TablesError> {
        let columns = sheet.properties.iter().filter_map(|at| sheet.snapshot.columns.get(*at));
        if let Some(column) = columns.clone().find(|column| column.statistics.longest > Some(XLSX_TEXT_MAX)) {
            return Err(TablesError::Unsuitable {
                why: format!(
                    "column `{}` holds texts of more than {XLSX_TEXT_MAX} characters, which no spreadsheet cell does; take CSV or Parquet",
                    column.name
                ),
            });
        }
        let mut workbook = Workbook::new();
        workbook.set_tempdir(sheet.scratch).map_err(TablesError::engine("starting a spreadsheet"))?;
        let worksheet =
            workbook.add_worksheet_with_constant_memory().map_err(TablesError::engine("starting a spreadsheet"))?;
        worksheet.set_name(sheet.sheet_name()).map_err(TablesError::engine("naming a sheet"))?;
        let made =
            tempfile::tempfile_in(sheet.scratch).map_err(TablesError::io("cannot create a file in", sheet.scratch))?;
        Ok(Self {
            workbook,
            heads: sheet.heads(),
            row: 0,
            date: Format::new().set_num_format("yyyy-mm-dd"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            made,
        })
    }
}

/// Turns a library's refusal into ours; what a cell cannot hold is the caller's business.
fn refusal(error: XlsxError) -> TablesError {
    match error {
        XlsxError::MaxStringLengthExceeded => TablesError::Unsuitable {
            why: format!(
                "a text of more than {XLSX_TEXT_MAX} characters does not fit into a spreadsheet cell; take CSV or Parquet"
            ),
        },
        error => TablesError::Engine { doing: "writing a spreadsheet", source: error.into() },
    }
}

impl Encoder for Xlsx {
    fn start(&mut self, _out: &mut Vec<u8>) -> Result<(), TablesError> {
        let bold = Format::new().set_bold();
        let sheet = self.workbook.worksheet_from_index(0).map_err(refusal)?;
        for (column, head) in (0..).zip(&self.heads) {
            sheet.write_string_with_format(0, column, head, &bold).map_err(refusal)?;
        }
        self.row = 1;
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch, _out: &mut Vec<u8>) -> Result<(), TablesError> {
        let cells: Vec<Cells<'_>> = batch
            .columns()
            .iter()
            .take(self.heads.len())
            .map(Cells::of)
            .collect::<Result<_, _>>()
            .map_err(TablesError::engine("writing a spreadsheet"))?;
        let sheet = self.workbook.worksheet_from_index(0).map_err(refusal)?;
        let mut text = Vec::new();
        for row in 0..batch.num_rows() {
            for (column, cells) in (0..).zip(&cells) {
                if !cells.is_null(row) {
                    let mut cell = Cell { sheet, at: (self.row, column), text: &mut text };
                    cell.write(cells, row, &self.date, &self.moment).map_err(refusal)?;
                }
            }
            self.row += 1;
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Option<File>, TablesError> {
        let failed = |source| TablesError::Engine { doing: "ending a spreadsheet", source };
        let writer = self.made.try_clone().map_err(|error| failed(error.into()))?;
        self.workbook.save_to_writer(writer).map_err(|error| failed(error.into()))?;
        self.made.try_clone().map(Some).map_err(|error| failed(error.into()))
    }
}

struct Cell<'a> {
    sheet: &'a mut Worksheet,
    at: (u32, u16),
    text: &'a mut Vec<u8>,
}

impl Cell<'_> {
    fn write(&mut self, cells: &Cells<'_>, row: usize, date: &Format, moment: &Format) -> Result<(), XlsxError> {
        match cells {
            Cells::Integer(array) => {
                let number = array.value(row);
                if number.unsigned_abs() <= EXACT_MAX {
                    return self.number(number as f64);
                }
                self.as_text(|out| write_integer(number, out))
            }
            Cells::Decimal(array, scale) => {
                let digits = array.value(row);
                if digits.unsigned_abs() <= u128::from(EXACT_MAX) {
                    return self.number(digits as f64 / 10f64.powi(i32::from(*scale)));
                }
                self.as_text(|out| write_decimal(digits, *scale, out))
            }
            Cells::Float(array) => self.number(array.value(row)),
            Cells::Boolean(array) => self.sheet.write_boolean(self.at.0, self.at.1, array.value(row)).map(drop),
            Cells::Date(array) => {
                let days = array.value(row);
                match serial(days) {
                    Some(serial) => self.styled(f64::from(serial), date),
                    None => self.as_text(|out| write_date(days, out)),
                }
            }
            Cells::Timestamp(array, utc) => {
                let micros = array.value(row);
                match i32::try_from(micros.div_euclid(DAY_MICROS)).ok().and_then(serial) {
                    Some(serial) => {
                        let of_day = micros.rem_euclid(DAY_MICROS) as f64 / DAY_MICROS as f64;
                        self.styled(f64::from(serial) + of_day, moment)
                    }
                    None => self.as_text(|out| write_timestamp(micros, *utc, out)),
                }
            }
            Cells::Text(array) => self.sheet.write_string(self.at.0, self.at.1, array.value(row)).map(drop),
            Cells::Shape(array) => {
                let mut shape = Vec::new();
                csv::write_shape(array.value(row), &mut shape);
                self.as_text(|out| out.extend_from_slice(&shape))
            }
        }
    }

    fn number(&mut self, number: f64) -> Result<(), XlsxError> {
        self.sheet.write_number(self.at.0, self.at.1, number).map(drop)
    }

    fn styled(&mut self, number: f64, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_number_with_format(self.at.0, self.at.1, number, format).map(drop)
    }

    fn as_text(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), XlsxError> {
        self.text.clear();
        write(self.text);
        let text = String::from_utf8_lossy(self.text);
        self.sheet.write_string(self.at.0, self.at.1, text.as_ref()).map(drop)
    }
}

/// A day as spreadsheets count it.
fn serial(days: i32) -> Option<i32> {
    days.checked_add(EPOCH_SERIAL).filter(|serial| (FIRST_SERIAL..=LAST_SERIAL).contains(serial))
}

//! A list of datasets: delimited text, a spreadsheet, or flat JSON.

use fairground_standards::ReadError;
use fairground_standards::collected::list;
use fairground_tables::intake::{Texts, texts};

use super::super::GatherError;
use super::walk::{First, Walk};

pub(super) fn gather(walk: &mut Walk<'_>, first: First) -> Result<(), GatherError> {
    let none = || {
        let why = "no row has the headings of a list of datasets (a title, an address, and what is said of datasets)";
        GatherError::Read(ReadError::NotACatalogue { why: why.to_owned() })
    };
    let bytes = first.bytes()?;
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii_start();
    let rows = if start.starts_with(b"[") || start.starts_with(b"{") {
        list::of_json(&bytes, &first.at)?
    } else if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0") {
        let sheets = texts(&first.path, &first.at, list::MAX_ROWS)
            .map_err(|error| GatherError::Read(ReadError::NotACatalogue { why: error.to_string() }))?;
        of_sheets(sheets, &first.at)?.ok_or_else(none)?
    } else {
        list::of_csv(&bytes, &first.at)?.ok_or_else(none)?
    };
    for row in &rows {
        walk.emit(row)?;
    }
    walk.is_all(&first);
    Ok(())
}

/// The rows of every sheet that lists datasets.
fn of_sheets(
    sheets: Vec<Texts>,
    at: &str,
) -> Result<Option<Vec<fairground_standards::collected::Envelope>>, ReadError> {
    const ROWS_BEFORE: usize = 10;
    let mut all = None;
    for sheet in sheets {
        let heading = sheet.rows.iter().take(ROWS_BEFORE).position(|row| list::is_list(row.iter().map(String::as_str)));
        if let Some(heading) = heading {
            let rows = list::of_rows(sheet.rows.into_iter().skip(heading), at)?;
            all.get_or_insert_with(Vec::new).extend(rows);
        }
    }
    Ok(all)
}

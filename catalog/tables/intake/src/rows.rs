//! The rows of a file as they stand, for whoever only looks at them: nothing is typed, kept out or written.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cell::{Cell, TableReader};
use crate::convert::cell_text;
use crate::error::IntakeError;
use crate::formats::{self, Format, FormatLimits, Member};
use crate::header::{self, HeaderHints, Layout, SAMPLE_ROWS};
use crate::load::{LoadOptions, Members, members, table_name};
use crate::plan::Context;
use crate::text::{self, Delimited};
use crate::watch::Watch;

/// Takes some of a table's rows, with their numbers.
pub type RowPlace<'a> = Box<dyn FnMut(u64, &[String]) + Send + 'a>;

/// Takes the tables of a file, one after the other.
pub trait RowVisitor {
    /// A table begins. Titles are empty where the file gives none.
    ///
    /// # Errors
    /// To end the reading.
    fn table(&mut self, name: &str, titles: &[String]) -> Result<(), IntakeError>;

    /// A row, with its number as people count in the format (in delimited text, its line). Rows may be longer or shorter than
    /// the titles; those that a load would keep out are given too.
    ///
    /// # Errors
    /// To end the reading.
    fn row(&mut self, number: u64, cells: &[String]) -> Result<(), IntakeError>;

    /// Places that take the rows which follow, at most so many, each on a thread of its own and each in their order. None as long
    /// as rows have to come one after the other, which is what a visitor wants that says nothing.
    fn places(&mut self, most: usize) -> Vec<RowPlace<'_>> {
        let _ = most;
        Vec::new()
    }

    /// Text beside the rows: titles above a table, notes below it, names of sheets.
    ///
    /// # Errors
    /// To end the reading.
    fn aside(&mut self, place: &str, text: &str) -> Result<(), IntakeError>;

    /// A part of the file that could not be read, and why.
    ///
    /// # Errors
    /// To end the reading.
    fn left_out(&mut self, part: &str, why: &str) -> Result<(), IntakeError>;
}

/// Gives every table of a file to a visitor, as the same file would be [loaded](crate::load()).
///
/// `scratch` is a folder for what is unpacked or put into another encoding; it is left as it was.
///
/// # Errors
/// As for a load; in an archive or workbook a part that is no table is told to the visitor as long as another one is read.
pub fn visit_rows(
    file: &Path,
    options: &LoadOptions,
    scratch: &Path,
    visitor: &mut dyn RowVisitor,
    watch: &dyn Watch,
) -> Result<(), IntakeError> {
    let limits = &options.limits;
    if std::fs::metadata(file)?.len() > limits.file_bytes {
        let limit = format!("{} bytes", limits.file_bytes);
        return Err(IntakeError::TooLarge { what: "the file".to_owned(), limit });
    }
    let scratch = tempfile::Builder::new().prefix(".rows-").tempdir_in(scratch)?;
    let stop = Arc::new(AtomicBool::new(watch.stopped()));
    let formats = FormatLimits {
        unpacked_bytes: limits.unpacked_bytes,
        ratio: limits.unpack_ratio,
        entries: limits.members,
        columns: limits.columns,
        stop: Arc::clone(&stop),
        ..FormatLimits::default()
    };
    let format = formats::detect(file, &options.name, options.media_type.as_deref())?;
    let Members { files, skipped, archive } = members(file, format, options, &formats, scratch.path(), watch)?;
    for (name, why) in skipped.iter().filter(|_| archive) {
        visitor.left_out(name, why)?;
    }
    let no_hash = || Err(IntakeError::Cancelled);
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        threads => threads,
    };
    let context = Context { options, watch, scratch: scratch.path(), file_hash: &no_hash, threads };
    let mut read = false;
    let mut first_error = None;
    for member in &files {
        stop.store(watch.stopped(), Ordering::Relaxed);
        match visit_member(member, &formats, &context, visitor) {
            Ok(tables) => read |= tables > 0,
            Err(error @ (IntakeError::Io(_) | IntakeError::Cancelled)) => return Err(error),
            Err(error) => {
                visitor.left_out(&member.name, &error.to_string())?;
                first_error.get_or_insert(error);
            }
        }
    }
    match first_error {
        Some(error) if !read => Err(error),
        _ if !read => Err(IntakeError::NotTabular { why: "there is no table in it".to_owned() }),
        _ => Ok(()),
    }
}

/// Gives the tables of one file; how many they were.
fn visit_member(
    member: &Member,
    formats: &FormatLimits,
    context: &Context<'_>,
    visitor: &mut dyn RowVisitor,
) -> Result<usize, IntakeError> {
    let stem = table_name(&member.name);
    if member.format == Format::Delimited {
        let source = Delimited { path: &member.path, file: &member.name, table: &stem, schema: member.schema.as_ref() };
        text::visit(&source, context, visitor)?;
        return Ok(1);
    }
    let mut tables = 0;
    let mut first_error = None;
    for mut reader in formats::open(member.format, &member.path, &member.name, formats)? {
        let name = if reader.name().is_empty() { stem.clone() } else { reader.name().to_owned() };
        match visit_cells(reader.as_mut(), &name, context, visitor) {
            Ok(()) => tables += 1,
            Err(error @ (IntakeError::Io(_) | IntakeError::Cancelled)) => return Err(error),
            Err(error) => {
                visitor.left_out(&name, &error.to_string())?;
                first_error.get_or_insert(error);
            }
        }
    }
    match first_error {
        Some(error) if tables == 0 => Err(error),
        _ => Ok(tables),
    }
}

/// Gives the rows of a table of cells. The first rows are held back until it is known which of them is the header.
fn visit_cells(
    reader: &mut dyn TableReader,
    name: &str,
    context: &Context<'_>,
    visitor: &mut dyn RowVisitor,
) -> Result<(), IntakeError> {
    let mut begun = false;
    if let Some(titles) = reader.header() {
        visitor.table(name, &titles)?;
        begun = true;
    }
    let mut held: Vec<(u64, Vec<String>)> = Vec::new();
    let mut row: Vec<String> = Vec::new();
    reader.read(&mut |number, cells| {
        context.check_stopped()?;
        row.clear();
        row.extend(cells.iter().map(plain_text));
        if begun {
            return visitor.row(number, &row);
        }
        held.push((number, row.clone()));
        if held.len() >= SAMPLE_ROWS {
            begun = true;
            return begin(name, &mut held, visitor);
        }
        Ok(())
    })?;
    if !begun {
        begin(name, &mut held, visitor)?;
    }
    Ok(())
}

/// Finds the header among the rows that were held back, and gives what is above it and below it.
fn begin(name: &str, held: &mut Vec<(u64, Vec<String>)>, visitor: &mut dyn RowVisitor) -> Result<(), IntakeError> {
    let rows: Vec<Vec<String>> =
        held.iter().map(|(_, row)| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
    if rows.iter().all(|row| header::filled(row) == 0) {
        return Err(IntakeError::NotTabular { why: format!("`{name}` is empty") });
    }
    let mut layout: Layout = header::find(&rows, HeaderHints::default());
    let widest = rows.iter().map(|row| header::filled(row)).max().unwrap_or(0);
    if widest > layout.titles.len() {
        layout.titles.resize(widest, String::new());
    }
    visitor.table(name, &layout.titles)?;
    for (at, (number, row)) in held.drain(..).enumerate() {
        if at < layout.preamble_rows {
            for text in row.iter().filter(|cell| !cell.trim().is_empty()) {
                visitor.aside(name, text)?;
            }
        } else if at >= layout.first_data() {
            visitor.row(number, &row)?;
        }
    }
    Ok(())
}

/// A cell as people would read it; shapes are the position of a point, or nothing.
fn plain_text(cell: &Cell) -> String {
    match cell {
        Cell::Geometry { wkb, point: true } => point_text(wkb).unwrap_or_default(),
        Cell::Geometry { .. } => String::new(),
        Cell::Unreadable { raw, .. } => String::from_utf8_lossy(raw).into_owned(),
        cell => cell_text(cell),
    }
}

/// Latitude and longitude of a point in WKB of either byte order.
fn point_text(wkb: &[u8]) -> Option<String> {
    let number = |from: usize| {
        let bytes: [u8; 8] = wkb.get(from..from + 8)?.try_into().ok()?;
        Some(if wkb.first() == Some(&1) { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    };
    Some(format!("{}, {}", number(13)?, number(5)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Unwatched;

    #[derive(Default)]
    struct Seen {
        tables: Vec<(String, Vec<String>)>,
        rows: Vec<(u64, Vec<String>)>,
        asides: Vec<String>,
        left_out: Vec<String>,
    }

    impl RowVisitor for Seen {
        fn table(&mut self, name: &str, titles: &[String]) -> Result<(), IntakeError> {
            self.tables.push((name.to_owned(), titles.to_vec()));
            Ok(())
        }

        fn row(&mut self, number: u64, cells: &[String]) -> Result<(), IntakeError> {
            self.rows.push((number, cells.to_vec()));
            Ok(())
        }

        fn aside(&mut self, _place: &str, text: &str) -> Result<(), IntakeError> {
            self.asides.push(text.to_owned());
            Ok(())
        }

        fn left_out(&mut self, part: &str, _why: &str) -> Result<(), IntakeError> {
            self.left_out.push(part.to_owned());
            Ok(())
        }
    }

    fn seen(name: &str, bytes: &[u8]) -> Result<Seen, IntakeError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let options = LoadOptions { name: name.to_owned(), ..LoadOptions::default() };
        let mut seen = Seen::default();
        visit_rows(&path, &options, folder.path(), &mut seen, &Unwatched)?;
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        Ok(seen)
    }

    #[test]
    fn every_row_of_a_text_is_given_as_it_stands() {
        let seen = seen(
            "people.csv",
            b"A list of people;;\nname;born;id\nAda;1.5.1980;007\nBob;too;many;fields;here\n\nCleo\n",
        )
        .unwrap();
        assert_eq!(seen.tables, [("people".to_owned(), vec!["name".to_owned(), "born".to_owned(), "id".to_owned()])]);
        assert_eq!(seen.asides, ["A list of people;;"]);
        let rows: Vec<(u64, String)> = seen.rows.iter().map(|(line, cells)| (*line, cells.join("|"))).collect();
        assert_eq!(
            rows,
            [(3, "Ada|1.5.1980|007".to_owned()), (4, "Bob|too|many|fields|here".to_owned()), (6, "Cleo".to_owned())]
        );
    }

    #[test]
    fn cells_of_other_formats_are_given_as_text() {
        let json = seen("people.json", br#"[{"name":"Ada","zip":"007","at":{"lat":1.5}},{"name":"Bob"}]"#).unwrap();
        assert!(json.tables[0].1.contains(&"name".to_owned()) && json.rows.len() == 2);
        let point = br#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[13.404954,52.520008]},"properties":{"who":"Ada"}}]}"#;
        let points = seen("people.geojson", point).unwrap();
        assert!(points.rows[0].1.contains(&"52.520008, 13.404954".to_owned()), "{:?}", points.rows);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(matches!(
            seen("page.html", b"<!doctype html><html><body>hello</body></html>"),
            Err(IntakeError::NotTabular { .. })
        ));
        assert!(matches!(seen("empty.csv", b""), Err(IntakeError::NotTabular { .. })));
    }
}

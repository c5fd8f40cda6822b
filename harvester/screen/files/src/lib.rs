//! Files of every tabular format, and plain texts, through the personal-data screen.
//!
//! A table goes to the screen as `fairground table load` would read it, every row of it, those that a load would keep out too;
//! so do texts above and below a table, names of sheets and files, and document properties. What is no table but text is
//! screened line by line; lines such as `phone: 555-0100` are taken for records.

mod beside;
mod lines;
mod mend;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use fairground_screen::{Baseline, Report, Rules, Screen};
use fairground_tables_intake::{
    IntakeError, LoadOptions, RowPlace, RowVisitor, Unwatched, Watch, properties, visit_rows,
};

pub use mend::{MendError, Mended, MendedTable, mend_file};

/// Why a file was not screened.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// It is neither table nor text.
    #[error("it can be read neither as a table nor as text: {0}")]
    Unreadable(#[source] IntakeError),
    /// The file system failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Somebody asked to stop.
    #[error("the screening was stopped")]
    Stopped,
}

/// Screens a file under a name, whose ending is a weak hint to its format.
///
/// `previous` is what an earlier version left, to tell which combinations became unique since.
///
/// # Errors
/// When it is neither table nor text, or cannot be read.
pub fn screen_file(
    file: &Path,
    name: &str,
    rules: Rules,
    previous: Option<Baseline>,
) -> Result<(Report, Baseline), ScreenError> {
    let options = LoadOptions { name: name.to_owned(), ..LoadOptions::default() };
    screen_with(file, &options, rules, previous, &Unwatched)
}

/// As [`screen_file`], read as a load with these options would read it, and stopped when `watch` says so.
///
/// # Errors
/// As [`screen_file`]; `Stopped` when `watch` said so.
pub fn screen_with(
    file: &Path,
    options: &LoadOptions,
    rules: Rules,
    previous: Option<Baseline>,
    watch: &dyn Watch,
) -> Result<(Report, Baseline), ScreenError> {
    let mut screen = Screen::new(rules);
    if let Some(previous) = previous {
        screen = screen.against(previous);
    }
    let scratch = tempfile::tempdir()?;
    let mut feed = Feed { screen: &mut screen, asides: Vec::new() };
    let read = visit_rows(file, options, scratch.path(), &mut feed, watch);
    let asides = feed.asides;
    match read {
        Ok(()) => {}
        Err(IntakeError::Io(error)) => return Err(error.into()),
        Err(IntakeError::Cancelled) => return Err(ScreenError::Stopped),
        Err(error) if is_text(file)? => {
            screen.note(format!("Screened as text: {error}."));
            lines::screen(file, &options.name, &mut screen)?;
        }
        Err(error) => return Err(ScreenError::Unreadable(error)),
    }
    screen.end_table();
    if !asides.is_empty() {
        screen.text("beside the table", &asides.join("\n"));
    }
    for property in properties(file) {
        screen.property(&format!("document property {}", property.name), &property.value);
    }
    let mut remarks = Vec::new();
    for aside in beside::asides(file) {
        if aside.property {
            screen.property(&aside.place, &aside.value);
        } else {
            remarks.push(aside.value);
        }
    }
    if !remarks.is_empty() {
        screen.text("remarks and members", &remarks.join("\n"));
    }
    Ok(screen.finish_with_baseline())
}

/// Gives what is read to the screen.
struct Feed<'a> {
    screen: &'a mut Screen,
    asides: Vec<String>,
}

/// Texts beside tables that are kept to be screened together.
const ASIDES_MAX: usize = 1_000;

impl RowVisitor for Feed<'_> {
    fn table(&mut self, name: &str, titles: &[String]) -> Result<(), IntakeError> {
        self.screen.begin_table(name, titles);
        Ok(())
    }

    fn row(&mut self, number: u64, cells: &[String]) -> Result<(), IntakeError> {
        self.screen.row(number, cells);
        Ok(())
    }

    fn places(&mut self, most: usize) -> Vec<RowPlace<'_>> {
        let parts = self.screen.parts(most).into_iter();
        parts.map(|mut part| -> RowPlace<'_> { Box::new(move |number, cells| part.row(number, cells)) }).collect()
    }

    fn aside(&mut self, _place: &str, text: &str) -> Result<(), IntakeError> {
        if self.asides.len() < ASIDES_MAX {
            self.asides.push(text.to_owned());
        }
        Ok(())
    }

    fn left_out(&mut self, part: &str, why: &str) -> Result<(), IntakeError> {
        self.screen.note(format!("`{part}` was not screened: {why}."));
        Ok(())
    }
}

/// Bytes at the start of a file by which text is told.
const HEAD_BYTES: u64 = 64 << 10;

/// Whether a file is text: no zero bytes and few control signs at its start, and nothing that says it is a document of signs.
fn is_text(file: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    File::open(file)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    let controls = head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)).count();
    Ok(!head.starts_with(b"%PDF") && !head.starts_with(b"{\\rtf") && !head.contains(&0) && controls * 100 <= head.len())
}

#[cfg(test)]
mod tests;

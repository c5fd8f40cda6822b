//! Tables of formats that have cells: their readers' rows become typed columns.

use std::borrow::Cow;
use std::collections::VecDeque;

use fairground_domain::SourceNotes;

use crate::cell::{Cell, TableReader};
use crate::convert::{ColumnBuilder, cell_text};
use crate::declared::{Rules, Seen};
use crate::error::IntakeError;
use crate::formats::PublishedSchema;
use crate::header::{self, HeaderHints, Layout, SAMPLE_ROWS};
use crate::infer::{Profile, Reading};
use crate::kept::Kept;
use crate::plan::{self, Context, Outcome, Plan, Written, check_columns};
use crate::quarantine::{Quarantine, Refused, check_share};
use crate::statistics::Statistics;
use crate::watch::{Progress, Stage};
use crate::write::{self, ROW_GROUP_BYTES, ROW_GROUP_CELLS, ROW_GROUP_ROWS};

/// Rows at the end that are looked at for footnotes.
const TAIL_ROWS: usize = 64;
/// Rows between two looks at the watch.
const WATCH_ROWS: u64 = 4_096;
/// Bytes of cells kept of a sample.
const SAMPLE_BYTES: usize = 8 << 20;

/// Columns to the right of the header that a sheet may have; rows that reach further go to the quarantine.
const UNTITLED_COLUMNS_MAX: usize = 64;

/// A row that breaks the table's width.
const TOO_MANY: &str = "too-many-fields";

/// What the first time through finds.
struct Survey {
    profiles: Vec<Profile>,
    /// Rows of data, footnotes not among them; counted with those that are refused or blank.
    given: u64,
    rows: u64,
    refused: u64,
    /// Of these, rows that the format's reader could not read, and why.
    unreadable: (u64, &'static str),
    footnotes: Vec<Vec<String>>,
    blanks: u64,
    /// Whether a row without a value is a row: it is where the format itself counts rows, not where people leave some empty.
    keep_blanks: bool,
    /// Columns at the left without a title or a value, which are left out.
    unused_left: usize,
}

/// Loads one table.
pub(crate) fn load(
    reader: &mut dyn TableReader,
    file: &str,
    table: &str,
    schema: Option<&PublishedSchema>,
    context: &Context<'_>,
) -> Result<Written, IntakeError> {
    let reader = &mut Kept::new(reader, context.scratch);
    let mut layout = lay_out(reader, schema, context)?;
    check_columns(layout.titles.len(), context.limits())?;
    let named_by_reader = reader.header().is_some();
    let named = named_by_reader || layout.header_rows > 0;
    let mut rules = Rules::new(schema, &layout.titles, named);
    let mut survey = profile(reader, &layout, &rules, context)?;
    let unused = if named_by_reader || schema.is_some() { 0 } else { survey.drop_unused(&mut layout.titles) };
    if unused > 0 {
        rules = Rules::new(schema, &layout.titles, named);
    }
    check_share(survey.refused, survey.rows + survey.refused, survey.most().to_owned(), context.limits())?;
    let plan = plan::plan(&layout.titles, &survey.profiles, &rules, &context.hints(None));
    let mut notes = layout.notes.clone();
    if survey.blanks > 0 {
        notes.push(format!("Empty rows that were left out: {}.", survey.blanks));
    }
    let footnotes: Vec<String> = survey.footnotes.iter().map(|row| header::join_cells(row)).collect();
    if !footnotes.is_empty() {
        notes.push(format!("Below the table: {}", header::shorten(&footnotes.join(" / "))));
    }
    notes.extend(plan.notes.iter().cloned());
    let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let source = SourceNotes {
        format: reader.format().to_owned(),
        file: file.to_owned(),
        decimal_mark: None,
        preamble_rows: narrow(layout.preamble_rows),
        header_rows: narrow(layout.header_rows),
        footnote_rows: narrow(survey.footnotes.len()),
        notes,
        ..SourceNotes::default()
    };
    write_rows(reader, &layout, &survey, plan, &rules, (source, table, schema), context)
}

/// Finds the header: the reader's, or among the first rows.
fn lay_out(
    reader: &mut dyn TableReader,
    schema: Option<&PublishedSchema>,
    context: &Context<'_>,
) -> Result<Layout, IntakeError> {
    if let Some(titles) = reader.header() {
        let titles = titles.iter().map(|title| crate::names::clean_title(title)).collect();
        return Ok(Layout { titles, ..Layout::default() });
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0usize;
    let mut enough = false;
    let result = reader.read(&mut |_, cells| {
        context.check_stopped()?;
        let row: Vec<String> = cells.iter().map(|cell| cell_text(cell).trim().to_owned()).collect();
        bytes += row.iter().map(|cell| cell.len() + 24).sum::<usize>();
        rows.push(row);
        if rows.len() >= SAMPLE_ROWS || bytes > SAMPLE_BYTES {
            enough = true;
            // Ends the reading; it is no error here.
            return Err(IntakeError::Cancelled);
        }
        Ok(())
    });
    if !enough {
        result?;
    }
    if rows.iter().all(|row| header::filled(row) == 0) {
        return Err(IntakeError::NotTabular { why: format!("`{}` is empty", reader.name()) });
    }
    let dialect = schema.and_then(|schema| schema.dialect.as_ref());
    let size = |rows: Option<u32>| rows.and_then(|rows| usize::try_from(rows).ok());
    let hints = HeaderHints {
        present: dialect.and_then(|dialect| dialect.header),
        rows: dialect.and_then(|dialect| size(dialect.header_rows)),
        skip: dialect.and_then(|dialect| size(dialect.skip_rows)),
    };
    let mut layout = header::find(&rows, hints);
    if schema.is_none() {
        widen(&mut layout, &rows);
    }
    Ok(layout)
}

/// Cells have their place: values to the right of the header are columns without a title, not faults.
fn widen(layout: &mut Layout, rows: &[Vec<String>]) {
    let width = layout.titles.len();
    let widest = rows.iter().skip(layout.first_data()).map(|row| header::filled(row)).max().unwrap_or(0);
    if widest > width && widest <= width + UNTITLED_COLUMNS_MAX {
        layout.titles.resize(widest, String::new());
    }
}

/// Whether a cell holds nothing.
fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(text) | Cell::Quoted(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn filled(cells: &[Cell]) -> usize {
    cells.iter().rposition(|cell| !is_empty(cell)).map_or(0, |at| at + 1)
}

fn profile(
    reader: &mut dyn TableReader,
    layout: &Layout,
    rules: &Rules,
    context: &Context<'_>,
) -> Result<Survey, IntakeError> {
    let width = layout.titles.len();
    let headless = reader.header().is_some();
    let mut survey = Survey {
        profiles: vec![Profile::default(); width],
        given: 0,
        rows: 0,
        refused: 0,
        unreadable: (0, ""),
        footnotes: Vec::new(),
        blanks: 0,
        keep_blanks: headless,
        unused_left: 0,
    };
    let mut skip = layout.first_data();
    let mut tail: VecDeque<Vec<Cell>> = VecDeque::new();
    let mut seen = 0u64;
    reader.read(&mut |_, cells| {
        seen += 1;
        watch(context, Stage::Typing, seen)?;
        if skip > 0 {
            skip -= 1;
            return Ok(());
        }
        if headless {
            survey.see(cells, width, rules);
            return Ok(());
        }
        // The last rows wait until it is known whether they are footnotes.
        let recycled = if tail.len() >= TAIL_ROWS { tail.pop_front() } else { None };
        if let Some(row) = &recycled {
            survey.see(row, width, rules);
        }
        tail.push_back(std::mem::replace(cells, recycled.unwrap_or_default()));
        Ok(())
    })?;
    let texts: Vec<Vec<String>> =
        tail.iter().map(|row| row.iter().map(|cell| cell_text(cell).trim().to_owned()).collect()).collect();
    let cut = header::footnotes(&texts, width);
    for row in tail.iter().take(tail.len() - cut) {
        survey.see(row, width, rules);
    }
    survey.footnotes = texts.into_iter().rev().take(cut).rev().collect();
    Ok(survey)
}

impl Survey {
    /// Leaves out the columns at the left and at the right that have neither a title nor a value; gives how many.
    fn drop_unused(&mut self, titles: &mut Vec<String>) -> usize {
        let used: Vec<bool> =
            titles.iter().zip(&self.profiles).map(|(title, profile)| !title.is_empty() || profile.filled).collect();
        let Some(first) = used.iter().position(|used| *used) else { return 0 };
        let end = used.iter().rposition(|used| *used).map_or(used.len(), |last| last + 1);
        titles.truncate(end);
        titles.drain(..first);
        self.profiles.truncate(end);
        self.profiles.drain(..first);
        self.unused_left = first;
        used.len() - titles.len()
    }

    /// Why most of the refused rows were.
    const fn most(&self) -> &'static str {
        let (unreadable, reason) = self.unreadable;
        if unreadable * 2 > self.refused { reason } else { TOO_MANY }
    }

    fn see(&mut self, cells: &[Cell], width: usize, rules: &Rules) {
        self.given += 1;
        if let Some(Cell::Unreadable { reason, .. }) = cells.first() {
            self.refused += 1;
            self.unreadable = (self.unreadable.0 + 1, reason);
            return;
        }
        match filled(cells) {
            0 if width > 0 && !self.keep_blanks => self.blanks += 1,
            filled if filled > width => self.refused += 1,
            _ => {
                self.rows += 1;
                for (at, (profile, cell)) in self.profiles.iter_mut().zip(cells).enumerate() {
                    match rules.get(at) {
                        Some(rule) if !rule.is_inferred() && !matches!(cell, Cell::Null) => {
                            rule.see(&rule.normal_cell(cell), profile);
                        }
                        _ => profile.see_cell(cell),
                    }
                }
            }
        }
    }
}

fn watch(context: &Context<'_>, stage: Stage, rows: u64) -> Result<(), IntakeError> {
    if rows.is_multiple_of(WATCH_ROWS) {
        context.watch.progress(Progress { stage, bytes_done: 0, bytes_total: 0, rows });
        context.check_stopped()?;
    }
    Ok(())
}

fn write_rows(
    reader: &mut dyn TableReader,
    layout: &Layout,
    survey: &Survey,
    plan: Plan,
    rules: &Rules,
    (mut source, table, schema): (SourceNotes, &str, Option<&PublishedSchema>),
    context: &Context<'_>,
) -> Result<Written, IntakeError> {
    let limits = context.limits();
    let parquet = tempfile::Builder::new().prefix("rows-").tempfile_in(context.scratch)?;
    let parquet = parquet.into_temp_path().keep().map_err(|error| IntakeError::Io(error.error))?;
    let (mut writer, encoder) = write::create(&parquet, &plan.columns, &[])?;
    let quarantine_path = parquet.with_extension("quarantine.csv");
    let mut quarantine = Quarantine::new(&quarantine_path, limits);
    let mut converter = Converter {
        builders: plan.readings.iter().map(|reading| ColumnBuilder::new(*reading)).collect(),
        statistics: Statistics::for_columns(plan.columns.len()),
        pending: 0,
        rows: 0,
        seen: Seen::default(),
    };
    let width = layout.titles.len();
    let mut skip = layout.first_data();
    let mut left = survey.given;
    let mut seen = 0u64;
    reader.read(&mut |number, cells| {
        seen += 1;
        watch(context, Stage::Writing, seen)?;
        if skip > 0 {
            skip -= 1;
            return Ok(());
        }
        if left == 0 {
            return Ok(());
        }
        left -= 1;
        if let Some(Cell::Unreadable { reason, raw }) = cells.first() {
            return quarantine.add(&Refused { line: number, reason: (*reason).to_owned(), raw: raw.clone() });
        }
        if survey.unused_left > 0 {
            cells.drain(..survey.unused_left.min(cells.len()));
        }
        let filled = filled(cells);
        if filled == 0 && !survey.keep_blanks {
            return Ok(());
        }
        cells.resize(width.max(filled), Cell::Null);
        let reason = if filled > width {
            Some(TOO_MANY.to_owned())
        } else {
            converter.take(cells, &plan.readings, rules, limits.unique_rows)
        };
        if let Some(reason) = reason {
            return quarantine.add(&Refused { line: number, reason, raw: raw_row(cells) });
        }
        if converter.is_full() {
            converter.flush(&plan, &encoder, &mut writer)?;
        }
        Ok(())
    })?;
    converter.flush(&plan, &encoder, &mut writer)?;
    quarantine.check(converter.rows + quarantine.rows())?;
    if converter.seen.full {
        source.notes.push(format!("Uniqueness was checked for the first {} rows.", limits.unique_rows));
    }
    source.notes.extend(reader.notes());
    let outcome = Outcome {
        key: context.key(&source.file, table, schema)?,
        name: table.to_owned(),
        rows: converter.rows,
        statistics: converter.statistics,
        quarantine: quarantine.finish()?,
        source,
        parquet,
    };
    plan::finish(writer, plan.columns, outcome, context.threads)
}

/// A row as the quarantine shows it.
fn raw_row(cells: &[Cell]) -> Vec<u8> {
    let fields: Vec<String> = cells
        .iter()
        .map(|cell| {
            let text = cell_text(cell);
            let special = text.contains([',', '"', '\n', '\r']);
            if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        })
        .collect();
    fields.join(",").into_bytes()
}

struct Converter {
    builders: Vec<ColumnBuilder>,
    statistics: Vec<Statistics>,
    pending: usize,
    rows: u64,
    seen: Seen,
}

impl Converter {
    fn is_full(&self) -> bool {
        self.pending >= ROW_GROUP_ROWS
            || self.pending * self.builders.len() >= ROW_GROUP_CELLS
            || (self.pending.is_multiple_of(256)
                && self.builders.iter().map(ColumnBuilder::bytes).sum::<usize>() > ROW_GROUP_BYTES * 2)
    }

    /// Takes a row; the reason when it breaks the published schema.
    fn take(&mut self, cells: &[Cell], readings: &[Reading], rules: &Rules, unique_rows: usize) -> Option<String> {
        if !rules.is_empty() {
            let value = |at: usize| -> Cow<'_, [u8]> {
                match (cells.get(at), rules.get(at)) {
                    (Some(cell), Some(rule)) => Cow::Owned(rule.normal_cell(cell)),
                    (Some(cell), None) => Cow::Owned(cell_text(cell).into_bytes()),
                    (None, _) => Cow::Borrowed(&[]),
                }
            };
            let reason = rules.judge(value, readings, &mut self.seen, unique_rows);
            if reason.is_some() {
                return reason;
            }
        }
        for (at, (builder, cell)) in self.builders.iter_mut().zip(cells).enumerate() {
            match rules.get(at) {
                Some(rule) if !rule.is_inferred() => {
                    let _ = builder.append_field(&rule.normal_cell(cell));
                }
                _ => {
                    let taken = builder.append_cell(cell);
                    debug_assert!(taken, "{cell:?} in {:?}", readings.get(at));
                }
            }
        }
        self.pending += 1;
        self.rows += 1;
        None
    }

    fn flush(
        &mut self,
        plan: &Plan,
        encoder: &write::Encoder,
        writer: &mut write::SnapshotWriter,
    ) -> Result<(), IntakeError> {
        if self.pending == 0 {
            return Ok(());
        }
        let mut arrays = Vec::with_capacity(self.builders.len());
        for ((builder, column), statistics) in self.builders.iter_mut().zip(&plan.columns).zip(&mut self.statistics) {
            let array = builder.finish().map_err(IntakeError::write)?;
            statistics.add(&array, column.column_type);
            arrays.push(array);
        }
        writer.append(encoder.encode(&arrays)?)?;
        self.pending = 0;
        Ok(())
    }
}

//! Delimited text: CSV, TSV and their kin.
//!
//! The file is read twice. The first time, blocks that end where records end are handed to threads which look at every
//! value, so that the columns' types come from the whole file; the second time, groups of blocks become row groups, written
//! in order. Memory is bounded by the number of blocks and groups on their way.

pub(crate) mod dialect;
pub(crate) mod encoding;
mod examine;
mod profile;
mod scan;
pub(crate) mod split;
mod visit;
mod write;

use std::path::Path;

use fairground_domain::SourceNotes;

pub(crate) use self::profile::thread_died;
pub(crate) use self::visit::visit;
use crate::declared::Rules;
use crate::error::IntakeError;
use crate::formats::PublishedSchema;
use crate::plan::{self, Context, Outcome, Written, check_columns};

/// A delimited file that is to be loaded.
pub(crate) struct Delimited<'a> {
    pub(crate) path: &'a Path,
    /// The file's name, as given or within its archive.
    pub(crate) file: &'a str,
    /// The table's name.
    pub(crate) table: &'a str,
    pub(crate) schema: Option<&'a PublishedSchema>,
}

/// Loads one delimited file.
pub(crate) fn load(source: &Delimited<'_>, context: &Context<'_>) -> Result<Written, IntakeError> {
    let declared = source.schema.and_then(|schema| schema.encoding.as_deref());
    let text = encoding::to_utf8(source.path, declared, context.scratch, context.watch)?;
    let head = examine::examine(&text, source, context)?;
    check_columns(head.titles.len(), context.limits())?;
    let rules = Rules::new(source.schema, &head.titles, head.header_rows > 0);
    let survey = profile::profile(&text.path, &head, &rules, context)?;
    survey.check(context.limits())?;
    let hints = context.hints(Some(head.dialect.delimiter));
    let plan = plan::plan(&head.titles, &survey.profiles, &rules, &hints);
    let written = write::write(&text.path, &head, &survey, &plan, &rules, context)?;
    let mut notes = text.notes;
    notes.extend(head.notes.iter().cloned());
    notes.extend(survey.notes());
    notes.extend(plan.notes);
    notes.extend(written.notes);
    let source_notes = SourceNotes {
        format: "csv".to_owned(),
        file: source.file.to_owned(),
        encoding: Some(text.encoding.to_owned()),
        delimiter: Some(char::from(head.dialect.delimiter)),
        quote: head.dialect.quote.map(char::from),
        decimal_mark: plan.decimal_mark,
        preamble_rows: head.preamble_rows,
        header_rows: head.header_rows,
        footnote_rows: survey.footnote_rows,
        notes,
    };
    if text.path != source.path {
        let _ = std::fs::remove_file(&text.path);
    }
    let outcome = Outcome {
        key: context.key(source.file, source.table, source.schema)?,
        name: source.table.to_owned(),
        rows: written.rows,
        statistics: written.statistics,
        quarantine: written.quarantine,
        source: source_notes,
        parquet: written.parquet,
    };
    plan::finish(written.writer, plan.columns, outcome, context.threads)
}

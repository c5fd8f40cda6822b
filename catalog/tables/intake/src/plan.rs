//! What both ways into a table share: the plan of its columns, and the finished snapshot.

use std::path::{Path, PathBuf};

use fairground_domain::{Column, ColumnStatistics, ContentHash, QuarantineSummary, Snapshot, SourceNotes};

use crate::declared::Rules;
use crate::error::IntakeError;
use crate::formats::PublishedSchema;
use crate::infer::{Hints, Profile, Reading, decide};
use crate::limits::Limits;
use crate::load::{LoadOptions, LoadedTable};
use crate::names::usable_names;
use crate::statistics::Statistics;
use crate::watch::Watch;
use crate::write;

/// The way of reading files, as a part of snapshots' names: it changes whenever the same file would give another snapshot.
const LOADER_VERSION: &str = "fairground-intake-2";

/// What every step of a load needs.
pub(crate) struct Context<'a> {
    pub(crate) options: &'a LoadOptions,
    pub(crate) watch: &'a dyn Watch,
    /// A folder of our own, on the same volume as the snapshots.
    pub(crate) scratch: &'a Path,
    /// The digest of the file as it came; waits for it.
    pub(crate) file_hash: &'a (dyn Fn() -> Result<ContentHash, IntakeError> + Sync),
    pub(crate) threads: usize,
}

impl Context<'_> {
    pub(crate) const fn limits(&self) -> &Limits {
        &self.options.limits
    }

    pub(crate) fn check_stopped(&self) -> Result<(), IntakeError> {
        if self.watch.stopped() { Err(IntakeError::Cancelled) } else { Ok(()) }
    }

    /// The name of the snapshot of one table of the file.
    pub(crate) fn key(
        &self,
        member: &str,
        table: &str,
        schema: Option<&PublishedSchema>,
    ) -> Result<ContentHash, IntakeError> {
        let file_hash = (self.file_hash)()?;
        let schema = schema.map(|schema| format!("{schema:?}")).unwrap_or_default();
        let language = self.options.language.as_ref().map_or("", |language| language.as_str());
        let separator: &[u8] = &[0];
        Ok(ContentHash::of_parts([
            LOADER_VERSION.as_bytes(),
            separator,
            file_hash.as_bytes(),
            separator,
            member.as_bytes(),
            separator,
            table.as_bytes(),
            separator,
            language.as_bytes(),
            separator,
            schema.as_bytes(),
        ]))
    }

    pub(crate) fn hints(&self, delimiter: Option<u8>) -> Hints {
        let language = self.options.language.as_ref().map(|tag| tag.as_str().to_owned()).filter(|tag| tag != "und");
        Hints { language, delimiter }
    }
}

/// A table that was written, under a name for the time being.
pub(crate) struct Written {
    pub(crate) table: LoadedTable,
}

/// How a table's columns are read.
pub(crate) struct Plan {
    pub(crate) columns: Vec<Column>,
    pub(crate) readings: Vec<Reading>,
    pub(crate) decimal_mark: Option<char>,
    pub(crate) notes: Vec<String>,
}

/// Decides how columns are read: as the publisher says, else as the whole file shows.
pub(crate) fn plan(titles: &[String], profiles: &[Profile], rules: &Rules, hints: &Hints) -> Plan {
    let mut decision = decide(profiles, titles, hints);
    for (at, (reading, profile)) in decision.readings.iter_mut().zip(profiles).enumerate() {
        if let Some(declared) = rules.get(at).and_then(|rule| rule.reading(profile)) {
            *reading = declared;
        }
    }
    let names = usable_names(titles);
    let columns = titles
        .iter()
        .zip(names)
        .zip(&decision.readings)
        .enumerate()
        .map(|(at, ((title, name), reading))| {
            let (description, allowed) = rules.get(at).map(crate::declared::Rule::about).unwrap_or_default();
            let title = match rules.get(at) {
                Some(rule) if title.is_empty() => rule.field().name.clone(),
                _ => title.clone(),
            };
            Column {
                name,
                title,
                column_type: reading.column_type(),
                description,
                allowed,
                statistics: ColumnStatistics::default(),
            }
        })
        .collect();
    let mut notes = decision.notes;
    notes.extend(rules.notes.iter().cloned());
    Plan { columns, readings: decision.readings, decimal_mark: decision.decimal_mark, notes }
}

/// Refuses tables with too many columns, and tables with none.
pub(crate) fn check_columns(count: usize, limits: &Limits) -> Result<(), IntakeError> {
    let most = limits.columns.min(fairground_domain::COLUMNS_MAX);
    if count > most {
        return Err(IntakeError::TooLarge { what: "the number of columns".to_owned(), limit: most.to_string() });
    }
    if count == 0 {
        return Err(IntakeError::NotTabular { why: "there are no columns in it".to_owned() });
    }
    Ok(())
}

/// What is left to say of a table once its rows are written.
pub(crate) struct Outcome {
    pub(crate) key: ContentHash,
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) statistics: Vec<Statistics>,
    pub(crate) quarantine: (Option<PathBuf>, QuarantineSummary),
    pub(crate) source: SourceNotes,
    pub(crate) parquet: PathBuf,
}

/// Ends the Parquet file and puts the snapshot together.
pub(crate) fn finish(
    writer: write::SnapshotWriter,
    mut columns: Vec<Column>,
    outcome: Outcome,
    threads: usize,
) -> Result<Written, IntakeError> {
    let bounds: Vec<_> = outcome.statistics.iter().map(Statistics::bounds).collect();
    writer.finish(&columns, &bounds)?;
    let ranges: Vec<_> = outcome
        .statistics
        .iter()
        .zip(&columns)
        .map(|(statistics, column)| statistics.range(column.column_type).filter(|_| !column.column_type.is_spatial()))
        .collect();
    let histograms = write::histograms(&outcome.parquet, &columns, &ranges, threads)?;
    for ((column, statistics), histogram) in columns.iter_mut().zip(outcome.statistics).zip(histograms) {
        column.statistics = statistics.finish(column.column_type, histogram);
    }
    let parquet_bytes = std::fs::metadata(&outcome.parquet)?.len();
    let (quarantine, summary) = outcome.quarantine;
    let snapshot = Snapshot {
        key: outcome.key,
        name: outcome.name,
        rows: outcome.rows,
        columns,
        quarantine: summary,
        source: outcome.source,
        parquet_bytes,
    };
    Ok(Written { table: LoadedTable { snapshot, parquet: outcome.parquet, quarantine } })
}

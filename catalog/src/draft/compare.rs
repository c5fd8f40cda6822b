//! What differs between any two versions of a dataset, or a version and a draft: description, columns and numbers of rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use fairground_domain::{DatasetDraft, DatasetId, DistributionId, DraftId, SchemaChange, Snapshot, TableId, Timestamp};
use serde::Serialize;

use super::create::document_of_version;
use super::store::{self, corrupt, to_json};
use super::{Draft, LoadedTable};
use crate::dataset::{self, Dataset, distribution_ids};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, FieldChange};
use crate::member::{self, Actor};
use crate::schema::{dataset_version_tables, dataset_versions};
use crate::table::{self, ColumnChanges, Table, TableState, TableVersion};

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Nothing: everything on the other side is new.
    Nothing,
    /// A version of the dataset, by its number.
    Version(i32),
    /// A draft for the dataset.
    Draft(DraftId),
}

/// What differs between two sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Fields of the description, by their names.
    pub metadata: Vec<FieldChange>,
    /// Tables that are on either side, by title; those that are alike too.
    pub tables: Vec<TableComparison>,
}

/// One table on two sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableComparison {
    /// The table.
    pub table: TableId,
    /// What people read.
    pub title: String,
    /// How it is on the first side; `None` when it is not there.
    pub before: Option<TableFacts>,
    /// How it is on the second side; `None` when it is not there.
    pub after: Option<TableFacts>,
    /// How the second side's columns stand to the first's; `None` when it is on one side alone.
    pub change: Option<SchemaChange>,
    /// Columns that came, went or changed their type.
    pub columns: ColumnChanges,
    /// Whether both sides are made of the very same data.
    pub same_data: bool,
}

/// A table on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableFacts {
    /// The version of its own; `None` for a file that is not published.
    pub version: Option<i32>,
    /// Its rows; `None` when its data are no longer kept.
    pub rows: Option<u64>,
    /// Rows of the file that it could not take.
    pub quarantined: u64,
    /// Its columns.
    pub columns: usize,
}

/// A table as it was in a version of its dataset.
#[derive(Debug, Clone)]
pub(super) struct VersionTable {
    pub(super) table: TableId,
    pub(super) distribution: DistributionId,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) uploaded: bool,
    /// Its data; `None` when they are no longer kept.
    pub(super) version: Option<TableVersion>,
}

/// The tables that a version of a dataset had: as they were when it was published by hand, else as they were last while it was
/// the current one.
pub(super) fn tables_of_version(
    tx: &mut Tx<'_>,
    dataset: &Dataset,
    version: i32,
) -> Result<Vec<VersionTable>, CatalogError> {
    let document = document_of_version(tx, dataset, version)?;
    let listed: HashSet<DistributionId> = distribution_ids(dataset.id, &document).into_iter().collect();
    let noted = noted_tables(tx, dataset.id, version)?;
    let time = time_of(tx, dataset, version)?;
    let mut found = Vec::new();
    for known in table::list_ever_of_dataset(tx, dataset.id)? {
        // Tables that somebody uploaded to a harvested dataset are not in its description.
        let beside = known.uploaded && dataset.provenance.is_some();
        if !(listed.contains(&known.distribution_id) || beside) {
            continue;
        }
        let number = match noted.get(&known.id.to_string()) {
            Some(number) => Some(*number),
            None if !noted.is_empty() && known.uploaded => continue,
            None => None,
        };
        if number.is_none() && !was_there(&known, &time) {
            continue;
        }
        found.push(VersionTable {
            table: known.id,
            distribution: known.distribution_id,
            name: known.name.clone(),
            title: known.title.clone(),
            uploaded: known.uploaded,
            version: data_of(tx, &known, number, &time)?,
        });
    }
    Ok(found)
}

/// When a version was the current one.
#[derive(Debug)]
struct Time {
    from: Timestamp,
    /// `None` for the current version.
    until: Option<Timestamp>,
}

fn time_of(tx: &mut Tx<'_>, dataset: &Dataset, version: i32) -> Result<Time, CatalogError> {
    let mut moment = |number: i32| -> Result<Option<Timestamp>, CatalogError> {
        if number == dataset.version {
            return Ok(Some(dataset.updated_at));
        }
        let at: Option<i64> = dataset_versions::table
            .find((dataset.id.to_string(), number))
            .select(dataset_versions::published_at)
            .first(tx.conn)
            .optional()?;
        Ok(at.map(Timestamp::from_micros))
    };
    let from = moment(version)?.ok_or_else(|| CatalogError::not_found("version", version))?;
    Ok(Time { from, until: if version == dataset.version { None } else { moment(version + 1)? } })
}

fn was_there(known: &Table, time: &Time) -> bool {
    let came_before = time.until.is_none_or(|until| known.created_at < until);
    let went_before = match &known.state {
        TableState::Published => false,
        TableState::Withdrawn { at, .. } => time.until.is_none() || *at <= time.from,
    };
    came_before && !went_before
}

fn noted_tables(tx: &mut Tx<'_>, dataset: DatasetId, version: i32) -> Result<HashMap<String, i32>, CatalogError> {
    let rows: Vec<(String, i32)> = dataset_version_tables::table
        .filter(dataset_version_tables::dataset_id.eq(dataset.to_string()))
        .filter(dataset_version_tables::version.eq(version))
        .select((dataset_version_tables::table_id, dataset_version_tables::table_version))
        .load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

/// The data that a table had: by the number that was noted, else the last that was loaded in that time.
fn data_of(
    tx: &mut Tx<'_>,
    known: &Table,
    number: Option<i32>,
    time: &Time,
) -> Result<Option<TableVersion>, CatalogError> {
    let kept = match number {
        Some(number) => match table::get_version(tx, known, Some(number)) {
            Err(CatalogError::NotFound { .. }) => None,
            other => Some(other?),
        },
        None => table::list_versions(tx, known.id)?
            .into_iter()
            .find(|version| time.until.is_none_or(|until| version.loaded_at < until)),
    };
    Ok(kept)
}

/// A table on one side, whichever it is.
struct Shown {
    title: String,
    facts: TableFacts,
    snapshot: Option<Snapshot>,
}

fn of_version(found: VersionTable) -> (TableId, Shown) {
    let facts = TableFacts {
        version: found.version.as_ref().map(|version| version.version),
        rows: found.version.as_ref().map(|version| version.snapshot.rows),
        quarantined: found.version.as_ref().map_or(0, |version| version.snapshot.quarantine.rows),
        columns: found.version.as_ref().map_or(0, |version| version.snapshot.columns.len()),
    };
    (found.table, Shown { title: found.title, facts, snapshot: found.version.map(|version| version.snapshot) })
}

fn of_file(id: TableId, title: String, loaded: &LoadedTable) -> (TableId, Shown) {
    let facts = TableFacts {
        version: None,
        rows: Some(loaded.snapshot.rows),
        quarantined: loaded.snapshot.quarantine.rows,
        columns: loaded.snapshot.columns.len(),
    };
    (id, Shown { title, facts, snapshot: Some(loaded.snapshot.clone()) })
}

type Tables = BTreeMap<TableId, Shown>;

/// What a draft would have: its files, and what its dataset has now for the distributions that it still lists.
fn tables_of_draft(tx: &mut Tx<'_>, draft: &Draft, base: Option<&Dataset>) -> Result<Tables, CatalogError> {
    let listed: HashSet<DistributionId> =
        distribution_ids(draft.dataset, &draft.content.document).into_iter().collect();
    let brought: HashSet<DistributionId> = draft.files.iter().map(|file| file.distribution).collect();
    let mut tables = Tables::new();
    if let Some(base) = base {
        for found in tables_of_version(tx, base, base.version)? {
            if listed.contains(&found.distribution) && !brought.contains(&found.distribution) {
                let (id, shown) = of_version(found);
                tables.insert(id, shown);
            }
        }
    }
    for file in &draft.files {
        for loaded in &file.tables {
            let title = if file.tables.len() > 1 {
                format!("{}: {}", file.file_name, loaded.snapshot.name)
            } else {
                file.file_name.clone()
            };
            let (id, shown) = of_file(file.table_id(loaded), title, loaded);
            tables.insert(id, shown);
        }
    }
    Ok(tables)
}

/// Compares two sides of a dataset for those who work for its publisher.
///
/// # Errors
/// `NotFound` for what there is not, and for strangers to the publisher; for strangers to whom the dataset is public there is
/// [`compare_versions`].
pub fn compare(
    tx: &mut Tx<'_>,
    actor: &Actor,
    dataset: DatasetId,
    before: Side,
    after: Side,
) -> Result<Comparison, CatalogError> {
    let known = match dataset::get(tx, &dataset.to_string()) {
        Err(CatalogError::NotFound { .. }) => None,
        other => Some(other?),
    };
    if let Some(known) = &known {
        let unknown = || CatalogError::not_found("dataset", dataset);
        let publisher = known.publisher.as_ref().map(|publisher| publisher.id).ok_or_else(unknown)?;
        match member::must_see(tx, actor, publisher) {
            Err(CatalogError::NotFound { .. }) => return Err(unknown()),
            other => other?,
        };
    }
    let first = side(tx, actor, dataset, known.as_ref(), before)?;
    let second = side(tx, actor, dataset, known.as_ref(), after)?;
    compared(first, second)
}

/// Compares two versions of a public dataset.
///
/// # Errors
/// `NotFound` for what there is not or is not public, `Withdrawn` when the dataset is no longer.
pub fn compare_versions(tx: &mut Tx<'_>, dataset: &str, before: i32, after: i32) -> Result<Comparison, CatalogError> {
    let known = dataset::get_public(tx, dataset)?;
    let first = version(tx, &known, before)?;
    let second = version(tx, &known, after)?;
    compared(first, second)
}

fn version(tx: &mut Tx<'_>, known: &Dataset, number: i32) -> Result<(DatasetDraft, Tables), CatalogError> {
    let document = document_of_version(tx, known, number)?;
    Ok((document, tables_of_version(tx, known, number)?.into_iter().map(of_version).collect()))
}

fn side(
    tx: &mut Tx<'_>,
    actor: &Actor,
    dataset: DatasetId,
    known: Option<&Dataset>,
    side: Side,
) -> Result<(DatasetDraft, Tables), CatalogError> {
    match side {
        Side::Nothing => Ok((DatasetDraft::default(), Tables::new())),
        Side::Version(number) => {
            let known = known.ok_or_else(|| CatalogError::not_found("version", number))?;
            version(tx, known, number)
        }
        Side::Draft(id) => {
            let draft = store::get(tx, actor, id)?;
            if draft.dataset != dataset {
                return Err(CatalogError::not_found("draft", id));
            }
            let tables = tables_of_draft(tx, &draft, known)?;
            Ok((draft.content.document, tables))
        }
    }
}

fn compared(first: (DatasetDraft, Tables), second: (DatasetDraft, Tables)) -> Result<Comparison, CatalogError> {
    let ((document, mut before), (other, after)) = (first, second);
    let metadata = harvest::diff(&to_json(&document)?, &to_json(&other)?).map_err(corrupt)?;
    let mut tables: Vec<TableComparison> = Vec::with_capacity(after.len());
    for (id, shown) in after {
        tables.push(match before.remove(&id) {
            Some(earlier) => both(id, earlier, shown),
            None => one(id, shown.title, None, Some(shown.facts)),
        });
    }
    tables.extend(before.into_iter().map(|(id, shown)| one(id, shown.title, Some(shown.facts), None)));
    tables.sort_by(|one, other| (&one.title, one.table).cmp(&(&other.title, other.table)));
    Ok(Comparison { metadata, tables })
}

fn one(table: TableId, title: String, before: Option<TableFacts>, after: Option<TableFacts>) -> TableComparison {
    TableComparison { table, title, before, after, change: None, columns: ColumnChanges::default(), same_data: false }
}

fn both(table: TableId, earlier: Shown, shown: Shown) -> TableComparison {
    let (change, columns, same_data) = match (&earlier.snapshot, &shown.snapshot) {
        (Some(old), Some(new)) if old.key == new.key => (Some(SchemaChange::Same), ColumnChanges::default(), true),
        (Some(old), Some(new)) => {
            (Some(SchemaChange::between(&old.columns, &new.columns)), ColumnChanges::between(old, new), false)
        }
        _ => (None, ColumnChanges::default(), false),
    };
    TableComparison {
        table,
        title: shown.title,
        before: Some(earlier.facts),
        after: Some(shown.facts),
        change,
        columns,
        same_data,
    }
}

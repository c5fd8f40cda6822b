//! Every statement that reads tables and their versions.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetId, DistributionId, SchemaChange, Slug, Snapshot, TableId, Timestamp};

use super::{Table, TableState, TableVersion};
use crate::dataset::PublicationState;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{datasets, table_versions, tables};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tables, treat_none_as_default_value = false)]
pub(super) struct TableRow {
    pub(super) id: String,
    pub(super) dataset_id: String,
    pub(super) distribution_id: String,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) uploaded: bool,
    pub(super) state: String,
    pub(super) version: i32,
    pub(super) snapshot_key: String,
    pub(super) row_count: i64,
    pub(super) quarantined: i64,
    pub(super) column_titles: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) withdrawn_at: Option<i64>,
    pub(super) withdrawn_reason: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table_versions, treat_none_as_default_value = false)]
pub(super) struct VersionRow {
    pub(super) table_id: String,
    pub(super) version: i32,
    pub(super) snapshot_key: String,
    pub(super) row_count: i64,
    pub(super) quarantined: i64,
    pub(super) document: String,
    pub(super) source_hash: String,
    pub(super) change: String,
    pub(super) loaded_at: i64,
    pub(super) retired_at: Option<i64>,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("table", problem)
}

pub(super) fn count_column(count: u64) -> Result<i64, CatalogError> {
    i64::try_from(count).map_err(corrupt)
}

fn count_of(column: i64) -> Result<u64, CatalogError> {
    u64::try_from(column).map_err(corrupt)
}

impl TryFrom<TableRow> for Table {
    type Error = CatalogError;

    fn try_from(row: TableRow) -> Result<Self, CatalogError> {
        let state = match row.state.as_str() {
            TableState::PUBLISHED => TableState::Published,
            TableState::WITHDRAWN => TableState::Withdrawn {
                at: Timestamp::from_micros(row.withdrawn_at.unwrap_or(row.updated_at)),
                reason: row.withdrawn_reason.unwrap_or_default(),
            },
            other => return Err(corrupt(format!("state `{other}`"))),
        };
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            slug: row.slug.parse().map_err(corrupt)?,
            dataset_id: row.dataset_id.parse().map_err(corrupt)?,
            distribution_id: row.distribution_id.parse().map_err(corrupt)?,
            name: row.name,
            title: row.title,
            uploaded: row.uploaded,
            state,
            version: row.version,
            snapshot_key: row.snapshot_key.parse().map_err(corrupt)?,
            rows: count_of(row.row_count)?,
            quarantined: count_of(row.quarantined)?,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

/// The class that a row's text names.
fn parse_change(text: &str) -> Option<SchemaChange> {
    [SchemaChange::First, SchemaChange::Same, SchemaChange::Compatible, SchemaChange::Breaking]
        .into_iter()
        .find(|change| change.as_str() == text)
}

impl TryFrom<VersionRow> for TableVersion {
    type Error = CatalogError;

    fn try_from(row: VersionRow) -> Result<Self, CatalogError> {
        Ok(Self {
            table_id: row.table_id.parse().map_err(corrupt)?,
            version: row.version,
            snapshot: serde_json::from_str(&row.document).map_err(corrupt)?,
            source_hash: row.source_hash.parse().map_err(corrupt)?,
            change: parse_change(&row.change).ok_or_else(|| corrupt(format!("change `{}`", row.change)))?,
            loaded_at: Timestamp::from_micros(row.loaded_at),
            retired_at: row.retired_at.map(Timestamp::from_micros),
        })
    }
}

/// The table of that id or slug, whatever its state and its dataset's.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_table(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Option<Table>, CatalogError> {
    let query = tables::table.select(TableRow::as_select());
    let row: Option<TableRow> = match id_or_slug.parse::<TableId>() {
        Ok(id) => query.filter(tables::id.eq(id.to_string())).first(tx.conn).optional()?,
        Err(_) => query.filter(tables::slug.eq(id_or_slug)).first(tx.conn).optional()?,
    };
    row.map(Table::try_from).transpose()
}

/// As [`find_table`].
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_table(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Table, CatalogError> {
    find_table(tx, id_or_slug)?.ok_or_else(|| CatalogError::not_found("table", id_or_slug))
}

/// The table of that id or slug, if everybody may read it: it is published, and so is its dataset.
///
/// # Errors
/// `NotFound` when there is none or the gate holds its dataset, `Withdrawn` when table or dataset are no longer public.
pub fn get_public(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Table, CatalogError> {
    let query = tables::table.inner_join(datasets::table).select((TableRow::as_select(), datasets::state));
    let found: Option<(TableRow, String)> = match id_or_slug.parse::<TableId>() {
        Ok(id) => query.filter(tables::id.eq(id.to_string())).first(tx.conn).optional()?,
        Err(_) => query.filter(tables::slug.eq(id_or_slug)).first(tx.conn).optional()?,
    };
    let (row, dataset_state) = found.ok_or_else(|| CatalogError::not_found("table", id_or_slug))?;
    if dataset_state == PublicationState::Held.as_str() {
        return Err(CatalogError::not_found("table", id_or_slug));
    }
    let table = Table::try_from(row)?;
    if dataset_state != PublicationState::Published.as_str() || table.state != TableState::Published {
        return Err(CatalogError::Withdrawn { what: "table", name: id_or_slug.to_owned() });
    }
    Ok(table)
}

/// A version of a table, the current one without a number. Visibility is the caller's question ([`get_public`]).
///
/// # Errors
/// `NotFound` when there is no such version, or it is no longer kept.
pub fn get_version(tx: &mut Tx<'_>, table: &Table, version: Option<i32>) -> Result<TableVersion, CatalogError> {
    let version = version.unwrap_or(table.version);
    table_versions::table
        .find((table.id.to_string(), version))
        .select(VersionRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("version", version))?
        .try_into()
}

/// The versions of a table that are kept, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_versions(tx: &mut Tx<'_>, table: TableId) -> Result<Vec<TableVersion>, CatalogError> {
    let rows: Vec<VersionRow> = table_versions::table
        .filter(table_versions::table_id.eq(table.to_string()))
        .order(table_versions::version.desc())
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(TableVersion::try_from).collect()
}

/// The published tables of a dataset, by slug. Whether the dataset is public is the caller's question.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_of_dataset(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Vec<Table>, CatalogError> {
    let rows: Vec<TableRow> = tables::table
        .filter(tables::dataset_id.eq(dataset.to_string()))
        .filter(tables::state.eq(TableState::PUBLISHED))
        .order(tables::slug)
        .select(TableRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Table::try_from).collect()
}

/// The published tables of these datasets, `most` of each at most, in the order of their names.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_of_datasets(
    tx: &mut Tx<'_>,
    datasets: &[DatasetId],
    most: usize,
) -> Result<HashMap<DatasetId, Vec<Table>>, CatalogError> {
    /// Keeps a statement's places under every database's limit.
    const CHUNK: usize = 500;
    let mut found: HashMap<DatasetId, Vec<Table>> = HashMap::new();
    for chunk in datasets.chunks(CHUNK) {
        let rows: Vec<TableRow> = tables::table
            .filter(tables::dataset_id.eq_any(chunk.iter().map(ToString::to_string)))
            .filter(tables::state.eq(TableState::PUBLISHED))
            .order((tables::dataset_id, tables::slug))
            .select(TableRow::as_select())
            .load(tx.conn)?;
        for row in rows {
            let table = Table::try_from(row)?;
            let of_dataset = found.entry(table.dataset_id).or_default();
            if of_dataset.len() < most {
                of_dataset.push(table);
            }
        }
    }
    Ok(found)
}

/// Which distributions of these datasets have published tables.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_distributions(tx: &mut Tx<'_>, datasets: &[String]) -> Result<Vec<String>, CatalogError> {
    const CHUNK: usize = 500;
    let mut found = Vec::new();
    for chunk in datasets.chunks(CHUNK) {
        let some: Vec<String> = tables::table
            .filter(tables::dataset_id.eq_any(chunk))
            .filter(tables::state.eq(TableState::PUBLISHED))
            .select(tables::distribution_id)
            .distinct()
            .load(tx.conn)?;
        found.extend(some);
    }
    Ok(found)
}

/// The published tables of a distribution, by name: the sheets of a workbook, the files of an archive. Whether its dataset is
/// public is the caller's question.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_of_distribution(tx: &mut Tx<'_>, distribution: DistributionId) -> Result<Vec<Table>, CatalogError> {
    let rows: Vec<TableRow> = tables::table
        .filter(tables::distribution_id.eq(distribution.to_string()))
        .filter(tables::state.eq(TableState::PUBLISHED))
        .order((tables::name, tables::id))
        .select(TableRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Table::try_from).collect()
}

/// A public table with the dataset that it belongs to, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCard {
    /// The table.
    pub table: Table,
    /// Its dataset's readable address.
    pub dataset_slug: Slug,
}

/// Public tables whose id comes after `after`, by id.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_tables(tx: &mut Tx<'_>, after: Option<TableId>, limit: i64) -> Result<Vec<TableCard>, CatalogError> {
    let rows: Vec<(TableRow, String)> = tables::table
        .inner_join(datasets::table)
        .filter(tables::state.eq(TableState::PUBLISHED))
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .filter(tables::id.gt(after.map(|id| id.to_string()).unwrap_or_default()))
        .order(tables::id)
        .limit(limit)
        .select((TableRow::as_select(), datasets::slug))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(row, slug)| Ok(TableCard { table: row.try_into()?, dataset_slug: slug.parse().map_err(corrupt)? }))
        .collect()
}

/// How many tables are public.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_tables(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    Ok(tables::table
        .inner_join(datasets::table)
        .filter(tables::state.eq(TableState::PUBLISHED))
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .count()
        .get_result(tx.conn)?)
}

/// Snapshots that somebody may read now (current versions of published tables), with their rows, by table id from after
/// `after`: what a check holds against the object store, and a backup copies.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_current_snapshots(
    tx: &mut Tx<'_>,
    after: Option<TableId>,
    limit: i64,
) -> Result<Vec<(TableId, Snapshot)>, CatalogError> {
    let rows: Vec<(String, String)> = tables::table
        .inner_join(
            table_versions::table
                .on(table_versions::table_id.eq(tables::id).and(table_versions::version.eq(tables::version))),
        )
        .filter(tables::state.eq(TableState::PUBLISHED))
        .filter(tables::id.gt(after.map(|id| id.to_string()).unwrap_or_default()))
        .order(tables::id)
        .limit(limit)
        .select((tables::id, table_versions::document))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(id, document)| Ok((id.parse().map_err(corrupt)?, serde_json::from_str(&document).map_err(corrupt)?)))
        .collect()
}

/// The titles of the columns of each dataset's published tables, for search.
pub(crate) fn titles_by_dataset(
    tx: &mut Tx<'_>,
    datasets: &[String],
) -> Result<HashMap<String, Vec<String>>, CatalogError> {
    const CHUNK: usize = 500;
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    for chunk in datasets.chunks(CHUNK) {
        let rows: Vec<(String, String)> = tables::table
            .filter(tables::dataset_id.eq_any(chunk))
            .filter(tables::state.eq(TableState::PUBLISHED))
            .order(tables::id)
            .select((tables::dataset_id, tables::column_titles))
            .load(tx.conn)?;
        for (dataset, titles) in rows {
            let titles: Vec<String> = serde_json::from_str(&titles).map_err(corrupt)?;
            let known = all.entry(dataset).or_default();
            for title in titles {
                if !known.contains(&title) {
                    known.push(title);
                }
            }
        }
    }
    Ok(all)
}

/// The rows of a distribution's tables, whatever their state.
pub(super) fn rows_of_distribution(
    tx: &mut Tx<'_>,
    distribution: DistributionId,
) -> Result<Vec<TableRow>, CatalogError> {
    Ok(tables::table
        .filter(tables::distribution_id.eq(distribution.to_string()))
        .order(tables::id)
        .select(TableRow::as_select())
        .load(tx.conn)?)
}

/// Whether a distribution's published tables were made from the file of that digest.
pub(crate) fn is_current(
    tx: &mut Tx<'_>,
    distribution: DistributionId,
    source_hash: ContentHash,
) -> Result<bool, CatalogError> {
    let found: Option<String> = tables::table
        .inner_join(
            table_versions::table
                .on(table_versions::table_id.eq(tables::id).and(table_versions::version.eq(tables::version))),
        )
        .filter(tables::distribution_id.eq(distribution.to_string()))
        .filter(tables::state.eq(TableState::PUBLISHED))
        .filter(table_versions::source_hash.eq(source_hash.to_string()))
        .select(tables::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// A key that a row holds.
pub(super) fn parse_key(text: &str) -> Result<ContentHash, CatalogError> {
    text.parse().map_err(corrupt)
}

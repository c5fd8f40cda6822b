//! What publishing by hand asks of tables: all of a dataset's, those whose distribution went, and what people say of columns.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;
use fairground_domain::{DatasetId, DistributionId, Snapshot, TableId};

use super::file::forget_files;
use super::publish::{column_titles, withdraw_rows};
use super::store::{TableRow, corrupt};
use super::{Table, TableState};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::Event;
use crate::schema::{column_words, table_versions, tables};

/// What readers are told of a table whose distribution an editor took out.
const TAKEN_OUT: &str = "Its dataset no longer lists its file.";

/// What people say about one column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnWords {
    /// The table.
    pub(crate) table: TableId,
    /// The column's public name.
    pub(crate) column: String,
    /// What people read over it; `None` leaves it.
    pub(crate) title: Option<String>,
    /// What it means; `None` leaves it.
    pub(crate) description: Option<String>,
}

/// Every table that a dataset has or had, by slug.
pub(crate) fn list_ever_of_dataset(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Vec<Table>, CatalogError> {
    let rows: Vec<TableRow> = tables::table
        .filter(tables::dataset_id.eq(dataset.to_string()))
        .order(tables::slug)
        .select(TableRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Table::try_from).collect()
}

/// Withdraws the published tables of a dataset made here whose distributions it no longer lists, uploaded ones too; gives the
/// journal's entries for it.
pub(crate) fn withdraw_gone(
    tx: &mut Tx<'_>,
    dataset: DatasetId,
    listed: &HashSet<DistributionId>,
    actor: &str,
) -> Result<Vec<Event>, CatalogError> {
    let mut rows: Vec<TableRow> = tables::table
        .filter(tables::dataset_id.eq(dataset.to_string()))
        .filter(tables::state.eq(TableState::PUBLISHED))
        .order(tables::id)
        .select(TableRow::as_select())
        .load(tx.conn)?;
    let listed: HashSet<String> = listed.iter().map(ToString::to_string).collect();
    rows.retain(|row| !listed.contains(&row.distribution_id));
    let files: Vec<String> = rows.iter().map(|row| row.distribution_id.clone()).collect();
    forget_files(tx, &files)?;
    withdraw_rows(tx, &rows, TAKEN_OUT, actor)
}

/// Writes what people say of columns into the current versions of their tables, and keeps it for those that come. Tables and
/// columns that there are not are passed over: a file may have changed since.
pub(crate) fn describe(tx: &mut Tx<'_>, words: &[ColumnWords]) -> Result<(), CatalogError> {
    let mut by_table: BTreeMap<String, Vec<&ColumnWords>> = BTreeMap::new();
    for one in words {
        by_table.entry(one.table.to_string()).or_default().push(one);
    }
    for (id, words) in by_table {
        let row: Option<TableRow> = tables::table.find(&id).select(TableRow::as_select()).first(tx.conn).optional()?;
        let Some(row) = row else { continue };
        for said in &words {
            keep(tx, &id, said)?;
        }
        let document: Option<String> = table_versions::table
            .find((&id, row.version))
            .select(table_versions::document)
            .first(tx.conn)
            .optional()?;
        let Some(document) = document else { continue };
        let mut snapshot: Snapshot = serde_json::from_str(&document).map_err(corrupt)?;
        for said in words {
            say(&mut snapshot, &said.column, said.title.as_deref(), said.description.as_deref());
        }
        let after = serde_json::to_string(&snapshot).map_err(corrupt)?;
        if after == document {
            continue;
        }
        diesel::update(table_versions::table.find((&id, row.version)))
            .set(table_versions::document.eq(after))
            .execute(tx.conn)?;
        diesel::update(tables::table.find(&id))
            .set(tables::column_titles.eq(column_titles(&snapshot)?))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn say(snapshot: &mut Snapshot, name: &str, title: Option<&str>, description: Option<&str>) {
    let Some(column) = snapshot.columns.iter_mut().find(|column| column.name == name) else { return };
    if let Some(title) = title {
        title.clone_into(&mut column.title);
    }
    if let Some(description) = description {
        column.description = Some(description.to_owned()).filter(|text| !text.trim().is_empty());
    }
}

/// Keeps what people say of a column; what they do not speak of stays as they said it before.
fn keep(tx: &mut Tx<'_>, table: &str, said: &ColumnWords) -> Result<(), CatalogError> {
    let place = column_words::table.find((table, &said.column));
    let known: Option<(Option<String>, Option<String>)> =
        place.select((column_words::title, column_words::description)).first(tx.conn).optional()?;
    let (title, description) = known.unwrap_or_default();
    diesel::delete(column_words::table.find((table, &said.column))).execute(tx.conn)?;
    diesel::insert_into(column_words::table)
        .values((
            column_words::table_id.eq(table),
            column_words::column_name.eq(&said.column),
            column_words::title.eq(said.title.clone().or(title)),
            column_words::description.eq(said.description.clone().or(description)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A new version of a table with what people said of its columns before, matched by name.
pub(super) fn with_words(tx: &mut Tx<'_>, table: TableId, snapshot: &Snapshot) -> Result<Snapshot, CatalogError> {
    let kept: Vec<(String, Option<String>, Option<String>)> = column_words::table
        .filter(column_words::table_id.eq(table.to_string()))
        .select((column_words::column_name, column_words::title, column_words::description))
        .load(tx.conn)?;
    let mut snapshot = snapshot.clone();
    for (name, title, description) in kept {
        say(&mut snapshot, &name, title.as_deref(), description.as_deref());
    }
    Ok(snapshot)
}

//! Bringing loaded tables into view: whole files at a time, versions swapped in the transaction that tells the journal.

use std::collections::HashSet;

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetId, DistributionId, SchemaChange, Slug, Snapshot, TableId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::by_hand::with_words;
use super::file::{FileRow, save_file};
use super::load::{LoadJob, LoadProgress, complete_load};
use super::retain::{prune_versions, unretire};
use super::store::{TableRow, VersionRow, corrupt, count_column, parse_key, rows_of_distribution};
use super::{ColumnChanges, DistributionFile, TableState};
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::job::{Lease, heartbeat};
use crate::journal::{self, Event, EventKind};
use crate::schema::{datasets, table_versions, tables};

/// Columns whose titles search learns, of one table.
const SEARCHED_COLUMNS: usize = 500;
/// What readers are told of a table that its file no longer holds.
const NOT_IN_FILE: &str = "Its file no longer holds it.";

/// A table that was made from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadedTable {
    /// What tells it from the other tables of its file: the sheet's or the archive member's name; empty where the file is the
    /// table, so that a renamed file stays the same table.
    pub key: String,
    /// What it became.
    pub snapshot: Snapshot,
}

/// A file whose snapshots lie in the object store, ready to be published.
#[derive(Debug, Clone)]
pub struct LoadedFile {
    /// The dataset.
    pub dataset: DatasetId,
    /// The distribution whose file it is.
    pub distribution: DistributionId,
    /// The distribution's title; empty when it has none.
    pub title: String,
    /// Whether somebody uploaded it.
    pub uploaded: bool,
    /// SHA-256 of the file.
    pub source_hash: ContentHash,
    /// The tables in it.
    pub tables: Vec<LoadedTable>,
}

/// What became of a table that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The table.
    pub id: TableId,
    /// Its readable address.
    pub slug: Slug,
    /// Its current version.
    pub version: i32,
    /// Whether that version is new; otherwise the table was as before.
    pub is_new: bool,
    /// How its columns stand to those of the version before.
    pub change: SchemaChange,
    /// Rows in it.
    pub rows: u64,
    /// Rows of the file that it could not take.
    pub quarantined: u64,
}

/// Publishes what a load brought and ends its job well: tables, versions, journal entries, the file's validators and the job's
/// end, all of it or nothing.
///
/// # Errors
/// `LeaseLost`, `Cancelled` when the job is no longer ours; `NotFound` when the dataset is gone; `Storage` when the database fails.
pub fn publish_load(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: &LoadProgress,
    file: &LoadedFile,
    seen: &DistributionFile,
    versions_kept: u32,
) -> Result<(LoadJob, Vec<Published>), CatalogError> {
    heartbeat(tx, lease)?;
    let published = publish_snapshots(tx, file, versions_kept, "loader")?;
    save_file(tx, &FileRow::of(seen, tx.now)?)?;
    let count = |is_new: bool| published.iter().filter(|table| table.is_new == is_new).count();
    let mut progress = progress.clone();
    progress.loaded = u64::try_from(count(true)).map_err(corrupt)?;
    progress.unchanged = u64::try_from(count(false)).map_err(corrupt)?;
    progress.rows = published.iter().map(|table| table.rows).sum();
    progress.quarantined = published.iter().filter(|table| table.is_new).map(|table| table.quarantined).sum();
    Ok((complete_load(tx, lease, progress)?, published))
}

/// Publishes the tables of a file: a table whose snapshot is new gets a new version, one whose snapshot is the current one stays,
/// and those that the file no longer holds are withdrawn. Versions beyond the newest `versions_kept` are let go.
///
/// # Errors
/// `NotFound` when the dataset is gone; `Storage` when the database fails.
pub fn publish_snapshots(
    tx: &mut Tx<'_>,
    file: &LoadedFile,
    versions_kept: u32,
    actor: &str,
) -> Result<Vec<Published>, CatalogError> {
    let dataset = DatasetName::find(tx, file.dataset)?;
    let known = rows_of_distribution(tx, file.distribution)?;
    let mut publishing = Publishing { file, dataset, actor, versions_kept, events: Vec::new() };
    let mut published = Vec::with_capacity(file.tables.len());
    let mut ids = HashSet::new();
    for table in &file.tables {
        let id = TableId::derived(file.distribution, &table.key);
        if !ids.insert(id.to_string()) {
            return Err(CatalogError::Invalid {
                field: "tables",
                problem: format!("the file holds two tables named `{}`", table.key),
            });
        }
        let before = known.iter().find(|row| row.id == id.to_string());
        published.push(match before {
            Some(row) => publishing.renew(tx, id, row, &table.snapshot)?,
            None => publishing.create(tx, id, &table.snapshot)?,
        });
    }
    let gone: Vec<TableRow> =
        known.into_iter().filter(|row| row.state == TableState::PUBLISHED && !ids.contains(&row.id)).collect();
    publishing.events.extend(withdraw_rows(tx, &gone, NOT_IN_FILE, actor)?);
    let events = publishing.events;
    journal::append_all(tx, events)?;
    Ok(published)
}

/// What is needed of a dataset to name its tables.
struct DatasetName {
    slug: String,
    title: String,
}

impl DatasetName {
    fn find(tx: &mut Tx<'_>, id: DatasetId) -> Result<Self, CatalogError> {
        let (slug, document): (String, String) = datasets::table
            .find(id.to_string())
            .select((datasets::slug, datasets::document))
            .first(tx.conn)
            .optional()?
            .ok_or_else(|| CatalogError::not_found("dataset", id))?;
        let draft = fairground_domain::DatasetDraft::from_document(&document).map_err(corrupt)?;
        Ok(Self { slug, title: draft.title.any().to_owned() })
    }
}

struct Publishing<'a> {
    file: &'a LoadedFile,
    dataset: DatasetName,
    actor: &'a str,
    versions_kept: u32,
    events: Vec<Event>,
}

impl Publishing<'_> {
    /// The first version of a table that was not known.
    fn create(&mut self, tx: &mut Tx<'_>, id: TableId, snapshot: &Snapshot) -> Result<Published, CatalogError> {
        let slug = self.slug_for(tx, id, snapshot)?;
        let now = tx.now.as_micros();
        let row = TableRow {
            id: id.to_string(),
            dataset_id: self.file.dataset.to_string(),
            distribution_id: self.file.distribution.to_string(),
            slug: slug.to_string(),
            name: snapshot.name.clone(),
            title: self.title_of(snapshot),
            uploaded: self.file.uploaded,
            state: TableState::PUBLISHED.to_owned(),
            version: 1,
            snapshot_key: snapshot.key.to_string(),
            row_count: count_column(snapshot.rows)?,
            quarantined: count_column(snapshot.quarantine.rows)?,
            column_titles: column_titles(snapshot)?,
            created_at: now,
            updated_at: now,
            withdrawn_at: None,
            withdrawn_reason: None,
        };
        insert_rows!(tx, tables::table, std::slice::from_ref(&row));
        self.insert_version(tx, &row, snapshot, SchemaChange::First)?;
        self.announce(&row, SchemaChange::First, &ColumnChanges::default());
        published(&row, id, true, SchemaChange::First)
    }

    /// A new version of a known table, or nothing when its snapshot is the current one. A withdrawn table is back.
    fn renew(
        &mut self,
        tx: &mut Tx<'_>,
        id: TableId,
        before: &TableRow,
        snapshot: &Snapshot,
    ) -> Result<Published, CatalogError> {
        let was_published = before.state == TableState::PUBLISHED;
        let same = parse_key(&before.snapshot_key)? == snapshot.key;
        let mut row = before.clone();
        row.title = self.title_of(snapshot);
        row.name.clone_from(&snapshot.name);
        if same && was_published {
            if row.title != before.title || row.name != before.name {
                diesel::update(tables::table.find(&row.id))
                    .set((tables::title.eq(&row.title), tables::name.eq(&row.name)))
                    .execute(tx.conn)?;
            }
            return published(&row, id, false, SchemaChange::Same);
        }
        let snapshot = &with_words(tx, id, snapshot)?;
        let current = self.snapshot_of(tx, before)?;
        let (change, changes) = match (&current, same) {
            (_, true) => (SchemaChange::Same, ColumnChanges::default()),
            (Some(current), false) => {
                (SchemaChange::between(&current.columns, &snapshot.columns), ColumnChanges::between(current, snapshot))
            }
            (None, false) => (SchemaChange::Same, ColumnChanges::default()),
        };
        row.version += i32::from(!same);
        row.snapshot_key = snapshot.key.to_string();
        row.row_count = count_column(snapshot.rows)?;
        row.quarantined = count_column(snapshot.quarantine.rows)?;
        row.column_titles = column_titles(snapshot)?;
        row.updated_at = tx.now.as_micros();
        if !same {
            self.insert_version(tx, &row, snapshot, change)?;
        }
        let changed = diesel::update(tables::table.find(&row.id).filter(tables::version.eq(before.version)))
            .set((
                tables::name.eq(&row.name),
                tables::title.eq(&row.title),
                tables::state.eq(TableState::PUBLISHED),
                tables::version.eq(row.version),
                tables::snapshot_key.eq(&row.snapshot_key),
                tables::row_count.eq(row.row_count),
                tables::quarantined.eq(row.quarantined),
                tables::column_titles.eq(&row.column_titles),
                tables::updated_at.eq(row.updated_at),
                tables::withdrawn_at.eq(None::<i64>),
                tables::withdrawn_reason.eq(None::<String>),
            ))
            .execute(tx.conn)?;
        if changed != 1 {
            return Err(corrupt(format!("two loads changed {} at once", row.id)));
        }
        prune_versions(tx, id, self.versions_kept)?;
        self.announce(&row, change, &changes);
        published(&row, id, true, change)
    }

    fn snapshot_of(&self, tx: &mut Tx<'_>, row: &TableRow) -> Result<Option<Snapshot>, CatalogError> {
        let document: Option<String> = table_versions::table
            .find((&row.id, row.version))
            .select(table_versions::document)
            .first(tx.conn)
            .optional()?;
        document.map(|document| serde_json::from_str(&document).map_err(corrupt)).transpose()
    }

    /// The version becomes the current one; the one before is retired.
    fn insert_version(
        &self,
        tx: &mut Tx<'_>,
        row: &TableRow,
        snapshot: &Snapshot,
        change: SchemaChange,
    ) -> Result<(), CatalogError> {
        let now = tx.now.as_micros();
        diesel::update(
            table_versions::table
                .filter(table_versions::table_id.eq(&row.id))
                .filter(table_versions::retired_at.is_null()),
        )
        .set(table_versions::retired_at.eq(now))
        .execute(tx.conn)?;
        let version = VersionRow {
            table_id: row.id.clone(),
            version: row.version,
            snapshot_key: row.snapshot_key.clone(),
            row_count: row.row_count,
            quarantined: row.quarantined,
            document: serde_json::to_string(snapshot).map_err(corrupt)?,
            source_hash: self.file.source_hash.to_string(),
            change: change.as_str().to_owned(),
            loaded_at: now,
            retired_at: None,
        };
        insert_rows!(tx, table_versions::table, std::slice::from_ref(&version));
        unretire(tx, &row.snapshot_key)
    }

    fn announce(&mut self, row: &TableRow, change: SchemaChange, changes: &ColumnChanges) {
        let mut payload = json!({
            "slug": row.slug,
            "dataset": row.dataset_id,
            "version": row.version,
            "rows": row.row_count,
            "quarantined": row.quarantined,
            "snapshot": row.snapshot_key,
            "change": change.as_str(),
        });
        if !changes.is_empty() {
            payload["columns"] = json!(changes);
        }
        self.events.push(Event {
            kind: EventKind::TablePublished,
            subject_id: row.id.clone(),
            actor: self.actor.to_owned(),
            payload,
        });
    }

    /// The distribution's title, else the dataset's; with the table's own name where the file holds several.
    fn title_of(&self, snapshot: &Snapshot) -> String {
        let of_file = if self.file.title.trim().is_empty() { &self.dataset.title } else { &self.file.title };
        match (self.file.tables.len() > 1, of_file.trim()) {
            (_, "") => snapshot.name.clone(),
            (true, title) => format!("{title}: {}", snapshot.name),
            (false, title) => title.to_owned(),
        }
    }

    /// The dataset's slug and the table's name; where that is taken, with the format, then with a piece of the id.
    fn slug_for(&self, tx: &mut Tx<'_>, id: TableId, snapshot: &Snapshot) -> Result<Slug, CatalogError> {
        const DIGITS: usize = 8;
        let dataset: Slug = self.dataset.slug.parse().map_err(corrupt)?;
        let plain = match Slug::from_title(&snapshot.name) {
            Some(name) if name == dataset => dataset,
            Some(name) if name.as_str().starts_with(&format!("{dataset}-")) => name,
            Some(name) => Slug::from_title(&format!("{dataset} {name}")).unwrap_or(dataset),
            None => dataset,
        };
        let format = Slug::from_title(&snapshot.source.format).map(|format| plain.with_suffix(format.as_str()));
        let digest: String = ContentHash::of(id.to_string().as_bytes()).to_string().chars().take(DIGITS).collect();
        let last = plain.with_suffix(&digest);
        for slug in std::iter::once(plain).chain(format) {
            let taken: i64 = tables::table.filter(tables::slug.eq(slug.as_str())).count().get_result(tx.conn)?;
            // A slug that reads as an id would be taken for one.
            if taken == 0 && slug.as_str().parse::<TableId>().is_err() {
                return Ok(slug);
            }
        }
        Ok(last)
    }
}

fn published(row: &TableRow, id: TableId, is_new: bool, change: SchemaChange) -> Result<Published, CatalogError> {
    Ok(Published {
        id,
        slug: row.slug.parse().map_err(corrupt)?,
        version: row.version,
        is_new,
        change,
        rows: u64::try_from(row.row_count).map_err(corrupt)?,
        quarantined: u64::try_from(row.quarantined).map_err(corrupt)?,
    })
}

/// The titles of a table's columns (their names where they have none), as the row keeps them for search.
pub(super) fn column_titles(snapshot: &Snapshot) -> Result<String, CatalogError> {
    let titles: Vec<&str> = snapshot
        .columns
        .iter()
        .take(SEARCHED_COLUMNS)
        .map(|column| if column.title.trim().is_empty() { column.name.as_str() } else { column.title.trim() })
        .collect();
    serde_json::to_string(&titles).map_err(corrupt)
}

/// Takes tables out of view; gives the journal's entries for it.
pub(super) fn withdraw_rows(
    tx: &mut Tx<'_>,
    rows: &[TableRow],
    reason: &str,
    actor: &str,
) -> Result<Vec<Event>, CatalogError> {
    const CHUNK: usize = 500;
    for chunk in rows.chunks(CHUNK) {
        let ids: Vec<&str> = chunk.iter().map(|row| row.id.as_str()).collect();
        diesel::update(tables::table.filter(tables::id.eq_any(&ids)))
            .set((
                tables::state.eq(TableState::WITHDRAWN),
                tables::withdrawn_at.eq(tx.now.as_micros()),
                tables::withdrawn_reason.eq(reason),
            ))
            .execute(tx.conn)?;
    }
    let event = |row: &TableRow| Event {
        kind: EventKind::TableWithdrawn,
        subject_id: row.id.clone(),
        actor: actor.to_owned(),
        payload: json!({ "slug": row.slug, "dataset": row.dataset_id, "version": row.version }),
    };
    Ok(rows.iter().map(event).collect())
}

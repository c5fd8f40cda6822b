//! What we know of the files behind distributions, and when we look at them again.

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetId, DistributionId, Timestamp};

use super::follow::{Duplicates, enqueue_all, requests_of};
use super::store::corrupt;
use crate::dataset::{self, PublicationState};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{datasets, distribution_files};

/// Files that one sweep asks for.
const SWEEP: i64 = 500;

/// What a load learned of a file, to ask for it only when it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionFile {
    /// The distribution.
    pub distribution: DistributionId,
    /// Its dataset.
    pub dataset: DatasetId,
    /// Where it was fetched.
    pub url: String,
    /// Its `ETag` when it was last loaded.
    pub etag: Option<String>,
    /// Its `Last-Modified` when it was last loaded.
    pub last_modified: Option<String>,
    /// SHA-256 of the file that was last loaded; `None` while none could be.
    pub source_hash: Option<ContentHash>,
    /// By what it was read (program generation and published schema): another reader looks at an unchanged file again.
    pub loader: String,
    /// When to look again, unless something asks earlier; `None` for never.
    pub check_after: Option<Timestamp>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = distribution_files, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct FileRow {
    distribution_id: String,
    dataset_id: String,
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    source_hash: Option<String>,
    loader: String,
    checked_at: i64,
    loaded_at: Option<i64>,
    check_after: Option<i64>,
}

impl FileRow {
    pub(super) fn of(file: &DistributionFile, now: Timestamp) -> Result<Self, CatalogError> {
        Ok(Self {
            distribution_id: file.distribution.to_string(),
            dataset_id: file.dataset.to_string(),
            url: file.url.clone(),
            etag: file.etag.clone(),
            last_modified: file.last_modified.clone(),
            source_hash: file.source_hash.map(|hash| hash.to_string()),
            loader: file.loader.clone(),
            checked_at: now.as_micros(),
            loaded_at: file.source_hash.map(|_| now.as_micros()),
            check_after: file.check_after.map(Timestamp::as_micros),
        })
    }
}

impl TryFrom<FileRow> for DistributionFile {
    type Error = CatalogError;

    fn try_from(row: FileRow) -> Result<Self, CatalogError> {
        Ok(Self {
            distribution: row.distribution_id.parse().map_err(corrupt)?,
            dataset: row.dataset_id.parse().map_err(corrupt)?,
            url: row.url,
            etag: row.etag,
            last_modified: row.last_modified,
            source_hash: row.source_hash.map(|hash| hash.parse()).transpose().map_err(corrupt)?,
            loader: row.loader,
            check_after: row.check_after.map(Timestamp::from_micros),
        })
    }
}

/// What is known of the file behind a distribution.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_file(tx: &mut Tx<'_>, distribution: DistributionId) -> Result<Option<DistributionFile>, CatalogError> {
    distribution_files::table
        .find(distribution.to_string())
        .select(FileRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(DistributionFile::try_from)
        .transpose()
}

/// Remembers what was learned, in the place of what was known.
pub(super) fn save_file(tx: &mut Tx<'_>, row: &FileRow) -> Result<(), CatalogError> {
    let known = diesel::update(distribution_files::table.find(&row.distribution_id)).set(row).execute(tx.conn)?;
    if known == 0 {
        diesel::insert_into(distribution_files::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Remembers that the file was looked at in vain: what was known of its last good state stays.
pub(super) fn note_checked(
    tx: &mut Tx<'_>,
    distribution: DistributionId,
    dataset: DatasetId,
    check_after: Option<Timestamp>,
) -> Result<(), CatalogError> {
    let known = diesel::update(distribution_files::table.find(distribution.to_string()))
        .set((
            distribution_files::checked_at.eq(tx.now.as_micros()),
            distribution_files::check_after.eq(check_after.map(Timestamp::as_micros)),
        ))
        .execute(tx.conn)?;
    if known == 0 {
        let file = DistributionFile {
            distribution,
            dataset,
            url: String::new(),
            etag: None,
            last_modified: None,
            source_hash: None,
            loader: String::new(),
            check_after,
        };
        save_file(tx, &FileRow::of(&file, tx.now)?)?;
    }
    Ok(())
}

/// Forgets files whose distributions are gone, so that one that returns is loaded though it is as before.
pub(super) fn forget_files(tx: &mut Tx<'_>, distributions: &[String]) -> Result<(), CatalogError> {
    diesel::delete(distribution_files::table.filter(distribution_files::distribution_id.eq_any(distributions)))
        .execute(tx.conn)?;
    Ok(())
}

/// Which of these distributions were looked at since then.
pub(super) fn checked_since(
    tx: &mut Tx<'_>,
    distributions: &[String],
    since: Timestamp,
) -> Result<Vec<String>, CatalogError> {
    Ok(distribution_files::table
        .filter(distribution_files::distribution_id.eq_any(distributions))
        .filter(distribution_files::checked_at.ge(since.as_micros()))
        .select(distribution_files::distribution_id)
        .load(tx.conn)?)
}

/// Enqueues loads of files of public and held datasets that were last looked at long enough ago, at most some hundred at a time; gives how many. A
/// file that is as it was costs one conditional request.
///
/// # Errors
/// `Storage` when the database fails.
pub fn enqueue_due_checks(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    let due: Vec<(String, String)> = distribution_files::table
        .inner_join(datasets::table)
        .filter(distribution_files::check_after.le(tx.now.as_micros()))
        // Of what the gate holds too: its publisher may have mended the file.
        .filter(datasets::state.eq_any([PublicationState::Published.as_str(), PublicationState::Held.as_str()]))
        .order(distribution_files::check_after)
        .limit(SWEEP)
        .select((distribution_files::distribution_id, distribution_files::dataset_id))
        .load(tx.conn)?;
    if due.is_empty() {
        return Ok(0);
    }
    let (files, mut dataset_ids): (Vec<String>, Vec<String>) = due.into_iter().unzip();
    dataset_ids.sort_unstable();
    dataset_ids.dedup();
    let mut requests = Vec::new();
    for dataset in dataset::list_by_ids(tx, &dataset_ids)? {
        let source = dataset.provenance.as_ref().map(|provenance| provenance.source_id);
        requests.extend(
            requests_of(dataset.id, source, &dataset.draft)
                .into_iter()
                .filter(|request| files.contains(&request.distribution.to_string())),
        );
    }
    // Not due again until a load has said when; a distribution that went is not due at all.
    diesel::update(distribution_files::table.filter(distribution_files::distribution_id.eq_any(&files)))
        .set(distribution_files::check_after.eq(None::<i64>))
        .execute(tx.conn)?;
    enqueue_all(tx, requests, Duplicates::OfUnfinished)
}

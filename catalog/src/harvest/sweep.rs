//! What is gone at the source: found by set difference after a complete import, withdrawn a batch at a time.

use fairground_domain::ResourceKind;

use super::Outcome;
use super::import::SeenKeys;
use super::job::{HarvestProgress, checkpoint};
use super::record::{RecordRow, insert_records};
use super::source::HarvestSource;
use crate::dataset;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::job::Lease;
use crate::journal::{self, EventKind};

/// What readers of a withdrawn dataset's address are told.
const REASON: &str = "Its publisher's catalogue no longer lists it.";

/// A public dataset that its source no longer lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its id.
    pub id: String,
    /// Its readable address.
    pub slug: String,
    /// Its identity within the source.
    pub key: String,
}

/// The result of comparing catalogue and source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// How many of the source's datasets are public.
    pub before: u64,
    /// Those that the source no longer lists.
    pub missing: Vec<Missing>,
}

/// Compares the source's public datasets with what the run has met. A record that was refused or failed still counts as met:
/// good data stays.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_missing(tx: &mut Tx<'_>, source: &HarvestSource, seen: &SeenKeys) -> Result<Sweep, CatalogError> {
    const PAGE: i64 = 10_000;
    let (mut sweep, mut after) = (Sweep::default(), String::new());
    loop {
        let page = dataset::keys_of_source(tx, source.id, &after, PAGE)?;
        let Some((last, _, _)) = page.last() else { return Ok(sweep) };
        after.clone_from(last);
        for (id, slug, key) in page {
            sweep.before += 1;
            if !seen.contains(&key) {
                sweep.missing.push(Missing { id, slug, key });
            }
        }
    }
}

/// Withdraws a batch of missing datasets; `progress` counts them. Their records follow the source's own in the job.
///
/// # Errors
/// `LeaseLost`, `Cancelled` when the job is no longer ours; `Storage` when the database fails.
pub fn withdraw_missing(
    tx: &mut Tx<'_>,
    lease: &Lease,
    source: &HarvestSource,
    progress: &mut HarvestProgress,
    missing: &[Missing],
) -> Result<Option<i64>, CatalogError> {
    let ids: Vec<&str> = missing.iter().map(|one| one.id.as_str()).collect();
    let datasets = dataset::list_by_ids(tx, &ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())?;
    let mut events = Vec::with_capacity(datasets.len());
    let mut rows = Vec::with_capacity(datasets.len());
    let actor = source.actor();
    for dataset in &datasets {
        let (id, slug, hash) = (dataset.id.to_string(), dataset.slug.to_string(), dataset.content_hash.to_string());
        events.push(dataset::event(EventKind::DatasetWithdrawn, &id, &slug, dataset.version, &hash, &actor));
        rows.push(RecordRow {
            job_id: lease.job.to_string(),
            seq: i64::try_from(progress.position).map_err(|error| CatalogError::corrupt("harvest record", error))?,
            source_id: source.id.to_string(),
            kind: dataset.draft.kind.as_str().to_owned(),
            source_key: dataset.provenance.as_ref().map(|p| p.key.clone()).unwrap_or_default(),
            title: dataset.draft.title.any().to_owned(),
            outcome: Outcome::Deleted.as_str().to_owned(),
            dataset_id: Some(id),
            raw_hash: None,
            findings: String::new(),
        });
        progress.position += 1;
        let kind: ResourceKind = dataset.draft.kind;
        progress.sums.of_mut(kind).add(Outcome::Deleted);
    }
    dataset::withdraw_all(tx, &ids, REASON)?;
    insert_records(tx, &rows)?;
    let seq = journal::append_all(tx, events)?;
    checkpoint(tx, lease, progress)?;
    Ok(Some(seq))
}

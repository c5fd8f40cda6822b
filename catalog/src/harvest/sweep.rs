//! What is gone at the source: found by set difference after a complete import, withdrawn a batch at a time, at once or when
//! the source's grace period is over.

use fairground_domain::{ResourceKind, SourceId, Timestamp};

use super::Outcome;
use super::import::SeenKeys;
use super::job::{HarvestProgress, checkpoint};
use super::record::{RecordRow, insert_records};
use super::source::HarvestSource;
use super::twin;
use crate::dataset::{self, Publication};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::job::{Lease, heartbeat};
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
    /// Since when it has been missing, if its grace period runs.
    pub since: Option<Timestamp>,
}

impl Missing {
    /// Whether its time is over: the source gives no grace, or the grace has passed.
    #[must_use]
    pub fn is_due(&self, source: &HarvestSource, now: Timestamp) -> bool {
        source.grace_secs <= 0 || self.since.is_some_and(|since| since.plus_secs(source.grace_secs) <= now)
    }
}

/// The result of comparing catalogue and source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// How many of the source's datasets are public, or shown as another source's.
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
        let page = dataset::listed_of_source(tx, source.id, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.key);
        for one in page {
            sweep.before += 1;
            if !seen.contains(&one.key) {
                sweep.missing.push(one.into());
            }
        }
    }
    // In the order of birth, as the journal tells of them.
    sweep.missing.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(sweep)
}

impl From<dataset::Listed> for Missing {
    fn from(one: dataset::Listed) -> Self {
        let since = one.missing_since.map(Timestamp::from_micros);
        Self { id: one.id, slug: one.slug, key: one.key, since }
    }
}

/// The source's datasets whose grace period has passed since they were last missed: for a run that finds the source unchanged.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_expired(tx: &mut Tx<'_>, source: &HarvestSource) -> Result<Vec<Missing>, CatalogError> {
    let until = tx.now.plus_secs(-source.grace_secs.max(0));
    Ok(dataset::missing_until(tx, source.id, until)?.into_iter().map(Missing::from).collect())
}

/// How many datasets, services and series the source listed when it was last looked at (those in their grace period it does
/// not), and how many of these identities are among them.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_listed(tx: &mut Tx<'_>, source: SourceId, keys: &[String]) -> Result<(u64, u64), CatalogError> {
    const CHUNK: usize = 500;
    let listed = dataset::count_listed(tx, source)?.into_iter().map(|(_, count)| count).sum::<i64>();
    let mut known = 0;
    for chunk in keys.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let found = dataset::find_known(tx, source, &keys)?;
        known += found.values().filter(|one| one.is_listed()).count();
    }
    Ok((u64::try_from(listed).unwrap_or_default(), u64::try_from(known).unwrap_or_default()))
}

/// How many of a kind the source listed when it was last looked at.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_listed_of(tx: &mut Tx<'_>, source: SourceId, kind: ResourceKind) -> Result<u64, CatalogError> {
    let listed = dataset::count_listed(tx, source)?;
    let of_kind = listed.into_iter().find(|(other, _)| other == kind.as_str()).map_or(0, |(_, count)| count);
    Ok(u64::try_from(of_kind).unwrap_or_default())
}

/// Begins the grace period of datasets that are missing for the first time.
///
/// # Errors
/// `LeaseLost`, `Cancelled` when the job is no longer ours; `Storage` when the database fails.
pub fn note_missing(tx: &mut Tx<'_>, lease: &Lease, missing: &[Missing]) -> Result<(), CatalogError> {
    heartbeat(tx, lease)?;
    let new: Vec<&str> = missing.iter().filter(|one| one.since.is_none()).map(|one| one.id.as_str()).collect();
    let now = tx.now;
    dataset::set_missing(tx, &new, Some(now))
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
        // One that was shown as another source's was not public by itself.
        if dataset.publication == Publication::Published {
            events.push(dataset::event(EventKind::DatasetWithdrawn, &id, &slug, dataset.version, &hash, &actor));
        }
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
    events.extend(twin::step_forward(tx, &ids, &actor)?);
    insert_records(tx, &rows)?;
    let seq = journal::append_all(tx, events)?;
    checkpoint(tx, lease, progress)?;
    Ok(Some(seq))
}

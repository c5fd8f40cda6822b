//! Records beside what they came from and what they became: the raw text, the mapped draft, and samples to try rules on.

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetDraft, DatasetId, JobId, SourceId};

use crate::dataset;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestRecord, JobFilter, Outcome, RecordFilter};
use crate::schema::{dataset_versions, datasets};

/// Jobs looked through for one that has records.
const LOOK_AT: i64 = 50;
/// Records looked at for each that is wanted: not every one has its raw text still.
const LOOK_FOR_EACH: i64 = 4;

/// A record of a job, by its place in the source.
///
/// # Errors
/// `NotFound` when the job has no such record, or it is not kept any more.
pub fn get_record(tx: &mut Tx<'_>, job: JobId, seq: i64) -> Result<HarvestRecord, CatalogError> {
    let filter = RecordFilter { after: Some(seq.saturating_sub(1)), ..RecordFilter::default() };
    harvest::list_records(tx, job, &filter, 1)?
        .into_iter()
        .find(|record| record.seq == seq)
        .ok_or_else(|| CatalogError::not_found("record", seq))
}

/// The raw text of a record, as its source gave it; `None` when it is not kept.
///
/// # Errors
/// `Corrupt` when it cannot be unpacked.
pub fn raw_of(tx: &mut Tx<'_>, record: &HarvestRecord) -> Result<Option<Vec<u8>>, CatalogError> {
    let Some(hash) = record.raw_hash else { return Ok(None) };
    if let Some(raw) = dataset::find_raw_record(tx, hash)? {
        return Ok(Some(raw));
    }
    // The raw text of an unchanged record is kept under the digest that it had when the dataset last changed.
    let Some(dataset) = record.dataset_id else { return Ok(None) };
    let known: Option<Option<String>> =
        datasets::table.find(dataset.to_string()).select(datasets::raw_hash).first(tx.conn).optional()?;
    let Some(hash) = known.flatten() else { return Ok(None) };
    let hash: ContentHash = hash.parse().map_err(|error| CatalogError::corrupt("raw record", error))?;
    dataset::find_raw_record(tx, hash)
}

/// What a record became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its readable address.
    pub slug: String,
    /// The version that the record became or confirmed.
    pub version: i32,
    /// Whether a later record has replaced it.
    pub is_current: bool,
    /// What the catalogue holds of it.
    pub draft: DatasetDraft,
}

/// What a record became in the catalogue; `None` when it became nothing.
///
/// # Errors
/// `Storage` when the database fails.
pub fn mapped_of(tx: &mut Tx<'_>, record: &HarvestRecord) -> Result<Option<Mapped>, CatalogError> {
    if !matches!(record.outcome, Outcome::Created | Outcome::Updated | Outcome::Unchanged | Outcome::Deleted) {
        return Ok(None);
    }
    let Some(id) = record.dataset_id else { return Ok(None) };
    let dataset = match dataset::get(tx, &id.to_string()) {
        Ok(dataset) => dataset,
        Err(CatalogError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let slug = dataset.slug.to_string();
    let own = dataset.provenance.as_ref().and_then(|provenance| provenance.raw_hash);
    if record.outcome != Outcome::Deleted && record.raw_hash.is_some() && own != record.raw_hash {
        let earlier: Option<(i32, String)> = dataset_versions::table
            .filter(dataset_versions::dataset_id.eq(id.to_string()))
            .filter(dataset_versions::raw_hash.eq(record.raw_hash.map(|hash| hash.to_string())))
            .order(dataset_versions::version.desc())
            .select((dataset_versions::version, dataset_versions::document))
            .first(tx.conn)
            .optional()?;
        if let Some((version, document)) = earlier {
            let draft =
                DatasetDraft::from_document(&document).map_err(|error| CatalogError::corrupt("dataset", error))?;
            return Ok(Some(Mapped { dataset: id, slug, version, is_current: false, draft }));
        }
    }
    Ok(Some(Mapped { dataset: id, slug, version: dataset.version, is_current: true, draft: dataset.draft }))
}

/// Records of the source's latest harvest that has any, with their raw texts: what rules are tried on.
///
/// # Errors
/// `Storage` when the database fails.
pub fn last_raw_records(
    tx: &mut Tx<'_>,
    source: SourceId,
    most: usize,
) -> Result<Vec<(HarvestRecord, Vec<u8>)>, CatalogError> {
    let jobs = harvest::list_jobs(tx, &JobFilter { source: Some(source), ..JobFilter::default() }, LOOK_AT)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_mul(LOOK_FOR_EACH);
    for job in jobs.into_iter().filter(|job| !job.payload.dry_run) {
        let mut found = Vec::new();
        for record in harvest::list_records(tx, job.id, &RecordFilter::default(), limit)? {
            if found.len() >= most {
                break;
            }
            if record.outcome == Outcome::Deleted {
                continue;
            }
            if let Some(raw) = raw_of(tx, &record)? {
                found.push((record, raw));
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

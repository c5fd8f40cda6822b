//! How loads arise from datasets, and how tables follow their distributions.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use fairground_domain::{DatasetDraft, DatasetId, DistributionId, ResourceKind, SourceId};

use super::file::forget_files;
use super::load::{KIND, LoadPayload};
use super::publish::withdraw_rows;
use super::store::TableRow;
use super::{TableState, tabular_file};
use crate::dataset::distribution_ids;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::job::{self, JobRow, JobState, NewJob};
use crate::journal::Event;
use crate::schema::{jobs, tables};

/// What readers are told of a table whose distribution went.
const NOT_LISTED: &str = "Its dataset no longer lists its file.";
/// What stands for the host of files that were kept for a reviewer.
const KEPT_HOST: &str = "kept";
/// Ids in one statement.
const CHUNK: usize = 500;

/// A load that should take place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoadRequest {
    pub(crate) dataset: DatasetId,
    pub(crate) distribution: DistributionId,
    pub(crate) source: Option<SourceId>,
    /// The host that is asked.
    pub(crate) host: String,
    /// Whether to read the file though it is as before.
    pub(crate) afresh: bool,
}

/// Which requests are left out because their load is under way already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// None: the distributions are new.
    Impossible,
    /// Those whose load is queued. One that runs may have looked before the dataset changed.
    OfQueued,
    /// Those whose load is queued or runs.
    OfUnfinished,
}

/// The loads of a dataset's files that may hold tables.
pub(crate) fn requests_of(dataset: DatasetId, source: Option<SourceId>, draft: &DatasetDraft) -> Vec<LoadRequest> {
    if draft.kind != ResourceKind::Dataset {
        return Vec::new();
    }
    let ids = distribution_ids(dataset, draft);
    ids.into_iter()
        .zip(&draft.distribution)
        .filter_map(|(distribution, described)| {
            let host = tabular_file(described)?.host;
            Some(LoadRequest { dataset, distribution, source, host, afresh: false })
        })
        .collect()
}

/// Enqueues loads; gives how many. To be called in the transaction that made them needed.
pub(crate) fn enqueue_all(
    tx: &mut Tx<'_>,
    mut requests: Vec<LoadRequest>,
    duplicates: Duplicates,
) -> Result<usize, CatalogError> {
    if requests.is_empty() {
        return Ok(0);
    }
    let states: &[JobState] = match duplicates {
        Duplicates::Impossible => &[],
        Duplicates::OfQueued => &[JobState::Queued],
        Duplicates::OfUnfinished => &[JobState::Queued, JobState::Running],
    };
    let waiting = if states.is_empty() { HashSet::new() } else { unfinished(tx, &requests, states)? };
    requests.retain(|request| !waiting.contains(&request.distribution.to_string()));
    if duplicates == Duplicates::OfQueued {
        hasten(tx, &waiting)?;
    }
    let now = tx.now;
    let rows: Vec<JobRow> = requests
        .into_iter()
        .map(|request| {
            let payload = LoadPayload { dataset: request.dataset, afresh: request.afresh };
            Ok(JobRow::new(
                KIND,
                NewJob {
                    subject_id: request.distribution.to_string(),
                    payload: serde_json::to_string(&payload).map_err(job::corrupt)?,
                    lane: request.host,
                    origin: request.source.map(|source| source.to_string()).unwrap_or_default(),
                },
                now,
            ))
        })
        .collect::<Result<_, CatalogError>>()?;
    job::insert(tx, &rows)?;
    Ok(rows.len())
}

/// Asks for the load of a file about which a reviewer has decided, though it is as it was before.
pub(crate) fn enqueue_decided(
    tx: &mut Tx<'_>,
    dataset: DatasetId,
    distribution: DistributionId,
    source: Option<SourceId>,
) -> Result<(), CatalogError> {
    forget_files(tx, &[distribution.to_string()])?;
    let home = crate::dataset::get(tx, &dataset.to_string())?;
    let mut requests = requests_of(dataset, source, &home.draft);
    requests.retain(|request| request.distribution == distribution);
    if requests.is_empty() {
        // An uploaded file has no address; the one that was kept for the reviewer is read.
        requests.push(LoadRequest { dataset, distribution, source, host: KEPT_HOST.to_owned(), afresh: true });
    }
    requests.iter_mut().for_each(|request| request.afresh = true);
    enqueue_all(tx, requests, Duplicates::OfQueued)?;
    Ok(())
}

/// The requested files whose load is in one of these states.
fn unfinished(tx: &mut Tx<'_>, requests: &[LoadRequest], states: &[JobState]) -> Result<HashSet<String>, CatalogError> {
    let subjects: Vec<String> = requests.iter().map(|request| request.distribution.to_string()).collect();
    Ok(loads_of(tx, &subjects, states)?.into_iter().map(|(_, subject)| subject).collect())
}

/// Loads that wait after a failure need not wait longer: their dataset has changed.
fn hasten(tx: &mut Tx<'_>, waiting: &HashSet<String>) -> Result<(), CatalogError> {
    let subjects: Vec<String> = waiting.iter().cloned().collect();
    let ids: Vec<String> = loads_of(tx, &subjects, &[JobState::Queued])?.into_iter().map(|(id, _)| id).collect();
    for chunk in ids.chunks(CHUNK) {
        diesel::update(jobs::table.filter(jobs::id.eq_any(chunk)).filter(jobs::run_after.gt(tx.now.as_micros())))
            .set(jobs::run_after.eq(tx.now.as_micros()))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The loads of these files in one of these states, by id and file. Kind and state are looked at here: asked for them too, SQLite
/// would go through all loads that wait, for each chunk again.
fn loads_of(tx: &mut Tx<'_>, subjects: &[String], states: &[JobState]) -> Result<Vec<(String, String)>, CatalogError> {
    let mut found = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let jobs: Vec<(String, String, String, String)> = jobs::table
            .filter(jobs::subject_id.eq_any(chunk))
            .select((jobs::id, jobs::subject_id, jobs::kind, jobs::state))
            .load(tx.conn)?;
        let wanted = jobs
            .into_iter()
            .filter(|(_, _, kind, state)| kind == KIND.name && states.iter().any(|wanted| wanted.as_str() == state));
        found.extend(wanted.map(|(id, subject, ..)| (id, subject)));
    }
    Ok(found)
}

/// Withdraws tables whose distribution these datasets no longer list, and gives the journal's entries for it; `listed` has the
/// distributions of each dataset. Uploaded tables stay.
pub(crate) fn withdraw_unlisted(
    tx: &mut Tx<'_>,
    listed: &HashMap<String, HashSet<String>>,
    actor: &str,
) -> Result<Vec<Event>, CatalogError> {
    let ids: Vec<&String> = listed.keys().collect();
    let mut gone = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<TableRow> = tables::table
            .filter(tables::dataset_id.eq_any(chunk.iter().copied()))
            .filter(tables::state.eq(TableState::PUBLISHED))
            .filter(tables::uploaded.eq(false))
            .order(tables::id)
            .select(TableRow::as_select())
            .load(tx.conn)?;
        gone.extend(rows.into_iter().filter(|row| {
            listed.get(&row.dataset_id).is_some_and(|distributions| !distributions.contains(&row.distribution_id))
        }));
    }
    for chunk in gone.chunks(CHUNK) {
        let files: Vec<String> = chunk.iter().map(|row| row.distribution_id.clone()).collect();
        forget_files(tx, &files)?;
    }
    withdraw_rows(tx, &gone, NOT_LISTED, actor)
}

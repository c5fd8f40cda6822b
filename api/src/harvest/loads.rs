//! Loads among the jobs: files that become tables.

use fairground_catalog::harvest::JobState;
use fairground_catalog::member::Actor;
use fairground_catalog::source::{self, SourceRights};
use fairground_catalog::table::{self, LoadFilter, LoadJob, LoadOutcome, LoadStage};
use fairground_catalog::{CatalogError, Tx, dataset};
use fairground_domain::{JobId, SourceId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// One run of a load.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LoadJobOut {
    /// Its id.
    id: String,
    /// `load`.
    kind: &'static str,
    /// The dataset's id.
    dataset_id: String,
    /// The id of the distribution whose file is loaded.
    distribution_id: String,
    /// The id of the harvest source that the dataset came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_id: Option<String>,
    /// The host that is asked.
    host: String,
    /// `queued`, `running`, `completed`, `failed` or `cancelled`.
    state: &'static str,
    /// `waiting`, `fetch`, `read` or `done`.
    stage: &'static str,
    /// How it ended well: `loaded`, `unchanged` or `gone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Bytes fetched.
    bytes: u64,
    /// Rows read so far; in the end, rows of all tables in the file.
    rows: u64,
    /// Tables with a new version.
    tables_loaded: u64,
    /// Tables as before.
    tables_unchanged: u64,
    /// Rows that the new versions could not take.
    quarantined: u64,
    /// Remarks for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// Why it failed, or why it will be tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// How often it was begun.
    attempts: i32,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Not before this moment.
    #[schema(value_type = String, format = DateTime)]
    run_after: Timestamp,
    /// When work began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<LoadJob> for LoadJobOut {
    fn from(job: LoadJob) -> Self {
        let progress = job.progress;
        Self {
            id: job.id.to_string(),
            kind: "load",
            dataset_id: job.payload.dataset.to_string(),
            distribution_id: job.distribution.to_string(),
            source_id: job.source_id.map(|id| id.to_string()),
            host: job.host,
            state: job.state.as_str(),
            stage: match progress.stage {
                LoadStage::Waiting => "waiting",
                LoadStage::Fetch => "fetch",
                LoadStage::Read => "read",
                LoadStage::Done => "done",
            },
            outcome: progress.outcome.map(|outcome| match outcome {
                LoadOutcome::Loaded => "loaded",
                LoadOutcome::Unchanged => "unchanged",
                LoadOutcome::Gone => "gone",
                LoadOutcome::Held => "held",
            }),
            bytes: progress.bytes,
            rows: progress.rows,
            tables_loaded: progress.loaded,
            tables_unchanged: progress.unchanged,
            quarantined: progress.quarantined,
            notes: progress.notes,
            error: job.error,
            attempts: job.attempts,
            created_at: job.created_at,
            run_after: job.run_after,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

/// The load, if its dataset is the business of the caller's body; otherwise there is none.
pub(super) fn visible_load(tx: &mut Tx<'_>, actor: &Actor, id: JobId) -> Result<(LoadJob, SourceRights), CatalogError> {
    let job = table::get_load(tx, id)?;
    let publisher = match dataset::get(tx, &job.payload.dataset.to_string()) {
        Ok(home) => home.publisher.map(|publisher| publisher.id),
        // The dataset is gone: what is left is the operator's.
        Err(CatalogError::NotFound { .. }) => None,
        Err(other) => return Err(other),
    };
    let rights = source::source_rights(tx, actor, publisher)?;
    if rights.sees { Ok((job, rights)) } else { Err(CatalogError::not_found("job", id)) }
}

/// What is asked of the list of loads.
#[derive(Debug)]
pub(super) struct LoadsWanted {
    pub(super) source: Option<String>,
    pub(super) dataset: Option<String>,
    pub(super) state: Option<JobState>,
    pub(super) before: Option<JobId>,
}

/// Loads, newest first: all for operators and auditors, those of the own bodies' sources and datasets for others.
pub(super) fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    wanted: &LoadsWanted,
    own_sources: Vec<Option<SourceId>>,
    limit: i64,
) -> Result<Vec<LoadJob>, CatalogError> {
    let mut filter = LoadFilter { state: wanted.state, before: wanted.before, ..LoadFilter::default() };
    if let Some(name) = &wanted.dataset {
        let home = dataset::get(tx, name)?;
        let publisher = home.publisher.as_ref().map(|publisher| publisher.id);
        if !source::source_rights(tx, actor, publisher)?.sees {
            return Err(CatalogError::not_found("dataset", name));
        }
        filter.distributions = Some(home.distribution_ids());
    }
    let sources = match &wanted.source {
        Some(name) => vec![Some(source::get_visible(tx, actor, name)?.0.id)],
        // A dataset that was found is the caller's business already.
        None if wanted.dataset.is_some() => vec![None],
        None => own_sources,
    };
    let mut jobs = Vec::new();
    for source in sources {
        filter.source = source;
        jobs.extend(table::list_loads(tx, &filter, limit)?);
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.id));
    jobs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(jobs)
}

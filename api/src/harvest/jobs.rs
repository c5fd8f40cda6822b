//! Jobs: what harvests came to, record by record; approving and stopping.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use fairground_catalog::harvest::{self, HarvestJob, JobFilter, JobState, Outcome, RecordFilter};
use fairground_catalog::member::Actor;
use fairground_catalog::source::{self, RemovalJob, steer};
use fairground_catalog::table::{self, LoadJob};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::JobId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::loads::{self, LoadsWanted};
use super::wire::{AnyJobOut, JobOut, RecordOut};
use crate::answer::Freshness;
use crate::caller::{ApproveJobs, Caller, SeeHarvests};
use crate::page::{self, Page, PageQuery};
use crate::problem::{Answer, Problem};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// A job's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct JobPath {
    /// The job's id.
    job: String,
}

impl JobPath {
    pub(super) fn id(&self) -> Result<JobId, Problem> {
        self.job.parse().map_err(|_| Problem::not_found("job"))
    }
}

/// The job, if its source is the caller's business; otherwise there is none.
pub(super) fn visible_job(tx: &mut Tx<'_>, actor: &Actor, id: JobId) -> Result<HarvestJob, CatalogError> {
    Ok(source::get_visible_job(tx, actor, id)?.0)
}

/// A job of any kind, if it is the caller's business.
pub(super) fn visible_any(tx: &mut Tx<'_>, actor: &Actor, id: JobId) -> Result<AnyJob, CatalogError> {
    match visible_job(tx, actor, id) {
        Ok(job) => Ok(AnyJob::Harvest(job)),
        Err(CatalogError::NotFound { .. }) => match loads::visible_load(tx, actor, id) {
            Err(CatalogError::NotFound { .. }) => Ok(AnyJob::Removal(source::get_visible_removal(tx, actor, id)?)),
            load => Ok(AnyJob::Load(load?.0)),
        },
        Err(other) => Err(other),
    }
}

/// A job of any kind.
pub(super) enum AnyJob {
    Harvest(HarvestJob),
    Load(LoadJob),
    Removal(RemovalJob),
}

impl From<AnyJob> for AnyJobOut {
    fn from(job: AnyJob) -> Self {
        match job {
            AnyJob::Harvest(job) => job.into(),
            AnyJob::Load(job) => job.into(),
            AnyJob::Removal(job) => job.into(),
        }
    }
}

/// What may be asked of jobs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ListJobsParams {
    /// `harvest` (when absent), `load`, or `removal` of a deleted source.
    kind: Option<String>,
    /// Only loads of this dataset's files, by id or slug; with `kind=load`.
    dataset: Option<String>,
    /// Only of this source, by id or slug.
    source: Option<String>,
    /// Only in this state.
    state: Option<String>,
    /// Jobs on a page.
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KindOfJob {
    Harvest,
    Load,
    Removal,
}

#[derive(Debug)]
struct ListJobsQuery {
    kind: KindOfJob,
    dataset: Option<String>,
    source: Option<String>,
    state: Option<JobState>,
    page: PageQuery,
}

impl FromQuery for ListJobsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let states = JobState::ALL.map(|state| (state.as_str(), state));
        let kinds = [("harvest", KindOfJob::Harvest), ("load", KindOfJob::Load), ("removal", KindOfJob::Removal)];
        let kind = query.choice("kind", &kinds).unwrap_or(KindOfJob::Harvest);
        let dataset = query.text("dataset");
        if dataset.is_some() && kind != KindOfJob::Load {
            query.fault("dataset", "Goes with `kind=load` only.");
        }
        let source = query.text("source");
        Self { kind, dataset, source, state: query.choice("state", &states), page: PageQuery::from_query(query) }
    }
}

/// Jobs, newest first: harvests, with `kind=load` the loads of files that become tables, with `kind=removal` what clears away deleted sources.
#[utoipa::path(tag = "harvests", params(ListJobsParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<AnyJobOut>), Problem))]
#[get("/jobs")]
pub(super) async fn list_jobs(
    caller: Caller<SeeHarvests>,
    query: Query<ListJobsQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ListJobsQuery { kind, dataset, source, state: wanted_state, page }) = query;
    let actor = caller.worker();
    let before: Option<JobId> = page.after.as_deref().and_then(|id| id.parse().ok());
    let wanted = page.wanted();
    if kind == KindOfJob::Removal {
        let found = state.read(move |tx| source::list_visible_removals(tx, &actor, before, wanted)).await?;
        return answer(&page, found, |job| job.id, &req);
    }
    if kind == KindOfJob::Load {
        let asked = LoadsWanted { source, dataset, state: wanted_state, before };
        let found = state
            .read(move |tx| {
                let own = own_sources(tx, &actor)?;
                loads::list(tx, &actor, &asked, own, wanted)
            })
            .await?;
        return answer(&page, found, |job| job.id, &req);
    }
    let found = state
        .read(move |tx| {
            let sources = match &source {
                Some(name) => vec![Some(source::get_visible(tx, &actor, name)?.0.id)],
                None => own_sources(tx, &actor)?,
            };
            let mut jobs = Vec::new();
            for source in sources {
                jobs.extend(harvest::list_jobs(tx, &JobFilter { source, state: wanted_state, before }, wanted)?);
            }
            jobs.sort_by_key(|job| std::cmp::Reverse(job.id));
            jobs.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            Ok(jobs)
        })
        .await?;
    answer(&page, found, |job| job.id, &req)
}

/// One page of jobs of a kind.
fn answer<J: Into<AnyJobOut>>(
    page: &PageQuery,
    found: Vec<J>,
    id: impl Fn(&J) -> JobId,
    req: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (items, next) = page.cut(found, |job| id(job).to_string());
    page::answer(items.into_iter().map(Into::into).collect::<Vec<AnyJobOut>>(), next, Freshness::Private, req)
}

/// The ids of the sources that somebody sees, each as a filter; one that lets everything pass, for who sees everything.
fn own_sources(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Option<fairground_domain::SourceId>>, CatalogError> {
    const MOST: i64 = 1_000;
    if actor.sees_everything() {
        return Ok(vec![None]);
    }
    Ok(source::list_visible(tx, actor, None, MOST)?.into_iter().map(|source| Some(source.id)).collect())
}

/// One job, of either kind.
#[utoipa::path(tag = "harvests", params(JobPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = AnyJobOut), Problem))]
#[get("/jobs/{job}")]
pub(super) async fn get_job(
    caller: Caller<SeeHarvests>,
    path: Path<JobPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<AnyJobOut> {
    let (actor, id) = (caller.worker(), path.id()?);
    Ok(Json(state.read(move |tx| visible_any(tx, &actor, id)).await?.into()))
}

/// What may be asked of records.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ListRecordsParams {
    /// Only with this outcome: `created`, `updated`, `unchanged`, `deleted`, `refused` or `failed`.
    outcome: Option<String>,
    /// Only with at least one finding: `true`.
    findings: Option<bool>,
    /// Records on a page.
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

#[derive(Debug)]
struct ListRecordsQuery {
    outcome: Option<Outcome>,
    with_findings: bool,
    page: PageQuery,
}

impl FromQuery for ListRecordsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let outcomes = Outcome::ALL.map(|outcome| (outcome.as_str(), outcome));
        Self {
            outcome: query.choice("outcome", &outcomes),
            with_findings: query.choice("findings", &[("true", true), ("false", false)]).unwrap_or(false),
            page: PageQuery::from_query(query),
        }
    }
}

/// A job's records and what became of each, by their place in the source.
#[utoipa::path(tag = "harvests", params(JobPath, ListRecordsParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<RecordOut>), Problem))]
#[get("/jobs/{job}/records")]
pub(super) async fn list_job_records(
    caller: Caller<SeeHarvests>,
    path: Path<JobPath>,
    query: Query<ListRecordsQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ListRecordsQuery { outcome, with_findings, page }) = query;
    let (actor, id) = (caller.worker(), path.id()?);
    let after = page.after.as_deref().and_then(|seq| seq.parse().ok());
    let wanted = page.wanted();
    let found = state
        .read(move |tx| {
            let job = visible_job(tx, &actor, id)?;
            harvest::list_records(
                tx,
                job.id,
                &RecordFilter { outcome, after, with_findings, ..RecordFilter::default() },
                wanted,
            )
        })
        .await?;
    let (items, next) = page.cut(found, |record| record.seq.to_string());
    page::answer(items.into_iter().map(RecordOut::from).collect::<Vec<_>>(), next, Freshness::Private, &req)
}

/// Whose records.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct WhoseRecordsParams {
    /// Of the last harvest of this source (id or slug); of the last harvest of all that you see, without it.
    source: Option<String>,
}

#[derive(Debug)]
pub(super) struct WhoseRecordsQuery {
    source: Option<String>,
    records: ListRecordsQuery,
}

impl FromQuery for WhoseRecordsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { source: query.text("source"), records: ListRecordsQuery::from_query(query) }
    }
}

/// The records of the last harvest, of a source or of all that you see, and what became of each.
///
/// Pages stay with the harvest that they began with.
#[utoipa::path(tag = "harvests", params(WhoseRecordsParams, ListRecordsParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<RecordOut>), Problem))]
#[get("/records")]
pub(super) async fn list_records(
    caller: Caller<SeeHarvests>,
    query: Query<WhoseRecordsQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(WhoseRecordsQuery { source, records: ListRecordsQuery { outcome, with_findings, page } }) = query;
    let actor = caller.worker();
    // A place is a job and a record of it.
    let place = page.after.as_deref().and_then(|place| place.split_once('.'));
    let place: Option<(JobId, i64)> = place.and_then(|(job, seq)| Some((job.parse().ok()?, seq.parse().ok()?)));
    let wanted = page.wanted();
    let (job, found) = state
        .read(move |tx| {
            let job = match place {
                Some((job, _)) => Some(visible_job(tx, &actor, job)?.id),
                None => last_harvest(tx, &actor, source.as_deref())?,
            };
            let Some(job) = job else { return Ok((None, Vec::new())) };
            let after = place.map(|(_, seq)| seq);
            let filter = RecordFilter { outcome, after, with_findings, ..RecordFilter::default() };
            Ok((Some(job), harvest::list_records(tx, job, &filter, wanted)?))
        })
        .await?;
    let place = |seq: i64| job.map_or_else(String::new, |job| format!("{job}.{seq}"));
    let (items, next) = page.cut(found, |record| place(record.seq));
    page::answer(items.into_iter().map(RecordOut::from).collect::<Vec<_>>(), next, Freshness::Private, &req)
}

/// The last harvest that is over, of a source or of all that somebody sees.
fn last_harvest(tx: &mut Tx<'_>, actor: &Actor, source: Option<&str>) -> Result<Option<JobId>, CatalogError> {
    let sources = match source {
        Some(name) => vec![Some(source::get_visible(tx, actor, name)?.0.id)],
        None => own_sources(tx, actor)?,
    };
    let mut last = None;
    for source in sources {
        let filter = JobFilter { source, state: Some(JobState::Completed), before: None };
        let found = harvest::list_jobs(tx, &filter, 1)?;
        last = last.max(found.first().map(|job| job.id));
    }
    Ok(last)
}

/// Lets a braked job go on.
#[utoipa::path(tag = "harvests", params(JobPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = JobOut), Problem))]
#[post("/jobs/{job}/approve")]
pub(super) async fn approve_job(
    caller: Caller<ApproveJobs>,
    path: Path<JobPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<JobOut> {
    let (actor, id) = (caller.worker(), path.id()?);
    let job = state.write(move |tx| steer::let_go_on(tx, &actor, id)).await?;
    state.wake_harvester();
    Ok(Json(job.into()))
}

/// Stops a job that has not ended.
#[utoipa::path(tag = "harvests", params(JobPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = AnyJobOut), Problem))]
#[post("/jobs/{job}/cancel")]
pub(super) async fn cancel_job(
    caller: Caller<ApproveJobs>,
    path: Path<JobPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<AnyJobOut> {
    let (actor, id) = (caller.worker(), path.id()?);
    let job = state
        .write(move |tx| {
            Ok(match visible_any(tx, &actor, id)? {
                AnyJob::Harvest(job) => AnyJob::Harvest(steer::stop(tx, &actor, job.id)?),
                AnyJob::Load(job) => {
                    loads::visible_load(tx, &actor, job.id)?.1.must_manage()?;
                    AnyJob::Load(table::cancel_load(tx, job.id)?)
                }
                AnyJob::Removal(job) => {
                    return Err(CatalogError::WrongState {
                        what: format!("job {}", job.id),
                        state: job.state.as_str().to_owned(),
                        problem: "the source is deleted already; what is left of it is only cleared away",
                    });
                }
            })
        })
        .await?;
    Ok(Json(job.into()))
}

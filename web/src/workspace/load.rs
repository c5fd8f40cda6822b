//! Showing sources, jobs, records and applications.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::account::Role;
use fairground_catalog::harvest::{self, HarvestSource, JobFilter, JobState, Outcome, RecordFilter};
use fairground_catalog::{CatalogError, Tx, application, publisher, source, usage};
use fairground_domain::{JobId, PublisherId, Slug};
use url::form_urlencoded;

use super::desk;
use super::staff::actor;
use super::{
    ApplicationLine, ApplicationList, ApplicationListView, DeskPage, DeskView, JobLine, JobList, JobListView, JobPage,
    JobView, MOST_BRAKED, SourceLine, SourcePage, SourceView,
};
use crate::layout::{PageError, Place, Visit, answer_private_page};

/// Most sources that a desk shows.
const MOST_SOURCES: i64 = 200;
/// Jobs on the desk and on a source's page.
const FEW_JOBS: i64 = 10;
/// Jobs on a page of the list.
const JOBS: i64 = 50;
/// Records on a page.
const RECORDS: i64 = 100;
/// Applications on a page.
const APPLICATIONS: i64 = 100;

/// What a query string says of one name.
pub(super) fn parameter(visit: &Visit, name: &str) -> Option<String> {
    form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(field, value)| field == name && !value.trim().is_empty())
        .map(|(_, value)| value.trim().to_owned())
}

fn name_of(tx: &mut Tx<'_>, id: Option<PublisherId>) -> Result<Option<(String, String)>, CatalogError> {
    let Some(id) = id else { return Ok(None) };
    Ok(publisher::find_by_id(tx, id)?.map(|publisher| (publisher.name, publisher.slug.to_string())))
}

/// The latest jobs of some sources, newest first.
fn jobs_of(
    tx: &mut Tx<'_>,
    sources: &[HarvestSource],
    filter: &JobFilter,
    limit: i64,
) -> Result<Vec<JobLine>, CatalogError> {
    let mut lines = Vec::new();
    for source in sources {
        let own = JobFilter { source: Some(source.id), ..filter.clone() };
        let jobs = harvest::list_jobs(tx, &own, limit)?;
        lines.extend(jobs.into_iter().map(|job| JobLine { job, source: source.slug.to_string() }));
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.job.id));
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(lines)
}

/// Shows the reader's sources and their latest jobs.
pub(crate) async fn show_desk(visit: Visit) -> HttpResponse {
    let loaded = load_desk(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| answer_private_page(StatusCode::OK, &DeskView { frame, page }))
}

async fn load_desk(visit: &Visit) -> Result<DeskPage, PageError> {
    let home = visit.staff()?.account.publisher_id;
    let actor = actor(visit)?;
    let language = visit.language;
    visit
        .read(move |tx| {
            let sources = source::list_visible(tx, &actor, None, MOST_SOURCES)?;
            let waiting = jobs_of(
                tx,
                &sources,
                &JobFilter { state: Some(JobState::AwaitingApproval), ..JobFilter::default() },
                FEW_JOBS,
            )?;
            let jobs = jobs_of(tx, &sources, &JobFilter::default(), FEW_JOBS)?;
            let mut lines = Vec::with_capacity(sources.len());
            for source in sources {
                let publisher = name_of(tx, source.publisher_id)?.map(|(name, _)| name);
                let own = JobFilter { source: Some(source.id), ..JobFilter::default() };
                let latest = harvest::list_jobs(tx, &own, 1)?.into_iter().next();
                lines.push(SourceLine { source, publisher, latest });
            }
            let home = name_of(tx, home)?.map(|(_, slug)| slug);
            let may_add = actor.is_operator() || !source::list_source_places(tx, &actor)?.is_empty();
            let page = DeskPage {
                sources: lines,
                waiting,
                jobs,
                may_add,
                has_sources: may_add || actor.sees_everything(),
                home,
                ..DeskPage::default()
            };
            desk::fill(tx, language, &actor, page)
        })
        .await
}

/// Shows a source and its latest jobs.
pub(crate) async fn show_source(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let loaded = load_source(&visit, slug.into_inner()).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &SourceView { frame, page })
    })
}

async fn load_source(visit: &Visit, slug: String) -> Result<SourcePage, PageError> {
    let actor = actor(visit)?;
    visit
        .read(move |tx| {
            let (source, rights) = source::get_visible(tx, &actor, &slug)?;
            Ok(SourcePage {
                publisher: name_of(tx, source.publisher_id)?,
                jobs: jobs_of(tx, std::slice::from_ref(&source), &JobFilter::default(), FEW_JOBS)?,
                unfinished: harvest::find_unfinished(tx, source.id)?.map(|job| job.id),
                may_run: rights.runs.is_some(),
                may_manage: rights.manages.is_some(),
                is_operator: actor.is_operator(),
                rules_version: source::current_rules(tx, source.id)?.version,
                contacts: source::list_contacts(tx, source.id)?.len(),
                source,
            })
        })
        .await
}

/// Lists jobs, newest first.
pub(crate) async fn list_jobs(visit: Visit) -> HttpResponse {
    let loaded = load_jobs(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &JobListView { frame, page })
    })
}

async fn load_jobs(visit: &Visit) -> Result<JobList, PageError> {
    let actor = actor(visit)?;
    let state = parameter(visit, "state").and_then(|state| JobState::parse(&state));
    let before = parameter(visit, "before").and_then(|id| id.parse::<JobId>().ok());
    let slug = parameter(visit, "source").and_then(|slug| slug.parse::<Slug>().ok());
    visit
        .read(move |tx| {
            let sources = match &slug {
                Some(slug) => vec![source::get_visible(tx, &actor, slug.as_str())?.0],
                None => source::list_visible(tx, &actor, None, MOST_SOURCES)?,
            };
            let filter = JobFilter { source: None, state, before };
            let mut jobs = jobs_of(tx, &sources, &filter, JOBS + 1)?;
            let size = usize::try_from(JOBS).unwrap_or(usize::MAX);
            let has_more = jobs.len() > size;
            jobs.truncate(size);
            let next = jobs.last().filter(|_| has_more).map(|last| last.job.id.to_string());
            Ok(JobList { jobs, state, source: slug.map(|slug| slug.to_string()), next })
        })
        .await
}

/// Shows a job: how far it is, and what became of each record.
pub(crate) async fn show_job(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_job(&visit, &id).await;
    visit.finish(Place::Workspace, loaded, |frame, page| answer_private_page(StatusCode::OK, &JobView { frame, page }))
}

async fn load_job(visit: &Visit, id: &str) -> Result<JobPage, PageError> {
    let actor = actor(visit)?;
    let id: JobId = id.parse().map_err(|_| PageError::NotFound)?;
    let filter = RecordFilter {
        outcome: parameter(visit, "outcome").and_then(|outcome| Outcome::parse(&outcome)),
        after: parameter(visit, "after").and_then(|after| after.parse().ok()),
        with_findings: parameter(visit, "findings").is_some(),
        rule: None,
    };
    visit
        .read(move |tx| {
            let (job, source, rights) = source::get_visible_job(tx, &actor, id)?;
            let braked = if job.state == JobState::AwaitingApproval { braked_by(tx, &source, id)? } else { Vec::new() };
            let mut records = harvest::list_records(tx, id, &filter, RECORDS + 1)?;
            let size = usize::try_from(RECORDS).unwrap_or(usize::MAX);
            let has_more = records.len() > size;
            records.truncate(size);
            Ok(JobPage {
                next: records.last().filter(|_| has_more).map(|record| record.seq),
                may_approve: rights.manages.is_some(),
                outcome: filter.outcome,
                with_findings: filter.with_findings,
                braked,
                job,
                source,
                records,
            })
        })
        .await
}

/// The datasets that an approval would withdraw: those of the source that the job has not met.
fn braked_by(tx: &mut Tx<'_>, source: &HarvestSource, job: JobId) -> Result<Vec<String>, CatalogError> {
    let seen = harvest::SeenKeys::load(tx, job)?;
    let sweep = harvest::find_missing(tx, source, &seen)?;
    Ok(sweep.missing.into_iter().take(MOST_BRAKED).map(|missing| missing.slug).collect())
}

/// Lists applications and their keys, for operators.
pub(crate) async fn list_applications(visit: Visit) -> HttpResponse {
    let loaded = load_applications(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ApplicationListView { frame, page })
    })
}

async fn load_applications(visit: &Visit) -> Result<ApplicationList, PageError> {
    if visit.staff()?.account.role != Role::Operator {
        return Err(PageError::Forbidden("This page is for the portal’s team."));
    }
    let after = parameter(visit, "after").and_then(|after| after.parse().ok()).unwrap_or(0);
    visit
        .read(move |tx| {
            let mut found = application::list(tx, after, APPLICATIONS + 1)?;
            let size = usize::try_from(APPLICATIONS).unwrap_or(usize::MAX);
            let has_more = found.len() > size;
            found.truncate(size);
            let next = found.last().filter(|_| has_more).map(|last| last.number);
            let mut applications = Vec::with_capacity(found.len());
            for one in found {
                let keys = application::list_keys(tx, one.id)?
                    .into_iter()
                    .filter(|key| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > tx.now))
                    .map(|key| (key.id.to_string(), key.hint))
                    .collect();
                applications.push(ApplicationLine {
                    id: one.id.to_string(),
                    number: one.number,
                    name: one.name,
                    is_portal: one.id == usage::PORTAL_APPLICATION,
                    plan: one.plan.to_string(),
                    is_verified: one.verified_at.is_some(),
                    created_at: one.created_at,
                    keys,
                });
            }
            Ok(ApplicationList { applications, next })
        })
        .await
}

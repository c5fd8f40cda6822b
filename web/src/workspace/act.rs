//! What staff do: add, run, pause, approve, stop, revoke. Each is a form and ends with a page that says what was done.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::account::{Account, Role};
use fairground_catalog::harvest::{self, HarvestPayload, NewSource, SourceState};
use fairground_catalog::{CatalogError, Tx, application, publisher, source};
use fairground_domain::{ApiKeyId, ApplicationId, JobId, Slug};

use super::load::{own_job, own_source};
use super::{KINDS, SCHEDULES_SECS, SourceForm, SourceFormView};
use crate::layout::{Form, Notice, PageError, Place, Visit, answer_private_page};
use crate::prose::safe_href;

pub(super) const ASK_A_STEWARD: &str = "Ask a steward of the publisher, or the portal’s team.";

pub(super) fn actor(account: &Account) -> String {
    format!("account:{}", account.id)
}

/// Shows the form for a new source.
pub(crate) async fn show_source_form(visit: Visit) -> HttpResponse {
    let form = may_add(&visit).map(|account| SourceForm {
        interval_secs: "86400".to_owned(),
        publisher_fixed: account.role != Role::Operator,
        ..SourceForm::default()
    });
    visit.finish(Place::Workspace, form, |frame, page| {
        answer_private_page(StatusCode::OK, &SourceFormView { frame, page })
    })
}

fn may_add(visit: &Visit) -> Result<&Account, PageError> {
    let account = &visit.staff()?.account;
    if account.role == Role::Developer { Err(PageError::Forbidden(ASK_A_STEWARD)) } else { Ok(account) }
}

/// What came of a form: the address of the page that follows, or the form with what is wrong.
type Filled = Result<String, SourceForm>;

/// Adds a source and, if asked to, its first harvest.
pub(crate) async fn add_source(visit: Visit, form: Form) -> HttpResponse {
    match try_add(&visit, &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(wrong)) => visit.finish(Place::Workspace, Ok(wrong), |frame, page| {
            answer_private_page(StatusCode::UNPROCESSABLE_ENTITY, &SourceFormView { frame, page })
        }),
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_add(visit: &Visit, form: &Form) -> Result<Filled, PageError> {
    let account = visit.acting(form)?.account.clone();
    may_add(visit)?;
    let mut typed = SourceForm {
        slug: form.text("slug").to_owned(),
        url: form.text("url").to_owned(),
        kind: form.text("kind").to_owned(),
        publisher: form.text("publisher").to_owned(),
        interval_secs: form.text("interval_secs").to_owned(),
        errors: Vec::new(),
        publisher_fixed: account.role != Role::Operator,
    };
    let Some(new) = check(&mut typed) else { return Ok(Err(typed)) };
    let proposes = account.role != Role::Operator;
    let run = form.is_set("run") && !proposes;
    let added = visit.write(move |tx| add(tx, &account, new, run)).await?;
    match added {
        Ok(slug) => {
            let notice = match (proposes, run) {
                (true, _) => Notice::SourceProposed,
                (false, true) => Notice::SourceAddedAndRun,
                (false, false) => Notice::SourceAdded,
            };
            if run {
                visit.pages.state.wake_harvester();
            }
            Ok(Ok(format!("/workspace/sources/{slug}?done={}", notice.as_str())))
        }
        Err(fault) => {
            typed.errors.push(fault);
            Ok(Err(typed))
        }
    }
}

/// Reads what was typed; `None` when something is wrong, which then stands in `errors`.
fn check(typed: &mut SourceForm) -> Option<NewSource> {
    let url = Some(typed.url.clone()).filter(|url| {
        // A path of this machine is for the command line; a form takes only what is on the web.
        safe_href(url).is_some_and(|href| href.starts_with("http://") || href.starts_with("https://"))
    });
    if url.is_none() {
        typed.errors.push(("url", "Enter the address of a catalogue, beginning with https:// or http://".to_owned()));
    }
    let slug = typed.slug.parse::<Slug>().ok();
    if slug.is_none() {
        typed.errors.push(("slug", "Enter a short name of a to z, 0 to 9 and hyphens".to_owned()));
    }
    let publisher = (!typed.publisher.is_empty() && !typed.publisher_fixed).then(|| typed.publisher.parse::<Slug>());
    if matches!(publisher, Some(Err(_))) {
        typed.errors.push(("publisher", "Enter the publisher’s short name of a to z, 0 to 9 and hyphens".to_owned()));
    }
    let kind = (!typed.kind.is_empty()).then(|| typed.kind.clone());
    if kind.as_deref().is_some_and(|kind| !KINDS.iter().any(|(known, _)| *known == kind)) {
        typed.errors.push(("kind", "Choose what the source speaks from the list".to_owned()));
    }
    let interval = (!typed.interval_secs.is_empty()).then(|| typed.interval_secs.parse::<i64>().ok());
    if interval.is_some_and(|secs| secs.is_none_or(|secs| !SCHEDULES_SECS.contains(&secs))) {
        typed.errors.push(("interval_secs", "Choose how often to look from the list".to_owned()));
    }
    if !typed.errors.is_empty() {
        return None;
    }
    Some(NewSource {
        slug: slug?,
        url: url?,
        kind,
        publisher: publisher.and_then(Result::ok),
        interval_secs: interval.flatten(),
    })
}

/// The new source's slug, or the field that the catalogue refuses and why.
fn add(
    tx: &mut Tx<'_>,
    account: &Account,
    mut new: NewSource,
    run: bool,
) -> Result<Result<Slug, (&'static str, String)>, CatalogError> {
    if account.role != Role::Operator {
        let own = account.publisher_id.map(|id| publisher::find_by_id(tx, id)).transpose()?.flatten();
        new.publisher = Some(own.ok_or(CatalogError::Forbidden(ASK_A_STEWARD))?.slug);
    }
    let added = if account.role == Role::Operator {
        harvest::create_source(tx, new, &actor(account))
    } else {
        source::propose_source(tx, new, &actor(account))
    };
    match added {
        Ok(source) => {
            if run {
                harvest::enqueue(tx, source.id, &HarvestPayload::default())?;
            }
            Ok(Ok(source.slug))
        }
        Err(CatalogError::Taken { .. }) => {
            Ok(Err(("slug", "There is a source of this name: choose another".to_owned())))
        }
        Err(CatalogError::Invalid { field, problem }) => Ok(Err((field, problem))),
        Err(error) => Err(error),
    }
}

/// Asks for a harvest, or leads to the one that is under way.
pub(crate) async fn run_source(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_run(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_run(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let account = visit.acting(form)?.account.clone();
    let dry_run = form.is_set("dry_run");
    let (job, notice) = visit
        .write(move |tx| {
            let source = own_source(tx, &account, &slug)?;
            if let Some(job) = harvest::find_unfinished(tx, source.id)? {
                return Ok((job.id, Notice::JobUnderWay));
            }
            let payload = HarvestPayload { dry_run, ..HarvestPayload::default() };
            Ok((harvest::enqueue(tx, source.id, &payload)?.id, Notice::JobStarted))
        })
        .await?;
    visit.pages.state.wake_harvester();
    Ok(format!("/workspace/jobs/{job}?done={}", notice.as_str()))
}

/// Pauses or resumes a source's schedule.
pub(crate) async fn set_source_state(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_set_state(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_set_state(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let account = visit.acting(form)?.account.clone();
    let (state, notice) = match form.text("state") {
        "active" => (SourceState::Active, Notice::SourceResumed),
        "paused" => (SourceState::Paused, Notice::SourcePaused),
        other => return Err(PageError::BadRequest(format!("A source cannot be “{other}”."))),
    };
    let slug = visit
        .write(move |tx| {
            let source = own_source(tx, &account, &slug)?;
            if !account.manages(source.publisher_id) {
                return Err(CatalogError::Forbidden(ASK_A_STEWARD));
            }
            harvest::set_source_state(tx, source.id, state)?;
            Ok(source.slug)
        })
        .await?;
    Ok(format!("/workspace/sources/{slug}?done={}", notice.as_str()))
}

/// Lets a braked harvest go on.
pub(crate) async fn approve_job(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let done = decide(&visit, &id, &form, true).await;
    visit.follow(Place::Workspace, done)
}

/// Stops a harvest.
pub(crate) async fn cancel_job(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let done = decide(&visit, &id, &form, false).await;
    visit.follow(Place::Workspace, done)
}

async fn decide(visit: &Visit, id: &str, form: &Form, approves: bool) -> Result<String, PageError> {
    let account = visit.acting(form)?.account.clone();
    let id: JobId = id.parse().map_err(|_| PageError::NotFound)?;
    visit
        .write(move |tx| {
            let (_, source) = own_job(tx, &account, id)?;
            if !account.manages(source.publisher_id) {
                return Err(CatalogError::Forbidden(ASK_A_STEWARD));
            }
            if approves { harvest::approve(tx, id) } else { harvest::cancel(tx, id) }
        })
        .await?;
    visit.pages.state.wake_harvester();
    let notice = if approves { Notice::JobApproved } else { Notice::JobCancelled };
    Ok(format!("/workspace/jobs/{id}?done={}", notice.as_str()))
}

/// Revokes a key, for operators.
pub(crate) async fn revoke_key(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let done = try_revoke(&visit, &path, &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_revoke(visit: &Visit, path: &(String, String), form: &Form) -> Result<String, PageError> {
    if visit.acting(form)?.account.role != Role::Operator {
        return Err(PageError::Forbidden("Only the portal’s team may revoke keys of others."));
    }
    let application: ApplicationId = path.0.parse().map_err(|_| PageError::NotFound)?;
    let key: ApiKeyId = path.1.parse().map_err(|_| PageError::NotFound)?;
    visit
        .pages
        .state
        .write_keys(move |tx| application::revoke_key(tx, application, key))
        .await
        .map_err(|problem| PageError::Internal(problem.chain()))?;
    Ok(format!("/workspace/applications?done={}", Notice::KeyRevoked.as_str()))
}

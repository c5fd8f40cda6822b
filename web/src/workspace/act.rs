//! What staff do: add, run, pause, approve, stop, revoke. Each is a form and ends with a page that says what was done.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::account::Role;
use fairground_catalog::harvest::{HarvestPayload, NewSource, SourceState};
use fairground_catalog::member::Actor;
use fairground_catalog::source::{self, SourceChange, steer};
use fairground_catalog::{CatalogError, Tx, application};
use fairground_domain::{ApiKeyId, ApplicationId, JobId, Slug};

use super::staff::{acting, actor as worker};
use super::{KINDS, SCHEDULES_SECS, SourceForm, SourceFormView};
use crate::layout::{Form, Notice, PageError, Place, Visit, answer_private_page};
use crate::prose::safe_href;
use crate::words::Language;

const ASK_A_MANAGER: &str = "Ask a manager of the publisher, or the portal’s team.";

/// Shows the form for a new source.
pub(crate) async fn show_source_form(visit: Visit) -> HttpResponse {
    let form = blank(&visit).await;
    visit.finish(Place::Workspace, form, |frame, page| {
        answer_private_page(StatusCode::OK, &SourceFormView { frame, page })
    })
}

async fn blank(visit: &Visit) -> Result<SourceForm, PageError> {
    let actor = worker(visit)?;
    let places = places(visit, &actor).await?;
    Ok(SourceForm {
        interval_secs: "86400".to_owned(),
        publisher_fixed: !actor.is_operator(),
        places,
        ..SourceForm::default()
    })
}

/// The publishers for which the reader may propose sources; operators choose freely.
async fn places(visit: &Visit, actor: &Actor) -> Result<Vec<(String, String)>, PageError> {
    if actor.is_operator() {
        return Ok(Vec::new());
    }
    let asked = actor.clone();
    let found = visit.read(move |tx| source::list_source_places(tx, &asked)).await?;
    if found.is_empty() {
        return Err(PageError::Forbidden(ASK_A_MANAGER));
    }
    Ok(found.into_iter().map(|(slug, name)| (slug.to_string(), name)).collect())
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
    let actor = acting(visit, form)?;
    let places = places(visit, &actor).await?;
    let mut typed = SourceForm {
        slug: form.text("slug").to_owned(),
        url: form.text("url").to_owned(),
        kind: form.text("kind").to_owned(),
        publisher: form.text("publisher").to_owned(),
        interval_secs: form.text("interval_secs").to_owned(),
        errors: Vec::new(),
        publisher_fixed: !actor.is_operator(),
        places,
    };
    let Some(new) = check(&mut typed, visit.language) else { return Ok(Err(typed)) };
    let proposes = !actor.is_operator();
    let run = form.is_set("run") && !proposes;
    let language = visit.language;
    let added = visit.write(move |tx| add(tx, language, &actor, new, run)).await?;
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
fn check(typed: &mut SourceForm, language: Language) -> Option<NewSource> {
    let url = Some(typed.url.clone()).filter(|url| {
        // A path of this machine is for the command line; a form takes only what is on the web.
        safe_href(url).is_some_and(|href| href.starts_with("http://") || href.starts_with("https://"))
    });
    if url.is_none() {
        typed.errors.push(("url", language.t("workspace-source-wrong-url").text()));
    }
    let slug = typed.slug.parse::<Slug>().ok();
    if slug.is_none() {
        typed.errors.push(("slug", language.t("workspace-source-wrong-slug").text()));
    }
    let publisher = (!typed.publisher.is_empty()).then(|| typed.publisher.parse::<Slug>());
    if matches!(publisher, Some(Err(_))) {
        typed.errors.push(("publisher", language.t("workspace-source-wrong-publisher").text()));
    }
    let kind = (!typed.kind.is_empty()).then(|| typed.kind.clone());
    if kind.as_deref().is_some_and(|kind| !KINDS.iter().any(|(known, _)| *known == kind)) {
        typed.errors.push(("kind", language.t("workspace-source-wrong-kind").text()));
    }
    let interval = (!typed.interval_secs.is_empty()).then(|| typed.interval_secs.parse::<i64>().ok());
    if interval.is_some_and(|secs| secs.is_none_or(|secs| !SCHEDULES_SECS.contains(&secs))) {
        typed.errors.push(("interval_secs", language.t("workspace-source-wrong-interval").text()));
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
    language: Language,
    actor: &Actor,
    new: NewSource,
    run: bool,
) -> Result<Result<Slug, (&'static str, String)>, CatalogError> {
    match steer::add(tx, actor, new) {
        Ok(source) => {
            if run {
                steer::run(tx, actor, source.slug.as_str(), &HarvestPayload::default())?;
            }
            Ok(Ok(source.slug))
        }
        Err(CatalogError::Taken { .. }) => Ok(Err(("slug", language.t("workspace-source-slug-taken").text()))),
        Err(CatalogError::Invalid { field, problem }) => Ok(Err((field, language.refused(problem)))),
        Err(error) => Err(error),
    }
}

/// Asks for a harvest, or leads to the one that is under way.
pub(crate) async fn run_source(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_run(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_run(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let payload = HarvestPayload { dry_run: form.is_set("dry_run"), ..HarvestPayload::default() };
    let (job, is_new) = visit.write(move |tx| steer::run(tx, &actor, &slug, &payload)).await?;
    visit.pages.state.wake_harvester();
    let notice = if is_new { Notice::JobStarted } else { Notice::JobUnderWay };
    Ok(format!("/workspace/jobs/{}?done={}", job.id, notice.as_str()))
}

/// Pauses or resumes a source's schedule.
pub(crate) async fn set_source_state(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_set_state(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_set_state(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let (state, notice) = match form.text("state") {
        "active" => (SourceState::Active, Notice::SourceResumed),
        "paused" => (SourceState::Paused, Notice::SourcePaused),
        other => return Err(PageError::BadRequest(format!("A source cannot be “{other}”."))),
    };
    let change = SourceChange { state: Some(state), ..SourceChange::default() };
    let changed = visit.write(move |tx| steer::change(tx, &actor, &slug, change)).await?;
    Ok(format!("/workspace/sources/{}?done={}", changed.slug, notice.as_str()))
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
    let actor = acting(visit, form)?;
    let id: JobId = id.parse().map_err(|_| PageError::NotFound)?;
    visit
        .write(move |tx| if approves { steer::let_go_on(tx, &actor, id) } else { steer::stop(tx, &actor, id) })
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

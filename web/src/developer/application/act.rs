//! What is done to applications and keys.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_api::problem::{Problem, ProblemKind};
use fairground_catalog::application::{
    self, Application, ApplicationChange, KeyChange, KeyScopes, NewKey, Owner, Restrictions,
};
use fairground_catalog::{CatalogError, Tx, organisation};
use fairground_domain::{ApiKeyId, Timestamp};

use super::load::{load_page, parse_id};
use super::{ApplicationView, LIFE_DAYS, NewKeyPage, NewKeyView, OVERLAP_DAYS};
use crate::developer::holder::Holder;
use crate::layout::{Form, Notice, PageError, Place, Visit, answer_private_page};

const DAY_SECS: i64 = 86_400;
/// When to come back after too many of something, in seconds.
const TOO_MANY_RETRY_SECS: u64 = 3_600;

/// What an act came to: its value, or the field that was wrong and the fault.
pub(in crate::developer) type Acted<T> = Result<Result<T, (String, String)>, PageError>;

/// A refusal of the catalogue as what a form says (the field and the fault), or as the page that says why nothing was done.
pub(in crate::developer) fn judged<T>(written: Result<T, Problem>) -> Acted<T> {
    let problem = match written {
        Ok(value) => return Ok(Ok(value)),
        Err(problem) => problem,
    };
    if let Some(fault) = problem.faults().first() {
        let field = fault.pointer.as_deref().unwrap_or_default().trim_start_matches('/').to_owned();
        return Ok(Err((field, fault.detail.clone())));
    }
    Err(match problem.kind() {
        ProblemKind::NotFound => PageError::NotFound,
        ProblemKind::Forbidden => PageError::Forbidden("Ask an owner of the organisation."),
        ProblemKind::Conflict | ProblemKind::Taken => PageError::BadRequest(format!("{problem}.")),
        ProblemKind::TooManyAttempts => PageError::TooMany(TOO_MANY_RETRY_SECS),
        ProblemKind::Unavailable | ProblemKind::Overloaded => PageError::Unavailable,
        _ => PageError::Internal(problem.chain()),
    })
}

/// Does something to an application of whoever sends the form; what the catalogue finds wrong comes back for the form to say.
async fn act<T: Send + 'static>(
    visit: &Visit,
    holder: &Holder,
    id: &str,
    work: impl FnOnce(&mut Tx<'_>, &Owner, Application) -> Result<T, CatalogError> + Send + 'static,
) -> Acted<T> {
    let id = parse_id(id)?;
    let owner = holder.owner.clone();
    let written = visit
        .pages
        .state
        .write_keys(move |tx| {
            let found = application::find_owned(tx, &owner, id)?;
            work(tx, &owner, found)
        })
        .await;
    judged(written)
}

/// Goes on to the application's page, or shows it with the fault.
async fn go_on<T>(visit: &Visit, holder: Holder, id: &str, acted: Acted<T>, notice: Notice) -> HttpResponse {
    match acted {
        Ok(Ok(_)) => {
            visit.follow(Place::Developers, Ok(format!("/developers/applications/{id}?done={}", notice.as_str())))
        }
        Ok(Err(fault)) => show_fault(visit, holder, id, fault).await,
        Err(error) => visit.follow(Place::Developers, Err(error)),
    }
}

async fn show_fault(visit: &Visit, holder: Holder, id: &str, fault: (String, String)) -> HttpResponse {
    let loaded = load_page(visit, holder, id).await.map(|mut page| {
        page.fault = Some(fault);
        page
    });
    visit.finish(Place::Developers, loaded, |frame, page| {
        answer_private_page(StatusCode::UNPROCESSABLE_ENTITY, &ApplicationView { frame, page })
    })
}

/// Changes name and settings.
pub(crate) async fn change_application(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let wanted = ApplicationChange { name: Some(form.text("name").to_owned()), quota_letters: None };
    let acted = act(&visit, &holder, &id, move |tx, _, found| application::change(tx, found.id, &wanted)).await;
    go_on(&visit, holder, &id, acted, Notice::Saved).await
}

/// Makes a key and shows it, this once.
pub(crate) async fn create_key(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let (name, scopes) = (form.text("name").to_owned(), scopes(&form));
    let (hosts, networks) = (lines(form.text("referrer_hosts")), lines(form.text("networks")));
    let days = chosen(form.text("life_days"), &LIFE_DAYS);
    let secret = visit.pages.state.catalog.secret.clone();
    let acted = act(&visit, &holder, &id, move |tx, _, found| {
        let new = NewKey {
            name,
            scopes: KeyScopes::parse(&scopes)?,
            restrictions: Restrictions::parse(&hosts, &networks)?,
            expires_at: (days > 0).then(|| tx.now.plus_secs(days * DAY_SECS)),
        };
        application::create_key(tx, &secret, &found, new)
    })
    .await;
    let shown = acted.map(|made| {
        made.map(|(key, plain)| NewKeyPage {
            key: plain.reveal().to_owned(),
            name: key.name,
            application: id.to_string(),
            old_until: None,
        })
    });
    show_once(&visit, holder, &id, shown).await
}

/// Puts a new key in the place of one and shows it, this once.
pub(crate) async fn rotate_key(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let (id, key) = path.into_inner();
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let overlap = chosen(form.text("overlap_days"), &OVERLAP_DAYS) * DAY_SECS;
    let secret = visit.pages.state.catalog.secret.clone();
    let acted = act(&visit, &holder, &id, move |tx, _, found| {
        let old: ApiKeyId = parse_key(&key)?;
        let (new, plain) = application::rotate_key(tx, &secret, &found, old, overlap)?;
        let until: Option<Timestamp> = application::list_keys(tx, found.id)?
            .into_iter()
            .find(|key| key.id == old)
            .filter(|key| key.works(tx.now))
            .and_then(|key| key.expires_at);
        Ok((new, plain, until))
    })
    .await;
    let shown = acted.map(|made| {
        made.map(|(key, plain, old_until)| NewKeyPage {
            key: plain.reveal().to_owned(),
            name: key.name,
            application: id.clone(),
            old_until,
        })
    });
    show_once(&visit, holder, &id, shown).await
}

async fn show_once(visit: &Visit, holder: Holder, id: &str, shown: Acted<NewKeyPage>) -> HttpResponse {
    match shown {
        Ok(Ok(page)) => visit.finish(Place::Developers, Ok(page), |frame, page| {
            answer_private_page(StatusCode::OK, &NewKeyView { frame, page })
        }),
        Ok(Err(fault)) => show_fault(visit, holder, id, fault).await,
        Err(error) => visit.follow(Place::Developers, Err(error)),
    }
}

/// Changes what a key is called, is for and may come from.
pub(crate) async fn change_key(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let (id, key) = path.into_inner();
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let (name, scopes) = (form.text("name").to_owned(), scopes(&form));
    let (hosts, networks) = (lines(form.text("referrer_hosts")), lines(form.text("networks")));
    let acted = act(&visit, &holder, &id, move |tx, _, found| {
        let wanted = KeyChange {
            name: Some(name),
            scopes: Some(KeyScopes::parse(&scopes)?),
            referrer_hosts: Some(hosts),
            networks: Some(networks),
        };
        application::change_key(tx, found.id, parse_key(&key)?, &wanted)
    })
    .await;
    go_on(&visit, holder, &id, acted, Notice::Saved).await
}

/// Revokes a key.
pub(crate) async fn revoke_key(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let (id, key) = path.into_inner();
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let acted =
        act(&visit, &holder, &id, move |tx, _, found| application::revoke_key(tx, found.id, parse_key(&key)?)).await;
    go_on(&visit, holder, &id, acted, Notice::KeyRevoked).await
}

/// Gives the application to an organisation of the reader's, or to the reader.
pub(crate) async fn transfer_application(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let to = form.text("to").to_owned();
    let acted = act(&visit, &holder, &id, move |tx, owner, found| {
        let to = match (to.as_str(), owner.account) {
            ("", _) => None,
            (slug, Some(account)) => Some(organisation::get_for(tx, account, slug)?.0.id),
            (slug, None) => return Err(CatalogError::not_found("organisation", slug)),
        };
        application::transfer(tx, owner, found.id, to)
    })
    .await;
    go_on(&visit, holder, &id, acted, Notice::Saved).await
}

/// Closes the application for good.
pub(crate) async fn close_application(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let holder = match Holder::acting(&visit, &form).await {
        Ok(holder) => holder,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    if !form.is_set("sure") {
        let fault = ("sure".to_owned(), "Say that you are sure".to_owned());
        return show_fault(&visit, holder, &id, fault).await;
    }
    let acted = act(&visit, &holder, &id, |tx, _, found| application::close(tx, found.id)).await;
    match acted {
        Ok(Ok(_)) => {
            let address = format!("/developers/applications?done={}", Notice::ApplicationClosed.as_str());
            visit.follow(Place::Developers, Ok(address))
        }
        Ok(Err(fault)) => show_fault(&visit, holder, &id, fault).await,
        Err(error) => visit.follow(Place::Developers, Err(error)),
    }
}

fn parse_key(text: &str) -> Result<ApiKeyId, CatalogError> {
    text.parse().map_err(|_| CatalogError::not_found("key", text))
}

/// The scopes whose boxes were set.
fn scopes(form: &Form) -> Vec<&'static str> {
    KeyScopes::all_names().into_iter().filter(|name| form.is_set(&format!("scope-{name}"))).collect()
}

/// What stands on the lines of a field, or between its commas.
fn lines(text: &str) -> Vec<String> {
    text.split(['\n', ',']).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// The number that was chosen, if it is one that was offered; else the first.
fn chosen(text: &str, offered: &[i64]) -> i64 {
    let wanted = text.parse::<i64>().ok().filter(|number| offered.contains(number));
    wanted.or_else(|| offered.first().copied()).unwrap_or(0)
}

//! Services: listed, registered, approved, changed.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post, put};
use fairground_catalog::account::{Account, Role};
use fairground_catalog::service::{self, DataService, NewService, ServiceCredentials};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::Slug;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{CredentialsIn, NewServiceIn, ReasonIn, ServiceChangeIn, ServiceHealthOut, ServiceOut};
use crate::answer::{Freshness, Rendered};
use crate::body::Body;
use crate::caller::{ApproveServices, Caller, RegisterServices, Then, find_signed_in};
use crate::gateway::check_service;
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Days of looks that are told.
const HEALTH_DAYS: i64 = 30;

/// A service's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ServicePath {
    /// The service's id or slug.
    service: String,
}

/// The service, if it is the account's business; otherwise there is none.
fn own(tx: &mut Tx<'_>, account: &Account, id_or_slug: &str) -> Result<DataService, CatalogError> {
    let service = service::get(tx, id_or_slug)?;
    if account.works_for(Some(service.publisher_id)) {
        Ok(service)
    } else {
        Err(CatalogError::not_found("service", id_or_slug))
    }
}

/// The service, if it is public or the account's business; and whether it is the latter.
fn visible(tx: &mut Tx<'_>, account: Option<&Account>, id_or_slug: &str) -> Result<(DataService, bool), CatalogError> {
    let service = service::get(tx, id_or_slug)?;
    let is_staff = account.is_some_and(|account| account.works_for(Some(service.publisher_id)));
    if is_staff || service.state.is_public() {
        Ok((service, is_staff))
    } else {
        Err(CatalogError::not_found("service", id_or_slug))
    }
}

/// Who is signed in, for operations that need nobody to be.
async fn account_of(req: &HttpRequest, state: &ApiState) -> Result<Option<Account>, Problem> {
    Ok(find_signed_in(req, state).await?.map(|signed_in| signed_in.account))
}

/// Services that are fronted, by slug.
#[utoipa::path(tag = "services", params(PageParams), security((), ("api_key" = [])),
               responses((status = OK, body = Page<ServiceOut>), Problem))]
#[get("/services")]
pub(super) async fn list_services(
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let after: Option<Slug> = page.after.as_deref().and_then(|slug| slug.parse().ok());
    let wanted = page.wanted();
    let found = state.read(move |tx| service::list_public(tx, after.as_ref(), wanted)).await?;
    let (items, next) = page.cut(found, |service| service.slug.to_string());
    let items: Vec<ServiceOut> = items.into_iter().map(|service| ServiceOut::new(service, false)).collect();
    page::answer(items, next, Freshness::Revalidated, &req)
}

/// Registers a service of one's own body; an operator approves it before it is fronted.
#[utoipa::path(tag = "services", request_body = NewServiceIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = ServiceOut), Problem))]
#[post("/services")]
pub(super) async fn create_service(
    asked: Then<Caller<RegisterServices>, Body<NewServiceIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(new)) = asked;
    let (actor, account) = (caller.actor(), caller.into_account());
    let draft = new.service.draft()?;
    let openapi = new.service.document()?.flatten();
    let credentials = ServiceCredentials::from(new.credentials);
    check_service(&draft, &credentials, &state.settings.reach)?;
    let slug: Option<Slug> = new.slug.as_deref().and_then(|slug| slug.parse().ok());
    let secret = state.catalog.secret.clone();
    let service = state
        .write_services(move |tx| {
            let publisher = publisher_for(tx, &account, new.publisher.as_deref())?;
            service::create(tx, &secret, NewService { slug, publisher, draft, openapi, credentials }, &actor)
        })
        .await?;
    let location = format!("/api/v1/services/{}", service.slug);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(ServiceOut::new(service, true)))
}

/// For whom a new service is: as asked for operators, the own body for others.
fn publisher_for(tx: &mut Tx<'_>, account: &Account, asked: Option<&str>) -> Result<Slug, CatalogError> {
    let invalid = |problem: &str| CatalogError::Invalid { field: "publisher", problem: problem.to_owned() };
    let asked: Option<Slug> = asked.map(str::parse).transpose().map_err(|_| invalid("is not a slug"))?;
    let own = account.publisher_id.and_then(|id| publisher::find_by_id(tx, id).transpose()).transpose()?;
    match (account.role, own, asked) {
        (Role::Operator, _, Some(asked)) => Ok(asked),
        (Role::Operator, Some(own), None) => Ok(own.slug),
        (Role::Operator, None, None) => Err(invalid("say for whom it is")),
        (Role::Steward | Role::Publisher | Role::Developer | Role::Auditor, None, _) => {
            Err(CatalogError::Forbidden("the account acts for no publisher"))
        }
        (Role::Steward | Role::Publisher | Role::Developer | Role::Auditor, Some(own), Some(other))
            if other != own.slug =>
        {
            Err(invalid("must be your own body"))
        }
        (Role::Steward | Role::Publisher | Role::Developer | Role::Auditor, Some(own), _) => Ok(own.slug),
    }
}

/// One service; its agency and operators see more of it, and see it before it is open.
#[utoipa::path(tag = "services", params(ServicePath), security((), ("api_key" = []), ("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[get("/services/{service}")]
pub(super) async fn get_service(
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let account = account_of(&req, &state).await?;
    let name = path.into_inner().service;
    let (service, is_staff) = state.read(move |tx| visible(tx, account.as_ref(), &name)).await?;
    let freshness = if is_staff { Freshness::Private } else { Freshness::Revalidated };
    Ok(Rendered::json(&ServiceOut::new(service, is_staff), freshness)?.answer(&req))
}

/// Says anew what a service is; a live one is fronted by the new settings at once.
#[utoipa::path(tag = "services", params(ServicePath), request_body = ServiceChangeIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[put("/services/{service}")]
pub(super) async fn update_service(
    asked: Then<Caller<RegisterServices>, Body<ServiceChangeIn>>,
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ServiceOut> {
    let Then(caller, Body(change)) = asked;
    let (actor, account, name) = (caller.actor(), caller.into_account(), path.into_inner().service);
    let draft = change.service.draft()?;
    let openapi = change.service.document()?;
    check_service(&draft, &ServiceCredentials::None, &state.settings.reach)?;
    let site = state.settings.public_url.clone();
    let service = state
        .write_services(move |tx| {
            let before = own(tx, &account, &name)?;
            let openapi = openapi.as_ref().map(Option::as_ref);
            service::update(tx, &before.id.to_string(), change.revision, &draft, openapi, &site, &actor)
        })
        .await?;
    Ok(Json(ServiceOut::new(service, true)))
}

/// Puts other credentials in the place of those that are kept. They are sealed, and never shown again.
#[utoipa::path(tag = "services", params(ServicePath), request_body = CredentialsIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[put("/services/{service}/credentials")]
pub(super) async fn set_service_credentials(
    asked: Then<Caller<RegisterServices>, Body<CredentialsIn>>,
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ServiceOut> {
    let Then(caller, Body(credentials)) = asked;
    let (actor, account, name) = (caller.actor(), caller.into_account(), path.into_inner().service);
    let credentials = ServiceCredentials::from(credentials);
    let (secret, reach) = (state.catalog.secret.clone(), state.settings.reach.clone());
    let service = state
        .write_services(move |tx| {
            let before = own(tx, &account, &name)?;
            check_service(&before.draft, &credentials, &reach)?;
            service::set_credentials(tx, &secret, &before.id.to_string(), &credentials, &actor)
        })
        .await?;
    Ok(Json(ServiceOut::new(service, true)))
}

/// Agrees that a registered service be fronted.
#[utoipa::path(tag = "services", params(ServicePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[post("/services/{service}/approve")]
pub(super) async fn approve_service(
    caller: Caller<ApproveServices>,
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ServiceOut> {
    let (actor, name) = (caller.actor(), path.into_inner().service);
    let service = state.write_services(move |tx| service::approve(tx, &name, &actor)).await?;
    Ok(Json(ServiceOut::new(service, true)))
}

/// Fronts an approved service, or one that was suspended; what an operator suspended, an operator opens.
#[utoipa::path(tag = "services", params(ServicePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[post("/services/{service}/open")]
pub(super) async fn open_service(
    caller: Caller<RegisterServices>,
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ServiceOut> {
    let (actor, account, name) = (caller.actor(), caller.into_account(), path.into_inner().service);
    let site = state.settings.public_url.clone();
    let service = state
        .write_services(move |tx| {
            let service = own(tx, &account, &name)?;
            must_be_theirs_to_open(&account, &service)?;
            service::open(tx, &service.id.to_string(), &site, &actor)
        })
        .await?;
    Ok(Json(ServiceOut::new(service, true)))
}

/// Whoever suspended a service is not remembered, so an operator opens it again.
fn must_be_theirs_to_open(account: &Account, service: &DataService) -> Result<(), CatalogError> {
    match service.state {
        service::ServiceState::Suspended if account.role != Role::Operator => {
            Err(CatalogError::Forbidden("an operator opens a suspended service again"))
        }
        _ => Ok(()),
    }
}

/// Stops fronting a service for a while; the reason is public.
#[utoipa::path(tag = "services", params(ServicePath), request_body = ReasonIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[post("/services/{service}/suspend")]
pub(super) async fn suspend_service(
    asked: Then<Caller<RegisterServices>, Body<ReasonIn>>,
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ServiceOut> {
    let Then(caller, Body(why)) = asked;
    let (actor, account, name) = (caller.actor(), caller.into_account(), path.into_inner().service);
    let service = state
        .write_services(move |tx| {
            let service = own(tx, &account, &name)?;
            service::suspend(tx, &service.id.to_string(), &why.reason, &actor)
        })
        .await?;
    Ok(Json(ServiceOut::new(service, true)))
}

/// Stops fronting a service for ever; the reason is public.
#[utoipa::path(tag = "services", params(ServicePath), request_body = ReasonIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceOut), Problem))]
#[post("/services/{service}/retire")]
pub(super) async fn retire_service(
    asked: Then<Caller<RegisterServices>, Body<ReasonIn>>,
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ServiceOut> {
    let Then(caller, Body(why)) = asked;
    let (actor, account, name) = (caller.actor(), caller.into_account(), path.into_inner().service);
    let service = state
        .write_services(move |tx| {
            let service = own(tx, &account, &name)?;
            service::retire(tx, &service.id.to_string(), &why.reason, &actor)
        })
        .await?;
    Ok(Json(ServiceOut::new(service, true)))
}

/// How a service fares, as the portal sees it.
#[utoipa::path(tag = "services", params(ServicePath), security((), ("api_key" = []), ("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ServiceHealthOut), Problem))]
#[get("/services/{service}/health")]
pub(super) async fn get_service_health(
    path: Path<ServicePath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let account = account_of(&req, &state).await?;
    let name = path.into_inner().service;
    let told = state
        .read(move |tx| {
            let (service, is_staff) = visible(tx, account.as_ref(), &name)?;
            let health = service::find_health(tx, service.id)?;
            let days = service::list_health_days(tx, service.id, HEALTH_DAYS)?;
            Ok(ServiceHealthOut::new(service.slug.as_str(), service.state, health, days, is_staff))
        })
        .await?;
    Ok(Rendered::json(&told, Freshness::Private)?.answer(&req))
}

//! The public register: reading it, and the acts that stand in it.

use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use fairground_catalog::register::{self, Content, EntryKind, EntryStatus, RegisterEntry, RegisterFilter};
use fairground_catalog::{application, letter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{ArrangementIn, EndIn, EntryList, EntryOut, ExceptionIn, RefusalIn, SuspensionIn};
use super::{csv, letters};
use crate::answer::{Freshness, Rendered};
use crate::body::Body;
use crate::caller::{Anyone, Caller, GovernMarket, Then};
use crate::mail::Tongue;
use crate::page::PageQuery;
use crate::problem::{Answer, Problem};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// What may be asked of the register.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct RegisterParams {
    /// Only of this kind: `exception`, `suspension`, `arrangement`, `refusal` or `assignment`.
    kind: Option<String>,
    /// Only with this status: `coming`, `in-force` or `ended`.
    status: Option<String>,
    /// Only about the application of this number.
    application: Option<i64>,
    /// `json` or `csv`.
    #[param(default = "json")]
    format: Option<String>,
    /// Entries on a page.
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

#[derive(Debug)]
pub(super) struct RegisterQuery {
    kind: Option<EntryKind>,
    status: Option<EntryStatus>,
    application: Option<i64>,
    as_csv: bool,
    page: PageQuery,
}

impl FromQuery for RegisterQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let kinds: Vec<(&str, EntryKind)> = EntryKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
        let statuses: Vec<(&str, EntryStatus)> = EntryStatus::ALL.iter().map(|one| (one.as_str(), *one)).collect();
        let most = i64::MAX.unsigned_abs();
        Self {
            kind: query.choice("kind", &kinds),
            status: query.choice("status", &statuses),
            application: query.number("application", 1..=most).and_then(|number| i64::try_from(number).ok()),
            as_csv: query.choice("format", &[("json", false), ("csv", true)]).unwrap_or(false),
            page: PageQuery::from_query(query),
        }
    }
}

/// The public register: exceptions, suspensions (by number), exclusive arrangements, refusals and plans given by hand, newest
/// first, with reason and end.
#[utoipa::path(tag = "transparency", params(RegisterParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, description = "The entries",
                          content((EntryList = "application/json"), (String = "text/csv"))), Problem))]
#[get("/register")]
pub(super) async fn list_register(
    _caller: Anyone,
    query: Query<RegisterQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(RegisterQuery { kind, status, application, as_csv, page }) = query;
    let before = page.after.as_deref().map(str::parse::<i64>).transpose().map_err(|_| {
        Problem::new(crate::problem::ProblemKind::InvalidParameter).detail("`cursor` is not one that we gave.")
    })?;
    let filter = RegisterFilter { kind, status, application, before };
    let one_more = page.limit + 1;
    let (entries, now) = state.read(move |tx| Ok((register::list(tx, &filter, one_more)?, tx.now))).await?;
    let (entries, next) = page.cut(entries, |entry| entry.number.to_string());
    let rendered = if as_csv {
        Rendered::new(csv::table(&entries, now), "text/csv; charset=utf-8; header=present", Freshness::Revalidated)
    } else {
        let items = entries.into_iter().map(|entry| EntryOut::of(entry, now)).collect();
        Rendered::json(&EntryList { items, next: next.clone() }, Freshness::Revalidated)?
    };
    Ok(crate::page::link_next(rendered, &req, next.as_deref()).answer(&req))
}

/// An entry's number.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct EntryPath {
    /// The entry's number.
    entry: String,
}

impl EntryPath {
    fn number(&self) -> Result<i64, Problem> {
        self.entry.parse().map_err(|_| Problem::not_found("register entry"))
    }
}

/// One entry of the public register.
#[utoipa::path(tag = "transparency", params(EntryPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = EntryOut), Problem))]
#[get("/register/{entry}")]
pub(super) async fn get_register_entry(
    _caller: Anyone,
    path: Path<EntryPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let number = path.number()?;
    let (entry, now) = state.read(move |tx| Ok((register::get(tx, number)?, tx.now))).await?;
    Ok(Rendered::json(&EntryOut::of(entry, now), Freshness::Revalidated)?.answer(&req))
}

fn made(entry: RegisterEntry) -> HttpResponse {
    let location = format!("/api/v1/register/{}", entry.number);
    let out = EntryOut::of(entry.clone(), entry.published_at);
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(out)
}

/// Publishes an exception: limits that differ from the tariff for a while, for everybody on a plan or in a class.
#[utoipa::path(tag = "transparency", request_body = ExceptionIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = EntryOut), Problem))]
#[post("/register/exceptions")]
pub(super) async fn publish_exception(
    caller: Then<Caller<GovernMarket>, Body<ExceptionIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(body)) = caller;
    let actor = caller.actor();
    let write = state.write_keys(move |tx| {
        let terms = body.into_terms(tx.now);
        register::publish_exception(tx, terms, &actor)
    });
    Ok(made(write.await?))
}

/// Suspends an application, by its number. Its owner gets a letter; calls with its keys are refused from now on.
#[utoipa::path(tag = "transparency", request_body = SuspensionIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = EntryOut), Problem))]
#[post("/register/suspensions")]
pub(super) async fn suspend_application(
    caller: Then<Caller<GovernMarket>, Body<SuspensionIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(body)) = caller;
    let (actor, new) = (caller.actor(), body.into());
    let (secret, settings) = (state.catalog.secret.clone(), std::sync::Arc::clone(&state.settings));
    let write = state.write_keys(move |tx| {
        let (entry, owner) = register::suspend(tx, new, &actor)?;
        let tongue = Tongue::of_address(tx, &owner.email, settings.language)?;
        letter::enqueue(tx, &secret, letters::suspension(&settings, tongue, &owner, &entry).into())?;
        Ok(entry)
    });
    let entry = write.await?;
    state.post.wake();
    Ok(made(entry))
}

/// Registers an exclusive arrangement, two months before it takes effect.
#[utoipa::path(tag = "transparency", request_body = ArrangementIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = EntryOut), Problem))]
#[post("/register/arrangements")]
pub(super) async fn register_arrangement(
    caller: Then<Caller<GovernMarket>, Body<ArrangementIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(body)) = caller;
    let (actor, new) = (caller.actor(), body.into());
    Ok(made(state.write(move |tx| register::register_arrangement(tx, new, &actor)).await?))
}

/// Registers that something was refused to somebody, and why.
#[utoipa::path(tag = "transparency", request_body = RefusalIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = EntryOut), Problem))]
#[post("/register/refusals")]
pub(super) async fn register_refusal(
    caller: Then<Caller<GovernMarket>, Body<RefusalIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(body)) = caller;
    let (actor, new) = (caller.actor(), body.into());
    Ok(made(state.write(move |tx| register::register_refusal(tx, new, &actor)).await?))
}

/// Ends an exception, a suspension or an arrangement before its time. A suspended application works again at once.
#[utoipa::path(tag = "transparency", params(EntryPath), request_body = EndIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = EntryOut), Problem))]
#[post("/register/{entry}/end")]
pub(super) async fn end_register_entry(
    caller: Then<Caller<GovernMarket>, Body<EndIn>>,
    path: Path<EntryPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<EntryOut> {
    let Then(caller, Body(EndIn { reason })) = caller;
    let (actor, number) = (caller.actor(), path.number()?);
    let (secret, settings) = (state.catalog.secret.clone(), std::sync::Arc::clone(&state.settings));
    let write = state.write_keys(move |tx| {
        let entry = register::end(tx, number, &reason, &actor)?;
        if let Content::Suspension { application, .. } = entry.content
            && let Some(owner) = application::find_by_number(tx, application)?
        {
            let tongue = Tongue::of_address(tx, &owner.email, settings.language)?;
            letter::enqueue(tx, &secret, letters::reinstatement(&settings, tongue, &owner, &entry).into())?;
        }
        Ok((entry, tx.now))
    });
    let (entry, now) = write.await?;
    state.post.wake();
    Ok(Json(EntryOut::of(entry, now)))
}

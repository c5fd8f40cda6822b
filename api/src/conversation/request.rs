//! Requests for data that is not published.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use fairground_catalog::account::Account;
use fairground_catalog::citizen::{self, Act};
use fairground_catalog::conversation::{self, DataRequest, NewDataRequest, Order, RequestFilter, RequestState};
use fairground_catalog::{CatalogError, dataset, letter, publisher};
use fairground_domain::{DataRequestId, DatasetId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{DataRequestIn, DataRequestOut, ModerationIn, RequestAnswerIn, SupportIn};
use crate::answer::{Freshness, Rendered};
use crate::body::{Body, OptionalBody};
use crate::caller::{Anyone, Caller, GovernMarket, SignedInOnly, Then};
use crate::mail::Tongue;
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;
use crate::watch::{ActOut, CitizenCaller, acting, answer, request_answered, taken};

/// A request for data.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RequestPath {
    /// The request's id.
    request: String,
}

impl RequestPath {
    fn id(&self) -> Result<DataRequestId, Problem> {
        self.request.parse().map_err(|_| Problem::not_found("data request"))
    }
}

/// Which requests.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ListParams {
    /// `open`, `under-review`, `planned`, `published` or `declined`.
    state: Option<String>,
    /// To a publisher, by id or slug.
    publisher: Option<String>,
    /// `supported` (default): what most ask for first; `newest`.
    sort: Option<String>,
}

#[derive(Debug)]
pub(super) struct ListQuery {
    state: Option<RequestState>,
    publisher: Option<String>,
    order: Order,
    page: PageQuery,
    after: Option<(i64, DataRequestId)>,
}

impl FromQuery for ListQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let states = RequestState::ALL.map(|state| (state.as_str(), state));
        let state = query.choice("state", &states);
        let publisher = query.text("publisher");
        let order = query.choice("sort", &[("supported", Order::Supported), ("newest", Order::Newest)]);
        let page = PageQuery::from_query(query);
        let after = page.after.as_deref().and_then(read_place);
        if page.after.is_some() && after.is_none() {
            query.fault("cursor", "Not a cursor that we gave.");
        }
        Self { state, publisher, order: order.unwrap_or_default(), page, after }
    }
}

fn read_place(text: &str) -> Option<(i64, DataRequestId)> {
    let (supporters, id) = text.split_once('.')?;
    Some((supporters.parse().ok()?, id.parse().ok()?))
}

/// Requests for data that is not published, what most ask for first. Hidden ones are left out.
#[utoipa::path(tag = "conversations", params(ListParams, PageParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Page<DataRequestOut>), Problem))]
#[get("/data-requests")]
pub(super) async fn list_data_requests(
    _caller: Anyone,
    query: Query<ListQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ListQuery { state: wanted, publisher: name, order, page, after }) = query;
    let limit = page.wanted();
    let requests = state
        .read(move |tx| {
            let publisher = match name {
                Some(name) => {
                    let found = publisher::find(tx, &name)?;
                    Some(found.ok_or_else(|| CatalogError::not_found("publisher", &name))?.id)
                }
                None => None,
            };
            conversation::list_requests(tx, &RequestFilter { state: wanted, publisher }, order, after, limit)
        })
        .await?;
    let (items, next) = page.cut(requests, |request: &DataRequest| format!("{}.{}", request.supporters, request.id));
    let items = items.into_iter().map(DataRequestOut::from).collect();
    page::answer(items, next, Freshness::Revalidated, &req)
}

/// Asks for data that is not published, in public and without a name. As for questions: 201 when it stands, 202 when a letter
/// is on its way.
#[utoipa::path(tag = "conversations", request_body = DataRequestIn,
               security((), ("api_key" = []), ("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = ActOut), (status = ACCEPTED, body = ActOut), Problem))]
#[post("/data-requests")]
pub(super) async fn create_data_request(
    asked: Then<Anyone, Body<DataRequestIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Body(DataRequestIn { title, reason, publisher: name, email })) = asked;
    let account = acting(&req, &state).await?;
    let publisher = match name {
        Some(name) => {
            let found = state.read(move |tx| publisher::find(tx, name.trim())).await?;
            Some(found.ok_or_else(|| Problem::not_found("publisher"))?.id)
        }
        None => None,
    };
    let act = Act::Request(NewDataRequest { title, reason, publisher });
    let done = state.act(&req, account.as_ref(), email.as_deref(), act).await?;
    let (out, is_done) = taken(done);
    Ok(answer(out, is_done))
}

/// A request for data. Of a hidden one, that it is and why.
#[utoipa::path(tag = "conversations", params(RequestPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = DataRequestOut), Problem))]
#[get("/data-requests/{request}")]
pub(super) async fn get_data_request(
    _caller: Anyone,
    path: Path<RequestPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let id = path.id()?;
    let request = state.read(move |tx| conversation::get_request(tx, id)).await?;
    Ok(Rendered::json(&DataRequestOut::from(request), Freshness::Revalidated)?.answer(&req))
}

/// Supports a request: each address counts once. As for questions: 201 when it counts, 202 when a letter is on its way.
#[utoipa::path(tag = "conversations", params(RequestPath), request_body = SupportIn,
               security((), ("api_key" = []), ("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = ActOut), (status = ACCEPTED, body = ActOut), Problem))]
#[post("/data-requests/{request}/support")]
pub(super) async fn support_data_request(
    asked: Then<Anyone, OptionalBody<SupportIn>>,
    path: Path<RequestPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, OptionalBody(SupportIn { email })) = asked;
    let account = acting(&req, &state).await?;
    let done = state.act(&req, account.as_ref(), email.as_deref(), Act::Support(path.id()?)).await?;
    let (out, is_done) = taken(done);
    Ok(answer(out, is_done))
}

/// Takes your support of a request back.
#[utoipa::path(tag = "conversations", params(RequestPath),
               security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = NO_CONTENT, description = "It no longer counts"), Problem))]
#[delete("/data-requests/{request}/support")]
pub(super) async fn withdraw_support(
    caller: CitizenCaller,
    path: Path<RequestPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (own, id) = (caller.own("support")?, path.id()?);
    state.write(move |tx| conversation::withdraw_support(tx, own.id, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Answers a request: gives it a state, says why, and names the dataset that fulfils it. Whoever asked and supports is told.
#[utoipa::path(tag = "conversations", params(RequestPath), request_body = RequestAnswerIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = DataRequestOut), Problem))]
#[post("/data-requests/{request}/answer")]
pub(super) async fn answer_data_request(
    asked: Then<Caller<SignedInOnly>, Body<RequestAnswerIn>>,
    path: Path<RequestPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DataRequestOut> {
    let Then(caller, Body(RequestAnswerIn { state: word, text, dataset: name })) = asked;
    let dataset = match name {
        Some(name) => Some(state.read(move |tx| dataset::get_public(tx, name.trim())).await?.id),
        None => None,
    };
    let request = send_request_answer(&state, caller.account(), path.id()?, word.into(), text, dataset).await?;
    Ok(Json(request.into()))
}

/// Answers a request, and queues the letters to whoever asked and supports in the same transaction.
///
/// # Errors
/// `NotFound` when there is none, `Forbidden` for who is not asked; else as the request says.
pub async fn send_request_answer(
    state: &ApiState,
    account: &Account,
    id: DataRequestId,
    to: RequestState,
    text: String,
    fulfilled_by: Option<DatasetId>,
) -> Result<DataRequest, Problem> {
    let (account, secret, settings) = (account.clone(), state.catalog.secret.clone(), state.settings.clone());
    let answered = state
        .write(move |tx| {
            let before = conversation::get_request(tx, id)?;
            if !conversation::may_answer_request(tx, &account, &before)? {
                return Err(CatalogError::Forbidden("it is for the publisher that is asked, and for operators"));
            }
            let actor = format!("account:{}", account.id);
            let request = conversation::answer_request(tx, id, to, &text, fulfilled_by, &actor)?;
            let slug = match request.dataset {
                Some(id) => Some(dataset::get_public(tx, &id.to_string())?.slug.to_string()),
                None => None,
            };
            for reader in conversation::supporters_to_tell(tx, &request)? {
                if let Some(address) = citizen::address_of(tx, &secret, reader)? {
                    let tongue = Tongue::of_address(tx, &address, settings.language)?;
                    let mail = request_answered(&settings, tongue, &address, &request, slug.as_deref());
                    letter::enqueue(tx, &secret, mail.into())?;
                }
            }
            Ok(request)
        })
        .await?;
    state.post.wake();
    Ok(answered)
}

/// Hides a request with a reason that everybody reads, or shows it again; for operators.
#[utoipa::path(tag = "conversations", params(RequestPath), request_body = ModerationIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = DataRequestOut), Problem))]
#[post("/data-requests/{request}/moderation")]
pub(super) async fn moderate_data_request(
    asked: Then<Caller<GovernMarket>, Body<ModerationIn>>,
    path: Path<RequestPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DataRequestOut> {
    let Then(caller, Body(wanted)) = asked;
    let (id, actor) = (path.id()?, caller.actor());
    let moderated =
        state.write(move |tx| conversation::moderate_request(tx, id, wanted.reason().as_deref(), &actor)).await?;
    Ok(Json(moderated.into()))
}

/// Takes a request of yours back. It goes while nobody else supports or answered it; after that only the link to you goes.
#[utoipa::path(tag = "conversations", params(RequestPath),
               security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = NO_CONTENT, description = "It is no longer yours"), Problem))]
#[delete("/data-requests/{request}")]
pub(super) async fn delete_data_request(
    caller: CitizenCaller,
    path: Path<RequestPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (own, id) = (caller.own("data request")?, path.id()?);
    state.write(move |tx| conversation::take_back_request(tx, own.id, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

//! The queue of what waits for a reviewer.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::gate::{self, HoldFilter, HoldId, HoldState, SubjectKind};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx, publisher};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::HoldOut;
use crate::answer::{Freshness, Rendered};
use crate::caller::{Caller, SignedInOnly, Then};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::Problem;
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// A hold's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct HoldPath {
    /// The hold's id.
    hold: String,
}

impl HoldPath {
    pub(super) fn id(&self) -> Result<HoldId, Problem> {
        self.hold.parse().map_err(|_| Problem::not_found("hold"))
    }
}

/// Which holds.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ListHoldsParams {
    /// In this state: `open`, `released`, `repaired`, `rejected` or `superseded`; in any, without it.
    state: Option<String>,
    /// Of this kind: `description`, `file`, `draft` or `draft-file`.
    subject: Option<String>,
    /// Of this publisher (id or slug).
    publisher: Option<String>,
    /// Of this dataset, by its id.
    dataset: Option<String>,
    /// Of this harvest source, by its id.
    source: Option<String>,
}

#[derive(Debug)]
pub(super) struct HoldsQuery {
    publisher: Option<String>,
    filter: HoldFilter,
    page: PageQuery,
}

impl FromQuery for HoldsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let states = HoldState::ALL.map(|state| (state.as_str(), state));
        let kinds = SubjectKind::ALL.map(|kind| (kind.as_str(), kind));
        let filter = HoldFilter {
            state: query.choice("state", &states),
            kind: query.choice("subject", &kinds),
            dataset: query.parsed("dataset", "a dataset's id"),
            source: query.parsed("source", "a source's id"),
            ..HoldFilter::default()
        };
        Self { publisher: query.text("publisher"), filter, page: PageQuery::from_query(query) }
    }
}

fn publisher_of(tx: &mut Tx<'_>, name: Option<&str>, filter: &mut HoldFilter) -> Result<(), CatalogError> {
    if let Some(name) = name {
        filter.publisher = Some(publisher::get(tx, name)?.publisher.id);
    }
    Ok(())
}

/// What the personal-data gate holds, or held, of the publishers that you work for, newest first. Operators and auditors see all.
///
/// Evidence is masked: in examples every letter is `x` and every digit `9`.
#[utoipa::path(tag = "gate", params(ListHoldsParams, PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<HoldOut>), Problem))]
#[get("/holds")]
pub(super) async fn list_holds(
    asked: Then<Caller<SignedInOnly>, Query<HoldsQuery>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(HoldsQuery { publisher, mut filter, page })) = asked;
    let actor = Actor::of(caller.account());
    let (wanted, name) = (page.wanted(), actor.name().to_owned());
    filter.before = page.after.as_deref().and_then(|place| place.parse().ok());
    let found = state
        .read(move |tx| {
            publisher_of(tx, publisher.as_deref(), &mut filter)?;
            gate::list(tx, &actor, &filter, wanted)
        })
        .await?;
    let (items, next) = page.cut(found, |hold| hold.id.to_string());
    let items: Vec<HoldOut> = items.iter().map(|hold| HoldOut::of(hold, &name)).collect();
    page::answer(items, next, Freshness::Private, &req)
}

/// One hold with its masked evidence.
#[utoipa::path(tag = "gate", params(HoldPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = HoldOut), Problem))]
#[get("/holds/{hold}")]
pub(super) async fn get_hold(
    caller: Caller<SignedInOnly>,
    path: Path<HoldPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (Actor::of(caller.account()), path.id()?);
    let name = actor.name().to_owned();
    let hold = state.read(move |tx| gate::get_visible(tx, &actor, id)).await?;
    Ok(Rendered::json(&HoldOut::of(&hold, &name), Freshness::Private)?.answer(&req))
}

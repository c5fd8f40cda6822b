//! The list of what was asked for.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::demand::{self, Need};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Freshness, Rendered};
use crate::caller::{Caller, SeeDemand, Then};
use crate::problem::Problem;
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Words on a list.
const MOST_NEEDS: usize = 200;
const USUAL_DAYS: i64 = 90;

/// What may be asked of demand.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct DemandParams {
    /// `unmet` (default): what finds next to nothing; `popular`: what finds something.
    kind: Option<String>,
    /// How many days back.
    #[param(minimum = 1, maximum = 400, default = 90)]
    days: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unmet,
    Popular,
}

#[derive(Debug)]
pub(super) struct DemandQuery {
    kind: Kind,
    days: i64,
}

impl FromQuery for DemandQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let kind = query.choice("kind", &[("unmet", Kind::Unmet), ("popular", Kind::Popular)]).unwrap_or_default();
        let most = u64::try_from(demand::DAYS_OF_WORDS).unwrap_or(1);
        let days = query.number("days", 1..=most).and_then(|days| i64::try_from(days).ok()).unwrap_or(USUAL_DAYS);
        Self { kind, days }
    }
}

/// Words that many asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct NeedOut {
    /// The words, in small letters without accents.
    q: String,
    /// How often they were asked.
    asked: i64,
    /// How many lots of callers asked on the day with the most: so many callers at least; there are eight lots.
    callers: i64,
    /// How many datasets they found when they were asked last.
    found: i64,
    /// How often somebody asked for this data.
    wished: i64,
    /// The last day on which enough callers asked.
    last_day: String,
}

/// What is asked for, the most asked first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DemandList {
    /// The words.
    items: Vec<NeedOut>,
    /// Callers who must have asked on one day before words are shown.
    fewest_callers: i64,
}

impl From<Need> for NeedOut {
    fn from(need: Need) -> Self {
        let Need { words, asked, callers, found, wished, last_day } = need;
        Self { q: words, asked, callers, found, wished, last_day }
    }
}

/// What is searched for and not found: sums of a day, without who asked, and only words that enough callers asked for.
#[utoipa::path(tag = "usage", params(DemandParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = DemandList), Problem))]
#[get("/demand")]
pub(super) async fn list_demand(
    asked: Then<Caller<SeeDemand>, Query<DemandQuery>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Query(DemandQuery { kind, days })) = asked;
    let needs = state.read(move |tx| match kind {
        Kind::Unmet => demand::list_unmet(tx, days, MOST_NEEDS),
        Kind::Popular => demand::list_popular(tx, days, MOST_NEEDS),
    });
    let items = needs.await?.into_iter().map(NeedOut::from).collect();
    let list = DemandList { items, fewest_callers: demand::FEWEST_CALLERS };
    Ok(Rendered::json(&list, Freshness::Private)?.answer(&req))
}

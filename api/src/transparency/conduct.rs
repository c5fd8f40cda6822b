//! Every act that could tilt the field, from the whole journal, newest first; and the numbers that decide the order of hits.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::register;
use utoipa::IntoParams;

use super::wire::{ConductList, ConductOut, RankingOut};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::page::PageQuery;
use crate::problem::{Problem, ProblemKind};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

const HOW_HITS_ARE_ORDERED: &str = "score = text times freshness times quality times use. Text is BM25F over the words \
(each field's occurrences times its weight, then word-saturation and word-length-share) times the share of the words held to \
the power of coverage-power. Forms of a word, words that mean the same, nearest spellings, pairs and years count their boost. \
Questions of feedback-from-words or more are widened by up to feedback-words words that the best feedback-hits hits share. \
Freshness is between 1 and 1 + freshness-gain, quality between 1 and 1 + quality-gain, use between 1 and 1 + use-gain. Nothing \
looks at who owns a dataset. Every change of a number is an entry `ranking.changed` of the journal.";

/// What may be asked of conduct.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ConductParams {
    /// Only acts of this kind, such as `tariff.published`.
    kind: Option<String>,
    /// Acts on a page.
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

#[derive(Debug)]
pub(super) struct ConductQuery {
    kind: Option<EventKind>,
    page: PageQuery,
}

impl FromQuery for ConductQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let kinds: Vec<(&str, EventKind)> = EventKind::CONDUCT.iter().map(|kind| (kind.as_str(), *kind)).collect();
        Self { kind: query.choice("kind", &kinds), page: PageQuery::from_query(query) }
    }
}

/// Every act that could tilt the field: versions of the tariff, exceptions, suspensions, refusals, exclusive arrangements,
/// plans given by hand, withdrawn datasets, changes of the ranking. Newest first, back to the first entry of the journal.
#[utoipa::path(tag = "transparency", params(ConductParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ConductList), Problem))]
#[get("/transparency")]
pub(super) async fn list_conduct(
    _caller: Anyone,
    query: Query<ConductQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ConductQuery { kind, page }) = query;
    let before = page
        .after
        .as_deref()
        .map(str::parse::<i64>)
        .transpose()
        .map_err(|_| Problem::new(ProblemKind::InvalidParameter).detail("`cursor` is not one that we gave."))?;
    let kinds = kind.map_or_else(|| EventKind::CONDUCT.to_vec(), |kind| vec![kind]);
    let one_more = page.limit + 1;
    let entries = state.read(move |tx| journal::list_before(tx, &kinds, before, one_more)).await?;
    let (entries, next) = page.cut(entries, |entry| entry.seq.to_string());
    let items = entries.into_iter().map(ConductOut::from).collect();
    let rendered = Rendered::json(&ConductList { items, next: next.clone() }, Freshness::Revalidated)?;
    let rendered = rendered.link("/feeds/transparency.atom", "alternate");
    Ok(crate::page::link_next(rendered, &req, next.as_deref()).answer(&req))
}

/// Every number that decides the order of hits; the same for every dataset, whoever's it is.
#[utoipa::path(tag = "transparency", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = RankingOut), Problem))]
#[get("/ranking")]
pub(super) async fn get_ranking(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let last = state.read(|tx| journal::list_before(tx, &[EventKind::RankingChanged], None, 1)).await?;
    let out = RankingOut {
        numbers: register::ranking(),
        since: last.first().map(|entry| entry.at),
        explained: HOW_HITS_ARE_ORDERED,
    };
    Ok(Rendered::json(&out, Freshness::Revalidated)?.answer(&req))
}

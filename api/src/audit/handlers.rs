//! Listing the audit, and taking it away whole.

use std::io;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::audit::{self, AuditAction, AuditEntry, AuditFilter, CSV_HEAD, SubjectKind};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::Timestamp;
use futures_util::stream;
use utoipa::IntoParams;

use super::wire::AuditEntryOut;
use crate::answer::Freshness;
use crate::caller::{Caller, SignedInOnly, Then};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::Problem;
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Entries that are read at once while all are sent.
const ENTRIES_AT_ONCE: i64 = 1_000;

/// Which entries.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(super) struct AuditParams {
    /// Concerning this publisher's work (id or slug). Without it, the whole portal's, for operators and auditors.
    publisher: Option<String>,
    /// Done to this: `draft`, `dataset`, `publisher` or `hold`; together with `subject_id`.
    subject_kind: Option<String>,
    /// The id of what it was done to.
    subject_id: Option<String>,
    /// Done by this actor, such as `account:ID`.
    actor: Option<String>,
    /// Of this action, such as `draft.approved`.
    action: Option<String>,
    /// Not before this moment (RFC 3339).
    since: Option<String>,
    /// Before this moment (RFC 3339).
    until: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct AuditAsked {
    publisher: Option<String>,
    filter: AuditFilter,
}

impl FromQuery for AuditAsked {
    fn from_query(query: &mut QueryReader) -> Self {
        let kinds = SubjectKind::ALL.map(|kind| (kind.as_str(), kind));
        let actions = AuditAction::ALL.map(|action| (action.as_str(), action));
        let (kind, id) = (query.choice("subject_kind", &kinds), query.text("subject_id"));
        if kind.is_some() != id.is_some() {
            query.fault("subject_id", "Goes together with `subject_kind`.");
        }
        Self {
            publisher: query.text("publisher"),
            filter: AuditFilter {
                publisher: None,
                subject: kind.zip(id),
                actor: query.text("actor"),
                action: query.choice("action", &actions),
                since: query.parsed::<Timestamp>("since", "a moment such as 2026-03-01T00:00:00Z"),
                until: query.parsed::<Timestamp>("until", "a moment such as 2026-03-01T00:00:00Z"),
                before: None,
            },
        }
    }
}

impl AuditAsked {
    /// The filter, once the publisher is known by its id.
    fn filter(self, tx: &mut Tx<'_>) -> Result<AuditFilter, CatalogError> {
        let Self { publisher: name, mut filter } = self;
        if let Some(name) = name {
            filter.publisher = Some(publisher::get(tx, &name)?.publisher.id);
        }
        Ok(filter)
    }
}

#[derive(Debug)]
pub(super) struct AuditQuery {
    asked: AuditAsked,
    page: PageQuery,
}

impl FromQuery for AuditQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { asked: AuditAsked::from_query(query), page: PageQuery::from_query(query) }
    }
}

/// Who did what to whose work, newest first: a publisher's for its managers, everything for operators and auditors.
#[utoipa::path(tag = "audit", params(AuditParams, PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<AuditEntryOut>), Problem))]
#[get("/audit")]
pub(super) async fn list_audit(
    asked: Then<Caller<SignedInOnly>, Query<AuditQuery>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(AuditQuery { asked, page })) = asked;
    let actor = Actor::of(caller.account());
    let (wanted, before) = (page.wanted(), page.after.as_deref().and_then(|place| place.parse().ok()));
    let (found, names) = state
        .read(move |tx| {
            let filter = AuditFilter { before, ..asked.filter(tx)? };
            let found = audit::list(tx, &actor, &filter, wanted)?;
            let actors: Vec<String> = found.iter().map(|entry| entry.actor.clone()).collect();
            let names = audit::names_of(tx, &actors)?;
            Ok((found, names))
        })
        .await?;
    let (items, next) = page.cut(found, |entry| entry.number.to_string());
    page::answer(AuditEntryOut::all(items, &names), next, Freshness::Private, &req)
}

/// The audit as one CSV file, newest first, whatever its length.
#[utoipa::path(tag = "audit", params(AuditParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = String, content_type = "text/csv"), Problem))]
#[get("/audit.csv")]
pub(super) async fn export_audit(
    asked: Then<Caller<SignedInOnly>, Query<AuditAsked>>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(asked)) = asked;
    let actor = Actor::of(caller.account());
    // The first page is read before anything is sent, so that who may not is told so.
    let reader = actor.clone();
    let (filter, first) = state
        .read(move |tx| {
            let filter = asked.filter(tx)?;
            let first = audit::list(tx, &reader, &filter, ENTRIES_AT_ONCE)?;
            Ok((filter, first))
        })
        .await?;
    let begun = Sending { state: Data::clone(&state), actor, filter, next: Some(first), head: true };
    let body = stream::try_unfold(begun, |mut sending| async move {
        let Some(page) = sending.next.take() else { return Ok::<_, io::Error>(None) };
        let mut text = if std::mem::take(&mut sending.head) { CSV_HEAD.to_owned() } else { String::new() };
        page.iter().for_each(|entry| text.push_str(&entry.csv_line()));
        if i64::try_from(page.len()).unwrap_or(0) == ENTRIES_AT_ONCE
            && let Some(last) = page.last()
        {
            sending.read_on(last.number).await?;
        }
        Ok(Some((Bytes::from(text), sending)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(Box::pin(body)))
}

/// An export under way.
struct Sending {
    state: Data<ApiState>,
    actor: Actor,
    filter: AuditFilter,
    next: Option<Vec<AuditEntry>>,
    head: bool,
}

impl Sending {
    /// Reads the page below a number. A failure cuts the answer off, so that nobody takes a part for the whole.
    async fn read_on(&mut self, number: i64) -> io::Result<()> {
        let (actor, filter) = (self.actor.clone(), AuditFilter { before: Some(number), ..self.filter.clone() });
        let read = self.state.read(move |tx| audit::list(tx, &actor, &filter, ENTRIES_AT_ONCE)).await;
        self.next = Some(read.map_err(|problem| io::Error::other(problem.to_string()))?);
        Ok(())
    }
}

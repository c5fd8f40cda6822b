//! Requests for data that is not published: supported by others, answered by publishers.

use diesel::prelude::*;
use fairground_domain::{CitizenId, DataRequestId, DatasetId, PublisherId, Timestamp};
use serde_json::json;

use super::question::{enough, hidden, said};
use super::text::{check_answer, check_text, check_title, cleaned, one_line};
use super::{DataRequest, MOST_A_DAY, NewDataRequest, RequestState};
use crate::citizen;
use crate::dataset;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::publisher;
use crate::schema::{data_requests, request_supports};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = data_requests, treat_none_as_default_value = false)]
struct RequestRow {
    id: String,
    citizen_id: Option<String>,
    publisher_id: Option<String>,
    title: String,
    reason: String,
    state: String,
    supporters: i64,
    answer: Option<String>,
    answered_at: Option<i64>,
    dataset_id: Option<String>,
    hidden_at: Option<i64>,
    hidden_reason: Option<String>,
    created_at: i64,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("data request", problem)
}

impl TryFrom<RequestRow> for DataRequest {
    type Error = CatalogError;

    fn try_from(row: RequestRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            citizen: row.citizen_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            publisher: row.publisher_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            title: row.title,
            reason: row.reason,
            state: RequestState::parse(&row.state).ok_or_else(|| corrupt(format!("state `{}`", row.state)))?,
            supporters: row.supporters,
            answer: said(row.answer, row.answered_at),
            dataset: row.dataset_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            hidden: hidden(row.hidden_reason, row.hidden_at),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

impl DataRequest {
    /// As everybody sees it: of a hidden one, that it is and why.
    #[must_use]
    pub fn in_public(mut self) -> Self {
        if self.hidden.is_some() {
            self.title = String::new();
            self.reason = String::new();
            self.answer = None;
        }
        self
    }
}

/// Refuses a request that cannot be made.
pub(crate) fn check_request(tx: &mut Tx<'_>, new: &NewDataRequest) -> Result<(), CatalogError> {
    check_title(&new.title)?;
    check_text("reason", &new.reason)?;
    if let Some(id) = new.publisher {
        publisher::find_by_id(tx, id)?.ok_or_else(|| CatalogError::not_found("publisher", id))?;
    }
    Ok(())
}

/// Asks for data. Who asks is the first to support it.
///
/// # Errors
/// `Invalid` for texts that cannot stand, `NotFound` for an unknown publisher, `WrongState` beyond [`MOST_A_DAY`].
pub fn request(tx: &mut Tx<'_>, citizen: CitizenId, new: NewDataRequest) -> Result<DataRequest, CatalogError> {
    check_request(tx, &new)?;
    let own = || data_requests::table.filter(data_requests::citizen_id.eq(citizen.to_string()));
    let title = one_line(&new.title);
    let same: Option<RequestRow> =
        own().filter(data_requests::title.eq(&title)).select(RequestRow::as_select()).first(tx.conn).optional()?;
    if let Some(same) = same {
        return same.try_into();
    }
    let today: i64 = own()
        .filter(data_requests::created_at.gt(tx.now.plus_secs(-86_400).as_micros()))
        .count()
        .get_result(tx.conn)?;
    if today >= MOST_A_DAY {
        return Err(enough());
    }
    let row = RequestRow {
        id: DataRequestId::new().to_string(),
        citizen_id: Some(citizen.to_string()),
        publisher_id: new.publisher.map(|id| id.to_string()),
        title,
        reason: cleaned(&new.reason),
        state: RequestState::Open.as_str().to_owned(),
        supporters: 1,
        answer: None,
        answered_at: None,
        dataset_id: None,
        hidden_at: None,
        hidden_reason: None,
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(data_requests::table).values(&row).execute(tx.conn)?;
    let payload = json!({ "publisher": new.publisher });
    note(tx, EventKind::RequestMade, row.id.clone(), "citizen".to_owned(), payload)?;
    row.try_into()
}

fn note(
    tx: &mut Tx<'_>,
    kind: EventKind,
    subject_id: String,
    actor: String,
    payload: serde_json::Value,
) -> Result<(), CatalogError> {
    journal::append(tx, Event { kind, subject_id, actor, payload })?;
    Ok(())
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// What most ask for first.
    #[default]
    Supported,
    /// The newest first.
    Newest,
}

/// Which requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Of this state.
    pub state: Option<RequestState>,
    /// To this publisher.
    pub publisher: Option<PublisherId>,
}

/// Requests that stand in public, from after `after`: the number of supporters (0 by newest) and the id of the last one before.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_requests(
    tx: &mut Tx<'_>,
    filter: &RequestFilter,
    order: Order,
    after: Option<(i64, DataRequestId)>,
    limit: i64,
) -> Result<Vec<DataRequest>, CatalogError> {
    let mut query = data_requests::table
        .filter(data_requests::hidden_at.is_null())
        .limit(limit)
        .select(RequestRow::as_select())
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(data_requests::state.eq(state.as_str()));
    }
    if let Some(publisher) = filter.publisher {
        query = query.filter(data_requests::publisher_id.eq(publisher.to_string()));
    }
    query = match order {
        Order::Newest => query.order(data_requests::id.desc()),
        Order::Supported => query.order((data_requests::supporters.desc(), data_requests::id.desc())),
    };
    if let Some((supporters, id)) = after {
        let id = id.to_string();
        query = match order {
            Order::Newest => query.filter(data_requests::id.lt(id)),
            Order::Supported => query.filter(
                data_requests::supporters
                    .lt(supporters)
                    .or(data_requests::supporters.eq(supporters).and(data_requests::id.lt(id))),
            ),
        };
    }
    let rows: Vec<RequestRow> = query.load(tx.conn)?;
    rows.into_iter().map(DataRequest::try_from).collect()
}

/// A request, with everything that staff see of it.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_request(tx: &mut Tx<'_>, id: DataRequestId) -> Result<DataRequest, CatalogError> {
    let row: Option<RequestRow> =
        data_requests::table.find(id.to_string()).select(RequestRow::as_select()).first(tx.conn).optional()?;
    row.ok_or_else(|| CatalogError::not_found("data request", id))?.try_into()
}

/// A request that can be supported.
pub(crate) fn get_open_request(tx: &mut Tx<'_>, id: DataRequestId) -> Result<DataRequest, CatalogError> {
    let request = get_request(tx, id)?;
    if request.hidden.is_some() {
        return Err(CatalogError::not_found("data request", id));
    }
    if request.state.is_settled() {
        return Err(CatalogError::WrongState {
            what: "the request".to_owned(),
            state: request.state.as_str().to_owned(),
            problem: "it is settled; ask for what is missing still",
        });
    }
    Ok(request)
}

/// Supports a request: each citizen counts once, and who asked counts already.
///
/// # Errors
/// `NotFound` when there is none, `WrongState` when it is settled.
pub fn support(tx: &mut Tx<'_>, citizen: CitizenId, id: DataRequestId) -> Result<DataRequest, CatalogError> {
    let request = get_open_request(tx, id)?;
    let key = (id.to_string(), citizen.to_string());
    let known: i64 = request_supports::table.find(key.clone()).count().get_result(tx.conn)?;
    if known > 0 || request.citizen == Some(citizen) {
        return Ok(request);
    }
    diesel::insert_into(request_supports::table)
        .values((
            request_supports::request_id.eq(key.0),
            request_supports::citizen_id.eq(key.1),
            request_supports::created_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)
        .map_err(CatalogError::taken("support", "of that request"))?;
    diesel::update(data_requests::table.find(id.to_string()))
        .set(data_requests::supporters.eq(data_requests::supporters + 1))
        .execute(tx.conn)?;
    get_request(tx, id)
}

/// Takes a support back.
///
/// # Errors
/// `NotFound` when the citizen does not support it.
pub fn withdraw_support(tx: &mut Tx<'_>, citizen: CitizenId, id: DataRequestId) -> Result<(), CatalogError> {
    let gone = diesel::delete(request_supports::table.find((id.to_string(), citizen.to_string()))).execute(tx.conn)?;
    if gone == 0 {
        return Err(CatalogError::not_found("support", id));
    }
    diesel::update(data_requests::table.find(id.to_string()))
        .set(data_requests::supporters.eq(data_requests::supporters - 1))
        .execute(tx.conn)?;
    citizen::forget_if_idle(tx, citizen)
}

/// Answers a request: gives it a state, says why, and names the dataset that fulfils it. Whoever calls has judged that `actor`
/// may.
///
/// # Errors
/// `NotFound` for the request or the dataset; `Invalid` for an answer that says nothing, or a published request without a
/// dataset; `WrongState` when it is hidden.
pub fn answer_request(
    tx: &mut Tx<'_>,
    id: DataRequestId,
    state: RequestState,
    answer: &str,
    dataset: Option<DatasetId>,
    actor: &str,
) -> Result<DataRequest, CatalogError> {
    let before = get_request(tx, id)?;
    check_answer("answer", answer)?;
    if before.hidden.is_some() {
        return Err(CatalogError::WrongState {
            what: "the request".to_owned(),
            state: "hidden".to_owned(),
            problem: "show it again before it is answered",
        });
    }
    match (state, dataset) {
        (RequestState::Published, None) => {
            let problem = "must name the dataset that was published".to_owned();
            return Err(CatalogError::Invalid { field: "dataset", problem });
        }
        (RequestState::Published, Some(id)) => drop(dataset::get_public(tx, &id.to_string())?),
        (_, Some(_)) => {
            let problem = "is for requests that are published".to_owned();
            return Err(CatalogError::Invalid { field: "dataset", problem });
        }
        (_, None) => {}
    }
    diesel::update(data_requests::table.find(id.to_string()))
        .set((
            data_requests::state.eq(state.as_str()),
            data_requests::answer.eq(cleaned(answer)),
            data_requests::answered_at.eq(tx.now.as_micros()),
            data_requests::dataset_id.eq(dataset.map(|id| id.to_string())),
        ))
        .execute(tx.conn)?;
    let payload = json!({ "state": state.as_str(), "dataset": dataset });
    note(tx, EventKind::RequestAnswered, id.to_string(), actor.to_owned(), payload)?;
    get_request(tx, id)
}

/// Who is to be told of an answer: whoever asked, and whoever supports.
///
/// # Errors
/// `Storage` when the database fails.
pub fn supporters_to_tell(tx: &mut Tx<'_>, request: &DataRequest) -> Result<Vec<CitizenId>, CatalogError> {
    let ids: Vec<String> = request_supports::table
        .filter(request_supports::request_id.eq(request.id.to_string()))
        .order(request_supports::citizen_id)
        .select(request_supports::citizen_id)
        .load(tx.conn)?;
    let mut all: Vec<CitizenId> = request.citizen.into_iter().collect();
    for id in ids {
        all.push(id.parse().map_err(corrupt)?);
    }
    Ok(all)
}

/// Hides a request with a reason that everybody reads, or shows it again (without one). Whoever calls has judged that `actor`
/// may.
///
/// # Errors
/// `NotFound` when there is none, `Invalid` for a reason that says nothing.
pub fn moderate_request(
    tx: &mut Tx<'_>,
    id: DataRequestId,
    reason: Option<&str>,
    actor: &str,
) -> Result<DataRequest, CatalogError> {
    get_request(tx, id)?;
    if let Some(reason) = reason {
        check_answer("reason", reason)?;
    }
    diesel::update(data_requests::table.find(id.to_string()))
        .set((
            data_requests::hidden_reason.eq(reason.map(cleaned)),
            data_requests::hidden_at.eq(reason.map(|_| tx.now.as_micros())),
        ))
        .execute(tx.conn)?;
    let payload = json!({ "hidden": reason.is_some(), "reason": reason.map(cleaned) });
    note(tx, EventKind::RequestModerated, id.to_string(), actor.to_owned(), payload)?;
    get_request(tx, id)
}

/// What a citizen asked for, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn requests_of(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<Vec<DataRequest>, CatalogError> {
    let rows: Vec<RequestRow> = data_requests::table
        .filter(data_requests::citizen_id.eq(citizen.to_string()))
        .order(data_requests::id.desc())
        .select(RequestRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(DataRequest::try_from).collect()
}

/// What a citizen supports, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn supported_by(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<Vec<DataRequest>, CatalogError> {
    let supported = request_supports::table
        .filter(request_supports::citizen_id.eq(citizen.to_string()))
        .select(request_supports::request_id);
    let rows: Vec<RequestRow> = data_requests::table
        .filter(data_requests::id.eq_any(supported))
        .order(data_requests::id.desc())
        .select(RequestRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(DataRequest::try_from).collect()
}

/// Takes a request back. It goes while nobody else supports or answered it; after that only the link to who asked goes.
///
/// # Errors
/// `NotFound` when there is none, or it is somebody else's.
pub fn take_back_request(tx: &mut Tx<'_>, citizen: CitizenId, id: DataRequestId) -> Result<(), CatalogError> {
    let request = get_request(tx, id)?;
    if request.citizen != Some(citizen) {
        return Err(CatalogError::not_found("data request", id));
    }
    leave(tx, &request)?;
    citizen::forget_if_idle(tx, citizen)
}

fn leave(tx: &mut Tx<'_>, request: &DataRequest) -> Result<(), CatalogError> {
    let row = data_requests::table.find(request.id.to_string());
    if request.supporters <= 1 && request.answer.is_none() {
        diesel::delete(row).execute(tx.conn)?;
    } else {
        diesel::update(row).set(data_requests::citizen_id.eq(None::<String>)).execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<(), CatalogError> {
    for request in requests_of(tx, citizen)? {
        leave(tx, &request)?;
    }
    diesel::delete(request_supports::table.filter(request_supports::citizen_id.eq(citizen.to_string())))
        .execute(tx.conn)?;
    Ok(())
}

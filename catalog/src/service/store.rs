//! Every statement on services.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::{DatasetId, PublisherId, ServiceId, Slug, Timestamp};
use serde_json::json;

use super::credentials::{CredentialsKind, ServiceCredentials};
use super::openapi::OpenapiDocument;
use super::{DataService, ServiceDraft, ServiceState, entry, health, rules};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::publisher;
use crate::schema::{data_services, publishers};
use crate::secret::Secret;

/// Characters of a reason.
const REASON_CHARS: usize = 2_000;
/// Names that mean something else below `/gateway/` or on our pages.
const RESERVED: [&str; 3] = ["new", "openapi", "health"];

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = data_services, treat_none_as_default_value = false)]
struct ServiceRow {
    id: String,
    slug: String,
    publisher_id: String,
    dataset_id: Option<String>,
    state: String,
    reason: Option<String>,
    document: String,
    openapi: Option<String>,
    search_words: String,
    credentials_kind: String,
    credentials: Option<Vec<u8>>,
    revision: i32,
    created_at: i64,
    updated_at: i64,
    approved_at: Option<i64>,
    opened_at: Option<i64>,
}

type Joined = (ServiceRow, (String, String));

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("service", problem)
}

fn service_of((row, (publisher_slug, publisher_name)): &Joined) -> Result<DataService, CatalogError> {
    Ok(DataService {
        id: row.id.parse().map_err(corrupt)?,
        slug: row.slug.parse().map_err(corrupt)?,
        publisher_id: row.publisher_id.parse().map_err(corrupt)?,
        publisher_slug: publisher_slug.parse().map_err(corrupt)?,
        publisher_name: publisher_name.clone(),
        dataset_id: row.dataset_id.as_ref().map(|id| id.parse()).transpose().map_err(corrupt)?,
        state: ServiceState::parse(&row.state).ok_or_else(|| corrupt(format!("state `{}`", row.state)))?,
        reason: row.reason.clone(),
        draft: serde_json::from_str(&row.document).map_err(corrupt)?,
        has_openapi: row.openapi.is_some(),
        credentials: CredentialsKind::parse(&row.credentials_kind)
            .ok_or_else(|| corrupt(format!("credentials `{}`", row.credentials_kind)))?,
        revision: row.revision,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        approved_at: row.approved_at.map(Timestamp::from_micros),
        opened_at: row.opened_at.map(Timestamp::from_micros),
    })
}

fn find_row(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Joined, CatalogError> {
    let query = data_services::table
        .inner_join(publishers::table)
        .select((ServiceRow::as_select(), (publishers::slug, publishers::name)));
    let found: Option<Joined> = match id_or_slug.parse::<ServiceId>() {
        Ok(id) => query.filter(data_services::id.eq(id.to_string())).first(tx.conn).optional()?,
        Err(_) => query.filter(data_services::slug.eq(id_or_slug)).first(tx.conn).optional()?,
    };
    found.ok_or_else(|| CatalogError::not_found("service", id_or_slug))
}

/// What is needed to register a service.
#[derive(Debug)]
pub struct NewService {
    /// Its readable name; its title suggests one.
    pub slug: Option<Slug>,
    /// The publisher that answers for it, which must exist.
    pub publisher: Slug,
    /// What its agency says of it.
    pub draft: ServiceDraft,
    /// Its OpenAPI document, cleaned.
    pub openapi: Option<OpenapiDocument>,
    /// How we prove ourselves to the agency's system.
    pub credentials: ServiceCredentials,
}

/// Registers a service; nobody but its agency and the operators see it yet.
///
/// # Errors
/// `Invalid` for what breaks a rule, `NotFound` when there is no such publisher, `Taken` when the name is in use.
pub fn create(tx: &mut Tx<'_>, secret: &Secret, new: NewService, actor: &str) -> Result<DataService, CatalogError> {
    rules::check(&new.draft, None, tx.now)?;
    new.credentials.check()?;
    let slug = new
        .slug
        .or_else(|| Slug::from_title(&new.draft.title))
        .ok_or_else(|| CatalogError::Invalid { field: "slug", problem: "the title gives none: say one".to_owned() })?;
    if RESERVED.contains(&slug.as_str()) || slug.as_str().parse::<ServiceId>().is_ok() {
        return Err(CatalogError::Invalid { field: "slug", problem: "is reserved: choose another".to_owned() });
    }
    let taken =
        data_services::table.filter(data_services::slug.eq(slug.as_str())).count().get_result::<i64>(tx.conn)?;
    if taken > 0 {
        return Err(CatalogError::Taken { what: "service", name: slug.to_string() });
    }
    let publisher = publisher::get(tx, new.publisher.as_str())?.publisher;
    let id = ServiceId::new().to_string();
    let row = ServiceRow {
        slug: slug.to_string(),
        publisher_id: publisher.id.to_string(),
        dataset_id: None,
        state: ServiceState::Registered.as_str().to_owned(),
        reason: None,
        document: serde_json::to_string(&new.draft).map_err(corrupt)?,
        openapi: new.openapi.as_ref().map(OpenapiDocument::to_json),
        search_words: words_of(new.openapi.as_ref()),
        credentials_kind: new.credentials.kind().as_str().to_owned(),
        credentials: new.credentials.seal(secret, &id)?,
        revision: 1,
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
        approved_at: None,
        opened_at: None,
        id,
    };
    diesel::insert_into(data_services::table)
        .values(&row)
        .execute(tx.conn)
        .map_err(CatalogError::taken("service", &row.slug))?;
    let service = get(tx, &row.id)?;
    health::schedule(tx, &service)?;
    note(tx, EventKind::ServiceRegistered, &service, actor)?;
    Ok(service)
}

fn words_of(openapi: Option<&OpenapiDocument>) -> String {
    openapi.map(|document| document.search_words().join("\n")).unwrap_or_default()
}

/// The service of that id or slug, whatever its state.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<DataService, CatalogError> {
    service_of(&find_row(tx, id_or_slug)?)
}

/// The OpenAPI document of a service, cleaned.
///
/// # Errors
/// `NotFound` when there is no such service.
pub fn find_openapi(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Option<OpenapiDocument>, CatalogError> {
    find_row(tx, id_or_slug)?.0.openapi.as_deref().map(OpenapiDocument::from_stored).transpose()
}

/// Services by slug, from after `after`, whatever their state; only those of `publisher` when one is given.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    publisher: Option<PublisherId>,
    after: Option<&Slug>,
    limit: i64,
) -> Result<Vec<DataService>, CatalogError> {
    let mut query = data_services::table
        .inner_join(publishers::table)
        .select((ServiceRow::as_select(), (publishers::slug, publishers::name)))
        .filter(data_services::slug.gt(after.map_or("", Slug::as_str)))
        .order(data_services::slug)
        .limit(limit)
        .into_boxed();
    if let Some(publisher) = publisher {
        query = query.filter(data_services::publisher_id.eq(publisher.to_string()));
    }
    query.load::<Joined>(tx.conn)?.iter().map(service_of).collect()
}

/// Services that are live or suspended, by slug, from after `after`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_public(tx: &mut Tx<'_>, after: Option<&Slug>, limit: i64) -> Result<Vec<DataService>, CatalogError> {
    let rows: Vec<Joined> = data_services::table
        .inner_join(publishers::table)
        .select((ServiceRow::as_select(), (publishers::slug, publishers::name)))
        .filter(data_services::state.eq_any([ServiceState::Live.as_str(), ServiceState::Suspended.as_str()]))
        .filter(data_services::slug.gt(after.map_or("", Slug::as_str)))
        .order(data_services::slug)
        .limit(limit)
        .load(tx.conn)?;
    rows.iter().map(service_of).collect()
}

/// How many services are in each state.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_by_state(tx: &mut Tx<'_>) -> Result<Vec<(ServiceState, i64)>, CatalogError> {
    let rows: Vec<(String, i64)> = data_services::table
        .group_by(data_services::state)
        .select((data_services::state, diesel::dsl::count_star()))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(state, count)| {
            Ok((ServiceState::parse(&state).ok_or_else(|| corrupt(format!("state `{state}`")))?, count))
        })
        .collect()
}

/// A service as the gateway needs it, its credentials in the clear.
#[derive(Debug)]
pub struct Routable {
    /// The service.
    pub service: DataService,
    /// How we prove ourselves.
    pub credentials: ServiceCredentials,
    /// Its OpenAPI document.
    pub openapi: Option<OpenapiDocument>,
}

/// Every service that has ever been opened, for the gateway's table. One that cannot be read is left out and logged: it must
/// not keep the others from being served.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_routable(tx: &mut Tx<'_>, secret: &Secret) -> Result<Vec<Routable>, CatalogError> {
    let public: Vec<&str> =
        ServiceState::ALL.into_iter().filter(|state| state.is_public()).map(ServiceState::as_str).collect();
    let rows: Vec<Joined> = data_services::table
        .inner_join(publishers::table)
        .select((ServiceRow::as_select(), (publishers::slug, publishers::name)))
        .filter(data_services::state.eq_any(public))
        .order(data_services::slug)
        .load(tx.conn)?;
    let mut routable = Vec::with_capacity(rows.len());
    for row in &rows {
        match routable_of(row, secret) {
            Ok(service) => routable.push(service),
            Err(error) => tracing::error!(service = row.0.slug, %error, "A service cannot be fronted"),
        }
    }
    Ok(routable)
}

fn routable_of(row: &Joined, secret: &Secret) -> Result<Routable, CatalogError> {
    Ok(Routable {
        service: service_of(row)?,
        credentials: ServiceCredentials::unseal(secret, &row.0.id, row.0.credentials.as_deref())?,
        openapi: row.0.openapi.as_deref().map(OpenapiDocument::from_stored).transpose()?,
    })
}

/// Changes what is said of a service. `openapi` as `Some(None)` takes its document away, as `None` leaves it. A live service
/// is fronted by the new settings at once, and its entry in the catalogue says the same; `site` is where the portal is seen from
/// outside.
///
/// # Errors
/// `Invalid` for what breaks a rule; `WrongState` when it is retired, or when somebody else changed it since `revision`.
pub fn update(
    tx: &mut Tx<'_>,
    id_or_slug: &str,
    revision: i32,
    draft: &ServiceDraft,
    openapi: Option<Option<&OpenapiDocument>>,
    site: &str,
    actor: &str,
) -> Result<DataService, CatalogError> {
    let before = get(tx, id_or_slug)?;
    must_not_be_retired(&before)?;
    rules::check(draft, Some(&before.draft), tx.now)?;
    let document = serde_json::to_string(draft).map_err(corrupt)?;
    let changed = diesel::update(data_services::table.find(before.id.to_string()))
        .filter(data_services::revision.eq(revision))
        .set((
            data_services::document.eq(document),
            data_services::revision.eq(revision + 1),
            data_services::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    if changed == 0 {
        return Err(CatalogError::WrongState {
            what: format!("service `{}`", before.slug),
            state: format!("at revision {}", before.revision),
            problem: "somebody else changed it meanwhile: read it again",
        });
    }
    if let Some(openapi) = openapi {
        diesel::update(data_services::table.find(before.id.to_string()))
            .set((
                data_services::openapi.eq(openapi.map(OpenapiDocument::to_json)),
                data_services::search_words.eq(words_of(openapi)),
            ))
            .execute(tx.conn)?;
    }
    let after = get(tx, &before.id.to_string())?;
    health::schedule(tx, &after)?;
    if after.dataset_id.is_some() {
        entry::publish(tx, &after, site, actor)?;
    }
    note(tx, EventKind::ServiceChanged, &after, actor)?;
    Ok(after)
}

/// Puts other credentials in the place of those that are kept.
///
/// # Errors
/// `Invalid` when they cannot be sent, `WrongState` when the service is retired.
pub fn set_credentials(
    tx: &mut Tx<'_>,
    secret: &Secret,
    id_or_slug: &str,
    credentials: &ServiceCredentials,
    actor: &str,
) -> Result<DataService, CatalogError> {
    let service = get(tx, id_or_slug)?;
    must_not_be_retired(&service)?;
    credentials.check()?;
    diesel::update(data_services::table.find(service.id.to_string()))
        .set((
            data_services::credentials.eq(credentials.seal(secret, &service.id.to_string())?),
            data_services::credentials_kind.eq(credentials.kind().as_str()),
            data_services::revision.eq(service.revision + 1),
            data_services::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    let after = get(tx, &service.id.to_string())?;
    note(tx, EventKind::ServiceChanged, &after, actor)?;
    Ok(after)
}

fn must_not_be_retired(service: &DataService) -> Result<(), CatalogError> {
    match service.state {
        ServiceState::Retired => Err(wrong_state(service, "a retired service does not change any more")),
        ServiceState::Registered | ServiceState::Approved | ServiceState::Live | ServiceState::Suspended => Ok(()),
    }
}

fn wrong_state(service: &DataService, problem: &'static str) -> CatalogError {
    CatalogError::WrongState {
        what: format!("service `{}`", service.slug),
        state: service.state.as_str().to_owned(),
        problem,
    }
}

/// An operator agrees that a registered service be fronted.
///
/// # Errors
/// `WrongState` unless it is registered.
pub fn approve(tx: &mut Tx<'_>, id_or_slug: &str, actor: &str) -> Result<DataService, CatalogError> {
    let service = get(tx, id_or_slug)?;
    if service.state != ServiceState::Registered {
        return Err(wrong_state(&service, "only a registered service waits for approval"));
    }
    diesel::update(data_services::table.find(service.id.to_string()))
        .set((
            data_services::state.eq(ServiceState::Approved.as_str()),
            data_services::approved_at.eq(tx.now.as_micros()),
            data_services::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    told(tx, &service, EventKind::ServiceApproved, actor)
}

/// Fronts an approved or suspended service, and lists it in the catalogue; `site` is where the portal is seen from outside.
///
/// # Errors
/// `WrongState` when it is neither.
pub fn open(tx: &mut Tx<'_>, id_or_slug: &str, site: &str, actor: &str) -> Result<DataService, CatalogError> {
    let service = get(tx, id_or_slug)?;
    if !matches!(service.state, ServiceState::Approved | ServiceState::Suspended) {
        return Err(wrong_state(&service, "only an approved or suspended service can be opened"));
    }
    let dataset = entry::publish(tx, &service, site, actor)?;
    diesel::update(data_services::table.find(service.id.to_string()))
        .set((
            data_services::state.eq(ServiceState::Live.as_str()),
            data_services::reason.eq(None::<String>),
            data_services::dataset_id.eq(dataset.to_string()),
            data_services::opened_at.eq(service.opened_at.unwrap_or(tx.now).as_micros()),
            data_services::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    told(tx, &service, EventKind::ServiceOpened, actor)
}

/// Stops fronting a live service for a while; the reason is public.
///
/// # Errors
/// `WrongState` unless it is live, `Invalid` without a reason.
pub fn suspend(tx: &mut Tx<'_>, id_or_slug: &str, reason: &str, actor: &str) -> Result<DataService, CatalogError> {
    let service = get(tx, id_or_slug)?;
    if service.state != ServiceState::Live {
        return Err(wrong_state(&service, "only a live service can be suspended"));
    }
    set_aside(tx, &service, ServiceState::Suspended, reason)?;
    told(tx, &service, EventKind::ServiceSuspended, actor)
}

/// Stops fronting a service for ever, and takes it out of the catalogue; the reason is public.
///
/// # Errors
/// `WrongState` when it is retired already, `Invalid` without a reason.
pub fn retire(tx: &mut Tx<'_>, id_or_slug: &str, reason: &str, actor: &str) -> Result<DataService, CatalogError> {
    let service = get(tx, id_or_slug)?;
    must_not_be_retired(&service)?;
    set_aside(tx, &service, ServiceState::Retired, reason)?;
    diesel::update(data_services::table.find(service.id.to_string()))
        .set((
            // Nobody will call it any more: there is nothing left to prove.
            data_services::credentials.eq(None::<Vec<u8>>),
            data_services::credentials_kind.eq(CredentialsKind::None.as_str()),
        ))
        .execute(tx.conn)?;
    if let Some(dataset) = service.dataset_id {
        entry::withdraw(tx, dataset, actor)?;
    }
    told(tx, &service, EventKind::ServiceRetired, actor)
}

fn set_aside(tx: &mut Tx<'_>, service: &DataService, state: ServiceState, reason: &str) -> Result<(), CatalogError> {
    let reason = reason.trim();
    if !(1..=REASON_CHARS).contains(&reason.chars().count()) {
        return Err(CatalogError::Invalid {
            field: "reason",
            problem: format!("must have 1 to {REASON_CHARS} characters: readers are told it"),
        });
    }
    diesel::update(data_services::table.find(service.id.to_string()))
        .set((
            data_services::state.eq(state.as_str()),
            data_services::reason.eq(reason),
            data_services::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn told(tx: &mut Tx<'_>, before: &DataService, kind: EventKind, actor: &str) -> Result<DataService, CatalogError> {
    let service = get(tx, &before.id.to_string())?;
    health::schedule(tx, &service)?;
    note(tx, kind, &service, actor)?;
    Ok(service)
}

/// Writes an entry of the journal: what anybody may know of it, and nothing of the agency's system.
fn note(tx: &mut Tx<'_>, kind: EventKind, service: &DataService, actor: &str) -> Result<(), CatalogError> {
    let mut payload = json!({
        "slug": service.slug,
        "publisher": service.publisher_slug,
        "state": service.state,
        "revision": service.revision,
    });
    if let Some(dataset) = service.dataset_id {
        payload["dataset"] = json!(dataset);
    }
    if let Some(reason) = &service.reason {
        payload["reason"] = json!(reason);
    }
    let event = Event { kind, subject_id: service.id.to_string(), actor: actor.to_owned(), payload };
    journal::append(tx, event)?;
    Ok(())
}

/// What search learns of the services among these datasets, by dataset.
pub(crate) fn words_by_dataset(
    tx: &mut Tx<'_>,
    datasets: &[String],
) -> Result<HashMap<String, Vec<String>>, CatalogError> {
    const CHUNK: usize = 500;
    let mut words = HashMap::new();
    for chunk in datasets.chunks(CHUNK) {
        let rows: Vec<(Option<String>, String)> = data_services::table
            .filter(data_services::dataset_id.eq_any(chunk))
            .select((data_services::dataset_id, data_services::search_words))
            .load(tx.conn)?;
        for (dataset, text) in rows {
            let Some(dataset) = dataset else { continue };
            words.insert(dataset, text.lines().map(str::to_owned).collect());
        }
    }
    Ok(words)
}

/// The service whose entry a dataset is.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_by_dataset(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Option<DataService>, CatalogError> {
    let found: Option<Joined> = data_services::table
        .inner_join(publishers::table)
        .select((ServiceRow::as_select(), (publishers::slug, publishers::name)))
        .filter(data_services::dataset_id.eq(dataset.to_string()))
        .first(tx.conn)
        .optional()?;
    found.as_ref().map(service_of).transpose()
}

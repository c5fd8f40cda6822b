//! Showing services.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::account::{Account, Role};
use fairground_catalog::service::{self, DataService, ServiceOperation, ServiceState};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::Slug;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use super::{
    HEALTH_DAYS, MOST_OPERATIONS, ManagedService, ManagedServiceView, OperationCard, ServiceDesk, ServiceDeskView,
    ServiceLine, ServiceList, ServiceListView, ServicePage, ServiceView, act,
};
use crate::layout::{PageError, Place, Visit, answer_page, answer_private_page};
use crate::prose::{prose, safe_href};

/// Services on a page.
const PAGE_SIZE: i64 = 50;
/// Services that a desk shows.
const MOST_ON_A_DESK: i64 = 500;
/// What a segment of a path may hold as it is (RFC 3986, section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Lists the services that are fronted.
pub(crate) async fn list_services(visit: Visit) -> HttpResponse {
    let query = visit.request.query_string().to_owned();
    let after: Option<Slug> = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "cursor")
        .and_then(|(_, value)| value.parse().ok());
    let loaded = visit
        .read(move |tx| {
            let mut services = service::list_public(tx, after.as_ref(), PAGE_SIZE + 1)?;
            let is_more = services.len() > usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
            if is_more {
                services.pop();
            }
            let next = services.last().filter(|_| is_more).map(|last| last.slug.to_string());
            Ok(ServiceList { services: with_health(tx, services)?, next })
        })
        .await;
    visit.finish(Place::Developers, loaded, |frame, page| answer_page(StatusCode::OK, &ServiceListView { frame, page }))
}

fn with_health(tx: &mut Tx<'_>, services: Vec<DataService>) -> Result<Vec<ServiceLine>, CatalogError> {
    let health = service::list_health(tx)?;
    let outcome =
        |slug: &Slug| health.iter().find(|(name, _)| name == slug.as_str()).and_then(|(_, health)| health.outcome);
    Ok(services.into_iter().map(|service| ServiceLine { outcome: outcome(&service.slug), service }).collect())
}

/// Shows a service to everybody; before it is open, to those who answer for it.
pub(crate) async fn show_service(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    let account = visit.signed_in.as_ref().map(|signed_in| signed_in.account.clone());
    let is_known = account.is_some();
    let loaded = visit.read(move |tx| load_page(tx, account.as_ref(), &name)).await;
    visit.finish(Place::Developers, loaded, |frame, page| {
        let view = ServiceView { frame, page };
        if is_known { answer_private_page(StatusCode::OK, &view) } else { answer_page(StatusCode::OK, &view) }
    })
}

fn load_page(tx: &mut Tx<'_>, account: Option<&Account>, name: &str) -> Result<ServicePage, CatalogError> {
    let service = visible(tx, account, name)?;
    let may_manage = account.is_some_and(|account| account.works_for(Some(service.publisher_id)));
    let document = service::find_openapi(tx, &service.id.to_string())?;
    let all: Vec<ServiceOperation> = document.map(|document| document.operations().collect()).unwrap_or_default();
    let terms = service.draft.terms.clone().unwrap_or_default();
    let terms_href = safe_href(&terms).filter(|href| href.starts_with("http"));
    Ok(ServicePage {
        about: prose(&service.draft.description),
        terms: if terms_href.is_some() { prose("") } else { prose(&terms) },
        terms_href,
        operation_count: u64::try_from(all.len()).unwrap_or(u64::MAX),
        operations: all.into_iter().take(MOST_OPERATIONS).enumerate().map(card).collect(),
        health: service::find_health(tx, service.id)?,
        days: service::list_health_days(tx, service.id, HEALTH_DAYS)?,
        may_manage,
        service,
    })
}

fn card((number, operation): (usize, ServiceOperation)) -> OperationCard {
    OperationCard { about: prose(&operation.description), number, operation }
}

fn visible(tx: &mut Tx<'_>, account: Option<&Account>, name: &str) -> Result<DataService, CatalogError> {
    let service = service::get(tx, name)?;
    let is_own = account.is_some_and(|account| account.works_for(Some(service.publisher_id)));
    if is_own || service.state.is_public() { Ok(service) } else { Err(CatalogError::not_found("service", name)) }
}

/// Leads to the address of an operation with the parameters that a form gave: how an operation is tried without a script.
pub(crate) async fn try_operation(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    let given: Vec<(String, String)> =
        form_urlencoded::parse(visit.request.query_string().as_bytes()).into_owned().collect();
    let loaded = visit
        .read(move |tx| {
            let service = visible(tx, None, &name)?;
            let wanted: Option<usize> =
                given.iter().find(|(name, _)| name == "operation").and_then(|(_, number)| number.parse().ok());
            let document = service::find_openapi(tx, &service.id.to_string())?;
            let operation = wanted.zip(document).and_then(|(wanted, document)| document.operations().nth(wanted));
            let operation = operation.ok_or_else(|| CatalogError::not_found("operation", &name))?;
            Ok(address_of(service.slug.as_str(), &operation, &given))
        })
        .await;
    visit.follow(Place::Developers, loaded)
}

/// The address of an operation behind the gateway; fields are named by place and name: `path.station`, `query.from`.
fn address_of(slug: &str, operation: &ServiceOperation, given: &[(String, String)]) -> String {
    let value = |place: &str, name: &str| {
        let field = format!("{place}.{name}");
        given.iter().find(|(given, _)| *given == field).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let mut path = operation.path.clone();
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut has_query = false;
    for parameter in &operation.parameters {
        let Some(value) = value(&parameter.place, &parameter.name) else { continue };
        match parameter.place.as_str() {
            "path" => {
                let segment = utf8_percent_encode(value, SEGMENT).to_string();
                path = path.replace(&format!("{{{}}}", parameter.name), &segment);
            }
            "query" => {
                query.append_pair(&parameter.name, value);
                has_query = true;
            }
            _ => {}
        }
    }
    // What was not given stays visible as `{name}`, escaped: the service says what is missing.
    let path = path.replace('{', "%7B").replace('}', "%7D");
    if has_query { format!("/gateway/{slug}{path}?{}", query.finish()) } else { format!("/gateway/{slug}{path}") }
}

/// The services of those who are signed in.
pub(crate) async fn show_desk(visit: Visit) -> HttpResponse {
    let loaded = match visit.staff() {
        Ok(signed_in) => {
            let account = signed_in.account.clone();
            visit.read(move |tx| load_desk(tx, &account)).await
        }
        Err(error) => Err(error),
    };
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ServiceDeskView { frame, page })
    })
}

fn load_desk(tx: &mut Tx<'_>, account: &Account) -> Result<ServiceDesk, CatalogError> {
    let services = match (account.role, account.publisher_id) {
        (Role::Operator, _) => service::list(tx, None, None, MOST_ON_A_DESK)?,
        (Role::Steward | Role::Publisher, Some(own)) => service::list(tx, Some(own), None, MOST_ON_A_DESK)?,
        (Role::Steward | Role::Publisher, None) => Vec::new(),
        (Role::Developer | Role::Auditor, _) => {
            return Err(CatalogError::Forbidden("services are for agencies and the portal’s team"));
        }
    };
    Ok(ServiceDesk { services: with_health(tx, services)? })
}

/// The service, if it is the account's business; otherwise there is none.
pub(super) fn own(tx: &mut Tx<'_>, account: &Account, name: &str) -> Result<DataService, CatalogError> {
    let service = service::get(tx, name)?;
    if account.works_for(Some(service.publisher_id)) {
        Ok(service)
    } else {
        Err(CatalogError::not_found("service", name))
    }
}

/// Shows a service to those who answer for it.
pub(crate) async fn show_managed(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let loaded = load_managed(&visit, name.into_inner()).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ManagedServiceView { frame, page })
    })
}

pub(super) async fn load_managed(visit: &Visit, name: String) -> Result<ManagedService, PageError> {
    let account = visit.staff()?.account.clone();
    visit
        .read(move |tx| {
            let service = own(tx, &account, &name)?;
            let health = service::find_health(tx, service.id)?;
            let is_operator = account.role == Role::Operator;
            let form = match service.state {
                ServiceState::Retired => super::ServiceForm::default(),
                _ => act::form_of(&service),
            };
            Ok(ManagedService { form, health, is_operator, service })
        })
        .await
}

#[cfg(test)]
mod tests {
    use fairground_catalog::service::OperationParameter;

    use super::*;

    fn parameter(place: &str, name: &str) -> OperationParameter {
        OperationParameter {
            name: name.to_owned(),
            place: place.to_owned(),
            description: String::new(),
            is_required: false,
            kind: String::new(),
            example: None,
            choices: Vec::new(),
        }
    }

    #[test]
    fn an_operation_is_tried_at_its_own_address_and_nowhere_else() {
        let operation = ServiceOperation {
            method: "GET".to_owned(),
            path: "/stations/{station}/values".to_owned(),
            summary: String::new(),
            description: String::new(),
            parameters: vec![parameter("path", "station"), parameter("query", "from"), parameter("header", "x-a")],
            takes_body: false,
            is_deprecated: false,
        };
        for (given, address) in [
            (&[("path.station", "7")][..], "/gateway/air/stations/7/values"),
            (
                &[("path.station", "a b/../c"), ("query.from", "2026&x=y")],
                "/gateway/air/stations/a%20b%2F..%2Fc/values?from=2026%26x%3Dy",
            ),
            (&[("path.station", "\r\nX: y")], "/gateway/air/stations/X%3A%20y/values"),
            (&[("header.x-a", "b"), ("other", "c")], "/gateway/air/stations/%7Bstation%7D/values"),
        ] {
            let given: Vec<(String, String)> =
                given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(address_of("air", &operation, &given), address);
        }
    }
}

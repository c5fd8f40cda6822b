//! CKAN's envelopes: `{"help", "success", "result"}` and `{"help", "success", "error": {"__type", …}}`.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fairground_catalog::CatalogError;
use fairground_catalog::search::SearchError;
use serde_json::{Value, json};

use super::{ROOT, ROOTS};
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

/// A refusal of an action.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Something is wrong with a parameter: 409 `Validation Error`.
    Validation {
        /// The parameter.
        field: String,
        /// What is wrong, as a sentence.
        message: String,
    },
    /// 404 `Not Found Error`.
    NotFound(String),
    /// A query that cannot be asked: 400 `Search Query Error`.
    SearchQuery(String),
    /// 403 `Authorization Error`.
    Denied(String),
    /// 400, as a bare text.
    BadRequest(String),
    /// What CKAN has no word for: problem+json.
    Problem(Problem),
}

impl Refusal {
    pub(super) fn of(field: &str, message: impl Into<String>) -> Self {
        Self::Validation { field: field.to_owned(), message: message.into() }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        use ProblemKind as K;
        match problem.kind() {
            K::NotFound | K::Gone => Self::NotFound(problem.to_string()),
            K::InvalidParameter | K::UnknownParameter | K::InvalidContent | K::Unsuitable | K::AnswerTooLarge => {
                let field = problem.faults().iter().find_map(|fault| fault.parameter.clone());
                Self::Validation { field: field.unwrap_or_else(|| "query".to_owned()), message: problem.to_string() }
            }
            K::MalformedBody => Self::BadRequest(format!("Bad request - JSON Error: {problem}")),
            _ => Self::Problem(problem),
        }
    }
}

impl From<CatalogError> for Refusal {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. } => Self::NotFound("Not found".to_owned()),
            other => Problem::from(other).into(),
        }
    }
}

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Self {
        Problem::from(error).into()
    }
}

/// The address that explains an action.
fn help(state: &ApiState, action: &str) -> String {
    format!("{}{ROOT}/help_show?name={action}", state.settings.public_url)
}

/// What an action came to. `result` is JSON already.
pub(super) fn success(state: &ApiState, action: &str, result: &str) -> String {
    format!("{{\"help\":{},\"success\":true,\"result\":{result}}}", json!(help(state, action)))
}

/// What stands before and after a result that is sent bit by bit: a list.
pub(super) fn success_around(state: &ApiState, action: &str) -> (String, String) {
    (format!("{{\"help\":{},\"success\":true,\"result\":[", json!(help(state, action))), "]}".to_owned())
}

/// A refusal as CKAN writes it.
pub(super) fn refuse(state: &ApiState, action: &str, refusal: Refusal) -> HttpResponse {
    let (status, error) = match refusal {
        Refusal::Validation { field, message } => {
            let mut error = json!({ "__type": "Validation Error", "message": &message });
            if let Some(object) = error.as_object_mut() {
                object.insert(field, json!([message]));
            }
            (StatusCode::CONFLICT, error)
        }
        Refusal::NotFound(message) => {
            (StatusCode::NOT_FOUND, json!({ "__type": "Not Found Error", "message": message }))
        }
        Refusal::SearchQuery(message) => {
            (StatusCode::BAD_REQUEST, json!({ "__type": "Search Query Error", "message": message }))
        }
        Refusal::Denied(message) => {
            (StatusCode::FORBIDDEN, json!({ "__type": "Authorization Error", "message": message }))
        }
        Refusal::BadRequest(text) => return plain(StatusCode::BAD_REQUEST, &json!(text)),
        Refusal::Problem(problem) => return HttpResponse::from_error(problem),
    };
    plain(status, &json!({ "help": help(state, action), "success": false, "error": error }))
}

fn plain(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, "application/json;charset=utf-8"))
        .body(body.to_string())
}

/// SQL over the address is not offered: it was how CKAN's tables were broken into (CVE-2026-42031).
pub(super) async fn no_sql(state: Data<ApiState>) -> HttpResponse {
    let action = "datastore_search_sql";
    let message = "datastore_search_sql is not offered here. Filters: datastore_search or /api/v1/tables/{table}/rows; groups and sums: \
                   /api/v1/tables/{table}/aggregate.";
    let error = json!({ "__type": "Authorization Error", "message": message });
    plain(StatusCode::FORBIDDEN, &json!({ "help": help(&state, action), "success": false, "error": error }))
}

/// Endings of the names of actions that write.
const WRITING: [&str; 9] =
    ["_create", "_update", "_patch", "_revise", "_delete", "_purge", "_upsert", "_reorder", "_owner_org_update"];

/// As CKAN answers to what is no action; and to those that write and are not offered here.
pub(super) fn no_action(state: &ApiState, name: &str) -> HttpResponse {
    let name: String = name.chars().take(60).collect();
    if WRITING.iter().any(|ending| name.ends_with(ending)) {
        let message = format!(
            "Access denied: {name} is not offered. Datasets and distributions can be written: package_create, resource_create."
        );
        let error = json!({ "__type": "Authorization Error", "message": message });
        return plain(StatusCode::FORBIDDEN, &json!({ "help": help(state, &name), "success": false, "error": error }));
    }
    plain(StatusCode::BAD_REQUEST, &json!(format!("Bad request - Action name not known: {name}")))
}

/// As CKAN answers to an address that names no action.
pub(super) async fn unknown_action(req: HttpRequest, state: Data<ApiState>) -> HttpResponse {
    let path = req.path();
    let action = ROOTS.iter().find_map(|root| path.strip_prefix(root)).unwrap_or_default();
    no_action(&state, action.trim_matches('/'))
}

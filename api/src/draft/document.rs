//! A draft's description as one document: JSON or YAML, with a schema, guarded by `If-Match`.

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, put};
use fairground_catalog::draft::{self, Draft, DraftContent};
use fairground_domain::form::{self, LONGEST_FORM_BYTES};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::handlers::draft_id;
use super::wire::{DraftOut, below};
use crate::answer::{Freshness, Rendered};
use crate::body::RawBody;
use crate::caller::{Anyone, Then, Worker};
use crate::problem::{Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";

/// The form of a description, as JSON Schema.
#[utoipa::path(tag = "drafts", security((), ("api_key" = [])),
               responses((status = OK, body = serde_json::Value, content_type = "application/schema+json"), Problem))]
#[get("/drafts/schema")]
pub(super) async fn get_draft_schema(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec_pretty(&form::schema()).map_err(Problem::internal)?;
    Ok(Rendered::new(body, "application/schema+json", Freshness::Revalidated).answer(&req))
}

/// A draft and a form of its document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DocumentPath {
    /// The draft's id.
    draft: String,
    /// `json` or `yaml`.
    format: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Yaml,
}

impl DocumentPath {
    fn form(&self) -> Result<Form, Problem> {
        match self.format.as_str() {
            "json" => Ok(Form::Json),
            "yaml" | "yml" => Ok(Form::Yaml),
            _ => Err(Problem::not_found("form of the document")),
        }
    }
}

fn etag(revision: i32) -> String {
    format!("\"{revision}\"")
}

/// A draft's description as a document. Its `ETag` is the draft's revision, for `If-Match`.
#[utoipa::path(tag = "drafts", params(DocumentPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, content((serde_json::Value = "application/json"), (String = "application/yaml"))), Problem))]
#[get("/drafts/{draft}/document.{format}")]
pub(super) async fn get_draft_document(
    caller: Worker,
    path: Path<DocumentPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    let (id, form) = (draft_id(&path.draft)?, path.form()?);
    let found = state.read(move |tx| draft::get(tx, &actor, id)).await?;
    let document = form::to_form(&found.content.document);
    let rendered = match form {
        Form::Json => {
            let body = serde_json::to_vec_pretty(&document).map_err(Problem::internal)?;
            Rendered::new(body, JSON, Freshness::Private)
        }
        Form::Yaml => {
            let body = serde_saphyr::to_string(&document).map_err(Problem::internal)?;
            Rendered::new(body, YAML, Freshness::Private)
        }
    };
    Ok(rendered.etag(etag(found.revision)).answer(&req))
}

/// The revision that `If-Match` names.
pub(super) fn expected_revision(headers: &HeaderMap) -> Result<i32, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(ProblemKind::PreconditionRequired));
    };
    // A compressed answer's `ETag` carries its encoding behind the revision.
    let text = value.to_str().unwrap_or_default().trim().trim_matches('"');
    let digits = text.split('-').next().unwrap_or_default();
    digits.parse().map_err(|_| Problem::new(ProblemKind::PreconditionFailed))
}

/// Replaces a draft's description by a document: JSON, or YAML. `If-Match` names the revision that it is based on.
#[utoipa::path(tag = "drafts", params(DocumentPath, ("If-Match" = String, Header, description = "The `ETag` of what was read")),
               request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
               security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), (status = PRECONDITION_REQUIRED, description = "`If-Match` is missing"),
                         (status = CONFLICT, description = "Somebody else saved meanwhile"), Problem))]
#[put("/drafts/{draft}/document.{format}")]
pub(super) async fn set_draft_document(
    asked: Then<Worker, RawBody<LONGEST_FORM_BYTES>>,
    path: Path<DocumentPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, RawBody(body)) = asked;
    let actor = caller.actor();
    let (id, form) = (draft_id(&path.draft)?, path.form()?);
    // Strangers learn nothing of what is wrong with their document.
    let reader = actor.clone();
    let known: Draft = state.read(move |tx| draft::get(tx, &reader, id)).await?;
    let expected = expected_revision(req.headers())?;
    let value = parse(&body, form, req.content_type())?;
    let document = form::from_form(&value).map_err(|faults| {
        Problem::new(ProblemKind::InvalidContent).errors(faults.iter().map(|fault| below("", fault)).collect())
    })?;
    let content = DraftContent { document, ..known.content };
    let saved = state.write(move |tx| draft::save(tx, &actor, id, expected, content)).await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag(saved.revision))).json(DraftOut::from(saved)))
}

/// Reads a document; the YAML reader bounds what aliases may grow to.
fn parse(body: &[u8], form: Form, media_type: &str) -> Result<Value, Problem> {
    let broken = |told: String| {
        let told: String = told.chars().take(500).collect();
        Problem::new(ProblemKind::MalformedBody).detail(format!("The document cannot be read: {told}"))
    };
    let text = std::str::from_utf8(body).map_err(|_| broken("it is no UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    // Whoever fetched one form may send the other, and say so.
    let is_yaml = match media_type {
        "application/json" => false,
        other if other.contains("yaml") => true,
        _ => form == Form::Yaml,
    };
    if is_yaml && !text.trim_start().starts_with('{') {
        return serde_saphyr::from_str(text).map_err(|error| broken(error.to_string()));
    }
    serde_json::from_str(text).map_err(|error| broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_yaml_say_the_same() {
        let yaml = "title:\n  en: Beds\nkeyword:\n  en: [health, beds]\n";
        let expected = json!({ "title": { "en": "Beds" }, "keyword": { "en": ["health", "beds"] } });
        for (text, form, media_type) in [
            (yaml.to_owned(), Form::Yaml, "application/yaml"),
            (yaml.to_owned(), Form::Json, "text/yaml"),
            (expected.to_string(), Form::Json, "application/json"),
            (expected.to_string(), Form::Yaml, "application/yaml"),
        ] {
            assert_eq!(parse(text.as_bytes(), form, media_type).ok(), Some(expected.clone()), "{text}");
        }
        assert!(parse(b"title: [", Form::Yaml, "").is_err());
        assert!(parse(b"{", Form::Json, "").is_err());
    }

    #[test]
    fn what_is_written_as_yaml_reads_back() {
        let document =
            json!({ "title": { "en": "yes", "de": "- : \"quoted\"\nline" }, "version": "1.0", "extra": { "n": 1 } });
        let text = serde_saphyr::to_string(&document).unwrap();
        assert_eq!(parse(text.as_bytes(), Form::Yaml, YAML).ok(), Some(document), "{text}");
    }

    #[test]
    fn a_change_names_what_it_is_based_on() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, HeaderValue::from_str(value).unwrap());
            headers
        };
        assert_eq!(expected_revision(&with("\"7\"")).ok(), Some(7));
        assert_eq!(expected_revision(&with("\"7-gzip\"")).ok(), Some(7));
        let missing = expected_revision(&HeaderMap::new()).expect_err("it must say");
        assert_eq!(missing.kind(), ProblemKind::PreconditionRequired);
        assert_eq!(expected_revision(&with("\"x\"")).expect_err("no revision").kind(), ProblemKind::PreconditionFailed);
    }
}

//! One refusal type, one table to RFC 9457.
//!
//! Everything that can go wrong in an answer becomes a [`Problem`]; [`ProblemKind::spec`] alone knows status codes, types
//! and titles. A problem is carried by Actix's error path and written out by [`Problem::render`] where the request's id
//! is known, so that every answer names its `instance`. 4xx tell what and what to do next; 5xx tell only `instance`, and
//! their cause is logged once, with its whole chain.

mod catalog;
mod rejections;
mod table;
mod tables;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use rejections::{broken_json, too_large};
pub use table::{ProblemKind, ProblemSpec};

/// What a handler answers: a value as JSON, or a problem.
pub type Answer<T> = Result<actix_web::web::Json<T>, Problem>;

/// One of several faults that are reported together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where in the body: a JSON pointer (RFC 6901) such as `/email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The query parameter, such as `limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Characters of the parameter's value before the place, where the fault has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// What is wrong and what to do.
    pub detail: String,
}

impl Fault {
    /// A fault at a place of the body.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, position: None, detail: detail.into() }
    }

    /// A fault in a query parameter.
    pub fn in_query(parameter: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(parameter.into()), position: None, detail: detail.into() }
    }
}

/// A refusal or failure on its way out.
pub struct Problem(Box<Inner>);

struct Inner {
    kind: ProblemKind,
    detail: Option<Cow<'static, str>>,
    errors: Vec<Fault>,
    violated_policies: Vec<String>,
    current: Option<serde_json::Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The body of a problem answer (RFC 9457, section 3.1), as it is written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// The kind of problem: an address that explains it.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: Cow<'a, str>,
    /// The kind of problem in a few words; the same for every occurrence.
    #[schema(value_type = String)]
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time, and what to do next. Absent for server faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    detail: Option<&'a str>,
    /// This occurrence: the request's id, to quote to the portal's team.
    #[schema(value_type = String)]
    instance: &'a str,
    /// Many faults together, each with its place.
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    #[schema(value_type = Vec<Fault>, required = false)]
    errors: &'a [Fault],
    /// The quota policies that refused the call (only for `quota-exceeded`).
    #[serde(rename = "violated-policies", skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false)]
    violated_policies: &'a [String],
    /// What is there now, who saved it and what they changed (only for `edit-conflict`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<&'a serde_json::Value>,
}

impl Problem {
    /// A problem of a kind, with nothing to add.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: None,
            errors: Vec::new(),
            violated_policies: Vec::new(),
            current: None,
            headers: Vec::new(),
            source: None,
        }))
    }

    /// What happened and what to do next.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The single faults.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Fault>) -> Self {
        self.0.errors = errors;
        self
    }

    /// The quota policies that refused the call.
    #[must_use]
    pub fn violated_policies(mut self, policies: Vec<String>) -> Self {
        self.0.violated_policies = policies;
        self
    }

    /// What is there now, where somebody else saved first.
    #[must_use]
    pub fn current(mut self, current: serde_json::Value) -> Self {
        self.0.current = Some(current);
        self
    }

    /// What is there now, where somebody else saved first.
    #[must_use]
    pub fn what_is_there(&self) -> Option<&serde_json::Value> {
        self.0.current.as_ref()
    }

    /// A header of the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// When to come back, in seconds; at least 1.
    #[must_use]
    pub fn retry_after(self, secs: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(secs.max(1)))
    }

    /// Why, for the log; never shown.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// A failure that nobody foresaw.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ProblemKind::Internal).caused_by(source)
    }

    /// There is no such thing, or none that the caller may know of.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemKind::NotFound)
            .detail(format!("There is no {what} here. Check the address, or search for it."))
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.0.kind
    }

    /// The single faults.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.0.errors
    }

    /// The whole chain of causes on one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.0.kind.spec().title.to_owned();
        let mut cause: Option<&dyn StdError> = self.0.source.as_deref().map(|e| e as &dyn StdError);
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }

    /// The answer, with this request's id as `instance`.
    #[must_use]
    pub fn render(&self, request_id: &str, public_url: &str) -> HttpResponse<BoxBody> {
        let inner = &*self.0;
        let spec = inner.kind.spec();
        let ours_to_explain = spec.status.is_server_error() && !inner.kind.tells_detail();
        let instance = format!("/requests/{request_id}");
        let body = ProblemBody {
            kind: spec.type_uri(public_url),
            title: spec.title,
            status: spec.status.as_u16(),
            detail: if ours_to_explain { None } else { inner.detail.as_deref().or(Some(spec.advice)) },
            instance: &instance,
            errors: if ours_to_explain { &[] } else { &inner.errors },
            violated_policies: &inner.violated_policies,
            current: inner.current.as_ref(),
        };
        let mut answer = HttpResponse::build(spec.status);
        answer
            .content_type("application/problem+json")
            .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        for (name, value) in &inner.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        // Serialising texts and numbers cannot fail; an empty object would still be a valid problem.
        answer.body(serde_json::to_vec(&body).unwrap_or_else(|_| b"{}".to_vec()))
    }

    /// The problem that an Actix error stands for: ours as it is, Actix's own rejections through the table.
    #[must_use]
    pub fn borrowed_or_translated(error: &actix_web::Error) -> ProblemRef<'_> {
        match error.as_error::<Self>() {
            Some(problem) => ProblemRef::Ours(problem),
            None => ProblemRef::Translated(rejections::translate(error)),
        }
    }
}

/// A problem that an error carries, or that was made from it.
#[derive(Debug)]
pub enum ProblemRef<'a> {
    /// One of ours.
    Ours(&'a Problem),
    /// Actix's own rejection, translated.
    Translated(Problem),
}

impl std::ops::Deref for ProblemRef<'_> {
    type Target = Problem;

    fn deref(&self) -> &Problem {
        match self {
            Self::Ours(problem) => problem,
            Self::Translated(problem) => problem,
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("kind", &self.0.kind)
            .field("detail", &self.0.detail)
            .field("errors", &self.0.errors)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.detail.as_deref().unwrap_or(self.0.kind.spec().title))
    }
}

/// So that a body which is sent bit by bit can end in one.
impl StdError for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.kind.spec().status
    }

    /// Without a body: the outer middleware renders it once the request's id is known.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code()).set_body(BoxBody::new(()))
    }
}

impl From<actix_web::error::BlockingError> for Problem {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::new(ProblemKind::Unavailable).caused_by(error)
    }
}

impl From<&ProblemSpec> for utoipa::openapi::Response {
    fn from(spec: &ProblemSpec) -> Self {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        ResponseBuilder::new()
            .description(spec.title)
            .content(
                "application/problem+json",
                ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
            )
            .build()
    }
}

impl utoipa::IntoResponses for Problem {
    /// The refusals that every operation may answer.
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        use ProblemKind::{Internal, InvalidParameter, KeyUnknown, NotFound, Overloaded, QuotaExceeded};
        [InvalidParameter, KeyUnknown, NotFound, QuotaExceeded, Internal, Overloaded]
            .map(|kind| {
                let spec = kind.spec();
                (spec.status.as_str().to_owned(), utoipa::openapi::Response::from(&spec).into())
            })
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body_of(problem: &Problem) -> serde_json::Value {
        let answer = problem.render("0190", "https://portal.example");
        let bytes = actix_web::body::to_bytes(answer.into_body()).await.expect("a small body");
        serde_json::from_slice(&bytes).expect("problem bodies are JSON")
    }

    #[actix_web::test]
    async fn every_kind_has_its_own_type_and_an_honest_status() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in ProblemKind::ALL {
            let spec = kind.spec();
            let body = body_of(&Problem::new(kind)).await;
            assert!(spec.status.is_client_error() || spec.status.is_server_error(), "{kind:?}");
            assert_eq!(body["status"], spec.status.as_u16(), "{kind:?}");
            assert_eq!(body["instance"], "/requests/0190", "{kind:?}");
            assert!(body["type"].as_str().is_some_and(|t| t.starts_with("https://")), "{kind:?}");
            assert!(seen.insert(spec.slug), "{kind:?} shares its name");
        }
    }

    #[actix_web::test]
    async fn a_server_fault_tells_only_its_instance() {
        let cause = std::io::Error::other("the disk said no");
        let problem = Problem::internal(cause).detail("secret").errors(vec![Fault::at("/a", "secret")]);
        let body = body_of(&problem).await;
        assert_eq!(body.as_object().map(|o| o.len()), Some(4), "{body}");
        assert!(!body.to_string().contains("secret"));
        assert_eq!(problem.chain(), "Something went wrong on our side: the disk said no");
    }

    #[actix_web::test]
    async fn a_spent_quota_names_its_policies_and_when_to_come_back() {
        let problem =
            Problem::new(ProblemKind::QuotaExceeded).violated_policies(vec!["open-day".into()]).retry_after(0);
        let body = body_of(&problem).await;
        assert_eq!(body["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
        assert_eq!(body["violated-policies"][0], "open-day");
        assert!(body["detail"].as_str().is_some_and(|d| d.contains("/developers")), "{body}");
        let answer = problem.render("0190", "https://portal.example");
        assert_eq!(answer.headers().get(header::RETRY_AFTER).map(|v| v.as_bytes()), Some(b"1".as_slice()));
    }
}

//! Answering a call of the gateway: the HTTP server's types become the engine's, and back.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::web::Payload;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use fairground_catalog::service::{LifecycleStanding, ServiceState};
use fairground_domain::Timestamp;
use fairground_gateway::{Answer, AnswerBody, Call, CallerSide, CleanPath, Forwarder, GatewayError, Source};

use super::aim::{Aim, OPENAPI};
use super::body::{self, PassedBody};
use super::fronted::{Fronted, SUSPENDED_RETRY_SECS};
use crate::front::{WasHead, told};
use crate::hot_path::{FromCache, PassedThrough};
use crate::problem::{Problem, ProblemKind};
use crate::request_id::{Arrival, REQUEST_ID, RequestId};

/// What a document of an agency may do under our address: nothing. Scripts in it would run as ours.
const SANDBOX: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// What one worker answers with.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) forwarder: Forwarder,
    /// Where the portal is seen from outside.
    pub(super) public_url: String,
}

pub(super) async fn serve(door: Rc<Door>, req: HttpRequest, payload: Payload) -> HttpResponse<BoxBody> {
    let aim = req.extensions_mut().remove::<Aim>();
    req.extensions_mut().insert(PassedThrough);
    let (fronted, path) = match aim {
        Some(Aim::Service { fronted, path }) => (fronted, path),
        Some(Aim::Nowhere) | None => return refused(&door.public_url, &req, &Problem::not_found("service"), None),
        Some(Aim::Refused(why)) => {
            let problem = Problem::new(ProblemKind::MalformedRequest).detail(format!("The path is refused: {why}."));
            return refused(&door.public_url, &req, &problem, None);
        }
        // What is left of such a message on the connection must not be read as the next one.
        Some(Aim::Unsound(why)) => {
            return closing(refused(
                &door.public_url,
                &req,
                &Problem::new(ProblemKind::MalformedRequest).detail(why),
                None,
            ));
        }
        Some(Aim::Upgrade) => {
            return closing(refused(&door.public_url, &req, &Problem::new(ProblemKind::UpgradeRefused), None));
        }
    };
    match answer(&door.forwarder, &fronted, path, &req, payload).await {
        Ok(answer) => answer,
        Err(problem) => {
            let too_large = problem.kind() == ProblemKind::PayloadTooLarge;
            let answer = refused(&door.public_url, &req, &problem, Some(&fronted));
            // The rest of the body is not waited for.
            if too_large { closing(answer) } else { answer }
        }
    }
}

async fn answer(
    forwarder: &Forwarder,
    fronted: &Fronted,
    path: CleanPath,
    req: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse<BoxBody>, Problem> {
    if let Some(openapi) = fronted.openapi.as_ref().filter(|_| path.as_str() == OPENAPI && *req.method() == Method::GET)
    {
        // Also of a service that is suspended: whoever builds on it should be able to read.
        let mut answer = HttpResponse::Ok();
        answer.content_type("application/json").insert_header((header::CACHE_CONTROL, "public, max-age=60"));
        return Ok(answer.body(openapi.clone()));
    }
    must_be_open(fronted)?;
    let method = if req.extensions().contains::<WasHead>() { "HEAD" } else { req.method().as_str() };
    if !fronted.passes(method) {
        return match *req.method() {
            Method::OPTIONS => {
                Ok(HttpResponse::NoContent().insert_header((header::ALLOW, fronted.allow.as_str())).finish())
            }
            _ => Err(not_allowed(fronted)),
        };
    }
    let upstream = fronted.upstream.as_ref().ok_or_else(|| {
        Problem::new(ProblemKind::Unavailable)
            .detail("This service is not set up rightly.")
            .retry_after(SUSPENDED_RETRY_SECS)
    })?;
    let body = body::of_call(req, payload).await.map_err(GatewayError::CallBroken)?;
    let call = Call {
        method: method.parse().map_err(|_| not_allowed(fronted))?,
        path,
        query: req.uri().query().map(str::to_owned),
        fields: fields_of(req),
        body,
        side: CallerSide { front: fronted.front.clone() },
    };
    let answered = forwarder.forward(upstream, call).await;
    fronted.count(answered.as_ref().ok().map(|answer| answer.source));
    Ok(passed_on(req, fronted, answered?))
}

/// 503 with `Retry-After` while it is suspended or browned out, 410 when it is gone for ever.
fn must_be_open(fronted: &Fronted) -> Result<(), Problem> {
    let reason = || fronted.reason.clone().unwrap_or_default();
    match fronted.state {
        ServiceState::Live => {}
        ServiceState::Suspended | ServiceState::Registered | ServiceState::Approved => {
            return Err(Problem::new(ProblemKind::Unavailable)
                .detail(format!("This service is suspended: {}", reason()))
                .retry_after(SUSPENDED_RETRY_SECS));
        }
        ServiceState::Retired => {
            return Err(Problem::new(ProblemKind::Gone).detail(format!("This service was retired: {}", reason())));
        }
    }
    let now = Timestamp::now();
    match fronted.lifecycle.standing(now) {
        LifecycleStanding::Open => Ok(()),
        LifecycleStanding::BrownOut { until } => Err(Problem::new(ProblemKind::Unavailable)
            .detail("This service will be switched off; this is an announced brown-out. See `Sunset` and `Link`.")
            .retry_after(u64::try_from(until.as_secs() - now.as_secs()).unwrap_or(1))),
        LifecycleStanding::Gone => Err(Problem::new(ProblemKind::Gone)
            .detail("This service was switched off as announced. See `Sunset` and `Link`.")),
    }
}

fn not_allowed(fronted: &Fronted) -> Problem {
    let problem = Problem::new(ProblemKind::MethodNotAllowed);
    match HeaderValue::try_from(fronted.allow.as_str()) {
        Ok(allow) => problem.header(header::ALLOW, allow),
        Err(_) => problem,
    }
}

/// The problem, written out, with what its service says about its end.
fn refused(public_url: &str, req: &HttpRequest, problem: &Problem, fronted: Option<&Fronted>) -> HttpResponse<BoxBody> {
    let mut answer = told(problem, id_of(req), public_url);
    if let Some(fronted) = fronted {
        notice(answer.headers_mut(), fronted);
    }
    answer
}

fn id_of(req: &HttpRequest) -> RequestId {
    req.extensions().get::<Arrival>().map(|arrival| arrival.id).unwrap_or_default()
}

fn closing(mut answer: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
    answer.head_mut().set_connection_type(ConnectionType::Close);
    answer
}

fn notice(fields: &mut HeaderMap, fronted: &Fronted) {
    for (name, value) in &fronted.notices {
        append(fields, name, value);
    }
}

/// The two libraries carry different editions of the same types.
fn append(fields: &mut HeaderMap, name: &http::HeaderName, value: &http::HeaderValue) {
    let name = HeaderName::from_bytes(name.as_str().as_bytes());
    let value = HeaderValue::from_bytes(value.as_bytes());
    if let (Ok(name), Ok(value)) = (name, value) {
        fields.append(name, value);
    }
}

fn fields_of(req: &HttpRequest) -> http::HeaderMap {
    let mut fields = http::HeaderMap::with_capacity(req.headers().len() + 4);
    for (name, value) in req.headers() {
        if *name == REQUEST_ID {
            continue;
        }
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = http::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            fields.append(name, value);
        }
    }
    let id = id_of(req);
    if let Ok(id) = http::HeaderValue::from_bytes(id.header().as_bytes()) {
        fields.insert(http::HeaderName::from_static("x-request-id"), id);
    }
    fields
}

fn passed_on(req: &HttpRequest, fronted: &Fronted, answer: Answer) -> HttpResponse<BoxBody> {
    let status = StatusCode::from_u16(answer.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    if matches!(answer.source, Source::Kept | Source::StoodIn) {
        req.extensions_mut().insert(FromCache);
    }
    let mut passed = HttpResponse::new(status);
    let fields = passed.headers_mut();
    for (name, value) in &answer.fields {
        append(fields, name, value);
    }
    notice(fields, fronted);
    fields.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    let body = match answer.body {
        AnswerBody::Empty { length: None } => return passed,
        AnswerBody::Whole(bytes) => BoxBody::new(bytes),
        body @ (AnswerBody::Empty { length: Some(_) } | AnswerBody::Streamed(_)) => BoxBody::new(PassedBody(body)),
    };
    passed.set_body(body)
}

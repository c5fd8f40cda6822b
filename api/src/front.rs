//! What every answer of the program has, whichever room it comes from.
//!
//! One middleware, outermost: names the request, answers preflights, lets `HEAD` be served as `GET`, gives up what takes
//! too long, turns what escaped as a bare error into a problem, and adds the security and CORS fields. What belongs to
//! the API's scopes alone (keys, limits, meter) is [`crate::hot_path`].

use std::future::{Ready, poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::future::LocalBoxFuture;
use tokio::time::Sleep;

use crate::metrics::HttpMetrics;
use crate::problem::{Problem, ProblemKind};
use crate::request_id::{Arrival, REQUEST_ID, RequestId};
use crate::settings::ApiSettings;

/// Addresses that any web page may read: open data, no cookie involved.
pub const OPEN_TO_ALL_ORIGINS: [&str; 9] =
    ["/api/", "/gateway/", "/.well-known/", "/openapi.json", "/catalog", "/data.json", "/feeds/", "/oai", "/mcp"];
/// Fields that a page of another origin may read from an answer.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Last-Modified, Link, Location, RateLimit, RateLimit-Cost, \
     RateLimit-Policy, Retry-After, Server-Timing, X-Request-Id",
);
/// Fields that a page of another origin may send.
const ALLOWED_FIELDS: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, Authorization, Content-Type, If-Modified-Since, If-None-Match, If-Range, Range, X-Api-Key",
);
/// Where agencies' APIs are: which of these a service takes, it says itself (`Allow`).
const ALLOWED_GATEWAY_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE");
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
/// Where a question may be sent as a body.
const ALLOWED_QUESTION_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, POST");
/// How long the answer to an upload may take: the file must come, and be read.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(3600);
/// How long a browser may remember a preflight's answer, in seconds (a day).
const PREFLIGHT_SECS: HeaderValue = HeaderValue::from_static("86400");
const ANY: HeaderValue = HeaderValue::from_static("*");
/// Two years, as browsers' preload lists ask.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
/// An answer of the API is data: nothing in it may run or be framed.
const DATA_ONLY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// Fields that are added to an answer here, at most.
const FIELDS_ADDED: usize = 9;

/// In the extensions of a request that came as `HEAD`: nothing of the body will be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WasHead;

/// The outermost middleware.
#[derive(Debug, Clone)]
pub struct Front {
    settings: Arc<ApiSettings>,
}

impl Front {
    /// With the API's settings.
    #[must_use]
    pub fn new(settings: Arc<ApiSettings>) -> Self {
        Self { settings }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Front
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = FrontService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(FrontService {
            service: Rc::new(service),
            settings: Arc::clone(&self.settings),
            metrics: Rc::new(HttpMetrics::default()),
        }))
    }
}

/// [`Front`] around a service.
#[derive(Debug)]
pub struct FrontService<S> {
    service: Rc<S>,
    settings: Arc<ApiSettings>,
    metrics: Rc<HttpMetrics>,
}

impl<S, B> Service<ServiceRequest> for FrontService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    actix_web::dev::forward_ready!(service);

    fn call(&self, mut req: ServiceRequest) -> Self::Future {
        let arrival = Arrival::now();
        let Arrival { id, at: started, .. } = arrival;
        req.extensions_mut().insert(arrival);
        let open = is_open(req.path());
        if open && is_preflight(&req) {
            let answer = preflight(id, req.path());
            return Box::pin(ready(Ok(req.into_response(answer))));
        }
        if *req.method() == Method::HEAD {
            // The codec remembers that the body must not be sent; handlers know only GET.
            req.head_mut().method = Method::GET;
            req.extensions_mut().insert(WasHead);
        }
        let settings = Arc::clone(&self.settings);
        let metrics = Rc::clone(&self.metrics);
        let service = Rc::clone(&self.service);
        // A file comes as slowly as the line is; everything else is small.
        let patience = if brings_file(&req) { UPLOAD_TIMEOUT } else { settings.request_timeout };
        Box::pin(async move {
            // The request must not be held here: routing needs to be its only owner.
            let served = within(patience, service.call(req)).await;
            let mut answer = match served {
                Some(Ok(answer)) => finish_problem(answer, id, &settings.public_url),
                Some(Err(error)) => return Err(escaped(&error, id, &settings, open)),
                None => {
                    let problem = Problem::new(ProblemKind::TimedOut).retry_after(patience.as_secs());
                    return Err(escaped(&problem.into(), id, &settings, open));
                }
            };
            metrics.answered(answer.status(), started.elapsed());
            decorate(answer.headers_mut(), id, open, settings.is_https());
            Ok(answer)
        })
    }
}

/// Whether a file may come with it: by `PUT`, or in a form that has room for one.
fn brings_file(req: &ServiceRequest) -> bool {
    let kind = req.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    *req.method() == Method::PUT || kind.is_some_and(|kind| kind.starts_with(b"multipart/form-data"))
}

/// What `work` comes to, unless it takes longer than `patience`. The timer is set only when the work does not finish at
/// once, as most of it does.
async fn within<F: Future>(patience: Duration, work: F) -> Option<F::Output> {
    let (mut work, mut late) = (pin!(work), None::<Pin<Box<Sleep>>>);
    poll_fn(move |context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        let late = late.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        late.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// An error that left the services as such, with its answer written out: there is no request left to hang it on.
fn escaped(error: &Error, id: RequestId, settings: &ApiSettings, open: bool) -> Error {
    let mut answer = written_out(error, id, &settings.public_url);
    decorate(answer.headers_mut(), id, open, settings.is_https());
    as_error(answer)
}

/// The answer of an error: as it is if a stage below has written it out, else through the table.
pub(crate) fn written_out(error: &Error, id: RequestId, public_url: &str) -> HttpResponse<BoxBody> {
    if error.as_error::<InternalError<&'static str>>().is_some() {
        return error.error_response();
    }
    told(&Problem::borrowed_or_translated(error), id, public_url)
}

/// An answer that was written out, as an error, for want of a request to hang it on.
pub(crate) fn as_error(answer: HttpResponse<BoxBody>) -> Error {
    InternalError::from_response("written out", answer).into()
}

/// Whether pages of any origin may read what is at this path.
fn is_open(path: &str) -> bool {
    OPEN_TO_ALL_ORIGINS.iter().any(|prefix| path.starts_with(prefix))
}

/// Whether questions can be sent there as a body: reading all the same.
fn takes_questions(path: &str) -> bool {
    let of_table = path.starts_with("/api/v1/tables/") && (path.ends_with("/rows") || path.ends_with("/aggregate"));
    of_table || crate::ckan::ROOTS.iter().any(|root| path.starts_with(root))
}

fn is_preflight(req: &ServiceRequest) -> bool {
    *req.method() == Method::OPTIONS && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight (Fetch standard, "CORS-preflight request"): reading is open, nothing else is.
fn preflight(id: RequestId, path: &str) -> HttpResponse {
    let mut answer = HttpResponse::NoContent().finish();
    let fields = answer.headers_mut();
    let methods = match path {
        _ if path.starts_with("/gateway/") => ALLOWED_GATEWAY_METHODS,
        _ if takes_questions(path) => ALLOWED_QUESTION_METHODS,
        _ => ALLOWED_METHODS,
    };
    fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_FIELDS);
    fields.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECS);
    decorate(fields, id, true, false);
    answer
}

fn decorate(fields: &mut HeaderMap, id: RequestId, open: bool, https: bool) {
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const NO_REFERRER: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
    const DENY: HeaderValue = HeaderValue::from_static("DENY");
    fields.reserve(FIELDS_ADDED);
    fields.insert(REQUEST_ID, id.header());
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    keep(fields, header::REFERRER_POLICY, NO_REFERRER);
    keep(fields, header::X_FRAME_OPTIONS, DENY);
    if open {
        fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        fields.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        keep(fields, header::CONTENT_SECURITY_POLICY, DATA_ONLY);
        fields
            .insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    }
    if https {
        fields.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// Sets a field unless a room has set its own.
fn keep(fields: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !fields.contains_key(&name) {
        fields.insert(name, value);
    }
}

/// Writes out a problem that an answer carries as a bare error, or stands for by its status alone.
///
/// Idempotent: what is written out carries no error any more.
pub(crate) fn finish_problem<B: MessageBody + 'static>(
    answer: ServiceResponse<B>,
    id: RequestId,
    public_url: &str,
) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answer.map_into_boxed_body();
    }
    let rendered = match answer.response().error() {
        Some(error) => Some(told(&Problem::borrowed_or_translated(error), id, public_url)),
        None => bare(&answer).then(|| {
            let mut rendered = told(&Problem::new(ProblemKind::of_status(status)), id, public_url);
            *rendered.status_mut() = status;
            rendered
        }),
    };
    let Some(mut rendered) = rendered else { return answer.map_into_boxed_body() };
    for (name, value) in answer.headers() {
        if is_about_the_body(name) || rendered.headers().contains_key(name) {
            continue;
        }
        rendered.headers_mut().append(name.clone(), value.clone());
    }
    ServiceResponse::new(answer.request().clone(), rendered)
}

/// An error status without a word.
fn bare<B: MessageBody>(answer: &ServiceResponse<B>) -> bool {
    matches!(answer.response().body().size(), BodySize::None | BodySize::Sized(0))
}

fn is_about_the_body(name: &HeaderName) -> bool {
    *name == header::CONTENT_TYPE || *name == header::CONTENT_ENCODING || *name == header::CONTENT_LENGTH
}

/// The problem as an answer; server faults are logged here, once, with their whole chain.
pub(crate) fn told(problem: &Problem, id: RequestId, public_url: &str) -> HttpResponse<BoxBody> {
    let status = problem.kind().spec().status;
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(request.id = %id, status = status.as_u16(), "Failed: {}", problem.chain());
    } else if status.is_server_error() {
        tracing::warn!(request.id = %id, status = status.as_u16(), "Refused: {}", problem.chain());
    }
    problem.render(&id.to_string(), public_url)
}

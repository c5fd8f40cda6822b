//! A call's way to its upstream and back.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use fairground_reach::AllowList;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::answer::{Answer, AnswerBody, Source, Stream};
use crate::body::{BodyFailed, CallBody, Outgoing};
use crate::cache::AnswerCache;
use crate::call::Call;
use crate::connect::{Guarded, Refusal};
use crate::control::Control;
use crate::error::{GatewayError, Stage};
use crate::stored::{self, Standing, Stored};
use crate::upstream::{CacheMode, Place, Upstream};
use crate::{fields, rewrite};

/// Bodies up to this size are taken whole before the answer begins: what breaks off then is a failure that can be told.
const COLLECTED_BYTES: u64 = 64 * 1024;
/// Largest body that is kept.
const MOST_KEPT_BYTES: usize = 1024 * 1024;
/// Bytes of an answer's head.
const MOST_HEAD_BYTES: usize = 64 * 1024;
/// Fields of an answer.
const MOST_FIELDS: usize = 128;
/// Longest query, in bytes.
const MOST_QUERY_BYTES: usize = 16 * 1024;
/// How long a connection that nobody uses is kept; shorter than the five seconds after which some servers close theirs would
/// cost connections, longer than others' patience costs a repetition now and then.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);
/// Idle connections to one upstream that each thread keeps.
const IDLE_CONNECTIONS: usize = 128;
/// Pause before a repetition.
const RETRY_PAUSE: Duration = Duration::from_millis(25);

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// What can be chosen for a gateway.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// The private hosts that upstreams may have.
    pub allow: AllowList,
    /// How the portal calls itself in `Via`: its host.
    pub pseudonym: String,
    /// Bytes of kept answers, of all upstreams together.
    pub cache_bytes: u64,
    /// Patience for a new connection.
    pub connect: Duration,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            allow: AllowList::none(),
            pseudonym: "fairground".to_owned(),
            cache_bytes: 64 * 1024 * 1024,
            connect: Duration::from_secs(5),
        }
    }
}

/// What all threads share. Cheap to clone; every clone is the same one.
#[derive(Debug, Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    settings: GatewaySettings,
    allow: Arc<AllowList>,
    tls: rustls::ClientConfig,
    cache: AnswerCache,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Gateway {
    /// A gateway.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: GatewaySettings) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_webpki_roots()
            .with_no_client_auth();
        let cache = AnswerCache::new(settings.cache_bytes);
        let allow = Arc::new(settings.allow.clone());
        Ok(Self { shared: Arc::new(Shared { settings, allow, tls, cache }) })
    }

    /// What one thread forwards with: connections of its own, so that no call waits for another thread.
    #[must_use]
    pub fn forwarder(&self) -> Forwarder {
        let guarded = Guarded { allow: Arc::clone(&self.shared.allow), patience: self.shared.settings.connect };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(self.shared.tls.clone())
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(guarded);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_CONNECTION)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http1_max_buf_size(MOST_HEAD_BYTES)
            .http1_max_headers(MOST_FIELDS)
            .http2_max_header_list_size(u32::try_from(MOST_HEAD_BYTES).unwrap_or(u32::MAX))
            .build(connector);
        Forwarder { client, shared: Arc::clone(&self.shared) }
    }

    /// Bytes of kept answers, about; and of how many addresses.
    #[must_use]
    pub fn kept(&self) -> (u64, u64) {
        self.shared.cache.size()
    }
}

/// Forwards calls; one for each thread.
#[derive(Debug, Clone)]
pub struct Forwarder {
    client: Client<HttpsConnector<Guarded>, Outgoing>,
    shared: Arc<Shared>,
}

/// A call as its upstream gets it.
struct Prepared {
    method: Method,
    target: Arc<str>,
    fields: HeaderMap,
    front: Arc<str>,
    started: Instant,
}

impl Forwarder {
    /// Forwards a call and gives the answer, whose body streams.
    ///
    /// # Errors
    /// A [`GatewayError`] when there is no answer that could be passed on.
    pub async fn forward(&self, upstream: &Arc<Upstream>, call: Call) -> Result<Answer, GatewayError> {
        let (call, body) = self.prepare(upstream, call)?;
        let may_look = upstream.cache() == CacheMode::AsUpstreamSays
            && matches!(call.method, Method::GET | Method::HEAD)
            && matches!(body, CallBody::Empty)
            && !call.fields.contains_key(header::RANGE);
        if may_look {
            return self.look_up(upstream, call).await;
        }
        let changes = !is_safe(&call.method);
        let answer = self.exchange(upstream, &call, &call.fields, body).await?;
        if changes && (answer.status.is_success() || answer.status.is_redirection()) {
            self.shared.cache.forget(upstream.number(), &call.target);
        }
        self.finish(upstream, &call, answer, None).await
    }

    fn prepare(&self, upstream: &Upstream, call: Call) -> Result<(Prepared, CallBody), GatewayError> {
        let pseudonym = &self.shared.settings.pseudonym;
        if fields::has_come_round(&call.fields, pseudonym) {
            return Err(GatewayError::Loop);
        }
        let limit = upstream.limits().request_bytes;
        let length = match &call.body {
            CallBody::Empty => 0,
            CallBody::Whole(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            CallBody::Streamed { length, .. } => length.unwrap_or(0),
        };
        if length > limit {
            return Err(GatewayError::CallTooLarge { limit });
        }
        if call.query.as_ref().is_some_and(|query| query.len() > MOST_QUERY_BYTES) {
            return Err(GatewayError::BadQuery);
        }
        let query = fields::query_for_upstream(call.query.as_deref(), upstream.credential());
        let prepared = Prepared {
            target: upstream.target(&call.path, query.as_deref()).into(),
            method: call.method,
            fields: fields::for_upstream(call.fields, upstream, pseudonym),
            front: call.side.front,
            started: Instant::now(),
        };
        Ok((prepared, call.body))
    }

    /// Answers from what is kept, where that is right; else from the upstream, and keeps what may be kept.
    async fn look_up(&self, upstream: &Arc<Upstream>, call: Prepared) -> Result<Answer, GatewayError> {
        let asked = Control::of(&call.fields);
        let asked = with_pragma(asked, &call.fields);
        let found =
            if asked.no_store { None } else { self.shared.cache.find(upstream.number(), &call.target, &call.fields) };
        let now = SystemTime::now();
        if let Some(stored) = &found
            && stored.standing(&asked, now) == Standing::Fresh
        {
            return Ok(answer_of(stored, &call, Source::Kept, now));
        }
        if asked.only_if_cached {
            return Err(GatewayError::OnlyIfCached);
        }
        let Some(stored) = found.filter(|_| call.method == Method::GET) else {
            let came = self.exchange(upstream, &call, &call.fields, CallBody::Empty).await?;
            return self.finish(upstream, &call, came, Some(now)).await;
        };
        self.confirm(upstream, call, &stored, &asked, now).await
    }

    /// Asks the upstream whether a stale answer still holds.
    async fn confirm(
        &self,
        upstream: &Arc<Upstream>,
        call: Prepared,
        stored: &Stored,
        asked: &Control,
        asked_at: SystemTime,
    ) -> Result<Answer, GatewayError> {
        let mut question = call.fields.clone();
        stored.ask_whether_changed(&mut question);
        let came = self.exchange(upstream, &call, &question, CallBody::Empty).await;
        let now = SystemTime::now();
        match came {
            Ok(came) if came.status == StatusCode::NOT_MODIFIED => {
                let news = fields::for_caller(came.parts, upstream, &self.shared.settings.pseudonym);
                let confirmed = stored.confirmed(&news, [asked_at, now]);
                let answer = answer_of(&confirmed, &call, Source::Confirmed, now);
                self.shared.cache.put(upstream.number(), Arc::clone(&call.target), confirmed, now);
                Ok(answer)
            }
            Ok(came) if stored::has_failed(came.status) && stored.may_stand_in(asked, now) => {
                Ok(answer_of(stored, &call, Source::StoodIn, now))
            }
            Ok(came) => self.finish(upstream, &call, came, Some(asked_at)).await,
            Err(error) if is_upstreams_failure(&error) && stored.may_stand_in(asked, now) => {
                Ok(answer_of(stored, &call, Source::StoodIn, now))
            }
            Err(error) => Err(error),
        }
    }

    /// One exchange with the upstream, repeated where that is safe: until the head of an answer is there.
    async fn exchange(
        &self,
        upstream: &Arc<Upstream>,
        call: &Prepared,
        fields: &HeaderMap,
        body: CallBody,
    ) -> Result<Came, GatewayError> {
        let limits = upstream.limits();
        let place = upstream.enter().ok_or(GatewayError::Busy { limit: limits.in_flight })?;
        upstream.breaker().admit(Instant::now()).map_err(|wait| GatewayError::CircuitOpen {
            retry_secs: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
        })?;
        upstream.save_for_retry();
        let uri = upstream.uri(&call.target).ok_or(GatewayError::BadQuery)?;
        let may_repeat = is_idempotent(&call.method) && body.is_replayable();
        let mut body = Some(body);
        let mut tries_left = if may_repeat { limits.tries.max(1) } else { 1 };
        loop {
            tries_left -= 1;
            let this = match (&body, tries_left) {
                (Some(CallBody::Whole(bytes)), 1..) => CallBody::Whole(bytes.clone()),
                (Some(CallBody::Empty), _) => CallBody::Empty,
                _ => body.take().unwrap_or(CallBody::Empty),
            };
            let mut request = Request::new(Outgoing::new(this, limits.request_bytes));
            *request.method_mut() = call.method.clone();
            *request.uri_mut() = uri.clone();
            *request.headers_mut() = fields.clone();
            let asked = tokio::time::timeout(limits.first_byte, self.client.request(request)).await;
            let failed = match asked {
                Ok(Ok(answer)) => return admit_answer(place, answer, call),
                Ok(Err(error)) => failure(error),
                Err(_) => Failure { error: GatewayError::TimedOut(Stage::FirstByte), may_repeat: false },
            };
            if failed.error.blames_upstream() {
                upstream.breaker().record(false, Instant::now());
            }
            if tries_left == 0 || !failed.may_repeat || !upstream.spend_retry() {
                return Err(failed.error);
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Makes the caller's answer of what came; `asked_at` is given when it may be kept.
    async fn finish(
        &self,
        upstream: &Arc<Upstream>,
        call: &Prepared,
        came: Came,
        asked_at: Option<SystemTime>,
    ) -> Result<Answer, GatewayError> {
        let Came { status, parts: mut raw, body, place, length } = came;
        rewrite::addresses(&mut raw, upstream, &call.target, &call.front)?;
        let mut fields = fields::for_caller(raw, upstream, &self.shared.settings.pseudonym);
        let has_body =
            call.method != Method::HEAD && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let keep = asked_at
            .filter(|_| call.method == Method::GET && stored::may_keep(status, &fields, &call.fields))
            .map(|asked_at| Keep {
                cache: self.shared.cache.clone(),
                upstream: upstream.number(),
                target: Arc::clone(&call.target),
                status,
                fields: fields.clone(),
                sent: call.fields.clone(),
                asked_at,
            });
        if asked_at.is_some() {
            fields.insert(CACHE_STATUS, HeaderValue::from_static("fairground; fwd=miss"));
        }
        let stream = Stream::new(body, place, call.started + upstream.limits().whole);
        let body = match length {
            _ if !has_body => {
                if let Some(keep) = keep.filter(|_| status == StatusCode::NO_CONTENT) {
                    keep.put(Bytes::new(), SystemTime::now());
                }
                AnswerBody::Empty { length: length.filter(|_| call.method == Method::HEAD) }
            }
            Some(length) if length <= COLLECTED_BYTES => {
                let whole = stream.collect(usize::try_from(length).unwrap_or(usize::MAX)).await?;
                if let Some(keep) = keep {
                    keep.put(whole.clone(), SystemTime::now());
                }
                AnswerBody::Whole(whole)
            }
            _ => AnswerBody::Streamed(Box::new(match keep {
                Some(keep) => stream.keeping(keep),
                None => stream,
            })),
        };
        Ok(Answer { status, fields, body, source: Source::Upstream })
    }
}

/// The head of an answer, and the body behind it.
struct Came {
    status: StatusCode,
    parts: HeaderMap,
    body: Incoming,
    place: Place,
    /// Of the body, or of what a `GET` would have had.
    length: Option<u64>,
}

/// Judges the head of an answer and tells the breaker.
fn admit_answer(place: Place, answer: Response<Incoming>, call: &Prepared) -> Result<Came, GatewayError> {
    let upstream = place.upstream();
    let status = answer.status();
    let failed = stored::has_failed(status) && status != StatusCode::INTERNAL_SERVER_ERROR;
    upstream.breaker().record(!failed, Instant::now());
    if status.is_informational() {
        return Err(GatewayError::Unfit("it switches protocols"));
    }
    if status.as_u16() >= 600 {
        return Err(GatewayError::Unfit("its status is none of HTTP"));
    }
    if status == StatusCode::UNAUTHORIZED && upstream.credential().is_some() {
        return Err(GatewayError::Unfit("it does not take the credentials that the agency gave us"));
    }
    let (parts, body) = answer.into_parts();
    let told = || parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    let length = if call.method == Method::HEAD { told() } else { body.size_hint().exact() };
    let limit = upstream.limits().answer_bytes;
    if call.method != Method::HEAD && length.is_some_and(|length| length > limit) {
        return Err(GatewayError::AnswerTooLarge { limit });
    }
    Ok(Came { status, parts: parts.headers, body, place, length })
}

/// Where an answer is kept once all of it is there.
#[derive(Debug)]
pub(crate) struct Keep {
    cache: AnswerCache,
    upstream: u64,
    target: Arc<str>,
    status: StatusCode,
    fields: HeaderMap,
    sent: HeaderMap,
    asked_at: SystemTime,
}

impl Keep {
    pub(crate) const fn most_bytes(&self) -> usize {
        MOST_KEPT_BYTES
    }

    pub(crate) fn put(self, body: Bytes, now: SystemTime) {
        let stored = Stored::new(self.status, self.fields, body, &self.sent, [self.asked_at, now]);
        self.cache.put(self.upstream, self.target, stored, now);
    }
}

/// A kept answer for a call; 304 when the caller has it already.
fn answer_of(stored: &Stored, call: &Prepared, source: Source, now: SystemTime) -> Answer {
    let mut fields = stored.fields.clone();
    fields.insert(header::AGE, HeaderValue::from(stored.age(now).as_secs()));
    fields.insert(
        CACHE_STATUS,
        HeaderValue::from_static(match source {
            Source::Upstream => "fairground; fwd=miss",
            Source::Kept => "fairground; hit",
            Source::Confirmed => "fairground; fwd=stale; fwd-status=304",
            Source::StoodIn => "fairground; hit; detail=stale-if-error",
        }),
    );
    if stored.is_known_to(&call.method, &call.fields) {
        return Answer { status: StatusCode::NOT_MODIFIED, fields, body: AnswerBody::Empty { length: None }, source };
    }
    let body = if call.method == Method::HEAD {
        AnswerBody::Empty { length: u64::try_from(stored.body.len()).ok() }
    } else {
        AnswerBody::Whole(stored.body.clone())
    };
    Answer { status: stored.status, fields, body, source }
}

/// `Pragma: no-cache` counts where there is no `Cache-Control` (RFC 9111, section 5.4).
fn with_pragma(mut asked: Control, fields: &HeaderMap) -> Control {
    let pragma = fields.get(header::PRAGMA).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"no-cache"));
    if pragma && !fields.contains_key(header::CACHE_CONTROL) {
        asked.no_cache = true;
    }
    asked
}

/// RFC 9110, section 9.2.1.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// RFC 9110, section 9.2.2.
fn is_idempotent(method: &Method) -> bool {
    is_safe(method) || matches!(*method, Method::PUT | Method::DELETE)
}

fn is_upstreams_failure(error: &GatewayError) -> bool {
    error.blames_upstream() || matches!(error, GatewayError::CircuitOpen { .. } | GatewayError::Busy { .. })
}

struct Failure {
    error: GatewayError,
    /// Nothing of an answer has come, and asking again may help.
    may_repeat: bool,
}

/// What went wrong before an answer came.
fn failure(error: legacy::Error) -> Failure {
    enum Cause {
        Call(BodyFailed),
        Guard,
        Slow,
        Broken,
        Other,
    }
    let mut cause = Cause::Other;
    let mut at: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(link) = at {
        if let Some(failed) = link.downcast_ref::<BodyFailed>() {
            cause = Cause::Call(failed.clone());
            break;
        }
        if let Some(refusal) = link.downcast_ref::<Refusal>() {
            cause = match refusal {
                _ if refusal.is_guard() => Cause::Guard,
                Refusal::TooSlow { .. } => Cause::Slow,
                _ => Cause::Other,
            };
            break;
        }
        if let Some(http) = link.downcast_ref::<hyper::Error>()
            && http.is_parse()
        {
            cause = Cause::Broken;
        }
        at = link.source();
    }
    let (error, may_repeat) = match cause {
        Cause::Call(BodyFailed::TooLarge(limit)) => (GatewayError::CallTooLarge { limit }, false),
        Cause::Call(failed) => (GatewayError::CallBroken(failed), false),
        Cause::Guard => (GatewayError::Forbidden(error.into()), false),
        Cause::Slow => (GatewayError::Unreachable(error.into()), false),
        Cause::Broken => (GatewayError::BadAnswer(error.into()), false),
        Cause::Other => (GatewayError::Unreachable(error.into()), true),
    };
    Failure { error, may_repeat }
}

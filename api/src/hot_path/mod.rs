//! `identify → admit → serve → meter`: the path of every call of the API, in this order.
//!
//! One middleware for every scope that serves data (`/api/v1`, the CKAN-compatible actions, the gateway, MCP): the scope says
//! by [`ResolveOperation`] which operation a request is. No stage asks a database: keys are in memory ([`KeyRing`]),
//! limits in [`fairground_admission`], usage goes to a local segment ([`fairground_meter`]) before the answer's last byte is handed
//! over.
//!
//! ```text
//! request ─▶ identify ─▶ admit ─▶ serve ─▶ meter ─▶ answer
//!              │401        │429      problem written out here, so that its bytes are counted too
//! ```

mod address;
mod gate;
mod identify;
mod key_feed;
mod key_ring;
mod meter;
mod quota_store;

use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpMessage};
use fairground_admission::{Decision, Refusal, RefusalReason, Standing};
use fairground_domain::{DatasetId, Timestamp};
use futures_util::future::LocalBoxFuture;

use crate::answer::mark_encoded;
use crate::front::{as_error, finish_problem, told, written_out};
use crate::metrics::CallMetrics;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemKind};
use crate::request_id::RequestId;

pub use address::KeylessParties;
pub use gate::{Gate, GateParts, NoSuchPlan};
pub use identify::{API_KEY_HEADER, API_KEY_PARAMETER, Identity, KEY_PREFIX, ReadKey, bearer, look_up, presented_key};
pub use key_feed::{FOLLOW_EVERY, KeyFeed};
pub use key_ring::{Digest, KeyChange, KeyEntry, KeyRing, KeyStanding};
pub use meter::{MeterFailure, UsageLog};
pub use quota_store::DbQuotaStore;

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What this answer cost, in units: the number that the meter records.
const RATE_LIMIT_COST: HeaderName = HeaderName::from_static("ratelimit-cost");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Says which operation a request is, before it is routed and without asking anybody.
pub trait ResolveOperation {
    /// The operation; [`Operation::UNKNOWN`] when there is none.
    fn operation(&self, req: &ServiceRequest) -> Operation;
}

impl<F: Fn(&ServiceRequest) -> Operation> ResolveOperation for F {
    fn operation(&self, req: &ServiceRequest) -> Operation {
        self(req)
    }
}

/// Put into a request's extensions by whoever serves it: the dataset that the call was about, for its usage record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AboutDataset(pub DatasetId);

/// The middleware.
#[derive(Debug)]
pub struct HotPath<R> {
    gate: Arc<Gate>,
    resolver: Rc<R>,
}

impl<R: ResolveOperation> HotPath<R> {
    /// For a scope whose requests `resolver` names.
    pub fn new(gate: Arc<Gate>, resolver: R) -> Self {
        Self { gate, resolver: Rc::new(resolver) }
    }
}

impl<S, B, R> Transform<S, ServiceRequest> for HotPath<R>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
    R: ResolveOperation + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = HotPathService<S, R>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(HotPathService {
            service: Rc::new(service),
            worker: Rc::new(Worker {
                meter: Rc::new(meter::CallMeter::new(&self.gate)),
                metrics: CallMetrics::default(),
                gate: Arc::clone(&self.gate),
            }),
            resolver: Rc::clone(&self.resolver),
        }))
    }
}

/// What one worker keeps to itself.
#[derive(Debug)]
struct Worker {
    gate: Arc<Gate>,
    meter: Rc<meter::CallMeter>,
    metrics: CallMetrics,
}

/// [`HotPath`] around a scope.
#[derive(Debug)]
pub struct HotPathService<S, R> {
    service: Rc<S>,
    worker: Rc<Worker>,
    resolver: Rc<R>,
}

impl<S, B, R> Service<ServiceRequest> for HotPathService<S, R>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
    R: ResolveOperation + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    actix_web::dev::forward_ready!(service);

    fn call(&self, req: ServiceRequest) -> Self::Future {
        let operation = self.resolver.operation(&req);
        let worker = Rc::clone(&self.worker);
        let service = Rc::clone(&self.service);
        Box::pin(async move { worker.pass(operation, req, &*service).await })
    }
}

/// When each stage was over.
struct Stages {
    started: Instant,
    identified: Duration,
    admitted: Duration,
}

impl Worker {
    async fn pass<S, B>(
        &self,
        operation: Operation,
        req: ServiceRequest,
        service: &S,
    ) -> Result<ServiceResponse<BoxBody>, Error>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
        B: MessageBody + 'static,
    {
        let started = Instant::now();
        let now = Timestamp::now();
        let id = request_id(&req);
        let (identity, wrong_key) = match self.identify(&req, now) {
            Ok(identity) => (identity, None),
            // A wrong key is refused, but not for nothing: guessing keys spends the guesser's keyless limits.
            Err(problem) => (self.keyless(&req, now), Some(problem)),
        };
        let mut call = meter::Call::new(operation, identity, started, now);
        let identified = started.elapsed();

        let decision = self.gate.admission.admit(identity.plan, operation.class, identity.party, now).await;
        let stages = Stages { started, identified, admitted: started.elapsed() };
        let standing = match decision {
            Decision::Admitted(standing) => standing,
            Decision::Refused(refusal) => return Ok(self.refuse(call, req, id, &refusal, identity.key.is_some())),
        };
        if let Some(problem) = wrong_key {
            self.metrics.refused("key");
            let answer = told(&problem, id, &self.gate.public_url);
            return Ok(self.settle(call.denied(), req.into_response(answer), id));
        }
        call.units = standing.units();
        req.extensions_mut().insert(identity);

        // The request must not be held here: routing needs to be its only owner.
        match service.call(req).await {
            Ok(answer) => {
                let mut answer = finish_problem(answer, id, &self.gate.public_url);
                mark_encoded(answer.headers_mut());
                show(&standing, &stages, answer.headers_mut());
                Ok(self.settle(call, answer, id))
            }
            Err(error) => {
                let mut answer = written_out(&error, id, &self.gate.public_url);
                show(&standing, &stages, answer.headers_mut());
                call.status = answer.status();
                Err(as_error(self.meter.settle_escaped(call, answer)))
            }
        }
    }

    fn identify(&self, req: &ServiceRequest, now: Timestamp) -> Result<Identity, Problem> {
        match presented_key(req.headers(), req.query_string())? {
            Some(key) => look_up(&self.gate.keys, &self.gate.read_key, &key, now),
            None => Ok(self.keyless(req, now)),
        }
    }

    fn keyless(&self, req: &ServiceRequest, now: Timestamp) -> Identity {
        let peer = req.peer_addr().map(|peer| peer.ip());
        Identity { party: self.gate.keyless.party(peer, req.headers(), now), plan: self.gate.keyless_plan(), key: None }
    }

    fn refuse(
        &self,
        call: meter::Call,
        req: ServiceRequest,
        id: RequestId,
        refusal: &Refusal,
        keyed: bool,
    ) -> ServiceResponse<BoxBody> {
        self.metrics.refused(reason(refusal.reason()));
        let mut answer = told(&refusal_problem(refusal, keyed), id, &self.gate.public_url);
        let fields = answer.headers_mut();
        if let Some(value) = refusal.policy_field().and_then(|text| HeaderValue::from_str(text).ok()) {
            fields.insert(RATE_LIMIT_POLICY, value);
        }
        if let Some(value) = refusal.limit_field().and_then(|text| HeaderValue::try_from(text).ok()) {
            fields.insert(RATE_LIMIT, value);
        }
        self.settle(call.denied(), req.into_response(answer), id)
    }

    /// Records the call and hands out the answer; a streamed body records at its end, or where the caller left.
    fn settle(
        &self,
        mut call: meter::Call,
        answer: ServiceResponse<BoxBody>,
        id: RequestId,
    ) -> ServiceResponse<BoxBody> {
        call.status = answer.status();
        call.dataset = answer.request().extensions().get::<AboutDataset>().map(|about| about.0);
        let plan = call.plan;
        self.metrics.called(call.operation, call.status, plan.index(), || self.gate.plan_name(plan));
        self.meter.settle(call, answer, id, &self.gate)
    }
}

fn request_id(req: &ServiceRequest) -> RequestId {
    req.extensions().get::<RequestId>().copied().unwrap_or_default()
}

const fn reason(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::RateExceeded => "rate",
        RefusalReason::QuotaExceeded => "quota",
        RefusalReason::NotOffered => "not-offered",
        RefusalReason::StoreUnreachable => "store",
    }
}

fn refusal_problem(refusal: &Refusal, keyed: bool) -> Problem {
    let wait = refusal.retry_after_secs();
    let policies: Vec<String> = refusal.violated_policies().into_iter().map(str::to_owned).collect();
    let named: Vec<String> = policies.iter().map(|policy| format!("`{policy}`")).collect();
    let named = named.join(", ");
    match refusal.reason() {
        RefusalReason::RateExceeded | RefusalReason::QuotaExceeded => {
            let more = if keyed {
                "Plans and their limits are at /developers."
            } else {
                "A free key with larger limits takes a minute: /developers."
            };
            Problem::new(ProblemKind::QuotaExceeded)
                .detail(format!("Used up: {named}. Try again in {wait} s. {more}"))
                .violated_policies(policies)
                .retry_after(wait)
        }
        RefusalReason::NotOffered => Problem::new(ProblemKind::NotOffered),
        RefusalReason::StoreUnreachable => Problem::new(ProblemKind::Overloaded).retry_after(wait),
    }
}

/// Tells the caller how it stands and where the time went.
fn show(standing: &Standing, stages: &Stages, fields: &mut HeaderMap) {
    let total = stages.started.elapsed();
    if let Ok(value) = HeaderValue::from_str(standing.policy_field()) {
        fields.insert(RATE_LIMIT_POLICY, value);
    }
    if let Ok(value) = HeaderValue::try_from(standing.limit_field()) {
        fields.insert(RATE_LIMIT, value);
    }
    fields.insert(RATE_LIMIT_COST, HeaderValue::from(standing.units()));
    let mut timing = String::with_capacity(96);
    push_timing(&mut timing, "identify;dur=", stages.identified);
    push_timing(&mut timing, ", admit;dur=", stages.admitted.saturating_sub(stages.identified));
    push_timing(&mut timing, ", serve;dur=", total.saturating_sub(stages.admitted));
    // What the handler itself tells, such as the engine that answered, goes last.
    if let Some(own) = fields.get(SERVER_TIMING).and_then(|own| own.to_str().ok()) {
        timing.push_str(", ");
        timing.push_str(own);
    }
    if let Ok(value) = HeaderValue::try_from(timing) {
        fields.insert(SERVER_TIMING, value);
    }
}

/// A duration in milliseconds with three decimals (Server Timing, section 3.1).
fn push_timing(field: &mut String, name: &str, took: Duration) {
    let micros = took.as_micros();
    field.push_str(name);
    // Writing to a String cannot fail.
    let _ = write!(field, "{}.{:03}", micros / 1000, micros % 1000);
}

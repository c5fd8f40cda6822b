//! `identify → admit → serve → meter`: the path of every call of the API, in this order.
//!
//! One middleware for every scope that serves data (`/api/v1`, the CKAN-compatible actions, the gateway, MCP): the scope says
//! by [`ResolveOperation`] which operation a request is. No stage asks a database: keys are in memory ([`KeyRing`]),
//! limits in [`fairground_admission`], usage goes to a local segment ([`fairground_meter`]) before the answer's last byte is handed
//! over.
//!
//! ```text
//! request ─▶ identify ─▶ admit ─▶ (wait) ─▶ serve ─▶ meter ─▶ answer
//!              │401        │429     │503      problem written out here, so that its bytes are counted too
//! ```

mod address;
mod charge;
mod fields;
mod gate;
mod identify;
mod key_feed;
mod key_ring;
mod known_keys;
mod meter;
mod quota_store;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::HeaderMap;
use actix_web::{Error, HttpMessage};
use fairground_admission::{Decision, NoRoom, Party, Permit, Refusal, RefusalReason, Slot};
use fairground_domain::{DatasetId, OperationClass, Timestamp};
use futures_util::future::LocalBoxFuture;

use self::fields::{Pencil, Stages};
use crate::answer::mark_encoded;
use crate::front::{as_error, finish_problem, told, written_out};
use crate::metrics::CallMetrics;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemKind};
use crate::request_id::{Arrival, RequestId};

pub use address::KeylessParties;
pub use charge::ChargeMore;
pub use gate::{Gate, GateParts, NoSuchPlan};
pub(crate) use identify::bare;
pub use identify::{
    API_KEY_HEADER, API_KEY_PARAMETER, CKAN_KEY_HEADER, Identity, KEY_PREFIX, KeyRefused, ReadKey, Use, bearer,
    look_up, presented_key,
};
pub use key_feed::{FOLLOW_EVERY, KeyFeed, NOTE_EVERY};
pub use key_ring::{Digest, KeyChange, KeyEntry, KeyRing, KeyStanding};
pub use meter::{FromCache, MeterFailure, UsageLog};
pub use quota_store::{DbQuotaStore, NotedQuotaStore};

/// How many refusals one worker holds back at once; more are told at once.
const REFUSALS_HELD: usize = 8_192;

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

/// Put into a request's extensions when the answer is another system's: nothing in it is ours to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedThrough;

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
                pencil: Pencil::default(),
                held: Cell::new(0),
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
    pencil: Pencil,
    /// Refusals being held back.
    held: Cell<usize>,
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
        let Arrival { id, at: started, wall: now } = Arrival::of(&req);
        let (identity, metered, wrong_key) = match self.identify(&req, operation.class, now) {
            Ok(identity) => (identity, identity, None),
            // A wrong key is refused, but not for nothing: guessing keys spends the guesser's keyless limits.
            Err(KeyRefused { problem, owner }) => {
                let keyless = self.keyless(&req, now);
                (keyless, owner.unwrap_or(keyless), Some(problem))
            }
        };
        let mut call = meter::Call::new(operation, metered, started, now);
        let identified = started.elapsed();

        let admission = &self.gate.admission;
        let moment = admission.moment(started, now);
        let decision = match admission.admit_now(identity.plan, operation.class, identity.party, moment) {
            Some(decision) => decision,
            // Boxed, as everything that is rarely waited for: the path is as small as its ordinary case.
            None => Box::pin(admission.admit(identity.plan, operation.class, identity.party, moment)).await,
        };
        let mut stages = Stages { started, identified, admitted: started.elapsed(), queued: Duration::ZERO };
        let mut standing = match decision {
            Decision::Admitted(standing) => standing,
            Decision::Refused(refusal) => {
                if !refusal.held_for().is_zero() {
                    Box::pin(self.hold(refusal.held_for())).await;
                }
                return Ok(self.refuse(call, req, id, &refusal, identity.key.is_some()));
            }
        };
        if let Some(problem) = wrong_key {
            self.metrics.refused("key");
            let answer = told(&problem, id, &self.gate.public_url);
            return Ok(self.settle(call.denied(), req.into_response(answer), id, None));
        }
        let permit = standing.take_permit();
        let entered = match self.gate.capacity.try_enter(operation.class) {
            Some(slot) => Ok(slot),
            None => Box::pin(self.wait_for_room(operation.class, identity.party, &mut stages)).await,
        };
        let slot = match entered {
            Ok(slot) => slot,
            Err(no_room) => {
                admission.refund(identity.party, &standing);
                return Ok(self.crowded(call, req, id, no_room, &stages));
            }
        };
        let account = ChargeMore::open(&self.gate, identity, operation.class);
        {
            let mut extensions = req.extensions_mut();
            extensions.insert(identity);
            if let Some(account) = &account {
                extensions.insert(account.clone());
            }
        }

        // The request must not be held here: routing needs to be its only owner.
        let served = service.call(req).await;
        drop(slot);
        let outcome = account.map(|account| account.close()).unwrap_or_default();
        if let Some(more) = &outcome.charged {
            standing.add(more);
        }
        call.units = standing.units();
        let show = |fields: &mut HeaderMap| match &outcome.refused {
            None => self.pencil.show(&standing, &stages, started.elapsed(), fields),
            Some(refusal) => Pencil::show_refusal(refusal, fields),
        };
        let answer = match served {
            Ok(answer) => {
                let mut answer = finish_problem(answer, id, &self.gate.public_url);
                // What another system made keeps the validator that it gave.
                if !answer.request().extensions().contains::<PassedThrough>() {
                    mark_encoded(answer.headers_mut());
                }
                show(answer.headers_mut());
                Ok(answer)
            }
            Err(error) => {
                let mut answer = written_out(&error, id, &self.gate.public_url);
                show(answer.headers_mut());
                call.status = answer.status();
                Err(answer)
            }
        };
        if let Some(refusal) = &outcome.refused {
            // Admitted, and then found to cost more than there is: nothing was served, so nothing is charged.
            self.metrics.refused(reason(refusal.reason()));
            admission.refund(identity.party, &standing);
            call = call.denied();
        }
        match answer {
            Ok(answer) => Ok(self.settle(call, answer, id, permit)),
            Err(answer) => Err(as_error(self.meter.settle_escaped(call, answer))),
        }
    }

    /// Room for the call when its turn has come.
    async fn wait_for_room(&self, class: OperationClass, party: Party, stages: &mut Stages) -> Result<Slot, NoRoom> {
        let entered = self.gate.capacity.enter(class, party).await;
        let over = stages.started.elapsed();
        stages.queued = over.saturating_sub(stages.admitted);
        stages.admitted = over;
        self.metrics.waited(stages.queued);
        entered
    }

    /// Holds a refusal back, so that a caller who does not wait is served no faster for asking more.
    async fn hold(&self, time: Duration) {
        if self.held.get() >= REFUSALS_HELD {
            return;
        }
        self.held.set(self.held.get() + 1);
        let _held = OnDrop(|| self.held.set(self.held.get().saturating_sub(1)));
        tokio::time::sleep(time).await;
    }

    /// The answer to a call for which there is no room in time.
    fn crowded(
        &self,
        call: meter::Call,
        req: ServiceRequest,
        id: RequestId,
        no_room: NoRoom,
        stages: &Stages,
    ) -> ServiceResponse<BoxBody> {
        self.metrics.refused("queue");
        let problem = Problem::new(ProblemKind::Overloaded).retry_after(no_room.retry_after_secs);
        let mut answer = told(&problem, id, &self.gate.public_url);
        self.pencil.show_timing(stages, stages.started.elapsed(), answer.headers_mut());
        self.settle(call.denied(), req.into_response(answer), id, None)
    }

    fn identify(&self, req: &ServiceRequest, class: OperationClass, now: Timestamp) -> Result<Identity, KeyRefused> {
        match presented_key(req.headers(), req.query_string())? {
            Some(key) => {
                let address = || Some(self.gate.keyless.client(req.peer_addr()?.ip(), req.headers()));
                let used = Use { class, headers: req.headers(), address, now };
                look_up(&self.gate.keys, &self.gate.read_key, &key, used)
            }
            None => Ok(self.keyless(req, now)),
        }
    }

    fn keyless(&self, req: &ServiceRequest, now: Timestamp) -> Identity {
        let peer = req.peer_addr().map(|peer| peer.ip());
        let party = self.gate.keyless.party(peer, req.headers(), now);
        Identity { party, plan: self.gate.keyless_plan(), key: None, may_manage: false }
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
        Pencil::show_refusal(refusal, answer.headers_mut());
        self.settle(call.denied(), req.into_response(answer), id, None)
    }

    /// Records the call and hands out the answer; a streamed body records at its end, or where the caller left.
    fn settle(
        &self,
        mut call: meter::Call,
        answer: ServiceResponse<BoxBody>,
        id: RequestId,
        permit: Option<Permit>,
    ) -> ServiceResponse<BoxBody> {
        call.status = answer.status();
        call.dataset = answer.request().extensions().get::<AboutDataset>().map(|about| about.0);
        let plan = call.plan;
        self.metrics.called(call.operation, call.status, plan.index(), || self.gate.plan_name(plan));
        self.meter.settle(call, answer, id, &self.gate, permit)
    }
}

/// Does something at the end, also of a future that is given up.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

const fn reason(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::RateExceeded => "rate",
        RefusalReason::TooManyAtOnce => "at-once",
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
        RefusalReason::RateExceeded | RefusalReason::TooManyAtOnce | RefusalReason::QuotaExceeded => {
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

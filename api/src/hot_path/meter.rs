//! The last stage: one usage record per call, written before the answer's last byte is handed over.
//!
//! An answer whose body is at hand is recorded on the spot, with its exact length. A streamed body is recorded when its last
//! chunk is about to be handed over, at its end, or when the caller leaves, with the bytes that were handed over until
//! then. Denied calls are recorded too, free of charge.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpResponse};
use fairground_admission::{Party, Permit, PlanRef};
use fairground_catalog::usage::PORTAL_APPLICATION;
use fairground_domain::{DatasetId, Timestamp};
use fairground_meter::{Flags, Meter, MeterError, Recorder, UsageRecord};
use metrics::Counter;

use super::{Gate, KeylessParties};
use crate::front::{WasHead, told};
use crate::metrics::METER_FAILURES;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemKind};
use crate::request_id::RequestId;

/// How often a failing meter is logged at most, per worker; the counter counts every failure.
const LOG_EVERY: Duration = Duration::from_secs(10);
/// When to come back after a call was refused because it could not be metered, in seconds.
const RETRY_SECS: u64 = 5;

/// A body up to so many bytes is taken for sent when it is handed over.
const AS_GOOD_AS_SENT: usize = 64 * 1024;

/// What to do when a usage record cannot be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MeterFailure {
    /// Serve all the same: open data comes first. The failure is counted, logged, and turns `/health/ready` red.
    #[default]
    Serve,
    /// Refuse with 503: nothing is answered that is not metered.
    Refuse,
}

/// Where usage goes: the meter, and the names behind the numbers in its records.
pub struct UsageLog {
    meter: Meter,
    failing: AtomicBool,
}

impl std::fmt::Debug for UsageLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UsageLog").field("failing", &self.is_failing()).finish_non_exhaustive()
    }
}

impl UsageLog {
    /// Usage goes to `meter`.
    #[must_use]
    pub fn new(meter: Meter) -> Self {
        Self { meter, failing: AtomicBool::new(false) }
    }

    /// The meter.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Whether the last record could not be written.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    fn set_failing(&self, failing: bool) {
        if self.is_failing() != failing {
            self.failing.store(failing, Ordering::Relaxed);
        }
    }
}

/// Put into a request's extensions by whoever serves it: the answer came from a cache and cost no work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FromCache;

/// A call on its way, as far as the meter cares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) party: Party,
    pub(super) plan: PlanRef,
    pub(super) units: u32,
    pub(super) status: StatusCode,
    pub(super) dataset: Option<DatasetId>,
    is_denied: bool,
    is_cached: bool,
    is_own_use: bool,
    started: Instant,
    arrived: Timestamp,
}

impl Call {
    pub(super) fn new(operation: Operation, identity: super::Identity, started: Instant, arrived: Timestamp) -> Self {
        Self {
            operation,
            party: identity.party,
            plan: identity.plan,
            units: 0,
            status: StatusCode::OK,
            dataset: None,
            is_denied: false,
            is_cached: false,
            is_own_use: identity.key.is_some_and(|(application, _)| application == PORTAL_APPLICATION),
            started,
            arrived,
        }
    }

    /// Refused before it was served: free of charge.
    pub(super) const fn denied(mut self) -> Self {
        self.units = 0;
        self.is_denied = true;
        self
    }

    fn record(&self, bytes: u64) -> UsageRecord {
        let took = self.started.elapsed();
        let took_micros = took.as_micros();
        let is_not_modified = self.status == StatusCode::NOT_MODIFIED;
        let flags = [
            (self.is_denied, Flags::DENIED),
            (self.is_cached && !self.is_denied, Flags::CACHED),
            (is_not_modified, Flags::NOT_MODIFIED),
            (self.is_own_use, Flags::OWN_USE),
        ];
        let flags = flags.into_iter().filter(|(is, _)| *is).fold(Flags::NONE, |all, (_, flag)| all | flag);
        UsageRecord {
            at_micros: self.arrived.as_micros().saturating_add(i64::try_from(took_micros).unwrap_or(0)),
            party: self.party.usage_number(),
            dataset: self.dataset.map(|id| id.as_uuid().into_bytes()),
            units: self.units,
            bytes,
            latency_micros: u32::try_from(took_micros).unwrap_or(u32::MAX),
            operation: self.operation.code,
            status: self.status.as_u16(),
            // Tariffs have a handful of plans; one beyond the 256th known to this process would be counted as the last.
            plan: u8::try_from(self.plan.index()).unwrap_or(u8::MAX),
            class: self.operation.class.index(),
            flags,
            lot: KeylessParties::lot(self.party),
        }
    }
}

/// One worker's pen.
pub(super) struct CallMeter {
    recorder: RefCell<Recorder>,
    usage: Arc<UsageLog>,
    failures: Counter,
    logged: RefCell<Option<Instant>>,
}

impl std::fmt::Debug for CallMeter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallMeter").finish_non_exhaustive()
    }
}

impl CallMeter {
    pub(super) fn new(gate: &Gate) -> Self {
        Self {
            recorder: RefCell::new(gate.usage.meter.recorder()),
            usage: Arc::clone(&gate.usage),
            failures: metrics::counter!(METER_FAILURES),
            logged: RefCell::new(None),
        }
    }

    /// Records the call, or hangs the record on the body's end.
    pub(super) fn settle(
        self: &Rc<Self>,
        mut call: Call,
        answer: ServiceResponse<BoxBody>,
        id: RequestId,
        gate: &Gate,
        permit: Option<Permit>,
    ) -> ServiceResponse<BoxBody> {
        let is_head = answer.request().extensions().contains::<WasHead>();
        call.is_cached = answer.request().extensions().contains::<FromCache>();
        let mut written = true;
        let answer = answer.map_body(|_, body| match body.size() {
            BodySize::None => {
                written = self.write(&call, 0);
                body
            }
            _ if is_head => {
                written = self.write(&call, 0);
                body
            }
            _ => match body.try_into_bytes() {
                Ok(bytes) => {
                    written = self.write(&call, length(&bytes));
                    // What fits the network's buffers is as good as gone; the rest is under way until the caller has read it.
                    if bytes.len() > AS_GOOD_AS_SENT {
                        BoxBody::new(HeldBody { bytes, _permit: permit })
                    } else {
                        BoxBody::new(bytes)
                    }
                }
                Err(stream) => BoxBody::new(MeteredBody::new(stream, call, Rc::clone(self), permit)),
            },
        });
        if written || gate.meter_failure == MeterFailure::Serve || call.is_denied {
            return answer;
        }
        let problem = Problem::new(ProblemKind::Unavailable).retry_after(RETRY_SECS);
        let refused = told(&problem, id, &gate.public_url);
        ServiceResponse::new(answer.request().clone(), refused)
    }

    /// Records a call whose answer has no request left to hang on.
    pub(super) fn settle_escaped(&self, call: Call, answer: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
        answer.map_body(|_, body| match body.try_into_bytes() {
            Ok(bytes) => {
                self.write(&call, length(&bytes));
                BoxBody::new(bytes)
            }
            Err(stream) => {
                self.write(&call, 0);
                stream
            }
        })
    }

    /// Writes the record; a failure is counted, logged now and then, and shown by [`UsageLog::is_failing`].
    fn write(&self, call: &Call, bytes: u64) -> bool {
        match self.append(&call.record(bytes)) {
            Ok(()) => {
                self.usage.set_failing(false);
                true
            }
            Err(error) => {
                self.failures.increment(1);
                self.usage.set_failing(true);
                let mut logged = self.logged.borrow_mut();
                if logged.is_none_or(|last| last.elapsed() >= LOG_EVERY) {
                    *logged = Some(Instant::now());
                    tracing::error!("A call could not be metered: {}", Problem::internal(error).chain());
                }
                false
            }
        }
    }

    fn append(&self, record: &UsageRecord) -> Result<(), MeterError> {
        self.recorder.borrow_mut().append(record)
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A large body at hand, whose call counts as under way until it is gone.
struct HeldBody {
    bytes: Bytes,
    _permit: Option<Permit>,
}

impl MessageBody for HeldBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Sized(length(&self.bytes))
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let size = this.bytes.len().min(AS_GOOD_AS_SENT);
        let part = this.bytes.split_to(size);
        Poll::Ready((!part.is_empty()).then_some(Ok(part)))
    }
}

/// A streamed body that records its call when it is over.
struct MeteredBody {
    stream: BoxBody,
    /// The length that was announced, if one.
    expected: Option<u64>,
    sent: u64,
    /// `None` once recorded.
    call: Option<Call>,
    meter: Rc<CallMeter>,
    /// The call counts as under way until the body is gone.
    _permit: Option<Permit>,
}

impl MeteredBody {
    fn new(stream: BoxBody, call: Call, meter: Rc<CallMeter>, permit: Option<Permit>) -> Self {
        let expected = match stream.size() {
            BodySize::Sized(length) => Some(length),
            BodySize::None | BodySize::Stream => None,
        };
        Self { stream, expected, sent: 0, call: Some(call), meter, _permit: permit }
    }

    fn finish(&mut self) {
        if let Some(call) = self.call.take() {
            self.meter.write(&call, self.sent);
        }
    }
}

impl MessageBody for MeteredBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.stream.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_next(cx);
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(chunk))) => {
                this.sent = this.sent.saturating_add(length(chunk));
                if this.expected == Some(this.sent) {
                    this.finish();
                }
            }
            Poll::Ready(None | Some(Err(_))) => this.finish(),
        }
        polled
    }
}

impl Drop for MeteredBody {
    /// The caller left before the end.
    fn drop(&mut self) {
        self.finish();
    }
}

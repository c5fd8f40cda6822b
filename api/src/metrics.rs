//! Figures for operators: bounded labels, handles kept per worker, rendered off the hot path.
//!
//! Labels are the operation, the status class and the plan: none of them grows with callers, datasets or keys. What one key
//! used is in `/api/v1/usage`, never here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use fairground_admission::Load;
use metrics::{Counter, Histogram, Unit};

use crate::operation::Operation;

/// Answers by operation, status class and plan.
pub const REQUESTS: &str = "fairground_requests_total";
/// Answers of the whole program by status class.
pub const ANSWERS: &str = "fairground_answers_total";
/// How long answers took, in seconds, until their head was ready.
pub const ANSWER_SECONDS: &str = "fairground_answer_seconds";
/// Calls that limits refused, by reason.
pub const REFUSALS: &str = "fairground_refusals_total";
/// How long calls waited for room that found none at once, in seconds.
pub const QUEUE_SECONDS: &str = "fairground_queue_seconds";
/// Weight of the calls under way.
pub const UNDER_WAY: &str = "fairground_calls_under_way";
/// Calls that wait for room.
pub const WAITING: &str = "fairground_calls_waiting";
/// Usage records that could not be written: each of them is an alarm.
pub const METER_FAILURES: &str = "fairground_meter_failures_total";
/// Requests by which segments, sums and owners' pages differed when they were last compared: anything but 0 is an alarm.
pub const LEDGER_DIFFERENCE: &str = "fairground_ledger_difference_requests";
/// Usage segments that cannot be read and were put aside: each of them is an alarm.
pub const METER_QUARANTINED: &str = "fairground_meter_quarantined_segments";
/// Seconds since usage was last summed.
pub const METER_LAG: &str = "fairground_meter_lag_seconds";

/// Answers of services behind the gateway, by service and by whose answer it was.
pub const GATEWAY_ANSWERS: &str = "fairground_gateway_answers_total";
/// Whether a service behind the gateway was well when somebody last looked.
pub const SERVICE_HEALTHY: &str = "fairground_service_healthy";
/// How long the last look at a service took, in seconds.
pub const SERVICE_SECONDS: &str = "fairground_service_check_seconds";
/// Whether calls of a service pass; 0 while it is left alone because it failed too often.
pub const SERVICE_CIRCUIT: &str = "fairground_service_circuit_closed";

/// Names the figures; call once after a recorder is installed.
pub fn describe() {
    metrics::describe_counter!(REQUESTS, Unit::Count, "Answered calls of the API by operation, status class and plan");
    metrics::describe_counter!(ANSWERS, Unit::Count, "Answers of the whole program by status class");
    metrics::describe_histogram!(ANSWER_SECONDS, Unit::Seconds, "Time until the head of an answer was ready");
    metrics::describe_counter!(REFUSALS, Unit::Count, "Calls that limits refused, by reason");
    metrics::describe_histogram!(QUEUE_SECONDS, Unit::Seconds, "Time that calls waited for room");
    metrics::describe_gauge!(UNDER_WAY, Unit::Count, "Weight of the calls under way");
    metrics::describe_gauge!(WAITING, Unit::Count, "Calls that wait for room");
    metrics::describe_gauge!(
        LEDGER_DIFFERENCE,
        Unit::Count,
        "Requests by which segments, sums and owners' pages differ"
    );
    metrics::describe_gauge!(METER_QUARANTINED, Unit::Count, "Usage segments that cannot be read");
    metrics::describe_gauge!(METER_LAG, Unit::Seconds, "Time since usage was last summed");
    metrics::describe_counter!(METER_FAILURES, Unit::Count, "Usage records that could not be written");
    metrics::describe_counter!(GATEWAY_ANSWERS, Unit::Count, "Answers of services behind the gateway");
    metrics::describe_gauge!(SERVICE_HEALTHY, "Whether a service was well when somebody last looked");
    metrics::describe_gauge!(SERVICE_SECONDS, Unit::Seconds, "How long the last look at a service took");
    metrics::describe_gauge!(SERVICE_CIRCUIT, "Whether calls of a service pass its circuit breaker");
}

/// Notes how busy the process is, for the text that is about to be rendered.
pub(crate) fn tell_load(load: Load) {
    metrics::gauge!(UNDER_WAY).set(f64::from(load.under_way));
    metrics::gauge!(WAITING).set(f64::from(u32::try_from(load.waiting).unwrap_or(u32::MAX)));
}

/// One digit and `xx`, such as `2xx`.
pub(crate) fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// How many counters a worker keeps at hand for one figure; a power of two. One that has lost its place to another is asked
/// for again.
const HANDLES: usize = 256;

/// Counters at hand: one comparison and one addition in the ordinary case.
struct Handles<K>(RefCell<Vec<Option<(K, Counter)>>>);

impl<K> Default for Handles<K> {
    fn default() -> Self {
        Self(RefCell::new(Vec::new()))
    }
}

impl<K: Copy + PartialEq> Handles<K> {
    /// Adds one to the counter of `key`, which is looked for at `place`.
    fn count(&self, place: u16, key: K, counter: impl FnOnce() -> Counter) {
        let mut handles = self.0.borrow_mut();
        if handles.is_empty() {
            handles.resize_with(HANDLES, || None);
        }
        let Some(slot) = handles.get_mut(usize::from(place) % HANDLES) else { return };
        match slot {
            Some((known, counter)) if *known == key => counter.increment(1),
            _ => slot.insert((key, counter())).1.increment(1),
        }
    }
}

/// Figures of the outermost middleware, for one worker.
#[derive(Default)]
pub(crate) struct HttpMetrics {
    /// By the hundreds of the status.
    answers: Handles<u16>,
    seconds: RefCell<Option<Histogram>>,
}

impl std::fmt::Debug for HttpMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpMetrics").finish_non_exhaustive()
    }
}

impl HttpMetrics {
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        let hundreds = status.as_u16() / 100;
        self.answers.count(hundreds, hundreds, || metrics::counter!(ANSWERS, "status" => status_class(status)));
        let mut seconds = self.seconds.borrow_mut();
        seconds.get_or_insert_with(|| metrics::histogram!(ANSWER_SECONDS)).record(took.as_secs_f64());
    }
}

/// Figures of the hot path, for one worker.
#[derive(Default)]
pub(crate) struct CallMetrics {
    /// By operation, hundreds of the status and plan.
    requests: Handles<(u16, u16, u16)>,
    refusals: RefCell<HashMap<&'static str, Counter>>,
}

impl std::fmt::Debug for CallMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallMetrics").finish_non_exhaustive()
    }
}

impl CallMetrics {
    /// One more answered call; `plan` is the plan's place and its name.
    pub(crate) fn called(&self, operation: Operation, status: StatusCode, plan: u16, plan_name: impl Fn() -> String) {
        let key = (operation.code, status.as_u16() / 100, plan);
        let (code, hundreds, plan) = key;
        let place = code.wrapping_mul(31).wrapping_add(hundreds.wrapping_mul(7)).wrapping_add(plan);
        self.requests.count(place, key, || {
            let class = status_class(status);
            metrics::counter!(REQUESTS, "operation" => operation.id, "status" => class, "plan" => plan_name())
        });
    }

    /// One more call that found no room at once, whether it got some in the end or not.
    pub(crate) fn waited(&self, time: Duration) {
        metrics::histogram!(QUEUE_SECONDS).record(time.as_secs_f64());
    }

    /// One more refusal.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refusals
            .borrow_mut()
            .entry(reason)
            .or_insert_with(|| metrics::counter!(REFUSALS, "reason" => reason))
            .increment(1);
    }
}

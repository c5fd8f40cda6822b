//! Figures for operators: bounded labels, handles kept per worker, rendered off the hot path.
//!
//! Labels are the operation, the status class and the plan: none of them grows with callers, datasets or keys. What one key
//! used is in `/api/v1/usage`, never here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
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
/// Usage records that could not be written: each of them is an alarm.
pub const METER_FAILURES: &str = "fairground_meter_failures_total";

/// Names the figures; call once after a recorder is installed.
pub fn describe() {
    metrics::describe_counter!(REQUESTS, Unit::Count, "Answered calls of the API by operation, status class and plan");
    metrics::describe_counter!(ANSWERS, Unit::Count, "Answers of the whole program by status class");
    metrics::describe_histogram!(ANSWER_SECONDS, Unit::Seconds, "Time until the head of an answer was ready");
    metrics::describe_counter!(REFUSALS, Unit::Count, "Calls that limits refused, by reason");
    metrics::describe_counter!(METER_FAILURES, Unit::Count, "Usage records that could not be written");
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

/// Figures of the outermost middleware, for one worker.
#[derive(Default)]
pub(crate) struct HttpMetrics {
    answers: RefCell<HashMap<&'static str, Counter>>,
    seconds: RefCell<Option<Histogram>>,
}

impl std::fmt::Debug for HttpMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpMetrics").finish_non_exhaustive()
    }
}

impl HttpMetrics {
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        let class = status_class(status);
        let mut answers = self.answers.borrow_mut();
        answers.entry(class).or_insert_with(|| metrics::counter!(ANSWERS, "status" => class)).increment(1);
        let mut seconds = self.seconds.borrow_mut();
        seconds.get_or_insert_with(|| metrics::histogram!(ANSWER_SECONDS)).record(took.as_secs_f64());
    }
}

/// Figures of the hot path, for one worker.
#[derive(Default)]
pub(crate) struct CallMetrics {
    requests: RefCell<HashMap<(u16, &'static str, u16), Counter>>,
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
        let class = status_class(status);
        self.requests
            .borrow_mut()
            .entry((operation.code, class, plan))
            .or_insert_with(
                || metrics::counter!(REQUESTS, "operation" => operation.id, "status" => class, "plan" => plan_name()),
            )
            .increment(1);
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

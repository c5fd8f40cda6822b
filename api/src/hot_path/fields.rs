//! The fields that tell a caller how it stands and where the time went, written with as little work as can be.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::BytesMut;
use fairground_admission::{Refusal, Standing};

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What this answer cost, in units: the number that the meter records.
const RATE_LIMIT_COST: HeaderName = HeaderName::from_static("ratelimit-cost");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// How many bytes of field values share one allocation.
const ARENA_BYTES: usize = 8 * 1024;
/// Room for one field's value; a longer one is written all the same.
const FIELD_BYTES: usize = 256;
/// How many terms' policies are kept ready; tariffs have plans × classes of them.
const POLICIES_KEPT: usize = 64;
/// Fields that an answer of the API has, roughly: room is made for them once.
const FIELDS_OF_AN_ANSWER: usize = 24;

/// When each stage was over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stages {
    pub(super) started: Instant,
    pub(super) identified: Duration,
    pub(super) admitted: Duration,
    /// How long the call waited for room; mostly not at all.
    pub(super) queued: Duration,
}

/// One worker's pencil: memory for values, and the policies that it has written before.
#[derive(Debug, Default)]
pub(super) struct Pencil {
    arena: RefCell<BytesMut>,
    /// By [`Standing::terms_id`].
    policies: RefCell<Vec<(u64, HeaderValue)>>,
}

impl Pencil {
    /// Tells the caller of an admitted call how it stands, and where the time went until `served`.
    pub(super) fn show(&self, standing: &Standing, stages: &Stages, served: Duration, fields: &mut HeaderMap) {
        fields.reserve(FIELDS_OF_AN_ANSWER);
        if let Some(policy) = self.policy(standing) {
            fields.insert(RATE_LIMIT_POLICY, policy);
        }
        if let Some(value) = self.write(|field| standing.write_limit_field(field)) {
            fields.insert(RATE_LIMIT, value);
        }
        fields.insert(RATE_LIMIT_COST, cost(standing.units()));
        self.show_timing(stages, served, fields);
    }

    /// Tells a refused caller which policies are violated.
    pub(super) fn show_refusal(refusal: &Refusal, fields: &mut HeaderMap) {
        if let Some(value) = refusal.policy_field().and_then(|text| HeaderValue::from_str(text).ok()) {
            fields.insert(RATE_LIMIT_POLICY, value);
        }
        if let Some(value) = refusal.limit_field().and_then(|text| HeaderValue::try_from(text).ok()) {
            fields.insert(RATE_LIMIT, value);
        }
        fields.insert(RATE_LIMIT_COST, cost(0));
    }

    /// Where the time went until `served` (Server Timing, section 3.1).
    pub(super) fn show_timing(&self, stages: &Stages, served: Duration, fields: &mut HeaderMap) {
        // What the handler itself tells, such as the engine that answered, goes last.
        let own = fields.get(SERVER_TIMING).cloned();
        let value = self.write(|field| {
            push_timing(field, "identify;dur=", stages.identified);
            let waited = stages.identified + stages.queued;
            push_timing(field, ", admit;dur=", stages.admitted.saturating_sub(waited));
            if !stages.queued.is_zero() {
                push_timing(field, ", queue;dur=", stages.queued);
            }
            push_timing(field, ", serve;dur=", served.saturating_sub(stages.admitted));
            if let Some(own) = own.as_ref().and_then(|own| own.to_str().ok()) {
                field.extend_from_slice(b", ");
                field.extend_from_slice(own.as_bytes());
            }
        });
        if let Some(value) = value {
            fields.insert(SERVER_TIMING, value);
        }
    }

    fn policy(&self, standing: &Standing) -> Option<HeaderValue> {
        let mut policies = self.policies.borrow_mut();
        let known = policies.iter().find(|(terms, _)| *terms == standing.terms_id());
        if let Some((_, value)) = known {
            return Some(value.clone());
        }
        // Shared by all answers under these terms: cloning it copies nothing.
        let bytes = BytesMut::from(standing.policy_field().as_bytes()).freeze();
        let value = HeaderValue::from_maybe_shared(bytes).ok()?;
        if policies.len() >= POLICIES_KEPT {
            // Those of the tariffs before: what is still in use comes back by itself.
            policies.clear();
        }
        policies.push((standing.terms_id(), value.clone()));
        Some(value)
    }

    fn write(&self, write: impl FnOnce(&mut BytesMut)) -> Option<HeaderValue> {
        let mut arena = self.arena.borrow_mut();
        if arena.capacity() < FIELD_BYTES {
            *arena = BytesMut::with_capacity(ARENA_BYTES);
        }
        write(&mut arena);
        HeaderValue::from_maybe_shared(arena.split().freeze()).ok()
    }
}

/// A number of units; those that nearly every call costs are there already.
fn cost(units: u32) -> HeaderValue {
    match units {
        0 => HeaderValue::from_static("0"),
        1 => HeaderValue::from_static("1"),
        2 => HeaderValue::from_static("2"),
        _ => HeaderValue::from(units),
    }
}

/// A duration in milliseconds with three decimals.
fn push_timing(field: &mut BytesMut, name: &str, took: Duration) {
    let micros = took.as_micros();
    field.extend_from_slice(name.as_bytes());
    // Writing to memory cannot fail.
    let _ = write!(field, "{}.{:03}", micros / 1000, micros % 1000);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(stages: &Stages, served: Duration, own: Option<&'static str>) -> String {
        let mut fields = HeaderMap::new();
        if let Some(own) = own {
            fields.insert(SERVER_TIMING, HeaderValue::from_static(own));
        }
        Pencil::default().show_timing(stages, served, &mut fields);
        fields.get(SERVER_TIMING).expect("is there").to_str().expect("text").to_owned()
    }

    #[test]
    fn stages_are_told_in_milliseconds_and_waiting_only_when_there_was_some() {
        let micros = Duration::from_micros;
        let stages =
            Stages { started: Instant::now(), identified: micros(2), admitted: micros(5), queued: Duration::ZERO };
        assert_eq!(timing(&stages, micros(1_047), None), "identify;dur=0.002, admit;dur=0.003, serve;dur=1.042");
        let stages = Stages { admitted: micros(2_005), queued: micros(2_000), ..stages };
        assert_eq!(
            timing(&stages, micros(2_010), Some("engine;desc=\"index\"")),
            "identify;dur=0.002, admit;dur=0.003, queue;dur=2.000, serve;dur=0.005, engine;desc=\"index\""
        );
    }

    #[test]
    fn values_share_memory_and_stay_what_they_were() {
        let pencil = Pencil::default();
        let values: Vec<HeaderValue> = (0..2_000)
            .filter_map(|n| pencil.write(|field| field.extend_from_slice(format!("value {n}").as_bytes())))
            .collect();
        assert!(values.iter().enumerate().all(|(n, value)| *value == format!("value {n}")));
    }
}

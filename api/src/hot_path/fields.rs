//! The fields that tell a caller how it stands and where the time went, written with as little work as can be.

use std::cell::RefCell;
use std::fmt;
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
/// Room for one field's value as it is written; a longer one is left out, and counts as an answer without it.
const FIELD_BYTES: usize = 512;
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
                field.push(b", ");
                field.push(own.as_bytes());
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

    fn write(&self, write: impl FnOnce(&mut Line)) -> Option<HeaderValue> {
        let mut line = Line { bytes: [0; FIELD_BYTES], length: 0, is_cut: false };
        write(&mut line);
        let text = line.bytes.get(..line.length).filter(|_| !line.is_cut)?;
        let mut arena = self.arena.borrow_mut();
        if arena.capacity() < text.len() {
            *arena = BytesMut::with_capacity(ARENA_BYTES);
        }
        arena.extend_from_slice(text);
        HeaderValue::from_maybe_shared(arena.split().freeze()).ok()
    }
}

/// A field's value while it is written: on the stack, since it is made of many small pieces.
struct Line {
    bytes: [u8; FIELD_BYTES],
    length: usize,
    is_cut: bool,
}

impl Line {
    #[inline]
    fn push(&mut self, piece: &[u8]) {
        let end = self.length + piece.len();
        match self.bytes.get_mut(self.length..end) {
            Some(room) => {
                room.copy_from_slice(piece);
                self.length = end;
            }
            None => self.is_cut = true,
        }
    }
}

impl fmt::Write for Line {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
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
fn push_timing(field: &mut Line, name: &str, took: Duration) {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    field.push(name.as_bytes());
    field.push(itoa::Buffer::new().format(micros / 1000).as_bytes());
    let digit = |unit: u64| b'0' + u8::try_from(micros / unit % 10).unwrap_or(0);
    field.push(&[b'.', digit(100), digit(10), digit(1)]);
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
        let values: Vec<HeaderValue> =
            (0..2_000).filter_map(|n| pencil.write(|field| field.push(format!("value {n}").as_bytes()))).collect();
        assert_eq!(values.len(), 2_000);
        assert!(values.iter().enumerate().all(|(n, value)| *value == format!("value {n}")));
        assert_eq!(pencil.write(|field| field.push(&[b'x'; FIELD_BYTES + 1])), None, "a value that is cut is none");
    }
}

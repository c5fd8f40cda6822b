//! A name for each request: a UUIDv7, told in `X-Request-Id` and in the `instance` of problems.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use fairground_domain::Timestamp;
use uuid::Uuid;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One request's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A new name. It is unique, not secret: its random part comes from a seeded hash per thread, because a system call
    /// for each request would cost more than the rest of the middleware.
    #[must_use]
    pub fn new() -> Self {
        Self::at(Timestamp::now())
    }

    /// A new name for a request that came at `now`.
    fn at(now: Timestamp) -> Self {
        thread_local! {
            static SOURCE: RefCell<(RandomState, u64)> = RefCell::new((RandomState::new(), 0));
        }
        let (high, low) = SOURCE.with_borrow_mut(|(state, count)| {
            *count = count.wrapping_add(1);
            (state.hash_one(*count), state.hash_one(!*count))
        });
        let mut random = [0u8; 10];
        let (head, tail) = random.split_at_mut(8);
        head.copy_from_slice(&high.to_be_bytes());
        tail.copy_from_slice(&low.to_be_bytes()[..2]);
        let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// As a header's value.
    #[must_use]
    pub fn header(self) -> HeaderValue {
        let mut buffer = Uuid::encode_buffer();
        let text = self.0.hyphenated().encode_lower(&mut buffer);
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// How a request came: its name, and both clocks read once for all stages. In the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) id: RequestId,
    pub(crate) at: Instant,
    pub(crate) wall: Timestamp,
}

impl Arrival {
    pub(crate) fn now() -> Self {
        let wall = Timestamp::now();
        Self { id: RequestId::at(wall), at: Instant::now(), wall }
    }

    /// As the outermost middleware noted it; now, where there is none.
    pub(crate) fn of(req: &ServiceRequest) -> Self {
        let noted = req.extensions().get::<Self>().copied();
        noted.unwrap_or_else(Self::now)
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_version_7_and_never_repeat() {
        let names: std::collections::HashSet<RequestId> = (0..10_000).map(|_| RequestId::new()).collect();
        assert_eq!(names.len(), 10_000);
        assert!(names.iter().all(|name| name.0.get_version_num() == 7));
    }
}

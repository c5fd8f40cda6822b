//! A name for each request: a UUIDv7, told in `X-Request-Id` and in the `instance` of problems.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::{HeaderName, HeaderValue};
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
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
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

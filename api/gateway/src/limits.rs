//! How large, how long and how many: the bounds of one upstream.

use std::time::Duration;

/// Bounds of the calls to one upstream; each of them is enforced, none can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a call's body.
    pub request_bytes: u64,
    /// Bytes of an answer's body, as they come (compressed ones are not unpacked).
    pub answer_bytes: u64,
    /// From the request to the head of the answer, a new connection included; for each try.
    pub first_byte: Duration,
    /// Longest silence inside an answer's body.
    pub idle: Duration,
    /// For the whole answer, from the call to its last byte.
    pub whole: Duration,
    /// Calls under way at one time, in this process.
    pub in_flight: u32,
    /// Tries for one call, the first included; more than one only where a repetition is safe.
    pub tries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 10 * 1024 * 1024,
            answer_bytes: 256 * 1024 * 1024,
            first_byte: Duration::from_secs(20),
            idle: Duration::from_secs(30),
            whole: Duration::from_secs(300),
            in_flight: 256,
            tries: 2,
        }
    }
}

//! What the engine refuses, through the same table as everything else.

use fairground_gateway::{BodyFailed, GatewayError};

use crate::problem::{Problem, ProblemKind};

/// When to come back after an upstream failed, in seconds.
const FAILED_RETRY_SECS: u64 = 5;
/// When to come back to one that is busy, in seconds.
const BUSY_RETRY_SECS: u64 = 1;

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Self {
        use GatewayError as E;
        match error {
            E::CallTooLarge { limit } => {
                Self::new(ProblemKind::PayloadTooLarge).detail(format!("This service takes at most {limit} bytes."))
            }
            E::CallBroken(BodyFailed::TooLarge(limit)) => {
                Self::new(ProblemKind::PayloadTooLarge).detail(format!("This service takes at most {limit} bytes."))
            }
            E::CallBroken(failed) => Self::new(ProblemKind::MalformedRequest).detail(failed.to_string()),
            E::BadQuery => Self::new(ProblemKind::MalformedRequest)
                .detail("The query is too long or holds a character that must be escaped."),
            E::OnlyIfCached => Self::new(ProblemKind::TimedOut)
                .detail("Nothing is kept of this, and the call asks for nothing else (`only-if-cached`)."),
            E::TimedOut(stage) => Self::new(ProblemKind::TimedOut)
                .detail(format!("The agency's system took too long for {stage}."))
                .retry_after(FAILED_RETRY_SECS),
            E::CircuitOpen { retry_secs } => Self::new(ProblemKind::Unavailable)
                .detail("The agency's system failed too often just now; it is left alone for a while.")
                .retry_after(retry_secs),
            E::Busy { .. } => Self::new(ProblemKind::Overloaded)
                .detail("As many calls are under way as the agency's system may have.")
                .retry_after(BUSY_RETRY_SECS),
            E::AnswerTooLarge { limit } => Self::new(ProblemKind::UpstreamFailed)
                .detail(format!("The answer of the agency's system exceeds {limit} bytes. Ask for less at once.")),
            // Whatever the upstream or its connection said may name what callers should not know: it is logged.
            E::Forbidden(_) | E::Unreachable(_) | E::BadAnswer(_) | E::Unfit(_) | E::Loop => {
                Self::new(ProblemKind::UpstreamFailed).retry_after(FAILED_RETRY_SECS).caused_by(error)
            }
        }
    }
}

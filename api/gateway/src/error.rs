//! Why a call has no answer of its upstream.

use crate::body::BodyFailed;

/// Whatever an upstream's connection says went wrong.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Which of the time-outs ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Until the head of the answer came, the connection included.
    FirstByte,
    /// Between two parts of the body.
    Idle,
    /// The whole answer.
    Whole,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::FirstByte => "the first byte",
            Self::Idle => "the next part",
            Self::Whole => "the whole answer",
        })
    }
}

/// Why a call has no answer of its upstream, or lost it on the way.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The call's body is larger than the upstream's limit.
    #[error("the call's body exceeds {limit} bytes")]
    CallTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The answer is larger than the upstream's limit.
    #[error("the answer exceeds {limit} bytes")]
    AnswerTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The call's own body broke off, or is not what its head said.
    #[error("the call's body could not be read")]
    CallBroken(#[source] BodyFailed),
    /// The upstream has an address that we may not reach.
    #[error("the upstream may not be reached")]
    Forbidden(#[source] BoxError),
    /// No connection, or it broke before an answer came.
    #[error("the upstream cannot be reached")]
    Unreachable(#[source] BoxError),
    /// What came is no sound answer.
    #[error("the upstream's answer is broken")]
    BadAnswer(#[source] BoxError),
    /// What came may not be passed on.
    #[error("the upstream's answer may not be passed on: {0}")]
    Unfit(&'static str),
    /// Too slow.
    #[error("the upstream took too long for {0}")]
    TimedOut(Stage),
    /// It failed so often that it is left alone for a while.
    #[error("the upstream failed too often and is left alone for {retry_secs} s")]
    CircuitOpen {
        /// When it will be tried again, in seconds, at least 1.
        retry_secs: u64,
    },
    /// As many calls are under way as the upstream may have.
    #[error("{limit} calls are under way")]
    Busy {
        /// The limit.
        limit: u32,
    },
    /// The query holds what no address may.
    #[error("the query holds a character that must be escaped")]
    BadQuery,
    /// The call has been through this gateway already.
    #[error("the call came round: the upstream leads back to this gateway")]
    Loop,
    /// The caller wants only what is kept, and nothing is.
    #[error("nothing is kept of it")]
    OnlyIfCached,
}

impl GatewayError {
    /// Whether it speaks against the upstream's health; the caller's own faults do not.
    #[must_use]
    pub const fn blames_upstream(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::BadAnswer(_) | Self::TimedOut(_) => true,
            Self::CallTooLarge { .. }
            | Self::AnswerTooLarge { .. }
            | Self::CallBroken(_)
            | Self::Forbidden(_)
            | Self::Unfit(_)
            | Self::CircuitOpen { .. }
            | Self::Busy { .. }
            | Self::BadQuery
            | Self::Loop
            | Self::OnlyIfCached => false,
        }
    }
}

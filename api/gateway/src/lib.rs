//! Fronts other people's APIs: forwards calls, guards upstreams, keeps what may be kept.
//!
//! A [`Gateway`] is shared by the whole process (the response cache, the operator's list of private hosts); each thread that
//! serves has a [`Forwarder`] with connections of its own. An [`Upstream`] is one fronted API: its address, its credentials,
//! its limits and how it fares ([`Breaker`]). [`Forwarder::forward`] takes a [`Call`] and gives an [`Answer`] whose body
//! streams: the next chunk is read when the caller has taken the last one.
//!
//! ```text
//! raw path ─▶ CleanPath ─▶ fields ─▶ cache ─┬▶ hit ────────────────────────────▶ fields ─▶ Answer
//!              refused       hop-by-hop, keys └▶ breaker ─▶ guarded connection ─▶
//! ```
//!
//! What a caller may do, and who it is, is not known here: keys, limits and meter are the hot path's.

mod answer;
mod body;
mod breaker;
mod cache;
mod call;
mod connect;
mod control;
mod error;
mod fields;
mod forward;
mod limits;
mod path;
mod pattern;
mod rewrite;
mod stored;
mod upstream;

pub use answer::{Answer, AnswerBody, Source};
pub use body::{BodyFailed, BodySender, CallBody};
pub use breaker::{Breaker, BreakerRules, BreakerState};
pub use call::{Call, CallerSide};
pub use connect::Refusal;
pub use error::{GatewayError, Stage};
pub use fields::{KEY_FIELD, KEY_PARAMETER, OWN_TOKENS};
pub use forward::{Forwarder, Gateway, GatewaySettings};
pub use limits::Limits;
pub use path::{CleanPath, MAX_PATH_BYTES, PathRefused, PathRules};
pub use pattern::{InvalidPattern, PathPattern};
pub use upstream::{CacheMode, Credential, InvalidUpstream, Upstream, UpstreamSettings};

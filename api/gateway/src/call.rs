//! A call on its way to an upstream.

use std::sync::Arc;

use http::{HeaderMap, Method};

use crate::body::CallBody;
use crate::path::CleanPath;

/// How the portal is seen by the one who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerSide {
    /// Where the upstream is fronted, without a slash at the end: `https://data.example.org/gateway/air-quality`.
    pub front: Arc<str>,
}

/// A call on its way to an upstream, as the caller sent it; [`crate::Forwarder::forward`] cleans it.
#[derive(Debug)]
pub struct Call {
    /// The method; the caller's `HEAD` is `HEAD` here.
    pub method: Method,
    /// The path below the front.
    pub path: CleanPath,
    /// The query without `?`, as it came.
    pub query: Option<String>,
    /// The fields as they came.
    pub fields: HeaderMap,
    /// The body.
    pub body: CallBody,
    /// How the portal is seen.
    pub side: CallerSide,
}

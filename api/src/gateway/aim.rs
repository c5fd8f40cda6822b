//! Where a call of the gateway goes: read once, before it is admitted.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Version, header};
use fairground_domain::OperationClass;
use fairground_gateway::{CleanPath, PathRefused};

use super::GATEWAY_ROOT;
use super::{Fronted, Fronts};
use crate::front::WasHead;
use crate::hot_path::AboutDataset;
use crate::operation::Operation;

/// The path of a service's document, rewritten for callers.
pub(super) const OPENAPI: &str = "/openapi.json";

/// Where a call goes; in the request's extensions for [`super::serve`].
#[derive(Debug, Clone)]
pub(super) enum Aim {
    /// To a service.
    Service {
        fronted: Arc<Fronted>,
        /// Below the service.
        path: CleanPath,
    },
    /// Nowhere: there is no such service.
    Nowhere,
    /// Nowhere: its address can be read in two ways.
    Refused(PathRefused),
    /// Nowhere: the message itself can be read in two ways, or is no request to a service at all.
    Unsound(&'static str),
    /// Nowhere: it asks for another protocol.
    Upgrade,
}

/// Reads a call's address and leaves the aim, and the dataset that the call is about, in its extensions.
pub(super) fn resolve(fronts: &Fronts, req: &ServiceRequest) -> Operation {
    let aim = aim(fronts, req);
    let class = match &aim {
        Aim::Service { fronted, .. } => {
            if let Some(dataset) = fronted.dataset {
                req.extensions_mut().insert(AboutDataset(dataset));
            }
            class_of(&aim, req)
        }
        Aim::Nowhere => OperationClass::Catalogue,
        Aim::Refused(_) | Aim::Unsound(_) | Aim::Upgrade => OperationClass::Gateway,
    };
    req.extensions_mut().insert(aim);
    Operation { class, ..Operation::GATEWAY }
}

fn class_of(aim: &Aim, req: &ServiceRequest) -> OperationClass {
    match aim {
        Aim::Service { fronted, path } if fronted.openapi.is_none() || path.as_str() != OPENAPI => {
            fronted.class_of(method_of(req), path)
        }
        _ => OperationClass::Catalogue,
    }
}

/// The method as the caller sent it: the outermost middleware turns `HEAD` into `GET`.
pub(super) fn method_of(req: &ServiceRequest) -> &str {
    if req.extensions().contains::<WasHead>() { "HEAD" } else { req.method().as_str() }
}

fn aim(fronts: &Fronts, req: &ServiceRequest) -> Aim {
    if let Err(why) = judge_message(req) {
        return Aim::Unsound(why);
    }
    if asks_for_upgrade(req) {
        return Aim::Upgrade;
    }
    // The path as it was sent: nothing is decoded yet.
    let Some(rest) = req.uri().path().strip_prefix(GATEWAY_ROOT).and_then(|rest| rest.strip_prefix('/')) else {
        return Aim::Nowhere;
    };
    let (slug, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let Some(fronted) = fronts.find(slug) else { return Aim::Nowhere };
    match CleanPath::parse(path, fronted.rules) {
        Ok(path) => Aim::Service { fronted, path },
        Err(refused) => Aim::Refused(refused),
    }
}

/// Refuses messages that two servers could cut differently (RFC 9112, section 11.2). The HTTP server refuses most of them
/// before they come here; this is the second fence.
fn judge_message(req: &ServiceRequest) -> Result<(), &'static str> {
    if req.version() > Version::HTTP_11 {
        return Ok(());
    }
    let fields = req.headers();
    if req.uri().scheme().is_some() || req.uri().authority().is_some() {
        return Err("The request line must hold a path, not a whole address.");
    }
    let lengths = fields.get_all(header::CONTENT_LENGTH).count();
    let codings: Vec<&header::HeaderValue> = fields.get_all(header::TRANSFER_ENCODING).collect();
    let length_is_number = fields
        .get_all(header::CONTENT_LENGTH)
        .all(|value| !value.is_empty() && value.as_bytes().iter().all(u8::is_ascii_digit));
    if lengths > 1 || !length_is_number {
        return Err("`Content-Length` must be one number.");
    }
    if !codings.is_empty() {
        if lengths > 0 {
            return Err("`Content-Length` and `Transfer-Encoding` exclude each other.");
        }
        let is_chunked = matches!(codings.as_slice(), [one] if one.as_bytes().eq_ignore_ascii_case(b"chunked"));
        if !is_chunked || req.version() != Version::HTTP_11 {
            return Err("`Transfer-Encoding` must be `chunked`, once.");
        }
    }
    if fields.get_all(header::HOST).count() > 1 {
        return Err("`Host` must be named once.");
    }
    Ok(())
}

/// Whether a call asks for another protocol than HTTP; an offer of HTTP/2 may be passed over (RFC 9110, section 7.8).
fn asks_for_upgrade(req: &ServiceRequest) -> bool {
    let mut wanted = req.headers().get_all(header::UPGRADE);
    wanted.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"h2c"))
}

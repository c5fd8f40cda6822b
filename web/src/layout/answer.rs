//! How a page is answered: its headers.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

/// What a page may load and do: only what comes from this portal, no inline script or style, no frame around it.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const FEATURES: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";

/// Answers a public page: caches may keep it but must ask whether it still holds.
pub fn answer_page(status: StatusCode, page: &impl Template) -> HttpResponse {
    answer_with(status, page, PAGE_POLICY, "no-cache")
}

/// Answers a page for one reader only: no cache may keep it.
pub fn answer_private_page(status: StatusCode, page: &impl Template) -> HttpResponse {
    answer_with(status, page, PAGE_POLICY, "no-store")
}

/// Answers a page under a policy and a cache rule of its own.
pub fn answer_with(status: StatusCode, page: &impl Template, policy: &str, cache: &str) -> HttpResponse {
    match page.render() {
        Ok(html) => with_safety(HttpResponse::build(status), policy, cache).body(html),
        Err(error) => {
            tracing::error!(error = %error, "A page could not be rendered");
            with_safety(HttpResponse::InternalServerError(), PAGE_POLICY, "no-store").body(
                "<!doctype html><html lang=\"en\"><title>Error</title><h1>This page could not be made</h1></html>",
            )
        }
    }
}

/// Sends the reader on to another page with GET (RFC 9110, section 15.4.4), as after every form.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, address))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

fn with_safety(mut answer: HttpResponseBuilder, policy: &str, cache: &str) -> HttpResponseBuilder {
    answer
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Encoding, Accept-Language, Cookie"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .insert_header((header::PERMISSIONS_POLICY, FEATURES))
        .insert_header(("cross-origin-opener-policy", "same-origin"));
    answer
}

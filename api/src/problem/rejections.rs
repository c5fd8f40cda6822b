//! Actix's own rejections, through the same table.

use actix_web::error::{JsonPayloadError, PathError, PayloadError, QueryPayloadError, UrlencodedError};
use actix_web::http::StatusCode;

use super::{Fault, Problem, ProblemKind};

/// The problem that an error of Actix (or of anything that is not ours) stands for.
///
/// What is not in the list is judged by its status; what has none is ours to explain: 500.
pub(super) fn translate(error: &actix_web::Error) -> Problem {
    if let Some(error) = error.as_error::<JsonPayloadError>() {
        return json(error);
    }
    if let Some(error) = error.as_error::<PayloadError>() {
        return payload(error);
    }
    if let Some(error) = error.as_error::<QueryPayloadError>() {
        return Problem::new(ProblemKind::InvalidParameter).detail(error.to_string());
    }
    if let Some(error) = error.as_error::<PathError>() {
        return path(error);
    }
    if let Some(error) = error.as_error::<UrlencodedError>() {
        return form(error);
    }
    let status = error.as_response_error().status_code();
    let kind = ProblemKind::of_status(status);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return Problem::new(kind).caused_by(error.to_string());
    }
    Problem::new(kind)
}

/// A path segment that cannot be what the route says is an address that does not exist.
fn path(_: &PathError) -> Problem {
    Problem::new(ProblemKind::NotFound)
}

fn json(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::OverflowKnownLength { limit, .. } | JsonPayloadError::Overflow { limit } => too_large(*limit),
        JsonPayloadError::ContentType => Problem::new(ProblemKind::UnsupportedMediaType),
        JsonPayloadError::Deserialize(error) => broken_json(error, String::new()),
        JsonPayloadError::Payload(error) => payload(error),
        other => Problem::internal(other.to_string()),
    }
}

/// JSON that cannot be parsed, or that parses and does not fit.
pub(crate) fn broken_json(error: &serde_json::Error, pointer: String) -> Problem {
    // The column counts bytes on the line; both count from 1.
    let told = error.to_string();
    if !error.is_data() {
        return Problem::new(ProblemKind::MalformedBody).detail(told.clone()).errors(vec![Fault::at("", told)]);
    }
    let place = format!(" at line {} column {}", error.line(), error.column());
    let (pointer, detail) = misshapen(told.strip_suffix(&place).unwrap_or(&told), pointer);
    let told = if pointer.is_empty() { detail.clone() } else { format!("`{pointer}`: {detail}") };
    Problem::new(ProblemKind::InvalidContent).detail(told).errors(vec![Fault::at(pointer, detail)])
}

/// What is wrong with the shape of a body, in words of its own instead of those of a program, and where.
fn misshapen(told: &str, pointer: String) -> (String, String) {
    let named = |start: &str| {
        let (name, rest) = told.strip_prefix(start)?.strip_prefix('`')?.split_once('`')?;
        let step = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let place = if pointer.ends_with(&step) { pointer.clone() } else { format!("{pointer}{step}") };
        Some((place, rest))
    };
    if let Some((place, _)) = named("missing field ") {
        return (place, "Must be there.".to_owned());
    }
    if let Some((place, rest)) = named("unknown field ") {
        let known = rest.strip_prefix(", expected ").map(|names| names.strip_prefix("one of ").unwrap_or(names));
        let known = known.map_or_else(String::new, |names| format!(" Known here: {names}."));
        return (place, format!("There is no such field.{known}"));
    }
    match told.split_once("expected struct ") {
        Some((before, _)) => (pointer, format!("{before}expected an object")),
        None => (pointer, told.to_owned()),
    }
}

fn form(error: &UrlencodedError) -> Problem {
    match error {
        UrlencodedError::Overflow { limit, .. } => too_large(*limit),
        UrlencodedError::ContentType => Problem::new(ProblemKind::UnsupportedMediaType),
        UrlencodedError::Payload(error) => payload(error),
        _ => Problem::new(ProblemKind::MalformedRequest).detail(error.to_string()),
    }
}

fn payload(error: &PayloadError) -> Problem {
    match error {
        PayloadError::Overflow => Problem::new(ProblemKind::PayloadTooLarge),
        PayloadError::Incomplete(_) => Problem::new(ProblemKind::RequestTimeout),
        _ => Problem::new(ProblemKind::MalformedRequest).detail("The body cannot be read to its end."),
    }
}

/// More bytes than `limit`.
pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(ProblemKind::PayloadTooLarge).detail(format!("The body may hold up to {limit} bytes."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_of_actix_has_its_problem() {
        let syntax = || serde_json::from_str::<Vec<u8>>("[").expect_err("cut off");
        let data = || serde_json::from_str::<u8>("\"a\"").expect_err("a text");
        let serde = || serde::de::Error::custom("no");
        let cases: Vec<(actix_web::Error, ProblemKind)> = vec![
            (JsonPayloadError::OverflowKnownLength { length: 2, limit: 1 }.into(), ProblemKind::PayloadTooLarge),
            (JsonPayloadError::Overflow { limit: 1 }.into(), ProblemKind::PayloadTooLarge),
            (JsonPayloadError::ContentType.into(), ProblemKind::UnsupportedMediaType),
            (JsonPayloadError::Deserialize(syntax()).into(), ProblemKind::MalformedBody),
            (JsonPayloadError::Deserialize(data()).into(), ProblemKind::InvalidContent),
            (JsonPayloadError::Payload(PayloadError::Overflow).into(), ProblemKind::PayloadTooLarge),
            (PayloadError::Incomplete(None).into(), ProblemKind::RequestTimeout),
            (PayloadError::EncodingCorrupted.into(), ProblemKind::MalformedRequest),
            (PathError::Deserialize(serde()).into(), ProblemKind::NotFound),
            (QueryPayloadError::Deserialize(serde()).into(), ProblemKind::InvalidParameter),
            (UrlencodedError::Overflow { size: 2, limit: 1 }.into(), ProblemKind::PayloadTooLarge),
            (UrlencodedError::ContentType.into(), ProblemKind::UnsupportedMediaType),
            (UrlencodedError::Encoding.into(), ProblemKind::MalformedRequest),
            (actix_web::error::ErrorNotFound("x"), ProblemKind::NotFound),
            (actix_web::error::ErrorMethodNotAllowed("x"), ProblemKind::MethodNotAllowed),
            (actix_web::error::ErrorInternalServerError("x"), ProblemKind::Internal),
            (actix_web::error::ErrorImATeapot("x"), ProblemKind::MalformedRequest),
        ];
        for (error, kind) in cases {
            assert_eq!(Problem::borrowed_or_translated(&error).kind(), kind, "{error:?}");
        }
    }
}

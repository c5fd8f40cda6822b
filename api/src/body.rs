//! JSON bodies, read strictly and within a named limit.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::problem::{Fault, Problem, ProblemKind, broken_json, too_large};

/// Most bytes of a JSON body, decompressed.
pub const MAX_JSON_BYTES: usize = 1024 * 1024;

/// What a body must satisfy beyond its shape.
pub trait Checked {
    /// Everything that is wrong, each with its place.
    fn faults(&self) -> Vec<Fault> {
        Vec::new()
    }
}

/// The extractor: a JSON body of the right shape, checked.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Checked + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_bytes(&req, payload, MAX_JSON_BYTES).await?;
            parse(&bytes).map(Body)
        })
    }
}

/// The extractor for operations that need no body: none counts as the default, one that is there must be good.
#[derive(Debug, Clone)]
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + Checked + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let announced = req.headers().get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
            || req.headers().contains_key(header::TRANSFER_ENCODING)
            || req.headers().contains_key(header::CONTENT_TYPE);
        let body = announced.then(|| Body::<T>::from_request(req, payload));
        Box::pin(async move {
            match body {
                Some(body) => body.await.map(|Body(value)| Self(value)),
                None => Ok(Self(T::default())),
            }
        })
    }
}

/// The extractor: a body of at most so many bytes, as it is, whatever its media type.
#[derive(Debug, Clone)]
pub struct RawBody<const MOST: usize>(pub Bytes);

impl<const MOST: usize> FromRequest for RawBody<MOST> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let payload = payload.take();
        Box::pin(async move { read_whole(&req, payload, MOST).await.map(Self) })
    }
}

async fn read_bytes(req: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let json = req.content_type();
    if json != "application/json" && !json.ends_with("+json") {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType));
    }
    read_whole(req, payload, limit).await
}

async fn read_whole(req: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let announced = req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    if req.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType).detail("Send the body without Content-Encoding."));
    }
    let mut payload = payload;
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(ProblemKind::MalformedRequest)
                .detail("The body cannot be read to its end.")
                .caused_by(error.to_string())
        })?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn parse<T: DeserializeOwned + Checked>(bytes: &[u8]) -> Result<T, Problem> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| broken_json(&error, place_of::<T>(bytes)))?;
    let faults = value.faults();
    if faults.is_empty() {
        return Ok(value);
    }
    Err(Problem::new(ProblemKind::InvalidContent).errors(faults))
}

/// Where a body of the wrong shape has its fault, as a JSON pointer. It is read a second time for it, so that good bodies cost
/// nothing.
fn place_of<T: DeserializeOwned>(bytes: &[u8]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else { return String::new() };
    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// A text of some characters, for [`Checked`] implementations.
pub(crate) fn check_text(faults: &mut Vec<Fault>, pointer: &str, text: &str, longest: usize) {
    let chars = text.trim().chars().count();
    if chars == 0 {
        faults.push(Fault::at(pointer, "Must not be empty."));
    } else if chars > longest {
        faults.push(Fault::at(pointer, format!("May hold up to {longest} characters.")));
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Kite {
        name: String,
        #[serde(default)]
        tails: Vec<Tail>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Tail {
        metres: u32,
    }

    impl Checked for Kite {}

    #[test]
    fn a_body_of_the_wrong_shape_says_where_and_in_words_of_its_own() {
        let cases = [
            (r"{}", "/name", "Must be there."),
            (r#"{"name": null}"#, "/name", "invalid type: null, expected a string"),
            (r#"{"name": "a", "tails": [{"metres": 1}, {}]}"#, "/tails/1/metres", "Must be there."),
            (
                r#"{"name": "a", "tails": [{"metres": "x"}]}"#,
                "/tails/0/metres",
                "invalid type: string \"x\", expected u32",
            ),
            (r#"{"name": "a", "tail": []}"#, "/tail", "There is no such field. Known here: `name` or `tails`."),
            (
                r#"{"name": "a", "tails": [{"metres": 1, "m/s": 2}]}"#,
                "/tails/0/m~1s",
                "There is no such field. Known here: `metres`.",
            ),
            (r#""a""#, "", "invalid type: string \"a\", expected an object"),
        ];
        for (body, pointer, detail) in cases {
            let problem = parse::<Kite>(body.as_bytes()).expect_err(body);
            assert_eq!(problem.kind(), ProblemKind::InvalidContent, "{body}");
            let told: Vec<_> =
                problem.faults().iter().map(|fault| (fault.pointer.as_deref(), fault.detail.as_str())).collect();
            assert_eq!(told, [(Some(pointer), detail)], "{body}");
        }
        assert_eq!(parse::<Kite>(b"{\"name\": ").expect_err("cut off").kind(), ProblemKind::MalformedBody);
        assert!(parse::<Kite>(br#"{"name": "a", "tails": [{"metres": 1}]}"#).is_ok());
    }
}

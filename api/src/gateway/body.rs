//! Bodies between the HTTP server and the engine: parts in both directions, no faster than they are taken.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use fairground_gateway::{AnswerBody, BodyFailed, CallBody};
use futures_util::StreamExt;

/// Calls up to this size are taken whole before they are forwarded, so that they can be repeated where that is safe.
const COLLECTED_BYTES: u64 = 64 * 1024;

/// A call's body. A large one, or one of unknown length, is handed on while it comes.
pub(super) async fn of_call(req: &HttpRequest, mut payload: Payload) -> Result<CallBody, BodyFailed> {
    let length = content_length(req);
    let is_chunked =
        req.headers().contains_key(header::TRANSFER_ENCODING) || req.version() > actix_web::http::Version::HTTP_11;
    match length {
        Some(0) => Ok(CallBody::Empty),
        None if !is_chunked => Ok(CallBody::Empty),
        Some(length) if length <= COLLECTED_BYTES => {
            let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            while let Some(part) = payload.next().await {
                all.extend_from_slice(&part.map_err(|error| BodyFailed::Broken(error.to_string()))?);
            }
            if u64::try_from(all.len()).unwrap_or(u64::MAX) != length {
                return Err(BodyFailed::WrongLength);
            }
            Ok(CallBody::Whole(all.into()))
        }
        length => {
            let (sender, body) = CallBody::streamed(length);
            actix_web::rt::spawn(async move {
                while let Some(part) = payload.next().await {
                    let part = part.map_err(|error| BodyFailed::Broken(error.to_string()));
                    let over = part.is_err();
                    if !sender.send(part).await || over {
                        break;
                    }
                }
            });
            Ok(body)
        }
    }
}

fn content_length(req: &HttpRequest) -> Option<u64> {
    req.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// An answer's body. What breaks off ends the connection, so that nobody takes a part for the whole.
pub(super) struct PassedBody(pub(super) AnswerBody);

impl MessageBody for PassedBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.0.length().map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.get_mut().0.poll_part(cx).map(|part| {
            part.map(|part| {
                part.map_err(|error| {
                    tracing::warn!(error = &error as &dyn std::error::Error, "An answer of a service broke off");
                    error.into()
                })
            })
        })
    }
}

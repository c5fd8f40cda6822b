//! An answer on its way to the caller.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::time::Sleep;

use crate::error::{GatewayError, Stage};
use crate::forward::Keep;
use crate::upstream::Place;

/// Whose answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The upstream made it for this call.
    Upstream,
    /// It was kept from an earlier call.
    Kept,
    /// It was kept, and the upstream has just said that it still holds.
    Confirmed,
    /// It was kept and is out of date; the upstream failed and allows this.
    StoodIn,
}

/// An answer, with its fields as the caller gets them.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The fields, without `Content-Length` and what belongs to a connection.
    pub fields: HeaderMap,
    /// The body.
    pub body: AnswerBody,
    /// Whose it is.
    pub source: Source,
}

/// The body of an answer.
#[derive(Debug)]
pub enum AnswerBody {
    /// None; `length` is what a `GET` would have had, where a `HEAD` was told.
    Empty {
        /// In bytes.
        length: Option<u64>,
    },
    /// All of it, at hand.
    Whole(Bytes),
    /// It comes in parts.
    Streamed(Box<Stream>),
}

impl AnswerBody {
    /// Its length, as far as it is known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Empty { length } => *length,
            Self::Whole(bytes) => u64::try_from(bytes.len()).ok(),
            Self::Streamed(stream) => stream.expected,
        }
    }

    /// The next part. An upstream is read no faster than this is called.
    ///
    /// After an error the body is over, and what was sent of it must be recognisable as cut off.
    pub fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, GatewayError>>> {
        match self {
            Self::Empty { .. } => Poll::Ready(None),
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Self::Streamed(stream) => stream.poll_part(cx),
        }
    }
}

/// A body that comes from an upstream, held to its limits.
pub struct Stream {
    incoming: Option<Incoming>,
    expected: Option<u64>,
    /// Bytes that may still come.
    left: u64,
    limit: u64,
    idle: Duration,
    deadline: Instant,
    /// Runs while nothing comes.
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    place: Place,
    keep: Option<(Keep, BytesMut)>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("expected", &self.expected).finish_non_exhaustive()
    }
}

impl Stream {
    pub(crate) fn new(incoming: Incoming, place: Place, deadline: Instant) -> Self {
        let limits = *place.upstream().limits();
        Self {
            expected: incoming.size_hint().exact(),
            incoming: Some(incoming),
            left: limits.answer_bytes,
            limit: limits.answer_bytes,
            idle: limits.idle,
            deadline,
            timer: None,
            is_waiting: false,
            place,
            keep: None,
        }
    }

    /// Keeps what comes, if all of it comes and it is not too large.
    pub(crate) fn keeping(mut self, keep: Keep) -> Self {
        self.keep = Some((keep, BytesMut::new()));
        self
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, GatewayError>>> {
        loop {
            let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
            match Pin::new(incoming).poll_frame(cx) {
                Poll::Pending => return self.poll_patience(cx).map(|failed| Some(Err(failed))),
                Poll::Ready(None) => {
                    self.incoming = None;
                    if let Some((keep, bytes)) = self.keep.take() {
                        keep.put(bytes.freeze(), SystemTime::now());
                    }
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(self.fail(GatewayError::BadAnswer(error.into())))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    self.is_waiting = false;
                    // Trailers end here: nobody downstream could be told of them.
                    let Ok(part) = frame.into_data() else { continue };
                    if part.is_empty() {
                        continue;
                    }
                    return Poll::Ready(Some(self.take(part)));
                }
            }
        }
    }

    fn take(&mut self, part: Bytes) -> Result<Bytes, GatewayError> {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let Some(left) = self.left.checked_sub(length) else {
            return Err(self.fail(GatewayError::AnswerTooLarge { limit: self.limit }));
        };
        self.left = left;
        if Instant::now() >= self.deadline {
            return Err(self.fail(GatewayError::TimedOut(Stage::Whole)));
        }
        if let Some((keep, bytes)) = &mut self.keep {
            if bytes.len() + part.len() > keep.most_bytes() {
                self.keep = None;
            } else {
                bytes.extend_from_slice(&part);
            }
        }
        Ok(part)
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<GatewayError> {
        if !self.is_waiting {
            self.is_waiting = true;
            let until = tokio::time::Instant::from_std(self.deadline.min(Instant::now() + self.idle));
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(until),
                None => self.timer = Some(Box::pin(tokio::time::sleep_until(until))),
            }
        }
        let over = self.timer.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready());
        if !over {
            return Poll::Pending;
        }
        let stage = if Instant::now() >= self.deadline { Stage::Whole } else { Stage::Idle };
        Poll::Ready(self.fail(GatewayError::TimedOut(stage)))
    }

    /// Lets go of the connection and tells the breaker.
    fn fail(&mut self, error: GatewayError) -> GatewayError {
        self.incoming = None;
        self.keep = None;
        if error.blames_upstream() {
            self.place.upstream().breaker().record(false, Instant::now());
        }
        error
    }

    /// All of it.
    pub(crate) async fn collect(mut self, expected: usize) -> Result<Bytes, GatewayError> {
        let mut all = BytesMut::new();
        while let Some(part) = std::future::poll_fn(|cx| self.poll_part(cx)).await {
            let part = part?;
            if all.is_empty() && part.len() == expected {
                // Most small bodies come in one part: nothing to copy, but the end must be seen.
                return match std::future::poll_fn(|cx| self.poll_part(cx)).await {
                    None => Ok(part),
                    Some(Err(error)) => Err(error),
                    Some(Ok(_)) => Err(GatewayError::Unfit("it is longer than it says")),
                };
            }
            all.extend_from_slice(&part);
        }
        Ok(all.freeze())
    }
}

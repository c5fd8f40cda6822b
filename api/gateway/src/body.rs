//! Bodies of calls, on their way to an upstream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// Parts of a body that wait between the caller and the upstream: the caller is read no faster than the upstream takes.
const WAITING_PARTS: usize = 2;

/// Why a call's body broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyFailed {
    /// The caller went away, or what it sent could not be read.
    #[error("the caller's body broke off: {0}")]
    Broken(String),
    /// It is longer than the limit.
    #[error("the body exceeds {0} bytes")]
    TooLarge(u64),
    /// It is not as long as its head said.
    #[error("the body is not as long as announced")]
    WrongLength,
}

/// The body of a call.
#[derive(Debug)]
pub enum CallBody {
    /// None.
    Empty,
    /// All of it, at hand.
    Whole(Bytes),
    /// It comes in parts; see [`CallBody::streamed`].
    Streamed {
        /// Its length, if the caller said it.
        length: Option<u64>,
        /// Where the parts come from.
        parts: mpsc::Receiver<Result<Bytes, BodyFailed>>,
    },
}

/// The other end of a streamed body.
#[derive(Debug)]
pub struct BodySender {
    parts: mpsc::Sender<Result<Bytes, BodyFailed>>,
}

impl CallBody {
    /// A body that comes in parts, and the end to put them in. `length` is what the caller's head said.
    #[must_use]
    pub fn streamed(length: Option<u64>) -> (BodySender, Self) {
        let (sender, parts) = mpsc::channel(WAITING_PARTS);
        (BodySender { parts: sender }, Self::Streamed { length, parts })
    }

    /// Whether the call can be sent again: nothing of it has to be read a second time.
    pub(crate) const fn is_replayable(&self) -> bool {
        match self {
            Self::Empty | Self::Whole(_) => true,
            Self::Streamed { .. } => false,
        }
    }
}

impl BodySender {
    /// Passes a part on, and waits until there is room; false when nobody wants more.
    pub async fn send(&self, part: Result<Bytes, BodyFailed>) -> bool {
        self.parts.send(part).await.is_ok()
    }
}

/// A body as the HTTP client takes it.
pub(crate) enum Outgoing {
    Empty,
    Whole(Option<Bytes>),
    Streamed { parts: mpsc::Receiver<Result<Bytes, BodyFailed>>, left: Option<u64>, sent: u64, most: u64, over: bool },
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Outgoing::Empty",
            Self::Whole(_) => "Outgoing::Whole",
            Self::Streamed { .. } => "Outgoing::Streamed",
        })
    }
}

impl Outgoing {
    pub(crate) fn new(body: CallBody, most: u64) -> Self {
        match body {
            CallBody::Empty => Self::Empty,
            CallBody::Whole(bytes) => Self::Whole(Some(bytes)),
            CallBody::Streamed { length, parts } => Self::Streamed { parts, left: length, sent: 0, most, over: false },
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyFailed;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFailed>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Streamed { over: true, .. } => Poll::Ready(None),
            Self::Streamed { parts, left, sent, most, over } => {
                let part = match parts.poll_recv(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(part) => part,
                };
                let checked = check(part, left, sent, *most);
                *over = !matches!(checked, Some(Ok(_)));
                Poll::Ready(checked.map(|part| part.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Streamed { over, left, .. } => *over || *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX)))
            }
            Self::Streamed { left: Some(left), .. } => SizeHint::with_exact(*left),
            Self::Streamed { left: None, .. } => SizeHint::default(),
        }
    }
}

/// Holds a part to the length that was announced and to the limit.
fn check(
    part: Option<Result<Bytes, BodyFailed>>,
    left: &mut Option<u64>,
    sent: &mut u64,
    most: u64,
) -> Option<Result<Bytes, BodyFailed>> {
    let bytes = match part {
        None => return left.is_some_and(|left| left > 0).then_some(Err(BodyFailed::WrongLength)),
        Some(Err(failed)) => return Some(Err(failed)),
        Some(Ok(bytes)) => bytes,
    };
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    *sent = sent.saturating_add(length);
    if *sent > most {
        return Some(Err(BodyFailed::TooLarge(most)));
    }
    if let Some(left) = left {
        match left.checked_sub(length) {
            Some(rest) => *left = rest,
            None => return Some(Err(BodyFailed::WrongLength)),
        }
    }
    Some(Ok(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that comes out of a streamed body.
    async fn read(length: Option<u64>, most: u64, parts: &[&str]) -> Result<String, BodyFailed> {
        let (sender, body) = CallBody::streamed(length);
        let mut outgoing = Outgoing::new(body, most);
        let parts: Vec<Bytes> = parts.iter().map(|part| Bytes::copy_from_slice(part.as_bytes())).collect();
        let sending = async move {
            for part in parts {
                if !sender.send(Ok(part)).await {
                    break;
                }
            }
        };
        let reading = async move {
            let mut all = String::new();
            loop {
                match std::future::poll_fn(|cx| Pin::new(&mut outgoing).poll_frame(cx)).await {
                    None => return Ok(all),
                    Some(Err(failed)) => return Err(failed),
                    Some(Ok(frame)) => all.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap_or_default())),
                }
            }
        };
        tokio::join!(sending, reading).1
    }

    #[tokio::test]
    async fn a_streamed_body_is_held_to_its_length_and_to_the_limit() {
        assert_eq!(read(None, 10, &["ab", "cd"]).await.as_deref(), Ok("abcd"));
        assert_eq!(read(Some(4), 10, &["ab", "cd"]).await.as_deref(), Ok("abcd"));
        assert_eq!(read(Some(5), 10, &["ab", "cd"]).await, Err(BodyFailed::WrongLength));
        assert_eq!(read(Some(3), 10, &["ab", "cd"]).await, Err(BodyFailed::WrongLength));
        assert_eq!(read(None, 3, &["ab", "cd"]).await, Err(BodyFailed::TooLarge(3)));
    }
}

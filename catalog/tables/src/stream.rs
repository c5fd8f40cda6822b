//! Answers that come in pieces, and files that are given whole or in part.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use crate::error::TablesError;

/// Pieces that wait for a slow reader, at most.
const PIECES_WAITING: usize = 4;
/// Bytes of a file that are read at a time.
const PIECE_BYTES: u64 = 256 * 1024;

/// Bytes in pieces. Whoever drops it ends the work behind it.
pub struct ByteStream {
    pieces: mpsc::Receiver<Result<Bytes, TablesError>>,
}

/// Where the pieces of a [`ByteStream`] are put.
pub(crate) type PieceSender = mpsc::Sender<Result<Bytes, TablesError>>;

impl ByteStream {
    /// A stream and its other end.
    pub(crate) fn channel() -> (PieceSender, Self) {
        let (sender, pieces) = mpsc::channel(PIECES_WAITING);
        (sender, Self { pieces })
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, TablesError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.poll_recv(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").finish_non_exhaustive()
    }
}

/// A whole file beside a snapshot, open: it stays readable when the snapshot goes.
#[derive(Debug, Clone)]
pub struct WholeFile {
    file: Arc<File>,
    path: PathBuf,
    length: u64,
    runtime: tokio::runtime::Handle,
}

impl WholeFile {
    pub(crate) fn open(path: PathBuf, runtime: tokio::runtime::Handle) -> Result<Self, TablesError> {
        let file = File::open(&path).map_err(TablesError::io("cannot open", &path))?;
        let length = file.metadata().map_err(TablesError::io("cannot read", &path))?.len();
        Ok(Self { file: Arc::new(file), path, length, runtime })
    }

    /// Length, in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Where it lies on this machine.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file.
    #[must_use]
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// These bytes of it (the end excluded); what lies beyond the end is left out.
    #[must_use]
    pub fn stream(&self, range: Range<u64>) -> ByteStream {
        let (sender, stream) = ByteStream::channel();
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        let (mut at, end) = (range.start, range.end.min(self.length));
        self.runtime.spawn_blocking(move || {
            while at < end {
                let length = usize::try_from((end - at).min(PIECE_BYTES)).unwrap_or_default();
                let mut piece = vec![0; length];
                let read = file.read_exact_at(&mut piece, at).map_err(TablesError::io("cannot read", &path));
                at += length as u64;
                let failed = read.is_err();
                if sender.blocking_send(read.map(|()| Bytes::from(piece))).is_err() || failed {
                    break;
                }
            }
        });
        stream
    }
}

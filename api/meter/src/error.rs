//! What can go wrong with segments.

use std::io;
use std::path::{Path, PathBuf};

/// A failure of the meter; says which file.
#[derive(Debug, thiserror::Error)]
pub enum MeterError {
    /// Another process has the directory open.
    #[error("{}: another process meters here", .0.display())]
    Locked(PathBuf),
    /// There is no room left for a record; nothing of it was written.
    #[error("{}: no room left for usage records", .0.display())]
    DiskFull(PathBuf),
    /// Reading or writing failed.
    #[error("{}: {doing} failed", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The file that keeps this node's name says something else.
    #[error("{}: it does not hold a node id", .0.display())]
    NodeId(PathBuf),
    /// The file does not begin as a segment does.
    #[error("{}: it is not a segment of a version that we can read", .0.display())]
    NotASegment(PathBuf),
    /// The names do not fit into a segment's head.
    #[error("the names of plans and operations take {0} bytes, more than a segment's head can hold")]
    NamesTooLong(usize),
    /// The segment may not be removed: a recorder still writes to it.
    #[error("segment {0} is still written to")]
    StillLive(String),
    /// The segment may not be removed: it goes on.
    #[error("segment {segment} was read to {offset} of {size_bytes} bytes")]
    NotReadYet {
        /// Which one.
        segment: String,
        /// How far it was read.
        offset: u64,
        /// Its size.
        size_bytes: u64,
    },
}

impl MeterError {
    /// Whether the file itself is at fault, so that trying again cannot help.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        let no_file = [io::ErrorKind::IsADirectory, io::ErrorKind::InvalidData];
        matches!(self, Self::NotASegment(_))
            || matches!(self, Self::Io { source, .. } if no_file.contains(&source.kind()))
    }

    pub(crate) fn io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge];
        if full.contains(&source.kind()) {
            return Self::DiskFull(path.to_owned());
        }
        Self::Io { path: path.to_owned(), doing, source }
    }
}

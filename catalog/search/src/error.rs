//! What can go wrong, by what a caller can do about it.

use std::io;
use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

/// A failure of the index.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Another process writes this index.
    #[error("the search index in `{dir}` is written by another process")]
    Locked {
        /// The index folder.
        dir: PathBuf,
    },
    /// The index cannot be used as it is and should be built anew ([`crate::SearchIndex::recreate`]).
    #[error("the search index is unusable: {why}")]
    Unusable {
        /// What is wrong with it.
        why: String,
    },
    /// There is no index yet, and a reader must not make one.
    #[error("there is no search index in `{dir}` yet")]
    Missing {
        /// The index folder.
        dir: PathBuf,
    },
    /// The disk is full; nothing of the failed call was kept.
    #[error("the disk with the search index is full")]
    DiskFull,
    /// This index was opened for reading.
    #[error("the search index was opened for reading only")]
    ReadOnly,
    /// A rebuild is under way already.
    #[error("the search index is being rebuilt already")]
    RebuildRunning,
    /// A cursor that is not one of ours, or belongs to another order.
    #[error("the cursor is not valid for this search")]
    InvalidCursor,
    /// A filter with more values than allowed.
    #[error("the filter `{field}` has more than {max} values")]
    TooManyValues {
        /// The filter.
        field: &'static str,
        /// The most it may have.
        max: usize,
    },
    /// A box whose numbers make no box.
    #[error("the bounding box is not west, south, east, north in degrees")]
    InvalidBox,
    /// The operating system refused a file operation.
    #[error("the search index failed on disk: {0}")]
    Io(#[source] io::Error),
    /// The engine below failed.
    #[error("the search engine failed: {0}")]
    Engine(#[source] TantivyError),
}

impl From<io::Error> for SearchError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull { Self::DiskFull } else { Self::Io(error) }
    }
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::IoError(io) if io.kind() == io::ErrorKind::StorageFull => Self::DiskFull,
            TantivyError::OpenWriteError(OpenWriteError::IoError { ref io_error, .. })
                if io_error.kind() == io::ErrorKind::StorageFull =>
            {
                Self::DiskFull
            }
            TantivyError::DataCorruption(_)
            | TantivyError::IncompatibleIndex(_)
            | TantivyError::SchemaError(_)
            | TantivyError::FieldNotFound(_)
            | TantivyError::DeserializeError(_)
            | TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_))
            | TantivyError::OpenDirectoryError(OpenDirectoryError::DoesNotExist(_)) => {
                Self::Unusable { why: error.to_string() }
            }
            TantivyError::LockFailure(LockError::LockBusy, _) => {
                Self::Unusable { why: "another writer holds the engine's own lock".to_owned() }
            }
            other => Self::Engine(other),
        }
    }
}

//! Why a table could not answer.

use std::path::{Path, PathBuf};

use fairground_domain::ContentHash;
use fairground_tables_intake::IntakeError;

/// Everything that can go wrong with tables; one variant for each thing that a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The object store has no snapshot of that key.
    #[error("there is no snapshot {key}")]
    UnknownSnapshot {
        /// The key.
        key: ContentHash,
    },
    /// A file of the snapshot is not what it should be.
    #[error("snapshot {key} is damaged: {why}")]
    Damaged {
        /// The key.
        key: ContentHash,
        /// Which file, and what is wrong with it.
        why: String,
    },
    /// A file could not be made a table.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The question cannot be answered from this table in this way, whatever its content (GeoJSON of a table without shapes).
    #[error("{why}")]
    Unsuitable {
        /// What does not fit, in words for the caller.
        why: String,
    },
    /// More rows than the format holds.
    #[error("{rows} rows do not fit into {format}, which holds {limit}; take CSV or Parquet, or fewer rows")]
    TooManyRows {
        /// The format.
        format: &'static str,
        /// Rows asked for.
        rows: u64,
        /// Rows that it holds.
        limit: u64,
    },
    /// The answer needs more memory than one question may take.
    #[error(
        "{what} needs more than the {limit_bytes} bytes that questions may take together; ask for fewer groups or rows"
    )]
    TooLarge {
        /// What needs it.
        what: &'static str,
        /// The limit.
        limit_bytes: u64,
    },
    /// The question took longer than a question may take.
    #[error("the answer was not ready within {limit_secs} s")]
    TimedOut {
        /// The limit.
        limit_secs: u64,
    },
    /// Too many are waiting already.
    #[error("too many {what} at the same time")]
    Busy {
        /// `questions` or `exports`.
        what: &'static str,
        /// When trying again makes sense.
        retry_after_secs: u64,
    },
    /// Whoever asked went away, or the program is about to end.
    #[error("the work was given up")]
    Cancelled,
    /// The plan names what the snapshot does not have: a fault of ours.
    #[error("the plan does not fit the snapshot: {why}")]
    BadPlan {
        /// What does not fit.
        why: String,
    },
    /// A sum is beyond 38 digits.
    #[error("the sum of {column} is beyond 38 digits")]
    SumTooLarge {
        /// The answer's column.
        column: String,
    },
    /// A file of ours cannot be read or written.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was tried, such as `cannot read`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The remote object store refuses or does not answer.
    #[error("the object store failed at {doing}")]
    Remote {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A setting does not mean anything.
    #[error("setting {name}: {why}")]
    Setting {
        /// Its name in [`crate::TablesSettings`].
        name: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The engine failed in a way that nobody foresaw.
    #[error("{doing} failed")]
    Engine {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl TablesError {
    /// Whether a file of an open snapshot went away.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }

    /// For [`Result::map_err`] around files.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    /// For [`Result::map_err`] around engines.
    pub(crate) fn engine<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        doing: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Engine { doing, source: source.into() }
    }
}

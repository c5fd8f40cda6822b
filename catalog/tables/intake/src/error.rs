//! Why a file could not become a table.

/// What is wrong with a file, and where.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file cannot be read at all.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// No table could be found in it, or it is not of the format it claims.
    #[error("not a table: {why}")]
    NotTabular {
        /// In words for the publisher.
        why: String,
    },
    /// The format is known but broken at a place.
    #[error("the {format} file is broken at {place}: {why}")]
    Broken {
        /// The format.
        format: &'static str,
        /// Row, byte, member: where.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// It is locked by a password.
    #[error("the {format} file is protected by a password")]
    Protected {
        /// The format.
        format: &'static str,
    },
    /// A limit was passed.
    #[error("{what} passes the limit of {limit}")]
    TooLarge {
        /// What is too large: the file, a field, the number of columns, what an archive unpacks to.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// Too many rows had to be kept out: the table would mislead.
    #[error("{rows} of {of} rows could not be taken (most: {reason}); the limit is {limit_percent} %")]
    TooManyFaults {
        /// Rows kept out.
        rows: u64,
        /// Rows seen.
        of: u64,
        /// The most frequent reason.
        reason: String,
        /// The limit.
        limit_percent: u8,
    },
    /// Somebody asked to stop.
    #[error("the load was cancelled")]
    Cancelled,
    /// Writing the snapshot failed.
    #[error("the snapshot cannot be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

//! Why an agency's database could not be read.

use std::net::IpAddr;

/// Why an agency's database could not be read. No message holds a password or a whole address.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file is missing or no database.
    #[error("the SQLite database cannot be read: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The server refused or failed, in its own words.
    #[error("the PostgreSQL server says: {0}")]
    Postgres(String),
    /// No answer in time.
    #[error("the database did not {what} within {secs} s")]
    Late {
        /// What it should have done.
        what: &'static str,
        /// The limit in seconds.
        secs: u64,
    },
    /// The host's name has no address.
    #[error("the database's host `{host}` is unknown: {reason}")]
    UnknownHost {
        /// The host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The host is private, and the operator did not open it.
    #[error(
        "the database's host `{host}` has the private address {address}; add it to `harvest.allow` if it may be reached"
    )]
    Private {
        /// The host.
        host: String,
        /// What its name stands for.
        address: IpAddr,
    },
    /// The table is not there, or the address does not show it.
    #[error("the database shows no table `{0}`")]
    NoTable(String),
    /// More tables than are listed.
    #[error("the database shows more than {0} tables; name those that are meant (`?tables=a,b`)")]
    TooManyTables(usize),
    /// A table has more rows than an export may have.
    #[error("the table has more than {0} rows, the limit of one export")]
    TooManyRows(u64),
    /// A table has more bytes than an export may have.
    #[error("the table has more than {0} bytes, the limit of one export")]
    TooLarge(u64),
    /// The file that the rows go to cannot be written.
    #[error("the exported rows cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// Somebody ended the work.
    #[error("reading the database was ended")]
    Interrupted,
}

impl From<csv::Error> for DatabaseError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            return Self::Postgres(said.message().to_owned());
        }
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::Postgres(format!("{error}{cause}"))
    }
}

impl DatabaseError {
    /// Whether another try may go better.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Late { .. } | Self::UnknownHost { .. } | Self::Postgres(_) | Self::Interrupted)
    }
}

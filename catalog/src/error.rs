//! What can go wrong in the catalogue: one variant per thing that a caller can act on.

use std::path::PathBuf;

use fairground_domain::{AnnouncementRefused, ExceptionRefused, InvalidTariff, JobId, Timestamp, WrongStage};
use serde_json::Value;

use crate::db::ConnectError;
use crate::harvest::FieldChange;

/// What somebody else saved while the caller was changing the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// `draft`, `policy`, …
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// The revision that the caller had seen.
    pub expected: i32,
    /// The revision that is there.
    pub found: i32,
    /// Who saved it, as the journal names them, where that is known.
    pub saved_by: Option<String>,
    /// When, where that is known.
    pub saved_at: Option<Timestamp>,
    /// What is there now.
    pub theirs: Value,
    /// What the others changed since the revision that the caller had seen, where that is still known.
    pub changes: Vec<FieldChange>,
}

/// A refusal, or a failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no such thing; `what` is the field's word for it.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// `dataset`, `publisher`, `source`, `job`, …
        what: &'static str,
        /// The id or slug that was asked for.
        name: String,
    },
    /// The thing was there and has been withdrawn.
    #[error("{what} `{name}` was withdrawn")]
    Withdrawn {
        /// `dataset`, …
        what: &'static str,
        /// The id or slug that was asked for.
        name: String,
    },
    /// The name is in use.
    #[error("{what} `{name}` exists already")]
    Taken {
        /// `publisher`, `source`, `account`, …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A value that cannot be accepted; `field` is its name on the wire.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The thing is not in a state that allows this.
    #[error("{what} is {state}: {problem}")]
    WrongState {
        /// Which thing.
        what: String,
        /// Its state.
        state: String,
        /// Why that does not go.
        problem: &'static str,
    },
    /// Somebody else changed it since the caller looked; nothing was saved.
    #[error("{} `{}` was changed meanwhile: it has revision {}, not {}", .0.what, .0.id, .0.found, .0.expected)]
    Conflict(Box<Conflict>),
    /// A draft's stage does not allow this.
    #[error(transparent)]
    WrongStage(#[from] WrongStage),
    /// The caller may not do this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// E-mail address or password is wrong; which of them is not said.
    #[error("the e-mail address or the password is not right")]
    WrongCredentials,
    /// Another worker took over the job; whoever gets this must stop without writing.
    #[error("the lease on job {0} is lost")]
    LeaseLost(JobId),
    /// The job was cancelled while it ran.
    #[error("job {0} was cancelled")]
    Cancelled(JobId),
    /// The tariff cannot be enforced.
    #[error(transparent)]
    Tariff(#[from] InvalidTariff),
    /// A version of the tariff cannot be announced so.
    #[error(transparent)]
    Announcement(#[from] AnnouncementRefused),
    /// An exception cannot be made.
    #[error(transparent)]
    Exception(#[from] ExceptionRefused),
    /// A setting is wrong.
    #[error("setting `{name}`: {problem}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No connection to the store is free.
    #[error("the store is busy")]
    StoreBusy,
    /// The store does not answer.
    #[error("the database does not answer")]
    Connect {
        /// Why.
        source: Box<ConnectError>,
    },
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(String),
    /// A row holds something that this program does not know.
    #[error("the store holds a {what} that this program does not understand: {problem}")]
    Corrupt {
        /// Which kind of thing.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The journal's chain is broken.
    #[error("the journal is broken at entry {seq}: {problem}")]
    JournalBroken {
        /// The first entry that does not fit.
        seq: i64,
        /// What does not fit.
        problem: &'static str,
    },
    /// A file of ours cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The search index failed.
    #[error("the search index failed")]
    Search(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error("the database failed")]
    Storage(#[source] diesel::result::Error),
}

impl From<diesel::result::Error> for CatalogError {
    /// A failure of the store. Rooms look for a taken name before they write; where two may take one name at the same moment,
    /// the insertion says so by `CatalogError::taken`.
    fn from(error: diesel::result::Error) -> Self {
        Self::Storage(error)
    }
}

impl CatalogError {
    /// `NotFound` for a thing and its name.
    pub fn not_found(what: &'static str, name: impl ToString) -> Self {
        Self::NotFound { what, name: name.to_string() }
    }

    /// `Conflict` where nothing more is known than what is there.
    pub(crate) fn conflict(what: &'static str, id: impl ToString, expected: i32, found: i32, theirs: Value) -> Self {
        let (saved_by, saved_at, changes) = (None, None, Vec::new());
        let id = id.to_string();
        Self::Conflict(Box::new(Conflict { what, id, expected, found, saved_by, saved_at, theirs, changes }))
    }

    /// What a failed insertion means: `Taken` when somebody else took that name in the same moment.
    pub(crate) fn taken(what: &'static str, name: &str) -> impl FnOnce(diesel::result::Error) -> Self {
        let name = name.to_owned();
        move |error| match error {
            diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
                Self::Taken { what, name }
            }
            other => other.into(),
        }
    }

    /// Whether the connection to the database broke, the server is going down, or two transactions were in each other's way (also
    /// by taking one name): the same work, done again a little later, may well succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        use diesel::result::DatabaseErrorKind::{ClosedConnection, SerializationFailure, UnableToSendCommand};
        use diesel::result::Error;
        match self {
            Self::StoreBusy | Self::Connect { .. } | Self::Taken { .. } => true,
            Self::Storage(Error::DatabaseError(kind, _)) => {
                matches!(kind, ClosedConnection | SerializationFailure | UnableToSendCommand)
            }
            Self::Storage(Error::BrokenTransactionManager) => true,
            _ => false,
        }
    }

    pub(crate) fn corrupt(what: &'static str, problem: impl ToString) -> Self {
        Self::Corrupt { what, problem: problem.to_string() }
    }
}

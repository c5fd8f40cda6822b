//! Why a load did not come to its end.

use fairground_catalog::CatalogError;
use fairground_database::DatabaseError;
use fairground_tables::TablesError;
use fairground_tables::intake::IntakeError;

use crate::fetch::FetchError;
use crate::stop::StopReason;

/// Why a load did not come to its end. What the file or its server did wrong ends the job as failed, or puts it off; the rest
/// leaves it to be taken over.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What lies within its source could not be had from there.
    #[error("`{held_at}` cannot be had from its source: {why}")]
    Held {
        /// The path or table.
        held_at: String,
        /// Why not.
        why: String,
    },
    /// The source's database could not be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Its host could not be reached a moment ago.
    #[error("`{host}` could not be reached a moment ago ({why}), so it is left alone for a while")]
    Resting {
        /// The host.
        host: String,
        /// What failed then.
        why: String,
    },
    /// The file could not be made tables.
    #[error(transparent)]
    Tables(TablesError),
    /// The repairs that a reviewer ordered do not fit the file that came.
    #[error("the file cannot be repaired as it was ordered: {0}")]
    Repair(String),
    /// Our own disk.
    #[error("the file cannot be kept on disk")]
    Spool(#[source] std::io::Error),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] CatalogError),
    /// Somebody asked to stop.
    #[error("the load was stopped: {}", .0.words())]
    Stopped(StopReason),
    /// Threads or other means of the system ran out.
    #[error("the system refused {what}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is to become of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The file is at fault, or its server for good.
    Fails,
    /// It may pass: the job is tried again after a pause.
    Passes,
    /// The job is no longer ours, or the store does not answer: nothing is to be written.
    Leave,
}

impl LoadError {
    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::Fetch(FetchError::Spool(_) | FetchError::Setup(_) | FetchError::TooSlow { .. }) => Verdict::Passes,
            Self::Fetch(error) if error.is_transient() => Verdict::Passes,
            Self::Database(error) if error.passes() => Verdict::Passes,
            Self::Fetch(_) | Self::Held { .. } | Self::Database(_) | Self::Repair(_) => Verdict::Fails,
            Self::Tables(TablesError::Intake(IntakeError::Io(_) | IntakeError::Write(_))) => Verdict::Passes,
            Self::Tables(TablesError::Intake(_)) => Verdict::Fails,
            Self::Tables(_) | Self::Resting { .. } | Self::Spool(_) | Self::System { .. } => Verdict::Passes,
            Self::Stopped(_)
            | Self::Store(
                CatalogError::LeaseLost(_)
                | CatalogError::Cancelled(_)
                | CatalogError::StoreBusy
                | CatalogError::Connect { .. },
            ) => Verdict::Leave,
            Self::Store(_) => Verdict::Passes,
        }
    }

    /// Why the load was told to stop, if that is what ended it.
    #[must_use]
    pub fn stopped(&self) -> Option<StopReason> {
        match self {
            Self::Stopped(reason) => Some(*reason),
            Self::Store(CatalogError::LeaseLost(_)) => Some(StopReason::LeaseLost),
            Self::Store(CatalogError::Cancelled(_)) => Some(StopReason::Cancelled),
            _ => None,
        }
    }
}

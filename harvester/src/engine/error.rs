//! Why a harvest did not come to its end.

use std::time::Duration;

use fairground_catalog::CatalogError;
use fairground_standards::ReadError;

use crate::fetch::FetchError;
use crate::gather::{GatherError, UnknownKind};
use crate::stop::StopReason;

/// Why a harvest did not come to its end. What the source did wrong ends the job as failed; the rest leaves it to be
/// continued.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The source's address cannot be used.
    #[error(transparent)]
    Location(#[from] FetchError),
    /// The source's kind is none that we know.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// The source could not be gathered.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// What was gathered is no readable catalogue.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] CatalogError),
    /// Somebody asked to stop.
    #[error("the harvest was stopped: {}", .0.words())]
    Stopped(StopReason),
    /// A job that was half done elsewhere cannot be continued: what it had gathered is not here.
    #[error("what this harvest had gathered is gone; another one begins anew")]
    SpoolLost,
    /// Threads or other means of the system ran out.
    #[error("the system refused {what}: {source}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl EngineError {
    /// What the job's row says of it; `None` when the job must not be ended, as it is no longer ours, can be continued, or
    /// the store does not answer anyway.
    pub(super) fn verdict(&self) -> Option<String> {
        match self {
            Self::Location(_) | Self::Kind(_) | Self::Read(_) | Self::SpoolLost | Self::System { .. } => {
                Some(self.to_string())
            }
            Self::Gather(GatherError::Stopped(_)) | Self::Stopped(_) => None,
            Self::Gather(_) => Some(self.to_string()),
            Self::Store(
                CatalogError::LeaseLost(_)
                | CatalogError::Cancelled(_)
                | CatalogError::StoreBusy
                | CatalogError::Connect { .. },
            ) => None,
            Self::Store(error) => Some(with_causes(error)),
        }
    }

    /// Whether trying the whole harvest again later may help; gives how long the source asks to wait, zero when it does not.
    pub(super) fn may_pass(&self) -> Option<Duration> {
        match self {
            Self::Gather(GatherError::Fetch(FetchError::AskedToWait { asked, .. })) => Some(*asked),
            Self::Gather(GatherError::Fetch(error)) if error.is_transient() => {
                Some(error.retry_after().unwrap_or_default())
            }
            Self::Store(error) if error.is_passing() => Some(Duration::ZERO),
            Self::System { .. } => Some(Duration::ZERO),
            _ => None,
        }
    }

    /// Why the harvest was told to stop, if that is what ended it.
    #[must_use]
    pub fn stopped(&self) -> Option<StopReason> {
        match self {
            Self::Gather(GatherError::Stopped(reason)) | Self::Stopped(reason) => Some(*reason),
            Self::Store(CatalogError::LeaseLost(_)) => Some(StopReason::LeaseLost),
            Self::Store(CatalogError::Cancelled(_)) => Some(StopReason::Cancelled),
            _ => None,
        }
    }
}

/// An error and what lies behind it, in one line: the store's own words alone say little.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        line.push_str(": ");
        line.push_str(&current.to_string());
        cause = current.source();
    }
    line
}

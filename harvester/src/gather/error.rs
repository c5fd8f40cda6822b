//! Why a source could not be gathered.

use std::path::{Path, PathBuf};

use fairground_database::DatabaseError;
use fairground_standards::{Format, ReadError};

use super::Kind;
use crate::fetch::FetchError;
use crate::stop::StopReason;

/// Why a source could not be gathered. Nothing of it has been imported then.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A document could not be brought in.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came is no catalogue.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An agency's database could not be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// It is a catalogue, of another kind than the operator said.
    #[error("the source is said to be `{said}`, but what it sent is `{found}`")]
    OtherKind {
        /// What the source was registered as.
        said: Kind,
        /// What came.
        found: Format,
    },
    /// The address does not answer as CKAN does.
    #[error("`{url}` does not answer as CKAN's `package_search` does: {reason}")]
    NotCkan {
        /// The address.
        url: String,
        /// What it sent instead.
        reason: String,
    },
    /// CKAN refused in its own words.
    #[error("CKAN at `{url}` refused: {message}")]
    CkanRefused {
        /// The address.
        url: String,
        /// CKAN's message.
        message: String,
    },
    /// The same page came again.
    #[error("`{url}` sends the same records again at start={start}; it seems to ignore paging")]
    PagingStuck {
        /// The address.
        url: String,
        /// The page that repeats earlier ones.
        start: u64,
    },
    /// A repository that never gets to the end of its own list.
    #[error("`{url}` forgot its resumption token {times} times; the list never comes to its end")]
    TokensLost {
        /// The address.
        url: String,
        /// How often.
        times: usize,
    },
    /// More pages than any catalogue has.
    #[error("the source was not at its end after {limit} pages")]
    TooManyPages {
        /// The limit.
        limit: usize,
    },
    /// A page that is larger than a page may be.
    #[error("one page of `{url}` has {bytes} bytes, more than the {limit} that a page may have")]
    PageTooLarge {
        /// The address.
        url: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The job's own folder cannot be used.
    #[error("the spool at `{}` cannot be used: {source}", path.display())]
    Spool {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody asked to stop.
    #[error("the harvest was told to stop")]
    Stopped(StopReason),
}

impl GatherError {
    pub(super) fn spool(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Spool { path, source }
    }
}

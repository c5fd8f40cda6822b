//! What the protocol refuses (OAI-PMH 2.0, section 3.6).

use fairground_catalog::CatalogError;

/// An error condition of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OaiError {
    BadArgument(String),
    BadResumptionToken(&'static str),
    BadVerb(String),
    CannotDisseminateFormat(String),
    IdDoesNotExist(String),
    NoRecordsMatch,
}

impl OaiError {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::BadArgument(_) => "badArgument",
            Self::BadResumptionToken(_) => "badResumptionToken",
            Self::BadVerb(_) => "badVerb",
            Self::CannotDisseminateFormat(_) => "cannotDisseminateFormat",
            Self::IdDoesNotExist(_) => "idDoesNotExist",
            Self::NoRecordsMatch => "noRecordsMatch",
        }
    }

    /// What happened, for people.
    pub(super) fn text(&self) -> String {
        match self {
            Self::BadArgument(text) | Self::BadVerb(text) => text.clone(),
            Self::BadResumptionToken(text) => (*text).to_owned(),
            Self::CannotDisseminateFormat(prefix) => {
                format!("There is no metadata format {prefix} here: see ListMetadataFormats.")
            }
            Self::IdDoesNotExist(id) => format!("There is no item {id} here."),
            Self::NoRecordsMatch => "No record matches.".to_owned(),
        }
    }

    /// Whether the arguments can be told back: not when they are what is wrong.
    pub(super) const fn tells_arguments(&self) -> bool {
        !matches!(self, Self::BadVerb(_) | Self::BadArgument(_))
    }
}

/// Why a request is not served.
#[derive(Debug)]
pub(super) enum Refused {
    /// The protocol says so.
    Protocol(OaiError),
    /// The store failed.
    Store(CatalogError),
}

impl From<OaiError> for Refused {
    fn from(error: OaiError) -> Self {
        Self::Protocol(error)
    }
}

impl From<CatalogError> for Refused {
    fn from(error: CatalogError) -> Self {
        Self::Store(error)
    }
}

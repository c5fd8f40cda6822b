//! The pages that say what went wrong and what to do next.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;
use fairground_catalog::CatalogError;

use super::{Frame, answer_private_page};
use crate::words::Phrase;

/// Why a page cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// There is nothing at this address, or nothing that this reader may know of.
    #[error("there is nothing at this address")]
    NotFound,
    /// There was something, and it was withdrawn.
    #[error("this was withdrawn")]
    Gone,
    /// Nobody is signed in: the answer leads to the sign-in page.
    #[error("nobody is signed in")]
    SignInNeeded,
    /// The reader's role does not allow it, or a form came without its token.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// A form or query cannot be read.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// Too many tries; come back in so many seconds.
    #[error("too many requests, again in {0} s")]
    TooMany(u64),
    /// The portal cannot answer just now.
    #[error("unavailable")]
    Unavailable,
    /// Something that we did not foresee; the cause is for the log alone.
    #[error("internal: {0}")]
    Internal(String),
}

impl PageError {
    /// Its HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::SignInNeeded => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<CatalogError> for PageError {
    fn from(error: CatalogError) -> Self {
        use CatalogError as E;
        match error {
            E::NotFound { .. } => Self::NotFound,
            E::Withdrawn { .. } => Self::Gone,
            E::Taken { .. }
            | E::Invalid { .. }
            | E::WrongState { .. }
            | E::Tariff(_)
            | E::Announcement(_)
            | E::Exception(_)
            | E::WrongCredentials => Self::BadRequest(format!("{error}.")),
            E::Conflict(_) => Self::BadRequest(
                "Somebody else changed this meanwhile, and nothing of yours was done. Go back, reload the page and look again."
                    .to_owned(),
            ),
            E::WrongStage(_) => Self::BadRequest(format!("{error}.")),
            E::Forbidden(why) => Self::Forbidden(why),
            E::LeaseLost(_) | E::Cancelled(_) => Self::BadRequest(format!("{error}.")),
            E::StoreBusy | E::Connect { .. } => Self::Unavailable,
            E::Setting { .. }
            | E::Migration(_)
            | E::Corrupt { .. }
            | E::JournalBroken { .. }
            | E::File { .. }
            | E::Search(_)
            | E::Storage(_) => Self::Internal(chain(&error)),
        }
    }
}

/// An error and what caused it, in one line for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}

/// The page for a [`PageError`].
#[derive(Debug, Template)]
#[template(path = "layout/error.html")]
pub struct ErrorPage<'a> {
    frame: &'a Frame<'a>,
    error: &'a PageError,
}

impl<'a> ErrorPage<'a> {
    /// The page for that error.
    #[must_use]
    pub fn new(frame: &'a Frame<'a>, error: &'a PageError) -> Self {
        Self { frame, error }
    }

    /// The key of its title.
    fn title(&self) -> &'static str {
        match self.error {
            PageError::NotFound => "layout-error-not-found",
            PageError::Gone => "layout-error-gone",
            PageError::SignInNeeded => "layout-sign-in",
            PageError::Forbidden(_) => "layout-error-forbidden",
            PageError::BadRequest(_) => "layout-error-unreadable",
            PageError::TooMany(_) => "layout-error-too-many",
            PageError::Unavailable => "layout-error-unavailable",
            PageError::Internal(_) => "layout-error-internal",
        }
    }

    /// What it says below its title.
    fn text(&self) -> Phrase {
        let language = self.frame.language;
        match self.error {
            PageError::NotFound => language.t("layout-error-not-found-text"),
            PageError::Gone => language.t("layout-error-gone-text"),
            PageError::SignInNeeded => language.t("layout-error-sign-in-text").link("/sign-in"),
            PageError::Forbidden(_) => language.t("layout-error-forbidden-text"),
            PageError::BadRequest(_) => language.t("layout-error-unreadable-text"),
            PageError::TooMany(secs) => {
                let wait = language.span(*secs);
                language.t("layout-error-too-many-text").with("wait", wait).link("/transparency")
            }
            PageError::Unavailable => language.t("layout-error-unavailable-text"),
            PageError::Internal(_) => language.t("layout-error-internal-text"),
        }
    }

    /// What exactly was wrong, in the words of what refused it, which are English.
    fn detail(&self) -> Option<&str> {
        match self.error {
            PageError::Forbidden(why) => Some(why),
            PageError::BadRequest(why) => Some(why),
            _ => None,
        }
    }

    /// The answer, with `Retry-After` where waiting helps.
    #[must_use]
    pub fn answer(&self) -> HttpResponse {
        const UNAVAILABLE_RETRY_SECS: u64 = 10;
        let mut answer = answer_private_page(self.error.status(), self);
        let retry_secs = match self.error {
            PageError::TooMany(secs) => Some(*secs),
            PageError::Unavailable => Some(UNAVAILABLE_RETRY_SECS),
            _ => None,
        };
        if let Some(secs) = retry_secs {
            answer.headers_mut().insert(header::RETRY_AFTER, secs.into());
        }
        answer
    }
}

//! The catalogue's refusals, through the same table: one line per variant.

use fairground_catalog::{CatalogError, Conflict};
use fairground_domain::{AnnouncementRefused, ExceptionRefused};
use serde_json::json;

use super::{Fault, Problem, ProblemKind};

/// When to try again after the store had no connection free, in seconds.
const BUSY_RETRY_SECS: u64 = 1;

impl From<CatalogError> for Problem {
    fn from(error: CatalogError) -> Self {
        use CatalogError as E;
        let told = error.to_string();
        match error {
            E::NotFound { what, .. } => Self::not_found(what),
            E::Withdrawn { .. } => {
                Self::new(ProblemKind::Gone).detail(format!("{told}. Its history stays in /api/v1/changes."))
            }
            E::Taken { .. } => Self::new(ProblemKind::Taken).detail(told),
            E::Invalid { field, problem } => Self::new(ProblemKind::InvalidContent)
                .detail(told)
                .errors(vec![Fault::at(format!("/{field}"), problem)]),
            E::WrongState { .. } => Self::new(ProblemKind::Conflict).detail(told),
            E::WrongStage(_) => Self::new(ProblemKind::Conflict).detail(format!("{}.", told.trim_end_matches('.'))),
            E::Conflict(conflict) => {
                Self::new(ProblemKind::EditConflict).detail(told).current(what_is_there(&conflict))
            }
            E::Forbidden(_) => Self::new(ProblemKind::Forbidden).detail(told),
            E::WrongCredentials => Self::new(ProblemKind::SignInFailed),
            E::LeaseLost(_) | E::Cancelled(_) => Self::new(ProblemKind::Conflict).detail(told),
            E::Tariff(_) => Self::new(ProblemKind::InvalidContent).detail(told),
            E::Announcement(refused) => announcement(&refused).detail(told),
            E::Exception(refused) => {
                let fault = match refused {
                    ExceptionRefused::Field { field, problem } => Fault::at(format!("/{field}"), problem),
                    ExceptionRefused::TooLong => Fault::at("/ends_at", told.clone()),
                };
                Self::new(ProblemKind::InvalidContent).detail(told).errors(vec![fault])
            }
            E::StoreBusy | E::Connect { .. } => {
                Self::new(ProblemKind::Unavailable).retry_after(BUSY_RETRY_SECS).caused_by(error)
            }
            E::Setting { .. }
            | E::Migration(_)
            | E::Corrupt { .. }
            | E::JournalBroken { .. }
            | E::File { .. }
            | E::Search(_)
            | E::Storage(_) => Self::internal(error),
        }
    }
}

/// What somebody else saved, for whoever has to put both together.
fn what_is_there(conflict: &Conflict) -> serde_json::Value {
    json!({
        "what": conflict.what,
        "id": conflict.id,
        "expected": conflict.expected,
        "revision": conflict.found,
        "saved_by": conflict.saved_by,
        "saved_at": conflict.saved_at,
        "content": conflict.theirs,
        "changes": conflict.changes,
    })
}

fn announcement(refused: &AnnouncementRefused) -> Problem {
    match refused {
        AnnouncementRefused::TooSoon { .. } | AnnouncementRefused::Undercut { .. } => {
            Problem::new(ProblemKind::NoticeTooShort)
        }
        AnnouncementRefused::WrongNumber { .. } | AnnouncementRefused::SameInstant { .. } => {
            Problem::new(ProblemKind::Conflict)
        }
        AnnouncementRefused::InThePast(_) => {
            Problem::new(ProblemKind::InvalidContent).errors(vec![Fault::at("/valid_from", "must not lie in the past")])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_catalogue_has_its_problem() {
        let name = || "x".to_owned();
        for (error, kind) in [
            (CatalogError::NotFound { what: "dataset", name: name() }, ProblemKind::NotFound),
            (CatalogError::Withdrawn { what: "dataset", name: name() }, ProblemKind::Gone),
            (CatalogError::Taken { what: "source", name: name() }, ProblemKind::Taken),
            (CatalogError::Invalid { field: "email", problem: name() }, ProblemKind::InvalidContent),
            (CatalogError::WrongState { what: name(), state: name(), problem: "no" }, ProblemKind::Conflict),
            (CatalogError::Forbidden("no"), ProblemKind::Forbidden),
            (CatalogError::WrongCredentials, ProblemKind::SignInFailed),
            (CatalogError::StoreBusy, ProblemKind::Unavailable),
            (CatalogError::Migration(name()), ProblemKind::Internal),
            (CatalogError::JournalBroken { seq: 1, problem: "no" }, ProblemKind::Internal),
            (CatalogError::Setting { name: "x", problem: name() }, ProblemKind::Internal),
        ] {
            let told = error.to_string();
            assert_eq!(Problem::from(error).kind(), kind, "{told}");
        }
    }
}

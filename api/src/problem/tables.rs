//! The tables' refusals, through the same table: one line per variant.

use fairground_tables::TablesError;
use fairground_tables::intake::IntakeError;

use super::{Problem, ProblemKind};

/// When to try again after an answer was not ready in time, in seconds.
const TIMED_OUT_RETRY_SECS: u64 = 30;

impl From<TablesError> for Problem {
    fn from(error: TablesError) -> Self {
        use TablesError as E;
        let told = sentence(&error);
        match error {
            E::Unsuitable { .. } | E::SumTooLarge { .. } => Self::new(ProblemKind::Unsuitable).detail(told),
            E::TooManyRows { .. } | E::TooLarge { .. } => Self::new(ProblemKind::AnswerTooLarge).detail(told),
            E::TimedOut { .. } => Self::new(ProblemKind::TimedOut)
                .detail(format!("{told} Ask for fewer rows or groups, or narrow the filter."))
                .retry_after(TIMED_OUT_RETRY_SECS),
            E::Busy { retry_after_secs, .. } => {
                Self::new(ProblemKind::Overloaded).detail(told).retry_after(retry_after_secs)
            }
            E::Intake(IntakeError::Io(_) | IntakeError::Write(_)) => Self::internal(error),
            E::Intake(IntakeError::TooLarge { .. }) => Self::new(ProblemKind::PayloadTooLarge).detail(told),
            E::Intake(
                IntakeError::NotTabular { .. }
                | IntakeError::Broken { .. }
                | IntakeError::Protected { .. }
                | IntakeError::TooManyFaults { .. },
            ) => Self::new(ProblemKind::InvalidContent).detail(told),
            E::Cancelled | E::Intake(IntakeError::Cancelled) => {
                Self::new(ProblemKind::Unavailable).retry_after(1).caused_by(error)
            }
            E::UnknownSnapshot { .. }
            | E::Damaged { .. }
            | E::BadPlan { .. }
            | E::Io { .. }
            | E::Remote { .. }
            | E::Setting { .. }
            | E::Engine { .. } => Self::internal(error),
        }
    }
}

/// The error as a sentence of its own.
fn sentence(error: &TablesError) -> String {
    let told = error.to_string();
    let mut letters = told.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_tables_has_its_problem() {
        let key = fairground_domain::ContentHash::of(b"x");
        for (error, kind) in [
            (TablesError::Unsuitable { why: "no shapes".into() }, ProblemKind::Unsuitable),
            (TablesError::TooManyRows { format: "XLSX", rows: 2, limit: 1 }, ProblemKind::AnswerTooLarge),
            (TablesError::TooLarge { what: "the question", limit_bytes: 1 }, ProblemKind::AnswerTooLarge),
            (TablesError::TimedOut { limit_secs: 10 }, ProblemKind::TimedOut),
            (TablesError::Busy { what: "exports", retry_after_secs: 5 }, ProblemKind::Overloaded),
            (IntakeError::NotTabular { why: "x".into() }.into(), ProblemKind::InvalidContent),
            (IntakeError::TooLarge { what: "x".into(), limit: "1".into() }.into(), ProblemKind::PayloadTooLarge),
            (IntakeError::Write("x".into()).into(), ProblemKind::Internal),
            (TablesError::Cancelled, ProblemKind::Unavailable),
            (TablesError::UnknownSnapshot { key }, ProblemKind::Internal),
            (TablesError::BadPlan { why: "x".into() }, ProblemKind::Internal),
            (TablesError::SumTooLarge { column: "sum_x".into() }, ProblemKind::Unsuitable),
        ] {
            let told = error.to_string();
            assert_eq!(Problem::from(error).kind(), kind, "{told}");
        }
    }
}

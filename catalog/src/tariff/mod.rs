//! The tariff: its versions, what is in force, and who belongs on which plan.
//!
//! Enforcement takes its limits from [`in_force`] and from nothing else. A version, like an exception, counts only when the
//! journal holds an entry with its digest: a row that was written around the use cases here is not there for anybody.

mod plan;
mod publish;
mod store;

pub use plan::{
    Findings, GRACE_DAYS, Move, Notice, Reviewed, Standing, assign, evaluate, find_notice, last_review, review_due,
    review_plans,
};
pub use publish::{Draft, preview, publish};
pub use store::{
    announced_after, ensure, get_current, get_version, in_force, list_versions, next_change, versions_lately,
};

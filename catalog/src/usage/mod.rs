//! Usage sums and quota windows: what the meter and the limits keep in the store.

mod quota;
mod sums;

use serde::Serialize;

pub use quota::{QuotaWindow, give_back_quota, lease_quota, prune_quota};
pub use sums::{
    Applied, Period, Portion, UsageFilter, UsagePoint, UsageSum, apply, position, prune_minutes, series, total,
};

/// Usage in numbers: what the meter, the operator and the key owner see is this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UsageTotals {
    /// Answered calls, refusals included.
    pub requests: i64,
    /// Cost units of the calls that were admitted.
    pub units: i64,
    /// Content bytes of the answers.
    pub bytes: i64,
    /// Answers with a status of 500 or above.
    pub errors: i64,
    /// Calls refused by a limit; they cost nothing.
    pub denied: i64,
    /// Time spent on all answers, in microseconds.
    pub latency_micros: i64,
}

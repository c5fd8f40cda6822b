//! Usage sums, the ledger that they are held to, and quota windows: what the meter and the limits keep in the store.
//!
//! ```text
//! segments ─▶ apply ─┬▶ sums by minute, hour, day ─▶ report (owner, operator, agency, public)
//!                    └▶ ledger by segment and day ─▶ reconcile: recount = ledger = sums = what owners are told
//! ```

mod apply;
mod ledger;
mod popular;
mod public;
mod quota;
mod report;
mod retention;
mod service_level;
mod subject;
mod totals;

use fairground_domain::ApplicationId;

pub use apply::{Applied, Portion, Progress, UsageSum, apply, close_segment, list_progress, position};
pub use ledger::{
    DayRecount, PARTIES_CHECKED, Proof, Quarantined, Reconciliation, UnprovedSegment, compare_days, forget_quarantined,
    forget_segment, keep_comparisons, list_quarantined, list_reconciliations, list_retirable, list_unproved,
    note_quarantined, prove_segment, total_difference,
};
pub use popular::{MostUsed, most_used};
pub use public::{Folded, PublicRow, SMALLEST_GROUP, Suppressed, days_with_use, fold_small, public_day};
pub use quota::{QuotaWindow, give_back_quota, lease_quota, note_quota, prune_quota, store_clock};
pub use report::{
    Group, GroupBy, MAX_GROUPS, UsageQuery, UsageReport, UsageRow, UsageStep, Whose, last_summed, report,
};
pub use retention::{DAYS_OF_HOURS, DAYS_OF_MINUTES, DAYS_OF_POSITIONS, DAYS_OF_SEGMENTS, Pruned, prune_usage};
pub use service_level::{HarvestFreshness, LevelLine, RefusalLine, SERVICE_WINDOWS, ServiceLevel, service_level};
pub use subject::Subject;
pub use totals::{Period, UsageTotals};

/// Stands for all callers without a key together.
pub const KEYLESS_PARTY: i64 = 0;
/// Stands for everybody; its sums name no dataset.
const EVERYBODY: i64 = -1;
/// Stands for everybody, by dataset.
const EVERYBODY_BY_DATASET: i64 = -2;

/// The application that the portal's own pages call its API with, where they call it with a key. An application like any
/// other, on a plan like any other; only its usage is told apart, as the portal's own.
pub const PORTAL_APPLICATION: ApplicationId =
    ApplicationId::from_uuid(uuid::uuid!("00000000-0000-7000-8000-0000000fa1a6"));

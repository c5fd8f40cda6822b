//! Who may proceed: rates and quotas by plan and class, never by name.
//!
//! The engine sees a plan, an operation class, an opaque [`Party`] number and the time; its types cannot express who the
//! party is, so a private limit does not compile. Limits come from the [`Tariff`](fairground_domain::Tariff)
//! alone. The rate is a GCRA per (party, class) in memory; a quota is spent from leases that a shared [`QuotaStore`]
//! deducts beforehand, so that several nodes together admit what one would.
//!
//! ```text
//! admit ─▶ shard of the party ─▶ rate ok? ─▶ fewer under way than at once? ─▶ every quota covered by its lease?
//!                                               │ nearly spent: ask for more behind the caller's back
//!                                               │ spent: wait (bounded) for the store, then decide again
//!                                               └ charge all of it, or nothing; a permit counts the call as under way
//! ```
//!
//! What a call turns out to cost beyond its class's unit cost is charged by [`Admission::charge`] before the work begins.
//! [`Capacity`] bounds the work under way in the whole process, and lets those who wait in fairly, party by party.
//! Rates are reckoned by a clock that only runs forward, windows by the wall's or the store's: [`Moment`].
//!
//! # No private limits
//!
//! Whom a call belongs to can be said to the engine by an opaque number alone, and limits by a tariff alone:
//!
//! ```
//! # use fairground_admission::{Admission, Decision, Moment, Party, PlanRef};
//! # use fairground_domain::OperationClass;
//! async fn ask(engine: &Admission, plan: PlanRef, party: Party, now: Moment) -> Decision {
//!     engine.admit(plan, OperationClass::Rows, party, now).await
//! }
//! ```
//!
//! An application, an account or a name is no party,
//!
//! ```compile_fail
//! # use fairground_admission::{Admission, Decision, Moment, PlanRef};
//! # use fairground_domain::{ApplicationId, OperationClass};
//! async fn ask(engine: &Admission, plan: PlanRef, party: ApplicationId, now: Moment) -> Decision {
//!     engine.admit(plan, OperationClass::Rows, party, now).await
//! }
//! ```
//!
//! there is no place for a limit beside the plan,
//!
//! ```compile_fail
//! # use fairground_admission::{Admission, Decision, Moment, Party, PlanRef};
//! # use fairground_domain::{OperationClass, RateLimit};
//! async fn ask(engine: &Admission, plan: PlanRef, party: Party, now: Moment, own: RateLimit) -> Decision {
//!     engine.admit(plan, OperationClass::Rows, party, now, own).await
//! }
//! ```
//!
//! and no plan can be made up that is not in the tariff:
//!
//! ```compile_fail
//! # use fairground_admission::PlanRef;
//! let better_than_everybody = PlanRef(7);
//! ```
//!
//! What happens around it is the caller's: rendering refusals as problems, calling [`Admission::sweep`] every
//! [`SWEEP_EVERY`], and [`Admission::release_all`] at shutdown.

mod admission;
mod budget;
mod call;
mod capacity;
mod clock;
mod fields;
mod lease;
mod party;
mod permit;
mod queue;
mod rate;
mod shard;
mod standing;
mod store;
mod terms;

pub use admission::{Admission, AdmissionSettings, REMEMBERED_SECS, SWEEP_EVERY, SweepReport};
pub use budget::{EMERGENCY_FLOOR_UNITS, EMERGENCY_SHARE, IDLE_LEASE_SECS, LEASE_SHARE, emergency_allowance};
pub use capacity::{AGGREGATE_WEIGHT, Capacity, CapacitySettings, EXPORT_WEIGHT, Load, NoRoom, Slot};
pub use clock::{Clock, Moment};
pub use lease::STORE_WAIT;
pub use party::Party;
pub use permit::Permit;
pub use queue::{
    CALLS_QUEUED_PER_PARTY, FairQueue, Full, MAX_APPLICATIONS_QUEUED, MAX_CALLS_QUEUED, MAX_KEYLESS_QUEUED,
};
pub use shard::{REFUSAL_HELD_AT_MOST, REFUSALS_AT_ONCE, REFUSALS_PER_SEC};
pub use standing::{Decision, Refusal, RefusalReason, Standing};
pub use store::{Granted, LeaseRequest, MemoryStore, QuotaStore, StoreUnavailable};
pub use terms::PlanRef;

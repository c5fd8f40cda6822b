//! Who may proceed: rates and quotas by plan and class, never by name.
//!
//! The engine sees a plan, an operation class, an opaque [`Party`] number and the time; its types cannot express who the
//! party is, so a private limit does not compile. Limits come from the [`Tariff`](fairground_domain::Tariff)
//! alone. The rate is a GCRA per (party, class) in memory; a quota is spent from leases that a shared [`QuotaStore`]
//! deducts beforehand, so that several nodes together admit what one would.
//!
//! ```text
//! admit ─▶ shard of the party ─▶ rate ok? ─▶ every quota covered by its lease? ─▶ charge all of it, or nothing
//!                                               │ nearly spent: ask for more behind the caller's back
//!                                               └ spent: wait (bounded) for the store, then decide again
//! ```
//!
//! What happens around it is the caller's: rendering refusals as problems, calling [`Admission::sweep`] every
//! [`SWEEP_EVERY`], and [`Admission::release_all`] at shutdown.

mod admission;
mod budget;
mod call;
mod fields;
mod lease;
mod party;
mod rate;
mod shard;
mod standing;
mod store;
mod terms;

pub use admission::{Admission, AdmissionSettings, SWEEP_EVERY, SweepReport};
pub use budget::{EMERGENCY_FLOOR_UNITS, EMERGENCY_SHARE, IDLE_LEASE_SECS, LEASE_SHARE, emergency_allowance};
pub use lease::STORE_WAIT;
pub use party::Party;
pub use standing::{Decision, Refusal, RefusalReason, Standing};
pub use store::{Granted, LeaseRequest, MemoryStore, QuotaStore, StoreUnavailable};
pub use terms::PlanRef;

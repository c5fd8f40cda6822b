//! What people see and steer of harvests: who may add a source, how its records are mapped, who is told how its harvests ended,
//! and how it goes.
//!
//! The source itself and its jobs are [`crate::harvest`]'s. Here is what agencies and operators decide about them:
//! - **standing**: a source that an agency adds is proposed, and nothing is fetched of it until an operator approves it;
//! - **access** and **steps**: who sees and steers them, and each step with its entry of the audit ([`steer`]);
//! - **rules**: a versioned document of declarative mapping, applied to every record before it is checked;
//! - **contacts and reports**: a mailbox or a web address, and what it was told of which job;
//! - **removal**: gone for everybody at once, cleared away by a job in batches.

mod access;
mod change;
mod contact;
mod raw;
mod removal;
mod report;
mod rules;
mod sample;
mod standing;
pub mod steer;

pub use access::{
    SourceRights, get_managed, get_visible, get_visible_job, get_visible_removal, list_source_places, list_visible,
    list_visible_removals, manages_by_grant, source_rights,
};
pub use change::{SourceChange, change_source};
pub use contact::{
    ContactKind, MOST_CONTACTS, NewContact, Occasion, SourceContact, add_contact, list_contacts, remove_contact,
};
pub use raw::{RawOrphans, find_raw_orphans, remove_raw_orphans};
pub use removal::{
    DatasetsThen, RemovalJob, RemovalPayload, RemovalProgress, claim_next_removal, delete_source, find_removal,
    list_removals, remove_batch,
};
pub use report::{
    DueReport, HarvestReport, MAX_REPORT_ATTEMPTS, REPORT_HOLD_SECS, ReportKey, ReportState, hurry_reports,
    is_report_due, list_reports, put_off_report, report_delivered, report_failed, take_due_reports,
};
pub use rules::{RulesDocument, SourceRules, current_rules, list_rules_versions, save_rules};
pub use sample::{Mapped, get_record, last_raw_records, mapped_of, raw_of};
pub use standing::{SourceStanding, approve_source, find_standing, propose_source};

pub(crate) use report::queue_reports;
pub(crate) use standing::must_be_approved;

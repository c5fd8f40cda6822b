//! How good descriptions are, and whether their links answer: a follower of the journal that measures every public dataset,
//! and the turns in which links are asked.
//!
//! Points are a pure function of a description and of what is known of its links ([`fairground_domain::quality`]); what is kept
//! here is made from them and can be made again.

mod link;
mod measure;
mod report;

pub use link::{
    AFTER_FAILURE_SECS, BROKEN_AFTER, CHECK_EVERY_SECS, DueLink, Link, LinkOutcome, due_links, note_link,
    take_due_links,
};
pub use measure::{MEASURED_AT_ONCE, follow, is_behind};
pub use report::{DatasetQuality, QualitySummary, measured, of_dataset, of_portal, of_publisher};

//! What people ask the search for, and what they do not find: the need that publishers do not see otherwise.
//!
//! Questions are gathered in memory ([`Desk`]) and written down by day, as words and sums. Nobody is written down: all that is
//! kept of a caller is in which of eight lots the caller's number fell, which an eighth of the world has in common, so that
//! five lots are five callers at least. Words are shown to nobody before [`FEWEST_CALLERS`] lots asked for them on one day,
//! and those that never were are forgotten after [`DAYS_OF_RARE_WORDS`] days: what one person types may be about that
//! person.

mod desk;
mod store;

pub use desk::{Desk, MAX_WORDS_BYTES};
pub use store::{Need, list_popular, list_unmet, note, prune};

/// Callers who must have asked the same on one day before anybody is shown it.
pub const FEWEST_CALLERS: i64 = 5;
/// Datasets found, up to which a need counts as unmet.
pub const FEW_FOUND: i64 = 2;
/// Days after which words are forgotten that too few asked for …
pub const DAYS_OF_RARE_WORDS: i64 = 2;
/// … and all others.
pub const DAYS_OF_WORDS: i64 = 400;

/// One question, summed up over some callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The words, folded, one space between.
    pub words: String,
    /// How often they were asked.
    pub asked: i64,
    /// The lots that callers fell into, a bit each.
    pub lots: u8,
    /// Datasets found when they were asked last.
    pub found: i64,
    /// How often somebody asked for data that was not found.
    pub wished: i64,
}

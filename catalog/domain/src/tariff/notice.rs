//! How long before it takes effect a version must be public, and which one is in force when.
//!
//! At any moment that version is in force whose `valid_from` is the latest one reached. A new version is held against every
//! version that is in force between now and its own beginning, so that announcements cannot add up to a fall that one of
//! them could not bring; and every version announced for later is held against the new one, so that nobody loses an
//! improvement with less notice than a loss needs.

use serde::Serialize;

use super::compare::{Comparison, compare};
use super::{OperationClass, Tariff};
use crate::time::Timestamp;

/// Days of notice before anybody may lose.
pub const NOTICE_DAYS: u16 = 60;
/// Days of notice before a quota may fall by more than [`STEEP_FALL_PERCENT`](super::STEEP_FALL_PERCENT).
pub const LONG_NOTICE_DAYS: u16 = 90;
const DAY_SECS: i64 = 86_400;

/// Why a version cannot be announced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementRefused {
    /// Its number is not the next one.
    #[error("the next version is number {expected}, not {given}")]
    WrongNumber {
        /// The number that it must have.
        expected: u32,
        /// The number that it has.
        given: u32,
    },
    /// It would begin in the past.
    #[error("`valid_from` lies in the past: {0}")]
    InThePast(Timestamp),
    /// Another version begins at the same instant.
    #[error("version {version} is valid from {at} already: choose another moment")]
    SameInstant {
        /// The other version.
        version: u32,
        /// The instant.
        at: Timestamp,
    },
    /// Its notice is too short.
    #[error(
        "less favourable than version {against} ({first}): it needs {days} days of notice, so it can be valid from {earliest} \
         at the earliest"
    )]
    TooSoon {
        /// The version that somebody would miss.
        against: u32,
        /// The first thing that is worse.
        first: String,
        /// The notice that it needs, in days.
        days: u16,
        /// The first moment that it could be valid from.
        earliest: Timestamp,
    },
    /// A version that is announced for later would then come with too little notice.
    #[error(
        "version {announced}, announced for {at}, would be less favourable than this one ({first}) without {days} days of \
         notice: let this one begin after it"
    )]
    Undercut {
        /// The version that is announced.
        announced: u32,
        /// When it begins.
        at: Timestamp,
        /// The first thing that would be worse.
        first: String,
        /// The notice that it would need, in days.
        days: u16,
    },
}

impl Comparison {
    /// The days of notice that the newer version needs: 0, [`NOTICE_DAYS`] or [`LONG_NOTICE_DAYS`].
    #[must_use]
    pub fn notice_days(&self) -> u16 {
        match (self.is_steep(), self.is_worse()) {
            (true, _) => LONG_NOTICE_DAYS,
            (false, true) => NOTICE_DAYS,
            (false, false) => 0,
        }
    }

    /// The first thing that is worse, in a few words; the steepest one first.
    fn first_loss(&self) -> String {
        let worse = self.changes.iter().rev().filter(|change| change.effect == super::Effect::Worse);
        worse.max_by_key(|change| change.steep).map_or_else(String::new, |change| {
            let plan = change.plan.as_ref().map(|plan| format!("plan `{plan}`"));
            let class = change.class.map(|class| format!("class `{}`", OperationClass::as_str(class)));
            let place: Vec<String> =
                [plan, class, Some(change.aspect.as_str().to_owned())].into_iter().flatten().collect();
            place.join(", ")
        })
    }
}

/// What a version would mean if it were announced now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// Held against the version that is in force right before it begins.
    pub comparison: Comparison,
    /// The days of notice that it needs, against everything in force until it begins.
    pub notice_days: u16,
    /// The first moment that it may be valid from.
    pub earliest: Timestamp,
}

/// The version in force at a moment: the one with the latest `valid_from` that is not after it.
#[must_use]
pub fn in_force_at(versions: &[Tariff], at: Timestamp) -> Option<&Tariff> {
    versions.iter().filter(|version| version.valid_from <= at).max_by_key(|version| version.valid_from)
}

/// Everything in force at some moment from `from` on and before `until`.
fn in_force_between(versions: &[Tariff], from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Tariff> {
    let first = in_force_at(versions, from);
    versions.iter().filter(move |version| {
        (version.valid_from > from && version.valid_from < until)
            || first.is_some_and(|it| it.version == version.version)
    })
}

fn after_days(moment: Timestamp, days: u16) -> Timestamp {
    moment.plus_secs(i64::from(days) * DAY_SECS)
}

/// Judges whether `new` may be announced at `now` beside the versions that are there (in force, past and announced).
///
/// # Errors
/// Why it may not, with the moment from which it could be valid where there is one.
pub fn judge_announcement(
    versions: &[Tariff],
    new: &Tariff,
    now: Timestamp,
) -> Result<Announcement, AnnouncementRefused> {
    let expected = versions.iter().map(|version| version.version).max().unwrap_or(0).saturating_add(1);
    if new.version != expected {
        return Err(AnnouncementRefused::WrongNumber { expected, given: new.version });
    }
    if new.valid_from < now {
        return Err(AnnouncementRefused::InThePast(new.valid_from));
    }
    if let Some(same) = versions.iter().find(|version| version.valid_from == new.valid_from) {
        return Err(AnnouncementRefused::SameInstant { version: same.version, at: same.valid_from });
    }
    let mut announcement = Announcement { comparison: Comparison::none(new.version), notice_days: 0, earliest: now };
    for known in in_force_between(versions, now, new.valid_from) {
        let comparison = compare(known, new);
        let days = comparison.notice_days();
        let earliest = after_days(now, days);
        if new.valid_from < earliest {
            let (against, first) = (known.version, comparison.first_loss());
            return Err(AnnouncementRefused::TooSoon { against, first, days, earliest });
        }
        announcement.notice_days = announcement.notice_days.max(days);
        announcement.earliest = announcement.earliest.max(earliest);
        announcement.comparison = comparison;
    }
    if let Some(last) = in_force_at(versions, new.valid_from) {
        announcement.comparison = compare(last, new);
    }
    for later in versions.iter().filter(|version| version.valid_from > new.valid_from) {
        let comparison = compare(new, later);
        let days = comparison.notice_days();
        if later.valid_from < after_days(later.published_at, days) {
            let (announced, at, first) = (later.version, later.valid_from, comparison.first_loss());
            return Err(AnnouncementRefused::Undercut { announced, at, first, days });
        }
    }
    Ok(announcement)
}

impl Comparison {
    /// The first version there is: nobody can lose by it.
    #[must_use]
    pub const fn none(to: u32) -> Self {
        Self { from: 0, to, changes: Vec::new() }
    }
}

#[cfg(test)]
mod tests;

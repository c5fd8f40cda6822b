//! Who is to be written to because a quota is nearly or wholly used: each mark once for a window.
//!
//! What counts is what the shared counter has leased out, as it stands in the database: where another store counts, it notes
//! its figures there ([`crate::usage::note_quota`]). Nodes lease a little ahead of use, so a letter can come early by a lease,
//! and late by the pauses of the job and of those notes.

use diesel::prelude::*;
use fairground_domain::{QuotaPolicy, Tariff, Timestamp};

use super::Application;
use super::store::ApplicationRow;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::{applications, quota_letters, quota_use};

/// Percent of a quota at which its owner is written to.
pub const QUOTA_MARKS: [u8; 2] = [80, 100];
/// Most letters that one run writes; the next run goes on.
const MAX_A_RUN: i64 = 500;

/// A letter that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaWarning {
    /// Whose quota.
    pub application: Application,
    /// Which quota.
    pub policy: QuotaPolicy,
    /// The mark that was passed, in percent.
    pub percent: u8,
    /// When the window turns.
    pub resets_at: Timestamp,
    window_start: i64,
}

/// The letters that are due now.
///
/// # Errors
/// `Storage` when the database fails.
pub fn due_quota_letters(tx: &mut Tx<'_>, tariff: &Tariff) -> Result<Vec<QuotaWarning>, CatalogError> {
    let mut due = Vec::new();
    for plan in tariff.plans.iter().filter(|plan| plan.id.as_str() != Tariff::KEYLESS) {
        for policy in &plan.quotas {
            let Some(window_start) = window_start(policy, tx.now) else { continue };
            let length = i64::try_from(policy.window_secs).unwrap_or(i64::MAX);
            let resets_at = Timestamp::from_micros(0).plus_secs(window_start.saturating_add(length));
            for (percent, range) in marks(policy.quota) {
                for application in load_passed(tx, plan.id.as_str(), policy, window_start, percent, range)? {
                    due.push(QuotaWarning { application, policy: policy.clone(), percent, resets_at, window_start });
                }
            }
        }
    }
    Ok(due)
}

/// As [`due_quota_letters`], noting that they are written: for the transaction that queues them. However many processes look,
/// each mark is written of once, for they wait for each other here.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due_quota_letters(tx: &mut Tx<'_>, tariff: &Tariff) -> Result<Vec<QuotaWarning>, CatalogError> {
    journal::take_pen(tx)?;
    let due = due_quota_letters(tx, tariff)?;
    note(tx, &due)?;
    Ok(due)
}

/// Each mark with the units at which it, and no higher one, is passed: from, and up to but not including.
fn marks(quota: u64) -> Vec<(u8, (i64, i64))> {
    let units =
        |percent: u8| i64::try_from((u128::from(quota) * u128::from(percent)).div_ceil(100)).unwrap_or(i64::MAX);
    let ends = QUOTA_MARKS.into_iter().skip(1).map(units).chain([i64::MAX]);
    QUOTA_MARKS.into_iter().zip(ends).map(|(percent, end)| (percent, (units(percent), end))).collect()
}

fn window_start(policy: &QuotaPolicy, now: Timestamp) -> Option<i64> {
    let length = i64::try_from(policy.window_secs).ok().filter(|length| *length > 0)?;
    Some(now.as_secs().div_euclid(length) * length)
}

/// Applications on the plan whose use lies in the range, whose owners want letters, and who have had none for that mark.
fn load_passed(
    tx: &mut Tx<'_>,
    plan: &str,
    policy: &QuotaPolicy,
    window_start: i64,
    percent: u8,
    (from, to): (i64, i64),
) -> Result<Vec<Application>, CatalogError> {
    let written = quota_letters::table
        .filter(quota_letters::policy.eq(&policy.name))
        .filter(quota_letters::window_start.eq(window_start))
        .filter(quota_letters::percent.ge(i32::from(percent)))
        .select(quota_letters::party);
    let rows: Vec<ApplicationRow> = quota_use::table
        .inner_join(applications::table.on(applications::number.eq(quota_use::party)))
        .filter(quota_use::policy.eq(&policy.name))
        .filter(quota_use::window_start.eq(window_start))
        .filter(quota_use::used.ge(from))
        .filter(quota_use::used.lt(to))
        .filter(quota_use::party.ne_all(written))
        .filter(applications::plan.eq(plan))
        .filter(applications::quota_letters.eq(true))
        .filter(applications::closed_at.is_null())
        .order(applications::number)
        .limit(MAX_A_RUN)
        .select(ApplicationRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Notes that letters were written. Forgets notes of windows that began long ago.
fn note(tx: &mut Tx<'_>, written: &[QuotaWarning]) -> Result<(), CatalogError> {
    /// How long notes are kept, in seconds: longer than any window is.
    const KEEP_SECS: i64 = 400 * 86_400;
    for one in written {
        diesel::insert_into(quota_letters::table)
            .values((
                quota_letters::party.eq(one.application.number),
                quota_letters::policy.eq(&one.policy.name),
                quota_letters::window_start.eq(one.window_start),
                quota_letters::percent.eq(i32::from(one.percent)),
                quota_letters::written_at.eq(tx.now.as_micros()),
            ))
            .execute(tx.conn)?;
    }
    if !written.is_empty() {
        let before = tx.now.plus_secs(-KEEP_SECS).as_secs();
        diesel::delete(quota_letters::table.filter(quota_letters::window_start.lt(before))).execute(tx.conn)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::marks;

    #[test]
    fn every_use_from_the_lowest_mark_on_has_one_mark() {
        for (quota, used, expected) in [
            (100, 0, None),
            (100, 79, None),
            (100, 80, Some(80)),
            (100, 99, Some(80)),
            (100, 100, Some(100)),
            (100, 250, Some(100)),
            (5, 4, Some(80)),
            (7, 5, None),
            (1, 1, Some(100)),
            (u64::MAX, i64::MAX - 1, None),
        ] {
            let passed: Vec<u8> = marks(quota)
                .into_iter()
                .filter(|(_, (from, to))| (*from..*to).contains(&used))
                .map(|(percent, _)| percent)
                .collect();
            assert_eq!(passed, expected.into_iter().collect::<Vec<_>>(), "{used} of {quota}");
        }
    }
}

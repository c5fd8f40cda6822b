//! Who is to be written to because a quota is nearly or wholly used: each mark once for a window.
//!
//! What counts is what the shared counter has leased out. Nodes lease a little ahead of use, so a letter can come early by a
//! lease, and never late by more than the job's pause.

use diesel::prelude::*;
use fairground_domain::{QuotaPolicy, Tariff, Timestamp};

use super::Application;
use super::store::ApplicationRow;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{applications, quota_letters, quota_use};

/// Percent of a quota at which its owner is written to.
pub const QUOTA_MARKS: [u8; 2] = [80, 100];
/// Most letters that one run writes; the next run goes on.
const MAX_A_RUN: i64 = 500;

/// What the counter has given out of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The application's number.
    pub party: i64,
    /// The policy's name.
    pub policy: String,
    /// The window's first second since 1970.
    pub window_start: i64,
    /// Units given out.
    pub used: i64,
}

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

/// The letters that are due now. `counted` is what a counter outside the database has given out; `None`: the database counts.
///
/// # Errors
/// `Storage` when the database fails.
pub fn due_quota_letters(
    tx: &mut Tx<'_>,
    tariff: &Tariff,
    counted: Option<&[Spent]>,
) -> Result<Vec<QuotaWarning>, CatalogError> {
    let mut due = Vec::new();
    for plan in tariff.plans.iter().filter(|plan| plan.id.as_str() != Tariff::KEYLESS) {
        for policy in &plan.quotas {
            let Some(window_start) = window_start(policy, tx.now) else { continue };
            let spent = match counted {
                None => load_spent(tx, policy, window_start)?,
                Some(counted) => counted
                    .iter()
                    .filter(|one| one.policy == policy.name && one.window_start == window_start)
                    .cloned()
                    .collect(),
            };
            for one in spent {
                let Some(percent) = mark(one.used, policy.quota) else { continue };
                let written: i64 = quota_letters::table
                    .filter(quota_letters::party.eq(one.party))
                    .filter(quota_letters::policy.eq(&policy.name))
                    .filter(quota_letters::window_start.eq(window_start))
                    .filter(quota_letters::percent.ge(i32::from(percent)))
                    .count()
                    .get_result(tx.conn)?;
                let application = wants_letters(tx, one.party, plan.id.as_str())?;
                if let (0, Some(application)) = (written, application) {
                    let length = i64::try_from(policy.window_secs).unwrap_or(i64::MAX);
                    let resets_at = Timestamp::from_micros(0).plus_secs(window_start.saturating_add(length));
                    due.push(QuotaWarning { application, policy: policy.clone(), percent, resets_at, window_start });
                }
            }
        }
    }
    Ok(due)
}

/// The highest mark that a use has passed.
fn mark(used: i64, quota: u64) -> Option<u8> {
    let (used, quota) = (u128::try_from(used).ok()?, u128::from(quota));
    QUOTA_MARKS.into_iter().rev().find(|percent| used * 100 >= quota * u128::from(*percent))
}

fn window_start(policy: &QuotaPolicy, now: Timestamp) -> Option<i64> {
    let length = i64::try_from(policy.window_secs).ok().filter(|length| *length > 0)?;
    Some(now.as_secs().div_euclid(length) * length)
}

/// What the database has counted above the lowest mark, where the higher one has not been written of.
fn load_spent(tx: &mut Tx<'_>, policy: &QuotaPolicy, window_start: i64) -> Result<Vec<Spent>, CatalogError> {
    let lowest = QUOTA_MARKS.into_iter().min().unwrap_or(100);
    let least = i64::try_from(u128::from(policy.quota) * u128::from(lowest) / 100).unwrap_or(i64::MAX);
    let done = quota_letters::table
        .filter(quota_letters::policy.eq(&policy.name))
        .filter(quota_letters::window_start.eq(window_start))
        .filter(quota_letters::percent.eq(100))
        .select(quota_letters::party);
    let rows: Vec<(i64, i64)> = quota_use::table
        .filter(quota_use::policy.eq(&policy.name))
        .filter(quota_use::window_start.eq(window_start))
        .filter(quota_use::used.ge(least))
        .filter(quota_use::party.ne_all(done))
        .order(quota_use::used.desc())
        .limit(MAX_A_RUN)
        .select((quota_use::party, quota_use::used))
        .load(tx.conn)?;
    let spent = |(party, used)| Spent { party, policy: policy.name.clone(), window_start, used };
    Ok(rows.into_iter().map(spent).collect())
}

/// The application of that number, if it is on the plan and its owner wants letters.
fn wants_letters(tx: &mut Tx<'_>, party: i64, plan: &str) -> Result<Option<Application>, CatalogError> {
    applications::table
        .find(party)
        .filter(applications::plan.eq(plan))
        .filter(applications::quota_letters.eq(true))
        .filter(applications::closed_at.is_null())
        .filter(applications::email.ne(""))
        .select(ApplicationRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(Application::try_from)
        .transpose()
}

/// Notes that a letter was written, in the transaction that queues it. Forgets notes of windows that began long ago.
///
/// # Errors
/// `Storage` when the database fails, or when another process has written it meanwhile.
pub fn note_quota_letters(tx: &mut Tx<'_>, written: &[QuotaWarning]) -> Result<(), CatalogError> {
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
    use super::mark;

    #[test]
    fn the_highest_mark_that_was_passed_counts() {
        for (used, quota, expected) in [
            (0, 100, None),
            (79, 100, None),
            (80, 100, Some(80)),
            (99, 100, Some(80)),
            (100, 100, Some(100)),
            (250, 100, Some(100)),
            (4, 5, Some(80)),
            (-1, 100, None),
            (i64::MAX, u64::MAX, None),
        ] {
            assert_eq!(mark(used, quota), expected, "{used} of {quota}");
        }
    }
}

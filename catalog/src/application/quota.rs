//! Who is to be written to because a quota is nearly or wholly used: each mark once for a window.
//!
//! What counts is what the shared counter has leased out, as it stands in the database: where another store counts, it notes
//! its figures there ([`crate::usage::note_quota`]). Nodes lease a little ahead of use, so a letter can come early by a lease,
//! and late by the pauses of the job and of those notes.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Bool;
use fairground_domain::{QuotaPolicy, Tariff, Timestamp};

use super::Application;
use super::store::ApplicationRow;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::{alert_marks, applications, quota_letters, quota_use};

/// Percent of a quota at which an owner is written to who has chosen nothing else.
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
    let marks = marks_in_use(tx)?;
    let mut due: Vec<QuotaWarning> = Vec::new();
    for plan in tariff.plans.iter().filter(|plan| plan.id.as_str() != Tariff::KEYLESS) {
        for policy in &plan.quotas {
            let Some(window_start) = window_start(policy, tx.now) else { continue };
            let length = i64::try_from(policy.window_secs).unwrap_or(i64::MAX);
            let resets_at = Timestamp::from_micros(0).plus_secs(window_start.saturating_add(length));
            // The highest first: who has passed several marks is written to of the highest alone.
            let mut told: BTreeSet<i64> = BTreeSet::new();
            for percent in marks.iter().rev().copied() {
                let passed = load_passed(tx, plan.id.as_str(), policy, window_start, percent)?;
                let is_cut = passed.len() >= usize::try_from(MAX_A_RUN).unwrap_or(usize::MAX);
                for application in passed.into_iter().filter(|application| told.insert(application.number)) {
                    due.push(QuotaWarning { application, policy: policy.clone(), percent, resets_at, window_start });
                }
                if is_cut {
                    break;
                }
            }
        }
    }
    Ok(due)
}

/// The marks that anybody has, ascending.
fn marks_in_use(tx: &mut Tx<'_>) -> Result<Vec<u8>, CatalogError> {
    let chosen: Vec<i32> = alert_marks::table.select(alert_marks::percent).distinct().load(tx.conn)?;
    let chosen = chosen
        .into_iter()
        .map(|percent| u8::try_from(percent).map_err(|error| CatalogError::corrupt("mark of a quota", error)));
    let all: BTreeSet<u8> = chosen.chain(QUOTA_MARKS.map(Ok)).collect::<Result<_, _>>()?;
    Ok(all.into_iter().collect())
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

/// The units of a quota at which a mark is passed.
fn units(quota: u64, percent: u8) -> i64 {
    i64::try_from((u128::from(quota) * u128::from(percent)).div_ceil(100)).unwrap_or(i64::MAX)
}

fn window_start(policy: &QuotaPolicy, now: Timestamp) -> Option<i64> {
    let length = i64::try_from(policy.window_secs).ok().filter(|length| *length > 0)?;
    Some(now.as_secs().div_euclid(length) * length)
}

/// Applications on the plan whose use has passed a mark of theirs, whose owners want letters, and who have had none for that mark
/// or a higher one.
fn load_passed(
    tx: &mut Tx<'_>,
    plan: &str,
    policy: &QuotaPolicy,
    window_start: i64,
    percent: u8,
) -> Result<Vec<Application>, CatalogError> {
    let written = quota_letters::table
        .filter(quota_letters::policy.eq(&policy.name))
        .filter(quota_letters::window_start.eq(window_start))
        .filter(quota_letters::percent.ge(i32::from(percent)))
        .select(quota_letters::party);
    let with_this_mark =
        alert_marks::table.filter(alert_marks::percent.eq(i32::from(percent))).select(alert_marks::party);
    let with_marks_of_their_own = alert_marks::table.select(alert_marks::party);
    let is_usual = QUOTA_MARKS.contains(&percent);
    let rows: Vec<ApplicationRow> = quota_use::table
        .inner_join(applications::table.on(applications::number.eq(quota_use::party)))
        .filter(quota_use::policy.eq(&policy.name))
        .filter(quota_use::window_start.eq(window_start))
        .filter(quota_use::used.ge(units(policy.quota, percent)))
        .filter(quota_use::party.ne_all(written))
        .filter(
            applications::number
                .eq_any(with_this_mark)
                .or(is_usual.into_sql::<Bool>().and(applications::number.ne_all(with_marks_of_their_own))),
        )
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
    use super::units;

    #[test]
    fn a_mark_is_passed_at_the_first_unit_that_is_not_below_its_share() {
        for (quota, percent, expected) in [
            (100, 80, 80),
            (100, 100, 100),
            (5, 80, 4),
            (7, 80, 6),
            (1, 80, 1),
            (1_000, 5, 50),
            (u64::MAX, 80, i64::MAX),
        ] {
            assert_eq!(units(quota, percent), expected, "{percent} % of {quota}");
        }
    }
}

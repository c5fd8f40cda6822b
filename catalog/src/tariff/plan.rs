//! Who belongs on which plan: the published rules, evaluated daily and after each change of the tariff.
//!
//! An application that meets a better plan's rule is lifted at once. One that does not meet its own plan's rule any more is
//! told, and moves [`GRACE_DAYS`] days later unless it meets the rule again meanwhile. A plan given by hand holds for the same
//! time and stands in the public register; then its rule decides, as for everybody.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use fairground_domain::{
    Eligibility, Figures, Plan, PlanId, RULE_DAYS, Tariff, Timestamp, Verdict, is_no_worse_plan, plan_by_rule,
    units_needed,
};
use serde_json::{Value, json};

use super::store::{corrupt, versions_lately};
use crate::application::{self, Application};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::register;
use crate::schema::{applications, plan_notices, plan_reviews};

/// Days between the letter and the move to a plan that gives less, and that a plan given by hand holds.
pub const GRACE_DAYS: i64 = 30;
const DAY_SECS: i64 = 86_400;
/// The length of a day's sum, as usage sums name it.
const DAY_PERIOD: i64 = 86_400;
/// Applications read in one go.
const PAGE: i64 = 1_000;

/// That an application moves, unless it meets its plan's rule again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The plan whose rule it does not meet.
    pub plan: PlanId,
    /// Where it goes.
    pub next_plan: PlanId,
    /// When it was told.
    pub announced_at: Timestamp,
    /// When it moves.
    pub takes_effect_at: Timestamp,
}

/// How an application stands to every plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The version of the tariff whose rules were evaluated.
    pub version: u32,
    /// The first day that was looked at.
    pub from: Timestamp,
    /// The end of the last day that was looked at.
    pub to: Timestamp,
    /// Units used on days with use, oldest first: each day's beginning and its units.
    pub days: Vec<(Timestamp, u64)>,
    /// Every plan for keys with its rule's verdict, in the tariff's order.
    pub plans: Vec<(Plan, Verdict)>,
    /// Where the rules put the application.
    pub belongs: PlanId,
    /// A move that is announced.
    pub notice: Option<Notice>,
}

/// One application's move, done or announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The application, as it was.
    pub application: Application,
    /// Its plan from then on.
    pub to: PlanId,
    /// When: in the future for one that is announced.
    pub at: Timestamp,
    /// How the present plan's rule was decided; `None` when the plan is gone.
    pub verdict: Option<Verdict>,
}

/// What a review came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviewed {
    /// Applications looked at.
    pub reviewed: i64,
    /// Moves that were done.
    pub moved: Vec<Move>,
    /// Moves that were announced.
    pub announced: Vec<Move>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_notices)]
struct NoticeRow {
    application: i64,
    plan: String,
    next_plan: String,
    announced_at: i64,
    takes_effect_at: i64,
}

impl TryFrom<NoticeRow> for Notice {
    type Error = CatalogError;

    fn try_from(row: NoticeRow) -> Result<Self, CatalogError> {
        Ok(Self {
            plan: row.plan.parse().map_err(corrupt)?,
            next_plan: row.next_plan.parse().map_err(corrupt)?,
            announced_at: Timestamp::from_micros(row.announced_at),
            takes_effect_at: Timestamp::from_micros(row.takes_effect_at),
        })
    }
}

#[derive(Debug, QueryableByName)]
struct DayRow {
    #[diesel(sql_type = BigInt)]
    party: i64,
    #[diesel(sql_type = BigInt)]
    starts_at: i64,
    #[diesel(sql_type = BigInt)]
    units: i64,
}

/// The whole days that rules look at, in seconds since 1970: the last [`RULE_DAYS`] before the day of `now`.
fn window(now: Timestamp) -> (i64, i64) {
    let today = now.as_secs() - now.as_secs().rem_euclid(DAY_SECS);
    (today - i64::from(RULE_DAYS) * DAY_SECS, today)
}

/// Units by party and day, of the parties from `low` to `high`, on days with at least `least`.
fn units_by_day(
    tx: &mut Tx<'_>,
    (low, high): (i64, i64),
    (from, to): (i64, i64),
    least: i64,
) -> Result<Vec<DayRow>, CatalogError> {
    Ok(diesel::sql_query(
        "SELECT party, starts_at, CAST(SUM(units) AS BIGINT) AS units FROM usage_sums \
         WHERE period = $1 AND party >= $2 AND party <= $3 AND starts_at >= $4 AND starts_at < $5 \
         GROUP BY party, starts_at HAVING SUM(units) >= $6 ORDER BY party, starts_at",
    )
    .bind::<BigInt, _>(DAY_PERIOD)
    .bind::<BigInt, _>(low)
    .bind::<BigInt, _>(high)
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(to)
    .bind::<BigInt, _>(least)
    .load(tx.conn)?)
}

fn units_of(row: &DayRow) -> u64 {
    u64::try_from(row.units).unwrap_or(0)
}

/// Evaluates every plan's rule for an application, by its own figures.
///
/// # Errors
/// `Storage` when the database fails.
pub fn evaluate(tx: &mut Tx<'_>, application: &Application) -> Result<Standing, CatalogError> {
    let versions = versions_lately(tx)?;
    let (from, to) = window(tx.now);
    let rows = units_by_day(tx, (application.number, application.number), (from, to), 1)?;
    let figures =
        Figures { verified: application.verified_at.is_some(), units_by_day: rows.iter().map(units_of).collect() };
    let current = versions.first().ok_or_else(|| CatalogError::not_found("tariff", "in force"))?;
    let for_keys = current.plans.iter().filter(|plan| plan.id.as_str() != Tariff::KEYLESS);
    Ok(Standing {
        version: current.version,
        from: Timestamp::from_micros(0).plus_secs(from),
        to: Timestamp::from_micros(0).plus_secs(to),
        days: rows.iter().map(|row| (Timestamp::from_micros(0).plus_secs(row.starts_at), units_of(row))).collect(),
        plans: for_keys.map(|plan| (plan.clone(), plan.eligibility.judge(&versions, &figures))).collect(),
        belongs: belongs(&versions, application, &figures)?,
        notice: find_notice(tx, application.number)?,
    })
}

fn belongs(versions: &[Tariff], application: &Application, figures: &Figures) -> Result<PlanId, CatalogError> {
    plan_by_rule(versions, application.plan.as_str(), figures)
        .map(|plan| plan.id.clone())
        .ok_or_else(|| CatalogError::not_found("plan", "whose rule holds"))
}

/// The move that is announced for an application, by its number.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_notice(tx: &mut Tx<'_>, application: i64) -> Result<Option<Notice>, CatalogError> {
    let row: Option<NoticeRow> =
        plan_notices::table.find(application).select(NoticeRow::as_select()).first(tx.conn).optional()?;
    row.map(Notice::try_from).transpose()
}

/// Puts an application on a plan by hand. Where the plan's rule holds, that is a move like any other; where it does not, it
/// stands in the public register with its reason, and the rule decides again after [`GRACE_DAYS`].
///
/// # Errors
/// `Invalid` when the tariff has no such plan for keys, or for a bad reason; `NotFound` for the application.
pub fn assign(
    tx: &mut Tx<'_>,
    application: &Application,
    plan: &PlanId,
    reason: &str,
    actor: &str,
) -> Result<(), CatalogError> {
    if application.plan == *plan {
        return Ok(());
    }
    let standing = evaluate(tx, application)?;
    let verdict = standing.plans.iter().find(|(known, _)| known.id == *plan).map(|(_, verdict)| verdict.clone());
    let by_rule = verdict.as_ref().is_some_and(|verdict| verdict.holds);
    let payload = json!({ "plan": plan, "from": application.plan, "by_hand": !by_rule, "rule": verdict });
    application::move_to_plan(tx, application.id, plan, actor, payload)?;
    if by_rule {
        return Ok(());
    }
    let until = tx.now.plus_secs(GRACE_DAYS * DAY_SECS);
    register::record_assignment(tx, application.number, plan.clone(), reason, until, actor)?;
    put_notice(tx, application.number, plan, &standing.belongs, until)
}

fn put_notice(
    tx: &mut Tx<'_>,
    application: i64,
    plan: &PlanId,
    next_plan: &PlanId,
    takes_effect_at: Timestamp,
) -> Result<(), CatalogError> {
    drop_notice(tx, application)?;
    let row = NoticeRow {
        application,
        plan: plan.to_string(),
        next_plan: next_plan.to_string(),
        announced_at: tx.now.as_micros(),
        takes_effect_at: takes_effect_at.as_micros(),
    };
    diesel::insert_into(plan_notices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

fn drop_notice(tx: &mut Tx<'_>, application: i64) -> Result<(), CatalogError> {
    diesel::delete(plan_notices::table.find(application)).execute(tx.conn)?;
    Ok(())
}

/// What a review begins with: read without holding anybody up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    day: i64,
    versions: Vec<Tariff>,
    use_by_party: BTreeMap<i64, Vec<u64>>,
    candidates: BTreeSet<i64>,
}

/// What there is to review; `None` when this day and this version of the tariff have been reviewed.
///
/// # Errors
/// `Storage` when the database fails.
pub fn review_due(tx: &mut Tx<'_>) -> Result<Option<Findings>, CatalogError> {
    let versions = versions_lately(tx)?;
    let Some(current) = versions.first() else { return Ok(None) };
    let (from, to) = window(tx.now);
    if was_reviewed(tx, to, current.version)? {
        return Ok(None);
    }
    let least = current.plans.iter().filter_map(|plan| least_units(&versions, plan)).min();
    let mut use_by_party: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    if let Some(least) = least {
        let least = i64::try_from(least).unwrap_or(i64::MAX);
        for row in units_by_day(tx, (1, i64::MAX), (from, to), least)? {
            use_by_party.entry(row.party).or_default().push(units_of(&row));
        }
    }
    let mut candidates: BTreeSet<i64> = use_by_party.keys().copied().collect();
    candidates.extend(list_to_doubt(tx, current)?);
    Ok(Some(Findings { day: to, versions, use_by_party, candidates }))
}

/// Units that a day must reach for a plan's rule, where it looks at use.
fn least_units(versions: &[Tariff], plan: &Plan) -> Option<u64> {
    match &plan.eligibility {
        Eligibility::SustainedUse { of_plan, share_percent, .. } => {
            units_needed(versions, of_plan.as_str(), *share_percent)
        }
        Eligibility::Anyone | Eligibility::AnyApplication | Eligibility::VerifiedAddress => None,
    }
}

/// Applications that may not belong where they are: on a plan that is gone or that looks at use, not confirmed on one that
/// wants it, confirmed on one that does not, or about to move.
fn list_to_doubt(tx: &mut Tx<'_>, tariff: &Tariff) -> Result<Vec<i64>, CatalogError> {
    let of_rule = |wanted: fn(&Eligibility) -> bool| -> Vec<&str> {
        tariff.plans.iter().filter(|plan| wanted(&plan.eligibility)).map(|plan| plan.id.as_str()).collect()
    };
    let for_all = of_rule(|rule| matches!(rule, Eligibility::AnyApplication | Eligibility::Anyone));
    let for_verified = of_rule(|rule| matches!(rule, Eligibility::VerifiedAddress));
    let settled = applications::plan
        .eq_any(for_all.clone())
        .and(applications::verified_at.is_null())
        .or(applications::plan.eq_any(for_verified.clone()).and(applications::verified_at.is_not_null()));
    let mut found: Vec<i64> = plan_notices::table.select(plan_notices::application).load(tx.conn)?;
    let mut after = 0;
    loop {
        let page: Vec<i64> = applications::table
            .filter(applications::number.gt(after))
            .filter(applications::closed_at.is_null())
            .filter(diesel::dsl::not(settled.clone()))
            .order(applications::number)
            .limit(PAGE)
            .select(applications::number)
            .load(tx.conn)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = *last;
        found.extend(page);
    }
}

fn was_reviewed(tx: &mut Tx<'_>, day: i64, version: u32) -> Result<bool, CatalogError> {
    let version = i32::try_from(version).map_err(corrupt)?;
    let found: i64 = plan_reviews::table
        .filter(plan_reviews::day.eq(day))
        .filter(plan_reviews::tariff_version.eq(version))
        .count()
        .get_result(tx.conn)?;
    Ok(found > 0)
}

/// When plans were last reviewed.
///
/// # Errors
/// `Storage` when the database fails.
pub fn last_review(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, CatalogError> {
    let last: Option<i64> = plan_reviews::table.select(diesel::dsl::max(plan_reviews::ran_at)).first(tx.conn)?;
    Ok(last.map(Timestamp::from_micros))
}

/// Moves and announces what the rules say, once for a day and a version of the tariff.
///
/// # Errors
/// `Storage` when the database fails; then nothing has been done.
pub fn review_plans(tx: &mut Tx<'_>, findings: &Findings) -> Result<Reviewed, CatalogError> {
    journal::take_pen(tx)?;
    let Some(current) = findings.versions.first() else { return Ok(Reviewed::default()) };
    let mut reviewed = Reviewed::default();
    if was_reviewed(tx, findings.day, current.version)? {
        return Ok(reviewed);
    }
    for number in &findings.candidates {
        let Some(application) = application::find_by_number(tx, *number)? else { continue };
        if application.closed_at.is_some() {
            drop_notice(tx, *number)?;
            continue;
        }
        reviewed.reviewed += 1;
        let figures = Figures {
            verified: application.verified_at.is_some(),
            units_by_day: findings.use_by_party.get(number).cloned().unwrap_or_default(),
        };
        review_one(tx, &findings.versions, application, &figures, &mut reviewed)?;
    }
    let count = |moves: &[Move]| i64::try_from(moves.len()).unwrap_or(i64::MAX);
    diesel::insert_into(plan_reviews::table)
        .values((
            plan_reviews::day.eq(findings.day),
            plan_reviews::tariff_version.eq(i32::try_from(current.version).map_err(corrupt)?),
            plan_reviews::ran_at.eq(tx.now.as_micros()),
            plan_reviews::reviewed.eq(reviewed.reviewed),
            plan_reviews::moved.eq(count(&reviewed.moved)),
            plan_reviews::announced.eq(count(&reviewed.announced)),
        ))
        .execute(tx.conn)?;
    Ok(reviewed)
}

fn review_one(
    tx: &mut Tx<'_>,
    versions: &[Tariff],
    application: Application,
    figures: &Figures,
    reviewed: &mut Reviewed,
) -> Result<(), CatalogError> {
    let Some(tariff) = versions.first() else { return Ok(()) };
    let next = belongs(versions, &application, figures)?;
    if next == application.plan {
        return drop_notice(tx, application.number);
    }
    let own = tariff.plan(application.plan.as_str());
    let verdict = own.map(|plan| plan.eligibility.judge(versions, figures));
    let takes_something_away =
        own.zip(tariff.plan(next.as_str())).is_some_and(|(from, to)| !is_no_worse_plan(tariff, from, to));
    let known = find_notice(tx, application.number)?.filter(|notice| notice.plan == application.plan);
    let is_new = known.is_none();
    let at = match known {
        _ if !takes_something_away => tx.now,
        Some(notice) => notice.takes_effect_at,
        None => tx.now.plus_secs(GRACE_DAYS * DAY_SECS),
    };
    let payload = json!({ "plan": next, "from": application.plan, "rule": verdict, "at": at });
    if at <= tx.now {
        application::move_to_plan(tx, application.id, &next, "portal", payload)?;
        drop_notice(tx, application.number)?;
        reviewed.moved.push(Move { application, to: next, at, verdict });
    } else if is_new {
        announce(tx, &application, payload)?;
        put_notice(tx, application.number, &application.plan, &next, at)?;
        reviewed.announced.push(Move { application, to: next, at, verdict });
    }
    Ok(())
}

fn announce(tx: &mut Tx<'_>, application: &Application, payload: Value) -> Result<(), CatalogError> {
    let event = Event {
        kind: EventKind::PlanChangeAnnounced,
        subject_id: application.id.to_string(),
        actor: "portal".to_owned(),
        payload,
    };
    journal::append(tx, event)?;
    Ok(())
}

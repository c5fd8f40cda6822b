//! Who may be on a plan, decided from figures: the same for everybody, and to be recomputed by anybody who has them.

use serde::Serialize;

use super::{Eligibility, OperationClass, Plan, Tariff, is_no_worse_plan};

/// Days of use that a rule looks at: whole UTC days, up to yesterday.
pub const RULE_DAYS: u8 = 30;

/// What is known of an application. Nothing here says who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Whether its owner confirmed the address.
    pub verified: bool,
    /// Units used on each of the last [`RULE_DAYS`] days on which there was use, in any order.
    pub units_by_day: Vec<u64>,
}

/// How a rule was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether the rule holds.
    pub holds: bool,
    /// Units that a day must reach to count; absent where the rule looks at no use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units_needed: Option<u64>,
    /// Days that must count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_needed: Option<u8>,
    /// Days that did, of the last [`RULE_DAYS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_reached: Option<u8>,
}

impl Verdict {
    const fn plain(holds: bool) -> Self {
        Self { holds, units_needed: None, days_needed: None, days_reached: None }
    }
}

/// The units a day that a plan's quotas allow at most; `None` when no quota holds it back.
#[must_use]
pub fn daily_quota(plan: &Plan) -> Option<u64> {
    const DAY_SECS: u128 = 86_400;
    let a_day = |units: u64, secs: u64| u128::from(units) * DAY_SECS / u128::from(secs.max(1));
    let least = plan.quotas.iter().map(|quota| a_day(quota.quota, quota.window_secs)).min()?;
    Some(u64::try_from(least).unwrap_or(u64::MAX))
}

/// The units that `share_percent` of a plan's daily quota comes to, by the yardstick that favours the application most: the
/// lowest of all versions that were in force lately, scaled down where calls have become cheaper since.
///
/// `versions` are those in force within the long notice period, the one in force now first. So a version that raises a
/// quota or lowers a cost takes effect at once, and what it makes of the rule only after the same notice as any loss.
#[must_use]
pub fn units_needed(versions: &[Tariff], of_plan: &str, share_percent: u8) -> Option<u64> {
    let now = versions.first()?;
    versions
        .iter()
        .filter_map(|version| {
            let quota = u128::from(daily_quota(version.plan(of_plan)?)?);
            let needed = (quota * u128::from(share_percent)).div_ceil(100);
            let (cheap, dear) = cheapest_since(version, now);
            u64::try_from(needed * u128::from(cheap) / u128::from(dear.max(1))).ok()
        })
        .min()
        .map(|units| units.max(1))
}

/// How much cheaper calls have become where they became cheapest, as a fraction of at most 1.
fn cheapest_since(then: &Tariff, now: &Tariff) -> (u64, u64) {
    let pairs = OperationClass::ALL.into_iter().flat_map(|class| {
        let slopes = now.unit_rules.get(&class).zip(then.unit_rules.get(&class));
        let slope = slopes.map_or((1, 1), |(after, before)| (before.per_unit, after.per_unit));
        [
            (u64::from(now.cost(class)), u64::from(then.cost(class))),
            (u64::from(now.highest_cost(class)), u64::from(then.highest_cost(class))),
            slope,
        ]
    });
    pairs.fold((1, 1), |(cheap, dear), (after, before)| {
        let smaller = u128::from(after) * u128::from(dear) < u128::from(cheap) * u128::from(before);
        if smaller { (after, before) } else { (cheap, dear) }
    })
}

impl Eligibility {
    /// Whether an application with these figures may be on the plan whose rule this is; `versions` as in [`units_needed`].
    #[must_use]
    pub fn judge(&self, versions: &[Tariff], figures: &Figures) -> Verdict {
        match self {
            Self::Anyone | Self::AnyApplication => Verdict::plain(true),
            Self::VerifiedAddress => Verdict::plain(figures.verified),
            Self::SustainedUse { of_plan, share_percent, days } => {
                let Some(needed) = units_needed(versions, of_plan.as_str(), *share_percent) else {
                    return Verdict { days_needed: Some(*days), ..Verdict::plain(false) };
                };
                let reached = figures.units_by_day.iter().filter(|units| **units >= needed).count();
                let reached = u8::try_from(reached).unwrap_or(u8::MAX).min(RULE_DAYS);
                Verdict {
                    holds: figures.verified && reached >= *days,
                    units_needed: Some(needed),
                    days_needed: Some(*days),
                    days_reached: Some(reached),
                }
            }
        }
    }
}

/// The plan that an application with these figures belongs on, when it is on `current`.
///
/// It moves up to a plan whose rule it meets and which takes nothing away; it stays where its rule holds; where the rule of
/// `current` does not hold (or the plan is gone), it moves to the last listed of the plans whose rules do. The plan for
/// callers without a key is for nobody else.
#[must_use]
pub fn plan_by_rule<'a>(versions: &'a [Tariff], current: &str, figures: &Figures) -> Option<&'a Plan> {
    let tariff = versions.first()?;
    let met: Vec<&Plan> = tariff
        .plans
        .iter()
        .filter(|plan| plan.id.as_str() != Tariff::KEYLESS && plan.eligibility.judge(versions, figures).holds)
        .collect();
    let own = met.iter().find(|plan| plan.id.as_str() == current).copied();
    // Two plans may differ so that neither takes nothing away; then there is no move, so no application goes back and forth.
    let better = |from: &Plan| {
        let up = |plan: &&&Plan| {
            plan.id != from.id && is_no_worse_plan(tariff, from, plan) && !is_no_worse_plan(tariff, plan, from)
        };
        met.iter().rev().find(up).copied()
    };
    match own {
        Some(own) => Some(better(own).unwrap_or(own)),
        None => {
            let last = met.last().copied()?;
            Some(better(last).unwrap_or(last))
        }
    }
}

#[cfg(test)]
mod tests;

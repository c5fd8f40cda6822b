//! Emergencies: limits that differ from the tariff for a while, for everybody on a plan or in a class.
//!
//! An exception is public from the moment that it exists, has a reason and an end at most [`LONGEST_DAYS`] days after its
//! beginning, and holds for every application of its scope by itself: there is nothing to ask for, and no type here can
//! name a party. So that emergencies do not become a second tariff, exceptions whose scopes meet may cover at most
//! [`LONGEST_DAYS`] of any [`WITHIN_DAYS`] days together, however they are cut.

use serde::{Deserialize, Serialize};

use super::{OperationClass, PlanId, Tariff};
use crate::time::Timestamp;

/// Days that an exception may last, and that exceptions of one scope may cover within [`WITHIN_DAYS`].
pub const LONGEST_DAYS: u16 = 90;
/// The days within which coverage is counted.
pub const WITHIN_DAYS: u16 = 180;
/// Percent of the tariff's limit that an exception may set at most.
const HIGHEST_PERCENT: u32 = 10_000;
/// Characters of a reason.
pub const LONGEST_REASON_CHARS: usize = 2_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// For whom an exception holds: a plan, a class, both, or everybody. Never a party.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionScope {
    /// The plan; every plan when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// The class; every class when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<OperationClass>,
}

impl ExceptionScope {
    /// Whether there is a (plan, class) that both concern.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let plans = self.plan.is_none() || other.plan.is_none() || self.plan == other.plan;
        let classes = self.class.is_none() || other.class.is_none() || self.class == other.class;
        plans && classes
    }

    fn holds_plan(&self, plan: &PlanId) -> bool {
        self.plan.as_ref().is_none_or(|own| own == plan)
    }

    fn holds_class(&self, class: OperationClass) -> bool {
        self.class.is_none_or(|own| own == class)
    }
}

/// What an exception makes of the tariff's limits, in percent of them; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionLimits {
    /// Calls per second and at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_percent: Option<u32>,
    /// Calls under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency_percent: Option<u32>,
    /// Quotas. Only where the scope names no class: a quota is shared by classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_percent: Option<u32>,
}

impl ExceptionLimits {
    fn all(self) -> [Option<u32>; 3] {
        [self.rate_percent, self.concurrency_percent, self.quota_percent]
    }

    /// Whether it gives anybody more than the tariff does.
    #[must_use]
    pub fn raises(self) -> bool {
        self.all().into_iter().flatten().any(|percent| percent > 100)
    }
}

/// What is announced of an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionTerms {
    /// For whom.
    #[serde(default)]
    pub scope: ExceptionScope,
    /// What it changes.
    pub limits: ExceptionLimits,
    /// Why: 1 to 2,000 characters.
    pub reason: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, that moment excluded.
    pub ends_at: Timestamp,
}

/// A published exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TariffException {
    /// Counts up from 1.
    pub number: u32,
    /// When it was published.
    pub published_at: Timestamp,
    /// What was announced.
    #[serde(flatten)]
    pub terms: ExceptionTerms,
    /// When it was ended before its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl TariffException {
    /// Until when it holds, that moment excluded.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.ended_at.map_or(self.terms.ends_at, |ended| ended.min(self.terms.ends_at))
    }

    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.terms.starts_at <= at && at < self.until()
    }
}

/// Why an exception cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionRefused {
    /// A field means nothing.
    #[error("{field}: {problem}")]
    Field {
        /// The field's name on the wire.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Exceptions would cover too much of half a year.
    #[error(
        "exceptions that concern the same limits would hold on more than {LONGEST_DAYS} of {WITHIN_DAYS} days: publish a \
         version of the tariff with its notice instead"
    )]
    TooLong,
}

/// Judges whether an exception may be published at `now`, beside those that there are.
///
/// # Errors
/// Why it may not.
pub fn judge_exception(
    tariff: &Tariff,
    known: &[TariffException],
    new: &ExceptionTerms,
    now: Timestamp,
) -> Result<(), ExceptionRefused> {
    let refused = |field, problem: String| Err(ExceptionRefused::Field { field, problem });
    let chars = new.reason.trim().chars().count();
    if chars == 0 || chars > LONGEST_REASON_CHARS {
        return refused("reason", format!("must have 1 to {LONGEST_REASON_CHARS} characters"));
    }
    if let Some(plan) = new.scope.plan.as_ref().filter(|plan| tariff.plan(plan.as_str()).is_none()) {
        return refused("scope/plan", format!("the tariff in force has no plan `{plan}`"));
    }
    if new.limits.all().iter().all(Option::is_none) {
        return refused("limits", "name at least one limit that changes".to_owned());
    }
    if new.limits.all().into_iter().flatten().any(|percent| percent == 0 || percent > HIGHEST_PERCENT) {
        return refused("limits", format!("percentages go from 1 to {HIGHEST_PERCENT}"));
    }
    if new.limits.quota_percent.is_some() && new.scope.class.is_some() {
        return refused("limits/quota_percent", "a quota is shared by classes: leave the class out".to_owned());
    }
    if new.starts_at < now {
        return refused("starts_at", "must not lie in the past".to_owned());
    }
    if new.ends_at <= new.starts_at {
        return refused("ends_at", "must lie after the beginning".to_owned());
    }
    if length(new.starts_at, new.ends_at) > i64::from(LONGEST_DAYS) * DAY_MICROS {
        return refused("ends_at", format!("must lie at most {LONGEST_DAYS} days after the beginning"));
    }
    let mut spans: Vec<(i64, i64)> = known
        .iter()
        .filter(|exception| exception.terms.scope.meets(&new.scope))
        .map(|exception| (exception.terms.starts_at.as_micros(), exception.until().as_micros()))
        .filter(|(from, to)| from < to)
        .collect();
    spans.push((new.starts_at.as_micros(), new.ends_at.as_micros()));
    if most_covered(spans) > i64::from(LONGEST_DAYS) * DAY_MICROS {
        return Err(ExceptionRefused::TooLong);
    }
    Ok(())
}

fn length(from: Timestamp, to: Timestamp) -> i64 {
    to.as_micros().saturating_sub(from.as_micros())
}

/// The longest time that the spans cover within any [`WITHIN_DAYS`] days.
fn most_covered(mut spans: Vec<(i64, i64)>) -> i64 {
    const WITHIN: i64 = WITHIN_DAYS as i64 * DAY_MICROS;
    spans.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            Some(_) | None => merged.push((from, to)),
        }
    }
    // Coverage, as the window slides, is greatest where it begins with a span or ends with one.
    let begins = merged.iter().flat_map(|(from, to)| [*from, to.saturating_sub(WITHIN)]);
    let covered = |begin: i64| -> i64 {
        let end = begin.saturating_add(WITHIN);
        merged.iter().map(|(from, to)| (to.min(&end) - from.max(&begin)).max(0)).sum()
    };
    begins.map(covered).max().unwrap_or(0)
}

/// The tariff with exceptions applied: each changes the tariff's own limits, not what another made of them; where two change
/// the same limit, the one published last counts.
#[must_use]
pub fn with_exceptions<'a>(tariff: &Tariff, exceptions: impl IntoIterator<Item = &'a TariffException>) -> Tariff {
    let mut in_order: Vec<&TariffException> = exceptions.into_iter().collect();
    in_order.sort_by_key(|exception| exception.number);
    let mut changed = tariff.clone();
    for exception in in_order {
        apply(tariff, &mut changed, &exception.terms);
    }
    changed
}

fn apply(tariff: &Tariff, changed: &mut Tariff, terms: &ExceptionTerms) {
    let (scope, limits) = (&terms.scope, terms.limits);
    for plan in changed.plans.iter_mut().filter(|plan| scope.holds_plan(&plan.id)) {
        let Some(original) = tariff.plan(plan.id.as_str()) else { continue };
        for class in OperationClass::ALL.into_iter().filter(|class| scope.holds_class(*class)) {
            if let (Some(percent), Some(rate), Some(own)) =
                (limits.rate_percent, plan.rates.get_mut(&class), original.rates.get(&class))
            {
                rate.per_second = share_u32(own.per_second, percent);
                rate.burst = share_u32(own.burst, percent);
            }
            if let Some(percent) = limits.concurrency_percent {
                plan.concurrency.insert(class, share_u32(original.concurrency_of(class), percent));
            }
        }
        let Some(percent) = limits.quota_percent else { continue };
        for (quota, own) in plan.quotas.iter_mut().zip(&original.quotas) {
            quota.quota = share(own.quota, percent);
        }
    }
}

/// So many percent, rounded in favour of whoever calls, and at least 1.
fn share(of: u64, percent: u32) -> u64 {
    let exact = u128::from(of) * u128::from(percent);
    u64::try_from(exact.div_ceil(100)).unwrap_or(u64::MAX).max(1)
}

fn share_u32(of: u32, percent: u32) -> u32 {
    u32::try_from(share(u64::from(of), percent)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

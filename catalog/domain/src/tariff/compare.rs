//! Two versions of the tariff, compared by machine: what became better, what worse, for anybody.
//!
//! Whatever cannot be proved not to be worse counts as worse: a plan or class that is gone, a narrower rule, other terms, a
//! quota that is shared by more classes. Words for people (a plan's title and description) bind nobody and change nothing.
//!
//! What a quota is worth depends on what calls cost, so the two are judged together. Under a quota of `q` units, calls of
//! costs `c₁, c₂ …` may be mixed as long as `n₁c₁ + n₂c₂ + … ≤ q`. A new quota takes away nothing when an old one with the
//! same window held every class that it holds, and `c′/q′ ≤ c/q` for each of them, at the least and at the most that a
//! call can cost: then every mix that was allowed still is.

use serde::Serialize;

use super::{Eligibility, OperationClass, Plan, PlanId, QuotaPolicy, Tariff, UnitRule};

/// A quota that falls by more than this needs the long notice, in percent.
pub const STEEP_FALL_PERCENT: u32 = 20;
const DAY_SECS: u128 = 86_400;

/// What a change means for those whom it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nobody loses, somebody may gain.
    Better,
    /// Nobody is concerned.
    Same,
    /// Somebody may lose.
    Worse,
}

impl Effect {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Same => "same",
            Self::Worse => "worse",
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// The plan as a whole: it is new or gone.
    Plan,
    /// Whether the plan offers the class at all.
    Offer,
    /// Calls per second in the long run.
    Rate,
    /// Calls that may come at once.
    Burst,
    /// Calls under way at once.
    Concurrency,
    /// A quota policy as it is written: units, window, classes.
    Quota,
    /// The most calls a day that quotas, costs and rate together allow: what a quota is worth.
    QuotaInEffect,
    /// What a call costs before its work is known.
    UnitCost,
    /// How the cost grows with the work.
    UnitRule,
    /// The price of a plan.
    Price,
    /// Who may be on a plan.
    Eligibility,
    /// The terms of use.
    Terms,
    /// Words for people.
    Wording,
}

impl Aspect {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Offer => "offer",
            Self::Rate => "rate",
            Self::Burst => "burst",
            Self::Concurrency => "concurrency",
            Self::Quota => "quota",
            Self::QuotaInEffect => "quota-in-effect",
            Self::UnitCost => "unit-cost",
            Self::UnitRule => "unit-rule",
            Self::Price => "price",
            Self::Eligibility => "eligibility",
            Self::Terms => "terms",
            Self::Wording => "wording",
        }
    }
}

/// One field that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The plan; absent when it concerns every plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// The class; absent when it concerns every class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<OperationClass>,
    /// What differs.
    pub aspect: Aspect,
    /// As it was; absent when it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// As it is now; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What that means.
    pub effect: Effect,
    /// Whether a quota falls by more than [`STEEP_FALL_PERCENT`].
    pub steep: bool,
}

/// Everything that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The version that was.
    pub from: u32,
    /// The version that comes.
    pub to: u32,
    /// The differences, by plan and class.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Whether anybody may lose.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.changes.iter().any(|change| change.effect == Effect::Worse)
    }

    /// Whether a quota falls by more than [`STEEP_FALL_PERCENT`].
    #[must_use]
    pub fn is_steep(&self) -> bool {
        self.changes.iter().any(|change| change.steep)
    }
}

/// Compares two versions, field by field.
#[must_use]
pub fn compare(old: &Tariff, new: &Tariff) -> Comparison {
    let mut changes = Changes::default();
    if old.terms_version != new.terms_version {
        changes.note(Aspect::Terms, Some(old.terms_version.clone()), Some(new.terms_version.clone()), Effect::Worse);
    }
    compare_costs(&mut changes, old, new);
    for plan in &old.plans {
        changes.plan = Some(plan.id.clone());
        match new.plan(plan.id.as_str()) {
            Some(next) => compare_plan(&mut changes, (old, plan), (new, next)),
            None => changes.steeply(Aspect::Plan, Some(plan.title.clone()), None),
        }
    }
    for plan in new.plans.iter().filter(|plan| old.plan(plan.id.as_str()).is_none()) {
        changes.plan = Some(plan.id.clone());
        changes.note(Aspect::Plan, None, Some(plan.title.clone()), Effect::Better);
    }
    Comparison { from: old.version, to: new.version, changes: changes.found }
}

/// Whether nobody loses who moves from one plan of a tariff to another.
#[must_use]
pub fn is_no_worse_plan(tariff: &Tariff, from: &Plan, to: &Plan) -> bool {
    let mut changes = Changes::default();
    let as_from = Plan {
        eligibility: from.eligibility.clone(),
        title: from.title.clone(),
        description: from.description.clone(),
        ..to.clone()
    };
    compare_plan(&mut changes, (tariff, from), (tariff, &as_from));
    changes.found.iter().all(|change| change.effect != Effect::Worse)
}

#[derive(Debug, Default)]
struct Changes {
    plan: Option<PlanId>,
    class: Option<OperationClass>,
    found: Vec<Change>,
}

impl Changes {
    fn note(&mut self, aspect: Aspect, before: Option<String>, after: Option<String>, effect: Effect) {
        self.push(aspect, before, after, effect, false);
    }

    fn steeply(&mut self, aspect: Aspect, before: Option<String>, after: Option<String>) {
        self.push(aspect, before, after, Effect::Worse, true);
    }

    fn push(&mut self, aspect: Aspect, before: Option<String>, after: Option<String>, effect: Effect, steep: bool) {
        let (plan, class) = (self.plan.clone(), self.class);
        self.found.push(Change { plan, class, aspect, before, after, effect, steep });
    }

    /// Notes a number of which more is better.
    fn limit(&mut self, aspect: Aspect, before: u32, after: u32) {
        let effect = match after.cmp(&before) {
            std::cmp::Ordering::Less => Effect::Worse,
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => Effect::Better,
        };
        self.note(aspect, Some(before.to_string()), Some(after.to_string()), effect);
    }
}

/// Costs as they are written. What they mean for anybody is judged with the quotas that they are paid from; a dearer call is
/// worse unless every quota grows with it.
fn compare_costs(changes: &mut Changes, old: &Tariff, new: &Tariff) {
    for class in OperationClass::ALL {
        changes.class = Some(class);
        let dearer = || if quotas_keep_up(old, new, class) { Effect::Same } else { Effect::Worse };
        let (before, after) = (old.cost(class), new.cost(class));
        if before != after {
            let effect = if after < before { Effect::Better } else { dearer() };
            changes.note(Aspect::UnitCost, Some(before.to_string()), Some(after.to_string()), effect);
        }
        let (before, after) = (old.unit_rules.get(&class), new.unit_rules.get(&class));
        if before != after {
            let effect = if rule_is_no_dearer(before, after) { Effect::Better } else { dearer() };
            changes.note(Aspect::UnitRule, before.map(rule_text), after.map(rule_text), effect);
        }
    }
    changes.class = None;
}

fn rule_text(rule: &UnitRule) -> String {
    format!("1 unit more for every {} rows, {} at most", rule.per_unit, rule.at_most)
}

fn rule_is_no_dearer(old: Option<&UnitRule>, new: Option<&UnitRule>) -> bool {
    match (old, new) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(old), Some(new)) => {
            old.measure == new.measure && new.per_unit >= old.per_unit && new.at_most <= old.at_most
        }
    }
}

/// Whether every plan that offered the class lets as many calls through as before.
fn quotas_keep_up(old: &Tariff, new: &Tariff, class: OperationClass) -> bool {
    old.plans.iter().filter(|plan| plan.rates.contains_key(&class)).all(|plan| {
        new.plan(plan.id.as_str()).is_some_and(|next| {
            let mut holding = next.quotas.iter().filter(|quota| quota.classes.contains(&class));
            holding.all(|quota| takes_nothing_away((old, plan), (new, quota)))
        })
    })
}

fn compare_plan(changes: &mut Changes, (old, plan): (&Tariff, &Plan), (new, next): (&Tariff, &Plan)) {
    for (before, after) in [(&plan.title, &next.title), (&plan.description, &next.description)] {
        if before != after {
            changes.note(Aspect::Wording, Some(before.clone()), Some(after.clone()), Effect::Same);
        }
    }
    if plan.price_cents != next.price_cents {
        let effect = if next.price_cents < plan.price_cents { Effect::Better } else { Effect::Worse };
        let price = |cents: u32| Some(format!("{}.{:02}", cents / 100, cents % 100));
        changes.note(Aspect::Price, price(plan.price_cents), price(next.price_cents), effect);
    }
    if plan.eligibility != next.eligibility {
        let effect = if is_wider(&plan.eligibility, &next.eligibility) { Effect::Better } else { Effect::Worse };
        changes.note(
            Aspect::Eligibility,
            Some(rule_words(&plan.eligibility)),
            Some(rule_words(&next.eligibility)),
            effect,
        );
    }
    compare_quotas(changes, (old, plan), (new, next));
    for class in OperationClass::ALL {
        changes.class = Some(class);
        match (plan.rates.get(&class), next.rates.get(&class)) {
            (None, None) => {}
            (None, Some(_)) => changes.note(Aspect::Offer, None, Some("offered".to_owned()), Effect::Better),
            (Some(_), None) => changes.steeply(Aspect::Offer, Some("offered".to_owned()), None),
            (Some(before), Some(after)) => {
                changes.limit(Aspect::Rate, before.per_second, after.per_second);
                changes.limit(Aspect::Burst, before.burst, after.burst);
                changes.limit(Aspect::Concurrency, plan.concurrency_of(class), next.concurrency_of(class));
                compare_in_effect(changes, (old, plan), (new, next), class);
            }
        }
    }
    changes.class = None;
}

/// Quotas as they are written, by name.
fn compare_quotas(changes: &mut Changes, (old, plan): (&Tariff, &Plan), (new, next): (&Tariff, &Plan)) {
    for before in &plan.quotas {
        let after = next.quotas.iter().find(|quota| quota.name == before.name);
        match after {
            Some(after) if after == before => {}
            Some(after) => {
                let kept = takes_nothing_away((old, plan), (new, after));
                let effect = if kept { Effect::Better } else { Effect::Worse };
                changes.note(Aspect::Quota, Some(quota_text(before)), Some(quota_text(after)), effect);
            }
            None => changes.note(Aspect::Quota, Some(quota_text(before)), None, Effect::Better),
        }
    }
    for after in next.quotas.iter().filter(|quota| plan.quotas.iter().all(|known| known.name != quota.name)) {
        let effect = if takes_nothing_away((old, plan), (new, after)) { Effect::Same } else { Effect::Worse };
        changes.note(Aspect::Quota, None, Some(quota_text(after)), effect);
    }
}

fn quota_text(quota: &QuotaPolicy) -> String {
    let classes: Vec<&str> = quota.classes.iter().map(|class| class.as_str()).collect();
    format!("{}: {} units in {} s for {}", quota.name, quota.quota, quota.window_secs, classes.join(", "))
}

/// Whether a quota of the new tariff allows every mix of calls that one of the old plan's quotas allowed.
fn takes_nothing_away((old, plan): (&Tariff, &Plan), (new, quota): (&Tariff, &QuotaPolicy)) -> bool {
    plan.quotas.iter().any(|known| {
        known.window_secs == quota.window_secs
            && known.unit == quota.unit
            && quota.classes.iter().all(|class| {
                let gained = !plan.rates.contains_key(class);
                gained || (known.classes.contains(class) && costs_no_more((old, known), (new, quota), *class))
            })
    })
}

/// Whether a call of a class takes no larger share of the new quota than of the old one, whatever its work.
fn costs_no_more(
    (old, known): (&Tariff, &QuotaPolicy),
    (new, quota): (&Tariff, &QuotaPolicy),
    class: OperationClass,
) -> bool {
    let share_is_no_larger = |before: u32, after: u32| {
        u128::from(after) * u128::from(known.quota) <= u128::from(before) * u128::from(quota.quota)
    };
    let (least, most) = (old.cost(class), old.highest_cost(class));
    if !share_is_no_larger(least, new.cost(class)) || !share_is_no_larger(most, new.highest_cost(class)) {
        return false;
    }
    // Between the least and the most: no steeper in units while the quota is no smaller, or flat by now.
    let flat = share_is_no_larger(least, new.highest_cost(class));
    flat || (quota.quota >= known.quota && rule_is_no_dearer(old.unit_rules.get(&class), new.unit_rules.get(&class)))
}

/// A number as a fraction: calls a day.
#[derive(Debug, Clone, Copy)]
struct PerDay {
    calls: u128,
    of: u128,
}

impl PerDay {
    /// `None` when the numbers are beyond what a valid tariff may hold.
    fn less(self, other: Self, own_factor: u128, other_factor: u128) -> Option<bool> {
        let own = self.calls.checked_mul(other.of)?.checked_mul(own_factor)?;
        Some(own < other.calls.checked_mul(self.of)?.checked_mul(other_factor)?)
    }

    fn text(self) -> String {
        self.calls.checked_div(self.of).map_or_else(String::new, |calls| format!("{calls} calls a day"))
    }
}

/// The most calls a day that the plan's rate and quotas allow, when each costs `cost`.
fn per_day(plan: &Plan, class: OperationClass, cost: u32) -> PerDay {
    let rate = plan.rates.get(&class).map_or(0, |rate| u128::from(rate.per_second));
    let by_rate = PerDay { calls: rate * DAY_SECS, of: 1 };
    plan.quotas
        .iter()
        .filter(|quota| cost > 0 && quota.classes.contains(&class))
        .map(|quota| PerDay {
            calls: u128::from(quota.quota) * DAY_SECS,
            of: u128::from(cost) * u128::from(quota.window_secs.max(1)),
        })
        .fold(by_rate, |least, next| if next.less(least, 1, 1) == Some(true) { next } else { least })
}

/// What the quotas are worth: at the least that a call costs, and at the most.
fn compare_in_effect(
    changes: &mut Changes,
    (old, plan): (&Tariff, &Plan),
    (new, next): (&Tariff, &Plan),
    class: OperationClass,
) {
    let costs = [(old.cost(class), new.cost(class)), (old.highest_cost(class), new.highest_cost(class))];
    let pairs = costs.map(|(cost, next_cost)| (per_day(plan, class, cost), per_day(next, class, next_cost)));
    let kept = u128::from(100 - STEEP_FALL_PERCENT);
    let falls = pairs.iter().find(|(before, after)| after.less(*before, 1, 1).unwrap_or(true));
    let rises = pairs.iter().find(|(before, after)| before.less(*after, 1, 1).unwrap_or(false));
    let steep = pairs.iter().any(|(before, after)| after.less(*before, 100, kept).unwrap_or(true));
    if let Some((before, after)) = falls {
        changes.push(Aspect::QuotaInEffect, Some(before.text()), Some(after.text()), Effect::Worse, steep);
    } else if let Some((before, after)) = rises {
        changes.note(Aspect::QuotaInEffect, Some(before.text()), Some(after.text()), Effect::Better);
    }
}

/// Whether everybody who met the old rule meets the new one. Plans of which a rule takes a share are looked at by whoever
/// evaluates it: it measures by the lowest yardstick of the notice period, so a raised quota narrows no rule at once.
fn is_wider(old: &Eligibility, new: &Eligibility) -> bool {
    use Eligibility::{AnyApplication, Anyone, SustainedUse, VerifiedAddress};
    match (old, new) {
        (_, Anyone)
        | (AnyApplication | VerifiedAddress | SustainedUse { .. }, AnyApplication)
        | (VerifiedAddress | SustainedUse { .. }, VerifiedAddress) => true,
        (
            SustainedUse { of_plan, share_percent, days },
            SustainedUse { of_plan: next_plan, share_percent: next_share, days: next_days },
        ) => of_plan == next_plan && next_share <= share_percent && next_days <= days,
        (Anyone, AnyApplication | VerifiedAddress | SustainedUse { .. })
        | (AnyApplication, VerifiedAddress | SustainedUse { .. })
        | (VerifiedAddress, SustainedUse { .. }) => false,
    }
}

fn rule_words(rule: &Eligibility) -> String {
    match rule {
        Eligibility::Anyone => "anyone".to_owned(),
        Eligibility::AnyApplication => "any application".to_owned(),
        Eligibility::VerifiedAddress => "a confirmed address".to_owned(),
        Eligibility::SustainedUse { of_plan, share_percent, days } => {
            format!("{share_percent} % of `{of_plan}` on {days} of 30 days")
        }
    }
}

#[cfg(test)]
mod tests;

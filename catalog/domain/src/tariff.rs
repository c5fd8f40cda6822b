//! The public tariff: on which terms anybody may call the API.
//!
//! Limits are a function of (plan, operation class) and of nothing else: no type here can say "for this application".
//! A tariff is versioned data; what is enforced is read from it alone.

mod compare;
mod exception;
mod notice;
mod rule;
mod units;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

pub use compare::{Aspect, Change, Comparison, Effect, STEEP_FALL_PERCENT, compare, is_no_worse_plan};
pub use exception::{
    ExceptionLimits, ExceptionRefused, ExceptionScope, ExceptionTerms, LONGEST_DAYS, LONGEST_REASON_CHARS,
    TariffException, WITHIN_DAYS, judge_exception, with_exceptions,
};
pub use notice::{Announcement, AnnouncementRefused, LONG_NOTICE_DAYS, NOTICE_DAYS, in_force_at, judge_announcement};
pub use rule::{Figures, RULE_DAYS, Verdict, daily_quota, plan_by_rule, units_needed};
pub use units::{UnitRule, WorkMeasure};

/// Most units that a quota may hold.
const MAX_QUOTA: u64 = 1_000_000_000_000_000;
/// Longest window of a quota, in seconds: a leap year.
const MAX_WINDOW_SECS: u64 = 366 * 86_400;
/// Most units that a call may cost.
const MAX_COST: u32 = 1_000_000;
/// Most plans of a tariff.
const MAX_PLANS: usize = 50;

/// What kind of work an operation asks for; limits and costs are per class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationClass {
    /// Search, datasets, publishers, changes: the catalogue itself.
    Catalogue,
    /// Rows of a table.
    Rows,
    /// Sums over a table.
    Aggregate,
    /// Whole tables.
    Export,
    /// Agency APIs behind the gateway.
    Gateway,
}

impl OperationClass {
    /// Every class, in the order of [`Self::index`].
    pub const ALL: [Self; 5] = [Self::Catalogue, Self::Rows, Self::Aggregate, Self::Export, Self::Gateway];

    /// As it is written in the tariff.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Rows => "rows",
            Self::Aggregate => "aggregate",
            Self::Export => "export",
            Self::Gateway => "gateway",
        }
    }

    /// A dense number, 0 to 4, for arrays and usage records.
    #[must_use]
    pub const fn index(self) -> u8 {
        match self {
            Self::Catalogue => 0,
            Self::Rows => 1,
            Self::Aggregate => 2,
            Self::Export => 3,
            Self::Gateway => 4,
        }
    }

    /// The class of a dense number.
    #[must_use]
    pub fn from_index(index: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.index() == index)
    }
}

/// A plan's id, such as `open`: 1–40 of `a-z 0-9 -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanId(String);

/// A text that is not a plan's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a plan id: 1 to 40 of a-z, 0-9 and hyphens")]
pub struct InvalidPlanId(pub String);

impl PlanId {
    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlanId {
    type Err = InvalidPlanId;

    fn from_str(text: &str) -> Result<Self, InvalidPlanId> {
        let fits =
            (1..=40).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidPlanId(text.chars().take(60).collect())) }
    }
}

impl TryFrom<String> for PlanId {
    type Error = InvalidPlanId;

    fn try_from(text: String) -> Result<Self, InvalidPlanId> {
        text.parse()
    }
}

impl From<PlanId> for String {
    fn from(id: PlanId) -> Self {
        id.0
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How fast calls of a class may come: a rate with a burst (GCRA), per party and process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Calls per second in the long run; at least 1.
    pub per_second: u32,
    /// Calls that may come at once; at least 1.
    pub burst: u32,
}

/// What a quota counts (IETF RateLimit header fields draft, "Quota Unit").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaUnit {
    /// Cost units: each answered call costs what the tariff says for its class.
    Units,
}

/// How much may be used in a window (IETF RateLimit header fields draft, "Quota Policy").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaPolicy {
    /// The policy's name in answers, such as `open-day`.
    pub name: String,
    /// How many units the window holds.
    pub quota: u64,
    /// What is counted.
    pub unit: QuotaUnit,
    /// The window's length in seconds; windows start at multiples of it since 1970-01-01T00:00:00Z, so a day is a UTC day.
    pub window_secs: u64,
    /// The classes that draw on it.
    pub classes: Vec<OperationClass>,
}

impl QuotaPolicy {
    fn problem(&self) -> Option<String> {
        let named = (1..=60).contains(&self.name.len())
            && self.name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !named {
            return Some("a quota's name is 1 to 60 of a-z, 0-9 and hyphens".to_owned());
        }
        if self.quota == 0 || self.window_secs == 0 || self.classes.is_empty() {
            return Some(format!("quota `{}` needs a quota, a window and a class", self.name));
        }
        (self.quota > MAX_QUOTA || self.window_secs > MAX_WINDOW_SECS)
            .then(|| format!("quota `{}` is beyond {MAX_QUOTA} units or {MAX_WINDOW_SECS} seconds", self.name))
    }
}

fn check_text(field: &'static str, text: &str, longest: usize) -> Result<(), InvalidTariff> {
    let wrong = text.trim().is_empty() || text.len() > longest || text.chars().any(char::is_control);
    if wrong {
        Err(InvalidTariff::Text { field, what: "it must not be empty, long or hold control characters" })
    } else {
        Ok(())
    }
}

/// Who may be on a plan: a rule that a machine can evaluate and anybody can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Eligibility {
    /// Anybody, without a key.
    Anyone,
    /// Any application, at once.
    AnyApplication,
    /// An application whose owner has confirmed the e-mail address.
    VerifiedAddress,
    /// A verified application that used at least `share_percent` of the `of_plan` quota on each of `days` of the last 30.
    SustainedUse {
        /// The plan whose quota is the yardstick.
        of_plan: PlanId,
        /// Percent of that plan's quota, 1 to 100.
        share_percent: u8,
        /// How many of the last 30 days.
        days: u8,
    },
}

/// One public plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Its name for people.
    pub title: String,
    /// One sentence for people.
    pub description: String,
    /// Price in euro cents a month. Every plan of the default tariff is free.
    pub price_cents: u32,
    /// Who may be on it.
    pub eligibility: Eligibility,
    /// The rate of each class; a class that is absent is not offered on this plan.
    pub rates: BTreeMap<OperationClass, RateLimit>,
    /// The quotas.
    pub quotas: Vec<QuotaPolicy>,
    /// Calls of each class that one party may have under way at once, on one node. Where a class is absent, as in every
    /// tariff from before there were such caps, [`Self::DEFAULT_CONCURRENCY`] holds; read it by [`Self::concurrency_of`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub concurrency: BTreeMap<OperationClass, u32>,
}

impl Plan {
    /// Calls under way at once where the plan does not say otherwise.
    pub const DEFAULT_CONCURRENCY: u32 = 64;

    /// Calls of a class that one party may have under way at once, on one node; at least 1.
    #[must_use]
    pub fn concurrency_of(&self, class: OperationClass) -> u32 {
        self.concurrency.get(&class).copied().unwrap_or(Self::DEFAULT_CONCURRENCY).max(1)
    }
}

/// A version of the public tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Counts up from 1.
    pub version: u32,
    /// When this version was published.
    pub published_at: Timestamp,
    /// From when it is enforced.
    pub valid_from: Timestamp,
    /// The version of the terms of use that go with it, such as `2026-01`.
    pub terms_version: String,
    /// What a call of each class costs, in units.
    pub unit_costs: BTreeMap<OperationClass, u32>,
    /// How the cost of a heavy call grows with the work that it asks for; a class that is absent costs its unit cost,
    /// whatever the work. Read it by [`Self::units`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unit_rules: BTreeMap<OperationClass, UnitRule>,
    /// The plans; ids are unique.
    pub plans: Vec<Plan>,
}

/// What is wrong with a tariff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTariff {
    /// There is no plan for callers without a key.
    #[error("the tariff has no plan `{0}`, which every tariff must offer")]
    PlanMissing(&'static str),
    /// A plan id occurs twice.
    #[error("the tariff lists plan `{0}` twice")]
    PlanTwice(PlanId),
    /// A limit is zero or otherwise meaningless.
    #[error("plan `{plan}`: {what}")]
    Limit {
        /// The plan.
        plan: PlanId,
        /// What is wrong with it.
        what: String,
    },
    /// A class has no cost.
    #[error("the tariff names no unit cost for class `{0}`")]
    CostMissing(&'static str),
    /// A cost that means nothing.
    #[error("class `{class}`: {what}")]
    Cost {
        /// The class.
        class: &'static str,
        /// What is wrong with its cost.
        what: &'static str,
    },
    /// A text that is too long or empty.
    #[error("{field}: {what}")]
    Text {
        /// The field's name on the wire.
        field: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl Tariff {
    /// The plan of callers without a key.
    pub const KEYLESS: &'static str = "keyless";
    /// The plan that a new application starts on.
    pub const STARTER: &'static str = "starter";
    /// The plan of an application whose owner confirmed the address.
    pub const OPEN: &'static str = "open";
    /// The plan for sustained heavy use.
    pub const HIGH_VOLUME: &'static str = "high-volume";

    /// The tariff that a new portal opens with: four plans, all free.
    #[must_use]
    pub fn default_at(now: Timestamp) -> Self {
        use OperationClass::{Aggregate, Catalogue, Export, Gateway, Rows};
        const DAY_SECS: u64 = 86_400;
        let id = |text: &str| PlanId(text.to_owned());
        let rates = |per_second: u32, burst: u32| {
            // Heavier work comes more slowly: a sum costs about five pages of rows, a whole table about twenty-five.
            let rate =
                |share: u32| RateLimit { per_second: (per_second / share).max(1), burst: (burst / share).max(4) };
            [(Catalogue, 1), (Rows, 1), (Aggregate, 5), (Export, 25), (Gateway, 1)]
                .map(|(class, share)| (class, rate(share)))
                .into()
        };
        let day = |plan: &str, quota| QuotaPolicy {
            name: format!("{plan}-day"),
            quota,
            unit: QuotaUnit::Units,
            window_secs: DAY_SECS,
            classes: OperationClass::ALL.to_vec(),
        };
        // So many calls at once that only heavy calls ever see a cap: sums and whole tables hold memory and disk while they run.
        let at_once = |calls: u32| {
            [(Catalogue, 1), (Rows, 1), (Aggregate, 4), (Export, 16), (Gateway, 2)]
                .map(|(class, share)| (class, (calls / share).max(4)))
                .into()
        };
        let plan = |name: &str, title: &str, description: &str, eligibility, (per_second, burst, a_day, calls)| Plan {
            id: id(name),
            title: title.to_owned(),
            description: description.to_owned(),
            price_cents: 0,
            eligibility,
            rates: rates(per_second, burst),
            quotas: vec![day(name, a_day)],
            concurrency: at_once(calls),
        };
        Self {
            version: 1,
            published_at: now,
            valid_from: now,
            terms_version: "2026-01".to_owned(),
            unit_costs: [(Catalogue, 1), (Rows, 1), (Aggregate, 2), (Export, 10), (Gateway, 1)].into(),
            // A sum over a hundred million rows costs 102 units, a whole table of a hundred million 1,010; neither more.
            unit_rules: [
                (Aggregate, UnitRule { measure: WorkMeasure::Rows, per_unit: 1_000_000, at_most: 102 }),
                (Export, UnitRule { measure: WorkMeasure::Rows, per_unit: 100_000, at_most: 1_010 }),
            ]
            .into(),
            plans: vec![
                plan(
                    Self::KEYLESS,
                    "Keyless",
                    "For everybody, without asking: counted by network address, which is never stored.",
                    Eligibility::Anyone,
                    (25, 250, 25_000, 64),
                ),
                plan(
                    Self::STARTER,
                    "Starter",
                    "A key at once, before the e-mail address is confirmed.",
                    Eligibility::AnyApplication,
                    (50, 500, 100_000, 128),
                ),
                plan(
                    Self::OPEN,
                    "Open",
                    "The ordinary plan: a key whose owner confirmed the e-mail address.",
                    Eligibility::VerifiedAddress,
                    (1_000, 5_000, 5_000_000, 512),
                ),
                plan(
                    Self::HIGH_VOLUME,
                    "High volume",
                    "For services with sustained heavy use; the published rule decides, nobody else.",
                    Eligibility::SustainedUse { of_plan: id(Self::OPEN), share_percent: 50, days: 10 },
                    (50_000, 100_000, 200_000_000, 4_096),
                ),
            ],
        }
    }

    /// Checks that the tariff can be enforced, and that its rules can be evaluated.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), InvalidTariff> {
        check_text("terms_version", &self.terms_version, 40)?;
        for (required, rule) in [
            (Self::KEYLESS, Some(Eligibility::Anyone)),
            (Self::STARTER, Some(Eligibility::AnyApplication)),
            (Self::OPEN, None),
        ] {
            let plan = self.plan(required).ok_or(InvalidTariff::PlanMissing(required))?;
            if rule.is_some_and(|rule| plan.eligibility != rule) {
                let what = "it is for everybody at once, without any rule".to_owned();
                return Err(InvalidTariff::Limit { plan: plan.id.clone(), what });
            }
        }
        if self.plans.len() > MAX_PLANS {
            return Err(InvalidTariff::Text { field: "plans", what: "there are more than 50" });
        }
        for (place, plan) in self.plans.iter().enumerate() {
            if self.plans.iter().take(place).any(|earlier| earlier.id == plan.id) {
                return Err(InvalidTariff::PlanTwice(plan.id.clone()));
            }
            if let Some(what) = self.problem_of(plan) {
                return Err(InvalidTariff::Limit { plan: plan.id.clone(), what });
            }
        }
        self.validate_costs()
    }

    fn validate_costs(&self) -> Result<(), InvalidTariff> {
        for class in OperationClass::ALL {
            let Some(cost) = self.unit_costs.get(&class).copied() else {
                return Err(InvalidTariff::CostMissing(class.as_str()));
            };
            let rule = self.unit_rules.get(&class);
            let dearest = rule.map_or(cost, |rule| cost.max(rule.at_most));
            let too_dear = (dearest > MAX_COST).then_some("a call may cost at most 1,000,000 units");
            if let Some(what) = too_dear.or_else(|| rule.and_then(|rule| rule.problem(cost))) {
                return Err(InvalidTariff::Cost { class: class.as_str(), what });
            }
        }
        Ok(())
    }

    /// What cannot be enforced or evaluated in a plan.
    fn problem_of(&self, plan: &Plan) -> Option<String> {
        let wordy = plan.title.trim().is_empty() || plan.title.len() > 100 || plan.description.len() > 1_000;
        if wordy {
            return Some("it needs a title of up to 100 bytes and a description of up to 1,000".to_owned());
        }
        let idle = plan.rates.iter().find(|(_, rate)| rate.per_second == 0 || rate.burst == 0);
        if let Some((class, _)) = idle {
            return Some(format!("the rate of class `{}` must be at least 1", class.as_str()));
        }
        if let Some((class, _)) = plan.concurrency.iter().find(|(_, calls)| **calls == 0) {
            return Some(format!("the calls at once of class `{}` must be at least 1", class.as_str()));
        }
        plan.quotas
            .iter()
            .enumerate()
            .find_map(|(place, quota)| {
                let twice = plan.quotas.iter().take(place).any(|earlier| earlier.name == quota.name);
                if twice { Some(format!("quota `{}` is listed twice", quota.name)) } else { quota.problem() }
            })
            .or_else(|| self.problem_of_rule(plan))
    }

    fn problem_of_rule(&self, plan: &Plan) -> Option<String> {
        let Eligibility::SustainedUse { of_plan, share_percent, days } = &plan.eligibility else { return None };
        if !(1..=100).contains(share_percent) || !(1..=RULE_DAYS).contains(days) {
            return Some("its rule needs a share of 1 to 100 percent and 1 to 30 days".to_owned());
        }
        match self.plan(of_plan.as_str()) {
            Some(yardstick) if yardstick.id != plan.id && !yardstick.quotas.is_empty() => None,
            Some(_) | None => Some(format!("its rule measures by `{of_plan}`, which is no other plan with a quota")),
        }
    }

    /// The plan of that id.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id.as_str() == id)
    }

    /// What a call of a class costs at least, in units: before its work is known, and for ever where no rule says more.
    #[must_use]
    pub fn cost(&self, class: OperationClass) -> u32 {
        self.unit_costs.get(&class).copied().unwrap_or(1)
    }

    /// What a call of a class costs whose work is estimated at `work`, in units: the class's cost, and one unit more for
    /// every full [`UnitRule::per_unit`] of work, up to [`UnitRule::at_most`]. `work` is in the rule's measure.
    ///
    /// ```
    /// use fairground_domain::{OperationClass, Tariff, Timestamp};
    /// let tariff = Tariff::default_at(Timestamp::from_micros(0));
    /// assert_eq!(tariff.units(OperationClass::Export, 99_999), 10);
    /// assert_eq!(tariff.units(OperationClass::Export, 250_000), 12);
    /// assert_eq!(tariff.units(OperationClass::Export, u64::MAX), 1_010);
    /// assert_eq!(tariff.units(OperationClass::Rows, u64::MAX), 1);
    /// ```
    #[must_use]
    pub fn units(&self, class: OperationClass, work: u64) -> u32 {
        let base = self.cost(class);
        self.unit_rules.get(&class).map_or(base, |rule| rule.units(base, work))
    }

    /// What a call of a class costs at most, in units.
    #[must_use]
    pub fn highest_cost(&self, class: OperationClass) -> u32 {
        self.units(class, u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_tariff_is_valid_and_free() {
        let tariff = Tariff::default_at(Timestamp::from_micros(0));
        assert_eq!(tariff.validate(), Ok(()));
        assert!(tariff.plans.iter().all(|plan| plan.price_cents == 0));
        let json = serde_json::to_string(&tariff).expect("serialises");
        assert_eq!(serde_json::from_str::<Tariff>(&json).expect("reads back"), tariff);
    }

    #[test]
    fn a_document_from_before_caps_and_rules_reads() {
        let tariff = Tariff::default_at(Timestamp::from_micros(0));
        let mut json = serde_json::to_value(&tariff).expect("serialises");
        json.as_object_mut().expect("an object").remove("unit_rules");
        for plan in json["plans"].as_array_mut().expect("plans") {
            plan.as_object_mut().expect("an object").remove("concurrency");
        }
        let old: Tariff = serde_json::from_value(json).expect("reads");
        assert_eq!(old.plans[0].concurrency_of(OperationClass::Export), Plan::DEFAULT_CONCURRENCY);
        assert_eq!(old.highest_cost(OperationClass::Export), 10);
        assert_eq!(old.validate(), Ok(()));
    }

    #[test]
    fn a_tariff_without_keyless_access_is_refused() {
        let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
        tariff.plans.retain(|plan| plan.id.as_str() != Tariff::KEYLESS);
        assert_eq!(tariff.validate(), Err(InvalidTariff::PlanMissing("keyless")));
    }

    #[test]
    fn a_limit_of_zero_is_refused() {
        let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
        tariff.plans[0].quotas[0].quota = 0;
        assert!(matches!(tariff.validate(), Err(InvalidTariff::Limit { .. })));
    }
}

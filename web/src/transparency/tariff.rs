//! The tariff as people read it.

use fairground_domain::{Eligibility, OperationClass, Plan, QuotaUnit, Tariff, Timestamp};

use crate::words::Language;

/// A version of the tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffView {
    /// Its number.
    pub version: u32,
    /// When it was published.
    pub published_at: Timestamp,
    /// From when it is enforced.
    pub valid_from: Timestamp,
    /// The version of the terms of use.
    pub terms_version: String,
    /// What a call of each class costs.
    pub costs: Vec<(OperationClass, u32)>,
    /// How costs grow: rows for one unit more, and the most that a call costs.
    pub growths: Vec<(OperationClass, u64, u32)>,
    /// The plans.
    pub plans: Vec<PlanCard>,
}

/// One plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanCard {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// Price in euro cents a month.
    pub price_cents: u32,
    /// Who may be on it.
    pub eligibility: Eligibility,
    /// The rate of each class, in the order of [`OperationClass::ALL`]; `None` where it is not offered.
    pub rates: Vec<RateLine>,
    /// The quotas.
    pub quotas: Vec<QuotaLine>,
    /// Calls under way at once of each class.
    pub at_once: Vec<(OperationClass, u32)>,
}

/// The rate of one class on one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLine {
    /// The class.
    pub class: OperationClass,
    /// Calls a second and calls at once; `None` where the class is not offered.
    pub rate: Option<(u32, u32)>,
}

/// One quota in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaLine {
    /// Its policy's name, as answers carry it.
    pub name: String,
    /// How much.
    pub quota: u64,
    /// Of what.
    pub unit: QuotaUnit,
    /// Its window.
    pub window_secs: u64,
}

impl From<&Tariff> for TariffView {
    fn from(tariff: &Tariff) -> Self {
        Self {
            version: tariff.version,
            published_at: tariff.published_at,
            valid_from: tariff.valid_from,
            terms_version: tariff.terms_version.clone(),
            costs: OperationClass::ALL.into_iter().map(|class| (class, tariff.cost(class))).collect(),
            growths: tariff.unit_rules.iter().map(|(class, rule)| (*class, rule.per_unit, rule.at_most)).collect(),
            plans: tariff.plans.iter().map(PlanCard::from).collect(),
        }
    }
}

impl From<&Plan> for PlanCard {
    fn from(plan: &Plan) -> Self {
        Self {
            id: plan.id.as_str().to_owned(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            price_cents: plan.price_cents,
            eligibility: plan.eligibility.clone(),
            rates: OperationClass::ALL
                .into_iter()
                .map(|class| RateLine { class, rate: plan.rates.get(&class).map(|rate| (rate.per_second, rate.burst)) })
                .collect(),
            quotas: plan
                .quotas
                .iter()
                .map(|quota| QuotaLine {
                    name: quota.name.clone(),
                    quota: quota.quota,
                    unit: quota.unit,
                    window_secs: quota.window_secs,
                })
                .collect(),
            at_once: plan.rates.keys().map(|class| (*class, plan.concurrency_of(*class))).collect(),
        }
    }
}

impl TariffView {
    /// Rows for one unit more and the most that a call of a class costs; `None` where the cost does not grow.
    #[must_use]
    pub fn growth(&self, class: &OperationClass) -> Option<(u64, u32)> {
        self.growths.iter().find(|(known, ..)| known == class).map(|(_, rows, most)| (*rows, *most))
    }
}

impl PlanCard {
    /// Calls of a class under way at once; `None` where it is not offered.
    #[must_use]
    pub fn at_once(&self, class: &OperationClass) -> Option<u32> {
        self.at_once.iter().find(|(known, _)| known == class).map(|(_, calls)| *calls)
    }

    /// Calls a second and calls at once of a class; `None` where it is not offered.
    #[must_use]
    pub fn rate_of(&self, class: &OperationClass) -> Option<(u32, u32)> {
        self.rates.iter().find(|line| line.class == *class)?.rate
    }

    /// Euro a month, such as `12.50` or `12,50`.
    #[must_use]
    pub fn price(&self, language: &Language) -> String {
        language.decimal(self.price_cents / 100, &format!("{:02}", self.price_cents % 100))
    }
}

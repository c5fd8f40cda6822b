//! The tariff as the hot path wants it: dense, with every text ready.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fairground_domain::{OperationClass, Plan, PlanId, QuotaPolicy, Tariff};

use crate::fields;
use crate::rate::Rate;

/// How many classes there are.
pub(crate) const CLASSES: usize = OperationClass::ALL.len();

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A plan by its place: stays valid for the life of the [`Admission`](crate::Admission) that gave it, across tariffs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanRef(u16);

impl PlanRef {
    /// The place, counted from 0 in the order in which plans became known to this process. Not stable across processes.
    #[must_use]
    pub const fn index(self) -> u16 {
        self.0
    }
}

/// A quota policy by its place; two tariffs that name a policy alike, with windows of the same length, mean the same
/// one, so a swap keeps what is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PolicyRef(u16);

/// One quota of a class.
#[derive(Debug)]
pub(crate) struct QuotaTerms {
    pub(crate) policy: PolicyRef,
    pub(crate) name: Arc<str>,
    pub(crate) quoted: String,
    pub(crate) quota: u64,
    pub(crate) window_secs: u64,
}

/// What holds for one (plan, class).
#[derive(Debug)]
pub(crate) struct ClassTerms {
    /// Never given twice in a process: whoever keeps what was made from these terms knows them again by it.
    pub(crate) id: u64,
    pub(crate) cost: u32,
    pub(crate) rate: Rate,
    pub(crate) rate_name: String,
    pub(crate) rate_quoted: String,
    /// Calls that one party may have under way at once.
    pub(crate) at_once: u32,
    pub(crate) at_once_name: String,
    pub(crate) at_once_quoted: String,
    pub(crate) quotas: Vec<QuotaTerms>,
    pub(crate) policy_field: String,
}

/// A tariff, made ready.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    places: HashMap<PlanId, PlanRef>,
    plans: Vec<[Option<Arc<ClassTerms>>; CLASSES]>,
}

impl Terms {
    pub(crate) fn plan(&self, id: &str) -> Option<PlanRef> {
        self.places.iter().find(|(known, _)| known.as_str() == id).map(|(_, place)| *place)
    }

    /// `None` when the plan does not offer the class (any more).
    pub(crate) fn class(&self, plan: PlanRef, class: OperationClass) -> Option<&Arc<ClassTerms>> {
        self.plans.get(usize::from(plan.0))?.get(usize::from(class.index()))?.as_ref()
    }
}

/// Gives plans and policies places that outlive one tariff.
#[derive(Debug, Default)]
pub(crate) struct Places {
    plans: Vec<PlanId>,
    policies: Vec<(Arc<str>, u64)>,
}

impl Places {
    /// Makes `tariff` ready. Plans beyond the 65,536th known to one process are left out.
    pub(crate) fn prepare(&mut self, tariff: &Tariff) -> Terms {
        let mut terms = Terms::default();
        for plan in &tariff.plans {
            let Some(place) = place_in(&mut self.plans, |known| *known == plan.id, || plan.id.clone()) else {
                continue;
            };
            let classes = OperationClass::ALL.map(|class| self.prepare_class(tariff, plan, class).map(Arc::new));
            let at = usize::from(place);
            if terms.plans.len() <= at {
                terms.plans.resize_with(at + 1, || [const { None }; CLASSES]);
            }
            if let Some(slot) = terms.plans.get_mut(at) {
                *slot = classes;
            }
            terms.places.insert(plan.id.clone(), PlanRef(place));
        }
        terms
    }

    fn prepare_class(&mut self, tariff: &Tariff, plan: &Plan, class: OperationClass) -> Option<ClassTerms> {
        let rate = Rate::new(*plan.rates.get(&class)?);
        let rate_name = format!("{}-{}-rate", plan.id, class.as_str());
        let at_once_name = format!("{}-{}-at-once", plan.id, class.as_str());
        let quotas = plan.quotas.iter().filter(|quota| quota.classes.contains(&class));
        let mut ready = ClassTerms {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            cost: tariff.cost(class),
            rate,
            rate_quoted: fields::quoted(&rate_name),
            rate_name,
            at_once: plan.concurrency_of(class),
            at_once_quoted: fields::quoted(&at_once_name),
            at_once_name,
            quotas: quotas.filter_map(|quota| self.prepare_quota(quota)).collect(),
            policy_field: String::new(),
        };
        ready.policy_field = fields::policy_field(&ready);
        Some(ready)
    }

    fn prepare_quota(&mut self, quota: &QuotaPolicy) -> Option<QuotaTerms> {
        let window_secs = quota.window_secs.max(1);
        let same = |(name, window): &(Arc<str>, u64)| **name == *quota.name && *window == window_secs;
        let place = place_in(&mut self.policies, same, || (quota.name.as_str().into(), window_secs))?;
        let (name, _) = self.policies.get(usize::from(place))?;
        Some(QuotaTerms {
            policy: PolicyRef(place),
            name: Arc::clone(name),
            quoted: fields::quoted(name),
            quota: quota.quota,
            window_secs,
        })
    }
}

/// The place of the entry that is `same`, or a new one at the end.
fn place_in<T>(list: &mut Vec<T>, same: impl FnMut(&T) -> bool, new: impl FnOnce() -> T) -> Option<u16> {
    let found = list.iter().position(same);
    let at = u16::try_from(found.unwrap_or(list.len())).ok()?;
    if found.is_none() {
        list.push(new());
    }
    Some(at)
}

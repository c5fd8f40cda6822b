//! What the stages share: keys, limits, meter, and the names behind their numbers.

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use arc_swap::ArcSwap;
use fairground_admission::{Admission, Capacity, CapacitySettings, Party, PlanRef};
use fairground_domain::{OperationClass, Tariff, Timestamp};
use parking_lot::Mutex;

use super::address::KeylessParties;
use super::identify::ReadKey;
use super::key_ring::KeyRing;
use super::known_keys::remembering;
use super::meter::{MeterFailure, UsageLog};

/// What a [`Gate`] is made of.
pub struct GateParts {
    /// The keys.
    pub keys: Arc<KeyRing>,
    /// How a key's text becomes a digest.
    pub read_key: ReadKey,
    /// Callers without a key.
    pub keyless: KeylessParties,
    /// Who may proceed; it enforces `tariff`.
    pub admission: Arc<Admission>,
    /// Where usage goes.
    pub usage: Arc<UsageLog>,
    /// What to do when a usage record cannot be written.
    pub meter_failure: MeterFailure,
    /// Where the portal is seen from outside.
    pub public_url: String,
}

impl std::fmt::Debug for GateParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GateParts").finish_non_exhaustive()
    }
}

/// The stages' common ground, shared by every worker.
pub struct Gate {
    pub(super) keys: Arc<KeyRing>,
    pub(super) read_key: ReadKey,
    pub(super) keyless: KeylessParties,
    pub(super) admission: Arc<Admission>,
    pub(super) capacity: Capacity,
    pub(super) usage: Arc<UsageLog>,
    pub(super) meter_failure: MeterFailure,
    pub(super) public_url: String,
    keyless_plan: PlanRef,
    /// Plan ids by [`PlanRef::index`].
    plan_names: ArcSwap<Vec<String>>,
    /// The tariff in force.
    tariff: ArcSwap<Tariff>,
    changing: Mutex<()>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// The tariff lacks a plan that every tariff must offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tariff has no plan `{0}`")]
pub struct NoSuchPlan(pub &'static str);

impl Gate {
    /// A gate that enforces `tariff`.
    ///
    /// # Errors
    /// When the tariff has no plan for callers without a key.
    pub fn new(parts: GateParts, tariff: &Tariff) -> Result<Self, NoSuchPlan> {
        let keyless_plan = parts.admission.plan(Tariff::KEYLESS).ok_or(NoSuchPlan(Tariff::KEYLESS))?;
        let gate = Self {
            keys: parts.keys,
            read_key: remembering(parts.read_key),
            keyless: parts.keyless,
            admission: parts.admission,
            usage: parts.usage,
            meter_failure: parts.meter_failure,
            public_url: parts.public_url,
            keyless_plan,
            plan_names: ArcSwap::default(),
            tariff: ArcSwap::from_pointee(tariff.clone()),
            capacity: Capacity::new(CapacitySettings::default()),
            changing: Mutex::new(()),
        };
        gate.learn_names(tariff);
        Ok(gate)
    }

    /// Puts another tariff in force at once.
    pub fn replace_tariff(&self, tariff: &Tariff) {
        let _one_at_a_time = self.changing.lock();
        self.admission.replace_tariff(tariff);
        self.learn_names(tariff);
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// Who may proceed.
    #[must_use]
    pub fn admission(&self) -> &Arc<Admission> {
        &self.admission
    }

    /// Where usage goes.
    #[must_use]
    pub fn usage(&self) -> &Arc<UsageLog> {
        &self.usage
    }

    /// The party of a network address, for whoever counts by place outside the hot path.
    pub(crate) fn place(&self, peer: Option<std::net::IpAddr>, headers: &HeaderMap, now: Timestamp) -> Party {
        self.keyless.party(peer, headers, now)
    }

    pub(super) fn keyless_plan(&self) -> PlanRef {
        self.keyless_plan
    }

    /// The id of a plan.
    #[must_use]
    pub fn plan_name(&self, plan: PlanRef) -> String {
        self.plan_names.load().get(usize::from(plan.index())).cloned().unwrap_or_else(|| "unknown".to_owned())
    }

    /// What a call of a class costs now, in units.
    #[must_use]
    pub fn unit_cost(&self, class: OperationClass) -> u32 {
        self.tariff.load().cost(class)
    }

    /// What a call of a class costs now whose work is estimated at so much, in units: the published rule.
    #[must_use]
    pub fn units(&self, class: OperationClass, work: u64) -> u32 {
        self.tariff.load().units(class, work)
    }

    /// Whether a call of a class may cost more than its unit cost.
    pub(super) fn costs_by_work(&self, class: OperationClass) -> bool {
        self.tariff.load().unit_rules.contains_key(&class)
    }

    /// How much work is under way in this process, and how much waits.
    #[must_use]
    pub const fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// With so much room for work.
    #[must_use]
    pub fn with_capacity(mut self, settings: CapacitySettings) -> Self {
        self.capacity = Capacity::new(settings);
        self
    }

    fn learn_names(&self, tariff: &Tariff) {
        self.tariff.store(Arc::new(tariff.clone()));
        let mut names = self.plan_names.load().to_vec();
        for plan in &tariff.plans {
            let Some(place) = self.admission.plan(plan.id.as_str()) else { continue };
            let at = usize::from(place.index());
            if names.len() <= at {
                names.resize(at + 1, String::new());
            }
            if let Some(name) = names.get_mut(at) {
                *name = plan.id.to_string();
            }
        }
        if let Err(error) = self.usage.meter().rename(&crate::operation::names(&names)) {
            tracing::error!("Usage of new plans is recorded without their names: {error}");
        }
        self.plan_names.store(Arc::new(names));
    }
}

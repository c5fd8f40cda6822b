//! What a call costs beyond its class's unit cost: charged before the work begins, by the tariff's published rule.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest};
use fairground_admission::{Decision, Refusal, Standing};
use fairground_domain::OperationClass;

use super::{Gate, Identity, refusal_problem};
use crate::problem::Problem;

/// The account of a call under way, in its request's extensions where the tariff has a rule for its class.
#[derive(Debug, Clone)]
pub struct ChargeMore(Rc<Account>);

#[derive(Debug)]
struct Account {
    gate: Arc<Gate>,
    identity: Identity,
    class: OperationClass,
    outcome: RefCell<Outcome>,
}

/// What was charged beyond the unit cost, or why it was not.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) charged: Option<Standing>,
    pub(super) refused: Option<Refusal>,
}

impl ChargeMore {
    /// An account for a call that was admitted; `None` where its class costs the same whatever the work.
    pub(super) fn open(gate: &Arc<Gate>, identity: Identity, class: OperationClass) -> Option<Self> {
        gate.costs_by_work(class).then(|| {
            let outcome = RefCell::default();
            Self(Rc::new(Account { gate: Arc::clone(gate), identity, class, outcome }))
        })
    }

    /// Charges a request for so much work, in the measure of its class's rule: call it once, before the work begins. Nothing
    /// is charged where there is no rule.
    ///
    /// # Errors
    /// `QuotaExceeded` when the quota does not hold it; then the call costs nothing at all.
    pub async fn for_work(req: &HttpRequest, work: u64) -> Result<(), Problem> {
        let account = req.extensions().get::<Self>().cloned();
        match account {
            Some(account) => account.charge(work).await,
            None => Ok(()),
        }
    }

    async fn charge(&self, work: u64) -> Result<(), Problem> {
        let Account { gate, identity, class, outcome } = &*self.0;
        let more = gate.units(*class, work).saturating_sub(gate.unit_cost(*class));
        if more == 0 {
            return Ok(());
        }
        let now = gate.admission.now();
        match gate.admission.charge(identity.plan, *class, identity.party, more, now).await {
            Decision::Admitted(standing) => {
                let mut outcome = outcome.borrow_mut();
                match &mut outcome.charged {
                    Some(charged) => charged.add(&standing),
                    none => *none = Some(standing),
                }
                Ok(())
            }
            Decision::Refused(refusal) => {
                let problem = refusal_problem(&refusal, identity.key.is_some());
                outcome.borrow_mut().refused = Some(refusal);
                Err(problem)
            }
        }
    }

    /// What became of it.
    pub(super) fn close(&self) -> Outcome {
        self.0.outcome.take()
    }
}

//! What reviewers decide of what is held.

use actix_web::post;
use actix_web::web::{Data, Json, Path};
use fairground_catalog::gate::{self, MAX_BECAUSE_CHARS, MIN_BECAUSE_CHARS, ReleaseReason, Repair, Repairs};
use fairground_catalog::member::Actor;
use serde::Deserialize;
use utoipa::ToSchema;

use super::holds::HoldPath;
use super::wire::HoldOut;
use crate::body::{Body, Checked};
use crate::caller::{Caller, SignedInOnly, Then};
use crate::draft::repair_held;
use crate::problem::{Answer, Fault, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

fn check_words(because: &str) -> Vec<Fault> {
    let count = because.trim().chars().count();
    if (MIN_BECAUSE_CHARS..=MAX_BECAUSE_CHARS).contains(&count) {
        Vec::new()
    } else {
        vec![Fault::at("/because", format!("Say why in {MIN_BECAUSE_CHARS} to {MAX_BECAUSE_CHARS} characters."))]
    }
}

/// A release.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseIn {
    /// Why, from the list: `not-personal`, `public-office`, `legal-duty`, `consent`, `anonymised` or `historical`.
    reason: String,
    /// Why, in your words (10 to 2,000 characters): shown to everybody beside the dataset.
    because: String,
}

impl Checked for ReleaseIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = check_words(&self.because);
        if ReleaseReason::parse(&self.reason).is_none() {
            let known: Vec<&str> = ReleaseReason::ALL.into_iter().map(ReleaseReason::as_str).collect();
            faults.push(Fault::at("/reason", format!("Must be one of {}.", known.join(", "))));
        }
        faults
    }
}

/// Lets held content pass, with a recorded reason. For reviewers of its publisher who did not put it in.
///
/// A description becomes public at once, a file as soon as it is loaded. Later content in which nothing else is found passes too.
#[utoipa::path(tag = "gate", params(HoldPath), request_body = ReleaseIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = HoldOut), Problem))]
#[post("/holds/{hold}/release")]
pub(super) async fn release_hold(
    asked: Then<Caller<SignedInOnly>, Body<ReleaseIn>>,
    path: Path<HoldPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<HoldOut> {
    let Then(caller, Body(ReleaseIn { reason, because })) = asked;
    let (actor, id) = (Actor::of(caller.account()), path.id()?);
    let name = actor.name().to_owned();
    // The body's check has found it to be one.
    let reason = ReleaseReason::parse(&reason).unwrap_or(ReleaseReason::NotPersonal);
    let hold = state.write_keys(move |tx| gate::release(tx, &actor, id, reason, &because)).await?;
    Ok(Json(HoldOut::of(&hold, &name)))
}

/// A rejection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectIn {
    /// Why, in your words (10 to 2,000 characters).
    because: String,
}

impl Checked for RejectIn {
    fn faults(&self) -> Vec<Fault> {
        check_words(&self.because)
    }
}

/// Decides that held content stays out of view. The same content is not held a second time; it may still be released or repaired.
#[utoipa::path(tag = "gate", params(HoldPath), request_body = RejectIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = HoldOut), Problem))]
#[post("/holds/{hold}/reject")]
pub(super) async fn reject_hold(
    asked: Then<Caller<SignedInOnly>, Body<RejectIn>>,
    path: Path<HoldPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<HoldOut> {
    let Then(caller, Body(RejectIn { because })) = asked;
    let (actor, id) = (Actor::of(caller.account()), path.id()?);
    let name = actor.name().to_owned();
    let hold = state.write(move |tx| gate::reject(tx, &actor, id, &because)).await?;
    Ok(Json(HoldOut::of(&hold, &name)))
}

/// Repairs that are ordered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RepairIn {
    /// What is taken out, in its order: `{"do": "drop", "column": "email"}`, and likewise `mask`, `date`, `band`, `grid`, `prefix`,
    /// `suppress-small`, `suppress-rare`.
    #[schema(value_type = Vec<Object>)]
    pub(super) repairs: Vec<Repair>,
    /// Why, in your words (10 to 2,000 characters).
    because: String,
}

impl Checked for RepairIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = check_words(&self.because);
        faults.extend(fault_of(&self.repairs));
        faults
    }
}

/// What makes no sense in a list of repairs.
pub(super) fn fault_of(repairs: &[Repair]) -> Option<Fault> {
    Repairs::new(repairs.to_vec()).err().map(|error| Fault::at("/repairs", error.to_string()))
}

/// Orders a repair of a held file: what was found is taken out of it, and out of every version that follows. The repaired file is
/// screened before it is public, and the original never is. A file in an open draft is repaired at once, any other at its next load
/// or upload. For editors and reviewers of its publisher.
#[utoipa::path(tag = "gate", params(HoldPath), request_body = RepairIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = HoldOut), Problem))]
#[post("/holds/{hold}/repair")]
pub(super) async fn repair_hold(
    asked: Then<Caller<SignedInOnly>, Body<RepairIn>>,
    path: Path<HoldPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<HoldOut> {
    let Then(caller, Body(RepairIn { repairs, because })) = asked;
    let (actor, id) = (Actor::of(caller.account()), path.id()?);
    let name = actor.name().to_owned();
    let repairs = Repairs::new(repairs).map_err(super::preview::unfit)?;
    repair_held(&state, &actor, id, repairs, because).await?;
    let hold = state.read(move |tx| gate::get_visible(tx, &actor, id)).await?;
    Ok(Json(HoldOut::of(&hold, &name)))
}

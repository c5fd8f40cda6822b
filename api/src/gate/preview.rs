//! What repairs would make of a held file, before anybody orders them.

use std::path::PathBuf;

use actix_web::post;
use actix_web::web::{self, Data, Json, Path};
use fairground_catalog::gate::{self, Repair, RepairError, Repairs};
use fairground_catalog::member::Actor;
use fairground_domain::HoldId;
use fairground_screen_files::{MendError, mend_file};
use serde::Deserialize;
use utoipa::ToSchema;

use super::decide::fault_of;
use super::holds::HoldPath;
use super::wire::PreviewOut;
use crate::body::{Body, Checked};
use crate::caller::{Caller, SignedInOnly, Then};
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Repairs that are tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = RepairPreviewIn)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewIn {
    /// What would be taken out, as `repair_hold` takes it.
    #[schema(value_type = Vec<Object>)]
    repairs: Vec<Repair>,
}

impl Checked for PreviewIn {
    fn faults(&self) -> Vec<Fault> {
        fault_of(&self.repairs).into_iter().collect()
    }
}

/// Tells what repairs would make of a held file, and whether the gate would let that pass. Nothing changes.
#[utoipa::path(tag = "gate", params(HoldPath), request_body = PreviewIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = PreviewOut), Problem))]
#[post("/holds/{hold}/preview")]
pub(super) async fn preview_hold_repairs(
    asked: Then<Caller<SignedInOnly>, Body<PreviewIn>>,
    path: Path<HoldPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<PreviewOut> {
    let Then(caller, Body(PreviewIn { repairs })) = asked;
    let actor = Actor::of(caller.account());
    let repairs = Repairs::new(repairs).map_err(unfit)?;
    crate::draft::preview_repairs(&state, &actor, path.id()?, repairs).await.map(Json)
}

/// What repairs would make of a held file that is kept here.
///
/// # Errors
/// `NotFound` when the hold is none of the actor's business, `Conflict` when its file is not on this machine, `InvalidContent` when the
/// repairs do not fit it.
pub async fn preview_repairs(
    state: &ApiState,
    actor: &Actor,
    id: HoldId,
    repairs: Repairs,
) -> Result<PreviewOut, Problem> {
    let actor = actor.clone();
    let hold = state.read(move |tx| gate::get_visible(tx, &actor, id)).await?;
    let file: PathBuf = gate::held_file(state.catalog.data_dir(), id);
    let mended = web::block(move || {
        if !file.exists() {
            return Err(Problem::new(ProblemKind::Conflict).detail(
                "The held file is not kept on this machine. Repairs can be ordered all the same; they are made when it is loaded.",
            ));
        }
        mend_file(&file, &hold.name, Default::default(), None, &repairs, None).map_err(unmended)
    })
    .await??;
    Ok(PreviewOut::from(&mended))
}

pub(super) fn unfit(error: RepairError) -> Problem {
    let detail = error.to_string();
    Problem::new(ProblemKind::InvalidContent).detail(detail.clone()).errors(vec![Fault::at("/repairs", detail)])
}

fn unmended(error: MendError) -> Problem {
    match error {
        MendError::Repair(error) => unfit(error),
        MendError::Unreadable(error) => Problem::new(ProblemKind::InvalidContent).detail(error.to_string()),
        MendError::Io(error) => Problem::internal(error),
        MendError::Write(error) => Problem::internal(error),
    }
}

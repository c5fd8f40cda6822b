//! The steps of a draft between its editors and its reviewers.

use actix_web::post;
use actix_web::web::{Data, Json, Path};
use fairground_catalog::draft::{self, Approval};
use fairground_domain::FieldComment;
use serde::Deserialize;
use utoipa::ToSchema;

use super::handlers::DraftPath;
use super::wire::{DraftOut, EmbargoDoc, FieldCommentDoc, LocalReleaseDoc, WishDoc};
use crate::body::{Body, Checked};
use crate::caller::{Then, Worker};
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// What is wrong with a wish, before anybody asks the clock.
fn check_wish(release: Option<&LocalReleaseDoc>, embargo: Option<&EmbargoDoc>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = release.and_then(|plan| plan.plan().err()).into_iter().collect();
    if release.is_none() && embargo.is_some() {
        faults.push(Fault::at("/embargo", "An embargo needs the time at which it ends: `release`."));
    }
    faults
}

/// A draft that is handed to the reviewers.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitIn {
    /// The revision that you saw.
    revision: i32,
    /// When it shall be public; as soon as it is approved, without it.
    #[serde(default)]
    release: Option<LocalReleaseDoc>,
    /// What the public register says, where that time lies long ahead.
    #[serde(default)]
    embargo: Option<EmbargoDoc>,
}

impl Checked for SubmitIn {
    fn faults(&self) -> Vec<Fault> {
        check_wish(self.release.as_ref(), self.embargo.as_ref())
    }
}

/// Hands a draft to the reviewers. Its texts are screened for personal data here; under an objection window it passes by itself.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = SubmitIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), Problem))]
#[post("/drafts/{draft}/submit")]
pub(super) async fn submit_draft(
    asked: Then<Worker, Body<SubmitIn>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(SubmitIn { revision, release, embargo })) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let wish = WishDoc { release, embargo }.wish().map_err(unfit)?;
    let done = state.write(move |tx| draft::submit(tx, &actor, id, revision, wish)).await?;
    Ok(Json(done.into()))
}

fn unfit(fault: Fault) -> Problem {
    Problem::new(ProblemKind::InvalidContent).errors(vec![fault])
}

/// The revision that was seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenIn {
    /// The revision that you saw.
    revision: i32,
}

impl Checked for SeenIn {}

/// Takes a draft back from review or approval, to go on with it.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = SeenIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), Problem))]
#[post("/drafts/{draft}/recall")]
pub(super) async fn recall_draft(
    asked: Then<Worker, Body<SeenIn>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(SeenIn { revision })) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let done = state.write(move |tx| draft::recall(tx, &actor, id, revision)).await?;
    Ok(Json(done.into()))
}

/// A draft that is approved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveIn {
    /// The revision that you read: what is approved is that one.
    revision: i32,
    /// `as-wished` (when absent): at the time that its editors wish; `now`: at once; `at`: at `release`.
    #[serde(default)]
    when: Option<String>,
    /// The time, with `at`.
    #[serde(default)]
    release: Option<LocalReleaseDoc>,
    /// What the public register says, where that time lies long ahead.
    #[serde(default)]
    embargo: Option<EmbargoDoc>,
}

impl Checked for ApproveIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = check_wish(self.release.as_ref(), self.embargo.as_ref());
        match (self.when.as_deref(), &self.release) {
            (Some("at"), None) => faults.push(Fault::at("/release", "At which time?")),
            (Some("at"), Some(_)) | (None | Some("as-wished" | "now"), None) => {}
            (None | Some("as-wished" | "now"), Some(_)) => {
                faults.push(Fault::at("/when", "Say `at` when you name a time."));
            }
            (Some(_), _) => faults.push(Fault::at("/when", "Must be `as-wished`, `now` or `at`.")),
        }
        faults
    }
}

/// Approves a draft that somebody else wrote: it is public at once, or kept until its time. An approved draft can be approved again,
/// to be released at another time.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = ApproveIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), (status = CONFLICT, description = "Another revision, a newer version of the dataset, or held by the gate"), Problem))]
#[post("/drafts/{draft}/approve")]
pub(super) async fn approve_draft(
    asked: Then<Worker, Body<ApproveIn>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(ApproveIn { revision, when, release, embargo })) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let approval = match when.as_deref() {
        Some("now") => Approval::Now,
        Some("at") => Approval::At(WishDoc { release, embargo }.wish().map_err(unfit)?),
        _ => Approval::AsWished,
    };
    // Tables come into view with it: this process's own memory of them is fresh when the answer comes.
    let done = state.write_keys(move |tx| draft::approve(tx, &actor, id, revision, approval)).await?;
    Ok(Json(done.into()))
}

/// A draft that is given back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnIn {
    /// The revision that you read.
    revision: i32,
    /// What is to be done, field by field.
    comments: Vec<FieldCommentDoc>,
}

impl Checked for ReturnIn {
    fn faults(&self) -> Vec<Fault> {
        if self.comments.is_empty() { vec![Fault::at("/comments", "Say what is to be done.")] } else { Vec::new() }
    }
}

/// Gives a draft back to its editors, with comments by field.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = ReturnIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), Problem))]
#[post("/drafts/{draft}/return")]
pub(super) async fn return_draft(
    asked: Then<Worker, Body<ReturnIn>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(ReturnIn { revision, comments })) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let comments = comments.into_iter().map(|it| FieldComment { pointer: it.pointer, text: it.text }).collect();
    let done = state.write(move |tx| draft::give_back(tx, &actor, id, revision, comments)).await?;
    Ok(Json(done.into()))
}

/// Why a draft shall not pass by itself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectionIn {
    /// The revision that you read.
    revision: i32,
    /// Why.
    reason: String,
}

impl Checked for ObjectionIn {}

/// Holds a draft back from passing by itself at the end of its objection window.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = ObjectionIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), Problem))]
#[post("/drafts/{draft}/objection")]
pub(super) async fn object_to_draft(
    asked: Then<Worker, Body<ObjectionIn>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(ObjectionIn { revision, reason })) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let done = state.write(move |tx| draft::object(tx, &actor, id, revision, &reason)).await?;
    Ok(Json(done.into()))
}

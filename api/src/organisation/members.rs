//! Members and invitations.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use fairground_catalog::organisation::{self, Invitation, MemberRole};
use fairground_catalog::{CatalogError, letter};
use fairground_domain::AccountId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::OrganisationPath;
use super::wire::{
    AcceptIn, InvitationIn, InvitationList, InvitationOut, MemberList, MemberOut, MemberPatch, OrganisationOut,
    RoleWord,
};
use crate::body::Body;
use crate::caller::{Caller, SignedInOnly, Then};
use crate::mail::{Tongue, letters};
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::{ApiState, MAIL_WINDOW};

/// How an address names the caller's own account.
const OWN: &str = "me";

/// An organisation and one of its members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct MemberPath {
    /// The organisation's readable address.
    organisation: String,
    /// The member's account, or `me`.
    account: String,
}

impl MemberPath {
    fn account(&self, own: AccountId) -> Result<AccountId, CatalogError> {
        if self.account == OWN {
            return Ok(own);
        }
        self.account.parse().map_err(|_| CatalogError::not_found("member", &self.account))
    }
}

/// An organisation and one of its invitations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InvitationPath {
    /// The organisation's readable address.
    organisation: String,
    /// The invitation's id.
    invitation: String,
}

/// The members of an organisation that you belong to.
#[utoipa::path(tag = "organisations", params(OrganisationPath), security(("bearer" = [])),
               responses((status = OK, body = MemberList), Problem))]
#[get("/organisations/{organisation}/members")]
pub(super) async fn list_members(
    caller: Caller<SignedInOnly>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<MemberList> {
    let account = caller.account().id;
    let members = state
        .read(move |tx| {
            let (organisation, _) = organisation::get_for(tx, account, &path.organisation)?;
            organisation::list_members(tx, organisation.id)
        })
        .await?;
    Ok(Json(MemberList { items: members.into_iter().map(MemberOut::from).collect() }))
}

/// Gives a member another role; for owners. An organisation always has an owner.
#[utoipa::path(tag = "organisations", params(MemberPath), request_body = MemberPatch, security(("bearer" = [])),
               responses((status = NO_CONTENT), Problem))]
#[patch("/organisations/{organisation}/members/{account}")]
pub(super) async fn update_member(
    Then(caller, body): Then<Caller<SignedInOnly>, Body<MemberPatch>>,
    path: Path<MemberPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.account().id;
    let role = body.0.role.into();
    state
        .write(move |tx| {
            organisation::get_for(tx, actor, &path.organisation)?;
            organisation::set_member_role(tx, actor, &path.organisation, path.account(actor)?, role)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a member out, or leaves (`me`). The last owner cannot leave.
#[utoipa::path(tag = "organisations", params(MemberPath), security(("bearer" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/organisations/{organisation}/members/{account}")]
pub(super) async fn remove_member(
    caller: Caller<SignedInOnly>,
    path: Path<MemberPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.account().id;
    state
        .write(move |tx| {
            organisation::get_for(tx, actor, &path.organisation)?;
            organisation::remove_member(tx, actor, &path.organisation, path.account(actor)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The invitations that wait for an answer, for members.
#[utoipa::path(tag = "organisations", params(OrganisationPath), security(("bearer" = [])),
               responses((status = OK, body = InvitationList), Problem))]
#[get("/organisations/{organisation}/invitations")]
pub(super) async fn list_invitations(
    caller: Caller<SignedInOnly>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<InvitationList> {
    let account = caller.account().id;
    let waiting = state
        .read(move |tx| {
            let (organisation, _) = organisation::get_for(tx, account, &path.organisation)?;
            organisation::list_invitations(tx, organisation.id)
        })
        .await?;
    Ok(Json(InvitationList { items: waiting.into_iter().map(InvitationOut::from).collect() }))
}

/// Invites somebody by mail; for owners.
#[utoipa::path(tag = "organisations", params(OrganisationPath), request_body = InvitationIn, security(("bearer" = [])),
               responses((status = CREATED, body = InvitationOut), Problem))]
#[post("/organisations/{organisation}/invitations")]
pub(super) async fn create_invitation(
    Then(caller, body): Then<Caller<SignedInOnly>, Body<InvitationIn>>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(InvitationIn { email, role }) = body;
    let role = role.unwrap_or(RoleWord::Member).into();
    let made = send_invitation(&state, caller.account().id, path.organisation.clone(), email, role).await?;
    Ok(HttpResponse::Created().json(InvitationOut::from(made)))
}

/// Invites somebody, and queues the letter in the same transaction.
///
/// # Errors
/// As [`organisation::invite`]; `TooManyAttempts` when the address has had too many letters today.
pub async fn send_invitation(
    state: &ApiState,
    actor: AccountId,
    slug: String,
    email: String,
    role: MemberRole,
) -> Result<Invitation, Problem> {
    // Who may not invite is refused before the address's letters are counted.
    let (secret, settings) = (state.catalog.secret.clone(), state.settings.clone());
    let home = slug.clone();
    let (_, own) = state.read(move |tx| organisation::get_for(tx, actor, &home)).await?;
    if own == MemberRole::Owner && !state.may_write_to(&email) {
        return Err(Problem::new(ProblemKind::TooManyAttempts)
            .detail("That address has had enough letters from this portal today.")
            .retry_after(MAIL_WINDOW.as_secs()));
    }
    let made = state
        .write(move |tx| {
            let invited = organisation::invite(tx, &secret, actor, &slug, &email, role)?;
            let tongue = Tongue::of_address(tx, &invited.invitation.email, settings.language)?;
            letter::enqueue(tx, &secret, letters::invitation(&settings, tongue, &invited).into())?;
            Ok(invited.invitation)
        })
        .await?;
    state.post.wake();
    Ok(made)
}

/// Withdraws an invitation; for owners.
#[utoipa::path(tag = "organisations", params(InvitationPath), security(("bearer" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/organisations/{organisation}/invitations/{invitation}")]
pub(super) async fn withdraw_invitation(
    caller: Caller<SignedInOnly>,
    path: Path<InvitationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.account().id;
    state
        .write(move |tx| {
            organisation::get_for(tx, actor, &path.organisation)?;
            let id = path.invitation.parse().map_err(|_| CatalogError::not_found("invitation", &path.invitation))?;
            organisation::withdraw_invitation(tx, actor, &path.organisation, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accepts an invitation by the token of its link, once.
#[utoipa::path(tag = "organisations", request_body = AcceptIn, security(("bearer" = [])),
               responses((status = OK, body = OrganisationOut), Problem))]
#[post("/organisations/invitations/accept")]
pub(super) async fn accept_invitation(
    Then(caller, body): Then<Caller<SignedInOnly>, Body<AcceptIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<OrganisationOut> {
    let account = caller.account().id;
    let Body(AcceptIn { token }) = body;
    let secret = state.catalog.secret.clone();
    let joined = state.write(move |tx| organisation::accept_invitation(tx, &secret, account, token.trim())).await?;
    Ok(Json(joined.into()))
}

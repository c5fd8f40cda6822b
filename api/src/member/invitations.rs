//! Invitations to work for a publisher.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};
use fairground_catalog::member::{self, Actor, MemberInvitation};
use fairground_catalog::{CatalogError, letter};
use fairground_domain::{InvitationId, PublisherId, PublisherRole, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::PublisherPath;
use super::wire::{PublisherAcceptIn, PublisherInvitationIn, PublisherInvitationOut, PublisherJoined};
use crate::body::Body;
use crate::caller::{Caller, SignedInOnly, Then};
use crate::mail::{Tongue, letters};
use crate::page::Page;
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::{ApiState, MAIL_WINDOW};

/// A publisher and one of its invitations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InvitationPath {
    /// The publisher's id or slug.
    publisher: String,
    /// The invitation's id.
    invitation: String,
}

/// The invitations that wait for an answer; for managers.
#[utoipa::path(tag = "members", params(PublisherPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<PublisherInvitationOut>), Problem))]
#[get("/publishers/{publisher}/invitations")]
pub(super) async fn list_publisher_invitations(
    caller: Caller<SignedInOnly>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<PublisherInvitationOut>> {
    let actor = Actor::of(caller.account());
    let found = state
        .read(move |tx| {
            let publisher = path.find(tx)?;
            member::list_invitations(tx, &actor, publisher)
        })
        .await?;
    Ok(Json(Page { items: found.into_iter().map(PublisherInvitationOut::from).collect(), next: None }))
}

/// Invites somebody by mail to a role; for managers. The link works once, for a week.
#[utoipa::path(tag = "members", params(PublisherPath), request_body = PublisherInvitationIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = PublisherInvitationOut), Problem))]
#[post("/publishers/{publisher}/invitations")]
pub(super) async fn create_publisher_invitation(
    asked: Then<Caller<SignedInOnly>, Body<PublisherInvitationIn>>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(asked)) = asked;
    let actor = Actor::of(caller.account());
    let publisher = state.read(move |tx| path.find(tx)).await?;
    let made = send_member_invitation(&state, actor, publisher, asked.email, asked.role.into(), asked.ends_at).await?;
    Ok(HttpResponse::Created().json(PublisherInvitationOut::from(made)))
}

/// Invites somebody to a role, and queues the letter in the same transaction.
///
/// # Errors
/// As [`member::invite`]; `TooManyAttempts` when the address has had too many letters today.
pub async fn send_member_invitation(
    state: &ApiState,
    actor: Actor,
    publisher: PublisherId,
    email: String,
    role: PublisherRole,
    ends_at: Option<Timestamp>,
) -> Result<MemberInvitation, Problem> {
    // Who may not invite is refused before the address's letters are counted.
    let asks = actor.clone();
    state.read(move |tx| member::must_manage(tx, &asks, publisher)).await?;
    if !state.may_write_to(&email) {
        return Err(Problem::new(ProblemKind::TooManyAttempts)
            .detail("That address has had enough letters from this portal today.")
            .retry_after(MAIL_WINDOW.as_secs()));
    }
    let (secret, settings) = (state.catalog.secret.clone(), state.settings.clone());
    let made = state
        .write(move |tx| {
            let invited = member::invite(tx, &secret, &actor, publisher, &email, role, ends_at)?;
            let tongue = Tongue::of_address(tx, &invited.invitation.email, settings.language)?;
            letter::enqueue(tx, &secret, letters::member_invitation(&settings, tongue, &invited).into())?;
            Ok(invited.invitation)
        })
        .await?;
    state.post.wake();
    Ok(made)
}

/// Withdraws an invitation; for managers.
#[utoipa::path(tag = "members", params(InvitationPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/publishers/{publisher}/invitations/{invitation}")]
pub(super) async fn withdraw_publisher_invitation(
    caller: Caller<SignedInOnly>,
    path: Path<InvitationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = Actor::of(caller.account());
    let InvitationPath { publisher, invitation } = path.into_inner();
    state
        .write(move |tx| {
            let home = PublisherPath { publisher }.find(tx)?;
            let unknown = || CatalogError::not_found("invitation", &invitation);
            let id: InvitationId = invitation.parse().map_err(|_| unknown())?;
            if !member::list_invitations(tx, &actor, home)?.iter().any(|known| known.id == id) {
                return Err(unknown());
            }
            member::withdraw_invitation(tx, &actor, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accepts an invitation by the token of its link, once, for the account that is signed in.
#[utoipa::path(tag = "members", request_body = PublisherAcceptIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = PublisherJoined), Problem))]
#[post("/publishers/invitations/accept")]
pub(super) async fn accept_publisher_invitation(
    asked: Then<Caller<SignedInOnly>, Body<PublisherAcceptIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<PublisherJoined> {
    let Then(caller, Body(PublisherAcceptIn { token })) = asked;
    let (account, secret) = (caller.account().id, state.catalog.secret.clone());
    let (publisher, role) =
        state.write(move |tx| member::accept_invitation(tx, &secret, account, token.trim())).await?;
    Ok(Json(PublisherJoined { publisher: (&publisher).into(), role: role.into() }))
}

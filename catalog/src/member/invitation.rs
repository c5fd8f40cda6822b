//! Invitations: mailed links that give one account a role for a publisher, once, for a while.

use diesel::prelude::*;
use fairground_domain::{AccountId, ActingRole, InvitationId, PublisherId, PublisherRole, Timestamp};
use serde_json::json;

use super::Actor;
use super::grant::{must_manage, put, role_of};
use crate::account::{self, parse_email};
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::dataset::PublisherRef;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::publisher;
use crate::schema::publisher_invitations;
use crate::secret::{Secret, random};

/// How long an invitation can be accepted, in seconds (7 days).
pub const INVITATION_SECS: i64 = 7 * 86_400;
/// Most invitations of a publisher that wait for an answer.
pub const MAX_INVITATIONS: i64 = 50;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = publisher_invitations, treat_none_as_default_value = false)]
struct InvitationRow {
    id: String,
    publisher_id: String,
    email: String,
    role: String,
    digest: String,
    invited_by: String,
    created_at: i64,
    expires_at: i64,
    grant_ends_at: Option<i64>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("invitation", problem)
}

/// An invitation that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberInvitation {
    /// Its id.
    pub id: InvitationId,
    /// For which publisher.
    pub publisher: PublisherId,
    /// The invited mailbox.
    pub email: String,
    /// What it gives.
    pub role: PublisherRole,
    /// When it was sent.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// When the role ends by itself, once accepted.
    pub grant_ends_at: Option<Timestamp>,
}

impl TryFrom<InvitationRow> for MemberInvitation {
    type Error = CatalogError;

    fn try_from(row: InvitationRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            publisher: row.publisher_id.parse().map_err(corrupt)?,
            email: row.email,
            role: role_of(&row.role)?,
            created_at: Timestamp::from_micros(row.created_at),
            expires_at: Timestamp::from_micros(row.expires_at),
            grant_ends_at: row.grant_ends_at.map(Timestamp::from_micros),
        })
    }
}

/// An invitation with what its link carries.
#[derive(Debug)]
pub struct InvitedMember {
    /// For which publisher.
    pub publisher: PublisherRef,
    /// The invitation.
    pub invitation: MemberInvitation,
    /// Goes to the invited mailbox and nowhere else. The caller queues the letter in the same transaction.
    pub token: String,
}

fn digest(secret: &Secret, token: &str) -> String {
    secret.digest("publisher-invitation", token.as_bytes()).to_string()
}

fn reference(tx: &mut Tx<'_>, id: PublisherId) -> Result<PublisherRef, CatalogError> {
    let found = publisher::find_by_id(tx, id)?.ok_or_else(|| CatalogError::not_found("publisher", id))?;
    Ok(PublisherRef { id: found.id, slug: found.slug, name: found.name })
}

/// Who was invited is told to the audit by the mailbox's host alone: the address is personal, and may be of somebody who never
/// comes.
fn told(row: &InvitationRow) -> serde_json::Value {
    let host = row.email.rsplit_once('@').map_or("", |(_, host)| host);
    json!({ "invitation": row.id, "role": row.role, "host": host })
}

fn entry(
    row: &InvitationRow,
    actor: &Actor,
    acting: ActingRole,
    action: AuditAction,
) -> Result<NewEntry, CatalogError> {
    let ends = action == AuditAction::InvitationWithdrawn;
    Ok(NewEntry {
        who: actor.acting(acting),
        publisher: Some(row.publisher_id.parse().map_err(corrupt)?),
        subject_kind: SubjectKind::Publisher,
        subject_id: row.publisher_id.clone(),
        action,
        before: if ends { told(row) } else { serde_json::Value::Null },
        after: if ends { serde_json::Value::Null } else { told(row) },
        comment: None,
    })
}

/// Invites somebody by mail to a role; an earlier invitation of the same address to the same role no longer works.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no manager, `Invalid` for what is no address, an end in the past, or when
/// [`MAX_INVITATIONS`] wait.
pub fn invite(
    tx: &mut Tx<'_>,
    secret: &Secret,
    actor: &Actor,
    publisher: PublisherId,
    email: &str,
    role: PublisherRole,
    grant_ends_at: Option<Timestamp>,
) -> Result<InvitedMember, CatalogError> {
    journal::take_pen(tx)?;
    let acting = must_manage(tx, actor, publisher)?;
    let email = parse_email(email)?;
    if grant_ends_at.is_some_and(|end| end <= tx.now) {
        return Err(CatalogError::Invalid { field: "ends_at", problem: "must lie in the future".to_owned() });
    }
    let id = publisher.to_string();
    let open = publisher_invitations::table.filter(publisher_invitations::publisher_id.eq(&id));
    diesel::delete(open.filter(publisher_invitations::expires_at.le(tx.now.as_micros()))).execute(tx.conn)?;
    let same = open.filter(publisher_invitations::email.eq(&email));
    diesel::delete(same.filter(publisher_invitations::role.eq(role.as_str()))).execute(tx.conn)?;
    let waiting: i64 = open.count().get_result(tx.conn)?;
    if waiting >= MAX_INVITATIONS {
        return Err(CatalogError::Invalid {
            field: "email",
            problem: format!("{MAX_INVITATIONS} invitations wait for an answer; withdraw one first"),
        });
    }
    let token = hex::encode(random::<32>()?);
    let row = InvitationRow {
        id: InvitationId::new().to_string(),
        publisher_id: id,
        email,
        role: role.as_str().to_owned(),
        digest: digest(secret, &token),
        invited_by: actor.name().to_owned(),
        created_at: tx.now.as_micros(),
        expires_at: tx.now.plus_secs(INVITATION_SECS).as_micros(),
        grant_ends_at: grant_ends_at.map(Timestamp::as_micros),
    };
    diesel::insert_into(publisher_invitations::table).values(&row).execute(tx.conn)?;
    audit::note(tx, entry(&row, actor, acting, AuditAction::InvitationSent)?)?;
    Ok(InvitedMember { publisher: reference(tx, publisher)?, invitation: row.try_into()?, token })
}

/// The invitations that wait for an answer, oldest first.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no manager.
pub fn list_invitations(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
) -> Result<Vec<MemberInvitation>, CatalogError> {
    must_manage(tx, actor, publisher)?;
    publisher_invitations::table
        .filter(publisher_invitations::publisher_id.eq(publisher.to_string()))
        .filter(publisher_invitations::expires_at.gt(tx.now.as_micros()))
        .order(publisher_invitations::id)
        .select(InvitationRow::as_select())
        .load(tx.conn)?
        .into_iter()
        .map(MemberInvitation::try_from)
        .collect()
}

/// Withdraws an invitation.
///
/// # Errors
/// `NotFound` when there is none and for strangers, `Forbidden` for who is no manager.
pub fn withdraw_invitation(tx: &mut Tx<'_>, actor: &Actor, id: InvitationId) -> Result<(), CatalogError> {
    journal::take_pen(tx)?;
    let row: InvitationRow = publisher_invitations::table
        .find(id.to_string())
        .select(InvitationRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("invitation", id))?;
    let acting = match must_manage(tx, actor, row.publisher_id.parse().map_err(corrupt)?) {
        Err(CatalogError::NotFound { .. }) => return Err(CatalogError::not_found("invitation", id)),
        other => other?,
    };
    diesel::delete(publisher_invitations::table.find(&row.id)).execute(tx.conn)?;
    audit::note(tx, entry(&row, actor, acting, AuditAction::InvitationWithdrawn)?).map(drop)
}

fn find_row(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<InvitationRow, CatalogError> {
    publisher_invitations::table
        .filter(publisher_invitations::digest.eq(digest(secret, token)))
        .filter(publisher_invitations::expires_at.gt(tx.now.as_micros()))
        .select(InvitationRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("invitation", "it is wrong, too old or was used before"))
}

/// What a link invites to, without accepting it.
///
/// # Errors
/// `NotFound` when the link is wrong, too old, withdrawn or was used.
pub fn find_invitation(
    tx: &mut Tx<'_>,
    secret: &Secret,
    token: &str,
) -> Result<(PublisherRef, MemberInvitation), CatalogError> {
    let invitation = MemberInvitation::try_from(find_row(tx, secret, token)?)?;
    Ok((reference(tx, invitation.publisher)?, invitation))
}

/// Accepts an invitation for an account. Whoever holds the link has read the invited mailbox; the account may carry another
/// address.
///
/// # Errors
/// `NotFound` as [`find_invitation`], and for an account that there is not; `Invalid` when the publisher is full.
pub fn accept_invitation(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: AccountId,
    token: &str,
) -> Result<(PublisherRef, PublisherRole), CatalogError> {
    journal::take_pen(tx)?;
    let row = find_row(tx, secret, token)?;
    let account = account::get(tx, account)?;
    let publisher: PublisherId = row.publisher_id.parse().map_err(corrupt)?;
    let role = role_of(&row.role)?;
    diesel::delete(publisher_invitations::table.find(&row.id)).execute(tx.conn)?;
    let ends_at = row.grant_ends_at.map(Timestamp::from_micros);
    put(tx, publisher, account.id, role, &row.invited_by, None, ends_at)?;
    let acting = ActingRole::Oneself;
    audit::note(tx, entry(&row, &Actor::of(&account), acting, AuditAction::InvitationAccepted)?)?;
    Ok((reference(tx, publisher)?, role))
}

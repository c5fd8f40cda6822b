//! Invitations: mailed links that make one account a member, once, for a while.

use diesel::prelude::*;
use fairground_domain::{AccountId, InvitationId, OrganisationId, Timestamp};

use super::store::{corrupt, get, get_owned, must_have_room, note, verify};
use super::{Invitation, MAX_MEMBERS, MemberRole, Organisation, member};
use crate::account::parse_email;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::EventKind;
use crate::schema::{organisation_invitations, organisation_members};
use crate::secret::{Secret, random};

/// How long an invitation can be accepted, in seconds (7 days).
pub const INVITATION_SECS: i64 = 7 * 86_400;
/// Most invitations of an organisation that wait for an answer.
pub const MAX_INVITATIONS: i64 = 50;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisation_invitations, treat_none_as_default_value = false)]
struct InvitationRow {
    id: String,
    organisation_id: String,
    email: String,
    role: String,
    digest: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = CatalogError;

    fn try_from(row: InvitationRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            email: row.email,
            role: member::role_of(&row.role)?,
            created_at: Timestamp::from_micros(row.created_at),
            expires_at: Timestamp::from_micros(row.expires_at),
        })
    }
}

fn digest(secret: &Secret, token: &str) -> String {
    secret.digest("organisation-invitation", token.as_bytes()).to_string()
}

/// An invitation with what its link carries.
#[derive(Debug)]
pub struct Invited {
    /// Into which organisation.
    pub organisation: Organisation,
    /// The invitation.
    pub invitation: Invitation,
    /// Goes to the invited mailbox and nowhere else.
    pub token: String,
}

/// Invites somebody by mail; an earlier invitation of the same address no longer works.
///
/// # Errors
/// `Invalid` for what is no address or when [`MAX_INVITATIONS`] wait; as for every act of owners, `NotFound` for strangers and
/// `Forbidden` for members.
pub fn invite(
    tx: &mut Tx<'_>,
    secret: &Secret,
    actor: AccountId,
    slug: &str,
    email: &str,
    role: MemberRole,
) -> Result<Invited, CatalogError> {
    let organisation = get_owned(tx, actor, slug)?;
    let email = parse_email(email)?;
    let id = organisation.id.to_string();
    let open = organisation_invitations::table.filter(organisation_invitations::organisation_id.eq(&id));
    diesel::delete(open.filter(organisation_invitations::expires_at.le(tx.now.as_micros()))).execute(tx.conn)?;
    diesel::delete(open.filter(organisation_invitations::email.eq(&email))).execute(tx.conn)?;
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
        organisation_id: id,
        email,
        role: role.as_str().to_owned(),
        digest: digest(secret, &token),
        created_at: tx.now.as_micros(),
        expires_at: tx.now.plus_secs(INVITATION_SECS).as_micros(),
    };
    diesel::insert_into(organisation_invitations::table).values(&row).execute(tx.conn)?;
    Ok(Invited { organisation, invitation: row.try_into()?, token })
}

/// The invitations that wait for an answer, oldest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_invitations(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<Invitation>, CatalogError> {
    organisation_invitations::table
        .filter(organisation_invitations::organisation_id.eq(organisation.to_string()))
        .filter(organisation_invitations::expires_at.gt(tx.now.as_micros()))
        .order(organisation_invitations::id)
        .select(InvitationRow::as_select())
        .load(tx.conn)?
        .into_iter()
        .map(Invitation::try_from)
        .collect()
}

/// Withdraws an invitation.
///
/// # Errors
/// `NotFound` when there is none; as for every act of owners, `NotFound` for strangers and `Forbidden` for members.
pub fn withdraw_invitation(
    tx: &mut Tx<'_>,
    actor: AccountId,
    slug: &str,
    invitation: InvitationId,
) -> Result<(), CatalogError> {
    let organisation = get_owned(tx, actor, slug)?;
    let withdrawn = diesel::delete(
        organisation_invitations::table
            .find(invitation.to_string())
            .filter(organisation_invitations::organisation_id.eq(organisation.id.to_string())),
    )
    .execute(tx.conn)?;
    if withdrawn == 0 { Err(CatalogError::not_found("invitation", invitation)) } else { Ok(()) }
}

fn find_row(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<InvitationRow, CatalogError> {
    organisation_invitations::table
        .filter(organisation_invitations::digest.eq(digest(secret, token)))
        .filter(organisation_invitations::expires_at.gt(tx.now.as_micros()))
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
) -> Result<(Organisation, Invitation), CatalogError> {
    let row = find_row(tx, secret, token)?;
    let organisation = get(tx, row.organisation_id.parse().map_err(corrupt)?)?;
    Ok((organisation, row.try_into()?))
}

/// Accepts an invitation for an account. Whoever holds the link has read the invited mailbox; the account may carry another
/// address.
///
/// # Errors
/// `NotFound` as [`find_invitation`]; `Invalid` when the organisation or the account is full.
pub fn accept_invitation(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: AccountId,
    token: &str,
) -> Result<(Organisation, MemberRole), CatalogError> {
    let row = find_row(tx, secret, token)?;
    let id: OrganisationId = row.organisation_id.parse().map_err(corrupt)?;
    let role = member::role_of(&row.role)?;
    diesel::delete(organisation_invitations::table.find(&row.id)).execute(tx.conn)?;
    let known = super::list_of(tx, account)?.into_iter().find(|(known, _)| known.id == id).map(|(_, role)| role);
    // Who is a member already loses nothing by an invitation to less.
    let role = known.map_or(role, |before| before.min(role));
    if known.is_none() {
        must_have_room(tx, account)?;
        let members: i64 = organisation_members::table
            .filter(organisation_members::organisation_id.eq(id.to_string()))
            .count()
            .get_result(tx.conn)?;
        if members >= MAX_MEMBERS {
            return Err(CatalogError::Invalid {
                field: "organisation",
                problem: format!("an organisation has at most {MAX_MEMBERS} members"),
            });
        }
    }
    member::put(tx, id, account, role)?;
    note(tx, EventKind::OrganisationChanged, id)?;
    Ok((verify(tx, id)?, role))
}

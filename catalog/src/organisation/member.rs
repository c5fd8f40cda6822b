//! Every statement on members.

use diesel::prelude::*;
use fairground_domain::{AccountId, OrganisationId, Timestamp};

use super::store::{corrupt, get_for, get_owned, note, remove, verify};
use super::{Member, MemberRole};
use crate::application;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::EventKind;
use crate::schema::{accounts, applications, organisation_members};

/// Most members of an organisation.
pub const MAX_MEMBERS: i64 = 200;

pub(super) fn role_of(text: &str) -> Result<MemberRole, CatalogError> {
    MemberRole::parse(text).ok_or_else(|| corrupt(format!("role `{text}`")))
}

/// Makes an account a member, or gives a member another role.
pub(super) fn put(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    account: AccountId,
    role: MemberRole,
) -> Result<(), CatalogError> {
    let (organisation, account) = (organisation.to_string(), account.to_string());
    let changed = diesel::update(organisation_members::table.find((&organisation, &account)))
        .set(organisation_members::role.eq(role.as_str()))
        .execute(tx.conn)?;
    if changed == 0 {
        diesel::insert_into(organisation_members::table)
            .values((
                organisation_members::organisation_id.eq(&organisation),
                organisation_members::account_id.eq(&account),
                organisation_members::role.eq(role.as_str()),
                organisation_members::joined_at.eq(tx.now.as_micros()),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The members, in the order in which they joined.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_members(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<Member>, CatalogError> {
    let rows: Vec<(String, String, String, String, i64)> = organisation_members::table
        .inner_join(accounts::table.on(accounts::id.eq(organisation_members::account_id)))
        .filter(organisation_members::organisation_id.eq(organisation.to_string()))
        .order((organisation_members::joined_at, organisation_members::account_id))
        .select((
            organisation_members::account_id,
            accounts::name,
            accounts::email,
            organisation_members::role,
            organisation_members::joined_at,
        ))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(account, name, email, role, joined_at)| {
            Ok(Member {
                account: account.parse().map_err(corrupt)?,
                name,
                email,
                role: role_of(&role)?,
                joined_at: Timestamp::from_micros(joined_at),
            })
        })
        .collect()
}

/// Gives a member another role.
///
/// # Errors
/// `NotFound` for strangers and for who is no member, `Forbidden` for members who are no owners, `WrongState` when it would
/// leave no owner.
pub fn set_member_role(
    tx: &mut Tx<'_>,
    actor: AccountId,
    slug: &str,
    member: AccountId,
    role: MemberRole,
) -> Result<(), CatalogError> {
    let organisation = get_owned(tx, actor, slug)?;
    find(tx, organisation.id, member)?;
    if role != MemberRole::Owner {
        must_not_be_the_last_owner(tx, organisation.id, member)?;
    }
    put(tx, organisation.id, member, role)?;
    note(tx, EventKind::OrganisationChanged, organisation.id)
}

/// Takes a member out.
///
/// # Errors
/// As [`set_member_role`].
pub fn remove_member(tx: &mut Tx<'_>, actor: AccountId, slug: &str, member: AccountId) -> Result<(), CatalogError> {
    if actor == member {
        return leave(tx, actor, slug);
    }
    let organisation = get_owned(tx, actor, slug)?;
    take_out(tx, organisation.id, member)
}

/// Leaves an organisation.
///
/// # Errors
/// `NotFound` for who is no member, `WrongState` for the last owner.
pub fn leave(tx: &mut Tx<'_>, account: AccountId, slug: &str) -> Result<(), CatalogError> {
    let (organisation, _) = get_for(tx, account, slug)?;
    take_out(tx, organisation.id, account)
}

fn take_out(tx: &mut Tx<'_>, organisation: OrganisationId, member: AccountId) -> Result<(), CatalogError> {
    find(tx, organisation, member)?;
    must_not_be_the_last_owner(tx, organisation, member)?;
    delete(tx, organisation, member)?;
    note(tx, EventKind::OrganisationChanged, organisation)?;
    verify(tx, organisation).map(drop)
}

fn delete(tx: &mut Tx<'_>, organisation: OrganisationId, member: AccountId) -> Result<(), CatalogError> {
    diesel::delete(organisation_members::table.find((organisation.to_string(), member.to_string())))
        .execute(tx.conn)?;
    Ok(())
}

fn find(tx: &mut Tx<'_>, organisation: OrganisationId, member: AccountId) -> Result<MemberRole, CatalogError> {
    let role: Option<String> = organisation_members::table
        .find((organisation.to_string(), member.to_string()))
        .select(organisation_members::role)
        .first(tx.conn)
        .optional()?;
    role_of(&role.ok_or_else(|| CatalogError::not_found("member", member))?)
}

fn must_not_be_the_last_owner(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    member: AccountId,
) -> Result<(), CatalogError> {
    let others: i64 = organisation_members::table
        .filter(organisation_members::organisation_id.eq(organisation.to_string()))
        .filter(organisation_members::role.eq(MemberRole::Owner.as_str()))
        .filter(organisation_members::account_id.ne(member.to_string()))
        .count()
        .get_result(tx.conn)?;
    if others > 0 || find(tx, organisation, member)? != MemberRole::Owner {
        return Ok(());
    }
    Err(CatalogError::WrongState {
        what: "this member".to_owned(),
        state: "the only owner".to_owned(),
        problem: "make somebody else an owner first, or dissolve the organisation",
    })
}

/// Takes an account out of every organisation, for whoever erases a person. Where it was the only owner, whoever joined first
/// becomes one; where it was the only member, the organisation ends and its applications are closed.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_account(tx: &mut Tx<'_>, account: AccountId) -> Result<(), CatalogError> {
    for (organisation, _) in super::list_of(tx, account)? {
        delete(tx, organisation.id, account)?;
        let left = list_members(tx, organisation.id)?;
        match left.first() {
            None => {
                let id = organisation.id.to_string();
                let held: Vec<String> = applications::table
                    .filter(applications::organisation_id.eq(&id))
                    .select(applications::id)
                    .load(tx.conn)?;
                for application in held {
                    application::close(tx, application.parse().map_err(corrupt)?)?;
                }
                remove(tx, organisation.id)?;
            }
            Some(first) => {
                if left.iter().all(|member| member.role != MemberRole::Owner) {
                    put(tx, organisation.id, first.account, MemberRole::Owner)?;
                }
                note(tx, EventKind::OrganisationChanged, organisation.id)?;
                verify(tx, organisation.id)?;
            }
        }
    }
    Ok(())
}

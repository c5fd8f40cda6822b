//! Everything that is kept about a person: told to them with reasons and ends, and taken away when they want it.

use diesel::prelude::*;
use fairground_domain::LanguageTag;
use serde::Serialize;
use serde_json::{Value, json};

use super::factor::{self, FactorState};
use super::identity::{self, Identity};
use super::link;
use super::session::{self, SessionCard, SessionRules};
use super::{Account, Role};
use crate::application::{self, Alerts, Application, Owner};
use crate::citizen;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::member;
use crate::organisation;
use crate::schema::{accounts, identities, letters, organisation_invitations, publisher_invitations};
use crate::secret::Secret;

/// What is kept about a person.
#[derive(Debug, Clone)]
pub struct PersonalData {
    /// The account.
    pub account: Account,
    /// The second factor.
    pub factor: Option<FactorState>,
    /// Who they are to identity providers.
    pub identities: Vec<Identity>,
    /// Open sessions.
    pub sessions: Vec<SessionCard>,
    /// Applications that are theirs, by address or through an organisation.
    pub applications: Vec<Application>,
    /// Of what letters tell about each of them.
    pub alerts: Vec<Alerts>,
    /// Organisations that they are a member of: slug, name, role.
    pub memberships: Vec<(String, String, String)>,
    /// The language that their letters are written in, where they have chosen one.
    pub language: Option<LanguageTag>,
    /// Letters to their address that wait to be sent.
    pub letters_waiting: i64,
    /// What they follow, asked and support, where the address is proved.
    pub as_citizen: Vec<Datum>,
}

/// One thing that is kept, why and until when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Datum {
    /// What it is, in a few words.
    pub what: &'static str,
    /// The thing itself, or as much of it as is kept.
    pub value: Value,
    /// Why it is kept.
    pub why: &'static str,
    /// Until when: a moment, or what ends it.
    pub until: String,
}

/// Gathers what is kept about a person.
///
/// # Errors
/// `Storage` when the database fails.
pub fn collect(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    rules: &SessionRules,
) -> Result<PersonalData, CatalogError> {
    let owner = Owner::of_account(tx, account.id)?;
    let memberships = organisation::list_of(tx, account.id)?
        .into_iter()
        .map(|(home, role)| (home.slug.to_string(), home.name, role.as_str().to_owned()))
        .collect();
    let applications = application::list_owned(tx, &owner)?;
    Ok(PersonalData {
        alerts: application::list_alerts(tx, &applications)?,
        applications,
        language: super::language::find_language(tx, &account.email)?,
        factor: factor::find_factor(tx, account.id)?,
        identities: identity::list_identities(tx, account.id)?,
        sessions: session::list_sessions(tx, account.id, rules)?,
        memberships,
        // An address that nobody proved may be somebody else's.
        as_citizen: match account.email_verified_at {
            Some(_) => citizen::collect(tx, secret, &account.email)?,
            None => Vec::new(),
        },
        letters_waiting: letters::table.filter(letters::recipient.eq(&account.email)).count().get_result(tx.conn)?,
        account: account.clone(),
    })
}

impl PersonalData {
    /// Each thing that is kept, with its reason and its end.
    #[must_use]
    pub fn list(&self) -> Vec<Datum> {
        const ACCOUNT_ENDS: &str = "until you erase your account";
        let account = &self.account;
        let datum = |what, value, why, until: &str| Datum { what, value, why, until: until.to_owned() };
        let mut list = vec![
            datum("E-mail address", json!(account.email), "to sign in and to write to you", ACCOUNT_ENDS),
            datum("Name", json!(account.name), "to address you; only you and operators see it", ACCOUNT_ENDS),
            datum("Role", json!(account.role), "to know what you may do", ACCOUNT_ENDS),
            datum("Account made", json!(account.created_at), "to tell how old the account is", ACCOUNT_ENDS),
        ];
        if let Some(at) = account.email_verified_at {
            list.push(datum("Address confirmed", json!(at), "to know that it is yours", ACCOUNT_ENDS));
        }
        if let Some(language) = &self.language {
            let why = "to write to you in the language that you read";
            list.push(datum("Language of letters", json!(language), why, ACCOUNT_ENDS));
        }
        if account.has_password {
            let what = json!("an argon2id hash; the password itself is not kept");
            list.push(datum("Password", what, "to sign in", ACCOUNT_ENDS));
        }
        if let Some(factor) = &self.factor {
            let value = json!({
                "set_up": factor.created_at,
                "in_use_since": factor.confirmed_at,
                "recovery_codes_left": factor.recovery_codes_left,
            });
            list.push(datum("Second factor", value, "to check the codes of your app", "until you take it away"));
        }
        for identity in &self.identities {
            let value = json!({
                "provider": identity.provider,
                "subject": identity.subject,
                "email": identity.email,
                "linked_at": identity.linked_at,
                "last_used_at": identity.last_used_at,
            });
            list.push(datum("Linked identity", value, "to sign in through that provider", "until you unlink it"));
        }
        for session in &self.sessions {
            let value = json!({
                "device": session.device,
                "began": session.created_at,
                "last_used": session.last_seen_at,
            });
            list.push(Datum {
                what: "Session",
                value,
                why: "to keep you signed in",
                until: format!("{} at the latest", session.expires_at),
            });
        }
        for (application, alerts) in self.applications.iter().zip(&self.alerts) {
            let value = json!({
                "id": application.id,
                "name": application.name,
                "email": application.email,
                "plan": application.plan,
                "created_at": application.created_at,
                "letters_at_quota_percents": alerts.quota_marks,
                "letters_at_error_percent": alerts.error_percent,
                "letters_after_silent_days": alerts.silent_days,
            });
            let until = "until you close it or erase your account; sums of its use stay, under its number alone";
            list.push(datum("Application", value, "to give you keys and show you their use", until));
        }
        for (slug, name, role) in &self.memberships {
            let value = json!({ "organisation": slug, "name": name, "role": role });
            list.push(datum("Membership", value, "to share applications with others", "until you leave"));
        }
        if self.letters_waiting > 0 {
            let value = json!(self.letters_waiting);
            list.push(datum(
                "Letters to you on their way",
                value,
                "to send them",
                "until they are sent, two days at most",
            ));
        }
        list.extend(self.as_citizen.iter().cloned());
        let throttle = json!("a keyed digest of your address, in memory");
        list.push(datum(
            "Tries to sign in",
            throttle.clone(),
            "to stop those who guess passwords",
            "a quarter of an hour",
        ));
        list.push(datum("Letters counted", throttle, "to keep others from flooding your mailbox", "a day"));
        list
    }
}

/// What erasing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Applications that were closed, because nobody else shares them.
    pub applications_closed: usize,
    /// Applications that stay with their organisations.
    pub applications_left: usize,
}

/// Erases a person: account, password, second factor, identities, sessions, links, memberships, invitations and letters. Their
/// own applications are closed, those of organisations stay there without their address. The journal keeps the account's
/// number, which leads nowhere from then on. Whoever asks has proved again who they are.
///
/// # Errors
/// `WrongState` for the portal's only operator.
pub fn erase(tx: &mut Tx<'_>, secret: &Secret, account: &Account, actor: &str) -> Result<Erased, CatalogError> {
    must_not_be_last_operator(tx, account)?;
    let owner = Owner::of_account(tx, account.id)?;
    let owned = application::list_owned(tx, &owner)?;
    let addresses = addresses_of(tx, account)?;
    link::forget_links(tx, secret, account)?;
    organisation::forget_account(tx, account.id)?;
    member::forget_account(tx, account.id)?;
    // An address that nobody proved may be somebody else's, and so may what was registered with it.
    if account.email_verified_at.is_some() {
        application::forget_address(tx, &account.email)?;
        citizen::erase(tx, secret, &account.email)?;
    }
    for address in &addresses {
        diesel::delete(organisation_invitations::table.filter(organisation_invitations::email.eq(address)))
            .execute(tx.conn)?;
        diesel::delete(publisher_invitations::table.filter(publisher_invitations::email.eq(address)))
            .execute(tx.conn)?;
        diesel::delete(letters::table.filter(letters::recipient.eq(address))).execute(tx.conn)?;
    }
    factor::remove_factor(tx, account.id)?;
    session::end_all_sessions(tx, account.id, None)?;
    let id = account.id.to_string();
    diesel::delete(identities::table.filter(identities::account_id.eq(&id))).execute(tx.conn)?;
    diesel::delete(accounts::table.find(&id)).execute(tx.conn)?;
    let payload = json!({ "role": account.role.as_str() });
    let event = Event { kind: EventKind::AccountErased, subject_id: id, actor: actor.to_owned(), payload };
    journal::append(tx, event)?;
    let mut erased = Erased { applications_closed: 0, applications_left: 0 };
    for application in owned {
        match application::get(tx, application.id)?.closed_at {
            Some(_) => erased.applications_closed += 1,
            None => erased.applications_left += 1,
        }
    }
    Ok(erased)
}

/// The account's address, and those that its identities brought.
fn addresses_of(tx: &mut Tx<'_>, account: &Account) -> Result<Vec<String>, CatalogError> {
    let linked = identity::list_identities(tx, account.id)?.into_iter().filter_map(|identity| identity.email);
    let mut all: Vec<String> = linked.chain([account.email.clone()]).collect();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn must_not_be_last_operator(tx: &mut Tx<'_>, account: &Account) -> Result<(), CatalogError> {
    if account.role != Role::Operator {
        return Ok(());
    }
    let others: i64 = accounts::table
        .filter(accounts::role.eq(Role::Operator.as_str()))
        .filter(accounts::disabled.eq(false))
        .filter(accounts::id.ne(account.id.to_string()))
        .count()
        .get_result(tx.conn)?;
    if others > 0 {
        return Ok(());
    }
    Err(CatalogError::WrongState {
        what: "this account".to_owned(),
        state: "the portal's only operator".to_owned(),
        problem: "make another operator first",
    })
}

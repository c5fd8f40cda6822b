//! What keys are for, who owns applications, and whose quota is nearly used.

use fairground_catalog::account::{self, NewAccount, Role};
use fairground_catalog::application::{
    self, ApplicationChange, KeyChange, KeyScopes, MAX_OVERLAP_SECS, NewKey, Owner, PlainKey, Restrictions, Wanted,
};
use fairground_catalog::domain::{AccountId, OperationClass, Tariff, Timestamp};
use fairground_catalog::organisation::{self, NewOrganisation};
use fairground_catalog::usage::{QuotaWindow, lease_quota};
use fairground_catalog::{CatalogError, Db, Secret, tariff};

use crate::store::on_every_store;

static SECRET: Secret = Secret::from_bytes([7; 32]);

fn register(db: &Db, name: &str, email: &str) -> application::Registered {
    db.write(|tx| {
        tariff::ensure(tx)?;
        let terms = tariff::get_current(tx)?.terms_version;
        application::register(tx, &SECRET, name, email, &terms)
    })
    .unwrap()
}

pub(crate) fn account(db: &Db, email: &str) -> AccountId {
    let new = NewAccount {
        email: email.to_owned(),
        name: String::new(),
        role: Role::Operator,
        publisher_id: None,
        password: "correct horse battery".to_owned(),
    };
    account::create(db, new, "test").unwrap().id
}

/// Confirms an account's address past the rooms that do it by mail.
pub(crate) fn confirm(db: &Db, email: &str) {
    let statement = format!("UPDATE accounts SET email_verified_at = 1 WHERE email = '{email}'");
    crate::store::execute(db, &statement);
}

#[test]
fn a_key_keeps_its_scopes_and_restrictions_when_it_is_rotated() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let id = anna.application.id;
        let new = NewKey {
            name: "map page".to_owned(),
            scopes: KeyScopes::parse(&["rows"]).unwrap(),
            restrictions: Restrictions::parse(&["*.example.org"], &["192.0.2.0/24"]).unwrap(),
            expires_at: Some(Timestamp::now().plus_secs(1_000)),
        };
        let (map, _) = db.write(|tx| application::create_key(tx, &SECRET, &anna.application, new.clone())).unwrap();
        let (second, _) =
            db.write(|tx| application::rotate_key(tx, &SECRET, &anna.application, map.id, 3_600)).unwrap();
        assert_eq!((second.name, second.scopes, second.restrictions), (new.name, new.scopes, new.restrictions.clone()));
        assert!(second.expires_at.is_some_and(|end| end > Timestamp::now().plus_secs(900)));
        let keys = db.read(|tx| application::list_keys(tx, id)).unwrap();
        let old = keys.iter().find(|key| key.id == map.id).unwrap();
        assert_eq!(old.expires_at, map.expires_at, "an overlap never lengthens a life");
        let active = db.read(|tx| application::list_active_keys(tx, &Wanted::Keys(&[map.id.to_string()]))).unwrap();
        assert!(!active[0].scopes.allow(OperationClass::Export) && active[0].scopes.allow(OperationClass::Rows));
        assert_eq!(active[0].restrictions.as_deref(), Some(&new.restrictions));
        let too_long = MAX_OVERLAP_SECS + 1;
        let refused = db.write(|tx| application::rotate_key(tx, &SECRET, &anna.application, anna.key.id, too_long));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "overlap_secs", .. })));
    });
}

#[test]
fn a_key_for_web_pages_never_manages_its_application() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let wanted = KeyChange { referrer_hosts: Some(vec!["example.org".to_owned()]), ..KeyChange::default() };
        let refused = db.write(|tx| application::change_key(tx, anna.application.id, anna.key.id, &wanted));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "scopes", .. })));
        let wanted = KeyChange { scopes: Some(KeyScopes::DATA), ..wanted };
        let changed = db.write(|tx| application::change_key(tx, anna.application.id, anna.key.id, &wanted)).unwrap();
        assert_eq!(changed.restrictions.referrer_hosts, ["example.org"]);
        // What a change does not name stays.
        let renamed = KeyChange { name: Some("page".to_owned()), ..KeyChange::default() };
        let changed = db.write(|tx| application::change_key(tx, anna.application.id, anna.key.id, &renamed)).unwrap();
        assert_eq!((changed.name.as_str(), changed.scopes), ("page", KeyScopes::DATA));
        assert_eq!(changed.restrictions.referrer_hosts, ["example.org"]);
    });
}

#[test]
fn a_key_that_is_shown_is_revoked_and_any_other_text_changes_nothing() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let text = format!("  {}\n", anna.plain_key.reveal());
        for other in ["", "fg_", PlainKey::generate().unwrap().reveal()] {
            assert_eq!(db.write(|tx| application::report_leak(tx, &SECRET, other)).unwrap(), None);
        }
        let leak = db.write(|tx| application::report_leak(tx, &SECRET, &text)).unwrap().unwrap();
        assert_eq!((leak.application.id, leak.key.id), (anna.application.id, anna.key.id));
        assert!(leak.key.revoked_at.is_some());
        assert_eq!(db.write(|tx| application::report_leak(tx, &SECRET, &text)).unwrap(), None, "once");
    });
}

#[test]
fn uses_are_written_down_and_never_go_back() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let last = || {
            let keys = db.read(|tx| application::list_keys(tx, anna.application.id)).unwrap();
            keys[0].last_used_at.map(Timestamp::as_secs)
        };
        assert_eq!(last(), None);
        for (minute, expected) in [(100, 6_000), (99, 6_000), (101, 6_060)] {
            db.write(|tx| application::note_uses(tx, &[(anna.key.id, minute)])).unwrap();
            assert_eq!(last(), Some(expected));
        }
    });
}

#[test]
fn an_owner_is_whoever_proved_the_address_or_belongs_to_the_organisation() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let id = anna.application.id;
        let (anna_account, bert) = (account(db, "anna@example.org"), account(db, "bert@example.org"));
        let owns = |account| {
            db.read(|tx| {
                let owner = Owner::of_account(tx, account)?;
                Ok(application::find_owned(tx, &owner, id).is_ok())
            })
            .unwrap()
        };
        assert!(!owns(anna_account), "the address is not confirmed yet");
        confirm(db, "anna@example.org");
        assert!(owns(anna_account) && !owns(bert));

        let new = NewOrganisation { name: "Transit".to_owned(), ..NewOrganisation::default() };
        let home = db.write(|tx| organisation::create(tx, anna_account, new)).unwrap();
        let before = db.read(|tx| application::get(tx, id)).unwrap();
        let moved = db
            .write(|tx| {
                let owner = Owner::of_account(tx, anna_account)?;
                application::transfer(tx, &owner, id, Some(home.id))
            })
            .unwrap();
        assert_eq!(
            (moved.organisation_id, moved.number, moved.plan.clone()),
            (Some(home.id), before.number, before.plan)
        );
        let token = db
            .write(|tx| {
                let role = organisation::MemberRole::Member;
                organisation::invite(tx, &SECRET, anna_account, home.slug.as_str(), "bert@example.org", role)
            })
            .unwrap()
            .token;
        db.write(|tx| organisation::accept_invitation(tx, &SECRET, bert, &token)).unwrap();
        assert!(owns(bert), "members look after it together");
        // The address alone is no longer enough: the organisation owns it.
        let by_address = Owner::of_address("anna@example.org".to_owned());
        assert!(!by_address.owns(&db.read(|tx| application::get(tx, id)).unwrap()));

        let refused = db.write(|tx| {
            let owner = Owner::of_account(tx, bert)?;
            application::transfer(tx, &owner, id, None)
        });
        assert!(matches!(refused, Err(CatalogError::Invalid { .. })), "bert has no confirmed address to take it to");
        let back = db
            .write(|tx| {
                let owner = Owner::of_account(tx, anna_account)?;
                application::transfer(tx, &owner, id, None)
            })
            .unwrap();
        assert_eq!((back.organisation_id, back.email.as_str()), (None, "anna@example.org"));
        assert!(owns(anna_account) && !owns(bert));
    });
}

#[test]
fn a_mailed_link_opens_once_and_confirms_the_address() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let ask = |email: &str| db.write(|tx| application::request_owner_link(tx, &SECRET, email)).unwrap();
        assert_eq!(ask("nobody@example.org"), None);
        let link = ask(" Anna@Example.org ").unwrap();
        assert_eq!(db.read(|tx| application::find_owner_session(tx, &SECRET, &link)).unwrap(), None);
        let session = db.write(|tx| application::open_owner_session(tx, &SECRET, &link)).unwrap();
        let again = db.write(|tx| application::open_owner_session(tx, &SECRET, &link));
        assert!(matches!(again, Err(CatalogError::NotFound { .. })));
        let who = db.read(|tx| application::find_owner_session(tx, &SECRET, &session.token)).unwrap();
        assert_eq!(who.as_deref(), Some("anna@example.org"));
        let lifted = db.read(|tx| application::get(tx, anna.application.id)).unwrap();
        assert_eq!((lifted.verified_at.is_some(), lifted.plan.as_str()), (true, Tariff::OPEN));
        db.write(|tx| application::close_owner_session(tx, &SECRET, &session.token)).unwrap();
        assert_eq!(db.read(|tx| application::find_owner_session(tx, &SECRET, &session.token)).unwrap(), None);
    });
}

#[test]
fn a_closed_application_is_nobodys_and_its_keys_are_dead() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let id = anna.application.id;
        let closed = db.write(|tx| application::close(tx, id)).unwrap();
        assert_eq!((closed.name.as_str(), closed.email.as_str()), ("closed", ""));
        assert!(db.read(|tx| application::list_active_keys(tx, &Wanted::After("", 10))).unwrap().is_empty());
        let owner = Owner::of_address("anna@example.org".to_owned());
        assert!(db.read(|tx| application::list_owned(tx, &owner)).unwrap().is_empty());
        let refused = db.write(|tx| application::change(tx, id, &ApplicationChange::default()));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })));
        let refused = db.write(|tx| application::create_key(tx, &SECRET, &closed, NewKey::named("x")));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })));
        db.write(|tx| application::close(tx, id)).unwrap();
        assert_eq!(register(db, "Other", "b@example.org").application.number, 2, "its number stays its own");
    });
}

#[test]
fn quota_letters_are_due_once_for_a_mark_and_a_window() {
    on_every_store(|db| {
        let anna = register(db, "Bus times", "anna@example.org");
        let tariff = db.read(tariff::get_current).unwrap();
        let policy = tariff.plan(Tariff::STARTER).unwrap().quotas[0].clone();
        let quota = i64::try_from(policy.quota).unwrap();
        let length = i64::try_from(policy.window_secs).unwrap();
        let starts_at = Timestamp::now().as_secs().div_euclid(length) * length;
        let spend = |units: i64, starts_at: i64| {
            let window = QuotaWindow {
                party: anna.application.number,
                policy: policy.name.clone(),
                starts_at,
                window_secs: length,
            };
            db.write(|tx| lease_quota(tx, &window, units, quota)).unwrap()
        };
        let due = || {
            db.write(|tx| {
                let due = application::take_due_quota_letters(tx, &tariff)?;
                Ok(due.iter().map(|one| one.percent).collect::<Vec<_>>())
            })
            .unwrap()
        };
        spend(quota, starts_at - length);
        assert!(due().is_empty(), "a window that is over is nobody's concern");
        spend(quota * 79 / 100, starts_at);
        assert!(due().is_empty());
        spend(quota / 100, starts_at);
        assert_eq!((due(), due()), (vec![80], vec![]));
        spend(quota, starts_at);
        assert_eq!((due(), due()), (vec![100], vec![]));

        let bert = register(db, "Tree map", "bert@example.org");
        let change = ApplicationChange { quota_letters: Some(false), ..ApplicationChange::default() };
        db.write(|tx| application::change(tx, bert.application.id, &change)).unwrap();
        let window =
            QuotaWindow { party: bert.application.number, policy: policy.name.clone(), starts_at, window_secs: length };
        db.write(|tx| lease_quota(tx, &window, quota, quota)).unwrap();
        assert!(due().is_empty(), "who does not want letters gets none");
    });
}

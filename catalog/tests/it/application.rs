use fairground_catalog::account::{self, Entry, NewAccount, Role, SessionRules};
use fairground_catalog::application::{self, NewKey, PlainKey, Wanted};
use fairground_catalog::domain::Tariff;
use fairground_catalog::usage::PORTAL_APPLICATION;
use fairground_catalog::{CatalogError, Db, Secret, tariff};

use crate::store::on_every_store;

static SECRET: Secret = Secret::from_bytes([7; 32]);

fn register(db: &Db, name: &str) -> Result<application::Registered, CatalogError> {
    db.write(|tx| {
        tariff::ensure(tx)?;
        let terms = tariff::get_current(tx)?.terms_version;
        application::register(tx, &SECRET, name, "Anna@Example.org", &terms)
    })
}

#[test]
fn a_new_application_has_a_working_key_on_the_starter_plan() {
    on_every_store(|db| {
        let anna = register(db, "Bus times").unwrap();
        let bert = register(db, "Tree map").unwrap();
        assert_eq!((anna.application.number, bert.application.number), (1, 2));
        assert_eq!(anna.application.plan.as_str(), Tariff::STARTER);
        assert_eq!(anna.application.email, "anna@example.org");
        let active = db.read(|tx| application::list_active_keys(tx, &Wanted::After("", 10))).unwrap();
        assert_eq!(active.len(), 2);
        let found = active.iter().find(|key| key.digest == anna.plain_key.digest(&SECRET)).unwrap();
        assert_eq!((found.party, found.plan.as_str()), (1, Tariff::STARTER));
    });
}

#[test]
fn the_portal_is_an_application_like_others_made_once_and_no_leak() {
    on_every_store(|db| {
        let key = db.write(|tx| tariff::ensure(tx).and_then(|_| application::ensure_portal(tx, &SECRET))).unwrap();
        assert_eq!(db.write(|tx| application::ensure_portal(tx, &SECRET)).unwrap(), key);
        let own = db.read(|tx| application::get(tx, PORTAL_APPLICATION)).unwrap();
        assert_eq!((own.plan.as_str(), own.quota_letters), (Tariff::OPEN, false));
        let active = db.read(|tx| application::list_active_keys(tx, &Wanted::After("", 10))).unwrap();
        assert_eq!(active.len(), 1);
        assert_eq!((active[0].digest, active[0].party), (key.digest(&SECRET), own.number));
        assert!(!active[0].scopes.may_manage(), "a key that stands in pages manages nothing");
        assert!(db.write(|tx| application::report_leak(tx, &SECRET, key.reveal())).unwrap().is_none());
        assert_eq!(db.read(|tx| application::list_active_keys(tx, &Wanted::After("", 10))).unwrap().len(), 1);
        assert_eq!(register(db, "Bus times").unwrap().application.number, own.number + 1);
    });
}

#[test]
fn confirming_the_address_lifts_to_open_once() {
    on_every_store(|db| {
        let anna = register(db, "Bus times").unwrap();
        let confirmed = db.write(|tx| application::confirm_address(tx, &SECRET, &anna.verification_token)).unwrap();
        assert_eq!(confirmed.plan.as_str(), Tariff::OPEN);
        assert!(confirmed.verified_at.is_some());
        let again = db.write(|tx| application::confirm_address(tx, &SECRET, &anna.verification_token));
        assert!(matches!(again, Err(CatalogError::NotFound { .. })));
    });
}

#[test]
fn names_addresses_and_terms_are_checked() {
    on_every_store(|db| {
        assert!(matches!(register(db, " "), Err(CatalogError::Invalid { field: "name", .. })));
        assert!(matches!(register(db, &"x".repeat(121)), Err(CatalogError::Invalid { field: "name", .. })));
        let bad_mail = db.write(|tx| application::register(tx, &SECRET, "App", "nobody", "2026-01"));
        assert!(matches!(bad_mail, Err(CatalogError::Invalid { field: "email", .. })));
        register(db, "App").unwrap();
        let bad_terms = db.write(|tx| application::register(tx, &SECRET, "App", "a@example.org", "1999"));
        assert!(matches!(bad_terms, Err(CatalogError::Invalid { field: "terms_version", .. })));
    });
}

#[test]
fn a_key_is_rotated_with_overlap_and_revoked_for_good() {
    on_every_store(|db| {
        let anna = register(db, "Bus times").unwrap();
        let id = anna.application.id;
        let (second, plain) =
            db.write(|tx| application::rotate_key(tx, &SECRET, &anna.application, anna.key.id, 3_600)).unwrap();
        assert_ne!(plain.reveal(), anna.plain_key.reveal());
        let keys = db.read(|tx| application::list_keys(tx, id)).unwrap();
        assert_eq!(keys.len(), 2);
        assert!(keys.iter().find(|key| key.id == anna.key.id).unwrap().expires_at.is_some());
        db.write(|tx| application::revoke_key(tx, id, second.id)).unwrap();
        db.write(|tx| application::revoke_key(tx, id, second.id)).unwrap();
        let active = db.read(|tx| application::list_active_keys(tx, &Wanted::After("", 10))).unwrap();
        assert_eq!(active.iter().map(|key| key.id).collect::<Vec<_>>(), [anna.key.id]);
        let stranger = register(db, "Other").unwrap();
        let refused = db.write(|tx| application::revoke_key(tx, stranger.application.id, anna.key.id));
        assert!(matches!(refused, Err(CatalogError::NotFound { what: "key", .. })));
    });
}

#[test]
fn an_application_has_a_bounded_number_of_keys() {
    on_every_store(|db| {
        let anna = register(db, "Bus times").unwrap();
        let make = || db.write(|tx| application::create_key(tx, &SECRET, &anna.application, NewKey::named("one more")));
        for _ in 1..application::MAX_KEYS {
            make().unwrap();
        }
        assert!(matches!(make(), Err(CatalogError::Invalid { .. })));
    });
}

#[test]
fn the_plan_for_callers_without_a_key_is_for_nobody_else() {
    on_every_store(|db| {
        let anna = register(db, "Bus times").unwrap();
        for plan in ["keyless", "platinum"] {
            let refused =
                db.write(|tx| tariff::assign(tx, &anna.application, &plan.parse().unwrap(), "a test", "test"));
            assert!(matches!(refused, Err(CatalogError::Invalid { field: "plan", .. })), "{plan}");
        }
    });
}

#[test]
fn no_key_stands_in_the_store() {
    on_every_store(|db| {
        let anna = register(db, "Bus times").unwrap();
        assert!(PlainKey::parse(anna.plain_key.reveal()).is_ok());
        let journal = db.read(|tx| fairground_catalog::journal::list_since(tx, 0, 100)).unwrap();
        let text = serde_json::to_string(&journal).unwrap();
        assert!(
            !text.contains(anna.plain_key.reveal())
                && !text.contains(&anna.verification_token)
                && !text.contains("anna")
        );
    });
}

#[test]
fn sessions_open_with_the_right_password_and_close() {
    on_every_store(|db| {
        let new = NewAccount {
            email: "Op@Example.org".to_owned(),
            name: String::new(),
            role: Role::Operator,
            publisher_id: None,
            password: "correct horse battery".to_owned(),
        };
        account::create(db, new.clone(), "test").unwrap();
        assert!(matches!(account::create(db, new.clone(), "test"), Err(CatalogError::Taken { .. })));
        let short = NewAccount { email: "b@example.org".to_owned(), password: "short".to_owned(), ..new.clone() };
        assert!(matches!(account::create(db, short, "test"), Err(CatalogError::Invalid { field: "password", .. })));
        let homeless = NewAccount { email: "c@example.org".to_owned(), role: Role::Steward, ..new };
        assert!(matches!(account::create(db, homeless, "test"), Err(CatalogError::Invalid { field: "publisher", .. })));
        for (email, password) in
            [("op@example.org", "wrong horse battery"), ("nobody@example.org", "correct horse battery")]
        {
            assert!(matches!(
                account::sign_in(db, &SECRET, email, password, &Entry::default()),
                Err(CatalogError::WrongCredentials)
            ));
        }
        let session =
            account::sign_in(db, &SECRET, "OP@example.org", "correct horse battery", &Entry::default()).unwrap();
        let find = || {
            let found = db.read(|tx| account::find_session(tx, &SECRET, &session.token, &SessionRules::default()));
            found.unwrap().map(|found| found.account.email)
        };
        assert_eq!(find().as_deref(), Some("op@example.org"));
        db.write(|tx| account::sign_out(tx, &SECRET, &session.token)).unwrap();
        assert_eq!(find(), None);
    });
}

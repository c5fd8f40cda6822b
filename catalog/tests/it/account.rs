//! Accounts: registering, signing in, second factors, identities, and going for good.

use std::collections::BTreeSet;

use fairground_catalog::account::{
    self, Account, Arrival, AttemptSecrets, Claimed, Entry, LetterKind, NewAccount, PasswordRules, Reproof, Role,
    SessionRules, Stage,
};
use fairground_catalog::domain::PublisherRole;
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Db, Secret, application, journal, tariff};
use totp_rs::Builder;

use crate::store::on_every_store;

const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "tulip mast and a kettle";

fn secret() -> Secret {
    Secret::from_bytes([7; 32])
}

fn operator(db: &Db, email: &str) -> Account {
    let new = NewAccount {
        email: email.to_owned(),
        name: String::new(),
        role: Role::Operator,
        publisher_id: None,
        password: PASSWORD.to_owned(),
    };
    account::create(db, new, "test").unwrap()
}

/// Registers by link, as a person would.
fn register(db: &Db, email: &str) -> account::Session {
    let letter = db.write(|tx| account::request_registration(tx, &secret(), email)).unwrap();
    assert_eq!(letter.kind, LetterKind::Register);
    let rules = PasswordRules::default();
    account::confirm_registration(db, &secret(), &letter.token, "Ada", PASSWORD, &rules, &Entry::default()).unwrap()
}

fn sign_in(db: &Db, email: &str, entry: &Entry) -> Result<account::Session, CatalogError> {
    account::sign_in(db, &secret(), email, PASSWORD, entry)
}

fn find(db: &Db, token: &str) -> Option<account::Presented> {
    db.read(|tx| account::find_session(tx, &secret(), token, &SessionRules::default())).unwrap()
}

/// The code that an app would show, so many steps from now.
fn code(shared: &str, steps: i64) -> String {
    let bytes = totp_rs::Secret::try_from_base32(shared).unwrap();
    let totp = Builder::new().with_secret(bytes).with_account_name("x").build().unwrap();
    let now = fairground_catalog::domain::Timestamp::now().plus_secs(steps * 30).as_secs();
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

/// Sets up a second factor; gives its secret and its recovery codes.
fn enrol(db: &Db, account: &Account) -> (String, Vec<String>) {
    let enrolment = db.write(|tx| account::begin_factor(tx, &secret(), account, "Portal: of data")).unwrap();
    assert!(enrolment.uri.starts_with("otpauth://totp/"), "{}", enrolment.uri);
    let first = code(&enrolment.secret, 0);
    let codes = db.write(|tx| account::confirm_factor(tx, &secret(), account.id, &first)).unwrap();
    (enrolment.secret, codes)
}

fn claimed(provider: &str, subject: &str, email: &str, verified: bool) -> Claimed {
    Claimed {
        provider: provider.to_owned(),
        subject: subject.to_owned(),
        email: Some(email.to_owned()),
        email_verified: verified,
        name: Some("Ada of the agency".to_owned()),
        roles: vec![Role::Developer],
    }
}

fn arrive(db: &Db, claimed: &Claimed, browser: &str) -> Result<Arrival, CatalogError> {
    db.write(|tx| account::arrive(tx, &secret(), claimed, browser, &Entry::default()))
}

#[test]
fn a_registration_begins_an_account_once_and_says_the_same_to_everybody() {
    on_every_store(|db| {
        let session = register(db, "Ada@Example.org");
        assert_eq!((session.stage, session.account.role), (Stage::Open, Role::Developer));
        assert!(session.account.email_verified_at.is_some() && session.account.has_password);
        assert!(find(db, &session.token).is_some());
        let again = db.write(|tx| account::request_registration(tx, &secret(), "ada@example.org")).unwrap();
        assert_eq!(again.kind, LetterKind::AlreadyRegistered);
        let rules = PasswordRules::default();
        let entry = Entry::default();
        let used = account::confirm_registration(db, &secret(), &again.token, "x", OTHER_PASSWORD, &rules, &entry);
        assert!(matches!(used, Err(CatalogError::NotFound { what: "link", .. })), "{used:?}");
        let letter = db.write(|tx| account::request_registration(tx, &secret(), "eve@example.org")).unwrap();
        let weak = account::confirm_registration(db, &secret(), &letter.token, "", "password123", &rules, &entry);
        assert!(matches!(weak, Err(CatalogError::Invalid { field: "password", .. })), "{weak:?}");
        account::confirm_registration(db, &secret(), &letter.token, "", PASSWORD, &rules, &entry).unwrap();
        assert!(account::confirm_registration(db, &secret(), &letter.token, "", PASSWORD, &rules, &entry).is_err());
    });
}

#[test]
fn a_forgotten_password_is_replaced_once_and_everybody_is_signed_out() {
    on_every_store(|db| {
        let session = register(db, "ada@example.org");
        let nobody = db.write(|tx| account::request_password_reset(tx, &secret(), "nobody@example.org")).unwrap();
        assert_eq!(nobody.kind, LetterKind::NoAccount);
        let rules = PasswordRules::default();
        assert!(account::reset_password(db, &secret(), &nobody.token, OTHER_PASSWORD, &rules).is_err());
        let first = db.write(|tx| account::request_password_reset(tx, &secret(), "ada@example.org")).unwrap();
        let second = db.write(|tx| account::request_password_reset(tx, &secret(), "ada@example.org")).unwrap();
        account::reset_password(db, &secret(), &second.token, OTHER_PASSWORD, &rules).unwrap();
        assert!(find(db, &session.token).is_none());
        for spent in [&first.token, &second.token] {
            assert!(account::reset_password(db, &secret(), spent, PASSWORD, &rules).is_err());
        }
        assert!(matches!(sign_in(db, "ada@example.org", &Entry::default()), Err(CatalogError::WrongCredentials)));
        account::sign_in(db, &secret(), "ada@example.org", OTHER_PASSWORD, &Entry::default()).unwrap();
    });
}

#[test]
fn a_session_is_new_at_every_sign_in_and_ends_when_it_is_idle() {
    on_every_store(|db| {
        let first = register(db, "ada@example.org");
        let entry =
            Entry { replaces: Some(first.token.clone()), device: "Firefox on Linux".into(), ..Entry::default() };
        let second = sign_in(db, "ada@example.org", &entry).unwrap();
        assert_ne!(first.token, second.token);
        assert!(find(db, &first.token).is_none(), "what a browser had before is worth nothing");
        let id = second.account.id;
        let list = || db.read(|tx| account::list_sessions(tx, id, &SessionRules::default())).unwrap();
        assert_eq!(list().iter().map(|card| card.device.as_str()).collect::<Vec<_>>(), ["Firefox on Linux"]);
        let idle = SessionRules { idle_secs: 0, ..SessionRules::default() };
        assert!(db.read(|tx| account::find_session(tx, &secret(), &second.token, &idle)).unwrap().is_none());
        let third = sign_in(db, "ada@example.org", &Entry::default()).unwrap();
        db.write(|tx| account::end_session(tx, id, second.id)).unwrap();
        assert!(find(db, &second.token).is_none() && find(db, &third.token).is_some());
        let stranger = operator(db, "op@example.org").id;
        let theirs = db.write(|tx| account::end_session(tx, stranger, third.id));
        assert!(matches!(theirs, Err(CatalogError::NotFound { .. })), "{theirs:?}");
        assert_eq!(db.write(|tx| account::end_all_sessions(tx, id, None)).unwrap(), 1);
        assert!(list().is_empty());
    });
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_is_good_once() {
    on_every_store(|db| {
        let ada = register(db, "ada@example.org").account;
        let (shared, recovery) = enrol(db, &ada);
        assert_eq!(recovery.iter().collect::<BTreeSet<_>>().len(), account::RECOVERY_CODES);
        let pass = |code: &str| db.write(|tx| account::pass_factor(tx, &secret(), ada.id, code)).unwrap();
        assert!(!pass(&code(&shared, 0)), "the code that confirmed it is used up");
        let next = code(&shared, 1);
        assert!(pass(&next) && !pass(&next), "a code is good once");
        assert!(!pass(&code(&shared, 0)), "an earlier one is not good after a later one");
        assert!(!pass(&code(&shared, 5)), "nor one from far ahead");
        let spoken = recovery[0].to_uppercase().replace('-', " ");
        assert!(pass(&spoken) && !pass(&recovery[0]), "a recovery code is good once, however it is written");
        let session = sign_in(db, "ada@example.org", &Entry::default()).unwrap();
        assert_eq!(session.stage, Stage::SecondFactor);
        assert_eq!(find(db, &session.token).unwrap().stage, Stage::SecondFactor);
        let open = db.write(|tx| account::rotate(tx, &secret(), &ada, &session.token, &Entry::default())).unwrap();
        assert!(find(db, &session.token).is_none() && find(db, &open.token).unwrap().stage == Stage::Open);
        let again = db.write(|tx| account::begin_factor(tx, &secret(), &ada, "x"));
        assert!(matches!(again, Err(CatalogError::WrongState { .. })), "{again:?}");
        db.write(|tx| account::remove_factor(tx, ada.id)).unwrap();
        assert_eq!(sign_in(db, "ada@example.org", &Entry::default()).unwrap().stage, Stage::Open);
        assert!(!pass(&recovery[1]), "its recovery codes went with it");
    });
}

#[test]
fn roles_that_decide_are_led_to_a_second_factor_where_it_is_required() {
    on_every_store(|db| {
        operator(db, "op@example.org");
        register(db, "ada@example.org");
        let entry = Entry { second_factor_required: true, ..Entry::default() };
        assert_eq!(sign_in(db, "op@example.org", &entry).unwrap().stage, Stage::Enrolment);
        assert_eq!(sign_in(db, "ada@example.org", &entry).unwrap().stage, Stage::Open);
        assert_eq!(sign_in(db, "op@example.org", &Entry::default()).unwrap().stage, Stage::Open);
        // Who reviews by grant decides as a steward does; who writes does not.
        let home = crate::workflow::publisher(db, "Harbour Authority");
        let ada = db.read(|tx| account::find_by_email(tx, "ada@example.org")).unwrap().unwrap();
        let grant = |role| db.write(|tx| member::grant(tx, &Actor::command_line(), home, ada.id, role, None)).unwrap();
        grant(PublisherRole::Editor);
        assert_eq!(sign_in(db, "ada@example.org", &entry).unwrap().stage, Stage::Open);
        let reviewer = grant(PublisherRole::Reviewer);
        assert_eq!(sign_in(db, "ada@example.org", &entry).unwrap().stage, Stage::Enrolment);
        db.write(|tx| member::revoke(tx, &Actor::command_line(), reviewer)).unwrap();
        assert_eq!(sign_in(db, "ada@example.org", &entry).unwrap().stage, Stage::Open);
    });
}

#[test]
fn an_attempt_comes_back_once_from_its_provider_in_its_browser() {
    on_every_store(|db| {
        let kept = AttemptSecrets { nonce: "n".into(), verifier: "v".into(), next: "/me".into() };
        let begin = || db.write(|tx| account::begin_attempt(tx, &secret(), "agency", "browser", None, &kept)).unwrap();
        let take = |provider: &str, state: &str, browser: &str| {
            db.write(|tx| account::take_attempt(tx, &secret(), provider, state, browser)).unwrap()
        };
        let state = begin();
        for (provider, shown, browser) in
            [("agency", "guessed", "browser"), ("bank", state.as_str(), "browser"), ("agency", &state, "another")]
        {
            assert!(take(provider, shown, browser).is_none(), "{provider} {browser}");
        }
        assert_eq!(take("agency", &state, "browser").unwrap().secrets, kept);
        assert!(take("agency", &state, "browser").is_none(), "it comes back once");
        assert_ne!(begin(), begin());
    });
}

#[test]
fn an_identity_with_a_new_address_begins_an_account_and_later_opens_it() {
    on_every_store(|db| {
        let ada = claimed("agency", "17", "Ada@example.org", true);
        let Arrival::SignedIn(first) = arrive(db, &ada, "b").unwrap() else { panic!("an account") };
        assert_eq!((first.account.email.as_str(), first.account.role), ("ada@example.org", Role::Developer));
        assert!(!first.account.has_password);
        let moved = claimed("agency", "17", "other@example.org", true);
        let Arrival::SignedIn(second) = arrive(db, &moved, "b").unwrap() else { panic!("the same account") };
        assert_eq!(second.account.id, first.account.id);
        let last = db.write(|tx| account::unlink_identity(tx, first.account.id, "agency"));
        assert!(matches!(last, Err(CatalogError::WrongState { .. })), "the last way in stays: {last:?}");
        db.write(|tx| account::link_identity(tx, &first.account, &claimed("bank", "x", "a@b.example", false))).unwrap();
        db.write(|tx| account::unlink_identity(tx, first.account.id, "agency")).unwrap();
        let none = db.write(|tx| account::unlink_identity(tx, first.account.id, "agency"));
        assert!(matches!(none, Err(CatalogError::NotFound { .. })), "{none:?}");
        let Arrival::ProofNeeded { .. } = arrive(db, &ada, "b").unwrap() else { panic!("unlinked is unlinked") };
    });
}

#[test]
fn an_identity_is_never_linked_because_the_addresses_are_equal() {
    on_every_store(|db| {
        let owner = register(db, "ada@example.org").account;
        let (shared, _) = enrol(db, &owner);
        let ada = claimed("agency", "17", "ada@example.org", true);
        let Arrival::ProofNeeded { token, account_email } = arrive(db, &ada, "browser").unwrap() else {
            panic!("a proof first")
        };
        assert_eq!(account_email.as_deref(), Some("ada@example.org"));
        let adopt = |browser: &str, password: &str, code: &str| {
            let proof = Reproof { password: password.into(), code: code.into() };
            account::adopt_with_password(db, &secret(), &token, browser, &proof, &Entry::default())
        };
        let now = code(&shared, 1);
        assert!(matches!(adopt("browser", OTHER_PASSWORD, &now), Err(CatalogError::WrongCredentials)));
        assert!(matches!(adopt("browser", PASSWORD, ""), Err(CatalogError::WrongCredentials)), "both factors");
        assert!(matches!(adopt("another", PASSWORD, &now), Err(CatalogError::NotFound { .. })));
        let session = adopt("browser", PASSWORD, &now).unwrap();
        assert_eq!((session.account.id, session.stage), (owner.id, Stage::Open));
        assert!(adopt("browser", PASSWORD, &code(&shared, 1)).is_err(), "the page is used up");
        let Arrival::SignedIn(later) = arrive(db, &ada, "b").unwrap() else { panic!("linked now") };
        assert_eq!(later.stage, Stage::SecondFactor, "the second factor is asked for whichever way one comes");
    });
}

#[test]
fn a_mailed_link_proves_an_address_in_the_browser_that_asked_for_it() {
    on_every_store(|db| {
        let owner = register(db, "ada@example.org").account;
        let unsure = claimed("agency", "17", "ada@example.org", false);
        let Arrival::ProofNeeded { token, account_email } = arrive(db, &unsure, "evil").unwrap() else {
            panic!("a proof first")
        };
        assert_eq!(account_email, None, "who is not vouched for is not told who has an account");
        let letter =
            db.write(|tx| account::send_adoption_link(tx, &secret(), &token, "evil", "ada@example.org")).unwrap();
        let adopt = |token: &str, browser: &str| {
            db.write(|tx| account::adopt_with_link(tx, &secret(), token, browser, "", &Entry::default()))
        };
        let lured = adopt(&letter.token, "ada's own");
        assert!(matches!(lured, Err(CatalogError::NotFound { .. })), "the victim's browser is another one: {lured:?}");
        assert!(db.read(|tx| account::list_identities(tx, owner.id)).unwrap().is_empty());
        let own = adopt(&letter.token, "evil").unwrap();
        assert_eq!(own.account.id, owner.id, "who reads the mailbox and has the browser is its owner");
        let other = claimed("bank", "1", "new@example.org", false);
        let Arrival::ProofNeeded { token, .. } = arrive(db, &other, "b").unwrap() else { panic!("a proof first") };
        let letter = db.write(|tx| account::send_adoption_link(tx, &secret(), &token, "b", "New@example.org")).unwrap();
        assert_eq!((letter.kind, letter.email.as_str()), (LetterKind::AdoptIdentity, "new@example.org"));
        assert_eq!(adopt(&letter.token, "b").unwrap().account.email, "new@example.org");
        assert!(adopt(&letter.token, "b").is_err());
    });
}

#[test]
fn a_provider_opens_only_accounts_of_its_roles_and_makes_no_operators() {
    on_every_store(|db| {
        let op = operator(db, "op@example.org");
        let told = claimed("agency", "1", "op@example.org", true);
        let refused = db.write(|tx| account::link_identity(tx, &op, &told));
        assert!(matches!(refused, Err(CatalogError::Forbidden(_))), "{refused:?}");
        let staff = Claimed { roles: vec![Role::Operator], ..told };
        db.write(|tx| account::link_identity(tx, &op, &staff)).unwrap();
        let stranger = Claimed { roles: vec![Role::Operator], ..claimed("agency", "2", "new@example.org", true) };
        assert!(matches!(arrive(db, &stranger, "b"), Err(CatalogError::Forbidden(_))));
        let taken = db.write(|tx| {
            let other = account::find_by_email(tx, "op@example.org")?.unwrap();
            account::link_identity(tx, &other, &Claimed { subject: "3".into(), ..staff.clone() })
        });
        assert!(matches!(taken, Err(CatalogError::Taken { .. })), "one identity at each provider: {taken:?}");
    });
}

#[test]
fn who_is_erased_is_in_no_table_any_more() {
    on_every_store(|db| {
        const ADDRESS: &str = "erase.me@example.org";
        let session = register(db, ADDRESS);
        let me = &session.account;
        let (_, _) = enrol(db, me);
        db.write(|tx| account::link_identity(tx, me, &claimed("agency", "17", ADDRESS, true))).unwrap();
        db.write(|tx| account::request_password_reset(tx, &secret(), ADDRESS)).unwrap();
        let number = db
            .write(|tx| {
                tariff::ensure(tx)?;
                let terms = tariff::get_current(tx)?.terms_version;
                let made = application::register(tx, &secret(), "Mine", ADDRESS, &terms)?;
                application::confirm_address(tx, &secret(), &made.verification_token)?;
                Ok(made.application.number)
            })
            .unwrap();
        let data = db.read(|tx| account::collect(tx, &secret(), me, &SessionRules::default())).unwrap();
        let kept: BTreeSet<&str> = data.list().iter().map(|datum| datum.what).collect();
        for what in ["E-mail address", "Password", "Second factor", "Linked identity", "Session", "Application"] {
            assert!(kept.contains(what), "{what}: {kept:?}");
        }
        assert!(crate::store::dump(db).contains(ADDRESS), "the search finds what is there");
        let erased = db.write(|tx| account::erase(tx, &secret(), me, "test")).unwrap();
        assert_eq!((erased.applications_closed, erased.applications_left), (1, 0));
        let left = crate::store::dump(db);
        assert!(!left.contains(ADDRESS) && !left.contains("erase.me"), "{left}");
        assert!(find(db, &session.token).is_none());
        let closed = db.read(|tx| application::find_by_number(tx, number)).unwrap().unwrap();
        assert!(closed.closed_at.is_some() && closed.email.is_empty());
        db.read(|tx| journal::verify(tx).map(drop)).unwrap();
    });
}

#[test]
fn the_only_operator_stays() {
    on_every_store(|db| {
        let only = operator(db, "op@example.org");
        let refused = db.write(|tx| account::erase(tx, &secret(), &only, "test"));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })), "{refused:?}");
        operator(db, "second@example.org");
        db.write(|tx| account::erase(tx, &secret(), &only, "test")).unwrap();
    });
}

//! Publishing tokens: a person's rights for one publisher, as long as they have them, and never more.

use fairground_catalog::Secret;
use fairground_catalog::account::Role;
use fairground_catalog::audit::{self, AuditAction, AuditFilter};
use fairground_catalog::domain::PublisherRole;
use fairground_catalog::draft::{self, Approval, NewDraft};
use fairground_catalog::member::{self, Actor, LONGEST_TOKEN_DAYS, MAX_TOKENS, PlainToken};
use fairground_catalog::{CatalogError, Db};

use super::{Cast, described, person, publisher, submitted};
use crate::store::{execute, on_every_store};

const DAY_SECS: i64 = 86_400;

fn secret() -> Secret {
    Secret::from_bytes([7; 32])
}

fn make(db: &Db, cast: &Cast, actor: &Actor, days: i64) -> Result<(member::PublishingToken, PlainToken), CatalogError> {
    db.write(|tx| {
        let ends = tx.now.plus_secs(days * DAY_SECS);
        member::create_token(tx, &secret(), actor, cast.publisher, "nightly upload", ends)
    })
}

fn by(db: &Db, token: &PlainToken) -> Option<Actor> {
    db.read(|tx| member::find_bearer(tx, &secret(), token)).unwrap().map(|bearer| bearer.actor)
}

fn begin(db: &Db, actor: &Actor, cast: &Cast) -> Result<draft::Draft, CatalogError> {
    let new = NewDraft { document: Some(described("Berths")), ..NewDraft::default() };
    db.write(|tx| draft::create(tx, actor, cast.publisher, new))
}

#[test]
fn a_token_writes_for_its_owner_and_for_one_publisher_alone() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        // Somebody who edits two publishers, and the one below.
        let elsewhere = publisher(db, "Tide Office");
        let below = publisher(db, "Quay Office");
        let account = cast.author.account().unwrap();
        db.write(|tx| member::grant(tx, &cast.operator, elsewhere, account, PublisherRole::Editor, None)).unwrap();
        db.write(|tx| member::set_parent(tx, &cast.operator, below, Some(cast.publisher))).unwrap();
        let (token, plain) = make(db, &cast, &cast.author, 30).unwrap();
        assert!(token.works && plain.reveal().starts_with(&token.hint));
        let stored: Vec<String> =
            db.read(|tx| member::list_tokens(tx, account)).unwrap().into_iter().map(|it| it.name).collect();
        assert_eq!(stored, ["nightly upload"]);
        let program = by(db, &plain).unwrap();
        assert_eq!(
            program.name(),
            cast.author.name(),
            "what it writes is its owner's: nobody reviews their own by token"
        );
        let draft = begin(db, &program, &cast).unwrap();
        assert_eq!(draft.authors, [cast.author.name()]);
        for other in [elsewhere, below] {
            let refused = db.write(|tx| draft::create(tx, &program, other, NewDraft::default()));
            assert!(matches!(refused, Err(CatalogError::NotFound { .. })), "{refused:?}");
            db.write(|tx| draft::create(tx, &cast.author, other, NewDraft::default())).unwrap();
        }
        let places = db.read(|tx| member::list_workplaces(tx, &program, "", 100)).unwrap();
        assert_eq!(places.iter().map(|place| place.publisher.id).collect::<Vec<_>>(), [cast.publisher]);
        let listed = db.read(|tx| draft::list(tx, &program, &draft::DraftFilter::default(), 100)).unwrap();
        assert_eq!(listed.iter().map(|card| card.id).collect::<Vec<_>>(), [draft.id]);
        // An editor's token approves nothing, and makes no tokens.
        let waiting = submitted(db, &cast, &draft);
        let refused = db.write(|tx| draft::approve(tx, &program, draft.id, waiting.revision, Approval::Now));
        assert!(matches!(refused, Err(CatalogError::Forbidden(_))), "{refused:?}");
        assert!(matches!(make(db, &cast, &program, 1), Err(CatalogError::Forbidden(_))));
    });
}

#[test]
fn an_operators_token_is_no_operator_elsewhere() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let elsewhere = publisher(db, "Tide Office");
        let (_, plain) = make(db, &cast, &cast.operator, 1).unwrap();
        let program = by(db, &plain).unwrap();
        assert!(!program.is_operator() && !program.sees_everything());
        begin(db, &program, &cast).unwrap();
        let refused = db.write(|tx| draft::create(tx, &program, elsewhere, NewDraft::default()));
        assert!(matches!(refused, Err(CatalogError::NotFound { .. })), "{refused:?}");
    });
}

#[test]
fn a_token_is_powerless_when_its_owner_is_and_when_it_ends() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let (token, plain) = make(db, &cast, &cast.editor, 30).unwrap();
        let account = cast.editor.account().unwrap();
        // Its end.
        let later = db
            .write(|tx| {
                tx.now = token.expires_at;
                member::find_bearer(tx, &secret(), &plain)
            })
            .unwrap();
        assert!(later.is_none());
        // Another portal's secret.
        assert!(db.read(|tx| member::find_bearer(tx, &Secret::from_bytes([8; 32]), &plain)).unwrap().is_none());
        // The role.
        let grants = db.read(|tx| member::list_grants(tx, &cast.operator, cast.publisher)).unwrap();
        let role = grants.into_iter().find(|grant| grant.account == account).unwrap();
        db.write(|tx| member::revoke(tx, &cast.manager, role.id.unwrap())).unwrap();
        let refused = begin(db, &by(db, &plain).unwrap(), &cast);
        assert!(matches!(refused, Err(CatalogError::NotFound { .. })), "{refused:?}");
        assert!(!db.read(|tx| member::list_tokens(tx, account)).unwrap()[0].works);
        // The account.
        db.write(|tx| member::grant(tx, &cast.manager, cast.publisher, account, PublisherRole::Editor, None)).unwrap();
        begin(db, &by(db, &plain).unwrap(), &cast).unwrap();
        execute(db, &format!("UPDATE accounts SET disabled = TRUE WHERE id = '{account}'"));
        assert!(by(db, &plain).is_none());
        execute(db, &format!("UPDATE accounts SET disabled = FALSE WHERE id = '{account}'"));
        // The token itself.
        let refused = db.write(|tx| member::revoke_token(tx, &cast.author, token.id));
        assert!(matches!(refused, Err(CatalogError::NotFound { .. })), "another editor does not find it: {refused:?}");
        db.write(|tx| member::revoke_token(tx, &cast.editor, token.id)).unwrap();
        assert!(by(db, &plain).is_none());
    });
}

#[test]
fn who_makes_tokens_how_many_and_for_how_long_is_bounded_and_told_in_the_audit() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let outsider = Actor::of(&person(db, "otto", Role::Developer, None));
        assert!(matches!(make(db, &cast, &outsider, 1), Err(CatalogError::NotFound { .. })));
        assert!(matches!(make(db, &cast, &cast.auditor, 1), Err(CatalogError::Forbidden(_))));
        assert!(matches!(make(db, &cast, &Actor::command_line(), 1), Err(CatalogError::Forbidden(_))));
        for days in [0, LONGEST_TOKEN_DAYS + 1] {
            let refused = make(db, &cast, &cast.author, days);
            assert!(matches!(refused, Err(CatalogError::Invalid { field: "expires_at", .. })), "{refused:?}");
        }
        let (token, _) = make(db, &cast, &cast.author, LONGEST_TOKEN_DAYS).unwrap();
        for _ in 1..MAX_TOKENS {
            make(db, &cast, &cast.author, 1).unwrap();
        }
        let refused = make(db, &cast, &cast.author, 1);
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "name", .. })), "{refused:?}");
        // A manager sees them all, and revokes any.
        let refused = db.read(|tx| member::list_publisher_tokens(tx, &cast.editor, cast.publisher));
        assert!(matches!(refused, Err(CatalogError::Forbidden(_))));
        let all = db.read(|tx| member::list_publisher_tokens(tx, &cast.manager, cast.publisher)).unwrap();
        assert_eq!(i64::try_from(all.len()).unwrap(), MAX_TOKENS);
        db.write(|tx| member::revoke_token(tx, &cast.manager, token.id)).unwrap();
        let filter =
            |action| AuditFilter { publisher: Some(cast.publisher), action: Some(action), ..AuditFilter::default() };
        let made = db.read(|tx| audit::list(tx, &cast.manager, &filter(AuditAction::TokenCreated), 100)).unwrap();
        assert_eq!(i64::try_from(made.len()).unwrap(), MAX_TOKENS);
        let gone = db.read(|tx| audit::list(tx, &cast.manager, &filter(AuditAction::TokenRevoked), 100)).unwrap();
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].actor, cast.manager.name());
        assert_eq!(gone[0].before["name"], "nightly upload");
        assert!(!format!("{made:?}").contains("fgp_"), "the audit tells no secret");
    });
}

#[test]
fn a_token_that_somebody_can_show_is_revoked_once() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let (token, plain) = make(db, &cast, &cast.editor, 1).unwrap();
        let report = |text: &str| db.write(|tx| member::report_token_leak(tx, &secret(), text)).unwrap();
        let foreign = db.write(|tx| member::report_token_leak(tx, &Secret::from_bytes([8; 32]), plain.reveal()));
        assert!(foreign.unwrap().is_none(), "of another portal");
        let (revoked, gone) = make(db, &cast, &cast.author, 1).unwrap();
        db.write(|tx| member::revoke_token(tx, &cast.author, revoked.id)).unwrap();
        for text in ["", "fgp_", &plain.reveal()[..42], gone.reveal()] {
            assert!(report(text).is_none(), "{text}");
        }
        assert!(by(db, &plain).is_some(), "nobody's report revokes it");
        let leaked = report(&format!(" {}\n", plain.reveal())).unwrap();
        assert_eq!((leaked.id, leaked.email.as_str()), (token.id, "emil@agency.example"));
        assert!(by(db, &plain).is_none());
        assert!(report(plain.reveal()).is_none(), "once");
        let filter = AuditFilter { action: Some(AuditAction::TokenRevoked), ..AuditFilter::default() };
        let told = db.read(|tx| audit::list(tx, &cast.operator, &filter, 10)).unwrap();
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].actor.as_str(), told[0].role.as_str()), ("portal", "portal"));
        assert!(!format!("{told:?}").contains("fgp_"), "the audit tells no secret");
    });
}

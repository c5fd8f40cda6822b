//! Rights: granted, come down the tree, delegated for a while, invited to; policies.

use fairground_catalog::account::{self, Role};
use fairground_catalog::audit::{self, AuditAction, AuditFilter};
use fairground_catalog::domain::{PublisherRole, ReviewPolicy, ReviewRule, Rights};
use fairground_catalog::draft::{self, NewDraft};
use fairground_catalog::member::{self, Actor, GrantOrigin};
use fairground_catalog::{CatalogError, Db, Secret};

use super::{Cast, person, publisher};
use crate::store::{execute, on_every_store};

static SECRET: Secret = Secret::from_bytes([7; 32]);

fn rights(db: &Db, actor: &Actor, place: fairground_catalog::domain::PublisherId) -> Rights {
    db.read(|tx| member::rights(tx, actor, place)).unwrap()
}

#[test]
fn roles_on_the_portal_count_as_what_they_were() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let of = |actor: &Actor| rights(db, actor, cast.publisher);
        assert_eq!(of(&cast.steward), Rights { reviewer: true, manager: true, ..Rights::default() });
        assert_eq!(of(&cast.staff), Rights { editor: true, ..Rights::default() });
        assert_eq!(of(&cast.operator), Rights { operator: true, ..Rights::default() });
        assert_eq!(of(&cast.auditor), Rights { auditor: true, ..Rights::default() });
        assert_eq!(of(&cast.stranger), Rights::default());
        assert!(Role::Auditor.wants_second_factor() && !Role::Auditor.acts_for_a_publisher());
    });
}

#[test]
fn managers_grant_and_revoke_and_nobody_else_does() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let newcomer = person(db, "nina", Role::Developer, None);
        let grant = |actor: &Actor| {
            db.write(|tx| member::grant(tx, actor, cast.publisher, newcomer.id, PublisherRole::Editor, None))
        };
        for (actor, unknown) in
            [(&cast.author, false), (&cast.reviewer, false), (&cast.auditor, false), (&cast.stranger, true)]
        {
            match grant(actor) {
                Err(CatalogError::NotFound { .. }) if unknown => {}
                Err(CatalogError::Forbidden(_)) if !unknown => {}
                other => panic!("{}: {other:?}", actor.name()),
            }
        }
        let id = grant(&cast.manager).unwrap();
        assert!(rights(db, &Actor::of(&newcomer), cast.publisher).editor);
        assert_ne!(grant(&cast.manager).unwrap(), id, "the same again takes the place of the first");
        let id = db.read(|tx| member::list_grants(tx, &cast.manager, cast.publisher)).unwrap();
        let id = id.iter().find(|one| one.account == newcomer.id).and_then(|one| one.id).unwrap();
        let refused = db.write(|tx| member::revoke(tx, &cast.reviewer, id));
        assert!(matches!(refused, Err(CatalogError::Forbidden(_))));
        let unknown = db.write(|tx| member::revoke(tx, &cast.stranger, id));
        assert!(matches!(unknown, Err(CatalogError::NotFound { .. })));
        db.write(|tx| member::revoke(tx, &Actor::of(&newcomer), id)).unwrap();
        assert_eq!(rights(db, &Actor::of(&newcomer), cast.publisher), Rights::default());
        let filter = AuditFilter { publisher: Some(cast.publisher), ..AuditFilter::default() };
        let told = db.read(|tx| audit::list(tx, &cast.manager, &filter, 2)).unwrap();
        let acts: Vec<(AuditAction, &str)> = told.iter().map(|entry| (entry.action, entry.role.as_str())).collect();
        assert_eq!(acts, [(AuditAction::RoleRevoked, "oneself"), (AuditAction::RoleGranted, "manager")]);
    });
}

#[test]
fn a_right_with_an_end_ends() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let summer = person(db, "sam", Role::Developer, None);
        let end = fairground_catalog::domain::Timestamp::now().plus_secs(3_600);
        db.write(|tx| member::grant(tx, &cast.manager, cast.publisher, summer.id, PublisherRole::Editor, Some(end)))
            .unwrap();
        let may_at = |secs: i64| {
            db.read(|tx| {
                tx.now = end.plus_secs(secs);
                member::rights(tx, &Actor::of(&summer), cast.publisher)
            })
            .unwrap()
            .editor
        };
        assert_eq!([-1, 0, 1].map(may_at), [true, false, false]);
        let past = db.write(|tx| {
            let end = tx.now;
            member::grant(tx, &cast.manager, cast.publisher, summer.id, PublisherRole::Editor, Some(end))
        });
        assert!(matches!(past, Err(CatalogError::Invalid { field: "ends_at", .. })));
    });
}

#[test]
fn a_delegation_ends_on_its_day_and_with_the_role_it_came_from() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let deputy = person(db, "dora", Role::Developer, None);
        let acting = Actor::of(&deputy);
        let end = fairground_catalog::domain::Timestamp::now().plus_secs(86_400);
        let delegate =
            |actor: &Actor, to, role, end| db.write(|tx| member::delegate(tx, actor, cast.publisher, to, role, end));
        delegate(&cast.reviewer, deputy.id, PublisherRole::Reviewer, end).unwrap();
        assert!(rights(db, &acting, cast.publisher).reviewer);
        let listed = db.read(|tx| member::list_grants(tx, &cast.manager, cast.publisher)).unwrap();
        let shown = listed.iter().find(|one| one.account == deputy.id).unwrap();
        assert_eq!(shown.origin, GrantOrigin::Delegated { from: cast.reviewer.account().unwrap() });
        assert_eq!((shown.works, shown.ends_at), (true, Some(end)));
        // What is not one's own is not given on; nor to oneself, nor for ever.
        let other = person(db, "otto", Role::Developer, None);
        let again = delegate(&acting, other.id, PublisherRole::Reviewer, end);
        assert!(matches!(again, Err(CatalogError::Forbidden(_))), "{again:?}");
        let more = delegate(&cast.reviewer, other.id, PublisherRole::Manager, end);
        assert!(matches!(more, Err(CatalogError::Forbidden(_))));
        let own = delegate(&cast.reviewer, cast.reviewer.account().unwrap(), PublisherRole::Reviewer, end);
        assert!(matches!(own, Err(CatalogError::Invalid { field: "account", .. })));
        let days = member::LONGEST_DELEGATION_DAYS + 1;
        let long = delegate(&cast.reviewer, other.id, PublisherRole::Reviewer, end.plus_secs(days * 86_400));
        assert!(matches!(long, Err(CatalogError::Invalid { field: "ends_at", .. })));
        let unknown = delegate(&cast.stranger, other.id, PublisherRole::Reviewer, end);
        assert!(matches!(unknown, Err(CatalogError::NotFound { .. })));
        let later = db.read(|tx| {
            tx.now = end;
            member::rights(tx, &acting, cast.publisher)
        });
        assert!(!later.unwrap().reviewer);
        // The reviewer loses the role, and with it whoever had it from them.
        let held = listed.iter().find(|one| Some(one.account) == cast.reviewer.account()).and_then(|one| one.id);
        db.write(|tx| member::revoke(tx, &cast.manager, held.unwrap())).unwrap();
        assert!(!rights(db, &acting, cast.publisher).reviewer);
        assert!(db.read(|tx| member::list_workplaces(tx, &acting, "", 10)).unwrap().is_empty());
    });
}

#[test]
fn rights_come_down_the_tree_and_a_tree_has_no_circles() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let (ministry, office) = (publisher(db, "Ministry"), publisher(db, "Office"));
        let minister = Actor::of(&person(db, "mia", Role::Steward, Some(ministry)));
        let set = |actor: &Actor, child, parent| db.write(|tx| member::set_parent(tx, actor, child, parent));
        let refused = set(&cast.manager, cast.publisher, Some(ministry));
        assert!(matches!(refused, Err(CatalogError::NotFound { .. })), "nobody hangs their own below another's");
        set(&cast.operator, cast.publisher, Some(ministry)).unwrap();
        set(&cast.operator, office, Some(cast.publisher)).unwrap();
        for place in [ministry, cast.publisher, office] {
            assert!(rights(db, &minister, place).manager, "{place}");
        }
        assert!(rights(db, &cast.author, office).editor && !rights(db, &cast.author, ministry).may_see());
        let places = db.read(|tx| member::list_workplaces(tx, &minister, "", 10)).unwrap();
        let slugs: Vec<&str> = places.iter().map(|place| place.publisher.slug.as_str()).collect();
        assert_eq!(slugs, ["harbour-authority", "ministry", "office"]);
        for (child, parent) in [(ministry, office), (ministry, ministry), (cast.publisher, office)] {
            let circle = set(&cast.operator, child, Some(parent));
            assert!(matches!(circle, Err(CatalogError::Invalid { field: "parent", .. })), "{circle:?}");
        }
        let mut above = office;
        for level in 0..member::DEEPEST_TREE {
            let below = publisher(db, &format!("Level {level}"));
            match set(&cast.operator, below, Some(above)) {
                Ok(()) => above = below,
                Err(CatalogError::Invalid { field: "parent", .. }) => {
                    assert_eq!(db.read(|tx| member::lineage(tx, above)).unwrap().len(), member::DEEPEST_TREE);
                    break;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(db.read(|tx| member::children(tx, ministry)).unwrap().len(), 1);
        set(&cast.operator, cast.publisher, None).unwrap();
        assert!(!rights(db, &minister, cast.publisher).may_see());
        let filter = AuditFilter { action: Some(AuditAction::ParentChanged), ..AuditFilter::default() };
        assert!(db.read(|tx| audit::list(tx, &cast.auditor, &filter, 50)).unwrap().len() >= 3);
    });
}

#[test]
fn an_invitation_works_once_for_a_while_for_whoever_read_the_mail() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let invite = |actor: &Actor, email: &str| {
            db.write(|tx| member::invite(tx, &SECRET, actor, cast.publisher, email, PublisherRole::Reviewer, None))
        };
        assert!(matches!(invite(&cast.author, "x@agency.example"), Err(CatalogError::Forbidden(_))));
        assert!(matches!(invite(&cast.stranger, "x@agency.example"), Err(CatalogError::NotFound { .. })));
        assert!(matches!(invite(&cast.manager, "x"), Err(CatalogError::Invalid { field: "email", .. })));
        let first = invite(&cast.manager, "nina@agency.example").unwrap();
        let second = invite(&cast.manager, "nina@agency.example").unwrap();
        assert!(db.read(|tx| member::find_invitation(tx, &SECRET, &first.token)).is_err(), "the newer one counts");
        let (place, invitation) = db.read(|tx| member::find_invitation(tx, &SECRET, &second.token)).unwrap();
        assert_eq!((place.id, invitation.role), (cast.publisher, PublisherRole::Reviewer));
        let nina = person(db, "nina", Role::Developer, None);
        let accept = |token: &str| db.write(|tx| member::accept_invitation(tx, &SECRET, nina.id, token));
        assert_eq!(accept(&second.token).unwrap().1, PublisherRole::Reviewer);
        assert!(matches!(accept(&second.token), Err(CatalogError::NotFound { .. })), "once");
        assert!(rights(db, &Actor::of(&nina), cast.publisher).reviewer);
        let late = invite(&cast.manager, "late@agency.example").unwrap();
        execute(db, "UPDATE publisher_invitations SET expires_at = 1");
        assert!(matches!(accept(&late.token), Err(CatalogError::NotFound { .. })));
        let taken_back = invite(&cast.manager, "gone@agency.example").unwrap();
        let unknown = db.write(|tx| member::withdraw_invitation(tx, &cast.stranger, taken_back.invitation.id));
        assert!(matches!(unknown, Err(CatalogError::NotFound { what: "invitation", .. })));
        db.write(|tx| member::withdraw_invitation(tx, &cast.manager, taken_back.invitation.id)).unwrap();
        assert!(accept(&taken_back.token).is_err());
        for number in 0..member::MAX_INVITATIONS {
            invite(&cast.manager, &format!("x{number}@agency.example")).unwrap();
        }
        assert!(matches!(invite(&cast.manager, "more@agency.example"), Err(CatalogError::Invalid { .. })));
        let filter = AuditFilter { publisher: Some(cast.publisher), ..AuditFilter::default() };
        let told = db.read(|tx| audit::list(tx, &cast.manager, &filter, 500)).unwrap();
        let told = serde_json::to_string(&told).unwrap();
        assert!(!told.contains("nina@"), "addresses of people who may never come are not kept: {told}");
    });
}

#[test]
fn a_policy_holds_for_all_below_until_they_have_their_own() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let office = publisher(db, "Office");
        db.write(|tx| member::set_parent(tx, &cast.operator, office, Some(cast.publisher))).unwrap();
        let window = |days| ReviewPolicy { drafts: ReviewRule::ObjectionWindow { days }, ..ReviewPolicy::default() };
        let set = |actor: &Actor, place, policy, expected| {
            db.write(|tx| member::set_policy(tx, actor, place, policy, expected))
        };
        let of = |place| db.read(|tx| member::policy_of(tx, place)).unwrap();
        assert_eq!(of(office), ReviewPolicy::default());
        assert!(matches!(set(&cast.author, cast.publisher, window(3), 0), Err(CatalogError::Forbidden(_))));
        for days in [0, 91] {
            let wrong = set(&cast.manager, cast.publisher, window(days), 0);
            assert!(matches!(wrong, Err(CatalogError::Invalid { field: "days", .. })), "{days}");
        }
        assert_eq!(set(&cast.manager, cast.publisher, window(3), 0).unwrap().revision, 1);
        assert_eq!((of(cast.publisher), of(office)), (window(3), window(3)));
        let stale = set(&cast.steward, cast.publisher, window(5), 0);
        assert!(matches!(stale, Err(CatalogError::Conflict(_))), "{stale:?}");
        set(&cast.manager, office, ReviewPolicy::default(), 0).unwrap();
        assert_eq!((of(cast.publisher), of(office)), (window(3), ReviewPolicy::default()));
    });
}

#[test]
fn who_is_erased_has_no_rights_left_and_their_work_stays() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let nina = person(db, "nina", Role::Developer, None);
        db.write(|tx| member::grant(tx, &cast.manager, cast.publisher, nina.id, PublisherRole::Editor, None)).unwrap();
        let acting = Actor::of(&nina);
        let begun = db.write(|tx| draft::create(tx, &acting, cast.publisher, NewDraft::default())).unwrap();
        let secret = &SECRET;
        db.write(|tx| account::erase(tx, secret, &nina, acting.name())).unwrap();
        let left = db.read(|tx| member::list_grants(tx, &cast.manager, cast.publisher)).unwrap();
        assert!(left.iter().all(|one| one.account != nina.id));
        let seen = db.read(|tx| draft::get(tx, &cast.editor, begun.id)).unwrap();
        let names = db.read(|tx| audit::names_of(tx, &seen.authors)).unwrap();
        assert!(names.is_empty(), "nobody knows any more whose it was");
        db.read(audit::verify).unwrap();
    });
}

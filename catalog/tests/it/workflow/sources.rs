//! Harvest sources in the hands of those who manage their publisher.

use fairground_catalog::account::Role;
use fairground_catalog::audit::{self, AuditAction, AuditFilter, SubjectKind};
use fairground_catalog::domain::{PublisherRole, Timestamp};
use fairground_catalog::harvest::{self, HarvestPayload, HarvestProgress, JobState, NewSource, SourceState};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::source::{
    self, ContactKind, DatasetsThen, NewContact, Occasion, RulesDocument, SourceChange, steer,
};
use fairground_catalog::{CatalogError, Db, Secret};

use super::{Cast, person, publisher};
use crate::store::on_every_store;

static SECRET: Secret = Secret::from_bytes([7; 32]);
const RULES: &str = "version: 1\nrules:\n  - licence: https://l.example/0\n";
const HARBOUR: &str = "harbour-authority";

fn wanted(slug: &str, publisher: Option<&str>) -> NewSource {
    NewSource {
        slug: slug.parse().unwrap(),
        url: "https://anna:secret@data.example/data.json".to_owned(),
        kind: None,
        publisher: publisher.map(|slug| slug.parse().unwrap()),
        interval_secs: None,
    }
}

/// A source that the actor proposed and the operator approved.
fn approved(db: &Db, cast: &Cast, actor: &Actor, slug: &str, publisher: &str) {
    let proposed = db.write(|tx| steer::add(tx, actor, wanted(slug, Some(publisher)))).unwrap();
    assert_eq!(proposed.state, SourceState::Proposed);
    db.write(|tx| steer::approve(tx, &cast.operator, slug)).unwrap();
}

fn sees(db: &Db, actor: &Actor, slug: &str) -> bool {
    match db.read(|tx| source::get_visible(tx, actor, slug)) {
        Ok(_) => true,
        Err(CatalogError::NotFound { .. }) => false,
        Err(other) => panic!("{other:?}"),
    }
}

fn paused() -> SourceChange {
    SourceChange { state: Some(SourceState::Paused), ..SourceChange::default() }
}

#[test]
fn a_manager_by_grant_has_the_whole_life_of_a_source_in_hand() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let manager = &cast.manager;
        // It need not be said for whom, where there is one alone.
        let proposed = db.write(|tx| steer::add(tx, manager, wanted("berths", None))).unwrap();
        assert_eq!((proposed.state, proposed.publisher_id), (SourceState::Proposed, Some(cast.publisher)));
        let early = db.write(|tx| steer::run(tx, manager, "berths", &HarvestPayload::default()));
        assert!(matches!(early, Err(CatalogError::WrongState { .. })), "{early:?}");
        let own = db.write(|tx| steer::approve(tx, manager, "berths"));
        assert!(matches!(own, Err(CatalogError::Forbidden(_))), "{own:?}");
        db.write(|tx| steer::approve(tx, &cast.operator, "berths")).unwrap();

        let (job, is_new) = db.write(|tx| steer::run(tx, manager, "berths", &HarvestPayload::default())).unwrap();
        let again = db.write(|tx| steer::run(tx, manager, "berths", &HarvestPayload::default())).unwrap();
        assert_eq!((is_new, again.0.id, again.1), (true, job.id, false), "one harvest at a time");
        let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
        db.write(|tx| harvest::pause_for_approval(tx, &lease, &HarvestProgress::default())).unwrap();
        let seen = db.read(|tx| source::get_visible_job(tx, manager, job.id)).unwrap();
        assert_eq!((seen.0.state, seen.1.slug.as_str()), (JobState::AwaitingApproval, "berths"));
        let goes_on = db.write(|tx| steer::let_go_on(tx, manager, job.id)).unwrap();
        assert_eq!(goes_on.state, JobState::Queued);
        assert_eq!(db.write(|tx| steer::stop(tx, manager, job.id)).unwrap().state, JobState::Cancelled);

        let change = SourceChange { brake_percent: Some(5), ..paused() };
        let changed = db.write(|tx| steer::change(tx, manager, "berths", change)).unwrap();
        assert_eq!((changed.state, changed.brake_percent), (SourceState::Paused, 5));
        let rules = RulesDocument::parse(RULES).unwrap();
        db.write(|tx| steer::set_rules(tx, manager, "berths", rules, None)).unwrap();
        let contact = NewContact {
            kind: ContactKind::Email,
            address: "data@harbour.example".to_owned(),
            secret: None,
            occasion: Occasion::parse("always").unwrap(),
        };
        let contact = db.write(|tx| steer::tell(tx, &SECRET, manager, "berths", contact)).unwrap();
        db.write(|tx| steer::tell_no_more(tx, manager, "berths", contact.id)).unwrap();
        let removal = db.write(|tx| steer::delete(tx, manager, "berths", DatasetsThen::Keep)).unwrap();
        assert!(!sees(db, manager, "berths"));
        assert_eq!(db.read(|tx| source::get_visible_removal(tx, manager, removal.id)).unwrap().id, removal.id);
        assert_eq!(db.read(|tx| source::list_visible_removals(tx, manager, None, 10)).unwrap().len(), 1);

        // Every step is in the audit, from its role, and the address without its password.
        let filter = AuditFilter { publisher: Some(cast.publisher), ..AuditFilter::default() };
        let told = db.read(|tx| audit::list(tx, manager, &filter, 50)).unwrap();
        let told: Vec<_> = told.into_iter().filter(|entry| entry.subject_kind == SubjectKind::Source).collect();
        use AuditAction as A;
        let steps: Vec<(A, &str)> = told.iter().rev().map(|entry| (entry.action, entry.role.as_str())).collect();
        assert_eq!(
            steps,
            [
                (A::SourceAdded, "manager"),
                (A::SourceApproved, "operator"),
                (A::SourceRun, "manager"),
                (A::HarvestApproved, "manager"),
                (A::HarvestStopped, "manager"),
                (A::SourceChanged, "manager"),
                (A::SourceChanged, "manager"),
                (A::SourceChanged, "manager"),
                (A::SourceChanged, "manager"),
                (A::SourceDeleted, "manager"),
            ]
        );
        assert!(told.iter().all(|entry| !entry.after.to_string().contains("secret")), "{told:?}");
        let change = &told[told.len() - 6];
        assert_eq!((&change.before["brake_percent"], &change.after["brake_percent"]), (&20.into(), &5.into()));
        db.read(audit::verify).unwrap();
    });
}

#[test]
fn for_everybody_else_a_source_does_not_exist_and_staff_only_run_it() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        approved(db, &cast, &cast.manager, "berths", HARBOUR);
        let nobody = Actor::of(&person(db, "nora", Role::Developer, None));
        for actor in [&cast.author, &cast.reviewer, &cast.both, &cast.stranger, &nobody] {
            let name = actor.name();
            assert!(!sees(db, actor, "berths"), "{name}");
            let absent: Vec<CatalogError> = vec![
                db.write(|tx| steer::run(tx, actor, "berths", &HarvestPayload::default())).unwrap_err(),
                db.write(|tx| steer::change(tx, actor, "berths", paused())).unwrap_err(),
                db.write(|tx| steer::delete(tx, actor, "berths", DatasetsThen::Withdraw)).unwrap_err(),
                db.write(|tx| steer::approve(tx, actor, "berths")).unwrap_err(),
            ];
            assert!(absent.iter().all(|error| matches!(error, CatalogError::NotFound { .. })), "{name}: {absent:?}");
            assert!(db.read(|tx| source::list_visible(tx, actor, None, 10)).unwrap().is_empty(), "{name}");
        }
        for actor in [&cast.author, &nobody] {
            assert!(!db.read(|tx| source::manages_by_grant(tx, actor)).unwrap(), "{}", actor.name());
            let refused = db.write(|tx| steer::add(tx, actor, wanted("mine", None)));
            assert!(matches!(refused, Err(CatalogError::Forbidden(_))), "{refused:?}");
        }
        // What is another's and what there is not are told alike.
        for other in [HARBOUR, "no-such-body"] {
            let refused = db.write(|tx| steer::add(tx, &cast.stranger, wanted("mine", Some(other))));
            assert!(matches!(refused, Err(CatalogError::Invalid { field: "publisher", .. })), "{refused:?}");
        }
        assert!(db.read(|tx| source::manages_by_grant(tx, &cast.manager)).unwrap());
        assert!(!db.read(|tx| source::manages_by_grant(tx, &cast.steward)).unwrap(), "that is their own role");
        // By their account's own role: a publisher's staff run, their steward decides; the auditor only looks on.
        let (job, _) = db.write(|tx| steer::run(tx, &cast.staff, "berths", &HarvestPayload::default())).unwrap();
        for actor in [&cast.staff, &cast.auditor] {
            assert!(sees(db, actor, "berths"));
            let refused = [
                db.write(|tx| steer::change(tx, actor, "berths", paused())).unwrap_err(),
                db.write(|tx| steer::stop(tx, actor, job.id)).unwrap_err(),
            ];
            assert!(refused.iter().all(|error| matches!(error, CatalogError::Forbidden(_))), "{refused:?}");
        }
        let looks_on = db.write(|tx| steer::run(tx, &cast.auditor, "berths", &HarvestPayload::default()));
        assert!(matches!(looks_on, Err(CatalogError::Forbidden(_))), "{looks_on:?}");
        db.write(|tx| steer::stop(tx, &cast.steward, job.id)).unwrap();
        // A source of no publisher is the operator's.
        db.write(|tx| steer::add(tx, &cast.operator, wanted("aggregator", None))).unwrap();
        assert!(sees(db, &cast.operator, "aggregator") && sees(db, &cast.auditor, "aggregator"));
        assert!(!sees(db, &cast.manager, "aggregator") && !sees(db, &cast.steward, "aggregator"));
    });
}

#[test]
fn the_right_comes_down_the_tree_and_by_delegation_and_ends_with_them() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let office = publisher(db, "Office");
        db.write(|tx| member::set_parent(tx, &cast.operator, office, Some(cast.publisher))).unwrap();
        approved(db, &cast, &cast.manager, "desks", "office");
        approved(db, &cast, &cast.manager, "berths", HARBOUR);
        let listed = |actor: &Actor| {
            let found = db.read(|tx| source::list_visible(tx, actor, None, 10)).unwrap();
            found.into_iter().map(|source| source.slug.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(listed(&cast.manager), ["berths", "desks"]);
        let after = "berths".parse().unwrap();
        let next = db.read(|tx| source::list_visible(tx, &cast.manager, Some(&after), 10)).unwrap();
        assert_eq!(next.iter().map(|source| source.slug.as_str()).collect::<Vec<_>>(), ["desks"]);
        let unnamed = db.write(|tx| steer::add(tx, &cast.manager, wanted("chairs", None)));
        assert!(matches!(unnamed, Err(CatalogError::Invalid { field: "publisher", .. })), "{unnamed:?}");
        // Who manages the office alone has nothing to do with what is above it.
        let below = person(db, "olaf", Role::Developer, None);
        let grant = |tx: &mut fairground_catalog::Tx<'_>| {
            member::grant(tx, &cast.operator, office, below.id, PublisherRole::Manager, None)
        };
        db.write(grant).unwrap();
        let below = Actor::of(&below);
        assert_eq!(listed(&below), ["desks"]);
        assert!(!sees(db, &below, "berths"));

        let deputy = person(db, "dora", Role::Developer, None);
        let acting = Actor::of(&deputy);
        let end = Timestamp::now().plus_secs(86_400);
        let role = PublisherRole::Manager;
        db.write(|tx| member::delegate(tx, &cast.manager, cast.publisher, deputy.id, role, end)).unwrap();
        assert_eq!(listed(&acting), ["berths", "desks"]);
        db.write(|tx| steer::change(tx, &acting, "desks", paused())).unwrap();
        let after_the_end = db.read(|tx| {
            tx.now = end;
            source::list_visible(tx, &acting, None, 10)
        });
        assert_eq!(after_the_end.unwrap(), []);
        let grants = db.read(|tx| member::list_grants(tx, &cast.operator, cast.publisher)).unwrap();
        let given = grants.iter().find(|one| one.account == cast.manager.account().unwrap()).unwrap();
        db.write(|tx| member::revoke(tx, &cast.operator, given.id.unwrap())).unwrap();
        for actor in [&acting, &cast.manager] {
            assert!(listed(actor).is_empty() && !sees(db, actor, "desks"), "{}", actor.name());
        }
    });
}

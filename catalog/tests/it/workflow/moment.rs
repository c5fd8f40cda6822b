//! Releases at a time: daylight saving, restarts, windows for objections, embargoes, refreshes.

use fairground_catalog::domain::{LocalRelease, LocalTimeRule, Reading, ReviewPolicy, ReviewRule, Stage, StageName};
use fairground_catalog::draft::{self, Approval, EmbargoWords, RefreshRule, ReleaseWish, Released};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::register::{self, EntryKind, EntryStatus, RegisterFilter};
use fairground_catalog::table::{self, LoadFilter};
use fairground_catalog::{CatalogError, Db, dataset, member};

use super::{Cast, at, begun, now, retitled, submitted};
use crate::store::on_every_store;

/// A wish for a local time, with words for the register where they are needed.
pub(crate) fn wish(local: &str, zone: &str, embargoed: bool) -> ReleaseWish {
    ReleaseWish {
        at: Some(LocalRelease { local: local.to_owned(), zone: zone.to_owned(), rule: LocalTimeRule::Compatible }),
        embargo: embargoed.then(|| EmbargoWords {
            subject: "Depths of the new basin".to_owned(),
            reason: "The basin opens on that day.".to_owned(),
        }),
    }
}

fn release_at(db: &Db, id: fairground_catalog::domain::DraftId, moment: &str) -> Released {
    db.write(|tx| {
        tx.now = at(moment);
        draft::release_due(tx, id)
    })
    .unwrap()
}

fn due_at(db: &Db, moment: &str) -> usize {
    db.read(|tx| {
        tx.now = at(moment);
        draft::list_due(tx, 10)
    })
    .unwrap()
    .len()
}

#[test]
fn a_release_over_the_change_of_clocks_comes_at_its_instant_also_after_a_restart() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        // The clocks in Rome go from 02:00 to 03:00 on 2027-03-28, and from 03:00 to 02:00 on 2027-10-31.
        for (local, before, instant, reading, shown) in [
            (
                "2027-03-28T02:30",
                "2027-03-28T01:29:59.999999Z",
                "2027-03-28T01:30:00Z",
                Reading::MovedOn,
                "2027-03-28T03:30:00+02:00[Europe/Rome]",
            ),
            (
                "2027-10-31T02:30",
                "2027-10-31T00:29:59.999999Z",
                "2027-10-31T00:30:00Z",
                Reading::FirstOfTwo,
                "2027-10-31T02:30:00+02:00[Europe/Rome]",
            ),
        ] {
            let waiting = submitted(db, &cast, &begun(db, &cast, &format!("Berths {local}")));
            let approval = Approval::At(wish(local, "Europe/Rome", true));
            let approved =
                db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, approval)).unwrap();
            let Stage::Approved { release, .. } = &approved.stage else { panic!("{:?}", approved.stage) };
            assert_eq!((release.at, release.reading, release.shown().as_str()), (at(instant), reading, shown));
            assert_eq!((release.zone.as_str(), release.rule), ("Europe/Rome", LocalTimeRule::Compatible));
            assert_eq!(due_at(db, before), 0);
            assert_eq!(release_at(db, approved.id, before), Released::NotDue);
            let unknown = db.read(|tx| dataset::get_public(tx, approved.slug.as_str()));
            assert!(matches!(unknown, Err(CatalogError::NotFound { .. })), "not a moment too early");
            // The program ends, and begins again.
            let after = Db::open(db.url()).unwrap();
            assert_eq!(due_at(&after, instant), 1);
            let Released::Published(published) = release_at(&after, approved.id, instant) else { panic!("not out") };
            let Stage::Published { approved_by, published_at, .. } = &published.stage else { panic!() };
            assert_eq!((approved_by.actor.as_str(), *published_at), (cast.reviewer.name(), at(instant)));
            let public = db.read(|tx| dataset::get_public(tx, approved.slug.as_str())).unwrap();
            assert_eq!(public.updated_at, at(instant));
            assert_eq!(release_at(&after, approved.id, instant), Released::NotDue, "once");
        }
    });
}

#[test]
fn two_clocks_release_a_draft_once() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let waiting = submitted(db, &cast, &begun(db, &cast, "Berths"));
        let approval = Approval::At(wish("2027-06-01T09:00", "Europe/Rome", true));
        let draft = db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, approval)).unwrap();
        let results: Vec<Released> = std::thread::scope(|scope| {
            let clocks: Vec<_> =
                (0..4).map(|_| scope.spawn(|| release_at(db, draft.id, "2027-06-01T07:00:00Z"))).collect();
            clocks.into_iter().map(|clock| clock.join().unwrap()).collect()
        });
        let published = results.iter().filter(|result| matches!(result, Released::Published(_))).count();
        assert_eq!(published, 1, "{results:?}");
        assert_eq!(db.read(|tx| journal::list_of_kind(tx, EventKind::DatasetCreated)).unwrap().len(), 1);
    });
}

#[test]
fn times_that_are_none_or_past_are_refused_by_field() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        for (wished, field) in [
            (wish("2027-02-30T09:00", "Europe/Rome", true), "local"),
            (wish("2020-02-01T09:00", "Europe/Rome", true), "local"),
            (wish("2999-02-01T09:00", "Rome", true), "zone"),
            (wish("2999-02-01T09:00", "Europe/Rome", false), "embargo"),
        ] {
            let refused = db.write(|tx| draft::submit(tx, &cast.author, draft.id, draft.revision, wished.clone()));
            match refused {
                Err(CatalogError::Invalid { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn an_objection_window_passes_by_itself_unless_a_reviewer_holds_it() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let policy = ReviewPolicy { drafts: ReviewRule::ObjectionWindow { days: 3 }, ..ReviewPolicy::default() };
        db.write(|tx| member::set_policy(tx, &cast.manager, cast.publisher, policy, 0)).unwrap();
        let submit = |title: &str, wished: ReleaseWish| {
            let draft = begun(db, &cast, title);
            db.write(|tx| {
                tx.now = at("2027-01-01T12:00:00Z");
                draft::submit(tx, &cast.author, draft.id, draft.revision, wished)
            })
            .unwrap()
        };
        let (passes, held) = (submit("Passes", ReleaseWish::default()), submit("Held", ReleaseWish::default()));
        let later = submit("Later", wish("2027-01-10T09:00", "Europe/Rome", false));
        let objected = db.write(|tx| draft::object(tx, &cast.reviewer, held.id, held.revision, "Wrong year.")).unwrap();
        assert_eq!(due_at(db, "2027-01-04T11:59:59Z"), 0);
        assert_eq!(due_at(db, "2027-01-04T12:00:00Z"), 2);
        let Released::Published(published) = release_at(db, passes.id, "2027-01-04T12:00:00Z") else { panic!() };
        let Stage::Published { approved_by, .. } = &published.stage else { panic!() };
        assert_eq!(approved_by.actor, "portal");
        assert_eq!(release_at(db, held.id, "2027-02-01T00:00:00Z"), Released::NotDue, "it waits for a person");
        let Released::Approved(approved) = release_at(db, later.id, "2027-01-04T12:00:00Z") else { panic!() };
        let Stage::Approved { release, .. } = &approved.stage else { panic!() };
        assert_eq!(release.at, at("2027-01-10T08:00:00Z"));
        assert!(matches!(release_at(db, later.id, "2027-01-10T08:00:00Z"), Released::Published(_)));
        // A reviewer still decides about what is held, and may have approved before the window was over.
        let by_hand =
            db.write(|tx| draft::approve(tx, &cast.reviewer, held.id, objected.revision, Approval::Now)).unwrap();
        assert_eq!(by_hand.stage.name(), StageName::Published);
    });
}

#[test]
fn an_embargo_stands_in_the_public_register_and_ends_with_its_draft() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let approve = |title: &str| {
            let waiting = submitted(db, &cast, &begun(db, &cast, title));
            let approval = Approval::At(wish("2999-01-01T09:00", "Europe/Rome", true));
            db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, approval)).unwrap()
        };
        let embargoes = |status: EntryStatus| {
            let filter =
                RegisterFilter { kind: Some(EntryKind::Embargo), status: Some(status), ..RegisterFilter::default() };
            db.read(|tx| register::list(tx, &filter, 10)).unwrap()
        };
        let draft = approve("Depths");
        let [entry] = embargoes(EntryStatus::InForce).try_into().unwrap();
        assert_eq!(entry.content.ends_at(), Some(at("2999-01-01T08:00:00Z")));
        assert_eq!(entry.content.reason(), "The basin opens on that day.");
        let text = serde_json::to_string(&entry).unwrap();
        assert!(!text.contains("Berths of the harbour"), "what is held back is not told: {text}");
        let again = Approval::At(wish("2999-02-01T09:00", "Europe/Rome", true));
        let draft = db.write(|tx| draft::approve(tx, &cast.reviewer, draft.id, draft.revision, again)).unwrap();
        assert_eq!((embargoes(EntryStatus::InForce).len(), embargoes(EntryStatus::Ended).len()), (1, 1));
        let by_hand = db.write(|tx| register::end(tx, entry.number + 1, "because", "test"));
        assert!(matches!(by_hand, Err(CatalogError::WrongState { .. })), "it ends with its draft alone");
        db.write(|tx| draft::recall(tx, &cast.author, draft.id, draft.revision)).unwrap();
        assert_eq!((embargoes(EntryStatus::InForce).len(), embargoes(EntryStatus::Ended).len()), (0, 2));
        let early = approve("Cranes");
        db.write(|tx| draft::approve(tx, &cast.reviewer, early.id, early.revision, Approval::Now)).unwrap();
        assert_eq!((embargoes(EntryStatus::InForce).len(), embargoes(EntryStatus::Ended).len()), (0, 3));
        let waits = Approval::At(wish("2999-01-01T09:00", "Europe/Rome", false));
        let plain = submitted(db, &cast, &begun(db, &cast, "Quays"));
        let refused = db.write(|tx| draft::approve(tx, &cast.reviewer, plain.id, plain.revision, waits));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "embargo", .. })));
    });
}

#[test]
fn a_release_that_cannot_be_is_tried_again_and_told_once() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = super::with_file(db, &cast.author, &begun(db, &cast, "Berths"), super::file("b.csv", "one", 3));
        let waiting = submitted(db, &cast, &draft);
        let approval = Approval::At(wish("2027-06-01T09:00", "Europe/Rome", true));
        let draft = db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, approval)).unwrap();
        // The rules have changed since: what was screened by the old ones has to be screened again.
        crate::store::execute(db, "UPDATE screen_reports SET rules = 'older' WHERE subject_kind = 'draft-file'");
        for _ in 0..2 {
            let Released::Failed(problem) = release_at(db, draft.id, "2027-06-01T07:00:00Z") else { panic!() };
            assert!(problem.contains("b.csv"), "{problem}");
        }
        let known = now(db, &cast, draft.id);
        assert!(known.problem.is_some_and(|problem| problem.contains("b.csv")));
        let failures = db
            .read(|tx| {
                let filter = fairground_catalog::audit::AuditFilter {
                    action: Some(fairground_catalog::audit::AuditAction::ReleaseFailed),
                    ..Default::default()
                };
                fairground_catalog::audit::list(tx, &cast.auditor, &filter, 10)
            })
            .unwrap();
        assert_eq!(failures.len(), 1);
        let desk = db.read(|tx| draft::desk(tx, &cast.manager, 10)).unwrap();
        assert_eq!(desk.items[0].task.as_str(), "release-failed");
        crate::store::execute(
            db,
            &format!("UPDATE screen_reports SET rules = '{}'", fairground_catalog::gate::RULES_VERSION),
        );
        assert!(matches!(release_at(db, draft.id, "2027-06-01T07:05:00Z"), Released::Published(_)));
    });
}

#[test]
fn a_distribution_is_fetched_again_on_its_schedule() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        let url = "https://harbour.example/berths.csv";
        let mut content = draft.content.clone();
        content.document.distribution =
            vec![fairground_catalog::domain::Distribution { download_url: Some(url.to_owned()), ..Default::default() }];
        for (rule_url, schedule, field) in
            [(url, "often", "schedule"), ("https://harbour.example/other.csv", "daily", "refresh")]
        {
            content.refresh = vec![RefreshRule { url: rule_url.to_owned(), schedule: schedule.to_owned() }];
            let refused = db.write(|tx| draft::save(tx, &cast.author, draft.id, draft.revision, content.clone()));
            match refused {
                Err(CatalogError::Invalid { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
        content.refresh = vec![RefreshRule { url: url.to_owned(), schedule: "daily Europe/Rome".to_owned() }];
        let draft = db.write(|tx| draft::save(tx, &cast.author, draft.id, draft.revision, content)).unwrap();
        let loads = || db.read(|tx| table::list_loads(tx, &LoadFilter::default(), 10)).unwrap().len();
        super::published(db, &cast, &draft);
        assert_eq!(loads(), 1, "the first load comes with the publication");
        let refreshes = db.read(|tx| draft::list_refreshes(tx, draft.dataset)).unwrap();
        assert_eq!((refreshes.len(), refreshes[0].schedule.as_str()), (1, "17 3 * * * Europe/Rome"));
        let next = refreshes[0].next_at.unwrap();
        crate::store::execute(db, "DELETE FROM jobs");
        for (moment, expected) in [(next.plus_secs(-1), 0), (next, 1), (next.plus_secs(1), 0)] {
            let asked = db
                .write(|tx| {
                    tx.now = moment;
                    draft::enqueue_due_refreshes(tx)
                })
                .unwrap();
            assert_eq!(asked, expected, "{moment}");
        }
        assert_eq!(loads(), 1);
        // A version without the rule is not fetched any more.
        let version = db.write(|tx| draft::begin_version(tx, &cast.author, draft.slug.as_str())).unwrap();
        assert_eq!(version.content.refresh.len(), 1, "a new version begins with what holds");
        let mut content = retitled(&version, "Berths");
        content.refresh.clear();
        let version = db.write(|tx| draft::save(tx, &cast.author, version.id, version.revision, content)).unwrap();
        super::published(db, &cast, &version);
        assert!(db.read(|tx| draft::list_refreshes(tx, draft.dataset)).unwrap().is_empty());
    });
}

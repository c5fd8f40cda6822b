//! The public register: what may be made, what is acted upon, and that the journal bears it out.

use fairground_catalog::application::{self, Wanted};
use fairground_catalog::domain::{
    ExceptionLimits, ExceptionRefused, ExceptionScope, ExceptionTerms, OperationClass, Timestamp,
};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::register::{
    self, ArrangementGround, EntryKind, EntryStatus, NewArrangement, NewRefusal, NewSuspension, RegisterEntry,
    RegisterFilter, SuspensionGround,
};
use fairground_catalog::{CatalogError, Db, tariff};

use crate::store::on_every_store;
use crate::tariff::{begin, behind_the_back, register_app};

const DAY_SECS: i64 = 86_400;

fn half_the_exports(from: Timestamp, days: i64) -> ExceptionTerms {
    ExceptionTerms {
        scope: ExceptionScope { plan: None, class: Some(OperationClass::Export) },
        limits: ExceptionLimits { rate_percent: Some(50), ..ExceptionLimits::default() },
        reason: "The storage of two agencies is down".to_owned(),
        starts_at: from,
        ends_at: from.plus_secs(days * DAY_SECS),
    }
}

fn publish(db: &Db, now: Timestamp, terms: ExceptionTerms) -> Result<RegisterEntry, CatalogError> {
    db.write(|tx| {
        tx.now = now;
        register::publish_exception(tx, terms, "test")
    })
}

fn exports_a_second(db: &Db, now: Timestamp) -> u32 {
    db.read(|tx| {
        tx.now = now;
        Ok(tariff::in_force(tx)?.plan("open").unwrap().rates[&OperationClass::Export].per_second)
    })
    .unwrap()
}

#[test]
fn an_exception_holds_from_its_beginning_to_its_end_for_everybody() {
    on_every_store(|db| {
        let now = begin(db);
        let entry = publish(db, now, half_the_exports(now.plus_secs(10), 3)).unwrap();
        let end = now.plus_secs(10 + 3 * DAY_SECS);
        for (at, rate) in [
            (now, 40),
            (Timestamp::from_micros(now.plus_secs(10).as_micros() - 1), 40),
            (now.plus_secs(10), 20),
            (Timestamp::from_micros(end.as_micros() - 1), 20),
            (end, 40),
        ] {
            assert_eq!(exports_a_second(db, at), rate, "{at}");
        }
        let next = |at| {
            db.read(|tx| {
                tx.now = at;
                tariff::next_change(tx)
            })
            .unwrap()
        };
        assert_eq!(next(now), Some(now.plus_secs(10)));
        assert_eq!(next(now.plus_secs(10)), Some(end));
        assert_eq!(next(end), None);
        let told = db.read(|tx| journal::list_of_kind(tx, EventKind::ExceptionPublished)).unwrap();
        assert_eq!(told[0].payload["content"]["reason"], "The storage of two agencies is down");
        assert_eq!(told[0].payload["entry"], entry.number);
    });
}

#[test]
fn an_exception_without_its_journal_entry_changes_nothing() {
    on_every_store(|db| {
        let now = begin(db);
        publish(db, now, half_the_exports(now, 3)).unwrap();
        behind_the_back(db, "UPDATE register_entries SET document = REPLACE(document, ':50', ':1') WHERE number = 1");
        assert_eq!(exports_a_second(db, now.plus_secs(1)), 40, "a changed document is not the published one");
        behind_the_back(
            db,
            "INSERT INTO register_entries (number, kind, application, document, published_at, starts_at, ends_at, ended_at, \
             end_reason) SELECT 2, kind, application, REPLACE(document, ':1', ':50'), published_at, starts_at, ends_at, \
             NULL, NULL FROM register_entries WHERE number = 1",
        );
        assert_eq!(exports_a_second(db, now.plus_secs(1)), 40, "the published document under another number is not it");
    });
}

#[test]
fn an_end_that_the_journal_does_not_know_ends_nothing() {
    on_every_store(|db| {
        let now = begin(db);
        publish(db, now, half_the_exports(now, 3)).unwrap();
        behind_the_back(db, &format!("UPDATE register_entries SET ended_at = {}", now.as_micros()));
        assert_eq!(exports_a_second(db, now.plus_secs(1)), 20);
    });
}

#[test]
fn exceptions_do_not_become_a_second_tariff() {
    on_every_store(|db| {
        let now = begin(db);
        publish(db, now, half_the_exports(now, 90)).unwrap();
        let renewed = publish(db, now, half_the_exports(now.plus_secs(90 * DAY_SECS), 1));
        assert!(matches!(renewed, Err(CatalogError::Exception(ExceptionRefused::TooLong))), "{renewed:?}");
        let long = publish(db, now, half_the_exports(now, 91));
        assert!(matches!(long, Err(CatalogError::Exception(ExceptionRefused::Field { field: "ends_at", .. }))));
        publish(db, now, half_the_exports(now.plus_secs(180 * DAY_SECS), 1)).unwrap();
    });
}

#[test]
fn a_lowering_exception_may_end_early_and_a_promise_may_not() {
    on_every_store(|db| {
        let now = begin(db);
        let lower = publish(db, now, half_the_exports(now, 9)).unwrap();
        let mut more = half_the_exports(now, 9);
        more.scope.class = Some(OperationClass::Rows);
        more.limits.rate_percent = Some(200);
        let raise = publish(db, now, more).unwrap();
        let end = |number| {
            db.write(|tx| {
                tx.now = now.plus_secs(60);
                register::end(tx, number, "It is over", "test")
            })
        };
        assert_eq!(end(lower.number).unwrap().status_at(now.plus_secs(60)), EntryStatus::Ended);
        assert_eq!(exports_a_second(db, now.plus_secs(61)), 40);
        assert!(matches!(end(lower.number), Err(CatalogError::WrongState { .. })), "it is over already");
        assert!(matches!(end(raise.number), Err(CatalogError::WrongState { .. })), "it was promised");
        assert!(matches!(end(99), Err(CatalogError::NotFound { .. })));
    });
}

fn suspension(application: i64, now: Timestamp) -> NewSuspension {
    NewSuspension {
        application,
        ground: SuspensionGround::Security,
        reason: "It scans for keys of others".to_owned(),
        review_at: now.plus_secs(7 * DAY_SECS),
        ends_at: None,
    }
}

fn suspended(db: &Db, now: Timestamp) -> Vec<(i64, bool)> {
    let keys = db.read(|tx| {
        tx.now = now;
        application::list_active_keys(tx, &Wanted::After("", 10))
    });
    keys.unwrap().iter().map(|key| (key.party, key.suspended)).collect()
}

#[test]
fn a_suspension_stands_in_the_register_by_number_and_ends_with_a_reason() {
    on_every_store(|db| {
        let now = begin(db);
        let (anna, _bert) = (register_app(db, "Bus times of Anna"), register_app(db, "Tree map"));
        let number = anna.application.number;
        let (entry, owner) = db.write(|tx| register::suspend(tx, suspension(number, now), "test")).unwrap();
        assert_eq!(owner.email, "anna@example.org");
        assert_eq!(suspended(db, now.plus_secs(1)), [(1, true), (2, false)]);
        let public = serde_json::to_string(&db.read(|tx| journal::list_public_since(tx, 0, 99)).unwrap()).unwrap();
        assert!(
            public.contains("It scans for keys") && !public.contains("Anna") && !public.contains("anna@"),
            "{public}"
        );
        assert!(!public.contains(&anna.application.id.to_string()), "nor by its id");
        let twice = db.write(|tx| register::suspend(tx, suspension(number, now), "test"));
        assert!(matches!(twice, Err(CatalogError::WrongState { .. })));
        db.write(|tx| register::end(tx, entry.number, "Keys were changed", "test")).unwrap();
        assert_eq!(suspended(db, now.plus_secs(2)), [(1, false), (2, false)]);
        db.write(|tx| register::suspend(tx, suspension(number, tx.now), "test")).unwrap();
        assert_eq!(suspended(db, now.plus_secs(3)), [(1, true), (2, false)]);
    });
}

#[test]
fn a_suspension_that_the_journal_does_not_know_suspends_nobody() {
    on_every_store(|db| {
        let now = begin(db);
        let anna = register_app(db, "Bus times").application.number;
        let bert = register_app(db, "Tree map").application.number;
        let (entry, _) = db.write(|tx| register::suspend(tx, suspension(anna, now), "test")).unwrap();
        behind_the_back(
            db,
            &format!(
                "INSERT INTO register_entries (number, kind, application, document, published_at, starts_at, ends_at, \
                 ended_at, end_reason) SELECT 9, kind, {bert}, document, published_at, starts_at, ends_at, NULL, NULL \
                 FROM register_entries WHERE number = {}",
                entry.number
            ),
        );
        assert_eq!(suspended(db, now.plus_secs(1)), [(anna, true), (bert, false)]);
        behind_the_back(db, "DELETE FROM register_entries");
        assert_eq!(suspended(db, now.plus_secs(1)), [(anna, true), (bert, false)], "the journal alone decides");
    });
}

#[test]
fn a_suspension_ends_by_itself_and_that_is_written_down_once() {
    on_every_store(|db| {
        let now = begin(db);
        let anna = register_app(db, "Bus times").application.number;
        let end = now.plus_secs(DAY_SECS);
        let new = NewSuspension { ends_at: Some(end), ..suspension(anna, now) };
        db.write(|tx| register::suspend(tx, new, "test")).unwrap();
        assert_eq!(suspended(db, Timestamp::from_micros(end.as_micros() - 1)), [(anna, true)]);
        assert_eq!(suspended(db, end), [(anna, false)]);
        let over = |at| {
            db.write(|tx| {
                tx.now = at;
                register::reinstate_ended(tx)
            })
            .unwrap()
            .len()
        };
        assert_eq!((over(now), over(end), over(end)), (0, 1, 0));
        assert_eq!(suspended(db, end.plus_secs(1)), [(anna, false)]);
    });
}

#[test]
fn fields_of_suspensions_arrangements_and_refusals_are_checked() {
    on_every_store(|db| {
        let now = begin(db);
        let anna = register_app(db, "Bus times").application.number;
        let good = suspension(anna, now);
        for (field, new) in [
            ("reason", NewSuspension { reason: " ".to_owned(), ..good.clone() }),
            ("review_at", NewSuspension { review_at: now.plus_secs(-1), ..good.clone() }),
            ("review_at", NewSuspension { review_at: now.plus_secs(31 * DAY_SECS), ..good.clone() }),
            ("ends_at", NewSuspension { ends_at: Some(now.plus_secs(-1)), ..good.clone() }),
        ] {
            let refused = db.write(|tx| register::suspend(tx, new, "test"));
            assert!(
                matches!(&refused, Err(CatalogError::Invalid { field: found, .. }) if *found == field),
                "{refused:?}"
            );
        }
        let nobody = db.write(|tx| register::suspend(tx, suspension(99, now), "test"));
        assert!(matches!(nobody, Err(CatalogError::NotFound { what: "application", .. })));
        let refusal = NewRefusal { application: Some(99), subject: "A feed".to_owned(), reason: "None".to_owned() };
        assert!(matches!(
            db.write(|tx| register::register_refusal(tx, refusal, "test")),
            Err(CatalogError::NotFound { .. })
        ));
    });
}

#[test]
fn an_exclusive_arrangement_is_public_two_months_before_it_takes_effect() {
    on_every_store(|db| {
        let now = begin(db);
        let days = |days: i64| now.plus_secs(days * DAY_SECS);
        let good = NewArrangement {
            parties: vec!["City archive".to_owned(), "Scanning Ltd".to_owned()],
            subject: "Maps of the 18th century".to_owned(),
            ground: ArrangementGround::PublicInterest,
            reason: "Nobody else would scan them".to_owned(),
            terms_url: Some("https://archive.example/terms".to_owned()),
            starts_at: days(63),
            review_at: days(63 + 3 * 365),
            ends_at: Some(days(63 + 5 * 365)),
        };
        let register = |new: NewArrangement| db.write(|tx| register::register_arrangement(tx, new, "test"));
        for (field, new) in [
            ("parties", NewArrangement { parties: vec!["City archive".to_owned()], ..good.clone() }),
            ("subject", NewArrangement { subject: String::new(), ..good.clone() }),
            ("terms_url", NewArrangement { terms_url: Some("javascript:alert(1)".to_owned()), ..good.clone() }),
            ("starts_at", NewArrangement { starts_at: days(61), ..good.clone() }),
            ("review_at", NewArrangement { review_at: days(64 + 3 * 365), ..good.clone() }),
            ("review_at", NewArrangement { review_at: days(-1), ..good.clone() }),
            ("ends_at", NewArrangement { ends_at: Some(days(1)), ..good.clone() }),
        ] {
            let refused = register(new);
            assert!(
                matches!(&refused, Err(CatalogError::Invalid { field: found, .. }) if *found == field),
                "{refused:?}"
            );
        }
        let entry = register(good.clone()).unwrap();
        assert_eq!(entry.status_at(days(1)), EntryStatus::Coming);
        assert_eq!(entry.status_at(days(64)), EntryStatus::InForce);
        let late = register(NewArrangement { starts_at: days(-400), review_at: days(30), ..good.clone() }).unwrap();
        let text = serde_json::to_string(&late).unwrap();
        assert!(text.contains("\"published_late\":true"), "{text}");
        let scans = NewArrangement { ground: ArrangementGround::Digitisation, review_at: days(63 + 11 * 365), ..good };
        register(scans).unwrap();
        db.write(|tx| register::end(tx, entry.number, "It was not needed", "test")).unwrap();
        let told = db.read(|tx| journal::list_of_kind(tx, EventKind::ArrangementEnded)).unwrap();
        assert_eq!(told.len(), 1);
    });
}

#[test]
fn the_register_is_listed_by_kind_status_application_and_page() {
    on_every_store(|db| {
        let now = begin(db);
        let anna = register_app(db, "Bus times").application.number;
        publish(db, now, half_the_exports(now, 3)).unwrap();
        db.write(|tx| register::suspend(tx, suspension(anna, now), "test")).unwrap();
        let refusal = NewRefusal { application: None, subject: "A feed".to_owned(), reason: "No such data".to_owned() };
        db.write(|tx| register::register_refusal(tx, refusal, "test")).unwrap();
        let numbers = |filter: RegisterFilter, at: Timestamp, limit| {
            let found = db.read(|tx| {
                tx.now = at;
                register::list(tx, &filter, limit)
            });
            found.unwrap().iter().map(|entry| entry.number).collect::<Vec<_>>()
        };
        let all = RegisterFilter::default();
        let soon = now.plus_secs(60);
        assert_eq!(numbers(all, soon, 9), [3, 2, 1]);
        assert_eq!(numbers(all, soon, 2), [3, 2]);
        assert_eq!(numbers(RegisterFilter { before: Some(2), ..all }, soon, 2), [1]);
        assert_eq!(numbers(RegisterFilter { kind: Some(EntryKind::Suspension), ..all }, soon, 9), [2]);
        assert_eq!(numbers(RegisterFilter { application: Some(anna), ..all }, soon, 9), [2]);
        let ended = RegisterFilter { status: Some(EntryStatus::Ended), ..all };
        let in_force = RegisterFilter { status: Some(EntryStatus::InForce), ..all };
        assert_eq!((numbers(ended, soon, 9), numbers(in_force, soon, 9)), (vec![], vec![3, 2, 1]));
        let later = now.plus_secs(4 * DAY_SECS);
        assert_eq!((numbers(ended, later, 9), numbers(in_force, later, 9)), (vec![1], vec![3, 2]));
    });
}

#[test]
fn conduct_is_read_from_the_whole_journal_newest_first() {
    on_every_store(|db| {
        let now = begin(db);
        let anna = register_app(db, "Bus times").application.number;
        db.write(register::note_ranking).unwrap();
        db.write(register::note_ranking).unwrap();
        for round in 0..5 {
            let (entry, _) = db.write(|tx| register::suspend(tx, suspension(anna, tx.now), "test")).unwrap();
            db.write(|tx| register::end(tx, entry.number, &format!("round {round}"), "test")).unwrap();
        }
        let (mut before, mut kinds) = (None, Vec::new());
        loop {
            let page = db.read(|tx| journal::list_before(tx, &EventKind::CONDUCT, before, 3)).unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            assert!(page.windows(2).all(|pair| pair[0].seq > pair[1].seq));
            kinds.extend(page.iter().map(|entry| entry.kind));
        }
        assert_eq!(kinds.len(), 12, "five suspensions, five ends, the ranking once, the first tariff");
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::RankingChanged).count(), 1);
        assert_eq!(kinds.last(), Some(&EventKind::TariffPublished));
        assert!(now < db.read(|tx| Ok(tx.now)).unwrap());
    });
}

#[test]
fn a_change_of_the_ranking_is_written_down() {
    on_every_store(|db| {
        begin(db);
        db.write(register::note_ranking).unwrap();
        db.write(|tx| {
            let payload = serde_json::json!({ "numbers": { "weight-title": 1.0 } });
            let event = journal::Event {
                kind: EventKind::RankingChanged,
                subject_id: "search".to_owned(),
                actor: "test".to_owned(),
                payload,
            };
            journal::append(tx, event)
        })
        .unwrap();
        db.write(register::note_ranking).unwrap();
        let told = db.read(|tx| journal::list_of_kind(tx, EventKind::RankingChanged)).unwrap();
        assert_eq!(told.len(), 3);
        assert_eq!(told[0].payload["numbers"]["weight-title"], told[2].payload["numbers"]["weight-title"]);
        assert_ne!(told[2].payload["numbers"]["weight-title"], 1.0, "what is in force, not what was forged");
        assert_eq!(told[2].payload["numbers"], told[0].payload["numbers"]);
    });
}

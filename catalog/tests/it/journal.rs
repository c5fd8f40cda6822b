use fairground_catalog::journal::{self, Event, EventKind, JournalFilter};
use fairground_catalog::{CatalogError, Db};
use serde_json::json;

use crate::store::on_every_store;

fn event(kind: EventKind, subject: &str) -> Event {
    Event { kind, subject_id: subject.to_owned(), actor: "test".to_owned(), payload: json!({ "slug": subject }) }
}

fn append(db: &Db, kind: EventKind, subjects: &[&str]) -> i64 {
    let events = subjects.iter().map(|subject| event(kind, subject)).collect();
    db.write(|tx| journal::append_all(tx, events)).unwrap()
}

#[test]
fn entries_are_numbered_without_gaps_and_follow_from_each_other() {
    on_every_store(|db| {
        assert_eq!(append(db, EventKind::DatasetCreated, &["a", "b"]), 2);
        assert_eq!(append(db, EventKind::KeyCreated, &["c"]), 3);
        assert_eq!(append(db, EventKind::KeyCreated, &[]), 3);
        assert_eq!(db.read(journal::verify).unwrap(), 3);
        let all = db.read(|tx| journal::list_since(tx, 0, 10)).unwrap();
        assert_eq!(
            all.iter().map(|entry| (entry.seq, entry.subject_id.as_str())).collect::<Vec<_>>(),
            [(1, "a"), (2, "b"), (3, "c")]
        );
        assert_eq!(all[0].payload, json!({ "slug": "a" }));
        let public = db.read(|tx| journal::list_public_since(tx, 1, 10)).unwrap();
        assert_eq!(public.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2], "keys are nobody's business");
    });
}

#[test]
fn a_change_that_is_undone_leaves_no_entry() {
    on_every_store(|db| {
        db.rehearse(|tx| journal::append(tx, event(EventKind::DatasetCreated, "a"))).unwrap();
        let failed: Result<(), _> = db.write(|tx| {
            journal::append(tx, event(EventKind::DatasetCreated, "a"))?;
            Err(CatalogError::Forbidden("test"))
        });
        assert!(failed.is_err());
        assert_eq!(db.read(journal::head).unwrap().seq, 0);
        assert_eq!(append(db, EventKind::DatasetCreated, &["b"]), 1);
        assert_eq!(db.read(journal::verify).unwrap(), 1);
    });
}

#[test]
fn a_panic_in_a_transaction_leaves_nothing_behind() {
    on_every_store(|db| {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.write::<()>(|tx| {
                journal::append(tx, event(EventKind::DatasetCreated, "a"))?;
                panic!("in the middle")
            })
        }));
        assert!(caught.is_err());
        assert_eq!(append(db, EventKind::DatasetCreated, &["b"]), 1);
    });
}

#[test]
fn many_writers_at_once_leave_one_unbroken_chain() {
    on_every_store(|db| {
        std::thread::scope(|scope| {
            for writer in 0..6 {
                scope.spawn(move || {
                    for round in 0..10 {
                        append(db, EventKind::DatasetCreated, &[&format!("{writer}-{round}")]);
                    }
                });
            }
        });
        assert_eq!(db.read(journal::verify).unwrap(), 60);
    });
}

#[test]
fn the_journal_is_searched_page_by_page_from_its_end() {
    on_every_store(|db| {
        append(db, EventKind::DatasetCreated, &["a", "b", "c"]);
        append(db, EventKind::KeyCreated, &["a"]);
        let find = |filter: JournalFilter, limit| db.read(|tx| journal::search(tx, &filter, limit)).unwrap();
        let numbers = |page: &journal::JournalPage| page.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>();
        let all = JournalFilter::default();
        let first = find(all.clone(), 3);
        assert_eq!((numbers(&first), first.next), (vec![4, 3, 2], Some(2)));
        let last = find(JournalFilter { before: first.next, ..all.clone() }, 3);
        assert_eq!((numbers(&last), last.next), (vec![1], None));
        let of_kind = JournalFilter { kind: Some(EventKind::DatasetCreated), ..all.clone() };
        assert_eq!(numbers(&find(of_kind, 10)), [3, 2, 1]);
        let about = JournalFilter { subject_id: Some("a".to_owned()), ..all.clone() };
        assert_eq!(numbers(&find(about, 10)), [4, 1]);
        let by = JournalFilter { actor: Some("nobody".to_owned()), ..all.clone() };
        assert_eq!(find(by, 10).entries, []);
        let at = find(all.clone(), 1).entries[0].at;
        let since = JournalFilter { from: Some(at.plus_secs(60)), ..all.clone() };
        assert_eq!(find(since, 10).entries, []);
        let until = JournalFilter { to: Some(at.plus_secs(-60)), ..all.clone() };
        assert_eq!(find(until, 10).entries, []);
        assert_eq!(numbers(&find(JournalFilter { from: Some(at.plus_secs(-60)), ..all }, 10)), [4, 3, 2, 1]);
    });
}

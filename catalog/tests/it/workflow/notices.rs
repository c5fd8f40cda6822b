//! Who is told of what by letter: once each, and nobody of what they did themselves.

use fairground_catalog::Db;
use fairground_catalog::domain::{FieldComment, LocalizedText};
use fairground_catalog::draft::{self, Approval, Draft};
use fairground_catalog::gate::{self, Clearance};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::notice::{self, HOLD_GATHER_SECS, NoticeKind};

use super::{Cast, begun, now, retitled, submitted};
use crate::store::on_every_store;

/// What is due after so many seconds: kind, title, and the readers by the names before their addresses.
fn due_after(db: &Db, secs: i64) -> Vec<(NoticeKind, String, Vec<String>)> {
    let taken = db
        .write(|tx| {
            tx.now = tx.now.plus_secs(secs);
            notice::take_due(tx, 100)
        })
        .unwrap();
    let name = |address: String| address.split('@').next().unwrap().to_owned();
    taken.into_iter().map(|due| (due.kind, due.title, due.readers.into_iter().map(name).collect())).collect()
}

fn told(kind: NoticeKind, title: &str, readers: &[&str]) -> (NoticeKind, String, Vec<String>) {
    (kind, title.to_owned(), readers.iter().map(|&name| name.to_owned()).collect())
}

fn quiet(db: &Db, actor: &Actor, quiet: bool) {
    db.write(|tx| notice::set_quiet(tx, actor.account().unwrap(), quiet)).unwrap();
}

#[test]
fn reviewers_are_told_of_what_waits_and_authors_of_what_became_of_it() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        // Somebody else wrote some of it too: they are an author, though they could review what others write.
        let draft = db
            .write(|tx| draft::save(tx, &cast.both, draft.id, draft.revision, retitled(&draft, "Berths 2027")))
            .unwrap();
        assert_eq!(due_after(db, 0), []);
        let waiting = submitted(db, &cast, &draft);
        assert_eq!(due_after(db, 0), [told(NoticeKind::Submitted, "Berths 2027", &["rita", "stefan"])]);
        assert_eq!(due_after(db, HOLD_GATHER_SECS), [], "each once");
        let comments = vec![FieldComment { pointer: "/title".to_owned(), text: "Which?".to_owned() }];
        db.write(|tx| draft::give_back(tx, &cast.reviewer, draft.id, waiting.revision, comments)).unwrap();
        assert_eq!(due_after(db, 0), [told(NoticeKind::Returned, "Berths 2027", &["ada", "bert"])]);
        let waiting = submitted(db, &cast, &now(db, &cast, draft.id));
        assert_eq!(due_after(db, 0), [told(NoticeKind::Submitted, "Berths 2027", &["rita", "stefan"])]);
        db.write(|tx| draft::approve(tx, &cast.reviewer, draft.id, waiting.revision, Approval::Now)).unwrap();
        assert_eq!(due_after(db, 0), [told(NoticeKind::Published, "Berths 2027", &["ada", "bert"])]);
    });
}

#[test]
fn what_was_taken_back_is_told_to_nobody_and_who_wants_quiet_has_it() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let waiting = submitted(db, &cast, &begun(db, &cast, "Berths"));
        db.write(|tx| draft::recall(tx, &cast.author, waiting.id, waiting.revision)).unwrap();
        assert_eq!(due_after(db, 0), []);
        quiet(db, &cast.reviewer, true);
        let again = submitted(db, &cast, &now(db, &cast, waiting.id));
        assert_eq!(due_after(db, 0), [told(NoticeKind::Submitted, "Berths", &["bert", "stefan"])]);
        quiet(db, &cast.reviewer, false);
        db.write(|tx| draft::recall(tx, &cast.author, again.id, again.revision)).unwrap();
        submitted(db, &cast, &now(db, &cast, waiting.id));
        assert_eq!(due_after(db, 0), [told(NoticeKind::Submitted, "Berths", &["bert", "rita", "stefan"])]);
    });
}

#[test]
fn where_nobody_else_may_review_operators_are_told() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        for name in ["rita", "stefan", "bert"] {
            crate::store::execute(db, &format!("UPDATE accounts SET disabled = TRUE WHERE name = '{name}'"));
        }
        for actor in [&cast.reviewer, &cast.both] {
            let account = actor.account().unwrap();
            let grants = db.read(|tx| member::list_grants(tx, &cast.operator, cast.publisher)).unwrap();
            for grant in grants.into_iter().filter(|grant| grant.account == account) {
                db.write(|tx| member::revoke(tx, &cast.operator, grant.id.unwrap())).unwrap();
            }
        }
        submitted(db, &cast, &begun(db, &cast, "Berths"));
        assert_eq!(due_after(db, 0), [told(NoticeKind::Submitted, "Berths", &["olive"])]);
    });
}

const PERSONAL: &str = "Bookings by guest: Maria Lindqvist, maria.lindqvist@mail.example, IBAN DE89370400440532013000, \
                        credit card 4111 1111 1111 1111.";

/// A draft of the author's whose description the gate holds.
fn personal(db: &Db, cast: &Cast, title: &str) -> Draft {
    let draft = begun(db, cast, title);
    let mut content = draft.content.clone();
    content.document.description = LocalizedText::undetermined(PERSONAL);
    db.write(|tx| draft::save(tx, &cast.author, draft.id, draft.revision, content)).unwrap()
}

fn judged(db: &Db, cast: &Cast, draft: &Draft) -> Clearance {
    let document = &draft.content.document;
    db.write(|tx| gate::judge_draft(tx, draft.id, draft.dataset, Some(cast.publisher), &draft.authors, document))
        .unwrap()
}

#[test]
fn what_the_gate_holds_is_told_to_authors_at_once_and_to_reviewers_gathered() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        for title in ["Guests", "More guests"] {
            let held = judged(db, &cast, &personal(db, &cast, title));
            assert!(matches!(held, Clearance::Held(_)), "{held:?}");
        }
        assert_eq!(
            due_after(db, 0),
            [told(NoticeKind::DraftHeld, "Guests", &["ada"]), told(NoticeKind::DraftHeld, "More guests", &["ada"])]
        );
        let gathered = db
            .write(|tx| {
                tx.now = tx.now.plus_secs(HOLD_GATHER_SECS);
                notice::take_due(tx, 100)
            })
            .unwrap();
        assert_eq!(gathered.len(), 1, "{gathered:?}");
        assert_eq!((gathered[0].kind, gathered[0].held), (NoticeKind::Held, 2));
        assert_eq!(gathered[0].publisher, "Harbour Authority");
        assert_eq!(gathered[0].readers, ["bert", "rita", "stefan"].map(|name| format!("{name}@agency.example")));
    });
}

#[test]
fn one_letter_tells_reviewers_that_a_draft_waits_and_that_the_gate_holds_it() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let waiting = submitted(db, &cast, &personal(db, &cast, "Guests"));
        assert!(matches!(judged(db, &cast, &waiting), Clearance::Held(_)));
        let taken = db.write(|tx| notice::take_due(tx, 100)).unwrap();
        let kinds: Vec<_> = taken.iter().map(|due| (due.kind, due.held)).collect();
        assert_eq!(kinds, [(NoticeKind::Submitted, 1), (NoticeKind::DraftHeld, 1)]);
        assert_eq!(due_after(db, HOLD_GATHER_SECS), [], "nobody is told of the hold twice");
        // Taken back and handed in again, it is held still, though nothing new is: the letter says so, once.
        let mut waiting = waiting;
        for _ in 0..2 {
            let open = db.write(|tx| draft::recall(tx, &cast.author, waiting.id, waiting.revision)).unwrap();
            waiting = submitted(db, &cast, &open);
        }
        let taken = db.write(|tx| notice::take_due(tx, 100)).unwrap();
        let kinds: Vec<_> = taken.iter().map(|due| (due.kind, due.held)).collect();
        assert_eq!(kinds, [(NoticeKind::Submitted, 1)]);
        assert_eq!(taken[0].readers, ["bert", "rita", "stefan"].map(|name| format!("{name}@agency.example")));
        assert_eq!(due_after(db, HOLD_GATHER_SECS), []);
    });
}

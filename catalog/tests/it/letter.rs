//! Letters wait, go, are tried again and end.

use fairground_catalog::letter::{self, NewLetter};
use fairground_catalog::{Db, Secret};

use crate::store::{execute, on_every_store};

static SECRET: Secret = Secret::from_bytes([7; 32]);

fn queue(db: &Db, to: &str) {
    let letter = NewLetter { to: to.to_owned(), subject: "Hello".to_owned(), text: "A secret link".to_owned() };
    db.write(|tx| letter::enqueue(tx, &SECRET, letter)).unwrap();
}

fn take(db: &Db) -> Vec<letter::TakenLetter> {
    db.write(|tx| letter::take_due(tx, &SECRET, 10)).unwrap()
}

#[test]
fn a_letter_is_taken_by_one_and_gone_when_it_was_handed_over() {
    on_every_store(|db| {
        queue(db, "ada@example.org");
        let taken = take(db);
        assert_eq!((taken.len(), taken[0].letter.text.as_str(), taken[0].attempt), (1, "A secret link", 1));
        assert!(take(db).is_empty(), "nobody else gets it meanwhile");
        db.write(|tx| letter::handed_over(tx, taken[0].id)).unwrap();
        assert_eq!(db.read(letter::count_waiting).unwrap(), (0, 0));
    });
}

#[test]
fn a_letter_whose_carrier_died_is_taken_again_as_the_same_one() {
    on_every_store(|db| {
        queue(db, "ada@example.org");
        let first = take(db).remove(0);
        execute(db, "UPDATE letters SET next_try_at = 0");
        let second = take(db).remove(0);
        assert_eq!((first.id, second.attempt), (second.id, 2));
        let next = db.write(|tx| letter::put_off(tx, &second, "the server is away")).unwrap();
        assert!(next > fairground_catalog::domain::Timestamp::now() && take(db).is_empty());
        assert_eq!(db.read(letter::count_waiting).unwrap(), (1, 0));
    });
}

#[test]
fn a_letter_that_is_given_up_is_forgotten_but_for_its_failure() {
    on_every_store(|db| {
        queue(db, "ada@example.org");
        let taken = take(db).remove(0);
        db.write(|tx| letter::give_up(tx, taken.id, &"no such mailbox ".repeat(100))).unwrap();
        execute(db, "UPDATE letters SET next_try_at = 0");
        assert!(take(db).is_empty());
        assert_eq!(db.read(letter::count_waiting).unwrap(), (0, 1));
    });
}

#[test]
fn a_letter_that_somebody_redirected_or_that_another_portal_sealed_is_given_up() {
    on_every_store(|db| {
        queue(db, "ada@example.org");
        execute(db, "UPDATE letters SET recipient = 'eve@example.org'");
        assert!(take(db).is_empty());
        assert_eq!(db.read(letter::count_waiting).unwrap(), (0, 1));
    });
}

#[test]
fn a_letter_that_was_not_committed_is_not_sent() {
    on_every_store(|db| {
        let letter = NewLetter { to: "a@b.org".to_owned(), subject: String::new(), text: String::new() };
        db.rehearse(|tx| letter::enqueue(tx, &SECRET, letter.clone())).unwrap();
        assert!(take(db).is_empty());
    });
}

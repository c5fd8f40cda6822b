//! What is asked for: sums by day, shown from five lots of callers on.

use fairground_catalog::demand::{self, Asked, Desk, FEWEST_CALLERS};
use fairground_catalog::domain::Timestamp;

use crate::store::{execute, on_every_store};

fn asked(words: &str, times: i64, lots: u8, found: i64) -> Asked {
    Asked { words: words.to_owned(), asked: times, lots, found, wished: 1 }
}

#[test]
fn words_are_shown_from_five_lots_on_and_the_most_asked_come_first() {
    on_every_store(|db| {
        let today = Timestamp::now().day();
        db.write(|tx| {
            demand::note(
                tx,
                &today,
                &[asked("dog parks", 6, 0b0000_1111, 0), asked("my neighbour", 90, 0b0000_0001, 0)],
            )?;
            demand::note(tx, &today, &[asked("trees", 9, 0b0111_1100, 12), asked("noise", 9, 0b1111_1111, 1)])
        })
        .unwrap();
        let unmet = |db: &fairground_catalog::Db| -> Vec<(String, i64, i64)> {
            let needs = db.read(|tx| demand::list_unmet(tx, 7, 10)).unwrap();
            needs.into_iter().map(|need| (need.words, need.asked, need.callers)).collect()
        };
        assert_eq!(unmet(db), [("noise".to_owned(), 9, 8)]);
        // The same four lots again are no more callers; a fifth is.
        db.write(|tx| demand::note(tx, &today, &[asked("dog parks", 3, 0b0000_1111, 0)])).unwrap();
        assert_eq!(unmet(db).len(), 1);
        db.write(|tx| demand::note(tx, &today, &[asked("dog parks", 3, 0b0001_0000, 0)])).unwrap();
        assert_eq!(unmet(db), [("dog parks".to_owned(), 12, FEWEST_CALLERS), ("noise".to_owned(), 9, 8)]);
        let popular = db.read(|tx| demand::list_popular(tx, 7, 10)).unwrap();
        assert_eq!(popular.iter().map(|need| need.words.as_str()).collect::<Vec<_>>(), ["noise", "trees"]);
        assert_eq!(db.read(|tx| demand::list_popular(tx, 7, 1)).unwrap().len(), 1);
    });
}

#[test]
fn what_too_few_asked_for_is_forgotten_after_two_days_and_all_after_more_than_a_year() {
    on_every_store(|db| {
        let days_ago = |days: i64| Timestamp::now().plus_secs(-days * 86_400).day();
        db.write(|tx| {
            demand::note(tx, &days_ago(3), &[asked("rare", 1, 1, 0), asked("often", 9, 255, 0)])?;
            demand::note(tx, &days_ago(1), &[asked("rare lately", 1, 1, 0)])?;
            demand::note(tx, &days_ago(401), &[asked("long ago", 9, 255, 0)])?;
            demand::prune(tx)
        })
        .unwrap();
        execute(db, "UPDATE query_demand SET callers = 8");
        let mut left: Vec<String> =
            db.read(|tx| demand::list_unmet(tx, 1_000, 10)).unwrap().into_iter().map(|need| need.words).collect();
        left.sort();
        assert_eq!(left, ["often", "rare lately"]);
    });
}

#[test]
fn the_desk_writes_down_what_it_has_counted_once() {
    on_every_store(|db| {
        let desk = Desk::default();
        (0..8).for_each(|caller| desk.note("Child  Care", 0, caller));
        desk.wish("child care", 3);
        desk.write_down(db).unwrap();
        desk.write_down(db).unwrap();
        let needs = db.read(|tx| demand::list_unmet(tx, 1, 10)).unwrap();
        let found: Vec<_> =
            needs.iter().map(|need| (need.words.as_str(), need.asked, need.callers, need.wished)).collect();
        assert_eq!(found, [("child care", 8, 8, 1)]);
    });
}

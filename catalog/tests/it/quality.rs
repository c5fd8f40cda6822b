//! Measuring what is public, and looking after its links.

use fairground_catalog::quality::{self, LinkOutcome};
use fairground_catalog::{Db, publisher};
use fairground_domain::quality::{Metric, Rating};

use crate::store::{execute, on_every_store};
use crate::table::{Agency, draft};

const FILE: &str = "https://data.example/trees.csv";
const OTHER: &str = "https://data.example/beds.csv";

/// Reads the journal to its end.
fn measure(db: &Db) {
    while db.write(quality::follow).unwrap() > 0 {}
}

/// As if every link's turn had come.
fn make_due(db: &Db) {
    execute(db, "UPDATE link_checks SET next_at = 0");
}

fn answer(db: &Db, outcome: &LinkOutcome) -> usize {
    make_due(db);
    let due = db.write(|tx| quality::take_due_links(tx, 100)).unwrap();
    for link in &due {
        let fine = LinkOutcome::Status(200);
        let outcome = if link.url == FILE { outcome } else { &fine };
        db.write(|tx| quality::note_link(tx, &link.id, outcome)).unwrap();
    }
    due.len()
}

fn points(db: &Db, slug: &str) -> u16 {
    db.read(|tx| quality::of_dataset(tx, slug)).unwrap().assessment.points()
}

#[test]
fn what_is_public_is_measured_and_what_is_withdrawn_is_not() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("trees", "Trees", &[FILE]), draft("beds", "Beds", &[OTHER])]);
        measure(db);
        let portal = db.read(quality::of_portal).unwrap();
        assert_eq!((portal.datasets, portal.links, portal.broken_links), (2, 2, 0));
        assert_eq!(portal.points, u64::from(points(db, "trees") + points(db, "beds")));
        assert_eq!(portal.by_rating.iter().sum::<u64>(), 2);
        let (metric, lacking, gain) = portal.fix_first()[0];
        assert_eq!((lacking, gain), (2, 2 * u64::from(metric.points())));
        let publisher = db.read(|tx| publisher::get(tx, "city-of-ardenport")).unwrap().publisher;
        assert_eq!(db.read(|tx| quality::of_publisher(tx, publisher.id)).unwrap(), portal);

        agency.harvest(&[draft("trees", "Trees", &[FILE])]);
        measure(db);
        let left = db.read(quality::of_portal).unwrap();
        assert_eq!((left.datasets, left.links), (1, 1));
        assert_eq!(answer(db, &LinkOutcome::Status(200)), 1, "what nobody lists is not asked");
        assert_eq!(db.read(quality::due_links).unwrap().0, 0);
    });
}

#[test]
fn a_link_is_broken_after_two_failures_and_whole_after_one_answer() {
    on_every_store(|db| {
        Agency::of(db).harvest(&[draft("trees", "Trees", &[FILE]), draft("beds", "Beds", &[OTHER])]);
        measure(db);
        let whole = points(db, "trees");
        let broken = whole - Metric::AccessUrlAnswers.points() - Metric::DownloadUrlAnswers.points();
        for (outcome, expected, broken_links) in [
            (LinkOutcome::Status(503), whole, 0),
            (LinkOutcome::Failed("no address is known for the host".to_owned()), broken, 1),
            (LinkOutcome::NotAsked, broken, 1),
            (LinkOutcome::Status(404), broken, 1),
            (LinkOutcome::Status(302), whole, 0),
        ] {
            assert_eq!(answer(db, &outcome), 2);
            let portal = db.read(quality::of_portal).unwrap();
            assert_eq!((points(db, "trees"), portal.broken_links), (expected, broken_links), "{outcome:?}");
            assert_eq!(portal.points, u64::from(expected + points(db, "beds")), "sums follow");
        }
        let told = db.read(|tx| quality::of_dataset(tx, "trees")).unwrap();
        assert_eq!(told.links.len(), 1);
        assert_eq!((told.links[0].status, told.links[0].failures), (Some(302), 0));
        assert!(told.links[0].next_at > told.links[0].checked_at.unwrap());
        assert!(matches!(told.assessment.rating(), Rating::Bad | Rating::Sufficient | Rating::Good));
    });
}

#[test]
fn links_are_taken_once_and_asked_for_the_first_time_at_times_of_their_own() {
    on_every_store(|db| {
        let urls: Vec<String> = (0..50).map(|at| format!("https://data.example/{at}.csv")).collect();
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        Agency::of(db).harvest(&[draft("many", "Many", &urls)]);
        measure(db);
        assert!(db.read(quality::due_links).unwrap().0 < 25, "not all at once");
        make_due(db);
        assert_eq!(db.write(|tx| quality::take_due_links(tx, 30)).unwrap().len(), 30);
        assert_eq!(db.write(|tx| quality::take_due_links(tx, 30)).unwrap().len(), 20);
        assert!(db.write(|tx| quality::take_due_links(tx, 30)).unwrap().is_empty());
    });
}

use fairground_catalog::change_log::{self, Changed};
use fairground_catalog::letter::{self, NewLetter};
use fairground_catalog::{Secret, tariff, vitals};

use crate::store::on_every_store;

#[test]
fn figures_are_told_of_every_store() {
    on_every_store(|db| {
        let before = db.read(vitals::read).unwrap();
        assert!(before.database_bytes > 0 && before.migrations > 10, "{before:?}");
        assert_eq!((before.letters.waiting, before.jobs.len(), before.working.len()), (0, 0, 0));
        let secret = Secret::from_bytes([7; 32]);
        let new = NewLetter { to: "a@example.org".to_owned(), subject: "s".to_owned(), text: "t".to_owned() };
        db.write(|tx| letter::enqueue(tx, &secret, new)).unwrap();
        assert_eq!(db.read(vitals::read).unwrap().letters.waiting, 1);
    });
}

#[test]
fn a_version_of_the_tariff_is_a_change_for_developers() {
    on_every_store(|db| {
        assert_eq!(db.read(|tx| change_log::list(tx, 10)).unwrap(), []);
        db.write(tariff::ensure).unwrap();
        let changes = db.read(|tx| change_log::list(tx, 10)).unwrap();
        assert!(matches!(changes[0].changed, Changed::Tariff { version: 1, .. }), "{changes:?}");
        assert_eq!((changes.len(), changes[0].key().as_str()), (1, "tariff-1"));
    });
}

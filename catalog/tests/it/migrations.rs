use std::collections::BTreeSet;
use std::path::Path;

use crate::store::on_every_empty_store;

#[test]
fn migrations_go_up_down_and_up_again() {
    on_every_empty_store(|db| {
        let up = db.migrate().unwrap();
        assert!(!up.is_empty());
        assert_eq!(db.pending_migrations().unwrap(), 0);
        assert_eq!(db.revert_all_migrations().unwrap().len(), up.len());
        assert_eq!(db.migrate().unwrap(), up);
        assert!(db.migrate().unwrap().is_empty());
    });
}

#[test]
fn both_trees_hold_the_same_migrations() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let names = |tree: &str| -> BTreeSet<String> {
        let folder = std::fs::read_dir(root.join(tree)).unwrap();
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite") {
        for tree in ["sqlite", "postgres"] {
            for direction in ["up.sql", "down.sql"] {
                assert!(root.join(tree).join(&name).join(direction).is_file(), "{tree}/{name}/{direction}");
            }
        }
    }
}

//! Snapshots come, stay, go; what makes them fast is made beside them.

use std::io::Write;

use fairground_domain::{ColumnType, ContentHash};
use fairground_tables_intake::{LoadOptions, Unwatched};
use fairground_tables_query::plan::{Predicate, RowsPlan, Start};

use super::{House, numbered};
use crate::store::{INDEX, META};
use crate::tables::Tables;
use crate::{Engine, TablesError, TablesSettings, WholeFormat};

fn page(limit: u32) -> RowsPlan {
    RowsPlan {
        predicate: Predicate::Constant(true),
        properties: vec![0],
        sort: Vec::new(),
        limit,
        start: Start::Offset(1),
    }
}

#[tokio::test]
async fn a_file_becomes_a_table_that_answers_at_once_and_soon_from_its_index() {
    let house = House::with(|settings| settings.index = true);
    let path = house.folder.path().join("beds.csv");
    let mut file = std::fs::File::create(&path).unwrap();
    writeln!(file, "ward,beds\nA,12\nB,7\nC,\n").unwrap();
    let options = LoadOptions { name: "beds.csv".to_owned(), ..LoadOptions::default() };
    let tables = house.tables.clone();
    let load = move || tables.load(&path, &options, &Unwatched).unwrap();
    let (load_again, snapshots) = (load.clone(), load());
    assert_eq!(snapshots.len(), 1);
    let snapshot = &snapshots[0];
    assert_eq!((snapshot.name.as_str(), snapshot.rows), ("beds", 3));
    assert_eq!(snapshot.columns[1].column_type, ColumnType::Integer);
    assert_eq!(house.tables.list_keys().unwrap(), [snapshot.key]);
    assert_eq!(house.tables.snapshot(snapshot.key).unwrap(), *snapshot);
    let open = house.tables.open_snapshot(snapshot.key).await.unwrap();
    let answer = house.tables.rows(&open, &page(1)).await.unwrap();
    assert_eq!((answer.items.as_ref(), answer.total), (br#"[{"ward":"B"}]"#.as_slice(), 3));
    // The same file again is the same snapshot.
    assert_eq!(load_again()[0].key, snapshot.key);
    house.tables.build_index(snapshot.key, &|| false).unwrap();
    let open = house.tables.open_snapshot(snapshot.key).await.unwrap();
    house.core().answers.invalidate_all();
    assert_eq!(house.tables.rows(&open, &page(1)).await.unwrap().engine, Engine::Index);
    assert!(house.tables.whole_file(snapshot.key, WholeFormat::Csv).await.unwrap().is_some());
    assert!(house.tables.delete(snapshot.key).unwrap());
    assert!(!house.tables.delete(snapshot.key).unwrap());
    assert!(!house.tables.has(snapshot.key).unwrap());
    assert!(house.tables.list_keys().unwrap().is_empty());
    let gone = house.tables.open_snapshot(snapshot.key).await;
    assert!(matches!(gone, Err(TablesError::UnknownSnapshot { .. })), "{gone:?}");
}

#[tokio::test]
async fn an_index_that_is_missing_after_a_restart_is_made_when_it_is_asked_for() {
    let house = House::open();
    let key = house.put(&numbered(50));
    let mut settings = TablesSettings::new(house.folder.path());
    settings.index_threads = 2;
    let again = Tables::open(settings).unwrap();
    assert!(!again.open_snapshot(key).await.unwrap().is_indexed());
    // Whoever comes second waits for the first.
    again.build_index(key, &|| false).unwrap();
    assert!(again.open_snapshot(key).await.unwrap().is_indexed());
    assert!(!again.build_index(key, &|| false).unwrap().built);
}

#[tokio::test]
async fn a_broken_index_is_answered_around_and_made_anew() {
    let house = House::open();
    let key = house.put(&numbered(50));
    house.tables.build_index(key, &|| false).unwrap();
    let folder = house.core().store.folder(key).unwrap();
    let file = folder.join(INDEX).join(fairground_tables_columns::SIDECAR_FILE);
    std::fs::write(&file, b"no index at all").unwrap();
    let open = house.tables.open_snapshot(key).await.unwrap();
    assert!(!open.is_indexed());
    assert_eq!(house.tables.rows(&open, &page(1)).await.unwrap().engine, Engine::Scan);
    assert!(house.tables.build_index(key, &|| false).unwrap().built);
    assert!(house.tables.open_snapshot(key).await.unwrap().is_indexed());
}

#[tokio::test]
async fn what_has_no_schema_is_no_snapshot_and_a_damaged_one_says_so() {
    let house = House::open();
    let key = house.put(&numbered(5));
    let folder = house.core().store.folder(key).unwrap();
    std::fs::write(folder.join(META), b"{").unwrap();
    let damaged = house.tables.open_snapshot(key).await;
    assert!(matches!(damaged, Err(TablesError::Damaged { .. })), "{damaged:?}");
    std::fs::remove_file(folder.join(META)).unwrap();
    assert!(house.tables.list_keys().unwrap().is_empty());
    let unknown = house.tables.build_index(key, &|| false);
    assert!(matches!(unknown, Err(TablesError::UnknownSnapshot { .. })), "{unknown:?}");
}

#[test]
fn a_store_is_a_folder_or_a_bucket_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let open = |address: &str| {
        let mut settings = TablesSettings::new(folder.path());
        settings.object_store = Some(address.to_owned());
        Tables::open(settings).map(drop)
    };
    let kept = folder.path().join("kept");
    assert!(open(kept.to_str().unwrap()).is_ok());
    assert!(open(&format!("file://{}", kept.display())).is_ok());
    for address in ["gs://bucket", "s3://", "file://elsewhere/folder"] {
        let refused = open(address);
        assert!(matches!(refused, Err(TablesError::Setting { name: "object_store", .. })), "{address}: {refused:?}");
    }
}

#[tokio::test]
async fn registered_tables_are_not_read_at_the_start() {
    let house = House::open();
    let key = house.put(&numbered(5));
    let from = house.core().store.folder(key).unwrap();
    for number in 0..200_u32 {
        let other = ContentHash::of_parts([b"registered".as_slice(), &number.to_le_bytes()]);
        let to = from.with_file_name(other.to_string());
        std::fs::create_dir(&to).unwrap();
        std::fs::write(to.join(META), b"not read").unwrap();
    }
    let again = Tables::open(TablesSettings::new(house.folder.path())).unwrap();
    assert_eq!(again.list_keys().unwrap().len(), 201);
    assert_eq!(again.open_snapshot(key).await.unwrap().snapshot().rows, 5);
}

//! The same in a bucket. `tests/tools/with-moto` gives one on the loopback interface; without it these stories are not told.

use fairground_domain::ContentHash;
use fairground_tables_query::plan::{Predicate, RowsPlan, Start};

use super::{House, numbered, read};
use crate::tables::Tables;
use crate::{Engine, TablesError, TablesSettings, WholeFormat};

/// `s3://bucket`, when a server is there; its endpoint and credentials are in the usual variables.
fn bucket() -> Option<String> {
    let bucket = std::env::var("FAIRGROUND_TEST_S3").ok();
    if bucket.is_none() {
        println!("skipped: no FAIRGROUND_TEST_S3, see tests/tools/with-moto");
    }
    bucket
}

fn in_bucket(bucket: &str, prefix: &str) -> House {
    House::with(|settings| settings.object_store = Some(format!("{bucket}/{prefix}")))
}

#[tokio::test]
async fn a_bucket_keeps_what_a_folder_keeps() {
    let Some(bucket) = bucket() else { return };
    let house = in_bucket(&bucket, "portal/keeps");
    let tables = house.tables.clone();
    let key = tokio::task::spawn_blocking(move || {
        let key = house.put(&numbered(500));
        (key, house)
    });
    let (key, house) = key.await.unwrap();
    let blocking = tables.clone();
    let (has, keys, report) = tokio::task::spawn_blocking(move || {
        let report = blocking.build_index(key, &|| false).unwrap();
        (blocking.has(key).unwrap(), blocking.list_keys().unwrap(), report)
    })
    .await
    .unwrap();
    assert!(has && report.built);
    assert_eq!(keys, [key]);

    // Another node, with nothing of it on its disk.
    let other = in_bucket(&bucket, "portal/keeps");
    let open = other.tables.open_snapshot(key).await.unwrap();
    assert!(open.is_indexed());
    let plan = RowsPlan {
        predicate: Predicate::Constant(true),
        properties: vec![1],
        sort: Vec::new(),
        limit: 1,
        start: Start::Offset(499),
    };
    let answer = other.tables.rows(&open, &plan).await.unwrap();
    assert_eq!((answer.engine, answer.items.as_ref()), (Engine::Index, br#"[{"name":"row 499"}]"#.as_slice()));
    let csv = other.tables.whole_file(key, WholeFormat::Csv).await.unwrap().unwrap();
    assert_eq!(csv.length(), report.csv_bytes);
    assert!(read(csv.stream(0..7)).await.unwrap().starts_with(b"n,name\r"));
    assert!(other.tables.whole_file(key, WholeFormat::Quarantine).await.unwrap().is_none());

    let blocking = tables.clone();
    let gone = tokio::task::spawn_blocking(move || {
        (blocking.delete(key).unwrap(), blocking.delete(key).unwrap(), blocking.list_keys().unwrap())
    });
    assert_eq!(gone.await.unwrap(), (true, false, Vec::new()));
    let third = in_bucket(&bucket, "portal/keeps");
    let unknown = third.tables.open_snapshot(key).await;
    assert!(matches!(unknown, Err(TablesError::UnknownSnapshot { .. })), "{unknown:?}");
    drop(house);
}

#[tokio::test]
async fn copies_are_cleared_when_there_is_no_room_and_fetched_again() {
    let Some(bucket) = bucket() else { return };
    let house = in_bucket(&bucket, "portal/clears");
    let (house, keys) = tokio::task::spawn_blocking(move || {
        let keys: Vec<ContentHash> = (1..4).map(|rows| house.put(&numbered(rows * 100))).collect();
        (house, keys)
    })
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = TablesSettings::new(folder.path());
    settings.object_store = Some(format!("{bucket}/portal/clears"));
    settings.index = false;
    // Less than one snapshot: only what was asked for last stays.
    settings.copy_bytes = 1;
    let tables = Tables::open(settings).unwrap();
    let plan = RowsPlan {
        predicate: Predicate::Constant(true),
        properties: vec![0],
        sort: Vec::new(),
        limit: 1,
        start: Start::Offset(0),
    };
    for _ in 0..2 {
        for key in &keys {
            let open = tables.open_snapshot(*key).await.unwrap();
            assert_eq!(tables.rows(&open, &plan).await.unwrap().items.as_ref(), br#"[{"n":0}]"#);
        }
    }
    let copies = std::fs::read_dir(folder.path().join("cache/tables")).unwrap();
    let copies = copies.filter(|entry| entry.as_ref().unwrap().file_name() != "incoming").count();
    assert_eq!(copies, 1);
    drop(house);
}

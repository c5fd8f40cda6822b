//! Versions: begun, compared, restored with their data, copied.

use fairground_catalog::domain::{ColumnType, ContentHash, SchemaChange};
use fairground_catalog::draft::{self, ColumnNote, CopyFrom, Draft, LoadedTable, NewFile, Origin, Side, TableNotes};
use fairground_catalog::{CatalogError, Db, dataset, table};

use super::{Cast, begun, file, now, published, retitled, snapshot, submitted, with_file};
use crate::store::{execute, on_every_store};

/// A dataset with three versions: one file of 3 rows, the same file with 5 rows and another column, and a second file.
fn three_versions(db: &Db, cast: &Cast) -> Draft {
    let first = with_file(db, &cast.author, &begun(db, cast, "Berths"), file("berths.csv", "one", 3));
    published(db, cast, &first);
    let second = db.write(|tx| draft::begin_version(tx, &cast.author, first.slug.as_str())).unwrap();
    assert_eq!((second.origin, second.base_version, second.dataset), (Origin::Version, Some(1), first.dataset));
    let columns: &[(&str, ColumnType)] =
        &[("berth", ColumnType::Text), ("depth", ColumnType::Integer), ("length", ColumnType::Float)];
    let grown = NewFile {
        source_hash: ContentHash::of(b"two"),
        tables: vec![LoadedTable { key: String::new(), snapshot: snapshot("two", 5, columns) }],
        ..file("berths.csv", "two", 5)
    };
    let second = with_file(db, &cast.author, &second, grown);
    let changed = retitled(&second, "Berths and their lengths");
    let second = db.write(|tx| draft::save(tx, &cast.author, second.id, second.revision, changed)).unwrap();
    published(db, cast, &second);
    let third = db.write(|tx| draft::begin_version(tx, &cast.author, first.slug.as_str())).unwrap();
    let third = with_file(db, &cast.author, &third, file("cranes.csv", "cranes", 7));
    published(db, cast, &third)
}

#[test]
fn the_old_version_stays_public_until_the_new_one_is() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let first = published(db, &cast, &begun(db, &cast, "Berths"));
        let version = db.write(|tx| draft::begin_version(tx, &cast.editor, first.slug.as_str())).unwrap();
        let taken = db.write(|tx| draft::begin_version(tx, &cast.author, first.slug.as_str()));
        match taken {
            Err(CatalogError::Taken { what: "draft", name }) => assert_eq!(name, version.id.to_string()),
            other => panic!("{other:?}"),
        }
        let open = db.read(|tx| draft::find_open(tx, &cast.author, first.dataset)).unwrap();
        assert_eq!(open.map(|open| open.id), Some(version.id));
        assert!(db.read(|tx| draft::find_open(tx, &cast.stranger, first.dataset)).unwrap().is_none());
        let changed = retitled(&version, "Berths 2027");
        let version = db.write(|tx| draft::save(tx, &cast.editor, version.id, version.revision, changed)).unwrap();
        let title = || {
            let public = db.read(|tx| dataset::get_public(tx, first.slug.as_str())).unwrap();
            (public.version, public.draft.title.any().to_owned())
        };
        let wish = draft::ReleaseWish::default();
        let waiting = db.write(|tx| draft::submit(tx, &cast.editor, version.id, version.revision, wish)).unwrap();
        assert_eq!(title(), (1, "Berths".to_owned()));
        db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, draft::Approval::Now)).unwrap();
        assert_eq!(title(), (2, "Berths 2027".to_owned()));
        let earlier = db.read(|tx| dataset::get_version(tx, first.slug.as_str(), 1)).unwrap();
        assert_eq!(earlier.draft.title.any(), "Berths");
    });
}

#[test]
fn any_two_versions_are_compared_in_fields_columns_and_rows() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let last = three_versions(db, &cast);
        let slug = last.slug.as_str();
        let found = db.read(|tx| draft::compare_versions(tx, slug, 1, 2)).unwrap();
        assert!(found.metadata.iter().any(|field| field.path.starts_with("/title")), "{:?}", found.metadata);
        let [berths] = found.tables.as_slice() else { panic!("{:?}", found.tables) };
        let rows = |facts: &Option<draft::TableFacts>| facts.as_ref().and_then(|facts| facts.rows);
        assert_eq!((rows(&berths.before), rows(&berths.after)), (Some(3), Some(5)));
        assert_eq!(berths.columns.added, ["length"]);
        assert_eq!(berths.columns.retyped.len(), 1);
        assert_eq!((berths.change, berths.same_data), (Some(SchemaChange::Breaking), false));
        let found = db.read(|tx| draft::compare_versions(tx, slug, 2, 3)).unwrap();
        let mut came: Vec<(Option<u64>, Option<u64>, bool)> =
            found.tables.iter().map(|one| (rows(&one.before), rows(&one.after), one.same_data)).collect();
        came.sort_unstable();
        assert_eq!(came, [(None, Some(7), false), (Some(5), Some(5), true)]);
        assert!(found.tables.iter().any(|one| one.title == "cranes.csv"), "a second file is told by its name");
        let back = db.read(|tx| draft::compare_versions(tx, slug, 3, 1)).unwrap();
        assert_eq!(back.tables.iter().filter(|one| one.after.is_none()).count(), 1);
        let unknown = db.read(|tx| draft::compare_versions(tx, slug, 1, 9));
        assert!(matches!(unknown, Err(CatalogError::NotFound { what: "version", .. })));
    });
}

#[test]
fn a_draft_is_compared_with_what_is_public_and_a_new_one_with_nothing() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let last = three_versions(db, &cast);
        let version = db.write(|tx| draft::begin_version(tx, &cast.author, last.slug.as_str())).unwrap();
        let version = with_file(db, &cast.author, &version, file("cranes.csv", "more cranes", 9));
        let (before, after) = (Side::Version(3), Side::Draft(version.id));
        let found = db.read(|tx| draft::compare(tx, &cast.reviewer, last.dataset, before, after)).unwrap();
        let cranes: Vec<_> = found.tables.iter().filter(|one| !one.same_data).collect();
        assert_eq!(cranes.len(), 1, "{:?}", found.tables);
        let rows = |facts: &Option<draft::TableFacts>| facts.as_ref().and_then(|facts| facts.rows);
        assert_eq!((rows(&cranes[0].before), rows(&cranes[0].after)), (Some(7), Some(9)));
        let refused = db.read(|tx| draft::compare(tx, &cast.stranger, last.dataset, before, after));
        assert!(matches!(refused, Err(CatalogError::NotFound { .. })));
        let fresh = with_file(db, &cast.author, &begun(db, &cast, "Quays"), file("quays.csv", "quays", 2));
        let found = db
            .read(|tx| draft::compare(tx, &cast.reviewer, fresh.dataset, Side::Nothing, Side::Draft(fresh.id)))
            .unwrap();
        assert_eq!((found.tables.len(), found.tables[0].before.is_none()), (1, true));
        let refused =
            db.read(|tx| draft::compare(tx, &cast.stranger, fresh.dataset, Side::Nothing, Side::Draft(fresh.id)));
        assert!(matches!(refused, Err(CatalogError::NotFound { .. })));
    });
}

#[test]
fn a_version_is_restored_with_its_description_and_its_data() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let last = three_versions(db, &cast);
        let slug = last.slug.as_str();
        let restored = db.write(|tx| draft::restore_version(tx, &cast.author, slug, 1)).unwrap();
        assert!(restored.missing.is_empty());
        assert_eq!((restored.draft.origin, restored.draft.base_version), (Origin::Restore, Some(3)));
        assert_eq!(restored.draft.title(), "Berths");
        let public = || db.read(|tx| dataset::get_public(tx, slug)).unwrap();
        assert_eq!(public().version, 3, "a restored version goes the same way as every other");
        published(db, &cast, &restored.draft);
        assert_eq!((public().version, public().draft.title.any().to_owned()), (4, "Berths".to_owned()));
        let tables = db.read(|tx| table::list_of_dataset(tx, last.dataset)).unwrap();
        let facts: Vec<(u64, ContentHash)> = tables.iter().map(|table| (table.rows, table.snapshot_key)).collect();
        assert_eq!(facts, [(3, ContentHash::of(b"one"))], "the other file's table went with its distribution");
        let found = db.read(|tx| draft::compare_versions(tx, slug, 1, 4)).unwrap();
        assert!(found.tables.iter().all(|one| one.same_data), "{:?}", found.tables);
        // And forward again.
        let forward = db.write(|tx| draft::restore_version(tx, &cast.author, slug, 3)).unwrap();
        published(db, &cast, &forward.draft);
        let rows: Vec<u64> =
            db.read(|tx| table::list_of_dataset(tx, last.dataset)).unwrap().iter().map(|table| table.rows).collect();
        assert_eq!(rows, [5, 7]);
        let unknown = db.write(|tx| draft::restore_version(tx, &cast.author, slug, 99));
        assert!(matches!(unknown, Err(CatalogError::NotFound { what: "version", .. })));
    });
}

#[test]
fn data_of_published_versions_are_kept_and_those_that_are_gone_are_named() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let last = three_versions(db, &cast);
        let slug = last.slug.as_str();
        let berths = db.read(|tx| table::list_of_dataset(tx, last.dataset)).unwrap().remove(0);
        assert_eq!(db.write(|tx| table::prune_versions(tx, berths.id, 1)).unwrap(), 0, "versions hold their data");
        assert_eq!(db.read(|tx| table::list_versions(tx, berths.id)).unwrap().len(), 2);
        execute(db, "DELETE FROM table_versions WHERE version = 1 AND row_count = 3");
        let restored = db.write(|tx| draft::restore_version(tx, &cast.author, slug, 1)).unwrap();
        assert_eq!((restored.missing.len(), restored.draft.files.len()), (1, 0), "{:?}", restored.missing);
    });
}

#[test]
fn snapshots_of_drafts_are_kept_until_the_draft_is_gone() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = with_file(db, &cast.author, &begun(db, &cast, "Berths"), file("berths.csv", "one", 3));
        let free = || {
            db.write(|tx| {
                let later = tx.now.plus_secs(1);
                table::take_retired(tx, later, 10)
            })
            .unwrap()
        };
        assert!(free().is_empty());
        // Another file in its place lets the first one go.
        let draft = with_file(db, &cast.author, &draft, file("berths.csv", "two", 4));
        assert_eq!((draft.files.len(), draft.content.document.distribution.len()), (1, 1));
        assert_eq!(free(), [ContentHash::of(b"one")]);
        let both = with_file(db, &cast.author, &draft, file("copy.csv", "two", 4));
        let copy = both.files.iter().find(|file| file.file_name == "copy.csv").unwrap().distribution;
        let left = db.write(|tx| draft::remove_file(tx, &cast.author, both.id, both.revision, copy)).unwrap();
        assert_eq!((left.files.len(), left.content.document.distribution.len()), (1, 1));
        assert!(free().is_empty(), "another file is made of it");
        db.write(|tx| draft::discard(tx, &cast.author, left.id, left.revision, None)).unwrap();
        assert_eq!(free(), [ContentHash::of(b"two")]);
    });
}

#[test]
fn two_versions_begun_from_one_do_not_overwrite_each_other() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let first = published(db, &cast, &begun(db, &cast, "Berths"));
        let version = db.write(|tx| draft::begin_version(tx, &cast.author, first.slug.as_str())).unwrap();
        let waiting = submitted(db, &cast, &version);
        // Meanwhile somebody loads a file at the machine.
        let upload = table::Upload {
            dataset: Some(first.slug.clone()),
            file_name: "berths.csv".to_owned(),
            bytes: 10,
            source_hash: ContentHash::of(b"loaded"),
            tables: vec![LoadedTable { key: String::new(), snapshot: snapshot("loaded", 1, super::COLUMNS) }],
        };
        db.write(|tx| table::publish_upload(tx, &upload, 5, "command-line")).unwrap();
        let refused =
            db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, draft::Approval::Now));
        let Err(CatalogError::Conflict(conflict)) = refused else { panic!("{refused:?}") };
        assert_eq!((conflict.what, conflict.expected, conflict.found), ("dataset", 1, 2));
    });
}

#[test]
fn a_copy_has_the_words_and_an_identity_of_its_own() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let first = with_file(db, &cast.author, &begun(db, &cast, "Berths"), file("berths.csv", "one", 3));
        let mut content = first.content.clone();
        content.document.keyword = vec![(fairground_catalog::domain::LanguageTag::lenient("en"), "harbour".to_owned())];
        let first = db.write(|tx| draft::save(tx, &cast.author, first.id, first.revision, content)).unwrap();
        published(db, &cast, &first);
        let from = CopyFrom::Dataset(first.slug.to_string());
        let copy = db.write(|tx| draft::copy(tx, &cast.editor, &from, cast.publisher)).unwrap();
        assert_eq!((copy.origin, copy.base_version, copy.revision), (Origin::Copy, None, 1));
        assert_ne!((copy.dataset, &copy.slug), (first.dataset, &first.slug));
        let (of_copy, of_first) = (&copy.content.document, &first.content.document);
        assert_eq!((&of_copy.keyword, &of_copy.description), (&of_first.keyword, &of_first.description));
        assert_ne!(of_copy.identifier, of_first.identifier);
        assert!(of_copy.distribution.is_empty() && copy.files.is_empty(), "its data are its own");
        let elsewhere = db.write(|tx| draft::copy(tx, &cast.stranger, &from, cast.publisher));
        assert!(matches!(elsewhere, Err(CatalogError::NotFound { .. })));
    });
}

#[test]
fn words_about_columns_come_with_the_version() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = with_file(db, &cast.author, &begun(db, &cast, "Berths"), file("berths.csv", "one", 3));
        let id = draft.files[0].table_id(&draft.files[0].tables[0]);
        let mut content = draft.content.clone();
        content.dictionary = vec![TableNotes {
            table: id,
            columns: vec![ColumnNote {
                name: "depth".to_owned(),
                title: Some("Depth".to_owned()),
                description: Some("In metres at mean low water.".to_owned()),
            }],
        }];
        let draft = db.write(|tx| draft::save(tx, &cast.author, draft.id, draft.revision, content)).unwrap();
        published(db, &cast, &draft);
        let known = db.read(|tx| table::get_table(tx, &id.to_string())).unwrap();
        let version = db.read(|tx| table::get_version(tx, &known, None)).unwrap();
        let depth = version.snapshot.columns.iter().find(|column| column.name == "depth").unwrap();
        assert_eq!(depth.title, "Depth");
        assert_eq!(depth.description.as_deref(), Some("In metres at mean low water."));
        assert_eq!(now(db, &cast, draft.id).files.len(), 0);
        // What people said stays with the column when its file comes again, and says nothing of others.
        let next =
            db.write(|tx| draft::begin_version(tx, &cast.author, known.dataset_id.to_string().as_str())).unwrap();
        let next = with_file(db, &cast.author, &next, file("berths.csv", "two", 5));
        published(db, &cast, &next);
        let known = db.read(|tx| table::get_table(tx, &id.to_string())).unwrap();
        assert_eq!((known.version, known.rows), (2, 5));
        let version = db.read(|tx| table::get_version(tx, &known, None)).unwrap();
        let said = |name: &str| version.snapshot.columns.iter().find(|column| column.name == name).unwrap();
        assert_eq!((said("depth").title.as_str(), said("berth").title.as_str()), ("Depth", "berth"));
        assert_eq!(said("depth").description.as_deref(), Some("In metres at mean low water."));
    });
}

//! Publishing: at one instant, whole or not at all; withdrawing.

use fairground_catalog::draft::{self, Approval, NewDraft};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::search::{SearchIndex, SearchQuery};
use fairground_catalog::{CatalogError, DatabaseUrl, Db, dataset, follow, gate, table};

use super::{Cast, at, begun, described, file, now, published, retitled, submitted, with_file};
use crate::store::{dump, execute, on_every_store};

/// Everything that a store holds, row by row, in an order of its own.
fn everything(db: &Db) -> Vec<String> {
    let mut rows: Vec<String> = dump(db).lines().map(str::to_owned).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn before_its_publication_nothing_of_a_draft_is_where_the_public_looks() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = with_file(db, &cast.author, &begun(db, &cast, "Berths"), file("berths.csv", "one", 3));
        let waiting = submitted(db, &cast, &draft);
        let folder = std::env::temp_dir().join(format!("fairground-index-{}", uuid::Uuid::now_v7()));
        let index = SearchIndex::open_writer(&folder).unwrap();
        follow::catch_up(db, &index).unwrap();
        let hits = || index.search(&SearchQuery { text: "berths".to_owned(), ..SearchQuery::default() }).unwrap().total;
        for name in [draft.slug.to_string(), draft.dataset.to_string()] {
            let found = db.read(|tx| dataset::get_public(tx, &name));
            assert!(matches!(found, Err(CatalogError::NotFound { .. })), "{name}");
        }
        let feed = db.read(|tx| journal::list_public_since(tx, 0, 1_000)).unwrap();
        let told = serde_json::to_string(&feed).unwrap();
        assert!(!told.contains("berths") && !told.contains(&draft.dataset.to_string()), "{told}");
        assert_eq!((hits(), db.read(table::count_tables).unwrap()), (0, 0));
        db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, Approval::Now)).unwrap();
        follow::catch_up(db, &index).unwrap();
        let public = db.read(|tx| dataset::get_public(tx, draft.slug.as_str())).unwrap();
        assert_eq!((public.id, public.version), (draft.dataset, 1));
        assert_eq!(public.publisher.map(|publisher| publisher.id), Some(cast.publisher));
        let tables = db.read(|tx| table::list_of_dataset(tx, draft.dataset)).unwrap();
        assert_eq!((tables.len(), tables[0].rows, tables[0].updated_at), (1, 3, public.updated_at));
        assert_eq!((hits(), db.read(table::count_tables).unwrap()), (1, 1));
        let kinds: Vec<EventKind> = db
            .read(|tx| journal::list_public_since(tx, 0, 1_000))
            .unwrap()
            .into_iter()
            .filter(|entry| entry.at == public.updated_at)
            .map(|entry| entry.kind)
            .collect();
        assert_eq!(kinds, [EventKind::DatasetCreated, EventKind::TablePublished], "one instant, the dataset first");
        drop(index);
        let _ = std::fs::remove_dir_all(&folder);
    });
}

/// Makes every insertion into a table fail.
fn break_table(db: &Db, table: &str) {
    match db.url() {
        DatabaseUrl::Sqlite(_) => execute(
            db,
            &format!("CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the power went'); END"),
        ),
        DatabaseUrl::Postgres(_) => {
            execute(db, &format!("ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID"));
        }
    }
}

fn mend_table(db: &Db, table: &str) {
    match db.url() {
        DatabaseUrl::Sqlite(_) => execute(db, "DROP TRIGGER broken"),
        DatabaseUrl::Postgres(_) => execute(db, &format!("ALTER TABLE {table} DROP CONSTRAINT broken")),
    }
}

#[test]
fn a_publication_that_fails_between_any_two_steps_has_changed_nothing() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let url = "https://harbour.example/quays.csv";
        let rich = |title: &str, content: &str, slug: Option<&str>| {
            let draft = match slug {
                None => begun(db, &cast, title),
                Some(slug) => db.write(|tx| draft::begin_version(tx, &cast.author, slug)).unwrap(),
            };
            let draft = with_file(db, &cast.author, &draft, file("berths.csv", content, 3));
            let mut changed = retitled(&draft, title);
            if changed.document.distribution.len() == 1 {
                changed.document.distribution.push(fairground_catalog::domain::Distribution {
                    download_url: Some(url.to_owned()),
                    ..Default::default()
                });
            }
            changed.document.theme = vec![fairground_catalog::domain::Concept::label("Transport")];
            changed.refresh =
                vec![draft::RefreshRule { url: url.to_owned(), schedule: "weekly Europe/Rome".to_owned() }];
            let draft = db.write(|tx| draft::save(tx, &cast.author, draft.id, draft.revision, changed)).unwrap();
            submitted(db, &cast, &draft)
        };
        let attempt = |waiting: &draft::Draft| {
            db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, Approval::Now))
        };
        let first = rich("Berths", "one", None);
        for table in [
            "datasets",
            "dataset_themes",
            "journal",
            "tables",
            "table_versions",
            "dataset_version_tables",
            "distribution_refreshes",
            "jobs",
            "audit_entries",
        ] {
            let before = everything(db);
            break_table(db, table);
            let failed = attempt(&first);
            mend_table(db, table);
            assert!(matches!(failed, Err(CatalogError::Storage(_))), "{table}: {failed:?}");
            assert_eq!(everything(db), before, "{table}");
        }
        attempt(&first).unwrap();
        let second = rich("Berths of the harbour", "two", Some(first.slug.as_str()));
        for table in ["dataset_versions", "journal", "table_versions", "dataset_version_tables", "audit_entries"] {
            let before = everything(db);
            break_table(db, table);
            let failed = attempt(&second);
            mend_table(db, table);
            assert!(matches!(failed, Err(CatalogError::Storage(_))), "{table}: {failed:?}");
            assert_eq!(everything(db), before, "{table}");
            let public = db.read(|tx| dataset::get_public(tx, first.slug.as_str())).unwrap();
            assert_eq!((public.version, public.draft.title.any()), (1, "Berths"), "the old one stays");
        }
        // And when everything was written, and the process dies before it holds.
        let before = everything(db);
        let died = db.write(|tx| {
            draft::approve(tx, &cast.reviewer, second.id, second.revision, Approval::Now)?;
            Err::<(), _>(CatalogError::StoreBusy)
        });
        assert!(died.is_err());
        assert_eq!(everything(db), before);
        attempt(&second).unwrap();
        assert_eq!(db.read(|tx| dataset::get_public(tx, first.slug.as_str())).unwrap().version, 2);
    });
}

#[test]
fn what_the_gate_holds_or_has_not_seen_is_not_approved() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        let new = file("berths.csv", "one", 3);
        let draft = db.write(|tx| draft::put_file(tx, &cast.author, draft.id, draft.revision, new)).unwrap();
        let waiting = submitted(db, &cast, &draft);
        let ready = db.read(|tx| draft::check(tx, &cast.reviewer, waiting.id)).unwrap();
        assert!(ready.obstacle.as_deref().is_some_and(|problem| problem.contains("screened")), "{:?}", ready.obstacle);
        let refused = db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, Approval::Now));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })), "{refused:?}");

        // An IBAN of a person in a description holds it.
        let telling = begun(db, &cast, "Fees");
        let mut content = telling.content.clone();
        content.document.description = fairground_catalog::domain::LocalizedText::undetermined(
            "Pay to Mr John Miller, IBAN DE89 3704 0044 0532 0130 00, tax id 65929970489.",
        );
        let telling = db.write(|tx| draft::save(tx, &cast.author, telling.id, telling.revision, content)).unwrap();
        let telling = submitted(db, &cast, &telling);
        let refused = db.write(|tx| draft::approve(tx, &cast.reviewer, telling.id, telling.revision, Approval::Now));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })), "{refused:?}");
        let open = gate::HoldFilter { state: Some(gate::HoldState::Open), ..gate::HoldFilter::default() };
        let held = || db.read(|tx| gate::list(tx, &cast.reviewer, &open, 10)).unwrap().len();
        assert_eq!(held(), 1);
        db.write(|tx| draft::discard(tx, &cast.author, telling.id, telling.revision, None)).unwrap();
        assert_eq!(held(), 0);
    });
}

#[test]
fn an_address_that_was_promised_is_kept_from_others() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let (one, two) = (begun(db, &cast, "Berths"), begun(db, &cast, "Berths"));
        assert_eq!(one.slug.as_str(), "berths");
        assert_ne!(two.slug, one.slug);
        let wanted = NewDraft {
            document: Some(described("Other")),
            slug: Some("berths".parse().unwrap()),
            ..NewDraft::default()
        };
        let refused = db.write(|tx| draft::create(tx, &cast.author, cast.publisher, wanted));
        assert!(matches!(refused, Err(CatalogError::Taken { what: "dataset", .. })));
        let agency = crate::table::Agency::of(db);
        agency.harvest(&[crate::table::draft("x", "Berths", &[])]);
        let harvested = db.read(|tx| dataset::list_published_after(tx, None, 10)).unwrap();
        assert!(harvested.iter().all(|dataset| dataset.slug != one.slug), "{harvested:?}");
        let public = published(db, &cast, &one);
        assert_eq!(public.slug, one.slug);
        assert_eq!(db.read(|tx| dataset::get_public(tx, "berths")).unwrap().id, one.dataset);
        // What is given up lets its address go.
        db.write(|tx| draft::discard(tx, &cast.author, two.id, two.revision, None)).unwrap();
        assert_eq!(begun(db, &cast, two.slug.as_str()).slug, two.slug);
    });
}

#[test]
fn a_withdrawn_dataset_says_why_and_comes_back_by_a_new_version() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = published(db, &cast, &begun(db, &cast, "Berths"));
        let slug = draft.slug.as_str();
        for (actor, unknown) in [(&cast.author, false), (&cast.auditor, false), (&cast.stranger, true)] {
            let refused = db.rehearse(|tx| draft::withdraw(tx, actor, slug, "It is wrong."));
            match refused {
                Err(CatalogError::NotFound { .. }) if unknown => {}
                Err(CatalogError::Forbidden(_)) if !unknown => {}
                other => panic!("{}: {other:?}", actor.name()),
            }
        }
        for actor in [&cast.reviewer, &cast.manager, &cast.steward, &cast.operator] {
            db.rehearse(|tx| draft::withdraw(tx, actor, slug, "It is wrong.")).unwrap();
        }
        let silent = db.write(|tx| draft::withdraw(tx, &cast.manager, slug, " "));
        assert!(matches!(silent, Err(CatalogError::Invalid { field: "reason", .. })));
        let gone = db.write(|tx| draft::withdraw(tx, &cast.manager, slug, "It is wrong.")).unwrap();
        let dataset::Publication::Withdrawn { reason, .. } = &gone.publication else { panic!("{gone:?}") };
        assert_eq!(reason, "It is wrong.");
        let found = db.read(|tx| dataset::get_public(tx, slug));
        assert!(matches!(found, Err(CatalogError::Withdrawn { .. })), "{found:?}");
        let told = db.read(|tx| journal::list_of_kind(tx, EventKind::DatasetWithdrawn)).unwrap().pop().unwrap();
        assert_eq!(told.payload["reason"], "It is wrong.");
        let twice = db.write(|tx| draft::withdraw(tx, &cast.manager, slug, "Again."));
        assert!(matches!(twice, Err(CatalogError::WrongState { .. })));
        let version = db.write(|tx| draft::begin_version(tx, &cast.author, slug)).unwrap();
        let back = published(db, &cast, &version);
        assert_eq!(db.read(|tx| dataset::get_public(tx, slug)).unwrap().version, 2);
        assert_eq!(db.read(|tx| journal::list_of_kind(tx, EventKind::DatasetRestored)).unwrap().len(), 1);
        assert_eq!(now(db, &cast, back.id).base_version, Some(1));
    });
}

#[test]
fn a_harvested_dataset_that_a_person_withdrew_stays_withdrawn_whatever_its_source_lists() {
    on_every_store(|db| {
        let agency = crate::table::Agency::of(db);
        agency.harvest(&[crate::table::draft("x", "Trees", &[])]);
        let operator = fairground_catalog::member::Actor::command_line();
        let known = db.read(|tx| dataset::list_published_after(tx, None, 10)).unwrap().remove(0);
        db.write(|tx| draft::withdraw(tx, &operator, known.slug.as_str(), "It names people.")).unwrap();
        agency.harvest(&[crate::table::draft("x", "Trees", &[])]);
        agency.harvest(&[crate::table::draft("x", "Trees of the city", &[])]);
        let found = db.read(|tx| dataset::get_public(tx, known.slug.as_str()));
        assert!(matches!(found, Err(CatalogError::Withdrawn { .. })), "{found:?}");
        let edited = db.write(|tx| draft::begin_version(tx, &operator, known.slug.as_str()));
        assert!(matches!(edited, Err(CatalogError::WrongState { .. })), "its source describes it: {edited:?}");
    });
}

#[test]
fn a_preview_is_what_will_be_public() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = submitted(db, &cast, &begun(db, &cast, "Berths"));
        let (moment, id) = (at("2027-01-05T10:00:00Z"), draft.id);
        let preview = db
            .read(|tx| {
                tx.now = moment;
                draft::preview(tx, &cast.reviewer, id)
            })
            .unwrap();
        db.write(|tx| {
            tx.now = moment;
            draft::approve(tx, &cast.reviewer, id, draft.revision, Approval::Now)
        })
        .unwrap();
        let public = db.read(|tx| dataset::get_public(tx, draft.slug.as_str())).unwrap();
        assert_eq!(preview, public);
        assert_eq!(public.draft.issued.as_deref(), Some("2027-01-05"));
    });
}

#[test]
fn a_publisher_that_does_not_trust_its_sources_sees_every_change_first() {
    use fairground_catalog::domain::ReviewPolicy;
    use fairground_catalog::gate::{HoldFilter, HoldState, ReleaseReason};
    use fairground_catalog::member::{self, Actor};

    on_every_store(|db| {
        let agency = crate::table::Agency::of(db);
        let city = super::publisher(db, "City of Ardenport");
        let operator = Actor::command_line();
        let careful = ReviewPolicy { trusts_sources: false, ..ReviewPolicy::default() };
        db.write(|tx| member::set_policy(tx, &operator, city, careful, 0)).unwrap();
        let open = HoldFilter { state: Some(HoldState::Open), ..HoldFilter::default() };
        let waiting = || db.read(|tx| gate::list(tx, &operator, &open, 10)).unwrap();
        let public = || -> Vec<String> {
            let all = db.read(|tx| dataset::list_published_after(tx, None, 10)).unwrap();
            all.iter().map(|one| one.draft.title.any().to_owned()).collect()
        };
        for (title, before) in [("Trees", vec![]), ("Trees of the city", vec!["Trees"])] {
            agency.harvest(&[crate::table::draft("x", title, &[])]);
            agency.harvest(&[crate::table::draft("x", title, &[])]);
            assert_eq!((public(), waiting().len()), (before.iter().map(ToString::to_string).collect(), 1), "{title}");
            let id = waiting()[0].id;
            let words = "Looked through by the editors of the city.";
            db.write(|tx| gate::release(tx, &operator, id, ReleaseReason::NotPersonal, words)).unwrap();
            assert_eq!((public(), waiting().len()), (vec![title.to_owned()], 0));
        }
    });
}

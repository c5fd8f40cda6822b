//! An index from its first commit to its replacement, and what happens when that is interrupted.
#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

mod furniture;

use std::fs;
use std::time::{Duration, Instant};

use fairground_domain::{DatasetId, LanguageTag};
use fairground_search::{Change, Facet, SearchDocument, SearchError, SearchIndex, SearchQuery, SuggestionTarget, Term};
use furniture::{Shelf, cards, dataset, from, keywords};

fn find(index: &SearchIndex, words: &str) -> Vec<String> {
    cards(&index.search(&SearchQuery::words(words)).unwrap())
}

#[test]
fn an_empty_index_answers() {
    let shelf = Shelf::empty();
    let query = SearchQuery { facets: Facet::ALL.to_vec(), ..SearchQuery::words("air \"air quality\" -x qwertz") };
    assert_eq!(shelf.index.search(&query).unwrap().total, 0);
    assert_eq!(shelf.index.search(&SearchQuery::default()).unwrap().total, 0);
    assert!(shelf.index.suggest("a", 10).unwrap().is_empty());
    assert_eq!((shelf.index.position(), shelf.index.is_empty(), shelf.index.contents()), (0, true, vec![]));
}

#[test]
fn a_change_is_found_at_once_and_replaces_what_was_there() {
    let shelf = Shelf::empty();
    let first = dataset("Air quality");
    shelf.index.apply([Change::Put(Box::new(first.clone()))], 7).unwrap();
    assert_eq!((find(&shelf.index, "air"), shelf.index.position()), (vec!["Air quality".to_owned()], 7));

    let second = SearchDocument { id: first.id, version: 2, ..dataset("Water quality") };
    let third = SearchDocument { version: 3, ..second.clone() };
    let changes = [second, third.clone()].map(|document| Change::Put(Box::new(document)));
    shelf.index.apply(changes, 9).unwrap();
    assert!(find(&shelf.index, "air").is_empty());
    assert_eq!(find(&shelf.index, "water"), ["Water quality"]);
    assert_eq!(shelf.index.contents(), [(first.id, 3)]);

    shelf.index.apply([Change::Put(Box::new(third)), Change::Remove(first.id)], 11).unwrap();
    assert_eq!((shelf.index.len(), shelf.index.position()), (0, 11));
    shelf.index.apply([], 12).unwrap();
    assert_eq!(shelf.index.position(), 12);
}

#[test]
fn segments_come_together_in_a_quiet_hour_and_answers_stay() {
    let shelf = Shelf::empty();
    for n in 0..6 {
        shelf.index.apply([Change::Put(Box::new(dataset(&format!("Air {n}"))))], n + 1).unwrap();
    }
    let reader = SearchIndex::open_reader(shelf.dir.path()).unwrap();
    let (before, contents) = (find(&shelf.index, "air"), shelf.index.contents().len());
    assert_eq!((shelf.index.segments(), shelf.index.settle().unwrap()), (6, 6));
    assert!(matches!(reader.settle(), Err(SearchError::ReadOnly)));
    let end = Instant::now() + Duration::from_secs(60);
    while (shelf.index.segments() > 1 || reader.segments() > 1) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
        shelf.index.reload().unwrap();
        reader.reload().unwrap();
    }
    for index in [&shelf.index, &reader] {
        assert_eq!((index.segments(), index.contents().len(), index.position()), (1, contents, 6));
        assert_eq!(find(index, "air"), before);
    }
    assert_eq!(shelf.index.settle().unwrap(), 0);
    shelf.index.apply([Change::Put(Box::new(dataset("Air 9")))], 9).unwrap();
    assert_eq!((shelf.index.len(), shelf.index.position()), (7, 9));
}

#[test]
fn content_and_position_survive_a_restart() {
    let shelf = Shelf::with([dataset("Air"), dataset("Water")]);
    let Shelf { dir, index } = shelf;
    let contents = index.contents();
    drop(index);
    let index = SearchIndex::open_writer(dir.path()).unwrap();
    assert_eq!((index.contents(), index.position()), (contents, 1));
    index.apply([Change::Put(Box::new(dataset("Soil")))], 2).unwrap();
    assert_eq!(index.len(), 3);
}

#[test]
fn only_one_writes_and_others_read() {
    let shelf = Shelf::with([dataset("Air")]);
    assert!(matches!(SearchIndex::open_writer(shelf.dir.path()), Err(SearchError::Locked { .. })));
    assert!(matches!(SearchIndex::recreate(shelf.dir.path()), Err(SearchError::Locked { .. })));
    let reader = SearchIndex::open_reader(shelf.dir.path()).unwrap();
    assert_eq!(find(&reader, "air"), ["Air"]);
    assert!(matches!(reader.apply([], 1), Err(SearchError::ReadOnly)));
    assert!(matches!(reader.begin_rebuild(), Err(SearchError::ReadOnly)));
    let elsewhere = shelf.dir.path().join("nothing-here");
    assert!(matches!(SearchIndex::open_reader(&elsewhere), Err(SearchError::Missing { .. })));
}

#[test]
fn another_reader_sees_a_commit_by_itself() {
    let shelf = Shelf::with([dataset("Air")]);
    let reader = SearchIndex::open_reader(shelf.dir.path()).unwrap();
    shelf.put([dataset("Water")]);
    let begin = Instant::now();
    while find(&reader, "water").is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(30), "the reader never saw the commit");
        std::thread::sleep(Duration::from_millis(10));
    }
    shelf.put([dataset("Soil")]);
    reader.reload().unwrap();
    assert_eq!((find(&reader, "soil").len(), reader.position()), (1, 3));
}

#[test]
fn a_rebuilt_index_takes_the_place_of_the_old_one() {
    let shelf = Shelf::with([dataset("Old air"), dataset("Stale")]);
    let reader = SearchIndex::open_reader(shelf.dir.path()).unwrap();
    let mut rebuild = shelf.index.begin_rebuild().unwrap();
    assert!(matches!(shelf.index.begin_rebuild(), Err(SearchError::RebuildRunning)));
    let (a, b) = (dataset("New air"), dataset("New water"));
    for document in [b.clone(), a.clone(), SearchDocument { version: 2, ..b.clone() }] {
        rebuild.put(document).unwrap();
    }
    shelf.put([dataset("Meanwhile")]);
    assert_eq!(shelf.sorted(""), ["Meanwhile", "Old air", "Stale"]);
    rebuild.finish(42).unwrap();
    assert_eq!((shelf.sorted(""), shelf.index.position()), (vec!["New air".to_owned(), "New water".to_owned()], 42));
    reader.reload().unwrap();
    assert_eq!((find(&reader, "air"), reader.position()), (vec!["New air".to_owned()], 42));
    shelf.put([dataset("After")]);
    assert_eq!(shelf.index.len(), 3);
    shelf.index.begin_rebuild().unwrap().finish(50).unwrap();
    assert_eq!(shelf.index.len(), 0);
    let generations = fs::read_dir(shelf.dir.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(generations.count(), 1);
}

#[test]
fn a_rebuild_that_is_dropped_changes_nothing() {
    let shelf = Shelf::with([dataset("Air")]);
    let mut rebuild = shelf.index.begin_rebuild().unwrap();
    rebuild.put(dataset("Water")).unwrap();
    drop(rebuild);
    assert_eq!((shelf.sorted(""), shelf.index.position()), (vec!["Air".to_owned()], 1));
    assert!(shelf.index.begin_rebuild().is_ok());
}

#[test]
fn a_rebuild_that_was_killed_leaves_the_old_index() {
    let shelf = Shelf::with([dataset("Air")]);
    let mut rebuild = shelf.index.begin_rebuild().unwrap();
    rebuild.put(dataset("Water")).unwrap();
    // As the kernel would see it after kill -9: the files stay, nobody tidies up.
    let copy = tempfile::TempDir::new().unwrap();
    copy_all(shelf.dir.path(), copy.path());
    let index = SearchIndex::open_writer(copy.path()).unwrap();
    assert_eq!((find(&index, ""), index.position()), (vec!["Air".to_owned()], 1));
    assert!(!copy.path().join("g2").exists());
}

#[test]
fn a_writer_that_was_killed_before_its_commit_leaves_the_old_position() {
    let shelf = Shelf::with([dataset("Air")]);
    let copy = tempfile::TempDir::new().unwrap();
    // The last change is copied from within its batch, when documents are handed over but not committed.
    let changes = (0..200).map(|n| {
        if n == 199 {
            copy_all(shelf.dir.path(), copy.path());
        }
        Change::Put(Box::new(dataset(&format!("Water {n}"))))
    });
    shelf.index.apply(changes, 2).unwrap();
    assert_eq!((shelf.index.len(), shelf.index.position()), (201, 2));
    let index = SearchIndex::open_writer(copy.path()).unwrap();
    assert_eq!((find(&index, ""), index.position()), (vec!["Air".to_owned()], 1));
    index.apply([Change::Put(Box::new(dataset("Soil")))], 2).unwrap();
    assert_eq!((index.len(), index.position()), (2, 2));
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            let _ = fs::copy(entry.path(), target);
        }
    }
}

#[test]
fn a_damaged_index_is_named_and_can_be_made_anew() {
    type Damage = fn(&std::path::Path);
    let damages: [(&str, Damage); 6] = [
        ("other format", |dir| fs::write(dir.join("CURRENT"), r#"{"format":0,"generation":"g1"}"#).unwrap()),
        ("no generation", |dir| fs::write(dir.join("CURRENT"), r#"{"format":1,"generation":"../etc"}"#).unwrap()),
        ("garbage", |dir| fs::write(dir.join("CURRENT"), [0xff, 0, 1]).unwrap()),
        ("gone", |dir| fs::remove_dir_all(dir.join("g1")).unwrap()),
        ("meta", |dir| fs::write(dir.join("g1/meta.json"), "{").unwrap()),
        ("segments", |dir| {
            for entry in fs::read_dir(dir.join("g1")).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension != "json" && extension != "lock") {
                    fs::write(path, "torn").unwrap();
                }
            }
        }),
    ];
    for (what, damage) in damages {
        let Shelf { dir, index } = Shelf::with([dataset("Air")]);
        drop(index);
        damage(dir.path());
        let opened = SearchIndex::open_writer(dir.path());
        assert!(matches!(opened, Err(SearchError::Unusable { .. })), "{what}: {opened:?}");
        assert!(matches!(SearchIndex::open_reader(dir.path()), Err(SearchError::Unusable { .. })), "{what}");
        let anew = SearchIndex::recreate(dir.path()).unwrap();
        assert_eq!((anew.len(), anew.position()), (0, 0), "{what}");
        anew.apply([Change::Put(Box::new(dataset("Water")))], 3).unwrap();
        drop(anew);
        assert_eq!(SearchIndex::open_writer(dir.path()).unwrap().position(), 3, "{what}");
    }
}

#[test]
fn many_small_commits_are_merged_and_agree() {
    let shelf = Shelf::empty();
    let mut ids = Vec::new();
    for n in 0..60 {
        let documents: Vec<_> = (0..5).map(|m| from(&format!("Data {n} {m}"), &format!("p{m}"), &["CSV"])).collect();
        ids.extend(documents.iter().map(|document| document.id));
        shelf.put(documents);
    }
    let gone: Vec<DatasetId> = ids.iter().copied().step_by(2).collect();
    shelf.index.apply(gone.iter().copied().map(Change::Remove), 100).unwrap();
    let mut left: Vec<_> = ids.into_iter().filter(|id| !gone.contains(id)).collect();
    let mut held: Vec<_> = shelf.index.contents().into_iter().map(|(id, _)| id).collect();
    left.sort();
    held.sort();
    assert_eq!(held, left);
    let query = SearchQuery { facets: vec![Facet::Format], ..SearchQuery::words("data") };
    let answer = shelf.index.search(&query).unwrap();
    assert_eq!((answer.total, answer.facets[&Facet::Format][0].count), (150, 150));
}

#[test]
fn suggestions_come_from_publishers_keywords_and_titles() {
    let shelf = Shelf::with([
        SearchDocument { keywords: keywords(&["environment", "Enviro-tax"]), ..from("Air", "ea", &[]) },
        SearchDocument {
            publisher: Some(Term::new("ea", "Environment Agency")),
            keywords: keywords(&["environment"]),
            ..dataset("State of the environment")
        },
        dataset("Environmental noise"),
        dataset("Éolien en mer"),
    ]);
    let texts = |prefix: &str| -> Vec<String> {
        shelf.index.suggest(prefix, 10).unwrap().into_iter().map(|suggestion| suggestion.text).collect()
    };
    assert_eq!(
        texts("Environ"),
        ["Environment Agency", "environment", "Environmental noise", "State of the environment"]
    );
    assert_eq!(texts("agen"), ["Environment Agency"]);
    assert_eq!(texts("eolien EN"), ["Éolien en mer"]);
    assert_eq!(texts("enviro-t"), ["Enviro-tax"]);
    for nothing in ["", " ", "zzz", "ronment", "\u{0}"] {
        assert!(texts(nothing).is_empty(), "{nothing}");
    }
    let first = shelf.index.suggest("environment ag", 1).unwrap().remove(0);
    assert_eq!((first.target, first.count), (SuggestionTarget::Publisher("ea".to_owned()), 1));
    let title = shelf.index.suggest("state of", 5).unwrap().remove(0);
    assert!(matches!(title.target, SuggestionTarget::Dataset { slug, .. } if slug == "state-of-the-environment"));
    shelf.put([dataset("Measurements of the depth of groundwater in the northern provinces")]);
    let long = "Measurements of the depth of groundwater in the north";
    assert_eq!(texts(long), ["Measurements of the depth of groundwater in the northern provinces"]);
    assert!(texts("Measurements of the depth of groundwater in the south").is_empty());
    assert!(shelf.index.suggest("e", usize::MAX).unwrap().len() <= fairground_search::MAX_SUGGESTIONS);
}

#[test]
fn a_dataset_in_several_languages_is_found_in_each_and_shown_by_its_card() {
    let mut document = dataset("Air quality");
    document.title.insert(LanguageTag::lenient("fr"), "Qualité de l'air");
    document.card = r#"{"title":"opaque"}"#.to_owned();
    let shelf = Shelf::with([document]);
    for words in ["air quality", "qualité de l'air", "qualites"] {
        assert_eq!(shelf.find(words), [r#"{"title":"opaque"}"#], "{words}");
    }
}

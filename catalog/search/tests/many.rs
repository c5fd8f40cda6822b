//! With thousands of documents questions are answered in other ways than with a few: the answers must be the same.
#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

mod furniture;

use std::collections::{BTreeMap, BTreeSet};

use fairground_domain::{DatasetId, Timestamp};
use fairground_search::{Change, Facet, Hit, SearchDocument, SearchQuery, Sort, Term};
use furniture::{Shelf, dataset, keywords};

/// Documents of the large segment; another one has an eighth as many.
const DOCUMENTS: usize = 6_000;
/// More than enough for all values there are.
const ALL: usize = 1_000;

/// What the test knows of a document.
struct Known {
    id: DatasetId,
    title: String,
    publisher: String,
    keywords: BTreeSet<String>,
    formats: BTreeSet<String>,
    modified: Option<Timestamp>,
}

fn known(n: usize) -> (Known, SearchDocument) {
    let words = ["water", "air", "soil", "noise"];
    let held: Vec<&str> =
        words.into_iter().enumerate().filter(|(at, _)| n % (at + 2) != 1).map(|(_, word)| word).collect();
    let title = format!("{} {:05}", held.join(" "), n * 7_919 % 100_003);
    let publisher = format!("p{}", n % 97 * (n % 89) / 60);
    let keyword = |of: usize| format!("k{}", n * of % 800 / (1 + n % 5));
    // Spelt in two ways, sometimes in both by one dataset.
    let spelt: &[&str] = match n % 11 {
        0 => &["Open Data", "open data"],
        1..5 => &["open data"],
        5..7 => &["Open Data"],
        _ => &[],
    };
    let mut words: Vec<String> = (1..4).map(keyword).collect();
    words.extend(spelt.iter().map(|word| (*word).to_owned()));
    let formats: Vec<String> = ["CSV", "JSON", "PDF"]
        .into_iter()
        .enumerate()
        .filter(|(at, _)| n.is_multiple_of(at + 2))
        .map(|(_, f)| f.to_owned())
        .collect();
    let day = i64::try_from(n % 400).unwrap();
    let modified =
        (!n.is_multiple_of(13)).then(|| Timestamp::from_micros(1_700_000_000_000_000 - day * 86_400_000_000));
    let document = SearchDocument {
        publisher: Some(Term::plain(publisher.clone())),
        keywords: keywords(&words.iter().map(String::as_str).collect::<Vec<_>>()),
        formats: formats.clone(),
        modified,
        ..dataset(&title)
    };
    let known = Known {
        id: document.id,
        title,
        publisher,
        keywords: words.iter().map(|word| word.to_lowercase()).collect(),
        formats: formats.into_iter().collect(),
        modified,
    };
    (known, document)
}

/// The collection: a large segment, a smaller one, and some documents that are gone again.
fn collection() -> (Shelf, Vec<Known>) {
    let shelf = Shelf::empty();
    let (mut all, documents): (Vec<_>, Vec<_>) = (0..DOCUMENTS).map(known).unzip();
    shelf.put(documents);
    let (more, documents): (Vec<_>, Vec<_>) = (DOCUMENTS..DOCUMENTS + DOCUMENTS / 8).map(known).unzip();
    shelf.put(documents);
    all.extend(more);
    let gone: Vec<DatasetId> = all.iter().step_by(50).map(|known| known.id).collect();
    shelf.index.apply(gone.iter().map(|id| Change::Remove(*id)), shelf.index.position() + 1).unwrap();
    all.retain(|known| !gone.contains(&known.id));
    (shelf, all)
}

fn counts<'k>(values: impl Iterator<Item = &'k String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    values.for_each(|value| *counts.entry(value.to_lowercase()).or_default() += 1);
    counts
}

/// The first so many of the counts, as they are listed.
fn listed(counts: BTreeMap<String, u64>, limit: usize) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
    counts.truncate(limit);
    counts
}

#[test]
fn totals_and_counts_of_many_are_those_of_each_one() {
    let (shelf, all) = collection();
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<String>>();
    for text in ["", "water", "air", "water noise", "soil air noise", "water -air", "nosuchword"] {
        for (publishers, formats) in
            [(vec![], vec![]), (vec!["p3"], vec![]), (vec!["p0", "p77"], vec!["csv"]), (vec![], vec!["json", "pdf"])]
        {
            let matches = |known: &&Known| {
                text.split(' ').filter(|word| !word.is_empty()).all(|word| match word.strip_prefix('-') {
                    Some(unwanted) => !known.title.contains(unwanted),
                    None => known.title.contains(word),
                })
            };
            let by = |known: &&Known| publishers.is_empty() || publishers.contains(&known.publisher.as_str());
            let format = |known: &&Known| {
                formats.is_empty() || known.formats.iter().any(|f| formats.contains(&f.to_lowercase().as_str()))
            };
            let found: Vec<&Known> = all.iter().filter(matches).collect();
            for limit in [1, 10, ALL] {
                let query = SearchQuery {
                    publisher: strings(&publishers),
                    format: strings(&formats),
                    facets: vec![Facet::Publisher, Facet::Keyword, Facet::Format],
                    facet_limit: limit,
                    ..SearchQuery::words(text)
                };
                let answer = shelf.index.search(&query).unwrap();
                let hits: Vec<&Known> = found.iter().copied().filter(by).filter(format).collect();
                assert_eq!(answer.total as usize, hits.len(), "{text:?} {publishers:?} {formats:?}");
                for (facet, expected) in [
                    (Facet::Publisher, counts(found.iter().copied().filter(format).map(|known| &known.publisher))),
                    (Facet::Keyword, counts(hits.iter().flat_map(|known| &known.keywords))),
                    (Facet::Format, counts(found.iter().copied().filter(by).flat_map(|known| &known.formats))),
                ] {
                    let told: Vec<_> =
                        answer.facets[&facet].iter().map(|count| (count.value.to_lowercase(), count.count)).collect();
                    assert_eq!(told, listed(expected, limit), "{text:?} {publishers:?} {formats:?} {facet:?} {limit}");
                }
            }
        }
    }
}

#[test]
fn orders_of_many_are_those_of_each_one_on_every_page() {
    let (shelf, mut all) = collection();
    all.retain(|known| known.title.contains("water"));
    for sort in [Sort::Modified, Sort::Title, Sort::TitleDescending, Sort::Id, Sort::IdDescending] {
        all.sort_by(|a, b| {
            let by_title = a.title.cmp(&b.title);
            let order = match sort {
                Sort::Modified => b.modified.cmp(&a.modified),
                Sort::Title => by_title,
                Sort::TitleDescending => by_title.reverse(),
                // Ids of one millisecond may be in either order.
                _ => std::cmp::Ordering::Equal,
            };
            order.then(a.id.cmp(&b.id))
        });
        let mut query = SearchQuery { sort, limit: 70, ..SearchQuery::words("water") };
        let (mut pages, mut found) = (0, Vec::new());
        loop {
            let answer = shelf.index.search(&query).unwrap();
            found.extend(answer.hits.iter().map(|hit: &Hit| hit.id));
            pages += 1;
            query.cursor = answer.next;
            if query.cursor.is_none() || pages == 12 {
                break;
            }
        }
        if matches!(sort, Sort::Modified | Sort::Title | Sort::TitleDescending) {
            let expected: Vec<_> = all.iter().map(|known| known.id).take(found.len()).collect();
            assert_eq!(found, expected, "{sort:?}");
        }
        assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (840, 840), "{sort:?}");
    }
}

#[test]
fn a_question_is_answered_the_same_whether_its_words_are_known_or_not() {
    let (shelf, _) = collection();
    let texts = ["water", "air noise", "water soil air", "water air soil noise data"];
    let ask = |text: &str| {
        let query = SearchQuery { facets: Facet::ALL.to_vec(), limit: 200, ..SearchQuery::words(text) };
        shelf.index.search(&query).unwrap()
    };
    let first = texts.map(ask);
    assert_eq!(texts.map(ask), first);
    // A commit beside them leaves the large segment as it is, and what is kept of it.
    shelf.index.apply([Change::Put(Box::new(dataset("Unlike anything")))], 9).unwrap();
    for (text, before) in texts.into_iter().zip(first) {
        let after = ask(text);
        assert_eq!((after.total, after.facets), (before.total, before.facets), "{text}");
        // One document more moves scores by next to nothing.
        for (hit, other) in after.hits.iter().zip(&before.hits) {
            assert!((hit.score - other.score).abs() < 1e-3 * other.score, "{text}: {} and {}", hit.score, other.score);
        }
    }
}

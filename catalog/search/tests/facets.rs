//! Filters, facets, orders and pages.
#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

mod furniture;

use std::collections::{BTreeMap, BTreeSet};

use fairground_domain::{DatasetId, ResourceKind, Timestamp};
use fairground_search::{
    Change, Cursor, Facet, FacetCount, MAX_FILTER_VALUES, SearchDocument, SearchError, SearchIndex, SearchQuery, Sort,
    Term,
};
use furniture::{Shelf, cards, dataset, from, keywords, moment};
use proptest::prelude::*;

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn counts(shelf: &Shelf, query: &SearchQuery, facet: Facet) -> Vec<(String, u64)> {
    let query = SearchQuery { facets: Facet::ALL.to_vec(), facet_limit: 100, ..query.clone() };
    let answer = shelf.index.search(&query).unwrap();
    answer.facets[&facet].iter().map(|count| (count.value.clone(), count.count)).collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

fn shop() -> Shelf {
    Shelf::with([
        from("Air one", "epa", &["CSV", "JSON"]),
        from("Air two", "epa", &["CSV"]),
        from("Air three", "noaa", &["XML"]),
        from("Water one", "noaa", &["CSV"]),
        from("Water two", "usgs", &[]),
    ])
}

#[test]
fn facets_count_what_matches() {
    let shelf = shop();
    assert_eq!(counts(&shelf, &SearchQuery::words("air"), Facet::Publisher), pairs(&[("epa", 2), ("noaa", 1)]));
    assert_eq!(
        counts(&shelf, &SearchQuery::words("air"), Facet::Format),
        pairs(&[("CSV", 2), ("JSON", 1), ("XML", 1)])
    );
    assert_eq!(
        counts(&shelf, &SearchQuery::default(), Facet::Publisher),
        pairs(&[("epa", 2), ("noaa", 2), ("usgs", 1)])
    );
    let query = SearchQuery { facets: vec![Facet::Publisher], facet_limit: 1, ..SearchQuery::default() };
    let answer = shelf.index.search(&query).unwrap();
    let epa = FacetCount { value: "epa".to_owned(), label: "EPA".to_owned(), count: 2 };
    assert_eq!(answer.facets, BTreeMap::from([(Facet::Publisher, vec![epa])]));
}

#[test]
fn counts_over_everything_follow_every_change() {
    let shelf = shop();
    let query = SearchQuery { facets: vec![Facet::Publisher], facet_limit: 5, ..SearchQuery::default() };
    let publishers = || shelf.index.search(&query).unwrap().facets[&Facet::Publisher].clone();
    let first = publishers();
    assert_eq!(publishers(), first);
    shelf.put([from("Soil", "usgs", &[]), from("Rock", "usgs", &[])]);
    let top = FacetCount { value: "usgs".to_owned(), label: "USGS".to_owned(), count: 3 };
    assert_eq!((publishers()[0].clone(), publishers().len()), (top, 3));
    let narrower = SearchQuery { facet_limit: 1, facets: vec![Facet::Publisher, Facet::Format], ..query.clone() };
    for _ in 0..2 {
        let answer = shelf.index.search(&narrower).unwrap();
        assert_eq!((answer.facets[&Facet::Publisher].len(), answer.facets[&Facet::Format].len()), (1, 1));
    }
}

#[test]
fn of_many_values_the_most_frequent_are_listed_and_ties_go_by_name() {
    let shelf = Shelf::with((0..700).map(|n| SearchDocument {
        keywords: keywords(&[&format!("k{n:03}"), if n % 7 == 0 { "seventh" } else { "Zoo" }, "all"]),
        ..dataset("Data")
    }));
    let query = SearchQuery { facets: vec![Facet::Keyword], facet_limit: 5, ..SearchQuery::words("data") };
    let answer = shelf.index.search(&query).unwrap();
    let listed: Vec<_> =
        answer.facets[&Facet::Keyword].iter().map(|count| (count.value.as_str(), count.count)).collect();
    assert_eq!(listed, [("all", 700), ("Zoo", 600), ("seventh", 100), ("k000", 1), ("k001", 1)]);
    assert!(shelf.index.search(&SearchQuery { facet_limit: 0, ..query }).unwrap().facets[&Facet::Keyword].is_empty());
}

#[test]
fn a_facet_counts_what_another_choice_there_would_give() {
    let shelf = shop();
    let query = SearchQuery { publisher: strings(&["epa"]), ..SearchQuery::default() };
    assert_eq!(shelf.index.search(&query).unwrap().total, 2);
    assert_eq!(counts(&shelf, &query, Facet::Publisher), pairs(&[("epa", 2), ("noaa", 2), ("usgs", 1)]));
    assert_eq!(counts(&shelf, &query, Facet::Format), pairs(&[("CSV", 2), ("JSON", 1)]));

    let both =
        SearchQuery { publisher: strings(&["epa", "noaa"]), format: strings(&["CSV"]), ..SearchQuery::default() };
    assert_eq!(shelf.index.search(&both).unwrap().total, 3);
    assert_eq!(counts(&shelf, &both, Facet::Publisher), pairs(&[("epa", 2), ("noaa", 1)]));
    assert_eq!(counts(&shelf, &both, Facet::Format), pairs(&[("CSV", 3), ("JSON", 1), ("XML", 1)]));
}

#[test]
fn filters_match_whatever_the_letter_case() {
    let shelf = Shelf::with([
        SearchDocument { keywords: keywords(&["Air Quality"]), ..dataset("One") },
        SearchDocument { keywords: keywords(&["air quality", "AIR QUALITY"]), ..dataset("Two") },
        SearchDocument { keywords: keywords(&["Air quality"]), ..dataset("Three") },
        SearchDocument { keywords: keywords(&["air quality"]), ..dataset("Four") },
    ]);
    for value in ["air quality", "AIR QUALITY", " Air quality "] {
        let query = SearchQuery { keyword: strings(&[value]), ..SearchQuery::default() };
        assert_eq!(shelf.index.search(&query).unwrap().total, 4, "{value}");
    }
    assert_eq!(counts(&shelf, &SearchQuery::default(), Facet::Keyword), pairs(&[("air quality", 4)]));
    let none = SearchQuery { keyword: strings(&["air"]), ..SearchQuery::default() };
    assert_eq!(shelf.index.search(&none).unwrap().total, 0);
}

#[test]
fn every_facet_filters() {
    let one = SearchDocument {
        publisher: Some(Term::new("epa", "EPA")),
        themes: vec![Term::new("http://x/ENVI", "Environment")],
        keywords: keywords(&["ozone"]),
        formats: strings(&["CSV"]),
        licences: vec![Term::new("http://x/cc0", "CC0")],
        languages: strings(&["en", "fr"]),
        ..dataset("One")
    };
    let shelf = Shelf::with([one, dataset("Two")]);
    let all = SearchQuery::default;
    for query in [
        SearchQuery { publisher: strings(&["EPA"]), ..all() },
        SearchQuery { theme: strings(&["http://x/envi"]), ..all() },
        SearchQuery { keyword: strings(&["Ozone"]), ..all() },
        SearchQuery { format: strings(&["csv", "unknown"]), ..all() },
        SearchQuery { licence: strings(&["http://x/cc0"]), ..all() },
        SearchQuery { language: strings(&["FR"]), ..all() },
    ] {
        assert_eq!(cards(&shelf.index.search(&query).unwrap()), ["One"], "{query:?}");
    }
}

#[test]
fn kinds_times_and_boxes_filter() {
    let service = SearchDocument { kind: ResourceKind::DataService, ..dataset("Service") };
    let old = SearchDocument { from: moment("1990"), to: moment("1999"), ..dataset("Nineties") };
    let open = SearchDocument { from: moment("2010"), ..dataset("Since 2010") };
    let france = SearchDocument { bbox: Some([-5.0, 42.0, 8.0, 51.0]), ..dataset("France") };
    let fiji = SearchDocument { bbox: Some([177.0, -20.0, -178.0, -16.0]), ..dataset("Fiji") };
    let shelf = Shelf::with([service, old, open, france, fiji]);
    let all = SearchQuery::default;
    for (query, found) in [
        (SearchQuery { kinds: vec![ResourceKind::DataService], ..all() }, vec!["Service"]),
        (SearchQuery { kinds: vec![ResourceKind::DatasetSeries], ..all() }, vec![]),
        (SearchQuery { from: moment("1999"), to: moment("2000"), ..all() }, vec!["Nineties"]),
        (SearchQuery { from: moment("2000"), ..all() }, vec!["Since 2010"]),
        (SearchQuery { to: moment("1995"), ..all() }, vec!["Nineties"]),
        (SearchQuery { to: moment("1980"), ..all() }, vec![]),
        (SearchQuery { bbox: Some([2.0, 48.0, 3.0, 49.0]), ..all() }, vec!["France"]),
        (SearchQuery { bbox: Some([8.0, 51.0, 9.0, 52.0]), ..all() }, vec!["France"]),
        (SearchQuery { bbox: Some([179.0, -18.0, 180.0, -17.0]), ..all() }, vec!["Fiji"]),
        (SearchQuery { bbox: Some([-179.0, -18.0, -178.5, -17.0]), ..all() }, vec!["Fiji"]),
        (SearchQuery { bbox: Some([170.0, -30.0, -170.0, 0.0]), ..all() }, vec!["Fiji"]),
        (SearchQuery { bbox: Some([-100.0, 0.0, -50.0, 60.0]), ..all() }, vec![]),
    ] {
        let mut titles = cards(&shelf.index.search(&query).unwrap());
        titles.sort();
        assert_eq!(titles, found, "{query:?}");
    }
}

#[test]
fn questions_beyond_the_limits_are_refused_by_name() {
    let shelf = shop();
    let many = SearchQuery { keyword: vec!["x".to_owned(); MAX_FILTER_VALUES + 1], ..SearchQuery::default() };
    assert!(matches!(shelf.index.search(&many), Err(SearchError::TooManyValues { field: "keyword", .. })));
    for bbox in [[0.0, 10.0, 1.0, 0.0], [f64::NAN, 0.0, 1.0, 1.0], [f64::INFINITY, 0.0, 1.0, 1.0]] {
        let query = SearchQuery { bbox: Some(bbox), ..SearchQuery::default() };
        assert!(matches!(shelf.index.search(&query), Err(SearchError::InvalidBox)), "{bbox:?}");
    }
    let answer =
        shelf.index.search(&SearchQuery { limit: usize::MAX, facet_limit: usize::MAX, ..SearchQuery::default() });
    assert_eq!(answer.unwrap().hits.len(), 5);
    let counts_only = shelf.index.search(&SearchQuery { limit: 0, ..SearchQuery::default() }).unwrap();
    assert_eq!((counts_only.total, counts_only.hits.len(), counts_only.next), (5, 0, None));
}

#[test]
fn every_order_holds_with_those_without_a_value_last() {
    let dated = |title: &str, modified: &str, issued: &str| SearchDocument {
        modified: moment(modified),
        issued: moment(issued),
        ..dataset(title)
    };
    let shelf = Shelf::with([
        dated("banana", "2020", "1969"),
        dated("Äpfel", "2022", ""),
        dated("(cherry)", "", "2023"),
        dated("Date", "2021", "2001"),
    ]);
    shelf.put([dated("elder", "2019", "2024")]);
    for (sort, expected) in [
        (Sort::Modified, ["Äpfel", "Date", "banana", "elder", "(cherry)"]),
        (Sort::Issued, ["elder", "(cherry)", "Date", "banana", "Äpfel"]),
        (Sort::Title, ["Äpfel", "banana", "(cherry)", "Date", "elder"]),
        (Sort::Relevance, ["Äpfel", "Date", "banana", "elder", "(cherry)"]),
    ] {
        let query = SearchQuery { sort, ..SearchQuery::default() };
        assert_eq!(cards(&shelf.index.search(&query).unwrap()), expected, "{sort:?}");
        assert_eq!(pages(&shelf.index, &SearchQuery { sort, limit: 2, ..SearchQuery::default() }).1.concat(), expected);
    }
}

/// Ids and cards of all pages.
fn pages(index: &SearchIndex, query: &SearchQuery) -> (Vec<DatasetId>, Vec<Vec<String>>) {
    let (mut ids, mut all) = (Vec::new(), Vec::new());
    let mut query = query.clone();
    loop {
        let answer = index.search(&query).unwrap();
        ids.extend(answer.hits.iter().map(|hit| hit.id));
        all.push(cards(&answer));
        let Some(next) = answer.next else { break };
        // As it travels: written and read back.
        query.cursor = Some(next.to_string().parse::<Cursor>().unwrap());
    }
    (ids, all)
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let shelf = shop();
    let first = shelf.index.search(&SearchQuery { limit: 2, ..SearchQuery::default() }).unwrap();
    let query = SearchQuery { cursor: first.next, sort: Sort::Title, ..SearchQuery::default() };
    assert!(matches!(shelf.index.search(&query), Err(SearchError::InvalidCursor)));
}

#[test]
fn pages_lose_and_repeat_nothing_while_others_come_and_go() {
    let shelf = Shelf::with((0..50).map(|n| dataset(&format!("Data {n:03}"))));
    for sort in [Sort::Title, Sort::Modified, Sort::Issued] {
        let mut query = SearchQuery { sort, limit: 7, text: "data".to_owned(), ..SearchQuery::default() };
        let before: BTreeSet<_> = shelf.index.contents().into_iter().map(|(id, _)| id).collect();
        let mut found = Vec::new();
        loop {
            let answer = shelf.index.search(&query).unwrap();
            found.extend(answer.hits.iter().map(|hit| hit.id));
            let passing =
                SearchDocument { modified: Some(Timestamp::now()), ..dataset(&format!("Data 000 {}", found.len())) };
            let gone = Change::Remove(passing.id);
            shelf.put([passing]);
            shelf.index.apply([gone], 1).unwrap();
            match answer.next {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        let distinct: BTreeSet<_> = found.iter().copied().collect();
        assert_eq!(distinct.len(), found.len(), "{sort:?}");
        assert_eq!(distinct, before, "{sort:?}");
    }
}

#[test]
fn fewer_words_stay_fewer_on_the_next_page() {
    let shelf = Shelf::with((0..9).map(|n| dataset(&format!("Air quality {n}"))).chain([dataset("Trees")]));
    let query = SearchQuery { limit: 4, ..SearchQuery::words("air trees") };
    assert_eq!(pages(&shelf.index, &query).0.len(), 10);
}

fn sorts() -> impl Strategy<Value = Sort> {
    prop_oneof![Just(Sort::Relevance), Just(Sort::Modified), Just(Sort::Issued), Just(Sort::Title)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_cover_everything_exactly_once(
        documents in prop::collection::vec((0u8..6, prop::option::of(0i64..4), prop::option::of(0i64..4), 0u8..3), 0..60),
        cuts in prop::collection::vec(1usize..20, 1..4),
        limit in 1usize..12,
        sort in sorts(),
        words in prop_oneof![Just(""), Just("data"), Just("w1")],
    ) {
        let shelf = Shelf::empty();
        let mut made: Vec<_> = documents.iter().map(|(word, modified, issued, publisher)| SearchDocument {
            modified: modified.map(|secs| Timestamp::from_micros(secs * 86_400_000_000)),
            issued: issued.map(|secs| Timestamp::from_micros(secs * 1_000_000)),
            publisher: Some(Term::plain(format!("p{publisher}"))),
            ..dataset(&format!("Data w{word}"))
        }).collect();
        for cut in cuts {
            let rest = made.split_off(cut.min(made.len()));
            shelf.put(std::mem::replace(&mut made, rest));
        }
        shelf.put(made);
        let query = SearchQuery {
            limit, sort, publisher: strings(&["P0", "p2"]), facets: vec![Facet::Publisher], ..SearchQuery::words(words)
        };
        let answer = shelf.index.search(&query).unwrap();
        let (ids, pages) = pages(&shelf.index, &query);
        let distinct: BTreeSet<_> = ids.iter().copied().collect();
        prop_assert_eq!(distinct.len(), ids.len());
        let matching = documents.iter().filter(|(word, _, _, _)| words != "w1" || *word == 1);
        let expected = matching.clone().filter(|(_, _, _, publisher)| *publisher != 1).count();
        if words != "w1" || matching.clone().count() > 0 {
            prop_assert_eq!(ids.len(), expected);
            prop_assert_eq!(answer.total, expected as u64);
            let sideways: u64 = answer.facets[&Facet::Publisher].iter().map(|count| count.count).sum();
            prop_assert_eq!(sideways, matching.count() as u64);
        }
        prop_assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit));
        let whole = shelf.index.search(&SearchQuery { limit: 1_000, ..query }).unwrap();
        prop_assert_eq!(whole.hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), ids);
    }
}

#[test]
fn places_quality_high_value_and_access_are_facets_too() {
    let one = SearchDocument {
        places: strings(&["Bonn"]),
        quality: 360,
        high_value: vec![Term::new("http://x/c_dd313021", "Earth observation and environment")],
        has_api: true,
        ..dataset("One")
    };
    let shelf = Shelf::with([one, SearchDocument { quality: 10, ..dataset("Two") }, dataset("Three")]);
    let all = SearchQuery::default;
    assert_eq!(counts(&shelf, &all(), Facet::Quality), pairs(&[("bad", 1), ("excellent", 1)]));
    assert_eq!(counts(&shelf, &all(), Facet::Access), pairs(&[("api", 1)]));
    for query in [
        SearchQuery { place: strings(&["bonn"]), ..all() },
        SearchQuery { quality: strings(&["excellent"]), ..all() },
        SearchQuery { high_value: strings(&["http://x/c_dd313021"]), ..all() },
        SearchQuery { access: strings(&["api"]), ..all() },
    ] {
        assert_eq!(cards(&shelf.index.search(&query).unwrap()), ["One"], "{query:?}");
    }
}

#[test]
fn counts_are_the_same_however_many_documents_match() {
    let shelf = Shelf::with((0..200).map(|n| SearchDocument {
        keywords: keywords(&[&format!("k{}", n % 7), "all"]),
        publisher: (n % 3 > 0).then(|| Term::plain(format!("p{}", n % 5))),
        ..dataset(if n % 10 == 0 { "Data rare" } else { "Data common" })
    }));
    let counted = |words: &str, facet| -> BTreeMap<String, u64> {
        counts(&shelf, &SearchQuery::words(words), facet).into_iter().collect()
    };
    for facet in [Facet::Keyword, Facet::Publisher] {
        let (all, common, rare) = (counted("data", facet), counted("common", facet), counted("rare", facet));
        for (value, count) in &all {
            let sum = common.get(value).unwrap_or(&0) + rare.get(value).unwrap_or(&0);
            assert_eq!(*count, sum, "{facet:?} {value}");
        }
        assert!(common.values().chain(rare.values()).all(|count| *count > 0));
    }
    assert_eq!(counted("common", Facet::Keyword)["all"], 180);
    // Over several segments, of which the first has a value that none of its hits has.
    shelf.put((0..40).map(|_| SearchDocument { keywords: keywords(&["late"]), ..dataset("Data common") }));
    shelf.put((0..40).map(|n| SearchDocument {
        keywords: keywords(&[if n == 0 { "odd" } else { "even" }]),
        ..dataset(if n == 0 { "Data rare" } else { "Data common" })
    }));
    shelf.put((0..40).map(|_| SearchDocument { keywords: keywords(&["odd"]), ..dataset("Data common") }));
    let listed = counts(&shelf, &SearchQuery::words("common"), Facet::Keyword);
    assert_eq!(listed.iter().filter(|(value, _)| value == "odd").collect::<Vec<_>>(), [&("odd".to_owned(), 40)]);
}

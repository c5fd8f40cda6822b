//! What words find.
#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

mod furniture;

use fairground_domain::LanguageTag;
use fairground_search::{Change, Respelling, SearchDocument, SearchQuery, SuggestionTarget, Term, Vocabulary};
use furniture::{Shelf, dataset, dataset_in, described, keywords};

#[test]
fn all_words_are_wanted_wherever_they_stand() {
    let shelf = Shelf::with([
        described("Air quality in London", "Hourly nitrogen dioxide"),
        described("Water quality in London", "Nitrates in the Thames"),
        SearchDocument { places: vec!["Paris".to_owned()], ..dataset("Air quality stations") },
        SearchDocument { columns: vec!["StationId".to_owned(), "ozone_ppb".to_owned()], ..dataset("Readings") },
        SearchDocument { publisher: Some(Term::new("ea", "Environment Agency")), ..dataset("Floods") },
        SearchDocument { themes: vec![Term::new("TRAN", "Transport")], ..dataset("Bus stops") },
    ]);
    for (words, found) in [
        ("air quality", vec!["Air quality in London", "Air quality stations"]),
        ("london air", vec!["Air quality in London"]),
        ("dioxide london", vec!["Air quality in London"]),
        ("air paris", vec!["Air quality stations"]),
        ("ozone", vec!["Readings"]),
        ("station ppb", vec!["Readings"]),
        ("environment agency", vec!["Floods"]),
        ("transport", vec!["Bus stops"]),
        (
            "",
            vec![
                "Air quality in London",
                "Air quality stations",
                "Bus stops",
                "Floods",
                "Readings",
                "Water quality in London",
            ],
        ),
    ] {
        assert_eq!(shelf.sorted(words), found, "{words}");
    }
}

#[test]
fn phrases_and_minus_words_narrow() {
    let shelf = Shelf::with([
        dataset("Quality of air"),
        dataset("Air quality index"),
        dataset("Air quality and water"),
        described("Indoor", "the quality of the air"),
    ]);
    for (words, found) in [
        ("\"air quality\"", vec!["Air quality and water", "Air quality index"]),
        ("\"quality of air\"", vec!["Quality of air"]),
        ("air quality -water", vec!["Air quality index", "Indoor", "Quality of air"]),
        ("air -\"air quality\"", vec!["Indoor", "Quality of air"]),
        ("-air", vec![]),
        ("\"air", vec!["Air quality and water", "Air quality index", "Indoor", "Quality of air"]),
    ] {
        assert_eq!(shelf.sorted(words), found, "{words}");
    }
}

#[test]
fn a_phrase_does_not_reach_from_one_field_into_the_next() {
    let shelf = Shelf::with([SearchDocument { keywords: keywords(&["green", "space"]), ..dataset("Parks") }]);
    assert_eq!(shelf.find("green space"), ["Parks"]);
    let answer = shelf.index.search(&SearchQuery::words("\"green space\"")).unwrap();
    assert_eq!((answer.total, answer.hits.len()), (0, 0));
}

#[test]
fn accents_and_letter_case_do_not_matter() {
    let shelf = Shelf::with([dataset_in("fr", "Qualité de l'eau à Évry"), dataset_in("de", "Straßen und Plätze")]);
    for (words, found) in [
        ("qualite EVRY", "Qualité de l'eau à Évry"),
        ("QUALITÉ", "Qualité de l'eau à Évry"),
        ("strassen", "Straßen und Plätze"),
        ("PLÄTZE", "Straßen und Plätze"),
    ] {
        assert_eq!(shelf.find(words), [found], "{words}");
    }
}

#[test]
fn words_are_found_by_their_other_endings_in_every_language() {
    let shelf = Shelf::with([
        dataset_in("en", "Primary schools"),
        dataset_in("fr", "Bibliothèques municipales"),
        dataset_in("de", "Krankenhäuser und Schulen"),
        dataset_in("it", "Biblioteche comunali"),
        dataset_in("es", "Hospitales públicos"),
        dataset_in("nl", "Gemeentelijke monumenten"),
        dataset_in("sv", "Kommunala skolor"),
        dataset_in("pt", "Escolas municipais"),
        dataset_in("fi", "Kaupungin kirjastot"),
        dataset_in("da", "Offentlige skoler"),
    ]);
    for (words, found) in [
        ("school", "Primary schools"),
        ("bibliothèque municipale", "Bibliothèques municipales"),
        ("schule", "Krankenhäuser und Schulen"),
        ("biblioteca comunale", "Biblioteche comunali"),
        ("hospital público", "Hospitales públicos"),
        ("gemeentelijk monument", "Gemeentelijke monumenten"),
        ("kommunal skola", "Kommunala skolor"),
        ("escola municipal", "Escolas municipais"),
        ("kirjasto", "Kaupungin kirjastot"),
        ("offentlig skole", "Offentlige skoler"),
    ] {
        assert!(shelf.find(words).contains(&found.to_owned()), "{words}: {:?}", shelf.find(words));
    }
}

#[test]
fn the_language_of_text_that_does_not_say_it_is_guessed() {
    let mut document = dataset_in("und", "Luftgütedaten der Messstationen");
    document.description.insert(LanguageTag::undetermined(), "Die Werte der Stationen und ihre Lage in der Stadt");
    let shelf = Shelf::with([document]);
    assert_eq!(shelf.find("wert").len(), 1);
    assert_eq!(shelf.find("messstation").len(), 1);
}

#[test]
fn compounds_are_found_joined_and_split() {
    let shelf = Shelf::with([
        dataset("Childcare providers"),
        dataset("Child care centres"),
        described("Subsidies", "money for child care at home"),
    ]);
    assert_eq!(shelf.sorted("child care"), ["Child care centres", "Childcare providers", "Subsidies"]);
    assert_eq!(shelf.sorted("childcare"), ["Child care centres", "Childcare providers", "Subsidies"]);
    assert_eq!(shelf.find("child-care centres")[0], "Child care centres");
}

#[test]
fn identifiers_are_found_as_they_stand() {
    let with = |title: &str, identifier: &str| SearchDocument { identifier: identifier.to_owned(), ..dataset(title) };
    let shelf = Shelf::with([
        with("One", "EPA-HQ-2023-0001"),
        with("Two", "EPA-HQ-2023-0002"),
        with("Three", "https://data.example.org/id/dataset/abc-77"),
    ]);
    for (words, found) in [
        ("EPA-HQ-2023-0002", vec!["Two"]),
        ("epa-hq-2023-0001", vec!["One"]),
        ("https://data.example.org/id/dataset/abc-77", vec!["Three"]),
        ("abc-77", vec!["Three"]),
        ("three", vec!["Three"]),
    ] {
        assert_eq!(shelf.find(words), found, "{words}");
    }
}

#[test]
fn a_misspelt_word_is_taken_for_the_nearest() {
    let shelf = Shelf::with([dataset("Air pollution in London"), dataset("Solutions"), dataset("Kindergartens")]);
    for (words, found, typed, taken) in [
        ("air polution", "Air pollution in London", "polution", "pollution"),
        ("kindregartens", "Kindergartens", "kindregartens", "kindergartens"),
        ("londno", "Air pollution in London", "londno", "london"),
    ] {
        let answer = shelf.index.search(&SearchQuery::words(words)).unwrap();
        assert_eq!(furniture::cards(&answer), [found], "{words}");
        let respelled = Respelling { typed: typed.to_owned(), taken: taken.to_owned(), held: 0 };
        assert_eq!((answer.reading.respelled, answer.reading.fewer_words), (vec![respelled], false), "{words}");
    }
    assert!(shelf.find("zzzzzzzz").is_empty());
    assert!(shelf.find("9999999").is_empty());
}

#[test]
fn when_nothing_holds_all_words_fewer_are_enough() {
    let shelf = Shelf::with([dataset("Air quality London"), dataset("Air traffic"), dataset("Trees")]);
    let answer = shelf.index.search(&SearchQuery::words("air quality london trees")).unwrap();
    assert_eq!(furniture::cards(&answer), ["Air quality London"]);
    assert!(answer.reading.fewer_words);
    let answer = shelf.index.search(&SearchQuery::words("air qwertyuiopasdf")).unwrap();
    assert_eq!(answer.total, 2);
    assert!(answer.reading.fewer_words);
    assert!(!shelf.index.search(&SearchQuery::words("air")).unwrap().reading.fewer_words);
}

#[test]
fn little_words_are_not_required() {
    let shelf = Shelf::with([dataset("London air quality"), dataset("The Who")]);
    assert_eq!(shelf.find("the quality of the air in london"), ["London air quality"]);
    assert_eq!(shelf.find("the"), ["The Who"]);
}

#[test]
fn a_better_place_ranks_higher() {
    let filler = "Counts of many things that were seen over the years in every part of the country";
    let shelf = Shelf::with([
        described("Survey", &format!("{filler} with bicycles")),
        SearchDocument { keywords: keywords(&["bicycles"]), ..described("Traffic", filler) },
        described("Bicycles", filler),
        described("Bicycles counted at bridges", filler),
    ]);
    assert_eq!(shelf.find("bicycles"), ["Bicycles", "Bicycles counted at bridges", "Traffic", "Survey"]);
}

#[test]
fn of_equal_datasets_the_fresher_ranks_higher_and_the_owner_does_not_matter() {
    let shelf = Shelf::with([
        SearchDocument { modified: furniture::moment("2005"), ..furniture::from("Air quality", "ministry", &[]) },
        SearchDocument {
            modified: Some(fairground_domain::Timestamp::now()),
            card: "new".to_owned(),
            ..furniture::from("Air quality", "villages", &[])
        },
    ]);
    assert_eq!(shelf.find("air quality"), ["new", "Air quality"]);
    assert_eq!(shelf.find(""), ["new", "Air quality"]);
}

#[test]
fn nothing_that_is_typed_is_an_error() {
    let shelf = Shelf::with([dataset("Air quality"), described("Water", "über <b>alles</b>")]);
    let hostile = [
        "\"".repeat(10_000),
        (0..5_000).map(|n| format!("word{n} ")).collect(),
        "\u{0}".repeat(500),
        "air\u{0}quality".to_owned(),
        "-".repeat(5_000),
        "- - - -\"\" +&&||!(){}[]^~*?:\\/".to_owned(),
        "air AND (quality OR".to_owned(),
        "title:air publisher:*".to_owned(),
        "\u{202e}\u{feff}\u{1f}\u{1}5 \u{2}".to_owned(),
        "=air_quality_".to_owned(),
        "𝕒𝕚𝕣 ａｉｒ 人口 한국 ".repeat(500),
        "é".repeat(3_000),
        "a".repeat(100_000),
        "\"a b c d e f g h i j k l m n o p q r s t u v w x y z\"".to_owned(),
    ];
    for text in hostile {
        let begin: String = text.chars().take(20).collect();
        assert!(shelf.index.search(&SearchQuery::words(&text)).is_ok(), "{begin}");
        assert!(shelf.index.suggest(&text, 10).is_ok(), "{begin}");
    }
    assert_eq!(shelf.find("air\u{0}quality"), ["Air quality"]);
}

#[test]
fn hostile_documents_are_taken_and_others_still_found() {
    let nasty = SearchDocument {
        identifier: "\u{0}\u{1}9 \u{2}".to_owned(),
        slug: "x ".repeat(70_000),
        keywords: keywords(&["", " ", "\u{1f}", "a\u{1f}b", &"k".repeat(100_000)]),
        themes: vec![Term::default()],
        columns: (0..5_000).map(|n| format!("c{n}")).collect(),
        bbox: Some([f64::NAN, 0.0, 1.0, 1.0]),
        ..described(&"long title ".repeat(20_000), &"<".repeat(50_000))
    };
    let shelf = Shelf::with([nasty, dataset("Air quality"), SearchDocument::default()]);
    assert_eq!(shelf.find("quality"), ["Air quality"]);
    assert_eq!(shelf.index.len(), 3);
    assert_eq!(
        shelf
            .index
            .search(&SearchQuery { bbox: Some([-180.0, -90.0, 180.0, 90.0]), ..SearchQuery::default() })
            .unwrap()
            .total,
        0
    );
}

#[test]
fn what_means_the_same_is_found_in_other_languages_too() {
    let shelf = Shelf::with([
        dataset("National childcare prices"),
        dataset_in("nl", "Luchtkwaliteit in Utrecht"),
        dataset_in("de", "Bushaltestellen"),
        dataset("Traffic counts"),
    ]);
    for (words, found) in [
        ("kinderopvang", "National childcare prices"),
        ("garde d'enfants", "National childcare prices"),
        ("Kinderbetreuung", "National childcare prices"),
        ("air quality", "Luchtkwaliteit in Utrecht"),
        ("Luftqualitaet", ""),
        ("bus stops", "Bushaltestellen"),
        ("verkeer", "Traffic counts"),
    ] {
        assert_eq!(shelf.find(words).first().map(String::as_str).unwrap_or_default(), found, "{words}");
    }
}

#[test]
fn an_operators_words_are_found_too() {
    let shelf = Shelf::with([dataset("Streetcar lines"), dataset("Bus lines")]);
    assert!(shelf.find("tramway").is_empty());
    shelf.index.set_vocabulary(Vocabulary::with_file("tramway, streetcar"));
    shelf.put([dataset("Roads")]);
    assert_eq!(shelf.find("tramway"), ["Streetcar lines"]);
}

#[test]
fn compounds_of_other_languages_are_found_by_their_parts() {
    let shelf = Shelf::with([dataset_in("de", "Kinderbetreuung in der Stadt"), dataset_in("sv", "Luftkvalitet")]);
    for (words, found) in [
        ("betreuung kinder", "Kinderbetreuung in der Stadt"),
        ("kinder betreuung", "Kinderbetreuung in der Stadt"),
        ("kvalitet", "Luftkvalitet"),
    ] {
        assert_eq!(shelf.find(words), [found], "{words}");
    }
}

#[test]
fn plurals_that_follow_no_rule_and_dotted_acronyms_are_found() {
    let shelf = Shelf::with([
        dataset("Bus timetable"),
        dataset("Women in work"),
        dataset("U.S. imports"),
        SearchDocument {
            publisher: Some(Term::new("epa", "Environmental Protection Agency")),
            ..dataset("Superfund sites")
        },
    ]);
    for (words, found) in [
        ("busses", "Bus timetable"),
        ("buses", "Bus timetable"),
        ("woman", "Women in work"),
        ("us imports", "U.S. imports"),
        ("EPA", "Superfund sites"),
        ("E.P.A.", "Superfund sites"),
    ] {
        assert_eq!(shelf.find(words).first().map(String::as_str), Some(found), "{words}");
    }
}

#[test]
fn words_are_found_within_the_field_that_is_named() {
    let shelf = Shelf::with([
        dataset("Ozone levels"),
        described("Air quality", "ozone and others"),
        SearchDocument { columns: vec!["OzonePpb".to_owned()], ..dataset("Readings") },
        SearchDocument { publisher: Some(Term::new("noaa", "Ocean Service")), ..dataset("Tides") },
        SearchDocument { formats: vec!["GeoJSON".to_owned()], places: vec!["Bonn".to_owned()], ..dataset("Trees") },
        SearchDocument { identifier: "AB-77".to_owned(), ..dataset("Codes") },
    ]);
    for (words, found) in [
        ("title:ozone", vec!["Ozone levels"]),
        ("column:ozone", vec!["Readings"]),
        ("publisher:ocean", vec!["Tides"]),
        ("publisher:noaa", vec!["Tides"]),
        ("format:geojson", vec!["Trees"]),
        ("place:Bonn trees", vec!["Trees"]),
        ("id:ab-77", vec!["Codes"]),
        ("title:nothing", vec![]),
        ("ozone -title:ozone", vec!["Air quality", "Readings"]),
    ] {
        assert_eq!(shelf.sorted(words), found, "{words}");
    }
}

#[test]
fn a_year_moves_datasets_up_and_out_of_none() {
    let covering = |title: &str, from: &str, to: &str| SearchDocument {
        from: furniture::moment(from),
        to: furniture::moment(to),
        ..dataset(title)
    };
    let shelf = Shelf::with([
        dataset("Air pollution London 2019"),
        covering("Air pollution London measured", "2020", "2024-12-31"),
        covering("Air pollution London before", "1990", "1999-12-31"),
        dataset("Air pollution London 2023"),
    ]);
    let found = shelf.find("air polution london 2023");
    assert_eq!(&found[..2], ["Air pollution London 2023", "Air pollution London measured"]);
    assert_eq!(found.len(), 4);
    assert_eq!(shelf.find("2019"), ["Air pollution London 2019"]);
}

#[test]
fn a_sentence_need_not_be_held_whole() {
    let shelf = Shelf::with([
        described("Accident statistics", "Collisions of bicycles at crossings"),
        described("Tree register", "Species and age"),
    ]);
    let sentence = "I am looking for data about how many bicycles were involved in collisions near schools last winter";
    let answer = shelf.index.search(&SearchQuery::words(sentence)).unwrap();
    assert_eq!(furniture::cards(&answer)[0], "Accident statistics");
    assert!(answer.reading.fewer_words && answer.reading.with_all_words == 0);
}

#[test]
fn another_spelling_is_offered_when_little_is_found_and_it_finds_more() {
    let shelf =
        Shelf::with((0..60).map(|n| dataset(&format!("Pollution of river {n}"))).chain([dataset("Polution of lakes")]));
    let answer = shelf.index.search(&SearchQuery::words("polution")).unwrap();
    // One publisher wrote it so: both spellings are sought, and it is said.
    assert_eq!(answer.reading.respelled.first().map(|word| (word.taken.as_str(), word.held)), Some(("pollution", 1)));
    assert_eq!((answer.total, answer.hits[0].card.as_str()), (61, "Polution of lakes"));

    let shelf = Shelf::with((0..9).map(|n| dataset(&format!("Trees {n}"))).chain([dataset("Treks")]));
    let answer = shelf.index.search(&SearchQuery::words("treks")).unwrap();
    assert_eq!(answer.total, 1);
    let other = answer.reading.did_you_mean.unwrap();
    assert_eq!((other.text.as_str(), other.total), ("trees", 9));
    assert!(shelf.index.search(&SearchQuery::words("trees")).unwrap().reading.did_you_mean.is_none());
}

#[test]
fn quality_and_use_move_equal_datasets_up() {
    let with = |card: &str, quality| SearchDocument { quality, card: card.to_owned(), ..dataset("Trees") };
    let used = with("used", 400);
    let id = used.id;
    let shelf = Shelf::with([with("poor", 40), with("good", 400), used, with("unknown", 0)]);
    shelf.index.set_uses([(id, 5_000)]).unwrap();
    assert_eq!(shelf.find("trees"), ["used", "good", "unknown", "poor"]);
    shelf.index.apply([Change::Put(Box::new(dataset("Lakes")))], 9).unwrap();
    assert_eq!(shelf.find("trees"), ["used", "good", "unknown", "poor"], "after another commit too");
    shelf.index.set_uses([]).unwrap();
    let places = shelf.find("trees");
    assert_eq!(places.last().map(String::as_str), Some("poor"));
    assert_ne!(shelf.index.search(&SearchQuery::words("trees")).unwrap().hits[0].score, 0.0);
}

#[test]
fn like_datasets_share_telling_words() {
    let shelf = Shelf::with([
        described("Air quality stations", "Nitrogen dioxide and ozone at roadside stations"),
        described("Ozone at roadsides", "Hourly nitrogen dioxide"),
        described("Street trees", "Species and age"),
        described("School places", "Pupils by age"),
    ]);
    let id = |title: &str| shelf.index.search(&SearchQuery::words(title)).unwrap().hits[0].id;
    let like = |title: &str| -> Vec<String> {
        shelf.index.similar(id(title), 10).unwrap().into_iter().map(|hit| hit.card).collect()
    };
    assert_eq!(like("Air quality stations"), ["Ozone at roadsides"]);
    assert!(shelf.index.similar(fairground_domain::DatasetId::new(), 10).unwrap().is_empty());
    assert!(shelf.index.similar(id("Street trees"), 0).unwrap().is_empty());
}

#[test]
fn answers_follow_every_commit() {
    let shelf = Shelf::with([dataset("Trees")]);
    let answer = |words: &str| shelf.index.answer(&SearchQuery::words(words)).unwrap();
    assert!(std::sync::Arc::ptr_eq(&answer("trees"), &answer(" TREES ")), "kept");
    assert_eq!(answer("trees").total, 1);
    shelf.put([dataset("Trees and shrubs")]);
    assert_eq!(answer("trees").total, 2);
}

#[test]
fn questions_that_many_ask_are_suggested() {
    let shelf = Shelf::with([dataset("Trees of the city")]);
    shelf.index.set_popular([("tree felling permits".to_owned(), 9)]);
    let suggested = shelf.index.suggest("tree", 5).unwrap();
    assert_eq!(suggested[0].target, SuggestionTarget::Query("tree felling permits".to_owned()));
    assert!(suggested.iter().any(|suggestion| suggestion.text == "Trees of the city"));
}

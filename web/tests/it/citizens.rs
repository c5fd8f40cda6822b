//! Following, asking and requesting by the forms, as citizens do it; answering as publishers do it.

use actix_web::http::{StatusCode, header};
use actix_web::test::TestRequest;
use fairground_catalog::account::Role;

use crate::house::{House, draft, drafts};
use crate::scan::breaches;

fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

async fn tend(house: &House) {
    let state = std::sync::Arc::clone(&house.state);
    actix_web::web::block(move || state.deliver_follows()).await.unwrap().unwrap();
}

/// Opens the link of a letter and presses its button.
async fn confirm(house: &House, email: &str) -> String {
    let link = house.link_in_letter_to(email, "/confirm?token=").await;
    let page = house.get(&link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(breaches(&page.body), Vec::<String>::new());
    let token = hidden(&page.body, "token");
    let done = house.post("/confirm", &[("token", &token)]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let again = house.post("/confirm", &[("token", &token)]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "the link works once");
    done.body
}

#[actix_web::test]
async fn a_citizen_follows_gets_a_letter_and_leaves_with_one_click() {
    let house = House::open();
    let source = house.source("health", None);
    house.harvest(&source, drafts(&["Beds", "Wards"]));
    let page = house.get("/datasets/beds").await;
    assert!(page.body.contains("href=\"/follow?dataset=beds\""), "{}", page.body);
    let form = house.get("/follow?dataset=beds").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    assert_eq!(breaches(&form.body), Vec::<String>::new());
    let wrong = house.post("/follow", &[("dataset", "beds"), ("email", "nobody")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Enter an e-mail address"), "{}", wrong.body);
    let program = [("dataset", "beds"), ("email", "spam@example.org"), ("website", "x")];
    assert!(house.post("/follow", &program).await.body.contains("Look into your mailbox"));
    let fields = [("dataset", "beds"), ("email", "ada@example.org"), ("rhythm", "immediate")];
    assert!(house.post("/follow", &fields).await.body.contains("Look into your mailbox"));
    assert!(confirm(&house, "ada@example.org").await.contains("You follow this now"));
    let mut changed = draft("Beds", "Beds by ward");
    changed.version = Some("2".to_owned());
    house.harvest(&source, vec![(changed, Vec::new()), (draft("Wards", "Wards"), Vec::new())]);
    tend(&house).await;
    let letter = house.letter("This changed").await;
    assert!(letter.contains("To: ada@example.org") && letter.contains("Beds by ward"), "{letter}");
    assert!(std::fs::read_dir(house.folder.path().join("outbox")).unwrap().count() == 2, "programs get no letters");

    let own = house.link_in_letter_to("ada@example.org", "/follows/").await;
    let page = house.get(&own).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(page.body.contains("Beds by ward") && page.body.contains("ada@example.org"), "{}", page.body);
    assert_eq!(breaches(&page.body), Vec::<String>::new());
    let id = hidden(&page.body, "id");
    let slower = house.post(&own, &[("act", "rhythm"), ("id", &id), ("rhythm", "weekly")]).await;
    assert_eq!(slower.status, StatusCode::SEE_OTHER);
    assert!(house.get(&format!("{own}?export")).await.body.contains("ada@example.org"));

    let unsubscribe = house.link_in_letter_to("ada@example.org", "/unsubscribe/f").await;
    let unsubscribe = unsubscribe.trim_end_matches('>').to_owned();
    assert!(house.get(&unsubscribe).await.body.contains("Stop following?"), "looking ends nothing");
    // A mailbox posts on its reader's behalf, from elsewhere.
    let click = TestRequest::post()
        .uri(&unsubscribe)
        .insert_header((header::ORIGIN, "https://mail.example"))
        .set_form([("List-Unsubscribe", "One-Click")]);
    let ended = house.ask(click).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.body);
    assert!(ended.body.contains("You no longer follow this"));
    assert_eq!(house.post(&unsubscribe, &[]).await.status, StatusCode::OK, "again is well");
    assert_eq!(house.get(&own).await.status, StatusCode::NOT_FOUND, "nothing of Ada is left");
    assert_eq!(house.get("/unsubscribe/nonsense").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_question_is_asked_without_an_account_and_answered_at_the_dataset() {
    let house = House::open();
    let source = house.source("health", None);
    house.harvest(&source, drafts(&["Beds"]));
    let text = "Why <b>two</b> wards?\n\nThey were one.";
    let fields = [("text", text), ("email", "ada@example.org")];
    let short = house.post("/datasets/beds/questions", &[("text", "Why?"), ("email", "ada@example.org")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(house.post("/datasets/beds/questions", &fields).await.body.contains("Look into your mailbox"));
    assert!(confirm(&house, "ada@example.org").await.contains("Your question is public"));
    let page = house.get("/datasets/beds").await;
    assert!(page.body.contains("Why &#60;b&#62;two&#60;/b&#62; wards?"), "{}", page.body);
    assert!(!page.body.contains("ada@example.org"));

    house.account("steward@health.example", Role::Steward, Some("ministry-of-health"));
    let (cookie, csrf) = house.sign_in("steward@health.example").await;
    let list = house.get_as(&cookie, "/datasets/beds/questions").await;
    let (_, rest) = list.body.split_once("/questions/").unwrap();
    let path = format!("/questions/{}", rest.split('"').next().unwrap());
    assert!(!house.get(&path).await.body.contains("name=\"answer\""), "nobody else is asked to answer");
    let anonymous = house.post(&path, &[("act", "answer"), ("answer", "No.")]).await;
    assert_eq!(anonymous.status, StatusCode::SEE_OTHER, "who is not signed in is led to do so");
    let forged = house.post_as(&cookie, &path, &[("act", "answer"), ("answer", "No.")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let answer = [("csrf", csrf.as_str()), ("act", "answer"), ("answer", "They were merged.")];
    assert_eq!(house.post_as(&cookie, &path, &answer).await.status, StatusCode::SEE_OTHER);
    assert!(house.get("/datasets/beds").await.body.contains("They were merged."));
    assert!(house.letter("They were merged.").await.contains("To: ada@example.org"));
    let hide = [("csrf", csrf.as_str()), ("act", "hide"), ("reason", "It names a person.")];
    assert_eq!(house.post_as(&cookie, &path, &hide).await.status, StatusCode::SEE_OTHER);
    let shown = house.get("/datasets/beds/questions").await.body;
    assert!(shown.contains("It names a person.") && !shown.contains("wards?"), "{shown}");
}

#[actix_web::test]
async fn data_is_asked_for_supported_and_answered() {
    let house = House::open();
    let source = house.source("health", None);
    house.harvest(&source, drafts(&["Beds"]));
    let nothing = house.get("/datasets?q=zzqxvbn").await;
    assert!(nothing.body.contains("/datasets/ask?q=zzqxvbn"), "{}", nothing.body);
    assert!(house.get("/datasets/ask?q=bus+stops").await.body.contains("/requests/new?q=bus+stops"));
    let form = house.get("/requests/new?q=bus+stops").await;
    assert!(form.body.contains("value=\"bus stops\""), "{}", form.body);
    let fields = [("title", "Bus stops"), ("reason", "For a map of our quarter."), ("email", "ada@example.org")];
    assert!(house.post("/requests/new", &fields).await.body.contains("Look into your mailbox"));
    let done = confirm(&house, "ada@example.org").await;
    let (_, rest) = done.split_once("/requests/").unwrap();
    let path = format!("/requests/{}", rest.split('"').next().unwrap());
    assert!(house.get("/requests").await.body.contains("Bus stops"));
    assert!(house.get("/requests/new?q=stops+of+buses").await.body.contains("Is it one of these?"));
    let support = [("act", "support"), ("email", "bob@example.org")];
    assert!(house.post(&path, &support).await.body.contains("Look into your mailbox"));
    confirm(&house, "bob@example.org").await;
    assert!(house.get(&path).await.body.contains("2 people ask for it"));
    house.account("op@portal.example", Role::Operator, None);
    let (cookie, csrf) = house.sign_in("op@portal.example").await;
    let answer = |dataset: &'static str| {
        [
            ("csrf", csrf.clone()),
            ("act", "answer".into()),
            ("state", "published".into()),
            ("answer", "Here.".into()),
            ("dataset", dataset.to_owned()),
        ]
    };
    for (dataset, status) in [
        ("", StatusCode::UNPROCESSABLE_ENTITY),
        ("no-such", StatusCode::UNPROCESSABLE_ENTITY),
        ("http://127.0.0.1:8080/datasets/beds", StatusCode::SEE_OTHER),
    ] {
        let fields = answer(dataset);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let done = house.post_as(&cookie, &path, &fields).await;
        assert_eq!(done.status, status, "{dataset}: {}", done.body);
    }
    let page = house.get(&path).await.body;
    assert!(page.contains("href=\"/datasets/beds\"") && !page.contains("Support it"), "{page}");
    assert!(house.get("/requests?state=published").await.body.contains("Bus stops"));
    assert!(house.get("/requests?state=open").await.body.contains("Nobody asks"));
}

#[actix_web::test]
async fn themes_licences_and_series_have_pages_and_every_page_speaks_four_languages() {
    let house = House::open();
    let source = house.source("health", None);
    let mut one = draft("one", "Beds 2024");
    one.theme = vec![fairground_domain::Concept {
        iri: Some("http://publications.europa.eu/resource/authority/data-theme/HEAL".to_owned()),
        label: fairground_domain::LocalizedText::undetermined("Health"),
    }];
    one.licence = Some(fairground_domain::Licence {
        iri: Some("https://creativecommons.org/licenses/by/4.0/".to_owned()),
        ..Default::default()
    });
    one.in_series = vec!["beds-by-year".to_owned()];
    let mut series = draft("beds-by-year", "Beds by year");
    series.kind = fairground_domain::ResourceKind::DatasetSeries;
    house.harvest(&source, vec![(one, Vec::new()), (series, Vec::new())]);
    tend(&house).await;
    for (list, one, holds) in [
        ("/themes", "/themes/health", "Beds 2024"),
        ("/licences", "/licences/", "Beds 2024"),
        ("/series", "/series/beds-by-year", "Beds 2024"),
    ] {
        let page = house.get(list).await;
        assert_eq!(page.status, StatusCode::OK, "{list}: {}", page.body);
        let (_, rest) = page.body.split_once("class=\"fg-theme\" href=\"").unwrap_or_else(|| panic!("{}", page.body));
        let href = rest.split('"').next().unwrap();
        assert!(href.starts_with(one), "{href}");
        let inside = house.get(href).await;
        assert!(inside.body.contains(holds), "{href}: {}", inside.body);
        assert_eq!(breaches(&inside.body), Vec::<String>::new());
        for path in [list, href] {
            for (lang, home) in [("fr", "Accueil"), ("de", "Startseite"), ("es", "Inicio")] {
                let page = house.get(&format!("{path}?lang={lang}")).await;
                assert!(page.body.contains(&format!("<html lang=\"{lang}\"")), "{path} {lang} {home}");
            }
        }
    }
    assert_eq!(house.get("/series/beds-2024").await.status, StatusCode::NOT_FOUND, "what is no series");
    assert_eq!(house.get("/themes/no-such").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/licences/no-such").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn two_words_of_which_one_is_unknown_and_one_misspelt_lead_to_what_is_nearest() {
    let house = House::open();
    let source = house.source("health", None);
    house.harvest(&source, drafts(&["Hospital beds", "Ambulances"]));
    let page = house.get("/datasets?q=zzqxvbn+hospitla").await;
    assert!(page.body.contains("Hospital beds"), "{}", page.body);
}

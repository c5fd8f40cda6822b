use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use fairground_catalog::account::{self, Role};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{dataset, draft, publisher};
use fairground_domain::{LocalizedText, PublisherRole};

use crate::house::{HOSTILE_TITLE, House, drafts};
use crate::scan::breaches;

/// HTML, styles and scripts of the pages that people open most, compressed.
const MOST_TRANSFERRED_BYTES: usize = 60_000;

fn furnished() -> House {
    let house = House::open();
    let source = house.source("health", None);
    house.harvest(&source, drafts(&["Hospital beds", "Bathing water", HOSTILE_TITLE]));
    house
}

fn slug_of(house: &House, key: &str) -> String {
    let all = house.catalog.db.read(|tx| dataset::list_published_after(tx, None, 100)).unwrap();
    all.iter().find(|one| one.draft.identifier == key).unwrap().slug.to_string()
}

const PUBLIC: [&str; 12] = [
    "/",
    "/datasets",
    "/datasets?q=beds&format=CSV&sort=title",
    "/datasets?q=zzqxvbn",
    "/publishers",
    "/publishers?q=health",
    "/publishers/ministry-of-health",
    "/developers",
    "/services",
    "/transparency",
    "/sign-in?next=/workspace/jobs",
    "/docs",
];

#[actix_web::test]
async fn every_public_page_is_safe_and_sets_no_cookie() {
    let house = furnished();
    let hostile = format!("/datasets/{}", slug_of(&house, HOSTILE_TITLE));
    for path in PUBLIC.into_iter().chain([hostile.as_str()]) {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
        for part in ["<html lang=\"en\"", "<title>", "<h1", "id=\"main\"", "Skip to main content"] {
            assert!(answer.body.contains(part), "{path} lacks {part}");
        }
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
    }
}

#[actix_web::test]
async fn a_hostile_title_is_shown_as_the_text_it_is() {
    let house = furnished();
    let answer = house.get(&format!("/datasets/{}", slug_of(&house, HOSTILE_TITLE))).await;
    assert!(answer.body.contains("&#60;script&#62;alert(1)"), "{}", answer.body);
    assert!(!answer.body.contains("<script>alert"));
    assert!(!answer.body.contains("onerror"));
    let (_, ld) = answer.body.split_once("application/ld+json\">").unwrap();
    let ld = ld.split("</script>").next().unwrap();
    let thing: serde_json::Value = serde_json::from_str(ld).unwrap();
    assert_eq!(thing["name"], HOSTILE_TITLE);
    assert_eq!(thing["@type"], "Dataset");
    assert_eq!(thing["distribution"][0]["contentUrl"], "https://health.example/beds.csv");
    assert_eq!(thing["distribution"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn results_say_what_was_found_and_lead_on() {
    let house = furnished();
    let answer = house.get("/datasets?q=beds").await;
    assert!(answer.body.contains("Hospital beds"), "{}", answer.body);
    assert!(answer.body.contains("/datasets?q=beds&#38;publisher=ministry-of-health"), "{}", answer.body);
    let empty = house.get("/datasets?q=zzqxvbn").await;
    assert!(empty.body.contains("Nothing found"));
    let broken = house.get("/datasets?cursor=nonsense").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    let hostile = house.get("/datasets?q=%3Cscript%3Ealert(1)%3C/script%3E&theme=%22%3E%3Cscript%3E").await;
    assert_eq!(breaches(&hostile.body), Vec::<String>::new());
}

#[actix_web::test]
async fn pages_of_results_follow_each_other_by_cursor() {
    let house = House::open();
    let source = house.source("health", None);
    let titles: Vec<String> = (0..45).map(|n| format!("Ward number {n:02}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    house.harvest(&source, drafts(&titles));
    let (mut path, mut seen) = ("/datasets?sort=title".to_owned(), Vec::new());
    for page in 1.. {
        let answer = house.get(&path).await;
        seen.extend(titles.iter().filter(|title| answer.body.contains(&format!("{title}</a>"))).copied());
        let Some((_, rest)) = answer.body.split_once("rel=\"next\" href=\"") else {
            assert_eq!(page, 3);
            break;
        };
        path = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen, titles);
}

#[actix_web::test]
async fn a_withdrawn_dataset_is_gone_and_an_unknown_one_not_found() {
    let house = furnished();
    let slug = slug_of(&house, "Bathing water");
    let source = house.catalog.db.read(|tx| fairground_catalog::harvest::get_source(tx, "health")).unwrap();
    house.harvest(&source, drafts(&["Hospital beds", HOSTILE_TITLE]));
    let gone = house.get(&format!("/datasets/{slug}")).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.body.contains("Withdrawn"));
    for path in ["/datasets/no-such-dataset", "/publishers/nobody", "/no/such/page"] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
    }
}

#[actix_web::test]
async fn an_id_leads_to_the_readable_address() {
    let house = furnished();
    let slug = slug_of(&house, "Hospital beds");
    let id = house.catalog.db.read(|tx| dataset::get_public(tx, &slug)).unwrap().id;
    let answer = house.get(&format!("/datasets/{id}")).await;
    assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY);
    assert_eq!(answer.header("location"), format!("/datasets/{slug}"));
}

#[actix_web::test]
async fn the_form_gives_a_key_once_and_it_works() {
    let house = furnished();
    let missing = house.post("/developers", &[("name", "Tide clock")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.body.contains("value=\"Tide clock\"") && missing.body.contains("role=\"alert\""));
    let fields = [("name", "Tide <clock>"), ("email", "anna@example.org"), ("terms", "yes")];
    let answer = house.post("/developers", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(breaches(&answer.body), Vec::<String>::new());
    let (_, rest) = answer.body.split_once("aria-label=\"Your API key\"").unwrap();
    let key = rest.split_once('>').unwrap().1.split('<').next().unwrap().trim().to_owned();
    assert!(key.starts_with("fg_"), "{key}");
    let usage = house.ask(TestRequest::get().uri("/api/v1/usage").insert_header(("x-api-key", key))).await;
    assert_eq!(usage.status, StatusCode::OK, "{}", usage.body);
}

#[actix_web::test]
async fn the_letter_leads_to_a_button_that_confirms_once() {
    let house = furnished();
    let fields = [("name", "Tide clock"), ("email", "anna@example.org"), ("terms", "yes")];
    house.post("/developers", &fields).await;
    let outbox = house.folder.path().join("outbox");
    let letter = loop {
        let letters = std::fs::read_dir(&outbox).into_iter().flatten().flatten();
        if let Some(file) =
            letters.map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "txt"))
        {
            break std::fs::read_to_string(file).unwrap();
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let link = letter.split_whitespace().find(|word| word.starts_with("http")).unwrap();
    let (_, path) = link.split_once(":8080").unwrap();
    let page = house.get(path).await;
    assert!(page.body.contains("Confirm your address"));
    let token = path.split_once("token=").unwrap().1;
    let confirmed = house.post("/developers/verify", &[("token", token)]).await;
    assert!(confirmed.body.contains("Your address is confirmed"), "{}", confirmed.body);
    let again = house.post("/developers/verify", &[("token", token)]).await;
    assert!(again.body.contains("This link does not work"));
}

#[actix_web::test]
async fn a_form_from_another_site_is_refused() {
    let house = furnished();
    let fields = [("name", "Tide clock"), ("email", "anna@example.org"), ("terms", "yes")];
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
        let request = TestRequest::post().uri("/developers").insert_header((name, value)).set_form(fields);
        assert_eq!(house.ask(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let own =
        TestRequest::post().uri("/developers").insert_header(("origin", "http://127.0.0.1:8080")).set_form(fields);
    assert_eq!(house.ask(own).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn styles_and_scripts_are_served_for_ever_and_packed() {
    let house = furnished();
    let page = house.get("/").await;
    let Some((_, rest)) = page.body.split_once("<link rel=\"stylesheet\" href=\"/assets/styles-") else {
        println!("skipped: the crate was built without assets");
        return;
    };
    let path = format!("/assets/styles-{}", rest.split('"').next().unwrap());
    let packed = house.ask(TestRequest::get().uri(&path).insert_header(("accept-encoding", "gzip, br"))).await;
    assert_eq!(packed.status, StatusCode::OK);
    assert_eq!(packed.header("content-encoding"), "br");
    assert!(packed.header("cache-control").contains("immutable"));
    let etag = packed.header("etag").to_owned();
    let again =
        TestRequest::get().uri(&path).insert_header(("accept-encoding", "br")).insert_header(("if-none-match", etag));
    assert_eq!(house.ask(again).await.status, StatusCode::NOT_MODIFIED);
    let plain = house.get(&path).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.contains(".fg-header"));
    for hidden in ["/assets/manifest.json", "/assets/..%2fCargo.toml", "/assets/nothing.css"] {
        assert_eq!(house.get(hidden).await.status, StatusCode::NOT_FOUND, "{hidden}");
    }
}

#[actix_web::test]
async fn results_and_datasets_are_light() {
    let house = House::open();
    let source = house.source("health", None);
    let titles: Vec<String> = (0..40).map(|n| format!("Ward number {n:02} of the hospital")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    house.harvest(&source, drafts(&titles));
    for path in ["/datasets?q=ward".to_owned(), format!("/datasets/{}", slug_of(&house, titles[0]))] {
        let mut transferred = 0;
        let page = house.get(&path).await;
        let own = page
            .body
            .match_indices("\"/assets/")
            .map(|(at, _)| page.body[at + 1..].split('"').next().unwrap().to_owned());
        let files: std::collections::BTreeSet<String> = own.collect();
        for address in files.iter().map(String::as_str).chain([path.as_str()]) {
            let answer = house.ask(TestRequest::get().uri(address).insert_header(("accept-encoding", "br"))).await;
            assert_eq!(answer.status, StatusCode::OK, "{address}");
            transferred += answer.size_bytes;
        }
        println!("{path}: {transferred} bytes at most");
        assert!(transferred <= MOST_TRANSFERRED_BYTES, "{path}: {transferred} bytes");
    }
}

#[actix_web::test]
async fn the_documents_that_browsers_and_crawlers_ask_for_are_there() {
    let house = House::open();
    for (path, part) in [
        ("/robots.txt", "Disallow: /workspace"),
        ("/robots.txt", "/sitemap.xml"),
        ("/opensearch.xml", "/datasets?q={searchTerms}"),
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains(part), "{path}: {}", answer.body);
    }
    assert_eq!(house.get("/favicon.ico").await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn one_licence_written_two_ways_is_one_choice() {
    let house = House::open();
    let source = house.source("health", None);
    let mut both = drafts(&["Hospital beds", "Bathing water", "Noise"]);
    for ((draft, _), iri) in both.iter_mut().zip([
        "http://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ]) {
        draft.licence = Some(fairground_domain::Licence { iri: Some(iri.to_owned()), ..Default::default() });
    }
    house.harvest(&source, both);
    let page = house.get("/datasets").await;
    assert_eq!(page.body.matches("<span class=\"fg-facet__value\">CC BY 4.0</span>").count(), 1);
    let (before, _) = page.body.split_once("<span class=\"fg-facet__value\">CC BY 4.0</span>").unwrap();
    let (_, address) = before.rsplit_once("href=\"").unwrap();
    let address = address.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(address.matches("licence=").count(), 2, "{address}");
    let narrowed = house.get(&address).await;
    assert!(narrowed.body.contains("2 datasets"), "{address}");
    assert_eq!(narrowed.body.matches("class=\"fg-chip\"").count(), 1, "one chip takes both off");
}

#[actix_web::test]
async fn an_empty_results_page_is_no_dead_end() {
    let house = House::open();
    let source = house.source("health", Some("ministry-of-health"));
    house.harvest(&source, drafts(&["Hospital beds", "Bathing water"]));
    let empty = house.get("/datasets?q=%22hospital+water%22").await;
    assert!(empty.body.contains("Nothing found") && empty.body.contains("What comes nearest"), "{}", empty.body);
    assert!(empty.body.contains("Hospital beds") && empty.body.contains("/datasets/ask?q="), "{}", empty.body);
    assert!(breaches(&empty.body).is_empty());
    let misspelt = house.get("/datasets?q=hospitl").await;
    assert!(misspelt.body.contains("No dataset holds “hospitl”") && misspelt.body.contains("Hospital beds"));
    let foreign = house.get("/datasets?q=Krankenhaus").await;
    assert!(foreign.body.contains("Hospital beds"), "{}", foreign.body);
}

#[actix_web::test]
async fn data_that_is_missing_can_be_asked_for_and_agency_staff_see_it() {
    let house = House::open();
    let source = house.source("health", Some("ministry-of-health"));
    house.harvest(&source, drafts(&["Hospital beds"]));
    house.account("publisher@example.org", Role::Publisher, Some("ministry-of-health"));
    let form = house.get("/datasets/ask?q=dog+parks").await;
    assert!(form.body.contains("dog parks") && form.body.contains("action=\"/datasets/ask\""), "{}", form.body);
    let thanks = house.post("/datasets/ask", &[("q", "dog parks")]).await;
    assert!(thanks.body.contains("Thank you"), "{}", thanks.body);
    (0..8).for_each(|caller| house.catalog.demand.note("dog parks", 0, caller));
    house.catalog.demand.write_down(&house.catalog.db).unwrap();
    let (cookie, _) = house.sign_in("publisher@example.org").await;
    let page = house.get_as(&cookie, "/workspace/demand").await;
    assert!(page.body.contains("dog parks") && page.body.contains("And do not find"), "{}", page.body);
    assert!(breaches(&page.body).is_empty());
    assert_eq!(house.get("/workspace/demand").await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn what_its_publisher_corrected_is_told_and_what_the_source_says_is_not() {
    let house = House::open();
    let source = house.source("health", Some("ministry-of-health"));
    house.harvest(&source, drafts(&["Hospital beds"]));
    for (email, role) in
        [("ed@health.example", PublisherRole::Editor), ("rita@health.example", PublisherRole::Reviewer)]
    {
        house.account(email, Role::Developer, None);
        let db = &house.catalog.db;
        let home = db.read(|tx| publisher::get(tx, "ministry-of-health")).unwrap().publisher.id;
        let account = db.read(|tx| account::find_by_email(tx, email)).unwrap().unwrap();
        db.write(|tx| member::grant(tx, &Actor::command_line(), home, account.id, role, None)).unwrap();
    }
    let slug = slug_of(&house, "Hospital beds");
    let page = format!("/datasets/{slug}");
    assert!(!house.get(&page).await.body.contains("Corrected by its publisher"));

    let actor = |email: &str| {
        let found = house.catalog.db.read(|tx| account::find_by_email(tx, email)).unwrap().unwrap();
        Actor::of(&found)
    };
    let (editor, reviewer) = (actor("ed@health.example"), actor("rita@health.example"));
    let begun = house.catalog.db.write(|tx| draft::begin_version(tx, &editor, &slug)).unwrap();
    let mut content = begun.content.clone();
    content.document.title = LocalizedText::undetermined("Beds in hospitals");
    let db = &house.catalog.db;
    let saved = db.write(|tx| draft::save(tx, &editor, begun.id, begun.revision, content)).unwrap();
    let wish = draft::ReleaseWish::default();
    let waiting = db.write(|tx| draft::submit(tx, &editor, saved.id, saved.revision, wish)).unwrap();
    db.write(|tx| draft::approve(tx, &reviewer, saved.id, waiting.revision, draft::Approval::Now)).unwrap();

    let told = house.get(&page).await.body;
    assert!(told.contains("<h1 class=\"govuk-heading-xl\">Beds in hospitals</h1>"), "{told}");
    assert!(told.contains("Corrected by its publisher"), "{told}");
    assert!(told.contains("<strong>Title</strong>: corrected on"), "{told}");
    let (_, row) = told.split_once("id=\"corrected\"").expect("a row about it");
    let row = row.split("</div>").next().unwrap();
    assert!(!row.contains("Hospital beds"), "what the source says is its agency's to know: {row}");
    let german = house.get(&format!("{page}?lang=de")).await.body;
    assert!(german.contains("Vom Herausgeber berichtigt"), "{german}");
}

//! How the portal is run, as operators and auditors see it; and documentation that runs.

use actix_web::http::StatusCode;
use fairground_catalog::account::Role;
use fairground_catalog::dataset;
use fairground_catalog::register::{self, NewSuspension, SuspensionGround};
use fairground_catalog::{application, tariff};

use crate::house::{House, drafts};
use crate::scan::breaches;

const PAGES: [&str; 4] = ["/workspace/health", "/workspace/settings", "/workspace/journal", "/workspace/suspended"];

fn furnished() -> House {
    let house = House::open();
    let own = house.source("health", Some("ministry-of-health"));
    house.harvest(&own, drafts(&["Hospital beds"]));
    house.account("op@example.org", Role::Operator, None);
    house.account("auditor@example.org", Role::Auditor, None);
    house.account("steward@example.org", Role::Steward, Some("ministry-of-health"));
    house
}

#[actix_web::test]
async fn the_pages_of_operation_are_there_for_operators_and_auditors_alone() {
    let house = furnished();
    let (operator, _) = house.sign_in("op@example.org").await;
    let (auditor, _) = house.sign_in("auditor@example.org").await;
    let (steward, _) = house.sign_in("steward@example.org").await;
    for path in PAGES {
        assert_eq!(house.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(house.get_as(&steward, path).await.status, StatusCode::NOT_FOUND, "{path}");
        for cookie in [&operator, &auditor] {
            let answer = house.get_as(cookie, path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
        }
    }
}

#[actix_web::test]
async fn the_journal_is_found_by_kind_subject_and_day_and_its_chain_is_checked_by_operators() {
    let house = furnished();
    let (cookie, csrf) = house.sign_in("op@example.org").await;
    let id = house.catalog.db.read(|tx| dataset::list_published_after(tx, None, 1)).unwrap()[0].id.to_string();
    let all = house.get_as(&cookie, "/workspace/journal").await.body;
    assert!(all.contains("dataset.created") && all.contains("source."), "{all}");
    assert!(all.contains("has not been checked since"), "{all}");
    let some = house.get_as(&cookie, "/workspace/journal?kind=dataset.created").await.body;
    assert!(some.contains(&id) && !some.contains("<code>tariff.published</code>"), "{some}");
    let about = house.get_as(&cookie, &format!("/workspace/journal?subject={id}&since=2020-01-01")).await.body;
    assert!(about.contains("dataset.created"), "{about}");
    for nothing in ["kind=nonsense", "until=2020-01-01", "actor=nobody"] {
        let page = house.get_as(&cookie, &format!("/workspace/journal?{nothing}")).await.body;
        assert!(page.contains("Nothing of that kind stands in the journal"), "{nothing}: {page}");
    }

    let (auditor, theirs) = house.sign_in("auditor@example.org").await;
    assert!(!house.get_as(&auditor, "/workspace/journal").await.body.contains("Check the whole chain now"));
    let refused = house.post_as(&auditor, "/workspace/journal/check", &[("csrf", &theirs)]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let forged = house.post_as(&cookie, "/workspace/journal/check", &[("csrf", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let done = house.post_as(&cookie, "/workspace/journal/check", &[("csrf", &csrf)]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/workspace/journal"));
    let checked = house.get_as(&auditor, "/workspace/journal").await.body;
    assert!(checked.contains("one proving the next"), "{checked}");
}

#[actix_web::test]
async fn a_suspended_application_is_listed_with_its_reason() {
    let house = furnished();
    let (cookie, _) = house.sign_in("op@example.org").await;
    assert!(house.get_as(&cookie, "/workspace/suspended").await.body.contains("No application is suspended"));
    let secret = house.catalog.secret.clone();
    house
        .catalog
        .db
        .write(|tx| {
            let terms = tariff::get_current(tx)?.terms_version;
            let made = application::register(tx, &secret, "Bed finder", "dev@example.org", &terms)?;
            let new = NewSuspension {
                application: made.application.number,
                ground: SuspensionGround::TermsBroken,
                reason: "It asks for <b>everything</b> every second.".to_owned(),
                review_at: tx.now.plus_secs(86_400),
                ends_at: None,
            };
            register::suspend(tx, new, "test")
        })
        .unwrap();
    let page = house.get_as(&cookie, "/workspace/suspended").await.body;
    assert!(page.contains("Bed finder") && page.contains("&#60;b&#62;everything"), "{page}");
    assert!(page.contains("when somebody ends it"), "{page}");
}

#[actix_web::test]
async fn health_tells_figures_of_every_part() {
    let house = furnished();
    let (cookie, _) = house.sign_in("op@example.org").await;
    let page = house.get_as(&cookie, "/workspace/health").await.body;
    for part in ["program", "store", "search", "objects", "letters", "reports", "deliveries", "meter"] {
        assert!(page.contains(&format!("id=\"{part}\"")), "{part}: {page}");
    }
    assert!(page.contains("SQLite") && page.contains(env!("CARGO_PKG_VERSION")), "{page}");
}

#[actix_web::test]
async fn the_documentation_has_a_form_for_each_main_operation_with_a_placeholder_for_the_key() {
    let house = furnished();
    let page = house.get("/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(breaches(&page.body), Vec::<String>::new());
    let slug = house.catalog.db.read(|tx| dataset::list_published_after(tx, None, 1)).unwrap()[0].slug.to_string();
    for action in ["/api/v1/datasets".to_owned(), format!("/api/v1/datasets/{slug}"), "/api/v1/usage".to_owned()] {
        assert!(page.body.contains(&format!("method=\"get\" action=\"{action}\"")), "{action}: {}", page.body);
    }
    assert!(page.body.contains("<mark>YOUR_KEY</mark>") && !page.body.contains("api_key="), "{}", page.body);
    let other = house.get("/docs?dataset=no-such-dataset&table=%22%3E%3Cscript%3E").await;
    assert_eq!(other.status, StatusCode::OK);
    assert!(other.body.contains("is not public here"), "{}", other.body);
}

#[actix_web::test]
async fn changes_tell_the_tariff_and_lead_to_the_feed() {
    let house = furnished();
    let page = house.get("/developers/changes").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(breaches(&page.body), Vec::<String>::new());
    assert!(page.body.contains("id=\"tariff-1\"") && page.body.contains("/feeds/developers.atom"), "{}", page.body);
}

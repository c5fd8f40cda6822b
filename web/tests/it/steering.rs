use actix_web::http::StatusCode;
use fairground_catalog::account::{self, Role};
use fairground_catalog::harvest::{self, SourceState};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::publisher;
use fairground_catalog::source::{self, DatasetsThen};
use fairground_domain::{Finding, PublisherRole};

use crate::house::{House, draft};
use crate::scan::breaches;

fn furnished() -> House {
    let house = House::open();
    let own = house.source("health", Some("ministry-of-health"));
    let fault = Finding::error("title-missing", "/title", "Give it a <b>title</b>.");
    house.harvest(&own, vec![(draft("a", "Beds"), vec![fault]), (draft("b", "Wards"), Vec::new())]);
    house.source("transit", Some("transport-authority"));
    house.account("op@example.org", Role::Operator, None);
    house.account("steward@example.org", Role::Steward, Some("ministry-of-health"));
    house.account("publisher@example.org", Role::Publisher, Some("ministry-of-health"));
    house
}

/// A job of the source `health`.
fn job(house: &House) -> String {
    let jobs = house.catalog.db.read(|tx| harvest::list_jobs(tx, &harvest::JobFilter::default(), 1)).unwrap();
    jobs[0].id.to_string()
}

#[actix_web::test]
async fn pages_that_steer_are_safe_and_nobody_elses() {
    let house = furnished();
    let job = job(&house);
    let paths = [
        "/workspace/sources/health/rules".to_owned(),
        "/workspace/sources/health/contacts".to_owned(),
        "/workspace/sources/health/delete".to_owned(),
        format!("/workspace/jobs/{job}/records/0"),
        format!("/workspace/jobs/{job}/records/1"),
        format!("/workspace/jobs/{job}/changes"),
    ];
    house.account("stranger@example.org", Role::Steward, Some("transport-authority"));
    let (stranger, _) = house.sign_in("stranger@example.org").await;
    let (cookie, _) = house.sign_in("steward@example.org").await;
    for path in &paths {
        let answer = house.get_as(&cookie, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
        assert_eq!(house.get_as(&stranger, path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(house.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let rules = house.get("/harvest-rules").await;
    assert_eq!((rules.status, breaches(&rules.body)), (StatusCode::OK, Vec::<String>::new()));
    assert!(rules.body.contains("id=\"title-missing\""));
}

#[actix_web::test]
async fn acts_that_steer_want_their_token_and_a_steward() {
    let house = furnished();
    let (steward, token) = house.sign_in("steward@example.org").await;
    let (publisher, own) = house.sign_in("publisher@example.org").await;
    for (path, fields) in [
        ("/workspace/sources/health/rules", vec![("act", "save"), ("document", ""), ("after_version", "0")]),
        ("/workspace/sources/health/rules", vec![("act", "preview"), ("document", "")]),
        (
            "/workspace/sources/health/contacts",
            vec![("kind", "email"), ("address", "a@city.example"), ("occasion", "always")],
        ),
        ("/workspace/sources/health/delete", vec![("datasets", "keep")]),
        ("/workspace/sources/health/approve", vec![]),
    ] {
        assert_eq!(house.post_as(&steward, path, &fields).await.status, StatusCode::FORBIDDEN, "{path}, no token");
        let mut with = fields.clone();
        with.push(("csrf", &own));
        assert_eq!(house.post_as(&publisher, path, &with).await.status, StatusCode::FORBIDDEN, "{path}, publisher");
        let mut other = fields.clone();
        other.push(("csrf", &token));
        let elsewhere = path.replace("health", "transit");
        assert_eq!(house.post_as(&steward, &elsewhere, &other).await.status, StatusCode::NOT_FOUND, "{elsewhere}");
    }
    assert!(house.catalog.db.read(|tx| harvest::get_source(tx, "health")).is_ok(), "nothing was deleted");
}

#[actix_web::test]
async fn a_proposed_source_waits_for_an_operator() {
    let house = furnished();
    let (cookie, token) = house.sign_in("publisher@example.org").await;
    let fields = [
        ("slug", "wards"),
        ("url", "https://wards.example/data.json"),
        ("kind", ""),
        ("publisher", ""),
        ("interval_secs", ""),
        ("run", "yes"),
        ("csrf", &token),
    ];
    let added = house.post_as(&cookie, "/workspace/sources", &fields).await;
    assert_eq!(added.header("location"), "/workspace/sources/wards?done=source-proposed");
    let page = house.get_as(&cookie, "/workspace/sources/wards").await;
    assert!(page.body.contains("Nothing is fetched until it is approved") && !page.body.contains("Run now"));
    let run = house.post_as(&cookie, "/workspace/sources/wards/run", &[("csrf", &token)]).await;
    assert_eq!(run.status, StatusCode::BAD_REQUEST);
    let (cookie, token) = house.sign_in("op@example.org").await;
    assert!(house.get_as(&cookie, "/workspace").await.body.contains("Waits for approval"));
    assert!(house.get_as(&cookie, "/workspace/sources/wards").await.body.contains("Approve it"));
    let done = house.post_as(&cookie, "/workspace/sources/wards/approve", &[("csrf", &token)]).await;
    assert_eq!(done.header("location"), "/workspace/sources/wards?done=source-approved");
    let found = house.catalog.db.read(|tx| harvest::get_source(tx, "wards")).unwrap();
    assert_eq!(found.state, SourceState::Active);
}

#[actix_web::test]
async fn rules_are_tried_and_put_in_force_by_form() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let path = "/workspace/sources/health/rules";
    let wrong = [("act", "preview"), ("document", "version: 1\nrules: [{ sett: 1 }]"), ("csrf", &*token)];
    let told = house.post_as(&cookie, path, &wrong).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.body.contains("/rules/0") && told.body.contains("nothing that a rule can do"), "{}", told.body);
    let rules = "version: 1\r\nrules:\r\n  - default: { field: /licence, value: \"https://l.example/<0>\" }";
    let tried = house.post_as(&cookie, path, &[("act", "preview"), ("document", rules), ("csrf", &token)]).await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", tried.body);
    assert!(tried.body.contains("They could not be tried"), "no raw record is kept: {}", tried.body);
    assert!(!tried.body.contains("/<0>"), "it is escaped");
    let save = [("act", "save"), ("document", rules), ("after_version", "0"), ("csrf", &*token)];
    let saved = house.post_as(&cookie, path, &save).await;
    assert_eq!(saved.header("location"), format!("{path}?done=saved"));
    let found = house.catalog.db.read(|tx| harvest::get_source(tx, "health")).unwrap();
    let current = house.catalog.db.read(|tx| source::current_rules(tx, found.id)).unwrap();
    assert_eq!((current.version, current.document.text()), (1, rules.replace("\r\n", "\n").as_str()));
    assert_eq!(house.post_as(&cookie, path, &save).await.header("location"), "", "somebody saved in the meantime");
    assert!(house.get_as(&cookie, "/workspace/sources/health").await.body.contains("version 1"));
}

#[actix_web::test]
async fn contacts_are_added_and_removed_by_form_and_a_secret_is_shown_once() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let path = "/workspace/sources/health/contacts";
    let add = |kind: &'static str, address: &'static str| {
        vec![("kind", kind), ("address", address), ("occasion", "change"), ("csrf", token.as_str())]
    };
    let bad = house.post_as(&cookie, path, &add("webhook", "https://127.0.0.1/")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("not on the public internet"), "{}", bad.body);
    let mail = house.post_as(&cookie, path, &add("email", "open@city.example")).await;
    assert_eq!(mail.header("location"), format!("{path}?done=saved"));
    let hook = house.post_as(&cookie, path, &add("webhook", "https://hooks.example/a/b")).await;
    assert!(hook.status == StatusCode::OK && hook.body.contains("whsec_"), "{}", hook.body);
    let page = house.get_as(&cookie, path).await;
    assert!(page.body.contains("open@city.example") && !page.body.contains("whsec_"));
    let (_, rest) = page.body.split_once(&format!("action=\"{path}/")).expect("a form that removes");
    let remove = format!("{path}/{}", rest.split('"').next().unwrap());
    let gone = house.post_as(&cookie, &remove, &[("csrf", &token)]).await;
    assert_eq!(gone.header("location"), format!("{path}?done=saved"));
    assert!(!house.get_as(&cookie, path).await.body.contains("open@city.example"));
}

#[actix_web::test]
async fn a_record_is_shown_beside_what_it_came_from() {
    let house = furnished();
    let (cookie, _) = house.sign_in("publisher@example.org").await;
    let job = job(&house);
    let refused = house.get_as(&cookie, &format!("/workspace/jobs/{job}/records/0")).await;
    assert!(refused.body.contains("It became nothing") && refused.body.contains("/harvest-rules#title-missing"));
    assert!(refused.body.contains("Give it a &#60;b&#62;title&#60;/b&#62;."), "{}", refused.body);
    let good = house.get_as(&cookie, &format!("/workspace/jobs/{job}/records/1")).await;
    assert!(good.body.contains("/datasets/wards") && good.body.contains("version 1"), "{}", good.body);
    let page = house.get_as(&cookie, &format!("/workspace/jobs/{job}")).await;
    assert!(page.body.contains(&format!("/api/v1/jobs/{job}/findings.csv")));
    assert!(page.body.contains(&format!("/workspace/jobs/{job}/records/1")));
}

#[actix_web::test]
async fn a_source_is_deleted_by_form_and_the_page_tells_how_far_its_clearing_is() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let path = "/workspace/sources/health/delete";
    let undecided = house.post_as(&cookie, path, &[("csrf", &token)]).await;
    assert_eq!(undecided.status, StatusCode::BAD_REQUEST);
    let gone = house.post_as(&cookie, path, &[("datasets", "withdraw"), ("csrf", &token)]).await;
    let page = gone.header("location").to_owned();
    assert!(page.starts_with("/workspace/removals/") && page.ends_with("?done=source-deleted"), "{page}");
    assert_eq!(house.get_as(&cookie, "/workspace/sources/health").await.status, StatusCode::NOT_FOUND);
    let seen = house.get_as(&cookie, &page).await;
    assert!(seen.body.contains("health is deleted") && seen.body.contains("http-equiv=\"refresh\""), "{}", seen.body);
    assert_eq!(breaches(&seen.body), Vec::<String>::new());
    let db = &house.catalog.db;
    let (removal, lease) = source::claim_next_removal(db, "worker", &[]).unwrap().unwrap();
    assert_eq!(removal.payload.datasets, DatasetsThen::Withdraw);
    while !source::remove_batch(db, &lease).unwrap().state.has_ended() {}
    let done = house.get_as(&cookie, &page).await;
    assert!(!done.body.contains("http-equiv=\"refresh\"") && done.body.contains("Datasets withdrawn"));
}

#[actix_web::test]
async fn the_page_of_a_job_under_way_works_without_scripts_and_follows_events_with_them() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let started =
        house.post_as(&cookie, "/workspace/sources/health/run", &[("csrf", &token), ("dry_run", "yes")]).await;
    let page = house.get_as(&cookie, started.header("location")).await;
    assert!(page.body.contains("<noscript><meta http-equiv=\"refresh\""), "{}", page.body);
    assert!(page.body.contains("data-events=\"/api/v1/jobs/"), "{}", page.body);
}

#[actix_web::test]
async fn a_manager_by_grant_steers_by_the_same_pages() {
    let house = furnished();
    let job = job(&house);
    house.account("member@example.org", Role::Developer, None);
    let db = &house.catalog.db;
    let (ministry, account) = db
        .read(|tx| {
            let ministry = publisher::get(tx, "ministry-of-health")?.publisher.id;
            Ok((ministry, account::find_by_email(tx, "member@example.org")?.unwrap().id))
        })
        .unwrap();
    let (member, token) = house.sign_in("member@example.org").await;
    let paths = [
        "/workspace/sources/health".to_owned(),
        "/workspace/sources/health/rules".to_owned(),
        "/workspace/sources/health/contacts".to_owned(),
        "/workspace/sources/health/delete".to_owned(),
        format!("/workspace/jobs/{job}"),
        format!("/workspace/jobs/{job}/records/0"),
        "/workspace/jobs?source=health".to_owned(),
    ];
    for path in &paths {
        assert_eq!(house.get_as(&member, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(house.get_as(&member, "/workspace/sources/new").await.status, StatusCode::FORBIDDEN);
    assert!(!house.get_as(&member, "/workspace").await.body.contains("/workspace/sources/health"));

    db.write(|tx| member::grant(tx, &Actor::command_line(), ministry, account, PublisherRole::Manager, None)).unwrap();
    for path in &paths {
        let answer = house.get_as(&member, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
    }
    assert!(house.get_as(&member, "/workspace").await.body.contains("/workspace/sources/health"));
    assert_eq!(house.get_as(&member, "/workspace/sources/transit").await.status, StatusCode::NOT_FOUND);

    let csrf = ("csrf", token.as_str());
    let wanted = [csrf, ("slug", "wards"), ("url", "https://wards.example/data.json"), ("interval_secs", "86400")];
    let added = house.post_as(&member, "/workspace/sources", &wanted).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let source = db.read(|tx| harvest::get_source(tx, "wards")).unwrap();
    assert_eq!((source.state, source.publisher_id), (SourceState::Proposed, Some(ministry)));
    let paused = house.post_as(&member, "/workspace/sources/health/state", &[csrf, ("state", "paused")]).await;
    assert_eq!(paused.status, StatusCode::SEE_OTHER, "{}", paused.body);
    assert_eq!(db.read(|tx| harvest::get_source(tx, "health")).unwrap().state, SourceState::Paused);
    let run = house.post_as(&member, "/workspace/sources/health/run", &[csrf]).await;
    assert!(run.header("location").starts_with("/workspace/jobs/"), "{}", run.body);
    let stop = format!("{}/cancel", run.header("location").split('?').next().unwrap());
    assert_eq!(house.post_as(&member, &stop, &[csrf]).await.status, StatusCode::SEE_OTHER);
    let gone = house.post_as(&member, "/workspace/sources/health/delete", &[csrf, ("datasets", "keep")]).await;
    assert!(gone.header("location").starts_with("/workspace/removals/"), "{}", gone.body);
    let removal = gone.header("location").split('?').next().unwrap().to_owned();
    assert_eq!(house.get_as(&member, &removal).await.status, StatusCode::OK);
    let audit = house.get_as(&member, "/workspace/audit?publisher=ministry-of-health").await;
    for words in ["added a source", "changed a source", "started a harvest", "stopped a harvest", "deleted a source"] {
        assert!(audit.body.contains(words), "{words}: {}", audit.body);
    }
    for path in
        ["/workspace/sources/transit/run", "/workspace/sources/transit/state", "/workspace/sources/transit/delete"]
    {
        let fields = [csrf, ("state", "paused"), ("datasets", "keep")];
        assert_eq!(house.post_as(&member, path, &fields).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // For two publishers it has to be said for which.
    let transport = db.read(|tx| publisher::get(tx, "transport-authority")).unwrap().publisher.id;
    db.write(|tx| member::grant(tx, &Actor::command_line(), transport, account, PublisherRole::Manager, None)).unwrap();
    let form = house.get_as(&member, "/workspace/sources/new").await;
    assert!(form.body.contains("<option value=\"transport-authority\""), "{}", form.body);
    assert_eq!(breaches(&form.body), Vec::<String>::new());
    let chosen =
        [csrf, ("slug", "ships"), ("url", "https://ships.example/data.json"), ("publisher", "transport-authority")];
    assert_eq!(house.post_as(&member, "/workspace/sources", &chosen).await.status, StatusCode::SEE_OTHER);
    assert_eq!(db.read(|tx| harvest::get_source(tx, "ships")).unwrap().publisher_id, Some(transport));
}

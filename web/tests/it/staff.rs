use actix_web::http::StatusCode;
use fairground_catalog::account::Role;
use fairground_catalog::harvest::{self, JobState};
use fairground_domain::Finding;

use crate::house::{House, PASSWORD, draft, drafts};
use crate::scan::breaches;

fn furnished() -> House {
    let house = House::open();
    let own = house.source("health", Some("ministry-of-health"));
    house.harvest(&own, drafts(&["Hospital beds", "Bathing water"]));
    house.source("transit", Some("transport-authority"));
    house.account("op@example.org", Role::Operator, None);
    house.account("steward@example.org", Role::Steward, Some("ministry-of-health"));
    house.account("publisher@example.org", Role::Publisher, Some("ministry-of-health"));
    house
}

#[actix_web::test]
async fn the_workspace_leads_strangers_to_the_sign_in_page_and_back() {
    let house = furnished();
    let answer = house.get("/workspace/jobs?state=failed").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fworkspace%2Fjobs%3Fstate%3Dfailed");
    let fields = [("email", "op@example.org"), ("password", PASSWORD), ("next", "/workspace/jobs?state=failed")];
    assert_eq!(house.post("/sign-in", &fields).await.header("location"), "/workspace/jobs?state=failed");
    let evil = [("email", "op@example.org"), ("password", PASSWORD), ("next", "https://evil.example")];
    assert_eq!(house.post("/sign-in", &evil).await.header("location"), "/workspace");
}

#[actix_web::test]
async fn wrong_passwords_are_refused_and_after_ten_not_even_looked_at() {
    let house = furnished();
    let wrong = [("email", "op@example.org"), ("password", "not the password"), ("next", "")];
    for _ in 0..10 {
        let answer = house.post("/sign-in", &wrong).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.body.contains("The e-mail address or the password is not right"), "{}", answer.body);
    }
    let right = [("email", "op@example.org"), ("password", PASSWORD), ("next", "")];
    assert_eq!(house.post("/sign-in", &right).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[actix_web::test]
async fn every_staff_page_is_safe_and_kept_by_no_cache() {
    let house = furnished();
    let (cookie, _) = house.sign_in("op@example.org").await;
    let job = house.catalog.db.read(|tx| harvest::list_jobs(tx, &harvest::JobFilter::default(), 1)).unwrap().remove(0);
    let job = format!("/workspace/jobs/{}", job.id);
    for path in [
        "/workspace",
        "/workspace/jobs",
        "/workspace/jobs?source=health&state=completed",
        "/workspace/sources/new",
        "/workspace/sources/health",
        "/workspace/applications",
        &job,
        &format!("{job}?outcome=created"),
    ] {
        let answer = house.get_as(&cookie, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
    }
}

#[actix_web::test]
async fn an_act_without_its_token_is_refused() {
    let house = furnished();
    let (cookie, token) = house.sign_in("op@example.org").await;
    for fields in [vec![], vec![("csrf", "0".repeat(64))], vec![("csrf", token[1..].to_owned())]] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for path in ["/workspace/sources/transit/run", "/workspace/sources", "/sign-out"] {
            assert_eq!(house.post_as(&cookie, path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let strange = house.post("/workspace/sources/transit/run", &[("csrf", &token)]).await;
    assert_eq!(strange.status, StatusCode::SEE_OTHER);
    assert!(strange.header("location").starts_with("/sign-in"));
    let jobs = house.catalog.db.read(|tx| harvest::list_jobs(tx, &harvest::JobFilter::default(), 9)).unwrap();
    assert_eq!(jobs.len(), 1, "nothing was run");
}

#[actix_web::test]
async fn a_steward_runs_the_own_source_and_finds_no_other() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let desk = house.get_as(&cookie, "/workspace").await;
    assert!(desk.body.contains("/workspace/sources/health") && !desk.body.contains("/workspace/sources/transit"));
    for path in ["/workspace/sources/transit", "/workspace/jobs?source=transit"] {
        assert_eq!(house.get_as(&cookie, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let other = house.post_as(&cookie, "/workspace/sources/transit/run", &[("csrf", &token)]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let started = house.post_as(&cookie, "/workspace/sources/health/run", &[("csrf", &token)]).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER);
    let page = started.header("location").to_owned();
    assert!(page.ends_with("?done=job-started"), "{page}");
    let job = house.get_as(&cookie, &page).await;
    assert!(job.body.contains("http-equiv=\"refresh\"") && job.body.contains("The harvest begins."), "{}", job.body);
    let again = house.post_as(&cookie, "/workspace/sources/health/run", &[("csrf", &token)]).await;
    assert!(again.header("location").ends_with("?done=job-under-way"));
    assert_eq!(house.get_as(&cookie, "/workspace/applications").await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_braked_job_shows_what_would_go_and_waits_for_a_steward() {
    let house = furnished();
    let source = house.catalog.db.read(|tx| harvest::get_source(tx, "health")).unwrap();
    let lease = house.harvest_until_braked(&source, drafts(&["Hospital beds"]));
    let page = format!("/workspace/jobs/{}", lease.job);
    let (cookie, token) = house.sign_in("publisher@example.org").await;
    let seen = house.get_as(&cookie, &page).await;
    assert!(seen.body.contains("The brake holds 1 withdrawal") && seen.body.contains("bathing-water"), "{}", seen.body);
    assert!(!seen.body.contains("Approve:"));
    let refused = house.post_as(&cookie, &format!("{page}/approve"), &[("csrf", &token)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let done = house.post_as(&cookie, &format!("{page}/approve"), &[("csrf", &token)]).await;
    assert_eq!(done.header("location"), format!("{page}?done=job-approved"));
    let job = house.catalog.db.read(|tx| harvest::get_job(tx, lease.job)).unwrap();
    assert!(job.payload.approved && job.state != JobState::AwaitingApproval);
    let twice = house.post_as(&cookie, &format!("{page}/approve"), &[("csrf", &token)]).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn records_say_what_became_of_them_and_what_to_mend() {
    let house = furnished();
    let source = house.catalog.db.read(|tx| harvest::get_source(tx, "transit")).unwrap();
    let fault = Finding::error("title-missing", "/dataset/0/title", "Give it a <b>title</b>.");
    let lease = house.harvest(&source, vec![(draft("a", "Stops"), vec![fault]), (draft("b", "Lines"), Vec::new())]);
    let (cookie, _) = house.sign_in("op@example.org").await;
    let page = house.get_as(&cookie, &format!("/workspace/jobs/{}?outcome=refused", lease.job)).await;
    assert!(page.body.contains("Give it a &#60;b&#62;title&#60;/b&#62;.") && page.body.contains("title-missing"));
    assert!(!page.body.contains("Lines</a>"));
}

#[actix_web::test]
async fn a_source_is_added_by_form_and_only_from_the_web() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    let fill = |slug: &'static str, url: &'static str| {
        vec![
            ("slug", slug),
            ("url", url),
            ("kind", ""),
            ("publisher", "ministry-of-health"),
            ("interval_secs", "86400"),
            ("run", "yes"),
        ]
    };
    for (slug, url, part) in [
        ("new-one", "/etc/passwd", "beginning with https://"),
        ("new-one", "file:///etc/passwd", "beginning with https://"),
        ("Not A Slug", "https://new.example/data.json", "short name"),
        ("health", "https://new.example/data.json", "choose another"),
    ] {
        let mut fields = fill(slug, url);
        fields.push(("csrf", &token));
        let answer = house.post_as(&cookie, "/workspace/sources", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        assert!(answer.body.contains(part), "{url}: {}", answer.body);
    }
    let mut fields = fill("new-one", "https://new.example/data.json");
    fields.retain(|(name, _)| *name != "publisher");
    fields.extend([("csrf", token.as_str()), ("publisher", "transport-authority")]);
    let foreign = house.post_as(&cookie, "/workspace/sources", &fields).await;
    assert_eq!(foreign.status, StatusCode::UNPROCESSABLE_ENTITY, "a steward adds for the own publisher alone");
    let mut fields = fill("new-one", "https://new.example/data.json");
    fields.push(("csrf", &token));
    let added = house.post_as(&cookie, "/workspace/sources", &fields).await;
    assert_eq!(added.header("location"), "/workspace/sources/new-one?done=source-proposed");
    let own = house.catalog.db.read(|tx| harvest::get_source(tx, "health")).unwrap().publisher_id;
    let new = house.catalog.db.read(|tx| harvest::get_source(tx, "new-one")).unwrap();
    assert_eq!(new.publisher_id, own, "it is the own publisher's");
    let (cookie, _) = house.sign_in("publisher@example.org").await;
    assert_eq!(house.get_as(&cookie, "/workspace/sources/new").await.status, StatusCode::OK);
    let (cookie, token) = house.sign_in("op@example.org").await;
    let mut fields = fill("own-one", "https://own.example/data.json");
    fields.push(("csrf", &token));
    let added = house.post_as(&cookie, "/workspace/sources", &fields).await;
    assert_eq!(added.header("location"), "/workspace/sources/own-one?done=source-added-and-run");
}

#[actix_web::test]
async fn an_operator_revokes_a_key_by_form() {
    let house = furnished();
    let fields = [("name", "Tide clock"), ("email", "anna@example.org"), ("terms", "yes")];
    house.post("/developers", &fields).await;
    let (cookie, token) = house.sign_in("op@example.org").await;
    let page = house.get_as(&cookie, "/workspace/applications").await;
    let (_, own) = page.body.split_once("Tide clock").expect("listed beside the portal's own");
    let (_, rest) = own.split_once("action=\"/workspace/applications/").expect("a form that revokes");
    let path = format!("/workspace/applications/{}", rest.split('"').next().unwrap());
    let done = house.post_as(&cookie, &path, &[("csrf", &token)]).await;
    assert_eq!(done.header("location"), "/workspace/applications?done=key-revoked");
    let left = house.get_as(&cookie, "/workspace/applications").await.body;
    assert_eq!(page.body.matches("/revoke\"").count(), left.matches("/revoke\"").count() + 1);
    assert!(!left.split_once("Tide clock").is_some_and(|(_, own)| own.contains("/revoke\"")));
}

#[actix_web::test]
async fn who_signs_out_is_out() {
    let house = furnished();
    let (cookie, token) = house.sign_in("op@example.org").await;
    let out = house.post_as(&cookie, "/sign-out", &[("csrf", &token)]).await;
    assert_eq!(out.header("location"), "/?done=signed-out");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(house.get_as(&cookie, "/workspace").await.status, StatusCode::SEE_OTHER);
}

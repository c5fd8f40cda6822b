//! What is asked for and not found; like datasets; how words were taken.

use fairground_catalog::account::Role;

use super::portal::Portal;

#[actix_web::test]
async fn what_enough_callers_look_for_in_vain_is_shown_to_agency_staff_and_to_nobody_else() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    visitor.get("/api/v1/datasets?q=Dog%20parks").await.is(200);
    let desk = &portal.state.catalog.demand;
    desk.write_down(&portal.state.catalog.db).unwrap();
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let list = publisher.get("/api/v1/demand").await.is(200).json();
    assert_eq!((&list["items"], &list["fewest_callers"]), (&serde_json::json!([]), &5.into()), "one caller is no need");

    (0..8).for_each(|caller| desk.note("Dog parks", 0, caller));
    (0..8).for_each(|caller| desk.note("hospital", 1, caller));
    (0..8).for_each(|caller| desk.note("beds", 40, caller));
    desk.wish("dog parks", 3);
    desk.write_down(&portal.state.catalog.db).unwrap();
    let list = publisher.get("/api/v1/demand?days=7").await.is(200).json();
    let need = &list["items"][0];
    assert_eq!(
        (need["q"].as_str(), need["wished"].as_i64(), need["found"].as_i64()),
        (Some("dog parks"), Some(1), Some(0))
    );
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    let popular = publisher.get("/api/v1/demand?kind=popular").await.is(200).json();
    assert_eq!(popular["items"].as_array().unwrap().len(), 2, "{popular}");

    visitor.get("/api/v1/demand").await.refused_as(401, "sign-in-required");
    let developer = portal.staff(Role::Developer, None).await;
    developer.get("/api/v1/demand").await.refused_as(403, "forbidden");
    for query in ["kind=secret", "days=0", "days=401"] {
        publisher.get(&format!("/api/v1/demand?{query}")).await.refused_as(400, "invalid-parameter");
    }
}

#[actix_web::test]
async fn how_words_were_taken_is_told_and_further_filters_hold() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let found = visitor.get("/api/v1/datasets?q=hospitl").await.is(200).json();
    assert_eq!(found["reading"]["respelled"][0]["taken"], "hospital", "{found}");
    assert_eq!(found["reading"]["respelled"][0]["held"], 0);
    let found =
        visitor.get("/api/v1/datasets?q=Krankenhaus&facets=quality,access,place,high_value").await.is(200).json();
    assert_eq!(found["items"][0]["title"], "Hospital beds", "{found}");
    assert!(found["facets"]["quality"][0]["count"].as_u64().is_some(), "{found}");
    for (query, total) in [("access=api", 0), ("place=nowhere", 0), ("quality=excellent,good,sufficient,bad", 3)] {
        let found = visitor.get(&format!("/api/v1/datasets?{query}")).await.is(200).json();
        assert_eq!(found["total"], total, "{query}: {found}");
    }
}

#[actix_web::test]
async fn like_datasets_are_listed_for_public_ones_only() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let list = visitor.get("/api/v1/datasets/hospital-beds/similar").await.is(200).json();
    assert!(list["items"].as_array().unwrap().iter().all(|item| item["title"] != "Hospital beds"), "{list}");
    visitor.get("/api/v1/datasets/nothing/similar").await.is(404);
    visitor.get("/api/v1/datasets/hospital-beds/similar?limit=51").await.refused_as(400, "invalid-parameter");
}

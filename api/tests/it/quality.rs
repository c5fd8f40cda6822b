//! How good descriptions are, told to everybody.

use fairground_catalog::quality;

use super::portal::Portal;

#[actix_web::test]
async fn quality_is_told_of_a_dataset_a_publisher_and_the_portal() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let dataset = visitor.get("/api/v1/datasets/hospital-beds/quality").await.is(200).json();
    assert_eq!(dataset["of"], 405);
    let metrics = dataset["metrics"].as_array().unwrap();
    let met: u64 = metrics.iter().filter(|it| it["met"] == true).map(|it| it["points"].as_u64().unwrap()).sum();
    assert_eq!(dataset["points"], met, "{dataset}");
    let gained: u64 = dataset["fix_first"].as_array().unwrap().iter().map(|it| it["gain"].as_u64().unwrap()).sum();
    assert_eq!(met + gained, 405);
    let dimensions: u64 =
        dataset["dimensions"].as_array().unwrap().iter().map(|it| it["points"].as_u64().unwrap()).sum();
    assert_eq!(dimensions, met);

    let before = visitor.get("/api/v1/quality").await.is(200).json();
    assert_eq!((before["datasets"].as_u64(), before.get("rating")), (Some(0), None), "nothing is measured yet");
    while portal.state.catalog.db.write(quality::follow).unwrap() > 0 {}
    let all = visitor.get("/api/v1/quality").await.is(200).json();
    assert_eq!(all["datasets"], 3);
    assert!(all["fix_first"][0]["gain"].as_u64() >= all["fix_first"][1]["gain"].as_u64(), "{all}");
    let one = visitor.get("/api/v1/publishers/ardenport/quality").await.is(200).json();
    assert_eq!(one["datasets"], 2, "{one}");
    visitor.get("/api/v1/datasets/nothing/quality").await.refused_as(404, "not-found");
    visitor.get("/api/v1/publishers/nobody/quality").await.refused_as(404, "not-found");
}

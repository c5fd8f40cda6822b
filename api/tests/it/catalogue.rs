//! What everybody can read.

use super::portal::{Portal, air, beds, berths};

#[actix_web::test]
async fn a_visitor_finds_reads_and_pages_without_a_key() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let found = visitor.get("/api/v1/datasets?q=hospital&facets=publisher,format").await.is(200).json();
    assert_eq!(found["total"], 1, "{found}");
    let item = &found["items"][0];
    assert_eq!(item["title"], "Hospital beds");
    assert_eq!(item["identifier"], "beds-2024");
    assert_eq!(item["translations"]["title"]["de"], "Krankenhausbetten");
    assert_eq!(found["facets"]["format"][0]["count"], 1, "{found}");

    let mut seen = Vec::new();
    let mut path = "/api/v1/datasets?sort=title&limit=1".to_owned();
    loop {
        let answer = visitor.get(&path).await.is(200);
        let page = answer.json();
        assert_eq!(page["total"], 3);
        seen.push(page["items"][0]["title"].as_str().unwrap().to_owned());
        let Some(next) = page["next"].as_str() else { break };
        let link = answer.header("link");
        assert!(link.contains("rel=\"next\"") && link.contains("sort=title"), "{link}");
        path = format!("/api/v1/datasets?sort=title&limit=1&cursor={next}");
    }
    assert_eq!(seen, ["Air quality", "Berths of the harbour", "Hospital beds"]);
}

#[actix_web::test]
async fn filters_agree_and_a_filter_on_nothing_finds_nothing() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    for (query, total) in [
        ("publisher=ardenport", 2),
        ("publisher=ARDENPORT", 2),
        ("publisher=ardenport,port-authority", 3),
        ("keyword=health", 1),
        ("theme=https://themes.example/health", 1),
        ("format=csv", 3),
        ("licence=https://creativecommons.org/licenses/by/4.0/", 2),
        ("language=de", 1),
        ("publisher=nobody", 0),
        ("kind=data-service", 0),
        ("q=beds&publisher=port-authority", 0),
    ] {
        let found = visitor.get(&format!("/api/v1/datasets?{query}")).await.is(200).json();
        assert_eq!(found["total"], total, "{query}: {found}");
    }
}

#[actix_web::test]
async fn a_misspelt_parameter_is_refused_by_name() {
    let portal = Portal::open().await;
    let problem = portal.visitor().get("/api/v1/datasets?publsher=x").await.refused_as(400, "unknown-parameter");
    assert_eq!(problem["errors"][0]["parameter"], "publsher");
    for query in ["limit=0", "limit=1001", "sort=best", "facets=colour", "bbox=1,2,3", "cursor=nonsense", "from=soon"] {
        portal.visitor().get(&format!("/api/v1/datasets?{query}")).await.refused_as(400, "invalid-parameter");
    }
}

#[actix_web::test]
async fn a_dataset_is_told_in_the_readers_language_and_in_every_form() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let answer = visitor.get("/api/v1/datasets/hospital-beds").await.is(200);
    let links: Vec<_> = answer.headers.get_all("link").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
    assert!(links.iter().any(|link| link.contains("creativecommons") && link.contains("license")), "{links:?}");
    let dataset = answer.json();
    assert_eq!(dataset["title"], "Hospital beds");
    assert_eq!(dataset["publisher"]["slug"], "ardenport");
    assert_eq!(dataset["distribution"][0]["download_url"], "https://ardenport.example/beds.csv");
    assert_eq!(dataset["licence"]["title"], "CC BY 4.0");
    let id = dataset["id"].as_str().unwrap();
    assert_eq!(visitor.get(&format!("/api/v1/datasets/{id}")).await.is(200).json(), dataset);

    let german = visitor.get("/api/v1/datasets/hospital-beds?lang=de").await.is(200).json();
    assert_eq!(german["title"], "Krankenhausbetten");
    let german = visitor.clone().saying("accept-language", "fr, de;q=0.5").get("/api/v1/datasets/hospital-beds").await;
    assert_eq!(german.json()["title"], "Krankenhausbetten");

    for (suffix, media_type, holds) in [
        (".ttl", "text/turtle; charset=utf-8", "Hospital beds"),
        (".rdf", "application/rdf+xml", "<rdf:RDF"),
        (".jsonld", "application/ld+json", "Hospital beds"),
        (".nt", "application/n-triples", "<http://www.w3.org/ns/dcat#Dataset>"),
    ] {
        let by_suffix = visitor.get(&format!("/api/v1/datasets/hospital-beds{suffix}")).await.is(200);
        assert_eq!(by_suffix.header("content-type"), media_type);
        assert!(by_suffix.text().contains(holds), "{suffix}: {}", by_suffix.text());
        let by_accept =
            visitor.clone().saying("accept", media_type).get("/api/v1/datasets/hospital-beds").await.is(200);
        assert_eq!(by_accept.body, by_suffix.body, "{suffix}");
    }
    visitor
        .clone()
        .saying("accept", "image/png")
        .get("/api/v1/datasets/air-quality")
        .await
        .refused_as(406, "not-acceptable");
}

#[actix_web::test]
async fn an_unchanged_answer_is_not_sent_twice() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    for path in ["/api/v1/datasets/air-quality", "/api/v1/datasets?q=air", "/api/v1/plans", "/openapi.json"] {
        let first = visitor.get(path).await.is(200);
        let etag = first.header("etag");
        assert!(etag.starts_with('"'), "{path}: {etag}");
        assert_eq!(first.header("cache-control"), "public, no-cache", "{path}");
        let second = visitor.clone().saying("if-none-match", &etag).get(path).await.is(304);
        assert_eq!((second.header("etag"), second.body.len()), (etag, 0), "{path}");
    }
    let dataset = visitor.get("/api/v1/datasets/air-quality").await;
    let modified = dataset.header("last-modified");
    visitor.clone().saying("if-modified-since", &modified).get("/api/v1/datasets/air-quality").await.is(304);

    let packed = visitor.clone().saying("accept-encoding", "gzip").get("/api/v1/datasets?q=air").await.is(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    let etag = packed.header("etag");
    assert!(etag.ends_with("-gzip\""), "{etag}");
    let again = visitor.clone().saying("accept-encoding", "gzip").saying("if-none-match", &etag);
    assert_eq!(again.get("/api/v1/datasets?q=air").await.is(304).header("etag"), etag);
}

#[actix_web::test]
async fn a_change_is_seen_at_once_and_a_withdrawn_dataset_is_gone() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    visitor.get("/api/v1/datasets/air-quality").await.is(200);
    let mut cleaner = air();
    cleaner.title = super::portal::texts(&[("en", "Air quality, cleaned")]);
    portal.harvest("ardenport", vec![beds(), cleaner]);
    let now = visitor.get("/api/v1/datasets/air-quality").await.is(200).json();
    assert_eq!((now["title"].as_str(), now["revision"].as_i64()), (Some("Air quality, cleaned"), Some(2)));
    let versions = visitor.get("/api/v1/datasets/air-quality/versions").await.is(200).json();
    assert_eq!(versions["total"], 2);
    let first = visitor.get("/api/v1/datasets/air-quality/versions/1").await.is(200).json();
    assert_eq!(first["title"], "Air quality");
    visitor.get("/api/v1/datasets/air-quality/versions/9").await.refused_as(404, "not-found");
    visitor.get("/api/v1/datasets/air-quality/versions/last").await.refused_as(404, "not-found");

    portal.harvest("ardenport", vec![beds()]);
    visitor.get("/api/v1/datasets/air-quality").await.refused_as(410, "gone");
    visitor.get("/api/v1/datasets/never-was").await.refused_as(404, "not-found");
    assert_eq!(visitor.get("/api/v1/datasets?q=air").await.json()["total"], 0);
}

#[actix_web::test]
async fn the_change_feed_misses_nothing_and_repeats_nothing() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let (mut since, mut kinds) = (0, Vec::new());
    loop {
        let page = visitor.get(&format!("/api/v1/changes?since={since}&limit=2")).await.is(200).json();
        for change in page["items"].as_array().unwrap() {
            assert!(change["seq"].as_i64().unwrap() > since);
            kinds.push(change["kind"].as_str().unwrap().to_owned());
        }
        since = page["next"].as_i64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(kinds.iter().filter(|kind| *kind == "dataset.created").count(), 3, "{kinds:?}");
    assert!(!kinds.iter().any(|kind| kind.starts_with("source") || kind.starts_with("account")), "{kinds:?}");
    portal.harvest("port-authority", Vec::new());
    let news = visitor.get(&format!("/api/v1/changes?since={since}")).await.json();
    assert_eq!(news["items"][0]["kind"], "dataset.withdrawn", "{news}");
}

#[actix_web::test]
async fn publishers_are_listed_with_their_datasets() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let list = visitor.get("/api/v1/publishers?limit=1").await.is(200).json();
    assert_eq!(list["items"][0]["slug"], "ardenport");
    assert_eq!(list["items"][0]["datasets"], 2);
    let next = list["next"].as_str().unwrap();
    let rest = visitor.get(&format!("/api/v1/publishers?limit=5&cursor={next}")).await.is(200).json();
    assert_eq!(rest["items"][0]["slug"], "port-authority");
    assert!(rest.get("next").is_none());
    let one = visitor.get("/api/v1/publishers/port-authority").await.is(200).json();
    assert_eq!(one["datasets"], 1);
    visitor.get("/api/v1/publishers/nobody").await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn suggestions_lead_to_datasets() {
    let portal = Portal::furnished().await;
    let found = portal.visitor().get("/api/v1/suggest?q=berth").await.is(200).json();
    let items = found["items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["kind"] == "dataset" && item["value"] == "berths-of-the-harbour"), "{found}");
    assert_eq!(berths().title.any(), "Berths of the harbour");
}

#[actix_web::test]
async fn the_tariff_is_public_data() {
    let portal = Portal::open().await;
    let plans = portal.visitor().get("/api/v1/plans").await.is(200).json();
    let ids: Vec<_> = plans["items"].as_array().unwrap().iter().map(|plan| plan["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["keyless", "starter", "open", "high-volume"]);
    let keyless = fairground_domain::Tariff::default_at(fairground_domain::Timestamp::now()).plans.remove(0);
    let rate = keyless.rates[&fairground_domain::OperationClass::Catalogue];
    assert_eq!(plans["items"][0]["rates"]["catalogue"]["per_second"], rate.per_second, "{plans}");
    let same = portal.visitor().get("/.well-known/tariff.json").await.is(200).json();
    assert_eq!(same["version"], plans["version"]);
}

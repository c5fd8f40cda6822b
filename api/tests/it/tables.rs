//! Tables: found, described, asked for rows and sums.

use serde_json::{Value, json};

use super::portal::{Actor, Answer, Portal};

/// Rows in [`wards`].
pub const WARDS: usize = 250;

/// A table of every plain type: `id, district, opened, beds, occupancy, emergency, updated, note`.
pub fn wards(extra_beds: usize) -> Vec<u8> {
    let districts = ["North", "South", "East", "West", "Old Town"];
    let mut text = "id,District,opened,beds,occupancy,emergency,updated,note\n".to_owned();
    for i in 0..WARDS {
        let note = if i % 7 == 0 { String::new() } else { format!("Ward {i} by the water") };
        text.push_str(&format!(
            "{i},{},20{:02}-{:02}-15,{},{}.5,{},2024-02-29T12:{:02}:00Z,{note}\n",
            districts[i % 5],
            i % 24,
            i % 12 + 1,
            (i * 37) % 400 + extra_beds,
            i % 100,
            i % 3 == 0,
            i % 60,
        ));
    }
    text.into_bytes()
}

/// A portal with the wards as a table of the air's dataset; the table's id.
pub async fn with_wards() -> (Portal, String) {
    let portal = Portal::furnished().await;
    let published = portal.load("air-quality", "wards.csv", &wards(0));
    let id = published[0].id.to_string();
    (portal, id)
}

async fn total(actor: &Actor<'_>, path: &str) -> u64 {
    actor.get(path).await.is(200).json()["total"].as_u64().unwrap()
}

#[actix_web::test]
async fn a_loaded_file_is_a_table_that_is_found_in_every_way() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let list = visitor.get("/api/v1/tables").await.is(200).json();
    assert_eq!(list["items"][0]["id"], id);
    assert_eq!(list["items"][0]["dataset"], "air-quality");
    let of_dataset = visitor.get("/api/v1/datasets/air-quality/tables").await.is(200).json();
    assert_eq!((&of_dataset["total"], &of_dataset["items"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(visitor.get("/api/v1/datasets/hospital-beds/tables").await.is(200).json()["total"], 0);

    let answer = visitor.get(&format!("/api/v1/tables/{id}")).await.is(200);
    assert!(answer.header("link").contains("rel=\"license\""), "{:?}", answer.headers);
    let told = answer.json();
    let slug = told["slug"].as_str().unwrap();
    let distribution = told["distribution"].as_str().unwrap();
    for name in [slug, distribution] {
        assert_eq!(visitor.get(&format!("/api/v1/tables/{name}")).await.is(200).json()["id"], id, "{name}");
    }
    assert_eq!(told["rows"], WARDS);
    assert_eq!(told["indexed"], true);
    assert_eq!(told["version"], 1);
    assert_eq!(told["dataset"]["slug"], "air-quality");
    assert_eq!(told["links"]["rows"], format!("/api/v1/tables/{id}/rows"));
    assert_eq!(told["links"]["exports"]["csv"], format!("/api/v1/tables/{id}/export.csv"));
    assert_eq!(told["links"]["exports"].get("geojson"), None, "it has no places");
    let types: Vec<String> = told["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| format!("{}:{}", column["name"].as_str().unwrap(), column["type"].as_str().unwrap()))
        .collect();
    assert_eq!(
        types.join(" "),
        "id:integer district:text opened:date beds:integer occupancy:decimal emergency:boolean updated:timestamp note:text"
    );
    assert_eq!(told["columns"][1]["title"], "District");
    assert_eq!(told["columns"][1]["statistics"]["distinct"], 5);

    let dataset = visitor.get("/api/v1/datasets/air-quality").await.is(200).json();
    assert_eq!(dataset["distribution"][0]["table"]["id"], id);
    assert_eq!(dataset["distribution"][0]["table"]["rows"], WARDS);
    assert_eq!(dataset["distribution"][0]["table"]["href"], format!("/api/v1/tables/{id}"));
    visitor.get("/api/v1/tables/nothing").await.refused_as(404, "not-found");
    visitor.get("/api/v1/tables/nothing/rows").await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn rows_are_read_to_the_end_each_once() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    for order in ["", "&sortby=-beds,district", "&filter=beds%20%3E%3D%200"] {
        let mut seen = Vec::new();
        let mut path = format!("/api/v1/tables/{id}/rows?limit=30{order}");
        let mut pages = 0;
        loop {
            let answer = visitor.get(&path).await.is(200);
            let page = answer.json();
            assert_eq!(page["total"], WARDS);
            seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()));
            pages += 1;
            let Some(cursor) = page["next"].as_str() else { break };
            let next = answer.header("link").split(',').find(|link| link.contains("rel=\"next\"")).map(str::to_owned);
            let next = next.unwrap_or_else(|| {
                answer
                    .headers
                    .get_all("link")
                    .iter()
                    .map(|v| v.to_str().unwrap())
                    .find(|v| v.contains("next"))
                    .unwrap()
                    .to_owned()
            });
            let target = next.trim().trim_start_matches('<').split('>').next().unwrap().to_owned();
            assert!(target.contains(cursor), "{target}");
            path = target;
        }
        assert_eq!(pages, 9, "{order}");
        seen.sort_unstable();
        assert_eq!(seen, (0..u64::try_from(WARDS).unwrap()).collect::<Vec<_>>(), "{order}");
    }
}

#[actix_web::test]
async fn every_parameter_does_what_it_says() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let at = |query: &str| format!("/api/v1/tables/{id}/rows?{query}");
    for (query, expected) in [
        ("", 250),
        ("district=North", 50),
        ("District=North", 50),
        ("district=North&district=South", 100),
        ("district=Nowhere", 0),
        ("note=", 36),
        ("emergency=true", 84),
        ("id=7", 1),
        ("occupancy=12.5", 3),
        ("opened=2003-04-15", 11),
        ("filter=id%20%3C%2010", 10),
        ("filter=id%20BETWEEN%2010%20AND%2019", 10),
        ("filter=district%20LIKE%20%27O%25%27", 50),
        ("filter=CASEI(district)%20%3D%20CASEI(%27north%27)", 50),
        ("filter=note%20IS%20NULL%20AND%20NOT%20emergency%20%3D%20true", 24),
        ("filter=district%20IN%20(%27East%27%2C%27West%27)&emergency=true", 33),
        ("q=water", 214),
        ("q=wat*", 214),
        ("q=WARD+12", 1),
        ("filter=opened%20%3E%3D%20DATE(%272020-01-01%27)", 40),
    ] {
        assert_eq!(total(&visitor, &at(query)).await, expected, "{query}");
    }
    let page = visitor.get(&at("properties=beds,id&sortby=-beds,id&limit=3")).await.is(200);
    assert!(page.text().starts_with(r#"{"items":[{"beds":399,"id":"#), "{}", page.text());
    let rows = page.json()["items"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(rows[0].as_object().unwrap().len(), 2);
    let first = visitor.get(&at("limit=1")).await.is(200).json()["items"][0].clone();
    let expected = json!({
        "id": 0, "district": "North", "opened": "2000-01-15", "beds": 0, "occupancy": 0.5, "emergency": true,
        "updated": "2024-02-29T12:00:00Z", "note": null,
    });
    assert_eq!(first, expected);
    assert_eq!(visitor.get(&at("limit=0")).await.is(200).json()["items"], json!([]));
    let skipped = visitor.get(&at("offset=240&limit=100")).await.is(200).json();
    assert_eq!((skipped["items"].as_array().unwrap().len(), &skipped["next"]), (10, &Value::Null));
    assert_eq!(skipped["items"][0]["id"], 240);
}

#[actix_web::test]
async fn every_mistake_is_named() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    for (what, query, kind, parameter) in [
        ("rows", "colour=red", "unknown-parameter", "colour"),
        ("rows", "limit=many", "invalid-parameter", "limit"),
        ("rows", "limit=10001", "invalid-parameter", "limit"),
        ("rows", "limit=1&limit=2", "invalid-parameter", "limit"),
        ("rows", "properties=nothing", "invalid-parameter", "properties"),
        ("rows", "sortby=nothing", "invalid-parameter", "sortby"),
        ("rows", "filter=beds%20%3E", "invalid-parameter", "filter"),
        ("rows", "filter=bads%20%3E%201", "invalid-parameter", "filter"),
        ("rows", "filter=beds%20%3D%20%27x%27", "invalid-parameter", "filter"),
        ("rows", "beds=x", "invalid-parameter", "beds"),
        ("rows", "cursor=nonsense", "invalid-parameter", "cursor"),
        ("rows", "cursor=v1.AAAAAAAAAAAAAA", "invalid-parameter", "cursor"),
        ("rows", "bbox=1,2,3,4", "invalid-parameter", "bbox"),
        ("rows", "version=latest", "invalid-parameter", "version"),
        ("aggregate", "groupby=nothing", "invalid-parameter", "groupby"),
        ("aggregate", "aggregate=sum(district)", "invalid-parameter", "aggregate"),
        ("aggregate", "limit=0", "invalid-parameter", "limit"),
        ("aggregate", "cursor=x", "invalid-parameter", "cursor"),
        ("export.csv", "offset=1", "unknown-parameter", "offset"),
        ("export.json", "safe=1", "unknown-parameter", "safe"),
    ] {
        let problem = visitor.get(&format!("/api/v1/tables/{id}/{what}?{query}")).await.refused_as(400, kind);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{what} {query}: {problem}");
    }
    let problem = visitor
        .get(&format!("/api/v1/tables/{id}/rows?filter=bads%20%3E%201"))
        .await
        .refused_as(400, "invalid-parameter");
    assert_eq!(problem["errors"][0]["position"], 0);
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("beds"), "{problem}");
    visitor.get(&format!("/api/v1/tables/{id}/rows?version=9")).await.refused_as(404, "not-found");
    let long = format!("/api/v1/tables/{id}/rows?q={}", "a".repeat(9_000));
    visitor.get(&long).await.refused_as(414, "uri-too-long");
    visitor.get(&format!("/api/v1/tables/{id}/export.pdf")).await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn long_questions_can_be_sent_as_json() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let ids: Vec<String> = (0..200).map(|id| id.to_string()).collect();
    let body = json!({ "filter": format!("id IN ({})", ids.join(",")), "properties": ["id"], "district": ["North", "South"], "limit": 5 });
    let found = visitor.post(&format!("/api/v1/tables/{id}/rows"), &body).await.is(200).json();
    assert_eq!((&found["total"], found["items"].as_array().unwrap().len()), (&json!(80), 5));
    let body = json!({ "groupby": "district", "aggregate": ["count", "sum(beds)"] });
    let found = visitor.post(&format!("/api/v1/tables/{id}/aggregate"), &body).await.is(200).json();
    assert_eq!(found["total"], 5);
    visitor
        .post(&format!("/api/v1/tables/{id}/rows"), &json!({ "filter": { "a": 1 } }))
        .await
        .refused_as(422, "invalid-content");
    visitor
        .post(&format!("/api/v1/tables/{id}/rows"), &json!({ "colour": 1 }))
        .await
        .refused_as(400, "unknown-parameter");
    visitor.post(&format!("/api/v1/tables/{id}/rows?limit=1"), &json!({})).await.refused_as(400, "unknown-parameter");
}

#[actix_web::test]
async fn rows_are_grouped_and_summed() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let at = |query: &str| format!("/api/v1/tables/{id}/aggregate?{query}");
    assert_eq!(visitor.get(&at("")).await.is(200).json()["items"], json!([{ "count": 250 }]));
    let found = visitor
        .get(&at("groupby=district&aggregate=count,avg(id),min(opened)&sortby=-count,district"))
        .await
        .is(200)
        .json();
    assert_eq!(found["total"], 5);
    assert_eq!(
        found["items"][0],
        json!({ "district": "East", "count": 50, "avg_id": 124.5, "min_opened": "2000-01-15" })
    );
    let few = visitor.get(&at("groupby=district,emergency&having=count%20%3E%2016&limit=2")).await.is(200).json();
    assert_eq!(few["items"].as_array().unwrap().len(), 2);
    let months = visitor.get(&at("groupby=date_trunc(year,opened)&filter=id%20%3C%2024")).await.is(200).json();
    assert_eq!(months["total"], 24);
    assert_eq!(months["snapshot"].as_str().unwrap().len(), 64);
}

#[actix_web::test]
async fn whoever_has_an_answer_is_told_so_before_any_work() {
    let (portal, id) = with_wards().await;
    let visitor = portal.reader("anna").await;
    let mut tags = Vec::new();
    for path in [
        format!("/api/v1/tables/{id}"),
        format!("/api/v1/tables/{id}/rows"),
        format!("/api/v1/tables/{id}/rows?limit=1"),
        format!("/api/v1/tables/{id}/aggregate"),
        format!("/api/v1/tables/{id}/export.csv"),
        format!("/api/v1/tables/{id}/export.json"),
        format!("/api/v1/tables/{id}/export.json?limit=1"),
        format!("/api/v1/tables/{id}/openapi.json"),
        format!("/api/3/action/datastore_search?resource_id={id}"),
    ] {
        let answer = visitor.get(&path).await.is(200);
        let tag = answer.header("etag");
        assert!(tag.starts_with('"'), "{path}: {:?}", answer.headers);
        let again = visitor.clone().saying("if-none-match", &tag).get(&path).await.is(304);
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), tag);
        assert!(!answer.header("last-modified").is_empty() || path.contains("estimate"), "{path}");
        tags.push(tag);
        let head = visitor.send("HEAD", &path, None).await.is(200);
        assert!(head.body.is_empty(), "{path}");
    }
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 9, "each answer has its own");
    // The same question in other words is the same answer.
    let one = visitor.get(&format!("/api/v1/tables/{id}/rows?filter=id%20%3D%201")).await.header("etag");
    let other = visitor.get(&format!("/api/v1/tables/{id}/rows?id=1")).await.header("etag");
    assert_eq!(one, other);
}

#[actix_web::test]
async fn every_answer_says_what_it_cost_and_who_gave_it() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let cost = |answer: &Answer| answer.header("ratelimit-cost").parse::<u64>().unwrap();
    let rows = visitor.get(&format!("/api/v1/tables/{id}/rows")).await.is(200);
    assert!(rows.header("server-timing").contains("engine;desc=\""), "{}", rows.header("server-timing"));
    assert!(rows.header("server-timing").starts_with("identify;dur="));
    assert!(rows.header("cache-control").contains("max-age=10"), "{}", rows.header("cache-control"));
    assert!(rows.header("access-control-expose-headers").contains("RateLimit-Cost"));
    assert!(rows.header("vary").contains("Accept-Encoding"));
    let pinned = visitor.get(&format!("/api/v1/tables/{id}/rows?version=1")).await.is(200);
    assert!(pinned.header("cache-control").contains("immutable"));
    let plans = visitor.get("/api/v1/plans").await.is(200).json();
    for (path, class) in [
        ("rows", "rows"),
        ("aggregate", "aggregate"),
        ("export.ndjson", "export"),
        ("export.csv?estimate=true", "catalogue"),
    ] {
        let answer = visitor.get(&format!("/api/v1/tables/{id}/{path}")).await.is(200);
        assert_eq!(cost(&answer), plans["unit_costs"][class].as_u64().unwrap(), "{path}");
    }
    let (anna, _) = portal.consumer("anna").await;
    let mut spent = 0;
    for path in ["rows", "aggregate?groupby=district", "export.csv", "export.json?estimate=true"] {
        spent += cost(&anna.get(&format!("/api/v1/tables/{id}/{path}")).await.is(200));
    }
    portal.state.roll_up_usage().unwrap();
    let usage = anna.get("/api/v1/usage").await.is(200).json();
    assert_eq!(usage["total"]["units"], spent, "{usage}");
}

#[actix_web::test]
async fn a_new_version_is_seen_at_once_and_the_old_one_stays_readable() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let first = visitor.get(&format!("/api/v1/tables/{id}/rows?limit=100")).await.is(200).json();
    let old_key = first["snapshot"].as_str().unwrap().to_owned();
    let cursor = first["next"].as_str().unwrap().to_owned();
    portal.load("air-quality", "wards.csv", &wards(1_000));
    let now = visitor.get(&format!("/api/v1/tables/{id}/rows?limit=100")).await.is(200).json();
    assert_ne!(now["snapshot"], old_key);
    assert_eq!(now["items"][0]["beds"], 1_000);
    // Reading on stays in the version that it began in.
    let on = visitor.get(&format!("/api/v1/tables/{id}/rows?limit=100&cursor={cursor}")).await.is(200).json();
    assert_eq!((on["snapshot"].as_str().unwrap(), &on["items"][0]["id"]), (&*old_key, &json!(100)));
    for version in ["1", &old_key] {
        let old = visitor.get(&format!("/api/v1/tables/{id}/rows?version={version}")).await.is(200).json();
        assert_eq!(old["items"][0]["beds"], 0, "{version}");
        assert_eq!(visitor.get(&format!("/api/v1/tables/{id}?version={version}")).await.is(200).json()["version"], 1);
    }
    let versions = visitor.get(&format!("/api/v1/tables/{id}/versions")).await.is(200).json();
    assert_eq!(versions["total"], 2);
    assert_eq!((&versions["items"][0]["version"], &versions["items"][0]["change"]), (&json!(2), &json!("same")));
    assert_eq!(versions["items"][1]["snapshot"], old_key);
    portal.harvest("ardenport", vec![super::portal::beds()]);
    visitor.get(&format!("/api/v1/tables/{id}/rows")).await.refused_as(410, "gone");
}

#[actix_web::test]
async fn a_table_describes_itself_with_examples_that_work() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let document = visitor.get(&format!("/api/v1/tables/{id}/openapi.json")).await.is(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["url"], "https://creativecommons.org/licenses/by/4.0/");
    let rows = &document["paths"][format!("/api/v1/tables/{id}/rows")]["get"];
    let parameters = rows["parameters"].as_array().unwrap();
    let district = parameters.iter().find(|it| it["name"] == "district").unwrap();
    let mut values: Vec<&str> =
        district["schema"]["enum"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    values.sort_unstable();
    assert_eq!(values, ["East", "North", "Old Town", "South", "West"]);
    let row = &document["components"]["schemas"]["Row"]["properties"];
    assert_eq!(row["beds"]["type"], "integer");
    assert_eq!(row["note"]["type"], json!(["string", "null"]));
    assert_eq!(row["opened"]["format"], "date");
    check_document(&document);
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for parameter in item["get"]["parameters"].as_array().unwrap() {
            let Some(example) = parameter.get("example") else { continue };
            let value = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            let query: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(parameter["name"].as_str().unwrap(), &value)
                .finish();
            if path.ends_with("/rows") || path.ends_with("/aggregate") {
                let found = visitor.get(&format!("{path}?{query}")).await.is(200).json();
                assert!(found["total"].as_u64().unwrap() > 0, "{path}?{query}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 15, "{tried} examples");
}

/// What a reader of OpenAPI 3.1 relies on: references lead somewhere, operations have ids of their own and answers, parameters have
/// names of their own and schemas, tags and security schemes are declared.
fn check_document(document: &Value) {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|inner| references(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with('/'));
        let operation = &item["get"];
        ids.push(operation["operationId"].as_str().unwrap().to_owned());
        assert!(operation["responses"]["200"]["description"].is_string());
        let mut names: Vec<&str> =
            operation["parameters"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{path}: a parameter stands twice");
        assert!(operation["parameters"].as_array().unwrap().iter().all(|it| it["schema"].is_object()));
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for scheme in document["security"].as_array().unwrap() {
        for name in scheme.as_object().unwrap().keys() {
            assert!(document["components"]["securitySchemes"][name].is_object(), "{name}");
        }
    }
}

#[actix_web::test]
async fn places_are_found_by_their_box() {
    let portal = Portal::furnished().await;
    let features: Vec<Value> = (0..20)
        .map(|i| {
            json!({ "type": "Feature", "properties": { "name": format!("Stop {i}") },
                    "geometry": { "type": "Point", "coordinates": [10.0 + f64::from(i), 50.0] } })
        })
        .collect();
    let file = json!({ "type": "FeatureCollection", "features": features }).to_string();
    let id = portal.load("air-quality", "stops.geojson", file.as_bytes())[0].id.to_string();
    let visitor = portal.visitor();
    assert_eq!(total(&visitor, &format!("/api/v1/tables/{id}/rows?bbox=9.5,49,14.5,51")).await, 5);
    let told = visitor.get(&format!("/api/v1/tables/{id}")).await.is(200).json();
    assert!(told["links"]["exports"]["geojson"].is_string());
    let file = visitor.get(&format!("/api/v1/tables/{id}/export.geojson?limit=3")).await.is(200);
    assert_eq!(file.header("content-type"), "application/geo+json");
    assert_eq!(file.json()["features"].as_array().unwrap().len(), 3);
    let document = visitor.get(&format!("/api/v1/tables/{id}/openapi.json")).await.is(200).json();
    check_document(&document);
}

/// Degrees in two columns are places too: for boxes, files, the document and the samples.
#[actix_web::test]
async fn degrees_in_two_columns_are_places() {
    let portal = Portal::furnished().await;
    let mut file = "stop_name,stop_lat,stop_lon\n".to_owned();
    for i in 0..20 {
        file.push_str(&format!("Stop {i},50.{i:02}5,{}.25\n", i * 18 - 171));
    }
    file.push_str("Nowhere,,\n");
    let id = portal.load("air-quality", "stops.csv", file.as_bytes())[0].id.to_string();
    let visitor = portal.visitor();
    for (bbox, rows) in [("-172,49,-134,51", 3), ("152,49,-170,51", 3), ("-180,50.1,180,50.12", 2), ("0,0,1,1", 0)] {
        assert_eq!(total(&visitor, &format!("/api/v1/tables/{id}/rows?bbox={bbox}")).await, rows, "{bbox}");
    }
    visitor.get(&format!("/api/v1/tables/{id}/rows?bbox=0,1,0,-1")).await.is(400);
    let told = visitor.get(&format!("/api/v1/tables/{id}")).await.is(200).json();
    assert!(told["links"]["exports"]["geojson"].is_string(), "{told}");
    let features = visitor.get(&format!("/api/v1/tables/{id}/export.geojson")).await.is(200).json();
    let first = &features["features"][0];
    assert_eq!(first["geometry"], json!({ "type": "Point", "coordinates": [-171.25, 50.005] }));
    assert_eq!(first["properties"]["stop_name"], "Stop 0");
    assert_eq!(features["features"][20]["geometry"], Value::Null);
    visitor
        .get(&format!("/api/v1/tables/{id}/export.geojson?properties=stop_name"))
        .await
        .refused_as(422, "unsuitable");
    let document = visitor.get(&format!("/api/v1/tables/{id}/openapi.json")).await.is(200).json();
    check_document(&document);
    assert!(document.to_string().contains("\"bbox\""));
}

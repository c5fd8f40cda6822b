//! What clients of CKAN find.

use serde_json::{Value, json};

use super::tables::with_wards;

#[actix_web::test]
async fn rows_are_searched_as_in_ckan() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let answer = visitor.get(&format!("/api/3/action/datastore_search?resource_id={id}&limit=2")).await.is(200);
    assert!(!answer.header("ratelimit-cost").is_empty(), "it passes the hot path");
    let body = answer.json();
    assert_eq!(body["success"], true);
    assert_eq!(body["help"], "http://127.0.0.1:8080/api/3/action/help_show?name=datastore_search");
    let result = &body["result"];
    assert_eq!(result["resource_id"], id);
    assert_eq!(
        (&result["limit"], &result["total"], &result["total_was_estimated"]),
        (&json!(2), &json!(250), &json!(false))
    );
    assert_eq!(result["records_format"], "objects");
    let fields: Vec<String> = result["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| format!("{}:{}", field["id"].as_str().unwrap(), field["type"].as_str().unwrap()))
        .collect();
    assert_eq!(
        fields.join(" "),
        "_id:int id:int district:text opened:date beds:int occupancy:numeric emergency:bool updated:timestamp note:text"
    );
    let expected = json!({
        "_id": 1, "id": 0, "district": "North", "opened": "2000-01-15", "beds": 0, "occupancy": 0.5, "emergency": true,
        "updated": "2024-02-29T12:00:00", "note": null,
    });
    assert_eq!(result["records"][0], expected);
    let next = result["_links"]["next"].as_str().unwrap();
    assert_eq!(next, format!("/api/3/action/datastore_search?resource_id={id}&limit=2&offset=2"));
    let second = visitor.get(next).await.is(200).json();
    assert_eq!((&second["result"]["records"][0]["_id"], &second["result"]["offset"]), (&json!(3), &json!(2)));
    assert_eq!(
        visitor.get(&format!("/api/3/action/datastore_search?resource_id={id}")).await.json()["result"]["records"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
}

#[actix_web::test]
async fn every_parameter_of_ckan_is_understood() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let search = async |asked: Value| {
        let mut body = json!({ "resource_id": id });
        body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        visitor.post("/api/3/action/datastore_search", &body).await.is(200).json()["result"].clone()
    };
    for (asked, total) in [
        (json!({ "filters": { "district": "North" } }), 50),
        (json!({ "filters": { "district": ["North", "South"], "emergency": true } }), 34),
        (json!({ "filters": { "note": null } }), 36),
        (json!({ "filters": { "beds": "37" } }), 1),
        (json!({ "filters": { "opened": "2003-04-15" } }), 11),
        (json!({ "filters": { "district": [] } }), 0),
        (json!({ "q": "water" }), 214),
        (json!({ "q": { "district": "old" } }), 50),
        (json!({ "q": "water", "filters": { "district": "North" } }), 42),
        (json!({ "limit": 0 }), 250),
    ] {
        assert_eq!(search(asked.clone()).await["total"], total, "{asked}");
    }
    // Numbers of rows stay with their rows, whatever the question.
    let found =
        search(json!({ "filters": { "district": "South" }, "sort": "id desc", "limit": 2, "fields": ["_id", "id"] }))
            .await;
    assert_eq!(found["records"], json!([{ "_id": 247, "id": 246 }, { "_id": 242, "id": 241 }]));
    let last = search(json!({ "sort": "_id desc", "limit": 2, "fields": "id" })).await;
    assert_eq!(last["records"], json!([{ "id": 249 }, { "id": 248 }]));
    let before = search(json!({ "sort": "_id desc", "limit": 2, "offset": 249, "fields": "_id" })).await;
    assert_eq!(before["records"], json!([{ "_id": 1 }]));
    let different = search(json!({ "distinct": true, "fields": ["district"], "sort": "district desc" })).await;
    assert_eq!(different["total"], 5);
    assert_eq!(different["records"][0], json!({ "district": "West" }));
    assert_eq!(search(json!({ "include_total": false })).await.get("total"), None);
    assert_eq!(search(json!({ "limit": 99_999 })).await["limit"], 32_000);
    let lists = search(json!({ "records_format": "lists", "fields": ["id", "district"], "limit": 1 })).await;
    assert_eq!(lists["records"], json!([[0, "North"]]));
    let csv = search(json!({ "records_format": "csv", "fields": "id,note,_id", "limit": 2 })).await;
    assert_eq!(csv["records"], "0,,1\r\n1,Ward 1 by the water,2\r\n");
    // In an address, filters are JSON text.
    let query =
        format!("resource_id={id}&filters=%7B%22district%22%3A%22North%22%7D&fields=district&sort=beds%20desc%2C%20id");
    let found = visitor.get(&format!("/api/3/action/datastore_search?{query}")).await.is(200).json();
    assert_eq!(found["result"]["total"], 50);
}

#[actix_web::test]
async fn refusals_are_ckans() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let at = |query: &str| format!("/api/3/action/datastore_search?{query}");
    for (query, field) in [
        (String::new(), "resource_id"),
        (format!("resource_id={id}&limit=x"), "limit"),
        (format!("resource_id={id}&fields=nothing"), "fields"),
        (format!("resource_id={id}&filters=x"), "filters"),
        (format!("resource_id={id}&filters=%7B%22nothing%22%3A1%7D"), "filters"),
        (format!("resource_id={id}&filters=%7B%22beds%22%3A%22x%22%7D"), "filters"),
        (format!("resource_id={id}&sort=nothing"), "sort"),
        (format!("resource_id={id}&records_format=xml"), "records_format"),
        (format!("resource_id={id}&plain=false"), "plain"),
        (format!("resource_id={id}&distinct=perhaps"), "distinct"),
    ] {
        let body = visitor.get(&at(&query)).await.is(409).json();
        assert_eq!(
            (&body["success"], &body["error"]["__type"]),
            (&json!(false), &json!("Validation Error")),
            "{query}"
        );
        assert!(body["error"][field][0].is_string(), "{query}: {body}");
    }
    let body = visitor.get(&at("resource_id=nothing")).await.is(404).json();
    assert_eq!(body["error"]["__type"], "Not Found Error");
    let body = visitor.get("/api/3/action/datastore_search_sql?sql=SELECT%201").await.is(403).json();
    assert_eq!(body["error"]["__type"], "Authorization Error");
    let body = visitor.get("/api/3/action/no_such_thing").await.is(400).json();
    assert_eq!(body, "Bad request - Action name not known: no_such_thing");
    let sent = visitor.send("POST", "/api/3/action/datastore_search", Some("{\"resource_id\"".into())).await;
    assert!(sent.is(400).json().as_str().unwrap().starts_with("Bad request - JSON Error"));
}

#[actix_web::test]
async fn a_table_is_described_as_in_ckan() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let info = visitor.get(&format!("/api/3/action/datastore_info?id={id}")).await.is(200).json();
    assert_eq!((&info["result"]["meta"]["count"], &info["result"]["meta"]["id"]), (&json!(250), &json!(id)));
    assert_eq!(info["result"]["fields"][1]["id"], "district");
    assert_eq!(info["result"]["fields"][1]["info"]["label"], "District");
    assert_eq!(info["result"]["schema"]["beds"], "int");
    let posted = visitor.post("/api/3/action/datastore_info", &json!({ "id": id })).await.is(200).json();
    assert_eq!(posted["result"], info["result"]);
    let distribution =
        visitor.get(&format!("/api/v1/tables/{id}")).await.json()["distribution"].as_str().unwrap().to_owned();
    visitor.get(&format!("/api/3/action/datastore_info?id={distribution}")).await.is(200);
}

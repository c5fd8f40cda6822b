//! What clients of CKAN find of the catalogue.

use serde_json::{Value, json};

use super::portal::{Actor, Portal, air, beds, berths};

async fn result(actor: &Actor<'_>, action: &str) -> Value {
    let answer = actor.get(&format!("/api/3/action/{action}")).await.is(200).json();
    assert_eq!(answer["success"], true, "{action}");
    let name = action.split('?').next().unwrap();
    assert_eq!(answer["help"], format!("http://127.0.0.1:8080/api/3/action/help_show?name={name}"));
    answer["result"].clone()
}

fn names(list: &Value) -> Vec<String> {
    let name = |one: &Value| one["name"].as_str().or(one.as_str()).unwrap().to_owned();
    list.as_array().unwrap().iter().map(name).collect()
}

#[actix_web::test]
async fn a_dataset_is_a_package_with_everything_that_clients_look_for() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let package = result(&reader, "package_show?id=hospital-beds").await;
    assert_eq!(package["name"], "hospital-beds");
    assert_eq!(package["title"], "Hospital beds");
    assert_eq!(package["notes"], "Beds by ward and day.");
    assert_eq!(package["title_translated"]["de"], "Krankenhausbetten");
    assert_eq!(
        (&package["type"], &package["state"], &package["private"]),
        (&json!("dataset"), &json!("active"), &json!(false))
    );
    assert_eq!((&package["license_id"], &package["isopen"]), (&json!("cc-by"), &json!(true)));
    assert_eq!(package["license_url"], "https://creativecommons.org/licenses/by/4.0/");
    assert_eq!(package["organization"]["name"], "ardenport");
    assert_eq!(package["owner_org"], package["organization"]["id"]);
    assert_eq!(names(&package["groups"]), ["health"]);
    assert_eq!(names(&package["tags"]), ["Gesundheit", "health"]);
    assert_eq!((&package["num_tags"], &package["num_resources"]), (&json!(2), &json!(1)));
    let resource = &package["resources"][0];
    assert_eq!(resource["url"], "https://ardenport.example/beds.csv");
    assert_eq!(
        (&resource["format"], &resource["mimetype"], &resource["size"]),
        (&json!("CSV"), &json!("text/csv"), &json!(4096))
    );
    assert_eq!((&resource["package_id"], &resource["position"]), (&package["id"], &json!(0)));
    assert_eq!(resource["datastore_active"], false);
    let extra = |key: &str| {
        let extras = package["extras"].as_array().unwrap();
        extras.iter().find(|extra| extra["key"] == key).unwrap_or_else(|| panic!("{key}: {extras:?}"))["value"].clone()
    };
    assert_eq!(extra("identifier"), "beds-2024");
    assert_eq!(extra("issued"), "2024-01-15");
    assert_eq!(extra("theme"), "[\"https://themes.example/health\"]");
    assert_eq!(extra("publisher_name"), "City of Ardenport");
    for moment in ["metadata_created", "metadata_modified"] {
        let text = package[moment].as_str().unwrap();
        assert!(text.len() == "2024-01-01T00:00:00.000000".len() && !text.ends_with('Z'), "{moment}: {text}");
    }
    let by_id = format!("package_show?id={}", package["id"].as_str().unwrap());
    assert_eq!(result(&reader, &by_id).await, package);
    let posted = reader.post("/api/action/package_show", &json!({ "id": "hospital-beds" })).await.is(200).json();
    assert_eq!(posted["result"], package, "without the version of the API, and by POST");
    let by_resource = format!("resource_show?id={}", resource["id"].as_str().unwrap());
    assert_eq!(result(&reader, &by_resource).await, *resource);

    let answer = reader.get("/api/3/action/package_show?id=hospital-beds").await.is(200);
    let again = reader.clone().saying("if-none-match", &answer.header("etag"));
    again.get("/api/3/action/package_show?id=hospital-beds").await.is(304);
}

#[actix_web::test]
async fn a_table_is_found_from_its_package() {
    let portal = Portal::furnished().await;
    portal.load("hospital-beds", "beds.csv", b"ward,beds\nA,1\nB,2\n");
    let reader = portal.consumer_by_hand("reader").await;
    let package = result(&reader, "package_show?id=hospital-beds").await;
    assert_eq!(package["resources"][0]["datastore_active"], true);
    let id = package["resources"][0]["id"].as_str().unwrap();
    assert_eq!(result(&reader, &format!("datastore_search?resource_id={id}")).await["total"], 2);
}

#[actix_web::test]
async fn searches_take_what_clients_send() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let ids: Vec<String> = ["hospital-beds", "air-quality", "berths-of-the-harbour"]
        .iter()
        .map(|slug| {
            portal.state.catalog.db.read(|tx| fairground_catalog::dataset::get(tx, slug)).unwrap().id.to_string()
        })
        .collect();
    let beds = ids[0].as_str();
    let owner = result(&reader, "package_show?id=air-quality").await["owner_org"].as_str().unwrap().to_owned();
    for (asked, found) in [
        (json!({}), 3),
        (json!({ "q": "*:*" }), 3),
        (json!({ "q": "hospital" }), 1),
        (json!({ "q": "krankenhausbetten" }), 1),
        (json!({ "q": "hospital OR air" }), 2),
        (json!({ "q": "NOT hospital" }), 2),
        (json!({ "q": "title:hospital" }), 1),
        (json!({ "q": "organization:ardenport hospital" }), 1),
        (json!({ "fq": "organization:ardenport" }), 2),
        (json!({ "fq": "+organization:ardenport +tags:\"health\"" }), 1),
        (json!({ "fq": "organization:ardenport -tags:health" }), 1),
        (json!({ "fq": "organization:(ardenport OR port-authority)" }), 3),
        (json!({ "fq": ["organization:ardenport", "tags:environment"] }), 1),
        (json!({ "fq_list": ["organization:ardenport", "tags:environment"] }), 1),
        (json!({ "fq": format!("owner_org:{owner}") }), 2),
        (json!({ "fq": "owner_org:nobody" }), 0),
        (json!({ "fq": "groups:health" }), 1),
        (json!({ "fq": "groups:*" }), 1),
        (json!({ "fq": "-groups:*" }), 2),
        (json!({ "fq": "res_format:CSV" }), 3),
        (json!({ "fq": "res_format:c*" }), 3),
        (json!({ "fq": "license_id:cc-by" }), 2),
        (json!({ "fq": "tags:env*" }), 1),
        (json!({ "fq": format!("id:{beds}") }), 1),
        (json!({ "fq": format!("id:(\"{beds}\" OR \"{}\")", ids[1]) }), 2),
        (json!({ "fq": "name:air-quality" }), 1),
        (json!({ "fq": "name:air*" }), 1),
        (json!({ "fq": "name:nothing" }), 0),
        (json!({ "fq": "notes:\"ward and day\"" }), 1),
        (json!({ "fq": "dataset_type:dataset" }), 3),
        (json!({ "fq": "dataset_type:harvest" }), 0),
        (json!({ "fq": "state:active AND capacity:public" }), 3),
        (json!({ "fq": "state:deleted" }), 0),
        (json!({ "fq": "metadata_modified:[2024-01-01T00:00:00Z TO *]" }), 3),
        (json!({ "fq": "metadata_modified:[NOW-1DAY TO NOW+1DAY]" }), 3),
        (json!({ "fq": "metadata_modified:[* TO 2024-01-01T00:00:00Z]" }), 0),
        (json!({ "fq": "metadata_created:[NOW-1DAY TO *]" }), 3),
        (json!({ "fq": "modified:[2024-03-01T00:00:00Z TO 2024-03-02T00:00:00Z]" }), 1),
        (json!({ "fq": "issued:{2024-01-15 TO *}" }), 0),
        (json!({ "include_private": true, "include_drafts": true, "use_default_schema": true }), 3),
        (json!({ "ext_bbox": "0,0,1,1" }), 0),
    ] {
        let answer = reader.post("/api/3/action/package_search", &asked).await.is(200).json();
        assert_eq!(answer["result"]["count"], found, "{asked}: {answer}");
        assert_eq!(answer["result"]["results"].as_array().unwrap().len(), found, "{asked}");
    }
    let twice = result(&reader, "package_search?fq=organization:ardenport&fq=tags:environment").await;
    assert_eq!(twice["count"], 1, "conditions given one by one must all hold");
    // What people type is no query language.
    for typed in ["what is this: (", "\"", "AND", "a:b:c [", "-"] {
        reader.post("/api/3/action/package_search", &json!({ "q": typed })).await.is(200);
    }
}

#[actix_web::test]
async fn searches_are_ordered_paged_and_counted() {
    let portal = Portal::open().await;
    let many = (0..25).map(|n| {
        let mut draft = air();
        draft.identifier = format!("air-{n}");
        draft.title = super::portal::texts(&[("en", &format!("Air {:02}", (n * 7) % 25))]);
        draft
    });
    portal.harvest("ardenport", many.collect());
    portal.harvest("port-authority", vec![beds(), berths()]);
    let reader = portal.consumer_by_hand("reader").await;
    for (sort, first) in [
        ("title_string asc", "air-00"),
        ("title desc", "hospital-beds"),
        ("name asc", "air-00"),
        ("name desc", "hospital-beds"),
        ("id asc", "air-00"),
        ("views_recent desc, name desc", "hospital-beds"),
    ] {
        let query = format!("package_search?rows=1&sort={}", sort.replace(' ', "+"));
        let found = result(&reader, &query).await;
        assert_eq!((&found["results"][0]["name"], &found["sort"]), (&json!(first), &json!(sort)));
    }
    // Page after page gives each once, forwards and from anywhere.
    let all = names(&result(&reader, "package_search?rows=1000&sort=name+asc").await["results"]);
    assert_eq!(all.len(), 27);
    for (rows, start) in [(10, 0), (10, 10), (10, 20), (7, 13), (5, 26), (5, 27), (5, 99_999)] {
        let page = result(&reader, &format!("package_search?sort=name+asc&rows={rows}&start={start}")).await;
        let expected: Vec<String> = all.iter().skip(start).take(rows).cloned().collect();
        assert_eq!(names(&page["results"]), expected, "{rows} {start}");
        assert_eq!(page["count"], 27);
    }
    assert_eq!(result(&reader, "package_search?rows=0").await["results"], json!([]));

    let facets = "facet.field=%5B%22organization%22%2C%22tags%22%2C%22groups%22%2C%22license_id%22%2C%22colour%22%5D";
    let found = result(&reader, &format!("package_search?rows=0&{facets}")).await;
    assert_eq!(found["facets"]["organization"], json!({ "ardenport": 25, "port-authority": 2 }));
    assert_eq!(found["facets"]["groups"], json!({ "health": 1 }));
    assert_eq!(found["facets"]["license_id"], json!({ "cc-by": 26 }));
    assert_eq!(found["facets"]["colour"], json!({}));
    let item = &found["search_facets"]["groups"]["items"][0];
    assert_eq!(*item, json!({ "name": "health", "display_name": "Health", "count": 1 }));
    let found =
        result(&reader, &format!("package_search?rows=0&fq=organization:port-authority&facet.limit=1&{facets}")).await;
    assert_eq!(found["facets"]["organization"], json!({ "port-authority": 2 }), "counts keep to the conditions");
    assert_eq!(found["facets"]["tags"].as_object().unwrap().len(), 1);
    let found = result(&reader, &format!("package_search?rows=0&facet=false&{facets}")).await;
    assert_eq!(found["facets"], json!({}));

    let listed = result(&reader, "package_list").await;
    assert_eq!(names(&listed), all);
    assert_eq!(names(&result(&reader, "package_list?limit=3&offset=2").await), all[2..5]);
    let current = result(&reader, "current_package_list_with_resources?limit=2&offset=1").await;
    assert_eq!(current.as_array().unwrap().len(), 2);
    assert!(current[0]["resources"][0]["url"].is_string());
}

#[actix_web::test]
async fn publishers_themes_and_keywords_are_listed_as_in_ckan() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let organizations = result(&reader, "organization_list").await;
    assert_eq!(organizations, json!(["ardenport", "port-authority"]));
    let full = result(&reader, "organization_list?all_fields=true&sort=package_count+desc").await;
    assert_eq!(names(&full), ["ardenport", "port-authority"]);
    assert_eq!((&full[0]["package_count"], &full[0]["is_organization"]), (&json!(2), &json!(true)));
    assert_eq!(names(&result(&reader, "organization_list?limit=1&offset=1&sort=name").await), ["port-authority"]);
    let shown = result(&reader, "organization_show?id=ardenport&include_datasets=true").await;
    assert_eq!((&shown["package_count"], shown["packages"].as_array().unwrap().len()), (&json!(2), 2));
    let id = shown["id"].as_str().unwrap();
    assert_eq!(result(&reader, &format!("organization_show?id={id}")).await["name"], "ardenport");
    assert_eq!(names(&result(&reader, "organization_autocomplete?q=port").await), ["port-authority", "ardenport"]);

    assert_eq!(result(&reader, "group_list").await, json!(["health"]));
    let groups = result(&reader, "group_list?all_fields=true").await;
    assert_eq!((&groups[0]["title"], &groups[0]["package_count"]), (&json!("Health"), &json!(1)));
    let group = result(&reader, "group_show?id=health&include_datasets=true").await;
    assert_eq!(group["packages"][0]["name"], "hospital-beds");
    assert_eq!(names(&result(&reader, "group_package_show?id=health").await), ["hospital-beds"]);

    assert_eq!(result(&reader, "tag_list").await, json!(["Gesundheit", "environment", "health"]));
    assert_eq!(result(&reader, "tag_list?query=ENV").await, json!(["environment"]));
    assert_eq!(result(&reader, "tag_show?id=health").await["package_count"], 1);
    assert_eq!(result(&reader, "tag_search?query=h").await["count"], 2);
    assert_eq!(result(&reader, "tag_autocomplete?q=env").await, json!(["environment"]));
    assert_eq!(names(&result(&reader, "package_autocomplete?q=hosp").await), ["hospital-beds"]);
    let resources = result(&reader, "resource_search?query=name:table").await;
    assert_eq!(resources["count"], 3);
    let body = json!({ "query": ["format:csv", "url:beds"] });
    let found = reader.post("/api/3/action/resource_search", &body).await.is(200).json();
    assert_eq!(found["result"]["count"], 1);
}

#[actix_web::test]
async fn the_portal_is_a_ckan_site() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let status = result(&reader, "status_show").await;
    assert!(status["ckan_version"].as_str().unwrap().starts_with("2."), "{status}");
    assert_eq!(status["site_url"], "http://127.0.0.1:8080");
    assert_eq!(result(&reader, "site_read").await, true);
    assert!(result(&reader, "help_show?name=package_search").await.as_str().unwrap().contains("fq"));
    let licences = result(&reader, "license_list").await;
    assert!(licences.as_array().unwrap().iter().any(|it| it["id"] == "cc-by" && it["od_conformance"] == "approved"));
    for path in ["/api", "/api/3", "/api/3/"] {
        assert_eq!(reader.get(path).await.is(200).json(), json!({ "version": 3 }), "{path}");
    }
    let activities = result(&reader, "package_activity_list?id=air-quality").await;
    assert_eq!(activities[0]["activity_type"], "new package");
    assert_eq!(result(&reader, "recently_changed_packages_activity_list?limit=2").await.as_array().unwrap().len(), 2);
    let answer = reader.get("/api/3/action/site_read").await;
    assert!(!answer.header("ratelimit-cost").is_empty(), "it passes the hot path");
}

#[actix_web::test]
async fn what_cannot_be_done_is_refused_as_in_ckan() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    for (action, status, kind) in [
        ("package_show?id=nothing", 404, "Not Found Error"),
        ("package_show", 409, "Validation Error"),
        ("organization_show?id=nothing", 404, "Not Found Error"),
        ("group_show?id=nothing", 404, "Not Found Error"),
        ("tag_show?id=nothing", 404, "Not Found Error"),
        ("resource_show?id=nothing", 404, "Not Found Error"),
        ("resource_show?id=0192f0c1-2a4b-7000-8000-000000000000", 404, "Not Found Error"),
        ("help_show?name=nothing", 404, "Not Found Error"),
        ("resource_search?query=x", 409, "Validation Error"),
        ("resource_search?query=colour:x", 409, "Validation Error"),
        ("package_search?rows=x", 409, "Validation Error"),
        ("package_search?colour=red", 400, "Search Query Error"),
        ("package_search?fq=colour:red", 400, "Search Query Error"),
        ("package_search?fq=(a", 400, "Search Query Error"),
        ("package_search?fq=metadata_modified:%5Byesterday+TO+*%5D", 400, "Search Query Error"),
        ("package_search?sort=colour+asc", 400, "Search Query Error"),
        ("organization_list?sort=colour", 409, "Validation Error"),
        ("package_create", 403, "Authorization Error"),
    ] {
        let answer = reader.get(&format!("/api/3/action/{action}")).await.is(status).json();
        assert_eq!((&answer["success"], &answer["error"]["__type"]), (&json!(false), &json!(kind)), "{action}");
        assert!(answer["error"]["message"].is_string(), "{action}");
    }
    for action in ["no_such_thing", "", "a/b"] {
        let answer = reader.get(&format!("/api/3/action/{action}")).await.is(400).json();
        assert!(answer.as_str().unwrap().starts_with("Bad request - Action name not known"), "{answer}");
    }
    portal.harvest("ardenport", vec![beds()]);
    reader.get("/api/3/action/package_show?id=air-quality").await.is(404);
    assert_eq!(result(&reader, "package_search").await["count"], 2, "what is withdrawn is not told");
}

#[actix_web::test]
async fn keys_come_as_clients_of_ckan_send_them() {
    let portal = Portal::furnished().await;
    let (_, made) = portal.consumer("anna").await;
    let key = made["key"].as_str().unwrap();
    for field in ["authorization", "x-ckan-api-key"] {
        let actor = portal.visitor().saying(field, key);
        actor.get("/api/3/action/site_read").await.is(200);
        portal.visitor().saying(field, "fg_wrong").get("/api/3/action/site_read").await.is(401);
    }
}

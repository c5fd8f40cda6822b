//! Publishing by hand: upload first, edit, review, publish; sheets; members and the audit; CKAN's calls that write.

use fairground_catalog::account::Role;
use fairground_domain::Timestamp;
use serde_json::{Value, json};

use super::portal::{Actor, Answer, Portal};

const WARDS: &str = "ward,date,beds\nA,2024-01-01,3\nB,2024-01-02,4\nC,2024-01-03,5\nD,2024-01-04,6\nE,2024-01-05,7\n";

/// Sends a form with a file, as a browser or a client of CKAN does.
async fn send_form(actor: &Actor<'_>, path: &str, fields: &[(&str, &str)], file: (&str, &str, &str)) -> Answer {
    const MARK: &str = "a-line-between";
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!("--{MARK}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    let (field, name, content) = file;
    body.push_str(&format!(
        "--{MARK}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--{MARK}--\r\n"
    ));
    let kind = format!("multipart/form-data; boundary={MARK}");
    actor.clone().saying("content-type", &kind).send("POST", path, Some(body)).await
}

/// The same draft with a description good enough to be submitted; gives its path and revision.
async fn described(editor: &Actor<'_>, draft: &Value) -> (String, i64) {
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
    let mut description = draft["description"].clone();
    description["description"] = json!({ "en": "Beds by ward and day." });
    let body = json!({ "revision": draft["revision"], "description": description });
    let saved = editor.send("PUT", &path, Some(body.to_string())).await.is(200).json();
    (path, saved["revision"].as_i64().unwrap())
}

#[actix_web::test]
async fn a_file_goes_from_upload_through_review_to_everybody() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let reviewer = portal.staff(Role::Steward, Some("ardenport")).await;
    let visitor = portal.visitor();
    let fields = [("publisher", "ardenport"), ("language", "en")];
    let made = send_form(&editor, "/api/v1/drafts/from-file", &fields, ("file", "hospital_wards.csv", WARDS)).await;
    let told = made.is(201).json();
    let draft = &told["draft"];
    assert_eq!(draft["description"]["title"]["en"], "Hospital wards", "{told}");
    assert_eq!(draft["description"]["temporal"][0], json!({ "start": "2024-01-01", "end": "2024-01-05" }));
    assert_eq!(told["filled"], json!(["title", "temporal", "keyword", "frequency"]));
    assert_eq!((&told["screen"]["held"], &draft["files"][0]["tables"][0]["rows"]), (&json!(false), &json!(5)));
    let slug = draft["slug"].as_str().unwrap().to_owned();
    let table = draft["files"][0]["tables"][0]["id"].as_str().unwrap().to_owned();

    // Nothing of it is there for anybody else.
    let hidden = [format!("/api/v1/datasets/{slug}"), format!("/api/v1/tables/{table}/rows")];
    for path in &hidden {
        visitor.get(path).await.refused_as(404, "not-found");
    }
    let (path, revision) = described(&editor, draft).await;
    let checks = editor.get(&format!("{path}/checks")).await.is(200).json();
    assert_eq!((&checks["ready"], &checks["faults"]), (&json!(true), &json!([])), "{checks}");
    let seen = editor.get(&format!("{path}/preview")).await.is(200).json();
    assert_eq!((&seen["slug"], &seen["title"]), (&json!(slug), &json!("Hospital wards")));

    // The same name again takes the file's place.
    let sending = editor.clone().saying("content-type", "text/csv");
    let file = format!("{path}/files/hospital_wards.csv?revision={revision}");
    let again = sending.send("PUT", &file, Some(format!("{WARDS}F,2024-01-06,8\n"))).await.is(200).json();
    assert_eq!(again["draft"]["files"][0]["tables"][0]["rows"], 6, "{again}");
    let revision = again["draft"]["revision"].as_i64().unwrap();

    // An editor does not approve, and nobody is overtaken in silence.
    let stale = json!({ "revision": 1, "description": draft["description"] });
    let problem = editor.send("PUT", &path, Some(stale.to_string())).await.refused_as(409, "edit-conflict");
    assert_eq!(problem["current"]["revision"], json!(revision), "{problem}");
    let submitted = editor.post(&format!("{path}/submit"), &json!({ "revision": revision })).await.is(200).json();
    let seen = json!({ "revision": submitted["revision"] });
    editor.post(&format!("{path}/approve"), &seen).await.refused_as(403, "forbidden");
    let returned =
        json!({ "revision": submitted["revision"], "comments": [{ "pointer": "/title/en", "text": "Which?" }] });
    let returned = reviewer.post(&format!("{path}/return"), &returned).await.is(200).json();
    assert_eq!(returned["stage"]["returned"]["comments"][0]["pointer"], "/title/en");
    let again = json!({ "revision": returned["revision"] });
    assert_eq!(reviewer.get("/api/v1/reviews").await.is(200).json()["items"], json!([]), "it went back to its author");
    let submitted = editor.post(&format!("{path}/submit"), &again).await.is(200).json();
    let waiting = reviewer.get("/api/v1/reviews?publisher=ardenport").await.is(200).json();
    assert_eq!(
        (&waiting["items"][0]["id"], waiting["items"].as_array().unwrap().len()),
        (&draft["id"], 1),
        "{waiting}"
    );
    visitor.get(&hidden[0]).await.refused_as(404, "not-found");
    let seen = json!({ "revision": submitted["revision"], "when": "now" });
    let published = reviewer.post(&format!("{path}/approve"), &seen).await.is(200).json();
    assert_eq!((&published["stage"]["name"], &published["stage"]["version"]), (&json!("published"), &json!(1)));
    portal.state.catalog.catch_up().unwrap();
    assert_eq!(visitor.get(&hidden[0]).await.is(200).json()["title"], "Hospital wards");
    assert_eq!(visitor.get(&hidden[1]).await.is(200).json()["total"], 6);
    let history = editor.get(&format!("{path}/history")).await.is(200).json();
    let acts: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(acts.first(), Some(&"draft.created"));
    assert_eq!(acts.last(), Some(&"draft.published"));
}

#[actix_web::test]
async fn what_is_held_in_an_open_draft_is_repaired_without_another_upload() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let begun = json!({ "publisher": "ardenport", "description": { "title": "People of the baths", "description": "Who is in it." } });
    let draft = editor.post("/api/v1/drafts", &begun).await.is(201).json();
    assert_eq!(draft["description"]["title"], json!({ "und": "People of the baths" }));
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
    let people = "first_name,last_name,iban,joined\nAda,Byron,DE89370400440532013000,2019\nGrace,Murray,DE89370400440532013000,2020\n\
                  Alan,Mathison,DE89370400440532013000,2020\nEmmy,Noether,DE89370400440532013000,2019\n";
    let sending = editor.clone().saying("content-type", "text/csv");
    let file = format!("{path}/files/people.csv?revision={}", draft["revision"]);
    let sent = sending.send("PUT", &file, Some(people.to_owned())).await.is(200).json();
    assert_eq!(sent["screen"]["held"], true, "{sent}");
    let holds = editor.get("/api/v1/holds").await.is(200).json();
    let one = format!("/api/v1/holds/{}", holds["items"][0]["id"].as_str().unwrap());

    let repairs = json!([{ "do": "drop", "column": "first_name" }, { "do": "drop", "column": "last_name" },
                         { "do": "drop", "column": "iban" }]);
    let tried = editor.post(&format!("{one}/preview"), &json!({ "repairs": repairs })).await.is(200);
    assert!(!tried.text().contains("Byron") && !tried.text().contains("DE89"), "{}", tried.text());
    assert_eq!(tried.json()["passes"], true, "{}", tried.text());
    let order = json!({ "repairs": repairs, "because": "Only the years are of use." });
    assert_eq!(editor.post(&format!("{one}/repair"), &order).await.is(200).json()["state"], "repaired");

    let repaired = editor.get(&path).await.is(200).json();
    let columns = repaired["files"][0]["tables"][0]["columns"].as_array().unwrap().clone();
    assert_eq!(columns.iter().map(|column| column["name"].as_str().unwrap()).collect::<Vec<_>>(), ["joined"]);
    let checks = editor.get(&format!("{path}/checks")).await.is(200).json();
    assert_eq!(checks["ready"], true, "{checks}");
}

#[actix_web::test]
async fn a_description_is_edited_as_json_and_as_yaml() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let made = editor.post("/api/v1/drafts", &json!({ "publisher": "ardenport" })).await.is(201).json();
    let path = format!("/api/v1/drafts/{}/document", made["id"].as_str().unwrap());
    let first = editor.get(&format!("{path}.json")).await.is(200);
    let etag = first.header("etag").to_owned();
    assert_eq!(etag, "\"1\"");
    let yaml = "title:\n  en: Trees\n  de: Bäume\nkeyword:\n  en: [trees, parks]\n";
    let sending = editor.clone().saying("content-type", "application/yaml");
    sending.send("PUT", &format!("{path}.yaml"), Some(yaml.into())).await.refused_as(428, "precondition-required");
    let based = sending.clone().saying("if-match", &etag);
    let saved = based.send("PUT", &format!("{path}.yaml"), Some(yaml.into())).await.is(200);
    assert_eq!((saved.header("etag").as_str(), &saved.json()["revision"]), ("\"2\"", &json!(2)));
    based
        .send("PUT", &format!("{path}.yaml"), Some("title:\n  en: Other\n".into()))
        .await
        .refused_as(409, "edit-conflict");
    let shown = editor.get(&format!("{path}.json")).await.is(200).json();
    assert_eq!((&shown["title"]["de"], &shown["keyword"]["en"]), (&json!("Bäume"), &json!(["parks", "trees"])));
    let newer = sending.saying("if-match", "\"2\"");
    let problem = newer.send("PUT", &format!("{path}.yaml"), Some("titel: x\n".into())).await;
    let problem = problem.refused_as(422, "invalid-content");
    assert!(problem["errors"].to_string().contains("/titel"), "{problem}");
    editor.get(&format!("{path}.xml")).await.refused_as(404, "not-found");
    portal.visitor().get("/api/v1/drafts/schema").await.is(200);
}

/// A dataset of ardenport that was published by hand; gives its slug.
async fn published(editor: &Actor<'_>, reviewer: &Actor<'_>, title: &str) -> String {
    let description =
        json!({ "title": { "en": title }, "description": { "en": "Told." }, "landing_page": ["https://x.example/"] });
    let made = json!({ "publisher": "ardenport", "description": description });
    let made = editor.post("/api/v1/drafts", &made).await.is(201).json();
    let path = format!("/api/v1/drafts/{}", made["id"].as_str().unwrap());
    let seen = json!({ "revision": made["revision"] });
    let submitted = editor.post(&format!("{path}/submit"), &seen).await.is(200).json();
    let seen = json!({ "revision": submitted["revision"] });
    reviewer.post(&format!("{path}/approve"), &seen).await.is(200);
    made["slug"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn many_descriptions_are_edited_as_one_sheet() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let reviewer = portal.staff(Role::Steward, Some("ardenport")).await;
    let trees = published(&editor, &reviewer, "Trees").await;
    let parks = published(&editor, &reviewer, "Parks").await;
    let path = "/api/v1/publishers/ardenport/datasets.csv";
    let sheet = editor.get(path).await.is(200).text();
    assert_eq!(sheet.lines().count(), 3, "{sheet}");
    let sending = editor.clone().saying("content-type", "text/csv");
    let same = sending.send("POST", path, Some(sheet.clone())).await.is(200).json();
    assert_eq!((&same["changed"], &same["unchanged"]), (&json!(0), &json!(2)));
    let edited =
        format!("dataset,title[en],licence\n{trees},Street trees,https://creativecommons.org/licenses/by/4.0/\n");
    let dry = sending.send("POST", &format!("{path}?dry_run=true"), Some(edited.clone())).await.is(200).json();
    assert_eq!(dry["items"][0]["changed"], json!(["title[en]", "licence"]));
    assert_eq!(editor.get("/api/v1/drafts?stage=draft").await.json()["items"], json!([]));
    let kept = sending.send("POST", path, Some(edited)).await.is(200).json();
    let draft = editor.get(&format!("/api/v1/drafts/{}", kept["items"][0]["draft"].as_str().unwrap())).await.json();
    assert_eq!((&draft["slug"], &draft["description"]["title"]["en"]), (&json!(trees), &json!("Street trees")));
    // The sheet from before is older than that draft: what it says otherwise is told with both values, and nothing is kept.
    let stale = sending.send("POST", path, Some(sheet)).await.refused_as(409, "edit-conflict");
    let told = stale["errors"].as_array().unwrap();
    let title = told.iter().find(|it| it["pointer"].as_str().unwrap().ends_with("/title[en]")).unwrap();
    assert!(title["detail"].as_str().unwrap().contains("“Street trees”"), "{stale}");
    let after = editor.get(&format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap())).await.json();
    assert_eq!(after, draft);
    // One bad row, and nothing is kept.
    let bad = format!("dataset,title[en]\n{parks},New\nnothing,x\n");
    let problem = sending.send("POST", path, Some(bad)).await.refused_as(422, "invalid-content");
    assert_eq!(problem["errors"][0]["pointer"], "/3/dataset");
    assert_eq!(editor.get("/api/v1/drafts?stage=draft").await.json()["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn who_works_for_a_publisher_is_its_managers_affair() {
    let portal = Portal::furnished().await;
    let manager = portal.staff(Role::Steward, Some("ardenport")).await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let other = portal.staff(Role::Publisher, Some("port-authority")).await;
    let own = other.get("/api/v1/me").await.is(200).json();
    let account = own["account"]["id"].as_str().or(own["id"].as_str()).unwrap().to_owned();
    let path = "/api/v1/publishers/ardenport/members";
    let wanted = json!({ "account": account, "role": "editor" });
    editor.post(path, &wanted).await.refused_as(403, "forbidden");
    let made = manager.post(path, &wanted).await.is(201).json();
    let places = other.get("/api/v1/me/workplaces").await.is(200).json();
    let slugs: Vec<&str> =
        places["items"].as_array().unwrap().iter().map(|it| it["publisher"]["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["ardenport", "port-authority"]);
    other.post("/api/v1/drafts", &json!({ "publisher": "ardenport" })).await.is(201);
    manager.delete(&format!("{path}/{}", made["id"].as_str().unwrap())).await.is(204);
    other.post("/api/v1/drafts", &json!({ "publisher": "ardenport" })).await.refused_as(404, "not-found");

    let policy = "/api/v1/publishers/ardenport/review-policy";
    let window = json!({ "drafts": "objection-window", "days": 3, "trusts_sources": true, "revision": 0 });
    editor.send("PUT", policy, Some(window.to_string())).await.refused_as(403, "forbidden");
    assert_eq!(manager.send("PUT", policy, Some(window.to_string())).await.is(200).json()["revision"], 1);
    manager.send("PUT", policy, Some(window.to_string())).await.refused_as(409, "edit-conflict");
    let audit = manager.get("/api/v1/audit?publisher=ardenport").await.is(200).json();
    assert_eq!(audit["items"][0]["action"], "policy.changed", "{audit}");
    editor.get("/api/v1/audit?publisher=ardenport").await.refused_as(403, "forbidden");
    manager.get("/api/v1/audit").await.refused_as(403, "forbidden");
    let operator = portal.operator().await;
    let text = operator.get("/api/v1/audit.csv").await.is(200).text();
    assert!(text.starts_with("number,at,actor") && text.contains("role.granted"), "{text}");
}

#[actix_web::test]
async fn clients_of_ckan_write_into_drafts() {
    let portal = Portal::furnished().await;
    let reviewer = portal.staff(Role::Steward, Some("ardenport")).await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let package = json!({
        "name": "street-trees", "title": "Street trees", "notes": "Every tree.", "owner_org": "ardenport",
        "license_id": "cc-by", "tags": [{ "name": "trees" }],
        "resources": [{ "name": "Trees", "url": "https://ardenport.example/trees.csv", "format": "CSV" }],
    });
    let create = "/api/3/action/package_create";
    let refused = portal.visitor().post(create, &package).await.is(403).json();
    assert_eq!(refused["error"]["__type"], "Authorization Error");
    let missing = editor.post(create, &json!({ "name": "x" })).await.is(409).json();
    assert_eq!(missing["error"]["owner_org"], json!(["Missing value"]));
    let made = editor.post(create, &package).await.is(200).json();
    let result = &made["result"];
    assert_eq!(
        (&result["name"], &result["state"], &result["license_id"]),
        (&json!("street-trees"), &json!("draft"), &json!("cc-by")),
        "{made}"
    );
    portal.visitor().get("/api/v1/datasets/street-trees").await.refused_as(404, "not-found");
    let changed = json!({ "id": "street-trees", "title": "Trees of the city" });
    let patched = editor.post("/api/3/action/package_patch", &changed).await.is(200).json();
    assert_eq!(
        (&patched["result"]["title"], &patched["result"]["notes"]),
        (&json!("Trees of the city"), &json!("Every tree."))
    );
    let fields = [("package_id", "street-trees"), ("name", "Wards")];
    let added = send_form(&editor, "/api/3/action/resource_create", &fields, ("upload", "wards.csv", WARDS)).await;
    assert_eq!(added.is(200).json()["result"]["name"], "Wards");
    let drafts = editor.get("/api/v1/drafts").await.is(200).json();
    let card = &drafts["items"][0];
    assert_eq!((&card["slug"], &card["stage"]), (&json!("street-trees"), &json!("in-review")), "{drafts}");
    let id = card["id"].as_str().unwrap();
    let now = reviewer.get(&format!("/api/v1/drafts/{id}")).await.is(200).json();
    assert_eq!(now["stage"]["name"], "in-review", "{now}");
    let seen = json!({ "revision": now["revision"] });
    reviewer.post(&format!("/api/v1/drafts/{id}/approve"), &seen).await.is(200);
    portal.state.catalog.catch_up().unwrap();
    let shown = portal.visitor().get("/api/3/action/package_show?id=street-trees").await.is(200).json();
    assert_eq!(
        (&shown["result"]["state"], &shown["result"]["num_resources"]),
        (&json!("active"), &json!(2)),
        "{shown}"
    );
    editor.post("/api/3/action/package_delete", &json!({ "id": "street-trees" })).await.is(403);
    reviewer.post("/api/3/action/package_delete", &json!({ "id": "street-trees" })).await.is(200);
    portal.visitor().get("/api/v1/datasets/street-trees").await.refused_as(410, "gone");
}

#[actix_web::test]
async fn a_program_publishes_with_a_token_until_it_is_revoked() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let reviewer = portal.staff(Role::Steward, Some("ardenport")).await;
    let ends = Timestamp::now().plus_secs(30 * 86_400);
    let asked = json!({ "publisher": "ardenport", "name": "nightly", "expires_at": ends });
    let made = editor.post("/api/v1/me/publishing-tokens", &asked).await.is(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("fgp_") && secret.starts_with(made["hint"].as_str().unwrap()), "{made}");
    let listed = editor.get("/api/v1/me/publishing-tokens").await.is(200);
    assert!(!listed.text().contains(secret), "shown once");
    let program = portal.visitor().saying("authorization", &format!("Bearer {secret}"));

    // REST: a draft, a file of plain bytes under its name, and on to review.
    let begun = json!({ "publisher": "ardenport", "description": {
        "title": { "en": "Beds" }, "description": { "en": "Beds by ward and day." } } });
    let draft = program.post("/api/v1/drafts", &begun).await.is(201).json();
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
    let put = format!("{path}/files/wards.csv?revision={}", draft["revision"]);
    let told = program.send("PUT", &put, Some(WARDS.to_owned())).await.is(200).json();
    assert_eq!(told["draft"]["files"][0]["tables"][0]["rows"], 5, "{told}");
    let revision = json!({ "revision": told["draft"]["revision"] });
    let waiting = program.post(&format!("{path}/submit"), &revision).await.is(200).json();
    let seen = json!({ "revision": waiting["revision"] });
    program.post(&format!("{path}/approve"), &seen).await.refused_as(403, "forbidden");
    reviewer.post(&format!("{path}/approve"), &seen).await.is(200);

    // CKAN: the token as its clients send keys.
    let ckan = portal.visitor().saying("authorization", secret);
    let package = json!({ "name": "street-noise", "owner_org": "ardenport", "title": "Noise", "notes": "Decibels." });
    ckan.post("/api/3/action/package_create", &package).await.is(200);
    let old = portal.visitor().saying("x-ckan-api-key", secret);
    old.get("/api/3/action/package_show?id=street-noise").await.is(200);

    // It opens nothing else, and neither does one that is mistyped.
    program.get("/api/v1/me").await.refused_as(401, "sign-in-required");
    program.get("/api/v1/publishers/ardenport/members").await.refused_as(401, "sign-in-required");
    program.post("/api/v1/me/publishing-tokens", &asked).await.refused_as(401, "sign-in-required");
    let other = if secret.ends_with('x') { 'y' } else { 'x' };
    let mistyped = portal.visitor().saying("authorization", &format!("Bearer {}{other}", &secret[..42]));
    mistyped.get("/api/v1/drafts").await.refused_as(401, "sign-in-required");

    let id = made["id"].as_str().unwrap();
    reviewer.delete(&format!("/api/v1/publishing-tokens/{id}")).await.is(204);
    program.get("/api/v1/drafts").await.refused_as(401, "sign-in-required");
    ckan.post("/api/3/action/package_patch", &json!({ "id": "street-noise", "title": "x" })).await.is(401);
    let too_long =
        json!({ "publisher": "ardenport", "name": "x", "expires_at": Timestamp::now().plus_secs(366 * 86_400) });
    editor.post("/api/v1/me/publishing-tokens", &too_long).await.refused_as(422, "invalid-content");
}

#[actix_web::test]
async fn a_file_that_is_put_into_a_draft_arrives_byte_for_byte() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let draft = editor.post("/api/v1/drafts", &json!({ "publisher": "ardenport" })).await.is(201).json();
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
    let mut revision = draft["revision"].as_i64().unwrap();
    // Whatever the client calls it: programs name a type, another one, or none.
    for (place, kind) in [None, Some("text/csv"), Some("application/octet-stream")].into_iter().enumerate() {
        let name = format!("wards-{place}.csv");
        let sending = kind.map_or_else(|| editor.clone(), |kind| editor.clone().saying("content-type", kind));
        let put = format!("{path}/files/{name}?revision={revision}");
        let told = sending.send("PUT", &put, Some(WARDS.to_owned())).await.is(200).json();
        let files = told["draft"]["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["file_name"] == json!(name)).unwrap_or_else(|| panic!("{told}"));
        assert_eq!((&file["bytes"], &file["tables"][0]["rows"]), (&json!(WARDS.len()), &json!(5)), "{told}");
        revision = told["draft"]["revision"].as_i64().unwrap();
    }
    let put = format!("{path}/files/none.csv?revision={revision}");
    editor.send("PUT", &put, Some(String::new())).await.refused_as(422, "invalid-content");
}

#[actix_web::test]
async fn clients_of_ckan_find_their_own_drafts_and_nobody_else_does() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let other = portal.staff(Role::Publisher, Some("port-authority")).await;
    let package = json!({ "name": "street-noise", "owner_org": "ardenport", "title": "Noise", "notes": "Decibels.", "private": true });
    editor.post("/api/3/action/package_create", &package).await.is(200);
    let shown = editor.get("/api/3/action/package_show?id=street-noise").await.is(200);
    assert_eq!(shown.header("cache-control"), "private, no-cache");
    let shown = shown.json();
    assert_eq!((&shown["result"]["state"], &shown["result"]["private"]), (&json!("draft"), &json!(true)), "{shown}");
    let id = shown["result"]["id"].as_str().unwrap();
    let search = "/api/3/action/package_search";
    let public =
        portal.visitor().get(&format!("{search}?rows=0")).await.is(200).json()["result"]["count"].as_u64().unwrap();
    for asked in ["include_drafts=true", "include_private=true&q=decibels", "include_drafts=true&fq=%2Bstate:draft"] {
        let found = editor.get(&format!("{search}?{asked}")).await.is(200).json();
        assert_eq!(found["result"]["results"][0]["name"], "street-noise", "{asked}: {found}");
        for actor in [&portal.visitor(), &other] {
            let found = actor.get(&format!("{search}?{asked}")).await.is(200);
            assert!(!found.text().contains("street-noise"), "{asked}");
        }
    }
    let all = editor.get(&format!("{search}?include_drafts=true&rows=1")).await.is(200).json();
    assert_eq!(all["result"]["count"].as_u64(), Some(public + 1), "{all}");
    let next = editor.get(&format!("{search}?include_drafts=true&rows=1&start=1")).await.is(200).json();
    assert_eq!(next["result"]["results"].as_array().unwrap().len(), 1);
    assert_ne!(next["result"]["results"][0]["name"], "street-noise");
    // Who does not ask for drafts is given none.
    let plain = editor.get(search).await.is(200);
    assert!(!plain.text().contains("street-noise"));
    for name in ["street-noise", id] {
        for actor in [&portal.visitor(), &other] {
            actor.get(&format!("/api/3/action/package_show?id={name}")).await.is(404);
        }
    }
}

#[actix_web::test]
async fn letters_tell_reviewers_and_authors_once() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let reviewer = portal.staff(Role::Steward, Some("ardenport")).await;
    let before = portal.letters(0).await.len();
    let slug = published(&editor, &reviewer, "Benches").await;
    assert_eq!(portal.state.write_work_letters().unwrap(), 1, "what is approved already waits for nobody");
    assert_eq!(portal.state.write_work_letters().unwrap(), 0);
    let letters = portal.letters(before + 1).await;
    let told: Vec<&String> = letters.iter().filter(|letter| letter.contains("Benches")).collect();
    assert!(told.len() == 1 && told[0].contains("/workspace/drafts/"), "{letters:?}");

    editor.send("PUT", "/api/v1/me/work-letters", Some(json!({ "wanted": false }).to_string())).await.is(200);
    assert_eq!(editor.get("/api/v1/me/work-letters").await.is(200).json()["wanted"], json!(false));
    let begun = editor.post("/api/v1/drafts", &json!({ "dataset": slug })).await.is(201).json();
    let path = format!("/api/v1/drafts/{}", begun["id"].as_str().unwrap());
    let waiting =
        editor.post(&format!("{path}/submit"), &json!({ "revision": begun["revision"] })).await.is(200).json();
    assert!(portal.state.write_work_letters().unwrap() >= 1, "its reviewers");
    reviewer.post(&format!("{path}/approve"), &json!({ "revision": waiting["revision"] })).await.is(200);
    assert_eq!(portal.state.write_work_letters().unwrap(), 0, "its author wants quiet");
}

#[actix_web::test]
async fn a_harvested_dataset_is_corrected_and_the_correction_taken_back() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let reviewer = portal.staff(Role::Steward, Some("ardenport")).await;
    let stranger = portal.staff(Role::Steward, Some("port-authority")).await;
    let draft = editor.post("/api/v1/drafts", &json!({ "dataset": "air-quality" })).await.is(201).json();
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
    let mut description = draft["description"].clone();
    description["title"]["en"] = json!("Air of the city");
    // What only the source says is refused by its name.
    let mut foreign = description.clone();
    foreign["distribution"] = json!([]);
    let wrong = json!({ "revision": draft["revision"], "description": foreign }).to_string();
    let problem = editor.send("PUT", &path, Some(wrong)).await.refused_as(422, "invalid-content");
    assert!(problem.to_string().contains("distribution"), "{problem}");
    let body = json!({ "revision": draft["revision"], "description": description }).to_string();
    let saved = editor.send("PUT", &path, Some(body)).await.is(200).json();
    let waiting =
        editor.post(&format!("{path}/submit"), &json!({ "revision": saved["revision"] })).await.is(200).json();
    reviewer.post(&format!("{path}/approve"), &json!({ "revision": waiting["revision"] })).await.is(200);
    let title = async || portal.visitor().get("/api/v1/datasets/air-quality").await.is(200).json()["title"].to_string();
    assert!(title().await.contains("Air of the city"));
    portal.harvest("ardenport", vec![super::portal::beds(), super::portal::air()]);
    assert!(title().await.contains("Air of the city"));

    let corrections = "/api/v1/datasets/air-quality/corrections";
    let known = editor.get(corrections).await.is(200).json();
    assert_eq!(known["items"].as_array().unwrap().len(), 1, "{known}");
    assert_eq!(known["items"][0]["field"], "title");
    assert!(known["items"][0]["original"].to_string().contains("Air quality"), "{known}");
    stranger.get(corrections).await.refused_as(404, "not-found");
    let versions = portal.visitor().get("/api/v1/datasets/air-quality/versions/2/comparison").await.is(200).json();
    assert!(
        versions.to_string().contains("Air of the city") && versions.to_string().contains("Air quality"),
        "{versions}"
    );

    let back = format!("{corrections}/take-back");
    editor.post(&back, &json!({ "fields": ["keyword"] })).await.refused_as(404, "not-found");
    let begun = editor.post(&back, &json!({ "fields": ["title"] })).await.is(201).json();
    assert_eq!(begun["description"]["title"]["en"], json!("Air quality"), "{begun}");
    editor.post(&back, &json!({ "fields": ["title"] })).await.refused_as(409, "taken");
}

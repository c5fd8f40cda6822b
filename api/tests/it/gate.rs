//! The personal-data gate: what it holds is found nowhere, by nobody but those who decide about it.

use fairground_catalog::account::Role;
use fairground_catalog::gate::{
    self, Clearance, FileScreening, HoldFilter, HoldId, ReleaseReason, Report, Verdict, judge_file,
};
use fairground_catalog::member::Actor as Member;
use fairground_catalog::{dataset, harvest};
use fairground_domain::{ContentHash, DatasetDraft, LocalizedText};
use fairground_screen::{Rules, Screen};
use serde_json::json;

use super::portal::{Actor, Portal, air, beds, berths};

/// A word that stands in the title of what is held, and nowhere else.
const MARK: &str = "quendelbach";

/// A dataset whose description tells somebody's bank account.
fn held() -> DatasetDraft {
    DatasetDraft {
        identifier: "held-1".into(),
        title: LocalizedText::undetermined("Quendelbach payments"),
        description: LocalizedText::undetermined(
            "Fees of Ada Byron, paid monthly to her account DE89 3704 0044 0532 0130 00.",
        ),
        ..beds()
    }
}

/// The same, mended at its source.
fn mended() -> DatasetDraft {
    DatasetDraft { description: LocalizedText::undetermined("Fees by month."), ..held() }
}

/// A file of persons, as the screen sees it.
fn persons() -> Report {
    let mut screen = Screen::new(Rules::default());
    screen.begin_table("beds", &["first_name", "last_name", "iban"]);
    let people = [("Ada", "Byron"), ("Grace", "Murray"), ("Alan", "Mathison"), ("Emmy", "Noether")];
    for (number, (first, last)) in (2..).zip(people) {
        screen.row(number, &[first, last, "DE89370400440532013000"]);
    }
    screen.finish()
}

fn ids(portal: &Portal, name: &str) -> (String, String) {
    let found = portal.state.catalog.db.read(|tx| dataset::get(tx, name)).unwrap();
    (found.id.to_string(), found.slug.to_string())
}

fn open_hold(portal: &Portal) -> HoldId {
    let filter = HoldFilter { state: Some(gate::HoldState::Open), ..HoldFilter::default() };
    let holds = portal.state.catalog.db.read(|tx| gate::list(tx, &Member::command_line(), &filter, 10)).unwrap();
    assert_eq!(holds.len(), 1, "{holds:?}");
    holds[0].id
}

/// Every public list and document.
const CHANNELS: &[&str] = &[
    "/api/v1/datasets?limit=100&facets=publisher,theme,format,licence,keyword",
    "/api/v1/datasets?q=quendelbach",
    "/api/v1/datasets?q=payments",
    "/api/v1/suggest?q=quend",
    "/api/v1/changes?since=0&limit=1000",
    "/api/v1/publishers",
    "/api/v1/publishers/ardenport",
    "/api/v1/tables?limit=100",
    "/api/v1/themes",
    "/api/v1/popular-datasets",
    "/api/v1/quality",
    "/api/v1/publishers/ardenport/quality",
    "/api/v1/transparency",
    "/api/v1/register",
    "/api/v1/datasets/hospital-beds/similar",
    "/catalog.ttl",
    "/catalog.rdf",
    "/catalog.jsonld",
    "/catalog.nt",
    "/data.json",
    "/dcat-us-3.json",
    "/sitemap.xml",
    "/feeds/datasets.atom",
    "/feeds/publishers/ardenport.atom",
    "/feeds/themes/health.atom",
    "/feeds/search.atom?q=quendelbach",
    "/feeds/transparency.atom",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    "/oai?verb=ListRecords&metadataPrefix=dcat",
    "/oai?verb=ListSets",
    "/api/3/action/package_list",
    "/api/3/action/package_search?q=quendelbach",
    "/api/3/action/package_search?rows=100&facet.field=[\"organization\",\"tags\"]",
    "/api/3/action/current_package_list_with_resources",
    "/api/3/action/recently_changed_packages_activity_list",
    "/api/3/action/organization_list?all_fields=true",
    "/api/3/action/organization_show?id=ardenport&include_datasets=true",
    "/api/3/action/tag_list",
    "/api/3/action/package_autocomplete?q=quend",
    "/api/3/action/resource_search?query=name:quendelbach",
];

/// What answers about one dataset, by its id or slug.
fn addresses(name: &str) -> Vec<String> {
    let api = ["", "/versions", "/versions/1", "/similar", "/screen", "/quality", "/tables", "/questions"];
    let mut all: Vec<String> = api.iter().map(|part| format!("/api/v1/datasets/{name}{part}")).collect();
    all.extend(["croissant.json", "datapackage.json"].map(|file| format!("/api/v1/datasets/{name}/{file}")));
    all.extend(["ttl", "rdf", "jsonld"].map(|ending| format!("/datasets/{name}.{ending}")));
    all.push(format!("/feeds/datasets/{name}.atom"));
    all.push(format!("/api/3/action/package_show?id={name}"));
    all.push(format!("/api/3/action/package_activity_list?id={name}"));
    all
}

/// Nothing of the dataset is told anywhere, and its own addresses know nothing.
async fn is_found_nowhere(visitor: &Actor<'_>, id: &str, slug: &str) {
    for channel in CHANNELS {
        let answer = visitor.get(channel).await;
        let text = answer.text().to_lowercase();
        // What was asked for is repeated by some answers.
        let told = text.replace(&format!("q={MARK}"), "").replace(&format!("\"{MARK}\""), "");
        for word in [id, slug, "quendelbach payments", "ada byron", "held-1"] {
            assert!(!told.contains(word), "{channel} tells `{word}`: {text}");
        }
    }
    for name in [id, slug] {
        for address in addresses(name) {
            let answer = visitor.get(&address).await;
            assert_eq!(answer.status, 404, "{address}: {}", answer.text());
        }
    }
    let record = format!("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:{id}");
    assert!(visitor.get(&record).await.text().contains("idDoesNotExist"), "{record}");
}

#[actix_web::test]
async fn a_held_description_is_found_nowhere_until_a_reviewer_releases_it() {
    let portal = Portal::open().await;
    portal.harvest("port-authority", vec![berths()]);
    let job = portal.harvest("ardenport", vec![beds(), air(), held()]);
    let visitor = portal.visitor();
    let (id, slug) = ids(&portal, "quendelbach-payments");

    // The harvest's sums are true all the same.
    let sums = portal.state.catalog.db.read(|tx| harvest::get_job(tx, job)).unwrap().progress.sums;
    assert_eq!(serde_json::to_value(sums).unwrap()["datasets"]["created"], 3);
    // The channels do tell of what is public, or the rest would prove nothing.
    for channel in ["/api/v1/datasets?limit=100", "/catalog.ttl", "/feeds/datasets.atom", "/data.json"] {
        assert!(visitor.get(channel).await.text().contains("Hospital beds"), "{channel}");
    }
    let all = visitor.get("/api/v1/datasets?limit=100&facets=publisher").await.is(200).json();
    assert_eq!(all["total"], 3, "{all}");
    is_found_nowhere(&visitor, &id, &slug).await;

    // The same record again is no news, and holds nothing twice.
    let again = portal.harvest("ardenport", vec![beds(), air(), held()]);
    let sums = portal.state.catalog.db.read(|tx| harvest::get_job(tx, again)).unwrap().progress.sums;
    assert_eq!(serde_json::to_value(sums).unwrap()["datasets"]["unchanged"], 3);
    let hold = open_hold(&portal);

    // A reviewer of the body releases it, with a reason.
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let path = format!("/api/v1/holds/{hold}/release");
    let reason = json!({ "reason": "legal-duty", "because": "The statute on fees orders it, section 4." });
    let released = steward.post(&path, &reason).await.is(200).json();
    assert_eq!(released["state"], "released");
    portal.state.catalog.catch_up().unwrap();

    let found = visitor.get("/api/v1/datasets?q=quendelbach").await.is(200).json();
    assert_eq!(found["total"], 1, "{found}");
    visitor.get(&format!("/api/v1/datasets/{slug}")).await.is(200);
    let changes = visitor.get("/api/v1/changes?since=0&limit=1000").await.text();
    assert!(changes.contains(&slug), "{changes}");
    // Everybody reads why, and nobody what.
    let screen = visitor.get(&format!("/api/v1/datasets/{slug}/screen")).await.is(200);
    let (text, screen) = (screen.text(), screen.json());
    assert_eq!(screen["screened"][0]["released"]["reason"], "legal-duty", "{screen}");
    assert!(!text.contains("examples") && !text.contains("row_numbers"), "{text}");
}

#[actix_web::test]
async fn what_is_mended_at_its_source_comes_into_view_without_its_past() {
    let portal = Portal::open().await;
    portal.harvest("ardenport", vec![beds(), held()]);
    let (id, slug) = ids(&portal, "quendelbach-payments");
    portal.harvest("ardenport", vec![beds(), mended()]);
    let visitor = portal.visitor();
    let shown = visitor.get(&format!("/api/v1/datasets/{slug}")).await.is(200).json();
    assert_eq!(shown["id"], id.as_str());
    let versions = visitor.get(&format!("/api/v1/datasets/{slug}/versions")).await.is(200);
    assert_eq!(versions.json()["items"].as_array().unwrap().len(), 1, "{}", versions.text());
    for address in addresses(&slug) {
        assert!(!visitor.get(&address).await.text().contains("DE89"), "{address}");
    }
}

#[actix_web::test]
async fn a_public_description_stays_while_its_next_version_waits() {
    let portal = Portal::open().await;
    portal.harvest("ardenport", vec![mended()]);
    let visitor = portal.visitor();
    let address = "/api/v1/datasets/quendelbach-payments";
    portal.harvest("ardenport", vec![held()]);
    let shown = visitor.get(address).await.is(200).json();
    assert_eq!((&shown["revision"], &shown["description"]), (&json!(1), &json!("Fees by month.")), "{shown}");
    assert!(!shown.to_string().contains("DE89"));
    let hold = open_hold(&portal);
    let operator = portal.operator().await;
    let reason = json!({ "reason": "not-personal", "because": "It is the account of a foundation." });
    operator.post(&format!("/api/v1/holds/{hold}/release"), &reason).await.is(200);
    portal.state.catalog.catch_up().unwrap();
    let shown = visitor.get(address).await.is(200).json();
    assert_eq!(shown["revision"], 2, "{shown}");
}

#[actix_web::test]
async fn a_held_file_takes_its_dataset_out_of_view_and_a_later_one_leaves_it() {
    let portal = Portal::open().await;
    portal.harvest("ardenport", vec![air(), held_by_its_file()]);
    let visitor = portal.visitor();
    let (id, slug) = ids(&portal, "quendelbach-payments");
    visitor.get(&format!("/api/v1/datasets/{slug}")).await.is(200);
    let screening = |report: Report| FileScreening { name: "q.csv".into(), report, repairs: None, authors: Vec::new() };
    let judge = |content: &str, report: Report| {
        let db = &portal.state.catalog.db;
        let home = db.read(|tx| dataset::get(tx, &slug)).unwrap();
        let (file, hash) = (home.distribution_ids()[0], ContentHash::of(content.as_bytes()));
        let judged = db.write(|tx| judge_file(tx, home.id, file, hash, &screening(report))).unwrap();
        portal.state.catalog.catch_up().unwrap();
        portal.state.follow_now().unwrap();
        judged
    };
    assert_eq!(persons().verdict, Verdict::Hold);
    let first = judge("persons", persons());
    assert!(matches!(first, Clearance::Held(_)));
    is_found_nowhere(&visitor, &id, &slug).await;
    // The same file is the same hold.
    assert_eq!(judge("persons", persons()), first);

    // Its publisher mends the file: nothing stands in the way any more.
    assert_eq!(judge("mended", gate::passing_report()), Clearance::Clear);
    visitor.get(&format!("/api/v1/datasets/{slug}")).await.is(200);
    let table = portal.load(&slug, "q.csv", b"month,fees\n1,20\n2,30\n").remove(0);

    // A later version with persons in it leaves the one before where it is.
    assert!(matches!(judge("persons again", persons()), Clearance::Held(_)));
    visitor.get(&format!("/api/v1/datasets/{slug}")).await.is(200);
    visitor.get(&format!("/api/v1/tables/{}/rows", table.id)).await.is(200);
}

fn held_by_its_file() -> DatasetDraft {
    mended()
}

#[actix_web::test]
async fn tables_of_a_held_dataset_are_not_there() {
    let portal = Portal::open().await;
    portal.harvest("ardenport", vec![mended()]);
    let slug = "quendelbach-payments";
    let table = portal.load(slug, "q.csv", b"month,fees\n1,20\n2,30\n").remove(0);
    let visitor = portal.visitor();
    visitor.get(&format!("/api/v1/tables/{}/rows", table.id)).await.is(200);
    // Another file of it is found to hold persons: rules that changed would do the same.
    let db = &portal.state.catalog.db;
    let home = db.read(|tx| dataset::get(tx, slug)).unwrap();
    let stale = gate::StaleFile {
        dataset: home.id,
        distribution: home.distribution_ids()[0],
        name: "q.csv".into(),
        source_hash: ContentHash::of(b"month,fees\n1,20\n2,30\n"),
        tables: Vec::new(),
        repairs: None,
    };
    let found = FileScreening { name: "q.csv".into(), report: persons(), repairs: None, authors: Vec::new() };
    db.write(|tx| gate::rejudge_file(tx, &stale, &found)).unwrap();
    portal.state.catalog.catch_up().unwrap();
    portal.state.follow_now().unwrap();
    for name in [table.id.to_string(), table.slug.to_string(), home.distribution_ids()[0].to_string()] {
        for part in
            ["", "/rows", "/versions", "/aggregate?aggregate=count", "/export.csv", "/openapi.json", "/quarantine.csv"]
        {
            let answer = visitor.get(&format!("/api/v1/tables/{name}{part}")).await;
            assert_eq!(answer.status, 404, "{name}{part}: {}", answer.text());
        }
    }
    let list = visitor.get("/api/v1/tables?limit=100").await.is(200).text();
    assert!(!list.contains(&table.id.to_string()), "{list}");
    let answer = visitor.get(&format!("/api/3/action/datastore_search?resource_id={}", table.id)).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    // It was public as it is, so a release brings it back at once.
    let hold = open_hold(&portal);
    let release = |tx: &mut fairground_catalog::Tx<'_>| {
        gate::release(tx, &Member::command_line(), hold, ReleaseReason::Anonymised, "Names were made up for training.")
    };
    db.write(release).unwrap();
    portal.state.catalog.catch_up().unwrap();
    portal.state.follow_now().unwrap();
    visitor.get(&format!("/api/v1/tables/{}/rows", table.id)).await.is(200);
}

#[actix_web::test]
async fn holds_are_for_those_who_decide_about_them() {
    let portal = Portal::open().await;
    portal.harvest("port-authority", vec![berths()]);
    portal.harvest("ardenport", vec![beds(), held()]);
    let hold = open_hold(&portal);
    let (list, one) = ("/api/v1/holds", format!("/api/v1/holds/{hold}"));
    let reason = json!({ "reason": "consent", "because": "She has agreed in writing." });
    let release = format!("{one}/release");

    portal.visitor().get(list).await.refused_as(401, "sign-in-required");
    portal.visitor().get(&one).await.refused_as(401, "sign-in-required");
    let stranger = portal.staff(Role::Steward, Some("port-authority")).await;
    assert_eq!(stranger.get(list).await.is(200).json()["items"], json!([]));
    stranger.get(&one).await.refused_as(404, "not-found");
    stranger.post(&release, &reason).await.refused_as(404, "not-found");

    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let seen = editor.get(&one).await.is(200);
    let (text, seen) = (seen.text(), seen.json());
    assert_eq!(
        (&seen["state"], &seen["subject"], &seen["whole"]),
        (&json!("open"), &json!("description"), &json!(true))
    );
    let evidence = &seen["report"]["findings"][0];
    assert!(
        evidence["examples"][0].as_str().unwrap().chars().all(|c| !c.is_alphanumeric() || "x9".contains(c)),
        "{text}"
    );
    assert!(!text.contains("DE89") && !text.contains("Byron"), "{text}");
    editor.post(&release, &reason).await.refused_as(403, "forbidden");
    // Texts are mended where they were written.
    let repair = json!({ "repairs": [{ "do": "drop", "column": "x" }], "because": "Nobody needs that column." });
    editor.post(&format!("{one}/repair"), &repair).await.refused_as(422, "invalid-content");

    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    for bad in [
        json!({ "reason": "because", "because": "She has agreed in writing." }),
        json!({ "reason": "consent", "because": "ok" }),
    ] {
        steward.post(&release, &bad).await.refused_as(422, "invalid-content");
    }
    assert_eq!(steward.post(&release, &json!({ "reason": "consent" })).await.status / 100, 4);
    steward.post(&format!("{one}/reject"), &json!({ "because": "It is nobody's business." })).await.is(200);
    // Who thinks better of it may still release it; then it is decided.
    assert_eq!(steward.post(&release, &reason).await.is(200).json()["decision"]["reason"], "consent");
    steward.post(&release, &reason).await.refused_as(409, "conflict");
    let operator = portal.operator().await;
    assert_eq!(operator.get(list).await.is(200).json()["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn whoever_put_a_file_in_cannot_release_it() {
    let portal = Portal::open().await;
    portal.harvest("ardenport", vec![beds()]);
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let people = "first_name,last_name,iban\nAda,Byron,DE89370400440532013000\nGrace,Murray,DE89370400440532013000\n\
                  Alan,Mathison,DE89370400440532013000\nEmmy,Noether,DE89370400440532013000\n";
    let path = "/api/v1/datasets/hospital-beds/tables/people.csv";
    let held = steward.send("PUT", path, Some(people.to_owned())).await.is(202);
    assert_eq!(held.json()["items"], json!([]));
    let hold = open_hold(&portal);
    let one = format!("/api/v1/holds/{hold}");
    let reason = json!({ "reason": "consent", "because": "They have agreed in writing." });
    steward.post(&format!("{one}/release"), &reason).await.refused_as(403, "forbidden");
    // The dataset and what it had stay; nothing of the file is there.
    let visitor = portal.visitor();
    visitor.get("/api/v1/datasets/hospital-beds").await.is(200);
    assert!(!visitor.get("/api/v1/tables?limit=100").await.text().contains("people"));

    // Repairs can be tried on the file that waits; its values are not told.
    let repairs = json!([{ "do": "drop", "column": "first_name" }, { "do": "drop", "column": "last_name" },
                         { "do": "mask", "column": "iban" }]);
    let tried = steward.post(&format!("{one}/preview"), &json!({ "repairs": repairs })).await.is(200);
    assert!(!tried.text().contains("Byron") && !tried.text().contains("DE89"), "{}", tried.text());
    assert_eq!(tried.json()["passes"], true, "{}", tried.text());
    steward.post(&format!("{one}/preview"), &json!({ "repairs": [] })).await.refused_as(422, "invalid-content");
    let nonsense = json!({ "repairs": [{ "do": "drop", "column": "no such column" }] });
    steward.post(&format!("{one}/preview"), &nonsense).await.refused_as(422, "invalid-content");
    let order = json!({ "repairs": repairs, "because": "Only the number of rows is of use." });
    assert_eq!(steward.post(&format!("{one}/repair"), &order).await.is(200).json()["state"], "repaired");
}

#[actix_web::test]
async fn the_rules_are_public() {
    let portal = Portal::open().await;
    let rules = portal.visitor().get("/api/v1/screen").await.is(200).json();
    assert_eq!((&rules["rules"], &rules["mode"]), (&json!(gate::RULES_VERSION), &json!("hold")));
    assert!(rules["kinds"].as_array().unwrap().len() > 15 && rules["reasons"].as_array().unwrap().len() == 6);
    // A portal that only reports says so in the public journal.
    let db = &portal.state.catalog.db;
    db.write(|tx| gate::declare(tx, gate::GateMode::Report)).unwrap();
    let changes = portal.visitor().get("/api/v1/changes?since=0&limit=1000").await.text();
    assert!(changes.contains("gate.changed"), "{changes}");
    portal.harvest("ardenport", vec![held()]);
    let screen = portal.visitor().get("/api/v1/datasets/quendelbach-payments/screen").await.is(200).json();
    assert_eq!((&screen["verdict"], &screen["mode"]), (&json!("hold"), &json!("report")));
}

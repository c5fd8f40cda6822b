//! The portal read by clients that others wrote: ckanapi and sickle (tests/conformance). They run where
//! `FAIRGROUND_TEST_PYTHON` names an interpreter that has them.

use std::path::Path;
use std::process::Command;

use actix_web::web;
use serde_json::{Value, json};

use super::portal::{Portal, air, beds, berths, named};

#[actix_web::test]
async fn clients_of_others_read_the_portal_as_what_they_know() {
    let Ok(python) = std::env::var("FAIRGROUND_TEST_PYTHON") else {
        println!("skipped: no FAIRGROUND_TEST_PYTHON");
        return;
    };
    let portal = Portal::furnished().await;
    portal.harvest("late", vec![named(berths(), "moorings"), named(air(), "noise")]);
    portal.harvest("late", vec![named(berths(), "moorings")]);
    portal.load("hospital-beds", "beds.csv", b"ward,beds\nA,1\nB,2\nC,3\n");
    let mut hostile = named(beds(), "hostile");
    hostile.title = super::portal::texts(&[("en", "A <b>&amp;\u{1} \u{b}hostile \u{fffe}title]]>")]);
    portal.harvest("hostile", vec![hostile]);
    let (_, made) = portal.consumer("conformance").await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/clients.py");
    let key = made["key"].as_str().unwrap();
    let (address, key) = (portal.address.clone(), key.to_owned());
    let done =
        web::block(move || Command::new(python).arg(script).args([address, key]).output()).await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let seen: Value = serde_json::from_slice(&done.stdout).unwrap();
    let (ckan, oai) = (&seen["ckan"], &seen["oai"]);

    let names = ckan["names"].as_array().unwrap();
    assert_eq!((names.len(), ckan["gathered"].as_array().unwrap().len()), (5, 5), "{ckan}");
    assert_eq!(ckan["names"], ckan["gathered"]);
    assert_eq!((&ckan["readable"], &ckan["resources"]), (&json!(true), &json!(5)));
    assert_eq!(ckan["organizations"], json!(["ardenport", "hostile", "late", "port-authority"]));
    assert_eq!(ckan["facets"], json!({ "ardenport": 2, "hostile": 1, "late": 1, "port-authority": 1 }));
    assert_eq!(ckan["titles"]["hospital-beds"], "Hospital beds");
    assert_eq!(ckan["datastore"], json!({ "hospital-beds": 3 }));
    let refused = json!({ "unknown": "NotFound", "missing": "ValidationError", "query": "SearchQueryError", "writing": "NotAuthorized" });
    assert_eq!(ckan["refused"], refused);

    assert_eq!((&oai["version"], &oai["deleted_record"]), (&json!("2.0"), &json!("persistent")));
    assert_eq!((&oai["records"], &oai["deleted"], &oai["headers"]), (&json!(6), &json!(1), &json!(6)), "{oai}");
    assert_eq!(oai["whole"], 12);
    assert!(oai["titles"].as_array().unwrap().contains(&json!("Krankenhausbetten")), "{oai}");
    assert_eq!(oai["refused"].as_array().unwrap().len(), 5, "{oai}");
}

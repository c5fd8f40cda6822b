//! What is counted is what was answered.

use std::time::Duration;

use fairground_api::ApiSettings;
use fairground_api::hot_path::MeterFailure;
use fairground_catalog::account::Role;
use fairground_catalog::application;
use fairground_catalog::usage::{
    PORTAL_APPLICATION, Period, Portion, Subject, UsageSum, UsageTotals, apply, days_with_use,
};
use fairground_domain::Timestamp;
use fairground_meter::Names;
use serde_json::Value;

use super::portal::{Actor, Portal};

async fn usage(portal: &Portal, actor: &Actor<'_>, query: &str) -> Value {
    let state = std::sync::Arc::clone(&portal.state);
    actix_web::web::block(move || state.roll_up_usage()).await.unwrap().unwrap();
    actor.get(&format!("/api/v1/usage{query}")).await.is(200).json()
}

#[actix_web::test]
async fn an_owner_sees_every_answer_with_its_exact_bytes() {
    let portal = Portal::furnished().await;
    let (anna, made) = portal.consumer("anna").await;
    let mut bytes = 0;
    for _ in 0..3 {
        bytes += anna.get("/api/v1/datasets/air-quality").await.is(200).body.len();
    }
    let packing = anna.clone().saying("accept-encoding", "gzip");
    bytes += packing.get("/api/v1/datasets").await.is(200).body.len();
    bytes += anna.get("/api/v1/datasets/never-was").await.is(404).body.len();
    bytes += anna.send("HEAD", "/api/v1/datasets", None).await.is(200).body.len();
    let told = usage(&portal, &anna, "").await;
    assert_eq!(told["application"], made["id"]);
    assert_eq!(told["total"]["requests"], 6, "{told}");
    assert_eq!(told["total"]["units"], 6, "{told}");
    assert_eq!(told["total"]["bytes"].as_u64(), u64::try_from(bytes).ok(), "{told}");
    assert_eq!(told["total"]["denied"], 0);
    assert_eq!(told["series"].as_array().unwrap().len(), 1);
    assert_eq!(told["series"][0]["requests"], 6);
    let by_minute = usage(&portal, &anna, "?period=minute").await;
    let sum: i64 = by_minute["series"].as_array().unwrap().iter().map(|step| step["requests"].as_i64().unwrap()).sum();
    assert_eq!(sum, 7, "the question about usage was counted meanwhile");

    let operator = portal.operator().await;
    let seen = usage(&portal, &operator, &format!("?application={}", made["id"].as_str().unwrap())).await;
    let own = usage(&portal, &anna, "").await;
    assert_eq!(seen["total"]["requests"].as_i64().unwrap(), 8);
    assert_eq!(own["total"]["requests"].as_i64().unwrap(), 8, "the same numbers as the operator's");
}

#[actix_web::test]
async fn refused_calls_are_counted_and_cost_nothing() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let (mut admitted, mut units) = (0_u64, 0_u64);
    // Whole files may come twice a second: even a slow machine asks faster than that.
    while admitted < 5_000 {
        let answer = anna.get("/data.json").await;
        if answer.status == 429 {
            break;
        }
        admitted += 1;
        units += answer.is(200).header("ratelimit-cost").parse::<u64>().unwrap();
    }
    let told = usage(&portal, &anna, "").await;
    assert_eq!(told["total"]["denied"], 1, "{told}");
    assert_eq!(told["total"]["units"], units, "{told}");
    assert_eq!(told["total"]["requests"], admitted + 1, "{told}");
}

#[actix_web::test]
async fn nobody_sees_anothers_usage() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let (_, bob) = portal.consumer("bob").await;
    portal.visitor().get("/api/v1/usage").await.refused_as(401, "key-required");
    let path = format!("/api/v1/usage?application={}", bob["id"].as_str().unwrap());
    anna.get(&path).await.refused_as(404, "not-found");
    let steward = portal.staff(fairground_catalog::account::Role::Steward, Some("ardenport")).await;
    steward.get("/api/v1/usage").await.refused_as(403, "forbidden");
}

#[actix_web::test]
async fn an_empty_period_has_no_rows_and_is_no_error() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let told = anna.get("/api/v1/usage?from=2001-01-01&to=2001-02-01").await.is(200).json();
    assert_eq!((told["total"]["requests"].as_i64(), told["series"].as_array().map(Vec::len)), (Some(0), Some(0)));
    anna.get("/api/v1/usage?from=yesterday").await.refused_as(400, "invalid-parameter");
}

#[actix_web::test]
async fn an_answer_is_in_the_usage_within_seconds_by_itself() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let background = std::sync::Arc::clone(&portal.state).start_background().unwrap();
    anna.get("/api/v1/plans").await.is(200);
    let mut seen = 0;
    // Nobody asks for a roll-up: the threads do it. How often is judged where the threads begin, in `state.rs`.
    for _ in 0..600 {
        let told = anna.get("/api/v1/usage?groupby=operation").await.is(200).json();
        let groups = told["groups"].as_array().cloned().unwrap_or_default();
        seen = groups.iter().filter(|group| group["operation"] == "list_plans").count();
        if seen > 0 {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(seen, 1);
    actix_web::web::block(move || background.stop()).await.unwrap();
}

#[actix_web::test]
async fn the_classes_of_answers_are_told_apart() {
    let portal = Portal::furnished().await;
    let (anna, _) = portal.consumer("anna").await;
    let first = anna.get("/api/v1/datasets/air-quality").await.is(200);
    anna.get("/api/v1/datasets/air-quality").await.is(200);
    anna.clone().saying("if-none-match", &first.header("etag")).get("/api/v1/datasets/air-quality").await.is(304);
    let told = usage(&portal, &anna, "?groupby=status,operation,dataset&period=hour").await;
    assert_eq!(told["total"]["requests"], 3, "{told}");
    assert_eq!(told["total"]["cached"], 2, "the second and the third were rendered before: {told}");
    assert_eq!(told["total"]["not_modified"], 1, "{told}");
    assert_eq!(told["total"]["own_use"], 0, "{told}");
    let groups = told["groups"].as_array().unwrap();
    let of = |status: &str| {
        groups.iter().find(|group| group["status"] == status).unwrap_or_else(|| panic!("{status}: {told}"))
    };
    assert_eq!((of("2xx")["requests"].as_i64(), of("3xx")["requests"].as_i64()), (Some(2), Some(1)));
    assert!(groups.iter().all(|group| group["operation"] == "get_dataset" && group["dataset"] != ""), "{told}");
    for at in ["p50_micros", "p95_micros", "p99_micros"] {
        assert!(told["total"]["latency"][at].as_i64().unwrap() > 0, "{told}");
    }
    anna.get("/api/v1/usage?groupby=dataset&period=minute").await.refused_as(422, "invalid-content");
    anna.get("/api/v1/usage?groupby=caller").await.refused_as(400, "invalid-parameter");
}

#[actix_web::test]
async fn csv_tells_what_json_tells() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    anna.get("/api/v1/plans").await.is(200);
    let told = usage(&portal, &anna, "?groupby=operation&period=hour").await;
    let csv = anna.get("/api/v1/usage?groupby=operation&period=hour&format=csv").await.is(200);
    assert!(csv.header("content-type").starts_with("text/csv"), "{}", csv.header("content-type"));
    let text = csv.text();
    let line = text.lines().find(|line| line.contains("list_plans")).unwrap();
    let step = told["series"].as_array().unwrap().iter().find(|step| step["operation"] == "list_plans").unwrap();
    let fields: Vec<&str> = line.split(',').collect();
    assert_eq!(fields[0], step["starts_at"].as_str().unwrap());
    assert_eq!((fields[6], fields[8]), (&*step["requests"].to_string(), &*step["bytes"].to_string()));
    let asked = anna.clone().saying("accept", "text/csv").get("/api/v1/usage").await.is(200);
    assert!(asked.text().starts_with("starts_at,dataset,operation,"));
}

#[actix_web::test]
async fn operators_name_an_application_by_number_too() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    anna.get("/api/v1/plans").await.is(200);
    let own = usage(&portal, &anna, "").await;
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let number = portal.state.catalog.db.read(|tx| application::get(tx, id)).unwrap().number;
    let operator = portal.operator().await;
    let seen = operator.get(&format!("/api/v1/usage?application={number}")).await.is(200).json();
    assert_eq!(seen["total"], own["total"]);
    operator.get("/api/v1/usage?application=987654").await.refused_as(404, "not-found");
    anna.get("/api/v1/usage?application=987654").await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn an_agency_sees_the_use_of_its_data_and_of_no_single_caller() {
    let portal = Portal::furnished().await;
    let path = "/api/v1/publishers/ardenport/usage?groupby=dataset";
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let (anna, _) = portal.consumer("anna").await;
    anna.get("/api/v1/datasets/air-quality").await.is(200);
    portal.state.roll_up_usage().unwrap();
    let told = steward.get(path).await.is(200).json();
    assert_eq!((told["total"]["requests"].as_i64(), told["has_small_numbers"].as_bool()), (Some(0), Some(true)));
    for name in ["ben", "cleo", "dana", "emil"] {
        let (reader, _) = portal.consumer(name).await;
        reader.get("/api/v1/datasets/air-quality").await.is(200);
    }
    portal.state.roll_up_usage().unwrap();
    let told = steward.get(path).await.is(200).json();
    assert_eq!(told["total"]["requests"], 5, "{told}");
    assert_eq!(told["groups"].as_array().map(Vec::len), Some(1), "{told}");
    let other = portal.staff(Role::Steward, Some("port-authority")).await;
    other.get(path).await.refused_as(404, "not-found");
    portal.visitor().get(path).await.refused_as(401, "sign-in-required");
    let elsewhere = other.get("/api/v1/publishers/port-authority/usage").await.is(200).json();
    assert_eq!(elsewhere["total"]["requests"], 0, "the use of others' data is not theirs");
}

/// Has the running segments closed by the next call.
fn turn_segments(portal: &Portal) {
    let names = Names { plans: vec!["keyless".into(), "starter".into(), "open".into()], operations: vec![] };
    portal.state.gate.usage().meter().rename(&names).unwrap();
}

#[actix_web::test]
async fn segments_sums_and_owners_pages_agree_and_it_is_shown() {
    let portal = Portal::furnished().await;
    let (anna, _) = portal.consumer("anna").await;
    for _ in 0..7 {
        anna.get("/api/v1/datasets").await.is(200);
        portal.visitor().get("/api/v1/plans").await.is(200);
    }
    turn_segments(&portal);
    anna.get("/api/v1/plans").await.is(200);
    portal.state.roll_up_usage().unwrap();
    let report = portal.state.reconcile_usage().unwrap();
    assert_eq!((report.proved, report.different, report.retired), (1, 0, 0), "{report:?}");
    let told = portal.visitor().get("/api/v1/usage/reconciliation").await.is(200).json();
    assert_eq!(told["difference"], 0, "{told}");
    let whole = &told["items"][0];
    let figures = ["ledger_requests", "summed_requests", "told_requests"].map(|name| whole[name].as_i64().unwrap());
    assert_eq!(figures, [figures[0]; 3], "{told}");
    assert!(figures[0] > 15, "{told}");
    assert_eq!(whole["recounted_requests"].as_i64().unwrap(), figures[0] - 1, "all but what is still written: {told}");
    let health = portal.visitor().get("/health/ready").await.is(200).json();
    assert_eq!(health["alarms"], Value::Null, "{health}");
    let metrics = portal.visitor().get("/metrics").await.is(200).text();
    assert!(metrics.contains("fairground_ledger_difference_requests"), "{metrics}");
}

#[actix_web::test]
async fn a_segment_that_cannot_be_read_is_put_aside_told_and_in_nobodys_way() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let folder = portal.state.catalog.data_dir().join("usage");
    let node = portal.state.gate.usage().meter().node().to_owned();
    // Sorted before every segment that there is.
    let file = format!("{node}-000000000000.usage");
    std::fs::write(folder.join(&file), "no segment").unwrap();
    anna.get("/api/v1/plans").await.is(200);
    let report = portal.state.roll_up_usage().unwrap();
    assert_eq!(report.quarantined, 1);
    assert!(report.records > 0, "the others were summed");
    assert!(folder.join("quarantine").join(&file).exists());
    let told = portal.visitor().get("/api/v1/usage/reconciliation").await.is(200).json();
    assert_eq!(told["quarantined"][0]["file"], file, "{told}");
    let health = portal.visitor().get("/health/ready").await.is(200).json();
    assert_eq!(health["alarms"].as_array().map(Vec::len), Some(1), "{health}");
    std::fs::remove_file(folder.join("quarantine").join(&file)).unwrap();
    portal.state.reconcile_usage().unwrap();
    let health = portal.visitor().get("/health/ready").await.is(200).json();
    assert_eq!(health["alarms"], Value::Null, "{health}");
}

#[actix_web::test]
async fn the_service_level_is_told_from_real_calls() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    anna.get("/api/v1/plans").await.is(200);
    portal.state.roll_up_usage().unwrap();
    let told = portal.visitor().get("/api/v1/service-level").await.is(200).json();
    let names: Vec<&str> = told["windows"].as_array().unwrap().iter().map(|w| w["window"].as_str().unwrap()).collect();
    assert_eq!(names, ["24h", "7d", "90d"]);
    assert_eq!(told["windows"][0]["availability_ppm"], 1_000_000, "{told}");
    assert!(told["windows"][0]["classes"][0]["latency"]["p99_micros"].as_i64().unwrap() > 0, "{told}");
}

/// Yesterday's use of one operation, by so many applications.
fn yesterday(parties: i64) -> (i64, Vec<UsageSum>) {
    let day = Period::Day.start_of(Timestamp::now().as_secs()) - 2 * Period::Day.secs();
    let sum = |party| UsageSum {
        period: Period::Day,
        starts_at: day,
        party,
        subject: Subject {
            plan: "open".to_owned(),
            class: "rows".to_owned(),
            operation: "list_rows".to_owned(),
            dataset_id: String::new(),
            status_class: 2,
            is_own_use: false,
        },
        totals: UsageTotals { requests: 3, units: 3, bytes: 30, ..UsageTotals::default() },
    };
    (day, (1..=parties).map(sum).collect())
}

#[actix_web::test]
async fn closed_days_are_published_as_a_catalogue_that_others_can_harvest() {
    let portal = Portal::open().await;
    let empty = portal.visitor().get("/usage/data.json").await.is(200).json();
    assert_eq!(empty["dataset"].as_array().map(Vec::len), Some(0));
    let (day, sums) = yesterday(6);
    let portion = Portion { node: "node1".to_owned(), segment: 1, from: 0, to: 60, damaged: 0 };
    let db = &portal.state.catalog.db;
    db.write(|tx| apply(tx, &portion, &sums)).unwrap();
    assert_eq!(db.read(|tx| days_with_use(tx, 0, i64::MAX)).unwrap(), [day]);
    let published = portal.state.publish_usage().unwrap();
    assert_eq!((published.days, published.rows, published.files), (1, 1, 1));
    assert_eq!(portal.state.publish_usage().unwrap().files, 0, "nothing has changed");
    let catalogue = portal.visitor().get("/usage/data.json").await.is(200).json();
    let address = catalogue["dataset"][0]["distribution"][0]["downloadURL"].as_str().unwrap().to_owned();
    let path = &address[address.find("/usage/").unwrap()..];
    let csv = portal.visitor().get(path).await.is(200);
    assert!(csv.text().contains(",rows,list_rows,,open,public,18,18,180,0,0\r\n"), "{}", csv.text());
    portal.visitor().get("/usage/use-of-this-portal-1999.csv").await.refused_as(404, "not-found");
    portal.visitor().get("/usage/use-of-this-portal-..csv").await.refused_as(404, "not-found");
}

#[test]
fn the_portals_own_application_is_a_number_that_nobody_is_given() {
    assert_eq!(PORTAL_APPLICATION.to_string(), "00000000-0000-7000-8000-0000000fa1a6");
}

#[actix_web::test]
async fn calls_that_cannot_be_metered_are_served_or_refused_as_the_operator_set_and_nothing_is_doubled() {
    for (failure, meanwhile) in [(MeterFailure::Serve, 200), (MeterFailure::Refuse, 503)] {
        let portal = Portal::open_metering(ApiSettings::default(), failure).await;
        let (anna, _) = portal.consumer("anna").await;
        for _ in 0..3 {
            anna.get("/api/v1/plans").await.is(200);
        }
        let folder = portal.state.catalog.data_dir().join("usage");
        let aside = portal.state.catalog.data_dir().join("usage-aside");
        turn_segments(&portal);
        std::fs::rename(&folder, &aside).unwrap();
        for _ in 0..4 {
            anna.get("/api/v1/plans").await.is(meanwhile);
        }
        let health = portal.visitor().get("/health/ready").await.is(503).text();
        assert!(health.contains("Usage records cannot be written."), "{health}");
        std::fs::rename(&aside, &folder).unwrap();
        for _ in 0..2 {
            anna.get("/api/v1/plans").await.is(200);
        }
        portal.visitor().get("/health/ready").await.is(200);
        assert_eq!(portal.state.gate.usage().meter().failures(), 4, "each is counted as an alarm");
        let told = usage(&portal, &anna, "").await;
        assert_eq!(told["total"]["requests"], 5, "what could be metered, once: {told}");
    }
}

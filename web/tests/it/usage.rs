//! Pages of use and of the service level, over a real store.

use fairground_catalog::account::Role;
use fairground_catalog::usage::{Period, Portion, Subject, UsageSum, UsageTotals, apply};
use fairground_catalog::{application, tariff};
use fairground_domain::Timestamp;

use crate::house::House;
use crate::scan::breaches;

/// A call now, by each of so many applications, of no dataset in particular.
fn used_by(house: &House, parties: i64) {
    let now = Timestamp::now().as_secs();
    let sum = |party: i64, period: Period| {
        let mut totals = UsageTotals { requests: 3, units: 3, bytes: 3_000, ..UsageTotals::default() };
        totals.latency.add(1_500);
        UsageSum {
            period,
            starts_at: period.start_of(now),
            party,
            subject: Subject {
                plan: "open".to_owned(),
                class: "rows".to_owned(),
                operation: "list_rows".to_owned(),
                dataset_id: String::new(),
                status_class: 2,
                is_own_use: false,
            },
            totals,
        }
    };
    let sums: Vec<UsageSum> = (1..=parties).flat_map(|party| Period::ALL.map(|period| sum(party, period))).collect();
    let portion = Portion { node: "node1".to_owned(), segment: 1, from: 0, to: 60, damaged: 0 };
    house.catalog.db.write(|tx| apply(tx, &portion, &sums)).unwrap();
}

#[actix_web::test]
async fn the_service_level_is_a_page_for_everybody() {
    let house = House::open();
    let empty = house.get("/service-level").await;
    assert_eq!(empty.status.as_u16(), 200);
    assert!(empty.body.contains("No call yet."), "{}", empty.body);
    used_by(&house, 2);
    house.state.reconcile_usage().unwrap();
    let page = house.get("/service-level").await;
    assert!(page.body.contains("100.00\u{a0}%"), "{}", page.body);
    assert!(page.body.contains("They agree"), "{}", page.body);
    assert_eq!(breaches(&page.body), Vec::<String>::new());
}

#[actix_web::test]
async fn use_is_shown_to_whom_it_concerns() {
    let house = House::open();
    for path in ["/developers/applications/0197e0f4-9b56-7c3e-8f6a-0c6a4e9b1d01/usage", "/workspace/publishers/x/usage"]
    {
        let answer = house.get(path).await;
        assert_eq!(answer.status.as_u16(), 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in"), "{path}: {}", answer.header("location"));
    }
}

#[actix_web::test]
async fn an_agency_sees_the_use_of_its_own_data_only() {
    let house = House::open();
    house.source("ardenport", Some("ardenport"));
    house.source("port", Some("port"));
    house.account("stefan@example.org", Role::Steward, Some("ardenport"));
    let (cookie, _) = house.sign_in("stefan@example.org").await;
    let desk = house.get_as(&cookie, "/workspace").await;
    assert!(desk.body.contains("/workspace/publishers/ardenport/usage"), "{}", desk.body);
    let page = house.get_as(&cookie, "/workspace/publishers/ardenport/usage?period=hour&by=dataset").await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.body.contains("No call yet."), "{}", page.body);
    assert_eq!(house.get_as(&cookie, "/workspace/publishers/port/usage").await.status.as_u16(), 404);
    let stranger = "/developers/applications/0197e0f4-9b56-7c3e-8f6a-0c6a4e9b1d01/usage";
    assert_eq!(house.get_as(&cookie, stranger).await.status.as_u16(), 404);
}

#[actix_web::test]
async fn an_application_s_use_is_shown_to_operators_as_a_plot_and_as_a_table() {
    let house = House::open();
    house.account("op@example.org", Role::Operator, None);
    let secret = house.catalog.secret.clone();
    let made = house.catalog.db.write(|tx| {
        let terms = tariff::get_current(tx)?.terms_version;
        application::register(tx, &secret, "Bus <times>", "anna@example.org", &terms)
    });
    let made = made.unwrap().application;
    used_by(&house, made.number);
    let (cookie, _) = house.sign_in("op@example.org").await;
    for (query, by) in [("", "list_rows"), ("?period=minute&by=status", "2xx"), ("?period=hour&by=class", "rows")] {
        let page = house.get_as(&cookie, &format!("/developers/applications/{}/usage{query}", made.id)).await;
        assert_eq!(page.status.as_u16(), 200, "{}", page.body);
        assert_eq!(breaches(&page.body), Vec::<String>::new(), "{query}");
        assert!(page.body.contains("Use of Bus &#60;times&#62;"), "{}", page.body);
        assert!(page.body.contains("<svg") && page.body.contains(by), "{query}: {}", page.body);
        assert!(page.body.contains("1.5\u{a0}ms") || page.body.contains("1.6\u{a0}ms"), "percentiles: {}", page.body);
    }
}

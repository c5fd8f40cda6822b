//! Data services: their states, their secrets, their entry in the catalogue, and who looks after them.

use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::service::{
    self, BrownOut, CheckOutcome, CheckResult, ClassRule, DataService, HealthCheck, Lifecycle, LifecycleStanding,
    NewService, OpenapiDocument, ServiceCredentials, ServiceDraft, ServiceLimits, ServiceMethod, ServiceState,
};
use fairground_catalog::{CatalogError, Db, Secret, dataset, publisher};
use fairground_domain::{Agent, LocalizedText, OperationClass, ResourceKind, Timestamp};

use crate::store::{dump, execute, on_every_store};

static SECRET: Secret = Secret::from_bytes([7; 32]);
const SITE: &str = "https://portal.example";
const DAY: i64 = 86_400;

fn draft() -> ServiceDraft {
    ServiceDraft {
        description: "Hourly values.".to_owned(),
        health: Some(HealthCheck { path: "/health".to_owned(), interval_secs: 60, status: 200 }),
        ..ServiceDraft::new("Air quality", "https://agency.example/v1")
    }
}

fn register(db: &Db, draft: ServiceDraft, credentials: ServiceCredentials) -> Result<DataService, CatalogError> {
    let agency = Agent { name: LocalizedText::undetermined("Air Agency"), ..Agent::default() };
    db.write(|tx| {
        if publisher::get(tx, "air-agency").is_err() {
            publisher::create(tx, agency, None, "test")?;
        }
        let openapi = OpenapiDocument::parse(
            r#"{"openapi":"3.0.0","info":{"title":"Air","version":"1"},"paths":{"/stations/{id}":{"get":{"summary":"One station","responses":{}}}}}"#,
        )?;
        let publisher = "air-agency".parse().unwrap();
        service::create(tx, &SECRET, NewService { slug: None, publisher, draft, openapi: Some(openapi), credentials }, "test")
    })
}

fn live(db: &Db, draft: ServiceDraft) -> DataService {
    let service = register(db, draft, ServiceCredentials::None).unwrap();
    let id = service.id.to_string();
    db.write(|tx| service::approve(tx, &id, "test")).unwrap();
    db.write(|tx| service::open(tx, &id, SITE, "test")).unwrap()
}

fn kinds(db: &Db) -> Vec<EventKind> {
    db.read(|tx| journal::list_since(tx, 0, 1000)).unwrap().into_iter().map(|entry| entry.kind).collect()
}

#[test]
fn a_service_goes_through_its_states_and_no_others() {
    on_every_store(|db| {
        let service = register(db, draft(), ServiceCredentials::None).unwrap();
        assert_eq!((service.slug.as_str(), service.state), ("air-quality", ServiceState::Registered));
        assert!(db.read(|tx| service::list_public(tx, None, 10)).unwrap().is_empty());
        let wrong =
            |result: Result<DataService, CatalogError>| assert!(matches!(result, Err(CatalogError::WrongState { .. })));
        wrong(db.write(|tx| service::open(tx, "air-quality", SITE, "test")));
        wrong(db.write(|tx| service::suspend(tx, "air-quality", "why", "test")));
        db.write(|tx| service::approve(tx, "air-quality", "test")).unwrap();
        wrong(db.write(|tx| service::approve(tx, "air-quality", "test")));
        let opened = db.write(|tx| service::open(tx, "air-quality", SITE, "test")).unwrap();
        assert_eq!(opened.state, ServiceState::Live);
        let no_reason = db.write(|tx| service::suspend(tx, "air-quality", " ", "test"));
        assert!(matches!(no_reason, Err(CatalogError::Invalid { field: "reason", .. })));
        let suspended = db.write(|tx| service::suspend(tx, "air-quality", "wrong values", "test")).unwrap();
        assert_eq!(suspended.reason.as_deref(), Some("wrong values"));
        let again = db.write(|tx| service::open(tx, "air-quality", SITE, "test")).unwrap();
        assert_eq!((again.reason, again.opened_at), (None, opened.opened_at));
        db.write(|tx| service::retire(tx, "air-quality", "replaced", "test")).unwrap();
        wrong(db.write(|tx| service::open(tx, "air-quality", SITE, "test")));
        wrong(db.write(|tx| service::retire(tx, "air-quality", "again", "test")));
        wrong(db.write(|tx| service::update(tx, "air-quality", 1, &draft(), None, SITE, "test")));
        let told = kinds(db);
        for kind in [
            EventKind::ServiceRegistered,
            EventKind::ServiceApproved,
            EventKind::ServiceOpened,
            EventKind::ServiceSuspended,
            EventKind::ServiceRetired,
        ] {
            assert!(told.contains(&kind), "{kind:?}");
        }
    });
}

#[test]
fn an_open_service_is_listed_in_the_catalogue_until_it_is_retired() {
    on_every_store(|db| {
        let service = live(db, draft());
        let id = service.dataset_id.unwrap();
        let entry = db.read(|tx| dataset::get_public(tx, "air-quality")).unwrap();
        assert_eq!((entry.id, entry.draft.kind), (id, ResourceKind::DataService));
        let told = entry.draft.service.unwrap();
        assert_eq!(told.endpoint_url, ["https://portal.example/gateway/air-quality"]);
        assert_eq!(told.endpoint_description, ["https://portal.example/gateway/air-quality/openapi.json"]);
        assert!(!entry.draft.description.is_empty());
        let json = db.read(|tx| dataset::get(tx, "air-quality")).unwrap().draft.to_document();
        assert!(!json.contains("agency.example"), "the agency's address is not the public's");

        let changed = ServiceDraft { title: "Air, better".to_owned(), ..draft() };
        db.write(|tx| service::update(tx, "air-quality", service.revision, &changed, None, SITE, "test")).unwrap();
        let entry = db.read(|tx| dataset::get_public(tx, &id.to_string())).unwrap();
        assert_eq!((entry.draft.title.any(), entry.version), ("Air, better", 2));
        assert_eq!(db.read(|tx| service::find_by_dataset(tx, id)).unwrap().unwrap().id, service.id);

        db.write(|tx| service::suspend(tx, "air-quality", "why", "test")).unwrap();
        assert!(db.read(|tx| dataset::get_public(tx, "air-quality")).is_ok(), "still listed");
        db.write(|tx| service::retire(tx, "air-quality", "replaced", "test")).unwrap();
        let gone = db.read(|tx| dataset::get_public(tx, "air-quality"));
        assert!(matches!(gone, Err(CatalogError::Withdrawn { .. })));
    });
}

#[test]
fn credentials_are_kept_sealed_and_opened_for_the_gateway_alone() {
    on_every_store(|db| {
        for (number, credentials) in [
            ServiceCredentials::Header { name: "X-Agency-Key".to_owned(), value: "hush-hush-1".to_owned() },
            ServiceCredentials::Basic { user: "portal".to_owned(), password: "hush-hush-2".to_owned() },
            ServiceCredentials::Query { name: "token".to_owned(), value: "hush-hush-3".to_owned() },
            ServiceCredentials::Bearer { token: "hush-hush-4".to_owned() },
        ]
        .into_iter()
        .enumerate()
        {
            let draft = ServiceDraft { title: format!("Air {number}"), ..draft() };
            let service = register(db, draft, credentials.clone()).unwrap();
            let id = service.id.to_string();
            db.write(|tx| service::approve(tx, &id, "test")).unwrap();
            db.write(|tx| service::open(tx, &id, SITE, "test")).unwrap();
            let routable = db.read(|tx| service::list_routable(tx, &SECRET)).unwrap();
            assert_eq!(routable.iter().find(|r| r.service.id == service.id).unwrap().credentials, credentials);
            assert!(!format!("{credentials:?} {service:?}").contains("hush"));
        }
        let everything = dump(db);
        assert!(!everything.contains("hush-hush") && !everything.contains(&hex("hush-hush")));
        // A row moved to another service does not open there, and leaves the others alone.
        execute(
            db,
            "UPDATE data_services SET credentials = (SELECT credentials FROM data_services WHERE slug = 'air-1') WHERE slug = 'air-0'",
        );
        let routable = db.read(|tx| service::list_routable(tx, &SECRET)).unwrap();
        assert_eq!(routable.len(), 3);
        db.write(|tx| service::retire(tx, "air-3", "over", "test")).unwrap();
        let kept = db.read(|tx| service::get(tx, "air-3")).unwrap().credentials;
        assert_eq!(kept, service::CredentialsKind::None, "a retired service keeps no secret");
    });
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn what_cannot_be_served_is_not_registered() {
    on_every_store(|db| {
        let now = Timestamp::now();
        let with = |change: &dyn Fn(&mut ServiceDraft)| {
            let mut draft = draft();
            change(&mut draft);
            draft
        };
        let sunset = |draft: &mut ServiceDraft, days: i64| {
            draft.lifecycle.deprecated_at = Some(now);
            draft.lifecycle.sunset_at = Some(now.plus_secs(days * DAY));
        };
        let window = |from: i64, until: i64| BrownOut { from: now.plus_secs(from), until: now.plus_secs(until) };
        for (field, bad) in [
            ("title", with(&|d| d.title = " ".to_owned())),
            ("upstream", with(&|d| d.upstream = "ftp://agency.example".to_owned())),
            ("upstream", with(&|d| d.upstream = "https://a b".to_owned())),
            ("methods", with(&|d| d.methods.clear())),
            ("methods", with(&|d| d.methods = vec![ServiceMethod::Get, ServiceMethod::Get])),
            ("licence", with(&|d| d.licence = Some("javascript:alert(1)".to_owned()))),
            ("contact_email", with(&|d| d.contact_email = Some("nobody".to_owned()))),
            ("limits", with(&|d| d.limits.first_byte_secs = 0)),
            ("limits", with(&|d| d.limits.answer_bytes = ServiceLimits::MOST.answer_bytes + 1)),
            ("health", with(&|d| d.health.as_mut().unwrap().interval_secs = 1)),
            ("health", with(&|d| d.health.as_mut().unwrap().path = "health".to_owned())),
            (
                "class_rules",
                with(&|d| {
                    d.class_rules = vec![ClassRule {
                        methods: vec![ServiceMethod::Post],
                        path: "/a".to_owned(),
                        class: OperationClass::Rows,
                    }]
                }),
            ),
            (
                "class_rules",
                with(&|d| {
                    d.class_rules =
                        vec![ClassRule { methods: Vec::new(), path: "a".to_owned(), class: OperationClass::Rows }]
                }),
            ),
            ("lifecycle", with(&|d| d.lifecycle.sunset_at = Some(now.plus_secs(30 * DAY)))),
            ("lifecycle", with(&|d| sunset(d, 3))),
            ("lifecycle", with(&|d| d.lifecycle.brown_outs = vec![window(DAY, DAY + 60)])),
            (
                "lifecycle",
                with(&|d| {
                    sunset(d, 30);
                    d.lifecycle.brown_outs = vec![window(-60, 60)];
                }),
            ),
            (
                "lifecycle",
                with(&|d| {
                    sunset(d, 30);
                    d.lifecycle.brown_outs = vec![window(DAY, 3 * DAY)];
                }),
            ),
        ] {
            let refused = register(db, bad, ServiceCredentials::None);
            assert!(
                matches!(refused, Err(CatalogError::Invalid { field: f, .. }) if f == field),
                "{field}: {refused:?}"
            );
        }
        let broken = ServiceCredentials::Bearer { token: "a\r\nX: y".to_owned() };
        assert!(matches!(register(db, draft(), broken), Err(CatalogError::Invalid { field: "credentials", .. })));
        register(db, with(&|d| sunset(d, 30)), ServiceCredentials::None).unwrap();
        assert!(matches!(register(db, draft(), ServiceCredentials::None), Err(CatalogError::Taken { .. })));
    });
}

#[test]
fn two_who_change_a_service_at_once_do_not_overwrite_each_other() {
    on_every_store(|db| {
        let service = live(db, draft());
        let other = ServiceDraft { title: "Other".to_owned(), ..draft() };
        let first =
            db.write(|tx| service::update(tx, "air-quality", service.revision, &other, None, SITE, "test")).unwrap();
        let second = db.write(|tx| service::update(tx, "air-quality", service.revision, &draft(), None, SITE, "test"));
        assert!(matches!(second, Err(CatalogError::WrongState { .. })));
        db.write(|tx| service::update(tx, "air-quality", first.revision, &draft(), Some(None), SITE, "test")).unwrap();
        assert!(db.read(|tx| service::find_openapi(tx, "air-quality")).unwrap().is_none());
    });
}

#[test]
fn a_lifecycle_says_when_a_service_answers() {
    let now = Timestamp::now();
    let at = |secs: i64| now.plus_secs(secs);
    let lifecycle = Lifecycle {
        deprecated_at: Some(now),
        sunset_at: Some(at(1000)),
        brown_outs: vec![BrownOut { from: at(100), until: at(200) }, BrownOut { from: at(150), until: at(300) }],
        ..Lifecycle::default()
    };
    for (secs, standing) in [
        (0, LifecycleStanding::Open),
        (100, LifecycleStanding::BrownOut { until: at(200) }),
        (160, LifecycleStanding::BrownOut { until: at(300) }),
        (300, LifecycleStanding::Open),
        (999, LifecycleStanding::Open),
        (1000, LifecycleStanding::Gone),
    ] {
        assert_eq!(lifecycle.standing(at(secs)), standing, "{secs}");
    }
}

#[test]
fn one_worker_looks_at_a_service_at_a_time() {
    on_every_store(|db| {
        let service = live(db, draft());
        let claim = |holder: &str| db.write(|tx| service::claim_check(tx, &SECRET, holder)).unwrap();
        let first = claim("one").unwrap();
        assert_eq!(first.service.id, service.id);
        assert!(claim("two").is_none(), "the other looks already");
        let seen = CheckResult { http_status: Some(200), latency_micros: Some(1500), problem: None };
        assert!(db.write(|tx| service::record_check(tx, &first, &seen)).unwrap());
        assert!(!db.write(|tx| service::record_check(tx, &first, &seen)).unwrap(), "once");
        assert!(claim("two").is_none() && !db.read(service::is_check_due).unwrap(), "not before the interval is over");
        execute(db, "UPDATE service_health SET next_at = 0");
        let lost = claim("one").unwrap();
        execute(db, "UPDATE service_health SET next_at = 0, leased_until = 1");
        let second = claim("two").unwrap();
        let failed = CheckResult { http_status: Some(500), latency_micros: Some(9), problem: Some("500".to_owned()) };
        assert!(!db.write(|tx| service::record_check(tx, &lost, &failed)).unwrap(), "taken over meanwhile");
        assert!(db.write(|tx| service::record_check(tx, &second, &failed)).unwrap());
        let health = db.read(|tx| service::find_health(tx, service.id)).unwrap().unwrap();
        assert_eq!((health.outcome, health.http_status), (Some(CheckOutcome::Failing), Some(500)));
        let days = db.read(|tx| service::list_health_days(tx, service.id, 7)).unwrap();
        assert_eq!((days[0].checks, days[0].failures), (2, 1));
        db.write(|tx| service::retire(tx, "air-quality", "over", "test")).unwrap();
        execute(db, "UPDATE service_health SET leased_until = 1");
        assert!(claim("one").is_none(), "nobody looks at a retired service");
    });
}

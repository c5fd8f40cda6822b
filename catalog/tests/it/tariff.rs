//! Versions of the tariff, and who belongs on which plan.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use fairground_catalog::application::{self, Registered};
use fairground_catalog::domain::{AnnouncementRefused, Tariff, Timestamp};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::register::{self, EntryKind, RegisterFilter};
use fairground_catalog::tariff::{self, Draft};
use fairground_catalog::{CatalogError, DatabaseUrl, Db, Secret};

use crate::store::on_every_store;

pub(crate) static SECRET: Secret = Secret::from_bytes([9; 32]);
const DAY_SECS: i64 = 86_400;

/// Says something to the database behind the use cases' back.
pub(crate) fn behind_the_back(db: &Db, sql: &str) {
    match db.url() {
        DatabaseUrl::Sqlite(path) => SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(sql),
        DatabaseUrl::Postgres(url) => PgConnection::establish(url).unwrap().batch_execute(sql),
    }
    .unwrap();
}

/// The first version, published at the present moment, which is given back.
pub(crate) fn begin(db: &Db) -> Timestamp {
    db.write(|tx| {
        tariff::ensure(tx)?;
        Ok(tx.now)
    })
    .unwrap()
}

fn with_open_quota(quota: u64, valid_from: Option<Timestamp>) -> Draft {
    let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
    tariff.plans.iter_mut().find(|plan| plan.id.as_str() == "open").unwrap().quotas[0].quota = quota;
    Draft { valid_from, ..Draft::from(tariff) }
}

fn publish_at(db: &Db, now: Timestamp, draft: Draft, seen: u32) -> Result<Tariff, CatalogError> {
    db.write(|tx| {
        tx.now = now;
        tariff::publish(tx, draft, seen, "test").map(|(tariff, _)| tariff)
    })
}

fn quota_at(db: &Db, now: Timestamp) -> u64 {
    db.read(|tx| {
        tx.now = now;
        Ok(tariff::in_force(tx)?.plan("open").unwrap().quotas[0].quota)
    })
    .unwrap()
}

#[test]
fn a_better_version_holds_at_once_and_a_worse_one_after_its_notice() {
    on_every_store(|db| {
        let start = begin(db);
        let now = start.plus_secs(60);
        assert_eq!(publish_at(db, now, with_open_quota(6_000_000, None), 1).unwrap().version, 2);
        assert_eq!(quota_at(db, now), 6_000_000);
        for (quota, days, fine) in [(5_000_000, 59, false), (5_000_000, 60, true)] {
            let done = publish_at(db, now, with_open_quota(quota, Some(now.plus_secs(days * DAY_SECS))), 2);
            assert_eq!(done.is_ok(), fine, "{quota} in {days} days: {done:?}");
        }
        let turns = now.plus_secs(60 * DAY_SECS);
        assert_eq!(quota_at(db, Timestamp::from_micros(turns.as_micros() - 1)), 6_000_000);
        assert_eq!(quota_at(db, turns), 5_000_000);
        let next = db.read(|tx| {
            tx.now = now;
            tariff::next_change(tx)
        });
        assert_eq!(next.unwrap(), Some(turns));
        let steep = publish_at(db, now, with_open_quota(1, Some(now.plus_secs(89 * DAY_SECS))), 3);
        assert!(
            matches!(steep, Err(CatalogError::Announcement(AnnouncementRefused::TooSoon { days: 90, .. }))),
            "{steep:?}"
        );
        assert_eq!(db.read(tariff::list_versions).unwrap().len(), 3, "refusals leave nothing behind");
        assert_eq!(db.read(journal::verify).unwrap(), 3);
    });
}

#[test]
fn of_two_publishers_at_once_one_gets_a_conflict() {
    on_every_store(|db| {
        begin(db);
        let done: Vec<bool> = std::thread::scope(|scope| {
            let publishers: Vec<_> = (0..6)
                .map(|n| {
                    let draft = with_open_quota(6_000_000 + n, None);
                    scope.spawn(move || match db.write(|tx| tariff::publish(tx, draft, 1, "test")) {
                        Ok(_) => true,
                        Err(CatalogError::WrongState { .. }) => false,
                        Err(other) => panic!("{other:?}"),
                    })
                })
                .collect();
            publishers.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(done.iter().filter(|won| **won).count(), 1);
        let versions = db.read(tariff::list_versions).unwrap();
        assert_eq!(versions.iter().map(|tariff| tariff.version).collect::<Vec<_>>(), [2, 1]);
    });
}

#[test]
fn a_version_that_the_journal_does_not_know_is_not_enforced() {
    on_every_store(|db| {
        let start = begin(db);
        let mut forged = Tariff::default_at(start);
        forged.version = 2;
        forged.plans[2].quotas[0].quota = 1;
        let document = serde_json::to_string(&forged).unwrap();
        let at = start.as_micros() + 1;
        behind_the_back(
            db,
            &format!(
                "INSERT INTO tariffs (version, document, published_at, valid_from) VALUES (2, '{document}', {at}, {at})"
            ),
        );
        assert_eq!(quota_at(db, start.plus_secs(5)), 5_000_000);
        assert_eq!(db.read(tariff::list_versions).unwrap().len(), 1);
    });
}

#[test]
fn a_version_whose_document_was_changed_is_not_enforced() {
    on_every_store(|db| {
        let start = begin(db);
        publish_at(db, start.plus_secs(1), with_open_quota(6_000_000, None), 1).unwrap();
        behind_the_back(db, "UPDATE tariffs SET document = REPLACE(document, '6000000', '1') WHERE version = 2");
        assert_eq!(quota_at(db, start.plus_secs(5)), 5_000_000, "the version before it holds");
        behind_the_back(db, "UPDATE tariffs SET document = REPLACE(document, '5000000', '1') WHERE version = 1");
        assert!(matches!(db.read(tariff::in_force), Err(CatalogError::NotFound { what: "tariff", .. })));
    });
}

#[test]
fn a_forged_journal_entry_stops_everything_that_acts_on_it() {
    on_every_store(|db| {
        begin(db);
        behind_the_back(db, "UPDATE journal SET payload = REPLACE(payload, '\"version\":1', '\"version\":9')");
        assert!(matches!(db.read(tariff::in_force), Err(CatalogError::JournalBroken { seq: 1, .. })));
    });
}

#[test]
fn a_document_with_a_field_that_nobody_knows_is_no_draft() {
    let whole = serde_json::to_string(&Tariff::default_at(Timestamp::from_micros(0))).unwrap();
    assert!(Draft::read(&whole).is_ok());
    for (from, to) in
        [("\"unit_rules\"", "\"unit_rulez\""), ("\"concurrency\"", "\"concurency\""), ("\"quotas\"", "\"qotas\"")]
    {
        assert!(Draft::read(&whole.replace(from, to)).is_err(), "{to}");
    }
    let with_links = whole.replacen('{', "{\"links\":{},\"rules\":{},", 1);
    assert!(Draft::read(&with_links).is_ok());
}

#[test]
fn a_preview_tells_the_notice_and_publishes_nothing() {
    on_every_store(|db| {
        let start = begin(db);
        let (_, seen) = db.read(|tx| tariff::preview(tx, with_open_quota(1_000, None))).unwrap();
        assert_eq!(seen.notice_days, 90);
        assert!(seen.comparison.is_steep() && seen.earliest > start.plus_secs(89 * DAY_SECS));
        assert_eq!(db.read(tariff::list_versions).unwrap().len(), 1);
    });
}

pub(crate) fn register_app(db: &Db, name: &str) -> Registered {
    db.write(|tx| {
        let terms = tariff::get_current(tx)?.terms_version;
        application::register(tx, &SECRET, name, "anna@example.org", &terms)
    })
    .unwrap()
}

fn confirmed(db: &Db, name: &str) -> application::Application {
    let registered = register_app(db, name);
    db.write(|tx| application::confirm_address(tx, &SECRET, &registered.verification_token)).unwrap()
}

/// Units used on each of some whole days before `now`.
fn uses(db: &Db, party: i64, now: Timestamp, days: i64, units: i64) {
    let today = now.as_secs() - now.as_secs().rem_euclid(DAY_SECS);
    let nothing = if db.is_sqlite() { "X''" } else { "''::bytea" };
    for day in 1..=days {
        let starts_at = today - day * DAY_SECS;
        behind_the_back(
            db,
            &format!(
                "INSERT INTO usage_sums (period, starts_at, party, subject, requests, units, bytes, errors, denied, cached, \
                 not_modified, latency_micros, parties, lots, latency) \
                 VALUES (86400, {starts_at}, {party}, 1, 1, {units}, 0, 0, 0, 0, 0, 0, 1, 0, {nothing})"
            ),
        );
    }
}

fn review(db: &Db, now: Timestamp) -> Option<tariff::Reviewed> {
    let due = db.read(|tx| {
        tx.now = now;
        tariff::review_due(tx)
    });
    let findings = due.unwrap()?;
    let done = db.write(|tx| {
        tx.now = now;
        tariff::review_plans(tx, &findings)
    });
    Some(done.unwrap())
}

fn plan_of(db: &Db, number: i64) -> String {
    db.read(|tx| application::find_by_number(tx, number)).unwrap().unwrap().plan.to_string()
}

#[test]
fn sustained_use_lifts_at_once_and_the_rule_moves_back_after_its_grace() {
    on_every_store(|db| {
        let now = begin(db);
        let (busy, calm) = (confirmed(db, "Bus times"), confirmed(db, "Tree map"));
        uses(db, busy.number, now, 10, 2_500_000);
        uses(db, calm.number, now, 30, 2_499_999);
        let reviewed = review(db, now).unwrap();
        assert_eq!(reviewed.moved.iter().map(|one| one.application.number).collect::<Vec<_>>(), [busy.number]);
        assert_eq!((plan_of(db, busy.number).as_str(), plan_of(db, calm.number).as_str()), ("high-volume", "open"));
        assert_eq!(review(db, now.plus_secs(60)), None, "once for a day and a version");
        let entry = db.read(|tx| journal::list_of_kind(tx, EventKind::ApplicationPlanChanged)).unwrap().pop().unwrap();
        assert_eq!(
            (&entry.payload["plan"], &entry.payload["rule"]["holds"], entry.actor.as_str()),
            (&"high-volume".into(), &true.into(), "portal"),
        );
        // Thirty days later nothing of it is in the window.
        let later = now.plus_secs(31 * DAY_SECS);
        let told = review(db, later).unwrap();
        assert_eq!((told.moved.len(), told.announced.len()), (0, 1));
        assert_eq!(told.announced[0].at, later.plus_secs(30 * DAY_SECS));
        assert_eq!(review(db, later.plus_secs(DAY_SECS)).unwrap().announced, [], "told once");
        assert_eq!(plan_of(db, busy.number), "high-volume");
        let moved = review(db, later.plus_secs(30 * DAY_SECS)).unwrap().moved;
        assert_eq!((moved.len(), plan_of(db, busy.number).as_str()), (1, "open"));
    });
}

#[test]
fn whoever_meets_the_rule_again_stays() {
    on_every_store(|db| {
        let now = begin(db);
        let busy = confirmed(db, "Bus times");
        uses(db, busy.number, now, 10, 5_000_000);
        review(db, now).unwrap();
        let later = now.plus_secs(40 * DAY_SECS);
        assert_eq!(review(db, later).unwrap().announced.len(), 1);
        let again = later.plus_secs(20 * DAY_SECS);
        uses(db, busy.number, again, 12, 5_000_000);
        review(db, again).unwrap();
        assert_eq!(db.read(|tx| tariff::find_notice(tx, busy.number)).unwrap(), None);
        review(db, again.plus_secs(DAY_SECS)).unwrap();
        assert_eq!(plan_of(db, busy.number), "high-volume");
    });
}

#[test]
fn a_plan_given_by_hand_stands_in_the_register_until_its_rule_decides() {
    on_every_store(|db| {
        let now = begin(db);
        let friend = confirmed(db, "Friend of the house");
        let plan = "high-volume".parse().unwrap();
        db.write(|tx| tariff::assign(tx, &friend, &plan, "Load test of the ministry", "command-line")).unwrap();
        assert_eq!(plan_of(db, friend.number), "high-volume");
        let filter = RegisterFilter { kind: Some(EntryKind::Assignment), ..RegisterFilter::default() };
        let entries = db.read(|tx| register::list(tx, &filter, 9)).unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].content.application(), Some(friend.number));
        assert_eq!(entries[0].content.reason(), "Load test of the ministry");
        let changed =
            db.read(|tx| journal::list_of_kind(tx, EventKind::ApplicationPlanChanged)).unwrap().pop().unwrap();
        assert_eq!((changed.actor.as_str(), &changed.payload["by_hand"]), ("command-line", &true.into()));
        assert_eq!(db.read(|tx| journal::list_of_kind(tx, EventKind::PlanAssigned)).unwrap().len(), 1);
        assert_eq!(review(db, now.plus_secs(29 * DAY_SECS)).unwrap().moved, []);
        assert_eq!(review(db, now.plus_secs(31 * DAY_SECS)).unwrap().moved.len(), 1);
        assert_eq!(plan_of(db, friend.number), "open");
    });
}

#[test]
fn a_plan_whose_rule_holds_is_no_gift() {
    on_every_store(|db| {
        let now = begin(db);
        let busy = confirmed(db, "Bus times");
        uses(db, busy.number, now, 10, 5_000_000);
        let plan = "high-volume".parse().unwrap();
        db.write(|tx| tariff::assign(tx, &busy, &plan, "asked for", "command-line")).unwrap();
        assert_eq!(db.read(|tx| register::list(tx, &RegisterFilter::default(), 9)).unwrap(), []);
        let standing = db.read(|tx| tariff::evaluate(tx, &busy)).unwrap();
        assert_eq!(standing.belongs.as_str(), "high-volume");
        assert_eq!(standing.days.len(), 10);
        assert_eq!(
            standing.plans.iter().map(|(plan, verdict)| (plan.id.as_str(), verdict.holds)).collect::<Vec<_>>(),
            [("starter", true), ("open", true), ("high-volume", true)]
        );
    });
}

#[test]
fn versions_of_the_notice_period_are_the_yardstick() {
    on_every_store(|db| {
        let start = begin(db);
        let raised = start.plus_secs(10);
        publish_at(db, raised, with_open_quota(50_000_000, None), 1).unwrap();
        let lately = |now| {
            db.read(|tx| {
                tx.now = now;
                Ok(tariff::versions_lately(tx)?.iter().map(|tariff| tariff.version).collect::<Vec<_>>())
            })
        };
        assert_eq!(lately(raised).unwrap(), [2, 1]);
        assert_eq!(lately(raised.plus_secs(90 * DAY_SECS - 1)).unwrap(), [2, 1]);
        assert_eq!(lately(raised.plus_secs(90 * DAY_SECS)).unwrap(), [2]);
    });
}

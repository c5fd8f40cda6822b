//! Sums, ledger, retention, reports: on every store.

use std::collections::BTreeMap;

use fairground_catalog::usage::{
    Applied, DAYS_OF_HOURS, DAYS_OF_MINUTES, DayRecount, GroupBy, KEYLESS_PARTY, Period, Portion, Proof, QuotaWindow,
    Reconciliation, Subject, UsageQuery, UsageReport, UsageSum, UsageTotals, Whose, apply, close_segment, compare_days,
    days_with_use, forget_segment, give_back_quota, keep_comparisons, lease_quota, list_progress, list_reconciliations,
    list_retirable, list_unproved, prove_segment, prune_quota, prune_usage, public_day, report, service_level,
    total_difference,
};
use fairground_catalog::{CatalogError, DatabaseUrl, Db};
use fairground_domain::Timestamp;

use crate::store::on_every_store;

const DAY: i64 = 86_400;
/// 2025-11-22, 03:00.
const MINUTE: i64 = 1_763_780_400;
const DAY_START: i64 = MINUTE - MINUTE.rem_euclid(DAY);

/// One call of a party at a second.
#[derive(Clone)]
struct Call {
    at: i64,
    party: i64,
    operation: &'static str,
    dataset: &'static str,
    status: i32,
    latency_micros: u32,
    lot: i32,
    is_own_use: bool,
}

fn call(party: i64, at: i64) -> Call {
    Call {
        at,
        party,
        operation: "list_rows",
        dataset: "beds",
        status: 2,
        latency_micros: 1_000,
        lot: 0,
        is_own_use: false,
    }
}

/// What the roll-up makes of calls: a sum for each period and subject.
fn sums(calls: &[Call]) -> Vec<UsageSum> {
    let mut sums: Vec<UsageSum> = Vec::new();
    for call in calls {
        for period in Period::ALL {
            let dataset_id = if period == Period::Minute { "" } else { call.dataset };
            let mut totals = UsageTotals {
                requests: 1,
                units: 2,
                bytes: 100,
                errors: i64::from(call.status == 5),
                denied: i64::from(call.status == 4),
                latency_micros: i64::from(call.latency_micros),
                lots: if call.party == KEYLESS_PARTY { 1 << call.lot } else { 0 },
                ..UsageTotals::default()
            };
            totals.latency.add(call.latency_micros);
            let sum = UsageSum {
                period,
                starts_at: period.start_of(call.at),
                party: call.party,
                subject: Subject {
                    plan: if call.party == KEYLESS_PARTY { "keyless" } else { "open" }.to_owned(),
                    class: "rows".to_owned(),
                    operation: call.operation.to_owned(),
                    dataset_id: dataset_id.to_owned(),
                    status_class: call.status,
                    is_own_use: call.is_own_use,
                },
                totals,
            };
            let key = |sum: &UsageSum| (sum.period, sum.starts_at, sum.party, sum.subject.clone());
            match sums.iter_mut().find(|known| key(known) == key(&sum)) {
                Some(known) => known.totals.add(&sum.totals),
                None => sums.push(sum),
            }
        }
    }
    sums
}

fn portion(segment: i64, from: i64, to: i64) -> Portion {
    Portion { node: "node1".to_owned(), segment, from, to, damaged: 0 }
}

fn add(db: &Db, segment: i64, from: i64, to: i64, calls: &[Call]) -> Result<Applied, CatalogError> {
    let sums = sums(calls);
    db.write(|tx| apply(tx, &portion(segment, from, to), &sums))
}

fn ask(whose: Whose, period: Period) -> UsageQuery {
    UsageQuery { whose, from: None, to: None, period, group_by: GroupBy::default(), limit: 100 }
}

fn reconcile(db: &Db, days: i64) -> Vec<Reconciliation> {
    let rows = db.read(|tx| compare_days(tx, days)).unwrap();
    db.write(|tx| keep_comparisons(tx, &rows)).unwrap();
    rows
}

fn told(db: &Db, query: &UsageQuery) -> UsageReport {
    db.read(|tx| report(tx, query)).unwrap()
}

fn requests(db: &Db, whose: Whose) -> i64 {
    let by_period = Period::ALL.map(|period| {
        let series = told(db, &ask(whose, period)).series;
        series.iter().map(|step| step.totals.requests).sum::<i64>()
    });
    let total = told(db, &ask(whose, Period::Day)).total.requests;
    assert_eq!(by_period, [total; 3], "minutes, hours and days come to the same");
    total
}

#[test]
fn a_portion_counts_once_however_often_it_is_delivered() {
    on_every_store(|db| {
        let calls = [call(1, MINUTE), call(1, MINUTE + 1), call(2, MINUTE)];
        assert_eq!(add(db, 1, 0, 100, &calls).unwrap(), Applied::Now);
        assert_eq!(add(db, 1, 0, 100, &calls).unwrap(), Applied::Before, "delivered twice");
        assert!(
            matches!(add(db, 1, 150, 200, &calls), Err(CatalogError::WrongState { .. })),
            "a gap is refused: nothing may be lost"
        );
        assert_eq!(add(db, 1, 100, 150, &[call(1, MINUTE + 60)]).unwrap(), Applied::Now);
        assert_eq!(add(db, 1, 0, 100, &calls).unwrap(), Applied::Before, "delivered again, later");
        let of = |party| requests(db, Whose::Party(party));
        assert_eq!((of(1), of(2), of(3), requests(db, Whose::Everybody)), (3, 1, 0, 4));
        let minutes = told(db, &ask(Whose::Party(1), Period::Minute)).series;
        let minutes: Vec<(i64, i64)> = minutes.iter().map(|step| (step.starts_at, step.totals.requests)).collect();
        assert_eq!(minutes, [(MINUTE, 2), (MINUTE + 60, 1)]);
    });
}

#[test]
fn segments_may_come_in_any_order_and_from_many_nodes_at_once() {
    on_every_store(|db| {
        std::thread::scope(|scope| {
            for node in 0..4_i64 {
                scope.spawn(move || {
                    // Each node delivers its segments newest first, and every one of them twice.
                    for segment in (0..5).rev() {
                        let calls = [call(7, MINUTE + segment), call(node, MINUTE - segment * 3_600)];
                        let portion = Portion { node: format!("node{node}"), ..portion(segment, 0, 120) };
                        let sums = sums(&calls);
                        for _ in 0..2 {
                            db.write(|tx| apply(tx, &portion, &sums)).unwrap();
                        }
                    }
                });
            }
        });
        assert_eq!(requests(db, Whose::Everybody), 40);
        assert_eq!(requests(db, Whose::Party(7)), 20);
        let days = reconcile(db, 9);
        assert!(days.iter().all(|day| day.difference == 0), "{days:?}");
    });
}

#[test]
fn what_comes_days_late_lands_in_its_own_minute() {
    on_every_store(|db| {
        add(db, 9, 0, 60, &[call(1, MINUTE + 3 * DAY)]).unwrap();
        add(db, 1, 0, 60, &[call(1, MINUTE)]).unwrap();
        let days = told(db, &ask(Whose::Party(1), Period::Day)).series;
        let days: Vec<i64> = days.iter().map(|step| step.starts_at).collect();
        assert_eq!(days, [DAY_START, DAY_START + 3 * DAY]);
        let late = UsageQuery { from: Some(MINUTE), to: Some(MINUTE + 60), ..ask(Whose::Party(1), Period::Minute) };
        assert_eq!(told(db, &late).total.requests, 1);
    });
}

#[test]
fn percentiles_of_minutes_merge_to_those_of_the_day() {
    on_every_store(|db| {
        for minute in 0..50_i64 {
            let of_minute: Vec<Call> = (0..20_u32)
                .map(|n| Call {
                    latency_micros: 100 * (u32::try_from(minute).unwrap() * 20 + n + 1),
                    ..call(1, MINUTE + minute * 60)
                })
                .collect();
            add(db, 1, minute * 10, minute * 10 + 10, &of_minute).unwrap();
        }
        // 1,000 calls of 0.1, 0.2, … 100 ms.
        for whose in [Whose::Party(1), Whose::Everybody] {
            let day = told(db, &ask(whose, Period::Day)).total;
            for (per_mille, exact) in [(500, 50_000), (950, 95_000), (990, 99_000)] {
                let known = day.latency.percentile_micros(per_mille).unwrap();
                assert!(known >= exact && known <= exact + exact / 8 + 1, "p{per_mille}: {known}");
            }
            assert_eq!(day.latency_micros, (1..=1_000).map(|n| n * 100).sum::<i64>());
        }
    });
}

#[test]
fn usage_is_told_apart_by_what_was_asked() {
    on_every_store(|db| {
        let calls = [
            call(1, MINUTE),
            Call { dataset: "trees", ..call(1, MINUTE) },
            Call { status: 5, ..call(1, MINUTE) },
            Call { operation: "export_table", dataset: "", ..call(2, MINUTE + 3_600) },
        ];
        add(db, 1, 0, 60, &calls).unwrap();
        let by = |group_by| UsageQuery { group_by, ..ask(Whose::Everybody, Period::Hour) };
        let datasets = told(db, &by(GroupBy { dataset: true, ..GroupBy::default() }));
        let names: Vec<(String, i64)> =
            datasets.groups.iter().map(|row| (row.group.dataset.clone().unwrap(), row.totals.requests)).collect();
        assert_eq!(names, [("beds".to_owned(), 2), (String::new(), 1), ("trees".to_owned(), 1)]);
        assert_eq!(datasets.series.len(), 3, "two datasets in one hour, none in the other");
        let statuses = told(db, &by(GroupBy { status: true, operation: true, ..GroupBy::default() }));
        assert_eq!(statuses.groups.len(), 3);
        assert_eq!(statuses.total.errors, 1);
        let by_minute = UsageQuery { period: Period::Minute, ..by(GroupBy { dataset: true, ..GroupBy::default() }) };
        assert!(matches!(db.read(|tx| report(tx, &by_minute)), Err(CatalogError::Invalid { .. })));
        let newest = told(db, &UsageQuery { limit: 1, ..ask(Whose::Everybody, Period::Hour) });
        assert_eq!(newest.series.iter().map(|step| step.starts_at).collect::<Vec<_>>(), [MINUTE + 3_600]);
        assert_eq!(newest.total.requests, 4, "the total is of all of them");
    });
}

#[test]
fn minutes_and_hours_are_dropped_when_they_are_old_and_days_stay() {
    on_every_store(|db| {
        let now = Timestamp::now().as_secs();
        for (segment, age) in [(1, 0), (2, DAYS_OF_MINUTES + 1), (3, DAYS_OF_HOURS + 1), (4, 3_000)] {
            add(db, segment, 0, 60, &[call(1, now - age * DAY)]).unwrap();
        }
        let gone = db.write(prune_usage).unwrap();
        assert!(gone.minutes > 0 && gone.hours > 0, "{gone:?}");
        let steps = |period| told(db, &ask(Whose::Party(1), period)).series.len();
        assert_eq!((steps(Period::Minute), steps(Period::Hour), steps(Period::Day)), (1, 2, 4));
        assert_eq!(db.write(prune_usage).unwrap().minutes, 0);
    });
}

/// What a key and day may take after roll-up, in bytes.
const MOST_BYTES_A_KEY_AND_DAY: u64 = 1_000;

#[test]
fn a_key_and_day_takes_less_than_a_kilobyte_after_roll_up() {
    let folder = std::env::temp_dir().join(format!("fairground-usage-{}", uuid::Uuid::now_v7()));
    let db = Db::open(&DatabaseUrl::Sqlite(folder.join("usage.db"))).unwrap();
    db.migrate().unwrap();
    let empty = db_bytes(&db, &folder);
    // 300 keys with 60 calls each: three operations on two datasets, some refused.
    for key in 0..300_i64 {
        let calls: Vec<Call> = (0..60)
            .map(|n| Call {
                operation: ["list_rows", "aggregate_rows", "get_table"][n % 3],
                dataset: ["0197e0f4-9b56-7c3e-8f6a-0c6a4e9b1d01", "0197e0f4-9b56-7c3e-8f6a-0c6a4e9b1d02"][n / 30],
                status: if n == 59 { 4 } else { 2 },
                latency_micros: 200 + 130 * u32::try_from(n).unwrap(),
                ..call(key + 1, MINUTE + i64::try_from(n).unwrap())
            })
            .collect();
        let mut days = sums(&calls);
        days.retain(|sum| sum.period == Period::Day);
        db.write(|tx| apply(tx, &portion(key, 0, 1), &days)).unwrap();
    }
    let bytes = (db_bytes(&db, &folder) - empty) / 300;
    std::fs::remove_dir_all(folder).unwrap();
    assert!(bytes <= MOST_BYTES_A_KEY_AND_DAY, "{bytes} bytes a key and day");
}

fn db_bytes(db: &Db, folder: &std::path::Path) -> u64 {
    let copy = folder.join(format!("copy-{}", Timestamp::now().as_micros()));
    db.backup_sqlite(&copy).unwrap();
    std::fs::metadata(copy).unwrap().len()
}

fn recount(calls: &[Call]) -> BTreeMap<i64, DayRecount> {
    let mut days: BTreeMap<i64, DayRecount> = BTreeMap::new();
    for call in calls {
        let day = days.entry(Period::Day.start_of(call.at)).or_default();
        day.requests += 1;
        day.units += 2;
        day.bytes += 100;
        day.errors += i64::from(call.status == 5);
        day.denied += i64::from(call.status == 4);
    }
    days
}

#[test]
fn a_segment_is_proved_only_by_an_equal_recount_and_deleted_only_after_that() {
    on_every_store(|db| {
        let calls = [call(1, MINUTE), Call { status: 5, ..call(2, MINUTE + DAY) }];
        add(db, 1, 0, 60, &calls).unwrap();
        assert!(db.read(|tx| list_unproved(tx, "node1")).unwrap().is_empty(), "it is still being written");
        db.write(|tx| close_segment(tx, "node1", 1)).unwrap();
        assert!(db.read(|tx| list_progress(tx, "node1")).unwrap()[&1].is_closed);
        let later = Timestamp::now().plus_secs(60);
        let retirable = |db: &Db| db.read(|tx| list_retirable(tx, "node1", later)).unwrap();
        assert!(retirable(db).is_empty());

        let lost = recount(&calls[..1]);
        assert_eq!(db.write(|tx| prove_segment(tx, "node1", 1, &lost)).unwrap(), Proof::Different { requests: 1 });
        let days = reconcile(db, 3);
        let all: Vec<(i64, i64)> =
            days.iter().filter(|day| day.node.is_empty()).map(|day| (day.day, day.difference)).collect();
        assert_eq!(all, [(DAY_START, 0), (DAY_START + DAY, 1)]);
        assert_eq!(db.read(total_difference).unwrap(), 1, "the alarm");
        assert!(retirable(db).is_empty(), "what differs is kept");

        assert_eq!(db.write(|tx| prove_segment(tx, "node1", 1, &recount(&calls))).unwrap(), Proof::Equal);
        reconcile(db, 1);
        assert_eq!(db.read(total_difference).unwrap(), 0, "a day that differed is compared until it does not");
        let kept = db.read(|tx| list_reconciliations(tx, 10)).unwrap();
        assert_eq!((kept[0].summed_requests, kept[0].told_requests, kept[0].proved_segments), (Some(1), Some(1), 1));
        assert_eq!(retirable(db), [(1, 60)]);
        db.write(|tx| forget_segment(tx, "node1", 1)).unwrap();
        assert!(retirable(db).is_empty());
        assert_eq!(add(db, 1, 0, 60, &calls).unwrap(), Applied::Before, "a copy that comes back is not summed again");
    });
}

#[test]
fn a_sum_that_was_tampered_with_is_a_difference() {
    on_every_store(|db| {
        add(db, 1, 0, 60, &[call(1, MINUTE), call(2, MINUTE)]).unwrap();
        // A portion whose days are less than its minutes is what a fault of the roll-up would look like.
        let mut faulty = sums(&[call(1, MINUTE)]);
        faulty.retain(|sum| sum.period == Period::Day);
        faulty[0].totals.requests = 5;
        db.write(|tx| apply(tx, &portion(2, 0, 60), &faulty)).unwrap();
        db.write(|tx| close_segment(tx, "node1", 2)).unwrap();
        let truth = recount(&[call(1, MINUTE)]);
        assert_eq!(db.write(|tx| prove_segment(tx, "node1", 2, &truth)).unwrap(), Proof::Different { requests: 4 });
        reconcile(db, 3);
        assert_eq!(db.read(total_difference).unwrap(), 4);
    });
}

#[test]
fn the_public_sees_no_number_behind_which_there_are_fewer_than_five_callers() {
    on_every_store(|db| {
        let mut calls: Vec<Call> = (1..=6).map(|party| call(party, MINUTE)).collect();
        calls.push(Call { operation: "export_table", ..call(1, MINUTE) });
        // Keyless callers in five lots, and one who stands alone.
        calls.extend((0..5).map(|lot| Call { lot, operation: "get_dataset", ..call(KEYLESS_PARTY, MINUTE) }));
        calls.push(Call { operation: "suggest", ..call(KEYLESS_PARTY, MINUTE) });
        calls.push(Call { is_own_use: true, operation: "list_datasets", ..call(99, MINUTE) });
        // In two portions: a caller who comes back is no other caller.
        add(db, 1, 0, 60, &calls[..4]).unwrap();
        add(db, 1, 60, 120, &calls[4..]).unwrap();
        add(db, 1, 120, 180, &calls[..4]).unwrap();
        let rows = db.read(|tx| public_day(tx, DAY_START)).unwrap();
        let told: Vec<(&str, bool, usize, Option<i64>)> = rows
            .iter()
            .map(|row| (row.operation.as_str(), row.is_own_use, row.folded_rows, row.numbers.map(|n| n[0])))
            .collect();
        assert_eq!(
            told,
            [
                ("list_datasets", true, 0, Some(1)),
                ("list_rows", false, 0, Some(10)),
                // Both small numbers, and the smallest of the others, so that neither is found by subtraction.
                ("", false, 3, Some(7)),
            ]
        );
        assert_eq!(db.read(|tx| days_with_use(tx, 0, i64::MAX)).unwrap(), [DAY_START]);
    });
}

#[test]
fn the_service_level_keeps_the_portals_own_use_apart() {
    on_every_store(|db| {
        let now = Timestamp::now().as_secs();
        let calls = [
            call(1, now),
            Call { status: 5, ..call(1, now) },
            Call { status: 4, ..call(1, now) },
            Call { is_own_use: true, status: 5, ..call(99, now) },
            call(1, now - 5 * DAY),
        ];
        add(db, 1, 0, 60, &calls).unwrap();
        let (levels, freshness) = db.read(service_level).unwrap();
        let figures: Vec<(&str, i64, i64)> =
            levels.iter().map(|level| (level.name, level.total.requests, level.total.errors)).collect();
        assert_eq!(figures, [("24h", 3, 1), ("7d", 4, 1), ("90d", 4, 1)]);
        let own: Vec<bool> = levels[0].classes.iter().map(|line| line.is_own_use).collect();
        assert_eq!(own, [false, true]);
        assert_eq!((levels[0].refusals[0].plan.as_str(), levels[0].refusals[0].denied), ("open", 1));
        assert_eq!(freshness.scheduled, 0);
    });
}

fn lease(db: &Db, want: i64, quota: i64) -> i64 {
    let window = QuotaWindow { party: 1, policy: "open-day".to_owned(), starts_at: 0, window_secs: 86_400 };
    db.write(|tx| lease_quota(tx, &window, want, quota)).unwrap()
}

#[test]
fn all_nodes_together_never_lease_more_than_the_quota() {
    on_every_store(|db| {
        let granted: i64 = std::thread::scope(|scope| {
            let nodes: Vec<_> =
                (0..5).map(|_| scope.spawn(|| (0..10).map(|_| lease(db, 3, 100)).sum::<i64>())).collect();
            nodes.into_iter().map(|node| node.join().unwrap()).sum()
        });
        assert_eq!(granted, 100);
        let window = QuotaWindow { party: 1, policy: "open-day".to_owned(), starts_at: 0, window_secs: 86_400 };
        db.write(|tx| give_back_quota(tx, &window, 10)).unwrap();
        assert_eq!(lease(db, 50, 100), 10);
        assert_eq!(lease(db, 1, 100), 0);
        assert_eq!(db.write(|tx| prune_quota(tx, 86_401)).unwrap(), 1);
        assert_eq!(lease(db, 1, 100), 1);
    });
}

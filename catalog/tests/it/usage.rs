use fairground_catalog::usage::{
    Applied, Period, Portion, QuotaWindow, UsageFilter, UsageSum, UsageTotals, apply, give_back_quota, lease_quota,
    prune_minutes, prune_quota, series, total,
};
use fairground_catalog::{CatalogError, Db};

use crate::store::on_every_store;

const MINUTE: i64 = 1_763_780_400;

fn sum(party: i64, minute: i64, requests: i64) -> UsageSum {
    UsageSum {
        minute_starts_at: minute,
        party,
        plan: "open".to_owned(),
        class: "catalogue".to_owned(),
        operation: "list_datasets".to_owned(),
        dataset_id: String::new(),
        status_class: 2,
        totals: UsageTotals { requests, units: requests, bytes: 100 * requests, ..UsageTotals::default() },
    }
}

fn portion(from: i64, to: i64) -> Portion {
    Portion { node: "n1".to_owned(), segment: 1, from, to }
}

#[test]
fn a_portion_counts_once_however_often_it_is_delivered() {
    on_every_store(|db| {
        let add = |from, to, sums: &[UsageSum]| db.write(|tx| apply(tx, &portion(from, to), sums));
        assert_eq!(add(0, 100, &[sum(1, MINUTE, 3), sum(2, MINUTE, 5)]).unwrap(), Applied::Now);
        assert_eq!(add(0, 100, &[sum(1, MINUTE, 3), sum(2, MINUTE, 5)]).unwrap(), Applied::Before);
        assert!(
            matches!(add(150, 200, &[sum(1, MINUTE, 1)]), Err(CatalogError::WrongState { .. })),
            "a gap is refused"
        );
        assert_eq!(add(100, 150, &[sum(1, MINUTE + 60, 4)]).unwrap(), Applied::Now);
        let of = |party| db.read(|tx| total(tx, &UsageFilter { party, ..UsageFilter::default() })).unwrap();
        assert_eq!(
            (of(Some(1)).requests, of(Some(2)).requests, of(Some(3)).requests, of(None).requests),
            (7, 5, 0, 12)
        );
        assert_eq!(of(Some(1)).bytes, 700);
        let minutes = db
            .read(|tx| series(tx, Period::Minute, &UsageFilter { party: Some(1), ..UsageFilter::default() }, 10))
            .unwrap();
        assert_eq!(
            minutes.iter().map(|p| (p.starts_at, p.totals.requests)).collect::<Vec<_>>(),
            [(MINUTE, 3), (MINUTE + 60, 4)]
        );
    });
}

#[test]
fn minutes_are_dropped_and_days_stay() {
    on_every_store(|db| {
        db.write(|tx| apply(tx, &portion(0, 10), &[sum(1, MINUTE, 3)])).unwrap();
        assert_eq!(db.write(|tx| prune_minutes(tx, MINUTE + 60)).unwrap(), 1);
        assert_eq!(db.read(|tx| total(tx, &UsageFilter::default())).unwrap().requests, 3);
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

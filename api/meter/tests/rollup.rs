//! A roll-up is the naive sum, however it is cut.

use std::collections::HashMap;

use fairground_meter::{Flags, Period, PeriodKey, Recount, Rollup, StatusClass, UsageKey, UsageRecord};
use proptest::prelude::*;

const START_MICROS: i64 = 1_772_323_200_000_000;

fn records() -> impl Strategy<Value = Vec<UsageRecord>> {
    let flags = prop_oneof![
        Just(Flags::NONE),
        Just(Flags::DENIED),
        Just(Flags::CACHED | Flags::NOT_MODIFIED),
        Just(Flags::OWN_USE),
    ];
    let what = (0_u64..3, 0_u8..2, 0_u8..2, 0_u16..2, prop::option::of(Just([3; 16])), 0_u8..8);
    let how = (prop_oneof![Just(200_u16), Just(304), Just(404), Just(429), Just(503)], 0_u32..20, any::<u32>(), flags);
    let record =
        (-200_000_000_000_i64..200_000_000_000, what, how, 0_u64..1 << 40).prop_map(|(at, what, how, bytes)| {
            UsageRecord {
                at_micros: START_MICROS + at,
                party: what.0,
                plan: what.1,
                class: what.2,
                operation: what.3,
                dataset: what.4,
                lot: what.5,
                status: how.0,
                units: how.1,
                latency_micros: how.2,
                flags: how.3,
                bytes,
            }
        });
    prop::collection::vec(record, 0..200)
}

fn key(record: &UsageRecord, period: Period) -> PeriodKey {
    let secs = record.at_micros.div_euclid(1_000_000);
    PeriodKey {
        period,
        starts_at: secs - secs.rem_euclid(period.secs()),
        of: UsageKey {
            party: record.party,
            plan: record.plan,
            class: record.class,
            operation: record.operation,
            dataset: record.dataset.filter(|_| period != Period::Minute),
            status: StatusClass::of(record.status),
            is_own_use: record.flags.contains(Flags::OWN_USE),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_rollup_is_the_naive_sum(records in records()) {
        let rollup = Rollup::of(&records);
        for period in Period::ALL {
            let mut groups: HashMap<PeriodKey, Vec<&UsageRecord>> = HashMap::new();
            for record in &records {
                groups.entry(key(record, period)).or_default().push(record);
            }
            prop_assert_eq!(rollup.by(period).count(), groups.len());
            for (key, group) in groups {
                let sums = rollup.get(&key).expect("there");
                let count = |flag| group.iter().filter(|record| record.flags.contains(flag)).count() as u64;
                prop_assert_eq!(sums.requests, group.len() as u64);
                prop_assert_eq!(sums.units, group.iter().map(|record| u64::from(record.units)).sum::<u64>());
                prop_assert_eq!(sums.bytes, group.iter().map(|record| record.bytes).sum::<u64>());
                prop_assert_eq!(sums.errors, group.iter().filter(|record| record.status >= 500).count() as u64);
                prop_assert_eq!(sums.denied, count(Flags::DENIED));
                prop_assert_eq!(sums.cached, count(Flags::CACHED));
                prop_assert_eq!(sums.not_modified, count(Flags::NOT_MODIFIED));
                prop_assert_eq!(sums.latency.total(), group.len() as u64);
                let micros: u64 = group.iter().map(|record| u64::from(record.latency_micros)).sum();
                prop_assert_eq!(sums.latency_micros, micros);
                let lots = group.iter().filter(|record| record.party == 0).fold(0, |lots, record| lots | 1 << record.lot);
                prop_assert_eq!(sums.lots, lots);
            }
        }
    }

    #[test]
    fn a_recount_comes_to_what_the_days_sums_come_to(records in records()) {
        let rollup = Rollup::of(&records);
        let mut recount = Recount::default();
        records.iter().for_each(|record| recount.count(record));
        for (day, count) in recount.days() {
            let of_day = rollup.by(Period::Day).filter(|(key, _)| key.starts_at == day * 86_400);
            let summed = of_day.fold((0, 0, 0, 0, 0), |sum, (_, sums)| {
                (sum.0 + sums.requests, sum.1 + sums.units, sum.2 + sums.bytes, sum.3 + sums.errors, sum.4 + sums.denied)
            });
            prop_assert_eq!(summed, (count.requests, count.units, count.bytes, count.errors, count.denied));
        }
        let days: std::collections::HashSet<i64> = rollup.by(Period::Day).map(|(key, _)| key.starts_at / 86_400).collect();
        prop_assert_eq!(recount.days().len(), days.len());
    }

    #[test]
    fn a_rollup_may_be_cut_anywhere(records in records(), at in any::<prop::sample::Index>()) {
        let (head, tail) = records.split_at(at.index(records.len() + 1));
        let mut cut = Rollup::of(head);
        cut.merge(&Rollup::of(tail));
        prop_assert_eq!(cut, Rollup::of(&records));
    }
}

//! A roll-up is the naive sum, however it is cut.

use std::collections::HashMap;

use fairground_meter::{
    Flags, LATENCY_BUCKETS, LatencyHistogram, MinuteKey, Rollup, StatusClass, UsageKey, UsageRecord,
    bucket_upper_micros,
};
use proptest::prelude::*;

const START_MICROS: i64 = 1_772_323_200_000_000;

fn records() -> impl Strategy<Value = Vec<UsageRecord>> {
    let flags = prop_oneof![
        Just(Flags::NONE),
        Just(Flags::DENIED),
        Just(Flags::CACHED | Flags::NOT_MODIFIED),
        Just(Flags::OWN_USE),
    ];
    let what = (0_u64..3, 0_u8..2, 0_u8..2, 0_u16..2, prop::option::of(Just([3; 16])));
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
                status: how.0,
                units: how.1,
                latency_micros: how.2,
                flags: how.3,
                bytes,
            }
        });
    prop::collection::vec(record, 0..200)
}

fn key(record: &UsageRecord) -> UsageKey {
    UsageKey {
        party: record.party,
        plan: record.plan,
        class: record.class,
        operation: record.operation,
        dataset: record.dataset,
        status: StatusClass::of(record.status),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_rollup_is_the_naive_sum(records in records()) {
        let rollup = Rollup::of(&records);
        let mut groups: HashMap<MinuteKey, Vec<&UsageRecord>> = HashMap::new();
        for record in &records {
            let minute = record.at_micros.div_euclid(60_000_000);
            groups.entry(MinuteKey { minute, of: key(record) }).or_default().push(record);
        }
        prop_assert_eq!(rollup.minutes.len(), groups.len());
        for (key, group) in groups {
            let sums = &rollup.minutes[&key];
            let count = |flag| group.iter().filter(|record| record.flags.contains(flag)).count() as u64;
            prop_assert_eq!(sums.requests, group.len() as u64);
            prop_assert_eq!(sums.units, group.iter().map(|record| u64::from(record.units)).sum::<u64>());
            prop_assert_eq!(sums.bytes, group.iter().map(|record| record.bytes).sum::<u64>());
            prop_assert_eq!(sums.errors, group.iter().filter(|record| record.status >= 500).count() as u64);
            prop_assert_eq!(sums.denied, count(Flags::DENIED));
            prop_assert_eq!(sums.cached, count(Flags::CACHED));
            prop_assert_eq!(sums.not_modified, count(Flags::NOT_MODIFIED));
            prop_assert_eq!(sums.own_use, count(Flags::OWN_USE));
            prop_assert_eq!(sums.latency.total(), group.len() as u64);
        }
    }

    #[test]
    fn minutes_and_days_add_up_to_the_same(records in records()) {
        let rollup = Rollup::of(&records);
        let by_minute = rollup.minutes.values().map(|sums| (sums.requests, sums.bytes));
        let by_day = rollup.days.values().map(|sums| (sums.requests, sums.bytes));
        let add = |(a, b): (u64, u64), (c, d): (u64, u64)| (a + c, b + d);
        prop_assert_eq!(by_minute.fold((0, 0), add), by_day.fold((0, 0), add));
        for (key, sums) in &rollup.days {
            let of_day = records.iter().filter(|record| {
                record.at_micros.div_euclid(86_400_000_000) == key.day && self::key(record) == key.of
            });
            prop_assert_eq!(sums.requests, of_day.count() as u64);
        }
    }

    #[test]
    fn a_rollup_may_be_cut_anywhere(records in records(), at in any::<prop::sample::Index>()) {
        let (head, tail) = records.split_at(at.index(records.len() + 1));
        let mut cut = Rollup::of(head);
        cut.merge(&Rollup::of(tail));
        prop_assert_eq!(cut, Rollup::of(&records));
    }

    #[test]
    fn a_percentile_is_at_most_a_quarter_above_the_exact_one(
        mut latencies in prop::collection::vec(0_u32..100_000_000, 1..200),
        per_mille in 1_u16..=1_000,
    ) {
        let mut histogram = LatencyHistogram::default();
        latencies.iter().for_each(|latency| histogram.add(*latency));
        latencies.sort_unstable();
        let rank = (latencies.len() * usize::from(per_mille)).div_ceil(1_000).max(1);
        let exact = latencies[rank - 1];
        let told = histogram.percentile_micros(per_mille).expect("not empty");
        prop_assert!(told >= exact && told <= exact + exact / 4 + 1, "{told} for {exact}");
    }

    #[test]
    fn a_histogram_reads_back_as_it_was_written(latencies in prop::collection::vec(any::<u32>(), 0..100)) {
        let mut histogram = LatencyHistogram::default();
        latencies.iter().for_each(|latency| histogram.add(*latency));
        prop_assert_eq!(LatencyHistogram::from_bytes(&histogram.to_bytes()), Some(histogram));
    }

    #[test]
    fn no_bytes_upset_the_histogram(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = LatencyHistogram::from_bytes(&bytes);
    }
}

#[test]
fn buckets_rise_to_the_last_latency_there_is() {
    let bounds: Vec<u32> = (8..LATENCY_BUCKETS).map(|bucket| bucket_upper_micros(bucket as u8)).collect();
    assert!(bounds.is_sorted_by(|a, b| a < b));
    assert_eq!(bounds.last(), Some(&u32::MAX));
    assert_eq!(LatencyHistogram::default().percentile_micros(500), None);
}

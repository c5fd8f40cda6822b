//! What recording and summing cost: `cargo bench -p fairground-meter`.

#![allow(missing_docs, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fairground_meter::{Flags, Meter, MeterSettings, Rollup, UsageRecord};

fn record(number: u64) -> UsageRecord {
    UsageRecord {
        at_micros: 1_772_323_200_000_000 + i64::try_from(number * 100).unwrap_or(0),
        party: number % 1_000,
        dataset: Some([7; 16]),
        units: 1,
        bytes: 512,
        latency_micros: u32::try_from(number % 5_000).unwrap_or(0),
        operation: u16::try_from(number % 20).unwrap_or(0),
        status: 200,
        plan: 1,
        class: 1,
        flags: Flags::NONE,
        lot: 0,
    }
}

fn meter(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = Meter::open(dir.path(), MeterSettings::default()).expect("opens");
    let mut group = criterion.benchmark_group("meter");
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(record(black_box(7))).encode()));
    let mut recorder = meter.recorder();
    let mut number = 0;
    group.bench_function("append", |bencher| {
        bencher.iter(|| {
            number += 1;
            recorder.append(&record(number)).expect("room");
        });
    });
    drop(recorder);
    let segment = meter.segments().expect("lists").swap_remove(0).id.start();
    let batch = meter.reader(&segment).expect("opens").read(100_000).expect("reads").records;
    group.throughput(Throughput::Elements(batch.len() as u64));
    group.sample_size(20);
    group.bench_function("read", |bencher| {
        bencher.iter(|| meter.reader(&segment).and_then(|mut reader| reader.read(100_000)).expect("reads"));
    });
    group.bench_function("roll up", |bencher| bencher.iter(|| Rollup::of(black_box(&batch))));
    group.finish();
}

criterion_group!(benches, meter);
criterion_main!(benches);

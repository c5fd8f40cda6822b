//! What a decision costs on the hot path: `cargo bench -p fairground-admission`.

#![allow(missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fairground_admission::{
    Admission, AdmissionSettings, Capacity, CapacitySettings, Decision, FairQueue, MemoryStore, Moment, Party, PlanRef,
};
use fairground_domain::{OperationClass, RateLimit, Tariff, Timestamp};

const START_MICROS: i64 = 1_772_323_200_000_000;

/// That moment, by clocks that nobody sets.
fn at(micros: i64) -> Moment {
    Moment::new(Duration::from_micros(micros.unsigned_abs()), Timestamp::from_micros(micros))
}

/// The default tariff's shape, with room for as many calls as a benchmark makes.
fn admission() -> (Admission, PlanRef) {
    let mut tariff = Tariff::default_at(Timestamp::from_micros(START_MICROS));
    for plan in &mut tariff.plans {
        plan.rates.values_mut().for_each(|rate| *rate = RateLimit { per_second: 10_000_000, burst: 100_000_000 });
        plan.quotas.iter_mut().for_each(|quota| quota.quota = u64::MAX / 4);
    }
    let settings = AdmissionSettings { store_threads: 0, ..AdmissionSettings::default() };
    let admission = Admission::new(&tariff, Arc::new(MemoryStore::new()), settings);
    let plan = admission.plan("open").expect("open");
    (admission, plan)
}

/// Polls once: the fast path never suspends.
fn admit(admission: &Admission, plan: PlanRef, party: Party, now: Moment) -> Option<Decision> {
    let future = pin!(admission.admit(plan, OperationClass::Rows, party, now));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(decision) => Some(decision),
        Poll::Pending => None,
    }
}

fn prime(admission: &Admission, plan: PlanRef, parties: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let now = at(START_MICROS);
        for number in 0..parties {
            admission.admit(plan, OperationClass::Rows, Party::application(number), now).await;
            admission.admit(plan, OperationClass::Rows, Party::application(number), now).await;
        }
    });
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("admit");
    group.throughput(Throughput::Elements(1));
    for parties in [10_u64, 1_000_000] {
        let (admission, plan) = admission();
        prime(&admission, plan, parties);
        let (mut number, mut micros) = (0_u64, START_MICROS);
        group.bench_function(format!("known application of {parties}"), |bencher| {
            bencher.iter(|| {
                number = (number + 7_919) % parties;
                micros += 1;
                let decision = admit(&admission, plan, Party::application(number), at(micros));
                assert!(black_box(decision).is_some_and(|decision| decision.is_admitted()));
            });
        });
    }
    let (admission, plan) = admission();
    let mut micros = START_MICROS;
    group.bench_function("keyless party", |bencher| {
        bencher.iter(|| {
            micros += 1;
            black_box(admit(&admission, plan, Party::keyless(5), at(micros)))
        });
    });
    let mut field = String::with_capacity(128);
    group.bench_function("keyless party with its RateLimit field", |bencher| {
        bencher.iter(|| {
            micros += 1;
            field.clear();
            if let Some(Decision::Admitted(standing)) = admit(&admission, plan, Party::keyless(5), at(micros)) {
                standing.write_limit_field(&mut field);
            }
            black_box(field.len())
        });
    });
    let mut number = 0_u64;
    group.bench_function("new keyless party each time, table full", |bencher| {
        bencher.iter(|| {
            micros += 1;
            number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
            black_box(admit(&admission, plan, Party::keyless(number), at(micros)))
        });
    });
    group.finish();
}

fn one_party_from_two_threads(criterion: &mut Criterion) {
    let (admission, plan) = admission();
    prime(&admission, plan, 64);
    criterion.bench_function("admit/two threads, 64 applications", |bencher| {
        bencher.iter_custom(|rounds| {
            let started = std::time::Instant::now();
            std::thread::scope(|scope| {
                for thread in 0..2_u64 {
                    let admission = &admission;
                    scope.spawn(move || {
                        for round in 0..rounds / 2 {
                            let now = at(START_MICROS + i64::try_from(round).unwrap_or(0));
                            black_box(admit(admission, plan, Party::application((round + thread) % 64), now));
                        }
                    });
                }
            });
            started.elapsed()
        });
    });
}

/// Room for a call while there is some, and whose turn it is when there is none.
fn turns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("capacity");
    group.throughput(Throughput::Elements(1));
    let capacity = Capacity::new(CapacitySettings::default());
    group.bench_function("in and out, nobody waits", |bencher| {
        bencher.iter(|| black_box(capacity.try_enter(OperationClass::Rows)).is_some());
    });
    for parties in [10_u64, 4_000] {
        let mut queue = FairQueue::new();
        for party in 0..parties * 2 {
            queue.push(Party::application(party % parties), 1, ()).expect("room");
        }
        group.bench_function(format!("one out and one in, {parties} parties wait"), |bencher| {
            bencher.iter(|| {
                let (party, units, ()) = queue.pop().expect("backlogged");
                queue.push(black_box(party), units, ()).is_ok()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, one_party_from_two_threads, turns);
criterion_main!(benches);

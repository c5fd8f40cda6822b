//! What a hundred million requests come to: writes generated usage through the meter, rolls it up as the portal does, and says
//! time, memory and sizes. `cargo run --release -p fairground-meter --example roll_up -- [REQUESTS] [KEYS]`
//!
//! Segments are written, summed and deleted in rounds, so that the disk holds one round. The sums of a batch are dropped when
//! they were handed over, as the store takes them; only the days' are kept, in the form that the store keeps.

#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a measurement that prints"
)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use fairground_meter::{
    Flags, Meter, MeterError, MeterSettings, Period, PeriodKey, RECORD_BYTES, Rollup, Sums, UsageRecord,
};

const ROUND: u64 = 5_000_000;
/// As the portal's roll-up reads.
const BATCH_RECORDS: usize = 50_000;
/// Requests of one day.
const DAY_MICROS: u64 = 86_400_000_000;
const START_MICROS: u64 = 1_772_323_200_000_000;
/// What a sum takes in the store beside its histogram: key 20, eleven numbers of 3 bytes in the mean, index 20.
const ROW_BYTES: usize = 20 + 11 * 3 + 20;

/// A small generator: the same requests in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// Small numbers more often than large ones.
    fn skewed(&mut self, sides: u64) -> u64 {
        let (a, b) = (self.roll(sides), self.roll(sides));
        a * b / sides
    }
}

fn request(dice: &mut Dice, number: u64, requests: u64, keys: u64) -> UsageRecord {
    let micros = START_MICROS + number * (DAY_MICROS / requests.max(1)).max(1);
    let party = dice.skewed(keys + 1);
    // A key uses a few operations on a few datasets of its own.
    let dataset = (party * 7 + dice.roll(3)) % 2_000;
    let mut id = [0; 16];
    id[..8].copy_from_slice(&dataset.to_le_bytes());
    let is_denied = dice.roll(200) == 0;
    UsageRecord {
        at_micros: i64::try_from(micros).unwrap_or(i64::MAX),
        party,
        dataset: Some(id),
        units: 1,
        bytes: 300 + dice.roll(20_000),
        latency_micros: u32::try_from(150 + dice.skewed(20_000)).unwrap_or(u32::MAX),
        operation: u16::try_from(dice.roll(2)).unwrap_or(0),
        status: if is_denied { 429 } else { 200 },
        plan: if party == 0 { 0 } else { 1 },
        class: 1,
        flags: if is_denied { Flags::DENIED } else { Flags::NONE },
        lot: u8::try_from(dice.roll(8)).unwrap_or(0),
    }
}

fn main() -> Result<(), MeterError> {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.replace('_', "").parse::<u64>().ok());
    let (requests, keys) = (arguments.next().unwrap_or(100_000_000), arguments.next().unwrap_or(10_000));
    let folder = std::env::temp_dir().join(format!("fairground-roll-up-{}", std::process::id()));
    let meter = Meter::open(&folder, MeterSettings::default())?;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut writing, mut summing) = (Duration::ZERO, Duration::ZERO);
    let (mut segment_bytes, mut handed_over, mut counted) = (0_u64, 0_u64, 0_u64);
    let mut days: HashMap<PeriodKey, Sums> = HashMap::new();
    let mut done = 0;
    while done < requests {
        let round = ROUND.min(requests - done);
        let started = Instant::now();
        let mut recorder = meter.recorder();
        for number in done..done + round {
            recorder.append(&request(&mut dice, number, requests, keys))?;
        }
        recorder.close();
        writing += started.elapsed();
        let started = Instant::now();
        for segment in meter.segments()? {
            segment_bytes += segment.size_bytes;
            let mut reader = meter.reader(&segment.id.start())?;
            loop {
                let batch = reader.read(BATCH_RECORDS)?;
                counted += u64::try_from(batch.records.len()).unwrap_or(0);
                let rollup = Rollup::of(&batch.records);
                handed_over += u64::try_from(rollup.iter().count()).unwrap_or(0);
                for (key, sums) in rollup.by(Period::Day) {
                    days.entry(*key).or_default().merge(sums);
                }
                if batch.is_complete {
                    meter.retire(&batch.to)?;
                    break;
                }
            }
        }
        summing += started.elapsed();
        done += round;
    }
    let stored: usize = days.values().map(|sums| ROW_BYTES + sums.latency.to_bytes().len()).sum();
    let key_days = days.keys().map(|key| (key.of.party, key.starts_at)).collect::<std::collections::HashSet<_>>().len();
    let told: u64 = days.values().map(|sums| sums.requests).sum();
    println!(
        "requests               {requests} of {keys} keys in one day; counted {counted}, in the days' sums {told}"
    );
    println!("a record               {RECORD_BYTES} bytes; with heads {:.2}", ratio(segment_bytes, requests));
    println!("written in             {:.1} s, {:.0} requests/s", writing.as_secs_f64(), rate(requests, writing));
    println!("summed in              {:.1} s, {:.0} requests/s", summing.as_secs_f64(), rate(requests, summing));
    println!("sums handed over       {handed_over}, in batches of {BATCH_RECORDS} records");
    println!("days' sums             {} rows, about {:.1} MB", days.len(), stored as f64 / 1e6);
    println!(
        "a key and day          about {:.0} bytes in {:.1} rows",
        stored as f64 / key_days as f64,
        days.len() as f64 / key_days as f64
    );
    println!("most memory            {}", peak_memory());
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}

fn rate(requests: u64, took: Duration) -> f64 {
    requests as f64 / took.as_secs_f64().max(1e-9)
}

/// As the system says it (Linux).
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown");
    line.trim_start_matches("VmHWM:").trim().to_owned()
}

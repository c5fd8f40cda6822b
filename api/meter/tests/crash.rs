//! The process is killed, the disk fills: what was acknowledged is there, once.
//!
//! Each story runs this test program again as a child that meters until it is ended, and then reads what it left.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fairground_meter::{Meter, MeterSettings, RECORD_BYTES, UsageRecord};

/// Says to the child which folder it meters into.
const FOLDER: &str = "FAIRGROUND_TEST_METER_FOLDER";
const START_MICROS: i64 = 1_772_323_200_000_000;

/// The child: meters one record after the other and says each number once its record is written.
#[test]
#[ignore = "the child of the other tests here"]
fn meter_until_the_end() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let meter = Meter::open(Path::new(&folder), MeterSettings::default()).expect("opens");
    let mut recorder = meter.recorder();
    for party in 1_u64.. {
        let record = UsageRecord { at_micros: START_MICROS, party, ..UsageRecord::default() };
        if recorder.append(&record).is_err() {
            println!("refused {party}");
            return;
        }
        println!("written {party}");
    }
}

/// Starts the child; `before` is said to the shell that becomes it.
fn child(folder: &Path, before: &str) -> Child {
    let program = std::env::current_exe().expect("known");
    let line = format!("{before} exec \"$0\" --ignored --exact meter_until_the_end --nocapture");
    let mut command = Command::new("sh");
    command.arg("-c").arg(line).arg(program).env(FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("starts")
}

/// Numbers that the child said, until it says no more or `enough` of them came.
fn said(child: &mut Child, enough: usize) -> (Vec<u64>, bool) {
    let (mut written, mut refused) = (Vec::new(), false);
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let Ok(line) = line else { break };
        // The first line begins with what the test program itself says.
        if let Some((_, number)) = line.split_once("written ") {
            written.push(number.parse().expect("a number"));
        }
        refused |= line.contains("refused ");
        if written.len() == enough {
            // Killed in the midst of writing on: the pipe is full of numbers that nobody reads.
            child.kill().expect("killed");
        }
    }
    child.wait().expect("ended");
    (written, refused)
}

fn parties(meter: &Meter) -> Vec<u64> {
    let mut parties = Vec::new();
    for segment in meter.segments().expect("lists") {
        let mut reader = meter.reader(&segment.id.start()).expect("opens");
        loop {
            let batch = reader.read(1_000).expect("reads");
            assert!(batch.damage.is_empty());
            parties.extend(batch.records.iter().map(|record| record.party));
            if batch.is_complete {
                break;
            }
        }
    }
    parties
}

#[test]
fn a_killed_process_has_written_every_record_that_it_acknowledged() {
    for enough in [1, 57, 4_000] {
        let dir = tempfile::tempdir().expect("a directory");
        let (acknowledged, _) = said(&mut child(dir.path(), ""), enough);
        assert!(acknowledged.len() >= enough);
        let meter = Meter::open(dir.path(), MeterSettings::default()).expect("opens again");
        let there = parties(&meter);
        assert!(there.starts_with(&acknowledged), "killed after {enough}");
        assert!(there.iter().copied().eq(1..=there.len() as u64), "in order, and none twice");
    }
}

#[test]
fn a_full_disk_is_refused_and_forgotten_once_there_is_room() {
    let dir = tempfile::tempdir().expect("a directory");
    // The system lets no file of the child grow beyond 8 blocks of 512 (or 1,024) bytes.
    let (acknowledged, refused) = said(&mut child(dir.path(), "trap '' XFSZ; ulimit -f 8;"), usize::MAX);
    assert!(refused, "the child was told that there is no room");
    assert!(acknowledged.len() > 8 * 512 / RECORD_BYTES - 3, "{}", acknowledged.len());
    let meter = Meter::open(dir.path(), MeterSettings::default()).expect("opens again");
    assert_eq!(parties(&meter), acknowledged, "what was refused is not there, and what was taken is there once");
    let next = acknowledged.len() as u64 + 1;
    let mut recorder = meter.recorder();
    recorder.append(&UsageRecord { at_micros: START_MICROS, party: next, ..UsageRecord::default() }).expect("room");
    recorder.close();
    assert!(parties(&meter).into_iter().eq(1..=next));
}

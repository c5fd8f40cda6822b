//! Segments in real files: written, killed, cut off, damaged, read on, retired.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use fairground_meter::{
    Damage, Flags, Meter, MeterError, MeterSettings, Names, RECORD_BYTES, SegmentPosition, TornTail, UsageRecord,
};

const START_MICROS: i64 = 1_772_323_200_000_000;
const RECORD_SIZE: u64 = RECORD_BYTES as u64;

fn names() -> Names {
    Names { plans: vec!["keyless".into(), "open".into()], operations: vec!["find_dataset".into()] }
}

fn settings() -> MeterSettings {
    MeterSettings { names: names(), ..MeterSettings::default() }
}

fn open(dir: &Path) -> Meter {
    Meter::open(dir, settings()).expect("opens")
}

fn record(number: u64) -> UsageRecord {
    UsageRecord {
        at_micros: START_MICROS + i64::try_from(number).expect("small"),
        party: number,
        dataset: number.is_multiple_of(2).then_some([7; 16]),
        units: 1,
        bytes: 512 * number,
        latency_micros: 90,
        operation: 0,
        status: 200,
        plan: 1,
        class: 1,
        flags: Flags::CACHED,
        lot: 0,
    }
}

fn write(meter: &Meter, numbers: std::ops::Range<u64>) {
    let mut recorder = meter.recorder();
    for number in numbers {
        recorder.append(&record(number)).expect("room");
    }
}

/// Reads every segment to its end; the parties in order, and where each ended.
fn read_all(meter: &Meter) -> (Vec<u64>, Vec<SegmentPosition>) {
    let (mut parties, mut ends) = (Vec::new(), Vec::new());
    for segment in meter.segments().expect("lists") {
        let mut reader = meter.reader(&segment.id.start()).expect("opens");
        loop {
            let batch = reader.read(7).expect("reads");
            assert!(batch.damage.is_empty());
            parties.extend(batch.records.iter().map(|record| record.party));
            if batch.is_complete || batch.records.is_empty() {
                ends.push(batch.to);
                break;
            }
        }
    }
    (parties, ends)
}

#[test]
fn what_is_appended_can_be_read_at_once_and_from_any_position() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    let mut recorder = meter.recorder();
    assert!(meter.segments().expect("lists").is_empty(), "no record, no segment");
    for number in 0..10 {
        recorder.append(&record(number)).expect("room");
    }
    let segments = meter.segments().expect("lists");
    assert_eq!(segments.len(), 1);
    assert!(segments[0].is_live);
    let mut reader = meter.reader(&segments[0].id.start()).expect("opens");
    assert_eq!(reader.names().map(|known| known.plan(1)), Some(Some("open")));
    let first = reader.read(4).expect("reads");
    assert_eq!(first.records, (0..4).map(record).collect::<Vec<_>>());
    let rest = meter.reader(&first.to).expect("opens").read(100).expect("reads");
    assert_eq!(rest.records, (4..10).map(record).collect::<Vec<_>>());
    assert_eq!(rest.from, first.to);
    assert!(!rest.is_complete, "it is still written to");
    recorder.append(&record(10)).expect("room");
    let mut reader = meter.reader(&rest.to).expect("opens");
    assert_eq!(reader.read(100).expect("reads").records, [record(10)]);
    recorder.close();
    let end = reader.read(100).expect("reads");
    assert!(end.records.is_empty() && end.is_complete);
}

#[test]
fn a_kill_at_any_byte_of_the_last_record_loses_that_record_only() {
    let dir = tempfile::tempdir().expect("a directory");
    write(&open(dir.path()), 0..3);
    let id = open(dir.path()).segments().expect("lists")[0].id.clone();
    let path = dir.path().join(format!("{id}.usage"));
    let whole = fs::read(&path).expect("reads");
    for cut in 1..=RECORD_BYTES {
        fs::write(&path, &whole[..whole.len() - cut]).expect("cuts");
        let meter = open(dir.path());
        let mut reader = meter.reader(&id.start()).expect("opens");
        let batch = reader.read(100).expect("reads");
        assert_eq!(batch.records, [record(0), record(1)], "cut by {cut}");
        assert!(batch.is_complete && batch.damage.is_empty());
        let bytes = RECORD_SIZE - u64::try_from(cut).expect("small");
        let offset = u64::try_from(whole.len()).expect("small") - RECORD_SIZE;
        assert_eq!(batch.torn_tail, (bytes > 0).then_some(TornTail { offset, bytes }));
        assert_eq!(batch.to.offset, offset + bytes, "the position lies behind the torn tail");
    }
}

#[test]
fn a_kill_while_the_head_is_written_leaves_an_empty_segment() {
    let dir = tempfile::tempdir().expect("a directory");
    write(&open(dir.path()), 0..1);
    let id = open(dir.path()).segments().expect("lists")[0].id.clone();
    let path = dir.path().join(format!("{id}.usage"));
    let whole = fs::read(&path).expect("reads");
    for length in [0, 5, 12, whole.len() - RECORD_BYTES - 1] {
        fs::write(&path, &whole[..length]).expect("cuts");
        let meter = open(dir.path());
        let mut reader = meter.reader(&id.start()).expect("opens");
        let batch = reader.read(100).expect("reads");
        assert!(batch.records.is_empty() && batch.is_complete, "length {length}");
        assert_eq!(batch.to.offset, u64::try_from(length).expect("small"));
    }
    meter_retires(dir.path(), &id.start());
}

fn meter_retires(dir: &Path, start: &SegmentPosition) {
    let meter = open(dir);
    let end = meter.reader(start).expect("opens").read(1_000).expect("reads").to;
    meter.retire(&end).expect("retires");
    assert!(meter.segments().expect("lists").is_empty());
}

#[test]
fn a_partial_record_at_the_end_of_a_live_segment_is_waited_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    let mut recorder = meter.recorder();
    recorder.append(&record(0)).expect("room");
    let id = meter.segments().expect("lists")[0].id.clone();
    let path = dir.path().join(format!("{id}.usage"));
    let mut file = OpenOptions::new().append(true).open(&path).expect("opens");
    let bytes = record(1).encode();
    let mut reader = meter.reader(&id.start()).expect("opens");
    file.write_all(&bytes[..25]).expect("writes");
    let batch = reader.read(100).expect("reads");
    assert_eq!((batch.records, batch.torn_tail, batch.is_complete), (vec![record(0)], None, false));
    file.write_all(&bytes[25..]).expect("writes");
    assert_eq!(reader.read(100).expect("reads").records, [record(1)]);
}

#[test]
fn a_damaged_record_is_skipped_and_its_place_is_told() {
    let dir = tempfile::tempdir().expect("a directory");
    write(&open(dir.path()), 0..5);
    let meter = open(dir.path());
    let info = meter.segments().expect("lists")[0].clone();
    let head = info.size_bytes - 5 * RECORD_SIZE;
    let mut file = OpenOptions::new().write(true).open(dir.path().join(format!("{}.usage", info.id))).expect("opens");
    for place in [1, 4] {
        file.seek(SeekFrom::Start(head + place * RECORD_SIZE + 11)).expect("seeks");
        file.write_all(&[0xEE]).expect("writes");
    }
    let batch = meter.reader(&info.id.start()).expect("opens").read(100).expect("reads");
    assert_eq!(batch.records, [record(0), record(2), record(3)]);
    assert_eq!(batch.damage, [1, 4].map(|place| Damage { offset: head + place * RECORD_SIZE }));
    assert!(batch.is_complete);
}

#[test]
fn segments_rotate_by_size_by_age_and_when_names_change() {
    let dir = tempfile::tempdir().expect("a directory");
    let rotating = MeterSettings { segment_max_bytes: 300, segment_max_age: Duration::from_secs(60), ..settings() };
    let meter = Meter::open(dir.path(), rotating).expect("opens");
    let mut recorder = meter.recorder();
    for number in 0..20 {
        recorder.append(&record(number)).expect("room");
    }
    let segments = meter.segments().expect("lists");
    assert!(segments.len() > 4 && segments.iter().all(|segment| segment.size_bytes <= 300));
    assert_eq!(segments.iter().filter(|segment| segment.is_live).count(), 1, "the others are closed");
    assert_eq!(read_all(&meter).0, (0..20).collect::<Vec<_>>(), "names sort in the order of writing");

    let before = segments.len();
    let late = UsageRecord { at_micros: START_MICROS + 61_000_000, ..record(20) };
    recorder.append(&late).expect("room");
    assert_eq!(meter.segments().expect("lists").len(), before + 1);

    let renamed = Names { plans: vec!["other".into()], operations: vec![] };
    meter.rename(&names()).expect("short");
    recorder.append(&late).expect("room");
    assert_eq!(meter.segments().expect("lists").len(), before + 1, "the same names change nothing");
    meter.rename(&renamed).expect("short");
    recorder.append(&late).expect("room");
    let segments = meter.segments().expect("lists");
    let reader = meter.reader(&segments.last().expect("some").id.start()).expect("opens");
    assert_eq!(reader.names().map(|known| (**known).clone()), Some(renamed));
}

#[test]
fn recorders_write_to_segments_of_their_own() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = Meter::open(dir.path(), MeterSettings { segment_max_bytes: 4_096, ..settings() }).expect("opens");
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let meter = &meter;
            scope.spawn(move || write(meter, thread * 1_000..thread * 1_000 + 1_000));
        }
    });
    let (mut parties, _) = read_all(&meter);
    parties.sort_unstable();
    assert_eq!(parties, (0..4_000).collect::<Vec<_>>());
    assert!(meter.segments().expect("lists").iter().all(|segment| !segment.is_live));
    assert_eq!(meter.failures(), 0);
}

#[test]
fn a_segment_number_is_never_given_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut given = HashSet::new();
    let mut node = None;
    for round in 0..5 {
        let meter = open(dir.path());
        assert_eq!(*node.get_or_insert_with(|| meter.node().to_owned()), meter.node(), "the node keeps its id");
        for _ in 0..40 {
            write(&meter, 0..1);
        }
        let (_, ends) = read_all(&meter);
        for end in &ends {
            assert!(given.insert(end.id()), "{:?}", end.id());
            meter.retire(end).expect("retires");
        }
        if round == 2 {
            fs::remove_file(dir.path().join("next-segment")).expect("removes");
            write(&meter, 0..1);
        }
    }
    assert_eq!(given.len(), 5 * 40 + 1);
}

#[test]
fn one_process_meters_into_a_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    assert!(matches!(Meter::open(dir.path(), settings()), Err(MeterError::Locked(_))));
    drop(meter);
    open(dir.path());
}

#[test]
fn only_what_is_closed_and_read_to_its_end_is_retired() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    let mut recorder = meter.recorder();
    recorder.append(&record(0)).expect("room");
    recorder.append(&record(1)).expect("room");
    let mut reader = meter.reader(&meter.segments().expect("lists")[0].id.start()).expect("opens");
    let half = reader.read(1).expect("reads").to;
    let end = reader.read(1).expect("reads").to;
    assert!(matches!(meter.retire(&end), Err(MeterError::StillLive(_))));
    drop(recorder);
    assert!(matches!(meter.retire(&half), Err(MeterError::NotReadYet { .. })));
    meter.retire(&end).expect("retires");
    assert!(matches!(meter.retire(&end), Err(MeterError::Io { .. })), "it is gone");
}

#[test]
fn what_is_not_ours_is_refused_by_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    let foreign = SegmentPosition { node: meter.node().to_owned(), segment: 999, offset: 0 };
    fs::write(dir.path().join(format!("{}.usage", foreign.id())), "something else entirely").expect("writes");
    assert!(matches!(meter.reader(&foreign), Err(MeterError::NotASegment(_))));
    drop(meter);
    fs::write(dir.path().join("node"), "../../etc").expect("writes");
    assert!(matches!(Meter::open(dir.path(), settings()), Err(MeterError::NodeId(_))));
}

#[test]
fn a_segment_that_cannot_be_started_is_told_counted_and_outlived() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = Meter::open(dir.path(), MeterSettings { segment_max_bytes: 1, ..settings() }).expect("opens");
    let mut recorder = meter.recorder();
    recorder.append(&record(0)).expect("room");
    let segment = meter.segments().expect("lists")[0].id.counter + 1;
    let taken = SegmentPosition { node: meter.node().to_owned(), segment, offset: 0 };
    fs::create_dir(dir.path().join(format!("{}.usage", taken.id()))).expect("creates");
    assert!(matches!(recorder.append(&record(1)), Err(MeterError::Io { doing: "creating", .. })));
    assert_eq!(meter.failures(), 1);
    recorder.append(&record(2)).expect("the next number is free");
    assert_eq!(meter.failures(), 1);
}

#[test]
fn what_cannot_be_read_is_put_aside_under_its_name_and_can_be_put_back() {
    let dir = tempfile::tempdir().expect("a directory");
    write(&open(dir.path()), 0..3);
    let meter = open(dir.path());
    let id = meter.segments().expect("lists")[0].id.clone();
    let path = dir.path().join(id.file_name());
    let whole = fs::read(&path).expect("reads");
    fs::write(&path, "no segment").expect("writes");
    assert!(meter.reader(&id.start()).expect_err("is none").is_unreadable());
    assert_eq!(meter.quarantine(&id.file_name()).expect("moves"), id.file_name());
    assert!(meter.segments().expect("lists").is_empty());
    fs::write(&path, "nor this").expect("writes");
    assert_eq!(meter.quarantine(&id.file_name()).expect("moves"), format!("{}.1", id.file_name()), "nothing is lost");
    assert_eq!(meter.quarantined().expect("lists").len(), 2);
    fs::write(&path, whole).expect("writes");
    assert_eq!(read_all(&meter).0, [0, 1, 2], "mended, it is read like any other");
    fs::write(dir.path().join("copy of a segment.usage"), "").expect("writes");
    assert_eq!(meter.strangers().expect("lists"), ["copy of a segment.usage"]);
    let recorder_writes = {
        let mut recorder = meter.recorder();
        recorder.append(&record(9)).expect("room");
        let live = meter.segments().expect("lists").into_iter().find(|segment| segment.is_live).expect("one");
        meter.quarantine(&live.id.file_name())
    };
    assert!(matches!(recorder_writes, Err(MeterError::StillLive(_))));
}

#[test]
fn a_reader_can_be_held_to_what_the_disk_has() {
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    let mut recorder = meter.recorder();
    recorder.append(&record(0)).expect("room");
    let synced = meter.segments().expect("lists")[0].clone();
    meter.sync().expect("syncs");
    recorder.append(&record(1)).expect("room");
    recorder.close();
    meter.sync().expect("syncs what was closed");
    let held = meter.reader(&synced.id.start()).expect("opens").up_to(synced.size_bytes).read(100).expect("reads");
    assert_eq!((held.records, held.is_complete), (vec![record(0)], false));
    let rest = meter.reader(&held.to).expect("opens").read(100).expect("reads");
    assert_eq!((rest.records, rest.is_complete), (vec![record(1)], true));
    let count = |up_to| {
        meter.recount(&synced.id.start(), up_to).expect("counts").days().values().map(|day| day.requests).sum::<u64>()
    };
    assert_eq!((count(synced.size_bytes), count(u64::MAX)), (1, 2));
}

#[test]
fn a_clock_that_steps_two_hours_loses_and_doubles_nothing() {
    const STEP_MICROS: i64 = 2 * 3_600 * 1_000_000;
    let dir = tempfile::tempdir().expect("a directory");
    let meter = open(dir.path());
    let mut recorder = meter.recorder();
    let mut expected = Vec::new();
    for (number, step) in [0, 0, -STEP_MICROS, -STEP_MICROS, 0, STEP_MICROS, 0].into_iter().enumerate() {
        let number = number as u64;
        recorder.append(&UsageRecord { at_micros: START_MICROS + step, ..record(number) }).expect("room");
        expected.push(number);
    }
    assert_eq!(read_all(&meter).0, expected);
    let segments = meter.segments().expect("lists");
    assert_eq!(segments.len(), 5, "each step closes a segment, backwards too");
    assert_eq!(segments.iter().filter(|segment| segment.is_live).count(), 1);
}

//! Measures a load: rows and megabytes a second from file to snapshot, and the peak of memory.
//!
//! `cargo run --release -p fairground-tables-intake --example bench_load -- [--threads N] [--runs N] FILE [OUT_DIR]`

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use fairground_tables_intake::{LoadOptions, Progress, Stage, Watch, load};

/// Notes when each stage was first and last seen.
#[derive(Default)]
struct Stages(Mutex<Vec<(Stage, Instant, Instant)>>);

impl Watch for Stages {
    fn progress(&self, progress: Progress) {
        let now = Instant::now();
        if let Ok(mut stages) = self.0.lock() {
            match stages.iter_mut().find(|(stage, ..)| *stage == progress.stage) {
                Some((_, _, last)) => *last = now,
                None => stages.push((progress.stage, now, now)),
            }
        }
    }

    fn stopped(&self) -> bool {
        false
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut threads = 0;
    let mut runs = 1;
    let mut paths = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--threads" => threads = arguments.next().ok_or("--threads needs a number")?.parse()?,
            "--runs" => runs = arguments.next().ok_or("--runs needs a number")?.parse()?,
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let file = paths.first().ok_or("usage: bench_load [--threads N] [--runs N] FILE [OUT_DIR]")?;
    let out = paths.get(1).cloned().unwrap_or_else(|| std::env::temp_dir().join("fairground-bench-load"));
    for _ in 0..runs {
        run(file, &out, threads)?;
    }
    Ok(())
}

fn run(file: &Path, out: &Path, threads: usize) -> Result<(), Box<dyn std::error::Error>> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let options = LoadOptions { name, threads, ..LoadOptions::default() };
    let watch = Stages::default();
    let bytes = std::fs::metadata(file)?.len();
    let begin = Instant::now();
    let tables = load(file, &options, out, &watch)?;
    let seconds = begin.elapsed().as_secs_f64();
    let rows: u64 = tables.iter().map(|table| table.snapshot.rows).sum();
    println!(
        "{rows} rows, {:.1} MB in {seconds:.3} s: {:.0} rows/s, {:.1} MB/s, Parquet {:.1} MB, peak memory {}",
        bytes as f64 / 1e6,
        rows as f64 / seconds,
        bytes as f64 / 1e6 / seconds,
        tables.iter().map(|table| table.snapshot.parquet_bytes).sum::<u64>() as f64 / 1e6,
        peak_memory()
    );
    if let Ok(stages) = watch.0.lock() {
        for (stage, first, last) in stages.iter() {
            let at = first.duration_since(begin).as_secs_f64();
            println!("  {}: from {at:.3} s for {:.3} s", stage.as_str(), last.duration_since(*first).as_secs_f64());
        }
    }
    for table in &tables {
        for column in &table.snapshot.columns {
            let statistics = &column.statistics;
            println!(
                "  {}: {:?}, {} values, {} nulls, {} distinct",
                column.name, column.column_type, statistics.count, statistics.nulls, statistics.distinct
            );
        }
        for note in &table.snapshot.source.notes {
            println!("  note: {note}");
        }
        std::fs::remove_file(&table.parquet)?;
        if let Some(quarantine) = &table.quarantine {
            println!("  {} rows in quarantine", table.snapshot.quarantine.rows);
            std::fs::remove_file(quarantine)?;
        }
    }
    Ok(())
}

/// The highest resident memory of this process (Linux).
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

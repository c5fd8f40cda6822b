//! Times the reading of one catalogue: `cargo run --profile quick -p fairground-standards --example survey -- FILE…`
//!
//! Several files are the parts of one document. Prints one JSON object.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use fairground_standards::{Document, Hints, Limits, detect};

/// Peak resident memory in KiB, where the system tells (Linux).
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches("kB").trim().parse().ok()
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let parts: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let first = parts.first().ok_or("usage: survey FILE…")?;
    let mut head = Vec::new();
    std::fs::File::open(first)?.take(64 * 1024).read_to_end(&mut head)?;
    let format = detect(&head, &Hints { content_type: None, name: first.to_str() })?;
    let start = Instant::now();
    let document = Document::open(&parts, format, &Limits::default())?;
    let surveyed = start.elapsed();
    let start = Instant::now();
    let mut records = 0u64;
    for raw in document.records() {
        raw?;
        records += 1;
    }
    let read = start.elapsed();
    let start = Instant::now();
    let (mut accepted, mut warnings) = (0u64, 0usize);
    for raw in document.records() {
        let decoded = document.decode(&raw?);
        accepted += u64::from(decoded.draft.is_some());
        warnings += decoded.findings.len();
    }
    let decoded = start.elapsed();
    let report = serde_json::json!({
        "format": format.as_str(), "records": records, "accepted": accepted, "findings": warnings,
        "survey_secs": surveyed.as_secs_f64(), "read_secs": read.as_secs_f64(),
        "read_and_decode_secs": decoded.as_secs_f64(), "peak_kib": peak_kib(),
    });
    eprintln!("{report}");
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

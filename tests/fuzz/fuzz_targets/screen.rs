//! Any bytes as a table and as a text through the personal-data screen: a report that holds together, never a panic.
//!
//! Lines are rows, tabs part cells; the first line is the header.
#![no_main]

use fairground_screen::{Rules, Screen};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let mut screen = Screen::new(Rules::default());
    screen.begin_table("fuzz", &header);
    for (number, line) in (2..).zip(lines) {
        screen.row(number, &line.split('\t').collect::<Vec<_>>());
    }
    screen.text("text", &text);
    screen.property("creator", &text);
    let report = screen.finish();
    for finding in &report.findings {
        assert!(finding.outcome <= report.verdict);
        assert!((0.0..=1.0).contains(&finding.share) && (0.0..=1.0).contains(&finding.confidence));
        assert!(!finding.rule.is_empty() && !finding.why.is_empty());
    }
});

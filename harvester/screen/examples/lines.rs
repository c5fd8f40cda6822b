//! What the screen says of each line of the standard input by itself, or of each file of tab-separated rows that is named.
#![allow(clippy::print_stdout)]

use std::io::BufRead;

use fairground_screen::{Report, Rules, Screen};

fn main() -> std::io::Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        let mut rows = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let mut screen = Screen::new(Rules::default());
        screen.begin_table(file, &rows.next().unwrap_or_default());
        for (number, row) in (2..).zip(rows) {
            screen.row(number, &row);
        }
        tell(&screen.finish(), file);
    }
    if files.is_empty() {
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            let mut screen = Screen::new(Rules::default());
            screen.text("", &line);
            tell(&screen.finish(), &line);
        }
    }
    Ok(())
}

fn tell(report: &Report, what: &str) {
    let told =
        |finding: &fairground_screen::Finding| format!("{} {} {}", finding.column, finding.kind.as_str(), finding.rule);
    let kinds: Vec<&str> = report.findings.iter().map(|finding| finding.kind.as_str()).collect();
    let columns: Vec<String> = report.findings.iter().map(told).collect();
    println!("{}\t{}\t{what}\t{}", report.verdict.as_str(), kinds.join(","), columns.join("; "));
}

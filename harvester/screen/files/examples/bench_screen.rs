//! Screens files and prints one JSON object for each: `bench_screen FILE…`, or names of files on standard input.
//!
//! `tests/bench/screen.py` calls it, compares with the labels and prints the table of precision and recall.

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use fairground_screen::Rules;
use fairground_screen_files::screen_file;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        files = std::io::stdin().lock().lines().collect::<Result<_, _>>()?;
    }
    let mut out = std::io::stdout().lock();
    for file in files {
        let path = Path::new(&file);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let begun = Instant::now();
        let screened = screen_file(path, &name, Rules::default(), None);
        let seconds = begun.elapsed().as_secs_f64();
        let line = match screened {
            Ok((report, _)) => serde_json::json!({ "file": file, "seconds": seconds, "report": report }),
            Err(error) => serde_json::json!({ "file": file, "seconds": seconds, "error": error.to_string() }),
        };
        writeln!(out, "{line}")?;
    }
    Ok(())
}

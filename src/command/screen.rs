//! `screen`: one file through the personal-data screen, alone.

use std::path::Path;
use std::process::ExitCode;

use fairground_screen::{Report, Rules, Verdict};
use fairground_screen_files::{ScreenError, screen_file};

use super::{Usage, say, say_json};
use crate::Failure;

/// The exit status of a hold.
const HELD: u8 = 3;

/// A file that could not be screened.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` was not screened")]
struct Failed {
    file: String,
    source: ScreenError,
}

pub(crate) fn run(file: &Path, previous: Option<&Path>, json_only: bool) -> Result<ExitCode, Failure> {
    let baseline = match previous {
        Some(previous) => Some(screened(previous, None)?.1),
        None => None,
    };
    let (report, _) = screened(file, baseline)?;
    if !json_only {
        describe(&report);
    }
    say_json(&report)?;
    Ok(match report.verdict {
        Verdict::Pass | Verdict::Notes => ExitCode::SUCCESS,
        Verdict::Hold => ExitCode::from(HELD),
    })
}

fn screened(
    file: &Path,
    baseline: Option<fairground_screen::Baseline>,
) -> Result<(Report, fairground_screen::Baseline), Failure> {
    if !file.is_file() {
        return Err(Usage::of(format!("`{}` is not a file", file.display())));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    screen_file(file, &name, Rules::default(), baseline)
        .map_err(|source| Failed { file: file.display().to_string(), source }.into())
}

fn describe(report: &Report) {
    say(&format!("Verdict: {} (rules {}).", report.verdict.as_str(), report.rules));
    for finding in &report.findings {
        let scheme = finding.scheme.as_ref().map(|scheme| format!(" ({scheme})")).unwrap_or_default();
        say(&format!(
            "  {}: {}{scheme} in `{}`, {} rows, confidence {:.2}. {}",
            finding.outcome.as_str(),
            finding.kind.as_str(),
            finding.column,
            finding.rows,
            finding.confidence,
            finding.why,
        ));
    }
    for note in &report.notes {
        say(&format!("  note: {note}"));
    }
}

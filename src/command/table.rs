//! `table load`: one file as tables, without a browser.

use std::path::Path;
use std::process::ExitCode;

use fairground_catalog::Catalog;
use fairground_catalog::gate::{HoldId, ReleaseReason, Report, Verdict};
use fairground_catalog::table::Published;
use fairground_domain::{Slug, Snapshot};
use fairground_harvester::load::Released;
use fairground_tables::{Tables, TablesSettings};
use serde_json::{Value, json};

use super::{Usage, harvester, loader, say, say_json, slug, while_following};
use crate::Failure;
use crate::cli::TableCommand;
use crate::settings::Settings;

const ACTOR: &str = "command-line";
/// The exit status of a hold.
const HELD: u8 = 3;

pub(crate) fn run(settings: &Settings, command: TableCommand) -> Result<ExitCode, Failure> {
    match command {
        TableCommand::Load { file, dataset, release, because, json } => {
            let released = release.zip(because).map(|(reason, because)| Released { reason, because });
            load(settings, &file, slug(dataset.as_deref())?, released.as_ref(), json)
        }
    }
}

fn load(
    settings: &Settings,
    file: &Path,
    dataset: Option<Slug>,
    released: Option<&Released>,
    json_only: bool,
) -> Result<ExitCode, Failure> {
    if !file.is_file() {
        return Err(Usage::of(format!("`{}` is not a file", file.display())));
    }
    let catalog = Catalog::open(&settings.place)?;
    // Indexes are made by the portal that answers from them, when it first opens a table: begun here, they would be broken off
    // with the program.
    let tables = Tables::open(TablesSettings { index: false, ..settings.tables.clone() })?;
    let loader = loader(&harvester(&catalog, settings)?, tables, settings)?;
    let loaded = while_following(&catalog, || {
        let loaded = loader.load_file_released(file, dataset, ACTOR, released);
        loaded.map_err(|error| -> Failure { Failed { file: file.display().to_string(), source: error }.into() })
    })?;
    if let Some(hold) = loaded.held {
        if !json_only {
            describe_hold(&loaded.dataset, hold, &loaded.screen);
        }
        say_json(&json!({ "dataset": loaded.dataset, "held": hold, "screen": loaded.screen }))?;
        return Ok(ExitCode::from(HELD));
    }
    for (table, snapshot) in &loaded.tables {
        if !json_only {
            describe(&loaded.dataset, table, snapshot);
        }
        say_json(&as_json(&loaded.dataset, table, snapshot, &loaded.screen))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn describe_hold(dataset: &Slug, hold: HoldId, screen: &Report) {
    say(&format!("Held: personal data was found, so nothing of `{dataset}` is public (hold {hold})."));
    for finding in screen.findings.iter().filter(|finding| finding.outcome == Verdict::Hold) {
        say(&format!("  {} in `{}`, {} rows. {}", finding.kind.as_str(), finding.column, finding.rows, finding.why));
    }
    let reasons: Vec<&str> = ReleaseReason::ALL.into_iter().map(ReleaseReason::as_str).collect();
    say(
        "Take it out of the file, or have a reviewer release or repair it (`/workspace`). If it may be public, say so:",
    );
    say(&format!("  fairground table load … --release REASON --because TEXT   ({})", reasons.join(", ")));
}

/// A file that could not be loaded; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` was not loaded")]
struct Failed {
    file: String,
    source: fairground_harvester::load::LoadError,
}

fn as_json(dataset: &Slug, table: &Published, snapshot: &Snapshot, screen: &Report) -> Value {
    let columns: Vec<Value> = snapshot
        .columns
        .iter()
        .map(|column| json!({ "name": column.name, "title": column.title, "type": column.column_type.as_str() }))
        .collect();
    json!({
        "table": table.id,
        "slug": table.slug,
        "name": snapshot.name,
        "dataset": dataset,
        "version": table.version,
        "rows": snapshot.rows,
        "quarantined": snapshot.quarantine.rows,
        "columns": columns,
        "screen": screen,
    })
}

fn describe(dataset: &Slug, table: &Published, snapshot: &Snapshot) {
    let news = if table.is_new { "" } else { ", as before" };
    say(&format!(
        "Table `{}` of dataset `{dataset}`: {} rows, {} columns, {} rows kept out (version {}{news}).",
        table.slug,
        snapshot.rows,
        snapshot.columns.len(),
        snapshot.quarantine.rows,
        table.version,
    ));
    for (reason, rows) in &snapshot.quarantine.reasons {
        say(&format!("  kept out: {rows} ({reason})"));
    }
    for note in &snapshot.source.notes {
        say(&format!("  note: {note}"));
    }
    for column in &snapshot.columns {
        say(&format!("  {}  {}", column.name, column.column_type));
    }
}

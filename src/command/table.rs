//! `table load`: one file as tables, without a browser.

use std::path::Path;
use std::process::ExitCode;

use fairground_catalog::Catalog;
use fairground_catalog::table::Published;
use fairground_domain::{Slug, Snapshot};
use serde_json::{Value, json};

use super::{Usage, harvester, loader, say, say_json, slug, tables, while_following};
use crate::Failure;
use crate::cli::TableCommand;
use crate::settings::Settings;

const ACTOR: &str = "command-line";

pub(crate) fn run(settings: &Settings, command: TableCommand) -> Result<ExitCode, Failure> {
    match command {
        TableCommand::Load { file, dataset, json } => load(settings, &file, slug(dataset.as_deref())?, json),
    }
}

fn load(settings: &Settings, file: &Path, dataset: Option<Slug>, json_only: bool) -> Result<ExitCode, Failure> {
    if !file.is_file() {
        return Err(Usage::of(format!("`{}` is not a file", file.display())));
    }
    let catalog = Catalog::open(&settings.place)?;
    let loader = loader(&harvester(&catalog, settings)?, tables(settings)?, settings)?;
    let loaded = while_following(&catalog, || {
        let loaded = loader.load_file(file, dataset, ACTOR);
        loaded.map_err(|error| -> Failure { Failed { file: file.display().to_string(), source: error }.into() })
    })?;
    for (table, snapshot) in &loaded.tables {
        if !json_only {
            describe(&loaded.dataset, table, snapshot);
        }
        say_json(&as_json(&loaded.dataset, table, snapshot))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A file that could not be loaded; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` was not loaded")]
struct Failed {
    file: String,
    source: fairground_harvester::load::LoadError,
}

fn as_json(dataset: &Slug, table: &Published, snapshot: &Snapshot) -> Value {
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

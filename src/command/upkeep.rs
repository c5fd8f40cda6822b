//! `check`, `reindex`, `migrate`: keeping the catalogue sound.

use std::process::ExitCode;

use fairground_catalog::{Catalog, Db};
use serde_json::json;

use super::{say, say_json};
use crate::Failure;
use crate::cli::JsonArg;
use crate::settings::Settings;

/// Exit status 1 when index and catalogue disagree.
pub(crate) fn check(settings: &Settings, args: &JsonArg) -> Result<ExitCode, Failure> {
    let report = Catalog::open(&settings.place)?.check()?;
    if args.json {
        say_json(&json!({ "ok": report.agrees(), "report": report }))?;
    } else {
        say(&format!("Journal: {} entries, unbroken.", report.journal_entries));
        say(&format!("Catalogue: {} public datasets. Index: {}.", report.datasets, report.indexed));
        if report.agrees() {
            say("Index and catalogue agree.");
        } else {
            say(&format!(
                "They differ: {} missing, {} too many, {} out of date. `fairground reindex` mends it.",
                report.missing, report.surplus, report.stale
            ));
            report.differences.iter().for_each(|difference| say(&format!("  {difference}")));
        }
    }
    Ok(if report.agrees() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub(crate) fn reindex(settings: &Settings, args: &JsonArg) -> Result<ExitCode, Failure> {
    let catalog = Catalog::open(&settings.place)?;
    if !catalog.follows() {
        return Err("another process feeds the search index; stop it first, or let it rebuild".into());
    }
    let datasets = catalog.reindex()?;
    if args.json {
        say_json(&json!({ "datasets": datasets }))?;
    } else {
        say(&format!("The index was built anew: {datasets} datasets."));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn migrate(settings: &Settings, args: &JsonArg) -> Result<ExitCode, Failure> {
    let applied = Db::open(&settings.place.database_url)?.migrate()?;
    if args.json {
        say_json(&json!({ "applied": applied }))?;
    } else if applied.is_empty() {
        say("Nothing to do: the database is up to date.");
    } else {
        applied.iter().for_each(|name| say(&format!("Applied {name}")));
    }
    Ok(ExitCode::SUCCESS)
}

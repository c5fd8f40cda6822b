//! `check`, `reindex`, `migrate`: keeping the catalogue sound.

use std::process::ExitCode;

use fairground_catalog::{Catalog, CatalogError, Db, audit, harvest, source, table};
use fairground_harvester::gather::spooled_jobs;
use fairground_tables::Tables;
use serde::Serialize;
use serde_json::json;

use super::{say, say_json, tables};
use crate::Failure;
use crate::cli::JsonArg;
use crate::settings::Settings;

/// Tables looked at in one go.
const PAGE: i64 = 500;
/// Faulty tables that are named; all are counted.
const NAMED: usize = 50;

/// Raw records that are counted as orphans, at most.
const MOST_ORPHANS: i64 = 1_000_000;

/// What a check of the tables found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct TablesReport {
    /// Tables that are published.
    pub(crate) tables: u64,
    /// Those whose current snapshot is not in the object store, or holds another number of rows.
    pub(crate) faulty: u64,
    /// The first of them by id, with what is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

/// Proves that the current snapshot of every table is in the object store and holds the rows that the catalogue says.
pub(crate) fn check_tables(catalog: &Catalog, tables: &Tables) -> Result<TablesReport, Failure> {
    let (mut report, mut after) = (TablesReport::default(), None);
    loop {
        let page = catalog.db.read(|tx| table::list_current_snapshots(tx, after, PAGE))?;
        let Some((last, _)) = page.last() else { return Ok(report) };
        after = Some(*last);
        for (id, known) in page {
            report.tables += 1;
            let fault = match tables.snapshot(known.key) {
                Ok(kept) if kept.rows == known.rows => continue,
                Ok(kept) => format!("{id} has {} rows in the object store, {} in the catalogue", kept.rows, known.rows),
                Err(error) => format!("{id}: {error}"),
            };
            report.faulty += 1;
            if report.faults.len() < NAMED {
                report.faults.push(fault);
            }
        }
    }
}

/// What a check found that nothing refers to any more. It takes room and harms nothing; the clearing away of a deleted source
/// removes it.
#[derive(Debug, Default, Serialize)]
struct Orphans {
    /// Raw records that no harvest, dataset or version refers to.
    raw_records: usize,
    /// The first of them by digest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    named: Vec<String>,
    /// Folders of harvests that the store does not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spools: Vec<String>,
}

fn find_orphans(catalog: &Catalog) -> Result<Orphans, Failure> {
    let mut named = catalog.db.read(|tx| source::find_raw_orphans(tx, MOST_ORPHANS))?.hashes;
    let raw_records = named.len();
    named.truncate(NAMED);
    let mut spools = Vec::new();
    for id in spooled_jobs(catalog.data_dir())? {
        match catalog.db.read(|tx| harvest::get_job(tx, id)) {
            Ok(_) => {}
            Err(CatalogError::NotFound { .. }) if spools.len() < NAMED => spools.push(id.to_string()),
            Err(CatalogError::NotFound { .. }) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Orphans { raw_records, named, spools })
}

/// Exit status 1 when index and catalogue disagree, or a table is not what the catalogue says.
pub(crate) fn check(settings: &Settings, args: &JsonArg) -> Result<ExitCode, Failure> {
    let catalog = Catalog::open(&settings.place)?;
    let report = catalog.check()?;
    let audited = catalog.db.read(audit::verify)?;
    let tables_report = check_tables(&catalog, &tables(settings)?)?;
    let orphans = find_orphans(&catalog)?;
    let ok = report.agrees() && tables_report.faulty == 0;
    if args.json {
        say_json(
            &json!({ "ok": ok, "report": report, "tables": tables_report, "audit_entries": audited, "orphans": orphans }),
        )?;
    } else {
        say(&format!("Tables: {} published, {} faulty.", tables_report.tables, tables_report.faulty));
        tables_report.faults.iter().for_each(|fault| say(&format!("  {fault}")));
        say(&format!("Orphans: {} raw records, {} folders of harvests.", orphans.raw_records, orphans.spools.len()));
        orphans.named.iter().for_each(|hash| say(&format!("  raw record {hash}")));
        orphans.spools.iter().for_each(|job| say(&format!("  spool/{job}")));
        say(&format!("Journal: {} entries, unbroken.", report.journal_entries));
        say(&format!("Audit: {audited} entries, each as the journal proves it."));
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
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(1) })
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

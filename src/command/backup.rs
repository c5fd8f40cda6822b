//! `backup` and `restore`: the embedded store as a folder.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use fairground_catalog::{Catalog, DatabaseUrl, Db};

use super::upkeep::check_tables;
use super::{Usage, say, tables};
use crate::Failure;
use crate::settings::Settings;

const STORE: &str = "fairground.db";
const SECRET: &str = "secret";
const USAGE: &str = "usage";
const OBJECTS: &str = "objects";
/// What of the object store's folder is kept: the rest is made again.
const SNAPSHOTS: &str = "snapshots";

/// Copies what cannot be made again: the store, the secret, the tables' snapshots where they lie in a folder, and usage that has
/// not been summed yet. The search index is made again from the journal.
pub(crate) fn backup(settings: &Settings, dir: &Path) -> Result<ExitCode, Failure> {
    if dir.exists() && fs::read_dir(dir)?.next().is_some() {
        return Err(Usage::of(format!("`{}` is not empty", dir.display())));
    }
    fs::create_dir_all(dir)?;
    let db = Db::open(&settings.place.database_url)?;
    db.backup_sqlite(&dir.join(STORE))?;
    // Usage after the store: segments stay for days after they were summed, so every byte that the store's copy knows of is
    // there, and what came in between is summed from where the copy stands.
    let usage = settings.place.data_dir.join(USAGE);
    if usage.is_dir() {
        copy_files(&usage, &dir.join(USAGE))?;
    }
    fs::copy(&settings.place.secret_file, dir.join(SECRET))?;
    // Snapshots after the store: they never change, and those that the copy names stay for hours after they are out of use.
    match settings.object_folder() {
        Some(objects) => {
            let snapshots = objects.join(SNAPSHOTS);
            if snapshots.is_dir() {
                copy_folder(&snapshots, &dir.join(OBJECTS).join(SNAPSHOTS))?;
            }
        }
        None => say(&format!(
            "NOT in this backup: the tables' snapshots. They are in `{}`; keep that bucket, or a copy of it, together with this folder.",
            settings.tables.object_store.as_deref().unwrap_or("a bucket")
        )),
    }
    say(&format!("Backed up to {}.", dir.display()));
    Ok(ExitCode::SUCCESS)
}

/// Brings a backup into a data folder that holds no store yet, and builds the index.
pub(crate) fn restore(settings: &Settings, dir: &Path) -> Result<ExitCode, Failure> {
    let DatabaseUrl::Sqlite(target) = &settings.place.database_url else {
        return Err(Usage::of("a PostgreSQL store is restored with `pg_restore`"));
    };
    if !dir.join(STORE).is_file() || !dir.join(SECRET).is_file() {
        return Err(Usage::of(format!("`{}` is not a backup of this program", dir.display())));
    }
    for taken in [target, &settings.place.secret_file] {
        if taken.exists() {
            return Err(Usage::of(format!("`{}` exists: restore into an empty data folder", taken.display())));
        }
    }
    fs::create_dir_all(&settings.place.data_dir)?;
    fs::copy(dir.join(SECRET), &settings.place.secret_file)?;
    fs::copy(dir.join(STORE), target)?;
    if dir.join(USAGE).is_dir() {
        copy_files(&dir.join(USAGE), &settings.place.data_dir.join(USAGE))?;
    }
    let snapshots = dir.join(OBJECTS).join(SNAPSHOTS);
    if let Some(objects) = settings.object_folder().filter(|_| snapshots.is_dir()) {
        copy_folder(&snapshots, &objects.join(SNAPSHOTS))?;
    }
    let catalog = Catalog::open(&settings.place)?;
    let report = catalog.check()?;
    if !report.agrees() {
        catalog.reindex()?;
    }
    let of_tables = check_tables(&catalog, &tables(settings)?)?;
    say(&format!(
        "Restored: {} datasets, {} tables, {} journal entries.",
        report.datasets, of_tables.tables, report.journal_entries
    ));
    if of_tables.faulty > 0 {
        say(&format!("{} tables have no snapshot here; `fairground check` names them.", of_tables.faulty));
    }
    Ok(ExitCode::SUCCESS)
}

/// With all that is in it.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()))?;
        } else if kind.is_file() {
            match fs::copy(entry.path(), to.join(entry.file_name())) {
                // Out of use and removed in between: the store's copy does not name it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                other => drop(other?),
            }
        }
    }
    Ok(())
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

//! Files that wait for a reviewer: kept in a folder of their own below the data folder, and nowhere else, until their hold is
//! decided and done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fairground_domain::HoldId;

use super::file::needing_files;
use crate::error::CatalogError;
use crate::portal::Catalog;

/// The folder, below the data folder.
const HELD: &str = "held";

/// Where a held file is kept for its reviewers.
pub fn held_file(data_dir: &Path, hold: HoldId) -> PathBuf {
    data_dir.join(HELD).join(hold.to_string())
}

/// Keeps a file for the reviewers of a hold: readable for the portal alone. With `moves` it is moved where that goes.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn keep_file(data_dir: &Path, hold: HoldId, file: &Path, moves: bool) -> io::Result<()> {
    let folder = data_dir.join(HELD);
    fs::create_dir_all(&folder)?;
    restrict(&folder, 0o700)?;
    let kept = held_file(data_dir, hold);
    if kept.exists() {
        return Ok(());
    }
    if !(moves && fs::rename(file, &kept).is_ok()) {
        fs::copy(file, &kept)?;
    }
    restrict(&kept, 0o600)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Files looked at in one sweep.
const SWEEP: usize = 500;

/// Removes kept files that nobody needs any more: their holds are decided and done, or over.
///
/// # Errors
/// `File` when the folder cannot be read; `Storage` when the database fails.
pub fn tidy_files(catalog: &Catalog) -> Result<(), CatalogError> {
    let folder = catalog.data_dir().join(HELD);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(CatalogError::File { path: folder, source }),
    };
    let kept: Vec<HoldId> =
        entries.flatten().filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).take(SWEEP).collect();
    let needed = catalog.db.read(|tx| needing_files(tx, &kept))?;
    for id in kept.into_iter().filter(|id| !needed.contains(id)) {
        if let Err(error) = fs::remove_file(held_file(catalog.data_dir(), id)) {
            tracing::warn!(hold.id = %id, "A held file stays behind: {error}");
        }
    }
    Ok(())
}

//! Snapshots in a folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fairground_domain::ContentHash;
use tempfile::TempDir;

use super::{INDEX, META, SNAPSHOTS};
use crate::error::TablesError;

/// What is being made, in the same file system, so that it can be moved in one step.
const SCRATCH: &str = "incoming";
/// Scratch folders older than this belong to nobody any more.
const SCRATCH_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of snapshots.
#[derive(Debug)]
pub(crate) struct LocalStore {
    root: PathBuf,
}

impl LocalStore {
    pub(super) fn open(root: PathBuf) -> Result<Self, TablesError> {
        for folder in [SNAPSHOTS, SCRATCH] {
            let path = root.join(folder);
            std::fs::create_dir_all(&path).map_err(TablesError::io("cannot create", &path))?;
        }
        remove_old(&root.join(SCRATCH));
        Ok(Self { root })
    }

    pub(super) fn scratch(&self) -> Result<TempDir, TablesError> {
        let path = self.root.join(SCRATCH);
        tempfile::Builder::new()
            .prefix("table-")
            .tempdir_in(&path)
            .map_err(TablesError::io("cannot create a folder in", &path))
    }

    pub(super) fn folder(&self, key: ContentHash) -> PathBuf {
        self.root.join(SNAPSHOTS).join(key.to_string())
    }

    pub(super) fn has(&self, key: ContentHash) -> bool {
        self.folder(key).join(META).is_file()
    }

    pub(super) fn existing(&self, key: ContentHash) -> Result<PathBuf, TablesError> {
        if self.has(key) { Ok(self.folder(key)) } else { Err(TablesError::UnknownSnapshot { key }) }
    }

    /// One rename: readers see the whole snapshot or none. Everything is on the disk before.
    pub(super) fn put(&self, key: ContentHash, made: &Path) -> Result<bool, TablesError> {
        if self.has(key) {
            return Ok(false);
        }
        sync(made)?;
        let folder = self.folder(key);
        // What a removal left behind must not stand in the way.
        if folder.exists() && !self.has(key) {
            std::fs::remove_dir_all(&folder).map_err(TablesError::io("cannot remove", &folder))?;
        }
        match std::fs::rename(made, &folder) {
            Ok(()) => {
                sync_folder(&self.root.join(SNAPSHOTS));
                Ok(true)
            }
            Err(_) if self.has(key) => Ok(false),
            Err(error) => Err(TablesError::io("cannot move a snapshot to", &folder)(error)),
        }
    }

    pub(super) fn put_part(&self, key: ContentHash, name: &str, made: &Path) -> Result<(), TablesError> {
        let to = self.existing(key)?.join(name);
        sync(made)?;
        if to.is_dir() {
            // A folder cannot be renamed over a full one: the old one steps aside first. A reader in between finds no index.
            let aside = self.scratch()?;
            std::fs::rename(&to, aside.path().join(name)).map_err(TablesError::io("cannot move", &to))?;
        }
        std::fs::rename(made, &to).map_err(TablesError::io("cannot move a part to", &to))
    }

    pub(super) fn file(&self, key: ContentHash, name: &str) -> Result<Option<PathBuf>, TablesError> {
        let path = self.existing(key)?.join(name);
        Ok(path.is_file().then_some(path))
    }

    pub(super) fn drop_index(&self, key: ContentHash) -> Result<(), TablesError> {
        remove_folder(&self.folder(key).join(INDEX))
    }

    pub(super) fn delete(&self, key: ContentHash) -> Result<bool, TablesError> {
        let folder = self.folder(key);
        let meta = folder.join(META);
        match std::fs::remove_file(&meta) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(TablesError::io("cannot remove", &meta)(error)),
        }
        std::fs::remove_dir_all(&folder).map_err(TablesError::io("cannot remove", &folder))?;
        Ok(true)
    }

    pub(super) fn list(&self) -> Result<Vec<ContentHash>, TablesError> {
        let path = self.root.join(SNAPSHOTS);
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(TablesError::io("cannot list", &path))? {
            let entry = entry.map_err(TablesError::io("cannot list", &path))?;
            let key = entry.file_name().to_str().and_then(|name| name.parse().ok());
            keys.extend(key.filter(|key| self.has(*key)));
        }
        keys.sort_unstable();
        Ok(keys)
    }
}

/// Removes what dead programs left in a scratch folder.
pub(super) fn remove_old(scratch: &Path) {
    let Ok(entries) = std::fs::read_dir(scratch) else { return };
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|meta| meta.modified())
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > SCRATCH_AGE_MAX) {
            let path = entry.path();
            let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            if let Err(error) = removed {
                tracing::warn!(path = %path.display(), %error, "Cannot remove an old scratch folder");
            }
        }
    }
}

/// Removes a folder, if it is there.
pub(super) fn remove_folder(path: &Path) -> Result<(), TablesError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(TablesError::io("cannot remove", path)(error)),
        _ => Ok(()),
    }
}

/// Brings a file, or all files of a folder, to the disk.
fn sync(path: &Path) -> Result<(), TablesError> {
    let failed = |source| TablesError::Io { doing: "cannot write", path: path.to_owned(), source };
    if !path.is_dir() {
        return std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(failed);
    }
    for entry in std::fs::read_dir(path).map_err(failed)? {
        sync(&entry.map_err(failed)?.path())?;
    }
    sync_folder(path);
    Ok(())
}

/// Folders are synced where the file system lets us; where not, the rename is still one step.
fn sync_folder(path: &Path) {
    if let Ok(folder) = std::fs::File::open(path) {
        let _ = folder.sync_all();
    }
}

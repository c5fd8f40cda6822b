//! Where snapshots are kept: a folder, or a bucket with copies in a folder.
//!
//! A snapshot is a few files under `snapshots/<key>/`. It exists once `meta.json` is there: that file is put last and removed
//! first. The index and the whole table as CSV come later and may be missing. Files never change; two programs that
//! make the same snapshot make the same files, so whoever comes first wins.

mod local;
mod remote;

use std::path::{Path, PathBuf};

use fairground_domain::{ContentHash, Snapshot};
use tempfile::TempDir;

use self::local::LocalStore;
use self::remote::RemoteStore;
use crate::error::TablesError;
use crate::settings::TablesSettings;

/// The rows.
pub(crate) const PARQUET: &str = "data.parquet";
/// The [`Snapshot`] as JSON.
pub(crate) const META: &str = "meta.json";
/// Rows that were kept out; only where there are any.
pub(crate) const QUARANTINE: &str = "quarantine.csv";
/// The whole table as CSV, made with the index.
pub(crate) const CSV: &str = "data.csv";
/// The folder of the sidecar index.
pub(crate) const INDEX: &str = "index";
/// The folder of all snapshots.
const SNAPSHOTS: &str = "snapshots";

/// One of the two kinds of store. All functions block.
#[derive(Debug)]
pub(crate) enum Store {
    Local(LocalStore),
    Remote(Box<RemoteStore>),
}

impl Store {
    /// Opens what the settings name; creates folders, touches no bucket.
    pub(crate) fn open(settings: &TablesSettings, runtime: tokio::runtime::Handle) -> Result<Self, TablesError> {
        let setting = |why: String| TablesError::Setting { name: "object_store", why };
        match settings.object_store.as_deref() {
            None => LocalStore::open(settings.data_dir.join("objects")).map(Self::Local),
            Some(address) if address.starts_with("s3://") => {
                RemoteStore::open(address, settings, runtime).map(|store| Self::Remote(Box::new(store)))
            }
            Some(address) if address.starts_with("file://") => {
                let path = address.trim_start_matches("file://");
                if !path.starts_with('/') {
                    return Err(setting(format!("`{address}` names another machine")));
                }
                LocalStore::open(PathBuf::from(path)).map(Self::Local)
            }
            Some(address) if address.contains("://") => {
                Err(setting(format!("`{address}` is neither a folder nor `s3://bucket/prefix`")))
            }
            Some(folder) => LocalStore::open(PathBuf::from(folder)).map(Self::Local),
        }
    }

    /// A new folder on the disk where snapshots or their copies lie; gone with its guard.
    pub(crate) fn scratch(&self) -> Result<TempDir, TablesError> {
        match self {
            Self::Local(store) => store.scratch(),
            Self::Remote(store) => store.scratch(),
        }
    }

    /// Whether the snapshot exists.
    pub(crate) fn has(&self, key: ContentHash) -> Result<bool, TablesError> {
        match self {
            Self::Local(store) => Ok(store.has(key)),
            Self::Remote(store) => store.has(key),
        }
    }

    /// Takes a folder made in [`Self::scratch`] as the snapshot; `false` when it was there already.
    pub(crate) fn put(&self, key: ContentHash, folder: &Path) -> Result<bool, TablesError> {
        match self {
            Self::Local(store) => store.put(key, folder),
            Self::Remote(store) => store.put(key, folder),
        }
    }

    /// Adds a file or folder made in [`Self::scratch`] under a name; replaces what was there.
    pub(crate) fn put_part(&self, key: ContentHash, name: &str, made: &Path) -> Result<(), TablesError> {
        match self {
            Self::Local(store) => store.put_part(key, name, made),
            Self::Remote(store) => store.put_part(key, name, made),
        }
    }

    /// The folder that holds at least `meta.json`, the Parquet file and the index (if there is one).
    pub(crate) fn folder(&self, key: ContentHash) -> Result<PathBuf, TablesError> {
        match self {
            Self::Local(store) => store.existing(key),
            Self::Remote(store) => store.folder(key),
        }
    }

    /// A file of the snapshot, where it is there.
    pub(crate) fn file(&self, key: ContentHash, name: &str) -> Result<Option<PathBuf>, TablesError> {
        match self {
            Self::Local(store) => store.file(key, name),
            Self::Remote(store) => store.file(key, name),
        }
    }

    /// Removes a broken index, so that it is built anew. Where the index is shared, it goes for all.
    pub(crate) fn drop_index(&self, key: ContentHash) -> Result<(), TablesError> {
        match self {
            Self::Local(store) => store.drop_index(key),
            Self::Remote(store) => store.drop_index(key),
        }
    }

    /// Length of a file of the snapshot, without copying it.
    pub(crate) fn find_length(&self, key: ContentHash, name: &str) -> Result<Option<u64>, TablesError> {
        match self {
            Self::Local(store) => store.file(key, name)?.map(|path| length_of(&path)).transpose(),
            Self::Remote(store) => store.find_length(key, name),
        }
    }

    /// Removes the snapshot; whether there was one.
    pub(crate) fn delete(&self, key: ContentHash) -> Result<bool, TablesError> {
        match self {
            Self::Local(store) => store.delete(key),
            Self::Remote(store) => store.delete(key),
        }
    }

    /// Every snapshot there is, in the order of keys.
    pub(crate) fn list(&self) -> Result<Vec<ContentHash>, TablesError> {
        match self {
            Self::Local(store) => store.list(),
            Self::Remote(store) => store.list(),
        }
    }

    /// Reads what is known of the snapshot without copying its rows.
    pub(crate) fn meta(&self, key: ContentHash) -> Result<Snapshot, TablesError> {
        let path = self.file(key, META)?.ok_or(TablesError::UnknownSnapshot { key })?;
        read_meta(key, &path)
    }
}

/// Reads `meta.json`.
pub(crate) fn read_meta(key: ContentHash, path: &Path) -> Result<Snapshot, TablesError> {
    let text = std::fs::read(path).map_err(TablesError::io("cannot read", path))?;
    serde_json::from_slice(&text).map_err(|error| TablesError::Damaged { key, why: format!("{META}: {error}") })
}

/// Length of a file, or of all files in a folder, in bytes.
pub(crate) fn length_of(path: &Path) -> Result<u64, TablesError> {
    let read = |source| TablesError::Io { doing: "cannot read", path: path.to_owned(), source };
    let meta = std::fs::symlink_metadata(path).map_err(read)?;
    if !meta.is_dir() {
        return Ok(meta.len());
    }
    let mut length = 0;
    for entry in std::fs::read_dir(path).map_err(read)? {
        length += length_of(&entry.map_err(read)?.path())?;
    }
    Ok(length)
}

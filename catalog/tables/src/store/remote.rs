//! Snapshots in a bucket, with copies in a folder: files are mapped into memory, so they must lie on a disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fairground_domain::ContentHash;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::local::{remove_folder, remove_old};
use super::{INDEX, META, PARQUET, SNAPSHOTS, length_of};
use crate::error::TablesError;
use crate::index::Turns;
use crate::settings::TablesSettings;

/// Names the files of an index, so that a half-uploaded one is none. Put last.
const INDEX_LIST: &str = "index.json";
/// Parts of uploads, in bytes (S3 asks for 5 MiB at least).
const PART_BYTES: usize = 8 * 1024 * 1024;
/// How long the store may stay silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How often, and how long, requests are repeated.
const RETRIES: usize = 5;
const RETRY_TIME: Duration = Duration::from_secs(60);

/// A bucket and the folder of copies.
#[derive(Debug)]
pub(crate) struct RemoteStore {
    bucket: Arc<AmazonS3>,
    prefix: String,
    copies: PathBuf,
    copy_bytes: u64,
    runtime: tokio::runtime::Handle,
    /// One at a time fetches a snapshot; the others wait for it.
    fetching: Turns,
}

impl RemoteStore {
    pub(super) fn open(
        address: &str,
        settings: &TablesSettings,
        runtime: tokio::runtime::Handle,
    ) -> Result<Self, TablesError> {
        let setting = |why: String| TablesError::Setting { name: "object_store", why };
        let (bucket, prefix) = split_address(address).ok_or_else(|| setting(format!("`{address}` names no bucket")))?;
        // Whoever opened a TLS client before us did the same; the second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
            .iter()
            .find_map(|name| std::env::var(name).ok())
            .is_some_and(|endpoint| endpoint.starts_with("http://"));
        let client = ClientOptions::new().with_timeout_disabled().with_read_timeout(SILENCE).with_allow_http(plain);
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_TIME, ..RetryConfig::default() };
        let bucket = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map_err(|error| setting(error.to_string()))?;
        let copies = settings.data_dir.join("cache").join("tables");
        for folder in [&copies, &copies.join("incoming")] {
            std::fs::create_dir_all(folder).map_err(TablesError::io("cannot create", folder))?;
        }
        remove_old(&copies.join("incoming"));
        Ok(Self {
            bucket: Arc::new(bucket),
            prefix: prefix.to_owned(),
            copies,
            copy_bytes: settings.copy_bytes,
            runtime,
            fetching: Turns::default(),
        })
    }

    pub(super) fn scratch(&self) -> Result<TempDir, TablesError> {
        let path = self.copies.join("incoming");
        tempfile::Builder::new()
            .prefix("table-")
            .tempdir_in(&path)
            .map_err(TablesError::io("cannot create a folder in", &path))
    }

    pub(super) fn has(&self, key: ContentHash) -> Result<bool, TablesError> {
        if self.copy(key).join(META).is_file() && self.copy(key).join(PARQUET).is_file() {
            return Ok(true);
        }
        self.exists(&self.object(key, META))
    }

    /// Uploads every file, `meta.json` last, and keeps the folder as the copy.
    pub(super) fn put(&self, key: ContentHash, made: &Path) -> Result<bool, TablesError> {
        if self.exists(&self.object(key, META))? {
            return Ok(false);
        }
        for (name, path) in files_of(made)? {
            if name != META {
                self.upload(&self.object(key, &name), &path)?;
            }
        }
        self.upload(&self.object(key, META), &made.join(META))?;
        let copy = self.copy(key);
        if !copy.exists() {
            std::fs::rename(made, &copy).map_err(TablesError::io("cannot move a copy to", &copy))?;
        }
        self.make_room(key);
        Ok(true)
    }

    pub(super) fn put_part(&self, key: ContentHash, name: &str, made: &Path) -> Result<(), TablesError> {
        let copy = self.copy(key);
        if made.is_dir() {
            let files = files_of(made)?;
            for (file, path) in &files {
                self.upload(&self.object(key, &format!("{name}/{file}")), path)?;
            }
            let list: Vec<&String> = files.iter().map(|(file, _)| file).collect();
            let list = serde_json::to_vec(&list).map_err(TablesError::engine("listing the index"))?;
            let object = self.object(key, INDEX_LIST);
            self.wait("writing", self.bucket.put(&object, list.clone().into()))?;
            if copy.is_dir() {
                let path = copy.join(INDEX_LIST);
                std::fs::write(&path, list).map_err(TablesError::io("cannot write", &path))?;
            }
        } else {
            self.upload(&self.object(key, name), made)?;
        }
        if copy.is_dir() {
            let to = copy.join(name);
            if to.is_dir() {
                std::fs::remove_dir_all(&to).map_err(TablesError::io("cannot remove", &to))?;
            }
            std::fs::rename(made, &to).map_err(TablesError::io("cannot move a part to", &to))?;
        }
        self.make_room(key);
        Ok(())
    }

    pub(super) fn folder(&self, key: ContentHash) -> Result<PathBuf, TablesError> {
        self.fetching.take(key, || self.fetch(key))
    }

    /// Copies what is not there yet.
    fn fetch(&self, key: ContentHash) -> Result<PathBuf, TablesError> {
        let copy = self.copy(key);
        if !copy.join(META).is_file() || !copy.join(PARQUET).is_file() {
            if !self.exists(&self.object(key, META))? {
                return Err(TablesError::UnknownSnapshot { key });
            }
            std::fs::create_dir_all(&copy).map_err(TablesError::io("cannot create", &copy))?;
            for name in [PARQUET, META] {
                self.download(&self.object(key, name), &copy.join(name))?;
            }
        }
        if !copy.join(INDEX).is_dir() {
            self.fetch_index(key, &copy)?;
        }
        touch(&copy.join(META));
        self.make_room(key);
        Ok(copy)
    }

    fn fetch_index(&self, key: ContentHash, copy: &Path) -> Result<(), TablesError> {
        let list = self.object(key, INDEX_LIST);
        if !self.exists(&list)? {
            return Ok(());
        }
        let text = self.wait("reading", async { self.bucket.get(&list).await?.bytes().await })?;
        let files: Vec<String> = serde_json::from_slice(&text)
            .map_err(|error| TablesError::Damaged { key, why: format!("{INDEX_LIST}: {error}") })?;
        let scratch = self.scratch()?;
        let made = scratch.path().join(INDEX);
        for file in files {
            if !is_plain(&file) {
                return Err(TablesError::Damaged { key, why: format!("{INDEX_LIST} names `{file}`") });
            }
            self.download(&self.object(key, &format!("{INDEX}/{file}")), &made.join(&file))?;
        }
        let to = copy.join(INDEX);
        std::fs::rename(&made, &to).map_err(TablesError::io("cannot move an index to", &to))
    }

    pub(super) fn file(&self, key: ContentHash, name: &str) -> Result<Option<PathBuf>, TablesError> {
        let path = self.copy(key).join(name);
        if path.is_file() {
            return Ok(Some(path));
        }
        if !self.exists(&self.object(key, META))? {
            return Err(TablesError::UnknownSnapshot { key });
        }
        if !self.exists(&self.object(key, name))? {
            return Ok(None);
        }
        self.download(&self.object(key, name), &path)?;
        self.make_room(key);
        Ok(Some(path))
    }

    pub(super) fn drop_index(&self, key: ContentHash) -> Result<(), TablesError> {
        let list = self.object(key, INDEX_LIST);
        if self.exists(&list)? {
            self.wait("removing", self.bucket.delete(&list))?;
        }
        remove_folder(&self.copy(key).join(INDEX))
    }

    pub(super) fn delete(&self, key: ContentHash) -> Result<bool, TablesError> {
        let meta = self.object(key, META);
        let was = self.exists(&meta)?;
        let copy = self.copy(key);
        if copy.exists() {
            std::fs::remove_dir_all(&copy).map_err(TablesError::io("cannot remove", &copy))?;
        }
        if !was {
            return Ok(false);
        }
        self.wait("removing", self.bucket.delete(&meta))?;
        let folder = self.object_folder(key);
        self.wait("removing", async {
            let found: Vec<_> = self.bucket.list(Some(&folder)).try_collect().await?;
            for object in found {
                self.bucket.delete(&object.location).await?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    pub(super) fn list(&self) -> Result<Vec<ContentHash>, TablesError> {
        let prefix = ObjectPath::from(format!("{}/{SNAPSHOTS}", self.prefix));
        let mut keys: Vec<ContentHash> = self.wait("listing", async {
            let mut found = self.bucket.list(Some(&prefix));
            let mut keys = Vec::new();
            while let Some(object) = found.next().await {
                let location = object?.location.to_string();
                let mut parts = location.rsplit('/');
                if parts.next() == Some(META) {
                    keys.extend(parts.next().and_then(|name| name.parse::<ContentHash>().ok()));
                }
            }
            Ok(keys)
        })?;
        keys.sort_unstable();
        Ok(keys)
    }

    fn copy(&self, key: ContentHash) -> PathBuf {
        self.copies.join(key.to_string())
    }

    fn object_folder(&self, key: ContentHash) -> ObjectPath {
        ObjectPath::from(format!("{}/{SNAPSHOTS}/{key}", self.prefix))
    }

    fn object(&self, key: ContentHash, name: &str) -> ObjectPath {
        ObjectPath::from(format!("{}/{SNAPSHOTS}/{key}/{name}", self.prefix))
    }

    fn wait<T>(
        &self,
        doing: &'static str,
        work: impl Future<Output = Result<T, object_store::Error>>,
    ) -> Result<T, TablesError> {
        self.runtime.block_on(work).map_err(|error| TablesError::Remote { doing, source: error.into() })
    }

    pub(super) fn find_length(&self, key: ContentHash, name: &str) -> Result<Option<u64>, TablesError> {
        self.length(&self.object(key, name))
    }

    fn exists(&self, object: &ObjectPath) -> Result<bool, TablesError> {
        self.length(object).map(|length| length.is_some())
    }

    fn length(&self, object: &ObjectPath) -> Result<Option<u64>, TablesError> {
        match self.runtime.block_on(self.bucket.head(object)) {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(TablesError::Remote { doing: "looking for an object", source: error.into() }),
        }
    }

    /// In parts, so that a file of any length takes little memory; an object appears whole or not at all.
    fn upload(&self, object: &ObjectPath, path: &Path) -> Result<(), TablesError> {
        let bucket: Arc<dyn ObjectStore> = Arc::<AmazonS3>::clone(&self.bucket);
        let sent: Result<(), std::io::Error> = self.runtime.block_on(async {
            let mut file = tokio::fs::File::open(path).await?;
            let mut writer = BufWriter::with_capacity(bucket, object.clone(), PART_BYTES);
            let mut buffer = vec![0; PART_BYTES / 8];
            loop {
                let length = file.read(&mut buffer).await?;
                let Some(read) = buffer.get(..length).filter(|read| !read.is_empty()) else { break };
                if let Err(error) = writer.write_all(read).await {
                    let _ = writer.abort().await;
                    return Err(error);
                }
            }
            writer.shutdown().await
        });
        sent.map_err(|error| TablesError::Remote { doing: "writing an object", source: error.into() })
    }

    /// Beside its place first, then moved, so that a half copy is none.
    fn download(&self, object: &ObjectPath, to: &Path) -> Result<(), TablesError> {
        let folder = to.parent().unwrap_or(&self.copies);
        std::fs::create_dir_all(folder).map_err(TablesError::io("cannot create", folder))?;
        let made = tempfile::NamedTempFile::new_in(self.copies.join("incoming"))
            .map_err(TablesError::io("cannot create a file in", &self.copies))?;
        let got: Result<(), Box<dyn std::error::Error + Send + Sync>> = self.runtime.block_on(async {
            let mut file = tokio::fs::File::from_std(made.reopen()?);
            let mut body = self.bucket.get(object).await?.into_stream();
            while let Some(piece) = body.next().await {
                file.write_all(&piece?).await?;
            }
            file.flush().await?;
            Ok(())
        });
        got.map_err(|source| TablesError::Remote { doing: "reading an object", source })?;
        made.persist(to).map(drop).map_err(|error| TablesError::io("cannot move a copy to", to)(error.error))
    }

    /// Removes the copies that were not asked for longest until the rest fits. Files that are open stay readable.
    fn make_room(&self, keep: ContentHash) {
        if let Err(error) = self.try_make_room(keep) {
            tracing::warn!(%error, "Cannot clear copies of remote snapshots");
        }
    }

    fn try_make_room(&self, keep: ContentHash) -> Result<(), TablesError> {
        let mut copies = Vec::new();
        let mut total = 0;
        for entry in std::fs::read_dir(&self.copies).map_err(TablesError::io("cannot list", &self.copies))? {
            let path = entry.map_err(TablesError::io("cannot list", &self.copies))?.path();
            let Some(key) =
                path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<ContentHash>().ok())
            else {
                continue;
            };
            let length = length_of(&path)?;
            total += length;
            let used =
                std::fs::metadata(path.join(META)).and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            copies.push((used, length, key, path));
        }
        copies.sort_unstable();
        for (_, length, key, path) in copies {
            if total <= self.copy_bytes {
                break;
            }
            if key != keep {
                std::fs::remove_dir_all(&path).map_err(TablesError::io("cannot remove", &path))?;
                total -= length;
            }
        }
        Ok(())
    }
}

/// `s3://bucket/prefix` taken apart; the prefix may be empty.
fn split_address(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("s3://")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then(|| (bucket, prefix.trim_matches('/')))
}

/// Relative, and below its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | "..")) && !name.contains('\\')
}

/// All files below a folder, by their names in it (`a/b`).
fn files_of(folder: &Path) -> Result<Vec<(String, PathBuf)>, TablesError> {
    let mut files = Vec::new();
    let mut open = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, path)) = open.pop() {
        for entry in std::fs::read_dir(&path).map_err(TablesError::io("cannot list", &path))? {
            let path = entry.map_err(TablesError::io("cannot list", &path))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let name = format!("{prefix}{name}");
            if path.is_dir() {
                open.push((format!("{name}/"), path));
            } else {
                files.push((name, path));
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Remembers that a copy was asked for.
fn touch(meta: &Path) {
    let now = std::fs::FileTimes::new().set_modified(SystemTime::now());
    if let Err(error) = std::fs::File::options().append(true).open(meta).and_then(|file| file.set_times(now)) {
        tracing::debug!(path = %meta.display(), %error, "Cannot note the use of a copy");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_bucket_and_perhaps_a_prefix() {
        let cases = [
            ("s3://tables", Some(("tables", ""))),
            ("s3://tables/", Some(("tables", ""))),
            ("s3://tables/portal/a/", Some(("tables", "portal/a"))),
            ("s3:///portal", None),
            ("gs://tables", None),
        ];
        for (address, expected) in cases {
            assert_eq!(split_address(address), expected, "{address}");
        }
    }

    #[test]
    fn a_listed_file_stays_below_its_folder() {
        for (name, expected) in
            [("a", true), ("a/b", true), ("", false), ("../a", false), ("a//b", false), ("/a", false)]
        {
            assert_eq!(is_plain(name), expected, "{name}");
        }
    }
}

//! The folder of an index: which generation is in use, who may write.
//!
//! ```text
//! LOCK             held by the writer for as long as it lives
//! CURRENT          {"format":1,"generation":"g1"}; replaced atomically
//! g1/              the engine's own files
//! ```
//! A rebuild fills `g2/` and then replaces CURRENT; whatever is not named there is left over and removed by the next writer.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tantivy::Index;
use tantivy::directory::MmapDirectory;

use crate::error::SearchError;
use crate::schema::{self, FORMAT, Fields};

const LOCK: &str = "LOCK";
const CURRENT: &str = "CURRENT";
const CURRENT_DRAFT: &str = "CURRENT.new";
/// The engine's file that names its segments; every commit replaces it.
const META: &str = "meta.json";
/// First letter of every generation's folder.
const GENERATION: char = 'g';
/// How often the removal of an old generation is tried, and how long it rests in between.
const REMOVE_ATTEMPTS: usize = 20;
const REMOVE_PAUSE: Duration = Duration::from_millis(10);

/// What CURRENT says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Current {
    format: u32,
    generation: String,
}

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder and takes the writer's lock.
    pub(crate) fn lock(&self) -> Result<File, SearchError> {
        fs::create_dir_all(&self.0)?;
        let file = File::options().create(true).truncate(false).write(true).open(self.0.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(SearchError::Locked { dir: self.0.clone() }),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The generation in use; none when there is no index.
    pub(crate) fn current(&self) -> Result<Option<String>, SearchError> {
        let text = match fs::read_to_string(self.0.join(CURRENT)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
            Err(error) => return Err(error.into()),
        };
        let current: Current =
            serde_json::from_str(&text).map_err(|_| unusable(format!("{CURRENT} does not name a generation")))?;
        if current.format != FORMAT {
            return Err(unusable(format!("it has format {}, this program needs {FORMAT}", current.format)));
        }
        if number(&current.generation).is_none() {
            return Err(unusable(format!("{CURRENT} does not name a generation")));
        }
        Ok(Some(current.generation))
    }

    /// Makes a generation the one in use: after this returns it is, whatever happens; before, the old one is.
    pub(crate) fn set_current(&self, generation: &str) -> Result<(), SearchError> {
        let current = Current { format: FORMAT, generation: generation.to_owned() };
        let text = serde_json::to_string(&current).map_err(io::Error::other)?;
        let draft = self.0.join(CURRENT_DRAFT);
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.0.join(CURRENT))?;
        File::open(&self.0)?.sync_all()?;
        Ok(())
    }

    /// Removes what CURRENT does not name.
    pub(crate) fn sweep(&self, keep: Option<&str>) -> Result<(), SearchError> {
        for name in self.generations()? {
            if Some(name.as_str()) != keep {
                self.remove(&name);
            }
        }
        Ok(())
    }

    /// Removes a generation's files. What cannot be removed now is by the next writer.
    pub(crate) fn remove(&self, generation: &str) {
        let folder = self.0.join(generation);
        for attempt in 1..=REMOVE_ATTEMPTS {
            match fs::remove_dir_all(&folder) {
                Ok(()) => return,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                // A thread of the engine may be writing its last file there.
                Err(_) if attempt < REMOVE_ATTEMPTS => std::thread::sleep(REMOVE_PAUSE),
                Err(error) => tracing::warn!(generation, %error, "An old search index could not be removed"),
            }
        }
    }

    /// Forgets the index: no generation is in use any more.
    pub(crate) fn forget(&self) -> Result<(), SearchError> {
        match fs::remove_file(self.0.join(CURRENT)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => self.sweep(None),
        }
    }

    /// Makes an empty generation beside all others.
    pub(crate) fn create(&self) -> Result<(String, Index, Fields), SearchError> {
        let last = self.generations()?.iter().filter_map(|name| number(name)).max().unwrap_or(0);
        let generation = format!("{GENERATION}{}", last + 1);
        let dir = self.0.join(&generation);
        fs::create_dir_all(&dir)?;
        let (schema, fields) = schema::schema();
        let directory = MmapDirectory::open(&dir).map_err(tantivy::TantivyError::from)?;
        let mut index = Index::create(directory, schema, schema::settings())?;
        schema::prepare(&mut index);
        Ok((generation, index, fields))
    }

    /// Opens a generation.
    pub(crate) fn open(&self, generation: &str) -> Result<(Index, Fields), SearchError> {
        let (schema, fields) = schema::schema();
        let dir = self.0.join(generation);
        let mut index = guarded(|| Ok(Index::open_in_dir(&dir)?)).map_err(as_unusable)?;
        if index.schema() != schema {
            return Err(unusable("its fields are not those of this program".to_owned()));
        }
        schema::prepare(&mut index);
        Ok((index, fields))
    }

    /// The bytes by which one commit of a generation is told from another.
    pub(crate) fn commit_mark(&self, generation: &str) -> Result<Vec<u8>, SearchError> {
        Ok(fs::read(self.0.join(generation).join(META))?)
    }

    fn generations(&self) -> Result<Vec<String>, SearchError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if number(&name).is_some() {
                names.push(name);
            }
        }
        Ok(names)
    }
}

fn number(generation: &str) -> Option<u64> {
    generation.strip_prefix(GENERATION)?.parse().ok()
}

fn unusable(why: String) -> SearchError {
    SearchError::Unusable { why }
}

/// What fails while an index is opened, other than for want of disk or memory, makes it unusable.
pub(crate) fn as_unusable(error: SearchError) -> SearchError {
    match error {
        SearchError::Engine(error) => unusable(error.to_string()),
        SearchError::Io(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
            unusable(error.to_string())
        }
        other => other,
    }
}

/// Runs what reads foreign bytes: the engine panics on some damaged files, which is the index's fault and not ours.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unusable("its files are damaged".to_owned())))
}

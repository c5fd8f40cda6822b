//! Who works here: each worker holds a lock that the system drops when its process dies, however it dies.
//!
//! A lease alone would make everybody wait until it runs out. On one machine the lock tells at once: if somebody else can
//! take it, its holder is dead and its jobs are free.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

const FOLDER: &str = "workers";
const SUFFIX: &str = ".lock";
/// Locks of the dead are kept until no lease can name them any more.
const FORGET_AFTER: Duration = Duration::from_secs(600);

/// A worker's name, valid while this value lives.
#[derive(Debug)]
pub struct WorkerIdentity {
    name: String,
    path: PathBuf,
    _lock: File,
}

impl WorkerIdentity {
    /// Enrols a new worker on this machine.
    ///
    /// # Errors
    /// When the folder `workers` cannot be written.
    pub fn enrol(data_dir: &Path) -> io::Result<Self> {
        let folder = data_dir.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let name = format!("worker-{}", Uuid::now_v7());
        let (draft, path) = (folder.join(&name), folder.join(format!("{name}{SUFFIX}")));
        let lock = File::create_new(&draft)?;
        lock.lock()?;
        // Visible only once it is locked, so that nobody takes the newborn for dead.
        fs::rename(&draft, &path)?;
        Ok(Self { name, path, _lock: lock })
    }

    /// The name that leases carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for WorkerIdentity {
    fn drop(&mut self) {
        // What is left behind is found unlocked and forgotten in time. The file stays when a job may still name us.
        let _ = fs::File::open(&self.path).and_then(|file| file.set_modified(SystemTime::now()));
    }
}

/// Names of workers of this machine that are dead for certain. Locks that nobody can need any more are removed.
///
/// # Errors
/// When the folder `workers` cannot be listed.
pub fn dead_workers(data_dir: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(data_dir.join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut dead = Vec::new();
    for entry in entries {
        let entry = entry?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let Some(name) = file_name.strip_suffix(SUFFIX) else { continue };
        // A lock that cannot be opened says nothing; the lease still does.
        let Ok(file) = File::open(entry.path()) else { continue };
        match file.try_lock() {
            Ok(()) => {
                forget_if_old(&entry.path(), &file);
                dead.push(name.to_owned());
            }
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
    dead.sort_unstable();
    Ok(dead)
}

fn forget_if_old(path: &Path, file: &File) {
    let age = file.metadata().and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
    if age.is_some_and(|age| age > FORGET_AFTER) {
        // Somebody else may have been quicker, which is as well.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_dead_when_its_lock_is_free() {
        let data = tempfile::tempdir().expect("a folder");
        assert_eq!(dead_workers(data.path()).expect("none"), Vec::<String>::new());
        let (one, two) =
            (WorkerIdentity::enrol(data.path()).expect("one"), WorkerIdentity::enrol(data.path()).expect("two"));
        assert_eq!(dead_workers(data.path()).expect("both live"), Vec::<String>::new());
        let name = one.name().to_owned();
        drop(one);
        assert_eq!(dead_workers(data.path()).expect("one is dead"), [name]);
        assert_ne!(two.name(), "");
    }

    #[test]
    fn locks_of_the_long_dead_are_forgotten() {
        let data = tempfile::tempdir().expect("a folder");
        let worker = WorkerIdentity::enrol(data.path()).expect("enrolled");
        let path = worker.path.clone();
        drop(worker);
        File::options().write(true).open(&path).expect("there").set_modified(SystemTime::UNIX_EPOCH).expect("aged");
        assert_eq!(dead_workers(data.path()).expect("dead").len(), 1);
        assert_eq!(dead_workers(data.path()).expect("forgotten").len(), 0);
    }
}

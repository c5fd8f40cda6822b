//! Who works here: each worker holds a lock that the system drops when its process dies, however it dies.
//!
//! A lease alone would make everybody wait until it runs out. On one machine the lock tells at once: if somebody else can
//! take it, its holder is dead and its jobs are free.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

const FOLDER: &str = "workers";
const SUFFIX: &str = ".lock";
/// Locks of the dead are kept so long after they were found, until no lease can name them any more.
const FORGET_AFTER: Duration = Duration::from_secs(600);

/// A worker's name, valid while this value lives.
#[derive(Debug)]
pub struct WorkerIdentity {
    name: String,
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
        let draft = folder.join(&name);
        let lock = File::create_new(&draft)?;
        lock.lock()?;
        // Visible only once it is locked, so that nobody takes the newborn for dead.
        fs::rename(&draft, folder.join(format!("{name}{SUFFIX}")))?;
        Ok(Self { name, _lock: lock })
    }

    /// The name that leases carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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
        let Ok(file) = File::options().read(true).write(true).open(entry.path()) else { continue };
        match file.try_lock() {
            Ok(()) => {
                forget_in_time(&entry.path(), file)?;
                dead.push(name.to_owned());
            }
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
    dead.sort_unstable();
    Ok(dead)
}

/// Whoever finds a lock free first writes so into it, which is when its time begins to run.
fn forget_in_time(path: &Path, mut file: File) -> io::Result<()> {
    let about = file.metadata()?;
    if about.len() == 0 {
        return file.write_all(b"free");
    }
    if about.modified()?.elapsed().is_ok_and(|since| since > FORGET_AFTER) {
        // Somebody else may have been quicker, which is as well.
        let _ = fs::remove_file(path);
    }
    Ok(())
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
        let name = WorkerIdentity::enrol(data.path()).expect("enrolled").name().to_owned();
        let path = data.path().join(FOLDER).join(format!("{name}{SUFFIX}"));
        let age = || {
            let file = File::options().write(true).open(&path).expect("there");
            file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("aged");
        };
        // However long it lived, its time begins when it is found.
        age();
        assert_eq!(dead_workers(data.path()).expect("found"), [name.as_str()]);
        assert_eq!(dead_workers(data.path()).expect("still there"), [name.as_str()]);
        age();
        assert_eq!(dead_workers(data.path()).expect("for the last time"), [name.as_str()]);
        assert_eq!(dead_workers(data.path()).expect("forgotten").len(), 0);
    }
}

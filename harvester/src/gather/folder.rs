//! The folder of one gathering on disk.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use fairground_domain::{ContentHash, JobId};
use fairground_standards::Format;
use sha2::{Digest, Sha256};

use super::{GatherError, Manifest, PartNote, Spool};
use crate::fetch::Conditional;

const COMPLETE: &str = "complete";

/// Where a job gathers to.
#[must_use]
pub fn spool_folder(data_dir: &Path, job: JobId) -> PathBuf {
    data_dir.join("spool").join(job.to_string())
}

/// Removes a job's folder; a missing one is fine.
///
/// # Errors
/// `Spool` when it cannot be removed.
pub fn remove_folder(folder: &Path) -> Result<(), GatherError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(GatherError::spool(folder)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes the folders of jobs that need them no more: all but those in `keep`. Gives how many went.
///
/// # Errors
/// `Spool` when the spool cannot be listed or a folder not be removed.
pub fn sweep_folders(data_dir: &Path, keep: &HashSet<JobId>) -> Result<usize, GatherError> {
    let spool = data_dir.join("spool");
    let entries = match fs::read_dir(&spool) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(GatherError::spool(&spool)(error)),
    };
    let mut gone = 0;
    for entry in entries {
        let entry = entry.map_err(GatherError::spool(&spool))?;
        // Whatever is not named by a job's id is not ours.
        let Ok(job) = entry.file_name().to_string_lossy().parse::<JobId>() else { continue };
        if !keep.contains(&job) {
            remove_folder(&entry.path())?;
            gone += 1;
        }
    }
    Ok(gone)
}

pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, GatherError> {
        fs::create_dir_all(path).map_err(GatherError::spool(path))?;
        Ok(Self::at(path))
    }

    /// One that may not be there.
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The file of part `number`, counted from 1.
    pub(super) fn part(&self, number: usize) -> PathBuf {
        self.path.join(format!("part-{number:05}"))
    }

    /// Where a document arrives before it counts.
    pub(super) fn arriving(&self) -> PathBuf {
        self.path.join("arriving")
    }

    /// Forgets everything that was gathered into it.
    pub(super) fn clear(&self) -> Result<(), GatherError> {
        remove_folder(&self.path)?;
        fs::create_dir_all(&self.path).map_err(GatherError::spool(&self.path))
    }

    /// What an earlier run finished, if it did.
    pub(super) fn completed(&self) -> Option<Spool> {
        let manifest: Manifest = serde_json::from_slice(&fs::read(self.path.join(COMPLETE)).ok()?).ok()?;
        let parts: Vec<PathBuf> = (1..=manifest.parts.len()).map(|number| self.part(number)).collect();
        let whole = parts.iter().zip(&manifest.parts).all(|(part, note)| has_size(part, note.bytes));
        (whole && !parts.is_empty()).then_some(Spool { parts, manifest })
    }

    /// The notes of the parts that an earlier run brought in, up to the first gap.
    pub(super) fn notes(&self) -> Vec<PartNote> {
        let note = |number: usize| -> Option<PartNote> {
            let note: PartNote = serde_json::from_slice(&fs::read(self.note_path(number)).ok()?).ok()?;
            has_size(&self.part(number), note.bytes).then_some(note)
        };
        (1..).map_while(note).collect()
    }

    /// Makes what arrived part `number`.
    pub(super) fn keep(&self, number: usize, note: &PartNote) -> Result<(), GatherError> {
        let part = self.part(number);
        fs::rename(self.arriving(), &part).map_err(GatherError::spool(&part))?;
        self.write_whole(&self.note_path(number), note)
    }

    /// Closes the gathering: from now on it is only read.
    pub(super) fn finish(&self, outcome: Outcome, notes: Vec<PartNote>) -> Result<Spool, GatherError> {
        self.finish_as(outcome, notes, Extent::default())
    }

    /// As [`Self::finish`], of a source that says how much it has or tells of changes alone.
    pub(super) fn finish_as(
        &self,
        outcome: Outcome,
        notes: Vec<PartNote>,
        extent: Extent,
    ) -> Result<Spool, GatherError> {
        let manifest = Manifest {
            location: outcome.location,
            format: outcome.format,
            validators: outcome.validators,
            sha256: fingerprint(&notes),
            bytes: notes.iter().map(|note| note.bytes).sum(),
            complete: outcome.complete,
            announced: extent.announced,
            only_changes: extent.only_changes,
            since: extent.since,
            notes: outcome.remarks,
            parts: notes,
        };
        self.write_whole(&self.path.join(COMPLETE), &manifest)?;
        let parts = (1..=manifest.parts.len()).map(|number| self.part(number)).collect();
        Ok(Spool { parts, manifest })
    }

    fn note_path(&self, number: usize) -> PathBuf {
        self.path.join(format!("part-{number:05}.json"))
    }

    /// Writes a small file so that it is there in full or not at all.
    fn write_whole(&self, path: &Path, value: &impl serde::Serialize) -> Result<(), GatherError> {
        let draft = self.path.join("draft");
        let write = || {
            let mut file = fs::File::create(&draft)?;
            file.write_all(&serde_json::to_vec(value)?)?;
            file.sync_data()?;
            fs::rename(&draft, path)
        };
        write().map_err(GatherError::spool(path))
    }
}

/// What a finished gathering says besides its parts.
pub(super) struct Outcome {
    pub(super) location: String,
    pub(super) format: Format,
    pub(super) validators: Conditional,
    pub(super) complete: bool,
    pub(super) remarks: Vec<String>,
}

/// How much of a source a gathering holds, as far as the source says; see [`Manifest`].
#[derive(Debug, Default)]
pub(super) struct Extent {
    pub(super) announced: Option<u64>,
    pub(super) only_changes: bool,
    pub(super) since: Option<String>,
}

fn has_size(path: &Path, bytes: u64) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() == bytes)
}

/// Of one part its own fingerprint; of several the fingerprint of theirs.
fn fingerprint(notes: &[PartNote]) -> ContentHash {
    if let [only] = notes {
        return only.sha256;
    }
    let mut digest = Sha256::new();
    for note in notes {
        digest.update(note.sha256.as_bytes());
    }
    ContentHash::from_bytes(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_other_jobs_are_swept_and_strange_files_stay() {
        let data = tempfile::tempdir().expect("a folder");
        assert_eq!(sweep_folders(data.path(), &HashSet::new()).expect("nothing there"), 0);
        let (kept, gone) = (JobId::new(), JobId::new());
        for job in [kept, gone] {
            fs::create_dir_all(spool_folder(data.path(), job)).expect("made");
        }
        fs::create_dir_all(data.path().join("spool/of-somebody-else")).expect("made");
        assert_eq!(sweep_folders(data.path(), &HashSet::from([kept])).expect("swept"), 1);
        assert!(spool_folder(data.path(), kept).exists());
        assert!(!spool_folder(data.path(), gone).exists());
        assert!(data.path().join("spool/of-somebody-else").exists());
    }
}

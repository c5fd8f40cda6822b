//! The folder of one gathering on disk.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use fairground_domain::{ContentHash, JobId};
use fairground_standards::Format;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::protocol::Protocol;
use super::{GatherError, GatherRequest, Manifest, PartNote, Spool};
use crate::fetch::Conditional;

const COMPLETE: &str = "complete";
const PURPOSE: &str = "purpose";
/// What the job says when its parts were of another request.
const OTHER_REQUEST: &str =
    "the source or what is wanted of it was changed while the harvest was interrupted; it was read from the beginning";

/// What a folder is gathered for, so that its parts are never continued as something else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Purpose {
    location: String,
    kind: Option<String>,
    since: Option<String>,
    /// The protocol that was found behind the source's address, so that it is not looked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    behind: Option<Protocol>,
    /// Why the gathering was begun again, in sentences for the agency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<String>,
}

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
    let mut gone = 0;
    for job in spooled_jobs(data_dir)? {
        if !keep.contains(&job) {
            remove_folder(&spool_folder(data_dir, job))?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// The jobs that have a folder.
///
/// # Errors
/// `Spool` when the spool cannot be listed.
pub fn spooled_jobs(data_dir: &Path) -> Result<Vec<JobId>, GatherError> {
    let spool = data_dir.join("spool");
    let entries = match fs::read_dir(&spool) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(GatherError::spool(&spool)(error)),
    };
    let mut jobs = Vec::new();
    for entry in entries {
        let entry = entry.map_err(GatherError::spool(&spool))?;
        // Whatever is not named by a job's id is not ours.
        jobs.extend(entry.file_name().to_string_lossy().parse::<JobId>());
    }
    Ok(jobs)
}

pub(super) struct Folder {
    path: PathBuf,
    purpose: Mutex<Purpose>,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, GatherError> {
        fs::create_dir_all(path).map_err(GatherError::spool(path))?;
        Ok(Self::at(path))
    }

    /// One that may not be there.
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), purpose: Mutex::default() }
    }

    /// Says what is gathered. Parts of another request are forgotten; but where all of the source was being read, an interrupted
    /// gathering goes on so, also when changes alone would do by now. Gives the request as it holds.
    pub(super) fn begin<'a>(&self, request: GatherRequest<'a>) -> Result<GatherRequest<'a>, GatherError> {
        let known = fs::read(self.path.join(PURPOSE)).ok();
        let known: Option<Purpose> = known.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut wanted = Purpose {
            location: request.location.to_string(),
            kind: request.kind.map(|kind| kind.to_string()),
            since: request.since.map(str::to_owned),
            ..Purpose::default()
        };
        let Some(known) = known else {
            *self.purpose.lock() = wanted;
            self.save_purpose()?;
            return Ok(request);
        };
        if (&known.location, &known.kind) == (&wanted.location, &wanted.kind)
            && (known.since == wanted.since || known.since.is_none())
        {
            let since = request.since.filter(|_| known.since.is_some());
            *self.purpose.lock() = known;
            return Ok(GatherRequest { since, ..request });
        }
        wanted.told = known.told;
        *self.purpose.lock() = wanted;
        let begun = !self.notes().is_empty();
        self.clear()?;
        if begun {
            self.tell(OTHER_REQUEST)?;
        }
        Ok(request)
    }

    /// The protocol that was found behind the source's address.
    pub(super) fn behind(&self) -> Option<Protocol> {
        self.purpose.lock().behind
    }

    /// Remembers the protocol that is behind the source's address.
    pub(super) fn set_behind(&self, protocol: Protocol) -> Result<(), GatherError> {
        self.purpose.lock().behind = Some(protocol);
        self.save_purpose()
    }

    /// Says in the job why the gathering was begun again, also when it is interrupted once more.
    pub(super) fn tell(&self, reason: &str) -> Result<(), GatherError> {
        {
            let told = &mut self.purpose.lock().told;
            if told.iter().any(|known| known == reason) {
                return Ok(());
            }
            told.push(reason.to_owned());
        }
        self.save_purpose()
    }

    fn save_purpose(&self) -> Result<(), GatherError> {
        let purpose = self.purpose.lock().clone();
        self.write_whole(&self.path.join(PURPOSE), &purpose)
    }

    /// The file of part `number`, counted from 1.
    pub(super) fn part(&self, number: usize) -> PathBuf {
        self.path.join(format!("part-{number:05}"))
    }

    /// Where a document arrives before it counts.
    pub(super) fn arriving(&self) -> PathBuf {
        self.path.join("arriving")
    }

    /// Forgets everything that was gathered into it, but not what for.
    pub(super) fn clear(&self) -> Result<(), GatherError> {
        remove_folder(&self.path)?;
        fs::create_dir_all(&self.path).map_err(GatherError::spool(&self.path))?;
        self.save_purpose()
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
            notes: self.purpose.lock().told.iter().cloned().chain(outcome.remarks).collect(),
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

//! The directory of segments: one process meters into it at a time.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rand::RngExt;

use crate::error::MeterError;
use crate::header;
use crate::names::Names;
use crate::reader::SegmentReader;
use crate::recorder::Recorder;
use crate::recount::Recount;
use crate::segment::{SUFFIX, SegmentId, SegmentInfo, SegmentPosition, is_node_id};

/// How often [`Meter::sync`] should be called: a power cut loses no more than the records of that time and of one call,
/// and those of a killed process not at all.
pub const SYNC_EVERY: Duration = Duration::from_secs(1);
/// The folder, below the segments', for files that cannot be read.
pub const QUARANTINE: &str = "quarantine";

const LOCK_FILE: &str = "lock";
const NODE_FILE: &str = "node";
const COUNTER_FILE: &str = "next-segment";
/// How many segment numbers are reserved at a time: one durable write for so many segments.
const RESERVED: u64 = 64;
const NODE_ID_CHARS: usize = 16;
/// Records read at a time when a segment is counted over again.
const RECOUNT_RECORDS: usize = 20_000;

/// How segments are cut, and what the numbers in records mean.
#[derive(Debug, Clone)]
pub struct MeterSettings {
    /// A segment is closed before it would grow beyond so many bytes.
    pub segment_max_bytes: u64,
    /// A segment is closed when a record comes so long after its first.
    pub segment_max_age: Duration,
    /// What the numbers of plans and operations mean.
    pub names: Names,
}

impl Default for MeterSettings {
    fn default() -> Self {
        Self { segment_max_bytes: 16 * 1024 * 1024, segment_max_age: Duration::from_secs(600), names: Names::default() }
    }
}

/// The meter of one node. Cheap to clone; all clones are the same meter.
#[derive(Debug, Clone)]
pub struct Meter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) dir: PathBuf,
    node: String,
    pub(crate) segment_max_bytes: u64,
    pub(crate) segment_max_age_micros: u64,
    head: RwLock<Arc<Vec<u8>>>,
    /// Counts changes of `head`, so that recorders notice.
    pub(crate) generation: AtomicU64,
    counter: Mutex<Counter>,
    live: Mutex<HashMap<u64, Arc<SegmentFile>>>,
    /// Closed since the last [`Meter::sync`], with records that may not be on the disk yet.
    closed: Mutex<Vec<Arc<SegmentFile>>>,
    /// Whether segments were created since then, so that the folder must be synced too.
    is_folder_dirty: AtomicBool,
    pub(crate) failures: AtomicU64,
    /// Held as long as the meter lives; the operating system lets go of it even when the process is killed.
    _lock: File,
}

/// A segment's file, shared by its recorder and by whoever syncs it.
#[derive(Debug)]
pub(crate) struct SegmentFile {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    /// Whether something was appended since the last sync.
    is_dirty: AtomicBool,
}

impl SegmentFile {
    pub(crate) const fn new(path: PathBuf, file: File) -> Self {
        Self { path, file, is_dirty: AtomicBool::new(true) }
    }

    /// One `write(2)`, repeated only if a signal came before it began; gives how much was taken.
    pub(crate) fn write_once(&self, bytes: &[u8]) -> std::io::Result<usize> {
        loop {
            match (&self.file).write(bytes) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                outcome => {
                    // Marked after the write: a sync that comes between the two leaves the mark, and the next one syncs.
                    self.is_dirty.store(true, Ordering::Release);
                    return outcome;
                }
            }
        }
    }

    fn sync(&self) -> Result<(), MeterError> {
        if !self.is_dirty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        self.file.sync_data().map_err(|error| {
            self.is_dirty.store(true, Ordering::Release);
            MeterError::io(&self.path, "syncing", error)
        })
    }
}

#[derive(Debug)]
struct Counter {
    next: u64,
    reserved_up_to: u64,
}

impl Meter {
    /// Opens a directory of segments, creating it at need; the node's id is drawn once and kept there.
    ///
    /// # Errors
    /// [`MeterError::Locked`] when another process meters there; otherwise what could not be read or written.
    pub fn open(dir: &Path, settings: MeterSettings) -> Result<Self, MeterError> {
        fs::create_dir_all(dir).map_err(|error| MeterError::io(dir, "creating the directory", error))?;
        let lock = lock(dir)?;
        let node = node_id(dir)?;
        let head = header::encode(&settings.names)?;
        let next = next_segment(dir)?;
        let age = u64::try_from(settings.segment_max_age.as_micros()).unwrap_or(u64::MAX);
        Ok(Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                node,
                segment_max_bytes: settings.segment_max_bytes,
                segment_max_age_micros: age,
                head: RwLock::new(Arc::new(head)),
                generation: AtomicU64::new(0),
                counter: Mutex::new(Counter { next, reserved_up_to: next }),
                live: Mutex::default(),
                closed: Mutex::default(),
                is_folder_dirty: AtomicBool::new(false),
                failures: AtomicU64::new(0),
                _lock: lock,
            }),
        })
    }

    /// This node's id.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.inner.node
    }

    /// A writer of its own segments, for one worker thread. Its first segment is opened by its first record.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        Recorder::new(Arc::clone(&self.inner))
    }

    /// From now on, numbers in records mean this; running segments are closed by their next record.
    ///
    /// # Errors
    /// [`MeterError::NamesTooLong`]; then nothing changes.
    pub fn rename(&self, names: &Names) -> Result<(), MeterError> {
        let head = Arc::new(header::encode(names)?);
        let mut current = self.inner.head.write();
        if *current != head {
            *current = head;
            self.inner.generation.fetch_add(1, Ordering::Release);
        }
        Ok(())
    }

    /// All segments here, in the order of writing.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn segments(&self) -> Result<Vec<SegmentInfo>, MeterError> {
        // Asked before the sizes are read: a segment called closed then has its final size.
        let live: HashSet<u64> = self.inner.live.lock().keys().copied().collect();
        let mut segments = list(&self.inner.dir)?;
        for segment in &mut segments {
            segment.is_live = segment.id.node == self.inner.node && live.contains(&segment.id.counter);
        }
        Ok(segments)
    }

    /// A reader that goes on at `position`.
    ///
    /// # Errors
    /// When the segment cannot be opened, or is none.
    pub fn reader(&self, position: &SegmentPosition) -> Result<SegmentReader, MeterError> {
        SegmentReader::open(&self.inner, position)
    }

    /// Removes a segment that was read to `position`, its end. When it may go is the caller's to judge: after its sums were
    /// proved.
    ///
    /// # Errors
    /// [`MeterError::StillLive`] when a recorder still writes to it, [`MeterError::NotReadYet`] when it goes on behind
    /// `position`; both leave it as it is.
    pub fn retire(&self, position: &SegmentPosition) -> Result<(), MeterError> {
        let id = position.id();
        if self.inner.is_live(&id) {
            return Err(MeterError::StillLive(id.to_string()));
        }
        let path = id.path(&self.inner.dir);
        let size_bytes = fs::metadata(&path).map_err(|error| MeterError::io(&path, "looking at", error))?.len();
        if position.offset < size_bytes {
            return Err(MeterError::NotReadYet { segment: id.to_string(), offset: position.offset, size_bytes });
        }
        fs::remove_file(&path).map_err(|error| MeterError::io(&path, "removing", error))
    }

    /// Has the disk hold everything that was appended before the call, and the folder every segment; see [`SYNC_EVERY`].
    /// For a thread of its own: it may block for as long as the disk takes.
    ///
    /// # Errors
    /// The first failure; whatever could not be synced is tried again by the next call.
    pub fn sync(&self) -> Result<(), MeterError> {
        let mut failed = None;
        if self.inner.is_folder_dirty.swap(false, Ordering::AcqRel)
            && let Err(error) = sync_folder(&self.inner.dir)
        {
            self.inner.is_folder_dirty.store(true, Ordering::Release);
            failed = Some(error);
        }
        let live: Vec<Arc<SegmentFile>> = self.inner.live.lock().values().cloned().collect();
        let closed = std::mem::take(&mut *self.inner.closed.lock());
        for segment in &live {
            failed = failed.or(segment.sync().err());
        }
        for segment in closed {
            if let Err(error) = segment.sync() {
                failed.get_or_insert(error);
                self.inner.closed.lock().push(segment);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Files among the segments that are called like one but have no segment's name.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn strangers(&self) -> Result<Vec<String>, MeterError> {
        let names = file_names(&self.inner.dir)?;
        Ok(names
            .into_iter()
            .filter(|name| name.ends_with(SUFFIX) && SegmentId::from_file_name(name).is_none())
            .collect())
    }

    /// Puts a file that cannot be read into the folder [`QUARANTINE`], whole and under its name (with a number when that
    /// name is taken), so that it is in nobody's way and can be looked at; gives its new name. Put back, it is read on
    /// from where its sums end.
    ///
    /// # Errors
    /// [`MeterError::StillLive`], or when it cannot be moved.
    pub fn quarantine(&self, file_name: &str) -> Result<String, MeterError> {
        if SegmentId::from_file_name(file_name).is_some_and(|id| self.inner.is_live(&id)) {
            return Err(MeterError::StillLive(file_name.to_owned()));
        }
        let from = self.inner.dir.join(file_name);
        let folder = self.inner.dir.join(QUARANTINE);
        let failed = |error| MeterError::io(&from, "moving into quarantine", error);
        fs::create_dir_all(&folder).map_err(failed)?;
        let free =
            (0_u32..).map(|count| if count == 0 { file_name.to_owned() } else { format!("{file_name}.{count}") });
        let name = free.into_iter().find(|name| !folder.join(name).exists()).unwrap_or_else(|| file_name.to_owned());
        fs::rename(&from, folder.join(&name)).map_err(failed)?;
        sync_folder(&folder)?;
        sync_folder(&self.inner.dir)?;
        Ok(name)
    }

    /// The names of the files in quarantine.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn quarantined(&self) -> Result<Vec<String>, MeterError> {
        let folder = self.inner.dir.join(QUARANTINE);
        if folder.exists() { file_names(&folder) } else { Ok(Vec::new()) }
    }

    /// Counts a segment over again, from `from` up to the byte `up_to`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn recount(&self, from: &SegmentPosition, up_to: u64) -> Result<Recount, MeterError> {
        let mut recount = Recount::default();
        let mut reader = self.reader(from)?.up_to(up_to);
        loop {
            let batch = reader.read(RECOUNT_RECORDS)?;
            batch.records.iter().for_each(|record| recount.count(record));
            if batch.is_complete || batch.to == batch.from {
                return Ok(recount);
            }
        }
    }

    /// How many records could not be written since the start.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.inner.failures.load(Ordering::Relaxed)
    }
}

impl Inner {
    pub(crate) fn is_live(&self, id: &SegmentId) -> bool {
        id.node == self.node && self.live.lock().contains_key(&id.counter)
    }

    /// Starts a segment under a number that was never given before.
    pub(crate) fn start_segment(&self) -> Result<StartedSegment, MeterError> {
        let generation = self.generation.load(Ordering::Acquire);
        let head = Arc::clone(&self.head.read());
        let id = SegmentId { node: self.node.clone(), counter: self.take_number()? };
        let path = id.path(&self.dir);
        let opened = OpenOptions::new().append(true).create_new(true).open(&path);
        let file = opened.map_err(|error| MeterError::io(&path, "creating", error))?;
        let file = Arc::new(SegmentFile::new(path, file));
        self.live.lock().insert(id.counter, Arc::clone(&file));
        self.is_folder_dirty.store(true, Ordering::Release);
        if let Err(error) = (&file.file).write_all(&head) {
            self.live.lock().remove(&id.counter);
            // Nothing in it is anybody's; if it cannot be removed it reads as empty.
            let _ = fs::remove_file(&file.path);
            return Err(MeterError::io(&file.path, "writing the head of", error));
        }
        let size_bytes = u64::try_from(head.len()).unwrap_or(u64::MAX);
        Ok(StartedSegment { id, file, size_bytes, generation })
    }

    pub(crate) fn close_segment(&self, id: &SegmentId) {
        // Listed as closed before it stops being live, so that no sync misses it between the two.
        let mut live = self.live.lock();
        if let Some(file) = live.get(&id.counter) {
            self.closed.lock().push(Arc::clone(file));
        }
        live.remove(&id.counter);
    }

    fn take_number(&self) -> Result<u64, MeterError> {
        let mut counter = self.counter.lock();
        if counter.next >= counter.reserved_up_to {
            let up_to = counter.next.saturating_add(RESERVED);
            write_durably(&self.dir, COUNTER_FILE, &up_to.to_string())?;
            counter.reserved_up_to = up_to;
        }
        let number = counter.next;
        counter.next += 1;
        Ok(number)
    }
}

/// A fresh segment, its head written.
#[derive(Debug)]
pub(crate) struct StartedSegment {
    pub(crate) id: SegmentId,
    pub(crate) file: Arc<SegmentFile>,
    pub(crate) size_bytes: u64,
    pub(crate) generation: u64,
}

fn lock(dir: &Path) -> Result<File, MeterError> {
    let path = dir.join(LOCK_FILE);
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|error| MeterError::io(&path, "opening", error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(MeterError::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(MeterError::io(&path, "locking", error)),
    }
}

fn node_id(dir: &Path) -> Result<String, MeterError> {
    let path = dir.join(NODE_FILE);
    if let Some(text) = read_if_there(&path)? {
        let node = text.trim();
        return if is_node_id(node) { Ok(node.to_owned()) } else { Err(MeterError::NodeId(path)) };
    }
    let mut random = rand::rng();
    let digit = || char::from_digit(random.random_range(0..36), 36).unwrap_or('0');
    let node: String = std::iter::repeat_with(digit).take(NODE_ID_CHARS).collect();
    write_durably(dir, NODE_FILE, &node)?;
    Ok(node)
}

/// The first number that was never given: behind all that were reserved, and behind all that are there.
fn next_segment(dir: &Path) -> Result<u64, MeterError> {
    let reserved = read_if_there(&dir.join(COUNTER_FILE))?.and_then(|text| text.trim().parse().ok()).unwrap_or(1);
    let there = list(dir)?.iter().map(|segment| segment.id.counter.saturating_add(1)).max().unwrap_or(1);
    Ok(reserved.max(there))
}

fn list(dir: &Path) -> Result<Vec<SegmentInfo>, MeterError> {
    let failed = |error| MeterError::io(dir, "listing", error);
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Some(id) = entry.file_name().to_str().and_then(SegmentId::from_file_name) else { continue };
        let size_bytes = entry.metadata().map_err(failed)?.len();
        segments.push(SegmentInfo { id, size_bytes, is_live: false });
    }
    segments.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(segments)
}

fn file_names(dir: &Path) -> Result<Vec<String>, MeterError> {
    let failed = |error| MeterError::io(dir, "listing", error);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

fn sync_folder(dir: &Path) -> Result<(), MeterError> {
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(|error| MeterError::io(dir, "syncing", error))
}

fn read_if_there(path: &Path) -> Result<Option<String>, MeterError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(MeterError::io(path, "reading", error)),
    }
}

/// Writes a small file so that after any crash either the old or the new text is there.
fn write_durably(dir: &Path, name: &str, text: &str) -> Result<(), MeterError> {
    let (path, beside) = (dir.join(name), dir.join(format!("{name}.new")));
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|error| MeterError::io(&path, "writing", error))
}

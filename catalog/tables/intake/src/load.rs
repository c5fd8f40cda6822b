//! The whole way of one file.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::ScopedJoinHandle;

use fairground_domain::{ContentHash, LanguageTag, Snapshot};
use sha2::{Digest, Sha256};

use crate::cells;
use crate::error::IntakeError;
use crate::formats::{self, Format, FormatLimits, Member, PublishedSchema};
use crate::limits::Limits;
use crate::plan::{Context, Written};
use crate::text::encoding::read_full;
use crate::text::{self, Delimited, thread_died};
use crate::watch::{Progress, Stage, Watch};

/// What is known of a file before it is read, and how it shall be read.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The file's name, as it was given; its ending is a weak hint.
    pub name: String,
    /// The media type, as the server or the catalogue says; a weak hint.
    pub media_type: Option<String>,
    /// What the publisher says the table holds; it is obeyed, and rows that break it are kept out.
    pub declared: Option<PublishedSchema>,
    /// The language of the dataset: it decides between dates and decimals that the file leaves open.
    pub language: Option<LanguageTag>,
    /// How far the load goes.
    pub limits: Limits,
    /// Threads to use at most; 0 for one per processor.
    pub threads: usize,
    /// The digest of the file (SHA-256), where it is known already: the file is not read for it once more.
    pub digest: Option<ContentHash>,
}

/// A table that was loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedTable {
    /// What it holds.
    pub snapshot: Snapshot,
    /// The Parquet file, in the folder that was asked for.
    pub parquet: PathBuf,
    /// The rows that were kept out, where there are any: CSV with the columns `line`, `reason`, `raw`.
    pub quarantine: Option<PathBuf>,
}

/// Turns a file of any tabular format into one Parquet snapshot per sheet, member or layer, in the folder `out_dir`.
///
/// The files in it are named after the snapshot's key. When the load fails, none of its files is left there. Archives are
/// unpacked in a temporary folder inside `out_dir`.
///
/// # Errors
/// As [`IntakeError`] says: what is no table, is broken, protected or too large, has too many faults, was cancelled, or
/// cannot be read or written.
pub fn load(
    file: &Path,
    options: &LoadOptions,
    out_dir: &Path,
    watch: &dyn Watch,
) -> Result<Vec<LoadedTable>, IntakeError> {
    let limits = &options.limits;
    if std::fs::metadata(file)?.len() > limits.file_bytes {
        return Err(IntakeError::TooLarge {
            what: "the file".to_owned(),
            limit: format!("{} bytes", limits.file_bytes),
        });
    }
    std::fs::create_dir_all(out_dir)?;
    let scratch = tempfile::Builder::new().prefix(".intake-").tempdir_in(out_dir)?;
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        threads => threads,
    };
    let stop = Arc::new(AtomicBool::new(false));
    let done = AtomicBool::new(false);
    let tables = std::thread::scope(|scope| {
        // Readers of formats look at a flag; the flag follows the watch.
        let follower = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                if watch.stopped() {
                    stop.store(true, Ordering::Relaxed);
                }
                std::thread::park_timeout(STOP_POLL);
            }
        });
        let _finish = Finish { done: &done, stop: &stop, follower: follower.thread().clone() };
        let digest = options.digest.is_none().then(|| scope.spawn(|| digest(file, &stop)));
        let format = formats::detect(file, &options.name, options.media_type.as_deref())?;
        let formats = FormatLimits {
            unpacked_bytes: limits.unpacked_bytes,
            ratio: limits.unpack_ratio,
            entries: limits.members,
            columns: limits.columns,
            stop: Arc::clone(&stop),
            ..FormatLimits::default()
        };
        let members = members(file, format, options, &formats, scratch.path(), watch)?;
        let found = options.digest.map_or_else(OnceLock::new, OnceLock::from);
        let hash = FileHash { digest: Mutex::new(digest), found };
        let file_hash = || hash.get();
        let context = Context { options, watch, scratch: scratch.path(), file_hash: &file_hash, threads };
        load_members(members, &formats, &context)
    });
    let tables = tables.map_err(|error| if watch.stopped() { IntakeError::Cancelled } else { error })?;
    publish(tables, out_dir)
}

/// How long the watch may ask to stop before readers of formats know.
const STOP_POLL: std::time::Duration = std::time::Duration::from_millis(20);
/// Bytes that are hashed at once.
const HASH_BYTES: usize = 1 << 20;

/// Ends the threads that follow the watch and read the file, however the load ends.
struct Finish<'a> {
    done: &'a AtomicBool,
    stop: &'a AtomicBool,
    follower: std::thread::Thread,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.done.store(true, Ordering::Relaxed);
        self.follower.unpark();
    }
}

/// The digest of the file, made beside everything else and waited for when it is first needed.
struct FileHash<'scope> {
    digest: Mutex<Option<ScopedJoinHandle<'scope, Result<ContentHash, IntakeError>>>>,
    found: OnceLock<ContentHash>,
}

impl FileHash<'_> {
    fn get(&self) -> Result<ContentHash, IntakeError> {
        let mut digest = self.digest.lock().map_err(|_| thread_died())?;
        if let Some(digest) = digest.take() {
            let found = digest.join().map_err(|_| thread_died())??;
            return Ok(*self.found.get_or_init(|| found));
        }
        // Whoever asks again after a failure is told of it only in general: the load has ended by then.
        self.found.get().copied().ok_or_else(thread_died)
    }
}

/// The digest of a file.
fn digest(file: &Path, stop: &AtomicBool) -> Result<ContentHash, IntakeError> {
    let mut file = File::open(file)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; HASH_BYTES];
    loop {
        let read = read_full(&mut file, &mut buffer)?;
        hasher.update(buffer.get(..read).unwrap_or_default());
        if read < buffer.len() {
            return Ok(ContentHash::from_bytes(hasher.finalize().into()));
        }
        if stop.load(Ordering::Relaxed) {
            return Err(IntakeError::Cancelled);
        }
    }
}

/// The files to read: the file itself, or those in it.
pub(crate) struct Members {
    pub(crate) files: Vec<Member>,
    /// What was left out, with the reason.
    pub(crate) skipped: Vec<(String, String)>,
    pub(crate) archive: bool,
}

pub(crate) fn members(
    file: &Path,
    format: Format,
    options: &LoadOptions,
    limits: &FormatLimits,
    scratch: &Path,
    watch: &dyn Watch,
) -> Result<Members, IntakeError> {
    if !format.is_archive() {
        let member = Member { path: file.to_owned(), name: options.name.clone(), format, schema: None };
        return Ok(Members { files: vec![member], skipped: Vec::new(), archive: false });
    }
    let total = std::fs::metadata(file)?.len();
    watch.progress(Progress { stage: Stage::Unpacking, bytes_done: 0, bytes_total: total, rows: 0 });
    let into = scratch.join("unpacked");
    std::fs::create_dir_all(&into)?;
    let unpacked = formats::unpack(file, &options.name, format, limits, &into)?;
    Ok(Members { files: unpacked.members, skipped: unpacked.skipped, archive: true })
}

/// Loads every table of every file. In an archive or workbook a file or sheet that is no table, or a faulty one, is left out
/// with a note as long as another one is good.
fn load_members(
    members: Members,
    formats: &FormatLimits,
    context: &Context<'_>,
) -> Result<Vec<LoadedTable>, IntakeError> {
    let mut tables: Vec<LoadedTable> = Vec::new();
    let mut left_out: Vec<String> = members
        .skipped
        .iter()
        .filter(|_| members.archive)
        .map(|(name, why)| format!("`{name}` in the archive was left out: {why}."))
        .collect();
    let mut first_error = None;
    let single = members.files.len() == 1;
    let mut from: Vec<&str> = Vec::new();
    for member in &members.files {
        let schema = context.options.declared.as_ref().or(member.schema.as_ref());
        for loaded in load_member(member, schema, single, formats, context) {
            match loaded {
                Ok(_) if tables.len() >= context.limits().tables => {
                    let limit = context.limits().tables.to_string();
                    return Err(IntakeError::TooLarge { what: "the number of tables".to_owned(), limit });
                }
                Ok(written) => {
                    tables.push(written.table);
                    from.push(&member.name);
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    left_out.push(format!("A part of `{}` was left out: {error}.", member.name));
                    first_error.get_or_insert(error);
                }
            }
        }
    }
    let Some(first) = tables.first_mut() else {
        return Err(
            first_error.unwrap_or_else(|| IntakeError::NotTabular { why: "there is no table in it".to_owned() })
        );
    };
    first.snapshot.source.notes.extend(left_out);
    let names: Vec<(&str, &str)> =
        from.into_iter().zip(&tables).map(|(member, table)| (member, table.snapshot.name.as_str())).collect();
    let names = tell_apart(&names);
    for (table, name) in tables.iter_mut().zip(names) {
        table.snapshot.name = name;
    }
    Ok(tables)
}

/// Whether an error concerns the load as a whole rather than one table of it.
const fn is_final(error: &IntakeError) -> bool {
    match error {
        IntakeError::Io(_) | IntakeError::Cancelled | IntakeError::Write(_) | IntakeError::TooLarge { .. } => true,
        IntakeError::NotTabular { .. }
        | IntakeError::Broken { .. }
        | IntakeError::Protected { .. }
        | IntakeError::TooManyFaults { .. } => false,
    }
}

fn load_member(
    member: &Member,
    schema: Option<&PublishedSchema>,
    single: bool,
    formats: &FormatLimits,
    context: &Context<'_>,
) -> Vec<Result<Written, IntakeError>> {
    let stem = table_name(&member.name);
    if member.format == Format::Delimited {
        let source = Delimited { path: &member.path, file: &member.name, table: &stem, schema };
        return vec![text::load(&source, context)];
    }
    let readers = match formats::open(member.format, &member.path, &member.name, formats) {
        Ok(readers) => readers,
        Err(error) => return vec![Err(error)],
    };
    let alone = readers.len() == 1;
    let mut loaded = Vec::new();
    for mut reader in readers {
        let table = match reader.name() {
            "" => stem.clone(),
            name if single || alone => name.to_owned(),
            name => format!("{stem} {name}"),
        };
        let result = cells::load(reader.as_mut(), &member.name, &table, schema, context);
        let end = matches!(&result, Err(error) if is_final(error));
        loaded.push(result);
        if end {
            break;
        }
    }
    loaded
}

/// Names of tables, each of them once, from the files that they are of and the names that they have: `2019/data.csv` beside
/// `2020/data.csv` are `2019 data` and `2020 data`, `data.csv` beside `data.json` are `data csv` and `data json`.
fn tell_apart(tables: &[(&str, &str)]) -> Vec<String> {
    let candidate = |(member, name): (&str, &str), level: usize| {
        let (folders, file) = member.rsplit_once(['/', '\\']).unwrap_or(("", member));
        let folder = folders.rsplit(['/', '\\']).next().unwrap_or_default();
        let all = folders.replace(['/', '\\'], " ");
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        let parts = match level {
            0 => ["", name, ""],
            1 => [folder, name, ""],
            2 => [&all, name, ""],
            _ => [&all, name, ending],
        };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    const LEVEL_LAST: usize = 3;
    let mut names: Vec<String> = tables.iter().map(|table| candidate(*table, 0)).collect();
    for level in 1..=LEVEL_LAST {
        let mut count = std::collections::HashMap::<String, usize>::new();
        names.iter().for_each(|name| *count.entry(name.clone()).or_default() += 1);
        for (name, table) in names.iter_mut().zip(tables) {
            if count.get(name).is_some_and(|count| *count > 1) {
                *name = candidate(*table, level);
            }
        }
    }
    let mut taken = std::collections::HashSet::new();
    for name in &mut names {
        let plain = name.clone();
        for number in 2.. {
            if taken.insert(name.clone()) {
                break;
            }
            *name = format!("{plain} {number}");
        }
    }
    names
}

/// A file's name without folders and ending.
pub(crate) fn table_name(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = if stem.is_empty() { name } else { stem };
    if stem.is_empty() { "table".to_owned() } else { stem.to_owned() }
}

/// Gives the finished files their names; all or none.
fn publish(mut tables: Vec<LoadedTable>, out_dir: &Path) -> Result<Vec<LoadedTable>, IntakeError> {
    let mut moved: Vec<PathBuf> = Vec::new();
    let mut rename = |from: &Path, to: PathBuf| -> Result<PathBuf, IntakeError> {
        if let Err(error) = std::fs::rename(from, &to) {
            for path in &moved {
                let _ = std::fs::remove_file(path);
            }
            return Err(error.into());
        }
        moved.push(to.clone());
        Ok(to)
    };
    for table in &mut tables {
        let key = table.snapshot.key;
        table.parquet = rename(&table.parquet, out_dir.join(format!("{key}.parquet")))?;
        if let Some(quarantine) = &table.quarantine {
            table.quarantine = Some(rename(quarantine, out_dir.join(format!("{key}.quarantine.csv")))?);
        }
    }
    Ok(tables)
}

//! The index as a whole: open, change, read.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use fairground_domain::{DatasetId, DistributionId};
use parking_lot::{Mutex, MutexGuard};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use crate::document::Change;
use crate::error::SearchError;
use crate::folder::{self, Folder};
use crate::generation::{Generation, Snapshot};
use crate::query::{Facet, Hit, SearchAnswer, SearchQuery, Suggestion};
use crate::rebuild::Rebuild;
use crate::segment::{dataset_id, today};
use crate::suggest::{MAX_POPULAR, Popular};
use crate::uses::Uses;
use crate::vocabulary::Vocabulary;
use crate::writing::Writing;
use crate::{answers, search, similar, suggest};

/// How often a question looks whether another process has committed.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Segments beside the largest are left as they are while there are no more than so many …
const MAX_SMALL_SEGMENTS: usize = 3;
/// … and the largest has so many times more documents than all of them.
const SMALL_REST: u64 = 8;
/// In an index of more documents the largest segment is left as it is.
const MAX_SETTLED_DOCUMENTS: u64 = 2_000_000;

/// The search index of one node. Cheap to clone; all clones are one index.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) folder: Folder,
    /// Held by whoever writes.
    lock: Option<File>,
    current: ArcSwap<Snapshot>,
    pub(crate) writing: Mutex<Option<Writing>>,
    looking: Mutex<Instant>,
    vocabulary: ArcSwap<Vocabulary>,
    popular: ArcSwap<Vec<Popular>>,
    uses: ArcSwap<Uses>,
    pub(crate) rebuilding: AtomicBool,
}

impl SearchIndex {
    /// Opens the index in `dir` for writing; makes an empty one when there is none. Holds an exclusive lock on it until
    /// the last clone is dropped.
    ///
    /// # Errors
    /// `Locked` when another process writes it; `Unusable` when it must be built anew ([`Self::recreate`]).
    pub fn open_writer(dir: &Path) -> Result<Self, SearchError> {
        let folder = Folder::new(dir);
        let lock = folder.lock()?;
        Self::open_locked(folder, lock)
    }

    /// Removes the index in `dir`, whatever its state, and opens an empty one at position 0 for writing.
    ///
    /// # Errors
    /// `Locked` when another process writes it.
    pub fn recreate(dir: &Path) -> Result<Self, SearchError> {
        let folder = Folder::new(dir);
        let lock = folder.lock()?;
        folder.forget()?;
        Self::open_locked(folder, lock)
    }

    fn open_locked(folder: Folder, lock: File) -> Result<Self, SearchError> {
        let current = folder.current()?;
        folder.sweep(current.as_deref())?;
        let generation = match current {
            Some(name) => {
                let (index, fields) = folder.open(&name)?;
                Generation::new(name, index, fields)?
            }
            None => {
                let (name, index, fields) = folder.create()?;
                folder.set_current(&name)?;
                Generation::new(name, index, fields)?
            }
        };
        Self::over(folder, Some(lock), &generation)
    }

    /// Opens the index in `dir` for reading, beside whoever writes it.
    ///
    /// # Errors
    /// `Missing` when there is none yet; `Unusable` when it must be built anew.
    pub fn open_reader(dir: &Path) -> Result<Self, SearchError> {
        let folder = Folder::new(dir);
        let Some(name) = folder.current()? else { return Err(SearchError::Missing { dir: dir.to_owned() }) };
        let (index, fields) = folder.open(&name)?;
        let generation = Generation::new(name, index, fields)?;
        Self::over(folder, None, &generation)
    }

    fn over(folder: Folder, lock: Option<File>, generation: &Arc<Generation>) -> Result<Self, SearchError> {
        let snapshot =
            folder::guarded(|| generation.snapshot(&folder, &Arc::default())).map_err(folder::as_unusable)?;
        let inner = Inner {
            folder,
            lock,
            current: ArcSwap::from_pointee(snapshot),
            writing: Mutex::new(None),
            looking: Mutex::new(Instant::now()),
            vocabulary: ArcSwap::from_pointee(Vocabulary::civic().clone()),
            popular: ArcSwap::default(),
            uses: ArcSwap::default(),
            rebuilding: AtomicBool::new(false),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Applies changes in order and commits them together with the journal `position` that they lead to. When this
    /// returns, questions to this index see them; readers in other processes do within half a second.
    ///
    /// A commit costs a few writes that wait for the disk, so changes are better given by the hundred than one by one.
    ///
    /// # Errors
    /// `ReadOnly` when opened for reading; `DiskFull`. Nothing of a failed call is kept.
    pub fn apply(&self, changes: impl IntoIterator<Item = Change>, position: u64) -> Result<(), SearchError> {
        let mut batch = self.batch()?;
        batch.add(changes)?;
        batch.commit(position)
    }

    /// Begins changes that are committed together, for those who have more of them than they want to hold at once. Nobody else
    /// changes the index meanwhile; questions go on.
    ///
    /// # Errors
    /// `ReadOnly` when opened for reading.
    pub fn batch(&self) -> Result<Batch<'_>, SearchError> {
        let writing = self.inner.writing(true)?;
        if writing.is_none() {
            return Err(SearchError::ReadOnly);
        }
        Ok(Batch { index: self, writing, is_committed: false })
    }

    /// Begins to bring the index's segments together, when there are several: questions cost something for each of them.
    /// Returns at once; questions and changes go on meanwhile. Meant for quiet hours: while changes come, segments come
    /// together by themselves as far as is worth their while.
    ///
    /// Gives how many segments are being merged, 0 when there is nothing to do.
    ///
    /// # Errors
    /// `ReadOnly` when opened for reading.
    pub fn settle(&self) -> Result<usize, SearchError> {
        if self.inner.lock.is_none() {
            return Err(SearchError::ReadOnly);
        }
        let snapshot = self.inner.current.load();
        let readers = snapshot.searcher.0.segment_readers();
        let merged = worth_merging(readers.iter().map(|reader| (reader.segment_id(), reader.max_doc())).collect());
        if !merged.is_empty()
            && let Some(writing) = self.inner.writing(true)?.as_mut()
        {
            writing.merge(&merged);
        }
        Ok(merged.len())
    }

    /// How many segments the index has.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.inner.snapshot().segments.len()
    }

    /// The journal position of the last commit; 0 before the first.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.inner.current.load().position
    }

    /// Looks for a newer commit at once, as questions do by themselves several times a second.
    ///
    /// # Errors
    /// `Unusable` when it cannot be read.
    pub fn reload(&self) -> Result<(), SearchError> {
        self.inner.look(true)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// `InvalidCursor`, `TooManyValues`, `InvalidBox` for questions that cannot be answered; `Io`, `Engine` when the index
    /// cannot be read.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchAnswer, SearchError> {
        search::answer(&self.inner.snapshot(), query, &self.inner.vocabulary.load())
    }

    /// Answers a question, as [`Self::search`] does; what was asked of the same commit of late is not worked out again.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn answer(&self, query: &SearchQuery) -> Result<Arc<SearchAnswer>, SearchError> {
        let snapshot = self.inner.snapshot();
        let key = answers::key(query, today());
        if let Some(known) = key.as_ref().and_then(|key| snapshot.answers.get(key)) {
            return Ok(known);
        }
        let answer = Arc::new(search::answer(&snapshot, query, &self.inner.vocabulary.load())?);
        if let Some(key) = key {
            snapshot.answers.put(key, answer.clone());
        }
        Ok(answer)
    }

    /// The datasets that are about the same as one, best first, at most `limit` and [`crate::MAX_SIMILAR`]; none when it
    /// is not in the index.
    ///
    /// # Errors
    /// `Io`, `Engine` when the index cannot be read.
    pub fn similar(&self, id: DatasetId, limit: usize) -> Result<Vec<Hit>, SearchError> {
        let snapshot = self.inner.snapshot();
        let key = answers::key_of_like(id, limit);
        if let Some(known) = snapshot.answers.get(&key) {
            return Ok(known.hits.clone());
        }
        let hits = similar::similar(&snapshot, id, limit)?;
        snapshot.answers.put(key, Arc::new(SearchAnswer { hits: hits.clone(), ..SearchAnswer::default() }));
        Ok(hits)
    }

    /// Sets the words that mean the same. Answers given before are forgotten with the next commit.
    pub fn set_vocabulary(&self, vocabulary: Vocabulary) {
        self.inner.vocabulary.store(Arc::new(vocabulary));
    }

    /// Sets the questions that many ask, the most frequent first, with how often: they are suggested.
    pub fn set_popular(&self, questions: impl IntoIterator<Item = (String, u64)>) {
        let popular = questions.into_iter().map(|(text, count)| Popular::new(text, count));
        self.inner.popular.store(Arc::new(popular.take(MAX_POPULAR).collect()));
    }

    /// Sets how often datasets were used of late, the most used first ([`crate::MAX_USED`] at most): a factor of the order
    /// ([`crate::ranking::usage`]), never a reason to find. Costs a reading of the index's columns when anything has changed.
    ///
    /// # Errors
    /// `Unusable` when the index cannot be read; the order before stays.
    pub fn set_uses(&self, uses: impl IntoIterator<Item = (DatasetId, u64)>) -> Result<(), SearchError> {
        let uses = Uses::new(uses);
        if **self.inner.uses.load() == uses {
            return Ok(());
        }
        self.inner.uses.store(Arc::new(uses));
        self.inner.read_anew()
    }

    /// What a person may be about to type: questions that many ask, publishers, keywords and titles that have words
    /// beginning as `prefix`, at most `limit` of them and [`crate::MAX_SUGGESTIONS`].
    ///
    /// # Errors
    /// `Io`, `Engine` when the index cannot be read.
    pub fn suggest(&self, prefix: &str, limit: usize) -> Result<Vec<Suggestion>, SearchError> {
        suggest::suggest(&self.inner.snapshot(), &self.inner.popular.load(), prefix, limit)
    }

    /// The dataset that has a distribution of that id; none when it cannot be found.
    ///
    /// # Errors
    /// `Io`, `Engine` when the index cannot be read.
    pub fn find_by_distribution(&self, distribution: DistributionId) -> Result<Option<DatasetId>, SearchError> {
        let snapshot = self.inner.snapshot();
        let field = snapshot.generation.fields.distribution;
        let term = Term::from_field_bytes(field, distribution.as_uuid().as_bytes());
        for (reader, segment) in snapshot.searcher.0.segment_readers().iter().zip(&snapshot.segments) {
            let Some(mut found) = reader.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let alive = reader.alive_bitset();
            while found.doc() != TERMINATED {
                let doc = found.doc();
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    return Ok(Some(dataset_id(segment.id(doc))));
                }
                found.advance();
            }
        }
        Ok(None)
    }

    /// Calls `each` with every value and label of a facet that a dataset has or lately had, in no order.
    pub fn each_value(&self, facet: Facet, mut each: impl FnMut(&str, &str)) {
        if let Some(names) = self.inner.snapshot().names_of(facet) {
            names.each(|_, value, label| each(value, label));
        }
    }

    /// How many datasets can be found.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.inner.snapshot().searcher.0.num_docs()
    }

    /// True when none can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every dataset in the last commit with the version it was put in with, in no order.
    #[must_use]
    pub fn contents(&self) -> Vec<(DatasetId, u32)> {
        let snapshot = self.inner.snapshot();
        let mut contents = Vec::new();
        for (reader, segment) in snapshot.searcher.0.segment_readers().iter().zip(&snapshot.segments) {
            contents.extend(reader.doc_ids_alive().map(|doc| (dataset_id(segment.id(doc)), segment.version(doc))));
        }
        contents
    }

    /// Begins a new index beside this one; this one goes on answering and following until the new one is finished.
    ///
    /// # Errors
    /// `RebuildRunning` when one is under way; `ReadOnly` when opened for reading.
    pub fn begin_rebuild(&self) -> Result<Rebuild, SearchError> {
        if self.inner.lock.is_none() {
            return Err(SearchError::ReadOnly);
        }
        if self.inner.rebuilding.swap(true, Ordering::AcqRel) {
            return Err(SearchError::RebuildRunning);
        }
        Rebuild::begin(self.inner.clone())
    }
}

/// The segments to bring together in a quiet hour: the small ones while they are small beside the largest, else all.
fn worth_merging<T>(mut sizes: Vec<(T, u32)>) -> Vec<T> {
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let Some(largest) = sizes.first().map(|(_, size)| u64::from(*size)) else { return Vec::new() };
    let all: u64 = sizes.iter().map(|(_, size)| u64::from(*size)).sum();
    let small_rest = (all - largest) * SMALL_REST < largest || all > MAX_SETTLED_DOCUMENTS;
    if small_rest && sizes.len() <= MAX_SMALL_SEGMENTS + 1 || sizes.len() <= 1 {
        return Vec::new();
    }
    sizes.into_iter().skip(usize::from(small_rest)).map(|(id, _)| id).collect()
}

impl Inner {
    /// The writer's seat; with `make`, there is a writer in it.
    pub(crate) fn writing(&self, make: bool) -> Result<MutexGuard<'_, Option<Writing>>, SearchError> {
        if self.lock.is_none() {
            return Err(SearchError::ReadOnly);
        }
        let mut seat = self.writing.lock();
        if make && seat.is_none() {
            self.look(true)?;
            let snapshot = self.current.load();
            let greatest = snapshot.segments.iter().map(|segment| segment.greatest_id_half()).max().unwrap_or(0);
            *seat = Some(Writing::new(&snapshot.generation.index, &snapshot.generation.fields, greatest)?);
        }
        Ok(seat)
    }

    /// The last commit, as far as it is known; looks for a newer one now and then.
    fn snapshot(&self) -> Arc<Snapshot> {
        if let Err(error) = self.look(false) {
            tracing::warn!(%error, "A newer search index could not be read; the one before goes on answering");
        }
        self.current.load_full()
    }

    /// Looks for a newer commit. Without `now`, only when the last look is some time ago and nobody else looks.
    pub(crate) fn look(&self, now: bool) -> Result<(), SearchError> {
        let mut last = if now {
            self.looking.lock()
        } else {
            match self.looking.try_lock() {
                Some(last) if last.elapsed() >= LOOK_EVERY => last,
                _ => return Ok(()),
            }
        };
        *last = Instant::now();
        let known = self.current.load_full();
        let Some(name) = self.folder.current()? else {
            return Err(SearchError::Missing { dir: self.folder.path().to_owned() });
        };
        let generation = if name == known.generation.name {
            if self.folder.commit_mark(&name)? == known.mark {
                return Ok(());
            }
            known.generation.clone()
        } else {
            let (index, fields) = self.folder.open(&name)?;
            Generation::new(name, index, fields)?
        };
        self.current.store(Arc::new(generation.snapshot(&self.folder, &self.uses.load_full())?));
        *last = Instant::now();
        Ok(())
    }

    /// Makes the last commit ready once more, with what has been told since.
    fn read_anew(&self) -> Result<(), SearchError> {
        let mut last = self.looking.lock();
        let generation = self.current.load().generation.clone();
        self.current.store(Arc::new(generation.snapshot(&self.folder, &self.uses.load_full())?));
        *last = Instant::now();
        Ok(())
    }

    /// Makes a finished generation the one in use.
    pub(crate) fn switch(&self, name: &str) -> Result<(), SearchError> {
        let mut seat = self.writing.lock();
        let old = self.current.load().generation.name.clone();
        self.folder.set_current(name)?;
        *seat = None;
        self.look(true)?;
        self.folder.remove(&old);
        Ok(())
    }
}

/// Changes that are committed together; see [`SearchIndex::batch`]. Dropped before its end, nothing of it is kept.
#[derive(Debug)]
pub struct Batch<'a> {
    index: &'a SearchIndex,
    writing: MutexGuard<'a, Option<Writing>>,
    is_committed: bool,
}

impl Batch<'_> {
    /// Applies changes in order, behind those before.
    ///
    /// # Errors
    /// `DiskFull`; then the batch is of no use any more.
    pub fn add(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<(), SearchError> {
        let Some(writing) = self.writing.as_mut() else { return Err(SearchError::ReadOnly) };
        changes.into_iter().try_for_each(|change| writing.change(&change))
    }

    /// Commits them together with the journal `position` that they lead to, as [`SearchIndex::apply`] does.
    ///
    /// # Errors
    /// `DiskFull`. Nothing of the batch is kept.
    pub fn commit(mut self, position: u64) -> Result<(), SearchError> {
        let Some(writing) = self.writing.as_mut() else { return Err(SearchError::ReadOnly) };
        writing.commit(position)?;
        self.is_committed = true;
        let index = self.index;
        drop(self);
        index.inner.look(true)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if !self.is_committed {
            // Dropping the engine's writer drops what it has not committed.
            *self.writing = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_brought_together_when_that_is_worth_it() {
        let merged = |sizes: &[u32]| worth_merging((0..).zip(sizes.iter().copied()).collect::<Vec<(usize, u32)>>());
        assert_eq!(merged(&[]), Vec::<usize>::new());
        assert_eq!(merged(&[5]), Vec::<usize>::new());
        assert_eq!(merged(&[5, 4]), [0, 1]);
        assert_eq!(merged(&[1_000, 4, 3, 2]), Vec::<usize>::new(), "few and small");
        assert_eq!(merged(&[1, 4, 1_000, 3, 2]), [1, 3, 4, 0], "small ones among themselves");
        assert_eq!(merged(&[1_000, 200]), [0, 1]);
        assert_eq!(merged(&[1_900_000, 500_000, 100]), Vec::<usize>::new(), "too large");
    }
}

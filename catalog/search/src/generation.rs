//! One generation of the index, opened, and its last commit made ready to answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tantivy::index::SegmentId;
use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, TantivyError, Term};

use crate::answers::Answers;
use crate::error::SearchError;
use crate::facets::Names;
use crate::folder::{self, Folder};
use crate::query::{Facet, FacetCount};
use crate::schema::Fields;
use crate::segment::Segment;
use crate::suggest;
use crate::tally::Ranked;
use crate::uses::Uses;

/// Blocks of stored documents that each segment keeps unpacked.
const CACHED_BLOCKS: usize = 64;
/// Numbers of facet values are given anew when so many times more are known than the segments hold.
const STALE_NAMES_FACTOR: usize = 4;
/// … and never below so many.
const STALE_NAMES_FLOOR: usize = 100_000;

/// One generation, opened.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) name: String,
    pub(crate) fields: Fields,
    pub(crate) index: Index,
    reader: Reader,
    known: Mutex<Known>,
}

struct Reader(IndexReader);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

/// What was read of segments, kept from one commit to the next.
#[derive(Debug)]
struct Known {
    names: Vec<Arc<Names>>,
    segments: HashMap<SegmentId, Arc<Segment>>,
    /// The uses that the segments were read with.
    uses: Arc<Uses>,
}

impl Known {
    fn new() -> Self {
        Self {
            names: Facet::ALL.map(|_| Arc::new(Names::default())).into(),
            segments: HashMap::new(),
            uses: Arc::default(),
        }
    }
}

/// One commit, ready to answer.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) generation: Arc<Generation>,
    pub(crate) searcher: Seeker,
    /// In the order of the searcher's segments.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// In the order of [`Facet::ALL`].
    pub(crate) names: Vec<Arc<Names>>,
    pub(crate) totals: suggest::Totals,
    /// The counts of facets over all datasets, by the limit they were counted with: what a home page asks again and again.
    of_everything: Mutex<HashMap<usize, Facets>>,
    /// The most frequent values of each facet, in the order of [`Facet::ALL`]; found when first asked for.
    ranked: Vec<OnceLock<Ranked>>,
    /// In how many documents terms stand, as far as it was asked.
    frequencies: Mutex<HashMap<Term, u64>>,
    /// Answers given from this commit.
    pub(crate) answers: Answers,
    pub(crate) position: u64,
    /// By which this commit is told from others.
    pub(crate) mark: Vec<u8>,
}

/// A searcher that can be shown.
pub(crate) struct Seeker(pub(crate) Searcher);

impl std::fmt::Debug for Seeker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seeker").field("documents", &self.0.num_docs()).finish()
    }
}

impl Generation {
    pub(crate) fn new(name: String, index: Index, fields: Fields) -> Result<Arc<Self>, SearchError> {
        let reader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(CACHED_BLOCKS);
        let reader = folder::guarded(|| Ok(reader.try_into()?)).map_err(folder::as_unusable)?;
        Ok(Arc::new(Self { name, fields, index, reader: Reader(reader), known: Mutex::new(Known::new()) }))
    }

    /// The last commit, ready to answer.
    pub(crate) fn snapshot(self: &Arc<Self>, folder: &Folder, uses: &Arc<Uses>) -> Result<Snapshot, SearchError> {
        let mark = folder.commit_mark(&self.name)?;
        let position = position_of(&self.index)?;
        self.reader.0.reload()?;
        let searcher = self.reader.0.searcher();
        let mut known = self.known.lock();
        known.forget_stale_names();
        known.take_uses(uses);
        let mut kept = HashMap::new();
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let id = reader.segment_id();
            let segment = match known.segments.get(&id) {
                Some(segment) => segment.clone(),
                None => Arc::new(Segment::open(reader, &known.names, uses)?),
            };
            kept.insert(id, segment.clone());
            segments.push(segment);
        }
        known.segments = kept;
        let names = known.names.clone();
        drop(known);
        let (generation, totals) = (self.clone(), suggest::Totals::default());
        Ok(Snapshot {
            generation,
            searcher: Seeker(searcher),
            segments,
            names,
            totals,
            ranked: Facet::ALL.map(|_| OnceLock::new()).into(),
            of_everything: Mutex::default(),
            frequencies: Mutex::default(),
            answers: Answers::default(),
            position,
            mark,
        })
    }
}

impl Known {
    /// Segments hold what follows from uses, so other uses are reason to read them anew.
    fn take_uses(&mut self, uses: &Arc<Uses>) {
        if !Arc::ptr_eq(&self.uses, uses) {
            self.segments.clear();
            self.uses = uses.clone();
        }
    }

    /// Starts the numbering of facet values again when most numbers belong to nothing any more.
    fn forget_stale_names(&mut self) {
        let given: usize = self.names.iter().map(|names| names.len()).sum();
        let held: usize = self.segments.values().map(|segment| segment.keyword_totals.len()).sum();
        if given > STALE_NAMES_FLOOR && given > held.saturating_mul(STALE_NAMES_FACTOR) {
            *self = Self::new();
        }
    }
}

/// The journal position kept with the last commit.
fn position_of(index: &Index) -> Result<u64, SearchError> {
    let payload = index.load_metas()?.payload;
    payload.map_or(Ok(0), |text| {
        text.parse().map_err(|_| SearchError::Unusable { why: "its journal position is no number".to_owned() })
    })
}

/// Counts per facet.
pub(crate) type Facets = BTreeMap<Facet, Vec<FacetCount>>;

/// Limits for which the counts over all datasets are kept.
const KEPT_LIMITS: usize = 8;

/// Terms whose frequency is kept; when there are more, memory starts again from nothing.
const KEPT_FREQUENCIES: usize = 50_000;

impl Snapshot {
    /// In how many documents a term stands (replaced ones included).
    pub(crate) fn frequency(&self, term: &Term) -> Result<u64, TantivyError> {
        if let Some(known) = self.frequencies.lock().get(term) {
            return Ok(*known);
        }
        let frequency = self.searcher.0.doc_freq(term)?;
        let mut kept = self.frequencies.lock();
        if kept.len() >= KEPT_FREQUENCIES {
            kept.clear();
        }
        kept.insert(term.clone(), frequency);
        Ok(frequency)
    }

    /// The most frequent values of the facet at a place in [`Facet::ALL`].
    pub(crate) fn ranked(&self, slot: usize) -> Option<&Ranked> {
        let (ranked, names) = (self.ranked.get(slot)?, self.names.get(slot)?);
        Some(ranked.get_or_init(|| Ranked::of(self, slot, names)))
    }

    /// The counts of these facets over all datasets, when they are known.
    pub(crate) fn of_everything(&self, facets: &[Facet], limit: usize) -> Option<Facets> {
        let kept = self.of_everything.lock();
        let known = kept.get(&limit)?;
        facets.iter().map(|facet| Some((*facet, known.get(facet)?.clone()))).collect()
    }

    /// Keeps the counts of facets over all datasets.
    pub(crate) fn keep_of_everything(&self, limit: usize, facets: &Facets) {
        let mut kept = self.of_everything.lock();
        if kept.len() < KEPT_LIMITS || kept.contains_key(&limit) {
            kept.entry(limit).or_default().extend(facets.iter().map(|(facet, counts)| (*facet, counts.clone())));
        }
    }

    /// The numbered values of a facet.
    pub(crate) fn names_of(&self, facet: Facet) -> Option<&Names> {
        Facet::ALL.into_iter().zip(&self.names).find(|(other, _)| *other == facet).map(|(_, names)| names.as_ref())
    }
}

//! The engine's writer: changes in, commits out.

use fairground_domain::DatasetId;
use tantivy::index::SegmentId;
use tantivy::indexer::LogMergePolicy;
use tantivy::{Index, IndexWriter, TantivyDocument, Term};

use crate::document::Change;
use crate::error::SearchError;
use crate::schema::{self, Fields};

/// Memory that one writer fills before it writes a segment to disk, in bytes. Taken only while documents come in.
pub const WRITER_MEMORY_BYTES: usize = 48 << 20;
/// Segments of about one size that are merged into one.
const MERGED_SEGMENTS: usize = 8;
/// Segments below so many documents count as of one size.
const SMALL_SEGMENT_DOCS: u32 = 2_000;
/// Larger segments are left alone while changes come: bringing them together costs memory and time that a large harvest needs
/// itself, and quiet hours do it better ([`crate::SearchIndex::settle`]).
const LARGE_SEGMENT_DOCS: usize = 12_000;
/// A segment with a greater share of replaced documents is written anew.
const MAX_REPLACED_SHARE: f32 = 0.3;
/// The writer of a generation, made when the first change comes.
pub(crate) struct Writing {
    engine: IndexWriter,
    documents: schema::Writer,
    id: tantivy::schema::Field,
    /// Ids whose first half is greater than this are not in the index yet, so there is nothing to replace.
    greatest: u64,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("greatest", &self.greatest).finish_non_exhaustive()
    }
}

impl Writing {
    pub(crate) fn new(index: &Index, fields: &Fields, greatest: u64) -> Result<Self, SearchError> {
        let engine: IndexWriter = index.writer_with_num_threads(1, WRITER_MEMORY_BYTES)?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGED_SEGMENTS);
        policy.set_min_layer_size(SMALL_SEGMENT_DOCS);
        policy.set_max_docs_before_merge(LARGE_SEGMENT_DOCS);
        policy.set_del_docs_ratio_before_merge(MAX_REPLACED_SHARE);
        engine.set_merge_policy(Box::new(policy));
        Ok(Self { engine, documents: schema::Writer::new(fields.clone()), id: fields.id, greatest })
    }

    pub(crate) fn change(&mut self, change: &Change) -> Result<(), SearchError> {
        match change {
            Change::Put(document) => {
                let (half, _) = schema::halves(document.id);
                if half <= self.greatest {
                    self.forget(document.id);
                }
                self.greatest = self.greatest.max(half);
                let made: TantivyDocument = self.documents.document(document);
                self.engine.add_document(made)?;
            }
            Change::Remove(id) => self.forget(*id),
        }
        Ok(())
    }

    fn forget(&self, id: DatasetId) {
        self.engine.delete_term(Term::from_field_bytes(self.id, id.as_uuid().as_bytes()));
    }

    /// Begins to merge segments into one; goes on in the background, and changes may come meanwhile.
    pub(crate) fn merge(&mut self, segments: &[SegmentId]) {
        // It goes on without anybody waiting for it; what is being merged already is refused, which is as well.
        drop(self.engine.merge(segments));
    }

    pub(crate) fn commit(&mut self, position: u64) -> Result<(), SearchError> {
        let mut commit = self.engine.prepare_commit()?;
        commit.set_payload(&position.to_string());
        commit.commit()?;
        Ok(())
    }
}

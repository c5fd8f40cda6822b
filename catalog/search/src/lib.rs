//! The search index: documents in, ranked answers out.
//!
//! Pure: knows no SQL and no HTTP. The catalogue turns each published dataset into a [`SearchDocument`] and feeds
//! [`Change`]s in the order of its journal; [`SearchIndex::apply`] commits them together with the journal position, so that
//! index and position cannot drift apart. [`SearchIndex::search`] and [`SearchIndex::suggest`] answer from the last commit.
//!
//! How it is built, in short:
//! - [`analysis`] folds, splits and stems text, the same way for documents and for questions.
//! - [`ranking`] holds every weight. Fields are weighed into one posting list per word (BM25F), so that a word costs one
//!   list however many fields it is sought in.
//! - [`Vocabulary`] links words that mean the same, within and across languages.
//! - Facet values of all documents are kept in memory as small numbers, and the documents of each value as sets: hits are a
//!   set, and a facet's counts are what it shares with the sets of the most frequent values.
//! - What a word of many documents weighs in each is kept per segment, which never changes: the next question with that word
//!   reads it in one go.

pub mod analysis;
mod answers;
mod bits;
mod cursor;
mod document;
mod error;
mod facets;
mod feedback;
mod filter;
mod folder;
mod generation;
mod index;
mod lists;
mod plan;
mod posted;
mod query;
pub mod ranking;
mod rebuild;
mod schema;
mod score;
mod search;
mod segment;
mod similar;
mod suggest;
mod tally;
mod top;
mod uses;
mod vocabulary;
mod words;
mod writing;

pub use answers::ANSWER_MEMORY_BYTES;
pub use cursor::Cursor;
pub use document::{Change, SearchDocument, Term};
pub use error::SearchError;
pub use filter::{Filter, MAX_FILTER_PARTS, Moment};
pub use index::{Batch, SearchIndex};
pub use query::{
    DEFAULT_LIMIT, DidYouMean, Facet, FacetCount, Hit, MAX_FACET_LIMIT, MAX_FILTER_VALUES, MAX_LIMIT, MAX_SKIP_AT_ONCE,
    Reading, Respelling, SearchAnswer, SearchQuery, Sort, Suggestion, SuggestionTarget,
};
pub use rebuild::Rebuild;
pub use similar::MAX_SIMILAR;
pub use suggest::MAX_SUGGESTIONS;
pub use uses::MAX_USED;
pub use vocabulary::{MAX_VOCABULARY_BYTES, Vocabulary};
pub use words::{MAX_TEXT_CHARS, MAX_WORDS};
pub use writing::WRITER_MEMORY_BYTES;

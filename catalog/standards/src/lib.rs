//! Foreign catalogue formats to domain types and back.
//!
//! Bytes of a catalogue in, [`fairground_domain::DatasetDraft`]s out, and the other way round. Nothing here opens a connection
//! or knows SQL. The harvester calls it in this order: [`detect`] says which [`Format`] the first bytes are in,
//! [`Document::open`] surveys the whole document once (so that a cut-off catalogue is refused before anything is imported),
//! [`Document::records`] streams the source's own records, and [`Document::decode`] turns each into a draft with findings.
//! Reading and writing live together so that a round trip is a test.

mod check;
mod ckan;
pub mod collected;
pub mod csw;
mod dcat_us;
mod dcat_us_graph;
mod document;
mod dublin_core;
mod encoding;
mod error;
mod fgdc;
mod folder;
mod format;
mod iso;
mod json;
mod limits;
mod media;
pub mod oai_pmh;
mod offer;
mod paging;
pub mod platform;
mod rdf;
pub mod write;
mod xml;

pub use document::{Counts, Decoded, Document, RawRecord, decode};
pub use error::{Place, ReadError};
pub use folder::Collector;
pub use format::{Format, Hints, UnknownFormat, detect};
pub use limits::Limits;
pub use media::{format_of, media_type_of};
pub use paging::{Paging, paging};
pub use xml::page::PageRecord;

/// Names what the codecs make of a document. Raise the number with every change that may give another draft for the same bytes:
/// sources that have not changed are then read once more.
pub const CODEC_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/3");

//! Foreign catalogue formats to domain types and back.
//!
//! Bytes of a catalogue in, [`fairground_domain::DatasetDraft`]s out, and the other way round. Nothing here opens a connection
//! or knows SQL. The harvester calls it in this order: [`detect`] says which [`Format`] the first bytes are in,
//! [`Document::open`] surveys the whole document once (so that a cut-off catalogue is refused before anything is imported),
//! [`Document::records`] streams the source's own records, and [`Document::decode`] turns each into a draft with findings.
//! Reading and writing live together so that a round trip is a test.

mod check;
mod ckan;
mod dcat_us;
mod document;
mod encoding;
mod error;
mod format;
mod json;
mod limits;
mod media;
mod rdf;
pub mod write;

pub use document::{Counts, Decoded, Document, RawRecord};
pub use error::{Place, ReadError};
pub use format::{Format, Hints, UnknownFormat, detect};
pub use limits::Limits;
pub use media::{format_of, media_type_of};

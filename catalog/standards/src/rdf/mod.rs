//! DCAT in RDF: any serialisation is parsed as a stream into a spool of subject blocks; each dataset is then gathered from
//! it with what hangs on it.

pub(crate) mod agents;
mod context;
mod dataset;
mod distribution;
pub(crate) mod document;
mod gather;
mod graph;
mod guard;
pub(crate) mod parse;
mod spool;
pub(crate) mod term;
pub(crate) mod vocab;

pub(crate) use dataset::decode;

/// The base of documents that name none (RFC 3986, section 5.1.4). What lies under it is a relative reference that the
/// source forgot to resolve, not an address.
pub(crate) const NEUTRAL_BASE: &str = "https://relative.invalid/";

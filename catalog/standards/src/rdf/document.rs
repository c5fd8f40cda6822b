//! RDF documents.
use crate::document::{Counts, RawRecord};
use crate::error::ReadError;
use crate::format::Format;
use crate::limits::Limits;
use std::path::PathBuf;
#[derive(Debug)]
pub(crate) struct RdfDocument {}
impl RdfDocument {
    pub(crate) fn open(_: &[PathBuf], _: Format, _: &Limits) -> Result<Self, ReadError> {
        Err(ReadError::NotACatalogue { why: "RDF is not read yet".to_owned() })
    }
    pub(crate) fn counts(&self) -> Counts {
        Counts::default()
    }
    pub(crate) fn records_from(&self, _: u64) -> std::iter::Empty<Result<RawRecord, ReadError>> {
        std::iter::empty()
    }
}

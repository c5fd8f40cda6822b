//! One answer of a paged service in memory, for those who gather page by page.

use crate::encoding;
use crate::error::{Place, ReadError};
use crate::format::{Hints, detect};
use crate::limits::Limits;
use crate::xml::document::{judge, standalone};
use crate::xml::survey::{Dialect, Found, Stop, Survey, survey};

/// Bytes that are looked at to tell a web page.
const HEAD_BYTES: usize = 64 * 1024;

/// A record of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRecord {
    /// Its own identifier, where the envelope or the record says it in its usual place.
    pub identifier: Option<String>,
    /// True when the source says that the record is gone.
    pub deleted: bool,
    /// The record as an element that can stand alone.
    pub xml: String,
}

/// An answer: its text in UTF-8 and what was found in it.
pub(crate) struct Answer {
    pub(crate) survey: Survey,
    pub(crate) records: Vec<PageRecord>,
    /// Some bytes were not in the encoding that the answer claims; they became U+FFFD.
    pub(crate) damaged: bool,
}

/// Reads an answer of the service; whether it is a list of records is left to the caller (see [`judge`]).
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Answer, ReadError> {
    let text = encoding::lossy(bytes);
    let damaged = text.contains('\u{fffd}') && !bytes.windows(3).any(|three| three == [0xef, 0xbf, 0xbd]);
    let mut found: Vec<Found> = Vec::new();
    let mut each = |record: Found| {
        found.push(record);
        Ok(())
    };
    let survey = survey(text.as_bytes(), limits, &mut each).map_err(|stop| explain(stop, limits));
    // A web page is called one, whether or not it happens to be well-formed.
    if survey.as_ref().is_ok_and(|survey| survey.dialect.is_none()) || survey.is_err() {
        let head = bytes.get(..bytes.len().min(HEAD_BYTES)).unwrap_or_default();
        if let Err(page @ ReadError::HtmlPage { .. }) = detect(head, &Hints::default()) {
            return Err(page);
        }
    }
    let survey = survey?;
    let none = Vec::new();
    let mut records = Vec::with_capacity(found.len());
    for record in found {
        let start = usize::try_from(record.start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(record.len).unwrap_or(usize::MAX));
        let slice = text.as_bytes().get(start..end).unwrap_or_default();
        let context = survey.contexts.get(record.context).unwrap_or(&none);
        let xml = String::from_utf8_lossy(&standalone(slice, context)).into_owned();
        records.push(PageRecord { identifier: record.identifier, deleted: record.deleted, xml });
    }
    Ok(Answer { survey, records, damaged })
}

/// As [`read`], for an answer that must be a list of records of one of these kinds.
pub(crate) fn read_list(bytes: &[u8], limits: &Limits, dialects: &[Dialect]) -> Result<Answer, ReadError> {
    let answer = read(bytes, limits)?;
    let dialect = judge(&answer.survey)?;
    if dialects.contains(&dialect) {
        return Ok(answer);
    }
    Err(ReadError::NotACatalogue { why: format!("<{}> is no list of this service's", answer.survey.root) })
}

fn explain(stop: Stop, limits: &Limits) -> ReadError {
    let place = |offset| Place { part: 1, line: 0, offset };
    match stop {
        Stop::TooMany => ReadError::TooManyRecords { limit: limits.max_records },
        Stop::Syntax { offset, message } => ReadError::Syntax { place: place(offset), message },
        Stop::CutOff { offset, open } => ReadError::CutOff { place: place(offset), what: format!("<{open}> is open") },
        Stop::Trailing { offset } => ReadError::TrailingGarbage { place: place(offset) },
        Stop::Depth { offset } => ReadError::TooDeep { place: place(offset), limit: limits.depth() },
        Stop::Token { offset } => ReadError::TokenTooLong { place: place(offset), limit: limits.max_record_bytes },
        Stop::Io(source) => ReadError::Io { part: 1, source },
    }
}

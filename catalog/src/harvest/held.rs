//! Descriptions before the personal-data gate: a new one that it holds is known to the catalogue and to nobody else; one in the
//! place of a public description waits, and the public one stays.

use fairground_domain::{DatasetId, SourceId, Timestamp};

use super::import::{Incoming, IncomingRecord, SeenKeys};
use super::source::HarvestSource;
use crate::dataset;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::gate::{self, ReportRow, Screening, Subject, Waiting};

/// What a description would do, if it passes.
pub(super) struct Attempt<'a> {
    pub(super) source: &'a HarvestSource,
    pub(super) record: &'a IncomingRecord,
    pub(super) content: &'a Incoming,
    pub(super) id: &'a str,
    pub(super) publisher: Option<&'a str>,
    pub(super) raw_hash: &'a str,
}

impl Attempt<'_> {
    /// Judges the description that is, or would be, the dataset's only one. True when nothing stands in its way.
    pub(super) fn judge(&self, tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
        let screening = self.screening(true, None)?;
        Ok(gate::judge(tx, screening)?.is_clear())
    }

    /// Judges a description that would take another one's place, and waits when it is held.
    pub(super) fn judge_beside(&self, tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
        let waiting = Waiting {
            kind: self.record.kind,
            publisher: self.publisher.map(str::to_owned),
            raw_hash: Some(self.raw_hash.to_owned()),
            document: self.content.document.clone(),
            said: self.content.said.clone(),
        };
        let screening = self.screening(false, Some(waiting))?;
        Ok(gate::judge(tx, screening)?.is_clear())
    }

    /// What is kept of a report that only notes.
    pub(super) fn report_row(&self, now: Timestamp) -> Result<ReportRow, CatalogError> {
        gate::report_row(&self.screening(true, None)?, None, now)
    }

    fn screening(&self, whole: bool, waiting: Option<Waiting>) -> Result<Screening, CatalogError> {
        let corrupt = |error: &dyn std::fmt::Display| CatalogError::corrupt("dataset", error);
        let id: DatasetId = self.id.parse().map_err(|error| corrupt(&error))?;
        Ok(Screening {
            subject: Subject::description(id),
            dataset: id,
            publisher: self.publisher.map(str::parse).transpose().map_err(|error| corrupt(&error))?,
            source: Some(self.source.id),
            authors: Vec::new(),
            name: self.record.title.clone(),
            whole,
            content: self.content.hash,
            report: self.content.report(),
            waiting,
            repairs: None,
        })
    }
}

/// Empties what the gate holds of a source that no longer lists it, and ends its holds; gives how many there were.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_missing_held(tx: &mut Tx<'_>, source: &HarvestSource, seen: &SeenKeys) -> Result<u64, CatalogError> {
    forget_held(tx, source.id, |key| !seen.contains(key))
}

/// As [`forget_missing_held`], of those whose identities within the source `is_gone` says it of.
pub(crate) fn forget_held(
    tx: &mut Tx<'_>,
    source: SourceId,
    is_gone: impl Fn(&str) -> bool,
) -> Result<u64, CatalogError> {
    const PAGE: i64 = 500;
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = dataset::held_of_source(tx, source, &after, PAGE)?;
        let Some((_, last)) = page.last() else { return Ok(count) };
        after.clone_from(last);
        let gone: Vec<&str> = page.iter().filter(|(_, key)| is_gone(key)).map(|(id, _)| id.as_str()).collect();
        if gone.is_empty() {
            continue;
        }
        gate::end_holds(tx, &gone)?;
        dataset::empty_held(tx, &gone)?;
        count += u64::try_from(gone.len()).unwrap_or(u64::MAX);
    }
}

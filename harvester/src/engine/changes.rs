//! Two kinds of changes: those that a source tells of instead of everything that it has, and those that a dry run tells of.

use fairground_catalog::harvest::{self, Change, MOST_CHANGES, Missing, Outcome};
use fairground_domain::{ResourceKind, Timestamp};

use super::record::Decoder;
use super::{EngineError, Run, survey};
use crate::gather::{Manifest, Spool};

/// A source that tells of changes alone is read whole again after so many seconds: a week.
const WHOLE_EVERY_SECS: i64 = 7 * 86_400;
/// Changed records of one gathering that are looked up one by one; of more the whole source is read.
const MOST_LOOKED_UP: u64 = 20_000;

impl Run<'_> {
    /// Since when changes are asked for; `None` when everything is.
    pub(super) fn since(&self) -> Option<String> {
        let validators = &self.source.validators;
        let whole_at = validators.whole_at?;
        let recent = Timestamp::now().as_secs() - whole_at.as_secs() < WHOLE_EVERY_SECS;
        validators.since.clone().filter(|_| recent && self.trusts_validators())
    }

    /// From when the next run may ask for changes. After refusals it must not: what was refused would not come again.
    pub(super) fn next_since(&self, manifest: &Manifest) -> Option<String> {
        let sums = self.progress.sums.total();
        manifest.since.clone().filter(|_| sums.refused == 0 && sums.failed == 0)
    }

    /// Whether the changes explain how many datasets the source says it has: those that we know, and the new ones among them.
    /// If not, something was deleted there, or we have lost something.
    pub(super) fn adds_up(&self, spool: &Spool) -> Result<bool, EngineError> {
        let Some(announced) = spool.manifest.announced else { return Ok(true) };
        let document = survey(spool, &self.harvester.inner.tuning.limits)?;
        if document.counts().records() > MOST_LOOKED_UP {
            return Ok(false);
        }
        let mut decoder = Decoder::new(&document, self.rules.document.rules());
        let mut keys = Vec::new();
        for raw in document.records() {
            keys.push(decoder.decode(&raw?).key);
        }
        keys.sort_unstable();
        keys.dedup();
        let db = &self.harvester.catalog().db;
        let (listed, known) = db.read(|tx| harvest::count_listed(tx, self.source.id, &keys))?;
        let new = u64::try_from(keys.len()).unwrap_or(u64::MAX).saturating_sub(known);
        Ok(listed + new == announced)
    }

    /// Counts what the source did not tell of as unchanged, so that the sums are those of the whole source.
    pub(super) fn count_unchanged(&mut self, announced: Option<u64>) -> Result<(), EngineError> {
        let (db, source) = (&self.harvester.catalog().db, self.source.id);
        let found = self.progress.sums.total().found;
        let mut silent = match announced {
            Some(total) => total,
            None => db.read(|tx| harvest::count_listed(tx, source, &[]))?.0,
        }
        .saturating_sub(found);
        // What is told of services and series is known; all others are datasets.
        for kind in [ResourceKind::DataService, ResourceKind::DatasetSeries, ResourceKind::Dataset] {
            let sum = self.progress.sums.of_mut(kind);
            let of_kind = match kind {
                ResourceKind::Dataset => silent,
                _ => db.read(|tx| harvest::count_listed_of(tx, source, kind))?.saturating_sub(sum.found).min(silent),
            };
            sum.found += of_kind;
            sum.unchanged += of_kind;
            silent -= of_kind;
        }
        self.progress.notes.push("only what changed since the last harvest was read".to_owned());
        Ok(())
    }

    /// Keeps what a dry run would have done, up to [`MOST_CHANGES`].
    pub(super) fn keep_changes(&mut self, changes: Vec<Change>) -> Result<(), EngineError> {
        if changes.is_empty() || self.progress.changes >= MOST_CHANGES {
            return Ok(());
        }
        let (from, count) = (self.progress.changes, u64::try_from(changes.len()).unwrap_or(u64::MAX));
        let db = &self.harvester.catalog().db;
        db.write(|tx| harvest::keep_changes(tx, &self.lease, from, changes))?;
        self.progress.changes = from.saturating_add(count).min(MOST_CHANGES);
        if self.progress.changes == MOST_CHANGES {
            self.progress
                .notes
                .push(format!("only the first {MOST_CHANGES} changes are listed; the counts are of all"));
        }
        Ok(())
    }

    /// Keeps what a dry run would have withdrawn.
    pub(super) fn tell_deleted(&mut self, missing: &[Missing]) -> Result<(), EngineError> {
        let ids: Vec<String> = missing.iter().map(|one| one.id.clone()).collect();
        let db = &self.harvester.catalog().db;
        let datasets = db.read(|tx| fairground_catalog::dataset::list_by_ids(tx, &ids))?;
        let change = |dataset: fairground_catalog::dataset::Dataset| Change {
            outcome: Outcome::Deleted,
            key: dataset.provenance.map(|from| from.key).unwrap_or_default(),
            slug: dataset.slug.to_string(),
            title: dataset.draft.title.any().to_owned(),
            fields: Vec::new(),
        };
        self.keep_changes(datasets.into_iter().map(change).collect())
    }
}

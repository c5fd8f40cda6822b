//! The same dataset from two sources: found by the rules of likeness once a run is through, and shown as one with two
//! provenances.
//!
//! The dataset that was here first stays public; the other keeps its row, its source and its history, and its address leads to
//! the first. When the first goes, the other steps forward under its own address.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::JobId;

use super::Outcome;
use super::job::{HarvestProgress, checkpoint};
use super::likeness::{Likenesses, Sketch};
use super::source::HarvestSource;
use crate::dataset::{self, Whose};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::job::{self, Lease};
use crate::journal::{self, Event, EventKind};
use crate::schema::{datasets, harvest_records};

/// Documents read at once.
const PAGE: i64 = 1_000;

/// What a run of a source has to do with other sources' datasets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twins {
    /// Pairs of ids: what is to be shown as which.
    pub same: Vec<(String, String)>,
    /// Ids of datasets that were shown as another one and are no longer like it.
    pub apart: Vec<String>,
}

impl Twins {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.same.is_empty() && self.apart.is_empty()
    }
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("dataset", problem)
}

/// Compares what a job created or changed with the public datasets of all other sources.
///
/// Costs nothing while there is one source; else it reads every document once.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_twins(tx: &mut Tx<'_>, source: &HarvestSource, job: JobId) -> Result<Twins, CatalogError> {
    if !has_others(tx, source)? {
        return Ok(Twins::default());
    }
    let changed = changed_by(tx, job)?;
    if changed.is_empty() {
        return Ok(Twins::default());
    }
    let mut ours = Likenesses::default();
    let mut hidden: HashMap<String, String> = HashMap::new();
    for chunk in changed.chunks(usize::try_from(PAGE).unwrap_or(1)) {
        for one in dataset::describe_these(tx, chunk)? {
            let marks = Sketch::of_document(&one.document).map_err(corrupt)?.marks_across_sources();
            ours.add(one.id.parse().map_err(corrupt)?, &marks);
            if let Some(other) = one.same_as {
                hidden.insert(one.id, other);
            }
        }
    }
    let mut found: HashMap<String, String> = HashMap::new();
    let mut after = String::new();
    loop {
        let page = dataset::describe(tx, Whose::OfOthersThan(source.id), &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for theirs in page {
            let marks = Sketch::of_document(&theirs.document).map_err(corrupt)?.marks_across_sources();
            let Some(own) = ours.find(&marks) else { continue };
            // The first in the order of birth counts, as ids sort by it.
            found.entry(own.to_string()).or_insert(theirs.id);
        }
    }
    let mut twins = Twins::default();
    for (own, other) in &found {
        match hidden.get(own) {
            Some(already) if already == other => {}
            // The older one stays where it is; one that is shown as something else follows its likeness.
            None if own < other => twins.same.push((other.clone(), own.clone())),
            _ => twins.same.push((own.clone(), other.clone())),
        }
    }
    twins.apart = hidden.into_keys().filter(|own| !found.contains_key(own)).collect();
    twins.same.sort_unstable();
    twins.apart.sort_unstable();
    Ok(twins)
}

fn has_others(tx: &mut Tx<'_>, source: &HarvestSource) -> Result<bool, CatalogError> {
    let own = source.id.to_string();
    // Two looks at the ends of the index of sources; asked for what is unlike, the store would read every dataset.
    let before = datasets::table.filter(datasets::source_id.lt(&own)).select(datasets::id).first(tx.conn).optional()?;
    let other: Option<String> = match before {
        Some(other) => Some(other),
        None => datasets::table.filter(datasets::source_id.gt(&own)).select(datasets::id).first(tx.conn).optional()?,
    };
    Ok(other.is_some())
}

fn changed_by(tx: &mut Tx<'_>, job: JobId) -> Result<Vec<String>, CatalogError> {
    let outcomes = [Outcome::Created, Outcome::Updated].map(Outcome::as_str);
    let ids: Vec<Option<String>> = harvest_records::table
        .filter(harvest_records::job_id.eq(job.to_string()))
        .filter(harvest_records::outcome.eq_any(outcomes))
        .order(harvest_records::seq)
        .select(harvest_records::dataset_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().flatten().collect())
}

/// Shows datasets as those that are the same, and lets others go their own way again; `progress` counts them.
///
/// # Errors
/// `LeaseLost`, `Cancelled` when the job is no longer ours; `Storage` when the database fails.
pub fn merge_twins(
    tx: &mut Tx<'_>,
    lease: &Lease,
    source: &HarvestSource,
    progress: &mut HarvestProgress,
    twins: &Twins,
) -> Result<Option<i64>, CatalogError> {
    job::heartbeat(tx, lease)?;
    let actor = source.actor();
    let mut events = Vec::new();
    for (hidden, shown) in &twins.same {
        let (Some(goes), Some(stays)) = (dataset::find_known_by_id(tx, hidden)?, dataset::find_known_by_id(tx, shown)?)
        else {
            continue;
        };
        // Another run may have been here meanwhile.
        if stays.state != PUBLISHED || goes.same_as.as_deref() == Some(shown.as_str()) {
            continue;
        }
        let reason = format!("It is shown as `{}`, which another catalogue lists as well.", stays.slug);
        dataset::show_as(tx, hidden, shown, &reason)?;
        if goes.state == PUBLISHED {
            events.push(event(EventKind::DatasetWithdrawn, &goes, &actor));
        }
        // What was shown as the one that goes is shown as the one that stays.
        for behind in dataset::shown_as(tx, &[hidden.as_str()])? {
            dataset::show_as(tx, &behind.id, shown, &reason)?;
        }
        progress.merged += 1;
    }
    for id in &twins.apart {
        let Some(known) = dataset::find_known_by_id(tx, id)? else { continue };
        if known.same_as.is_some() {
            dataset::restore_all(tx, std::slice::from_ref(id))?;
            events.push(event(EventKind::DatasetRestored, &known, &actor));
        }
    }
    let seq = if events.is_empty() { None } else { Some(journal::append_all(tx, events)?) };
    checkpoint(tx, lease, progress)?;
    Ok(seq)
}

const PUBLISHED: &str = dataset::PublicationState::Published.as_str();

fn event(kind: EventKind, known: &dataset::Known, actor: &str) -> Event {
    dataset::event(kind, &known.id, &known.slug, known.version, &known.content_hash, actor)
}

/// Lets what was shown as one of these datasets, which are no longer public, be seen by itself: of several the oldest, and the
/// others as that one.
pub(crate) fn step_forward(tx: &mut Tx<'_>, gone: &[&str], actor: &str) -> Result<Vec<Event>, CatalogError> {
    let mut heirs: HashMap<String, dataset::Known> = HashMap::new();
    let mut events = Vec::new();
    for known in dataset::shown_as(tx, gone)? {
        let Some(behind) = known.same_as.clone() else { continue };
        match heirs.get(&behind) {
            None => {
                dataset::restore_all(tx, std::slice::from_ref(&known.id))?;
                events.push(event(EventKind::DatasetRestored, &known, actor));
                heirs.insert(behind, known);
            }
            Some(heir) => {
                let reason = format!("It is shown as `{}`, which another catalogue lists as well.", heir.slug);
                let heir = heir.id.clone();
                dataset::show_as(tx, &known.id, &heir, &reason)?;
            }
        }
    }
    Ok(events)
}

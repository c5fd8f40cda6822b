//! Feeding the search index from the journal, proving that it agrees with the catalogue, and building it anew.

use std::collections::{BTreeMap, HashMap};

use fairground_domain::DatasetId;
use fairground_search::{Change, SearchDocument, SearchIndex};
use serde::Serialize;

use crate::dataset::{self, Dataset, Publication};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::journal;
use crate::service;
use crate::table;

/// Journal entries read and applied in one go.
const STEP_ENTRIES: i64 = 1_500;
/// Entries that are committed together at most, while there are as many.
const COMMIT_ENTRIES: u64 = 16_000;
/// From so many entries on, the next are read while these are applied.
const READ_AHEAD_FROM: u64 = 500;
/// Datasets read in one go when the index is built anew.
const REBUILD_PAGE: i64 = 1_000;
/// Differences that a check lists by name; all are counted.
const LISTED_DIFFERENCES: usize = 50;

impl From<fairground_search::SearchError> for CatalogError {
    fn from(error: fairground_search::SearchError) -> Self {
        Self::Search(Box::new(error))
    }
}

/// Applies the journal's news to the index; gives how many entries it read. Nothing else changes the index.
///
/// # Errors
/// `Storage` or `Search`; the index then stands where it stood, and the next call begins there.
pub fn catch_up(db: &Db, index: &SearchIndex) -> Result<u64, CatalogError> {
    let mut read = 0;
    let position = i64::try_from(index.position()).map_err(|error| CatalogError::corrupt("index position", error))?;
    let mut next = News::since(db, position)?;
    while next.is_some() {
        // What comes in bulk is committed in bulk: a commit waits for the disk several times.
        let mut batch = index.batch()?;
        let (mut applied, mut reached) = (0, position);
        while let Some(news) = next.take() {
            let (entries, up_to) = (news.entries, news.up_to);
            (applied, reached) = (applied + entries, up_to);
            // While the engine works on much, what comes after it is read already.
            next = std::thread::scope(|scope| {
                let read_on = move || News::since(db, up_to);
                let ahead =
                    (entries >= READ_AHEAD_FROM).then(|| std::thread::Builder::new().spawn_scoped(scope, read_on));
                batch.add(news.changes)?;
                match ahead {
                    Some(Ok(ahead)) => ahead.join().unwrap_or_else(|_| read_on()),
                    Some(Err(_)) | None => read_on(),
                }
            })?;
            let is_bulk = next.as_ref().is_some_and(|news| news.entries >= READ_AHEAD_FROM);
            if applied >= COMMIT_ENTRIES || !is_bulk {
                break;
            }
        }
        batch.commit(u64::try_from(reached).map_err(|error| CatalogError::corrupt("journal", error))?)?;
        read += applied;
    }
    Ok(read)
}

/// Some entries of the journal, and what became of the datasets that they tell of.
struct News {
    entries: u64,
    /// The last entry.
    up_to: i64,
    changes: Vec<Change>,
}

impl News {
    /// What the journal says after `position`; nothing when it says nothing.
    fn since(db: &Db, position: i64) -> Result<Option<Self>, CatalogError> {
        let (entries, up_to, mut current, mut found_by) = db.read(|tx| {
            if journal::head(tx)?.seq == position {
                return Ok((0, position, Vec::new(), HashMap::new()));
            }
            let entries = journal::list_since(tx, position, STEP_ENTRIES)?;
            let up_to = entries.last().map_or(position, |entry| entry.seq);
            let mut ids: Vec<String> = entries.iter().filter_map(dataset_of).collect();
            ids.sort_unstable();
            ids.dedup();
            Ok((entries.len(), up_to, dataset::list_by_ids(tx, &ids)?, inner_words(tx, &ids)?))
        })?;
        let entries = u64::try_from(entries).map_err(|error| CatalogError::corrupt("journal", error))?;
        // Ids are in order of birth, so the same journal always gives the same index.
        current.sort_by_key(|dataset| dataset.id);
        let changes = current
            .iter()
            .map(|dataset| match dataset.publication {
                Publication::Published => Change::Put(Box::new(document(dataset, &mut found_by))),
                Publication::Held | Publication::Withdrawn { .. } => Change::Remove(dataset.id),
            })
            .collect();
        Ok((entries > 0).then_some(Self { entries, up_to, changes }))
    }
}

/// What lies within these datasets and is found with them: the columns of tables, the operations of services.
fn inner_words(tx: &mut Tx<'_>, datasets: &[String]) -> Result<HashMap<String, Vec<String>>, CatalogError> {
    let mut words = table::titles_by_dataset(tx, datasets)?;
    for (dataset, operations) in service::words_by_dataset(tx, datasets)? {
        words.entry(dataset).or_default().extend(operations);
    }
    Ok(words)
}

/// The dataset whose search document an entry changes: a table's columns and a service's operations are found with it.
fn dataset_of(entry: &journal::Entry) -> Option<String> {
    match entry.kind.subject_kind() {
        "dataset" => Some(entry.subject_id.clone()),
        "table" | "service" => entry.payload.get("dataset").and_then(serde_json::Value::as_str).map(str::to_owned),
        _ => None,
    }
}

fn document(dataset: &Dataset, found_by: &mut HashMap<String, Vec<String>>) -> SearchDocument {
    let columns = found_by.remove(&dataset.id.to_string()).unwrap_or_default();
    let document = dataset::search_document(dataset);
    // What has columns has a table of ours, or a service's operations.
    SearchDocument { has_api: document.has_api || !columns.is_empty(), columns, ..document }
}

/// Builds a new index beside the one in use, from the catalogue, and swaps them. Searches go on meanwhile; gives how many
/// datasets it holds.
///
/// # Errors
/// `Storage` or `Search`; the old index then stays in use.
pub fn rebuild(db: &Db, index: &SearchIndex) -> Result<u64, CatalogError> {
    let mut fresh = index.begin_rebuild()?;
    // The position is taken first: what changes while datasets are read is applied again by `catch_up`, to the same effect.
    let position = db.read(journal::head)?.seq;
    let (mut after, mut count) = (None, 0);
    loop {
        let page = db.read(|tx| dataset::list_published_after(tx, after, REBUILD_PAGE))?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let ids: Vec<String> = page.iter().map(|dataset| dataset.id.to_string()).collect();
        let mut found_by = db.read(|tx| inner_words(tx, &ids))?;
        for dataset in &page {
            fresh.put(document(dataset, &mut found_by))?;
            count += 1;
        }
    }
    fresh.finish(u64::try_from(position).map_err(|error| CatalogError::corrupt("journal", error))?)?;
    catch_up(db, index)?;
    Ok(count)
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Entries of the journal, all of which follow from each other.
    pub journal_entries: i64,
    /// Where the index stands in the journal.
    pub index_position: u64,
    /// Public datasets in the catalogue.
    pub datasets: u64,
    /// Datasets in the index.
    pub indexed: u64,
    /// Public, and not in the index.
    pub missing: u64,
    /// In the index, and not public.
    pub surplus: u64,
    /// In both, in different versions.
    pub stale: u64,
    /// The first differences by name.
    pub differences: Vec<String>,
}

impl CheckReport {
    /// Whether index and catalogue agree.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.missing == 0 && self.surplus == 0 && self.stale == 0
    }
}

/// Proves that the journal's chain holds and that the index holds exactly the public datasets in their current versions.
///
/// Call it when the index has caught up: what the journal holds beyond the index's position shows as differences.
///
/// # Errors
/// `JournalBroken` when the chain does not hold; `Storage` or `Search` when something cannot be read.
pub fn check(db: &Db, index: &SearchIndex) -> Result<CheckReport, CatalogError> {
    let mut indexed: HashMap<DatasetId, u32> = HashMap::new();
    let mut report = CheckReport { index_position: index.position(), ..CheckReport::default() };
    for (id, version) in index.contents() {
        report.indexed += 1;
        if indexed.insert(id, version).is_some() {
            report.surplus += 1;
            report.note(format!("{id} is in the index twice"));
        }
    }
    report.journal_entries = db.read(journal::verify)?;
    let mut catalogue: BTreeMap<DatasetId, i32> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = db.read(|tx| dataset::list_published_after(tx, after, REBUILD_PAGE))?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        catalogue.extend(page.iter().map(|dataset| (dataset.id, dataset.version)));
    }
    for (id, version) in catalogue {
        report.datasets += 1;
        match indexed.remove(&id) {
            None => {
                report.missing += 1;
                report.note(format!("{id} is public and not in the index"));
            }
            Some(known) if i64::from(known) != i64::from(version) => {
                report.stale += 1;
                report.note(format!("{id} is in the index as version {known}, in the catalogue as {version}"));
            }
            Some(_) => {}
        }
    }
    for id in indexed.keys() {
        report.surplus += 1;
        report.note(format!("{id} is in the index and not public"));
    }
    Ok(report)
}

impl CheckReport {
    fn note(&mut self, difference: String) {
        if self.differences.len() < LISTED_DIFFERENCES {
            self.differences.push(difference);
        }
    }
}

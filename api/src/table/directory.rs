//! Which tables there are, remembered: a row question asks no database.
//!
//! What is remembered holds for one state of the journal: [`KeyFeed`](crate::hot_path::KeyFeed) follows it, and an entry about a
//! dataset or a table moves [`ApiState::tables_stamp`], so that everything is read again at its next use. A swap is therefore
//! seen at once in the process that made it, and elsewhere within [`FOLLOW_EVERY`](crate::hot_path::FOLLOW_EVERY).

use std::sync::Arc;

use actix_web::web;
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, Table, TableVersion};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{
    ContentHash, DatasetId, Distribution, DistributionId, Licence, LocalizedText, Slug, Snapshot, TableId, Timestamp,
};
use moka::sync::Cache;

use crate::problem::Problem;
use crate::state::ApiState;

/// Memory for remembered tables, in bytes, roughly.
const DIRECTORY_BYTES: u64 = 64 * 1024 * 1024;
/// What a remembered column weighs, in bytes, roughly: name, title, statistics.
const COLUMN_BYTES: usize = 2 * 1024;
/// What a remembered table weighs beside its columns.
const TABLE_BYTES: usize = 2 * 1024;

/// Which version is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    /// The current one.
    #[default]
    Current,
    /// By its number, from 1.
    Number(i32),
    /// By its snapshot's key.
    Snapshot(ContentHash),
}

impl Asked {
    /// A version as it stands in addresses: its number, or its snapshot's key.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.parse::<i32>() {
            Ok(number) if number > 0 => Some(Self::Number(number)),
            Ok(_) => None,
            Err(_) => text.parse().ok().map(Self::Snapshot),
        }
    }

    /// Whether the answer can never change.
    pub(crate) const fn is_pinned(self) -> bool {
        !matches!(self, Self::Current)
    }
}

/// What is told of a table's dataset.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) id: DatasetId,
    pub(crate) slug: Slug,
    pub(crate) title: LocalizedText,
    /// The publisher's slug and name.
    pub(crate) publisher: Option<(String, String)>,
    /// The distribution's licence, else the dataset's.
    pub(crate) licence: Option<Licence>,
    /// Where the file came from.
    pub(crate) source_url: Option<String>,
}

/// A table in one of its versions, with what every answer about it needs.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) table: Table,
    pub(crate) version: i32,
    pub(crate) change: &'static str,
    pub(crate) loaded_at: Timestamp,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) home: Home,
}

impl View {
    fn read(tx: &mut Tx<'_>, name: &str, asked: Asked) -> Result<Self, CatalogError> {
        let table = match table::get_public(tx, name) {
            Err(CatalogError::NotFound { .. }) => of_distribution(tx, name)?,
            found => found?,
        };
        let version = match asked {
            Asked::Current => table::get_version(tx, &table, None)?,
            Asked::Number(number) => table::get_version(tx, &table, Some(number))?,
            Asked::Snapshot(key) => of_snapshot(tx, &table, key)?,
        };
        let dataset = dataset::get_public(tx, &table.dataset_id.to_string())?;
        let home = Home::of(&dataset, &table);
        Ok(Self {
            version: version.version,
            change: version.change.as_str(),
            loaded_at: version.loaded_at,
            snapshot: Arc::new(version.snapshot),
            table,
            home,
        })
    }

    fn weight(&self) -> usize {
        TABLE_BYTES + self.snapshot.columns.len() * COLUMN_BYTES
    }
}

/// The table that a distribution's file is, under the distribution's id: what other catalogues call a resource. Of several (the
/// sheets of a workbook) the first by name.
fn of_distribution(tx: &mut Tx<'_>, name: &str) -> Result<Table, CatalogError> {
    let unknown = || CatalogError::NotFound { what: "table", name: name.to_owned() };
    let distribution: DistributionId = name.parse().map_err(|_| unknown())?;
    let only = TableId::derived(distribution, "");
    match table::get_public(tx, &only.to_string()) {
        Err(CatalogError::NotFound { .. }) => {}
        found => return found,
    }
    let first = table::list_of_distribution(tx, distribution)?.into_iter().next().ok_or_else(unknown)?;
    table::get_public(tx, &first.id.to_string())
}

/// The version that a snapshot is, among those that are kept.
fn of_snapshot(tx: &mut Tx<'_>, table: &Table, key: ContentHash) -> Result<TableVersion, CatalogError> {
    let versions = table::list_versions(tx, table.id)?;
    versions
        .into_iter()
        .find(|version| version.snapshot.key == key)
        .ok_or_else(|| CatalogError::NotFound { what: "version", name: key.to_string() })
}

impl Home {
    fn of(dataset: &Dataset, table: &Table) -> Self {
        let ids = dataset.distribution_ids();
        let distribution: Option<&Distribution> =
            dataset.draft.distribution.iter().zip(&ids).find(|(_, id)| **id == table.distribution_id).map(|(it, _)| it);
        let own = distribution.and_then(|it| it.licence.clone());
        let source_url = distribution.and_then(|it| it.download_url.clone().or_else(|| it.access_url.clone()));
        Self {
            id: dataset.id,
            slug: dataset.slug.clone(),
            title: dataset.draft.title.clone(),
            publisher: dataset.publisher.as_ref().map(|it| (it.slug.to_string(), it.name.clone())),
            licence: own.or_else(|| dataset.draft.licence.clone()),
            source_url: source_url.filter(|_| !table.uploaded),
        }
    }
}

#[derive(Debug, Clone)]
struct Seen {
    stamp: Stamp,
    view: Arc<View>,
}

/// A state of the journal, as far as tables are concerned.
pub(crate) type Stamp = (i64, u64);

/// The remembered tables.
#[derive(Debug)]
pub(crate) struct Directory(Cache<(String, Asked), Seen>);

impl Default for Directory {
    fn default() -> Self {
        let weight =
            |key: &(String, Asked), seen: &Seen| u32::try_from(key.0.len() + seen.view.weight()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(DIRECTORY_BYTES).weigher(weight).build())
    }
}

impl Directory {
    /// The table of that id or slug, if everybody may read it.
    pub(crate) async fn find(&self, state: &ApiState, name: &str, asked: Asked) -> Result<Arc<View>, Problem> {
        let stamp = state.tables_stamp();
        let key = (name.to_owned(), asked);
        if let Some(seen) = self.0.get(&key)
            && seen.stamp == stamp
        {
            return Ok(seen.view);
        }
        let db = state.catalog.db.clone();
        let wanted = key.0.clone();
        let view = web::block(move || db.read(|tx| View::read(tx, &wanted, asked))).await??;
        let view = Arc::new(view);
        // The stamp was taken before: what changed meanwhile makes this entry old at once.
        self.0.insert(key, Seen { stamp, view: Arc::clone(&view) });
        Ok(view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_by_number_or_by_snapshot() {
        let key = ContentHash::of(b"x");
        for (text, asked) in [
            ("1", Some(Asked::Number(1))),
            ("0", None),
            ("-1", None),
            ("current", None),
            ("", None),
            (key.to_string().as_str(), Some(Asked::Snapshot(key))),
        ] {
            assert_eq!(Asked::parse(text), asked, "{text}");
        }
    }
}

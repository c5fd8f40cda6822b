//! A table where a dataset's page mentions it.

use fairground_catalog::table::Table;
use fairground_domain::{Column, DatasetDraft, DistributionId, Slug, Snapshot, Timestamp};

use super::column::{title_of, type_of};
use super::load::LoadState;
use super::picture::suggest_map;

/// Columns that a dataset's page names of a table; the table's own page has them all.
const MOST_IN_DICTIONARY: usize = 30;

/// One table in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCard {
    /// What people read.
    pub title: String,
    /// Its name within its file.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Its address in the API.
    pub api: String,
    /// Rows in it.
    pub rows: u64,
    /// Columns in it; `None` where the page did not look.
    pub columns: Option<u64>,
    /// Its current version, from 1.
    pub version: i32,
    /// When that version was published.
    pub loaded_at: Timestamp,
    /// Rows that were kept out.
    pub kept_out: u64,
    /// Its first columns; empty where the page did not look.
    pub dictionary: Vec<DictionaryLine>,
    /// Whether its rows are on the map.
    pub has_map: bool,
}

/// A column in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryLine {
    /// Its name for people.
    pub title: String,
    /// What it holds: the key of its words.
    pub type_key: &'static str,
    /// Digits after the point that all values are shown with.
    pub digits: u8,
    /// What a data dictionary says about it.
    pub description: Option<String>,
}

impl TableCard {
    /// A card for a table of the dataset at that slug.
    #[must_use]
    pub fn of(table: &Table, dataset: &Slug, columns: Option<u64>) -> Self {
        Self {
            title: table.title.clone(),
            name: table.name.clone(),
            href: page_address(dataset.as_str(), table),
            api: api_address(table),
            rows: table.rows,
            columns,
            version: table.version,
            loaded_at: table.updated_at,
            kept_out: table.quarantined,
            dictionary: Vec::new(),
            has_map: false,
        }
    }

    /// The card with the columns of its current version in a few words.
    #[must_use]
    pub fn describing(mut self, snapshot: &Snapshot) -> Self {
        let line = |column: &Column| {
            let (type_key, digits) = type_of(column);
            let description = column.description.clone().filter(|text| !text.trim().is_empty());
            DictionaryLine { title: title_of(column), type_key, digits, description }
        };
        self.columns = u64::try_from(snapshot.columns.len()).ok();
        self.has_map = snapshot.rows > 0 && suggest_map(snapshot).is_some();
        self.dictionary = snapshot.columns.iter().take(MOST_IN_DICTIONARY).map(line).collect();
        self
    }

    /// Columns that the dictionary leaves out.
    #[must_use]
    pub fn more_columns(&self) -> u64 {
        self.columns.unwrap_or(0).saturating_sub(u64::try_from(self.dictionary.len()).unwrap_or(u64::MAX))
    }
}

/// The address of a table's page.
#[must_use]
pub fn page_address(dataset: &str, table: &Table) -> String {
    format!("/datasets/{dataset}/tables/{}", table.id)
}

/// The address of a table in the API, by its readable name.
#[must_use]
pub fn api_address(table: &Table) -> String {
    format!("/api/v1/tables/{}", table.slug)
}

/// What one distribution became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// Its tables.
    pub tables: Vec<TableCard>,
    /// Where its load stands.
    pub load: LoadState,
}

impl Shelf {
    /// Its tables, each with the name that tells it from the others where there are several.
    pub fn lines(&self) -> impl Iterator<Item = (Option<&str>, &TableCard)> {
        let several = self.tables.len() > 1;
        self.tables.iter().map(move |table| (several.then_some(table.name.as_str()), table))
    }
}

/// What the distributions of a dataset became, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelves {
    /// One for each distribution.
    pub by_distribution: Vec<Shelf>,
    /// Tables that belong to none of them: uploads, and files whose description changed.
    pub others: Vec<TableCard>,
}

impl Shelves {
    /// Puts tables with the distributions that they came from.
    #[must_use]
    pub fn of(
        draft: &DatasetDraft,
        ids: &[DistributionId],
        tables: Vec<(DistributionId, TableCard)>,
        state_of: impl Fn(DistributionId) -> LoadState,
    ) -> Self {
        let mut by_distribution: Vec<Shelf> = draft
            .distribution
            .iter()
            .zip(ids)
            .map(|(distribution, id)| {
                let is_tabular = fairground_catalog::table::tabular_file(distribution).is_some();
                let load = if is_tabular { state_of(*id) } else { LoadState::NotTabular };
                Shelf { tables: Vec::new(), load }
            })
            .collect();
        let mut others = Vec::new();
        for (id, card) in tables {
            let place = ids.iter().position(|known| *known == id);
            match place.and_then(|place| by_distribution.get_mut(place)) {
                Some(shelf) => shelf.tables.push(card),
                None => others.push(card),
            }
        }
        Self { by_distribution, others }
    }

    /// Every table.
    pub fn tables(&self) -> impl Iterator<Item = &TableCard> {
        self.by_distribution.iter().flat_map(|shelf| &shelf.tables).chain(&self.others)
    }

    /// Whether a load is under way, so that the page should look again.
    #[must_use]
    pub fn is_moving(&self, now: Timestamp) -> bool {
        self.by_distribution.iter().any(|shelf| shelf.load.is_moving(now))
    }
}

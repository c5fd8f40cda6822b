//! Datasets in the order of their last change, withdrawn ones among them: for those who follow the catalogue.
//!
//! Every page is read from where the one before ended and costs the same at any depth.

use std::collections::{HashMap, HashSet};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use fairground_domain::{DatasetId, PublisherId, Timestamp};

use super::Dataset;
use super::store::list_by_ids;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{dataset_themes, dataset_versions, datasets, publishers};

/// Among which datasets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// All.
    All,
    /// Those of a publisher.
    Publisher(PublisherId),
    /// Those of a theme, by its slug.
    Theme(String),
}

/// In which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// What changed first comes first.
    OldestFirst,
    /// What changed last comes first.
    NewestFirst,
}

/// Where a page ended: the last dataset's change and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When it changed.
    pub at: Timestamp,
    /// Which it is.
    pub id: DatasetId,
}

/// Which changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub before: Option<Timestamp>,
}

impl Dataset {
    /// When it last became, or ceased to be, what is public.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        match &self.publication {
            super::Publication::Published | super::Publication::Held => self.updated_at,
            super::Publication::Withdrawn { at, .. } => *at,
        }
    }

    /// Its place in the order of changes.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { at: self.changed_at(), id: self.id }
    }
}

/// At most `limit` datasets that changed within `window`, from after `after`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_by_change(
    tx: &mut Tx<'_>,
    among: &Among,
    window: Window,
    direction: Direction,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Dataset>, CatalogError> {
    let mut ids = Vec::new();
    // Those of the same moment first: a whole source may have been withdrawn in one, and a page must not read all of it.
    if let Some(place) = after {
        ids = ids_at(tx, among, direction, place, limit)?;
    }
    let left = limit - i64::try_from(ids.len()).unwrap_or(limit);
    if left > 0 {
        ids.extend(ids_beyond(tx, among, window, direction, after.map(|place| place.at), left)?);
    }
    let mut by_id: HashMap<String, Dataset> = load(tx, &ids)?;
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

fn load(tx: &mut Tx<'_>, ids: &[String]) -> Result<HashMap<String, Dataset>, CatalogError> {
    Ok(list_by_ids(tx, ids)?.into_iter().map(|dataset| (dataset.id.to_string(), dataset)).collect())
}

/// The ids of those that changed at the very moment of `place` and come after it.
fn ids_at(
    tx: &mut Tx<'_>,
    among: &Among,
    direction: Direction,
    place: Place,
    limit: i64,
) -> Result<Vec<String>, CatalogError> {
    let (at, id) = (place.at.as_micros(), place.id.to_string());
    let oldest_first = direction == Direction::OldestFirst;
    if let Among::Theme(theme) = among {
        let query = dataset_themes::table
            .filter(dataset_themes::theme.eq(theme))
            .filter(dataset_themes::changed_at.eq(at))
            .limit(limit)
            .select(dataset_themes::dataset_id);
        return Ok(if oldest_first {
            query.filter(dataset_themes::dataset_id.gt(id)).order(dataset_themes::dataset_id).load(tx.conn)?
        } else {
            query.filter(dataset_themes::dataset_id.lt(id)).order(dataset_themes::dataset_id.desc()).load(tx.conn)?
        });
    }
    let mut query = datasets::table
        .filter(datasets::changed_at.eq(at))
        .filter(is_known())
        .limit(limit)
        .select(datasets::id)
        .into_boxed();
    if let Among::Publisher(publisher) = among {
        query = query.filter(datasets::publisher_id.eq(publisher.to_string()));
    }
    query = if oldest_first {
        query.filter(datasets::id.gt(id)).order(datasets::id)
    } else {
        query.filter(datasets::id.lt(id)).order(datasets::id.desc())
    };
    Ok(query.load(tx.conn)?)
}

/// The ids of those that changed after (or, newest first, before) a moment, within the window.
fn ids_beyond(
    tx: &mut Tx<'_>,
    among: &Among,
    window: Window,
    direction: Direction,
    moment: Option<Timestamp>,
    limit: i64,
) -> Result<Vec<String>, CatalogError> {
    let oldest_first = direction == Direction::OldestFirst;
    let (mut from, mut before) =
        (window.from.map_or(i64::MIN, Timestamp::as_micros), window.before.map_or(i64::MAX, Timestamp::as_micros));
    match moment {
        Some(at) if oldest_first => from = from.max(at.as_micros().saturating_add(1)),
        Some(at) => before = before.min(at.as_micros()),
        None => {}
    }
    if let Among::Theme(theme) = among {
        let query = dataset_themes::table
            .filter(dataset_themes::theme.eq(theme))
            .filter(dataset_themes::changed_at.ge(from))
            .filter(dataset_themes::changed_at.lt(before))
            .limit(limit)
            .select(dataset_themes::dataset_id);
        return Ok(if oldest_first {
            query.order((dataset_themes::changed_at, dataset_themes::dataset_id)).load(tx.conn)?
        } else {
            query.order((dataset_themes::changed_at.desc(), dataset_themes::dataset_id.desc())).load(tx.conn)?
        });
    }
    let mut query = datasets::table
        .filter(datasets::changed_at.ge(from))
        .filter(datasets::changed_at.lt(before))
        .filter(is_known())
        .limit(limit)
        .select(datasets::id)
        .into_boxed();
    if let Among::Publisher(publisher) = among {
        query = query.filter(datasets::publisher_id.eq(publisher.to_string()));
    }
    query = if oldest_first {
        query.order((datasets::changed_at, datasets::id))
    } else {
        query.order((datasets::changed_at.desc(), datasets::id.desc()))
    };
    Ok(query.load(tx.conn)?)
}

/// The first change that is still a dataset's last; `None` when there are no datasets.
///
/// # Errors
/// `Storage` when the database fails.
pub fn earliest_change(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, CatalogError> {
    let first: Option<i64> = datasets::table
        .filter(is_known())
        .order((datasets::changed_at, datasets::id))
        .select(datasets::changed_at)
        .first(tx.conn)
        .optional()?;
    Ok(first.map(Timestamp::from_micros))
}

/// Slugs of public datasets in their order, from after `after`, passing over `skip`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_public_slugs(tx: &mut Tx<'_>, after: &str, skip: i64, limit: i64) -> Result<Vec<String>, CatalogError> {
    Ok(datasets::table
        .filter(is_public())
        .filter(datasets::slug.gt(after))
        .order(datasets::slug)
        .offset(skip)
        .limit(limit)
        .select(datasets::slug)
        .load(tx.conn)?)
}

/// The state as text in the statement, so that indexes of what is public are used: they hold nothing else.
fn is_public() -> diesel::expression::SqlLiteral<Bool> {
    sql::<Bool>("datasets.state = 'published'")
}

/// Everything but what the personal-data gate holds, of which nobody is told. Lists by theme need not ask: held datasets have none.
fn is_known() -> diesel::expression::SqlLiteral<Bool> {
    sql::<Bool>("datasets.state <> 'held'")
}

/// Slugs of public datasets whose ids come from `first` on and before `end`, by id, with their last changes.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_addresses(
    tx: &mut Tx<'_>,
    first: DatasetId,
    end: Option<DatasetId>,
    limit: i64,
) -> Result<Vec<(String, Timestamp)>, CatalogError> {
    let mut query = datasets::table
        .filter(is_public())
        .filter(datasets::id.ge(first.to_string()))
        .order(datasets::id)
        .limit(limit)
        .select((datasets::slug, datasets::updated_at))
        .into_boxed();
    if let Some(end) = end {
        query = query.filter(datasets::id.lt(end.to_string()));
    }
    let found: Vec<(String, i64)> = query.load(tx.conn)?;
    Ok(found.into_iter().map(|(slug, at)| (slug, Timestamp::from_micros(at))).collect())
}

/// The ids of the public datasets at which pages of `every` begin, in order. Steps over every id once, in an index alone.
///
/// # Errors
/// `Storage` when the database fails.
pub fn mark_public_ids(tx: &mut Tx<'_>, every: i64) -> Result<Vec<DatasetId>, CatalogError> {
    let mut marks: Vec<DatasetId> = Vec::new();
    loop {
        let (from, skip) = marks.last().map_or((String::new(), 0), |last| (last.to_string(), every));
        let next: Option<String> = datasets::table
            .filter(is_public())
            .filter(datasets::id.ge(from))
            .order(datasets::id)
            .offset(skip)
            .limit(1)
            .select(datasets::id)
            .first(tx.conn)
            .optional()?;
        let Some(next) = next else { return Ok(marks) };
        marks.push(next.parse().map_err(|error| CatalogError::corrupt("dataset", error))?);
    }
}

/// The documents of these versions of public datasets, by id and version, as they are kept. What is withdrawn is left out, and so
/// are versions that there never were.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_documents(
    tx: &mut Tx<'_>,
    wanted: &[(String, i32)],
) -> Result<HashMap<(String, i32), VersionDocument>, CatalogError> {
    const CHUNK: usize = 500;
    let mut found = HashMap::with_capacity(wanted.len());
    for chunk in wanted.chunks(CHUNK) {
        let ids: Vec<&str> = chunk.iter().map(|(id, _)| id.as_str()).collect();
        let current: Vec<(String, i32, String, Option<String>)> = datasets::table
            .left_join(publishers::table)
            .filter(datasets::id.eq_any(&ids))
            .filter(is_public())
            .select((datasets::id, datasets::version, datasets::document, publishers::slug.nullable()))
            .load(tx.conn)?;
        let mut public: HashMap<String, Option<String>> = HashMap::with_capacity(current.len());
        for (id, version, document, publisher) in current {
            public.insert(id.clone(), publisher.clone());
            found.insert((id, version), VersionDocument { document, publisher });
        }
        for (id, version) in chunk {
            let key = (id.clone(), *version);
            let Some(publisher) = public.get(id) else { continue };
            if found.contains_key(&key) {
                continue;
            }
            let earlier: Option<String> = dataset_versions::table
                .find((id, version))
                .select(dataset_versions::document)
                .first(tx.conn)
                .optional()?;
            if let Some(document) = earlier {
                found.insert(key, VersionDocument { document, publisher: publisher.clone() });
            }
        }
    }
    let wanted: HashSet<&(String, i32)> = wanted.iter().collect();
    found.retain(|key, _| wanted.contains(key));
    Ok(found)
}

/// One version of a dataset as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionDocument {
    /// The document: JSON, whose digest is the version's `content_hash`.
    pub document: String,
    /// The slug of the publisher that the dataset has now.
    pub publisher: Option<String>,
}

//! Every statement on publishers.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use fairground_domain::{Agent, LocalizedText, PublisherId, Slug, Timestamp};
use serde_json::json;

use super::{Publisher, PublisherListing};
use crate::dataset::PublicationState;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::{datasets, publishers};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = publishers)]
struct PublisherRow {
    id: String,
    slug: String,
    name: String,
    document: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<PublisherRow> for Publisher {
    type Error = CatalogError;

    fn try_from(row: PublisherRow) -> Result<Self, CatalogError> {
        let corrupt = |problem: String| CatalogError::Corrupt { what: "publisher", problem };
        Ok(Self {
            id: row.id.parse().map_err(|e: fairground_domain::UnknownId| corrupt(e.to_string()))?,
            slug: row.slug.parse().map_err(|e: fairground_domain::InvalidSlug| corrupt(e.to_string()))?,
            name: row.name,
            agent: serde_json::from_str(&row.document).map_err(|e| corrupt(e.to_string()))?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Adds a publisher. Without a slug, its name suggests one.
///
/// # Errors
/// `Invalid` when the name gives no slug, `Taken` when the slug is in use.
pub fn create(tx: &mut Tx<'_>, agent: Agent, slug: Option<Slug>, actor: &str) -> Result<Publisher, CatalogError> {
    let name = agent.name.any().trim().to_owned();
    let slug = slug.or_else(|| Slug::from_title(&name)).ok_or_else(|| CatalogError::Invalid {
        field: "name",
        problem: "a publisher needs a name with letters or digits, or a slug of its own".to_owned(),
    })?;
    if find_by_slug(tx, &slug)?.is_some() {
        return Err(CatalogError::Taken { what: "publisher", name: slug.to_string() });
    }
    let publisher = Publisher {
        id: PublisherId::new(),
        name: if name.is_empty() { slug.to_string() } else { name },
        slug,
        agent,
        created_at: tx.now,
    };
    let row = PublisherRow {
        id: publisher.id.to_string(),
        slug: publisher.slug.to_string(),
        name: publisher.name.clone(),
        document: serde_json::to_string(&publisher.agent).map_err(|e| CatalogError::corrupt("publisher", e))?,
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
    };
    diesel::insert_into(publishers::table)
        .values(&row)
        .execute(tx.conn)
        .map_err(CatalogError::taken("publisher", &row.slug))?;
    journal::append(
        tx,
        Event {
            kind: EventKind::PublisherCreated,
            subject_id: row.id,
            actor: actor.to_owned(),
            payload: json!({ "slug": row.slug, "name": row.name }),
        },
    )?;
    Ok(publisher)
}

fn find_by_slug(tx: &mut Tx<'_>, slug: &Slug) -> Result<Option<Publisher>, CatalogError> {
    publishers::table
        .filter(publishers::slug.eq(slug.as_str()))
        .select(PublisherRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(Publisher::try_from)
        .transpose()
}

/// The publisher of that id.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_by_id(tx: &mut Tx<'_>, id: PublisherId) -> Result<Option<Publisher>, CatalogError> {
    publishers::table
        .find(id.to_string())
        .select(PublisherRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(Publisher::try_from)
        .transpose()
}

/// The publisher of that id or slug.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Option<Publisher>, CatalogError> {
    match (id_or_slug.parse::<PublisherId>(), id_or_slug.parse::<Slug>()) {
        (Ok(id), _) => find_by_id(tx, id),
        (_, Ok(slug)) => find_by_slug(tx, &slug),
        _ => Ok(None),
    }
}

/// Ids, slugs and names of publishers by slug, from after `after`: for lists that need nothing else of them.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_names(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Vec<(String, String, String)>, CatalogError> {
    Ok(publishers::table
        .filter(publishers::slug.gt(after))
        .order(publishers::slug)
        .limit(limit)
        .select((publishers::id, publishers::slug, publishers::name))
        .load(tx.conn)?)
}

/// The publisher of that id or slug, with the number of its public datasets.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<PublisherListing, CatalogError> {
    let publisher = find(tx, id_or_slug)?.ok_or_else(|| CatalogError::not_found("publisher", id_or_slug))?;
    let datasets = datasets::table
        .filter(datasets::publisher_id.eq(publisher.id.to_string()))
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .count()
        .get_result(tx.conn)?;
    Ok(PublisherListing { publisher, datasets })
}

/// Every publisher by slug, from after `after`, with the numbers of their public datasets.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(tx: &mut Tx<'_>, after: Option<&Slug>, limit: i64) -> Result<Vec<PublisherListing>, CatalogError> {
    let rows: Vec<PublisherRow> = publishers::table
        .filter(publishers::slug.gt(after.map_or("", Slug::as_str)))
        .order(publishers::slug)
        .limit(limit)
        .select(PublisherRow::as_select())
        .load(tx.conn)?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let counts: HashMap<String, i64> = datasets::table
        .filter(datasets::publisher_id.eq_any(&ids))
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .group_by(datasets::publisher_id)
        .select((datasets::publisher_id.assume_not_null(), count_star()))
        .load::<(String, i64)>(tx.conn)?
        .into_iter()
        .collect();
    rows.into_iter()
        .map(|row| {
            let datasets = counts.get(&row.id).copied().unwrap_or(0);
            Ok(PublisherListing { publisher: row.try_into()?, datasets })
        })
        .collect()
}

/// Finds or adds publishers by name while a harvest runs, asking the store once per name.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    known: HashMap<Slug, Publisher>,
}

impl Directory {
    /// The publisher that a source's agent stands for: the one whose slug its name gives. `None` when it has no usable name.
    pub(crate) fn resolve(
        &mut self,
        tx: &mut Tx<'_>,
        agent: &Agent,
        actor: &str,
    ) -> Result<Option<Publisher>, CatalogError> {
        let Some(slug) = Slug::from_title(agent.name.any()) else { return Ok(None) };
        if let Some(publisher) = self.known.get(&slug) {
            return Ok(Some(publisher.clone()));
        }
        let publisher = match find_by_slug(tx, &slug)? {
            Some(publisher) => publisher,
            None => create(tx, agent.clone(), Some(slug.clone()), actor)?,
        };
        self.known.insert(slug, publisher.clone());
        Ok(Some(publisher))
    }

    /// The publisher of that slug, added under the slug as its name when there is none.
    pub(crate) fn by_slug(tx: &mut Tx<'_>, slug: &Slug, actor: &str) -> Result<Publisher, CatalogError> {
        match find_by_slug(tx, slug)? {
            Some(publisher) => Ok(publisher),
            None => {
                let agent = Agent { name: LocalizedText::undetermined(slug.as_str()), ..Agent::default() };
                create(tx, agent, Some(slug.clone()), actor)
            }
        }
    }
}

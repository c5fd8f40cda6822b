//! What changes for those who build on the portal: services that go, terms that change, columns of tables that differ. Made of what is
//! known elsewhere; nothing is kept here.

use fairground_domain::{SchemaChange, Slug, Timestamp};
use serde_json::Value;

use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Entry, EventKind};
use crate::service::{self, BrownOut, DataService};
use crate::table::{self, ColumnChanges};
use crate::tariff;

/// Published versions of tables that are looked at for changes of their columns, the newest first.
const MOST_LOOKED_AT: i64 = 5_000;
/// Read from the journal at once.
const AT_ONCE: i64 = 500;
/// Services read at once.
const SERVICES: i64 = 200;
/// Most services that are told.
const MOST_SERVICES: usize = 1_000;

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// A service behind the gateway goes.
    Service {
        /// Its readable name.
        slug: String,
        /// What it is called.
        title: String,
        /// From when nobody should begin to use it.
        deprecated_at: Timestamp,
        /// When it stops answering.
        sunset_at: Option<Timestamp>,
        /// When it does not answer before, of those stretches that are not over.
        brown_outs: Vec<BrownOut>,
        /// What to use instead: an address.
        successor_url: Option<String>,
    },
    /// A version of the tariff was published.
    Tariff {
        /// Its number.
        version: u32,
        /// From when it holds.
        valid_from: Timestamp,
    },
    /// A table's columns differ from those before.
    Columns {
        /// The table's readable name.
        slug: String,
        /// What it is called.
        title: String,
        /// The version with the new columns.
        version: i64,
        /// True when callers must look.
        is_breaking: bool,
        /// What differs.
        changes: ColumnChanges,
    },
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeveloperChange {
    /// When it was said.
    pub at: Timestamp,
    /// What it is.
    pub changed: Changed,
}

impl DeveloperChange {
    /// Where it can be read, as a path.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.changed {
            Changed::Service { slug, .. } => format!("/services/{slug}"),
            Changed::Tariff { version, .. } => format!("/transparency/tariff?to={version}"),
            Changed::Columns { slug, .. } => format!("/api/v1/tables/{slug}/versions"),
        }
    }

    /// What tells it from every other change, for ever.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.changed {
            Changed::Service { slug, sunset_at, .. } => {
                format!("service-{slug}-{}", sunset_at.map_or(0, Timestamp::as_secs))
            }
            Changed::Tariff { version, .. } => format!("tariff-{version}"),
            Changed::Columns { slug, version, .. } => format!("table-{slug}-{version}"),
        }
    }
}

/// What changes and changed for developers, the latest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(tx: &mut Tx<'_>, most: usize) -> Result<Vec<DeveloperChange>, CatalogError> {
    let mut changes = of_services(tx)?;
    changes.extend(of_tariff(tx)?);
    changes.extend(of_tables(tx, most)?);
    changes.sort_by(|one, other| other.at.cmp(&one.at).then_with(|| one.key().cmp(&other.key())));
    changes.truncate(most);
    Ok(changes)
}

fn of_services(tx: &mut Tx<'_>) -> Result<Vec<DeveloperChange>, CatalogError> {
    let (mut changes, mut after): (Vec<DeveloperChange>, Option<Slug>) = (Vec::new(), None);
    loop {
        let page = service::list_public(tx, after.as_ref(), SERVICES)?;
        let is_last = i64::try_from(page.len()).unwrap_or(0) < SERVICES;
        after = page.last().map(|last| last.slug.clone());
        changes.extend(page.into_iter().filter_map(|one| of_service(one, tx.now)));
        if is_last || changes.len() >= MOST_SERVICES {
            return Ok(changes);
        }
    }
}

fn of_service(service: DataService, now: Timestamp) -> Option<DeveloperChange> {
    let lifecycle = service.draft.lifecycle;
    Some(DeveloperChange {
        at: service.updated_at,
        changed: Changed::Service {
            slug: service.slug.to_string(),
            title: service.draft.title,
            deprecated_at: lifecycle.deprecated_at?,
            sunset_at: lifecycle.sunset_at,
            brown_outs: lifecycle.brown_outs.into_iter().filter(|window| window.until > now).collect(),
            successor_url: lifecycle.successor_url,
        },
    })
}

fn of_tariff(tx: &mut Tx<'_>) -> Result<Vec<DeveloperChange>, CatalogError> {
    let versions = tariff::list_versions(tx)?;
    Ok(versions
        .into_iter()
        .map(|one| DeveloperChange {
            at: one.published_at,
            changed: Changed::Tariff { version: one.version, valid_from: one.valid_from },
        })
        .collect())
}

fn of_tables(tx: &mut Tx<'_>, most: usize) -> Result<Vec<DeveloperChange>, CatalogError> {
    let (mut changes, mut before, mut looked_at) = (Vec::new(), None, 0);
    while changes.len() < most && looked_at < MOST_LOOKED_AT {
        let page = journal::list_before(tx, &[EventKind::TablePublished], before, AT_ONCE)?;
        let is_last = i64::try_from(page.len()).unwrap_or(0) < AT_ONCE;
        before = page.last().map(|last| last.seq);
        looked_at += AT_ONCE;
        for entry in page {
            if let Some(change) = of_table(tx, entry)? {
                changes.push(change);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(changes)
}

/// A published version with other columns; nothing for the others, and for tables that are no longer public.
fn of_table(tx: &mut Tx<'_>, entry: Entry) -> Result<Option<DeveloperChange>, CatalogError> {
    let change = entry.payload.get("change").and_then(Value::as_str);
    let is_breaking = change == Some(SchemaChange::Breaking.as_str());
    if !is_breaking && change != Some(SchemaChange::Compatible.as_str()) {
        return Ok(None);
    }
    let known = match table::get_public(tx, &entry.subject_id) {
        Ok(known) => known,
        Err(CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let columns = entry.payload.get("columns").cloned();
    let changes = columns.map(serde_json::from_value).transpose();
    Ok(Some(DeveloperChange {
        at: entry.at,
        changed: Changed::Columns {
            slug: known.slug.to_string(),
            title: known.title,
            version: entry.payload.get("version").and_then(Value::as_i64).unwrap_or_default(),
            is_breaking,
            changes: changes.map_err(|error| CatalogError::corrupt("journal entry", error))?.unwrap_or_default(),
        },
    }))
}

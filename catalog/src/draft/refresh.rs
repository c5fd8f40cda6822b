//! Scheduled refresh: distributions of datasets made here whose files are fetched again from their own addresses.
//!
//! Which and when is part of what editors edit, and holds from the publication on. A refresh is a load like any other: the
//! gate stands before it, and a file that is as it was changes nothing.

use diesel::prelude::*;
use fairground_domain::{DatasetDraft, DatasetId, DistributionId, Timestamp};

use super::RefreshRule;
use super::store::corrupt;
use crate::dataset::{self, distribution_ids};
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::harvest::Schedule;
use crate::schema::{datasets, distribution_refreshes};
use crate::table::{self, Duplicates};

/// Refreshes that are asked for in one go.
const SWEEP: i64 = 200;

/// A distribution that is fetched again on a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The distribution.
    pub distribution: DistributionId,
    /// Where its file is fetched.
    pub url: String,
    /// When: five fields of cron and a time zone.
    pub schedule: String,
    /// When next.
    pub next_at: Option<Timestamp>,
    /// When a load was last asked for.
    pub last_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = distribution_refreshes, treat_none_as_default_value = false)]
struct RefreshRow {
    distribution_id: String,
    dataset_id: String,
    url: String,
    schedule: String,
    next_at: Option<i64>,
    last_at: Option<i64>,
}

impl TryFrom<RefreshRow> for Refresh {
    type Error = CatalogError;

    fn try_from(row: RefreshRow) -> Result<Self, CatalogError> {
        Ok(Self {
            distribution: row.distribution_id.parse().map_err(corrupt)?,
            url: row.url,
            schedule: row.schedule,
            next_at: row.next_at.map(Timestamp::from_micros),
            last_at: row.last_at.map(Timestamp::from_micros),
        })
    }
}

/// The refreshes of a dataset, by address.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_refreshes(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Vec<Refresh>, CatalogError> {
    rows_of(tx, dataset)?.into_iter().map(Refresh::try_from).collect()
}

fn rows_of(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Vec<RefreshRow>, CatalogError> {
    Ok(distribution_refreshes::table
        .filter(distribution_refreshes::dataset_id.eq(dataset.to_string()))
        .order((distribution_refreshes::url, distribution_refreshes::distribution_id))
        .select(RefreshRow::as_select())
        .load(tx.conn)?)
}

/// Puts the refreshes of a version in the place of those before it; one that stays keeps when it was last done.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    dataset: DatasetId,
    document: &DatasetDraft,
    rules: &[RefreshRule],
) -> Result<(), CatalogError> {
    let before = rows_of(tx, dataset)?;
    diesel::delete(distribution_refreshes::table.filter(distribution_refreshes::dataset_id.eq(dataset.to_string())))
        .execute(tx.conn)?;
    let mut rows: Vec<RefreshRow> = Vec::new();
    for (id, distribution) in distribution_ids(dataset, document).into_iter().zip(&document.distribution) {
        let Some(url) = &distribution.download_url else { continue };
        let Some(rule) = rules.iter().find(|rule| rule.url == *url) else { continue };
        let schedule: Schedule = rule.schedule.parse()?;
        let id = id.to_string();
        rows.push(RefreshRow {
            last_at: before.iter().find(|row| row.distribution_id == id).and_then(|row| row.last_at),
            distribution_id: id,
            dataset_id: dataset.to_string(),
            url: url.clone(),
            next_at: schedule.next_after(tx.now).map(Timestamp::as_micros),
            schedule: schedule.to_string(),
        });
    }
    insert_rows!(tx, distribution_refreshes::table, rows.as_slice());
    Ok(())
}

/// Enqueues the loads of refreshes whose time has come, at most some hundred at a time; gives how many. Called by the portal's
/// clock; twice is as good as once. A moment that was missed while nobody looked is made up for once.
///
/// # Errors
/// `Storage` when the database fails.
pub fn enqueue_due_refreshes(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    let due: Vec<RefreshRow> = distribution_refreshes::table
        .inner_join(datasets::table.on(datasets::id.eq(distribution_refreshes::dataset_id)))
        .filter(distribution_refreshes::next_at.le(tx.now.as_micros()))
        .filter(datasets::state.eq(dataset::PublicationState::Published.as_str()))
        .order((distribution_refreshes::next_at, distribution_refreshes::distribution_id))
        .limit(SWEEP)
        .select(RefreshRow::as_select())
        .load(tx.conn)?;
    let mut requests = Vec::new();
    for row in &due {
        let next = row.schedule.parse::<Schedule>()?.next_after(tx.now);
        // One row means ours: another process may have looked at the same moment.
        let ours = diesel::update(
            distribution_refreshes::table
                .find(&row.distribution_id)
                .filter(distribution_refreshes::next_at.eq(row.next_at)),
        )
        .set((
            distribution_refreshes::next_at.eq(next.map(Timestamp::as_micros)),
            distribution_refreshes::last_at.eq(Some(tx.now.as_micros())),
        ))
        .execute(tx.conn)?;
        if ours == 1 {
            let dataset = dataset::get(tx, &row.dataset_id)?;
            let distribution: DistributionId = row.distribution_id.parse().map_err(corrupt)?;
            let all = table::requests_of(dataset.id, None, &dataset.draft);
            requests.extend(all.into_iter().filter(|request| request.distribution == distribution));
        }
    }
    table::enqueue_all(tx, requests, Duplicates::OfUnfinished)
}

//! How a source is harvested, changed by those who answer for it: when, how soon it lets go, and from where on it waits.

use diesel::prelude::*;
use serde_json::{Map, json};

use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestSource, Schedule, SourceState};
use crate::journal::{self, Event, EventKind};
use crate::schema::harvest_sources;

/// What is to be otherwise; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceChange {
    /// When it is harvested by itself: a schedule, or none.
    pub schedule: Option<Option<Schedule>>,
    /// Seconds that a dataset stays public which the source no longer lists.
    pub grace_secs: Option<i64>,
    /// Paused, or active again.
    pub state: Option<SourceState>,
    /// The brake: the share of its datasets that may go without a person's word, in percent.
    pub brake_percent: Option<i32>,
    /// The brake: how many may go in any case, less one.
    pub brake_least: Option<i32>,
}

/// Changes how a source is harvested, and writes down what was changed.
///
/// # Errors
/// `Invalid` for numbers that cannot be, `WrongState` when it waits for approval and is to be paused or resumed.
pub fn change_source(
    tx: &mut Tx<'_>,
    source: &HarvestSource,
    change: SourceChange,
    actor: &str,
) -> Result<HarvestSource, CatalogError> {
    let mut told = Map::new();
    if let Some(schedule) = change.schedule {
        harvest::set_schedule(tx, source.id, schedule.as_ref())?;
        told.insert("schedule".to_owned(), json!(schedule.map(|schedule| schedule.to_string())));
    }
    if let Some(secs) = change.grace_secs {
        harvest::set_grace(tx, source.id, secs)?;
        told.insert("grace_secs".to_owned(), json!(secs));
    }
    if let Some(state) = change.state {
        harvest::set_source_state(tx, source.id, state)?;
        told.insert("state".to_owned(), json!(state.as_str()));
    }
    if change.brake_percent.is_some() || change.brake_least.is_some() {
        let percent = change.brake_percent.unwrap_or(source.brake_percent);
        let least = change.brake_least.unwrap_or(source.brake_least);
        set_brake(tx, source, percent, least)?;
        told.insert("brake_percent".to_owned(), json!(percent));
        told.insert("brake_least".to_owned(), json!(least));
    }
    if !told.is_empty() {
        told.insert("slug".to_owned(), json!(source.slug));
        let (subject_id, actor) = (source.id.to_string(), actor.to_owned());
        journal::append(tx, Event { kind: EventKind::SourceChanged, subject_id, actor, payload: told.into() })?;
    }
    harvest::get_source(tx, &source.id.to_string())
}

fn set_brake(tx: &mut Tx<'_>, source: &HarvestSource, percent: i32, least: i32) -> Result<(), CatalogError> {
    if !(0..=100).contains(&percent) {
        return Err(CatalogError::Invalid { field: "brake_percent", problem: "must be from 0 to 100".to_owned() });
    }
    if least < 1 {
        return Err(CatalogError::Invalid { field: "brake_least", problem: "must be 1 or more".to_owned() });
    }
    diesel::update(harvest_sources::table.find(source.id.to_string()))
        .set((
            harvest_sources::brake_percent.eq(percent),
            harvest_sources::brake_least.eq(least),
            harvest_sources::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

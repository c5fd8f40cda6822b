//! Whether a source may be harvested at all: proposed by an agency, approved by an operator.

use diesel::prelude::*;
use fairground_domain::{SourceId, Timestamp};
use serde_json::json;

use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestSource, NewSource, SourceState};
use crate::journal::{self, Event, EventKind};
use crate::schema::{harvest_sources, source_standings};

/// Who asked for a source and who decided. A source that an operator made has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStanding {
    /// Who asked for it, as the journal names them.
    pub proposed_by: Option<String>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// What it was called before it was deleted.
    pub deleted_slug: Option<String>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = source_standings, treat_none_as_default_value = false)]
pub(super) struct StandingRow {
    pub(super) source_id: String,
    pub(super) proposed_by: Option<String>,
    pub(super) approved_at: Option<i64>,
    pub(super) approved_by: Option<String>,
    pub(super) deleted_at: Option<i64>,
    pub(super) deleted_by: Option<String>,
    pub(super) deleted_slug: Option<String>,
}

/// Adds a source that nothing is fetched of until an operator approves it.
///
/// # Errors
/// As [`harvest::create_source`].
pub fn propose_source(tx: &mut Tx<'_>, new: NewSource, actor: &str) -> Result<HarvestSource, CatalogError> {
    let source = harvest::create_source(tx, new, actor)?;
    set_state(tx, source.id, SourceState::Proposed)?;
    let row = StandingRow {
        source_id: source.id.to_string(),
        proposed_by: Some(actor.to_owned()),
        approved_at: None,
        approved_by: None,
        deleted_at: None,
        deleted_by: None,
        deleted_slug: None,
    };
    diesel::insert_into(source_standings::table).values(&row).execute(tx.conn)?;
    Ok(HarvestSource { state: SourceState::Proposed, ..source })
}

/// Lets a proposed source be harvested.
///
/// # Errors
/// `WrongState` when it is not proposed.
pub fn approve_source(tx: &mut Tx<'_>, source: &HarvestSource, actor: &str) -> Result<HarvestSource, CatalogError> {
    if source.state != SourceState::Proposed {
        return Err(wrong_state(source, "only a source that was proposed can be approved"));
    }
    set_state(tx, source.id, SourceState::Active)?;
    diesel::update(source_standings::table.find(source.id.to_string()))
        .set((source_standings::approved_at.eq(tx.now.as_micros()), source_standings::approved_by.eq(actor)))
        .execute(tx.conn)?;
    journal::append(
        tx,
        Event {
            kind: EventKind::SourceApproved,
            subject_id: source.id.to_string(),
            actor: actor.to_owned(),
            payload: json!({ "slug": source.slug }),
        },
    )?;
    harvest::get_source(tx, &source.id.to_string())
}

/// Who asked for a source and who decided, if somebody had to.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_standing(tx: &mut Tx<'_>, source: SourceId) -> Result<Option<SourceStanding>, CatalogError> {
    let row: Option<StandingRow> =
        source_standings::table.find(source.to_string()).select(StandingRow::as_select()).first(tx.conn).optional()?;
    Ok(row.map(|row| SourceStanding {
        proposed_by: row.proposed_by,
        approved_at: row.approved_at.map(Timestamp::from_micros),
        approved_by: row.approved_by,
        deleted_slug: row.deleted_slug,
    }))
}

/// The guard of every harvest: nothing is asked of a source that nobody has approved.
pub(crate) fn must_be_approved(tx: &mut Tx<'_>, source: SourceId) -> Result<(), CatalogError> {
    let state: Option<(String, String)> = harvest_sources::table
        .find(source.to_string())
        .select((harvest_sources::state, harvest_sources::slug))
        .first(tx.conn)
        .optional()?;
    let (state, slug) = state.ok_or_else(|| CatalogError::not_found("source", source))?;
    match state.as_str() {
        "proposed" => Err(CatalogError::WrongState {
            what: format!("source {slug}"),
            state,
            problem: "an operator must approve it before anything is fetched",
        }),
        "deleted" => Err(CatalogError::not_found("source", source)),
        _ => Ok(()),
    }
}

pub(super) fn set_state(tx: &mut Tx<'_>, source: SourceId, state: SourceState) -> Result<(), CatalogError> {
    diesel::update(harvest_sources::table.find(source.to_string()))
        .set((harvest_sources::state.eq(state.as_str()), harvest_sources::updated_at.eq(tx.now.as_micros())))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn wrong_state(source: &HarvestSource, problem: &'static str) -> CatalogError {
    CatalogError::WrongState {
        what: format!("source {}", source.slug),
        state: source.state.as_str().to_owned(),
        problem,
    }
}

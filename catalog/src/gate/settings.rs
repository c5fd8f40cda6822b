//! How the gate is set: by which rules it judges, and whether it holds. Every change is written into the journal for everybody.

use diesel::prelude::*;
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::RULES_VERSION;
use super::hold::corrupt;
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::gate_settings;

/// What comes of a verdict of `hold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateMode {
    /// A reviewer has to look before anything is public.
    #[default]
    Hold,
    /// The report is published beside the content, and nothing is held.
    Report,
}

impl GateMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Hold, Self::Report];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Report => "report",
        }
    }

    /// The mode that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// How the gate is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateSettings {
    /// The version of the rules.
    pub rules: String,
    /// What comes of a hold.
    pub mode: GateMode,
    /// Since when; `None` before the gate was ever declared.
    pub since: Option<Timestamp>,
    /// When what was public before had been screened again; `None` while that goes on.
    pub swept_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = gate_settings, treat_none_as_default_value = false)]
struct SettingsRow {
    number: i64,
    rules: String,
    mode: String,
    declared_at: i64,
    swept_after: String,
    swept_at: Option<i64>,
}

fn newest(tx: &mut Tx<'_>) -> Result<Option<SettingsRow>, CatalogError> {
    Ok(gate_settings::table
        .order(gate_settings::number.desc())
        .select(SettingsRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// How the gate is set now; as it is by default where nobody declared anything.
///
/// # Errors
/// `Storage` when the database fails.
pub fn current_settings(tx: &mut Tx<'_>) -> Result<GateSettings, CatalogError> {
    match newest(tx)? {
        None => Ok(GateSettings { rules: RULES_VERSION.to_owned(), mode: GateMode::Hold, since: None, swept_at: None }),
        Some(row) => Ok(GateSettings {
            mode: GateMode::parse(&row.mode).ok_or_else(|| corrupt(format!("mode `{}`", row.mode)))?,
            rules: row.rules,
            since: Some(Timestamp::from_micros(row.declared_at)),
            swept_at: row.swept_at.map(Timestamp::from_micros),
        }),
    }
}

/// Sets the gate as this process was told to; a change is written into the journal, and what is public is screened again.
/// Gives whether anything changed.
///
/// # Errors
/// `Storage` when the database fails.
pub fn declare(tx: &mut Tx<'_>, mode: GateMode) -> Result<bool, CatalogError> {
    let before = newest(tx)?;
    if before.as_ref().is_some_and(|row| row.rules == RULES_VERSION && row.mode == mode.as_str()) {
        return Ok(false);
    }
    let row = SettingsRow {
        number: before.as_ref().map_or(1, |row| row.number + 1),
        rules: RULES_VERSION.to_owned(),
        mode: mode.as_str().to_owned(),
        declared_at: tx.now.as_micros(),
        swept_after: String::new(),
        swept_at: None,
    };
    insert_rows!(tx, gate_settings::table, std::slice::from_ref(&row));
    if before.is_none() && mode == GateMode::default() {
        // As it is from the beginning; there is nothing to tell.
        return Ok(true);
    }
    let event = Event {
        kind: EventKind::GateChanged,
        subject_id: row.number.to_string(),
        actor: "portal".to_owned(),
        payload: json!({
            "rules": row.rules,
            "mode": row.mode,
            "rules_before": before.as_ref().map(|row| row.rules.as_str()),
            "mode_before": before.as_ref().map(|row| row.mode.as_str()),
        }),
    };
    journal::append(tx, event)?;
    Ok(true)
}

/// How far public descriptions were screened again; `None` when that is done.
pub(super) fn sweep_position(tx: &mut Tx<'_>) -> Result<Option<String>, CatalogError> {
    Ok(newest(tx)?.filter(|row| row.swept_at.is_none()).map(|row| row.swept_after))
}

/// Notes how far public descriptions were screened again; with `None`, that it is done.
pub(super) fn set_sweep_position(tx: &mut Tx<'_>, after: Option<&str>) -> Result<(), CatalogError> {
    let Some(row) = newest(tx)? else { return Ok(()) };
    let place = gate_settings::table.find(row.number);
    match after {
        Some(after) => diesel::update(place).set(gate_settings::swept_after.eq(after)).execute(tx.conn)?,
        None => diesel::update(place).set(gate_settings::swept_at.eq(Some(tx.now.as_micros()))).execute(tx.conn)?,
    };
    Ok(())
}

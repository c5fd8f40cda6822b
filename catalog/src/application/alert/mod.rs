//! Of what an owner is told by letter: that much of a quota is used, that many calls fail, that no call comes any more.
//!
//! Letters about quotas are on for everybody, at [`QUOTA_MARKS`]; the others are on for who asked for them. Which letters are due
//! stands in [`super::quota`] and [`due`]; a link in each of them ends its kind with one click ([`link`]).

mod due;
mod link;

use diesel::prelude::*;
use fairground_domain::ApplicationId;
use serde_json::json;

use super::store::{event, must_be_open};
use super::{Application, QUOTA_MARKS, get};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, EventKind};
use crate::schema::{alert_marks, application_alerts, applications};

pub use due::{DueAlert, FEWEST_CALLS, Trouble, due_alerts, take_due_alerts};
pub use link::{AlertLink, alert_token, look_at_alert_link, switch_alert_off};

/// Shares of a quota can be chosen in steps of so many percent.
pub const MARK_STEP: u8 = 5;
/// Most shares of a quota that can be chosen.
pub const MAX_MARKS: usize = 5;
/// Longest silence that can be chosen, in days: hours of use are kept longer.
pub const MAX_SILENT_DAYS: u8 = 60;

/// A kind of letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertKind {
    /// So much of a quota is used.
    Quota,
    /// So many of an hour's calls failed.
    Errors,
    /// So long no call came.
    Silence,
}

impl AlertKind {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Quota, Self::Errors, Self::Silence];

    /// Its name, as in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Errors => "errors",
            Self::Silence => "silence",
        }
    }
}

/// Of what an owner is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerts {
    /// Shares of a quota in percent, ascending; empty for no such letter.
    pub quota_marks: Vec<u8>,
    /// The share of an hour's calls that fail, in percent.
    pub error_percent: Option<u8>,
    /// Days without a call.
    pub silent_days: Option<u8>,
}

impl Alerts {
    /// Whether nothing is told at all.
    #[must_use]
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// Whether letters of a kind are on.
    #[must_use]
    pub fn tells(&self, kind: AlertKind) -> bool {
        match kind {
            AlertKind::Quota => !self.quota_marks.is_empty(),
            AlertKind::Errors => self.error_percent.is_some(),
            AlertKind::Silence => self.silent_days.is_some(),
        }
    }

    /// The same without letters of a kind.
    #[must_use]
    pub fn without(mut self, kind: AlertKind) -> Self {
        match kind {
            AlertKind::Quota => self.quota_marks.clear(),
            AlertKind::Errors => self.error_percent = None,
            AlertKind::Silence => self.silent_days = None,
        }
        self
    }

    /// The same in order, if it can be chosen so.
    fn checked(&self) -> Result<Self, CatalogError> {
        let invalid = |field, problem: String| Err(CatalogError::Invalid { field, problem });
        let mut marks = self.quota_marks.clone();
        marks.sort_unstable();
        marks.dedup();
        if marks.len() > MAX_MARKS || marks.iter().any(|mark| !(1..=100).contains(mark) || mark % MARK_STEP != 0) {
            let problem = format!("up to {MAX_MARKS} shares from {MARK_STEP} to 100 percent, in steps of {MARK_STEP}");
            return invalid("quota_percents", problem);
        }
        if self.error_percent.is_some_and(|percent| !(1..=100).contains(&percent)) {
            return invalid("error_percent", "must be from 1 to 100".to_owned());
        }
        if self.silent_days.is_some_and(|days| !(1..=MAX_SILENT_DAYS).contains(&days)) {
            return invalid("silent_days", format!("must be from 1 to {MAX_SILENT_DAYS}"));
        }
        Ok(Self { quota_marks: marks, ..self.clone() })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = application_alerts, treat_none_as_default_value = false)]
struct AlertRow {
    party: i64,
    error_percent: Option<i32>,
    silent_days: Option<i32>,
    silent_from: i64,
}

fn small(number: i32) -> Result<u8, CatalogError> {
    u8::try_from(number).map_err(|error| CatalogError::corrupt("alert", error))
}

/// Of what owners are told, in the order of the applications.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_alerts(tx: &mut Tx<'_>, applications: &[Application]) -> Result<Vec<Alerts>, CatalogError> {
    let parties: Vec<i64> = applications.iter().map(|application| application.number).collect();
    let marks: Vec<(i64, i32)> = alert_marks::table
        .filter(alert_marks::party.eq_any(&parties))
        .order((alert_marks::party, alert_marks::percent))
        .select((alert_marks::party, alert_marks::percent))
        .load(tx.conn)?;
    let rows: Vec<AlertRow> = application_alerts::table
        .filter(application_alerts::party.eq_any(&parties))
        .select(AlertRow::as_select())
        .load(tx.conn)?;
    applications
        .iter()
        .map(|application| {
            let party = application.number;
            let chosen = marks.iter().filter(|(whose, _)| *whose == party).map(|(_, percent)| small(*percent));
            let mut quota_marks = chosen.collect::<Result<Vec<u8>, _>>()?;
            if quota_marks.is_empty() {
                quota_marks.extend(QUOTA_MARKS);
            }
            if !application.quota_letters {
                quota_marks.clear();
            }
            let row = rows.iter().find(|row| row.party == party);
            Ok(Alerts {
                quota_marks,
                error_percent: row.and_then(|row| row.error_percent).map(small).transpose()?,
                silent_days: row.and_then(|row| row.silent_days).map(small).transpose()?,
            })
        })
        .collect()
}

/// Of what an application's owner is told.
///
/// # Errors
/// `Storage` when the database fails.
pub fn get_alerts(tx: &mut Tx<'_>, application: &Application) -> Result<Alerts, CatalogError> {
    Ok(list_alerts(tx, std::slice::from_ref(application))?.pop().unwrap_or_default())
}

/// Chooses of what an application's owner is told. Where letters about quotas are switched off, the shares that were chosen are
/// kept for when they are switched on again.
///
/// # Errors
/// `Invalid` for what cannot be chosen, `WrongState` when the application is closed, `NotFound` when there is none.
pub fn set_alerts(tx: &mut Tx<'_>, id: ApplicationId, wanted: &Alerts) -> Result<Alerts, CatalogError> {
    let wanted = wanted.checked()?;
    let application = must_be_open(get(tx, id)?)?;
    let party = application.number;
    diesel::update(applications::table.find(party))
        .set(applications::quota_letters.eq(!wanted.quota_marks.is_empty()))
        .execute(tx.conn)?;
    if !wanted.quota_marks.is_empty() {
        diesel::delete(alert_marks::table.filter(alert_marks::party.eq(party))).execute(tx.conn)?;
        let is_usual = wanted.quota_marks == QUOTA_MARKS;
        for percent in wanted.quota_marks.iter().filter(|_| !is_usual) {
            diesel::insert_into(alert_marks::table)
                .values((alert_marks::party.eq(party), alert_marks::percent.eq(i32::from(*percent))))
                .execute(tx.conn)?;
        }
    }
    set_row(tx, party, &wanted)?;
    journal::append(tx, event(EventKind::ApplicationChanged, id.to_string(), json!({})))?;
    get(tx, id).and_then(|application| get_alerts(tx, &application))
}

/// Silence counts from when it was chosen on: whoever asks about an application that rests is not told at once.
fn set_row(tx: &mut Tx<'_>, party: i64, wanted: &Alerts) -> Result<(), CatalogError> {
    let silent_days = wanted.silent_days.map(i32::from);
    let before: Option<AlertRow> =
        application_alerts::table.find(party).select(AlertRow::as_select()).first(tx.conn).optional()?;
    let kept = before.filter(|row| row.silent_days == silent_days).map(|row| row.silent_from);
    diesel::delete(application_alerts::table.find(party)).execute(tx.conn)?;
    if wanted.error_percent.is_none() && wanted.silent_days.is_none() {
        return Ok(());
    }
    let row = AlertRow {
        party,
        error_percent: wanted.error_percent.map(i32::from),
        silent_days,
        silent_from: kept.unwrap_or(tx.now.as_secs()),
    };
    diesel::insert_into(application_alerts::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Forgets what a closed application's owner chose.
pub(super) fn forget_alerts(tx: &mut Tx<'_>, party: i64) -> Result<(), CatalogError> {
    diesel::delete(alert_marks::table.filter(alert_marks::party.eq(party))).execute(tx.conn)?;
    diesel::delete(application_alerts::table.find(party)).execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_chosen_is_put_in_order_and_the_rest_is_refused_by_its_field() {
        let marks = |marks: &[u8]| Alerts { quota_marks: marks.to_vec(), ..Alerts::default() };
        assert_eq!(marks(&[100, 50, 50]).checked().unwrap().quota_marks, [50, 100]);
        assert!(marks(&[]).checked().unwrap().is_off());
        for (wrong, expected) in [
            (marks(&[0]), "quota_percents"),
            (marks(&[82]), "quota_percents"),
            (marks(&[105]), "quota_percents"),
            (marks(&[50, 60, 70, 80, 90, 100]), "quota_percents"),
            (Alerts { error_percent: Some(0), ..Alerts::default() }, "error_percent"),
            (Alerts { error_percent: Some(101), ..Alerts::default() }, "error_percent"),
            (Alerts { silent_days: Some(0), ..Alerts::default() }, "silent_days"),
            (Alerts { silent_days: Some(MAX_SILENT_DAYS + 1), ..Alerts::default() }, "silent_days"),
        ] {
            let refused = wrong.checked();
            assert!(matches!(refused, Err(CatalogError::Invalid { field, .. }) if field == expected), "{refused:?}");
        }
    }

    #[test]
    fn hours_of_use_are_kept_longer_than_any_silence_that_can_be_chosen() {
        assert!(i64::from(MAX_SILENT_DAYS) < crate::usage::DAYS_OF_HOURS);
    }
}

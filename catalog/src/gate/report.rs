//! What everybody may read of the screen: what was tested, when, by which rules, and what a reviewer decided; no examples, no rows.

use diesel::prelude::*;
use fairground_domain::{DatasetId, HoldId, Timestamp};

use super::hold::{corrupt, row_of};
use super::settings::{GateMode, current_settings};
use super::store::ReportRow;
use super::{ReleaseReason, Report, Subject, SubjectKind, Verdict};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{datasets, screen_reports, tables};

/// Files whose reports are shown at most.
const MOST_REPORTS: i64 = 500;

/// The public report of one description or file.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicReport {
    /// What was screened.
    pub subject: Subject,
    /// What people read: the table's title; empty for the description.
    pub name: String,
    /// When.
    pub screened_at: Timestamp,
    /// What was found, without examples and rows.
    pub report: Report,
    /// That a reviewer let it pass, and why.
    pub released: Option<ReleasedNote>,
}

/// That a reviewer let something pass. Who it was stands in the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedNote {
    /// When.
    pub at: Timestamp,
    /// The reason from the list.
    pub reason: ReleaseReason,
    /// The reviewer's words.
    pub because: String,
}

/// Everything that the screen said of what is public of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicReports {
    /// What comes of a hold on this portal.
    pub mode: GateMode,
    /// The description's first, then those of its files.
    pub reports: Vec<PublicReport>,
}

impl PublicReports {
    /// The gravest verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.reports.iter().map(|one| one.report.verdict).max().unwrap_or_default()
    }
}

/// The public reports of a dataset. Whether the dataset is public is the caller's question.
///
/// # Errors
/// `Storage` when the database fails.
pub fn public_reports(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<PublicReports, CatalogError> {
    let mode = current_settings(tx)?.mode;
    // Named by what they are not: asked for a few kinds in their order, SQLite would go through every dataset's reports of them.
    let of_drafts = [SubjectKind::Draft.as_str(), SubjectKind::DraftFile.as_str()];
    let rows: Vec<ReportRow> = screen_reports::table
        .filter(screen_reports::dataset_id.eq(dataset.to_string()))
        .filter(screen_reports::subject_kind.ne_all(of_drafts))
        .order((screen_reports::subject_kind, screen_reports::subject_id))
        .limit(MOST_REPORTS)
        .select(ReportRow::as_select())
        .load(tx.conn)?;
    let mut reports = Vec::with_capacity(rows.len() + 1);
    if !rows.iter().any(|row| row.subject_kind == SubjectKind::Description.as_str()) {
        reports.extend(passed(tx, dataset)?);
    }
    for row in rows {
        reports.push(public(tx, row)?);
    }
    Ok(PublicReports { mode, reports })
}

/// The report of a description that passed without a word.
fn passed(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Option<PublicReport>, CatalogError> {
    let screened: Option<(Option<String>, Option<i64>)> = datasets::table
        .find(dataset.to_string())
        .select((datasets::screened_rules, datasets::screened_at))
        .first(tx.conn)
        .optional()?;
    let Some((Some(rules), Some(at))) = screened else { return Ok(None) };
    let report = Report {
        verdict: Verdict::Pass,
        rules,
        findings: Vec::new(),
        screened: Vec::new(),
        re_identification: Vec::new(),
        notes: Vec::new(),
    };
    Ok(Some(PublicReport {
        subject: Subject::description(dataset),
        name: String::new(),
        screened_at: Timestamp::from_micros(at),
        report,
        released: None,
    }))
}

fn public(tx: &mut Tx<'_>, row: ReportRow) -> Result<PublicReport, CatalogError> {
    let kind = SubjectKind::parse(&row.subject_kind).ok_or_else(|| corrupt(&row.subject_kind))?;
    let released = match &row.hold_id {
        None => None,
        Some(id) => note_of(tx, id.parse().map_err(corrupt)?)?,
    };
    let name = if kind == SubjectKind::File { title_of(tx, &row.subject_id)? } else { String::new() };
    let report: Report = serde_json::from_str(&row.report).map_err(corrupt)?;
    Ok(PublicReport {
        subject: Subject { kind, id: row.subject_id },
        name,
        screened_at: Timestamp::from_micros(row.screened_at),
        report: report.public(),
        released,
    })
}

fn note_of(tx: &mut Tx<'_>, id: HoldId) -> Result<Option<ReleasedNote>, CatalogError> {
    let row = match row_of(tx, id) {
        Ok(row) => row,
        Err(CatalogError::NotFound { .. }) => return Ok(None),
        Err(other) => return Err(other),
    };
    let reason = row.reason.as_deref().and_then(ReleaseReason::parse);
    Ok(reason.zip(row.decided_at).map(|(reason, at)| ReleasedNote {
        at: Timestamp::from_micros(at),
        reason,
        because: row.because.unwrap_or_default(),
    }))
}

fn title_of(tx: &mut Tx<'_>, distribution: &str) -> Result<String, CatalogError> {
    let title: Option<String> = tables::table
        .filter(tables::distribution_id.eq(distribution))
        .order(tables::id)
        .select(tables::title)
        .first(tx.conn)
        .optional()?;
    Ok(title.unwrap_or_default())
}

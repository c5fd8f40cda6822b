//! Judging what the screen found: content is clear, or a hold is opened for it.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use fairground_domain::{
    ContentHash, DatasetDraft, DatasetId, DraftId, HoldId, PublisherId, ResourceKind, SourceId, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::apply;
use super::description::{description_hash, screen_description};
use super::hold::{HoldRow, corrupt, rows_of_subject};
use super::settings::{GateMode, current_settings};
use super::{Clearance, Finding, HoldState, RULES_VERSION, Repairs, Report, Subject, SubjectKind, Verdict};
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::notice;
use crate::schema::{datasets, holds, screen_reports};

/// What a screen saw, to be judged.
#[derive(Debug, Clone)]
pub struct Screening {
    /// What was screened.
    pub subject: Subject,
    /// The dataset that it belongs to, or will.
    pub dataset: DatasetId,
    /// Who publishes it.
    pub publisher: Option<PublisherId>,
    /// The harvest source that it came from.
    pub source: Option<SourceId>,
    /// Whoever put it in, as the journal names them; nobody for what was harvested.
    pub authors: Vec<String>,
    /// What reviewers read: the file's name, or the dataset's title.
    pub name: String,
    /// Whether nothing of the dataset is to be public while it is held.
    pub whole: bool,
    /// What names the content: the digest of a description's document ([`description_hash`]) or of a file's bytes.
    pub content: ContentHash,
    /// What was found.
    pub report: Report,
    /// What becomes public on release, where it is a description.
    pub waiting: Option<Waiting>,
    /// The repairs that were applied before it was screened.
    pub repairs: Option<Repairs>,
}

/// A description that waits in the place of its dataset's public version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// Who will publish it.
    pub publisher: Option<String>,
    /// The raw record that it was read from.
    pub raw_hash: Option<String>,
    /// Its document, as it was judged.
    pub document: String,
    /// The document as its source said it, where corrections lie over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = screen_reports, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct ReportRow {
    pub(super) subject_kind: String,
    pub(super) subject_id: String,
    pub(super) dataset_id: String,
    pub(super) content_hash: String,
    pub(super) rules: String,
    pub(super) verdict: String,
    pub(super) report: String,
    pub(super) hold_id: Option<String>,
    pub(super) screened_at: i64,
}

/// Decides what comes of what a screen saw: nothing stands in the way, or it is held, by an open hold or a new one.
///
/// Content that was held before is held by the same hold; what a reviewer released, or a release covers, is clear. An open hold of
/// other content of the subject is superseded.
///
/// # Errors
/// `Storage` when the database fails.
pub fn judge(tx: &mut Tx<'_>, screening: Screening) -> Result<Clearance, CatalogError> {
    let earlier = rows_of_subject(tx, &screening.subject)?;
    if screening.report.verdict < Verdict::Hold || current_settings(tx)?.mode == GateMode::Report {
        return clear(tx, &earlier, &screening, None);
    }
    if let Some(released) = covering(&earlier, screening.content, &screening.report)? {
        return clear(tx, &earlier, &screening, Some(released));
    }
    let content = screening.content.to_string();
    let same = earlier.iter().find(|row| row.content_hash == content && row.keeps_back());
    if let Some(row) = same {
        let id: HoldId = row.id.parse().map_err(corrupt)?;
        diesel::update(holds::table.find(&row.id))
            .set((holds::rules.eq(&screening.report.rules), holds::report.eq(json(&screening.report)?)))
            .execute(tx.conn)?;
        return Ok(Clearance::Held(id));
    }
    supersede_rows(tx, &earlier)?;
    // What a draft would become is not public yet: the version that is public stays so.
    let public = matches!(screening.subject.kind, SubjectKind::Description | SubjectKind::File);
    let (dataset, withholds) = (screening.dataset, screening.whole && public);
    let id = open(tx, screening)?;
    if withholds {
        apply::withhold(tx, dataset)?;
    }
    Ok(Clearance::Held(id))
}

/// Nothing stands in the way of this content, so what stood in the way of other content of its subject is over.
fn clear(
    tx: &mut Tx<'_>,
    earlier: &[HoldRow],
    screening: &Screening,
    released: Option<String>,
) -> Result<Clearance, CatalogError> {
    supersede_rows(tx, earlier)?;
    keep_report(tx, screening, released)?;
    if screening.repairs.is_some() {
        note_applied(tx, earlier)?;
    }
    if matches!(screening.subject.kind, SubjectKind::Description | SubjectKind::File) {
        apply::settle(tx, screening.dataset)?;
    }
    Ok(Clearance::Clear)
}

/// Repairs have done their work: the repaired content becomes public.
fn note_applied(tx: &mut Tx<'_>, rows: &[HoldRow]) -> Result<(), CatalogError> {
    let repaired = rows.iter().filter(|row| row.state == HoldState::Repaired.as_str() && row.applied_at.is_none());
    let ids: Vec<&str> = repaired.map(|row| row.id.as_str()).collect();
    if !ids.is_empty() {
        diesel::update(holds::table.filter(holds::id.eq_any(ids)))
            .set(holds::applied_at.eq(Some(tx.now.as_micros())))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn json(value: &impl Serialize) -> Result<String, CatalogError> {
    serde_json::to_string(value).map_err(corrupt)
}

fn open(tx: &mut Tx<'_>, new: Screening) -> Result<HoldId, CatalogError> {
    const NAME_CHARS: usize = 300;
    notice::of_hold(tx, new.publisher, new.subject.draft_id(), &new.authors)?;
    let id = HoldId::new();
    let row = HoldRow {
        id: id.to_string(),
        subject_kind: new.subject.kind.as_str().to_owned(),
        subject_id: new.subject.id,
        dataset_id: new.dataset.to_string(),
        publisher_id: new.publisher.map(|id| id.to_string()),
        source_id: new.source.map(|id| id.to_string()),
        authors: json(&new.authors)?,
        name: new.name.chars().take(NAME_CHARS).collect(),
        whole: new.whole,
        content_hash: new.content.to_string(),
        rules: new.report.rules.clone(),
        report: json(&new.report)?,
        waiting: new.waiting.as_ref().map(json).transpose()?,
        state: HoldState::Open.as_str().to_owned(),
        created_at: tx.now.as_micros(),
        decided_at: None,
        decided_by: None,
        reason: None,
        because: None,
        repairs: new.repairs.as_ref().map(json).transpose()?,
        applied_at: None,
    };
    insert_rows!(tx, holds::table, std::slice::from_ref(&row));
    tracing::info!(hold.id = %id, dataset.id = %new.dataset, "Held for a reviewer");
    Ok(id)
}

/// Whether content of which this was found would pass: there is nothing to hold it for, a release covers it, or nothing is held.
///
/// # Errors
/// `Storage` when the database fails.
pub fn would_pass(
    tx: &mut Tx<'_>,
    subject: &Subject,
    content: ContentHash,
    report: &Report,
) -> Result<bool, CatalogError> {
    if report.verdict < Verdict::Hold || current_settings(tx)?.mode == GateMode::Report {
        return Ok(true);
    }
    Ok(covering(&rows_of_subject(tx, subject)?, content, report)?.is_some())
}

/// Open holds of a subject whose content is no longer what would become public.
fn supersede_rows(tx: &mut Tx<'_>, rows: &[HoldRow]) -> Result<(), CatalogError> {
    let over: Vec<&str> =
        rows.iter().filter(|row| row.state == HoldState::Open.as_str()).map(|row| row.id.as_str()).collect();
    if !over.is_empty() {
        diesel::update(holds::table.filter(holds::id.eq_any(over)))
            .set((holds::state.eq(HoldState::Superseded.as_str()), holds::waiting.eq(None::<String>)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// What tells one finding from another when a release is held against later content.
fn key_of(finding: &Finding) -> (String, String, &'static str, String) {
    let scheme = finding.scheme.clone().unwrap_or_default();
    (finding.table.clone(), finding.column.clone(), finding.kind.as_str(), scheme)
}

/// The newest release that lets this content pass: of this very content, or of all that holds it.
fn covering(earlier: &[HoldRow], content: ContentHash, report: &Report) -> Result<Option<String>, CatalogError> {
    let content = content.to_string();
    let held: BTreeSet<_> = report.findings.iter().filter(|one| one.outcome == Verdict::Hold).map(key_of).collect();
    for row in earlier {
        // A later rejection or repair takes back what was released before it.
        match HoldState::parse(&row.state) {
            Some(HoldState::Released) => {}
            Some(HoldState::Rejected | HoldState::Repaired) => return Ok(None),
            Some(HoldState::Open | HoldState::Superseded) | None => continue,
        }
        let seen: Report = serde_json::from_str(&row.report).map_err(corrupt)?;
        let released: BTreeSet<_> =
            seen.findings.iter().filter(|one| one.outcome == Verdict::Hold).map(key_of).collect();
        // What waits for a reviewer though nothing was found is released by itself alone.
        if row.content_hash == content || (!held.is_empty() && held.is_subset(&released)) {
            return Ok(Some(row.id.clone()));
        }
    }
    Ok(None)
}

/// Keeps what the screen said of content that is clear. A description that passes without a word needs no row: its dataset says
/// by which rules it was screened.
pub(super) fn keep_report(tx: &mut Tx<'_>, screening: &Screening, hold: Option<String>) -> Result<(), CatalogError> {
    if screening.subject.kind == SubjectKind::Description && screening.report.verdict == Verdict::Pass {
        forget(tx, &screening.subject)?;
        return Ok(());
    }
    let row = report_row(screening, hold, tx.now)?;
    save_report(tx, &row)
}

/// What is kept of a screening that is clear; by `hold` where a reviewer let it pass.
pub(crate) fn report_row(
    screening: &Screening,
    hold: Option<String>,
    now: Timestamp,
) -> Result<ReportRow, CatalogError> {
    Ok(ReportRow {
        subject_kind: screening.subject.kind.as_str().to_owned(),
        subject_id: screening.subject.id.clone(),
        dataset_id: screening.dataset.to_string(),
        content_hash: screening.content.to_string(),
        rules: screening.report.rules.clone(),
        verdict: screening.report.verdict.as_str().to_owned(),
        report: json(&screening.report)?,
        hold_id: hold,
        screened_at: now.as_micros(),
    })
}

/// Keeps reports of subjects that have none yet.
pub(crate) fn insert_reports(tx: &mut Tx<'_>, rows: &[ReportRow]) -> Result<(), CatalogError> {
    insert_rows!(tx, screen_reports::table, rows);
    Ok(())
}

fn save_report(tx: &mut Tx<'_>, row: &ReportRow) -> Result<(), CatalogError> {
    let place = screen_reports::table.find((&row.subject_kind, &row.subject_id));
    if diesel::update(place).set(row).execute(tx.conn)? == 0 {
        insert_rows!(tx, screen_reports::table, std::slice::from_ref(row));
    }
    Ok(())
}

pub(super) fn find_report(tx: &mut Tx<'_>, subject: &Subject) -> Result<Option<ReportRow>, CatalogError> {
    Ok(screen_reports::table
        .find((subject.kind.as_str(), &subject.id))
        .select(ReportRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Forgets what the screen said of a subject: it is gone, or has no longer that content. What waits of a draft is over.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget(tx: &mut Tx<'_>, subject: &Subject) -> Result<(), CatalogError> {
    if matches!(subject.kind, SubjectKind::Draft | SubjectKind::DraftFile) {
        let rows = rows_of_subject(tx, subject)?;
        supersede_rows(tx, &rows)?;
    }
    diesel::delete(screen_reports::table.find((subject.kind.as_str(), &subject.id))).execute(tx.conn)?;
    Ok(())
}

/// Whether this content of a subject may become public. What was screened by other rules than today's counts as unscreened: judge
/// it again ([`judge`], [`judge_draft`]).
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_clear(tx: &mut Tx<'_>, subject: &Subject, content: ContentHash) -> Result<Clearance, CatalogError> {
    let content = content.to_string();
    for row in rows_of_subject(tx, subject)? {
        if row.content_hash == content && row.keeps_back() {
            return Ok(Clearance::Held(row.id.parse().map_err(corrupt)?));
        }
    }
    match find_report(tx, subject)? {
        Some(row) if row.content_hash == content && row.rules == RULES_VERSION => Ok(Clearance::Clear),
        _ => Ok(Clearance::Unscreened),
    }
}

/// Screens the texts of a draft and judges them: to be called when it is submitted and again before it is published. Costs some
/// microseconds a kilobyte, so it may be done within the transaction.
///
/// # Errors
/// `Storage` when the database fails.
pub fn judge_draft(
    tx: &mut Tx<'_>,
    draft: DraftId,
    dataset: DatasetId,
    publisher: Option<PublisherId>,
    authors: &[String],
    description: &DatasetDraft,
) -> Result<Clearance, CatalogError> {
    let screening = Screening {
        subject: Subject::draft(draft),
        dataset,
        publisher,
        source: None,
        authors: authors.to_vec(),
        name: description.title.any().to_owned(),
        whole: true,
        content: description_hash(description),
        report: screen_description(description),
        waiting: None,
        repairs: None,
    };
    judge(tx, screening)
}

/// What was found of a draft, or of its file, and what was decided of it, becomes that of the dataset or distribution that it is
/// published as. To be called in the transaction that publishes.
///
/// # Errors
/// `Storage` when the database fails.
pub fn carry_over(tx: &mut Tx<'_>, from: &Subject, to: &Subject) -> Result<(), CatalogError> {
    let Some(mut row) = find_report(tx, from)? else { return Ok(()) };
    forget(tx, from)?;
    // What stood in the way of the content before is over, but not what waits to take its place.
    let mut before = rows_of_subject(tx, to)?;
    before.retain(|hold| hold.waiting.is_none());
    supersede_rows(tx, &before)?;
    for hold in rows_of_subject(tx, from)? {
        diesel::update(holds::table.find(&hold.id))
            .set((
                holds::subject_kind.eq(to.kind.as_str()),
                holds::subject_id.eq(&to.id),
                holds::applied_at.eq(hold.applied_at.or(hold.decided_at.map(|_| tx.now.as_micros()))),
            ))
            .execute(tx.conn)?;
    }
    if to.kind == SubjectKind::Description {
        diesel::update(datasets::table.find(&row.dataset_id))
            .set((
                datasets::screened_rules.eq(Some(row.rules.clone())),
                datasets::screened_at.eq(Some(row.screened_at)),
            ))
            .execute(tx.conn)?;
    }
    let dataset = row.dataset_id.parse().map_err(corrupt)?;
    if to.kind == SubjectKind::Description && row.verdict == Verdict::Pass.as_str() {
        forget(tx, to)?;
    } else {
        row.subject_kind = to.kind.as_str().to_owned();
        row.subject_id.clone_from(&to.id);
        save_report(tx, &row)?;
    }
    apply::settle(tx, dataset)
}

/// The repairs that a reviewer ordered for a subject and nobody has taken back: they are applied to every content that comes.
///
/// # Errors
/// `Storage` when the database fails.
pub fn repairs_of(tx: &mut Tx<'_>, subject: &Subject) -> Result<Option<(HoldId, Repairs)>, CatalogError> {
    for row in rows_of_subject(tx, subject)? {
        match HoldState::parse(&row.state) {
            // What was released may be repaired content: then the repairs go on.
            Some(HoldState::Repaired | HoldState::Released) => {
                let Some(repairs) = &row.repairs else { return Ok(None) };
                let repairs = serde_json::from_str(repairs).map_err(corrupt)?;
                return Ok(Some((row.id.parse().map_err(corrupt)?, repairs)));
            }
            Some(HoldState::Open | HoldState::Superseded | HoldState::Rejected) | None => {}
        }
    }
    Ok(None)
}

/// What of these datasets' descriptions is kept back, by dataset: the content and whether it is the dataset's only one.
pub(crate) fn kept_back(
    tx: &mut Tx<'_>,
    datasets: &[&str],
) -> Result<HashMap<String, Vec<(ContentHash, HoldId)>>, CatalogError> {
    const CHUNK: usize = 500;
    let states: Vec<&str> =
        HoldState::ALL.into_iter().filter(|state| state.keeps_back()).map(HoldState::as_str).collect();
    let mut found: HashMap<String, Vec<(ContentHash, HoldId)>> = HashMap::new();
    let any: Option<String> =
        holds::table.filter(holds::state.eq_any(&states)).select(holds::id).first(tx.conn).optional()?;
    if any.is_none() {
        return Ok(found);
    }
    for chunk in datasets.chunks(CHUNK) {
        let rows: Vec<(String, String, String)> = holds::table
            .filter(holds::subject_kind.eq(SubjectKind::Description.as_str()))
            .filter(holds::subject_id.eq_any(chunk.iter().copied()))
            .filter(holds::state.eq_any(&states))
            .select((holds::subject_id, holds::content_hash, holds::id))
            .load(tx.conn)?;
        for (dataset, content, id) in rows {
            let (content, id) = (content.parse().map_err(corrupt)?, id.parse().map_err(corrupt)?);
            found.entry(dataset).or_default().push((content, id));
        }
    }
    Ok(found)
}

//! The review: what a draft changes beside what is public, comments by field, and the decision.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::draft::{self, Approval, Comparison, Draft, Side, TableComparison};
use fairground_catalog::gate::Subject;
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx, dataset};
use fairground_domain::{DatasetDraft, DatasetId, FieldComment, Stage, StageName, Timestamp};

use super::compare::{Row, rows};
use super::edit::{draft_id, revision_of};
use super::field::{Fault, Field, Input};
use super::files::{GateLine, gate_line};
use super::head::{Head, Part, head};
use super::journey::history_of;
use super::release;
use crate::layout::{Form, Frame, Notice, PageError, Place, Tone, Visit, WideForm, answer_private_page};
use crate::words::Language;
use crate::workspace::staff::{acting, actor, beside};

/// What a comment's field is called before its place in the document.
const REMARK: &str = "remark";

/// A table on both sides.
#[derive(Debug, Clone)]
pub struct TableBeside {
    /// What people read.
    pub name: String,
    /// Its rows before; `None` when it was not there or its data are gone.
    pub rows_before: Option<u64>,
    /// Its rows after.
    pub rows_after: Option<u64>,
    /// What changes: the tag's class and words.
    pub changes: Vec<(&'static str, String)>,
}

impl TableBeside {
    /// A table of a comparison.
    #[must_use]
    pub fn of(table: &TableComparison, language: Language) -> Self {
        let (good, warn, bad) = (Tone::Good.class(), Tone::Warn.class(), Tone::Bad.class());
        let mut changes = Vec::new();
        match (&table.before, &table.after) {
            (None, Some(_)) => changes.push((good, language.t("workspace-draft-table-new").text())),
            (Some(_), None) => changes.push((bad, language.t("workspace-draft-table-goes").text())),
            _ => {}
        }
        changes.extend(
            table
                .columns
                .added
                .iter()
                .map(|name| (good, language.t("workspace-draft-column-new").with("name", name).text())),
        );
        changes.extend(
            table
                .columns
                .removed
                .iter()
                .map(|name| (bad, language.t("workspace-draft-column-goes").with("name", name).text())),
        );
        let retyped = table.columns.retyped.iter();
        changes.extend(retyped.map(|(name, before, after)| {
            let words = language.t("workspace-draft-column-becomes").with("name", name);
            (warn, words.with("before", before.to_string()).with("after", after.to_string()).text())
        }));
        if changes.is_empty() && !table.same_data {
            changes.push((Tone::Info.class(), language.t("workspace-draft-other-rows").text()));
        }
        Self {
            name: table.title.clone(),
            rows_before: table.before.as_ref().and_then(|facts| facts.rows),
            rows_after: table.after.as_ref().and_then(|facts| facts.rows),
            changes,
        }
    }

    /// The tables of a comparison.
    #[must_use]
    pub fn all(comparison: &Comparison, language: Language) -> Vec<Self> {
        comparison.tables.iter().map(|table| Self::of(table, language)).collect()
    }
}

/// The review of a draft.
#[derive(Debug, Clone)]
pub struct ReviewPage {
    /// What stands over it.
    pub head: Head,
    /// Whether nothing of the dataset is public yet.
    pub is_new: bool,
    /// Fields that change.
    pub changed: Vec<Row>,
    /// Fields that stay.
    pub same: Vec<Row>,
    /// Tables on both sides.
    pub tables: Vec<TableBeside>,
    /// What the gate says: of the description, then of each file.
    pub gate: Vec<(String, GateLine)>,
    /// Whether the reader may approve it.
    pub may_approve: bool,
    /// Whether the reader may return it.
    pub may_return: bool,
    /// Whether the reader may hold it back from passing by itself.
    pub may_object: bool,
    /// Whether it is approved and waits for its time.
    pub is_planned: bool,
    /// When it shall be public.
    pub wish: Vec<Field>,
    /// What happened so far.
    pub history: Vec<(Timestamp, String)>,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
    /// Comments as they were typed: places and texts.
    pub remarks: Vec<(String, String)>,
}

impl ReviewPage {
    /// What was typed about a place.
    #[must_use]
    pub fn typed(&self, path: &str) -> &str {
        self.remarks.iter().find(|(place, _)| place == path).map_or("", |(_, text)| text.as_str())
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, problem)| problem.as_str())
    }
}

/// The template of [`ReviewPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/review.html")]
pub struct ReviewView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ReviewPage,
}

/// Shows what a draft changes.
pub(crate) async fn show_review(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load(&visit, &id).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<ReviewPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &ReviewView { frame, page }))
}

async fn load(visit: &Visit, id: &str) -> Result<ReviewPage, PageError> {
    let language = visit.language;
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    visit
        .read(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            page(tx, language, &actor, &draft)
        })
        .await
}

fn page(tx: &mut Tx<'_>, language: Language, actor: &Actor, draft: &Draft) -> Result<ReviewPage, CatalogError> {
    let head = head(tx, language, actor, draft, Part::Review)?;
    let shown = draft::preview(tx, actor, draft.id)?.draft;
    let before = match draft.base_version {
        Some(version) => base_document(tx, draft.dataset, version)?,
        None => None,
    };
    let (changed, same): (Vec<Row>, Vec<Row>) =
        rows(before.as_ref(), &shown, language).into_iter().partition(|row| before.is_none() || row.differs());
    let first = draft.base_version.map_or(Side::Nothing, Side::Version);
    // A version that another has replaced can still be held against; what went meanwhile says nothing here.
    let comparison = draft::compare(tx, actor, draft.dataset, first, Side::Draft(draft.id))?;
    let mut gate = Vec::new();
    let texts = gate_line(tx, language, actor, draft, &Subject::draft(draft.id))?;
    gate.extend(texts.map(|line| (language.t("workspace-draft-the-description").text(), line)));
    for file in &draft.files {
        let line = gate_line(tx, language, actor, draft, &file.gate_subject(draft.id))?;
        gate.extend(line.map(|line| (file.file_name.clone(), line)));
    }
    let history = history_of(tx, draft, language)?;
    let reviews = head.rights.reviews_as().is_some();
    let waits = draft.stage.must_be_approvable().is_ok();
    let window_runs = matches!(&draft.stage, Stage::InReview { passes_at: Some(_), objection: None, .. });
    Ok(ReviewPage {
        is_new: before.is_none(),
        changed,
        same,
        tables: TableBeside::all(&comparison, language),
        gate,
        may_approve: reviews && waits && !head.is_own,
        may_return: reviews && waits && !head.is_own,
        may_object: reviews && window_runs,
        is_planned: draft.stage.name() == StageName::Approved,
        wish: release::fields_of(&draft.wish, language),
        history,
        faults: Vec::new(),
        remarks: Vec::new(),
        head,
    })
}

/// The description that a draft changes; `None` when that version is no longer kept.
fn base_document(tx: &mut Tx<'_>, id: DatasetId, version: i32) -> Result<Option<DatasetDraft>, CatalogError> {
    let id = id.to_string();
    let current = dataset::get(tx, &id)?;
    if current.version == version {
        return Ok(Some(current.draft));
    }
    match dataset::get_version(tx, &id, version) {
        Ok(found) => Ok(Some(found.draft)),
        Err(CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Decides about a draft.
pub(crate) async fn act_on_review(visit: Visit, id: web::Path<String>, form: WideForm) -> HttpResponse {
    let WideForm(form) = form;
    match try_act(&visit, &id, &form).await {
        Ok(Ok(notice)) => {
            let address = format!("/workspace/drafts/{id}/review?done={}", notice.as_str());
            visit.follow(Place::Workspace, Ok(address))
        }
        Ok(Err(fault)) => {
            let page = load(&visit, &id).await.map(|page| again(page, &form, fault, visit.language));
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

fn again(page: ReviewPage, form: &Form, fault: Fault, language: Language) -> ReviewPage {
    let mut wish = release::fields_of(&release::read(form), language);
    for field in &mut wish {
        field.problem = (field.name == fault.0).then(|| fault.1.clone());
    }
    ReviewPage { wish, faults: vec![fault], remarks: remarks_of(form), ..page }
}

/// The comments that were typed: places and texts, the one on the whole of it at the empty place.
fn remarks_of(form: &Form) -> Vec<(String, String)> {
    let remark = |name: &str| {
        let place = name.strip_prefix(REMARK).filter(|place| place.is_empty() || place.starts_with('/'))?;
        let text = form.raw(name).replace("\r\n", "\n").trim().to_owned();
        (!text.is_empty()).then(|| (place.to_owned(), text))
    };
    form.names().filter_map(remark).collect()
}

async fn try_act(visit: &Visit, id: &str, form: &Form) -> Result<Result<Notice, Fault>, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let (revision, language) = (revision_of(form)?, visit.language);
    match form.text("act") {
        "approve" => {
            let wish = release::read(form);
            let is_later = wish.at.is_some();
            let approval = if is_later { Approval::At(wish) } else { Approval::Now };
            visit
                .write(move |tx| match draft::approve(tx, &actor, id, revision, approval) {
                    Ok(draft) if draft.stage.name() == StageName::Published => Ok(Ok(Notice::DraftPublished)),
                    Ok(_) => Ok(Ok(Notice::DraftScheduled)),
                    Err(error) => beside(error, language, release::place).map(Err),
                })
                .await
        }
        "return" => {
            let remarks = remarks_of(form);
            if remarks.is_empty() {
                let problem = language.t("workspace-draft-remark-missing").text();
                return Ok(Err((REMARK.to_owned(), problem)));
            }
            let comments = remarks.into_iter().map(|(pointer, text)| FieldComment { pointer, text }).collect();
            visit
                .write(move |tx| match draft::give_back(tx, &actor, id, revision, comments) {
                    Ok(_) => Ok(Ok(Notice::DraftReturned)),
                    Err(error) => beside(error, language, |_| REMARK.to_owned()).map(Err),
                })
                .await
        }
        "object" => {
            let reason = form.text("objection").to_owned();
            visit
                .write(move |tx| match draft::object(tx, &actor, id, revision, &reason) {
                    Ok(_) => Ok(Ok(Notice::DraftHeld)),
                    Err(error) => beside(error, language, |_| "objection".to_owned()).map(Err),
                })
                .await
        }
        _ => Err(PageError::BadRequest("Choose what to do.".to_owned())),
    }
}

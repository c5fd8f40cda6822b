//! The editor: the description as a form, checked while it is filled and when it is saved, and as a document.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::draft::{self, Draft, DraftContent, Origin};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::form::{FormFault, from_form, to_form};
use fairground_domain::{DatasetDraft, DraftId, LanguageTag, Stage};

use super::check::{CheckPanel, CheckView};
use super::conflict;
use super::field::{Fault, Input, Remark, Section, mark_faults, mark_remarks, retype};
use super::form::{languages_of, read, sections_of};
use super::head::{Head, Part, head};
use super::vocabulary::{LANGUAGES, spoken};
use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, WideForm, answer_private_page};
use crate::words::Language;
use crate::workspace::load::parameter;
use crate::workspace::staff::{Names, acting, actor, beside};

/// The form of a draft.
#[derive(Debug, Clone)]
pub struct EditorPage {
    /// What stands over it.
    pub head: Head,
    /// The form.
    pub sections: Vec<Section>,
    /// Languages that can be added: tag and name.
    pub more_languages: Vec<(&'static str, String)>,
    /// How good the description is.
    pub check: CheckPanel,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
    /// What reviewers said of no field of the form.
    pub homeless: Vec<(String, Remark)>,
    /// Whether it was just begun from a file.
    pub is_new: bool,
}

/// A draft's description as a document.
#[derive(Debug, Clone)]
pub struct DocumentPage {
    /// What stands over it.
    pub head: Head,
    /// The document.
    pub text: String,
    /// What is wrong with it: places and sentences.
    pub faults: Vec<Fault>,
    /// Whether the reader may change it.
    pub may_edit: bool,
}

/// The template of [`EditorPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/editor.html")]
pub struct EditorView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a EditorPage,
}

/// The template of [`DocumentPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/document.html")]
pub struct DocumentView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DocumentPage,
}

/// The id that an address names; what is none names no draft.
pub(super) fn draft_id(text: &str) -> Result<DraftId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

/// Shows the form; to who only reads it, the review.
pub(crate) async fn show_editor(visit: Visit, id: web::Path<String>) -> HttpResponse {
    match load(&visit, &id).await {
        Ok(page) if !page.head.may_edit => {
            let next = if matches!(page.head.state, "workspace-draft-stage-in-review") { "review" } else { "journey" };
            visit.follow(Place::Workspace, Ok(format!("{}/{next}", page.head.href)))
        }
        loaded => finish(&visit, StatusCode::OK, loaded),
    }
}

fn finish(visit: &Visit, status: StatusCode, page: Result<EditorPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &EditorView { frame, page }))
}

async fn load(visit: &Visit, id: &str) -> Result<EditorPage, PageError> {
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    let language = visit.language;
    let more = parameter(visit, "with").map(|tag| LanguageTag::lenient(&tag));
    let is_new = parameter(visit, "new").is_some();
    visit
        .read(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            let head = head(tx, language, &actor, &draft, Part::Form)?;
            let remarks = remarks_of(tx, &draft, language)?;
            let document = &draft.content.document;
            let page = page_of(head, document, more, remarks, language);
            Ok(EditorPage { is_new, ..page })
        })
        .await
}

fn page_of(
    head: Head,
    document: &DatasetDraft,
    more: Option<LanguageTag>,
    remarks: Vec<(String, Remark)>,
    speaker: Language,
) -> EditorPage {
    let mut languages = languages_of(document);
    languages.extend(more.filter(|tag| !languages.contains(tag)));
    let mut sections = sections_of(document, &languages, speaker);
    if head.is_correction {
        // Where the data lie is the source's word.
        sections.retain(|section| section.id != "files");
    }
    let homeless = mark_remarks(&mut sections, remarks);
    let offered = LANGUAGES.iter().filter(|tag| languages.iter().all(|known| known.as_str() != **tag));
    EditorPage {
        head,
        sections,
        more_languages: offered.map(|tag| (*tag, spoken(tag, speaker))).collect(),
        check: CheckPanel::of(document, speaker),
        faults: Vec::new(),
        homeless,
        is_new: false,
    }
}

/// What the reviewer said when it was returned, while it is.
fn remarks_of(tx: &mut Tx<'_>, draft: &Draft, language: Language) -> Result<Vec<(String, Remark)>, CatalogError> {
    let Stage::Returned(note) = &draft.stage else { return Ok(Vec::new()) };
    let names = Names::of(tx, language, [note.by.actor.as_str()])?;
    let author = names.get(&note.by.actor);
    let remark = |text: &str| Remark { author: author.clone(), at: note.at, text: text.to_owned() };
    Ok(note.comments.iter().map(|comment| (comment.pointer.clone(), remark(&comment.text))).collect())
}

/// What came of saving.
pub(super) enum Saved {
    /// It is saved.
    Done,
    /// Something of it cannot be.
    Refused(Fault),
    /// Somebody else saved meanwhile.
    Conflict,
}

/// Saves a description over a revision.
pub(super) fn save(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    revision: i32,
    content: DraftContent,
    language: Language,
) -> Result<Saved, CatalogError> {
    match draft::save(tx, actor, id, revision, content) {
        Ok(_) => Ok(Saved::Done),
        Err(CatalogError::Conflict(_)) => Ok(Saved::Conflict),
        Err(error) => beside(error, language, str::to_owned).map(Saved::Refused),
    }
}

/// A draft and its content as it was at the revision that a form shows.
pub(super) fn seen(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    revision: i32,
) -> Result<(Draft, DraftContent), CatalogError> {
    let draft = draft::get(tx, actor, id)?;
    let content = if draft.revision == revision {
        draft.content.clone()
    } else {
        draft::get_revision(tx, actor, id, revision)?.content
    };
    Ok((draft, content))
}

/// The revision that a form was made from.
pub(super) fn revision_of(form: &Form) -> Result<i32, PageError> {
    let wrong = || PageError::BadRequest("The form does not say which revision it shows: reload the page.".to_owned());
    form.text("revision").parse().map_err(|_| wrong())
}

/// Saves the form.
pub(crate) async fn save_form(visit: Visit, id: web::Path<String>, form: WideForm) -> HttpResponse {
    let WideForm(form) = form;
    match try_save(&visit, &id, &form).await {
        Ok(Outcome::Next(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Outcome::Wrong(page)) => finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, Ok(*page)),
        Ok(Outcome::Conflict(mine)) => conflict::show(&visit, &id, *mine, revision_of(&form)).await,
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

enum Outcome {
    Next(String),
    Wrong(Box<EditorPage>),
    Conflict(Box<DatasetDraft>),
}

async fn try_save(visit: &Visit, id: &str, form: &Form) -> Result<Outcome, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let revision = revision_of(form)?;
    let reader = actor.clone();
    let (draft, before) = visit.read(move |tx| seen(tx, &reader, id, revision)).await?;
    let language = visit.language;
    let (mine, faults) = read_of(&draft, form, &before.document, language);
    if !faults.is_empty() {
        return wrong(visit, actor, draft, mine, form, faults).await;
    }
    let content = DraftContent { document: mine.clone(), ..before };
    let writer = actor.clone();
    match visit.write(move |tx| save(tx, &writer, id, revision, content, language)).await? {
        Saved::Done => Ok(Outcome::Next(after_saving(id, form))),
        Saved::Refused((_, problem)) => {
            let faults = vec![(String::from("description"), problem)];
            wrong(visit, actor, draft, mine, form, faults).await
        }
        Saved::Conflict => Ok(Outcome::Conflict(Box::new(mine))),
    }
}

/// As [`read`]; the form of a correction has no files.
fn read_of(draft: &Draft, form: &Form, before: &DatasetDraft, speaker: Language) -> (DatasetDraft, Vec<Fault>) {
    let (mut mine, faults) = read(form, before, speaker);
    if draft.origin == Origin::Correction {
        mine.distribution.clone_from(&before.distribution);
    }
    (mine, faults)
}

fn after_saving(id: DraftId, form: &Form) -> String {
    let saved = Notice::Saved.as_str();
    match form.text("act") {
        "submit" => format!("/workspace/drafts/{id}/journey?done={saved}"),
        "language" if form.is_set("add_language") => {
            let tag = LanguageTag::lenient(form.text("add_language"));
            format!("/workspace/drafts/{id}?done={saved}&with={tag}")
        }
        _ => format!("/workspace/drafts/{id}?done={saved}"),
    }
}

/// The form again with what was typed and what is wrong with it.
async fn wrong(
    visit: &Visit,
    actor: Actor,
    draft: Draft,
    mine: DatasetDraft,
    form: &Form,
    faults: Vec<Fault>,
) -> Result<Outcome, PageError> {
    let (shown, language) = (draft.clone(), visit.language);
    let (mut head, remarks) = visit
        .read(move |tx| Ok((head(tx, language, &actor, &shown, Part::Form)?, remarks_of(tx, &shown, language)?)))
        .await?;
    head.revision = revision_of(form)?;
    let mut page = page_of(head, &mine, None, remarks, language);
    retype(&mut page.sections, form);
    mark_faults(&mut page.sections, &faults);
    Ok(Outcome::Wrong(Box::new(EditorPage { faults, ..page })))
}

/// Says how good what stands in the form is, without saving it.
pub(crate) async fn check_form(visit: Visit, id: web::Path<String>, form: WideForm) -> HttpResponse {
    let WideForm(form) = form;
    let checked = try_check(&visit, &id, &form).await;
    visit.finish(Place::Workspace, checked, |frame, check| {
        answer_private_page(StatusCode::OK, &CheckView { frame, check })
    })
}

async fn try_check(visit: &Visit, id: &str, form: &Form) -> Result<CheckPanel, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let revision = revision_of(form)?;
    let (draft, before) = visit.read(move |tx| seen(tx, &actor, id, revision)).await?;
    let (mine, faults) = read_of(&draft, form, &before.document, visit.language);
    let mut panel = CheckPanel::of(&mine, visit.language);
    panel.missing.splice(0..0, faults);
    Ok(panel)
}

/// Shows the description as a document.
pub(crate) async fn show_document(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_document(&visit, &id, None).await;
    finish_document(&visit, StatusCode::OK, loaded)
}

fn finish_document(visit: &Visit, status: StatusCode, page: Result<DocumentPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &DocumentView { frame, page }))
}

async fn load_document(
    visit: &Visit,
    id: &str,
    typed: Option<(String, Vec<Fault>, i32)>,
) -> Result<DocumentPage, PageError> {
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    let language = visit.language;
    visit
        .read(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            let mut head = head(tx, language, &actor, &draft, Part::Document)?;
            let (text, faults) = match typed {
                Some((text, faults, revision)) => {
                    head.revision = revision;
                    (text, faults)
                }
                None => (document_text(&draft.content.document), Vec::new()),
            };
            Ok(DocumentPage { may_edit: head.may_edit, head, text, faults })
        })
        .await
}

/// A description as people edit it: JSON, indented.
pub(super) fn document_text(document: &DatasetDraft) -> String {
    serde_json::to_string_pretty(&to_form(document)).unwrap_or_default()
}

/// Reads a document as [`document_text`] writes it.
///
/// # Errors
/// Places and what is wrong there.
pub(super) fn read_document(text: &str, language: Language) -> Result<DatasetDraft, Vec<Fault>> {
    let value = serde_json::from_str(text).map_err(|error| {
        let place = language.t("workspace-draft-json-place");
        let place = place.with("line", error.line()).with("column", error.column()).text();
        vec![(place, language.t("workspace-draft-no-json").with("error", error.to_string()).text())]
    })?;
    let fault = |fault: FormFault| (fault.pointer, fault.problem);
    from_form(&value).map_err(|faults| faults.into_iter().map(fault).collect())
}

/// Saves the document.
pub(crate) async fn save_document(visit: Visit, id: web::Path<String>, form: WideForm) -> HttpResponse {
    let WideForm(form) = form;
    match try_save_document(&visit, &id, &form).await {
        Ok(Written::Next(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Written::Wrong(faults)) => {
            let revision = form.text("revision").parse().unwrap_or_default();
            let typed = (form.raw("document").replace("\r\n", "\n"), faults, revision);
            let page = load_document(&visit, &id, Some(typed)).await;
            finish_document(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Ok(Written::Conflict(mine)) => conflict::show(&visit, &id, *mine, revision_of(&form)).await,
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

enum Written {
    Next(String),
    Wrong(Vec<Fault>),
    Conflict(Box<DatasetDraft>),
}

async fn try_save_document(visit: &Visit, id: &str, form: &Form) -> Result<Written, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let (revision, language) = (revision_of(form)?, visit.language);
    let document = match read_document(form.raw("document"), language) {
        Ok(document) => document,
        Err(faults) => return Ok(Written::Wrong(faults)),
    };
    let mine = document.clone();
    let saved = visit
        .write(move |tx| {
            let (_, before) = seen(tx, &actor, id, revision)?;
            save(tx, &actor, id, revision, DraftContent { document, ..before }, language)
        })
        .await?;
    Ok(match saved {
        Saved::Done => Written::Next(format!("/workspace/drafts/{id}/document?done={}", Notice::Saved.as_str())),
        Saved::Refused(fault) => Written::Wrong(vec![(String::new(), fault.1)]),
        Saved::Conflict => Written::Conflict(Box::new(mine)),
    })
}

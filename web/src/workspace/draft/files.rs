//! The files of a draft: what is in them, whether the gate lets them pass, and what their columns mean.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use fairground_api::draft::upload_to_draft;
use fairground_catalog::draft::{self, ColumnNote, Draft, DraftContent, DraftFile, LoadedTable, TableNotes};
use fairground_catalog::gate::{self, HoldFilter, HoldState, Subject};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{Column, ColumnType, DistributionId, TableId, Timestamp};

use super::begin::received;
use super::edit::{Saved, draft_id, revision_of, save, seen};
use super::field::Fault;
use super::head::{Head, Part, head};
use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, WideForm, answer_private_page};
use crate::words::Language;
use crate::workspace::held::{found_words, state_words};
use crate::workspace::staff::{Names, acting, actor, judged};

/// Longest example of a value, in characters.
const EXAMPLE_CHARS: usize = 40;
/// Holds of one draft that are looked through.
const MOST_HOLDS: i64 = 200;

/// What the gate says of a file.
#[derive(Debug, Clone)]
pub struct GateLine {
    /// The key of a word.
    pub state: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// In a sentence.
    pub words: String,
    /// Where it is decided.
    pub href: Option<String>,
}

/// A table of a file.
#[derive(Debug, Clone)]
pub struct TableLine {
    /// Its name within the file.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its columns.
    pub columns: usize,
    /// Rows that were kept out.
    pub quarantined: u64,
    /// Where its columns are described.
    pub href: String,
}

/// A file.
#[derive(Debug, Clone)]
pub struct FileLine {
    /// Its name.
    pub name: String,
    /// The distribution that lists it.
    pub key: String,
    /// Its length.
    pub bytes: u64,
    /// When it was added.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What the gate says of it.
    pub gate: Option<GateLine>,
    /// Its tables.
    pub tables: Vec<TableLine>,
}

/// The files of a draft.
#[derive(Debug, Clone)]
pub struct FilesPage {
    /// What stands over it.
    pub head: Head,
    /// The files.
    pub files: Vec<FileLine>,
    /// What is wrong with what was sent.
    pub faults: Vec<Fault>,
    /// Whether the reader may change them.
    pub may_edit: bool,
}

/// One column and what people say of it.
#[derive(Debug, Clone)]
pub struct ColumnLine {
    /// Its public name.
    pub name: String,
    /// What it holds.
    pub holds: String,
    /// What its values are like.
    pub like: String,
    /// What people read over it.
    pub title: String,
    /// What it means.
    pub description: String,
    /// What somebody else wrote over it meanwhile, where the reader wrote something else.
    pub their_title: Option<String>,
    /// What somebody else wrote of its meaning meanwhile, where the reader wrote something else.
    pub their_description: Option<String>,
}

/// The data dictionary of a table.
#[derive(Debug, Clone)]
pub struct ColumnsPage {
    /// What stands over it.
    pub head: Head,
    /// The table's name.
    pub table: String,
    /// Where the form goes.
    pub action: String,
    /// The columns.
    pub columns: Vec<ColumnLine>,
    /// Whether somebody else saved meanwhile: what stands here is not saved yet.
    pub is_conflict: bool,
    /// Whether the reader may change it.
    pub may_edit: bool,
}

/// The template of [`FilesPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/files.html")]
pub struct FilesView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a FilesPage,
}

/// The template of [`ColumnsPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/columns.html")]
pub struct ColumnsView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ColumnsPage,
}

/// Shows the files of a draft.
pub(crate) async fn show_files(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load(&visit, &id).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<FilesPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &FilesView { frame, page }))
}

async fn load(visit: &Visit, id: &str) -> Result<FilesPage, PageError> {
    let language = visit.language;
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    visit
        .read(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            let head = head(tx, language, &actor, &draft, Part::Files)?;
            let names = Names::of(tx, language, draft.files.iter().map(|file| file.added_by.as_str()))?;
            let mut files = Vec::with_capacity(draft.files.len());
            for file in &draft.files {
                let gate = gate_line(tx, language, &actor, &draft, &file.gate_subject(draft.id))?;
                files.push(file_line(&draft, file, gate, &names));
            }
            Ok(FilesPage { may_edit: head.may_edit, head, files, faults: Vec::new() })
        })
        .await
}

/// What the gate says of a part of a draft, where it has said something to a person.
pub(super) fn gate_line(
    tx: &mut Tx<'_>,
    language: Language,
    actor: &Actor,
    draft: &Draft,
    subject: &Subject,
) -> Result<Option<GateLine>, CatalogError> {
    let filter = HoldFilter { dataset: Some(draft.dataset), ..HoldFilter::default() };
    let holds = gate::list(tx, actor, &filter, MOST_HOLDS)?;
    let latest = holds.iter().find(|hold| hold.subject == *subject && hold.state != HoldState::Superseded);
    Ok(latest.map(|hold| {
        let (state, tone) = state_words(hold.state);
        let words = match hold.state {
            HoldState::Open => {
                language.t("workspace-draft-gate-found").with("found", found_words(hold, language)).text()
            }
            HoldState::Repaired => language.t("workspace-draft-gate-ordered").text(),
            HoldState::Released => language.t("workspace-draft-gate-passed").text(),
            HoldState::Rejected => language.t("workspace-draft-gate-rejected").text(),
            HoldState::Superseded => String::new(),
        };
        let words = match (&hold.decision, hold.state) {
            (Some(decision), HoldState::Repaired) if decision.applied_at.is_some() => {
                language.t("workspace-draft-gate-repaired").text()
            }
            _ => words,
        };
        GateLine { state, tone, words, href: Some(format!("/workspace/held/{}", hold.id)) }
    }))
}

fn file_line(draft: &Draft, file: &DraftFile, gate: Option<GateLine>, names: &Names) -> FileLine {
    let table = |table: &LoadedTable| TableLine {
        name: table.snapshot.name.clone(),
        rows: table.snapshot.rows,
        columns: table.snapshot.columns.len(),
        quarantined: table.snapshot.quarantine.rows,
        href: format!("/workspace/drafts/{}/columns/{}", draft.id, file.table_id(table)),
    };
    FileLine {
        name: file.file_name.clone(),
        key: file.distribution.to_string(),
        bytes: file.bytes,
        at: file.added_at,
        by: names.get(&file.added_by),
        gate,
        tables: file.tables.iter().map(table).collect(),
    }
}

/// Takes a file into a draft.
pub(crate) async fn upload(
    visit: Visit,
    id: web::Path<String>,
    request: HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    match try_upload(&visit, &id, &request, body).await {
        Ok(Ok(())) => {
            let address = format!("/workspace/drafts/{id}/files?done={}", Notice::Saved.as_str());
            visit.follow(Place::Workspace, Ok(address))
        }
        Ok(Err(fault)) => {
            let page = load(&visit, &id).await.map(|page| FilesPage { faults: vec![fault], ..page });
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_upload(
    visit: &Visit,
    id: &str,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<Result<(), Fault>, PageError> {
    let (form, file) = match received(visit, request, body).await? {
        Ok(received) => received,
        Err(fault) => return Ok(Err(fault)),
    };
    let (actor, id) = (acting(visit, &form)?, draft_id(id)?);
    let revision = revision_of(&form)?;
    let Some(file) = file else {
        return Ok(Err(("file".to_owned(), visit.language.t("workspace-draft-choose-file").text())));
    };
    let put = upload_to_draft(&visit.pages.state, &actor, id, revision, file).await;
    Ok(match judged(put)? {
        Ok(_) => Ok(()),
        Err((_, problem)) => Err(("file".to_owned(), visit.language.refused(problem))),
    })
}

/// Takes a file out of a draft.
pub(crate) async fn remove(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_remove(&visit, &id, &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_remove(visit: &Visit, id: &str, form: &Form) -> Result<String, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let revision = revision_of(form)?;
    let file: DistributionId = form.text("file").parse().map_err(|_| PageError::NotFound)?;
    visit.write(move |tx| draft::remove_file(tx, &actor, id, revision, file)).await?;
    Ok(format!("/workspace/drafts/{id}/files?done={}", Notice::Saved.as_str()))
}

/// A table of a draft, with the file that it is in.
fn table_of<'a>(draft: &'a Draft, id: &str) -> Result<(TableId, &'a LoadedTable), CatalogError> {
    let tables = draft.files.iter().flat_map(|file| file.tables.iter().map(move |table| (file.table_id(table), table)));
    let mut found = tables.filter(|(known, _)| known.to_string() == id);
    found.next().ok_or_else(|| CatalogError::not_found("table", id))
}

/// Shows what the columns of a table mean.
pub(crate) async fn show_columns(visit: Visit, path: web::Path<(String, String)>) -> HttpResponse {
    let loaded = load_columns(&visit, &path).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ColumnsView { frame, page })
    })
}

async fn load_columns(visit: &Visit, path: &(String, String)) -> Result<ColumnsPage, PageError> {
    let (actor, id) = (actor(visit)?, draft_id(&path.0)?);
    let (wanted, language) = (path.1.clone(), visit.language);
    visit
        .read(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            let head = head(tx, language, &actor, &draft, Part::Files)?;
            let (table_id, table) = table_of(&draft, &wanted)?;
            Ok(ColumnsPage {
                table: table.snapshot.name.clone(),
                action: format!("/workspace/drafts/{id}/columns/{table_id}"),
                columns: column_lines(&draft.content, table_id, table, language),
                is_conflict: false,
                may_edit: head.may_edit,
                head,
            })
        })
        .await
}

/// The columns of a table with what a draft says of them.
fn column_lines(content: &DraftContent, id: TableId, table: &LoadedTable, language: Language) -> Vec<ColumnLine> {
    let notes = content.dictionary.iter().find(|notes| notes.table == id);
    let note = |name: &str| notes.and_then(|notes| notes.columns.iter().find(|note| note.name == name));
    table.snapshot.columns.iter().map(|column| column_line(column, note(&column.name), language)).collect()
}

/// What a column holds.
fn type_words(column_type: ColumnType, language: Language) -> String {
    let name = match column_type {
        ColumnType::Integer => "integer",
        ColumnType::Decimal { .. } => "decimal",
        ColumnType::Float => "float",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp { utc: true } => "moment-utc",
        ColumnType::Timestamp { utc: false } => "moment",
        ColumnType::Text => "text",
        ColumnType::Point => "point",
        ColumnType::Geometry => "geometry",
    };
    language.t("workspace-draft-type").with("type", name).text()
}

fn column_line(column: &Column, note: Option<&ColumnNote>, language: Language) -> ColumnLine {
    let statistics = &column.statistics;
    let cut = |text: &str| text.chars().take(EXAMPLE_CHARS).collect::<String>();
    let range = match (&statistics.min, &statistics.max) {
        (Some(least), Some(greatest)) if least == greatest => cut(least),
        (Some(least), Some(greatest)) => {
            language.t("workspace-draft-range").with("least", cut(least)).with("greatest", cut(greatest)).text()
        }
        _ => String::new(),
    };
    let empty = match statistics.nulls {
        0 => String::new(),
        nulls => language.t("workspace-draft-empty-cells").with("count", nulls).text(),
    };
    let like: Vec<String> = [range, empty].into_iter().filter(|text| !text.is_empty()).collect();
    let said = |text: Option<&String>, own: &str| text.cloned().unwrap_or_else(|| own.to_owned());
    ColumnLine {
        name: column.name.clone(),
        holds: type_words(column.column_type, language),
        like: like.join(", "),
        title: said(note.and_then(|note| note.title.as_ref()), &column.title),
        description: said(
            note.and_then(|note| note.description.as_ref()),
            column.description.as_deref().unwrap_or_default(),
        ),
        their_title: None,
        their_description: None,
    }
}

/// Saves what the columns of a table mean.
pub(crate) async fn save_columns(visit: Visit, path: web::Path<(String, String)>, form: WideForm) -> HttpResponse {
    let WideForm(form) = form;
    match try_save_columns(&visit, &path, &form).await {
        Ok(Some(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(None) => {
            let page = both_sides(&visit, &path, &form).await;
            visit.finish(Place::Workspace, page, |frame, page| {
                answer_private_page(StatusCode::CONFLICT, &ColumnsView { frame, page })
            })
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

/// The address that follows; `None` when somebody else saved meanwhile.
async fn try_save_columns(visit: &Visit, path: &(String, String), form: &Form) -> Result<Option<String>, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(&path.0)?);
    let revision = revision_of(form)?;
    let (wanted, fields, language) = (path.1.clone(), form.clone(), visit.language);
    let saved = visit
        .write(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            let (table_id, table) = table_of(&draft, &wanted)?;
            let notes = notes_of(&table.snapshot.columns, &fields);
            let mut content: DraftContent = draft.content.clone();
            content.dictionary.retain(|notes| notes.table != table_id);
            if !notes.is_empty() {
                content.dictionary.push(TableNotes { table: table_id, columns: notes });
            }
            save(tx, &actor, id, revision, content, language)
        })
        .await?;
    match saved {
        Saved::Done => {
            let done = Notice::Saved.as_str();
            Ok(Some(format!("/workspace/drafts/{id}/columns/{}?done={done}", path.1)))
        }
        Saved::Refused((_, problem)) => Err(PageError::BadRequest(format!("{problem}."))),
        Saved::Conflict => Ok(None),
    }
}

/// The form again after somebody else saved: what only one of the two changed stands in the fields, and where both did, what the
/// reader typed with the other's words beside it. Saving it then is a decision.
async fn both_sides(visit: &Visit, path: &(String, String), form: &Form) -> Result<ColumnsPage, PageError> {
    let (reader, id) = (actor(visit)?, draft_id(&path.0)?);
    let (revision, wanted, language) = (revision_of(form)?, path.1.clone(), visit.language);
    let mut page = load_columns(visit, path).await?;
    let before = visit
        .read(move |tx| {
            let (draft, seen) = seen(tx, &reader, id, revision)?;
            let (table_id, table) = table_of(&draft, &wanted)?;
            Ok(column_lines(&seen, table_id, table, language))
        })
        .await?;
    for (line, old) in page.columns.iter_mut().zip(before) {
        let typed = |part: &str| form.raw(&format!("{part}.{}", line.name)).replace("\r\n", "\n").trim().to_owned();
        let (title, description) = (typed("title"), typed("description"));
        line.their_title = settle(&mut line.title, &old.title, title);
        line.their_description = settle(&mut line.description, &old.description, description);
    }
    Ok(ColumnsPage { is_conflict: true, ..page })
}

/// What stands in a field where `theirs` did: theirs where the reader left it as it was, else what they typed. Gives theirs where
/// both changed it, and not alike.
fn settle(theirs: &mut String, before: &str, mine: String) -> Option<String> {
    if mine == before || mine == *theirs {
        return None;
    }
    let other = std::mem::replace(theirs, mine);
    (other != before).then_some(other)
}

/// What was said of columns, where it differs from what their file says.
fn notes_of(columns: &[Column], form: &Form) -> Vec<ColumnNote> {
    let note = |column: &Column| {
        let said = |part: &str, own: &str| {
            let text = form.raw(&format!("{part}.{}", column.name)).replace("\r\n", "\n");
            let text = text.trim().to_owned();
            (!text.is_empty() && text != own).then_some(text)
        };
        let title = said("title", &column.title);
        let description = said("description", column.description.as_deref().unwrap_or_default());
        (title.is_some() || description.is_some()).then(|| ColumnNote { name: column.name.clone(), title, description })
    };
    columns.iter().filter_map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::settle;

    #[test]
    fn nothing_that_either_wrote_is_lost() {
        for (before, theirs, mine, stands, beside) in [
            ("a", "a", "a", "a", None),
            ("a", "b", "a", "b", None),
            ("a", "a", "c", "c", None),
            ("a", "b", "b", "b", None),
            ("a", "b", "c", "c", Some("b")),
            ("a", "", "c", "c", Some("")),
            ("a", "b", "", "", Some("b")),
        ] {
            let mut field = theirs.to_owned();
            let other = settle(&mut field, before, mine.to_owned());
            assert_eq!((field.as_str(), other.as_deref()), (stands, beside), "{before} {theirs} {mine}");
        }
    }
}

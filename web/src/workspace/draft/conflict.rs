//! Two people saved one draft: both sides beside each other, and a choice for each part. What only one of them changed is chosen
//! already; nothing is taken without a look.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::draft::{self, DraftContent};
use fairground_domain::DatasetDraft;
use fairground_domain::form::{from_form, to_form};
use serde_json::Value;

use super::compare::{Row, rows};
use super::edit::{Saved, document_text, draft_id, read_document, revision_of, save, seen};
use super::head::{Head, Part, head};
use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, WideForm, answer_private_page};
use crate::words::Language;
use crate::workspace::staff::{acting, actor};

/// Members of the document that are chosen language by language.
const BY_LANGUAGE: [&str; 4] = ["title", "description", "keyword", "version_notes"];

/// Whose text stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What somebody else saved.
    Theirs,
    /// What the reader typed.
    Mine,
}

/// One part of the document that differs.
#[derive(Debug, Clone)]
pub struct ConflictPart {
    /// Its place, as a JSON pointer.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// Its fields that differ: theirs before, mine after.
    pub rows: Vec<Row>,
    /// What is chosen.
    pub choice: Option<Side>,
    /// Whether only one of the two changed it.
    pub is_only_one_sided: bool,
}

/// Both sides of a conflict.
#[derive(Debug, Clone)]
pub struct ConflictPage {
    /// What stands over it.
    pub head: Head,
    /// The parts that differ.
    pub parts: Vec<ConflictPart>,
    /// What the reader typed, as a document.
    pub mine: String,
    /// The revision that the reader had seen.
    pub base: i32,
    /// What is wrong with the choices.
    pub problem: String,
}

/// The template of [`ConflictPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/conflict.html")]
pub struct ConflictView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ConflictPage,
}

/// Shows both sides.
pub(super) async fn show(visit: &Visit, id: &str, mine: DatasetDraft, base: Result<i32, PageError>) -> HttpResponse {
    let page = match base {
        Ok(base) => load(visit, id, mine, base, String::new()).await,
        Err(error) => Err(error),
    };
    finish(visit, page)
}

fn finish(visit: &Visit, page: Result<ConflictPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| {
        answer_private_page(StatusCode::CONFLICT, &ConflictView { frame, page })
    })
}

async fn load(
    visit: &Visit,
    id: &str,
    mine: DatasetDraft,
    base: i32,
    problem: String,
) -> Result<ConflictPage, PageError> {
    let language = visit.language;
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    visit
        .read(move |tx| {
            let (draft, before) = seen(tx, &actor, id, base)?;
            let head = head(tx, language, &actor, &draft, Part::Elsewhere)?;
            let parts = parts_of(&before.document, &draft.content.document, &mine, language);
            Ok(ConflictPage { head, parts, mine: document_text(&mine), base, problem })
        })
        .await
}

/// The part of the document that a place belongs to.
fn part_of(path: &str) -> String {
    let mut steps = path.trim_start_matches('/').split('/');
    let (first, second) = (steps.next().unwrap_or_default(), steps.next());
    match second {
        Some(language) if BY_LANGUAGE.contains(&first) => format!("/{first}/{language}"),
        _ => format!("/{first}"),
    }
}

fn label_of(path: &str, row: &Row, language: Language) -> String {
    match path {
        "/distribution" => language.t("workspace-draft-part-files").text(),
        "/contact_point" => language.t("workspace-draft-part-people").text(),
        "/spatial" => language.t("workspace-draft-conflict-places").text(),
        "/temporal" => language.t("workspace-draft-conflict-periods").text(),
        "/rights" => language.t("workspace-draft-field-rights").text(),
        _ => row.label.clone(),
    }
}

fn parts_of(base: &DatasetDraft, theirs: &DatasetDraft, mine: &DatasetDraft, language: Language) -> Vec<ConflictPart> {
    let forms = [base, theirs, mine].map(to_form);
    let [was, their, own] = &forms;
    let mut parts: Vec<ConflictPart> = Vec::new();
    for row in rows(Some(theirs), mine, language).into_iter().filter(Row::differs) {
        let path = part_of(&row.path);
        if let Some(part) = parts.iter_mut().find(|part| part.path == path) {
            part.rows.push(row);
            continue;
        }
        let at = |form: &'_ Value| form.pointer(&path).cloned();
        let (they_changed, i_changed) = (at(their) != at(was), at(own) != at(was));
        let choice = match (they_changed, i_changed) {
            (true, false) => Some(Side::Theirs),
            (false, true) => Some(Side::Mine),
            (true, true) | (false, false) => None,
        };
        parts.push(ConflictPart {
            label: label_of(&path, &row, language),
            path,
            rows: vec![row],
            is_only_one_sided: choice.is_some(),
            choice,
        });
    }
    parts
}

/// Their document with the parts of mine that were chosen.
fn merged(theirs: &DatasetDraft, mine: &DatasetDraft, chosen: &[String]) -> Result<DatasetDraft, String> {
    let (mut form, own) = (to_form(theirs), to_form(mine));
    for path in chosen {
        let mut steps = path.trim_start_matches('/').split('/');
        let (Some(first), second) = (steps.next(), steps.next()) else { continue };
        let value = own.pointer(path).cloned();
        let Some(members) = form.as_object_mut() else { continue };
        match (second, value) {
            (None, Some(value)) => drop(members.insert(first.to_owned(), value)),
            (None, None) => drop(members.remove(first)),
            (Some(language), value) => {
                let texts = members.entry(first).or_insert_with(|| Value::Object(serde_json::Map::new()));
                match (texts.as_object_mut(), value) {
                    (Some(texts), Some(value)) => drop(texts.insert(language.to_owned(), value)),
                    (Some(texts), None) => drop(texts.remove(language)),
                    (None, _) => {}
                }
            }
        }
    }
    from_form(&form).map_err(|faults| faults.into_iter().map(|fault| fault.problem).collect::<Vec<_>>().join("; "))
}

/// Saves what was chosen.
pub(crate) async fn resolve(visit: Visit, id: web::Path<String>, form: WideForm) -> HttpResponse {
    let WideForm(form) = form;
    match try_resolve(&visit, &id, &form).await {
        Ok(Resolved::Next(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Resolved::Again(page)) => finish(&visit, Ok(*page)),
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

enum Resolved {
    Next(String),
    Again(Box<ConflictPage>),
}

async fn try_resolve(visit: &Visit, id: &str, form: &Form) -> Result<Resolved, PageError> {
    let actor = acting(visit, form)?;
    let (key, language) = (draft_id(id)?, visit.language);
    let revision = revision_of(form)?;
    let base: i32 =
        form.text("base").parse().map_err(|_| PageError::BadRequest("The form is incomplete.".to_owned()))?;
    let mine = read_document(form.raw("mine"), language)
        .map_err(|_| PageError::BadRequest("The form does not bring what you typed.".to_owned()))?;
    let again = |problem: &str| load(visit, id, mine.clone(), base, problem.to_owned());
    let once_more = language.t("workspace-draft-conflict-once-more").text();
    let takes: Vec<(String, String)> = form
        .names()
        .filter_map(|name| Some((name.strip_prefix("take")?.to_owned(), form.text(name).to_owned())))
        .collect();
    let (reader, own) = (actor.clone(), mine.clone());
    let (theirs, content, open) = visit
        .read(move |tx| {
            let draft = draft::get(tx, &reader, key)?;
            let (_, before) = seen(tx, &reader, key, base)?;
            let parts = parts_of(&before.document, &draft.content.document, &own, language);
            let paths: Vec<String> = parts.into_iter().map(|part| part.path).collect();
            Ok((draft.revision, draft.content, paths))
        })
        .await?;
    if theirs != revision {
        let page = again(&once_more).await?;
        return Ok(Resolved::Again(Box::new(page)));
    }
    if open.iter().any(|path| takes.iter().all(|(taken, _)| taken != path)) {
        return Ok(Resolved::Again(Box::new(again(&language.t("workspace-draft-conflict-choose").text()).await?)));
    }
    let chosen: Vec<String> =
        takes.into_iter().filter(|(path, side)| side == "mine" && open.contains(path)).map(|(path, _)| path).collect();
    let document = match merged(&content.document, &mine, &chosen) {
        Ok(document) => document,
        Err(problem) => return Ok(Resolved::Again(Box::new(again(&problem).await?))),
    };
    let content = DraftContent { document, ..content };
    let saved = visit.write(move |tx| save(tx, &actor, key, revision, content, language)).await?;
    match saved {
        Saved::Done => Ok(Resolved::Next(format!("/workspace/drafts/{key}?done={}", Notice::Saved.as_str()))),
        Saved::Refused((_, problem)) => Ok(Resolved::Again(Box::new(again(&problem).await?))),
        Saved::Conflict => {
            let page = again(&once_more).await?;
            Ok(Resolved::Again(Box::new(page)))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(title: &str, french: Option<&str>, licence: Option<&str>) -> DatasetDraft {
        let mut form = json!({"identifier": "x", "title": {"en": title}});
        if let Some(french) = french {
            form["title"]["fr"] = json!(french);
        }
        if let Some(licence) = licence {
            form["licence"] = json!({"iri": licence});
        }
        from_form(&form).unwrap()
    }

    #[test]
    fn what_only_one_changed_is_chosen_and_nothing_else_is() {
        let base = document("Beds", None, None);
        let theirs = document("Beds 2024", None, Some("https://example.org/terms"));
        let mine = document("Beds, all", Some("Lits"), None);
        let parts = parts_of(&base, &theirs, &mine, Language::En);
        let of = |path: &str| parts.iter().find(|part| part.path == path).map(|part| part.choice);
        assert_eq!(of("/title/en"), Some(None));
        assert_eq!(of("/title/fr"), Some(Some(Side::Mine)));
        assert_eq!(of("/licence"), Some(Some(Side::Theirs)));
        assert_eq!(parts.len(), 3);
    }

    #[test]
    fn chosen_parts_of_mine_replace_theirs() {
        let theirs = document("Beds 2024", Some("Lits"), Some("https://example.org/terms"));
        let mine = document("Beds, all", None, None);
        for (chosen, expected) in [
            (vec![], theirs.clone()),
            (vec!["/title/en"], document("Beds, all", Some("Lits"), Some("https://example.org/terms"))),
            (vec!["/title/fr"], document("Beds 2024", None, Some("https://example.org/terms"))),
            (vec!["/title/en", "/title/fr", "/licence"], mine.clone()),
        ] {
            let chosen: Vec<String> = chosen.into_iter().map(str::to_owned).collect();
            assert_eq!(merged(&theirs, &mine, &chosen), Ok(expected), "{chosen:?}");
        }
    }
}

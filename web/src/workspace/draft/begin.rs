//! Drafts in a list, and the ways to begin one: with a file, empty, or as a copy.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use fairground_api::draft::{BeginFromFile, begin_from_file};
use fairground_api::upload::{ReceivedFile, receive_form};
use fairground_catalog::draft::{self, CopyFrom, DraftCard, DraftFilter, NewDraft};
use fairground_catalog::{CatalogError, member, publisher};
use fairground_domain::{DatasetDraft, DraftId, LanguageTag, LocalizedText, ResourceKind, StageName, Timestamp};

use super::field::Fault;
use super::head::stage_words;
use super::vocabulary::{LANGUAGES, spoken};
use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, answer_private_page};
use crate::words::Language;
use crate::workspace::held::Chip;
use crate::workspace::load::parameter;
use crate::workspace::staff::{Names, acting, actor, beside, choices_of, judged, workplaces};

/// Drafts on a page.
const DRAFTS: i64 = 50;

/// One draft in the list.
#[derive(Debug, Clone)]
pub struct DraftLine {
    /// Its address.
    pub href: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its publisher's name.
    pub publisher: String,
    /// The version that it changes.
    pub base_version: Option<i32>,
    /// The key of where it stands.
    pub state: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// When something happens by itself; may be empty.
    pub when: String,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
}

/// The list.
#[derive(Debug, Clone)]
pub struct DraftsPage {
    /// Stages to choose from.
    pub chips: Vec<Chip>,
    /// The drafts.
    pub lines: Vec<DraftLine>,
    /// Where the next page is.
    pub next: Option<String>,
}

/// The page on which one begins.
#[derive(Debug, Clone, Default)]
pub struct BeginPage {
    /// Publishers that the reader writes for: short name and name.
    pub publishers: Vec<(String, String)>,
    /// Languages to choose from.
    pub languages: Vec<(&'static str, String)>,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
    /// What was typed.
    pub typed_publisher: String,
    /// What was typed.
    pub typed_title: String,
    /// What was typed.
    pub typed_copy: String,
}

impl BeginPage {
    /// What is wrong with a field.
    #[must_use]
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, problem)| problem.as_str())
    }
}

/// The template of [`DraftsPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/list.html")]
pub struct DraftsView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DraftsPage,
}

/// The template of [`BeginPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/begin.html")]
pub struct BeginView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a BeginPage,
}

/// Lists drafts, those begun last first.
pub(crate) async fn list_drafts(visit: Visit) -> HttpResponse {
    let loaded = load_list(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &DraftsView { frame, page })
    })
}

async fn load_list(visit: &Visit) -> Result<DraftsPage, PageError> {
    let actor = actor(visit)?;
    let language = visit.language;
    let asked = parameter(visit, "stage").unwrap_or_default();
    let before = parameter(visit, "before").and_then(|id| id.parse::<DraftId>().ok());
    visit
        .read(move |tx| {
            let stages = match (asked.as_str(), StageName::parse(&asked)) {
                (_, Some(stage)) => vec![stage],
                ("all", None) => Vec::new(),
                (_, None) => StageName::ALL.into_iter().filter(|stage| !stage.is_final()).collect(),
            };
            let filter = DraftFilter { stages, before, ..DraftFilter::default() };
            let mut found = draft::list(tx, &actor, &filter, DRAFTS + 1)?;
            let size = usize::try_from(DRAFTS).unwrap_or(usize::MAX);
            let has_more = found.len() > size;
            found.truncate(size);
            let next = found.last().filter(|_| has_more);
            let next = next.map(|last| format!("/workspace/drafts?stage={asked}&before={}", last.id));
            let names = Names::of(tx, language, found.iter().map(|card| card.updated_by.as_str()))?;
            Ok(DraftsPage {
                chips: chips(&asked, language),
                lines: found.iter().map(|card| draft_line(card, &names, language)).collect(),
                next,
            })
        })
        .await
}

fn chips(asked: &str, language: Language) -> Vec<Chip> {
    let chip = |key: &str, value: &str| Chip {
        text: language.t(key).text(),
        href: if value.is_empty() {
            "/workspace/drafts".to_owned()
        } else {
            format!("/workspace/drafts?stage={value}")
        },
        is_current: asked == value,
    };
    let stages = StageName::ALL.into_iter().map(|stage| chip(stage_words(stage).0, stage.as_str()));
    std::iter::once(chip("workspace-draft-on-their-way", ""))
        .chain(stages)
        .chain([chip("workspace-draft-all", "all")])
        .collect()
}

/// A draft as a line of a list.
pub(in crate::workspace) fn draft_line(card: &DraftCard, names: &Names, language: Language) -> DraftLine {
    let (state, tone) = stage_words(card.stage);
    let when = match (&card.problem, card.due_at, card.stage) {
        (Some(problem), _, _) => language.t("workspace-draft-when-failed").with("problem", problem).text(),
        (None, Some(at), StageName::Approved) => {
            language.t("workspace-draft-when-public").with("moment", language.moment(at)).text()
        }
        (None, Some(at), _) => language.t("workspace-draft-when-passes").with("moment", language.moment(at)).text(),
        (None, None, _) => String::new(),
    };
    DraftLine {
        href: format!("/workspace/drafts/{}", card.id),
        title: card.title.clone(),
        publisher: card.publisher.name.clone(),
        base_version: card.base_version,
        state,
        tone,
        when,
        changed_at: card.updated_at,
        changed_by: names.get(&card.updated_by),
    }
}

/// Shows the ways to begin.
pub(crate) async fn show_begin(visit: Visit) -> HttpResponse {
    let loaded = load_begin(&visit).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<BeginPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &BeginView { frame, page }))
}

async fn load_begin(visit: &Visit) -> Result<BeginPage, PageError> {
    let actor = actor(visit)?;
    let publishers = visit
        .read(move |tx| {
            let all = workplaces(tx, &actor)?;
            Ok(choices_of(&all, |one| one.rights.writes_as().is_some()))
        })
        .await?;
    let languages = LANGUAGES.iter().map(|tag| (*tag, spoken(tag, visit.language))).collect();
    Ok(BeginPage { publishers, languages, ..BeginPage::default() })
}

/// Begins an empty draft, or a copy.
pub(crate) async fn begin(visit: Visit, form: Form) -> HttpResponse {
    match try_begin(&visit, &form).await {
        Ok(Ok(id)) => visit.follow(Place::Workspace, Ok(format!("/workspace/drafts/{id}"))),
        Ok(Err(fault)) => {
            let page = load_begin(&visit).await.map(|page| BeginPage {
                faults: vec![fault],
                typed_publisher: form.text("publisher").to_owned(),
                typed_title: form.text("title").to_owned(),
                typed_copy: form.text("copy").to_owned(),
                ..page
            });
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_begin(visit: &Visit, form: &Form) -> Result<Result<DraftId, Fault>, PageError> {
    let actor = acting(visit, form)?;
    let speaker = visit.language;
    let is_copy = form.text("act") == "copy";
    let (home, copied) = (form.text("publisher").to_owned(), form.text("copy").to_owned());
    if is_copy && copied.is_empty() {
        return Ok(Err(("copy".to_owned(), speaker.t("workspace-draft-wrong-copy").text())));
    }
    if !is_copy && form.text("title").is_empty() {
        return Ok(Err(("title".to_owned(), speaker.t("workspace-draft-wrong-title").text())));
    }
    let language = LanguageTag::lenient(form.text("language"));
    let kind = if form.text("kind") == "dataset-series" { ResourceKind::DatasetSeries } else { ResourceKind::Dataset };
    let document = DatasetDraft {
        title: LocalizedText::from_iter([(language.clone(), form.text("title").to_owned())]),
        language: vec![language],
        ..DatasetDraft::default()
    };
    let place = move |field: &str| if is_copy { "copy".to_owned() } else { title_or(field) };
    visit
        .write(move |tx| {
            let home = publisher::get(tx, &home)?.publisher.id;
            let made = if is_copy {
                draft::copy(tx, &actor, &CopyFrom::Dataset(copied.clone()), home)
            } else {
                draft::create(tx, &actor, home, NewDraft { kind, document: Some(document), slug: None })
            };
            match made {
                Ok(draft) => Ok(Ok(draft.id)),
                Err(CatalogError::NotFound { what: "dataset", .. } | CatalogError::Withdrawn { .. }) if is_copy => Ok(
                    Err(("copy".to_owned(), speaker.t("workspace-draft-no-such-dataset").with("name", &copied).text())),
                ),
                Err(error) => beside(error, speaker, place).map(Err),
            }
        })
        .await
}

fn title_or(_: &str) -> String {
    "title".to_owned()
}

/// Begins a draft with a file: what the file suggests stands in the form that follows.
pub(crate) async fn begin_with_file(visit: Visit, request: HttpRequest, body: web::Payload) -> HttpResponse {
    match try_begin_with_file(&visit, &request, body).await {
        Ok(Ok(id)) => visit.follow(Place::Workspace, Ok(format!("/workspace/drafts/{id}?new=yes"))),
        Ok(Err(fault)) => {
            let page = load_begin(&visit).await.map(|page| BeginPage { faults: vec![fault], ..page });
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

/// A form with a file: its fields, and the file of the field `file` if one was chosen.
pub(super) async fn received(
    visit: &Visit,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<Result<(Form, Option<ReceivedFile>), Fault>, PageError> {
    // Nobody else's form, and no stranger's, is read at all.
    visit.must_be_our_form()?;
    visit.staff()?;
    let folder = visit.pages.state.catalog.data_dir().to_owned();
    let mut received = match judged(receive_form(request, body, &folder).await)? {
        Ok(received) => received,
        Err((_, problem)) => return Ok(Err(("file".to_owned(), visit.language.refused(problem)))),
    };
    let file = received.take_file("file");
    let form = Form::of(received.fields.into_iter().collect());
    Ok(Ok((form, file)))
}

async fn try_begin_with_file(
    visit: &Visit,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<Result<DraftId, Fault>, PageError> {
    let (form, file) = match received(visit, request, body).await? {
        Ok(received) => received,
        Err(fault) => return Ok(Err(fault)),
    };
    let actor = acting(visit, &form)?;
    let Some(file) = file else {
        return Ok(Err(("file".to_owned(), visit.language.t("workspace-draft-choose-file").text())));
    };
    let home = form.text("publisher").to_owned();
    let writer = actor.clone();
    // Who may not write here learns it before the file is read as tables.
    let home = visit
        .read(move |tx| {
            let home = publisher::get(tx, &home)?.publisher.id;
            member::must_write(tx, &writer, home).map(|_| home)
        })
        .await?;
    let language = Some(form.text("language")).filter(|tag| !tag.is_empty()).map(LanguageTag::lenient);
    let begin = BeginFromFile { publisher: home, slug: None, language };
    let begun = begin_from_file(&visit.pages.state, &actor, begin, file).await;
    Ok(match judged(begun)? {
        Ok(begun) => Ok(begun.uploaded.draft.id),
        Err((_, problem)) => Err(("file".to_owned(), visit.language.refused(problem))),
    })
}

/// Begins a new version of a dataset, or goes on with the one that is on its way.
pub(crate) async fn begin_version(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_begin_version(&visit, name.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_begin_version(visit: &Visit, name: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let id = visit
        .write(move |tx| match draft::begin_version(tx, &actor, &name) {
            Ok(draft) => Ok(draft.id.to_string()),
            Err(CatalogError::Taken { what: "draft", name }) => Ok(name),
            Err(error) => Err(error),
        })
        .await?;
    Ok(format!("/workspace/drafts/{id}?done={}", Notice::DraftBegun.as_str()))
}

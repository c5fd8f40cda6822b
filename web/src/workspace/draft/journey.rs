//! What becomes of a draft: submitted with the wish when it shall be public, taken back, given up; and how the public will see it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::audit::{self, SubjectKind};
use fairground_catalog::dataset::Dataset;
use fairground_catalog::draft::{self, Draft, Readiness};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{ResourceKind, StageName, Timestamp};

use super::check::{CheckPanel, name_of};
use super::edit::{draft_id, revision_of};
use super::field::{Fault, Field, Input};
use super::form::languages_of;
use super::head::{Head, Part, head};
use super::release;
use crate::dataset::{DatasetPage, Listing};
use crate::layout::{Form, Frame, Link, Notice, PageError, Place, Tone, Visit, answer_private_page};
use crate::table::{LoadState, Shelves};
use crate::words::{Language, LicenceKind};
use crate::workspace::audit::action_words;
use crate::workspace::staff::{Names, acting, actor, beside};

/// Entries of a draft's history on a page.
const HISTORY: i64 = 200;

/// One step of the way.
#[derive(Debug, Clone)]
pub struct Step {
    /// The key of what it is.
    pub title: &'static str,
    /// Where it stands: the tag's class and the key of a word.
    pub tag: Option<(&'static str, &'static str)>,
    /// What is to be done, in a sentence.
    pub words: String,
    /// Where to go: text and address.
    pub links: Vec<(String, String)>,
}

/// Something that can be done now.
#[derive(Debug, Clone)]
pub struct Act {
    /// What is sent.
    pub value: &'static str,
    /// The key of what it says.
    pub text: &'static str,
    /// Further classes of the button, with a blank before them.
    pub class: &'static str,
}

/// The way of a draft.
#[derive(Debug, Clone)]
pub struct JourneyPage {
    /// What stands over it.
    pub head: Head,
    /// The steps.
    pub steps: Vec<Step>,
    /// What can be done now.
    pub acts: Vec<Act>,
    /// The wish when it shall be public, where it can be submitted.
    pub wish: Vec<Field>,
    /// Whether the reader may give it up.
    pub may_discard: bool,
    /// How good the description is.
    pub check: CheckPanel,
    /// What happened so far.
    pub history: Vec<(Timestamp, String)>,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
}

impl JourneyPage {
    /// Whether a time is wished already.
    #[must_use]
    pub fn has_wish(&self) -> bool {
        self.wish.iter().any(|field| field.name == "local" && !field.value.is_empty())
    }
}

/// A page that asks whether something is really to be done.
#[derive(Debug, Clone)]
pub struct ConfirmPage {
    /// What is to be done.
    pub title: String,
    /// What that means.
    pub lead: String,
    /// Where the form goes.
    pub action: String,
    /// What is sent with it.
    pub hidden: Vec<(&'static str, String)>,
    /// What is to be filled.
    pub fields: Vec<Field>,
    /// What the button says.
    pub button: String,
    /// Whether it takes something away.
    pub is_grave: bool,
    /// Where to go instead.
    pub back: String,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
}

/// The template of [`JourneyPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/journey.html")]
pub struct JourneyView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a JourneyPage,
}

/// The template of [`ConfirmPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/confirm.html")]
pub struct ConfirmView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ConfirmPage,
}

/// A dataset's page as the public will see it.
#[derive(Debug, Template)]
#[template(path = "workspace/draft/preview.html")]
pub struct PreviewView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DatasetPage,
    /// Where the draft is.
    pub back: &'a str,
}

/// What happened to a draft so far, newest last.
pub(super) fn history_of(
    tx: &mut Tx<'_>,
    draft: &Draft,
    language: Language,
) -> Result<Vec<(Timestamp, String)>, CatalogError> {
    let entries = audit::list_of_subject(tx, SubjectKind::Draft, &draft.id.to_string(), 0, HISTORY)?;
    let names = Names::of(tx, language, entries.iter().map(|entry| entry.actor.as_str()))?;
    let line = |entry: &audit::AuditEntry| {
        let (who, did) = (names.get(&entry.actor), language.t(action_words(entry.action)));
        let words = match &entry.comment {
            Some(said) => language.t("workspace-draft-happened-saying").with("comment", said),
            None => language.t("workspace-draft-happened"),
        };
        (entry.at, words.with("who", who).with("did", did).text())
    };
    Ok(entries.iter().map(line).collect())
}

/// Shows where a draft stands and what comes next.
pub(crate) async fn show_journey(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load(&visit, &id).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<JourneyPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &JourneyView { frame, page }))
}

async fn load(visit: &Visit, id: &str) -> Result<JourneyPage, PageError> {
    let language = visit.language;
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    visit
        .read(move |tx| {
            let draft = draft::get(tx, &actor, id)?;
            let readiness = draft::check(tx, &actor, id)?;
            let head = head(tx, language, &actor, &draft, Part::Journey)?;
            let history = history_of(tx, &draft, language)?;
            Ok(page_of(head, &draft, &readiness, history, language))
        })
        .await
}

/// What a description lacks, in the reader's words where there are some.
fn need_words(fault: &draft::Fault, speaker: Language) -> String {
    let mut steps = fault.pointer.trim_start_matches('/').split('/');
    let key = match (steps.next(), steps.next(), steps.next()) {
        (Some("title"), None, None) => "workspace-draft-need-title",
        (Some("description"), None, None) => "workspace-draft-need-description",
        (Some("distribution"), Some(_), None) => "workspace-draft-need-file",
        (Some("distribution"), Some(_), Some("download_url" | "access_url"))
        | (Some("landing_page" | "page"), Some(_), None) => "workspace-draft-wrong-address",
        _ => return speaker.refused(&fault.problem),
    };
    speaker.t(key).text()
}

fn page_of(
    head: Head,
    draft: &Draft,
    readiness: &Readiness,
    history: Vec<(Timestamp, String)>,
    speaker: Language,
) -> JourneyPage {
    let stage = draft.stage.name();
    let may_write = head.rights.writes_as().is_some();
    let acts = match stage {
        StageName::InReview | StageName::Approved if may_write => {
            vec![Act { value: "recall", text: "workspace-draft-recall", class: " govuk-button--secondary" }]
        }
        _ => Vec::new(),
    };
    let mut check = CheckPanel::of(&draft.content.document, speaker);
    let language = languages_of(&draft.content.document).first().map(ToString::to_string).unwrap_or_default();
    check.href.clone_from(&head.href);
    let missing = readiness.faults.iter();
    check.missing = missing.map(|fault| (name_of(&fault.pointer, &language), need_words(fault, speaker))).collect();
    let wish = if head.may_edit { release::fields_of(&draft.wish, speaker) } else { Vec::new() };
    JourneyPage {
        steps: steps(&head, draft, readiness, speaker),
        acts,
        wish,
        may_discard: !stage.is_final() && (may_write || head.rights.manages_as().is_some()),
        check,
        history,
        faults: Vec::new(),
        head,
    }
}

fn steps(head: &Head, draft: &Draft, readiness: &Readiness, language: Language) -> Vec<Step> {
    let stage = draft.stage.name();
    let href = |path: &str| format!("{}{path}", head.href);
    let good = Tone::Good.class();
    let described = readiness.faults.is_empty();
    let describe = Step {
        title: "workspace-draft-step-describe",
        tag: Some(if described {
            (good, "workspace-draft-complete")
        } else {
            (Tone::Warn.class(), "workspace-draft-incomplete")
        }),
        words: language.t("workspace-draft-step-describe-words").text(),
        links: vec![
            (language.t("workspace-draft-to-form").text(), href("")),
            (language.t("workspace-draft-as-public").text(), href("/preview")),
        ],
    };
    let screen = Step {
        title: "workspace-draft-step-screen",
        tag: match &readiness.obstacle {
            Some(_) => Some((Tone::Warn.class(), "workspace-draft-obstacle")),
            None if stage == StageName::Draft => None,
            None => Some((good, "workspace-draft-no-obstacle")),
        },
        words: readiness
            .obstacle
            .as_deref()
            .map_or_else(|| language.t("workspace-draft-step-screen-words").text(), |why| language.refused(why)),
        links: vec![
            (language.t("workspace-draft-tab-files").text(), href("/files")),
            (language.t("workspace-draft-what-is-held").text(), "/workspace/held".to_owned()),
        ],
    };
    let review = Step {
        title: "workspace-draft-step-review",
        tag: match stage {
            StageName::InReview => Some((Tone::Warn.class(), "workspace-draft-stage-in-review")),
            StageName::Returned => Some((Tone::Bad.class(), "workspace-draft-stage-returned")),
            StageName::Approved | StageName::Published => Some((good, "workspace-draft-approved")),
            StageName::Draft | StageName::Discarded => None,
        },
        words: head.what_now.clone().unwrap_or_else(|| language.t("workspace-draft-step-review-words").text()),
        links: vec![(language.t("workspace-draft-to-review").text(), href("/review"))],
    };
    let publish = Step {
        title: "workspace-draft-step-publish",
        tag: match stage {
            StageName::Approved => Some((Tone::Info.class(), "workspace-draft-planned")),
            StageName::Published => Some((good, "workspace-draft-public")),
            _ => None,
        },
        words: language.t("workspace-draft-step-publish-words").text(),
        links: if stage == StageName::Published {
            let slug = &head.slug;
            vec![
                (language.t("workspace-draft-public-page").text(), format!("/datasets/{slug}")),
                (language.t("workspace-draft-its-versions").text(), format!("/workspace/datasets/{slug}")),
            ]
        } else {
            Vec::new()
        },
    };
    vec![describe, screen, review, publish]
}

/// Submits a draft, or takes it back.
pub(crate) async fn act_on_journey(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    match try_act(&visit, &id, &form).await {
        Ok(Ok(notice)) => {
            let address = format!("/workspace/drafts/{id}/journey?done={}", notice.as_str());
            visit.follow(Place::Workspace, Ok(address))
        }
        Ok(Err(fault)) => {
            let page = load(&visit, &id).await.map(|page| again(page, &form, fault, visit.language));
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

fn again(page: JourneyPage, form: &Form, fault: Fault, language: Language) -> JourneyPage {
    let mut wish = release::fields_of(&release::read(form), language);
    for field in &mut wish {
        field.problem = (field.name == fault.0).then(|| fault.1.clone());
    }
    let wish = if page.wish.is_empty() { Vec::new() } else { wish };
    JourneyPage { wish, faults: vec![fault], ..page }
}

async fn try_act(visit: &Visit, id: &str, form: &Form) -> Result<Result<Notice, Fault>, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let (revision, language) = (revision_of(form)?, visit.language);
    match form.text("act") {
        "submit" => {
            let wish = release::read(form);
            visit
                .write(move |tx| match draft::submit(tx, &actor, id, revision, wish) {
                    Ok(_) => Ok(Ok(Notice::DraftSubmitted)),
                    Err(error) => beside(error, language, release::place).map(Err),
                })
                .await
        }
        "recall" => {
            visit.write(move |tx| draft::recall(tx, &actor, id, revision)).await?;
            Ok(Ok(Notice::DraftRecalled))
        }
        _ => Err(PageError::BadRequest("Choose what to do.".to_owned())),
    }
}

fn finish_confirm(visit: &Visit, status: StatusCode, page: Result<ConfirmPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &ConfirmView { frame, page }))
}

/// Asks whether a draft is really to be given up.
pub(crate) async fn show_discard(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_discard(&visit, &id).await;
    finish_confirm(&visit, StatusCode::OK, loaded)
}

async fn load_discard(visit: &Visit, id: &str) -> Result<ConfirmPage, PageError> {
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    let draft = visit.read(move |tx| draft::get(tx, &actor, id)).await?;
    let language = visit.language;
    let title = match draft.title() {
        "" => language.t("workspace-draft-discard-this"),
        title => language.t("workspace-draft-discard-title").with("title", title),
    };
    Ok(ConfirmPage {
        title: title.text(),
        lead: match draft.base_version {
            Some(_) => language.t("workspace-draft-discard-version").text(),
            None => language.t("workspace-draft-discard-new").text(),
        },
        action: format!("/workspace/drafts/{id}/discard"),
        hidden: vec![("revision", draft.revision.to_string())],
        fields: vec![Field::line("reason", "", language.t("workspace-draft-discard-why"))],
        button: language.t("workspace-draft-discard-the-draft").text(),
        is_grave: true,
        back: format!("/workspace/drafts/{id}"),
        faults: Vec::new(),
    })
}

/// Gives a draft up.
pub(crate) async fn discard(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_discard(&visit, &id, &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_discard(visit: &Visit, id: &str, form: &Form) -> Result<String, PageError> {
    let (actor, id) = (acting(visit, form)?, draft_id(id)?);
    let revision = revision_of(form)?;
    let reason = form.text("reason").to_owned();
    visit.write(move |tx| draft::discard(tx, &actor, id, revision, Some(&reason))).await?;
    Ok(format!("/workspace/drafts?done={}", Notice::DraftDiscarded.as_str()))
}

/// Shows the dataset's page as the public will see it.
pub(crate) async fn show_preview(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_preview(&visit, &id).await;
    let back = format!("/workspace/drafts/{id}");
    visit.finish(Place::Datasets, loaded, |frame, dataset| {
        let page = preview_of(dataset, frame);
        answer_private_page(StatusCode::OK, &PreviewView { frame, page: &page, back: &back })
    })
}

async fn load_preview(visit: &Visit, id: &str) -> Result<Dataset, PageError> {
    let (actor, id) = (actor(visit)?, draft_id(id)?);
    visit.read(move |tx| draft::preview(tx, &actor, id)).await
}

fn preview_of(dataset: &Dataset, frame: &Frame<'_>) -> DatasetPage {
    let listing = Listing {
        id: dataset.id.to_string(),
        slug: dataset.slug.to_string(),
        publisher: dataset
            .publisher
            .as_ref()
            .map(|publisher| Link::new(&publisher.name, format!("/publishers/{}", publisher.slug))),
        published_at: dataset.created_at,
        changed_at: dataset.updated_at,
        revision: u64::try_from(dataset.version).unwrap_or_default(),
        sources: Vec::new(),
        corrections: Vec::new(),
    };
    let public_url = &frame.site.public_url;
    DatasetPage::of(&dataset.draft, listing, Shelves::default(), public_url, Timestamp::now(), frame.language)
}

//! A published dataset from within: its versions beside each other, restored, withdrawn; and what everybody reads where one was.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::dataset::{self, Dataset, DatasetVersion, Publication};
use fairground_catalog::draft::{self, Side};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx, correction, table};
use fairground_domain::{PublisherId, Rights, Timestamp};

use super::draft::{ConfirmPage, ConfirmView, Fault, Field, Input, Row, TableBeside, rows};
use super::load::parameter;
use super::staff::{Names, acting, actor, beside};
use crate::layout::{Form, Frame, Link, Notice, PageError, Place, Tone, Visit, answer_page, answer_private_page};
use crate::words::{Language, Phrase, Said};

/// One version.
#[derive(Debug, Clone)]
pub struct VersionLine {
    /// Its number.
    pub version: i32,
    /// When it became public.
    pub at: Timestamp,
    /// Whether it is the current one.
    pub is_current: bool,
    /// Whether the comparison begins with it.
    pub is_from: bool,
    /// Whether the comparison ends with it.
    pub is_to: bool,
}

/// A dataset from within.
#[derive(Debug, Clone)]
pub struct VersionsPage {
    /// Its id.
    pub id: String,
    /// Its readable address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its publisher's short name.
    pub publisher: String,
    /// The key of where it stands.
    pub state: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// Why it was withdrawn.
    pub reason: String,
    /// Whether everybody sees it.
    pub is_public: bool,
    /// Whether it is harvested, and so written elsewhere.
    pub is_harvested: bool,
    /// What is corrected of what its source says.
    pub corrections: Vec<CorrectionLine>,
    /// What its source says beside what is public, field by field.
    pub corrected: Vec<Row>,
    /// What its tables are, in words.
    pub tables: String,
    /// The draft that is on its way.
    pub open_draft: Option<String>,
    /// Whether the reader writes for its publisher.
    pub may_write: bool,
    /// Whether the reader may withdraw it.
    pub may_withdraw: bool,
    /// Its versions, newest first.
    pub versions: Vec<VersionLine>,
}

/// A corrected field.
#[derive(Debug, Clone)]
pub struct CorrectionLine {
    /// Its name.
    pub field: String,
    /// What it is called.
    pub label: String,
    /// Since when it is corrected.
    pub at: Timestamp,
    /// Who corrected it.
    pub by: String,
    /// Since when the source says something else than it did then.
    pub source_changed_at: Option<Timestamp>,
}

/// Two versions beside each other.
#[derive(Debug, Clone)]
pub struct ComparePage {
    /// The dataset's readable address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The earlier version.
    pub from: i32,
    /// The later one.
    pub to: i32,
    /// Fields that differ.
    pub changed: Vec<Row>,
    /// Tables on both sides.
    pub tables: Vec<TableBeside>,
}

impl ComparePage {
    /// What stands over the first side.
    pub fn left(&self, frame: &Frame<'_>) -> Phrase {
        frame.t("workspace-version-label").with("version", self.from.to_string())
    }

    /// What stands over the second side.
    pub fn right(&self, frame: &Frame<'_>) -> Phrase {
        frame.t("workspace-version-label").with("version", self.to.to_string())
    }
}

/// What everybody reads where a dataset was.
#[derive(Debug, Clone)]
pub struct TombstonePage {
    /// What it was called.
    pub title: Said,
    /// Whose it was.
    pub publisher: Option<Link>,
    /// When it was withdrawn.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// Its readable address.
    pub slug: String,
    /// Its identifier at the source.
    pub identifier: String,
}

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident($page:ty) = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $name<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    /// The template of [`VersionsPage`].
    VersionsView(VersionsPage) = "workspace/version/list.html";
    /// The template of [`ComparePage`].
    CompareView(ComparePage) = "workspace/version/compare.html";
    /// The template of [`TombstonePage`].
    TombstoneView(TombstonePage) = "workspace/version/tombstone.html";
}

/// The dataset, its publisher and what the reader may do; it does not exist for others.
fn own(tx: &mut Tx<'_>, actor: &Actor, name: &str) -> Result<(Dataset, Option<PublisherId>, Rights), CatalogError> {
    let dataset = dataset::get(tx, name)?;
    let home = dataset.publisher.as_ref().map(|publisher| publisher.id);
    let rights = match home {
        Some(home) => member::rights(tx, actor, home)?,
        None => Rights { operator: actor.is_operator(), auditor: actor.sees_everything(), ..Rights::default() },
    };
    if rights.may_see() { Ok((dataset, home, rights)) } else { Err(CatalogError::not_found("dataset", name)) }
}

fn title_of(dataset: &Dataset, language: Language) -> String {
    let title = language.best_of(&dataset.draft.title).text;
    if title.is_empty() { dataset.slug.to_string() } else { title }
}

/// Shows a dataset's versions.
pub(crate) async fn show_versions(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let loaded = load_versions(&visit, name.into_inner()).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &VersionsView { frame, page })
    })
}

async fn load_versions(visit: &Visit, name: String) -> Result<VersionsPage, PageError> {
    let actor = actor(visit)?;
    let language = visit.language;
    visit.read(move |tx| versions(tx, language, &actor, &name)).await
}

fn versions(tx: &mut Tx<'_>, language: Language, actor: &Actor, name: &str) -> Result<VersionsPage, CatalogError> {
    let (dataset, _, rights) = own(tx, actor, name)?;
    let id = dataset.id.to_string();
    let known = match dataset::list_versions(tx, &id) {
        Ok(known) => known,
        // The history of what is not public is not told to the public; here its last version is enough.
        Err(CatalogError::Withdrawn { .. } | CatalogError::NotFound { .. }) => vec![DatasetVersion {
            version: dataset.version,
            content_hash: dataset.content_hash,
            published_at: dataset.updated_at,
        }],
        Err(error) => return Err(error),
    };
    let (state, tone, reason) = match &dataset.publication {
        Publication::Published => ("workspace-version-public", Tone::Good.class(), String::new()),
        Publication::Held => ("workspace-version-held", Tone::Warn.class(), String::new()),
        Publication::Withdrawn { reason, .. } => ("workspace-version-gone", Tone::Bad.class(), reason.clone()),
    };
    let tables = table::list_of_dataset(tx, dataset.id)?.len();
    let tables = match tables {
        0 => language.t("workspace-version-no-tables").text(),
        some => language.t("workspace-version-tables").with("count", some).text(),
    };
    let line = |(place, version): (usize, &DatasetVersion)| VersionLine {
        version: version.version,
        at: version.published_at,
        is_current: version.version == dataset.version,
        is_from: place == 1,
        is_to: place == 0,
    };
    let open = draft::find_open(tx, actor, dataset.id)?;
    let is_harvested = dataset.provenance.is_some();
    let is_public = dataset.publication == Publication::Published;
    let (corrections, corrected) =
        if is_harvested { corrections(tx, language, actor, &dataset)? } else { (Vec::new(), Vec::new()) };
    Ok(VersionsPage {
        id,
        slug: dataset.slug.to_string(),
        title: title_of(&dataset, language),
        publisher: dataset.publisher.as_ref().map(|publisher| publisher.slug.to_string()).unwrap_or_default(),
        state,
        tone,
        reason,
        is_public,
        is_harvested,
        corrections,
        corrected,
        tables,
        open_draft: open.map(|draft| draft.id.to_string()),
        may_write: rights.writes_as().is_some() && (is_public || !is_harvested),
        may_withdraw: rights.reviews_as().is_some() || rights.manages_as().is_some(),
        versions: known.iter().enumerate().map(line).collect(),
    })
}

/// What is corrected in a harvested dataset, and its fields beside what the source says.
fn corrections(
    tx: &mut Tx<'_>,
    language: Language,
    actor: &Actor,
    dataset: &Dataset,
) -> Result<(Vec<CorrectionLine>, Vec<Row>), CatalogError> {
    if dataset.publisher.is_none() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (known, source) = correction::beside_the_source(tx, actor, &dataset.id.to_string())?;
    let names = Names::of(tx, language, known.iter().map(|one| one.corrected_by.as_str()))?;
    let beside: Vec<Row> = rows(Some(&source), &dataset.draft, language).into_iter().filter(Row::differs).collect();
    let lines = known.into_iter().map(|one| {
        let of_field = beside.iter().find(|row| row.path.trim_start_matches('/').split('/').next() == Some(&one.field));
        CorrectionLine {
            label: of_field.map_or_else(|| one.field.clone(), |row| row.label.clone()),
            at: one.corrected_at,
            by: names.get(&one.corrected_by),
            source_changed_at: one.source_changed_at,
            field: one.field,
        }
    });
    Ok((lines.collect(), beside))
}

/// Begins a draft in which a corrected field says what the source says.
pub(crate) async fn take_back(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_take_back(&visit, name.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_take_back(visit: &Visit, name: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let fields = vec![form.text("field").to_owned()];
    let id = visit
        .write(move |tx| match draft::take_back(tx, &actor, &name, &fields) {
            Ok(draft) => Ok(draft.id.to_string()),
            Err(CatalogError::Taken { what: "draft", name }) => Ok(name),
            Err(error) => Err(error),
        })
        .await?;
    Ok(format!("/workspace/drafts/{id}/review?done={}", Notice::DraftBegun.as_str()))
}

/// Shows two versions beside each other.
pub(crate) async fn show_compare(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let loaded = load_compare(&visit, name.into_inner()).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &CompareView { frame, page })
    })
}

async fn load_compare(visit: &Visit, name: String) -> Result<ComparePage, PageError> {
    let actor = actor(visit)?;
    let language = visit.language;
    let number = |name: &str| parameter(visit, name).and_then(|number| number.parse::<i32>().ok());
    let (Some(from), Some(to)) = (number("from"), number("to")) else {
        return Err(PageError::BadRequest("Choose two versions to compare.".to_owned()));
    };
    visit
        .read(move |tx| {
            let (dataset, _, _) = own(tx, &actor, &name)?;
            let id = dataset.id.to_string();
            let before = dataset::get_version(tx, &id, from)?;
            let after = dataset::get_version(tx, &id, to)?;
            let comparison = draft::compare(tx, &actor, dataset.id, Side::Version(from), Side::Version(to))?;
            let changed = rows(Some(&before.draft), &after.draft, language).into_iter().filter(Row::differs).collect();
            Ok(ComparePage {
                slug: dataset.slug.to_string(),
                title: title_of(&dataset, language),
                from,
                to,
                changed,
                tables: TableBeside::all(&comparison, language),
            })
        })
        .await
}

fn finish_confirm(visit: &Visit, status: StatusCode, page: Result<ConfirmPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &ConfirmView { frame, page }))
}

/// Asks whether a version is really to come back.
pub(crate) async fn show_restore(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let loaded = load_restore(&visit, name.into_inner()).await;
    finish_confirm(&visit, StatusCode::OK, loaded)
}

async fn load_restore(visit: &Visit, name: String) -> Result<ConfirmPage, PageError> {
    let actor = actor(visit)?;
    let number = parameter(visit, "version").and_then(|number| number.parse::<i32>().ok());
    let version = number.ok_or_else(|| PageError::BadRequest("Choose a version to restore.".to_owned()))?;
    let dataset = visit.read(move |tx| own(tx, &actor, &name).map(|(dataset, _, _)| dataset)).await?;
    let (slug, language) = (dataset.slug.to_string(), visit.language);
    Ok(ConfirmPage {
        title: language
            .t("workspace-version-restore-title")
            .with("version", version.to_string())
            .with("title", title_of(&dataset, language))
            .text(),
        lead: language.t("workspace-version-restore-lead").text(),
        action: format!("/workspace/datasets/{slug}/restore"),
        hidden: vec![("version", version.to_string())],
        fields: Vec::new(),
        button: language.t("workspace-version-restore-do").text(),
        is_grave: false,
        back: format!("/workspace/datasets/{slug}"),
        faults: Vec::new(),
    })
}

/// Begins a draft of an earlier version.
pub(crate) async fn restore(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_restore(&visit, name.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_restore(visit: &Visit, name: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let version: i32 = form.text("version").parse().map_err(|_| PageError::NotFound)?;
    let restored = visit.write(move |tx| draft::restore_version(tx, &actor, &name, version)).await?;
    let notice = if restored.missing.is_empty() { Notice::DraftBegun } else { Notice::RestoredInPart };
    Ok(format!("/workspace/drafts/{}/review?done={}", restored.draft.id, notice.as_str()))
}

/// Asks whether a dataset is really to be withdrawn, and why.
pub(crate) async fn show_withdraw(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let loaded = load_withdraw(&visit, name.into_inner(), None).await;
    finish_confirm(&visit, StatusCode::OK, loaded)
}

async fn load_withdraw(visit: &Visit, name: String, wrong: Option<(String, Fault)>) -> Result<ConfirmPage, PageError> {
    let actor = actor(visit)?;
    let dataset = visit.read(move |tx| own(tx, &actor, &name).map(|(dataset, _, _)| dataset)).await?;
    let (slug, language) = (dataset.slug.to_string(), visit.language);
    let (typed, fault) = wrong.map_or((String::new(), None), |(typed, fault)| (typed, Some(fault)));
    let mut field = Field::line("reason", "", language.t("workspace-version-why"))
        .typed(Input::Lines(3))
        .holding(typed)
        .hinting(language.t("workspace-version-why-hint"));
    field.problem = fault.as_ref().map(|(_, problem)| problem.clone());
    Ok(ConfirmPage {
        title: language.t("workspace-version-withdraw-title").with("title", title_of(&dataset, language)).text(),
        lead: language.t("workspace-version-withdraw-lead").text(),
        action: format!("/workspace/datasets/{slug}/withdraw"),
        hidden: Vec::new(),
        fields: vec![field],
        button: language.t("workspace-version-withdraw-it").text(),
        is_grave: true,
        back: format!("/workspace/datasets/{slug}"),
        faults: fault.into_iter().collect(),
    })
}

/// Withdraws a dataset.
pub(crate) async fn withdraw(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    let name = name.into_inner();
    match try_withdraw(&visit, name.clone(), &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(fault)) => {
            let typed = form.raw("reason").to_owned();
            let page = load_withdraw(&visit, name, Some((typed, fault))).await;
            finish_confirm(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_withdraw(visit: &Visit, name: String, form: &Form) -> Result<Result<String, Fault>, PageError> {
    let actor = acting(visit, form)?;
    let (reason, language) = (form.text("reason").to_owned(), visit.language);
    visit
        .write(move |tx| match draft::withdraw(tx, &actor, &name, &reason) {
            Ok(gone) => Ok(Ok(format!("/workspace/datasets/{}?done={}", gone.slug, Notice::DatasetWithdrawn.as_str()))),
            Err(error) => beside(error, language, |_| "reason".to_owned()).map(Err),
        })
        .await
}

/// Answers where a dataset was: what it was called, when it was withdrawn, and why.
pub(crate) async fn show_tombstone(visit: &Visit, name: String) -> HttpResponse {
    let loaded = visit.read(move |tx| dataset::get(tx, &name)).await;
    let page = loaded.and_then(|dataset| match &dataset.publication {
        Publication::Withdrawn { at, reason } => Ok(TombstonePage {
            title: visit.language.best_of(&dataset.draft.title),
            publisher: dataset
                .publisher
                .as_ref()
                .map(|publisher| Link::new(&publisher.name, format!("/publishers/{}", publisher.slug))),
            at: *at,
            reason: reason.clone(),
            slug: dataset.slug.to_string(),
            identifier: dataset.draft.identifier.clone(),
        }),
        Publication::Published | Publication::Held => Err(PageError::NotFound),
    });
    visit.finish(Place::Datasets, page, |frame, page| answer_page(StatusCode::GONE, &TombstoneView { frame, page }))
}

//! What staff decide about a source beyond running it: whether it may be harvested, how its records are mapped, who is told, and
//! that it goes. And each record beside what it came from.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_api::{MOST_PREVIEWED, PreviewedRecord, check_webhook, new_webhook_secret, preview_rules};
use fairground_catalog::harvest::{self, Change, HarvestJob, HarvestRecord, HarvestSource, JobState, Outcome};
use fairground_catalog::member::Actor;
use fairground_catalog::source::{
    self, ContactKind, DatasetsThen, HarvestReport, Mapped, NewContact, Occasion, RemovalJob, ReportState,
    RulesDocument, SourceContact, steer,
};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{ContactId, FINDING_RULES, FindingRule, JobId, RuleFault, Severity, Timestamp};

use super::load::parameter;
use super::staff::{acting, actor};
use super::tone_of;
use crate::layout::{Form, Frame, Notice, PageError, Place, Tone, Visit, answer_page, answer_private_page};

/// Records that the page tries rules on.
const PREVIEWED: usize = 10;
/// Reports that a source's page shows.
const REPORTS: i64 = 50;
/// Changes on a page of a dry run.
const CHANGES: i64 = 50;
/// Characters of a raw record that a page shows.
const RAW_CHARS: usize = 100_000;

/// The rules of a source, as they are being written.
#[derive(Debug, Clone)]
pub struct RulesPage {
    /// The source.
    pub source: HarvestSource,
    /// What stands in the field.
    pub text: String,
    /// The version in force; 0 when there is none.
    pub version: i32,
    /// The versions so far: number, moment, author.
    pub versions: Vec<(i32, Timestamp, String)>,
    /// What is wrong with the text.
    pub faults: Vec<RuleFault>,
    /// What the rules would make of the latest records, when that was asked for.
    pub preview: Option<Vec<PreviewedRecord>>,
    /// Why they could not be tried.
    pub problem: Option<String>,
    /// True when the reader may put them in force.
    pub may_manage: bool,
}

impl RulesPage {
    fn count(&self, wanted: impl Fn(&PreviewedRecord) -> bool) -> u64 {
        let found = self.preview.iter().flatten().filter(|record| wanted(record)).count();
        u64::try_from(found).unwrap_or(u64::MAX)
    }

    /// How many records the rules were tried on.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.count(|_| true)
    }

    /// How many of them would change.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.count(|record| !record.changes.is_empty())
    }

    /// How many of the tried records would be left out.
    #[must_use]
    pub fn excluded(&self) -> u64 {
        self.count(|record| record.excluded)
    }
}

/// Who is told of a source's harvests, and what became of it.
#[derive(Debug, Clone)]
pub struct ContactsPage {
    /// The source.
    pub source: HarvestSource,
    /// Who is told.
    pub contacts: Vec<SourceContact>,
    /// What they were told, newest first, and who each was.
    pub reports: Vec<(HarvestReport, String)>,
    /// What was typed: kind, address, occasion.
    pub typed: (String, String, String),
    /// What is wrong with it.
    pub problem: Option<String>,
    /// The secret of a contact that was just made, shown this once.
    pub secret: Option<String>,
    /// True when the reader may change it.
    pub may_manage: bool,
}

/// The page that asks whether a source is really to go.
#[derive(Debug, Clone)]
pub struct DeletePage {
    /// The source.
    pub source: HarvestSource,
}

/// How far the clearing away of a source is.
#[derive(Debug, Clone)]
pub struct RemovalPage {
    /// The job.
    pub job: RemovalJob,
}

impl RemovalPage {
    /// True while the page should ask again by itself.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        matches!(self.job.state, JobState::Queued | JobState::Running)
    }
}

/// A record beside what it came from and what it became.
#[derive(Debug, Clone)]
pub struct RecordPage {
    /// The harvest.
    pub job: HarvestJob,
    /// Its source.
    pub source: HarvestSource,
    /// The record.
    pub record: HarvestRecord,
    /// As the source gave it.
    pub raw: Option<String>,
    /// What the catalogue holds of it, and that as text.
    pub mapped: Option<(Mapped, String)>,
}

/// What a dry run would have done.
#[derive(Debug, Clone)]
pub struct ChangesPage {
    /// The dry run.
    pub job: HarvestJob,
    /// Its source.
    pub source: HarvestSource,
    /// The changes of this page.
    pub changes: Vec<Change>,
    /// Where the next page starts.
    pub next: Option<i64>,
}

/// The published rules that records are held to.
#[derive(Debug, Clone, Copy)]
pub struct FindingRulesPage {
    /// The rules, by id.
    pub rules: &'static [FindingRule],
}

/// How a report is coloured.
#[must_use]
pub fn tone_of_report(state: &ReportState) -> &'static str {
    match state {
        ReportState::Waiting => Tone::Info,
        ReportState::Delivered => Tone::Good,
        ReportState::Failed => Tone::Bad,
    }
    .class()
}

/// A value as a reader sees it.
#[must_use]
pub fn shown_value(value: &Option<serde_json::Value>) -> String {
    match value {
        None => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
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
    /// The template of [`RulesPage`].
    RulesView(RulesPage) = "workspace/rules.html";
    /// The template of [`ContactsPage`].
    ContactsView(ContactsPage) = "workspace/contacts.html";
    /// The template of [`DeletePage`].
    DeleteView(DeletePage) = "workspace/delete.html";
    /// The template of [`RemovalPage`].
    RemovalView(RemovalPage) = "workspace/removal.html";
    /// The template of [`RecordPage`].
    RecordView(RecordPage) = "workspace/record.html";
    /// The template of [`ChangesPage`].
    ChangesView(ChangesPage) = "workspace/changes.html";
    /// The template of [`FindingRulesPage`].
    FindingRulesView(FindingRulesPage) = "workspace/finding-rules.html";
}

/// Lets a proposed source be harvested, for operators.
pub(crate) async fn approve_source(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_approve(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_approve(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let address = format!("/workspace/sources/{slug}?done={}", Notice::SourceApproved.as_str());
    visit.write(move |tx| steer::approve(tx, &actor, &slug)).await?;
    Ok(address)
}

fn rules_page(tx: &mut Tx<'_>, actor: &Actor, slug: &str) -> Result<RulesPage, CatalogError> {
    let (found, rights) = source::get_visible(tx, actor, slug)?;
    let current = source::current_rules(tx, found.id)?;
    Ok(RulesPage {
        text: current.document.text().to_owned(),
        version: current.version,
        versions: source::list_rules_versions(tx, found.id, 20)?,
        faults: Vec::new(),
        preview: None,
        problem: None,
        may_manage: rights.manages.is_some(),
        source: found,
    })
}

/// Shows the rules of a source.
pub(crate) async fn show_rules(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let loaded = load_rules(&visit, slug.into_inner()).await;
    finish_rules(&visit, loaded, StatusCode::OK)
}

async fn load_rules(visit: &Visit, slug: String) -> Result<RulesPage, PageError> {
    let actor = actor(visit)?;
    visit.read(move |tx| rules_page(tx, &actor, &slug)).await
}

fn finish_rules(visit: &Visit, loaded: Result<RulesPage, PageError>, status: StatusCode) -> HttpResponse {
    visit.finish(Place::Workspace, loaded, |frame, page| answer_private_page(status, &RulesView { frame, page }))
}

/// Tries the rules that were typed, or puts them in force.
pub(crate) async fn act_on_rules(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    match try_rules(&visit, slug.into_inner(), &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(page)) => {
            let wrong = !page.faults.is_empty() || page.problem.is_some();
            let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            finish_rules(&visit, Ok(*page), status)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_rules(visit: &Visit, slug: String, form: &Form) -> Result<Result<String, Box<RulesPage>>, PageError> {
    let (actor, language) = (acting(visit, form)?, visit.language);
    let text = form.raw("document").replace("\r\n", "\n");
    let after: Option<i32> = form.text("after_version").parse().ok();
    let parsed = RulesDocument::parse(&text);
    if form.text("act") == "save"
        && let Ok(document) = &parsed
    {
        let document = document.clone();
        let address = format!("/workspace/sources/{slug}/rules?done={}", Notice::Saved.as_str());
        visit.write(move |tx| steer::set_rules(tx, &actor, &slug, document, after)).await?;
        return Ok(Ok(address));
    }
    let page = visit
        .read(move |tx| {
            source::get_managed(tx, &actor, &slug)?;
            let mut page = RulesPage { text, ..rules_page(tx, &actor, &slug)? };
            match parsed {
                Err(faults) => page.faults = faults,
                Ok(document) => {
                    match preview_rules(tx, &page.source, document.rules(), PREVIEWED.min(MOST_PREVIEWED)) {
                        Ok(preview) => page.preview = Some(preview),
                        Err(CatalogError::WrongState { problem, .. }) => page.problem = Some(language.refused(problem)),
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(page)
        })
        .await?;
    Ok(Err(Box::new(page)))
}

fn contacts_page(tx: &mut Tx<'_>, actor: &Actor, slug: &str) -> Result<ContactsPage, CatalogError> {
    let (found, rights) = source::get_visible(tx, actor, slug)?;
    let contacts = source::list_contacts(tx, found.id)?;
    let reports = source::list_reports(tx, found.id, REPORTS)?
        .into_iter()
        .map(|report| {
            let who = contacts.iter().find(|contact| contact.id == report.key.contact);
            let who = who.map(|contact| contact.shown.clone()).unwrap_or_default();
            (report, who)
        })
        .collect();
    Ok(ContactsPage {
        contacts,
        reports,
        typed: (String::new(), String::new(), String::new()),
        problem: None,
        secret: None,
        may_manage: rights.manages.is_some(),
        source: found,
    })
}

/// Shows who is told of a source's harvests.
pub(crate) async fn show_contacts(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let loaded = load_contacts(&visit, slug.into_inner()).await;
    finish_contacts(&visit, loaded, StatusCode::OK)
}

async fn load_contacts(visit: &Visit, slug: String) -> Result<ContactsPage, PageError> {
    let actor = actor(visit)?;
    visit.read(move |tx| contacts_page(tx, &actor, &slug)).await
}

fn finish_contacts(visit: &Visit, loaded: Result<ContactsPage, PageError>, status: StatusCode) -> HttpResponse {
    visit.finish(Place::Workspace, loaded, |frame, page| answer_private_page(status, &ContactsView { frame, page }))
}

/// Adds somebody who is told. The page that follows shows the secret of a web address once; reloading it would add it again, so
/// letters lead to the list instead.
pub(crate) async fn add_contact(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let slug = slug.into_inner();
    match try_add_contact(&visit, slug.clone(), &form).await {
        Ok(page) if page.problem.is_none() && page.secret.is_none() => {
            let done = Notice::Saved.as_str();
            visit.follow(Place::Workspace, Ok(format!("/workspace/sources/{slug}/contacts?done={done}")))
        }
        Ok(page) => {
            let wrong = page.problem.is_some();
            let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            finish_contacts(&visit, Ok(*page), status)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_add_contact(visit: &Visit, slug: String, form: &Form) -> Result<Box<ContactsPage>, PageError> {
    let actor = acting(visit, form)?;
    let language = visit.language;
    let sealing = visit.pages.state.catalog.secret.clone();
    let typed = (form.text("kind").to_owned(), form.text("address").to_owned(), form.text("occasion").to_owned());
    let kind = ContactKind::parse(&typed.0);
    let occasion = Occasion::parse(&typed.2);
    let mut problem = match (kind, occasion) {
        (Some(_), Some(_)) => None,
        _ => Some(language.t("workspace-source-wrong-contact").text()),
    };
    if kind == Some(ContactKind::Webhook)
        && let Err(refused) = check_webhook(&typed.1, &visit.pages.state.settings.reach)
    {
        problem =
            Some(language.t("workspace-source-wrong-contact-address").with("problem", refused.to_string()).text());
    }
    let secret = if kind == Some(ContactKind::Webhook) { Some(new_webhook_secret()?) } else { None };
    visit
        .write(move |tx| {
            source::get_managed(tx, &actor, &slug)?;
            if let (None, Some(kind), Some(occasion)) = (&problem, kind, occasion) {
                let new = NewContact { kind, address: typed.1.clone(), secret: secret.clone(), occasion };
                match steer::tell(tx, &sealing, &actor, &slug, new) {
                    Ok(_) => {
                        return Ok(Box::new(ContactsPage { secret, ..contacts_page(tx, &actor, &slug)? }));
                    }
                    Err(CatalogError::Invalid { problem: told, .. }) => {
                        let words = language
                            .t("workspace-source-wrong-contact-address")
                            .with("problem", language.refused(told));
                        problem = Some(words.text());
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(Box::new(ContactsPage { problem, typed, ..contacts_page(tx, &actor, &slug)? }))
        })
        .await
}

/// Tells somebody no more.
pub(crate) async fn remove_contact(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let done = try_remove_contact(&visit, path.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_remove_contact(visit: &Visit, path: (String, String), form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let (slug, contact) = path;
    let contact: ContactId = contact.parse().map_err(|_| PageError::NotFound)?;
    let address = format!("/workspace/sources/{slug}/contacts?done={}", Notice::Saved.as_str());
    visit.write(move |tx| steer::tell_no_more(tx, &actor, &slug, contact)).await?;
    Ok(address)
}

/// Asks whether a source is really to go.
pub(crate) async fn show_delete(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let loaded = load_delete(&visit, slug.into_inner()).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &DeleteView { frame, page })
    })
}

async fn load_delete(visit: &Visit, slug: String) -> Result<DeletePage, PageError> {
    let actor = actor(visit)?;
    visit.read(move |tx| Ok(DeletePage { source: source::get_managed(tx, &actor, &slug)?.0 })).await
}

/// Deletes a source: it is gone when the page that follows is there.
pub(crate) async fn delete_source(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_delete(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_delete(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let datasets = match form.text("datasets") {
        "withdraw" => DatasetsThen::Withdraw,
        "keep" => DatasetsThen::Keep,
        _ => return Err(PageError::BadRequest("Choose what becomes of the datasets.".to_owned())),
    };
    let job = visit.write(move |tx| steer::delete(tx, &actor, &slug, datasets)).await?;
    visit.pages.state.wake_harvester();
    Ok(format!("/workspace/removals/{}?done={}", job.id, Notice::SourceDeleted.as_str()))
}

/// Shows how far the clearing away of a source is.
pub(crate) async fn show_removal(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_removal(&visit, &id).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &RemovalView { frame, page })
    })
}

async fn load_removal(visit: &Visit, id: &str) -> Result<RemovalPage, PageError> {
    let actor = actor(visit)?;
    let id: JobId = id.parse().map_err(|_| PageError::NotFound)?;
    visit.read(move |tx| Ok(RemovalPage { job: source::get_visible_removal(tx, &actor, id)? })).await
}

/// Shows a record beside what it came from and what it became.
pub(crate) async fn show_record(visit: Visit, path: web::Path<(String, i64)>) -> HttpResponse {
    let loaded = load_record(&visit, path.into_inner()).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &RecordView { frame, page })
    })
}

async fn load_record(visit: &Visit, path: (String, i64)) -> Result<RecordPage, PageError> {
    let actor = actor(visit)?;
    let (id, seq) = path;
    let id: JobId = id.parse().map_err(|_| PageError::NotFound)?;
    visit
        .read(move |tx| {
            let (job, found, _) = source::get_visible_job(tx, &actor, id)?;
            let record = source::get_record(tx, id, seq)?;
            let raw = source::raw_of(tx, &record)?.map(|raw| readable(&raw));
            let mapped = source::mapped_of(tx, &record)?;
            let mapped = mapped.map(|mapped| {
                let text = serde_json::to_string_pretty(&mapped.draft).unwrap_or_default();
                (mapped, text)
            });
            Ok(RecordPage { job, source: found, record, raw, mapped })
        })
        .await
}

/// A raw record as text; JSON on lines of its own, which sources rarely write it on.
fn readable(raw: &[u8]) -> String {
    let text = match serde_json::from_slice::<serde_json::Value>(raw) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(raw).into_owned(),
    };
    match text.char_indices().nth(RAW_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Shows what a dry run would have done.
pub(crate) async fn show_changes(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_changes(&visit, &id).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ChangesView { frame, page })
    })
}

async fn load_changes(visit: &Visit, id: &str) -> Result<ChangesPage, PageError> {
    let actor = actor(visit)?;
    let id: JobId = id.parse().map_err(|_| PageError::NotFound)?;
    let after = parameter(visit, "after").and_then(|after| after.parse().ok());
    visit
        .read(move |tx| {
            let (job, found, _) = source::get_visible_job(tx, &actor, id)?;
            let mut changes = harvest::list_changes(tx, id, after, CHANGES + 1)?;
            let size = usize::try_from(CHANGES).unwrap_or(usize::MAX);
            let has_more = changes.len() > size;
            changes.truncate(size);
            let next = changes.last().filter(|_| has_more).map(|(seq, _)| *seq);
            let changes = changes.into_iter().map(|(_, change)| change).collect();
            Ok(ChangesPage { job, source: found, changes, next })
        })
        .await
}

/// Shows the rules that records of harvests are held to.
pub(crate) async fn show_finding_rules(visit: Visit) -> HttpResponse {
    visit.finish(Place::Elsewhere, Ok(FindingRulesPage { rules: FINDING_RULES }), |frame, page| {
        answer_page(StatusCode::OK, &FindingRulesView { frame, page })
    })
}

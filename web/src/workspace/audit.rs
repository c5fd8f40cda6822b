//! Who did what: the audit of a publisher for its managers, of the whole portal for operators and auditors; to read and to take away.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::audit::{self, AuditAction, AuditEntry, AuditFilter, CSV_HEAD, SubjectKind};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::Timestamp;
use serde_json::Value;
use url::form_urlencoded;

use super::load::parameter;
use super::staff::{Names, actor, choices_of, workplaces};
use crate::layout::{Frame, PageError, Place, Visit, answer_private_page};
use crate::words::Language;

/// Entries on a page.
const ENTRIES: i64 = 50;
/// Entries of one export; a longer one is asked for by days.
const MOST_EXPORTED: i64 = 50_000;
/// Entries that an export reads at once.
const EXPORTED_AT_ONCE: i64 = 1_000;
/// Longest detail that the page shows, in characters; the export has all of it.
const DETAIL_CHARS: usize = 4_000;
const DAY_SECS: i64 = 86_400;

/// One act.
#[derive(Debug, Clone)]
pub struct AuditLine {
    /// Its number.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// From which role.
    pub role: &'static str,
    /// The key of what was done.
    pub action: &'static str,
    /// What was said about it.
    pub comment: String,
    /// To what.
    pub subject: String,
    /// Where that is shown.
    pub href: Option<String>,
    /// How it was, as JSON.
    pub before: String,
    /// How it is, as JSON.
    pub after: String,
}

impl AuditLine {
    /// Whether there is more to show.
    #[must_use]
    pub fn has_detail(&self) -> bool {
        !self.before.is_empty() || !self.after.is_empty()
    }
}

/// The page.
#[derive(Debug, Clone, Default)]
pub struct AuditPage {
    /// Publishers to choose from.
    pub publishers: Vec<(String, String)>,
    /// Whether the reader sees everybody's.
    pub sees_all: bool,
    /// The publisher that is shown.
    pub publisher: String,
    /// Acts to choose from.
    pub actions: Vec<(&'static str, &'static str)>,
    /// The act that is shown.
    pub action: String,
    /// The first day.
    pub since: String,
    /// The last day.
    pub until: String,
    /// The one thing whose history is shown, as `kind:id`.
    pub subject: Option<String>,
    /// What was done, newest first.
    pub entries: Vec<AuditLine>,
    /// Where the next page is.
    pub next: Option<String>,
    /// Where the same is as a file.
    pub export_csv: String,
    /// Where the same is as a file.
    pub export_ndjson: String,
}

/// The template of [`AuditPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/audit/page.html")]
pub struct AuditView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a AuditPage,
}

/// The key of what an act is called.
pub(super) const fn action_words(action: AuditAction) -> &'static str {
    use AuditAction as A;
    match action {
        A::DraftCreated => "workspace-audit-draft-created",
        A::DraftEdited => "workspace-audit-draft-edited",
        A::FileAdded => "workspace-audit-file-added",
        A::FileRemoved => "workspace-audit-file-removed",
        A::DraftSubmitted => "workspace-audit-draft-submitted",
        A::DraftRecalled => "workspace-audit-draft-recalled",
        A::DraftHeld => "workspace-audit-draft-held",
        A::DraftReturned => "workspace-audit-draft-returned",
        A::DraftApproved => "workspace-audit-draft-approved",
        A::DraftScheduled => "workspace-audit-draft-scheduled",
        A::DraftPublished => "workspace-audit-draft-published",
        A::ReleaseFailed => "workspace-audit-release-failed",
        A::DraftDiscarded => "workspace-audit-draft-discarded",
        A::DatasetWithdrawn => "workspace-audit-dataset-withdrawn",
        A::RoleGranted => "workspace-audit-role-granted",
        A::RoleRevoked => "workspace-audit-role-revoked",
        A::RoleDelegated => "workspace-audit-role-delegated",
        A::InvitationSent => "workspace-audit-invitation-sent",
        A::InvitationAccepted => "workspace-audit-invitation-accepted",
        A::InvitationWithdrawn => "workspace-audit-invitation-withdrawn",
        A::ParentChanged => "workspace-audit-parent-changed",
        A::PolicyChanged => "workspace-audit-policy-changed",
        A::TokenCreated => "workspace-audit-token-made",
        A::TokenRevoked => "workspace-audit-token-revoked",
        A::HoldReleased => "workspace-audit-hold-released",
        A::HoldRepaired => "workspace-audit-hold-repaired",
        A::HoldRejected => "workspace-audit-hold-rejected",
        A::SourceAdded => "workspace-audit-source-added",
        A::SourceApproved => "workspace-audit-source-approved",
        A::SourceChanged => "workspace-audit-source-changed",
        A::SourceRun => "workspace-audit-source-run",
        A::SourceDeleted => "workspace-audit-source-deleted",
        A::HarvestApproved => "workspace-audit-harvest-approved",
        A::HarvestStopped => "workspace-audit-harvest-stopped",
    }
}

/// What the query asks for.
#[derive(Debug, Clone, Default)]
struct Asked {
    publisher: String,
    action: String,
    since: String,
    until: String,
    subject: Option<String>,
    before: Option<i64>,
}

impl Asked {
    fn of(visit: &Visit) -> Self {
        let text = |name: &str| parameter(visit, name).unwrap_or_default();
        Self {
            publisher: text("publisher"),
            action: text("action"),
            since: text("since"),
            until: text("until"),
            subject: parameter(visit, "subject"),
            before: parameter(visit, "before").and_then(|number| number.parse().ok()),
        }
    }

    fn filter(&self, tx: &mut Tx<'_>) -> Result<AuditFilter, CatalogError> {
        let home = match self.publisher.as_str() {
            "" => None,
            slug => Some(publisher::get(tx, slug)?.publisher.id),
        };
        let subject = self.subject.as_deref().and_then(|text| {
            let (kind, id) = text.split_once(':')?;
            Some((SubjectKind::parse(kind)?, id.to_owned()))
        });
        Ok(AuditFilter {
            publisher: home,
            subject,
            action: AuditAction::parse(&self.action),
            since: Timestamp::lenient(&self.since),
            until: Timestamp::lenient(&self.until).map(|midnight| midnight.plus_secs(DAY_SECS)),
            before: self.before,
            ..AuditFilter::default()
        })
    }

    /// An address with the same question, further on.
    fn href(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let subject = self.subject.as_deref().unwrap_or_default();
        let said = [
            ("publisher", self.publisher.as_str()),
            ("action", &self.action),
            ("since", &self.since),
            ("until", &self.until),
            ("subject", subject),
        ];
        for (name, value) in said.into_iter().chain(more.iter().copied()).filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// Shows who did what.
pub(crate) async fn show_audit(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit
        .finish(Place::Workspace, loaded, |frame, page| answer_private_page(StatusCode::OK, &AuditView { frame, page }))
}

async fn load(visit: &Visit) -> Result<AuditPage, PageError> {
    let actor = actor(visit)?;
    let (asked, language) = (Asked::of(visit), visit.language);
    visit.read(move |tx| page(tx, language, &actor, asked)).await
}

/// The publishers whose audit somebody may read.
fn readable(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<(String, String)>, CatalogError> {
    let all = workplaces(tx, actor)?;
    Ok(choices_of(&all, |one| one.rights.manages_as().is_some() || one.rights.auditor))
}

/// The question as it can be answered: who does not see everybody's audit is shown their first publisher's.
fn answerable(asked: Asked, publishers: &[(String, String)], actor: &Actor) -> Result<Asked, CatalogError> {
    if !asked.publisher.is_empty() || actor.sees_everything() {
        return Ok(asked);
    }
    let first = publishers.first().ok_or(CatalogError::Forbidden("the audit is for managers and auditors"))?;
    Ok(Asked { publisher: first.0.clone(), ..asked })
}

fn page(tx: &mut Tx<'_>, language: Language, actor: &Actor, asked: Asked) -> Result<AuditPage, CatalogError> {
    let publishers = readable(tx, actor)?;
    let sees_all = actor.sees_everything();
    let asked = answerable(asked, &publishers, actor)?;
    let filter = asked.filter(tx)?;
    let mut found = audit::list(tx, actor, &filter, ENTRIES + 1)?;
    let size = usize::try_from(ENTRIES).unwrap_or(usize::MAX);
    let has_more = found.len() > size;
    found.truncate(size);
    let names = Names::of(tx, language, found.iter().map(|entry| entry.actor.as_str()))?;
    let last = found.last().filter(|_| has_more).map(|entry| entry.number.to_string());
    Ok(AuditPage {
        publishers,
        sees_all,
        actions: AuditAction::ALL.into_iter().map(|action| (action.as_str(), action_words(action))).collect(),
        entries: found.iter().map(|entry| line(entry, &names, language)).collect(),
        next: last.map(|number| asked.href("/workspace/audit", &[("before", &number)])),
        export_csv: asked.href("/workspace/audit.csv", &[]),
        export_ndjson: asked.href("/workspace/audit.ndjson", &[]),
        publisher: asked.publisher,
        action: asked.action,
        since: asked.since,
        until: asked.until,
        subject: asked.subject,
    })
}

pub(super) fn line(entry: &AuditEntry, names: &Names, language: Language) -> AuditLine {
    let (kind, id) = (entry.subject_kind, entry.subject_id.as_str());
    let word = match kind {
        SubjectKind::Draft => "workspace-audit-kind-draft",
        SubjectKind::Dataset => "workspace-audit-kind-dataset",
        SubjectKind::Publisher => "workspace-audit-kind-publisher",
        SubjectKind::Hold => "workspace-audit-kind-hold",
        SubjectKind::Source => "workspace-audit-kind-source",
    };
    AuditLine {
        number: entry.number,
        at: entry.at,
        who: names.get(&entry.actor),
        role: entry.role.as_str(),
        action: action_words(entry.action),
        comment: entry.comment.clone().unwrap_or_default(),
        subject: language.t(word).with("id", id.get(id.len().saturating_sub(6)..).unwrap_or(id)).text(),
        href: match kind {
            SubjectKind::Draft => Some(format!("/workspace/drafts/{id}")),
            SubjectKind::Dataset => Some(format!("/workspace/datasets/{id}")),
            SubjectKind::Publisher => Some(format!("/publishers/{id}")),
            SubjectKind::Hold => Some(format!("/workspace/held/{id}")),
            SubjectKind::Source => Some(format!("/workspace/sources/{id}")),
        },
        before: detail(&entry.before),
        after: detail(&entry.after),
    }
}

fn detail(value: &Value) -> String {
    if value.is_null() {
        return String::new();
    }
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    match text.char_indices().nth(DETAIL_CHARS) {
        Some((cut, _)) => format!("{}\n…", text.get(..cut).unwrap_or_default()),
        None => text,
    }
}

/// Gives the audit as a file: CSV or one JSON object a line.
pub(crate) async fn export_audit(visit: Visit, form: web::Path<String>) -> HttpResponse {
    let is_csv = form.as_str() == "csv";
    let loaded = match form.as_str() {
        "csv" | "ndjson" => export(&visit, is_csv).await,
        _ => Err(PageError::NotFound),
    };
    visit.finish(Place::Workspace, loaded, |_, body| {
        let (kind, name) = if is_csv { ("text/csv; charset=utf-8", "csv") } else { ("application/x-ndjson", "ndjson") };
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, kind))
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"audit.{name}\"")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(body.clone())
    })
}

async fn export(visit: &Visit, is_csv: bool) -> Result<String, PageError> {
    let actor = actor(visit)?;
    let asked = Asked::of(visit);
    visit
        .read(move |tx| {
            let publishers = readable(tx, &actor)?;
            let mut filter = answerable(asked, &publishers, &actor)?.filter(tx)?;
            let mut text = if is_csv { CSV_HEAD.to_owned() } else { String::new() };
            let mut taken = 0;
            while taken < MOST_EXPORTED {
                let found = audit::list(tx, &actor, &filter, EXPORTED_AT_ONCE)?;
                let Some(last) = found.last() else { break };
                filter.before = Some(last.number);
                taken += EXPORTED_AT_ONCE;
                for entry in &found {
                    if is_csv {
                        text.push_str(&entry.csv_line());
                    } else {
                        text.push_str(&serde_json::to_string(entry).unwrap_or_default());
                        text.push('\n');
                    }
                }
            }
            Ok(text)
        })
        .await
}

//! The public register: whatever differs from the tariff, with its reason and its end.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::register::{self, Content, EntryKind, EntryStatus, RegisterEntry, RegisterFilter};
use fairground_domain::Timestamp;
use url::form_urlencoded;

use super::{arrangement_words, suspension_words};
use crate::layout::{Frame, PageError, Place, Visit, answer_page};
use crate::words::Later;

/// Entries on a page.
const PAGE: i64 = 50;

/// An entry in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub kind: EntryKind,
    /// Where it stands.
    pub status: EntryStatus,
    /// Whom it concerns, in words.
    pub about: Later,
    /// Why.
    pub reason: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// From when it holds.
    pub starts_at: Timestamp,
    /// Until when, if it has an end.
    pub until: Option<Timestamp>,
}

/// The register's page.
#[derive(Debug, Clone, Default)]
pub struct RegisterPage {
    /// The entries, newest first.
    pub entries: Vec<EntryLine>,
    /// Only of this kind.
    pub kind: Option<EntryKind>,
    /// Only with this status.
    pub status: Option<EntryStatus>,
    /// Where the next page starts.
    pub next: Option<i64>,
}

/// A choice of a form: its value, its words, and whether it is chosen.
pub type Choice = (&'static str, &'static str, bool);

impl RegisterPage {
    /// What may be shown.
    #[must_use]
    pub fn kinds(&self) -> Vec<Choice> {
        EntryKind::ALL.iter().map(|kind| (kind.as_str(), kind_words(kind), self.kind == Some(*kind))).collect()
    }

    /// With which status.
    #[must_use]
    pub fn statuses(&self) -> Vec<Choice> {
        EntryStatus::ALL.iter().map(|one| (one.as_str(), status_words(one).0, self.status == Some(*one))).collect()
    }

    /// The address of the next page.
    #[must_use]
    pub fn next_href(&self) -> Option<String> {
        let next = self.next?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(kind) = self.kind {
            query.append_pair("kind", kind.as_str());
        }
        if let Some(status) = self.status {
            query.append_pair("status", status.as_str());
        }
        Some(format!("/transparency/register?{}", query.append_pair("before", &next.to_string()).finish()))
    }
}

/// The template of [`RegisterPage`].
#[derive(Debug, Template)]
#[template(path = "transparency/register.html")]
pub struct RegisterPageView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a RegisterPage,
}

/// One entry's page.
#[derive(Debug, Clone)]
pub struct EntryPage {
    /// As in the list.
    pub line: EntryLine,
    /// What else it says: the key of its name, and its text.
    pub facts: Vec<(&'static str, Later)>,
    /// True when it can be ended.
    pub may_end: bool,
}

/// The template of [`EntryPage`].
#[derive(Debug, Template)]
#[template(path = "transparency/entry.html")]
pub struct EntryPageView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a EntryPage,
}

/// What a kind of entry is called.
#[must_use]
pub fn kind_words(kind: &EntryKind) -> &'static str {
    match kind {
        EntryKind::Exception => "transparency-kind-exception",
        EntryKind::Suspension => "transparency-kind-suspension",
        EntryKind::Arrangement => "transparency-kind-arrangement",
        EntryKind::Refusal => "transparency-kind-refusal",
        EntryKind::Assignment => "transparency-kind-assignment",
        EntryKind::Embargo => "transparency-kind-embargo",
    }
}

/// Where an entry stands, in words, and the tone of its tag.
#[must_use]
pub fn status_words(status: &EntryStatus) -> (&'static str, &'static str) {
    match status {
        EntryStatus::Coming => ("transparency-status-coming", "fg-tag--info"),
        EntryStatus::InForce => ("transparency-status-in-force", "fg-tag--warn"),
        EntryStatus::Ended => ("transparency-status-ended", ""),
    }
}

/// A parameter of the page's address.
pub(super) fn parameter(visit: &Visit, name: &str) -> Option<String> {
    form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

/// Shows the register.
pub(crate) async fn show_register(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Transparency, loaded, |frame, page| {
        answer_page(StatusCode::OK, &RegisterPageView { frame, page })
    })
}

async fn load(visit: &Visit) -> Result<RegisterPage, PageError> {
    let kind = word(visit, "kind", EntryKind::parse)?;
    let status = word(visit, "status", EntryStatus::parse)?;
    let before = word(visit, "before", |text| text.parse::<i64>().ok())?;
    let filter = RegisterFilter { kind, status, application: None, before };
    let (mut found, now) = visit.read(move |tx| Ok((register::list(tx, &filter, PAGE + 1)?, tx.now))).await?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| has_more).map(|last| last.number);
    Ok(RegisterPage { entries: found.into_iter().map(|entry| line(entry, now)).collect(), kind, status, next })
}

fn word<V>(visit: &Visit, name: &str, read: impl Fn(&str) -> Option<V>) -> Result<Option<V>, PageError> {
    let Some(text) = parameter(visit, name) else { return Ok(None) };
    let value = read(&text).ok_or_else(|| PageError::BadRequest(format!("The register has no such {name}.")))?;
    Ok(Some(value))
}

/// An entry as a line.
pub(super) fn line(entry: RegisterEntry, now: Timestamp) -> EntryLine {
    EntryLine {
        number: entry.number,
        kind: entry.content.kind(),
        status: entry.status_at(now),
        about: about(&entry.content),
        reason: entry.content.reason().to_owned(),
        published_at: entry.published_at,
        starts_at: entry.content.starts_at(),
        until: [entry.ended_at, entry.content.ends_at()].into_iter().flatten().min(),
    }
}

fn about(content: &Content) -> Later {
    match content {
        Content::Exception(terms) => match (&terms.scope.plan, terms.scope.class) {
            (Some(plan), Some(class)) => Later::key("transparency-about-plan-and-class")
                .with("plan", plan.as_str())
                .with("class", class.as_str()),
            (Some(plan), None) => Later::key("transparency-about-plan").with("plan", plan.as_str()),
            (None, Some(class)) => Later::key("transparency-about-class").with("class", class.as_str()),
            (None, None) => Later::key("transparency-about-everybody"),
        },
        Content::Suspension { application, .. } => {
            Later::key("transparency-about-application").with("number", application.to_string())
        }
        Content::Arrangement { parties, subject, .. } => Later::plain(format!("{subject}: {}", parties.join(", "))),
        Content::Refusal { application: Some(number), subject, .. } => {
            Later::key("transparency-about-refusal").with("subject", subject).with("number", number.to_string())
        }
        Content::Refusal { application: None, subject, .. } => Later::plain(subject.clone()),
        Content::Assignment { application, plan, .. } => Later::key("transparency-about-assignment")
            .with("number", application.to_string())
            .with("plan", plan.as_str()),
        Content::Embargo { publisher, subject, .. } => Later::plain(format!("{subject} ({publisher})")),
    }
}

fn facts(entry: &RegisterEntry) -> Vec<(&'static str, Later)> {
    let mut facts = Vec::new();
    match &entry.content {
        Content::Exception(terms) => {
            let limits = terms.limits;
            for (name, percent) in [
                ("transparency-fact-rates", limits.rate_percent),
                ("transparency-fact-at-once", limits.concurrency_percent),
                ("transparency-fact-quotas", limits.quota_percent),
            ] {
                facts.extend(
                    percent.map(|percent| (name, Later::key("transparency-fact-percent").with("percent", percent))),
                );
            }
        }
        Content::Suspension { ground, .. } => {
            facts.push(("transparency-fact-ground", Later::key(suspension_words(*ground))))
        }
        Content::Arrangement { ground, terms_url, published_late, .. } => {
            facts.push(("transparency-fact-ground", Later::key(arrangement_words(*ground))));
            facts.extend(terms_url.as_ref().map(|url| ("transparency-fact-terms", Later::plain(url.clone()))));
            if *published_late {
                facts.push(("transparency-published", Later::key("transparency-fact-late")));
            }
        }
        Content::Refusal { .. } | Content::Assignment { .. } | Content::Embargo { .. } => {}
    }
    facts.extend(
        entry
            .content
            .review_at()
            .map(|at| ("transparency-fact-review", Later::key("transparency-fact-day").with("day", at))),
    );
    facts.extend(entry.end_reason.as_ref().map(|reason| ("transparency-fact-ended", Later::plain(reason.clone()))));
    facts
}

/// Shows one entry.
pub(crate) async fn show_entry(visit: Visit, number: web::Path<String>) -> HttpResponse {
    let loaded = load_entry(&visit, &number).await;
    visit.finish(Place::Transparency, loaded, |frame, page| answer_page(StatusCode::OK, &EntryPageView { frame, page }))
}

async fn load_entry(visit: &Visit, number: &str) -> Result<EntryPage, PageError> {
    let number: i64 = number.parse().map_err(|_| PageError::NotFound)?;
    let (entry, now) = visit.read(move |tx| Ok((register::get(tx, number)?, tx.now))).await?;
    let promised = matches!(&entry.content, Content::Exception(terms) if terms.limits.raises());
    let endable = matches!(entry.content.kind(), EntryKind::Exception | EntryKind::Suspension | EntryKind::Arrangement);
    let may_end = endable && !promised && entry.status_at(now) != EntryStatus::Ended;
    Ok(EntryPage { facts: facts(&entry), line: line(entry, now), may_end })
}

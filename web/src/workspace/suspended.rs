//! Applications whose calls are refused: why, since when, and when that ends. For operators and auditors.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::application;
use fairground_catalog::register::{self, Content, EntryKind, EntryStatus, RegisterFilter};
use fairground_domain::Timestamp;

use super::load::parameter;
use super::settings::must_oversee;
use crate::layout::{Frame, PageError, Place, Visit, answer_private_page};

/// Suspensions on a page.
const SUSPENSIONS: i64 = 100;

/// A suspended application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspendedLine {
    /// The register's number.
    pub entry: i64,
    /// The application's number.
    pub number: i64,
    /// Its name; empty when it is gone.
    pub name: String,
    /// What happened.
    pub reason: String,
    /// On which ground, as it stands in the register.
    pub ground: &'static str,
    /// Since when.
    pub starts_at: Timestamp,
    /// When it is looked at again.
    pub review_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
}

/// The page of suspended applications.
#[derive(Debug, Clone, Default)]
pub struct SuspendedPage {
    /// Those whose suspension is in force, the latest first.
    pub lines: Vec<SuspendedLine>,
    /// Where the next page starts.
    pub next: Option<i64>,
}

/// The template of [`SuspendedPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/operate/suspended.html")]
pub struct SuspendedView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a SuspendedPage,
}

/// Shows suspended applications.
pub(crate) async fn show_suspended(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &SuspendedView { frame, page })
    })
}

async fn load(visit: &Visit) -> Result<SuspendedPage, PageError> {
    must_oversee(visit)?;
    let before = parameter(visit, "before").and_then(|text| text.parse().ok());
    visit
        .read(move |tx| {
            let filter = RegisterFilter {
                kind: Some(EntryKind::Suspension),
                status: Some(EntryStatus::InForce),
                before,
                ..RegisterFilter::default()
            };
            let entries = register::list(tx, &filter, SUSPENSIONS)?;
            let is_full = i64::try_from(entries.len()).unwrap_or(SUSPENSIONS) >= SUSPENSIONS;
            let next = entries.last().filter(|_| is_full).map(|entry| entry.number);
            let mut lines = Vec::with_capacity(entries.len());
            for entry in entries {
                if let Content::Suspension { application, ground, reason, starts_at, review_at, ends_at } =
                    entry.content
                {
                    let name = application::find_by_number(tx, application)?.map(|known| known.name);
                    lines.push(SuspendedLine {
                        entry: entry.number,
                        number: application,
                        name: name.unwrap_or_default(),
                        reason,
                        ground: ground.as_str(),
                        starts_at,
                        review_at,
                        ends_at,
                    });
                }
            }
            Ok(SuspendedPage { lines, next })
        })
        .await
}

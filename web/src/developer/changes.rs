//! What changes for those who build on the portal: versions of the API, what goes and when, new terms, columns that differ.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::change_log::{self, DeveloperChange};

use crate::layout::{Frame, PageError, Place, Visit, answer_page};

/// Changes on the page; the feed has as many.
const CHANGES: usize = 100;

/// The page.
#[derive(Debug, Clone, Default)]
pub struct ChangesPage {
    /// The changes, the latest first.
    pub changes: Vec<DeveloperChange>,
}

/// The template of [`ChangesPage`].
#[derive(Debug, Template)]
#[template(path = "developer/changes.html")]
pub struct ChangesView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ChangesPage,
}

/// Shows what changes.
pub(crate) async fn show_changes(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Developers, loaded, |frame, page| answer_page(StatusCode::OK, &ChangesView { frame, page }))
}

async fn load(visit: &Visit) -> Result<ChangesPage, PageError> {
    visit.read(|tx| Ok(ChangesPage { changes: change_log::list(tx, CHANGES)? })).await
}

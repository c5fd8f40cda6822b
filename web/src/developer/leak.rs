//! The form for keys that somebody found.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_api::problem::ProblemKind;

use crate::layout::{Form, Frame, PageError, Place, Visit, answer_private_page};

/// When to come back after too many reports, in seconds.
const RETRY_SECS: u64 = 3_600;
/// Longest text that is read as a key, in characters.
const LONGEST_KEY_CHARS: usize = 1_000;

/// The form, or that it was received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeakPage {
    /// True when a report was received.
    pub is_received: bool,
    /// True when nothing was given.
    pub is_empty: bool,
}

/// The template of [`LeakPage`].
#[derive(Debug, Template)]
#[template(path = "developer/leak.html")]
pub struct LeakView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a LeakPage,
}

/// Shows the form.
pub(crate) async fn show_leak_form(visit: Visit) -> HttpResponse {
    answer(&visit, StatusCode::OK, Ok(LeakPage::default()))
}

fn answer(visit: &Visit, status: StatusCode, page: Result<LeakPage, PageError>) -> HttpResponse {
    visit.finish(Place::Developers, page, |frame, page| answer_private_page(status, &LeakView { frame, page }))
}

/// Takes a report; the page that follows is the same for every text.
pub(crate) async fn report_leak(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Developers, Err(error));
    }
    let key: String = form.text("key").chars().take(LONGEST_KEY_CHARS).collect();
    if key.is_empty() {
        let page = LeakPage { is_empty: true, ..LeakPage::default() };
        return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, Ok(page));
    }
    let state = &visit.pages.state;
    let page = match fairground_api::take_leak_report(state, &visit.request, key).await {
        Ok(()) => Ok(LeakPage { is_received: true, ..LeakPage::default() }),
        Err(problem) if problem.kind() == ProblemKind::TooManyAttempts => Err(PageError::TooMany(RETRY_SECS)),
        Err(problem) => Err(PageError::Internal(problem.chain())),
    };
    answer(&visit, StatusCode::OK, page)
}

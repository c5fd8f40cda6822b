//! The way in for owners without an account: a mailed link.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_catalog::{CatalogError, application};
use url::form_urlencoded;

use super::{LinkPage, LinkView, judged};
use crate::developer::holder::{Holder, owner_token, with_owner_cookie};
use crate::layout::{Form, PageError, Place, Visit, answer_private_page};

/// Longest token of a link, in characters.
const LONGEST_TOKEN_CHARS: usize = 200;

fn answer(visit: &Visit, status: StatusCode, page: Result<LinkPage, PageError>) -> HttpResponse {
    visit.finish(Place::Developers, page, |frame, page| answer_private_page(status, &LinkView { frame, page }))
}

/// Mails a link, if the address has applications; the page that follows does not say.
pub(crate) async fn ask_for_link(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Developers, Err(error));
    }
    let email = form.text("email").to_owned();
    let sent = judged(fairground_api::send_owner_link(&visit.pages.state, &visit.request, email).await);
    let page = sent.and_then(|sent| match sent {
        Ok(()) => Ok(LinkPage { is_sent: true, ..LinkPage::default() }),
        Err(_) => Err(PageError::BadRequest("Enter an e-mail address such as name@example.org.".to_owned())),
    });
    answer(&visit, StatusCode::OK, page)
}

/// Shows the button that a link leads to. The link alone opens nothing: programs that look into mail follow links.
pub(crate) async fn show_link(visit: Visit) -> HttpResponse {
    let token = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.trim().chars().take(LONGEST_TOKEN_CHARS).collect::<String>())
        .unwrap_or_default();
    answer(&visit, StatusCode::OK, Ok(LinkPage { is_spent: token.is_empty(), token, ..LinkPage::default() }))
}

/// Opens a link: once, and for a while.
pub(crate) async fn open_link(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Developers, Err(error));
    }
    let token: String = form.text("token").chars().take(LONGEST_TOKEN_CHARS).collect();
    let secret = visit.pages.state.catalog.secret.clone();
    let opened = visit
        .pages
        .state
        .write_keys(move |tx| match application::open_owner_session(tx, &secret, &token) {
            Ok(session) => Ok(Some(session)),
            Err(CatalogError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        })
        .await;
    match opened {
        Ok(Some(session)) => {
            let on = visit.follow(Place::Developers, Ok("/developers/applications".to_owned()));
            with_owner_cookie(&visit, on, Some(session.token))
        }
        Ok(None) => answer(&visit, StatusCode::NOT_FOUND, Ok(LinkPage { is_spent: true, ..LinkPage::default() })),
        Err(problem) => answer(&visit, StatusCode::OK, Err(PageError::Internal(problem.chain()))),
    }
}

/// Ends what a link began, here and in the browser.
pub(crate) async fn leave(visit: Visit, form: Form) -> HttpResponse {
    let left = match Holder::acting(&visit, &form).await {
        Ok(_) => end(&visit).await,
        Err(error) => Err(error),
    };
    let is_out = left.is_ok();
    let answer = visit.follow(Place::Developers, left.map(|()| "/developers/applications".to_owned()));
    if is_out { with_owner_cookie(&visit, answer, None) } else { answer }
}

async fn end(visit: &Visit) -> Result<(), PageError> {
    let Some(token) = owner_token(visit) else { return Ok(()) };
    let secret = visit.pages.state.catalog.secret.clone();
    visit.write(move |tx| application::close_owner_session(tx, &secret, &token)).await
}

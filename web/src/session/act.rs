//! Signing in by password, and out.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use fairground_api::caller::{SESSION_COOKIE, signed_out_cookie};
use fairground_api::problem::ProblemKind;
use fairground_catalog::account::{self, Role, Session, Stage};
use url::form_urlencoded;

use super::{SignInPage, SignInView, page_error, safe_next};
use crate::layout::{Form, Link, Notice, PageError, Place, Visit, answer_private_page, see_other};

/// Shows the form. Who is signed in already goes on to where they wanted to go.
pub(crate) async fn show_sign_in(visit: Visit) -> HttpResponse {
    let next = wanted_next(&visit);
    if let Some(signed_in) = &visit.signed_in {
        return see_other(home_of(signed_in.account.role, &next));
    }
    answer(&visit, StatusCode::OK, SignInPage { next, ..SignInPage::default() })
}

/// The path that `next` names, or nothing.
pub(super) fn wanted_next(visit: &Visit) -> String {
    form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "next")
        .map(|(_, value)| kept_next(&value))
        .unwrap_or_default()
}

/// A path of this portal, or nothing.
fn kept_next(next: &str) -> String {
    if next.is_empty() { String::new() } else { safe_next(next).to_owned() }
}

/// Where somebody of a role goes who wanted to go there, or nowhere in particular.
fn home_of(role: Role, next: &str) -> &str {
    if next.is_empty() && role == Role::Developer { "/me" } else { safe_next(next) }
}

pub(super) fn answer(visit: &Visit, status: StatusCode, mut page: SignInPage) -> HttpResponse {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", &page.next).finish();
    page.providers = visit
        .pages
        .state
        .federation()
        .list()
        .map(|(slug, title)| Link::new(title, format!("/sign-in/{slug}?{query}")))
        .collect();
    visit.finish(Place::Session, Ok(page), |frame, page| answer_private_page(status, &SignInView { frame, page }))
}

/// Begins a session, unless there were too many failures for that address, or from there, lately.
pub(crate) async fn sign_in(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let (email, password) = (form.text("email").to_lowercase(), form.raw("password").to_owned());
    let page = SignInPage { email: email.clone(), next: kept_next(form.text("next")), ..SignInPage::default() };
    match visit.pages.state.sign_in(&visit.request, &email, password).await {
        Ok(session) => go_in(&visit, &session, &page.next),
        Err(problem) => match problem.kind() {
            ProblemKind::TooManyAttempts => {
                answer(&visit, StatusCode::TOO_MANY_REQUESTS, SignInPage { is_throttled: true, ..page })
            }
            ProblemKind::SignInFailed => answer(&visit, StatusCode::UNAUTHORIZED, SignInPage { failed: true, ..page }),
            _ => visit.follow(Place::Session, Err(page_error(&problem))),
        },
    }
}

/// Goes on in a session that has begun: where the reader wanted to go, or to what stands before that.
pub(crate) fn go_in(visit: &Visit, session: &Session, next: &str) -> HttpResponse {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    let to = match session.stage {
        Stage::Open => home_of(session.account.role, next).to_owned(),
        Stage::SecondFactor => format!("/sign-in/second-factor?{query}"),
        Stage::Enrolment => format!("/me/second-factor?{query}"),
    };
    with_cookie(see_other(&to), &visit.pages.state.cookie_of(session))
}

/// Ends the session, here and in the browser.
pub(crate) async fn sign_out(visit: Visit, form: Form) -> HttpResponse {
    let ended = end(&visit, &form).await;
    let is_out = ended.is_ok();
    let answer = visit.follow(Place::Session, ended.map(|()| format!("/?done={}", Notice::SignedOut.as_str())));
    if is_out { with_cookie(answer, &signed_out_cookie(&visit.pages.state.settings)) } else { answer }
}

async fn end(visit: &Visit, form: &Form) -> Result<(), PageError> {
    if visit.signed_in.is_none() {
        return Ok(());
    }
    visit.acting(form)?;
    let Some(token) = visit.request.cookie(SESSION_COOKIE).map(|cookie| cookie.value().to_owned()) else {
        return Ok(());
    };
    let secret = visit.pages.state.catalog.secret.clone();
    visit.write(move |tx| account::sign_out(tx, &secret, &token)).await
}

pub(crate) fn with_cookie(mut answer: HttpResponse, cookie: &Cookie<'_>) -> HttpResponse {
    if let Err(error) = answer.add_cookie(cookie) {
        tracing::error!("A cookie cannot be set: {error}");
    }
    answer
}

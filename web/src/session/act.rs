//! Signing in and out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_api::caller::{SESSION_COOKIE, session_cookie, signed_out_cookie};
use fairground_catalog::CatalogError;
use fairground_catalog::account;
use fairground_domain::Timestamp;
use url::form_urlencoded;

use super::{SignInPage, SignInView, safe_next};
use crate::layout::{Form, Notice, PageError, Place, Visit, answer_private_page, see_other};

/// Shows the form. Who is signed in already goes on to where they wanted to go.
pub(crate) async fn show_sign_in(visit: Visit) -> HttpResponse {
    let next = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "next")
        .map(|(_, value)| safe_next(&value).to_owned())
        .unwrap_or_default();
    if visit.signed_in.is_some() {
        return see_other(safe_next(&next));
    }
    answer(&visit, StatusCode::OK, SignInPage { next, ..SignInPage::default() })
}

fn answer(visit: &Visit, status: StatusCode, page: SignInPage) -> HttpResponse {
    visit.finish(Place::Session, Ok(page), |frame, page| answer_private_page(status, &SignInView { frame, page }))
}

/// Opens a session, unless there were too many failures for that address lately.
pub(crate) async fn sign_in(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let (email, password) = (form.text("email").to_lowercase(), form.raw("password").to_owned());
    let page =
        SignInPage { email: email.clone(), next: safe_next(form.text("next")).to_owned(), ..SignInPage::default() };
    let sign_ins = &visit.pages.sign_ins;
    if !sign_ins.allows(&email) {
        return answer(&visit, StatusCode::TOO_MANY_REQUESTS, SignInPage { is_throttled: true, ..page });
    }
    let catalog = visit.pages.state.catalog.clone();
    let opened = {
        let email = email.clone();
        visit
            .block(move || match account::sign_in(&catalog.db, &catalog.secret, &email, &password) {
                Ok(session) => Ok(Some(session)),
                Err(CatalogError::WrongCredentials) => Ok(None),
                Err(error) => Err(error),
            })
            .await
    };
    match opened {
        Ok(Some(session)) => {
            sign_ins.forgive(&email);
            let secs = session.expires_at.as_secs() - Timestamp::now().as_secs();
            with_cookie(see_other(&page.next), &session_cookie(&visit.pages.state.settings, &session.token, secs))
        }
        Ok(None) => {
            sign_ins.count(&email);
            answer(&visit, StatusCode::UNAUTHORIZED, SignInPage { failed: true, ..page })
        }
        Err(error) => visit.follow(Place::Session, Err(error)),
    }
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

fn with_cookie(mut answer: HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> HttpResponse {
    if let Err(error) = answer.add_cookie(cookie) {
        tracing::error!("The session's cookie cannot be set: {error}");
    }
    answer
}

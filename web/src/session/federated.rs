//! Identity providers: leaving for one, coming back, and proving that an identity belongs to an account here.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use fairground_api::federation::{FederationError, Return, browser_of};
use fairground_api::problem::ProblemKind;
use fairground_catalog::account::{self, Arrival, Reproof};
use fairground_catalog::{CatalogError, Secret};
use url::form_urlencoded;

use super::act::{answer, wanted_next};
use super::form::{Field, FormPage, ShortForm, show, show_again, spent};
use super::register::{cut, token_of};
use super::{SignInPage, go_in, with_cookie};
use crate::layout::{Form, Notice, PageError, Place, Visit, see_other};

/// What the address that begins a link to one's account carries: made from the session, so that no foreign page can begin one.
pub(crate) fn link_token(secret: &Secret, session_token: &str, provider: &str) -> String {
    secret.digest(&format!("link-identity {provider}"), session_token.as_bytes()).to_string()
}

/// Sends the browser to a provider: to sign in or, with `link` in the address, to link an identity to the reader's account.
pub(crate) async fn depart(visit: Visit, provider: Path<String>) -> HttpResponse {
    let provider = provider.into_inner();
    let link = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "link")
        .map(|(_, value)| value.into_owned());
    let state = &visit.pages.state;
    let links_to = match (link, &visit.signed_in) {
        (None, _) => None,
        (Some(_), Some(who)) if !who.arriving.is_fresh() => {
            let stale = "Sign out and in again first: your sign-in is too long ago.";
            return visit.follow(Place::Session, Err(PageError::Forbidden(stale)));
        }
        (Some(_), None) => return visit.follow(Place::Session, Err(PageError::SignInNeeded)),
        (Some(shown), Some(who)) if shown == link_token(&state.catalog.secret, &who.arriving.token, &provider) => {
            Some(who.account.id)
        }
        (Some(_), Some(_)) => {
            let stale = "This link is too old. Go back to your account’s page and try again.";
            return visit.follow(Place::Session, Err(PageError::Forbidden(stale)));
        }
    };
    let next = wanted_next(&visit);
    let begun = state.federation().begin(&state.catalog, &state.settings, &visit.request, &provider, &next, links_to);
    match begun.await {
        Ok(departure) => with_cookie(see_other(departure.to.as_str()), &departure.cookie),
        Err(error) => refused(&visit, &provider, &error),
    }
}

/// Says on the sign-in page why nothing came of it; the rest goes to the log.
fn refused(visit: &Visit, provider: &str, error: &FederationError) -> HttpResponse {
    if matches!(error, FederationError::Unknown) {
        return visit.follow(Place::Session, Err(PageError::NotFound));
    }
    tracing::warn!(provider, "A sign-in through an identity provider came to nothing: {}", error.told());
    let (status, text) = match error {
        FederationError::NotBegunHere => (StatusCode::BAD_REQUEST, "session-refused-begin-again"),
        FederationError::Declined(_) => (StatusCode::UNAUTHORIZED, "session-refused-declined"),
        FederationError::Store(CatalogError::Forbidden(_)) => (StatusCode::FORBIDDEN, "session-refused-not-allowed"),
        error if error.is_for_a_moment() => (StatusCode::SERVICE_UNAVAILABLE, "session-refused-no-answer"),
        _ => (StatusCode::BAD_GATEWAY, "session-refused-untrusted"),
    };
    answer(visit, status, SignInPage { refusal: Some(text), ..SignInPage::default() })
}

/// Takes in what a provider sent back.
pub(crate) async fn come_back(visit: Visit, provider: Path<String>) -> HttpResponse {
    let provider = provider.into_inner();
    let state = &visit.pages.state;
    let back = match state.federation().complete(&state.catalog, &visit.request, &provider).await {
        Ok(back) => back,
        Err(error) => return refused(&visit, &provider, &error),
    };
    match back.attempt.links_to {
        Some(account) => link(&visit, back, account).await,
        None => enter(&visit, &provider, back).await,
    }
}

async fn link(visit: &Visit, back: Return, begun_by: fairground_domain::AccountId) -> HttpResponse {
    let done = match &visit.signed_in {
        // Somebody else may have signed in meanwhile, in the same browser.
        Some(who) if who.account.id == begun_by => {
            let (account, claimed) = (who.account.clone(), back.claimed);
            visit.write(move |tx| account::link_identity(tx, &account, &claimed)).await
        }
        Some(_) | None => Err(PageError::SignInNeeded),
    };
    visit.follow(Place::Session, done.map(|()| format!("/me?done={}", Notice::IdentityLinked.as_str())))
}

async fn enter(visit: &Visit, provider: &str, back: Return) -> HttpResponse {
    let state = &visit.pages.state;
    let (secret, entry) = (state.catalog.secret.clone(), state.entry(&visit.request));
    let Return { claimed, attempt, browser } = back;
    let db = state.catalog.db.clone();
    let arrived =
        visit.block(move || Ok(db.write(|tx| account::arrive(tx, &secret, &claimed, &browser, &entry)))).await;
    state.catalog.announce();
    match arrived {
        Ok(Ok(Arrival::SignedIn(session))) => go_in(visit, &session, &attempt.secrets.next),
        Ok(Ok(Arrival::ProofNeeded { token, account_email })) => {
            show(visit, StatusCode::OK, identity_page(&token, account_email.as_deref(), ""))
        }
        Ok(Err(error)) => refused(visit, provider, &FederationError::Store(error)),
        Err(error) => visit.follow(Place::Session, Err(error)),
    }
}

/// Asks for a proof: the password of the account that has the address, or a letter.
fn identity_page(token: &str, account_email: Option<&str>, typed: &str) -> FormPage {
    let form = |act: &str| ShortForm {
        action: "/sign-in/identity".to_owned(),
        hidden: vec![("token", token.to_owned()), ("act", act.to_owned())],
        ..ShortForm::default()
    };
    let Some(email) = account_email else {
        let lead = "session-where-write";
        return FormPage::new("session-your-email", lead).with(ShortForm {
            button: "session-send-link",
            fields: vec![Field::email(typed)],
            ..form("letter")
        });
    };
    FormPage::new("session-have-account", "session-account-known")
        .about(email)
        .with(ShortForm {
            heading: "session-by-password",
            button: "session-link-sign-in",
            fields: vec![Field::password(), Field::code().optional("session-code-optional")],
            ..form("password")
        })
        .with(ShortForm { heading: "session-by-letter", button: "session-send-link", ..form("letter") })
}

/// Takes the proof that the page asks for.
pub(crate) async fn act_on_identity(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let Some(browser) = browser_of(&visit.request) else { return spent(&visit, "layout-sign-in", "/sign-in") };
    let token = cut(form.text("token"));
    let typed = form.text("email").to_lowercase();
    let (state, req) = (&visit.pages.state, &visit.request);
    let Ok(known) = state.find_waiting(&token, &browser).await else {
        return spent(&visit, "layout-sign-in", "/sign-in");
    };
    let page = identity_page(&token, known.as_deref(), &typed);
    if form.text("act") == "password" {
        let proof = Reproof { password: form.raw("password").to_owned(), code: form.text("code").to_owned() };
        return match state.adopt_by_password(req, &token, browser, proof).await {
            Ok(session) => go_in(&visit, &session, ""),
            Err(problem) if problem.kind() == ProblemKind::NotFound => spent(&visit, "layout-sign-in", "/sign-in"),
            Err(problem) => show_again(&visit, &problem, page),
        };
    }
    match state.ask_to_adopt(req, &token, browser, &typed).await {
        Ok(()) => {
            let lead = "session-adopt-sent";
            show(&visit, StatusCode::OK, FormPage::new("session-mailbox", lead))
        }
        Err(problem) if problem.kind() == ProblemKind::NotFound => spent(&visit, "layout-sign-in", "/sign-in"),
        Err(problem) => show_again(&visit, &problem, page),
    }
}

fn adoption_page(token: &str) -> FormPage {
    FormPage::new("session-one-more-click", "session-adopt-lead").with(ShortForm {
        action: "/sign-in/identity-link".to_owned(),
        button: "session-go-on",
        hidden: vec![("token", token.to_owned())],
        fields: vec![Field::code().optional("session-code-optional")],
        ..ShortForm::default()
    })
}

/// Shows the button that the letter's link leads to.
pub(crate) async fn show_adoption(visit: Visit) -> HttpResponse {
    match token_of(&visit).as_str() {
        "" => spent(&visit, "layout-sign-in", "/sign-in"),
        token => show(&visit, StatusCode::OK, adoption_page(token)),
    }
}

/// Links the identity and goes in.
pub(crate) async fn adopt_identity(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let Some(browser) = browser_of(&visit.request) else { return spent(&visit, "layout-sign-in", "/sign-in") };
    let token = cut(form.text("token"));
    let code = form.text("code").to_owned();
    match visit.pages.state.adopt_by_link(&visit.request, &token, browser, code).await {
        Ok(session) => go_in(&visit, &session, ""),
        Err(problem) if problem.kind() == ProblemKind::NotFound => spent(&visit, "layout-sign-in", "/sign-in"),
        Err(problem) => show_again(&visit, &problem, adoption_page(&token)),
    }
}

//! Registering, and a forgotten password: an address, a letter, a link.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_api::problem::{Problem, ProblemKind};
use url::form_urlencoded;

use super::form::{Field, FormPage, ShortForm, show, show_again, spent};
use super::go_in;
use crate::layout::{Form, Place, Visit, see_other};

/// Longest token of a link, in characters.
const LONGEST_TOKEN_CHARS: usize = 200;

/// The token that a link carries.
pub(super) fn token_of(visit: &Visit) -> String {
    form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, value)| cut(&value))
        .unwrap_or_default()
}

pub(super) fn cut(token: &str) -> String {
    token.trim().chars().take(LONGEST_TOKEN_CHARS).collect()
}

fn register_page(email: &str) -> FormPage {
    FormPage::new("session-register", "session-register-lead")
        .with(ShortForm {
            action: "/register".to_owned(),
            button: "session-send-link",
            fields: vec![Field { hint: "session-register-email-hint", ..Field::email(email) }],
            ..ShortForm::default()
        })
        .link("session-have-account-sign-in", "/sign-in")
}

/// Shows the form for an address.
pub(crate) async fn show_register(visit: Visit) -> HttpResponse {
    if visit.signed_in.is_some() {
        return see_other("/me");
    }
    show(&visit, StatusCode::OK, register_page(""))
}

/// Sends a link; says the same whatever the address.
pub(crate) async fn ask_to_register(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let email = form.text("email").to_lowercase();
    let asked = visit.pages.state.ask_to_register(&visit.request, &email).await;
    letter_sent(&visit, asked, register_page(&email))
}

fn letter_sent(visit: &Visit, asked: Result<(), Problem>, page: FormPage) -> HttpResponse {
    match asked {
        Ok(()) => {
            let lead = "session-letter-sent";
            show(visit, StatusCode::OK, FormPage::new("session-mailbox", lead))
        }
        Err(problem) => show_again(visit, &problem, page),
    }
}

fn registration_page(token: &str, name: &str) -> FormPage {
    FormPage::new("session-choose-password", "session-address-confirmed").with(ShortForm {
        action: "/register/confirm".to_owned(),
        button: "session-register",
        hidden: vec![("token", token.to_owned())],
        fields: vec![Field::name(name), Field::new_password()],
        ..ShortForm::default()
    })
}

/// Shows the form that a registration's link leads to. The link alone does nothing: programs that look into mail follow links.
pub(crate) async fn show_registration(visit: Visit) -> HttpResponse {
    match token_of(&visit).as_str() {
        "" => spent(&visit, "session-register", "/register"),
        token => show(&visit, StatusCode::OK, registration_page(token, "")),
    }
}

/// Makes the account and goes in.
pub(crate) async fn register(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let (token, name) = (cut(form.text("token")), form.text("name").to_owned());
    let password = form.raw("new-password").to_owned();
    match visit.pages.state.register(&visit.request, &token, name.clone(), password).await {
        Ok(session) => go_in(&visit, &session, ""),
        Err(problem) if problem.kind() == ProblemKind::NotFound => spent(&visit, "session-register", "/register"),
        Err(problem) => show_again(&visit, &problem, registration_page(&token, &name)),
    }
}

fn forgotten_page(email: &str) -> FormPage {
    FormPage::new("session-new-password-title", "session-new-password-lead").with(ShortForm {
        action: "/forgotten-password".to_owned(),
        button: "session-send-link",
        fields: vec![Field::email(email)],
        ..ShortForm::default()
    })
}

/// Shows the form for an address.
pub(crate) async fn show_forgotten(visit: Visit) -> HttpResponse {
    show(&visit, StatusCode::OK, forgotten_page(""))
}

/// Sends a link; says the same whatever the address.
pub(crate) async fn ask_for_password(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let email = form.text("email").to_lowercase();
    let asked = visit.pages.state.ask_for_password(&visit.request, &email).await;
    letter_sent(&visit, asked, forgotten_page(&email))
}

fn new_password_page(token: &str) -> FormPage {
    FormPage::new("session-choose-new-password", "session-signed-out-everywhere").with(ShortForm {
        action: "/forgotten-password/new".to_owned(),
        button: "session-change-password",
        hidden: vec![("token", token.to_owned())],
        fields: vec![Field::new_password()],
        ..ShortForm::default()
    })
}

/// Shows the form that the link leads to.
pub(crate) async fn show_new_password(visit: Visit) -> HttpResponse {
    match token_of(&visit).as_str() {
        "" => spent(&visit, "session-new-link", "/forgotten-password"),
        token => show(&visit, StatusCode::OK, new_password_page(token)),
    }
}

/// Changes the password; the reader then signs in with it.
pub(crate) async fn choose_password(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Session, Err(error));
    }
    let (token, password) = (cut(form.text("token")), form.raw("new-password").to_owned());
    match visit.pages.state.reset_password(&visit.request, &token, password).await {
        Ok(()) => {
            let page = FormPage::new("session-password-changed", "session-sign-in-now");
            show(&visit, StatusCode::OK, page.link("layout-sign-in", "/sign-in"))
        }
        Err(problem) if problem.kind() == ProblemKind::NotFound => {
            spent(&visit, "session-new-link", "/forgotten-password")
        }
        Err(problem) => show_again(&visit, &problem, new_password_page(&token)),
    }
}

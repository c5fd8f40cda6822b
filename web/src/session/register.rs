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
    FormPage::new(
        "Register",
        "An account keeps your applications and keys together. Reading data and using the API need none.",
    )
    .with(ShortForm {
        action: "/register".to_owned(),
        button: "Send me a link",
        fields: vec![Field { hint: "We send a link there; you choose a password behind it.", ..Field::email(email) }],
        ..ShortForm::default()
    })
    .link("You have an account? Sign in", "/sign-in")
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
            let lead = "If the address is right, a letter is on its way. Its link works once, within an hour.";
            show(visit, StatusCode::OK, FormPage::new("Look into your mailbox", lead))
        }
        Err(problem) => show_again(visit, &problem, page),
    }
}

fn registration_page(token: &str, name: &str) -> FormPage {
    FormPage::new("Choose a password", "Your address is confirmed with this.").with(ShortForm {
        action: "/register/confirm".to_owned(),
        button: "Register",
        hidden: vec![("token", token.to_owned())],
        fields: vec![Field::name(name), Field::new_password()],
        ..ShortForm::default()
    })
}

/// Shows the form that a registration's link leads to. The link alone does nothing: programs that look into mail follow links.
pub(crate) async fn show_registration(visit: Visit) -> HttpResponse {
    match token_of(&visit).as_str() {
        "" => spent(&visit, "Register", "/register"),
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
        Err(problem) if problem.kind() == ProblemKind::NotFound => spent(&visit, "Register", "/register"),
        Err(problem) => show_again(&visit, &problem, registration_page(&token, &name)),
    }
}

fn forgotten_page(email: &str) -> FormPage {
    FormPage::new("A new password", "We send you a link; you choose a new password behind it.").with(ShortForm {
        action: "/forgotten-password".to_owned(),
        button: "Send me a link",
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
    FormPage::new("Choose a new password", "Wherever you are signed in, you will be signed out.").with(ShortForm {
        action: "/forgotten-password/new".to_owned(),
        button: "Change the password",
        hidden: vec![("token", token.to_owned())],
        fields: vec![Field::new_password()],
        ..ShortForm::default()
    })
}

/// Shows the form that the link leads to.
pub(crate) async fn show_new_password(visit: Visit) -> HttpResponse {
    match token_of(&visit).as_str() {
        "" => spent(&visit, "Ask for a new link", "/forgotten-password"),
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
            let page = FormPage::new("Your password is changed", "Sign in with it now.");
            show(&visit, StatusCode::OK, page.link("Sign in", "/sign-in"))
        }
        Err(problem) if problem.kind() == ProblemKind::NotFound => {
            spent(&visit, "Ask for a new link", "/forgotten-password")
        }
        Err(problem) => show_again(&visit, &problem, new_password_page(&token)),
    }
}

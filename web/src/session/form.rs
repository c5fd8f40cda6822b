//! A page with one or two short forms: everything about signing in that is more than the sign-in form itself.

use std::borrow::Borrow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_api::problem::{Problem, ProblemKind};

use crate::layout::{Frame, PageError, Place, Visit, answer_private_page};
use crate::words::{Language, is_known_refusal};

/// One field of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name, and its id.
    pub name: &'static str,
    /// What it asks for: a key, as with everything here that is said.
    pub label: &'static str,
    /// What helps to fill it in.
    pub hint: &'static str,
    /// `text`, `email` or `password`.
    pub kind: &'static str,
    /// What browsers fill in.
    pub autocomplete: &'static str,
    /// What was typed.
    pub value: String,
    /// Whether it may stay empty.
    pub is_optional: bool,
}

impl Field {
    /// An e-mail address.
    #[must_use]
    pub fn email(value: &str) -> Self {
        Self {
            name: "email",
            label: "session-email",
            kind: "email",
            autocomplete: "username",
            value: value.to_owned(),
            ..Self::default()
        }
    }

    /// The password that somebody has.
    #[must_use]
    pub fn password() -> Self {
        Self {
            name: "password",
            label: "session-password",
            kind: "password",
            autocomplete: "current-password",
            ..Self::default()
        }
    }

    /// A password to be.
    #[must_use]
    pub fn new_password() -> Self {
        Self {
            name: "new-password",
            label: "session-new-password",
            hint: "session-new-password-hint",
            kind: "password",
            autocomplete: "new-password",
            ..Self::default()
        }
    }

    /// A person's name.
    #[must_use]
    pub fn name(value: &str) -> Self {
        Self {
            name: "name",
            label: "session-your-name",
            hint: "session-your-name-hint",
            kind: "text",
            autocomplete: "name",
            value: value.to_owned(),
            is_optional: true,
        }
    }

    /// A code of the second factor.
    #[must_use]
    pub fn code() -> Self {
        Self {
            name: "code",
            label: "session-code",
            hint: "session-code-hint",
            kind: "text",
            autocomplete: "one-time-code",
            ..Self::default()
        }
    }

    /// The same field, which may stay empty.
    #[must_use]
    pub fn optional(mut self, hint: &'static str) -> Self {
        (self.is_optional, self.hint) = (true, hint);
        self
    }
}

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShortForm {
    /// What stands above it; empty when it is alone on its page.
    pub heading: &'static str,
    /// What stands below that; it may speak of what the page is about.
    pub text: &'static str,
    /// Where it goes.
    pub action: String,
    /// What the button says.
    pub button: &'static str,
    /// Whether what it does cannot be undone.
    pub is_grave: bool,
    /// Fields that nobody sees.
    pub hidden: Vec<(&'static str, String)>,
    /// Fields.
    pub fields: Vec<Field>,
}

/// What is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Something that has a message of its own, by its key.
    Said(&'static str),
    /// What the API says of it, which is English.
    Told(String),
}

impl Fault {
    /// True where it is said in English whatever the page's language.
    #[must_use]
    pub fn is_english(&self) -> bool {
        matches!(self, Self::Told(text) if !is_known_refusal(text))
    }

    /// What it says.
    #[must_use]
    pub fn text(&self, language: impl Borrow<Language>) -> String {
        match self {
            Self::Said(key) => language.borrow().t(key).text(),
            Self::Told(text) => language.borrow().refused(text),
        }
    }
}

/// A page of short forms, or of what came of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormPage {
    /// The key of the heading.
    pub title: &'static str,
    /// The key of what stands below it.
    pub lead: &'static str,
    /// What the page is about: what its texts may call `$about`.
    pub about: String,
    /// What is wrong with what was sent.
    pub error: Option<Fault>,
    /// The forms.
    pub forms: Vec<ShortForm>,
    /// Where else to go: the key of what a link says, and its address.
    pub links: Vec<(&'static str, String)>,
    /// A secret to be typed, in groups, with the picture of its address: width in modules and the dark ones as a path.
    pub enrolment: Option<(String, usize, String)>,
    /// Recovery codes.
    pub codes: Vec<String>,
}

impl FormPage {
    /// A page.
    #[must_use]
    pub fn new(title: &'static str, lead: &'static str) -> Self {
        Self { title, lead, ..Self::default() }
    }

    /// The same about something.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// The same with a form.
    #[must_use]
    pub fn with(mut self, form: ShortForm) -> Self {
        self.forms.push(form);
        self
    }

    /// The same with a link.
    #[must_use]
    pub fn link(mut self, text: &'static str, href: &str) -> Self {
        self.links.push((text, href.to_owned()));
        self
    }

    /// The first field, which an error points to.
    #[must_use]
    pub fn first_field(&self) -> &str {
        self.forms.iter().flat_map(|form| &form.fields).next().map_or("main", |field| field.name)
    }
}

/// The template of [`FormPage`].
#[derive(Debug, Template)]
#[template(path = "session/form.html")]
pub struct FormView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a FormPage,
}

/// Answers with a page of short forms.
pub(crate) fn show(visit: &Visit, status: StatusCode, page: FormPage) -> HttpResponse {
    visit.finish(Place::Session, Ok(page), |frame, page| answer_private_page(status, &FormView { frame, page }))
}

/// Answers a form that was refused: with the form again and what is wrong, or with the page for errors.
pub(crate) fn show_again(visit: &Visit, problem: &Problem, mut page: FormPage) -> HttpResponse {
    match told(problem) {
        Some((status, text)) => {
            page.error = Some(text);
            show(visit, status, page)
        }
        None => visit.follow(Place::Session, Err(page_error(problem))),
    }
}

/// What is wrong with a form, for its reader; `None` when the page for errors says it better.
pub(crate) fn told(problem: &Problem) -> Option<(StatusCode, Fault)> {
    let status = problem.kind().spec().status;
    let text = match problem.kind() {
        ProblemKind::SignInFailed => return Some((status, Fault::Said("session-not-right"))),
        ProblemKind::TooManyAttempts => return Some((status, Fault::Said("session-too-many"))),
        ProblemKind::InvalidContent => {
            let first = problem.faults().first();
            let field = first.and_then(|fault| fault.pointer.as_deref()).unwrap_or_default().trim_start_matches('/');
            let detail = first.map_or_else(|| problem.to_string(), |fault| fault.detail.clone());
            match field {
                "email" => format!("The e-mail address {detail}"),
                "password" => format!("The password {detail}"),
                "code" => format!("What you typed {detail}"),
                _ => detail,
            }
        }
        ProblemKind::Conflict | ProblemKind::Taken | ProblemKind::Forbidden => capitalised(&problem.to_string()),
        _ => return None,
    };
    Some((status, Fault::Told(text)))
}

fn capitalised(text: &str) -> String {
    let text = text.strip_prefix("not allowed: ").unwrap_or(text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The page for a problem.
pub(crate) fn page_error(problem: &Problem) -> PageError {
    match problem.kind() {
        ProblemKind::NotFound => PageError::NotFound,
        ProblemKind::SignInRequired => PageError::SignInNeeded,
        ProblemKind::Unavailable | ProblemKind::Overloaded => PageError::Unavailable,
        _ => PageError::Internal(problem.chain()),
    }
}

/// The page that says that a link is spent.
pub(crate) fn spent(visit: &Visit, again: &'static str, href: &str) -> HttpResponse {
    let page = FormPage::new("session-link-dead", "session-link-dead-lead");
    show(visit, StatusCode::NOT_FOUND, page.link(again, href))
}

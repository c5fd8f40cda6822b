//! A page with one or two short forms: everything about signing in that is more than the sign-in form itself.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_api::problem::{Problem, ProblemKind};

use crate::layout::{Frame, Link, PageError, Place, Visit, answer_private_page};

/// One field of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name, and its id.
    pub name: &'static str,
    /// What it asks for.
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
            label: "E-mail address",
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
            label: "Password",
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
            label: "New password",
            hint: "At least 10 characters. Several words are good; a word with a digit is not.",
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
            label: "Your name",
            hint: "Only you and the portal’s team see it. You may leave it out.",
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
            label: "Code",
            hint: "The six digits that your app shows, or one of your recovery codes.",
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
    /// What stands below that.
    pub text: String,
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

/// A page of short forms, or of what came of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormPage {
    /// The heading.
    pub title: String,
    /// What stands below it.
    pub lead: String,
    /// What is wrong with what was sent.
    pub error: Option<String>,
    /// The forms.
    pub forms: Vec<ShortForm>,
    /// Where else to go.
    pub links: Vec<Link>,
    /// A secret to be typed, in groups, with the picture of its address: width in modules and the dark ones as a path.
    pub enrolment: Option<(String, usize, String)>,
    /// Recovery codes.
    pub codes: Vec<String>,
}

impl FormPage {
    /// A page.
    pub fn new(title: impl Into<String>, lead: impl Into<String>) -> Self {
        Self { title: title.into(), lead: lead.into(), ..Self::default() }
    }

    /// The same with a form.
    #[must_use]
    pub fn with(mut self, form: ShortForm) -> Self {
        self.forms.push(form);
        self
    }

    /// The same with a link.
    #[must_use]
    pub fn link(mut self, text: &str, href: &str) -> Self {
        self.links.push(Link::new(text, href));
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
pub(crate) fn told(problem: &Problem) -> Option<(StatusCode, String)> {
    let status = problem.kind().spec().status;
    let text = match problem.kind() {
        ProblemKind::SignInFailed => "What you typed is not right, or was used before".to_owned(),
        ProblemKind::TooManyAttempts => "There were too many tries. Wait a quarter of an hour and try again".to_owned(),
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
    Some((status, text))
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
pub(crate) fn spent(visit: &Visit, again: &str, href: &str) -> HttpResponse {
    let page = FormPage::new(
        "This link does not work",
        "It is not whole, was used before, or is too old. A link works once, within an hour.",
    );
    show(visit, StatusCode::NOT_FOUND, page.link(again, href))
}

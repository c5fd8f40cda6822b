//! For developers: how to start, and a key in one form.

mod act;
pub mod application;
mod changes;
mod holder;
pub mod leak;
pub mod organisation;

use askama::Template;
use fairground_domain::{Eligibility, OperationClass, QuotaUnit};

use crate::layout::Frame;
use crate::transparency::TariffView;

pub(crate) use act::{confirm_address, get_key, show_confirmation, show_developers};
pub(crate) use changes::show_changes;
pub use changes::{ChangesPage, ChangesView};
pub(crate) use holder::Holder;

/// Longest name of an application, in characters.
pub const LONGEST_NAME_CHARS: usize = 100;
/// Longest e-mail address (RFC 5321, section 4.5.3.1), in characters.
pub const LONGEST_EMAIL_CHARS: usize = 254;

/// What was typed into the form, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyForm {
    /// The application's name.
    pub name: String,
    /// The owner's e-mail address.
    pub email: String,
    /// Whether the terms were accepted.
    pub accepts_terms: bool,
    /// What is wrong with the name.
    pub name_error: Option<KeyFormError>,
    /// What is wrong with the address.
    pub email_error: Option<KeyFormError>,
    /// What is wrong with the terms.
    pub terms_error: Option<KeyFormError>,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormError {
    /// Nothing was given.
    Missing,
    /// It is too long.
    TooLong,
    /// It cannot be one.
    Wrong,
}

impl KeyForm {
    /// Checks what was typed and notes what is wrong with it. True when nothing is.
    pub fn check(&mut self) -> bool {
        self.name = self.name.trim().to_owned();
        self.email = self.email.trim().to_owned();
        self.name_error = match self.name.chars().count() {
            0 => Some(KeyFormError::Missing),
            1..=LONGEST_NAME_CHARS => None,
            _ => Some(KeyFormError::TooLong),
        };
        self.email_error = if self.email.is_empty() {
            Some(KeyFormError::Missing)
        } else if self.email.chars().count() > LONGEST_EMAIL_CHARS {
            Some(KeyFormError::TooLong)
        } else if is_email(&self.email) {
            None
        } else {
            Some(KeyFormError::Wrong)
        };
        self.terms_error = (!self.accepts_terms).then_some(KeyFormError::Missing);
        !self.is_wrong()
    }

    /// True when something is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.name_error.is_some() || self.email_error.is_some() || self.terms_error.is_some()
    }
}

/// The shape of an address: something, one `@`, a domain with a dot; whether it lives, only a message can tell.
fn is_email(text: &str) -> bool {
    let mut parts = text.split('@');
    let (Some(local), Some(domain), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let labels_hold = domain.split('.').all(|label| !label.is_empty());
    !local.is_empty()
        && labels_hold
        && domain.contains('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ',' | ';'))
}

/// The page for developers.
#[derive(Debug, Clone)]
pub struct DeveloperPage {
    /// The tariff in force.
    pub tariff: TariffView,
    /// The form.
    pub form: KeyForm,
    /// A dataset to try things with, by slug.
    pub example: Option<String>,
}

/// The page that shows a key, once.
#[derive(Clone)]
pub struct KeyMade {
    /// The key itself.
    pub key: String,
    /// The application's name.
    pub name: String,
    /// The plan it starts on, by id.
    pub plan: String,
    /// The plan's name.
    pub plan_title: String,
    /// Whether a message was sent to confirm the address.
    pub confirmation_sent: bool,
}

impl std::fmt::Debug for KeyMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyMade").field("name", &self.name).field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// The page that a confirmation link leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfirmationPage {
    /// What the link carries.
    pub token: String,
    /// The application's name and plan, once its address is confirmed.
    pub confirmed: Option<(String, String)>,
    /// True when the link is wrong or was used before.
    pub is_spent: bool,
}

/// The template of [`ConfirmationPage`].
#[derive(Debug, Template)]
#[template(path = "developer/confirm.html")]
pub struct ConfirmationView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ConfirmationPage,
}

/// The template of [`DeveloperPage`].
#[derive(Debug, Template)]
#[template(path = "developer/page.html")]
pub struct DeveloperView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DeveloperPage,
}

/// The template of [`KeyMade`].
#[derive(Debug, Template)]
#[template(path = "developer/key.html")]
pub struct KeyMadeView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a KeyMade,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_what_is_wrong_with_each_field() {
        let long = "x".repeat(LONGEST_NAME_CHARS + 1);
        for (name, email, terms, wrong) in [
            ("Bed finder", "dev@example.org", true, (None, None, None)),
            ("  ", "dev@example.org", true, (Some(KeyFormError::Missing), None, None)),
            (long.as_str(), "dev@example.org", true, (Some(KeyFormError::TooLong), None, None)),
            ("Bed finder", "", false, (None, Some(KeyFormError::Missing), Some(KeyFormError::Missing))),
            ("Bed finder", "dev@", true, (None, Some(KeyFormError::Wrong), None)),
            ("Bed finder", "dev@example", true, (None, Some(KeyFormError::Wrong), None)),
            ("Bed finder", "a@b@example.org", true, (None, Some(KeyFormError::Wrong), None)),
            ("Bed finder", "a b@example.org", true, (None, Some(KeyFormError::Wrong), None)),
        ] {
            let mut form =
                KeyForm { name: name.to_owned(), email: email.to_owned(), accepts_terms: terms, ..KeyForm::default() };
            let is_fine = form.check();
            assert_eq!((form.name_error, form.email_error, form.terms_error), wrong, "{name} {email}");
            assert_eq!(is_fine, wrong == (None, None, None));
        }
    }

    #[test]
    fn a_key_is_never_printed_by_debug() {
        let made = KeyMade {
            key: "fg_secret".to_owned(),
            name: "x".to_owned(),
            plan: "starter".to_owned(),
            plan_title: "Starter".to_owned(),
            confirmation_sent: false,
        };
        assert!(!format!("{made:?}").contains("fg_secret"));
    }
}

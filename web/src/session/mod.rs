//! Signing in and out, registering, a forgotten password, the second factor, identity providers.

mod act;
mod factor;
mod federated;
mod form;
mod register;

use askama::Template;

use crate::layout::{Frame, Link};

pub(crate) use act::{go_in, show_sign_in, sign_in, sign_out, with_cookie};
pub(crate) use factor::{act_on_factor, pass_factor, show_factor, show_pass_factor};
pub(crate) use federated::{act_on_identity, adopt_identity, come_back, depart, link_token, show_adoption};
pub use form::{Fault, Field, FormPage, FormView, ShortForm};
pub(crate) use form::{page_error, show, show_again};
pub(crate) use register::{
    ask_for_password, ask_to_register, choose_password, register, show_forgotten, show_new_password, show_register,
    show_registration,
};

/// The sign-in page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInPage {
    /// What was typed as address.
    pub email: String,
    /// Where to go afterwards: a path of this portal; empty when the reader wanted nothing in particular.
    pub next: String,
    /// True when the last try failed. It does not say whether the address is known.
    pub failed: bool,
    /// True when there were too many tries.
    pub is_throttled: bool,
    /// What an identity provider's sign-in came to, when it came to nothing: a key.
    pub refusal: Option<&'static str>,
    /// Identity providers, by where they begin.
    pub providers: Vec<Link>,
}

/// The template of [`SignInPage`].
#[derive(Debug, Template)]
#[template(path = "session/sign-in.html")]
pub struct SignInView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a SignInPage,
}

/// Where to go after signing in: a path of this portal and nothing else, so that no link can send people elsewhere.
#[must_use]
pub fn safe_next(next: &str) -> &str {
    const DEFAULT: &str = "/workspace";
    let is_path = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_path { next } else { DEFAULT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_this_portal_only() {
        for (next, to) in [
            ("/workspace/jobs?x=1", "/workspace/jobs?x=1"),
            ("", "/workspace"),
            ("https://evil.example", "/workspace"),
            ("//evil.example", "/workspace"),
            ("/\\evil.example", "/workspace"),
            ("/\t/evil.example", "/workspace"),
            ("/\u{a0}/evil.example", "/workspace"),
            ("/\r\nSet-Cookie: x=1", "/workspace"),
            ("javascript:alert(1)", "/workspace"),
        ] {
            assert_eq!(safe_next(next), to);
        }
    }
}

//! Signing in and out.

mod act;

use askama::Template;

use crate::layout::Frame;

pub(crate) use act::{show_sign_in, sign_in, sign_out};

/// The sign-in page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInPage {
    /// What was typed as address.
    pub email: String,
    /// Where to go afterwards: a path of this portal.
    pub next: String,
    /// True when the last try failed. It does not say whether the address is known.
    pub failed: bool,
    /// True when there were too many tries.
    pub is_throttled: bool,
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
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
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
            ("javascript:alert(1)", "/workspace"),
        ] {
            assert_eq!(safe_next(next), to);
        }
    }
}

//! One's own account: what is kept, why and until when; sessions, identities, password, second factor; export and erasure.

mod act;

use askama::Template;
use fairground_catalog::account::{Account, Datum, FactorState, Identity, PersonalData, SessionCard};
use fairground_domain::SessionId;

use crate::layout::{Frame, Link};

pub(crate) use act::{
    change_password, end_sessions, erase, remove_factor, show_erase, show_me, show_password, show_remove_factor, unlink,
};

/// The page about oneself.
#[derive(Debug, Clone)]
pub struct MePage {
    /// The account.
    pub account: Account,
    /// The second factor in use.
    pub factor: Option<FactorState>,
    /// Linked identities, each with its provider's title.
    pub identities: Vec<(Identity, String)>,
    /// Providers that an identity may be linked from, by where that begins.
    pub linkable: Vec<Link>,
    /// Whether an identity may be taken away: another way to sign in is left.
    pub may_unlink: bool,
    /// Open sessions; true for the one that this page came by.
    pub sessions: Vec<(SessionCard, bool)>,
    /// What is kept, each with its reason and its end; values as they are shown.
    pub kept: Vec<Kept>,
    /// What is wrong with the last act.
    pub error: Option<String>,
}

/// One thing that is kept, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is.
    pub what: &'static str,
    /// The thing itself.
    pub value: String,
    /// Why.
    pub why: &'static str,
    /// Until when.
    pub until: String,
}

impl From<Datum> for Kept {
    fn from(datum: Datum) -> Self {
        let value = match datum.value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Object(parts) => {
                let part = |(name, value): (&String, &serde_json::Value)| match value {
                    serde_json::Value::Null => None,
                    serde_json::Value::String(text) => Some(format!("{}: {text}", name.replace('_', " "))),
                    other => Some(format!("{}: {other}", name.replace('_', " "))),
                };
                parts.iter().filter_map(part).collect::<Vec<_>>().join("; ")
            }
            other => other.to_string(),
        };
        Self { what: datum.what, value, why: datum.why, until: datum.until }
    }
}

impl MePage {
    /// The page for somebody's data, seen by one of their sessions; `providers` by slug, title and where a link begins.
    #[must_use]
    pub fn new(data: PersonalData, here: SessionId, providers: &[(String, Link)]) -> Self {
        let kept = data.list().into_iter().map(Kept::from).collect();
        let title = |slug: &str| {
            providers
                .iter()
                .find(|(known, _)| known == slug)
                .map_or_else(|| slug.to_owned(), |(_, link)| link.text.clone())
        };
        let linked = |slug: &str| data.identities.iter().any(|identity| identity.provider == slug);
        let linkable = providers.iter().filter(|(slug, _)| !linked(slug)).map(|(_, link)| link.clone()).collect();
        Self {
            linkable,
            may_unlink: data.account.has_password || data.identities.len() > 1,
            identities: data.identities.iter().map(|one| (one.clone(), title(&one.provider))).collect(),
            factor: data.factor.filter(|factor| factor.confirmed_at.is_some()),
            sessions: data.sessions.into_iter().map(|session| (session.clone(), session.id == here)).collect(),
            account: data.account,
            kept,
            error: None,
        }
    }
}

/// The template of [`MePage`].
#[derive(Debug, Template)]
#[template(path = "me/page.html")]
pub struct MeView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a MePage,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_datum_is_shown_in_words() {
        let datum = |value| Datum { what: "x", value, why: "y", until: "z".to_owned() };
        assert_eq!(Kept::from(datum(json!("Ada"))).value, "Ada");
        let parts = json!({ "device": "Firefox on Linux", "email": null, "last_used": "2026-01-01" });
        assert_eq!(Kept::from(datum(parts)).value, "device: Firefox on Linux; last used: 2026-01-01");
    }
}

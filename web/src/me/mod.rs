//! One's own account: what is kept, why and until when; sessions, identities, password, second factor; export and erasure.

mod act;

use askama::Template;
use fairground_catalog::account::{Account, Datum, FactorState, Identity, PersonalData, SessionCard};
use fairground_catalog::application::{Alerts, Application};
use fairground_domain::SessionId;

use crate::layout::{Frame, Link};
use crate::words::Language;

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
    /// The reader's applications, and of what letters tell about each.
    pub applications: Vec<(Application, Alerts)>,
    /// The language that letters come in.
    pub letters: Language,
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

impl Kept {
    /// A datum as a reader of that language is shown it: its parts by their names, moments in words.
    fn of(datum: Datum, language: Language) -> Self {
        let shown = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => language.in_words(text),
            serde_json::Value::Array(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        };
        let value = match &datum.value {
            serde_json::Value::Object(parts) => {
                let parts = parts.iter().filter(|(_, value)| !value.is_null());
                let named = parts.map(|(name, value)| {
                    let words = name.replace('_', " ");
                    language.t("me-part").with("name", name).with("words", words).with("value", shown(value)).text()
                });
                named.collect::<Vec<_>>().join("; ")
            }
            other => shown(other),
        };
        Self { what: datum.what, value, why: datum.why, until: datum.until }
    }
}

impl MePage {
    /// The page for somebody's data, seen by one of their sessions; `providers` by slug, title and where a link begins. Letters
    /// to who has chosen no language come in that of the page.
    #[must_use]
    pub fn new(data: PersonalData, here: SessionId, providers: &[(String, Link)], language: Language) -> Self {
        let kept = data.list().into_iter().map(|datum| Kept::of(datum, language)).collect();
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
            applications: data.applications.into_iter().zip(data.alerts).collect(),
            account: data.account,
            letters: data.language.as_ref().and_then(|tag| Language::of_tag(tag.as_str())).unwrap_or(language),
            kept,
            error: None,
        }
    }
}

/// Shares of a quota as they are written.
#[must_use]
pub fn shares(alerts: &Alerts) -> String {
    alerts.quota_marks.iter().map(|mark| format!("{mark}\u{a0}%")).collect::<Vec<_>>().join(", ")
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
        let value = |value, language| Kept::of(datum(value), language).value;
        assert_eq!(value(json!("Ada"), Language::En), "Ada");
        assert_eq!(value(json!("2026-01-01T10:20:30.123456Z"), Language::En), "1 January 2026, 10:20 UTC");
        let parts = json!({ "device": "Firefox on Linux", "email": null, "odd_one": 7, "last_used": "2026-01-01" });
        let said = value(parts.clone(), Language::En);
        assert_eq!(said, "device: Firefox on Linux; last used: 2026-01-01; odd one: 7");
        let said = value(parts, Language::De);
        assert_eq!(said, "Gerät: Firefox on Linux; zuletzt verwendet: 2026-01-01; odd one: 7");
        let hash = json!("an argon2id hash; the password itself is not kept");
        assert!(value(hash, Language::Fr).starts_with("une empreinte"));
    }
}

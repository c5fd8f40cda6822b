//! What the portal's letters say.

use fairground_catalog::application::{DueAlert, Leak, QuotaWarning, Trouble};
use fairground_catalog::member::{self, InvitedMember, PublishingToken};
use fairground_catalog::organisation::{INVITATION_SECS, Invited};

use super::{Mail, Tongue};
use crate::settings::ApiSettings;

const DAY_SECS: i64 = 86_400;
const MINUTE_SECS: i64 = 60;

/// The link that confirms the address behind a new application.
#[must_use]
pub fn confirmation(settings: &ApiSettings, tongue: Tongue, to: &str, token: &str) -> Mail {
    let (title, url) = (settings.title.as_str(), settings.public_url.as_str());
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(title, "letter-application-subject", &[]),
        text: tongue.say("letter-application", &[("title", title), ("url", url), ("token", token)]),
    }
}

/// The link that lets an owner in who has no account, or has lost the key.
#[must_use]
pub fn owner_link(settings: &ApiSettings, tongue: Tongue, to: &str, token: &str) -> Mail {
    let (title, url) = (settings.title.as_str(), settings.public_url.as_str());
    let minutes = (fairground_catalog::application::OWNER_LINK_SECS / MINUTE_SECS).to_string();
    let arguments = [("title", title), ("url", url), ("token", token), ("minutes", minutes.as_str())];
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(title, "letter-owner-subject", &[]),
        text: tongue.say("letter-owner", &arguments),
    }
}

/// A key was found and revoked.
#[must_use]
pub fn key_leaked(settings: &ApiSettings, tongue: Tongue, to: &str, leak: &Leak) -> Mail {
    let id = leak.application.id.to_string();
    let arguments = [
        ("name", leak.application.name.as_str()),
        ("key", leak.key.name.as_str()),
        ("hint", leak.key.hint.as_str()),
        ("url", settings.public_url.as_str()),
        ("id", id.as_str()),
    ];
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(&settings.title, "letter-leak-subject", &[]),
        text: tongue.say("letter-leak", &arguments),
    }
}

/// A publishing token was found in public and revoked.
#[must_use]
pub fn token_leaked(settings: &ApiSettings, tongue: Tongue, token: &PublishingToken) -> Mail {
    let arguments = [
        ("name", token.name.as_str()),
        ("publisher", token.publisher.name.as_str()),
        ("hint", token.hint.as_str()),
        ("url", settings.public_url.as_str()),
    ];
    Mail {
        to: token.email.clone(),
        subject: tongue.subject(&settings.title, "letter-token-leak-subject", &[]),
        text: tongue.say("letter-token-leak", &arguments),
    }
}

/// A quota is used up to a share of which its owner wants to know; `off` is the address that ends such letters.
#[must_use]
pub fn quota(settings: &ApiSettings, tongue: Tongue, to: &str, warning: &QuotaWarning, off: &str) -> Mail {
    let (percent, quota) = (warning.percent.to_string(), warning.policy.quota.to_string());
    let (id, turns) = (warning.application.id.to_string(), warning.resets_at.http_date());
    let policy = warning.policy.name.to_string();
    let what = if warning.percent >= 100 {
        tongue.say("letter-quota-refused", &[])
    } else {
        tongue.say("letter-quota-soon", &[])
    };
    let arguments = [
        ("name", warning.application.name.as_str()),
        ("percent", percent.as_str()),
        ("policy", policy.as_str()),
        ("quota", quota.as_str()),
        ("turns", turns.as_str()),
        ("what", what.as_str()),
        ("url", settings.public_url.as_str()),
        ("id", id.as_str()),
    ];
    let shown = [("percent", percent.as_str()), ("policy", policy.as_str())];
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(&settings.title, "letter-quota-subject", &shown),
        text: with_foot(settings, tongue, &tongue.say("letter-quota", &arguments), &id, off),
    }
}

/// Calls fail, or do not come any more; `off` is the address that ends such letters.
#[must_use]
pub fn trouble(settings: &ApiSettings, tongue: Tongue, to: &str, due: &DueAlert, off: &str) -> Mail {
    let (id, name) = (due.application.id.to_string(), due.application.name.as_str());
    let (subject, text) = match due.trouble {
        Trouble::Errors { hour, calls, failed, percent } => {
            let share = failed.saturating_mul(100).checked_div(calls).unwrap_or(0).to_string();
            let (hour, calls, failed, percent) =
                (hour.http_date(), calls.to_string(), failed.to_string(), percent.to_string());
            let arguments = [
                ("name", name),
                ("hour", hour.as_str()),
                ("calls", calls.as_str()),
                ("failed", failed.as_str()),
                ("share", share.as_str()),
                ("percent", percent.as_str()),
                ("url", settings.public_url.as_str()),
                ("id", id.as_str()),
            ];
            let shown = [("name", name), ("share", share.as_str())];
            (tongue.subject(&settings.title, "letter-errors-subject", &shown), tongue.say("letter-errors", &arguments))
        }
        Trouble::Silence { days, since } => {
            let span = tongue.say_number("letter-silence-span", "days", usize::try_from(days).unwrap_or(usize::MAX));
            let last = match since {
                Some(since) => tongue.say("letter-silence-last", &[("moment", since.http_date().as_str())]),
                None => tongue.say("letter-silence-never", &[]),
            };
            let arguments = [("name", name), ("span", span.as_str()), ("last", last.as_str())];
            (
                tongue.subject(&settings.title, "letter-silence-subject", &[("name", name), ("span", span.as_str())]),
                tongue.say("letter-silence", &arguments),
            )
        }
    };
    Mail { to: to.to_owned(), subject, text: with_foot(settings, tongue, &text, &id, off) }
}

/// A letter's text with where its owner chooses of what to be told, and what ends such letters.
fn with_foot(settings: &ApiSettings, tongue: Tongue, text: &str, id: &str, off: &str) -> String {
    let arguments = [("url", settings.public_url.as_str()), ("id", id), ("off", off)];
    format!("{text}\n\n{}", tongue.say("letter-alert-foot", &arguments))
}

/// Somebody is asked to join an organisation.
#[must_use]
pub fn invitation(settings: &ApiSettings, tongue: Tongue, invited: &Invited) -> Mail {
    let (title, name) = (settings.title.as_str(), invited.organisation.name.as_str());
    let days = (INVITATION_SECS / DAY_SECS).to_string();
    let arguments = [
        ("title", title),
        ("name", name),
        ("url", settings.public_url.as_str()),
        ("token", invited.token.as_str()),
        ("days", days.as_str()),
    ];
    Mail {
        to: invited.invitation.email.clone(),
        subject: tongue.subject(title, "letter-organisation-subject", &[("name", name)]),
        text: tongue.say("letter-organisation", &arguments),
    }
}

/// Somebody is asked to work for a publisher.
#[must_use]
pub fn member_invitation(settings: &ApiSettings, tongue: Tongue, invited: &InvitedMember) -> Mail {
    let (title, name) = (settings.title.as_str(), invited.publisher.name.as_str());
    let role = tongue.say("letter-role", &[("role", invited.invitation.role.as_str())]);
    let days = (member::INVITATION_SECS / DAY_SECS).to_string();
    let arguments = [
        ("title", title),
        ("name", name),
        ("role", role.as_str()),
        ("url", settings.public_url.as_str()),
        ("token", invited.token.as_str()),
        ("days", days.as_str()),
    ];
    Mail {
        to: invited.invitation.email.clone(),
        subject: tongue.subject(title, "letter-publisher-subject", &[("name", name)]),
        text: tongue.say("letter-publisher", &arguments),
    }
}

//! What the portal's letters say.

use fairground_catalog::application::{Leak, QuotaWarning};
use fairground_catalog::organisation::{INVITATION_SECS, Invited};

use super::Mail;
use crate::settings::ApiSettings;

const DAY_SECS: i64 = 86_400;
const MINUTE_SECS: i64 = 60;

/// The link that confirms the address behind a new application.
#[must_use]
pub fn confirmation(settings: &ApiSettings, to: &str, token: &str) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    Mail {
        to: to.to_owned(),
        subject: format!("{title}: confirm your e-mail address"),
        text: format!(
            "Somebody registered an application with this address at {title}.\n\nIf it was you, open this link to \
             confirm the address; your key then has the limits of the open plan:\n\n\
             {url}/developers/verify?token={token}\n\nIf it was not you, ignore this letter."
        ),
    }
}

/// The link that lets an owner in who has no account, or has lost the key.
#[must_use]
pub fn owner_link(settings: &ApiSettings, to: &str, token: &str) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let minutes = fairground_catalog::application::OWNER_LINK_SECS / MINUTE_SECS;
    Mail {
        to: to.to_owned(),
        subject: format!("{title}: manage your applications"),
        text: format!(
            "Somebody, we hope you, asked to manage the applications that carry this address at {title}.\n\nThis link \
             opens them, once, within {minutes} minutes:\n\n{url}/developers/manage?token={token}\n\nIf it was not you, \
             ignore this letter: nothing has changed."
        ),
    }
}

/// A key was found and revoked.
#[must_use]
pub fn key_leaked(settings: &ApiSettings, to: &str, leak: &Leak) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let (name, key, hint) = (&leak.application.name, &leak.key.name, &leak.key.hint);
    Mail {
        to: to.to_owned(),
        subject: format!("{title}: a key was found in public and revoked"),
        text: format!(
            "Somebody showed us a key of your application \"{name}\" in full: \"{key}\", which begins with {hint}. Whoever \
             can show it could use it, so it was revoked at once; calls with it are refused.\n\nMake a new key here, and \
             keep it out of public code and pages:\n\n{url}/developers/applications/{}\n\nYour other keys work as before.",
            leak.application.id
        ),
    }
}

/// A quota is nearly or wholly used.
#[must_use]
pub fn quota(settings: &ApiSettings, to: &str, warning: &QuotaWarning) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let (name, id) = (&warning.application.name, warning.application.id);
    let (percent, policy, quota) = (warning.percent, &warning.policy.name, warning.policy.quota);
    let turns = warning.resets_at.http_date();
    let what = if percent >= 100 {
        "Calls are refused with status 429 until then."
    } else {
        "Nothing is refused yet; at 100 % calls are refused with status 429 until then."
    };
    Mail {
        to: to.to_owned(),
        subject: format!("{title}: {percent} % of the quota {policy} used"),
        text: format!(
            "Your application \"{name}\" has used {percent} % of its quota {policy}: {quota} units a window. The window \
             turns at {turns}. {what}\n\nPlans are the same for everybody: {url}/transparency\nSee what you used, or \
             end these letters: {url}/developers/applications/{id}"
        ),
    }
}

/// Somebody is asked to join an organisation.
#[must_use]
pub fn invitation(settings: &ApiSettings, invited: &Invited) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let (name, token) = (&invited.organisation.name, &invited.token);
    let days = INVITATION_SECS / DAY_SECS;
    Mail {
        to: invited.invitation.email.clone(),
        subject: format!("{title}: join {name}"),
        text: format!(
            "You are invited to look after the applications of \"{name}\" at {title}.\n\nThis link accepts, once, within \
             {days} days:\n\n{url}/developers/invitation?token={token}\n\nIf you do not know what this is about, ignore \
             this letter."
        ),
    }
}

//! Every setting in force: what it is, and where it was said. For operators; secrets are told as set or not set.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::account::Role;

use crate::layout::{Frame, PageError, Place, Visit, answer_private_page};

/// Where a setting was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SettingOrigin {
    /// Nowhere: the program's own.
    #[default]
    Default,
    /// In the file of settings.
    File,
    /// In the environment.
    Environment,
    /// On the command line.
    Argument,
}

impl SettingOrigin {
    /// The key of its name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Default => "operate-origin-default",
            Self::File => "operate-origin-file",
            Self::Environment => "operate-origin-environment",
            Self::Argument => "operate-origin-argument",
        }
    }
}

/// What a setting holds, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// This text.
    Text(String),
    /// Nothing.
    Nothing,
    /// A secret: only whether there is one.
    Secret(bool),
}

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the file; in the environment it stands behind `FAIRGROUND_`, in capitals.
    pub name: &'static str,
    /// What it holds.
    pub value: SettingValue,
    /// Where it was said.
    pub origin: SettingOrigin,
}

impl Setting {
    /// Its name in the environment.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("FAIRGROUND_{}", self.name.to_ascii_uppercase())
    }

    /// The key of the sentence about it; `None` for a name that these pages do not know.
    #[must_use]
    pub fn about(&self) -> Option<&'static str> {
        about(self.name)
    }
}

/// The key of the sentence about a setting.
#[must_use]
pub fn about(name: &str) -> Option<&'static str> {
    Some(match name {
        "data_dir" => "operate-setting-data-dir",
        "database_url" => "operate-setting-database-url",
        "secret_file" => "operate-setting-secret-file",
        "listen" => "operate-setting-listen",
        "public_url" => "operate-setting-public-url",
        "harvest_allow" => "operate-setting-harvest-allow",
        "personal_data_gate" => "operate-setting-personal-data-gate",
        "trusted_proxies" => "operate-setting-trusted-proxies",
        "request_timeout_secs" => "operate-setting-request-timeout-secs",
        "web_threads" => "operate-setting-web-threads",
        "harvest_workers" => "operate-setting-harvest-workers",
        "meter_failure" => "operate-setting-meter-failure",
        "security_contact" => "operate-setting-security-contact",
        "object_store" => "operate-setting-object-store",
        "link_checks" => "operate-setting-link-checks",
        "load_workers" => "operate-setting-load-workers",
        "table_versions" => "operate-setting-table-versions",
        "table_refresh_hours" => "operate-setting-table-refresh-hours",
        "table_cache_mb" => "operate-setting-table-cache-mb",
        "limits_url" => "operate-setting-limits-url",
        "mail_url" => "operate-setting-mail-url",
        "mail_password" => "operate-setting-mail-password",
        "mail_password_file" => "operate-setting-mail-password-file",
        "mail_from" => "operate-setting-mail-from",
        "second_factor" => "operate-setting-second-factor",
        "session_idle_minutes" => "operate-setting-session-idle-minutes",
        "session_hours" => "operate-setting-session-hours",
        "breached_passwords_file" => "operate-setting-breached-passwords-file",
        "identity_providers" => "operate-setting-identity-providers",
        "brand" => "operate-setting-brand",
        _ => return None,
    })
}

/// The page of settings.
#[derive(Debug, Clone, Default)]
pub struct SettingsPage {
    /// The settings, in the order of the documentation.
    pub settings: Vec<Setting>,
}

/// The template of [`SettingsPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/operate/settings.html")]
pub struct SettingsView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a SettingsPage,
}

/// Who may see how the portal is run: operators, and auditors, who change nothing. To others there is no such page.
pub(super) fn must_oversee(visit: &Visit) -> Result<Role, PageError> {
    let role = visit.staff()?.account.role;
    match role {
        Role::Operator | Role::Auditor => Ok(role),
        Role::Steward | Role::Publisher | Role::Developer => Err(PageError::NotFound),
    }
}

/// Shows every setting in force.
pub(crate) async fn show_settings(visit: Visit) -> HttpResponse {
    let loaded = must_oversee(&visit).map(|_| SettingsPage { settings: visit.pages.told.settings.clone() });
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &SettingsView { frame, page })
    })
}

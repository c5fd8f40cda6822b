//! What the API is told at its start.

use std::time::Duration;

use fairground_catalog::account::{PasswordRules, SessionRules};
use fairground_limits::RedisAddress;
use fairground_reach::AllowList;
use ipnet::IpNet;

use crate::federation::ProviderSettings;
use crate::mail::Tongue;

/// Settings of the API; built once by the program, varied freely in tests.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Where the portal is seen from outside, without a slash at the end, such as `https://data.example.org`.
    pub public_url: String,
    /// The portal's name.
    pub title: String,
    /// The portal's own language: that of letters to readers whose language is not known.
    pub language: Tongue,
    /// Whose `X-Forwarded-For` is believed. Empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// How long an answer may take before it is given up with 504.
    pub request_timeout: Duration,
    /// Where to report a vulnerability, for `/.well-known/security.txt`: a `mailto:` or `https:` address.
    pub security_contact: String,
    /// Whom to ask about the API: an e-mail address for the OpenAPI document.
    pub contact_email: Option<String>,
    /// Whether the portal harvests its own open data (the use that is made of it): it must be able to reach itself at
    /// [`Self::public_url`].
    pub harvests_itself: bool,
    /// Versions of an uploaded table that are kept, the current one included.
    pub table_versions: u32,
    /// How long sessions last.
    pub sessions: SessionRules,
    /// Whether operators and stewards need a second factor; who has none sets one up at the next sign-in.
    pub second_factor_required: bool,
    /// Passwords that must not be used.
    pub password_rules: PasswordRules,
    /// Identity providers that people may sign in through.
    pub identity_providers: Vec<ProviderSettings>,
    /// Where quotas are counted, if not in the database.
    pub limits: Option<RedisAddress>,
    /// Private hosts and networks that may be reached nevertheless, identity providers among them.
    pub reach: AllowList,
}

impl ApiSettings {
    /// How long an answer may take unless the operator says otherwise.
    pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

    /// True when the portal is reached by HTTPS, so that cookies must be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            title: "Fairground".to_owned(),
            language: Tongue::English,
            trusted_proxies: Vec::new(),
            request_timeout: Self::DEFAULT_REQUEST_TIMEOUT,
            security_contact: "mailto:security@localhost".to_owned(),
            contact_email: None,
            harvests_itself: false,
            table_versions: fairground_catalog::table::VERSIONS_KEPT,
            sessions: SessionRules::default(),
            second_factor_required: false,
            password_rules: PasswordRules::default(),
            identity_providers: Vec::new(),
            limits: None,
            reach: AllowList::none(),
        }
    }
}

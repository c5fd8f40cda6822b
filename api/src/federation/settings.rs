//! Identity providers as the operator describes them.

use std::fmt;
use std::path::PathBuf;

use fairground_catalog::account::Role;
use serde::Deserialize;
use url::Url;

/// Longest slug and title, in characters.
const MAX_NAME_CHARS: usize = 60;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// How a provider is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderKind {
    /// OpenID Connect: addresses and keys come from its discovery document.
    Oidc {
        /// Its issuer, exactly as its tokens name it.
        issuer: String,
    },
    /// OAuth 2.0 with an address that tells about the user.
    OAuth2 {
        /// Where people are sent.
        authorization_url: Box<Url>,
        /// Where codes become tokens.
        token_url: Box<Url>,
        /// Who the token's user is, as JSON.
        user_info_url: Box<Url>,
    },
}

/// Which claims are which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// Who somebody is; must never change and never be given to another.
    pub subject: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the provider has checked the address; `None`: it never says so.
    pub email_verified: Option<String>,
    /// The person's name.
    pub name: String,
}

/// One identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Its name in addresses.
    pub slug: String,
    /// Its name on the sign-in page.
    pub title: String,
    /// How it is spoken to.
    pub kind: ProviderKind,
    /// Who we are to it.
    pub client_id: String,
    /// Our password there.
    pub client_secret: Option<Hidden>,
    /// What is asked for, besides `openid`.
    pub scopes: Vec<String>,
    /// Which claims are which.
    pub claims: ClaimNames,
    /// Roles whose accounts it may open.
    pub roles: Vec<Role>,
}

/// What the operator writes: `[[identity_providers]]` in `fairground.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawProvider {
    /// Its name in addresses: `a-z 0-9 -`.
    slug: String,
    /// Its name on the sign-in page. Default: the slug.
    title: Option<String>,
    /// `oidc` (default) or `oauth2`.
    kind: Option<String>,
    /// For `oidc`: the issuer.
    issuer: Option<String>,
    /// For `oauth2`: where people are sent.
    authorization_url: Option<Url>,
    /// For `oauth2`: where codes become tokens.
    token_url: Option<Url>,
    /// For `oauth2`: who the token's user is.
    user_info_url: Option<Url>,
    /// Who the portal is there.
    client_id: String,
    /// The file with the client's secret, or …
    client_secret_file: Option<PathBuf>,
    /// … the environment variable with it.
    client_secret_env: Option<String>,
    /// Scopes. Default: `email profile` for `oidc`, none for `oauth2`.
    scopes: Option<Vec<String>>,
    /// The claim that tells who somebody is. Default `sub`, for `oauth2` `id`. OpenID Connect knows no other than `sub`.
    subject_claim: Option<String>,
    /// The claim with the e-mail address. Default `email`.
    email_claim: Option<String>,
    /// The claim that says whether the address was checked. Default `email_verified` for `oidc`; for `oauth2` there is none
    /// unless it is named.
    email_verified_claim: Option<String>,
    /// The claim with the name. Default `name`.
    name_claim: Option<String>,
    /// Roles whose accounts it may open. Default: developers alone. New accounts are always developers'.
    roles: Option<Vec<String>>,
}

/// A provider that cannot be used; never with its secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("identity provider `{slug}`: {problem}")]
pub struct InvalidProvider {
    slug: String,
    problem: String,
}

impl RawProvider {
    /// What it means; reads the client's secret from its file or variable.
    ///
    /// # Errors
    /// When something is missing, contradicts itself or cannot be read.
    pub fn read(self) -> Result<ProviderSettings, InvalidProvider> {
        let slug = self.slug.clone();
        self.parse().map_err(|problem| InvalidProvider { slug, problem })
    }

    fn parse(self) -> Result<ProviderSettings, String> {
        let is_slug = (1..=MAX_NAME_CHARS).contains(&self.slug.len())
            && self.slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !RESERVED_SLUGS.contains(&self.slug.as_str());
        if !is_slug {
            return Err(format!("the slug must be of `a-z 0-9 -` and none of: {}", RESERVED_SLUGS.join(", ")));
        }
        if self.client_id.trim().is_empty() {
            return Err("`client_id` is empty".to_owned());
        }
        let client_secret = self.secret()?;
        let is_oidc = matches!(self.kind.as_deref(), None | Some("oidc"));
        let defaults: (&[&str], &str, Option<&str>) =
            if is_oidc { (&["email", "profile"], "sub", Some("email_verified")) } else { (&[], "id", None) };
        let claims = ClaimNames {
            subject: self.subject_claim.clone().unwrap_or_else(|| defaults.1.to_owned()),
            email: self.email_claim.clone().unwrap_or_else(|| "email".to_owned()),
            email_verified: self.email_verified_claim.clone().or_else(|| defaults.2.map(str::to_owned)),
            name: self.name_claim.clone().unwrap_or_else(|| "name".to_owned()),
        };
        if is_oidc && claims.subject != "sub" {
            return Err("OpenID Connect identifies people by `sub` alone: leave `subject_claim` out".to_owned());
        }
        let title: String = self.title.clone().unwrap_or_else(|| self.slug.clone());
        Ok(ProviderSettings {
            kind: self.provider_kind()?,
            scopes: self.scopes.clone().unwrap_or_else(|| defaults.0.iter().map(|s| (*s).to_owned()).collect()),
            roles: self.roles()?,
            slug: self.slug,
            title: title.chars().take(MAX_NAME_CHARS).collect(),
            client_id: self.client_id,
            client_secret,
            claims,
        })
    }

    fn provider_kind(&self) -> Result<ProviderKind, String> {
        let need =
            |name: &str, value: &Option<Url>| value.clone().map(Box::new).ok_or_else(|| format!("`{name}` is missing"));
        let plain = [&self.authorization_url, &self.token_url, &self.user_info_url];
        match (self.kind.as_deref(), &self.issuer) {
            (None | Some("oidc"), Some(issuer)) if plain.iter().all(|url| url.is_none()) => {
                let url = Url::parse(issuer).map_err(|error| format!("`issuer`: {error}"))?;
                if url.query().is_some() || url.fragment().is_some() {
                    return Err("`issuer` has neither query nor fragment".to_owned());
                }
                Ok(ProviderKind::Oidc { issuer: issuer.clone() })
            }
            (None | Some("oidc"), Some(_)) => {
                Err("OpenID Connect finds its addresses by itself: name only the `issuer`".to_owned())
            }
            (None | Some("oidc"), None) => Err("`issuer` is missing".to_owned()),
            (Some("oauth2"), None) => Ok(ProviderKind::OAuth2 {
                authorization_url: need("authorization_url", &self.authorization_url)?,
                token_url: need("token_url", &self.token_url)?,
                user_info_url: need("user_info_url", &self.user_info_url)?,
            }),
            (Some("oauth2"), Some(_)) => Err("plain OAuth 2.0 has no `issuer`".to_owned()),
            (Some(other), _) => Err(format!("`{other}` is neither `oidc` nor `oauth2`")),
        }
    }

    fn roles(&self) -> Result<Vec<Role>, String> {
        let Some(named) = &self.roles else { return Ok(vec![Role::Developer]) };
        named.iter().map(|name| Role::parse(name).ok_or_else(|| format!("`{name}` is not a role"))).collect()
    }

    fn secret(&self) -> Result<Option<Hidden>, String> {
        let text = match (&self.client_secret_file, &self.client_secret_env) {
            (Some(_), Some(_)) => return Err("name the secret's file or its variable, not both".to_owned()),
            (Some(file), None) => std::fs::read_to_string(file)
                .map_err(|error| format!("the secret's file `{}` cannot be read: {error}", file.display()))?,
            (None, Some(name)) => {
                std::env::var(name).map_err(|_| format!("the environment has no variable `{name}`"))?
            }
            (None, None) => return Ok(None),
        };
        match text.trim() {
            "" => Err("the client's secret is empty".to_owned()),
            text => Ok(Some(Hidden(text.to_owned()))),
        }
    }
}

/// What stands below `/sign-in/` for other reasons.
const RESERVED_SLUGS: [&str; 4] = ["second-factor", "identity", "identity-link", "enrolment"];

/// Reads all of them; no two may have one slug.
///
/// # Errors
/// As [`RawProvider::read`], and for a slug that is there twice.
pub fn read_providers(raw: Vec<RawProvider>) -> Result<Vec<ProviderSettings>, InvalidProvider> {
    let mut read: Vec<ProviderSettings> = Vec::new();
    for provider in raw {
        let provider = provider.read()?;
        if read.iter().any(|other| other.slug == provider.slug) {
            let problem = "there are two of them".to_owned();
            return Err(InvalidProvider { slug: provider.slug, problem });
        }
        read.push(provider);
    }
    Ok(read)
}

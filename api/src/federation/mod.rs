//! Federated sign-in: identity providers that vouch for people, several side by side.
//!
//! [`Federation::begin`] sends a browser to a provider, [`Federation::complete`] turns what comes back into what the provider
//! says about the person. What that is worth here, `fairground_catalog::account` decides. Each provider has an address of its
//! own to come back to, and a `state` that one provider's sign-in began is worth nothing at another's.

pub(crate) mod http;
mod oauth;
mod oidc;
mod settings;

use actix_web::cookie::{Cookie, time::Duration};
use actix_web::{HttpRequest, web};
use fairground_catalog::account::{self, ATTEMPT_SECS, Attempt, AttemptSecrets, Claimed};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::AccountId;
use oauth2::{CsrfToken, PkceCodeChallenge};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

pub use self::http::AskError;
pub use settings::{ClaimNames, Hidden, InvalidProvider, ProviderKind, ProviderSettings, RawProvider, read_providers};

use self::http::Asker;
use crate::caller;
use crate::settings::ApiSettings;
use oauth::OAuth;
use oidc::{Oidc, Returned};

/// The cookie by which a browser is known again when it comes back from a provider.
pub const BROWSER_COOKIE: &str = "fairground_sign_in";
/// That cookie holds 32 bytes in hexadecimal.
const BROWSER_CHARS: usize = 64;
/// How long a browser is known again, in seconds: as long as a mailed link may take.
const BROWSER_SECS: i64 = account::LINK_SECS;
/// Longest code that a provider may send, in bytes.
const MAX_CODE_BYTES: usize = 4_096;
/// Longest name that is taken over from a provider, in characters.
const MAX_NAME_CHARS: usize = 120;

/// Why somebody could not sign in through a provider. What is said to them is [`FederationError::told`]; the rest is for the
/// log, and neither holds a secret, a code or a token.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    /// There is no such provider.
    #[error("there is no such identity provider")]
    Unknown,
    /// A setting cannot be used.
    #[error("the setting `{0}` of an identity provider cannot be used")]
    Settings(&'static str),
    /// What came back belongs to no sign-in that began in this browser, or to one that is over.
    #[error("the answer belongs to no sign-in of this browser")]
    NotBegunHere,
    /// The person or the provider said no.
    #[error("the provider declined: {0}")]
    Declined(String),
    /// The provider could not be asked.
    #[error("the provider could not be asked")]
    Ask(#[from] AskError),
    /// The provider's answer is not what it must be.
    #[error("the provider's answer was refused: {0}")]
    Refused(&'static str),
    /// The provider's answer is not what it must be; why, in the words of whoever checked it.
    #[error("the provider's answer was refused: {0}")]
    RefusedBecause(String),
    /// The store failed.
    #[error("the sign-in could not be kept")]
    Store(#[from] CatalogError),
}

impl FederationError {
    /// True when trying again later may help.
    #[must_use]
    pub fn is_for_a_moment(&self) -> bool {
        matches!(self, Self::Ask(_) | Self::Store(_))
    }

    /// The error and its causes on one line, for the log.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            told.push_str(": ");
            told.push_str(&error.to_string());
            cause = error.source();
        }
        told
    }

    fn discovery(error: openidconnect::DiscoveryError<AskError>) -> Self {
        match error {
            openidconnect::DiscoveryError::Request(error) => Self::Ask(error),
            other => Self::RefusedBecause(other.to_string()),
        }
    }

    fn exchange<E: oauth2::ErrorResponse>(error: oauth2::RequestTokenError<AskError, E>) -> Self {
        match error {
            oauth2::RequestTokenError::Request(error) => Self::Ask(error),
            oauth2::RequestTokenError::ServerResponse(_) => Self::Refused("it gave no token for the code"),
            oauth2::RequestTokenError::Parse(..) => Self::Refused("its token cannot be read"),
            oauth2::RequestTokenError::Other(why) => Self::RefusedBecause(why),
        }
    }

    fn token(error: openidconnect::ClaimsVerificationError) -> Self {
        use std::error::Error as _;
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::RefusedBecause(format!("{error}{cause}"))
    }
}

#[derive(Debug)]
enum Speaks {
    Oidc(Box<Oidc>),
    OAuth(Box<OAuth>),
}

#[derive(Debug)]
struct Provider {
    settings: ProviderSettings,
    speaks: Speaks,
}

/// The portal's identity providers.
#[derive(Debug)]
pub struct Federation {
    providers: Vec<Provider>,
    asker: Asker,
}

/// Where a sign-in goes on.
#[derive(Debug)]
pub struct Departure {
    /// The provider's address.
    pub to: Url,
    /// What the browser must keep.
    pub cookie: Cookie<'static>,
}

/// Somebody who came back from a provider.
#[derive(Debug)]
pub struct Return {
    /// What the provider says about them.
    pub claimed: Claimed,
    /// The sign-in that they come back from.
    pub attempt: Attempt,
    /// The browser that they come back in.
    pub browser: String,
}

impl Federation {
    /// The providers that the settings name.
    ///
    /// # Errors
    /// When one cannot be used as it is described.
    pub fn new(settings: &ApiSettings) -> Result<Self, FederationError> {
        let asker = Asker::new(&settings.reach, &settings.public_url)?;
        let provider = |one: &ProviderSettings| {
            let redirect = format!("{}/sign-in/{}/callback", settings.public_url, one.slug);
            let redirect = Url::parse(&redirect).map_err(|_| FederationError::Settings("public_url"))?;
            let speaks = match &one.kind {
                ProviderKind::Oidc { issuer } => Speaks::Oidc(Box::new(Oidc::new(one, issuer, redirect)?)),
                ProviderKind::OAuth2 { authorization_url, token_url, user_info_url } => {
                    let addresses = [&**authorization_url, &**token_url, &**user_info_url];
                    Speaks::OAuth(Box::new(OAuth::new(one, addresses, redirect)))
                }
            };
            Ok(Provider { settings: one.clone(), speaks })
        };
        let providers = settings.identity_providers.iter().map(provider).collect::<Result<_, FederationError>>()?;
        Ok(Self { providers, asker })
    }

    /// Slug and title of each provider, in the operator's order.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.providers.iter().map(|one| (one.settings.slug.as_str(), one.settings.title.as_str()))
    }

    fn get(&self, slug: &str) -> Result<&Provider, FederationError> {
        self.providers.iter().find(|one| one.settings.slug == slug).ok_or(FederationError::Unknown)
    }

    /// Begins a sign-in, or a link to an account, at a provider. `next` is a path of the portal.
    ///
    /// # Errors
    /// `Unknown`; `Ask` or `Refused` when the provider's addresses cannot be learnt; `Store`.
    pub async fn begin(
        &self,
        catalog: &Catalog,
        settings: &ApiSettings,
        req: &HttpRequest,
        slug: &str,
        next: &str,
        links_to: Option<AccountId>,
    ) -> Result<Departure, FederationError> {
        let provider = self.get(slug)?;
        let (_, verifier) = PkceCodeChallenge::new_random_sha256();
        let secrets = AttemptSecrets {
            nonce: CsrfToken::new_random_len(32).secret().clone(),
            verifier: verifier.secret().clone(),
            next: next.to_owned(),
        };
        let browser = browser_of(req).unwrap_or_else(new_browser);
        let (catalog, kept, bound, name) = (catalog.clone(), secrets.clone(), browser.clone(), slug.to_owned());
        let begun = web::block(move || {
            let secret = &catalog.secret;
            catalog.db.write(|tx| account::begin_attempt(tx, secret, &name, &bound, links_to, &kept))
        });
        let state = begun.await.map_err(|_| CatalogError::StoreBusy)??;
        let to = match &provider.speaks {
            Speaks::Oidc(oidc) => {
                oidc.authorization_url(&self.asker, &state, &secrets.nonce, &secrets.verifier).await?
            }
            Speaks::OAuth(oauth) => oauth.authorization_url(&state, &secrets.verifier),
        };
        let secs = BROWSER_SECS.max(ATTEMPT_SECS);
        let cookie = caller::cookie(settings, BROWSER_COOKIE, browser, Duration::seconds(secs));
        Ok(Departure { to, cookie })
    }

    /// Completes a sign-in with what came back to `/sign-in/{provider}/callback`. The attempt is used up first, whatever comes
    /// of it, so nothing that came back counts twice.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub async fn complete(&self, catalog: &Catalog, req: &HttpRequest, slug: &str) -> Result<Return, FederationError> {
        let provider = self.get(slug)?;
        let query: Vec<(String, String)> = form_urlencoded::parse(req.query_string().as_bytes()).into_owned().collect();
        let parameter = |name: &str| {
            let mut found = query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
            // Twice is never right (RFC 6749, section 3.1).
            found.next().filter(|_| found.next().is_none())
        };
        let browser = browser_of(req).ok_or(FederationError::NotBegunHere)?;
        let state = parameter("state").unwrap_or_default().to_owned();
        let (store, bound, name) = (catalog.clone(), browser.clone(), slug.to_owned());
        let taken = web::block(move || {
            let secret = &store.secret;
            store.db.write(|tx| account::take_attempt(tx, secret, &name, &state, &bound))
        });
        let attempt = taken.await.map_err(|_| CatalogError::StoreBusy)??.ok_or(FederationError::NotBegunHere)?;
        if let Some(error) = parameter("error") {
            let word = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
            return Err(FederationError::Declined(word));
        }
        let code = parameter("code").filter(|code| !code.is_empty() && code.len() <= MAX_CODE_BYTES);
        let code = code.ok_or(FederationError::Refused("it sent no code"))?;
        let claims = match &provider.speaks {
            Speaks::Oidc(oidc) => {
                let (nonce, verifier) = (&attempt.secrets.nonce, &attempt.secrets.verifier);
                oidc.claims(&self.asker, &Returned { code, issuer: parameter("iss"), nonce, verifier }).await?
            }
            Speaks::OAuth(oauth) => oauth.claims(&self.asker, code, &attempt.secrets.verifier).await?,
        };
        Ok(Return { claimed: claimed(&provider.settings, &claims)?, attempt, browser })
    }
}

/// The browser of a request, if it has been here before.
#[must_use]
pub fn browser_of(req: &HttpRequest) -> Option<String> {
    let cookie = req.cookie(BROWSER_COOKIE)?;
    (cookie.value().len() == BROWSER_CHARS).then(|| cookie.value().to_owned())
}

fn new_browser() -> String {
    // As random as `state`: 32 bytes, in hexadecimal.
    let random = CsrfToken::new_random_len(32);
    fairground_domain::ContentHash::of(random.secret().as_bytes()).to_string()
}

/// What a provider says, by the names that the operator gave.
fn claimed(settings: &ProviderSettings, claims: &Map<String, Value>) -> Result<Claimed, FederationError> {
    let names = &settings.claims;
    let text = |name: &str| match claims.get(name) {
        Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        // Plain OAuth's providers number their users.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    // Only `true` is true: a text or a number is somebody else's idea of it.
    let email_verified = names.email_verified.as_ref().is_some_and(|name| claims.get(name) == Some(&Value::Bool(true)));
    Ok(Claimed {
        provider: settings.slug.clone(),
        subject: text(&names.subject).ok_or(FederationError::Refused("it does not say who the user is"))?,
        email: text(&names.email),
        email_verified,
        name: text(&names.name).map(|name| name.chars().take(MAX_NAME_CHARS).collect()),
        roles: settings.roles.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider(text: &str) -> Result<ProviderSettings, String> {
        let raw: RawProvider = serde_json::from_value(serde_json::from_str(text).expect(text)).expect(text);
        raw.read().map_err(|error| error.to_string())
    }

    #[test]
    fn claims_are_read_by_the_operators_names_and_only_true_is_true() {
        let oauth = provider(
            r#"{"slug": "hub", "kind": "oauth2", "authorization_url": "https://hub.example/a", "token_url":
            "https://hub.example/t", "user_info_url": "https://hub.example/u", "client_id": "us",
            "email_verified_claim": "checked"}"#,
        )
        .expect("good");
        let claims = |value: Value| claimed(&oauth, value.as_object().expect("an object"));
        let ada =
            claims(json!({ "id": 17, "email": "ada@example.org", "checked": true, "name": "Ada" })).expect("good");
        assert_eq!((ada.subject.as_str(), ada.email_verified), ("17", true));
        for unsure in [json!("true"), json!(1), json!(null), json!(false)] {
            assert!(!claims(json!({ "id": 17, "checked": unsure })).expect("good").email_verified, "{unsure}");
        }
        for nobody in [json!({}), json!({ "id": "" }), json!({ "id": null }), json!({ "id": {"a": 1} })] {
            assert!(claims(nobody.clone()).is_err(), "{nobody}");
        }
    }

    #[test]
    fn a_provider_that_makes_no_sense_is_refused_by_name() {
        for (text, part) in [
            (r#"{"slug": "A B", "issuer": "https://a.example", "client_id": "us"}"#, "slug"),
            (r#"{"slug": "second-factor", "issuer": "https://a.example", "client_id": "us"}"#, "slug"),
            (r#"{"slug": "a", "client_id": "us"}"#, "`issuer` is missing"),
            (r#"{"slug": "a", "issuer": "https://a.example", "client_id": " "}"#, "client_id"),
            (r#"{"slug": "a", "issuer": "https://a.example?x", "client_id": "us"}"#, "neither query"),
            (r#"{"slug": "a", "kind": "saml", "issuer": "https://a.example", "client_id": "us"}"#, "saml"),
            (r#"{"slug": "a", "kind": "oauth2", "client_id": "us"}"#, "authorization_url"),
            (r#"{"slug": "a", "issuer": "https://a.example", "client_id": "us", "roles": ["king"]}"#, "king"),
            (
                r#"{"slug": "a", "issuer": "https://a.example", "client_id": "us", "client_secret_env": "NO_SUCH_X"}"#,
                "NO_SUCH_X",
            ),
        ] {
            let error = provider(text).expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_clients_secret_is_never_printed() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "told to nobody\n").expect("writes");
        let text = json!({ "slug": "a", "issuer": "https://a.example", "client_id": "us",
                           "client_secret_file": file.path() });
        let read = provider(&text.to_string()).expect("good");
        assert_eq!(read.client_secret.as_ref().map(Hidden::reveal), Some("told to nobody"));
        let settings = ApiSettings { identity_providers: vec![read], ..ApiSettings::default() };
        let federation = Federation::new(&settings).expect("opens");
        for printed in [format!("{settings:?}"), format!("{federation:?}")] {
            assert!(!printed.contains("told to nobody"), "{printed}");
        }
    }
}

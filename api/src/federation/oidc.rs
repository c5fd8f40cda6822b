//! OpenID Connect: discovery, the authorization code flow with PKCE, and everything that an ID token must satisfy before its
//! word counts (OpenID Connect Core 1.0, section 3.1.3.7).

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreGrantType, CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::FederationError;
use super::http::Asker;
use super::settings::{Hidden, ProviderSettings};

/// How long a provider's discovery document and keys are taken for granted.
const METADATA_AGE: Duration = Duration::from_secs(600);
/// Keys are fetched again at most this often, when a token names one that is not there.
const KEYS_AGE: Duration = Duration::from_secs(30);
/// By how much the provider's clock may differ from ours.
const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// How old an ID token may be when it arrives: it was made for this very sign-in.
const OLDEST_TOKEN: Duration = Duration::from_secs(600);
/// How an ID token may be signed: by the provider's private key. Neither not at all (`none`), nor by a secret that we share
/// (`HS256`), because a public key could be passed for one.
const SIGNED_BY: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What discovery says beyond the core (RFC 9207, section 3).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct MoreMetadata {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for MoreMetadata {}

type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// One provider of OpenID Connect.
#[derive(Debug)]
pub(super) struct Oidc {
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: Option<Hidden>,
    scopes: Vec<Scope>,
    redirect: RedirectUrl,
    known: Mutex<Option<(Instant, Arc<Metadata>)>>,
}

/// What the provider sent back.
#[derive(Debug)]
pub(super) struct Returned<'a> {
    pub(super) code: &'a str,
    /// Who says so (RFC 9207).
    pub(super) issuer: Option<&'a str>,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
}

impl Oidc {
    pub(super) fn new(settings: &ProviderSettings, issuer: &str, redirect: Url) -> Result<Self, FederationError> {
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(|_| FederationError::Settings("issuer"))?,
            client_id: ClientId::new(settings.client_id.clone()),
            secret: settings.client_secret.clone(),
            scopes: settings.scopes.iter().cloned().map(Scope::new).collect(),
            redirect: RedirectUrl::from_url(redirect),
            known: Mutex::new(None),
        })
    }

    /// Where to send the browser.
    pub(super) async fn authorization_url(
        &self,
        asker: &Asker,
        state: &str,
        nonce: &str,
        verifier: &str,
    ) -> Result<Url, FederationError> {
        let metadata = self.metadata(asker, METADATA_AGE).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id.clone(), None)
            .set_redirect_uri(self.redirect.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let (state, nonce) = (state.to_owned(), nonce.to_owned());
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        Ok(url)
    }

    /// Turns what came back into claims that are the provider's word about this sign-in.
    pub(super) async fn claims(
        &self,
        asker: &Asker,
        back: &Returned<'_>,
    ) -> Result<Map<String, Value>, FederationError> {
        let metadata = self.metadata(asker, METADATA_AGE).await?;
        self.must_be_from_issuer(&metadata, back.issuer)?;
        let mut client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id.clone(), None)
            .set_redirect_uri(self.redirect.clone());
        if let Some(secret) = &self.secret {
            client = client.set_client_secret(ClientSecret::new(secret.reveal().to_owned()));
        }
        client = client.set_auth_type(authentication(&metadata));
        let ask = |request| asker.ask(request);
        let answer = client
            .exchange_code(AuthorizationCode::new(back.code.to_owned()))
            .map_err(|_| FederationError::Refused("it names no address for tokens"))?
            .set_pkce_verifier(PkceCodeVerifier::new(back.verifier.to_owned()))
            .request_async(&ask)
            .await
            .map_err(FederationError::exchange)?;
        let token = answer.id_token().ok_or(FederationError::Refused("it sent no ID token"))?;
        let nonce = Nonce::new(back.nonce.to_owned());
        let metadata = match self.verify(&metadata, token, &nonce) {
            Ok(()) => metadata,
            Err(error) if is_unknown_key(&error) => {
                let newer = self.metadata(asker, KEYS_AGE).await?;
                self.verify(&newer, token, &nonce).map_err(FederationError::token)?;
                newer
            }
            Err(error) => return Err(FederationError::token(error)),
        };
        let mut claims = payload(token)?;
        let told_more = self.user_info(asker, &metadata, answer.access_token_text(), &claims).await?;
        // What the signed token says goes before what is said beside it.
        for (name, value) in told_more {
            claims.entry(name).or_insert(value);
        }
        Ok(claims)
    }

    /// The `iss` that comes back with a code must be the provider that was asked, so that two providers cannot be mixed up
    /// (RFC 9207, section 2.4).
    fn must_be_from_issuer(&self, metadata: &Metadata, told: Option<&str>) -> Result<(), FederationError> {
        let promised = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match told {
            Some(issuer) if issuer == self.issuer.as_str() => Ok(()),
            None if !promised => Ok(()),
            Some(_) => Err(FederationError::Refused("the answer comes from another issuer")),
            None => Err(FederationError::Refused("the answer does not name its issuer, as it should")),
        }
    }

    fn verify(&self, metadata: &Metadata, token: &CoreIdToken, nonce: &Nonce) -> Result<(), ClaimsVerificationError> {
        // As a public client: then no shared secret ever counts as a signature's key.
        let verifier = CoreIdTokenVerifier::new_public_client(
            self.client_id.clone(),
            self.issuer.clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(SIGNED_BY)
        .set_time_fn(|| (SystemTime::now() - CLOCK_SKEW).into())
        .set_issue_time_verifier_fn(|issued| {
            let (issued, now) = (SystemTime::from(issued), SystemTime::now());
            if issued > now + CLOCK_SKEW {
                return Err("the token comes from the future".to_owned());
            }
            let age = now.duration_since(issued).unwrap_or_default();
            if age > OLDEST_TOKEN { Err("the token is too old".to_owned()) } else { Ok(()) }
        });
        let claims = token.claims(&verifier, nonce)?;
        // With several audiences the token must say which of them asked for it; if it says so, it must be us.
        match claims.authorized_party() {
            Some(party) if *party != self.client_id => {
                Err(ClaimsVerificationError::InvalidAudience("another client asked for it".to_owned()))
            }
            None if claims.audiences().len() > 1 => {
                Err(ClaimsVerificationError::InvalidAudience("it does not say who asked for it".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What the provider tells about the token's user, if it has an address for that. It must be the same user (section 5.3.2).
    async fn user_info(
        &self,
        asker: &Asker,
        metadata: &Metadata,
        access_token: &str,
        claims: &Map<String, Value>,
    ) -> Result<Map<String, Value>, FederationError> {
        let Some(address) = metadata.userinfo_endpoint() else { return Ok(Map::new()) };
        if claims.contains_key("email") {
            return Ok(Map::new());
        }
        let told = super::oauth::user_info(asker, address.url(), access_token).await?;
        if told.get("sub") != claims.get("sub") {
            return Err(FederationError::Refused("it told about somebody else"));
        }
        Ok(told)
    }

    /// The discovery document, with keys. Its issuer is the one that was configured, or it is refused.
    async fn metadata(&self, asker: &Asker, oldest: Duration) -> Result<Arc<Metadata>, FederationError> {
        if let Some((at, metadata)) = &*self.known.lock()
            && at.elapsed() < oldest
        {
            return Ok(Arc::clone(metadata));
        }
        let ask = |request| asker.ask(request);
        let metadata = Metadata::discover_async(self.issuer.clone(), &ask).await.map_err(FederationError::discovery)?;
        let metadata = Arc::new(metadata);
        *self.known.lock() = Some((Instant::now(), Arc::clone(&metadata)));
        Ok(metadata)
    }
}

/// By header, unless the provider wants the client's secret in the form alone.
fn authentication(metadata: &Metadata) -> AuthType {
    match metadata.token_endpoint_auth_methods_supported() {
        Some(methods)
            if methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) =>
        {
            AuthType::RequestBody
        }
        Some(_) | None => AuthType::BasicAuth,
    }
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    matches!(error, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
}

/// The claims of a token that has been verified, all of them, by name.
fn payload(token: &CoreIdToken) -> Result<Map<String, Value>, FederationError> {
    let unreadable = || FederationError::Refused("its ID token cannot be read");
    let text = token.to_string();
    let part = text.split('.').nth(1).ok_or_else(unreadable)?;
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| unreadable())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

/// The access token's text, named for what it is.
trait AccessTokenText {
    fn access_token_text(&self) -> &str;
}

impl<T: oauth2::TokenResponse> AccessTokenText for T {
    fn access_token_text(&self) -> &str {
        self.access_token().secret()
    }
}

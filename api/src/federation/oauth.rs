//! Plain OAuth 2.0: the authorization code flow with PKCE, and an address that tells who the token's user is.

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope, TokenResponse, TokenUrl,
};
use serde_json::{Map, Value};
use url::Url;

use super::FederationError;
use super::http::Asker;
use super::settings::{Hidden, ProviderSettings};

/// One provider of OAuth 2.0.
#[derive(Debug)]
pub(super) struct OAuth {
    client_id: ClientId,
    secret: Option<Hidden>,
    scopes: Vec<Scope>,
    redirect: RedirectUrl,
    authorization_url: AuthUrl,
    token_url: TokenUrl,
    user_info_url: Url,
}

impl OAuth {
    pub(super) fn new(settings: &ProviderSettings, addresses: [&Url; 3], redirect: Url) -> Self {
        let [authorization, token, user_info] = addresses.map(Clone::clone);
        Self {
            client_id: ClientId::new(settings.client_id.clone()),
            secret: settings.client_secret.clone(),
            scopes: settings.scopes.iter().cloned().map(Scope::new).collect(),
            redirect: RedirectUrl::from_url(redirect),
            authorization_url: AuthUrl::from_url(authorization),
            token_url: TokenUrl::from_url(token),
            user_info_url: user_info,
        }
    }

    pub(super) fn authorization_url(&self, state: &str, verifier: &str) -> Url {
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let state = state.to_owned();
        let client = BasicClient::new(self.client_id.clone())
            .set_auth_uri(self.authorization_url.clone())
            .set_redirect_uri(self.redirect.clone());
        let (url, _) = client
            .authorize_url(move || CsrfToken::new(state))
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        url
    }

    pub(super) async fn claims(
        &self,
        asker: &Asker,
        code: &str,
        verifier: &str,
    ) -> Result<Map<String, Value>, FederationError> {
        let mut client = BasicClient::new(self.client_id.clone())
            .set_token_uri(self.token_url.clone())
            .set_redirect_uri(self.redirect.clone());
        if let Some(secret) = &self.secret {
            client = client.set_client_secret(ClientSecret::new(secret.reveal().to_owned()));
        }
        let ask = |request| asker.ask(request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&ask)
            .await
            .map_err(FederationError::exchange)?;
        user_info(asker, &self.user_info_url, answer.access_token().secret()).await
    }
}

/// What an address tells about a token's user, as JSON.
pub(super) async fn user_info(
    asker: &Asker,
    address: &Url,
    access_token: &str,
) -> Result<Map<String, Value>, FederationError> {
    let request = http::Request::get(address.as_str())
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::AUTHORIZATION, format!("Bearer {access_token}"))
        .body(Vec::new())
        .map_err(|_| FederationError::Refused("its access token cannot be sent"))?;
    let answer = asker.ask(request).await?;
    if answer.status() != http::StatusCode::OK {
        return Err(FederationError::Refused("it does not tell about the user"));
    }
    serde_json::from_slice(answer.body())
        .map_err(|_| FederationError::Refused("what it tells about the user is no JSON"))
}

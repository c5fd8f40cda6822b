//! A provider of OpenID Connect that lies as it is told to: for the attacks that an honest one will not make.

use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};

/// What the next token is to be. Everything that is not said is as it should be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lie {
    /// Claims over the true ones; `null` takes one away.
    pub(crate) claims: Value,
    /// `none`: no signature at all. `HS256`: signed with the public key as if it were a shared secret.
    pub(crate) algorithm: Option<&'static str>,
    /// Signed by somebody else.
    pub(crate) foreign_key: bool,
    /// What discovery says of itself, over the truth.
    pub(crate) discovery: Value,
    /// The user that userinfo tells about.
    pub(crate) user_info_sub: Option<&'static str>,
}

/// The provider.
pub(crate) struct Liar {
    pub(crate) issuer: String,
    state: Data<State>,
    server: ServerHandle,
}

struct State {
    issuer: Mutex<String>,
    lie: Mutex<Lie>,
    nonce: Mutex<String>,
    key: CoreEdDsaPrivateSigningKey,
    other: CoreEdDsaPrivateSigningKey,
    asked: Arc<Mutex<Vec<String>>>,
}

/// An Ed25519 key of these bytes (RFC 8410, section 7).
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = hex("302e020100300506032b657004220420");
    der.extend([seed; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new("one".to_owned()))).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

impl Liar {
    pub(crate) fn open() -> Self {
        let state = Data::new(State {
            issuer: Mutex::default(),
            lie: Mutex::default(),
            nonce: Mutex::default(),
            key: key(1),
            other: key(2),
            asked: Arc::default(),
        });
        let shared = Data::clone(&state);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(Data::clone(&shared))
                .route("/.well-known/openid-configuration", web::get().to(discovery))
                .route("/jwks", web::get().to(keys))
                .route("/token", web::post().to(token))
                .route("/userinfo", web::get().to(user_info))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(0)
        .bind(("127.0.0.1", 0))
        .unwrap();
        let issuer = format!("http://{}", server.addrs()[0]);
        state.issuer.lock().unwrap().clone_from(&issuer);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { issuer, state, server: handle }
    }

    /// Lies so from now on, to a sign-in of this nonce.
    pub(crate) fn lie(&self, nonce: &str, lie: Lie) {
        nonce.clone_into(&mut self.state.nonce.lock().unwrap());
        *self.state.lie.lock().unwrap() = lie;
    }

    /// What was sent to the token's address, form by form.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn over(mut truth: Value, lie: &Value) -> Value {
    for (name, value) in lie.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(truth.as_object_mut().unwrap().remove(name)),
            other => truth[name] = other.clone(),
        }
    }
    truth
}

async fn discovery(state: Data<State>) -> HttpResponse {
    let issuer = state.issuer.lock().unwrap().clone();
    let truth = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "RS256", "HS256", "none"],
    });
    HttpResponse::Ok().json(over(truth, &state.lie.lock().unwrap().discovery))
}

async fn keys(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "keys": [state.key.as_verification_key()] }))
}

async fn user_info(state: Data<State>) -> HttpResponse {
    let sub = state.lie.lock().unwrap().user_info_sub.unwrap_or("17");
    HttpResponse::Ok().json(json!({ "sub": sub, "email": "liar@example.org", "email_verified": true }))
}

async fn token(state: Data<State>, form: String) -> HttpResponse {
    state.asked.lock().unwrap().push(form);
    let (issuer, lie) = (state.issuer.lock().unwrap().clone(), state.lie.lock().unwrap().clone());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let truth = json!({
        "iss": issuer,
        "aud": "fairground",
        "sub": "17",
        "iat": now,
        "exp": now + 300,
        "nonce": *state.nonce.lock().unwrap(),
        "email": "liar@example.org",
        "email_verified": true,
    });
    let claims = over(truth, &lie.claims);
    let algorithm = lie.algorithm.unwrap_or("EdDSA");
    let head = json!({ "alg": algorithm, "kid": "one" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let signature = match algorithm {
        "none" => Vec::new(),
        "HS256" => {
            // The oldest trick: the public key, which everybody has, as the shared secret.
            let public = serde_json::to_vec(&state.key.as_verification_key()).unwrap();
            hmac_sha256(&public, signed.as_bytes())
        }
        _ => {
            let key = if lie.foreign_key { &state.other } else { &state.key };
            key.sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes()).unwrap()
        }
    };
    HttpResponse::Ok().json(json!({
        "access_token": "opaque",
        "token_type": "Bearer",
        "id_token": format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)),
    }))
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    use openidconnect::core::CoreHmacKey;
    CoreHmacKey::new(key.to_vec()).sign(&CoreJwsSigningAlgorithm::HmacSha256, text).unwrap()
}

//! Who writes for a publisher: somebody who is signed in, or a program with a publishing token of theirs.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use fairground_catalog::member::{self, Actor, PlainToken, TOKEN_PREFIX};
use futures_util::future::LocalBoxFuture;

use super::{Caller, SignedInOnly};
use crate::hot_path::{CKAN_KEY_HEADER, bare, bearer};
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

/// Somebody who writes for publishers, in person or by a token; a token's actor has its owner's rights for one publisher.
#[derive(Debug, Clone)]
pub struct Worker {
    actor: Actor,
}

impl Worker {
    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }
}

impl FromRequest for Worker {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The body stays where it is: handlers of files read it themselves.
        let req = req.clone();
        Box::pin(async move {
            if shown_token(&req).is_some() {
                let state = ApiState::of(&req)?;
                let found = find_token_actor(&req, &state).await?;
                return Ok(Self { actor: found.ok_or_else(wrong_token)? });
            }
            let caller = Caller::<SignedInOnly>::from_request(&req, &mut Payload::None).await?;
            Ok(Self { actor: Actor::of(caller.account()) })
        })
    }
}

fn wrong_token() -> Problem {
    Problem::new(ProblemKind::SignInRequired).detail("The publishing token is wrong, has ended or was revoked.")
}

/// Whether a text looks like a publishing token, which keys and sessions never do.
pub(crate) fn is_publishing_token(text: &str) -> bool {
    text.starts_with(TOKEN_PREFIX)
}

/// The token as `Authorization: Bearer`, or as clients of CKAN send it. Browsers send neither by themselves, so writes need no
/// other proof.
fn shown_token(req: &HttpRequest) -> Option<String> {
    let ckan = req.headers().get(CKAN_KEY_HEADER).and_then(|value| value.to_str().ok()).map(str::trim);
    let shown = [bearer(req.headers()), bare(req.headers()), ckan];
    shown.into_iter().flatten().find(|text| is_publishing_token(text)).map(str::to_owned)
}

/// Whom the call's publishing token acts for; `None` without one, and with one that gives nothing.
///
/// # Errors
/// `Internal` or `Unavailable` when the store cannot be asked.
pub(crate) async fn find_token_actor(req: &HttpRequest, state: &ApiState) -> Result<Option<Actor>, Problem> {
    if let Some(known) = req.extensions().get::<Actor>() {
        return Ok(Some(known.clone()));
    }
    let Some(token) = shown_token(req).and_then(|text| PlainToken::parse(&text)) else { return Ok(None) };
    let secret = state.catalog.secret.clone();
    let Some(bearer) = state.read(move |tx| member::find_bearer(tx, &secret, &token)).await? else { return Ok(None) };
    if bearer.is_stale {
        let id = bearer.id;
        state.write(move |tx| member::touch_token(tx, id)).await?;
    }
    req.extensions_mut().insert(bearer.actor.clone());
    Ok(Some(bearer.actor))
}

/// Who is calling to read, in person or by a token; `None` when it is nobody.
///
/// # Errors
/// `Internal` or `Unavailable` when the store cannot be asked; `SignInRequired` for a token that gives nothing.
pub(crate) async fn find_reading_worker(req: &HttpRequest, state: &ApiState) -> Result<Option<Actor>, Problem> {
    if shown_token(req).is_some() {
        return find_token_actor(req, state).await?.map(Some).ok_or_else(wrong_token);
    }
    let Some(signed_in) = super::find_signed_in(req, state).await? else { return Ok(None) };
    Ok(Some(Actor::of(&signed_in.account)))
}

/// As [`find_reading_worker`], for what writes.
///
/// # Errors
/// As there; `CsrfTokenMissing` where a foreign page may have caused it.
pub(crate) async fn find_worker(req: &HttpRequest, state: &ApiState) -> Result<Option<Actor>, Problem> {
    if let Some(signed_in) = super::find_signed_in(req, state).await?.filter(|_| shown_token(req).is_none()) {
        signed_in.must_come_from_our_page(req)?;
    }
    find_reading_worker(req, state).await
}

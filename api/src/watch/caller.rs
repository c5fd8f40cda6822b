//! Whose follows, questions and requests a call is about: whoever is signed in with a proved address, or shows the token of the
//! link in a letter.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use fairground_catalog::citizen::{self, Citizen};
use futures_util::future::LocalBoxFuture;

use crate::caller::find_signed_in;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

/// The field that carries the token of a citizen's link.
pub(crate) const TOKEN_HEADER: &str = "citizen-token";

/// A citizen; none for somebody signed in who follows, asked and supports nothing.
#[derive(Debug, Clone)]
pub(crate) struct CitizenCaller(pub(crate) Option<Citizen>);

impl CitizenCaller {
    /// The citizen.
    ///
    /// # Errors
    /// `NotFound` for somebody who has nothing here, so that a thing of somebody else's is as absent as one that is not.
    pub(crate) fn own(&self, what: &str) -> Result<Citizen, Problem> {
        self.0.ok_or_else(|| Problem::not_found(what))
    }
}

impl FromRequest for CitizenCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let state = ApiState::of(&req)?;
            let secret = state.catalog.secret.clone();
            let token = req.headers().get(TOKEN_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
            if let Some(token) = token {
                let found = state.read(move |tx| citizen::by_token(tx, &secret, token.trim())).await;
                return found.map(|citizen| Self(Some(citizen))).map_err(|problem| match problem.kind() {
                    ProblemKind::NotFound => Problem::new(ProblemKind::SignInRequired)
                        .detail("The token does not lead to anybody. Take it from your latest letter."),
                    _ => problem,
                });
            }
            let signed_in = find_signed_in(&req, &state).await?.ok_or_else(|| {
                let detail = "Sign in, or send the token of the link in your letters as `Citizen-Token`.";
                Problem::new(ProblemKind::SignInRequired).detail(detail)
            })?;
            if !req.method().is_safe() {
                signed_in.must_come_from_our_page(&req)?;
            }
            // An address that nobody proved may be somebody else's.
            if signed_in.account.email_verified_at.is_none() {
                return Ok(Self(None));
            }
            let email = signed_in.account.email;
            Ok(Self(state.read(move |tx| citizen::of_email(tx, &secret, &email)).await?))
        })
    }
}

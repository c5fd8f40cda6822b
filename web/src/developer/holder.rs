//! Who looks after applications: whoever is signed in, and whoever came in by a mailed link.

use actix_web::HttpResponse;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use fairground_api::caller::csrf_token;
use fairground_catalog::application::{self, OWNER_SESSION_SECS, Owner};
use fairground_domain::ContentHash;

use crate::layout::{Form, PageError, Visit};

/// The cookie of somebody who came in by a mailed link.
const OWNER_COOKIE: &str = "fairground_owner";
/// A token is 32 bytes in hexadecimal; longer texts are not looked up.
const TOKEN_CHARS: usize = 64;

/// Somebody who looks after applications.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    /// What is theirs.
    pub(crate) owner: Owner,
    /// What every form of theirs carries.
    pub(crate) csrf: String,
    /// The address of the mailed link, if they came in by one.
    pub(crate) by_link: Option<String>,
}

impl Holder {
    /// Who is reading; `None` when nobody has shown who they are.
    pub(crate) async fn find(visit: &Visit) -> Result<Option<Self>, PageError> {
        let secret = visit.pages.state.catalog.secret.clone();
        let token = owner_token(visit);
        let account = visit.signed_in.as_ref().map(|signed_in| signed_in.account.id);
        let csrf = match (&visit.signed_in, &token) {
            (Some(signed_in), _) => signed_in.csrf_token.clone(),
            (None, Some(token)) => csrf_token(&secret, token),
            (None, None) => return Ok(None),
        };
        visit
            .read(move |tx| {
                let by_link = match &token {
                    Some(token) => application::find_owner_session(tx, &secret, token)?,
                    None => None,
                };
                let mut owner = match account {
                    Some(account) => Owner::of_account(tx, account)?,
                    None if by_link.is_none() => return Ok(None),
                    None => Owner::default(),
                };
                owner.addresses.extend(by_link.clone().filter(|email| !owner.addresses.contains(email)));
                Ok(Some(Self { owner, csrf, by_link }))
            })
            .await
    }

    /// Who is reading; leads to the sign-in page otherwise.
    pub(crate) async fn must(visit: &Visit) -> Result<Self, PageError> {
        Self::find(visit).await?.ok_or(PageError::SignInNeeded)
    }

    /// Who acts: the form must come from a page of ours and carry their token.
    pub(crate) async fn acting(visit: &Visit, form: &Form) -> Result<Self, PageError> {
        visit.must_be_our_form()?;
        let holder = Self::must(visit).await?;
        // Digests are compared, so that the time says nothing about the token.
        if ContentHash::of(holder.csrf.as_bytes()) == ContentHash::of(form.text("csrf").as_bytes()) {
            return Ok(holder);
        }
        Err(PageError::Forbidden(
            "The form is too old or did not come from this portal. Go back, reload the page and try again.",
        ))
    }
}

/// The token that the cookie carries, if it can be one.
pub(crate) fn owner_token(visit: &Visit) -> Option<String> {
    let cookie = visit.request.cookie(OWNER_COOKIE)?;
    (cookie.value().len() == TOKEN_CHARS).then(|| cookie.value().to_owned())
}

/// The answer with the cookie that begins (`Some`) or ends a session.
pub(crate) fn with_owner_cookie(visit: &Visit, mut answer: HttpResponse, token: Option<String>) -> HttpResponse {
    let age = if token.is_some() { Duration::seconds(OWNER_SESSION_SECS) } else { Duration::ZERO };
    let cookie = Cookie::build(OWNER_COOKIE, token.unwrap_or_default())
        .path("/developers")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(visit.pages.state.settings.is_https())
        .max_age(age)
        .finish();
    if let Err(error) = answer.add_cookie(&cookie) {
        tracing::error!("The cookie of a mailed link cannot be set: {error}");
    }
    answer
}

//! Sessions: a cookie for browsers, a bearer token for programs, the same session behind both.
//!
//! A browser sends its cookie with whatever page asks it to, so a write by cookie must also show the session's CSRF token,
//! which only our own pages know. A bearer token is never sent by itself, so it needs none.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use fairground_catalog::Secret;
use fairground_catalog::account::{self, Account, Presented, Stage};
use fairground_domain::Timestamp;
use subtle::ConstantTimeEq;

use crate::hot_path::{CKAN_KEY_HEADER, KEY_PREFIX, bearer};
use crate::problem::{Problem, ProblemKind};
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// The cookie that carries a session.
pub const SESSION_COOKIE: &str = "fairground_session";
/// The header (and, in forms, the field) that carries the CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// A session token is 32 bytes in hexadecimal; longer texts are not looked up.
const TOKEN_CHARS: usize = 64;

/// Somebody who shows a session, of whatever stage: asked for by what completes signing in; everything else asks for
/// [`SignedIn`].
#[derive(Clone)]
pub struct Arriving {
    /// The session.
    pub session: Presented,
    /// Its token.
    pub token: String,
    /// What our own pages send along with every write.
    pub csrf_token: String,
    /// Whether the session came as a cookie, so that writes need the CSRF token.
    pub by_cookie: bool,
}

/// Never with the tokens.
impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arriving").field("session", &self.session.id).finish_non_exhaustive()
    }
}

/// Somebody who is signed in: everything that was asked for has been proved.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// What our own pages send along with every write.
    pub csrf_token: String,
    /// Whether the session came as a cookie, so that writes need the CSRF token.
    pub by_cookie: bool,
    /// The session itself.
    pub arriving: Arriving,
}

impl Arriving {
    /// Refuses a write that a foreign page may have caused.
    ///
    /// # Errors
    /// `CsrfTokenMissing` when the session came as a cookie and the header does not carry its token.
    pub fn must_come_from_our_page(&self, req: &HttpRequest) -> Result<(), Problem> {
        let shown = req.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        if !self.by_cookie || shown.is_some_and(|token| self.is_csrf_token(token)) {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::CsrfTokenMissing))
    }

    /// Whether its owner proved who they are a short while ago: asked for before another way to sign in is added, so that a
    /// session left open somewhere gives nobody a lasting way in.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        Timestamp::now() <= self.session.created_at.plus_secs(account::FRESH_SECS)
    }

    /// Whether a text, from a header or a form's field, is the session's CSRF token.
    #[must_use]
    pub fn is_csrf_token(&self, text: &str) -> bool {
        self.csrf_token.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl SignedIn {
    /// As [`Arriving::must_come_from_our_page`].
    ///
    /// # Errors
    /// `CsrfTokenMissing`.
    pub fn must_come_from_our_page(&self, req: &HttpRequest) -> Result<(), Problem> {
        self.arriving.must_come_from_our_page(req)
    }

    /// Whether a text, from a header or a form's field, is the session's CSRF token.
    #[must_use]
    pub fn is_csrf_token(&self, text: &str) -> bool {
        self.arriving.is_csrf_token(text)
    }
}

/// The CSRF token of a session: derived, so that it need not be stored.
#[must_use]
pub fn csrf_token(secret: &Secret, session_token: &str) -> String {
    secret.digest("csrf", session_token.as_bytes()).to_string()
}

/// Who is calling, by session cookie or bearer token; `None` when nobody is signed in, or not wholly yet.
///
/// # Errors
/// `Internal` or `Unavailable` when the store cannot be asked.
pub async fn find_signed_in(req: &HttpRequest, state: &ApiState) -> Result<Option<SignedIn>, Problem> {
    let found = find_arriving(req, state).await?.filter(|arriving| arriving.session.stage == Stage::Open);
    Ok(found.map(|arriving| SignedIn {
        account: arriving.session.account.clone(),
        csrf_token: arriving.csrf_token.clone(),
        by_cookie: arriving.by_cookie,
        arriving,
    }))
}

/// Who shows a session, of whatever stage. Asked once per request; its use is written down once a minute.
///
/// # Errors
/// `Internal` or `Unavailable` when the store cannot be asked.
pub async fn find_arriving(req: &HttpRequest, state: &ApiState) -> Result<Option<Arriving>, Problem> {
    if let Some(known) = req.extensions().get::<Option<Arriving>>() {
        return Ok(known.clone());
    }
    let Some((token, by_cookie)) = session_token(req) else { return Ok(None) };
    let (secret, rules) = (state.catalog.secret.clone(), state.settings.sessions);
    let csrf_token = csrf_token(&secret, &token);
    let shown = token.clone();
    let session = state.read(move |tx| account::find_session(tx, &secret, &shown, &rules)).await?;
    if let Some(stale) = session.as_ref().filter(|session| session.is_stale) {
        let id = stale.id;
        state.write(move |tx| account::touch_session(tx, id)).await?;
    }
    let arriving = session.map(|session| Arriving { session, token, csrf_token, by_cookie });
    req.extensions_mut().insert(arriving.clone());
    Ok(arriving)
}

/// The session's token and whether it came as a cookie; a bearer token comes first.
pub(crate) fn session_token(req: &HttpRequest) -> Option<(String, bool)> {
    if let Some(token) = bearer(req.headers()).filter(|token| !token.starts_with(KEY_PREFIX)) {
        return is_plausible(token).then(|| (token.to_owned(), false));
    }
    if let Some(token) = bare_token(req) {
        return Some((token, false));
    }
    cookie_token(req).map(|token| (token, true))
}

/// The token as clients of CKAN send it: `Authorization` without a scheme, or a header of CKAN's own. No browser sends either by
/// itself.
fn bare_token(req: &HttpRequest) -> Option<String> {
    let fields = [header::AUTHORIZATION.as_str(), CKAN_KEY_HEADER];
    let values = fields.iter().filter_map(|name| req.headers().get(*name)?.to_str().ok());
    values.map(str::trim).find(|token| is_session_token(token)).map(str::to_owned)
}

/// Whether a text looks like a session's token, which a key never does.
pub(crate) fn is_session_token(text: &str) -> bool {
    is_plausible(text) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The token of the session cookie alone.
pub(crate) fn cookie_token(req: &HttpRequest) -> Option<String> {
    let cookie = req.cookie(SESSION_COOKIE)?;
    is_plausible(cookie.value()).then(|| cookie.value().to_owned())
}

fn is_plausible(token: &str) -> bool {
    token.len() == TOKEN_CHARS
}

/// The cookie that begins a session of so many seconds.
#[must_use]
pub fn session_cookie(settings: &ApiSettings, token: &str, secs: i64) -> Cookie<'static> {
    cookie(settings, SESSION_COOKIE, token.to_owned(), Duration::seconds(secs))
}

/// The cookie that ends a session in the browser.
#[must_use]
pub fn signed_out_cookie(settings: &ApiSettings) -> Cookie<'static> {
    cookie(settings, SESSION_COOKIE, String::new(), Duration::ZERO)
}

/// A cookie of the portal: for every path, out of reach for scripts, not sent along from other sites' forms.
pub(crate) fn cookie(settings: &ApiSettings, name: &'static str, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(settings.is_https())
        .max_age(age)
        .finish()
}

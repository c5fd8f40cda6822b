//! Which language a page is in, and the form by which a reader chooses another.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use fairground_catalog::account::set_language;
use url::form_urlencoded;

use super::{Form, Place, Visit};
use crate::brand::Brand;
use crate::session::safe_next;
use crate::words::Language;

/// Keeps a reader's choice of language; set by the form at the foot of each page and by nothing else.
const LANGUAGE_COOKIE: &str = "fairground_language";
/// How long a choice is kept.
const KEPT_DAYS: i64 = 365;

/// The language of a request, and whether its address asks for it: `?lang=`, else the reader's earlier choice, else what
/// their browser accepts, else the portal's own.
pub(super) fn choose(request: &HttpRequest, brand: &Brand) -> (Language, bool) {
    let offered = brand.languages.as_slice();
    let is_offered = |language: &Language| offered.contains(language);
    let asked = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, tag)| Language::of_tag(&tag))
        .filter(is_offered);
    if let Some(asked) = asked {
        return (asked, true);
    }
    let chosen =
        || request.cookie(LANGUAGE_COOKIE).and_then(|cookie| Language::of_tag(cookie.value())).filter(is_offered);
    let field = || request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = || field().and_then(|field| Language::accepted(field, offered));
    (chosen().or_else(accepted).unwrap_or_else(|| brand.language()), false)
}

/// A path and query without the language that it asks for and without a notice.
pub(super) fn here(address: &Uri) -> String {
    let (path, query) = (address.path(), address.query().unwrap_or_default());
    let is_kept = |pair: &&str| !matches!(pair.split('=').next(), Some("lang" | "done" | ""));
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// The answer as one in that language: caches keep an answer for each language, and for each choice.
pub(super) fn in_language(mut answer: HttpResponse, language: Language) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()));
    answer
}

/// Keeps a choice of language in a cookie, and of a person who is signed in for their letters too; leads back to where the
/// reader was.
pub(crate) async fn choose_language(visit: Visit, form: Form) -> HttpResponse {
    let language = Language::of_tag(form.text("lang")).filter(|one| visit.pages.site.brand.languages.contains(one));
    let done = visit.must_be_our_form().map(|()| match form.text("next") {
        next if safe_next(next) == next => next.to_owned(),
        _ => "/".to_owned(),
    });
    let is_ours = done.is_ok();
    if let (Some(language), Some(signed_in), true) = (language, &visit.signed_in, is_ours) {
        let (account, tag) = (signed_in.account.id, language.tag());
        // The page's language is chosen even when the letters' cannot be kept.
        if let Err(error) = visit.write(move |tx| set_language(tx, account, &tag)).await {
            tracing::error!("The language of letters cannot be kept: {error:?}");
        }
    }
    let mut answer = visit.follow(Place::Elsewhere, done);
    if let (Some(language), true) = (language, is_ours) {
        let cookie = Cookie::build(LANGUAGE_COOKIE, language.as_str())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(visit.pages.state.settings.is_https())
            .max_age(Duration::days(KEPT_DAYS))
            .finish();
        if let Err(error) = answer.add_cookie(&cookie) {
            tracing::error!("The cookie of a choice of language cannot be set: {error}");
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coming_back_forgets_the_language_and_the_notice() {
        for (address, back) in [
            ("/datasets?q=a&lang=fr", "/datasets?q=a"),
            ("/datasets?lang=fr", "/datasets"),
            ("/?done=saved&lang=de", "/"),
            ("/x?language=de", "/x?language=de"),
        ] {
            assert_eq!(here(&address.parse().expect("an address")), back);
        }
    }
}

//! In which language a reader wants titles: `?lang=`, else `Accept-Language`.

use actix_web::HttpRequest;
use actix_web::http::header;
use fairground_domain::{LanguageTag, LocalizedText};
use serde::Serialize;
use std::collections::BTreeMap;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Most languages that are looked at.
const MAX_LANGUAGES: usize = 10;

/// Languages by preference, best first.
#[must_use]
pub(crate) fn preferred(req: &HttpRequest) -> Vec<LanguageTag> {
    let asked = form_urlencoded::parse(req.query_string().as_bytes()).find(|(name, _)| name == "lang");
    if let Some((_, tags)) = asked {
        return tags.split(',').take(MAX_LANGUAGES).map(LanguageTag::lenient).filter(is_said).collect();
    }
    let field = req.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    field.map(parse).unwrap_or_default()
}

/// `de-AT;q=0.8, en` by falling weight (RFC 9110, section 12.5.4); weights that are none count as 1.
fn parse(field: &str) -> Vec<LanguageTag> {
    let mut ranges: Vec<(f32, LanguageTag)> = field
        .split(',')
        .take(MAX_LANGUAGES)
        .filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0_f32);
            let tag = LanguageTag::lenient(tag);
            (weight > 0.0 && is_said(&tag)).then_some((weight, tag))
        })
        .collect();
    // Stable: equal weights keep the reader's order.
    ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranges.into_iter().map(|(_, tag)| tag).collect()
}

fn is_said(tag: &LanguageTag) -> bool {
    *tag != LanguageTag::undetermined()
}

/// One text in every language that it has, by BCP 47 tag (`und`: not said).
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// Every language of a text.
    #[must_use]
    pub(crate) fn of(text: &LocalizedText) -> Self {
        Self(text.iter().map(|(tag, text)| (tag.as_str().to_owned(), text.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_address_comes_before_the_header() {
        for (uri, field, languages) in [
            ("/", "", ""),
            ("/", "de-AT;q=0.5, en, fr;q=0.9, nl;q=0", "en fr de-at"),
            ("/?lang=fr", "de", "fr"),
            ("/?lang=fr,de", "", "fr de"),
            ("/?lang=???", "de", ""),
        ] {
            let req = TestRequest::with_uri(uri).insert_header((header::ACCEPT_LANGUAGE, field)).to_http_request();
            let tags: Vec<String> = preferred(&req).iter().map(ToString::to_string).collect();
            assert_eq!(tags.join(" "), languages, "{uri} {field}");
        }
    }
}

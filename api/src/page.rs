//! Pages of lists: limits, cursors, and the link to the next one.

use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::IntoParams;
use utoipa::ToSchema;

use crate::answer::{Freshness, Rendered};
use crate::problem::Problem;
use crate::query::{FromQuery, QueryReader};

/// Items on a page when the caller has no wish.
pub(crate) const DEFAULT_LIMIT: usize = 20;
/// Most items on a page.
pub(crate) const MAX_LIMIT: usize = 1000;

/// How every list is paged.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(crate) struct PageParams {
    /// Items on a page.
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The page that is wanted: so many items after a place, which is a key in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageQuery {
    pub(crate) limit: i64,
    pub(crate) after: Option<String>,
}

impl FromQuery for PageQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let most = u64::try_from(MAX_LIMIT).unwrap_or(u64::MAX);
        let limit = query.number("limit", 1..=most).and_then(|number| i64::try_from(number).ok());
        let after = query.text("cursor").and_then(|cursor| {
            let place = decode(&cursor);
            if place.is_none() {
                query.fault("cursor", "Not a cursor that we gave.");
            }
            place
        });
        Self { limit: limit.unwrap_or(20), after }
    }
}

impl PageQuery {
    /// The cursor of the page after this one, when this one is full: one item more than the limit was asked for.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let limit = usize::try_from(self.limit).unwrap_or(MAX_LIMIT);
        if items.len() <= limit {
            return (items, None);
        }
        items.truncate(limit);
        let next = items.last().map(|last| encode(&key(last)));
        (items, next)
    }

    /// How many items to ask the store for: one more than the page holds, to know whether there is another.
    pub(crate) const fn wanted(&self) -> i64 {
        self.limit + 1
    }
}

/// A place in a list's order as opaque text.
pub(crate) fn encode(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

fn decode(cursor: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items of this page.
    pub(crate) items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// One page of a list as the answer, with the link to the next one.
pub(crate) fn answer<T: Serialize>(
    items: Vec<T>,
    next: Option<String>,
    freshness: Freshness,
    req: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = Page { items, next };
    let rendered = Rendered::json(&page, freshness)?;
    Ok(link_next(rendered, req, page.next.as_deref()).answer(req))
}

/// Adds `Link: rel="next"` (RFC 8288): the same question with the next page's cursor.
pub(crate) fn link_next(rendered: Rendered, req: &HttpRequest, next: Option<&str>) -> Rendered {
    let Some(next) = next else { return rendered };
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(req.query_string().as_bytes()) {
        // A key in a link would travel further than its owner means it to.
        if name != "cursor" && name != "api_key" {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("cursor", next);
    rendered.link(&format!("{}?{}", req.path(), query.finish()), "next")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_has_a_cursor_and_the_last_has_none() {
        let page = PageQuery { limit: 2, after: None };
        let (items, next) = page.cut(vec!["a", "b", "c"], |item| (*item).to_owned());
        assert_eq!((items, next.as_deref().and_then(decode)), (vec!["a", "b"], Some("b".to_owned())));
        assert_eq!(page.cut(vec!["c"], |item| (*item).to_owned()), (vec!["c"], None));
    }
}

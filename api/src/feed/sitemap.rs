//! Sitemaps (sitemaps.org/protocol.html): an index, and pages of at most 50,000 addresses.

use std::fmt::Write as _;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::{dataset, publisher};
use fairground_domain::{DatasetId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::SITEMAPS;
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::xml::escaped;

/// The most addresses that a page may hold.
const MOST_ADDRESSES: i64 = 50_000;
/// Addresses for which a page is begun: what is published within its bounds later still has room.
const BEGUN_ADDRESSES: i64 = 10_000;
/// How long the bounds of pages are kept, in seconds. The last page has no end, so what is new is on it at once.
const BOUNDS_KEPT_SECS: i64 = 3_600;
/// In the place of a bound where there is none.
const OPEN: &str = "end";
const XML: &str = "application/xml; charset=utf-8";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// Pages for everybody that are neither a dataset's nor a publisher's.
const PAGES: [&str; 6] = ["/", "/datasets", "/developers", "/services", "/transparency", "/service-level"];

/// The list of sitemaps.
#[utoipa::path(tag = "feeds", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/xml"), Problem))]
#[get("")]
pub(super) async fn get_sitemap_index(
    _caller: Anyone,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let hour = u64::try_from(Timestamp::now().as_secs() / BOUNDS_KEPT_SECS).unwrap_or(0);
    let key = "sitemap index".to_owned();
    if let Some((_, known)) = state.answers.get(hour, &key) {
        return Ok(known.answer(&req));
    }
    let bounds = state.read(|tx| dataset::mark_public_ids(tx, BEGUN_ADDRESSES)).await?;
    let url = &state.settings.public_url;
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    let mut list = |page: &str| {
        let _ = writeln!(text, "<sitemap><loc>{}</loc></sitemap>", escaped(&format!("{url}{SITEMAPS}/{page}.xml")));
    };
    list("pages");
    list("publishers");
    for (place, first) in bounds.iter().enumerate() {
        let end = bounds.get(place + 1).map_or_else(|| OPEN.to_owned(), DatasetId::to_string);
        list(&format!("datasets/{first}/{end}"));
    }
    text.push_str("</sitemapindex>\n");
    let rendered = Rendered::new(text, XML, Freshness::Revalidated);
    // A portal that has just been filled is told of at once.
    if !bounds.is_empty() {
        state.answers.put(hour, key, (None, rendered.clone()));
    }
    Ok(rendered.answer(&req))
}

/// Pages that are neither a dataset's nor a publisher's.
#[utoipa::path(tag = "feeds", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/xml"), Problem))]
#[get("/pages.xml")]
pub(super) async fn get_pages_sitemap(
    _caller: Anyone,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let url = &state.settings.public_url;
    Ok(urls(PAGES.iter().map(|page| (format!("{url}{page}"), None))).answer(&req))
}

/// Publishers.
#[utoipa::path(tag = "feeds", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/xml"), Problem))]
#[get("/publishers.xml")]
pub(super) async fn get_publishers_sitemap(
    _caller: Anyone,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let names = state.read(|tx| publisher::list_names(tx, "", MOST_ADDRESSES)).await?;
    let url = &state.settings.public_url;
    Ok(urls(names.into_iter().map(|(_, slug, _)| (format!("{url}/publishers/{slug}"), None))).answer(&req))
}

/// The bounds of a page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct BoundsPath {
    /// The first dataset's id.
    first: String,
    /// The id at which the next page begins, or `end`.
    end: String,
}

/// Datasets from one id up to another; the list of sitemaps names the bounds.
#[utoipa::path(tag = "feeds", params(BoundsPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/xml"), Problem))]
#[get("/datasets/{first}/{end}.xml")]
pub(super) async fn get_datasets_sitemap(
    _caller: Anyone,
    path: Path<BoundsPath>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let BoundsPath { first, end } = path.into_inner();
    let unknown = || Problem::not_found("sitemap");
    let first: DatasetId = first.parse().map_err(|_| unknown())?;
    let end: Option<DatasetId> = if end == OPEN { None } else { Some(end.parse().map_err(|_| unknown())?) };
    let found = state.read(move |tx| dataset::list_addresses(tx, first, end, MOST_ADDRESSES)).await?;
    let url = &state.settings.public_url;
    Ok(urls(found.into_iter().map(|(slug, at)| (format!("{url}/datasets/{slug}"), Some(at)))).answer(&req))
}

fn urls(addresses: impl Iterator<Item = (String, Option<Timestamp>)>) -> Rendered {
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"{NAMESPACE}\">\n");
    for (address, changed) in addresses {
        let _ = match changed {
            Some(at) => writeln!(text, "<url><loc>{}</loc><lastmod>{at}</lastmod></url>", escaped(&address)),
            None => writeln!(text, "<url><loc>{}</loc></url>", escaped(&address)),
        };
    }
    text.push_str("</urlset>\n");
    Rendered::new(text, XML, Freshness::Revalidated)
}

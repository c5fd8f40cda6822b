//! A chart or a map by itself, for frames on other people's pages.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::TablePage;
use super::show::{VersionQuery, load};
use crate::layout::{Frame, Place, Visit, answer_with};

/// What the page may load and do: the same files of this portal and nothing else, no forms; every site may frame it, as nothing
/// in it acts and nothing in it is anybody's.
const EMBED_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *";

/// The picture of a table alone.
#[derive(Debug, Template)]
#[template(path = "table/embed.html")]
struct EmbedView<'a> {
    frame: &'a Frame<'a>,
    page: &'a TablePage,
    is_map: bool,
}

/// Shows a table's chart (or map, with `view=map`) alone. What it draws stands in the query, as the table's own page writes it.
pub(crate) async fn show_embed(
    visit: Visit,
    path: web::Path<(String, String)>,
    query: Option<web::Query<VersionQuery>>,
) -> HttpResponse {
    let (_, name) = path.into_inner();
    let version = query.and_then(|query| query.into_inner().version);
    let loaded = visit.read(move |tx| load(tx, &name, version.as_deref())).await;
    let public_url = visit.pages.site.public_url.clone();
    let is_map = visit.request.query_string().split('&').any(|pair| pair == "view=map");
    visit.finish(Place::Datasets, loaded, |frame, loaded| {
        let page = loaded.page(&public_url);
        // Nobody's name may stand in a frame on another site.
        let frame = &frame.clone().for_person(None);
        answer_with(StatusCode::OK, &EmbedView { frame, page: &page, is_map }, EMBED_POLICY, "no-cache")
    })
}

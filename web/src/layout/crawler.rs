//! Documents that crawlers and browsers ask for by fixed names.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::{Frame, Place, Site};

#[derive(Debug, Template)]
#[template(path = "layout/opensearch.xml")]
struct OpenSearch<'a> {
    site: &'a Site,
    tagline: String,
}

#[derive(Debug, Template)]
#[template(path = "layout/robots.txt", whitespace = "preserve")]
struct Robots<'a> {
    site: &'a Site,
}

/// How a browser may search here (OpenSearch 1.1, "description document").
pub(crate) async fn opensearch(site: web::Data<Site>) -> HttpResponse {
    let tagline = Frame::new(&site, Place::Elsewhere, "/").tagline();
    document("application/opensearchdescription+xml", &OpenSearch { site: &site, tagline })
}

/// What crawlers may read (RFC 9309): everything that is public and not endless.
pub(crate) async fn robots(site: web::Data<Site>) -> HttpResponse {
    document("text/plain; charset=utf-8", &Robots { site: &site })
}

fn document(content_type: &'static str, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(body) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, content_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(body),
        Err(error) => {
            tracing::error!(error = %error, "A document could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

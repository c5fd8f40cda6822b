//! Pages for people: citizens, developers, agencies.
//!
//! Server-rendered with askama and usable without JavaScript; every act is a form. Each room holds what one kind of page
//! shows (plain values, one struct a page), its template stands in `templates/` under the same name, and its handlers fetch
//! the values from the catalogue's use cases. Styles and scripts are built by Vite from `assets/` and embedded.

pub mod assets;
pub mod brand;
pub mod dataset;
pub mod developer;
pub mod docs;
pub mod home;
pub mod layout;
pub mod prose;
pub mod publisher;
pub mod search;
pub mod session;
pub mod transparency;
pub mod words;
pub mod workspace;

use actix_web::{HttpResponse, web};

use layout::Site;

/// Mounts what pages are made of besides HTML: styles, scripts, the brand's files and the few documents that browsers and
/// crawlers ask for by fixed names.
pub fn configure_files(cfg: &mut web::ServiceConfig, site: web::Data<Site>) {
    cfg.app_data(site)
        .service(
            web::resource("/assets/{name}").route(web::get().to(assets::asset)).route(web::head().to(assets::asset)),
        )
        .service(web::resource("/favicon.ico").route(web::get().to(favicon)))
        .service(web::resource("/opensearch.xml").route(web::get().to(layout::opensearch)))
        .service(web::resource("/robots.txt").route(web::get().to(layout::robots)));
}

async fn favicon(site: web::Data<Site>) -> HttpResponse {
    layout::see_other(&site.assets.logo)
}

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
pub mod table;
pub mod transparency;
pub mod words;
pub mod workspace;

use actix_web::middleware::Compress;
use actix_web::{HttpResponse, web};

pub use layout::Pages;

use layout::{PageError, Place, Site, Visit, answer_with};

/// Mounts the pages. Call it last: what nothing before has taken is answered here, in the end with the page for addresses
/// that nothing has.
pub fn configure(cfg: &mut web::ServiceConfig, pages: &web::Data<Pages>) {
    cfg.app_data(web::Data::clone(pages));
    configure_files(cfg, web::Data::clone(&pages.site));
    cfg.service(
        web::scope("")
            .wrap(Compress::default())
            .service(web::resource("/").route(web::get().to(home::show_home)))
            .service(web::resource("/datasets").route(web::get().to(search::search_datasets)))
            .service(web::resource("/datasets/{name}").route(web::get().to(dataset::show_dataset)))
            .service(web::resource("/datasets/{name}/tables/{table}").route(web::get().to(table::show_table)))
            .service(web::resource("/publishers").route(web::get().to(publisher::list_publishers)))
            .service(web::resource("/publishers/{name}").route(web::get().to(publisher::show_publisher)))
            .service(
                web::resource("/developers")
                    .route(web::get().to(developer::show_developers))
                    .route(web::post().to(developer::get_key)),
            )
            .service(
                web::resource("/developers/verify")
                    .route(web::get().to(developer::show_confirmation))
                    .route(web::post().to(developer::confirm_address)),
            )
            .service(web::resource("/docs").route(web::get().to(show_docs)))
            .service(web::resource("/transparency").route(web::get().to(transparency::show_transparency)))
            .service(
                web::resource("/sign-in")
                    .route(web::get().to(session::show_sign_in))
                    .route(web::post().to(session::sign_in)),
            )
            .service(web::resource("/sign-out").route(web::post().to(session::sign_out)))
            .service(web::resource("/workspace").route(web::get().to(workspace::show_desk)))
            .service(web::resource("/workspace/sources").route(web::post().to(workspace::add_source)))
            .service(web::resource("/workspace/sources/new").route(web::get().to(workspace::show_source_form)))
            .service(web::resource("/workspace/sources/{source}").route(web::get().to(workspace::show_source)))
            .service(web::resource("/workspace/sources/{source}/run").route(web::post().to(workspace::run_source)))
            .service(
                web::resource("/workspace/sources/{source}/state").route(web::post().to(workspace::set_source_state)),
            )
            .service(web::resource("/workspace/jobs").route(web::get().to(workspace::list_jobs)))
            .service(web::resource("/workspace/jobs/{job}").route(web::get().to(workspace::show_job)))
            .service(web::resource("/workspace/jobs/{job}/approve").route(web::post().to(workspace::approve_job)))
            .service(web::resource("/workspace/jobs/{job}/cancel").route(web::post().to(workspace::cancel_job)))
            .service(web::resource("/workspace/applications").route(web::get().to(workspace::list_applications)))
            .service(
                web::resource("/workspace/applications/{application}/keys/{key}/revoke")
                    .route(web::post().to(workspace::revoke_key)),
            )
            .default_service(web::to(not_found)),
    );
}

async fn show_docs(visit: Visit) -> HttpResponse {
    visit.finish(Place::Developers, Ok(()), |frame, ()| {
        answer_with(actix_web::http::StatusCode::OK, &docs::DocsView { frame }, docs::DOCS_POLICY, "no-cache")
    })
}

async fn not_found(visit: Visit) -> HttpResponse {
    visit.finish(Place::Elsewhere, Err::<(), _>(PageError::NotFound), |_, ()| HttpResponse::NotFound().finish())
}

/// Mounts what pages are made of besides HTML: styles, scripts, the brand's files and the few documents that browsers and
/// crawlers ask for by fixed names.
pub fn configure_files(cfg: &mut web::ServiceConfig, site: web::Data<Site>) {
    cfg.app_data(site)
        .service(web::resource("/assets/{name}").route(web::get().to(assets::asset)))
        .service(web::resource("/favicon.ico").route(web::get().to(favicon)))
        .service(web::resource("/opensearch.xml").route(web::get().to(layout::opensearch)))
        .service(web::resource("/robots.txt").route(web::get().to(layout::robots)));
}

async fn favicon(site: web::Data<Site>) -> HttpResponse {
    layout::see_other(&site.assets.logo)
}

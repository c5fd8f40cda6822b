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
pub mod me;
pub mod prose;
pub mod publisher;
pub mod quality;
pub mod search;
pub mod service;
pub mod service_level;
pub mod session;
pub mod table;
pub mod transparency;
pub mod usage;
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
            .service(
                web::resource("/datasets/ask")
                    .route(web::get().to(search::show_ask))
                    .route(web::post().to(search::ask)),
            )
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
            .configure(configure_applications)
            .configure(configure_services)
            .service(web::resource("/docs").route(web::get().to(show_docs)))
            .service(
                web::resource("/developers/applications/{application}/usage")
                    .route(web::get().to(usage::show_application_usage)),
            )
            .service(web::resource("/workspace/publishers/{name}/usage").route(web::get().to(usage::show_agency_usage)))
            .service(web::resource("/service-level").route(web::get().to(service_level::show_service_level)))
            .service(web::resource("/transparency").route(web::get().to(transparency::show_transparency)))
            .service(web::resource("/transparency/tariff").route(web::get().to(transparency::show_history)))
            .service(web::resource("/transparency/register").route(web::get().to(transparency::show_register)))
            .service(web::resource("/transparency/register/{entry}").route(web::get().to(transparency::show_entry)))
            .service(
                web::resource("/workspace/tariff")
                    .route(web::get().to(transparency::show_tariff_form))
                    .route(web::post().to(transparency::publish_tariff)),
            )
            .service(
                web::resource("/workspace/register")
                    .route(web::get().to(transparency::show_act_form))
                    .route(web::post().to(transparency::register_entry)),
            )
            .service(web::resource("/workspace/register/{entry}/end").route(web::post().to(transparency::end_entry)))
            .service(
                web::resource("/sign-in")
                    .route(web::get().to(session::show_sign_in))
                    .route(web::post().to(session::sign_in)),
            )
            .service(
                web::resource("/sign-in/second-factor")
                    .route(web::get().to(session::show_pass_factor))
                    .route(web::post().to(session::pass_factor)),
            )
            .service(web::resource("/sign-in/identity").route(web::post().to(session::act_on_identity)))
            .service(
                web::resource("/sign-in/identity-link")
                    .route(web::get().to(session::show_adoption))
                    .route(web::post().to(session::adopt_identity)),
            )
            .service(web::resource("/sign-in/{provider}").route(web::get().to(session::depart)))
            .service(web::resource("/sign-in/{provider}/callback").route(web::get().to(session::come_back)))
            .service(
                web::resource("/register")
                    .route(web::get().to(session::show_register))
                    .route(web::post().to(session::ask_to_register)),
            )
            .service(
                web::resource("/register/confirm")
                    .route(web::get().to(session::show_registration))
                    .route(web::post().to(session::register)),
            )
            .service(
                web::resource("/forgotten-password")
                    .route(web::get().to(session::show_forgotten))
                    .route(web::post().to(session::ask_for_password)),
            )
            .service(
                web::resource("/forgotten-password/new")
                    .route(web::get().to(session::show_new_password))
                    .route(web::post().to(session::choose_password)),
            )
            .service(web::resource("/me").route(web::get().to(me::show_me)))
            .service(web::resource("/me/sessions").route(web::post().to(me::end_sessions)))
            .service(web::resource("/me/identities").route(web::post().to(me::unlink)))
            .service(
                web::resource("/me/password")
                    .route(web::get().to(me::show_password))
                    .route(web::post().to(me::change_password)),
            )
            .service(
                web::resource("/me/second-factor")
                    .route(web::get().to(session::show_factor))
                    .route(web::post().to(session::act_on_factor)),
            )
            .service(
                web::resource("/me/second-factor/remove")
                    .route(web::get().to(me::show_remove_factor))
                    .route(web::post().to(me::remove_factor)),
            )
            .service(web::resource("/me/erase").route(web::get().to(me::show_erase)).route(web::post().to(me::erase)))
            .service(web::resource("/sign-out").route(web::post().to(session::sign_out)))
            .service(web::resource("/workspace").route(web::get().to(workspace::show_desk)))
            .service(web::resource("/workspace/sources").route(web::post().to(workspace::add_source)))
            .service(web::resource("/workspace/sources/new").route(web::get().to(workspace::show_source_form)))
            .service(web::resource("/workspace/sources/{source}").route(web::get().to(workspace::show_source)))
            .service(web::resource("/workspace/sources/{source}/run").route(web::post().to(workspace::run_source)))
            .service(
                web::resource("/workspace/sources/{source}/state").route(web::post().to(workspace::set_source_state)),
            )
            .configure(configure_steering)
            .service(web::resource("/workspace/jobs").route(web::get().to(workspace::list_jobs)))
            .service(web::resource("/workspace/jobs/{job}").route(web::get().to(workspace::show_job)))
            .service(web::resource("/workspace/jobs/{job}/approve").route(web::post().to(workspace::approve_job)))
            .service(web::resource("/workspace/jobs/{job}/cancel").route(web::post().to(workspace::cancel_job)))
            .service(web::resource("/workspace/demand").route(web::get().to(workspace::show_demand)))
            .service(web::resource("/workspace/applications").route(web::get().to(workspace::list_applications)))
            .service(
                web::resource("/workspace/applications/{application}/keys/{key}/revoke")
                    .route(web::post().to(workspace::revoke_key)),
            )
            .default_service(web::to(not_found)),
    );
}

/// What staff decide about sources, and what they see of records.
fn configure_steering(cfg: &mut web::ServiceConfig) {
    use web::{get, post, resource};
    cfg.service(resource("/workspace/sources/{source}/approve").route(post().to(workspace::approve_source)))
        .service(
            resource("/workspace/sources/{source}/rules")
                .route(get().to(workspace::show_rules))
                .route(post().to(workspace::act_on_rules)),
        )
        .service(
            resource("/workspace/sources/{source}/contacts")
                .route(get().to(workspace::show_contacts))
                .route(post().to(workspace::add_contact)),
        )
        .service(
            resource("/workspace/sources/{source}/contacts/{contact}/remove")
                .route(post().to(workspace::remove_contact)),
        )
        .service(
            resource("/workspace/sources/{source}/delete")
                .route(get().to(workspace::show_delete))
                .route(post().to(workspace::delete_source)),
        )
        .service(resource("/workspace/removals/{job}").route(get().to(workspace::show_removal)))
        .service(resource("/workspace/jobs/{job}/changes").route(get().to(workspace::show_changes)))
        .service(resource("/workspace/jobs/{job}/records/{record}").route(get().to(workspace::show_record)))
        .service(resource("/harvest-rules").route(get().to(workspace::show_finding_rules)));
}

/// One's own applications and organisations.
fn configure_applications(cfg: &mut web::ServiceConfig) {
    use developer::{application as one, leak, organisation as home};
    use web::{get, post, resource};
    cfg.service(resource("/developers/applications").route(get().to(one::list_applications)))
        .service(resource("/developers/links").route(post().to(one::ask_for_link)))
        .service(resource("/developers/manage").route(get().to(one::show_link)).route(post().to(one::open_link)))
        .service(resource("/developers/leave").route(post().to(one::leave)))
        .service(
            resource("/developers/applications/{application}")
                .route(get().to(one::show_application))
                .route(post().to(one::change_application)),
        )
        .service(resource("/developers/applications/{application}/keys").route(post().to(one::create_key)))
        .service(resource("/developers/applications/{application}/keys/{key}").route(post().to(one::change_key)))
        .service(resource("/developers/applications/{application}/keys/{key}/rotate").route(post().to(one::rotate_key)))
        .service(resource("/developers/applications/{application}/keys/{key}/revoke").route(post().to(one::revoke_key)))
        .service(
            resource("/developers/applications/{application}/transfer").route(post().to(one::transfer_application)),
        )
        .service(resource("/developers/applications/{application}/close").route(post().to(one::close_application)))
        .service(
            resource("/developers/leaks").route(get().to(leak::show_leak_form)).route(post().to(leak::report_leak)),
        )
        .service(
            resource("/developers/organisations")
                .route(get().to(home::list_organisations))
                .route(post().to(home::create_organisation)),
        )
        .service(
            resource("/developers/organisations/{organisation}")
                .route(get().to(home::show_organisation))
                .route(post().to(home::change_organisation)),
        )
        .service(
            resource("/developers/organisations/{organisation}/verify").route(post().to(home::verify_organisation)),
        )
        .service(
            resource("/developers/organisations/{organisation}/dissolve").route(post().to(home::dissolve_organisation)),
        )
        .service(resource("/developers/organisations/{organisation}/invitations").route(post().to(home::invite)))
        .service(
            resource("/developers/organisations/{organisation}/invitations/{invitation}/withdraw")
                .route(post().to(home::withdraw_invitation)),
        )
        .service(
            resource("/developers/organisations/{organisation}/members/{member}/role")
                .route(post().to(home::set_member_role)),
        )
        .service(
            resource("/developers/organisations/{organisation}/members/{member}/remove")
                .route(post().to(home::remove_member)),
        )
        .service(
            resource("/developers/invitation")
                .route(get().to(home::show_invitation))
                .route(post().to(home::accept_invitation)),
        );
}

/// Agencies' APIs behind the gateway.
fn configure_services(cfg: &mut web::ServiceConfig) {
    use web::{get, post, resource};
    cfg.service(resource("/services").route(get().to(service::list_services)))
        .service(resource("/services/{name}").route(get().to(service::show_service)))
        .service(resource("/services/{name}/try").route(get().to(service::try_operation)))
        .service(
            resource("/workspace/services")
                .route(get().to(service::show_desk))
                .route(post().to(service::register_service)),
        )
        .service(resource("/workspace/services/new").route(get().to(service::show_form)))
        .service(
            resource("/workspace/services/{name}")
                .route(get().to(service::show_managed))
                .route(post().to(service::act_on_service)),
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

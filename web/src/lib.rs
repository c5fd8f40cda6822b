//! Pages for people: citizens, developers, agencies.
//!
//! Server-rendered with askama and usable without JavaScript; every act is a form. Each room holds what one kind of page
//! shows (plain values, one struct a page), its template stands in `templates/` under the same name, and its handlers fetch
//! the values from the catalogue's use cases. Styles and scripts are built by Vite from `assets/` and embedded.

pub mod assets;
pub mod brand;
pub mod conversation;
pub mod dataset;
pub mod developer;
pub mod docs;
pub mod home;
pub mod layout;
pub mod licence;
pub mod me;
pub mod prose;
pub mod publisher;
pub mod quality;
pub mod screen;
pub mod search;
pub mod series;
pub mod service;
pub mod service_level;
pub mod session;
pub mod table;
pub mod theme;
pub mod transparency;
pub mod usage;
pub mod watch;
pub mod words;
pub mod workspace;

use actix_web::middleware::Compress;
use actix_web::{HttpResponse, web};

pub use layout::{Pages, Told};

use layout::{PageError, Place, Site, Visit};

/// Mounts the pages. Call it last: what nothing before has taken is answered here, in the end with the page for addresses
/// that nothing has.
pub fn configure(cfg: &mut web::ServiceConfig, pages: &web::Data<Pages>) {
    cfg.app_data(web::Data::clone(pages));
    let key = pages.site.preview_key.clone();
    cfg.app_data(std::rc::Rc::new(table::Inside::new(web::Data::clone(&pages.state), key)));
    configure_files(cfg, web::Data::clone(&pages.site));
    cfg.service(
        web::scope("")
            .wrap(Compress::default())
            .service(web::resource("/").route(web::get().to(home::show_home)))
            .service(web::resource("/language").route(web::post().to(layout::choose_language)))
            .service(web::resource("/datasets").route(web::get().to(search::search_datasets)))
            .service(
                web::resource("/datasets/ask")
                    .route(web::get().to(search::show_ask))
                    .route(web::post().to(search::ask)),
            )
            // Addresses are tried in this order: those that are asked for the most come first.
            .service(web::resource("/datasets/{name}").route(web::get().to(dataset::show_dataset)))
            .service(web::resource("/datasets/{name}/tables/{table}").route(web::get().to(table::show_table)))
            .configure(configure_citizens)
            .service(web::resource("/datasets/{name}/versions").route(web::get().to(dataset::show_history)))
            .service(web::resource("/datasets/{name}/tables/{table}/embed").route(web::get().to(table::show_embed)))
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
            .service(web::resource("/developers/changes").route(web::get().to(developer::show_changes)))
            .configure(configure_applications)
            .configure(configure_services)
            .service(web::resource("/docs").route(web::get().to(docs::show_docs)))
            .service(
                web::resource("/developers/applications/{application}/usage")
                    .route(web::get().to(usage::show_application_usage)),
            )
            .service(
                web::resource("/developers/applications/{application}/alerts")
                    .route(web::post().to(usage::choose_alerts)),
            )
            .service(
                web::resource("/developers/alerts/{token}")
                    .route(web::get().to(usage::show_alert_end))
                    .route(web::post().to(usage::end_alert)),
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
            .configure(configure_drafts)
            .configure(configure_publishing)
            .configure(configure_overseeing)
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
        .service(resource("/workspace/sources/{source}/rhythm").route(post().to(workspace::change_rhythm)))
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

/// How the portal is run, for operators and auditors.
fn configure_overseeing(cfg: &mut web::ServiceConfig) {
    use web::{get, post, resource};
    cfg.service(resource("/workspace/settings").route(get().to(workspace::show_settings)))
        .service(resource("/workspace/health").route(get().to(workspace::show_health)))
        .service(resource("/workspace/journal").route(get().to(workspace::show_journal)))
        .service(resource("/workspace/journal/check").route(post().to(workspace::check_chain)))
        .service(resource("/workspace/suspended").route(get().to(workspace::show_suspended)));
}

/// Drafts: begun, filled, looked at, reviewed.
fn configure_drafts(cfg: &mut web::ServiceConfig) {
    use web::{get, post, resource};
    use workspace::draft;
    cfg.service(resource("/workspace/drafts").route(get().to(draft::list_drafts)).route(post().to(draft::begin)))
        .service(resource("/workspace/drafts/new").route(get().to(draft::show_begin)))
        .service(resource("/workspace/drafts/upload").route(post().to(draft::begin_with_file)))
        .service(
            resource("/workspace/drafts/{draft}")
                .route(get().to(draft::show_editor))
                .route(post().to(draft::save_form)),
        )
        .service(resource("/workspace/drafts/{draft}/check").route(post().to(draft::check_form)))
        .service(
            resource("/workspace/drafts/{draft}/document")
                .route(get().to(draft::show_document))
                .route(post().to(draft::save_document)),
        )
        .service(
            resource("/workspace/drafts/{draft}/files")
                .route(get().to(draft::show_files))
                .route(post().to(draft::remove)),
        )
        .service(resource("/workspace/drafts/{draft}/upload").route(post().to(draft::upload)))
        .service(
            resource("/workspace/drafts/{draft}/columns/{table}")
                .route(get().to(draft::show_columns))
                .route(post().to(draft::save_columns)),
        )
        .service(resource("/workspace/drafts/{draft}/conflict").route(post().to(draft::resolve)))
        .service(resource("/workspace/drafts/{draft}/preview").route(get().to(draft::show_preview)))
        .service(
            resource("/workspace/drafts/{draft}/journey")
                .route(get().to(draft::show_journey))
                .route(post().to(draft::act_on_journey)),
        )
        .service(
            resource("/workspace/drafts/{draft}/review")
                .route(get().to(draft::show_review))
                .route(post().to(draft::act_on_review)),
        )
        .service(
            resource("/workspace/drafts/{draft}/discard")
                .route(get().to(draft::show_discard))
                .route(post().to(draft::discard)),
        );
}

/// Published datasets from within, what the screen holds back, people, and the audit.
fn configure_publishing(cfg: &mut web::ServiceConfig) {
    use web::{get, post, resource};
    cfg.service(resource("/workspace/datasets/{name}").route(get().to(workspace::show_versions)))
        .service(resource("/workspace/datasets/{name}/edit").route(post().to(workspace::draft::begin_version)))
        .service(resource("/workspace/datasets/{name}/compare").route(get().to(workspace::show_compare)))
        .service(resource("/workspace/datasets/{name}/take-back").route(post().to(workspace::take_back)))
        .service(
            resource("/workspace/datasets/{name}/restore")
                .route(get().to(workspace::show_restore))
                .route(post().to(workspace::restore)),
        )
        .service(
            resource("/workspace/datasets/{name}/withdraw")
                .route(get().to(workspace::show_withdraw))
                .route(post().to(workspace::withdraw)),
        )
        .service(resource("/workspace/held").route(get().to(workspace::list_held)))
        .service(
            resource("/workspace/held/{hold}")
                .route(get().to(workspace::show_hold))
                .route(post().to(workspace::act_on_hold)),
        )
        .service(
            resource("/workspace/yours")
                .route(get().to(workspace::show_yours))
                .route(post().to(workspace::act_on_yours)),
        )
        .service(resource("/workspace/people").route(get().to(workspace::choose_people)))
        .service(
            resource("/workspace/publishers/{name}/people")
                .route(get().to(workspace::show_people))
                .route(post().to(workspace::act_on_people)),
        )
        .service(
            resource("/workspace/invitation")
                .route(get().to(workspace::show_invitation))
                .route(post().to(workspace::accept_invitation)),
        )
        .service(resource("/workspace/audit").route(get().to(workspace::show_audit)))
        .service(resource("/workspace/audit.{form}").route(get().to(workspace::export_audit)));
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

/// Following, asking, and ways through the catalogue.
fn configure_citizens(cfg: &mut web::ServiceConfig) {
    use web::{get, post, resource};
    cfg.service(resource("/themes").route(get().to(theme::list_themes)))
        .service(resource("/themes/{theme}").route(get().to(theme::show_theme)))
        .service(resource("/licences").route(get().to(licence::list_licences)))
        .service(resource("/licences/{licence}").route(get().to(licence::show_licence)))
        .service(resource("/series").route(get().to(series::list_series)))
        .service(resource("/series/{series}").route(get().to(series::show_series)))
        .service(
            resource("/datasets/{name}/questions")
                .route(get().to(conversation::show_questions))
                .route(post().to(conversation::ask)),
        )
        .service(
            resource("/questions/{question}")
                .route(get().to(conversation::show_question))
                .route(post().to(conversation::act_on_question)),
        )
        .service(resource("/requests").route(get().to(conversation::list_requests)))
        .service(
            resource("/requests/new")
                .route(get().to(conversation::show_request_form))
                .route(post().to(conversation::make_request)),
        )
        .service(
            resource("/requests/{request}")
                .route(get().to(conversation::show_request))
                .route(post().to(conversation::act_on_request)),
        )
        .service(resource("/follow").route(get().to(watch::show_follow)).route(post().to(watch::follow)))
        .service(resource("/confirm").route(get().to(watch::show_confirmation)).route(post().to(watch::confirm)))
        .service(resource("/follows").route(get().to(watch::show_own)).route(post().to(watch::act_on_own)))
        .service(resource("/follows/{token}").route(get().to(watch::show_own)).route(post().to(watch::act_on_own)))
        .service(
            resource("/unsubscribe/{token}")
                .route(get().to(watch::show_unsubscribe))
                .route(post().to(watch::unsubscribe)),
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

//! The OpenAPI document: what is mounted, described by the handlers themselves.

use std::collections::BTreeMap;

use actix_web::App;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, Components, OpenApi as Document};
use utoipa_actix_web::AppExt as _;

use crate::caller::SESSION_COOKIE;
use crate::hot_path::{API_KEY_HEADER, API_KEY_PARAMETER};
use crate::operation::ROUTES;
use crate::problem::{Fault, ProblemBody};
use crate::settings::ApiSettings;

const TITLE: &str = "Fairground API";
const DESCRIPTION: &str = "Open data on the same terms for everybody. Reading needs no key; a key is free, instant and \
buys service (rate, a usage view), never more data. Every answer carries `RateLimit-Policy` and `RateLimit`; errors are \
`application/problem+json` (RFC 9457). Unknown query parameters are refused. Paging is by cursor. `RateLimit-Cost` is what \
the answer cost in units, as the meter records it. Each table has an OpenAPI document of its own with its columns: \
`/api/v1/tables/{table}/openapi.json`. Clients of CKAN find its actions that read (`package_search`, `package_show`, \
`organization_list`, `datastore_search`, …) at `/api/3/action/`; `help_show` tells what each takes.";

#[derive(OpenApi)]
#[openapi(
    components(schemas(ProblemBody<'_>, Fault)),
    tags(
        (name = "datasets", description = "The catalogue: search, datasets, their history"),
        (name = "tables", description = "Rows, sums and whole files of every table that a dataset points at"),
        (name = "services", description = "Agencies' APIs behind the gateway: registering, approving, their health"),
        (name = "publishers", description = "The bodies that answer for datasets"),
        (name = "quality", description = "How good descriptions are, whether their links answer, and what to mend first"),
        (name = "changes", description = "What happened, from the journal"),
        (name = "plans", description = "The public tariff"),
        (name = "transparency", description = "The public register, and every act that could tilt the field"),
        (name = "applications", description = "Self-service for key owners"),
        (name = "organisations", description = "People who look after applications together"),
        (name = "usage", description = "What was used, in the numbers that everybody sees"),
        (name = "harvests", description = "Agency and operator work: sources, jobs, records"),
        (name = "drafts", description = "Publishing by hand: drafts, files, review, timed release, versions"),
        (name = "members", description = "Who works for a publisher: roles, delegations, invitations, the review policy"),
        (name = "gate", description = "The personal-data gate: its rules, its reports, and what waits for a reviewer"),
        (name = "audit", description = "Who did what to whose work"),
        (name = "accounts", description = "Registering, and accounts that operators make"),
        (name = "me", description = "What is kept about whoever is signed in: told, exported, changed, erased"),
        (name = "sessions", description = "Signing in and out"),
        (name = "catalogue", description = "The whole catalogue for other catalogues: DCAT-AP, DCAT-US"),
        (name = "follows", description = "Being told of changes: by letter, signed webhook or on a page of one's own"),
        (name = "conversations", description = "Questions at datasets, and requests for data that is not published"),
        (name = "feeds", description = "For those who follow and crawl: OAI-PMH, Atom feeds, sitemaps"),
        (name = "portal", description = "About the portal itself"),
    )
)]
struct Base;

/// The document of everything that the API mounts, without a server's address: what `fairground openapi` prints and
/// `openapi/portal.json` holds.
#[must_use]
pub fn openapi() -> String {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The document for one portal, as `/openapi.json` serves it.
pub(crate) fn for_portal(settings: &ApiSettings) -> Vec<u8> {
    let mut document = document();
    document.info.title = format!("{} API", settings.title);
    document.servers = Some(vec![openapi::Server::new(&settings.public_url)]);
    if let Some(contact) = &mut document.info.contact {
        contact.email.clone_from(&settings.contact_email);
        contact.url = Some(format!("{}/developers", settings.public_url));
    }
    document.to_json().unwrap_or_default().into_bytes()
}

fn document() -> Document {
    let app = App::new().into_utoipa_app().openapi(base());
    let (_, mut document) = app.configure(crate::describe_routes).split_for_parts();
    note_classes(&mut document);
    document
}

fn base() -> Document {
    let mut document = Base::openapi();
    document.info = openapi::InfoBuilder::new()
        .title(TITLE)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .contact(Some(openapi::ContactBuilder::new().name(Some("The portal's team")).build()))
        .license(Some(openapi::LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in security_schemes() {
        components.add_security_scheme(name, scheme);
    }
    document
}

fn security_schemes() -> [(&'static str, SecurityScheme); 7] {
    let bearer = |description: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build())
    };
    let value = |name: &str, description: &str| ApiKeyValue::with_description(name, description);
    [
        ("api_key", SecurityScheme::ApiKey(ApiKey::Header(value(API_KEY_HEADER, "An API key: `fg_…`.")))),
        ("bearer", bearer("An API key as a bearer token.")),
        (
            "api_key_query",
            SecurityScheme::ApiKey(ApiKey::Query(value(
                API_KEY_PARAMETER,
                "An API key in the address, for tools that cannot send headers; addresses end up in logs, so a header \
                 is better.",
            ))),
        ),
        ("session", bearer("A session's token, from signing in.")),
        (
            "publishing_token",
            bearer("A publishing token, `fgp_…`: a program does by it what its owner may do for one publisher."),
        ),
        (
            "citizen_token",
            SecurityScheme::ApiKey(ApiKey::Header(value(
                "Citizen-Token",
                "The token of the link to your own page, which stands in every letter about what you follow.",
            ))),
        ),
        (
            "session_cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(value(
                SESSION_COOKIE,
                "A browser's session; writes need `X-Csrf-Token` too.",
            ))),
        ),
    ]
}

/// Tells the class of every metered operation, so that its limits and cost can be read from the tariff.
fn note_classes(document: &mut Document) {
    let classes: BTreeMap<&str, &str> =
        ROUTES.iter().map(|route| (route.operation.id, route.operation.class.as_str())).collect();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete] {
            let Some(operation) = operation else { continue };
            let class = operation.operation_id.as_deref().and_then(|id| classes.get(id));
            if let Some(class) = class {
                let extension = openapi::extensions::ExtensionsBuilder::new().add("x-operation-class", *class).build();
                operation.extensions = Some(extension);
            }
        }
    }
}

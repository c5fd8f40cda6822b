//! `service add|list|approve|open|suspend|retire`: agencies' APIs behind the gateway, without a browser.

use std::path::Path;
use std::process::ExitCode;

use fairground_api::gateway::check_service;
use fairground_catalog::Catalog;
use fairground_catalog::domain::Slug;
use fairground_catalog::service::{
    self, DataService, HealthCheck, NewService, OPENAPI_MAX_BYTES, OpenapiDocument, ServiceCredentials, ServiceDraft,
    ServiceMethod,
};
use serde_json::json;

use super::{Usage, say, say_json, slug};
use crate::Failure;
use crate::cli::{ServiceArgs, ServiceCommand};
use crate::settings::Settings;

const ACTOR: &str = "command-line";
/// Services listed in one go.
const PAGE: i64 = 500;
/// Seconds between two looks at a service's health.
const HEALTH_SECS: u32 = 60;
/// The status of a healthy answer.
const HEALTHY: u16 = 200;

pub(crate) fn run(settings: Settings, command: ServiceCommand) -> Result<ExitCode, Failure> {
    let catalog = Catalog::open(&settings.place)?;
    let site = settings.api.public_url.clone();
    let changed = match command {
        ServiceCommand::Add(args) => add(&catalog, &settings, *args)?,
        ServiceCommand::List(args) => return list(&catalog, args.json),
        ServiceCommand::Approve { slug, open } => catalog.db.write(|tx| {
            let approved = service::approve(tx, &slug, ACTOR)?;
            if open { service::open(tx, &slug, &site, ACTOR) } else { Ok(approved) }
        })?,
        ServiceCommand::Open { slug } => catalog.db.write(|tx| service::open(tx, &slug, &site, ACTOR))?,
        ServiceCommand::Suspend { slug, reason } => {
            catalog.db.write(|tx| service::suspend(tx, &slug, &reason, ACTOR))?
        }
        ServiceCommand::Retire { slug, reason } => catalog.db.write(|tx| service::retire(tx, &slug, &reason, ACTOR))?,
    };
    say(&line(&changed));
    Ok(ExitCode::SUCCESS)
}

fn add(catalog: &Catalog, settings: &Settings, args: ServiceArgs) -> Result<DataService, Failure> {
    let methods: Vec<ServiceMethod> = args
        .methods
        .iter()
        .map(|name| {
            ServiceMethod::parse(&name.to_ascii_uppercase()).ok_or_else(|| Usage::of(format!("`{name}` is no method")))
        })
        .collect::<Result<_, _>>()?;
    let mut draft = ServiceDraft {
        description: args.description.unwrap_or_default(),
        terms: args.terms,
        health: args.health.map(|path| HealthCheck { path, interval_secs: HEALTH_SECS, status: HEALTHY }),
        ..ServiceDraft::new(args.title, args.upstream)
    };
    if !methods.is_empty() {
        draft.methods = methods;
    }
    let openapi = args.openapi.as_deref().map(read_openapi).transpose()?;
    let credentials = args.credentials.as_deref().map(read_credentials).transpose()?.unwrap_or_default();
    check_service(&draft, &credentials, &settings.api.reach)?;
    let publisher: Slug = args.publisher.parse().map_err(Usage::of)?;
    let new = NewService { slug: slug(args.slug.as_deref())?, publisher, draft, openapi, credentials };
    Ok(catalog.db.write(|tx| service::create(tx, &catalog.secret, new, ACTOR))?)
}

fn read_openapi(path: &Path) -> Result<OpenapiDocument, Failure> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?.len();
    if usize::try_from(size).unwrap_or(usize::MAX) > OPENAPI_MAX_BYTES {
        return Err(format!("`{}` is larger than {OPENAPI_MAX_BYTES} bytes", path.display()).into());
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    Ok(OpenapiDocument::parse(&text)?)
}

/// From a file, because what stands on a command line can be read by everybody on the machine.
fn read_credentials(path: &Path) -> Result<ServiceCredentials, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    // The parser's words could repeat a piece of the secret.
    serde_json::from_str(&text).map_err(|_| {
        Usage::of("the credentials must be JSON such as {\"kind\": \"header\", \"name\": \"X-Key\", \"value\": \"…\"}")
    })
}

fn list(catalog: &Catalog, as_json: bool) -> Result<ExitCode, Failure> {
    let mut after: Option<Slug> = None;
    loop {
        let page = catalog.db.read(|tx| service::list(tx, None, after.as_ref(), PAGE))?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after = Some(last.slug.clone());
        for service in &page {
            if as_json {
                say_json(&json!({
                    "slug": service.slug, "title": service.draft.title, "publisher": service.publisher_slug,
                    "state": service.state, "upstream": service.draft.upstream, "credentials": service.credentials,
                }))?;
            } else {
                say(&line(service));
            }
        }
    }
}

fn line(service: &DataService) -> String {
    format!(
        "{}  /gateway/{}  {}  ({})",
        service.state.as_str(),
        service.slug,
        service.draft.upstream,
        service.publisher_slug
    )
}

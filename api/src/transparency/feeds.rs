//! The same as Atom feeds, for whoever wants to be told.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::change_log::{self, Changed, DeveloperChange};
use fairground_catalog::journal::{self, Entry, EventKind};
use fairground_catalog::register::{self, RegisterEntry, RegisterFilter};
use serde_json::Value;

use crate::answer::{Freshness, Rendered};
use crate::feed::atom::{ATOM, Feed, FeedEntry};
use crate::problem::Problem;
use crate::state::ApiState;

/// Entries of a feed; what is older is in the API.
const FEED_ENTRIES: i64 = 100;
/// Changes for developers in their feed.
const DEVELOPER_CHANGES: usize = 100;

/// Every act that could tilt the field, as an Atom feed.
#[utoipa::path(tag = "portal", security(()),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/feeds/transparency.atom")]
pub(super) async fn get_transparency_feed(req: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let entries = state.read(|tx| journal::list_before(tx, &EventKind::CONDUCT, None, FEED_ENTRIES)).await?;
    let (title, url) = (&state.settings.title, &state.settings.public_url);
    let feed = Feed {
        id: format!("{url}/feeds/transparency.atom"),
        own: format!("{url}/feeds/transparency.atom"),
        title: format!("{title}: acts that could tilt the field"),
        page: format!("{url}/transparency"),
        entries: entries.into_iter().map(|entry| act(url, entry)).collect(),
        ..Feed::default()
    };
    Ok(Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(&req))
}

fn act(url: &str, entry: Entry) -> FeedEntry {
    let kind = entry.kind.as_str();
    let id = format!("{url}/api/v1/changes?since={}&limit=1", entry.seq.saturating_sub(1));
    let reason = entry.payload.pointer("/content/reason").or_else(|| entry.payload.get("reason"));
    let href = match entry.payload.get("entry").and_then(Value::as_i64) {
        Some(number) => format!("{url}/transparency/register/{number}"),
        None => format!("{url}/transparency"),
    };
    FeedEntry {
        title: format!("{kind}: {}", entry.subject_id),
        updated: entry.at,
        author: entry.actor,
        href,
        text: reason.and_then(Value::as_str).map_or_else(|| entry.payload.to_string(), str::to_owned),
        id,
    }
}

/// The public register, as an Atom feed.
#[utoipa::path(tag = "portal", security(()),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/feeds/register.atom")]
pub(super) async fn get_register_feed(req: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let entries = state.read(|tx| register::list(tx, &RegisterFilter::default(), FEED_ENTRIES)).await?;
    let (title, url) = (&state.settings.title, &state.settings.public_url);
    let feed = Feed {
        id: format!("{url}/feeds/register.atom"),
        own: format!("{url}/feeds/register.atom"),
        title: format!("{title}: the public register"),
        page: format!("{url}/transparency/register"),
        entries: entries.into_iter().map(|entry| registered(url, entry)).collect(),
        ..Feed::default()
    };
    Ok(Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(&req))
}

fn registered(url: &str, entry: RegisterEntry) -> FeedEntry {
    let href = format!("{url}/transparency/register/{}", entry.number);
    let about = entry.content.application().map(|number| format!(" (application {number})")).unwrap_or_default();
    let mut text = entry.content.reason().to_owned();
    if let Some(reason) = &entry.end_reason {
        text.push_str("\nEnded: ");
        text.push_str(reason);
    }
    FeedEntry {
        id: href.clone(),
        title: format!("{} {}{about}", entry.content.kind().as_str(), entry.number),
        updated: entry.ended_at.unwrap_or(entry.published_at),
        author: "The portal's operator".to_owned(),
        href,
        text,
    }
}

/// What changes for those who build on the portal, as an Atom feed: services that go, versions of the tariff, columns of tables
/// that differ.
#[utoipa::path(tag = "portal", security(()),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/feeds/developers.atom")]
pub(super) async fn get_developer_feed(req: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let changes = state.read(|tx| change_log::list(tx, DEVELOPER_CHANGES)).await?;
    let (title, url) = (&state.settings.title, &state.settings.public_url);
    let feed = Feed {
        id: format!("{url}/feeds/developers.atom"),
        own: format!("{url}/feeds/developers.atom"),
        title: format!("{title}: changes for developers"),
        page: format!("{url}/developers/changes"),
        entries: changes.iter().map(|change| changed(url, change)).collect(),
        ..Feed::default()
    };
    Ok(Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(&req))
}

fn changed(url: &str, change: &DeveloperChange) -> FeedEntry {
    let (title, text) = match &change.changed {
        Changed::Service { title, deprecated_at, sunset_at, brown_outs, successor_url, .. } => {
            let mut text = format!("Deprecated from {deprecated_at}.");
            if let Some(sunset_at) = sunset_at {
                text.push_str(&format!("\nIt stops answering at {sunset_at}."));
            }
            for window in brown_outs {
                text.push_str(&format!("\nIt does not answer from {} until {}.", window.from, window.until));
            }
            if let Some(successor) = successor_url {
                text.push_str(&format!("\nUse instead: {successor}"));
            }
            (format!("Deprecated: {title}"), text)
        }
        Changed::Tariff { version, valid_from } => {
            (format!("Version {version} of the tariff"), format!("It holds from {valid_from}."))
        }
        Changed::Columns { title, version, is_breaking, changes, .. } => {
            let retyped = changes.retyped.iter().map(|(name, before, now)| format!("{name} ({before} to {now})"));
            let parts = [
                ("New columns", changes.added.clone()),
                ("Columns that went", changes.removed.clone()),
                ("Columns of another type", retyped.collect()),
            ];
            let told = parts.iter().filter(|(_, names)| !names.is_empty());
            let text: Vec<String> = told.map(|(what, names)| format!("{what}: {}.", names.join(", "))).collect();
            let kind = if *is_breaking { "Breaking" } else { "Compatible" };
            (format!("{kind} change of columns: {title}, version {version}"), text.join("\n"))
        }
    };
    FeedEntry {
        id: format!("{url}/developers/changes#{}", change.key()),
        title,
        updated: change.at,
        author: "The portal".to_owned(),
        href: format!("{url}{}", change.path()),
        text,
    }
}

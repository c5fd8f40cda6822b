//! The catalogue behind CKAN's action API: what an existing harvester asks, answered in its shapes.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::dice::fnv1a;
use crate::entry::{Entry, File, LICENCE};
use crate::serve::Site;

/// Rows of a search when the caller names no number, as in CKAN.
const DEFAULT_ROWS: usize = 10;
/// Rows of a search at most, as in CKAN (`ckan.search.rows_max`).
const MAX_ROWS: usize = 1000;
/// The version whose shapes are followed.
const CKAN_VERSION: &str = "2.11.0";

/// Answers one action: status and body. `path` begins with `/api/`, `query` is the raw query string.
pub(crate) fn action(path: &str, query: &str, site: &Site) -> (u16, Value) {
    let name = ["/api/3/action/", "/api/action/"].into_iter().find_map(|stem| path.strip_prefix(stem));
    let id = parameter(query, "id").or_else(|| parameter(query, "name_or_id")).unwrap_or_default();
    let result = match name.map(|name| name.trim_end_matches('/')) {
        Some("site_read") => Some(Value::Bool(true)),
        Some("status_show") => Some(status(site)),
        Some("package_list") => Some(package_list(query, site)),
        Some("package_show") => find(site, &id).map(|entry| package(site, entry)),
        Some("package_search") => Some(package_search(query, site)),
        Some("current_package_list_with_resources") => Some(packages(query, site)),
        Some("organization_list") if flag(query, "all_fields") => Some(json!([organization(site)])),
        Some("organization_list") => Some(json!([site.system.slug])),
        Some("organization_show") => (id == site.system.slug).then(|| organization(site)),
        Some("group_list" | "tag_list") => Some(json!([])),
        _ => return (400, json!(format!("Bad request - Action name not known: {}", name.unwrap_or(path)))),
    };
    match result {
        Some(result) => (200, json!({ "help": help(site, name), "success": true, "result": result })),
        None => (404, refusal(site, name)),
    }
}

fn help(site: &Site, name: Option<&str>) -> String {
    format!("{}/api/3/action/help_show?name={}", site.base, name.unwrap_or_default())
}

fn refusal(site: &Site, name: Option<&str>) -> Value {
    let error = json!({ "__type": "Not Found Error", "message": "Not found" });
    json!({ "help": help(site, name), "success": false, "error": error })
}

fn parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

fn flag(query: &str, name: &str) -> bool {
    parameter(query, name).is_some_and(|value| ["1", "true"].contains(&value.to_ascii_lowercase().as_str()))
}

fn number(query: &str, name: &str) -> Option<usize> {
    parameter(query, name)?.parse().ok()
}

fn find(site: &Site, id: &str) -> Option<&'static Entry> {
    site.system.entries.iter().find(|entry| entry.slug == id || uuid(entry.slug) == id)
}

/// An identifier in the shape of a UUID that depends on the name alone.
fn uuid(name: &str) -> String {
    let (high, low) = (fnv1a(name.as_bytes()), fnv1a(format!("merrow transit {name}").as_bytes()));
    format!(
        "{:08x}-{:04x}-8{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

fn status(site: &Site) -> Value {
    json!({
        "ckan_version": CKAN_VERSION,
        "site_url": site.base,
        "site_title": site.system.name.en,
        "site_description": site.system.about.en,
        "locale_default": "en",
        "extensions": ["stats"],
    })
}

fn page<T>(items: impl Iterator<Item = T>, start: usize, rows: usize) -> Vec<T> {
    items.skip(start).take(rows).collect()
}

fn package_list(query: &str, site: &Site) -> Value {
    let mut names: Vec<&str> = site.system.entries.iter().map(|entry| entry.slug).collect();
    names.sort_unstable();
    let limit = number(query, "limit").unwrap_or(usize::MAX);
    json!(page(names.into_iter(), number(query, "offset").unwrap_or(0), limit))
}

fn packages(query: &str, site: &Site) -> Value {
    let limit = number(query, "limit").unwrap_or(MAX_ROWS);
    let found = site.system.entries.iter().map(|entry| package(site, entry));
    json!(page(found, number(query, "offset").unwrap_or(0), limit))
}

/// Words of `q` must all occur in title, description or tags; `*:*` finds everything. Order never changes between pages.
fn package_search(query: &str, site: &Site) -> Value {
    let words: Vec<String> = parameter(query, "q")
        .unwrap_or_default()
        .split_whitespace()
        .filter(|word| *word != "*:*")
        .map(str::to_lowercase)
        .collect();
    let found: Vec<&Entry> = site.system.entries.iter().filter(|entry| speaks_of(entry, &words)).collect();
    let rows = number(query, "rows").unwrap_or(DEFAULT_ROWS).min(MAX_ROWS);
    let count = found.len();
    let results = page(found.into_iter(), number(query, "start").unwrap_or(0), rows);
    let results: Vec<Value> = results.into_iter().map(|entry| package(site, entry)).collect();
    json!({ "count": count, "sort": "name asc", "facets": {}, "search_facets": {}, "results": results })
}

fn speaks_of(entry: &Entry, words: &[String]) -> bool {
    let text = format!("{} {} {}", entry.title.en, entry.about.en, entry.keywords.join(" ")).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn organization(site: &Site) -> Value {
    let system = site.system;
    json!({
        "id": uuid(system.slug),
        "name": system.slug,
        "title": system.name.en,
        "display_name": system.name.en,
        "description": system.about.en,
        "type": "organization",
        "is_organization": true,
        "approval_status": "approved",
        "state": "active",
        "created": "2022-04-04T08:00:00.000000",
        "image_url": "",
        "package_count": system.entries.len(),
    })
}

/// CKAN writes instants in UTC without saying so.
fn instant(text: &str) -> String {
    format!("{}.000000", text.trim_end_matches('Z'))
}

fn package(site: &Site, entry: &Entry) -> Value {
    let system = site.system;
    let mut extras = vec![
        json!({ "key": "frequency", "value": entry.frequency.to_lowercase() }),
        json!({ "key": "spatial", "value": polygon(system.bounds) }),
        json!({ "key": "uri", "value": format!("{}/dataset/{}", system.site, entry.slug) }),
    ];
    if let Some((start, end)) = entry.period {
        extras.push(json!({ "key": "temporal_start", "value": start }));
        extras.push(json!({ "key": "temporal_end", "value": end }));
    }
    json!({
        "id": uuid(entry.slug),
        "name": entry.slug,
        "title": entry.title.en,
        "notes": entry.about.en,
        "type": "dataset",
        "state": "active",
        "private": false,
        "isopen": true,
        "url": site.page_url(entry),
        "author": null,
        "author_email": null,
        "maintainer": "Open data team",
        "maintainer_email": system.email,
        "version": null,
        "license_id": "cc-zero",
        "license_title": "Creative Commons CCZero",
        "license_url": LICENCE,
        "metadata_created": instant(&format!("{}T09:00:00Z", entry.issued)),
        "metadata_modified": instant(entry.modified),
        "owner_org": uuid(system.slug),
        "organization": organization(site),
        "groups": [],
        "tags": entry.keywords.iter().map(|word| tag(word)).collect::<Vec<_>>(),
        "num_tags": entry.keywords.len(),
        "num_resources": entry.files.len(),
        "extras": extras,
        "resources": entry.files.iter().enumerate().map(|(at, file)| resource(site, entry, file, at)).collect::<Vec<_>>(),
    })
}

/// GeoJSON text, as the spatial extension keeps it.
fn polygon([west, south, east, north]: [f64; 4]) -> String {
    json!({ "type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]] })
        .to_string()
}

fn tag(word: &str) -> Value {
    json!({ "id": uuid(word), "name": word, "display_name": word, "state": "active", "vocabulary_id": null })
}

fn resource(site: &Site, entry: &Entry, file: &File, position: usize) -> Value {
    json!({
        "id": uuid(file.name),
        "package_id": uuid(entry.slug),
        "name": file.title,
        "description": format!("{} rows", file.rows),
        "url": site.download_url(file),
        "url_type": null,
        "format": file.form.name(),
        "mimetype": file.form.media_type(),
        "size": site.byte_size(file),
        "hash": "",
        "state": "active",
        "position": position,
        "created": instant(&format!("{}T09:00:00Z", entry.issued)),
        "last_modified": instant(entry.modified),
        "metadata_modified": instant(entry.modified),
    })
}

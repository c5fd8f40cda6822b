//! SpatioTemporal Asset Catalogs (STAC 1.0 and 1.1, and STAC API): collections become datasets.
//!
//! An envelope's document is a collection, or an item that belongs to none. Beside it: `items`, those of the collection's items
//! that were read (their assets become distributions); `items-total`, how many there are; `identifier`, when the collection's own
//! id is taken by another one of the source.

use fairground_domain::{
    Agent, ContactPoint, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText, Location, PeriodOfTime,
};
use serde_json::{Map, Value};

use super::{Opened, Target, absolute, json, not_a, object, point, resolve};
use crate::check::Findings;
use crate::document::{Decoded, RawRecord};
use crate::error::ReadError;
use crate::json::record::{Fields, nonblank};
use crate::media;

/// Items of one collection whose assets become distributions. A collection of more is described by itself, and its items are
/// counted.
pub const MAX_ITEMS: usize = 100;

/// What one STAC document holds, and where the walk goes on. Addresses are absolute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StacDocument {
    /// A collection, or those of a page.
    pub collections: Vec<Map<String, Value>>,
    /// An item, or those of a page.
    pub items: Vec<Map<String, Value>>,
    /// The document is a catalogue or a page, not a resource of its own.
    pub links: StacLinks,
    /// How many things the source says that all pages together hold.
    pub matched: Option<u64>,
}

/// Where the links of a STAC document lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StacLinks {
    /// `child`: catalogues and collections below.
    pub children: Vec<String>,
    /// `item`: items, one document each.
    pub items: Vec<String>,
    /// `items`: the first page of an API's items.
    pub item_pages: Option<String>,
    /// `data`: the first page of an API's collections.
    pub collections: Option<String>,
    /// `next`: the page after this one.
    pub next: Option<String>,
}

/// Reads a STAC document: a catalogue, a collection, an item, or a page of collections or items.
///
/// # Errors
/// When the bytes are no JSON or no STAC.
pub fn read(bytes: &[u8], at: &str) -> Result<StacDocument, ReadError> {
    let Some(map) = object(json(bytes)?) else { return Err(not_a("a STAC document is an object")) };
    let mut found = StacDocument { links: links(&map, at), ..StacDocument::default() };
    found.matched = map.get("numberMatched").and_then(Value::as_u64);
    let list = |key: &str| -> Vec<Map<String, Value>> {
        map.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).cloned().collect()
    };
    match map.get("type").and_then(Value::as_str) {
        Some("Catalog") => {}
        Some("Collection") => found.collections = vec![map],
        Some("Feature") => found.items = vec![map],
        Some("FeatureCollection") => found.items = list("features"),
        _ if map.get("collections").is_some_and(Value::is_array) => found.collections = list("collections"),
        // Before version 1.0 neither had a type.
        _ if map.contains_key("extent") => found.collections = vec![map],
        _ if map.contains_key("stac_version") || !found.links.is_empty() => {}
        _ => return Err(not_a("a STAC document has `type` and `links`")),
    }
    Ok(found)
}

impl StacLinks {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The links of a catalogue, collection or page.
#[must_use]
pub fn links(map: &Map<String, Value>, at: &str) -> StacLinks {
    let mut all = StacLinks::default();
    for link in map.get("links").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| link.get(key).and_then(Value::as_str);
        let (Some(rel), Some(target)) = (text("rel"), text("href").and_then(|href| absolute(at, href))) else {
            continue;
        };
        // Pages that are asked for by POST are those of a search, which a walk has no use for.
        if text("method").is_some_and(|method| !method.eq_ignore_ascii_case("GET")) {
            continue;
        }
        match rel {
            "child" => all.children.push(target),
            "item" => all.items.push(target),
            "items" => all.item_pages = all.item_pages.or(Some(target)),
            "data" => all.collections = all.collections.or(Some(target)),
            "next" => all.next = all.next.or(Some(target)),
            _ => {}
        }
    }
    all
}

/// The address that a resource gives as its own.
#[must_use]
pub fn own_address(map: &Map<String, Value>) -> Option<String> {
    let links = map.get("links").and_then(Value::as_array)?;
    let own = links.iter().find(|link| link.get("rel").and_then(Value::as_str) == Some("self"))?;
    own.get("href").and_then(Value::as_str).filter(|href| href.contains("://")).map(str::to_owned)
}

const KNOWN: &[&str] = &[
    "assets",
    "bbox",
    "contacts",
    "created",
    "description",
    "extent",
    "geometry",
    "id",
    "keywords",
    "license",
    "links",
    "properties",
    "providers",
    "published",
    "sci:citation",
    "sci:doi",
    "stac_version",
    "title",
    "type",
    "updated",
    "version",
    "language",
    "collection",
    "datetime",
    "start_datetime",
    "end_datetime",
];

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, draft)
}

fn draft(envelope: &Opened<'_>, findings: &mut Findings) -> DatasetDraft {
    let own = Fields::root(envelope.document);
    // An item says of itself under `properties` what a collection says at its top.
    let inner = match envelope.document.get("properties") {
        Some(Value::Object(map)) => Fields { map, path: "/properties".to_owned() },
        _ => own.clone(),
    };
    let given = envelope.beside.get("identifier").and_then(Value::as_str).map(str::to_owned);
    let id = own.text("id", findings);
    let mut title = inner.localized("title", findings);
    if title.is_empty()
        && let Some(id) = &id
    {
        findings.warn("title-from-name", "/title", "there is no title; the id is taken");
        title = LocalizedText::undetermined(id.clone());
    }
    let providers = inner.objects("providers", findings);
    let mut draft = DatasetDraft {
        identifier: given.or(id).unwrap_or_default(),
        iri: own_address(envelope.document).filter(|text| crate::check::is_iri(text)),
        title,
        description: inner.localized("description", findings),
        publisher: by_role(&providers, &["host", "licensor", "producer", "processor"], findings).into_iter().next(),
        creator: by_role(&providers, &["producer"], findings),
        contact_point: contacts(&inner, findings),
        keyword: inner
            .texts("keywords", findings)
            .into_iter()
            .map(|word| (LanguageTag::undetermined(), word))
            .collect(),
        issued: date(&inner, &["published", "created"], findings),
        modified: date(&inner, &["updated"], findings),
        temporal: periods(&inner, findings),
        spatial: places(&own, findings),
        version: inner.text("version", findings),
        other_identifier: inner.texts("sci:doi", findings),
        extra: own.others(KNOWN),
        ..DatasetDraft::default()
    };
    linked(envelope, &own, &mut draft, findings);
    draft.licence = licence(&inner, draft.licence.take(), findings);
    draft.distribution.extend(assets(envelope.at, &own, None, findings));
    for item in envelope.beside.get("items").and_then(Value::as_array).into_iter().flatten() {
        let at = item.get("at").and_then(Value::as_str).unwrap_or(envelope.at);
        if let Some(map) = item.get("document").and_then(Value::as_object) {
            let fields = Fields { map, path: String::new() };
            let named =
                map.get("properties").and_then(|it| it.get("title")).or_else(|| map.get("id")).and_then(Value::as_str);
            draft.distribution.extend(assets(at, &fields, named, findings));
        }
    }
    if let Some(total) = envelope.beside.get("items-total") {
        draft.extra.insert("items".to_owned(), total.clone());
    }
    draft
}

/// What the links of a resource say about it, beside where the walk goes.
fn linked(envelope: &Opened<'_>, own: &Fields<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    for link in own.objects("links", findings) {
        let (Some(rel), Some(href)) = (link.text("rel", findings), link.text("href", findings)) else { continue };
        let Target::Web(url) = resolve(envelope.at, &href) else { continue };
        let kind = link.text("type", findings).unwrap_or_default();
        match rel.as_str() {
            "license" => {
                let title = link.localized("title", findings);
                draft.licence = draft.licence.take().or(Some(Licence { iri: Some(url), title }));
            }
            "about" | "describedby" | "documentation" | "example" => draft.page.push(url),
            "alternate" if kind.contains("html") => draft.landing_page.push(url),
            "cite-as" => draft.other_identifier.push(url),
            "items" => draft.distribution.push(Distribution {
                title: LocalizedText::undetermined("Items"),
                access_url: Some(url),
                media_type: Some("application/geo+json".to_owned()),
                format: Some("STAC".to_owned()),
                ..Distribution::default()
            }),
            _ => {}
        }
    }
}

/// The licence: an SPDX id, or words such as `proprietary`, with the address of a `license` link.
fn licence(fields: &Fields<'_>, linked: Option<Licence>, findings: &mut Findings) -> Option<Licence> {
    let Some(name) = fields.text("license", findings) else { return linked };
    let says_nothing = matches!(name.as_str(), "various" | "other" | "proprietary");
    let linked_iri = linked.as_ref().and_then(|it| it.iri.clone());
    if crate::check::is_iri(&name) {
        return Some(Licence { iri: Some(name), ..Licence::default() });
    }
    let is_spdx = !says_nothing && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+".contains(&b));
    let iri = is_spdx.then(|| format!("https://spdx.org/licenses/{name}"));
    Some(Licence { iri: linked_iri.or(iri), title: LocalizedText::undetermined(name) })
}

/// The providers that have the first of these roles that any has; without roles the first provider.
fn by_role(providers: &[Fields<'_>], roles: &[&str], findings: &mut Findings) -> Vec<Agent> {
    let has = |provider: &Fields<'_>, role: &str| {
        provider.each("roles").iter().any(|(_, value)| value.as_str() == Some(role))
    };
    let role = roles.iter().find(|role| providers.iter().any(|provider| has(provider, role)));
    let chosen: Vec<&Fields<'_>> = match role {
        Some(role) => providers.iter().filter(|provider| has(provider, role)).collect(),
        None if roles.len() > 1 => providers.first().into_iter().collect(),
        None => Vec::new(),
    };
    chosen
        .into_iter()
        .map(|provider| Agent {
            name: provider.localized("name", findings),
            homepage: provider.text("url", findings),
            ..Agent::default()
        })
        .filter(|agent| !agent.name.is_empty())
        .collect()
}

/// The contacts extension.
fn contacts(fields: &Fields<'_>, findings: &mut Findings) -> Vec<ContactPoint> {
    let mut all = Vec::new();
    for contact in fields.objects("contacts", findings) {
        let first = |key: &str| {
            let value = contact.get(key)?.as_array()?.first()?.get("value")?;
            value.as_str().and_then(nonblank).map(str::to_owned)
        };
        let email = first("emails").and_then(|text| findings.email(&contact.at("emails"), &text));
        let mut name = contact.localized("name", findings);
        if name.is_empty() {
            name = contact.localized("organization", findings);
        }
        let contact = ContactPoint { name, email, telephone: first("phones"), url: None };
        if contact != ContactPoint::default() {
            all.push(contact);
        }
    }
    all
}

fn date(fields: &Fields<'_>, keys: &[&str], findings: &mut Findings) -> Option<String> {
    let (key, text) = keys.iter().find_map(|key| Some((*key, fields.get(key)?.as_str().and_then(nonblank)?)))?;
    Some(findings.date(&fields.at(key), text))
}

/// `extent.temporal` of a collection, or the moments of an item.
fn periods(fields: &Fields<'_>, findings: &mut Findings) -> Vec<PeriodOfTime> {
    let bound = |value: &Value| value.as_str().and_then(nonblank).map(str::to_owned);
    let mut all = Vec::new();
    let intervals = fields.get("extent").and_then(|it| it.get("temporal")).and_then(|it| it.get("interval"));
    for interval in intervals.and_then(Value::as_array).into_iter().flatten().take(1) {
        if let Some([start, end]) = interval.as_array().map(Vec::as_slice) {
            all.push(PeriodOfTime { start: bound(start), end: bound(end) });
        }
    }
    let start = fields.text("start_datetime", findings).or_else(|| fields.text("datetime", findings));
    let end = fields.text("end_datetime", findings);
    if all.is_empty() {
        all.push(PeriodOfTime { start, end });
    }
    all.retain(|period| *period != PeriodOfTime::default());
    all
}

/// The first box of `extent.spatial`, which holds all others, or the box or shape of an item.
fn places(fields: &Fields<'_>, findings: &mut Findings) -> Vec<Location> {
    let boxes = fields.get("extent").and_then(|it| it.get("spatial")).and_then(|it| it.get("bbox"));
    let first = boxes.and_then(Value::as_array).and_then(|all| all.first()).or_else(|| fields.get("bbox"));
    let sides: Option<Vec<f64>> =
        first.and_then(Value::as_array).map(|all| all.iter().filter_map(Value::as_f64).collect());
    let flat = match sides.as_deref() {
        Some([west, south, east, north] | [west, south, _, east, north, _]) => {
            Some(format!("{west},{south},{east},{north}"))
        }
        _ => fields.get("geometry").map(Value::to_string),
    };
    flat.and_then(|text| findings.location("/extent/spatial/bbox", &text)).into_iter().collect()
}

/// Assets that hold data or describe it; pictures for people are none.
fn assets(at: &str, fields: &Fields<'_>, item: Option<&str>, findings: &mut Findings) -> Vec<Distribution> {
    let Some(Value::Object(assets)) = fields.get("assets") else { return Vec::new() };
    let path = fields.at("assets");
    let mut all = Vec::new();
    for (key, value) in assets {
        let Value::Object(map) = value else { continue };
        let asset = Fields { map, path: format!("{path}/{}", crate::json::record::escaped(key)) };
        let roles = asset.texts("roles", findings);
        if roles.iter().any(|role| matches!(role.as_str(), "thumbnail" | "overview" | "visual")) {
            continue;
        }
        let Some(href) = asset.text("href", findings) else {
            findings.warn("distribution-without-address", &asset.path, "the asset has no href");
            continue;
        };
        let title = asset.text("title", findings).unwrap_or_else(|| key.clone());
        let written = asset.text("type", findings);
        let media_type = written.as_deref().and_then(media::media_type_of);
        let format = media::format_of(None, media_type.as_deref(), Some(&href));
        let mut distribution = Distribution {
            title: LocalizedText::undetermined(item.map_or_else(|| title.clone(), |item| format!("{item}: {title}"))),
            description: asset.localized("description", findings),
            media_type,
            format,
            byte_size: asset.get("file:size").and_then(Value::as_u64),
            issued: date(&asset, &["created"], findings),
            modified: date(&asset, &["updated"], findings),
            ..Distribution::default()
        };
        point(&mut distribution, resolve(at, &href), &asset.at("href"), findings);
        all.push(distribution);
    }
    all
}

//! STAC: the walk over links and pages.

use std::collections::{HashMap, HashSet, VecDeque};

use fairground_standards::collected::Envelope;
use fairground_standards::collected::stac::{self, MAX_ITEMS, StacDocument, StacLinks};
use serde_json::{Map, Value, json};
use url::Url;

use super::super::GatherError;
use super::walk::{First, Walk};

/// Documents of one source, items not counted.
const MAX_DOCUMENTS: usize = 100_000;
/// How deep catalogues may lie in each other.
const MAX_DEPTH: usize = 32;
/// Items outside any collection that become datasets of their own.
const MAX_LOOSE: u64 = 10_000;

/// Where the walk still has to go, and where it has been.
#[derive(Default)]
struct Way {
    queue: VecDeque<(String, usize)>,
    visited: HashSet<String>,
    /// The ids of collections and items, and where each lay.
    ids: HashMap<String, String>,
    loose: u64,
    cut: bool,
}

impl Way {
    fn add(&mut self, at: String, depth: usize) {
        if depth > MAX_DEPTH || self.visited.len() >= MAX_DOCUMENTS {
            self.cut = true;
        } else if self.visited.insert(at.clone()) {
            self.queue.push_back((at, depth));
        }
    }
}

pub(super) async fn gather(walk: &mut Walk<'_>, first: First) -> Result<(), GatherError> {
    let mut way = Way::default();
    way.visited.insert(first.at.clone());
    let document = stac::read(&first.bytes()?, &first.at)?;
    take(walk, &mut way, document, &first.at, 0).await?;
    while let Some((at, depth)) = way.queue.pop_front() {
        let Some(bytes) = walk.read(&at).await? else { continue };
        match stac::read(&bytes, &at) {
            Ok(document) => take(walk, &mut way, document, &at, depth).await?,
            Err(error) => walk.miss(format!("not read: {at}: {error}")),
        }
    }
    if way.cut {
        walk.miss(format!(
            "the catalogue goes on beyond {MAX_DOCUMENTS} documents or {MAX_DEPTH} levels; the rest was not read"
        ));
    }
    if way.loose > MAX_LOOSE {
        walk.miss(format!("{} items lie outside collections; the first {MAX_LOOSE} were taken", way.loose));
    }
    walk.is_all(&first);
    Ok(())
}

/// Takes what a document holds, and notes where it leads.
async fn take(
    walk: &mut Walk<'_>,
    way: &mut Way,
    found: StacDocument,
    at: &str,
    depth: usize,
) -> Result<(), GatherError> {
    let StacDocument { collections, items, links, .. } = found;
    let is_page = collections.len() != 1 || links.next.is_some();
    if let (true, Some(next)) = (is_page || !items.is_empty(), links.next.clone()) {
        // Pages follow each other on one level.
        way.add(next, depth);
    }
    for collection in collections {
        let own = stac::links(&collection, at);
        for child in &own.children {
            way.add(child.clone(), depth + 1);
        }
        self::collection(walk, way, collection, own, at).await?;
    }
    if is_page && items.is_empty() {
        // An API lists its collections once more as children.
        match links.collections {
            Some(first) => way.add(first, depth + 1),
            None => links.children.into_iter().for_each(|child| way.add(child, depth + 1)),
        }
        links.items.into_iter().for_each(|item| way.add(item, depth + 1));
    }
    for item in items {
        way.loose += 1;
        if way.loose <= MAX_LOOSE {
            let envelope = named(way, item, at);
            if let Some(envelope) = envelope {
                walk.emit(&envelope)?;
            }
        }
    }
    Ok(())
}

/// An envelope of a collection or item; `None` when the same one has been taken already.
fn named(way: &mut Way, document: Map<String, Value>, at: &str) -> Option<Envelope> {
    let own = stac::own_address(&document).unwrap_or_else(|| at.to_owned());
    let id = document.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let envelope = Envelope::new(at, document);
    match way.ids.get(&id) {
        Some(known) if *known == own => None,
        // Ids are unique within their parent alone; the second one goes by its place.
        Some(_) => {
            let place = fairground_standards::collected::path_within(at).unwrap_or(own);
            Some(envelope.with("identifier", format!("{id} {place}")))
        }
        None => {
            way.ids.insert(id, own);
            Some(envelope)
        }
    }
}

/// A collection with those of its items that are few enough to be files of one dataset.
async fn collection(
    walk: &mut Walk<'_>,
    way: &mut Way,
    document: Map<String, Value>,
    links: StacLinks,
    at: &str,
) -> Result<(), GatherError> {
    let Some(mut envelope) = named(way, document, at) else { return Ok(()) };
    if let Some(pages) = links.item_pages {
        envelope = items_of_api(walk, envelope, &pages).await?;
    } else if !links.items.is_empty() {
        let total = links.items.len();
        let mut items = Vec::new();
        if total <= MAX_ITEMS {
            for item in links.items {
                way.visited.insert(item.clone());
                let Some(bytes) = walk.read(&item).await? else { continue };
                match stac::read(&bytes, &item) {
                    Ok(found) => {
                        items.extend(found.items.into_iter().map(|map| json!({ "at": item, "document": map })))
                    }
                    Err(error) => walk.miss(format!("not read: {item}: {error}")),
                }
            }
        }
        envelope = envelope.with("items", items).with("items-total", total);
    }
    walk.emit(&envelope)
}

/// The items of an API's collection, when they fit one page; else how many there are, where the API says so.
async fn items_of_api(walk: &mut Walk<'_>, envelope: Envelope, pages: &str) -> Result<Envelope, GatherError> {
    let page = with_limit(pages);
    let Some(bytes) = walk.read(&page).await? else { return Ok(envelope) };
    let found = match stac::read(&bytes, &page) {
        Ok(found) => found,
        Err(error) => {
            walk.miss(format!("not read: {page}: {error}"));
            return Ok(envelope);
        }
    };
    let is_all = found.links.next.is_none() && found.items.len() <= MAX_ITEMS;
    if !is_all {
        return Ok(envelope.with("items-total", found.matched.map_or(Value::Null, Value::from)));
    }
    let total = found.items.len();
    let items: Vec<Value> = found.items.into_iter().map(|map| json!({ "at": page, "document": map })).collect();
    Ok(envelope.with("items", items).with("items-total", total))
}

fn with_limit(pages: &str) -> String {
    match Url::parse(pages) {
        Ok(mut url) if !url.query_pairs().any(|(name, _)| name == "limit") => {
            url.query_pairs_mut().append_pair("limit", &MAX_ITEMS.to_string());
            url.into()
        }
        _ => pages.to_owned(),
    }
}

//! DCAT-US 3.0: datasets inside series and services, and what catalogue records say of entries.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use serde_json::{Map, Value};

use super::document::Entry;
use super::outline::{Outline, outline};
use crate::collected::MAX_WALKED_BYTES;
use crate::encoding::Text;
use crate::error::ReadError;
use crate::json::record::nonblank;

/// Bytes of a member that are looked at for its names. A larger one is listed without a look at what else names it.
pub(super) const MEMBER: usize = 256 * 1024;
/// Bytes of a catalogue record; larger ones are left out.
pub(super) const RECORD: usize = 16 * 1024;
/// Catalogue records and members that are kept in memory.
const MOST: usize = 1_000_000;

/// What stands inside other records of a document.
#[derive(Debug, Default)]
pub(super) struct Nested {
    pub(super) members: Vec<Member>,
    /// Catalogue records by their primary topic.
    pub(super) records: Vec<(String, String)>,
}

/// A dataset inside a series or service.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) entry: Entry,
    pub(super) names: Vec<String>,
    /// The place of the series that it stands in.
    pub(super) series: Option<usize>,
    pub(super) says_series: bool,
}

impl Nested {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.records.is_empty()
    }

    /// Notes a member by its text, unless it is a mere reference.
    pub(super) fn member(&mut self, entry: Entry, text: &[u8], series: Option<usize>) {
        if self.members.len() >= MOST {
            return;
        }
        match serde_json::from_slice::<Map<String, Value>>(text) {
            Ok(map) if map.contains_key("title") => {
                let says_series = map.contains_key("inSeries");
                self.members.push(Member { entry, names: names(&map), series, says_series });
            }
            Ok(_) => {}
            // Longer than what was looked at.
            Err(_) if text.len() >= MEMBER => {
                self.members.push(Member { entry, names: Vec::new(), series: None, says_series: true });
            }
            Err(_) => {}
        }
    }

    /// Notes a catalogue record, if it says what it is about.
    pub(super) fn record(&mut self, text: &[u8]) {
        let Ok(map) = serde_json::from_slice::<Map<String, Value>>(text) else { return };
        let topic = match map.get("primaryTopic") {
            Some(Value::String(topic)) => nonblank(topic).map(str::to_owned),
            Some(Value::Object(node)) => names(node).into_iter().next(),
            _ => None,
        };
        if let Some(topic) = topic
            && self.records.len() < MOST
        {
            // Without line breaks, and with its keys in order.
            self.records.push((topic, Value::Object(map).to_string()));
        }
    }
}

/// What names a record: its identifier, and its IRI.
fn names(map: &Map<String, Value>) -> Vec<String> {
    let text = |value: &Value| value.as_str().and_then(nonblank).map(str::to_owned);
    let identifier = match map.get("identifier") {
        Some(Value::Object(inner)) => inner.get("@id").or_else(|| inner.get("notation")).and_then(text),
        Some(Value::Array(items)) => items.first().and_then(text),
        Some(value) => text(value),
        None => None,
    };
    identifier.into_iter().chain(map.get("@id").and_then(text)).collect()
}

/// The records of a document by their names.
#[derive(Debug, Default)]
pub(super) struct Known {
    places: HashMap<String, usize>,
    first: HashMap<usize, String>,
    says_series: HashSet<usize>,
}

impl Known {
    pub(super) fn add(&mut self, at: usize, record: &[u8]) {
        if let Ok(map) = serde_json::from_slice::<Map<String, Value>>(record) {
            self.name(at, &names(&map), map.contains_key("inSeries"));
        }
    }

    pub(super) fn name(&mut self, at: usize, names: &[String], says_series: bool) {
        if let Some(first) = names.first() {
            self.first.insert(at, first.clone());
        }
        for name in names {
            self.places.entry(name.clone()).or_insert(at);
        }
        if says_series {
            self.says_series.insert(at);
        }
    }

    pub(super) fn find(&self, names: &[String]) -> Option<usize> {
        names.iter().find_map(|name| self.places.get(name)).copied()
    }

    pub(super) fn first_name(&self, at: usize) -> Option<&str> {
        self.first.get(&at).map(String::as_str)
    }

    pub(super) fn says_series(&self, at: usize) -> bool {
        self.says_series.contains(&at)
    }

    pub(super) fn now_says_series(&mut self, at: usize) {
        self.says_series.insert(at);
    }
}

/// A record with further members in front of its own.
pub(super) fn spliced(record: &[u8], members: &[String]) -> Vec<u8> {
    let Some(rest) = record.strip_prefix(b"{") else { return record.to_owned() };
    let mut all = b"{".to_vec();
    all.extend_from_slice(members.join(",").as_bytes());
    if rest.trim_ascii_start().first() != Some(&b'}') {
        all.push(b',');
    }
    all.extend_from_slice(rest);
    all
}

/// Whether a document is JSON-LD of DCAT-US 3.0 that has to be read as a graph: under its context, with an `@graph`, or without
/// lists of whole records.
pub(super) fn is_graph(text: &Text, part: usize) -> Result<bool, ReadError> {
    let Outline::Object(keys) = beginning(text, part)? else { return Ok(false) };
    let value = |key: &str| keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    if !value("@context").is_some_and(|context| context.contains("dcat-us")) {
        return Ok(false);
    }
    let listed = ["dataset", "service", "datasetSeries", "catalog"].iter().filter_map(|key| value(key)).any(|value| {
        value.starts_with('{') || value.strip_prefix('[').is_some_and(|inside| inside.trim_start().starts_with('{'))
    });
    Ok(value("@graph").is_some() || !listed)
}

/// Whether a document is one dataset, rather than a catalogue of them.
pub(super) fn is_one_dataset(text: &Text, part: usize) -> Result<bool, ReadError> {
    let Outline::Object(keys) = beginning(text, part)? else { return Ok(false) };
    let has = |key: &str| keys.iter().any(|(name, _)| name == key);
    let says = ["identifier", "distribution", "accessLevel", "landingPage"];
    Ok(has("title") && says.into_iter().any(has) && !["dataset", "conformsTo", "catalog"].into_iter().any(has))
}

fn beginning(text: &Text, part: usize) -> Result<Outline, ReadError> {
    const HEAD: u64 = 64 * 1024;
    let mut head = Vec::new();
    let file = text.open().map_err(ReadError::io(part))?;
    file.take(HEAD).read_to_end(&mut head).map_err(ReadError::io(part))?;
    Ok(outline(&head))
}

/// The whole text, when it is small enough to be held.
pub(super) fn whole(text: &Text, part: usize) -> Result<Vec<u8>, ReadError> {
    let limit = MAX_WALKED_BYTES as u64;
    let mut bytes = Vec::new();
    let file = text.open().map_err(ReadError::io(part))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(ReadError::io(part))?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { bytes: bytes.len() as u64, limit });
    }
    Ok(bytes)
}

//! Catalogues of hosted data platforms in their native JSON: Socrata, ArcGIS Hub and portals, Opendatasoft.
//!
//! A record of these says much of a dataset and nothing of where it came from. Whoever gathers them therefore writes the
//! portal's address into each ([`with_source`]); without it the links that follow from the address are left out.

pub(crate) mod arcgis;
pub(crate) mod opendatasoft;
pub mod socrata;

use fairground_domain::{Concept, DatasetDraft, LanguageTag, Licence, LocalizedText, Timestamp};
use serde_json::{Map, Value};
use url::Url;

use crate::check::{Findings, is_iri};
use crate::dcat_us::finish;
use crate::document::{Decoded, RawRecord};
use crate::json::record::{self, Fields, nonblank};

/// The key under which a gathered record says which portal it came from.
const SOURCE: &str = "$source";

/// A record with the portal's address as its first member. What is no object is given back as it is.
#[must_use]
pub fn with_source(record: &str, source: &Url) -> String {
    let Some(rest) = record.trim_start().strip_prefix('{') else { return record.to_owned() };
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    format!("{{\"{SOURCE}\":{}{comma}{rest}", Value::String(source.to_string()))
}

/// Reads a record and hands its fields to a platform's own reading.
fn decode(raw: &RawRecord, read: impl FnOnce(&Fields<'_>, &Portal, &mut Findings) -> DatasetDraft) -> Decoded {
    let mut findings = Findings::default();
    let map = record::parse(raw, &mut findings);
    let draft = map.as_ref().map(|map| {
        let fields = Fields::root(map);
        let address = fields.get(SOURCE).and_then(Value::as_str).and_then(|it| Url::parse(it).ok());
        read(&fields, &Portal { address }, &mut findings)
    });
    finish(raw, draft, findings)
}

/// The portal that a record came from.
struct Portal {
    address: Option<Url>,
}

impl Portal {
    /// An address below the portal's own.
    fn at(&self, path: &str) -> Option<String> {
        let base = self.address.as_ref()?.as_str().trim_end_matches('/').to_owned();
        Some(format!("{base}/{path}"))
    }
}

/// The objects and values that lie under a path of keys.
fn under<'a>(fields: &Fields<'a>, keys: &[&str]) -> Option<Fields<'a>> {
    let mut found = fields.clone();
    for key in keys {
        let Some(Value::Object(map)) = found.get(key) else { return None };
        found = Fields { map, path: found.at(key) };
    }
    Some(found)
}

/// A moment: seconds or milliseconds since 1970, or text.
fn moment(value: Option<&Value>) -> Option<String> {
    /// Seconds beyond this are milliseconds: it is the year 5138.
    const LATEST: i64 = 100_000_000_000;
    match value? {
        Value::Number(number) => {
            let count = number.as_i64().or_else(|| number.to_string().split('.').next()?.parse().ok())?;
            let seconds = if count.abs() > LATEST { count / 1000 } else { count };
            (count != 0).then(|| Timestamp::from_micros(seconds.saturating_mul(1_000_000)).to_string())
        }
        Value::String(text) => nonblank(text).map(str::to_owned),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Words of a list, or of one text with commas.
fn words(value: Option<&Value>) -> Vec<String> {
    let own = |text: &str| nonblank(text).map(str::to_owned);
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).filter_map(own).collect(),
        Some(Value::String(text)) => text.split([',', ';']).filter_map(own).collect(),
        _ => Vec::new(),
    }
}

fn keywords(all: Vec<String>) -> Vec<(LanguageTag, String)> {
    all.into_iter().map(|word| (LanguageTag::undetermined(), word)).collect()
}

fn themes(all: Vec<String>) -> Vec<Concept> {
    all.into_iter().map(Concept::label).collect()
}

/// A licence by name and address, whatever is there.
fn licence(name: Option<String>, address: Option<String>) -> Option<Licence> {
    let iri = address.filter(|it| is_iri(it)).or_else(|| name.clone().filter(|it| is_iri(it)));
    let title = name.filter(|it| !is_iri(it)).map(LocalizedText::undetermined).unwrap_or_default();
    let licence = Licence { iri, title };
    (licence != Licence::default()).then_some(licence)
}

/// What has no home, without our own key.
fn others(map: &Map<String, Value>, kept: &[&str]) -> std::collections::BTreeMap<String, Value> {
    let named = map.iter().filter(|(key, value)| kept.contains(&key.as_str()) && !value.is_null());
    named.map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_where_it_came_from() {
        let at = Url::parse("https://data.example/x").expect("url");
        assert_eq!(with_source("{\"a\":1}", &at), "{\"$source\":\"https://data.example/x\",\"a\":1}");
        assert_eq!(with_source(" { } ", &at), "{\"$source\":\"https://data.example/x\" } ");
        assert_eq!(with_source("[1]", &at), "[1]");
    }

    #[test]
    fn moments_are_read_in_seconds_milliseconds_and_words() {
        for (value, read) in [
            (serde_json::json!(1_500_000_000), Some("2017-07-14T02:40:00Z")),
            (serde_json::json!(1_500_000_000_000_i64), Some("2017-07-14T02:40:00Z")),
            (serde_json::json!("2017-07-14"), Some("2017-07-14")),
            (serde_json::json!(0), None),
            (serde_json::json!([]), None),
        ] {
            assert_eq!(moment(Some(&value)).as_deref(), read, "{value}");
        }
    }
}

//! Datasets as `data.json` of DCAT-US 1.1 (Project Open Data metadata schema), clean by its JSON schema.
//!
//! A record that was sound when it was read comes out as it went in. What the schema demands and the source did not give is
//! filled from the same description or from facts of the portal; what it does not allow is put into the form it allows, or left out.

use std::collections::BTreeMap;

use fairground_domain::{Agent, Concept, DatasetDraft, Distribution, LanguageTag, LocalizedText, ResourceKind};
use serde_json::{Map, Value, json};

use super::authority::{self, Access, frequency_of, licence_iri, licence_of_words};
use super::fields::{Fields, cut, labels, mailto, to_uri};
use super::publish::{Portal, proper_date, proper_iri};
use crate::media::media_type_of;
use crate::offer::{DERIVED_FROM, SERVED_BY};

/// The version that the catalogue says it conforms to.
pub const DCAT_US_SCHEMA: &str = "https://project-open-data.cio.gov/v1.1/schema";
/// Longest description, in characters (schema, `maxLength`).
const DESCRIPTION_CHARS: usize = 10_000;
/// Longest statement of rights.
const RIGHTS_CHARS: usize = 255;
/// Most keywords, and the longest one.
const MOST_KEYWORDS: usize = 1_000;
const KEYWORD_CHARS: usize = 1_000;
/// What a file is when nobody says.
const UNKNOWN_MEDIA_TYPE: &str = "application/octet-stream";
/// The contact of a portal that names none: an address of the domain that RFC 2606 keeps for this.
const NO_MAILBOX: &str = "mailto:nobody@invalid.example";

/// Everything around `dataset`: `{…,"dataset":[` and `]}`, so that a catalogue can be written as a stream.
#[must_use]
pub fn dcat_us_frame(address: &str) -> (String, &'static str) {
    let head = json!({
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@id": address,
        "@type": "dcat:Catalog",
        "conformsTo": DCAT_US_SCHEMA,
        "describedBy": "https://project-open-data.cio.gov/v1.1/schema/catalog.json",
    });
    let mut head = head.to_string();
    head.pop();
    head.push_str(",\"dataset\":[");
    (head, "]}\n")
}

/// One element of `dataset`.
#[must_use]
pub fn dcat_us(draft: &DatasetDraft, portal: &Portal) -> Value {
    let mut out = Fields(extra(&draft.extra));
    out.put("@type", json!("dcat:Dataset"));
    out.text("identifier", Some(&draft.identifier));
    out.text("title", Some(draft.title.any()));
    let description = Some(draft.description.any()).filter(|text| !text.trim().is_empty());
    out.text("description", Some(&cut(description.unwrap_or(draft.title.any()), DESCRIPTION_CHARS)));
    out.list("keyword", keywords(draft, portal).into_iter().map(Value::String));
    out.text("modified", Some(&modified(draft, portal)));
    out.put("publisher", publisher(draft.publisher.as_ref(), portal));
    out.put("contactPoint", contact(draft, portal));
    let said = |concept: &Concept| Access::of(concept.iri.as_deref().unwrap_or_else(|| concept.label.any()));
    let access = draft.access_rights.as_ref().and_then(said).unwrap_or(Access::Public);
    out.put("accessLevel", json!(access.level()));
    let licence = draft.licence.as_ref();
    out.text("license", licence.and_then(|it| address_of_licence(it.iri.as_deref(), &it.title)).as_deref());
    out.text("rights", rights(draft).as_deref());
    out.text("issued", draft.issued.as_deref().and_then(proper_date).as_deref());
    out.list("language", draft.language.iter().filter(|tag| tag.as_str() != "und").map(|tag| json!(tag.as_str())));
    out.text("accrualPeriodicity", draft.frequency.as_ref().and_then(repetition).as_deref());
    out.text("temporal", draft.temporal.iter().find_map(span).as_deref());
    out.text("spatial", draft.spatial.iter().find_map(place).as_deref());
    out.text("landingPage", draft.landing_page.iter().find_map(|page| to_uri(page)).as_deref());
    out.text("conformsTo", draft.conforms_to.iter().find_map(|it| to_uri(it.iri.as_deref()?)).as_deref());
    out.text("isPartOf", draft.in_series.first().map(String::as_str));
    out.list("theme", themes(&draft.theme).into_iter().map(Value::String));
    let related = |property: &'static str| {
        let targets = draft.relation.iter().filter(move |it| it.property == property);
        targets.filter_map(|it| to_uri(&it.target))
    };
    out.text("describedBy", related("wdrs:describedby").next().as_deref());
    let mut references: Vec<String> =
        related("dct:references").chain(draft.page.iter().filter_map(|it| to_uri(it))).collect();
    references.sort();
    references.dedup();
    out.list("references", references.into_iter().map(Value::String));
    out.list("distribution", distributions(draft).into_iter());
    Value::Object(out.0)
}

/// The source's own fields that the schema has a form for, where they have it, and those that it does not know.
fn extra(extra: &BTreeMap<String, Value>) -> Map<String, Value> {
    let fits = |key: &str, value: &Value| match key {
        "bureauCode" => is_list_of(value, &[3, 2]),
        "programCode" => is_list_of(value, &[3, 3]),
        "dataQuality" => value.is_boolean(),
        "primaryITInvestmentUII" => value.as_str().is_some_and(|text| is_digits(text, '-', &[3, 9])),
        "systemOfRecords" => value.as_str().is_some_and(|text| !text.is_empty()),
        "describedByType" => value.as_str().is_some_and(is_media_type),
        // Names of other profiles' fields stand for other things here, or in other forms.
        _ => !key.contains(':') && !key.starts_with('@') && !OF_THE_SCHEMA.contains(&key),
    };
    extra.iter().filter(|(key, value)| fits(key, value)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Names that the schema gives a form and that are written from the draft.
const OF_THE_SCHEMA: &[&str] = &["accessLevel", "rights", "contactPoint", "publisher", "distribution", "keyword"];

fn is_list_of(value: &Value, digits: &[usize]) -> bool {
    value.as_array().is_some_and(|codes| {
        let mut seen = Vec::new();
        !codes.is_empty()
            && codes.iter().all(|code| {
                let code = code.as_str().unwrap_or_default();
                let new = !seen.contains(&code);
                seen.push(code);
                new && is_digits(code, ':', digits)
            })
    })
}

fn is_digits(text: &str, between: char, lengths: &[usize]) -> bool {
    let parts: Vec<&str> = text.split(between).collect();
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == *length && part.bytes().all(|b| b.is_ascii_digit()))
}

fn keywords(draft: &DatasetDraft, portal: &Portal) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let own = draft.keyword.iter().map(|(_, word)| cut(word, KEYWORD_CHARS));
    for word in own.filter(|word| !word.trim().is_empty()) {
        if !all.contains(&word) && all.len() < MOST_KEYWORDS {
            all.push(word);
        }
    }
    // One is asked for: what it is about, or whose it is.
    if all.is_empty() {
        all = themes(&draft.theme);
    }
    if all.is_empty() {
        all.push(publisher_name(draft.publisher.as_ref(), portal));
    }
    all
}

fn themes(themes: &[Concept]) -> Vec<String> {
    let mut all = labels(themes);
    all.dedup();
    all
}

/// A date, or the repetition that 1.1 allows in its place.
fn modified(draft: &DatasetDraft, portal: &Portal) -> String {
    let own = draft.modified.as_deref().map(str::trim).filter(|text| !text.is_empty());
    own.and_then(|text| proper_date(text).or_else(|| Some(text.to_owned()).filter(|text| is_repetition(text))))
        .or_else(|| draft.issued.as_deref().and_then(proper_date))
        .or_else(|| Some(portal.changed.clone()).filter(|text| !text.is_empty()))
        .unwrap_or_else(|| "1970-01-01".to_owned())
}

/// `R/P1Y` and its like, or a bare period.
fn is_repetition(text: &str) -> bool {
    let period = text.strip_prefix('R').and_then(|rest| rest.split_once('/')).map_or(text, |(_, period)| period);
    let Some(units) = period.strip_prefix('P') else { return false };
    let (days, time) = units.split_once('T').map_or((units, ""), |(days, time)| (days, time));
    let in_order = |text: &str, order: &str| {
        let mut from = 0;
        let mut number = false;
        text.chars().all(|c| match order.get(from..).and_then(|left| left.find(c)) {
            Some(at) => {
                let ok = number;
                from += at + 1;
                number = false;
                ok
            }
            None => {
                number = c.is_ascii_digit();
                number || c == '.'
            }
        }) && !number
    };
    !units.is_empty() && in_order(days, "YMWD") && in_order(time, "HMS")
}

fn publisher_name(publisher: Option<&Agent>, portal: &Portal) -> String {
    let own = publisher.map(|it| it.name.any().trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    let tail = || publisher.and_then(|it| it.iri.as_deref()).map(authority::tail);
    own.or_else(|| Some(portal.publisher.clone()).filter(|name| !name.is_empty()))
        .or_else(tail)
        .unwrap_or_else(|| "Not named by its source".to_owned())
}

fn publisher(publisher: Option<&Agent>, portal: &Portal) -> Value {
    let organisation = |name: &str, above: Value| {
        let mut out = Fields(Map::new());
        out.put("@type", json!("org:Organization"));
        out.text("name", Some(name));
        out.put("subOrganizationOf", above);
        Value::Object(out.0)
    };
    let parents = publisher.map(|it| it.part_of.as_slice()).unwrap_or_default();
    let above = parents.iter().rev().fold(Value::Null, |above, name| organisation(name, above));
    organisation(&publisher_name(publisher, portal), above)
}

/// The first contact that can be written to; the portal's mailbox stands in for one that cannot.
fn contact(draft: &DatasetDraft, portal: &Portal) -> Value {
    let best = draft.contact_point.iter().find(|it| it.email.as_deref().and_then(mailto).is_some());
    let best = best.or_else(|| draft.contact_point.first());
    let name = best.map(|it| it.name.any().trim().to_owned()).filter(|name| !name.is_empty());
    let email = best.and_then(|it| mailto(it.email.as_deref()?));
    let mut out = Fields(Map::new());
    out.put("@type", json!("vcard:Contact"));
    out.text("fn", Some(&name.unwrap_or_else(|| publisher_name(draft.publisher.as_ref(), portal))));
    let portals = portal.contact.strip_prefix("mailto:").and_then(mailto);
    out.text("hasEmail", Some(&email.or(portals).unwrap_or_else(|| NO_MAILBOX.to_owned())));
    out.text("hasTelephone", best.and_then(|it| it.telephone.as_deref()));
    out.text("hasURL", best.and_then(|it| it.url.as_deref()));
    Value::Object(out.0)
}

fn address_of_licence(iri: Option<&str>, words: &LocalizedText) -> Option<String> {
    let known = || licence_of_words(words.any());
    iri.and_then(proper_iri).or_else(known).and_then(|iri| to_uri(&licence_iri(&iri)))
}

/// The statement of rights, or the words of a licence that has no address.
fn rights(draft: &DatasetDraft) -> Option<String> {
    let own = draft.rights.iter().map(LocalizedText::any).find(|text| !text.trim().is_empty()).map(str::to_owned);
    let unknown = || {
        let licence = draft.licence.as_ref().filter(|it| address_of_licence(it.iri.as_deref(), &it.title).is_none())?;
        Some(licence.title.any().to_owned()).filter(|words| !words.is_empty())
    };
    own.or_else(unknown).map(|text| cut(&text, RIGHTS_CHARS))
}

fn repetition(frequency: &Concept) -> Option<String> {
    let said = frequency.iri.as_deref().unwrap_or_else(|| frequency.label.any());
    if said.starts_with("R/") && is_repetition(said) {
        return Some(said.to_owned());
    }
    frequency_of(said).map(|known| known.repetition.to_owned())
}

/// `start/end`; the schema has no open end.
fn span(period: &fairground_domain::PeriodOfTime) -> Option<String> {
    let start = period.start.as_deref().and_then(proper_date)?;
    let end = period.end.as_deref()?;
    let end =
        proper_date(end).or_else(|| Some(end.to_owned()).filter(|end| end.starts_with('P') && is_repetition(end)))?;
    if start.contains('T') == end.contains('T') || end.starts_with('P') {
        return Some(format!("{start}/{end}"));
    }
    // The schema's pattern wants both with their time of day, or neither.
    let day = |moment: &str| moment.split('T').next().unwrap_or_default().to_owned();
    Some(format!("{}/{}", day(&start), day(&end)))
}

fn place(location: &fairground_domain::Location) -> Option<String> {
    if let Some(geometry) = &location.geometry {
        return Some(geometry.clone());
    }
    if let Some([west, south, east, north]) = location.bbox {
        return Some(format!("{west},{south},{east},{north}"));
    }
    let name = Some(location.label.any().to_owned()).filter(|name| !name.is_empty());
    name.or_else(|| location.iri.clone())
}

fn is_media_type(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let Some((kind, subtype)) = text.split_once('/') else { return false };
    let (stem, suffix) = subtype.split_once('+').map_or((subtype, None), |(stem, suffix)| (stem, Some(suffix)));
    word(kind) && stem.split('.').all(word) && suffix.is_none_or(word)
}

/// Files and services: distributions, and the way in to a data service, which 1.1 has no other place for.
fn distributions(draft: &DatasetDraft) -> Vec<Value> {
    let mut all: Vec<Value> = draft.distribution.iter().filter_map(distribution).collect();
    if draft.kind == ResourceKind::DataService
        && let Some(service) = &draft.service
    {
        for address in service.endpoint_url.iter().filter_map(|it| to_uri(it)) {
            let mut out = Fields(Map::new());
            out.put("@type", json!("dcat:Distribution"));
            out.put("accessURL", json!(address));
            out.put("format", json!("API"));
            out.text("describedBy", service.endpoint_description.iter().find_map(|it| to_uri(it)).as_deref());
            all.push(Value::Object(out.0));
        }
    }
    let mut seen: Vec<Value> = Vec::with_capacity(all.len());
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

fn distribution(it: &Distribution) -> Option<Value> {
    let known = |key: &str| matches!(key, "describedByType") || !key.contains(':') && !key.starts_with('@');
    let own = it.extra.iter().filter(|(key, value)| {
        known(key) && (key.as_str() != "describedByType" || value.as_str().is_some_and(is_media_type))
    });
    let mut out = Fields(own.map(|(key, value)| (key.clone(), value.clone())).collect());
    out.put("@type", json!("dcat:Distribution"));
    let text = |text: &LocalizedText| Some(text.any().to_owned()).filter(|text| !text.trim().is_empty());
    out.text("title", text(&it.title).as_deref());
    out.text("description", text(&it.description).map(|text| cut(&text, DESCRIPTION_CHARS)).as_deref());
    let media_type = it.media_type.as_deref().filter(|text| is_media_type(text));
    let download = it.download_url.as_deref().and_then(to_uri);
    let access = it.access_url.as_deref().and_then(to_uri);
    if download.is_none() && access.is_none() {
        return None;
    }
    let by_format = || it.format.as_deref().and_then(media_type_of).filter(|text| is_media_type(text));
    // What can be downloaded has one.
    let asked_for = || download.as_ref().map(|_| by_format().unwrap_or_else(|| UNKNOWN_MEDIA_TYPE.to_owned()));
    out.text("mediaType", media_type.map(str::to_owned).or_else(asked_for).as_deref());
    out.text("downloadURL", download.as_deref());
    out.text("accessURL", access.as_deref());
    out.text("format", it.format.as_deref());
    out.text("conformsTo", it.conforms_to.iter().find_map(|it| to_uri(it.iri.as_deref()?)).as_deref());
    out.text("describedBy", it.public_description().and_then(to_uri).as_deref());
    out.text("issued", it.issued.as_deref());
    out.text("modified", it.modified.as_deref());
    out.text("byteSize", it.byte_size.map(|size| size.to_string()).as_deref());
    if let Some(checksum) = &it.checksum {
        out.put("checksum", json!({ "algorithm": checksum.algorithm, "checksumValue": checksum.value }));
    }
    let licence = it.licence.as_ref().and_then(|it| address_of_licence(it.iri.as_deref(), &it.title));
    out.text("license", licence.as_deref());
    out.list("language", it.language.iter().map(LanguageTag::as_str).map(|tag| json!(tag)));
    offered(&mut out, it);
    Some(Value::Object(out.0))
}

/// From what the portal made a distribution, and by which service it serves it: 1.1 has no words of its own for that.
fn offered(out: &mut Fields, it: &Distribution) {
    if it.access_service.is_empty() {
        return;
    }
    // Written as the addresses of files are, so that it is seen which one is meant.
    let from = it.extra.get(DERIVED_FROM).and_then(Value::as_array).into_iter().flatten();
    let from: Vec<Value> = from.filter_map(|it| it.as_str().and_then(to_uri)).map(Value::String).collect();
    if !from.is_empty() {
        out.put(DERIVED_FROM, Value::Array(from));
        out.put(SERVED_BY, json!(it.access_service));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_without_anything_has_what_the_schema_demands() {
        let draft = DatasetDraft {
            identifier: "a".into(),
            title: LocalizedText::undetermined("Air"),
            ..DatasetDraft::default()
        };
        let portal = Portal { changed: "2026-03-01T12:00:00Z".into(), ..Portal::default() };
        let record = dcat_us(&draft, &portal);
        assert_eq!(record["description"], "Air");
        assert_eq!(record["modified"], "2026-03-01T12:00:00Z");
        assert_eq!(record["accessLevel"], "public");
        assert_eq!(record["keyword"][0], "Not named by its source");
        assert_eq!(record["contactPoint"]["hasEmail"], NO_MAILBOX);
    }

    #[test]
    fn repetitions_and_codes_are_told_from_words() {
        for (text, is) in [
            ("R/P1Y", true),
            ("P3M", true),
            ("R/PT1S", true),
            ("R/P0.33W", true),
            ("R/P", false),
            ("P1Z", false),
            ("PY", false),
            ("soon", false),
        ] {
            assert_eq!(is_repetition(text), is, "{text}");
        }
        for (text, is) in [
            ("text/csv", true),
            ("application/vnd.ms-excel", true),
            ("application/ld+json", true),
            ("csv", false),
            ("a/b c", false),
        ] {
            assert_eq!(is_media_type(text), is, "{text}");
        }
        assert!(is_list_of(&json!(["015:11"]), &[3, 2]) && !is_list_of(&json!(["15:11"]), &[3, 2]));
        assert!(!is_list_of(&json!(["015:11", "015:11"]), &[3, 2]));
    }

    #[test]
    fn the_frame_and_its_datasets_are_one_document() {
        let (head, tail) = dcat_us_frame("https://portal.example/data.json");
        let document: Value = serde_json::from_str(&format!("{head}{{}},{{}}{tail}")).unwrap();
        assert_eq!(document["dataset"].as_array().map(Vec::len), Some(2));
        assert_eq!(document["conformsTo"], DCAT_US_SCHEMA);
    }
}

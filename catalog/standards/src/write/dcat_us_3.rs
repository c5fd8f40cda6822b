//! Datasets, series and services as DCAT-US 3.0 in JSON, clean by its JSON schema.
//!
//! The schema is stricter than the profile in places, and its form wins: one keyword is a text and several are a `keywordMap`; boxes are
//! `geographicBoundingBox`; a shape has no form but an IRI and is left out for its box. Terms that the schema does not know and the
//! context does (`dcatap:…`) are written under their prefixes.

use std::collections::BTreeMap;

use fairground_domain::{
    Agent, Checksum, Concept, ContactPoint, DatasetDraft, Distribution, Licence, LocalizedText, Location, PeriodOfTime,
    ResourceKind, Timestamp,
};
use serde_json::{Map, Value, json};

use super::authority::{self, Access, frequency_of, licence_of_words};
use super::fields::{Fields, mailto};
use super::publish::{Portal, proper_iri};
use super::triples::date_type;
use crate::offer::DERIVED_FROM;
use crate::rdf::vocab::xsd;

/// Where the context lies that the profile publishes.
const CONTEXT: &str = "https://raw.githubusercontent.com/DOI-DO/dcat-us/main/context/dcat-us-3.0.jsonld";
/// Where IANA's media types have their IRIs.
const MEDIA_TYPES: &str = "https://www.iana.org/assignments/media-types/";
/// Where SPDX' checksum algorithms have theirs.
const ALGORITHMS: &str = "http://spdx.org/rdf/terms#checksumAlgorithm_";
/// Relations that the schema knows, and what it calls them.
const RELATIONS: &[(&str, &str)] = &[
    ("dct:isReferencedBy", "isReferencedBy"),
    ("dct:relation", "relation"),
    ("dct:source", "source"),
    ("dct:replaces", "replaces"),
    ("dct:hasPart", "hasPart"),
    ("dcat:hasVersion", "hasVersion"),
];

/// What stands around the resources of a catalogue.
#[derive(Debug, Clone, Default)]
pub struct CatalogFrame {
    /// The catalogue's address.
    pub address: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Who publishes it.
    pub publisher: String,
}

impl CatalogFrame {
    /// The beginning up to `"dataset":[`, what stands between the last dataset and the first service, and the end.
    #[must_use]
    pub fn parts(&self) -> (String, &'static str, &'static str) {
        let head = json!({
            "@context": CONTEXT,
            "@id": self.address,
            "@type": "Catalog",
            "conformsTo": { "@type": "Standard", "title": "DCAT-US 3.0" },
            "title": self.title,
            "description": self.description,
            "publisher": { "@type": "Agent", "name": self.publisher },
        });
        let mut head = head.to_string();
        head.pop();
        head.push_str(",\"dataset\":[");
        (head, "],\"service\":[", "]}\n")
    }
}

/// One element of `dataset`, or, for data services, of `service`.
#[must_use]
pub fn dcat_us_3(draft: &DatasetDraft, iri: &str, portal: &Portal) -> Value {
    let mut out = Fields::default();
    out.put("@id", iri_value(iri));
    out.put("@type", json!(class(draft.kind)));
    out.put("identifier", json!([draft.identifier]));
    texts(&mut out, "title", &draft.title);
    let description = if draft.description.is_empty() { &draft.title } else { &draft.description };
    texts(&mut out, "description", description);
    people(&mut out, draft, portal);
    words(&mut out, draft, portal);
    rules(&mut out, draft);
    dates(&mut out, draft);
    out.list("language", draft.language.iter().map(|tag| json!(authority::language(tag.as_str()))));
    coverage(&mut out, draft);
    bonds(&mut out, draft);
    if draft.kind == ResourceKind::DataService {
        service(&mut out, draft, portal);
    }
    out.list("distribution", draft.distribution.iter().map(distribution));
    Value::Object(out.0)
}

const fn class(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Dataset => "Dataset",
        ResourceKind::DatasetSeries => "DatasetSeries",
        ResourceKind::DataService => "DataService",
    }
}

fn iri_value(text: &str) -> Value {
    proper_iri(text).map_or(Value::Null, Value::String)
}

fn iris<'a>(all: impl IntoIterator<Item = &'a String>) -> impl Iterator<Item = Value> {
    all.into_iter().map(|text| iri_value(text))
}

/// `title` and, for further languages, `titleMap`.
fn texts(out: &mut Fields, key: &str, text: &LocalizedText) {
    let best = text.any();
    out.text(key, Some(best));
    let named = text.iter().any(|(language, _)| language.as_str() != "und");
    if named {
        let all: Map<String, Value> = text.iter().map(|(language, text)| (language.to_string(), json!(text))).collect();
        out.put(&format!("{key}Map"), Value::Object(all));
    }
}

fn people(out: &mut Fields, draft: &DatasetDraft, portal: &Portal) {
    let nobody = Agent::default();
    let publisher = draft.publisher.as_ref().unwrap_or(&nobody);
    out.put("publisher", organisation(publisher, &portal.publisher));
    if draft.kind == ResourceKind::DataService {
        out.list("creator", draft.creator.iter().map(agent));
    } else {
        out.put("creator", draft.creator.first().map_or(Value::Null, agent));
    }
    out.list("contributor", draft.contributor.iter().map(agent));
    out.list("rightsHolder", draft.rights_holder.iter().map(|it| organisation(it, "")));
    let (with_role, without): (Vec<_>, Vec<_>) =
        draft.attribution.iter().partition(|it| it.role.as_deref().is_some_and(|role| proper_iri(role).is_some()));
    out.list(
        "qualifiedAttribution",
        with_role.iter().map(|it| {
            json!({ "@type": "Attribution", "agent": agent(&it.agent), "hadRole": iri_value(it.role.as_deref().unwrap_or_default()) })
        }),
    );
    out.list("wasAttributedTo", without.iter().map(|it| agent(&it.agent)));
    let mut contacts: Vec<Value> = draft.contact_point.iter().filter_map(|it| contact(it, portal)).collect();
    if contacts.is_empty() && draft.kind == ResourceKind::DataService {
        contacts.extend(contact(&ContactPoint::default(), portal));
        // The schema wants the list, be it empty.
        out.put("contactPoint", Value::Array(Vec::new()));
    }
    out.list("contactPoint", contacts.into_iter());
}

fn name_of(agent: &Agent, known_as: &str) -> String {
    let own = Some(agent.name.any().to_owned()).filter(|name| !name.trim().is_empty());
    own.or_else(|| Some(known_as.to_owned()).filter(|name| !name.is_empty()))
        .or_else(|| agent.iri.as_deref().map(authority::tail))
        .unwrap_or_else(|| "Not named by its source".to_owned())
}

fn organisation(agent: &Agent, known_as: &str) -> Value {
    let above = agent.part_of.iter().rev().fold(Value::Null, |above, name| {
        let mut parent = Fields::default();
        parent.put("@type", json!("Organization"));
        parent.put("name", json!(name));
        parent.put("prefLabel", json!(name));
        parent.put("subOrganizationOf", if above.is_null() { Value::Null } else { json!([above]) });
        Value::Object(parent.0)
    });
    let mut out = Fields::default();
    out.put("@id", agent.iri.as_deref().map_or(Value::Null, iri_value));
    out.put("@type", json!("Organization"));
    let name = name_of(agent, known_as);
    out.put("name", json!(name));
    out.put("prefLabel", json!(name));
    out.text("homepage", agent.homepage.as_deref());
    out.text("mbox", agent.email.as_deref());
    out.put("subOrganizationOf", if above.is_null() { Value::Null } else { json!([above]) });
    Value::Object(out.0)
}

fn agent(agent: &Agent) -> Value {
    let mut out = Fields::default();
    out.put("@id", agent.iri.as_deref().map_or(Value::Null, iri_value));
    out.put("@type", json!("Agent"));
    out.put("name", json!(name_of(agent, "")));
    out.text("homepage", agent.homepage.as_deref());
    out.text("mbox", agent.email.as_deref());
    Value::Object(out.0)
}

/// A contact with a mailbox, its own or the portal's; the schema has no other kind.
fn contact(contact: &ContactPoint, portal: &Portal) -> Option<Value> {
    let own = contact.email.as_deref().and_then(mailto);
    let email = own.or_else(|| portal.contact.strip_prefix("mailto:").and_then(mailto))?;
    let name = Some(contact.name.any()).filter(|name| !name.trim().is_empty());
    let mut out = Fields::default();
    out.put("@type", json!("Kind"));
    out.put("fn", json!(name.unwrap_or_else(|| email.trim_start_matches("mailto:"))));
    out.put("hasEmail", json!(email));
    let telephone = contact.telephone.as_deref().map(|it| format!("tel:{}", it.replace(char::is_whitespace, "-")));
    out.put("tel", telephone.as_deref().map_or(Value::Null, iri_value));
    out.text("hasURL", contact.url.as_deref());
    Some(Value::Object(out.0))
}

fn words(out: &mut Fields, draft: &DatasetDraft, portal: &Portal) {
    match draft.keyword.as_slice() {
        [] => {}
        [(language, word)] if language.as_str() == "und" => out.put("keyword", json!(word)),
        several => {
            let mut by_language: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (language, word) in several {
                by_language.entry(language.as_str()).or_default().push(word);
            }
            out.put("keywordMap", json!(by_language));
        }
    }
    out.list("theme", draft.theme.iter().map(|it| concept(it, portal)));
    let types = draft.resource_type.iter().map(|it| concept(it, portal));
    if draft.kind == ResourceKind::DataService {
        out.put("category", types.into_iter().next().unwrap_or_default());
    } else {
        out.list("category", types);
    }
    out.put("status", draft.status.as_ref().map_or(Value::Null, |it| concept(it, portal)));
    out.text("version", draft.version.as_deref());
    out.text("versionNotes", Some(draft.version_notes.any()));
    texts(out, "purpose", &draft.purpose);
    out.list("provenance", draft.provenance.iter().map(|it| labelled("ProvenanceStatement", it)));
    out.list(
        "otherIdentifier",
        draft.other_identifier.iter().map(|it| json!({ "@type": "Identifier", "notation": it })),
    );
}

/// An IRI, or a concept with its name and the scheme that it is of.
fn concept(concept: &Concept, portal: &Portal) -> Value {
    let iri = concept.iri.as_deref().and_then(proper_iri);
    if let Some(iri) = &iri
        && concept.label.is_empty()
    {
        return json!(iri);
    }
    let own_scheme = || portal.theme_page.split('?').next().and_then(proper_iri);
    let scheme = iri.as_deref().and_then(|iri| proper_iri(iri.rsplit_once(['/', '#'])?.0)).or_else(own_scheme);
    let Some(scheme) = scheme else { return iri.map_or(Value::Null, Value::String) };
    let mut out = Fields::default();
    out.put("@id", iri.map_or(Value::Null, Value::String));
    out.put("@type", json!("Concept"));
    texts(&mut out, "prefLabel", &concept.label);
    out.put("inScheme", json!(scheme));
    Value::Object(out.0)
}

fn labelled(class: &str, text: &LocalizedText) -> Value {
    let mut out = Fields::default();
    out.put("@type", json!(class));
    texts(&mut out, "label", text);
    Value::Object(out.0)
}

fn rules(out: &mut Fields, draft: &DatasetDraft) {
    out.put("accessRights", draft.access_rights.as_ref().map_or(Value::Null, access_rights));
    out.put("license", draft.licence.as_ref().map_or(Value::Null, licence));
    if draft.kind == ResourceKind::DataService {
        out.list("rights", draft.rights.iter().map(|it| labelled("RightsStatement", it)));
    } else {
        out.put("rights", statements(&draft.rights));
    }
    out.list("dcatap:applicableLegislation", iris(&draft.applicable_legislation));
    out.list("dcatap:hvdCategory", iris(draft.hvd_category.iter().filter_map(|it| it.iri.as_ref())));
}

fn access_rights(given: &Concept) -> Value {
    let known = || Access::of(given.label.any()).map(Access::iri);
    match given.iri.as_deref().and_then(proper_iri).or_else(known) {
        Some(iri) => json!(iri),
        None => labelled("RightsStatement", &given.label),
    }
}

fn licence(given: &Licence) -> Value {
    let known = || licence_of_words(given.title.any());
    match given.iri.as_deref().and_then(proper_iri).or_else(known) {
        Some(iri) => json!(iri),
        None if given.title.is_empty() => Value::Null,
        None => {
            let words = given.title.any();
            json!({ "@type": "LicenseDocument", "title": words, "licenseText": words })
        }
    }
}

/// The schema has one statement: several are put below each other.
fn statements(statements: &[LocalizedText]) -> Value {
    match statements {
        [] => Value::Null,
        [one] => labelled("RightsStatement", one),
        several => {
            let text: Vec<&str> = several.iter().map(LocalizedText::any).collect();
            labelled("RightsStatement", &LocalizedText::undetermined(text.join("\n\n")))
        }
    }
}

fn dates(out: &mut Fields, draft: &DatasetDraft) {
    for (key, value) in [("created", &draft.created), ("issued", &draft.issued), ("modified", &draft.modified)] {
        out.text(key, value.as_deref().and_then(date).as_deref());
    }
    let repeated = draft.modified.as_deref().filter(|_| draft.frequency.is_none()).and_then(frequency_of);
    let frequency = draft.frequency.as_ref().map(|it| {
        let known = frequency_of(it.iri.as_deref().unwrap_or_else(|| it.label.any())).map(|known| known.iri());
        match it.iri.as_deref().and_then(proper_iri).or(known) {
            Some(iri) => json!(iri),
            None => labelled("Frequency", &it.label),
        }
    });
    out.put("accrualPeriodicity", frequency.or_else(|| repeated.map(|known| json!(known.iri()))).unwrap_or_default());
}

/// A year, a month, a day, or a moment with its zone (RFC 3339): one without is taken as UTC.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = Timestamp::lenient(text)?;
    match date_type(text) {
        Some(kind) if kind != xsd::DATE_TIME => Some(text.to_owned()),
        Some(_) if text.parse::<Timestamp>().is_ok() => Some(text.to_owned()),
        _ => Some(moment.to_string()),
    }
}

fn coverage(out: &mut Fields, draft: &DatasetDraft) {
    out.list("temporal", draft.temporal.iter().map(period));
    out.list("spatial", draft.spatial.iter().map(location));
    out.list("geographicBoundingBox", draft.spatial.iter().filter_map(|it| it.bbox).map(bounding_box));
    let (metres, duration) = (&draft.spatial_resolution_metres, draft.temporal_resolution.as_deref());
    if draft.kind == ResourceKind::DataService {
        out.list("spatialResolutionInMeters", metres.iter().map(|it| json!(it)));
        out.list("temporalResolution", duration.into_iter().map(|it| json!(it)));
    } else {
        out.text("spatialResolutionInMeters", metres.first().map(String::as_str));
        out.text("temporalResolution", duration);
    }
}

fn period(period: &PeriodOfTime) -> Value {
    let mut out = Fields::default();
    out.text("startDate", period.start.as_deref().and_then(date).as_deref());
    out.text("endDate", period.end.as_deref().and_then(date).as_deref());
    if out.0.is_empty() {
        return Value::Null;
    }
    out.put("@type", json!("PeriodOfTime"));
    Value::Object(out.0)
}

fn location(location: &Location) -> Value {
    let iri = location.iri.as_deref().and_then(proper_iri);
    if location.label.is_empty() {
        return iri.map_or(Value::Null, Value::String);
    }
    let mut out = Fields::default();
    out.put("@id", iri.map_or(Value::Null, Value::String));
    out.put("@type", json!("Location"));
    texts(&mut out, "prefLabel", &location.label);
    Value::Object(out.0)
}

fn bounding_box([west, south, east, north]: [f64; 4]) -> Value {
    json!({
        "@type": "GeographicBoundingBox",
        "westBoundingLongitude": west.to_string(),
        "southBoundingLatitude": south.to_string(),
        "eastBoundingLongitude": east.to_string(),
        "northBoundingLatitude": north.to_string(),
    })
}

fn bonds(out: &mut Fields, draft: &DatasetDraft) {
    let first = |all: &[String]| all.iter().find_map(|it| proper_iri(it)).map_or(Value::Null, Value::String);
    out.put("landingPage", first(&draft.landing_page));
    out.put("page", first(&draft.page));
    match draft.kind {
        ResourceKind::DataService => out.list("conformsTo", draft.conforms_to.iter().map(standard)),
        ResourceKind::Dataset | ResourceKind::DatasetSeries => {
            out.put("conformsTo", draft.conforms_to.first().map(standard).unwrap_or_default());
        }
    }
    out.list("inSeries", iris(&draft.in_series));
    // A series that is known by an identifier alone has a place only in 1.1.
    out.text("isPartOf", draft.in_series.iter().find(|it| proper_iri(it).is_none()).map(String::as_str));
    for (property, key) in RELATIONS {
        let targets = draft.relation.iter().filter(|it| it.property == *property).map(|it| &it.target);
        out.list(key, iris(targets));
    }
    let related =
        |property: &'static str| draft.relation.iter().filter(move |it| it.property == property).map(|it| &it.target);
    out.put("describedBy", iris(related("wdrs:describedby")).next().unwrap_or_default());
    out.list("references", iris(related("dct:references")));
    out.list(
        "qualifiedRelation",
        draft.qualified_relation.iter().map(|it| {
            match (proper_iri(&it.target), it.role.as_deref().and_then(proper_iri)) {
                (Some(target), Some(role)) => json!({ "@type": "Relationship", "relation": target, "hadRole": role }),
                _ => Value::Null,
            }
        }),
    );
}

fn standard(concept: &Concept) -> Value {
    let iri = concept.iri.as_deref().and_then(proper_iri);
    if concept.label.is_empty() {
        return iri.map_or(Value::Null, Value::String);
    }
    let mut out = Fields::default();
    out.put("@id", iri.map_or(Value::Null, Value::String));
    out.put("@type", json!("Standard"));
    texts(&mut out, "title", &concept.label);
    Value::Object(out.0)
}

fn service(out: &mut Fields, draft: &DatasetDraft, portal: &Portal) {
    let Some(service) = &draft.service else {
        out.put("endpointURL", Value::Array(Vec::new()));
        return;
    };
    let mut endpoints: Vec<Value> = iris(&service.endpoint_url).filter(|it| !it.is_null()).collect();
    if endpoints.is_empty() {
        let page = draft.landing_page.iter().find_map(|it| proper_iri(it)).or_else(|| proper_iri(&portal.page));
        endpoints.extend(page.map(Value::String));
    }
    out.put("endpointURL", Value::Array(endpoints));
    out.list("endpointDescription", iris(&service.endpoint_description));
    out.list("servesDataset", iris(&service.serves_dataset));
}

fn distribution(it: &Distribution) -> Value {
    let mut out = Fields::default();
    out.put("@id", it.iri.as_deref().filter(|iri| crate::check::is_iri(iri)).map_or(Value::Null, iri_value));
    out.put("@type", json!("Distribution"));
    texts(&mut out, "title", &it.title);
    texts(&mut out, "description", &it.description);
    for (key, value) in [
        ("accessURL", it.access_url.as_deref()),
        ("downloadURL", it.download_url.as_deref()),
        ("describedBy", it.public_description()),
        ("availability", it.availability.as_deref()),
    ] {
        out.put(key, value.map_or(Value::Null, iri_value));
    }
    for (key, value) in [("mediaType", &it.media_type), ("compressFormat", &it.compress_format)] {
        out.put(key, value.as_deref().map_or(Value::Null, |name| iri_value(&format!("{MEDIA_TYPES}{name}"))));
    }
    out.put("format", it.format.as_deref().map_or(Value::Null, format));
    out.text("byteSize", it.byte_size.map(|size| size.to_string()).as_deref());
    out.put("checksum", it.checksum.as_ref().map_or(Value::Null, checksum));
    out.put("license", it.licence.as_ref().map_or(Value::Null, licence));
    out.put("rights", statements(&it.rights));
    out.put("accessRights", it.access_rights.as_ref().map_or(Value::Null, access_rights));
    for (key, value) in [("issued", &it.issued), ("modified", &it.modified)] {
        out.text(key, value.as_deref().and_then(date).as_deref());
    }
    out.list("language", it.language.iter().map(|tag| json!(authority::language(tag.as_str()))));
    out.list("conformsTo", it.conforms_to.iter().map(standard));
    out.list("accessService", iris(&it.access_service));
    if let Some(from) = it.extra.get(DERIVED_FROM).filter(|_| !it.access_service.is_empty()) {
        out.put(DERIVED_FROM, from.clone());
    }
    out.list("page", iris(&it.page));
    out.list("characterEncoding", it.character_encoding.iter().map(|name| json!(name)));
    out.text("spatialResolutionInMeters", it.spatial_resolution_metres.first().map(String::as_str));
    out.text("temporalResolution", it.temporal_resolution.as_deref());
    Value::Object(out.0)
}

fn format(name: &str) -> Value {
    match authority::file_type(name) {
        Some(iri) => json!(iri),
        None => json!({ "@type": "MediaType", "label": name }),
    }
}

fn checksum(given: &Checksum) -> Value {
    let algorithm = if given.algorithm.contains("://") {
        proper_iri(&given.algorithm)
    } else {
        let name: String = given.algorithm.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        (!name.is_empty()).then(|| format!("{ALGORITHMS}{name}"))
    };
    let Some(algorithm) = algorithm else { return Value::Null };
    json!({ "@type": "Checksum", "algorithm": algorithm, "checksumValue": given.value })
}

#[cfg(test)]
mod tests {
    use fairground_domain::LanguageTag;

    use super::*;

    #[test]
    fn moments_have_a_zone() {
        for (text, written) in [
            ("2024", Some("2024")),
            ("2024-02", Some("2024-02")),
            ("2024-02-03", Some("2024-02-03")),
            ("2024-02-03T04:05:06", Some("2024-02-03T04:05:06Z")),
            ("2024-02-03T04:05:06+02:00", Some("2024-02-03T04:05:06+02:00")),
            ("R/P1D", None),
        ] {
            assert_eq!(date(text).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn one_keyword_is_a_text_and_several_are_a_map() {
        let keyword = |tag: &str, word: &str| (LanguageTag::lenient(tag), word.to_owned());
        let draft = |keyword| DatasetDraft { keyword, ..DatasetDraft::default() };
        let one = dcat_us_3(&draft(vec![keyword("und", "air")]), "https://a.example/1", &Portal::default());
        assert_eq!(one["keyword"], "air");
        let more = vec![keyword("en", "air"), keyword("en", "wind"), keyword("de", "Luft")];
        let several = dcat_us_3(&draft(more), "https://a.example/1", &Portal::default());
        assert_eq!(several["keywordMap"], json!({ "en": ["air", "wind"], "de": ["Luft"] }));
    }
}

//! DCAT-US 1.1 (Project Open Data metadata schema, `data.json`), and the core of DCAT-US 3.0 in plain JSON.

use fairground_domain::{
    Agent, Attribution, Checksum, Concept, ContactPoint, ContentHash, DataService, DatasetDraft, Distribution,
    LanguageTag, Licence, LocalizedText, Location, PeriodOfTime, QualifiedRelation, Relation, ResourceKind,
};
use serde_json::Value;

use crate::check::{Findings, is_iri, shortened};
use crate::document::{Decoded, RawRecord};
use crate::json::record::{self, Fields, kind, nonblank};
use crate::media;

/// Keys of a record that have a home in the draft.
const KNOWN: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "contributor",
    "created",
    "descriptionMap",
    "geographicBoundingBox",
    "hasCurrentVersion",
    "hasPart",
    "hasVersion",
    "isReferencedBy",
    "keywordMap",
    "previousVersion",
    "purpose",
    "qualifiedAttribution",
    "qualifiedRelation",
    "relation",
    "replaces",
    "rightsHolder",
    "source",
    "spatialResolutionInMeters",
    "status",
    "temporalResolution",
    "titleMap",
    "accessLevel",
    "accessRights",
    "accessURL",
    "accrualPeriodicity",
    "conformsTo",
    "contactPoint",
    "creator",
    "dataDictionary",
    "dcatap:applicableLegislation",
    "dcatap:hvdCategory",
    "describedBy",
    "description",
    "distribution",
    "downloadURL",
    "endpointDescription",
    "endpointURL",
    "first",
    "identifier",
    "inSeries",
    "isPartOf",
    "issued",
    "keyword",
    "landingPage",
    "language",
    "last",
    "license",
    "modified",
    "otherIdentifier",
    "page",
    "provenance",
    "publisher",
    "references",
    "rights",
    "servesDataset",
    "seriesMember",
    "spatial",
    "temporal",
    "theme",
    "title",
    "version",
    "versionNotes",
];

/// Keys of a distribution that have a home in the draft.
const KNOWN_OF_DISTRIBUTION: &[&str] = &[
    "@id",
    "@type",
    "accessRights",
    "accessService",
    "accessURL",
    "availability",
    "byteSize",
    "characterEncoding",
    "checksum",
    "compressFormat",
    "conformsTo",
    "describedBy",
    "description",
    "descriptionMap",
    "downloadURL",
    "format",
    "issued",
    "language",
    "license",
    "mediaType",
    "modified",
    "packageFormat",
    "page",
    "representationTechnique",
    "rights",
    "spatialResolutionInMeters",
    "temporalResolution",
    "title",
    "titleMap",
];

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    let mut findings = Findings::default();
    let map = record::parse(raw, &mut findings);
    let draft = map.as_ref().map(|map| dataset(&Fields::root(map), raw.kind, &mut findings));
    finish(raw, draft, findings)
}

/// Refuses what lacks title or identifier, finds the key, and puts the draft into its order.
pub(crate) fn finish(raw: &RawRecord, draft: Option<DatasetDraft>, mut findings: Findings) -> Decoded {
    let Some(draft) = draft else {
        return Decoded { key: ContentHash::of(&raw.bytes).to_string(), draft: None, findings: findings.into_vec() };
    };
    if raw.whole && draft.title.is_empty() {
        findings.refuse("title-missing", "/title", "the record has no title");
    }
    if raw.whole && draft.identifier.is_empty() {
        findings.refuse(
            "identifier-missing",
            "/identifier",
            "the record has no identifier, so that it could not be found again",
        );
    }
    let key = if !draft.identifier.is_empty() {
        draft.identifier.clone()
    } else if !draft.title.is_empty() {
        ContentHash::of(draft.title.any().as_bytes()).to_string()
    } else {
        ContentHash::of(&raw.bytes).to_string()
    };
    if draft.publisher.is_none() {
        findings.warn("publisher-missing", "/publisher", "the record does not say who publishes it");
    }
    if draft.description.is_empty() {
        findings.warn("description-missing", "/description", "the record has no description");
    }
    if draft.contact_point.is_empty() {
        findings.warn("contact-missing", "/contactPoint", "the record does not say whom to ask");
    }
    findings.periods("/temporal", &draft.temporal);
    let draft = (!findings.refused()).then(|| draft.normalised());
    Decoded { key, draft, findings: findings.into_vec() }
}

/// A text, and the same in other languages beside it (`titleMap`).
fn in_languages(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> LocalizedText {
    let plain = fields.localized(key, findings);
    let others = fields.localized(&format!("{key}Map"), findings);
    let is_repeated = |text: &str| others.iter().any(|(_, known)| known == text);
    let plain = plain.iter().filter(|(_, text)| !is_repeated(text));
    let all = plain.chain(others.iter()).map(|(language, text)| (language.clone(), text.to_owned()));
    all.collect()
}

fn dataset(fields: &Fields<'_>, kind: ResourceKind, findings: &mut Findings) -> DatasetDraft {
    let iri = fields.text("@id", findings).filter(|text| is_iri(text));
    let mut draft = DatasetDraft {
        kind: claimed_kind(fields).unwrap_or(kind),
        identifier: identifier(fields, findings).or_else(|| fields.text("@id", findings)).unwrap_or_default(),
        iri,
        title: in_languages(fields, "title", findings),
        description: in_languages(fields, "description", findings),
        publisher: agents(fields, "publisher", findings).into_iter().next(),
        creator: agents(fields, "creator", findings),
        contact_point: contacts(fields, findings),
        keyword: keywords(fields, findings),
        theme: concepts(fields, "theme", findings),
        licence: licence(fields, findings),
        access_rights: access_rights(fields, findings),
        rights: localized_list(fields, "rights", findings),
        issued: date(fields, "issued", findings),
        modified: date(fields, "modified", findings),
        language: fields.texts("language", findings).iter().map(|text| LanguageTag::lenient(text)).collect(),
        frequency: concepts(fields, "accrualPeriodicity", findings).into_iter().next(),
        temporal: periods(fields, findings),
        spatial: locations(fields, findings),
        landing_page: addresses(fields, "landingPage", findings),
        page: addresses(fields, "page", findings),
        conforms_to: concepts(fields, "conformsTo", findings),
        provenance: localized_list(fields, "provenance", findings),
        version: fields.text("version", findings),
        version_notes: fields.localized("versionNotes", findings),
        other_identifier: fields.texts("otherIdentifier", findings),
        in_series: [fields.texts("isPartOf", findings), fields.texts("inSeries", findings)].concat(),
        applicable_legislation: fields.texts("dcatap:applicableLegislation", findings),
        hvd_category: concepts(fields, "dcatap:hvdCategory", findings),
        distribution: distributions(fields, findings),
        extra: fields.others(KNOWN),
        ..DatasetDraft::default()
    };
    for (key, property) in
        [("references", "dct:references"), ("describedBy", "wdrs:describedby"), ("dataDictionary", "wdrs:describedby")]
    {
        let related = fields.texts(key, findings);
        draft.relation.extend(related.into_iter().map(|target| Relation { property: property.to_owned(), target }));
    }
    if draft.kind == ResourceKind::DatasetSeries {
        for key in ["seriesMember", "first", "last"] {
            let members = named_resources(fields, key, findings);
            let property = format!("dcat:{key}");
            draft.relation.extend(members.into_iter().map(|target| Relation { property: property.clone(), target }));
        }
    }
    graph_terms(fields, &mut draft, findings);
    if draft.kind == ResourceKind::DataService {
        draft.service = Some(DataService {
            endpoint_url: addresses(fields, "endpointURL", findings),
            endpoint_description: fields.texts("endpointDescription", findings),
            serves_dataset: named_resources(fields, "servesDataset", findings),
        });
    }
    draft
}

/// What `@type` says, when it is one of ours.
fn claimed_kind(fields: &Fields<'_>) -> Option<ResourceKind> {
    let claimed = fields.each("@type").into_iter().filter_map(|(_, value)| value.as_str());
    claimed.map(|name| name.rsplit([':', '#', '/']).next().unwrap_or(name)).find_map(|name| match name {
        "DatasetSeries" => Some(ResourceKind::DatasetSeries),
        "DataService" => Some(ResourceKind::DataService),
        _ => None,
    })
}

/// A text, or the `Identifier` of DCAT-US 3.0: its IRI, else its notation.
fn identifier(fields: &Fields<'_>, findings: &mut Findings) -> Option<String> {
    match fields.get("identifier") {
        Some(Value::Object(inner)) => {
            let text = |key: &str| inner.get(key).and_then(Value::as_str).and_then(nonblank);
            text("@id").or_else(|| text("notation")).map(str::to_owned)
        }
        Some(Value::Array(items)) => {
            let first = items.iter().find_map(|item| match item {
                Value::Object(inner) => inner.get("@id").or_else(|| inner.get("notation"))?.as_str(),
                other => other.as_str(),
            });
            first.and_then(nonblank).map(str::to_owned)
        }
        _ => fields.text("identifier", findings),
    }
}

/// Every agent under a key: an object with its name, or a bare name.
fn agents(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<Agent> {
    let mut all = Vec::new();
    for (path, value) in fields.each(key) {
        let agent = match value {
            // Under the context of DCAT-US 3.0 a bare text is the address of an organisation that is described elsewhere.
            Value::String(iri) if is_iri(iri.trim()) => Agent { iri: Some(iri.trim().to_owned()), ..Agent::default() },
            Value::String(name) if !name.trim().is_empty() => {
                Agent { name: LocalizedText::undetermined(name.trim()), ..Agent::default() }
            }
            Value::Object(map) => agent(&Fields { map, path }, findings),
            other => {
                findings.warn(
                    "type-unexpected",
                    path,
                    format!("this is {}, not an organisation; left out", kind(other)),
                );
                continue;
            }
        };
        if agent.name.is_empty() && agent.iri.is_none() {
            findings.warn("agent-nameless", fields.at(key), "the organisation has no name; left out");
        } else {
            all.push(agent);
        }
    }
    all
}

fn agent(fields: &Fields<'_>, findings: &mut Findings) -> Agent {
    let mut name = fields.localized("name", findings);
    if name.is_empty() {
        name = fields.localized("prefLabel", findings);
    }
    let email = fields.text("mbox", findings).or_else(|| fields.text("hasEmail", findings));
    let mut agent = Agent {
        iri: fields.text("@id", findings).filter(|text| is_iri(text)),
        name,
        homepage: fields.text("homepage", findings),
        email: email.and_then(|text| findings.email(&fields.at("mbox"), &text)),
        ..Agent::default()
    };
    // The chain upwards; `Limits::max_depth` bounds it.
    let mut above = fields.get("subOrganizationOf");
    while let Some(value) = above {
        let parent = match value {
            Value::Array(items) => items.first(),
            other => Some(other),
        };
        let (name, next) = match parent {
            Some(Value::Object(parent)) => {
                let name = ["name", "prefLabel"].iter().find_map(|key| parent.get(*key)?.as_str());
                (name, parent.get("subOrganizationOf"))
            }
            Some(Value::String(name)) => (Some(name.as_str()), None),
            _ => (None, None),
        };
        agent.part_of.extend(name.and_then(nonblank).map(str::to_owned));
        above = next;
    }
    agent
}

fn contacts(fields: &Fields<'_>, findings: &mut Findings) -> Vec<ContactPoint> {
    let mut all = Vec::new();
    for fields in fields.objects("contactPoint", findings) {
        let email = fields.text("hasEmail", findings).or_else(|| fields.text("mbox", findings));
        let telephone = fields.text("hasTelephone", findings).or_else(|| fields.text("tel", findings));
        let contact = ContactPoint {
            name: fields.localized("fn", findings),
            email: email.and_then(|text| findings.email(&fields.at("hasEmail"), &text)),
            telephone: telephone.map(|text| text.trim_start_matches("tel:").to_owned()),
            url: fields.text("hasURL", findings),
        };
        if contact != ContactPoint::default() {
            if contact.email.is_none() && contact.telephone.is_none() && contact.url.is_none() {
                findings.warn(
                    "contact-unreachable",
                    &fields.path,
                    "the contact has neither e-mail nor telephone nor address",
                );
            }
            all.push(contact);
        }
    }
    all
}

fn keywords(fields: &Fields<'_>, findings: &mut Findings) -> Vec<(LanguageTag, String)> {
    let mut all = Vec::new();
    let values = fields.each("keyword").into_iter().chain(fields.each("keywordMap"));
    for (path, value) in values {
        match value {
            Value::Object(map) if map.contains_key("@value") => {
                let language = map
                    .get("@language")
                    .and_then(Value::as_str)
                    .map_or_else(LanguageTag::undetermined, LanguageTag::lenient);
                let text = map.get("@value").and_then(Value::as_str).and_then(nonblank);
                all.extend(text.map(|text| (language, text.to_owned())));
            }
            Value::Object(map) => {
                for (language, texts) in map {
                    let texts = texts.as_array().map_or(std::slice::from_ref(texts), Vec::as_slice);
                    let texts = texts.iter().filter_map(Value::as_str).filter_map(nonblank);
                    all.extend(texts.map(|text| (LanguageTag::lenient(language), text.to_owned())));
                }
            }
            Value::String(text) => {
                all.extend(nonblank(text).map(|text| (LanguageTag::undetermined(), text.to_owned())));
            }
            Value::Number(number) => all.push((LanguageTag::undetermined(), number.to_string())),
            other => {
                findings.warn("type-unexpected", path, format!("this is {}, not a keyword; left out", kind(other)))
            }
        }
    }
    all
}

/// Concepts: bare texts, IRIs, or objects with a label.
fn concepts(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<Concept> {
    let mut all = Vec::new();
    for (path, value) in fields.each(key) {
        let concept = match value {
            Value::Object(map) => {
                let fields = Fields { map, path };
                let mut label = fields.localized("prefLabel", findings);
                if label.is_empty() {
                    label = fields.localized("title", findings);
                }
                Concept { iri: fields.text("@id", findings).filter(|text| is_iri(text)), label }
            }
            Value::String(text) => concept(text),
            other => {
                findings.warn("type-unexpected", path, format!("this is {}, not a text; left out", kind(other)));
                continue;
            }
        };
        if concept != Concept::default() {
            all.push(concept);
        }
    }
    all
}

/// A concept from what a source wrote: an IRI or words.
pub(crate) fn concept(text: &str) -> Concept {
    let text = text.trim();
    if text.is_empty() {
        Concept::default()
    } else if is_iri(text) {
        Concept::iri(text)
    } else {
        Concept::label(text)
    }
}

/// A licence from what a source wrote: an address or words.
pub(crate) fn licence_of(text: &str) -> Option<Licence> {
    let text = nonblank(text)?;
    Some(if is_iri(text) {
        Licence { iri: Some(text.to_owned()), ..Licence::default() }
    } else {
        Licence { iri: None, title: LocalizedText::undetermined(text) }
    })
}

fn licence(fields: &Fields<'_>, findings: &mut Findings) -> Option<Licence> {
    match fields.get("license")? {
        Value::Object(map) => {
            let inner = Fields { map, path: fields.at("license") };
            let licence = Licence {
                iri: inner.text("@id", findings).filter(|text| is_iri(text)),
                title: inner.localized("title", findings),
            };
            Some(licence).filter(|licence| *licence != Licence::default())
        }
        _ => {
            let licence = licence_of(&fields.text("license", findings)?)?;
            if licence.iri.is_none() {
                let message = format!("“{}” is not the address of a licence", shortened(licence.title.any()));
                findings.warn("licence-not-an-address", fields.at("license"), message);
            }
            Some(licence)
        }
    }
}

/// `accessLevel` of 1.1 (`public`, `restricted public`, `non-public`), `accessRights` of 3.0.
fn access_rights(fields: &Fields<'_>, findings: &mut Findings) -> Option<Concept> {
    let given = concepts(fields, "accessRights", findings).into_iter().next();
    given.or_else(|| fields.text("accessLevel", findings).map(|text| concept(&text)))
}

fn localized_list(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<LocalizedText> {
    let mut all = Vec::new();
    for (path, value) in fields.each(key) {
        let text = match value {
            Value::String(text) => LocalizedText::undetermined(text.trim()),
            Value::Object(map) => {
                let inner = Fields { map, path };
                let labelled =
                    ["label", "description", "title", "prefLabel"].iter().find(|key| inner.get(key).is_some());
                match (labelled, inner.text("@id", findings)) {
                    (Some(key), _) => inner.localized(key, findings),
                    (None, Some(iri)) => LocalizedText::undetermined(iri),
                    (None, None) => fields.localized(key, findings),
                }
            }
            other => {
                findings.warn("type-unexpected", path, format!("this is {}, not a text; left out", kind(other)));
                continue;
            }
        };
        if !text.is_empty() {
            all.push(text);
        }
    }
    all
}

fn date(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let text = fields.text(key, findings)?;
    Some(findings.date(&fields.at(key), &text))
}

/// Addresses under a key; objects give theirs.
fn addresses(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<String> {
    let path = fields.at(key);
    let mut all = Vec::new();
    for (place, value) in fields.each(key) {
        match value {
            Value::String(text) => all.extend(nonblank(text).map(|text| findings.address(&path, text))),
            Value::Object(map) => {
                let inner = Fields { map, path: place };
                let found = ["accessURL", "@id", "landingPage"].iter().find_map(|key| inner.text(key, findings));
                all.extend(found);
            }
            other => {
                findings.warn("type-unexpected", place, format!("this is {}, not an address; left out", kind(other)))
            }
        }
    }
    all
}

/// `start/end` of 1.1 (ISO 8601 interval), or objects of 3.0.
fn periods(fields: &Fields<'_>, findings: &mut Findings) -> Vec<PeriodOfTime> {
    let mut all = Vec::new();
    for (path, value) in fields.each("temporal") {
        match value {
            Value::String(text) => all.extend(period(text)),
            Value::Object(map) => {
                let inner = Fields { map, path };
                let bound =
                    |keys: &[&str], findings: &mut Findings| keys.iter().find_map(|key| inner.text(key, findings));
                let period = PeriodOfTime {
                    start: bound(&["startDate", "hasBeginning", "start", "dcat:startDate"], findings),
                    end: bound(&["endDate", "hasEnd", "end", "dcat:endDate"], findings),
                };
                if period != PeriodOfTime::default() {
                    all.push(period);
                }
            }
            other => findings.warn("type-unexpected", path, format!("this is {}, not a period; left out", kind(other))),
        }
    }
    all
}

/// A period from an ISO 8601 interval; one date alone is the beginning.
pub(crate) fn period(text: &str) -> Option<PeriodOfTime> {
    let part = |text: &str| nonblank(text).filter(|text| *text != "..").map(str::to_owned);
    let (start, end) = text.split_once('/').unwrap_or((text, ""));
    Some(PeriodOfTime { start: part(start), end: part(end) }).filter(|period| *period != PeriodOfTime::default())
}

fn locations(fields: &Fields<'_>, findings: &mut Findings) -> Vec<Location> {
    let mut all = Vec::new();
    for (path, value) in fields.each("spatial") {
        match value {
            Value::String(text) => all.extend(findings.location(&path, text)),
            Value::Object(map) => all.extend(location(&Fields { map, path }, findings)),
            Value::Number(_) => {
                // `[w, s, e, n]` as numbers: read together below.
            }
            other => findings.warn("type-unexpected", path, format!("this is {}, not a place; left out", kind(other))),
        }
    }
    if let Some(Value::Array(items)) = fields.get("spatial")
        && items.len() == 4
        && items.iter().all(Value::is_number)
    {
        let list: Vec<String> = items.iter().map(Value::to_string).collect();
        all.extend(findings.location(&fields.at("spatial"), &list.join(",")));
    }
    all
}

/// GeoJSON, or the `Location` of 3.0.
fn location(fields: &Fields<'_>, findings: &mut Findings) -> Option<Location> {
    if fields.map.contains_key("coordinates") || fields.map.contains_key("geometries") {
        let text = Value::Object(fields.map.clone()).to_string();
        return findings.location(&fields.path, &text);
    }
    let mut location =
        Location { iri: fields.text("@id", findings).filter(|text| is_iri(text)), ..Location::default() };
    for key in ["prefLabel", "geographicName", "name", "title"] {
        if location.label.is_empty() {
            location.label = fields.localized(key, findings);
        }
    }
    for key in ["bbox", "geometry", "centroid"] {
        let text = match fields.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(object @ Value::Object(map)) => {
                map.get("@value").and_then(Value::as_str).map_or_else(|| object.to_string(), str::to_owned)
            }
            _ => continue,
        };
        let Some(found) = findings.location(&fields.at(key), &text) else { continue };
        location.bbox = location.bbox.or(found.bbox);
        location.geometry = location.geometry.or(found.geometry);
    }
    Some(location).filter(|location| *location != Location::default())
}

/// What DCAT-US 3.0 adds, as far as it has a home in the draft.
fn graph_terms(fields: &Fields<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    draft.created = date(fields, "created", findings);
    draft.status = concepts(fields, "status", findings).into_iter().next();
    draft.contributor = agents(fields, "contributor", findings);
    draft.rights_holder = agents(fields, "rightsHolder", findings);
    draft.purpose = fields.localized("purpose", findings);
    draft.temporal_resolution = fields.text("temporalResolution", findings);
    draft.spatial_resolution_metres = numbers(fields, "spatialResolutionInMeters");
    for inner in fields.objects("qualifiedAttribution", findings) {
        let agent = agents(&inner, "agent", findings).into_iter().next();
        let role = inner.text("hadRole", findings);
        draft.attribution.extend(agent.map(|agent| Attribution { agent, role }));
    }
    for inner in fields.objects("qualifiedRelation", findings) {
        let role = inner.text("hadRole", findings);
        let target = inner.text("relation", findings);
        draft.qualified_relation.extend(target.map(|target| QualifiedRelation { target, role }));
    }
    for (key, property) in [
        ("isReferencedBy", "dct:isReferencedBy"),
        ("hasVersion", "dct:hasVersion"),
        ("hasPart", "dct:hasPart"),
        ("hasCurrentVersion", "dcat:hasCurrentVersion"),
        ("previousVersion", "dcat:previousVersion"),
        ("replaces", "dct:replaces"),
        ("relation", "dct:relation"),
        ("source", "dct:source"),
    ] {
        let related = named_resources(fields, key, findings);
        draft.relation.extend(related.into_iter().map(|target| Relation { property: property.to_owned(), target }));
    }
    for inner in fields.objects("geographicBoundingBox", findings) {
        let sides = ["west", "south", "east", "north"].map(|side| {
            let suffix = if matches!(side, "west" | "east") { "Longitude" } else { "Latitude" };
            numbers(&inner, &format!("{side}Bounding{suffix}")).into_iter().next().unwrap_or_default()
        });
        draft.spatial.extend(findings.location(&inner.path, &sides.join(",")));
    }
}

/// Numbers as they are written, also as texts or typed values.
fn numbers(fields: &Fields<'_>, key: &str) -> Vec<String> {
    let of = |value: &Value| match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => nonblank(text).map(str::to_owned),
        Value::Object(map) => match map.get("@value")? {
            Value::Number(number) => Some(number.to_string()),
            other => other.as_str().and_then(nonblank).map(str::to_owned),
        },
        _ => None,
    };
    fields.each(key).into_iter().filter_map(|(_, value)| of(value)).collect()
}

/// Identifiers of other resources, which may be named or stand there as a whole.
fn named_resources(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<String> {
    let mut all = Vec::new();
    for (path, value) in fields.each(key) {
        match value {
            Value::String(text) => all.extend(nonblank(text).map(str::to_owned)),
            Value::Object(map) => {
                let inner = Fields { map, path };
                all.extend(identifier(&inner, findings).or_else(|| inner.text("@id", findings)));
            }
            other => {
                findings.warn("type-unexpected", path, format!("this is {}, not a dataset; left out", kind(other)))
            }
        }
    }
    all
}

fn distributions(fields: &Fields<'_>, findings: &mut Findings) -> Vec<Distribution> {
    let mut all: Vec<Distribution> =
        fields.objects("distribution", findings).iter().map(|fields| distribution(fields, findings)).collect();
    // Schema 1.0 had the addresses at the dataset itself, and many sources still do.
    let own = Distribution {
        access_url: fields.text("accessURL", findings).map(|text| findings.address(&fields.at("accessURL"), &text)),
        download_url: fields
            .text("downloadURL", findings)
            .map(|text| findings.address(&fields.at("downloadURL"), &text)),
        ..Distribution::default()
    };
    let repeated = all.iter().any(|it| {
        it.access_url == own.access_url && (own.download_url.is_none() || it.download_url == own.download_url)
            || own.access_url.is_some() && it.download_url == own.access_url
    });
    if (own.access_url.is_some() || own.download_url.is_some()) && !repeated {
        let address = own.download_url.as_deref().or(own.access_url.as_deref());
        all.push(Distribution { format: media::format_of(None, None, address), ..own });
    }
    all
}

fn distribution(fields: &Fields<'_>, findings: &mut Findings) -> Distribution {
    let address = |key: &str, findings: &mut Findings| {
        fields.text(key, findings).map(|text| findings.address(&fields.at(key), &text))
    };
    let access_url = address("accessURL", findings);
    let download_url = address("downloadURL", findings);
    let written_type = fields.text("mediaType", findings);
    let media_type = written_type.as_deref().and_then(media::media_type_of);
    if let (Some(written), None) = (&written_type, &media_type) {
        findings.warn(
            "media-type-invalid",
            fields.at("mediaType"),
            format!("“{}” is not a media type", shortened(written)),
        );
    }
    let format = fields.text("format", findings);
    let named = format.as_deref().or(if media_type.is_none() { written_type.as_deref() } else { None });
    let short = media::format_of(named, media_type.as_deref(), download_url.as_deref().or(access_url.as_deref()));
    let size = match fields.get("byteSize") {
        // Schema 3.0 has a text, many sources a number; both are fine.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => fields.text("byteSize", findings),
    };
    if access_url.is_none() && download_url.is_none() {
        findings.warn(
            "distribution-without-address",
            &fields.path,
            "the distribution has neither accessURL nor downloadURL",
        );
    }
    Distribution {
        iri: fields.text("@id", findings),
        title: in_languages(fields, "title", findings),
        description: in_languages(fields, "description", findings),
        access_url,
        download_url,
        media_type,
        format: short,
        compress_format: ["compressFormat", "packageFormat"]
            .iter()
            .find_map(|key| fields.text(key, findings))
            .and_then(|text| media::media_type_of(&text)),
        byte_size: size.and_then(|text| bytes(&text)),
        checksum: checksum(fields, findings),
        licence: licence(fields, findings),
        rights: localized_list(fields, "rights", findings),
        issued: date(fields, "issued", findings),
        modified: date(fields, "modified", findings),
        language: fields.texts("language", findings).iter().map(|text| LanguageTag::lenient(text)).collect(),
        conforms_to: concepts(fields, "conformsTo", findings),
        access_service: served_by(fields, findings),
        described_by: fields.text("describedBy", findings),
        availability: fields.text("availability", findings),
        page: addresses(fields, "page", findings),
        access_rights: concepts(fields, "accessRights", findings).into_iter().next(),
        representation_technique: concepts(fields, "representationTechnique", findings).into_iter().next(),
        character_encoding: fields.texts("characterEncoding", findings),
        spatial_resolution_metres: fields.texts("spatialResolutionInMeters", findings),
        temporal_resolution: fields.text("temporalResolution", findings),
        extra: fields.others(KNOWN_OF_DISTRIBUTION),
        ..Distribution::default()
    }
}

/// A size in bytes as sources write it: `42702`, `42702.0`.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let (whole, fraction) = text.split_once('.')?;
        fraction.bytes().all(|b| b == b'0').then(|| whole.parse().ok())?
    })
}

/// Where SPDX' checksum algorithms have their IRIs.
const SPDX_ALGORITHMS: &str = "http://spdx.org/rdf/terms#checksumAlgorithm_";

fn checksum(fields: &Fields<'_>, findings: &mut Findings) -> Option<Checksum> {
    let inner = fields.objects("checksum", findings).into_iter().next()?;
    let algorithm = inner.text("algorithm", findings).unwrap_or_default();
    Some(Checksum {
        algorithm: algorithm.strip_prefix(SPDX_ALGORITHMS).map_or_else(|| algorithm.clone(), str::to_owned),
        value: inner.text("checksumValue", findings)?,
    })
}

fn served_by(fields: &Fields<'_>, findings: &mut Findings) -> Vec<String> {
    let mut all = Vec::new();
    for (path, value) in fields.each("accessService") {
        match value {
            Value::String(text) => all.extend(nonblank(text).map(str::to_owned)),
            Value::Object(map) => {
                let inner = Fields { map, path };
                all.extend(inner.text("@id", findings).or_else(|| identifier(&inner, findings)));
            }
            _ => {}
        }
    }
    all
}

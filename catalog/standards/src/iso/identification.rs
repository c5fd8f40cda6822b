//! What the resource is called, when it was made, what it belongs to.

use fairground_domain::{Concept, DatasetDraft, LocalizedText, Relation};
use serde_json::Value;

use super::Record;
use super::words::{anchor, code, code_at, plain, tag};
use super::{code as codes, words};
use crate::check::{Findings, is_iri};
use crate::xml::Element;

/// The record's own identifier: `fileIdentifier`, or `metadataIdentifier` of ISO 19115-3.
pub(crate) fn file_identifier(root: &Element) -> Option<String> {
    let old = root.child("fileIdentifier").and_then(plain);
    old.or_else(|| root.text_at("metadataIdentifier/*/code")).or_else(|| root.attribute("uuid").map(str::to_owned))
}

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let Record { root, info, tongue } = record;
    identifiers(record, draft);
    draft.title = tongue.words_at(info, "citation/*/title");
    draft.description = tongue.words_at(info, "abstract");
    dates(info, draft, findings);
    let languages = info.all("language").into_iter().chain(info.all("defaultLocale/*/language"));
    draft.language = languages.filter_map(code).map(|it| tag(&it)).filter(|it| it.as_str() != "und").collect();
    draft.version = info.text_at("citation/*/edition");
    let maintenance = info.all("resourceMaintenance/*").into_iter().chain(root.all("metadataMaintenance/*"));
    draft.purpose = tongue.words_at(info, "purpose");
    draft.status = code_at(info, "status").map(Concept::label);
    draft.spatial_resolution_metres =
        info.all("spatialResolution/*/distance/*").into_iter().filter_map(metres).collect();
    draft.frequency = maintenance.filter_map(frequency).next();
    draft.in_series = root.child("parentIdentifier").and_then(plain).into_iter().collect();
    draft.in_series.extend(root.text_at("parentMetadata/*/identifier/*/code"));
    draft.relation = relations(info);
    conformity(record, draft);
    lineage(record, draft);
    others(record, draft);
}

/// The resource's own identifiers before the record's: an address before a bare code, since it names the resource worldwide.
fn identifiers(record: &Record<'_>, draft: &mut DatasetDraft) {
    let mut all: Vec<String> =
        record.info.all("citation/*/identifier/*").into_iter().filter_map(resource_identifier).collect();
    all.extend(record.root.child("dataSetURI").and_then(plain));
    let address = all.iter().position(|it| is_iri(it));
    if let Some(at) = address {
        all.swap(0, at);
        draft.iri = all.first().filter(|it| it.starts_with("http")).cloned();
    }
    all.extend(file_identifier(record.root));
    let mut all = all.into_iter();
    draft.identifier = all.next().unwrap_or_default();
    for other in all {
        if other != draft.identifier && !draft.other_identifier.contains(&other) {
            draft.other_identifier.push(other);
        }
    }
}

/// An identifier's code, with its namespace before it unless the code is an address already.
fn resource_identifier(identifier: &Element) -> Option<String> {
    let property = identifier.child("code")?;
    let code = anchor(property).or_else(|| plain(property))?;
    let space = identifier.text_at("codeSpace").filter(|it| !is_iri(&code) && !code.starts_with(it.as_str()));
    Some(match space {
        Some(space) if space.ends_with(['/', '#', '=', ':']) => format!("{space}{code}"),
        Some(space) if space.starts_with("urn:") => format!("{space}:{code}"),
        Some(space) => format!("{space}/{code}"),
        None => code,
    })
}

fn dates(info: &Element, draft: &mut DatasetDraft, findings: &mut Findings) {
    for date in info.all("citation/*/date/*") {
        let Some(text) = date.child("date").and_then(Element::text) else { continue };
        let text = findings.date("identificationInfo/citation/date", &text);
        match date.child("dateType").and_then(code).as_deref() {
            Some("publication" | "released") if draft.issued.is_none() => draft.issued = Some(text),
            Some("revision" | "lastRevision" | "lastUpdate") if draft.modified.is_none() => draft.modified = Some(text),
            Some("creation") if draft.created.is_none() => draft.created = Some(text),
            _ => {}
        }
    }
}

fn frequency(maintenance: &Element) -> Option<Concept> {
    let period = || {
        let own = maintenance.text_at("userDefinedMaintenanceFrequency/*");
        own.filter(|it| it.starts_with('P')).map(|it| Concept::label(format!("R/{it}")))
    };
    let Some(code) = maintenance.child("maintenanceAndUpdateFrequency").and_then(code) else { return period() };
    codes::frequency(&code).map(Concept::iri).or_else(period).or_else(|| Some(Concept::label(code)))
}

fn relations(info: &Element) -> Vec<Relation> {
    let old = info.all("aggregationInfo/*").into_iter();
    let mut all = Vec::new();
    for related in old.chain(info.all("associatedResource/*")) {
        let paths = ["aggregateDataSetIdentifier/*", "aggregateDataSetName/*/identifier/*", "name/*/identifier/*"];
        let named = paths.iter().flat_map(|path| related.all(path)).find_map(resource_identifier);
        let target = named.or_else(|| related.attribute("uuidref").map(str::to_owned));
        let target = target.or_else(|| related.child("metadataReference").and_then(anchor));
        let property = match related.child("associationType").and_then(code).as_deref() {
            Some("largerWorkCitation" | "partOfSeamlessDatabase" | "isComposedOf") => "dct:isPartOf",
            Some("source") => "dct:source",
            Some("revisionOf") => "dct:isVersionOf",
            Some("dependency") => "dct:requires",
            _ => "dct:relation",
        };
        all.extend(target.map(|target| Relation { property: property.to_owned(), target }));
    }
    all
}

/// Reference systems, and the specifications that a test says the data conform to.
fn conformity(record: &Record<'_>, draft: &mut DatasetDraft) {
    for system in record.root.all("referenceSystemInfo/*/referenceSystemIdentifier/*") {
        let Some(property) = system.child("code") else { continue };
        let label = record.tongue.words(property);
        let code = anchor(property).or_else(|| plain(property)).unwrap_or_default();
        let iri = codes::reference_system(&code, system.text_at("codeSpace").as_deref());
        if iri.is_some() || !label.is_empty() {
            draft.conforms_to.push(Concept { iri, label });
        }
    }
    for result in record.root.all("dataQualityInfo/*/report/*/result/*") {
        let passed = result.text_at("pass").is_some_and(|it| matches!(it.as_str(), "true" | "1"));
        let Some(title) = result.find("specification/*/title").filter(|_| passed) else { continue };
        let standard = Concept { iri: anchor(title), label: record.tongue.words(title) };
        if standard != Concept::default() && !draft.conforms_to.contains(&standard) {
            draft.conforms_to.push(standard);
        }
    }
}

fn lineage(record: &Record<'_>, draft: &mut DatasetDraft) {
    for path in ["dataQualityInfo/*/lineage/*/statement", "resourceLineage/*/statement"] {
        let statements = record.root.all(path).into_iter().map(|it| record.tongue.words(it));
        draft.provenance.extend(statements.filter(|it| !it.is_empty()));
    }
}

/// What DCAT has no home for, under ISO's own names.
fn others(record: &Record<'_>, draft: &mut DatasetDraft) {
    let Record { root, info, tongue } = record;
    let extra = &mut draft.extra;
    let in_metres = !draft.spatial_resolution_metres.is_empty();
    let mut keep = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value);
        }
    };
    let words = |path: &str| localized(&tongue.words_at(info, path));
    keep("supplementalInformation", words("supplementalInformation"));
    keep("credit", words("credit"));
    keep("alternateTitle", words("citation/*/alternateTitle"));
    keep("collectiveTitle", words("citation/*/collectiveTitle"));
    let code = |element: &Element, path: &str| code_at(element, path).map(Value::String);
    keep("hierarchyLevel", code(root, "hierarchyLevel").or_else(|| code(root, "metadataScope/*/resourceScope")));
    keep("spatialRepresentationType", list(info.all("spatialRepresentationType").into_iter().filter_map(words::code)));
    let text = |path: &str| info.text_at(path).map(Value::String);
    keep("equivalentScale", text("spatialResolution/*/equivalentScale/*/denominator"));
    keep("spatialResolution", distance(info).filter(|_| !in_metres));
    keep("dateStamp", root.child("dateStamp").and_then(Element::text).or_else(|| stamped(root)).map(Value::String));
    let pictures = info.all("graphicOverview/*/fileName").into_iter().filter_map(plain).filter(|it| is_iri(it));
    keep("foaf:depiction", list(pictures));
}

fn list(texts: impl Iterator<Item = String>) -> Option<Value> {
    let all: Vec<Value> = texts.map(Value::String).collect();
    (!all.is_empty()).then_some(Value::Array(all))
}

fn localized(words: &LocalizedText) -> Option<Value> {
    if words.is_empty() { None } else { serde_json::to_value(words).ok() }
}

/// A distance that is given in metres.
fn metres(distance: &Element) -> Option<String> {
    let number = distance.own_text().filter(|it| it.parse::<f64>().is_ok_and(f64::is_finite))?;
    let unit = distance.attribute("uom")?.rsplit(['#', '/', ':']).next()?.to_ascii_lowercase();
    matches!(unit.as_str(), "m" | "9001" | "metre" | "metres" | "meter" | "meters").then_some(number)
}

/// `30 ft`: a distance with its unit.
fn distance(info: &Element) -> Option<Value> {
    let distance = info.find("spatialResolution/*/distance/*")?;
    let number = distance.own_text()?;
    let unit = distance.attribute("uom").map(|it| it.rsplit(['#', '/', ':']).next().unwrap_or(it)).unwrap_or_default();
    Some(Value::String(format!("{number} {unit}").trim().to_owned()))
}

/// ISO 19115-3: the last of the record's own dates.
fn stamped(root: &Element) -> Option<String> {
    root.all("dateInfo/*/date").into_iter().filter_map(Element::text).max()
}

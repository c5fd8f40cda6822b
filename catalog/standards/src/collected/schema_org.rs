//! schema.org `Dataset` in JSON-LD, and Croissant 1.0 and 1.1, which describes data sets for machine learning on top of it.
//!
//! JSON-LD is read here as what publishers of schema.org write: terms of one vocabulary, with or without a prefix. No context is
//! loaded. An envelope's document is one `Dataset` node, prefixes removed, with the nodes of the same document that it refers to
//! written into it. Beside it: `nth`, its place among the page's datasets.

use fairground_domain::{
    Agent, Checksum, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText, Location,
    PeriodOfTime, Relation,
};
use serde_json::{Map, Value};

use super::{Envelope, Opened, Target, html, json, not_a, point, resolve};
use crate::check::{Findings, is_address, is_iri};
use crate::dcat_us;
use crate::document::{Decoded, RawRecord};
use crate::error::ReadError;
use crate::json::nodes::Nodes;
use crate::json::record::{Fields, nonblank};
use crate::media;

/// Datasets that one document may describe.
pub const MAX_DATASETS: usize = 10_000;
/// How deep a document is looked through for datasets.
const DEEPEST: usize = 64;

/// The datasets of a JSON-LD document.
///
/// # Errors
/// When it is no JSON, or holds no `Dataset` of schema.org.
pub fn datasets(bytes: &[u8], at: &str) -> Result<Vec<Envelope>, ReadError> {
    let found = nodes(json(bytes)?, at);
    if found.is_empty() { Err(not_a("there is no `Dataset` of schema.org in the JSON-LD")) } else { Ok(found) }
}

/// The datasets that a web page describes in JSON-LD, and how many of its blocks could not be read.
#[must_use]
pub fn of_page(page: &str, at: &str) -> (Vec<Envelope>, usize) {
    let (mut all, mut broken) = (Vec::new(), 0);
    for block in html::json_ld_blocks(page) {
        match json(block.as_bytes()) {
            Ok(value) => all.extend(nodes(value, at)),
            Err(_) => broken += 1,
        }
    }
    for (nth, envelope) in all.iter_mut().enumerate() {
        envelope.beside.insert("nth".to_owned(), nth.into());
    }
    (all, broken)
}

/// Whether the beginning of a JSON-LD context names schema.org as the vocabulary.
pub(crate) fn is_schema_org(context: &str) -> bool {
    let context = context.trim_start_matches(['[', '"', ' ', '\n', '\t', '\r']);
    let is_vocabulary = |text: &str| {
        ["http://schema.org", "https://schema.org", "http://www.schema.org", "https://www.schema.org"]
            .iter()
            .any(|it| text.starts_with(it))
    };
    let vocab =
        context.split_once("\"@vocab\"").map(|(_, after)| after.trim_start_matches([':', ' ', '"', '\n', '\t', '\r']));
    is_vocabulary(context) || vocab.is_some_and(is_vocabulary)
}

fn nodes(value: Value, at: &str) -> Vec<Envelope> {
    let value = plain_terms(value, 0);
    // A dataset that another one mentions stays a mention.
    let nodes = Nodes::of(&value, |node| !has_type(node, "Dataset"), &[]);
    let mut found = Vec::new();
    collect(&value, &mut found, 0);
    found.into_iter().enumerate().map(|(nth, node)| Envelope::new(at, nodes.linked(node)).with("nth", nth)).collect()
}

/// Keys and types without the prefix or namespace of schema.org.
fn plain_terms(value: Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter(|(key, _)| depth > 0 || key != "@context")
                .map(|(key, value)| {
                    let value = if key == "@type" { plain_types(value) } else { plain_terms(value, depth + 1) };
                    (plain_term(&key).to_owned(), value)
                })
                .collect(),
        ),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| plain_terms(item, depth + usize::from(depth > 0))).collect())
        }
        other => other,
    }
}

fn plain_types(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(plain_term(&text).to_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(plain_types).collect()),
        other => other,
    }
}

fn plain_term(term: &str) -> &str {
    ["schema:", "sc:", "sdo:", "so:", "http://schema.org/", "https://schema.org/"]
        .iter()
        .find_map(|prefix| term.strip_prefix(prefix))
        .unwrap_or(term)
}

fn has_type(map: &Map<String, Value>, wanted: &str) -> bool {
    match map.get("@type") {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Array(all)) => all.iter().any(|it| it.as_str() == Some(wanted)),
        _ => false,
    }
}

/// The datasets, wherever they stand; those inside a dataset are its parts and not looked for.
fn collect<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>, depth: usize) {
    if found.len() >= MAX_DATASETS || depth > DEEPEST {
        return;
    }
    match value {
        // A mere mention says no more than which one is meant.
        Value::Object(map) if has_type(map, "Dataset") => {
            let says_more = map.keys().any(|key| !key.starts_with('@') && key != "url");
            found.extend(says_more.then_some(map));
        }
        Value::Object(map) => map.values().for_each(|inner| collect(inner, found, depth + 1)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found, depth + 1)),
        _ => {}
    }
}

/// Keys that have a home in the draft.
const KNOWN: &[&str] = &[
    "@id",
    "@type",
    "name",
    "headline",
    "alternateName",
    "description",
    "publisher",
    "provider",
    "creator",
    "author",
    "contactPoint",
    "keywords",
    "about",
    "license",
    "conditionsOfAccess",
    "usageInfo",
    "isAccessibleForFree",
    "datePublished",
    "dateModified",
    "dateCreated",
    "inLanguage",
    "temporalCoverage",
    "spatialCoverage",
    "url",
    "sameAs",
    "identifier",
    "version",
    "distribution",
    "isBasedOn",
    "citation",
    "isPartOf",
    "includedInDataCatalog",
    "conformsTo",
    "@context",
];

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, draft)
}

fn draft(envelope: &Opened<'_>, findings: &mut Findings) -> DatasetDraft {
    let fields = Fields::root(envelope.document);
    let iri = fields.text("@id", findings).filter(|text| is_iri(text));
    let own: Vec<String> = identifiers(&fields, "identifier");
    let mut title = fields.localized("name", findings);
    if title.is_empty() {
        title = fields.localized("headline", findings);
    }
    let urls = addresses(envelope.at, &fields, "url", findings);
    let publisher =
        agents(&fields, "publisher", findings).into_iter().chain(agents(&fields, "provider", findings)).next();
    let mut creator = agents(&fields, "creator", findings);
    if creator.is_empty() {
        creator = agents(&fields, "author", findings);
    }
    let (keyword, theme) = keywords(&fields, findings);
    let mut draft = DatasetDraft {
        identifier: iri.clone().or_else(|| own.first().cloned()).or_else(|| urls.first().cloned()).unwrap_or_default(),
        iri,
        title,
        description: fields.localized("description", findings),
        contact_point: contacts(&fields, findings),
        publisher,
        creator,
        keyword,
        theme,
        licence: licence(&fields, findings),
        access_rights: access(&fields, findings),
        issued: date(&fields, &["datePublished", "dateCreated"], findings),
        modified: date(&fields, &["dateModified"], findings),
        language: languages(&fields),
        temporal: periods(&fields, findings),
        spatial: places(&fields, findings),
        landing_page: urls,
        version: fields.text("version", findings),
        other_identifier: own,
        conforms_to: fields.texts("conformsTo", findings).iter().map(|text| dcat_us::concept(text)).collect(),
        distribution: distributions(envelope.at, &fields, findings),
        extra: fields.others(KNOWN),
        ..DatasetDraft::default()
    };
    draft.other_identifier.extend(identifiers(&fields, "sameAs"));
    draft.other_identifier.retain(|other| *other != draft.identifier);
    for (key, property) in
        [("isBasedOn", "dct:source"), ("citation", "dct:isReferencedBy"), ("isPartOf", "dct:isPartOf")]
    {
        let targets = identifiers(&fields, key).into_iter().filter(|target| is_iri(target));
        draft.relation.extend(targets.map(|target| Relation { property: property.to_owned(), target }));
    }
    if draft.identifier.is_empty() && !envelope.at.is_empty() {
        // The page is all that names it.
        let nth = envelope.beside.get("nth").and_then(Value::as_u64).unwrap_or(0);
        draft.identifier = if nth == 0 { envelope.at.to_owned() } else { format!("{}#{nth}", envelope.at) };
    }
    if draft.landing_page.is_empty() && is_address(envelope.at) {
        draft.landing_page.push(envelope.at.to_owned());
    }
    draft
}

/// Texts, IRIs, and the values of `PropertyValue`.
fn identifiers(fields: &Fields<'_>, key: &str) -> Vec<String> {
    let of = |value: &Value| match value {
        Value::String(text) => nonblank(text).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(map) => ["url", "value", "@id", "@value"]
            .iter()
            .find_map(|key| map.get(*key)?.as_str().and_then(nonblank))
            .map(str::to_owned),
        _ => None,
    };
    fields.each(key).into_iter().filter_map(|(_, value)| of(value)).collect()
}

fn addresses(at: &str, fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<String> {
    let mut all = Vec::new();
    for text in identifiers(fields, key) {
        match resolve(at, &text) {
            Target::Web(url) => all.push(url),
            Target::Within(_) => {}
            Target::Unclear(text) => all.push(findings.address(&fields.at(key), &text)),
        }
    }
    all
}

/// Organisations and people; `@list` and roles are looked into.
fn agents(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Vec<Agent> {
    let mut all = Vec::new();
    for (path, value) in fields.each(key) {
        match value {
            Value::String(name) => {
                all.extend(
                    nonblank(name).map(|name| Agent { name: LocalizedText::undetermined(name), ..Agent::default() }),
                );
            }
            Value::Object(map) => {
                let inner = Fields { map, path };
                if map.contains_key("@list") {
                    all.extend(agents(&inner, "@list", findings));
                    continue;
                }
                if has_type(map, "Role") {
                    all.extend(agents(&inner, key, findings));
                    continue;
                }
                let mut name = inner.localized("name", findings);
                if name.is_empty() {
                    name = inner.localized("legalName", findings);
                }
                if name.is_empty() {
                    let parts = ["givenName", "familyName"].map(|key| inner.text(key, findings).unwrap_or_default());
                    name = LocalizedText::undetermined(parts.join(" ").trim());
                }
                let agent = Agent {
                    iri: inner.text("@id", findings).filter(|text| is_iri(text)),
                    name,
                    homepage: inner.text("url", findings),
                    email: inner.text("email", findings).and_then(|text| findings.email(&inner.at("email"), &text)),
                    ..Agent::default()
                };
                if !agent.name.is_empty() || agent.iri.is_some() {
                    all.push(agent);
                }
            }
            _ => {}
        }
    }
    all
}

/// `contactPoint` of the dataset, else of its publisher or creator.
fn contacts(fields: &Fields<'_>, findings: &mut Findings) -> Vec<ContactPoint> {
    let mut points = fields.objects("contactPoint", findings);
    for key in ["publisher", "provider", "creator"] {
        for (path, value) in fields.each(key) {
            if let Value::Object(map) = value
                && points.is_empty()
            {
                let owner = Fields { map, path };
                points = owner
                    .each("contactPoint")
                    .into_iter()
                    .filter_map(|(path, value)| Some(Fields { map: value.as_object()?, path }))
                    .collect();
            }
        }
    }
    let mut all = Vec::new();
    for point in points {
        let mut name = point.localized("name", findings);
        if name.is_empty() {
            name = point.localized("contactType", findings);
        }
        let contact = ContactPoint {
            name,
            email: point.text("email", findings).and_then(|text| findings.email(&point.at("email"), &text)),
            telephone: point.text("telephone", findings).map(|text| text.trim_start_matches("tel:").to_owned()),
            url: point.text("url", findings).filter(|text| is_address(text)),
        };
        if contact.email.is_some() || contact.telephone.is_some() || contact.url.is_some() {
            all.push(contact);
        }
    }
    all
}

/// Words, or terms of a vocabulary, which become themes.
fn keywords(fields: &Fields<'_>, findings: &mut Findings) -> (Vec<(LanguageTag, String)>, Vec<Concept>) {
    let (mut words, mut themes) = (Vec::new(), Vec::new());
    let values: Vec<_> = fields.each("keywords").into_iter().chain(fields.each("about")).collect();
    let alone = values.len() == 1;
    for (path, value) in values {
        match value {
            Value::String(text) if is_iri(text) => themes.push(Concept::iri(text.trim())),
            // One text of several words between commas is a list.
            Value::String(text) => {
                let parts: Vec<&str> =
                    if alone || text.contains(';') { text.split([',', ';']).collect() } else { vec![text.as_str()] };
                words.extend(
                    parts.into_iter().filter_map(nonblank).map(|word| (LanguageTag::undetermined(), word.to_owned())),
                );
            }
            Value::Object(map) if map.contains_key("@value") => {
                let language = map
                    .get("@language")
                    .and_then(Value::as_str)
                    .map_or_else(LanguageTag::undetermined, LanguageTag::lenient);
                let text = map.get("@value").and_then(Value::as_str).and_then(nonblank);
                words.extend(text.map(|text| (language, text.to_owned())));
            }
            Value::Object(map) => {
                let inner = Fields { map, path };
                let label = inner.localized("name", findings);
                let iri = ["@id", "url"].iter().find_map(|key| inner.text(key, findings)).filter(|text| is_iri(text));
                match iri {
                    Some(iri) => themes.push(Concept { iri: Some(iri), label }),
                    None => words.extend(label.iter().map(|(language, text)| (language.clone(), text.to_owned()))),
                }
            }
            _ => {}
        }
    }
    (words, themes)
}

fn licence(fields: &Fields<'_>, findings: &mut Findings) -> Option<Licence> {
    let (path, value) = fields.each("license").into_iter().next()?;
    match value {
        Value::Object(map) => {
            let inner = Fields { map, path };
            let iri = ["url", "@id"].iter().find_map(|key| inner.text(key, findings)).filter(|text| is_iri(text));
            let licence = Licence { iri, title: inner.localized("name", findings) };
            Some(licence).filter(|licence| *licence != Licence::default())
        }
        value => {
            let licence = dcat_us::licence_of(value.as_str()?)?;
            if licence.iri.is_none() {
                findings.warn("licence-not-an-address", path, "the licence is not an address");
            }
            Some(licence)
        }
    }
}

fn access(fields: &Fields<'_>, findings: &mut Findings) -> Option<Concept> {
    if let Some(text) = fields.text("conditionsOfAccess", findings) {
        return Some(dcat_us::concept(&text));
    }
    (fields.get("isAccessibleForFree")?.as_bool()?).then(|| Concept::label("public"))
}

fn date(fields: &Fields<'_>, keys: &[&str], findings: &mut Findings) -> Option<String> {
    for key in keys {
        let Some(value) = fields.get(key) else { continue };
        let text = value.as_str().or_else(|| value.get("@value").and_then(Value::as_str)).and_then(nonblank);
        if let Some(text) = text {
            return Some(findings.date(&fields.at(key), text));
        }
    }
    None
}

fn languages(fields: &Fields<'_>) -> Vec<LanguageTag> {
    let of = |value: &Value| match value {
        Value::String(text) => Some(LanguageTag::lenient(text)),
        Value::Object(map) => {
            let text = ["alternateName", "identifier", "name"].iter().find_map(|key| map.get(*key)?.as_str())?;
            Some(LanguageTag::lenient(text))
        }
        _ => None,
    };
    let all = fields.each("inLanguage").into_iter().filter_map(|(_, value)| of(value));
    all.filter(|tag| *tag != LanguageTag::undetermined()).collect()
}

fn periods(fields: &Fields<'_>, findings: &mut Findings) -> Vec<PeriodOfTime> {
    let mut all = Vec::new();
    for (path, value) in fields.each("temporalCoverage") {
        match value {
            Value::String(text) if is_iri(text) => {}
            Value::String(text) => all.extend(dcat_us::period(text)),
            Value::Object(map) => {
                let inner = Fields { map, path };
                let bound = |key: &str, findings: &mut Findings| inner.get(key).and_then(|_| inner.text(key, findings));
                let period = PeriodOfTime { start: bound("startDate", findings), end: bound("endDate", findings) };
                if period != PeriodOfTime::default() {
                    all.push(period);
                }
            }
            _ => {}
        }
    }
    all
}

fn places(fields: &Fields<'_>, findings: &mut Findings) -> Vec<Location> {
    let mut all = Vec::new();
    for (path, value) in fields.each("spatialCoverage") {
        match value {
            Value::String(text) => all.extend(findings.location(&path, text)),
            Value::Object(map) => {
                let inner = Fields { map, path };
                let iri = inner.text("@id", findings).filter(|text| is_iri(text));
                let label = inner.localized("name", findings);
                let mut shapes: Vec<Location> =
                    inner.objects("geo", findings).iter().filter_map(|geo| shape(geo, findings)).collect();
                // A shape in place of the place.
                shapes.extend(shape(&inner, findings));
                if shapes.is_empty() {
                    shapes.push(Location::default());
                }
                for (nth, mut shape) in shapes.into_iter().enumerate() {
                    if nth == 0 {
                        (shape.iri, shape.label) = (iri.clone(), label.clone());
                    }
                    if shape != Location::default() {
                        all.push(shape);
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// `GeoShape` (latitude before longitude) or `GeoCoordinates`.
fn shape(geo: &Fields<'_>, findings: &mut Findings) -> Option<Location> {
    let numbers = |text: &str| -> Vec<f64> {
        text.split([',', ' ', '\n', '\t']).filter(|it| !it.is_empty()).filter_map(|it| it.parse().ok()).collect()
    };
    let number = |key: &str| {
        let value = geo.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    if let (Some(lat), Some(lon)) = (number("latitude"), number("longitude")) {
        return findings.location(&geo.path, &format!("{lon},{lat}"));
    }
    for key in ["box", "polygon", "line"] {
        let Some(text) = geo.get(key).and_then(Value::as_str) else { continue };
        let flat = numbers(text);
        let points: Vec<(f64, f64)> =
            flat.chunks_exact(2).filter_map(|pair| Some((*pair.get(1)?, *pair.first()?))).collect();
        let text = match (key, points.as_slice()) {
            ("box", [(a, b), (c, d)]) => format!("{},{},{},{}", a.min(*c), b.min(*d), a.max(*c), b.max(*d)),
            ("box", _) => continue,
            _ => {
                let list: Vec<String> = points.iter().map(|(lon, lat)| format!("{lon} {lat}")).collect();
                if key == "polygon" {
                    format!("POLYGON(({}))", list.join(", "))
                } else {
                    format!("LINESTRING({})", list.join(", "))
                }
            }
        };
        return findings.location(&geo.at(key), &text);
    }
    let circle = geo.get("circle").and_then(Value::as_str).map(numbers);
    match circle.as_deref() {
        Some([lat, lon, ..]) => findings.location(&geo.at("circle"), &format!("{lon},{lat}")),
        _ => None,
    }
}

fn distributions(at: &str, fields: &Fields<'_>, findings: &mut Findings) -> Vec<Distribution> {
    let mut all = Vec::new();
    for (path, value) in fields.each("distribution") {
        match value {
            Value::String(text) => {
                let mut one = Distribution::default();
                point(&mut one, resolve(at, text), &path, findings);
                all.push(one);
            }
            // Croissant: a set of files inside another one has no address of its own.
            Value::Object(map) if !has_type(map, "cr:FileSet") && !has_type(map, "FileSet") => {
                all.push(distribution(at, &Fields { map, path }, findings));
            }
            _ => {}
        }
    }
    all
}

fn distribution(at: &str, fields: &Fields<'_>, findings: &mut Findings) -> Distribution {
    let written =
        fields.each("encodingFormat").into_iter().chain(fields.each("fileFormat")).filter_map(|(_, it)| it.as_str());
    let written: Vec<&str> = written.filter_map(nonblank).collect();
    let media_type = written.iter().find_map(|text| media::media_type_of(text));
    let content = fields.text("contentUrl", findings);
    let named = written.iter().find(|text| !text.contains('/')).copied();
    let mut one = Distribution {
        iri: fields.text("@id", findings).filter(|text| is_iri(text)),
        title: fields.localized("name", findings),
        description: fields.localized("description", findings),
        format: media::format_of(named, media_type.as_deref(), content.as_deref()),
        media_type,
        byte_size: fields.get("contentSize").and_then(size),
        checksum: checksum(fields, findings),
        licence: licence(fields, findings),
        issued: date(fields, &["datePublished"], findings),
        modified: date(fields, &["dateModified"], findings),
        language: languages(fields),
        ..Distribution::default()
    };
    match &content {
        Some(content) => point(&mut one, resolve(at, content), &fields.at("contentUrl"), findings),
        None => match fields.text("url", findings).map(|url| resolve(at, &url)) {
            Some(Target::Web(url)) => one.access_url = Some(url),
            Some(other) => point(&mut one, other, &fields.at("url"), findings),
            None => findings.warn(
                "distribution-without-address",
                &fields.path,
                "the distribution has neither contentUrl nor url",
            ),
        },
    }
    one
}

/// `contentSize` as people write it: `42702`, `42702 B`, `1.5 MB` (powers of 1000), `3 KiB` (of 1024).
fn size(value: &Value) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let text = value.as_str()?.trim().replace(',', "");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => 1,
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let (whole, fraction) = number.split_once('.')?;
    let digits: String = fraction.chars().take(3).collect();
    let scale = 10_u64.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    whole.checked_mul(factor)?.checked_add(part.checked_mul(factor)? / scale)
}

fn checksum(fields: &Fields<'_>, findings: &mut Findings) -> Option<Checksum> {
    ["sha256", "md5"].iter().find_map(|algorithm| {
        let value = fields.text(algorithm, findings)?;
        value.bytes().all(|b| b.is_ascii_hexdigit()).then(|| Checksum { algorithm: (*algorithm).to_owned(), value })
    })
}

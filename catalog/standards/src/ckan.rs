//! CKAN packages as the Action API (version 3) gives them.

use std::collections::BTreeMap;

use fairground_domain::{
    Agent, Checksum, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText,
    PeriodOfTime, Relation,
};
use serde_json::Value;

use crate::check::{Findings, is_address, is_iri};
use crate::dcat_us::{bytes, concept, finish};
use crate::document::{Decoded, RawRecord};
use crate::json::record::{self, Fields, nonblank};
use crate::media;

/// Keys of a package that have a home in the draft, or that only mirror the portal's own bookkeeping.
const KNOWN: &[&str] = &[
    "author",
    "author_email",
    "creator_user_id",
    "extras",
    "groups",
    "id",
    "isopen",
    "language",
    "license_id",
    "license_title",
    "license_url",
    "maintainer",
    "maintainer_email",
    "metadata_created",
    "metadata_modified",
    "name",
    "notes",
    "notes_translated",
    "num_resources",
    "num_tags",
    "organization",
    "owner_org",
    "private",
    "relationships_as_object",
    "relationships_as_subject",
    "resources",
    "revision_id",
    "revision_timestamp",
    "state",
    "tags",
    "title",
    "title_translated",
    "tracking_summary",
    "type",
    "url",
    "version",
    "spatial",
    "theme",
    "issued",
    "modified",
    "frequency",
    "conforms_to",
    "temporal_start",
    "temporal_end",
    "identifier",
    "contact_name",
    "contact_email",
    "contact_uri",
    "publisher_name",
    "publisher_uri",
    "publisher_email",
    "publisher_url",
    "access_rights",
    "provenance",
    "version_notes",
    "documentation",
    "alternate_identifier",
    "uri",
    "applicable_legislation",
    "hvd_category",
    "spatial_uri",
    "keywords_translated",
    "is_version_of",
    "source",
    "has_version",
];

/// Keys of a resource that have a home in the draft, or that only mirror bookkeeping.
const KNOWN_OF_RESOURCE: &[&str] = &[
    "cache_last_updated",
    "cache_url",
    "created",
    "datastore_active",
    "description",
    "description_translated",
    "download_url",
    "format",
    "hash",
    "hash_algorithm",
    "id",
    "last_modified",
    "license",
    "metadata_modified",
    "mimetype",
    "mimetype_inner",
    "name",
    "name_translated",
    "package_id",
    "position",
    "resource_group_id",
    "revision_id",
    "revision_timestamp",
    "size",
    "state",
    "title",
    "tracking_summary",
    "url",
    "url_type",
    "uri",
    "access_url",
    "issued",
    "modified",
    "rights",
    "availability",
    "webstore_last_updated",
    "webstore_url",
    "resource_type",
    "datastore_contains_all_records_of_source_file",
    "ckan_url",
    "language",
    "byte_size",
    "ckan_url",
];

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    let mut findings = Findings::default();
    let map = record::parse(raw, &mut findings);
    let draft = map.as_ref().map(|map| package(&Fields::root(map), &mut findings));
    finish(raw, draft, findings)
}

/// A package's fields and its `extras` under one roof.
struct Package<'a, 'f> {
    fields: &'f Fields<'a>,
    extras: BTreeMap<String, String>,
}

impl Package<'_, '_> {
    /// A text from the package itself, else from its extras, where it is taken out.
    fn text(&mut self, key: &str, findings: &mut Findings) -> Option<String> {
        let own = self.fields.text(key, findings);
        let extra = self.extras.remove(key);
        own.or_else(|| extra.as_deref().and_then(nonblank).map(str::to_owned))
    }

    /// Several texts: a list, a JSON list in a text (as form plugins store it), or one text.
    fn texts(&mut self, key: &str, findings: &mut Findings) -> Vec<String> {
        let mut all = match self.fields.get(key) {
            Some(Value::Array(_)) => self.fields.texts(key, findings),
            _ => Vec::new(),
        };
        if all.is_empty()
            && let Some(text) = self.text(key, findings)
        {
            match serde_json::from_str::<Vec<String>>(&text) {
                Ok(list) => all = list,
                Err(_) => all.push(text),
            }
        }
        self.extras.remove(key);
        all.retain(|text| !text.trim().is_empty());
        all
    }
}

fn package(fields: &Fields<'_>, findings: &mut Findings) -> DatasetDraft {
    let mut package = Package { fields, extras: extras(fields, findings) };
    if fields.text("state", findings).is_some_and(|state| state == "deleted") {
        findings.refuse("state-deleted", "/state", "the portal lists the package as deleted");
    }
    let mut draft = DatasetDraft {
        identifier: fields.text("id", findings).or_else(|| fields.text("name", findings)).unwrap_or_default(),
        iri: package.text("uri", findings).filter(|text| is_iri(text)),
        title: translated(fields, "title", findings),
        description: translated(fields, "notes", findings),
        publisher: publisher(&mut package, findings),
        creator: creator(fields, findings),
        contact_point: contact(&mut package, findings),
        keyword: tags(fields),
        theme: themes(&mut package, findings),
        licence: licence(fields, findings),
        access_rights: package.text("access_rights", findings).map(|text| concept(&text)),
        language: package.texts("language", findings).iter().map(|text| LanguageTag::lenient(text)).collect(),
        frequency: package.text("frequency", findings).map(|text| concept(&text)),
        spatial: spatial(&mut package, findings),
        version: fields.text("version", findings),
        ..DatasetDraft::default()
    };
    if draft.title.is_empty()
        && let Some(name) = fields.text("name", findings)
    {
        findings.warn("title-from-name", "/title", "the package has no title; its name is taken");
        draft.title = LocalizedText::undetermined(name);
    }
    dates(&mut package, &mut draft, findings);
    details(&mut package, &mut draft, findings);
    draft.distribution = fields.objects("resources", findings).iter().map(|it| resource(it, findings)).collect();
    draft.extra = fields.others(KNOWN);
    let left = package.extras.into_iter().filter(|(_, value)| !value.is_empty());
    draft.extra.extend(left.map(|(key, value)| (key, Value::String(value))));
    draft
}

/// `extras`: a list of key and value, or an old plain object.
fn extras(fields: &Fields<'_>, findings: &mut Findings) -> BTreeMap<String, String> {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    if let Some(Value::Object(map)) = fields.get("extras") {
        return map.iter().map(|(key, value)| (key.clone(), plain(value))).collect();
    }
    let list = fields.objects("extras", findings);
    list.iter().filter_map(|it| Some((it.text("key", findings)?, plain(it.get("value")?)))).collect()
}

/// `title` with `title_translated` beside it.
fn translated(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> LocalizedText {
    let mut text = match fields.get(&format!("{key}_translated")) {
        Some(Value::Object(_)) => fields.localized(&format!("{key}_translated"), findings),
        _ => LocalizedText::default(),
    };
    if text.is_empty() {
        text = fields.localized(key, findings);
    }
    text
}

fn publisher(package: &mut Package<'_, '_>, findings: &mut Findings) -> Option<Agent> {
    let named = Agent {
        iri: package.text("publisher_uri", findings).filter(|text| is_iri(text)),
        name: package.text("publisher_name", findings).map(LocalizedText::undetermined).unwrap_or_default(),
        homepage: package.text("publisher_url", findings),
        email: package.text("publisher_email", findings).and_then(|text| findings.email("/publisher_email", &text)),
        ..Agent::default()
    };
    if !named.name.is_empty() {
        return Some(named);
    }
    let organization = package.fields.objects("organization", findings).into_iter().next()?;
    let name = ["title_translated", "title", "display_name", "name"]
        .iter()
        .map(|key| organization.localized(key, findings))
        .find(|name| !name.is_empty())?;
    Some(Agent { iri: named.iri, name, ..Agent::default() })
}

fn creator(fields: &Fields<'_>, findings: &mut Findings) -> Vec<Agent> {
    let Some(name) = fields.text("author", findings) else { return Vec::new() };
    let email = fields.text("author_email", findings).and_then(|text| findings.email("/author_email", &text));
    vec![Agent { name: LocalizedText::undetermined(name), email, ..Agent::default() }]
}

/// The contact of the DCAT extras, else the maintainer, else the author's address.
fn contact(package: &mut Package<'_, '_>, findings: &mut Findings) -> Vec<ContactPoint> {
    let contact_name = package.text("contact_name", findings);
    let contact_email = package.text("contact_email", findings);
    let url = package.text("contact_uri", findings).filter(|text| is_address(text));
    let fields = package.fields;
    let name = contact_name.or_else(|| fields.text("maintainer", findings)).or_else(|| fields.text("author", findings));
    let email = [contact_email, fields.text("maintainer_email", findings), fields.text("author_email", findings)]
        .into_iter()
        .flatten()
        .find_map(|text| findings.email("/maintainer_email", &text));
    let contact =
        ContactPoint { name: name.map(LocalizedText::undetermined).unwrap_or_default(), email, url, telephone: None };
    if contact == ContactPoint::default() { Vec::new() } else { vec![contact] }
}

fn tags(fields: &Fields<'_>) -> Vec<(LanguageTag, String)> {
    let mut all = Vec::new();
    for (_, value) in fields.each("tags") {
        let text = match value {
            Value::Object(tag) => {
                if tag.get("state").and_then(Value::as_str) == Some("deleted") {
                    continue;
                }
                tag.get("display_name").or_else(|| tag.get("name")).and_then(Value::as_str)
            }
            other => other.as_str(),
        };
        all.extend(text.and_then(nonblank).map(|text| (LanguageTag::undetermined(), text.to_owned())));
    }
    if let Some(Value::Object(languages)) = fields.get("keywords_translated") {
        for (language, words) in languages {
            let words = words.as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(nonblank);
            all.extend(words.map(|word| (LanguageTag::lenient(language), word.to_owned())));
        }
    }
    all
}

fn themes(package: &mut Package<'_, '_>, findings: &mut Findings) -> Vec<Concept> {
    let mut all: Vec<Concept> = package.texts("theme", findings).iter().map(|text| concept(text)).collect();
    for group in package.fields.objects("groups", findings) {
        let label = ["title", "display_name", "name"]
            .iter()
            .map(|key| group.localized(key, findings))
            .find(|it| !it.is_empty());
        all.extend(label.map(|label| Concept { iri: None, label }));
    }
    all
}

fn licence(fields: &Fields<'_>, findings: &mut Findings) -> Option<Licence> {
    let id = fields.text("license_id", findings).filter(|id| id != "notspecified");
    let title = fields.text("license_title", findings).or_else(|| id.clone()).filter(|_| id.is_some());
    let iri = fields.text("license_url", findings).or(id).filter(|text| is_iri(text));
    let licence = Licence { iri, title: title.map(LocalizedText::undetermined).unwrap_or_default() };
    Some(licence).filter(|licence| *licence != Licence::default())
}

fn spatial(package: &mut Package<'_, '_>, findings: &mut Findings) -> Vec<fairground_domain::Location> {
    let shape = match package.fields.get("spatial") {
        Some(shape @ Value::Object(_)) => {
            package.extras.remove("spatial");
            Some(shape.to_string())
        }
        _ => package.text("spatial", findings),
    };
    let named = package.text("spatial_uri", findings);
    shape.into_iter().chain(named).filter_map(|text| findings.location("/spatial", &text)).collect()
}

/// The dates of the data where the source gives them, else those of the portal's record.
fn dates(package: &mut Package<'_, '_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let issued = package.text("issued", findings);
    let modified = package.text("modified", findings);
    let issued = issued.or_else(|| package.fields.text("metadata_created", findings));
    let modified = modified.or_else(|| package.fields.text("metadata_modified", findings));
    draft.issued = issued.map(|text| findings.date("/metadata_created", &text));
    draft.modified = modified.map(|text| findings.date("/metadata_modified", &text));
    let period =
        PeriodOfTime { start: package.text("temporal_start", findings), end: package.text("temporal_end", findings) };
    if period != PeriodOfTime::default() {
        draft.temporal.push(period);
    }
}

fn details(package: &mut Package<'_, '_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    draft.conforms_to = package.texts("conforms_to", findings).iter().map(|text| concept(text)).collect();
    draft.hvd_category = package.texts("hvd_category", findings).iter().map(|text| concept(text)).collect();
    draft.applicable_legislation = package.texts("applicable_legislation", findings);
    draft.page = package.texts("documentation", findings);
    draft.provenance = package.texts("provenance", findings).into_iter().map(LocalizedText::undetermined).collect();
    draft.version_notes = package.text("version_notes", findings).map(LocalizedText::undetermined).unwrap_or_default();
    draft.other_identifier = package.texts("identifier", findings);
    draft.other_identifier.extend(package.texts("alternate_identifier", findings));
    draft.other_identifier.extend(package.fields.text("name", findings));
    draft.other_identifier.retain(|other| *other != draft.identifier);
    for (key, property) in
        [("is_version_of", "dct:isVersionOf"), ("source", "dct:source"), ("has_version", "dct:hasVersion")]
    {
        let related = package.texts(key, findings);
        draft.relation.extend(related.into_iter().map(|target| Relation { property: property.to_owned(), target }));
    }
    let url = package.fields.text("url", findings);
    draft.landing_page = url.map(|text| findings.address("/url", &text)).into_iter().collect();
}

fn resource(fields: &Fields<'_>, findings: &mut Findings) -> Distribution {
    let url = fields.text("url", findings).map(|text| findings.address(&fields.at("url"), &text));
    if url.is_none() {
        findings.warn("distribution-without-address", &fields.path, "the resource has no url");
    }
    let written_format = fields.text("format", findings);
    let media_type = fields.text("mimetype", findings).and_then(|text| media::media_type_of(&text));
    let format = media::format_of(written_format.as_deref(), media_type.as_deref(), url.as_deref());
    let download_url = fields.text("download_url", findings).or_else(|| {
        let uploaded = fields.text("url_type", findings).is_some_and(|kind| kind == "upload");
        url.clone().filter(|url| uploaded || is_file(url))
    });
    let licence = fields.text("license", findings).as_deref().and_then(crate::dcat_us::licence_of);
    let modified = ["modified", "last_modified", "metadata_modified"].iter().find_map(|key| fields.text(key, findings));
    let issued = ["issued", "created"].iter().find_map(|key| fields.text(key, findings));
    let mut title = translated(fields, "name", findings);
    if title.is_empty() {
        title = fields.localized("title", findings);
    }
    Distribution {
        iri: fields.text("uri", findings).or_else(|| fields.text("id", findings)),
        title,
        description: translated(fields, "description", findings),
        access_url: fields.text("access_url", findings).or(url),
        download_url,
        media_type,
        format,
        byte_size: ["size", "byte_size"].iter().find_map(|key| number(fields, key)),
        checksum: checksum(fields, findings),
        licence,
        rights: fields.text("rights", findings).map(LocalizedText::undetermined).into_iter().collect(),
        issued: issued.map(|text| findings.date(&fields.at("created"), &text)),
        modified: modified.map(|text| findings.date(&fields.at("last_modified"), &text)),
        language: fields.texts("language", findings).iter().map(|text| LanguageTag::lenient(text)).collect(),
        availability: fields.text("availability", findings),
        extra: fields.others(KNOWN_OF_RESOURCE),
        ..Distribution::default()
    }
}

/// A size, which CKAN has as number or text.
fn number(fields: &Fields<'_>, key: &str) -> Option<u64> {
    match fields.get(key)? {
        Value::Number(number) => bytes(&number.to_string()),
        Value::String(text) => bytes(text),
        _ => None,
    }
}

/// The last part of the address's path looks like a file of data, not a page or a service.
fn is_file(address: &str) -> bool {
    let by_name = media::format_of(None, None, Some(address));
    by_name.is_some_and(|name| {
        !matches!(name.as_str(), "HTML" | "WMS" | "WFS" | "WCS" | "WMTS" | "CSW" | "API" | "ArcGIS")
    })
}

/// `hash` as `algorithm:value`, or beside `hash_algorithm`.
fn checksum(fields: &Fields<'_>, findings: &mut Findings) -> Option<Checksum> {
    let hash = fields.text("hash", findings)?;
    let (algorithm, value) = match hash.split_once(':') {
        Some((algorithm, value)) => (algorithm.to_owned(), value.to_owned()),
        None => {
            let guessed = match hash.len() {
                32 => "md5",
                40 => "sha1",
                64 => "sha256",
                _ => "",
            };
            (fields.text("hash_algorithm", findings).unwrap_or_else(|| guessed.to_owned()), hash)
        }
    };
    Some(Checksum { algorithm, value })
}

//! Frictionless data packages (`datapackage.json`, version 1 and 2), and catalogues of packages.
//!
//! An envelope's document is a data package. Beside it: `archive`, when the package is a ZIP file: its address then stands for all
//! resources. A resource's schema is not copied: `describedBy` names the package, and whoever loads the file reads it there.

use fairground_domain::{
    Agent, Checksum, ContactPoint, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText, Relation,
};
use serde_json::{Map, Value};

use super::{Envelope, Opened, Target, absolute, json, not_a, point, resolve};
use crate::check::{Findings, is_address, is_iri};
use crate::document::{Decoded, RawRecord};
use crate::error::ReadError;
use crate::json::record::{Fields, nonblank};
use crate::media;

/// Packages that one catalogue may list.
pub const MAX_PACKAGES: usize = 50_000;
/// The name that a package has by its standard.
pub const FILE_NAME: &str = "datapackage.json";

/// What a document of the Frictionless family holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Packages {
    /// Packages, whole.
    pub packages: Vec<Envelope>,
    /// Addresses of further packages.
    pub elsewhere: Vec<String>,
}

/// Reads a data package, a list of packages, or a catalogue (`datasets` or `packages`) of packages or their addresses.
///
/// # Errors
/// When it is no JSON, or nothing of that kind.
pub fn read(bytes: &[u8], at: &str) -> Result<Packages, ReadError> {
    let mut found = Packages::default();
    match json(bytes)? {
        Value::Object(map) if is_package(&map) => found.packages.push(Envelope::new(at, map)),
        Value::Object(mut map) => {
            let list = ["datasets", "packages", "datapackages"].iter().find_map(|key| map.remove(*key));
            let Some(Value::Array(items)) = list else { return Err(not_a("a data package has `resources`")) };
            items.into_iter().take(MAX_PACKAGES).for_each(|item| listed(item, at, &mut found));
        }
        Value::Array(items) => items.into_iter().take(MAX_PACKAGES).for_each(|item| listed(item, at, &mut found)),
        _ => return Err(not_a("a data package is an object")),
    }
    if found == Packages::default() { Err(not_a("no data package is listed")) } else { Ok(found) }
}

/// One entry of a catalogue.
fn listed(item: Value, at: &str, found: &mut Packages) {
    match item {
        Value::String(href) => found.elsewhere.extend(absolute(at, &href)),
        Value::Object(map) if is_package(&map) => {
            // A package that was copied into a catalogue may say where it was.
            let own = ["url", "datapackage_url", "path"]
                .iter()
                .find_map(|key| map.get(*key)?.as_str())
                .and_then(|href| absolute(at, href));
            found.packages.push(Envelope::new(own.unwrap_or_else(|| at.to_owned()), map));
        }
        Value::Object(mut map) => {
            match ["package", "datapackage", "datapackage_url", "url", "path"].iter().find_map(|key| map.remove(*key)) {
                Some(Value::String(href)) => found.elsewhere.extend(absolute(at, &href)),
                Some(Value::Object(package)) if is_package(&package) => found.packages.push(Envelope::new(at, package)),
                _ => {}
            }
        }
        _ => {}
    }
}

/// Whether an object is a data package.
#[must_use]
pub fn is_package(map: &Map<String, Value>) -> bool {
    let first = map.get("resources").and_then(Value::as_array).and_then(|all| all.first());
    first.and_then(Value::as_object).is_some_and(|it| ["path", "data", "url"].iter().any(|key| it.contains_key(*key)))
        && !map.contains_key("metadata_modified")
}

const KNOWN: &[&str] = &[
    "contributors",
    "created",
    "description",
    "homepage",
    "id",
    "keywords",
    "licenses",
    "license",
    "maintainers",
    "name",
    "resources",
    "sources",
    "title",
    "version",
    "author",
    "publisher",
    "publishers",
    "language",
    "languages",
    "modified",
    "$schema",
    "profile",
    "image",
    "spatial",
    "temporal",
];
const KNOWN_OF_RESOURCE: &[&str] = &[
    "bytes",
    "data",
    "description",
    "dialect",
    "encoding",
    "format",
    "hash",
    "licenses",
    "mediatype",
    "name",
    "path",
    "profile",
    "schema",
    "title",
    "type",
    "url",
    "$schema",
    "modified",
    "created",
    "sources",
];

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, draft)
}

fn draft(envelope: &Opened<'_>, findings: &mut Findings) -> DatasetDraft {
    let fields = Fields::root(envelope.document);
    let name = fields.text("name", findings);
    let id = fields.text("id", findings);
    let mut title = fields.localized("title", findings);
    if title.is_empty()
        && let Some(name) = &name
    {
        findings.warn("title-from-name", "/title", "the package has no title; its name is taken");
        title = LocalizedText::undetermined(name.clone());
    }
    let (publisher, creator, contact) = people(&fields, findings);
    let mut draft = DatasetDraft {
        identifier: id.clone().or(name).or_else(|| nonblank(envelope.at).map(str::to_owned)).unwrap_or_default(),
        iri: id.filter(|text| is_iri(text)),
        title,
        description: fields.localized("description", findings),
        publisher,
        creator,
        contact_point: contact,
        keyword: fields
            .texts("keywords", findings)
            .into_iter()
            .map(|word| (LanguageTag::undetermined(), word))
            .collect(),
        licence: licence(&fields, findings),
        issued: date(&fields, "created", findings),
        modified: date(&fields, "modified", findings),
        version: fields.text("version", findings),
        landing_page: fields
            .texts("homepage", findings)
            .into_iter()
            .map(|url| findings.address("/homepage", &url))
            .collect(),
        extra: fields.others(KNOWN),
        ..DatasetDraft::default()
    };
    for key in ["language", "languages"] {
        draft.language.extend(fields.texts(key, findings).iter().map(|text| LanguageTag::lenient(text)));
    }
    for source in fields.objects("sources", findings) {
        let path = ["path", "web"].iter().find_map(|key| source.text(key, findings));
        let target = path.or_else(|| source.text("title", findings));
        draft.relation.extend(target.map(|target| Relation { property: "dct:source".to_owned(), target }));
    }
    let resources = fields.objects("resources", findings);
    match envelope.beside.get("archive").and_then(Value::as_str) {
        Some(_) => draft.distribution.push(archive(envelope.at, &resources, findings)),
        None => {
            for resource in &resources {
                draft.distribution.extend(distributions(envelope.at, resource, findings));
            }
        }
    }
    draft
}

/// The ZIP file that holds the package: its tables are told by the package inside.
fn archive(at: &str, resources: &[Fields<'_>], findings: &mut Findings) -> Distribution {
    let names: Vec<String> =
        resources.iter().filter_map(|it| it.text("title", findings).or_else(|| it.text("name", findings))).collect();
    let mut one = Distribution {
        title: LocalizedText::undetermined("Data package"),
        description: LocalizedText::undetermined(names.join(", ")),
        media_type: Some("application/zip".to_owned()),
        format: Some("ZIP".to_owned()),
        ..Distribution::default()
    };
    point(&mut one, resolve(at, at), "", findings);
    one
}

/// One distribution for each path of a resource.
fn distributions(at: &str, resource: &Fields<'_>, findings: &mut Findings) -> Vec<Distribution> {
    let written = resource.text("mediatype", findings);
    let media_type = written.as_deref().and_then(media::media_type_of);
    let name = resource.text("name", findings);
    let mut title = resource.localized("title", findings);
    if title.is_empty() {
        title = name.clone().map(LocalizedText::undetermined).unwrap_or_default();
    }
    let mut paths = resource.texts("path", findings);
    if paths.is_empty() {
        paths = resource.texts("url", findings);
    }
    let several = paths.len() > 1;
    let common = |path: Option<&str>, findings: &mut Findings| Distribution {
        title: title.clone(),
        description: resource.localized("description", findings),
        format: media::format_of(resource.text("format", findings).as_deref(), media_type.as_deref(), path),
        media_type: media_type.clone(),
        byte_size: resource.get("bytes").and_then(Value::as_u64).filter(|_| !several),
        checksum: checksum(resource, findings).filter(|_| !several),
        licence: licence(resource, findings),
        modified: date(resource, "modified", findings),
        extra: resource.others(KNOWN_OF_RESOURCE),
        ..Distribution::default()
    };
    if paths.is_empty() {
        let has_data = resource.get("data").is_some();
        let why = if has_data {
            "the resource holds its data in the package itself; it is described, not loaded"
        } else {
            "the resource has no path"
        };
        findings.warn("distribution-without-address", &resource.path, why);
        return vec![common(None, findings)];
    }
    paths
        .iter()
        .map(|path| {
            let mut one = common(Some(path), findings);
            point(&mut one, resolve(at, path), &resource.at("path"), findings);
            one.described_by = schema(at, resource, path, findings);
            one
        })
        .collect()
}

/// Where the schema of a file is told: in the package itself, or in a document of its own.
fn schema(at: &str, resource: &Fields<'_>, path: &str, findings: &mut Findings) -> Option<String> {
    let address = match resource.get("schema")? {
        Value::Object(_) => at.to_owned(),
        Value::String(href) => match resolve(at, href) {
            Target::Web(url) => url,
            Target::Within(inside) => super::within(&inside),
            Target::Unclear(href) => {
                findings.warn(
                    "url-invalid",
                    resource.at("schema"),
                    format!("“{href}” is not the address of a schema of {path}"),
                );
                return None;
            }
        },
        _ => return None,
    };
    (!address.is_empty()).then_some(address)
}

/// Publisher, creators and whom to ask, by the roles of `contributors`; `author`, `publisher` and `maintainers` of early packages.
fn people(fields: &Fields<'_>, findings: &mut Findings) -> (Option<Agent>, Vec<Agent>, Vec<ContactPoint>) {
    let (mut publisher, mut creators, mut contacts) = (None, Vec::new(), Vec::new());
    let mut all: Vec<(Fields<'_>, String)> = Vec::new();
    for key in ["contributors", "publishers", "publisher", "maintainers", "author"] {
        for (path, value) in fields.each(key) {
            let role = match key {
                "contributors" => "",
                "publishers" | "publisher" => "publisher",
                "maintainers" => "maintainer",
                _ => "author",
            };
            match value {
                Value::Object(map) => all.push((Fields { map, path }, role.to_owned())),
                Value::String(name) if role == "publisher" => {
                    publisher = publisher.or_else(|| nonblank(name).map(named))
                }
                Value::String(name) => creators.extend(nonblank(name).map(named)),
                _ => {}
            }
        }
    }
    for (person, role) in all {
        let mut roles = person.texts("roles", findings);
        roles.extend(person.text("role", findings));
        if roles.is_empty() {
            roles.push(if role.is_empty() { "contributor".to_owned() } else { role });
        }
        let name = ["title", "name"].iter().find_map(|key| person.text(key, findings));
        let parts = ["givenName", "familyName"].map(|key| person.text(key, findings).unwrap_or_default());
        let name = name.or_else(|| nonblank(&parts.join(" ")).map(str::to_owned));
        let email = person.text("email", findings).and_then(|text| findings.email(&person.at("email"), &text));
        let url = ["path", "web"].iter().find_map(|key| person.text(key, findings)).filter(|text| is_address(text));
        let Some(name) = name else { continue };
        let agent = Agent {
            name: LocalizedText::undetermined(name.clone()),
            homepage: url.clone(),
            email: email.clone(),
            ..Agent::default()
        };
        for role in &roles {
            match role.to_ascii_lowercase().as_str() {
                "publisher" | "distributor" => publisher = publisher.or_else(|| Some(agent.clone())),
                "author" | "creator" => creators.push(agent.clone()),
                _ => {}
            }
            let asks =
                matches!(role.to_ascii_lowercase().as_str(), "contact" | "maintainer" | "contactpoint" | "publisher");
            if asks && (email.is_some() || url.is_some()) {
                contacts.push(ContactPoint {
                    name: LocalizedText::undetermined(name.clone()),
                    email: email.clone(),
                    telephone: None,
                    url: url.clone(),
                });
            }
        }
    }
    (publisher, creators, contacts)
}

fn named(name: &str) -> Agent {
    Agent { name: LocalizedText::undetermined(name), ..Agent::default() }
}

/// The first of `licenses` with an address, else the first; or the `license` of early packages.
fn licence(fields: &Fields<'_>, findings: &mut Findings) -> Option<Licence> {
    let mut all = Vec::new();
    for licence in fields.objects("licenses", findings) {
        let iri = ["path", "url"].iter().find_map(|key| licence.text(key, findings)).filter(|text| is_iri(text));
        let title = licence.text("title", findings).or_else(|| licence.text("name", findings));
        let one = Licence { iri, title: title.map(LocalizedText::undetermined).unwrap_or_default() };
        if one != Licence::default() {
            all.push(one);
        }
    }
    if all.is_empty() {
        return crate::dcat_us::licence_of(fields.get("license")?.as_str()?);
    }
    let with_address = all.iter().position(|it| it.iri.is_some()).unwrap_or(0);
    Some(all.swap_remove(with_address))
}

fn date(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let text = fields.get(key)?.as_str().and_then(nonblank)?;
    Some(findings.date(&fields.at(key), text))
}

/// `hash`: MD5, or `algorithm:value`.
fn checksum(fields: &Fields<'_>, findings: &mut Findings) -> Option<Checksum> {
    let hash = fields.text("hash", findings)?;
    let (algorithm, value) = hash.split_once(':').unwrap_or(("md5", hash.as_str()));
    Some(Checksum { algorithm: algorithm.to_owned(), value: value.to_owned() })
}

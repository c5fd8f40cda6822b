//! Which format a document is in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use quick_xml::events::Event;

use crate::collected::{list, schema_org};
use crate::encoding;
use crate::error::ReadError;
use crate::json::outline::{Outline, outline};
use crate::xml::survey::Dialect;

/// A catalogue format that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `data.json` of the US Project Open Data schema 1.1, and the core of DCAT-US 3.0 in plain JSON.
    DcatUs,
    /// DCAT in RDF/XML.
    RdfXml,
    /// DCAT in Turtle.
    Turtle,
    /// DCAT in N-Triples.
    NTriples,
    /// DCAT in JSON-LD.
    JsonLd,
    /// Answers of the CKAN Action API.
    Ckan,
    /// Answers of an OGC catalogue service (CSW 2.0.2 and 3.0), with ISO, FGDC or Dublin Core records; Atom feeds with such.
    Csw,
    /// Answers of OAI-PMH 2.0.
    OaiPmh,
    /// Files of a web-accessible folder, as [`crate::Collector`] writes them.
    Waf,
    /// One metadata record in XML: ISO 19139, ISO 19115-3, FGDC CSDGM or Dublin Core.
    Iso,
    /// Answers of Socrata's Discovery API, or its `/api/views`.
    Socrata,
    /// Answers of ArcGIS Hub's search, or of an ArcGIS portal's.
    Arcgis,
    /// Answers of Opendatasoft's Explore API.
    Opendatasoft,
    /// STAC: collections and items, walked ([`crate::collected::stac`]).
    Stac,
    /// schema.org `Dataset` in JSON-LD, from pages or documents ([`crate::collected::schema_org`]).
    SchemaOrg,
    /// Croissant, which is schema.org with more ([`crate::collected::schema_org`]).
    Croissant,
    /// Frictionless data packages ([`crate::collected::frictionless`]).
    Frictionless,
    /// A list with one dataset a row ([`crate::collected::list`]).
    List,
    /// Files without a catalogue ([`crate::collected::files`]).
    Files,
    /// Tables of a SQLite file ([`crate::collected::database`]).
    Sqlite,
    /// Tables of a PostgreSQL database ([`crate::collected::database`]).
    Postgres,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 21] = [
        Self::DcatUs,
        Self::RdfXml,
        Self::Turtle,
        Self::NTriples,
        Self::JsonLd,
        Self::Ckan,
        Self::Csw,
        Self::OaiPmh,
        Self::Waf,
        Self::Iso,
        Self::Socrata,
        Self::Arcgis,
        Self::Opendatasoft,
        Self::Stac,
        Self::SchemaOrg,
        Self::Croissant,
        Self::Frictionless,
        Self::List,
        Self::Files,
        Self::Sqlite,
        Self::Postgres,
    ];

    /// As it is written in settings and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DcatUs => "dcat-us",
            Self::RdfXml => "rdf-xml",
            Self::Turtle => "turtle",
            Self::NTriples => "n-triples",
            Self::JsonLd => "json-ld",
            Self::Ckan => "ckan",
            Self::Csw => "csw",
            Self::OaiPmh => "oai-pmh",
            Self::Waf => "waf",
            Self::Iso => "iso",
            Self::Socrata => "socrata",
            Self::Arcgis => "arcgis",
            Self::Opendatasoft => "opendatasoft",
            Self::Stac => "stac",
            Self::SchemaOrg => "schema-org",
            Self::Croissant => "croissant",
            Self::Frictionless => "frictionless",
            Self::List => "list",
            Self::Files => "files",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// What an operator says on the command line: all of RDF is `dcat`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::RdfXml | Self::Turtle | Self::NTriples | Self::JsonLd => "dcat",
            Self::DcatUs
            | Self::Ckan
            | Self::Csw
            | Self::OaiPmh
            | Self::Waf
            | Self::Iso
            | Self::Socrata
            | Self::Arcgis
            | Self::Opendatasoft
            | Self::Stac
            | Self::SchemaOrg
            | Self::Croissant
            | Self::Frictionless
            | Self::List
            | Self::Files
            | Self::Sqlite
            | Self::Postgres => self.as_str(),
        }
    }

    /// True for the formats that are read record by record from XML.
    #[must_use]
    pub const fn is_metadata_xml(self) -> bool {
        matches!(self, Self::Csw | Self::OaiPmh | Self::Waf | Self::Iso)
    }

    /// True for sources that are spread over several documents or have none: they are read as [`crate::collected`] envelopes.
    #[must_use]
    pub const fn is_collected(self) -> bool {
        matches!(
            self,
            Self::Stac
                | Self::SchemaOrg
                | Self::Croissant
                | Self::Frictionless
                | Self::List
                | Self::Files
                | Self::Sqlite
                | Self::Postgres
        )
    }

    /// True for the serialisations of RDF.
    #[must_use]
    pub const fn is_rdf(self) -> bool {
        matches!(self, Self::RdfXml | Self::Turtle | Self::NTriples | Self::JsonLd)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a catalogue format; use dcat-us, rdf-xml, turtle, n-triples, json-ld, ckan or another kind that `fairground harvest --help` names"
)]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// What is known of a document besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The `Content-Type` it came with.
    pub content_type: Option<&'a str>,
    /// Its file name, or the path of its address.
    pub name: Option<&'a str>,
}

/// Which format the first bytes of a document are in; 64 KiB are plenty, fewer will often do.
///
/// Content is believed before the name, the name before the content type, since sources are careless about the latter.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::HtmlPage`], [`ReadError::Binary`] or [`ReadError::UnknownFormat`].
pub fn detect(head: &[u8], hints: &Hints<'_>) -> Result<Format, ReadError> {
    if let Some(what) = magic(head) {
        return Err(ReadError::Binary { what });
    }
    let text = encoding::head_text(head);
    if text.as_bytes().contains(&0) {
        return Err(ReadError::Binary { what: "a binary file" });
    }
    let start = text.trim_start();
    let found = match start.bytes().next() {
        None => return Err(ReadError::Empty),
        Some(b'{') => json_format(start, hints),
        Some(b'[') if opens_json_array(start) => json_format(start, hints),
        Some(b'<') if !opens_iri(start) => match xml_format(start) {
            Markup::Rdf => Some(Format::RdfXml),
            Markup::Metadata(format) => Some(format),
            Markup::Html => return Err(ReadError::HtmlPage { title: html_title(start) }),
            Markup::Other => None,
        },
        Some(_) => turtle_format(start),
    };
    found
        .or_else(|| hints.name.and_then(by_name))
        .or_else(|| hints.content_type.and_then(by_content_type))
        .ok_or_else(|| ReadError::UnknownFormat { start: excerpt(start) })
}

/// The first characters of a text, on one line.
fn excerpt(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(12).collect();
    words.join(" ").chars().take(60).collect()
}

/// Binary files that turn up at the address of a catalogue, by their first bytes.
fn magic(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 7] = [
        (b"PK\x03\x04", "a ZIP archive"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"%PDF-", "a PDF file"),
        (b"\xd0\xcf\x11\xe0", "an old Office file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"BZh", "a bzip2 file"),
    ];
    KNOWN.iter().find(|(bytes, _)| head.starts_with(bytes)).map(|(_, what)| *what)
}

/// `[` opens a JSON array, not a blank node of Turtle.
fn opens_json_array(start: &str) -> bool {
    matches!(
        start.get(1..).unwrap_or_default().trim_start().bytes().next(),
        None | Some(b'{' | b'[' | b']' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
    ) && !start.get(1..).unwrap_or_default().trim_start().starts_with("foaf:")
}

/// `<` opens an IRI of Turtle or N-Triples, not a tag: it is closed before any space and holds a scheme or a fragment.
fn opens_iri(start: &str) -> bool {
    let inside = start.get(1..).unwrap_or_default();
    let end = inside.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(inside.len());
    let (name, rest) = inside.split_at(end);
    rest.starts_with('>') && (name.contains("://") || name.contains('#') || name.starts_with("urn:") || name.is_empty())
}

enum Markup {
    Rdf,
    Metadata(Format),
    Html,
    Other,
}

fn xml_format(start: &str) -> Markup {
    let lower: String = start.chars().take(4096).collect::<String>().to_ascii_lowercase();
    // The outermost element first: services declare every namespace that they know, RDF's among them.
    let root = root_name(start);
    if root.as_deref() != Some("RDF")
        && let Some(format) = root.as_deref().and_then(|root| metadata_format(root, start))
    {
        return Markup::Metadata(format);
    }
    if start.contains("http://www.w3.org/1999/02/22-rdf-syntax-ns#") && !lower.contains("<html") {
        return Markup::Rdf;
    }
    let page = ["<!doctype html", "<html", "<head", "<body", "<script", "<title", "<center", "<h1"];
    if page.iter().any(|tag| lower.contains(tag)) { Markup::Html } else { Markup::Other }
}

/// A metadata record, or a service's answer, by its outermost element.
fn metadata_format(root: &str, start: &str) -> Option<Format> {
    let known = match Dialect::of_root(root)? {
        Dialect::Csw | Dialect::Exception => Format::Csw,
        // Other services have capabilities too, and other feeds list other things.
        Dialect::Capabilities => Some(Format::Csw).filter(|_| start.contains("/cat/csw"))?,
        Dialect::Atom => Some(Format::Csw).filter(|_| start.contains("http://www.w3.org/2005/Atom"))?,
        Dialect::OaiPmh => Format::OaiPmh,
        Dialect::Folder => Format::Waf,
        Dialect::Record => match root {
            "metadata" => Some(Format::Iso).filter(|_| start.contains("<idinfo") || start.contains("/fgdc-std-"))?,
            "Record" | "SummaryRecord" | "BriefRecord" => Some(Format::Iso).filter(|_| start.contains("/cat/csw"))?,
            "dc" => Some(Format::Iso).filter(|_| start.contains("purl.org/dc/"))?,
            "entry" => return None,
            _ => Format::Iso,
        },
    };
    Some(known)
}

/// The local name of the first element.
fn root_name(start: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(start);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) | Event::Empty(element) => {
                return Some(element.local_name().into_inner().to_owned());
            }
            Event::Eof | Event::End(_) => return None,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

/// The title of a web page, on one line, at most 120 characters.
fn html_title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|tag| {
        let open = tag + lower.get(tag..)?.find('>')? + 1;
        let close = open + lower.get(open..)?.find("</title").unwrap_or(page.len().saturating_sub(open));
        page.get(open..close)
    });
    title.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}

fn turtle_format(start: &str) -> Option<Format> {
    let mut lines = start.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines.next() else {
        // Only comments so far: N-Triples and Turtle share them, and Turtle reads both.
        return start.starts_with('#').then_some(Format::Turtle);
    };
    let lower = first.to_ascii_lowercase();
    if ["@prefix", "@base", "prefix ", "base ", "prefix\t"].iter().any(|word| lower.starts_with(word)) {
        return Some(Format::Turtle);
    }
    if !(first.starts_with("<") || first.starts_with("_:") || first.starts_with('[')) {
        return None;
    }
    let subject_end = first.find(char::is_whitespace).unwrap_or(first.len());
    let predicate = first.get(subject_end..).unwrap_or_default().trim_start();
    let one_triple = predicate.starts_with('<') && first.ends_with('.') && !first.starts_with('[');
    Some(if one_triple && !start.contains("@prefix") { Format::NTriples } else { Format::Turtle })
}

fn json_format(start: &str, hints: &Hints<'_>) -> Option<Format> {
    match outline(start.as_bytes()) {
        Outline::Object(keys) => object_format(&keys, start),
        Outline::Array(Some(keys)) => record_format(&keys),
        Outline::Array(None) => hints.name.and_then(by_name).or(Some(Format::DcatUs)),
        Outline::Unclear => None,
    }
}

/// By the keys of a document that is an object.
fn object_format(keys: &[(String, String)], start: &str) -> Option<Format> {
    let value = |key: &str| keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let has = |key: &str| value(key).is_some();
    let context = value("@context").unwrap_or_default();
    if let Some(format) = spread_format(keys, context, start) {
        return Some(format);
    }
    if has("@graph") || context.starts_with('{') {
        return Some(Format::JsonLd);
    }
    if has("dataset")
        || value("conformsTo").is_some_and(|it| it.contains("project-open-data") || it.contains("DCAT-US"))
    {
        return Some(Format::DcatUs);
    }
    if let Some(format) = platform_format(keys, start) {
        return Some(format);
    }
    if (has("success") && (has("result") || has("error"))) || (has("count") && has("results")) {
        return Some(Format::Ckan);
    }
    if has("@context") && !context.contains("project-open-data") {
        return Some(Format::JsonLd);
    }
    if has("service") || has("datasetSeries") || context.contains("project-open-data") {
        return Some(Format::DcatUs);
    }
    record_format(keys)
}

/// What is walked from here, and JSON-LD whose context is known without loading it.
fn spread_format(keys: &[(String, String)], context: &str, start: &str) -> Option<Format> {
    let value = |key: &str| keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let has = |key: &str| value(key).is_some();
    let features = value("type") == Some("FeatureCollection") && start.contains("\"stac_version\"");
    if has("stac_version") || features || (has("collections") && has("links")) {
        return Some(Format::Stac);
    }
    if context.contains("dcat-us") && !context.starts_with('{') {
        return Some(Format::DcatUs);
    }
    if schema_org::is_schema_org(context) {
        let croissant = start.contains("mlcommons.org/croissant");
        return Some(if croissant { Format::Croissant } else { Format::SchemaOrg });
    }
    let package = has("resources") && start.contains("\"path\"") && !has("metadata_modified") && !has("license_id");
    let packages = has("datasets") && start.contains("\"package\"");
    (package || packages).then_some(Format::Frictionless)
}

/// A hosted platform's answer, by the keys around its list and, where those come after it, by words of its first records.
fn platform_format(keys: &[(String, String)], start: &str) -> Option<Format> {
    let has = |key: &str| keys.iter().any(|(name, _)| name == key);
    let says = |word: &str| start.contains(word);
    if has("results") && (has("resultSetSize") || (says("\"resource\"") && says("\"classification\""))) {
        return Some(Format::Socrata);
    }
    if (has("results") || has("datasets")) && (has("total_count") || has("nhits")) {
        return Some(Format::Opendatasoft);
    }
    let hub = has("features") && (says("/api/search/v1") || says("\"structuredLicense\"") || says("\"orgId\""));
    let older =
        has("data") && says("\"attributes\"") && (says("\"itemTypeCategory\"") || says("\"searchDescription\""));
    let portal = has("results") && has("nextStart");
    (hub || older || portal).then_some(Format::Arcgis)
}

/// By the keys of one record.
fn record_format(keys: &[(String, String)]) -> Option<Format> {
    let has = |key: &str| keys.iter().any(|(name, _)| name == key);
    if has("@graph") || has("@context") || keys.iter().any(|(name, _)| name.contains("://")) {
        return Some(Format::JsonLd);
    }
    if has("dataset_id") || has("datasetid") {
        return Some(Format::Opendatasoft);
    }
    if has("viewType") && has("id") {
        return Some(Format::Socrata);
    }
    if has("resources")
        && !has("metadata_modified")
        && !has("license_id")
        && !has("owner_org")
        && has("name")
        && resources_have_paths(keys)
    {
        return Some(Format::Frictionless);
    }
    if has("resources") || has("metadata_modified") || has("license_id") {
        return Some(Format::Ckan);
    }
    if has("accessLevel") || has("distribution") || has("contactPoint") || (has("identifier") && has("title")) {
        return Some(Format::DcatUs);
    }
    if has("@id") {
        return Some(Format::JsonLd);
    }
    list::is_list(keys.iter().map(|(name, _)| name.as_str())).then_some(Format::List)
}

/// A package's resources have paths, CKAN's have ids and addresses.
fn resources_have_paths(keys: &[(String, String)]) -> bool {
    let resources = keys.iter().find(|(name, _)| name == "resources").map_or("", |(_, value)| value.as_str());
    resources.contains("\"path\"")
}

fn by_name(name: &str) -> Option<Format> {
    let path = name.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let end = |suffix: &str| path.ends_with(suffix);
    if end("datapackage.json") {
        Some(Format::Frictionless)
    } else if end("data.json") {
        Some(Format::DcatUs)
    } else if path.contains("/api/3/action/") || path.contains("/api/action/") {
        Some(Format::Ckan)
    } else if end(".jsonld") {
        Some(Format::JsonLd)
    } else if end(".ttl") {
        Some(Format::Turtle)
    } else if end(".nt") {
        Some(Format::NTriples)
    } else if end(".rdf") {
        Some(Format::RdfXml)
    } else {
        None
    }
}

fn by_content_type(content_type: &str) -> Option<Format> {
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/ld+json" => Some(Format::JsonLd),
        "text/turtle" | "application/x-turtle" => Some(Format::Turtle),
        "application/n-triples" => Some(Format::NTriples),
        "application/rdf+xml" => Some(Format::RdfXml),
        _ => None,
    }
}

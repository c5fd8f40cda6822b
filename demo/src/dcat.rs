//! The catalogue in DCAT-AP 3, as Turtle and as RDF/XML.

use std::fmt::Write as _;

use crate::entry::{Entry, File, Hvd, LICENCE, System, Words};
use crate::environment::{SERIES, SERVICE};
use crate::serve::Site;

const PREFIXES: &str = "\
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

";
/// Authority tables of the EU Publications Office.
const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";
/// Commission Implementing Regulation (EU) 2023/138 on high-value datasets.
const HVD_LAW: &str = "http://data.europa.eu/eli/reg_impl/2023/138/oj";

/// A collection that publishes its members one by one.
#[derive(Debug)]
pub(crate) struct Series {
    /// Its stable name.
    pub slug: &'static str,
    /// Its title.
    pub title: Words,
    /// What its members share.
    pub about: Words,
    /// Entry of the EU frequency authority table.
    pub frequency: &'static str,
}

/// An API beside the files.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its stable name.
    pub slug: &'static str,
    /// Its title.
    pub title: Words,
    /// What it answers.
    pub about: Words,
    /// Path of its root.
    pub path: &'static str,
    /// The datasets it serves, by slug.
    pub serves: &'static [&'static str],
}

/// The whole catalogue in Turtle.
pub(crate) fn turtle(site: &Site) -> String {
    let mut out = String::from(PREFIXES);
    catalogue(&mut out, site);
    agency(&mut out, site.system);
    for entry in site.system.entries {
        dataset(&mut out, site, entry);
        for file in entry.files {
            distribution(&mut out, site, entry, file);
        }
    }
    series(&mut out, site.system);
    service(&mut out, site);
    out
}

/// The same statements in RDF/XML; empty should the Turtle not parse, which a test rules out.
pub(crate) fn rdf_xml(turtle: &str) -> Vec<u8> {
    let mut writer = oxrdfxml::RdfXmlSerializer::new().for_writer(Vec::new());
    for triple in oxttl::TurtleParser::new().for_slice(turtle.as_bytes()) {
        let written = match triple {
            Ok(triple) => writer.serialize_triple(&triple).map_err(|problem| problem.to_string()),
            Err(problem) => Err(problem.to_string()),
        };
        if let Err(problem) = written {
            tracing::error!(%problem, "The sample catalogue cannot be written as RDF/XML");
            return Vec::new();
        }
    }
    writer.finish().unwrap_or_default()
}

fn iri(system: &System, what: &str, name: &str) -> String {
    format!("<{}/{what}/{name}>", system.site)
}

/// Writing into a String cannot fail, so the result of `write!` is dropped here and below.
fn put(out: &mut String, property: &str, object: impl std::fmt::Display) {
    let _ = writeln!(out, "    {property} {object} ;");
}

fn put_words(out: &mut String, property: &str, words: Words) {
    for (language, text) in words.each() {
        put(out, property, format_args!("{}@{language}", literal(text)));
    }
}

fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn open(out: &mut String, subject: &str, class: &str) {
    let _ = writeln!(out, "{subject} a {class} ;");
}

fn close(out: &mut String) {
    out.push_str("    .\n\n");
}

fn languages(out: &mut String) {
    for language in ["ENG", "FRA", "DEU"] {
        put(out, "dct:language", format_args!("<{AUTHORITY}/language/{language}>"));
    }
}

fn catalogue(out: &mut String, site: &Site) {
    let system = site.system;
    open(out, &iri(system, "catalog", "main"), "dcat:Catalog");
    put_words(
        out,
        "dct:title",
        Words {
            en: "Open data of the Merrow Health and Environment Agency",
            fr: "Données ouvertes de l'Agence Santé et Environnement de Merrow",
            de: "Offene Daten der Gesundheits- und Umweltbehörde Merrow",
        },
    );
    put_words(out, "dct:description", system.about);
    put(out, "dct:publisher", iri(system, "organisation", system.slug));
    put(out, "foaf:homepage", format_args!("<{}/>", site.base));
    put(out, "dct:issued", "\"2023-06-01\"^^xsd:date");
    put(out, "dct:modified", format_args!("\"{}\"^^xsd:dateTime", system.modified));
    put(out, "dct:license", format_args!("<{LICENCE}>"));
    languages(out);
    for entry in system.entries {
        put(out, "dcat:dataset", iri(system, "dataset", entry.slug));
    }
    put(out, "dcat:dataset", iri(system, "series", SERIES.slug));
    put(out, "dcat:service", iri(system, "service", SERVICE.slug));
    close(out);
}

fn agency(out: &mut String, system: &System) {
    open(out, &iri(system, "organisation", system.slug), "foaf:Agent");
    put_words(out, "foaf:name", system.name);
    put(out, "dct:type", "<http://purl.org/adms/publishertype/RegionalAuthority>");
    close(out);
}

fn contact(out: &mut String, system: &System) {
    put(
        out,
        "dcat:contactPoint",
        format_args!(
            "[ a vcard:Organization ; vcard:fn \"Open data desk\"@en ; vcard:hasEmail <mailto:{}> ]",
            system.email
        ),
    );
}

fn dataset(out: &mut String, site: &Site, entry: &Entry) {
    let system = site.system;
    open(out, &iri(system, "dataset", entry.slug), "dcat:Dataset");
    put(out, "dct:identifier", literal(entry.slug));
    put_words(out, "dct:title", entry.title);
    put_words(out, "dct:description", entry.about);
    for keyword in entry.keywords {
        put(out, "dcat:keyword", format_args!("{}@en", literal(keyword)));
    }
    put(out, "dcat:theme", format_args!("<{AUTHORITY}/data-theme/{}>", entry.theme));
    put(out, "dct:publisher", iri(system, "organisation", system.slug));
    contact(out, system);
    put(out, "dct:issued", format_args!("\"{}\"^^xsd:date", entry.issued));
    put(out, "dct:modified", format_args!("\"{}\"^^xsd:dateTime", entry.modified));
    put(out, "dct:accrualPeriodicity", format_args!("<{AUTHORITY}/frequency/{}>", entry.frequency));
    put(out, "dct:accessRights", format_args!("<{AUTHORITY}/access-right/PUBLIC>"));
    put(out, "dcat:landingPage", format_args!("<{}>", site.page_url(entry)));
    languages(out);
    coverage(out, system, entry);
    if let Some(category) = entry.hvd {
        high_value(out, category);
    }
    if let Some(series) = entry.series {
        put(out, "dcat:inSeries", iri(system, "series", series));
    }
    for file in entry.files {
        put(out, "dcat:distribution", iri(system, "distribution", file.name));
    }
    close(out);
}

fn coverage(out: &mut String, system: &System, entry: &Entry) {
    if let Some((start, end)) = entry.period {
        put(
            out,
            "dct:temporal",
            format_args!(
                "[ a dct:PeriodOfTime ; dcat:startDate \"{start}\"^^xsd:date ; dcat:endDate \"{end}\"^^xsd:date ]"
            ),
        );
    }
    let [west, south, east, north] = system.bounds;
    put(
        out,
        "dct:spatial",
        format_args!(
            "[ a dct:Location ; dcat:bbox \"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))\"^^geo:wktLiteral ]"
        ),
    );
}

fn high_value(out: &mut String, category: Hvd) {
    put(out, "dcatap:applicableLegislation", format_args!("<{HVD_LAW}>"));
    put(out, "dcatap:hvdCategory", format_args!("<{}>", category.iri()));
}

fn distribution(out: &mut String, site: &Site, entry: &Entry, file: &File) {
    let url = site.download_url(file);
    open(out, &iri(site.system, "distribution", file.name), "dcat:Distribution");
    put(out, "dct:title", format_args!("{}@en", literal(file.title)));
    put(out, "dcat:accessURL", format_args!("<{url}>"));
    put(out, "dcat:downloadURL", format_args!("<{url}>"));
    put(
        out,
        "dcat:mediaType",
        format_args!("<http://www.iana.org/assignments/media-types/{}>", file.form.media_type()),
    );
    put(out, "dct:format", format_args!("<{AUTHORITY}/file-type/{}>", file.form.file_type()));
    if let Some(bytes) = site.byte_size(file) {
        put(out, "dcat:byteSize", format_args!("\"{bytes}\"^^xsd:nonNegativeInteger"));
    }
    put(out, "dct:license", format_args!("<{LICENCE}>"));
    put(out, "dct:modified", format_args!("\"{}\"^^xsd:dateTime", entry.modified));
    put(out, "dcatap:availability", format_args!("<{AUTHORITY}/planned-availability/STABLE>"));
    if entry.hvd.is_some() {
        put(out, "dcatap:applicableLegislation", format_args!("<{HVD_LAW}>"));
    }
    close(out);
}

fn series(out: &mut String, system: &System) {
    open(out, &iri(system, "series", SERIES.slug), "dcat:DatasetSeries");
    put(out, "dct:identifier", literal(SERIES.slug));
    put_words(out, "dct:title", SERIES.title);
    put_words(out, "dct:description", SERIES.about);
    put(out, "dct:publisher", iri(system, "organisation", system.slug));
    contact(out, system);
    put(out, "dct:accrualPeriodicity", format_args!("<{AUTHORITY}/frequency/{}>", SERIES.frequency));
    close(out);
}

fn service(out: &mut String, site: &Site) {
    let (system, root) = (site.system, format!("{}{}", site.base, SERVICE.path));
    open(out, &iri(system, "service", SERVICE.slug), "dcat:DataService");
    put(out, "dct:identifier", literal(SERVICE.slug));
    put_words(out, "dct:title", SERVICE.title);
    put_words(out, "dct:description", SERVICE.about);
    put(out, "dct:publisher", iri(system, "organisation", system.slug));
    contact(out, system);
    put(out, "dcat:endpointURL", format_args!("<{root}>"));
    put(out, "dcat:endpointDescription", format_args!("<{root}/openapi.json>"));
    put(out, "dct:license", format_args!("<{LICENCE}>"));
    put(out, "dct:accessRights", format_args!("<{AUTHORITY}/access-right/PUBLIC>"));
    for slug in SERVICE.serves {
        put(out, "dcat:servesDataset", iri(system, "dataset", slug));
    }
    close(out);
}

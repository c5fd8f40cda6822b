//! Drafts in foreign formats, for content negotiation and for proof that reading loses nothing.
//!
//! RDF is written in the terms of DCAT-AP 3 (SEMIC, 2024). What a draft keeps in `extra` is written where it has a known
//! prefix, else left out. Writers say what the draft says; [`for_dcat_ap`] first makes of a draft what the profile asks for.

mod authority;
mod catalog;
mod croissant;
mod dcat_us;
mod dcat_us_3;
mod fields;
mod package;
mod publish;
mod tables;
mod triples;

use fairground_domain::DatasetDraft;
use oxjsonld::JsonLdSerializer;
use oxrdf::{GraphNameRef, Triple};
use oxrdfxml::RdfXmlSerializer;
use oxttl::{NTriplesSerializer, TurtleSerializer};

pub use catalog::CatalogPage;
pub use croissant::{TableFacts, croissant};
pub use dcat_us::{DCAT_US_SCHEMA, dcat_us, dcat_us_frame};
pub use dcat_us_3::{CatalogFrame, dcat_us_3};
pub use package::data_package;
pub use publish::{Portal, for_dcat_ap};
pub use tables::{TableOffer, table_service, with_tables};

use crate::rdf::vocab::PREFIXES;

/// A draft under the IRIs that it shall have in what is written.
#[derive(Debug, Clone)]
pub struct Described<'a> {
    /// The resource's IRI, absolute.
    pub iri: String,
    /// What is described.
    pub draft: &'a DatasetDraft,
    /// The distributions' IRIs, in the draft's order; where one is missing or empty, the distribution's own IRI is taken, else
    /// a blank node.
    pub distribution_iris: Vec<String>,
}

/// A serialisation of RDF 1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RdfForm {
    /// Turtle.
    Turtle,
    /// RDF/XML.
    RdfXml,
    /// JSON-LD with a context of prefixes inside.
    JsonLd,
    /// N-Triples.
    NTriples,
}

impl RdfForm {
    /// The resources in this form, with the catalogue page that lists them, if any.
    #[must_use]
    pub fn write(self, described: &[Described<'_>], page: Option<&CatalogPage>) -> String {
        let triples = triples::all(described, page);
        match self {
            Self::Turtle => to_turtle(&triples),
            Self::RdfXml => to_rdf_xml(&triples),
            Self::JsonLd => to_json_ld(&triples),
            Self::NTriples => to_ntriples(&triples),
        }
    }
}

/// N-Triples, sorted within each resource as they were gathered.
#[must_use]
pub fn ntriples(described: &[Described<'_>]) -> String {
    RdfForm::NTriples.write(described, None)
}

/// Turtle.
#[must_use]
pub fn turtle(described: &[Described<'_>]) -> String {
    RdfForm::Turtle.write(described, None)
}

/// RDF/XML.
#[must_use]
pub fn rdf_xml(described: &[Described<'_>]) -> String {
    RdfForm::RdfXml.write(described, None)
}

/// JSON-LD with a context of prefixes inside.
#[must_use]
pub fn json_ld(described: &[Described<'_>]) -> String {
    RdfForm::JsonLd.write(described, None)
}

fn to_ntriples(triples: &[Triple]) -> String {
    let mut writer = NTriplesSerializer::new().for_writer(Vec::new());
    for triple in triples {
        // Writing into memory does not fail.
        let _ = writer.serialize_triple(triple);
    }
    text(writer.finish())
}

fn to_turtle(triples: &[Triple]) -> String {
    let mut serializer = TurtleSerializer::new();
    for (prefix, namespace) in used(triples) {
        serializer = match serializer.clone().with_prefix(prefix, namespace) {
            Ok(with_prefix) => with_prefix,
            Err(_) => serializer,
        };
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in triples {
        let _ = writer.serialize_triple(triple);
    }
    text(writer.finish().unwrap_or_default())
}

fn to_rdf_xml(triples: &[Triple]) -> String {
    let mut serializer = RdfXmlSerializer::new();
    for (prefix, namespace) in used(triples) {
        serializer = match serializer.clone().with_prefix(prefix, namespace) {
            Ok(with_prefix) => with_prefix,
            Err(_) => serializer,
        };
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in triples {
        let _ = writer.serialize_triple(triple);
    }
    text(writer.finish().unwrap_or_default())
}

fn to_json_ld(triples: &[Triple]) -> String {
    let mut serializer = JsonLdSerializer::new();
    for (prefix, namespace) in used(triples) {
        serializer = match serializer.clone().with_prefix(prefix, namespace) {
            Ok(with_prefix) => with_prefix,
            Err(_) => serializer,
        };
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in triples {
        let _ = writer.serialize_quad(triple.as_ref().in_graph(GraphNameRef::DefaultGraph));
    }
    text(writer.finish().unwrap_or_default())
}

/// The prefixes that the triples need.
fn used(triples: &[Triple]) -> Vec<(&'static str, &'static str)> {
    let needs = |namespace: &str| {
        triples.iter().any(|triple| {
            triple.predicate.as_str().starts_with(namespace)
                || matches!(&triple.object, oxrdf::Term::NamedNode(node) if node.as_str().starts_with(namespace))
                || matches!(&triple.object, oxrdf::Term::Literal(it) if it.datatype().as_str().starts_with(namespace))
        })
    };
    PREFIXES.iter().copied().filter(|(prefix, namespace)| *prefix != "rdf" && needs(namespace)).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

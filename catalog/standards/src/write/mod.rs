//! Drafts in foreign formats, for content negotiation and for proof that reading loses nothing.
//!
//! RDF is written in the terms of DCAT-AP 3 (SEMIC, 2024). What a draft keeps in `extra` is written where it has a known
//! prefix, else left out.

mod dcat_us;
mod authority;
mod triples;

use fairground_domain::DatasetDraft;
use oxjsonld::JsonLdSerializer;
use oxrdf::{GraphNameRef, Triple};
use oxrdfxml::RdfXmlSerializer;
use oxttl::{NTriplesSerializer, TurtleSerializer};

pub use dcat_us::dcat_us;

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

/// N-Triples, sorted within each resource as they were gathered.
#[must_use]
pub fn ntriples(described: &[Described<'_>]) -> String {
    let mut writer = NTriplesSerializer::new().for_writer(Vec::new());
    for triple in triples::all(described) {
        // Writing into memory does not fail.
        let _ = writer.serialize_triple(&triple);
    }
    text(writer.finish())
}

/// Turtle.
#[must_use]
pub fn turtle(described: &[Described<'_>]) -> String {
    let triples = triples::all(described);
    let mut serializer = TurtleSerializer::new();
    for (prefix, namespace) in used(&triples) {
        serializer = match serializer.clone().with_prefix(prefix, namespace) {
            Ok(with_prefix) => with_prefix,
            Err(_) => serializer,
        };
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in &triples {
        let _ = writer.serialize_triple(triple);
    }
    text(writer.finish().unwrap_or_default())
}

/// RDF/XML.
#[must_use]
pub fn rdf_xml(described: &[Described<'_>]) -> String {
    let triples = triples::all(described);
    let mut serializer = RdfXmlSerializer::new();
    for (prefix, namespace) in used(&triples) {
        serializer = match serializer.clone().with_prefix(prefix, namespace) {
            Ok(with_prefix) => with_prefix,
            Err(_) => serializer,
        };
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in &triples {
        let _ = writer.serialize_triple(triple);
    }
    text(writer.finish().unwrap_or_default())
}

/// JSON-LD with a context of prefixes inside.
#[must_use]
pub fn json_ld(described: &[Described<'_>]) -> String {
    let triples = triples::all(described);
    let mut serializer = JsonLdSerializer::new();
    for (prefix, namespace) in used(&triples) {
        serializer = match serializer.clone().with_prefix(prefix, namespace) {
            Ok(with_prefix) => with_prefix,
            Err(_) => serializer,
        };
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in &triples {
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

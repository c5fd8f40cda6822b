//! DCAT in RDF/XML inside a record of OAI-PMH: the one resource that it describes, as our reader of RDF takes it.

use std::collections::BTreeMap;

use fairground_domain::ResourceKind;
use oxrdf::{NamedOrBlankNode, TermRef, Triple};
use oxrdfxml::RdfXmlParser;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::document::RawRecord;
use crate::rdf::NEUTRAL_BASE;
use crate::rdf::term::{write_iri, write_object, write_subject};
use crate::rdf::vocab::{class, rdf};
use crate::xml::document::standalone;

/// Triples of one record.
const MOST_TRIPLES: usize = 100_000;

/// The N-Triples of the resource in a record's `rdf:RDF`, or why there are none.
pub(crate) fn resource(record: &str, seq: u64) -> Result<RawRecord, String> {
    let xml = element(record, "RDF").ok_or("there is no rdf:RDF in it")?;
    let parser = RdfXmlParser::new().lenient().with_base_iri(NEUTRAL_BASE).map_err(|error| error.to_string())?;
    let mut triples: Vec<Triple> = Vec::new();
    for triple in parser.for_slice(&xml) {
        triples.push(triple.map_err(|error| error.to_string())?);
        if triples.len() > MOST_TRIPLES {
            return Err(format!("it has more than {MOST_TRIPLES} triples"));
        }
    }
    let mut listed: BTreeMap<(u8, String), (NamedOrBlankNode, ResourceKind)> = BTreeMap::new();
    for triple in triples.iter().filter(|it| it.predicate.as_str() == rdf::TYPE) {
        if let Some((rank, kind)) = rank(triple.object.as_ref()) {
            listed.entry((rank, triple.subject.to_string())).or_insert((triple.subject.clone(), kind));
        }
    }
    let (root, kind) = listed.into_values().next().ok_or("it describes no dataset, series or data service")?;
    let mut lines: Vec<String> = triples.iter().filter(|it| it.subject == root || !is_listed(it)).map(line).collect();
    lines.sort();
    lines.dedup();
    Ok(RawRecord { seq, kind, bytes: lines.concat().into_bytes(), whole: true })
}

/// What a class makes of a subject: datasets before series before services, which may be described along with a dataset.
fn rank(class: TermRef<'_>) -> Option<(u8, ResourceKind)> {
    let TermRef::NamedNode(class) = class else { return None };
    let bits = class::of(class.as_str());
    if bits & class::DATASET != 0 {
        Some((0, ResourceKind::Dataset))
    } else if bits & class::SERIES != 0 {
        Some((1, ResourceKind::DatasetSeries))
    } else if bits & class::SERVICE != 0 {
        Some((2, ResourceKind::DataService))
    } else {
        None
    }
}

fn is_listed(triple: &Triple) -> bool {
    triple.predicate.as_str() == rdf::TYPE && rank(triple.object.as_ref()).is_some()
}

fn line(triple: &Triple) -> String {
    let mut line = String::new();
    write_subject(triple.subject.as_ref(), 0, &mut line);
    line.push(' ');
    write_iri(triple.predicate.as_str(), &mut line);
    line.push(' ');
    write_object(triple.object.as_ref(), 0, &mut line);
    line.push_str(" .\n");
    line
}

/// The first element of this local name, able to stand alone.
fn element(text: &str, name: &str) -> Option<Vec<u8>> {
    let mut reader = Reader::from_str(text);
    let mut around: Vec<(String, String)> = Vec::new();
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        match reader.read_event().ok()? {
            Event::Start(open) => {
                if open.local_name().into_inner() == name {
                    let end = open.to_end().into_owned();
                    reader.read_to_end(end.name()).ok()?;
                    let after = usize::try_from(reader.buffer_position()).ok()?;
                    return Some(standalone(text.get(before..after)?.as_bytes(), &around));
                }
                // Siblings declare for themselves only, but what is declared twice counts from the inside.
                for item in open.attributes().flatten().filter(|it| it.key.as_namespace_binding().is_some()) {
                    around.push((item.key.into_inner().to_owned(), item.value.into_owned()));
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

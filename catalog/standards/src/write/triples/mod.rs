//! A draft as triples of DCAT-AP 3.
//!
//! What a property's range asks for is said: an IRI that stands for a language, a licence or a document is given its class, so
//! that a page is judged whole without the vocabularies it points into. What lies elsewhere (another dataset, a series, a service)
//! is only pointed at.

mod catalog;
mod distribution;
mod people;
mod resource;

use std::collections::{BTreeMap, HashMap, HashSet};

use fairground_domain::{Concept, LanguageTag, LocalizedText};
use oxrdf::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple};

pub(super) use distribution::is_hexadecimal;

use super::catalog::CatalogPage;
use super::{Described, authority};
use crate::check::is_iri;
use crate::rdf::vocab::{dcat, dct, expanded, leads_away, prov, rdf, rdfs, skos, xsd};

/// Every triple of every draft, and of the catalogue page that lists them.
pub(super) fn all(described: &[Described<'_>], page: Option<&CatalogPage>) -> Vec<Triple> {
    let mut out = Out::default();
    if let Some(page) = page {
        out.catalog(page, described);
    }
    for one in described {
        out.resource(one);
    }
    grouped(out.triples)
}

/// The triples of one subject together, in the order in which subjects and triples came; serialisers write one block each.
fn grouped(triples: Vec<Triple>) -> Vec<Triple> {
    let mut seen: HashSet<Triple> = HashSet::with_capacity(triples.len());
    let mut places: HashMap<Subject, usize> = HashMap::new();
    let mut groups: Vec<Vec<Triple>> = Vec::new();
    for triple in triples {
        if !seen.insert(triple.clone()) {
            continue;
        }
        let place = *places.entry(triple.subject.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(triple),
            None => groups.push(vec![triple]),
        }
    }
    groups.concat()
}

#[derive(Debug, Default)]
struct Out {
    triples: Vec<Triple>,
    blanks: usize,
    /// Subjects and properties that may be said once, and were: things with an IRI of their own are described by many datasets.
    said: HashSet<(String, &'static str)>,
    /// IRIs of datasets and distributions that stand in the document already.
    taken: HashSet<String>,
}

type Subject = NamedOrBlankNode;

impl Out {
    fn add(&mut self, subject: &Subject, predicate: &str, object: impl Into<Term>) {
        self.triples.push(Triple::new(subject.clone(), NamedNode::new_unchecked(predicate), object));
    }

    fn blank(&mut self) -> Subject {
        self.blanks += 1;
        BlankNode::new_unchecked(format!("n{}", self.blanks)).into()
    }

    /// A node under its IRI when it has one that can be written, else a blank one.
    fn node(&mut self, iri: Option<&str>, class: &str) -> Subject {
        let named = iri.and_then(|iri| NamedNode::new(iri).ok());
        let node = named.map_or_else(|| self.blank(), Into::into);
        self.add(&node, rdf::TYPE, NamedNode::new_unchecked(class));
        node
    }

    /// Whether a property that has one value may still be said of a thing.
    fn first(&mut self, subject: &Subject, predicate: &'static str) -> bool {
        match subject {
            NamedOrBlankNode::NamedNode(node) => self.said.insert((node.as_str().to_owned(), predicate)),
            NamedOrBlankNode::BlankNode(_) => true,
        }
    }

    /// An address: an IRI where it is one, else the text as it is.
    fn link(&mut self, subject: &Subject, predicate: &str, address: &str) {
        match NamedNode::new(address) {
            Ok(node) => self.add(subject, predicate, node),
            Err(_) => self.add(subject, predicate, Literal::new_simple_literal(address)),
        }
    }

    /// An address whose class the property's range names; a text that is no IRI becomes a node of that name.
    fn typed(&mut self, subject: &Subject, predicate: &str, address: &str, class: &str) {
        match NamedNode::new(address) {
            Ok(node) => {
                self.add(&node.clone().into(), rdf::TYPE, NamedNode::new_unchecked(class));
                self.add(subject, predicate, node);
            }
            Err(_) => {
                let inner = self.node(None, class);
                self.plain(&inner, rdfs::LABEL, address);
                self.add(subject, predicate, inner);
            }
        }
    }

    /// Another resource: its IRI, or a node that has its identifier.
    fn reference(&mut self, subject: &Subject, predicate: &str, target: &str) {
        match NamedNode::new(target) {
            Ok(node) => self.add(subject, predicate, node),
            // Readers do not follow these: what hangs on a node would not be seen.
            Err(_) if leads_away(predicate) => self.plain(subject, predicate, target),
            Err(_) => {
                let inner = self.blank();
                self.plain(&inner, dct::IDENTIFIER, target);
                self.add(subject, predicate, inner);
            }
        }
    }

    fn plain(&mut self, subject: &Subject, predicate: &str, text: &str) {
        self.add(subject, predicate, Literal::new_simple_literal(text));
    }

    fn of_type(&mut self, subject: &Subject, predicate: &str, text: &str, datatype: &str) {
        self.add(subject, predicate, Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype)));
    }

    fn text(&mut self, subject: &Subject, predicate: &str, text: &LocalizedText) {
        for (language, text) in text.iter() {
            self.add(subject, predicate, literal(language, text));
        }
    }

    fn date(&mut self, subject: &Subject, predicate: &str, date: Option<&String>) {
        let Some(date) = date else { return };
        match date_type(date) {
            Some(datatype) => self.of_type(subject, predicate, date, datatype),
            None => self.plain(subject, predicate, date),
        }
    }

    fn concepts(&mut self, node: &Subject, predicate: &str, concepts: &[Concept], class: &str, label: &str) {
        for concept in concepts {
            let bare = concept.iri.as_deref().filter(|_| concept.label.is_empty());
            match bare {
                // A concept of SKOS has to have a name, which a bare IRI does not tell.
                Some(iri) if class == skos::CONCEPT => self.link(node, predicate, iri),
                Some(iri) => self.typed(node, predicate, iri, class),
                None => {
                    let inner = self.node(concept.iri.as_deref(), class);
                    self.text(&inner, label, &concept.label);
                    self.add(node, predicate, inner);
                }
            }
        }
    }

    /// A concept that is kept by its IRI alone, with the name that it has or can be given.
    fn named_concept(&mut self, node: &Subject, predicate: &str, iri: &str) {
        let Ok(concept) = NamedNode::new(iri) else {
            self.plain(node, predicate, iri);
            return;
        };
        let concept: Subject = concept.into();
        self.add(&concept, rdf::TYPE, NamedNode::new_unchecked(skos::CONCEPT));
        let name = match authority::label(iri) {
            Some(label) => Literal::new_language_tagged_literal_unchecked(label, "en"),
            None => Literal::new_simple_literal(authority::tail(iri)),
        };
        if self.first(&concept, skos::PREF_LABEL) {
            self.add(&concept, skos::PREF_LABEL, name);
        }
        self.add(node, predicate, concept);
    }

    fn licence(&mut self, node: &Subject, licence: Option<&fairground_domain::Licence>) {
        let Some(licence) = licence else { return };
        let concept = Concept { iri: licence.iri.clone(), label: licence.title.clone() };
        self.concepts(node, dct::LICENSE, &[concept], dct::LICENSE_DOCUMENT, dct::TITLE);
        let twin =
            licence.iri.as_deref().and_then(|iri| Some((NamedNode::new(iri).ok()?, authority::licence_twin(iri)?)));
        if let Some((own, twin)) = twin {
            self.link(&own.into(), skos::EXACT_MATCH, &twin);
        }
    }

    fn statements(&mut self, node: &Subject, predicate: &str, statements: &[LocalizedText], class: &str) {
        for statement in statements {
            if is_iri(statement.any()) && statement.iter().count() == 1 {
                self.typed(node, predicate, statement.any(), class);
                continue;
            }
            let inner = self.node(None, class);
            self.text(&inner, rdfs::LABEL, statement);
            self.add(node, predicate, inner);
        }
    }

    fn languages(&mut self, node: &Subject, languages: &[LanguageTag]) {
        for language in languages {
            self.typed(node, dct::LANGUAGE, &authority::language(language.as_str()), dct::LINGUISTIC_SYSTEM);
        }
    }

    fn resolutions(&mut self, node: &Subject, metres: &[String], duration: Option<&String>) {
        for metres in metres {
            self.of_type(node, dcat::SPATIAL_RESOLUTION, metres, xsd::DECIMAL);
        }
        if let Some(duration) = duration {
            self.of_type(node, dcat::TEMPORAL_RESOLUTION, duration, xsd::DURATION);
        }
    }

    /// What came from RDF goes back as it came; fields of JSON sources have no property.
    fn extra(&mut self, node: &Subject, extra: &BTreeMap<String, serde_json::Value>) {
        for (property, values) in extra {
            let Some(predicate) = expanded(property).or_else(|| is_iri(property).then(|| property.clone())) else {
                continue;
            };
            if NamedNode::new(&predicate).is_err() {
                continue;
            }
            for value in values.as_array().into_iter().flatten() {
                if let Some(text) = value.as_str() {
                    self.extra_text(node, &predicate, text);
                } else if let (Some(text), Some(tag)) =
                    (value.get("@value").and_then(|it| it.as_str()), value.get("@language").and_then(|it| it.as_str()))
                {
                    self.add(node, &predicate, literal(&LanguageTag::lenient(tag), text));
                }
            }
        }
    }

    fn extra_text(&mut self, node: &Subject, predicate: &str, text: &str) {
        /// Properties whose values are things: words for one become a thing of that name.
        const OF_THINGS: &[&str] = &[
            prov::WAS_GENERATED_BY,
            "http://www.w3.org/ns/odrl/2/hasPolicy",
            "http://www.w3.org/ns/adms#sample",
            dct::FORMAT,
        ];
        if is_iri(text) {
            match predicate {
                dct::FORMAT => self.typed(node, predicate, text, dct::MEDIA_TYPE_OR_EXTENT),
                prov::WAS_GENERATED_BY => self.typed(node, predicate, text, prov::ACTIVITY),
                _ => self.link(node, predicate, text),
            }
        } else if OF_THINGS.contains(&predicate) {
            let inner = self.blank();
            self.plain(&inner, rdfs::LABEL, text);
            self.add(node, predicate, inner);
        } else {
            self.plain(node, predicate, text);
        }
    }
}

pub(super) fn literal(language: &LanguageTag, text: &str) -> Literal {
    if language.as_str() == "und" {
        return Literal::new_simple_literal(text);
    }
    Literal::new_language_tagged_literal(text, language.as_str()).unwrap_or_else(|_| Literal::new_simple_literal(text))
}

/// The XML Schema type whose form a date has (XML Schema 1.1 Part 2, section 3.3.7 and following).
pub(super) fn date_type(text: &str) -> Option<&'static str> {
    let digits =
        |range: std::ops::Range<usize>| text.get(range).is_some_and(|it| it.bytes().all(|b| b.is_ascii_digit()));
    let sign = |at: usize, sign: &str| text.get(at..=at) == Some(sign);
    let day = || digits(0..4) && sign(4, "-") && digits(5..7) && sign(7, "-") && digits(8..10);
    let time = || sign(10, "T") && digits(11..13) && sign(13, ":") && digits(14..16) && sign(16, ":") && digits(17..19);
    match text.len() {
        4 if digits(0..4) => Some(xsd::YEAR),
        7 if digits(0..4) && sign(4, "-") && digits(5..7) => Some(xsd::YEAR_MONTH),
        10 if day() => Some(xsd::DATE),
        19.. if day() && time() && is_rest_of_time(text.get(19..)?) => Some(xsd::DATE_TIME),
        _ => None,
    }
}

/// What may follow the seconds: a fraction, and the distance to UTC.
fn is_rest_of_time(rest: &str) -> bool {
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
        None => rest,
    };
    match zone.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_type_of_their_form() {
        for (text, datatype) in [
            ("2024", Some(xsd::YEAR)),
            ("2024-02", Some(xsd::YEAR_MONTH)),
            ("2024-02-03", Some(xsd::DATE)),
            ("2024-02-03T04:05:06", Some(xsd::DATE_TIME)),
            ("2024-02-03T04:05:06.123Z", Some(xsd::DATE_TIME)),
            ("2024-02-03T04:05:06+02:00", Some(xsd::DATE_TIME)),
            ("2024-02-03T04:05:06+0200", None),
            ("2024-02-03 04:05:06", None),
            ("2024-02-03T04:05", None),
            ("R/P1D", None),
            ("soon", None),
        ] {
            assert_eq!(date_type(text), datatype, "{text}");
        }
    }
}

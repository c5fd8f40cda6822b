//! A record's triples, found by subject and predicate.

use fairground_domain::{LanguageTag, LocalizedText};

use crate::check::is_iri;
use crate::rdf::NEUTRAL_BASE;
use crate::rdf::term::{Term, parse_term, split_term};
use crate::rdf::vocab::{class, rdf};

/// One line of a record.
#[derive(Debug)]
struct Triple<'a> {
    subject: &'a str,
    predicate: &'a str,
    object: Term<'a>,
    /// The object as written: what its own lines begin with.
    object_text: &'a str,
}

/// The triples of one record, sorted.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    triples: Vec<Triple<'a>>,
}

/// A subject or object of the record, by its N-Triples text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'g> {
    graph: &'g Graph<'g>,
    text: &'g str,
}

/// An object of a triple.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'g> {
    pub(crate) term: &'g Term<'g>,
    node: Node<'g>,
}

impl<'a> Graph<'a> {
    /// Reads a record. `None` when it is not the N-Triples that we write.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let mut triples = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let (subject, rest) = split_term(line)?;
            let (predicate, rest) = split_term(rest)?;
            let (object_text, rest) = split_term(rest)?;
            if rest.trim() != "." {
                return None;
            }
            let predicate = predicate.strip_prefix('<')?.strip_suffix('>')?;
            triples.push(Triple { subject, predicate, object: parse_term(object_text)?, object_text });
        }
        triples.sort_by(|a, b| (a.subject, a.predicate, a.object_text).cmp(&(b.subject, b.predicate, b.object_text)));
        Some(Self { triples })
    }

    /// The resource that the record is about: the only subject of a class that is listed.
    pub(crate) fn root(&'a self) -> Option<Node<'a>> {
        let listed = |triple: &&Triple<'_>| {
            triple.predicate == rdf::TYPE
                && triple.object.text().map_or(0, class::of) & (class::DATASET | class::SERIES | class::SERVICE) != 0
        };
        self.triples.iter().find(listed).map(|triple| Node { graph: self, text: triple.subject })
    }
}

impl<'g> Node<'g> {
    fn slice(&self) -> &'g [Triple<'g>] {
        let triples = &self.graph.triples;
        let first = triples.partition_point(|triple| triple.subject < self.text);
        let rest = triples.get(first..).unwrap_or_default();
        let count = rest.partition_point(|triple| triple.subject == self.text);
        rest.get(..count).unwrap_or_default()
    }

    /// Every object of a predicate, in the order of their text.
    pub(crate) fn values(&self, predicate: &str) -> impl Iterator<Item = Value<'g>> + use<'g> {
        let own = self.slice();
        let first = own.partition_point(|triple| triple.predicate < predicate);
        let rest = own.get(first..).unwrap_or_default();
        let count = rest.partition_point(|triple| triple.predicate == predicate);
        let graph = self.graph;
        rest.iter()
            .take(count)
            .map(move |triple| Value { term: &triple.object, node: Node { graph, text: triple.object_text } })
    }

    /// Every object of several predicates, the first predicate's first.
    pub(crate) fn any(&self, predicates: &'g [&'g str]) -> impl Iterator<Item = Value<'g>> + use<'g> {
        let node = *self;
        predicates.iter().flat_map(move |predicate| node.values(predicate))
    }

    /// Every predicate with its objects.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'g str, Value<'g>)> + use<'g> {
        let graph = self.graph;
        self.slice().iter().map(move |triple| {
            (triple.predicate, Value { term: &triple.object, node: Node { graph, text: triple.object_text } })
        })
    }

    /// The IRI, when it has one that is not merely relative.
    pub(crate) fn iri(&self) -> Option<String> {
        let iri = self.reference()?;
        is_absolute(&iri).then_some(iri)
    }

    /// The IRI, or the relative reference that the source forgot to resolve; `None` for blank nodes and empty references.
    pub(crate) fn reference(&self) -> Option<String> {
        match parse_term(self.text)? {
            Term::Iri(iri) => Some(relative(&iri).to_owned()).filter(|iri| !iri.is_empty()),
            Term::Blank(_) | Term::Literal { .. } => None,
        }
    }

    /// True when the record says nothing of it.
    pub(crate) fn is_bare(&self) -> bool {
        self.slice().is_empty()
    }

    /// The text of the first object of these predicates that has one.
    pub(crate) fn text(&self, predicates: &'g [&'g str]) -> Option<String> {
        self.any(predicates).find_map(|value| value.text())
    }

    /// The literals of the first of these predicates that has any, by language.
    pub(crate) fn localized(&self, predicates: &'g [&'g str]) -> LocalizedText {
        for predicate in predicates {
            let mut all = LocalizedText::default();
            for value in self.values(predicate) {
                value.localize(&mut all);
            }
            if !all.is_empty() {
                return all;
            }
        }
        LocalizedText::default()
    }
}

impl<'g> Value<'g> {
    /// The object as a node with triples of its own.
    pub(crate) fn node(&self) -> Node<'g> {
        self.node
    }

    pub(crate) fn is_literal(&self) -> bool {
        matches!(self.term, Term::Literal { .. })
    }

    /// The text of a literal or IRI without blanks around it; `None` when nothing is left.
    pub(crate) fn text(&self) -> Option<String> {
        let text = self.term.text()?;
        let text = if self.is_literal() { text.trim() } else { relative(text) };
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    /// Its language; `und` when it says none.
    pub(crate) fn language(&self) -> LanguageTag {
        match self.term {
            Term::Literal { language: Some(tag), .. } => LanguageTag::lenient(tag),
            _ => LanguageTag::undetermined(),
        }
    }

    fn localize(&self, all: &mut LocalizedText) {
        if let (true, Some(text)) = (self.is_literal(), self.text()) {
            all.insert(self.language(), text);
        }
    }
}

/// An IRI without the neutral base.
fn relative(iri: &str) -> &str {
    iri.strip_prefix(NEUTRAL_BASE).unwrap_or(iri)
}

/// An IRI with a scheme; the parsers have resolved all others, so that what is left without one was relative.
fn is_absolute(iri: &str) -> bool {
    is_iri(iri)
        || iri
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
}

//! A draft as triples of DCAT-AP 3.

use std::collections::HashMap;

use fairground_domain::{
    Agent, Checksum, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, LocalizedText, Location,
    PeriodOfTime, ResourceKind,
};
use oxrdf::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple};

use super::authority as names;
use super::Described;
use crate::check::is_iri;
use crate::rdf::vocab::{
    adms, dcat, dcatap, dct, expanded, foaf, geo, locn, org, rdf, rdfs, skos, spdx, vcard, wdrs, xsd,
};

/// Every triple of every draft.
pub(super) fn all(described: &[Described<'_>]) -> Vec<Triple> {
    let mut out = Out { triples: Vec::new(), blanks: 0 };
    for one in described {
        out.resource(one);
    }
    grouped(out.triples)
}

/// The triples of one subject together, in the order in which subjects and triples came; serialisers write one block each.
fn grouped(triples: Vec<Triple>) -> Vec<Triple> {
    let mut places: HashMap<Subject, usize> = HashMap::new();
    let mut groups: Vec<Vec<Triple>> = Vec::new();
    for triple in triples {
        let place = *places.entry(triple.subject.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) if group.contains(&triple) => {}
            Some(group) => group.push(triple),
            None => groups.push(vec![triple]),
        }
    }
    groups.concat()
}

struct Out {
    triples: Vec<Triple>,
    blanks: usize,
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

    /// An address: an IRI where it is one, else the text as it is.
    fn link(&mut self, subject: &Subject, predicate: &str, address: &str) {
        match NamedNode::new(address) {
            Ok(node) => self.add(subject, predicate, node),
            Err(_) => self.add(subject, predicate, Literal::new_simple_literal(address)),
        }
    }

    fn links(&mut self, subject: &Subject, predicate: &str, addresses: &[String]) {
        for address in addresses {
            self.link(subject, predicate, address);
        }
    }

    fn plain(&mut self, subject: &Subject, predicate: &str, text: &str) {
        self.add(subject, predicate, Literal::new_simple_literal(text));
    }

    fn text(&mut self, subject: &Subject, predicate: &str, text: &LocalizedText) {
        for (language, text) in text.iter() {
            self.add(subject, predicate, literal(language, text));
        }
    }

    fn date(&mut self, subject: &Subject, predicate: &str, date: Option<&String>) {
        let Some(date) = date else { return };
        let object = match date_type(date) {
            Some(datatype) => Literal::new_typed_literal(date, NamedNode::new_unchecked(datatype)),
            None => Literal::new_simple_literal(date),
        };
        self.add(subject, predicate, object);
    }

    fn resource(&mut self, described: &Described<'_>) {
        let draft = described.draft;
        let class = match draft.kind {
            ResourceKind::Dataset => dcat::DATASET_CLASS,
            ResourceKind::DatasetSeries => dcat::SERIES_CLASS,
            ResourceKind::DataService => dcat::SERVICE_CLASS,
        };
        let node = self.node(Some(&described.iri), class);
        self.plain(&node, dct::IDENTIFIER, &draft.identifier);
        self.words(&node, draft);
        self.people(&node, draft);
        self.coverage(&node, draft);
        self.bonds(&node, draft);
        if let Some(service) = &draft.service {
            self.links(&node, dcat::ENDPOINT_URL, &service.endpoint_url);
            self.links(&node, dcat::ENDPOINT_DESCRIPTION, &service.endpoint_description);
            self.links(&node, dcat::SERVES_DATASET, &service.serves_dataset);
        }
        self.extra(&node, &draft.extra);
        for (place, distribution) in draft.distribution.iter().enumerate() {
            let given = described.distribution_iris.get(place).map(String::as_str).filter(|iri| !iri.is_empty());
            let iri = given.or(distribution.iri.as_deref());
            self.distribution(&node, iri, distribution);
        }
    }

    fn words(&mut self, node: &Subject, draft: &DatasetDraft) {
        self.text(node, dct::TITLE, &draft.title);
        self.text(node, dct::DESCRIPTION, &draft.description);
        for (language, keyword) in &draft.keyword {
            self.add(node, dcat::KEYWORD, literal(language, keyword));
        }
        self.concepts(node, dcat::THEME, &draft.theme, skos::CONCEPT, skos::PREF_LABEL);
        self.concepts(node, dcatap::HVD_CATEGORY, &draft.hvd_category, skos::CONCEPT, skos::PREF_LABEL);
        self.concepts(node, dct::CONFORMS_TO, &draft.conforms_to, dct::STANDARD, dct::TITLE);
        self.concepts(node, dct::ACCESS_RIGHTS, draft.access_rights.as_slice(), dct::RIGHTS_STATEMENT, rdfs::LABEL);
        self.concepts(node, dct::FREQUENCY, draft.frequency.as_slice(), skos::CONCEPT, skos::PREF_LABEL);
        self.licence(node, draft.licence.as_ref());
        self.statements(node, dct::RIGHTS, &draft.rights, dct::RIGHTS_STATEMENT);
        self.statements(node, dct::PROVENANCE, &draft.provenance, dct::PROVENANCE_STATEMENT);
        self.languages(node, &draft.language);
        self.date(node, dct::ISSUED, draft.issued.as_ref());
        self.date(node, dct::MODIFIED, draft.modified.as_ref());
        if let Some(version) = &draft.version {
            self.plain(node, dcat::VERSION, version);
        }
        self.text(node, adms::VERSION_NOTES, &draft.version_notes);
    }

    fn people(&mut self, node: &Subject, draft: &DatasetDraft) {
        for (predicate, agent) in draft
            .publisher
            .iter()
            .map(|agent| (dct::PUBLISHER, agent))
            .chain(draft.creator.iter().map(|agent| (dct::CREATOR, agent)))
        {
            let agent = self.agent(agent);
            self.add(node, predicate, agent);
        }
        for contact in &draft.contact_point {
            let contact = self.contact(contact);
            self.add(node, dcat::CONTACT_POINT, contact);
        }
    }

    fn coverage(&mut self, node: &Subject, draft: &DatasetDraft) {
        for PeriodOfTime { start, end } in &draft.temporal {
            let period = self.node(None, dct::PERIOD_OF_TIME);
            self.date(&period, dcat::START_DATE, start.as_ref());
            self.date(&period, dcat::END_DATE, end.as_ref());
            self.add(node, dct::TEMPORAL, period);
        }
        for location in &draft.spatial {
            let location = self.location(location);
            self.add(node, dct::SPATIAL, location);
        }
    }

    fn bonds(&mut self, node: &Subject, draft: &DatasetDraft) {
        self.links(node, dcat::LANDING_PAGE, &draft.landing_page);
        self.links(node, foaf::PAGE, &draft.page);
        self.links(node, dcat::IN_SERIES, &draft.in_series);
        self.links(node, dcatap::APPLICABLE_LEGISLATION, &draft.applicable_legislation);
        for relation in &draft.relation {
            if let Some(predicate) = expanded(&relation.property) {
                self.link(node, &predicate, &relation.target);
            }
        }
        for other in &draft.other_identifier {
            let identifier = self.node(None, adms::IDENTIFIER_CLASS);
            self.plain(&identifier, skos::NOTATION, other);
            self.add(node, adms::IDENTIFIER, identifier);
        }
    }

    fn concepts(&mut self, node: &Subject, predicate: &str, concepts: &[Concept], class: &str, label: &str) {
        for concept in concepts {
            let bare = concept.iri.as_deref().filter(|_| concept.label.is_empty());
            match bare {
                Some(iri) => self.link(node, predicate, iri),
                None => {
                    let inner = self.node(concept.iri.as_deref(), class);
                    self.text(&inner, label, &concept.label);
                    self.add(node, predicate, inner);
                }
            }
        }
    }

    fn licence(&mut self, node: &Subject, licence: Option<&fairground_domain::Licence>) {
        if let Some(licence) = licence {
            let concept = Concept { iri: licence.iri.clone(), label: licence.title.clone() };
            self.concepts(node, dct::LICENSE, &[concept], dct::LICENSE_DOCUMENT, dct::TITLE);
        }
    }

    fn statements(&mut self, node: &Subject, predicate: &str, statements: &[LocalizedText], class: &str) {
        for statement in statements {
            let inner = self.node(None, class);
            self.text(&inner, rdfs::LABEL, statement);
            self.add(node, predicate, inner);
        }
    }

    fn languages(&mut self, node: &Subject, languages: &[LanguageTag]) {
        for language in languages {
            match names::language(language.as_str()) {
                Some(iri) => self.link(node, dct::LANGUAGE, &iri),
                None => self.plain(node, dct::LANGUAGE, language.as_str()),
            }
        }
    }

    fn agent(&mut self, agent: &Agent) -> Subject {
        let node = self.node(agent.iri.as_deref(), foaf::AGENT);
        self.text(&node, foaf::NAME, &agent.name);
        for (predicate, address) in [(dct::TYPE, &agent.kind), (foaf::HOMEPAGE, &agent.homepage)] {
            if let Some(address) = address {
                self.link(&node, predicate, address);
            }
        }
        if let Some(email) = &agent.email {
            self.link(&node, foaf::MBOX, &format!("mailto:{email}"));
        }
        let mut below = node.clone();
        for name in &agent.part_of {
            let above = self.node(None, foaf::AGENT);
            self.plain(&above, foaf::NAME, name);
            self.add(&below, org::SUB_ORGANIZATION_OF, above.clone());
            below = above;
        }
        node
    }

    fn contact(&mut self, contact: &ContactPoint) -> Subject {
        let node = self.node(None, vcard::KIND);
        self.text(&node, vcard::FN, &contact.name);
        if let Some(email) = &contact.email {
            self.link(&node, vcard::HAS_EMAIL, &format!("mailto:{email}"));
        }
        if let Some(telephone) = &contact.telephone {
            // Spaces are usual in numbers and not allowed in IRIs; such a number stays a text.
            self.link(&node, vcard::HAS_TELEPHONE, &format!("tel:{telephone}"));
        }
        if let Some(url) = &contact.url {
            self.link(&node, vcard::HAS_URL, url);
        }
        node
    }

    fn location(&mut self, location: &Location) -> Subject {
        let node = self.node(location.iri.as_deref(), dct::LOCATION);
        self.text(&node, skos::PREF_LABEL, &location.label);
        if let Some([west, south, east, north]) = location.bbox {
            let corners =
                format!("POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))");
            self.add(&node, dcat::BBOX, Literal::new_typed_literal(corners, NamedNode::new_unchecked(geo::WKT)));
        }
        if let Some(geometry) = &location.geometry {
            let datatype = if geometry.trim_start().starts_with('{') { geo::GEOJSON } else { geo::WKT };
            let literal = Literal::new_typed_literal(geometry, NamedNode::new_unchecked(datatype));
            self.add(&node, locn::GEOMETRY, literal);
        }
        node
    }

    fn distribution(&mut self, dataset: &Subject, iri: Option<&str>, distribution: &Distribution) {
        const MEDIA_TYPES: &str = "https://www.iana.org/assignments/media-types/";
        let node = self.node(iri, dcat::DISTRIBUTION_CLASS);
        self.add(dataset, dcat::DISTRIBUTION, node.clone());
        self.text(&node, dct::TITLE, &distribution.title);
        self.text(&node, dct::DESCRIPTION, &distribution.description);
        for (predicate, address) in [
            (dcat::ACCESS_URL, &distribution.access_url),
            (dcat::DOWNLOAD_URL, &distribution.download_url),
            (dcatap::AVAILABILITY, &distribution.availability),
            (wdrs::DESCRIBED_BY, &distribution.described_by),
        ] {
            if let Some(address) = address {
                self.link(&node, predicate, address);
            }
        }
        for (predicate, media_type) in
            [(dcat::MEDIA_TYPE, &distribution.media_type), (dcat::COMPRESS_FORMAT, &distribution.compress_format)]
        {
            if let Some(media_type) = media_type {
                self.link(&node, predicate, &format!("{MEDIA_TYPES}{media_type}"));
            }
        }
        if let Some(format) = &distribution.format {
            match names::file_type(format) {
                Some(iri) => self.link(&node, dct::FORMAT, &iri),
                None => self.plain(&node, dct::FORMAT, format),
            }
        }
        if let Some(size) = distribution.byte_size {
            let datatype = NamedNode::new_unchecked(xsd::NON_NEGATIVE_INTEGER);
            self.add(&node, dcat::BYTE_SIZE, Literal::new_typed_literal(size.to_string(), datatype));
        }
        if let Some(checksum) = &distribution.checksum {
            let checksum = self.checksum(checksum);
            self.add(&node, spdx::CHECKSUM, checksum);
        }
        self.licence(&node, distribution.licence.as_ref());
        self.statements(&node, dct::RIGHTS, &distribution.rights, dct::RIGHTS_STATEMENT);
        self.date(&node, dct::ISSUED, distribution.issued.as_ref());
        self.date(&node, dct::MODIFIED, distribution.modified.as_ref());
        self.languages(&node, &distribution.language);
        self.concepts(&node, dct::CONFORMS_TO, &distribution.conforms_to, dct::STANDARD, dct::TITLE);
        self.links(&node, dcatap::APPLICABLE_LEGISLATION, &distribution.applicable_legislation);
        self.links(&node, dcat::ACCESS_SERVICE, &distribution.access_service);
        self.extra(&node, &distribution.extra);
    }

    fn checksum(&mut self, checksum: &Checksum) -> Subject {
        let node = self.node(None, spdx::CHECKSUM_CLASS);
        let plain = !checksum.algorithm.is_empty()
            && checksum.algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if plain {
            let algorithm = format!("http://spdx.org/rdf/terms#checksumAlgorithm_{}", checksum.algorithm);
            self.link(&node, spdx::ALGORITHM, &algorithm);
        } else if !checksum.algorithm.is_empty() {
            self.link(&node, spdx::ALGORITHM, &checksum.algorithm);
        }
        self.plain(&node, spdx::CHECKSUM_VALUE, &checksum.value);
        node
    }

    /// What came from RDF goes back as it came; fields of JSON sources have no property.
    fn extra(&mut self, node: &Subject, extra: &std::collections::BTreeMap<String, serde_json::Value>) {
        for (property, values) in extra {
            let Some(predicate) = expanded(property).or_else(|| is_iri(property).then(|| property.clone())) else {
                continue;
            };
            if NamedNode::new(&predicate).is_err() {
                continue;
            }
            for value in values.as_array().into_iter().flatten() {
                if let Some(text) = value.as_str() {
                    if is_iri(text) { self.link(node, &predicate, text) } else { self.plain(node, &predicate, text) }
                } else if let (Some(text), Some(tag)) =
                    (value.get("@value").and_then(|it| it.as_str()), value.get("@language").and_then(|it| it.as_str()))
                {
                    self.add(node, &predicate, literal(&LanguageTag::lenient(tag), text));
                }
            }
        }
    }
}

fn literal(language: &LanguageTag, text: &str) -> Literal {
    if language.as_str() == "und" {
        return Literal::new_simple_literal(text);
    }
    Literal::new_language_tagged_literal(text, language.as_str()).unwrap_or_else(|_| Literal::new_simple_literal(text))
}

/// The XML Schema type whose form a date has.
fn date_type(text: &str) -> Option<&'static str> {
    let digits =
        |range: std::ops::Range<usize>| text.get(range).is_some_and(|it| it.bytes().all(|b| b.is_ascii_digit()));
    let day =
        || digits(0..4) && text.get(4..5) == Some("-") && digits(5..7) && text.get(7..8) == Some("-") && digits(8..10);
    match text.len() {
        4 if digits(0..4) => Some(xsd::YEAR),
        7 if digits(0..4) && digits(5..7) => Some(xsd::YEAR_MONTH),
        10 if day() => Some(xsd::DATE),
        19.. if day() && text.get(10..11) == Some("T") && text.get(13..14) == Some(":") => Some(xsd::DATE_TIME),
        _ => None,
    }
}

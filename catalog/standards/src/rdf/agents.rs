//! What datasets and distributions share: agents, contacts, concepts, licences, periods, places.

use fairground_domain::{Agent, Concept, ContactPoint, Licence, LocalizedText, Location, PeriodOfTime};

use crate::check::{Findings, is_address, is_iri};
use crate::dcat_us::period;
use crate::rdf::graph::{Node, Value};
use crate::rdf::vocab::{
    adms, dc, dcat, dcatapit, dct, foaf, geo, locn, org, prefixed, rdf, rdfs, schema, schemas, skos, time, vcard,
};

/// What a thing that is not a dataset is called.
pub(crate) const NAMES: &[&str] =
    &[skos::PREF_LABEL, rdfs::LABEL, dct::TITLE, foaf::NAME, dc::TITLE, dct::DESCRIPTION, rdf::VALUE];
/// Bodies above a body that are followed.
const MOST_PARENTS: usize = 10;

/// Every agent of some properties: a described one, an IRI, or a bare name.
pub(crate) fn agents(node: &Node<'_>, predicates: &'static [&'static str], findings: &mut Findings) -> Vec<Agent> {
    let mut all = Vec::new();
    for predicate in predicates {
        for value in node.values(predicate) {
            let agent = if value.is_literal() {
                Agent { name: value.text().map(LocalizedText::undetermined).unwrap_or_default(), ..Agent::default() }
            } else {
                agent(&value.node(), predicate, findings)
            };
            if agent.iri.is_some() || !agent.name.is_empty() {
                all.push(agent);
            }
        }
    }
    all
}

fn agent(node: &Node<'_>, predicate: &str, findings: &mut Findings) -> Agent {
    const NAME: &[&str] = &[foaf::NAME, vcard::FN, vcard::ORGANIZATION_NAME, skos::PREF_LABEL, rdfs::LABEL, dct::TITLE];
    let mut agent = Agent {
        iri: node.iri(),
        name: node.localized(NAME),
        kind: node.values(dct::TYPE).find_map(|value| value.text()),
        homepage: node.text(&[foaf::HOMEPAGE]),
        email: node.text(&[foaf::MBOX]).and_then(|text| findings.email(&prefixed(predicate), &text)),
        part_of: Vec::new(),
    };
    let mut above = node.values(org::SUB_ORGANIZATION_OF).next().map(|value| value.node());
    while let Some(parent) = above.filter(|_| agent.part_of.len() < MOST_PARENTS) {
        let name = parent.localized(NAME);
        if name.is_empty() {
            break;
        }
        agent.part_of.push(name.any().to_owned());
        above = parent.values(org::SUB_ORGANIZATION_OF).next().map(|value| value.node());
    }
    agent
}

pub(crate) fn contacts(node: &Node<'_>, findings: &mut Findings) -> Vec<ContactPoint> {
    const PROPERTIES: &[&str] = &[dcat::CONTACT_POINT, adms::CONTACT_POINT];
    let mut all = Vec::new();
    for value in node.any(PROPERTIES) {
        let contact = if value.is_literal() {
            let text = value.text().unwrap_or_default();
            match findings.email("dcat:contactPoint", if text.contains('@') { &text } else { "" }) {
                Some(email) => ContactPoint { email: Some(email), ..ContactPoint::default() },
                None => ContactPoint { name: LocalizedText::undetermined(text), ..ContactPoint::default() },
            }
        } else if value.node().is_bare() {
            named_contact(&value, findings)
        } else {
            contact(&value.node(), findings)
        };
        if contact != ContactPoint::default() {
            all.push(contact);
        }
    }
    all
}

/// A contact that is only an IRI: a web address or a mailbox.
fn named_contact(value: &Value<'_>, findings: &mut Findings) -> ContactPoint {
    let iri = value.node().reference().unwrap_or_default();
    if iri.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:")) {
        return ContactPoint { email: findings.email("dcat:contactPoint", &iri), ..ContactPoint::default() };
    }
    ContactPoint { url: Some(iri).filter(|iri| is_address(iri)), ..ContactPoint::default() }
}

fn contact(node: &Node<'_>, findings: &mut Findings) -> ContactPoint {
    let email = linked(node, &[vcard::HAS_EMAIL, vcard::EMAIL, foaf::MBOX]);
    let telephone = linked(node, &[vcard::HAS_TELEPHONE, vcard::TEL, foaf::PHONE]);
    ContactPoint {
        name: node.localized(&[vcard::FN, vcard::ORGANIZATION_NAME, foaf::NAME, rdfs::LABEL]),
        email: email.and_then(|text| findings.email("vcard:hasEmail", &text)),
        telephone: telephone.map(|text| text.strip_prefix("tel:").unwrap_or(&text).to_owned()),
        url: linked(node, &[vcard::HAS_URL, vcard::URL, foaf::HOMEPAGE, foaf::PAGE]),
    }
}

/// A value that is given directly or one step further as `vcard:hasValue`.
fn linked(node: &Node<'_>, predicates: &'static [&'static str]) -> Option<String> {
    node.any(predicates).find_map(|value| {
        let further = if value.is_literal() { None } else { value.node().text(&[vcard::HAS_VALUE, rdf::VALUE]) };
        further.or_else(|| value.text())
    })
}

/// A concept: its IRI, its label, or a bare text.
pub(crate) fn concept(value: &Value<'_>) -> Option<Concept> {
    let concept = if value.is_literal() {
        let text = value.text()?;
        if is_iri(&text) {
            Concept::iri(text)
        } else {
            Concept { iri: None, label: [(value.language(), text)].into_iter().collect() }
        }
    } else {
        let node = value.node();
        let label = node.localized(NAMES);
        let iri = if label.is_empty() { node.reference() } else { node.iri() };
        Concept { iri, label }
    };
    Some(concept).filter(|concept| *concept != Concept::default())
}

pub(crate) fn concepts(node: &Node<'_>, predicates: &'static [&'static str]) -> Vec<Concept> {
    node.any(predicates).filter_map(|value| concept(&value)).collect()
}

/// The licence; of several the one with a web address.
pub(crate) fn licence(node: &Node<'_>) -> Option<Licence> {
    let all: Vec<Concept> = node.values(dct::LICENSE).filter_map(|value| concept(&value)).collect();
    let best = all.iter().find(|it| it.iri.as_deref().is_some_and(is_address)).or_else(|| all.first())?;
    Some(Licence { iri: best.iri.clone(), title: best.label.clone() })
}

/// Statements in words: a literal, a described node's label, or an IRI.
pub(crate) fn statements(node: &Node<'_>, predicate: &str) -> Vec<LocalizedText> {
    let mut all = Vec::new();
    // Literals in several languages are one statement; several of one language are several.
    let mut literals: Vec<LocalizedText> = Vec::new();
    for value in node.values(predicate) {
        if value.is_literal() {
            let Some(text) = value.text() else { continue };
            let language = value.language();
            let open = literals.iter_mut().find(|it| it.iter().all(|(tag, _)| *tag != language));
            match open {
                Some(statement) => statement.insert(language, text),
                None => literals.push([(language, text)].into_iter().collect()),
            }
        } else {
            let label = value.node().localized(NAMES);
            let words = if label.is_empty() { value.text().map(LocalizedText::undetermined) } else { Some(label) };
            all.extend(words);
        }
    }
    literals.append(&mut all);
    literals
}

/// `dct:temporal` in every profile's terms.
pub(crate) fn periods(node: &Node<'_>) -> Vec<PeriodOfTime> {
    const START: &[&str] = &[dcat::START_DATE, schema::START_DATE, schemas::START_DATE, dcatapit::START_DATE];
    const END: &[&str] = &[dcat::END_DATE, schema::END_DATE, schemas::END_DATE, dcatapit::END_DATE];
    let mut all = Vec::new();
    for value in node.values(dct::TEMPORAL) {
        if value.is_literal() {
            all.extend(value.text().and_then(|text| period(&text)));
            continue;
        }
        let node = value.node();
        let found = PeriodOfTime {
            start: node.text(START).or_else(|| instant(&node, time::HAS_BEGINNING)),
            end: node.text(END).or_else(|| instant(&node, time::HAS_END)),
        };
        if found != PeriodOfTime::default() {
            all.push(found);
        }
    }
    all
}

/// The moment of a `time:Instant`.
fn instant(node: &Node<'_>, predicate: &str) -> Option<String> {
    const MOMENT: &[&str] =
        &[time::IN_XSD_DATE, time::IN_XSD_DATE_TIME, time::IN_XSD_DATE_TIME_STAMP, time::IN_XSD_YEAR];
    node.values(predicate)
        .find_map(|value| value.node().text(MOMENT).or_else(|| value.text().filter(|_| value.is_literal())))
}

/// `dct:spatial`: an IRI, a name, a box or a shape.
pub(crate) fn locations(node: &Node<'_>, findings: &mut Findings) -> Vec<Location> {
    let mut all = Vec::new();
    for value in node.values(dct::SPATIAL) {
        if value.is_literal() {
            all.extend(value.text().and_then(|text| findings.location("dct:spatial", &text)));
            continue;
        }
        let node = value.node();
        let mut location = Location {
            iri: node.iri(),
            label: node.localized(&[skos::PREF_LABEL, rdfs::LABEL, locn::GEOGRAPHIC_NAME, dct::TITLE, foaf::NAME]),
            ..Location::default()
        };
        for predicate in [dcat::BBOX, locn::GEOMETRY, dcat::CENTROID] {
            shapes(&node, predicate, &mut location, findings);
        }
        if location != Location::default() {
            all.push(location);
        }
    }
    all
}

/// Fills box and geometry from a property; GeoJSON and WKT often stand side by side and say the same.
fn shapes(node: &Node<'_>, predicate: &str, location: &mut Location, findings: &mut Findings) {
    for value in node.values(predicate) {
        let text = if value.is_literal() { value.text() } else { value.node().text(&[geo::AS_WKT, geo::AS_GEOJSON]) };
        let Some(text) = text.filter(|text| !text.starts_with("<gml")) else { continue };
        match findings.location(&prefixed(predicate), &text) {
            Some(found) => {
                location.bbox = location.bbox.or(found.bbox);
                if location.geometry.is_none() {
                    location.geometry = found.geometry;
                }
            }
            None => continue,
        }
    }
}

//! A dataset, series or data service from its record.

use std::collections::BTreeMap;

use fairground_domain::{
    Attribution, ContentHash, DataService, DatasetDraft, Keyword, LanguageTag, QualifiedRelation, Relation,
    ResourceKind,
};

use crate::check::{Findings, is_address};
use crate::document::{Decoded, RawRecord};
use crate::rdf::agents::{NAMES, agents, concepts, contacts, licence, locations, periods, statements};
use crate::rdf::distribution::distribution;
use crate::rdf::graph::{Graph, Node, Value};
use crate::rdf::vocab::{adms, dc, dcat, dcat_us, dcatap, dct, foaf, owl, prefixed, prov, rdf, rdfs, skos};

/// Properties that have a home in the draft.
const KNOWN: &[&str] = &[
    rdf::TYPE,
    dct::TITLE,
    dc::TITLE,
    rdfs::LABEL,
    dct::DESCRIPTION,
    dc::DESCRIPTION,
    dct::IDENTIFIER,
    dc::IDENTIFIER,
    adms::IDENTIFIER,
    dct::PUBLISHER,
    dc::PUBLISHER,
    dct::CREATOR,
    dcat::CONTACT_POINT,
    adms::CONTACT_POINT,
    dcat::KEYWORD,
    dcat::THEME,
    dct::LICENSE,
    dct::ACCESS_RIGHTS,
    dct::RIGHTS,
    dct::ISSUED,
    dct::MODIFIED,
    dct::LANGUAGE,
    dct::FREQUENCY,
    dct::TEMPORAL,
    dct::SPATIAL,
    dcat::LANDING_PAGE,
    foaf::PAGE,
    dct::CONFORMS_TO,
    dct::PROVENANCE,
    dcat::VERSION,
    owl::VERSION_INFO,
    adms::VERSION,
    adms::VERSION_NOTES,
    dcat::IN_SERIES,
    dcat::SERIES_MEMBER,
    dcatap::APPLICABLE_LEGISLATION,
    dcatap::HVD_CATEGORY,
    dcat::DISTRIBUTION,
    dcat::ENDPOINT_URL,
    dcat::ENDPOINT_DESCRIPTION,
    dcat::SERVES_DATASET,
    dct::TYPE,
    dct::CREATED,
    adms::STATUS,
    dct::CONTRIBUTOR,
    dct::RIGHTS_HOLDER,
    prov::QUALIFIED_ATTRIBUTION,
    dcat::QUALIFIED_RELATION,
    dcat::SPATIAL_RESOLUTION,
    dcat::TEMPORAL_RESOLUTION,
    dcat_us::PURPOSE,
];

/// Links to other things, kept as relations.
const RELATIONS: &[&str] = &[
    dct::IS_REFERENCED_BY,
    dct::RELATION,
    dct::SOURCE,
    dct::IS_VERSION_OF,
    dct::HAS_VERSION,
    dcat::HAS_VERSION,
    dct::REFERENCES,
    dct::IS_PART_OF,
    dct::HAS_PART,
    dct::REPLACES,
    dct::IS_REPLACED_BY,
    dct::REQUIRES,
    dcat::FIRST,
    dcat::LAST,
    dcat::PREV,
    adms::SAMPLE,
    crate::rdf::vocab::wdrs::DESCRIBED_BY,
];

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    let mut findings = Findings::default();
    if !raw.whole {
        findings.refuse("record-too-large", "", "the dataset's description is larger than one record may be");
    }
    let text = String::from_utf8_lossy(&raw.bytes);
    let graph = Graph::read(&text);
    let Some(root) = graph.as_ref().and_then(Graph::root) else {
        findings.refuse("record-syntax", "", "the record is not the N-Triples of one resource");
        return Decoded { key: ContentHash::of(&raw.bytes).to_string(), draft: None, findings: findings.into_vec() };
    };
    let draft = draft(&root, raw.kind, &mut findings);
    let key = root.reference().map(|iri| identity(&iri)).unwrap_or_else(|| {
        if !draft.identifier.is_empty() {
            draft.identifier.clone()
        } else if !draft.title.is_empty() {
            ContentHash::of(draft.title.any().as_bytes()).to_string()
        } else {
            ContentHash::of(&raw.bytes).to_string()
        }
    });
    check(&draft, &mut findings);
    let draft = (!findings.refused()).then(|| draft.normalised());
    Decoded { key, draft, findings: findings.into_vec() }
}

/// The IRI as identity: doubled slashes in its path count as one. Generators that glue a base to a path with a slash too many
/// mend that one day, and must not thereby lose every dataset they had.
fn identity(iri: &str) -> String {
    let Some((scheme, rest)) = iri.split_once("://") else { return iri.to_owned() };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, tail) = rest.split_at(end);
    let mut single = String::with_capacity(iri.len());
    for c in path.chars() {
        // `https://proxy.example/https://…` keeps its inner scheme.
        if c != '/' || !single.ends_with('/') || single.ends_with(":/") {
            single.push(c);
        }
    }
    format!("{scheme}://{single}{tail}")
}

fn check(draft: &DatasetDraft, findings: &mut Findings) {
    if draft.title.is_empty() {
        findings.refuse("title-missing", "dct:title", "the resource has no title");
    }
    if draft.identifier.is_empty() {
        let message = "the resource has neither an IRI nor an identifier, so that it could not be found again";
        findings.refuse("identifier-missing", "dct:identifier", message);
    }
    if draft.description.is_empty() {
        findings.warn("description-missing", "dct:description", "the resource has no description");
    }
    if draft.publisher.is_none() {
        findings.warn("publisher-missing", "dct:publisher", "the resource does not say who publishes it");
    }
    if draft.contact_point.is_empty() {
        findings.warn("contact-missing", "dcat:contactPoint", "the resource does not say whom to ask");
    }
    findings.periods("dct:temporal", &draft.temporal);
}

fn draft(root: &Node<'_>, kind: ResourceKind, findings: &mut Findings) -> DatasetDraft {
    let mut identifiers: Vec<String> =
        root.any(&[dct::IDENTIFIER, dc::IDENTIFIER]).filter_map(|value| value.text()).collect();
    identifiers.dedup();
    let mut identifiers = identifiers.into_iter();
    let identifier = identifiers.next().or_else(|| root.reference()).unwrap_or_default();
    let mut publishers = agents(root, &[dct::PUBLISHER, dc::PUBLISHER], findings);
    if publishers.is_empty() {
        // DCAT-AP_IT asks for the holder of the rights, and for a publisher only where it is another body.
        publishers = agents(root, &[dct::RIGHTS_HOLDER], findings);
    }
    let named = publishers.iter().position(|agent| !agent.name.is_empty()).unwrap_or(0);
    let publisher = (!publishers.is_empty()).then(|| publishers.swap_remove(named));
    let mut draft = DatasetDraft {
        kind,
        iri: root.iri(),
        title: root.localized(&[dct::TITLE, dc::TITLE, rdfs::LABEL]),
        description: root.localized(&[dct::DESCRIPTION, dc::DESCRIPTION]),
        publisher,
        creator: agents(root, &[dct::CREATOR], findings),
        contact_point: contacts(root, findings),
        keyword: keywords(root),
        theme: concepts(root, &[dcat::THEME]),
        licence: licence(root),
        access_rights: concepts(root, &[dct::ACCESS_RIGHTS]).into_iter().next(),
        rights: statements(root, dct::RIGHTS),
        issued: date(root, dct::ISSUED, findings),
        modified: date(root, dct::MODIFIED, findings),
        language: root.values(dct::LANGUAGE).filter_map(|it| it.text()).map(|it| LanguageTag::lenient(&it)).collect(),
        frequency: concepts(root, &[dct::FREQUENCY]).into_iter().next(),
        temporal: periods(root),
        spatial: locations(root, findings),
        landing_page: pages(root, dcat::LANDING_PAGE, findings),
        page: pages(root, foaf::PAGE, findings),
        conforms_to: concepts(root, &[dct::CONFORMS_TO]),
        provenance: statements(root, dct::PROVENANCE),
        version: root.text(&[dcat::VERSION, owl::VERSION_INFO, adms::VERSION]),
        version_notes: root.localized(&[adms::VERSION_NOTES]),
        in_series: references(root, &[dcat::IN_SERIES]),
        relation: relations(root),
        applicable_legislation: references(root, &[dcatap::APPLICABLE_LEGISLATION]),
        hvd_category: concepts(root, &[dcatap::HVD_CATEGORY]),
        resource_type: concepts(root, &[dct::TYPE]),
        created: date(root, dct::CREATED, findings),
        status: concepts(root, &[adms::STATUS]).into_iter().next(),
        contributor: agents(root, &[dct::CONTRIBUTOR], findings),
        rights_holder: agents(root, &[dct::RIGHTS_HOLDER], findings),
        attribution: attributions(root, findings),
        qualified_relation: qualified_relations(root),
        spatial_resolution_metres: texts(root, dcat::SPATIAL_RESOLUTION),
        temporal_resolution: root.text(&[dcat::TEMPORAL_RESOLUTION]),
        purpose: root.localized(&[dcat_us::PURPOSE]),
        distribution: root.values(dcat::DISTRIBUTION).filter_map(|it| distribution(&it, findings)).collect(),
        service: service(root, kind),
        extra: others(root, &[KNOWN, RELATIONS].concat()),
        ..DatasetDraft::default()
    };
    draft.other_identifier = identifiers.chain(adms_identifiers(root)).filter(|other| *other != identifier).collect();
    draft.identifier = identifier;
    draft
}

fn keywords(root: &Node<'_>) -> Vec<Keyword> {
    root.values(dcat::KEYWORD).filter_map(|value| Some((value.language(), value.text()?))).collect()
}

/// `adms:identifier`: nodes with a notation, or bare texts.
fn adms_identifiers(root: &Node<'_>) -> Vec<String> {
    let one = |value: Value<'_>| {
        if value.is_literal() { value.text() } else { value.node().text(&[skos::NOTATION]).or_else(|| value.text()) }
    };
    root.values(adms::IDENTIFIER).filter_map(one).collect()
}

fn relations(root: &Node<'_>) -> Vec<Relation> {
    let mut all = Vec::new();
    for predicate in RELATIONS {
        let targets = references(root, std::slice::from_ref(predicate));
        all.extend(targets.into_iter().map(|target| Relation { property: prefixed(predicate), target }));
    }
    all
}

/// `prov:qualifiedAttribution` with an agent that is described or named.
fn attributions(root: &Node<'_>, findings: &mut Findings) -> Vec<Attribution> {
    let mut all = Vec::new();
    for value in root.values(prov::QUALIFIED_ATTRIBUTION) {
        let node = value.node();
        let role = node.text(&[dcat::HAD_ROLE]);
        let agents = agents(&node, &[prov::AGENT], findings);
        all.extend(agents.into_iter().map(|agent| Attribution { agent, role: role.clone() }));
    }
    all
}

fn qualified_relations(root: &Node<'_>) -> Vec<QualifiedRelation> {
    let mut all = Vec::new();
    for value in root.values(dcat::QUALIFIED_RELATION) {
        let node = value.node();
        let role = node.text(&[dcat::HAD_ROLE]);
        let targets = references(&node, &[dct::RELATION]);
        all.extend(targets.into_iter().map(|target| QualifiedRelation { target, role: role.clone() }));
    }
    all
}

/// Every text of a property.
pub(crate) fn texts(node: &Node<'_>, predicate: &str) -> Vec<String> {
    node.values(predicate).filter_map(|value| value.text()).collect()
}

fn service(root: &Node<'_>, kind: ResourceKind) -> Option<DataService> {
    (kind == ResourceKind::DataService).then(|| DataService {
        endpoint_url: references(root, &[dcat::ENDPOINT_URL]),
        endpoint_description: references(root, &[dcat::ENDPOINT_DESCRIPTION]),
        serves_dataset: references(root, &[dcat::SERVES_DATASET]),
    })
}

/// IRIs (or texts) that some properties point at; a blank node stands for its identifier or label.
pub(crate) fn references(node: &Node<'_>, predicates: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for predicate in predicates {
        all.extend(node.values(predicate).filter_map(|value| value.text().or_else(|| called(&value.node()))));
    }
    all.sort();
    all.dedup();
    all
}

/// What a node without an IRI is called.
fn called(node: &Node<'_>) -> Option<String> {
    let name = || node.localized(NAMES).any().to_owned();
    node.text(&[dct::IDENTIFIER]).or_else(|| Some(name()).filter(|name| !name.is_empty()))
}

/// A date of a property, as written.
pub(crate) fn date(node: &Node<'_>, predicate: &str, findings: &mut Findings) -> Option<String> {
    let text = node.values(predicate).find_map(|value| value.text())?;
    Some(findings.date(&prefixed(predicate), &text))
}

/// An address that is an IRI, a text, or (in some sources) the IRI of a node.
pub(crate) fn address(value: &Value<'_>, path: &str, findings: &mut Findings) -> Option<String> {
    let text = value.text()?;
    Some(findings.address(path, &text))
}

/// Web pages: addresses, of described documents too.
pub(crate) fn pages(node: &Node<'_>, predicate: &str, findings: &mut Findings) -> Vec<String> {
    let path = prefixed(predicate);
    let mut all = Vec::new();
    for value in node.values(predicate) {
        let text = value.text().or_else(|| value.node().text(&[foaf::HOMEPAGE, foaf::PAGE]));
        if let Some(text) = text {
            if !is_address(&text) {
                findings.address(&path, &text);
            }
            all.push(text);
        }
    }
    all
}

/// Properties without a home: texts, IRIs, and the names of nodes.
pub(crate) fn others(node: &Node<'_>, known: &[&str]) -> BTreeMap<String, serde_json::Value> {
    let mut all: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for (predicate, value) in node.all() {
        if known.contains(&predicate) {
            continue;
        }
        let text = value.text().or_else(|| called(&value.node()));
        if let Some(text) = text {
            let text = match value.language().as_str() {
                "und" => serde_json::Value::String(text),
                tag => serde_json::json!({ "@language": tag, "@value": text }),
            };
            all.entry(prefixed(predicate)).or_default().push(text);
        }
    }
    all.into_iter().map(|(property, values)| (property, serde_json::Value::Array(values))).collect()
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn a_slash_too_many_does_not_make_another_dataset() {
        for (iri, key) in [
            ("https://a.example/open-data//trees", "https://a.example/open-data/trees"),
            ("https://a.example/x", "https://a.example/x"),
            ("https://a.example/x?next=//y", "https://a.example/x?next=//y"),
            ("https://a.example/https://b.example//c", "https://a.example/https://b.example/c"),
            ("urn:x:a//b", "urn:x:a//b"),
            ("c_a182", "c_a182"),
        ] {
            assert_eq!(identity(iri), key);
        }
    }
}

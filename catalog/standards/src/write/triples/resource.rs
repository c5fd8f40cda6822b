//! Datasets, series and services.

use fairground_domain::{DatasetDraft, ResourceKind};

use super::{Out, Subject};
use crate::rdf::vocab::{adms, dcat, dcat_us, dcatap, dct, eli, expanded, foaf, prov, rdf, rdfs, skos};
use crate::write::Described;

impl Out {
    pub(super) fn resource(&mut self, described: &Described<'_>) {
        let draft = described.draft;
        let class = match draft.kind {
            ResourceKind::Dataset => dcat::DATASET_CLASS,
            ResourceKind::DatasetSeries => dcat::SERIES_CLASS,
            ResourceKind::DataService => dcat::SERVICE_CLASS,
        };
        let node = self.node(Some(&described.iri), class);
        if draft.kind == ResourceKind::DatasetSeries {
            // A subclass of it (DCAT 3, section 6.7); shapes are judged without reasoning.
            self.also(&node, dcat::DATASET_CLASS);
        }
        self.taken.insert(described.iri.clone());
        self.plain(&node, dct::IDENTIFIER, &draft.identifier);
        self.words(&node, draft);
        self.rules(&node, draft);
        self.people(&node, draft);
        self.coverage(&node, draft);
        self.bonds(&node, draft);
        if let Some(service) = &draft.service {
            for address in &service.endpoint_url {
                self.link(&node, dcat::ENDPOINT_URL, address);
            }
            for address in &service.endpoint_description {
                self.link(&node, dcat::ENDPOINT_DESCRIPTION, address);
            }
            for dataset in &service.serves_dataset {
                self.reference(&node, dcat::SERVES_DATASET, dataset);
            }
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
            self.add(node, dcat::KEYWORD, super::literal(language, keyword));
        }
        self.concepts(node, dcat::THEME, &draft.theme, skos::CONCEPT, skos::PREF_LABEL);
        self.concepts(node, dct::TYPE, &draft.resource_type, skos::CONCEPT, skos::PREF_LABEL);
        self.concepts(node, adms::STATUS, draft.status.as_slice(), skos::CONCEPT, skos::PREF_LABEL);
        self.concepts(node, dct::CONFORMS_TO, &draft.conforms_to, dct::STANDARD, dct::TITLE);
        self.concepts(node, dct::FREQUENCY, draft.frequency.as_slice(), dct::FREQUENCY_CLASS, rdfs::LABEL);
        self.statements(node, dct::PROVENANCE, &draft.provenance, dct::PROVENANCE_STATEMENT);
        self.languages(node, &draft.language);
        self.date(node, dct::CREATED, draft.created.as_ref());
        self.date(node, dct::ISSUED, draft.issued.as_ref());
        self.date(node, dct::MODIFIED, draft.modified.as_ref());
        if let Some(version) = &draft.version {
            self.plain(node, dcat::VERSION, version);
        }
        self.text(node, adms::VERSION_NOTES, &draft.version_notes);
        self.text(node, dcat_us::PURPOSE, &draft.purpose);
    }

    /// Who may do what with it, and which law asks for it (DCAT-AP HVD 3.0).
    fn rules(&mut self, node: &Subject, draft: &DatasetDraft) {
        self.concepts(node, dct::ACCESS_RIGHTS, draft.access_rights.as_slice(), dct::RIGHTS_STATEMENT, rdfs::LABEL);
        self.licence(node, draft.licence.as_ref());
        self.statements(node, dct::RIGHTS, &draft.rights, dct::RIGHTS_STATEMENT);
        self.concepts(node, dcatap::HVD_CATEGORY, &draft.hvd_category, skos::CONCEPT, skos::PREF_LABEL);
        self.legislation(node, &draft.applicable_legislation);
    }

    pub(super) fn legislation(&mut self, node: &Subject, laws: &[String]) {
        for law in laws {
            self.typed(node, dcatap::APPLICABLE_LEGISLATION, law, eli::LEGAL_RESOURCE);
        }
    }

    pub(super) fn pages(&mut self, node: &Subject, predicate: &str, pages: &[String]) {
        for page in pages {
            self.typed(node, predicate, page, foaf::DOCUMENT);
        }
    }

    fn coverage(&mut self, node: &Subject, draft: &DatasetDraft) {
        for span in &draft.temporal {
            let period = self.node(None, dct::PERIOD_OF_TIME);
            self.date(&period, dcat::START_DATE, span.start.as_ref());
            self.date(&period, dcat::END_DATE, span.end.as_ref());
            self.add(node, dct::TEMPORAL, period);
        }
        for location in &draft.spatial {
            let location = self.location(location);
            self.add(node, dct::SPATIAL, location);
        }
        self.resolutions(node, &draft.spatial_resolution_metres, draft.temporal_resolution.as_ref());
    }

    fn bonds(&mut self, node: &Subject, draft: &DatasetDraft) {
        self.pages(node, dcat::LANDING_PAGE, &draft.landing_page);
        self.pages(node, foaf::PAGE, &draft.page);
        for series in &draft.in_series {
            self.reference(node, dcat::IN_SERIES, series);
        }
        for relation in &draft.relation {
            if let Some(predicate) = expanded(&relation.property) {
                self.reference(node, &predicate, &relation.target);
            }
        }
        for relation in &draft.qualified_relation {
            let inner = self.node(None, dcat::RELATIONSHIP);
            self.reference(&inner, dct::RELATION, &relation.target);
            self.role(&inner, relation.role.as_deref());
            self.add(node, dcat::QUALIFIED_RELATION, inner);
        }
        for attribution in &draft.attribution {
            let inner = self.node(None, prov::ATTRIBUTION);
            let agent = self.agent(&attribution.agent);
            self.add(&inner, prov::AGENT, agent);
            self.role(&inner, attribution.role.as_deref());
            self.add(node, prov::QUALIFIED_ATTRIBUTION, inner);
        }
        for other in &draft.other_identifier {
            let identifier = self.node(None, adms::IDENTIFIER_CLASS);
            self.plain(&identifier, skos::NOTATION, other);
            self.add(node, adms::IDENTIFIER, identifier);
        }
    }

    fn role(&mut self, node: &Subject, role: Option<&str>) {
        if let Some(role) = role {
            self.typed(node, dcat::HAD_ROLE, role, dcat::ROLE);
        }
    }

    /// The class of a thing that may have several.
    pub(super) fn also(&mut self, node: &Subject, class: &str) {
        self.add(node, rdf::TYPE, oxrdf::NamedNode::new_unchecked(class));
    }
}

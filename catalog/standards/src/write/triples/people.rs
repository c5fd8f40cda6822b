//! Bodies, contacts and places.

use fairground_domain::{Agent, ContactPoint, DatasetDraft, Location};

use super::{Out, Subject};
use crate::rdf::vocab::{dcat, dct, foaf, geo, locn, org, skos, vcard};

impl Out {
    pub(super) fn people(&mut self, node: &Subject, draft: &DatasetDraft) {
        for (predicate, agents) in [
            (dct::PUBLISHER, draft.publisher.as_slice()),
            (dct::CREATOR, draft.creator.as_slice()),
            (dct::CONTRIBUTOR, draft.contributor.as_slice()),
            (dct::RIGHTS_HOLDER, draft.rights_holder.as_slice()),
        ] {
            for agent in agents {
                let agent = self.agent(agent);
                self.add(node, predicate, agent);
            }
        }
        for contact in &draft.contact_point {
            let contact = self.contact(contact);
            self.add(node, dcat::CONTACT_POINT, contact);
        }
    }

    pub(super) fn agent(&mut self, agent: &Agent) -> Subject {
        let node = self.node(agent.iri.as_deref(), foaf::AGENT);
        self.text(&node, foaf::NAME, &agent.name);
        if let Some(kind) = &agent.kind
            && self.first(&node, dct::TYPE)
        {
            self.named_concept(&node, dct::TYPE, kind);
        }
        if let Some(homepage) = &agent.homepage {
            self.link(&node, foaf::HOMEPAGE, homepage);
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

    pub(super) fn contact(&mut self, contact: &ContactPoint) -> Subject {
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

    pub(super) fn location(&mut self, location: &Location) -> Subject {
        let node = self.node(location.iri.as_deref(), dct::LOCATION);
        self.text(&node, skos::PREF_LABEL, &location.label);
        if let Some([west, south, east, north]) = location.bbox
            && self.first(&node, dcat::BBOX)
        {
            let corners =
                format!("POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))");
            self.of_type(&node, dcat::BBOX, &corners, geo::WKT);
        }
        if let Some(geometry) = &location.geometry
            && self.first(&node, locn::GEOMETRY)
        {
            let (predicate, datatype) = if geometry.trim_start().starts_with('{') {
                (geo::AS_GEOJSON, geo::GEOJSON)
            } else {
                (geo::AS_WKT, geo::WKT)
            };
            let shape = self.node(None, locn::GEOMETRY_CLASS);
            self.of_type(&shape, predicate, geometry, datatype);
            self.add(&node, locn::GEOMETRY, shape);
        }
        node
    }
}

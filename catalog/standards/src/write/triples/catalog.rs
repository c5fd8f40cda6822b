//! The catalogue around the resources of a page.

use fairground_domain::ResourceKind;
use oxrdf::{Literal, NamedNode};

use super::{Out, Subject};
use crate::rdf::vocab::{dcat, dct, foaf, hydra, rdf, xsd};
use crate::write::Described;
use crate::write::catalog::CatalogPage;

impl Out {
    pub(super) fn catalog(&mut self, page: &CatalogPage, described: &[Described<'_>]) {
        let node = self.node(Some(&page.iri), dcat::CATALOG);
        self.also(&node, hydra::COLLECTION);
        self.in_english(&node, dct::TITLE, &page.title);
        self.in_english(&node, dct::DESCRIPTION, &page.description);
        let publisher = self.node(None, foaf::AGENT);
        self.in_english(&publisher, foaf::NAME, &page.publisher);
        self.add(&node, dct::PUBLISHER, publisher);
        self.pages(&node, foaf::HOMEPAGE, std::slice::from_ref(&page.homepage));
        self.view(&node, page);
        for one in described {
            let predicate = match one.draft.kind {
                ResourceKind::Dataset | ResourceKind::DatasetSeries => dcat::DATASET,
                ResourceKind::DataService => dcat::SERVICE,
            };
            self.link(&node, predicate, &one.iri);
        }
    }

    fn view(&mut self, node: &Subject, page: &CatalogPage) {
        if let Some(total) = page.total {
            self.of_type(node, hydra::TOTAL_ITEMS, &total.to_string(), xsd::INTEGER);
        }
        let Ok(view) = NamedNode::new(&page.page) else { return };
        self.add(node, hydra::VIEW, view.clone());
        let view: Subject = view.into();
        self.add(&view, rdf::TYPE, NamedNode::new_unchecked(hydra::PARTIAL_VIEW));
        self.link(&view, hydra::FIRST, &page.first);
        if let Some(next) = &page.next {
            self.link(&view, hydra::NEXT, next);
        }
    }

    fn in_english(&mut self, node: &Subject, predicate: &str, text: &str) {
        self.add(node, predicate, Literal::new_language_tagged_literal_unchecked(text, "en"));
    }
}

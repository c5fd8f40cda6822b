//! The portal's own tables in what it publishes: a distribution for each table beside those of the publisher, and the table's API as a
//! data service.
//!
//! Both say what they were made from (`prov:wasDerivedFrom`). Whoever harvests the portal has the publisher's file anyway, and reading
//! it again under two addresses would double it: [`crate::offer`] leaves such distributions and services out when they are read.

use fairground_domain::{Concept, DataService, DatasetDraft, Distribution, LanguageTag, LocalizedText, ResourceKind};
use serde_json::json;

use super::publish::proper_iri;
use crate::offer::DERIVED_FROM;

/// A table that the portal made of a distribution's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableOffer {
    /// The place of that distribution in its draft.
    pub place: usize,
    /// What people read.
    pub title: String,
    /// Its page, an absolute address.
    pub page: String,
    /// Its API, which answers with what the table is.
    pub api: String,
    /// Where the whole of it is as CSV.
    pub csv: String,
    /// The API's own OpenAPI document.
    pub openapi: String,
    /// When its rows last changed, as RFC 3339.
    pub modified: String,
}

impl TableOffer {
    /// The IRI of its data service.
    #[must_use]
    pub fn service_iri(&self) -> String {
        format!("{}#service", self.api)
    }
}

/// The draft with a distribution for each table behind its own. What it was made from is named where the publisher's file can be had
/// by others; of a file that the portal alone has, the table is the way to it.
#[must_use]
pub fn with_tables(draft: &DatasetDraft, tables: &[TableOffer]) -> DatasetDraft {
    let mut out = draft.clone();
    for table in tables {
        let Some(original) = draft.distribution.get(table.place) else { continue };
        let mut one = Distribution {
            iri: Some(format!("{}#csv", table.api)),
            title: LocalizedText::undetermined(&table.title),
            access_url: Some(table.page.clone()),
            download_url: Some(table.csv.clone()),
            media_type: Some("text/csv".to_owned()),
            format: Some("CSV".to_owned()),
            licence: original.licence.clone(),
            rights: original.rights.clone(),
            access_rights: original.access_rights.clone(),
            language: original.language.clone(),
            applicable_legislation: original.applicable_legislation.clone(),
            modified: Some(table.modified.clone()),
            access_service: vec![table.service_iri()],
            ..Distribution::default()
        };
        if let Some(address) = address_of(original) {
            one.extra.insert(DERIVED_FROM.to_owned(), json!([address]));
        }
        out.distribution.push(one);
    }
    out
}

/// Where others get what a table was made from.
pub(super) fn address_of(original: &Distribution) -> Option<String> {
    original
        .download_url
        .as_deref()
        .and_then(proper_iri)
        .or_else(|| original.access_url.as_deref().and_then(proper_iri))
}

/// The table's API as a data service of the dataset with this IRI.
#[must_use]
pub fn table_service(draft: &DatasetDraft, dataset_iri: &str, table: &TableOffer) -> DatasetDraft {
    let iri = table.service_iri();
    let text = |text: String| [(LanguageTag::lenient("en"), text)].into_iter().collect::<LocalizedText>();
    let original = draft.distribution.get(table.place);
    let licence = original.and_then(|it| it.licence.clone()).or_else(|| draft.licence.clone());
    let mut service = DatasetDraft {
        kind: ResourceKind::DataService,
        identifier: iri.clone(),
        iri: Some(iri),
        title: text(format!("API of the table “{}”", table.title)),
        description: text(format!("Rows, filters, sums and exports of the table “{}”.", table.title)),
        publisher: draft.publisher.clone(),
        contact_point: draft.contact_point.clone(),
        theme: draft.theme.clone(),
        licence,
        access_rights: draft.access_rights.clone(),
        hvd_category: draft.hvd_category.clone(),
        applicable_legislation: draft.applicable_legislation.clone(),
        landing_page: vec![table.page.clone()],
        conforms_to: vec![Concept::iri("https://spec.openapis.org/oas/latest.html")],
        service: Some(DataService {
            endpoint_url: vec![table.api.clone()],
            endpoint_description: vec![table.openapi.clone()],
            serves_dataset: vec![dataset_iri.to_owned()],
        }),
        ..DatasetDraft::default()
    };
    let from = original.and_then(address_of).unwrap_or_else(|| dataset_iri.to_owned());
    service.extra.insert(DERIVED_FROM.to_owned(), json!([from]));
    service
}

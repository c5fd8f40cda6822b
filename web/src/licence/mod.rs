//! Licences: what each allows in plain words, and what is under it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::dataset::theme_slug;
use fairground_catalog::search as index;
use fairground_catalog::{Catalog, CatalogError};

use crate::layout::{CountedLink, Link, Place, Visit, answer_page};
use crate::search::{FacetValue, Filter};
use crate::theme::{CollectionPage, CollectionView, ListPage, ListView, collect, values_of};
use crate::words::{Language, LicenceWords};

fn slug_of(value: &FacetValue) -> String {
    theme_slug(&value.label)
}

fn licences(catalog: &Catalog, language: Language) -> Result<Vec<FacetValue>, CatalogError> {
    Ok(values_of(catalog, index::Facet::Licence, Filter::Licence, language)?.values)
}

/// Shows all licences.
pub(crate) async fn list_licences(visit: Visit) -> HttpResponse {
    let (catalog, language) = (visit.pages.state.catalog.clone(), visit.language);
    let loaded = visit
        .block(move || {
            let link = |value: FacetValue| CountedLink {
                href: format!("/licences/{}", slug_of(&value)),
                text: value.label,
                count: value.count,
            };
            let items = licences(&catalog, language)?.into_iter().map(link).collect();
            Ok(ListPage { title: "licence-all", lead: "licence-all-lead", items })
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &ListView { frame, page }))
}

/// Shows a licence.
pub(crate) async fn show_licence(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let (catalog, language, slug) = (visit.pages.state.catalog.clone(), visit.language, slug.into_inner());
    let loaded = visit
        .block(move || {
            let own = licences(&catalog, language)?.into_iter().find(|value| slug_of(value) == slug);
            let own = own.ok_or_else(|| CatalogError::not_found("licence", &slug))?;
            let words = LicenceWords::of_text(own.values.first().map(String::as_str).unwrap_or_default());
            let page = CollectionPage {
                above: ("licence-all", "/licences"),
                about: words.plainly(language).text(),
                more: words.href.clone().map(|href| Link::new(language.t("licence-text").text(), href)),
                name: own.label,
                ..CollectionPage::default()
            };
            collect(&catalog, Filter::Licence, &own.values, page, language)
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &CollectionView { frame, page }))
}

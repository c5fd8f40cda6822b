//! Showing a table.

use std::rc::Rc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, LoadFilter, Table, TableVersion};
use fairground_catalog::{CatalogError, Tx, tariff};
use fairground_domain::Distribution;
use serde::Deserialize;

use super::{Costs, FirstRows, Home, Inside, LoadState, Question, TablePage, TableView, page_address};
use crate::layout::{Link, Place, Visit, answer_page};
use crate::prose::safe_href;
use crate::words::{LicenceWords, Said};

/// Which version to show.
#[derive(Debug, Deserialize)]
pub(crate) struct VersionQuery {
    #[serde(default)]
    pub(super) version: Option<String>,
}

/// What a page is made from.
pub(super) struct Loaded {
    pub(super) dataset: Dataset,
    pub(super) table: Table,
    shown: TableVersion,
    versions: Vec<TableVersion>,
    load: LoadState,
    costs: Costs,
}

impl Loaded {
    /// The page without rows.
    pub(super) fn page(&self, public_url: &str) -> TablePage {
        let home = home(&self.dataset, &self.table, self.load.clone());
        TablePage::of(home, &self.table, &self.shown, &self.versions, self.costs, public_url)
    }
}

/// Shows the table of that id, in an older version where one is asked for. By its slug, or under another dataset, it is found as
/// well, and the answer leads to its address.
pub(crate) async fn show_table(
    visit: Visit,
    path: web::Path<(String, String)>,
    query: Option<web::Query<VersionQuery>>,
) -> HttpResponse {
    let (dataset, name) = path.into_inner();
    let version = query.and_then(|query| query.into_inner().version);
    let asked = version.clone();
    let wanted = name.clone();
    let loaded = visit.read(move |tx| load(tx, &wanted, asked.as_deref())).await;
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            return visit.finish(Place::Datasets, Err::<(), _>(error), |_, ()| HttpResponse::NotFound().finish());
        }
    };
    let address = page_address(loaded.dataset.slug.as_str(), &loaded.table);
    if dataset != loaded.dataset.slug.as_str() || name != loaded.table.id.to_string() {
        let pin = version.map(|_| format!("?version={}", loaded.shown.version)).unwrap_or_default();
        return HttpResponse::MovedPermanently().insert_header((header::LOCATION, address + &pin)).finish();
    }
    let mut page = loaded.page(&visit.pages.site.public_url);
    page.question = Question::of(visit.request.query_string(), &page.preview);
    if let Some(inside) = visit.request.app_data::<Rc<Inside>>().filter(|_| page.rows > 0) {
        page.first = FirstRows::ask(inside, &page).await;
    }
    visit.finish(Place::Datasets, Ok(page), |frame, page| answer_page(StatusCode::OK, &TableView { frame, page }))
}

pub(super) fn load(tx: &mut Tx<'_>, name: &str, version: Option<&str>) -> Result<Loaded, CatalogError> {
    let table = table::get_public(tx, name)?;
    let dataset = dataset::get_public(tx, &table.dataset_id.to_string())?;
    let versions = table::list_versions(tx, table.id)?;
    let number = match version.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| CatalogError::not_found("version", text))?,
        None => table.version,
    };
    let shown = versions
        .iter()
        .find(|version| version.version == number)
        .cloned()
        .ok_or_else(|| CatalogError::not_found("version", number))?;
    let filter = LoadFilter { distributions: Some(vec![table.distribution_id]), ..LoadFilter::default() };
    let newest = if table.uploaded { None } else { table::list_loads(tx, &filter, 1)?.into_iter().next() };
    let costs = Costs::from(&tariff::get_current(tx)?);
    Ok(Loaded { load: LoadState::of(newest.as_ref()), dataset, table, shown, versions, costs })
}

fn home(dataset: &Dataset, table: &Table, load: LoadState) -> Home {
    let ids = dataset.distribution_ids();
    let mut known = dataset.draft.distribution.iter().zip(ids);
    let distribution: Option<&Distribution> =
        known.find(|(_, id)| *id == table.distribution_id).map(|(distribution, _)| distribution);
    let own = distribution.and_then(|it| it.licence.as_ref());
    let address = distribution.and_then(|it| it.download_url.as_deref().or(it.access_url.as_deref()));
    Home {
        slug: dataset.slug.to_string(),
        title: Said::of(&dataset.draft.title),
        publisher: dataset
            .publisher
            .as_ref()
            .map(|publisher| Link::new(&publisher.name, format!("/publishers/{}", publisher.slug))),
        licence: LicenceWords::of(own.or(dataset.draft.licence.as_ref())),
        original: address.filter(|_| !table.uploaded).and_then(safe_href),
        original_bytes: distribution.and_then(|it| it.byte_size).filter(|bytes| *bytes > 0),
        load,
    }
}

//! Finding something real to try the operations with.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_catalog::dataset::DatasetCard;
use fairground_catalog::search::SearchQuery;
use fairground_catalog::{CatalogError, Tx, dataset, table};
use url::form_urlencoded;

use super::{DOCS_POLICY, DocsPage, DocsView, Field, Trial};
use crate::layout::{PageError, Place, Visit, answer_with};
use crate::table::{Call, Samples};

/// Rows and datasets that an example asks for: an answer to read, not to work with.
const FEW: &str = "5";
/// Lines of an export's sample.
const FEW_LINES: &str = "20";
/// Longest name of a dataset or table that is looked up, in characters.
const LONGEST_NAME_CHARS: usize = 200;

/// Shows the documentation.
pub(crate) async fn show_docs(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Developers, loaded, |frame, page| {
        answer_with(StatusCode::OK, &DocsView { frame, page }, DOCS_POLICY, "no-cache")
    })
}

fn asked(visit: &Visit, name: &str) -> Option<String> {
    form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(field, value)| field == name && !value.trim().is_empty())
        .map(|(_, value)| value.trim().chars().take(LONGEST_NAME_CHARS).collect())
}

async fn load(visit: &Visit) -> Result<DocsPage, PageError> {
    let index = visit.pages.state.catalog.index.clone();
    let (wanted_dataset, wanted_table) = (asked(visit, "dataset"), asked(visit, "table"));
    visit
        .read(move |tx| {
            let mut is_unknown = false;
            let mut known = |found: Option<String>| {
                is_unknown |= found.is_none();
                found
            };
            let mut own = match wanted_dataset {
                Some(wanted) => known(known_dataset(tx, &wanted)?),
                None => None,
            };
            let example = match wanted_table {
                Some(wanted) => {
                    let found = there(table::get_public(tx, &wanted))?;
                    known(found.as_ref().map(|_| String::new()));
                    found
                }
                None => None,
            };
            let (shown, of_table) = match example {
                Some(shown) => {
                    let of_table = known_dataset(tx, &shown.dataset_id.to_string())?;
                    (Some(shown), of_table)
                }
                None => table::list_tables(tx, None, 1)?
                    .into_iter()
                    .next()
                    .map_or((None, None), |card| (Some(card.table), Some(card.dataset_slug.to_string()))),
            };
            if own.is_none() {
                own = of_table;
            }
            if own.is_none() {
                let newest = index.search(&SearchQuery { limit: 1, ..SearchQuery::default() })?;
                own = newest.hits.first().and_then(|hit| {
                    let card: DatasetCard = serde_json::from_str(&hit.card).ok()?;
                    Some(card.slug.to_string())
                });
            }
            let mut trials = of_datasets(own.as_deref());
            if let Some(shown) = &shown {
                let version = table::get_version(tx, shown, None)?;
                trials.extend(of_table_calls(
                    &format!("/api/v1/tables/{}", shown.slug),
                    &Samples::of(&version.snapshot, "", &format!("/api/v1/tables/{}", shown.slug), None).calls,
                ));
            }
            trials.push(of_usage());
            Ok(DocsPage {
                trials,
                dataset: own.unwrap_or_default(),
                table: shown.map(|table| table.slug.to_string()).unwrap_or_default(),
                is_unknown,
            })
        })
        .await
}

/// What is there; nothing where it is not, or no longer.
fn there<T>(found: Result<T, CatalogError>) -> Result<Option<T>, CatalogError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn known_dataset(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, CatalogError> {
    Ok(there(dataset::get_public(tx, name))?.map(|known| known.slug.to_string()))
}

fn of_datasets(slug: Option<&str>) -> Vec<Trial> {
    let search = Trial::new("try-search", "docs-search", "docs-search-about", "/api/v1/datasets")
        .with(Field::new("q", "docs-field-q", "water"))
        .with(Field::new("limit", "docs-field-limit", FEW));
    let one = slug.map(|slug| {
        Trial::new("try-dataset", "docs-dataset", "docs-dataset-about", format!("/api/v1/datasets/{slug}"))
    });
    std::iter::once(search).chain(one).collect()
}

/// The pairs that the table's own example asks, as fields.
fn pairs(calls: &[Call], what: &str) -> Vec<(String, String)> {
    let query = calls.iter().find(|call| call.what == what).and_then(|call| call.href.split_once('?'));
    query.map(|(_, query)| form_urlencoded::parse(query.as_bytes()).into_owned().collect()).unwrap_or_default()
}

fn of_table_calls(path: &str, calls: &[Call]) -> Vec<Trial> {
    let value = |pairs: &[(String, String)], name: &str| {
        pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (filter, groups) = (pairs(calls, "table-call-filter"), pairs(calls, "table-call-groups"));
    let rows = Trial::new("try-rows", "docs-rows", "docs-rows-about", format!("{path}/rows"))
        .with(Field::new("filter", "docs-field-filter", value(&filter, "filter")))
        .with(Field::new("sortby", "docs-field-sortby", value(&filter, "sortby")))
        .with(Field::new("limit", "docs-field-limit", FEW));
    let sums = Trial::new("try-aggregate", "docs-aggregate", "docs-aggregate-about", format!("{path}/aggregate"))
        .with(Field::new("groupby", "docs-field-groupby", value(&groups, "groupby")))
        .with(Field::new("aggregate", "docs-field-aggregate", value(&groups, "aggregate")));
    let mut export = Trial::new("try-export", "docs-export", "docs-export-about", format!("{path}/export.csv"))
        .with(Field::new("filter", "docs-field-filter", value(&filter, "filter")))
        .with(Field::new("limit", "docs-field-limit", FEW_LINES));
    export.is_file = true;
    vec![rows, sums, export]
}

fn of_usage() -> Trial {
    let mut usage = Trial::new("try-usage", "docs-usage", "docs-usage-about", "/api/v1/usage").with(Field::new(
        "period",
        "docs-field-period",
        "day",
    ));
    usage.needs_key = true;
    usage
}

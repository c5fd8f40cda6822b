//! `package_list`, `package_show`, `package_autocomplete`, `current_package_list_with_resources`.

use fairground_catalog::dataset::{self, Dataset, Publication};
use fairground_catalog::search::{SearchQuery, Sort, SuggestionTarget};
use fairground_catalog::{CatalogError, table};
use serde_json::{Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::own_drafts;
use super::package::Packages;
use super::package_search::ROWS_MAX;
use super::params::Params;

/// Names in an answer at most, when pages are asked for.
const NAMES_MAX: u64 = 10_000;
/// Suggestions unless the caller says otherwise, and at most.
const SUGGESTIONS: u64 = 10;
const SUGGESTIONS_MAX: u64 = 20;

/// `package_list`, by pages.
pub(super) fn list(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let limit = params.number("limit")?.unwrap_or(NAMES_MAX).min(NAMES_MAX);
    let offset = params.number("offset")?.unwrap_or(0);
    let names = dataset::list_public_slugs(context.tx, "", whole(offset), whole(limit))?;
    Ok(json!(names).to_string())
}

/// `package_show`.
pub(super) fn show(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let id = params
        .text("id")
        .or_else(|| params.text("name_or_id"))
        .ok_or_else(|| Refusal::of("name_or_id", "Missing value"))?;
    let missing = match dataset::get_public(context.tx, &id) {
        Ok(dataset) => return Ok(as_packages(context, &[dataset])?.concat()),
        Err(error) => error,
    };
    // What is not public yet is there for those who work on it.
    if let Some(actor) = &context.actor
        && matches!(missing, CatalogError::NotFound { .. })
        && let Some(draft) = own_drafts::find(context.tx, actor, &id)?
    {
        return Ok(own_drafts::package(context.tx, actor, context.url, &draft)?.to_string());
    }
    Err(missing.into())
}

/// `package_autocomplete`.
pub(super) fn autocomplete(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let q = params.text("q").ok_or_else(|| Refusal::of("q", "Missing value"))?;
    let limit = params.number("limit")?.unwrap_or(SUGGESTIONS).min(SUGGESTIONS_MAX);
    let limit = usize::try_from(limit).unwrap_or(0);
    let suggestions = context.index.suggest(&q, usize::try_from(SUGGESTIONS_MAX).unwrap_or(0))?;
    let found = suggestions.into_iter().filter_map(|suggestion| match suggestion.target {
        SuggestionTarget::Dataset { slug, .. } => Some(json!({
            "name": slug,
            "title": suggestion.text,
            "match_field": "title",
            "match_displayed": format!("{} ({slug})", suggestion.text),
        })),
        SuggestionTarget::Publisher(_) | SuggestionTarget::Keyword(_) | SuggestionTarget::Query(_) => None,
    });
    Ok(Value::Array(found.take(limit).collect()).to_string())
}

/// `current_package_list_with_resources`.
pub(super) fn current(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let limit = usize::try_from(params.number("limit")?.unwrap_or(ROWS_MAX).min(ROWS_MAX)).unwrap_or(0);
    let offset = match (params.number("offset")?, params.number("page")?) {
        (Some(offset), _) => offset,
        (None, Some(page)) => page.saturating_sub(1).saturating_mul(u64::try_from(limit).unwrap_or(0)),
        (None, None) => 0,
    };
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let question = SearchQuery { sort: Sort::Updated, limit, skip, ..SearchQuery::default() };
    let ids: Vec<String> = context.index.search(&question)?.hits.iter().map(|hit| hit.id.to_string()).collect();
    Ok(array(&by_ids(context, &ids)?))
}

/// These datasets as packages, in their order; what is not public any more is left out.
pub(super) fn by_ids(context: &mut Context<'_, '_>, ids: &[String]) -> Result<Vec<String>, Refusal> {
    let mut found = dataset::list_by_ids(context.tx, ids)?;
    found.retain(|dataset| dataset.publication == Publication::Published);
    let place = |dataset: &Dataset| ids.iter().position(|id| *id == dataset.id.to_string());
    found.sort_by_cached_key(place);
    as_packages(context, &found)
}

/// Datasets as packages, each as JSON.
fn as_packages(context: &mut Context<'_, '_>, datasets: &[Dataset]) -> Result<Vec<String>, Refusal> {
    let ids: Vec<String> = datasets.iter().map(|dataset| dataset.id.to_string()).collect();
    let searchable = table::list_distributions(context.tx, &ids)?.into_iter().collect();
    let packages = Packages { url: context.url, searchable };
    Ok(datasets.iter().map(|dataset| packages.package(dataset).to_string()).collect())
}

/// A list of what is JSON already.
pub(super) fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// A number as the store takes it.
pub(super) fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

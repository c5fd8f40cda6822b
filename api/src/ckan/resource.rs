//! Distributions as CKAN's resources.

use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::search::{Facet, Filter, SearchQuery, Sort};
use fairground_catalog::table;
use fairground_domain::{DistributionId, fold};
use serde_json::{Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::package::Packages;
use super::params::Params;

/// Distributions of an answer, unless the caller says otherwise and at most.
const FOUND: u64 = 100;
const FOUND_MAX: u64 = 1_000;
/// Datasets whose distributions are looked at for one answer.
const LOOKED_AT: usize = 1_000;

/// `resource_show`.
pub(super) fn show(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let id = params.text("id").ok_or_else(|| Refusal::of("id", "Missing value"))?;
    let found = find(context, &id)?;
    found.map(|resource| resource.to_string()).ok_or_else(|| Refusal::NotFound("Not found".to_owned()))
}

fn find(context: &mut Context<'_, '_>, id: &str) -> Result<Option<Value>, Refusal> {
    let Ok(wanted) = id.parse::<DistributionId>() else { return Ok(None) };
    let Some(home) = context.index.find_by_distribution(wanted)? else { return Ok(None) };
    let id = wanted.to_string();
    Ok(resources(context, &[home.to_string()])?.into_iter().find(|resource| text(resource, "id") == id))
}

/// `resource_search`. Values are sought as words where CKAN seeks them as parts of words.
pub(super) fn search(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let terms: Vec<(String, String)> = params
        .texts("query")
        .iter()
        .map(|term| match term.split_once(':') {
            Some((field, value)) if !value.trim().is_empty() => Ok((field.trim().to_owned(), value.trim().to_owned())),
            _ => Err(Refusal::of("query", "Must be <field>:<value> pair(s)")),
        })
        .collect::<Result<_, _>>()?;
    if terms.is_empty() {
        return Err(Refusal::of("query", "Missing value"));
    }
    let mut filters = Vec::new();
    for (field, value) in &terms {
        filters.push(match field.as_str() {
            "format" => Filter::Value(Facet::Format, vec![value.clone()]),
            "name" | "description" => Filter::Text(value.clone()),
            "url" => Filter::All(Vec::new()),
            "id" => {
                let found: Vec<Value> = find(context, value)?.into_iter().collect();
                return Ok(json!({ "count": found.len(), "results": found }).to_string());
            }
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(Refusal::of("query", format!("Field \"{other}\" not recognised in resource_search.")));
            }
        });
    }
    if terms.iter().all(|(field, _)| field == "url") {
        return Err(Refusal::of("query", "An address is sought together with a name, description or format only"));
    }
    let question = SearchQuery {
        filter: Some(Filter::All(filters)),
        sort: Sort::Updated,
        limit: LOOKED_AT,
        ..SearchQuery::default()
    };
    let answer = context.index.search(&question)?;
    let ids: Vec<String> = answer.hits.iter().map(|hit| hit.id.to_string()).collect();
    let mut found = resources(context, &ids)?;
    found.retain(|resource| terms.iter().all(|(field, value)| holds(resource, field, value)));
    let offset = usize::try_from(params.number("offset")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let limit = usize::try_from(params.number("limit")?.unwrap_or(FOUND).min(FOUND_MAX)).unwrap_or(0);
    let count = found.len();
    let page: Vec<Value> = found.into_iter().skip(offset).take(limit).collect();
    Ok(json!({ "count": count, "results": page }).to_string())
}

fn holds(resource: &Value, field: &str, value: &str) -> bool {
    let (has, value) = (fold(text(resource, field)), fold(value));
    if field == "format" { has == value } else { has.contains(&value) }
}

fn text<'a>(resource: &'a Value, field: &str) -> &'a str {
    resource.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Every distribution of these datasets.
fn resources(context: &mut Context<'_, '_>, ids: &[String]) -> Result<Vec<Value>, Refusal> {
    let searchable = table::list_distributions(context.tx, ids)?.into_iter().collect();
    let packages = Packages { url: context.url, searchable };
    let mut all = Vec::new();
    for dataset in dataset::list_by_ids(context.tx, ids)? {
        if dataset.publication == Publication::Published {
            all.extend(packages.resources(&dataset));
        }
    }
    Ok(all)
}

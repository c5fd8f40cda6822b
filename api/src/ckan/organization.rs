//! Publishers as CKAN's organizations.

use std::collections::HashMap;

use fairground_catalog::publisher::{self, Publisher};
use fairground_catalog::search::{Facet, Filter, MAX_FACET_LIMIT, SearchQuery, Sort};
use fairground_domain::fold;
use serde_json::{Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::package::moment;
use super::packages::{array, by_ids};
use super::params::Params;

/// Names read at once.
const NAMES_AT_ONCE: i64 = 5_000;
/// Most names in an answer, and most publishers in full, as in CKAN.
const NAMES_MAX: u64 = 10_000;
const IN_FULL: u64 = 25;
const IN_FULL_MAX: u64 = 1_000;
/// Values counted at once.
const COUNTED_AT_ONCE: usize = 150;
/// Datasets shown with their publisher or theme.
pub(super) const DATASETS_SHOWN: usize = 10;
/// Suggestions unless the caller says otherwise, and at most.
const SUGGESTIONS: u64 = 20;
const SUGGESTIONS_MAX: u64 = 100;

/// One of a list: its id and names, and how many public datasets it has.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) count: u64,
}

/// The page and order that a list is asked for.
#[derive(Debug)]
pub(super) struct ListParams {
    pub(super) in_full: bool,
    pub(super) only: Option<Vec<String>>,
    field: String,
    descending: bool,
    offset: usize,
    limit: usize,
}

impl ListParams {
    /// Reads them; `only` is the parameter that names what is wanted.
    pub(super) fn read(params: &Params, only: &str) -> Result<Self, Refusal> {
        let in_full = params.flag("all_fields", false)?;
        let sort = params.text("sort").or_else(|| params.text("order_by")).unwrap_or_else(|| "title asc".to_owned());
        let (field, direction) = sort.split_once(char::is_whitespace).unwrap_or((&sort, "asc"));
        let field = match field.trim() {
            "packages" | "package_count" => "package_count",
            "name" => "name",
            "title" => "title",
            _ => return Err(Refusal::of("sort", "Cannot sort by this field: name, title or package_count")),
        };
        let (otherwise, most) = if in_full { (IN_FULL, IN_FULL_MAX) } else { (NAMES_MAX, NAMES_MAX) };
        let limit = params.number("limit")?.unwrap_or(otherwise).min(most);
        Ok(Self {
            in_full,
            only: params.names(only),
            field: field.to_owned(),
            descending: direction.trim().eq_ignore_ascii_case("desc"),
            offset: usize::try_from(params.number("offset")?.unwrap_or(0)).unwrap_or(usize::MAX),
            limit: usize::try_from(limit).unwrap_or(0),
        })
    }

    /// The page of these, in the order asked for.
    pub(super) fn page(&self, mut all: Vec<Listed>) -> Vec<Listed> {
        if let Some(only) = &self.only {
            all.retain(|one| only.contains(&one.name) || only.contains(&one.id));
        }
        match self.field.as_str() {
            "package_count" => all.sort_by(|a, b| a.count.cmp(&b.count).then_with(|| b.name.cmp(&a.name))),
            "name" => all.sort_by(|a, b| a.name.cmp(&b.name)),
            _ => all.sort_by_cached_key(|one| (fold(&one.title), one.name.clone())),
        }
        if self.descending {
            all.reverse();
        }
        all.into_iter().skip(self.offset).take(self.limit).collect()
    }

    /// Whether the numbers of datasets decide the order.
    pub(super) fn is_by_count(&self) -> bool {
        self.field == "package_count"
    }
}

/// `organization_list`.
pub(super) fn list(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let asked = ListParams::read(params, "organizations")?;
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let names = publisher::list_names(context.tx, &after, NAMES_AT_ONCE)?;
        let Some((_, last, _)) = names.last() else { break };
        last.clone_into(&mut after);
        all.extend(names.into_iter().map(|(id, name, title)| Listed { id, name, title, count: 0 }));
    }
    let by_name = |all: &mut Vec<Listed>, counts: &HashMap<String, u64>| {
        for one in all {
            one.count = counts.get(&one.name).copied().unwrap_or(0);
        }
    };
    if asked.is_by_count() {
        by_name(&mut all, &count_most(context)?);
    }
    let mut page = asked.page(all);
    if !asked.in_full {
        return Ok(Value::Array(page.into_iter().map(|one| json!(one.name)).collect()).to_string());
    }
    let names: Vec<String> = page.iter().map(|one| one.name.clone()).collect();
    by_name(&mut page, &count(context, &names)?);
    let mut found = Vec::with_capacity(page.len());
    for one in page {
        if let Some(publisher) = publisher::find(context.tx, &one.name)? {
            found.push(organization(&publisher, one.count, context.url));
        }
    }
    Ok(Value::Array(found).to_string())
}

/// `organization_show`.
pub(super) fn show(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let id = params.text("id").ok_or_else(|| Refusal::of("id", "Missing value"))?;
    let publisher = publisher::find(context.tx, &id)?.ok_or_else(|| Refusal::NotFound("Not found".to_owned()))?;
    let name = publisher.slug.to_string();
    let count = count(context, std::slice::from_ref(&name))?.get(&name).copied().unwrap_or(0);
    let shown = organization(&publisher, count, context.url);
    let mut packages = None;
    if params.flag("include_datasets", false)? {
        let filter = Filter::Value(Facet::Publisher, vec![name]);
        packages = Some(newest(context, filter)?);
    }
    Ok(with_packages(&shown, packages))
}

/// `organization_autocomplete`.
pub(super) fn autocomplete(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let mut found = Vec::new();
    for (name, title) in matching(context, params, Facet::Publisher, |value, _| value.to_owned())? {
        if let Some(publisher) = publisher::find(context.tx, &name)? {
            found.push(json!({ "id": publisher.id.to_string(), "name": name, "title": title }));
        }
    }
    Ok(Value::Array(found).to_string())
}

/// Names and titles of values whose title or name holds `q`.
pub(super) fn matching(
    context: &Context<'_, '_>,
    params: &Params,
    facet: Facet,
    name: impl Fn(&str, &str) -> String,
) -> Result<Vec<(String, String)>, Refusal> {
    let q = fold(&params.text("q").or_else(|| params.text("query")).ok_or_else(|| Refusal::of("q", "Missing value"))?);
    let limit = params.number("limit")?.unwrap_or(SUGGESTIONS).min(SUGGESTIONS_MAX);
    let mut found: Vec<(String, String)> = Vec::new();
    context.index.each_value(facet, |value, label| {
        if fold(label).contains(&q) || fold(value).contains(&q) {
            found.push((name(value, label), label.to_owned()));
        }
    });
    // Those that begin with it first, then the shorter ones.
    found.sort_by_cached_key(|(name, title)| (!fold(title).starts_with(&q), title.len(), name.clone()));
    found.dedup_by(|a, b| a.0 == b.0);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// The last changed datasets under a condition, as packages.
pub(super) fn newest(context: &mut Context<'_, '_>, filter: Filter) -> Result<Vec<String>, Refusal> {
    newest_of(context, filter, DATASETS_SHOWN)
}

/// As [`newest`], so many of them.
pub(super) fn newest_of(context: &mut Context<'_, '_>, filter: Filter, limit: usize) -> Result<Vec<String>, Refusal> {
    let question = SearchQuery { filter: Some(filter), sort: Sort::Updated, limit, ..SearchQuery::default() };
    let ids: Vec<String> = context.index.search(&question)?.hits.iter().map(|hit| hit.id.to_string()).collect();
    by_ids(context, &ids)
}

/// A publisher's or theme's JSON, with its packages, which are JSON already.
pub(super) fn with_packages(shown: &Value, packages: Option<Vec<String>>) -> String {
    let text = shown.to_string();
    match (packages, text.strip_suffix('}')) {
        (Some(packages), Some(open)) => format!("{open},\"packages\":{}}}", array(&packages)),
        _ => text,
    }
}

fn organization(publisher: &Publisher, count: u64, url: &str) -> Value {
    let agent = &publisher.agent;
    let extras = [
        ("uri", agent.iri.clone()),
        ("homepage", agent.homepage.clone()),
        ("email", agent.email.clone()),
        ("type", agent.kind.clone()),
        ("page", Some(format!("{url}/publishers/{}", publisher.slug))),
    ];
    let extras: Vec<Value> =
        extras.into_iter().filter_map(|(key, value)| Some(json!({ "key": key, "value": value? }))).collect();
    json!({
        "id": publisher.id.to_string(),
        "name": publisher.slug.to_string(),
        "title": publisher.name,
        "display_name": publisher.name,
        "description": "",
        "image_url": "",
        "image_display_url": "",
        "created": moment(publisher.created_at),
        "is_organization": true,
        "type": "organization",
        "approval_status": "approved",
        "state": "active",
        "num_followers": 0,
        "package_count": count,
        "extras": extras,
        "users": [],
        "groups": [],
        "tags": [],
    })
}

/// The numbers of public datasets of the publishers that have most.
fn count_most(context: &Context<'_, '_>) -> Result<HashMap<String, u64>, Refusal> {
    let question = SearchQuery {
        facets: vec![Facet::Publisher],
        facet_limit: MAX_FACET_LIMIT,
        limit: 0,
        ..SearchQuery::default()
    };
    let mut answer = context.index.search(&question)?;
    let counts = answer.facets.remove(&Facet::Publisher).unwrap_or_default();
    Ok(counts.into_iter().map(|count| (count.value, count.count)).collect())
}

/// The numbers of public datasets of these publishers.
fn count(context: &Context<'_, '_>, names: &[String]) -> Result<HashMap<String, u64>, Refusal> {
    let mut counts = HashMap::new();
    for some in names.chunks(COUNTED_AT_ONCE) {
        counts
            .extend(count_values(context, Facet::Publisher, some)?.into_iter().map(|(value, _, count)| (value, count)));
    }
    Ok(counts)
}

/// The numbers of public datasets with these values of a facet: value, label, number.
pub(super) fn count_values(
    context: &Context<'_, '_>,
    facet: Facet,
    values: &[String],
) -> Result<Vec<(String, String, u64)>, Refusal> {
    let mut counted = Vec::new();
    for some in values.chunks(COUNTED_AT_ONCE) {
        let question = SearchQuery {
            filter: Some(Filter::Value(facet, some.to_vec())),
            facets: vec![facet],
            facet_limit: MAX_FACET_LIMIT,
            limit: 0,
            ..SearchQuery::default()
        };
        let mut answer = context.index.search(&question)?;
        let found = answer.facets.remove(&facet).unwrap_or_default().into_iter();
        let wanted = found.filter(|count| some.iter().any(|value| fold(value) == fold(&count.value)));
        counted.extend(wanted.map(|count| (count.value, count.label, count.count)));
    }
    Ok(counted)
}

//! Themes as CKAN's groups.

use std::collections::HashMap;

use fairground_catalog::dataset::{self, Theme, theme_slug};
use fairground_catalog::search::{Facet, Filter};
use serde_json::{Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::organization::{DATASETS_SHOWN, ListParams, Listed, count_values, matching, newest_of, with_packages};
use super::package_search::ROWS_MAX;
use super::packages::array;
use super::params::Params;

/// Themes read at once.
const AT_ONCE: i64 = 5_000;
/// Values of one theme that are counted: the ways in which sources name it.
const VALUES_MAX: usize = 150;

/// `group_list`.
pub(super) fn list(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let asked = ListParams::read(params, "groups")?;
    let mut known: HashMap<String, Theme> = HashMap::new();
    let mut after = String::new();
    loop {
        let page = dataset::list_themes(context.tx, &after, AT_ONCE)?;
        let Some(last) = page.last() else { break };
        last.slug.clone_into(&mut after);
        known.extend(page.into_iter().map(|theme| (theme.slug.clone(), theme)));
    }
    let mut values = by_slug(context);
    // A theme that no public dataset has any more is no group.
    known.retain(|slug, _| values.contains_key(slug));
    let listed = |theme: &Theme| Listed {
        id: theme.slug.clone(),
        name: theme.slug.clone(),
        title: theme.name.clone(),
        count: 0,
    };
    let mut all: Vec<Listed> = known.values().map(listed).collect();
    if asked.is_by_count() {
        for one in &mut all {
            one.count = count(context, values.get(&one.name).map_or(&[][..], Vec::as_slice))?;
        }
    }
    let mut page = asked.page(all);
    if !asked.in_full {
        return Ok(Value::Array(page.into_iter().map(|one| json!(one.name)).collect()).to_string());
    }
    let mut found = Vec::with_capacity(page.len());
    for one in &mut page {
        let count = count(context, &values.remove(&one.name).unwrap_or_default())?;
        if let Some(theme) = known.get(&one.name) {
            found.push(group(theme, count));
        }
    }
    Ok(Value::Array(found).to_string())
}

/// `group_show`.
pub(super) fn show(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let (theme, values) = theme(context, params)?;
    let count = count(context, &values)?;
    let packages = match params.flag("include_datasets", false)? {
        true => Some(newest_of(context, Filter::Value(Facet::Theme, values), DATASETS_SHOWN)?),
        false => None,
    };
    Ok(with_packages(&group(&theme, count), packages))
}

/// `group_package_show`.
pub(super) fn packages(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let (_, values) = theme(context, params)?;
    let limit = usize::try_from(params.number("limit")?.unwrap_or(ROWS_MAX).min(ROWS_MAX)).unwrap_or(0);
    Ok(array(&newest_of(context, Filter::Value(Facet::Theme, values), limit)?))
}

/// `group_autocomplete`.
pub(super) fn autocomplete(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let found = matching(context, params, Facet::Theme, |_, label| theme_slug(label))?;
    let groups = found.into_iter().map(|(name, title)| json!({ "id": name, "name": name, "title": title }));
    Ok(Value::Array(groups.collect()).to_string())
}

/// The theme that is asked for, and the values that sources have for it.
fn theme(context: &mut Context<'_, '_>, params: &Params) -> Result<(Theme, Vec<String>), Refusal> {
    let id = params.text("id").ok_or_else(|| Refusal::of("id", "Missing value"))?;
    let theme = dataset::find_theme(context.tx, &id)?;
    let values = by_slug(context).remove(&theme.slug).ok_or_else(|| Refusal::NotFound("Not found".to_owned()))?;
    Ok((theme, values))
}

/// The values of themes by the slugs that they come to.
fn by_slug(context: &Context<'_, '_>) -> HashMap<String, Vec<String>> {
    let mut slugs: HashMap<String, Vec<String>> = HashMap::new();
    context.index.each_value(Facet::Theme, |value, label| {
        let values = slugs.entry(theme_slug(label)).or_default();
        if values.len() < VALUES_MAX && !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    });
    slugs
}

fn count(context: &Context<'_, '_>, values: &[String]) -> Result<u64, Refusal> {
    Ok(count_values(context, Facet::Theme, values)?.into_iter().map(|(_, _, count)| count).sum())
}

fn group(theme: &Theme, count: u64) -> Value {
    let extras: Vec<Value> = theme.iri.iter().map(|iri| json!({ "key": "uri", "value": iri })).collect();
    json!({
        "id": theme.slug,
        "name": theme.slug,
        "title": theme.name,
        "display_name": theme.name,
        "description": "",
        "image_url": "",
        "image_display_url": "",
        "is_organization": false,
        "type": "group",
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

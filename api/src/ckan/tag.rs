//! Keywords as CKAN's tags.

use fairground_catalog::search::{Facet, Filter};
use fairground_domain::fold;
use serde_json::{Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::organization::{count_values, matching, newest_of, with_packages};
use super::package::tag;
use super::package_search::ROWS_MAX;
use super::params::Params;

/// Most keywords in an answer.
const TAGS_MAX: u64 = 100_000;

/// `tag_list`.
pub(super) fn list(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let in_full = params.flag("all_fields", false)?;
    let names = names(context, params)?;
    let tags = page(params, names)?.into_iter();
    let shown = tags.map(|name| if in_full { tag(&name) } else { json!(name) });
    Ok(Value::Array(shown.collect()).to_string())
}

/// `tag_search`.
pub(super) fn search(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let names = names(context, params)?;
    let count = names.len();
    let results: Vec<Value> = page(params, names)?.iter().map(|name| tag(name)).collect();
    Ok(json!({ "count": count, "results": results }).to_string())
}

/// `tag_autocomplete`.
pub(super) fn autocomplete(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let found = matching(context, params, Facet::Keyword, |value, _| value.to_owned())?;
    Ok(Value::Array(found.into_iter().map(|(name, _)| json!(name)).collect()).to_string())
}

/// `tag_show`.
pub(super) fn show(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let name = params.text("id").ok_or_else(|| Refusal::of("id", "Missing value"))?;
    let counted = count_values(context, Facet::Keyword, std::slice::from_ref(&name))?;
    let Some((name, _, count)) = counted.into_iter().next() else {
        return Err(Refusal::NotFound("Not found: Tag was not found.".to_owned()));
    };
    let mut shown = tag(&name);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("package_count".to_owned(), json!(count));
    }
    let packages = match params.flag("include_datasets", false)? {
        true => {
            let limit = usize::try_from(ROWS_MAX).unwrap_or(0);
            Some(newest_of(context, Filter::Value(Facet::Keyword, vec![name]), limit)?)
        }
        false => None,
    };
    Ok(with_packages(&shown, packages))
}

/// The keywords that public datasets have and that hold the words of `query`, in order.
fn names(context: &Context<'_, '_>, params: &Params) -> Result<Vec<String>, Refusal> {
    if params.text("vocabulary_id").is_some() {
        return Err(Refusal::NotFound("Not found: there are no vocabularies.".to_owned()));
    }
    let query = params.text("query").or_else(|| params.text("q")).map(|query| fold(&query));
    let mut names = Vec::new();
    context.index.each_value(Facet::Keyword, |value, _| {
        if query.as_ref().is_none_or(|query| fold(value).contains(query)) {
            names.push(value.to_owned());
        }
    });
    names.sort_unstable();
    Ok(names)
}

fn page(params: &Params, names: Vec<String>) -> Result<Vec<String>, Refusal> {
    let offset = usize::try_from(params.number("offset")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let limit = usize::try_from(params.number("limit")?.unwrap_or(TAGS_MAX).min(TAGS_MAX)).unwrap_or(0);
    Ok(names.into_iter().skip(offset).take(limit).collect())
}

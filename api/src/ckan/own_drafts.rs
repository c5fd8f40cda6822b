//! Drafts as packages, for those who work on them: `package_show` of what is not public yet, and `package_search` with
//! `include_drafts` or `include_private`. Nobody else is told of any.

use std::collections::HashSet;

use fairground_catalog::draft::{self, Draft, DraftFilter};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx, dataset};
use fairground_domain::{StageName, fold};
use serde_json::{Value, json};

use super::package::Packages;
use super::solr::{Clause, Value as Wanted};

/// Drafts that are looked through.
const LOOKED_THROUGH: i64 = 500;

/// The open draft of a dataset that is named by id or address, public or not, if the actor sees it.
pub(super) fn find(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<Option<Draft>, CatalogError> {
    let known = match dataset::get(tx, id) {
        Ok(known) => Some(known.id),
        Err(CatalogError::NotFound { .. }) => id.parse().ok(),
        Err(other) => return Err(other),
    };
    if let Some(known) = known {
        return draft::find_open(tx, actor, known);
    }
    let found = draft::list(tx, actor, &open_ones(), LOOKED_THROUGH)?;
    match found.into_iter().find(|card| card.slug.as_str() == id) {
        Some(card) => Ok(Some(draft::get(tx, actor, card.id)?)),
        None => Ok(None),
    }
}

fn open_ones() -> DraftFilter {
    let stages = StageName::ALL.into_iter().filter(|stage| !stage.is_final()).collect();
    DraftFilter { stages, ..DraftFilter::default() }
}

/// A draft as a package: its state is `draft`, and it is private.
pub(super) fn package(tx: &mut Tx<'_>, actor: &Actor, url: &str, draft: &Draft) -> Result<Value, CatalogError> {
    let seen = draft::preview(tx, actor, draft.id)?;
    let packages = Packages { url, searchable: HashSet::new() };
    let mut package = packages.package(&seen);
    if let Some(fields) = package.as_object_mut() {
        fields.insert("state".to_owned(), json!("draft"));
        fields.insert("private".to_owned(), json!(true));
        if let Some(extras) = fields.get_mut("extras").and_then(Value::as_array_mut) {
            extras.push(json!({ "key": "draft", "value": draft.id.to_string() }));
            extras.push(json!({ "key": "stage", "value": draft.stage.name().as_str() }));
        }
    }
    Ok(package)
}

/// The actor's drafts of what was never public, as packages that fit every condition; those begun last first. A new version of a
/// public dataset is not among them: that dataset is found as it is.
pub(super) fn search(
    tx: &mut Tx<'_>,
    actor: &Actor,
    url: &str,
    conditions: &[Clause],
) -> Result<Vec<Value>, CatalogError> {
    let mut found = Vec::new();
    for card in draft::list(tx, actor, &open_ones(), LOOKED_THROUGH)? {
        if card.base_version.is_some() {
            continue;
        }
        let draft = draft::get(tx, actor, card.id)?;
        let package = package(tx, actor, url, &draft)?;
        if conditions.iter().all(|condition| fits(condition, &package)) {
            found.push(package);
        }
    }
    Ok(found)
}

/// Whether a package is what a condition asks for; what cannot be told of a draft is not so.
fn fits(clause: &Clause, package: &Value) -> bool {
    match clause {
        Clause::All(parts) => parts.iter().all(|part| fits(part, package)),
        Clause::Any(parts) => parts.iter().any(|part| fits(part, package)),
        Clause::Not(part) => !fits(part, package),
        Clause::Field(field, wanted) => match field.as_deref() {
            None | Some("text" | "title" | "title_string" | "notes") => has_words(package, wanted),
            Some(name) => values_of(package, name).iter().any(|value| is_so(value, wanted)),
        },
    }
}

fn has_words(package: &Value, wanted: &Wanted) -> bool {
    let texts = ["title", "notes", "name"].map(|field| package.get(field).and_then(Value::as_str).unwrap_or_default());
    let text = fold(&texts.join(" "));
    match wanted {
        Wanted::Any => true,
        Wanted::Text { text: words, quoted: true } => text.contains(&fold(words)),
        Wanted::Text { text: words, quoted: false } => words.split_whitespace().all(|word| text.contains(&fold(word))),
        Wanted::Begins(stem) => text.split_whitespace().any(|word| word.starts_with(&fold(stem))),
        Wanted::Range { .. } => false,
    }
}

fn values_of(package: &Value, field: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let names = |list: &str, key: &str| {
        let items = package.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| text(item.get(key)?)).collect()
    };
    match field {
        "organization" => package.pointer("/organization/name").and_then(text).into_iter().collect(),
        "owner_org" => {
            let either = [package.get("owner_org"), package.pointer("/organization/name")];
            either.into_iter().flatten().filter_map(text).collect()
        }
        "tags" | "tag" => names("tags", "name"),
        "groups" | "group" => names("groups", "name"),
        "res_format" => names("resources", "format"),
        "capacity" => vec!["private".to_owned()],
        "dataset_type" | "type" => package.get("type").and_then(text).into_iter().collect(),
        "id" | "name" | "state" | "private" | "license_id" => package.get(field).and_then(text).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn is_so(value: &str, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Any => true,
        Wanted::Text { text, .. } => fold(value) == fold(text),
        Wanted::Begins(stem) => fold(value).starts_with(&fold(stem)),
        Wanted::Range { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::solr;
    use super::*;

    #[test]
    fn conditions_are_judged_by_what_a_draft_says() {
        let package = json!({
            "name": "port-noise", "title": "Noise of the port", "notes": "Decibels", "state": "draft", "private": true,
            "owner_org": "0192", "organization": { "name": "ardenport" }, "tags": [{ "name": "noise" }],
        });
        for (condition, expected) in [
            ("state:draft", true),
            ("+state:(draft OR active)", true),
            ("state:active", false),
            ("-state:active private:true", true),
            ("organization:ardenport tags:noise", true),
            ("owner_org:ardenport", true),
            ("organization:other", false),
            ("noise port", true),
            ("\"of the port\"", true),
            ("deci*", true),
            ("trains", false),
            ("name:port*", true),
            ("metadata_modified:[2020-01-01T00:00:00Z TO *]", false),
            ("*:*", true),
        ] {
            let clause = solr::parse(condition).unwrap();
            assert_eq!(fits(&clause, &package), expected, "{condition}: {clause:?}");
        }
    }
}

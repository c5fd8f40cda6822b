//! A dataset as a Frictionless data package (Data Package 1, Table Schema 1): its tables with their schemas, then its other files.

use std::collections::HashSet;

use fairground_domain::{Column, ColumnType, DatasetDraft, Distribution, fold};
use serde_json::{Value, json};

use super::authority::licence_iri;
use super::croissant::TableFacts;
use super::fields::Fields;
use super::publish::{Portal, proper_date, proper_iri};
use crate::offer::{DERIVED_FROM, SERVED_BY};

/// Longest name of a resource, in characters.
const NAME_CHARS: usize = 80;

/// The package. `name` is the dataset's slug, `description` the address of the dataset as JSON: the one resource of a dataset that
/// has no files, for a package without resources is none.
#[must_use]
pub fn data_package(
    draft: &DatasetDraft,
    portal: &Portal,
    name: &str,
    description: &str,
    tables: &[TableFacts<'_>],
) -> Value {
    let mut names = HashSet::new();
    let mut out = Fields::default();
    out.put("profile", json!("data-package"));
    out.text("name", Some(name));
    out.text("id", draft.iri.as_deref().and_then(proper_iri).as_deref());
    out.text("title", Some(draft.title.any()));
    out.text("description", Some(draft.description.any()));
    out.text("homepage", Some(&portal.page));
    out.text("version", draft.version.as_deref());
    out.text("created", Some(&draft.modified.as_deref().and_then(moment).unwrap_or_else(|| portal.changed.clone())));
    out.list("keywords", draft.keyword.iter().map(|(_, word)| json!(word)));
    out.list("licenses", draft.licences().iter().filter_map(|it| licence(it)));
    let publisher = draft.publisher.as_ref().map(|it| it.name.any()).filter(|name| !name.is_empty());
    let publisher = publisher.unwrap_or(&portal.publisher);
    if !publisher.is_empty() {
        out.put("contributors", json!([{ "title": publisher, "role": "publisher" }]));
    }
    let sources = draft.landing_page.iter().filter_map(|page| proper_iri(page));
    out.list("sources", sources.map(|page| json!({ "title": draft.title.any(), "path": page })));
    let mut resources: Vec<Value> = tables.iter().map(|table| tabular(table, &mut names)).collect();
    resources.extend(draft.distribution.iter().filter_map(|it| file(it, &mut names)));
    if resources.is_empty() {
        resources.push(json!({
            "name": "description", "title": "Description of the dataset", "path": description, "format": "json",
            "mediatype": "application/json",
        }));
    }
    out.put("resources", Value::Array(resources));
    Value::Object(out.0)
}

/// RFC 3339, which the format wants.
fn moment(text: &str) -> Option<String> {
    proper_date(text)?;
    fairground_domain::Timestamp::lenient(text).map(|moment| moment.to_string())
}

fn licence(it: &fairground_domain::Licence) -> Option<Value> {
    let mut out = Fields::default();
    out.text("path", it.iri.as_deref().and_then(proper_iri).map(|iri| licence_iri(&iri)).as_deref());
    out.text("title", Some(it.title.any()));
    // One of name and path has to be there.
    if !out.0.contains_key("path") {
        let name: String = name_of(it.title.any());
        out.text("name", Some(&name));
    }
    (out.0.contains_key("path") || out.0.contains_key("name")).then_some(Value::Object(out.0))
}

fn tabular(table: &TableFacts<'_>, names: &mut HashSet<String>) -> Value {
    let mut out = Fields::default();
    out.put("profile", json!("tabular-data-resource"));
    out.put("name", json!(unique(&table.slug, names)));
    out.put("title", json!(table.title));
    out.put("path", json!(table.csv));
    out.put("format", json!("csv"));
    out.put("mediatype", json!("text/csv"));
    out.put("encoding", json!("utf-8"));
    out.put("schema", json!({ "fields": table.columns.iter().map(field).collect::<Vec<_>>(), "missingValues": [""] }));
    if let Some(from) = table.made_from.as_deref().and_then(proper_iri) {
        out.put("sources", json!([{ "title": table.title, "path": from }]));
        out.put(DERIVED_FROM, json!([from]));
        out.put(SERVED_BY, json!(table.api));
    }
    Value::Object(out.0)
}

fn field(column: &Column) -> Value {
    let mut out = Fields::default();
    out.put("name", json!(column.name));
    out.put("type", json!(kind(column.column_type)));
    out.text("title", Some(&column.title));
    out.text("description", column.description.as_deref());
    if !column.allowed.is_empty() && column.column_type == ColumnType::Text {
        out.put("constraints", json!({ "enum": column.allowed }));
    }
    Value::Object(out.0)
}

const fn kind(column: ColumnType) -> &'static str {
    match column {
        ColumnType::Integer => "integer",
        ColumnType::Decimal { .. } | ColumnType::Float => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp { .. } => "datetime",
        ColumnType::Text | ColumnType::Point | ColumnType::Geometry => "string",
    }
}

/// A file that can be fetched; what has only a page to look at is no resource of a package.
fn file(it: &Distribution, names: &mut HashSet<String>) -> Option<Value> {
    let path = it.download_url.as_deref().and_then(proper_iri).filter(|iri| iri.starts_with("http"))?;
    let file_name = path.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let title = Some(it.title.any()).filter(|title| !title.trim().is_empty());
    let mut out = Fields::default();
    out.put("name", json!(unique(&name_of(title.unwrap_or(file_name)), names)));
    out.text("title", title);
    out.text("description", Some(it.description.any()));
    out.put("path", json!(path));
    out.text("format", it.format.as_deref().map(str::to_lowercase).as_deref());
    out.text("mediatype", it.media_type.as_deref());
    out.put("bytes", it.byte_size.map_or(Value::Null, |size| json!(size)));
    if let Some(checksum) = &it.checksum
        && checksum.algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    {
        let algorithm = checksum.algorithm.to_ascii_lowercase().replace('-', "");
        let hash =
            if algorithm.is_empty() { checksum.value.clone() } else { format!("{algorithm}:{}", checksum.value) };
        out.put("hash", json!(hash));
    }
    Some(Value::Object(out.0))
}

/// Lower case letters, digits, `.`, `-` and `_`, as the format wants names.
fn name_of(text: &str) -> String {
    let mut name = String::new();
    for c in fold(text).chars().take(NAME_CHARS) {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' => name.push(c),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.trim_matches(['-', '.']).to_owned()
}

fn unique(name: &str, names: &mut HashSet<String>) -> String {
    let stem = if name.is_empty() { "file" } else { name };
    let mut candidate = stem.to_owned();
    let mut number = 1_usize;
    while !names.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{stem}-{number}");
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_told_apart() {
        assert_eq!(name_of("Übersicht: Bäume (2024).csv"), "ubersicht-baume-2024-.csv");
        let mut names = HashSet::new();
        assert_eq!([unique("a", &mut names), unique("a", &mut names), unique("", &mut names)], ["a", "a-2", "file"]);
    }

    #[test]
    fn a_dataset_without_files_has_its_description() {
        let package =
            data_package(&DatasetDraft::default(), &Portal::default(), "air", "https://a.example/air.json", &[]);
        assert_eq!(package["resources"][0]["path"], "https://a.example/air.json");
    }
}

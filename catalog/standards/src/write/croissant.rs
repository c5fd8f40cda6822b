//! Tables of a dataset as Croissant 1.0 (MLCommons): files, and what their columns hold.

use fairground_domain::{Column, ColumnType, DatasetDraft};
use serde_json::{Map, Value, json};

use super::authority::licence_iri;
use super::fields::Fields;
use super::publish::{Portal, proper_date, proper_iri};

/// What the description conforms to.
const CONFORMS_TO: &str = "http://mlcommons.org/croissant/1.0";
/// Names of the format, and the properties of it that are used here.
const PROPERTIES: &[&str] = &[
    "citeAs",
    "column",
    "equivalentProperty",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
];

/// A table that can be had as CSV.
#[derive(Debug, Clone)]
pub struct TableFacts<'a> {
    /// Its readable address, unique in the portal.
    pub slug: String,
    /// What people read.
    pub title: String,
    /// Where the whole of it is as CSV (UTF-8, one header row of column names).
    pub csv: String,
    /// Where others get the file that it was made from, where they can.
    pub made_from: Option<String>,
    /// The API that serves it.
    pub api: String,
    /// Its rows.
    pub rows: u64,
    /// Its columns, in the order of the file.
    pub columns: &'a [Column],
}

/// The dataset with its tables. Tables follow their sources, so that the description says of itself that it is live: a digest would be
/// that of yesterday's file.
#[must_use]
pub fn croissant(draft: &DatasetDraft, portal: &Portal, tables: &[TableFacts<'_>]) -> Value {
    let mut out = Fields::default();
    out.put("@context", context());
    out.put("@type", json!("sc:Dataset"));
    out.put("conformsTo", json!(CONFORMS_TO));
    out.text("name", Some(draft.title.any()));
    let description = if draft.description.is_empty() { draft.title.any() } else { draft.description.any() };
    out.text("description", Some(description));
    out.text("url", Some(&portal.page));
    out.put("isLiveDataset", json!(true));
    let licences = draft.licences();
    let licence = licences.iter().find_map(|it| it.iri.as_deref().and_then(proper_iri)).map(|iri| licence_iri(&iri));
    let words = || licences.iter().map(|it| it.title.any()).find(|words| !words.is_empty()).map(str::to_owned);
    out.text("license", licence.or_else(words).as_deref());
    let publisher = draft.publisher.as_ref().map(|it| it.name.any()).filter(|name| !name.is_empty());
    let name = publisher.unwrap_or(&portal.publisher);
    if !name.is_empty() {
        let body = json!({ "@type": "sc:Organization", "name": name });
        out.put("creator", body.clone());
        out.put("publisher", body);
    }
    let title = draft.title.any();
    let cited =
        if name.is_empty() { format!("{title}. {}", portal.page) } else { format!("{name}: {title}. {}", portal.page) };
    out.text("citeAs", Some(&cited));
    let date = |text: &Option<String>| text.as_deref().and_then(proper_date);
    let published = date(&draft.issued).or_else(|| date(&draft.modified)).unwrap_or_else(|| portal.changed.clone());
    out.text("datePublished", Some(&published));
    out.text("dateModified", date(&draft.modified).as_deref());
    out.text("version", Some(version(draft)).as_deref());
    out.list("keywords", draft.keyword.iter().map(|(_, word)| json!(word)));
    out.list("distribution", tables.iter().map(file));
    out.list("recordSet", tables.iter().map(record_set));
    Value::Object(out.0)
}

/// Three numbers, as the format wants versions: the source's own where it has that form.
fn version(draft: &DatasetDraft) -> String {
    let own = draft.version.as_deref().unwrap_or_default();
    let numbers = own.split('.').filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).count();
    if numbers == 3 && own.split('.').count() == 3 { own.to_owned() } else { "1.0.0".to_owned() }
}

fn context() -> Value {
    let mut terms = Map::new();
    terms.insert("@language".to_owned(), json!("en"));
    terms.insert("@vocab".to_owned(), json!("https://schema.org/"));
    for (prefix, namespace) in [
        ("cr", "http://mlcommons.org/croissant/"),
        ("dct", "http://purl.org/dc/terms/"),
        ("rai", "http://mlcommons.org/croissant/RAI/"),
        ("sc", "https://schema.org/"),
    ] {
        terms.insert(prefix.to_owned(), json!(namespace));
    }
    terms.insert("conformsTo".to_owned(), json!("dct:conformsTo"));
    for name in ["data", "examples"] {
        terms.insert(name.to_owned(), json!({ "@id": format!("cr:{name}"), "@type": "@json" }));
    }
    terms.insert("dataType".to_owned(), json!({ "@id": "cr:dataType", "@type": "@vocab" }));
    for name in PROPERTIES {
        terms.insert((*name).to_owned(), json!(format!("cr:{name}")));
    }
    Value::Object(terms)
}

fn file_id(table: &TableFacts<'_>) -> String {
    format!("{}.csv", table.slug)
}

fn file(table: &TableFacts<'_>) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": file_id(table),
        "name": file_id(table),
        "description": table.title,
        "contentUrl": table.csv,
        "encodingFormat": "text/csv",
    })
}

fn record_set(table: &TableFacts<'_>) -> Value {
    let field = |column: &Column| {
        let id = format!("{}/{}", table.slug, column.name);
        let title = Some(column.title.as_str()).filter(|title| !title.trim().is_empty());
        json!({
            "@type": "cr:Field",
            "@id": id,
            "name": column.name,
            "description": column.description.as_deref().or(title).unwrap_or(&column.name),
            "dataType": data_type(column.column_type),
            "source": { "fileObject": { "@id": file_id(table) }, "extract": { "column": column.name } },
        })
    };
    json!({
        "@type": "cr:RecordSet",
        "@id": table.slug,
        "name": table.slug,
        "description": format!("{} ({} rows)", table.title, table.rows),
        "field": table.columns.iter().map(field).collect::<Vec<_>>(),
    })
}

/// What a value of the CSV is. Shapes are well-known text there.
const fn data_type(column: ColumnType) -> &'static str {
    match column {
        ColumnType::Integer => "sc:Integer",
        ColumnType::Decimal { .. } | ColumnType::Float => "sc:Float",
        ColumnType::Boolean => "sc:Boolean",
        ColumnType::Date => "sc:Date",
        ColumnType::Timestamp { .. } => "sc:DateTime",
        ColumnType::Text | ColumnType::Point | ColumnType::Geometry => "sc:Text",
    }
}

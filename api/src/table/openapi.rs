//! A table's own OpenAPI document: its columns as parameters and members, with types, values and examples that work.
//!
//! Built from the snapshot's schema and statistics alone; the general document (`/openapi.json`) describes the same addresses
//! for every table at once.

use fairground_domain::{Column, ColumnType, LanguageTag, Snapshot};
use fairground_tables::ExportFormat;
use serde_json::{Map, Value, json};

use super::directory::View;
use super::samples::Samples;
use super::wire::address;
use crate::hot_path::{API_KEY_HEADER, API_KEY_PARAMETER};
use crate::settings::ApiSettings;

/// A column with at most so many different values lists them as its `enum`.
const ENUM_MAX: u64 = 20;

/// The document (OpenAPI 3.1). With `pinned`, every address stays in the version.
pub(super) fn document(view: &View, pinned: bool, settings: &ApiSettings, languages: &[LanguageTag]) -> Value {
    let snapshot = &view.snapshot;
    let samples = Samples::of(snapshot);
    json!({
        "openapi": "3.1.0",
        "info": info(view, settings, languages),
        "servers": [{ "url": settings.public_url }],
        "externalDocs": {
            "description": "The dataset that this table belongs to",
            "url": format!("{}/datasets/{}", settings.public_url, view.home.slug),
        },
        "tags": [{ "name": "table", "description": view.table.title }],
        "security": [{}, { "api_key": [] }, { "bearer": [] }, { "api_key_query": [] }],
        "paths": paths(view, pinned, &samples),
        "components": components(snapshot, &samples),
    })
}

fn info(view: &View, settings: &ApiSettings, languages: &[LanguageTag]) -> Value {
    let snapshot = &view.snapshot;
    let title = view.home.title.best(languages);
    let mut info = json!({
        "title": view.table.title,
        "version": view.version.to_string(),
        "summary": format!("{} rows, {} columns; from the dataset “{title}”", snapshot.rows, snapshot.columns.len()),
        "description": format!(
            "Rows, sums and whole files of one table. Keyless calls are welcome; a key is free and instant: {}/developers. \
             Unknown parameters are refused. Answers carry a strong `ETag` and what they cost in `RateLimit-Cost`; errors are \
             `application/problem+json` (RFC 9457).",
            settings.public_url
        ),
        "x-snapshot": snapshot.key.to_string(),
    });
    if let (Some(licence), Some(object)) = (&view.home.licence, info.as_object_mut()) {
        let name = [licence.title.best(languages), licence.iri.as_deref().unwrap_or_default()];
        let name = name.into_iter().find(|text| !text.is_empty()).unwrap_or("See the dataset").to_owned();
        let mut told = json!({ "name": name });
        if let (Some(iri), Some(told)) = (&licence.iri, told.as_object_mut()) {
            told.insert("url".to_owned(), json!(iri));
        }
        object.insert("license".to_owned(), told);
    }
    info
}

fn paths(view: &View, pinned: bool, samples: &Samples) -> Value {
    let snapshot = &view.snapshot;
    let own = address(&view.table.id.to_string());
    let version = version_parameter(pinned.then_some(view.version));
    let filters = filter_parameters(snapshot, samples);
    let with = |first: Vec<Value>| -> Vec<Value> {
        first.into_iter().chain(std::iter::once(version.clone())).chain(filters.iter().cloned()).collect()
    };
    let mut paths = Map::new();
    let rows = operation("rows", "Pages of rows", with(rows_parameters(samples)), json_answer("RowsPage"));
    paths.insert(format!("{own}/rows"), json!({ "get": rows }));
    let sums =
        operation("aggregate", "Groups and sums", with(aggregate_parameters(samples)), json_answer("GroupsPage"));
    paths.insert(format!("{own}/aggregate"), json!({ "get": sums }));
    let spatial =
        snapshot.columns.iter().any(|column| column.column_type.is_spatial()) || snapshot.coordinates().is_some();
    for format in ExportFormat::ALL {
        if format == ExportFormat::GeoJson && !spatial {
            continue;
        }
        let name = format.extension();
        let media = format.media_type().split(';').next().unwrap_or_default();
        let content = json!({ media: { "schema": file_schema(format) } });
        let parameters = with(export_parameters(samples, format));
        let id = format!("export_{name}");
        let summary = format!("Everything that fits, as {}", name.to_uppercase());
        paths.insert(format!("{own}/export.{name}"), json!({ "get": operation(&id, &summary, parameters, content) }));
    }
    if snapshot.quarantine.rows > 0 {
        let content = json!({ "text/csv": { "schema": { "type": "string" } } });
        let summary = "The rows that were kept out, with line, reason and raw text";
        let quarantine = operation("quarantine", summary, vec![version.clone()], content);
        paths.insert(format!("{own}/quarantine.csv"), json!({ "get": quarantine }));
    }
    Value::Object(paths)
}

fn operation(id: &str, summary: &str, parameters: Vec<Value>, content: Value) -> Value {
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({ "description": "The answer", "content": content }));
    responses.insert("304".to_owned(), json!({ "description": "You have it" }));
    let problems = [
        ("400", "A parameter is unknown, or its value cannot be"),
        ("401", "The API key is not good"),
        ("404", "There is no such table or version"),
        ("410", "Withdrawn"),
        ("413", "The answer would be too large"),
        ("429", "Quota used up"),
        ("503", "Busier than we can serve"),
        ("504", "The answer took too long"),
    ];
    for (status, description) in problems {
        let content = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        responses.insert(status.to_owned(), json!({ "description": description, "content": content }));
    }
    json!({
        "operationId": id,
        "summary": summary,
        "tags": ["table"],
        "parameters": parameters,
        "responses": responses,
    })
}

fn json_answer(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn file_schema(format: ExportFormat) -> Value {
    match format {
        ExportFormat::Json => json!({ "type": "array", "items": { "$ref": "#/components/schemas/Row" } }),
        ExportFormat::GeoJson => json!({ "type": "object" }),
        ExportFormat::Csv | ExportFormat::Ndjson => json!({ "type": "string" }),
        ExportFormat::Parquet | ExportFormat::Arrow | ExportFormat::Xlsx => json!({}),
    }
}

fn parameter(name: &str, description: &str, schema: Value, example: Option<Value>) -> Value {
    let mut parameter = json!({ "name": name, "in": "query", "description": description, "schema": schema });
    if let (Some(example), Some(object)) = (example, parameter.as_object_mut()) {
        object.insert("example".to_owned(), example);
    }
    parameter
}

fn text(name: &str, description: &str, example: Option<String>) -> Value {
    parameter(name, description, json!({ "type": "string" }), example.map(Value::String))
}

fn version_parameter(pinned: Option<i32>) -> Value {
    let description = "A version's number or its snapshot's key: the answer is from that version and never changes.";
    let schema = match pinned {
        Some(version) => json!({ "type": "string", "default": version.to_string() }),
        None => json!({ "type": "string" }),
    };
    parameter("version", description, schema, None)
}

fn rows_parameters(samples: &Samples) -> Vec<Value> {
    let most = fairground_tables::query::ROWS_LIMIT_MAX;
    vec![
        text("properties", "Columns of the answer, separated by commas; all when absent.", samples.properties.clone()),
        text("sortby", "Columns to sort by, separated by commas; `-` before one turns it round.", samples.sort.clone()),
        parameter(
            "limit",
            "Rows on a page.",
            json!({ "type": "integer", "minimum": 0, "maximum": most, "default": super::request::ROWS_DEFAULT }),
            None,
        ),
        parameter(
            "offset",
            "Rows to leave out first; `cursor` is better for reading on.",
            json!({ "type": "integer", "minimum": 0 }),
            None,
        ),
        text("cursor", "`next` of the page before.", None),
    ]
}

fn aggregate_parameters(samples: &Samples) -> Vec<Value> {
    let most = fairground_tables::query::GROUPS_LIMIT_MAX;
    vec![
        text(
            "groupby",
            "Columns, `date_trunc(month, column)` or `width(column, 10)`, separated by commas; one group when absent.",
            samples.group.clone(),
        ),
        text(
            "aggregate",
            "`count`, and `count`, `count_distinct`, `sum`, `avg`, `min`, `max`, `median` or `percentile(column, 0.9)` of a column, separated by commas.",
            Some(samples.measures.clone()),
        ),
        text("having", "Which groups, as a CQL2 filter over the answer's members.", None),
        text("sortby", "Members of the answer to sort by; `-` before one turns it round.", None),
        parameter(
            "limit",
            "Groups at most.",
            json!({ "type": "integer", "minimum": 1, "maximum": most, "default": 1000 }),
            None,
        ),
        parameter("offset", "Groups to leave out first.", json!({ "type": "integer", "minimum": 0 }), None),
    ]
}

fn export_parameters(samples: &Samples, format: ExportFormat) -> Vec<Value> {
    let flag = |name: &str, description: &str| {
        parameter(name, description, json!({ "type": "boolean", "default": false }), None)
    };
    let mut all = vec![
        text("properties", "Columns of the file, separated by commas; all when absent.", samples.properties.clone()),
        text("sortby", "Columns to sort by, separated by commas; `-` before one turns it round.", samples.sort.clone()),
        parameter("limit", "Rows at most; all when absent.", json!({ "type": "integer", "minimum": 1 }), None),
        flag("estimate", "Answers what the export would come to, as JSON, instead of making it."),
    ];
    if format == ExportFormat::Csv {
        all.push(flag("safe", "Puts `'` before texts that spreadsheets take for formulas."));
    }
    if matches!(format, ExportFormat::Csv | ExportFormat::Xlsx) {
        all.push(flag("titles", "Heads columns by their titles in the source instead of their names."));
    }
    all
}

/// What narrows rows down: the filter, words, and every column by its name.
fn filter_parameters(snapshot: &Snapshot, samples: &Samples) -> Vec<Value> {
    let mut all = vec![
        text("filter", "Which rows, as OGC CQL2 text.", samples.filter.clone()),
        text("q", "Words that stand in the row's texts, all of them; `wat*` finds beginnings.", samples.words.clone()),
    ];
    let shapes = snapshot.columns.iter().filter(|column| column.column_type.is_spatial()).count();
    if shapes == 1 || snapshot.coordinates().is_some() {
        all.push(text("bbox", "West, south, east, north: rows whose place touches that box.", samples.bbox.clone()));
    }
    if snapshot.columns.iter().filter(|column| column.column_type.is_temporal()).count() == 1 {
        all.push(text("datetime", "Rows whose time lies in an interval such as `2024-01-01/..`.", None));
    }
    for column in &snapshot.columns {
        if column.column_type.is_spatial() || super::request::is_reserved(&column.name) {
            continue;
        }
        let description = format!("Rows whose {} is this.", named(column));
        all.push(parameter(&column.name, &description, value_schema(column), samples.of_column(&column.name)));
    }
    all
}

fn named(column: &Column) -> String {
    let title = if column.title.is_empty() { &column.name } else { &column.title };
    match &column.description {
        Some(description) => format!("“{title}” ({description})"),
        None => format!("“{title}”"),
    }
}

/// The schema of one value of a column; null is said apart.
fn value_schema(column: &Column) -> Value {
    let mut schema = match column.column_type {
        ColumnType::Integer => json!({ "type": "integer", "format": "int64" }),
        ColumnType::Decimal { .. } | ColumnType::Float => json!({ "type": "number" }),
        ColumnType::Boolean => json!({ "type": "boolean" }),
        ColumnType::Date => json!({ "type": "string", "format": "date" }),
        ColumnType::Timestamp { utc: true } => json!({ "type": "string", "format": "date-time" }),
        ColumnType::Timestamp { utc: false } => {
            json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$" })
        }
        ColumnType::Text => json!({ "type": "string" }),
        ColumnType::Point | ColumnType::Geometry => json!({ "type": "object", "description": "A GeoJSON geometry." }),
    };
    if let (Some(values), Some(object)) = (all_values(column), schema.as_object_mut()) {
        object.insert("enum".to_owned(), json!(values));
    }
    schema
}

/// Every value of a text column, where they are few and known for certain.
fn all_values(column: &Column) -> Option<Vec<&str>> {
    if column.column_type != ColumnType::Text {
        return None;
    }
    if !column.allowed.is_empty() {
        return Some(column.allowed.iter().map(String::as_str).collect());
    }
    let statistics = &column.statistics;
    let known = u64::try_from(statistics.top.len()).unwrap_or(u64::MAX);
    let complete = statistics.distinct_is_exact && statistics.distinct == known && (1..=ENUM_MAX).contains(&known);
    complete.then(|| statistics.top.iter().map(|top| top.value.as_str()).collect())
}

fn components(snapshot: &Snapshot, samples: &Samples) -> Value {
    let mut properties = Map::new();
    for column in &snapshot.columns {
        properties.insert(column.name.clone(), member_schema(column, samples));
    }
    let page = |items: Value, what: &str, next: bool| {
        let mut members = json!({
            "items": { "type": "array", "items": items },
            "total": { "type": "integer", "description": what },
            "snapshot": { "type": "string", "description": "The snapshot's key: the same key is the same data." },
        });
        if let (true, Some(object)) = (next, members.as_object_mut()) {
            let description = "The cursor of the next page; null on the last.";
            object.insert("next".to_owned(), json!({ "type": ["string", "null"], "description": description }));
        }
        let required: Vec<&str> =
            if next { vec!["items", "total", "next", "snapshot"] } else { vec!["items", "total", "snapshot"] };
        json!({ "type": "object", "required": required, "properties": members })
    };
    json!({
        "schemas": {
            "Row": { "type": "object", "properties": properties },
            "RowsPage": page(json!({ "$ref": "#/components/schemas/Row" }), "Rows that the filters take.", true),
            "GroupsPage": page(json!({ "type": "object" }), "Groups in all.", false),
            "Problem": problem_schema(),
        },
        "securitySchemes": {
            "api_key": { "type": "apiKey", "in": "header", "name": API_KEY_HEADER },
            "bearer": { "type": "http", "scheme": "bearer" },
            "api_key_query": { "type": "apiKey", "in": "query", "name": API_KEY_PARAMETER },
        },
    })
}

/// A column as a member of rows: with its title, and null where it has gaps.
fn member_schema(column: &Column, samples: &Samples) -> Value {
    let mut schema = value_schema(column);
    let Some(object) = schema.as_object_mut() else { return schema };
    if column.statistics.nulls > 0 {
        if let Some(kind) = object.get("type").cloned() {
            object.insert("type".to_owned(), json!([kind, "null"]));
        }
        if let Some(Value::Array(values)) = object.get_mut("enum") {
            values.push(Value::Null);
        }
    }
    if !column.title.is_empty() {
        object.insert("title".to_owned(), json!(column.title));
    }
    if let Some(description) = &column.description {
        object.insert("description".to_owned(), json!(description));
    }
    if let Some(example) = samples.of_column(&column.name) {
        object.insert("examples".to_owned(), json!([example]));
    }
    schema
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string" },
            "errors": { "type": "array", "items": { "type": "object", "properties": {
                "parameter": { "type": "string" }, "detail": { "type": "string" },
            } } },
        },
    })
}

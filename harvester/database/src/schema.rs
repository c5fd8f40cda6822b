//! The Table Schema (Frictionless) of an exported table.

use serde_json::{Map, Value, json};

use crate::{Column, NULL, Table};

/// A field as the schema names it: the type, and for truth values the words for both.
pub(crate) fn field(column: &Column, kind: &str) -> Value {
    let mut field = Map::new();
    field.insert("name".to_owned(), column.name.clone().into());
    field.insert("type".to_owned(), kind.into());
    if let Some(comment) = &column.comment {
        field.insert("description".to_owned(), comment.clone().into());
    }
    if kind == "boolean" {
        field.insert("trueValues".to_owned(), json!(["t", "true", "1"]));
        field.insert("falseValues".to_owned(), json!(["f", "false", "0"]));
    }
    Value::Object(field)
}

/// The schema of a file with these fields.
pub(crate) fn of(table: &Table, fields: Vec<Value>) -> Value {
    let title = table.comment.as_deref().and_then(|text| text.lines().next()).unwrap_or(&table.name);
    let mut schema = json!({ "title": title, "fields": fields, "missingValues": [NULL] });
    let names = |field: &Value| field.get("name").and_then(Value::as_str).map(str::to_owned);
    let held: Vec<String> = schema["fields"].as_array().into_iter().flatten().filter_map(names).collect();
    if !table.primary_key.is_empty() && table.primary_key.iter().all(|name| held.contains(name)) {
        schema["primaryKey"] = json!(table.primary_key);
    }
    schema
}

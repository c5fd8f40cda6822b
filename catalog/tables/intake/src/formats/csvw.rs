//! CSV on the Web metadata (W3C Metadata Vocabulary for Tabular Data, 17 December 2015).

use serde_json::Value;

use super::published::{
    Constraints, FieldType, PublishedDialect, PublishedField, PublishedSchema, character, dialect, fault, flag,
    same_file, text, texts, written,
};
use crate::error::IntakeError;

/// The table of a description that has the file's name; the only one, when the description is of one table.
pub(super) fn read(document: &Value, file_name: &str) -> Result<Option<PublishedSchema>, IntakeError> {
    let table = match document.get("tables").and_then(Value::as_array) {
        Some(tables) => match tables.as_slice() {
            [only] if file_name.is_empty() => Some(only),
            tables => tables.iter().find(|table| is_of(table, file_name)),
        },
        None => {
            Some(document).filter(|table| file_name.is_empty() || table.get("url").is_none() || is_of(table, file_name))
        }
    };
    let Some(table) = table else { return Ok(None) };
    let inherited = |member: &str| {
        [table.get("tableSchema"), Some(table), Some(document)]
            .into_iter()
            .flatten()
            .find_map(|level| level.get(member))
    };
    let schema = table.get("tableSchema").or_else(|| document.get("tableSchema")).unwrap_or(&Value::Null);
    let columns = schema.get("columns").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut fields = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        // Virtual columns are not in the file.
        if !flag(column, "virtual") {
            fields.push(field(at, column, inherited("null"))?);
        }
    }
    let primary_key = match schema.get("primaryKey") {
        Some(Value::String(name)) => vec![name.clone()],
        other => other.map(texts).unwrap_or_default(),
    };
    let written_as = table.get("dialect").or_else(|| document.get("dialect"));
    Ok(Some(PublishedSchema {
        standard: "csvw",
        fields,
        missing_values: inherited("null").map(nulls),
        primary_key,
        dialect: written_as.and_then(csvw_dialect),
        encoding: written_as.and_then(|dialect| text(dialect, "encoding")),
        title: table.get("dc:title").and_then(natural),
        description: table.get("dc:description").and_then(natural),
    }))
}

fn is_of(table: &Value, file_name: &str) -> bool {
    text(table, "url").is_some_and(|url| same_file(url.rsplit("://").next().unwrap_or(&url), file_name))
}

/// A text, an array of texts, or texts by language: the first.
fn natural(value: &Value) -> Option<String> {
    naturals(value).into_iter().next()
}

fn naturals(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(naturals).collect(),
        Value::Object(members) => {
            members.get("@value").map_or_else(|| members.values().flat_map(naturals).collect(), naturals)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn nulls(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        other => texts(other),
    }
}

fn field(at: usize, column: &Value, inherited_null: Option<&Value>) -> Result<PublishedField, IntakeError> {
    let place = format!("`columns[{at}]`");
    let titles = column.get("titles").map(naturals).unwrap_or_default();
    let name = text(column, "name")
        .or_else(|| titles.first().cloned())
        .ok_or_else(|| fault(&place, "it has neither name nor title"))?;
    let datatype = column.get("datatype").unwrap_or(&Value::Null);
    let base = datatype.as_str().map(str::to_owned).or_else(|| text(datatype, "base")).unwrap_or_default();
    let field_type = field_type(&base);
    let format = datatype.get("format");
    // A number's format may be an object that names its marks, a boolean's is `Y|N`.
    let marks = format.unwrap_or(&Value::Null);
    let words = format.and_then(Value::as_str).unwrap_or_default();
    let (yes, no) = match (field_type, words.split_once('|')) {
        (FieldType::Boolean, Some((yes, no))) => (vec![yes.to_owned()], vec![no.to_owned()]),
        _ => (Vec::new(), Vec::new()),
    };
    let is_pattern = field_type == FieldType::String && !words.is_empty();
    let keeps_format =
        matches!(field_type, FieldType::Date | FieldType::Time | FieldType::DateTime) && !words.is_empty();
    let limit = |names: [&str; 2]| names.iter().find_map(|name| written(datatype, name));
    Ok(PublishedField {
        name,
        titles,
        description: column.get("dc:description").and_then(natural),
        field_type,
        format: keeps_format.then(|| words.to_owned()),
        missing_values: column.get("null").or(inherited_null).map(nulls),
        decimal_char: character(marks, "decimalChar"),
        group_char: character(marks, "groupChar"),
        true_values: yes,
        false_values: no,
        bare_number: true,
        constraints: Constraints {
            required: flag(column, "required"),
            unique: false,
            allowed: Vec::new(),
            minimum: limit(["minimum", "minInclusive"]),
            maximum: limit(["maximum", "maxInclusive"]),
            min_length: datatype.get("minLength").or_else(|| datatype.get("length")).and_then(Value::as_u64),
            max_length: datatype.get("maxLength").or_else(|| datatype.get("length")).and_then(Value::as_u64),
            pattern: is_pattern.then(|| words.to_owned()),
        },
    })
}

/// The built-in datatypes (section 5.11.1).
fn field_type(base: &str) -> FieldType {
    match base {
        "integer" | "long" | "int" | "short" | "byte" | "nonNegativeInteger" | "positiveInteger"
        | "nonPositiveInteger" | "negativeInteger" | "unsignedLong" | "unsignedInt" | "unsignedShort"
        | "unsignedByte" => FieldType::Integer,
        "decimal" | "number" | "double" | "float" => FieldType::Number,
        "boolean" => FieldType::Boolean,
        "date" => FieldType::Date,
        "time" => FieldType::Time,
        "dateTime" | "datetime" | "dateTimeStamp" => FieldType::DateTime,
        "gYear" => FieldType::Year,
        "gYearMonth" => FieldType::YearMonth,
        "duration" | "dayTimeDuration" | "yearMonthDuration" => FieldType::Duration,
        "json" => FieldType::Object,
        // Without a datatype, CSVW means text (section 5.7).
        _ => FieldType::String,
    }
}

fn csvw_dialect(value: &Value) -> Option<PublishedDialect> {
    let mut found = dialect(value)?;
    let count = |member: &str| value.get(member).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
    found.header_rows = count("headerRowCount");
    found.skip_rows = count("skipRows");
    found.comment_char = character(value, "commentPrefix");
    Some(found)
}

//! Schemas that publishers put beside their files: Frictionless Table Schema, Data Package resource, CSV on the Web.

use serde_json::Value;

use crate::error::IntakeError;

/// What a publisher says a table holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedSchema {
    /// Which standard it follows: `table-schema`, `data-package` or `csvw`.
    pub standard: &'static str,
    /// The columns, in the publisher's order.
    pub fields: Vec<PublishedField>,
    /// Texts that stand for no value. `None` when the schema does not say.
    pub missing_values: Option<Vec<String>>,
    /// The columns that tell rows apart, together.
    pub primary_key: Vec<String>,
    /// How the file is written, where the schema says so.
    pub dialect: Option<PublishedDialect>,
    /// The text encoding, where the schema says so.
    pub encoding: Option<String>,
    /// The table's title.
    pub title: Option<String>,
    /// What the table is about.
    pub description: Option<String>,
}

/// One column of a published schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedField {
    /// The name, as in the file's header.
    pub name: String,
    /// Other names under which the header may have it, and the title for people.
    pub titles: Vec<String>,
    /// What it holds, in words.
    pub description: Option<String>,
    /// The kind of value.
    pub field_type: FieldType,
    /// How values are written: a `strptime` pattern, or a Unicode date pattern in CSVW; `default` and `any` are `None`.
    pub format: Option<String>,
    /// Texts that stand for no value in this column alone.
    pub missing_values: Option<Vec<String>>,
    /// The decimal mark.
    pub decimal_char: Option<char>,
    /// The mark between groups of digits.
    pub group_char: Option<char>,
    /// Texts that mean true.
    pub true_values: Vec<String>,
    /// Texts that mean false.
    pub false_values: Vec<String>,
    /// Whether numbers stand alone; when false, currency signs, per cent and the like around them are dropped.
    pub bare_number: bool,
    /// What every value must keep.
    pub constraints: Constraints,
}

/// The kinds of value that published schemas name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldType {
    /// Anything: the type is inferred.
    #[default]
    Any,
    /// Text.
    String,
    /// Whole numbers.
    Integer,
    /// Decimals.
    Number,
    /// Truth values.
    Boolean,
    /// Days.
    Date,
    /// Times of day.
    Time,
    /// Moments.
    DateTime,
    /// Years.
    Year,
    /// Months.
    YearMonth,
    /// ISO 8601 durations.
    Duration,
    /// `lon, lat` (format `default`), a JSON array or a JSON object.
    GeoPoint,
    /// GeoJSON geometry.
    GeoJson,
    /// A JSON object.
    Object,
    /// A JSON array.
    Array,
}

/// What a published schema demands of values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// No value may be missing.
    pub required: bool,
    /// No value may come twice.
    pub unique: bool,
    /// The only values, written as in the file.
    pub allowed: Vec<String>,
    /// The least value, written as in the file.
    pub minimum: Option<String>,
    /// The greatest value, written as in the file.
    pub maximum: Option<String>,
    /// Characters at least.
    pub min_length: Option<u64>,
    /// Characters at most.
    pub max_length: Option<u64>,
    /// A regular expression (XML Schema's flavour) that the whole text matches.
    pub pattern: Option<String>,
}

/// How a delimited file is written, as far as the schema says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedDialect {
    /// What stands between fields.
    pub delimiter: Option<char>,
    /// What encloses fields; `Some(None)` when nothing does.
    pub quote_char: Option<Option<char>>,
    /// Whether a quote within a field is written twice.
    pub double_quote: Option<bool>,
    /// What takes the meaning from the character after it.
    pub escape_char: Option<char>,
    /// Whether blanks after a delimiter are dropped.
    pub skip_initial_space: Option<bool>,
    /// Whether the first row (after `skip_rows`) is a header.
    pub header: Option<bool>,
    /// Header rows, when there are several.
    pub header_rows: Option<u32>,
    /// Rows before the header to leave out.
    pub skip_rows: Option<u32>,
    /// What a line of comment begins with.
    pub comment_char: Option<char>,
    /// A text that stands for no value.
    pub null_sequence: Option<String>,
}

/// Reads a schema file. `file_name` names the table the schema is asked for: a data package or a table group may describe
/// several. `None` when the JSON is no schema, or describes other files only.
///
/// Sources: Frictionless Table Schema, Data Package and Table Dialect (v1 and v2); W3C Metadata Vocabulary for Tabular Data.
///
/// # Errors
/// `Broken` when it is not JSON, or is a schema with a fault.
pub fn published_schema(bytes: &[u8], file_name: &str) -> Result<Option<PublishedSchema>, IntakeError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Value = serde_json::from_slice(bytes).map_err(|error| fault("the document", error))?;
    if document.get("resources").is_some_and(Value::is_array) {
        return data_package(&document, file_name);
    }
    if is_csvw(&document) {
        return super::csvw::read(&document, file_name);
    }
    if document.get("schema").is_some_and(Value::is_object) && document.get("path").is_some() {
        return resource(&document).map(Some);
    }
    if document.get("fields").is_some_and(Value::is_array) {
        return table_schema(&document).map(Some);
    }
    Ok(None)
}

pub(super) fn fault(place: &str, why: impl ToString) -> IntakeError {
    IntakeError::Broken { format: "schema", place: place.to_owned(), why: why.to_string() }
}

fn is_csvw(document: &Value) -> bool {
    document.get("@context").is_some_and(|context| context.to_string().contains("www.w3.org/ns/csvw"))
        || document.get("tableSchema").is_some()
        || document.get("tables").is_some_and(Value::is_array)
}

/// Whether two names mean one file: the same path, or the same last part where one of them has no folder.
pub(super) fn same_file(described: &str, asked: &str) -> bool {
    let clean = |name: &str| name.trim_start_matches("./").replace('\\', "/").to_lowercase();
    let (described, asked) = (clean(described), clean(asked));
    described == asked || asked.ends_with(&format!("/{described}")) || described.ends_with(&format!("/{asked}"))
}

/// The resource of a package that describes the file; the only one, when the file has no name.
fn data_package(document: &Value, file_name: &str) -> Result<Option<PublishedSchema>, IntakeError> {
    let resources = document.get("resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let describes = |resource: &&Value| match resource.get("path") {
        Some(Value::String(path)) => same_file(path, file_name),
        Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_str).any(|path| same_file(path, file_name)),
        _ => false,
    };
    let found = match resources {
        [only] if file_name.is_empty() => Some(only),
        _ => resources.iter().find(describes),
    };
    found.map(resource).transpose()
}

fn resource(resource: &Value) -> Result<PublishedSchema, IntakeError> {
    let mut schema = match resource.get("schema") {
        Some(schema @ Value::Object(_)) => table_schema(schema)?,
        // A schema elsewhere on the web is not fetched; the rest still helps.
        _ => PublishedSchema::default(),
    };
    schema.standard = "data-package";
    schema.encoding = text(resource, "encoding");
    schema.title = text(resource, "title").or(schema.title);
    schema.description = text(resource, "description").or(schema.description);
    schema.dialect = resource.get("dialect").and_then(dialect);
    Ok(schema)
}

fn table_schema(schema: &Value) -> Result<PublishedSchema, IntakeError> {
    let fields = schema.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if fields.len() > fairground_domain::COLUMNS_MAX {
        return Err(fault("`fields`", "there are too many"));
    }
    let fields =
        fields.iter().enumerate().map(|(at, described)| field(at, described)).collect::<Result<Vec<_>, _>>()?;
    let primary_key = match schema.get("primaryKey") {
        Some(Value::String(name)) => vec![name.clone()],
        other => other.map(texts).unwrap_or_default(),
    };
    Ok(PublishedSchema {
        standard: "table-schema",
        fields,
        missing_values: schema.get("missingValues").map(missing_values),
        primary_key,
        dialect: None,
        encoding: None,
        title: text(schema, "title"),
        description: text(schema, "description"),
    })
}

/// `["", "-"]`, or with labels `[{"value": "-", "label": "unknown"}]` (version 2).
fn missing_values(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().or_else(|| value.get("value").and_then(Value::as_str)).map(str::to_owned);
    value.as_array().map(|values| values.iter().filter_map(one).collect()).unwrap_or_default()
}

fn field(at: usize, described: &Value) -> Result<PublishedField, IntakeError> {
    let place = || format!("`fields[{at}]`");
    let name = match described {
        Value::String(name) => name.clone(),
        _ => text(described, "name").ok_or_else(|| fault(&place(), "it has no name"))?,
    };
    let kind = text(described, "type").unwrap_or_default();
    let field_type = FieldType::of_frictionless(&kind)
        .ok_or_else(|| fault(&place(), format!("`{kind}` is no type of Table Schema")))?;
    let constraints = described.get("constraints").unwrap_or(&Value::Null);
    Ok(PublishedField {
        name,
        titles: text(described, "title").into_iter().collect(),
        description: text(described, "description"),
        field_type,
        format: text(described, "format").filter(|format| !matches!(format.as_str(), "default" | "any" | "")),
        missing_values: described.get("missingValues").map(missing_values),
        decimal_char: character(described, "decimalChar"),
        group_char: character(described, "groupChar"),
        true_values: described.get("trueValues").map(texts).unwrap_or_default(),
        false_values: described.get("falseValues").map(texts).unwrap_or_default(),
        bare_number: described.get("bareNumber").and_then(Value::as_bool).unwrap_or(true),
        constraints: Constraints {
            required: flag(constraints, "required"),
            unique: flag(constraints, "unique"),
            allowed: constraints.get("enum").or_else(|| described.get("categories")).map(texts).unwrap_or_default(),
            minimum: written(constraints, "minimum"),
            maximum: written(constraints, "maximum"),
            min_length: constraints.get("minLength").and_then(Value::as_u64),
            max_length: constraints.get("maxLength").and_then(Value::as_u64),
            pattern: text(constraints, "pattern"),
        },
    })
}

impl FieldType {
    fn of_frictionless(kind: &str) -> Option<Self> {
        Some(match kind {
            "" | "any" => Self::Any,
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" => Self::DateTime,
            "year" => Self::Year,
            "yearmonth" | "gyearmonth" => Self::YearMonth,
            "duration" => Self::Duration,
            "geopoint" => Self::GeoPoint,
            "geojson" => Self::GeoJson,
            "object" => Self::Object,
            "array" | "list" => Self::Array,
            _ => return None,
        })
    }
}

/// CSV Dialect (v1, camel case) and Table Dialect (v2).
pub(super) fn dialect(value: &Value) -> Option<PublishedDialect> {
    value.as_object()?;
    let quote_char = match value.get("quoteChar") {
        Some(Value::Null) => Some(None),
        Some(Value::String(quote)) => Some(quote.chars().next()),
        _ => None,
    };
    let rows = value
        .get("headerRows")
        .and_then(Value::as_array)
        .map(|rows| rows.iter().filter_map(Value::as_u64).collect::<Vec<_>>());
    let small = |value: u64| u32::try_from(value).ok();
    Some(PublishedDialect {
        delimiter: character(value, "delimiter"),
        quote_char,
        double_quote: value.get("doubleQuote").and_then(Value::as_bool),
        escape_char: character(value, "escapeChar"),
        skip_initial_space: value.get("skipInitialSpace").and_then(Value::as_bool),
        header: value.get("header").and_then(Value::as_bool),
        header_rows: rows.as_ref().and_then(|rows| u32::try_from(rows.len()).ok()).filter(|rows| *rows > 0),
        skip_rows: rows
            .as_ref()
            .and_then(|rows| rows.first().copied())
            .and_then(|first| small(first.saturating_sub(1))),
        comment_char: character(value, "commentChar"),
        null_sequence: text(value, "nullSequence"),
    })
}

pub(super) fn text(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn character(value: &Value, member: &str) -> Option<char> {
    let text = text(value, member)?;
    if text == "\\t" { Some('\t') } else { text.chars().next() }
}

pub(super) fn flag(value: &Value, member: &str) -> bool {
    value.get(member).and_then(Value::as_bool).unwrap_or(false)
}

/// A text or a number, as text.
pub(super) fn written(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(as_written)
}

fn as_written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Object(members) => members.get("value").and_then(as_written),
        Value::Null | Value::Array(_) => None,
    }
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    value.as_array().map(|values| values.iter().filter_map(as_written).collect()).unwrap_or_default()
}

//! Questions that a table answers with something: made from its statistics, shown in its OpenAPI document.

use std::collections::HashMap;

use fairground_domain::{Column, ColumnType, Snapshot};
use serde_json::{Value, json};

use super::request::is_reserved;

/// Values longer than this many characters make poor examples.
const EXAMPLE_CHARS_MAX: usize = 60;
/// Columns that an example selects.
const PROPERTIES_SHOWN: usize = 3;
/// A column of at most so many different values is worth grouping by.
const GROUPS_WORTH: u64 = 1_000;

/// Words that CQL2 reserves, so that a column of that name must stand in quotes (OGC 21-065r2, annex B).
const CQL2_WORDS: [&str; 36] = [
    "and",
    "or",
    "not",
    "in",
    "like",
    "between",
    "is",
    "null",
    "true",
    "false",
    "casei",
    "accenti",
    "date",
    "timestamp",
    "interval",
    "bbox",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "div",
    "s_intersects",
    "s_within",
    "s_contains",
    "s_disjoint",
    "s_equals",
    "s_touches",
    "s_overlaps",
    "s_crosses",
    "t_after",
    "t_before",
    "t_equals",
    "t_during",
];

/// Examples for each parameter.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) properties: Option<String>,
    pub(super) sort: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) words: Option<String>,
    pub(super) bbox: Option<String>,
    pub(super) group: Option<String>,
    pub(super) measures: String,
    columns: HashMap<String, Value>,
}

impl Samples {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let plain: Vec<&Column> = snapshot.columns.iter().filter(|column| !column.column_type.is_spatial()).collect();
        let number = plain.iter().find(|column| column.column_type.is_numeric() && column.statistics.count > 0);
        let filters: Vec<String> = plain.iter().filter_map(|column| condition(column)).take(2).collect();
        let group = plain
            .iter()
            .filter(|column| {
                column.column_type == ColumnType::Text && (2..=GROUPS_WORTH).contains(&column.statistics.distinct)
            })
            .min_by_key(|column| column.statistics.distinct);
        let names: Vec<&str> = plain.iter().take(PROPERTIES_SHOWN).map(|column| column.name.as_str()).collect();
        Self {
            properties: (!names.is_empty()).then(|| names.join(",")),
            sort: number.map(|column| format!("-{}", column.name)),
            filter: filters.first().cloned(),
            words: plain.iter().find_map(|column| word(column)),
            bbox: snapshot
                .columns
                .iter()
                .find_map(|column| column.statistics.bbox)
                .or_else(|| snapshot.coordinates().map(|pair| pair.extent))
                .map(|bbox| bbox.map(|it| it.to_string()).join(",")),
            group: group.map(|column| column.name.clone()),
            measures: number.map_or_else(|| "count".to_owned(), |column| format!("count,avg({})", column.name)),
            columns: plain
                .iter()
                .filter(|column| !is_reserved(&column.name))
                .filter_map(|column| Some((column.name.clone(), example(column)?)))
                .collect(),
        }
    }

    /// A value that the column holds.
    pub(super) fn of_column(&self, name: &str) -> Option<Value> {
        self.columns.get(name).cloned()
    }
}

/// The most frequent value, else the least: a value that is there.
fn frequent(column: &Column) -> Option<&str> {
    let statistics = &column.statistics;
    let known = statistics.top.iter().map(|top| top.value.as_str());
    let bound = if column.column_type == ColumnType::Text { None } else { statistics.min.as_deref() };
    known.chain(bound).find(|value| {
        let fits = !value.is_empty() && value.chars().count() <= EXAMPLE_CHARS_MAX && !value.contains(char::is_control);
        fits && value.trim() == *value
    })
}

/// As JSON holds it.
fn example(column: &Column) -> Option<Value> {
    let text = frequent(column)?;
    match column.column_type {
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float => {
            serde_json::from_str::<serde_json::Number>(text).ok().map(Value::Number)
        }
        ColumnType::Boolean => text.parse::<bool>().ok().map(Value::Bool),
        _ => Some(json!(text)),
    }
}

/// A CQL2 condition that some row fulfils.
fn condition(column: &Column) -> Option<String> {
    let value = frequent(column)?;
    let name = quoted(&column.name);
    Some(match column.column_type {
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float => format!("{name} >= {value}"),
        ColumnType::Boolean => format!("{name} = {value}"),
        ColumnType::Date => format!("{name} >= DATE('{value}')"),
        ColumnType::Timestamp { utc: true } => format!("{name} >= TIMESTAMP('{value}')"),
        ColumnType::Timestamp { utc: false } => format!("{name} >= '{value}'"),
        ColumnType::Text => format!("{name} = '{}'", value.replace('\'', "''")),
        ColumnType::Point | ColumnType::Geometry => return None,
    })
}

/// A column's name as CQL2 takes it.
pub(super) fn quoted(name: &str) -> String {
    if CQL2_WORDS.contains(&name) { format!("\"{name}\"") } else { name.to_owned() }
}

/// A word of a text column.
fn word(column: &Column) -> Option<String> {
    if column.column_type != ColumnType::Text {
        return None;
    }
    let value = frequent(column)?;
    value.split(|c: char| !c.is_alphabetic()).find(|word| word.chars().count() > 2).map(str::to_lowercase)
}

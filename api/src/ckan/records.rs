//! Rows as CKAN writes them.

use std::fmt::{self, Write as _};

use fairground_domain::{Column, ColumnType};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::problem::Problem;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordsFormat {
    /// A list of objects.
    Objects,
    /// A list of lists.
    Lists,
    /// One text of CSV, without a header.
    Csv,
    /// One text of tab-separated values, without a header.
    Tsv,
}

impl RecordsFormat {
    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Objects, Self::Lists, Self::Csv, Self::Tsv].into_iter().find(|format| format.as_str() == text)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Lists => "lists",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
        }
    }
}

/// A column's type in CKAN's (PostgreSQL's) words.
pub(super) const fn ckan_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer => "int",
        ColumnType::Decimal { .. } => "numeric",
        ColumnType::Float => "float8",
        ColumnType::Boolean => "bool",
        ColumnType::Date => "date",
        ColumnType::Timestamp { .. } => "timestamp",
        ColumnType::Text => "text",
        ColumnType::Point | ColumnType::Geometry => "json",
    }
}

/// A field of an answer: the row's number, or a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field<'a> {
    /// `_id`.
    Id,
    /// A column, by its place among the engine's members.
    Column(usize, &'a Column),
}

impl Field<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Id => "_id",
            Self::Column(_, column) => &column.name,
        }
    }

    pub(super) fn told(&self) -> Value {
        match self {
            Self::Id => json!({ "id": "_id", "type": "int" }),
            Self::Column(_, column) => json!({ "id": column.name, "type": ckan_type(column.column_type) }),
        }
    }
}

/// One row of the engine's answer: its members' values, in their order, as they are.
struct Row<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some((_, value)) = map.next_entry::<serde::de::IgnoredAny, &'de RawValue>()? {
                    values.push(value);
                }
                Ok(values)
            }
        }
        deserializer.deserialize_map(Members).map(Row)
    }
}

/// Collects records, page by page.
pub(super) struct Records<'a> {
    fields: &'a [Field<'a>],
    format: RecordsFormat,
    /// JSON for objects and lists; the text itself for CSV and TSV.
    text: String,
    count: u64,
}

impl<'a> Records<'a> {
    pub(super) fn new(fields: &'a [Field<'a>], format: RecordsFormat) -> Self {
        Self { fields, format, text: String::new(), count: 0 }
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Adds a page of the engine's; `ids` are the rows' `_id`s.
    pub(super) fn add(&mut self, items: &[u8], ids: &[u64], reversed: bool) -> Result<(), Problem> {
        let rows: Vec<Row<'_>> = serde_json::from_slice(items).map_err(Problem::internal)?;
        let mut order: Vec<(usize, &Row<'_>)> = rows.iter().enumerate().collect();
        if reversed {
            order.reverse();
        }
        for (at, row) in order {
            self.push(row, ids.get(at).copied());
        }
        Ok(())
    }

    fn push(&mut self, row: &Row<'_>, id: Option<u64>) {
        let fields = self.fields;
        let first = self.count == 0;
        match self.format {
            RecordsFormat::Objects | RecordsFormat::Lists if !first => self.text.push(','),
            _ => {}
        }
        let named = self.format == RecordsFormat::Objects;
        let (open, close, between) = match self.format {
            RecordsFormat::Objects => ("{", "}", ","),
            RecordsFormat::Lists => ("[", "]", ","),
            RecordsFormat::Csv => ("", "\r\n", ","),
            RecordsFormat::Tsv => ("", "\n", "\t"),
        };
        self.text.push_str(open);
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                self.text.push_str(between);
            }
            if named {
                // Names are letters, digits and underscores: nothing to escape.
                let _ = write!(self.text, "\"{}\":", field.name());
            }
            match field {
                Field::Id => {
                    let _ = write!(self.text, "{}", id.unwrap_or_default());
                }
                Field::Column(member, column) => {
                    let raw = row.0.get(*member).map_or("null", |raw| raw.get());
                    self.value(raw, column.column_type);
                }
            }
        }
        self.text.push_str(close);
        self.count += 1;
    }

    fn value(&mut self, raw: &str, column_type: ColumnType) {
        // CKAN's timestamps know no zone.
        let zoned =
            matches!(column_type, ColumnType::Timestamp { utc: true }).then(|| raw.strip_suffix("Z\"")).flatten();
        match self.format {
            RecordsFormat::Objects | RecordsFormat::Lists => match zoned {
                Some(civil) => {
                    self.text.push_str(civil);
                    self.text.push('"');
                }
                None => self.text.push_str(raw),
            },
            RecordsFormat::Csv | RecordsFormat::Tsv => {
                let text = match (zoned, raw) {
                    (Some(civil), _) => civil.trim_start_matches('"').to_owned(),
                    (None, "null") => String::new(),
                    (None, raw) if raw.starts_with('"') => serde_json::from_str(raw).unwrap_or_default(),
                    (None, raw) => raw.to_owned(),
                };
                self.cell(&text);
            }
        }
    }

    /// A cell of CSV (RFC 4180) or of tab-separated values, quoted where it must be.
    fn cell(&mut self, text: &str) {
        let separator = if self.format == RecordsFormat::Csv { ',' } else { '\t' };
        if text.contains([separator, '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(text);
        }
    }

    /// The records as JSON.
    pub(super) fn finish(self) -> String {
        match self.format {
            RecordsFormat::Objects | RecordsFormat::Lists => format!("[{}]", self.text),
            RecordsFormat::Csv | RecordsFormat::Tsv => json!(self.text).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use fairground_domain::ColumnStatistics;

    use super::*;

    fn column(name: &str, column_type: ColumnType) -> Column {
        Column {
            name: name.to_owned(),
            title: name.to_owned(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics::default(),
        }
    }

    #[test]
    fn records_are_written_as_ckan_does() {
        let (at, name) = (column("at", ColumnType::Timestamp { utc: true }), column("name", ColumnType::Text));
        let fields = [Field::Id, Field::Column(0, &at), Field::Column(1, &name)];
        let items = br#"[{"at":"2024-02-29T12:30:00Z","name":"a \"b\", c"},{"at":null,"name":null}]"#;
        for (format, expected) in [
            (
                RecordsFormat::Objects,
                r#"[{"_id":3,"at":"2024-02-29T12:30:00","name":"a \"b\", c"},{"_id":7,"at":null,"name":null}]"#,
            ),
            (RecordsFormat::Lists, r#"[[3,"2024-02-29T12:30:00","a \"b\", c"],[7,null,null]]"#),
            (RecordsFormat::Csv, r#""3,2024-02-29T12:30:00,\"a \"\"b\"\", c\"\r\n7,,\r\n""#),
            (RecordsFormat::Tsv, r#""3\t2024-02-29T12:30:00\t\"a \"\"b\"\", c\"\n7\t\t\n""#),
        ] {
            let mut records = Records::new(&fields, format);
            records.add(items, &[3, 7], false).expect("is JSON");
            assert_eq!(records.finish(), expected, "{format:?}");
        }
    }
}

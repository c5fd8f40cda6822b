//! A JSON value as a row: members by name, nested objects as `a.b`, arrays as JSON text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::FormatLimits;
use super::json_shape::NAME_BYTES;
use super::reference::Reference;
use super::wkb;
use crate::cell::Cell;
use crate::error::IntakeError;

/// Objects within objects that become columns; deeper ones stay JSON text.
const DEPTH_MAX: u32 = 4;
/// Bytes of all columns' names.
const NAMES_BYTES: usize = 4 << 20;
/// The column of values that have no name.
const VALUE: &str = "value";
/// The column of a feature's shape.
pub(super) const GEOMETRY: &str = "geometry";

/// The members of an object, in order, not yet read.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Walk<'a> {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key::<Name<'a>>()? {
                    members.push((key.0, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk(std::marker::PhantomData))
    }
}

/// A name, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The columns found so far, by name, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    places: HashMap<String, usize>,
    bytes: usize,
}

impl Columns {
    /// The place of a name; a new one at the end when `grow`.
    fn place(&mut self, name: &str, grow: bool, limits: &FormatLimits) -> Result<Option<usize>, IntakeError> {
        if let Some(at) = self.places.get(name) {
            return Ok(Some(*at));
        }
        if !grow {
            return Ok(None);
        }
        self.bytes += name.len();
        if self.names.len() >= limits.columns || self.bytes > NAMES_BYTES || name.len() > NAME_BYTES {
            return Err(IntakeError::TooLarge {
                what: "the number of columns".to_owned(),
                limit: limits.columns.to_string(),
            });
        }
        let at = self.names.len();
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), at);
        Ok(Some(at))
    }
}

/// Turns values into rows. In the first pass over a file it learns the columns, in later ones it only fills them.
#[derive(Debug, Clone)]
pub(super) struct RowMaker {
    pub(super) columns: Columns,
    /// Whether unknown names make new columns.
    pub(super) learning: bool,
    /// Whether objects are GeoJSON features; set by the first one that is.
    pub(super) features: bool,
    /// What the coordinates mean.
    pub(super) reference: Reference,
    pub(super) limits: FormatLimits,
}

impl RowMaker {
    pub(super) fn new(features: bool, reference: Reference, limits: &FormatLimits) -> Self {
        Self { columns: Columns::default(), learning: true, features, reference, limits: limits.clone() }
    }

    /// Fills a row from a value's bytes; a fault in words when they are no JSON.
    pub(super) fn row(&mut self, raw: &[u8], cells: &mut Vec<Cell>) -> Result<Result<(), String>, IntakeError> {
        cells.clear();
        cells.resize(self.columns.names.len(), Cell::Null);
        if raw.first() != Some(&b'{') {
            let value: &RawValue = match serde_json::from_slice(raw) {
                Ok(value) => value,
                Err(error) => return Ok(Err(error.to_string())),
            };
            if value.get() == "null" {
                return Ok(Ok(()));
            }
            return self.put(VALUE, value, DEPTH_MAX, cells).map(Ok);
        }
        let members: Members<'_> = match serde_json::from_slice(raw) {
            Ok(members) => members,
            Err(error) => return Ok(Err(error.to_string())),
        };
        if is_feature(&members) {
            self.features = true;
            self.feature(&members, cells).map(Ok)
        } else if is_geometry(&members) {
            self.features = true;
            self.geometry(raw, cells).map(Ok)
        } else {
            for (name, value) in members.0 {
                self.put(&name, value, 1, cells)?;
            }
            Ok(Ok(()))
        }
    }

    fn feature(&mut self, members: &Members<'_>, cells: &mut Vec<Cell>) -> Result<(), IntakeError> {
        for (name, value) in &members.0 {
            match name.as_ref() {
                "properties" => {
                    if let Ok(properties) = serde_json::from_str::<Members<'_>>(value.get()) {
                        for (name, value) in properties.0 {
                            self.put(&name, value, 1, cells)?;
                        }
                    }
                }
                // A property of the same name says the same, or more.
                "id" if self.columns.places.get("id").is_none_or(|at| matches!(cells.get(*at), Some(Cell::Null))) => {
                    self.put("id", value, DEPTH_MAX, cells)?;
                }
                _ => {}
            }
        }
        if self.reference.is_left_out() {
            return Ok(());
        }
        for (name, value) in &members.0 {
            if name == "geometry" && value.get() != "null" {
                self.geometry(value.get().as_bytes(), cells)?;
            }
        }
        Ok(())
    }

    fn geometry(&mut self, raw: &[u8], cells: &mut Vec<Cell>) -> Result<(), IntakeError> {
        if self.reference.is_left_out() {
            return Ok(());
        }
        let shape = std::str::from_utf8(raw).ok().and_then(|text| wkb::from_geojson(text, &self.reference));
        self.set(GEOMETRY, shape.unwrap_or(Cell::Null), cells)
    }

    fn put(&mut self, name: &str, value: &RawValue, depth: u32, cells: &mut Vec<Cell>) -> Result<(), IntakeError> {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') if depth < DEPTH_MAX => {
                if let Some(shape) = self.shape(text) {
                    return self.set(name, shape, cells);
                }
                match serde_json::from_str::<Members<'_>>(text) {
                    Ok(members) if !members.0.is_empty() => {
                        for (inner, value) in members.0 {
                            self.put(&format!("{name}.{inner}"), value, depth + 1, cells)?;
                        }
                        Ok(())
                    }
                    _ => self.set(name, Cell::Null, cells),
                }
            }
            Some(b'{' | b'[') => self.set(name, Cell::Quoted(compact(text)), cells),
            _ => self.set(name, scalar(text), cells),
        }
    }

    /// A GeoJSON geometry among the members.
    fn shape(&self, text: &str) -> Option<Cell> {
        if self.reference.is_left_out() || !text.contains("\"coordinates\"") {
            return None;
        }
        wkb::from_geojson(text, &self.reference)
    }

    fn set(&mut self, name: &str, cell: Cell, cells: &mut Vec<Cell>) -> Result<(), IntakeError> {
        let Some(at) = self.columns.place(name, self.learning, &self.limits)? else { return Ok(()) };
        if cells.len() <= at {
            cells.resize(at + 1, Cell::Null);
        }
        if let Some(slot) = cells.get_mut(at) {
            *slot = cell;
        }
        Ok(())
    }
}

fn is_feature(members: &Members<'_>) -> bool {
    members.0.iter().any(|(name, value)| name == "type" && value.get() == "\"Feature\"")
        && members.0.iter().any(|(name, _)| name == "properties" || name == "geometry")
}

/// Whether nothing but a shape is there: a type of GeoJSON, what it is made of, and what goes with that.
fn is_geometry(members: &Members<'_>) -> bool {
    let kind = members.0.iter().find(|(name, _)| name == "type").map(|(_, value)| value.get().trim_matches('"'));
    kind.is_some_and(|kind| wkb::GEOMETRIES.contains(&kind))
        && members.0.iter().any(|(name, _)| name == "coordinates" || name == "geometries")
        && members
            .0
            .iter()
            .all(|(name, _)| matches!(name.as_ref(), "type" | "coordinates" | "geometries" | "bbox" | "crs" | "name"))
}

/// JSON text without the blanks between its parts.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        if inside {
            (inside, escaped) = (c != '"' || escaped, c == '\\' && !escaped);
        } else if c == '"' {
            inside = true;
        } else if c.is_ascii_whitespace() {
            continue;
        }
        out.push(c);
    }
    out
}

/// A single value: text, number, truth value or nothing.
pub(super) fn scalar(text: &str) -> Cell {
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_or(Cell::Null, Cell::Quoted),
        Some(b't') => Cell::Boolean(true),
        Some(b'f') => Cell::Boolean(false),
        Some(b'-' | b'0'..=b'9') => json_number(text),
        Some(b'[' | b'{') => Cell::Quoted(compact(text)),
        _ => Cell::Null,
    }
}

/// A number as it is written: digits stay exact where they can.
fn json_number(text: &str) -> Cell {
    if let Ok(whole) = text.parse() {
        return Cell::Integer(whole);
    }
    if text.contains(['e', 'E']) {
        return text.parse().map_or_else(|_| Cell::Quoted(text.to_owned()), super::sheet_cell::number);
    }
    Cell::Decimal(text.to_owned())
}

//! Where the tables are in a JSON document: one walk through it, holding only counts.

use std::io::Read;

use super::FormatLimits;
use super::json_scan::{Kind, Scanner};
use super::wkb;
use crate::error::IntakeError;

/// How deep arrays are looked for within objects.
const DEPTH_MAX: usize = 4;
/// Arrays that are remembered.
const ARRAYS_MAX: usize = 5_000;
/// Bytes of a member's name.
pub(super) const NAME_BYTES: usize = 64 << 10;
/// Bytes of members that describe the table (`crs`, `columns`).
const ASIDE_BYTES: usize = 4 << 20;
/// Bytes of all that is kept of a document's outline.
const OUTLINE_BYTES: usize = 16 << 20;

/// Names that an array of records usually has, the best first.
const USUAL: &[&str] = &[
    "records",
    "results",
    "data",
    "items",
    "rows",
    "value",
    "values",
    "features",
    "docs",
    "hits",
    "entries",
    "list",
    "result",
    "content",
    "elements",
    "observations",
    "dataset",
    "table",
];

/// An array found on the way, by the names that lead to it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: Vec<String>,
    /// Where its opening bracket stands.
    pub(super) offset: u64,
    objects: u64,
    arrays: u64,
    scalars: u64,
}

impl Found {
    fn len(&self) -> u64 {
        self.objects + self.arrays + self.scalars
    }

    fn is_records(&self) -> bool {
        self.objects > 0 && self.objects >= self.arrays + self.scalars
    }

    /// Whether it is the member that holds a geometry's positions or parts.
    fn is_of_geometry(&self) -> bool {
        matches!(self.path.as_slice(), [name] if name == "coordinates" || name == "geometries")
    }

    fn is_rows(&self) -> bool {
        self.arrays > 0 && self.arrays >= self.objects + self.scalars
    }
}

/// What a document is like.
#[derive(Debug, Default)]
pub(super) struct Outline {
    found: Vec<Found>,
    /// The document's `type`, for GeoJSON.
    kind: Option<String>,
    /// GeoJSON's old `crs` member, as it is written.
    pub(super) crs: Option<Vec<u8>>,
    /// Names of columns that stand apart from the rows.
    columns: Option<Vec<String>>,
    /// Whether members of the top object are no arrays.
    others: bool,
    /// Whether more documents follow the first.
    pub(super) several: bool,
    /// Bytes of all paths kept.
    weight: usize,
}

/// How to read the tables of a document.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// An array of objects (or of anything: what is no object becomes a column `value`).
    Records { array: Found, features: bool },
    /// An array of arrays; the names of the columns when they stand elsewhere.
    Rows { array: Found, columns: Option<Vec<String>> },
    /// Arrays side by side, one a column.
    Columns { arrays: Vec<Found> },
}

/// Walks through the first document of a source.
pub(super) fn outline(source: impl Read, limits: &FormatLimits) -> Result<Outline, IntakeError> {
    let mut scanner = Scanner::new(source)?;
    let mut outline = Outline::default();
    match scanner.peek_kind()? {
        Kind::Array => outline.array(&mut scanner, Vec::new(), limits)?,
        Kind::Object => outline.object(&mut scanner, &mut Vec::new(), limits)?,
        _ => return Err(scanner.fault("a document begins with `{` or `[`")),
    }
    outline.several = matches!(scanner.peek()?, Some(b'{' | b'['));
    if !outline.several && scanner.peek()?.is_some() {
        return Err(scanner.fault("something follows the document's end"));
    }
    Ok(outline)
}

impl Outline {
    fn object<R: Read>(
        &mut self,
        scanner: &mut Scanner<R>,
        path: &mut Vec<String>,
        limits: &FormatLimits,
    ) -> Result<(), IntakeError> {
        scanner.expect(b'{')?;
        let mut first = true;
        while scanner.next_element(first, b'}')? {
            first = false;
            limits.check_stop()?;
            let key = scanner.key(NAME_BYTES)?;
            let kind = scanner.peek_kind()?;
            let top = path.is_empty();
            match kind {
                _ if top && key == "crs" => self.crs = Some(aside(scanner)?),
                Kind::String if top && key == "type" => {
                    self.kind = serde_json::from_slice(&aside(scanner)?).ok();
                }
                // Socrata keeps the columns in `meta.view.columns`, pandas and others in `columns`.
                Kind::Array if key == "columns" && (top || path.as_slice() == ["meta", "view"]) => {
                    self.columns_or_array(scanner, path, key, limits)?;
                }
                Kind::Array => {
                    let mut path = path.clone();
                    path.push(key);
                    self.array(scanner, path, limits)?;
                }
                Kind::Object if path.len() + 1 < DEPTH_MAX => {
                    self.others |= top;
                    path.push(key);
                    self.object(scanner, path, limits)?;
                    path.pop();
                }
                _ => {
                    self.others |= top;
                    scanner.skip()?;
                }
            }
        }
        Ok(())
    }

    /// An array called `columns`: the names of columns where it is small and reads like that; it may be data as well.
    fn columns_or_array<R: Read>(
        &mut self,
        scanner: &mut Scanner<R>,
        path: &[String],
        key: String,
        limits: &FormatLimits,
    ) -> Result<(), IntakeError> {
        let offset = scanner.offset();
        let raw = aside(scanner)?;
        self.columns = column_names(&raw);
        let mut path = path.to_vec();
        path.push(key);
        let mut inner = Scanner::new(raw.as_slice())?;
        let before = self.found.len();
        self.array(&mut inner, path, limits)?;
        if let Some(found) = self.found.get_mut(before) {
            found.offset = offset;
        }
        Ok(())
    }

    fn array<R: Read>(
        &mut self,
        scanner: &mut Scanner<R>,
        path: Vec<String>,
        limits: &FormatLimits,
    ) -> Result<(), IntakeError> {
        scanner.peek()?;
        let mut found = Found { path, offset: scanner.offset(), objects: 0, arrays: 0, scalars: 0 };
        scanner.expect(b'[')?;
        let mut first = true;
        while scanner.next_element(first, b']')? {
            first = false;
            match scanner.peek_kind()? {
                Kind::Object => found.objects += 1,
                Kind::Array => found.arrays += 1,
                Kind::String | Kind::Null | Kind::Scalar => found.scalars += 1,
            }
            scanner.skip()?;
            if found.len().is_multiple_of(1_024) {
                limits.check_stop()?;
            }
        }
        self.weight += found.path.iter().map(|name| name.len() + 32).sum::<usize>();
        if self.found.len() >= ARRAYS_MAX || self.weight > OUTLINE_BYTES {
            return Err(IntakeError::TooLarge {
                what: "the number of arrays in the JSON document".to_owned(),
                limit: ARRAYS_MAX.to_string(),
            });
        }
        self.found.push(found);
        Ok(())
    }

    /// Whether the document is one GeoJSON feature or geometry (RFC 7946, sections 3.1 and 3.2): a table of one row.
    pub(super) fn is_one_shape(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind == "Feature" || wkb::GEOMETRIES.contains(&kind) && self.found.iter().any(Found::is_of_geometry)
    }

    /// The tables of the document.
    pub(super) fn shapes(&self) -> Result<Vec<Shape>, IntakeError> {
        if let Some(array) = self.found.iter().find(|found| found.path.is_empty()) {
            return top_array(array);
        }
        let named = |name: &str| self.found.iter().find(|found| found.path.last().is_some_and(|last| last == name));
        if self.kind.as_deref() == Some("FeatureCollection") {
            return match self.found.iter().find(|found| found.path == ["features"]) {
                Some(array) if array.len() > 0 => Ok(vec![Shape::Records { array: array.clone(), features: true }]),
                _ => Err(not_tabular("the feature collection is empty")),
            };
        }
        let rows = self
            .found
            .iter()
            .find(|found| found.is_rows() && found.path.last().is_some_and(|last| USUAL.contains(&last.as_str())));
        if let Some(array) = USUAL.iter().filter_map(|name| named(name)).find(|found| found.is_records()) {
            return Ok(vec![Shape::Records { array: array.clone(), features: false }]);
        }
        if let Some(array) =
            rows.or_else(|| self.columns.as_ref().and_then(|_| self.found.iter().find(|found| found.is_rows())))
        {
            return Ok(vec![Shape::Rows { array: array.clone(), columns: self.columns.clone() }]);
        }
        let records: Vec<Shape> = self
            .found
            .iter()
            .filter(|found| found.is_records())
            .map(|array| Shape::Records { array: array.clone(), features: false })
            .collect();
        if !records.is_empty() {
            return Ok(records);
        }
        self.side_by_side()
    }

    /// Arrays of single values and of one length, and nothing else.
    fn side_by_side(&self) -> Result<Vec<Shape>, IntakeError> {
        let arrays: Vec<Found> = self.found.iter().filter(|found| found.path.len() == 1).cloned().collect();
        let alike = arrays.windows(2).all(|pair| matches!(pair, [a, b] if a.len() == b.len()));
        if arrays.is_empty()
            || !alike
            || self.others
            || arrays.iter().any(|found| found.len() == 0 || found.objects > 0)
        {
            return Err(not_tabular("the JSON document holds no array of records"));
        }
        Ok(vec![Shape::Columns { arrays }])
    }
}

fn top_array(array: &Found) -> Result<Vec<Shape>, IntakeError> {
    if array.len() == 0 {
        return Err(not_tabular("the JSON array is empty"));
    }
    Ok(vec![if array.is_rows() {
        Shape::Rows { array: array.clone(), columns: None }
    } else {
        Shape::Records { array: array.clone(), features: false }
    }])
}

fn not_tabular(why: &str) -> IntakeError {
    IntakeError::NotTabular { why: why.to_owned() }
}

fn aside<R: Read>(scanner: &mut Scanner<R>) -> Result<Vec<u8>, IntakeError> {
    let mut raw = Vec::new();
    scanner.take(&mut raw, ASIDE_BYTES)?;
    Ok(raw)
}

/// Names in `["a", "b"]`, or in objects that have a `name` (Socrata also a `fieldName`).
fn column_names(raw: &[u8]) -> Option<Vec<String>> {
    let columns: Vec<serde_json::Value> = serde_json::from_slice(raw).ok()?;
    let name = |column: &serde_json::Value| {
        let text = match column {
            serde_json::Value::String(text) => Some(text.as_str()),
            serde_json::Value::Object(members) => ["fieldName", "name", "title", "label", "id"]
                .iter()
                .find_map(|member| members.get(*member).and_then(serde_json::Value::as_str)),
            _ => None,
        };
        text.map(str::to_owned)
    };
    columns.iter().map(name).collect::<Option<Vec<String>>>().filter(|names| !names.is_empty())
}

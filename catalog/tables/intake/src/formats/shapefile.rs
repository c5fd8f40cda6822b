//! ESRI shapefiles: the shapes of the `.shp` beside the attributes of the `.dbf`.
//!
//! Read by hand (ESRI Shapefile Technical Description, July 1998): every count is checked against the record that holds it
//! before memory is asked for.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::FormatLimits;
use super::dbf::Table;
use super::detect::ending;
use super::guard::{broken, guarded, table_name};
use super::json_row::GEOMETRY;
use super::reference::Reference;
use super::wkb::{Position, Shape, to_cell};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

const FORMAT: &str = "shapefile";
/// The size of the header.
const HEADER_BYTES: usize = 100;
/// Bytes of the small parts: `.prj` and `.cpg`.
const PART_BYTES: u64 = 64 << 10;
/// Bytes of one shape; coastlines are large.
const SHAPE_BYTES: usize = 64 << 20;
/// Rings up to which each hole looks for the ring around it; beyond, it belongs to the ring before.
const RINGS_MAX: usize = 2_000;

type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

pub(super) fn open(path: &Path, name: &str, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    guarded(FORMAT, || {
        let mut layers = Vec::new();
        if path.is_dir() {
            for entry in std::fs::read_dir(path)? {
                let entry = entry?;
                let file = entry.file_name().to_string_lossy().into_owned();
                if ending(&file) == "shp" {
                    layers.push((entry.path(), file));
                }
            }
            layers.sort();
        } else {
            layers.push((path.to_owned(), name.to_owned()));
        }
        let readers = layers.iter().map(|(path, name)| Layer::open(path, name, limits));
        readers.map(|reader| reader.map(|reader| Box::new(reader) as Box<dyn TableReader>)).collect()
    })
}

/// A part beside the `.shp`, whatever the case of its ending.
fn part(path: &Path, wanted: &str) -> Option<PathBuf> {
    [wanted.to_owned(), wanted.to_uppercase()]
        .into_iter()
        .map(|ending| path.with_extension(ending))
        .find(|path| path.is_file())
}

fn part_text(path: &Path, wanted: &str) -> Result<Option<String>, IntakeError> {
    let Some(path) = part(path, wanted) else { return Ok(None) };
    let mut bytes = Vec::new();
    File::open(path)?.take(PART_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

struct Layer {
    path: PathBuf,
    name: String,
    table: Option<Table>,
    reference: Reference,
    notes: Vec<String>,
    limits: FormatLimits,
}

impl Layer {
    fn open(path: &Path, name: &str, limits: &FormatLimits) -> Result<Self, IntakeError> {
        let bounds = Shapes::open(path)?.bounds;
        let label = part_text(path, "cpg")?;
        let table = part(path, "dbf").map(|table| Table::open(&table, label.as_deref())).transpose()?;
        let mut notes = Vec::new();
        let reference = match part_text(path, "prj")? {
            Some(wkt) => Reference::of_wkt(&wkt),
            None if bounds.iter().step_by(2).all(|x| x.abs() <= 180.0)
                && bounds.iter().skip(1).step_by(2).all(|y| y.abs() <= 90.0) =>
            {
                notes.push("No coordinate system is named; the positions were taken as WGS 84.".to_owned());
                Reference::Geographic
            }
            None => Reference::Unknown,
        };
        if reference.is_left_out() {
            let why = "The shapes were left out: their coordinate system is not one that can be turned into WGS 84.";
            notes.push(why.to_owned());
            if table.is_none() {
                return Err(IntakeError::NotTabular {
                    why:
                        "the shapefile has no attributes (.dbf), and its coordinate system cannot be turned into WGS 84"
                            .to_owned(),
                });
            }
        } else if matches!(
            reference,
            Reference::TransverseMercator(_) | Reference::LambertConformal(_) | Reference::WebMercator
        ) {
            notes.push("The shapes were turned from their projection into WGS 84.".to_owned());
        }
        if table.is_none() {
            notes.push("There is no `.dbf` beside the shapes, so there are no attributes.".to_owned());
        }
        Ok(Self { path: path.to_owned(), name: table_name(name), table, reference, notes, limits: limits.clone() })
    }

    fn rows(&self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let mut shapes = Shapes::open(&self.path)?;
        let mut records = self.table.as_ref().map(Table::rows).transpose()?;
        let mut cells = Vec::new();
        for number in 1.. {
            self.limits.check_stop()?;
            cells.clear();
            let lives = match &mut records {
                Some(records) => records.next(&mut cells)?,
                None => None,
            };
            let shape = shapes.next(number)?;
            match (lives, &shape, &records) {
                (None, None, _) => return Ok(()),
                (None, Some(_), Some(_)) => {
                    return Err(broken(
                        FORMAT,
                        format!("shape {number}"),
                        "there are more shapes than rows of attributes",
                    ));
                }
                (Some(_), None, _) => {
                    return Err(broken(
                        FORMAT,
                        format!("row {number}"),
                        "there are more rows of attributes than shapes",
                    ));
                }
                (Some(_), Some(_), _) | (None, Some(_), None) => {}
            }
            if !self.reference.is_left_out() {
                let cell = shape.flatten().and_then(|shape| to_cell(&shape, &self.reference));
                cells.push(cell.unwrap_or(Cell::Null));
            }
            if lives != Some(false) {
                sink(number, &mut cells)?;
            }
        }
        Ok(())
    }
}

impl TableReader for Layer {
    fn name(&self) -> &str {
        &self.name
    }

    fn format(&self) -> &'static str {
        FORMAT
    }

    fn header(&self) -> Option<Vec<String>> {
        let mut names = self.table.as_ref().map(Table::names).unwrap_or_default();
        if !self.reference.is_left_out() {
            names.push(GEOMETRY.to_owned());
        }
        Some(names)
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        guarded(FORMAT, || self.rows(sink))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// A walk through the shapes.
struct Shapes {
    source: BufReader<File>,
    /// Bytes that are left, by the header and by the file.
    left: u64,
    /// Least x, least y, greatest x, greatest y.
    bounds: [f64; 4],
    record: Vec<u8>,
}

impl Shapes {
    fn open(path: &Path) -> Result<Self, IntakeError> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut source = BufReader::new(file);
        let mut head = [0_u8; HEADER_BYTES];
        source.read_exact(&mut head).map_err(|_| broken(FORMAT, "its header", "it ends in the middle"))?;
        let bytes = Bytes(&head);
        if bytes.big(0) != Some(9_994) || bytes.little(28) != Some(1_000) {
            return Err(broken(FORMAT, "its header", "it does not begin as a shapefile does"));
        }
        let claimed = u64::try_from(bytes.big(24).unwrap_or(0)).unwrap_or(0) * 2;
        let bounds = [36, 44, 52, 60].map(|at| bytes.number(at).unwrap_or(f64::NAN));
        let left = claimed.min(size).saturating_sub(100);
        Ok(Self { source, left, bounds, record: Vec::new() })
    }

    /// The next shape; `Some(None)` where the record holds none, `None` at the end.
    fn next(&mut self, number: u64) -> Result<Option<Option<Shape>>, IntakeError> {
        if self.left < 8 {
            return Ok(None);
        }
        let place = || format!("shape {number}");
        let cut = || broken(FORMAT, place(), "it ends in the middle");
        let mut head = [0_u8; 8];
        self.source.read_exact(&mut head).map_err(|_| cut())?;
        let words = Bytes(&head).big(4).and_then(|words| usize::try_from(words).ok()).ok_or_else(cut)?;
        let length = words.saturating_mul(2);
        if length > SHAPE_BYTES {
            return Err(IntakeError::TooLarge { what: place(), limit: format!("{} MB", SHAPE_BYTES >> 20) });
        }
        let whole = u64::try_from(length).unwrap_or(u64::MAX) + 8;
        self.left = self.left.checked_sub(whole).ok_or_else(cut)?;
        self.record.resize(length, 0);
        self.source.read_exact(&mut self.record).map_err(|_| cut())?;
        parse(&self.record)
            .map(Some)
            .ok_or_else(|| broken(FORMAT, place(), "its parts and points do not fit its length"))
    }
}

/// Numbers at places.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn four(&self, at: usize) -> Option<[u8; 4]> {
        self.0.get(at..at.checked_add(4)?)?.try_into().ok()
    }

    fn big(&self, at: usize) -> Option<i32> {
        self.four(at).map(i32::from_be_bytes)
    }

    fn little(&self, at: usize) -> Option<i32> {
        self.four(at).map(i32::from_le_bytes)
    }

    fn count(&self, at: usize) -> Option<usize> {
        usize::try_from(self.little(at)?).ok()
    }

    fn number(&self, at: usize) -> Option<f64> {
        self.0.get(at..at.checked_add(8)?)?.try_into().ok().map(f64::from_le_bytes)
    }

    fn position(&self, at: usize) -> Option<Position> {
        Some(Position(self.number(at)?, self.number(at + 8)?))
    }

    fn positions(&self, from: usize, count: usize) -> Option<Vec<Position>> {
        let end = from.checked_add(count.checked_mul(16)?)?;
        let part = self.0.get(from..end)?;
        part.chunks_exact(16).map(|pair| Bytes(pair).position(0)).collect()
    }
}

/// A record's content. Heights and measures are not read; patches of solids are no shapes of a map.
fn parse(record: &[u8]) -> Option<Option<Shape>> {
    let bytes = Bytes(record);
    Some(match bytes.little(0)? {
        1 | 11 | 21 => {
            let position = bytes.position(4)?;
            // Beyond -10^38 means "no data".
            (position.0 > -1e38 && position.1 > -1e38).then_some(Shape::Point(position))
        }
        8 | 18 | 28 => {
            let positions = bytes.positions(40, bytes.count(36)?)?;
            (!positions.is_empty()).then_some(Shape::Points(positions))
        }
        3 | 13 | 23 => {
            let mut lines = parts(&bytes)?;
            match lines.len() {
                0 => None,
                1 => lines.pop().map(Shape::Line),
                _ => Some(Shape::Lines(lines)),
            }
        }
        5 | 15 | 25 => {
            let mut polygons = polygons(parts(&bytes)?);
            match polygons.len() {
                0 => None,
                1 => polygons.pop().map(Shape::Polygon),
                _ => Some(Shape::Polygons(polygons)),
            }
        }
        0 | 31 => None,
        _ => return None,
    })
}

fn parts(bytes: &Bytes<'_>) -> Option<Vec<Vec<Position>>> {
    let (part_count, point_count) = (bytes.count(36)?, bytes.count(40)?);
    let first_point = 44_usize.checked_add(part_count.checked_mul(4)?)?;
    let points = bytes.positions(first_point, point_count)?;
    let mut found = Vec::new();
    for at in 0..part_count {
        let start = bytes.count(44 + at * 4)?;
        let end = if at + 1 < part_count { bytes.count(48 + at * 4)? } else { point_count };
        let part = points.get(start..end)?;
        if !part.is_empty() {
            found.push(part.to_vec());
        }
    }
    Some(found)
}

/// Twice the area inside a ring; negative when it runs clockwise.
fn signed_area(ring: &[Position]) -> f64 {
    ring.windows(2)
        .map(|pair| match pair {
            [a, b] => a.0 * b.1 - b.0 * a.1,
            _ => 0.0,
        })
        .sum()
}

fn contains(ring: &[Position], point: &Position) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let [a, b] = pair else { continue };
        if (a.1 > point.1) != (b.1 > point.1) && point.0 < (b.0 - a.0) * (point.1 - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}

/// Rings to polygons: clockwise ones are outer, the others are holes of the outer one that holds them.
fn polygons(rings: Vec<Vec<Position>>) -> Vec<Vec<Vec<Position>>> {
    let many = rings.len() > RINGS_MAX;
    let (mut outer, mut holes) = (Vec::new(), Vec::new());
    for ring in rings {
        if signed_area(&ring) <= 0.0 || outer.is_empty() && many {
            outer.push(vec![ring]);
        } else if many {
            if let Some(last) = outer.last_mut() {
                last.push(ring);
            }
        } else {
            holes.push(ring);
        }
    }
    for hole in holes {
        let first = hole.first().copied();
        let around = outer.iter_mut().find(|polygon: &&mut Vec<Vec<Position>>| {
            polygon.first().zip(first.as_ref()).is_some_and(|(ring, point)| contains(ring, point))
        });
        match around {
            Some(polygon) => polygon.push(hole),
            // Some writers wind all rings the wrong way.
            None => outer.push(vec![hole]),
        }
    }
    outer
}

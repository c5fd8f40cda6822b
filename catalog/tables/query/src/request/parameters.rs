//! What all questions share: which parameters there are, and which rows they take.

use fairground_domain::{Column, ColumnType, Coordinates, Snapshot};

use super::Q_WORDS_MAX;
use super::list::sort_keys;
use crate::bind::{Binder, any_of, temporal_value};
use crate::error::{Fault, Faults, Located, QueryError, nearest};
use crate::geometry::{BoundingBox, GeometryError, parse_bbox, parse_corners};
use crate::normal::normalise;
use crate::number::ExactNumber;
use crate::plan::{Predicate, SortKey, SpatialRelation};
use crate::text::ast::{Operand, OperandKind, TemporalRelation};
use crate::text::{LIST_MAX, parse};
use crate::words::wanted_words;

/// The parameters that choose rows, for every kind of question.
const ROW_PARAMETERS: [&str; 5] = ["filter", "filter-lang", "q", "bbox", "datetime"];

/// The parameters of an address, in their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameters<'a> {
    all: &'a [(String, String)],
    /// Names that this kind of question understands besides those that choose rows.
    own: &'a [&'a str],
    /// Names that the caller reads itself.
    reserved: &'a [&'a str],
}

impl<'a> Parameters<'a> {
    pub(super) const fn new(all: &'a [(String, String)], own: &'a [&'a str], reserved: &'a [&'a str]) -> Self {
        Self { all, own, reserved }
    }

    /// The value of a parameter that may stand once.
    pub(super) fn one(&self, name: &str) -> Result<Option<&'a str>, QueryError> {
        let mut values = self.all.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(QueryError::whole(name, Fault::Repeated)) } else { Ok(first) }
    }

    /// The order that `sortby` names, of the columns that are bound.
    pub(super) fn sort_keys(&self, binder: Binder<'_>) -> Result<Vec<SortKey>, QueryError> {
        sort_keys(self.one("sortby")?.unwrap_or_default(), binder).map_err(|located| located.of("sortby"))
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, name: &str, max: u64) -> Result<Option<u64>, QueryError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let number = text.trim().parse::<u64>().ok().filter(|number| *number <= max);
        let refusal = || {
            let expected = format!("a whole number from 0 to {max}");
            let found = format!("`{}`", crate::text::shortened(text));
            QueryError::whole(name, Fault::Expected { expected, found })
        };
        number.map(Some).ok_or_else(refusal)
    }

    /// The rows that all parameters together take, in normal form.
    pub(super) fn predicate(&self, snapshot: &Snapshot, faults: &mut Faults) -> Predicate {
        let binder = Binder { columns: &snapshot.columns };
        let mut parts = Vec::new();
        parts.extend(faults.note(self.filter(binder)));
        parts.extend(faults.note(self.words(snapshot)).flatten());
        parts.extend(faults.note(self.bbox(snapshot)).flatten());
        parts.extend(faults.note(self.datetime(snapshot)).flatten());
        parts.extend(self.column_values(binder, faults));
        normalise(Predicate::And(parts))
    }

    fn filter(&self, binder: Binder<'_>) -> Result<Predicate, QueryError> {
        if let Some(language) = self.one("filter-lang")?.filter(|language| *language != "cql2-text") {
            let found = format!("`{}`", crate::text::shortened(language));
            return Err(QueryError::whole(
                "filter-lang",
                Fault::Expected { expected: "`cql2-text`".to_owned(), found },
            ));
        }
        match self.one("filter")?.filter(|text| !text.trim().is_empty()) {
            Some(text) => filter_in("filter", text, binder),
            None => Ok(Predicate::Constant(true)),
        }
    }

    fn words(&self, snapshot: &Snapshot) -> Result<Option<Predicate>, QueryError> {
        let Some(text) = self.one("q")?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let refused = |sentence: &str| Err(QueryError::whole("q", Fault::Refused(sentence.to_owned())));
        let words = wanted_words(text);
        if words.is_empty() {
            return refused("there is no letter or digit in it to look for");
        }
        if words.len() > Q_WORDS_MAX {
            let max = Q_WORDS_MAX as u64;
            return Err(QueryError::whole("q", Fault::Limit { name: "Q_WORDS_MAX", what: "words", max }));
        }
        let columns: Vec<usize> = places(snapshot, |column| column.column_type == ColumnType::Text);
        if columns.is_empty() {
            return refused("this table has no text to look for words in");
        }
        Ok(Some(Predicate::Words { columns, words }))
    }

    fn bbox(&self, snapshot: &Snapshot) -> Result<Option<Predicate>, QueryError> {
        let Some(text) = self.one("bbox")?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let refusal = |error| match error {
            GeometryError::Text { at, expected } => {
                let found = format!("`{}`", crate::text::shortened(text));
                Located::new(at, Fault::Expected { expected: expected.to_owned(), found }).of("bbox")
            }
            other => QueryError::whole("bbox", Fault::Geometry(other)),
        };
        if let Some(pair) = snapshot.coordinates() {
            let corners = parse_corners(text).map_err(refusal)?;
            return within_degrees(corners, &pair, Binder { columns: &snapshot.columns }).map(Some);
        }
        let place =
            only(snapshot, "bbox", "column of places", "s_intersects", |column| column.column_type.is_spatial())?;
        let shape = parse_bbox(text).map_err(refusal)?;
        Ok(Some(Predicate::Spatial(place, SpatialRelation::Intersects, shape)))
    }

    /// `2024-02-29`, `2024-01-01/2024-12-31`, `../2024-12-31`, `2024-01-01/` (OGC API Features, section 7.15.4).
    fn datetime(&self, snapshot: &Snapshot) -> Result<Option<Predicate>, QueryError> {
        let Some(text) = self.one("datetime")?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let place =
            only(snapshot, "datetime", "column of times", "t_intersects", |column| column.column_type.is_temporal())?;
        let Some(column) = snapshot.columns.get(place) else { return Ok(None) };
        let end = |text: &str| Some(text.trim().to_owned()).filter(|end| !end.is_empty() && end != "..");
        let kind = match text.split_once('/') {
            Some((from, to)) => OperandKind::Interval(end(from), end(to)),
            None => OperandKind::Text(text.trim().to_owned()),
        };
        let operand = Operand { at: 0, ignore_case: false, ignore_accents: false, kind };
        temporal_value(place, column, TemporalRelation::Intersects, &operand)
            .map(Some)
            .map_err(|located| Located { at: None, ..located }.of("datetime"))
    }

    /// `column=value`: equal to the value; repeated, equal to one of them; empty, without a value. All of them together are one
    /// list of [`LIST_MAX`] values at most.
    fn column_values(&self, binder: Binder<'_>, faults: &mut Faults) -> Vec<Predicate> {
        let values = || self.all.iter().filter(|(name, _)| !self.is_parameter(name));
        if let Some((name, _)) = values().nth(LIST_MAX) {
            let fault = Fault::Limit { name: "LIST_MAX", what: "values of columns", max: LIST_MAX as u64 };
            faults.note::<()>(Err(QueryError::whole(name, fault)));
            return Vec::new();
        }
        let mut by_column: Vec<(usize, Vec<Predicate>)> = Vec::new();
        for (name, value) in values() {
            let Some((place, predicate)) = faults.note(self.column_value(name, value, binder)) else { continue };
            match by_column.iter_mut().find(|(other, _)| *other == place) {
                Some((_, parts)) => parts.push(predicate),
                None => by_column.push((place, vec![predicate])),
            }
        }
        by_column.into_iter().map(|(_, parts)| Predicate::Or(parts)).collect()
    }

    fn column_value(&self, name: &str, value: &str, binder: Binder<'_>) -> Result<(usize, Predicate), QueryError> {
        let found = binder.find(name).and_then(|place| Some((place, binder.columns.get(place)?)));
        let Some((place, column)) = found else {
            return Err(QueryError::whole(name, Fault::UnknownParameter { nearest: self.nearest(name, binder) }));
        };
        let predicate = column_value(place, column, value);
        Ok((place, predicate.map_err(|located| Located { at: None, ..located }.of(name))?))
    }

    fn is_parameter(&self, name: &str) -> bool {
        ROW_PARAMETERS.contains(&name) || self.own.contains(&name) || self.reserved.contains(&name)
    }

    fn nearest(&self, name: &str, binder: Binder<'_>) -> Option<String> {
        let parameters = ROW_PARAMETERS.iter().chain(self.own).chain(self.reserved).copied();
        nearest(name, parameters.chain(binder.columns.iter().map(|column| column.name.as_str())))
    }
}

/// Rows whose longitude and latitude, in columns of their own, lie in a box or on its edge. A box whose west lies east of its
/// east crosses the antimeridian.
fn within_degrees(corners: BoundingBox, pair: &Coordinates, binder: Binder<'_>) -> Result<Predicate, QueryError> {
    let [west, south, east, north] = corners;
    let name = |at: usize| binder.columns.get(at).map_or("", |column| column.name.as_str());
    let (longitude, latitude) = (name(pair.longitude), name(pair.latitude));
    let joined = if west > east { "OR" } else { "AND" };
    let text = format!(
        "\"{latitude}\" >= {south} AND \"{latitude}\" <= {north} \
         AND (\"{longitude}\" >= {west} {joined} \"{longitude}\" <= {east})"
    );
    filter_in("bbox", &text, binder)
}

/// A filter parsed and bound, not yet in normal form.
pub(super) fn filter_in(parameter: &str, text: &str, binder: Binder<'_>) -> Result<Predicate, QueryError> {
    parse(text).and_then(|condition| binder.condition(&condition)).map_err(|located| located.of(parameter))
}

fn places(snapshot: &Snapshot, wanted: impl Fn(&Column) -> bool) -> Vec<usize> {
    snapshot.columns.iter().enumerate().filter(|(_, column)| wanted(column)).map(|(place, _)| place).collect()
}

/// The only column of its kind, or the refusal that says why there is no such.
fn only(
    snapshot: &Snapshot,
    parameter: &str,
    what: &str,
    instead: &str,
    wanted: impl Fn(&Column) -> bool,
) -> Result<usize, QueryError> {
    match places(snapshot, wanted).as_slice() {
        [place] => Ok(*place),
        [] => Err(QueryError::whole(parameter, Fault::Refused(format!("this table has no {what}")))),
        several => {
            let names: Vec<_> = several
                .iter()
                .filter_map(|place| snapshot.columns.get(*place))
                .map(|column| format!("`{}`", column.name))
                .collect();
            let sentence = format!(
                "this table has more than one {what} ({}); name one in `filter` with `{instead}`",
                names.join(", ")
            );
            Err(QueryError::whole(parameter, Fault::Refused(sentence)))
        }
    }
}

/// A value as an address has it, without quotes.
fn column_value(place: usize, column: &Column, value: &str) -> Result<Predicate, Located> {
    if value.is_empty() {
        return Ok(Predicate::IsNull(place));
    }
    let kind = match column.column_type {
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float => {
            let digits = value.trim();
            match ExactNumber::parse(digits) {
                Some(_) => OperandKind::Number(digits.to_owned()),
                None => OperandKind::Text(value.to_owned()),
            }
        }
        ColumnType::Boolean => match value.trim().to_ascii_lowercase().as_str() {
            "true" => OperandKind::Boolean(true),
            "false" => OperandKind::Boolean(false),
            _ => OperandKind::Text(value.to_owned()),
        },
        ColumnType::Date | ColumnType::Timestamp { .. } => OperandKind::Text(value.trim().to_owned()),
        ColumnType::Text => OperandKind::Text(value.to_owned()),
        ColumnType::Point | ColumnType::Geometry => {
            let sentence = format!("`{}` holds shapes; use `bbox` or `filter` with `s_intersects`", column.name);
            return Err(Located { at: None, fault: Fault::Refused(sentence) });
        }
    };
    let operand = Operand { at: 0, ignore_case: false, ignore_accents: false, kind };
    any_of(place, column, std::iter::once(operand))
}

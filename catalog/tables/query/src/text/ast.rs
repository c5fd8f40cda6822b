//! The tree of a filter before it is bound to columns. Every leaf knows its place, in characters from the beginning.

use geo_types::Geometry;

use crate::plan::{Comparison, SpatialRelation};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// An operand that stands alone: a truth value, or a column of truth values.
    Alone(Operand),
    Compare(Operand, Comparison, Operand),
    Like(Operand, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    IsNull(Operand),
    Spatial(SpatialRelation, SpatialOperand, SpatialOperand),
    Temporal(TemporalRelation, &'static str, Operand, Operand),
}

/// Something compared, with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operand {
    pub(crate) at: usize,
    pub(crate) ignore_case: bool,
    pub(crate) ignore_accents: bool,
    pub(crate) kind: OperandKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OperandKind {
    Column(String),
    Number(String),
    Text(String),
    Boolean(bool),
    Date(String),
    Timestamp(String),
    /// Both ends as written; `None` is open. Never outside of temporal relations.
    Interval(Option<String>, Option<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpatialOperand {
    pub(crate) at: usize,
    pub(crate) kind: SpatialKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SpatialKind {
    Column(String),
    Shape(Geometry<f64>),
    Box([f64; 4]),
}

/// Temporal relations that are offered (OGC CQL2, section 7.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TemporalRelation {
    Before,
    After,
    During,
    Intersects,
    Disjoint,
    Equals,
}

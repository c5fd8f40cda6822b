//! From a plan's condition to sets and tests.

use fairground_domain::ColumnType;
use fairground_tables_query::Value;
use fairground_tables_query::geometry::SpatialTest;
use fairground_tables_query::plan::{Comparison, LikePattern, LikePiece, Predicate, Shape, SpatialRelation, Word};
use fairground_tables_query::words::fold_by;

use super::leaf::Hint;
use super::{Node, Scan, Spans, Test};
use crate::column::{Bound, Column, Data, Values};
use crate::error::ColumnsError;
use crate::key;
use crate::set::{self, RowSet};
use crate::sidecar::Sidecar;

fn mismatch<T>(what: &str) -> Result<T, ColumnsError> {
    Err(ColumnsError::Mismatch(what.to_owned()))
}

/// The text of bytes that were text when they were written.
fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

impl Sidecar {
    /// The rows where a condition is true (`want`) or false (not `want`); those where it is unknown are in neither.
    pub(crate) fn compile(&self, predicate: &Predicate, want: bool) -> Result<Node<'_>, ColumnsError> {
        match predicate {
            Predicate::Constant(truth) => Ok(if *truth == want { Node::All } else { Node::Nothing }),
            Predicate::Not(part) => self.compile(part, !want),
            Predicate::And(parts) => self.compile_parts(parts, want, want),
            Predicate::Or(parts) => self.compile_parts(parts, want, !want),
            Predicate::IsNull(column) => {
                let found = self.column(*column)?;
                let spans = Spans::new(*column, found, Vec::new(), true);
                // Never unknown: its opposite is all rows that have a value.
                Ok(Node::Spans(if want { spans } else { spans.complement() }))
            }
            Predicate::Compare(column, comparison, value) => {
                let found = self.column(*column)?;
                if found.column_type.is_spatial() {
                    return compare_shapes(found, *comparison, value, want);
                }
                let bound = bound_of(found, value)?;
                Ok(spans_node(*column, found, compared(found, *comparison, bound), want))
            }
            Predicate::Between(column, low, high) => {
                let found = self.column(*column)?;
                let (low, high) = (bound_of(found, low)?, bound_of(found, high)?);
                let (from, to) = (found.position(low, false), found.position(high, true));
                Ok(spans_node(*column, found, vec![(from, to)], want))
            }
            Predicate::In(column, values) => {
                let found = self.column(*column)?;
                let mut spans = Vec::with_capacity(values.len());
                for value in values {
                    let bound = bound_of(found, value)?;
                    spans.push((found.position(bound, false), found.position(bound, true)));
                }
                Ok(spans_node(*column, found, spans, want))
            }
            Predicate::CompareColumns(left, comparison, right) => {
                compare_columns(self.column(*left)?, *comparison, self.column(*right)?, want)
            }
            Predicate::Like(column, pattern) => self.like(*column, pattern, want),
            Predicate::CompareFolded { column, comparison, value, accents } => {
                let (comparison, value, accents) = (*comparison, value.clone(), *accents);
                self.text_test(*column, want, move |text| {
                    comparison.holds(fold_by(text, true, accents).as_ref().cmp(value.as_str()))
                })
            }
            Predicate::Spatial(column, relation, shape) => spatial(self.column(*column)?, *relation, shape, want),
            Predicate::Words { columns, words } => self.with_words(columns, words, want),
        }
    }

    /// Conditions of which all must be so (`all`) or one.
    fn compile_parts(&self, parts: &[Predicate], want: bool, all: bool) -> Result<Node<'_>, ColumnsError> {
        let mut nodes: Vec<Node<'_>> = Vec::with_capacity(parts.len());
        for part in parts {
            match (self.compile(part, want)?, all) {
                (Node::All, true) | (Node::Nothing, false) => {}
                (Node::Nothing, true) => return Ok(Node::Nothing),
                (Node::All, false) => return Ok(Node::All),
                (Node::And(inner), true) | (Node::Or(inner), false) => {
                    inner.into_iter().for_each(|node| push_node(&mut nodes, node, all));
                }
                (node, _) => push_node(&mut nodes, node, all),
            }
        }
        Ok(match (nodes.pop(), all) {
            (None, true) => Node::All,
            (None, false) => Node::Nothing,
            (Some(only), _) if nodes.is_empty() => only,
            (Some(last), _) => {
                nodes.push(last);
                if all { Node::And(nodes) } else { Node::Or(nodes) }
            }
        })
    }

    fn like(&self, column: usize, pattern: &LikePattern, want: bool) -> Result<Node<'_>, ColumnsError> {
        let found = self.column(column)?;
        let plain = !pattern.ignore_case && !pattern.ignore_accents;
        if let (true, [LikePiece::Literal(head), LikePiece::Run], ColumnType::Text) =
            (plain, pattern.pieces.as_slice(), found.column_type)
        {
            let from = found.position(Bound::Text(head.as_bytes()), false);
            let to = match after_prefix(head.as_bytes()) {
                Some(next) => found.position(Bound::Text(&next), false),
                None => found.non_null,
            };
            return Ok(spans_node(column, found, vec![(from, to)], want));
        }
        let held = match pattern.pieces.as_slice() {
            [LikePiece::Run, LikePiece::Literal(literal), LikePiece::Run] if plain && want => Some(literal.clone()),
            _ => None,
        };
        let own = pattern.clone();
        let mut node = self.text_test(column, want, move |text| own.matches(text))?;
        if let (Node::Scan(scan), Some(literal)) = (&mut node, held) {
            scan.hint = Hint::Contains(found, literal.into_bytes());
        }
        Ok(node)
    }

    /// A test of texts: of each different one where there is a dictionary, else of each row.
    fn text_test(
        &self,
        column: usize,
        want: bool,
        test: impl Fn(&str) -> bool + 'static,
    ) -> Result<Node<'_>, ColumnsError> {
        let found = self.column(column)?;
        match &found.data {
            Data::Dictionary { values: Values::Texts(texts), starts, .. } => {
                let spans = (0..texts.len())
                    .filter(|code| test(as_text(texts.get(*code))))
                    .map(|code| (crate::column::at(starts, code), crate::column::at(starts, code + 1)))
                    .collect();
                Ok(spans_node(column, found, spans, want))
            }
            Data::Text { texts, valid } => Ok(Node::Scan(Scan::new(Box::new(move |row| {
                valid.get(row as usize) && test(as_text(texts.get(row as usize))) == want
            })))),
            _ => mismatch("a pattern on a column that is no text"),
        }
    }

    fn with_words(&self, columns: &[usize], words: &[Word], want: bool) -> Result<Node<'_>, ColumnsError> {
        let rows = self.rows_total();
        let mut sets = Vec::with_capacity(words.len());
        for word in words {
            let mut runs: Vec<&[u32]> = Vec::new();
            for column in columns {
                let found = self.column(*column)?;
                if found.column_type != ColumnType::Text {
                    continue;
                }
                let lists = self.words(*column)?.find(&word.text, word.prefix);
                match &found.data {
                    Data::Dictionary { starts, .. } => runs.extend(lists.flatten().map(|code| {
                        let place = |code: usize| crate::column::at(starts, code) as usize;
                        found.order.get(place(*code as usize)..place(*code as usize + 1)).unwrap_or_default()
                    })),
                    _ => runs.extend(lists),
                }
            }
            sets.push(set::union(rows, runs));
        }
        sets.sort_by_key(RowSet::len);
        let Some(found) = sets.into_iter().reduce(set::intersection) else {
            return Ok(if want { Node::All } else { Node::Nothing });
        };
        Ok(if want { Node::Rows(found) } else { Node::NotRows(found) })
    }
}

/// Adds a condition; two on one column become one.
fn push_node<'a>(nodes: &mut Vec<Node<'a>>, node: Node<'a>, all: bool) {
    if let Node::Spans(new) = &node {
        for old in nodes.iter_mut() {
            if let Node::Spans(old) = old
                && old.number == new.number
            {
                if all {
                    old.intersect(new)
                } else {
                    old.unite(new)
                }
                return;
            }
        }
    }
    nodes.push(node);
}

fn spans_node(number: usize, column: &Column, spans: Vec<(u32, u32)>, want: bool) -> Node<'_> {
    let spans = Spans::new(number, column, spans, false);
    Node::Spans(if want { spans } else { spans.complement() })
}

fn bound_of<'v>(column: &Column, value: &'v Value) -> Result<Bound<'v>, ColumnsError> {
    let fits = match value {
        Value::Integer(_) => matches!(column.column_type, ColumnType::Integer),
        Value::Decimal(_) => matches!(column.column_type, ColumnType::Decimal { .. }),
        Value::Float(_) => matches!(column.column_type, ColumnType::Float),
        Value::Boolean(_) => matches!(column.column_type, ColumnType::Boolean),
        Value::Date(_) => matches!(column.column_type, ColumnType::Date),
        Value::Timestamp(_) => matches!(column.column_type, ColumnType::Timestamp { .. }),
        Value::Text(_) => matches!(column.column_type, ColumnType::Text),
        Value::Null | Value::Geometry(_) => false,
    };
    match (fits, value, key::of_value(value)) {
        (true, Value::Text(text), _) => Ok(Bound::Text(text.as_bytes())),
        (true, _, Some(key)) => Ok(Bound::Key(key)),
        _ => mismatch("a value of another kind than its column"),
    }
}

fn compared(column: &Column, comparison: Comparison, bound: Bound<'_>) -> Vec<(u32, u32)> {
    let (before, upto) = (column.position(bound, false), column.position(bound, true));
    match comparison {
        Comparison::Equal => vec![(before, upto)],
        Comparison::NotEqual => vec![(0, before), (upto, column.non_null)],
        Comparison::Less => vec![(0, before)],
        Comparison::LessOrEqual => vec![(0, upto)],
        Comparison::Greater => vec![(upto, column.non_null)],
        Comparison::GreaterOrEqual => vec![(before, column.non_null)],
    }
}

/// Shapes are compared by their bytes.
fn compare_shapes<'a>(
    column: &'a Column,
    comparison: Comparison,
    value: &Value,
    want: bool,
) -> Result<Node<'a>, ColumnsError> {
    let Value::Geometry(wkb) = value else { return mismatch("a value of another kind than its column") };
    let wkb = wkb.clone();
    Ok(Node::Scan(Scan::new(Box::new(move |row| {
        !column.is_null(row) && comparison.holds(column.bytes(row).cmp(&wkb)) == want
    }))))
}

fn compare_columns<'a>(
    left: &'a Column,
    comparison: Comparison,
    right: &'a Column,
    want: bool,
) -> Result<Node<'a>, ColumnsError> {
    if std::mem::discriminant(&left.column_type) != std::mem::discriminant(&right.column_type) {
        return mismatch("columns of two kinds compared");
    }
    let by_bytes = left.column_type == ColumnType::Text || left.column_type.is_spatial();
    let test: Test<'a> = if by_bytes {
        Box::new(move |row| comparison.holds(left.bytes(row).cmp(right.bytes(row))))
    } else {
        Box::new(move |row| comparison.holds(left.key(row).cmp(&right.key(row))))
    };
    Ok(Node::Scan(Scan::new(Box::new(move |row| !left.is_null(row) && !right.is_null(row) && test(row) == want))))
}

fn spatial<'a>(
    column: &'a Column,
    relation: SpatialRelation,
    shape: &Shape,
    want: bool,
) -> Result<Node<'a>, ColumnsError> {
    if !column.column_type.is_spatial() {
        return mismatch("a spatial condition on a column without shapes");
    }
    let test = SpatialTest::new(relation, shape).map_err(|e| ColumnsError::Mismatch(e.to_string()))?;
    let touching = relation != SpatialRelation::Disjoint;
    Ok(Node::Scan(Scan::spatial(column, test, touching, shape.bbox, want)))
}

/// The least text after all that begin with this one.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut next = prefix.get(..=last)?.to_vec();
    if let Some(byte) = next.last_mut() {
        *byte += 1;
    }
    Some(next)
}

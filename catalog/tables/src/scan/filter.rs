//! Conditions over record batches, with the three truth values that `plan` asks for.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, RecordBatch, Scalar};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::cmp;
use arrow::compute::{and_kleene, is_null, not, or_kleene};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use fairground_tables_query::Value;
use fairground_tables_query::geometry::SpatialTest;
use fairground_tables_query::plan::{Comparison, LikePattern, Predicate, Word};
use fairground_tables_query::words::{fold_by, for_each_word};

use crate::error::TablesError;
use crate::types::{array_of, key_of};

/// How deep conditions may be nested.
pub(crate) const DEPTH_MAX: usize = 200;

/// A condition made ready for batches of one schema.
#[derive(Debug)]
pub(crate) struct Filter {
    root: Node,
}

/// A part of it; columns are places in the batch.
#[derive(Debug)]
enum Node {
    Constant(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    IsNull(usize),
    Compare(usize, Comparison, Scalar<ArrayRef>),
    CompareColumns(usize, Comparison, usize),
    Keys(usize, HashSet<i64>),
    Texts(usize, HashSet<String>),
    Like(usize, LikePattern),
    Folded { column: usize, comparison: Comparison, value: String, accents: bool },
    Spatial(usize, Box<SpatialTest>),
    Words { columns: Vec<usize>, words: Vec<Word> },
}

impl Filter {
    /// Makes a condition ready. `place` says where a column of the plan stands in the batches of `schema`.
    ///
    /// # Errors
    /// `BadPlan` when columns or kinds do not fit, `Unsuitable` when it is nested too deeply.
    pub(crate) fn new(
        predicate: &Predicate,
        schema: &Schema,
        place: &dyn Fn(usize) -> Option<usize>,
    ) -> Result<Self, TablesError> {
        Compiler { schema, place }.node(predicate, 0).map(|root| Self { root })
    }

    /// The truth of each row; unknown is null.
    pub(crate) fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        evaluate(&self.root, batch)
    }
}

/// The columns that a condition looks at, ascending, each once.
pub(crate) fn columns_of(predicate: &Predicate) -> Vec<usize> {
    fn collect(predicate: &Predicate, into: &mut Vec<usize>, depth: usize) {
        match predicate {
            // What is deeper is refused when the filter is made.
            _ if depth > DEPTH_MAX => {}
            Predicate::Constant(_) => {}
            Predicate::And(parts) | Predicate::Or(parts) => {
                parts.iter().for_each(|part| collect(part, into, depth + 1))
            }
            Predicate::Not(part) => collect(part, into, depth + 1),
            Predicate::IsNull(column)
            | Predicate::Compare(column, ..)
            | Predicate::In(column, _)
            | Predicate::Between(column, ..)
            | Predicate::Like(column, _)
            | Predicate::CompareFolded { column, .. }
            | Predicate::Spatial(column, ..) => into.push(*column),
            Predicate::CompareColumns(left, _, right) => into.extend([*left, *right]),
            Predicate::Words { columns, .. } => into.extend(columns),
        }
    }
    let mut columns = Vec::new();
    collect(predicate, &mut columns, 0);
    columns.sort_unstable();
    columns.dedup();
    columns
}

struct Compiler<'a> {
    schema: &'a Schema,
    place: &'a dyn Fn(usize) -> Option<usize>,
}

impl Compiler<'_> {
    fn place(&self, column: usize) -> Result<(usize, &DataType), TablesError> {
        (self.place)(column)
            .and_then(|place| self.schema.fields().get(place).map(|field| (place, field.data_type())))
            .ok_or_else(|| TablesError::BadPlan { why: format!("there is no column {column}") })
    }

    fn text(&self, column: usize) -> Result<usize, TablesError> {
        match self.place(column)? {
            (place, DataType::Utf8) => Ok(place),
            (_, other) => Err(TablesError::BadPlan { why: format!("column {column} is {other}, not text") }),
        }
    }

    fn compare(&self, column: usize, comparison: Comparison, value: &Value) -> Result<Node, TablesError> {
        let (place, data_type) = self.place(column)?;
        let array = array_of(value, data_type)
            .ok_or_else(|| TablesError::BadPlan { why: format!("{value:?} is not of column {column}'s kind") })?;
        Ok(Node::Compare(place, comparison, Scalar::new(array)))
    }

    fn node(&self, predicate: &Predicate, depth: usize) -> Result<Node, TablesError> {
        if depth > DEPTH_MAX {
            return Err(TablesError::Unsuitable { why: format!("the filter is nested more than {DEPTH_MAX} deep") });
        }
        let all =
            |parts: &[Predicate]| parts.iter().map(|part| self.node(part, depth + 1)).collect::<Result<Vec<_>, _>>();
        Ok(match predicate {
            Predicate::Constant(truth) => Node::Constant(*truth),
            Predicate::And(parts) => Node::And(all(parts)?),
            Predicate::Or(parts) => Node::Or(all(parts)?),
            Predicate::Not(part) => Node::Not(Box::new(self.node(part, depth + 1)?)),
            Predicate::IsNull(column) => Node::IsNull(self.place(*column)?.0),
            Predicate::Compare(column, comparison, value) => self.compare(*column, *comparison, value)?,
            Predicate::CompareColumns(left, comparison, right) => {
                let ((left_place, left_type), (right_place, right_type)) = (self.place(*left)?, self.place(*right)?);
                if left_type != right_type {
                    return Err(TablesError::BadPlan { why: format!("columns {left} and {right} are of two kinds") });
                }
                Node::CompareColumns(left_place, *comparison, right_place)
            }
            Predicate::In(column, values) => self.set(*column, values)?,
            Predicate::Between(column, low, high) => Node::And(vec![
                self.compare(*column, Comparison::GreaterOrEqual, low)?,
                self.compare(*column, Comparison::LessOrEqual, high)?,
            ]),
            Predicate::Like(column, pattern) => Node::Like(self.text(*column)?, pattern.clone()),
            Predicate::CompareFolded { column, comparison, value, accents } => Node::Folded {
                column: self.text(*column)?,
                comparison: *comparison,
                value: value.clone(),
                accents: *accents,
            },
            Predicate::Spatial(column, relation, shape) => {
                let test = SpatialTest::new(*relation, shape)
                    .map_err(|error| TablesError::BadPlan { why: format!("the filter's shape: {error}") })?;
                Node::Spatial(self.place(*column)?.0, Box::new(test))
            }
            Predicate::Words { columns, words } => Node::Words {
                columns: columns.iter().map(|column| self.text(*column)).collect::<Result<_, _>>()?,
                words: words.clone(),
            },
        })
    }

    fn set(&self, column: usize, values: &[Value]) -> Result<Node, TablesError> {
        let (place, data_type) = self.place(column)?;
        let texts = || values.iter().map(|value| if let Value::Text(text) = value { Some(text.clone()) } else { None });
        let node = match data_type {
            DataType::Utf8 => texts().collect::<Option<_>>().map(|set| Node::Texts(place, set)),
            DataType::Binary => None,
            _ => values.iter().map(key_of).collect::<Option<_>>().map(|set| Node::Keys(place, set)),
        };
        node.ok_or_else(|| TablesError::BadPlan { why: format!("a list is not of column {column}'s kind") })
    }
}

fn evaluate(node: &Node, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
    let rows = batch.num_rows();
    match node {
        Node::Constant(truth) => Ok(constant(*truth, rows)),
        Node::And(parts) => parts.iter().try_fold(constant(true, rows), |all, part| {
            if all.true_count() == 0 && all.null_count() == 0 {
                return Ok(all);
            }
            and_kleene(&all, &evaluate(part, batch)?)
        }),
        Node::Or(parts) => {
            parts.iter().try_fold(constant(false, rows), |any, part| or_kleene(&any, &evaluate(part, batch)?))
        }
        Node::Not(part) => not(&evaluate(part, batch)?),
        Node::IsNull(column) => is_null(at(batch, *column)?),
        Node::Compare(column, comparison, value) => {
            let column = at(batch, *column)?;
            match comparison {
                Comparison::Equal => cmp::eq(column, value),
                Comparison::NotEqual => cmp::neq(column, value),
                Comparison::Less => cmp::lt(column, value),
                Comparison::LessOrEqual => cmp::lt_eq(column, value),
                Comparison::Greater => cmp::gt(column, value),
                Comparison::GreaterOrEqual => cmp::gt_eq(column, value),
            }
        }
        Node::CompareColumns(left, comparison, right) => {
            let (left, right) = (at(batch, *left)?, at(batch, *right)?);
            match comparison {
                Comparison::Equal => cmp::eq(left, right),
                Comparison::NotEqual => cmp::neq(left, right),
                Comparison::Less => cmp::lt(left, right),
                Comparison::LessOrEqual => cmp::lt_eq(left, right),
                Comparison::Greater => cmp::gt(left, right),
                Comparison::GreaterOrEqual => cmp::gt_eq(left, right),
            }
        }
        Node::Keys(column, keys) => in_keys(at(batch, *column)?, keys),
        Node::Texts(column, texts) => test_texts(at(batch, *column)?, |text| texts.contains(text)),
        Node::Like(column, pattern) => test_texts(at(batch, *column)?, |text| pattern.matches(text)),
        Node::Folded { column, comparison, value, accents } => test_texts(at(batch, *column)?, |text| {
            comparison.holds(fold_by(text, true, *accents).as_ref().cmp(value.as_str()))
        }),
        Node::Spatial(column, test) => {
            let array = at(batch, *column)?;
            let shapes = array.as_binary_opt::<i32>().ok_or_else(|| wrong_kind(array))?;
            Ok(test_rows(rows, shapes.nulls(), |row| test.matches(shapes.value(row))))
        }
        Node::Words { columns, words } => find_words(batch, columns, words),
    }
}

fn constant(truth: bool, rows: usize) -> BooleanArray {
    let values = if truth { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) };
    BooleanArray::new(values, None)
}

fn at(batch: &RecordBatch, column: usize) -> Result<&ArrayRef, ArrowError> {
    batch.columns().get(column).ok_or_else(|| ArrowError::SchemaError(format!("a batch without column {column}")))
}

fn wrong_kind(array: &ArrayRef) -> ArrowError {
    ArrowError::SchemaError(format!("a batch with {} where another kind was planned", array.data_type()))
}

/// Tests the rows that have a value; the others stay unknown.
fn test_rows(rows: usize, nulls: Option<&NullBuffer>, mut test: impl FnMut(usize) -> bool) -> BooleanArray {
    let mut values = BooleanBufferBuilder::new(rows);
    match nulls {
        None => (0..rows).for_each(|row| values.append(test(row))),
        Some(nulls) => (0..rows).for_each(|row| values.append(nulls.is_valid(row) && test(row))),
    }
    BooleanArray::new(values.finish(), nulls.cloned())
}

fn test_texts(array: &ArrayRef, test: impl Fn(&str) -> bool) -> Result<BooleanArray, ArrowError> {
    let texts = array.as_string_opt::<i32>().ok_or_else(|| wrong_kind(array))?;
    Ok(test_rows(texts.len(), texts.nulls(), |row| test(texts.value(row))))
}

fn in_keys(array: &ArrayRef, keys: &HashSet<i64>) -> Result<BooleanArray, ArrowError> {
    let (rows, nulls) = (array.len(), array.nulls());
    let wrong = || wrong_kind(array);
    Ok(match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?;
            test_rows(rows, nulls, |row| keys.contains(&values.value(row)))
        }
        DataType::Decimal128(..) => {
            let values = array.as_primitive_opt::<Decimal128Type>().ok_or_else(wrong)?;
            test_rows(rows, nulls, |row| i64::try_from(values.value(row)).is_ok_and(|key| keys.contains(&key)))
        }
        DataType::Float64 => {
            let values = array.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?;
            test_rows(rows, nulls, |row| keys.contains(&values.value(row).to_bits().cast_signed()))
        }
        DataType::Boolean => {
            let values = array.as_boolean_opt().ok_or_else(wrong)?;
            test_rows(rows, nulls, |row| keys.contains(&i64::from(values.value(row))))
        }
        DataType::Date32 => {
            let values = array.as_primitive_opt::<Date32Type>().ok_or_else(wrong)?;
            test_rows(rows, nulls, |row| keys.contains(&i64::from(values.value(row))))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let values = array.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(wrong)?;
            test_rows(rows, nulls, |row| keys.contains(&values.value(row)))
        }
        _ => return Err(wrong()),
    })
}

/// Never unknown: a column without a value has no words.
fn find_words(batch: &RecordBatch, columns: &[usize], words: &[Word]) -> Result<BooleanArray, ArrowError> {
    let texts = columns
        .iter()
        .map(|column| {
            let array = at(batch, *column)?;
            array.as_string_opt::<i32>().ok_or_else(|| wrong_kind(array))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut found = vec![false; words.len()];
    Ok(test_rows(batch.num_rows(), None, |row| {
        found.fill(false);
        for column in texts.iter().filter(|column| column.is_valid(row)) {
            for_each_word(column.value(row), |text| {
                for (found, word) in found.iter_mut().zip(words) {
                    *found |= if word.prefix { text.starts_with(&word.text) } else { text == word.text };
                }
            });
        }
        found.iter().all(|found| *found)
    }))
}

/// A filter that many read with.
pub(crate) type SharedFilter = Arc<Filter>;

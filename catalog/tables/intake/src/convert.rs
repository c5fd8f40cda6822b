//! Values into columns in memory.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;
use fairground_domain::ColumnType;

use crate::cell::Cell;
use crate::infer::date::MICROS_PER_DAY;
use crate::infer::number::{self, DECIMAL_DIGITS_MAX};
use crate::infer::{Reading, boolean, date, null, shape, trim};
use crate::statistics::{format_date, format_timestamp};

/// The Arrow type of a column.
pub(crate) fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal { scale } => {
            DataType::Decimal128(DECIMAL_DIGITS_MAX, i8::try_from(scale).unwrap_or_default())
        }
        ColumnType::Float => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp { utc } => DataType::Timestamp(TimeUnit::Microsecond, utc.then(|| "UTC".into())),
        ColumnType::Text => DataType::Utf8,
        ColumnType::Point | ColumnType::Geometry => DataType::Binary,
    }
}

enum Values {
    Long(Vec<i64>),
    Days(Vec<i32>),
    Wide(Vec<i128>),
    Float(Vec<f64>),
    Truth(Vec<bool>),
    Bytes { data: Vec<u8>, offsets: Vec<i32> },
}

/// One column of a row group as it grows.
pub(crate) struct ColumnBuilder {
    reading: Reading,
    values: Values,
    valid: Vec<bool>,
    nulls: bool,
    scratch: Vec<u8>,
}

impl ColumnBuilder {
    /// An empty column for values read in one way.
    pub(crate) fn new(reading: Reading) -> Self {
        let values = match reading {
            Reading::Integer { .. } | Reading::Timestamp { .. } => Values::Long(Vec::new()),
            Reading::Decimal { .. } => Values::Wide(Vec::new()),
            Reading::Float { .. } => Values::Float(Vec::new()),
            Reading::Boolean => Values::Truth(Vec::new()),
            Reading::Date { .. } => Values::Days(Vec::new()),
            Reading::Text | Reading::Point | Reading::Geometry => Values::Bytes { data: Vec::new(), offsets: vec![0] },
        };
        Self { reading, values, valid: Vec::new(), nulls: false, scratch: Vec::new() }
    }

    /// Bytes that its values take.
    pub(crate) fn bytes(&self) -> usize {
        match &self.values {
            Values::Long(values) => values.len() * 8,
            Values::Days(values) => values.len() * 4,
            Values::Wide(values) => values.len() * 16,
            Values::Float(values) => values.len() * 8,
            Values::Truth(values) => values.len(),
            Values::Bytes { data, offsets } => data.len() + offsets.len() * 4,
        }
    }

    fn null(&mut self) {
        match &mut self.values {
            Values::Long(values) => values.push(0),
            Values::Days(values) => values.push(0),
            Values::Wide(values) => values.push(0),
            Values::Float(values) => values.push(0.0),
            Values::Truth(values) => values.push(false),
            Values::Bytes { data, offsets } => offsets.push(i32::try_from(data.len()).unwrap_or(i32::MAX)),
        }
        self.valid.push(false);
        self.nulls = true;
    }

    fn push<T>(values: &mut Vec<T>, valid: &mut Vec<bool>, value: Option<T>) -> bool {
        let Some(value) = value else { return false };
        values.push(value);
        valid.push(true);
        true
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        if let Values::Bytes { data, offsets } = &mut self.values {
            data.extend_from_slice(bytes);
            offsets.push(i32::try_from(data.len()).unwrap_or(i32::MAX));
            self.valid.push(true);
        }
    }

    /// Takes a field of delimited text. False, and no value, when it is not of the column's kind.
    #[inline]
    pub(crate) fn append_field(&mut self, field: &[u8]) -> bool {
        if self.reading == Reading::Text {
            if field.is_empty() || (*field.first().unwrap_or(&0) <= b' ' && field.trim_ascii().is_empty()) {
                self.null();
            } else {
                self.push_bytes(field);
            }
            return true;
        }
        let value = trim(field);
        if value.is_empty() {
            self.null();
            return true;
        }
        if self.append_value(value) {
            return true;
        }
        self.null();
        null::is_null_token(value)
    }

    #[inline]
    fn append_value(&mut self, value: &[u8]) -> bool {
        let valid = &mut self.valid;
        match (&mut self.values, self.reading) {
            (Values::Long(values), Reading::Integer { style }) => {
                Self::push(values, valid, number::parse_integer(value, style))
            }
            (Values::Wide(values), Reading::Decimal { style, scale }) => {
                Self::push(values, valid, number::parse_decimal(value, style, scale).map(i128::from))
            }
            (Values::Float(values), Reading::Float { style }) => {
                Self::push(values, valid, number::parse_float(value, style))
            }
            (Values::Truth(values), _) => Self::push(values, valid, boolean::scan(value).map(|(_, truth)| truth)),
            (Values::Days(values), Reading::Date { order }) => {
                Self::push(values, valid, date::scan(value).and_then(|moment| moment.days(order)))
            }
            (Values::Long(values), Reading::Timestamp { order, .. }) => {
                Self::push(values, valid, date::scan(value).and_then(|moment| moment.micros(order)))
            }
            (Values::Bytes { .. }, Reading::Point | Reading::Geometry) => {
                let mut wkb = std::mem::take(&mut self.scratch);
                let found = shape::to_wkb(value, &mut wkb).is_some();
                if found {
                    self.push_bytes(&wkb);
                }
                self.scratch = wkb;
                found
            }
            _ => false,
        }
    }

    /// Takes a cell of a format that has types of its own. False, and no value, when it is not of the column's kind.
    pub(crate) fn append_cell(&mut self, cell: &Cell) -> bool {
        match cell {
            Cell::Null => {
                self.null();
                return true;
            }
            Cell::Text(text) | Cell::Quoted(text) => return self.append_field(text.as_bytes()),
            _ => {}
        }
        let valid = &mut self.valid;
        let taken = match (&mut self.values, self.reading, cell) {
            (Values::Long(values), Reading::Integer { .. }, Cell::Integer(value)) => {
                Self::push(values, valid, Some(*value))
            }
            (Values::Long(values), Reading::Integer { .. }, Cell::Decimal(text)) => {
                Self::push(values, valid, number::parse_integer(text.as_bytes(), number::DOT))
            }
            (Values::Wide(values), Reading::Decimal { scale, .. }, Cell::Integer(value)) => {
                let factor = 10i64.pow(u32::from(scale));
                Self::push(values, valid, value.checked_mul(factor).map(i128::from))
            }
            (Values::Wide(values), Reading::Decimal { scale, .. }, Cell::Decimal(text)) => {
                let digits = number::parse_decimal(text.as_bytes(), number::DOT, scale);
                Self::push(values, valid, digits.map(i128::from))
            }
            #[expect(clippy::cast_precision_loss, reason = "the column is floating point")]
            (Values::Float(values), _, Cell::Integer(value)) => Self::push(values, valid, Some(*value as f64)),
            (Values::Float(values), _, Cell::Decimal(text)) => {
                Self::push(values, valid, number::parse_float(text.as_bytes(), number::DOT))
            }
            (Values::Float(values), _, Cell::Float(value)) => {
                Self::push(values, valid, value.is_finite().then_some(*value))
            }
            (Values::Truth(values), _, Cell::Boolean(value)) => Self::push(values, valid, Some(*value)),
            (Values::Days(values), _, Cell::Date(days)) => Self::push(values, valid, Some(*days)),
            (Values::Long(values), Reading::Timestamp { .. }, Cell::Date(days)) => {
                Self::push(values, valid, Some(i64::from(*days) * MICROS_PER_DAY))
            }
            (Values::Long(values), Reading::Timestamp { .. }, Cell::Timestamp { micros, .. }) => {
                Self::push(values, valid, Some(*micros))
            }
            (Values::Bytes { .. }, Reading::Point | Reading::Geometry, Cell::Geometry { wkb, .. }) => {
                self.push_bytes(wkb);
                true
            }
            (Values::Bytes { .. }, Reading::Text, cell) => {
                let text = cell_text(cell);
                self.push_bytes(text.as_bytes());
                true
            }
            _ => false,
        };
        if !taken {
            self.null();
        }
        taken
    }

    /// The finished column; the builder is empty again.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let valid = std::mem::take(&mut self.valid);
        let nulls = std::mem::take(&mut self.nulls).then(|| NullBuffer::from(valid));
        let empty = Self::new(self.reading).values;
        Ok(match (std::mem::replace(&mut self.values, empty), self.reading) {
            (Values::Long(values), Reading::Timestamp { utc, .. }) => {
                let array = TimestampMicrosecondArray::try_new(ScalarBuffer::from(values), nulls)?;
                if utc { Arc::new(array.with_timezone("UTC")) } else { Arc::new(array) }
            }
            (Values::Long(values), _) => Arc::new(Int64Array::try_new(ScalarBuffer::from(values), nulls)?),
            (Values::Days(values), _) => Arc::new(Date32Array::try_new(ScalarBuffer::from(values), nulls)?),
            (Values::Float(values), _) => Arc::new(Float64Array::try_new(ScalarBuffer::from(values), nulls)?),
            (Values::Truth(values), _) => Arc::new(BooleanArray::new(values.into(), nulls)),
            (Values::Wide(values), reading) => {
                let scale = match reading {
                    Reading::Decimal { scale, .. } => i8::try_from(scale).unwrap_or_default(),
                    _ => 0,
                };
                let array = Decimal128Array::try_new(ScalarBuffer::from(values), nulls)?;
                Arc::new(array.with_precision_and_scale(DECIMAL_DIGITS_MAX, scale)?)
            }
            (Values::Bytes { data, offsets }, reading) => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                let data = Buffer::from_vec(data);
                if reading == Reading::Text {
                    Arc::new(StringArray::try_new(offsets, data, nulls)?)
                } else {
                    Arc::new(BinaryArray::try_new(offsets, data, nulls)?)
                }
            }
        })
    }
}

/// A cell as text, as it stands in a column that is text because its cells differ, and in the quarantine.
pub(crate) fn cell_text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Text(text) | Cell::Quoted(text) | Cell::Decimal(text) => text.clone(),
        Cell::Integer(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Date(days) => format_date(*days),
        Cell::Timestamp { micros, utc } => format_timestamp(*micros, *utc),
        Cell::Geometry { wkb, .. } => hex::encode(wkb),
        Cell::Unreadable { raw, .. } => String::from_utf8_lossy(raw).into_owned(),
    }
}

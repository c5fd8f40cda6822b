//! A column of a batch, its type looked up once.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::error::ArrowError;

/// The values of a column in one batch.
#[derive(Debug)]
pub(crate) enum Cells<'a> {
    Integer(&'a Int64Array),
    Decimal(&'a Decimal128Array, u8),
    Float(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray, bool),
    Text(&'a StringArray),
    Shape(&'a BinaryArray),
}

impl<'a> Cells<'a> {
    /// Looks a column through.
    ///
    /// # Errors
    /// `SchemaError` for types that snapshots do not store.
    pub(crate) fn of(array: &'a ArrayRef) -> Result<Self, ArrowError> {
        let cells = match array.data_type() {
            DataType::Int64 => array.as_primitive_opt::<Int64Type>().map(Self::Integer),
            DataType::Decimal128(_, scale) => {
                let scale = u8::try_from(*scale).unwrap_or_default();
                array.as_primitive_opt::<Decimal128Type>().map(|array| Self::Decimal(array, scale))
            }
            DataType::Float64 => array.as_primitive_opt::<Float64Type>().map(Self::Float),
            DataType::Boolean => array.as_boolean_opt().map(Self::Boolean),
            DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(Self::Date),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                array.as_primitive_opt::<TimestampMicrosecondType>().map(|array| Self::Timestamp(array, zone.is_some()))
            }
            DataType::Utf8 => array.as_string_opt::<i32>().map(Self::Text),
            DataType::Binary => array.as_binary_opt::<i32>().map(Self::Shape),
            _ => None,
        };
        cells.ok_or_else(|| ArrowError::SchemaError(format!("a column of {}", array.data_type())))
    }

    /// Whether the row has no value.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Integer(array) => array.is_null(row),
            Self::Decimal(array, _) => array.is_null(row),
            Self::Float(array) => array.is_null(row),
            Self::Boolean(array) => array.is_null(row),
            Self::Date(array) => array.is_null(row),
            Self::Timestamp(array, _) => array.is_null(row),
            Self::Text(array) => array.is_null(row),
            Self::Shape(array) => array.is_null(row),
        }
    }
}

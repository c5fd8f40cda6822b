//! Sums of floats as a DataFusion function: exact, rounded once, so that neither batches nor threads can be seen in them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use fairground_tables_query::exact::ExactSum;

/// The function.
pub(super) fn exact_sum() -> AggregateUDF {
    let signature = Signature::exact(vec![DataType::Float64], Volatility::Immutable);
    AggregateUDF::from(Sum { signature })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sum {
    signature: Signature,
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &str {
        "exact_sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, _arguments: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Added(None)))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(arguments.name, "sum"), DataType::Binary, true))])
    }
}

/// Nothing until there was a value.
#[derive(Debug)]
struct Added(Option<ExactSum>);

impl Accumulator for Added {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(array) = values.first() else { return Ok(()) };
        let numbers = array
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(|| DataFusionError::Internal(format!("sums of {}", array.data_type())))?;
        for number in numbers.iter().flatten() {
            self.0.get_or_insert_default().add(number);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.0.as_ref().map(ExactSum::value)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.as_ref().map_or(0, ExactSum::bytes)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(self.0.take().map(|sum| sum.to_bytes()))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let wrong = || DataFusionError::Internal("sums without their digits".to_owned());
        let parts = states.first().and_then(|array| array.as_binary_opt::<i32>()).ok_or_else(wrong)?;
        for part in parts.iter().flatten() {
            self.0.get_or_insert_default().merge(&ExactSum::from_bytes(part).ok_or_else(wrong)?);
        }
        Ok(())
    }
}

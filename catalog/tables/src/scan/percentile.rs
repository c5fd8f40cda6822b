//! Exact percentiles as a DataFusion function: the values are kept and sorted at the end, in memory that the pool counts.

use std::hash::{Hash, Hasher};
use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};

/// The function for one part (0 to 1) of the values.
pub(super) fn percentile(part: f64) -> AggregateUDF {
    AggregateUDF::from(Percentile {
        part,
        name: format!("percentile_{:016x}", part.to_bits()),
        signature: Signature::exact(vec![DataType::Float64], Volatility::Immutable),
    })
}

#[derive(Debug)]
struct Percentile {
    part: f64,
    name: String,
    signature: Signature,
}

impl PartialEq for Percentile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Percentile {}

impl Hash for Percentile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for Percentile {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, _arguments: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Values { part: self.part, values: Vec::new() }))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let item = Field::new_list_field(DataType::Float64, true);
        Ok(vec![Arc::new(Field::new_list(format_state_name(arguments.name, "values"), item, true))])
    }
}

#[derive(Debug)]
struct Values {
    part: f64,
    values: Vec<f64>,
}

impl Values {
    fn add(&mut self, array: &ArrayRef) -> Result<()> {
        let numbers = array
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(|| DataFusionError::Internal(format!("percentiles of {}", array.data_type())))?;
        self.values.extend(numbers.iter().flatten());
        Ok(())
    }
}

impl Accumulator for Values {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |array| self.add(array))
    }

    /// At the place `part × (n − 1)` of the sorted values, linear between neighbours.
    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Some(last) = self.values.len().checked_sub(1) else { return Ok(ScalarValue::Float64(None)) };
        let place = self.part.clamp(0.0, 1.0) * last as f64;
        // Not beyond the last: the part is at most 1.
        let below = (place.floor() as usize).min(last);
        let (_, low, above) = self.values.select_nth_unstable_by(below, f64::total_cmp);
        let low = *low;
        let high = above.iter().copied().min_by(f64::total_cmp).filter(|_| place.fract() > 0.0).unwrap_or(low);
        Ok(ScalarValue::Float64(Some(low + (high - low) * place.fract())))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.values.capacity() * size_of::<f64>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<ScalarValue> =
            std::mem::take(&mut self.values).into_iter().map(|value| ScalarValue::Float64(Some(value))).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list_nullable(&values, &DataType::Float64))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first().and_then(|array| array.as_list_opt::<i32>()) else {
            return Err(DataFusionError::Internal("percentiles without their values".to_owned()));
        };
        lists.iter().flatten().try_for_each(|list| self.add(&list))
    }
}

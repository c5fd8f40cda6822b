//! Groups and sums by reading.
//!
//! What groups are made by, and what is summed, is computed on the way from the file, so that DataFusion sees plain columns and
//! does plain grouping (in bounded memory, on disk if need be). Averages are exact sums divided once.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Decimal128Array, Float64Array, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Float64Type, Int64Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use datafusion::common::Column;
use datafusion::error::{DataFusionError, Result as DataFusionResult};
use datafusion::functions_aggregate::expr_fn::{count, count_distinct, max, min, sum};
use datafusion::logical_expr::{Expr, lit};
use fairground_tables_query::calendar::{truncate_days, truncate_micros};
use fairground_tables_query::plan::{AggregatePlan, GroupKey, Measure, SortKey};
use futures_util::TryStreamExt;

use crate::error::TablesError;
use crate::open::OpenSnapshot;
use crate::scan::engine::ScanEngine;
use crate::scan::filter::Filter;
use crate::scan::percentile::percentile;
use crate::scan::rows::{PAGE_BYTES_MAX, count_all};
use crate::scan::scanner::Scan;
use crate::scan::source::{Change, table};
use crate::scan::sum::exact_sum;
use crate::scan::top::Top;
use crate::text::json::RowWriter;

/// Digits of sums.
const SUM_DIGITS: u8 = 38;

/// Groups as a JSON array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) items: Vec<u8>,
    pub(crate) count: u64,
    pub(crate) total: u64,
}

/// Answers groups.
pub(crate) async fn aggregate(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &AggregatePlan,
) -> Result<Groups, TablesError> {
    let batch = groups(engine, open, plan).await?;
    let (batch, total) = batch;
    let writer = RowWriter::new(plan.names.iter().map(String::as_str));
    let skip = usize::try_from(plan.offset).unwrap_or(usize::MAX).min(batch.num_rows());
    let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
    let page = batch.slice(skip, limit.min(batch.num_rows() - skip));
    let cells = writer.cells(&page).map_err(TablesError::engine("writing groups"))?;
    let mut items = vec![b'['];
    for row in 0..page.num_rows() {
        if row > 0 {
            items.push(b',');
        }
        writer.write(&cells, row, &mut items);
        if items.len() > PAGE_BYTES_MAX {
            return Err(TablesError::TooLarge { what: "the page", limit_bytes: PAGE_BYTES_MAX as u64 });
        }
    }
    items.push(b']');
    Ok(Groups { items, count: page.num_rows() as u64, total })
}

/// The first groups, up to the end of the page, in their order; and how many there are.
pub(crate) async fn groups(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &AggregatePlan,
) -> Result<(RecordBatch, u64), TablesError> {
    let doing = "grouping";
    let layout = Layout::new(open, plan)?;
    let having = match &plan.having {
        None => None,
        Some(having) => {
            let columns = layout.answer.fields().len();
            Some(Filter::new(having, &layout.answer, &|column| (column < columns).then_some(column))?)
        }
    };
    let mut sort = plan.sort.clone();
    sort.extend((0..plan.keys.len()).map(|column| SortKey { column, descending: false }));
    let wanted = usize::try_from(plan.offset.saturating_add(u64::from(plan.limit))).unwrap_or(usize::MAX);
    let mut top = Top::new(Arc::clone(&layout.answer), sort, wanted, engine.reserve("the first groups"));
    let mut total = 0;
    let mut add = |batch: RecordBatch| -> DataFusionResult<()> {
        let mut batch = layout.finish(&batch)?;
        if let Some(having) = &having {
            batch = filter_record_batch(&batch, &having.evaluate(&batch)?)?;
        }
        total += batch.num_rows() as u64;
        if batch.num_rows() > 0 { top.add(batch) } else { Ok(()) }
    };
    if layout.is_count() {
        let rows = count_all(engine, open, &plan.predicate).await?;
        let batch = layout.counted(rows).map_err(TablesError::engine(doing))?;
        add(batch).map_err(|error| engine.refusal(doing, error))?;
    } else {
        let scan = Scan::new(open, &plan.predicate, &layout.columns, false)?;
        let kept = scan.kept(&plan.predicate);
        let frame = async {
            let source = table(&scan, kept, engine.threads(), Arc::clone(&layout.source), layout.change())?;
            let (keys, sums) = layout.expressions();
            engine
                .context(engine.threads(), scan.parquet().row_bytes(&layout.columns))
                .read_table(Arc::new(source))?
                .aggregate(keys, sums)?
                .execute_stream()
                .await
        };
        let mut groups = frame.await.map_err(|error| engine.refusal(doing, error))?;
        while let Some(batch) = groups.try_next().await.map_err(|error| engine.refusal(doing, error))? {
            add(batch).map_err(|error| engine.refusal(doing, error))?;
        }
    }
    let batch = top.finish().map_err(|error| engine.refusal(doing, error))?;
    Ok((batch, total))
}

/// A column as a sum needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// Whole numbers and fixed-point decimals with room for sums.
    Wide,
    /// Numbers as floats.
    Float,
}

/// What DataFusion computes for each group.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sum {
    Rows,
    Count(usize),
    Distinct(usize),
    Total(usize),
    /// Of floats.
    Exact(usize),
    Min(usize),
    Max(usize),
    Percentile(usize, f64),
}

/// How a measure is made from what DataFusion computed; numbers are places among the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Taken(usize),
    Ratio { sum: usize, count: usize },
}

/// How a plan becomes columns, sums, and columns again.
struct Layout {
    /// Columns of the snapshot that are read, each once.
    columns: Vec<usize>,
    keys: Vec<GroupKey>,
    /// Inputs of sums: a place among `columns`, and how it is changed.
    inputs: Vec<(usize, Form)>,
    sums: Vec<Sum>,
    made: Vec<Made>,
    /// What DataFusion reads: keys, then inputs.
    source: SchemaRef,
    /// What is answered: keys, then measures.
    answer: SchemaRef,
}

impl Layout {
    fn new(open: &OpenSnapshot, plan: &AggregatePlan) -> Result<Self, TablesError> {
        if plan.names.len() != plan.keys.len() + plan.measures.len() {
            return Err(TablesError::BadPlan { why: "as many names are needed as keys and measures".to_owned() });
        }
        let empty: SchemaRef = Arc::new(Schema::empty());
        let mut layout = Self {
            columns: Vec::new(),
            keys: plan.keys.clone(),
            inputs: Vec::new(),
            sums: Vec::new(),
            made: Vec::new(),
            source: Arc::clone(&empty),
            answer: empty,
        };
        let schema = open.parquet()?.metadata.schema();
        let stored = |column: usize| -> Result<&DataType, TablesError> {
            let field = schema.fields().get(column);
            field
                .map(|field| field.data_type())
                .ok_or_else(|| TablesError::BadPlan { why: format!("there is no column {column}") })
        };
        let (mut source, mut answer) = (Vec::new(), Vec::new());
        for (at, (key, name)) in plan.keys.iter().zip(&plan.names).enumerate() {
            let data_type = match key {
                GroupKey::Bucket(..) => DataType::Float64,
                GroupKey::Column(column) | GroupKey::Truncated(column, _) => stored(*column)?.clone(),
            };
            layout.place(key.column());
            source.push(Field::new(format!("k{at}"), data_type.clone(), true));
            answer.push(Field::new(name, data_type, true));
        }
        for (measure, name) in plan.measures.iter().zip(plan.names.iter().skip(plan.keys.len())) {
            let (made, data_type) = layout.measure(measure, &stored)?;
            layout.made.push(made);
            answer.push(Field::new(name, data_type, true));
        }
        for (at, (place, form)) in layout.inputs.iter().enumerate() {
            let column = layout.columns.get(*place).copied().unwrap_or_default();
            source.push(Field::new(format!("i{at}"), formed(stored(column)?, *form), true));
        }
        layout.source = Arc::new(Schema::new(source));
        layout.answer = Arc::new(Schema::new(answer));
        Ok(layout)
    }

    fn place(&mut self, column: usize) -> usize {
        place_in(&mut self.columns, column)
    }

    fn input(&mut self, column: usize, form: Form) -> usize {
        let place = self.place(column);
        place_in(&mut self.inputs, (place, form))
    }

    fn sum(&mut self, sum: Sum) -> usize {
        place_in(&mut self.sums, sum)
    }

    /// The sum of a column: floats stand as they are, whole numbers and decimals with room.
    fn total(&mut self, column: usize, form: Form) -> usize {
        let input = self.input(column, form);
        self.sum(if form == Form::Wide { Sum::Total(input) } else { Sum::Exact(input) })
    }

    fn measure<'a>(
        &mut self,
        measure: &Measure,
        stored: &impl Fn(usize) -> Result<&'a DataType, TablesError>,
    ) -> Result<(Made, DataType), TablesError> {
        let exact = |column: usize| -> Result<Form, TablesError> {
            match stored(column)? {
                DataType::Int64 | DataType::Decimal128(..) => Ok(Form::Wide),
                DataType::Float64 => Ok(Form::Plain),
                other => Err(TablesError::BadPlan { why: format!("column {column} is {other}, not a number") }),
            }
        };
        Ok(match *measure {
            Measure::CountRows => (Made::Taken(self.sum(Sum::Rows)), DataType::Int64),
            Measure::Count(column) => {
                stored(column)?;
                let input = self.input(column, Form::Plain);
                (Made::Taken(self.sum(Sum::Count(input))), DataType::Int64)
            }
            Measure::CountDistinct(column) => {
                stored(column)?;
                let input = self.input(column, Form::Plain);
                (Made::Taken(self.sum(Sum::Distinct(input))), DataType::Int64)
            }
            Measure::Sum(column) => {
                let form = exact(column)?;
                let sum = self.total(column, form);
                (Made::Taken(sum), formed(stored(column)?, form))
            }
            Measure::Avg(column) => {
                let form = exact(column)?;
                let input = self.input(column, form);
                let made = Made::Ratio { sum: self.total(column, form), count: self.sum(Sum::Count(input)) };
                (made, DataType::Float64)
            }
            Measure::Min(column) => {
                let data_type = stored(column)?.clone();
                let input = self.input(column, Form::Plain);
                (Made::Taken(self.sum(Sum::Min(input))), data_type)
            }
            Measure::Max(column) => {
                let data_type = stored(column)?.clone();
                let input = self.input(column, Form::Plain);
                (Made::Taken(self.sum(Sum::Max(input))), data_type)
            }
            Measure::Percentile(column, part) => {
                exact(column)?;
                let input = self.input(column, Form::Float);
                (Made::Taken(self.sum(Sum::Percentile(input, part))), DataType::Float64)
            }
        })
    }

    /// Whether nothing but rows is counted, without groups: then nothing has to be grouped.
    fn is_count(&self) -> bool {
        self.keys.is_empty() && self.sums == [Sum::Rows]
    }

    /// What DataFusion would have given.
    fn counted(&self, rows: u64) -> Result<RecordBatch, ArrowError> {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        RecordBatch::try_from_iter([("rows", Arc::new(arrow::array::Int64Array::from(vec![rows])) as ArrayRef)])
    }

    /// From the file's columns to keys and inputs.
    fn change(&self) -> Change {
        let (keys, inputs, source) = (self.keys.clone(), self.inputs.clone(), Arc::clone(&self.source));
        let places: Vec<usize> = keys
            .iter()
            .map(|key| self.columns.iter().position(|column| *column == key.column()).unwrap_or_default())
            .collect();
        Arc::new(move |batch| {
            let column = |place: usize| {
                let column = batch.columns().get(place);
                column.ok_or_else(|| ArrowError::SchemaError(format!("a batch without column {place}")))
            };
            let mut arrays = Vec::with_capacity(keys.len() + inputs.len());
            for (key, place) in keys.iter().zip(&places) {
                arrays.push(key_array(key, column(*place)?)?);
            }
            for (place, form) in &inputs {
                arrays.push(form_array(column(*place)?, *form)?);
            }
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            Ok(RecordBatch::try_new_with_options(Arc::clone(&source), arrays, &options)?)
        })
    }

    fn expressions(&self) -> (Vec<Expr>, Vec<Expr>) {
        let key = |at: usize| Expr::Column(Column::from_name(format!("k{at}")));
        let input = |at: usize| Expr::Column(Column::from_name(format!("i{at}")));
        let sums = self.sums.iter().map(|wanted| match *wanted {
            Sum::Rows => count(lit(1_i64)),
            Sum::Count(at) => count(input(at)),
            Sum::Distinct(at) => count_distinct(input(at)),
            Sum::Total(at) => sum(input(at)),
            Sum::Exact(at) => exact_sum().call(vec![input(at)]),
            Sum::Min(at) => min(input(at)),
            Sum::Max(at) => max(input(at)),
            Sum::Percentile(at, part) => percentile(part).call(vec![input(at)]),
        });
        ((0..self.keys.len()).map(key).collect(), sums.collect())
    }

    /// From DataFusion's columns (keys, then sums) to the answer's.
    fn finish(&self, batch: &RecordBatch) -> DataFusionResult<RecordBatch> {
        let keys = self.keys.len();
        let column = |at: usize| {
            batch.columns().get(at).ok_or_else(|| DataFusionError::Internal(format!("groups without column {at}")))
        };
        let mut arrays = Vec::with_capacity(keys + self.made.len());
        for at in 0..keys {
            arrays.push(Arc::clone(column(at)?));
        }
        for made in &self.made {
            arrays.push(match *made {
                Made::Taken(sum) => Arc::clone(column(keys + sum)?),
                Made::Ratio { sum, count } => ratio(column(keys + sum)?, column(keys + count)?)?,
            });
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.answer), arrays)?)
    }
}

fn place_in<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    if let Some(at) = list.iter().position(|other| *other == item) {
        return at;
    }
    list.push(item);
    list.len() - 1
}

fn formed(stored: &DataType, form: Form) -> DataType {
    match (form, stored) {
        (Form::Wide, DataType::Decimal128(_, scale)) => DataType::Decimal128(SUM_DIGITS, *scale),
        (Form::Wide, _) => DataType::Decimal128(SUM_DIGITS, 0),
        (Form::Float, _) => DataType::Float64,
        (Form::Plain, stored) => stored.clone(),
    }
}

fn wrong_kind(array: &ArrayRef) -> ArrowError {
    ArrowError::SchemaError(format!("a column of {} where another kind was planned", array.data_type()))
}

fn form_array(array: &ArrayRef, form: Form) -> Result<ArrayRef, ArrowError> {
    match form {
        Form::Plain => Ok(Arc::clone(array)),
        Form::Float => Ok(Arc::new(floats(array)?)),
        Form::Wide => {
            let wide: Decimal128Array = match array.data_type() {
                DataType::Int64 => {
                    let numbers = array.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong_kind(array))?;
                    numbers.unary::<_, Decimal128Type>(i128::from).with_precision_and_scale(SUM_DIGITS, 0)?
                }
                DataType::Decimal128(_, scale) => {
                    let digits = array.as_primitive_opt::<Decimal128Type>().ok_or_else(|| wrong_kind(array))?;
                    digits.clone().with_precision_and_scale(SUM_DIGITS, *scale)?
                }
                _ => return Err(wrong_kind(array)),
            };
            Ok(Arc::new(wide))
        }
    }
}

/// Numbers as floats.
fn floats(array: &ArrayRef) -> Result<Float64Array, ArrowError> {
    let wrong = || wrong_kind(array);
    Ok(match array.data_type() {
        DataType::Int64 => array.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?.unary(|number| number as f64),
        DataType::Decimal128(_, scale) => {
            let unit = 10f64.powi(i32::from(*scale));
            array.as_primitive_opt::<Decimal128Type>().ok_or_else(wrong)?.unary(|digits| digits as f64 / unit)
        }
        DataType::Float64 => array.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?.clone(),
        _ => return Err(wrong()),
    })
}

fn key_array(key: &GroupKey, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match *key {
        GroupKey::Column(_) => Arc::clone(array),
        GroupKey::Bucket(_, width) => {
            let numbers: Float64Array = floats(array)?.unary(|number| (number / width).floor() * width);
            Arc::new(numbers)
        }
        GroupKey::Truncated(_, unit) => match array.data_type() {
            DataType::Date32 => {
                let days = array.as_primitive_opt::<Date32Type>().ok_or_else(|| wrong_kind(array))?;
                let cut: Date32Array = days.unary(|days| truncate_days(days, unit));
                Arc::new(cut)
            }
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let micros = array.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| wrong_kind(array))?;
                let cut = micros.unary::<_, TimestampMicrosecondType>(|micros| truncate_micros(micros, unit));
                Arc::new(cut.with_timezone_opt(zone.clone()))
            }
            _ => return Err(wrong_kind(array)),
        },
    })
}

/// Sums by counts; nothing where nothing was counted.
fn ratio(sums: &ArrayRef, counts: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let sums = floats(sums)?;
    let counts = counts.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong_kind(counts))?;
    let averages: Float64Array = sums
        .iter()
        .zip(counts.values())
        .map(|(sum, count)| sum.filter(|_| *count > 0).map(|sum| sum / *count as f64))
        .collect();
    Ok(Arc::new(averages))
}

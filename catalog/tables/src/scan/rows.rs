//! Pages of rows by reading.
//!
//! First the page's row numbers are found, reading only what the condition and the order look at; then those rows are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::Column;
use datafusion::error::{DataFusionError, Result as DataFusionResult};
use datafusion::logical_expr::{Expr, SortExpr};
use datafusion::physical_plan::SendableRecordBatchStream;
use fairground_tables_query::plan::{Predicate, RowsPlan, SortKey, Start};
use futures_util::TryStreamExt;
use parquet::arrow::arrow_reader::RowSelection;
use tokio::task::JoinSet;

use crate::error::TablesError;
use crate::open::OpenSnapshot;
use crate::scan::engine::ScanEngine;
use crate::scan::prune::Kept;
use crate::scan::scanner::{ROW, Scan, row_numbers};
use crate::scan::source::{Change, next, split, table};
use crate::scan::top::options;
use crate::text::json::RowWriter;

/// Rows that are sorted in memory by keeping the first ones; pages that begin later are sorted as a whole, on disk if need be.
const FIRST_ROWS_MAX: u64 = 50_000;
/// Length of a page at most, in bytes.
pub(crate) const PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Row numbers of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) rows: Vec<u64>,
    pub(crate) total: u64,
    pub(crate) next: Option<Start>,
}

/// Finds the rows of a page.
pub(crate) async fn find(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &RowsPlan,
) -> Result<Page, TablesError> {
    let wanted = usize::try_from(plan.limit).unwrap_or(usize::MAX);
    let (mut rows, total, more) = if plan.sort.is_empty() {
        if plan.predicate == Predicate::Constant(true) {
            by_number(open.snapshot().rows, plan.start, wanted)
        } else {
            filtered(engine, open, plan, wanted).await?
        }
    } else {
        sorted(engine, open, plan, wanted).await?
    };
    rows.truncate(wanted);
    let before = match plan.start {
        Start::Offset(offset) | Start::AfterRow { offset, .. } => offset,
    };
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| Start::AfterRow { row: *last, offset: before.saturating_add(rows.len() as u64) });
    Ok(Page { rows, total, next })
}

/// Without condition and order a page is a range of numbers.
fn by_number(total: u64, start: Start, wanted: usize) -> (Vec<u64>, u64, bool) {
    let first = match start {
        Start::Offset(offset) => offset,
        Start::AfterRow { row, .. } => row.saturating_add(1),
    };
    let end = first.saturating_add(wanted as u64).min(total);
    ((first.min(end)..end).collect(), total, end < total && end > first)
}

/// A condition without order: the rows are counted group by group, then the groups that hold the page are looked through.
async fn filtered(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &RowsPlan,
    wanted: usize,
) -> Result<(Vec<u64>, u64, bool), TablesError> {
    let scan = Scan::new(open, &plan.predicate, &[], true)?;
    let kept = scan.kept(&plan.predicate);
    let counts = count(engine, &scan, kept.clone()).await?;
    let total = counts.iter().sum();
    let mut rows = Vec::new();
    let (mut skip, after) = match plan.start {
        Start::Offset(offset) => (offset, None),
        // A row that the snapshot does not have is after all others.
        Start::AfterRow { row, .. } => (0, Some(row)),
    };
    for (kept, count) in kept.into_iter().zip(counts) {
        if wanted == 0 || rows.len() > wanted {
            break;
        }
        let end = scan.parquet().group_start(kept.group + 1);
        if count <= skip || after.is_some_and(|after| end <= after) {
            skip -= skip.min(count);
            continue;
        }
        let mut scanner = scan.read(vec![kept]);
        while let Some(batch) = next(&mut scanner).await.map_err(|error| engine.refusal("reading rows", error))? {
            let numbers = row_numbers(&batch).map_err(TablesError::engine("reading row numbers"))?;
            for number in numbers.into_iter().filter(|number| after.is_none_or(|after| *number > after)) {
                if skip > 0 {
                    skip -= 1;
                } else if rows.len() <= wanted {
                    rows.push(number);
                }
            }
            if rows.len() > wanted {
                break;
            }
        }
    }
    let more = rows.len() > wanted;
    Ok((rows, total, more))
}

/// How many rows of each group are taken, in the order of the groups.
async fn count(engine: &Arc<ScanEngine>, scan: &Scan, kept: Vec<Kept>) -> Result<Vec<u64>, TablesError> {
    let order: Vec<usize> = kept.iter().map(|kept| kept.group).collect();
    let mut tasks = JoinSet::new();
    for part in split(kept, engine.threads()) {
        let scan = scan.clone();
        tasks.spawn(async move {
            let mut counts = Vec::with_capacity(part.len());
            for kept in part {
                let group = kept.group;
                let mut scanner = scan.read(vec![kept]);
                let mut rows = 0;
                while let Some(batch) = next(&mut scanner).await? {
                    rows += batch.num_rows() as u64;
                    tokio::task::yield_now().await;
                }
                counts.push((group, rows));
            }
            Ok::<_, DataFusionError>(counts)
        });
    }
    let mut counts = std::collections::HashMap::with_capacity(order.len());
    while let Some(part) = tasks.join_next().await {
        let part = part.map_err(TablesError::engine("counting rows"))?;
        counts.extend(part.map_err(|error| engine.refusal("counting rows", error))?);
    }
    Ok(order.iter().map(|group| counts.get(group).copied().unwrap_or_default()).collect())
}

/// How many rows a condition takes.
pub(crate) async fn count_all(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    predicate: &Predicate,
) -> Result<u64, TablesError> {
    if *predicate == Predicate::Constant(true) {
        return Ok(open.snapshot().rows);
    }
    let scan = Scan::new(open, predicate, &[], true)?;
    let kept = scan.kept(predicate);
    Ok(count(engine, &scan, kept).await?.iter().sum())
}

/// An order: the keys and row numbers of all taken rows are sorted; DataFusion keeps the first ones, or sorts on disk.
async fn sorted(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &RowsPlan,
    wanted: usize,
) -> Result<(Vec<u64>, u64, bool), TablesError> {
    let mut columns: Vec<usize> = Vec::with_capacity(plan.sort.len());
    for key in &plan.sort {
        if !columns.contains(&key.column) {
            columns.push(key.column);
        }
    }
    let scan = Scan::new(open, &plan.predicate, &columns, true)?;
    let total = Arc::new(AtomicU64::new(0));
    let (skip, pivot) = match plan.start {
        Start::Offset(offset) => (offset, None),
        Start::AfterRow { row, .. } => (0, Some(Pivot::read(&scan, &columns, &plan.sort, row)?)),
    };
    let first = skip.saturating_add(wanted as u64).saturating_add(1);
    let change: Change = {
        let (total, pivot) = (Arc::clone(&total), pivot.map(Arc::new));
        Arc::new(move |batch| {
            total.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
            Ok(match &pivot {
                None => batch,
                Some(pivot) => pivot.after(&batch)?,
            })
        })
    };
    let doing = "sorting rows";
    let schema = Arc::clone(scan.schema());
    let fetch = (first <= FIRST_ROWS_MAX).then_some(first);
    let kept = scan.kept(&plan.predicate);
    let mut sorted = sort(engine, &scan, kept, schema, change, &plan.sort, fetch)
        .await
        .map_err(|error| engine.refusal(doing, error))?;
    let (mut skip, mut rows) = (skip, Vec::new());
    while let Some(batch) = sorted.try_next().await.map_err(|error| engine.refusal(doing, error))? {
        for number in row_numbers(&batch).map_err(TablesError::engine(doing))? {
            if skip > 0 {
                skip -= 1;
            } else if rows.len() <= wanted {
                rows.push(number);
            }
        }
        // The whole order was made before its first row came, so the total is complete.
        if rows.len() > wanted {
            break;
        }
    }
    let more = rows.len() > wanted && wanted > 0;
    Ok((rows, total.load(Ordering::Relaxed), more))
}

/// The scan's rows in an order, ties by row number; all of them, or the first ones. The scan must give row numbers.
pub(crate) async fn sort(
    engine: &Arc<ScanEngine>,
    scan: &Scan,
    kept: Vec<Kept>,
    schema: SchemaRef,
    change: Change,
    keys: &[SortKey],
    fetch: Option<u64>,
) -> DataFusionResult<SendableRecordBatchStream> {
    let columns = scan.columns();
    let expression =
        |name: &str, descending: bool| -> SortExpr { Expr::Column(Column::from_name(name)).sort(!descending, false) };
    let mut order = Vec::with_capacity(keys.len() + 1);
    for key in keys {
        let place = columns.iter().position(|column| *column == key.column);
        let field = place.and_then(|place| schema.fields().get(place));
        let field = field.ok_or_else(|| DataFusionError::Internal(format!("no column {} to sort by", key.column)))?;
        order.push(expression(field.name(), key.descending));
    }
    order.push(expression(ROW, false));
    // What is sorted as a whole is one part: merging parts needs memory that sorting them has taken already.
    let parts = if fetch.is_some() { engine.threads() } else { 1 };
    let source = table(scan, kept, parts, schema, change)?;
    let mut frame =
        engine.context(parts, scan.parquet().row_bytes(columns)).read_table(Arc::new(source))?.sort(order)?;
    if let Some(fetch) = fetch {
        frame = frame.limit(0, Some(usize::try_from(fetch).unwrap_or(usize::MAX)))?;
    }
    frame.execute_stream().await
}

/// The last row of the page before: only what stands after it is wanted.
#[derive(Debug)]
struct Pivot {
    converter: RowConverter,
    /// Where the sort keys and the row number stand in a batch.
    places: Vec<usize>,
    row: Option<OwnedRow>,
}

impl Pivot {
    fn read(scan: &Scan, columns: &[usize], sort: &[SortKey], row: u64) -> Result<Self, TablesError> {
        let doing = "finding the last row of the page before";
        let mut places: Vec<usize> =
            sort.iter().filter_map(|key| columns.iter().position(|column| *column == key.column)).collect();
        places.push(columns.len());
        let mut fields = Vec::with_capacity(places.len());
        for (at, place) in places.iter().enumerate() {
            let descending = sort.get(at).is_some_and(|key| key.descending);
            let field = scan.schema().fields().get(*place);
            let data_type = field.map(|field| field.data_type().clone());
            let data_type =
                data_type.ok_or_else(|| TablesError::BadPlan { why: "an order without columns".to_owned() })?;
            fields.push(SortField::new_with_options(data_type, options(descending)));
        }
        let converter = RowConverter::new(fields).map_err(TablesError::engine(doing))?;
        let mut pivot = Self { converter, places, row: None };
        if let Some((group, at)) = scan.parquet().place_of(row) {
            let length = scan.parquet().group_rows(group);
            let selection = RowSelection::from_consecutive_ranges(std::iter::once(at..at + 1), length);
            for batch in scan.read_selected(group, selection)? {
                let batch = batch.and_then(|batch| scan.arrange(&batch)).map_err(TablesError::engine(doing))?;
                let rows = pivot.rows(&batch).map_err(TablesError::engine(doing))?;
                pivot.row = (rows.num_rows() > 0).then(|| rows.row(0).owned());
            }
        }
        Ok(pivot)
    }

    fn rows(&self, batch: &RecordBatch) -> Result<arrow::row::Rows, ArrowError> {
        let columns: Vec<ArrayRef> =
            self.places.iter().filter_map(|place| batch.columns().get(*place).cloned()).collect();
        self.converter.convert_columns(&columns)
    }

    fn after(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let Some(pivot) = &self.row else {
            // A row that the snapshot does not have: nothing stands after it.
            return Ok(batch.slice(0, 0));
        };
        let rows = self.rows(batch)?;
        let taken: BooleanArray = rows.iter().map(|row| Some(row > pivot.row())).collect();
        filter_record_batch(batch, &taken)
    }
}

/// Reads rows by their numbers and writes them as a JSON array, in the order given.
pub(crate) async fn write(
    open: &Arc<OpenSnapshot>,
    rows: &[u64],
    properties: &[usize],
) -> Result<Vec<u8>, TablesError> {
    let doing = "reading rows";
    let scan = Scan::new(open, &Predicate::Constant(true), properties, true)?;
    let writer =
        RowWriter::new(scan.schema().fields().iter().take(properties.len()).map(|field| field.name().as_str()));
    let mut numbers = rows.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut text, mut pieces) = (Vec::new(), std::collections::HashMap::with_capacity(rows.len()));
    for (group, places) in scan.parquet().by_group(&numbers) {
        let length = scan.parquet().group_rows(group);
        let ranges = places.into_iter().map(|place| place..place + 1);
        for batch in scan.read_selected(group, RowSelection::from_consecutive_ranges(ranges, length))? {
            let batch = batch.and_then(|batch| scan.arrange(&batch)).map_err(TablesError::engine(doing))?;
            let cells = writer.cells(&batch).map_err(TablesError::engine(doing))?;
            for (at, number) in row_numbers(&batch).map_err(TablesError::engine(doing))?.into_iter().enumerate() {
                let from = text.len();
                writer.write(&cells, at, &mut text);
                pieces.insert(number, from..text.len());
            }
            if text.len() > PAGE_BYTES_MAX {
                return Err(TablesError::TooLarge { what: "the page", limit_bytes: PAGE_BYTES_MAX as u64 });
            }
            tokio::task::yield_now().await;
        }
    }
    let mut array = Vec::with_capacity(text.len() + rows.len() + 2);
    array.push(b'[');
    for (at, number) in rows.iter().enumerate() {
        let piece = pieces.get(number).and_then(|range| text.get(range.clone()));
        let piece = piece
            .ok_or_else(|| TablesError::Damaged { key: open.key(), why: format!("row {number} cannot be read") })?;
        if at > 0 {
            array.push(b',');
        }
        array.extend_from_slice(piece);
    }
    array.push(b']');
    Ok(array)
}

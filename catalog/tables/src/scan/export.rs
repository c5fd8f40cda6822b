//! Everything that fits, batch by batch, from the index or by reading: one task finds rows, another writes, so that both
//! processors have work.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use bytes::Bytes;
use datafusion::error::DataFusionError;
use fairground_domain::Column;
use fairground_tables_columns::ColumnsError;
use fairground_tables_query::plan::{ExportPlan, Predicate};
use futures_util::TryStreamExt;
use tokio::sync::mpsc;

use crate::error::TablesError;
use crate::export::Encoder;
use crate::open::OpenSnapshot;
use crate::scan::engine::{AbortOnDrop, ScanEngine};
use crate::scan::rows::sort;
use crate::scan::scanner::{Scan, Scanner};
use crate::scan::source::{Change, next};
use crate::stream::{ByteStream, PieceSender};
use crate::types::arrow_type;

/// Batches that are read ahead.
const BATCHES_AHEAD: usize = 2;
/// A piece is given away when it has so many bytes.
const PIECE_BYTES: usize = 128 * 1024;
/// Rows that are sorted in memory by keeping the first ones.
const FIRST_ROWS_MAX: u64 = 10_000;

/// Starts an export; it ends when the stream is dropped. `place` is held until then.
pub(crate) fn start<P: Send + 'static>(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: ExportPlan,
    encoder: Box<dyn Encoder>,
    place: P,
) -> ByteStream {
    let (sender, stream) = ByteStream::channel();
    let (engine_in, open) = (Arc::clone(engine), Arc::clone(open));
    engine.runtime().spawn(async move {
        let _place = place;
        let limit = engine_in.export_time();
        let work = tokio::time::timeout(limit, run(&engine_in, &open, &plan, encoder, &sender));
        let result = tokio::select! {
            result = work => result,
            () = sender.closed() => return,
        };
        let refusal = match result {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => TablesError::TimedOut { limit_secs: limit.as_secs() },
        };
        // Nobody may be there to hear it.
        let _ = sender.send(Err(refusal)).await;
    });
    stream
}

async fn run(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &ExportPlan,
    mut encoder: Box<dyn Encoder>,
    sender: &PieceSender,
) -> Result<(), TablesError> {
    let (batches, mut read) = mpsc::channel::<Result<RecordBatch, TablesError>>(BATCHES_AHEAD);
    let (engine_in, open, plan) = (Arc::clone(engine), Arc::clone(open), plan.clone());
    let _reading = AbortOnDrop(engine.runtime().spawn(async move {
        if let Err(error) = give_batches(&engine_in, &open, &plan, &batches).await {
            // Whoever writes has gone: then nobody needs to know.
            let _ = batches.send(Err(error)).await;
        }
    }));
    let mut out = Vec::with_capacity(PIECE_BYTES * 2);
    encoder.start(&mut out)?;
    while let Some(batch) = read.recv().await {
        let batch = batch?;
        encoder.write(&batch, &mut out)?;
        if out.len() >= PIECE_BYTES {
            let piece = Bytes::from(std::mem::replace(&mut out, Vec::with_capacity(PIECE_BYTES * 2)));
            sender.send(Ok(piece)).await.map_err(|_| TablesError::Cancelled)?;
        }
    }
    let (file, out) = tokio::task::block_in_place(|| {
        let file = encoder.finish(&mut out);
        file.map(|file| (file, out))
    })?;
    if !out.is_empty() {
        sender.send(Ok(Bytes::from(out))).await.map_err(|_| TablesError::Cancelled)?;
    }
    match file {
        None => Ok(()),
        Some(file) => send_file(file, sender).await,
    }
}

/// Gives a finished file, from its beginning.
async fn send_file(mut file: File, sender: &PieceSender) -> Result<(), TablesError> {
    let failed =
        |error: std::io::Error| TablesError::Engine { doing: "reading a finished export", source: error.into() };
    std::io::Seek::rewind(&mut file).map_err(failed)?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let length = file.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece).map_err(failed)?;
        if length == 0 {
            return Ok(());
        }
        sender.send(Ok(Bytes::from(piece))).await.map_err(|_| TablesError::Cancelled)?;
    }
}

/// Rows of a batch that the index gives.
const INDEX_BATCH_ROWS: usize = 8_192;
/// Bytes of text and shapes in it, about.
const INDEX_BATCH_BYTES: usize = 4 << 20;

/// Gives the rows in the plan's order, up to its limit: those that the index finds, where there is one; all of a table, and
/// what is too much to sort in memory, comes by reading.
async fn give_batches(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &ExportPlan,
    batches: &mpsc::Sender<Result<RecordBatch, TablesError>>,
) -> Result<(), TablesError> {
    let whole = plan.predicate == Predicate::Constant(true) && plan.sort.is_empty();
    if open.is_indexed() && !whole {
        let (open, plan, batches) = (Arc::clone(open), plan.clone(), batches.clone());
        let task = tokio::task::spawn_blocking(move || index_batches(&open, &plan, &batches));
        let given = task.await.map_err(TablesError::engine("exporting"))??;
        if given {
            return Ok(());
        }
    }
    read_batches(engine, open, plan, batches).await
}

/// False, and no row is given, when reading should give them.
fn index_batches(
    open: &OpenSnapshot,
    plan: &ExportPlan,
    batches: &mpsc::Sender<Result<RecordBatch, TablesError>>,
) -> Result<bool, TablesError> {
    let Some(sidecar) = open.sidecar() else { return Ok(false) };
    let gone = || batches.is_closed();
    let (mut begun, mut ended) = (false, false);
    let mut given = || -> Result<bool, ColumnsError> {
        let Some(found) = sidecar.rows_in_order(&plan.predicate, &plan.sort, plan.limit, &gone)? else {
            return Ok(false);
        };
        let limit = plan.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let mut rows = found.iter().take(limit);
        let mut wanted: Vec<u32> = Vec::with_capacity(INDEX_BATCH_ROWS);
        while !ended {
            wanted.extend(rows.by_ref().take(INDEX_BATCH_ROWS - wanted.len()));
            if wanted.is_empty() {
                break;
            }
            let fitting = sidecar.fitting(&wanted, &plan.properties, INDEX_BATCH_BYTES)?;
            let own = wanted.get(..fitting).unwrap_or_default();
            let arrays = plan.properties.iter().map(|column| sidecar.array(*column, own)).collect::<Result<_, _>>()?;
            let batch = RecordBatch::try_new(schema_of(open, &plan.properties), arrays);
            let batch = batch.map_err(TablesError::engine("arranging rows"));
            begun = true;
            ended = batches.blocking_send(batch).is_err();
            wanted.drain(..fitting);
        }
        Ok(true)
    };
    match given() {
        Ok(given) => Ok(given),
        Err(ColumnsError::Stopped) => Err(TablesError::Cancelled),
        Err(ColumnsError::Mismatch(why)) => Err(TablesError::BadPlan { why }),
        // A damaged index is found out, and built anew, by the next question; reading knows the same rows.
        Err(error) if !begun => {
            tracing::warn!(key = %open.key(), %error, "An index does not give an export's rows; they are read");
            Ok(false)
        }
        Err(error) => Err(TablesError::Engine { doing: "exporting", source: error.into() }),
    }
}

/// The schema of some columns, as reading gives it.
fn schema_of(open: &OpenSnapshot, properties: &[usize]) -> SchemaRef {
    let columns = properties.iter().filter_map(|at| open.snapshot().columns.get(*at));
    let field = |column: &Column| Field::new(&column.name, arrow_type(column.column_type), true);
    Arc::new(Schema::new(columns.map(field).collect::<Vec<_>>()))
}

/// Reads in the plan's order, up to its limit.
async fn read_batches(
    engine: &Arc<ScanEngine>,
    open: &Arc<OpenSnapshot>,
    plan: &ExportPlan,
    batches: &mpsc::Sender<Result<RecordBatch, TablesError>>,
) -> Result<(), TablesError> {
    let refusal = |error: DataFusionError| engine.refusal("exporting", error);
    let mut left = plan.limit.unwrap_or(u64::MAX);
    let mut give = async |batch: RecordBatch| -> bool {
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(batch.num_rows());
        left -= length as u64;
        length > 0 && batches.send(Ok(batch.slice(0, length))).await.is_ok() && left > 0
    };
    if plan.sort.is_empty() {
        let scan = Scan::new(open, &plan.predicate, &plan.properties, false)?;
        let mut scanner: Scanner = scan.read(scan.kept(&plan.predicate));
        while let Some(batch) = next(&mut scanner).await.map_err(refusal)? {
            if !give(batch).await {
                break;
            }
        }
        return Ok(());
    }
    let mut columns = plan.properties.clone();
    for key in &plan.sort {
        if !columns.contains(&key.column) {
            columns.push(key.column);
        }
    }
    let scan = Scan::new(open, &plan.predicate, &columns, true)?;
    let same: Change = Arc::new(Ok);
    let kept = scan.kept(&plan.predicate);
    let fetch = plan.limit.filter(|limit| *limit <= FIRST_ROWS_MAX);
    let schema = Arc::clone(scan.schema());
    let mut sorted = sort(engine, &scan, kept, schema, same, &plan.sort, fetch).await.map_err(refusal)?;
    while let Some(batch) = sorted.try_next().await.map_err(refusal)? {
        if !give(batch).await {
            break;
        }
    }
    Ok(())
}

/// The whole snapshot, written to a file. Blocks; `stop` ends it.
pub(crate) fn write_whole(
    open: &Arc<OpenSnapshot>,
    mut encoder: Box<dyn Encoder>,
    to: &mut impl std::io::Write,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<(), TablesError> {
    let doing = "writing the whole table";
    let all: Vec<usize> = (0..open.snapshot().columns.len()).collect();
    let predicate = Predicate::Constant(true);
    let scan = Scan::new(open, &predicate, &all, false)?;
    let mut scanner = scan.read(scan.kept(&predicate));
    let mut out = Vec::with_capacity(PIECE_BYTES * 2);
    encoder.start(&mut out)?;
    while let Some(batch) = scanner.next_batch().map_err(TablesError::engine(doing))? {
        if stop() {
            return Err(TablesError::Cancelled);
        }
        encoder.write(&batch, &mut out)?;
        to.write_all(&out).map_err(TablesError::engine(doing))?;
        out.clear();
    }
    encoder.finish(&mut out)?;
    to.write_all(&out).map_err(TablesError::engine(doing))
}

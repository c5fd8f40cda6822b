//! A snapshot as DataFusion sees it: some columns of the rows that a filter takes, changed on the way if need be.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::{DataFusionError, Result as DataFusionResult};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures_util::stream;

use crate::scan::prune::Kept;
use crate::scan::scanner::{Scan, Scanner, Step};

/// Changes a batch on its way to DataFusion.
pub(crate) type Change = Arc<dyn Fn(RecordBatch) -> DataFusionResult<RecordBatch> + Send + Sync>;

/// One part of the rows.
struct Part {
    scan: Scan,
    groups: Vec<Kept>,
    schema: SchemaRef,
    change: Change,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let state = (self.scan.read(self.groups.clone()), Arc::clone(&self.change));
        let batches = stream::try_unfold(state, |(mut scanner, change)| async move {
            let batch = next(&mut scanner).await?;
            Ok(match batch {
                Some(batch) => Some((change(batch)?, (scanner, change))),
                None => None,
            })
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// The next rows; others are let in between the steps.
pub(crate) async fn next(scanner: &mut Scanner) -> Result<Option<RecordBatch>, DataFusionError> {
    loop {
        match scanner.step()? {
            Step::Batch(batch) => return Ok(Some(batch)),
            Step::Working => tokio::task::yield_now().await,
            Step::Done => return Ok(None),
        }
    }
}

/// A table of the scan's rows in as many parts as there are threads, in any order.
pub(crate) fn table(
    scan: &Scan,
    groups: Vec<Kept>,
    threads: usize,
    schema: SchemaRef,
    change: Change,
) -> DataFusionResult<StreamingTable> {
    let parts = split(groups, threads)
        .into_iter()
        .map(|groups| {
            let part = Part { scan: scan.clone(), groups, schema: Arc::clone(&schema), change: Arc::clone(&change) };
            Arc::new(part) as Arc<dyn PartitionStream>
        })
        .collect();
    StreamingTable::try_new(schema, parts)
}

/// Deals the groups out; at least one part, even without groups.
pub(crate) fn split(groups: Vec<Kept>, parts: usize) -> Vec<Vec<Kept>> {
    let parts = parts.min(groups.len()).max(1);
    let mut dealt = vec![Vec::new(); parts];
    for (at, group) in groups.into_iter().enumerate() {
        if let Some(part) = dealt.get_mut(at % parts) {
            part.push(group);
        }
    }
    dealt
}

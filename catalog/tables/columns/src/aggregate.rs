//! Groups and sums.
use crate::error::{ColumnsError, Stop};
use crate::sidecar::Sidecar;
use fairground_tables_query::Value;
use fairground_tables_query::plan::AggregatePlan;
/// A page of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateAnswer {
    /// Keys, then measures, of each group.
    pub groups: Vec<Vec<Value>>,
    /// Groups on all pages, after `having`.
    pub total: u64,
}
impl Sidecar {
    /// Answers groups.
    ///
    /// # Errors
    /// x
    pub fn aggregate(&self, _plan: &AggregatePlan, _stop: Stop<'_>) -> Result<Option<AggregateAnswer>, ColumnsError> {
        Ok(None)
    }
}

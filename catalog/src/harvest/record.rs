//! What became of each record of a harvest.

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetId, Finding, JobId};

use super::Outcome;
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::schema::harvest_records;

/// One record of a harvest and its one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarvestRecord {
    /// Its place in the source, from 0; deletions follow the last record.
    pub seq: i64,
    /// `dataset`, `dataset-series` or `data-service`.
    pub kind: String,
    /// Its identity within the source; empty when it has none.
    pub key: String,
    /// Its title, as far as there is one.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The dataset that it became, changed or confirmed.
    pub dataset_id: Option<DatasetId>,
    /// The raw record.
    pub raw_hash: Option<ContentHash>,
    /// Errors and warnings.
    pub findings: Vec<Finding>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = harvest_records, treat_none_as_default_value = false)]
pub(super) struct RecordRow {
    pub(super) job_id: String,
    pub(super) seq: i64,
    pub(super) source_id: String,
    pub(super) kind: String,
    pub(super) source_key: String,
    pub(super) title: String,
    pub(super) outcome: String,
    pub(super) dataset_id: Option<String>,
    pub(super) raw_hash: Option<String>,
    pub(super) findings: String,
}

impl TryFrom<RecordRow> for HarvestRecord {
    type Error = CatalogError;

    fn try_from(row: RecordRow) -> Result<Self, CatalogError> {
        let corrupt = |problem: String| CatalogError::Corrupt { what: "harvest record", problem };
        Ok(Self {
            seq: row.seq,
            kind: row.kind,
            key: row.source_key,
            title: row.title,
            outcome: Outcome::parse(&row.outcome).ok_or_else(|| corrupt(format!("outcome `{}`", row.outcome)))?,
            dataset_id: row
                .dataset_id
                .map(|id| id.parse())
                .transpose()
                .map_err(|e: fairground_domain::UnknownId| corrupt(e.to_string()))?,
            raw_hash: row
                .raw_hash
                .map(|hash| hash.parse())
                .transpose()
                .map_err(|e: fairground_domain::InvalidHash| corrupt(e.to_string()))?,
            findings: if row.findings.is_empty() {
                Vec::new()
            } else {
                serde_json::from_str(&row.findings).map_err(|e| corrupt(e.to_string()))?
            },
        })
    }
}

pub(super) fn insert_records(tx: &mut Tx<'_>, rows: &[RecordRow]) -> Result<(), CatalogError> {
    insert_rows!(tx, harvest_records::table, rows);
    Ok(())
}

/// Which records to list.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only after this place: the cursor.
    pub after: Option<i64>,
    /// Only with at least one finding.
    pub with_findings: bool,
    /// Only with a finding of this rule.
    pub rule: Option<String>,
}

/// Records of a job by their place in the source.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_records(
    tx: &mut Tx<'_>,
    job: JobId,
    filter: &RecordFilter,
    limit: i64,
) -> Result<Vec<HarvestRecord>, CatalogError> {
    let mut query = harvest_records::table
        .filter(harvest_records::job_id.eq(job.to_string()))
        .filter(harvest_records::seq.gt(filter.after.unwrap_or(-1)))
        .order(harvest_records::seq)
        .limit(limit)
        .select(RecordRow::as_select())
        .into_boxed();
    if let Some(outcome) = filter.outcome {
        query = query.filter(harvest_records::outcome.eq(outcome.as_str()));
    }
    if filter.with_findings {
        query = query.filter(harvest_records::findings.ne(""));
    }
    if let Some(rule) = &filter.rule {
        // Ids of rules are kebab-case, so nothing in them means anything to LIKE.
        let plain: String = rule.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        query = query.filter(harvest_records::findings.like(format!("%\"rule\":\"{plain}\"%")));
    }
    query.load(tx.conn)?.into_iter().map(HarvestRecord::try_from).collect()
}

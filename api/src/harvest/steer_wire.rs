//! Rules, contacts, reports and removals as they are told.

use fairground_catalog::harvest::FieldChange;
use fairground_catalog::source::{
    ContactKind, HarvestReport, NewContact, Occasion, RemovalJob, SourceContact, SourceRules,
};
use fairground_domain::{LONGEST_RULES_BYTES, Timestamp};
use fairground_reach::AllowList;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::preview::PreviewedRecord;
use super::webhook::{check_webhook, new_secret};
use super::wire::FindingOut;
use crate::body::Checked;
use crate::problem::{Fault, Problem, ProblemKind};

/// Mapping rules to be put in force.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesIn {
    /// The document: an object as `GET /api/v1/mapping-rules/schema` says, or the same as a text of JSON or YAML. `null` is none.
    #[schema(value_type = Option<Object>)]
    pub(super) document: Value,
    /// The version that these rules are to follow; another one in force in the meantime is a conflict.
    #[serde(default)]
    pub(super) after_version: Option<i32>,
}

impl Checked for RulesIn {}

/// Mapping rules to be tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewIn {
    /// The document, as for putting it in force.
    #[schema(value_type = Option<Object>)]
    pub(super) document: Value,
    /// Records to try them on.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 50, default = 20)]
    pub(super) limit: Option<usize>,
}

impl Checked for PreviewIn {}

/// The mapping rules of a source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RulesOut {
    /// The version in force, from 1; 0 when the source never had rules.
    version: i32,
    /// The document as it was written, JSON or YAML; empty without rules.
    document: String,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    created_by: String,
    /// Bytes that a document may hold.
    longest_bytes: usize,
    /// The latest versions, newest first.
    versions: Vec<RulesVersionOut>,
}

/// A version of mapping rules.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RulesVersionOut {
    /// Its number.
    version: i32,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who wrote it.
    created_by: String,
}

impl RulesOut {
    pub(super) fn new(rules: SourceRules, versions: Vec<(i32, Timestamp, String)>) -> Self {
        Self {
            version: rules.version,
            document: rules.document.text().to_owned(),
            created_at: rules.created_at,
            created_by: rules.created_by,
            longest_bytes: LONGEST_RULES_BYTES,
            versions: versions
                .into_iter()
                .map(|(version, created_at, created_by)| RulesVersionOut { version, created_at, created_by })
                .collect(),
        }
    }
}

/// One field that differs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldChangeOut {
    /// Where in the dataset's document, as a JSON pointer (RFC 6901).
    path: String,
    /// What was there; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// What would be there; absent when nothing would.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
}

impl From<FieldChange> for FieldChangeOut {
    fn from(change: FieldChange) -> Self {
        Self { path: change.path, before: change.before, after: change.after }
    }
}

/// What rules would make of the source's latest records.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PreviewOut {
    /// Records that the rules were tried on.
    tried: usize,
    /// How many of them would change.
    changed: usize,
    /// How many of them would be left out.
    excluded: usize,
    /// The records, in the source's order.
    records: Vec<PreviewedRecordOut>,
}

/// One record before and after the rules.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PreviewedRecordOut {
    /// Its place in the source, from 0.
    seq: i64,
    /// Its identity within the source.
    key: String,
    /// Its title without the rules.
    title: String,
    /// Whether a rule leaves it out.
    excluded: bool,
    /// What the rules change.
    changes: Vec<FieldChangeOut>,
    /// What the rules say of it.
    findings: Vec<FindingOut>,
}

impl From<Vec<PreviewedRecord>> for PreviewOut {
    fn from(records: Vec<PreviewedRecord>) -> Self {
        Self {
            tried: records.len(),
            changed: records.iter().filter(|record| !record.changes.is_empty()).count(),
            excluded: records.iter().filter(|record| record.excluded).count(),
            records: records
                .into_iter()
                .map(|record| PreviewedRecordOut {
                    seq: record.seq,
                    key: record.key,
                    title: record.title,
                    excluded: record.excluded,
                    changes: record.changes.into_iter().map(FieldChangeOut::from).collect(),
                    findings: record.findings.into_iter().map(FindingOut::from).collect(),
                })
                .collect(),
        }
    }
}

/// Somebody who is to be told.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactIn {
    /// `email` or `webhook`.
    kind: String,
    /// The mailbox, or the web address to call (https).
    address: String,
    /// After which harvests: `always`, `change` (when the catalogue changed or something is wrong) or `error`.
    occasion: String,
}

impl Checked for ContactIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if ContactKind::parse(&self.kind).is_none() {
            faults.push(Fault::at("/kind", "Must be `email` or `webhook`."));
        }
        if Occasion::parse(&self.occasion).is_none() {
            faults.push(Fault::at("/occasion", "Must be `always`, `change` or `error`."));
        }
        faults
    }
}

impl ContactIn {
    /// The contact, its address judged, with a fresh secret where calls are signed.
    pub(super) fn contact(&self, reach: &AllowList) -> Result<NewContact, Problem> {
        let invalid = |fault: Fault| Problem::new(ProblemKind::InvalidContent).errors(vec![fault]);
        let kind = ContactKind::parse(&self.kind).ok_or_else(|| invalid(Fault::at("/kind", "Not known.")))?;
        let occasion = Occasion::parse(&self.occasion).ok_or_else(|| invalid(Fault::at("/occasion", "Not known.")))?;
        let address = self.address.trim().to_owned();
        let secret = match kind {
            ContactKind::Email => None,
            ContactKind::Webhook => {
                check_webhook(&address, reach).map_err(|problem| invalid(Fault::at("/address", problem)))?;
                Some(new_secret()?)
            }
        };
        Ok(NewContact { kind, address, secret, occasion })
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ContactOut {
    /// Its id.
    id: String,
    /// `email` or `webhook`.
    kind: &'static str,
    /// The mailbox, or the web address without what may be secret in it.
    address: String,
    /// After which harvests: `always`, `change` or `error`.
    occasion: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<SourceContact> for ContactOut {
    fn from(contact: SourceContact) -> Self {
        Self {
            id: contact.id.to_string(),
            kind: contact.kind.as_str(),
            address: contact.shown,
            occasion: contact.occasion.as_str(),
            created_at: contact.created_at,
        }
    }
}

/// A contact that was just made.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct ContactCreatedOut {
    /// The contact.
    #[serde(flatten)]
    pub(super) contact: ContactOut,
    /// What calls are signed with (Standard Webhooks); told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<String>,
}

impl std::fmt::Debug for ContactCreatedOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactCreatedOut").field("contact", &self.contact).finish_non_exhaustive()
    }
}

/// What a contact was told of a job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ReportOut {
    /// The same for every try; receivers of calls find it as `webhook-id`.
    id: String,
    /// The job.
    job_id: String,
    /// The contact.
    contact_id: String,
    /// What the job had come to: `completed`, `failed`, `cancelled` or `awaiting_approval`.
    told: &'static str,
    /// `waiting`, `delivered` or `failed`.
    state: &'static str,
    /// How often it was tried.
    attempts: i32,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// When it became due.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<HarvestReport> for ReportOut {
    fn from(report: HarvestReport) -> Self {
        Self {
            id: report.key.message_id(),
            job_id: report.key.job.to_string(),
            contact_id: report.key.contact.to_string(),
            told: report.key.told.as_str(),
            state: report.state.as_str(),
            attempts: report.attempts,
            error: report.error,
            created_at: report.created_at,
            finished_at: report.finished_at,
        }
    }
}

/// The clearing away of a deleted source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RemovalOut {
    /// Its id.
    id: String,
    /// `removal`.
    kind: &'static str,
    /// The id of the source that was.
    source_id: String,
    /// What the source was called.
    source: String,
    /// What becomes of its datasets: `withdraw` or `keep`.
    datasets: &'static str,
    /// `queued`, `running`, `completed` or `failed`.
    state: &'static str,
    /// Datasets withdrawn so far.
    withdrawn: u64,
    /// Records of harvests forgotten so far.
    records: u64,
    /// Harvests forgotten so far.
    harvests: u64,
    /// Raw records removed so far: what nobody else had sent.
    raw_records: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// How often it was begun or taken over.
    attempts: i32,
    /// When the source was deleted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When work began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<RemovalJob> for RemovalOut {
    fn from(job: RemovalJob) -> Self {
        Self {
            id: job.id.to_string(),
            kind: "removal",
            source_id: job.source_id.to_string(),
            source: job.payload.slug,
            datasets: job.payload.datasets.as_str(),
            state: job.state.as_str(),
            withdrawn: job.progress.withdrawn,
            records: job.progress.records,
            harvests: job.progress.harvests,
            raw_records: job.progress.raw_records,
            error: job.error,
            attempts: job.attempts,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

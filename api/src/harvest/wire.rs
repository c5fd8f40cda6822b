//! Sources, jobs and records as they are told.

use fairground_catalog::CatalogError;
use fairground_catalog::harvest::{
    Change, Counts, HarvestJob, HarvestRecord, HarvestSource, LONGEST_GRACE_SECS, Schedule, SourceState, Stage,
};
use fairground_catalog::source::{RemovalJob, SourceChange};
use fairground_catalog::table::LoadJob;
use fairground_domain::{Finding, Severity, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::loads::LoadJobOut;
use super::steer_wire::{FieldChangeOut, RemovalOut};
use crate::body::{Checked, check_text};
use crate::problem::Fault;

/// Longest address of a source, in characters.
const MAX_URL_CHARS: usize = 2_000;

/// What is needed to add a source.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceIn {
    /// Its readable name: 1 to 100 of a-z, 0-9 and hyphens.
    pub(super) slug: String,
    /// The catalogue's address (http or https).
    pub(super) url: String,
    /// Its kind, when known, such as `dcat-us`, `dcat`, `ckan`, `csw`, `oai-pmh`, `waf`, `stac` or `files`; otherwise it is detected.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// The slug of the publisher that answers for all of it; for stewards their own.
    #[serde(default)]
    pub(super) publisher: Option<String>,
    /// Seconds between scheduled harvests; only when asked when absent.
    #[serde(default)]
    #[schema(minimum = 300)]
    pub(super) interval_secs: Option<i64>,
}

impl Checked for SourceIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Err(error) = self.slug.parse::<fairground_domain::Slug>() {
            faults.push(Fault::at("/slug", error.to_string()));
        }
        check_text(&mut faults, "/url", &self.url, MAX_URL_CHARS);
        let web =
            url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !web {
            faults.push(Fault::at("/url", "Must be an http or https address."));
        }
        if let Some(Err(error)) = self.publisher.as_ref().map(|slug| slug.parse::<fairground_domain::Slug>()) {
            faults.push(Fault::at("/publisher", error.to_string()));
        }
        let own = self.kind.as_ref().filter(|kind| *kind != "dcat");
        if let Some(Err(error)) = own.map(|kind| kind.parse::<fairground_standards::Format>()) {
            faults.push(Fault::at("/kind", error.to_string()));
        }
        faults
    }
}

/// How a source is to be harvested from now on; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SourcePatch {
    /// When it is harvested by itself: `hourly`, `daily`, `weekly`, `monthly` or the five fields of cron, each with a time zone
    /// behind it if wanted (`17 3 * * 1-5 Europe/Rome`); `on-demand` for only when asked.
    #[schema(example = "daily Europe/Paris")]
    schedule: Option<String>,
    /// Seconds that a dataset stays public which the source no longer lists.
    #[schema(minimum = 0)]
    grace_secs: Option<i64>,
    /// `active` or `paused`.
    state: Option<String>,
    /// The brake: pause when more than this share of its datasets would go, in percent …
    #[schema(minimum = 0, maximum = 100)]
    brake_percent: Option<i32>,
    /// … and at least this many.
    #[schema(minimum = 1)]
    brake_least: Option<i32>,
}

/// What stands for no schedule.
const ON_DEMAND: &str = "on-demand";

impl SourcePatch {
    fn schedule(&self) -> Option<Result<Option<Schedule>, CatalogError>> {
        let text = self.schedule.as_deref()?.trim();
        Some(if text == ON_DEMAND { Ok(None) } else { text.parse().map(Some) })
    }

    fn state(&self) -> Option<Result<SourceState, Fault>> {
        Some(match self.state.as_deref()? {
            "active" => Ok(SourceState::Active),
            "paused" => Ok(SourceState::Paused),
            _ => Err(Fault::at("/state", "Must be `active` or `paused`.")),
        })
    }

    /// The change; its texts were checked as the body was read.
    pub(super) fn change(&self) -> Result<SourceChange, CatalogError> {
        Ok(SourceChange {
            schedule: self.schedule().transpose()?,
            grace_secs: self.grace_secs,
            state: self.state().and_then(Result::ok),
            brake_percent: self.brake_percent,
            brake_least: self.brake_least,
        })
    }
}

impl Checked for SourcePatch {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(Err(error)) = self.schedule() {
            faults.push(Fault::at("/schedule", error.to_string()));
        }
        faults.extend(self.state().and_then(Result::err));
        if self.grace_secs.is_some_and(|secs| !(0..=LONGEST_GRACE_SECS).contains(&secs)) {
            faults.push(Fault::at("/grace_secs", format!("Must be from 0 to {LONGEST_GRACE_SECS}.")));
        }
        if self.brake_percent.is_some_and(|percent| !(0..=100).contains(&percent)) {
            faults.push(Fault::at("/brake_percent", "Must be from 0 to 100."));
        }
        if self.brake_least.is_some_and(|least| least < 1) {
            faults.push(Fault::at("/brake_least", "Must be 1 or more."));
        }
        faults
    }
}

/// How a harvest is asked for.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RunIn {
    /// Nothing is kept: the job says what would happen.
    pub(super) dry_run: bool,
}

impl Checked for RunIn {}

/// A harvest source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SourceOut {
    /// Its id.
    pub(super) id: String,
    /// Its readable name.
    pub(super) slug: String,
    /// The catalogue's address.
    pub(super) url: String,
    /// Its kind; absent until it has been detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// The id of the publisher that answers for all of it; absent when each dataset names its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) publisher_id: Option<String>,
    /// Seconds between scheduled harvests; with a schedule, about how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval_secs: Option<i64>,
    /// When it is harvested by itself, as five fields of cron and a time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<String>,
    /// Seconds that a dataset stays public which the source no longer lists.
    pub(super) grace_secs: i64,
    /// The brake: pause when more than this share of its datasets would go, in percent …
    pub(super) brake_percent: i32,
    /// … and at least this many.
    pub(super) brake_least: i32,
    /// `active`, `paused`, or `proposed`: then nothing is fetched until an operator approves it.
    pub(super) state: &'static str,
    /// Since when we know it.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
}

impl From<HarvestSource> for SourceOut {
    fn from(source: HarvestSource) -> Self {
        Self {
            id: source.id.to_string(),
            slug: source.slug.to_string(),
            url: source.shown_url(),
            kind: source.kind,
            publisher_id: source.publisher_id.map(|id| id.to_string()),
            interval_secs: source.interval_secs,
            schedule: source.schedule.map(|schedule| schedule.to_string()),
            grace_secs: source.grace_secs,
            brake_percent: source.brake_percent,
            brake_least: source.brake_least,
            state: source.state.as_str(),
            created_at: source.created_at,
        }
    }
}

/// How many records came to which outcome: found = created + updated + unchanged + refused + failed.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct CountsOut {
    /// In the source.
    pub(super) found: u64,
    /// New, or public again.
    pub(super) created: u64,
    /// Changed.
    pub(super) updated: u64,
    /// As before.
    pub(super) unchanged: u64,
    /// Gone at the source, and withdrawn.
    pub(super) deleted: u64,
    /// Against a rule.
    pub(super) refused: u64,
    /// Unreadable, or not storable.
    pub(super) failed: u64,
}

impl From<Counts> for CountsOut {
    fn from(counts: Counts) -> Self {
        Self {
            found: counts.found,
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged,
            deleted: counts.deleted,
            refused: counts.refused,
            failed: counts.failed,
        }
    }
}

/// One run of a harvest.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct JobOut {
    /// Its id.
    pub(super) id: String,
    /// `harvest`.
    pub(super) kind: &'static str,
    /// The source's id.
    pub(super) source_id: String,
    /// `queued`, `running`, `awaiting_approval`, `completed`, `failed` or `cancelled`.
    pub(super) state: &'static str,
    /// `gather`, `import`, `sweep` or `done`.
    pub(super) stage: &'static str,
    /// Whether nothing is kept.
    pub(super) dry_run: bool,
    /// Whether a person has approved what the brake would hold.
    pub(super) approved: bool,
    /// Records imported so far.
    pub(super) position: u64,
    /// Records in the source, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
    /// What became of the datasets.
    pub(super) counts: CountsOut,
    /// What became of data services.
    pub(super) data_services: CountsOut,
    /// What became of dataset series that are not datasets themselves.
    pub(super) dataset_series: CountsOut,
    /// Datasets that the brake holds.
    pub(super) braked: u64,
    /// Remarks for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// How often it was begun or taken over.
    pub(super) attempts: i32,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// When work began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) finished_at: Option<Timestamp>,
}

impl From<HarvestJob> for JobOut {
    fn from(job: HarvestJob) -> Self {
        let progress = job.progress;
        Self {
            id: job.id.to_string(),
            kind: "harvest",
            source_id: job.source_id.to_string(),
            state: job.state.as_str(),
            stage: stage(progress.stage),
            dry_run: job.payload.dry_run,
            approved: job.payload.approved,
            position: progress.position,
            total: progress.total,
            counts: progress.sums.datasets.into(),
            data_services: progress.sums.data_services.into(),
            dataset_series: progress.sums.dataset_series.into(),
            braked: progress.braked,
            notes: progress.notes,
            error: job.error,
            attempts: job.attempts,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

/// A job of any kind; `kind` tells which.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum AnyJobOut {
    /// A harvest.
    Harvest(Box<JobOut>),
    /// A load of a file that becomes tables.
    Load(Box<LoadJobOut>),
    /// The clearing away of a deleted source.
    Removal(Box<RemovalOut>),
}

impl From<RemovalJob> for AnyJobOut {
    fn from(job: RemovalJob) -> Self {
        Self::Removal(Box::new(job.into()))
    }
}

/// What a dry run would have done to one dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FieldChangesOut {
    /// `created`, `updated` or `deleted`.
    outcome: &'static str,
    /// Its identity within the source.
    key: String,
    /// Its readable address; of a new one, the one that it would get.
    slug: String,
    /// Its title.
    title: String,
    /// What would differ, for a dataset that would be updated.
    fields: Vec<FieldChangeOut>,
}

impl From<Change> for FieldChangesOut {
    fn from(change: Change) -> Self {
        Self {
            outcome: change.outcome.as_str(),
            key: change.key,
            slug: change.slug,
            title: change.title,
            fields: change.fields.into_iter().map(FieldChangeOut::from).collect(),
        }
    }
}

impl From<HarvestJob> for AnyJobOut {
    fn from(job: HarvestJob) -> Self {
        Self::Harvest(Box::new(job.into()))
    }
}

impl From<LoadJob> for AnyJobOut {
    fn from(job: LoadJob) -> Self {
        Self::Load(Box::new(job.into()))
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Gather => "gather",
        Stage::Import => "import",
        Stage::Sweep => "sweep",
        Stage::Done => "done",
    }
}

/// One thing that a check of a record found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FindingOut {
    /// `error`: the record is refused; `warning`: it is kept.
    pub(super) severity: &'static str,
    /// The rule's id.
    pub(super) rule: String,
    /// Where in the source's own record.
    pub(super) path: String,
    /// What is wrong and what to do.
    pub(super) message: String,
}

impl From<Finding> for FindingOut {
    fn from(finding: Finding) -> Self {
        let severity = match finding.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        Self { severity, rule: finding.rule, path: finding.path, message: finding.message }
    }
}

/// One record of a harvest and its one outcome.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RecordOut {
    /// Its place in the source, from 0; deletions follow the last record.
    pub(super) seq: i64,
    /// `dataset`, `dataset-series` or `data-service`.
    pub(super) kind: String,
    /// Its identity within the source; empty when it has none.
    pub(super) key: String,
    /// Its title, as far as there is one.
    pub(super) title: String,
    /// `created`, `updated`, `unchanged`, `deleted`, `refused` or `failed`.
    pub(super) outcome: &'static str,
    /// The dataset that it became, changed or confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dataset_id: Option<String>,
    /// SHA-256 of the raw record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw_hash: Option<String>,
    /// Errors and warnings.
    pub(super) findings: Vec<FindingOut>,
}

impl From<HarvestRecord> for RecordOut {
    fn from(record: HarvestRecord) -> Self {
        Self {
            seq: record.seq,
            kind: record.kind,
            key: record.key,
            title: record.title,
            outcome: record.outcome.as_str(),
            dataset_id: record.dataset_id.map(|id| id.to_string()),
            raw_hash: record.raw_hash.map(|hash| hash.to_string()),
            findings: record.findings.into_iter().map(FindingOut::from).collect(),
        }
    }
}

//! The workspace of agency staff: what needs them today; drafts on their way to the public; what the screen for personal data holds
//! back; people and the audit; sources, harvest jobs and what became of each record; for operators, applications too.

mod act;
mod audit;
mod demand;
mod desk;
pub mod draft;
mod health;
mod held;
mod journal;
mod load;
mod member;
mod rhythm;
mod settings;
mod staff;
mod steer;
mod suspended;
mod version;
mod yours;

use askama::Template;
use fairground_catalog::harvest::{
    Counts, HarvestJob, HarvestRecord, HarvestSource, JobState, Outcome, SourceState, Stage,
};
use fairground_domain::{JobId, Severity, Timestamp};

use crate::layout::{Frame, Tone};

pub(crate) use act::{add_source, approve_job, cancel_job, revoke_key, run_source, set_source_state, show_source_form};
pub use audit::{AuditLine, AuditPage, AuditView};
pub(crate) use audit::{export_audit, show_audit};
pub(crate) use demand::show_demand;
pub use demand::{DemandPage, DemandView};
pub use desk::TodoLine;
pub(crate) use health::show_health;
pub use health::{HealthLine, HealthPage, HealthPart, HealthView, ServiceHealthLine, Shown};
pub use held::{
    Chip, DecisionLine, FindingLine, HeldPage, HeldView, HoldLine, HoldPage, HoldView, PreviewLine, RepairRow,
};
pub(crate) use held::{act_on_hold, list_held, show_hold};
pub use journal::{ChainCheck, JournalAsked, JournalLine, JournalPage, JournalView};
pub(crate) use journal::{check_chain, show_journal};
pub(crate) use load::{list_applications, list_jobs, show_desk, show_job, show_source};
pub use member::{InvitationLine, InvitedPage, InvitedView, MemberLine, PeoplePage, PeopleView, PolicyForm};
pub(crate) use member::{accept_invitation, act_on_people, choose_people, show_invitation, show_people};
pub(crate) use rhythm::change_rhythm;
pub(crate) use settings::show_settings;
pub use settings::{Setting, SettingOrigin, SettingValue, SettingsPage, SettingsView, about};
pub use steer::{
    ChangesPage, ChangesView, ContactsPage, ContactsView, DeletePage, DeleteView, FindingRulesPage, FindingRulesView,
    RecordPage, RecordView, RemovalPage, RemovalView, RulesPage, RulesView, shown_value, tone_of_report,
};
pub(crate) use steer::{
    act_on_rules, add_contact, approve_source, delete_source, remove_contact, show_changes, show_contacts, show_delete,
    show_finding_rules, show_record, show_removal, show_rules,
};
pub(crate) use suspended::show_suspended;
pub use suspended::{SuspendedLine, SuspendedPage, SuspendedView};
pub use version::{
    ComparePage, CompareView, CorrectionLine, TombstonePage, TombstoneView, VersionLine, VersionsPage, VersionsView,
};
pub(crate) use version::{
    restore, show_compare, show_restore, show_tombstone, show_versions, show_withdraw, take_back, withdraw,
};
pub use yours::{YoursPage, YoursView};
pub(crate) use yours::{act_on_yours, show_yours};

/// How often the page of a running job asks again, in seconds.
pub const REFRESH_SECS: u32 = 3;

/// Most datasets that the page of a braked job names.
pub const MOST_BRAKED: usize = 200;

/// Schedules that the form offers, in seconds between two harvests.
pub const SCHEDULES_SECS: [i64; 5] = [3_600, 21_600, 86_400, 604_800, 2_592_000];

/// Kinds of source that the form offers, those that lie on the web, and what they are called: a name, or the key of words.
pub const KINDS: [(&str, &str); 15] = [
    ("dcat-us", "DCAT-US (data.json)"),
    ("dcat", "workspace-source-kind-dcat"),
    ("ckan", "CKAN"),
    ("csw", "workspace-source-kind-csw"),
    ("oai-pmh", "OAI-PMH"),
    ("waf", "workspace-source-kind-waf"),
    ("socrata", "Socrata"),
    ("arcgis", "ArcGIS Hub"),
    ("opendatasoft", "Opendatasoft"),
    ("stac", "STAC"),
    ("schema-org", "workspace-source-kind-schema-org"),
    ("croissant", "Croissant"),
    ("frictionless", "Frictionless data package"),
    ("list", "workspace-source-kind-list"),
    ("files", "workspace-source-kind-files"),
];

/// A source in the list.
#[derive(Debug, Clone)]
pub struct SourceLine {
    /// The source.
    pub source: HarvestSource,
    /// The publisher that answers for it.
    pub publisher: Option<String>,
    /// Its latest job.
    pub latest: Option<HarvestJob>,
}

/// A job in a list.
#[derive(Debug, Clone)]
pub struct JobLine {
    /// The job.
    pub job: HarvestJob,
    /// The slug of its source.
    pub source: String,
}

/// The first page of the workspace.
#[derive(Debug, Clone, Default)]
pub struct DeskPage {
    /// What needs the reader today, the most urgent first.
    pub todo: Vec<TodoLine>,
    /// Tasks of which there are more: the keys of what they are, and where all are.
    pub more: Vec<(&'static str, String)>,
    /// Drafts on their way.
    pub drafts: Vec<draft::DraftLine>,
    /// Publishers that the reader works for: short name and name.
    pub publishers: Vec<(String, String)>,
    /// True when the reader may begin drafts.
    pub may_publish: bool,
    /// True when the reader sees sources and harvests.
    pub has_sources: bool,
    /// The reader's sources.
    pub sources: Vec<SourceLine>,
    /// Jobs that wait for a person.
    pub waiting: Vec<JobLine>,
    /// The latest jobs.
    pub jobs: Vec<JobLine>,
    /// True when the reader may add sources.
    pub may_add: bool,
    /// The slug of the reader's own publisher.
    pub home: Option<String>,
}

/// The form for a new source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceForm {
    /// Its readable name.
    pub slug: String,
    /// Its address.
    pub url: String,
    /// Its kind; empty to detect it.
    pub kind: String,
    /// The publisher's slug; empty when each dataset names its own.
    pub publisher: String,
    /// Seconds between harvests; empty when only on demand.
    pub interval_secs: String,
    /// What is wrong, by field.
    pub errors: Vec<(&'static str, String)>,
    /// True when the reader proposes a source of a publisher of theirs; operators may name any publisher, and none.
    pub publisher_fixed: bool,
    /// The publishers that such a reader may choose: short name and name.
    pub places: Vec<(String, String)>,
}

impl SourceForm {
    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(name, _)| *name == field).map(|(_, problem)| problem.as_str())
    }
}

/// The page of a source.
#[derive(Debug, Clone)]
pub struct SourcePage {
    /// The source.
    pub source: HarvestSource,
    /// The publisher that answers for it: name and slug.
    pub publisher: Option<(String, String)>,
    /// Its jobs, newest first.
    pub jobs: Vec<JobLine>,
    /// The job that is under way.
    pub unfinished: Option<JobId>,
    /// True when the reader may have it harvested.
    pub may_run: bool,
    /// True when the reader may change it.
    pub may_manage: bool,
    /// True when the reader may approve it.
    pub is_operator: bool,
    /// The version of its mapping rules; 0 when it has none.
    pub rules_version: i32,
    /// How many are told of its harvests.
    pub contacts: usize,
}

/// The list of jobs.
#[derive(Debug, Clone, Default)]
pub struct JobList {
    /// The jobs, newest first.
    pub jobs: Vec<JobLine>,
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only of this source, by slug.
    pub source: Option<String>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// The page of a job.
#[derive(Debug, Clone)]
pub struct JobPage {
    /// The job.
    pub job: HarvestJob,
    /// Its source.
    pub source: HarvestSource,
    /// Records of this page.
    pub records: Vec<HarvestRecord>,
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only with something to mend.
    pub with_findings: bool,
    /// Where the next page starts.
    pub next: Option<i64>,
    /// True when the reader may let a braked job go on.
    pub may_approve: bool,
    /// Slugs of the datasets that the brake holds; the first [`MOST_BRAKED`] of them.
    pub braked: Vec<String>,
}

impl JobPage {
    /// All outcomes in one sum.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.job.progress.sums.total()
    }

    /// True while the page should ask again by itself.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        matches!(self.job.state, JobState::Queued | JobState::Running)
    }

    /// How long it ran or has been running, in seconds.
    #[must_use]
    pub fn took_secs(&self, now: &Timestamp) -> Option<u64> {
        let started = self.job.started_at?;
        let end = self.job.finished_at.unwrap_or(*now);
        u64::try_from(end.as_secs() - started.as_secs()).ok()
    }

    /// The address of this page for another outcome.
    #[must_use]
    pub fn href(&self, outcome: Option<Outcome>) -> String {
        let outcome = outcome.map(|outcome| format!("?outcome={}", outcome.as_str())).unwrap_or_default();
        format!("/workspace/jobs/{}{outcome}#records", self.job.id)
    }

    /// How many records have an outcome.
    #[must_use]
    pub fn count_of(&self, outcome: &Outcome) -> u64 {
        let counts = self.counts();
        match outcome {
            Outcome::Created => counts.created,
            Outcome::Updated => counts.updated,
            Outcome::Unchanged => counts.unchanged,
            Outcome::Deleted => counts.deleted,
            Outcome::Refused => counts.refused,
            Outcome::Failed => counts.failed,
        }
    }

    /// The address of the next page of records.
    #[must_use]
    pub fn next_href(&self, after: &i64) -> String {
        let outcome = self.outcome.map(|outcome| format!("&outcome={}", outcome.as_str())).unwrap_or_default();
        let findings = if self.with_findings { "&findings=yes" } else { "" };
        format!("/workspace/jobs/{}?after={after}{outcome}{findings}#records", self.job.id)
    }
}

/// An application as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationLine {
    /// Its id.
    pub id: String,
    /// Its number, by which the meter knows it.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Whether it is the portal's own, by which its pages call.
    pub is_portal: bool,
    /// Its plan.
    pub plan: String,
    /// Whether its owner confirmed the address.
    pub is_verified: bool,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// Its working keys: id and hint.
    pub keys: Vec<(String, String)>,
}

/// The list of applications, for operators.
#[derive(Debug, Clone, Default)]
pub struct ApplicationList {
    /// The applications by number.
    pub applications: Vec<ApplicationLine>,
    /// Where the next page starts.
    pub next: Option<i64>,
}

/// How a job's state is coloured.
#[must_use]
pub fn tone_of(state: &JobState) -> &'static str {
    match state {
        JobState::Queued | JobState::Running => Tone::Info,
        JobState::AwaitingApproval => Tone::Warn,
        JobState::Completed => Tone::Good,
        JobState::Failed => Tone::Bad,
        JobState::Cancelled => Tone::Neutral,
    }
    .class()
}

/// How an outcome is coloured.
#[must_use]
pub fn tone_of_outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Created | Outcome::Updated => Tone::Good,
        Outcome::Unchanged => Tone::Neutral,
        Outcome::Deleted => Tone::Warn,
        Outcome::Refused | Outcome::Failed => Tone::Bad,
    }
    .class()
}

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident($page:ty) = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $name<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    /// The template of [`DeskPage`].
    DeskView(DeskPage) = "workspace/desk.html";
    /// The template of [`SourceForm`].
    SourceFormView(SourceForm) = "workspace/source-form.html";
    /// The template of [`SourcePage`].
    SourceView(SourcePage) = "workspace/source.html";
    /// The template of [`JobList`].
    JobListView(JobList) = "workspace/jobs.html";
    /// The template of [`JobPage`].
    JobView(JobPage) = "workspace/job.html";
    /// The template of [`ApplicationList`].
    ApplicationListView(ApplicationList) = "workspace/applications.html";
}

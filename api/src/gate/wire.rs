//! Holds and reports on the wire.

use fairground_catalog::gate::{
    Finding, Hold, Kind, PublicReport, PublicReports, ReleaseReason, Repair, Report, SubjectKind,
};
use fairground_domain::Timestamp;
use fairground_screen::Groups;
use fairground_screen::repair::{Example, Touched};
use fairground_screen_files::Mended;
use serde::Serialize;
use utoipa::ToSchema;

/// One thing that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ScreenFindingOut)]
pub(crate) struct FindingOut {
    /// The table, where a file has several; empty for a text.
    pub(crate) table: String,
    /// The column, or where a text stands.
    pub(crate) column: String,
    /// What it is, such as `national-id`; `GET /api/v1/screen` says what each kind means.
    pub(crate) kind: &'static str,
    /// The identifier, such as `es-dni`, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scheme: Option<String>,
    /// Rows in which it was seen.
    pub(crate) rows: u64,
    /// Share of the column's filled cells, from 0 to 1.
    pub(crate) share: f64,
    /// How sure the screen is, from 0 to 1.
    pub(crate) confidence: f64,
    /// What comes of it: `notes` or `hold`.
    pub(crate) outcome: &'static str,
    /// The rule.
    pub(crate) rule: String,
    /// Why, in a sentence.
    pub(crate) why: String,
    /// For reviewers: the first rows in which it was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) row_numbers: Vec<u64>,
    /// For reviewers: examples, in which every letter is `x` and every digit `9`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) examples: Vec<String>,
}

impl From<&Finding> for FindingOut {
    fn from(finding: &Finding) -> Self {
        Self {
            table: finding.table.clone(),
            column: finding.column.clone(),
            kind: finding.kind.as_str(),
            scheme: finding.scheme.clone(),
            rows: finding.rows,
            share: finding.share,
            confidence: finding.confidence,
            outcome: finding.outcome.as_str(),
            rule: finding.rule.clone(),
            why: finding.why.clone(),
            row_numbers: finding.row_numbers.clone(),
            examples: finding.examples.clone(),
        }
    }
}

/// How well persons hide in groups of rows that agree in some columns.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GroupsOut {
    /// The table.
    table: String,
    /// The columns that were taken together.
    columns: Vec<String>,
    /// Rows in the smallest group.
    smallest: u32,
    /// Share of the rows that are alone, from 0 to 1.
    unique_share: f64,
    /// Combinations that are unique now and were not in the version before.
    #[serde(skip_serializing_if = "Option::is_none")]
    became_unique: Option<u64>,
}

impl From<&Groups> for GroupsOut {
    fn from(groups: &Groups) -> Self {
        Self {
            table: groups.table.clone(),
            columns: groups.columns.clone(),
            smallest: groups.smallest,
            unique_share: groups.unique_share,
            became_unique: groups.became_unique,
        }
    }
}

/// What the screen says.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ScreenReportOut)]
pub(crate) struct ReportOut {
    /// `pass`, `notes` or `hold`.
    pub(crate) verdict: &'static str,
    /// The version of the rules.
    pub(crate) rules: String,
    /// What was found, the gravest first.
    pub(crate) findings: Vec<FindingOut>,
    /// How well persons hide, for tables of persons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    re_identification: Vec<GroupsOut>,
    /// Rows that were looked at.
    pub(crate) rows: u64,
    /// What people should know of the screen itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl From<&Report> for ReportOut {
    fn from(report: &Report) -> Self {
        Self {
            verdict: report.verdict.as_str(),
            rules: report.rules.clone(),
            findings: report.findings.iter().map(FindingOut::from).collect(),
            re_identification: report.re_identification.iter().map(GroupsOut::from).collect(),
            rows: report.screened.iter().map(|table| table.rows).sum(),
            notes: report.notes.clone(),
        }
    }
}

/// What was decided of a hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DecisionOut {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By whom: `account:ID`, `command-line`.
    by: String,
    /// Why it was released.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The reviewer's words.
    because: String,
    /// What is taken out, as `repair_hold` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    repairs: Option<Vec<Repair>>,
    /// When the content came into view.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    applied_at: Option<Timestamp>,
}

/// Content that is kept from view, or was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HoldOut {
    /// Its id.
    id: String,
    /// `description`, `file`, `draft` or `draft-file`.
    subject: &'static str,
    /// What is held: the dataset's, distribution's or draft's id.
    subject_id: String,
    /// The dataset that it belongs to, or would become.
    dataset: String,
    /// The publisher's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// The harvest source's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The file's name, or the dataset's title.
    name: String,
    /// Whether nothing of the dataset is public meanwhile; otherwise an earlier version is.
    whole: bool,
    /// `open`, `released`, `repaired`, `rejected` or `superseded`.
    state: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What was found, with masked examples.
    report: ReportOut,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionOut>,
    /// Whether you put it in, so that somebody else has to release it.
    yours: bool,
}

impl HoldOut {
    /// A hold as `actor` sees it.
    pub(crate) fn of(hold: &Hold, actor: &str) -> Self {
        Self {
            id: hold.id.to_string(),
            subject: hold.subject.kind.as_str(),
            subject_id: hold.subject.id.clone(),
            dataset: hold.dataset.to_string(),
            publisher: hold.publisher.map(|id| id.to_string()),
            source: hold.source.map(|id| id.to_string()),
            name: hold.name.clone(),
            whole: hold.whole,
            state: hold.state.as_str(),
            created_at: hold.created_at,
            report: ReportOut::from(&hold.report),
            decision: hold.decision.as_ref().map(|decision| DecisionOut {
                at: decision.at,
                by: decision.by.clone(),
                reason: decision.reason.map(ReleaseReason::as_str),
                because: decision.because.clone(),
                repairs: decision.repairs.clone().map(Vec::from),
                applied_at: decision.applied_at,
            }),
            yours: hold.authors.iter().any(|author| author == actor),
        }
    }
}

/// A value before and after a repair.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExampleOut {
    /// Before: every letter is `x`, every digit `9`.
    pub before: String,
    /// After.
    pub after: String,
}

impl From<&Example> for ExampleOut {
    fn from(example: &Example) -> Self {
        Self { before: example.before.clone(), after: example.after.clone() }
    }
}

/// What a repair would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TouchedOut {
    /// Its place in the list, from 1.
    pub place: usize,
    /// Cells that it would change, or that would go with their column.
    pub cells: u64,
    /// Of these, cells that it could not read, and would empty.
    pub unread: u64,
    /// Rows that it would leave out.
    pub rows_left_out: u64,
    /// The first of what it would change.
    pub examples: Vec<ExampleOut>,
}

impl From<&Touched> for TouchedOut {
    fn from(touched: &Touched) -> Self {
        Self {
            place: touched.place,
            cells: touched.cells,
            unread: touched.unread,
            rows_left_out: touched.rows_left_out,
            examples: touched.examples.iter().map(ExampleOut::from).collect(),
        }
    }
}

/// What repairs would make of a held file.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RepairPreviewOut)]
pub struct PreviewOut {
    /// Whether the gate would let the repaired file pass.
    pub passes: bool,
    /// What each repair would do.
    pub touched: Vec<TouchedOut>,
    /// The columns of each table afterwards.
    pub columns: Vec<Vec<String>>,
    /// What the screen says of the repaired file.
    #[schema(value_type = ReportOut)]
    pub(crate) after: ReportOut,
}

impl From<&Mended> for PreviewOut {
    fn from(mended: &Mended) -> Self {
        Self {
            passes: mended.after.verdict < fairground_catalog::gate::Verdict::Hold,
            touched: mended.touched.iter().map(TouchedOut::from).collect(),
            columns: mended.tables.iter().map(|table| table.columns.clone()).collect(),
            after: ReportOut::from(&mended.after),
        }
    }
}

/// That a reviewer let something pass.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReleasedOut {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The reason from the list.
    reason: &'static str,
    /// What that reason says.
    about: &'static str,
    /// The reviewer's words.
    because: String,
}

/// What the screen said of a dataset's description, or of one of its files.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ScreenedOut {
    /// `description` or `file`.
    subject: &'static str,
    /// The distribution's id, for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<String>,
    /// The table's title, for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    screened_at: Timestamp,
    /// What was found.
    #[serde(flatten)]
    report: ReportOut,
    /// That a reviewer let it pass, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<ReleasedOut>,
}

impl From<&PublicReport> for ScreenedOut {
    fn from(one: &PublicReport) -> Self {
        let is_file = one.subject.kind == SubjectKind::File;
        Self {
            subject: one.subject.kind.as_str(),
            distribution: is_file.then(|| one.subject.id.clone()),
            name: Some(one.name.clone()).filter(|name| !name.is_empty()),
            screened_at: one.screened_at,
            report: ReportOut::from(&one.report),
            released: one.released.as_ref().map(|note| ReleasedOut {
                at: note.at,
                reason: note.reason.as_str(),
                about: note.reason.about(),
                because: note.because.clone(),
            }),
        }
    }
}

/// Everything that the screen said of what is public of a dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DatasetScreenOut {
    /// The gravest verdict; `pass` also where nothing has been screened yet (`screened` is empty then).
    verdict: &'static str,
    /// What comes of a verdict of `hold` on this portal: `hold`, or `report` where nothing is held.
    mode: &'static str,
    /// Description and files.
    screened: Vec<ScreenedOut>,
}

impl From<&PublicReports> for DatasetScreenOut {
    fn from(reports: &PublicReports) -> Self {
        Self {
            verdict: reports.verdict().as_str(),
            mode: reports.mode.as_str(),
            screened: reports.reports.iter().map(ScreenedOut::from).collect(),
        }
    }
}

/// What the screen looks for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct KindOut {
    /// The kind.
    kind: &'static str,
    /// What it is.
    about: &'static str,
}

/// Why something may be released.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReasonOut {
    /// The reason.
    reason: &'static str,
    /// What it says.
    about: &'static str,
}

/// The published rules of the gate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ScreenRulesOut {
    /// The version of the rules.
    pub(crate) rules: String,
    /// `hold`: a reviewer has to look before anything is public. `report`: reports are published, and nothing is held.
    pub(crate) mode: &'static str,
    /// Since when the gate is set so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) since: Option<Timestamp>,
    /// When everything that was public before had been screened again; absent while that goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) swept_at: Option<Timestamp>,
    /// What is looked for.
    pub(crate) kinds: Vec<KindOut>,
    /// Why a reviewer may release what is held.
    pub(crate) reasons: Vec<ReasonOut>,
}

pub(crate) fn kinds() -> Vec<KindOut> {
    Kind::ALL.iter().map(|kind| KindOut { kind: kind.as_str(), about: kind.about() }).collect()
}

pub(crate) fn reasons() -> Vec<ReasonOut> {
    ReleaseReason::ALL.iter().map(|reason| ReasonOut { reason: reason.as_str(), about: reason.about() }).collect()
}

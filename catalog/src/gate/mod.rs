//! The personal-data gate: what the screen found stands between content and its publication.
//!
//! Texts of descriptions are screened where they are decoded, files where they are loaded, drafts when they are submitted; here
//! is what comes of it. A verdict of `hold` keeps content from public view until a reviewer who did not write it releases it with
//! a reason, or a repair takes out what was found. A report without row numbers and examples is public beside what is public.
//!
//! Content is named by a digest ([`Screening::content`]): what was released is what was seen, and the same content is never held
//! twice. A release also covers later content in which nothing else is found.

mod apply;
mod decide;
mod description;
mod figures;
mod file;
mod hold;
mod kept;
mod report;
mod settings;
mod store;
mod sweep;

pub use fairground_domain::HoldId;
use fairground_domain::{ContentHash, DatasetId, DistributionId, DraftId, PublisherId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use apply::{abandon, end_holds, purge_versions, settle};
pub use decide::{MAX_BECAUSE_CHARS, MIN_BECAUSE_CHARS, reject, release, repair};
pub use description::{description_hash, passing_report, screen_description};
pub use fairground_screen::repair::{Repair, RepairError, Repairs, Touched, Years, suggestions};
pub use fairground_screen::{Finding, Groups, Kind, RULES_VERSION, Report, Verdict};
pub use figures::{figures_of, forget_figures, keep_figures};
pub(crate) use file::screening_of;
pub use file::{
    BeforeLoad, FileScreening, before_load, file_content, find_decided_upload, judge_file, needing_files,
    note_file_loaded,
};
pub use hold::{HoldFilter, count_open, get, get_visible, list};
pub(crate) use hold::{count_open_of, count_open_of_draft};
pub use kept::{held_file, keep_file, tidy_files};
pub use report::{PublicReport, PublicReports, ReleasedNote, public_reports};
pub use settings::{GateMode, GateSettings, current_settings, declare};
pub(crate) use store::{ReportRow, insert_reports, kept_back, report_row};
pub use store::{Screening, Waiting, carry_over, forget, is_clear, judge, judge_draft, repairs_of, would_pass};
pub(crate) use sweep::screen_entry;
pub use sweep::{StaleFile, end_sweep, find_stale_file, is_swept, rejudge_file, rescreen_descriptions};

/// What is screened as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Which sort of thing.
    pub kind: SubjectKind,
    /// Its id, as text.
    pub id: String,
}

/// Which sort of thing is screened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// The texts of a dataset's description.
    Description,
    /// The file behind a distribution, or uploaded as one.
    File,
    /// The texts of a draft.
    Draft,
    /// A file that belongs to a draft.
    DraftFile,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Description, Self::File, Self::Draft, Self::DraftFile];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::File => "file",
            Self::Draft => "draft",
            Self::DraftFile => "draft-file",
        }
    }

    /// The kind that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Subject {
    /// A dataset's description.
    #[must_use]
    pub fn description(id: DatasetId) -> Self {
        Self { kind: SubjectKind::Description, id: id.to_string() }
    }

    /// A distribution's file.
    #[must_use]
    pub fn file(id: DistributionId) -> Self {
        Self { kind: SubjectKind::File, id: id.to_string() }
    }

    /// A draft's texts.
    #[must_use]
    pub fn draft(id: DraftId) -> Self {
        Self { kind: SubjectKind::Draft, id: id.to_string() }
    }

    /// A draft's file, by whatever tells it from the draft's other files.
    #[must_use]
    pub fn draft_file(draft: DraftId, file: &str) -> Self {
        Self { kind: SubjectKind::DraftFile, id: format!("{draft}/{file}") }
    }

    /// The draft that it is, or belongs to.
    #[must_use]
    pub fn draft_id(&self) -> Option<DraftId> {
        match self.kind {
            SubjectKind::Draft | SubjectKind::DraftFile => self.id.split('/').next()?.parse().ok(),
            SubjectKind::Description | SubjectKind::File => None,
        }
    }
}

/// Whether content may become public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clearance {
    /// It passed, or was released.
    Clear,
    /// A reviewer has to look first.
    Held(HoldId),
    /// Nobody has screened this content.
    Unscreened,
}

impl Clearance {
    /// Whether it may become public.
    #[must_use]
    pub const fn is_clear(self) -> bool {
        matches!(self, Self::Clear)
    }
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldState {
    /// It waits for a reviewer.
    Open,
    /// A reviewer let the content pass.
    Released,
    /// What was found is taken out.
    Repaired,
    /// A reviewer decided that the content stays out of view.
    Rejected,
    /// Other content has come in the place of what was held.
    Superseded,
}

impl HoldState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Released, Self::Repaired, Self::Rejected, Self::Superseded];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Released => "released",
            Self::Repaired => "repaired",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
        }
    }

    /// The state that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the content is kept from view; a repaired one is until the repaired content takes its place.
    #[must_use]
    pub const fn keeps_back(self) -> bool {
        matches!(self, Self::Open | Self::Repaired | Self::Rejected)
    }
}

/// Why a reviewer lets held content pass: the list is closed, the words beside it are the reviewer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseReason {
    /// The screen is mistaken: this is no personal data.
    NotPersonal,
    /// Persons are in it as holders of a public office or function.
    PublicOffice,
    /// A law orders that it be public.
    LegalDuty,
    /// The persons have agreed.
    Consent,
    /// It was made unrecognisable before it came here, or was made up.
    Anonymised,
    /// The persons are dead and nobody living is told of.
    Historical,
}

impl ReleaseReason {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::NotPersonal, Self::PublicOffice, Self::LegalDuty, Self::Consent, Self::Anonymised, Self::Historical];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPersonal => "not-personal",
            Self::PublicOffice => "public-office",
            Self::LegalDuty => "legal-duty",
            Self::Consent => "consent",
            Self::Anonymised => "anonymised",
            Self::Historical => "historical",
        }
    }

    /// What it says, in a sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::NotPersonal => "The screen is mistaken: this is no personal data.",
            Self::PublicOffice => "Persons are in it as holders of a public office or function.",
            Self::LegalDuty => "A law orders that it be public.",
            Self::Consent => "The persons have agreed to its publication.",
            Self::Anonymised => "It was made unrecognisable before it came here, or was made up.",
            Self::Historical => "The persons are dead, and nobody living is told of.",
        }
    }

    /// The reason that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What was decided of a hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// By whom, as the journal names them.
    pub by: String,
    /// Why it was released; `None` for a repair or a rejection.
    pub reason: Option<ReleaseReason>,
    /// The reviewer's words.
    pub because: String,
    /// What is taken out; `None` for a release.
    pub repairs: Option<Repairs>,
    /// When the content became public, or the repaired content did.
    pub applied_at: Option<Timestamp>,
}

/// Content that is kept from public view, or was.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// What is held.
    pub subject: Subject,
    /// The dataset that it belongs to, or would become.
    pub dataset: DatasetId,
    /// Who publishes it.
    pub publisher: Option<PublisherId>,
    /// The harvest source that it came from.
    pub source: Option<SourceId>,
    /// Whoever put it in, as the journal names them: they cannot release it.
    pub authors: Vec<String>,
    /// What reviewers read: the file's name, or the dataset's title.
    pub name: String,
    /// Whether nothing of the dataset is public meanwhile; otherwise an earlier version is.
    pub whole: bool,
    /// What names the content.
    pub content: ContentHash,
    /// By which rules it was screened.
    pub rules: String,
    /// What was found, with masked examples.
    pub report: Report,
    /// Where it stands.
    pub state: HoldState,
    /// Since when.
    pub created_at: Timestamp,
    /// What was decided.
    pub decision: Option<Decision>,
}

//! Drafts on the wire.

use fairground_catalog::draft::{
    ColumnNote, Draft, DraftCard, DraftContent, DraftFile, EmbargoWords, RefreshRule, ReleaseWish, TableNotes,
};
use fairground_domain::form::{self, FormFault};
use fairground_domain::{
    FieldComment, LocalRelease, LocalTimeRule, Objection, Release, ReturnNote, Stage, TableId, Timestamp, Who,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::dataset::PublisherBrief;
use crate::problem::Fault;

/// Who did something, and from which role.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WhoOut {
    /// `account:ID`, `command-line` or `portal`.
    actor: String,
    /// From which role.
    role: &'static str,
}

impl From<&Who> for WhoOut {
    fn from(who: &Who) -> Self {
        Self { actor: who.actor.clone(), role: who.role.as_str() }
    }
}

/// A planned moment: the instant that counts, and how it was meant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReleaseOut {
    /// The instant.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The local time that was planned.
    local: String,
    /// Its time zone.
    zone: String,
    /// What a local time is taken for that a change of clocks skips or repeats.
    rule: &'static str,
    /// What the rule made of it: `exact`, `first-of-two`, `second-of-two`, `moved-on` or `moved-back`.
    reading: &'static str,
    /// What the clock there will show (RFC 9557).
    shown: String,
}

impl From<&Release> for ReleaseOut {
    fn from(release: &Release) -> Self {
        Self {
            at: release.at,
            local: release.local.clone(),
            zone: release.zone.clone(),
            rule: release.rule.as_str(),
            reading: release.reading.as_str(),
            shown: release.shown(),
        }
    }
}

/// A comment at a field.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldCommentDoc {
    /// Where in the description: a JSON pointer such as `/title/en`; empty for the whole.
    pub(crate) pointer: String,
    /// What is to be done.
    pub(crate) text: String,
}

/// A return with its comments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReturnOut {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By whom.
    by: WhoOut,
    /// The revision that was read.
    revision: i32,
    /// What is to be done.
    comments: Vec<FieldCommentDoc>,
}

impl From<&ReturnNote> for ReturnOut {
    fn from(note: &ReturnNote) -> Self {
        let comment = |it: &FieldComment| FieldCommentDoc { pointer: it.pointer.clone(), text: it.text.clone() };
        Self {
            at: note.at,
            by: (&note.by).into(),
            revision: note.revision,
            comments: note.comments.iter().map(comment).collect(),
        }
    }
}

/// Why a draft does not pass by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ObjectionOut {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By whom.
    by: WhoOut,
    /// Why.
    reason: String,
}

impl From<&Objection> for ObjectionOut {
    fn from(objection: &Objection) -> Self {
        Self { at: objection.at, by: (&objection.by).into(), reason: objection.reason.clone() }
    }
}

/// Where a draft stands. Only what belongs to its stage is there.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct StageOut {
    /// `draft`, `in-review`, `returned`, `approved`, `published` or `discarded`.
    name: &'static str,
    /// Since when, where the stage says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Who brought it there: submitted, approved or discarded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<WhoOut>,
    /// In review: when it passes by itself, under an objection window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    passes_at: Option<Timestamp>,
    /// In review: why it does not pass by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    objection: Option<ObjectionOut>,
    /// Returned: what is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<ReturnOut>,
    /// Approved: when it becomes public.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<ReleaseOut>,
    /// Approved: the number of the embargo in the public register.
    #[serde(skip_serializing_if = "Option::is_none")]
    embargo: Option<i64>,
    /// Published: the version's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
}

impl From<&Stage> for StageOut {
    fn from(stage: &Stage) -> Self {
        let name = stage.name().as_str();
        match stage {
            Stage::Draft => Self { name, ..Self::default() },
            Stage::InReview { submitted_at, submitted_by, passes_at, objection } => Self {
                name,
                since: Some(*submitted_at),
                by: Some(submitted_by.into()),
                passes_at: *passes_at,
                objection: objection.as_ref().map(ObjectionOut::from),
                ..Self::default()
            },
            Stage::Returned(note) => Self {
                name,
                since: Some(note.at),
                by: Some((&note.by).into()),
                returned: Some(note.into()),
                ..Self::default()
            },
            Stage::Approved { approved_at, approved_by, release, embargo } => Self {
                name,
                since: Some(*approved_at),
                by: Some(approved_by.into()),
                release: Some(release.into()),
                embargo: *embargo,
                ..Self::default()
            },
            Stage::Published { published_at, approved_by, version } => Self {
                name,
                since: Some(*published_at),
                by: Some(approved_by.into()),
                version: Some(*version),
                ..Self::default()
            },
            Stage::Discarded { discarded_at, discarded_by } => {
                Self { name, since: Some(*discarded_at), by: Some(discarded_by.into()), ..Self::default() }
            }
        }
    }
}

/// A local time that something is planned for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocalReleaseDoc {
    /// What the clock shows there, such as `2027-03-28T09:00`.
    pub(crate) local: String,
    /// A time zone such as `Europe/Rome`.
    pub(crate) zone: String,
    /// What a time is taken for that a change of clocks skips or repeats: `compatible` (when absent), `earlier`, `later` or
    /// `refuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
}

impl LocalReleaseDoc {
    /// What it means.
    pub(crate) fn plan(&self) -> Result<LocalRelease, Fault> {
        let rule = match self.rule.as_deref() {
            None => LocalTimeRule::default(),
            Some(text) => LocalTimeRule::parse(text).ok_or_else(|| {
                let names = LocalTimeRule::ALL.map(LocalTimeRule::as_str).join(", ");
                Fault::at("/release/rule", format!("Must be one of {names}."))
            })?,
        };
        Ok(LocalRelease { local: self.local.clone(), zone: self.zone.clone(), rule })
    }
}

impl From<LocalRelease> for LocalReleaseDoc {
    fn from(plan: LocalRelease) -> Self {
        Self { local: plan.local, zone: plan.zone, rule: Some(plan.rule.as_str().to_owned()) }
    }
}

/// What the public register says of an embargo.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbargoDoc {
    /// What is held back, as far as that may be said: it is public at once.
    pub(crate) subject: String,
    /// Why.
    pub(crate) reason: String,
}

/// When a draft is to become public.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WishDoc {
    /// The time; at once, when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) release: Option<LocalReleaseDoc>,
    /// What the public register says, where the time lies long ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) embargo: Option<EmbargoDoc>,
}

impl WishDoc {
    /// What it means.
    pub(crate) fn wish(self) -> Result<ReleaseWish, Fault> {
        Ok(ReleaseWish {
            at: self.release.as_ref().map(LocalReleaseDoc::plan).transpose()?,
            embargo: self.embargo.map(|it| EmbargoWords { subject: it.subject, reason: it.reason }),
        })
    }
}

impl From<ReleaseWish> for WishDoc {
    fn from(wish: ReleaseWish) -> Self {
        Self {
            release: wish.at.map(LocalReleaseDoc::from),
            embargo: wish.embargo.map(|it| EmbargoDoc { subject: it.subject, reason: it.reason }),
        }
    }
}

/// When a distribution's file is fetched again from its own address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshDoc {
    /// The distribution's `download_url`.
    pub(crate) url: String,
    /// `hourly`, `daily`, `weekly`, `monthly` or five fields of cron, and a time zone (UTC without).
    pub(crate) schedule: String,
}

/// What people say about one column.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnNoteDoc {
    /// The column's public name.
    pub(crate) name: String,
    /// What people read over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// What people say about the columns of one table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableNotesDoc {
    /// The table's id, as the draft's files tell it.
    pub(crate) table: String,
    /// Its columns; one that is not named stays as its file says.
    pub(crate) columns: Vec<ColumnNoteDoc>,
}

/// What editors edit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContentDoc {
    /// The description, by the schema at `/api/v1/drafts/schema`.
    #[schema(value_type = Object)]
    pub(crate) description: Value,
    /// Which distributions are fetched again, and when.
    #[serde(default)]
    pub(crate) refresh: Vec<RefreshDoc>,
    /// What columns of tables are called and mean.
    #[serde(default)]
    pub(crate) dictionary: Vec<TableNotesDoc>,
}

impl ContentDoc {
    /// What it means.
    ///
    /// # Errors
    /// Everything that is wrong with it, each below `root`.
    pub(crate) fn content(self, root: &str) -> Result<DraftContent, Vec<Fault>> {
        let mut faults = Vec::new();
        let document = form::from_form(&self.description);
        if let Err(found) = &document {
            faults.extend(found.iter().map(|fault| below(&format!("{root}/description"), fault)));
        }
        let mut dictionary = Vec::with_capacity(self.dictionary.len());
        for (at, notes) in self.dictionary.into_iter().enumerate() {
            match notes.table.parse::<TableId>() {
                Ok(table) => {
                    let note =
                        |it: ColumnNoteDoc| ColumnNote { name: it.name, title: it.title, description: it.description };
                    dictionary.push(TableNotes { table, columns: notes.columns.into_iter().map(note).collect() });
                }
                Err(_) => faults.push(Fault::at(format!("{root}/dictionary/{at}/table"), "Is no id of a table.")),
            }
        }
        let refresh = self.refresh.into_iter().map(|it| RefreshRule { url: it.url, schedule: it.schedule }).collect();
        match document {
            Ok(document) if faults.is_empty() => Ok(DraftContent { document, refresh, dictionary }),
            _ => Err(faults),
        }
    }
}

/// A fault of the description's form, below a place.
pub(crate) fn below(root: &str, fault: &FormFault) -> Fault {
    Fault::at(format!("{root}{}", fault.pointer), sentence(&fault.problem))
}

fn sentence(problem: &str) -> String {
    let mut letters = problem.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// A table within a file of a draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DraftTableOut {
    /// The id that it has, and will have when it is public.
    id: String,
    /// Its name within the file.
    name: String,
    /// Rows in it.
    rows: u64,
    /// Rows that were kept out.
    quarantined: u64,
    /// Why rows were kept out, and how many for each reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<RowsKeptOut>,
    /// Its columns.
    columns: Vec<DraftColumnOut>,
    /// What people should know of how it was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// Rows that were kept out for a reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RowsKeptOut {
    /// The reason.
    reason: String,
    /// How many rows.
    rows: u64,
}

/// A column of a table within a draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DraftColumnOut {
    /// Its public name.
    name: String,
    /// Its heading in the file.
    title: String,
    /// What it holds.
    #[serde(rename = "type")]
    column_type: &'static str,
    /// Rows without a value.
    nulls: u64,
    /// Different values, as far as that is known.
    distinct: u64,
    /// The least value.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<String>,
    /// The greatest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<String>,
}

/// A file of a draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DraftFileOut {
    /// The id of the distribution that lists it.
    distribution: String,
    /// What names it within the draft.
    name: String,
    /// The file's name.
    file_name: String,
    /// Its length.
    bytes: u64,
    /// SHA-256 of it.
    sha256: String,
    /// The tables in it.
    tables: Vec<DraftTableOut>,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// By whom.
    added_by: String,
    /// Whether somebody uploaded it; otherwise it was brought back from an earlier version.
    uploaded: bool,
}

impl From<&DraftFile> for DraftFileOut {
    fn from(file: &DraftFile) -> Self {
        let table = |loaded: &fairground_catalog::table::LoadedTable| {
            let snapshot = &loaded.snapshot;
            DraftTableOut {
                id: file.table_id(loaded).to_string(),
                name: snapshot.name.clone(),
                rows: snapshot.rows,
                quarantined: snapshot.quarantine.rows,
                reasons: snapshot
                    .quarantine
                    .reasons
                    .iter()
                    .map(|(reason, rows)| RowsKeptOut { reason: reason.clone(), rows: *rows })
                    .collect(),
                columns: snapshot
                    .columns
                    .iter()
                    .map(|column| DraftColumnOut {
                        name: column.name.clone(),
                        title: column.title.clone(),
                        column_type: column.column_type.as_str(),
                        nulls: column.statistics.nulls,
                        distinct: column.statistics.distinct,
                        min: column.statistics.min.clone(),
                        max: column.statistics.max.clone(),
                    })
                    .collect(),
                notes: snapshot.source.notes.clone(),
            }
        };
        Self {
            distribution: file.distribution.to_string(),
            name: file.name.clone(),
            file_name: file.file_name.clone(),
            bytes: file.bytes,
            sha256: file.source_hash.to_string(),
            tables: file.tables.iter().map(table).collect(),
            added_at: file.added_at,
            added_by: file.added_by.clone(),
            uploaded: file.uploaded,
        }
    }
}

/// A draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DraftOut {
    /// Its id.
    pub(crate) id: String,
    /// The dataset that it will be a version of; the id and the address are given already.
    pub(crate) dataset: String,
    /// The dataset's readable address.
    pub(crate) slug: String,
    /// Whose it is.
    publisher: PublisherBrief,
    /// How it came to be: `new`, `version`, `copy` or `restore`.
    origin: &'static str,
    /// The version that it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_version: Option<i32>,
    /// Where it stands.
    stage: StageOut,
    /// Counts up with every change and every step; every command names the one that you saw.
    pub(crate) revision: i32,
    /// The description, by the schema at `/api/v1/drafts/schema`.
    #[schema(value_type = Object)]
    description: Value,
    /// Which distributions are fetched again, and when.
    refresh: Vec<RefreshDoc>,
    /// What columns of tables are called and mean.
    dictionary: Vec<TableNotesDoc>,
    /// Its files.
    files: Vec<DraftFileOut>,
    /// Everybody who wrote any of it: they do not review it.
    authors: Vec<String>,
    /// Every return so far, oldest first.
    returns: Vec<ReturnOut>,
    /// When its editors want it released.
    wish: WishDoc,
    /// Why its release failed when its moment came; it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// By whom.
    created_by: String,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// By whom.
    updated_by: String,
}

impl From<Draft> for DraftOut {
    fn from(draft: Draft) -> Self {
        let column = |it: &ColumnNote| ColumnNoteDoc {
            name: it.name.clone(),
            title: it.title.clone(),
            description: it.description.clone(),
        };
        let notes = |it: &TableNotes| TableNotesDoc {
            table: it.table.to_string(),
            columns: it.columns.iter().map(column).collect(),
        };
        let rule = |it: &RefreshRule| RefreshDoc { url: it.url.clone(), schedule: it.schedule.clone() };
        Self {
            id: draft.id.to_string(),
            dataset: draft.dataset.to_string(),
            slug: draft.slug.to_string(),
            publisher: (&draft.publisher).into(),
            origin: draft.origin.as_str(),
            base_version: draft.base_version,
            stage: (&draft.stage).into(),
            revision: draft.revision,
            description: form::to_form(&draft.content.document),
            refresh: draft.content.refresh.iter().map(rule).collect(),
            dictionary: draft.content.dictionary.iter().map(notes).collect(),
            files: draft.files.iter().map(DraftFileOut::from).collect(),
            authors: draft.authors,
            returns: draft.returns.iter().map(ReturnOut::from).collect(),
            wish: draft.wish.into(),
            problem: draft.problem,
            created_at: draft.created_at,
            created_by: draft.created_by,
            updated_at: draft.updated_at,
            updated_by: draft.updated_by,
        }
    }
}

/// A draft in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DraftItem {
    /// Its id.
    id: String,
    /// The dataset.
    dataset: String,
    /// The dataset's readable address.
    slug: String,
    /// Whose it is.
    publisher: PublisherBrief,
    /// `dataset`, `dataset-series` or `data-service`.
    kind: &'static str,
    /// Its title; may be empty.
    title: String,
    /// How it came to be.
    origin: &'static str,
    /// The version that it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_version: Option<i32>,
    /// Where it stands.
    stage: &'static str,
    /// Its revision.
    revision: i32,
    /// When the portal acts by itself: the release, or the end of an objection window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// Why its release failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// By whom.
    updated_by: String,
}

impl From<DraftCard> for DraftItem {
    fn from(card: DraftCard) -> Self {
        Self {
            id: card.id.to_string(),
            dataset: card.dataset.to_string(),
            slug: card.slug.to_string(),
            publisher: (&card.publisher).into(),
            kind: card.kind.as_str(),
            title: card.title,
            origin: card.origin.as_str(),
            base_version: card.base_version,
            stage: card.stage.as_str(),
            revision: card.revision,
            due_at: card.due_at,
            problem: card.problem,
            updated_at: card.updated_at,
            updated_by: card.updated_by,
        }
    }
}

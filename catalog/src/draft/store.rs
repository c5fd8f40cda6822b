//! Every statement on drafts, their revisions and files.

use diesel::prelude::*;
use fairground_domain::{
    ActingRole, DatasetId, DraftId, PublisherId, ResourceKind, ReturnNote, Rights, Stage, StageName, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Draft, DraftCard, DraftContent, DraftFile, LoadedTable, Origin, ReleaseWish};
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::dataset::{self, PublisherRef};
use crate::db::Tx;
use crate::error::{CatalogError, Conflict};
use crate::gate;
use crate::harvest;
use crate::journal;
use crate::member::{self, Actor};
use crate::notice;
use crate::schema::{draft_files, draft_revisions, draft_snapshots, drafts, publishers};
use crate::table;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = drafts, treat_none_as_default_value = false)]
struct DraftRow {
    id: String,
    dataset_id: String,
    slug: String,
    publisher_id: String,
    kind: String,
    title: String,
    origin: String,
    base_version: Option<i32>,
    stage: String,
    stage_document: String,
    revision: i32,
    content: String,
    authors: String,
    returns: String,
    wish: String,
    problem: Option<String>,
    due_at: Option<i64>,
    created_at: i64,
    created_by: String,
    updated_at: i64,
    updated_by: String,
    closed_at: Option<i64>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = draft_revisions)]
struct RevisionRow {
    draft_id: String,
    revision: i32,
    content: String,
    saved_at: i64,
    saved_by: String,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = draft_files)]
struct FileRow {
    draft_id: String,
    distribution_id: String,
    name: String,
    file_name: String,
    bytes: i64,
    source_hash: String,
    tables: String,
    uploaded: bool,
    restored: bool,
    added_at: i64,
    added_by: String,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("draft", problem)
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, CatalogError> {
    serde_json::to_string(value).map_err(corrupt)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, CatalogError> {
    serde_json::from_str(text).map_err(corrupt)
}

fn kind_of(text: &str) -> Result<ResourceKind, CatalogError> {
    let kinds = [ResourceKind::Dataset, ResourceKind::DatasetSeries, ResourceKind::DataService];
    kinds.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| corrupt(format!("kind `{text}`")))
}

fn origin_of(text: &str) -> Result<Origin, CatalogError> {
    Origin::parse(text).ok_or_else(|| corrupt(format!("origin `{text}`")))
}

impl TryFrom<FileRow> for DraftFile {
    type Error = CatalogError;

    fn try_from(row: FileRow) -> Result<Self, CatalogError> {
        Ok(Self {
            distribution: row.distribution_id.parse().map_err(corrupt)?,
            name: row.name,
            file_name: row.file_name,
            bytes: u64::try_from(row.bytes).map_err(corrupt)?,
            source_hash: row.source_hash.parse().map_err(corrupt)?,
            tables: from_json::<Vec<LoadedTable>>(&row.tables)?,
            added_at: Timestamp::from_micros(row.added_at),
            added_by: row.added_by,
            uploaded: row.uploaded,
            restored: row.restored,
        })
    }
}

fn row_of(draft: &Draft) -> Result<DraftRow, CatalogError> {
    Ok(DraftRow {
        id: draft.id.to_string(),
        dataset_id: draft.dataset.to_string(),
        slug: draft.slug.to_string(),
        publisher_id: draft.publisher.id.to_string(),
        kind: draft.content.document.kind.as_str().to_owned(),
        title: draft.title().to_owned(),
        origin: draft.origin.as_str().to_owned(),
        base_version: draft.base_version,
        stage: draft.stage.name().as_str().to_owned(),
        stage_document: to_json(&draft.stage)?,
        revision: draft.revision,
        content: to_json(&draft.content)?,
        authors: to_json(&draft.authors)?,
        returns: to_json(&draft.returns)?,
        wish: to_json(&draft.wish)?,
        problem: draft.problem.clone(),
        due_at: draft.stage.due_at().map(Timestamp::as_micros),
        created_at: draft.created_at.as_micros(),
        created_by: draft.created_by.clone(),
        updated_at: draft.updated_at.as_micros(),
        updated_by: draft.updated_by.clone(),
        closed_at: draft.stage.name().is_final().then(|| draft.updated_at.as_micros()),
    })
}

fn draft_of(row: DraftRow, publisher: (String, String, String), files: Vec<DraftFile>) -> Result<Draft, CatalogError> {
    let (publisher_id, slug, name) = publisher;
    Ok(Draft {
        id: row.id.parse().map_err(corrupt)?,
        dataset: row.dataset_id.parse().map_err(corrupt)?,
        slug: row.slug.parse().map_err(corrupt)?,
        publisher: PublisherRef {
            id: publisher_id.parse().map_err(corrupt)?,
            slug: slug.parse().map_err(corrupt)?,
            name,
        },
        origin: origin_of(&row.origin)?,
        base_version: row.base_version,
        stage: from_json::<Stage>(&row.stage_document)?,
        revision: row.revision,
        content: from_json::<DraftContent>(&row.content)?,
        files,
        authors: from_json(&row.authors)?,
        returns: from_json::<Vec<ReturnNote>>(&row.returns)?,
        wish: from_json::<ReleaseWish>(&row.wish)?,
        problem: row.problem,
        created_at: Timestamp::from_micros(row.created_at),
        created_by: row.created_by,
        updated_at: Timestamp::from_micros(row.updated_at),
        updated_by: row.updated_by,
    })
}

/// The draft of that id, whoever asks.
pub(super) fn load(tx: &mut Tx<'_>, id: DraftId) -> Result<Draft, CatalogError> {
    let found: Option<(DraftRow, (String, String, String))> = drafts::table
        .inner_join(publishers::table)
        .filter(drafts::id.eq(id.to_string()))
        .select((DraftRow::as_select(), (publishers::id, publishers::slug, publishers::name)))
        .first(tx.conn)
        .optional()?;
    let (row, publisher) = found.ok_or_else(|| CatalogError::not_found("draft", id))?;
    let files: Vec<FileRow> = draft_files::table
        .filter(draft_files::draft_id.eq(&row.id))
        .order((draft_files::added_at, draft_files::distribution_id))
        .select(FileRow::as_select())
        .load(tx.conn)?;
    let files = files.into_iter().map(DraftFile::try_from).collect::<Result<Vec<_>, _>>()?;
    draft_of(row, publisher, files)
}

/// The draft of that id, whoever asks: for the portal's own work.
pub(crate) fn find(tx: &mut Tx<'_>, id: DraftId) -> Result<Option<Draft>, CatalogError> {
    match load(tx, id) {
        Err(CatalogError::NotFound { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// The draft of that id with what the actor may do for its publisher.
///
/// # Errors
/// `NotFound` when there is none, and for strangers to its publisher.
pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, id: DraftId) -> Result<(Draft, Rights), CatalogError> {
    let draft = load(tx, id)?;
    let rights = member::rights(tx, actor, draft.publisher.id)?;
    if rights.may_see() { Ok((draft, rights)) } else { Err(CatalogError::not_found("draft", id)) }
}

/// The draft of that id, for everybody who works for its publisher.
///
/// # Errors
/// `NotFound` when there is none, and for strangers to its publisher.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: DraftId) -> Result<Draft, CatalogError> {
    visible(tx, actor, id).map(|(draft, _)| draft)
}

/// The draft of a dataset that is still on its way, if there is one that the actor sees; there is one at most.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_open(tx: &mut Tx<'_>, actor: &Actor, dataset: DatasetId) -> Result<Option<Draft>, CatalogError> {
    match open_of(tx, dataset)? {
        None => Ok(None),
        Some(id) => match get(tx, actor, id) {
            Err(CatalogError::NotFound { .. }) => Ok(None),
            other => other.map(Some),
        },
    }
}

/// The id of the draft of a dataset that is still on its way.
pub(super) fn open_of(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Option<DraftId>, CatalogError> {
    let found: Option<String> = drafts::table
        .filter(drafts::dataset_id.eq(dataset.to_string()))
        .filter(drafts::closed_at.is_null())
        .select(drafts::id)
        .first(tx.conn)
        .optional()?;
    found.map(|id| id.parse().map_err(corrupt)).transpose()
}

/// Which drafts to list; what is empty is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftFilter {
    /// Of this publisher.
    pub publisher: Option<PublisherId>,
    /// In one of these stages; in any, when none is named.
    pub stages: Vec<StageName>,
    /// For this dataset.
    pub dataset: Option<DatasetId>,
    /// Written by this actor, among others.
    pub author: Option<String>,
    /// Begun before this one: where the page before ended.
    pub before: Option<DraftId>,
}

/// Drafts of the publishers that the actor works for, those begun last first.
///
/// # Errors
/// `NotFound` for a publisher that the actor does not work for.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &DraftFilter, limit: i64) -> Result<Vec<DraftCard>, CatalogError> {
    let mut query = drafts::table
        .inner_join(publishers::table)
        .order(drafts::id.desc())
        .limit(limit)
        .select((DraftRow::as_select(), (publishers::id, publishers::slug, publishers::name)))
        .into_boxed();
    if let Some(publisher) = filter.publisher {
        member::must_see(tx, actor, publisher)?;
        query = query.filter(drafts::publisher_id.eq(publisher.to_string()));
    } else if !actor.sees_everything() {
        let mut own = Vec::new();
        for place in member::places_of(tx, actor)? {
            if member::rights(tx, actor, place)?.may_see() {
                own.push(place.to_string());
            }
        }
        query = query.filter(drafts::publisher_id.eq_any(own));
    }
    if !filter.stages.is_empty() {
        query = query.filter(drafts::stage.eq_any(filter.stages.iter().map(|stage| stage.as_str())));
    }
    if let Some(dataset) = filter.dataset {
        query = query.filter(drafts::dataset_id.eq(dataset.to_string()));
    }
    if let Some(author) = &filter.author {
        // Actors hold neither quotes nor wildcards that would match another: ids and words.
        query = query.filter(drafts::authors.like(format!("%\"{author}\"%")));
    }
    if let Some(before) = filter.before {
        query = query.filter(drafts::id.lt(before.to_string()));
    }
    let rows: Vec<(DraftRow, (String, String, String))> = query.load(tx.conn)?;
    rows.into_iter().map(card_of).collect()
}

/// Drafts in some stages, of these publishers or of all, with their authors: those that changed longest ago first.
pub(super) fn list_of_stages(
    tx: &mut Tx<'_>,
    publishers_of: Option<&[String]>,
    stages: &[StageName],
    limit: i64,
) -> Result<Vec<(DraftCard, Vec<String>)>, CatalogError> {
    let mut query = drafts::table
        .inner_join(publishers::table)
        .filter(drafts::stage.eq_any(stages.iter().map(|stage| stage.as_str())))
        .order((drafts::updated_at, drafts::id))
        .limit(limit)
        .select((DraftRow::as_select(), (publishers::id, publishers::slug, publishers::name)))
        .into_boxed();
    if let Some(ids) = publishers_of {
        query = query.filter(drafts::publisher_id.eq_any(ids));
    }
    let rows: Vec<(DraftRow, (String, String, String))> = query.load(tx.conn)?;
    rows.into_iter()
        .map(|(row, publisher)| {
            let authors = from_json(&row.authors)?;
            Ok((card_of((row, publisher))?, authors))
        })
        .collect()
}

fn card_of((row, (publisher, slug, name)): (DraftRow, (String, String, String))) -> Result<DraftCard, CatalogError> {
    Ok(DraftCard {
        id: row.id.parse().map_err(corrupt)?,
        dataset: row.dataset_id.parse().map_err(corrupt)?,
        slug: row.slug.parse().map_err(corrupt)?,
        publisher: PublisherRef { id: publisher.parse().map_err(corrupt)?, slug: slug.parse().map_err(corrupt)?, name },
        kind: kind_of(&row.kind)?,
        title: row.title,
        origin: origin_of(&row.origin)?,
        base_version: row.base_version,
        stage: StageName::parse(&row.stage).ok_or_else(|| corrupt(format!("stage `{}`", row.stage)))?,
        revision: row.revision,
        due_at: row.due_at.map(Timestamp::from_micros),
        problem: row.problem,
        updated_at: Timestamp::from_micros(row.updated_at),
        updated_by: row.updated_by,
    })
}

/// What a draft was at one of its revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its number.
    pub revision: i32,
    /// What editors had saved.
    pub content: DraftContent,
    /// When.
    pub saved_at: Timestamp,
    /// By whom.
    pub saved_by: String,
}

/// The revisions of a draft at which its content changed, newest first, without their contents: number, moment, actor. They
/// are kept while the draft is on its way.
///
/// # Errors
/// `NotFound` as [`get`].
pub fn list_revisions(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
) -> Result<Vec<(i32, Timestamp, String)>, CatalogError> {
    get(tx, actor, id)?;
    let rows: Vec<(i32, i64, String)> = draft_revisions::table
        .filter(draft_revisions::draft_id.eq(id.to_string()))
        .order(draft_revisions::revision.desc())
        .select((draft_revisions::revision, draft_revisions::saved_at, draft_revisions::saved_by))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(revision, at, by)| (revision, Timestamp::from_micros(at), by)).collect())
}

/// What a draft was at a revision: at that number, or at the last before it at which its content changed.
///
/// # Errors
/// `NotFound` as [`get`], and when that is no longer kept.
pub fn get_revision(tx: &mut Tx<'_>, actor: &Actor, id: DraftId, revision: i32) -> Result<Revision, CatalogError> {
    get(tx, actor, id)?;
    let row = find_revision(tx, id, revision)?.ok_or_else(|| CatalogError::not_found("revision", revision))?;
    Ok(Revision {
        revision: row.revision,
        content: from_json(&row.content)?,
        saved_at: Timestamp::from_micros(row.saved_at),
        saved_by: row.saved_by,
    })
}

fn find_revision(tx: &mut Tx<'_>, id: DraftId, revision: i32) -> Result<Option<RevisionRow>, CatalogError> {
    Ok(draft_revisions::table
        .filter(draft_revisions::draft_id.eq(id.to_string()))
        .filter(draft_revisions::revision.le(revision))
        .order(draft_revisions::revision.desc())
        .select(RevisionRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Takes the journal's pen and a draft to change it: nobody else changes it until the transaction ends.
///
/// # Errors
/// `NotFound` as [`get`], `Conflict` when its revision is another than `expected`.
pub(super) fn take(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
) -> Result<(Draft, Rights), CatalogError> {
    journal::take_pen(tx)?;
    let (draft, rights) = visible(tx, actor, id)?;
    if draft.revision == expected {
        return Ok((draft, rights));
    }
    let theirs = to_json(&draft.content)?;
    let changes = match find_revision(tx, id, expected)? {
        Some(seen) => harvest::diff(&seen.content, &theirs).map_err(corrupt)?,
        None => Vec::new(),
    };
    Err(CatalogError::Conflict(Box::new(Conflict {
        what: "draft",
        id: id.to_string(),
        expected,
        found: draft.revision,
        saved_by: Some(draft.updated_by.clone()),
        saved_at: Some(draft.updated_at),
        theirs: serde_json::from_str(&theirs).map_err(corrupt)?,
        changes,
    })))
}

/// Adds a draft that was just begun.
pub(super) fn insert(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), CatalogError> {
    diesel::insert_into(drafts::table)
        .values(&row_of(draft)?)
        .execute(tx.conn)
        .map_err(CatalogError::taken("draft", draft.slug.as_str()))?;
    for file in &draft.files {
        insert_file(tx, draft.id, file)?;
    }
    keep_revision(tx, draft)
}

/// Notes the content of a revision.
pub(super) fn keep_revision(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), CatalogError> {
    let row = RevisionRow {
        draft_id: draft.id.to_string(),
        revision: draft.revision,
        content: to_json(&draft.content)?,
        saved_at: draft.updated_at.as_micros(),
        saved_by: draft.updated_by.clone(),
    };
    diesel::insert_into(draft_revisions::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Saves a draft that was taken and changed, under the next revision. When nothing more becomes of it, its revisions go.
pub(super) fn update(tx: &mut Tx<'_>, draft: &mut Draft, by: &str) -> Result<(), CatalogError> {
    let seen = draft.revision;
    draft.revision += 1;
    draft.updated_at = tx.now;
    by.clone_into(&mut draft.updated_by);
    let row = row_of(draft)?;
    let changed = diesel::update(drafts::table.find(&row.id).filter(drafts::revision.eq(seen)))
        .set((
            drafts::kind.eq(&row.kind),
            drafts::title.eq(&row.title),
            drafts::slug.eq(&row.slug),
            drafts::base_version.eq(row.base_version),
            drafts::stage.eq(&row.stage),
            drafts::stage_document.eq(&row.stage_document),
            drafts::revision.eq(row.revision),
            drafts::content.eq(&row.content),
            drafts::authors.eq(&row.authors),
            drafts::returns.eq(&row.returns),
            drafts::wish.eq(&row.wish),
            drafts::problem.eq(&row.problem),
            drafts::due_at.eq(row.due_at),
            drafts::updated_at.eq(row.updated_at),
            drafts::updated_by.eq(&row.updated_by),
            drafts::closed_at.eq(row.closed_at),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(corrupt(format!("two changes of {} at once", draft.id)));
    }
    if draft.stage.name().is_final() {
        diesel::delete(draft_revisions::table.filter(draft_revisions::draft_id.eq(&row.id))).execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn insert_file(tx: &mut Tx<'_>, draft: DraftId, file: &DraftFile) -> Result<(), CatalogError> {
    let row = FileRow {
        draft_id: draft.to_string(),
        distribution_id: file.distribution.to_string(),
        name: file.name.clone(),
        file_name: file.file_name.clone(),
        bytes: i64::try_from(file.bytes).map_err(corrupt)?,
        source_hash: file.source_hash.to_string(),
        tables: to_json(&file.tables)?,
        uploaded: file.uploaded,
        restored: file.restored,
        added_at: file.added_at.as_micros(),
        added_by: file.added_by.clone(),
    };
    diesel::insert_into(draft_files::table).values(&row).execute(tx.conn)?;
    let mut keys: Vec<String> = file.tables.iter().map(|table| table.snapshot.key.to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        diesel::insert_into(draft_snapshots::table)
            .values((
                draft_snapshots::draft_id.eq(&row.draft_id),
                draft_snapshots::distribution_id.eq(&row.distribution_id),
                draft_snapshots::snapshot_key.eq(key),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Takes a file out of a draft; snapshots that nobody else names are let go.
pub(super) fn delete_file(tx: &mut Tx<'_>, draft: DraftId, file: &DraftFile) -> Result<(), CatalogError> {
    let (draft, distribution) = (draft.to_string(), file.distribution.to_string());
    diesel::delete(draft_files::table.find((&draft, &distribution))).execute(tx.conn)?;
    diesel::delete(
        draft_snapshots::table
            .filter(draft_snapshots::draft_id.eq(&draft))
            .filter(draft_snapshots::distribution_id.eq(&distribution)),
    )
    .execute(tx.conn)?;
    let keys: Vec<String> = file.tables.iter().map(|table| table.snapshot.key.to_string()).collect();
    table::retire_unnamed(tx, &keys)
}

/// As [`delete_file`], for a file that nobody wants any more: nothing holds it either.
pub(super) fn drop_file(tx: &mut Tx<'_>, draft: DraftId, file: &DraftFile) -> Result<(), CatalogError> {
    delete_file(tx, draft, file)?;
    gate::abandon(tx, &file.gate_subject(draft))
}

/// Drafts whose moment has come, the longest due first.
pub(super) fn due(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<DraftId>, CatalogError> {
    let ids: Vec<String> = drafts::table
        .filter(drafts::due_at.le(tx.now.as_micros()))
        .filter(drafts::closed_at.is_null())
        .order((drafts::problem.is_not_null(), drafts::due_at, drafts::id))
        .limit(limit)
        .select(drafts::id)
        .load(tx.conn)?;
    ids.into_iter().map(|id| id.parse().map_err(corrupt)).collect()
}

/// When the next draft is due.
pub(super) fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, CatalogError> {
    let next: Option<i64> = drafts::table
        .filter(drafts::closed_at.is_null())
        .filter(drafts::due_at.is_not_null())
        .select(diesel::dsl::min(drafts::due_at))
        .first(tx.conn)?;
    Ok(next.map(Timestamp::from_micros))
}

/// Notes why a release failed, without another revision: nobody changed anything.
pub(super) fn note_problem(tx: &mut Tx<'_>, id: DraftId, problem: &str) -> Result<(), CatalogError> {
    diesel::update(drafts::table.find(id.to_string())).set(drafts::problem.eq(problem)).execute(tx.conn)?;
    Ok(())
}

/// One entry of the audit about a draft.
pub(super) fn note(
    tx: &mut Tx<'_>,
    draft: &Draft,
    actor: &Actor,
    role: ActingRole,
    action: AuditAction,
    told: Told,
) -> Result<(), CatalogError> {
    let entry = NewEntry {
        who: actor.acting(role),
        publisher: Some(draft.publisher.id),
        subject_kind: SubjectKind::Draft,
        subject_id: draft.id.to_string(),
        action,
        before: told.before,
        after: told.after,
        comment: told.comment,
    };
    audit::note(tx, entry)?;
    notice::of_step(tx, action, draft, actor.name())
}

/// What the audit is told of a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) before: serde_json::Value,
    pub(super) after: serde_json::Value,
    pub(super) comment: Option<String>,
}

impl Told {
    /// From one stage to another.
    pub(super) fn stages(before: &Stage, after: &Stage) -> Result<Self, CatalogError> {
        Ok(Self {
            before: serde_json::to_value(before).map_err(corrupt)?,
            after: serde_json::to_value(after).map_err(corrupt)?,
            comment: None,
        })
    }

    /// With words.
    pub(super) fn with_comment(self, comment: Option<String>) -> Self {
        Self { comment, ..self }
    }
}

/// Whether a dataset of that address is there, or on its way.
pub(super) fn is_taken(tx: &mut Tx<'_>, slug: &str) -> Result<bool, CatalogError> {
    Ok(!dataset::slugs_in_use(tx, &[slug])?.is_empty())
}

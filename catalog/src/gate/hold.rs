//! Holds as they lie in the store, and the queue of those that wait.

use diesel::prelude::*;
use fairground_domain::{DatasetId, HoldId, PublisherId, SourceId, Timestamp};

use super::{Decision, Hold, HoldState, ReleaseReason, Subject, SubjectKind};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::{self, Actor};
use crate::schema::holds;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = holds, treat_none_as_default_value = false)]
pub(super) struct HoldRow {
    pub(super) id: String,
    pub(super) subject_kind: String,
    pub(super) subject_id: String,
    pub(super) dataset_id: String,
    pub(super) publisher_id: Option<String>,
    pub(super) source_id: Option<String>,
    pub(super) authors: String,
    pub(super) name: String,
    pub(super) whole: bool,
    pub(super) content_hash: String,
    pub(super) rules: String,
    pub(super) report: String,
    pub(super) waiting: Option<String>,
    pub(super) state: String,
    pub(super) created_at: i64,
    pub(super) decided_at: Option<i64>,
    pub(super) decided_by: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) because: Option<String>,
    pub(super) repairs: Option<String>,
    pub(super) applied_at: Option<i64>,
}

impl HoldRow {
    /// Whether its content is kept from view: a repaired one is until the repaired content takes its place.
    pub(super) fn keeps_back(&self) -> bool {
        HoldState::parse(&self.state).is_some_and(HoldState::keeps_back) && self.applied_at.is_none()
    }
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("hold", problem)
}

impl TryFrom<HoldRow> for Hold {
    type Error = CatalogError;

    fn try_from(row: HoldRow) -> Result<Self, CatalogError> {
        let kind = SubjectKind::parse(&row.subject_kind);
        let kind = kind.ok_or_else(|| corrupt(format!("subject `{}`", row.subject_kind)))?;
        let reason = row
            .reason
            .as_deref()
            .map(|text| ReleaseReason::parse(text).ok_or_else(|| corrupt(format!("reason `{text}`"))));
        let decision = match row.decided_at {
            None => None,
            Some(at) => Some(Decision {
                at: Timestamp::from_micros(at),
                by: row.decided_by.unwrap_or_default(),
                reason: reason.transpose()?,
                because: row.because.unwrap_or_default(),
                repairs: row.repairs.as_deref().map(serde_json::from_str).transpose().map_err(corrupt)?,
                applied_at: row.applied_at.map(Timestamp::from_micros),
            }),
        };
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            subject: Subject { kind, id: row.subject_id },
            dataset: row.dataset_id.parse().map_err(corrupt)?,
            publisher: row.publisher_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            source: row.source_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            authors: serde_json::from_str(&row.authors).map_err(corrupt)?,
            name: row.name,
            whole: row.whole,
            content: row.content_hash.parse().map_err(corrupt)?,
            rules: row.rules,
            report: serde_json::from_str(&row.report).map_err(corrupt)?,
            state: HoldState::parse(&row.state).ok_or_else(|| corrupt(format!("state `{}`", row.state)))?,
            created_at: Timestamp::from_micros(row.created_at),
            decision,
        })
    }
}

/// Which holds to list.
#[derive(Debug, Clone, Default)]
pub struct HoldFilter {
    /// Only in this state.
    pub state: Option<HoldState>,
    /// Only of this dataset.
    pub dataset: Option<DatasetId>,
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only of this publisher.
    pub publisher: Option<PublisherId>,
    /// Only of this kind.
    pub kind: Option<SubjectKind>,
    /// Only older than this one (ids sort by birth): the cursor.
    pub before: Option<HoldId>,
}

/// Holds that the actor may see, newest first: the operator and the auditor see all, others those of publishers for which they
/// write, review or manage.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &HoldFilter, limit: i64) -> Result<Vec<Hold>, CatalogError> {
    let mut query = holds::table.order(holds::id.desc()).limit(limit).select(HoldRow::as_select()).into_boxed();
    if !actor.sees_everything() {
        query = query.filter(holds::publisher_id.eq_any(own_publishers(tx, actor)?));
    }
    if let Some(state) = filter.state {
        query = query.filter(holds::state.eq(state.as_str()));
    }
    if let Some(dataset) = filter.dataset {
        query = query.filter(holds::dataset_id.eq(dataset.to_string()));
    }
    if let Some(source) = filter.source {
        query = query.filter(holds::source_id.eq(source.to_string()));
    }
    if let Some(publisher) = filter.publisher {
        query = query.filter(holds::publisher_id.eq(publisher.to_string()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(holds::subject_kind.eq(kind.as_str()));
    }
    if let Some(before) = filter.before {
        query = query.filter(holds::id.lt(before.to_string()));
    }
    query.load(tx.conn)?.into_iter().map(Hold::try_from).collect()
}

/// How many holds wait that the actor may see.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_open(tx: &mut Tx<'_>, actor: &Actor) -> Result<i64, CatalogError> {
    let mut query = holds::table.filter(holds::state.eq(HoldState::Open.as_str())).count().into_boxed();
    if !actor.sees_everything() {
        query = query.filter(holds::publisher_id.eq_any(own_publishers(tx, actor)?));
    }
    Ok(query.get_result(tx.conn)?)
}

/// How many holds wait of a publisher, or of none.
pub(crate) fn count_open_of(tx: &mut Tx<'_>, publisher: Option<PublisherId>) -> Result<i64, CatalogError> {
    let open = holds::table.filter(holds::state.eq(HoldState::Open.as_str()));
    Ok(match publisher {
        Some(id) => open.filter(holds::publisher_id.eq(id.to_string())).count().get_result(tx.conn)?,
        None => open.filter(holds::publisher_id.is_null()).count().get_result(tx.conn)?,
    })
}

/// How many holds of a draft's texts and files wait.
pub(crate) fn count_open_of_draft(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<i64, CatalogError> {
    let kinds = [SubjectKind::Draft, SubjectKind::DraftFile].map(SubjectKind::as_str);
    Ok(holds::table
        .filter(holds::state.eq(HoldState::Open.as_str()))
        .filter(holds::dataset_id.eq(dataset.to_string()))
        .filter(holds::subject_kind.eq_any(kinds))
        .count()
        .get_result(tx.conn)?)
}

fn own_publishers(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<String>, CatalogError> {
    const MOST: i64 = 1_000;
    let places = member::list_workplaces(tx, actor, "", MOST)?;
    Ok(places.into_iter().map(|place| place.publisher.id.to_string()).collect())
}

/// The hold of that id, whoever asks: for the portal's own work.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id: HoldId) -> Result<Hold, CatalogError> {
    row_of(tx, id)?.try_into()
}

/// The hold of that id, if the actor may see it.
///
/// # Errors
/// `NotFound` when there is none, or it is none of the actor's business.
pub fn get_visible(tx: &mut Tx<'_>, actor: &Actor, id: HoldId) -> Result<Hold, CatalogError> {
    let hold = get(tx, id)?;
    if super::decide::rights_for(tx, actor, &hold)?.may_see() {
        Ok(hold)
    } else {
        Err(CatalogError::not_found("hold", id))
    }
}

pub(super) fn row_of(tx: &mut Tx<'_>, id: HoldId) -> Result<HoldRow, CatalogError> {
    holds::table
        .find(id.to_string())
        .select(HoldRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("hold", id))
}

/// The newest holds of a subject first.
pub(super) fn rows_of_subject(tx: &mut Tx<'_>, subject: &Subject) -> Result<Vec<HoldRow>, CatalogError> {
    Ok(holds::table
        .filter(holds::subject_kind.eq(subject.kind.as_str()))
        .filter(holds::subject_id.eq(&subject.id))
        .order(holds::id.desc())
        .select(HoldRow::as_select())
        .load(tx.conn)?)
}

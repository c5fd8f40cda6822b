//! The agency desk: what needs somebody today.
//!
//! Read from what the rooms keep, at most some of each task, so that a desk costs the same for a small agency and for the whole
//! portal. What cannot be done by whoever asks is not on their desk: who only writes is not shown what waits for review.

use std::collections::{BTreeMap, HashSet};

use diesel::dsl::count_star;
use diesel::prelude::*;
use fairground_domain::{
    DatasetDraft, DatasetId, DraftId, Frequency, HoldId, JobId, PublisherId, QuestionId, Rights, StageName, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::store::{corrupt, list_of_stages};
use crate::conversation;
use crate::dataset::PublicationState;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::gate::{self, HoldFilter, HoldState};
use crate::harvest;
use crate::job::JobState;
use crate::member::{self, Actor};
use crate::quality;
use crate::schema::{dataset_links, datasets, harvest_sources, jobs, link_checks};

/// Harvests, and datasets with a promised frequency, that are looked at to find what needs somebody.
const LOOK_AT: i64 = 500;
/// Publishers whose questions are looked at.
const MOST_PLACES: usize = 100;

/// Something that somebody has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeskTask {
    /// A reviewer gave a draft back: mend it.
    Returned,
    /// A draft waits for a reviewer: approve or return it.
    ToReview,
    /// A draft could not be published when its moment came.
    ReleaseFailed,
    /// The personal-data gate holds something: release, repair or reject it.
    Held,
    /// A source's last harvest failed.
    HarvestFailed,
    /// A harvest would withdraw much: let it go on or stop it.
    HarvestBraked,
    /// A dataset is older than its promised frequency allows.
    Late,
    /// Links of a dataset do not answer.
    BrokenLinks,
    /// Somebody asked a question at a dataset.
    Question,
}

impl DeskTask {
    /// Every task, the most urgent first.
    pub const ALL: [Self; 9] = [
        Self::ReleaseFailed,
        Self::HarvestBraked,
        Self::Held,
        Self::Returned,
        Self::ToReview,
        Self::HarvestFailed,
        Self::Question,
        Self::Late,
        Self::BrokenLinks,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::ToReview => "to-review",
            Self::ReleaseFailed => "release-failed",
            Self::Held => "held",
            Self::HarvestFailed => "harvest-failed",
            Self::HarvestBraked => "harvest-braked",
            Self::Late => "late",
            Self::BrokenLinks => "broken-links",
            Self::Question => "question",
        }
    }
}

/// What an item of the desk is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum DeskSubject {
    /// A draft.
    Draft {
        /// Its id.
        id: DraftId,
    },
    /// A hold of the gate.
    Hold {
        /// Its id.
        id: HoldId,
    },
    /// A harvest.
    Harvest {
        /// The job.
        job: JobId,
        /// The source's readable address.
        source: String,
    },
    /// A dataset.
    Dataset {
        /// Its readable address.
        slug: String,
    },
    /// A question at a dataset.
    Question {
        /// Its id.
        id: QuestionId,
        /// The dataset's readable address.
        slug: String,
    },
}

/// One thing that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskItem {
    /// What is to be done.
    pub task: DeskTask,
    /// To what.
    pub subject: DeskSubject,
    /// What people read.
    pub title: String,
    /// Since when it waits.
    pub since: Timestamp,
    /// More about it: a failure's reason, a number of links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What needs somebody, task by task in the order of [`DeskTask::ALL`], what has waited longest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Desk {
    /// The items, at most as many of each task as were asked for.
    pub items: Vec<DeskItem>,
    /// Tasks of which there are more than are listed.
    pub more: Vec<DeskTask>,
}

/// What of the publishers that somebody works for needs them.
struct Places {
    /// `None` for all.
    ids: Option<Vec<String>>,
    write: Option<Vec<String>>,
    review: Option<Vec<String>>,
}

impl Places {
    fn find(tx: &mut Tx<'_>, actor: &Actor) -> Result<Self, CatalogError> {
        if actor.is_operator() {
            return Ok(Self { ids: None, write: None, review: None });
        }
        if actor.sees_everything() {
            return Ok(Self { ids: None, write: Some(Vec::new()), review: Some(Vec::new()) });
        }
        let (mut ids, mut write, mut review) = (Vec::new(), Vec::new(), Vec::new());
        for place in member::places_of(tx, actor)? {
            let rights: Rights = member::rights(tx, actor, place)?;
            let id = place.to_string();
            if rights.writes_as().is_some() {
                write.push(id.clone());
            }
            if rights.reviews_as().is_some() {
                review.push(id.clone());
            }
            if rights.may_see() {
                ids.push(id);
            }
        }
        Ok(Self { ids: Some(ids), write: Some(write), review: Some(review) })
    }
}

/// What needs somebody today, at most `limit` of each task.
///
/// # Errors
/// `Storage` when the database fails.
pub fn desk(tx: &mut Tx<'_>, actor: &Actor, limit: i64) -> Result<Desk, CatalogError> {
    let places = Places::find(tx, actor)?;
    let mut desk = Desk::default();
    let most = usize::try_from(limit).unwrap_or_default();
    for task in DeskTask::ALL {
        let mut found = match task {
            DeskTask::Returned => returned(tx, &places, limit + 1)?,
            DeskTask::ToReview => to_review(tx, actor, &places, limit + 1)?,
            DeskTask::ReleaseFailed => release_failed(tx, &places, limit + 1)?,
            DeskTask::Held => held(tx, actor, limit + 1)?,
            DeskTask::HarvestFailed => harvests(tx, &places, JobState::Failed)?,
            DeskTask::HarvestBraked => harvests(tx, &places, JobState::AwaitingApproval)?,
            DeskTask::Late => late(tx, &places)?,
            DeskTask::BrokenLinks => broken_links(tx, &places, limit + 1)?,
            DeskTask::Question => questions(tx, &places, limit + 1)?,
        };
        found.sort_by_key(|item| item.since);
        if found.len() > most {
            found.truncate(most);
            desk.more.push(task);
        }
        desk.items.extend(found);
    }
    Ok(desk)
}

fn returned(tx: &mut Tx<'_>, places: &Places, limit: i64) -> Result<Vec<DeskItem>, CatalogError> {
    let cards = list_of_stages(tx, places.write.as_deref(), &[StageName::Returned], limit)?;
    Ok(cards
        .into_iter()
        .map(|(card, _)| DeskItem {
            task: DeskTask::Returned,
            subject: DeskSubject::Draft { id: card.id },
            title: card.title,
            since: card.updated_at,
            detail: None,
        })
        .collect())
}

/// What somebody else wrote.
fn to_review(tx: &mut Tx<'_>, actor: &Actor, places: &Places, limit: i64) -> Result<Vec<DeskItem>, CatalogError> {
    let cards = list_of_stages(tx, places.review.as_deref(), &[StageName::InReview], limit.max(LOOK_AT))?;
    Ok(cards
        .into_iter()
        .filter(|(_, authors)| authors.iter().all(|author| author != actor.name()))
        .map(|(card, _)| DeskItem {
            task: DeskTask::ToReview,
            subject: DeskSubject::Draft { id: card.id },
            title: card.title,
            since: card.updated_at,
            detail: card.due_at.map(|due| format!("It passes by itself on {}.", due.day())),
        })
        .collect())
}

fn release_failed(tx: &mut Tx<'_>, places: &Places, limit: i64) -> Result<Vec<DeskItem>, CatalogError> {
    let stages = [StageName::Approved, StageName::InReview];
    let cards = list_of_stages(tx, places.ids.as_deref(), &stages, limit.max(LOOK_AT))?;
    Ok(cards
        .into_iter()
        .filter_map(|(card, _)| {
            Some(DeskItem {
                task: DeskTask::ReleaseFailed,
                subject: DeskSubject::Draft { id: card.id },
                since: card.due_at.unwrap_or(card.updated_at),
                detail: Some(card.problem?),
                title: card.title,
            })
        })
        .collect())
}

fn held(tx: &mut Tx<'_>, actor: &Actor, limit: i64) -> Result<Vec<DeskItem>, CatalogError> {
    let filter = HoldFilter { state: Some(HoldState::Open), ..HoldFilter::default() };
    let holds = gate::list(tx, actor, &filter, limit)?;
    Ok(holds
        .into_iter()
        .map(|hold| DeskItem {
            task: DeskTask::Held,
            subject: DeskSubject::Hold { id: hold.id },
            title: hold.name,
            since: hold.created_at,
            detail: None,
        })
        .collect())
}

/// Sources whose last harvest is in a state.
fn harvests(tx: &mut Tx<'_>, places: &Places, state: JobState) -> Result<Vec<DeskItem>, CatalogError> {
    let mut query = jobs::table
        .inner_join(harvest_sources::table.on(harvest_sources::id.eq(jobs::subject_id)))
        .filter(jobs::kind.eq(harvest::JOB_KIND))
        .filter(jobs::state.eq(state.as_str()))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .limit(LOOK_AT)
        .select((jobs::id, jobs::subject_id, jobs::error, jobs::created_at, jobs::finished_at, harvest_sources::slug))
        .into_boxed();
    if let Some(ids) = &places.ids {
        query = query.filter(harvest_sources::publisher_id.eq_any(ids));
    }
    type Row = (String, String, Option<String>, i64, Option<i64>, String);
    let rows: Vec<Row> = query.load(tx.conn)?;
    let task = if state == JobState::Failed { DeskTask::HarvestFailed } else { DeskTask::HarvestBraked };
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for (job, source, error, created_at, finished_at, slug) in rows {
        if !seen.insert(source.clone()) {
            continue;
        }
        let later: i64 = jobs::table
            .filter(jobs::subject_id.eq(&source))
            .filter(jobs::kind.eq(harvest::JOB_KIND))
            .filter(jobs::created_at.gt(created_at))
            .filter(jobs::state.eq(JobState::Completed.as_str()))
            .count()
            .get_result(tx.conn)?;
        if later == 0 {
            found.push(DeskItem {
                task,
                subject: DeskSubject::Harvest { job: job.parse().map_err(corrupt)?, source: slug.clone() },
                title: slug,
                since: Timestamp::from_micros(finished_at.unwrap_or(created_at)),
                detail: error,
            });
        }
    }
    Ok(found)
}

/// Datasets that are older than they promise: of those that changed longest ago.
fn late(tx: &mut Tx<'_>, places: &Places) -> Result<Vec<DeskItem>, CatalogError> {
    let mut query = datasets::table
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .filter(datasets::document.like("%\"frequency\":%"))
        .order((datasets::updated_at, datasets::id))
        .limit(LOOK_AT)
        .select((datasets::slug, datasets::document, datasets::updated_at))
        .into_boxed();
    if let Some(ids) = &places.ids {
        query = query.filter(datasets::publisher_id.eq_any(ids));
    }
    let rows: Vec<(String, String, i64)> = query.load(tx.conn)?;
    let mut found = Vec::new();
    for (slug, document, updated_at) in rows {
        let draft = DatasetDraft::from_document(&document).map_err(corrupt)?;
        let Some(frequency) = draft.frequency.as_ref().and_then(Frequency::of) else { continue };
        let Some(allowed) = frequency.late_after_secs() else { continue };
        let modified = draft.modified.as_deref().and_then(Timestamp::lenient);
        let due = modified.unwrap_or(Timestamp::from_micros(updated_at)).plus_secs(allowed);
        if due < tx.now {
            found.push(DeskItem {
                task: DeskTask::Late,
                subject: DeskSubject::Dataset { slug },
                title: draft.title.any().to_owned(),
                since: due,
                detail: Some(frequency.words),
            });
        }
    }
    Ok(found)
}

fn broken_links(tx: &mut Tx<'_>, places: &Places, limit: i64) -> Result<Vec<DeskItem>, CatalogError> {
    let mut query = dataset_links::table
        .inner_join(link_checks::table.on(link_checks::id.eq(dataset_links::link_id)))
        .inner_join(datasets::table.on(datasets::id.eq(dataset_links::dataset_id)))
        .filter(link_checks::failures.ge(quality::BROKEN_AFTER))
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .group_by(dataset_links::dataset_id)
        .order(count_star().desc())
        .limit(limit)
        .select((dataset_links::dataset_id, count_star(), diesel::dsl::min(link_checks::checked_at)))
        .into_boxed();
    if let Some(ids) = &places.ids {
        query = query.filter(datasets::publisher_id.eq_any(ids));
    }
    let rows: Vec<(String, i64, Option<i64>)> = query.load(tx.conn)?;
    let counts: BTreeMap<String, (i64, Option<i64>)> =
        rows.into_iter().map(|(id, links, since)| (id, (links, since))).collect();
    let ids: Vec<String> = counts.keys().cloned().collect();
    let mut found = Vec::new();
    for dataset in crate::dataset::list_by_ids(tx, &ids)? {
        let id: DatasetId = dataset.id;
        let Some((links, since)) = counts.get(&id.to_string()) else { continue };
        found.push(DeskItem {
            task: DeskTask::BrokenLinks,
            subject: DeskSubject::Dataset { slug: dataset.slug.to_string() },
            title: dataset.draft.title.any().to_owned(),
            since: since.map_or(dataset.updated_at, Timestamp::from_micros),
            detail: Some(links.to_string()),
        });
    }
    Ok(found)
}

fn questions(tx: &mut Tx<'_>, places: &Places, limit: i64) -> Result<Vec<DeskItem>, CatalogError> {
    let mut open = Vec::new();
    match &places.ids {
        None => open = conversation::list_open_questions(tx, None, limit)?,
        Some(ids) => {
            let places = ids.iter().take(MOST_PLACES).map(|id| id.parse().map_err(corrupt));
            let places: Vec<PublisherId> = places.collect::<Result<_, CatalogError>>()?;
            open.extend(conversation::list_open_questions(tx, Some(&places), limit)?);
        }
    }
    Ok(open
        .into_iter()
        .map(|one| DeskItem {
            task: DeskTask::Question,
            subject: DeskSubject::Question { id: one.question.id, slug: one.slug },
            title: one.title,
            since: one.question.created_at,
            detail: None,
        })
        .collect())
}

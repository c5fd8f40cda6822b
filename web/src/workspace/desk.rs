//! The agency desk: what needs the reader today, and what is on its way.

use fairground_catalog::draft::{self, DeskItem, DeskSubject, DeskTask, DraftFilter};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{Frequency, StageName, Timestamp};

use super::DeskPage;
use super::draft::draft_line;
use super::staff::{Names, choices_of, workplaces};
use crate::layout::Tone;
use crate::words::Language;

/// Items of each task on the desk.
const ITEMS: i64 = 8;
/// Drafts on the desk.
const DRAFTS: i64 = 10;

/// Something that needs somebody.
#[derive(Debug, Clone)]
pub struct TodoLine {
    /// What is to be done: the key of a word or two.
    pub task: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// What it is about.
    pub title: String,
    /// More about it; may be empty.
    pub detail: String,
    /// Where it is done.
    pub href: String,
    /// The key of what the link says.
    pub act: &'static str,
    /// Since when it waits.
    pub since: Timestamp,
}

/// A task by the keys of its words: what it is, how grave, what is done about it, and where all of its kind are.
const fn task_words(task: DeskTask) -> (&'static str, Tone, &'static str, &'static str) {
    match task {
        DeskTask::ReleaseFailed => {
            ("workspace-desk-release-failed", Tone::Bad, "workspace-desk-see-why", "/workspace/drafts?stage=approved")
        }
        DeskTask::HarvestBraked => (
            "workspace-desk-harvest-waits",
            Tone::Warn,
            "workspace-desk-decide",
            "/workspace/jobs?state=awaiting_approval",
        ),
        DeskTask::Held => ("workspace-desk-held-back", Tone::Warn, "workspace-desk-look", "/workspace/held"),
        DeskTask::Returned => {
            ("workspace-desk-returned", Tone::Bad, "workspace-desk-mend", "/workspace/drafts?stage=returned")
        }
        DeskTask::ToReview => {
            ("workspace-desk-to-review", Tone::Info, "workspace-desk-review", "/workspace/drafts?stage=in-review")
        }
        DeskTask::HarvestFailed => {
            ("workspace-desk-harvest-failed", Tone::Bad, "workspace-desk-see-why", "/workspace/jobs?state=failed")
        }
        DeskTask::Question => ("workspace-desk-question", Tone::Info, "workspace-desk-answer", "/workspace"),
        DeskTask::Late => ("workspace-desk-late", Tone::Warn, "workspace-desk-look", "/workspace"),
        DeskTask::BrokenLinks => ("workspace-desk-broken-links", Tone::Warn, "workspace-desk-look", "/workspace"),
    }
}

fn line(item: DeskItem, language: Language) -> TodoLine {
    let (task, tone, act, _) = task_words(item.task);
    let href = match &item.subject {
        DeskSubject::Draft { id } if item.task == DeskTask::ToReview => format!("/workspace/drafts/{id}/review"),
        DeskSubject::Draft { id } if item.task == DeskTask::ReleaseFailed => format!("/workspace/drafts/{id}/journey"),
        DeskSubject::Draft { id } => format!("/workspace/drafts/{id}"),
        DeskSubject::Hold { id } => format!("/workspace/held/{id}"),
        DeskSubject::Harvest { job, .. } => format!("/workspace/jobs/{job}"),
        DeskSubject::Dataset { slug } => format!("/workspace/datasets/{slug}"),
        DeskSubject::Question { slug, .. } => format!("/datasets/{slug}#questions"),
    };
    let title = if item.title.trim().is_empty() { language.t("workspace-untitled").text() } else { item.title };
    let detail = item.detail.map(|detail| detail_in(item.task, detail, language)).unwrap_or_default();
    TodoLine { task, tone: tone.class(), title, detail, href, act, since: item.since }
}

/// What the desk says of an item besides its title: a promise, a number, or a sentence.
fn detail_in(task: DeskTask, detail: String, language: Language) -> String {
    match task {
        DeskTask::Late => language.frequency(&Frequency { words: detail, days: None }),
        DeskTask::BrokenLinks => detail.parse::<u64>().map_or(detail, |count| language.count(count)),
        DeskTask::ReleaseFailed
        | DeskTask::HarvestBraked
        | DeskTask::Held
        | DeskTask::Returned
        | DeskTask::ToReview
        | DeskTask::HarvestFailed
        | DeskTask::Question => language.in_words(&language.refused(detail)),
    }
}

/// The desk with what needs the reader.
pub(super) fn fill(
    tx: &mut Tx<'_>,
    language: Language,
    actor: &Actor,
    page: DeskPage,
) -> Result<DeskPage, CatalogError> {
    let desk = draft::desk(tx, actor, ITEMS)?;
    let places = workplaces(tx, actor)?;
    let stages = StageName::ALL.into_iter().filter(|stage| !stage.is_final()).collect();
    let drafts = draft::list(tx, actor, &DraftFilter { stages, ..DraftFilter::default() }, DRAFTS)?;
    let names = Names::of(tx, language, drafts.iter().map(|card| card.updated_by.as_str()))?;
    let more = desk.more.into_iter().map(|task| {
        let (words, _, _, href) = task_words(task);
        (words, href.to_owned())
    });
    Ok(DeskPage {
        todo: desk.items.into_iter().map(|item| line(item, language)).collect(),
        more: more.filter(|(_, href)| href != "/workspace").collect(),
        drafts: drafts.iter().map(|card| draft_line(card, &names, language)).collect(),
        may_publish: places.iter().any(|place| place.rights.writes_as().is_some()),
        publishers: choices_of(&places, |_| true),
        ..page
    })
}

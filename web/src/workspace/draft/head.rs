//! What stands over every page of a draft: what it is, where it stands, what comes next, and the ways through it.

use fairground_catalog::draft::{Draft, Origin};
use fairground_catalog::gate::{self, HoldFilter, HoldState};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{DraftId, Rights, Stage, StageName, Timestamp};

use crate::layout::Tone;
use crate::words::Language;
use crate::workspace::staff::Names;

/// A way through a draft.
#[derive(Debug, Clone)]
pub struct Tab {
    /// The key of what it says.
    pub text: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether it is shown now.
    pub is_current: bool,
    /// How many things are behind it, where that matters.
    pub count: usize,
}

/// The head.
#[derive(Debug, Clone)]
pub struct Head {
    /// The draft's id.
    pub id: DraftId,
    /// Its address here.
    pub href: String,
    /// The dataset's readable address.
    pub slug: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its publisher's name.
    pub publisher: String,
    /// The key of where it stands.
    pub state: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// The version that it changes.
    pub base_version: Option<i32>,
    /// Whether it corrects what the source of a harvested dataset says.
    pub is_correction: bool,
    /// Its revision.
    pub revision: i32,
    /// Who began it.
    pub author: String,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
    /// What comes next.
    pub what_now: Option<String>,
    /// The ways through it.
    pub tabs: Vec<Tab>,
    /// What the reader may do for its publisher.
    pub rights: Rights,
    /// Whether the reader wrote any of it.
    pub is_own: bool,
    /// Whether its content may change, and the reader may change it.
    pub may_edit: bool,
}

/// Which page of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The form.
    Form,
    /// Files.
    Files,
    /// The document.
    Document,
    /// Submitting and what follows.
    Journey,
    /// The review.
    Review,
    /// None of them.
    Elsewhere,
}

/// The key of a stage's words, and the tag's class for it.
pub(super) const fn stage_words(stage: StageName) -> (&'static str, &'static str) {
    match stage {
        StageName::Draft => ("workspace-draft-stage-draft", Tone::Info.class()),
        StageName::InReview => ("workspace-draft-stage-in-review", Tone::Warn.class()),
        StageName::Returned => ("workspace-draft-stage-returned", Tone::Bad.class()),
        StageName::Approved => ("workspace-draft-stage-approved", Tone::Good.class()),
        StageName::Published => ("workspace-draft-stage-published", Tone::Good.class()),
        StageName::Discarded => ("workspace-draft-stage-discarded", Tone::Neutral.class()),
    }
}

/// The head of a draft for a reader.
pub(super) fn head(
    tx: &mut Tx<'_>,
    language: Language,
    actor: &Actor,
    draft: &Draft,
    part: Part,
) -> Result<Head, CatalogError> {
    let rights = member::rights(tx, actor, draft.publisher.id)?;
    let names = Names::of(tx, language, [draft.created_by.as_str(), draft.updated_by.as_str()])?;
    let (state, tone) = stage_words(draft.stage.name());
    let href = format!("/workspace/drafts/{}", draft.id);
    let held = gate::list(
        tx,
        actor,
        &HoldFilter { state: Some(HoldState::Open), dataset: Some(draft.dataset), ..HoldFilter::default() },
        1,
    )?;
    let is_open = draft.stage.must_be_open().is_ok();
    let tab = |text, one: Part, path: &str, count| Tab {
        text,
        href: format!("{href}{path}"),
        is_current: part == one,
        count,
    };
    Ok(Head {
        id: draft.id,
        slug: draft.slug.to_string(),
        title: draft.title().to_owned(),
        publisher: draft.publisher.name.clone(),
        state,
        tone,
        base_version: draft.base_version,
        is_correction: draft.origin == Origin::Correction,
        revision: draft.revision,
        author: names.get(&draft.created_by),
        changed_at: draft.updated_at,
        changed_by: names.get(&draft.updated_by),
        what_now: what_now(draft, !held.is_empty(), language),
        tabs: vec![
            tab("workspace-draft-tab-form", Part::Form, "", 0),
            tab("workspace-draft-tab-files", Part::Files, "/files", draft.files.len()),
            tab("workspace-draft-tab-document", Part::Document, "/document", 0),
            tab("workspace-draft-tab-preview", Part::Elsewhere, "/preview", 0),
            tab("workspace-draft-tab-publish", Part::Journey, "/journey", 0),
            tab("workspace-draft-tab-review", Part::Review, "/review", 0),
        ],
        is_own: draft.is_by(actor.name()),
        may_edit: is_open && rights.writes_as().is_some(),
        rights,
        href,
    })
}

fn what_now(draft: &Draft, is_held: bool, language: Language) -> Option<String> {
    if let Some(problem) = &draft.problem {
        return Some(language.t("workspace-draft-now-failed").with("problem", problem).text());
    }
    let held = || language.t("workspace-draft-now-held").text();
    match &draft.stage {
        Stage::Draft => is_held.then(held),
        Stage::Returned(_) => Some(language.t("workspace-draft-now-returned").text()),
        Stage::InReview { passes_at, objection, .. } => Some(match (objection, passes_at) {
            _ if is_held => held(),
            (Some(objection), _) => language.t("workspace-draft-now-objected").with("reason", &objection.reason).text(),
            (None, Some(at)) => language.t("workspace-draft-now-passes").with("moment", language.moment(*at)).text(),
            (None, None) => language.t("workspace-draft-now-waits").text(),
        }),
        Stage::Approved { release, embargo, .. } => {
            let planned = language.t("workspace-draft-now-planned").with("moment", release.shown()).text();
            Some(match embargo {
                Some(number) => {
                    let registered = language.t("workspace-draft-now-registered").with("number", number.to_string());
                    format!("{planned} {}", registered.text())
                }
                None => planned,
            })
        }
        Stage::Published { version, .. } => {
            Some(language.t("workspace-draft-now-version").with("version", version.to_string()).text())
        }
        Stage::Discarded { .. } => None,
    }
}

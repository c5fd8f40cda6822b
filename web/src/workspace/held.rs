//! What the screen for personal data holds back: the queue, the masked evidence, and what reviewers decide.

mod repair;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_api::draft::repair_held;
use fairground_catalog::gate::{self, Finding, Hold, HoldFilter, HoldState, ReleaseReason, SubjectKind, Verdict};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::{HoldId, PublisherId, Rights, Timestamp};

use super::draft::Fault;
use super::load::parameter;
use super::staff::{Names, acting, actor, beside, judged};
use crate::layout::{Form, Frame, Notice, PageError, Place, Tone, Visit, answer_private_page};
use crate::words::{Language, capitalised};

pub use repair::RepairRow;
use repair::WAYS;

/// Holds on a page.
const HOLDS: i64 = 50;
/// Findings on a page.
const MOST_FINDINGS: usize = 200;

/// A link that chooses what a list shows.
#[derive(Debug, Clone)]
pub struct Chip {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// Whether that is shown now.
    pub is_current: bool,
}

/// One hold in the queue.
#[derive(Debug, Clone)]
pub struct HoldLine {
    /// Its id.
    pub id: String,
    /// What is held.
    pub name: String,
    /// The key of what sort of thing that is.
    pub sort: &'static str,
    /// Whose it is.
    pub publisher: String,
    /// What was found, in words.
    pub found: String,
    /// Whether nothing of the dataset is public meanwhile.
    pub whole: bool,
    /// The key of its state.
    pub state: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// Since when.
    pub since: Timestamp,
}

/// The queue.
#[derive(Debug, Clone)]
pub struct HeldPage {
    /// States to choose from.
    pub chips: Vec<Chip>,
    /// The holds.
    pub lines: Vec<HoldLine>,
    /// Where the next page is.
    pub next: Option<String>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct FindingLine {
    /// Table and column.
    pub place: String,
    /// What it is.
    pub kind: String,
    /// The tag's class for what comes of it.
    pub tone: &'static str,
    /// How sure the screen is.
    pub sureness: String,
    /// In how many rows.
    pub rows: u64,
    /// Rows and masked examples.
    pub examples: Vec<(Option<u64>, String)>,
    /// Why.
    pub why: String,
    /// Which rule found it.
    pub rule: String,
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct DecisionLine {
    /// In words.
    pub words: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The reviewer's words.
    pub because: String,
    /// What is taken out.
    pub repairs: Vec<String>,
}

/// What a repair would do.
#[derive(Debug, Clone)]
pub struct PreviewLine {
    /// In words.
    pub words: String,
    /// Masked values before, values after.
    pub examples: Vec<(String, String)>,
}

/// One hold.
#[derive(Debug, Clone)]
pub struct HoldPage {
    /// Its id.
    pub id: String,
    /// What is held.
    pub name: String,
    /// The key of what sort of thing that is.
    pub sort: &'static str,
    /// Whose it is.
    pub publisher: String,
    /// By which rules.
    pub rules: String,
    /// Where the held thing itself is: text and address.
    pub home: Option<(String, String)>,
    /// Whether nothing of the dataset is public meanwhile.
    pub whole: bool,
    /// The key of its state.
    pub state: &'static str,
    /// The tag's class for that.
    pub tone: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// What was decided.
    pub decision: Option<DecisionLine>,
    /// What was found.
    pub findings: Vec<FindingLine>,
    /// Who could be recognised by a combination.
    pub groups: Vec<String>,
    /// What else the screen says.
    pub notes: Vec<String>,
    /// True when the hold waits and the reader may do something about it.
    pub may_decide: bool,
    /// True when the reader may release it.
    pub may_release: bool,
    /// True when the reader put it in.
    pub is_own: bool,
    /// True when it is a file.
    pub may_repair: bool,
    /// The repairs as they stand in the form.
    pub repairs: Vec<RepairRow>,
    /// Columns to choose from.
    pub columns: Vec<String>,
    /// What the repairs would do, when that was asked for.
    pub preview: Option<Vec<PreviewLine>>,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
    /// What was typed.
    pub typed_reason: String,
    /// What was typed to release it.
    pub because: String,
    /// What was typed to repair it.
    pub because_repair: String,
    /// What was typed to keep it back.
    pub because_reject: String,
}

impl HoldPage {
    /// What is wrong with a field.
    #[must_use]
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, problem)| problem.as_str())
    }

    /// The repairs with their places in the form.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &RepairRow)> {
        self.repairs.iter().enumerate()
    }

    /// What can be done with a column.
    #[must_use]
    pub fn ways(&self) -> &'static [(&'static str, &'static str)] {
        WAYS
    }

    /// Why something may be released: as it is sent, and the key of its words.
    #[must_use]
    pub fn reasons(&self) -> Vec<(&'static str, &'static str)> {
        ReleaseReason::ALL.into_iter().map(|reason| (reason.as_str(), reason_key(reason))).collect()
    }
}

/// The template of [`HeldPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/gate/list.html")]
pub struct HeldView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a HeldPage,
}

/// The template of [`HoldPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/gate/hold.html")]
pub struct HoldView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a HoldPage,
}

pub(super) const fn state_words(state: HoldState) -> (&'static str, &'static str) {
    match state {
        HoldState::Open => ("workspace-gate-state-open", Tone::Warn.class()),
        HoldState::Released => ("workspace-gate-state-released", Tone::Good.class()),
        HoldState::Repaired => ("workspace-gate-state-repaired", Tone::Good.class()),
        HoldState::Rejected => ("workspace-gate-state-rejected", Tone::Bad.class()),
        HoldState::Superseded => ("workspace-gate-state-superseded", Tone::Neutral.class()),
    }
}

const fn sort_words(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Description => "workspace-gate-sort-description",
        SubjectKind::File => "workspace-gate-sort-file",
        SubjectKind::Draft => "workspace-gate-sort-draft",
        SubjectKind::DraftFile => "workspace-gate-sort-draft-file",
    }
}

/// The key of why something may be released.
const fn reason_key(reason: ReleaseReason) -> &'static str {
    match reason {
        ReleaseReason::NotPersonal => "workspace-gate-reason-not-personal",
        ReleaseReason::PublicOffice => "workspace-gate-reason-public-office",
        ReleaseReason::LegalDuty => "workspace-gate-reason-legal-duty",
        ReleaseReason::Consent => "workspace-gate-reason-consent",
        ReleaseReason::Anonymised => "workspace-gate-reason-anonymised",
        ReleaseReason::Historical => "workspace-gate-reason-historical",
    }
}

/// A kind of finding as a heading.
fn kind_words(kind: gate::Kind, language: Language) -> String {
    capitalised(language.t("screen-kind").with("kind", kind.as_str()).text())
}

/// What holds it, in a few words.
pub(super) fn found_words(hold: &Hold, language: Language) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for finding in hold.report.findings.iter().filter(|finding| finding.outcome == Verdict::Hold) {
        let words = kind_words(finding.kind, language);
        if !kinds.contains(&words) {
            kinds.push(words);
        }
    }
    kinds.join(", ")
}

/// Shows what is held back.
pub(crate) async fn list_held(visit: Visit) -> HttpResponse {
    let loaded = load_list(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| answer_private_page(StatusCode::OK, &HeldView { frame, page }))
}

async fn load_list(visit: &Visit) -> Result<HeldPage, PageError> {
    let language = visit.language;
    let actor = actor(visit)?;
    let asked = parameter(visit, "state");
    let all = asked.as_deref() == Some("all");
    let state = if all { None } else { Some(asked.as_deref().and_then(HoldState::parse).unwrap_or(HoldState::Open)) };
    let before = parameter(visit, "before").and_then(|id| id.parse::<HoldId>().ok());
    visit
        .read(move |tx| {
            let filter = HoldFilter { state, before, ..HoldFilter::default() };
            let mut found = gate::list(tx, &actor, &filter, HOLDS + 1)?;
            let size = usize::try_from(HOLDS).unwrap_or(usize::MAX);
            let has_more = found.len() > size;
            found.truncate(size);
            let asked = state.map_or("all", HoldState::as_str);
            let next = found.last().filter(|_| has_more);
            let next = next.map(|last| format!("/workspace/held?state={asked}&before={}", last.id));
            let mut lines = Vec::with_capacity(found.len());
            for hold in found {
                lines.push(line(tx, language, &hold)?);
            }
            Ok(HeldPage { chips: chips(state, language), lines, next })
        })
        .await
}

fn chips(state: Option<HoldState>, language: Language) -> Vec<Chip> {
    let of = |one: HoldState| Chip {
        text: language.t(state_words(one).0).text(),
        href: format!("/workspace/held?state={}", one.as_str()),
        is_current: state == Some(one),
    };
    let all = Chip {
        text: language.t("workspace-gate-all").text(),
        href: "/workspace/held?state=all".to_owned(),
        is_current: state.is_none(),
    };
    HoldState::ALL.into_iter().map(of).chain([all]).collect()
}

fn publisher_name(tx: &mut Tx<'_>, id: Option<PublisherId>) -> Result<String, CatalogError> {
    let found = id.map(|id| publisher::find_by_id(tx, id)).transpose()?.flatten();
    Ok(found.map(|publisher| publisher.name).unwrap_or_default())
}

fn line(tx: &mut Tx<'_>, language: Language, hold: &Hold) -> Result<HoldLine, CatalogError> {
    let (state, tone) = state_words(hold.state);
    Ok(HoldLine {
        id: hold.id.to_string(),
        name: shown_name(hold, language),
        sort: sort_words(hold.subject.kind),
        publisher: publisher_name(tx, hold.publisher)?,
        found: found_words(hold, language),
        whole: hold.whole,
        state,
        tone,
        since: hold.created_at,
    })
}

fn shown_name(hold: &Hold, language: Language) -> String {
    if hold.name.trim().is_empty() { language.t("workspace-gate-without-name").text() } else { hold.name.clone() }
}

/// Shows one hold with its masked evidence.
pub(crate) async fn show_hold(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_hold(&visit, &id).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<HoldPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &HoldView { frame, page }))
}

async fn load_hold(visit: &Visit, id: &str) -> Result<HoldPage, PageError> {
    let language = visit.language;
    let actor = actor(visit)?;
    let id: HoldId = id.parse().map_err(|_| PageError::NotFound)?;
    visit
        .read(move |tx| {
            let hold = gate::get_visible(tx, &actor, id)?;
            page(tx, language, &actor, &hold)
        })
        .await
}

fn rights_for(tx: &mut Tx<'_>, actor: &Actor, hold: &Hold) -> Result<Rights, CatalogError> {
    match hold.publisher {
        Some(publisher) => member::rights(tx, actor, publisher),
        None => Ok(Rights { operator: actor.is_operator(), ..Rights::default() }),
    }
}

fn page(tx: &mut Tx<'_>, language: Language, actor: &Actor, hold: &Hold) -> Result<HoldPage, CatalogError> {
    let rights = rights_for(tx, actor, hold)?;
    let is_own = hold.authors.iter().any(|author| author == actor.name());
    let waits = matches!(hold.state, HoldState::Open | HoldState::Rejected);
    let takes_part = rights.reviews_as().is_some() || rights.writes_as().is_some();
    let by = hold.decision.as_ref().map(|decision| decision.by.as_str());
    let names = Names::of(tx, language, by)?;
    let (state, tone) = state_words(hold.state);
    Ok(HoldPage {
        id: hold.id.to_string(),
        name: shown_name(hold, language),
        sort: sort_words(hold.subject.kind),
        publisher: publisher_name(tx, hold.publisher)?,
        rules: hold.rules.clone(),
        home: home_of(hold, language),
        whole: hold.whole,
        state,
        tone,
        since: hold.created_at,
        decision: hold.decision.as_ref().map(|decision| decided(hold, decision, &names, language)),
        findings: hold.report.findings.iter().take(MOST_FINDINGS).map(|one| finding_line(one, language)).collect(),
        groups: hold.report.re_identification.iter().map(|groups| group_words(groups, language)).collect(),
        notes: hold.report.notes.clone(),
        may_decide: waits && takes_part,
        may_release: waits && rights.reviews_as().is_some() && !is_own,
        is_own,
        may_repair: matches!(hold.subject.kind, SubjectKind::File | SubjectKind::DraftFile),
        repairs: repair::rows_of(&hold.report, language),
        columns: repair::columns_of(&hold.report),
        preview: None,
        faults: Vec::new(),
        typed_reason: String::new(),
        because: String::new(),
        because_repair: String::new(),
        because_reject: String::new(),
    })
}

/// Where the held thing itself is.
fn home_of(hold: &Hold, language: Language) -> Option<(String, String)> {
    match hold.subject.kind {
        SubjectKind::Draft => {
            Some((language.t("workspace-gate-the-draft").text(), format!("/workspace/drafts/{}", hold.subject.id)))
        }
        SubjectKind::DraftFile => {
            let draft = hold.subject.id.split('/').next()?;
            Some((language.t("workspace-gate-the-draft").text(), format!("/workspace/drafts/{draft}/files")))
        }
        SubjectKind::Description | SubjectKind::File if !hold.whole => {
            Some((language.t("workspace-gate-the-dataset").text(), format!("/datasets/{}", hold.dataset)))
        }
        SubjectKind::Description | SubjectKind::File => None,
    }
}

fn decided(hold: &Hold, decision: &gate::Decision, names: &Names, language: Language) -> DecisionLine {
    let words = match (decision.reason, hold.state) {
        (Some(reason), _) => {
            language.t("workspace-gate-released-for").with("reason", language.t(reason_key(reason))).text()
        }
        (None, HoldState::Repaired) if decision.applied_at.is_none() => language.t("workspace-gate-to-repair").text(),
        (None, _) if decision.repairs.is_some() => language.t("workspace-gate-repaired-so").text(),
        (None, _) => language.t("workspace-gate-kept").text(),
    };
    let list = decision
        .repairs
        .as_ref()
        .map(|repairs| repairs.list().iter().map(|repair| repair::words_of(repair, language)).collect());
    DecisionLine {
        words,
        by: names.get(&decision.by),
        at: decision.at,
        because: decision.because.clone(),
        repairs: list.unwrap_or_default(),
    }
}

fn finding_line(finding: &Finding, language: Language) -> FindingLine {
    let place = match (finding.table.as_str(), finding.column.as_str()) {
        ("", "") => language.t("workspace-gate-the-text").text(),
        ("", column) => column.to_owned(),
        (table, "") => table.to_owned(),
        (table, column) => format!("{table}: {column}"),
    };
    let tone = match finding.outcome {
        Verdict::Hold => Tone::Bad,
        Verdict::Notes => Tone::Warn,
        Verdict::Pass => Tone::Neutral,
    };
    let sureness = match finding.confidence {
        sure if sure >= 0.9 => "workspace-gate-sure",
        sure if sure >= 0.6 => "workspace-gate-likely",
        _ => "workspace-gate-possible",
    };
    let numbers = finding.row_numbers.iter().map(|number| Some(*number)).chain(std::iter::repeat(None));
    let scheme = finding.scheme.as_deref().map(|scheme| format!(" ({scheme})")).unwrap_or_default();
    FindingLine {
        place,
        kind: format!("{}{scheme}", kind_words(finding.kind, language)),
        tone: tone.class(),
        sureness: language.t(sureness).text(),
        rows: finding.rows,
        examples: numbers.zip(&finding.examples).map(|(number, example)| (number, example.clone())).collect(),
        why: finding.why.clone(),
        rule: finding.rule.clone(),
    }
}

fn group_words(groups: &gate::Groups, language: Language) -> String {
    let table = if groups.table.is_empty() { String::new() } else { format!("{}: ", groups.table) };
    let said = language
        .t("workspace-gate-group")
        .with("columns", groups.columns.join(", "))
        .with("unique", groups.unique)
        .with("rows", groups.rows)
        .with("smallest", groups.smallest)
        .text();
    match groups.became_unique.filter(|number| *number > 0) {
        Some(number) => {
            format!("{table}{said}; {}", language.t("workspace-gate-became-unique").with("count", number).text())
        }
        None => format!("{table}{said}"),
    }
}

/// Does what a form on a hold's page asks.
pub(crate) async fn act_on_hold(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    match try_act(&visit, &id, &form).await {
        Ok(Acted::Done(notice)) => {
            let address = format!("/workspace/held/{id}?done={}", notice.as_str());
            visit.follow(Place::Workspace, Ok(address))
        }
        Ok(Acted::Shown(preview)) => {
            let page = load_hold(&visit, &id).await.map(|page| typed(page, &form, visit.language));
            finish(&visit, StatusCode::OK, page.map(|page| HoldPage { preview: Some(preview), ..page }))
        }
        Ok(Acted::Refused(fault)) => {
            let page = load_hold(&visit, &id).await.map(|page| typed(page, &form, visit.language));
            let page = page.map(|page| HoldPage { faults: vec![fault], ..page });
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Ok(Acted::Unrepairable(rows)) => {
            let page = load_hold(&visit, &id).await.map(|page| typed(page, &form, visit.language));
            let faults = vec![("because_repair".to_owned(), visit.language.t("workspace-gate-mend-marked").text())];
            let page = page.map(|page| HoldPage { repairs: rows, faults, ..page });
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

enum Acted {
    Done(Notice),
    Shown(Vec<PreviewLine>),
    Refused(Fault),
    Unrepairable(Vec<RepairRow>),
}

fn typed(page: HoldPage, form: &Form, language: Language) -> HoldPage {
    let rows = repair::typed_rows(form, language);
    HoldPage {
        repairs: if rows.is_empty() { page.repairs } else { rows },
        typed_reason: form.text("reason").to_owned(),
        because: form.text("because").to_owned(),
        because_repair: form.text("because_repair").to_owned(),
        because_reject: form.text("because_reject").to_owned(),
        ..page
    }
}

async fn try_act(visit: &Visit, id: &str, form: &Form) -> Result<Acted, PageError> {
    let actor = acting(visit, form)?;
    let id: HoldId = id.parse().map_err(|_| PageError::NotFound)?;
    match form.text("act") {
        "release" => {
            let Some(reason) = ReleaseReason::parse(form.text("reason")) else {
                return Ok(Acted::Refused((
                    "reason".to_owned(),
                    visit.language.t("workspace-gate-choose-reason").text(),
                )));
            };
            let because = form.text("because").to_owned();
            let work = move |tx: &mut Tx<'_>| gate::release(tx, &actor, id, reason, &because).map(drop);
            decide(visit, work, "because", Notice::HoldReleased).await
        }
        "reject" => {
            let because = form.text("because_reject").to_owned();
            let work = move |tx: &mut Tx<'_>| gate::reject(tx, &actor, id, &because).map(drop);
            decide(visit, work, "because_reject", Notice::HoldKept).await
        }
        act @ ("repair" | "preview") => {
            let repairs = match repair::read(form, visit.language) {
                Ok(repairs) => repairs,
                Err(rows) => return Ok(Acted::Unrepairable(rows)),
            };
            if act == "preview" {
                return repair::preview(visit, &actor, id, repairs).await.map(|preview| match preview {
                    Ok(lines) => Acted::Shown(lines),
                    Err(problem) => Acted::Refused(("because_repair".to_owned(), problem)),
                });
            }
            let because = form.text("because_repair").to_owned();
            let repaired = repair_held(&visit.pages.state, &actor, id, repairs, because).await;
            Ok(match judged(repaired)? {
                Ok(_) => Acted::Done(Notice::HoldRepaired),
                Err((_, problem)) => Acted::Refused(("because_repair".to_owned(), visit.language.refused(problem))),
            })
        }
        _ => Err(PageError::BadRequest("Choose what to do.".to_owned())),
    }
}

async fn decide(
    visit: &Visit,
    work: impl FnOnce(&mut Tx<'_>) -> Result<(), CatalogError> + Send + 'static,
    words: &'static str,
    notice: Notice,
) -> Result<Acted, PageError> {
    let language = visit.language;
    visit
        .write(move |tx| match work(tx) {
            Ok(()) => Ok(Acted::Done(notice)),
            Err(error) => {
                let place = |field: &str| if field == "because" { words } else { "because_repair" }.to_owned();
                beside(error, language, place).map(Acted::Refused)
            }
        })
        .await
}

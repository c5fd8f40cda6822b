//! The forms by which an operator acts in public: another version of the tariff, exceptions, suspensions, arrangements,
//! refusals, and the early end of what can be ended.

use std::borrow::Borrow;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_api::mail::Tongue;
use fairground_api::transparency as letters;
use fairground_catalog::account::{Account, Role};
use fairground_catalog::register::{
    self, ArrangementGround, Content, EntryKind, NewArrangement, NewRefusal, NewSuspension, SuspensionGround,
};
use fairground_catalog::tariff::{self, Draft};
use fairground_catalog::{CatalogError, Tx, application, letter};
use fairground_domain::{ExceptionLimits, ExceptionScope, ExceptionTerms, OperationClass, Timestamp};

use super::register::parameter;
use super::{ComparisonTable, arrangement_words, class_words, suspension_words};
use crate::layout::{Form, Frame, PageError, Place, Visit, answer_private_page};
use crate::words::{Html, Language, Later};

const FOR_THE_TEAM: &str = "This page is for the portal’s team.";

fn operator(account: &Account) -> Result<(), PageError> {
    if account.role == Role::Operator { Ok(()) } else { Err(PageError::Forbidden(FOR_THE_TEAM)) }
}

fn actor(account: &Account) -> String {
    format!("account:{}", account.id)
}

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Something that has a message of its own.
    Said(Later),
    /// What the catalogue says of it.
    Refused(String),
}

impl Problem {
    /// What it says, as HTML.
    #[must_use]
    pub fn said(&self, language: impl Borrow<Language>) -> Html {
        match self {
            Self::Said(words) => words.say(language),
            Self::Refused(english) => language.borrow().refusal(english),
        }
    }
}

impl From<&'static str> for Problem {
    fn from(key: &'static str) -> Self {
        Self::Said(Later::key(key))
    }
}

/// What a form's reader can mend, said in the form; everything else is a page of its own. Nothing was written in either case.
fn told<T>(done: Result<T, CatalogError>) -> Result<Result<T, Problem>, CatalogError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(
            error @ (CatalogError::Invalid { .. }
            | CatalogError::NotFound { .. }
            | CatalogError::WrongState { .. }
            | CatalogError::Tariff(_)
            | CatalogError::Announcement(_)
            | CatalogError::Exception(_)),
        ) => Ok(Err(Problem::Refused(error.to_string()))),
        Err(error) => Err(error),
    }
}

/// Writes, and tells the followers; what the reader can mend comes back as text.
async fn write<T: Send + 'static>(
    visit: &Visit,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
) -> Result<Result<T, Problem>, PageError> {
    let catalog = visit.pages.state.catalog.clone();
    let done = visit.block(move || told(catalog.db.write(work))).await?;
    if done.is_ok() {
        visit.pages.state.catalog.announce();
    }
    Ok(done)
}

/// The form for another version of the tariff.
#[derive(Debug, Clone, Default)]
pub struct TariffForm {
    /// The document, as JSON.
    pub document: String,
    /// The number of the latest version that the reader has seen.
    pub latest: u32,
    /// What is wrong.
    pub problem: Option<Problem>,
    /// What it would change.
    pub difference: Option<ComparisonTable>,
    /// The first moment that it may be valid from.
    pub earliest: Option<Timestamp>,
    /// From when it would be enforced.
    pub valid_from: Option<Timestamp>,
}

impl TariffForm {
    /// Whether it can be published as it stands.
    #[must_use]
    pub fn in_time(&self) -> bool {
        self.valid_from.zip(self.earliest).is_some_and(|(from, earliest)| from >= earliest)
    }
}

/// The template of [`TariffForm`].
#[derive(Debug, Template)]
#[template(path = "transparency/tariff-form.html")]
pub struct TariffFormView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a TariffForm,
}

/// Shows the form, filled with the latest version.
pub(crate) async fn show_tariff_form(visit: Visit) -> HttpResponse {
    let loaded = load_tariff_form(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &TariffFormView { frame, page })
    })
}

async fn load_tariff_form(visit: &Visit) -> Result<TariffForm, PageError> {
    operator(&visit.staff()?.account)?;
    let versions = visit.read(tariff::list_versions).await?;
    let latest = versions.first().ok_or(PageError::NotFound)?;
    let document = serde_json::to_string_pretty(latest).map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(TariffForm { document, latest: latest.version, ..TariffForm::default() })
}

/// Compares, and where asked to publishes, a version of the tariff.
pub(crate) async fn publish_tariff(visit: Visit, form: Form) -> HttpResponse {
    match try_publish(&visit, &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(page)) => {
            let status = if page.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            visit.finish(Place::Workspace, Ok(page), |frame, page| {
                answer_private_page(status, &TariffFormView { frame, page })
            })
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_publish(visit: &Visit, form: &Form) -> Result<Result<String, TariffForm>, PageError> {
    let account = visit.acting(form)?.account.clone();
    operator(&account)?;
    let latest: u32 = form.text("latest").parse().unwrap_or(0);
    let mut page = TariffForm { document: form.raw("document").to_owned(), latest, ..TariffForm::default() };
    let draft = match Draft::read(form.raw("document")) {
        Ok(draft) => draft,
        Err(error) => {
            page.problem = Some(Problem::Said(Later::key("transparency-unreadable").with("error", error.to_string())));
            return Ok(Err(page));
        }
    };
    let asked = draft.clone();
    let catalog = visit.pages.state.catalog.clone();
    match visit.block(move || told(catalog.db.read(|tx| tariff::preview(tx, asked)))).await? {
        Ok((tariff, announcement)) => {
            page.valid_from = Some(tariff.valid_from);
            page.earliest = Some(announcement.earliest);
            page.difference = Some(announcement.comparison.into());
        }
        Err(problem) => {
            page.problem = Some(problem);
            return Ok(Err(page));
        }
    }
    if form.text("act") != "publish" {
        return Ok(Err(page));
    }
    match write(visit, move |tx| tariff::publish(tx, draft, latest, &actor(&account))).await? {
        Ok((tariff, _)) => Ok(Ok(format!("/transparency/tariff?to={}", tariff.version))),
        Err(problem) => {
            page.problem = Some(problem);
            Ok(Err(page))
        }
    }
}

/// How a field is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line,
    /// Several lines.
    Lines,
    /// A UTC day.
    Day,
    /// A whole number.
    Number,
    /// One of some words, each with the key of what it is called where it has one.
    Choice(Vec<(String, Option<&'static str>)>),
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The key of what it is called.
    pub label: &'static str,
    /// The key of what to put there.
    pub hint: &'static str,
    /// How it is typed.
    pub kind: FieldKind,
    /// What was typed.
    pub value: String,
}

/// A form for an entry of the register.
#[derive(Debug, Clone)]
pub struct ActForm {
    /// What it makes.
    pub kind: EntryKind,
    /// The fields.
    pub fields: Vec<Field>,
    /// What is wrong.
    pub problem: Option<Problem>,
}

/// The template of [`ActForm`].
#[derive(Debug, Template)]
#[template(path = "transparency/act-form.html")]
pub struct ActFormView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ActForm,
}

fn choice(words: impl IntoIterator<Item = (&'static str, &'static str)>) -> FieldKind {
    FieldKind::Choice(words.into_iter().map(|(word, key)| (word.to_owned(), Some(key))).collect())
}

fn or_all(words: impl IntoIterator<Item = (String, Option<&'static str>)>) -> FieldKind {
    FieldKind::Choice(std::iter::once((String::new(), Some("transparency-act-all"))).chain(words).collect())
}

fn fields(kind: EntryKind, plans: &[String]) -> Vec<Field> {
    let field = |name, label, hint, kind| Field { name, label, hint, kind, value: String::new() };
    let reason = || field("reason", "transparency-reason", "transparency-names-nobody", FieldKind::Lines);
    match kind {
        EntryKind::Exception => {
            let plans = or_all(plans.iter().map(|plan| (plan.clone(), None)));
            let classes = OperationClass::ALL.iter();
            let classes = or_all(classes.map(|class| (class.as_str().to_owned(), Some(class_words(class)))));
            let percent = "transparency-field-percent-hint";
            vec![
                field("plan", "transparency-plan", "transparency-field-plan-hint", plans),
                field("class", "transparency-kind", "transparency-field-class-hint", classes),
                field("rate_percent", "transparency-fact-rates", percent, FieldKind::Number),
                field("concurrency_percent", "transparency-fact-at-once", percent, FieldKind::Number),
                field("quota_percent", "transparency-fact-quotas", "transparency-field-quota-hint", FieldKind::Number),
                reason(),
                field("ends_at", "transparency-field-last", "transparency-field-last-exception", FieldKind::Day),
            ]
        }
        EntryKind::Suspension => vec![
            field(
                "application",
                "transparency-field-application",
                "transparency-field-application-hint",
                FieldKind::Number,
            ),
            field(
                "ground",
                "transparency-fact-ground",
                "transparency-field-grounds-hint",
                choice(SuspensionGround::ALL.iter().map(|one| (one.as_str(), suspension_words(*one)))),
            ),
            reason(),
            field("review_at", "transparency-fact-review", "transparency-field-review-hint", FieldKind::Day),
            field("ends_at", "transparency-field-last", "transparency-field-last-suspension", FieldKind::Day),
        ],
        EntryKind::Arrangement => vec![
            field("parties", "transparency-field-parties", "transparency-field-parties-hint", FieldKind::Lines),
            field("subject", "transparency-field-reused", "transparency-field-reused-hint", FieldKind::Line),
            field(
                "ground",
                "transparency-fact-ground",
                "transparency-field-grounds-law",
                choice(ArrangementGround::ALL.iter().map(|one| (one.as_str(), arrangement_words(*one)))),
            ),
            reason(),
            field("terms_url", "transparency-field-terms", "transparency-field-terms-hint", FieldKind::Line),
            field("starts_at", "transparency-field-first", "transparency-field-first-hint", FieldKind::Day),
            field(
                "review_at",
                "transparency-field-grounds-review",
                "transparency-field-grounds-review-hint",
                FieldKind::Day,
            ),
            field("ends_at", "transparency-field-last", "transparency-field-last-arrangement", FieldKind::Day),
        ],
        EntryKind::Refusal | EntryKind::Assignment | EntryKind::Embargo => vec![
            field(
                "application",
                "transparency-field-application",
                "transparency-field-application-none",
                FieldKind::Number,
            ),
            field("subject", "transparency-field-asked", "transparency-field-asked-hint", FieldKind::Line),
            reason(),
        ],
    }
}

/// The kinds that have a form, by their word.
fn form_kind(text: &str) -> Result<EntryKind, PageError> {
    EntryKind::parse(text)
        .filter(|kind| !matches!(kind, EntryKind::Assignment | EntryKind::Embargo))
        .ok_or(PageError::NotFound)
}

async fn plans(visit: &Visit) -> Result<Vec<String>, PageError> {
    let tariff = visit.read(tariff::get_current).await?;
    Ok(tariff.plans.iter().map(|plan| plan.id.to_string()).collect())
}

/// Shows the form for an entry.
pub(crate) async fn show_act_form(visit: Visit) -> HttpResponse {
    let loaded = load_act_form(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ActFormView { frame, page })
    })
}

async fn load_act_form(visit: &Visit) -> Result<ActForm, PageError> {
    operator(&visit.staff()?.account)?;
    let kind = form_kind(parameter(visit, "kind").as_deref().unwrap_or("exception"))?;
    Ok(ActForm { kind, fields: fields(kind, &plans(visit).await?), problem: None })
}

/// Publishes an entry.
pub(crate) async fn register_entry(visit: Visit, form: Form) -> HttpResponse {
    match try_register(&visit, &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(page)) => visit.finish(Place::Workspace, Ok(page), |frame, page| {
            answer_private_page(StatusCode::UNPROCESSABLE_ENTITY, &ActFormView { frame, page })
        }),
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_register(visit: &Visit, form: &Form) -> Result<Result<String, ActForm>, PageError> {
    let account = visit.acting(form)?.account.clone();
    operator(&account)?;
    let kind = form_kind(form.text("kind"))?;
    let mut page = ActForm { kind, fields: fields(kind, &plans(visit).await?), problem: None };
    for field in &mut page.fields {
        form.text(field.name).clone_into(&mut field.value);
    }
    let act = match read_act(kind, form) {
        Ok(act) => act,
        Err(problem) => {
            page.problem = Some(problem);
            return Ok(Err(page));
        }
    };
    let state = visit.pages.state.clone();
    let done = write(visit, move |tx| {
        let actor = actor(&account);
        let entry = match act {
            Act::Exception(terms) => {
                register::publish_exception(tx, ExceptionTerms { starts_at: tx.now, ..terms }, &actor)?
            }
            Act::Suspension(new) => {
                let (entry, owner) = register::suspend(tx, new, &actor)?;
                let tongue = Tongue::of_address(tx, &owner.email, state.settings.language)?;
                let mail = letters::suspension(&state.settings, tongue, &owner, &entry);
                letter::enqueue(tx, &state.catalog.secret, mail.into())?;
                entry
            }
            Act::Arrangement(new) => register::register_arrangement(tx, new, &actor)?,
            Act::Refusal(new) => register::register_refusal(tx, new, &actor)?,
        };
        Ok(entry.number)
    })
    .await?;
    match done {
        Ok(number) => Ok(Ok(format!("/transparency/register/{number}"))),
        Err(problem) => {
            page.problem = Some(problem);
            Ok(Err(page))
        }
    }
}

#[derive(Debug)]
enum Act {
    Exception(ExceptionTerms),
    Suspension(NewSuspension),
    Arrangement(NewArrangement),
    Refusal(NewRefusal),
}

/// Reads what was typed.
fn read_act(kind: EntryKind, form: &Form) -> Result<Act, Problem> {
    let reason = form.text("reason").to_owned();
    Ok(match kind {
        EntryKind::Exception => Act::Exception(ExceptionTerms {
            scope: ExceptionScope {
                plan: optional(form, "plan", "transparency-type-plan", |text| text.parse().ok())?,
                class: optional(form, "class", "transparency-type-class", |text| {
                    OperationClass::ALL.into_iter().find(|class| class.as_str() == text)
                })?,
            },
            limits: ExceptionLimits {
                rate_percent: percent(form, "rate_percent")?,
                concurrency_percent: percent(form, "concurrency_percent")?,
                quota_percent: percent(form, "quota_percent")?,
            },
            reason,
            // Replaced by the moment of publication.
            starts_at: Timestamp::from_micros(0),
            ends_at: end_of_day(form, "ends_at")?.ok_or("transparency-type-last")?,
        }),
        EntryKind::Suspension => Act::Suspension(NewSuspension {
            application: number(form)?.ok_or("transparency-type-application")?,
            ground: SuspensionGround::parse(form.text("ground")).ok_or("transparency-type-ground")?,
            reason,
            review_at: end_of_day(form, "review_at")?.ok_or("transparency-type-review")?,
            ends_at: end_of_day(form, "ends_at")?,
        }),
        EntryKind::Arrangement => Act::Arrangement(NewArrangement {
            parties: form
                .text("parties")
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            subject: form.text("subject").to_owned(),
            ground: ArrangementGround::parse(form.text("ground")).ok_or("transparency-type-ground")?,
            reason,
            terms_url: Some(form.text("terms_url").to_owned()).filter(|url| !url.is_empty()),
            starts_at: day(form, "starts_at")?.ok_or("transparency-type-first")?,
            review_at: end_of_day(form, "review_at")?.ok_or("transparency-type-review")?,
            ends_at: end_of_day(form, "ends_at")?,
        }),
        EntryKind::Refusal | EntryKind::Assignment | EntryKind::Embargo => {
            Act::Refusal(NewRefusal { application: number(form)?, subject: form.text("subject").to_owned(), reason })
        }
    })
}

fn optional<V>(
    form: &Form,
    name: &str,
    problem: &'static str,
    read: impl Fn(&str) -> Option<V>,
) -> Result<Option<V>, Problem> {
    match form.text(name) {
        "" => Ok(None),
        text => read(text).map(Some).ok_or(Problem::from(problem)),
    }
}

fn percent(form: &Form, name: &str) -> Result<Option<u32>, Problem> {
    optional(form, name, "transparency-type-percent", |text| text.parse().ok())
}

fn number(form: &Form) -> Result<Option<i64>, Problem> {
    optional(form, "application", "transparency-type-application", |text| text.parse().ok())
}

fn day(form: &Form, name: &str) -> Result<Option<Timestamp>, Problem> {
    optional(form, name, "transparency-type-day", |text| {
        if text.len() == "2026-03-31".len() { Timestamp::lenient(text) } else { None }
    })
}

fn end_of_day(form: &Form, name: &str) -> Result<Option<Timestamp>, Problem> {
    const DAY_SECS: i64 = 86_400;
    Ok(day(form, name)?.map(|day| day.plus_secs(DAY_SECS)))
}

/// Ends an entry before its time.
pub(crate) async fn end_entry(visit: Visit, number: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_end(&visit, &number, &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_end(visit: &Visit, number: &str, form: &Form) -> Result<String, PageError> {
    let account = visit.acting(form)?.account.clone();
    operator(&account)?;
    let number: i64 = number.parse().map_err(|_| PageError::NotFound)?;
    let reason = form.text("reason").to_owned();
    let state = visit.pages.state.clone();
    visit
        .write(move |tx| {
            let entry = register::end(tx, number, &reason, &actor(&account))?;
            if let Content::Suspension { application, .. } = entry.content
                && let Some(owner) = application::find_by_number(tx, application)?
            {
                let tongue = Tongue::of_address(tx, &owner.email, state.settings.language)?;
                let mail = letters::reinstatement(&state.settings, tongue, &owner, &entry);
                letter::enqueue(tx, &state.catalog.secret, mail.into())?;
            }
            Ok(())
        })
        .await?;
    Ok(format!("/transparency/register/{number}"))
}

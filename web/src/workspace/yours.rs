//! A worker's own page of the workspace: tokens for programs that publish, and letters about one's work.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::member::{self, Actor, LONGEST_TOKEN_DAYS, PublishingToken};
use fairground_catalog::notice;
use fairground_domain::{PublishingTokenId, Timestamp};

use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, answer_private_page};

/// Publishers that the form offers to choose from.
const MOST_WORKPLACES: i64 = 500;
/// Days of life that the form suggests.
const SUGGESTED_DAYS: i64 = 90;
const DAY_SECS: i64 = 86_400;

/// The page.
#[derive(Debug, Clone, Default)]
pub struct YoursPage {
    /// The reader's tokens, newest first.
    pub tokens: Vec<PublishingToken>,
    /// A token that was just made: shown this once.
    pub made: Option<String>,
    /// Publishers that a token can be made for: short name and name.
    pub publishers: Vec<(String, String)>,
    /// Whether letters are wanted.
    pub letters: bool,
    /// The key of what is wrong with what was typed, and where it stands.
    pub fault: Option<(&'static str, &'static str)>,
    /// What was typed.
    pub typed_name: String,
    /// What was typed.
    pub typed_days: String,
}

impl YoursPage {
    /// The key of what is wrong with a field.
    #[must_use]
    pub fn fault_of(&self, field: &str) -> Option<&'static str> {
        self.fault.filter(|(name, _)| *name == field).map(|(_, key)| key)
    }

    /// Longest life of a token, in days.
    #[must_use]
    pub const fn longest(&self) -> i64 {
        LONGEST_TOKEN_DAYS
    }
}

/// The template of [`YoursPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/yours.html")]
pub struct YoursView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a YoursPage,
}

/// Shows the page.
pub(crate) async fn show_yours(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<YoursPage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &YoursView { frame, page }))
}

async fn load(visit: &Visit) -> Result<YoursPage, PageError> {
    let account = visit.staff()?.account.clone();
    visit
        .read(move |tx| {
            let actor = Actor::of(&account);
            let mut places = member::list_workplaces(tx, &actor, "", MOST_WORKPLACES)?;
            places.retain(|place| !place.rights.roles().is_empty() || place.rights.operator);
            places.sort_by(|one, other| one.publisher.name.cmp(&other.publisher.name));
            Ok(YoursPage {
                tokens: member::list_tokens(tx, account.id)?,
                publishers: places.into_iter().map(|it| (it.publisher.slug.to_string(), it.publisher.name)).collect(),
                letters: !notice::is_quiet(tx, account.id)?,
                typed_days: SUGGESTED_DAYS.to_string(),
                ..YoursPage::default()
            })
        })
        .await
}

/// Does what a form on the page asks.
pub(crate) async fn act_on_yours(visit: Visit, form: Form) -> HttpResponse {
    match try_act(&visit, &form).await {
        Ok(None) => visit.follow(Place::Workspace, Ok(format!("/workspace/yours?done={}", Notice::Saved.as_str()))),
        Ok(Some((status, page))) => finish(&visit, status, Ok(page)),
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_act(visit: &Visit, form: &Form) -> Result<Option<(StatusCode, YoursPage)>, PageError> {
    let account = visit.acting(form)?.account.clone();
    let actor = Actor::of(&account);
    match form.text("act") {
        "make" => make(visit, form, actor).await.map(Some),
        "revoke" => {
            let id: PublishingTokenId = form.text("token").parse().map_err(|_| PageError::NotFound)?;
            visit.write(move |tx| member::revoke_token(tx, &actor, id)).await.map(|()| None)
        }
        "letters" => {
            let wanted = form.is_set("wanted");
            visit.write(move |tx| notice::set_quiet(tx, account.id, !wanted)).await.map(|()| None)
        }
        _ => Err(PageError::BadRequest("Choose what to do.".to_owned())),
    }
}

async fn make(visit: &Visit, form: &Form, actor: Actor) -> Result<(StatusCode, YoursPage), PageError> {
    let (name, typed_days) = (form.text("name").to_owned(), form.text("days").to_owned());
    let days = typed_days.parse::<i64>().ok().filter(|days| (1..=LONGEST_TOKEN_DAYS).contains(days));
    let named = (1..=member::MAX_TOKEN_NAME_CHARS).contains(&name.chars().count());
    let fault = match (named, days) {
        (false, _) => Some(("name", "yours-fault-name")),
        (true, None) => Some(("days", "yours-fault-days")),
        (true, Some(_)) => None,
    };
    if let (None, Some(days)) = (fault, days) {
        let ends = Timestamp::now().plus_secs(days * DAY_SECS - 1);
        let state = &visit.pages.state;
        let (asked, publisher) = (name.clone(), form.text("publisher").to_owned());
        let made = fairground_api::make_publishing_token(state, actor, publisher, asked, ends).await;
        return match made {
            Ok((_, plain)) => {
                Ok((StatusCode::OK, YoursPage { made: Some(plain.reveal().to_owned()), ..load(visit).await? }))
            }
            Err(problem) if !problem.faults().is_empty() => {
                let fault = Some(("name", "yours-fault-many"));
                Ok((
                    StatusCode::UNPROCESSABLE_ENTITY,
                    YoursPage { fault, typed_name: name, typed_days, ..load(visit).await? },
                ))
            }
            Err(_) => Err(PageError::Forbidden("A token is made for a publisher that you work for.")),
        };
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, YoursPage { fault, typed_name: name, typed_days, ..load(visit).await? }))
}

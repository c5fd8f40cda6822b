//! Of what an application's owner is told by letter: chosen on its page of use, and ended by the link in each letter.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::application::{self, AlertKind, Alerts};
use fairground_domain::ApplicationId;

use crate::developer::Holder;
use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, answer_private_page};

/// Shares of a quota that the form offers, in percent.
const MARKS: [u8; 5] = [50, 80, 90, 95, 100];
/// Shares of failures that the form offers, in percent.
const ERROR_SHARES: [u8; 5] = [5, 10, 20, 50, 90];
/// Silences that the form offers, in days.
const SILENCES: [u8; 5] = [1, 3, 7, 14, 30];
/// What a form says that leads back to one's account.
const FROM_ACCOUNT: &str = "me";

/// The form of an application's letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertsForm {
    /// Where it is sent.
    pub action: String,
    /// What it carries.
    pub csrf: String,
    /// What is chosen.
    pub alerts: Alerts,
    /// Where letters go; `None` when that is to the owners of the application's organisation.
    pub email: Option<String>,
}

impl AlertsForm {
    /// The form of an application.
    #[must_use]
    pub fn new(id: ApplicationId, csrf: String, alerts: Alerts, email: Option<String>) -> Self {
        Self { action: format!("/developers/applications/{id}/alerts"), csrf, alerts, email }
    }

    /// Shares of a quota, and whether each is chosen. What was chosen by a program is offered, too.
    #[must_use]
    pub fn marks(&self) -> Vec<(u8, bool)> {
        let offered = offer(&MARKS, &self.alerts.quota_marks);
        offered.into_iter().map(|mark| (mark, self.alerts.quota_marks.contains(&mark))).collect()
    }

    /// Shares of failures, and whether each is chosen.
    #[must_use]
    pub fn error_shares(&self) -> Vec<(u8, bool)> {
        one_of(&ERROR_SHARES, self.alerts.error_percent)
    }

    /// Silences in days, and whether each is chosen.
    #[must_use]
    pub fn silences(&self) -> Vec<(u8, bool)> {
        one_of(&SILENCES, self.alerts.silent_days)
    }
}

/// What is offered and what is chosen, in order, each once.
fn offer(offered: &[u8], chosen: &[u8]) -> Vec<u8> {
    let mut all: Vec<u8> = offered.iter().chain(chosen).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn one_of(offered: &[u8], chosen: Option<u8>) -> Vec<(u8, bool)> {
    offer(offered, chosen.as_slice()).into_iter().map(|one| (one, chosen == Some(one))).collect()
}

/// Does what the form asks: chooses, or switches everything off.
pub(crate) async fn choose_alerts(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_choose(&visit, &id, &form).await;
    visit.follow(Place::Developers, done)
}

async fn try_choose(visit: &Visit, id: &str, form: &Form) -> Result<String, PageError> {
    let holder = Holder::acting(visit, form).await?;
    let id: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let wanted = match form.text("act") {
        "off" => Alerts::default(),
        _ => Alerts {
            quota_marks: form.all("marks").map(number).collect::<Result<Vec<u8>, _>>()?,
            error_percent: chosen(form.text("error_percent"))?,
            silent_days: chosen(form.text("silent_days"))?,
        },
    };
    visit
        .write(move |tx| {
            application::find_owned(tx, &holder.owner, id)?;
            application::set_alerts(tx, id, &wanted)
        })
        .await?;
    let notice = Notice::Saved.as_str();
    Ok(match form.text("from") {
        FROM_ACCOUNT => format!("/me?done={notice}#alerts"),
        _ => format!("/developers/applications/{id}/usage?done={notice}#alerts"),
    })
}

/// Only what the form offers is sent by it.
fn number(text: &str) -> Result<u8, PageError> {
    text.trim().parse().map_err(|_| PageError::BadRequest("Choose from what the form offers.".to_owned()))
}

fn chosen(text: &str) -> Result<Option<u8>, PageError> {
    if text.is_empty() { Ok(None) } else { number(text).map(Some) }
}

/// The page of a letter's link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertEndPage {
    /// What the link carries.
    pub token: String,
    /// Whose letters.
    pub name: String,
    /// The key of what they tell.
    pub kind: &'static str,
    /// Whether they come.
    pub is_on: bool,
}

/// The template of [`AlertEndPage`].
#[derive(Debug, Template)]
#[template(path = "usage/alert-end.html")]
pub struct AlertEndView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a AlertEndPage,
}

/// The key of what letters of a kind tell.
#[must_use]
pub const fn kind_words(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Quota => "usage-alert-kind-quota",
        AlertKind::Errors => "usage-alert-kind-errors",
        AlertKind::Silence => "usage-alert-kind-silence",
    }
}

/// Shows what a click ends.
pub(crate) async fn show_alert_end(visit: Visit, token: web::Path<String>) -> HttpResponse {
    let (secret, token) = (visit.pages.state.catalog.secret.clone(), token.into_inner());
    let loaded = visit
        .read(move |tx| {
            let link = application::look_at_alert_link(tx, &secret, &token)?;
            Ok(AlertEndPage { token, name: link.application.name, kind: kind_words(link.kind), is_on: link.is_on })
        })
        .await;
    answer(&visit, loaded)
}

/// Ends letters of a kind with one click. A mailbox posts here on its reader's behalf (RFC 8058), from anywhere and without a
/// session: the address alone says what ends.
pub(crate) async fn end_alert(visit: Visit, token: web::Path<String>) -> HttpResponse {
    let (secret, token) = (visit.pages.state.catalog.secret.clone(), token.into_inner());
    let done = visit
        .write(move |tx| {
            let link = application::switch_alert_off(tx, &secret, &token)?;
            Ok(AlertEndPage { token, name: link.application.name, kind: kind_words(link.kind), is_on: link.is_on })
        })
        .await;
    answer(&visit, done)
}

fn answer(visit: &Visit, page: Result<AlertEndPage, PageError>) -> HttpResponse {
    visit.finish(Place::Developers, page, |frame, page| {
        answer_private_page(StatusCode::OK, &AlertEndView { frame, page })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_chose_is_offered_beside_the_usual() {
        let alerts = Alerts { quota_marks: vec![25, 80], error_percent: Some(1), silent_days: None };
        let form = AlertsForm::new(ApplicationId::new(), String::new(), alerts, None);
        assert_eq!(form.marks(), [(25, true), (50, false), (80, true), (90, false), (95, false), (100, false)],);
        assert_eq!(form.error_shares().first(), Some(&(1, true)));
        assert_eq!(form.silences().len(), SILENCES.len());
        assert!(form.silences().iter().all(|(_, is_chosen)| !is_chosen));
    }
}

//! Getting a key, and confirming the address behind it.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_api::mail::{Tongue, letters};
use fairground_catalog::{CatalogError, application, letter, tariff};
use fairground_domain::Tariff;
use url::form_urlencoded;

use super::{
    ConfirmationPage, ConfirmationView, DeveloperPage, DeveloperView, KeyForm, KeyFormError, KeyMade, KeyMadeView,
};
use crate::layout::{Form, PageError, Place, Visit, answer_page, answer_private_page};
use crate::transparency::TariffView;

/// Longest token of a confirmation link, in characters.
const LONGEST_TOKEN_CHARS: usize = 200;

/// Shows how to start, with the form for a key.
pub(crate) async fn show_developers(visit: Visit) -> HttpResponse {
    let loaded = load(&visit, KeyForm::default()).await;
    visit.finish(Place::Developers, loaded, |frame, page| answer_page(StatusCode::OK, &DeveloperView { frame, page }))
}

async fn load(visit: &Visit, form: KeyForm) -> Result<DeveloperPage, PageError> {
    let index = visit.pages.state.catalog.index.clone();
    visit
        .read(move |tx| {
            let newest = index.search(&fairground_catalog::search::SearchQuery { limit: 1, ..Default::default() })?;
            let example = newest.hits.first().and_then(|hit| {
                let card: fairground_catalog::dataset::DatasetCard = serde_json::from_str(&hit.card).ok()?;
                Some(card.slug.to_string())
            });
            Ok(DeveloperPage { tariff: TariffView::from(&tariff::get_current(tx)?), form, example })
        })
        .await
}

/// Makes an application with its first key and shows the key, this once.
pub(crate) async fn get_key(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.finish(Place::Developers, Err::<(), _>(error), |_, ()| HttpResponse::NoContent().finish());
    }
    let mut typed = KeyForm {
        name: form.text("name").to_owned(),
        email: form.text("email").to_owned(),
        accepts_terms: form.is_set("terms"),
        ..KeyForm::default()
    };
    let made = if typed.check() { register(&visit, &typed).await } else { Ok(Err(typed)) };
    match made {
        Ok(Ok(made)) => visit.finish(Place::Developers, Ok(made), |frame, page| {
            answer_private_page(StatusCode::OK, &KeyMadeView { frame, page })
        }),
        Ok(Err(wrong)) => {
            let loaded = load(&visit, wrong).await;
            visit.finish(Place::Developers, loaded, |frame, page| {
                answer_private_page(StatusCode::UNPROCESSABLE_ENTITY, &DeveloperView { frame, page })
            })
        }
        Err(error) => visit.finish(Place::Developers, Err::<(), _>(error), |_, ()| HttpResponse::NoContent().finish()),
    }
}

/// The key, or the form with what the catalogue found wrong with it.
async fn register(visit: &Visit, typed: &KeyForm) -> Result<Result<KeyMade, KeyForm>, PageError> {
    let tariff = visit.read(tariff::get_current).await?;
    let (secret, wanted, terms) =
        (visit.pages.state.catalog.secret.clone(), typed.clone(), tariff.terms_version.clone());
    // What the catalogue finds wrong is taken out of the transaction as a value, for the form to say.
    let confirmation_sent = visit.pages.state.may_write_to(&wanted.email);
    let settings = Arc::clone(&visit.pages.state.settings);
    let asked = visit.language.tongue();
    let registered = visit
        .pages
        .state
        .write_keys(move |tx| match application::register(tx, &secret, &wanted.name, &wanted.email, &terms) {
            Ok(registered) => {
                if confirmation_sent {
                    let (to, token) = (&registered.application.email, &registered.verification_token);
                    let tongue = Tongue::of_address(tx, to, asked)?;
                    letter::enqueue(tx, &secret, letters::confirmation(&settings, tongue, to, token).into())?;
                }
                Ok(Ok(registered))
            }
            Err(CatalogError::Invalid { field, .. }) => Ok(Err(field)),
            Err(error) => Err(error),
        })
        .await
        .map_err(|problem| PageError::Internal(problem.chain()))?;
    match registered {
        Ok(registered) => {
            visit.pages.state.post.wake();
            let plan = registered.application.plan.to_string();
            Ok(Ok(KeyMade {
                key: registered.plain_key.reveal().to_owned(),
                name: registered.application.name,
                plan_title: tariff.plan(&plan).map_or_else(|| plan.clone(), |plan| plan.title.clone()),
                plan,
                confirmation_sent,
            }))
        }
        Err(field) => {
            let mut wrong = typed.clone();
            match field {
                "email" => wrong.email_error = Some(KeyFormError::Wrong),
                "terms_version" => wrong.terms_error = Some(KeyFormError::Missing),
                _ => wrong.name_error = Some(KeyFormError::Wrong),
            }
            Ok(Err(wrong))
        }
    }
}

/// Shows the button that a confirmation link leads to. The link alone confirms nothing: programs that look into mail follow
/// links.
pub(crate) async fn show_confirmation(visit: Visit) -> HttpResponse {
    let token = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.trim().chars().take(LONGEST_TOKEN_CHARS).collect::<String>())
        .unwrap_or_default();
    let page = ConfirmationPage { is_spent: token.is_empty(), token, ..ConfirmationPage::default() };
    visit.finish(Place::Developers, Ok(page), |frame, page| {
        answer_private_page(StatusCode::OK, &ConfirmationView { frame, page })
    })
}

/// Confirms the address behind an application and lifts it to the plan for confirmed addresses.
pub(crate) async fn confirm_address(visit: Visit, form: Form) -> HttpResponse {
    let token: String = form.text("token").chars().take(LONGEST_TOKEN_CHARS).collect();
    let confirmed = confirm(&visit, token).await;
    visit.finish(Place::Developers, confirmed, |frame, page| {
        answer_private_page(StatusCode::OK, &ConfirmationView { frame, page })
    })
}

async fn confirm(visit: &Visit, token: String) -> Result<ConfirmationPage, PageError> {
    visit.must_be_our_form()?;
    let secret = visit.pages.state.catalog.secret.clone();
    let confirmed = visit
        .pages
        .state
        .write_keys(move |tx| match application::confirm_address(tx, &secret, &token) {
            Ok(application) => {
                let plan =
                    if application.plan.as_str() == Tariff::STARTER { Tariff::OPEN } else { application.plan.as_str() };
                let title = tariff::get_current(tx)?.plan(plan).map(|plan| plan.title.clone());
                Ok(Some((application.name, title.unwrap_or_else(|| plan.to_owned()))))
            }
            Err(CatalogError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        })
        .await
        .map_err(|problem| PageError::Internal(problem.chain()))?;
    Ok(ConfirmationPage { is_spent: confirmed.is_none(), confirmed, ..ConfirmationPage::default() })
}

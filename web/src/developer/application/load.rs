//! Reading one's own applications.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::application::{self, ApiKey, Application, KeyScopes, Owner};
use fairground_catalog::{CatalogError, Tx, organisation};
use fairground_domain::{ApplicationId, Timestamp};

use super::{ApplicationPage, ApplicationView, KeyLine, MineLine, MinePage, MineView};
use crate::developer::holder::Holder;
use crate::layout::{PageError, Place, Visit, answer_private_page};

/// Shows one's applications, or the ways to them.
pub(crate) async fn list_applications(visit: Visit) -> HttpResponse {
    let loaded = load_list(&visit).await;
    visit
        .finish(Place::Developers, loaded, |frame, page| answer_private_page(StatusCode::OK, &MineView { frame, page }))
}

async fn load_list(visit: &Visit) -> Result<MinePage, PageError> {
    let Some(holder) = Holder::find(visit).await? else { return Ok(MinePage::default()) };
    let owner = holder.owner.clone();
    let applications = visit
        .read(move |tx| {
            let found = application::list_owned(tx, &owner)?;
            found.into_iter().map(|application| line(tx, application)).collect()
        })
        .await?;
    Ok(MinePage {
        is_known: true,
        has_account: holder.owner.account.is_some(),
        by_link: holder.by_link,
        csrf: holder.csrf,
        applications,
    })
}

fn line(tx: &mut Tx<'_>, application: Application) -> Result<MineLine, CatalogError> {
    let organisation = application.organisation_id.map(|id| organisation::get(tx, id)).transpose()?;
    let now = tx.now;
    Ok(MineLine {
        keys: application::list_keys(tx, application.id)?.iter().filter(|key| key.works(now)).count(),
        id: application.id.to_string(),
        plan: application.plan.to_string(),
        organisation: organisation.map(|home| home.name),
        is_verified: application.verified_at.is_some(),
        name: application.name,
    })
}

/// Shows one application.
pub(crate) async fn show_application(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = match Holder::must(&visit).await {
        Ok(holder) => load_page(&visit, holder, &id).await,
        Err(error) => Err(error),
    };
    visit.finish(Place::Developers, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &ApplicationView { frame, page })
    })
}

pub(super) fn parse_id(text: &str) -> Result<ApplicationId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

pub(super) async fn load_page(visit: &Visit, holder: Holder, id: &str) -> Result<ApplicationPage, PageError> {
    let id = parse_id(id)?;
    let Holder { owner, csrf, .. } = holder;
    visit.read(move |tx| read(tx, &owner, csrf, id)).await
}

fn read(tx: &mut Tx<'_>, owner: &Owner, csrf: String, id: ApplicationId) -> Result<ApplicationPage, CatalogError> {
    let found = application::find_owned(tx, owner, id)?;
    let home = found.organisation_id.map(|id| organisation::get(tx, id)).transpose()?;
    let organisations = match owner.account {
        Some(account) => organisation::list_of(tx, account)?,
        None => Vec::new(),
    };
    let now = tx.now;
    let keys = application::list_keys(tx, id)?.into_iter().map(|key| key_line(key, now)).collect();
    Ok(ApplicationPage {
        id: id.to_string(),
        number: found.number,
        can_be_own: home.is_some() && !owner.addresses.is_empty(),
        organisations: organisations
            .into_iter()
            .filter(|(other, _)| Some(other.id) != found.organisation_id)
            .map(|(other, _)| (other.name, other.slug.to_string()))
            .collect(),
        organisation: home.map(|home| (home.name, home.slug.to_string())),
        email: found.email,
        plan: found.plan.to_string(),
        is_verified: found.verified_at.is_some(),
        created_at: found.created_at,
        name: found.name,
        keys,
        csrf,
        fault: None,
    })
}

fn key_line(key: ApiKey, now: Timestamp) -> KeyLine {
    let networks: Vec<String> = key.restrictions.networks.iter().map(ToString::to_string).collect();
    KeyLine {
        works: key.works(now),
        id: key.id.to_string(),
        name: key.name,
        hint: key.hint,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
        last_used_at: key.last_used_at,
        is_for_everything: key.scopes == KeyScopes::ALL,
        scopes: key.scopes.names(),
        hosts: key.restrictions.referrer_hosts.join("\n"),
        networks: networks.join("\n"),
    }
}

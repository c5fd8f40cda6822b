//! Making, changing, verifying and dissolving organisations.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, http::header, patch, post};
use fairground_catalog::CatalogError;
use fairground_catalog::organisation::{self, MemberRole, NewOrganisation, OrganisationChange};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{OrganisationIn, OrganisationList, OrganisationOut, OrganisationPatch};
use crate::body::Body;
use crate::caller::{Caller, SignedInOnly, Then};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// An organisation's readable address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct OrganisationPath {
    /// The organisation's readable address.
    pub(super) organisation: String,
}

/// Makes an organisation; you are its first owner.
#[utoipa::path(tag = "organisations", request_body = OrganisationIn, security(("bearer" = [])),
               responses((status = CREATED, body = OrganisationOut), Problem))]
#[post("/organisations")]
pub(super) async fn create_organisation(
    Then(caller, body): Then<Caller<SignedInOnly>, Body<OrganisationIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account().id;
    let Body(OrganisationIn { name, slug, domain }) = body;
    let made = state
        .write(move |tx| {
            let slug = slug.map(|text| text.parse().map_err(|_| wrong_slug())).transpose()?;
            organisation::create(tx, account, NewOrganisation { name, slug, domain })
        })
        .await?;
    let out = OrganisationOut::from((made, MemberRole::Owner));
    let location = format!("/api/v1/organisations/{}", out.slug);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(out))
}

fn wrong_slug() -> CatalogError {
    CatalogError::Invalid { field: "slug", problem: "must be 1 to 100 of a-z, 0-9 and hyphens".to_owned() }
}

/// The organisations that you belong to.
#[utoipa::path(tag = "organisations", security(("bearer" = [])),
               responses((status = OK, body = OrganisationList), Problem))]
#[get("/organisations")]
pub(super) async fn list_organisations(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<OrganisationList> {
    let account = caller.account().id;
    let found = state.read(move |tx| organisation::list_of(tx, account)).await?;
    Ok(Json(OrganisationList { items: found.into_iter().map(OrganisationOut::from).collect() }))
}

/// An organisation that you belong to.
#[utoipa::path(tag = "organisations", params(OrganisationPath), security(("bearer" = [])),
               responses((status = OK, body = OrganisationOut), Problem))]
#[get("/organisations/{organisation}")]
pub(super) async fn get_organisation(
    caller: Caller<SignedInOnly>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<OrganisationOut> {
    let account = caller.account().id;
    let found = state.read(move |tx| organisation::get_for(tx, account, &path.organisation)).await?;
    Ok(Json(found.into()))
}

/// Changes an organisation's name or domain; for its owners.
#[utoipa::path(tag = "organisations", params(OrganisationPath), request_body = OrganisationPatch,
               security(("bearer" = [])),
               responses((status = OK, body = OrganisationOut), Problem))]
#[patch("/organisations/{organisation}")]
pub(super) async fn update_organisation(
    Then(caller, body): Then<Caller<SignedInOnly>, Body<OrganisationPatch>>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<OrganisationOut> {
    let account = caller.account().id;
    let Body(OrganisationPatch { name, domain }) = body;
    let changed = state
        .write(move |tx| organisation::change(tx, account, &path.organisation, &OrganisationChange { name, domain }))
        .await?;
    Ok(Json((changed, MemberRole::Owner).into()))
}

/// Applies the published rule of verification now.
#[utoipa::path(tag = "organisations", params(OrganisationPath), security(("bearer" = [])),
               responses((status = OK, body = OrganisationOut), Problem))]
#[post("/organisations/{organisation}/verify")]
pub(super) async fn verify_organisation(
    caller: Caller<SignedInOnly>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<OrganisationOut> {
    let account = caller.account().id;
    let judged = state
        .write(move |tx| {
            let (organisation, role) = organisation::get_for(tx, account, &path.organisation)?;
            Ok((organisation::verify(tx, organisation.id)?, role))
        })
        .await?;
    Ok(Json(judged.into()))
}

/// Dissolves an organisation that has no applications; for its owners.
#[utoipa::path(tag = "organisations", params(OrganisationPath), security(("bearer" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/organisations/{organisation}")]
pub(super) async fn dissolve_organisation(
    caller: Caller<SignedInOnly>,
    path: Path<OrganisationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account().id;
    state.write(move |tx| organisation::dissolve(tx, account, &path.organisation)).await?;
    Ok(HttpResponse::NoContent().finish())
}

//! Registering, and a forgotten password: by mailed links, with answers that do not tell whether an address has an account.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};

use super::sessions::begun;
use super::wire::{AddressIn, NewPasswordIn, NewSessionOut, RegistrationIn};
use crate::body::Body;
use crate::caller::Anyone;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Asks to register an address: a link goes there, and name and password are chosen behind it.
///
/// The answer is the same whether or not the address has an account.
#[utoipa::path(tag = "accounts", request_body = AddressIn, security(()),
               responses((status = ACCEPTED, description = "A letter goes to the address"), Problem))]
#[post("/registrations")]
pub(super) async fn create_registration(
    _caller: Anyone,
    body: Body<AddressIn>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    state.ask_to_register(&req, &body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Makes the account of a registration's link, and signs in.
#[utoipa::path(tag = "accounts", request_body = RegistrationIn, security(()),
               responses((status = CREATED, body = NewSessionOut), Problem))]
#[post("/registrations/confirm")]
pub(super) async fn confirm_registration(
    _caller: Anyone,
    body: Body<RegistrationIn>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(RegistrationIn { token, name, password }) = body;
    let session = state.register(&req, &token, name, password).await?;
    Ok(begun(&state, session))
}

/// Asks for a link to choose a new password.
///
/// The answer is the same whether or not the address has an account.
#[utoipa::path(tag = "accounts", request_body = AddressIn, security(()),
               responses((status = ACCEPTED, description = "A letter goes to the address"), Problem))]
#[post("/password-resets")]
pub(super) async fn create_password_reset(
    _caller: Anyone,
    body: Body<AddressIn>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    state.ask_for_password(&req, &body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Gives the account of a link a new password. Every session of it ends; a second factor stays.
#[utoipa::path(tag = "accounts", request_body = NewPasswordIn, security(()),
               responses((status = NO_CONTENT, description = "The password is changed"), Problem))]
#[post("/password-resets/confirm")]
pub(super) async fn confirm_password_reset(
    _caller: Anyone,
    body: Body<NewPasswordIn>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(NewPasswordIn { token, password }) = body;
    state.reset_password(&req, &token, password).await?;
    Ok(HttpResponse::NoContent().finish())
}

//! Keys and publishing tokens that somebody found where they should not be.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use fairground_catalog::{application, letter, member};

use super::handlers::received;
use super::wire::{LeakIn, ReceivedOut};
use crate::body::Body;
use crate::caller::Anyone;
use crate::mail::{Tongue, letters};
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Reports a key or a publishing token that was found in public: it is revoked at once, and its owner gets a letter.
///
/// Whoever can show it in full could use it, so nothing else is asked. The answer is the same for every text.
#[utoipa::path(tag = "applications", request_body = LeakIn, security((), ("api_key" = []), ("bearer" = [])),
               responses((status = ACCEPTED, body = ReceivedOut), Problem))]
#[post("/key-leaks")]
pub(super) async fn report_key_leak(
    _caller: Anyone,
    body: Body<LeakIn>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Body(LeakIn { key }) = body;
    take_leak_report(&state, &req, key).await?;
    Ok(received())
}

/// Revokes the key or token if it is somebody's, and queues the owner's letter in the same transaction.
///
/// # Errors
/// `TooManyAttempts` when too much was reported from the request's place.
pub async fn take_leak_report(state: &ApiState, req: &HttpRequest, key: String) -> Result<(), Problem> {
    state.count_leak_report(&state.place_of(req))?;
    let (secret, settings) = (state.catalog.secret.clone(), state.settings.clone());
    state
        .write_keys(move |tx| {
            if let Some(leak) = application::report_leak(tx, &secret, &key)? {
                for to in application::letter_addresses(tx, &leak.application)? {
                    let tongue = Tongue::of_address(tx, &to, settings.language)?;
                    letter::enqueue(tx, &secret, letters::key_leaked(&settings, tongue, &to, &leak).into())?;
                }
            } else if let Some(token) = member::report_token_leak(tx, &secret, &key)? {
                let tongue = Tongue::of_address(tx, &token.email, settings.language)?;
                letter::enqueue(tx, &secret, letters::token_leaked(&settings, tongue, &token).into())?;
            }
            Ok(())
        })
        .await?;
    state.post.wake();
    Ok(())
}

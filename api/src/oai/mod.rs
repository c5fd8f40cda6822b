//! The OAI-PMH 2.0 server (openarchives.org/OAI/openarchivesprotocol.html): the catalogue for harvesters that speak it.
//!
//! Records are datasets, in `oai_dc` and as DCAT-AP (`dcat`, RDF/XML). Their datestamps say when they last became, or ceased to be,
//! what is public; withdrawn datasets are told as deleted for ever (`deletedRecord` is `persistent`). Sets are publishers and
//! themes. Resumption tokens hold the whole question and where it stands, sealed; the server keeps nothing, and every page costs
//! the same.

mod error;
mod record;
mod request;
mod token;
mod verbs;
mod write;

use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use fairground_catalog::Tx;
use futures_util::StreamExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::body::MAX_JSON_BYTES;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemKind};
use crate::query::MAX_QUERY_BYTES;
use crate::state::ApiState;

use error::Refused;
use request::Request;
use verbs::Server;

/// Where it is.
pub(crate) const ROOT: &str = "/oai";
const XML: &str = "text/xml; charset=utf-8";

/// Every request there is a call of the protocol.
pub(crate) fn operation(_: &ServiceRequest) -> Operation {
    Operation::OAI
}

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(oai_pmh).service(oai_pmh_form);
}

/// The six verbs of OAI-PMH 2.0: `Identify`, `ListMetadataFormats`, `ListSets`, `ListIdentifiers`, `ListRecords`, `GetRecord`.
///
/// Metadata prefixes: `oai_dc`, `dcat`. Sets: `publisher.SLUG`, `theme.SLUG`. Moments to the second. Refusals are the protocol's
/// own, with status 200.
#[utoipa::path(tag = "feeds", security((), ("api_key" = []), ("bearer" = [])),
               params(("verb" = String, Query, description = "The verb; its arguments stand beside it.")),
               responses((status = OK, body = String, content_type = "text/xml"), Problem))]
#[get("")]
async fn oai_pmh(req: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let query = req.query_string();
    if query.len() > MAX_QUERY_BYTES {
        return Err(
            Problem::new(ProblemKind::UriTooLong).detail(format!("The query may hold up to {MAX_QUERY_BYTES} bytes."))
        );
    }
    answer(&state, query.to_owned()).await
}

/// The same, with the arguments in a form.
#[utoipa::path(tag = "feeds", security((), ("api_key" = []), ("bearer" = [])),
               request_body(content = String, content_type = "application/x-www-form-urlencoded"),
               responses((status = OK, body = String, content_type = "text/xml"), Problem))]
#[post("")]
async fn oai_pmh_form(payload: Payload, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let form = read(payload).await?;
    answer(&state, String::from_utf8_lossy(&form).into_owned()).await
}

async fn read(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(ProblemKind::MalformedBody))?;
        if body.len() + chunk.len() > MAX_JSON_BYTES {
            return Err(crate::problem::too_large(MAX_JSON_BYTES));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

async fn answer(state: &Data<ApiState>, arguments: String) -> Result<HttpResponse, Problem> {
    let shared = Data::clone(state);
    let work = move |tx: &mut Tx<'_>| {
        let server = Server { settings: &shared.settings, secret: &shared.catalog.secret, now: tx.now };
        let request = match Request::read(&arguments) {
            Ok(request) => request,
            Err(error) => return Ok(write::refusal(&server, None, &error)),
        };
        match server.serve(tx, &request) {
            Ok(body) => Ok(write::document(&server, &request, &body)),
            Err(Refused::Protocol(error)) => Ok(write::refusal(&server, Some(&request), &error)),
            Err(Refused::Store(error)) => Err(error),
        }
    };
    let document = state.read(work).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, XML))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(document))
}

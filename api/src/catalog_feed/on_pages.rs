//! RDF at the addresses of datasets' pages: by suffix, and by `Accept` where a browser would see the page.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::guard::GuardContext;
use actix_web::http::header;
use actix_web::middleware::Compress;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, guard};

use crate::caller::Anyone;
use crate::dataset::{Form, answer_dataset, asks_for_rdf};
use crate::hot_path::HotPath;
use crate::operation::{Operation, ROUTES};
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// It is the same operation as at the API's own address.
fn operation(_: &ServiceRequest) -> Operation {
    ROUTES.iter().find(|route| route.operation.id == "get_dataset").map_or(Operation::UNKNOWN, |route| route.operation)
}

pub(super) fn configure(config: &mut web::ServiceConfig, state: &Data<ApiState>) {
    let path = || HotPath::new(Arc::clone(&state.gate), operation as fn(&ServiceRequest) -> Operation);
    config
        .service(
            web::resource("/datasets/{dataset:[^/.]+}.{suffix:ttl|rdf|jsonld|nt|json}")
                .route(web::get().to(by_suffix))
                .wrap(Compress::default())
                .wrap(path()),
        )
        .service(
            web::resource("/datasets/{dataset:[^/.]+}")
                .guard(guard::Get())
                .guard(guard::fn_guard(wants_rdf))
                .route(web::get().to(by_accept))
                .wrap(Compress::default())
                .wrap(path()),
        );
}

fn wants_rdf(context: &GuardContext<'_>) -> bool {
    let accept = context.head().headers.get(header::ACCEPT).and_then(|field| field.to_str().ok());
    accept.is_some_and(asks_for_rdf)
}

async fn by_suffix(
    _caller: Anyone,
    path: Path<(String, String)>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (dataset, suffix) = path.into_inner();
    let name = format!("{dataset}.{suffix}");
    let (dataset, form) = Form::by_suffix(&name);
    answer_dataset(dataset, form.unwrap_or(Form::JsonLd), &req, &state).await
}

async fn by_accept(
    _caller: Anyone,
    path: Path<String>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let form = Form::by_accept(&req)?;
    answer_dataset(&path, form, &req, &state).await
}

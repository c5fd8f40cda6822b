//! Loading a table again.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, post};
use fairground_catalog::account::Account;
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, LoadFilter};
use fairground_catalog::{CatalogError, Tx};

use super::list::TablePath;
use crate::caller::{Caller, LoadTables};
use crate::harvest::LoadJobOut;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// The dataset, if the account may change its tables.
pub(super) fn must_work_for(account: &Account, dataset: &Dataset) -> Result<(), CatalogError> {
    if account.works_for(dataset.publisher.as_ref().map(|publisher| publisher.id)) {
        return Ok(());
    }
    Err(CatalogError::Forbidden("its tables are the business of the body that publishes the dataset"))
}

/// Fetches the table's file and loads it afresh, even if it is as before. What is published stays until the load has succeeded.
#[utoipa::path(tag = "tables", params(TablePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = ACCEPTED, body = LoadJobOut), (status = CONFLICT, description = "It was uploaded: upload it again"), Problem))]
#[post("/tables/{table}/reload")]
pub(super) async fn reload_table(
    caller: Caller<LoadTables>,
    path: Path<TablePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let account = caller.into_account();
    let name = path.into_inner().table;
    let job = state.write(move |tx| reload(tx, &account, &name)).await?;
    state.wake_harvester();
    Ok(HttpResponse::Accepted().json(Json(LoadJobOut::from(job)).0))
}

fn reload(tx: &mut Tx<'_>, account: &Account, name: &str) -> Result<table::LoadJob, CatalogError> {
    let found = table::get_table(tx, name)?;
    let dataset = dataset::get(tx, &found.dataset_id.to_string())?;
    must_work_for(account, &dataset)?;
    if found.uploaded {
        return Err(CatalogError::WrongState {
            what: format!("table `{}`", found.slug),
            state: "uploaded".to_owned(),
            problem: "it has no address to load it from: upload it again",
        });
    }
    table::enqueue_load(tx, &dataset, Some(found.distribution_id), true)?;
    let filter = LoadFilter { distributions: Some(vec![found.distribution_id]), ..LoadFilter::default() };
    let newest = table::list_loads(tx, &filter, 1)?.into_iter().next();
    newest.ok_or_else(|| CatalogError::not_found("job", found.distribution_id))
}

//! What everybody may read: the rules, and what the screen said of what is public.

use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::{dataset, gate};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{DatasetScreenOut, ScreenRulesOut, kinds, reasons};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::hot_path::AboutDataset;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// The published rules of the personal-data gate: what is looked for, by which version, what comes of it, and why a reviewer may
/// release something.
#[utoipa::path(tag = "gate", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ScreenRulesOut), Problem))]
#[get("/screen")]
pub(super) async fn get_screen_rules(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let settings = state.read(gate::current_settings).await?;
    let rules = ScreenRulesOut {
        rules: settings.rules,
        mode: settings.mode.as_str(),
        since: settings.since,
        swept_at: settings.swept_at,
        kinds: kinds(),
        reasons: reasons(),
    };
    Ok(Rendered::json(&rules, Freshness::Revalidated)?.answer(&req))
}

/// A dataset's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DatasetPath {
    /// The dataset's id or slug.
    dataset: String,
}

/// What the personal-data screen said of a dataset's description and files: what was tested, when, by which rules, what was found,
/// and why a reviewer let something pass. Without examples and row numbers.
#[utoipa::path(tag = "gate", params(DatasetPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = DatasetScreenOut), Problem))]
#[get("/datasets/{dataset}/screen")]
pub(super) async fn get_dataset_screen(
    _caller: Anyone,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().dataset;
    let (id, card) = state
        .read(move |tx| {
            let dataset = dataset::get_public(tx, &name)?;
            Ok((dataset.id, DatasetScreenOut::from(&gate::public_reports(tx, dataset.id)?)))
        })
        .await?;
    req.extensions_mut().insert(AboutDataset(id));
    Ok(Rendered::json(&card, Freshness::Revalidated)?.answer(&req))
}

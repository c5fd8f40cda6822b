//! A dataset for tools that work on its tables: Croissant, and a Frictionless data package.

use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, Table};
use fairground_domain::Snapshot;
use fairground_standards::write::{TableFacts, croissant, data_package};

use super::forms::portal_facts;
use super::handlers::DatasetPath;
use crate::API_ROOT;
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::hot_path::AboutDataset;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Tables of one dataset that are described: each is a document to read.
const MOST_TABLES: usize = 100;

/// A dataset's tables as Croissant 1.0: files, columns and their types, for machine learning tools. Without tables it is the
/// description alone.
#[utoipa::path(tag = "datasets", params(DatasetPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Object, content_type = "application/ld+json"),
               (status = NOT_MODIFIED, description = "You have it"), (status = GONE, description = "Withdrawn"), Problem))]
#[get("/datasets/{dataset}/croissant.json")]
pub(super) async fn get_dataset_croissant(
    _caller: Anyone,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (dataset, tables) = load(&state, &req, path.into_inner().dataset).await?;
    let facts = facts(&state, &dataset, &tables);
    let body = croissant(&dataset.draft, &portal_facts(&dataset, &state.settings), &facts).to_string();
    let rendered = Rendered::new(body, "application/ld+json", Freshness::Revalidated);
    Ok(rendered.last_modified(changed(&dataset, &tables)).answer(&req))
}

/// A dataset as a Frictionless data package: its tables with their schemas, and its other files.
#[utoipa::path(tag = "datasets", params(DatasetPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Object, content_type = "application/json"),
               (status = NOT_MODIFIED, description = "You have it"), (status = GONE, description = "Withdrawn"), Problem))]
#[get("/datasets/{dataset}/datapackage.json")]
pub(super) async fn get_data_package(
    _caller: Anyone,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (dataset, tables) = load(&state, &req, path.into_inner().dataset).await?;
    let facts = facts(&state, &dataset, &tables);
    let portal = portal_facts(&dataset, &state.settings);
    let description = format!("{}{API_ROOT}/datasets/{}", state.settings.public_url, dataset.slug);
    let package = data_package(&dataset.draft, &portal, dataset.slug.as_str(), &description, &facts);
    let rendered = Rendered::json(&package, Freshness::Revalidated)?;
    Ok(rendered.last_modified(changed(&dataset, &tables)).answer(&req))
}

type Described = (Table, Snapshot);

async fn load(state: &ApiState, req: &HttpRequest, name: String) -> Result<(Dataset, Vec<Described>), Problem> {
    let (dataset, tables) = state
        .read(move |tx| {
            let dataset = dataset::get_public(tx, &name)?;
            let mut tables = Vec::new();
            for table in table::list_of_dataset(tx, dataset.id)?.into_iter().take(MOST_TABLES) {
                let snapshot = table::get_version(tx, &table, None)?.snapshot;
                tables.push((table, snapshot));
            }
            Ok((dataset, tables))
        })
        .await?;
    req.extensions_mut().insert(AboutDataset(dataset.id));
    Ok((dataset, tables))
}

fn facts<'a>(state: &ApiState, dataset: &Dataset, tables: &'a [Described]) -> Vec<TableFacts<'a>> {
    let ids = dataset.distribution_ids();
    let made_from = |table: &Table| {
        let mut listed = dataset.draft.distribution.iter().zip(&ids);
        listed.find(|(_, id)| **id == table.distribution_id).and_then(|(it, _)| it.download_url.clone())
    };
    let one = |(table, snapshot): &'a Described| TableFacts {
        slug: table.slug.to_string(),
        title: table.title.clone(),
        csv: format!("{}{API_ROOT}/tables/{}/export.csv", state.settings.public_url, table.slug),
        made_from: made_from(table),
        api: format!("{}{API_ROOT}/tables/{}", state.settings.public_url, table.slug),
        rows: snapshot.rows,
        columns: &snapshot.columns,
    };
    tables.iter().map(one).collect()
}

fn changed(dataset: &Dataset, tables: &[Described]) -> fairground_domain::Timestamp {
    tables.iter().map(|(table, _)| table.updated_at).chain([dataset.updated_at]).max().unwrap_or(dataset.updated_at)
}

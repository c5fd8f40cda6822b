//! Files that people of a body upload: read, loaded and published in one request.

use actix_web::http::header;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, put};
use fairground_catalog::account::Account;
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::gate::{self, FileScreening, HoldId, Repairs, Subject};
use fairground_catalog::table::{self, Placed, TableCard, Upload};
use serde::Deserialize;
use utoipa::IntoParams;

use super::loads::must_work_for;
use super::wire::{TableItem, TableList};
use crate::caller::{Caller, LoadTables};
use crate::hot_path::AboutDataset;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;
use crate::upload::{Prepared, file_name, prepare, receive_body};

/// A dataset and a file's name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct UploadPath {
    /// The dataset's id or slug.
    dataset: String,
    /// The file's name with its ending, such as `beds.csv`: the same name again is a new version of the same tables.
    name: String,
}

/// Uploads a file to a dataset of the own body: its tables are loaded and published before the answer comes.
///
/// The body is the file itself (CSV, TSV, XLSX, ODS, JSON, NDJSON, GeoJSON, Parquet, zipped shapefile, zip), at most 2 GiB. A file that
/// cannot be loaded changes nothing.
#[utoipa::path(tag = "tables", params(UploadPath), security(("session" = []), ("session_cookie" = [])),
               request_body(content = String, content_type = "application/octet-stream"),
               responses((status = OK, body = TableList, description = "New versions, or as before"), (status = CREATED, body = TableList, description = "New tables"),
               (status = ACCEPTED, body = TableList, description = "The personal-data gate holds the file: nothing of it is public until a reviewer has decided (`Location`)"),
               (status = UNPROCESSABLE_ENTITY, description = "The file cannot be loaded"), (status = PAYLOAD_TOO_LARGE, description = "Too large"), Problem))]
#[put("/datasets/{dataset}/tables/{name}")]
pub(super) async fn upload_table(
    caller: Caller<LoadTables>,
    _query: Query<NoParameters>,
    path: Path<UploadPath>,
    req: HttpRequest,
    body: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    let account = caller.into_account();
    let UploadPath { dataset: home, name } = path.into_inner();
    let name = file_name(&name)?;
    let dataset = state.read(move |tx| own_dataset(tx, &account, &home)).await?;
    req.extensions_mut().insert(AboutDataset(dataset.id));
    let tables = state.tables()?.clone();
    let received = receive_body(&req, body, name.clone(), state.catalog.data_dir()).await?;
    let mut upload = Upload {
        dataset: Some(dataset.slug),
        file_name: name.clone(),
        bytes: received.bytes,
        source_hash: received.hash,
        tables: Vec::new(),
    };
    let (known, repairs) = state.read(move |tx| ordered_repairs(tx, upload)).await?;
    upload = known;
    let prepared = prepare(tables, received, dataset.draft.language.first().cloned(), repairs).await?;
    let Prepared { received, tables, report, repairs } = prepared;
    upload.tables = tables;
    let screened = FileScreening { name, report, repairs, authors: vec![actor.clone()] };
    let versions_kept = state.settings.table_versions;
    let placed = state.write_keys(move |tx| publish(tx, &upload, &screened, versions_kept, &actor)).await?;
    let (is_new, list) = match placed {
        Outcome::Published(is_new, list) => (is_new, list),
        Outcome::Held(hold) => {
            let data_dir = state.catalog.data_dir().to_owned();
            web::block(move || gate::keep_file(&data_dir, hold, received.path(), false))
                .await?
                .map_err(Problem::internal)?;
            return Ok(HttpResponse::Accepted()
                .insert_header((header::LOCATION, format!("/api/v1/holds/{hold}")))
                .json(TableList { total: 0, items: Vec::new() }));
        }
    };
    let mut answer = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    if let [only] = list.items.as_slice() {
        answer.insert_header((header::LOCATION, only.href.as_str()));
    }
    Ok(answer.json(list))
}

fn own_dataset(
    tx: &mut fairground_catalog::Tx<'_>,
    account: &Account,
    name: &str,
) -> Result<Dataset, fairground_catalog::CatalogError> {
    let dataset = dataset::get_public(tx, name)?;
    must_work_for(account, &dataset)?;
    Ok(dataset)
}

/// What became of an upload.
enum Outcome {
    /// Its tables are public; whether one of them is new.
    Published(bool, TableList),
    /// The personal-data gate holds it.
    Held(HoldId),
}

/// The repairs that a reviewer ordered for the file of that name.
fn ordered_repairs(
    tx: &mut fairground_catalog::Tx<'_>,
    upload: Upload,
) -> Result<(Upload, Option<Repairs>), fairground_catalog::CatalogError> {
    let Some(distribution) = table::find_upload(tx, &upload)? else { return Ok((upload, None)) };
    let ordered = gate::repairs_of(tx, &Subject::file(distribution))?;
    Ok((upload, ordered.map(|(_, repairs)| repairs)))
}

fn publish(
    tx: &mut fairground_catalog::Tx<'_>,
    upload: &Upload,
    screened: &FileScreening,
    versions_kept: u32,
    actor: &str,
) -> Result<Outcome, fairground_catalog::CatalogError> {
    let Placed { dataset: slug, published, held } = table::place_upload(tx, upload, screened, versions_kept, actor)?;
    if let Some(hold) = held {
        return Ok(Outcome::Held(hold));
    }
    let mut items = Vec::with_capacity(published.len());
    for one in &published {
        let table = table::get_table(tx, &one.id.to_string())?;
        items.push(TableItem::from(TableCard { table, dataset_slug: slug.clone() }));
    }
    let is_new = published.iter().any(|one| one.is_new && one.version == 1);
    Ok(Outcome::Published(is_new, TableList { total: items.len(), items }))
}

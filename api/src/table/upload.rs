//! Files that people of a body upload: read, loaded and published in one request.

use std::io::Write;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Path, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, put};
use fairground_catalog::account::Account;
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, LoadedTable, TableCard, Upload};
use fairground_domain::{ContentHash, Slug, Snapshot};
use fairground_tables::Tables;
use fairground_tables::intake::{LoadOptions, Progress, Watch};
use futures_util::StreamExt;
use serde::Deserialize;
use tempfile::NamedTempFile;
use utoipa::IntoParams;

use super::loads::must_work_for;
use super::wire::{TableItem, TableList};
use crate::caller::{Caller, RunSources};
use crate::hot_path::AboutDataset;
use crate::problem::{Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Bytes of an upload at most (2 GiB); what is larger is better fetched from an address.
pub(crate) const UPLOAD_BYTES_MAX: u64 = 2 << 30;
/// Characters of an upload's name at most.
const NAME_CHARS_MAX: usize = 200;
/// Bytes that are gathered before they are written down.
const WRITE_BYTES: usize = 1 << 20;
/// Where uploads lie while they are read, within the data folder.
const FOLDER: &str = "scratch/uploads";

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
               (status = UNPROCESSABLE_ENTITY, description = "The file cannot be loaded"), (status = PAYLOAD_TOO_LARGE, description = "Too large"), Problem))]
#[put("/datasets/{dataset}/tables/{name}")]
pub(super) async fn upload_table(
    caller: Caller<RunSources>,
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
    let folder = state.catalog.data_dir().join(FOLDER);
    let received = receive(&req, body, folder).await?;
    let options = LoadOptions {
        name: name.clone(),
        media_type: Some(req.content_type().to_owned()).filter(|it| !it.is_empty()),
        language: dataset.draft.language.first().cloned(),
        ..LoadOptions::default()
    };
    let (bytes, source_hash) = (received.bytes, received.hash);
    let snapshots = load(tables, received.file, options).await?;
    let upload = Upload { dataset: Some(dataset.slug), file_name: name, bytes, source_hash, tables: keyed(snapshots) };
    let versions_kept = state.settings.table_versions;
    let (is_new, list) = state.write_keys(move |tx| publish(tx, &upload, versions_kept, &actor)).await?;
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

fn publish(
    tx: &mut fairground_catalog::Tx<'_>,
    upload: &Upload,
    versions_kept: u32,
    actor: &str,
) -> Result<(bool, TableList), fairground_catalog::CatalogError> {
    let (slug, published): (Slug, _) = table::publish_upload(tx, upload, versions_kept, actor)?;
    let mut items = Vec::with_capacity(published.len());
    for one in &published {
        let table = table::get_table(tx, &one.id.to_string())?;
        items.push(TableItem::from(TableCard { table, dataset_slug: slug.clone() }));
    }
    let is_new = published.iter().any(|one| one.is_new && one.version == 1);
    Ok((is_new, TableList { total: items.len(), items }))
}

/// The name, if it is a file's: nothing that leads elsewhere.
fn file_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let plain =
        !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']) && !name.contains(char::is_control);
    if plain && name.chars().count() <= NAME_CHARS_MAX {
        return Ok(name.to_owned());
    }
    Err(Problem::new(ProblemKind::InvalidContent).detail(format!(
        "The file's name may hold up to {NAME_CHARS_MAX} characters and no slashes, and begins with no dot."
    )))
}

/// A file that has come.
struct Received {
    file: NamedTempFile,
    bytes: u64,
    hash: ContentHash,
}

async fn receive(req: &HttpRequest, mut body: Payload, folder: std::path::PathBuf) -> Result<Received, Problem> {
    let too_large = || {
        Problem::new(ProblemKind::PayloadTooLarge).detail(format!("An upload may hold up to {UPLOAD_BYTES_MAX} bytes."))
    };
    let announced =
        req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > UPLOAD_BYTES_MAX) {
        return Err(too_large());
    }
    if req.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType).detail("Send the file without Content-Encoding."));
    }
    let mut spool = web::block(move || Spool::open(&folder)).await?.map_err(Problem::internal)?;
    let mut waiting: Vec<Bytes> = Vec::new();
    let (mut bytes, mut gathered) = (0u64, 0usize);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(ProblemKind::MalformedRequest)
                .detail("The file did not come to its end.")
                .caused_by(error.to_string())
        })?;
        bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if bytes > UPLOAD_BYTES_MAX {
            return Err(too_large());
        }
        gathered += chunk.len();
        waiting.push(chunk);
        if gathered >= WRITE_BYTES {
            let pieces = std::mem::take(&mut waiting);
            gathered = 0;
            spool = web::block(move || spool.write(&pieces)).await?.map_err(Problem::internal)?;
        }
    }
    if bytes == 0 {
        return Err(Problem::new(ProblemKind::InvalidContent).detail("The file is empty."));
    }
    let spool = web::block(move || spool.write(&waiting)).await?.map_err(Problem::internal)?;
    let (file, hash) = spool.finish();
    Ok(Received { file, bytes, hash })
}

/// A file under way, with its digest so far.
struct Spool {
    file: NamedTempFile,
    digest: sha2::Sha256,
}

impl Spool {
    fn open(folder: &FilePath) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { file: NamedTempFile::new_in(folder)?, digest: sha2::Digest::new() })
    }

    fn write(mut self, pieces: &[Bytes]) -> std::io::Result<Self> {
        for piece in pieces {
            sha2::Digest::update(&mut self.digest, piece);
            self.file.write_all(piece)?;
        }
        Ok(self)
    }

    fn finish(self) -> (NamedTempFile, ContentHash) {
        (self.file, ContentHash::from_bytes(sha2::Digest::finalize(self.digest).into()))
    }
}

/// Ends the load when the caller goes away: the future is dropped then.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

struct Stopped(Arc<AtomicBool>);

impl Watch for Stopped {
    fn progress(&self, _: Progress) {}

    fn stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

async fn load(tables: Tables, file: NamedTempFile, options: LoadOptions) -> Result<Vec<Snapshot>, Problem> {
    let flag = Arc::new(AtomicBool::new(false));
    let _guard = StopOnDrop(Arc::clone(&flag));
    let loaded = web::block(move || tables.load(file.path(), &options, &Stopped(flag)));
    Ok(loaded.await??)
}

/// Tells the tables of a file apart: the only one goes by no name, so that a renamed sheet stays the same table.
fn keyed(snapshots: Vec<Snapshot>) -> Vec<LoadedTable> {
    let alone = snapshots.len() == 1;
    let key = |snapshot: &Snapshot| if alone { String::new() } else { snapshot.name.clone() };
    snapshots.into_iter().map(|snapshot| LoadedTable { key: key(&snapshot), snapshot }).collect()
}

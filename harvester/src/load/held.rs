//! Files that have no address on the web: they lie in the folder, or are tables of the database, that an operator named as the
//! source. Nothing else of this machine can be read: the source must be of that kind, and the file below its folder.

use std::path::Path;

use fairground_catalog::Catalog;
use fairground_catalog::dataset::Dataset;
use fairground_catalog::harvest;
use fairground_database::{Address, Limits, export};
use fairground_domain::ContentHash;
use fairground_standards::collected::path_within;
use fairground_tables::intake::published_schema;

use super::error::LoadError;
use super::run::digest_of;
use super::schema::{Beside, SCHEMA_BYTES};
use crate::fetch::{Conditional, FetchStatus, Fetched, Fetcher, copy_local};
use crate::gather::Location;
use crate::gather::collected::held_file;

/// What came from the source, and what is known of it.
#[derive(Debug)]
pub(super) struct Brought {
    pub(super) fetched: Fetched,
    pub(super) name: String,
    pub(super) beside: Beside,
}

/// The address of the source that a dataset comes from, as the operator gave it.
pub(super) fn address_of_source(catalog: &Catalog, dataset: &Dataset, held_at: &str) -> Result<Location, LoadError> {
    let fault = |why: String| LoadError::Held { held_at: held_at.to_owned(), why };
    let Some(provenance) = &dataset.provenance else { return Err(fault("the dataset has no source".to_owned())) };
    let source = catalog.db.read(|tx| harvest::get_source(tx, &provenance.source_id.to_string()))?;
    source.url.parse().map_err(|error: crate::fetch::FetchError| fault(error.to_string()))
}

/// Brings a file or the rows of a table into `sink`.
pub(super) async fn bring(
    fetcher: &Fetcher,
    source: &Location,
    held_at: &str,
    described_by: Option<&str>,
    sink: &Path,
) -> Result<Brought, LoadError> {
    let fault = |why: String| LoadError::Held { held_at: held_at.to_owned(), why };
    match source {
        Location::Web(_) => Err(fault("the source lies on the web and holds no files of this machine".to_owned())),
        Location::Database(address) => from_database(fetcher, address, held_at, sink).await,
        Location::File(path) if !path.is_dir() && is_database(path) => {
            from_database(fetcher, &Address::file(path), held_at, sink).await
        }
        Location::File(path) => {
            let root = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(Path::new(".")) };
            let file = held_file(root, held_at).map_err(fault)?;
            let fetched = copy_local(&file, fetcher.limits(), sink)?;
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let name = name.strip_suffix(".gz").map_or(name.clone(), str::to_owned);
            let beside = described(root, described_by, held_at);
            Ok(Brought { fetched, name, beside })
        }
    }
}

fn is_database(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; 16];
    std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && start == *b"SQLite format 3\0"
}

/// The rows of a table, with a schema that keeps the database's types.
async fn from_database(fetcher: &Fetcher, address: &Address, table: &str, sink: &Path) -> Result<Brought, LoadError> {
    let limits = Limits { bytes: fetcher.limits().bytes, export: fetcher.limits().total, ..Limits::default() };
    let exported = export(address, table, fetcher.allow(), &limits, sink).await?;
    let (sha256, bytes) = digest_of(sink).map_err(LoadError::Spool)?;
    let schema = exported.schema.to_string().into_bytes();
    let name = format!("{table}.csv");
    let beside = match published_schema(&schema, &name) {
        Ok(schema_read) => Beside { schema: schema_read, hash: Some(ContentHash::of(&schema)), note: None },
        Err(error) => {
            Beside { note: Some(format!("the database's types were not used: {error}")), ..Beside::default() }
        }
    };
    let fetched = Fetched {
        status: FetchStatus::Complete,
        final_url: address.to_string(),
        content_type: Some("text/csv".to_owned()),
        validators: Conditional::default(),
        link: None,
        bytes,
        sha256,
    };
    Ok(Brought { fetched, name, beside })
}

/// The schema that lies beside a file within the same folder. What cannot be had or read is no failure: a note says so.
fn described(root: &Path, described_by: Option<&str>, held_at: &str) -> Beside {
    let Some(inside) = described_by.and_then(path_within) else { return Beside::default() };
    let noted =
        |why: String| Beside { note: Some(format!("the schema `{inside}` was not used: {why}")), ..Beside::default() };
    let file = match held_file(root, &inside) {
        Ok(file) => file,
        Err(why) => return noted(why),
    };
    if std::fs::metadata(&file).is_ok_and(|about| about.len() > SCHEMA_BYTES) {
        return noted(format!("it has more than {SCHEMA_BYTES} bytes"));
    }
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) => return noted(error.to_string()),
    };
    // A package names its files by paths below its own folder.
    let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
    let named = held_at.strip_prefix(folder).unwrap_or(held_at).trim_start_matches('/');
    match published_schema(&bytes, named) {
        Ok(Some(schema)) => Beside { schema: Some(schema), hash: Some(ContentHash::of(&bytes)), note: None },
        Ok(None) => Beside::default(),
        Err(error) => noted(error.to_string()),
    }
}

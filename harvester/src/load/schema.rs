//! A schema that is published beside the file: Table Schema, Data Package or CSVW, named by `describedBy`.

use std::path::Path;

use fairground_domain::ContentHash;
use fairground_tables::intake::{PublishedSchema, published_schema};
use url::Url;

use crate::fetch::{Conditional, Fetcher, parse_url};

/// Longest schema, in bytes.
pub(super) const SCHEMA_BYTES: u64 = 4 * 1024 * 1024;

/// What is published beside a file.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The schema.
    pub(super) schema: Option<PublishedSchema>,
    /// The digest of its document.
    pub(super) hash: Option<ContentHash>,
    /// What people should know.
    pub(super) note: Option<String>,
}

/// Brings in the schema that a distribution's `describedBy` names, when it may be one: its address ends in `.json`. What cannot be
/// had or read is no failure of the load: the file is read without it, and a note says so.
pub(super) async fn fetch_schema(
    fetcher: &Fetcher,
    described_by: Option<&str>,
    file_name: &str,
    spool: &Path,
) -> Beside {
    let Some(url) = described_by.and_then(|text| parse_url(text).ok()).filter(is_json) else {
        return Beside::default();
    };
    let noted = |why: &dyn std::fmt::Display| Beside {
        note: Some(format!("the schema at {url} was not used: {why}")),
        ..Beside::default()
    };
    let sink = spool.join("schema.json");
    if let Err(error) = fetcher.get(&url, &Conditional::default(), &sink).await {
        return noted(&error);
    }
    let bytes = match tokio::fs::read(&sink).await {
        Ok(bytes) => bytes,
        Err(error) => return noted(&error),
    };
    match published_schema(&bytes, file_name) {
        Ok(Some(schema)) => Beside { schema: Some(schema), hash: Some(ContentHash::of(&bytes)), note: None },
        Ok(None) => Beside::default(),
        Err(error) => noted(&error),
    }
}

fn is_json(url: &Url) -> bool {
    url.path().to_ascii_lowercase().ends_with(".json")
}

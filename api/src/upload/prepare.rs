//! A file that has come, made ready to be published: repaired where a reviewer ordered so, read as tables, screened for personal
//! data. Nothing of it is public yet.

use std::path::Path;

use actix_web::web;
use fairground_catalog::gate::{Repairs, Report};
use fairground_catalog::table::LoadedTable;
use fairground_domain::{LanguageTag, Snapshot};
use fairground_screen_files::{MendError, ScreenError, mend_file, screen_file};
use fairground_tables::Tables;
use fairground_tables::intake::{LoadOptions, Unwatched};

use super::{ReceivedFile, keyed, load};
use crate::problem::{Problem, ProblemKind};

/// A file that is ready.
#[derive(Debug)]
pub struct Prepared {
    /// The file as it came.
    pub received: ReceivedFile,
    /// Its tables: their snapshots lie in the object store.
    pub tables: Vec<LoadedTable>,
    /// What the screen says of what the tables hold.
    pub report: Report,
    /// The repairs that were applied before.
    pub repairs: Option<Repairs>,
}

impl Prepared {
    /// The snapshots of its tables.
    #[must_use]
    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.tables.iter().map(|table| table.snapshot.clone()).collect()
    }
}

/// Makes a file ready: what `repairs` take out never reaches a snapshot.
///
/// # Errors
/// `InvalidContent` when it is no table, broken, or the repairs do not fit it; as the tables say.
pub async fn prepare(
    tables: Tables,
    received: ReceivedFile,
    language: Option<LanguageTag>,
    repairs: Option<Repairs>,
) -> Result<Prepared, Problem> {
    if let Some(repairs) = repairs {
        return web::block(move || repaired(&tables, received, language, repairs)).await?;
    }
    let options = LoadOptions {
        name: received.name.clone(),
        media_type: received.media_type.clone(),
        language,
        digest: Some(received.hash),
        ..LoadOptions::default()
    };
    let (received, snapshots) = load(tables, received, options).await?;
    let (received, report) = web::block(move || {
        let screened = screen_file(received.path(), &received.name, Default::default(), None);
        screened.map(|(report, _)| (received, report)).map_err(unscreened)
    })
    .await??;
    Ok(Prepared { received, tables: keyed(snapshots), report, repairs: None })
}

fn unscreened(error: ScreenError) -> Problem {
    match error {
        ScreenError::Unreadable(why) => Problem::new(ProblemKind::InvalidContent)
            .detail(format!("The file cannot be screened for personal data, so it cannot be taken: {why}.")),
        ScreenError::Io(error) => Problem::internal(error),
        ScreenError::Stopped => Problem::internal("a screening was stopped"),
    }
}

/// Repairs a file and reads what comes of it.
fn repaired(
    tables: &Tables,
    received: ReceivedFile,
    language: Option<LanguageTag>,
    repairs: Repairs,
) -> Result<Prepared, Problem> {
    let beside = received.path().parent().unwrap_or_else(|| Path::new("."));
    let folder = tempfile::tempdir_in(beside).map_err(Problem::internal)?;
    let mended = mend_file(received.path(), &received.name, Default::default(), None, &repairs, Some(folder.path()))
        .map_err(unmended)?;
    let alone = mended.tables.len() == 1;
    let mut loaded = Vec::with_capacity(mended.tables.len());
    for table in mended.tables {
        let Some(file) = table.file else { continue };
        let options = LoadOptions {
            name: format!("{}.csv", table.name),
            media_type: Some("text/csv".to_owned()),
            language: language.clone(),
            ..LoadOptions::default()
        };
        for snapshot in tables.load(&file, &options, &Unwatched)? {
            let key = if alone { String::new() } else { table.name.clone() };
            loaded.push(LoadedTable { key, snapshot: Snapshot { name: table.name.clone(), ..snapshot } });
        }
    }
    Ok(Prepared { received, tables: loaded, report: mended.after, repairs: Some(repairs) })
}

fn unmended(error: MendError) -> Problem {
    match error {
        MendError::Unreadable(_) | MendError::Repair(_) => Problem::new(ProblemKind::InvalidContent).detail(format!(
            "A reviewer ordered repairs for this file, which cannot be made: {error}. Ask the reviewer, or upload it under another name."
        )),
        MendError::Io(error) => Problem::internal(error),
        MendError::Write(error) => Problem::internal(error),
    }
}

//! A source that is one document.

use std::fs::File;
use std::io::Read;

use fairground_standards::{Format, Hints, ReadError, detect};

use super::folder::{Folder, Outcome};
use super::{GatherError, GatherRequest, Gathered, Location, PartNote, collected, more, paged};
use crate::fetch::{FetchStatus, Fetched, Fetcher, copy_local};
use crate::stop::Stop;

/// What the job says of a first page.
const MORE_TO_COME: &str =
    "the catalogue is paged and only its first page was read; nothing is deleted after an incomplete gathering";
/// Bytes that are looked at to tell the format.
const HEAD_BYTES: u64 = 64 * 1024;

pub(super) async fn gather(
    fetcher: &Fetcher,
    request: &GatherRequest<'_>,
    folder: &Folder,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Gathered, GatherError> {
    loop {
        // Pages that an earlier run brought in may have to be forgotten, once.
        if let Some(gathered) = gather_once(fetcher, request, folder, stop, on_part).await? {
            return Ok(gathered);
        }
    }
}

async fn gather_once(
    fetcher: &Fetcher,
    request: &GatherRequest<'_>,
    folder: &Folder,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Option<Gathered>, GatherError> {
    let note = match folder.notes().into_iter().next() {
        Some(note) => note,
        None => {
            let fetched = bring(fetcher, request, folder, stop).await?;
            if fetched.status == FetchStatus::NotModified {
                return Ok(Some(Gathered::NotModified));
            }
            let note = PartNote::from(fetched);
            folder.keep(1, &note)?;
            note
        }
    };
    on_part(1);
    if let Some(format) = collected::recognised(folder, request, &note)? {
        let spool = collected::gather(fetcher, request, format, Some(note), folder, stop, on_part).await?;
        return Ok(Some(Gathered::Spooled(spool)));
    }
    let format = format_of(folder, request, &note)?;
    let more = more::announced(note.link.as_deref(), &folder.part(1), format)?;
    if more && let Location::Web(url) = request.location {
        let spool = paged::gather(fetcher, url, format, folder, stop, on_part).await?;
        return Ok(spool.map(Gathered::Spooled));
    }
    let outcome = Outcome {
        location: request.location.to_string(),
        format,
        validators: note.validators.clone(),
        complete: !more,
        remarks: more.then(|| MORE_TO_COME.to_owned()).into_iter().collect(),
    };
    folder.finish(outcome, vec![note]).map(Gathered::Spooled).map(Some)
}

async fn bring(
    fetcher: &Fetcher,
    request: &GatherRequest<'_>,
    folder: &Folder,
    stop: &Stop,
) -> Result<Fetched, GatherError> {
    let sink = folder.arriving();
    match request.location {
        Location::Web(url) => tokio::select! {
            fetched = fetcher.get(url, request.conditional, &sink) => Ok(fetched?),
            reason = stop.stopped() => Err(GatherError::Stopped(reason)),
        },
        Location::File(path) => Ok(copy_local(path, fetcher.limits(), &sink)?),
        // A database has no document; it is asked before anything is brought.
        Location::Database(_) => Err(ReadError::NotACatalogue { why: "a database is no document".to_owned() }.into()),
    }
}

/// What the bytes say, held against what the operator says.
fn format_of(folder: &Folder, request: &GatherRequest<'_>, note: &PartNote) -> Result<Format, GatherError> {
    let part = folder.part(1);
    let mut head = Vec::new();
    File::open(&part)
        .and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head))
        .map_err(GatherError::spool(&part))?;
    let name = request.location.name();
    let hints = Hints { content_type: note.content_type.as_deref(), name: Some(&name) };
    match (detect(&head, &hints), request.kind) {
        (Ok(found), Some(said)) if !said.admits(found) => Err(GatherError::OtherKind { said, found }),
        (Ok(found), _) => Ok(found),
        // Bytes that say nothing are read as what the operator says; the survey finds out whether that is so.
        (Err(unknown @ ReadError::UnknownFormat { .. }), Some(said)) => said.format().ok_or(unknown.into()),
        (Err(error), _) => Err(error.into()),
    }
}

//! Repairs of what the gate holds in a draft: tried on the file's own table, and applied to it, without another upload.
//!
//! The file itself is gone when its upload has ended; its table lies in the object store, where nobody reads it. A file of several
//! tables is repaired when it is uploaded again.

use std::io::Write;

use actix_web::web;
use fairground_catalog::CatalogError;
use fairground_catalog::draft::{self, Draft, DraftFile};
use fairground_catalog::gate::{self, Hold, Repairs, SubjectKind};
use fairground_catalog::member::Actor;
use fairground_domain::{ContentHash, HoldId, Snapshot};
use fairground_screen_files::mend_file;
use fairground_tables::query::plan::{ExportPlan, Predicate};
use fairground_tables::{ExportFormat, ExportOptions};
use futures_util::StreamExt;
use tempfile::NamedTempFile;

use super::files::put;
use crate::gate::PreviewOut;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;
use crate::upload::{FOLDER, ReceivedFile, prepare};

/// What came of a repair that was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairOutcome {
    /// The repaired table has taken the place of what was held.
    Applied,
    /// It is made when the file comes again: at its next load or upload.
    Ordered,
}

/// What repairs would do to what is held, and whether the gate would let that pass: tried on the table of a draft's file where it
/// lies here, else on the held file ([`crate::gate::preview_repairs`]). Examples are masked.
///
/// # Errors
/// `NotFound` for strangers, `InvalidContent` for repairs that do not fit, `Conflict` where there is nothing to try them on.
pub async fn preview_repairs(
    state: &ApiState,
    actor: &Actor,
    id: HoldId,
    repairs: Repairs,
) -> Result<PreviewOut, Problem> {
    let Some((_, file)) = find(state, actor, id).await? else {
        return crate::gate::preview_repairs(state, actor, id, repairs).await;
    };
    let copy = copy_of(state, &file).await?;
    web::block(move || {
        let mended = mend_file(copy.path(), &file.file_name, Default::default(), None, &repairs, None);
        mended.map(|mended| PreviewOut::from(&mended))
    })
    .await?
    .map_err(|error| Problem::new(ProblemKind::InvalidContent).detail(format!("The repairs cannot be made: {error}.")))
}

/// Orders repairs of a held file, and makes them at once where its table lies here and the draft is open to its editor.
///
/// # Errors
/// As [`gate::repair`] and [`preview_repairs`]. Nothing has changed then.
pub async fn repair_held(
    state: &ApiState,
    actor: &Actor,
    id: HoldId,
    repairs: Repairs,
    because: String,
) -> Result<RepairOutcome, Problem> {
    let writer = actor.clone();
    let Some((draft, file)) = find(state, actor, id).await? else {
        state.write(move |tx| gate::repair(tx, &writer, id, &repairs, &because)).await?;
        return Ok(RepairOutcome::Ordered);
    };
    let (draft_id, revision) = (draft.id, draft.revision);
    let language = draft.content.document.language.first().cloned();
    let copy = copy_of(state, &file).await?;
    let received = ReceivedFile {
        name: file.file_name.clone(),
        media_type: Some("text/csv".to_owned()),
        bytes: file.bytes,
        hash: file.source_hash,
        file: copy,
    };
    let prepared = prepare(state.tables()?.clone(), received, language, Some(repairs.clone())).await?;
    state
        .write(move |tx| {
            gate::repair(tx, &writer, id, &repairs, &because)?;
            put(tx, &writer, draft_id, revision, prepared).map(drop)
        })
        .await?;
    Ok(RepairOutcome::Applied)
}

/// The draft and the file that a hold is of, where its repairs can be made now: an uploaded file with one table, in a draft that
/// the actor may change.
async fn find(state: &ApiState, actor: &Actor, id: HoldId) -> Result<Option<(Draft, DraftFile)>, Problem> {
    let reader = actor.clone();
    let found = state
        .read(move |tx| {
            let hold: Hold = gate::get_visible(tx, &reader, id)?;
            let draft = match (hold.subject.kind, hold.subject.id.split('/').next().map(str::parse)) {
                (SubjectKind::DraftFile, Some(Ok(draft))) => draft::get(tx, &reader, draft)?,
                _ => return Ok(None),
            };
            let may_write = fairground_catalog::member::rights(tx, &reader, draft.publisher.id)?.writes_as().is_some();
            let file = draft.files.iter().find(|file| file.gate_subject(draft.id) == hold.subject).cloned();
            Ok::<_, CatalogError>(file.map(|file| (draft, file, may_write)))
        })
        .await?;
    Ok(found.and_then(|(draft, file, may_write)| {
        let is_open = may_write && draft.stage.must_be_open().is_ok();
        (is_open && file.uploaded && file.tables.len() == 1).then_some((draft, file))
    }))
}

/// The only table of a file as CSV, under the headings that the file gave: the screen's reports name columns by them.
async fn copy_of(state: &ApiState, file: &DraftFile) -> Result<NamedTempFile, Problem> {
    let Some(snapshot) = file.tables.first().map(|table| &table.snapshot) else {
        return Err(Problem::internal("a file without a table"));
    };
    let folder = state.catalog.data_dir().join(FOLDER);
    let mut copy = web::block(move || {
        std::fs::create_dir_all(&folder)?;
        NamedTempFile::new_in(folder)
    })
    .await?
    .map_err(Problem::internal)?;
    let mut pieces = export(state, snapshot.key, snapshot).await?;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        copy = web::block(move || copy.write_all(&piece).map(|()| copy)).await?.map_err(Problem::internal)?;
    }
    Ok(copy)
}

async fn export(
    state: &ApiState,
    key: ContentHash,
    snapshot: &Snapshot,
) -> Result<fairground_tables::ByteStream, Problem> {
    let open = state.open_snapshot(key).await?;
    let plan = ExportPlan {
        predicate: Predicate::Constant(true),
        properties: (0..snapshot.columns.len()).collect(),
        sort: Vec::new(),
        limit: None,
    };
    let options = ExportOptions { safe_csv: false, titles: true };
    Ok(state.tables()?.export(&open, &plan, ExportFormat::Csv, &options).await?)
}

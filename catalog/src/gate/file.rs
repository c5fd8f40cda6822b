//! Files before the gate: judged in the transaction that would publish their tables.

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetId, DistributionId, HoldId, TableId};

use super::hold::{corrupt, rows_of_subject};
use super::store::{Screening, is_clear, judge, repairs_of};
use super::{Clearance, Hold, HoldState, Repairs, Report, Subject};
use crate::dataset::{self, Dataset, Publication};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{holds, tables};
use crate::table::{self, TableState};

/// What the screen said of a file, and what was done to it before it was screened.
#[derive(Debug, Clone, PartialEq)]
pub struct FileScreening {
    /// The file's name.
    pub name: String,
    /// What was found.
    pub report: Report,
    /// The repairs that were applied before.
    pub repairs: Option<Repairs>,
    /// Whoever put it in, as the journal names them; nobody for what was harvested.
    pub authors: Vec<String>,
}

/// What names the content of a file after repairs.
#[must_use]
pub fn file_content(source_hash: ContentHash, repairs: Option<&Repairs>) -> ContentHash {
    match repairs {
        None => source_hash,
        Some(repairs) => {
            let repairs = serde_json::to_string(repairs).unwrap_or_default();
            ContentHash::of_parts([source_hash.to_string().as_bytes(), repairs.as_bytes()])
        }
    }
}

/// What is known of a distribution's file before it is read.
#[derive(Debug, Clone, PartialEq)]
pub enum BeforeLoad {
    /// This very content is kept back already: there is nothing to do.
    Held(HoldId),
    /// It is to be read, after these repairs.
    Read(Option<Repairs>),
}

/// What is to be done with a file that has come.
///
/// # Errors
/// `Storage` when the database fails.
pub fn before_load(
    tx: &mut Tx<'_>,
    distribution: DistributionId,
    source_hash: ContentHash,
) -> Result<BeforeLoad, CatalogError> {
    let subject = Subject::file(distribution);
    let repairs = repairs_of(tx, &subject)?.map(|(_, repairs)| repairs);
    let content = file_content(source_hash, repairs.as_ref());
    match is_clear(tx, &subject, content)? {
        Clearance::Held(id) => Ok(BeforeLoad::Held(id)),
        Clearance::Clear | Clearance::Unscreened => Ok(BeforeLoad::Read(repairs)),
    }
}

/// Judges a file of a dataset. Held the first time it holds the whole dataset, for its description says where the file lies; with
/// `beside`, or when the distribution has public tables, these stay, and the dataset with them.
///
/// # Errors
/// `NotFound` when the dataset is gone; `Storage` when the database fails.
pub fn judge_file(
    tx: &mut Tx<'_>,
    dataset: DatasetId,
    distribution: DistributionId,
    source_hash: ContentHash,
    screened: &FileScreening,
) -> Result<Clearance, CatalogError> {
    let home = dataset::get(tx, &dataset.to_string())?;
    let whole = match home.publication {
        Publication::Held => true,
        Publication::Published => published_tables(tx, distribution)?.is_empty() && lists(&home, distribution),
        Publication::Withdrawn { .. } => false,
    };
    let was_held = home.publication == Publication::Held;
    let screening = screening_of(&home, distribution, source_hash, screened, whole);
    let clearance = judge(tx, screening)?;
    if clearance.is_clear() && was_held {
        // Versions of the time before were held with the dataset; nobody is to read them beside the new one.
        for id in published_tables(tx, distribution)? {
            table::prune_versions(tx, id, 1)?;
        }
    }
    Ok(clearance)
}

pub(crate) fn screening_of(
    home: &Dataset,
    distribution: DistributionId,
    source_hash: ContentHash,
    screened: &FileScreening,
    whole: bool,
) -> Screening {
    Screening {
        subject: Subject::file(distribution),
        dataset: home.id,
        publisher: home.publisher.as_ref().map(|publisher| publisher.id),
        source: home.provenance.as_ref().map(|provenance| provenance.source_id),
        authors: screened.authors.clone(),
        name: screened.name.clone(),
        whole,
        content: file_content(source_hash, screened.repairs.as_ref()),
        report: screened.report.clone(),
        waiting: None,
        repairs: screened.repairs.clone(),
    }
}

fn lists(home: &Dataset, distribution: DistributionId) -> bool {
    home.distribution_ids().contains(&distribution)
}

fn published_tables(tx: &mut Tx<'_>, distribution: DistributionId) -> Result<Vec<TableId>, CatalogError> {
    let ids: Vec<String> = tables::table
        .filter(tables::distribution_id.eq(distribution.to_string()))
        .filter(tables::state.eq(TableState::PUBLISHED))
        .select(tables::id)
        .load(tx.conn)?;
    ids.into_iter().map(|id| id.parse().map_err(corrupt)).collect()
}

/// The hold of an uploaded file that was decided and whose file is not loaded yet.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_decided_upload(tx: &mut Tx<'_>, distribution: DistributionId) -> Result<Option<Hold>, CatalogError> {
    for row in rows_of_subject(tx, &Subject::file(distribution))? {
        let decided = matches!(HoldState::parse(&row.state), Some(HoldState::Released | HoldState::Repaired));
        if decided && row.applied_at.is_none() && row.source_id.is_none() {
            return Ok(Some(row.try_into()?));
        }
    }
    Ok(None)
}

/// Notes that what was decided is done: the file is loaded. Its dataset comes into view if nothing else keeps it back.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note_file_loaded(tx: &mut Tx<'_>, dataset: DatasetId, distribution: DistributionId) -> Result<(), CatalogError> {
    let decided = [HoldState::Released.as_str(), HoldState::Repaired.as_str()];
    diesel::update(
        holds::table
            .filter(holds::subject_kind.eq(super::SubjectKind::File.as_str()))
            .filter(holds::subject_id.eq(distribution.to_string()))
            .filter(holds::state.eq_any(decided))
            .filter(holds::applied_at.is_null()),
    )
    .set(holds::applied_at.eq(Some(tx.now.as_micros())))
    .execute(tx.conn)?;
    super::settle(tx, dataset)
}

/// Which of these holds still need the file that was kept for them: those that wait, and those decided and not applied.
///
/// # Errors
/// `Storage` when the database fails.
pub fn needing_files(tx: &mut Tx<'_>, ids: &[HoldId]) -> Result<Vec<HoldId>, CatalogError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, String, Option<i64>)> = holds::table
        .filter(holds::id.eq_any(ids))
        .select((holds::id, holds::state, holds::applied_at))
        .load(tx.conn)?;
    let needed = rows.into_iter().filter(|(_, state, applied)| match HoldState::parse(state) {
        Some(HoldState::Open) => true,
        Some(HoldState::Released | HoldState::Repaired) => applied.is_none(),
        Some(HoldState::Rejected | HoldState::Superseded) | None => false,
    });
    needed.map(|(id, _, _)| id.parse().map_err(corrupt)).collect()
}

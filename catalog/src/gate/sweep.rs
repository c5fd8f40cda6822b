//! Screening again what is public, when the rules have changed or the gate is new: descriptions here, files by the harvester.

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetDraft, DatasetId, DistributionId};

use super::description::screen_description;
use super::hold::corrupt;
use super::settings::{set_sweep_position, sweep_position};
use super::store::{Screening, judge};
use super::{Clearance, FileScreening, RULES_VERSION, Repairs, Subject, SubjectKind, Verdict, screening_of};
use crate::dataset::{self, Publication};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::schema::{datasets, screen_reports, table_versions, tables};
use crate::table::TableState;

/// Descriptions that one step looks at.
const PAGE: i64 = 200;

/// Screens the next public descriptions again that were screened by other rules, or never. Gives how many it looked at; 0 when
/// there is nothing left to do. One that is held now goes out of view until a reviewer has decided.
///
/// # Errors
/// `Storage` when the database fails.
pub fn rescreen_descriptions(tx: &mut Tx<'_>) -> Result<u64, CatalogError> {
    let Some(after) = sweep_position(tx)? else { return Ok(0) };
    type Page = Vec<(String, Option<String>, Option<(String, Option<String>)>)>;
    let page: Page = datasets::table
        .left_join(
            screen_reports::table.on(screen_reports::subject_id
                .eq(datasets::id)
                .and(screen_reports::subject_kind.eq(SubjectKind::Description.as_str()))),
        )
        .filter(datasets::id.gt(&after))
        .order(datasets::id)
        .limit(PAGE)
        .select((datasets::id, datasets::screened_rules, (screen_reports::verdict, screen_reports::hold_id).nullable()))
        .load(tx.conn)?;
    let Some((last, _, _)) = page.last() else { return Ok(0) };
    set_sweep_position(tx, Some(last))?;
    // What is only told of because nothing was held at its time is held now, if things are held.
    let told = |report: &Option<(String, Option<String>)>| {
        report.as_ref().is_some_and(|(verdict, hold)| verdict == Verdict::Hold.as_str() && hold.is_none())
    };
    let stale: Vec<String> = page
        .iter()
        .filter(|(_, rules, report)| rules.as_deref() != Some(RULES_VERSION) || told(report))
        .map(|(id, _, _)| id.clone())
        .collect();
    for known in dataset::list_by_ids(tx, &stale)? {
        if known.publication == Publication::Published {
            rescreen(tx, &known)?;
        }
    }
    Ok(u64::try_from(page.len()).unwrap_or(u64::MAX))
}

/// Screens the description of a dataset that was made here by other ways than a draft, such as a service's entry.
pub(crate) fn screen_entry(tx: &mut Tx<'_>, id: DatasetId) -> Result<(), CatalogError> {
    let known = dataset::get(tx, &id.to_string())?;
    rescreen(tx, &known)
}

fn rescreen(tx: &mut Tx<'_>, known: &dataset::Dataset) -> Result<(), CatalogError> {
    let screening = Screening {
        subject: Subject::description(known.id),
        dataset: known.id,
        publisher: known.publisher.as_ref().map(|publisher| publisher.id),
        source: known.provenance.as_ref().map(|provenance| provenance.source_id),
        authors: Vec::new(),
        name: known.draft.title.any().to_owned(),
        whole: true,
        content: known.content_hash,
        report: screen_description(&known.draft),
        waiting: None,
        repairs: None,
    };
    judge(tx, screening)?;
    diesel::update(datasets::table.find(known.id.to_string()))
        .set((datasets::screened_rules.eq(Some(RULES_VERSION)), datasets::screened_at.eq(Some(tx.now.as_micros()))))
        .execute(tx.conn)?;
    Ok(())
}

/// A public file that was screened by other rules, or never.
#[derive(Debug, Clone, PartialEq)]
pub struct StaleFile {
    /// Its dataset.
    pub dataset: DatasetId,
    /// Its distribution.
    pub distribution: DistributionId,
    /// What reviewers read.
    pub name: String,
    /// SHA-256 of the file that its tables were made from.
    pub source_hash: ContentHash,
    /// Its tables as they are public: name and snapshot.
    pub tables: Vec<(String, ContentHash)>,
    /// The repairs that were applied to it.
    pub repairs: Option<Repairs>,
}

/// The first public file, by distribution after `after`, that was screened by other rules than today's, or never.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_stale_file(tx: &mut Tx<'_>, after: Option<DistributionId>) -> Result<Option<StaleFile>, CatalogError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let first: Option<(String, String)> = tables::table
        .inner_join(datasets::table)
        .left_join(
            screen_reports::table.on(screen_reports::subject_id
                .eq(tables::distribution_id)
                .and(screen_reports::subject_kind.eq(SubjectKind::File.as_str()))),
        )
        .filter(tables::state.eq(TableState::PUBLISHED))
        .filter(datasets::state.eq(dataset::PublicationState::Published.as_str()))
        .filter(tables::distribution_id.gt(after))
        .filter(
            screen_reports::rules
                .is_null()
                .or(screen_reports::rules.ne(RULES_VERSION))
                .or(screen_reports::verdict.eq(Verdict::Hold.as_str()).and(screen_reports::hold_id.is_null())),
        )
        .order(tables::distribution_id)
        .select((tables::distribution_id, tables::dataset_id))
        .first(tx.conn)
        .optional()?;
    let Some((distribution, dataset)) = first else { return Ok(None) };
    let rows: Vec<(String, String, String)> = tables::table
        .inner_join(
            table_versions::table
                .on(table_versions::table_id.eq(tables::id).and(table_versions::version.eq(tables::version))),
        )
        .filter(tables::distribution_id.eq(&distribution))
        .filter(tables::state.eq(TableState::PUBLISHED))
        .order(tables::id)
        .select((tables::name, tables::snapshot_key, table_versions::source_hash))
        .load(tx.conn)?;
    let distribution: DistributionId = distribution.parse().map_err(corrupt)?;
    let Some((name, _, source_hash)) = rows.first().cloned() else { return Ok(None) };
    let repairs = super::repairs_of(tx, &Subject::file(distribution))?.map(|(_, repairs)| repairs);
    let tables = rows
        .into_iter()
        .map(|(name, key, _)| Ok((name, key.parse().map_err(corrupt)?)))
        .collect::<Result<_, CatalogError>>()?;
    Ok(Some(StaleFile {
        dataset: dataset.parse().map_err(corrupt)?,
        distribution,
        name: home_name(tx, distribution, &dataset, &name)?,
        source_hash: source_hash.parse().map_err(corrupt)?,
        tables,
        repairs,
    }))
}

/// The name that an uploaded distribution goes by, so that a repaired file takes its place; else the table's.
fn home_name(
    tx: &mut Tx<'_>,
    distribution: DistributionId,
    dataset: &str,
    table: &str,
) -> Result<String, CatalogError> {
    let document = dataset::document_of(tx, dataset)?;
    let draft = DatasetDraft::from_document(&document).map_err(corrupt)?;
    let id = dataset.parse().map_err(corrupt)?;
    let at = dataset::distribution_ids(id, &draft).iter().position(|one| *one == distribution);
    let iri = at.and_then(|at| draft.distribution.get(at)).and_then(|one| one.iri.as_deref());
    Ok(iri.and_then(|iri| iri.strip_prefix("upload:")).unwrap_or(table).to_owned())
}

/// Whether everything that is public was screened by today's rules.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_swept(db: &Db) -> Result<bool, CatalogError> {
    db.read(|tx| Ok(sweep_position(tx)?.is_none()))
}

/// Notes that everything public was looked at.
///
/// # Errors
/// `Storage` when the database fails.
pub fn end_sweep(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    set_sweep_position(tx, None)
}

/// Judges a public file by what was found in it now. One that is held takes its dataset out of view until a reviewer has decided.
///
/// # Errors
/// `NotFound` when the dataset is gone; `Storage` when the database fails.
pub fn rejudge_file(tx: &mut Tx<'_>, file: &StaleFile, found: &FileScreening) -> Result<Clearance, CatalogError> {
    let home = dataset::get(tx, &file.dataset.to_string())?;
    judge(tx, screening_of(&home, file.distribution, file.source_hash, found, true))
}

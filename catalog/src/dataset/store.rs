//! Every statement on datasets and their versions.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use fairground_domain::{ContentHash, DatasetDraft, DatasetId, PublisherId, Slug, SourceId, Timestamp};
use serde_json::json;

use super::{Dataset, DatasetVersion, Provenance, Publication, PublicationState, PublisherRef, theme};
use crate::db::Tx;
use crate::dialect::{insert_rows, insert_rows_if_absent};
use crate::error::CatalogError;
use crate::journal::{Event, EventKind};
use crate::schema::{dataset_versions, datasets, drafts, publishers, raw_records};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = datasets, treat_none_as_default_value = false)]
pub(crate) struct DatasetRow {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) kind: String,
    pub(crate) publisher_id: Option<String>,
    pub(crate) source_id: Option<String>,
    pub(crate) source_key: Option<String>,
    pub(crate) state: String,
    pub(crate) version: i32,
    pub(crate) content_hash: String,
    pub(crate) raw_hash: Option<String>,
    pub(crate) document: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) withdrawn_at: Option<i64>,
    pub(crate) withdrawn_reason: Option<String>,
    /// By which rules its description was screened, and when; `None` before it was.
    pub(crate) screened_rules: Option<String>,
    pub(crate) screened_at: Option<i64>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dataset_versions, treat_none_as_default_value = false)]
pub(crate) struct VersionRow {
    pub(crate) dataset_id: String,
    pub(crate) version: i32,
    pub(crate) content_hash: String,
    pub(crate) raw_hash: Option<String>,
    pub(crate) document: String,
    pub(crate) published_at: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = raw_records)]
pub(crate) struct RawRow {
    pub(crate) hash: String,
    pub(crate) body: Vec<u8>,
}

pub(super) type Joined = (DatasetRow, Option<(String, String, String)>);

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("dataset", problem)
}

pub(super) fn dataset_of((row, publisher): Joined) -> Result<Dataset, CatalogError> {
    let publication = match row.state.as_str() {
        "published" => Publication::Published,
        "held" => Publication::Held,
        "withdrawn" => Publication::Withdrawn {
            at: Timestamp::from_micros(row.withdrawn_at.unwrap_or(row.updated_at)),
            reason: row.withdrawn_reason.unwrap_or_default(),
        },
        other => return Err(corrupt(format!("state `{other}`"))),
    };
    let provenance = match (row.source_id, row.source_key) {
        (Some(source_id), Some(key)) => Some(Provenance {
            source_id: source_id.parse().map_err(corrupt)?,
            key,
            raw_hash: row.raw_hash.map(|hash| hash.parse()).transpose().map_err(corrupt)?,
        }),
        _ => None,
    };
    let publisher = publisher
        .map(|(id, slug, name)| {
            Ok::<_, CatalogError>(PublisherRef {
                id: id.parse().map_err(corrupt)?,
                slug: slug.parse().map_err(corrupt)?,
                name,
            })
        })
        .transpose()?;
    Ok(Dataset {
        id: row.id.parse().map_err(corrupt)?,
        slug: row.slug.parse().map_err(corrupt)?,
        publication,
        version: row.version,
        content_hash: row.content_hash.parse().map_err(corrupt)?,
        publisher,
        provenance,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        draft: DatasetDraft::from_document(&row.document).map_err(corrupt)?,
    })
}

/// The dataset of that id or slug, whatever its state.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Dataset, CatalogError> {
    let query = datasets::table
        .left_join(publishers::table)
        .select((DatasetRow::as_select(), (publishers::id, publishers::slug, publishers::name).nullable()));
    let found: Option<Joined> = match id_or_slug.parse::<DatasetId>() {
        Ok(id) => query.filter(datasets::id.eq(id.to_string())).first(tx.conn).optional()?,
        Err(_) => query.filter(datasets::slug.eq(id_or_slug)).first(tx.conn).optional()?,
    };
    found.ok_or_else(|| CatalogError::not_found("dataset", id_or_slug)).and_then(dataset_of)
}

/// The dataset of that id or slug, if everybody may know that it exists: public or withdrawn, but not held by the gate.
///
/// # Errors
/// `NotFound` when there is none, or the gate holds it.
pub fn get_known(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Dataset, CatalogError> {
    let dataset = get(tx, id_or_slug)?;
    if dataset.publication == Publication::Held {
        return Err(CatalogError::not_found("dataset", id_or_slug));
    }
    Ok(dataset)
}

/// The dataset of that id or slug, if everybody may see it.
///
/// # Errors
/// `NotFound` when there is none or the gate holds it, `Withdrawn` when it is no longer public.
pub fn get_public(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Dataset, CatalogError> {
    let dataset = get_known(tx, id_or_slug)?;
    if dataset.publication == Publication::Published {
        return Ok(dataset);
    }
    // Another source listed it first: its address leads to that one.
    let other: Option<String> =
        datasets::table.find(dataset.id.to_string()).select(datasets::same_as).first(tx.conn)?;
    match other.map(|other| get(tx, &other)).transpose()? {
        Some(other) if other.publication == Publication::Published => Ok(other),
        Some(other) if other.publication == Publication::Held => Err(CatalogError::not_found("dataset", id_or_slug)),
        _ => Err(CatalogError::Withdrawn { what: "dataset", name: id_or_slug.to_owned() }),
    }
}

/// The datasets of those ids that exist, in no order.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_by_ids(tx: &mut Tx<'_>, ids: &[String]) -> Result<Vec<Dataset>, CatalogError> {
    const CHUNK: usize = 500;
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<Joined> = datasets::table
            .left_join(publishers::table)
            .filter(datasets::id.eq_any(chunk))
            .select((DatasetRow::as_select(), (publishers::id, publishers::slug, publishers::name).nullable()))
            .load(tx.conn)?;
        for row in rows {
            found.push(dataset_of(row)?);
        }
    }
    Ok(found)
}

/// At most `limit` public datasets whose id comes after `after`, by id.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_published_after(
    tx: &mut Tx<'_>,
    after: Option<DatasetId>,
    limit: i64,
) -> Result<Vec<Dataset>, CatalogError> {
    let rows: Vec<Joined> = datasets::table
        .left_join(publishers::table)
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .filter(datasets::id.gt(after.map(|id| id.to_string()).unwrap_or_default()))
        .order(datasets::id)
        .limit(limit)
        .select((DatasetRow::as_select(), (publishers::id, publishers::slug, publishers::name).nullable()))
        .load(tx.conn)?;
    rows.into_iter().map(dataset_of).collect()
}

/// How many datasets are public.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_published(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    Ok(datasets::table.filter(datasets::state.eq(PublicationState::Published.as_str())).count().get_result(tx.conn)?)
}

/// The history of a dataset, newest first, the current version included.
///
/// # Errors
/// `NotFound`, `Withdrawn` as [`get_public`].
pub fn list_versions(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Vec<DatasetVersion>, CatalogError> {
    let current = get_public(tx, id_or_slug)?;
    let earlier: Vec<(i32, String, i64)> = dataset_versions::table
        .filter(dataset_versions::dataset_id.eq(current.id.to_string()))
        .order(dataset_versions::version.desc())
        .select((dataset_versions::version, dataset_versions::content_hash, dataset_versions::published_at))
        .load(tx.conn)?;
    let mut versions = vec![DatasetVersion {
        version: current.version,
        content_hash: current.content_hash,
        published_at: current.updated_at,
    }];
    for (version, hash, at) in earlier {
        versions.push(DatasetVersion {
            version,
            content_hash: hash.parse().map_err(corrupt)?,
            published_at: Timestamp::from_micros(at),
        });
    }
    Ok(versions)
}

/// A dataset as it was in one of its versions.
///
/// # Errors
/// `NotFound` when there is no such dataset or version, `Withdrawn` when it is no longer public.
pub fn get_version(tx: &mut Tx<'_>, id_or_slug: &str, version: i32) -> Result<Dataset, CatalogError> {
    let mut dataset = get_public(tx, id_or_slug)?;
    if dataset.version == version {
        return Ok(dataset);
    }
    let row: VersionRow = dataset_versions::table
        .find((dataset.id.to_string(), version))
        .select(VersionRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("version", version))?;
    dataset.version = row.version;
    dataset.content_hash = row.content_hash.parse().map_err(corrupt)?;
    dataset.updated_at = Timestamp::from_micros(row.published_at);
    dataset.draft = DatasetDraft::from_document(&row.document).map_err(corrupt)?;
    Ok(dataset)
}

/// A raw record, as its source gave it.
///
/// # Errors
/// `Corrupt` when it cannot be decompressed; `Storage` when the database fails.
pub fn find_raw_record(tx: &mut Tx<'_>, hash: ContentHash) -> Result<Option<Vec<u8>>, CatalogError> {
    let body: Option<Vec<u8>> =
        raw_records::table.find(hash.to_string()).select(raw_records::body).first(tx.conn).optional()?;
    // One that could not be packed was kept as nothing.
    let body = body.filter(|body| !body.is_empty());
    body.map(|body| zstd::decode_all(body.as_slice()).map_err(|error| CatalogError::corrupt("raw record", error)))
        .transpose()
}

/// What an import needs to know of a dataset that is there already.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) key: String,
    pub(crate) state: String,
    pub(crate) version: i32,
    pub(crate) content_hash: String,
    pub(crate) publisher_id: Option<String>,
    /// Since when its source no longer lists it, while it is still public.
    pub(crate) missing_since: Option<i64>,
    /// The dataset of another source that it is shown as.
    pub(crate) same_as: Option<String>,
    /// Who withdrew it by hand: what its source lists does not bring it back.
    pub(crate) withdrawn_by: Option<String>,
}

impl Known {
    /// Whether its source listed it when it was last looked at.
    pub(crate) fn is_listed(&self) -> bool {
        let known = [PublicationState::Published.as_str(), PublicationState::Held.as_str()];
        let shown = known.contains(&self.state.as_str()) || self.same_as.is_some();
        shown && self.missing_since.is_none()
    }
}

/// How many datasets, services and series of a source are [`Known::is_listed`], by kind as it is written in rows.
pub(crate) fn count_listed(tx: &mut Tx<'_>, source: SourceId) -> Result<Vec<(String, i64)>, CatalogError> {
    let listed = datasets::state.eq_any([PublicationState::Published.as_str(), PublicationState::Held.as_str()]);
    Ok(datasets::table
        .filter(datasets::source_id.eq(source.to_string()))
        .filter(listed.or(datasets::same_as.is_not_null()))
        .filter(datasets::missing_since.is_null())
        .group_by(datasets::kind)
        .select((datasets::kind, diesel::dsl::count_star()))
        .load(tx.conn)?)
}

/// The columns of [`Known`].
type KnownColumns = (
    datasets::id,
    datasets::slug,
    diesel::dsl::AssumeNotNull<datasets::source_key>,
    datasets::state,
    datasets::version,
    datasets::content_hash,
    datasets::publisher_id,
    datasets::missing_since,
    datasets::same_as,
    datasets::withdrawn_by,
);

fn known_columns() -> KnownColumns {
    (
        datasets::id,
        datasets::slug,
        datasets::source_key.assume_not_null(),
        datasets::state,
        datasets::version,
        datasets::content_hash,
        datasets::publisher_id,
        datasets::missing_since,
        datasets::same_as,
        datasets::withdrawn_by,
    )
}

/// As [`find_known`], by id.
pub(crate) fn find_known_by_id(tx: &mut Tx<'_>, id: &str) -> Result<Option<Known>, CatalogError> {
    Ok(datasets::table
        .find(id)
        .filter(datasets::source_key.is_not_null())
        .select(known_columns())
        .first(tx.conn)
        .optional()?)
}

/// Which of these keys of a source are known, by key.
pub(crate) fn find_known(
    tx: &mut Tx<'_>,
    source: SourceId,
    keys: &[&str],
) -> Result<HashMap<String, Known>, CatalogError> {
    let rows: Vec<Known> = datasets::table
        .filter(datasets::source_id.eq(source.to_string()))
        .filter(datasets::source_key.eq_any(keys.iter().copied()))
        .select(known_columns())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|known| (known.key.clone(), known)).collect())
}

/// Which of these slugs are in use, by datasets or by drafts on their way.
pub(crate) fn slugs_in_use(tx: &mut Tx<'_>, slugs: &[&str]) -> Result<HashSet<String>, CatalogError> {
    let found: Vec<String> =
        datasets::table.filter(datasets::slug.eq_any(slugs.iter().copied())).select(datasets::slug).load(tx.conn)?;
    let promised: Vec<String> = drafts::table
        .filter(drafts::slug.eq_any(slugs.iter().copied()))
        .filter(drafts::closed_at.is_null())
        .select(drafts::slug)
        .load(tx.conn)?;
    Ok(found.into_iter().chain(promised).collect())
}

/// Takes a dataset out of public view because a person says so: what its source lists does not bring it back.
pub(crate) fn withdraw_by(tx: &mut Tx<'_>, id: &str, reason: &str, by: &str) -> Result<(), CatalogError> {
    withdraw_all(tx, &[id], reason)?;
    diesel::update(datasets::table.find(id)).set(datasets::withdrawn_by.eq(by)).execute(tx.conn)?;
    Ok(())
}

/// Adds new datasets and the raw records of a batch.
pub(crate) fn insert_all(tx: &mut Tx<'_>, rows: &[DatasetRow], raw: &[RawRow]) -> Result<(), CatalogError> {
    insert_rows_if_absent!(tx, raw_records::table, raw);
    insert_rows!(tx, datasets::table, rows);
    // Lists by theme read no state, so what is held has no themes.
    let held = PublicationState::Held.as_str();
    let public = rows.iter().filter(|row| row.state != held);
    let described: Vec<(&str, &str)> = public.map(|row| (row.id.as_str(), row.document.as_str())).collect();
    theme::note(tx, &described)
}

/// Takes a public dataset out of view as if it had never been, or (`false`) brings a held one into view. Gives whether it was
/// in the other state.
pub(crate) fn set_held(tx: &mut Tx<'_>, id: &str, held: bool) -> Result<bool, CatalogError> {
    let (from, to) = if held {
        (PublicationState::Published, PublicationState::Held)
    } else {
        (PublicationState::Held, PublicationState::Published)
    };
    let place = datasets::table.filter(datasets::id.eq(id)).filter(datasets::state.eq(from.as_str()));
    let changed = diesel::update(place).set(datasets::state.eq(to.as_str())).execute(tx.conn)?;
    if changed == 0 {
        return Ok(false);
    }
    theme::forget(tx, id)?;
    if !held {
        diesel::update(datasets::table.find(id))
            .set((datasets::updated_at.eq(tx.now.as_micros()), datasets::missing_since.eq(None::<i64>)))
            .execute(tx.conn)?;
        let document = document_of(tx, id)?;
        theme::note(tx, &[(id, &document)])?;
    }
    Ok(true)
}

/// Which of these datasets the gate holds.
pub(crate) fn held_among(tx: &mut Tx<'_>, ids: &[&str]) -> Result<HashSet<String>, CatalogError> {
    const CHUNK: usize = 500;
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let some: Vec<String> = datasets::table
            .filter(datasets::id.eq_any(chunk.iter().copied()))
            .filter(datasets::state.eq(PublicationState::Held.as_str()))
            .select(datasets::id)
            .load(tx.conn)?;
        found.extend(some);
    }
    Ok(found)
}

/// The ids and keys of a source's datasets that the gate holds, a page at a time by id.
pub(crate) fn held_of_source(
    tx: &mut Tx<'_>,
    source: SourceId,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String)>, CatalogError> {
    Ok(datasets::table
        .filter(datasets::source_id.eq(source.to_string()))
        .filter(datasets::state.eq(PublicationState::Held.as_str()))
        .filter(datasets::missing_since.is_null())
        .filter(datasets::source_key.gt(after))
        .order(datasets::source_key)
        .limit(limit)
        .select((datasets::id, datasets::source_key.assume_not_null()))
        .load(tx.conn)?)
}

/// Empties held datasets that their source no longer lists: nobody may see them, so nobody is told. What they are called within
/// their source stays, so that they are the same datasets should it list them again.
pub(crate) fn empty_held(tx: &mut Tx<'_>, ids: &[&str]) -> Result<(), CatalogError> {
    let document = DatasetDraft::default().normalised().to_document();
    let hash = DatasetDraft::fingerprint(&document).to_string();
    let held = datasets::state.eq(PublicationState::Held.as_str());
    diesel::delete(
        dataset_versions::table.filter(dataset_versions::dataset_id.eq_any(
            datasets::table.filter(datasets::id.eq_any(ids.iter().copied())).filter(held).select(datasets::id),
        )),
    )
    .execute(tx.conn)?;
    diesel::update(datasets::table.filter(datasets::id.eq_any(ids.iter().copied())).filter(held))
        .set((
            datasets::document.eq(&document),
            datasets::content_hash.eq(&hash),
            datasets::raw_hash.eq(None::<String>),
            datasets::missing_since.eq(Some(tx.now.as_micros())),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets a version in a dataset's history.
pub(crate) fn forget_version(tx: &mut Tx<'_>, id: &str, version: i32) -> Result<(), CatalogError> {
    diesel::delete(dataset_versions::table.find((id, version))).execute(tx.conn)?;
    Ok(())
}

/// The documents of a dataset's earlier versions.
pub(crate) fn earlier_documents(tx: &mut Tx<'_>, id: &str) -> Result<Vec<(i32, String)>, CatalogError> {
    Ok(dataset_versions::table
        .filter(dataset_versions::dataset_id.eq(id))
        .order(dataset_versions::version)
        .select((dataset_versions::version, dataset_versions::document))
        .load(tx.conn)?)
}

/// What an update puts in the place of a dataset's current version.
#[derive(Debug)]
pub(crate) struct Replacement<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) publisher_id: Option<String>,
    pub(crate) expected_version: i32,
    pub(crate) content_hash: String,
    pub(crate) raw_hash: Option<String>,
    pub(crate) document: &'a str,
    /// Whether everybody sees it from now on; a dataset that is shown as another one stays behind it, one that is held is held.
    pub(crate) public: bool,
    /// By which rules its description was screened just now, if it was.
    pub(crate) screened: Option<&'static str>,
}

/// Puts a new version in the place of the current one, which moves to the history.
pub(crate) fn replace(tx: &mut Tx<'_>, new: Replacement<'_>) -> Result<(), CatalogError> {
    let now = tx.now.as_micros();
    let current: DatasetRow = datasets::table.find(new.id).select(DatasetRow::as_select()).first(tx.conn)?;
    let current_state = current.state.clone();
    let history = [VersionRow {
        dataset_id: current.id,
        version: current.version,
        content_hash: current.content_hash,
        raw_hash: current.raw_hash,
        document: current.document,
        published_at: current.updated_at,
    }];
    // What the gate held was nobody's version: it does not go into a history that everybody reads.
    let was_held = current_state == PublicationState::Held.as_str();
    if was_held {
        crate::gate::purge_versions(tx, new.id)?;
    } else {
        insert_rows!(tx, dataset_versions::table, &history);
    }
    let changed = diesel::update(datasets::table.find(new.id).filter(datasets::version.eq(new.expected_version)))
        .set((
            datasets::kind.eq(new.kind),
            datasets::publisher_id.eq(new.publisher_id),
            datasets::version.eq(new.expected_version + 1),
            datasets::content_hash.eq(new.content_hash),
            datasets::raw_hash.eq(new.raw_hash),
            datasets::document.eq(new.document),
            datasets::updated_at.eq(now),
            datasets::missing_since.eq(None::<i64>),
            datasets::screened_rules.eq(new.screened),
            datasets::screened_at.eq(new.screened.map(|_| now)),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(corrupt(format!("two imports changed {} at once", new.id)));
    }
    theme::forget(tx, new.id)?;
    if was_held {
        return Ok(());
    }
    theme::note(tx, &[(new.id, new.document)])?;
    if new.public && current_state != PublicationState::Published.as_str() {
        restore_all(tx, &[new.id.to_owned()])?;
    }
    Ok(())
}

/// Gives a dataset of a source another identity within it.
pub(crate) fn rename_key(tx: &mut Tx<'_>, id: &str, key: &str) -> Result<(), CatalogError> {
    diesel::update(datasets::table.find(id)).set(datasets::source_key.eq(key)).execute(tx.conn)?;
    Ok(())
}

/// The current document of a dataset.
pub(crate) fn document_of(tx: &mut Tx<'_>, id: &str) -> Result<String, CatalogError> {
    Ok(datasets::table.find(id).select(datasets::document).first(tx.conn)?)
}

/// Notes since when a source no longer lists datasets that stay public for now, or that it lists them again.
pub(crate) fn set_missing(tx: &mut Tx<'_>, ids: &[&str], since: Option<Timestamp>) -> Result<(), CatalogError> {
    diesel::update(datasets::table.filter(datasets::id.eq_any(ids.iter().copied())))
        .set(datasets::missing_since.eq(since.map(Timestamp::as_micros)))
        .execute(tx.conn)?;
    Ok(())
}

/// Shows a dataset as another one: its own address leads there, and it is no longer public by itself.
pub(crate) fn show_as(tx: &mut Tx<'_>, id: &str, other: &str, reason: &str) -> Result<(), CatalogError> {
    diesel::update(datasets::table.find(id))
        .set((
            datasets::same_as.eq(other),
            datasets::state.eq(PublicationState::Withdrawn.as_str()),
            datasets::withdrawn_at.eq(tx.now.as_micros()),
            datasets::withdrawn_reason.eq(reason),
        ))
        .execute(tx.conn)?;
    theme::touch(tx, std::iter::once(id))
}

/// Datasets that are shown as one of these: which, and as which.
pub(crate) fn shown_as(tx: &mut Tx<'_>, ids: &[&str]) -> Result<Vec<Known>, CatalogError> {
    Ok(datasets::table
        .filter(datasets::same_as.eq_any(ids.iter().copied()))
        .order(datasets::id)
        .select(known_columns())
        .load(tx.conn)?)
}

/// One dataset as the rules of likeness need it.
#[derive(Debug, Queryable)]
pub(crate) struct Described {
    pub(crate) id: String,
    pub(crate) key: Option<String>,
    pub(crate) same_as: Option<String>,
    pub(crate) document: String,
}

/// Those of these datasets that exist and that the gate does not hold, with their documents.
pub(crate) fn describe_these(tx: &mut Tx<'_>, ids: &[String]) -> Result<Vec<Described>, CatalogError> {
    Ok(datasets::table
        .filter(datasets::id.eq_any(ids))
        .filter(datasets::state.ne(PublicationState::Held.as_str()))
        .select((datasets::id, datasets::source_key, datasets::same_as, datasets::document))
        .load(tx.conn)?)
}

/// What a page of [`describe`] is taken from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    /// Datasets of that source, also those that are shown as another one.
    Of(SourceId),
    /// Public datasets of every other source.
    OfOthersThan(SourceId),
}

/// Datasets with their documents, a page at a time: those of one source by key, others by id.
pub(crate) fn describe(tx: &mut Tx<'_>, whose: Whose, after: &str, limit: i64) -> Result<Vec<Described>, CatalogError> {
    let mut query = datasets::table
        .limit(limit)
        .select((datasets::id, datasets::source_key, datasets::same_as, datasets::document))
        .into_boxed();
    let public = datasets::state.eq(PublicationState::Published.as_str());
    query = match whose {
        Whose::Of(source) => query
            .filter(datasets::source_id.eq(source.to_string()))
            .filter(public.or(datasets::same_as.is_not_null()))
            .filter(datasets::source_key.gt(after))
            .order(datasets::source_key),
        Whose::OfOthersThan(source) => query
            .filter(datasets::source_id.ne(source.to_string()))
            .filter(public)
            .filter(datasets::id.gt(after))
            .order(datasets::id),
    };
    Ok(query.load(tx.conn)?)
}

/// Where else a dataset comes from: the sources whose own datasets are shown as this one, with their identities there.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_also_from(tx: &mut Tx<'_>, id: DatasetId) -> Result<Vec<Provenance>, CatalogError> {
    let rows: Vec<(Option<String>, Option<String>, Option<String>)> = datasets::table
        .filter(datasets::same_as.eq(id.to_string()))
        .order(datasets::id)
        .select((datasets::source_id, datasets::source_key, datasets::raw_hash))
        .load(tx.conn)?;
    rows.into_iter()
        .filter_map(|(source, key, raw)| Some((source?, key?, raw)))
        .map(|(source, key, raw)| {
            Ok(Provenance {
                source_id: source.parse().map_err(corrupt)?,
                key,
                raw_hash: raw.map(|hash| hash.parse()).transpose().map_err(corrupt)?,
            })
        })
        .collect()
}

/// Makes withdrawn datasets public again as they were.
pub(crate) fn restore_all(tx: &mut Tx<'_>, ids: &[String]) -> Result<(), CatalogError> {
    diesel::update(datasets::table.filter(datasets::id.eq_any(ids)))
        .set((
            datasets::state.eq(PublicationState::Published.as_str()),
            datasets::withdrawn_at.eq(None::<i64>),
            datasets::withdrawn_reason.eq(None::<String>),
            datasets::missing_since.eq(None::<i64>),
            datasets::withdrawn_by.eq(None::<String>),
            datasets::same_as.eq(None::<String>),
            datasets::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    theme::touch(tx, ids.iter().map(String::as_str))
}

/// Takes datasets out of public view; their addresses answer that they were withdrawn.
pub(crate) fn withdraw_all(tx: &mut Tx<'_>, ids: &[&str], reason: &str) -> Result<(), CatalogError> {
    diesel::update(datasets::table.filter(datasets::id.eq_any(ids.iter().copied())))
        .set((
            datasets::state.eq(PublicationState::Withdrawn.as_str()),
            datasets::withdrawn_at.eq(tx.now.as_micros()),
            datasets::withdrawn_reason.eq(reason),
            datasets::missing_since.eq(None::<i64>),
            datasets::same_as.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    theme::touch(tx, ids.iter().copied())
}

/// One dataset that a source listed when it was last looked at.
#[derive(Debug, Queryable)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) key: String,
    pub(crate) missing_since: Option<i64>,
}

/// What a source listed: its public datasets and those that are shown as another source's, a page at a time by key,
/// as the index of keys has them: a page costs the same wherever it begins.
pub(crate) fn listed_of_source(
    tx: &mut Tx<'_>,
    source: SourceId,
    after: &str,
    limit: i64,
) -> Result<Vec<Listed>, CatalogError> {
    let public = datasets::state.eq(PublicationState::Published.as_str());
    Ok(datasets::table
        .filter(datasets::source_id.eq(source.to_string()))
        .filter(public.or(datasets::same_as.is_not_null()))
        .filter(datasets::source_key.gt(after))
        .order(datasets::source_key)
        .limit(limit)
        .select((datasets::id, datasets::slug, datasets::source_key.assume_not_null(), datasets::missing_since))
        .load(tx.conn)?)
}

/// What a source listed and no longer does, its grace period having begun at `until` or before.
pub(crate) fn missing_until(tx: &mut Tx<'_>, source: SourceId, until: Timestamp) -> Result<Vec<Listed>, CatalogError> {
    let public = datasets::state.eq(PublicationState::Published.as_str());
    Ok(datasets::table
        .filter(datasets::source_id.eq(source.to_string()))
        .filter(public.or(datasets::same_as.is_not_null()))
        .filter(datasets::missing_since.le(until.as_micros()))
        .order(datasets::id)
        .select((datasets::id, datasets::slug, datasets::source_key.assume_not_null(), datasets::missing_since))
        .load(tx.conn)?)
}

/// The ids, slugs and keys of a source's public datasets, a page at a time by key.
pub(crate) fn keys_of_source(
    tx: &mut Tx<'_>,
    source: SourceId,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String, String)>, CatalogError> {
    Ok(datasets::table
        .filter(datasets::source_id.eq(source.to_string()))
        .filter(datasets::state.eq(PublicationState::Published.as_str()))
        .filter(datasets::source_key.gt(after))
        .order(datasets::source_key)
        .limit(limit)
        .select((datasets::id, datasets::slug, datasets::source_key.assume_not_null()))
        .load(tx.conn)?)
}

/// The journal's word for a change of a dataset.
pub(crate) fn event(kind: EventKind, id: &str, slug: &str, version: i32, hash: &str, actor: &str) -> Event {
    Event {
        kind,
        subject_id: id.to_owned(),
        actor: actor.to_owned(),
        payload: json!({ "slug": slug, "version": version, "content_hash": hash }),
    }
}

/// A publisher's id as the row holds it.
pub(crate) fn publisher_column(id: Option<PublisherId>) -> Option<String> {
    id.map(|id| id.to_string())
}

/// A slug for a new dataset: its title's, else its id's first part; made unique by a piece of the id.
pub(crate) fn slug_for(draft: &DatasetDraft, id: DatasetId, taken: &mut HashSet<String>) -> Result<Slug, CatalogError> {
    let suffix = fairground_domain::ContentHash::of(id.to_string().as_bytes()).to_string();
    let suffix = suffix.get(..10).unwrap_or(&suffix);
    let slug = match Slug::from_title(draft.title.any()) {
        Some(slug) if !taken.contains(slug.as_str()) => slug,
        Some(slug) => slug.with_suffix(suffix),
        None => format!("{}-{suffix}", draft.kind.as_str()).parse().map_err(corrupt)?,
    };
    taken.insert(slug.to_string());
    Ok(slug)
}

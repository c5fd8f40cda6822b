//! Series and their members: a dataset names the series that it belongs to, by its address or identifier.

use diesel::prelude::*;

use crate::dataset::{self, Dataset, DatasetCard, Publication};
use crate::db::Tx;
use crate::dialect::insert_rows_if_absent;
use crate::error::CatalogError;
use crate::schema::dataset_series;

/// Series that a dataset may name; more are passed over.
const MOST_SERIES: usize = 20;
/// Identifiers in one statement.
const CHUNK: usize = 500;

#[derive(Debug, Insertable)]
#[diesel(table_name = dataset_series)]
struct SeriesRow {
    dataset_id: String,
    series: String,
}

/// Notes which series these datasets say they belong to, and forgets what they said before.
pub(super) fn note(tx: &mut Tx<'_>, datasets: &[Dataset]) -> Result<(), CatalogError> {
    let ids: Vec<String> = datasets.iter().map(|dataset| dataset.id.to_string()).collect();
    for chunk in ids.chunks(CHUNK) {
        diesel::delete(dataset_series::table.filter(dataset_series::dataset_id.eq_any(chunk))).execute(tx.conn)?;
    }
    let public = datasets.iter().filter(|dataset| dataset.publication == Publication::Published);
    let rows: Vec<SeriesRow> = public
        .flat_map(|dataset| {
            let named = dataset.draft.in_series.iter().take(MOST_SERIES);
            named.map(|series| SeriesRow { dataset_id: dataset.id.to_string(), series: series.trim().to_owned() })
        })
        .filter(|row| !row.series.is_empty())
        .collect();
    insert_rows_if_absent!(tx, dataset_series::table, &rows);
    Ok(())
}

/// A member of a series.
pub type Member = DatasetCard;

/// The public members of a series, the newest id first, at most `limit`; and how many there are.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_members(tx: &mut Tx<'_>, series: &Dataset, limit: i64) -> Result<(Vec<Member>, i64), CatalogError> {
    let names = names_of(series);
    let named = || dataset_series::table.filter(dataset_series::series.eq_any(&names));
    let total: i64 =
        named().select(diesel::dsl::count(dataset_series::dataset_id).aggregate_distinct()).first(tx.conn)?;
    let ids: Vec<String> = named()
        .select(dataset_series::dataset_id)
        .distinct()
        .order(dataset_series::dataset_id.desc())
        .limit(limit)
        .load(tx.conn)?;
    let mut members: Vec<Dataset> = dataset::list_by_ids(tx, &ids)?;
    members.retain(|member| member.publication == Publication::Published);
    members.sort_by_key(|member| std::cmp::Reverse(member.modified_at()));
    Ok((members.iter().map(DatasetCard::from).collect(), total))
}

/// The ways in which members name a series.
fn names_of(series: &Dataset) -> Vec<String> {
    let iri = series.draft.iri.clone();
    let own = [Some(series.id.to_string()), Some(series.slug.to_string()), iri, Some(series.draft.identifier.clone())];
    own.into_iter().flatten().filter(|name| !name.is_empty()).collect()
}

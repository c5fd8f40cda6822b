//! What everybody may know of usage: small numbers are folded together, so that no caller shows through.
//!
//! A number is small when fewer than [`SMALLEST_GROUP`] callers stand behind it. Keyed callers are applications; keyless ones
//! are told apart by lot only, so their number is a lower bound, and too much is folded rather than too little. Whoever
//! knows a class's total could subtract what is told of it; so small numbers are folded with the smallest of the others,
//! and what remains is always a sum of several.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::report::{Group, GroupBy, UsageQuery, UsageRow, Whose, add_up};
use super::{EVERYBODY_BY_DATASET, Period, UsageTotals};
use crate::db::{Conn, Tx};
use crate::error::CatalogError;

/// Callers that must stand behind a number that is told: k.
pub const SMALLEST_GROUP: i64 = 5;
/// Names looked up by one statement.
const CHUNK: usize = 500;

/// Rows that may be told, and what was folded together of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed<R> {
    /// Rows behind which there are enough callers.
    pub told: Vec<R>,
    /// The others and, where there is one, the smallest of those that could have been told, in one sum; `None` when nothing
    /// was small.
    pub folded: Option<Folded>,
}

/// Several rows in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// How many rows.
    pub rows: usize,
    /// Their sum; `None` when too few callers stand behind it all the same.
    pub totals: Option<UsageTotals>,
}

/// Folds rows behind which there are fewer than `smallest` callers; `totals` gives a row's numbers.
#[must_use]
pub fn fold_small<R>(rows: Vec<R>, smallest: i64, totals: impl Fn(&R) -> &UsageTotals) -> Suppressed<R> {
    let (mut told, mut small): (Vec<R>, Vec<R>) =
        rows.into_iter().partition(|row| totals(row).callers_at_least() >= smallest);
    if small.is_empty() {
        return Suppressed { told, folded: None };
    }
    let least = told.iter().enumerate().min_by_key(|(_, row)| totals(row).requests).map(|(place, _)| place);
    if let Some(place) = least {
        small.push(told.remove(place));
    }
    let mut sum = UsageTotals::default();
    small.iter().for_each(|row| sum.add(totals(row)));
    let sum = (sum.callers_at_least() >= smallest).then_some(sum);
    Suppressed { told, folded: Some(Folded { rows: small.len(), totals: sum }) }
}

/// One row of the public usage dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicRow {
    /// The operation class.
    pub class: String,
    /// The operation; empty for a fold.
    pub operation: String,
    /// The dataset's slug (its id when it is no longer published); empty where none is concerned, and for a fold.
    pub dataset: String,
    /// The plan; empty for a fold.
    pub plan: String,
    /// The portal's own use.
    pub is_own_use: bool,
    /// How many rows were folded into this one; 0 for a row of its own.
    pub folded_rows: usize,
    /// Requests, units, bytes and errors; `None` where too few callers stand behind them.
    pub numbers: Option<[i64; 4]>,
}

/// The public rows of a closed day (its first second since 1970), in the order of their names.
///
/// # Errors
/// `Storage` when the database fails.
pub fn public_day(tx: &mut Tx<'_>, day: i64) -> Result<Vec<PublicRow>, CatalogError> {
    let query = UsageQuery {
        whose: Whose::Everybody,
        from: Some(day),
        to: Some(day + Period::Day.secs()),
        period: Period::Day,
        group_by: GroupBy { dataset: true, operation: true, class: true, status: false, plan: true, own_use: true },
        limit: 0,
    };
    let (_, groups) = add_up(tx, &query)?;
    let names = dataset_names(tx, &groups)?;
    let mut classes: BTreeMap<String, Vec<UsageRow>> = BTreeMap::new();
    let mut rows = Vec::new();
    for (group, totals) in groups {
        let row = UsageRow { group, totals };
        // The portal has no privacy of its own.
        if row.group.own_use == Some(true) {
            rows.push(told(row, &names));
        } else {
            classes.entry(row.group.class.clone().unwrap_or_default()).or_default().push(row);
        }
    }
    for (class, of_class) in classes {
        let Suppressed { told: clear, folded } = fold_small(of_class, SMALLEST_GROUP, |row| &row.totals);
        rows.extend(clear.into_iter().map(|row| told(row, &names)));
        rows.extend(folded.map(|folded| PublicRow {
            class,
            operation: String::new(),
            dataset: String::new(),
            plan: String::new(),
            is_own_use: false,
            folded_rows: folded.rows,
            numbers: folded.totals.as_ref().map(numbers),
        }));
    }
    let key = |row: &PublicRow| {
        (row.class.clone(), row.folded_rows > 0, row.operation.clone(), row.dataset.clone(), row.plan.clone())
    };
    rows.sort_by_key(key);
    Ok(rows)
}

fn told(row: UsageRow, names: &HashMap<String, String>) -> PublicRow {
    let Group { dataset, operation, class, plan, own_use, .. } = row.group;
    let dataset = dataset.unwrap_or_default();
    PublicRow {
        class: class.unwrap_or_default(),
        operation: operation.unwrap_or_default(),
        dataset: names.get(&dataset).cloned().unwrap_or(dataset),
        plan: plan.unwrap_or_default(),
        is_own_use: own_use.unwrap_or(false),
        folded_rows: 0,
        numbers: Some(numbers(&row.totals)),
    }
}

fn numbers(totals: &UsageTotals) -> [i64; 4] {
    [totals.requests, totals.units, totals.bytes, totals.errors]
}

#[derive(Debug, QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
}

fn dataset_names(
    tx: &mut Tx<'_>,
    groups: &BTreeMap<Group, UsageTotals>,
) -> Result<HashMap<String, String>, CatalogError> {
    let mut ids: Vec<&str> = groups.keys().filter_map(|group| group.dataset.as_deref()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let places: Vec<String> = (1..=chunk.len()).map(|place| format!("${place}")).collect();
        let text = format!("SELECT id, slug FROM datasets WHERE state = 'published' AND id IN ({})", places.join(", "));
        let mut query = diesel::sql_query(text).into_boxed::<<Conn as Connection>::Backend>();
        for id in chunk {
            query = query.bind::<Text, _>((*id).to_owned());
        }
        let rows: Vec<NameRow> = query.load(tx.conn)?;
        names.extend(rows.into_iter().map(|row| (row.id, row.slug)));
    }
    Ok(names)
}

#[derive(Debug, QueryableByName)]
struct DayRow {
    #[diesel(sql_type = BigInt)]
    starts_at: i64,
}

/// Days with use, from `from` to before `to` (seconds since 1970), oldest first, by their first seconds.
///
/// # Errors
/// `Storage` when the database fails.
pub fn days_with_use(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<Vec<i64>, CatalogError> {
    let rows: Vec<DayRow> = diesel::sql_query(
        "SELECT DISTINCT starts_at FROM usage_sums WHERE party = $1 AND period = $2 AND starts_at >= $3 \
         AND starts_at < $4 ORDER BY starts_at",
    )
    .bind::<BigInt, _>(EVERYBODY_BY_DATASET)
    .bind::<Integer, _>(Period::Day.row())
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(to)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.starts_at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(operation: &str, requests: i64, parties: i64) -> UsageRow {
        UsageRow {
            group: Group { operation: Some(operation.to_owned()), ..Group::default() },
            totals: UsageTotals { requests, parties, ..UsageTotals::default() },
        }
    }

    fn fold(rows: Vec<UsageRow>) -> Suppressed<UsageRow> {
        fold_small(rows, 5, |row| &row.totals)
    }

    #[test]
    fn small_numbers_are_folded_with_the_smallest_of_the_others() {
        let none = fold(vec![row("a", 10, 5)]);
        assert_eq!((none.told.len(), none.folded), (1, None));
        let one = fold(vec![row("a", 100, 50), row("b", 40, 9), row("c", 3, 1)]);
        assert_eq!(one.told, [row("a", 100, 50)]);
        let folded = one.folded.expect("one was small");
        assert_eq!(folded.rows, 2, "nobody can subtract what is told to find the one that is not");
        assert_eq!(folded.totals.map(|totals| totals.requests), Some(43));
    }

    #[test]
    fn a_fold_behind_which_there_are_too_few_is_not_told_either() {
        let suppressed = fold(vec![row("a", 4, 2), row("b", 3, 4)]);
        assert!(suppressed.told.is_empty());
        assert_eq!(suppressed.folded, Some(Folded { rows: 2, totals: None }));
    }
}

//! What was used: each combination is named by a number, so that a sum is a few dozen bytes.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};

use crate::db::{Conn, Tx};
use crate::error::CatalogError;

/// Subjects named in one statement.
const CHUNK: usize = 100;
const PLACES: usize = 6;

/// What is summed, beside time and party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The plan's id.
    pub plan: String,
    /// The operation class.
    pub class: String,
    /// The operation's id.
    pub operation: String,
    /// The dataset, or empty.
    pub dataset_id: String,
    /// The status' first digit.
    pub status_class: i32,
    /// The portal's own use.
    pub is_own_use: bool,
}

#[derive(Debug, QueryableByName)]
struct SubjectRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    plan: String,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Text)]
    operation: String,
    #[diesel(sql_type = Text)]
    dataset_id: String,
    #[diesel(sql_type = Integer)]
    status_class: i32,
    #[diesel(sql_type = Bool)]
    own_use: bool,
}

#[derive(Debug, QueryableByName)]
struct LastId {
    #[diesel(sql_type = BigInt)]
    last: i64,
}

/// The numbers of subjects; those that were never seen get one. The caller holds the pen.
pub(super) fn numbers_of(tx: &mut Tx<'_>, subjects: &BTreeSet<Subject>) -> Result<HashMap<Subject, i64>, CatalogError> {
    let subjects: Vec<&Subject> = subjects.iter().collect();
    let mut numbers = HashMap::with_capacity(subjects.len());
    for chunk in subjects.chunks(CHUNK) {
        find_known(tx, chunk, &mut numbers)?;
    }
    let unknown: Vec<&Subject> = subjects.into_iter().filter(|subject| !numbers.contains_key(*subject)).collect();
    if unknown.is_empty() {
        return Ok(numbers);
    }
    let LastId { last } =
        diesel::sql_query("SELECT COALESCE(MAX(id), 0) AS last FROM usage_subjects").get_result(tx.conn)?;
    for (subject, number) in unknown.into_iter().zip(last + 1..) {
        diesel::sql_query(
            "INSERT INTO usage_subjects (id, plan, class, operation, dataset_id, status_class, own_use) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind::<BigInt, _>(number)
        .bind::<Text, _>(&subject.plan)
        .bind::<Text, _>(&subject.class)
        .bind::<Text, _>(&subject.operation)
        .bind::<Text, _>(&subject.dataset_id)
        .bind::<Integer, _>(subject.status_class)
        .bind::<Bool, _>(subject.is_own_use)
        .execute(tx.conn)?;
        numbers.insert(subject.clone(), number);
    }
    Ok(numbers)
}

fn find_known(tx: &mut Tx<'_>, subjects: &[&Subject], numbers: &mut HashMap<Subject, i64>) -> Result<(), CatalogError> {
    let text = format!(
        "SELECT id, plan, class, operation, dataset_id, status_class, own_use FROM usage_subjects \
         WHERE (plan, class, operation, dataset_id, status_class, own_use) IN (VALUES {})",
        places(subjects.len(), PLACES)
    );
    let mut query = diesel::sql_query(text).into_boxed::<<Conn as Connection>::Backend>();
    for subject in subjects {
        query = query
            .bind::<Text, _>(subject.plan.clone())
            .bind::<Text, _>(subject.class.clone())
            .bind::<Text, _>(subject.operation.clone())
            .bind::<Text, _>(subject.dataset_id.clone())
            .bind::<Integer, _>(subject.status_class)
            .bind::<Bool, _>(subject.is_own_use);
    }
    let rows: Vec<SubjectRow> = query.load(tx.conn)?;
    numbers.extend(rows.into_iter().map(|row| {
        let subject = Subject {
            plan: row.plan,
            class: row.class,
            operation: row.operation,
            dataset_id: row.dataset_id,
            status_class: row.status_class,
            is_own_use: row.own_use,
        };
        (subject, row.id)
    }));
    Ok(())
}

/// `($1, $2), ($3, $4)`: so many rows of so many places.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(places(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(places(0, 3), "");
    }
}

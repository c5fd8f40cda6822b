//! What a dry run would have done, dataset by dataset and field by field.

use std::collections::BTreeSet;

use diesel::prelude::*;
use fairground_domain::JobId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Outcome;
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::job::{Lease, heartbeat};
use crate::schema::harvest_changes;

/// Changes that are kept of one dry run; the sums count all of them.
pub const MOST_CHANGES: u64 = 50_000;
/// Fields of one dataset that are told apart; of more, the whole document has changed.
pub const MOST_FIELDS: usize = 100;
/// Bytes of a value that are kept; a longer one is cut.
pub const LONGEST_VALUE_BYTES: usize = 1_000;

/// What would become of one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// `created`, `updated` or `deleted`.
    pub outcome: Outcome,
    /// Its identity within the source.
    pub key: String,
    /// Its readable address; of a new one, the one that it would get.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// What differs, for a dataset that would be updated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Where in the dataset's document, as a JSON pointer (RFC 6901). In lists that grew or shrank, the place in the list that
    /// has the element.
    pub path: String,
    /// What is there now; `None` when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What would be there; `None` when nothing would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = harvest_changes)]
struct ChangeRow {
    job_id: String,
    seq: i64,
    outcome: String,
    source_key: String,
    slug: String,
    title: String,
    fields: String,
}

/// Keeps the changes of a stretch of a dry run, the first of them under number `from`. Proves the lease.
///
/// # Errors
/// As [`heartbeat`]; `Storage` when the database fails.
pub fn keep_changes(tx: &mut Tx<'_>, lease: &Lease, from: u64, changes: Vec<Change>) -> Result<(), CatalogError> {
    heartbeat(tx, lease)?;
    let corrupt = |error: &dyn std::fmt::Display| CatalogError::corrupt("change", error);
    let mut rows = Vec::with_capacity(changes.len());
    for (number, change) in (from..MOST_CHANGES).zip(changes) {
        rows.push(ChangeRow {
            job_id: lease.job.to_string(),
            seq: i64::try_from(number).map_err(|error| corrupt(&error))?,
            outcome: change.outcome.as_str().to_owned(),
            source_key: change.key,
            slug: change.slug,
            title: change.title,
            fields: serde_json::to_string(&change.fields).map_err(|error| corrupt(&error))?,
        });
    }
    insert_rows!(tx, harvest_changes::table, &rows);
    Ok(())
}

/// Forgets the changes of a job, as when it begins anew.
///
/// # Errors
/// As [`heartbeat`]; `Storage` when the database fails.
pub fn forget_changes(tx: &mut Tx<'_>, lease: &Lease) -> Result<(), CatalogError> {
    heartbeat(tx, lease)?;
    let of_job = harvest_changes::table.filter(harvest_changes::job_id.eq(lease.job.to_string()));
    diesel::delete(of_job).execute(tx.conn)?;
    Ok(())
}

/// What a dry run would have done, in the source's order and then what would go; from after number `after`, each with its
/// number.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_changes(
    tx: &mut Tx<'_>,
    job: JobId,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, Change)>, CatalogError> {
    let rows: Vec<ChangeRow> = harvest_changes::table
        .filter(harvest_changes::job_id.eq(job.to_string()))
        .filter(harvest_changes::seq.gt(after.unwrap_or(-1)))
        .order(harvest_changes::seq)
        .limit(limit)
        .select(ChangeRow::as_select())
        .load(tx.conn)?;
    let corrupt = |problem: String| CatalogError::corrupt("change", problem);
    rows.into_iter()
        .map(|row| {
            let change = Change {
                outcome: Outcome::parse(&row.outcome).ok_or_else(|| corrupt(format!("outcome `{}`", row.outcome)))?,
                key: row.source_key,
                slug: row.slug,
                title: row.title,
                fields: serde_json::from_str(&row.fields).map_err(|error| corrupt(error.to_string()))?,
            };
            Ok((row.seq, change))
        })
        .collect()
}

/// What differs between two documents of a dataset, field by field, in the order of the fields' names.
///
/// # Errors
/// When one of them is no JSON.
pub fn diff(before: &str, after: &str) -> Result<Vec<FieldChange>, serde_json::Error> {
    let (before, after): (Value, Value) = (serde_json::from_str(before)?, serde_json::from_str(after)?);
    let mut changes = Vec::new();
    compare("", Some(&before), Some(&after), &mut changes);
    if changes.len() > MOST_FIELDS {
        return Ok(vec![one(String::new(), Some(&before), Some(&after))]);
    }
    Ok(changes)
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<FieldChange>) {
    if before == after || changes.len() > MOST_FIELDS {
        return;
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => compare_objects(path, old, new, changes),
        (Some(Value::Array(old)), Some(Value::Array(new))) => compare_lists(path, old, new, changes),
        _ => changes.push(one(path.to_owned(), before, after)),
    }
}

fn compare_objects(path: &str, old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Vec<FieldChange>) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let inner = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        compare(&inner, old.get(name), new.get(name), changes);
    }
}

/// Elements that both have are left out; the others are compared in their order where as many went as came.
fn compare_lists(path: &str, old: &[Value], new: &[Value], changes: &mut Vec<FieldChange>) {
    let mut came: Vec<(usize, &Value)> = new.iter().enumerate().collect();
    let mut went: Vec<(usize, &Value)> = Vec::new();
    for (place, value) in old.iter().enumerate() {
        match came.iter().position(|(_, other)| *other == value) {
            Some(at) => drop(came.remove(at)),
            None => went.push((place, value)),
        }
    }
    if went.len() == came.len() {
        for ((_, before), (place, after)) in went.into_iter().zip(came) {
            compare(&format!("{path}/{place}"), Some(before), Some(after), changes);
        }
        return;
    }
    for (place, before) in went {
        changes.push(one(format!("{path}/{place}"), Some(before), None));
    }
    for (place, after) in came {
        changes.push(one(format!("{path}/{place}"), None, Some(after)));
    }
}

fn one(path: String, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    FieldChange { path, before: before.map(shortened), after: after.map(shortened) }
}

fn shortened(value: &Value) -> Value {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.len() <= LONGEST_VALUE_BYTES {
        return value.clone();
    }
    let mut end = LONGEST_VALUE_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Value::String(format!("{}…", text.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_differ_are_named_with_what_was_and_would_be() {
        for (before, after, told) in [
            (json!({"a": 1}), json!({"a": 1}), json!([])),
            (
                json!({"a": 1, "b": 2}),
                json!({"a": 2, "c": 3}),
                json!([
                    {"path": "/a", "before": 1, "after": 2}, {"path": "/b", "before": 2}, {"path": "/c", "after": 3},
                ]),
            ),
            (
                json!({"t": {"en": "Bees"}}),
                json!({"t": {"en": "Bees", "it": "Api"}}),
                json!([{"path": "/t/it", "after": "Api"}]),
            ),
            (json!({"k": ["a", "b"]}), json!({"k": ["b", "c", "a"]}), json!([{"path": "/k/1", "after": "c"}])),
            (
                json!({"d": [{"u": 1, "n": "x"}, {"u": 2}]}),
                json!({"d": [{"u": 2}, {"u": 1, "n": "y"}]}),
                json!([
                    {"path": "/d/1/n", "before": "x", "after": "y"},
                ]),
            ),
            (json!({"a/b": 1}), json!({"a/b": [1]}), json!([{"path": "/a~1b", "before": 1, "after": [1]}])),
        ] {
            let found = diff(&before.to_string(), &after.to_string()).expect("JSON");
            assert_eq!(serde_json::to_value(found).expect("JSON"), told, "{before} {after}");
        }
    }

    #[test]
    fn long_values_and_very_many_fields_are_bounded() {
        let long = json!({"a": "é".repeat(LONGEST_VALUE_BYTES)}).to_string();
        let found = diff(&long, r#"{"a": "b"}"#).expect("JSON");
        let kept = found.first().and_then(|change| change.before.as_ref()).and_then(Value::as_str).expect("a text");
        assert!(kept.len() <= LONGEST_VALUE_BYTES + '…'.len_utf8() && kept.ends_with('…'));
        let many = |offset: usize| {
            let fields: Map<String, Value> =
                (0..MOST_FIELDS + 1).map(|n| (format!("f{n}"), json!(n + offset))).collect();
            Value::Object(fields).to_string()
        };
        let found = diff(&many(0), &many(1)).expect("JSON");
        assert_eq!(found.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [""]);
    }
}

//! Corrections: what an agency says of a harvested dataset in place of what its source says, field by field.
//!
//! A correction is made as every other change is, by a draft that goes the way of drafts ([`crate::draft::begin_version`]); what
//! differs from the source when it is published is kept here, and lies over whatever the source says later: harvests lay it over
//! each description before it is judged and compared, so that an unchanged source stays unchanged. What the source said last is
//! kept beside it, for the agency alone: it may be what the correction was made for. Taking one back is a draft too
//! ([`crate::draft::take_back`]).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use fairground_domain::{DatasetDraft, DatasetId, Timestamp};
use serde_json::{Map, Value};

use crate::dataset::{self, Dataset};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::{self, Actor};
use crate::schema::dataset_corrections;

/// Fields that only the source says: what it is, whose it is, where its data lie and when they changed.
pub const OF_THE_SOURCE: [&str; 9] =
    ["kind", "identifier", "iri", "other_identifier", "publisher", "modified", "distribution", "service", "extra"];
/// Datasets that are asked for in one statement.
const CHUNK: usize = 500;

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("correction", problem)
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dataset_corrections, treat_none_as_default_value = false)]
struct CorrectionRow {
    dataset_id: String,
    field: String,
    value: String,
    original: String,
    corrected_at: i64,
    corrected_by: String,
    source_changed_at: Option<i64>,
}

/// One corrected field.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// Its name in the description.
    pub field: String,
    /// What is public; `Null` where the correction took the field out.
    pub value: Value,
    /// What the source said last; `Null` where it says nothing.
    pub original: Value,
    /// Since when it is corrected.
    pub corrected_at: Timestamp,
    /// By whom, as the journal names them.
    pub corrected_by: String,
    /// Since when the source says something else than it did when the field was corrected.
    pub source_changed_at: Option<Timestamp>,
}

impl TryFrom<CorrectionRow> for Correction {
    type Error = CatalogError;

    fn try_from(row: CorrectionRow) -> Result<Self, CatalogError> {
        Ok(Self {
            field: row.field,
            value: serde_json::from_str(&row.value).map_err(corrupt)?,
            original: serde_json::from_str(&row.original).map_err(corrupt)?,
            corrected_at: Timestamp::from_micros(row.corrected_at),
            corrected_by: row.corrected_by,
            source_changed_at: row.source_changed_at.map(Timestamp::from_micros),
        })
    }
}

/// A description's fields by their names; those that say nothing are left out, as in a document.
fn fields_of(draft: &DatasetDraft) -> Result<Map<String, Value>, CatalogError> {
    match serde_json::to_value(draft).map_err(corrupt)? {
        Value::Object(fields) => Ok(fields),
        other => Err(corrupt(format!("a description that is `{other}`"))),
    }
}

fn field(fields: &Map<String, Value>, name: &str) -> Value {
    fields.get(name).cloned().unwrap_or(Value::Null)
}

/// A description with other values in some fields; `Null` takes a field out.
fn with_fields<'a>(
    draft: &DatasetDraft,
    values: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<DatasetDraft, CatalogError> {
    let mut fields = fields_of(draft)?;
    for (name, value) in values {
        match value {
            Value::Null => drop(fields.remove(name)),
            value => drop(fields.insert(name.to_owned(), value.clone())),
        }
    }
    let draft: DatasetDraft = serde_json::from_value(Value::Object(fields)).map_err(corrupt)?;
    Ok(draft.normalised())
}

/// The fields that an agency may correct and that differ.
fn differing(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let open = names.into_iter().filter(|name| !OF_THE_SOURCE.contains(&name.as_str()));
    open.filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

/// A value as people read it: without blanks around texts, and with one kind of line end. Forms send texts so, and what differs
/// in nothing else was not corrected.
fn as_read(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("\r\n", "\n").trim().to_owned()),
        Value::Array(items) => items.iter().map(as_read).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), as_read(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn reads_alike(one: &Map<String, Value>, other: &Map<String, Value>, name: &str) -> bool {
    one.get(name).map(as_read) == other.get(name).map(as_read)
}

/// The first field that only the source says and in which two descriptions differ.
pub(crate) fn foreign_difference(
    one: &DatasetDraft,
    other: &DatasetDraft,
) -> Result<Option<&'static str>, CatalogError> {
    let (one, other) = (fields_of(one)?, fields_of(other)?);
    Ok(OF_THE_SOURCE.into_iter().find(|name| !reads_alike(&one, &other, name)))
}

/// A description in which the fields that an agency may correct are those of another, and the others as they are.
pub(crate) fn corrected_like(draft: &DatasetDraft, other: &DatasetDraft) -> Result<DatasetDraft, CatalogError> {
    let (own, theirs) = (fields_of(draft)?, fields_of(other)?);
    let names = differing(&own, &theirs).into_iter().filter(|name| !reads_alike(&own, &theirs, name));
    let values: Vec<(String, Value)> = names.map(|name| (name.clone(), field(&theirs, &name))).collect();
    with_fields(draft, values.iter().map(|(name, value)| (name.as_str(), value)))
}

/// The corrections of a dataset, by field.
///
/// # Errors
/// `Storage` when the database fails.
pub(crate) fn of_dataset(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Vec<Correction>, CatalogError> {
    let rows: Vec<CorrectionRow> = dataset_corrections::table
        .filter(dataset_corrections::dataset_id.eq(dataset.to_string()))
        .order(dataset_corrections::field)
        .select(CorrectionRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Correction::try_from).collect()
}

/// That a field was corrected, without what its source says: the public may know the one and not the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCorrection {
    /// Its name in the description.
    pub field: String,
    /// Since when it is corrected.
    pub corrected_at: Timestamp,
    /// Since when the source says something else than it did when the field was corrected.
    pub source_changed_at: Option<Timestamp>,
}

/// Which fields of a public dataset are corrected, by field.
///
/// # Errors
/// `Storage` when the database fails.
pub fn of_public(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<Vec<FieldCorrection>, CatalogError> {
    let rows: Vec<(String, i64, Option<i64>)> = dataset_corrections::table
        .filter(dataset_corrections::dataset_id.eq(dataset.to_string()))
        .order(dataset_corrections::field)
        .select((dataset_corrections::field, dataset_corrections::corrected_at, dataset_corrections::source_changed_at))
        .load(tx.conn)?;
    let moment = Timestamp::from_micros;
    Ok(rows
        .into_iter()
        .map(|(field, corrected_at, changed)| FieldCorrection {
            field,
            corrected_at: moment(corrected_at),
            source_changed_at: changed.map(moment),
        })
        .collect())
}

/// The corrections of a dataset, by field, for those who work for its publisher.
///
/// # Errors
/// `NotFound` when there is no such dataset, and for strangers to its publisher.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, id_or_slug: &str) -> Result<Vec<Correction>, CatalogError> {
    let unknown = || CatalogError::not_found("dataset", id_or_slug);
    let found = dataset::get(tx, id_or_slug)?;
    let publisher = found.publisher.as_ref().map(|publisher| publisher.id).ok_or_else(unknown)?;
    match member::must_see(tx, actor, publisher) {
        Err(CatalogError::NotFound { .. }) => Err(unknown()),
        Err(other) => Err(other),
        Ok(_) => of_dataset(tx, found.id),
    }
}

/// A harvested dataset's corrections, and its description as its source says it, for those who work for its publisher.
///
/// # Errors
/// As [`list`].
pub fn beside_the_source(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
) -> Result<(Vec<Correction>, DatasetDraft), CatalogError> {
    let known = list(tx, actor, id_or_slug)?;
    let found = dataset::get(tx, id_or_slug)?;
    let source = with_fields(&found.draft, known.iter().map(|one| (one.field.as_str(), &one.original)))?;
    Ok((known, source))
}

/// A dataset's description with what the source says in some corrected fields.
///
/// # Errors
/// `NotFound` for a field that is not corrected.
pub(crate) fn as_the_source_says(
    tx: &mut Tx<'_>,
    dataset: &Dataset,
    fields: &[String],
) -> Result<DatasetDraft, CatalogError> {
    let known = of_dataset(tx, dataset.id)?;
    let mut values = Vec::with_capacity(fields.len());
    for name in fields {
        let found = known.iter().find(|one| one.field == *name);
        values.push(found.ok_or_else(|| CatalogError::not_found("correction", name))?);
    }
    with_fields(&dataset.draft, values.iter().map(|one| (one.field.as_str(), &one.original)))
}

/// Keeps what a dataset's description, as it is published now, says otherwise than its source, and forgets corrections that it
/// no longer makes.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    before: &Dataset,
    published: &DatasetDraft,
    actor: &str,
) -> Result<(), CatalogError> {
    let known = of_dataset(tx, before.id)?;
    let source = with_fields(&before.draft, known.iter().map(|one| (one.field.as_str(), &one.original)))?;
    let (source, now) = (fields_of(&source)?, fields_of(published)?);
    let id = before.id.to_string();
    diesel::delete(dataset_corrections::table.filter(dataset_corrections::dataset_id.eq(&id))).execute(tx.conn)?;
    for name in differing(&source, &now) {
        let value = field(&now, &name);
        let same = known.iter().find(|one| one.field == name && one.value == value);
        let row = CorrectionRow {
            dataset_id: id.clone(),
            value: value.to_string(),
            original: field(&source, &name).to_string(),
            corrected_at: same.map_or(tx.now, |one| one.corrected_at).as_micros(),
            corrected_by: same.map_or(actor, |one| one.corrected_by.as_str()).to_owned(),
            source_changed_at: same.and_then(|one| one.source_changed_at).map(Timestamp::as_micros),
            field: name,
        };
        diesel::insert_into(dataset_corrections::table).values(&row).execute(tx.conn)?;
    }
    Ok(())
}

/// The corrections of the datasets of a batch, to be laid over what their source says.
#[derive(Debug, Default)]
pub(crate) struct Corrections {
    known: HashMap<String, Vec<Correction>>,
}

impl Corrections {
    /// Those of some datasets.
    pub(crate) fn of(tx: &mut Tx<'_>, datasets: &[&str]) -> Result<Self, CatalogError> {
        let mut known: HashMap<String, Vec<Correction>> = HashMap::new();
        for chunk in datasets.chunks(CHUNK) {
            let rows: Vec<CorrectionRow> = dataset_corrections::table
                .filter(dataset_corrections::dataset_id.eq_any(chunk))
                .order((dataset_corrections::dataset_id, dataset_corrections::field))
                .select(CorrectionRow::as_select())
                .load(tx.conn)?;
            for row in rows {
                known.entry(row.dataset_id.clone()).or_default().push(row.try_into()?);
            }
        }
        Ok(Self { known })
    }

    /// Learns those of one more dataset.
    pub(crate) fn learn(&mut self, tx: &mut Tx<'_>, dataset: &str) -> Result<(), CatalogError> {
        self.known.extend(Self::of(tx, &[dataset])?.known);
        Ok(())
    }

    /// What is public of a dataset whose source says this; `None` when nothing is corrected. What the source says in corrected
    /// fields is kept beside them.
    pub(crate) fn lay_over(
        &self,
        tx: &mut Tx<'_>,
        dataset: &str,
        said: &DatasetDraft,
    ) -> Result<Option<DatasetDraft>, CatalogError> {
        let Some(corrections) = self.known.get(dataset) else { return Ok(None) };
        let fields = fields_of(said)?;
        for one in corrections {
            let original = field(&fields, &one.field);
            if original != one.original {
                diesel::update(dataset_corrections::table.find((dataset, &one.field)))
                    .set((
                        dataset_corrections::original.eq(original.to_string()),
                        dataset_corrections::source_changed_at.eq(Some(tx.now.as_micros())),
                    ))
                    .execute(tx.conn)?;
            }
        }
        with_fields(said, corrections.iter().map(|one| (one.field.as_str(), &one.value))).map(Some)
    }

    /// What the source of a dataset said, whose public document this is.
    pub(crate) fn as_said<'d>(&self, dataset: &str, document: &'d str) -> Result<Cow<'d, str>, CatalogError> {
        let Some(corrections) = self.known.get(dataset) else { return Ok(Cow::Borrowed(document)) };
        let public = DatasetDraft::from_document(document).map_err(corrupt)?;
        let said = with_fields(&public, corrections.iter().map(|one| (one.field.as_str(), &one.original)))?;
        Ok(Cow::Owned(said.to_document()))
    }

    /// As [`Self::lay_over`], of what a source said when a description began to wait for a reviewer.
    pub(crate) fn lay_over_released(
        &self,
        dataset: &str,
        waited: &DatasetDraft,
    ) -> Result<Option<DatasetDraft>, CatalogError> {
        let Some(corrections) = self.known.get(dataset) else { return Ok(None) };
        with_fields(waited, corrections.iter().map(|one| (one.field.as_str(), &one.value))).map(Some)
    }
}

/// A description of nothing but what one says otherwise than all others.
pub(crate) fn only_new(others: &[&DatasetDraft], one: &DatasetDraft) -> Result<DatasetDraft, CatalogError> {
    let others = others.iter().map(|other| fields_of(other)).collect::<Result<Vec<_>, _>>()?;
    let new: Vec<(String, Value)> = fields_of(one)?
        .into_iter()
        .filter(|(name, value)| others.iter().all(|other| other.get(name) != Some(value)))
        .collect();
    with_fields(&DatasetDraft::default(), new.iter().map(|(name, value)| (name.as_str(), value)))
}

#[cfg(test)]
mod tests {
    use fairground_domain::LocalizedText;
    use serde_json::json;

    use super::*;

    fn said(title: &str, page: &[&str]) -> DatasetDraft {
        DatasetDraft {
            identifier: "a".to_owned(),
            title: LocalizedText::undetermined(title),
            page: page.iter().map(|&page| page.to_owned()).collect(),
            ..DatasetDraft::default()
        }
        .normalised()
    }

    #[test]
    fn fields_are_laid_over_and_taken_out_and_the_rest_is_as_it_was() {
        let source = said("Beds", &["https://a.example/"]);
        let title = json!(LocalizedText::undetermined("Hospital beds"));
        let over = with_fields(&source, [("title", &title), ("page", &Value::Null)]).unwrap();
        assert_eq!(over, said("Hospital beds", &[]));
        let back =
            with_fields(&over, [("title", &fields_of(&source).unwrap()["title"]), ("page", &json!(source.page))]);
        assert_eq!(back.unwrap(), source);
    }

    #[test]
    fn what_the_source_alone_says_is_no_correction() {
        let source = said("Beds", &[]);
        let mut other = said("Wards", &["https://a.example/"]);
        assert_eq!(foreign_difference(&source, &other).unwrap(), None);
        other.modified = Some("2026-01-01".to_owned());
        other.identifier = "b".to_owned();
        let names = differing(&fields_of(&source).unwrap(), &fields_of(&other).unwrap());
        assert_eq!(names, ["page", "title"]);
        assert_eq!(foreign_difference(&source, &other).unwrap(), Some("identifier"));
        let like = corrected_like(&source, &other).unwrap();
        assert_eq!(
            (like.title, like.page, like.modified, like.identifier.as_str()),
            (other.title, other.page, None, "a")
        );
    }

    #[test]
    fn what_is_new_is_what_nobody_else_says() {
        let (one, other) = (said("Beds", &["https://a.example/"]), said("Wards", &[]));
        assert_eq!(only_new(&[&one, &other], &said("Wards", &["https://a.example/"])).unwrap(), {
            DatasetDraft::default().normalised()
        });
        let new = only_new(&[&one, &other], &said("Rooms", &["https://a.example/"])).unwrap();
        assert_eq!((new.title.any(), new.page.len(), new.identifier.as_str()), ("Rooms", 0, ""));
    }

    #[test]
    fn what_a_form_makes_of_blanks_is_no_correction() {
        let source = said(" Beds\r\nand wards ", &[]);
        assert_eq!(corrected_like(&source, &said("Beds\nand wards", &[])).unwrap(), source);
        assert_ne!(corrected_like(&source, &said("Beds and wards", &[])).unwrap(), source);
    }

    #[test]
    fn what_is_of_the_source_are_fields_of_a_description() {
        let known = include_str!("../domain/src/dataset.rs");
        let body = known.split("pub struct DatasetDraft {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap();
        for name in OF_THE_SOURCE {
            assert!(body.contains(&format!("pub {name}: ")), "{name}");
        }
    }
}

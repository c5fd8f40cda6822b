//! Questions at a dataset, and their answers.

use diesel::prelude::*;
use fairground_domain::{CitizenId, DatasetId, PublisherId, QuestionId, Timestamp};
use serde_json::json;

use super::text::{check_answer, check_text, cleaned};
use super::{Answer, Hidden, MOST_A_DAY, NewQuestion, Question};
use crate::citizen;
use crate::dataset;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::{datasets, questions};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = questions, treat_none_as_default_value = false)]
struct QuestionRow {
    id: String,
    dataset_id: String,
    citizen_id: Option<String>,
    question: String,
    answer: Option<String>,
    answered_at: Option<i64>,
    hidden_at: Option<i64>,
    hidden_reason: Option<String>,
    created_at: i64,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("question", problem)
}

pub(super) fn said(text: Option<String>, at: Option<i64>) -> Option<Answer> {
    text.zip(at).map(|(text, at)| Answer { text, at: Timestamp::from_micros(at) })
}

pub(super) fn hidden(reason: Option<String>, at: Option<i64>) -> Option<Hidden> {
    reason.zip(at).map(|(reason, at)| Hidden { reason, at: Timestamp::from_micros(at) })
}

impl TryFrom<QuestionRow> for Question {
    type Error = CatalogError;

    fn try_from(row: QuestionRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            dataset: row.dataset_id.parse().map_err(corrupt)?,
            citizen: row.citizen_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            text: row.question,
            answer: said(row.answer, row.answered_at),
            hidden: hidden(row.hidden_reason, row.hidden_at),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Refuses a question that cannot be asked.
pub(crate) fn check_question(tx: &mut Tx<'_>, new: &NewQuestion) -> Result<(), CatalogError> {
    dataset::get_public(tx, &new.dataset.to_string())?;
    check_text("text", &new.text)
}

/// Asks at a public dataset. Asked again in the same words it is the same question, whatever the day's number.
///
/// # Errors
/// `NotFound` when there is no such dataset, `Invalid` for a text that cannot be asked, `WrongState` beyond [`MOST_A_DAY`].
pub fn ask(tx: &mut Tx<'_>, citizen: CitizenId, new: NewQuestion) -> Result<Question, CatalogError> {
    check_question(tx, &new)?;
    let text = cleaned(&new.text);
    let same: Option<QuestionRow> = questions::table
        .filter(questions::dataset_id.eq(new.dataset.to_string()))
        .filter(questions::citizen_id.eq(citizen.to_string()))
        .filter(questions::question.eq(&text))
        .select(QuestionRow::as_select())
        .first(tx.conn)
        .optional()?;
    if let Some(same) = same {
        return same.try_into();
    }
    let today: i64 = questions::table
        .filter(questions::citizen_id.eq(citizen.to_string()))
        .filter(questions::created_at.gt(tx.now.plus_secs(-86_400).as_micros()))
        .count()
        .get_result(tx.conn)?;
    if today >= MOST_A_DAY {
        return Err(enough());
    }
    let row = QuestionRow {
        id: QuestionId::new().to_string(),
        dataset_id: new.dataset.to_string(),
        citizen_id: Some(citizen.to_string()),
        question: text,
        answer: None,
        answered_at: None,
        hidden_at: None,
        hidden_reason: None,
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(questions::table).values(&row).execute(tx.conn)?;
    let payload = json!({ "dataset": new.dataset });
    note(tx, EventKind::QuestionAsked, row.id.clone(), "citizen".to_owned(), payload)?;
    row.try_into()
}

pub(super) fn enough() -> CatalogError {
    CatalogError::WrongState {
        what: "your day".to_owned(),
        state: format!("full with {MOST_A_DAY} questions"),
        problem: "ask again tomorrow",
    }
}

fn note(
    tx: &mut Tx<'_>,
    kind: EventKind,
    subject_id: String,
    actor: String,
    payload: serde_json::Value,
) -> Result<(), CatalogError> {
    journal::append(tx, Event { kind, subject_id, actor, payload })?;
    Ok(())
}

/// The questions at a dataset, newest first, from before `before`; hidden ones too, without their text.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_questions(
    tx: &mut Tx<'_>,
    dataset: DatasetId,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Question>, CatalogError> {
    let mut query = questions::table
        .filter(questions::dataset_id.eq(dataset.to_string()))
        .order(questions::id.desc())
        .limit(limit)
        .select(QuestionRow::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(questions::id.lt(before.to_owned()));
    }
    let rows: Vec<QuestionRow> = query.load(tx.conn)?;
    rows.into_iter().map(|row| Question::try_from(row).map(Question::in_public)).collect()
}

/// How many questions stand at a dataset, and how many of them have an answer; hidden ones do not count.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_questions(tx: &mut Tx<'_>, dataset: DatasetId) -> Result<(i64, i64), CatalogError> {
    let shown = || {
        questions::table.filter(questions::dataset_id.eq(dataset.to_string())).filter(questions::hidden_at.is_null())
    };
    let all = shown().count().get_result(tx.conn)?;
    let answered = shown().filter(questions::answered_at.is_not_null()).count().get_result(tx.conn)?;
    Ok((all, answered))
}

impl Question {
    /// As everybody sees it: of a hidden one, that it is and why.
    #[must_use]
    pub fn in_public(mut self) -> Self {
        if self.hidden.is_some() {
            self.text = String::new();
            self.answer = None;
        }
        self
    }
}

/// A question, with everything that staff see of it.
///
/// # Errors
/// `NotFound` when there is none, or its dataset is not public any more.
pub fn get_question(tx: &mut Tx<'_>, id: QuestionId) -> Result<(Question, dataset::Dataset), CatalogError> {
    let row: Option<QuestionRow> =
        questions::table.find(id.to_string()).select(QuestionRow::as_select()).first(tx.conn).optional()?;
    let question: Question = row.ok_or_else(|| CatalogError::not_found("question", id))?.try_into()?;
    let home = dataset::get_public(tx, &question.dataset.to_string()).map_err(|error| match error {
        CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. } => CatalogError::not_found("question", id),
        other => other,
    })?;
    Ok((question, home))
}

/// A question that waits for its publisher.
#[derive(Debug, Clone)]
pub struct OpenQuestion {
    /// The question.
    pub question: Question,
    /// The dataset's readable address.
    pub slug: String,
    /// The dataset's title.
    pub title: String,
}

/// Questions without an answer at the public datasets of some publishers, or of all; oldest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_open_questions(
    tx: &mut Tx<'_>,
    publishers: Option<&[PublisherId]>,
    limit: i64,
) -> Result<Vec<OpenQuestion>, CatalogError> {
    let open = questions::table
        .inner_join(datasets::table.on(datasets::id.eq(questions::dataset_id)))
        .filter(datasets::state.eq("published"))
        .filter(questions::answered_at.is_null())
        .filter(questions::hidden_at.is_null())
        .order(questions::id)
        .limit(limit)
        .select(QuestionRow::as_select());
    let rows: Vec<QuestionRow> = match publishers {
        Some(publishers) => {
            let ids: Vec<String> = publishers.iter().map(ToString::to_string).collect();
            open.filter(datasets::publisher_id.eq_any(ids)).load(tx.conn)?
        }
        None => open.load(tx.conn)?,
    };
    let ids: Vec<String> = rows.iter().map(|row| row.dataset_id.clone()).collect();
    let homes = dataset::list_by_ids(tx, &ids)?;
    let mut open = Vec::with_capacity(rows.len());
    for row in rows {
        let question = Question::try_from(row)?;
        if let Some(home) = homes.iter().find(|home| home.id == question.dataset) {
            let (slug, title) = (home.slug.to_string(), home.draft.title.any().to_owned());
            open.push(OpenQuestion { question, slug, title });
        }
    }
    Ok(open)
}

/// Answers a question, or changes its answer. Whoever calls has judged that `actor` works for the dataset's publisher. Gives
/// the question, and whether it had no answer before.
///
/// # Errors
/// `NotFound` when there is none, `Invalid` for an answer that says nothing, `WrongState` when the question is hidden.
pub fn answer_question(
    tx: &mut Tx<'_>,
    id: QuestionId,
    answer: &str,
    actor: &str,
) -> Result<(Question, bool), CatalogError> {
    let (question, home) = get_question(tx, id)?;
    check_answer("answer", answer)?;
    if question.hidden.is_some() {
        return Err(CatalogError::WrongState {
            what: "the question".to_owned(),
            state: "hidden".to_owned(),
            problem: "show it again before it is answered",
        });
    }
    diesel::update(questions::table.find(id.to_string()))
        .set((questions::answer.eq(cleaned(answer)), questions::answered_at.eq(tx.now.as_micros())))
        .execute(tx.conn)?;
    let payload = json!({ "dataset": home.id });
    note(tx, EventKind::QuestionAnswered, id.to_string(), actor.to_owned(), payload)?;
    Ok((get_question(tx, id)?.0, question.answer.is_none()))
}

/// Hides a question with a reason that everybody reads, or shows it again (without one). Whoever calls has judged that `actor`
/// may.
///
/// # Errors
/// `NotFound` when there is none, `Invalid` for a reason that says nothing.
pub fn moderate_question(
    tx: &mut Tx<'_>,
    id: QuestionId,
    reason: Option<&str>,
    actor: &str,
) -> Result<Question, CatalogError> {
    let (_, home) = get_question(tx, id)?;
    if let Some(reason) = reason {
        check_answer("reason", reason)?;
    }
    diesel::update(questions::table.find(id.to_string()))
        .set((
            questions::hidden_reason.eq(reason.map(cleaned)),
            questions::hidden_at.eq(reason.map(|_| tx.now.as_micros())),
        ))
        .execute(tx.conn)?;
    let payload = json!({ "dataset": home.id, "hidden": reason.is_some(), "reason": reason.map(cleaned) });
    note(tx, EventKind::QuestionModerated, id.to_string(), actor.to_owned(), payload)?;
    Ok(get_question(tx, id)?.0)
}

/// What a citizen asked, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn questions_of(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<Vec<Question>, CatalogError> {
    let rows: Vec<QuestionRow> = questions::table
        .filter(questions::citizen_id.eq(citizen.to_string()))
        .order(questions::id.desc())
        .select(QuestionRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Question::try_from).collect()
}

/// Takes a question back: it goes, with its answer.
///
/// # Errors
/// `NotFound` when there is none, or it is somebody else's.
pub fn take_back_question(tx: &mut Tx<'_>, citizen: CitizenId, id: QuestionId) -> Result<(), CatalogError> {
    let own = questions::table.find(id.to_string()).filter(questions::citizen_id.eq(citizen.to_string()));
    if diesel::delete(own).execute(tx.conn)? == 0 {
        return Err(CatalogError::not_found("question", id));
    }
    citizen::forget_if_idle(tx, citizen)
}

pub(super) fn forget(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<(), CatalogError> {
    let own = questions::citizen_id.eq(citizen.to_string());
    diesel::delete(questions::table.filter(own).filter(questions::answered_at.is_null())).execute(tx.conn)?;
    let own = questions::citizen_id.eq(citizen.to_string());
    diesel::update(questions::table.filter(own)).set(questions::citizen_id.eq(None::<String>)).execute(tx.conn)?;
    Ok(())
}

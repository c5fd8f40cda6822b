//! Every statement on letters.

use diesel::prelude::*;
use fairground_domain::{LetterId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{HOLD_SECS, KEEP_FAILED_SECS, NewLetter, TakenLetter, pause_secs};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::letters;
use crate::secret::Secret;

/// Longest account of a failure that is kept, in characters.
const MAX_ERROR_CHARS: usize = 300;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = letters, treat_none_as_default_value = false)]
struct LetterRow {
    id: String,
    recipient: String,
    sealed: Vec<u8>,
    attempts: i32,
    next_try_at: i64,
    created_at: i64,
    failed_at: Option<i64>,
    error: Option<String>,
}

/// What is sealed of a letter.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    subject: String,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unsubscribe: Option<String>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("letter", problem)
}

/// What the seal is for: this letter to this reader, so that nobody can redirect one in the database.
fn purpose(id: &str, recipient: &str) -> String {
    format!("letter {id} {recipient}")
}

/// Queues a letter, to be sent as soon as this transaction holds.
///
/// # Errors
/// `Storage` when the database fails.
pub fn enqueue(tx: &mut Tx<'_>, secret: &Secret, letter: NewLetter) -> Result<LetterId, CatalogError> {
    put(tx, secret, letter, None)
}

/// As [`enqueue`], for a letter that its reader subscribed to: `unsubscribe` is the address that ends such letters with one click
/// (RFC 8058).
///
/// # Errors
/// `Storage` when the database fails.
pub fn enqueue_listed(
    tx: &mut Tx<'_>,
    secret: &Secret,
    letter: NewLetter,
    unsubscribe: String,
) -> Result<LetterId, CatalogError> {
    put(tx, secret, letter, Some(unsubscribe))
}

fn put(
    tx: &mut Tx<'_>,
    secret: &Secret,
    letter: NewLetter,
    unsubscribe: Option<String>,
) -> Result<LetterId, CatalogError> {
    let id = LetterId::new();
    let sealed = Sealed { subject: letter.subject, text: letter.text, unsubscribe };
    let plain = serde_json::to_vec(&sealed).map_err(corrupt)?;
    let row = LetterRow {
        sealed: secret.seal(&purpose(&id.to_string(), &letter.to), &plain)?,
        id: id.to_string(),
        recipient: letter.to,
        attempts: 0,
        next_try_at: tx.now.as_micros(),
        created_at: tx.now.as_micros(),
        failed_at: None,
        error: None,
    };
    diesel::insert_into(letters::table).values(&row).execute(tx.conn)?;
    Ok(id)
}

/// Takes up to `most` letters that are due; nobody else gets them for [`HOLD_SECS`].
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due(tx: &mut Tx<'_>, secret: &Secret, most: i64) -> Result<Vec<TakenLetter>, CatalogError> {
    let now = tx.now.as_micros();
    let rows: Vec<LetterRow> = letters::table
        .filter(letters::failed_at.is_null())
        .filter(letters::next_try_at.le(now))
        .order(letters::next_try_at)
        .limit(most)
        .select(LetterRow::as_select())
        .load(tx.conn)?;
    let mut taken = Vec::new();
    for row in rows {
        // One row means ours: another process may have looked at the same moment.
        let ours = diesel::update(letters::table.find(&row.id).filter(letters::next_try_at.eq(row.next_try_at)))
            .set((
                letters::attempts.eq(row.attempts + 1),
                letters::error.eq(None::<String>),
                letters::next_try_at.eq(tx.now.plus_secs(HOLD_SECS).as_micros()),
            ))
            .execute(tx.conn)?;
        if ours == 1 {
            match open(secret, &row) {
                Ok((letter, unsubscribe)) => taken.push(TakenLetter {
                    id: row.id.parse().map_err(corrupt)?,
                    letter,
                    unsubscribe,
                    attempt: row.attempts + 1,
                    queued_at: Timestamp::from_micros(row.created_at),
                }),
                // The portal's secret was replaced: nobody can read the letter any more.
                Err(error) => give_up(tx, row.id.parse().map_err(corrupt)?, &error.to_string())?,
            }
        }
    }
    Ok(taken)
}

fn open(secret: &Secret, row: &LetterRow) -> Result<(NewLetter, Option<String>), CatalogError> {
    let plain = secret.unseal(&purpose(&row.id, &row.recipient), &row.sealed)?;
    let sealed: Sealed = serde_json::from_slice(&plain).map_err(corrupt)?;
    let letter = NewLetter { to: row.recipient.clone(), subject: sealed.subject, text: sealed.text };
    Ok((letter, sealed.unsubscribe))
}

/// A letter was handed over: it is forgotten.
///
/// # Errors
/// `Storage` when the database fails.
pub fn handed_over(tx: &mut Tx<'_>, id: LetterId) -> Result<(), CatalogError> {
    diesel::delete(letters::table.find(id.to_string())).execute(tx.conn)?;
    Ok(())
}

/// A letter could not be handed over: it is tried again after a pause that grows with the number of tries. Gives the moment.
///
/// # Errors
/// `Storage` when the database fails.
pub fn put_off(tx: &mut Tx<'_>, letter: &TakenLetter, error: &str) -> Result<Timestamp, CatalogError> {
    let next = tx.now.plus_secs(pause_secs(letter.attempt));
    diesel::update(letters::table.find(letter.id.to_string()))
        .set((letters::next_try_at.eq(next.as_micros()), letters::error.eq(shortened(error))))
        .execute(tx.conn)?;
    Ok(next)
}

/// A letter will never be handed over: its text and its reader are forgotten, that it failed is known for a while.
///
/// # Errors
/// `Storage` when the database fails.
pub fn give_up(tx: &mut Tx<'_>, id: LetterId, error: &str) -> Result<(), CatalogError> {
    diesel::update(letters::table.find(id.to_string()))
        .set((
            letters::failed_at.eq(tx.now.as_micros()),
            letters::recipient.eq(""),
            letters::sealed.eq(Vec::<u8>::new()),
            letters::error.eq(shortened(error)),
        ))
        .execute(tx.conn)?;
    let before = tx.now.plus_secs(-KEEP_FAILED_SECS).as_micros();
    diesel::delete(letters::table.filter(letters::failed_at.lt(before))).execute(tx.conn)?;
    Ok(())
}

fn shortened(error: &str) -> String {
    error.chars().take(MAX_ERROR_CHARS).collect()
}

/// Letters that wait, and letters that were given up lately.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<(i64, i64), CatalogError> {
    let waiting = letters::table.filter(letters::failed_at.is_null()).count().get_result(tx.conn)?;
    let failed = letters::table.filter(letters::failed_at.is_not_null()).count().get_result(tx.conn)?;
    Ok((waiting, failed))
}

/// Letters that wait for another try, after one that failed.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_put_off(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    Ok(letters::table
        .filter(letters::failed_at.is_null())
        .filter(letters::error.is_not_null())
        .filter(letters::attempts.gt(0))
        .count()
        .get_result(tx.conn)?)
}

/// Lets every letter that waits be tried now, for an operator who has mended the mail server; gives how many. What somebody
/// is just handing over may go twice.
///
/// # Errors
/// `Storage` when the database fails.
pub fn make_due(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    Ok(diesel::update(letters::table.filter(letters::failed_at.is_null()))
        .set(letters::next_try_at.eq(tx.now.as_micros()))
        .execute(tx.conn)?)
}

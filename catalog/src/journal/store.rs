//! Every statement on the journal.

use diesel::prelude::*;
use fairground_domain::{ContentHash, Timestamp};

use super::{Entry, Event, EventKind, Head};
use crate::dataset;
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::schema::{journal, journal_head};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal)]
struct JournalRow {
    seq: i64,
    at: i64,
    kind: String,
    subject_kind: String,
    subject_id: String,
    actor: String,
    payload: String,
    previous_hash: String,
    hash: String,
}

impl JournalRow {
    fn digest(&self) -> ContentHash {
        let (seq, at) = (self.seq.to_string(), self.at.to_string());
        let fields = [
            &self.previous_hash,
            &seq,
            &at,
            &self.kind,
            &self.subject_kind,
            &self.subject_id,
            &self.actor,
            &self.payload,
        ];
        // A field's length goes before it, so that no two different entries give the same bytes.
        let lengths: Vec<String> = fields.iter().map(|field| format!("{}:", field.len())).collect();
        ContentHash::of_parts(
            lengths.iter().zip(fields).flat_map(|(length, field)| [length.as_bytes(), field.as_bytes()]),
        )
    }
}

impl TryFrom<JournalRow> for Entry {
    type Error = CatalogError;

    fn try_from(row: JournalRow) -> Result<Self, CatalogError> {
        Ok(Self {
            seq: row.seq,
            at: Timestamp::from_micros(row.at),
            kind: EventKind::parse(&row.kind)
                .ok_or_else(|| CatalogError::corrupt("journal entry", format!("kind `{}`", row.kind)))?,
            subject_id: row.subject_id,
            actor: row.actor,
            payload: serde_json::from_str(&row.payload)
                .map_err(|error| CatalogError::corrupt("journal entry", error))?,
            hash: row.hash.parse().map_err(|error| CatalogError::corrupt("journal entry", error))?,
        })
    }
}

/// Writes one event down; gives its number.
///
/// # Errors
/// `Storage` when the database fails.
pub fn append(tx: &mut Tx<'_>, event: Event) -> Result<i64, CatalogError> {
    append_all(tx, vec![event])
}

/// Writes events down in their order; gives the last one's number (the head's when there are none).
///
/// From here to its end the transaction holds the journal's pen: others that append wait.
///
/// # Errors
/// `Storage` when the database fails.
pub fn append_all(tx: &mut Tx<'_>, events: Vec<Event>) -> Result<i64, CatalogError> {
    let count = i64::try_from(events.len()).map_err(|error| CatalogError::corrupt("journal", error))?;
    if count == 0 {
        return Ok(head(tx)?.seq);
    }
    diesel::update(journal_head::table.find(1))
        .set(journal_head::seq.eq(journal_head::seq + count))
        .execute(tx.conn)?;
    let Head { seq: last, hash } = head(tx)?;
    let mut previous_hash = hash.to_string();
    let mut rows = Vec::with_capacity(events.len());
    for (seq, event) in (last - count + 1..).zip(events) {
        let mut row = JournalRow {
            seq,
            at: tx.now.as_micros(),
            kind: event.kind.as_str().to_owned(),
            subject_kind: event.kind.subject_kind().to_owned(),
            subject_id: event.subject_id,
            actor: event.actor,
            payload: event.payload.to_string(),
            previous_hash,
            hash: String::new(),
        };
        row.hash = row.digest().to_string();
        previous_hash = row.hash.clone();
        rows.push(row);
    }
    insert_rows!(tx, journal::table, &rows);
    diesel::update(journal_head::table.find(1)).set(journal_head::hash.eq(previous_hash)).execute(tx.conn)?;
    Ok(last)
}

/// Takes the journal's pen before anything is written: from here to the transaction's end no other writer appends, so what
/// is read now and depends on the journal alone stays true.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_pen(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    diesel::update(journal_head::table.find(1)).set(journal_head::seq.eq(journal_head::seq)).execute(tx.conn)?;
    Ok(())
}

/// Where the journal ends.
///
/// # Errors
/// `Storage` when the database fails.
pub fn head(tx: &mut Tx<'_>) -> Result<Head, CatalogError> {
    let (seq, hash): (i64, String) =
        journal_head::table.find(1).select((journal_head::seq, journal_head::hash)).first(tx.conn)?;
    Ok(Head { seq, hash: hash.parse().map_err(|error| CatalogError::corrupt("journal head", error))? })
}

/// At most `limit` entries after number `since`, in order.
///
/// # Errors
/// `Corrupt` for an entry that this program does not know; `Storage` when the database fails.
pub fn list_since(tx: &mut Tx<'_>, since: i64, limit: i64) -> Result<Vec<Entry>, CatalogError> {
    let rows = journal::table
        .filter(journal::seq.gt(since))
        .order(journal::seq)
        .limit(limit)
        .select(JournalRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// As [`list_since`], only what anybody may read.
///
/// Read in the order of numbers, whatever the kinds: a list of kinds would have each of them read to its end and sorted.
///
/// # Errors
/// As [`list_since`].
pub fn list_public_since(tx: &mut Tx<'_>, since: i64, limit: i64) -> Result<Vec<Entry>, CatalogError> {
    let (mut found, mut reached) = (Vec::new(), since);
    let wanted = usize::try_from(limit).unwrap_or_default();
    while found.len() < wanted {
        let page = page_public_since(tx, reached, limit)?;
        found.extend(page.entries);
        reached = page.reached;
        if !page.more {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

/// A page of what anybody may read.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicPage {
    /// The entries, in order; there may be none although there is more.
    pub entries: Vec<Entry>,
    /// The number of the last entry that was looked at.
    pub reached: i64,
    /// Whether there may be entries beyond it.
    pub more: bool,
}

/// What anybody may read of the next `limit` entries after number `since`. Its cost follows from `limit` alone.
///
/// # Errors
/// As [`list_since`].
pub fn page_public_since(tx: &mut Tx<'_>, since: i64, limit: i64) -> Result<PublicPage, CatalogError> {
    let mut entries = list_since(tx, since, limit)?;
    let reached = entries.last().map_or(since, |entry| entry.seq);
    let more = i64::try_from(entries.len()).unwrap_or(limit) >= limit;
    entries.retain(|entry| entry.kind.is_public());
    let entries = hide_held(tx, entries)?;
    Ok(PublicPage { entries, reached, more })
}

/// Leaves out what tells of datasets that the personal-data gate holds: while they are held, they have never been.
///
/// # Errors
/// `Storage` when the database fails.
pub fn hide_held(tx: &mut Tx<'_>, mut entries: Vec<Entry>) -> Result<Vec<Entry>, CatalogError> {
    let held = {
        let mut ids: Vec<&str> = entries.iter().filter_map(dataset_of).collect();
        ids.sort_unstable();
        ids.dedup();
        dataset::held_among(tx, &ids)?
    };
    if !held.is_empty() {
        entries.retain(|entry| dataset_of(entry).is_none_or(|id| !held.contains(id)));
    }
    Ok(entries)
}

/// The dataset that an entry tells of.
fn dataset_of(entry: &Entry) -> Option<&str> {
    match entry.kind.subject_kind() {
        "dataset" => Some(entry.subject_id.as_str()),
        _ => entry.payload.get("dataset").and_then(serde_json::Value::as_str),
    }
}

/// At most `limit` entries about one thing before number `before` (`None`: from the end), newest first.
///
/// # Errors
/// As [`list_since`].
pub fn list_of_subject(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, CatalogError> {
    let rows: Vec<JournalRow> = journal::table
        .filter(journal::subject_kind.eq(subject_kind))
        .filter(journal::subject_id.eq(subject_id))
        .filter(journal::seq.lt(before.unwrap_or(i64::MAX)))
        .order(journal::seq.desc())
        .limit(limit)
        .select(JournalRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The entry of that number.
///
/// # Errors
/// As [`list_since`].
pub fn find(tx: &mut Tx<'_>, seq: i64) -> Result<Option<Entry>, CatalogError> {
    let row: Option<JournalRow> = journal::table.find(seq).select(JournalRow::as_select()).first(tx.conn).optional()?;
    row.map(Entry::try_from).transpose()
}

/// Every entry of a kind, in order, each held to its digest: for those who act on the journal alone.
///
/// # Errors
/// `JournalBroken` when an entry's content is not what was written; `Storage` when the database fails.
pub fn list_of_kind(tx: &mut Tx<'_>, kind: EventKind) -> Result<Vec<Entry>, CatalogError> {
    let rows: Vec<JournalRow> = journal::table
        .filter(journal::kind.eq(kind.as_str()))
        .order(journal::seq)
        .select(JournalRow::as_select())
        .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            if row.digest().to_string() != row.hash {
                return Err(CatalogError::JournalBroken {
                    seq: row.seq,
                    problem: "its content is not what was written",
                });
            }
            row.try_into()
        })
        .collect()
}

/// At most `limit` entries of some kinds before number `before` (`None`: from the end), newest first; without those of datasets
/// that the personal-data gate holds.
///
/// Asked kind by kind, each by its index, so that the cost follows from `limit` and not from the journal's length.
///
/// # Errors
/// As [`list_since`].
pub fn list_before(
    tx: &mut Tx<'_>,
    kinds: &[EventKind],
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, CatalogError> {
    let wanted = usize::try_from(limit).unwrap_or_default();
    let (mut found, mut before) = (Vec::new(), before);
    loop {
        let page = page_before(tx, kinds, before, limit)?;
        let is_last = page.len() < wanted;
        before = page.last().map(|entry| entry.seq);
        found.extend(hide_held(tx, page)?);
        if is_last || found.len() >= wanted {
            found.truncate(wanted);
            return Ok(found);
        }
    }
}

fn page_before(
    tx: &mut Tx<'_>,
    kinds: &[EventKind],
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, CatalogError> {
    let mut rows: Vec<JournalRow> = Vec::new();
    for kind in kinds {
        let found: Vec<JournalRow> = journal::table
            .filter(journal::kind.eq(kind.as_str()))
            .filter(journal::seq.lt(before.unwrap_or(i64::MAX)))
            .order(journal::seq.desc())
            .limit(limit)
            .select(JournalRow::as_select())
            .load(tx.conn)?;
        rows.extend(found);
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.seq));
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    rows.into_iter().map(Entry::try_from).collect()
}

/// Which entries to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Only of this kind.
    pub kind: Option<EventKind>,
    /// Only about the thing of this id.
    pub subject_id: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub to: Option<Timestamp>,
    /// Only with a lower number: where the page before ended.
    pub before: Option<i64>,
}

/// A page of what was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalPage {
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// What to ask for as [`JournalFilter::before`] next; `None` when there is nothing more.
    pub next: Option<i64>,
}

/// Most entries that are looked at for one page when no index leads to them.
const MOST_LOOKED_AT: i64 = 200_000;

/// A page of the whole journal, newest first: for those who may read all of it. Its cost is bounded; a page may hold fewer entries
/// than `limit`, or none, and still name a next one.
///
/// # Errors
/// As [`list_since`].
pub fn search(tx: &mut Tx<'_>, filter: &JournalFilter, limit: i64) -> Result<JournalPage, CatalogError> {
    let end = head(tx)?.seq + 1;
    let mut upper = filter.before.unwrap_or(end).min(end);
    if let Some(to) = filter.to {
        upper = upper.min(first_not_before(tx, to, end)?);
    }
    let lowest = match filter.from {
        Some(from) => first_not_before(tx, from, end)?,
        None => 1,
    };
    // A kind has its index; everything else is read through from the end.
    let is_led = filter.kind.is_some() && filter.subject_id.is_none() && filter.actor.is_none();
    let lower = if is_led { lowest } else { lowest.max(upper.saturating_sub(MOST_LOOKED_AT)) };
    let mut query = journal::table
        .filter(journal::seq.lt(upper))
        .filter(journal::seq.ge(lower))
        .order(journal::seq.desc())
        .limit(limit)
        .select(JournalRow::as_select())
        .into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(journal::kind.eq(kind.as_str()));
    }
    if let Some(subject) = &filter.subject_id {
        query = query.filter(journal::subject_id.eq(subject.clone()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(journal::actor.eq(actor.clone()));
    }
    let rows: Vec<JournalRow> = query.load(tx.conn)?;
    let is_full = i64::try_from(rows.len()).unwrap_or(limit) >= limit;
    let entries = rows.into_iter().map(Entry::try_from).collect::<Result<Vec<_>, _>>()?;
    let reached = if is_full { entries.last().map_or(lower, |last| last.seq) } else { lower };
    Ok(JournalPage { entries, next: (reached > lowest).then_some(reached) })
}

/// The first number whose entry was written at a moment or later; `end` when there is none. Entries are written in the order of their
/// moments, so a few looks are enough.
fn first_not_before(tx: &mut Tx<'_>, moment: Timestamp, end: i64) -> Result<i64, CatalogError> {
    let (mut low, mut high) = (1, end);
    while low < high {
        let middle = low + (high - low) / 2;
        let at: Option<i64> = journal::table.find(middle).select(journal::at).first(tx.conn).optional()?;
        if at.is_some_and(|at| at < moment.as_micros()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Recomputes the whole chain; gives how many entries it has.
///
/// # Errors
/// `JournalBroken` at the first entry whose number, predecessor or digest does not fit, or when the head differs.
pub fn verify(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    const PAGE: i64 = 5_000;
    let head = head(tx)?;
    let (mut seq, mut hash) = (0, "0".repeat(64));
    loop {
        let rows: Vec<JournalRow> = journal::table
            .filter(journal::seq.gt(seq))
            .order(journal::seq)
            .limit(PAGE)
            .select(JournalRow::as_select())
            .load(tx.conn)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let broken = |problem| Err(CatalogError::JournalBroken { seq: row.seq, problem });
            if row.seq != seq + 1 {
                return broken("an entry before it is missing");
            }
            if row.previous_hash != hash {
                return broken("it does not follow from the entry before it");
            }
            if row.digest().to_string() != row.hash {
                return broken("its content is not what was written");
            }
            (seq, hash) = (row.seq, row.hash);
        }
    }
    if (seq, hash.as_str()) != (head.seq, head.hash.to_string().as_str()) {
        return Err(CatalogError::JournalBroken { seq, problem: "the head says something else" });
    }
    Ok(seq)
}

//! Notices: what the people of a publisher are told by letter about their work.
//!
//! A step of a draft, and something that the gate holds, leave a notice in the transaction that made them so; whoever writes
//! letters takes what is due ([`take_due`]) in the transaction that queues the letters, so each is written once, whichever door
//! the step came through. Nobody is told what they did themselves, and whoever wants no such letters gets none ([`set_quiet`]).
//!
//! Holds are gathered for [`HOLD_GATHER_SECS`], so that a harvest that brings a thousand of them brings one letter.

use std::collections::BTreeSet;

use diesel::prelude::*;
use fairground_domain::{AccountId, DraftId, NoticeId, PublisherId, PublisherRole, StageName, Timestamp};

use crate::account::Role;
use crate::audit::AuditAction;
use crate::db::Tx;
use crate::draft::{self, Draft};
use crate::error::CatalogError;
use crate::gate;
use crate::member;
use crate::schema::{accounts, publishers, quiet_accounts, work_notices};

/// How long holds of a publisher are gathered before its reviewers are told, in seconds.
pub const HOLD_GATHER_SECS: i64 = 300;
/// Most operators who are told where a publisher has nobody to review its work.
const MAX_OPERATORS: i64 = 20;
/// Longest title in a notice, in characters.
const TITLE_CHARS: usize = 300;

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("notice", problem)
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A draft waits for its reviewers.
    Submitted,
    /// A draft was given back to whoever wrote it.
    Returned,
    /// A draft was approved and will be public at its time.
    Approved,
    /// A draft is public.
    Published,
    /// A draft's moment came, and something stands in the way.
    ReleaseFailed,
    /// The gate holds a draft; for whoever wrote it.
    DraftHeld,
    /// The gate holds something; for those who decide about it.
    Held,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Submitted,
        Self::Returned,
        Self::Approved,
        Self::Published,
        Self::ReleaseFailed,
        Self::DraftHeld,
        Self::Held,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::ReleaseFailed => "release-failed",
            Self::DraftHeld => "draft-held",
            Self::Held => "held",
        }
    }

    fn parse(text: &str) -> Result<Self, CatalogError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| corrupt(format!("kind `{text}`")))
    }

    /// Whether it is for those who review, rather than for those who wrote.
    const fn is_for_reviewers(self) -> bool {
        matches!(self, Self::Submitted | Self::Held)
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = work_notices, treat_none_as_default_value = false)]
struct NoticeRow {
    id: String,
    kind: String,
    draft_id: Option<String>,
    publisher_id: Option<String>,
    actor: String,
    authors: String,
    title: String,
    held: i64,
    due_at: i64,
}

/// Something to be told, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    /// What has happened.
    pub kind: NoticeKind,
    /// To which draft, where it is one.
    pub draft: Option<DraftId>,
    /// The publisher's name; empty where what is held has none.
    pub publisher: String,
    /// The draft's title; may be empty.
    pub title: String,
    /// How many things are held; of a draft that waits for review, how many of its texts and files.
    pub held: i64,
    /// The addresses of those who are told.
    pub readers: Vec<String>,
}

/// What people are told by letter of a step of a draft.
const fn kind_of(action: AuditAction) -> Option<NoticeKind> {
    use AuditAction as A;
    match action {
        A::DraftSubmitted => Some(NoticeKind::Submitted),
        A::DraftReturned => Some(NoticeKind::Returned),
        A::DraftApproved | A::DraftScheduled => Some(NoticeKind::Approved),
        A::DraftPublished => Some(NoticeKind::Published),
        A::ReleaseFailed => Some(NoticeKind::ReleaseFailed),
        A::DraftCreated
        | A::DraftEdited
        | A::FileAdded
        | A::FileRemoved
        | A::DraftRecalled
        | A::DraftHeld
        | A::DraftDiscarded
        | A::DatasetWithdrawn
        | A::RoleGranted
        | A::RoleRevoked
        | A::RoleDelegated
        | A::InvitationSent
        | A::InvitationAccepted
        | A::InvitationWithdrawn
        | A::ParentChanged
        | A::PolicyChanged
        | A::TokenCreated
        | A::TokenRevoked
        | A::HoldReleased
        | A::HoldRepaired
        | A::HoldRejected
        | A::SourceAdded
        | A::SourceApproved
        | A::SourceChanged
        | A::SourceRun
        | A::SourceDeleted
        | A::HarvestApproved
        | A::HarvestStopped => None,
    }
}

/// Leaves word of a step of a draft, if people are told of such steps.
pub(crate) fn of_step(tx: &mut Tx<'_>, action: AuditAction, draft: &Draft, actor: &str) -> Result<(), CatalogError> {
    match kind_of(action) {
        Some(kind) => of_draft(tx, kind, draft, actor),
        None => Ok(()),
    }
}

fn of_draft(tx: &mut Tx<'_>, kind: NoticeKind, draft: &Draft, actor: &str) -> Result<(), CatalogError> {
    if kind == NoticeKind::Submitted {
        // Handed in, taken back and handed in again before anybody was told: one letter.
        let earlier = work_notices::table
            .filter(work_notices::kind.eq(kind.as_str()))
            .filter(work_notices::draft_id.eq(draft.id.to_string()));
        diesel::delete(earlier).execute(tx.conn)?;
    }
    let row = NoticeRow {
        id: NoticeId::new().to_string(),
        kind: kind.as_str().to_owned(),
        draft_id: Some(draft.id.to_string()),
        publisher_id: Some(draft.publisher.id.to_string()),
        actor: actor.to_owned(),
        authors: serde_json::to_string(&draft.authors).map_err(corrupt)?,
        title: draft.title().chars().take(TITLE_CHARS).collect(),
        held: 0,
        due_at: tx.now.as_micros(),
    };
    diesel::insert_into(work_notices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Leaves word that the gate holds something: to a draft's authors at once and once a draft, to reviewers when some of it has
/// gathered. Where reviewers are about to be told that the draft waits for them, that letter tells of the hold as well.
pub(crate) fn of_hold(
    tx: &mut Tx<'_>,
    publisher: Option<PublisherId>,
    draft: Option<DraftId>,
    authors: &[String],
) -> Result<(), CatalogError> {
    if let Some(draft) = draft {
        let known: i64 = work_notices::table
            .filter(work_notices::kind.eq(NoticeKind::DraftHeld.as_str()))
            .filter(work_notices::draft_id.eq(draft.to_string()))
            .count()
            .get_result(tx.conn)?;
        if known == 0 {
            put_hold(tx, NoticeKind::DraftHeld, publisher, Some(draft), authors, tx.now)?;
        }
        let submitted = work_notices::table
            .filter(work_notices::kind.eq(NoticeKind::Submitted.as_str()))
            .filter(work_notices::draft_id.eq(draft.to_string()));
        if submitted.count().get_result::<i64>(tx.conn)? > 0 {
            return Ok(());
        }
    }
    let waiting = work_notices::table
        .filter(work_notices::kind.eq(NoticeKind::Held.as_str()))
        .filter(work_notices::due_at.gt(tx.now.as_micros()));
    let more = work_notices::held.eq(work_notices::held + 1);
    let joined = match publisher {
        Some(id) => {
            diesel::update(waiting.filter(work_notices::publisher_id.eq(id.to_string()))).set(more).execute(tx.conn)?
        }
        None => diesel::update(waiting.filter(work_notices::publisher_id.is_null())).set(more).execute(tx.conn)?,
    };
    if joined == 0 {
        put_hold(tx, NoticeKind::Held, publisher, None, &[], tx.now.plus_secs(HOLD_GATHER_SECS))?;
    }
    Ok(())
}

fn put_hold(
    tx: &mut Tx<'_>,
    kind: NoticeKind,
    publisher: Option<PublisherId>,
    draft: Option<DraftId>,
    authors: &[String],
    due_at: Timestamp,
) -> Result<(), CatalogError> {
    let row = NoticeRow {
        id: NoticeId::new().to_string(),
        kind: kind.as_str().to_owned(),
        draft_id: draft.map(|id| id.to_string()),
        publisher_id: publisher.map(|id| id.to_string()),
        actor: String::new(),
        authors: serde_json::to_string(authors).map_err(corrupt)?,
        title: String::new(),
        held: 1,
        due_at: due_at.as_micros(),
    };
    diesel::insert_into(work_notices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Whether anything is to be told: a look without the write lock.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_due(tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
    let due = work_notices::table.filter(work_notices::due_at.le(tx.now.as_micros()));
    Ok(due.count().get_result::<i64>(tx.conn)? > 0)
}

/// Takes up to `most` notices that are due, oldest first. They are forgotten with this transaction: queue their letters in it.
/// What is no longer so (a draft taken back, nothing held any more) is forgotten without a word.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due(tx: &mut Tx<'_>, most: i64) -> Result<Vec<DueNotice>, CatalogError> {
    let rows: Vec<NoticeRow> = work_notices::table
        .filter(work_notices::due_at.le(tx.now.as_micros()))
        .order((work_notices::due_at, work_notices::id))
        .limit(most)
        .select(NoticeRow::as_select())
        .load(tx.conn)?;
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        // One row means ours: another process may have looked at the same moment.
        if diesel::delete(work_notices::table.find(&row.id)).execute(tx.conn)? == 1
            && let Some(notice) = told(tx, row)?
        {
            due.push(notice);
        }
    }
    Ok(due)
}

fn told(tx: &mut Tx<'_>, row: NoticeRow) -> Result<Option<DueNotice>, CatalogError> {
    let kind = NoticeKind::parse(&row.kind)?;
    let publisher: Option<PublisherId> = row.publisher_id.as_deref().map(str::parse).transpose().map_err(corrupt)?;
    let (mut title, mut held) = (row.title, row.held);
    let mut authors: Vec<String> = serde_json::from_str(&row.authors).map_err(corrupt)?;
    let draft = match row.draft_id {
        None => None,
        Some(id) => {
            let id: DraftId = id.parse().map_err(corrupt)?;
            let Some(found) = draft::find(tx, id)? else { return Ok(None) };
            if kind == NoticeKind::Submitted {
                if found.stage.name() != StageName::InReview {
                    return Ok(None);
                }
                held = gate::count_open_of_draft(tx, found.dataset)?;
            }
            found.title().clone_into(&mut title);
            authors.extend(found.authors.iter().filter(|name| !row.authors.contains(name.as_str())).cloned());
            Some(id)
        }
    };
    if kind == NoticeKind::Held && gate::count_open_of(tx, publisher)? == 0 {
        return Ok(None);
    }
    let wrote: BTreeSet<AccountId> = authors.iter().filter_map(|name| account_of(name)).collect();
    let mut people =
        if kind.is_for_reviewers() { reviewers(tx, publisher, &wrote)? } else { wrote.into_iter().collect() };
    people.retain(|account| Some(*account) != account_of(&row.actor));
    let readers = addresses(tx, &people)?;
    let publisher = match publisher {
        None => String::new(),
        Some(id) => publishers::table.find(id.to_string()).select(publishers::name).first(tx.conn)?,
    };
    Ok(Some(DueNotice { kind, draft, publisher, title, held, readers }))
}

fn account_of(actor: &str) -> Option<AccountId> {
    actor.strip_prefix("account:")?.parse().ok()
}

/// Those who may review a publisher's work and wrote none of it; the operators, where it has nobody else.
fn reviewers(
    tx: &mut Tx<'_>,
    publisher: Option<PublisherId>,
    wrote: &BTreeSet<AccountId>,
) -> Result<Vec<AccountId>, CatalogError> {
    let mut found = match publisher {
        Some(id) => member::people_with(tx, id, PublisherRole::Reviewer)?,
        None => Vec::new(),
    };
    found.retain(|account| !wrote.contains(account));
    if !found.is_empty() {
        return Ok(found);
    }
    let operators: Vec<String> = accounts::table
        .filter(accounts::role.eq(Role::Operator.as_str()))
        .filter(accounts::disabled.eq(false))
        .order(accounts::id)
        .limit(MAX_OPERATORS)
        .select(accounts::id)
        .load(tx.conn)?;
    let operators = operators.iter().map(|id| id.parse().map_err(corrupt)).collect::<Result<Vec<AccountId>, _>>()?;
    Ok(operators.into_iter().filter(|account| !wrote.contains(account)).collect())
}

/// The addresses of accounts that are in use and want these letters.
fn addresses(tx: &mut Tx<'_>, people: &[AccountId]) -> Result<Vec<String>, CatalogError> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    Ok(accounts::table
        .filter(accounts::id.eq_any(ids))
        .filter(accounts::disabled.eq(false))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            quiet_accounts::table.filter(quiet_accounts::account_id.eq(accounts::id)),
        )))
        .order(accounts::email)
        .select(accounts::email)
        .load(tx.conn)?)
}

/// Whether somebody wants no letters about their work.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_quiet(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, CatalogError> {
    let known = quiet_accounts::table.filter(quiet_accounts::account_id.eq(account.to_string()));
    Ok(known.count().get_result::<i64>(tx.conn)? > 0)
}

/// Ends these letters for somebody, or lets them come again.
///
/// # Errors
/// `Storage` when the database fails.
pub fn set_quiet(tx: &mut Tx<'_>, account: AccountId, quiet: bool) -> Result<(), CatalogError> {
    let id = account.to_string();
    diesel::delete(quiet_accounts::table.find(&id)).execute(tx.conn)?;
    if quiet {
        diesel::insert_into(quiet_accounts::table)
            .values((quiet_accounts::account_id.eq(id), quiet_accounts::since.eq(tx.now.as_micros())))
            .execute(tx.conn)?;
    }
    Ok(())
}

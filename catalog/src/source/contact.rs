//! Whom to tell how a source's harvests ended.

use diesel::prelude::*;
use fairground_domain::{ContactId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::parse_email;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{Counts, HarvestSource, JobState};
use crate::schema::source_contacts;
use crate::secret::Secret;

/// Contacts of one source.
pub const MOST_CONTACTS: usize = 10;
/// Longest web address of a contact, in bytes.
const LONGEST_ADDRESS_BYTES: usize = 2_000;

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    /// By a letter to a mailbox.
    Email,
    /// By a signed call of a web address.
    Webhook,
}

impl ContactKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Email, Self::Webhook];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// The kind that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// After which harvests somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// After each.
    Always,
    /// When the catalogue changed, or something is wrong.
    Change,
    /// When a harvest failed or waits for approval, or records were refused or failed.
    Error,
}

impl Occasion {
    /// Every occasion.
    pub const ALL: [Self; 3] = [Self::Always, Self::Change, Self::Error];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Change => "change",
            Self::Error => "error",
        }
    }

    /// The occasion that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|occasion| occasion.as_str() == text)
    }

    /// Whether a harvest that stands so, with these sums, is one.
    #[must_use]
    pub const fn is_met(self, state: JobState, counts: &Counts) -> bool {
        let wrong = match state {
            JobState::Failed | JobState::AwaitingApproval => true,
            JobState::Completed => counts.refused + counts.failed > 0,
            JobState::Cancelled => false,
            JobState::Queued | JobState::Running => return false,
        };
        match self {
            Self::Always => true,
            Self::Change => wrong || counts.created + counts.updated + counts.deleted > 0,
            Self::Error => wrong,
        }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceContact {
    /// Its id.
    pub id: ContactId,
    /// The source.
    pub source_id: SourceId,
    /// How.
    pub kind: ContactKind,
    /// The mailbox, or the web address without what may be secret in it.
    pub shown: String,
    /// After which harvests.
    pub occasion: Occasion,
    /// Since when.
    pub created_at: Timestamp,
}

/// Somebody who is to be told. The web address must have been judged by whoever calls.
#[derive(Clone)]
pub struct NewContact {
    /// How.
    pub kind: ContactKind,
    /// The mailbox or web address.
    pub address: String,
    /// What webhooks are signed with.
    pub secret: Option<String>,
    /// After which harvests.
    pub occasion: Occasion,
}

impl std::fmt::Debug for NewContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewContact").field("kind", &self.kind).field("occasion", &self.occasion).finish_non_exhaustive()
    }
}

/// What is sealed of a contact.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedContact {
    pub(super) address: String,
    pub(super) secret: Option<String>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = source_contacts, treat_none_as_default_value = false)]
pub(super) struct ContactRow {
    pub(super) id: String,
    pub(super) source_id: String,
    pub(super) kind: String,
    pub(super) shown: String,
    pub(super) sealed: Vec<u8>,
    pub(super) occasion: String,
    pub(super) created_at: i64,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("contact of a source", problem)
}

/// What the seal is for: this contact alone.
fn purpose(id: &str) -> String {
    format!("source contact {id}")
}

impl ContactRow {
    pub(super) fn open(&self, secret: &Secret) -> Result<SealedContact, CatalogError> {
        serde_json::from_slice(&secret.unseal(&purpose(&self.id), &self.sealed)?).map_err(corrupt)
    }
}

impl TryFrom<ContactRow> for SourceContact {
    type Error = CatalogError;

    fn try_from(row: ContactRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            source_id: row.source_id.parse().map_err(corrupt)?,
            kind: ContactKind::parse(&row.kind).ok_or_else(|| corrupt(format!("kind `{}`", row.kind)))?,
            shown: row.shown,
            occasion: Occasion::parse(&row.occasion).ok_or_else(|| corrupt(format!("occasion `{}`", row.occasion)))?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// An address as it is shown: without user, password, query and fragment.
fn shown(kind: ContactKind, address: &str) -> String {
    if kind == ContactKind::Email {
        return address.to_owned();
    }
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    match bare.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            // Paths of webhooks are often their secret: the first part tells enough.
            let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
            let more = path.trim_start_matches('/').len() > first.len();
            format!("{scheme}://{host}/{}{}", first.chars().take(20).collect::<String>(), if more { "/…" } else { "" })
        }
        None => String::new(),
    }
}

/// Adds somebody who is told how the harvests of a source end.
///
/// # Errors
/// `Invalid` for a mailbox that is none or an address that is too long, `WrongState` beyond [`MOST_CONTACTS`].
pub fn add_contact(
    tx: &mut Tx<'_>,
    secret: &Secret,
    source: &HarvestSource,
    new: NewContact,
) -> Result<SourceContact, CatalogError> {
    let address = match new.kind {
        ContactKind::Email => parse_email(&new.address)
            .map_err(|_| CatalogError::Invalid { field: "address", problem: "must be an e-mail address".to_owned() })?,
        ContactKind::Webhook => new.address,
    };
    if address.len() > LONGEST_ADDRESS_BYTES {
        let problem = format!("may hold up to {LONGEST_ADDRESS_BYTES} bytes");
        return Err(CatalogError::Invalid { field: "address", problem });
    }
    let known: i64 = source_contacts::table
        .filter(source_contacts::source_id.eq(source.id.to_string()))
        .count()
        .get_result(tx.conn)?;
    if usize::try_from(known).unwrap_or(usize::MAX) >= MOST_CONTACTS {
        return Err(super::standing::wrong_state(
            source,
            "it has as many contacts as a source may have: remove one first",
        ));
    }
    let id = ContactId::new().to_string();
    let shown = shown(new.kind, &address);
    let plain = serde_json::to_vec(&SealedContact { address, secret: new.secret }).map_err(corrupt)?;
    let row = ContactRow {
        sealed: secret.seal(&purpose(&id), &plain)?,
        id,
        source_id: source.id.to_string(),
        kind: new.kind.as_str().to_owned(),
        shown,
        occasion: new.occasion.as_str().to_owned(),
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(source_contacts::table).values(&row).execute(tx.conn)?;
    row.try_into()
}

/// Who is told of a source's harvests, oldest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_contacts(tx: &mut Tx<'_>, source: SourceId) -> Result<Vec<SourceContact>, CatalogError> {
    let rows: Vec<ContactRow> = source_contacts::table
        .filter(source_contacts::source_id.eq(source.to_string()))
        .order(source_contacts::id)
        .select(ContactRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(SourceContact::try_from).collect()
}

/// Tells somebody no more; what waits to be told is dropped.
///
/// # Errors
/// `NotFound` when the source has no such contact.
pub fn remove_contact(tx: &mut Tx<'_>, source: SourceId, id: ContactId) -> Result<(), CatalogError> {
    let gone = diesel::delete(
        source_contacts::table.find(id.to_string()).filter(source_contacts::source_id.eq(source.to_string())),
    )
    .execute(tx.conn)?;
    if gone == 1 { Ok(()) } else { Err(CatalogError::not_found("contact", id)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occasions_are_told_from_what_became_of_the_harvest() {
        let changed = Counts { updated: 1, ..Counts::default() };
        let refused = Counts { refused: 1, ..Counts::default() };
        let nothing = Counts::default();
        for (state, counts, met) in [
            (JobState::Completed, nothing, [true, false, false]),
            (JobState::Completed, changed, [true, true, false]),
            (JobState::Completed, refused, [true, true, true]),
            (JobState::Failed, nothing, [true, true, true]),
            (JobState::AwaitingApproval, nothing, [true, true, true]),
            (JobState::Cancelled, nothing, [true, false, false]),
            (JobState::Running, refused, [false, false, false]),
        ] {
            assert_eq!(Occasion::ALL.map(|occasion| occasion.is_met(state, &counts)), met, "{state:?} {counts:?}");
        }
    }

    #[test]
    fn addresses_are_shown_without_what_may_be_secret() {
        for (kind, address, told) in [
            (ContactKind::Email, "open@city.example", "open@city.example"),
            (
                ContactKind::Webhook,
                "https://a:b@hooks.example/services/T1/B2?token=x#y",
                "https://hooks.example/services/…",
            ),
            (ContactKind::Webhook, "https://hooks.example", "https://hooks.example/"),
            (ContactKind::Webhook, "https://hooks.example/fairground", "https://hooks.example/fairground"),
        ] {
            assert_eq!(shown(kind, address), told);
        }
    }
}

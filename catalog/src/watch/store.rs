//! Every statement on follows.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::{CitizenId, ContentHash, FollowId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Channel, Follow, LONGEST_SEARCH_CHARS, MOST_FOLLOWS, MOST_SEARCH_VALUES, MOST_WEBHOOKS, NewFollow, Rhythm,
    SavedSearch, Subject,
};
use crate::citizen;
use crate::dataset::{self, Publication};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::publisher;
use crate::schema::{follow_deliveries, follows, letters};
use crate::secret::Secret;

/// Longest web address that is called, in bytes.
const LONGEST_ADDRESS_BYTES: usize = 2_000;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = follows, treat_none_as_default_value = false)]
pub(super) struct FollowRow {
    pub(super) id: String,
    pub(super) citizen_id: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) search: Option<String>,
    pub(super) channel: String,
    pub(super) rhythm: String,
    shown: Option<String>,
    pub(super) sealed: Option<Vec<u8>>,
    pub(super) since_seq: i64,
    pub(super) told_at: Option<i64>,
    created_at: i64,
}

/// What is sealed of a webhook.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedHook {
    pub(super) address: String,
    pub(super) secret: String,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("follow", problem)
}

/// What a seal is for: this follow alone.
fn purpose(id: &str) -> String {
    format!("follow {id}")
}

impl FollowRow {
    pub(super) fn subject(&self) -> Result<Subject, CatalogError> {
        match self.kind.as_str() {
            "dataset" => Ok(Subject::Dataset(self.subject.parse().map_err(corrupt)?)),
            "publisher" => Ok(Subject::Publisher(self.subject.parse().map_err(corrupt)?)),
            "search" => Ok(Subject::Search(self.search()?)),
            other => Err(corrupt(format!("kind `{other}`"))),
        }
    }

    pub(super) fn search(&self) -> Result<SavedSearch, CatalogError> {
        serde_json::from_str(self.search.as_deref().unwrap_or_default()).map_err(corrupt)
    }

    pub(super) fn channel(&self) -> Result<Channel, CatalogError> {
        Channel::parse(&self.channel).ok_or_else(|| corrupt(format!("channel `{}`", self.channel)))
    }

    pub(super) fn rhythm(&self) -> Result<Rhythm, CatalogError> {
        Rhythm::parse(&self.rhythm).ok_or_else(|| corrupt(format!("rhythm `{}`", self.rhythm)))
    }

    pub(super) fn hook(&self, secret: &Secret) -> Result<SealedHook, CatalogError> {
        let sealed = self.sealed.as_deref().unwrap_or_default();
        serde_json::from_slice(&secret.unseal(&purpose(&self.id), sealed)?).map_err(corrupt)
    }
}

/// Refuses what cannot be followed.
pub(crate) fn check(tx: &mut Tx<'_>, new: &NewFollow) -> Result<(), CatalogError> {
    let invalid = |field, problem: String| Err(CatalogError::Invalid { field, problem });
    match &new.subject {
        Subject::Dataset(id) => drop(dataset::get_public(tx, &id.to_string())?),
        Subject::Publisher(id) => {
            let found = publisher::find_by_id(tx, *id)?;
            found.ok_or_else(|| CatalogError::not_found("publisher", id))?;
        }
        Subject::Search(search) => {
            if search.is_empty() {
                return invalid("search", "must hold words or a filter; news of everything are in the feed".to_owned());
            }
            if search.words.chars().count() > LONGEST_SEARCH_CHARS {
                return invalid("search", format!("may hold words of up to {LONGEST_SEARCH_CHARS} characters"));
            }
            if search.values.len() > MOST_SEARCH_VALUES {
                return invalid("search", format!("may hold up to {MOST_SEARCH_VALUES} values"));
            }
        }
    }
    match (new.channel, &new.address, &new.secret) {
        (Channel::Webhook, Some(address), Some(_)) if address.len() <= LONGEST_ADDRESS_BYTES => Ok(()),
        (Channel::Webhook, Some(_), Some(_)) => {
            invalid("webhook_url", format!("may hold up to {LONGEST_ADDRESS_BYTES} bytes"))
        }
        (Channel::Webhook, _, _) => invalid("webhook_url", "must say which address is called".to_owned()),
        (Channel::Email | Channel::Page, None, _) => Ok(()),
        (Channel::Email | Channel::Page, Some(_), _) => invalid("webhook_url", "is for webhooks only".to_owned()),
    }
}

/// Follows something from now on. Who follows the same thing the same way already keeps that, at the new rhythm.
///
/// # Errors
/// `WrongState` beyond [`MOST_FOLLOWS`] or [`MOST_WEBHOOKS`]; otherwise as for what cannot be followed: `NotFound`, `Invalid`.
pub fn follow(tx: &mut Tx<'_>, secret: &Secret, citizen: CitizenId, new: NewFollow) -> Result<Follow, CatalogError> {
    check(tx, &new)?;
    let owner = citizen.to_string();
    let (subject, search) = match &new.subject {
        Subject::Dataset(id) => (id.to_string(), None),
        Subject::Publisher(id) => (id.to_string(), None),
        Subject::Search(search) => {
            let text = serde_json::to_string(search).map_err(corrupt)?;
            (ContentHash::of(text.as_bytes()).to_string(), Some(text))
        }
    };
    let shown = new.address.as_deref().map(shown);
    let known: Option<FollowRow> = follows::table
        .filter(follows::citizen_id.eq(&owner))
        .filter(follows::kind.eq(new.subject.kind()))
        .filter(follows::subject.eq(&subject))
        .filter(follows::channel.eq(new.channel.as_str()))
        .select(FollowRow::as_select())
        .first(tx.conn)
        .optional()?;
    if let Some(known) = known.filter(|known| known.channel != Channel::Webhook.as_str()) {
        let id = known.id.parse().map_err(corrupt)?;
        return set_rhythm(tx, citizen, id, new.rhythm);
    }
    must_have_room(tx, &owner, new.channel)?;
    let id = FollowId::new();
    let sealed = match (new.address, new.secret) {
        (Some(address), Some(signing)) if new.channel == Channel::Webhook => {
            let plain = serde_json::to_vec(&SealedHook { address, secret: signing }).map_err(corrupt)?;
            Some(secret.seal(&purpose(&id.to_string()), &plain)?)
        }
        _ => None,
    };
    let row = FollowRow {
        id: id.to_string(),
        citizen_id: owner,
        kind: new.subject.kind().to_owned(),
        subject,
        search,
        channel: new.channel.as_str().to_owned(),
        rhythm: new.rhythm.as_str().to_owned(),
        shown,
        sealed,
        since_seq: journal::head(tx)?.seq,
        told_at: None,
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(follows::table).values(&row).execute(tx.conn)?;
    get_follow(tx, citizen, id)
}

fn must_have_room(tx: &mut Tx<'_>, citizen: &str, channel: Channel) -> Result<(), CatalogError> {
    let own = follows::table.filter(follows::citizen_id.eq(citizen));
    let all: i64 = own.count().get_result(tx.conn)?;
    let hooks: i64 = own.filter(follows::channel.eq(Channel::Webhook.as_str())).count().get_result(tx.conn)?;
    let full = |state: String| {
        Err(CatalogError::WrongState { what: "your list".to_owned(), state, problem: "stop following something first" })
    };
    if all >= MOST_FOLLOWS {
        return full(format!("full with {MOST_FOLLOWS} follows"));
    }
    if channel == Channel::Webhook && hooks >= MOST_WEBHOOKS {
        return full(format!("full with {MOST_WEBHOOKS} webhooks"));
    }
    Ok(())
}

/// A web address as it is shown: without user, query and fragment, and of its path the first part alone, for the rest is often
/// its secret.
fn shown(address: &str) -> String {
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = bare.split_once("://") else { return String::new() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let more = if path.len() > first.len() { "/…" } else { "" };
    format!("{scheme}://{host}/{}{more}", first.chars().take(20).collect::<String>())
}

/// What a citizen follows, the newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_follows(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<Vec<Follow>, CatalogError> {
    let rows: Vec<FollowRow> = follows::table
        .filter(follows::citizen_id.eq(citizen.to_string()))
        .order(follows::id.desc())
        .select(FollowRow::as_select())
        .load(tx.conn)?;
    describe(tx, rows)
}

/// One of a citizen's follows.
///
/// # Errors
/// `NotFound` when there is none, or it is somebody else's.
pub fn get_follow(tx: &mut Tx<'_>, citizen: CitizenId, id: FollowId) -> Result<Follow, CatalogError> {
    let row: Option<FollowRow> = follows::table
        .find(id.to_string())
        .filter(follows::citizen_id.eq(citizen.to_string()))
        .select(FollowRow::as_select())
        .first(tx.conn)
        .optional()?;
    let described = describe(tx, row.into_iter().collect())?;
    described.into_iter().next().ok_or_else(|| CatalogError::not_found("follow", id))
}

/// Rows with what they are called.
pub(super) fn describe(tx: &mut Tx<'_>, rows: Vec<FollowRow>) -> Result<Vec<Follow>, CatalogError> {
    let ids: Vec<String> = rows.iter().filter(|row| row.kind == "dataset").map(|row| row.subject.clone()).collect();
    let datasets = dataset::list_by_ids(tx, &ids)?;
    let mut names: HashMap<String, (String, Option<String>)> = HashMap::new();
    for one in datasets {
        if one.publication == Publication::Published {
            let title = one.draft.title.any().to_owned();
            names.insert(one.id.to_string(), (title, Some(one.slug.to_string())));
        }
    }
    for row in rows.iter().filter(|row| row.kind == "publisher") {
        if let Some(found) = publisher::find_by_id(tx, row.subject.parse().map_err(corrupt)?)? {
            names.insert(row.subject.clone(), (found.name, Some(found.slug.to_string())));
        }
    }
    rows.into_iter()
        .map(|row| {
            let subject = row.subject()?;
            let (title, slug) = match &subject {
                Subject::Search(search) => (search.in_words(), None),
                Subject::Dataset(_) | Subject::Publisher(_) => names.get(&row.subject).cloned().unwrap_or_default(),
            };
            Ok(Follow {
                id: row.id.parse().map_err(corrupt)?,
                citizen: row.citizen_id.parse().map_err(corrupt)?,
                channel: row.channel()?,
                rhythm: row.rhythm()?,
                subject,
                title,
                slug,
                shown: row.shown,
                told_at: row.told_at.map(Timestamp::from_micros),
                created_at: Timestamp::from_micros(row.created_at),
            })
        })
        .collect()
}

/// Tells a citizen at another rhythm.
///
/// # Errors
/// `NotFound` when there is no such follow, or it is somebody else's.
pub fn set_rhythm(tx: &mut Tx<'_>, citizen: CitizenId, id: FollowId, rhythm: Rhythm) -> Result<Follow, CatalogError> {
    diesel::update(follows::table.find(id.to_string()).filter(follows::citizen_id.eq(citizen.to_string())))
        .set(follows::rhythm.eq(rhythm.as_str()))
        .execute(tx.conn)?;
    get_follow(tx, citizen, id)
}

/// Stops following: news that wait are dropped, and a citizen who has nothing left here is forgotten.
///
/// # Errors
/// `NotFound` when there is no such follow, or it is somebody else's.
pub fn end_follow(tx: &mut Tx<'_>, citizen: CitizenId, id: FollowId) -> Result<(), CatalogError> {
    let own = follows::table.find(id.to_string()).filter(follows::citizen_id.eq(citizen.to_string()));
    if diesel::delete(own).execute(tx.conn)? == 0 {
        return Err(CatalogError::not_found("follow", id));
    }
    diesel::delete(
        follow_deliveries::table
            .filter(follow_deliveries::follow_id.eq(id.to_string()))
            .filter(follow_deliveries::citizen_id.eq(citizen.to_string())),
    )
    .execute(tx.conn)?;
    citizen::forget_if_idle(tx, citizen)
}

/// Forgets all that a citizen follows, and the letters about it that wait to be sent.
pub(crate) fn forget(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<(), CatalogError> {
    let id = citizen.to_string();
    let waiting: Vec<Option<String>> = follow_deliveries::table
        .filter(follow_deliveries::citizen_id.eq(&id))
        .filter(follow_deliveries::letter_id.is_not_null())
        .select(follow_deliveries::letter_id)
        .load(tx.conn)?;
    let waiting: Vec<String> = waiting.into_iter().flatten().collect();
    for chunk in waiting.chunks(500) {
        diesel::delete(letters::table.filter(letters::id.eq_any(chunk))).execute(tx.conn)?;
    }
    diesel::delete(follow_deliveries::table.filter(follow_deliveries::citizen_id.eq(&id))).execute(tx.conn)?;
    diesel::delete(follows::table.filter(follows::citizen_id.eq(&id))).execute(tx.conn)?;
    Ok(())
}

/// How many follows there are, for operators.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count_all(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    Ok(follows::table.count().get_result(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_what_may_be_secret() {
        for (address, told) in [
            ("https://a:b@hooks.example/services/T1/B2?token=x#y", "https://hooks.example/services/…"),
            ("https://hooks.example", "https://hooks.example/"),
            ("https://hooks.example/fairground", "https://hooks.example/fairground"),
        ] {
            assert_eq!(shown(address), told);
        }
    }
}

//! Sources: where agencies keep their catalogues, and how often we look.

use diesel::prelude::*;
use fairground_domain::{JobId, PublisherId, Slug, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::job::{HarvestPayload, enqueue, find_unfinished};
use super::schedule::Schedule;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::publisher::Directory;
use crate::schema::{harvest_sources, jobs};

/// A source loses more than this share of its datasets in one harvest, in percent: the brake.
const BRAKE_PERCENT: i32 = 20;
/// Fewer deletions than this never brake.
const BRAKE_LEAST: i32 = 5;

/// Whether a source is harvested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceState {
    /// On its schedule, and when asked.
    Active,
    /// Only when asked.
    Paused,
    /// Not at all, until an operator approves it.
    Proposed,
    /// Never again: what it left behind is being cleared away, or has been. Nobody finds it.
    Deleted,
}

impl SourceState {
    /// As it is written in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Proposed => "proposed",
            Self::Deleted => "deleted",
        }
    }
}

/// What the source said last time, to ask it only for news.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// SHA-256 of the last document that was imported whole, in hexadecimal.
    pub sha256: Option<String>,
    /// How many datasets that document held.
    pub found: Option<u64>,
    /// What read it: another version of the codecs, or other mapping rules, read an unchanged source once more.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reader: String,
    /// Where the next gathering of changes alone begins, in the protocol's own words; `None` where there is none to rely on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// When the source was last gathered whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole_at: Option<Timestamp>,
}

/// A harvest source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarvestSource {
    /// Its id.
    pub id: SourceId,
    /// Its readable name.
    pub slug: Slug,
    /// The catalogue's address, or a file's path.
    pub url: String,
    /// The kind, `dcat-us`, `dcat`, `ckan`, …; `None` until it has been detected.
    pub kind: Option<String>,
    /// The publisher that answers for all of it; `None` when each dataset names its own.
    pub publisher_id: Option<PublisherId>,
    /// Seconds between scheduled harvests; `None` when it is harvested only when asked. With a `schedule`, about how many.
    pub interval_secs: Option<i64>,
    /// When it is harvested, where that is more than an interval.
    pub schedule: Option<Schedule>,
    /// How long a dataset that it no longer lists stays public, in seconds.
    pub grace_secs: i64,
    /// The brake: pause when more than this share of its datasets would go, in percent …
    pub brake_percent: i32,
    /// … and at least this many.
    pub brake_least: i32,
    /// Whether it is harvested.
    pub state: SourceState,
    /// What it said last time.
    pub validators: Validators,
    /// Since when we know it.
    pub created_at: Timestamp,
}

impl HarvestSource {
    /// Whether losing `deleted` of `before` datasets needs a person's approval.
    #[must_use]
    pub fn brakes(&self, deleted: u64, before: u64) -> bool {
        let least = u64::try_from(self.brake_least).unwrap_or(0);
        let percent = u64::try_from(self.brake_percent).unwrap_or(0);
        deleted > 0 && deleted >= least && deleted.saturating_mul(100) > before.saturating_mul(percent)
    }

    /// The address without the user name and password that it may carry: what people are shown.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self.url.clone() };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{scheme}://{host}{path}")
    }

    /// Who writes in the journal when this source is harvested.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("harvest:{}", self.slug)
    }
}

/// What is needed to add a source.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// Its readable name.
    pub slug: Slug,
    /// The catalogue's address, or a file's path.
    pub url: String,
    /// Its kind, when known.
    pub kind: Option<String>,
    /// The publisher that answers for all of it; added when there is none of that slug.
    pub publisher: Option<Slug>,
    /// Seconds between scheduled harvests.
    pub interval_secs: Option<i64>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = harvest_sources, treat_none_as_default_value = false)]
struct SourceRow {
    id: String,
    slug: String,
    url: String,
    kind: Option<String>,
    publisher_id: Option<String>,
    interval_secs: Option<i64>,
    brake_percent: i32,
    brake_least: i32,
    state: String,
    validators: String,
    created_at: i64,
    updated_at: i64,
    cron: Option<String>,
    grace_secs: i64,
}

impl TryFrom<SourceRow> for HarvestSource {
    type Error = CatalogError;

    fn try_from(row: SourceRow) -> Result<Self, CatalogError> {
        let corrupt = |problem: String| CatalogError::Corrupt { what: "source", problem };
        Ok(Self {
            id: row.id.parse().map_err(|e: fairground_domain::UnknownId| corrupt(e.to_string()))?,
            slug: row.slug.parse().map_err(|e: fairground_domain::InvalidSlug| corrupt(e.to_string()))?,
            url: row.url,
            kind: row.kind,
            publisher_id: row
                .publisher_id
                .map(|id| id.parse())
                .transpose()
                .map_err(|e: fairground_domain::UnknownId| corrupt(e.to_string()))?,
            interval_secs: row.interval_secs,
            schedule: row
                .cron
                .map(|text| text.parse())
                .transpose()
                .map_err(|e: CatalogError| corrupt(e.to_string()))?,
            grace_secs: row.grace_secs,
            brake_percent: row.brake_percent,
            brake_least: row.brake_least,
            state: match row.state.as_str() {
                "active" => SourceState::Active,
                "paused" => SourceState::Paused,
                "proposed" => SourceState::Proposed,
                "deleted" => SourceState::Deleted,
                other => return Err(corrupt(format!("state `{other}`"))),
            },
            validators: serde_json::from_str(&row.validators).map_err(|e| corrupt(e.to_string()))?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Shortest time between two scheduled harvests of a source, in seconds.
pub const SHORTEST_INTERVAL_SECS: i64 = 300;

/// Adds a source.
///
/// # Errors
/// `Taken` when the slug is in use, `Invalid` for an interval below [`SHORTEST_INTERVAL_SECS`].
pub fn create_source(tx: &mut Tx<'_>, new: NewSource, actor: &str) -> Result<HarvestSource, CatalogError> {
    if find_source(tx, new.slug.as_str())?.is_some() {
        return Err(CatalogError::Taken { what: "source", name: new.slug.to_string() });
    }
    if new.interval_secs.is_some_and(|secs| secs < SHORTEST_INTERVAL_SECS) {
        return Err(CatalogError::Invalid {
            field: "interval_secs",
            problem: format!("must be at least {SHORTEST_INTERVAL_SECS}"),
        });
    }
    let publisher_id =
        new.publisher.map(|slug| Directory::by_slug(tx, &slug, actor)).transpose()?.map(|publisher| publisher.id);
    let source = HarvestSource {
        id: SourceId::new(),
        slug: new.slug,
        url: new.url,
        kind: new.kind,
        publisher_id,
        interval_secs: new.interval_secs,
        schedule: None,
        grace_secs: 0,
        brake_percent: BRAKE_PERCENT,
        brake_least: BRAKE_LEAST,
        state: SourceState::Active,
        validators: Validators::default(),
        created_at: tx.now,
    };
    let row = SourceRow {
        id: source.id.to_string(),
        slug: source.slug.to_string(),
        url: source.url.clone(),
        kind: source.kind.clone(),
        publisher_id: publisher_id.map(|id| id.to_string()),
        interval_secs: source.interval_secs,
        brake_percent: source.brake_percent,
        brake_least: source.brake_least,
        state: source.state.as_str().to_owned(),
        validators: "{}".to_owned(),
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
        cron: None,
        grace_secs: 0,
    };
    diesel::insert_into(harvest_sources::table)
        .values(&row)
        .execute(tx.conn)
        .map_err(CatalogError::taken("source", &row.slug))?;
    journal::append(
        tx,
        Event {
            kind: EventKind::SourceCreated,
            subject_id: row.id,
            actor: actor.to_owned(),
            payload: json!({ "slug": row.slug }),
        },
    )?;
    Ok(source)
}

/// The source of that id or slug.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_source(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<Option<HarvestSource>, CatalogError> {
    let query = harvest_sources::table
        .filter(harvest_sources::state.ne(SourceState::Deleted.as_str()))
        .select(SourceRow::as_select());
    let row: Option<SourceRow> = match id_or_slug.parse::<SourceId>() {
        Ok(id) => query.filter(harvest_sources::id.eq(id.to_string())).first(tx.conn).optional()?,
        Err(_) => query.filter(harvest_sources::slug.eq(id_or_slug)).first(tx.conn).optional()?,
    };
    row.map(HarvestSource::try_from).transpose()
}

/// The source of that id or slug.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_source(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<HarvestSource, CatalogError> {
    find_source(tx, id_or_slug)?.ok_or_else(|| CatalogError::not_found("source", id_or_slug))
}

/// The source that a job harvests.
///
/// # Errors
/// `NotFound` when job or source is gone.
pub fn source_of_job(tx: &mut Tx<'_>, job: JobId) -> Result<HarvestSource, CatalogError> {
    let subject: String = jobs::table
        .find(job.to_string())
        .select(jobs::subject_id)
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("job", job))?;
    get_source(tx, &subject)
}

/// Sources by slug, from after `after`; only those of `publisher` when one is given.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_sources(
    tx: &mut Tx<'_>,
    publisher: Option<PublisherId>,
    after: Option<&Slug>,
    limit: i64,
) -> Result<Vec<HarvestSource>, CatalogError> {
    let mut query = harvest_sources::table
        .filter(harvest_sources::state.ne(SourceState::Deleted.as_str()))
        .filter(harvest_sources::slug.gt(after.map_or("", Slug::as_str)))
        .order(harvest_sources::slug)
        .limit(limit)
        .select(SourceRow::as_select())
        .into_boxed();
    if let Some(publisher) = publisher {
        query = query.filter(harvest_sources::publisher_id.eq(publisher.to_string()));
    }
    query.load(tx.conn)?.into_iter().map(HarvestSource::try_from).collect()
}

/// Remembers where the source is now and which kind it turned out to be.
///
/// # Errors
/// `Storage` when the database fails.
pub fn save_kind(tx: &mut Tx<'_>, source: SourceId, url: &str, kind: &str) -> Result<(), CatalogError> {
    diesel::update(harvest_sources::table.find(source.to_string()))
        .set((
            harvest_sources::url.eq(url),
            harvest_sources::kind.eq(kind),
            harvest_sources::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Remembers what the source said, once all of it has been imported.
///
/// # Errors
/// `Storage` when the database fails.
pub fn save_validators(tx: &mut Tx<'_>, source: SourceId, validators: &Validators) -> Result<(), CatalogError> {
    let text = serde_json::to_string(validators).map_err(|error| CatalogError::corrupt("validators", error))?;
    diesel::update(harvest_sources::table.find(source.to_string()))
        .set((harvest_sources::validators.eq(text), harvest_sources::updated_at.eq(tx.now.as_micros())))
        .execute(tx.conn)?;
    Ok(())
}

/// Pauses a source's schedule, or lets it go on. It approves nothing: see [`crate::source`].
///
/// # Errors
/// `WrongState` when the source waits for approval or is deleted, and for states that are not set so.
pub fn set_source_state(tx: &mut Tx<'_>, source: SourceId, state: SourceState) -> Result<(), CatalogError> {
    let settable = [SourceState::Active, SourceState::Paused];
    let changed = if settable.contains(&state) {
        diesel::update(harvest_sources::table.find(source.to_string()))
            .filter(harvest_sources::state.eq_any(settable.map(SourceState::as_str)))
            .set((harvest_sources::state.eq(state.as_str()), harvest_sources::updated_at.eq(tx.now.as_micros())))
            .execute(tx.conn)?
    } else {
        0
    };
    if changed == 1 {
        return Ok(());
    }
    Err(CatalogError::WrongState {
        what: format!("source {source}"),
        state: "proposed".to_owned(),
        problem: "an operator must approve it first",
    })
}

/// Sets when a source is harvested: by a schedule, or only when asked.
///
/// # Errors
/// `Storage` when the database fails.
pub fn set_schedule(tx: &mut Tx<'_>, source: SourceId, schedule: Option<&Schedule>) -> Result<(), CatalogError> {
    diesel::update(harvest_sources::table.find(source.to_string()))
        .set((
            harvest_sources::cron.eq(schedule.map(ToString::to_string)),
            harvest_sources::interval_secs.eq(schedule.map(Schedule::usual_gap_secs)),
            harvest_sources::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Longest grace period of a source, in seconds: ten years.
pub const LONGEST_GRACE_SECS: i64 = 10 * 366 * 86_400;

/// Sets for how many seconds a dataset stays public that the source no longer lists.
///
/// # Errors
/// `Invalid` below 0 and above [`LONGEST_GRACE_SECS`].
pub fn set_grace(tx: &mut Tx<'_>, source: SourceId, secs: i64) -> Result<(), CatalogError> {
    if !(0..=LONGEST_GRACE_SECS).contains(&secs) {
        let problem = format!("must be from 0 to {LONGEST_GRACE_SECS}");
        return Err(CatalogError::Invalid { field: "grace_secs", problem });
    }
    diesel::update(harvest_sources::table.find(source.to_string()))
        .set((harvest_sources::grace_secs.eq(secs), harvest_sources::updated_at.eq(tx.now.as_micros())))
        .execute(tx.conn)?;
    Ok(())
}

impl HarvestSource {
    /// When its next scheduled harvest begins, its last one having been asked for at `last`; `None` when it is harvested only
    /// when asked.
    #[must_use]
    pub fn next_run(&self, last: Option<Timestamp>) -> Option<Timestamp> {
        match (&self.schedule, self.interval_secs) {
            (Some(schedule), _) => schedule.next_run(self.id, last.unwrap_or(self.created_at)),
            (None, Some(secs)) => Some(last.map_or(self.created_at, |last| last.plus_secs(secs))),
            (None, None) => None,
        }
    }
}

/// When a harvest of the source was last asked for.
///
/// # Errors
/// `Storage` when the database fails.
pub fn last_asked(tx: &mut Tx<'_>, source: SourceId) -> Result<Option<Timestamp>, CatalogError> {
    let last: Option<i64> = jobs::table
        .filter(jobs::subject_id.eq(source.to_string()))
        .select(diesel::dsl::max(jobs::created_at))
        .first(tx.conn)?;
    Ok(last.map(Timestamp::from_micros))
}

/// Enqueues a harvest of every active source whose next one is due; gives how many.
///
/// # Errors
/// `Storage` when the database fails.
pub fn schedule_due(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    let sources: Vec<SourceRow> = harvest_sources::table
        .filter(harvest_sources::state.eq(SourceState::Active.as_str()))
        .filter(harvest_sources::interval_secs.is_not_null())
        .select(SourceRow::as_select())
        .load(tx.conn)?;
    let mut enqueued = 0;
    for row in sources {
        let source = HarvestSource::try_from(row)?;
        let last = last_asked(tx, source.id)?;
        let due = source.next_run(last).is_some_and(|next| next <= tx.now);
        if due && find_unfinished(tx, source.id)?.is_none() {
            enqueue(tx, source.id, &HarvestPayload::default())?;
            enqueued += 1;
        }
    }
    Ok(enqueued)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> HarvestSource {
        HarvestSource {
            id: SourceId::new(),
            slug: "s".parse().expect("slug"),
            url: String::new(),
            kind: None,
            publisher_id: None,
            interval_secs: None,
            schedule: None,
            grace_secs: 0,
            brake_percent: BRAKE_PERCENT,
            brake_least: BRAKE_LEAST,
            state: SourceState::Active,
            validators: Validators::default(),
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_sources_password_is_not_shown() {
        for (url, shown) in [
            ("https://anna:secret@data.example/a@b?c=d", "https://data.example/a@b?c=d"),
            ("https://data.example", "https://data.example"),
            ("/srv/catalogue.json", "/srv/catalogue.json"),
            ("https://a:b@c@data.example?x", "https://data.example?x"),
        ] {
            assert_eq!(HarvestSource { url: url.to_owned(), ..source() }.shown_url(), shown);
        }
    }

    #[test]
    fn the_brake_needs_both_a_share_and_a_number() {
        let source = source();
        for (deleted, before, brakes) in [
            (0, 0, false),
            (4, 4, false),
            (5, 5, true),
            (5, 25, false),
            (6, 25, true),
            (20, 100, false),
            (21, 100, true),
        ] {
            assert_eq!(source.brakes(deleted, before), brakes, "{deleted} of {before}");
        }
    }
}

//! Feeds of what happened, from the journal.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::journal::{self, Entry, EventKind};
use fairground_catalog::table;
use fairground_catalog::{CatalogError, Tx};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::FEEDS;
use super::atom::{ATOM, Feed, FeedEntry};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::problem::Problem;
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Numbers of the journal that one archive document covers.
const ARCHIVED: i64 = 500;
/// Entries of a page of one dataset's feed.
const ENTRIES: i64 = 50;
/// Tables of a dataset whose versions are told in its feed.
const TABLES: usize = 20;

/// Which archive.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ArchiveParams {
    /// The number of an archive document, as links of the feed name it; without it, the newest entries.
    #[param(minimum = 0)]
    archive: Option<u64>,
}

#[derive(Debug)]
struct ArchiveQuery(Option<i64>);

impl FromQuery for ArchiveQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        const MOST: u64 = 1 << 40;
        Self(query.number("archive", 0..=MOST).and_then(|number| i64::try_from(number).ok()))
    }
}

/// Every change of a dataset as an Atom feed: new, changed, withdrawn, public again. Archived (RFC 5005, section 4).
#[utoipa::path(tag = "feeds", params(ArchiveParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/datasets.atom")]
pub(super) async fn get_datasets_feed(
    _caller: Anyone,
    query: Query<ArchiveQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ArchiveQuery(archive)) = query;
    let told = state.read(move |tx| Told::read(tx, archive)).await?;
    let Some(told) = told else { return Err(Problem::not_found("archive document")) };
    let (title, url) = (&state.settings.title, &state.settings.public_url);
    let id = format!("{url}{FEEDS}/datasets.atom");
    let at = |number: i64| format!("{id}?archive={number}");
    let mut links = Vec::new();
    if archive.is_some() {
        links.push(("current", id.clone()));
    }
    links.extend(told.previous.map(|number| ("prev-archive", at(number))));
    links.extend(told.next.map(|number| ("next-archive", at(number))));
    let feed = Feed {
        own: archive.map_or_else(|| id.clone(), at),
        id,
        title: format!("{title}: datasets"),
        page: format!("{url}/datasets"),
        links,
        is_archive: archive.is_some(),
        entries: told.entries.into_iter().map(|entry| entry_of(url, entry, &told.titles)).collect(),
        gone: Vec::new(),
    };
    Ok(Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(&req))
}

/// What one document of the feed tells.
struct Told {
    entries: Vec<Entry>,
    titles: HashMap<String, String>,
    previous: Option<i64>,
    next: Option<i64>,
}

impl Told {
    /// Reads a document: `None` when there is no such archive yet.
    fn read(tx: &mut Tx<'_>, archive: Option<i64>) -> Result<Option<Self>, CatalogError> {
        let head = journal::head(tx)?.seq;
        // The archive that is being filled; those before it are complete.
        let open = head.max(1).saturating_sub(1) / ARCHIVED;
        let (since, count, previous, next) = match archive {
            // The newest entries: those of the open archive, and of the one before, so that there are always some.
            None => {
                let from = open.saturating_sub(1);
                (from * ARCHIVED, 2 * ARCHIVED, from.checked_sub(1).filter(|number| *number >= 0), None)
            }
            Some(number) if number < open => {
                let next = (number + 1 < open).then_some(number + 1);
                (number * ARCHIVED, ARCHIVED, number.checked_sub(1).filter(|number| *number >= 0), next)
            }
            Some(_) => return Ok(None),
        };
        let mut entries = journal::list_since(tx, since, count)?;
        entries.retain(|entry| entry.kind.subject_kind() == "dataset" && entry.kind.is_public());
        let mut entries = journal::hide_held(tx, entries)?;
        entries.reverse();
        let mut ids: Vec<String> = entries.iter().map(|entry| entry.subject_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let public = dataset::list_by_ids(tx, &ids)?.into_iter().filter(|it| it.publication == Publication::Published);
        let titles = public.map(|it| (it.id.to_string(), it.draft.title.any().to_owned())).collect();
        Ok(Some(Self { entries, titles, previous, next }))
    }
}

fn entry_of(url: &str, entry: Entry, titles: &HashMap<String, String>) -> FeedEntry {
    let slug = entry.payload.get("slug").and_then(Value::as_str).unwrap_or(&entry.subject_id);
    let title = titles.get(&entry.subject_id).map_or(slug, String::as_str);
    let version = entry.payload.get("version").and_then(Value::as_i64);
    let told = match entry.kind {
        EventKind::DatasetCreated => "New",
        EventKind::DatasetUpdated => "Changed",
        EventKind::DatasetWithdrawn => "Withdrawn",
        EventKind::DatasetRestored => "Public again",
        EventKind::TablePublished => "New rows",
        EventKind::TableWithdrawn => "Table withdrawn",
        _ => entry.kind.as_str(),
    };
    FeedEntry {
        id: format!("{url}/api/v1/changes?since={}&limit=1", entry.seq.saturating_sub(1)),
        title: format!("{told}: {title}"),
        updated: entry.at,
        href: format!("{url}/datasets/{}", entry.payload.get("dataset_slug").and_then(Value::as_str).unwrap_or(slug)),
        text: match version {
            Some(version) => format!("{told}: {title}, version {version}."),
            None => format!("{told}: {title}."),
        },
        author: entry.actor,
    }
}

/// A dataset's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DatasetPath {
    /// The dataset's id or slug.
    dataset: String,
}

/// Before which entry.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct BeforeParams {
    /// Only what happened before this number of the journal.
    #[param(minimum = 1)]
    before: Option<u64>,
}

#[derive(Debug)]
struct BeforeQuery(Option<i64>);

impl FromQuery for BeforeQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let most = i64::MAX.unsigned_abs();
        Self(query.number("before", 1..=most).and_then(|number| i64::try_from(number).ok()))
    }
}

/// What happened to one dataset and its tables, as an Atom feed. It goes on when the dataset is withdrawn, and tells so.
#[utoipa::path(tag = "feeds", params(DatasetPath, BeforeParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/datasets/{dataset}.atom")]
pub(super) async fn get_dataset_feed(
    _caller: Anyone,
    path: Path<DatasetPath>,
    query: Query<BeforeQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (name, Query(BeforeQuery(before))) = (path.into_inner().dataset, query);
    let (dataset, entries, more) = state
        .read(move |tx| {
            let dataset = dataset::get_known(tx, &name)?;
            let mut entries = journal::list_of_subject(tx, "dataset", &dataset.id.to_string(), before, ENTRIES)?;
            for table in table::list_of_dataset(tx, dataset.id)?.iter().take(TABLES) {
                entries.extend(journal::list_of_subject(tx, "table", &table.id.to_string(), before, ENTRIES)?);
            }
            entries.retain(|entry| entry.kind.is_public());
            entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.seq));
            let more = i64::try_from(entries.len()).unwrap_or(0) >= ENTRIES;
            entries.truncate(usize::try_from(ENTRIES).unwrap_or(0));
            Ok((dataset, entries, more))
        })
        .await?;
    let public = dataset.publication == Publication::Published;
    let told = if public { dataset.draft.title.any() } else { dataset.slug.as_str() };
    let titles: HashMap<String, String> =
        std::iter::once((dataset.id.to_string(), told.to_owned())).filter(|_| public).collect();
    let url = &state.settings.public_url;
    let page = format!("{url}/datasets/{}", dataset.slug);
    let id = format!("{url}{FEEDS}/datasets/{}.atom", dataset.slug);
    let next = entries.last().filter(|_| more).map(|last| format!("{id}?before={}", last.seq));
    let entries = entries.into_iter().map(|entry| FeedEntry { href: page.clone(), ..entry_of(url, entry, &titles) });
    let feed = Feed {
        own: before.map_or_else(|| id.clone(), |before| format!("{id}?before={before}")),
        links: [Some(("first", id.clone())), next.map(|next| ("next", next))].into_iter().flatten().collect(),
        id,
        title: format!("{told}: changes"),
        entries: entries.collect(),
        page,
        ..Feed::default()
    };
    Ok(Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(&req))
}

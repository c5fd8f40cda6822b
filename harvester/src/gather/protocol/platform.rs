//! Hosted data platforms: Socrata, ArcGIS Hub and portals, Opendatasoft, each page by page in its native JSON.
//!
//! A platform's portal has several interfaces; the address may be that of the portal alone. They are tried in turn. Records are
//! kept with the portal's address in them, since the links to data follow from it.
//!
//! Beside each part stands how it was asked for and where to go on. A gathering that was interrupted asks for its last page again: when
//! that is as it was it goes on behind it, else it begins anew, for pages are numbered by what is in them.

use fairground_standards::platform::{socrata, with_source};
use fairground_standards::{Format, Hints, ReadError, detect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::debug;
use url::Url;

mod resume;

use super::super::folder::Outcome;
use super::super::{GatherError, PageNote, Spool};
use super::Asking;
use super::shared::{Behind, Kept, MOST_PAGES, MOST_STALE_PAGES, key_of};
use crate::fetch::{Conditional, FetchError, shown};
use resume::{Mark, digest_of};

/// Records of a page.
const RECORDS: u64 = 100;
/// How far Socrata and Opendatasoft page by number.
const FARTHEST: u64 = 10_000;

/// A hosted platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::gather) enum Platform {
    Socrata,
    Arcgis,
    Opendatasoft,
}

impl Platform {
    pub(super) fn of(format: Format) -> Option<Self> {
        match format {
            Format::Socrata => Some(Self::Socrata),
            Format::Arcgis => Some(Self::Arcgis),
            Format::Opendatasoft => Some(Self::Opendatasoft),
            _ => None,
        }
    }

    /// By the path of an interface that only this platform has.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        if path.ends_with("/api/catalog/v1") || path.ends_with("/api/views") {
            Some(Self::Socrata)
        } else if path.contains("/api/search/v1/collections/") || path.ends_with("/sharing/rest/search") {
            Some(Self::Arcgis)
        } else if path.contains("/api/explore/v2") && path.ends_with("/catalog/datasets") {
            Some(Self::Opendatasoft)
        } else {
            None
        }
    }

    /// Where to see whether a portal is of this platform.
    pub(super) fn front_door(self, portal: &Url) -> Option<Url> {
        self.doors(portal).first()?.url(portal, &At::Number(0))
    }

    pub(super) fn format(self) -> Format {
        match self {
            Self::Socrata => Format::Socrata,
            Self::Arcgis => Format::Arcgis,
            Self::Opendatasoft => Format::Opendatasoft,
        }
    }

    /// Interfaces that a portal may have, best first.
    fn doors(self, portal: &Url) -> Vec<Door> {
        match self {
            Self::Socrata => vec![Door::SocrataCatalog, Door::SocrataViews],
            Self::Arcgis if portal.path().contains("/sharing/rest") => vec![Door::ArcgisPortal],
            Self::Arcgis => vec![Door::HubSearch, Door::HubDatasets],
            Self::Opendatasoft => vec![Door::Explore, Door::ExploreOne],
        }
    }
}

/// One interface of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Door {
    /// Discovery API.
    SocrataCatalog,
    /// `/api/views`, of portals that are not in the Discovery API.
    SocrataViews,
    HubSearch,
    /// The Hub's older `/api/v3`.
    HubDatasets,
    ArcgisPortal,
    /// Explore API 2.1.
    Explore,
    /// API 1.0.
    ExploreOne,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum At {
    Number(u64),
    /// Behind the record with this id.
    After(String),
    Link(Url),
}

impl Door {
    fn url(self, portal: &Url, at: &At) -> Option<Url> {
        let start = match at {
            At::Link(url) => return Some(with_access(url, portal)),
            At::Number(start) => *start,
            At::After(_) => 0,
        };
        let root = root(portal);
        let path = match self {
            Self::SocrataCatalog => "api/catalog/v1",
            Self::SocrataViews => "api/views.json",
            Self::HubSearch => "api/search/v1/collections/all/items",
            Self::HubDatasets => "api/v3/datasets",
            Self::ArcgisPortal => "sharing/rest/search",
            Self::Explore => "api/explore/v2.1/catalog/datasets",
            Self::ExploreOne => "api/datasets/1.0/search/",
        };
        let mut url = root.join(path).ok()?;
        let own: Vec<(String, String)> = portal
            .query_pairs()
            .filter(|(name, _)| {
                !["offset", "limit", "start", "num", "startindex", "rows", "page", "f", "scroll_id"]
                    .contains(&name.as_ref())
            })
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut query = url.query_pairs_mut();
        query.clear().extend_pairs(own);
        let (count, number) = (RECORDS.to_string(), start.to_string());
        match self {
            Self::SocrataCatalog => {
                let domain = portal.host_str().unwrap_or_default();
                let asks = portal.query_pairs().any(|(name, _)| name == "domains");
                if !asks {
                    query.append_pair("domains", domain).append_pair("search_context", domain);
                }
                query.append_pair("limit", &count);
                // Beyond its farthest page the catalogue goes on behind a record's id.
                match at {
                    At::After(id) => query.append_pair("scroll_id", id),
                    _ => query.append_pair("offset", &number),
                };
            }
            Self::SocrataViews => {
                query.append_pair("limit", &count).append_pair("page", &(start / RECORDS + 1).to_string());
            }
            Self::HubSearch => {
                query.append_pair("limit", &count).append_pair("startindex", &(start + 1).to_string());
            }
            Self::HubDatasets => {
                let page = (start / RECORDS + 1).to_string();
                query.append_pair("page[size]", &count).append_pair("page[number]", &page);
            }
            Self::ArcgisPortal => {
                query
                    .append_pair("f", "json")
                    .append_pair("num", &count)
                    .append_pair("start", &(start + 1).to_string());
            }
            Self::Explore => {
                query.append_pair("order_by", "dataset_id").append_pair("limit", &count).append_pair("offset", &number);
            }
            Self::ExploreOne => {
                query.append_pair("rows", &count).append_pair("start", &number);
            }
        }
        drop(query);
        Some(url)
    }
}

/// A link of the portal's own, which has none of the credentials of its address.
fn with_access(link: &Url, portal: &Url) -> Url {
    let mut url = link.clone();
    // Both fail only for addresses that cannot have credentials; an http(s) address can.
    let _ = url.set_username(portal.username());
    let _ = url.set_password(portal.password());
    url
}

/// The portal itself: without the path of an interface.
fn root(portal: &Url) -> Url {
    let mut root = portal.clone();
    root.set_query(None);
    let path = root.path().to_owned();
    let end = ["/api/", "/sharing/", "/explore", "/search", "/browse"].iter().filter_map(|it| path.find(it)).min();
    let stem = path.get(..end.unwrap_or(path.len())).unwrap_or_default().trim_end_matches('/');
    root.set_path(&format!("{stem}/"));
    root
}

pub(super) async fn gather(asking: Asking<'_>, platform: Platform, portal: &Url) -> Result<Spool, GatherError> {
    if let Some(mut reading) = Reading::resume(&asking, platform, portal) {
        if let Some(mark) = reading.last_as_it_was(&asking).await? {
            return reading.go_on(&asking, mark.next).await;
        }
        asking.folder.clear()?;
        asking.folder.tell("the portal changed while the harvest was interrupted; it was read from the beginning")?;
    } else {
        asking.folder.clear()?;
    }
    let mut first_refusal = None;
    for door in platform.doors(portal) {
        let mut reading = Reading::new(platform, door, portal);
        match reading.step(&asking, At::Number(0)).await {
            Ok(next) => return reading.go_on(&asking, next).await,
            Err(error @ (GatherError::Read(_) | GatherError::Fetch(FetchError::Status { status: 400..=499, .. }))) => {
                debug!("Not here: {error}");
                first_refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    // Every platform also serves the US catalogue format at the same place.
    match catalogue(&asking, platform, portal).await {
        Ok(spool) => Ok(spool),
        Err(GatherError::Stopped(reason)) => Err(GatherError::Stopped(reason)),
        Err(error) => Err(first_refusal.unwrap_or(error)),
    }
}

/// `data.json`, or the feed that a Hub makes.
async fn catalogue(asking: &Asking<'_>, platform: Platform, portal: &Url) -> Result<Spool, GatherError> {
    let path = if platform == Platform::Arcgis { "api/feed/dcat-us/1.1.json" } else { "data.json" };
    let nowhere = || FetchError::RedirectNowhere { url: shown(portal), status: 0 };
    let url = root(portal).join(path).map_err(|_| nowhere())?;
    let bytes = asking.bytes(&url, None).await?;
    let format = detect(
        bytes.get(..bytes.len().min(65_536)).unwrap_or_default(),
        &Hints { content_type: None, name: Some(path) },
    )?;
    let mut kept = Kept::default();
    kept.keep(asking, &url, &bytes, Behind::default())?;
    kept.remark(format!("the portal's own interfaces did not answer; `/{path}` was read"));
    let outcome = Outcome {
        location: shown(portal),
        format,
        validators: Conditional::default(),
        complete: true,
        remarks: kept.remarks,
    };
    asking.folder.finish(outcome, kept.notes)
}

/// A page, taken apart.
struct Answer<'a> {
    records: Vec<&'a RawValue>,
    total: Option<u64>,
    next: Option<Url>,
}

fn parse<'a>(bytes: &'a [u8], portal: &Url) -> Result<Answer<'a>, ReadError> {
    let not = |why: &str| ReadError::NotACatalogue { why: why.to_owned() };
    let whole: &RawValue = match serde_json::from_slice(bytes) {
        Ok(whole) => whole,
        Err(error) => {
            detect(bytes.get(..bytes.len().min(65_536)).unwrap_or_default(), &Hints::default())?;
            return Err(not(&error.to_string()));
        }
    };
    if let Ok(records) = serde_json::from_str::<Vec<&RawValue>>(whole.get()) {
        return Ok(Answer { records, total: None, next: None });
    }
    let map: std::collections::HashMap<String, &RawValue> =
        serde_json::from_str(whole.get()).map_err(|error| not(&error.to_string()))?;
    let value = |key: &str| map.get(key).and_then(|it| serde_json::from_str::<Value>(it.get()).ok());
    let list = ["results", "features", "datasets", "data"].iter().find_map(|key| map.get(*key));
    let Some(records) = list.and_then(|it| serde_json::from_str::<Vec<&RawValue>>(it.get()).ok()) else {
        let message = value("error").or_else(|| value("message")).map(|it| it.to_string()).unwrap_or_default();
        return Err(not(&format!(
            "there is no list of datasets in the answer {}",
            message.chars().take(200).collect::<String>()
        )));
    };
    let totals = ["resultSetSize", "total_count", "numberMatched", "nhits", "total"];
    let in_meta = || value("meta")?.pointer("/stats/totalCount")?.as_u64();
    let total = totals.iter().find_map(|key| value(key)?.as_u64()).or_else(in_meta);
    let links = value("links").unwrap_or_default();
    let by_rel = || {
        links
            .as_array()?
            .iter()
            .find(|it| it.get("rel").and_then(Value::as_str) == Some("next"))?
            .get("href")?
            .as_str()
            .map(str::to_owned)
    };
    let in_meta = || value("meta")?.get("next")?.as_str().map(str::to_owned);
    let next = by_rel().or_else(in_meta).and_then(|it| portal.join(&it).ok());
    // A link to another host would take what is said there for this portal's.
    let next = next.filter(|it| {
        it.host_str() == portal.host_str() && it.port_or_known_default() == portal.port_or_known_default()
    });
    // Where to go on is written down, and what is written down holds no credentials.
    let next = next.map(|mut url| {
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url
    });
    Ok(Answer { records, total, next })
}

/// What tells records apart: an id, else the bytes.
fn id_of(record: &RawValue) -> Option<String> {
    let value: Value = serde_json::from_str(record.get()).ok()?;
    let places = ["/resource/id", "/dataset/dataset_id", "/dataset_id", "/datasetid", "/id"];
    places.iter().find_map(|place| value.pointer(place)?.as_str()).map(str::to_owned)
}

/// An id, else the bytes.
fn identity(record: &RawValue) -> String {
    id_of(record).unwrap_or_else(|| record.get().to_owned())
}

struct Reading {
    platform: Platform,
    door: Door,
    portal: Url,
    kept: Kept,
    total: Option<u64>,
    /// Records that came, and those among them that are views of others.
    read: u64,
    derived: u64,
    asked: usize,
    stale: usize,
    cut: bool,
    /// How the last part that an earlier run brought in was asked for.
    last: Option<Mark>,
}

impl Reading {
    fn new(platform: Platform, door: Door, portal: &Url) -> Self {
        let portal = portal.clone();
        Self {
            platform,
            door,
            portal,
            kept: Kept::default(),
            total: None,
            read: 0,
            derived: 0,
            asked: 0,
            stale: 0,
            cut: false,
            last: None,
        }
    }

    /// Asks for one page and keeps it. Gives where to go on.
    async fn step(&mut self, asking: &Asking<'_>, at: At) -> Result<Option<At>, GatherError> {
        let Some(url) = self.door.url(&self.portal, &at) else { return Ok(None) };
        let bytes = asking.bytes(&url, None).await?;
        let answer = parse(&bytes, &self.portal)?;
        let page_digest = digest_of(&answer);
        self.asked += 1;
        self.total = answer.total.or(self.total);
        let source = root(&self.portal);
        let (mut fresh, mut last) = (Vec::new(), None);
        let mut left_out = Vec::new();
        let mut news = 0;
        for record in &answer.records {
            let id = id_of(record);
            let identity = identity(record);
            if self.kept.seen.insert(key_of(identity.as_bytes())) {
                news += 1;
                if self.platform == Platform::Socrata && socrata::is_derived(record.get()) {
                    self.derived += 1;
                    left_out.push(identity);
                } else {
                    fresh.push(with_source(record.get(), &source));
                }
            }
            last = id;
        }
        let sent = u64::try_from(answer.records.len()).unwrap_or(u64::MAX);
        self.stale = if news == 0 { self.stale + 1 } else { 0 };
        if self.stale >= MOST_STALE_PAGES {
            return Err(GatherError::PagingStuck { url: shown(&url), start: self.read });
        }
        let page = PageNote { start: self.read, sent, total: self.total.unwrap_or(0) };
        self.read = self.read.saturating_add(sent);
        let next = self.turn(sent, answer.next, last);
        if !fresh.is_empty() || self.kept.notes.is_empty() {
            let text = format!("{{\"results\":[\n{}\n]}}\n", fresh.join(",\n"));
            let mark = Mark {
                door: self.door,
                at,
                next: next.clone(),
                page: page_digest,
                read: self.read,
                derived: self.derived,
                cut: self.cut,
                left_out,
            };
            let link = serde_json::to_string(&mark).ok();
            self.kept.keep(asking, &url, text.as_bytes(), Behind { page: Some(page), link, ..Behind::default() })?;
        }
        Ok(next)
    }

    fn turn(&mut self, sent: u64, next: Option<Url>, last: Option<String>) -> Option<At> {
        let over = self.total.is_some_and(|total| self.read >= total);
        if sent == 0 || over {
            return None;
        }
        if let Some(next) = next {
            return Some(At::Link(next));
        }
        match self.door {
            Door::HubSearch if self.total.is_none() => None,
            Door::SocrataCatalog if self.read + RECORDS > FARTHEST => last.map(At::After),
            Door::Explore if self.read + RECORDS > FARTHEST => {
                self.cut = true;
                self.kept.remark(format!("the portal gives out {FARTHEST} datasets at most"));
                None
            }
            _ => Some(At::Number(self.read)),
        }
    }

    async fn go_on(mut self, asking: &Asking<'_>, mut next: Option<At>) -> Result<Spool, GatherError> {
        while let Some(at) = next {
            if self.asked >= MOST_PAGES {
                return Err(GatherError::TooManyPages { limit: MOST_PAGES });
            }
            next = self.step(asking, at).await?;
        }
        let have = self.kept.have();
        let complete = !self.cut && self.total.is_none_or(|total| have >= total);
        if !complete {
            let total = self.total.unwrap_or(0);
            self.kept.remark(format!(
                "the portal announced {total} datasets and gave {have}; nothing is deleted after an incomplete gathering"
            ));
        }
        if self.derived > 0 {
            self.kept.remark(format!("{} charts, filters and other views of datasets were left out", self.derived));
        }
        let outcome = Outcome {
            location: shown(&self.portal),
            format: self.platform.format(),
            validators: Conditional::default(),
            complete,
            remarks: self.kept.remarks,
        };
        asking.folder.finish(outcome, self.kept.notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_found_below_the_portal() {
        for (portal, door, found) in [
            (
                "https://data.a.example/",
                Door::SocrataCatalog,
                "https://data.a.example/api/catalog/v1?domains=data.a.example&search_context=data.a.example&limit=100&offset=0",
            ),
            (
                "https://data.a.example/browse?x=1",
                Door::SocrataViews,
                "https://data.a.example/api/views.json?x=1&limit=100&page=1",
            ),
            (
                "https://hub.a.example/search",
                Door::HubSearch,
                "https://hub.a.example/api/search/v1/collections/all/items?limit=100&startindex=1",
            ),
            (
                "https://a.example/portal/sharing/rest/search?q=owner:x&f=html",
                Door::ArcgisPortal,
                "https://a.example/portal/sharing/rest/search?q=owner%3Ax&f=json&num=100&start=1",
            ),
            (
                "https://a.example/api/explore/v2.1/catalog/datasets?where=a&offset=7",
                Door::Explore,
                "https://a.example/api/explore/v2.1/catalog/datasets?where=a&order_by=dataset_id&limit=100&offset=0",
            ),
        ] {
            let url = door.url(&Url::parse(portal).expect(portal), &At::Number(0));
            assert_eq!(url.as_ref().map(Url::as_str), Some(found));
        }
        let portal = Url::parse("https://data.a.example/").expect("url");
        let deep = Door::SocrataCatalog.url(&portal, &At::After("abcd-1234".to_owned())).expect("url");
        assert!(deep.as_str().ends_with("limit=100&scroll_id=abcd-1234"));
    }

    #[test]
    fn pages_are_taken_apart() {
        let portal = Url::parse("https://a.example/").expect("url");
        let hub = br#"{"type":"FeatureCollection","features":[{"id":"a"},{"id":"b"}],"numberMatched":9,"links":[{"rel":"next","href":"https://a.example/api/x?startindex=3"}]}"#;
        let answer = parse(hub, &portal).expect("a page");
        assert_eq!((answer.records.len(), answer.total), (2, Some(9)));
        assert_eq!(answer.next.as_ref().map(Url::path), Some("/api/x"));
        let elsewhere = br#"{"results":[],"links":[{"rel":"next","href":"https://b.example/"}]}"#;
        assert_eq!(parse(elsewhere, &portal).expect("a page").next, None);
        assert_eq!(parse(b"[{\"id\":\"x\"}]", &portal).expect("a page").records.len(), 1);
        assert!(matches!(parse(b"<html><title>Error</title></html>", &portal), Err(ReadError::HtmlPage { .. })));
        assert!(parse(b"{\"error\":\"no\"}", &portal).is_err());
    }
}

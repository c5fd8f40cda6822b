//! schema.org: one document, one page, or the pages that a site's sitemaps name.

use std::collections::HashSet;

use fairground_standards::ReadError;
use fairground_standards::collected::Envelope;
use fairground_standards::collected::schema_org::{datasets, of_page};
use fairground_standards::collected::sitemap::{self, Sitemap};
use serde_json::Value;
use url::Url;

use super::super::GatherError;
use super::walk::{First, Walk};

/// Pages of one site.
const MAX_PAGES: usize = 100_000;
/// Sitemaps of one site.
const MAX_SITEMAPS: usize = 2_000;
/// How deep sitemaps may name each other; the standard has one level.
const MAX_DEPTH: usize = 3;

pub(super) async fn gather(walk: &mut Walk<'_>, first: First) -> Result<(), GatherError> {
    let bytes = first.bytes()?;
    let mut seen = HashSet::new();
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or_default()).into_owned();
    let start = head.trim_start_matches('\u{feff}').trim_start();
    if sitemap::is_sitemap(start) || start.starts_with("http://") || start.starts_with("https://") {
        let map = sitemap::read(&bytes)?;
        return site(walk, map, &first.at, &mut seen).await;
    }
    if !start.starts_with('<') {
        take_all(walk, datasets(&bytes, &first.at)?, &mut seen)?;
        walk.is_all(&first);
        return Ok(());
    }
    let (found, broken) = of_page(&String::from_utf8_lossy(&bytes), &first.at);
    if broken > 0 {
        walk.remark(format!("{broken} JSON-LD blocks of {} could not be read", first.at));
    }
    if !found.is_empty() || !walk.is_web() {
        take_all(walk, found, &mut seen)?;
        walk.is_all(&first);
        return Ok(());
    }
    // A page without datasets stands for its site.
    let maps = sitemaps_of(walk, &first.at).await?;
    if maps.is_empty() {
        let why = "the page describes no `Dataset` of schema.org, and its site names no sitemap".to_owned();
        return Err(ReadError::NotACatalogue { why }.into());
    }
    site(walk, Sitemap { sitemaps: maps, ..Sitemap::default() }, &first.at, &mut seen).await
}

/// The sitemaps that a site's robots.txt names, else the usual one.
async fn sitemaps_of(walk: &mut Walk<'_>, at: &str) -> Result<Vec<String>, GatherError> {
    let Ok(url) = Url::parse(at) else { return Ok(Vec::new()) };
    let place = |path: &str| url.join(path).map(String::from).ok();
    let mut named = Vec::new();
    if let Some(robots) = place("/robots.txt")
        && let Some(bytes) = walk.read(&robots).await?
    {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for line in text.lines().take(10_000) {
            let Some((key, value)) = line.split_once(':') else { continue };
            if key.trim().eq_ignore_ascii_case("sitemap") {
                named.extend(url.join(value.trim()).map(String::from).ok());
            }
        }
    }
    if named.is_empty() {
        named.extend(place("/sitemap.xml"));
    }
    Ok(named)
}

/// Every page that the sitemaps name, in their order.
async fn site(walk: &mut Walk<'_>, first: Sitemap, at: &str, seen: &mut HashSet<String>) -> Result<(), GatherError> {
    let host = Url::parse(at).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_own = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned)) == host;
    let (mut maps, mut known) = (vec![(first, 0)], HashSet::new());
    let (mut pages, mut without, mut foreign) = (0_usize, 0_usize, 0_usize);
    while let Some((map, depth)) = maps.pop() {
        if map.cut {
            walk.miss("a sitemap has more entries than its standard allows; the rest was not read");
        }
        for (page, _) in map.pages {
            if !is_own(&page) {
                foreign += 1;
                continue;
            }
            if !known.insert(page.clone()) {
                continue;
            }
            if pages >= MAX_PAGES {
                walk.miss(format!("the site has more than {MAX_PAGES} pages; the rest was not read"));
                return Ok(());
            }
            pages += 1;
            let Some(bytes) = walk.read(&page).await? else { continue };
            let found = page_of(walk, &bytes, &page);
            without += usize::from(found.is_empty());
            take_all(walk, found, seen)?;
        }
        for next in map.sitemaps.into_iter().rev() {
            if depth >= MAX_DEPTH || known.len() >= MAX_PAGES + MAX_SITEMAPS || !known.insert(next.clone()) {
                continue;
            }
            let Some(bytes) = walk.read(&next).await? else { continue };
            match sitemap::read(&bytes) {
                Ok(map) => maps.push((map, depth + 1)),
                Err(error) => walk.miss(format!("not read: {next}: {error}")),
            }
        }
    }
    walk.remark(format!("{pages} pages read, {without} of them describe no dataset"));
    if foreign > 0 {
        walk.remark(format!("{foreign} pages of other hosts were left out"));
    }
    Ok(())
}

/// The datasets of one page, which may be a JSON-LD document itself.
fn page_of(walk: &mut Walk<'_>, bytes: &[u8], at: &str) -> Vec<Envelope> {
    if bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[") {
        return datasets(bytes, at).unwrap_or_default();
    }
    let (found, broken) = of_page(&String::from_utf8_lossy(bytes), at);
    if broken > 0 {
        walk.remark(format!("{broken} JSON-LD blocks of {at} could not be read"));
    }
    found
}

/// Hands on what was not handed on before: sites describe a dataset on its own page and on lists.
fn take_all(walk: &mut Walk<'_>, found: Vec<Envelope>, seen: &mut HashSet<String>) -> Result<(), GatherError> {
    for envelope in found {
        let text = |key: &str| envelope.document.get(key).and_then(Value::as_str).map(str::to_owned);
        let identity = text("@id")
            .filter(|id| !id.starts_with("_:"))
            .or_else(|| envelope.document.get("identifier").map(Value::to_string))
            .or_else(|| text("url"));
        if identity.is_none_or(|identity| seen.insert(identity)) {
            walk.emit(&envelope)?;
        }
    }
    Ok(())
}

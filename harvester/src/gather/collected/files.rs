//! Files without a catalogue: a folder of this machine, the index pages of a server, a bucket, or one file.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs;
use std::path::Path;

use fairground_domain::Timestamp;
use fairground_standards::collected::files::{
    self, ListedFile, MAX_DESCRIPTION_BYTES, MAX_FILES, Role, group, is_description, role,
};
use fairground_standards::collected::{html, listing, within};
use serde_json::{Map, Value};

use super::super::{GatherError, Location};
use super::walk::{First, Walk};

/// How deep folders may lie in each other.
const MAX_DEPTH: usize = 32;
/// Pages of a server's index, or of a bucket's listing.
const MAX_PAGES: usize = 10_000;

pub(super) async fn gather(walk: &mut Walk<'_>, location: &Location, first: Option<First>) -> Result<(), GatherError> {
    let mut found = Vec::new();
    let (at, root) = match (location, &first) {
        (Location::File(path), None) => {
            folder(walk, path, path, 0, &mut found)?;
            (within(""), path.file_name().unwrap_or_default().to_string_lossy().into_owned())
        }
        (_, Some(first)) => {
            web(walk, location, first, &mut found).await?;
            let root = location.name().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            (first.at.clone(), root)
        }
        (_, None) => (String::new(), String::new()),
    };
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    if found.len() > MAX_FILES {
        walk.miss(format!("there are {} files; the first {MAX_FILES} were taken", found.len()));
    }
    let described = descriptions(walk, &found).await?;
    for envelope in group(&found, &described, &at, &root) {
        walk.emit(&envelope)?;
    }
    Ok(())
}

/// The files below a folder of this machine. Links are not followed, hidden things not looked at.
fn folder(
    walk: &mut Walk<'_>,
    root: &Path,
    at: &Path,
    depth: usize,
    found: &mut Vec<ListedFile>,
) -> Result<(), GatherError> {
    if depth > MAX_DEPTH {
        walk.miss(format!("folders below `{}` lie too deep and were not read", at.display()));
        return Ok(());
    }
    let entries = match fs::read_dir(at) {
        Ok(entries) => entries,
        Err(error) if depth > 0 => {
            walk.miss(format!("`{}` cannot be read: {error}", at.display()));
            return Ok(());
        }
        Err(error) => return Err(GatherError::spool(at)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(GatherError::spool(at))?;
        let Ok(about) = entry.path().symlink_metadata() else { continue };
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        if about.is_dir() {
            folder(walk, root, &entry.path(), depth + 1, found)?;
        } else if about.is_file() && role(name) != Role::Other && found.len() <= MAX_FILES {
            let path = entry.path();
            let Some(inside) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
            let modified = about.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let modified = modified.map(|since| {
                Timestamp::from_micros(i64::try_from(since.as_secs()).unwrap_or(0).saturating_mul(1_000_000))
                    .to_string()
            });
            found.push(ListedFile { path: inside.replace('\\', "/"), url: None, bytes: Some(about.len()), modified });
        }
    }
    Ok(())
}

/// The files that a server lists, or the one file that the address is.
async fn web(
    walk: &mut Walk<'_>,
    location: &Location,
    first: &First,
    found: &mut Vec<ListedFile>,
) -> Result<(), GatherError> {
    let head = head_of(first)?;
    let text = String::from_utf8_lossy(&head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_page = start.starts_with('<');
    if is_page && listing::is_bucket(start) {
        return bucket(walk, first, found).await;
    }
    let lower = start.get(..start.len().min(4096)).unwrap_or(start).to_ascii_lowercase();
    let is_html = is_page
        && (lower.contains("<html")
            || lower.contains("<!doctype html")
            || lower.contains("<a ")
            || lower.contains("<pre"));
    if is_html {
        return index(walk, first, found).await;
    }
    let name = percent_encoding::percent_decode_str(location.name().rsplit('/').next().unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned();
    let name = if name.is_empty() { "data".to_owned() } else { name };
    let bytes = fs::metadata(&first.path).map_err(GatherError::spool(&first.path))?.len();
    match location {
        Location::File(path) => {
            let modified = fs::metadata(path)
                .ok()
                .and_then(|about| about.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok());
            let modified = modified.map(|since| {
                Timestamp::from_micros(i64::try_from(since.as_secs()).unwrap_or(0).saturating_mul(1_000_000))
                    .to_string()
            });
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push(ListedFile { path: name, url: None, bytes: Some(bytes), modified });
        }
        Location::Web(url) => {
            let name = with_ending(name, first.content_type.as_deref());
            found.push(ListedFile {
                path: name,
                url: Some(crate::fetch::shown(url)),
                bytes: Some(bytes),
                modified: None,
            });
            walk.is_all(first);
        }
        Location::Database(_) => {}
    }
    Ok(())
}

/// A name that says what the file is; an address such as `/export?id=5` says so only by its content type.
fn with_ending(name: String, content_type: Option<&str>) -> String {
    if role(&name) == Role::Data {
        return name;
    }
    let format = content_type
        .and_then(|text| fairground_standards::format_of(None, Some(text.split(';').next().unwrap_or(text)), None));
    format!("{name}.{}", format.map_or_else(|| "csv".to_owned(), |format| format.to_ascii_lowercase()))
}

fn head_of(first: &First) -> Result<Vec<u8>, GatherError> {
    use std::io::Read;
    const HEAD: u64 = 16 * 1024;
    let mut head = Vec::new();
    let file = fs::File::open(&first.path).map_err(GatherError::spool(&first.path))?;
    file.take(HEAD).read_to_end(&mut head).map_err(GatherError::spool(&first.path))?;
    Ok(head)
}

/// Index pages, folder by folder, below the first.
async fn index(walk: &mut Walk<'_>, first: &First, found: &mut Vec<ListedFile>) -> Result<(), GatherError> {
    let bytes = first.bytes()?;
    let page = String::from_utf8_lossy(&bytes).into_owned();
    // A page that is no index is taken for a list of links, wherever the files lie; such links are not walked further.
    let anywhere = !html::is_index(&page);
    let root = if anywhere || first.at.ends_with('/') {
        first.at.clone()
    } else {
        format!("{}/", first.at.split(['?', '#']).next().unwrap_or_default())
    };
    let at = if anywhere { first.at.clone() } else { root.clone() };
    let mut queue: VecDeque<(String, usize)> = VecDeque::new();
    let mut known = HashSet::from([at.clone()]);
    let mut others = 0;
    let mut take = |listing: listing::Listing,
                    depth: usize,
                    queue: &mut VecDeque<(String, usize)>,
                    found: &mut Vec<ListedFile>| {
        others += listing.others;
        found.extend(listing.files);
        for next in listing.folders {
            if !anywhere && depth < MAX_DEPTH && known.len() < MAX_PAGES && known.insert(next.clone()) {
                queue.push_back((next, depth + 1));
            }
        }
    };
    take(listing::of_page(&page, &at, &root, anywhere), 0, &mut queue, found);
    while let Some((at, depth)) = queue.pop_front() {
        let Some(bytes) = walk.read(&at).await? else { continue };
        take(listing::of_page(&String::from_utf8_lossy(&bytes), &at, &root, false), depth, &mut queue, found);
        if found.len() > MAX_FILES {
            break;
        }
    }
    if others > 0 {
        walk.remark(format!("{others} files hold no data and were left out"));
    }
    Ok(())
}

/// A bucket's listing, page by page.
async fn bucket(walk: &mut Walk<'_>, first: &First, found: &mut Vec<ListedFile>) -> Result<(), GatherError> {
    let mut page = listing::of_bucket(&first.bytes()?, &first.at)?;
    let mut others = page.others;
    found.append(&mut page.files);
    let mut known = HashSet::new();
    while let Some(next) = page.next.take() {
        if known.len() >= MAX_PAGES || found.len() > MAX_FILES || !known.insert(next.clone()) {
            walk.miss("the bucket's listing does not end; the rest was not read");
            break;
        }
        let Some(bytes) = walk.read(&next).await? else { break };
        match listing::of_bucket(&bytes, &next) {
            Ok(listing) => page = listing,
            Err(error) => {
                walk.miss(format!("not read: {next}: {error}"));
                break;
            }
        }
        others += page.others;
        found.append(&mut page.files);
    }
    if others > 0 {
        walk.remark(format!("{others} files hold no data and were left out"));
    }
    Ok(())
}

/// What lies beside the data and describes it: JSON and YAML with a title.
async fn descriptions(
    walk: &mut Walk<'_>,
    found: &[ListedFile],
) -> Result<BTreeMap<String, Map<String, Value>>, GatherError> {
    let stem = |path: &str| path.rsplit_once('.').map_or(path.to_owned(), |(stem, _)| stem.to_owned());
    let mut data: BTreeMap<String, usize> = BTreeMap::new();
    for file in found.iter().filter(|file| role(&file.path) == Role::Data) {
        *data.entry(stem(&file.path)).or_default() += 1;
    }
    let mut all = BTreeMap::new();
    for file in found {
        let is_json = file.path.to_ascii_lowercase().ends_with(".json");
        let beside_data = is_json && data.get(&stem(&file.path)).is_some_and(|count| *count > 1);
        let small = file.bytes.is_none_or(|bytes| bytes <= MAX_DESCRIPTION_BYTES as u64);
        if !small || !(files::role(&file.path) == Role::Description || beside_data) {
            continue;
        }
        let at = file.url.clone().unwrap_or_else(|| within(&file.path));
        let Some(bytes) = walk.read(&at).await? else { continue };
        if let Some(map) = parsed(&bytes, is_json)
            && is_description(&map)
        {
            all.insert(file.path.clone(), map);
        }
    }
    Ok(all)
}

fn parsed(bytes: &[u8], is_json: bool) -> Option<Map<String, Value>> {
    let bytes = bytes.get(..bytes.len().min(MAX_DESCRIPTION_BYTES))?;
    let value: Value = if is_json {
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?
    } else {
        serde_saphyr::from_str(std::str::from_utf8(bytes).ok()?).ok()?
    };
    value.as_object().cloned()
}

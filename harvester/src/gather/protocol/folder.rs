//! A web-accessible folder: an index of metadata files in XML, and of folders below it; or such a folder of this machine.
//!
//! Only what lies on the same host, below the folder's own path, is followed. Files are gathered into a few large parts. When an
//! index shows date or size of every file, and all of them are as they were at the last harvest, no file is fetched.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use fairground_domain::ContentHash;
use fairground_standards::collected::html::{self, Link};
use fairground_standards::{Collector, Format, Hints, ReadError, detect};
use tracing::debug;
use url::Url;

use super::super::folder::Outcome;
use super::super::{GatherError, Gathered, PageNote, Spool};
use super::Asking;
use super::shared::{Behind, Kept};
use crate::fetch::{Conditional, FetchError, shown};

/// Folders below the first.
const MOST_DEPTH: usize = 8;
/// Folders and files of one source.
const MOST_FOLDERS: usize = 5_000;
const MOST_FILES: usize = 200_000;
/// Bytes of one metadata file; a larger one is refused by name.
const MOST_FILE_BYTES: usize = 12 * 1024 * 1024;
/// A part is closed when it holds so many files or bytes.
const FILES_OF_PART: usize = 200;
const BYTES_OF_PART: usize = 8 * 1024 * 1024;
/// Files that may fail before the folder itself is what fails.
const MOST_LOST: usize = 100;
/// Files of a local folder that are looked at to see whether it holds metadata.
const LOOKED_AT: usize = 20;
/// Endings of data that metadata files may lie beside.
const DATA: [&str; 10] = [".csv", ".tsv", ".xlsx", ".xls", ".ods", ".parquet", ".geojson", ".gpkg", ".shp", ".json"];
/// What a fingerprint of an index begins with where it stands in for an `ETag`.
const INDEX: &str = "index:";

/// An entry of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) url: Url,
    /// A file that may be a metadata record; else a folder.
    pub(super) is_metadata: bool,
    /// Date and size as the index shows them.
    shown: String,
}

/// What an index lists below its own address, in order, each once.
pub(super) fn entries(index: &Url, links: &[Link]) -> Vec<Entry> {
    let base = directory(index);
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for link in links {
        let Ok(mut url) = base.join(link.href.trim()) else { continue };
        // Indexes link to themselves in other orders (`?C=M;O=D`).
        let is_order = url.query().is_some();
        url.set_fragment(None);
        let is_metadata = url.path().to_ascii_lowercase().ends_with(".xml");
        let is_folder = url.path().ends_with('/');
        if is_order || !(is_metadata || is_folder) || !lies_below(&base, &url) || !known.insert(url.clone()) {
            continue;
        }
        all.push(Entry { url, is_metadata, shown: link.after.split_whitespace().collect::<Vec<_>>().join(" ") });
    }
    all
}

/// The folder of an address: up to its last slash.
fn directory(index: &Url) -> Url {
    let mut base = index.clone();
    base.set_query(None);
    let last = base.path().rsplit('/').next().unwrap_or_default();
    // `…/waf` without a slash at its end is the folder itself, unless it names a page.
    if !last.is_empty() && !last.contains('.') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    base.join(".").unwrap_or(base)
}

fn lies_below(base: &Url, url: &Url) -> bool {
    url.scheme() == base.scheme()
        && url.host_str() == base.host_str()
        && url.port_or_known_default() == base.port_or_known_default()
        && url.path().len() > base.path().len()
        && url.path().starts_with(base.path())
        && !url.path().contains("..")
}

pub(super) async fn gather(asking: Asking<'_>, url: &Url) -> Result<Gathered, GatherError> {
    let mut listing = Listing::default();
    listing.walk(&asking, url).await?;
    let fingerprint = listing.fingerprint();
    let known = asking.request.conditional.etag.as_deref();
    if listing.whole && fingerprint.is_some() && known == fingerprint.as_deref() {
        return Ok(Gathered::NotModified);
    }
    let base = directory(url);
    let mut kept = Kept { remarks: std::mem::take(&mut listing.remarks), ..Kept::default() };
    let mut done = resume(&asking, &mut kept, listing.identity())?;
    let files: Vec<&Entry> = listing.files.values().collect();
    let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let mut lost = 0;
    let mut collector = Collector::default();
    let mut start = done;
    for entry in files.iter().skip(done) {
        let name = relative(&base, &entry.url);
        match asking.bytes(&with_access(&entry.url, url), None).await {
            Ok(bytes) if bytes.len() > MOST_FILE_BYTES => collector.add_too_large(&name),
            Ok(bytes) => collector.add(&name, &bytes),
            Err(error) if is_of_the_file(&error) => {
                lost += 1;
                if lost > MOST_LOST {
                    return Err(error);
                }
                kept.remark(format!("`{name}` could not be had: {error}"));
            }
            Err(error) => return Err(error),
        }
        done += 1;
        if collector.files() >= FILES_OF_PART || collector.bytes() >= BYTES_OF_PART || done == files.len() {
            let full = std::mem::take(&mut collector);
            keep(&asking, &mut kept, url, full, start, done, total, listing.identity())?;
            start = done;
        }
    }
    if kept.notes.is_empty() {
        keep(&asking, &mut kept, url, collector, 0, 0, total, listing.identity())?;
    }
    let complete = listing.whole && lost == 0;
    if !complete {
        kept.remark("not all of the folder could be read; nothing is deleted after an incomplete gathering");
    }
    let outcome = Outcome {
        location: shown(url),
        format: Format::Waf,
        validators: Conditional { etag: fingerprint.filter(|_| complete), last_modified: None },
        complete,
        remarks: kept.remarks,
    };
    asking.folder.finish(outcome, kept.notes).map(Gathered::Spooled)
}

/// The credentials of the source's address, which the links of an index do not have.
fn with_access(file: &Url, source: &Url) -> Url {
    let mut file = file.clone();
    // Both fail only for addresses that cannot have credentials; an http(s) address can.
    let _ = file.set_username(source.username());
    let _ = file.set_password(source.password());
    file
}

/// Whether the failure is that file's alone.
fn is_of_the_file(error: &GatherError) -> bool {
    matches!(
        error,
        GatherError::Fetch(
            FetchError::Status { .. } | FetchError::TooLarge { .. } | FetchError::RedirectNowhere { .. }
        ) | GatherError::PageTooLarge { .. }
    )
}

#[expect(clippy::too_many_arguments, reason = "one part with all that its note says")]
fn keep(
    asking: &Asking<'_>,
    kept: &mut Kept,
    url: &Url,
    collector: Collector,
    from: usize,
    to: usize,
    total: u64,
    identity: String,
) -> Result<(), GatherError> {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let page = PageNote { start: count(from), sent: count(to.saturating_sub(from)), total };
    let behind = Behind { page: Some(page), link: Some(identity), ..Behind::default() };
    kept.keep(asking, url, &collector.finish(), behind)
}

/// Goes on behind what an earlier run brought in, if the folder still lists the same files. Gives how many are there.
fn resume(asking: &Asking<'_>, kept: &mut Kept, identity: String) -> Result<usize, GatherError> {
    let notes = asking.folder.notes();
    let same = notes.iter().all(|note| note.link.as_deref() == Some(identity.as_str()) && note.page.is_some());
    if !same {
        asking.folder.clear()?;
        return Ok(0);
    }
    let end = notes.last().and_then(|note| note.page).map_or(0, |page| page.start + page.sent);
    kept.notes = notes;
    Ok(usize::try_from(end).unwrap_or(usize::MAX))
}

fn relative(base: &Url, file: &Url) -> String {
    let path = file.path().strip_prefix(base.path()).unwrap_or_else(|| file.path());
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Every file of a folder and of those below it.
struct Listing {
    /// By address, so that the order is that of names whatever the index sorts by.
    files: BTreeMap<String, Entry>,
    remarks: Vec<String>,
    whole: bool,
}

impl Default for Listing {
    fn default() -> Self {
        Self { files: BTreeMap::new(), remarks: Vec::new(), whole: true }
    }
}

impl Listing {
    async fn walk(&mut self, asking: &Asking<'_>, url: &Url) -> Result<(), GatherError> {
        let root = directory(url);
        let mut waiting = VecDeque::from([(url.clone(), 0)]);
        let mut visited = HashSet::from([root.to_string()]);
        let mut first = true;
        while let Some((index, depth)) = waiting.pop_front() {
            let found = self.list(asking, &with_access(&index, url), first).await?;
            first = false;
            for entry in found.into_iter().filter(|it| lies_below(&root, &it.url)) {
                if entry.is_metadata {
                    if self.files.len() < MOST_FILES {
                        self.files.insert(entry.url.to_string(), entry);
                    } else {
                        self.cut(format!("only the first {MOST_FILES} files were read"));
                    }
                } else if depth + 1 > MOST_DEPTH || visited.len() >= MOST_FOLDERS {
                    self.cut(format!("folders deeper than {MOST_DEPTH}, or beyond {MOST_FOLDERS}, were not read"));
                } else if visited.insert(entry.url.to_string()) {
                    waiting.push_back((entry.url, depth + 1));
                }
            }
        }
        Ok(())
    }

    /// What one index lists. A folder below the first that cannot be read leaves the gathering incomplete.
    async fn list(&mut self, asking: &Asking<'_>, index: &Url, first: bool) -> Result<Vec<Entry>, GatherError> {
        let bytes = match asking.bytes(index, None).await {
            Ok(bytes) => bytes,
            Err(error) if !first && is_of_the_file(&error) => {
                self.cut(format!("`{}` could not be listed: {error}", shown(index)));
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&bytes);
        let found = entries(index, &html::links(&text));
        let is_page = matches!(detect(&bytes, &Hints::default()), Err(ReadError::HtmlPage { .. }));
        if first && found.is_empty() && !is_page {
            return Err(ReadError::NotACatalogue { why: "this is no index of a folder".to_owned() }.into());
        }
        if !is_page && found.is_empty() {
            self.cut(format!("`{}` is no index of a folder", shown(index)));
        }
        Ok(found)
    }

    fn cut(&mut self, remark: String) {
        debug!("{remark}");
        self.whole = false;
        self.remarks.push(remark);
    }

    /// Which files there are, with what the index shows of each.
    fn identity(&self) -> String {
        let lines: Vec<String> = self.files.values().map(|it| format!("{} {}", it.url, it.shown)).collect();
        ContentHash::of(lines.join("\n").as_bytes()).to_string()
    }

    /// Stands in for an `ETag` where the index shows a date of every file, so that a changed file shows.
    fn fingerprint(&self) -> Option<String> {
        let dated = |it: &Entry| it.shown.bytes().filter(u8::is_ascii_digit).count() >= 8;
        let all = !self.files.is_empty() && self.files.values().all(dated);
        all.then(|| format!("{INDEX}{}", self.identity()))
    }
}

/// Whether a folder of this machine holds metadata files, judged by some of them, and no data: beside data, they describe them.
pub(super) fn holds_metadata(folder: &Path) -> bool {
    let is_data = |path: PathBuf| {
        let name = path.to_string_lossy().to_ascii_lowercase();
        DATA.iter().any(|ending| name.ends_with(ending))
    };
    if std::fs::read_dir(folder).is_ok_and(|mut listed| listed.any(|it| it.is_ok_and(|it| is_data(it.path())))) {
        return false;
    }
    let mut found = Vec::new();
    local_files(folder, 0, &mut found);
    found.iter().take(LOOKED_AT).any(|path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        let head = bytes.get(..bytes.len().min(65_536)).unwrap_or_default();
        detect(head, &Hints::default()).is_ok_and(|it| it == Format::Iso)
    })
}

/// XML files below a folder, sorted; links to elsewhere are not followed.
fn local_files(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(listed) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = listed.flatten().map(|it| it.path()).collect();
    entries.sort();
    for path in entries {
        let Ok(what) = path.symlink_metadata() else { continue };
        let is_xml = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("xml"));
        if what.is_file() && is_xml && found.len() < MOST_FILES {
            found.push(path);
        } else if what.is_dir() && depth < MOST_DEPTH {
            local_files(&path, depth + 1, found);
        }
    }
}

pub(super) fn gather_local(asking: Asking<'_>, folder: &Path) -> Result<Spool, GatherError> {
    let mut files = Vec::new();
    local_files(folder, 0, &mut files);
    asking.folder.clear()?;
    let mut kept = Kept::default();
    let mut collector = Collector::default();
    let here = Url::from_directory_path(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
        .or_else(|()| Url::parse("file:///"))
        .map_err(|error| FetchError::InvalidUrl { url: folder.display().to_string(), reason: error.to_string() })?;
    let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
    for path in &files {
        let bytes = std::fs::read(path).map_err(GatherError::spool(path))?;
        let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        if bytes.len() > MOST_FILE_BYTES {
            collector.add_too_large(&name);
        } else {
            collector.add(&name, &bytes);
        }
        if collector.files() >= FILES_OF_PART || collector.bytes() >= BYTES_OF_PART {
            let full = std::mem::take(&mut collector);
            keep(&asking, &mut kept, &here, full, 0, 0, total, String::new())?;
        }
    }
    if collector.files() > 0 || kept.notes.is_empty() {
        keep(&asking, &mut kept, &here, collector, 0, 0, total, String::new())?;
    }
    let outcome = Outcome {
        location: folder.display().to_string(),
        format: Format::Waf,
        validators: Conditional::default(),
        complete: files.len() < MOST_FILES,
        remarks: kept.remarks,
    };
    asking.folder.finish(outcome, kept.notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APACHE: &str = r#"<html><head><title>Index of /waf</title></head><body><h1>Index of /waf</h1><pre><a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a><hr><a href="/">Parent Directory</a>                             -
<a href="a.xml">a.xml</a>                   2024-01-02 03:04  1.2K
<a href="b%20c.XML">b c.XML</a>                 2024-01-02 03:05  1.3K
<a href="sub/">sub/</a>                    2024-01-02 03:05    -
<a href="readme.html">readme.html</a>  2024-01-02 03:05  1K
<a href="https://elsewhere.example/waf/x.xml">x</a> 2024-01-02 03:05
<a href="../other/y.xml">y</a> 2024-01-02 03:05
<hr></pre></body></html>"#;

    #[test]
    fn an_index_lists_what_lies_below_it() {
        for address in ["https://a.example/waf/", "https://a.example/waf", "https://a.example/waf/index.html"] {
            let index = Url::parse(address).expect(address);
            let found = entries(&index, &html::links(APACHE));
            let names: Vec<(&str, bool)> = found.iter().map(|it| (it.url.path(), it.is_metadata)).collect();
            assert_eq!(names, [("/waf/a.xml", true), ("/waf/b%20c.XML", true), ("/waf/sub/", false)], "{address}");
            assert!(found[0].shown.contains("2024-01-02 03:04"), "{:?}", found[0]);
            assert_eq!(relative(&directory(&index), &found[1].url), "b c.XML");
        }
    }

    #[test]
    fn indexes_of_other_servers_are_read_too() {
        let nginx = "<html><body><h1>Index of /waf/</h1><pre><a href=\"../\">../</a>\n<a href=\"a.xml\">a.xml</a>        02-Jan-2024 03:04     120\n</pre></body></html>";
        let iis = "<html><body><pre><A HREF=\"/\">[To Parent Directory]</A><br><br> 1/2/2024  3:04 AM          120 <A HREF=\"/waf/a.xml\">a.xml</A><br></pre></body></html>";
        let index = Url::parse("https://a.example/waf/").expect("url");
        for page in [nginx, iis] {
            let found = entries(&index, &html::links(page));
            assert_eq!(found.iter().map(|it| it.url.path()).collect::<Vec<_>>(), ["/waf/a.xml"], "{page}");
        }
    }
}

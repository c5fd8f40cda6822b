//! Which spread source a first document belongs to, when no operator said so.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use fairground_standards::collected::{files, frictionless, html, list, listing, sitemap};
use fairground_standards::{Format, Hints, detect};
use memchr::memmem;

use super::super::folder::Folder;
use super::super::{GatherError, GatherRequest, Kind, Location, PartNote};

/// Bytes of the first document that are looked at.
const HEAD_BYTES: u64 = 256 * 1024;

/// The format of a spread source, when the first document belongs to one.
pub(crate) fn recognised(
    folder: &Folder,
    request: &GatherRequest<'_>,
    note: &PartNote,
) -> Result<Option<Format>, GatherError> {
    if let Some(kind) = request.kind {
        return Ok(Kind::format(kind).filter(|format| format.is_collected()));
    }
    let part = folder.part(1);
    let mut head = Vec::new();
    File::open(&part)
        .and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head))
        .map_err(GatherError::spool(&part))?;
    let name = request.location.name();
    let hints = Hints { content_type: note.content_type.as_deref(), name: Some(&name) };
    match detect(&head, &hints) {
        Ok(format) => Ok(Some(format).filter(|format| format.is_collected())),
        Err(_) => Ok(otherwise(&head, &hints, request.location, &part)),
    }
}

/// What no codec of catalogues knows: files of data, pages, listings, databases.
fn otherwise(head: &[u8], hints: &Hints<'_>, location: &Location, part: &Path) -> Option<Format> {
    let name = hints.name.unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if head.starts_with(b"SQLite format 3\0") {
        return (!location.is_web()).then_some(Format::Sqlite);
    }
    if head.starts_with(b"PAR1") {
        return Some(Format::Files);
    }
    let is_office = head.starts_with(b"\xd0\xcf\x11\xe0") || head.starts_with(b"PK\x03\x04");
    if is_office {
        if holds(part, frictionless::FILE_NAME) {
            return Some(Format::Frictionless);
        }
        let data = ["xls", "xlsx", "xlsm", "xlsb", "ods", "zip"];
        let named = data.iter().any(|ending| last.ends_with(&format!(".{ending}")));
        let typed = hints.content_type.is_some_and(|it| it.contains("spreadsheet") || it.contains("excel"));
        let inside = holds(part, "xl/workbook") || holds(part, "opendocument.spreadsheet");
        return (named || typed || inside).then_some(Format::Files);
    }
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    match start.bytes().next()? {
        b'<' if sitemap::is_sitemap(start) => Some(Format::SchemaOrg),
        b'<' if listing::is_bucket(start) => Some(Format::Files),
        b'<' => of_page(start),
        b'{' if start.contains("\"FeatureCollection\"") => Some(Format::Files),
        b'{' | b'[' => None,
        _ => of_text(head, start, &last, hints.content_type),
    }
}

/// A page that describes datasets, or the index of a folder that holds data.
fn of_page(page: &str) -> Option<Format> {
    let describes =
        html::json_ld_blocks(page).iter().any(|block| block.contains("schema.org") && block.contains("Dataset\""));
    if describes {
        return Some(Format::SchemaOrg);
    }
    // Folders of XML are those of metadata, which are read as such.
    let is_data = |link: &html::Link| {
        let path = link.href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        !path.ends_with(".xml") && path.contains('.') && files::role(&path) == files::Role::Data
    };
    (html::is_index(page) && html::links(page).iter().any(is_data)).then_some(Format::Files)
}

/// Delimited text: a list of datasets, or data.
fn of_text(head: &[u8], start: &str, name: &str, content_type: Option<&str>) -> Option<Format> {
    if list::of_csv(head, "").ok().flatten().is_some_and(|rows| !rows.is_empty()) {
        return Some(Format::List);
    }
    let named =
        ["csv", "tsv", "tab", "psv", "ndjson", "jsonl"].iter().any(|ending| name.ends_with(&format!(".{ending}")));
    let typed = content_type.is_some_and(|it| it.starts_with("text/csv") || it.starts_with("text/tab-separated"));
    let first = start.lines().next().unwrap_or_default();
    let regular = [',', ';', '\t'].iter().any(|delimiter| {
        let count = |line: &str| line.matches(*delimiter).count();
        let lines: Vec<usize> = start.lines().take(4).map(count).collect();
        count(first) >= 1 && lines.len() >= 3 && lines.windows(2).take(2).all(|pair| pair.first() == pair.get(1))
    });
    (named || typed || regular).then_some(Format::Files)
}

/// Whether a file holds some bytes; archives name their members in plain.
fn holds(path: &Path, word: &str) -> bool {
    const MOST: u64 = 256 << 20;
    const WINDOW: usize = 1 << 20;
    let Ok(file) = File::open(path) else { return false };
    let mut file = file.take(MOST);
    let finder = memmem::Finder::new(word);
    let (mut window, mut kept) = (vec![0; WINDOW + word.len()], 0);
    loop {
        let Ok(read) = file.read(window.get_mut(kept..).unwrap_or_default()) else { return false };
        if read == 0 {
            return false;
        }
        let full = kept + read;
        if finder.find(window.get(..full).unwrap_or_default()).is_some() {
            return true;
        }
        kept = word.len().min(full);
        window.copy_within(full - kept..full, 0);
    }
}

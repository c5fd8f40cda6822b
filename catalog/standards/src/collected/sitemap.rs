//! Sitemaps (sitemaps.org 0.9): the pages of a site, or further sitemaps.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::not_a;
use crate::error::{Place, ReadError};

/// Entries that one sitemap may have, as its standard says.
pub const MAX_ENTRIES: usize = 50_000;

/// What a sitemap lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// Further sitemaps (`sitemapindex`).
    pub sitemaps: Vec<String>,
    /// Pages (`urlset`), with the day they say they changed.
    pub pages: Vec<(String, Option<String>)>,
    /// True when there were more entries than [`MAX_ENTRIES`].
    pub cut: bool,
}

/// Whether a document begins as a sitemap does.
#[must_use]
pub fn is_sitemap(head: &str) -> bool {
    let start: String = head.chars().take(2048).collect();
    start.contains("<urlset") || start.contains("<sitemapindex")
}

/// Reads a sitemap in XML, or in text with one address a line.
///
/// # Errors
/// `Syntax` for broken XML, `NotACatalogue` for XML that is no sitemap.
pub fn read(bytes: &[u8]) -> Result<Sitemap, ReadError> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    if !text.trim_start().starts_with('<') {
        return of_lines(&text);
    }
    let mut reader = Reader::from_str(&text);
    let mut found = Sitemap::default();
    let (mut inside, mut name, mut is_root_known) = (Vec::<String>::new(), String::new(), false);
    let (mut address, mut day) = (String::new(), String::new());
    loop {
        let event = reader.read_event().map_err(|error| ReadError::Syntax {
            place: Place { part: 1, line: 0, offset: reader.buffer_position() },
            message: error.to_string(),
        })?;
        match event {
            Event::Eof if !inside.is_empty() => {
                let place = Place { part: 1, line: 0, offset: reader.buffer_position() };
                return Err(ReadError::CutOff { place, what: format!("<{}> is open", inside.join("><")) });
            }
            Event::Eof => break,
            Event::Start(tag) => {
                name = tag.local_name().as_ref().to_owned();
                if inside.is_empty() {
                    is_root_known |= matches!(name.as_str(), "urlset" | "sitemapindex");
                }
                const DEEPEST: usize = 16;
                if inside.len() >= DEEPEST {
                    return Err(not_a("a sitemap is not nested that deep"));
                }
                inside.push(name.clone());
            }
            Event::End(_) => {
                let ended = inside.pop().unwrap_or_default();
                name = inside.last().cloned().unwrap_or_default();
                let is_entry = matches!(ended.as_str(), "url" | "sitemap") && inside.len() == 1;
                if is_entry && !address.trim().is_empty() {
                    if found.pages.len() + found.sitemaps.len() >= MAX_ENTRIES {
                        found.cut = true;
                        break;
                    }
                    let (at, day) = (address.trim().to_owned(), day.trim().to_owned());
                    match ended.as_str() {
                        "sitemap" => found.sitemaps.push(at),
                        _ => found.pages.push((at, Some(day).filter(|day| !day.is_empty()))),
                    }
                }
                if is_entry {
                    address.clear();
                    day.clear();
                }
            }
            Event::Text(text) if inside.len() == 3 => {
                add(&name, &text, &mut address, &mut day);
            }
            Event::CData(text) if inside.len() == 3 => {
                add(&name, &text, &mut address, &mut day);
            }
            Event::GeneralRef(entity) if inside.len() == 3 => {
                let resolved = match entity.as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "",
                };
                add(&name, resolved, &mut address, &mut day);
            }
            _ => {}
        }
    }
    if is_root_known { Ok(found) } else { Err(not_a("a sitemap is a `urlset` or a `sitemapindex`")) }
}

fn add(name: &str, text: &str, address: &mut String, day: &mut String) {
    const LONGEST: usize = 8192;
    match name {
        "loc" if address.len() + text.len() <= LONGEST => address.push_str(text),
        "lastmod" if day.len() + text.len() <= 64 => day.push_str(text),
        _ => {}
    }
}

fn of_lines(text: &str) -> Result<Sitemap, ReadError> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || !lines.iter().all(|line| line.starts_with("http://") || line.starts_with("https://")) {
        return Err(not_a("a sitemap in text has one address a line"));
    }
    let cut = lines.len() > MAX_ENTRIES;
    let pages = lines.into_iter().take(MAX_ENTRIES).map(|line| (line.to_owned(), None)).collect();
    Ok(Sitemap { pages, cut, ..Sitemap::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sitemaps_are_read_in_all_their_forms() {
        let set = br#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
            <url><loc>https://a.test/?a=1&amp;b=2</loc><lastmod>2024-02-03</lastmod></url>
            <url><loc><![CDATA[ https://a.test/2 ]]></loc></url><url><loc> </loc></url></urlset>"#;
        let found = read(set).expect("a set");
        let first = ("https://a.test/?a=1&b=2".to_owned(), Some("2024-02-03".to_owned()));
        assert_eq!(found.pages, [first, ("https://a.test/2".to_owned(), None)]);
        let index =
            b"<s:sitemapindex xmlns:s='x'><s:sitemap><s:loc>https://a.test/1.xml</s:loc></s:sitemap></s:sitemapindex>";
        assert_eq!(read(index).expect("an index").sitemaps, ["https://a.test/1.xml"]);
        assert_eq!(read(b"https://a.test/1\nhttps://a.test/2\n").expect("lines").pages.len(), 2);
        for (broken, code) in [
            (&b"<urlset><url><loc>https://a.test/1</loc></url>"[..], "cut-off"),
            (b"<html><body></body></html>", "not-a-catalogue"),
            (b"words", "not-a-catalogue"),
            (b"<urlset><url></loc>", "syntax"),
        ] {
            assert_eq!(read(broken).expect_err("broken").code(), code);
        }
    }

    #[test]
    fn a_sitemap_of_more_than_its_standard_allows_is_cut_and_says_so() {
        let many: String = (0..=MAX_ENTRIES).map(|n| format!("<url><loc>https://a.test/{n}</loc></url>")).collect();
        let found = read(format!("<urlset>{many}</urlset>").as_bytes()).expect("a set");
        assert!(found.cut && found.pages.len() == MAX_ENTRIES);
    }
}

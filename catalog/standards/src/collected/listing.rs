//! What servers list of their files: the index page of a folder, and the listing of a bucket (S3 and what speaks like it, Azure).

use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use super::files::{ListedFile, Role, role};
use super::{html, not_a};
use crate::error::{Place, ReadError};

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files that hold data or describe it.
    pub files: Vec<ListedFile>,
    /// Addresses of folders below.
    pub folders: Vec<String>,
    /// The address of the page after this one.
    pub next: Option<String>,
    /// Other files, which were left out.
    pub others: usize,
}

/// Reads the index page of a folder: links to files and folders below `root`. With `anywhere` the links of any page are taken,
/// wherever the files lie.
#[must_use]
pub fn of_page(page: &str, at: &str, root: &str, anywhere: bool) -> Listing {
    let mut found = Listing::default();
    let (Ok(here), Ok(root)) = (Url::parse(at), Url::parse(root)) else { return found };
    let base = html::base(page).and_then(|href| here.join(&href).ok()).unwrap_or_else(|| here.clone());
    for link in html::links(page) {
        let Ok(mut url) = base.join(&link.href) else { continue };
        if !matches!(url.scheme(), "http" | "https") {
            continue;
        }
        url.set_fragment(None);
        let below = path_below(&url, &root);
        let Some(path) = below.or_else(|| anywhere.then(|| last_of(&url))) else { continue };
        if path.is_empty() || path.ends_with('/') {
            // Sorting an index is a link to itself; a folder is one level below.
            let deeper = url.query().is_none()
                && url.path().len() > here.path().len()
                && url.path().starts_with(folder_of(&here));
            if deeper && !path.is_empty() && !found.folders.contains(&url.to_string()) {
                found.folders.push(url.into());
            }
            continue;
        }
        if role(&path) == Role::Other {
            found.others += 1;
            continue;
        }
        if found.files.iter().any(|file| file.path == path) {
            continue;
        }
        found.files.push(ListedFile {
            path,
            url: Some(url.into()),
            bytes: bytes_of(&link.after),
            modified: day_of(&link.after),
        });
    }
    found
}

/// The path of an address below a folder, decoded.
fn path_below(url: &Url, root: &Url) -> Option<String> {
    let same = url.scheme() == root.scheme()
        && url.host() == root.host()
        && url.port_or_known_default() == root.port_or_known_default();
    let rest = url.path().strip_prefix(folder_of(root)).filter(|_| same)?;
    decoded(rest)
}

fn last_of(url: &Url) -> String {
    decoded(url.path().rsplit('/').next().unwrap_or_default()).unwrap_or_default()
}

fn decoded(path: &str) -> Option<String> {
    let text = percent_encoding::percent_decode_str(path).decode_utf8().ok()?.into_owned();
    (!text.split('/').any(|part| matches!(part, "." | "..")) && !text.contains(['\0', '\\'])).then_some(text)
}

/// The folder's path with its slash.
fn folder_of(url: &Url) -> &str {
    let path = url.path();
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/")
}

/// A day and time as indexes write them: `2024-02-03 10:11`, `03-Feb-2024 10:11`.
fn day_of(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    for (n, word) in words.iter().enumerate() {
        let parts: Vec<&str> = word.split('-').collect();
        let [a, b, c] = parts.as_slice() else { continue };
        let number = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        let day = if number(a, 4) && number(b, 2) && number(c, 2) {
            format!("{a}-{b}-{c}")
        } else if number(a, 2) && number(c, 4) {
            let month = MONTHS.iter().position(|month| b.to_ascii_lowercase().starts_with(month))? + 1;
            format!("{c}-{month:02}-{a}")
        } else {
            continue;
        };
        let clock = words.get(n + 1).filter(|time| {
            let parts: Vec<&str> = time.split(':').collect();
            (2..=3).contains(&parts.len()) && parts.iter().all(|part| number(part, 2))
        });
        return Some(
            clock.map_or_else(
                || day.clone(),
                |time| format!("{day}T{time}{}", if time.len() == 5 { ":00" } else { "" }),
            ),
        );
    }
    None
}

/// A size that an index gives in full; rounded ones (`1.5M`) are none.
fn bytes_of(text: &str) -> Option<u64> {
    text.split_whitespace().next_back().filter(|word| word.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// Whether a document begins as the listing of a bucket.
#[must_use]
pub fn is_bucket(head: &str) -> bool {
    let start: String = head.chars().take(1024).collect();
    start.contains("<ListBucketResult") || start.contains("<EnumerationResults")
}

/// Reads the listing of a bucket at the address `at`. Files are named by their keys, without the prefix that was asked for.
///
/// # Errors
/// `Syntax` and `CutOff` for broken XML, `NotACatalogue` for XML that lists no bucket.
pub fn of_bucket(bytes: &[u8], at: &str) -> Result<Listing, ReadError> {
    let url = Url::parse(at).map_err(|_| not_a("the bucket has no address"))?;
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    let mut bucket = Bucket::default();
    let mut inside: Vec<String> = Vec::new();
    let place = |reader: &Reader<&[u8]>| Place { part: 1, line: 0, offset: reader.buffer_position() };
    loop {
        let event = reader
            .read_event()
            .map_err(|error| ReadError::Syntax { place: place(&reader), message: error.to_string() })?;
        match event {
            Event::Eof if !inside.is_empty() => {
                return Err(ReadError::CutOff {
                    place: place(&reader),
                    what: format!("<{}> is open", inside.join("><")),
                });
            }
            Event::Eof => break,
            Event::Start(tag) => {
                const DEEPEST: usize = 32;
                if inside.len() >= DEEPEST {
                    return Err(not_a("a bucket's listing is not nested that deep"));
                }
                inside.push(tag.local_name().as_ref().to_owned());
                bucket.is_one |= inside.len() == 1
                    && matches!(inside.last().map(String::as_str), Some("ListBucketResult" | "EnumerationResults"));
            }
            Event::End(_) => {
                let ended = inside.pop().unwrap_or_default();
                bucket.end(&ended);
            }
            Event::Text(text) => bucket.text(&inside, &text),
            Event::CData(text) => bucket.text(&inside, &text),
            Event::GeneralRef(entity) => {
                let resolved = match entity.as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "",
                };
                bucket.text(&inside, resolved);
            }
            _ => {}
        }
    }
    if bucket.is_one { Ok(bucket.listing(&url)) } else { Err(not_a("there is no listing of a bucket")) }
}

/// What is gathered of a bucket's listing.
#[derive(Debug, Default)]
struct Bucket {
    is_one: bool,
    prefix: String,
    truncated: String,
    token: String,
    marker: String,
    key: String,
    size: String,
    modified: String,
    entries: Vec<(String, Option<u64>, Option<String>)>,
}

impl Bucket {
    fn text(&mut self, inside: &[String], text: &str) {
        const LONGEST: usize = 4096;
        let name = inside.last().map_or("", String::as_str);
        let entry = inside.len() >= 3 && inside.iter().any(|it| matches!(it.as_str(), "Contents" | "Blob"));
        let field = match (name, entry) {
            ("Key" | "Name", true) => &mut self.key,
            ("Size" | "Content-Length", true) => &mut self.size,
            ("LastModified" | "Last-Modified", true) => &mut self.modified,
            ("Prefix", false) => &mut self.prefix,
            ("IsTruncated", false) => &mut self.truncated,
            ("NextContinuationToken", false) => &mut self.token,
            ("NextMarker", false) => &mut self.marker,
            _ => return,
        };
        if field.len() + text.len() <= LONGEST {
            field.push_str(text);
        }
    }

    fn end(&mut self, name: &str) {
        if !matches!(name, "Contents" | "Blob") {
            return;
        }
        let (key, size, modified) =
            (std::mem::take(&mut self.key), std::mem::take(&mut self.size), std::mem::take(&mut self.modified));
        self.entries.push((
            key,
            size.trim().parse().ok(),
            Some(modified.trim().to_owned()).filter(|it| !it.is_empty()),
        ));
    }

    fn listing(self, at: &Url) -> Listing {
        let mut found = Listing::default();
        let mut base = at.clone();
        base.set_query(None);
        let folder = format!("{}/", base.as_str().trim_end_matches('/'));
        let last = self.entries.last().map(|(key, _, _)| key.clone()).unwrap_or_default();
        let prefix = self.prefix.trim();
        // A prefix may end inside a name; the folder before it is what the files have in common.
        let common = prefix.rfind('/').and_then(|at| prefix.get(..=at)).unwrap_or("");
        for (key, bytes, modified) in self.entries {
            let path = key.strip_prefix(common).unwrap_or(&key).to_owned();
            if key.ends_with('/') || path.is_empty() {
                continue;
            }
            let Ok(mut url) = Url::parse(&folder) else { continue };
            let whole = format!("{}{key}", url.path());
            url.set_path(&whole);
            if role(&path) == Role::Other || decoded(url.path()).is_none() {
                found.others += 1;
                continue;
            }
            found.files.push(ListedFile { path, url: Some(url.into()), bytes, modified });
        }
        let mut next = at.clone();
        let kept: Vec<(String, String)> = at
            .query_pairs()
            .filter(|(name, _)| !matches!(name.as_ref(), "continuation-token" | "marker"))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let further = match (self.token.trim(), self.marker.trim(), self.truncated.trim()) {
            ("", "", "true") if !last.is_empty() => Some(("marker", last.as_str())),
            ("", "", _) => None,
            ("", marker, _) => Some(("marker", marker)),
            (token, _, _) => Some(("continuation-token", token)),
        };
        if let Some((name, value)) = further {
            next.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, value);
            found.next = Some(next.into());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(listing: &Listing) -> Vec<&str> {
        listing.files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn the_index_of_a_folder_is_read() {
        let page = r#"<html><head><title>Index of /open/data/</title></head><h1>Index of /open/data/</h1><pre>
<a href="?C=N;O=D">Name</a> <a href="/open/">Parent Directory</a>
<a href="air%20quality.csv">air quality.csv</a>   03-Feb-2024 10:11   1234
<a href="2023/">2023/</a>    2024-01-01 00:00    -
<a href="roads.geojson">roads.geojson</a>   2024-02-03 10:11  1.5M
<a href="https://elsewhere.test/x.csv">x</a> <a href="readme.html">readme</a>
<a href="javascript:alert(1)">x</a></pre></html>"#;
        let found = of_page(page, "https://a.test/open/data/", "https://a.test/open/data/", false);
        assert_eq!(paths(&found), ["air quality.csv", "roads.geojson"]);
        assert_eq!(
            (found.files[0].bytes, found.files[0].modified.as_deref()),
            (Some(1234), Some("2024-02-03T10:11:00"))
        );
        assert_eq!((found.files[1].bytes, found.files[1].modified.as_deref()), (None, Some("2024-02-03T10:11:00")));
        assert_eq!(found.folders, ["https://a.test/open/data/2023/"]);
        assert_eq!(found.others, 1);
        let deeper = of_page(
            "<a href='b.csv'>b</a><a href='../'>up</a>",
            "https://a.test/open/data/2023/",
            "https://a.test/open/data/",
            false,
        );
        assert_eq!((paths(&deeper), deeper.folders.len()), (vec!["2023/b.csv"], 0));
        let anywhere = of_page(page, "https://a.test/open/data/", "https://a.test/open/data/", true);
        assert!(paths(&anywhere).contains(&"x.csv"));
    }

    #[test]
    fn buckets_are_listed_page_by_page() {
        let s3 = br#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
            <Prefix>open/</Prefix><IsTruncated>true</IsTruncated><NextContinuationToken>a+b/c=</NextContinuationToken>
            <Contents><Key>open/a &amp; b.csv</Key><LastModified>2024-02-03T10:11:12.000Z</LastModified><Size>12</Size><Owner><ID>x</ID></Owner></Contents>
            <Contents><Key>open/sub/c.parquet</Key><Size>3</Size></Contents><Contents><Key>open/sub/</Key><Size>0</Size></Contents>
            <Contents><Key>open/logo.png</Key><Size>3</Size></Contents></ListBucketResult>"#;
        let found = of_bucket(s3, "https://b.s3.test/?list-type=2&prefix=open/").expect("a listing");
        assert_eq!(paths(&found), ["a & b.csv", "sub/c.parquet"]);
        assert_eq!(found.files[0].url.as_deref(), Some("https://b.s3.test/open/a%20&%20b.csv"));
        assert_eq!(
            (found.files[0].bytes, found.files[0].modified.as_deref()),
            (Some(12), Some("2024-02-03T10:11:12.000Z"))
        );
        assert_eq!(
            found.next.as_deref(),
            Some("https://b.s3.test/?list-type=2&prefix=open%2F&continuation-token=a%2Bb%2Fc%3D")
        );
        assert_eq!(found.others, 1);
        let first = br"<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a.csv</Key></Contents></ListBucketResult>";
        assert_eq!(
            of_bucket(first, "https://h.test/b").expect("a listing").next.as_deref(),
            Some("https://h.test/b?marker=a.csv")
        );
        let azure = br"<EnumerationResults><Blobs><Blob><Name>x/y.csv</Name><Properties><Content-Length>5</Content-Length></Properties></Blob></Blobs><NextMarker /></EnumerationResults>";
        let found = of_bucket(azure, "https://a.blob.test/c?restype=container&comp=list").expect("a listing");
        assert_eq!(
            (paths(&found), found.files[0].url.as_deref(), found.files[0].bytes),
            (vec!["x/y.csv"], Some("https://a.blob.test/c/x/y.csv"), Some(5))
        );
        for (broken, code) in [
            (&b"<ListBucketResult><Contents>"[..], "cut-off"),
            (b"<Error><Code>AccessDenied</Code></Error>", "not-a-catalogue"),
        ] {
            assert_eq!(of_bucket(broken, "https://h.test/b").expect_err("broken").code(), code);
        }
    }
}

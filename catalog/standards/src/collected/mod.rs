//! Sources that are spread over several documents, or have no catalogue document at all.
//!
//! STAC is walked by links, schema.org lies in the pages of a site, a data package names its files, a folder is listed, a database
//! is asked. Whoever gathers such a source hands on one JSON object a record and line: an [`Envelope`], which holds what the source
//! said and where. [`crate::Document`] surveys and streams those lines as it does any JSON; each codec here turns an envelope's
//! document into a draft. What a codec needs to know while the source is walked (links, pages, split documents) is here too, as
//! pure functions over bytes.

pub mod database;
pub mod files;
pub mod frictionless;
pub mod html;
pub mod list;
pub mod listing;
pub mod schema_org;
pub mod sitemap;
pub mod stac;

use fairground_domain::{DatasetDraft, Distribution};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::Url;

use crate::check::Findings;
use crate::dcat_us;
use crate::document::{Decoded, RawRecord};
use crate::error::{Place, ReadError};
use crate::json::record;
use crate::media;

/// Bytes of one document that is read as a whole while a source is walked: 64 MiB. Catalogues that are one large document are
/// streamed instead; these formats have many small ones.
pub const MAX_WALKED_BYTES: usize = 64 << 20;

/// The scheme of what lies within a source and has no address of its own: files of a local folder.
const WITHIN: &str = "source";

/// One record of a spread source: what the source said, and where it said so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Envelope {
    /// The document's address: on the web, or [`within`] the source. Relative addresses are told from it.
    pub at: String,
    /// The source's own description.
    pub document: Map<String, Value>,
    /// What was found beside it, by name; each codec says what it looks for.
    pub beside: Map<String, Value>,
}

impl Envelope {
    /// A description and where it lay.
    #[must_use]
    pub fn new(at: impl Into<String>, document: Map<String, Value>) -> Self {
        Self { at: at.into(), document, beside: Map::new() }
    }

    /// With something found beside it; null is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.beside.insert(name.to_owned(), value);
        }
        self
    }

    /// The envelope as one line of JSON with its end. Equal envelopes give equal bytes.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        let mut all = self.beside.clone();
        all.insert("at".to_owned(), self.at.clone().into());
        all.insert("document".to_owned(), Value::Object(self.document.clone()));
        let mut line = Value::Object(all).to_string().into_bytes();
        line.push(b'\n');
        line
    }
}

/// The address of a path (with `/` between its parts) below the source's own folder.
#[must_use]
pub fn within(path: &str) -> String {
    match Url::parse("source:///") {
        Ok(mut root) => {
            root.set_path(&format!("/{}", path.trim_start_matches('/')));
            root.into()
        }
        Err(_) => format!("source:///{path}"),
    }
}

/// An envelope as a codec reads it. A record that is no envelope counts as a document without address.
pub(crate) struct Opened<'a> {
    pub(crate) at: &'a str,
    pub(crate) document: &'a Map<String, Value>,
    pub(crate) beside: &'a Map<String, Value>,
}

fn opened(map: &Map<String, Value>) -> Opened<'_> {
    match (map.get("at"), map.get("document")) {
        (Some(Value::String(at)), Some(Value::Object(document))) => Opened { at, document, beside: map },
        _ => Opened { at: "", document: map, beside: map },
    }
}

/// Decodes the record that an envelope holds.
pub(crate) fn decode(raw: &RawRecord, read: fn(&Opened<'_>, &mut Findings) -> DatasetDraft) -> Decoded {
    let mut findings = Findings::default();
    let map = record::parse(raw, &mut findings);
    let draft = map.as_ref().map(|map| read(&opened(map), &mut findings));
    dcat_us::finish(raw, draft, findings)
}

/// Where something that a document names lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// On the web.
    Web(String),
    /// Below the source's folder, by its path there.
    Within(String),
    /// Nobody can say: as written.
    Unclear(String),
}

/// Reads an address as the document at `at` means it. Only a document that lies within a source can point into it.
pub(crate) fn resolve(at: &str, href: &str) -> Target {
    let href = href.trim();
    let base = Url::parse(at).ok();
    let joined = match &base {
        Some(base) => base.join(href).ok(),
        None => Url::parse(href).ok(),
    };
    match joined {
        Some(url) if url.scheme() == WITHIN && base.is_some_and(|base| base.scheme() == WITHIN) => match inside(&url) {
            Some(path) => Target::Within(path),
            None => Target::Unclear(href.to_owned()),
        },
        Some(url) if matches!(url.scheme(), "http" | "https" | "ftp" | "s3") => {
            // A whole address stays as it is written: it may be a name as well.
            let whole = href.contains("://") && href.bytes().all(|b| b.is_ascii_graphic());
            Target::Web(if whole { href.to_owned() } else { url.into() })
        }
        _ => Target::Unclear(href.to_owned()),
    }
}

/// The path of an address within the source, decoded. None with a part that could lead out of it.
fn inside(url: &Url) -> Option<String> {
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    let path = path.trim_start_matches('/');
    let sound = path.split('/').all(|part| !matches!(part, "." | "..") && !part.contains(['\\', '\0']));
    (sound && !path.is_empty()).then(|| path.to_owned())
}

/// As `resolve`, for whoever walks: an absolute web address or one within the source; `None` for everything else.
#[must_use]
pub fn absolute(at: &str, href: &str) -> Option<String> {
    match resolve(at, href) {
        Target::Web(url) => Some(url),
        Target::Within(path) => Some(within(&path)),
        Target::Unclear(_) => None,
    }
}

/// The path below the source's folder that an address [`within`] it means.
#[must_use]
pub fn path_within(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    if url.scheme() == WITHIN { inside(&url) } else { None }
}

/// Puts the address of a file into its distribution, and what the address says of its format.
pub(crate) fn point(distribution: &mut Distribution, target: Target, path: &str, findings: &mut Findings) {
    let named = match target {
        Target::Web(url) => distribution.download_url.insert(url).clone(),
        Target::Within(inside) => distribution.held_at.insert(inside).clone(),
        Target::Unclear(text) => {
            distribution.download_url = Some(findings.address(path, &text));
            text
        }
    };
    if distribution.format.is_none() {
        let by_name = media::format_of(None, distribution.media_type.as_deref(), Some(&named));
        distribution.format =
            by_name.or_else(|| media::format_of(None, None, Some(&format!("https://within.invalid/{named}"))));
    }
}

/// A JSON document that is walked, read whole.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, ReadError> {
    if bytes.len() > MAX_WALKED_BYTES {
        return Err(ReadError::TooLarge { bytes: bytes.len() as u64, limit: MAX_WALKED_BYTES as u64 });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let line = u64::try_from(error.line()).unwrap_or(0);
        let place = Place { part: 1, line, offset: 0 };
        if error.is_eof() {
            ReadError::CutOff { place, what: error.to_string() }
        } else {
            ReadError::Syntax { place, message: error.to_string() }
        }
    })
}

/// A document that is well-formed, but not what it was taken for.
pub(crate) fn not_a(why: &str) -> ReadError {
    ReadError::NotACatalogue { why: why.to_owned() }
}

/// The object in a value.
pub(crate) fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_their_document_means_them() {
        let web = |text: &str| Target::Web(text.to_owned());
        let held = |text: &str| Target::Within(text.to_owned());
        let unclear = |text: &str| Target::Unclear(text.to_owned());
        for (at, href, target) in [
            ("https://a.test/x/catalog.json", "./y/c.json", web("https://a.test/x/y/c.json")),
            ("https://a.test/x/catalog.json", "https://b.test", web("https://b.test")),
            ("https://a.test/x/catalog.json", "https://b.test/a b", web("https://b.test/a%20b")),
            ("source:///x/datapackage.json", "data/a b.csv", held("x/data/a b.csv")),
            ("source:///x/datapackage.json", "../a%20b.csv", held("a b.csv")),
            ("source:///x/datapackage.json", "../../../../etc/passwd", held("etc/passwd")),
            ("source:///x/datapackage.json", "%2e%2e/%2e%2e/passwd", held("passwd")),
            ("source:///x/datapackage.json", "..%2f..%2fpasswd", unclear("..%2f..%2fpasswd")),
            ("source:///x/datapackage.json", "https://b.test/a.csv", web("https://b.test/a.csv")),
            ("https://a.test/", "source:///etc/passwd", unclear("source:///etc/passwd")),
            ("https://a.test/", "file:///etc/passwd", unclear("file:///etc/passwd")),
            ("source:///a", "file:///etc/passwd", unclear("file:///etc/passwd")),
            ("", "a.csv", unclear("a.csv")),
            ("", "https://b.test/a.csv", web("https://b.test/a.csv")),
        ] {
            assert_eq!(resolve(at, href), target, "{at} {href}");
        }
        assert_eq!(path_within(&within("a b/ü?#.csv")).as_deref(), Some("a b/ü?#.csv"));
    }
}

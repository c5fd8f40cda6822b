//! Sources that are asked page by page, each by its own protocol: CSW, OAI-PMH, folders of metadata files, hosted platforms.
//!
//! Which protocol a source speaks is what the operator says, or what its address shows ([`of_address`]), or what came from it
//! when it was fetched as one document ([`behind`]): an answer of a repository that wants a verb, capabilities, the first page of
//! many, an index of files.

mod csw;
mod folder;
mod oai_pmh;
mod platform;
mod shared;

use std::fs::File;
use std::io::Read;

use fairground_standards::collected::html;
use fairground_standards::{Format, Hints, ReadError, detect};
use serde::{Deserialize, Serialize};
use url::Url;

use super::folder::Folder;
use super::{GatherError, GatherRequest, Gathered, Kind, Location, ckan};
use crate::fetch::Fetcher;
use crate::stop::Stop;

/// Bytes of a document that are looked at to see what is behind it.
const HEAD_BYTES: u64 = 1024 * 1024;

/// How a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Protocol {
    Csw,
    OaiPmh,
    /// An index of files on the web, or a folder of this machine.
    Folder,
    Platform(platform::Platform),
    /// CKAN, found where only a portal's front page was named.
    Ckan,
}

/// What a gathering needs beside its own state.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) fetcher: &'a Fetcher,
    pub(super) request: &'a GatherRequest<'a>,
    pub(super) folder: &'a Folder,
    pub(super) stop: &'a Stop,
    pub(super) on_part: &'a (dyn Fn(usize) + Send + Sync),
}

/// The protocol that a source's kind or address names. Saved answers, which end like files, are documents.
pub(super) fn of_address(location: &Location, kind: Option<Kind>) -> Option<Protocol> {
    let url = match location {
        Location::File(path) => {
            let wanted = matches!(kind, Some(Kind::Format(Format::Waf)));
            let folder = path.is_dir() && (wanted || kind.is_none() && folder::holds_metadata(path));
            return folder.then_some(Protocol::Folder);
        }
        Location::Web(url) => url,
        Location::Database(_) => return None,
    };
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    let saved = [".xml", ".json"].iter().any(|end| path.ends_with(end));
    let argument = |name: &str| {
        url.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_ascii_lowercase())
    };
    match kind {
        Some(Kind::Format(Format::Waf)) => Some(Protocol::Folder),
        Some(_) if saved => None,
        Some(Kind::Format(Format::Csw)) => Some(Protocol::Csw),
        Some(Kind::Format(Format::OaiPmh)) => Some(Protocol::OaiPmh),
        Some(Kind::Format(format)) => platform::Platform::of(format).map(Protocol::Platform),
        Some(Kind::Dcat) => None,
        None if saved => None,
        None if argument("service").as_deref() == Some("csw") || path.ends_with("/csw") => Some(Protocol::Csw),
        None if argument("verb").is_some() && argument("verb").as_deref() != Some("getrecord") => {
            Some(Protocol::OaiPmh)
        }
        None => platform::Platform::of_path(&path).map(Protocol::Platform),
    }
}

/// What is behind a document that was fetched as if it were the whole source: nothing more, or a protocol.
pub(super) fn behind(
    request: &GatherRequest<'_>,
    folder: &Folder,
    read: &Result<Gathered, GatherError>,
) -> Option<Protocol> {
    let Location::Web(url) = request.location else { return None };
    let mut head = Vec::new();
    File::open(folder.part(1)).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head)).ok()?;
    let text = String::from_utf8_lossy(&head);
    match read {
        Ok(Gathered::NotModified) => None,
        Ok(Gathered::Spooled(spool)) => match spool.manifest.format {
            Format::OaiPmh if request.kind.is_none() => {
                let one = url.query_pairs().any(|(key, verb)| key == "verb" && verb == "GetRecord");
                Some(Protocol::OaiPmh).filter(|_| !one && !url.path().ends_with(".xml"))
            }
            Format::Csw => (text.contains("Capabilities") || text.contains("ExceptionReport")).then_some(Protocol::Csw),
            format => platform::Platform::of(format).map(Protocol::Platform).filter(|_| !url.path().ends_with(".json")),
        },
        Err(GatherError::Read(ReadError::HtmlPage { .. })) if request.kind.is_none() => {
            let links = html::links(&text);
            let is_index = folder::entries(url, &links).iter().any(|entry| entry.is_metadata);
            is_index.then_some(Protocol::Folder)
        }
        Err(_) => None,
    }
}

/// Which interface a portal has whose front page came in place of a catalogue.
pub(super) async fn probe(asking: &Asking<'_>, read: &Result<Gathered, GatherError>) -> Option<Protocol> {
    let Location::Web(url) = asking.request.location else { return None };
    let is_page = matches!(read, Err(GatherError::Read(ReadError::HtmlPage { .. })));
    if !is_page || asking.request.kind.is_some() {
        return None;
    }
    for protocol in [
        Protocol::Ckan,
        Protocol::Platform(platform::Platform::Opendatasoft),
        Protocol::Platform(platform::Platform::Socrata),
        Protocol::Platform(platform::Platform::Arcgis),
    ] {
        let (address, format) = match protocol {
            Protocol::Platform(platform) => (platform.front_door(url), platform.format()),
            _ => (url.join("/api/3/action/package_search?rows=1").ok(), Format::Ckan),
        };
        let Some(address) = address else { continue };
        let Ok(bytes) = asking.bytes(&address, None).await else { continue };
        let head = bytes.get(..bytes.len().min(65_536)).unwrap_or_default();
        if detect(head, &Hints::default()).is_ok_and(|found| found == format) {
            return Some(protocol);
        }
    }
    None
}

/// Brings a source in by its protocol.
pub(super) async fn gather(protocol: Protocol, asking: Asking<'_>) -> Result<Gathered, GatherError> {
    let url = match asking.request.location {
        Location::File(path) => return folder::gather_local(asking, path).map(Gathered::Spooled),
        Location::Web(url) => without_fragment(url),
        // Nothing here names a database; it is gathered elsewhere.
        Location::Database(_) => {
            return Err(ReadError::NotACatalogue { why: "a database is no document".to_owned() }.into());
        }
    };
    match protocol {
        Protocol::Csw => csw::gather(asking, &url).await.map(Gathered::Spooled),
        Protocol::OaiPmh => oai_pmh::gather(asking, &url).await.map(Gathered::Spooled),
        Protocol::Folder => folder::gather(asking, &url).await,
        Protocol::Platform(platform) => platform::gather(asking, platform, &url).await.map(Gathered::Spooled),
        Protocol::Ckan => {
            let Asking { fetcher, request, folder, stop, on_part } = asking;
            ckan::gather(fetcher, &url, request.since, folder, stop, on_part).await.map(Gathered::Spooled)
        }
    }
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_show_in_addresses() {
        for (address, kind, found) in [
            ("https://a.example/geonetwork/srv/eng/csw", None, Some(Protocol::Csw)),
            ("https://a.example/ows?SERVICE=CSW&REQUEST=GetCapabilities", None, Some(Protocol::Csw)),
            ("https://a.example/oai?verb=Identify", None, Some(Protocol::OaiPmh)),
            ("https://a.example/oai", Some("oai-pmh"), Some(Protocol::OaiPmh)),
            ("https://a.example/saved.xml", Some("csw"), None),
            ("https://a.example/waf/", Some("waf"), Some(Protocol::Folder)),
            ("https://a.example/waf/", None, None),
            ("https://a.example/", Some("socrata"), Some(Protocol::Platform(platform::Platform::Socrata))),
            ("https://a.example/api/catalog/v1", None, Some(Protocol::Platform(platform::Platform::Socrata))),
            ("https://a.example/", Some("dcat"), None),
            ("https://a.example/csw", Some("ckan"), None),
        ] {
            let location: Location = address.parse().expect(address);
            let kind = kind.map(|it| it.parse().expect("a kind"));
            assert_eq!(of_address(&location, kind), found, "{address}");
        }
    }
}

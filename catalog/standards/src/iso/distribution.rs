//! Where the data can be had: online resources with protocol, function and format.

use fairground_domain::{Concept, DatasetDraft, Distribution, LocalizedText};

use super::words::{anchor, code, plain};
use super::{Record, code as codes};
use crate::check::{Findings, is_address};
use crate::media;
use crate::xml::Element;

/// Bytes of the megabyte in which `transferSize` counts.
const MEGABYTE: f64 = 1_000_000.0;

/// A `CI_OnlineResource`.
pub(super) struct Online {
    pub(super) url: String,
    pub(super) protocol: Option<(&'static str, &'static str)>,
    function: String,
    title: LocalizedText,
    description: LocalizedText,
    /// A media type that the record gives this very file (`gmx:MimeFileType`, or a protocol that is one).
    media_type: Option<String>,
    /// The format that this way of transfer belongs to.
    format: Option<Format>,
    size: Option<u64>,
}

#[derive(Clone, PartialEq, Eq)]
struct Format {
    name: String,
    media_type: Option<String>,
}

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let mut formats = formats(record.root, "distributionInfo/*/distributionFormat/*");
    formats.extend(self::formats(record.root, "distributionInfo/*/distributor/*/distributorFormat/*"));
    formats.extend(self::formats(record.info, "resourceFormat/*"));
    formats.dedup();
    let technique = record.info.all("spatialRepresentationType").into_iter().find_map(code).map(technique);
    let only = match formats.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    for online in resources(record, findings) {
        if online.is_about() {
            draft.page.push(online.url);
        } else {
            let mut distribution = distribution(online, only.as_ref(), draft);
            distribution.representation_technique.clone_from(&technique);
            if !draft.distribution.contains(&distribution) {
                draft.distribution.push(distribution);
            }
        }
    }
    for link in record.root.all("metadataLinkage/*/linkage").into_iter().filter_map(plain) {
        draft.page.extend(Some(link).filter(|it| is_address(it)));
    }
    draft.page.sort();
    draft.page.dedup();
}

/// `MD_SpatialRepresentationTypeCode` as INSPIRE's concept.
fn technique(code: String) -> Concept {
    if code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Concept::iri(format!("http://inspire.ec.europa.eu/metadata-codelist/SpatialRepresentationType/{code}"))
    } else {
        Concept::label(code)
    }
}

fn formats(element: &Element, path: &str) -> Vec<Format> {
    element.all(path).into_iter().filter_map(format).collect()
}

fn format(element: &Element) -> Option<Format> {
    let name = element.child("name").or_else(|| element.find("formatSpecificationCitation/*/title"))?;
    let iri = anchor(name);
    let text = plain(name);
    let media_type =
        iri.as_deref().and_then(media::media_type_of).or_else(|| text.as_deref().and_then(media::media_type_of));
    let name = text.or(iri)?;
    Some(Format { name, media_type })
}

/// Every online resource of the distribution information.
pub(super) fn resources(record: &Record<'_>, findings: &mut Findings) -> Vec<Online> {
    let mut all = Vec::new();
    for distribution in record.root.all("distributionInfo/*") {
        let common = distribution.all("transferOptions/*");
        let by_distributor = distribution.all("distributor/*/distributorTransferOptions/*");
        for options in common.into_iter().chain(by_distributor) {
            all.extend(transfer(options, None, record, findings));
        }
        for kind in distribution.all("distributionFormat/*") {
            for options in kind.all("formatDistributor/*/distributorTransferOptions/*") {
                all.extend(transfer(options, format(kind), record, findings));
            }
        }
    }
    all
}

fn transfer(options: &Element, format: Option<Format>, record: &Record<'_>, findings: &mut Findings) -> Vec<Online> {
    let mut all: Vec<Online> =
        options.all("onLine/*").into_iter().filter_map(|it| online(it, record, findings)).collect();
    let size = options.text_at("transferSize").and_then(|it| megabytes(&it));
    let alone = all.len() == 1;
    for one in &mut all {
        one.format.clone_from(&format);
        one.size = size.filter(|_| alone);
    }
    all
}

fn megabytes(text: &str) -> Option<u64> {
    let bytes = text.parse::<f64>().ok().filter(|it| it.is_finite() && *it > 0.0)? * MEGABYTE;
    format!("{bytes:.0}").parse().ok()
}

/// One online resource; without an address there is none.
pub(super) fn online(element: &Element, record: &Record<'_>, findings: &mut Findings) -> Option<Online> {
    let linkage = element.child("linkage")?;
    let localised = || linkage.descendants("LocalisedURL").into_iter().find_map(Element::own_text);
    let url = plain(linkage).or_else(localised)?;
    let url = findings.address("distributionInfo/transferOptions/onLine/linkage", &url);
    let property = element.child("protocol");
    let written = property.and_then(plain).unwrap_or_default();
    let anchored = property.and_then(anchor).unwrap_or_default();
    let profile = element.child("applicationProfile").and_then(plain).unwrap_or_default();
    let is_download = written.to_ascii_uppercase().starts_with("WWW:DOWNLOAD");
    let protocol = codes::protocol(&written)
        .or_else(|| codes::protocol(&anchored))
        .or_else(|| codes::protocol(&profile).filter(|_| !is_download))
        .or_else(|| codes::protocol_of_address(&url).filter(|_| !is_download));
    let name = element.child("name");
    let mime = name.and_then(|it| it.child("MimeFileType")).and_then(|it| it.attribute("type").map(str::to_owned));
    let mime = mime.or_else(|| Some(written).filter(|it| it.contains('/') && !it.contains(':')));
    Some(Online {
        url,
        protocol,
        function: element.child("function").and_then(code).unwrap_or_default(),
        title: name.map(|it| record.tongue.words(it)).unwrap_or_default(),
        description: record.tongue.words_at(element, "description"),
        media_type: mime.as_deref().and_then(media::media_type_of),
        format: None,
        size: None,
    })
}

impl Online {
    /// Whether it tells about the data instead of being a way to them.
    fn is_about(&self) -> bool {
        let about = ["information", "search", "completeMetadata", "browseGraphic", "emailService"];
        self.protocol.is_none() && about.contains(&self.function.as_str())
    }
}

fn distribution(online: Online, only: Option<&Format>, draft: &DatasetDraft) -> Distribution {
    let Online { url, protocol, function, title, description, media_type, format, size } = online;
    let own = media::format_of(None, media_type.as_deref(), Some(&url));
    let told = format.as_ref().or(only.filter(|_| own.is_none() || protocol.is_some()));
    let file = protocol.is_none() && (own.is_some() || function == "download");
    let media_type = media_type.or_else(|| told.and_then(|it| it.media_type.clone()));
    let short = match protocol {
        Some((short, _)) => Some(short.to_owned()),
        None => own.or_else(|| media::format_of(told.map(|it| it.name.as_str()), media_type.as_deref(), Some(&url))),
    };
    Distribution {
        title,
        description,
        download_url: file.then(|| url.clone()),
        access_url: Some(url),
        media_type,
        format: short,
        byte_size: size,
        licence: draft.licence.clone(),
        access_rights: draft.access_rights.clone(),
        conforms_to: protocol.map(|(_, standard)| Concept::iri(standard)).into_iter().collect(),
        ..Distribution::default()
    }
}

//! `dcat:Distribution` in the terms of DCAT-AP 3 and its national profiles.

use fairground_domain::{Checksum, Distribution, LanguageTag};

use crate::check::{Findings, shortened};
use crate::dcat_us::bytes;
use crate::media;
use crate::rdf::agents::{NAMES, concepts, licence, statements};
use crate::rdf::dataset::{address, date, others, pages, references, texts};
use crate::rdf::graph::{Node, Value};
use crate::rdf::vocab::{adms, cnt, dcat, dcatap, dcatap_old, dcatde, dct, foaf, rdf, rdfs, spdx, wdrs};

/// Properties that have a home.
const KNOWN: &[&str] = &[
    rdf::TYPE,
    dct::TITLE,
    rdfs::LABEL,
    dct::DESCRIPTION,
    dct::IDENTIFIER,
    dcat::ACCESS_URL,
    dcat::DOWNLOAD_URL,
    dcat::MEDIA_TYPE,
    dct::FORMAT,
    dcat::COMPRESS_FORMAT,
    dcat::PACKAGE_FORMAT,
    dcat::BYTE_SIZE,
    spdx::CHECKSUM,
    dct::LICENSE,
    dct::RIGHTS,
    dct::ISSUED,
    dct::MODIFIED,
    dct::LANGUAGE,
    dct::CONFORMS_TO,
    dcatap::AVAILABILITY,
    dcatap_old::AVAILABILITY,
    dcatde::AVAILABILITY,
    adms::STATUS,
    dcatap::APPLICABLE_LEGISLATION,
    dcat::ACCESS_SERVICE,
    dct::ACCESS_SERVICE,
    wdrs::DESCRIBED_BY,
    foaf::PAGE,
    dct::ACCESS_RIGHTS,
    adms::REPRESENTATION_TECHNIQUE,
    cnt::CHARACTER_ENCODING,
    dcat::SPATIAL_RESOLUTION,
    dcat::TEMPORAL_RESOLUTION,
];

pub(crate) fn distribution(value: &Value<'_>, findings: &mut Findings) -> Option<Distribution> {
    if value.is_literal() {
        let text = value.text()?;
        findings.warn(
            "distribution-is-text",
            "dcat:distribution",
            format!("“{}” is text, not a distribution", shortened(&text)),
        );
        return None;
    }
    let node = value.node();
    if node.is_bare() {
        findings.warn("distribution-undescribed", "dcat:distribution", "the distribution is named but not described");
        return Some(Distribution { iri: Some(node.reference()?), ..Distribution::default() });
    }
    let access_url = node.values(dcat::ACCESS_URL).find_map(|value| address(&value, "dcat:accessURL", findings));
    let download_url = node.values(dcat::DOWNLOAD_URL).find_map(|value| address(&value, "dcat:downloadURL", findings));
    if access_url.is_none() && download_url.is_none() {
        findings.warn(
            "distribution-without-address",
            "dcat:distribution",
            "a distribution has neither accessURL nor downloadURL",
        );
    }
    let written_type = node.values(dcat::MEDIA_TYPE).find_map(|value| type_name(&value));
    let media_type = written_type.as_deref().and_then(media::media_type_of);
    let format = node.values(dct::FORMAT).find_map(|value| type_name(&value));
    let named = format.as_deref().or(if media_type.is_none() { written_type.as_deref() } else { None });
    let short = media::format_of(named, media_type.as_deref(), download_url.as_deref().or(access_url.as_deref()));
    let packed = node.any(&[dcat::COMPRESS_FORMAT, dcat::PACKAGE_FORMAT]).find_map(|value| type_name(&value));
    Some(Distribution {
        iri: node.reference().or_else(|| node.text(&[dct::IDENTIFIER])),
        title: node.localized(&[dct::TITLE, rdfs::LABEL]),
        description: node.localized(&[dct::DESCRIPTION]),
        access_url,
        download_url,
        media_type,
        format: short,
        compress_format: packed.and_then(|text| media::media_type_of(&text)),
        byte_size: byte_size(&node, findings),
        checksum: checksum(&node),
        licence: licence(&node),
        rights: statements(&node, dct::RIGHTS),
        issued: date(&node, dct::ISSUED, findings),
        modified: date(&node, dct::MODIFIED, findings),
        language: node.values(dct::LANGUAGE).filter_map(|it| it.text()).map(|it| LanguageTag::lenient(&it)).collect(),
        conforms_to: concepts(&node, &[dct::CONFORMS_TO]),
        availability: node.text(&[dcatap::AVAILABILITY, dcatap_old::AVAILABILITY, dcatde::AVAILABILITY, adms::STATUS]),
        applicable_legislation: references(&node, &[dcatap::APPLICABLE_LEGISLATION]),
        access_service: references(&node, &[dcat::ACCESS_SERVICE, dct::ACCESS_SERVICE]),
        described_by: node.text(&[wdrs::DESCRIBED_BY]),
        page: pages(&node, foaf::PAGE, findings),
        access_rights: concepts(&node, &[dct::ACCESS_RIGHTS]).into_iter().next(),
        representation_technique: concepts(&node, &[adms::REPRESENTATION_TECHNIQUE]).into_iter().next(),
        character_encoding: texts(&node, cnt::CHARACTER_ENCODING),
        spatial_resolution_metres: texts(&node, dcat::SPATIAL_RESOLUTION),
        temporal_resolution: node.text(&[dcat::TEMPORAL_RESOLUTION]),
        held_at: None,
        extra: others(&node, KNOWN),
    })
}

/// What a media type or format is called: an IRI, a text, or the label of a node.
fn type_name(value: &Value<'_>) -> Option<String> {
    let of_node = || {
        let node = value.node();
        node.text(&[rdf::VALUE]).or_else(|| Some(node.localized(NAMES).any().to_owned()).filter(|it| !it.is_empty()))
    };
    if value.is_literal() {
        return value.text();
    }
    // An authority's IRI says more than its label.
    match value.text() {
        Some(iri) if media::media_type_of(&iri).is_some() => Some(iri),
        iri => of_node().or(iri),
    }
}

fn byte_size(node: &Node<'_>, findings: &mut Findings) -> Option<u64> {
    let text = node.text(&[dcat::BYTE_SIZE])?;
    let size = bytes(&text);
    if size.is_none() {
        findings.warn("byte-size-invalid", "dcat:byteSize", format!("“{}” is not a number of bytes", shortened(&text)));
    }
    size
}

/// The SPDX name of the algorithm, or the IRI as given.
fn checksum(node: &Node<'_>) -> Option<Checksum> {
    const SPDX: &str = "http://spdx.org/rdf/terms#checksumAlgorithm_";
    let inner = node.values(spdx::CHECKSUM).next()?.node();
    let algorithm = inner.text(&[spdx::ALGORITHM]).unwrap_or_default();
    let algorithm = algorithm.strip_prefix(SPDX).map_or_else(|| algorithm.clone(), str::to_owned);
    Some(Checksum { algorithm, value: inner.text(&[spdx::CHECKSUM_VALUE])? })
}

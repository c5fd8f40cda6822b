//! Distributions.

use fairground_domain::{Checksum, Distribution};

use super::{Out, Subject};
use crate::rdf::vocab::{adms, cnt, dcat, dcatap, dct, foaf, rdfs, skos, spdx, wdrs, xsd};
use crate::write::authority;

/// Where IANA's media types have their IRIs.
const MEDIA_TYPES: &str = "https://www.iana.org/assignments/media-types/";
/// Where SPDX' checksum algorithms have theirs.
const ALGORITHMS: &str = "http://spdx.org/rdf/terms#checksumAlgorithm_";

impl Out {
    pub(super) fn distribution(&mut self, dataset: &Subject, iri: Option<&str>, distribution: &Distribution) {
        // Two descriptions under one IRI would be one distribution with twice of everything.
        let iri = iri.filter(|iri| self.taken.insert((*iri).to_owned()));
        let node = self.node(iri, dcat::DISTRIBUTION_CLASS);
        self.add(dataset, dcat::DISTRIBUTION, node.clone());
        self.text(&node, dct::TITLE, &distribution.title);
        self.text(&node, dct::DESCRIPTION, &distribution.description);
        for (predicate, address) in [
            (dcat::ACCESS_URL, &distribution.access_url),
            (dcat::DOWNLOAD_URL, &distribution.download_url),
            (wdrs::DESCRIBED_BY, &distribution.described_by),
        ] {
            if let Some(address) = address {
                self.link(&node, predicate, address);
            }
        }
        if let Some(availability) = &distribution.availability {
            self.named_concept(&node, dcatap::AVAILABILITY, availability);
        }
        self.formats(&node, distribution);
        self.licence(&node, distribution.licence.as_ref());
        self.statements(&node, dct::RIGHTS, &distribution.rights, dct::RIGHTS_STATEMENT);
        let access = distribution.access_rights.as_slice();
        self.concepts(&node, dct::ACCESS_RIGHTS, access, dct::RIGHTS_STATEMENT, rdfs::LABEL);
        self.date(&node, dct::ISSUED, distribution.issued.as_ref());
        self.date(&node, dct::MODIFIED, distribution.modified.as_ref());
        self.languages(&node, &distribution.language);
        self.concepts(&node, dct::CONFORMS_TO, &distribution.conforms_to, dct::STANDARD, dct::TITLE);
        self.legislation(&node, &distribution.applicable_legislation);
        for service in &distribution.access_service {
            self.reference(&node, dcat::ACCESS_SERVICE, service);
        }
        self.pages(&node, foaf::PAGE, &distribution.page);
        let technique = distribution.representation_technique.as_slice();
        self.concepts(&node, adms::REPRESENTATION_TECHNIQUE, technique, skos::CONCEPT, skos::PREF_LABEL);
        self.resolutions(&node, &distribution.spatial_resolution_metres, distribution.temporal_resolution.as_ref());
        self.extra(&node, &distribution.extra);
    }

    fn formats(&mut self, node: &Subject, distribution: &Distribution) {
        for (predicate, media_type) in
            [(dcat::MEDIA_TYPE, &distribution.media_type), (dcat::COMPRESS_FORMAT, &distribution.compress_format)]
        {
            if let Some(media_type) = media_type {
                self.typed(node, predicate, &format!("{MEDIA_TYPES}{media_type}"), dct::MEDIA_TYPE);
            }
        }
        if let Some(format) = &distribution.format {
            let known = authority::file_type(format);
            self.typed(node, dct::FORMAT, known.as_deref().unwrap_or(format), dct::MEDIA_TYPE_OR_EXTENT);
        }
        for encoding in &distribution.character_encoding {
            self.plain(node, cnt::CHARACTER_ENCODING, encoding);
        }
        if let Some(size) = distribution.byte_size {
            self.of_type(node, dcat::BYTE_SIZE, &size.to_string(), xsd::NON_NEGATIVE_INTEGER);
        }
        if let Some(checksum) = &distribution.checksum {
            let checksum = self.checksum(checksum);
            self.add(node, spdx::CHECKSUM, checksum);
        }
    }

    fn checksum(&mut self, checksum: &Checksum) -> Subject {
        let node = self.node(None, spdx::CHECKSUM_CLASS);
        let plain = !checksum.algorithm.is_empty()
            && checksum.algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if plain {
            let algorithm = format!("{ALGORITHMS}{}", checksum.algorithm);
            self.typed(&node, spdx::ALGORITHM, &algorithm, spdx::ALGORITHM_CLASS);
        } else if !checksum.algorithm.is_empty() {
            self.typed(&node, spdx::ALGORITHM, &checksum.algorithm, spdx::ALGORITHM_CLASS);
        }
        if is_hexadecimal(&checksum.value) {
            self.of_type(&node, spdx::CHECKSUM_VALUE, &checksum.value, xsd::HEX_BINARY);
        } else {
            self.plain(&node, spdx::CHECKSUM_VALUE, &checksum.value);
        }
        node
    }
}

/// Whole bytes in hexadecimal digits.
pub(in crate::write) fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

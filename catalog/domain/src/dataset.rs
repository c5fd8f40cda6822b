//! The dataset and what hangs on it, in the terms of DCAT 3 (W3C Recommendation, 2024) and its European and US profiles.
//!
//! These are plain values: a codec fills them, the store keeps them as a document, the wire shows them. Dates stay as the
//! source wrote them (a catalogue may know only a year); [`crate::Timestamp::lenient`] reads them where order matters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::text::{LanguageTag, LocalizedText};

/// What a catalogue can list (DCAT 3, section 6: `dcat:Resource` and its subclasses).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// `dcat:Dataset`.
    #[default]
    Dataset,
    /// `dcat:DatasetSeries`.
    DatasetSeries,
    /// `dcat:DataService`.
    DataService,
}

impl ResourceKind {
    /// As it is written in documents and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::DatasetSeries => "dataset-series",
            Self::DataService => "data-service",
        }
    }
}

/// A dataset (or series, or data service) as a source describes it: everything we know, nothing about where it stands
/// with us. The document that the catalogue versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatasetDraft {
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// The identifier within its source, as the source gave it; never empty once validated.
    pub identifier: String,
    /// The resource's own IRI, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// `dct:title`.
    pub title: LocalizedText,
    /// `dct:description`, as the source wrote it (may hold HTML or Markdown; sanitised where it is shown).
    pub description: LocalizedText,
    /// `dct:publisher`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Agent>,
    /// `dct:creator`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creator: Vec<Agent>,
    /// `dcat:contactPoint`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contact_point: Vec<ContactPoint>,
    /// `dcat:keyword`: one text per keyword and language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keyword: Vec<Keyword>,
    /// `dcat:theme`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub theme: Vec<Concept>,
    /// `dct:license` of the dataset itself; distributions may carry their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    /// `dct:accessRights`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_rights: Option<Concept>,
    /// `dct:rights`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rights: Vec<LocalizedText>,
    /// `dct:issued`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// `dct:modified`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// `dct:language`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<LanguageTag>,
    /// `dct:accrualPeriodicity`: an authority IRI, or ISO 8601 repetition such as `R/P1Y`, or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Concept>,
    /// `dct:temporal`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub temporal: Vec<PeriodOfTime>,
    /// `dct:spatial`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spatial: Vec<Location>,
    /// `dcat:landingPage`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub landing_page: Vec<String>,
    /// `foaf:page`: documentation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub page: Vec<String>,
    /// `dct:conformsTo`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conforms_to: Vec<Concept>,
    /// `dct:provenance`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provenance: Vec<LocalizedText>,
    /// `dcat:version` (or `owl:versionInfo`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `adms:versionNotes`.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub version_notes: LocalizedText,
    /// `adms:identifier` and further `dct:identifier` values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_identifier: Vec<String>,
    /// `dcat:inSeries` (and `isPartOf` of DCAT-US 1.1): identifiers or IRIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_series: Vec<String>,
    /// Other relations: `dct:isReferencedBy`, `dct:relation`, `dct:source`, `dct:isVersionOf`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relation: Vec<Relation>,
    /// `dcatap:applicableLegislation`: IRIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applicable_legislation: Vec<String>,
    /// `dcatap:hvdCategory` (DCAT-AP HVD).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hvd_category: Vec<Concept>,
    /// `dct:type`: what kind of data it is, such as statistics or code list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_type: Vec<Concept>,
    /// `dct:created`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// `adms:status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Concept>,
    /// `dct:contributor`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributor: Vec<Agent>,
    /// `dct:rightsHolder`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rights_holder: Vec<Agent>,
    /// `prov:qualifiedAttribution`: further bodies and what they did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attribution: Vec<Attribution>,
    /// `dcat:qualifiedRelation`: related resources and what they are to this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub qualified_relation: Vec<QualifiedRelation>,
    /// `dcat:spatialResolutionInMeters`, as decimal numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spatial_resolution_metres: Vec<String>,
    /// `dcat:temporalResolution`, as an ISO 8601 duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal_resolution: Option<String>,
    /// `dcat-us:purpose`.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub purpose: LocalizedText,
    /// `dcat:distribution`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<Distribution>,
    /// What only a data service has; `None` for datasets and series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<DataService>,
    /// Source fields that have no home in DCAT, by their own name, so that nothing is lost.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// One keyword in one language.
pub type Keyword = (LanguageTag, String);

/// `foaf:Agent`: a publisher or creator.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// The agent's IRI, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// `foaf:name`.
    pub name: LocalizedText,
    /// `dct:type`, an IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `foaf:homepage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// A functional mailbox, without `mailto:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The names of the bodies above it, nearest first (`subOrganizationOf`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<String>,
}

/// `prov:Attribution`: a body and its part in a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Attribution {
    /// `prov:agent`.
    pub agent: Agent,
    /// `dcat:hadRole`, an IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// `dcat:Relationship`: another resource and what it is to this one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct QualifiedRelation {
    /// `dct:relation`: an IRI or identifier.
    pub target: String,
    /// `dcat:hadRole`, an IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// `vcard:Kind`: whom to ask about a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactPoint {
    /// `vcard:fn`.
    pub name: LocalizedText,
    /// `vcard:hasEmail`, without `mailto:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `vcard:hasTelephone`, without `tel:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// `vcard:hasURL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `skos:Concept`: an IRI, a label, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Concept {
    /// The concept's IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// `skos:prefLabel`, or the bare text that a source gives instead of an IRI.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub label: LocalizedText,
}

impl Concept {
    /// A concept known by its IRI alone.
    pub fn iri(iri: impl Into<String>) -> Self {
        Self { iri: Some(iri.into()), label: LocalizedText::default() }
    }

    /// A concept known by a bare text alone.
    pub fn label(text: impl Into<String>) -> Self {
        Self { iri: None, label: LocalizedText::undetermined(text) }
    }
}

/// `dct:LicenseDocument`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Licence {
    /// The licence's IRI or web address, as the source gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// Its title, or the source's own words when there is no IRI.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub title: LocalizedText,
}

/// `dct:PeriodOfTime`; bounds as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct PeriodOfTime {
    /// `dcat:startDate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// `dcat:endDate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
}

/// `dct:Location`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// The place's IRI, such as a GeoNames or EU authority address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub label: LocalizedText,
    /// West, south, east, north in degrees (WGS 84).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bbox: Option<[f64; 4]>,
    /// The geometry as the source wrote it (WKT or GeoJSON), when it is more than a box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geometry: Option<String>,
}

// Coordinates come from parsed numbers that codecs check to be finite, so equality is an equivalence.
impl Eq for Location {}

/// `dct:relation` and its kin.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Relation {
    /// The property, as a prefixed name such as `dct:isReferencedBy`.
    pub property: String,
    /// What is related: an IRI or identifier.
    pub target: String,
}

/// `dcat:Distribution`: one way to get a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Distribution {
    /// The distribution's IRI or identifier within the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// `dct:title`.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub title: LocalizedText,
    /// `dct:description`.
    #[serde(skip_serializing_if = "LocalizedText::is_empty")]
    pub description: LocalizedText,
    /// `dcat:accessURL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_url: Option<String>,
    /// `dcat:downloadURL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_url: Option<String>,
    /// `dcat:mediaType`, as `type/subtype`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// `dct:format`: a short name such as `CSV`, upper case where the codec could tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `dcat:compressFormat` or `dcat:packageFormat`, as `type/subtype`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compress_format: Option<String>,
    /// `dcat:byteSize`, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte_size: Option<u64>,
    /// `spdx:checksum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    /// `dct:license`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    /// `dct:rights`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rights: Vec<LocalizedText>,
    /// `dct:issued`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// `dct:modified`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// `dct:language`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<LanguageTag>,
    /// `dct:conformsTo`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conforms_to: Vec<Concept>,
    /// `dcatap:availability`, `adms:status`: IRIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<String>,
    /// `dcatap:applicableLegislation`: IRIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applicable_legislation: Vec<String>,
    /// `dcat:accessService`: IRIs or identifiers of data services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_service: Vec<String>,
    /// `describedBy`: the address of a schema or data dictionary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub described_by: Option<String>,
    /// `foaf:page`: documentation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub page: Vec<String>,
    /// `dct:accessRights`, where they differ from the dataset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_rights: Option<Concept>,
    /// `adms:representationTechnique`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representation_technique: Option<Concept>,
    /// `cnt:characterEncoding`, such as `UTF-8`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub character_encoding: Vec<String>,
    /// `dcat:spatialResolutionInMeters`, as decimal numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spatial_resolution_metres: Vec<String>,
    /// `dcat:temporalResolution`, as an ISO 8601 duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal_resolution: Option<String>,
    /// Where the file lies within its own source when it has no address on the web: the path of a file below the source's
    /// folder, or the name of a table of its database. Only codecs of such sources fill it; it is never published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_at: Option<String>,
    /// Source fields that have no home in DCAT, by their own name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// How addresses begin of what lies within a source that is no web, beside the data: of no use to anybody outside.
const WITHIN_ITS_SOURCE: &str = "source:";

impl Distribution {
    /// [`Self::described_by`] as everybody may be told it: without places within a source that is no web.
    #[must_use]
    pub fn public_description(&self) -> Option<&str> {
        self.described_by.as_deref().filter(|address| !address.starts_with(WITHIN_ITS_SOURCE))
    }
}

/// `spdx:Checksum`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Checksum {
    /// The algorithm: an SPDX name such as `sha256`, or its IRI.
    pub algorithm: String,
    /// The digest in hexadecimal.
    pub value: String,
}

/// What only a `dcat:DataService` has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataService {
    /// `dcat:endpointURL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoint_url: Vec<String>,
    /// `dcat:endpointDescription`, such as the address of an OpenAPI document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoint_description: Vec<String>,
    /// `dcat:servesDataset`: IRIs or identifiers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub serves_dataset: Vec<String>,
}

impl DatasetDraft {
    /// Puts what has no order (keywords, themes, languages, …) into one order, and drops exact repetitions there, so
    /// that two descriptions that differ only in it are equal. Distributions are ordered by address, then title.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        fn set<T: Ord>(values: &mut Vec<T>) {
            values.sort();
            values.dedup();
        }
        set(&mut self.keyword);
        set(&mut self.theme);
        set(&mut self.language);
        set(&mut self.conforms_to);
        set(&mut self.landing_page);
        set(&mut self.page);
        set(&mut self.other_identifier);
        set(&mut self.in_series);
        set(&mut self.relation);
        set(&mut self.applicable_legislation);
        set(&mut self.hvd_category);
        set(&mut self.contact_point);
        set(&mut self.creator);
        set(&mut self.contributor);
        set(&mut self.rights_holder);
        set(&mut self.attribution);
        set(&mut self.qualified_relation);
        set(&mut self.resource_type);
        set(&mut self.spatial_resolution_metres);
        set(&mut self.temporal);
        set(&mut self.rights);
        set(&mut self.provenance);
        self.spatial.sort_by(|a, b| (&a.iri, &a.label, &a.geometry).cmp(&(&b.iri, &b.label, &b.geometry)));
        for distribution in &mut self.distribution {
            set(&mut distribution.language);
            set(&mut distribution.conforms_to);
            set(&mut distribution.rights);
            set(&mut distribution.applicable_legislation);
            set(&mut distribution.access_service);
            set(&mut distribution.page);
            set(&mut distribution.character_encoding);
            set(&mut distribution.spatial_resolution_metres);
        }
        self.distribution.sort_by(|a, b| {
            (&a.download_url, &a.access_url, &a.title, &a.iri, &a.held_at).cmp(&(
                &b.download_url,
                &b.access_url,
                &b.title,
                &b.iri,
                &b.held_at,
            ))
        });
        if let Some(service) = &mut self.service {
            set(&mut service.endpoint_url);
            set(&mut service.endpoint_description);
            set(&mut service.serves_dataset);
        }
        self
    }

    /// The document as JSON; equal drafts give equal bytes.
    ///
    /// # Panics
    /// Never: every field is text, number, list or map with text keys.
    #[must_use]
    pub fn to_document(&self) -> String {
        serde_json::to_string(self).expect("a draft holds only what JSON can say")
    }

    /// Reads a document that [`Self::to_document`] wrote.
    ///
    /// # Errors
    /// When the text is not such a document.
    pub fn from_document(document: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(document)
    }

    /// The fingerprint of a document, by which a harvest tells changed from unchanged.
    #[must_use]
    pub fn fingerprint(document: &str) -> ContentHash {
        ContentHash::of(document.as_bytes())
    }

    /// Every licence that the dataset or one of its distributions names, without repetition.
    pub fn licences(&self) -> Vec<&Licence> {
        let mut all: Vec<&Licence> =
            self.licence.iter().chain(self.distribution.iter().filter_map(|d| d.licence.as_ref())).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The short format names of its distributions, without repetition, sorted.
    #[must_use]
    pub fn formats(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.distribution.iter().filter_map(|d| d.format.as_deref()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_of_sets_do_not_change_the_fingerprint() {
        let keyword = |word: &str| (LanguageTag::lenient("en"), word.to_owned());
        let draft = DatasetDraft {
            identifier: "a".into(),
            title: LocalizedText::undetermined("Air"),
            keyword: vec![keyword("b"), keyword("a"), keyword("b")],
            theme: vec![Concept::iri("x:2"), Concept::iri("x:1")],
            ..DatasetDraft::default()
        };
        let other = DatasetDraft {
            keyword: vec![keyword("a"), keyword("b")],
            theme: vec![Concept::iri("x:1"), Concept::iri("x:2")],
            ..draft.clone()
        };
        let (one, two) = (draft.normalised().to_document(), other.normalised().to_document());
        assert_eq!(DatasetDraft::fingerprint(&one), DatasetDraft::fingerprint(&two));
    }

    #[test]
    fn a_document_reads_back() {
        let draft = DatasetDraft {
            identifier: "a".into(),
            distribution: vec![Distribution { byte_size: Some(u64::MAX), ..Distribution::default() }],
            spatial: vec![Location { bbox: Some([-1.5, 0.1, 2.25, 3.0]), ..Location::default() }],
            ..DatasetDraft::default()
        };
        assert_eq!(DatasetDraft::from_document(&draft.to_document()).ok(), Some(draft));
    }
}

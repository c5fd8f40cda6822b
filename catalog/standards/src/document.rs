//! A catalogue document: surveyed once, then read record by record.

use std::path::PathBuf;

use fairground_domain::{DatasetDraft, Finding, ResourceKind};

use crate::error::ReadError;
use crate::format::Format;
use crate::json::document::JsonDocument;
use crate::limits::Limits;
use crate::rdf::document::RdfDocument;
use crate::xml::document::XmlDocument;
use crate::{ckan, collected, dcat_us, offer, platform, rdf, xml};

/// One record as the source gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Its place in the document, from 0.
    pub seq: u64,
    /// What it claims to be.
    pub kind: ResourceKind,
    /// The source's own record: the exact slice of a JSON document; an XML element with the namespace declarations that it
    /// needs (of a folder's file: its text behind a processing instruction with its name); or the sorted N-Triples that describe the resource and
    /// what hangs on it, blank nodes named `_:b0`, `_:b1`, … by content, so that equal descriptions give equal bytes.
    pub bytes: Vec<u8>,
    /// False when the record passed `max_record_bytes`, so that `bytes` holds only its beginning; it will be refused.
    pub whole: bool,
}

/// What a record became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Identity within the source; never empty. DCAT-US: `identifier`; CKAN: `id`; RDF: the resource's IRI with doubled
    /// slashes of its path as one, or the `dct:identifier` of a blank node; XML: the identifier of the protocol (OAI-PMH), of
    /// the record (`fileIdentifier`), or the name of its file. Of a record without any, a digest of its title
    /// or bytes.
    pub key: String,
    /// The normalised draft; `None` when the record is refused.
    pub draft: Option<DatasetDraft>,
    /// What the check found; holds an error exactly when the record is refused.
    pub findings: Vec<Finding>,
}

/// How many records of each kind a document holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datasets: subjects of type `dcat:Dataset`, elements of `dataset`, results of CKAN.
    pub datasets: u64,
    /// Series that are not datasets too.
    pub series: u64,
    /// Data services.
    pub services: u64,
}

impl Counts {
    /// All records.
    #[must_use]
    pub const fn records(self) -> u64 {
        self.datasets + self.series + self.services
    }
}

/// A surveyed document. Shared between threads: one reads records, several decode them.
#[derive(Debug)]
pub struct Document {
    format: Format,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Json(JsonDocument),
    Rdf(RdfDocument),
    Xml(XmlDocument),
}

impl Document {
    /// Surveys a document of one or more parts (pages): one full pass that proves its structure before anything is taken
    /// from it. The files must stay in place while the document is in use. Memory is bounded by `limits` and by 24 bytes
    /// per record (RDF: 16 bytes per subject block).
    ///
    /// # Errors
    /// The first thing that makes the document unreadable, and where.
    pub fn open(parts: &[PathBuf], format: Format, limits: &Limits) -> Result<Self, ReadError> {
        let mut bytes = 0;
        for (part, path) in parts.iter().enumerate() {
            bytes += std::fs::metadata(path).map_err(ReadError::io(part))?.len();
        }
        if bytes > limits.max_document_bytes {
            return Err(ReadError::TooLarge { bytes, limit: limits.max_document_bytes });
        }
        if bytes == 0 {
            return Err(ReadError::Empty);
        }
        let inner = if format.is_rdf() {
            Inner::Rdf(RdfDocument::open(parts, format, limits)?)
        } else if format.is_metadata_xml() {
            Inner::Xml(XmlDocument::open(parts, limits)?)
        } else {
            Inner::Json(JsonDocument::open(parts, format, limits)?)
        };
        Ok(Self { format, inner })
    }

    /// The format it was opened as.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// How many datasets it holds; series and services are counted apart in [`Document::counts`].
    #[must_use]
    pub fn len(&self) -> u64 {
        self.counts().datasets
    }

    /// True when it holds no dataset.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many records it holds, by kind.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match &self.inner {
            Inner::Json(document) => document.counts(),
            Inner::Rdf(document) => document.counts(),
            Inner::Xml(document) => document.counts(),
        }
    }

    /// How many datasets the source says it has (`count` of CKAN's `package_search` and its kin), so that a caller can see that it
    /// holds a part of them only.
    #[must_use]
    pub fn declared_total(&self) -> Option<u64> {
        match &self.inner {
            Inner::Json(document) => document.declared_total(),
            Inner::Rdf(_) => None,
            Inner::Xml(document) => document.declared_total(),
        }
    }

    /// Every record, in document order, streamed from disk.
    pub fn records(&self) -> Box<dyn Iterator<Item = Result<RawRecord, ReadError>> + Send + '_> {
        self.records_from(0)
    }

    /// The records from number `skip` on, as [`Document::records`] numbers them.
    pub fn records_from(&self, skip: u64) -> Box<dyn Iterator<Item = Result<RawRecord, ReadError>> + Send + '_> {
        match &self.inner {
            Inner::Json(document) => Box::new(document.records_from(skip)),
            Inner::Rdf(document) => Box::new(document.records_from(skip)),
            Inner::Xml(document) => Box::new(document.records_from(skip)),
        }
    }

    /// Turns a record into a draft. Needs nothing but the record, so several threads may call it at once.
    #[must_use]
    pub fn decode(&self, raw: &RawRecord) -> Decoded {
        decode(self.format, raw)
    }
}

/// As [`Document::decode`], for a record that was kept: all it needs is in the record. Records of RDF are kept as N-Triples,
/// whatever the document was.
#[must_use]
pub fn decode(format: Format, raw: &RawRecord) -> Decoded {
    let mut decoded = decode_as(format, raw);
    if let Some(draft) = &mut decoded.draft {
        offer::leave_out(draft);
    }
    decoded
}

fn decode_as(format: Format, raw: &RawRecord) -> Decoded {
    match format {
        Format::DcatUs => dcat_us::decode(raw),
        Format::Ckan => ckan::decode(raw),
        Format::Csw | Format::OaiPmh | Format::Waf | Format::Iso => xml::record::decode(raw),
        Format::Socrata => platform::socrata::decode(raw),
        Format::Arcgis => platform::arcgis::decode(raw),
        Format::Opendatasoft => platform::opendatasoft::decode(raw),
        Format::Stac => collected::stac::decode(raw),
        Format::SchemaOrg | Format::Croissant => collected::schema_org::decode(raw),
        Format::Frictionless => collected::frictionless::decode(raw),
        Format::List => collected::list::decode(raw),
        Format::Files => collected::files::decode(raw),
        Format::Sqlite | Format::Postgres => collected::database::decode(raw),
        Format::RdfXml | Format::Turtle | Format::NTriples | Format::JsonLd => rdf::decode(raw),
    }
}

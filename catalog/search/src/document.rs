//! What goes in: one [`SearchDocument`] per published dataset, as the catalogue sees it.

use fairground_domain::{DatasetId, DistributionId, LanguageTag, LocalizedText, ResourceKind, Timestamp};

/// Everything search needs to know about one dataset, and the card that lists show.
///
/// Only datasets that everybody may see are put in: search knows no permissions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchDocument {
    /// The dataset. Putting a document in replaces the one with the same id.
    pub id: DatasetId,
    /// The version of the catalogue's document that this was made from; [`crate::SearchIndex::contents`] hands it back.
    pub version: u32,
    /// The slug; found as it stands.
    pub slug: String,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// The identifier within its source; found as it stands, and by its parts.
    pub identifier: String,
    /// `dct:title`.
    pub title: LocalizedText,
    /// `dct:description`; may hold HTML, whose tags are passed over.
    pub description: LocalizedText,
    /// `dcat:keyword` with the language of each.
    pub keywords: Vec<(LanguageTag, String)>,
    /// `dct:publisher`: its slug and name.
    pub publisher: Option<Term>,
    /// `dcat:theme`: IRI or code, and label.
    pub themes: Vec<Term>,
    /// Short format names of its distributions, such as `CSV`.
    pub formats: Vec<String>,
    /// `dct:license` of the dataset or its distributions.
    pub licences: Vec<Term>,
    /// `dct:language`: tags.
    pub languages: Vec<String>,
    /// Names of the places it covers.
    pub places: Vec<String>,
    /// What lies within it: names of the columns of its tables, operations of its service.
    pub columns: Vec<String>,
    /// West, south, east, north in degrees (WGS 84). West may exceed east: the box then crosses the 180th meridian.
    pub bbox: Option<[f64; 4]>,
    /// Begin of the time that the data covers; open when only `to` is known.
    pub from: Option<Timestamp>,
    /// End of the time that the data covers; open when only `from` is known.
    pub to: Option<Timestamp>,
    /// `dct:issued`.
    pub issued: Option<Timestamp>,
    /// `dct:modified`.
    pub modified: Option<Timestamp>,
    /// When the catalogue last changed it.
    pub updated: Option<Timestamp>,
    /// Its distributions: their ids, by which it is found ([`crate::SearchIndex::find_by_distribution`]), and their titles.
    pub distributions: Vec<(DistributionId, String)>,
    /// Points for the quality of its description, 0 to 405 (the European data portal's scale); 0 when nobody has counted.
    pub quality: u16,
    /// Categories of high-value datasets (Implementing Regulation (EU) 2023/138) that it belongs to.
    pub high_value: Vec<Term>,
    /// True when its data can be asked for by an API: a table of ours, or a service.
    pub has_api: bool,
    /// What a list shows, opaque to search (the catalogue's JSON); handed back with each hit.
    pub card: String,
}

/// A value to filter by and the words that people see for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// What filters use: a slug, an IRI or a code. Letter case and accents do not tell values apart.
    pub value: String,
    /// What people read.
    pub label: String,
}

impl Term {
    /// A term.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }

    /// A term that is its own label.
    #[must_use]
    pub fn plain(value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label: value.clone(), value }
    }
}

/// One change of what can be found.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The dataset is to be found as this document says, and no longer as before.
    Put(Box<SearchDocument>),
    /// The dataset is not to be found any more.
    Remove(DatasetId),
}

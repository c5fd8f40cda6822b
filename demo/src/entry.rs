//! What an agency says of itself and of its datasets, before it is written in the agency's own dialect.

use crate::form::Form;
use crate::table::Table;

/// One sample system.
#[derive(Debug)]
pub(crate) struct System {
    /// Short name, also the publisher's.
    pub slug: &'static str,
    /// The agency's name, in the languages it uses.
    pub name: Words,
    /// What its catalogue is.
    pub about: Words,
    /// Which dialect it speaks.
    pub kind: Kind,
    /// Stem of its identifiers; never depends on the port. No slash at the end.
    pub site: &'static str,
    /// Where questions go (`.example`, so nowhere).
    pub email: &'static str,
    /// When the catalogue as a whole last changed, RFC 3339.
    pub modified: &'static str,
    /// West, south, east, north of what it covers.
    pub bounds: [f64; 4],
    /// Its datasets.
    pub entries: &'static [Entry],
}

impl System {
    /// Where a harvest begins, below the server's address.
    pub(crate) fn catalogue_path(&self) -> &'static str {
        match self.kind {
            Kind::Dcat => "/catalog.ttl",
            Kind::DcatUs => "/data.json",
            Kind::Ckan => "/",
        }
    }

    /// Every file of every dataset, with the dataset it belongs to.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&'static Entry, &'static File)> {
        self.entries.iter().flat_map(|entry| entry.files.iter().map(move |file| (entry, file)))
    }
}

/// A dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// DCAT-AP 3 in RDF.
    Dcat,
    /// DCAT-US 1.1, Project Open Data's `data.json`.
    DcatUs,
    /// CKAN's action API.
    Ckan,
}

impl Kind {
    /// The harvest kind's name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Dcat => "dcat",
            Self::DcatUs => "dcat-us",
            Self::Ckan => "ckan",
        }
    }
}

/// A text in up to three languages; the empty text where the agency does not translate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// English, always there.
    pub en: &'static str,
    /// French.
    pub fr: &'static str,
    /// German.
    pub de: &'static str,
}

impl Words {
    /// The languages that are there, English first.
    pub(crate) fn each(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [("en", self.en), ("fr", self.fr), ("de", self.de)].into_iter().filter(|(_, text)| !text.is_empty())
    }
}

/// A text in English alone.
pub(crate) const fn en(en: &'static str) -> Words {
    Words { en, fr: "", de: "" }
}

/// A text in three languages.
pub(crate) const fn words(en: &'static str, fr: &'static str, de: &'static str) -> Words {
    Words { en, fr, de }
}

/// One dataset.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its stable name.
    pub slug: &'static str,
    /// Its title.
    pub title: Words,
    /// What it holds, how it came to be, what to beware of.
    pub about: Words,
    /// Keywords, English.
    pub keywords: &'static [&'static str],
    /// Entry of the EU data theme authority table, such as `ENVI`.
    pub theme: &'static str,
    /// First published, a date.
    pub issued: &'static str,
    /// Last changed, RFC 3339.
    pub modified: &'static str,
    /// Entry of the EU frequency authority table, such as `DAILY`.
    pub frequency: &'static str,
    /// First and last day that the data speak of.
    pub period: Option<(&'static str, &'static str)>,
    /// High-value dataset category, when it is one (Regulation (EU) 2023/138).
    pub hvd: Option<Hvd>,
    /// The series it is part of, by slug.
    pub series: Option<&'static str>,
    /// Its distributions.
    pub files: &'static [File],
}

/// One distribution.
#[derive(Debug)]
pub(crate) struct File {
    /// Name below `/files/`.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Format.
    pub form: Form,
    /// Rows that it holds, head line not counted.
    pub rows: usize,
    /// Makes its table.
    pub table: fn() -> Table,
}

/// One distribution.
pub(crate) const fn file(
    name: &'static str,
    title: &'static str,
    form: Form,
    rows: usize,
    table: fn() -> Table,
) -> File {
    File { name, title, form, rows, table }
}

/// High-value dataset categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hvd {
    /// Geospatial.
    Geospatial,
    /// Earth observation and environment.
    Environment,
    /// Meteorological.
    Meteorological,
    /// Statistics.
    Statistics,
}

impl Hvd {
    /// Its IRI in the EU vocabulary of high-value dataset categories.
    pub(crate) fn iri(self) -> &'static str {
        match self {
            Self::Geospatial => "http://data.europa.eu/bna/c_ac64a52d",
            Self::Environment => "http://data.europa.eu/bna/c_dd313021",
            Self::Meteorological => "http://data.europa.eu/bna/c_164e0bf5",
            Self::Statistics => "http://data.europa.eu/bna/c_e1da4e07",
        }
    }
}

/// The licence of everything the demo publishes.
pub(crate) const LICENCE: &str = "https://creativecommons.org/publicdomain/zero/1.0/";

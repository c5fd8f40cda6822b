//! Datasets as records: header and metadata.

use std::fmt::Write as _;

use fairground_catalog::dataset::{Dataset, Publication, themes_of};
use fairground_domain::{Concept, LocalizedText, ResourceKind, Timestamp};
use fairground_standards::write::RdfForm;

use crate::dataset::PublishedDataset;
use crate::settings::ApiSettings;
use crate::xml::{cleaned, escaped};

/// A metadata format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Unqualified Dublin Core, which every server has.
    DublinCore,
    /// DCAT-AP as RDF/XML.
    Dcat,
}

impl Format {
    pub(super) const ALL: [Self; 2] = [Self::DublinCore, Self::Dcat];

    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::DublinCore => "oai_dc",
            Self::Dcat => "dcat",
        }
    }

    pub(super) const fn schema(self) -> &'static str {
        match self {
            Self::DublinCore => "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            Self::Dcat => "http://www.w3.org/ns/dcat.rdf",
        }
    }

    pub(super) const fn namespace(self) -> &'static str {
        match self {
            Self::DublinCore => "http://www.openarchives.org/OAI/2.0/oai_dc/",
            Self::Dcat => "http://www.w3.org/ns/dcat#",
        }
    }

    pub(super) fn parse(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.prefix() == prefix)
    }
}

/// The item's identifier: `oai:HOST:ID`.
pub(super) fn identifier(host: &str, dataset: &Dataset) -> String {
    format!("oai:{host}:{}", dataset.id)
}

/// A moment to the second.
pub(super) fn datestamp(at: Timestamp) -> String {
    Timestamp::from_micros(at.as_secs().saturating_mul(1_000_000)).to_string()
}

/// The header; withdrawn datasets are deleted.
pub(super) fn header(host: &str, dataset: &Dataset) -> String {
    let status = if is_deleted(dataset) { " status=\"deleted\"" } else { "" };
    let mut text = format!(
        "<header{status}><identifier>{}</identifier><datestamp>{}</datestamp>",
        escaped(&identifier(host, dataset)),
        datestamp(dataset.changed_at())
    );
    if let Some(publisher) = &dataset.publisher {
        let _ = write!(text, "<setSpec>publisher.{}</setSpec>", publisher.slug);
    }
    for theme in themes_of(&dataset.draft.theme) {
        let _ = write!(text, "<setSpec>theme.{}</setSpec>", theme.slug);
    }
    text.push_str("</header>");
    text
}

/// The record; a deleted one is its header alone.
pub(super) fn record(host: &str, settings: &ApiSettings, dataset: &Dataset, format: Format) -> String {
    let header = header(host, dataset);
    if is_deleted(dataset) {
        return format!("<record>{header}</record>\n");
    }
    let metadata = match format {
        Format::DublinCore => dublin_core(dataset, &settings.public_url),
        Format::Dcat => dcat(dataset, settings),
    };
    format!("<record>{header}<metadata>{metadata}</metadata></record>\n")
}

fn is_deleted(dataset: &Dataset) -> bool {
    dataset.publication != Publication::Published
}

/// The RDF/XML document without its declaration, and without what XML cannot hold: sources write that too. Tables are left out: they
/// change without the record's datestamp.
fn dcat(dataset: &Dataset, settings: &ApiSettings) -> String {
    let document = RdfForm::RdfXml.write(&PublishedDataset::of(dataset, &[], settings).described(), None);
    let root = document.find("<rdf:RDF").and_then(|at| document.get(at..)).unwrap_or(&document);
    cleaned(root.trim_end())
}

fn dublin_core(dataset: &Dataset, url: &str) -> String {
    let draft = &dataset.draft;
    let mut out = Elements(String::from(
        "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd\">",
    ));
    out.text("title", &draft.title);
    for agent in &draft.creator {
        out.text("creator", &agent.name);
    }
    for (language, keyword) in &draft.keyword {
        out.one("subject", Some(language.as_str()), keyword);
    }
    out.concepts("subject", &draft.theme);
    out.text("description", &draft.description);
    match &dataset.publisher {
        Some(publisher) => out.one("publisher", None, &publisher.name),
        None => draft.publisher.iter().for_each(|agent| out.text("publisher", &agent.name)),
    }
    for date in draft.modified.iter().chain(&draft.issued) {
        out.one("date", None, date);
    }
    out.one("type", None, kind(draft.kind));
    let media = draft.distribution.iter().filter_map(|it| it.media_type.as_ref().or(it.format.as_ref()));
    out.distinct("format", media);
    out.one("identifier", None, &format!("{url}/datasets/{}", dataset.slug));
    out.distinct("identifier", [&draft.identifier].into_iter().chain(&draft.iri).chain(&draft.landing_page));
    let sources = draft.relation.iter().filter(|relation| relation.property == "dct:source").map(|it| &it.target);
    out.distinct("source", sources);
    for language in &draft.language {
        out.one("language", None, language.as_str());
    }
    let files = draft.distribution.iter().filter_map(|it| it.download_url.as_ref().or(it.access_url.as_ref()));
    out.distinct("relation", files);
    for place in &draft.spatial {
        match place.label.is_empty() {
            false => out.text("coverage", &place.label),
            true => place.iri.iter().for_each(|iri| out.one("coverage", None, iri)),
        }
    }
    for period in &draft.temporal {
        let end = |end: &Option<String>| end.clone().unwrap_or_default();
        out.one("coverage", None, &format!("{}/{}", end(&period.start), end(&period.end)));
    }
    for licence in draft.licences() {
        match &licence.iri {
            Some(iri) => out.one("rights", None, iri),
            None => out.text("rights", &licence.title),
        }
    }
    for rights in &draft.rights {
        out.text("rights", rights);
    }
    out.concepts("rights", draft.access_rights.as_slice());
    out.0.push_str("</oai_dc:dc>");
    out.0
}

/// The kind in the words of DCMI's Type Vocabulary.
const fn kind(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Dataset => "Dataset",
        ResourceKind::DatasetSeries => "Collection",
        ResourceKind::DataService => "Service",
    }
}

/// Elements of Dublin Core, one after the other.
struct Elements(String);

impl Elements {
    fn one(&mut self, name: &str, language: Option<&str>, text: &str) {
        let text = escaped(text.trim());
        if text.is_empty() {
            return;
        }
        let language = language.filter(|tag| *tag != "und").map(|tag| format!(" xml:lang=\"{}\"", escaped(tag)));
        let _ = write!(self.0, "<dc:{name}{}>{text}</dc:{name}>", language.unwrap_or_default());
    }

    fn text(&mut self, name: &str, text: &LocalizedText) {
        for (language, text) in text.iter() {
            self.one(name, Some(language.as_str()), text);
        }
    }

    fn concepts(&mut self, name: &str, concepts: &[Concept]) {
        for concept in concepts {
            match concept.label.is_empty() {
                false => self.text(name, &concept.label),
                true => concept.iri.iter().for_each(|iri| self.one(name, None, iri)),
            }
        }
    }

    fn distinct<'t>(&mut self, name: &str, texts: impl Iterator<Item = &'t String>) {
        let mut seen: Vec<&str> = Vec::new();
        for text in texts {
            if !seen.contains(&text.as_str()) {
                self.one(name, None, text);
                seen.push(text);
            }
        }
    }
}

//! The forms a dataset can be had in: JSON in DCAT's terms, or one of RDF's serialisations.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header;
use fairground_catalog::dataset::Dataset;
use fairground_catalog::table::Table;
use fairground_domain::DatasetDraft;
use fairground_standards::write::{self, Described, Portal, RdfForm, TableOffer};

use crate::API_ROOT;
use crate::problem::{Problem, ProblemKind};
use crate::settings::ApiSettings;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Json,
    JsonLd,
    Turtle,
    RdfXml,
    NTriples,
}

impl Form {
    /// Every form, the default first.
    const ALL: [Self; 5] = [Self::Json, Self::JsonLd, Self::Turtle, Self::RdfXml, Self::NTriples];

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::Turtle => "text/turtle; charset=utf-8",
            Self::RdfXml => "application/rdf+xml",
            Self::NTriples => "application/n-triples",
        }
    }

    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Json => ".json",
            Self::JsonLd => ".jsonld",
            Self::Turtle => ".ttl",
            Self::RdfXml => ".rdf",
            Self::NTriples => ".nt",
        }
    }

    /// The dataset's name and the form that its suffix asks for; ids and slugs have no dots.
    pub(crate) fn by_suffix(name: &str) -> (&str, Option<Self>) {
        Self::ALL
            .into_iter()
            .find_map(|form| name.strip_suffix(form.suffix()).map(|stem| (stem, Some(form))))
            .unwrap_or((name, None))
    }

    /// The form that `Accept` asks for (RFC 9110, section 12.5.1): the highest weight, then our own order.
    pub(crate) fn by_accept(req: &HttpRequest) -> Result<Self, Problem> {
        let Some(field) = req.headers().get(header::ACCEPT) else { return Ok(Self::Json) };
        let field = field.to_str().unwrap_or("*/*");
        let mut best: Option<(f32, Self)> = None;
        for form in Self::ALL {
            let weight = weight_of(field, form.essence());
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, form));
            }
        }
        best.map(|(_, form)| form).ok_or_else(|| Problem::new(ProblemKind::NotAcceptable))
    }

    fn essence(self) -> &'static str {
        self.media_type().split(';').next().unwrap_or_default()
    }

    /// The serialisation of RDF; JSON-LD for [`Self::Json`], which is no RDF.
    pub(crate) const fn rdf(self) -> RdfForm {
        match self {
            Self::Json | Self::JsonLd => RdfForm::JsonLd,
            Self::Turtle => RdfForm::Turtle,
            Self::RdfXml => RdfForm::RdfXml,
            Self::NTriples => RdfForm::NTriples,
        }
    }

    /// Writes a dataset in the terms of DCAT-AP 3; not for [`Self::Json`].
    pub(super) fn write(self, dataset: &Dataset, tables: &[Table], settings: &ApiSettings) -> String {
        self.rdf().write(&PublishedDataset::of(dataset, tables, settings).described(), None)
    }
}

/// Whether a reader of a page asks for RDF instead: a form of it is named, and weighs more than HTML.
pub(crate) fn asks_for_rdf(accept: &str) -> bool {
    let page = weight_of(accept, "text/html");
    let named = |form: &Form| accept.to_ascii_lowercase().contains(form.essence());
    Form::ALL
        .iter()
        .filter(|form| **form != Form::Json && named(form))
        .any(|form| weight_of(accept, form.essence()) > page)
}

/// A dataset as it is published to other catalogues: in the terms that the profiles want, under addresses of its own.
#[derive(Debug)]
pub(crate) struct PublishedDataset {
    /// Its own IRI, else its page's address.
    pub(crate) iri: String,
    /// The description, with the IRIs of its distributions and of those that its tables are.
    pub(crate) draft: DatasetDraft,
    /// The data services of its tables.
    services: Vec<DatasetDraft>,
}

/// Tables of one dataset that are published as distributions.
pub(crate) const MOST_OFFERS: usize = 100;

impl PublishedDataset {
    pub(crate) fn of(dataset: &Dataset, tables: &[Table], settings: &ApiSettings) -> Self {
        let described = describe(dataset, &settings.public_url);
        let mut draft = dataset.draft.clone();
        for (distribution, iri) in draft.distribution.iter_mut().zip(described.distribution_iris) {
            distribution.iri = Some(iri);
        }
        let (facts, offers) = (portal_facts(dataset, settings), offers(dataset, tables, settings));
        let service = |offer| write::for_dcat_ap(&write::table_service(&draft, &described.iri, offer), &facts);
        let services = offers.iter().map(service).collect();
        let draft = match offers.as_slice() {
            [] => write::for_dcat_ap(&draft, &facts),
            offers => write::for_dcat_ap(&write::with_tables(&draft, offers), &facts),
        };
        Self { iri: described.iri, draft, services }
    }

    /// The dataset, then the services of its tables.
    pub(crate) fn described(&self) -> Vec<Described<'_>> {
        let one = |iri: &str, draft| Described { iri: iri.to_owned(), draft, distribution_iris: Vec::new() };
        let services = self.services.iter().map(|draft| one(draft.iri.as_deref().unwrap_or(&draft.identifier), draft));
        std::iter::once(one(&self.iri, &self.draft)).chain(services).collect()
    }
}

/// What the dataset's tables are to others: a file and a service each.
pub(crate) fn offers(dataset: &Dataset, tables: &[Table], settings: &ApiSettings) -> Vec<TableOffer> {
    // Most datasets have none, and the identities of their files need not be worked out then.
    if tables.is_empty() {
        return Vec::new();
    }
    let url = &settings.public_url;
    let ids = dataset.distribution_ids();
    let one = |table: &Table| {
        let place = ids.iter().position(|id| *id == table.distribution_id)?;
        // What lies at the portal's own address already is no file of others.
        let original = dataset.draft.distribution.get(place)?;
        let mut own = [&original.download_url, &original.access_url].into_iter().flatten();
        if own.any(|address| address.starts_with(&format!("{url}{API_ROOT}/tables/"))) {
            return None;
        }
        let api = format!("{url}{API_ROOT}/tables/{}", table.slug);
        Some(TableOffer {
            place,
            title: table.title.clone(),
            page: format!("{url}/datasets/{}/tables/{}", dataset.slug, table.id),
            csv: format!("{api}/export.csv"),
            openapi: format!("{api}/openapi.json"),
            api,
            modified: table.updated_at.to_string(),
        })
    };
    tables.iter().take(MOST_OFFERS).filter_map(one).collect()
}

/// What the portal knows of a dataset beside its description.
pub(crate) fn portal_facts(dataset: &Dataset, settings: &ApiSettings) -> Portal {
    let url = &settings.public_url;
    let contact = settings.contact_email.as_ref().map(|email| format!("mailto:{email}"));
    Portal {
        page: format!("{url}/datasets/{}", dataset.slug),
        publisher: dataset.publisher.as_ref().map(|publisher| publisher.name.clone()).unwrap_or_default(),
        contact: contact.unwrap_or_else(|| settings.security_contact.clone()),
        changed: dataset.updated_at.to_string(),
        theme_page: format!("{url}/datasets?theme="),
    }
}

/// A dataset keeps its own IRI; what has none is known by its page's address.
fn describe<'a>(dataset: &'a Dataset, public_url: &str) -> Described<'a> {
    let page = format!("{public_url}/datasets/{}", dataset.slug);
    let own = dataset.draft.iri.as_deref().filter(|iri| iri.contains(':'));
    let iri = own.map_or(Cow::Borrowed(page.as_str()), Cow::Borrowed).into_owned();
    let distribution_iris = dataset
        .draft
        .distribution
        .iter()
        .zip(dataset.distribution_ids())
        .map(|(distribution, id)| {
            let own = distribution.iri.as_deref().filter(|iri| iri.contains(':'));
            own.map_or_else(|| format!("{page}#{id}"), str::to_owned)
        })
        .collect();
    Described { iri, draft: &dataset.draft, distribution_iris }
}

/// The weight of a media type: the most specific range that covers it decides.
fn weight_of(field: &str, media_type: &str) -> f32 {
    let family = media_type.split('/').next().unwrap_or_default();
    let mut found: (u8, f32) = (0, 0.0);
    for range in field.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|p| p.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f32);
        let closeness = match name.as_str() {
            "*/*" | "*" => 1,
            _ if name.strip_suffix("/*") == Some(family) => 2,
            _ if name == media_type => 3,
            _ => continue,
        };
        if closeness > found.0 {
            found = (closeness, weight);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn accept_chooses_the_form() {
        for (accept, form) in [
            ("*/*", Some(Form::Json)),
            ("text/html, */*;q=0.8", Some(Form::Json)),
            ("application/json", Some(Form::Json)),
            ("text/turtle", Some(Form::Turtle)),
            ("application/rdf+xml;q=0.9, application/ld+json", Some(Form::JsonLd)),
            ("application/json;q=0.1, text/*;q=0.5", Some(Form::Turtle)),
            ("application/n-triples, */*;q=0.1", Some(Form::NTriples)),
            ("image/png", None),
            ("text/turtle;q=0", None),
        ] {
            let req = TestRequest::default().insert_header((header::ACCEPT, accept)).to_http_request();
            assert_eq!(Form::by_accept(&req).ok(), form, "{accept}");
        }
        assert_eq!(Form::by_accept(&TestRequest::default().to_http_request()).ok(), Some(Form::Json));
    }

    #[test]
    fn a_page_gives_way_to_rdf_only_where_it_is_asked_for() {
        for (accept, rdf) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("*/*", false),
            ("text/turtle", true),
            ("text/html;q=0.5, application/ld+json", true),
            ("text/turtle;q=0.5, text/html", false),
            ("application/json", false),
        ] {
            assert_eq!(asks_for_rdf(accept), rdf, "{accept}");
        }
    }

    #[test]
    fn a_suffix_chooses_the_form() {
        for (name, stem, form) in [
            ("air", "air", None),
            ("air.ttl", "air", Some(Form::Turtle)),
            ("air.jsonld", "air", Some(Form::JsonLd)),
            ("air.rdf", "air", Some(Form::RdfXml)),
            ("air.nt", "air", Some(Form::NTriples)),
            ("air.pdf", "air.pdf", None),
        ] {
            assert_eq!(Form::by_suffix(name), (stem, form));
        }
    }
}

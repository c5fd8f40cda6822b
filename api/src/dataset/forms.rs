//! The forms a dataset can be had in: JSON in DCAT's terms, or one of RDF's serialisations.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header;
use fairground_catalog::dataset::Dataset;
use fairground_standards::write::{self, Described};

use crate::problem::{Problem, ProblemKind};

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Json,
    JsonLd,
    Turtle,
    RdfXml,
    NTriples,
}

impl Form {
    /// Every form, the default first.
    const ALL: [Self; 5] = [Self::Json, Self::JsonLd, Self::Turtle, Self::RdfXml, Self::NTriples];

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::Turtle => "text/turtle; charset=utf-8",
            Self::RdfXml => "application/rdf+xml",
            Self::NTriples => "application/n-triples",
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Json => ".json",
            Self::JsonLd => ".jsonld",
            Self::Turtle => ".ttl",
            Self::RdfXml => ".rdf",
            Self::NTriples => ".nt",
        }
    }

    /// The dataset's name and the form that its suffix asks for; ids and slugs have no dots.
    pub(super) fn by_suffix(name: &str) -> (&str, Option<Self>) {
        Self::ALL
            .into_iter()
            .find_map(|form| name.strip_suffix(form.suffix()).map(|stem| (stem, Some(form))))
            .unwrap_or((name, None))
    }

    /// The form that `Accept` asks for (RFC 9110, section 12.5.1): the highest weight, then our own order.
    pub(super) fn by_accept(req: &HttpRequest) -> Result<Self, Problem> {
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

    /// Writes a dataset whose address is `iri`; not for [`Self::Json`].
    pub(super) fn write(self, dataset: &Dataset, public_url: &str) -> String {
        let described = describe(dataset, public_url);
        let described = std::slice::from_ref(&described);
        match self {
            Self::Json | Self::JsonLd => write::json_ld(described),
            Self::Turtle => write::turtle(described),
            Self::RdfXml => write::rdf_xml(described),
            Self::NTriples => write::ntriples(described),
        }
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

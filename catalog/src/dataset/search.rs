//! How a dataset becomes a search document.

use std::collections::BTreeSet;

use fairground_domain::{Concept, Location, ResourceKind, Timestamp, quality};
use fairground_search::{SearchDocument, Term};

use super::{Dataset, DatasetCard};

/// What the search index needs to know of a public dataset.
#[must_use]
pub fn search_document(dataset: &Dataset) -> SearchDocument {
    let draft = &dataset.draft;
    let (from, to) = coverage(dataset);
    SearchDocument {
        id: dataset.id,
        version: u32::try_from(dataset.version).unwrap_or_default(),
        slug: dataset.slug.to_string(),
        kind: draft.kind,
        identifier: draft.identifier.clone(),
        title: draft.title.clone(),
        description: draft.description.clone(),
        keywords: draft.keyword.clone(),
        publisher: dataset
            .publisher
            .as_ref()
            .map(|publisher| Term::new(publisher.slug.as_str(), publisher.name.as_str())),
        themes: draft.theme.iter().filter_map(concept_term).collect(),
        formats: draft.formats().into_iter().map(str::to_owned).collect(),
        licences: draft
            .licences()
            .into_iter()
            .filter_map(|licence| {
                let (label, iri) = (licence.title.any(), licence.iri.as_deref());
                let value = iri.unwrap_or(label);
                (!value.is_empty()).then(|| Term::new(value, if label.is_empty() { value } else { label }))
            })
            .collect(),
        languages: languages(dataset),
        places: draft.spatial.iter().flat_map(|place| place.label.iter().map(|(_, name)| name.to_owned())).collect(),
        columns: Vec::new(),
        bbox: enclosing(&draft.spatial),
        from,
        to,
        issued: draft.issued.as_deref().and_then(Timestamp::lenient),
        modified: Some(dataset.modified_at()),
        updated: Some(dataset.updated_at),
        distributions: dataset
            .distribution_ids()
            .into_iter()
            .zip(&draft.distribution)
            .map(|(id, distribution)| (id, distribution.title.any().to_owned()))
            .collect(),
        // Links are left out: they break and mend without an entry in the journal.
        quality: quality::assess(draft, |_| quality::LinkState::Unchecked).points(),
        high_value: draft.hvd_category.iter().filter_map(concept_term).collect(),
        has_api: draft.kind == ResourceKind::DataService
            || draft.distribution.iter().any(|distribution| !distribution.access_service.is_empty()),
        card: serde_json::to_string(&DatasetCard::from(dataset)).unwrap_or_default(),
    }
}

/// A theme's IRI is its value; its label, or else the IRI's last part, is what people read.
fn concept_term(concept: &Concept) -> Option<Term> {
    let label = concept.label.any();
    match concept.iri.as_deref() {
        Some(iri) if label.is_empty() => {
            let last = iri.trim_end_matches(['/', '#']).rsplit(['/', '#']).next().unwrap_or(iri);
            Some(Term::new(iri, last))
        }
        Some(iri) => Some(Term::new(iri, label)),
        None if label.is_empty() => None,
        None => Some(Term::plain(label)),
    }
}

/// The languages of the data; where the source does not say, those of the title.
fn languages(dataset: &Dataset) -> Vec<String> {
    let said: BTreeSet<&str> = dataset.draft.language.iter().map(fairground_domain::LanguageTag::primary).collect();
    let all = if said.is_empty() { dataset.draft.title.iter().map(|(tag, _)| tag.primary()).collect() } else { said };
    all.into_iter().filter(|tag| *tag != "und").map(str::to_owned).collect()
}

/// The smallest box around all places that have one.
fn enclosing(places: &[Location]) -> Option<[f64; 4]> {
    places
        .iter()
        .filter_map(|place| place.bbox)
        .reduce(|[w, s, e, n], [w2, s2, e2, n2]| [w.min(w2), s.min(s2), e.max(e2), n.max(n2)])
}

/// From the earliest begin to the latest end; an end such as `2023` reaches to the end of that year, month or day.
fn coverage(dataset: &Dataset) -> (Option<Timestamp>, Option<Timestamp>) {
    let periods = &dataset.draft.temporal;
    let from = periods.iter().filter_map(|period| period.start.as_deref().and_then(Timestamp::lenient)).min();
    let to = periods.iter().filter_map(|period| period.end.as_deref().and_then(end_of)).max();
    (from, to)
}

fn end_of(text: &str) -> Option<Timestamp> {
    const DAY_SECS: i64 = 86_400;
    let begin = Timestamp::lenient(text)?;
    let days = match text.trim().len() {
        4 => 366,
        7 => 31,
        10 => 1,
        _ => return Some(begin),
    };
    Some(begin.plus_secs(days * DAY_SECS - 1))
}

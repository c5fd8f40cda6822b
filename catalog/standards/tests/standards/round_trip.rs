//! What is read and written reads back the same.

use fairground_domain::DatasetDraft;
use fairground_standards::write::{Described, dcat_us, json_ld, ntriples, rdf_xml, turtle};
use fairground_standards::{Format, Limits};

use crate::{data, drafts, fixture, open, open_bytes};

/// The draft under IRIs that RDF can say, as it must come back.
fn ready(mut draft: DatasetDraft, place: usize) -> DatasetDraft {
    let iri = format!("https://portal.example/dataset/{place}");
    draft.iri = Some(iri.clone());
    for (number, distribution) in draft.distribution.iter_mut().enumerate() {
        distribution.iri = Some(format!("{iri}/distribution/{number}"));
        // Fields of JSON sources have no property.
        distribution.extra.retain(|key, _| key.contains(':'));
    }
    draft.extra.retain(|key, _| key.contains(':'));
    draft.normalised()
}

fn described(drafts: &[DatasetDraft]) -> Vec<Described<'_>> {
    let one = |draft: &'_ DatasetDraft| draft.iri.clone().unwrap_or_default();
    drafts.iter().map(|draft| Described { iri: one(draft), draft, distribution_iris: Vec::new() }).collect()
}

fn assert_round_trip(name: &str, originals: Vec<DatasetDraft>) {
    let originals: Vec<DatasetDraft> =
        originals.into_iter().enumerate().map(|(place, draft)| ready(draft, place)).collect();
    let described = described(&originals);
    for (format, text) in [
        (Format::Turtle, turtle(&described)),
        (Format::NTriples, ntriples(&described)),
        (Format::RdfXml, rdf_xml(&described)),
        (Format::JsonLd, json_ld(&described)),
    ] {
        let document = open_bytes(text.as_bytes(), format, &Limits::default())
            .unwrap_or_else(|error| panic!("{name} as {format}: {error}"));
        let mut back = drafts(&document);
        back.sort_by_key(|draft| originals.iter().position(|it| it.iri == draft.iri));
        assert_eq!(back.len(), originals.len(), "{name} as {format}");
        for (back, original) in back.iter().zip(&originals) {
            let (back, original) = (pretty(back), pretty(original));
            assert_eq!(back, original, "{name} as {format}");
        }
    }
}

fn pretty(draft: &DatasetDraft) -> String {
    serde_json::to_string_pretty(draft).unwrap()
}

#[test]
fn drafts_survive_every_serialisation_of_rdf() {
    for name in ["library.data.json", "transport.ttl", "package_search.json"] {
        assert_round_trip(name, drafts(&open(&fixture(name)).unwrap()));
    }
}

#[test]
fn real_drafts_survive_every_serialisation_of_rdf() {
    let Some(data) = data() else { return };
    for file in [
        "agency-alessandria/catalog-c.rdf",
        "agency-upo/catalog.rdf",
        "agency-brescia-mobilita/catalog.rdf",
        "dcat-ap-de-examples/dcat_ap_de-RefImp_TTL_ADVANCED.ttl",
        "dcat-ap-hvd-examples/example-ms_dataset_hvd_profile.ttl",
        "dcat-us-federal/consumerfinance.json",
        "dcat-us-federal/fda.json",
        "dcat-us-federal/opm-a.json",
    ] {
        assert_round_trip(file, drafts(&open(&data.join(file)).unwrap()));
    }
}

#[test]
fn drafts_survive_data_json() {
    let mut files = vec![fixture("library.data.json"), fixture("transport.ttl")];
    if let Some(data) = data() {
        for name in ["energy-a", "dol", "fcc-b", "fda", "treasury", "opm-a"] {
            files.push(data.join(format!("dcat-us-federal/{name}.json")));
        }
    }
    for file in files {
        // Relations other than references, profiles' own fields and RDF extras have no home in data.json.
        let plain = |mut draft: DatasetDraft| {
            draft.relation.retain(|it| matches!(it.property.as_str(), "dct:references" | "wdrs:describedby"));
            draft.applicable_legislation.clear();
            draft.hvd_category.clear();
            draft.extra.retain(|key, _| !key.contains(':'));
            for distribution in &mut draft.distribution {
                distribution.extra.retain(|key, _| !key.contains(':'));
                distribution.applicable_legislation.clear();
                distribution.availability = None;
            }
            if let Some(publisher) = &mut draft.publisher {
                publisher.kind = None;
            }
            draft.normalised()
        };
        let originals: Vec<DatasetDraft> = drafts(&open(&file).unwrap()).into_iter().map(plain).collect();
        let datasets: Vec<serde_json::Value> = originals.iter().map(dcat_us).collect();
        let text = serde_json::json!({ "dataset": datasets }).to_string();
        let back = drafts(&open_bytes(text.as_bytes(), Format::DcatUs, &Limits::default()).unwrap());
        assert_eq!(back.len(), originals.len(), "{}", file.display());
        for (back, original) in back.into_iter().zip(&originals) {
            let mut back = back;
            back.kind = original.kind;
            assert_eq!(pretty(&back), pretty(original), "{}", file.display());
        }
    }
}

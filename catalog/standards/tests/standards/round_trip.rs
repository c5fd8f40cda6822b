//! What is read and written reads back the same.

use fairground_domain::{DatasetDraft, ResourceKind};
use fairground_standards::write::{
    CatalogFrame, Described, Portal, dcat_us, dcat_us_3, dcat_us_frame, for_dcat_ap, json_ld, ntriples, rdf_xml, turtle,
};
use fairground_standards::{Format, Limits, media_type_of};

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

/// What DCAT-US 1.1 has a field for, in the form in which it has it.
fn of_data_json(mut draft: DatasetDraft) -> DatasetDraft {
    draft = DatasetDraft {
        kind: draft.kind,
        identifier: draft.identifier,
        title: draft.title,
        description: draft.description,
        publisher: draft.publisher,
        contact_point: draft.contact_point,
        keyword: draft.keyword,
        theme: draft.theme,
        licence: draft.licence,
        access_rights: draft.access_rights,
        rights: draft.rights,
        issued: draft.issued,
        modified: draft.modified,
        language: draft.language,
        frequency: draft.frequency,
        temporal: draft.temporal,
        spatial: draft.spatial,
        landing_page: draft.landing_page,
        conforms_to: draft.conforms_to,
        in_series: draft.in_series,
        relation: draft.relation,
        distribution: draft.distribution,
        extra: draft.extra,
        ..DatasetDraft::default()
    };
    draft.relation.retain(|it| matches!(it.property.as_str(), "dct:references" | "wdrs:describedby"));
    draft.extra.retain(|key, _| !key.contains(':'));
    for distribution in &mut draft.distribution {
        distribution.iri = None;
        // What can be downloaded has a media type.
        if distribution.media_type.is_none() && distribution.download_url.is_some() {
            let by_format = distribution.format.as_deref().and_then(media_type_of);
            distribution.media_type = by_format.or_else(|| Some("application/octet-stream".to_owned()));
        }
        distribution.extra.retain(|key, _| !key.contains(':'));
    }
    draft.normalised()
}

fn as_data_json(all: &[DatasetDraft]) -> Vec<DatasetDraft> {
    let portal = Portal { changed: "2026-03-01".to_owned(), ..Portal::default() };
    let (head, tail) = dcat_us_frame("https://portal.example/data.json");
    let records: Vec<String> = all.iter().map(|draft| dcat_us(draft, &portal).to_string()).collect();
    let text = format!("{head}{}{tail}", records.join(","));
    drafts(&open_bytes(text.as_bytes(), Format::DcatUs, &Limits::default()).unwrap())
}

/// The share of sound records that come back as they were, in percent: the others have single values that the schema refuses.
const LEAST_PERCENT: usize = 90;

/// Whether a record has every field that the schema demands.
fn has_what_is_demanded(draft: &DatasetDraft) -> bool {
    !draft.description.is_empty()
        && !draft.keyword.is_empty()
        && draft.modified.is_some()
        && draft.publisher.is_some()
        && draft.access_rights.is_some()
        && draft.contact_point.iter().any(|contact| contact.email.is_some())
}

/// Records that are sound come back as they were; those that are not are mended once, and then stay as they are.
#[test]
fn drafts_survive_data_json() {
    let mut files = vec![fixture("library.data.json")];
    if let Some(data) = data() {
        for name in ["energy-a", "dol", "fcc-b", "fda", "treasury", "opm-a"] {
            files.push(data.join(format!("dcat-us-federal/{name}.json")));
        }
    }
    for file in files {
        let originals: Vec<DatasetDraft> = drafts(&open(&file).unwrap()).into_iter().map(of_data_json).collect();
        let once = as_data_json(&originals);
        assert_eq!(once.len(), originals.len(), "{}", file.display());
        let sound: Vec<(&DatasetDraft, &DatasetDraft)> =
            once.iter().zip(&originals).filter(|(_, original)| has_what_is_demanded(original)).collect();
        let same = sound.iter().filter(|(back, original)| pretty(back) == pretty(original)).count();
        let first = sound.iter().find(|(back, original)| pretty(back) != pretty(original));
        let told = first.map(|(back, original)| format!("{} became {}", pretty(original), pretty(back)));
        assert!(
            same * 100 >= sound.len() * LEAST_PERCENT,
            "{}: only {same} of {} came back: {}",
            file.display(),
            sound.len(),
            told.unwrap_or_default()
        );
        let twice = as_data_json(&once);
        for (back, mended) in twice.iter().zip(&once) {
            assert_eq!(pretty(back), pretty(mended), "{}", file.display());
        }
    }
}

/// What is published in the terms of the profile reads back as it was published, in every serialisation.
#[test]
fn published_drafts_survive_every_serialisation_of_rdf() {
    let mut files = vec![fixture("library.data.json"), fixture("transport.ttl")];
    if let Some(data) = data() {
        for name in [
            "agency-alessandria/catalog-c.rdf",
            "agency-upo/catalog.rdf",
            "dcat-ap-de-examples/dcat_ap_de-RefImp_TTL_ADVANCED.ttl",
            "dcat-us-federal/consumerfinance.json",
            "ckan/ckan-package_search-10.json",
        ] {
            files.push(data.join(name));
        }
    }
    let portal = Portal { theme_page: "https://portal.example/datasets?theme=".to_owned(), ..Portal::default() };
    for file in files {
        let all = drafts(&open(&file).unwrap());
        let published = all.into_iter().enumerate().map(|(place, draft)| for_dcat_ap(&ready(draft, place), &portal));
        assert_round_trip(&file.display().to_string(), published.collect());
    }
}

fn as_dcat_us_3(all: &[DatasetDraft]) -> Vec<DatasetDraft> {
    let portal = Portal { theme_page: "https://portal.example/datasets?theme=".to_owned(), ..Portal::default() };
    let (services, datasets): (Vec<_>, Vec<_>) = all.iter().partition(|draft| draft.kind == ResourceKind::DataService);
    let records = |some: &[&DatasetDraft]| {
        let one =
            |draft: &&DatasetDraft| dcat_us_3(draft, draft.iri.as_deref().unwrap_or_default(), &portal).to_string();
        some.iter().map(one).collect::<Vec<_>>().join(",")
    };
    let (head, between, tail) = CatalogFrame { title: "A".to_owned(), ..CatalogFrame::default() }.parts();
    let text = format!("{head}{}{between}{}{tail}", records(&datasets), records(&services));
    drafts(&open_bytes(text.as_bytes(), Format::DcatUs, &Limits::default()).unwrap())
}

/// What DCAT-US 3.0 can say is said and read again: after the first writing nothing changes any more, and nothing of what matters
/// most is lost by the first.
#[test]
fn drafts_survive_dcat_us_3() {
    let mut files = vec![fixture("library.data.json"), fixture("transport.ttl")];
    if let Some(data) = data() {
        for name in [
            "dcat-us-federal/fda.json",
            "datagov-harvester-examples/dcatus/dcatus3_0_with_services.json",
            "dcat-us-3-examples/example1-dcat-us-3.0.json",
            "agency-upo/catalog.rdf",
        ] {
            files.push(data.join(name));
        }
    }
    for file in files {
        let originals: Vec<DatasetDraft> =
            drafts(&open(&file).unwrap()).into_iter().enumerate().map(|(place, draft)| ready(draft, place)).collect();
        let by_identifier = |mut all: Vec<DatasetDraft>| {
            all.sort_by(|a, b| a.identifier.cmp(&b.identifier));
            all
        };
        let originals = by_identifier(originals);
        let once = by_identifier(as_dcat_us_3(&originals));
        assert_eq!(once.len(), originals.len(), "{}", file.display());
        for (back, original) in once.iter().zip(&originals) {
            let essence = |it: &DatasetDraft| {
                // Words are no address.
                let address = |text: &Option<String>| text.clone().filter(|text| text.contains("://"));
                let files: Vec<_> =
                    it.distribution.iter().map(|one| (address(&one.access_url), address(&one.download_url))).collect();
                let description = Some(it.description.clone()).filter(|text| !text.is_empty());
                let description = description.unwrap_or_else(|| it.title.clone());
                (it.kind, it.identifier.clone(), it.title.clone(), description, it.keyword.clone(), files)
            };
            assert_eq!(essence(back), essence(original), "{}", file.display());
        }
        let twice = by_identifier(as_dcat_us_3(&once));
        for (again, back) in twice.iter().zip(&once) {
            assert_eq!(pretty(again), pretty(back), "{}", file.display());
        }
    }
}

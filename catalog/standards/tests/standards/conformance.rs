//! What we publish of real catalogues is judged by validators that others wrote.
//!
//! All of them run in one process of Python. Large catalogues are sampled at even distances, so that a run takes a minute or two;
//! `FAIRGROUND_CONFORMANCE=full` (which `make conformance` sets) takes everything.

use std::path::{Path, PathBuf};
use std::process::Command;

use fairground_domain::{
    Column, ColumnStatistics, ColumnType, DatasetDraft, Distribution, LocalizedText, ResourceKind,
};
use fairground_standards::write::{
    CatalogFrame, CatalogPage, Described, Portal, RdfForm, TableFacts, TableOffer, croissant, data_package, dcat_us,
    dcat_us_3, dcat_us_frame, for_dcat_ap, table_service, with_tables,
};

use crate::{data, drafts, open};

/// Datasets of one file that are judged by default.
const SAMPLE: usize = 8;
/// Datasets of one file that a graph holds: larger ones are validated no better, only more slowly.
const GRAPH: usize = 100;

/// Every so many files one is judged as data packages and as Croissant too: that takes a second for each.
const PACKED_EVERY: usize = 20;
/// Drafts of such a file that become data packages; the first becomes Croissant too.
const PACKAGES: usize = 2;

/// A few drafts at even distances, the first and the last among them.
fn sample(all: Vec<DatasetDraft>) -> Vec<DatasetDraft> {
    let full = std::env::var("FAIRGROUND_CONFORMANCE").is_ok_and(|wish| wish == "full");
    if full || all.len() <= SAMPLE {
        return all;
    }
    let last = all.len() - 1;
    (0..SAMPLE).map(|at| all[at * last / (SAMPLE - 1)].clone()).collect()
}

/// Every file below a folder, in the order of names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn portal(place: usize) -> Portal {
    Portal {
        page: format!("https://portal.example/datasets/{place}"),
        publisher: "A body that its source does not name".to_owned(),
        contact: "mailto:portal@portal.example".to_owned(),
        changed: "2026-03-01T12:00:00Z".to_owned(),
        theme_page: "https://portal.example/datasets?theme=".to_owned(),
    }
}

fn page(place: usize, total: usize) -> CatalogPage {
    CatalogPage {
        iri: "https://portal.example/catalog".to_owned(),
        title: "The portal".to_owned(),
        description: "Everything that it offers.".to_owned(),
        publisher: "The portal's team".to_owned(),
        homepage: "https://portal.example/".to_owned(),
        total: Some(total as u64),
        page: format!("https://portal.example/catalog.ttl?cursor={place}"),
        first: "https://portal.example/catalog.ttl".to_owned(),
        next: Some(format!("https://portal.example/catalog.ttl?cursor={}", place + 1)),
    }
}

/// A table of the first file of a draft, as the portal could have made it.
fn offers(place: usize, draft: &DatasetDraft) -> Vec<TableOffer> {
    let api = format!("https://portal.example/api/v1/tables/table-{place}");
    let offer = TableOffer {
        place: 0,
        title: "A table".to_owned(),
        page: format!("https://portal.example/datasets/{place}/tables/1"),
        csv: format!("{api}/export.csv"),
        openapi: format!("{api}/openapi.json"),
        api,
        modified: "2026-03-01T12:00:00Z".to_owned(),
    };
    draft.distribution.iter().take(1).map(|_| offer.clone()).collect()
}

/// Each draft as it is published with its tables, and the services of those tables.
fn published(all: &[DatasetDraft]) -> Vec<(Portal, DatasetDraft)> {
    let mut out = Vec::new();
    for (place, draft) in all.iter().enumerate() {
        let portal = portal(place);
        let offers = offers(place, draft);
        out.push((portal.clone(), for_dcat_ap(&with_tables(draft, &offers), &portal)));
        let iri = draft.iri.clone().unwrap_or_else(|| portal.page.clone());
        let services = offers.iter().map(|offer| for_dcat_ap(&table_service(draft, &iri, offer), &portal));
        out.extend(services.map(|service| (portal.clone(), service)));
    }
    out
}

/// Writes everything that is published of a file's drafts into a folder.
fn publish(name: &str, all: &[DatasetDraft], folder: &Path) {
    let with_places = published(all);
    for (number, chunk) in with_places.chunks(GRAPH).enumerate() {
        let described: Vec<Described<'_>> = chunk
            .iter()
            .map(|(portal, draft)| Described {
                iri: draft.iri.clone().unwrap_or_else(|| portal.page.clone()),
                draft,
                distribution_iris: distribution_iris(portal, draft),
            })
            .collect();
        let page = page(number, all.len());
        for (form, ending) in
            [(RdfForm::Turtle, "ttl"), (RdfForm::RdfXml, "rdf"), (RdfForm::JsonLd, "jsonld"), (RdfForm::NTriples, "nt")]
        {
            if form != RdfForm::Turtle && number > 0 {
                continue;
            }
            std::fs::write(folder.join(format!("{name}-{number}.{ending}")), form.write(&described, Some(&page)))
                .unwrap();
        }
    }
    write_json(name, all, folder);
}

/// Distributions get IRIs of the portal; those that the portal makes have theirs.
fn distribution_iris(portal: &Portal, draft: &DatasetDraft) -> Vec<String> {
    let own = |iri: &Option<String>| iri.as_deref().is_some_and(|iri| iri.starts_with("https://portal.example/api/"));
    let iri = |(at, one): (usize, &Distribution)| {
        if own(&one.iri) { String::new() } else { format!("{}#{at}", portal.page) }
    };
    draft.distribution.iter().enumerate().map(iri).collect()
}

/// A column of every type.
fn columns() -> Vec<Column> {
    let types = [
        ColumnType::Integer,
        ColumnType::Decimal { scale: 2 },
        ColumnType::Float,
        ColumnType::Boolean,
        ColumnType::Date,
        ColumnType::Timestamp { utc: true },
        ColumnType::Timestamp { utc: false },
        ColumnType::Text,
        ColumnType::Point,
        ColumnType::Geometry,
    ];
    let one = |(place, column_type): (usize, ColumnType)| Column {
        name: format!("c{place}"),
        title: format!("Column {place}, “as written”"),
        column_type,
        description: (place % 2 == 0).then(|| "What it says".to_owned()),
        allowed: if column_type == ColumnType::Text { vec!["a".to_owned(), "b".to_owned()] } else { Vec::new() },
        statistics: ColumnStatistics::default(),
    };
    types.into_iter().enumerate().map(one).collect()
}

/// The first drafts as data packages, and the first of all as Croissant, with tables that they could have.
fn write_packages(name: &str, all: &[DatasetDraft], folder: &Path) {
    let columns = columns();
    let table = |slug: &str| TableFacts {
        slug: slug.to_owned(),
        title: "A table".to_owned(),
        csv: format!("https://portal.example/api/v1/tables/{slug}/export.csv"),
        made_from: Some(format!("https://agency.example/{slug}.xlsx")),
        api: format!("https://portal.example/api/v1/tables/{slug}"),
        rows: 10,
        columns: &columns,
    };
    let tables = [table("one"), table("two")];
    for (place, draft) in all.iter().enumerate().take(PACKAGES) {
        let description = format!("https://portal.example/api/v1/datasets/{place}");
        let tables = if place % 2 == 0 { tables.as_slice() } else { &[] };
        let package = data_package(draft, &portal(place), &format!("dataset-{place}"), &description, tables);
        std::fs::write(folder.join(format!("{name}-{place}.datapackage.json")), package.to_string()).unwrap();
    }
    if let Some(draft) = all.first() {
        let described = croissant(draft, &portal(0), &tables);
        std::fs::write(folder.join(format!("{name}.croissant.json")), described.to_string()).unwrap();
    }
}

/// The drafts, as they were read, in both versions of DCAT-US.
fn write_json(name: &str, all: &[DatasetDraft], folder: &Path) {
    let (head, tail) = dcat_us_frame("https://portal.example/data.json");
    let all: Vec<DatasetDraft> =
        all.iter().enumerate().map(|(place, draft)| with_tables(draft, &offers(place, draft))).collect();
    let records: Vec<String> =
        all.iter().enumerate().map(|(place, draft)| dcat_us(draft, &portal(place)).to_string()).collect();
    std::fs::write(folder.join(format!("{name}.data.json")), format!("{head}{}{tail}", records.join(","))).unwrap();
    let frame = CatalogFrame {
        address: "https://portal.example/data.json".to_owned(),
        title: "The portal".to_owned(),
        description: "Everything that it offers.".to_owned(),
        publisher: "The portal's team".to_owned(),
    };
    let (head, between, tail) = frame.parts();
    let (services, datasets): (Vec<_>, Vec<_>) =
        all.iter().enumerate().partition(|(_, draft)| draft.kind == ResourceKind::DataService);
    let records = |some: &[(usize, &DatasetDraft)]| {
        let one = |(place, draft): &(usize, &DatasetDraft)| {
            let portal = portal(*place);
            dcat_us_3(draft, draft.iri.as_deref().unwrap_or(&portal.page), &portal).to_string()
        };
        some.iter().map(one).collect::<Vec<_>>().join(",")
    };
    let text = format!("{head}{}{between}{}{tail}", records(&datasets), records(&services));
    std::fs::write(folder.join(format!("{name}.us3.json")), text).unwrap();
}

#[test]
fn what_is_published_of_real_catalogues_satisfies_the_validators_of_others() {
    let Some(data) = data() else { return };
    let Some(python) = std::env::var_os("FAIRGROUND_TEST_PYTHON") else {
        println!("skipped: no clients; tests/tools/with-clients installs them");
        return;
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let keep = std::env::var_os("FAIRGROUND_CONFORMANCE_KEEP").map(PathBuf::from);
    let target = keep.as_deref().unwrap_or_else(|| folder.path());
    let mut published = 0;
    let mut judged_files = 0;
    for path in files(&data) {
        let Ok(document) = open(&path) else { continue };
        let all = sample(drafts(&document));
        if all.is_empty() {
            continue;
        }
        let name = path.strip_prefix(&data).unwrap().to_string_lossy().replace(['/', ' '], "_");
        publish(&name, &all, target);
        if judged_files % PACKED_EVERY == 0 {
            write_packages(&name, &all, target);
        }
        judged_files += 1;
        published += all.len();
    }
    assert!(published > 100, "only {published} datasets were published");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let judged = Command::new(python)
        .arg(root.join("tests/conformance/validate.py"))
        .arg(data.join("../schemas"))
        .arg(target)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{told}\n{}", String::from_utf8_lossy(&judged.stderr));
    println!("{published} datasets: {}", told.lines().last().unwrap_or_default());
}

#[test]
fn whoever_harvests_the_portal_has_every_file_once_and_no_service_of_its_tables() {
    let file = |url: &str| Distribution {
        access_url: Some(url.to_owned()),
        download_url: Some(url.to_owned()),
        media_type: Some("text/csv".to_owned()),
        format: Some("CSV".to_owned()),
        ..Distribution::default()
    };
    let draft = DatasetDraft {
        iri: Some("https://agency.example/id/1".to_owned()),
        identifier: "https://agency.example/id/1".to_owned(),
        title: LocalizedText::undetermined("Trees"),
        distribution: vec![file("https://agency.example/größe.csv"), file("https://agency.example/b.csv")],
        ..DatasetDraft::default()
    }
    .normalised();
    let addresses = |draft: &DatasetDraft| -> Vec<String> {
        draft.distribution.iter().filter_map(|it| it.download_url.clone()).collect()
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let read = |name: &str, text: String| -> Vec<DatasetDraft> {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        drafts(&open(&path).unwrap())
    };
    let all = published(std::slice::from_ref(&draft));
    assert_eq!((all.len(), all[0].1.distribution.len()), (2, 3), "the table and its service are there to be used");
    let described: Vec<Described<'_>> = all
        .iter()
        .map(|(portal, draft)| Described {
            iri: draft.iri.clone().unwrap(),
            draft,
            distribution_iris: distribution_iris(portal, draft),
        })
        .collect();
    for (form, name) in [
        (RdfForm::Turtle, "a.ttl"),
        (RdfForm::RdfXml, "a.rdf"),
        (RdfForm::JsonLd, "a.jsonld"),
        (RdfForm::NTriples, "a.nt"),
    ] {
        let back = read(name, form.write(&described, Some(&page(0, 1))));
        assert_eq!(back.len(), 1, "{name}: a service of the portal's is no record");
        assert_eq!(
            addresses(&back[0]),
            addresses(&all[0].1)[..].iter().filter(|it| it.contains("agency")).cloned().collect::<Vec<_>>(),
            "{name}"
        );
    }
    let with_table = with_tables(&draft, &offers(0, &draft));
    let (head, tail) = dcat_us_frame("https://portal.example/data.json");
    let record = dcat_us(&with_table, &portal(0));
    assert_eq!(record["distribution"].as_array().map(Vec::len), Some(3));
    let back = read("data.json", format!("{head}{record}{tail}"));
    assert_eq!(back[0].distribution.len(), 2, "DCAT-US 1.1");
    let record = dcat_us_3(&with_table, "https://agency.example/id/1", &portal(0));
    assert_eq!(record["distribution"].as_array().map(Vec::len), Some(3));
    let frame = CatalogFrame { address: "https://portal.example/dcat-us-3.json".to_owned(), ..CatalogFrame::default() };
    let (head, between, tail) = frame.parts();
    let back = read("three.json", format!("{head}{record}{between}{tail}"));
    assert_eq!(back[0].distribution.len(), 2, "DCAT-US 3.0");
    // What nobody else can have is there for others too.
    let own = DatasetDraft {
        distribution: vec![Distribution { title: LocalizedText::undetermined("wards.csv"), ..Distribution::default() }],
        ..draft
    };
    let all = published(std::slice::from_ref(&own));
    let (portal, published) = &all[0];
    let described = Described {
        iri: published.iri.clone().unwrap(),
        draft: published,
        distribution_iris: distribution_iris(portal, published),
    };
    let back = read("own.ttl", RdfForm::Turtle.write(&[described], None));
    assert!(addresses(&back[0]).iter().any(|it| it.ends_with("/export.csv")), "{:?}", back[0].distribution);
}

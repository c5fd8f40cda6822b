//! Sources that are spread over several documents, as their codecs read them; and DCAT-US 3.0 whole.

use std::collections::BTreeMap;
use std::path::Path;

use fairground_domain::{DatasetDraft, ResourceKind};
use fairground_standards::collected::{
    Envelope, files as collected_files, frictionless, list, listing, schema_org, sitemap, stac,
};
use fairground_standards::{Counts, Decoded, Document, Format, Limits, RawRecord};
use serde_json::{Value, json};

use crate::{data, decoded, drafts, errors, open, open_bytes};

/// Decodes envelopes as an adapter hands them on.
fn read(envelopes: &[Envelope], format: Format) -> Vec<Decoded> {
    let lines: Vec<u8> = envelopes.iter().flat_map(Envelope::to_line).collect();
    decoded(&open_bytes(&lines, format, &Limits::default()).unwrap())
}

fn one(envelope: Envelope, format: Format) -> DatasetDraft {
    let mut all = read(&[envelope], format);
    all.remove(0).draft.unwrap()
}

fn envelope(at: &str, document: Value) -> Envelope {
    Envelope::new(at, document.as_object().cloned().unwrap())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

#[test]
fn a_stac_collection_with_its_items_is_a_dataset() {
    let collection = json!({
        "type": "Collection", "stac_version": "1.1.0", "id": "snow", "title": "Snow cover", "description": "Daily.",
        "license": "CC-BY-4.0", "keywords": ["snow"],
        "providers": [{"name": "Institute", "roles": ["producer"]}, {"name": "Archive", "roles": ["host"], "url": "https://a.test"}],
        "extent": {"spatial": {"bbox": [[5.0, 45.0, 0.0, 10.0, 48.0, 9000.0]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", null]]}},
        "links": [{"rel": "self", "href": "https://s.test/snow/collection.json"}, {"rel": "license", "href": "https://s.test/licence"},
                  {"rel": "items", "href": "https://s.test/snow/items"}, {"rel": "describedby", "href": "doc.html"}],
        "assets": {"table": {"href": "./snow.parquet", "type": "application/vnd.apache.parquet", "file:size": 12},
                   "thumb": {"href": "t.png", "roles": ["thumbnail"]}}
    });
    let item = json!({"at": "https://s.test/snow/1/1.json", "document": {"id": "1", "type": "Feature", "properties": {},
        "assets": {"data": {"href": "../1.tif", "type": "image/tiff; application=geotiff"}}}});
    let draft = one(
        envelope("https://s.test/snow/collection.json", collection).with("items", vec![item]).with("items-total", 1),
        Format::Stac,
    );
    assert_eq!(draft.identifier, "snow");
    assert_eq!(draft.publisher.unwrap().name.any(), "Archive");
    assert_eq!(draft.creator[0].name.any(), "Institute");
    assert_eq!(draft.licence.unwrap().iri.as_deref(), Some("https://s.test/licence"));
    assert_eq!(draft.spatial[0].bbox, Some([5.0, 45.0, 10.0, 48.0]));
    assert_eq!(
        (draft.temporal[0].start.as_deref(), draft.temporal[0].end.as_deref()),
        (Some("2020-01-01T00:00:00Z"), None)
    );
    assert_eq!(draft.page, ["https://s.test/snow/doc.html"]);
    let places: Vec<_> = draft
        .distribution
        .iter()
        .map(|it| (it.download_url.as_deref().or(it.access_url.as_deref()).unwrap(), it.format.as_deref()))
        .collect();
    assert_eq!(
        places,
        [
            ("https://s.test/snow/items", Some("STAC")),
            ("https://s.test/snow/1.tif", Some("TIFF")),
            ("https://s.test/snow/snow.parquet", Some("PARQUET"))
        ]
    );
    assert_eq!(draft.extra["items"], 1);
}

#[test]
fn stac_documents_say_where_the_walk_goes_on() {
    let page = json!({"collections": [{"type": "Collection", "id": "a"}, {"type": "Collection", "id": "b"}], "numberMatched": 7,
        "links": [{"rel": "next", "href": "?page=2"}, {"rel": "next", "href": "/search", "method": "POST"}, {"rel": "child", "href": "c.json"}]});
    let found = stac::read(page.to_string().as_bytes(), "https://s.test/collections").unwrap();
    assert_eq!((found.collections.len(), found.matched), (2, Some(7)));
    assert_eq!(found.links.next.as_deref(), Some("https://s.test/collections?page=2"));
    assert_eq!(found.links.children, ["https://s.test/c.json"]);
    for (broken, code) in [
        ("", "empty"),
        ("{\"type\":", "cut-off"),
        ("[]", "not-a-catalogue"),
        ("{\"a\":1}", "not-a-catalogue"),
        ("{a}", "syntax"),
    ] {
        assert_eq!(stac::read(broken.as_bytes(), "https://s.test/").unwrap_err().code(), code, "{broken}");
    }
}

#[test]
fn schema_org_is_read_with_and_without_prefix_and_through_references() {
    let graph = json!({"@context": {"schema": "https://schema.org/"}, "@graph": [
        {"@id": "#org", "@type": "schema:Organization", "schema:name": "Office", "schema:url": "https://o.test",
         "schema:contactPoint": {"@type": "schema:ContactPoint", "schema:email": "data@o.test"}},
        {"@type": ["schema:Dataset", "x:Other"], "@id": "https://o.test/d/1", "schema:name": [{"@value": "Air", "@language": "en"}, {"@value": "Luft", "@language": "de"}],
         "schema:publisher": {"@id": "#org"}, "schema:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
         "schema:temporalCoverage": "2020-01-01/..", "schema:keywords": "air, city",
         "schema:spatialCoverage": {"@type": "schema:Place", "schema:name": "City", "schema:geo": {"@type": "schema:GeoShape", "schema:box": "45.0 5.0 48.0 10.0"}},
         "schema:distribution": [{"@type": "schema:DataDownload", "schema:contentUrl": "/files/air.csv", "schema:encodingFormat": ["text/csv", "http://x.test/"], "schema:contentSize": "1.5 MB"}]},
        {"@type": "schema:Dataset", "@id": "https://o.test/d/2"}
    ]});
    let found = schema_org::datasets(graph.to_string().as_bytes(), "https://o.test/page").unwrap();
    assert_eq!(found.len(), 1, "a mere mention is no description");
    let draft = one(found.into_iter().next().unwrap(), Format::SchemaOrg);
    assert_eq!(draft.identifier, "https://o.test/d/1");
    assert_eq!((draft.title.any(), draft.publisher.as_ref().unwrap().name.any()), ("Air", "Office"));
    assert_eq!(draft.contact_point[0].email.as_deref(), Some("data@o.test"));
    assert_eq!(draft.spatial[0].bbox, Some([5.0, 45.0, 10.0, 48.0]));
    assert_eq!(draft.temporal[0].start.as_deref(), Some("2020-01-01"));
    assert_eq!(draft.keyword.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>(), ["air", "city"]);
    let file = &draft.distribution[0];
    assert_eq!(
        (file.download_url.as_deref(), file.format.as_deref(), file.byte_size),
        (Some("https://o.test/files/air.csv"), Some("CSV"), Some(1_500_000))
    );
    assert_eq!(draft.landing_page, ["https://o.test/page"]);
}

#[test]
fn references_that_go_round_and_round_come_to_an_end() {
    let nodes: Vec<Value> = (0..200).map(|n| json!({"@id": format!("#{n}"), "@type": "Thing", "name": "x".repeat(1000), "a": {"@id": format!("#{}", (n + 1) % 200)}, "b": {"@id": format!("#{}", (n + 7) % 200)}})).collect();
    let graph = json!({"@context": "https://schema.org", "@graph": [nodes, {"@type": "Dataset", "name": "D", "about": {"@id": "#0"}}]});
    let found = schema_org::datasets(graph.to_string().as_bytes(), "https://o.test/").unwrap();
    assert!(found[0].to_line().len() < 5 << 20);
}

#[test]
fn a_data_package_names_its_files_and_their_schema() {
    let package = json!({"name": "roads", "title": "Roads", "licenses": [{"name": "x"}, {"path": "https://l.test/", "title": "L"}],
        "contributors": [{"title": "City", "roles": ["publisher"], "email": "data@city.test"}], "sources": [{"path": "https://s.test/"}],
        "resources": [{"name": "r", "path": ["data/a.csv", "data/b.csv"], "schema": {"fields": []}, "bytes": 5},
                      {"name": "s", "path": "https://w.test/s.xlsx", "schema": "s.schema.json"}, {"name": "inline", "data": []}]});
    let found = frictionless::read(package.to_string().as_bytes(), "https://c.test/p/datapackage.json").unwrap();
    let draft = one(found.packages.into_iter().next().unwrap(), Format::Frictionless);
    assert_eq!((draft.identifier.as_str(), draft.licence.unwrap().iri.as_deref()), ("roads", Some("https://l.test/")));
    assert_eq!(draft.publisher.unwrap().name.any(), "City");
    assert_eq!(draft.contact_point[0].email.as_deref(), Some("data@city.test"));
    let files: Vec<_> =
        draft.distribution.iter().map(|it| (it.download_url.as_deref(), it.described_by.as_deref())).collect();
    let own = Some("https://c.test/p/datapackage.json");
    assert_eq!(
        files,
        [
            (None, None),
            (Some("https://c.test/p/data/a.csv"), own),
            (Some("https://c.test/p/data/b.csv"), own),
            (Some("https://w.test/s.xlsx"), Some("https://c.test/p/s.schema.json")),
        ]
    );
    let listed =
        json!({"datasets": [{"name": "a", "package": "a/datapackage.json"}, {"name": "b", "package": package}]});
    let found = frictionless::read(listed.to_string().as_bytes(), "source:///catalog.json").unwrap();
    assert_eq!((found.packages.len(), found.elsewhere), (1, vec!["source:///a/datapackage.json".to_owned()]));
    let draft = one(found.packages.into_iter().next().unwrap(), Format::Frictionless);
    assert!(draft.distribution.iter().any(|it| it.held_at.as_deref() == Some("data/a.csv")));
}

#[test]
fn rows_of_a_list_are_datasets_in_any_language() {
    let text = "Amtlicher Datenkatalog\n\nTitel;Beschreibung;Herausgeber;Lizenz;Schlagw\u{f6}rter;Download-URL;Webseite;Aktualisiert;Kontakt;Anzahl\n\
        Bäume;Alle Bäume;Stadt;https://l.test/;Baum, Stadt;https://s.test/b.csv;https://s.test/b;2024-02-03;daten@s.test;5\n;;;;;;;;;\nWege;;;;;;;;;\n";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let rows = list::of_csv(&latin, "https://s.test/list.csv").unwrap().unwrap();
    assert_eq!(rows.len(), 2);
    let draft = one(rows[0].clone(), Format::List);
    assert_eq!((draft.title.any(), draft.publisher.unwrap().name.any().to_owned()), ("Bäume", "Stadt".to_owned()));
    assert_eq!(draft.keyword.len(), 2);
    assert_eq!(draft.landing_page, ["https://s.test/b"]);
    assert_eq!(draft.distribution[0].download_url.as_deref(), Some("https://s.test/b.csv"));
    assert_eq!(
        (draft.modified.as_deref(), draft.contact_point[0].email.as_deref()),
        (Some("2024-02-03"), Some("daten@s.test"))
    );
    assert_eq!(draft.extra["Anzahl"], "5");
    assert_eq!(read(&rows[1..], Format::List)[0].key, "Wege");
    assert!(list::of_csv(b"station;date;value\n1;2;3\n", "").unwrap().is_none());
}

#[test]
fn flat_catalogues_give_a_dataset_for_each_row() {
    let Some(data) = data() else { return };
    let folder = data.join("flat-catalogue");
    let json_bytes = std::fs::read(folder.join("gee_catalog.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&json_bytes).unwrap();
    let of_json = read(&list::of_json(&json_bytes, "https://x.test/").unwrap(), Format::List);
    let of_csv = read(
        &list::of_csv(&std::fs::read(folder.join("gee_catalog.csv")).unwrap(), "https://x.test/").unwrap().unwrap(),
        Format::List,
    );
    assert_eq!((rows.len(), of_json.len(), of_csv.len()), (884, 884, 884));
    for ((one, two), row) in of_json.iter().zip(&of_csv).zip(&rows) {
        let (one, two) = (one.draft.as_ref().unwrap(), two.draft.as_ref().unwrap());
        assert_eq!(one.identifier, row["id"].as_str().unwrap());
        assert_eq!(
            (&one.title, &one.publisher, &one.temporal, &one.landing_page),
            (&two.title, &two.publisher, &two.temporal, &two.landing_page)
        );
    }
}

#[test]
fn stac_schema_org_and_croissant_examples_are_told_and_read() {
    let Some(data) = data() else { return };
    for path in files(&data.join("stac")) {
        let bytes = std::fs::read(&path).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(detected(&path), Format::Stac, "{}", path.display());
        let found = stac::read(&bytes, "https://s.test/x.json").unwrap();
        let expected = match value["type"].as_str().unwrap() {
            "Collection" => (1, 0),
            "Feature" => (0, 1),
            _ => (0, 0),
        };
        assert_eq!((found.collections.len(), found.items.len()), expected, "{}", path.display());
        for document in found.collections.into_iter().chain(found.items) {
            let id = document["id"].as_str().unwrap().to_owned();
            let draft = one(Envelope::new("https://s.test/x.json", document), Format::Stac);
            assert_eq!(draft.identifier, id);
        }
    }
    for path in files(&data.join("croissant")) {
        let bytes = std::fs::read(&path).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(detected(&path), Format::Croissant, "{}", path.display());
        let found = schema_org::datasets(&bytes, "https://c.test/metadata.json").unwrap();
        assert_eq!(found.len(), 1);
        let objects =
            value["distribution"].as_array().unwrap().iter().filter(|it| it["@type"] == "cr:FileObject").count();
        let draft = one(found.into_iter().next().unwrap(), Format::Croissant);
        assert_eq!(
            (draft.title.any(), draft.distribution.len()),
            (value["name"].as_str().unwrap(), objects),
            "{}",
            path.display()
        );
        assert_eq!(draft.landing_page, [value["url"].as_str().unwrap()]);
    }
    // Datasets, and those of them that have no name and are refused.
    for (name, count, refused) in [
        ("CESSAVocabularyRegistry.json", 0, 0),
        ("data-repository-R2R.json", 1, 0),
        ("data-repository-full.jsonld", 0, 0),
        ("data-repository-minimal.jsonld", 0, 0),
        ("dataset-full.jsonld", 1, 0),
        ("dataset-minimal.jsonld", 1, 0),
        ("dataset-temporalCoverage.jsonld", 7, 7),
        ("dataset-variableMeasured-gridDataset-altVersion.jsonld", 1, 0),
        ("dataset-variableMeasured-gridDataset.jsonld", 1, 0),
        ("dataset-variableMeasured_AstroMaterials_analysis.jsonld", 1, 1),
        ("dataset-variableMeasured_LarvalKrill.jsonld", 1, 0),
        ("dataset-variableMeasured_NGDSBoreholeTemperature.jsonld", 1, 0),
        ("dataset-variableMeasured_USGS-NWIS_surfaceWater.jsonld", 1, 1),
    ] {
        let path = data.join("schema-org").join(name);
        assert_eq!(detected(&path), Format::SchemaOrg, "{name}");
        let found = schema_org::datasets(&std::fs::read(&path).unwrap(), "https://o.test/p").unwrap_or_default();
        assert_eq!(found.len(), count, "{name}");
        if count > 0 {
            let read = read(&found, Format::SchemaOrg);
            let without: Vec<_> = read.iter().filter(|it| it.draft.is_none()).map(|it| errors(&it.findings)).collect();
            assert_eq!(without.len(), refused, "{name}: {without:?}");
        }
    }
}

fn detected(path: &Path) -> Format {
    let bytes = std::fs::read(path).unwrap();
    let hints = fairground_standards::Hints { content_type: None, name: path.to_str() };
    fairground_standards::detect(&bytes[..bytes.len().min(64 * 1024)], &hints).unwrap()
}

#[test]
fn dcat_us_3_is_read_whole() {
    let Some(data) = data() else { return };
    let folder = data.join("datagov-harvester-examples/dcatus");
    for (name, counts, refused) in [
        ("dcatus3_0.json", [4, 0, 0], 0),
        ("dcatus3_0_invalid.json", [2, 0, 0], 0),
        ("dcatus3_0_nested_catalog.json", [3, 0, 0], 0),
        ("dcatus3_0_no_identifier.json", [1, 0, 0], 1),
        ("dcatus3_0_record_no_id.json", [1, 0, 0], 0),
        ("dcatus3_0_series_member_also_top_level.json", [2, 1, 0], 0),
        ("dcatus3_0_series_with_members.json", [2, 1, 0], 0),
        ("dcatus3_0_service_no_identifier.json", [1, 0, 1], 1),
        ("dcatus3_0_service_serves_dataset.json", [1, 0, 1], 0),
        ("dcatus3_0_warning.json", [3, 0, 0], 0),
        ("dcatus3_0_with_records.json", [1, 0, 0], 0),
        ("dcatus3_0_with_services.json", [1, 0, 2], 0),
    ] {
        let document = open(&folder.join(name)).unwrap();
        let [datasets, series, services] = counts;
        assert_eq!(document.counts(), Counts { datasets, series, services }, "{name}");
        let without = decoded(&document).iter().filter(|it| it.draft.is_none()).count();
        assert_eq!(without, refused, "{name}");
    }
    let series = drafts(&open(&folder.join("dcatus3_0_series_member_also_top_level.json")).unwrap());
    let in_series = series.iter().filter(|it| it.in_series == ["https://example.gov/series/annual-report"]).count();
    assert_eq!(in_series, 2, "members know their series, wherever they are listed");
    let of_series = series.iter().find(|it| it.service.is_none() && !it.relation.is_empty()).unwrap();
    assert_eq!(of_series.relation.iter().filter(|it| it.property == "dcat:seriesMember").count(), 2);
    let records = drafts(&open(&folder.join("dcatus3_0_with_records.json")).unwrap());
    assert_eq!(records[0].extra["catalogRecord"]["modified"], "2024-06-15");
    let serves = drafts(&open(&folder.join("dcatus3_0_service_serves_dataset.json")).unwrap());
    let service = serves.iter().find_map(|it| it.service.as_ref()).unwrap();
    assert_eq!(service.serves_dataset, ["https://example.gov/datasets/served-by-service-one"]);
}

#[test]
fn graphs_of_dcat_us_3_hold_what_their_turtle_holds() {
    let Some(data) = data() else { return };
    let (mut compared, mut resources) = (0, 0);
    for path in files(&data.join("dcat-us-3-examples")) {
        if path.extension().is_none_or(|end| end != "jsonld") || path.to_string_lossy().contains("framed") {
            continue;
        }
        let turtle = path.with_extension("ttl");
        if !turtle.is_file() {
            continue;
        }
        let count = |document: Result<Document, fairground_standards::ReadError>| {
            document.map(|it| it.counts()).unwrap_or_default()
        };
        let (graph, triples) = (count(open(&path)), count(open(&turtle)));
        compared += 1;
        resources += graph.records();
        // One pair does not say the same: its Turtle names the datasets without describing them.
        if !path.ends_with("catalog/dataset.jsonld") {
            assert_eq!(graph, triples, "{}", path.display());
        }
    }
    assert!(compared > 60 && resources > 60, "{compared} {resources}");
}

/// Cuts, flips and doubles bytes, the same way at every run.
fn mutated(seed: u64, bytes: &[u8]) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % below.max(1)
    };
    let mut all = bytes.to_vec();
    for _ in 0..=next(6) {
        let at = next(all.len());
        match next(4) {
            0 => all.truncate(at),
            1 if !all.is_empty() => all[at] ^= u8::try_from(next(256)).unwrap(),
            2 => {
                let end = (at + next(40)).min(all.len());
                let piece = all[at..end].to_vec();
                all.splice(at..at, piece);
            }
            _ => {
                let end = (at + next(10)).min(all.len());
                all.drain(at..end);
            }
        }
    }
    all
}

#[test]
fn rubbish_is_refused_or_read_and_never_breaks_a_codec() {
    const AT: &str = "https://agency.test/a/";
    let seeds = [
        r#"{"type":"Collection","stac_version":"1.0.0","id":"a","extent":{"spatial":{"bbox":[[0,0,1,1]]},"temporal":{"interval":[["2020",null]]}},"providers":[{"name":"x","roles":["host"]}],"links":[{"rel":"next","href":"?é=1"}],"assets":{"d":{"href":"ä.csv","type":"text/csv"}}}"#,
        r##"{"@context":"https://schema.org/","@graph":[{"@id":"#o","@type":"Organization","name":"ö"},{"@type":"Dataset","name":"D","publisher":{"@id":"#o"},"spatialCoverage":{"geo":{"@type":"GeoShape","box":"1 2 3 4","polygon":"1,2 3,4"}},"distribution":[{"contentUrl":"é","contentSize":"1.5 MB"}],"keywords":"a, b"}]}"##,
        r#"<html><title>Index of ß</title><a href="a%20b.csv">ß</a> 03-Feb-2024 10:11 5 <a href='x/'>x</a><script type="application/ld+json">{"@type":"Dataset","name":"é"}</script>"#,
        r#"{"name":"p","resources":[{"name":"r","path":["ä.csv","b.csv"],"schema":{"fields":[]},"hash":"md5:é"}],"licenses":[{"path":"x"}],"contributors":[{"title":"é","role":"publisher"}]}"#,
        "Titel;Herausgeber;Lizenz;Download-URL;Größe\nBäume;\"Stadt\nX\";CC0;https://s.test/ä.csv;5\n",
        r#"[{"title":"é","provider":"p","tags":"a, b","asset_url":"https://s.test/x.csv","license":"l","id":5}]"#,
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextMarker>é</NextMarker><Contents><Key>a/ä.csv</Key><Size>5</Size></Contents></ListBucketResult>",
        "<urlset><url><loc>https://a.test/é</loc><lastmod>2024</lastmod></url></urlset>",
        r##"{"@context":"https://x.test/dcat-us-3.0.jsonld","@graph":[{"@id":"#d","@type":"dcat:Dataset","title":"é","publisher":"https://x.test/o","inSeries":"x"},{"@type":"dcat:DatasetSeries","@id":"#s","title":"s","seriesMember":[{"title":"m","identifier":"é"}]}]}"##,
        r#"{"datasetSeries":[{"@id":"s","title":"S","seriesMember":[{"title":"é","identifier":"m"}]}],"catalog":[{"dataset":[{"title":"x","identifier":"y"}]}],"record":[{"primaryTopic":"y","modified":"é"}]}"#,
    ];
    for seed in 0..200_u64 {
        for text in seeds {
            let bytes = mutated(seed, text.as_bytes());
            let page = String::from_utf8_lossy(&bytes);
            let mut all: Vec<(Vec<Envelope>, Format)> = vec![
                (schema_org::datasets(&bytes, AT).unwrap_or_default(), Format::SchemaOrg),
                (schema_org::of_page(&page, AT).0, Format::SchemaOrg),
                (frictionless::read(&bytes, AT).map(|it| it.packages).unwrap_or_default(), Format::Frictionless),
                (list::of_csv(&bytes, AT).ok().flatten().unwrap_or_default(), Format::List),
                (list::of_json(&bytes, AT).unwrap_or_default(), Format::List),
            ];
            let stac = stac::read(&bytes, AT).unwrap_or_default();
            let found = stac.collections.into_iter().chain(stac.items);
            all.push((found.map(|it| Envelope::new(AT, it)).collect(), Format::Stac));
            let listed =
                [listing::of_page(&page, AT, AT, seed % 2 == 0), listing::of_bucket(&bytes, AT).unwrap_or_default()];
            for listing in listed {
                all.push((collected_files::group(&listing.files, &BTreeMap::new(), AT, "é"), Format::Files));
            }
            let _ = sitemap::read(&bytes);
            for (envelopes, format) in all {
                for envelope in envelopes.iter().take(3) {
                    let raw = RawRecord { seq: 0, kind: ResourceKind::Dataset, bytes: envelope.to_line(), whole: true };
                    assert!(!fairground_standards::decode(format, &raw).key.is_empty());
                }
            }
            // Whole documents go to disk, so fewer of them.
            if seed % 8 == 0
                && let Ok(document) = open_bytes(&bytes, Format::DcatUs, &Limits::default())
            {
                for raw in document.records().flatten() {
                    assert!(!document.decode(&raw).key.is_empty());
                }
            }
        }
    }
}

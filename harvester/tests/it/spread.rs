//! Agency systems that spread what they have over many documents, or have no catalogue at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fairground_catalog::harvest;
use fairground_catalog::table::{self, LoadSums, Table};
use fairground_catalog::{Catalog, dataset};
use fairground_domain::{DatasetDraft, Timestamp};
use fairground_harvester::load::{LoadTuning, Loader};
use fairground_harvester::{HarvestNow, HarvestReport, Stop};
use fairground_tables::{Tables, TablesSettings};
use serde_json::{Value, json};

use crate::agency::{Agency, Answer, Asked};
use crate::fetching::brisk;
use crate::portal::{Portal, counts, state};

fn data(part: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let given = std::env::var_os("FAIRGROUND_TEST_DATA").map(PathBuf::from);
    let folder = root.join(given.unwrap_or_else(|| PathBuf::from("../shared/data"))).join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no test data");
    None
}

fn harvest(portal: &Portal, location: &str, kind: Option<&str>) -> HarvestReport {
    let kind = kind.map(|kind| kind.parse().unwrap());
    portal.harvest(&HarvestNow { source: Some("spread".parse().unwrap()), kind, ..HarvestNow::of(location) })
}

/// found, created, refused; everything else none, and nothing was left out.
fn first(report: &HarvestReport, expected: [u64; 3]) {
    assert_eq!(state(report), "completed", "{report:?}");
    let [found, created, updated, unchanged, deleted, refused, failed] = counts(report);
    assert_eq!(([found, created, refused], [updated, unchanged, deleted, failed]), (expected, [0; 4]), "{report:?}");
}

/// The published descriptions by identifier.
fn published(catalog: &Catalog) -> BTreeMap<String, DatasetDraft> {
    let found = catalog.db.read(|tx| dataset::list_published_after(tx, None, 10_000)).unwrap();
    found.into_iter().map(|it| (it.draft.identifier.clone(), it.draft)).collect()
}

fn kind_of(portal: &Portal) -> Option<String> {
    portal.catalog().db.read(|tx| harvest::get_source(tx, "spread")).unwrap().kind
}

/// Serves files by path.
fn serving(files: &[(&str, String)]) -> Agency {
    let files: BTreeMap<String, String> = files.iter().map(|(path, body)| ((*path).to_owned(), body.clone())).collect();
    Agency::start(move |asked: &Asked| match files.get(&asked.target).or(files.get(asked.path())) {
        Some(body) => Answer::ok(body.clone()),
        None => Answer::new(404, "nothing"),
    })
}

fn collection(id: &str, links: Value) -> String {
    json!({"type": "Collection", "stac_version": "1.0.0", "id": id, "title": format!("About {id}"), "description": "x", "license": "CC0-1.0",
           "extent": {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", null]]}}, "links": links})
    .to_string()
}

#[test]
fn a_stac_catalogue_is_walked_by_its_links_and_nothing_is_deleted_when_a_part_cannot_be_had() {
    let catalogue = json!({"type": "Catalog", "stac_version": "1.0.0", "id": "root", "description": "x", "links": [
        {"rel": "child", "href": "./a/collection.json"}, {"rel": "child", "href": "b/collection.json"},
        {"rel": "child", "href": "b/../a/collection.json"}, {"rel": "child", "href": "./catalog.json"}, {"rel": "child", "href": "gone.json"}]});
    let item = json!({"type": "Feature", "stac_version": "1.0.0", "id": "i1", "geometry": null, "properties": {"datetime": "2020-01-01T00:00:00Z"},
        "links": [], "assets": {"data": {"href": "i1.csv", "type": "text/csv"}}});
    let a =
        collection("a", json!([{"rel": "item", "href": "i1.json"}, {"rel": "child", "href": "../b/collection.json"}]));
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let fails = std::sync::Arc::clone(&broken);
    let agency = Agency::start(move |asked| match asked.path() {
        "/catalog.json" => Answer::ok(catalogue.to_string()),
        "/a/collection.json" => Answer::ok(a.clone()),
        "/a/i1.json" => Answer::ok(item.to_string()),
        "/b/collection.json" if fails.load(std::sync::atomic::Ordering::Relaxed) => Answer::new(500, "trouble"),
        "/b/collection.json" => Answer::ok(collection("b", json!([]))),
        _ => Answer::new(404, "nothing"),
    });
    let portal = Portal::open();
    let at = agency.url("/catalog.json").to_string();
    let report = harvest(&portal, &at, None);
    first(&report, [2, 2, 0]);
    assert_eq!(kind_of(&portal).as_deref(), Some("stac"));
    assert!(report.notes.iter().any(|note| note.contains("gone.json")), "{:?}", report.notes);
    let found = published(portal.catalog());
    assert_eq!(found["a"].distribution[0].download_url.as_deref(), Some(agency.url("/a/i1.csv").as_str()));
    broken.store(true, std::sync::atomic::Ordering::Relaxed);
    let report = harvest(&portal, &at, None);
    assert_eq!(counts(&report)[4], 0, "nothing is deleted: {report:?}");
    assert_eq!(portal.published(), 2);
    portal.agrees();
}

#[test]
fn a_stac_api_is_paged_and_its_items_are_taken_or_counted() {
    let agency = Agency::start(|asked| {
        let host = format!("http://{}", asked.headers["host"]);
        let link = |rel: &str, path: &str| json!({"rel": rel, "href": format!("{host}{path}")});
        let item = |n: usize| json!({"type": "Feature", "id": format!("i{n}"), "properties": {}, "assets": {"d": {"href": format!("{host}/{n}.tif")}}});
        Answer::ok(match (asked.path(), asked.query("page").as_deref()) {
            ("/", _) => json!({"type": "Catalog", "stac_version": "1.0.0", "id": "api", "description": "x", "conformsTo": [],
                "links": [link("data", "/collections"), link("child", "/collections/a"), link("child", "/collections/b")]}).to_string(),
            ("/collections", None) => format!(r#"{{"collections": [{}], "links": [{}]}}"#, collection("a", json!([link("self", "/collections/a"), link("items", "/collections/a/items")])), link("next", "/collections?page=2")),
            ("/collections", Some("2")) => format!(r#"{{"collections": [{}], "links": []}}"#, collection("b", json!([link("items", "/collections/b/items")]))),
            ("/collections/a/items", _) => json!({"type": "FeatureCollection", "features": [item(1), item(2)], "links": []}).to_string(),
            ("/collections/b/items", _) => json!({"type": "FeatureCollection", "numberMatched": 5000, "features": [item(3)], "links": [link("next", "/x")]}).to_string(),
            _ => return Answer::new(404, ""),
        })
    });
    let portal = Portal::open();
    first(&harvest(&portal, agency.url("/").as_str(), None), [2, 2, 0]);
    let found = published(portal.catalog());
    let files = |id: &str| found[id].distribution.iter().filter(|it| it.download_url.is_some()).count();
    assert_eq!((files("a"), files("b")), (2, 0));
    assert_eq!((&found["a"].extra["items"], &found["b"].extra["items"]), (&json!(2), &json!(5000)));
}

fn page(id: u32, extra: &str) -> String {
    format!(
        r#"<!DOCTYPE html><html><head><title>Page {id}</title><script type="application/ld+json">{{"@context": "https://schema.org/", "@type": "Dataset",
        "@id": "https://site.test/d/{id}", "name": "Dataset {id}", "description": "x", "license": "https://l.test/"{extra}}}</script></head><body></body></html>"#
    )
}

#[test]
fn the_pages_of_a_site_are_found_by_its_sitemaps() {
    let agency = Agency::start(|asked| {
        let host = format!("http://{}", asked.headers["host"]);
        Answer::ok(match asked.path() {
            "/sitemap.xml" => format!(
                "<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{host}/a.xml</loc></sitemap><sitemap><loc>{host}/b.xml</loc></sitemap></sitemapindex>"
            ),
            "/a.xml" => format!(
                "<urlset><url><loc>{host}/d/1</loc></url><url><loc>{host}/about</loc></url><url><loc>https://other.test/d/9</loc></url></urlset>"
            ),
            "/b.xml" => format!(
                "<urlset><url><loc>{host}/d/2</loc><lastmod>2024-01-01</lastmod></url><url><loc>{host}/d/1</loc></url><url><loc>{host}/gone</loc></url></urlset>"
            ),
            "/d/1" => page(1, ""),
            "/d/2" => page(
                2,
                r#", "distribution": {"@type": "DataDownload", "contentUrl": "/f/2.csv", "encodingFormat": "text/csv"}"#,
            ),
            "/about" | "/" => "<html><title>About</title></html>".to_owned(),
            "/robots.txt" => format!("User-agent: *\nSitemap: {host}/sitemap.xml\n"),
            _ => return Answer::new(404, ""),
        })
    });
    for (start, kind) in [("/sitemap.xml", None), ("/", Some("schema-org"))] {
        let portal = Portal::open();
        let report = harvest(&portal, agency.url(start).as_str(), kind);
        first(&report, [2, 2, 0]);
        assert!(report.notes.iter().any(|note| note.contains("pages of other hosts")), "{:?}", report.notes);
        let found = published(portal.catalog());
        let file = found["https://site.test/d/2"].distribution[0].download_url.clone();
        assert_eq!(file.as_deref(), Some(agency.url("/f/2.csv").as_str()));
    }
    let portal = Portal::open();
    first(&harvest(&portal, agency.url("/d/1").as_str(), None), [1, 1, 0]);
    // A page without datasets is no source, unless somebody says that its site is one.
    let report = harvest(&Portal::open(), agency.url("/about").as_str(), None);
    assert_eq!(state(&report), "failed", "{report:?}");
}

/// A portal that loads tables too.
struct Fair {
    portal: Portal,
    loader: Loader,
}

impl Fair {
    fn of_each_kind() -> Vec<Self> {
        Portal::of_each_kind(500).into_iter().map(Self::with).collect()
    }

    fn with(portal: Portal) -> Self {
        let settings = TablesSettings { index: false, ..TablesSettings::new(portal.catalog().data_dir()) };
        let tables = Tables::open(settings).unwrap();
        let tuning = LoadTuning { fetch: brisk(), threads: 1, ..LoadTuning::default() };
        let loader = Loader::new(portal.catalog().clone(), tables, portal.harvester.fetcher(), tuning).unwrap();
        Self { portal, loader }
    }

    fn load(&self) -> LoadSums {
        let source = self.portal.catalog().db.read(|tx| harvest::get_source(tx, "spread")).unwrap();
        self.loader.load_source(source.id, Timestamp::now(), &Stop::new()).unwrap()
    }

    fn tables(&self) -> BTreeMap<String, Table> {
        let cards = self.portal.catalog().db.read(|tx| table::list_tables(tx, None, 1000)).unwrap();
        cards.into_iter().map(|card| (card.table.name.clone(), card.table)).collect()
    }

    /// Names and types of a table's columns.
    fn columns(&self, table: &str) -> Vec<(String, String)> {
        let tables = self.tables();
        let table = tables.get(table).unwrap_or_else(|| panic!("{table} in {:?}", tables.keys()));
        let version = self.portal.catalog().db.read(|tx| table::get_version(tx, table, None)).unwrap();
        version.snapshot.columns.iter().map(|it| (it.name.clone(), format!("{:?}", it.column_type))).collect()
    }
}

fn columns(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn a_data_package_in_a_folder_is_loaded_by_its_schema() {
    for fair in Fair::of_each_kind() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/codes.csv"), "code,n\n1,5\n2,6\n").unwrap();
        let package = json!({"name": "codes", "title": "Codes", "resources": [{"name": "codes", "path": "data/codes.csv",
            "schema": {"fields": [{"name": "code", "type": "string"}, {"name": "n", "type": "integer"}]}}]});
        std::fs::write(folder.path().join("datapackage.json"), package.to_string()).unwrap();
        std::fs::write(folder.path().join("data/secret.csv"), "a\n1\n").unwrap();
        first(&harvest(&fair.portal, folder.path().to_str().unwrap(), None), [1, 1, 0]);
        assert_eq!(kind_of(&fair.portal).as_deref(), Some("frictionless"));
        assert_eq!(fair.load(), LoadSums { loaded: 1, ..LoadSums::default() });
        // Without the schema, the codes would be numbers.
        assert_eq!(fair.columns("codes"), columns(&[("code", "Text"), ("n", "Integer")]));
        assert_eq!(fair.load(), LoadSums { unchanged: 1, ..LoadSums::default() });
    }
}

#[test]
fn a_package_cannot_name_files_outside_its_folder() {
    let fair = Fair::with(Portal::open());
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("package");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(outside.path().join("private.csv"), "a,b\n1,2\n").unwrap();
    let paths = ["../private.csv", "/private.csv", "%2e%2e/private.csv", "linked.csv"];
    let absolute = format!("file://{}", outside.path().join("private.csv").display());
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("private.csv"), folder.join("linked.csv")).unwrap();
    let resources: Vec<Value> =
        paths.iter().copied().chain([absolute.as_str()]).map(|path| json!({"name": "x", "path": path})).collect();
    let package = json!({"name": "p", "title": "P", "resources": resources});
    std::fs::write(folder.join("datapackage.json"), package.to_string()).unwrap();
    first(&harvest(&fair.portal, folder.to_str().unwrap(), None), [1, 1, 0]);
    assert_eq!(fair.load().loaded, 0);
    assert!(fair.tables().is_empty());
    // Nor can a catalogue on the web.
    let agency = serving(&[("/datapackage.json", json!({"name": "w", "title": "W", "resources": [{"name": "x", "path": "source:///private.csv"}, {"name": "y", "path": absolute}]}).to_string())]);
    harvest(&fair.portal, agency.url("/datapackage.json").as_str(), None);
    assert_eq!(fair.load().loaded, 0);
    assert!(
        published(fair.portal.catalog())
            .values()
            .all(|it| it.distribution.iter().all(|one| one.download_url.is_none() || one.held_at.is_none()))
    );
}

#[test]
fn a_folder_of_files_is_a_source_and_follows_what_happens_in_it() {
    for fair in Fair::of_each_kind() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("bus_stops-2024.csv", "stop,lat\nA,1.5\n");
        put("air/pm10.csv", "day,value\n2024-01-01,3\n");
        put(
            "air/pm10.json",
            r#"{"title": "Fine dust", "description": "Daily means", "license": "https://l.test/", "keywords": "air, dust", "contact": {"name": "Desk", "email": "air@city.test"}}"#,
        );
        put("trees/metadata.yaml", "title: Trees\npublisher: Parks office\ntags: [trees, parks]\n");
        put("trees/2023.csv", "a,b\n1,2\n");
        put("trees/2024.csv", "a,b\n1,2\n");
        put("notes.md", "# Notes");
        let at = folder.path().to_str().unwrap();
        first(&harvest(&fair.portal, at, None), [3, 3, 0]);
        assert_eq!(kind_of(&fair.portal).as_deref(), Some("files"));
        let found = published(fair.portal.catalog());
        let titles: Vec<_> = found.values().map(|it| it.title.any().to_owned()).collect();
        assert_eq!(titles, ["Fine dust", "Bus stops 2024", "Trees"]);
        assert_eq!(found["air/pm10"].contact_point[0].email.as_deref(), Some("air@city.test"));
        assert_eq!(found["trees/"].publisher.as_ref().unwrap().name.any(), "Parks office");
        assert_eq!((found["trees/"].distribution.len(), found["air/pm10"].distribution.len()), (2, 1));
        assert!(found["bus_stops-2024"].modified.is_some());
        let loaded = fair.load();
        assert_eq!((loaded.loaded, loaded.failed), (4, 0), "{loaded:?}");
        assert_eq!(fair.columns("pm10"), columns(&[("day", "Date"), ("value", "Integer")]));
        // Nothing happened, then something did.
        assert_eq!(counts(&harvest(&fair.portal, at, None)), [3, 0, 0, 3, 0, 0, 0]);
        std::fs::remove_file(folder.path().join("bus_stops-2024.csv")).unwrap();
        put("new.csv", "x,y\n1,2\n");
        assert_eq!(counts(&harvest(&fair.portal, at, None))[..5], [3, 1, 0, 2, 1]);
        fair.portal.agrees();
    }
}

#[test]
fn index_pages_buckets_and_single_files_of_a_server_are_sources() {
    let agency = Agency::start(|asked| {
        let csv = || Answer::ok("name,value\nx,1\ny,2\nz,3\n").header("Content-Type", "text/csv");
        match (asked.path(), asked.query("continuation-token").as_deref()) {
            ("/data/", _) => Answer::ok(
                "<html><head><title>Index of /data/</title></head><pre><a href=\"../\">../</a>\n<a href=\"a%20b.csv\">a b.csv</a> 03-Feb-2024 10:11 22\n<a href=\"sub/\">sub/</a> 03-Feb-2024 10:11 -\n<a href=\"logo.png\">logo.png</a></pre>",
            ),
            ("/data/sub/", _) => Answer::ok(
                "<html><title>Index of /data/sub/</title><a href=\"../\">../</a> <a href=\"c.csv\">c.csv</a></html>",
            ),
            ("/data/a%20b.csv" | "/data/sub/c.csv" | "/one" | "/bucket/open/d.csv" | "/bucket/e.csv", _) => csv(),
            ("/bucket", None) => Answer::ok(
                "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t/1</NextContinuationToken><Contents><Key>open/d.csv</Key><LastModified>2024-02-03T10:11:12.000Z</LastModified><Size>22</Size></Contents></ListBucketResult>",
            ),
            ("/bucket", Some("t/1")) => Answer::ok(
                "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>e.csv</Key></Contents></ListBucketResult>",
            ),
            _ => Answer::new(404, ""),
        }
    });
    for (target, identifiers) in
        [("/data/", vec!["a b", "sub/c"]), ("/bucket?list-type=2", vec!["e", "open/d"]), ("/one", vec!["one"])]
    {
        let fair = Fair::with(Portal::open());
        let count = identifiers.len() as u64;
        first(&harvest(&fair.portal, agency.url(target).as_str(), None), [count, count, 0]);
        let found = published(fair.portal.catalog());
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), identifiers, "{target}");
        let loaded = fair.load();
        assert_eq!((loaded.loaded, loaded.failed), (count, 0), "{target}: {loaded:?}");
    }
}

/// A workbook of one sheet, as small as they come.
fn workbook(rows: &[[&str; 4]]) -> Vec<u8> {
    use std::io::Write;
    let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rows: String = rows.iter().map(|row| format!("<row>{}</row>", row.map(cell).concat())).collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Liste\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_table_that_lists_datasets_is_told_from_a_table_of_data() {
    let list = workbook(&[
        ["Titel", "Herausgeber", "Lizenz", "Download-URL"],
        ["Bäume", "Stadt", "https://l.test/", "https://s.test/b.csv"],
        ["Wege", "Stadt", "https://l.test/", "https://s.test/w.csv"],
    ]);
    let agency = Agency::start(move |asked| match asked.path() {
        "/list.csv" => Answer::ok(
            "Titre du jeu de données;Producteur;Licence;URL\nArbres;Ville;https://l.test/;https://s.test/a.csv\n;Ville;;https://s.test/x\n",
        ),
        "/list.xlsx" => Answer::ok(list.clone()),
        "/data.csv" => Answer::ok("station;date;value\n1;2024-01-01;3\n2;2024-01-01;4\n"),
        _ => Answer::new(404, ""),
    });
    for (target, kind, expected, found) in [
        ("/list.csv", None, "list", [2, 1, 1]),
        ("/list.xlsx", Some("list"), "list", [2, 2, 0]),
        ("/data.csv", None, "files", [1, 1, 0]),
        ("/list.csv", Some("files"), "files", [1, 1, 0]),
    ] {
        let portal = Portal::open();
        first(&harvest(&portal, agency.url(target).as_str(), kind), found);
        assert_eq!(kind_of(&portal).as_deref(), Some(expected), "{target}");
    }
}

const WATER: &str = "
    create table stations (code text primary key, name text not null, built date, height real, open boolean);
    insert into stations values ('007', 'Old bridge', '1950-03-01', 12.5, true), ('012', 'Weir', null, 3, false);
    create table levels (station text, at timestamp, level integer);
    insert into levels values ('007', '2024-01-01 10:00:00', 31), ('012', '2024-01-01 10:00:00', null);
    create view open_stations as select code, name from stations where open;";

/// What both databases give: the same tables, with the same types.
fn water_is_there(fair: &Fair, prefix: &str) {
    let found = published(fair.portal.catalog());
    let names: Vec<String> = ["levels", "open_stations", "stations"].map(|name| format!("{prefix}{name}")).to_vec();
    assert_eq!(found.keys().cloned().collect::<Vec<_>>(), names);
    let stations = &found[&format!("{prefix}stations")];
    assert_eq!(stations.distribution[0].held_at.as_deref(), Some(format!("{prefix}stations").as_str()));
    assert!(stations.description.any().contains("height"));
    assert_eq!(fair.load(), LoadSums { loaded: 3, ..LoadSums::default() });
    let stations = fair.columns(&format!("{prefix}stations"));
    assert_eq!(stations[0], ("code".to_owned(), "Text".to_owned()), "leading zeros stay");
    assert_eq!((stations[2].1.as_str(), stations[4].1.as_str()), ("Date", "Boolean"));
    assert_eq!(fair.tables()[&format!("{prefix}levels")].rows, 2);
    assert_eq!(fair.load(), LoadSums { unchanged: 3, ..LoadSums::default() });
    fair.portal.agrees();
}

#[test]
fn tables_of_a_sqlite_file_become_datasets_with_their_rows() {
    for fair in Fair::of_each_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("water.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(WATER).unwrap();
        let at = path.to_str().unwrap();
        first(&harvest(&fair.portal, at, None), [3, 3, 0]);
        assert_eq!(kind_of(&fair.portal).as_deref(), Some("sqlite"));
        water_is_there(&fair, "");
        connection
            .execute_batch("insert into stations values ('100', 'New', null, 1, true); drop view open_stations;")
            .unwrap();
        assert_eq!(counts(&harvest(&fair.portal, at, None))[..5], [2, 0, 0, 2, 1]);
        let again = fair.load();
        assert_eq!((again.loaded, again.unchanged), (1, 1), "{again:?}");
        assert_eq!(fair.tables()["stations"].rows, 3);
    }
    let fair = Fair::with(Portal::open());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("water.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(WATER).unwrap();
    first(&harvest(&fair.portal, &format!("sqlite:{}?tables=stations", path.display()), None), [1, 1, 0]);
    assert_eq!(fair.load().loaded, 1);
}

/// A database of the story's own on the tests' server, made with the server's own tools.
struct Water {
    server: String,
    name: String,
}

impl Water {
    fn open() -> Option<Self> {
        let Ok(server) = std::env::var("FAIRGROUND_TEST_POSTGRES_URL") else {
            eprintln!("skipped: FAIRGROUND_TEST_POSTGRES_URL is not set");
            return None;
        };
        let name = format!("water_{}", std::process::id());
        let water = Self { server, name };
        water.run("createdb", &[&format!("--maintenance-db={}", water.server), &water.name]);
        Some(water)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        assert!(
            Command::new(program).args(arguments).stdout(std::process::Stdio::null()).status().unwrap().success(),
            "{program}"
        );
    }

    fn address(&self) -> String {
        format!("{}/{}", self.server.rsplit_once('/').unwrap().0, self.name)
    }

    fn sql(&self, text: &str) {
        self.run("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", &self.address(), "-c", text]);
    }
}

impl Drop for Water {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run("dropdb", &["--force", &format!("--maintenance-db={}", self.server), &self.name]);
        }
    }
}

#[test]
fn tables_of_a_postgresql_database_become_datasets_with_their_rows() {
    let Some(water) = Water::open() else { return };
    water.sql(WATER);
    water.sql("comment on table stations is 'Gauging stations\nAll that are or were.'; comment on column stations.height is 'metres above sea'; create schema hidden; create table hidden.x (a int);");
    let fair = Fair::with(Portal::open());
    let at = format!("{}?sslmode=disable&tables=public.*", water.address());
    first(&harvest(&fair.portal, &at, None), [3, 3, 0]);
    assert_eq!(kind_of(&fair.portal).as_deref(), Some("postgres"));
    let stations = published(fair.portal.catalog())["public.stations"].clone();
    assert_eq!(stations.title.any(), "Gauging stations");
    assert!(stations.description.any().contains("height (metres above sea)"), "{}", stations.description.any());
    water_is_there(&fair, "public.");
    let levels = fair.columns("public.levels");
    assert_eq!((levels[1].1.as_str(), levels[2].1.as_str()), ("Timestamp { utc: false }", "Integer"));
    // Nothing can be written, and nothing shows the password.
    let wrong = format!("postgres://nobody:s3cret@127.0.0.1:1/{}", water.name);
    let report = harvest(&fair.portal, &wrong, None);
    assert_eq!(state(&report), "failed");
    assert!(!format!("{report:?}").contains("s3cret"), "{report:?}");
}

#[test]
fn every_real_document_of_these_kinds_comes_to_the_outcome_that_was_counted() {
    let Some(data) = data("harvest") else { return };
    for (name, kind, expected) in [
        // The root lists three collections, two of one id, and an item outside collections.
        ("stac/catalog.json", "stac", [4, 4, 0]),
        ("stac/collection.json", "stac", [1, 1, 0]),
        ("stac/collection-only/collection.json", "stac", [1, 1, 0]),
        ("stac/extensions-collection/collection.json", "stac", [1, 1, 0]),
        ("stac/collectionless-item.json", "stac", [1, 1, 0]),
        ("stac/simple-item.json", "stac", [1, 1, 0]),
        ("schema-org/dataset-full.jsonld", "schema-org", [1, 1, 0]),
        ("schema-org/dataset-temporalCoverage.jsonld", "schema-org", [7, 0, 7]),
        ("schema-org/dataset-variableMeasured_AstroMaterials_analysis.jsonld", "schema-org", [1, 0, 1]),
        ("croissant/titanic.json", "croissant", [1, 1, 0]),
        ("croissant/gpt-3.json", "croissant", [1, 1, 0]),
        ("flat-catalogue/gee_catalog.csv", "list", [884, 884, 0]),
        ("flat-catalogue/gee_catalog.json", "list", [884, 884, 0]),
        ("dcat-us-3-examples/dataset-series.jsonld", "dcat-us", [2, 2, 0]),
    ] {
        let portal = Portal::open();
        let report = harvest(&portal, data.join(name).to_str().unwrap(), None);
        first(&report, expected);
        assert_eq!(kind_of(&portal).as_deref(), Some(kind), "{name}");
        assert_eq!(counts(&harvest(&portal, data.join(name).to_str().unwrap(), None))[3], expected[1], "{name}");
    }
    for name in [
        "schema-org/CESSAVocabularyRegistry.json",
        "schema-org/data-repository-minimal.jsonld",
        "dcat-us-federal/state-not-json.json",
    ] {
        let report = harvest(&Portal::open(), data.join(name).to_str().unwrap(), None);
        assert_eq!(state(&report), "failed", "{name}: {report:?}");
    }
}

#[test]
fn a_real_folder_of_tables_gives_a_dataset_for_each_name() {
    let Some(data) = data("tabular") else { return };
    let portal = Portal::open();
    let report = harvest(&portal, data.to_str().unwrap(), None);
    assert_eq!(state(&report), "completed", "{report:?}");
    let found = published(portal.catalog());
    // Counted by walking through the folder without our reader: files with an ending of data, by folder and name.
    let mut names = std::collections::BTreeSet::new();
    let mut queue = vec![data.clone()];
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
            if path.is_dir() {
                queue.push(path);
            } else if ["csv", "xlsx", "xls", "xlsb", "xlsm", "ods", "parquet", "geojson", "shp", "zip", "tsv"]
                .contains(&ending.as_str())
            {
                let inside = path.strip_prefix(&data).unwrap().with_extension("");
                names.insert(inside.to_string_lossy().into_owned());
            }
        }
    }
    let missing: Vec<_> = names.iter().filter(|name| !found.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(names.len() > 100, "{}", names.len());
}

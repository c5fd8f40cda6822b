//! Tables on the dataset's page and on their own.

use actix_web::http::StatusCode;
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, LoadedFile, LoadedTable, Turn};
use fairground_domain::{
    Column, ColumnStatistics, ColumnType, ContentHash, Histogram, QuarantineSummary, Snapshot, SourceNotes, TopValue,
};

use crate::house::{HOSTILE_TITLE, House, drafts};
use crate::scan::breaches;

/// HTML, styles and scripts of a table's page, compressed, without its rows.
const MOST_TRANSFERRED_BYTES: usize = 60_000;
const HOSTILE_COLUMN: &str = "</title><script>alert('column')</script>\" onfocus=\"alert(1)";
const HOSTILE_VALUE: &str = "'; DROP TABLE beds; -- \"<img src=x onerror=alert(2)>\" $(reboot) #(lf)";

fn column(name: &str, title: &str, column_type: ColumnType, top: &[(&str, u64)]) -> Column {
    Column {
        name: name.to_owned(),
        title: title.to_owned(),
        column_type,
        description: Some("<b>what</b> it is".to_owned()),
        allowed: Vec::new(),
        statistics: ColumnStatistics {
            count: 9,
            nulls: 1,
            distinct: 3,
            distinct_is_exact: true,
            min: Some("<i>least".to_owned()),
            max: Some("greatest</i>".to_owned()),
            mean: column_type.is_numeric().then_some(4.5),
            top: top.iter().map(|(value, rows)| TopValue { value: (*value).to_owned(), rows: *rows }).collect(),
            histogram: column_type.is_numeric().then(|| Histogram { bounds: vec![0.0, 5.0, 10.0], counts: vec![6, 3] }),
            ..ColumnStatistics::default()
        },
    }
}

fn snapshot(key: &str, columns: Vec<Column>) -> Snapshot {
    Snapshot {
        key: ContentHash::of(key.as_bytes()),
        name: "beds".to_owned(),
        rows: 12_345,
        columns,
        quarantine: QuarantineSummary { rows: 2, reasons: vec![("too-many-fields".to_owned(), 2)] },
        source: SourceNotes {
            format: "csv".to_owned(),
            file: "beds<1>.csv".to_owned(),
            delimiter: Some(';'),
            header_rows: 1,
            notes: vec!["<script>alert('note')</script> was renamed".to_owned()],
            ..SourceNotes::default()
        },
        parquet_bytes: 4_321,
    }
}

fn columns() -> Vec<Column> {
    vec![
        column("ward", HOSTILE_COLUMN, ColumnType::Text, &[(HOSTILE_VALUE, 5), ("plain", 4)]),
        column("beds", "Beds", ColumnType::Integer, &[("12", 5)]),
        column("limit", "Limit", ColumnType::Date, &[("2026-01-01", 5)]),
    ]
}

fn furnished() -> (House, Dataset) {
    let house = House::open();
    let source = house.source("health", None);
    house.harvest(&source, drafts(&[HOSTILE_TITLE]));
    let all = house.catalog.db.read(|tx| dataset::list_published_after(tx, None, 10)).unwrap();
    (house, all.into_iter().next().unwrap())
}

fn publish(house: &House, dataset: &Dataset, snapshot: Snapshot) -> table::Published {
    let file = LoadedFile {
        dataset: dataset.id,
        distribution: dataset.distribution_ids()[0],
        title: HOSTILE_TITLE.to_owned(),
        uploaded: false,
        source_hash: ContentHash::of(b"file"),
        tables: vec![LoadedTable { key: "beds".to_owned(), snapshot }],
    };
    let mut published = house.catalog.db.write(|tx| table::publish_snapshots(tx, &file, 5, "test")).unwrap();
    published.remove(0)
}

#[actix_web::test]
async fn a_hostile_table_is_shown_as_the_text_it_is() {
    let (house, dataset) = furnished();
    let table = publish(&house, &dataset, snapshot("1", columns()));
    let path = format!("/datasets/{}/tables/{}", dataset.slug, table.id);
    let answer = house.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(breaches(&answer.body), Vec::<String>::new());
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.body.matches("<h1").count(), 1);
    for part in [
        "12,345 rows × 3 columns",
        "2 more rows were kept out",
        "2: more fields than columns",
        "columns separated by semicolons",
        "&#60;script&#62;alert(&#39;column&#39;)",
        "4.3 kB",
        "aria-label=\"How the values of Beds are spread: 2 ranges from 0 to 10; most values, 6, lie in the range 0 – 5.\"",
        "--data-urlencode &#39;ward=plain&#39;",
        "/openapi.json",
        "The first version",
    ] {
        assert!(answer.body.contains(part), "lacks {part}:\n{}", answer.body);
    }
    for (tag, allowed) in [("<img src=x", 0), ("<script>", 0), ("onfocus=\"", 0)] {
        assert_eq!(answer.body.matches(tag).count(), allowed, "{tag}");
    }
    // Values that are too long for an example are not made one; in the list of frequent values they are text.
    assert!(answer.body.contains("&#39;; DROP TABLE beds; --"));
}

#[actix_web::test]
async fn a_table_has_one_address_and_others_lead_to_it() {
    let (house, dataset) = furnished();
    let table = publish(&house, &dataset, snapshot("1", columns()));
    let address = format!("/datasets/{}/tables/{}", dataset.slug, table.id);
    for path in [
        format!("/datasets/{}/tables/{}", dataset.slug, table.slug),
        format!("/datasets/another/tables/{}", table.id),
        format!("/datasets/{}/tables/{}", dataset.id, table.id),
    ] {
        let answer = house.get(&path).await;
        assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{path}");
        assert_eq!(answer.header("location"), address, "{path}");
    }
    for path in [
        format!("/datasets/{}/tables/none", dataset.slug),
        format!("{address}?version=9"),
        format!("{address}?version=x"),
    ] {
        assert_eq!(house.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let source = house.catalog.db.read(|tx| fairground_catalog::harvest::get_source(tx, "health")).unwrap();
    house.harvest(&source, drafts(&["Another"]));
    assert_eq!(house.get(&address).await.status, StatusCode::GONE);
}

#[actix_web::test]
async fn an_older_version_is_shown_as_one_and_stays_pinned() {
    let (house, dataset) = furnished();
    publish(&house, &dataset, snapshot("1", columns()));
    let mut fewer = columns();
    fewer.remove(1);
    let table = publish(&house, &dataset, snapshot("2", fewer));
    assert_eq!(table.version, 2);
    let address = format!("/datasets/{}/tables/{}", dataset.slug, table.id);
    let now = house.get(&address).await;
    assert!(now.body.contains("gone: beds") && now.body.contains("Look at your program"), "{}", now.body);
    assert!(!now.body.contains("Version 2 has taken its place"));
    let before = house.get(&format!("{address}?version=1")).await;
    for part in ["Version 2 has taken its place", "\"version\":1,", "&#39;version=1&#39;", "export.parquet?version=1"] {
        assert!(before.body.contains(part), "lacks {part}");
    }
    assert_eq!(breaches(&before.body), Vec::<String>::new());
}

#[actix_web::test]
async fn a_dataset_says_what_its_files_became_or_why_not() {
    let (house, dataset) = furnished();
    let path = format!("/datasets/{}", dataset.slug);
    let waiting = house.get(&path).await;
    assert!(waiting.body.contains("waits for its turn") && waiting.body.contains("data-refresh"), "{}", waiting.body);
    assert_eq!(waiting.body.matches("class=\"fg-load\"").count(), 1, "nothing is said of what is no table");
    assert!(!waiting.body.contains("Explore"));

    let db = &house.catalog.db;
    let (job, lease) = db.write(|tx| table::claim_next_load(tx, "worker", &Turn::default())).unwrap().unwrap();
    let why = "not a table: the answer is a web page <b>&";
    db.write(|tx| table::fail_load(tx, &lease, &job.progress, why, false, None)).unwrap();
    let failed = house.get(&path).await;
    assert!(failed.body.contains("Not a table: the answer is a web page &#60;b&#62;&#38;."), "{}", failed.body);
    assert!(failed.body.contains("can still be downloaded") && !failed.body.contains("data-refresh"));

    let table = publish(&house, &dataset, snapshot("1", columns()));
    let loaded = house.get(&path).await;
    for part in [
        "12,345 rows × 3 columns".to_owned(),
        "2 rows kept out".to_owned(),
        format!("/datasets/{}/tables/{}#api", dataset.slug, table.id),
        format!("/api/v1/tables/{}/quarantine.csv", table.slug),
        format!("/api/v1/tables/{}/export.csv\"", table.slug),
        "The version above is the last good one".to_owned(),
    ] {
        assert!(loaded.body.contains(&part), "lacks {part}:\n{}", loaded.body);
    }
    assert_eq!(breaches(&loaded.body), Vec::<String>::new());
}

#[actix_web::test]
async fn a_table_of_thousands_of_columns_stays_light() {
    let (house, dataset) = furnished();
    let many: Vec<Column> = (0..4_000)
        .map(|n| column(&format!("c{n}"), &format!("Column {n}"), ColumnType::Integer, &[("12", 5)]))
        .collect();
    let table = publish(&house, &dataset, snapshot("1", many));
    let path = format!("/datasets/{}/tables/{}", dataset.slug, table.id);
    let page = house.get(&path).await;
    assert!(page.body.contains("And 3,800 more") && page.body.contains("The first 40 of 4,000 columns"));
    let own =
        page.body.match_indices("\"/assets/").map(|(at, _)| page.body[at + 1..].split('"').next().unwrap().to_owned());
    let files: std::collections::BTreeSet<String> = own.chain([path]).collect();
    let mut transferred = 0;
    for address in &files {
        let request = actix_web::test::TestRequest::get().uri(address).insert_header(("accept-encoding", "br"));
        transferred += house.ask(request).await.size_bytes;
    }
    println!("{transferred} bytes at most");
    assert!(transferred <= MOST_TRANSFERRED_BYTES, "{transferred} bytes");
}

#[actix_web::test]
async fn a_picture_may_be_framed_by_anybody_and_holds_nobody() {
    let (house, dataset) = furnished();
    let table = publish(&house, &dataset, snapshot("1", columns()));
    house.account("olga@portal.example", fairground_catalog::account::Role::Operator, None);
    let (cookie, _) = house.sign_in("olga@portal.example").await;
    let path = format!("/datasets/{}/tables/{}/embed?chart.kind=bar&chart.x=ward", dataset.slug, table.id);
    let answer = house.get_as(&cookie, &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(breaches(&answer.body), Vec::<String>::new());
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("frame-ancestors *") && policy.contains("form-action 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for part in ["<form", "csrf", "Ada", "Sign out"] {
        assert!(!answer.body.contains(part), "holds {part}: {}", answer.body);
    }
    assert!(
        answer.body.contains("data-chart") && answer.body.contains("Source: Ministry of Health"),
        "{}",
        answer.body
    );
    let page = house.get(&format!("/datasets/{}/tables/{}", dataset.slug, table.id)).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[actix_web::test]
async fn a_page_without_rows_says_why_and_has_everything_else() {
    let (house, dataset) = furnished();
    let table = publish(&house, &dataset, snapshot("1", columns()));
    // This house has no engine for rows: the API refuses, and the page says so.
    let path = format!("/datasets/{}/tables/{}?is.ward=plain&sortby=-beds", dataset.slug, table.id);
    let answer = house.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for part in ["No rows.", "value=\"plain\"", "aria-sort=\"descending\"", "id=\"table-block\"", "ward=plain"] {
        assert!(answer.body.contains(part), "lacks {part}:\n{}", answer.body);
    }
    assert!(!answer.body.contains("id=\"table-rows\""));
}

#[actix_web::test]
async fn what_changed_in_a_description_is_told_version_by_version() {
    let (house, dataset) = furnished();
    let source = house.catalog.db.read(|tx| fairground_catalog::harvest::get_source(tx, "health")).unwrap();
    let mut changed = drafts(&[HOSTILE_TITLE]);
    changed[0].0.description = fairground_domain::LocalizedText::undetermined("Another <b>text</b>");
    house.harvest(&source, changed);
    let answer = house.get(&format!("/datasets/{}/versions", dataset.slug)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(breaches(&answer.body), Vec::<String>::new());
    for part in ["Version 2", "The first version", "Description", "Another &#60;b&#62;text&#60;/b&#62;"] {
        assert!(answer.body.contains(part), "lacks {part}:\n{}", answer.body);
    }
    assert_eq!(house.get("/datasets/none/versions").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn changes_for_developers_tell_columns_that_went_and_the_documentation_uses_the_table() {
    let (house, dataset) = furnished();
    let first = publish(&house, &dataset, snapshot("1", columns()));
    assert!(!house.get("/developers/changes").await.body.contains("id=\"table-"));
    let fewer = columns().into_iter().skip(1).collect();
    publish(&house, &dataset, snapshot("2", fewer));
    let slug = first.slug;
    let page = house.get("/developers/changes").await.body;
    assert!(page.contains(&format!("id=\"table-{slug}-2\"")) && page.contains("breaking"), "{page}");
    assert!(page.contains("<code>ward</code>"), "{page}");
    assert_eq!(breaches(&page), Vec::<String>::new());
    let docs = house.get(&format!("/docs?table={slug}")).await.body;
    for door in ["rows", "aggregate", "export.csv"] {
        assert!(docs.contains(&format!("action=\"/api/v1/tables/{slug}/{door}\"")), "{door}: {docs}");
    }
    assert_eq!(breaches(&docs), Vec::<String>::new());
}

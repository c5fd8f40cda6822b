//! Serves every page with authored values, to look at in a browser: `cargo run -p fairground-web --example gallery`.
//!
//! No catalogue behind it, nothing is stored; the address is `127.0.0.1:8099` unless another is given as first argument.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use askama::Template;
use fairground_catalog::dataset::{CardPublisher, DatasetCard};
use fairground_catalog::harvest::{
    Counts, HarvestJob, HarvestPayload, HarvestProgress, HarvestRecord, HarvestSource, JobState, Outcome, SourceState,
    Stage, Sums, Validators,
};
use fairground_catalog::register::{EntryKind, EntryStatus};
use fairground_catalog::table::{Table, TableState, TableVersion};
use fairground_domain::{
    Agent, Checksum, Column, ColumnStatistics, ColumnType, Concept, ContactPoint, ContentHash, DatasetDraft, DatasetId,
    Distribution, DistributionId, Finding, Histogram, JobId, LanguageTag, Licence, LocalizedText, Location,
    PeriodOfTime, QuarantineSummary, ResourceKind, SchemaChange, Snapshot, SourceId, SourceNotes, TableId, Tariff,
    Timestamp, TopValue,
};
use fairground_web::brand::{Brand, BrandSettings};
use fairground_web::dataset::{DatasetPage, DatasetView, Listing};
use fairground_web::developer::{DeveloperPage, DeveloperView, KeyForm, KeyMade, KeyMadeView};
use fairground_web::docs::DocsView;
use fairground_web::home::{HomePage, HomeView};
use fairground_web::layout::{
    CountedLink, ErrorPage, Frame, Link, Notice, PageError, Person, Place, Site, answer_page,
};
use fairground_web::publisher::{PublisherCard, PublisherList, PublisherListView, PublisherPage, PublisherView};
use fairground_web::search::{Facet, FacetValue, Filter, Query, Respelt, ResultCard, SearchPage, SearchView, href_for};
use fairground_web::session::{SignInPage, SignInView};
use fairground_web::table::{Costs, Home, LoadState, Shelf, Shelves, TableCard, TablePage, TableView};
use fairground_web::transparency::{
    EntryLine, JournalHead, JournalLine, TariffView, TransparencyPage, TransparencyPageView,
};
use fairground_web::workspace::{
    ApplicationLine, ApplicationList, ApplicationListView, DeskPage, DeskView, JobLine, JobList, JobListView, JobPage,
    JobView, SourceForm, SourceFormView, SourceLine, SourcePage, SourceView,
};

type Error = Box<dyn std::error::Error>;

fn text(languages: &[(&str, &str)]) -> LocalizedText {
    let mut text = LocalizedText::default();
    for (tag, value) in languages {
        text.insert(LanguageTag::lenient(tag), *value);
    }
    text
}

fn now() -> Timestamp {
    Timestamp::now()
}

struct Sample {
    title: LocalizedText,
    publisher: &'static str,
    excerpt: LocalizedText,
    formats: &'static [&'static str],
    licence: &'static str,
    modified: Option<&'static str>,
    frequency: Option<&'static str>,
    kind: ResourceKind,
}

fn samples() -> Vec<Sample> {
    let dataset = |title, publisher, excerpt, formats, licence, modified, frequency| Sample {
        title,
        publisher,
        excerpt,
        formats,
        licence,
        modified,
        frequency,
        kind: ResourceKind::Dataset,
    };
    vec![
        dataset(
            text(&[("en", "Air quality measurements from fixed stations, hourly")]),
            "Environment Agency",
            text(&[(
                "en",
                "Hourly means of **nitrogen dioxide**, ozone and particulates from 214 fixed stations, validated monthly. Each row names the station, the pollutant, the value in µg/m³ and the state of validation.",
            )]),
            &["CSV", "JSON", "application/geo+json", "Parquet"],
            "https://creativecommons.org/licenses/by/4.0/",
            Some("2026-11-20"),
            Some("http://publications.europa.eu/resource/authority/frequency/DAILY"),
        ),
        dataset(
            text(&[("de", "Krankenhausverzeichnis mit Bettenzahlen nach Fachabteilung")]),
            "Ministry of Health",
            text(&[(
                "de",
                "Verzeichnis aller zugelassenen Krankenhäuser mit Anschrift, Träger und Zahl der aufgestellten Betten je Fachabteilung. Stichtag ist der 31. Dezember.",
            )]),
            &["XLSX", "CSV", "PDF"],
            "https://www.govdata.de/dl-de/by-2-0",
            Some("2025-02-11"),
            Some("R/P1Y"),
        ),
        dataset(
            text(&[("en", "Timetables of public transport")]),
            "Transport Authority",
            text(&[("en", "Stops, lines and departures of all operators in one feed, renewed each week.")]),
            &["GTFS", "ZIP"],
            "https://creativecommons.org/publicdomain/zero/1.0/",
            Some("2026-09-02"),
            Some("R/P1W"),
        ),
        Sample {
            kind: ResourceKind::DataService,
            ..dataset(
                text(&[("en", "Address search service")]),
                "Mapping Agency",
                text(&[("en", "Finds addresses and their coordinates as you type.")]),
                &["API"],
                "https://example.org/terms",
                None,
                None,
            )
        },
        dataset(
            text(&[("en", "<script>alert('title')</script> Budget of the municipalities & districts 2010–2026")]),
            "Statistics Office",
            text(&[(
                "en",
                "<p>Planned and actual <b>income</b> and spending by municipality.</p><img src=x onerror=alert(1)>",
            )]),
            &["CSV", "XLSX", "JSON", "XML", "RDF", "ODS", "PDF", "HTML"],
            "",
            Some("2024"),
            None,
        ),
    ]
}

fn card(sample: &Sample) -> ResultCard {
    let slug = fairground_domain::Slug::from_title(sample.title.any()).expect("a slug");
    let publisher = fairground_domain::Slug::from_title(sample.publisher).expect("a slug");
    let card = DatasetCard {
        id: DatasetId::new(),
        slug,
        kind: sample.kind,
        identifier: "x-1".to_owned(),
        title: sample.title.clone(),
        excerpt: sample.excerpt.clone(),
        publisher: Some(CardPublisher { slug: publisher, name: sample.publisher.to_owned() }),
        formats: sample.formats.iter().map(|format| (*format).to_owned()).collect(),
        distributions: sample.formats.len(),
        licences: [sample.licence].into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect(),
        keywords: Vec::new(),
        issued: None,
        modified: sample.modified.map(str::to_owned),
        frequency: sample.frequency.map(str::to_owned),
        version: 1,
        updated_at: now(),
    };
    ResultCard::of(&card, now(), fairground_web::words::Language::En)
}

fn cards() -> Vec<ResultCard> {
    samples().iter().map(card).collect()
}

fn themes() -> Vec<CountedLink> {
    [
        ("Environment", 312),
        ("Health", 188),
        ("Transport", 176),
        ("Population and society", 151),
        ("Economy and finance", 140),
        ("Regions and cities", 98),
        ("Education, culture and sport", 64),
        ("Agriculture, fisheries, forestry and food", 41),
    ]
    .into_iter()
    .map(|(name, count)| CountedLink { text: name.to_owned(), href: href_for(Filter::Theme, name), count })
    .collect()
}

fn home() -> HomePage {
    HomePage {
        datasets: 1_284,
        publishers: 23,
        themes: themes(),
        newest: cards().into_iter().take(4).collect(),
        most_used: themes().into_iter().take(3).collect(),
        largest_publishers: [("Environment Agency", 301), ("Statistics Office", 280), ("Ministry of Health", 144)]
            .into_iter()
            .map(|(name, count)| CountedLink { text: name.to_owned(), href: "/publishers/x".to_owned(), count })
            .collect(),
    }
}

fn facet(filter: Filter, values: &[(&str, u64)]) -> Facet {
    let values = values
        .iter()
        .map(|(name, count)| FacetValue { values: vec![(*name).to_owned()], label: (*name).to_owned(), count: *count })
        .collect();
    Facet { filter, values }
}

fn search(query: Query) -> SearchPage {
    let is_empty = query.words == "nothing";
    SearchPage {
        total: if is_empty { 0 } else { 1_284 },
        results: if is_empty { Vec::new() } else { cards() },
        facets: vec![
            facet(
                Filter::Theme,
                &[("Environment", 312), ("Health", 188), ("Transport", 176), ("Population and society", 151)],
            ),
            facet(
                Filter::Publisher,
                &[
                    ("Environment Agency", 301),
                    ("Statistics Office", 280),
                    ("Ministry of Health", 144),
                    ("Federal Office for the Protection of Rather Long Names", 12),
                ],
            ),
            facet(Filter::Format, &[("CSV", 902), ("JSON", 411), ("XLSX", 300), ("GeoJSON", 120)]),
            facet(Filter::Licence, &[("CC BY 4.0", 800), ("CC0 1.0", 210)]),
            facet(Filter::Keyword, &[("air", 44), ("water", 40)]),
        ],
        next: Some("abc".to_owned()),
        page_size: 20,
        respelled: if query.words == "aire" {
            vec![Respelt { typed: "aire".to_owned(), taken: "air".to_owned(), held: 0 }]
        } else {
            Vec::new()
        },
        ideas: vec![Link::new("Environment", "/datasets?theme=Environment")],
        query,
        ..SearchPage::default()
    }
}

fn draft() -> DatasetDraft {
    DatasetDraft {
        identifier: "ea:air-quality-hourly".to_owned(),
        title: text(&[("en", "Air quality measurements from fixed stations, hourly")]),
        description: text(&[(
            "en",
            "Hourly means of **nitrogen dioxide**, ozone and particulates from 214 fixed stations.\n\nEach row names:\n\n- the station and its coordinates,\n- the pollutant,\n- the value in µg/m³,\n- the state of validation.\n\nSee <a href=\"https://example.org/method\">the method</a>. <script>alert(1)</script>",
        )]),
        contact_point: vec![ContactPoint {
            name: text(&[("en", "Air monitoring desk")]),
            email: Some("air@environment.example".to_owned()),
            telephone: Some("+49 30 000000".to_owned()),
            url: Some("https://environment.example/contact".to_owned()),
        }],
        creator: vec![Agent { name: text(&[("en", "Monitoring network")]), ..Agent::default() }],
        keyword: ["air", "air quality", "nitrogen dioxide", "ozone", "PM10", "PM2.5", "stations"]
            .into_iter()
            .map(|word| (LanguageTag::lenient("en"), word.to_owned()))
            .collect(),
        theme: vec![
            Concept::iri("http://publications.europa.eu/resource/authority/data-theme/ENVI"),
            Concept::iri("http://publications.europa.eu/resource/authority/data-theme/HEAL"),
        ],
        licence: Some(Licence {
            iri: Some("https://creativecommons.org/licenses/by/4.0/".to_owned()),
            ..Licence::default()
        }),
        issued: Some("2014-03-01".to_owned()),
        modified: Some("2026-11-20".to_owned()),
        language: vec![LanguageTag::lenient("en"), LanguageTag::lenient("de")],
        frequency: Some(Concept::iri("http://publications.europa.eu/resource/authority/frequency/DAILY")),
        temporal: vec![PeriodOfTime { start: Some("2014-01-01".to_owned()), end: None }],
        spatial: vec![Location {
            label: text(&[("en", "Germany")]),
            bbox: Some([5.9, 47.3, 15.0, 55.1]),
            ..Location::default()
        }],
        landing_page: vec!["https://environment.example/air".to_owned(), "javascript:alert(1)".to_owned()],
        conforms_to: vec![Concept::iri("http://inspire.ec.europa.eu/metadata-codelist/air-quality")],
        distribution: vec![
            Distribution {
                title: text(&[("en", "All stations, this year")]),
                description: text(&[(
                    "en",
                    "One row per station, pollutant and hour. *Values below the limit of detection are empty.*",
                )]),
                download_url: Some("https://environment.example/air/2026.csv".to_owned()),
                media_type: Some("text/csv".to_owned()),
                byte_size: Some(184_220_000),
                modified: Some("2026-11-20".to_owned()),
                checksum: Some(Checksum {
                    algorithm: "sha256".to_owned(),
                    value: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
                }),
                described_by: Some("https://environment.example/air/dictionary.json".to_owned()),
                ..Distribution::default()
            },
            Distribution {
                title: text(&[("de", "Stationen als Karte")]),
                download_url: Some("https://environment.example/air/stations.geojson".to_owned()),
                access_url: Some("https://environment.example/air/stations".to_owned()),
                format: Some("GEOJSON".to_owned()),
                byte_size: Some(912_000),
                licence: Some(Licence {
                    iri: Some("https://creativecommons.org/publicdomain/zero/1.0/".to_owned()),
                    ..Licence::default()
                }),
                ..Distribution::default()
            },
            Distribution {
                access_url: Some("https://environment.example/air/explorer".to_owned()),
                media_type: Some("text/html".to_owned()),
                ..Distribution::default()
            },
            Distribution {
                title: text(&[("en", "Odd one")]),
                download_url: Some("javascript:alert(1)".to_owned()),
                ..Distribution::default()
            },
        ],
        ..DatasetDraft::default()
    }
}

fn dataset(public_url: &str) -> DatasetPage {
    let listing = Listing {
        id: DatasetId::new().to_string(),
        slug: "air-quality".to_owned(),
        publisher: Some(Link::new("Environment Agency", "/publishers/environment-agency")),
        published_at: now().plus_secs(-86_400 * 200),
        changed_at: now().plus_secs(-86_400 * 2),
        revision: 14,
        sources: vec!["environment-agency".to_owned()],
        corrections: Vec::new(),
    };
    DatasetPage::of(&draft(), listing, shelves(), public_url, now(), fairground_web::words::Language::En)
}

fn shelves() -> Shelves {
    let slug = "air-quality".parse().expect("a slug");
    let card = |name: &str, columns| TableCard { name: name.to_owned(), ..TableCard::of(&table(), &slug, columns) };
    let shelf = |tables, load| Shelf { tables, load };
    let because = "Not a table: the answer is a web page (status 200).".to_owned();
    Shelves {
        by_distribution: vec![
            shelf(vec![card("2026", Some(9))], LoadState::Fresh(now())),
            shelf(vec![card("Stations", Some(5)), card("Pollutants", None)], LoadState::Reading(120_000)),
            shelf(Vec::new(), LoadState::NotTabular),
            shelf(Vec::new(), LoadState::Failed(because, now().plus_secs(-7_200))),
        ],
        others: vec![card("uploaded", Some(3))],
    }
}

fn table() -> Table {
    let dataset = "0190a0a0-0000-7000-8000-000000000001".parse::<DatasetId>().expect("an id");
    let distribution = DistributionId::derived(dataset, "x");
    Table {
        id: TableId::derived(distribution, "2026"),
        slug: "air-quality-2026".parse().expect("a slug"),
        dataset_id: dataset,
        distribution_id: distribution,
        name: "2026".to_owned(),
        title: "All stations, this year".to_owned(),
        uploaded: false,
        state: TableState::Published,
        version: 3,
        snapshot_key: ContentHash::of(b"3"),
        rows: 1_204_311,
        quarantined: 4,
        created_at: now().plus_secs(-86_400 * 90),
        updated_at: now().plus_secs(-86_400 * 2),
    }
}

fn tops(values: &[(&str, u64)]) -> Vec<TopValue> {
    values.iter().map(|(value, rows)| TopValue { value: (*value).to_owned(), rows: *rows }).collect()
}

fn column(name: &str, title: &str, column_type: ColumnType, statistics: ColumnStatistics) -> Column {
    Column {
        name: name.to_owned(),
        title: title.to_owned(),
        column_type,
        description: None,
        allowed: Vec::new(),
        statistics,
    }
}

fn columns() -> Vec<Column> {
    let rows = 1_204_311;
    let full = |distinct, least: &str, greatest: &str, top: Vec<TopValue>| ColumnStatistics {
        count: rows,
        distinct,
        distinct_is_exact: distinct < 10_000,
        min: Some(least.to_owned()),
        max: Some(greatest.to_owned()),
        top,
        ..ColumnStatistics::default()
    };
    let spread = |bounds: (f64, f64), counts: &[u64]| {
        let steps = f64::from(u32::try_from(counts.len()).unwrap_or(1));
        let width = (bounds.1 - bounds.0) / steps;
        let places = 0..=u32::try_from(counts.len()).unwrap_or(0);
        let bounds = places.map(|place| width.mul_add(f64::from(place), bounds.0)).collect();
        Some(Histogram { bounds, counts: counts.to_vec() })
    };
    let hills = [900, 4_100, 90_000, 250_000, 301_000, 240_000, 160_000, 90_000, 44_000, 20_000, 3_000, 1_200, 90, 21];
    vec![
        column(
            "row_id",
            "Row ID",
            ColumnType::Integer,
            ColumnStatistics { distinct: rows, distinct_is_exact: true, ..full(rows, "1", "1204311", Vec::new()) },
        ),
        Column {
            description: Some("The station’s code in the national network. Leading zeros belong to it.".to_owned()),
            ..column(
                "station",
                "Station code",
                ColumnType::Text,
                full(
                    214,
                    "00012",
                    "DEUB044",
                    tops(&[("00012", 8_760), ("DEBE068", 8_759), ("DENW\u{202e}006", 8_700)]),
                ),
            )
        },
        column(
            "name",
            "<script>alert('column')</script> Name of the station, as it stands on its door",
            ColumnType::Text,
            full(
                214,
                "Aachen",
                "Zingst",
                tops(&[("King's \"Cross\" & Co", 8_760), ("Wallstraße #(lf)", 8_759), ("Neukölln", 8_001)]),
            ),
        ),
        Column {
            allowed: ["NO2", "O3", "PM10", "PM2.5"].map(str::to_owned).to_vec(),
            ..column(
                "pollutant",
                "Pollutant",
                ColumnType::Text,
                full(
                    4,
                    "NO2",
                    "PM2.5",
                    tops(&[("NO2", 500_100), ("O3", 400_200), ("PM10", 300_000), ("PM2.5", 4_011)]),
                ),
            )
        },
        column(
            "measured_at",
            "Measured at",
            ColumnType::Timestamp { utc: true },
            ColumnStatistics {
                histogram: spread(
                    (1_767_225_600.0, 1_795_305_600.0),
                    &[99_000, 98_000, 99_500, 99_100, 60_000, 99_000],
                ),
                ..full(8_760, "2026-01-01T00:00:00Z", "2026-11-22T05:00:00Z", tops(&[("2026-03-01T12:00:00Z", 214)]))
            },
        ),
        column(
            "value",
            "Value (µg/m³)",
            ColumnType::Decimal { scale: 2 },
            ColumnStatistics {
                count: rows - 30_120,
                nulls: 30_120,
                mean: Some(23.448_1),
                histogram: spread((0.0, 140.0), &hills),
                ..full(13_300, "0.00", "139.50", tops(&[("12.00", 4_100), ("12.50", 4_050)]))
            },
        ),
        column(
            "validated",
            "Validated",
            ColumnType::Boolean,
            full(2, "false", "true", tops(&[("true", 1_100_000), ("false", 104_311)])),
        ),
        column(
            "limit",
            "Limit",
            ColumnType::Integer,
            ColumnStatistics { mean: Some(40.0), ..full(3, "25", "50", tops(&[("40", 500_100), ("50", 300_000)])) },
        ),
        column(
            "place",
            "Place",
            ColumnType::Point,
            ColumnStatistics {
                count: rows,
                distinct: 214,
                bbox: Some([5.9, 47.3, 15.0, 55.1]),
                ..ColumnStatistics::default()
            },
        ),
    ]
}

fn version(number: i32, columns: Vec<Column>, rows: u64, change: SchemaChange) -> TableVersion {
    TableVersion {
        table_id: table().id,
        version: number,
        snapshot: Snapshot {
            key: ContentHash::of(number.to_string().as_bytes()),
            name: "2026".to_owned(),
            rows,
            columns,
            quarantine: QuarantineSummary {
                rows: 4,
                reasons: vec![("too-many-fields".to_owned(), 3), ("unclosed-quote".to_owned(), 1)],
            },
            source: SourceNotes {
                format: "csv".to_owned(),
                file: "2026.csv".to_owned(),
                encoding: Some("windows-1252".to_owned()),
                delimiter: Some(';'),
                decimal_mark: Some(','),
                preamble_rows: 2,
                header_rows: 1,
                notes: vec![
                    "dates are read as day, month, year: 13 stands in the first place in 4,012 rows".to_owned(),
                ],
                ..SourceNotes::default()
            },
            parquet_bytes: 9_120_400,
        },
        source_hash: ContentHash::of(b"file"),
        change,
        loaded_at: now().plus_secs(-86_400 * i64::from(4 - number) * 2),
        retired_at: None,
    }
}

fn table_page(public_url: &str, asked: i32) -> TablePage {
    let all = columns();
    let fewer = all.iter().skip(1).cloned().collect();
    let versions = vec![
        version(3, all.clone(), 1_204_311, SchemaChange::Compatible),
        version(2, fewer, 1_150_002, SchemaChange::Breaking),
        version(1, all, 1_150_102, SchemaChange::First),
    ];
    let home = Home {
        slug: "air-quality".to_owned(),
        title: fairground_web::words::Said::plain("Air quality measurements from fixed stations, hourly"),
        publisher: Some(Link::new("Environment Agency", "/publishers/environment-agency")),
        licence: fairground_web::words::LicenceWords::of(draft().licence.as_ref()),
        original: Some("https://environment.example/air/2026.csv".to_owned()),
        original_bytes: Some(184_220_000),
        load: LoadState::Failed("The host did not answer within 30 s.".to_owned(), now().plus_secs(-9_000)),
    };
    let costs = Costs::from(&Tariff::default_at(now()));
    let shown = versions.iter().find(|version| version.version == asked).unwrap_or(&versions[0]);
    TablePage::of(home, &table(), shown, &versions, costs, public_url)
}

/// Answers a question about rows as the API would: too many at `q=429`, wrong at `q=wrong`, slow at `q=slow`.
async fn rows(query: &str) -> HttpResponse {
    let asked: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let problem = |status, text: &str| {
        HttpResponse::build(status)
            .content_type("application/problem+json")
            .insert_header(("retry-after", "12"))
            .body(text.to_owned())
    };
    match asked.get("q").map(String::as_str) {
        Some("429") => {
            let told =
                r#"{"title":"Quota used up","status":429,"detail":"Plan `keyless` allows 25 requests a second."}"#;
            return problem(StatusCode::TOO_MANY_REQUESTS, told);
        }
        Some("wrong") => {
            let told = r#"{"title":"Bad request","status":400,"errors":[{"parameter":"value","detail":"`abc` is no number."}]}"#;
            return problem(StatusCode::BAD_REQUEST, told);
        }
        Some("broken") => return HttpResponse::InternalServerError().body("oh"),
        Some("slow") => actix_web::rt::time::sleep(std::time::Duration::from_secs(5)).await,
        _ => {}
    }
    let total: usize = if asked.get("q").is_some_and(|words| words == "nothing") { 0 } else { 1_204_311 };
    let limit = asked.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25_usize);
    let first = asked.get("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0_usize);
    let items: Vec<serde_json::Value> = (first..(first + limit).min(total))
        .map(|n| {
            let name =
                if n % 7 == 0 { "https://environment.example/stations/12" } else { "King's \"Cross\" <b>& Co</b>" };
            let pollutant = ["NO2", "O3", "PM10", "PM2.5"][n % 4];
            serde_json::json!({
                "row_id": n + 1,
                "station": format!("{:05}", n % 214),
                "name": name,
                "pollutant": pollutant,
                "measured_at": "2026-03-01T12:00:00Z",
                "value": (n % 5 != 3).then_some(n * 37 % 139),
                "validated": n % 3 != 0,
                "limit": 40,
                "place": { "type": "Point", "coordinates": [13.404_954, 52.520_008] },
            })
        })
        .collect();
    let next = (first + limit < total).then(|| (first + limit).to_string());
    HttpResponse::Ok()
        .insert_header(("ratelimit", "\"keyless-day\";r=24991;t=3600"))
        .insert_header(("ratelimit-cost", "1"))
        .insert_header(("server-timing", "engine;desc=\"index\";dur=0.231"))
        .json(serde_json::json!({ "items": items, "total": total, "next": next, "snapshot": "x" }))
}

fn source(slug: &str, state: SourceState) -> HarvestSource {
    HarvestSource {
        id: SourceId::new(),
        slug: slug.parse().expect("a slug"),
        url: format!("https://data.{slug}.example/data.json"),
        kind: Some("dcat-us".to_owned()),
        publisher_id: None,
        interval_secs: Some(86_400),
        schedule: None,
        grace_secs: 0,
        brake_percent: 20,
        brake_least: 5,
        state,
        validators: Validators { found: Some(301), ..Validators::default() },
        created_at: now().plus_secs(-86_400 * 90),
    }
}

fn job(state: JobState) -> HarvestJob {
    let counts = Counts { found: 298, created: 12, updated: 31, unchanged: 251, deleted: 0, refused: 3, failed: 1 };
    HarvestJob {
        id: JobId::new(),
        source_id: SourceId::new(),
        state,
        payload: HarvestPayload::default(),
        progress: HarvestProgress {
            stage: Stage::Import,
            position: 298,
            total: Some(1_240),
            sums: Sums { datasets: counts, ..Sums::default() },
            braked: 88,
            before: 301,
            notes: vec!["The source was asked only for what is new.".to_owned()],
            ..HarvestProgress::default()
        },
        error: (state == JobState::Failed)
            .then(|| "https://data.example: the answer is an HTML page, not a catalogue (status 200)".to_owned()),
        attempts: 1,
        lease_holder: None,
        leased_until: None,
        created_at: now().plus_secs(-140),
        run_after: now().plus_secs(-140),
        started_at: Some(now().plus_secs(-138)),
        finished_at: (state == JobState::Completed).then(now),
    }
}

fn lines() -> Vec<JobLine> {
    [JobState::Running, JobState::AwaitingApproval, JobState::Completed, JobState::Failed]
        .into_iter()
        .map(|state| JobLine { job: job(state), source: "environment-agency".to_owned() })
        .collect()
}

fn job_page(state: JobState) -> JobPage {
    let record = |seq, title: &str, outcome, findings: Vec<Finding>| HarvestRecord {
        seq,
        kind: "dataset".to_owned(),
        key: format!("https://data.example/id/{seq}"),
        title: title.to_owned(),
        outcome,
        dataset_id: (outcome != Outcome::Refused).then(DatasetId::new),
        raw_hash: None,
        findings,
    };
    JobPage {
        job: job(state),
        source: source("environment-agency", SourceState::Active),
        records: vec![
            record(0, "Air quality measurements", Outcome::Updated, Vec::new()),
            record(
                1,
                "",
                Outcome::Refused,
                vec![Finding::error("title-missing", "/dataset/1/title", "The dataset has no title. Give it one.")],
            ),
            record(
                2,
                "Bathing water",
                Outcome::Created,
                vec![Finding::warning(
                    "licence-missing",
                    "/dataset/2/license",
                    "No licence is stated, so people cannot know what they may do.",
                )],
            ),
            record(3, "Noise maps", Outcome::Unchanged, Vec::new()),
        ],
        outcome: None,
        with_findings: false,
        next: Some(3),
        may_approve: true,
        braked: vec!["bathing-water".to_owned(), "noise-maps-of-the-capital".to_owned()],
    }
}

fn developer(is_wrong: bool) -> DeveloperPage {
    let mut form = KeyForm::default();
    if is_wrong {
        form.email = "someone@".to_owned();
        form.check();
    }
    DeveloperPage {
        tariff: TariffView::from(&Tariff::default_at(now())),
        form,
        example: Some("air-quality".to_owned()),
    }
}

fn transparency() -> TransparencyPage {
    let hash = "5f2b1c0de7aa94d1b8c1d6f1a1c8e2f4039b8a7766554433221100ffeeddccbb".to_owned();
    TransparencyPage {
        tariff: TariffView::from(&Tariff::default_at(now().plus_secs(-86_400 * 40))),
        coming: None,
        register: vec![EntryLine {
            number: 3,
            kind: EntryKind::Exception,
            status: EntryStatus::InForce,
            about: fairground_web::words::Later::key("transparency-about-class").with("class", "export"),
            reason: "Flood: the gauges are asked for by everybody at once".to_owned(),
            published_at: now(),
            starts_at: now(),
            until: Some(now().plus_secs(86_400 * 14)),
        }],
        conduct: Vec::new(),
        older: None,
        head: Some(JournalHead { sequence: 18_211, hash }),
        latest: (0..5)
            .map(|n| JournalLine {
                sequence: 18_211 - n,
                at: now().plus_secs(-60 * i64::try_from(n).unwrap_or(0)),
                kind: "dataset.updated".to_owned(),
                subject: "Air quality measurements".to_owned(),
                href: Some("/datasets/air-quality".to_owned()),
            })
            .collect(),
    }
}

fn person() -> Person {
    Person {
        name: "Ada Steward".to_owned(),
        role: "operator".to_owned(),
        is_operator: true,
        oversees: true,
        is_staff: true,
        csrf: "token".to_owned(),
    }
}

fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    answer_page(status, template)
}

async fn show(site: web::Data<Site>, request: HttpRequest) -> HttpResponse {
    let path = request.path().to_owned();
    let frame = |place| Frame::new(&site, place, path.clone());
    let staff = || frame(Place::Workspace).for_person(Some(person()));
    let ok = StatusCode::OK;
    match path.as_str() {
        "/" => page(ok, &HomeView { frame: &frame(Place::Home), page: &home() }),
        "/empty" => page(ok, &HomeView { frame: &frame(Place::Home), page: &HomePage::default() }),
        "/datasets" => {
            let query = Query::parse(request.query_string());
            page(ok, &SearchView { frame: &frame(Place::Datasets), page: &search(query) })
        }
        path if path.starts_with("/api/v1/tables/") && path.ends_with("/rows") => rows(request.query_string()).await,
        path if path.starts_with("/datasets/") && path.contains("/tables/") => {
            let asked = request.query_string().strip_prefix("version=").and_then(|text| text.parse().ok()).unwrap_or(3);
            page(ok, &TableView { frame: &frame(Place::Datasets), page: &table_page(&site.public_url, asked) })
        }
        path if path.starts_with("/datasets/") => {
            page(ok, &DatasetView { frame: &frame(Place::Datasets), page: &dataset(&site.public_url) })
        }
        "/publishers" => {
            let publishers = [
                "Environment Agency",
                "Mapping Agency",
                "Ministry of Health",
                "Statistics Office",
                "Transport Authority",
            ];
            let list = PublisherList {
                total: 5,
                publishers: publishers
                    .iter()
                    .zip([301, 12, 144, 280, 1])
                    .map(|(name, datasets)| PublisherCard {
                        slug: "x".to_owned(),
                        name: (*name).to_owned(),
                        part_of: (datasets == 144).then(|| "Federal Government".to_owned()),
                        datasets,
                    })
                    .collect(),
                next: Some("x".to_owned()),
                ..PublisherList::default()
            };
            page(ok, &PublisherListView { frame: &frame(Place::Publishers), page: &list })
        }
        path if path.starts_with("/publishers/") => {
            let publisher = PublisherPage {
                slug: "environment-agency".to_owned(),
                name: "Environment Agency".to_owned(),
                part_of: Some("Ministry for the Environment".to_owned()),
                about: fairground_web::prose::prose("Measures air, water and noise."),
                homepage: Some("https://environment.example".to_owned()),
                email: Some("data@environment.example".to_owned()),
                datasets: 301,
                themes: themes(),
                formats: vec![CountedLink {
                    text: "CSV".to_owned(),
                    href: href_for(Filter::Format, "CSV"),
                    count: 250,
                }],
                newest: cards(),
                quality: None,
            };
            page(ok, &PublisherView { frame: &frame(Place::Publishers), page: &publisher })
        }
        "/developers" => page(ok, &DeveloperView { frame: &frame(Place::Developers), page: &developer(false) }),
        "/developers/wrong" => page(ok, &DeveloperView { frame: &frame(Place::Developers), page: &developer(true) }),
        "/developers/key" => {
            let made = KeyMade {
                key: "fg_5Jq2nX8vTz0bQm4rLw7kYc1sDfGhA9eU3xZy_b71c".to_owned(),
                name: "Bed finder".to_owned(),
                plan: "starter".to_owned(),
                plan_title: "Starter".to_owned(),
                confirmation_sent: true,
            };
            page(ok, &KeyMadeView { frame: &frame(Place::Developers), page: &made })
        }
        "/docs" => {
            page(ok, &DocsView { frame: &frame(Place::Developers), page: &fairground_web::docs::DocsPage::default() })
        }
        "/openapi.json" => HttpResponse::Ok().content_type("application/json").body(OPENAPI),
        "/transparency" => {
            page(ok, &TransparencyPageView { frame: &frame(Place::Transparency), page: &transparency() })
        }
        "/sign-in" => {
            let sign_in = SignInPage { failed: request.query_string() == "failed", ..SignInPage::default() };
            page(ok, &SignInView { frame: &frame(Place::Session), page: &sign_in })
        }
        "/workspace" => {
            let desk = DeskPage {
                sources: ["environment-agency", "ministry-of-health"]
                    .into_iter()
                    .map(|slug| SourceLine {
                        source: source(
                            slug,
                            if slug.starts_with('e') { SourceState::Active } else { SourceState::Paused },
                        ),
                        publisher: slug.starts_with('e').then(|| "Environment Agency".to_owned()),
                        latest: Some(job(JobState::Completed)),
                    })
                    .collect(),
                waiting: lines().into_iter().filter(|line| line.job.state == JobState::AwaitingApproval).collect(),
                jobs: lines(),
                home: Some("environment-agency".to_owned()),
                may_add: true,
                has_sources: true,
                ..DeskPage::default()
            };
            page(ok, &DeskView { frame: &staff().with_notice(Some(Notice::SourceAddedAndRun)), page: &desk })
        }
        "/workspace/jobs" => page(
            ok,
            &JobListView {
                frame: &staff(),
                page: &JobList { jobs: lines(), next: Some("x".to_owned()), ..JobList::default() },
            },
        ),
        "/workspace/jobs/running" => page(ok, &JobView { frame: &staff(), page: &job_page(JobState::Running) }),
        "/workspace/jobs/braked" => page(ok, &JobView { frame: &staff(), page: &job_page(JobState::AwaitingApproval) }),
        "/workspace/jobs/failed" => page(ok, &JobView { frame: &staff(), page: &job_page(JobState::Failed) }),
        "/workspace/sources/new" => {
            let form = SourceForm {
                errors: vec![("slug", "Enter a short name of a to z, 0 to 9 and hyphens".to_owned())],
                ..SourceForm::default()
            };
            page(ok, &SourceFormView { frame: &staff(), page: &form })
        }
        "/workspace/sources/x" => {
            let source = SourcePage {
                may_run: true,
                source: source("environment-agency", SourceState::Active),
                publisher: None,
                jobs: lines(),
                unfinished: None,
                may_manage: true,
                is_operator: true,
                rules_version: 2,
                contacts: 1,
            };
            page(ok, &SourceView { frame: &staff(), page: &source })
        }
        "/workspace/applications" => {
            let list = ApplicationList {
                applications: vec![ApplicationLine {
                    id: "x".to_owned(),
                    number: 1,
                    name: "Bed finder".to_owned(),
                    is_portal: false,
                    plan: "starter".to_owned(),
                    is_verified: false,
                    created_at: now(),
                    keys: vec![("k".to_owned(), "fg_5Jq2nX".to_owned())],
                }],
                next: None,
            };
            page(ok, &ApplicationListView { frame: &staff(), page: &list })
        }
        other => {
            let error = match other {
                "/gone" => PageError::Gone,
                "/forbidden" => PageError::Forbidden("This page is for the portal’s team."),
                "/too-many" => PageError::TooMany(42),
                "/broken" => PageError::Internal("x".to_owned()),
                _ => PageError::NotFound,
            };
            ErrorPage::new(&frame(Place::Elsewhere), &error).answer()
        }
    }
}

const OPENAPI: &str = r#"{"openapi":"3.1.0","info":{"title":"Fairground","version":"1"},"paths":{"/api/v1/datasets":{"get":{"tags":["datasets"],"summary":"Search datasets","parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],"responses":{"200":{"description":"Found"}}}}}}"#;

#[actix_web::main]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8099".to_owned());
    let settings = BrandSettings { operator: "the Digital Office".to_owned(), ..BrandSettings::default() };
    let site = Site::new(Brand::try_from(settings)?, &format!("http://{address}"));
    let site = web::Data::from(Arc::new(site));
    HttpServer::new(move || {
        let site = site.clone();
        App::new().configure(|cfg| fairground_web::configure_files(cfg, site)).default_service(web::to(show))
    })
    .workers(1)
    .bind(&address)?
    .run()
    .await?;
    Ok(())
}

//! Writes a synthetic catalogue for benchmarks: plausible words, deterministic by seed, any number of datasets.
//!
//! `cargo run -p fairground-standards --example generate -- --count 100000 --format dcat-us out.json`
//! (formats: `dcat-us`, `turtle`; `--seed` defaults to 1).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

const TOPICS: [&str; 40] = [
    "Air quality",
    "Bus stops",
    "School enrolment",
    "Road accidents",
    "Water levels",
    "Hospital beds",
    "Building permits",
    "Library loans",
    "Tree inventory",
    "Noise measurements",
    "Election results",
    "Tax revenue",
    "Waste collection",
    "Energy consumption",
    "Public procurement",
    "Bicycle counts",
    "Land parcels",
    "Groundwater",
    "Rental prices",
    "Births and deaths",
    "Museum visits",
    "Food inspections",
    "Parking places",
    "Street lights",
    "Fire brigade calls",
    "Weather observations",
    "Soil samples",
    "Unemployment",
    "Vaccinations",
    "Fisheries",
    "Forest fires",
    "Business register",
    "Flood zones",
    "Childcare places",
    "Charging stations",
    "Playgrounds",
    "Budget execution",
    "Crime statistics",
    "Population forecast",
    "Train delays",
];
const SHAPES: [&str; 12] = [
    "by district",
    "by municipality",
    "per month",
    "per year",
    "per quarter",
    "hourly values",
    "locations",
    "time series",
    "by age group",
    "by sector",
    "summary",
    "survey microdata",
];
const PLACES: [&str; 25] = [
    "Northmoor",
    "Eastvale",
    "Südbruck",
    "Valmont",
    "Castelnuovo",
    "Puerto Claro",
    "Lindholm",
    "Oakridge",
    "Saint-Aubin",
    "Grünwald",
    "Montebello",
    "Rivermouth",
    "Kingsford",
    "Altstadt",
    "Belcastel",
    "Nyköping Väst",
    "Praia Longa",
    "Highfield",
    "Rosental",
    "Fontanella",
    "Westhaven",
    "Lakeside",
    "Novo Mesto",
    "Córdova",
    "Greenhill",
];
const BODIES: [&str; 8] = [
    "Statistical Office",
    "Department of Transport",
    "Environment Agency",
    "Health Authority",
    "City Council",
    "Ministry of Education",
    "Land Registry",
    "Water Board",
];
const THEMES: [&str; 13] =
    ["AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN"];
const WORDS: [&str; 30] = [
    "open",
    "measured",
    "annual",
    "official",
    "register",
    "map",
    "table",
    "indicator",
    "estimate",
    "monitoring",
    "census",
    "district",
    "public",
    "network",
    "service",
    "quality",
    "risk",
    "cost",
    "planning",
    "housing",
    "climate",
    "mobility",
    "health",
    "education",
    "finance",
    "nature",
    "safety",
    "culture",
    "labour",
    "trade",
];
const LICENCES: [&str; 4] = [
    "https://creativecommons.org/licenses/by/4.0/",
    "https://creativecommons.org/publicdomain/zero/1.0/",
    "https://creativecommons.org/licenses/by-sa/4.0/",
    "https://opendatacommons.org/licenses/odbl/1-0/",
];
const FORMATS: [(&str, &str, &str); 8] = [
    ("CSV", "text/csv", "csv"),
    ("JSON", "application/json", "json"),
    ("GeoJSON", "application/geo+json", "geojson"),
    ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("PDF", "application/pdf", "pdf"),
    ("XML", "application/xml", "xml"),
    ("ZIP", "application/zip", "zip"),
    ("PARQUET", "application/vnd.apache.parquet", "parquet"),
];
const FREQUENCIES: [(&str, &str); 5] =
    [("R/P1D", "DAILY"), ("R/P1W", "WEEKLY"), ("R/P1M", "MONTHLY"), ("R/P3M", "QUARTERLY"), ("R/P1Y", "ANNUAL")];

/// SplitMix64: small, fast, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap_or(0);
        all[place]
    }

    fn date(&mut self) -> String {
        format!("{}-{:02}-{:02}", 2005 + self.below(20), 1 + self.below(12), 1 + self.below(28))
    }
}

struct Dataset {
    number: u64,
    title: String,
    description: String,
    publisher: u64,
    keywords: Vec<&'static str>,
    theme: &'static str,
    licence: &'static str,
    issued: String,
    modified: String,
    start: u64,
    west: f64,
    south: f64,
    frequency: (&'static str, &'static str),
    formats: Vec<(&'static str, &'static str, &'static str)>,
}

fn dataset(number: u64, random: &mut Random) -> Dataset {
    let (topic, shape, place) = (random.pick(&TOPICS), random.pick(&SHAPES), random.pick(&PLACES));
    let year = 2000 + random.below(25);
    let length = 8 + random.below(50);
    let mut description = format!("{topic} of {place}, {shape}, since {year}.");
    for _ in 0..length {
        description.push(' ');
        description.push_str(random.pick(&WORDS));
    }
    Dataset {
        number,
        title: format!("{topic} {shape}, {place} {year}"),
        description,
        publisher: random.below(200),
        keywords: (0..2 + random.below(6)).map(|_| random.pick(&WORDS)).collect(),
        theme: random.pick(&THEMES),
        licence: random.pick(&LICENCES),
        issued: random.date(),
        modified: random.date(),
        start: year,
        west: random.below(3400) as f64 / 10.0 - 175.0,
        south: random.below(1600) as f64 / 10.0 - 80.0,
        frequency: random.pick(&FREQUENCIES),
        formats: (0..1 + random.below(4)).map(|_| random.pick(&FORMATS)).collect(),
    }
}

fn publisher(number: u64) -> String {
    let (place, body) = (number % PLACES.len() as u64, number / PLACES.len() as u64 % BODIES.len() as u64);
    let at = |number: u64| usize::try_from(number).unwrap_or(0);
    format!("{} {}", PLACES[at(place)], BODIES[at(body)])
}

fn dcat_us(out: &mut impl Write, count: u64, random: &mut Random) -> io::Result<()> {
    writeln!(
        out,
        "{{\"conformsTo\":\"https://project-open-data.cio.gov/v1.1/schema\",\"@type\":\"dcat:Catalog\",\"dataset\":["
    )?;
    for number in 0..count {
        let it = dataset(number, random);
        let name = publisher(it.publisher);
        let distributions: Vec<serde_json::Value> = it
            .formats
            .iter()
            .enumerate()
            .map(|(place, (format, media_type, extension))| {
                serde_json::json!({
                    "@type": "dcat:Distribution",
                    "title": format!("{} as {format}", it.title),
                    "downloadURL": format!("https://data.example/files/{number}/{place}.{extension}"),
                    "mediaType": media_type,
                })
            })
            .collect();
        let record = serde_json::json!({
            "@type": "dcat:Dataset",
            "identifier": format!("https://data.example/id/{number}"),
            "title": it.title,
            "description": it.description,
            "keyword": it.keywords,
            "theme": [it.theme],
            "modified": it.modified,
            "issued": it.issued,
            "publisher": {"@type": "org:Organization", "name": name},
            "contactPoint": {"fn": name, "hasEmail": format!("mailto:data{}@agency.example", it.publisher)},
            "accessLevel": "public",
            "bureauCode": ["000:00"],
            "license": it.licence,
            "spatial": format!("{},{},{},{}", it.west, it.south, it.west + 1.5, it.south + 1.25),
            "temporal": format!("{}-01-01/{}-12-31", it.start, it.start + 3),
            "accrualPeriodicity": it.frequency.0,
            "landingPage": format!("https://data.example/dataset/{number}"),
            "distribution": distributions,
        });
        if number > 0 {
            writeln!(out, ",")?;
        }
        serde_json::to_writer(&mut *out, &record)?;
    }
    writeln!(out, "\n]}}")
}

fn turtle(out: &mut impl Write, count: u64, random: &mut Random) -> io::Result<()> {
    for (prefix, namespace) in [
        ("dcat", "http://www.w3.org/ns/dcat#"),
        ("dct", "http://purl.org/dc/terms/"),
        ("foaf", "http://xmlns.com/foaf/0.1/"),
        ("vcard", "http://www.w3.org/2006/vcard/ns#"),
        ("xsd", "http://www.w3.org/2001/XMLSchema#"),
        ("geo", "http://www.opengis.net/ont/geosparql#"),
    ] {
        writeln!(out, "@prefix {prefix}: <{namespace}> .")?;
    }
    writeln!(out, "<https://data.example/catalog> a dcat:Catalog ; dct:title \"Synthetic catalogue\"@en .")?;
    for number in 0..200 {
        writeln!(
            out,
            "<https://data.example/publisher/{number}> a foaf:Organization ; foaf:name \"{}\" .",
            publisher(number)
        )?;
    }
    for number in 0..count {
        let it = dataset(number, random);
        let keywords: Vec<String> = it.keywords.iter().map(|word| format!("\"{word}\"@en")).collect();
        let subject = format!("https://data.example/id/{}", it.number);
        let links: Vec<String> = (0..it.formats.len()).map(|place| format!("<{subject}/{place}>")).collect();
        let (west, south, east, north) = (it.west, it.south, it.west + 1.5, it.south + 1.25);
        writeln!(
            out,
            "<{subject}> a dcat:Dataset ;\n  dct:identifier \"{subject}\" ;\n  dct:title \"{}\"@en ;\n  dct:description \"{}\"@en ;\n  \
             dcat:keyword {} ;\n  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/{}> ;\n  \
             dct:modified \"{}\"^^xsd:date ;\n  dct:issued \"{}\"^^xsd:date ;\n  dct:publisher <https://data.example/publisher/{}> ;\n  \
             dcat:contactPoint [ a vcard:Organization ; vcard:fn \"{}\" ; vcard:hasEmail <mailto:data{}@agency.example> ] ;\n  \
             dct:temporal [ a dct:PeriodOfTime ; dcat:startDate \"{}-01-01\"^^xsd:date ; dcat:endDate \"{}-12-31\"^^xsd:date ] ;\n  \
             dct:spatial [ a dct:Location ; dcat:bbox \"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))\"^^geo:wktLiteral ] ;\n  \
             dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/{}> ;\n  \
             dcat:landingPage <https://data.example/dataset/{number}> ;\n  dcat:distribution {} .",
            it.title,
            it.description,
            keywords.join(", "),
            it.theme,
            it.modified,
            it.issued,
            it.publisher,
            publisher(it.publisher),
            it.publisher,
            it.start,
            it.start + 3,
            it.frequency.1,
            links.join(", "),
        )?;
        for (place, (format, media_type, extension)) in it.formats.iter().enumerate() {
            writeln!(
                out,
                "<{subject}/{place}> a dcat:Distribution ; dct:title \"{} as {format}\"@en ; dct:license <{}> ;\n  \
                 dcat:accessURL <https://data.example/files/{number}/{place}.{extension}> ;\n  \
                 dcat:downloadURL <https://data.example/files/{number}/{place}.{extension}> ;\n  \
                 dcat:mediaType <https://www.iana.org/assignments/media-types/{media_type}> .",
                it.title, it.licence,
            )?;
        }
    }
    Ok(())
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (mut count, mut seed, mut format, mut path) = (1000, 1, "dcat-us".to_owned(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or("a value is missing");
        match argument.as_str() {
            "--count" => count = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            "--format" => format = value()?,
            _ => path = Some(argument),
        }
    }
    let path = path.ok_or("usage: generate [--count N] [--seed N] [--format dcat-us|turtle] FILE")?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Random(seed);
    match format.as_str() {
        "dcat-us" => dcat_us(&mut out, count, &mut random)?,
        "turtle" => turtle(&mut out, count, &mut random)?,
        other => return Err(format!("no generator for {other}").into()),
    }
    out.flush()?;
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

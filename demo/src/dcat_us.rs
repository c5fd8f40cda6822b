//! The catalogue in DCAT-US 1.1, the Project Open Data schema.

use serde_json::{Value, json};

use crate::entry::{Entry, File, LICENCE, System};
use crate::serve::Site;

/// The whole `data.json`.
pub(crate) fn data_json(site: &Site) -> String {
    let datasets: Vec<Value> = site.system.entries.iter().map(|entry| dataset(site, entry)).collect();
    let catalogue = json!({
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@id": format!("{}/data.json", site.system.site),
        "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "describedBy": "https://project-open-data.cio.gov/v1.1/schema/catalog.json",
        "dataset": datasets,
    });
    format!("{catalogue:#}\n")
}

fn dataset(site: &Site, entry: &Entry) -> Value {
    let system = site.system;
    let mut dataset = json!({
        "@type": "dcat:Dataset",
        "identifier": format!("{}/id/{}", system.site, entry.slug),
        "title": entry.title.en,
        "description": entry.about.en,
        "keyword": entry.keywords,
        "theme": [theme(entry.theme)],
        "issued": entry.issued,
        "modified": entry.modified,
        "publisher": { "@type": "org:Organization", "name": system.name.en },
        "contactPoint": { "@type": "vcard:Contact", "fn": "Open Data Office", "hasEmail": format!("mailto:{}", system.email) },
        "accessLevel": "public",
        "license": LICENCE,
        "accrualPeriodicity": interval(entry.frequency),
        "language": ["en"],
        "spatial": bounds(system),
        "landingPage": site.page_url(entry),
        "distribution": entry.files.iter().map(|file| distribution(site, file)).collect::<Vec<_>>(),
    });
    if let (Some((start, end)), Some(fields)) = (entry.period, dataset.as_object_mut()) {
        fields.insert("temporal".to_owned(), format!("{start}/{end}").into());
    }
    dataset
}

fn distribution(site: &Site, file: &File) -> Value {
    json!({
        "@type": "dcat:Distribution",
        "title": file.title,
        "downloadURL": site.download_url(file),
        "mediaType": file.form.media_type(),
        "format": file.form.name(),
    })
}

/// West, south, east, north, as the schema's bounding box.
fn bounds(system: &System) -> String {
    system.bounds.map(|edge| edge.to_string()).join(",")
}

/// The city's own words for its themes; the schema leaves them free.
fn theme(code: &str) -> &'static str {
    match code {
        "ENVI" => "Environment and green space",
        "EDUC" => "Education, culture and libraries",
        "GOVE" => "Government and budget",
        "TRAN" => "Streets and parking",
        "SOCI" => "Families and population",
        "ENER" => "Energy",
        "ECON" => "Business and markets",
        "HEAL" => "Health",
        _ => "City maps",
    }
}

/// ISO 8601 repeating intervals, as the schema wants frequencies.
fn interval(frequency: &str) -> &'static str {
    match frequency {
        "DAILY" => "R/P1D",
        "WEEKLY" => "R/P1W",
        "MONTHLY" => "R/P1M",
        "QUARTERLY" => "R/P3M",
        "ANNUAL" => "R/P1Y",
        "QUADRENNIAL" => "R/P4Y",
        _ => "irregular",
    }
}

//! The short name of a distribution's format.

use fairground_domain::Distribution;

/// Longest format name that is shown, in characters; what is longer is no name.
const LONGEST_NAME_CHARS: usize = 14;

/// Media types and the short names people know.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("text/csv", "CSV"),
    ("text/tab-separated-values", "TSV"),
    ("application/json", "JSON"),
    ("application/geo+json", "GeoJSON"),
    ("application/vnd.geo+json", "GeoJSON"),
    ("application/ld+json", "JSON-LD"),
    ("application/xml", "XML"),
    ("text/xml", "XML"),
    ("application/rdf+xml", "RDF"),
    ("text/turtle", "Turtle"),
    ("text/html", "HTML"),
    ("text/plain", "TXT"),
    ("application/pdf", "PDF"),
    ("application/zip", "ZIP"),
    ("application/x-zip-compressed", "ZIP"),
    ("application/vnd.ms-excel", "XLS"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"),
    ("application/vnd.google-earth.kml+xml", "KML"),
    ("application/vnd.google-earth.kmz", "KMZ"),
    ("application/vnd.apache.parquet", "Parquet"),
    ("application/x-shapefile", "SHP"),
    ("application/geopackage+sqlite3", "GPKG"),
    ("image/tiff", "TIFF"),
    ("image/png", "PNG"),
    ("image/jpeg", "JPEG"),
    ("application/octet-stream", ""),
];

/// The format's short name: as the source says it, else by media type, else by the address's ending; empty when nobody
/// can tell.
#[must_use]
pub fn format_of(distribution: &Distribution) -> String {
    let written = distribution.format.as_deref().map(str::trim).unwrap_or_default();
    let last = written.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default();
    let by_type = |media_type: &str| {
        let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        MEDIA_TYPES.iter().find(|(known, _)| *known == bare).map(|(_, name)| (*name).to_owned())
    };
    if let Some(name) = by_type(written).filter(|name| !name.is_empty()) {
        return name;
    }
    if !last.is_empty() && last.chars().count() <= LONGEST_NAME_CHARS && (last == written || written.contains("://")) {
        return nicely(last);
    }
    if let Some(name) = distribution.media_type.as_deref().and_then(by_type) {
        return name;
    }
    distribution.download_url.as_deref().and_then(ending).map(|ending| nicely(&ending)).unwrap_or_default()
}

/// The short name of a format that stands alone: a source's own name, a media type, or an IRI of an authority table.
#[must_use]
pub fn format_name(text: &str) -> String {
    format_of(&Distribution { format: Some(text.to_owned()), ..Distribution::default() })
}

fn nicely(name: &str) -> String {
    let upper = name.trim_start_matches('.').to_ascii_uppercase();
    match upper.as_str() {
        "GEOJSON" => "GeoJSON".to_owned(),
        "TURTLE" | "TTL" | "RDF_TURTLE" => "Turtle".to_owned(),
        "RDF_XML" => "RDF".to_owned(),
        "JSON_LD" => "JSON-LD".to_owned(),
        "PARQUET" => "Parquet".to_owned(),
        _ => upper,
    }
}

fn ending(address: &str) -> Option<String> {
    const LONGEST_ENDING_CHARS: usize = 8;
    let path = address.split(['?', '#']).next()?;
    let (_, name) = path.rsplit_once('/')?;
    let (_, ending) = name.rsplit_once('.')?;
    let is_ending = !ending.is_empty()
        && ending.len() <= LONGEST_ENDING_CHARS
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !["html", "htm", "php", "aspx", "jsp", "org", "com", "gov"].contains(&ending.to_ascii_lowercase().as_str());
    is_ending.then(|| ending.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named_shortly() {
        for (format, media_type, address, name) in [
            (Some("CSV"), None, None, "CSV"),
            (Some("csv"), None, None, "CSV"),
            (None, Some("text/csv; charset=utf-8"), None, "CSV"),
            (Some("http://publications.europa.eu/resource/authority/file-type/GEOJSON"), None, None, "GeoJSON"),
            (Some("text/csv"), None, None, "CSV"),
            (None, None, Some("https://example.org/a/beds.xlsx?x=1"), "XLSX"),
            (None, None, Some("https://example.org"), ""),
            (None, None, Some("https://example.org/page.php"), ""),
            (None, Some("application/octet-stream"), None, ""),
            (Some("Esri REST"), None, None, "ESRI REST"),
            (Some("a very long explanation of the format"), Some("application/json"), None, "JSON"),
        ] {
            let distribution = Distribution {
                format: format.map(str::to_owned),
                media_type: media_type.map(str::to_owned),
                download_url: address.map(str::to_owned),
                ..Distribution::default()
            };
            assert_eq!(format_of(&distribution), name, "{format:?} {media_type:?} {address:?}");
        }
    }
}

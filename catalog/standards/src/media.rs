//! Names of file formats: media types, the EU file-type authority, file extensions and what people write.

/// Short name, media type, and the other spellings (lower case) that mean it. The first entry for a media type names it.
const FORMATS: &[(&str, &str, &[&str])] = &[
    ("CSV", "text/csv", &["comma-separated-values", "csv/txt", "csv file", "csv/utf8", "comma separated values"]),
    ("TSV", "text/tab-separated-values", &["tab", "tab-separated-values"]),
    (
        "XLSX",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsm", "excel (.xlsx)", "excel (xlsx)"],
    ),
    (
        "XLS",
        "application/vnd.ms-excel",
        &["excel", "ms excel", "application/excel", "application/msexcel", "microsoft excel"],
    ),
    ("ODS", "application/vnd.oasis.opendocument.spreadsheet", &[]),
    ("JSON", "application/json", &["text/json"]),
    ("NDJSON", "application/x-ndjson", &["jsonl", "json lines", "application/jsonl", "json-lines"]),
    ("GeoJSON", "application/geo+json", &["application/vnd.geo+json", "application/vnd.geojson", "geo json"]),
    ("JSONLD", "application/ld+json", &["json-ld", "json_ld"]),
    ("PARQUET", "application/vnd.apache.parquet", &["application/parquet", "application/x-parquet", "geoparquet"]),
    ("AVRO", "application/avro", &[]),
    (
        "SHP",
        "application/vnd.shp",
        &[
            "shapefile",
            "esri shapefile",
            "application/x-shapefile",
            "x-shapefile",
            "shape",
            "shp.zip",
            "esri shape",
            "ess",
        ],
    ),
    ("GPKG", "application/geopackage+sqlite3", &["geopackage"]),
    ("KML", "application/vnd.google-earth.kml+xml", &[]),
    ("KMZ", "application/vnd.google-earth.kmz", &[]),
    ("GML", "application/gml+xml", &[]),
    ("GTFS", "application/vnd.gtfs+zip", &["general transit feed specification"]),
    ("GPX", "application/gpx+xml", &[]),
    ("XML", "application/xml", &["text/xml"]),
    ("RDF", "application/rdf+xml", &["rdf_xml", "rdf/xml", "rdf-xml"]),
    ("TTL", "text/turtle", &["turtle", "rdf_turtle", "rdf/turtle"]),
    ("NT", "application/n-triples", &["n-triples", "rdf_n_triples", "ntriples"]),
    ("NQ", "application/n-quads", &["n-quads", "rdf_n_quads"]),
    ("TRIG", "application/trig", &["rdf_trig"]),
    ("SPARQL", "application/sparql-query", &["sparqlq", "sparql endpoint"]),
    ("PDF", "application/pdf", &["pdf/a", "pdfa1a", "pdfa1b", "pdf document"]),
    ("ZIP", "application/zip", &["application/x-zip-compressed", "application/x-zip", "zipped"]),
    ("7Z", "application/x-7z-compressed", &["7-zip"]),
    ("RAR", "application/vnd.rar", &["application/x-rar-compressed"]),
    ("GZIP", "application/gzip", &["gz", "application/x-gzip"]),
    ("TAR", "application/x-tar", &[]),
    ("HTML", "text/html", &["htm", "html_simpl", "xhtml", "application/xhtml+xml", "web page", "website", "webpage"]),
    ("TXT", "text/plain", &["text", "plain", "ascii"]),
    ("MD", "text/markdown", &["markdown"]),
    ("DOC", "application/msword", &["word"]),
    ("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[]),
    ("ODT", "application/vnd.oasis.opendocument.text", &[]),
    ("PPT", "application/vnd.ms-powerpoint", &["powerpoint"]),
    ("PPTX", "application/vnd.openxmlformats-officedocument.presentationml.presentation", &[]),
    ("RTF", "application/rtf", &["text/rtf"]),
    ("TIFF", "image/tiff", &["tif"]),
    ("GeoTIFF", "image/tiff; application=geotiff", &["geotif", "image/geotiff"]),
    ("PNG", "image/png", &[]),
    ("JPEG", "image/jpeg", &["jpg"]),
    ("SVG", "image/svg+xml", &[]),
    ("GIF", "image/gif", &[]),
    ("NETCDF", "application/x-netcdf", &["nc", "net_cdf", "application/netcdf", "net cdf"]),
    ("HDF", "application/x-hdf5", &["hdf5", "h5", "application/x-hdf"]),
    ("SQLITE", "application/vnd.sqlite3", &["sqlite3", "application/x-sqlite3"]),
    ("MDB", "application/x-msaccess", &["access", "ms access", "accdb", "application/msaccess"]),
    ("DBF", "application/dbase", &["dbase", "application/x-dbf"]),
    ("SAV", "application/x-spss-sav", &["spss", "application/x-spss"]),
    ("ICS", "text/calendar", &["ical"]),
    ("RSS", "application/rss+xml", &[]),
    ("ATOM", "application/atom+xml", &["atom feed"]),
    ("MP4", "video/mp4", &[]),
    ("MP3", "audio/mpeg", &[]),
    ("LAS", "application/vnd.las", &[]),
    ("LAZ", "application/vnd.laszip", &[]),
    ("DXF", "image/vnd.dxf", &[]),
    ("PX", "text/x-px", &["px-axis", "pc-axis"]),
    ("WMS", "application/vnd.ogc.wms_xml", &["wms_srvc", "ogc wms", "ogc:wms", "web map service"]),
    ("WFS", "application/vnd.ogc.wfs_xml", &["wfs_srvc", "ogc wfs", "ogc:wfs", "web feature service"]),
    ("WCS", "application/vnd.ogc.wcs_xml", &["ogc wcs", "ogc:wcs"]),
    ("WMTS", "application/vnd.ogc.wmts_xml", &["wmts_srvc", "ogc wmts", "ogc:wmts"]),
    ("CSW", "application/vnd.ogc.csw_xml", &[]),
    (
        "API",
        "application/vnd.oai.openapi+json",
        &["rest", "rest api", "web api", "webservice", "web service", "api endpoint", "odata", "openapi"],
    ),
    (
        "ArcGIS",
        "application/vnd.esri.rest",
        &["esri rest", "arcgis geoservices rest api", "arcgis geoservice", "arcgis rest", "esri_rest"],
    ),
];

/// Media types that say nothing about what is inside.
const VAGUE: [&str; 5] = [
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-unknown",
    "application/unknown",
    "application/binary",
];

/// Where a media type or a file type is an IRI.
const AUTHORITIES: [&str; 8] = [
    "publications.europa.eu/resource/authority/file-type/",
    "publications.europa.eu/resource/dataset/file-type/",
    "www.iana.org/assignments/media-types/",
    "iana.org/assignments/media-types/",
    "w3id.org/mediatype/",
    "purl.org/NET/mediatypes/",
    "dcat-ap.de/def/format/",
    "resources.data.gov/resources/media-types/",
];

/// The part of an authority's IRI that names the type, or the text itself.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let after_scheme = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    after_scheme
        .and_then(|rest| AUTHORITIES.iter().find_map(|authority| rest.strip_prefix(authority)))
        .unwrap_or(text)
        .trim_matches('/')
}

fn find(text: &str) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let lower = text.trim().trim_start_matches('.').to_ascii_lowercase();
    FORMATS.iter().find(|(name, media_type, others)| {
        name.eq_ignore_ascii_case(&lower) || *media_type == lower || others.contains(&lower.as_str())
    })
}

/// `type/subtype` from a media type as sources write it: with parameters, as an IANA or EU authority IRI, or a short name.
///
/// `None` when it cannot be one. `application/octet-stream` is one, though it says nothing.
#[must_use]
pub fn media_type_of(text: &str) -> Option<String> {
    let bare = bare(text);
    let plain = bare.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let parts = plain.split_once('/');
    if parts.is_some_and(|(kind, subtype)| token(kind) && token(subtype)) && !plain.starts_with("http") {
        return Some(plain);
    }
    find(bare).map(|(_, media_type, _)| media_type.split(';').next().unwrap_or(media_type).to_owned())
}

/// The short name of a distribution's format, such as `CSV`: from what the source calls it (text, an authority's IRI), else
/// its media type, else the file extension of its address.
#[must_use]
pub fn format_of(written: Option<&str>, media_type: Option<&str>, address: Option<&str>) -> Option<String> {
    let written = written.map(bare).filter(|text| !text.is_empty());
    let known = written.and_then(known_name);
    let by_media_type = || {
        let plain = bare(media_type?).split(';').next()?.trim().to_ascii_lowercase();
        if VAGUE.contains(&plain.as_str()) { None } else { find(&plain).map(|(name, _, _)| *name) }
    };
    let name =
        known.or_else(by_media_type).or_else(|| if written.is_none() { address.and_then(by_extension) } else { None });
    // A name that we do not know is still the source's name.
    name.map(str::to_owned).or_else(|| written.map(short)).filter(|name| !name.is_empty())
}

/// A name of the list, also as one of several (`zip+csv`, `CSV/ZIP`), the packed one before the package.
fn known_name(text: &str) -> Option<&'static str> {
    if let Some((name, _, _)) = find(text) {
        return Some(name);
    }
    let parts: Vec<&'static str> = text
        .split(['+', '/', ',', '|', '(', ')', ' '])
        .filter(|part| !part.is_empty())
        .filter_map(|part| find(part).map(|(name, _, _)| *name))
        .collect();
    let packed = parts.iter().find(|name| !matches!(**name, "ZIP" | "GZIP" | "TAR" | "7Z" | "RAR"));
    packed.or_else(|| parts.first()).copied()
}

/// The last resort: the source's own word, one line, upper case when it is a short one.
fn short(text: &str) -> String {
    let tail = if text.contains("://") { text.rsplit(['/', '#']).next().unwrap_or(text) } else { text };
    let one_line: String = tail.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect();
    if one_line.len() <= 8 { one_line.to_ascii_uppercase() } else { one_line }
}

/// By the extension of an address's path, or by what a service's address asks for.
fn by_extension(address: &str) -> Option<&'static str> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let query = query.to_ascii_lowercase();
    for service in ["WMS", "WFS", "WCS", "WMTS", "CSW"] {
        if query.split('&').any(|it| it.strip_prefix("service=").is_some_and(|name| name.eq_ignore_ascii_case(service)))
        {
            return Some(service);
        }
    }
    let file = path.split('#').next()?.split("://").last()?.split_once('/')?.1.rsplit('/').next()?;
    let mut ends = file.rsplit('.');
    let last = ends.next()?;
    if ends.clone().next().is_none() || last.len() > 8 {
        return None;
    }
    let inner = ends.next().filter(|_| file.matches('.').count() > 1).and_then(find);
    match (find(last), inner) {
        (Some(("ZIP" | "GZIP", _, _)), Some((inner, _, _))) => Some(inner),
        (found, _) => found.map(|(name, _, _)| *name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_get_one_short_name_each() {
        for (written, media_type, address, name) in [
            (Some("csv"), None, None, Some("CSV")),
            (Some(".CSV"), None, None, Some("CSV")),
            (Some("zip+csv"), None, None, Some("CSV")),
            (Some("CSV/ZIP"), None, None, Some("CSV")),
            (Some("http://publications.europa.eu/resource/authority/file-type/XLSX"), None, None, Some("XLSX")),
            (Some("http://publications.europa.eu/resource/authority/file-type/RDF_TURTLE"), None, None, Some("TTL")),
            (Some("http://publications.europa.eu/resource/authority/file-type/CSV/"), None, None, Some("CSV")),
            (None, Some("https://www.iana.org/assignments/media-types/text/csv"), None, Some("CSV")),
            (None, Some("text/csv; charset=utf-8"), None, Some("CSV")),
            (None, Some("application/octet-stream"), Some("https://a.example/b.geojson"), Some("GeoJSON")),
            (None, None, Some("https://a.example/b.csv.zip?x=1"), Some("CSV")),
            (None, None, Some("https://a.example/ows?SERVICE=WFS&request=GetFeature"), Some("WFS")),
            (None, None, Some("https://example.com"), None),
            (None, None, Some("https://example.com/data"), None),
            (Some("Esri REST"), Some("text/html"), None, Some("ArcGIS")),
            (Some("Own thing"), Some("application/zip"), None, Some("ZIP")),
            (Some("Own thing of ours"), None, None, Some("Own thing of ours")),
            (Some("fgdb"), None, None, Some("FGDB")),
            (Some(" "), None, None, None),
        ] {
            assert_eq!(
                format_of(written, media_type, address).as_deref(),
                name,
                "{written:?} {media_type:?} {address:?}"
            );
        }
    }

    #[test]
    fn media_types_are_plain() {
        for (written, media_type) in [
            ("Text/CSV; charset=utf-8", Some("text/csv")),
            ("http://www.iana.org/assignments/media-types/application/ld+json", Some("application/ld+json")),
            ("http://publications.europa.eu/resource/authority/file-type/JSON", Some("application/json")),
            ("csv", Some("text/csv")),
            ("a table", None),
            ("https://a.example/b", None),
        ] {
            assert_eq!(media_type_of(written).as_deref(), media_type, "{written}");
        }
    }
}

//! Names of formats and languages as the EU authority tables write them.

/// The base of the EU file-type table.
const FILE_TYPES: &str = "http://publications.europa.eu/resource/authority/file-type/";
/// The base of the EU language table.
const LANGUAGES: &str = "http://publications.europa.eu/resource/authority/language/";

/// Our short name, and the table's code where it differs.
const CODES: &[(&str, &str)] = &[
    ("TTL", "RDF_TURTLE"),
    ("RDF", "RDF_XML"),
    ("NT", "RDF_N_TRIPLES"),
    ("NQ", "RDF_N_QUADS"),
    ("TRIG", "RDF_TRIG"),
    ("JSONLD", "JSON_LD"),
    ("GeoJSON", "GEOJSON"),
    ("SPARQL", "SPARQLQ"),
    ("WMS", "WMS_SRVC"),
    ("WFS", "WFS_SRVC"),
    ("WMTS", "WMTS_SRVC"),
    ("NETCDF", "NETCDF"),
];

/// Short names that are codes of the table as they are.
const PLAIN: &[&str] = &[
    "CSV", "TSV", "XLSX", "XLS", "ODS", "JSON", "PARQUET", "SHP", "GPKG", "KML", "KMZ", "GML", "XML", "PDF", "ZIP",
    "GZIP", "TAR", "HTML", "TXT", "DOC", "DOCX", "ODT", "PPT", "PPTX", "RTF", "TIFF", "PNG", "JPEG", "SVG", "GIF",
    "HDF", "MDB", "DBF", "RSS", "ATOM", "LAS", "LAZ", "DXF", "GTFS",
];

/// The table's IRI for a short name; `None` when it has none.
pub(crate) fn file_type(format: &str) -> Option<String> {
    let code = CODES.iter().find(|(name, _)| *name == format).map(|(_, code)| *code);
    let code = code.or_else(|| PLAIN.iter().find(|name| **name == format).copied())?;
    Some(format!("{FILE_TYPES}{code}"))
}

/// ISO 639-1 and -3 codes of the languages that the domain knows by both.
const PAIRS: &[(&str, &str)] = &[
    ("bg", "BUL"),
    ("ca", "CAT"),
    ("cs", "CES"),
    ("cy", "CYM"),
    ("da", "DAN"),
    ("de", "DEU"),
    ("el", "ELL"),
    ("en", "ENG"),
    ("es", "SPA"),
    ("et", "EST"),
    ("eu", "EUS"),
    ("fi", "FIN"),
    ("fr", "FRA"),
    ("ga", "GLE"),
    ("gl", "GLG"),
    ("hr", "HRV"),
    ("hu", "HUN"),
    ("is", "ISL"),
    ("it", "ITA"),
    ("ja", "JPN"),
    ("lt", "LIT"),
    ("lv", "LAV"),
    ("mt", "MLT"),
    ("nb", "NOB"),
    ("nl", "NLD"),
    ("no", "NOR"),
    ("pl", "POL"),
    ("pt", "POR"),
    ("ro", "RON"),
    ("sk", "SLK"),
    ("sl", "SLV"),
    ("sv", "SWE"),
    ("tr", "TUR"),
    ("uk", "UKR"),
];

/// The IRI of a language: the EU table's; else the Library of Congress' for two letters; else, for tags with a region or a script,
/// the tag within BCP 47. Every one of them ends in what reads back as the tag.
pub(crate) fn language(tag: &str) -> String {
    if let Some((_, long)) = PAIRS.iter().find(|(short, _)| *short == tag) {
        return format!("{LANGUAGES}{long}");
    }
    if tag.len() == 2 {
        return format!("http://id.loc.gov/vocabulary/iso639-1/{tag}");
    }
    format!("https://www.rfc-editor.org/info/bcp47#{tag}")
}

//! What is known of formats and licences, as far as quality asks: names and prefixes, folded.

/// Formats as the EU's authority table of file types names them (folded, without spaces), and whether they are open to all and
/// readable by programs (the lists that the MQA keeps beside it).
const FORMATS: &[(&str, bool, bool)] = &[
    ("7z", true, false),
    ("arcinfocoverage", false, true),
    ("arrow", true, true),
    ("atom", true, true),
    ("avro", true, true),
    ("csv", true, true),
    ("csw", true, true),
    ("dbf", false, true),
    ("doc", false, false),
    ("docx", true, false),
    ("dgn", false, true),
    ("dwg", false, true),
    ("dxf", true, true),
    ("ecw", false, true),
    ("esrishape", false, true),
    ("shp", false, true),
    ("fgb", true, true),
    ("geojson", true, true),
    ("geojsonld", true, true),
    ("geopackage", true, true),
    ("gpkg", true, true),
    ("geotiff", true, true),
    ("gml", true, true),
    ("gpx", true, true),
    ("grib", true, true),
    ("gtfs", true, true),
    ("gz", true, false),
    ("gzip", true, false),
    ("hdf", true, true),
    ("html", true, false),
    ("ical", true, true),
    ("ics", true, true),
    ("jpeg", true, false),
    ("jpg", true, false),
    ("json", true, true),
    ("jsonl", true, true),
    ("jsonld", true, true),
    ("kml", true, true),
    ("kmz", true, true),
    ("las", true, true),
    ("laz", true, true),
    ("mdb", false, true),
    ("n3", true, true),
    ("ndjson", true, true),
    ("netcdf", true, true),
    ("netex", true, true),
    ("ods", true, true),
    ("odt", true, false),
    ("parquet", true, true),
    ("pdf", true, false),
    ("png", true, false),
    ("ppt", false, false),
    ("pptx", true, false),
    ("rdf", true, true),
    ("rdfntriples", true, true),
    ("rdfturtle", true, true),
    ("rdfxml", true, true),
    ("rest", true, true),
    ("rss", true, true),
    ("rtf", false, false),
    ("sas", false, true),
    ("siri", true, true),
    ("sparql", true, true),
    ("spss", false, true),
    ("sql", true, true),
    ("sqlite", true, true),
    ("svg", true, false),
    ("tiff", true, false),
    ("topojson", true, true),
    ("trig", true, true),
    ("tsv", true, true),
    ("ttl", true, true),
    ("turtle", true, true),
    ("txt", true, false),
    ("wcs", true, true),
    ("wfs", true, true),
    ("wms", true, false),
    ("wmts", true, false),
    ("xls", false, true),
    ("xlsx", true, true),
    ("xml", true, true),
    ("yaml", true, true),
    ("zip", true, false),
];

/// Formats of linked data: what the fourth star asks for.
const LINKED: &[&str] =
    &["geojsonld", "jsonld", "n3", "rdf", "rdfntriples", "rdfturtle", "rdfxml", "sparql", "trig", "ttl", "turtle"];

/// Top-level media types that IANA registers under (RFC 6838, section 4.2; RFC 8081).
const MEDIA_TYPES: &[&str] =
    &["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"];

/// Beginnings of licences' addresses, without the scheme; all of them let everybody use, change and share.
const OPEN_LICENCES: &[&str] = &[
    "creativecommons.org/licenses/by/",
    "creativecommons.org/licenses/by-sa/",
    "creativecommons.org/publicdomain/",
    "data.gov.ie/licence",
    "data.gov.au/licence",
    "data.norge.no/nlod",
    "dcat-ap.de/def/licenses/cc-by/",
    "dcat-ap.de/def/licenses/cc-by-sa/",
    "dcat-ap.de/def/licenses/cc-zero",
    "dcat-ap.de/def/licenses/dl-by-de/",
    "dcat-ap.de/def/licenses/dl-zero-de/",
    "etalab.gouv.fr/licence-ouverte",
    "etalab.gouv.fr/wp-content/uploads/2017/04/etl-licence-ouverte",
    "govdata.de/dl-de/by-",
    "govdata.de/dl-de/zero-",
    "nationalarchives.gov.uk/doc/open-government-licence",
    "open.canada.ca/en/open-government-licence",
    "opendatacommons.org/licenses/",
    "opendefinition.org/licenses/",
    "publications.europa.eu/resource/authority/licence/cc0",
    "publications.europa.eu/resource/authority/licence/cc_by",
    "publications.europa.eu/resource/authority/licence/etalab",
    "publications.europa.eu/resource/authority/licence/ogl",
    "publications.europa.eu/resource/authority/licence/odc_by",
    "publications.europa.eu/resource/authority/licence/op_datpro",
    "resources.data.gov/open-licenses",
    "project-open-data.cio.gov/unlimited-license",
    "usa.gov/government-works",
    "usa.gov/publicdomain",
    "w3id.org/italia/controlled-vocabulary/licences/a1",
    "w3id.org/italia/controlled-vocabulary/licences/a2",
];

/// Beginnings of addresses of further licences that everybody knows, open or not.
const KNOWN_LICENCES: &[&str] = &[
    "creativecommons.org/licenses/",
    "dcat-ap.de/def/licenses/",
    "opensource.org/licenses/",
    "publications.europa.eu/resource/authority/licence/",
    "spdx.org/licenses/",
    "w3id.org/italia/controlled-vocabulary/licences/",
];

const ACCESS_RIGHTS: &str = "publications.europa.eu/resource/authority/access-right/";

/// What is known of a format's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FormatFacts {
    pub(super) is_open: bool,
    pub(super) is_readable: bool,
    pub(super) is_linked: bool,
}

/// Looks a format up by its short name or its address in the authority table.
pub(super) fn format_facts(format: &str) -> Option<FormatFacts> {
    let last = format.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(format);
    let name: String = last.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let at = FORMATS.iter().find(|(known, _, _)| *known == name)?;
    Some(FormatFacts { is_open: at.1, is_readable: at.2, is_linked: LINKED.contains(&name.as_str()) })
}

pub(super) fn is_media_type(text: &str) -> bool {
    let text = text.rsplit("/media-types/").next().unwrap_or(text);
    text.split_once('/').is_some_and(|(kind, name)| MEDIA_TYPES.contains(&kind) && !name.is_empty())
}

fn without_scheme(iri: &str) -> String {
    let folded = iri.trim().to_ascii_lowercase();
    let rest = folded.split_once("://").map_or(folded.as_str(), |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest).to_owned()
}

fn begins_with_one_of(iri: &str, beginnings: &[&str]) -> bool {
    let address = without_scheme(iri);
    beginnings.iter().any(|beginning| address.starts_with(beginning))
}

pub(super) fn is_open_licence(iri: &str) -> bool {
    begins_with_one_of(iri, OPEN_LICENCES)
}

pub(super) fn is_known_licence(iri: &str) -> bool {
    is_open_licence(iri) || begins_with_one_of(iri, KNOWN_LICENCES)
}

pub(super) fn is_access_right(iri: &str) -> bool {
    begins_with_one_of(iri, &[ACCESS_RIGHTS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_name_and_by_address() {
        for (format, expected) in [
            ("CSV", Some((true, true, false))),
            ("http://publications.europa.eu/resource/authority/file-type/RDF_TURTLE", Some((true, true, true))),
            ("GeoJSON", Some((true, true, false))),
            ("JSON-LD", Some((true, true, true))),
            ("XLS", Some((false, true, false))),
            ("PDF", Some((true, false, false))),
            ("Esri REST thing", None),
            ("", None),
        ] {
            let found = format_facts(format).map(|facts| (facts.is_open, facts.is_readable, facts.is_linked));
            assert_eq!(found, expected, "{format}");
        }
    }

    #[test]
    fn licences_media_types_and_rights_are_known_by_their_addresses() {
        assert!(is_open_licence("https://creativecommons.org/licenses/by/4.0/"));
        assert!(is_open_licence("http://www.opendatacommons.org/licenses/pddl/1.0/"));
        assert!(!is_open_licence("https://creativecommons.org/licenses/by-nc/4.0/"));
        assert!(is_known_licence("https://creativecommons.org/licenses/by-nc/4.0/"));
        assert!(!is_known_licence("see website"));
        assert!(is_media_type("text/csv"));
        assert!(is_media_type("https://www.iana.org/assignments/media-types/text/csv"));
        assert!(!is_media_type("csv") && !is_media_type("data/csv") && !is_media_type("text/"));
        assert!(is_access_right("http://publications.europa.eu/resource/authority/access-right/PUBLIC"));
        assert!(!is_access_right("public"));
    }
}

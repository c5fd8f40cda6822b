//! Code lists: ISO's codes as the IRIs that DCAT-AP and INSPIRE use for them.

/// `MD_MaintenanceFrequencyCode` as a concept of the EU's frequency authority, or of INSPIRE where that has none.
pub(super) fn frequency(code: &str) -> Option<String> {
    const EU: &str = "http://publications.europa.eu/resource/authority/frequency/";
    const INSPIRE: &str = "http://inspire.ec.europa.eu/metadata-codelist/MaintenanceFrequency/";
    let known = match code {
        "continual" | "continuous" => "CONT",
        "daily" => "DAILY",
        "weekly" => "WEEKLY",
        "fortnightly" | "biweekly" => "BIWEEKLY",
        "semimonthly" => "MONTHLY_2",
        "monthly" => "MONTHLY",
        "quarterly" => "QUARTERLY",
        "biannually" | "semiannually" => "ANNUAL_2",
        "annually" => "ANNUAL",
        "biennially" => "BIENNIAL",
        "irregular" => "IRREG",
        "unknown" => "UNKNOWN",
        "notPlanned" => "NEVER",
        "asNeeded" | "periodic" => return Some(format!("{INSPIRE}{code}")),
        _ => return None,
    };
    Some(format!("{EU}{known}"))
}

/// The IRI of a coordinate reference system, from the ways in which records name it.
pub(super) fn reference_system(code: &str, space: Option<&str>) -> Option<String> {
    let code = code.trim();
    if code.starts_with("http://") || code.starts_with("https://") {
        return Some(code.to_owned());
    }
    let epsg = |digits: &str| {
        let number: String =
            digits.trim_start_matches([':', ' ', '/']).chars().take_while(char::is_ascii_digit).collect();
        (3..=6).contains(&number.len()).then(|| format!("http://www.opengis.net/def/crs/EPSG/0/{number}"))
    };
    let upper = code.to_ascii_uppercase();
    if let Some(at) = upper.find("EPSG") {
        let rest = upper.get(at + 4..).unwrap_or_default();
        // `urn:ogc:def:crs:EPSG:9.6.2:4258` names a version of the register before the code.
        let last = rest.rsplit(':').next().filter(|_| upper.starts_with("URN:")).unwrap_or(rest);
        return epsg(last);
    }
    let is_epsg = space.is_some_and(|it| it.to_ascii_uppercase().contains("EPSG"));
    if is_epsg && code.bytes().all(|b| b.is_ascii_digit()) { epsg(code) } else { None }
}

/// A service's short name and the IRI of its standard, from protocol, profile or address.
pub(super) fn protocol(text: &str) -> Option<(&'static str, &'static str)> {
    const KNOWN: [(&str, &str, &str); 13] = [
        ("wmts", "WMTS", "http://www.opengeospatial.org/standards/wmts"),
        ("wms", "WMS", "http://www.opengeospatial.org/standards/wms"),
        ("web map service", "WMS", "http://www.opengeospatial.org/standards/wms"),
        ("wfs", "WFS", "http://www.opengeospatial.org/standards/wfs"),
        ("web feature service", "WFS", "http://www.opengeospatial.org/standards/wfs"),
        ("wcs", "WCS", "http://www.opengeospatial.org/standards/wcs"),
        ("ogc:csw", "CSW", "http://www.opengeospatial.org/standards/cat"),
        ("ogc:sos", "SOS", "http://www.opengeospatial.org/standards/sos"),
        ("ogc:wps", "WPS", "http://www.opengeospatial.org/standards/wps"),
        ("rfc4287", "ATOM", "https://tools.ietf.org/html/rfc4287"),
        ("atom", "ATOM", "https://tools.ietf.org/html/rfc4287"),
        ("ogc api", "API", "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0"),
        ("esri", "ArcGIS", "https://www.ogc.org/standard/geoservices-rest"),
    ];
    let lower = text.to_ascii_lowercase();
    KNOWN.iter().find(|(part, ..)| has_word(&lower, part)).map(|(_, short, iri)| (*short, *iri))
}

/// As [`protocol`], from an address alone: `service=WMS`, or the folders of an ArcGIS server.
pub(super) fn protocol_of_address(url: &str) -> Option<(&'static str, &'static str)> {
    let lower = url.to_ascii_lowercase();
    let query = lower.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').find_map(|it| it.strip_prefix("service="));
    if let Some(service) = named {
        return protocol(&format!("ogc:{service}"));
    }
    let esri = ["/mapserver", "/featureserver", "/imageserver"].iter().any(|it| lower.contains(it));
    if esri { protocol("esri") } else { None }
}

/// Whether the text holds the part, not inside a longer word.
fn has_word(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + part.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphabetic)
    })
}

/// INSPIRE's spatial data themes (Directive 2007/2/EC, annexes I to III) by their English names.
pub(super) fn inspire_theme(name: &str) -> Option<String> {
    const THEMES: [(&str, &str); 34] = [
        ("addresses", "ad"),
        ("administrative units", "au"),
        ("agricultural and aquaculture facilities", "af"),
        ("area management/restriction/regulation zones and reporting units", "am"),
        ("atmospheric conditions", "ac"),
        ("bio-geographical regions", "br"),
        ("buildings", "bu"),
        ("cadastral parcels", "cp"),
        ("coordinate reference systems", "rs"),
        ("elevation", "el"),
        ("energy resources", "er"),
        ("environmental monitoring facilities", "ef"),
        ("geographical grid systems", "gg"),
        ("geographical names", "gn"),
        ("geology", "ge"),
        ("habitats and biotopes", "hb"),
        ("human health and safety", "hh"),
        ("hydrography", "hy"),
        ("land cover", "lc"),
        ("land use", "lu"),
        ("meteorological geographical features", "mf"),
        ("mineral resources", "mr"),
        ("natural risk zones", "nz"),
        ("oceanographic geographical features", "of"),
        ("orthoimagery", "oi"),
        ("population distribution — demography", "pd"),
        ("production and industrial facilities", "pf"),
        ("protected sites", "ps"),
        ("sea regions", "sr"),
        ("soil", "so"),
        ("species distribution", "sd"),
        ("statistical units", "su"),
        ("transport networks", "tn"),
        ("utility and governmental services", "us"),
    ];
    let lower = name.trim().to_lowercase();
    let found = THEMES.iter().find(|(label, _)| *label == lower).map(|(_, code)| *code);
    found.map(|code| format!("http://inspire.ec.europa.eu/theme/{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_systems_are_named_in_many_ways() {
        for (code, space, number) in [
            ("http://www.opengis.net/def/crs/EPSG/0/4258", None, Some("4258")),
            ("EPSG:4326", None, Some("4326")),
            ("urn:ogc:def:crs:EPSG::25832", None, Some("25832")),
            ("urn:ogc:def:crs:EPSG:9.6.2:4258", None, Some("4258")),
            ("WGS 84 / UTM zone 33N (EPSG:32633)", None, Some("32633")),
            ("3035", Some("EPSG"), Some("3035")),
            ("3035", None, None),
            ("Lambert 72", Some("EPSG"), None),
        ] {
            let iri = number.map(|it| format!("http://www.opengis.net/def/crs/EPSG/0/{it}"));
            assert_eq!(reference_system(code, space), iri, "{code}");
        }
    }

    #[test]
    fn services_are_known_by_protocol_and_address() {
        for (text, short) in [
            ("OGC:WMS-1.3.0-http-get-map", Some("WMS")),
            ("http://www.opengis.net/def/serviceType/ogc/wfs", Some("WFS")),
            ("OGC Web Map Service", Some("WMS")),
            ("OGC:WMTS-1.0.0", Some("WMTS")),
            ("WWW:DOWNLOAD-1.0-http--download", None),
            ("ESRI:ArcGIS", Some("ArcGIS")),
            ("atomic", None),
        ] {
            assert_eq!(protocol(text).map(|it| it.0), short, "{text}");
        }
        assert_eq!(protocol_of_address("https://a.example/ows?SERVICE=wcs&x=1").map(|it| it.0), Some("WCS"));
        assert_eq!(protocol_of_address("https://a.example/rest/services/x/MapServer/0").map(|it| it.0), Some("ArcGIS"));
        assert_eq!(protocol_of_address("https://a.example/wms.csv"), None);
    }
}

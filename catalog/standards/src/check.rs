//! Small judgements on single values that all codecs share: e-mail, web addresses, dates, places.

use fairground_domain::{Finding, LocalizedText, Location, PeriodOfTime, Severity, Timestamp};
use url::Url;

/// Findings of one record, as they come up.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// At most so many findings are kept of one record; a record with thousands of distributions repeats itself.
    const MOST: usize = 100;

    pub(crate) fn warn(&mut self, rule: &str, path: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < Self::MOST {
            self.0.push(Finding::warning(rule, path, message));
        }
    }

    pub(crate) fn refuse(&mut self, rule: &str, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding::error(rule, path, message));
    }

    pub(crate) fn refused(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }

    /// An e-mail address without `mailto:`; one that cannot be an address is dropped with a warning.
    pub(crate) fn email(&mut self, path: &str, text: &str) -> Option<String> {
        let bare = text.trim();
        let bare = match bare.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => bare.get(7..).unwrap_or_default(),
            _ => bare,
        };
        let bare = bare.split('?').next().unwrap_or_default().trim();
        if is_email(bare) {
            return Some(bare.to_owned());
        }
        if !bare.is_empty() {
            self.warn("email-invalid", path, format!("“{}” is not an e-mail address", shortened(bare)));
        }
        None
    }

    /// A web address, kept as written; one that cannot be opened is kept with a warning.
    pub(crate) fn address(&mut self, path: &str, text: &str) -> String {
        let text = text.trim();
        if !is_address(text) {
            self.warn("url-invalid", path, format!("“{}” is not a web address", shortened(text)));
        }
        text.to_owned()
    }

    /// A date, kept as written; one that cannot be read is kept with a warning.
    pub(crate) fn date(&mut self, path: &str, text: &str) -> String {
        let text = text.trim();
        let repeats = text.starts_with("R/") || text.starts_with("R-") || text.contains('/');
        if !repeats && Timestamp::lenient(text).is_none() {
            self.warn("date-invalid", path, format!("“{}” is not a date of ISO 8601", shortened(text)));
        }
        text.to_owned()
    }

    /// Periods, kept as written; bounds that cannot be read and ends before their beginning are warned of.
    pub(crate) fn periods(&mut self, path: &str, periods: &[PeriodOfTime]) {
        for period in periods {
            let mut bound = |text: &Option<String>| {
                let text = text.as_deref().map(str::trim)?;
                let moment = Timestamp::lenient(text);
                // Durations and repetitions bound a period too (ISO 8601-1, sections 5.5 and 5.6).
                if moment.is_none() && !text.starts_with(['P', 'R']) {
                    self.warn("date-invalid", path, format!("“{}” is not a date of ISO 8601", shortened(text)));
                }
                moment
            };
            let (start, end) = (bound(&period.start), bound(&period.end));
            // A year or month stands for all of it, but as an end only its first moment is known here.
            let coarse = period.end.as_deref().is_some_and(|end| end.trim().len() < "2026-01-01".len());
            if let (Some(start), Some(end)) = (start, end)
                && end < start
                && !coarse
            {
                self.warn("period-reversed", path, "the period ends before it begins");
            }
        }
    }

    /// A place from text: numbers of a box or a point, WKT, GeoJSON, an IRI, or a name.
    pub(crate) fn location(&mut self, path: &str, text: &str) -> Option<Location> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if is_iri(text) {
            return Some(Location { iri: Some(text.to_owned()), ..Location::default() });
        }
        if let Some(location) = shape(text) {
            return Some(location);
        }
        let looks_like_shape =
            text.starts_with('{') || text.contains("((") || text.chars().all(|c| "0123456789.,- ".contains(c));
        if looks_like_shape {
            self.warn(
                "spatial-unreadable",
                path,
                format!("“{}” is neither a box nor a shape in degrees", shortened(text)),
            );
        }
        Some(Location { label: LocalizedText::undetermined(text), ..Location::default() })
    }
}

/// The beginning of a text, for a message.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut start: String = text.chars().take(MOST).collect();
    start.push('…');
    start
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !local.contains('@')
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>'))
}

/// An address that a program could open.
pub(crate) fn is_address(text: &str) -> bool {
    // Most addresses are plain; the full parser is for the others.
    let plain = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).is_some_and(|rest| {
        rest.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/?#&=%+,;!$'()*@".contains(&b))
    });
    plain
        || Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https" | "ftp" | "ftps" | "sftp" | "s3") && url.has_host()
        })
}

/// An absolute IRI, such as `https://…` or `urn:…`.
pub(crate) fn is_iri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.len() > 1
            && scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            && !rest.is_empty()
            && !rest.starts_with(' ')
            && (rest.starts_with("//")
                || matches!(scheme, "urn" | "doi" | "info" | "tag" | "ark" | "hdl" | "mailto" | "tel"))
            && !text.chars().any(char::is_whitespace)
    })
}

/// A shape: `w,s,e,n`, `lon,lat`, WKT or GeoJSON.
pub(crate) fn shape(text: &str) -> Option<Location> {
    let text = text.trim();
    let list: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    match list.as_deref() {
        Some([west, south, east, north]) => {
            return bounded([*west, *south, *east, *north])
                .map(|bbox| Location { bbox: Some(bbox), ..Location::default() });
        }
        Some([lon, lat]) => {
            return bounded([*lon, *lat, *lon, *lat]).map(|bbox| Location { bbox: Some(bbox), ..Location::default() });
        }
        Some(_) => return None,
        None => {}
    }
    let points = if text.starts_with('{') { geojson_points(text)? } else { wkt_points(text)? };
    let bbox = bounds(&points)?;
    // A shape whose every corner is a corner of its box is the box.
    let is_box = points.iter().all(|(x, y)| (*x == bbox[0] || *x == bbox[2]) && (*y == bbox[1] || *y == bbox[3]));
    let geometry = (!is_box).then(|| text.to_owned());
    Some(Location { bbox: Some(bbox), geometry, ..Location::default() })
}

/// The box when its numbers are degrees; a box over the date line (west > east) is one.
fn bounded(bbox: [f64; 4]) -> Option<[f64; 4]> {
    let [west, south, east, north] = bbox;
    let degrees = bbox.iter().all(|it| it.is_finite())
        && [west, east].iter().all(|it| it.abs() <= 360.0)
        && [south, north].iter().all(|it| it.abs() <= 90.0)
        && south <= north;
    degrees.then_some(bbox)
}

fn bounds(points: &[(f64, f64)]) -> Option<[f64; 4]> {
    let (x, y) = points.first()?;
    let mut all = [*x, *y, *x, *y];
    for (x, y) in points {
        all = [all[0].min(*x), all[1].min(*y), all[2].max(*x), all[3].max(*y)];
    }
    bounded(all)
}

/// Coordinates of well-known text (OGC 06-103r4), longitude first.
fn wkt_points(text: &str) -> Option<Vec<(f64, f64)>> {
    // GeoSPARQL writes the reference system before it.
    let text = if text.starts_with('<') { text.split_once('>')?.1.trim_start() } else { text };
    let text =
        if text.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("SRID=")) { text.split_once(';')?.1 } else { text };
    let name = text.split(['(', ' ']).next()?.to_ascii_uppercase();
    let known = [
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "ENVELOPE",
    ];
    if !known.contains(&name.as_str()) {
        return None;
    }
    let inside = text.get(text.find('(')?..)?;
    if name == "ENVELOPE" {
        // CQL: ENVELOPE(west, east, north, south).
        let sides: Vec<f64> =
            inside.trim_matches(['(', ')', ' ']).split(',').map(|it| it.trim().parse().ok()).collect::<Option<_>>()?;
        return match *sides.as_slice() {
            [west, east, north, south] => Some(vec![(west, south), (east, north)]),
            _ => None,
        };
    }
    inside
        .split(',')
        .map(|point| {
            let mut numbers = point
                .split(|c: char| c.is_whitespace() || "()".contains(c) || c.is_ascii_alphabetic() && !"eE".contains(c))
                .filter(|it| !it.is_empty())
                .map(str::parse::<f64>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        })
        .collect()
}

/// Coordinates of GeoJSON (RFC 7946), and of the old envelope of two corners.
fn geojson_points(text: &str) -> Option<Vec<(f64, f64)>> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut points = Vec::new();
    gather(&value, &mut points);
    (!points.is_empty()).then_some(points)
}

fn gather(value: &serde_json::Value, points: &mut Vec<(f64, f64)>) {
    match value {
        serde_json::Value::Array(items) => match items.as_slice() {
            [x, y, ..] if x.is_number() => {
                if let (Some(x), Some(y)) = (x.as_f64(), y.as_f64()) {
                    points.push((x, y));
                }
            }
            items => items.iter().for_each(|item| gather(item, points)),
        },
        serde_json::Value::Object(fields) => {
            for key in ["coordinates", "geometry", "geometries", "features"] {
                if let Some(value) = fields.get(key) {
                    gather(value, points);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_warned_of_where_they_cannot_be() {
        let period = |start: &str, end: &str| {
            let part = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            PeriodOfTime { start: part(start), end: part(end) }
        };
        for (start, end, rules) in [
            ("2020-01-01", "2020-12-31", &[][..]),
            ("2020", "2020", &[]),
            ("2020-06-01", "2020", &[]),
            ("2020-01-01", "P1Y", &[]),
            ("R5", "2020-01-01", &[]),
            ("", "2020", &[]),
            ("2023-13-45", "2023-02-30", &["date-invalid", "date-invalid"]),
            ("2020-01-01", "present", &["date-invalid"]),
            ("2021-01-01", "2020-01-01", &["period-reversed"]),
        ] {
            let mut findings = Findings::default();
            findings.periods("/temporal", &[period(start, end)]);
            let found: Vec<String> = findings.into_vec().into_iter().map(|finding| finding.rule).collect();
            assert_eq!(found, rules, "{start} {end}");
        }
    }

    #[test]
    fn addresses_of_people_are_told_from_words() {
        for (written, read) in [
            ("mailto:Open.Data@city.example", Some("Open.Data@city.example")),
            ("MAILTO:a@b.org?subject=x", Some("a@b.org")),
            ("a@b.org", Some("a@b.org")),
            ("a@b", None),
            ("call us", None),
            ("mailto:", None),
            ("a@b.org, c@d.org", None),
        ] {
            assert_eq!(Findings::default().email("", written).as_deref(), read, "{written}");
        }
    }

    #[test]
    fn places_are_read_in_every_form_that_sources_use() {
        let boxed = Some([-10.0, 20.0, 30.5, 40.0]);
        for (written, bbox, geometry) in [
            ("-10,20,30.5,40", boxed, false),
            ("-10.0, 20.0, 30.5, 40.0", boxed, false),
            ("5,6", Some([5.0, 6.0, 5.0, 6.0]), false),
            ("POLYGON((-10 20, 30.5 20, 30.5 40, -10 40, -10 20))", boxed, false),
            ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(5 6)", Some([5.0, 6.0, 5.0, 6.0]), false),
            ("POLYGON((0 0, 10 0, 5 8, 0 0))", Some([0.0, 0.0, 10.0, 8.0]), true),
            ("ENVELOPE(-10, 30.5, 40, 20)", boxed, false),
            (r#"{"type":"Polygon","coordinates":[[[-10,20],[30.5,20],[30.5,40],[-10,40],[-10,20]]]}"#, boxed, false),
            (r#"{"type":"envelope","coordinates":[[-10,40],[30.5,20]]}"#, boxed, false),
            (r#"{"type":"LineString","coordinates":[[0,0],[1,2],[3,1]]}"#, Some([0.0, 0.0, 3.0, 2.0]), true),
        ] {
            let found = shape(written).expect(written);
            assert_eq!((found.bbox, found.geometry.is_some()), (bbox, geometry), "{written}");
        }
        for written in
            ["United States", "1,2,3", "500,600,700,800", "POLYGON((", "{\"type\":\"Point\"}", "POINT(a b)", ""]
        {
            assert_eq!(shape(written), None, "{written}");
        }
    }

    #[test]
    fn web_addresses_are_told_from_words() {
        for (text, is) in [
            ("https://a.example/b c", true),
            ("ftp://a.example/x", true),
            ("http://", false),
            ("www.example.com", false),
            ("mailto:a@b.org", false),
            ("C:\\data.csv", false),
        ] {
            assert_eq!(is_address(text), is, "{text}");
        }
        assert!(is_iri("urn:uuid:1") && is_iri("https://x.example/") && !is_iri("Note: this") && !is_iri("a/b:c"));
    }
}

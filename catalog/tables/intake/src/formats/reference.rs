//! What coordinates mean: WGS 84 as it is, and the projections that can be undone exactly enough (Web Mercator, Transverse
//! Mercator with UTM, Lambert conformal conic) on datums that lie within some metres of it. Shapes in any other system are
//! left out with a note rather than put in a wrong place.
//!
//! Formulas: IOGP Guidance Note 7-2 (methods 1024, 9807, 9802); Transverse Mercator by Krüger's series to the fourth order.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// The WGS 84 ellipsoid: half its longer axis in metres, and its flattening.
const WGS84: (f64, f64) = (6_378_137.0, 1.0 / 298.257_223_563);
/// Datums that differ from WGS 84 by some metres at most, by words in their names.
const NEAR_DATUMS: &[&str] = &[
    "wgs_1984",
    "wgs84",
    "wgs 84",
    "wgs 1984",
    "world geodetic system 1984",
    "north_american_1983",
    "north american datum 1983",
    "nad83",
    "etrs",
    "european_terrestrial",
    "european terrestrial",
    "rgf",
    "reseau_geodesique_francais_1993",
    "gda",
    "sirgas",
    "jgd",
    "nzgd_2000",
    "nzgd2000",
    "geodetic_datum_of_australia",
    "geocentric_datum_of_australia",
    "itrf",
    "rdn2008",
    "china_2000",
    "hartebeesthoek94",
    "korea_2000",
    "csrs",
    "irenet95",
    "sweref99",
    "ign_1995",
];

/// How to come from a file's coordinates to longitude and latitude.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reference {
    /// Longitude and latitude already.
    Geographic,
    /// Spherical Mercator, as map tiles have it.
    WebMercator,
    /// A cylinder along a meridian.
    TransverseMercator(Projection),
    /// A cone.
    LambertConformal(Projection),
    /// It cannot be told: shapes are left out.
    Unknown,
}

/// The numbers of a projection; angles in radians, lengths in metres.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Projection {
    axis: f64,
    flattening: f64,
    false_easting: f64,
    false_northing: f64,
    meridian: f64,
    origin: f64,
    scale: f64,
    parallels: (f64, f64),
    /// Metres of the file's unit.
    unit: f64,
}

impl Reference {
    pub(super) fn is_left_out(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Longitude and latitude in degrees; `None` outside the globe.
    pub(super) fn to_wgs84(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = match self {
            Self::Geographic => (x, y),
            Self::WebMercator => {
                let radius = WGS84.0;
                ((x / radius).to_degrees(), (2.0 * (y / radius).exp().atan() - FRAC_PI_2).to_degrees())
            }
            Self::TransverseMercator(projection) => projection.undo_transverse_mercator(x, y),
            Self::LambertConformal(projection) => projection.undo_lambert(x, y),
            Self::Unknown => return None,
        };
        // Longitudes beyond 180 cross the date line; positions beyond that are of no globe.
        (longitude.abs() <= 360.0 && latitude.abs() <= 90.000_001).then_some((longitude, latitude))
    }

    /// By an EPSG number.
    pub(super) fn of_epsg(code: u32) -> Self {
        match code {
            4326 | 4979 | 4258 | 4269 | 4171 | 4283 | 4674 | 6318 | 7844 | 4167 => Self::Geographic,
            3857 | 900_913 | 3785 | 102_100 | 102_113 => Self::WebMercator,
            32_601..=32_660 => Self::utm(code - 32_600, false),
            32_701..=32_760 => Self::utm(code - 32_700, true),
            25_828..=25_838 => Self::utm(code - 25_800, false),
            26_901..=26_923 => Self::utm(code - 26_900, false),
            2154 => Self::LambertConformal(Projection {
                false_easting: 700_000.0,
                false_northing: 6_600_000.0,
                meridian: 3_f64.to_radians(),
                origin: 46.5_f64.to_radians(),
                parallels: (49_f64.to_radians(), 44_f64.to_radians()),
                ..Projection::default()
            }),
            _ => Self::Unknown,
        }
    }

    fn utm(zone: u32, south: bool) -> Self {
        Self::TransverseMercator(Projection {
            false_easting: 500_000.0,
            false_northing: if south { 10_000_000.0 } else { 0.0 },
            meridian: (f64::from(zone) * 6.0 - 183.0).to_radians(),
            scale: 0.9996,
            ..Projection::default()
        })
    }

    /// By GeoJSON's old `crs` member (GeoJSON 2008, section 3).
    pub(super) fn of_geojson(crs: Option<&[u8]>) -> Self {
        let Some(crs) = crs else { return Self::Geographic };
        let text = String::from_utf8_lossy(crs);
        if text.trim() == "null" || text.contains("CRS84") {
            return Self::Geographic;
        }
        let digits = |word: &str| -> Option<u32> {
            let rest = text.get(text.find(word)? + word.len()..)?;
            let number =
                rest.trim_start_matches([':', '/', '0', '"', ' ']).split(|c: char| !c.is_ascii_digit()).next()?;
            number.parse().ok()
        };
        digits("EPSG").or_else(|| digits("epsg")).map_or(Self::Unknown, Self::of_epsg)
    }

    /// By a shapefile's `.prj` (Well-known text of OGC 01-009 or its ESRI flavour).
    pub(super) fn of_wkt(wkt: &str) -> Self {
        let low = wkt.to_lowercase();
        let geographic_part =
            low.find("geogcs").or_else(|| low.find("geogcrs")).and_then(|at| low.get(at..)).unwrap_or(&low);
        let near = NEAR_DATUMS.iter().any(|datum| geographic_part.contains(datum));
        let projected = low.trim_start().starts_with("projc");
        if !projected {
            let geographic = low.trim_start().starts_with("geog");
            return if geographic && near { Self::Geographic } else { Self::Unknown };
        }
        if low.contains("mercator_auxiliary_sphere")
            || low.contains("pseudo-mercator")
            || low.contains("popular visualisation")
        {
            return Self::WebMercator;
        }
        let method = quoted_after(&low, "projection[").or_else(|| quoted_after(&low, "method[")).unwrap_or_default();
        let projection = near.then(|| Projection::of_wkt(&low)).flatten();
        match (projection, method.replace(' ', "_").as_str()) {
            (Some(projection), "transverse_mercator" | "gauss_kruger") => Self::TransverseMercator(projection),
            (Some(projection), method) if method.starts_with("lambert_conformal_conic") => {
                Self::LambertConformal(projection)
            }
            _ => Self::Unknown,
        }
    }
}

impl Default for Projection {
    fn default() -> Self {
        Self {
            axis: WGS84.0,
            flattening: WGS84.1,
            false_easting: 0.0,
            false_northing: 0.0,
            meridian: 0.0,
            origin: 0.0,
            scale: 1.0,
            parallels: (0.0, 0.0),
            unit: 1.0,
        }
    }
}

/// The text in quotes behind a word.
fn quoted_after(text: &str, word: &str) -> Option<String> {
    let rest = text.get(text.find(word)? + word.len()..)?;
    rest.split('"').nth(1).map(str::to_owned)
}

/// The numbers behind a quoted name: `"name",1.0,2.0`.
fn numbers_after(text: &str, name: &str) -> Option<Vec<f64>> {
    let rest = text.get(text.find(&format!("\"{name}\""))? + name.len() + 2..)?;
    let end = rest.find([']', '[']).unwrap_or(rest.len());
    Some(rest.get(..end)?.split(',').filter_map(|part| part.trim().parse().ok()).collect())
}

impl Projection {
    fn of_wkt(low: &str) -> Option<Self> {
        let parameter = |names: &[&str]| {
            names.iter().find_map(|name| numbers_after(low, name).and_then(|numbers| numbers.first().copied()))
        };
        let spheroid = quoted_after(low, "spheroid[").or_else(|| quoted_after(low, "ellipsoid["))?;
        let shape = numbers_after(low, &spheroid)?;
        let (axis, inverse) = (*shape.first()?, *shape.get(1)?);
        // The last unit is the projected one: `UNIT["name",factor]`.
        let tail = low.get(low.rfind("unit[")?..)?;
        let unit = *numbers_after(tail, &quoted_after(tail, "unit[")?)?.first()?;
        let origin = parameter(&["latitude_of_origin", "latitude_of_center"]).unwrap_or(0.0);
        let first = parameter(&["standard_parallel_1"]).unwrap_or(origin);
        let second = parameter(&["standard_parallel_2"]).unwrap_or(first);
        Some(Self {
            axis,
            flattening: if inverse == 0.0 { 0.0 } else { 1.0 / inverse },
            false_easting: parameter(&["false_easting"]).unwrap_or(0.0) * unit,
            false_northing: parameter(&["false_northing"]).unwrap_or(0.0) * unit,
            meridian: parameter(&["central_meridian", "longitude_of_center"])?.to_radians(),
            origin: origin.to_radians(),
            scale: parameter(&["scale_factor"]).unwrap_or(1.0),
            parallels: (first.to_radians(), second.to_radians()),
            unit,
        })
    }

    fn eccentricity(&self) -> f64 {
        (self.flattening * (2.0 - self.flattening)).sqrt()
    }

    fn undo_transverse_mercator(&self, x: f64, y: f64) -> (f64, f64) {
        let n = self.flattening / (2.0 - self.flattening);
        let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
        let radius = self.axis / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0);
        let alpha = [
            n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4,
            13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1_440.0 * n4,
            61.0 / 240.0 * n3 - 103.0 / 140.0 * n4,
            49_561.0 / 161_280.0 * n4,
        ];
        let beta = [
            n / 2.0 - 2.0 / 3.0 * n2 + 37.0 / 96.0 * n3 - n4 / 360.0,
            n2 / 48.0 + n3 / 15.0 - 437.0 / 1_440.0 * n4,
            17.0 / 480.0 * n3 - 37.0 / 840.0 * n4,
            4_397.0 / 161_280.0 * n4,
        ];
        let delta = [
            2.0 * n - 2.0 / 3.0 * n2 - 2.0 * n3 + 116.0 / 45.0 * n4,
            7.0 / 3.0 * n2 - 8.0 / 5.0 * n3 - 227.0 / 45.0 * n4,
            56.0 / 15.0 * n3 - 136.0 / 35.0 * n4,
            4_279.0 / 630.0 * n4,
        ];
        let e = self.eccentricity();
        let sine = self.origin.sin();
        let conformal = (self.origin.tan().asinh() - e * (e * sine).atanh()).sinh().atan();
        let start = conformal + series(&alpha, |twice| (twice * conformal).sin());
        let xi = (y * self.unit - self.false_northing) / (self.scale * radius) + start;
        let eta = (x * self.unit - self.false_easting) / (self.scale * radius);
        let xi1 = xi - series(&beta, |twice| (twice * xi).sin() * (twice * eta).cosh());
        let eta1 = eta - series(&beta, |twice| (twice * xi).cos() * (twice * eta).sinh());
        let chi = (xi1.sin() / eta1.cosh()).asin();
        let latitude = chi + series(&delta, |twice| (twice * chi).sin());
        let longitude = self.meridian + eta1.sinh().atan2(xi1.cos());
        (longitude.to_degrees(), latitude.to_degrees())
    }

    fn undo_lambert(&self, x: f64, y: f64) -> (f64, f64) {
        let e = self.eccentricity();
        let m = |angle: f64| angle.cos() / (1.0 - (e * angle.sin()).powi(2)).sqrt();
        let t = |angle: f64| {
            let sine = e * angle.sin();
            (FRAC_PI_4 - angle / 2.0).tan() / ((1.0 - sine) / (1.0 + sine)).powf(e / 2.0)
        };
        let (first, second) = self.parallels;
        let n = if (first - second).abs() < 1e-12 {
            first.sin()
        } else {
            (m(first).ln() - m(second).ln()) / (t(first).ln() - t(second).ln())
        };
        let factor = m(first) / (n * t(first).powf(n)) * self.scale;
        let radius = |angle: f64| self.axis * factor * t(angle).powf(n);
        let east = x * self.unit - self.false_easting;
        let north = radius(self.origin) - (y * self.unit - self.false_northing);
        let distance = n.signum() * east.hypot(north);
        let small = (distance / (self.axis * factor)).powf(1.0 / n);
        let angle = (n.signum() * east).atan2(n.signum() * north);
        let mut latitude = FRAC_PI_2 - 2.0 * small.atan();
        // Converges by a factor of a hundred a round.
        for _ in 0..8 {
            let sine = e * latitude.sin();
            latitude = FRAC_PI_2 - 2.0 * (small * ((1.0 - sine) / (1.0 + sine)).powf(e / 2.0)).atan();
        }
        ((angle / n + self.meridian).to_degrees(), latitude.to_degrees())
    }
}

/// Sum of the coefficients with the function at 2, 4, 6, 8.
fn series(coefficients: &[f64; 4], function: impl Fn(f64) -> f64) -> f64 {
    coefficients.iter().zip([2.0, 4.0, 6.0, 8.0]).map(|(coefficient, twice)| coefficient * function(twice)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projections_are_undone() {
        // Positions by pyproj-independent published examples: Lambert-93 of the Eiffel tower, UTM 33N of Vienna's cathedral.
        let cases = [
            (Reference::of_epsg(3857), 255_422.6, 6_250_835.1, 2.294_48, 48.858_26),
            (Reference::of_epsg(2154), 648_237.3, 6_862_271.7, 2.294_48, 48.858_26),
            (Reference::of_epsg(32_631), 448_252.0, 5_411_943.8, 2.294_48, 48.858_26),
            (Reference::of_epsg(4326), 2.0, 48.0, 2.0, 48.0),
        ];
        for (reference, x, y, longitude, latitude) in cases {
            let (got_x, got_y) = reference.to_wgs84(x, y).unwrap();
            assert!((got_x - longitude).abs() < 2e-4, "{reference:?}: {got_x} is not {longitude}");
            assert!((got_y - latitude).abs() < 2e-4, "{reference:?}: {got_y} is not {latitude}");
        }
    }

    #[test]
    fn a_reference_is_told_from_its_words() {
        let utm = r#"PROJCS["WGS_1984_UTM_Zone_31N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
        let (x, y) = Reference::of_wkt(utm).to_wgs84(448_252.0, 5_411_943.8).unwrap();
        assert!((x - 2.294_48).abs() < 2e-4 && (y - 48.858_26).abs() < 2e-4, "{x} {y}");
        let geographic = r#"GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
        assert_eq!(Reference::of_wkt(geographic), Reference::Geographic);
        let far = r#"GEOGCS["OSGB 1936",DATUM["OSGB_1936",SPHEROID["Airy 1830",6377563.396,299.3249646]]]"#;
        assert!(Reference::of_wkt(far).is_left_out());
        let cases: [(&str, bool); 4] = [
            (r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}"#, false),
            (r#"{"type":"name","properties":{"name":"EPSG:4326"}}"#, false),
            (r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}"#, false),
            (r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}}"#, true),
        ];
        for (crs, left_out) in cases {
            assert_eq!(Reference::of_geojson(Some(crs.as_bytes())).is_left_out(), left_out, "{crs}");
        }
        assert!(Reference::of_wkt("PROJCS[\"x\",GEOGCS[\"wgs84\"").is_left_out());
    }
}

//! The environment agency's tables.

use jiff::civil::{Date, date};

use crate::dice::Dice;
use crate::place::{MUNICIPALITIES, Place, WARDS, days, month_text, months, summer, weekend};
use crate::table::{Cell, Table, dec, float, round};

/// Places where air is measured.
pub(crate) fn air_stations() -> Table {
    Table::authored(include_str!("../../data/air_stations.csv"))
}

/// Places where people bathe.
pub(crate) fn bathing_places() -> Table {
    Table::authored(include_str!("../../data/bathing_places.csv"))
}

/// River gauges.
pub(crate) fn river_gauges() -> Table {
    Table::authored(include_str!("../../data/river_gauges.csv"))
}

/// Hospitals, health centres, pharmacies.
pub(crate) fn health_places() -> Table {
    Table::authored(include_str!("../../data/health_places.csv"))
}

/// How a station differs from the region's air: code, traffic share, ozone share, dust level; whether it has PM2.5.
const AIR: [(&str, f64, f64, f64, bool); 6] = [
    ("MA01", 1.00, 0.0, 1.15, true),
    ("MA02", 0.48, 0.9, 0.85, true),
    ("MA03", 0.66, 0.0, 1.45, true),
    ("MA04", 0.58, 0.8, 0.95, true),
    ("MA05", 0.35, 1.0, 0.75, false),
    ("MA06", 0.12, 1.2, 0.45, true),
];

/// Hourly means of January 2026.
pub(crate) fn air_january() -> Table {
    air_hours(date(2026, 1, 1), 31)
}

/// Hourly means of February 2026.
pub(crate) fn air_february() -> Table {
    air_hours(date(2026, 2, 1), 28)
}

/// Hourly means: traffic peaks on working days, ozone by daylight, calm days that keep dust near the ground.
pub(crate) fn air_hours(first: Date, count: usize) -> Table {
    let mut table =
        Table::new(&["station", "hour_utc", "no2_ug_m3", "o3_ug_m3", "pm10_ug_m3", "pm2_5_ug_m3", "validated"]);
    for (station, traffic, ozone, dust, fine) in AIR {
        let mut dice = Dice::new(&format!("air {station} {first}"));
        let mut calm = 1.0_f64;
        for day in days(first, count) {
            calm = (0.6 * calm + 0.4 * dice.between(0.5, 1.9)).clamp(0.5, 1.8);
            for hour in 0..24_i8 {
                let rush = rush(hour, weekend(day));
                let no2 = (6.0 + 42.0 * traffic * rush * calm) * dice.between(0.85, 1.15);
                let o3 = 38.0 * ozone + 26.0 * daylight(hour) - 0.35 * no2 + 3.0 * dice.bell();
                let pm10 = (9.0 + 11.0 * dust * calm * (0.6 + 0.4 * rush)) * dice.between(0.9, 1.1);
                // An analyser is off now and then for its calibration.
                let off = dice.chance(0.004);
                table.push([
                    station.into(),
                    format!("{day}T{hour:02}:00:00Z").into(),
                    if off { Cell::Empty } else { dec(no2, 1) },
                    if ozone > 0.0 && !off { dec(o3.max(2.0), 1) } else { Cell::Empty },
                    dec(pm10, 1),
                    if fine { dec(pm10 * dice.between(0.52, 0.66), 1) } else { Cell::Empty },
                    (day.day() <= 20).into(),
                ]);
            }
        }
    }
    table
}

fn rush(hour: i8, weekend: bool) -> f64 {
    let bump = |peak: f64, width: f64| (-((f64::from(hour) - peak) / width).powi(2)).exp();
    if weekend { 0.15 + 0.45 * bump(14.0, 5.0) } else { 0.15 + 0.85 * bump(7.5, 1.8) + 0.75 * bump(17.0, 2.2) }
}

fn daylight(hour: i8) -> f64 {
    ((f64::from(hour) - 7.0) / 10.0 * std::f64::consts::PI).sin().max(0.0)
}

/// Samples of the bathing season 2025, one a week and place.
pub(crate) fn bathing_samples() -> Table {
    let mut table = Table::new(&[
        "sample",
        "place",
        "sampled_on",
        "water_temperature_c",
        "e_coli_per_100ml",
        "enterococci_per_100ml",
        "rain_before",
        "remark",
    ]);
    // Place and its usual load of bacteria.
    let places = [
        ("B01", 12.0),
        ("B02", 35.0),
        ("B03", 14.0),
        ("B04", 60.0),
        ("B05", 85.0),
        ("B06", 260.0),
        ("B07", 10.0),
        ("B08", 380.0),
        ("B09", 8.0),
        ("B10", 70.0),
        ("B11", 55.0),
        ("B12", 40.0),
        ("B13", 620.0),
        ("B14", 150.0),
    ];
    let mut dice = Dice::new("bathing samples 2025");
    let mut sample = 1;
    for monday in days(date(2025, 5, 12), 133).step_by(7) {
        let wet = dice.chance(0.3);
        for (place, load) in places {
            let peak = (0.55 * dice.bell()).exp() * if wet { 2.1 } else { 0.9 };
            let (coli, cocci) = (round(load * peak), round(load * peak * dice.between(0.25, 0.6)));
            // One bottle broke on the way to the laboratory.
            let lost = sample == 118;
            table.push([
                format!("S25-{sample:04}").into(),
                place.into(),
                monday.into(),
                dec(11.5 + 6.0 * summer(monday) + dice.between(-0.8, 0.8), 1),
                if lost { "n/a".into() } else { coli.into() },
                if lost { "n/a".into() } else { cocci.into() },
                wet.into(),
                if lost {
                    "bottle broken in transit".into()
                } else if coli > 1800 {
                    "advice against bathing issued".into()
                } else {
                    Cell::Empty
                },
            ]);
            sample += 1;
        }
    }
    table
}

/// River levels of February 2026 by the hour: flood waves that rise fast and fall slowly.
pub(crate) fn river_levels() -> Table {
    let mut table = Table::new(&["gauge", "hour_utc", "level_cm", "flow_m3_s", "quality"]);
    let gauges = [
        ("RG1", 48.0, 2.1),
        ("RG2", 71.0, 5.4),
        ("RG3", 152.0, 6.6),
        ("RG4", 33.0, 0.8),
        ("RG5", 62.0, 3.6),
        ("RG6", 94.0, 4.7),
        ("RG7", 57.0, 1.2),
    ];
    for (lag, (gauge, base, flow)) in (0_i64..).zip(gauges) {
        let mut dice = Dice::new(&format!("river {gauge}"));
        for (day, at) in days(date(2026, 2, 1), 28).zip(0_i64..) {
            for hour in 0..24_i64 {
                let wave = wave(float(at * 24 + hour - 3 * lag));
                let tide = if gauge == "RG3" {
                    38.0 * (float(at * 24 + hour) / 12.42 * std::f64::consts::TAU).sin()
                } else {
                    0.0
                };
                let level = base * (1.0 + 1.3 * wave) + tide + 0.6 * dice.bell();
                table.push([
                    gauge.into(),
                    format!("{day}T{hour:02}:00:00Z").into(),
                    round(level).into(),
                    dec(flow * (1.0 + 3.4 * wave), 2),
                    if dice.chance(0.01) { "suspect" } else { "checked" }.into(),
                ]);
            }
        }
    }
    table
}

/// The month's two rains: hour of the crest and height.
fn wave(hour: f64) -> f64 {
    [(141.0, 1.0), (422.0, 0.6)]
        .into_iter()
        .map(|(crest, height)| {
            height * if hour < crest { (-(crest - hour) / 9.0).exp() } else { (-(hour - crest) / 46.0).exp() }
        })
        .sum()
}

/// Rain of 2025 by the day.
pub(crate) fn rainfall() -> Table {
    let mut table = Table::new(&["station", "municipality", "day", "rain_mm", "temperature_mean_c", "wind_max_m_s"]);
    for (at, wet) in [(0, 1.0), (1, 1.1), (2, 1.25), (7, 1.8), (8, 0.9)] {
        let Some(Place { code, name, .. }) = MUNICIPALITIES.get(at) else { continue };
        let mut dice = Dice::new(&format!("rain {code}"));
        let mut raining = false;
        for day in days(date(2025, 1, 1), 365) {
            raining = dice.chance(if raining { 0.62 } else { 0.31 });
            let rain = if raining { -4.1 * wet * dice.between(0.02, 1.0).ln() } else { 0.0 };
            table.push([
                format!("RS-{code}").into(),
                (*name).into(),
                day.into(),
                dec(rain, 1),
                dec(9.8 + 6.4 * summer(day) + 2.1 * dice.bell() - 2.0 * (wet - 1.0), 1),
                dec(7.5 + 2.4 * dice.bell().abs() + if raining { 3.0 } else { 0.0 }, 1),
            ]);
        }
    }
    table
}

/// Drinking water by zone, month and parameter, as the laboratory's system exports it.
pub(crate) fn drinking_water() -> Table {
    let mut table = Table::new(&["zone", "municipality", "month", "parameter", "value", "unit", "limit", "samples"]);
    // Parameter (as the laboratory writes it), unit, usual value, limit, decimals.
    let parameters = [
        ("Nitrate", "mg/l", 14.0, 50.0, 1),
        ("Turbidity / Trübung", "NTU", 0.22, 1.0, 2),
        ("Lead / Plomb", "µg/l", 0.9, 5.0, 1),
        ("Hardness / Härte", "°dH", 9.5, 0.0, 1),
        ("Conductivity / Leitfähigkeit", "µS/cm", 410.0, 2790.0, 0),
        ("Chlorine / Chlore résiduel", "mg/l", 0.12, 0.5, 2),
    ];
    for Place { code, name, .. } in MUNICIPALITIES {
        let mut dice = Dice::new(&format!("water {code}"));
        let character = dice.between(0.7, 1.3);
        for month in months(date(2025, 1, 1), 12) {
            for (parameter, unit, usual, limit, decimals) in parameters {
                table.push([
                    format!("Z{}", code.trim_start_matches('M')).into(),
                    name.into(),
                    month_text(month).into(),
                    parameter.into(),
                    dec(usual * character * dice.between(0.85, 1.15), decimals),
                    unit.into(),
                    if limit > 0.0 { dec(limit, decimals) } else { Cell::Empty },
                    dice.whole(2, 9).into(),
                ]);
            }
        }
    }
    table
}

/// Hygiene ratings of canteens: schools, works, homes. Institutions, never persons.
pub(crate) fn canteens() -> Table {
    let mut table = Table::new(&[
        "canteen",
        "name",
        "kind",
        "municipality",
        "meals_a_day",
        "inspected_on",
        "rating",
        "hygiene_points",
        "structure_points",
        "follow_up",
    ]);
    let mut dice = Dice::new("canteens");
    let kinds = [
        ("school", "School Kitchen", 320),
        ("works", "Works Canteen", 240),
        ("care home", "House Kitchen", 90),
        ("hospital", "Ward Kitchen", 410),
        ("kindergarten", "Kindergarten Kitchen", 60),
    ];
    let stems = [
        "Anchor",
        "Barley",
        "Cloverfield",
        "Dunlin",
        "Eastgate",
        "Fernside",
        "Greywater",
        "Hawthorn",
        "Ironbridge Row",
        "Juniper",
        "Kelp Lane",
        "Larkrise",
        "Marlstone",
        "Northlight",
        "Oakum",
        "Pebble",
        "Quince",
        "Redshank",
        "Sandpiper",
        "Teasel",
        "Undercliff",
        "Verge",
        "Willow Holt",
        "Yarrow",
    ];
    for (number, stem) in (1_i64..).zip(stems.into_iter().cycle().take(168)) {
        let (kind, ending, meals) = kinds
            .into_iter()
            .cycle()
            .nth(usize::try_from(number * 7 / 24).unwrap_or(0))
            .unwrap_or(("school", "School Kitchen", 320));
        let place = MUNICIPALITIES
            .into_iter()
            .cycle()
            .nth(usize::try_from(dice.whole(0, 1) * dice.whole(0, 8)).unwrap_or(0))
            .map_or("Ardenport", |place| place.name);
        let (hygiene, structure) = (dice.whole(0, 10) + dice.whole(0, 8), dice.whole(0, 15));
        let rating = 5 - ((hygiene + structure) / 8).min(4);
        let inspected = days(date(2024, 9, 2), 500)
            .filter(|day| !weekend(*day))
            .nth(usize::try_from(dice.whole(0, 354)).unwrap_or(0));
        table.push([
            format!("C{number:03}").into(),
            format!("{stem} {ending}").into(),
            kind.into(),
            place.into(),
            round(float(meals) * dice.between(0.5, 1.6)).into(),
            inspected.into(),
            // Two were closed for rebuilding when the inspector came.
            if number == 41 || number == 97 { "n/a".into() } else { rating.into() },
            hygiene.into(),
            structure.into(),
            (rating <= 2).into(),
        ]);
    }
    table
}

/// Protected sites with a simple outline around their centre, as large as the site.
pub(crate) fn protected_sites() -> Table {
    let mut table = Table::authored(include_str!("../../data/protected_sites.csv"));
    let position = |name: &str| table.position(name);
    let (Some(area), Some(longitude), Some(latitude)) =
        (position("area_ha"), position("longitude"), position("latitude"))
    else {
        return table;
    };
    for row in &mut table.rows {
        let number = |at: usize| match row.get(at) {
            Some(Cell::Decimal(number, _)) => *number,
            _ => 0.0,
        };
        let outline = outline(number(longitude), number(latitude), number(area));
        row.push(Cell::Geometry(outline));
    }
    table.columns.push("geometry");
    table
}

/// A ten-cornered outline of this many hectares, slightly uneven.
pub(crate) fn outline(longitude: f64, latitude: f64, hectares: f64) -> String {
    let mut dice = Dice::new(&format!("outline {longitude} {latitude}"));
    let radius_km = (hectares.max(0.05) / 100.0 / std::f64::consts::PI).sqrt();
    let corners: Vec<String> = (0_i64..10)
        .map(|at| {
            let (angle, reach) = (float(at) / 10.0 * std::f64::consts::TAU, radius_km * dice.between(0.8, 1.2));
            let (east, north) = (reach * angle.cos() / 64.0, reach * angle.sin() / 111.2);
            format!("[{:.5},{:.5}]", longitude + east, latitude + north)
        })
        .collect();
    let first = corners.first().cloned().unwrap_or_default();
    format!("{{\"type\":\"Polygon\",\"coordinates\":[[{},{first}]]}}", corners.join(","))
}

/// Waste by municipality, year and kind.
pub(crate) fn waste() -> Table {
    let mut table = Table::new(&["year", "municipality_code", "municipality", "kind", "tonnes", "kg_per_head"]);
    let kinds = [
        ("residual", 168.0, -0.024),
        ("paper", 62.0, -0.015),
        ("packaging", 31.0, 0.018),
        ("glass", 27.0, 0.004),
        ("garden and kitchen", 96.0, 0.022),
        ("bulky", 24.0, 0.006),
    ];
    let mut dice = Dice::new("waste");
    for year in 2018..=2025_i64 {
        for Place { code, name, thousands, .. } in MUNICIPALITIES {
            for (kind, kilograms, trend) in kinds {
                let kilograms = kilograms * (1.0 + trend * float(year - 2018)) * dice.between(0.92, 1.08);
                table.push([
                    year.into(),
                    code.into(),
                    name.into(),
                    kind.into(),
                    dec(kilograms * thousands, 1),
                    dec(kilograms, 1),
                ]);
            }
        }
    }
    table
}

/// Noise by ward of Ardenport: people exposed above thresholds.
pub(crate) fn noise() -> Table {
    let mut table = Table::new(&["ward", "ward_name", "source", "period", "band_db", "people_exposed"]);
    let mut dice = Dice::new("noise");
    for Place { code, name, thousands, .. } in WARDS {
        for (source, share) in [("road", 0.30), ("rail", 0.07), ("harbour", 0.05)] {
            for (period, factor) in [("day", 1.0), ("night", 0.62)] {
                let mut left = thousands * 1000.0 * share * factor * dice.between(0.6, 1.4);
                for band in ["55-59", "60-64", "65-69", "70-74"] {
                    // The standard rounds to hundreds.
                    table.push([
                        code.into(),
                        name.into(),
                        source.into(),
                        period.into(),
                        band.into(),
                        (round(left / 100.0) * 100).into(),
                    ]);
                    left *= 0.45;
                }
            }
        }
    }
    table
}

/// Pollen of 2025 by the day: grains in a cubic metre of air.
pub(crate) fn pollen() -> Table {
    let mut table = Table::new(&["day", "trap", "hazel", "birch", "grasses", "mugwort"]);
    for trap in ["Ardenport", "Thornwick"] {
        let mut dice = Dice::new(&format!("pollen {trap}"));
        for day in days(date(2025, 2, 1), 242) {
            let grains = |dice: &mut Dice, crest: f64, width: f64, height: f64| {
                let season = (-((f64::from(day.day_of_year()) - crest) / width).powi(2)).exp();
                Cell::from(round(height * season * (0.8 * dice.bell()).exp()))
            };
            table.push([
                day.into(),
                trap.into(),
                grains(&mut dice, 50.0, 14.0, 60.0),
                grains(&mut dice, 113.0, 12.0, 420.0),
                grains(&mut dice, 164.0, 24.0, 75.0),
                grains(&mut dice, 222.0, 16.0, 22.0),
            ]);
        }
    }
    table
}

//! The transit authority's tables.

use jiff::civil::date;

use crate::dice::Dice;
use crate::place::{MUNICIPALITIES, STREETS, WARDS, days, month_text, months, summer, weekend};
use crate::table::{Cell, Table, dec, float, round};

/// Lines of tram, bus and ferry.
pub(crate) fn lines() -> Table {
    Table::authored(include_str!("../../data/lines.csv"))
}

/// Stations and their access.
pub(crate) fn stations() -> Table {
    Table::authored(include_str!("../../data/stations.csv"))
}

/// Fares.
pub(crate) fn fares() -> Table {
    Table::authored(include_str!("../../data/fares.csv"))
}

/// Stops: named after a street and its corner; codes have leading zeros.
pub(crate) fn stops() -> Table {
    let mut table = Table::new(&[
        "stop",
        "name",
        "municipality",
        "zone",
        "shelter",
        "display",
        "step_free",
        "boardings_a_day",
        "longitude",
        "latitude",
    ]);
    let mut dice = Dice::new("stops");
    for number in 1..=1240_i64 {
        // Two stops in three lie in the city.
        let (place, municipality) = if dice.chance(0.66) {
            (WARDS.into_iter().cycle().nth(usize::try_from(dice.whole(0, 13)).unwrap_or(0)), "Ardenport")
        } else {
            let town = MUNICIPALITIES.into_iter().cycle().nth(usize::try_from(dice.whole(1, 8)).unwrap_or(1));
            (town, town.map_or("Ardenport", |town| town.name))
        };
        let Some(place) = place else { continue };
        let zone = if municipality == "Ardenport" {
            1
        } else if ["Sallow Bay", "Thornwick", "Low Marren"].contains(&municipality) {
            2
        } else {
            3
        };
        let used = round(4.0 + 900.0 * dice.unit().powi(4) / float(zone));
        table.push([
            format!("{number:05}").into(),
            format!(
                "{}, {}",
                dice.pick(&STREETS),
                dice.pick(&["church", "school", "corner", "bridge", "market", "turning loop", "clinic", "post office"])
            )
            .into(),
            municipality.into(),
            zone.into(),
            (used > 60 || dice.chance(0.3)).into(),
            (used > 150).into(),
            dice.chance(0.78).into(),
            used.into(),
            dec(place.longitude + 0.006 * dice.bell() / 2.0, 5),
            dec(place.latitude + 0.0035 * dice.bell() / 2.0, 5),
        ]);
    }
    table
}

/// What a line carries on a working day, in thousands, in the order of the register.
const DEMAND: [(&str, f64); 22] = [
    ("1", 31.0),
    ("2", 27.5),
    ("3", 12.4),
    ("10", 8.1),
    ("11", 5.2),
    ("12", 4.9),
    ("14", 6.6),
    ("15", 2.8),
    ("20", 7.4),
    ("21", 5.8),
    ("22", 6.9),
    ("23", 3.1),
    ("24", 3.6),
    ("30", 0.6),
    ("31", 1.1),
    ("32", 0.4),
    ("33", 0.3),
    ("N1", 0.5),
    ("N2", 0.45),
    ("F1", 2.2),
    ("F2", 1.0),
    ("F3", 0.25),
];

/// Departures of a working day at both ends of each line.
pub(crate) fn timetable() -> Table {
    let lines = lines();
    let mut table =
        Table::new(&["line", "direction", "trip", "departs_from", "departs", "arrives_at", "arrives", "low_floor"]);
    for row in &lines.rows {
        let [
            line,
            _,
            Cell::Text(from),
            Cell::Text(to),
            _,
            _,
            length,
            Cell::Text(first),
            Cell::Text(last),
            Cell::Whole(gap),
            low_floor,
        ] = row.as_slice()
        else {
            continue;
        };
        let Cell::Decimal(length, _) = length else { continue };
        let (start, end) = (minutes(first), minutes(last));
        let end = if end < start { end + 1440 } else { end };
        let takes = round(length * 60.0 / 17.5) + 2;
        for (direction, from, to, shift) in [("out", from, to, 0), ("back", to, from, gap / 2)] {
            let (mut at, mut trip) = (start + shift, 1);
            while at <= end {
                table.push([
                    line_text(line),
                    direction.into(),
                    trip.into(),
                    Cell::Text(from.clone()),
                    clock(at).into(),
                    Cell::Text(to.clone()),
                    clock(at + takes).into(),
                    low_floor.clone(),
                ]);
                // Half as often late in the evening.
                at += if at > 21 * 60 && *gap < 30 { gap * 2 } else { *gap };
                trip += 1;
            }
        }
    }
    table
}

/// Lines are names even where they look like numbers.
fn line_text(line: &Cell) -> Cell {
    match line {
        Cell::Whole(number) => number.to_string().into(),
        other => other.clone(),
    }
}

fn minutes(clock: &str) -> i64 {
    clock
        .split_once(':')
        .and_then(|(hour, minute)| Some(hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?))
        .unwrap_or(0)
}

/// Hours run past 24 when a trip of the evening ends after midnight.
fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Boardings by line and month.
pub(crate) fn ridership() -> Table {
    let mut table = Table::new(&["month", "line", "boardings", "vehicle_km", "tickets_on_phone_percent"]);
    let mut dice = Dice::new("ridership");
    for month in months(date(2020, 1, 1), 73) {
        let year = f64::from(month.year()) - 2020.0;
        let dip = if month.year() == 2020 && month.month() > 3 {
            0.45
        } else if month.year() == 2021 {
            0.7
        } else {
            1.0
        };
        for (line, thousands) in DEMAND {
            let ferry = line.starts_with('F');
            let season = if ferry { 1.0 + 0.5 * summer(month) } else { 1.0 - 0.12 * summer(month) };
            table.push([
                month_text(month).into(),
                line.into(),
                round(thousands * 25_400.0 * dip * season * (1.0 + 0.02 * year) * dice.between(0.96, 1.04)).into(),
                round(thousands.sqrt() * 21_000.0 * dice.between(0.97, 1.03)).into(),
                dec(21.0 + 8.5 * year + dice.between(-1.5, 1.5), 1),
            ]);
        }
    }
    table
}

/// Punctuality by line and day.
pub(crate) fn punctuality() -> Table {
    let mut table = Table::new(&["day", "line", "departures", "on_time", "late_over_5_min", "cancelled", "main_cause"]);
    let mut dice = Dice::new("punctuality");
    for day in days(date(2025, 7, 1), 184) {
        let rough = dice.unit().powi(3);
        for (line, thousands) in DEMAND {
            let departures = round(if weekend(day) { 0.7 } else { 1.0 } * 40.0 * thousands.sqrt() + 8.0);
            let cancelled =
                round(float(departures) * rough * if line.starts_with('F') { 0.25 } else { 0.02 } * dice.unit());
            let late = round(float(departures - cancelled) * (0.03 + 0.12 * rough) * dice.between(0.5, 1.6));
            let cause = dice.pick(&["traffic", "vehicle", "passengers", "signal", "weather"]);
            table.push([
                day.into(),
                line.into(),
                departures.into(),
                (departures - cancelled - late).into(),
                late.into(),
                cancelled.into(),
                if late + cancelled == 0 {
                    Cell::Empty
                } else if line.starts_with('F') {
                    "wind and sea".into()
                } else {
                    cause.into()
                },
            ]);
        }
    }
    table
}

/// Cycle counters by the hour, March 2025.
pub(crate) fn cycles() -> Table {
    let mut table = Table::new(&["counter", "place", "hour_local", "inbound", "outbound", "status"]);
    let counters = [
        ("CC1", "Bridgefoot", 210.0),
        ("CC2", "Arden Parade", 140.0),
        ("CC3", "Foundry Street", 95.0),
        ("CC4", "Westmere Avenue", 70.0),
        ("CC5", "Customs Quay", 120.0),
        ("CC6", "Copperdale Road", 60.0),
    ];
    for (counter, name, size) in counters {
        let mut dice = Dice::new(&format!("cycles {counter}"));
        for day in days(date(2025, 3, 1), 31) {
            let weather = dice.between(0.45, 1.1);
            // A loop in the road was cut by works for three days.
            let broken = counter == "CC3" && (11..=13).contains(&day.day());
            for hour in 0..24_i8 {
                let bump = |peak: f64, width: f64| (-((f64::from(hour) - peak) / width).powi(2)).exp();
                let (morning, evening) = if weekend(day) {
                    (0.4 * bump(12.0, 3.5), 0.4 * bump(15.0, 3.5))
                } else {
                    (bump(8.0, 1.4), bump(17.0, 1.8))
                };
                let count =
                    |dice: &mut Dice, share: f64| round(size * weather * (0.02 + share) * dice.between(0.85, 1.15));
                let (inbound, outbound) =
                    (count(&mut dice, morning + 0.25 * evening), count(&mut dice, evening + 0.25 * morning));
                table.push([
                    counter.into(),
                    name.into(),
                    format!("{day} {hour:02}:00").into(),
                    if broken { "n/a".into() } else { inbound.into() },
                    if broken { "n/a".into() } else { outbound.into() },
                    if broken { "out of order" } else { "ok" }.into(),
                ]);
            }
        }
    }
    table
}

/// Ferry crossings by the day: how many, how many travellers, wind.
pub(crate) fn ferries() -> Table {
    let mut table = Table::new(&[
        "day",
        "line",
        "crossings_planned",
        "crossings_made",
        "passengers",
        "bicycles",
        "vehicles",
        "wind_max_m_s",
    ]);
    let mut dice = Dice::new("ferries");
    for day in days(date(2025, 1, 1), 365) {
        let wind = 6.0 + 3.5 * dice.bell().abs() - 1.5 * summer(day);
        for (line, planned, seats) in [("F1", 44, 62.0), ("F2", 28, 41.0), ("F3", 8, 55.0)] {
            if line == "F3" && summer(day) < -0.55 {
                continue;
            }
            let made = if wind > 15.0 {
                planned / 4
            } else if wind > 12.0 {
                planned * 4 / 5
            } else {
                planned
            };
            let passengers = round(float(made) * seats * (0.55 + 0.25 * summer(day)) * dice.between(0.85, 1.15));
            table.push([
                day.into(),
                line.into(),
                planned.into(),
                made.into(),
                passengers.into(),
                round(float(passengers) * (0.08 + 0.05 * summer(day))).into(),
                if line == "F1" { round(float(passengers) * 0.14).into() } else { 0.into() },
                dec(wind, 1),
            ]);
        }
    }
    table
}

/// Park-and-ride by the day.
pub(crate) fn park_and_ride() -> Table {
    let mut table =
        Table::new(&["site", "name", "day", "spaces", "peak_occupied", "peak_percent", "charging_sessions"]);
    let sites = [
        ("PR1", "Westmere Lake", 420, 0.74),
        ("PR2", "Upper Arden Weir", 310, 0.61),
        ("PR3", "Copperdale", 560, 0.68),
        ("PR4", "Saltmarsh Steps", 180, 0.83),
        ("PR5", "Sallow Bay", 240, 0.55),
        ("PR6", "Quillharbour", 350, 0.58),
    ];
    for (site, name, spaces, usual) in sites {
        let mut dice = Dice::new(&format!("park {site}"));
        for day in days(date(2025, 1, 1), 365) {
            let share = (usual * if weekend(day) { 0.42 } else { 1.0 } * dice.between(0.82, 1.2)).min(1.0);
            table.push([
                site.into(),
                name.into(),
                day.into(),
                spaces.into(),
                round(float(spaces) * share).into(),
                dec(share * 100.0, 1),
                round(float(spaces) * share * 0.05 * dice.between(0.7, 1.3)).into(),
            ]);
        }
    }
    table
}

/// Roadworks that move stops or lines.
pub(crate) fn roadworks() -> Table {
    let mut table = Table::new(&[
        "works",
        "street",
        "ward",
        "reason",
        "from",
        "until",
        "lines_diverted",
        "stops_moved",
        "longitude",
        "latitude",
    ]);
    let mut dice = Dice::new("roadworks");
    for number in 1..=145_i64 {
        let ward = WARDS.into_iter().cycle().nth(usize::try_from(dice.whole(0, 13)).unwrap_or(0));
        let from = days(date(2025, 9, 1), 300).nth(usize::try_from(number * 2).unwrap_or(0));
        let until = from.and_then(|from| days(from, 120).nth(usize::try_from(dice.whole(2, 90)).unwrap_or(2)));
        table.push([
            format!("RW{number:03}").into(),
            dice.pick(&STREETS).into(),
            ward.map(|ward| ward.name).into(),
            dice.pick(&[
                "water main",
                "tram track",
                "resurfacing",
                "heat network",
                "crossing rebuilt",
                "tree planting",
                "cable",
            ])
            .into(),
            from.into(),
            until.into(),
            dice.pick(&["10", "11 12", "1", "2 3", "14", "20 24", "", "21", "15"]).into(),
            dice.whole(0, 4).into(),
            ward.map(|ward| dec(ward.longitude + 0.003 * dice.bell() / 2.0, 5)).into(),
            ward.map(|ward| dec(ward.latitude + 0.002 * dice.bell() / 2.0, 5)).into(),
        ]);
    }
    table
}

/// Docks of shared bicycles.
pub(crate) fn bike_docks() -> Table {
    let mut table = Table::new(&[
        "dock",
        "name",
        "ward",
        "stands",
        "charging_stands",
        "opened",
        "hires_2025",
        "longitude",
        "latitude",
    ]);
    let mut dice = Dice::new("bike docks");
    for (number, street) in (1_i64..).zip(STREETS.into_iter().cycle().take(78)) {
        let ward = WARDS.into_iter().cycle().nth(usize::try_from(dice.whole(0, 13)).unwrap_or(0));
        let stands = dice.whole(8, 36);
        table.push([
            format!("BD{number:02}").into(),
            if number > 40 { format!("{street} (upper)") } else { street.to_owned() }.into(),
            ward.map(|ward| ward.name).into(),
            stands.into(),
            (stands / 3).into(),
            dice.whole(2016, 2025).into(),
            round(float(stands) * dice.between(190.0, 820.0)).into(),
            ward.map(|ward| dec(ward.longitude + 0.003 * dice.bell() / 2.0, 5)).into(),
            ward.map(|ward| dec(ward.latitude + 0.002 * dice.bell() / 2.0, 5)).into(),
        ]);
    }
    table
}

/// The fleet by vehicle.
pub(crate) fn fleet() -> Table {
    let mut table = Table::new(&[
        "vehicle",
        "kind",
        "drive",
        "built",
        "seats",
        "standing",
        "wheelchair_spaces",
        "km_2025",
        "kwh_per_100_km",
        "litres_per_100_km",
    ]);
    let mut dice = Dice::new("fleet");
    for number in 1..=236_i64 {
        let (kind, drive) = match number {
            1..=58 => ("tram", "electric"),
            59..=140 => ("bus", "battery"),
            141..=229 => ("bus", "diesel"),
            _ => ("ferry", if number > 232 { "battery" } else { "diesel" }),
        };
        let (seats, standing) = match kind {
            "tram" => (dice.whole(58, 84), dice.whole(110, 150)),
            "bus" => (dice.whole(28, 44), dice.whole(30, 62)),
            _ => (dice.whole(90, 240), dice.whole(20, 80)),
        };
        let litres = if kind == "ferry" { 420.0 } else { 36.0 };
        let kilowatts = match kind {
            "tram" => 310.0,
            "bus" => 128.0,
            _ => 2900.0,
        };
        table.push([
            (1000 + number).into(),
            kind.into(),
            drive.into(),
            if drive == "diesel" { dice.whole(2006, 2018) } else { dice.whole(2012, 2025) }.into(),
            seats.into(),
            standing.into(),
            dice.whole(1, 3).into(),
            dice.whole(18_000, 74_000).into(),
            if drive == "diesel" { Cell::Empty } else { dec(kilowatts * dice.between(0.9, 1.1), 1) },
            if drive == "diesel" { dec(litres * dice.between(0.9, 1.1), 1) } else { Cell::Empty },
        ]);
    }
    table
}

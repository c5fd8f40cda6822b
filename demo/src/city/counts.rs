//! The city's counts and accounts: what happened when.

use jiff::civil::date;

use super::registers;
use crate::dice::Dice;
use crate::place::{Place, STREETS, WARDS, days, month_text, months, summer, weekend};
use crate::table::{Cell, Table, dec, float, round};

/// Library visits and loans by the month.
pub(crate) fn library_visits() -> Table {
    let libraries = Table::authored(include_str!("../../data/libraries.csv"));
    let mut table = Table::new(&["month", "library", "ward", "visits", "loans", "e_loans", "events"]);
    let mut dice = Dice::new("library visits");
    for month in months(date(2019, 1, 1), 84) {
        // Closed in the spring of 2020, and slow to come back.
        let closed = month.year() == 2020 && (4..=6).contains(&month.month());
        let open = if closed {
            0.0
        } else if (2020..=2021).contains(&month.year()) {
            0.55
        } else {
            1.0
        };
        for row in &libraries.rows {
            let [library, ward, Cell::Whole(visits), Cell::Whole(loans)] = row.as_slice() else { continue };
            let season = 1.0 - 0.16 * summer(month);
            table.push([
                month_text(month).into(),
                library.clone(),
                ward.clone(),
                round(float(*visits) * open * season * dice.between(0.92, 1.08)).into(),
                round(float(*loans) * open * season * dice.between(0.92, 1.08)).into(),
                round(
                    float(*loans)
                        * 0.08
                        * (1.0 + 0.35 * float(i64::from(month.year()) - 2019))
                        * dice.between(0.9, 1.1),
                )
                .into(),
                if closed { 0.into() } else { dice.whole(2, 19).into() },
            ]);
        }
    }
    table
}

/// The budget, planned and spent.
pub(crate) fn budget() -> Table {
    let mut table = Table::new(&["year", "directorate", "programme", "kind", "account", "planned", "revised", "spent"]);
    let programmes = [
        ("Streets and Harbour", ["Road upkeep", "Street lighting", "Harbour walls", "Winter service"], 9_400_000.0),
        ("Schools and Youth", ["School buildings", "Kindergartens", "School meals", "Youth clubs"], 21_700_000.0),
        ("Culture", ["Libraries", "Castle Museum", "Assembly Hall", "Festivals"], 6_100_000.0),
        ("Social Affairs", ["Housing advice", "Care at home", "Food pantry", "Family guidance"], 17_800_000.0),
        (
            "Environment and Parks",
            ["Parks and trees", "Waste collection", "Flood defence", "Climate fund"],
            8_300_000.0,
        ),
        ("Administration", ["Town Hall", "Digital services", "Elections and registers", "Training"], 7_200_000.0),
    ];
    let mut dice = Dice::new("budget");
    for year in 2021..=2026_i64 {
        for (directorate, names, size) in programmes {
            for programme in names {
                let scale = size * dice.between(0.12, 0.4) * (1.0 + 0.028 * float(year - 2021));
                for (kind, account, share) in [
                    ("expenditure", "0510 staff", 0.52),
                    ("expenditure", "0520 goods and services", 0.27),
                    ("expenditure", "0530 grants", 0.08),
                    ("expenditure", "0610 investment", 0.13),
                    ("income", "0410 fees", 0.11),
                    ("income", "0420 transfers", 0.19),
                ] {
                    let planned = round(scale * share * dice.between(0.8, 1.2) / 100.0) * 100;
                    let revised = round(float(planned) * dice.between(0.96, 1.05) / 100.0) * 100;
                    table.push([
                        year.into(),
                        directorate.into(),
                        programme.into(),
                        kind.into(),
                        account.into(),
                        planned.into(),
                        revised.into(),
                        if year < 2026 { dec(float(revised) * dice.between(0.9, 1.03), 2) } else { Cell::Empty },
                    ]);
                }
            }
        }
    }
    table
}

/// Council elections by ward and list.
pub(crate) fn elections() -> Table {
    let mut table = Table::new(&[
        "election",
        "ward",
        "ward_name",
        "electorate",
        "ballots",
        "invalid",
        "list",
        "votes",
        "share_percent",
        "seats",
    ]);
    let lists = [
        ("Common Ground", 0.27),
        ("Harbour List", 0.23),
        ("Civic Union", 0.21),
        ("Green Tide", 0.18),
        ("Free Wards", 0.07),
        ("Others", 0.04),
    ];
    let mut dice = Dice::new("elections");
    for (year, swing) in [(2017_i64, -0.2), (2021, 0.0), (2025, 0.25)] {
        for Place { code, name, thousands, .. } in WARDS {
            let electorate = round(thousands * 1000.0 * dice.between(0.74, 0.79));
            let ballots = round(float(electorate) * dice.between(0.46, 0.64));
            let invalid = round(float(ballots) * dice.between(0.004, 0.011));
            let weights = lists.map(|(list, share)| {
                let swing = if list == "Green Tide" { 1.0 + swing } else { 1.0 };
                (list, share * swing * dice.between(0.65, 1.4))
            });
            let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
            let best = weights.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
            let mut left = ballots - invalid;
            for (list, weight) in weights {
                let share = weight / sum;
                // The last list takes what rounding leaves, so that the votes add up to the valid ballots.
                let votes = if list == "Others" { left } else { round(float(ballots - invalid) * share) };
                left -= votes;
                table.push([
                    year.into(),
                    code.into(),
                    name.into(),
                    electorate.into(),
                    ballots.into(),
                    invalid.into(),
                    list.into(),
                    votes.into(),
                    dec(share * 100.0, 1),
                    (i64::from(weight >= best) + i64::from(share > 0.2)).into(),
                ]);
            }
        }
    }
    table
}

/// Businesses by ward, sector and year.
pub(crate) fn businesses() -> Table {
    let mut table = Table::new(&["year", "ward", "ward_name", "sector_code", "sector", "businesses", "employees_band"]);
    let sectors = [
        ("A03", "Fishing", 6),
        ("C10", "Food production", 11),
        ("C33", "Repair of boats and machines", 14),
        ("F41", "Building", 58),
        ("G47", "Retail", 121),
        ("H50", "Water transport", 9),
        ("I55", "Accommodation", 17),
        ("I56", "Food and drink", 66),
        ("J62", "Software", 39),
        ("M69", "Legal and accounting", 44),
        ("Q86", "Health", 31),
        ("R90", "Arts", 28),
    ];
    let mut dice = Dice::new("businesses");
    for year in 2020..=2025_i64 {
        for Place { code, name, thousands, .. } in WARDS {
            for (sector_code, sector, usual) in sectors {
                let trend = if sector == "Software" { 0.06 } else { 0.004 };
                let count =
                    float(usual) * thousands / 15.0 * (1.0 + trend * float(year - 2020)) * dice.between(0.6, 1.4);
                table.push([
                    year.into(),
                    code.into(),
                    name.into(),
                    sector_code.into(),
                    sector.into(),
                    round(count).into(),
                    dice.pick(&["1-9", "1-9", "10-49", "50-249"]).into(),
                ]);
            }
        }
    }
    table
}

/// Energy that the city's buildings used, by the month.
pub(crate) fn energy() -> Table {
    let mut table = Table::new(&["building", "month", "electricity_kwh", "heat_kwh", "water_m3", "co2_kg"]);
    let buildings = registers::buildings();
    for row in &buildings.rows {
        let [
            Cell::Text(building),
            _,
            Cell::Text(purpose),
            _,
            Cell::Whole(built),
            Cell::Whole(area),
            Cell::Text(heating),
        ] = row.as_slice()
        else {
            continue;
        };
        let mut dice = Dice::new(&format!("energy {building}"));
        let pool: f64 = if purpose == "swimming pool" { 3.2 } else { 1.0 };
        let need = if *built > 2000 {
            0.45
        } else if *built > 1980 {
            0.8
        } else {
            1.1
        };
        let carbon = match heating.as_ref() {
            "oil" => 0.266,
            "gas" => 0.201,
            "district heat" => 0.11,
            _ => 0.04,
        };
        for month in months(date(2022, 1, 1), 48) {
            let winter = 0.5 - 0.5 * summer(month);
            let electricity = float(*area) * 3.1 * pool.sqrt() * dice.between(0.85, 1.1);
            let heat = float(*area) * 16.0 * need * (0.08 + winter) * pool * dice.between(0.9, 1.1);
            table.push([
                building.to_string().into(),
                month_text(month).into(),
                round(electricity).into(),
                round(heat).into(),
                round(float(*area) * 0.03 * pool * pool * dice.between(0.8, 1.2)).into(),
                round(electricity * 0.12 + heat * carbon).into(),
            ]);
        }
    }
    table
}

/// Reports by citizens of holes, lamps and litter; what and where, never who.
pub(crate) fn street_reports() -> Table {
    let mut table = Table::new(&[
        "report",
        "reported_on",
        "category",
        "channel",
        "street",
        "ward",
        "status",
        "closed_on",
        "days_open",
    ]);
    let mut dice = Dice::new("street reports");
    let mut number = 0;
    for day in days(date(2025, 1, 1), 365) {
        for _ in 0..dice.whole(if weekend(day) { 3 } else { 8 }, if weekend(day) { 8 } else { 16 }) {
            number += 1;
            let open = round(1.0 + 24.0 * dice.unit() * dice.unit());
            let closed =
                days(day, 40).nth(usize::try_from(open).unwrap_or(0)).filter(|closed| *closed <= date(2025, 12, 31));
            table.push([
                format!("R25{number:05}").into(),
                day.into(),
                dice.pick(&[
                    "pothole",
                    "street lamp out",
                    "litter",
                    "fly-tipping",
                    "blocked drain",
                    "broken bench",
                    "overgrown path",
                    "graffiti",
                ])
                .into(),
                dice.pick(&["app", "app", "web", "phone", "counter"]).into(),
                dice.pick(&STREETS).into(),
                registers::ward(&mut dice).name.into(),
                if closed.is_some() { "closed" } else { "open" }.into(),
                closed.into(),
                closed.map(|_| open).into(),
            ]);
        }
    }
    table
}

/// People by ward, year, age and sex, rounded to fives.
pub(crate) fn population() -> Table {
    let mut table = Table::new(&["year", "ward", "ward_name", "age_band", "sex", "people"]);
    let mut dice = Dice::new("population");
    for year in 2019..=2025_i64 {
        for Place { code, name, thousands, .. } in WARDS {
            for (band, share) in [
                ("0-5", 0.062),
                ("6-17", 0.118),
                ("18-29", 0.166),
                ("30-44", 0.218),
                ("45-64", 0.256),
                ("65-79", 0.131),
                ("80+", 0.049),
            ] {
                for sex in ["female", "male"] {
                    let people =
                        thousands * 500.0 * share * (1.0 + 0.006 * float(year - 2025)) * dice.between(0.93, 1.07);
                    table.push([
                        year.into(),
                        code.into(),
                        name.into(),
                        band.into(),
                        sex.into(),
                        (round(people / 5.0) * 5).into(),
                    ]);
                }
            }
        }
    }
    table
}

/// Market days: stalls let, by market and week.
pub(crate) fn markets() -> Table {
    let mut table = Table::new(&["market_day", "market", "ward", "stalls", "stalls_let", "food_stalls", "cancelled"]);
    let mut dice = Dice::new("markets");
    let markets = [
        ("Net Market", "Netmakers", 64),
        ("Old Assembly Square", "Lanternhill", 48),
        ("Foundry Yard", "Foundry", 30),
        ("Gullhaven Promenade", "Gullhaven", 22),
    ];
    for saturday in days(date(2024, 1, 6), 728).step_by(7) {
        for (market, ward, stalls) in markets {
            // Storms close the promenade in winter.
            let cancelled = market == "Gullhaven Promenade" && summer(saturday) < -0.3 && dice.chance(0.3);
            let used = round(float(stalls) * (0.72 + 0.18 * summer(saturday)) * dice.between(0.85, 1.1)).min(stalls);
            let used = if cancelled { 0 } else { used };
            table.push([
                saturday.into(),
                market.into(),
                ward.into(),
                stalls.into(),
                used.into(),
                (used * 3 / 5).into(),
                cancelled.into(),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn votes_of_all_lists_add_up_to_the_valid_ballots() {
        let table = elections();
        let number = |row: &[Cell], column: &str| match table.position(column).and_then(|at| row.get(at)) {
            Some(Cell::Whole(number)) => *number,
            other => panic!("{column} is {other:?}"),
        };
        for ward in table.rows.chunks(6) {
            let votes: i64 = ward.iter().map(|row| number(row, "votes")).sum();
            let first = ward.first().expect("six lists");
            assert_eq!(votes, number(first, "ballots") - number(first, "invalid"));
        }
    }
}

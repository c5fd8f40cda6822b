//! The City of Ardenport's tables.

use jiff::civil::date;

use crate::dice::Dice;
use crate::environment::tables::outline;
use crate::place::{Place, STREETS, WARDS, days, month_text, months, summer, weekend};
use crate::table::{Cell, Table, dec, float, round};

/// Public toilets.
pub(crate) fn toilets() -> Table {
    Table::authored(include_str!("../../data/toilets.csv"))
}

/// The city's buildings.
pub(crate) fn buildings() -> Table {
    Table::authored(include_str!("../../data/public_buildings.csv"))
}

/// One of the wards.
fn ward(dice: &mut Dice) -> Place {
    let at = usize::try_from(dice.whole(0, 13)).unwrap_or(0);
    WARDS.into_iter().cycle().nth(at).unwrap_or(Place {
        code: "W01",
        name: "Harbourside",
        longitude: 2.331,
        latitude: 54.8655,
        thousands: 17.9,
    })
}

/// A point within a ward.
fn near(place: &Place, dice: &mut Dice) -> (Cell, Cell) {
    (dec(place.longitude + 0.0035 * dice.bell() / 2.0, 5), dec(place.latitude + 0.002 * dice.bell() / 2.0, 5))
}

/// Street trees.
pub(crate) fn street_trees() -> Table {
    let mut table = Table::new(&[
        "tree",
        "species",
        "common_name",
        "street",
        "ward",
        "planted",
        "trunk_cm",
        "height_m",
        "condition",
        "inspected",
        "longitude",
        "latitude",
    ]);
    // Scientific name, common name, growth of the trunk in cm a year, height when grown.
    let species = [
        ("Tilia cordata", "small-leaved lime", 0.85, 22.0),
        ("Acer platanoides", "Norway maple", 0.9, 19.0),
        ("Platanus × hispanica", "London plane", 1.2, 27.0),
        ("Sorbus aucuparia", "rowan", 0.5, 10.0),
        ("Betula pendula", "silver birch", 0.75, 18.0),
        ("Quercus robur", "pedunculate oak", 0.8, 24.0),
        ("Prunus avium", "wild cherry", 0.7, 14.0),
        ("Carpinus betulus", "hornbeam", 0.65, 17.0),
        ("Alnus glutinosa", "alder", 0.8, 18.0),
        ("Ginkgo biloba", "maidenhair tree", 0.5, 17.0),
        ("Crataegus monogyna", "hawthorn", 0.35, 8.0),
        ("Ulmus 'New Horizon'", "elm (resistant)", 1.0, 16.0),
    ];
    let mut dice = Dice::new("street trees");
    for number in 1..=4800_i64 {
        let ward = ward(&mut dice);
        let at = usize::try_from(round(11.0 * dice.unit() * dice.unit())).unwrap_or(0);
        let (latin, common, growth, tall) =
            species.into_iter().cycle().nth(at).unwrap_or(("Tilia cordata", "small-leaved lime", 0.85, 22.0));
        let age = round(4.0 + 70.0 * dice.unit() * dice.unit());
        let (longitude, latitude) = near(&ward, &mut dice);
        let inspected = days(date(2024, 3, 4), 600).nth(usize::try_from(dice.whole(0, 599)).unwrap_or(0));
        table.push([
            format!("ST-{number:05}").into(),
            latin.into(),
            common.into(),
            dice.pick(&STREETS).into(),
            ward.name.into(),
            // The oldest were planted before anybody wrote it down.
            if age > 62 { Cell::Empty } else { (2025 - age).into() },
            round(6.0 + float(age) * growth * dice.between(0.8, 1.2)).into(),
            dec(tall * (1.0 - (-float(age) / 22.0).exp()) * dice.between(0.85, 1.1), 1),
            dice.pick(&["good", "good", "good", "good", "fair", "fair", "poor", "to be felled"]).into(),
            inspected.into(),
            longitude,
            latitude,
        ]);
    }
    table
}

/// Parking meters.
pub(crate) fn parking_meters() -> Table {
    let mut table = Table::new(&[
        "meter",
        "street",
        "ward",
        "zone",
        "spaces",
        "tariff_per_hour",
        "max_stay_minutes",
        "accepts_card",
        "solar",
        "longitude",
        "latitude",
    ]);
    let mut dice = Dice::new("parking meters");
    for number in 1..=620_i64 {
        let ward = ward(&mut dice);
        let zone = dice.pick(&["A", "B", "B", "C", "C", "C"]);
        let (tariff, stay) = match zone {
            "A" => (3.2, 60),
            "B" => (2.1, 120),
            _ => (1.2, 240),
        };
        let (longitude, latitude) = near(&ward, &mut dice);
        table.push([
            format!("{number:04}").into(),
            dice.pick(&STREETS).into(),
            ward.name.into(),
            zone.into(),
            dice.whole(4, 22).into(),
            dec(tariff, 2),
            stay.into(),
            dice.chance(0.83).into(),
            dice.chance(0.4).into(),
            longitude,
            latitude,
        ]);
    }
    table
}

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

/// Planning applications: what and where, never who.
pub(crate) fn planning() -> Table {
    let mut table = Table::new(&[
        "reference",
        "received",
        "kind",
        "proposal",
        "street",
        "ward",
        "dwellings",
        "status",
        "decided",
        "days_to_decision",
        "longitude",
        "latitude",
    ]);
    let proposals = [
        ("house", "Two-storey extension"),
        ("house", "Solar panels on a listed roof"),
        ("house", "New dwelling in a gap between houses"),
        ("trade", "Change of use from shop to café"),
        ("trade", "Illuminated shop sign"),
        ("trade", "Warehouse to studios"),
        ("estate", "Terrace of new dwellings"),
        ("estate", "Apartment building with ground-floor shops"),
        ("public", "Cycle shelter"),
        ("public", "Extension of a school"),
        ("house", "Replacement of windows"),
        ("house", "Garage to living space"),
    ];
    let mut dice = Dice::new("planning");
    for number in 1..=1850_i64 {
        let received = days(date(2023, 1, 2), 1120)
            .nth(usize::try_from(number * 1100 / 1850).unwrap_or(0))
            .unwrap_or(date(2023, 1, 2));
        let at = usize::try_from(dice.whole(0, 11)).unwrap_or(0);
        let (kind, proposal) = proposals.into_iter().cycle().nth(at).unwrap_or(("house", "Two-storey extension"));
        let (ward, took) = (ward(&mut dice), dice.whole(21, 140));
        let decided =
            days(received, 200).nth(usize::try_from(took).unwrap_or(0)).filter(|day| *day <= date(2026, 1, 31));
        let dwellings = match proposal {
            "Terrace of new dwellings" => dice.whole(4, 14),
            "Apartment building with ground-floor shops" => dice.whole(12, 68),
            "New dwelling in a gap between houses" => 1,
            _ => 0,
        };
        let outcome = dice.pick(&["granted", "granted", "granted", "granted with conditions", "refused", "withdrawn"]);
        let (longitude, latitude) = near(&ward, &mut dice);
        table.push([
            format!("PA/{}/{number:04}", received.year()).into(),
            received.into(),
            kind.into(),
            proposal.into(),
            dice.pick(&STREETS).into(),
            ward.name.into(),
            dwellings.into(),
            if decided.is_some() { outcome } else { "under review" }.into(),
            decided.into(),
            decided.map(|_| took).into(),
            longitude,
            latitude,
        ]);
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
            for (list, weight) in weights {
                let share = weight / sum;
                table.push([
                    year.into(),
                    code.into(),
                    name.into(),
                    electorate.into(),
                    ballots.into(),
                    invalid.into(),
                    list.into(),
                    round(float(ballots - invalid) * share).into(),
                    dec(share * 100.0, 1),
                    (i64::from(weight >= best) + i64::from(share > 0.2)).into(),
                ]);
            }
        }
    }
    table
}

/// Childcare places by institution.
pub(crate) fn childcare() -> Table {
    let mut table = Table::new(&[
        "institution",
        "name",
        "ward",
        "provider",
        "places_under_3",
        "places_3_to_6",
        "free_places",
        "opens",
        "closes",
        "lunch",
        "longitude",
        "latitude",
    ]);
    let names = [
        "Periwinkle",
        "Little Lantern",
        "Sandcastle",
        "Acorn",
        "Puffin",
        "Kite and Cloud",
        "Seedling",
        "Tidepool",
        "Hedgehog",
        "Windmill",
        "Blue Door",
        "Marble",
    ];
    let mut dice = Dice::new("childcare");
    for (number, name) in (1_i64..).zip(names.into_iter().cycle().take(84)) {
        let ward = ward(&mut dice);
        let (longitude, latitude) = near(&ward, &mut dice);
        let places = dice.whole(20, 95);
        table.push([
            format!("K{number:03}").into(),
            format!("{name} {}", ward.name).into(),
            ward.name.into(),
            dice.pick(&["city", "city", "charity", "parents' cooperative", "employer"]).into(),
            (places / 3).into(),
            places.into(),
            // Three did not answer this year's survey.
            if [19, 44, 80].contains(&number) {
                "n/a".into()
            } else {
                round(float(places) * 0.12 * dice.unit()).into()
            },
            dice.pick(&["06:30", "07:00", "07:00", "07:30"]).into(),
            dice.pick(&["16:00", "17:00", "17:00", "18:00"]).into(),
            dice.chance(0.8).into(),
            longitude,
            latitude,
        ]);
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
    let buildings = buildings();
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

/// Playgrounds.
pub(crate) fn playgrounds() -> Table {
    let mut table = Table::new(&[
        "playground",
        "name",
        "ward",
        "area_m2",
        "ages",
        "swings",
        "slides",
        "water_play",
        "inclusive",
        "renewed",
        "longitude",
        "latitude",
    ]);
    let mut dice = Dice::new("playgrounds");
    for (number, street) in (1_i64..).zip(STREETS.into_iter().cycle().take(96)) {
        let ward = ward(&mut dice);
        let (longitude, latitude) = near(&ward, &mut dice);
        table.push([
            format!("PG{number:02}").into(),
            format!("{street} playground").into(),
            ward.name.into(),
            (dice.whole(6, 64) * 25).into(),
            dice.pick(&["0-3", "3-6", "3-12", "6-12", "all"]).into(),
            dice.whole(0, 6).into(),
            dice.whole(0, 3).into(),
            dice.chance(0.2).into(),
            dice.chance(0.35).into(),
            dice.whole(1998, 2025).into(),
            longitude,
            latitude,
        ]);
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
                ward(&mut dice).name.into(),
                if closed.is_some() { "closed" } else { "open" }.into(),
                closed.into(),
                closed.map(|_| open).into(),
            ]);
        }
    }
    table
}

/// Outlines of the wards.
pub(crate) fn wards() -> Table {
    let mut table = Table::new(&["ward", "name", "people_2025", "area_ha", "geometry"]);
    for Place { code, name, longitude, latitude, thousands } in WARDS {
        let hectares = 60.0 + 4.0 * thousands;
        table.push([
            code.into(),
            name.into(),
            round(thousands * 1000.0).into(),
            dec(hectares, 1),
            Cell::Geometry(outline(longitude, latitude, hectares)),
        ]);
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

/// Recycling points.
pub(crate) fn recycling() -> Table {
    let mut table = Table::new(&[
        "point",
        "street",
        "ward",
        "glass",
        "paper",
        "textiles",
        "small_electrics",
        "emptied",
        "longitude",
        "latitude",
    ]);
    let mut dice = Dice::new("recycling");
    for number in 1..=210_i64 {
        let ward = ward(&mut dice);
        let (longitude, latitude) = near(&ward, &mut dice);
        table.push([
            format!("RP{number:03}").into(),
            dice.pick(&STREETS).into(),
            ward.name.into(),
            dice.whole(1, 6).into(),
            dice.whole(0, 4).into(),
            dice.whole(0, 2).into(),
            dice.chance(0.25).into(),
            dice.pick(&["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]).into(),
            longitude,
            latitude,
        ]);
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

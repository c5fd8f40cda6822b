//! The city's registers: what stands where.

use jiff::civil::date;

use crate::dice::Dice;
use crate::environment::tables::outline;
use crate::place::{Place, STREETS, WARDS, days};
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
pub(super) fn ward(dice: &mut Dice) -> Place {
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

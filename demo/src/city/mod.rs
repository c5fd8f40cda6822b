//! The City of Ardenport: DCAT-US `data.json`, English only.

mod counts;
mod registers;

use crate::entry::{Entry, Kind, System, en, file};
use crate::form::{CSV, CSV_BOM, CSV_SEMICOLON, Form};

/// The city.
pub(crate) static SYSTEM: System = System {
    slug: "city-of-ardenport",
    name: en("City of Ardenport"),
    about: en("Registers, counts and accounts of the city's fourteen wards."),
    kind: Kind::DcatUs,
    site: "https://data.ardenport.example",
    email: "opendata@ardenport.example",
    modified: "2026-03-02T16:00:00Z",
    bounds: [2.255, 54.855, 2.375, 54.905],
    entries: ENTRIES,
};

/// Most of the city's datasets are alike in what has no translation, category or series.
#[expect(clippy::too_many_arguments, reason = "one line of the register, read as a table")]
const fn entry(
    slug: &'static str,
    title: &'static str,
    about: &'static str,
    keywords: &'static [&'static str],
    theme: &'static str,
    dates: (&'static str, &'static str),
    frequency: &'static str,
    period: Option<(&'static str, &'static str)>,
    files: &'static [crate::entry::File],
) -> Entry {
    let (issued, modified) = dates;
    Entry {
        slug,
        title: en(title),
        about: en(about),
        keywords,
        theme,
        issued,
        modified,
        frequency,
        period,
        hvd: None,
        series: None,
        files,
    }
}

const ENTRIES: &[Entry] = &[
    entry(
        "street-trees",
        "Street trees",
        "Every tree that the city looks after along its streets: species, year of planting where it is known, size, condition at the last inspection and position.",
        &["trees", "street trees", "parks", "species", "map"],
        "ENVI",
        ("2022-05-02", "2026-02-12T10:15:00Z"),
        "QUARTERLY",
        None,
        &[
            file("street-trees.csv", "Street trees, CSV", CSV, 4800, registers::street_trees),
            file("street-trees.geojson", "Street trees on the map", Form::GeoJson, 4800, registers::street_trees),
        ],
    ),
    entry(
        "parking-meters",
        "Parking meters and tariffs",
        "Meters with zone, spaces, tariff and longest stay. Meter numbers have four digits and keep their leading zeros. The archive of 2019 is kept in the list for its address.",
        &["parking", "meters", "tariffs", "streets"],
        "TRAN",
        ("2022-05-02", "2026-01-02T08:00:00Z"),
        "ANNUAL",
        None,
        &[
            file("parking-meters.csv", "Parking meters, CSV", CSV, 620, registers::parking_meters),
            // The file went with the old web server; the catalogue still names it.
            file(
                "parking-meters-2019.csv",
                "Parking meters 2019 (archive), CSV",
                Form::Gone,
                0,
                registers::parking_meters,
            ),
        ],
    ),
    entry(
        "library-visits",
        "Library visits and loans",
        "Visits, loans, electronic loans and events of nine libraries by the month since 2019. Libraries were closed from April to June 2020.",
        &["libraries", "visits", "loans", "culture"],
        "EDUC",
        ("2022-06-13", "2026-01-14T09:30:00Z"),
        "MONTHLY",
        Some(("2019-01-01", "2025-12-31")),
        &[
            file("library-visits.csv", "Visits and loans, CSV", CSV_BOM, 756, counts::library_visits),
            file("library-visits.json", "Visits and loans, JSON", Form::Json, 756, counts::library_visits),
        ],
    ),
    entry(
        "city-budget",
        "City budget, planned and spent",
        "Budget lines by directorate, programme and account from 2021 to 2026. Amounts are in crowns; what was spent in 2026 is not known yet.",
        &["budget", "spending", "finance", "transparency"],
        "GOVE",
        ("2022-03-01", "2026-02-27T12:00:00Z"),
        "ANNUAL",
        Some(("2021-01-01", "2026-12-31")),
        &[
            file("city-budget.csv", "Budget lines, CSV with semicolons", CSV_SEMICOLON, 864, counts::budget),
            file("city-budget.ndjson", "Budget lines, one JSON object a line", Form::Ndjson, 864, counts::budget),
        ],
    ),
    entry(
        "planning-applications",
        "Planning applications",
        "What is to be built or changed and where, with the decision and how long it took. Applicants are not published.",
        &["planning", "building", "housing", "permits", "map"],
        "GOVE",
        ("2023-02-01", "2026-02-02T07:00:00Z"),
        "WEEKLY",
        Some(("2023-01-02", "2026-01-31")),
        &[
            file("planning-applications.csv", "Applications, CSV", CSV, 1850, registers::planning),
            file("planning-applications.geojson", "Applications on the map", Form::GeoJson, 1850, registers::planning),
        ],
    ),
    entry(
        "council-elections",
        "Council elections by ward",
        "Votes and seats of each list in the elections of 2017, 2021 and 2025. Lists only, no candidates.",
        &["elections", "council", "wards", "turnout"],
        "GOVE",
        ("2022-05-02", "2025-06-10T11:00:00Z"),
        "QUADRENNIAL",
        Some(("2017-05-14", "2025-05-11")),
        &[file("council-elections.csv", "Results, CSV", CSV, 252, counts::elections)],
    ),
    entry(
        "accessible-toilets",
        "Public toilets and their accessibility",
        "Thirty-two public toilets with step-free access, changing bench, hoist, fee and opening hours.",
        &["toilets", "accessibility", "public facilities", "map"],
        "HEAL",
        ("2022-09-01", "2025-11-20T13:45:00Z"),
        "QUARTERLY",
        None,
        &[
            file("public-toilets.csv", "Toilets, CSV", CSV, 32, registers::toilets),
            file("public-toilets.geojson", "Toilets on the map", Form::GeoJson, 32, registers::toilets),
        ],
    ),
    entry(
        "childcare-places",
        "Childcare places",
        "Kindergartens and crèches with places by age, places still free at the survey of January 2026 and opening hours.",
        &["childcare", "kindergartens", "families", "places"],
        "SOCI",
        ("2023-01-16", "2026-01-26T10:00:00Z"),
        "QUARTERLY",
        None,
        &[
            file("childcare-places.csv", "Childcare places, CSV", CSV, 84, registers::childcare),
            file("childcare-places.geojson", "Childcare places on the map", Form::GeoJson, 84, registers::childcare),
        ],
    ),
    entry(
        "business-counts",
        "Businesses by ward and sector",
        "Number of businesses by sector of activity and ward at the end of each year.",
        &["business", "economy", "sectors", "wards"],
        "ECON",
        ("2022-05-02", "2026-02-18T09:00:00Z"),
        "ANNUAL",
        Some(("2020-01-01", "2025-12-31")),
        &[file("business-counts.csv", "Businesses, CSV", CSV, 1008, counts::businesses)],
    ),
    entry(
        "public-buildings-energy",
        "Energy use of public buildings",
        "Electricity, heat, water and carbon dioxide of twenty city buildings by the month, with a register of the buildings.",
        &["energy", "public buildings", "heating", "climate"],
        "ENER",
        ("2022-11-07", "2026-01-29T15:20:00Z"),
        "MONTHLY",
        Some(("2022-01-01", "2025-12-31")),
        &[
            file("building-energy.csv", "Energy by building and month, CSV", CSV, 960, counts::energy),
            file("public-buildings.csv", "Register of the buildings, CSV", CSV, 20, registers::buildings),
        ],
    ),
    entry(
        "playgrounds",
        "Playgrounds",
        "Playgrounds with ages, equipment, water play and the year of their renewal.",
        &["playgrounds", "children", "parks", "map"],
        "SOCI",
        ("2022-05-02", "2025-09-30T12:00:00Z"),
        "ANNUAL",
        None,
        &[
            file("playgrounds.csv", "Playgrounds, CSV", CSV, 96, registers::playgrounds),
            file("playgrounds.geojson", "Playgrounds on the map", Form::GeoJson, 96, registers::playgrounds),
        ],
    ),
    entry(
        "street-reports-2025",
        "Street reports, 2025",
        "Potholes, dark lamps, litter: what was reported where, through which channel, and how long it took. Nothing about who reported it.",
        &["street reports", "potholes", "litter", "street lighting"],
        "TRAN",
        ("2025-02-03", "2026-01-03T05:00:00Z"),
        "DAILY",
        Some(("2025-01-01", "2025-12-31")),
        &[file("street-reports-2025.csv", "Reports, CSV", CSV, REPORTS, counts::street_reports)],
    ),
    entry(
        "ward-boundaries",
        "Ward boundaries",
        "Simplified outlines of the fourteen wards with people and area.",
        &["wards", "boundaries", "map"],
        "REGI",
        ("2022-03-01", "2025-01-02T08:00:00Z"),
        "IRREG",
        None,
        &[file("wards.geojson", "Outlines, GeoJSON", Form::GeoJson, 14, registers::wards)],
    ),
    entry(
        "population-by-ward",
        "Population by ward, age and sex",
        "People at the end of each year since 2019, rounded to fives so that nobody can be singled out.",
        &["population", "age", "wards", "statistics"],
        "SOCI",
        ("2022-05-02", "2026-01-30T10:00:00Z"),
        "ANNUAL",
        Some(("2019-12-31", "2025-12-31")),
        &[file("population.csv", "Population, CSV", CSV, 1372, counts::population)],
    ),
    entry(
        "recycling-points",
        "Recycling points",
        "Containers for glass, paper, textiles and small electrics and the day on which they are emptied.",
        &["recycling", "waste", "containers", "map"],
        "ENVI",
        ("2022-05-02", "2025-12-11T09:10:00Z"),
        "QUARTERLY",
        None,
        &[
            file("recycling-points.csv", "Recycling points, CSV", CSV, 210, registers::recycling),
            file("recycling-points.geojson", "Recycling points on the map", Form::GeoJson, 210, registers::recycling),
        ],
    ),
    entry(
        "market-stalls",
        "Market days and stalls",
        "Stalls and stalls let at the city's four weekly markets, 2024 and 2025.",
        &["markets", "stalls", "economy", "food"],
        "ECON",
        ("2024-02-05", "2026-01-05T09:00:00Z"),
        "WEEKLY",
        Some(("2024-01-06", "2025-12-27")),
        &[file("market-stalls.tsv", "Market days, tab-separated", Form::Tsv, 416, counts::markets)],
    ),
];

/// Reports of 2025; as many as the dice of that table give.
const REPORTS: usize = 3750;

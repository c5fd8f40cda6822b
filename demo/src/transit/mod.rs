//! The Merrow Transit Authority: a CKAN portal, English only.

mod tables;

use crate::entry::{Entry, Kind, System, en, file};
use crate::form::{CSV, CSV_SEMICOLON, Csv, Form, PLAIN};

/// The authority.
pub(crate) static SYSTEM: System = System {
    slug: "merrow-transit",
    name: en("Merrow Transit Authority"),
    about: en("Trams, buses, ferries and bicycles of the Merrow region: where they run, when, and how they are used."),
    kind: Kind::Ckan,
    site: "https://data.merrow-transit.example",
    email: "data@merrow-transit.example",
    modified: "2026-03-01T04:00:00Z",
    bounds: [2.05, 54.74, 2.66, 55.08],
    entries: ENTRIES,
};

/// All of the authority's datasets share theme and what has no translation, category or series.
#[expect(clippy::too_many_arguments, reason = "one line of the register, read as a table")]
const fn entry(
    slug: &'static str,
    title: &'static str,
    about: &'static str,
    keywords: &'static [&'static str],
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
        theme: "TRAN",
        issued,
        modified,
        frequency,
        period,
        hvd: None,
        series: None,
        files,
    }
}

/// In order of name, as the search answers them.
const ENTRIES: &[Entry] = &[
    entry(
        "cycle-counters-2025-03",
        "Cycle counters by the hour, March 2025",
        "Bicycles that passed six counters, in and out of the centre. The counter in Foundry Street was cut off from the 11th to the 13th.",
        &["cycling", "counters", "traffic"],
        ("2025-04-03", "2025-04-03T08:00:00Z"),
        "MONTHLY",
        Some(("2025-03-01", "2025-03-31")),
        &[file("cycle-counters-2025-03.csv", "Hourly counts", CSV, 4464, tables::cycles)],
    ),
    entry(
        "fares",
        "Fares",
        "Prices of all tickets in crowns, by zone and traveller, in force since January 2026.",
        &["fares", "tickets", "prices"],
        ("2022-04-04", "2026-01-01T00:05:00Z"),
        "ANNUAL",
        None,
        &[
            file("fares.csv", "Fares as CSV", CSV, 31, tables::fares),
            file("fares.json", "Fares as JSON", Form::Json, 31, tables::fares),
        ],
    ),
    entry(
        "ferry-crossings-2025",
        "Ferry crossings, 2025",
        "Crossings planned and made, passengers, bicycles and vehicles by line and day, with the strongest wind. F3 rests in winter.",
        &["ferries", "passengers", "wind"],
        ("2025-02-03", "2026-01-07T06:30:00Z"),
        "MONTHLY",
        Some(("2025-01-01", "2025-12-31")),
        &[file("ferry-crossings-2025.csv", "Crossings by day", CSV_SEMICOLON, FERRY_DAYS, tables::ferries)],
    ),
    entry(
        "fleet",
        "Fleet",
        "Every tram, bus and ferry in service with drive, year, capacity and what it uses on a hundred kilometres.",
        &["fleet", "vehicles", "energy", "electric buses"],
        ("2022-04-04", "2026-01-19T12:00:00Z"),
        "ANNUAL",
        None,
        &[file("fleet.csv", "Fleet", CSV, 236, tables::fleet)],
    ),
    entry(
        "lines-and-timetable",
        "Lines and weekday timetable",
        "The twenty-two lines and each departure at their ends on a working day. Hours run past 24 where a trip ends after midnight.",
        &["timetable", "lines", "departures"],
        ("2022-04-04", "2025-12-14T03:00:00Z"),
        "IRREG",
        Some(("2025-12-14", "2026-12-12")),
        &[
            file("lines.csv", "Lines", CSV, 22, tables::lines),
            file("timetable-weekday.csv", "Weekday departures", CSV, DEPARTURES, tables::timetable),
        ],
    ),
    entry(
        "park-and-ride-2025",
        "Park-and-ride occupancy, 2025",
        "The fullest hour of each day at six sites and the charging sessions of electric cars.",
        &["park and ride", "parking", "charging"],
        ("2025-02-03", "2026-01-07T06:40:00Z"),
        "MONTHLY",
        Some(("2025-01-01", "2025-12-31")),
        &[file("park-and-ride-2025.csv", "Occupancy by day", CSV, 2190, tables::park_and_ride)],
    ),
    entry(
        "punctuality-2025-h2",
        "Punctuality, July to December 2025",
        "Departures on time, more than five minutes late and cancelled, by line and day, with the main cause.",
        &["punctuality", "delays", "cancellations"],
        ("2025-08-04", "2026-01-05T05:15:00Z"),
        "MONTHLY",
        Some(("2025-07-01", "2025-12-31")),
        &[
            file("punctuality-2025-h2.csv", "Punctuality by line and day", CSV, 4048, tables::punctuality),
            file(
                "punctuality-2025-h2.ndjson",
                "Punctuality, one JSON object a line",
                Form::Ndjson,
                4048,
                tables::punctuality,
            ),
        ],
    ),
    entry(
        "ridership",
        "Boardings by line and month",
        "Boardings, vehicle kilometres and the share of tickets bought by phone since January 2020.",
        &["ridership", "passengers", "tickets"],
        ("2022-04-04", "2026-02-06T07:20:00Z"),
        "MONTHLY",
        Some(("2020-01-01", "2026-01-31")),
        &[
            file("ridership.csv", "Boardings as CSV", CSV, 1606, tables::ridership),
            file("ridership.json", "Boardings as JSON", Form::Json, 1606, tables::ridership),
        ],
    ),
    entry(
        "roadworks",
        "Roadworks on our lines",
        "Works that divert lines or move stops, from September 2025 on. One row of the list carries a remark in the margin.",
        &["roadworks", "diversions", "stops"],
        ("2023-05-08", "2026-02-26T14:00:00Z"),
        "WEEKLY",
        Some(("2025-09-01", "2026-09-30")),
        &[
            file(
                "roadworks.csv",
                "Roadworks",
                Form::Csv(Csv { delimiter: ';', ragged_row: Some(58), ..PLAIN }),
                145,
                tables::roadworks,
            ),
            file("roadworks.geojson", "Roadworks on the map", Form::GeoJson, 145, tables::roadworks),
        ],
    ),
    entry(
        "shared-bicycle-docks",
        "Docks of shared bicycles",
        "Docks with stands, charging stands and the hires of 2025.",
        &["cycling", "bicycle hire", "docks"],
        ("2022-04-04", "2026-01-12T09:00:00Z"),
        "QUARTERLY",
        None,
        &[
            file("bicycle-docks.geojson", "Docks on the map", Form::GeoJson, 78, tables::bike_docks),
            file("bicycle-docks.csv", "Docks as CSV", CSV, 78, tables::bike_docks),
        ],
    ),
    entry(
        "stations-access",
        "Stations and step-free access",
        "Platforms, lifts, ramps, tactile paving and bicycle stands of thirty stations and jetties.",
        &["stations", "accessibility", "lifts"],
        ("2022-04-04", "2025-10-20T10:30:00Z"),
        "QUARTERLY",
        None,
        &[
            file("stations.csv", "Stations as CSV", CSV, 30, tables::stations),
            file("stations.geojson", "Stations on the map", Form::GeoJson, 30, tables::stations),
        ],
    ),
    entry(
        "stops",
        "Stops",
        "All stops with zone, shelter, display, step-free access and boardings on a working day. Stop codes have five digits and keep their leading zeros.",
        &["stops", "bus stops", "tram stops", "accessibility"],
        ("2022-04-04", "2026-03-01T04:00:00Z"),
        "WEEKLY",
        None,
        &[
            file("stops.csv", "Stops as CSV", CSV, 1240, tables::stops),
            file("stops.geojson", "Stops on the map", Form::GeoJson, 1240, tables::stops),
        ],
    ),
];

/// Days on which a line sailed: two all year, one in season.
const FERRY_DAYS: usize = 980;
/// Departures of a working day.
const DEPARTURES: usize = 2103;

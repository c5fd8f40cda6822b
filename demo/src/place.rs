//! The invented region of Merrow: places, streets and the calendar that the tables share.
//!
//! Its coordinates lie in the open North Sea, over the Dogger Bank, so that nothing real is ever meant.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A place with its centre (longitude, latitude) and its people, in thousands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Official code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// People, thousands.
    pub thousands: f64,
}

const fn place(code: &'static str, name: &'static str, longitude: f64, latitude: f64, thousands: f64) -> Place {
    Place { code, name, longitude, latitude, thousands }
}

/// The nine municipalities.
pub(crate) const MUNICIPALITIES: [Place; 9] = [
    place("M01", "Ardenport", 2.312, 54.874, 214.6),
    place("M02", "Sallow Bay", 2.195, 54.921, 38.2),
    place("M03", "Thornwick", 2.447, 54.948, 27.9),
    place("M04", "Quillharbour", 2.538, 54.861, 31.4),
    place("M05", "Hexley Cross", 2.351, 55.012, 18.7),
    place("M06", "Low Marren", 2.221, 54.803, 22.3),
    place("M07", "Osterby", 2.589, 54.972, 12.1),
    place("M08", "Grannock", 2.114, 55.037, 9.4),
    place("M09", "Pellan Sands", 2.471, 54.792, 15.8),
];

/// The fourteen wards of the City of Ardenport.
pub(crate) const WARDS: [Place; 14] = [
    place("W01", "Harbourside", 2.3310, 54.8655, 17.9),
    place("W02", "Old Quay", 2.3195, 54.8688, 13.2),
    place("W03", "Lanternhill", 2.3088, 54.8742, 15.6),
    place("W04", "Netmakers", 2.3268, 54.8741, 14.8),
    place("W05", "Saltmarsh", 2.3450, 54.8702, 12.4),
    place("W06", "Millrace", 2.3012, 54.8801, 16.9),
    place("W07", "Upper Arden", 2.2871, 54.8898, 14.1),
    place("W08", "Lower Arden", 2.2965, 54.8837, 18.3),
    place("W09", "Castle Rise", 2.3152, 54.8809, 11.7),
    place("W10", "Foundry", 2.3389, 54.8812, 19.5),
    place("W11", "Orchard Vale", 2.2780, 54.8792, 16.2),
    place("W12", "Gullhaven", 2.3561, 54.8769, 13.5),
    place("W13", "Copperdale", 2.3298, 54.8903, 17.4),
    place("W14", "Westmere", 2.2694, 54.8697, 13.1),
];

/// Streets of Ardenport.
pub(crate) const STREETS: [&str; 40] = [
    "Ropewalk Lane",
    "Herring Row",
    "Customs Quay",
    "Lantern Street",
    "Bellfounder Street",
    "Tanner's Yard",
    "Cinder Road",
    "Millrace Walk",
    "Arden Parade",
    "Saltpan Road",
    "Cormorant Street",
    "Orchard Way",
    "Westmere Avenue",
    "Copperdale Road",
    "Sailcloth Street",
    "Chandler's Row",
    "Tidegate",
    "Fishwives' Steps",
    "Old Assembly Square",
    "Castle Rise",
    "Gorse Hill",
    "Heronsgate",
    "Lockkeeper Lane",
    "Granary Street",
    "Weaver's Close",
    "Foundry Street",
    "Anvil Road",
    "Kittiwake Drive",
    "Barnacle Street",
    "Driftwood Lane",
    "Elder Avenue",
    "Rowan Terrace",
    "Observatory Road",
    "Pilot Street",
    "Mariners' Way",
    "Beacon Road",
    "Shingle Street",
    "Quarry Bank",
    "Nightingale Road",
    "Bridgefoot",
];

/// Consecutive days.
pub(crate) fn days(first: Date, count: usize) -> impl Iterator<Item = Date> {
    first.series(1.day()).take(count)
}

/// First days of consecutive months.
pub(crate) fn months(first: Date, count: usize) -> impl Iterator<Item = Date> {
    first.series(1.month()).take(count)
}

/// How far the year has turned at this date: -1 in mid-January, 1 in mid-July.
pub(crate) fn summer(date: Date) -> f64 {
    let day = f64::from(date.day_of_year());
    -((day - 15.0) / 365.25 * std::f64::consts::TAU).cos()
}

/// Saturday or Sunday.
pub(crate) fn weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// `YYYY-MM`.
pub(crate) fn month_text(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

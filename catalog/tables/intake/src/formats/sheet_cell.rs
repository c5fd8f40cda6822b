//! Values of spreadsheets as cells.

use calamine::{Data, DataRef, ExcelDateTime};
use jiff::civil;

use crate::cell::Cell;

/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;
/// Whole floats up to here are exact (2^53).
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A number of a spreadsheet: whole ones are integers, as people typed them.
pub(super) fn number(value: f64) -> Cell {
    if value.is_nan() {
        Cell::Quoted("NaN".to_owned())
    } else if value.is_infinite() {
        Cell::Quoted(if value > 0.0 { "inf" } else { "-inf" }.to_owned())
    } else if value.fract() == 0.0 && value.abs() <= EXACT_MAX {
        // Exact by the two conditions; going through text avoids a lossy cast.
        format!("{value:.0}").parse().map_or(Cell::Float(value), Cell::Integer)
    } else {
        Cell::Float(value)
    }
}

/// A text; an empty one is no value.
pub(super) fn text(value: String) -> Cell {
    if value.is_empty() { Cell::Null } else { Cell::Quoted(value) }
}

/// Microseconds since 1970: a date where it is midnight, else a timestamp.
pub(super) fn moment(micros: i64) -> Cell {
    if micros.rem_euclid(DAY_MICROS) == 0 {
        i32::try_from(micros.div_euclid(DAY_MICROS)).map_or(Cell::Timestamp { micros, utc: false }, Cell::Date)
    } else {
        Cell::Timestamp { micros, utc: false }
    }
}

/// A span of time as `HH:MM:SS`, with the fraction where there is one.
pub(super) fn time_of_day(days: f64) -> Cell {
    let millis = (days * 86_400_000.0).round();
    if !millis.is_finite() || millis.abs() > 1e15 {
        return number(days);
    }
    let sign = if millis < 0.0 { "-" } else { "" };
    let Ok(millis) = format!("{:.0}", millis.abs()).parse::<u64>() else { return number(days) };
    let (seconds, rest) = (millis / 1_000, millis % 1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
    Cell::Quoted(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}"))
}

fn excel_moment(value: ExcelDateTime) -> Cell {
    let days = value.as_f64();
    if value.is_duration() || (0.0..1.0).contains(&days) {
        return time_of_day(days);
    }
    // Years 0 to 9999; beyond, Excel itself shows hashes.
    if !(0.0..2_958_466.0).contains(&days) {
        return number(days);
    }
    match value.as_datetime() {
        Some(at) => moment(at.and_utc().timestamp_micros()),
        None => number(days),
    }
}

/// `2024-02-29`, with or without a time, as ISO 8601 in files says it.
pub(super) fn iso_moment(value: &str) -> Cell {
    if let Ok(date) = value.parse::<civil::Date>()
        && !value.contains(['T', ' '])
    {
        return days_of(date).map_or_else(|| text(value.to_owned()), Cell::Date);
    }
    if let Ok(at) = value.parse::<jiff::Timestamp>() {
        return Cell::Timestamp { micros: at.as_microsecond(), utc: true };
    }
    match value.parse::<civil::DateTime>() {
        Ok(at) => match at.to_zoned(jiff::tz::TimeZone::UTC) {
            Ok(zoned) => moment(zoned.timestamp().as_microsecond()),
            Err(_) => text(value.to_owned()),
        },
        Err(_) => text(value.to_owned()),
    }
}

/// Days since 1970-01-01.
pub(super) fn days_of(date: civil::Date) -> Option<i32> {
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    i32::try_from(start.timestamp().as_second().div_euclid(86_400)).ok()
}

/// `PT10H30M00S` as `10:30:00`.
pub(super) fn iso_duration(value: &str) -> Cell {
    let Ok(span) = value.parse::<jiff::SignedDuration>() else { return text(value.to_owned()) };
    time_of_day(span.as_secs_f64() / 86_400.0)
}

/// A cell as calamine gives it.
pub(super) fn from_data(value: Data) -> Cell {
    match value {
        Data::Int(value) => Cell::Integer(value),
        Data::Float(value) => number(value),
        Data::String(value) => text(value),
        Data::Bool(value) => Cell::Boolean(value),
        Data::DateTime(value) => excel_moment(value),
        Data::DateTimeIso(value) => iso_moment(&value),
        Data::DurationIso(value) => iso_duration(&value),
        Data::Error(_) | Data::Empty => Cell::Null,
    }
}

/// A borrowed cell as calamine gives it.
pub(super) fn from_data_ref(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(value) => Cell::Integer(*value),
        DataRef::Float(value) => number(*value),
        DataRef::String(value) => text(value.clone()),
        DataRef::SharedString(value) => text((*value).to_owned()),
        DataRef::Bool(value) => Cell::Boolean(*value),
        DataRef::DateTime(value) => excel_moment(*value),
        DataRef::DateTimeIso(value) => iso_moment(value),
        DataRef::DurationIso(value) => iso_duration(value),
        DataRef::Error(_) | DataRef::Empty => Cell::Null,
    }
}

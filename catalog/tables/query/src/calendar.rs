//! Days, moments and their beginnings: the proleptic Gregorian calendar that dates and timestamps count in.
//!
//! All executors cut time by these functions, so that a month is the same month everywhere.

use crate::plan::DateUnit;

/// Microseconds of a day.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// Days since 1970-01-01 of a day that exists; `None` for one that does not.
#[must_use]
pub fn days_of(year: i32, month: u8, day: u8) -> Option<i32> {
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    i32::try_from(count_days(i64::from(year), i64::from(month), i64::from(day))).ok()
}

/// Year, month and day of so many days since 1970-01-01.
#[must_use]
pub fn date_of(days: i32) -> (i32, u8, u8) {
    // Years are counted from March, so that the leap day is the last of its year, in eras of 400 years.
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (i32::try_from(year).unwrap_or(0), u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

fn count_days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// Days of a month.
#[must_use]
pub const fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The first day of the week (Monday), month, quarter or year that a day lies in; the day itself for the shorter units.
#[must_use]
pub fn truncate_days(days: i32, unit: DateUnit) -> i32 {
    let (year, month, _) = date_of(days);
    let first_of = |month: u8| i32::try_from(count_days(i64::from(year), i64::from(month), 1)).unwrap_or(days);
    match unit {
        DateUnit::Hour | DateUnit::Day => days,
        // 1970-01-01 was a Thursday.
        DateUnit::Week => days.saturating_sub(i32::try_from((i64::from(days) + 3).rem_euclid(7)).unwrap_or(0)),
        DateUnit::Month => first_of(month),
        DateUnit::Quarter => first_of((month - 1) / 3 * 3 + 1),
        DateUnit::Year => first_of(1),
    }
}

/// The beginning of the unit that a moment lies in, both in microseconds since 1970-01-01T00:00:00.
#[must_use]
pub fn truncate_micros(micros: i64, unit: DateUnit) -> i64 {
    if unit == DateUnit::Hour {
        return micros.saturating_sub(micros.rem_euclid(DAY_MICROS / 24));
    }
    // Fits: i64 microseconds are fewer than 107,000,000 days.
    let days = i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(0);
    i64::from(truncate_days(days, unit)).saturating_mul(DAY_MICROS)
}

/// Writes a day: `2024-02-29`.
#[must_use]
pub fn write_date(days: i32) -> String {
    let (year, month, day) = date_of(days);
    if year < 0 {
        format!("-{:04}-{month:02}-{day:02}", -i64::from(year))
    } else {
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// Writes a moment: `2024-02-29T12:30:00Z`, the fraction as long as it must be, `Z` when `utc`.
#[must_use]
pub fn write_timestamp(micros: i64, utc: bool) -> String {
    let days = i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(0);
    let of_day = micros.rem_euclid(DAY_MICROS);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let mut text = format!("{}T{:02}:{:02}:{:02}", write_date(days), seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
    if utc {
        text.push('Z');
    }
    text
}

/// Reads a day as RFC 3339 writes it (`2024-02-29`, four digits of year).
#[must_use]
pub fn read_date(text: &str) -> Option<i32> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    if !rest.is_empty() {
        return None;
    }
    days_of(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// A moment as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Microseconds since 1970-01-01T00:00:00, in UTC when it named its distance to UTC; finer fractions are cut off.
    pub micros: i64,
    /// Minutes ahead of UTC, when it named them (`Z` is 0).
    pub offset_minutes: Option<i64>,
}

/// Reads a moment (RFC 3339, section 5.6): `2024-02-29T12:30:00Z`, `…+01:00`, or without a zone; a space may stand for `T`,
/// seconds may be left out. `24:00` and leap seconds are refused.
#[must_use]
pub fn read_timestamp(text: &str) -> Option<Moment> {
    let (date, time) = text.split_at_checked(10)?;
    let days = read_date(date)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (hour, rest) = digits(time, 2).filter(|(hour, _)| *hour < 24)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 2).filter(|(minute, _)| *minute < 60)?;
    let (mut second, mut fraction) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = digits(after, 2).filter(|(second, _)| *second < 60)?;
        if let Some(after) = rest.strip_prefix('.') {
            (fraction, rest) = micros_of(after)?;
        }
    }
    let of_day = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction;
    let micros = i64::from(days).checked_mul(DAY_MICROS)?.checked_add(of_day)?;
    match rest {
        "" => Some(Moment { micros, offset_minutes: None }),
        "Z" | "z" => Some(Moment { micros, offset_minutes: Some(0) }),
        offset => {
            let east = match offset.as_bytes().first()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let (hours, rest) = digits(offset.get(1..)?, 2).filter(|(hours, _)| *hours < 24)?;
            let (minutes, rest) =
                digits(rest.strip_prefix(':').unwrap_or(rest), 2).filter(|(minutes, _)| *minutes < 60)?;
            let ahead = east * (hours * 60 + minutes);
            let micros = micros.checked_sub(ahead * 60_000_000)?;
            rest.is_empty().then_some(Moment { micros, offset_minutes: Some(ahead) })
        }
    }
}

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (head, rest) = text.split_at_checked(count)?;
    if !head.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((head.parse().ok()?, rest))
}

/// The fraction of a second: one digit or more, those after the sixth cut off.
fn micros_of(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (all, rest) = text.split_at(end);
    if all.is_empty() {
        return None;
    }
    let micros = all.bytes().chain(std::iter::repeat(b'0')).take(6).fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
    Some((micros, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_written_and_read() {
        for (days, text) in [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (-719_528, "0000-01-01")] {
            assert_eq!(write_date(days), text);
            assert_eq!(read_date(text), Some(days));
        }
        for text in ["2023-02-29", "2024-13-01", "2024-00-01", "2024-1-1", "20240101", "", "2024-01-01x", "２024-01-01"]
        {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_written_and_read() {
        for (text, micros, offset_minutes) in [
            ("1970-01-01T00:00:00Z", 0, Some(0)),
            ("1970-01-01 01:00", 3_600_000_000, None),
            ("1970-01-01T01:00:00+01:00", 0, Some(60)),
            ("1970-01-01T00:00:00.5-00:30", 1_800_500_000, Some(-30)),
            ("1969-12-31T23:59:59.9999999", -1, None),
        ] {
            assert_eq!(read_timestamp(text), Some(Moment { micros, offset_minutes }), "{text}");
        }
        for text in [
            "1970-01-01",
            "1970-01-01T24:00:00",
            "1970-01-01T00:60:00",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00+1",
        ] {
            assert_eq!(read_timestamp(text), None, "{text}");
        }
        assert_eq!(write_timestamp(-1, true), "1969-12-31T23:59:59.999999Z");
        assert_eq!(write_timestamp(1_500_000, false), "1970-01-01T00:00:01.5");
    }

    #[test]
    fn time_is_cut_at_the_beginning_of_its_unit() {
        let day = read_date("2024-05-16").unwrap();
        for (unit, text) in [
            (DateUnit::Day, "2024-05-16"),
            (DateUnit::Week, "2024-05-13"),
            (DateUnit::Month, "2024-05-01"),
            (DateUnit::Quarter, "2024-04-01"),
            (DateUnit::Year, "2024-01-01"),
        ] {
            assert_eq!(write_date(truncate_days(day, unit)), text);
            let late = i64::from(day) * DAY_MICROS + DAY_MICROS - 1;
            assert_eq!(write_timestamp(truncate_micros(late, unit), false), format!("{text}T00:00:00"));
        }
        assert_eq!(truncate_micros(-1, DateUnit::Hour), -3_600_000_000);
        assert_eq!(write_date(truncate_days(-1, DateUnit::Week)), "1969-12-29");
    }

    proptest! {
        #[test]
        fn days_survive_the_calendar(days in -700_000i32..2_900_000) {
            let (year, month, day) = date_of(days);
            prop_assert_eq!(days_of(year, month, day), Some(days));
            prop_assert_eq!(read_date(&write_date(days)), Some(days));
        }

        #[test]
        fn any_day_and_moment_can_be_cut(days: i32, micros: i64) {
            for unit in [DateUnit::Hour, DateUnit::Day, DateUnit::Week, DateUnit::Month, DateUnit::Quarter, DateUnit::Year] {
                prop_assert!(truncate_micros(micros, unit) <= micros);
                let _ = truncate_days(days, unit);
            }
        }
    }
}

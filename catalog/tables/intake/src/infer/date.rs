//! Dates and moments as files write them.
//!
//! `03/04/2024` is a date in two orders. [`scan`] says in which; a column's order is what all its values have in common.

/// A set of orders in which the parts of a date stand, one bit each.
pub(crate) type Orders = u8;

/// `2024-02-29`, `2024/02/29`
pub(crate) const YMD: Orders = 1;
/// `29.02.2024`
pub(crate) const DMY: Orders = 1 << 1;
/// `02/29/2024`
pub(crate) const MDY: Orders = 1 << 2;
/// `29.02.24`
pub(crate) const DMY2: Orders = 1 << 3;
/// `02/29/24`
pub(crate) const MDY2: Orders = 1 << 4;
/// `20240229`
pub(crate) const COMPACT: Orders = 1 << 5;
/// `29 February 2024`, `Feb 29, 2024`
pub(crate) const NAMED: Orders = 1 << 6;
/// Every order.
pub(crate) const ANY_ORDER: Orders = 0x7f;
/// Orders that put the day before the month.
pub(crate) const DAY_FIRST: Orders = DMY | DMY2;
/// Orders that put the month before the day.
pub(crate) const MONTH_FIRST: Orders = MDY | MDY2;

/// Two-digit years from here on belong to the twentieth century (as in POSIX `strptime`).
const PIVOT: i32 = 69;
const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// The longest text that is looked at.
const TEXT_BYTES_MAX: usize = 48;

/// Whether a moment names its distance to UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// A day only.
    Day,
    /// A time of day without a zone.
    Civil,
    /// A time of day with a zone.
    Zoned,
}

/// The parts of a date, before their order is known.
#[derive(Debug, Clone, Copy)]
struct Parts {
    orders: Orders,
    values: [i32; 3],
}

/// A text as a date or moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    parts: Parts,
    /// Microseconds of the day, minus the distance to UTC.
    offset_micros: i64,
    pub(crate) clock: Clock,
}

impl Moment {
    /// The orders in which it is a date.
    pub(crate) const fn orders(&self) -> Orders {
        self.parts.orders
    }

    /// Days since 1970-01-01, read in one order.
    pub(crate) fn days(&self, order: Orders) -> Option<i32> {
        self.parts.days(order)
    }

    /// Microseconds since 1970-01-01T00:00:00, read in one order.
    pub(crate) fn micros(&self, order: Orders) -> Option<i64> {
        Some(i64::from(self.days(order)?) * MICROS_PER_DAY + self.offset_micros)
    }
}

impl Parts {
    fn days(self, order: Orders) -> Option<i32> {
        if self.orders & order == 0 {
            return None;
        }
        let [a, b, c] = self.values;
        let (year, month, day) = match order {
            YMD | COMPACT | NAMED => (a, b, c),
            DMY => (c, b, a),
            MDY => (c, a, b),
            DMY2 => (full_year(c), b, a),
            MDY2 => (full_year(c), a, b),
            _ => return None,
        };
        is_date(year, month, day).then(|| days_from_civil(year, month, day))
    }

    fn new(orders: Orders, values: [i32; 3]) -> Option<Self> {
        if orders == YMD {
            let [year, month, day] = values;
            return is_date(year, month, day).then_some(Self { orders, values });
        }
        let mut kept = 0;
        for order in [YMD, DMY, MDY, DMY2, MDY2, COMPACT, NAMED] {
            if orders & order != 0 && (Self { orders, values }).days(order).is_some() {
                kept |= order;
            }
        }
        (kept != 0).then_some(Self { orders: kept, values })
    }
}

const fn full_year(year: i32) -> i32 {
    if year >= PIVOT { 1900 + year } else { 2000 + year }
}

fn is_date(year: i32, month: i32, day: i32) -> bool {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return false,
    };
    (1..=9999).contains(&year) && (1..=length).contains(&day)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day is the last.
pub(crate) fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day since 1970-01-01.
pub(crate) fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let days = i64::from(days) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |value: i64| i32::try_from(value).unwrap_or(0);
    (small(year), small(month), small(day))
}

/// Says whether, and in which orders, a text is a date or a moment.
pub(crate) fn scan(text: &[u8]) -> Option<Moment> {
    if text.len() < 6 || text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let (parts, rest) = take_date(text)?;
    if rest.is_empty() {
        return Some(Moment { parts, offset_micros: 0, clock: Clock::Day });
    }
    let time = match rest {
        [b'T' | b't', rest @ ..] => rest,
        [b',', b' ', rest @ ..] | [b' ', rest @ ..] => rest.trim_ascii_start(),
        _ => return None,
    };
    let (micros, rest) = take_time(time, parts.orders == COMPACT)?;
    let (clock, zone_seconds) = read_zone(rest)?;
    Some(Moment { parts, offset_micros: micros - zone_seconds * MICROS_PER_SECOND, clock })
}

/// Takes up to `most` digits from the front: their value, their number, the rest.
fn take_digits(text: &[u8], most: usize) -> Option<(i32, usize, &[u8])> {
    let mut value = 0i32;
    let mut length = 0;
    for byte in text.iter().take(most) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value * 10 + i32::from(digit);
        length += 1;
    }
    (length > 0).then(|| (value, length, text.get(length..).unwrap_or_default()))
}

fn take_date(text: &[u8]) -> Option<(Parts, &[u8])> {
    if !text.first()?.is_ascii_digit() {
        return take_month_first(text);
    }
    let (a, a_length, rest) = take_digits(text, 8)?;
    if a_length == 8 {
        let values = [a / 10_000, a / 100 % 100, a % 100];
        let plausible = (1900..=2100).contains(&values[0]);
        return if plausible { Some((Parts::new(COMPACT, values)?, rest)) } else { None };
    }
    let separator = *rest.first()?;
    if !matches!(separator, b'-' | b'/' | b'.') || rest.get(1).is_none_or(|byte| !byte.is_ascii_digit()) {
        return take_day_and_month_name(a, a_length, rest);
    }
    let (b, b_length, rest) = take_digits(rest.get(1..)?, 2)?;
    if rest.first() != Some(&separator) {
        return None;
    }
    let (c, c_length, rest) = take_digits(rest.get(1..)?, 4)?;
    let orders = match (a_length, b_length, c_length) {
        (4, 1..=2, 1..=2) => YMD,
        (1..=2, 1..=2, 4) => DMY | MDY,
        (2, 2, 2) => DMY2 | MDY2,
        (1..=2, 1..=2, 2) if separator == b'/' => DMY2 | MDY2,
        _ => return None,
    };
    Some((Parts::new(orders, [a, b, c])?, rest))
}

/// `29 February 2024`, `29-Feb-2024`, `29. Februar 2024`, `1er janvier 2024`, `29 de febrero de 2024`.
fn take_day_and_month_name(day: i32, day_length: usize, rest: &[u8]) -> Option<(Parts, &[u8])> {
    if day_length > 2 {
        return None;
    }
    let rest = [&b"st"[..], b"nd", b"rd", b"th", b"er", b"."]
        .iter()
        .find_map(|ending| rest.strip_prefix(*ending))
        .unwrap_or(rest);
    let rest = skip_between(rest);
    let rest = rest.strip_prefix(b"de ").unwrap_or(rest);
    let (month, rest) = take_month_name(rest)?;
    let rest = skip_between(rest);
    let rest = rest.strip_prefix(b"de ").unwrap_or(rest);
    let (year, length, rest) = take_digits(rest, 4)?;
    (length == 4).then_some(())?;
    Some((Parts::new(NAMED, [year, month, day])?, rest))
}

/// `February 29, 2024`.
fn take_month_first(text: &[u8]) -> Option<(Parts, &[u8])> {
    let (month, rest) = take_month_name(text)?;
    let (day, _, rest) = take_digits(skip_between(rest), 2)?;
    let rest = [&b"st"[..], b"nd", b"rd", b"th"].iter().find_map(|ending| rest.strip_prefix(*ending)).unwrap_or(rest);
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    let (year, length, rest) = take_digits(skip_between(rest), 4)?;
    (length == 4).then_some(())?;
    Some((Parts::new(NAMED, [year, month, day])?, rest))
}

fn skip_between(text: &[u8]) -> &[u8] {
    let length = text.iter().take(2).take_while(|byte| matches!(byte, b' ' | b'-' | b'/' | b'.')).count();
    text.get(length..).unwrap_or_default()
}

/// Beginnings of month names, long enough to tell them apart, with the month; in English, German, French, Spanish, Italian,
/// Portuguese, Dutch and Polish (written without accents, as [`take_month_name`] drops them).
const MONTHS: [(&str, &str, i32); 41] = [
    ("jan", "january januar janvier janeiro januari", 1),
    ("ene", "enero", 1),
    ("gen", "gennaio", 1),
    ("sty", "stycznia styczen", 1),
    ("feb", "february februar febrero febbraio februari", 2),
    ("fev", "fevrier fevereiro", 2),
    ("fevr", "fevrier", 2),
    ("lut", "lutego luty", 2),
    ("mar", "march mars marzo marco marca", 3),
    ("mrz", "maerz", 3),
    ("marz", "marz marzo", 3),
    ("mrt", "maart", 3),
    ("maa", "maart", 3),
    ("apr", "april aprile", 4),
    ("avr", "avril", 4),
    ("abr", "abril", 4),
    ("kwi", "kwietnia kwiecien", 4),
    ("may", "mayo", 5),
    ("mai", "maio", 5),
    ("mag", "maggio", 5),
    ("mei", "", 5),
    ("maj", "maja", 5),
    ("jun", "june juni junio junho", 6),
    ("juin", "", 6),
    ("giu", "giugno", 6),
    ("cze", "czerwca", 6),
    ("jul", "july juli julio julho", 7),
    ("juil", "juillet", 7),
    ("lug", "luglio", 7),
    ("lip", "lipca", 7),
    ("aug", "august augustus", 8),
    ("aou", "aout", 8),
    ("ago", "agosto", 8),
    ("sep", "september septembre septiembre setembro sept", 9),
    ("set", "settembre setembro setiembre", 9),
    ("oct", "october octobre octubre", 10),
    ("okt", "oktober", 10),
    ("out", "outubro ott ottobre", 10),
    ("nov", "november novembre noviembre novembro", 11),
    ("dec", "december decembre", 12),
    ("dez", "dezember dezembro dic dicembre diciembre", 12),
];

/// Takes a month's name, whole or shortened, in any case.
fn take_month_name(text: &[u8]) -> Option<(i32, &[u8])> {
    let mut name = [0u8; 12];
    let mut length = 0usize;
    let mut at = 0usize;
    while let Some(byte) = text.get(at).copied() {
        let (letter, width) = match (byte, text.get(at + 1).copied()) {
            (b'a'..=b'z' | b'A'..=b'Z', _) => (byte.to_ascii_lowercase(), 1),
            (0xc3, Some(0xa9 | 0xa8 | 0x89)) => (b'e', 2),
            (0xc3, Some(0xa4 | 0xa0)) => (b'a', 2),
            (0xc3, Some(0xbb | 0xbc)) => (b'u', 2),
            (0xc3, Some(0xa7)) => (b'c', 2),
            _ => break,
        };
        *name.get_mut(length)? = letter;
        length += 1;
        at += width;
    }
    let name = name.get(..length)?;
    let rest = text.get(at..)?;
    if length < 3 {
        return None;
    }
    let rest = rest.strip_prefix(b".").unwrap_or(rest);
    MONTHS
        .iter()
        .find(|(short, long, _)| {
            short.as_bytes() == name || long.split(' ').any(|word| !word.is_empty() && word.as_bytes() == name)
        })
        .map(|(_, _, month)| (*month, rest))
}

/// Takes a time of day: `12:30`, `12:30:00.123`, `12.30.00`, `3:07 PM`; `123000` after a compact date.
fn take_time(text: &[u8], compact: bool) -> Option<(i64, &[u8])> {
    let (hour, length, rest) = take_digits(text, if compact { 6 } else { 2 })?;
    if compact && (length == 6 || length == 4) {
        let full = if length == 4 { hour * 100 } else { hour };
        return Some((clock_micros(full / 10_000, full / 100 % 100, full % 100)?, rest));
    }
    let separator = *rest.first()?;
    if !matches!(separator, b':' | b'.' | b'h') || length > 2 {
        return None;
    }
    let (minute, length, rest) = take_digits(rest.get(1..)?, 2)?;
    (length == 2).then_some(())?;
    let (second, fraction, rest) = match rest.first() {
        Some(byte) if *byte == separator && separator != b'h' => {
            let (second, length, rest) = take_digits(rest.get(1..)?, 2)?;
            (length == 2).then_some(())?;
            let (fraction, rest) = take_fraction(rest)?;
            (second, fraction, rest)
        }
        _ if separator == b'.' => return None,
        _ => (0, 0, rest),
    };
    let (hour, rest) = take_half_day(hour, rest)?;
    Some((clock_micros(hour, minute, second)? + fraction, rest))
}

fn clock_micros(hour: i32, minute: i32, second: i32) -> Option<i64> {
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    fits.then(|| i64::from(hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND)
}

/// Digits after the second, as microseconds; finer ones are cut off.
fn take_fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some([b'.' | b',', rest @ ..]) = text.first().map(|_| text) else { return Some((0, text)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 9 {
        return None;
    }
    let mut micros = 0i64;
    for place in 0..6 {
        let digit = rest.get(place).filter(|_| place < length).map_or(0, |byte| i64::from(byte - b'0'));
        micros = micros * 10 + digit;
    }
    Some((micros, rest.get(length..)?))
}

/// AM and PM.
fn take_half_day(hour: i32, text: &[u8]) -> Option<(i32, &[u8])> {
    let rest = text.trim_ascii_start();
    let mut mark = [0u8; 4];
    let length = rest.len().min(4);
    mark.get_mut(..length)?.copy_from_slice(rest.get(..length)?);
    mark.make_ascii_lowercase();
    let (afternoon, width) = match &mark {
        [b'a', b'.', b'm', b'.'] => (false, 4),
        [b'p', b'.', b'm', b'.'] => (true, 4),
        [b'a', b'm', ..] => (false, 2),
        [b'p', b'm', ..] => (true, 2),
        _ => return Some((hour, text)),
    };
    if !(1..=12).contains(&hour) {
        return None;
    }
    Some((hour % 12 + if afternoon { 12 } else { 0 }, rest.get(width..)?))
}

/// Reads what follows the time: nothing, `Z`, ` UTC`, `+02:00`, `+0200`, `+02`.
fn read_zone(text: &[u8]) -> Option<(Clock, i64)> {
    let text = text.trim_ascii();
    let (sign, rest) = match text {
        [] => return Some((Clock::Civil, 0)),
        b"Z" | b"z" | b"UTC" | b"GMT" => return Some((Clock::Zoned, 0)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, length, rest) = take_digits(rest, 2)?;
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let (minutes, minutes_length, rest) = if rest.is_empty() { (0, 2, rest) } else { take_digits(rest, 2)? };
    let fits = length == 2 && minutes_length == 2 && rest.is_empty() && hours <= 18 && minutes < 60;
    fits.then(|| (Clock::Zoned, sign * i64::from(hours * 3600 + minutes * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_date_in_the_orders_that_fit() {
        let cases: [(&str, Option<(Orders, Clock)>); 40] = [
            ("2024-02-29", Some((YMD, Clock::Day))),
            ("2023-02-29", None),
            ("2024/2/9", Some((YMD, Clock::Day))),
            ("29.02.2024", Some((DMY, Clock::Day))),
            ("02/29/2024", Some((MDY, Clock::Day))),
            ("03/04/2024", Some((DMY | MDY, Clock::Day))),
            ("01-01-13", Some((DMY2 | MDY2, Clock::Day))),
            ("31.12.99", Some((DMY2, Clock::Day))),
            ("20240229", Some((COMPACT, Clock::Day))),
            ("20249999", None),
            ("12345678", None),
            ("24 October 2011", Some((NAMED, Clock::Day))),
            ("Oct 24, 2011", Some((NAMED, Clock::Day))),
            ("24-Oct-2011", Some((NAMED, Clock::Day))),
            ("24. März 2011", Some((NAMED, Clock::Day))),
            ("1er février 2020", Some((NAMED, Clock::Day))),
            ("3 de mayo de 2020", Some((NAMED, Clock::Day))),
            ("3 gennaio 2020", Some((NAMED, Clock::Day))),
            ("2020-01-01T15:00:00", Some((YMD, Clock::Civil))),
            ("2020-01-01T15:00:00Z", Some((YMD, Clock::Zoned))),
            ("2020-01-01T15:00:00+03:00", Some((YMD, Clock::Zoned))),
            ("2020-01-01 15:00:00.123456 UTC", Some((YMD, Clock::Zoned))),
            ("2020-01-01 15:00", Some((YMD, Clock::Civil))),
            ("2022-05-25 10.39.15", Some((YMD, Clock::Civil))),
            ("09.07.2013 12:00:00", Some((DMY | MDY, Clock::Civil))),
            ("10/31/2012 3:07 PM", Some((MDY, Clock::Civil))),
            ("10/31/2012 13:07 PM", None),
            ("20200101T120000Z", Some((COMPACT, Clock::Zoned))),
            ("2020-01-01T25:00:00", None),
            ("2020-01", None),
            ("2023-24", None),
            ("2023-24-25", None),
            ("1.2.3", None),
            ("15:00:00", None),
            ("hello world", None),
            ("May 2020", None),
            ("2020-01-01x", None),
            ("2020-01/01", None),
            ("99/99/9999", None),
            ("0000-00-00", None),
        ];
        for (text, expected) in cases {
            let found = scan(text.as_bytes()).map(|moment| (moment.orders(), moment.clock));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn moments_are_kept_in_utc_when_they_name_a_zone() {
        let micros = |text: &str| scan(text.as_bytes()).and_then(|moment| moment.micros(YMD));
        assert_eq!(micros("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(micros("1970-01-01T03:00:00+03:00"), Some(0));
        assert_eq!(micros("1970-01-01T00:00:00.5"), Some(500_000));
        assert_eq!(micros("1969-12-31T23:59:59"), Some(-1_000_000));
        assert_eq!(micros("1970-01-02"), Some(MICROS_PER_DAY));
    }

    #[test]
    fn days_and_dates_are_the_same_thing_twice() {
        for days in (-800_000..800_000).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
    }
}

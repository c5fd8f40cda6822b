//! Values as text, fast: no formatting machinery on the way of a cell. The sidecar's engine writes the same bytes; a test
//! compares.

pub(crate) mod cells;
pub(crate) mod csv;
pub(crate) mod json;

use fairground_tables_query::calendar::{DAY_MICROS, date_of};

/// All pairs of digits, one after the other.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// Digits of the largest number.
const DIGITS_MAX: usize = 39;

/// A number in decimal digits, at least so many.
fn write_digits(mut number: u128, least: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; DIGITS_MAX];
    let mut at = DIGITS_MAX;
    // Most numbers are short; 64 bits divide much faster than 128.
    while number > u128::from(u64::MAX) {
        at -= 1;
        put(&mut digits, at, b'0' + u8::try_from(number % 10).unwrap_or_default());
        number /= 10;
    }
    let mut number = u64::try_from(number).unwrap_or_default();
    while number >= 100 {
        let pair = usize::try_from(number % 100).unwrap_or_default() * 2;
        number /= 100;
        at -= 2;
        put(&mut digits, at, PAIRS.get(pair).copied().unwrap_or(b'0'));
        put(&mut digits, at + 1, PAIRS.get(pair + 1).copied().unwrap_or(b'0'));
    }
    while number > 0 {
        at -= 1;
        put(&mut digits, at, b'0' + u8::try_from(number % 10).unwrap_or_default());
        number /= 10;
    }
    let at = at.min(DIGITS_MAX - least.min(DIGITS_MAX));
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

fn put(digits: &mut [u8; DIGITS_MAX], at: usize, digit: u8) {
    if let Some(place) = digits.get_mut(at) {
        *place = digit;
    }
}

pub(crate) fn write_integer(number: i64, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    write_digits(u128::from(number.unsigned_abs()), 1, out);
}

/// All digits of the scale, also zeros.
pub(crate) fn write_decimal(digits: i128, scale: u8, out: &mut Vec<u8>) {
    if digits < 0 {
        out.push(b'-');
    }
    let unit = 10u128.saturating_pow(u32::from(scale));
    let number = digits.unsigned_abs();
    write_digits(number / unit, 1, out);
    if scale > 0 {
        out.push(b'.');
        write_digits(number % unit, usize::from(scale), out);
    }
}

/// The shortest digits that give the same number again, as JSON writes them; `false` for what JSON has no number for.
pub(crate) fn write_float(number: f64, out: &mut Vec<u8>) -> bool {
    number.is_finite() && serde_json::to_writer(&mut *out, &number).is_ok()
}

/// RFC 3339.
pub(crate) fn write_date(days: i32, out: &mut Vec<u8>) {
    let (year, month, day) = date_of(days);
    if year < 0 {
        out.push(b'-');
    }
    write_digits(u128::from(year.unsigned_abs()), 4, out);
    out.push(b'-');
    write_digits(u128::from(month), 2, out);
    out.push(b'-');
    write_digits(u128::from(day), 2, out);
}

/// RFC 3339; without `Z` for civil time, without trailing zeros in the fraction.
pub(crate) fn write_timestamp(micros: i64, utc: bool, out: &mut Vec<u8>) {
    let of_day = micros.rem_euclid(DAY_MICROS).unsigned_abs();
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    write_date(i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or_default(), out);
    for (sign, part) in [(b'T', seconds / 3_600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
        out.push(sign);
        write_digits(u128::from(part), 2, out);
    }
    if fraction != 0 {
        out.push(b'.');
        write_digits(u128::from(fraction), 6, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    if utc {
        out.push(b'Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairground_tables_query::calendar;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn integers_have_all_their_digits() {
        for number in [0, 1, -1, 9, 10, 99, 100, 101, 12_345, -120, i64::MAX, i64::MIN] {
            assert_eq!(text(|out| write_integer(number, out)), number.to_string());
        }
    }

    #[test]
    fn decimals_keep_their_scale() {
        let cases = [
            (1250, 2, "12.50"),
            (-5, 2, "-0.05"),
            (0, 1, "0.0"),
            (-123_456, 3, "-123.456"),
            (7, 0, "7"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (i128::MIN, 2, "-1701411834604692317316873037158841057.28"),
        ];
        for (digits, scale, expected) in cases {
            assert_eq!(text(|out| write_decimal(digits, scale, out)), expected);
        }
    }

    #[test]
    fn times_are_written_as_the_calendar_writes_them() {
        for micros in [0, -1, 1_709_209_800_000_000, 1_709_209_800_120_000, -62_135_596_800_000_001] {
            for utc in [false, true] {
                assert_eq!(text(|out| write_timestamp(micros, utc, out)), calendar::write_timestamp(micros, utc));
            }
        }
        for days in [0, -1, 19_782, -719_528, 2_932_896] {
            assert_eq!(text(|out| write_date(days, out)), calendar::write_date(days));
        }
    }
}

//! Numbers as files write them: signs, decimal marks, groups of digits.
//!
//! A text such as `1.234` is a number in several ways of writing. [`scan`] says in which; a column's way is what all its
//! values have in common.

/// A set of ways to write numbers: one bit for each pair of decimal mark and group mark.
pub(crate) type Styles = u8;

/// `1234.5`
pub(crate) const DOT: Styles = 1;
/// `1234,5`
pub(crate) const COMMA: Styles = 1 << 1;
/// `1,234.5`
const DOT_COMMA: Styles = 1 << 2;
/// `1.234,5`
const COMMA_DOT: Styles = 1 << 3;
/// `1 234.5`
const DOT_SPACE: Styles = 1 << 4;
/// `1 234,5`
const COMMA_SPACE: Styles = 1 << 5;
/// `1'234.5`
const DOT_APOSTROPHE: Styles = 1 << 6;
/// `1'234,5`
const COMMA_APOSTROPHE: Styles = 1 << 7;
/// Every way.
pub(crate) const ANY_STYLE: Styles = 0xff;
/// The ways whose decimal mark is a point.
pub(crate) const DOT_STYLES: Styles = DOT | DOT_COMMA | DOT_SPACE | DOT_APOSTROPHE;
/// The ways whose decimal mark is a comma.
pub(crate) const COMMA_STYLES: Styles = COMMA | COMMA_DOT | COMMA_SPACE | COMMA_APOSTROPHE;

/// Digits that a whole number may have. What is longer is an identifier: it would lose digits in JSON readers, which hold
/// numbers as IEEE 754 doubles.
pub(crate) const INTEGER_DIGITS_MAX: u8 = 15;
/// Digits that a fixed-point decimal may have, before and after the mark together.
pub(crate) const DECIMAL_DIGITS_MAX: u8 = 18;
/// Digits after the mark that fixed point holds.
pub(crate) const SCALE_MAX: u8 = 12;
/// Digits after a leading plus sign: more look like a telephone number.
const PLUS_DIGITS_MAX: usize = 7;
/// The greatest exponent: with as many digits as a number may have it stays within floating point.
const EXPONENT_MAX: u32 = 240;
/// Digits of a number with marks.
const MARKED_DIGITS_MAX: usize = 60;
/// Runs of digits between marks.
const RUNS_MAX: usize = 8;

/// What a text is as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// The ways in which it is one.
    pub(crate) styles: Styles,
    /// Digits before the mark, when that is a point.
    pub(crate) whole_dot: u8,
    /// Digits after it.
    pub(crate) scale_dot: u8,
    /// Digits before the mark, when that is a comma.
    pub(crate) whole_comma: u8,
    /// Digits after it.
    pub(crate) scale_comma: u8,
    /// Whether a mark of any kind stands between digits.
    pub(crate) marked: bool,
    /// Whether it has an exponent.
    pub(crate) exponent: bool,
}

/// Says whether, and in which ways, a text is a number. Leading zeros, long digits and telephone numbers make it none.
pub(crate) fn scan(text: &[u8]) -> Option<Number> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.len() <= usize::from(INTEGER_DIGITS_MAX) && digits.iter().all(u8::is_ascii_digit) {
        let (first, length) = (*digits.first()?, u8::try_from(digits.len()).ok()?);
        return (first != b'0' || length == 1).then_some(Number {
            styles: ANY_STYLE,
            whole_dot: length,
            scale_dot: 0,
            whole_comma: length,
            scale_comma: 0,
            marked: false,
            exponent: false,
        });
    }
    scan_plain_decimal(text, digits).or_else(|| scan_marked(text))
}

/// `12.50`, by far the most frequent of numbers with a mark; `None` for everything else, numbers or not.
fn scan_plain_decimal(text: &[u8], digits: &[u8]) -> Option<Number> {
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let Some((b'.', fraction)) = digits.get(whole..)?.split_first() else { return None };
    let simple = (1..=15).contains(&whole)
        && (1..=30).contains(&fraction.len())
        && (whole == 1 || digits.first() != Some(&b'0'))
        && fraction.iter().all(u8::is_ascii_digit);
    if !simple || text.len() > digits.len() + 1 {
        return None;
    }
    let grouped = fraction.len() == 3 && whole <= 3 && digits.first() != Some(&b'0');
    let (whole, scale) = (u8::try_from(whole).ok()?, u8::try_from(fraction.len()).ok()?);
    Some(Number {
        styles: if grouped { DOT_STYLES | COMMA_DOT } else { DOT_STYLES },
        whole_dot: whole,
        scale_dot: scale,
        whole_comma: whole + scale,
        scale_comma: 0,
        marked: true,
        exponent: false,
    })
}

/// Takes a sign from the front: `-`, `- `, U+2212, `+`. Gives whether it was a plus.
fn take_sign(text: &[u8]) -> (bool, bool, &[u8]) {
    if let Some(rest) = text.strip_prefix(b"-") {
        (true, false, rest.strip_prefix(b" ").unwrap_or(rest))
    } else if let Some(rest) = text.strip_prefix("\u{2212}".as_bytes()) {
        (true, false, rest.strip_prefix(b" ").unwrap_or(rest))
    } else if let Some(rest) = text.strip_prefix(b"+") {
        (false, true, rest)
    } else {
        (false, false, text)
    }
}

/// A mark between digits and its length in bytes.
fn mark_at(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'.', ..] => Some((b'.', 1)),
        [b',', ..] => Some((b',', 1)),
        [b' ', ..] => Some((b' ', 1)),
        [b'\'', ..] => Some((b'\'', 1)),
        [0xc2, 0xa0, ..] => Some((b' ', 2)),
        [0xe2, 0x80, 0xaf | 0x89, ..] => Some((b' ', 3)),
        [0xe2, 0x80, 0x99, ..] => Some((b'\'', 3)),
        _ => None,
    }
}

fn scan_marked(text: &[u8]) -> Option<Number> {
    let (_, plus, body) = take_sign(text);
    let (body, exponent) = split_exponent(body);
    if let Some(exponent) = exponent
        && !is_exponent(exponent, body)
    {
        return None;
    }
    let mut runs = [0usize; RUNS_MAX];
    let mut marks = [0u8; RUNS_MAX];
    let mut count = 0usize;
    let mut at = 0usize;
    loop {
        let run = body.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *runs.get_mut(count)? = run;
        at += run;
        let rest = body.get(at..)?;
        if rest.is_empty() {
            break;
        }
        let (mark, length) = mark_at(rest)?;
        *marks.get_mut(count)? = mark;
        count += 1;
        at += length;
    }
    judge_runs(body, runs.get(..=count)?, marks.get(..count)?, plus, exponent.is_some())
}

/// Parts a number from its exponent.
fn split_exponent(body: &[u8]) -> (&[u8], Option<&[u8]>) {
    match body.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (body.get(..at).unwrap_or_default(), body.get(at + 1..)),
        None => (body, None),
    }
}

/// `12E4` may be a code: an exponent counts where it has a sign or the number has a mark.
fn is_exponent(exponent: &[u8], body: &[u8]) -> bool {
    let signed = matches!(exponent.first(), Some(b'+' | b'-'));
    let digits = if signed { exponent.get(1..).unwrap_or_default() } else { exponent };
    let marked = body.iter().any(|byte| matches!(byte, b'.' | b','));
    if digits.len() > 3 {
        return false;
    }
    let size = digits.iter().fold(0u32, |size, digit| size * 10 + u32::from(digit.wrapping_sub(b'0')));
    let bounded = (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && size <= EXPONENT_MAX;
    bounded && (signed || marked)
}

/// Finds the ways of writing that fit runs of digits with marks between them.
fn judge_runs(body: &[u8], runs: &[usize], marks: &[u8], plus: bool, exponent: bool) -> Option<Number> {
    let first = *runs.first()?;
    let last = *runs.last()?;
    let total: usize = runs.iter().sum();
    let zero_first = body.first() == Some(&b'0') && first > 1;
    if total == 0 || total > MARKED_DIGITS_MAX || zero_first || (plus && total > PLUS_DIGITS_MAX) {
        return None;
    }
    if marks.is_empty() && (first > usize::from(INTEGER_DIGITS_MAX)) && !exponent {
        return None;
    }
    let mut styles = 0;
    let pairs: [(Styles, u8, u8); 8] = [
        (DOT, b'.', 0),
        (COMMA, b',', 0),
        (DOT_COMMA, b'.', b','),
        (COMMA_DOT, b',', b'.'),
        (DOT_SPACE, b'.', b' '),
        (COMMA_SPACE, b',', b' '),
        (DOT_APOSTROPHE, b'.', b'\''),
        (COMMA_APOSTROPHE, b',', b'\''),
    ];
    for (style, decimal, group) in pairs {
        let (grouped, fraction) = match marks.split_last() {
            Some((mark, groups)) if *mark == decimal => (groups, true),
            _ => (marks, false),
        };
        let groups_fit = grouped.iter().all(|mark| group != 0 && *mark == group)
            && (grouped.is_empty()
                || ((1..=3).contains(&first)
                    && body.first() != Some(&b'0')
                    && runs.iter().skip(1).take(grouped.len()).all(|run| *run == 3)));
        // `.5` and `5.` are numbers; a mark alone is none.
        let ends_fit = if fraction { first > 0 || grouped.is_empty() } else { first > 0 && last > 0 };
        let groups_allowed = grouped.is_empty() || !(plus || exponent);
        if groups_fit && ends_fit && groups_allowed {
            styles |= style;
        }
    }
    if styles == 0 {
        return None;
    }
    let size = |decimal: u8| {
        let scale = if marks.last() == Some(&decimal) { last } else { 0 };
        (u8::try_from(total - scale).unwrap_or(u8::MAX), u8::try_from(scale).unwrap_or(u8::MAX))
    };
    let ((whole_dot, scale_dot), (whole_comma, scale_comma)) = (size(b'.'), size(b','));
    Some(Number { styles, whole_dot, scale_dot, whole_comma, scale_comma, marked: !marks.is_empty(), exponent })
}

/// The decimal mark of a way of writing.
fn decimal_mark(style: Styles) -> u8 {
    if style & DOT_STYLES != 0 { b'.' } else { b',' }
}

/// Reads a whole number written in one way.
pub(crate) fn parse_integer(text: &[u8], style: Styles) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !digits.is_empty() && digits.len() <= usize::from(DECIMAL_DIGITS_MAX) {
        let mut value = 0i64;
        let mut plain = true;
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                plain = false;
                break;
            }
            value = value * 10 + i64::from(digit);
        }
        if plain {
            return Some(if negative { -value } else { value });
        }
    }
    parse_decimal(text, style, 0)
}

/// Characters of a number that cannot leave 64 bits, whatever its digits.
const PLAIN_CHARS_MAX: usize = 18;
/// Powers of ten.
const POWERS: [i64; 19] = {
    let mut powers = [1i64; 19];
    let mut at = 1;
    while at < 19 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// `12.50`, by far the most frequent: digits and one mark, of no more places than the scale. `None` for everything else.
#[inline]
fn parse_plain_decimal(text: &[u8], mark: u8, scale: u8) -> Option<i64> {
    let (negative, body) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if body.len() > PLAIN_CHARS_MAX {
        return None;
    }
    let (mut value, mut point) = (0i64, None);
    for (at, byte) in body.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            value = value * 10 + i64::from(digit);
        } else if *byte == mark && point.is_none() {
            point = Some(at + 1);
        } else {
            return None;
        }
    }
    let places = point.map_or(0, |point| body.len() - point);
    let digits = body.len() - usize::from(point.is_some());
    let more = usize::from(scale).checked_sub(places)?;
    if digits == 0 || digits + more > usize::from(DECIMAL_DIGITS_MAX) {
        return None;
    }
    let value = value * POWERS.get(more)?;
    Some(if negative { -value } else { value })
}

/// Reads a number written in one way, as digits at a scale. `None` when it has more digits after the mark, or does not fit.
pub(crate) fn parse_decimal(text: &[u8], style: Styles, scale: u8) -> Option<i64> {
    let mark = decimal_mark(style);
    if let Some(value) = parse_plain_decimal(text, mark, scale) {
        return Some(value);
    }
    let (negative, _, body) = take_sign(text);
    let mut value = 0i64;
    let mut fraction: Option<u8> = None;
    let mut digits = 0u8;
    for byte in body {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            if let Some(places) = fraction.as_mut() {
                if *places == scale {
                    if digit == 0 {
                        continue;
                    }
                    return None;
                }
                *places += 1;
            }
            value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
            digits = digits.saturating_add(1);
        } else if *byte == mark {
            if fraction.is_some() {
                return None;
            }
            fraction = Some(0);
        } else if fraction.is_some() || byte.is_ascii_alphabetic() {
            return None;
        }
    }
    if digits == 0 {
        return None;
    }
    for _ in fraction.unwrap_or(0)..scale {
        value = value.checked_mul(10)?;
    }
    (value < 10i64.pow(u32::from(DECIMAL_DIGITS_MAX))).then_some(if negative { -value } else { value })
}

/// Reads a number written in one way as floating point; infinities are none.
pub(crate) fn parse_float(text: &[u8], style: Styles) -> Option<f64> {
    if style == DOT
        && let Ok(value) = std::str::from_utf8(text).ok()?.parse::<f64>()
    {
        return value.is_finite().then_some(value);
    }
    let mark = decimal_mark(style);
    let (negative, _, body) = take_sign(text);
    let mut plain = Vec::with_capacity(body.len() + 1);
    if negative {
        plain.push(b'-');
    }
    for byte in body {
        match *byte {
            byte if byte == mark => plain.push(b'.'),
            byte @ (b'0'..=b'9' | b'e' | b'E' | b'-' | b'+') => plain.push(byte),
            _ => {}
        }
    }
    std::str::from_utf8(&plain).ok()?.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_number_in_the_ways_that_fit() {
        let cases: [(&str, Option<Styles>); 40] = [
            ("0", Some(ANY_STYLE)),
            ("-12", Some(ANY_STYLE)),
            ("+1.5", Some(DOT)),
            ("12.5", Some(DOT_STYLES)),
            ("12,5", Some(COMMA_STYLES)),
            ("1.234", Some(DOT_STYLES | COMMA_DOT)),
            ("1,234", Some(COMMA_STYLES | DOT_COMMA)),
            ("0.234", Some(DOT_STYLES)),
            ("0,611553068", Some(COMMA_STYLES)),
            ("1.234,56", Some(COMMA_DOT)),
            ("1,234.56", Some(DOT_COMMA)),
            ("1,234,567", Some(DOT_COMMA)),
            ("1.234.567", Some(COMMA_DOT)),
            ("1 234,56", Some(COMMA_SPACE)),
            ("1\u{a0}234.56", Some(DOT_SPACE)),
            ("1\u{202f}234", Some(DOT_SPACE | COMMA_SPACE)),
            ("1'234.56", Some(DOT_APOSTROPHE)),
            ("1\u{2019}234", Some(DOT_APOSTROPHE | COMMA_APOSTROPHE)),
            ("\u{2212}5", Some(ANY_STYLE)),
            ("- 5", Some(ANY_STYLE)),
            (".5", Some(DOT_STYLES)),
            ("5.", Some(DOT_STYLES)),
            ("1.5e3", Some(DOT)),
            ("1e-5", Some(DOT | COMMA)),
            ("12E4", None),
            ("007", None),
            ("00", None),
            ("0164A", None),
            ("1234567890123456", None),
            ("123456789012345", Some(ANY_STYLE)),
            ("+39 030 123", None),
            ("+393331234567", None),
            ("030 1234", None),
            ("12%", None),
            ("EUR 5", None),
            ("1.2.3", None),
            ("12,34,567", None),
            ("", None),
            ("-", None),
            (".", None),
        ];
        for (text, expected) in cases {
            let found = scan(text.as_bytes()).map(|number| number.styles);
            let plain = if text.starts_with('+') { found.map(|styles| styles & (DOT | COMMA)) } else { found };
            let plain = if text.contains("e3") { plain.map(|styles| styles & DOT) } else { plain };
            let plain = if text == "1e-5" { plain.map(|styles| styles & (DOT | COMMA)) } else { plain };
            assert_eq!(plain, expected, "{text}");
        }
    }

    #[test]
    fn plain_decimals_are_seen_as_by_the_whole_rule() {
        for text in [
            "0.5",
            "12.50",
            "1.234",
            "0.234",
            "-1.234",
            "1234.567",
            "-0.1",
            "123456789012345.5",
            "00.5",
            "1.2.3",
            "1.",
            ".5",
            "12.3e4",
        ] {
            assert_eq!(scan(text.as_bytes()), scan_marked(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_value_in_every_way_of_writing() {
        let cases = [
            ("1,234.56", DOT_COMMA, 2, Some(123_456)),
            ("1.234,5", COMMA_DOT, 2, Some(123_450)),
            ("-1 234", COMMA_SPACE, 0, Some(-1_234)),
            ("1'234.56", DOT_APOSTROPHE, 2, Some(123_456)),
            (".5", DOT, 1, Some(5)),
            ("5.", DOT, 1, Some(50)),
            ("1.55", DOT, 1, None),
            ("1.50", DOT, 1, Some(15)),
            ("999999999999999999", DOT, 0, Some(999_999_999_999_999_999)),
            ("9999999999999999999", DOT, 0, None),
            ("abc", DOT, 0, None),
            ("-12.5", DOT, 2, Some(-1_250)),
            ("12,5", COMMA, 1, Some(125)),
            ("12", DOT, 3, Some(12_000)),
            ("1.2.3", DOT, 2, None),
            (".", DOT, 2, None),
            ("12345678901234567.8", DOT, 1, Some(123_456_789_012_345_678)),
            ("123456789012345678", DOT, 1, None),
        ];
        for (text, style, scale, expected) in cases {
            assert_eq!(parse_decimal(text.as_bytes(), style, scale), expected, "{text}");
        }
        assert_eq!(parse_integer(b"1.234.567", COMMA_DOT), Some(1_234_567));
        assert_eq!(parse_integer(b"- 5", DOT), Some(-5));
        assert_eq!(parse_float(b"1,5e3", COMMA), Some(1500.0));
        assert_eq!(parse_float(b"45.54780618306145", DOT), Some(45.547_806_183_061_45));
        assert_eq!(parse_float(b"1e999", DOT), None);
    }
}

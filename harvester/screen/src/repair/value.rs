//! What becomes of one value. `None`: the repair cannot read it.

use crate::value::date;

use super::Years;

/// What stands for a masked value.
const MASK: &str = "***";

pub(super) fn mask(text: &str, start: u8, end: u8) -> String {
    let (start, end) = (usize::from(start), usize::from(end));
    let length = text.chars().count();
    if start + end == 0 || length < 3 * (start + end) {
        return MASK.to_owned();
    }
    let head = text.chars().take(start);
    let tail = text.chars().skip(length - end);
    head.chain(MASK.chars()).chain(tail).collect()
}

pub(super) fn years(text: &str, to: Years) -> Option<String> {
    let year = year(text)?;
    let range = |width: i32| {
        let first = year.div_euclid(width) * width;
        format!("{first}-{}", first + width - 1)
    };
    Some(match to {
        Years::Year => year.to_string(),
        Years::FiveYears => range(5),
        Years::Decade => range(10),
    })
}

/// The year of a date, of a month (`1980-04`), of a year alone.
fn year(text: &str) -> Option<i32> {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let of_month = || {
        let (first, second) = text.split_once(['-', '/', '.']).filter(|_| text.len() <= 7)?;
        let (year, month) = if digits(first, 4) { (first, second) } else { (second, first) };
        let month = month.parse::<u32>().ok().filter(|month| (1..=12).contains(month));
        month.filter(|_| digits(year, 4)).and_then(|_| year.parse().ok())
    };
    let year = if digits(text, 4) { text.parse().ok() } else { of_month().or_else(|| date::year_of(text)) };
    year.filter(|year| (1_000..3_000).contains(year))
}

pub(super) fn band(text: &str, width: f64, bottom: Option<f64>, top: Option<f64>) -> Option<String> {
    let number = number(text)?;
    let places = places(width).max(bottom.map_or(0, places)).max(top.map_or(0, places));
    if let Some(top) = top.filter(|top| number >= *top) {
        return Some(format!("{}+", plain(top, places)));
    }
    if let Some(bottom) = bottom.filter(|bottom| number < *bottom) {
        return Some(format!("<{}", plain(bottom, places)));
    }
    // A hair more, so that 0.3 is in the band that begins at 0.3.
    let from = (number / width + 1e-9).floor() * width;
    let until = from + width;
    let whole = places == 0;
    let last = if whole { until - 1.0 } else { until };
    Some(if whole && width < 1.5 {
        plain(from, 0)
    } else if from < 0.0 {
        format!("{}…{}", plain(from, places), plain(last, places))
    } else {
        format!("{}-{}", plain(from, places), plain(last, places))
    })
}

/// Decimals of a width or step, up to six.
fn places(number: f64) -> usize {
    let written = format!("{number}");
    written.split_once('.').map_or(0, |(_, decimals)| decimals.len().min(6))
}

/// A number with so many decimals, and no minus before nothing.
fn plain(number: f64, places: usize) -> String {
    let written = format!("{number:.places$}");
    let nothing = written.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if nothing { written.trim_start_matches('-').to_owned() } else { written }
}

/// A number as people write it: `1234.5`, `1 234,5`, `1.234.567`, `1,234`, `12 %` is none.
pub(super) fn number(text: &str) -> Option<f64> {
    if text.len() > 40 {
        return None;
    }
    let solid: String =
        text.chars().filter(|sign| !matches!(sign, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')).collect();
    let (dots, commas) = (solid.matches('.').count(), solid.matches(',').count());
    let thousands = |sign: char| {
        let mut parts = solid.trim_start_matches(['-', '+']).split(sign);
        parts.next().is_some_and(|first| (1..=3).contains(&first.len())) && parts.all(|part| part.len() == 3)
    };
    let written = match (dots, commas) {
        (0 | 1, 0) => solid,
        (_, 0) if thousands('.') => solid.replace('.', ""),
        (0, _) if thousands(',') => solid.replace(',', ""),
        (0, 1) => solid.replace(',', "."),
        (1, _) if solid.rfind('.') > solid.rfind(',') => solid.replace(',', ""),
        (_, 1) if solid.rfind(',') > solid.rfind('.') => solid.replace('.', "").replace(',', "."),
        _ => return None,
    };
    let signs = written.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    written.parse().ok().filter(|number: &f64| signs && number.is_finite() && number.abs() <= 1e15)
}

pub(super) fn grid(text: &str, step: f64) -> Option<String> {
    let snapped = |number: f64| plain((number / step).round() * step, places(step));
    // One number, with a point or a comma before its decimals.
    let alone = |part: &str| {
        let part = part.trim();
        let part = if part.matches(',').count() == 1 { part.replace(',', ".") } else { part.to_owned() };
        let signs = part.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
        part.parse().ok().filter(|number: &f64| signs && number.is_finite())
    };
    if let Some(number) = alone(text) {
        return Some(snapped(number));
    }
    let pairs = [(';', "; "), (',', ", "), (' ', " ")];
    let pair = pairs.iter().find_map(|(sign, between)| {
        let (first, second) = text.split_once(*sign)?;
        Some(format!("{}{between}{}", snapped(alone(first)?), snapped(alone(second)?)))
    });
    pair.or_else(|| geometry(text, &snapped))
}

/// Words that a geometry has in it and that tell nothing.
const GEOMETRY_WORDS: &[&str] = &[
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "geometries",
    "z",
    "m",
    "zm",
    "srid",
    "empty",
    "type",
    "coordinates",
];

/// WKT or a GeoJSON geometry, in which every number moves to the grid; nothing else may be in it.
fn geometry(text: &str, snapped: &dyn Fn(f64) -> String) -> Option<String> {
    text.find(['(', '['])?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let part = if first.is_ascii_digit() || matches!(first, '-' | '+' | '.') {
            let end = rest.find(|sign: char| !sign.is_ascii_digit() && !matches!(sign, '-' | '+' | '.' | 'e' | 'E'));
            let part = rest.get(..end.unwrap_or(rest.len()))?;
            let reference = out.to_ascii_lowercase().ends_with("srid=");
            let number: f64 = part.parse().ok()?;
            out.push_str(&if reference { part.to_owned() } else { snapped(number) });
            part
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(rest.len());
            let part = rest.get(..end)?;
            GEOMETRY_WORDS.iter().find(|word| part.eq_ignore_ascii_case(word))?;
            out.push_str(part);
            part
        } else {
            let fits = first.is_ascii_whitespace()
                || matches!(first, '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' | '=' | '"');
            out.push(first);
            fits.then(|| rest.get(..first.len_utf8())).flatten()?
        };
        rest = rest.get(part.len()..)?;
    }
    Some(out)
}

pub(super) fn prefix(text: &str, keep: u8) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric()).take(usize::from(keep)).collect()
}

/// Whether a value is a count that is not nothing and below a limit.
pub(super) fn is_small(text: &str, below: u32) -> bool {
    number(text).is_some_and(|number| number.fract() == 0.0 && number > 0.0 && number < f64::from(below))
}

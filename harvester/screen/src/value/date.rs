//! Days, as people write them.

use crate::scheme::check::is_day;

/// Years in which living people, or those whose grandchildren live, were born.
pub(crate) const BIRTH_YEARS: std::ops::RangeInclusive<i32> = 1_880..=2_035;

/// The year of a date: `1980-04-16`, `16.04.1980`, `4/16/1980`, `19800416`, `16 Apr 1980`, a time behind it aside.
pub(crate) fn year_of(text: &str) -> Option<i32> {
    if !(6..=40).contains(&text.len()) {
        return None;
    }
    if let Some(read) = usual(text.as_bytes()) {
        return read;
    }
    if !text.bytes().any(|sign| sign.is_ascii_digit()) {
        return None;
    }
    // Most cells are plain numbers: digits alone are a date only when there are eight, and one point makes a decimal.
    let signs = text.bytes().filter(|sign| !sign.is_ascii_digit()).count();
    if signs == 0 {
        return if text.len() == 8 { packed(text) } else { None };
    }
    if signs == 1 {
        return None;
    }
    let day = text.split(['T', ' ']).next().filter(|day| day.len() >= 6).unwrap_or(text);
    if day.len() == 8 && day.bytes().all(|sign| sign.is_ascii_digit()) {
        return packed(day);
    }
    let mut parts = [""; 3];
    let mut count = 0;
    for part in day.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()) {
        *parts.get_mut(count)? = part;
        count += 1;
    }
    if count == 3 {
        if let [Some(first), Some(second), Some(third)] = parts.map(|part| part.trim().parse::<u32>().ok()) {
            // With dots the day is first: 3.14.15 is an outline.
            if day.contains('.') && parts.map(str::len) != [4, 2, 2] && !is_day(second, first) {
                return None;
            }
            return numeric(first, second, third, parts);
        }
        return worded(parts);
    }
    if !text.chars().any(char::is_alphabetic) {
        return None;
    }
    let mut parts = [""; 3];
    for (to, part) in parts.iter_mut().zip(text.split([' ', ',']).filter(|part| !part.is_empty())) {
        *to = part;
    }
    worded(parts)
}

/// `1980-04-16` and `16.04.1980`, a time behind it aside, read without ado; `None` for other forms.
fn usual(bytes: &[u8]) -> Option<Option<i32>> {
    if !matches!(bytes.get(10), None | Some(b'T' | b' ')) {
        return None;
    }
    let [a, b, c, d, e, f, g, h, i, j] = *bytes.first_chunk::<10>()?;
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let (year, exists) = if (e, h) == (b'-', b'-') {
        (number(&[a, b, c, d])?, is_day(number(&[f, g])?, number(&[i, j])?))
    } else if c == f && matches!(c, b'.' | b'/' | b'-') {
        let (first, second) = (number(&[a, b])?, number(&[d, e])?);
        // With dots the day is first.
        (number(&[g, h, i, j])?, is_day(second, first) || (c != b'.' && is_day(first, second)))
    } else {
        return None;
    };
    let year = i32::try_from(year).ok().filter(|year| (1_500..2_200).contains(year));
    Some(year.filter(|_| exists))
}

fn packed(day: &str) -> Option<i32> {
    let part = |from: usize, to: usize| day.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (year, month, day_of) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let year = i32::try_from(year).ok()?;
    ((1_800..2_100).contains(&year) && is_day(month, day_of)).then_some(year)
}

fn numeric(first: u32, second: u32, third: u32, parts: [&str; 3]) -> Option<i32> {
    let [a, _, c] = parts.map(|part| part.trim().len());
    let year = if a == 4 && is_day(second, third) {
        first
    } else if c == 4 && (is_day(second, first) || is_day(first, second)) {
        third
    } else if c == 2 && a <= 2 && (is_day(second, first) || is_day(first, second)) {
        // Two digits: whoever is not born yet was born a hundred years before.
        if third > 35 { 1_900 + third } else { 2_000 + third }
    } else {
        return None;
    };
    i32::try_from(year).ok().filter(|year| (1_500..2_200).contains(year))
}

/// A month in letters, of whatever language, between numbers.
fn worded(parts: [&str; 3]) -> Option<i32> {
    let words = parts.iter().filter(|part| part.chars().next().is_some_and(char::is_alphabetic)).count();
    if words != 1 {
        return None;
    }
    let numbers = parts.map(|part| part.trim_end_matches(['.', ',']).parse::<i32>().ok());
    let year = numbers.iter().flatten().find(|number| (1_800..2_100).contains(*number)).copied()?;
    let day = numbers.iter().flatten().any(|number| (1..=31).contains(number));
    let month = || {
        parts.iter().any(|part| {
            let small = part.to_lowercase();
            part.chars().count() >= 3 && MONTHS.iter().any(|month| small.starts_with(month))
        })
    };
    (day && month()).then_some(year)
}

/// How months begin, in several languages.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär", "mai", "okt", "dez",
    "fév", "fev", "avr", "jui", "aoû", "déc", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set", "ott",
    "mei", "maa", "sty", "lut", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru", "out", "led", "úno",
    "bře", "dub", "kvě", "čer", "srp", "zář", "říj", "pro", "янв", "фев", "мар", "апр", "май", "мая", "июн", "июл",
    "авг", "сен", "окт", "ноя", "дек",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_years_however_they_are_written() {
        for (text, year) in [
            ("1980-04-16", Some(1980)),
            ("16.04.1980", Some(1980)),
            ("3/29/1982", Some(1982)),
            ("19081209", Some(1908)),
            ("16/04/80", Some(1980)),
            ("1978-04-13 12:20:39", Some(1978)),
            ("1978-04-13T12:20:39Z", Some(1978)),
            ("16 Apr 1980", Some(1980)),
            ("16. März 1980", Some(1980)),
            ("1980年4月16日", Some(1980)),
            ("5 mai 1977", Some(1977)),
            ("16-Apr-1980", Some(1980)),
            ("12345678", None),
            ("1980", None),
            ("192.168.1.1", None),
            ("45.4642", None),
            ("32.13.1980", None),
            ("10:20:30", None),
            ("555-123-4567", None),
            ("3.14.15", None),
        ] {
            assert_eq!(year_of(text), year, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_year_or_none(text in "\\PC{0,48}") {
            if let Some(year) = year_of(&text) {
                proptest::prop_assert!((1_500..2_200).contains(&year));
            }
        }
    }
}

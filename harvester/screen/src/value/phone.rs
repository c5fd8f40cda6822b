//! Telephone numbers: calling codes with the lengths and beginnings of their national numbers, and how people write them.

/// A calling code: the lengths of national numbers, and the digits that these begin with (empty for any).
struct Plan(&'static str, std::ops::RangeInclusive<usize>, &'static str);

/// Calling codes of ITU-T E.164 with what national plans say of their numbers.
#[rustfmt::skip]
const PLANS: &[Plan] = &[
    Plan("1", 10..=10, "23456789"), Plan("7", 10..=10, "34789"), Plan("20", 8..=10, ""), Plan("27", 9..=9, "12345678"),
    Plan("30", 10..=10, "2568"), Plan("31", 9..=9, "123456789"), Plan("32", 8..=9, "123456789"), Plan("33", 9..=9, "123456789"),
    Plan("34", 9..=9, "56789"), Plan("36", 8..=9, "123456789"), Plan("39", 6..=11, "0138"), Plan("40", 9..=9, "23789"),
    Plan("41", 9..=9, "2345678"), Plan("43", 4..=13, "123456789"), Plan("44", 9..=10, "123578"), Plan("45", 8..=8, "23456789"),
    Plan("46", 7..=10, "123456789"), Plan("47", 8..=8, "234567890"), Plan("48", 9..=9, "123456789"), Plan("49", 6..=12, "123456789"),
    Plan("51", 8..=9, ""), Plan("52", 10..=10, "123456789"), Plan("53", 6..=8, ""), Plan("54", 10..=11, ""), Plan("55", 10..=11, "123456789"),
    Plan("56", 9..=9, "2345679"), Plan("57", 8..=10, ""), Plan("58", 10..=10, "24"), Plan("60", 8..=10, "13456789"), Plan("61", 9..=9, "23478"),
    Plan("62", 8..=12, ""), Plan("63", 8..=10, ""), Plan("64", 8..=10, "234679"), Plan("65", 8..=8, "3689"), Plan("66", 8..=9, ""),
    Plan("81", 9..=10, "123456789"), Plan("82", 8..=10, ""), Plan("84", 9..=10, ""), Plan("86", 10..=11, ""), Plan("90", 10..=10, "2345"),
    Plan("91", 10..=10, "123456789"), Plan("92", 9..=10, ""), Plan("93", 9..=9, ""), Plan("94", 9..=9, ""), Plan("95", 7..=10, ""), Plan("98", 10..=10, ""),
    Plan("211", 9..=9, ""), Plan("212", 9..=9, "5678"), Plan("213", 8..=9, ""), Plan("216", 8..=8, ""), Plan("218", 8..=9, ""),
    Plan("220", 7..=7, ""), Plan("221", 9..=9, ""), Plan("225", 8..=10, ""), Plan("233", 9..=9, ""), Plan("234", 8..=10, ""), Plan("237", 8..=9, ""),
    Plan("243", 9..=9, ""), Plan("244", 9..=9, ""), Plan("250", 9..=9, ""), Plan("251", 9..=9, ""), Plan("254", 9..=9, ""), Plan("255", 9..=9, ""),
    Plan("256", 9..=9, ""), Plan("260", 9..=9, ""), Plan("263", 9..=9, ""), Plan("264", 8..=9, ""), Plan("267", 7..=8, ""), Plan("298", 6..=6, ""),
    Plan("299", 6..=6, ""), Plan("350", 8..=8, ""), Plan("351", 9..=9, "23689"), Plan("352", 4..=11, ""), Plan("353", 7..=9, ""), Plan("354", 7..=9, ""),
    Plan("355", 8..=9, ""), Plan("356", 8..=8, ""), Plan("357", 8..=8, "2789"), Plan("358", 5..=11, ""), Plan("359", 7..=9, ""), Plan("370", 8..=8, ""),
    Plan("371", 8..=8, ""), Plan("372", 7..=8, ""), Plan("373", 8..=8, ""), Plan("374", 8..=8, ""), Plan("375", 9..=9, ""), Plan("376", 6..=6, ""),
    Plan("377", 8..=9, ""), Plan("378", 6..=10, ""), Plan("380", 9..=9, ""), Plan("381", 8..=10, ""), Plan("382", 8..=8, ""), Plan("383", 8..=9, ""),
    Plan("385", 8..=9, ""), Plan("386", 8..=8, ""), Plan("387", 8..=8, ""), Plan("389", 8..=8, ""), Plan("420", 9..=9, "234567890"), Plan("421", 9..=9, ""),
    Plan("423", 7..=9, ""), Plan("501", 7..=7, ""), Plan("502", 8..=8, ""), Plan("503", 8..=8, ""), Plan("504", 8..=8, ""), Plan("505", 8..=8, ""),
    Plan("506", 8..=8, ""), Plan("507", 7..=8, ""), Plan("509", 8..=8, ""), Plan("591", 8..=8, ""), Plan("592", 7..=7, ""), Plan("593", 8..=9, ""),
    Plan("595", 8..=9, ""), Plan("597", 6..=7, ""), Plan("598", 8..=8, ""), Plan("675", 7..=8, ""), Plan("852", 8..=8, ""), Plan("853", 8..=8, ""),
    Plan("855", 8..=9, ""), Plan("880", 8..=10, ""), Plan("886", 8..=9, ""), Plan("960", 7..=7, ""), Plan("961", 7..=8, ""), Plan("962", 8..=9, ""),
    Plan("963", 8..=9, ""), Plan("964", 8..=10, ""), Plan("965", 8..=8, ""), Plan("966", 9..=9, ""), Plan("967", 7..=9, ""), Plan("968", 8..=8, ""),
    Plan("970", 8..=9, ""), Plan("971", 8..=9, ""), Plan("972", 8..=9, ""), Plan("973", 8..=8, ""), Plan("974", 8..=8, ""), Plan("976", 8..=8, ""),
    Plan("977", 8..=10, ""), Plan("992", 9..=9, ""), Plan("993", 8..=8, ""), Plan("994", 9..=9, ""), Plan("995", 9..=9, ""), Plan("996", 9..=9, ""), Plan("998", 9..=9, ""),
];

/// How sure a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phone {
    /// With a calling code, and as that country's plan wants it.
    International,
    /// Grouped as numbers are grouped, with an area code.
    Grouped,
    /// Digits that could be a national number; the column has to say so.
    Possible,
}

/// Reads a telephone number: digits with blanks, dots, hyphens, slashes and parentheses, a label and an extension aside; or two
/// of them, as people write who can be reached on both.
pub(crate) fn phone(text: &str) -> Option<Phone> {
    let text = text.trim();
    let Some(found) = one(text) else { return two(text) };
    Some(found)
}

/// The same for a cell without letters: no label and no extension stands at it. `parted` tells whether there are signs in it
/// beside digits, blanks, dots and colons.
pub(crate) fn phone_of_signs(text: &str, parted: bool) -> Option<Phone> {
    if parted && text.bytes().any(|byte| byte == b'#') {
        return phone(text);
    }
    plain(text).or_else(|| if parted { two(text) } else { None })
}

/// Longest text of two numbers.
const TWO_BYTES_MAX: usize = 64;

/// `030 901820 / 0171 5551234`: both have to be numbers.
fn two(text: &str) -> Option<Phone> {
    if !(15..=TWO_BYTES_MAX).contains(&text.len()) {
        return None;
    }
    [" / ", ";", ", ", " - ", " | "].iter().find_map(|between| {
        let (first, second) = text.split_once(between)?;
        let (first, second) = (one(first.trim())?, one(second.trim())?);
        (first == Phone::Possible || second != Phone::Possible).then_some(first)
    })
}

/// One number, in ASCII or with the blanks and dashes of typesetters.
fn one(text: &str) -> Option<Phone> {
    let text = without_extension(without_label(text));
    if text.is_ascii() {
        return plain(text);
    }
    if text.len() > PLAIN_BYTES_MAX * 3 {
        return None;
    }
    let mut room = [b' '; PLAIN_BYTES_MAX];
    let mut length = 0;
    for sign in text.chars() {
        let written = match sign {
            '\u{a0}' | '\u{2009}' | '\u{202f}' => b' ',
            '\u{2010}'..='\u{2015}' => b'-',
            '\u{200e}' | '\u{200f}' | '\u{202a}' | '\u{202c}' => continue,
            sign => u8::try_from(sign).ok().filter(u8::is_ascii)?,
        };
        *room.get_mut(length)? = written;
        length += 1;
    }
    plain(std::str::from_utf8(room.get(..length)?).ok()?)
}

/// Bytes of one number.
const PLAIN_BYTES_MAX: usize = 26;

fn plain(text: &str) -> Option<Phone> {
    if !(6..=PLAIN_BYTES_MAX).contains(&text.len()) {
        return None;
    }
    let mut digits = [0_u8; 18];
    let mut count = 0;
    let mut groups = 0_usize;
    let mut lengths = [0_usize; 5];
    let mut dots = 0_usize;
    let mut before = b' ';
    for (at, sign) in text.bytes().enumerate() {
        match sign {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = sign;
                count += 1;
                groups += usize::from(!before.is_ascii_digit());
                if let Some(length) = lengths.get_mut(groups - 1) {
                    *length += 1;
                }
            }
            b'+' if at == 0 || (at == 1 && before == b'(') => {}
            b' ' | b'-' | b'(' | b')' | b'/' => {}
            b'.' => dots += 1,
            _ => return None,
        }
        before = sign;
    }
    let digits = digits.get(..count)?;
    if !(6..=15).contains(&count) || digits.windows(2).all(|pair| pair.first() == pair.last()) {
        return None;
    }
    let plus = text.starts_with('+') || text.starts_with("(+");
    if plus || (digits.starts_with(b"00") && count > 10) {
        let rest = if plus { digits } else { digits.get(2..)? };
        // What a plus announces is a telephone number even where the plan has no such beginning yet.
        return if international(rest) {
            Some(Phone::International)
        } else {
            (plus && is_as_long(rest)).then_some(Phone::Grouped)
        };
    }
    // One dot is a decimal, and dates and versions have dots too.
    if dots == 1 || (dots > 0 && groups < 3) {
        return None;
    }
    if is_grouped(text, digits, groups, lengths) {
        return Some(Phone::Grouped);
    }
    (7..=13).contains(&count).then_some(Phone::Possible)
}

/// What people write before a number, folded to small letters without their points.
const LABELS: &[&str] = &[
    "tel",
    "tél",
    "tlf",
    "tfno",
    "tfn",
    "telefon",
    "telefono",
    "teléfono",
    "telefone",
    "téléphone",
    "telefoon",
    "puh",
    "phone",
    "ph",
    "mob",
    "mobil",
    "mobile",
    "móvil",
    "cel",
    "cell",
    "handy",
    "gsm",
    "fax",
    "t",
    "m",
    "p",
    "kom",
    "тел",
    "моб",
    "τηλ",
    "κιν",
];

/// `Tel.: 030 901820`, `tel:+49-30-901820`: the number alone.
fn without_label(text: &str) -> &str {
    let Some(at) = text.find(|sign: char| sign.is_ascii_digit() || matches!(sign, '+' | '(')) else { return text };
    let label = text.get(..at).unwrap_or_default().trim_end_matches([' ', ':', '.']);
    let known = at > 0 && label.len() <= 16 && {
        let label = label.to_lowercase();
        LABELS.contains(&label.as_str())
    };
    if known { text.get(at..).unwrap_or(text) } else { text }
}

fn without_extension(text: &str) -> &str {
    let cut = text.find(|sign: char| sign.is_alphabetic() || sign == '#');
    match cut {
        Some(at)
            if at > 6
                && text.get(at..).is_some_and(|rest| rest.len() <= 12)
                && text.get(..at).is_some_and(|head| head.ends_with([' ', ',', ';', '/', '-', '('])) =>
        {
            text.get(..at).unwrap_or(text).trim_end_matches([' ', ',', ';', '/', '-', '('])
        }
        // `535-638-2507x90016`
        Some(at)
            if at > 6
                && text.get(at..).is_some_and(|rest| {
                    let number = rest.trim_start_matches(['x', 'X']);
                    rest.len() - number.len() == 1
                        && (1..=6).contains(&number.len())
                        && number.bytes().all(|byte| byte.is_ascii_digit())
                }) =>
        {
            text.get(..at).unwrap_or(text)
        }
        _ => text,
    }
}

/// Plans by calling code: codes have one to three digits, and none begins another one.
static BY_CODE: std::sync::LazyLock<Vec<Option<&'static Plan>>> = std::sync::LazyLock::new(|| {
    let mut codes = vec![None; 1_000];
    for plan in PLANS {
        if let Some(room) = plan.0.parse().ok().and_then(|code: usize| codes.get_mut(code)) {
            *room = Some(plan);
        }
    }
    codes
});

fn international(digits: &[u8]) -> bool {
    let mut code = 0;
    for (at, digit) in digits.iter().take(3).enumerate() {
        code = code * 10 + usize::from(digit - b'0');
        if let Some(Some(Plan(code, lengths, starts))) = BY_CODE.get(code)
            && code.len() == at + 1
        {
            let rest = digits.get(at + 1..).unwrap_or_default();
            // `+44 (0)20`: the trunk digit is written although it is not dialled.
            let rest = if *code == "39" { rest } else { without_trunk(rest) };
            return lengths.contains(&rest.len())
                && (starts.is_empty() || rest.first().is_some_and(|first| starts.as_bytes().contains(first)));
        }
    }
    false
}

/// The national number: a trunk digit is written although it is not dialled, sometimes in parentheses and again behind them.
fn without_trunk(digits: &[u8]) -> &[u8] {
    let rest = digits.strip_prefix(b"0").unwrap_or(digits);
    rest.strip_prefix(b"0").unwrap_or(rest)
}

/// Whether the digits behind a plus are as many as the plan of their calling code has, whatever they begin with.
fn is_as_long(digits: &[u8]) -> bool {
    let mut code = 0;
    digits.iter().take(3).enumerate().any(|(at, digit)| {
        code = code * 10 + usize::from(digit - b'0');
        let plan = BY_CODE.get(code).copied().flatten().filter(|plan| plan.0.len() == at + 1);
        plan.is_some_and(|plan| {
            let rest = digits.get(at + 1..).unwrap_or_default();
            plan.1.contains(&rest.len()) || plan.1.contains(&without_trunk(rest).len())
        })
    })
}

/// Whether the groups are those of a national number with its area code: `(212) 555-0123`, `030 / 123456`, `01 44 55 66 77`.
fn is_grouped(text: &str, digits: &[u8], groups: usize, lengths: [usize; 5]) -> bool {
    let [first, second, third, fourth, ..] = digits else { return false };
    if groups < 2 {
        return false;
    }
    let blank_first = matches!(text.bytes().find(|byte| !byte.is_ascii_digit()), Some(b' ' | b'('));
    let nanp = |area: u8, exchange: u8| (b'2'..=b'9').contains(&area) && (b'2'..=b'9').contains(&exchange);
    match (digits.len(), groups, lengths) {
        (10, 3, [3, 3, 4, 0, 0]) if nanp(*first, *fourth) => true,
        (11, 4, [1, 3, 3, 4, 0]) => *first == b'1' && nanp(*second, digits.get(4).copied().unwrap_or(0)),
        (10, 5, [2, 2, 2, 2, 2]) => *first == b'0',
        (9..=12, 2..=5, lengths) if *first == b'0' => {
            let [head, middle @ ..] = lengths;
            // `0721 926-0`: the last group is an extension.
            let ends = text.len() >= 2 && text.as_bytes().get(text.len() - 2) == Some(&b'-');
            let single = middle.iter().filter(|length| **length == 1).count();
            *second != b'0' && head >= 2 && single <= usize::from(ends)
        }
        // `08-54 50 27`, `031/12 34 56`: an area code, and pairs.
        (8, 3..=4, [2, 2, 2, 2, 0] | [2, 3, 3, 0, 0] | [3, 3, 2, 0, 0]) if *first == b'0' => {
            let sign = text.bytes().find(|byte| !byte.is_ascii_digit());
            *second != b'0'
                && matches!(sign, Some(b'-' | b'/'))
                && text.bytes().filter(|byte| *byte == b' ').count() >= 1
        }
        // Mobiles of Italy and Greece are written without a nought before them, the last digits in one.
        (10, 2 | 3, [3, 7, 0, 0, 0] | [3, 3, 4, 0, 0]) => matches!(first, b'2' | b'3' | b'6') && text.contains(' '),
        // Brazil, Mexico, Argentina: `11 91234-5678`, `55 1234 5678`.
        (10, 3, [2, 4, 4, 0, 0]) => *first != b'0' && blank_first,
        (11, 3, [2, 5, 4, 0, 0]) => *first != b'0' && blank_first && digits.get(2) == Some(&b'9'),
        // China, India.
        (11, 3, [3, 4, 4, 0, 0]) => *first == b'1' && *second >= b'3',
        (10, 2, [5, 5, 0, 0, 0]) => *first >= b'6' && blank_first,
        // Turkey and Russia without the trunk digit; with hyphens it would be a tax number of Poland.
        (10, 4, [3, 3, 2, 2, 0]) => *first >= b'2' && blank_first,
        (9, 3, [3, 3, 3, 0, 0]) => (b'2'..=b'9').contains(first) && !(text.contains('.') || text.contains(',')),
        (9, 3, [2, 3, 4, 0, 0]) => *first >= b'2' && blank_first,
        (9, 4, [2, 3, 2, 2, 0] | [3, 2, 2, 2, 0]) => *first >= b'1',
        (9, 3, [1, 4, 4, 0, 0]) => *first == b'9' && blank_first,
        // Russia dials 8 first.
        (11, 2..=5, [1, 3, ..]) => *first == b'8' && matches!(second, b'3' | b'4' | b'7' | b'8' | b'9'),
        (8, 3, [3, 2, 3, 0, 0]) => *first >= b'2',
        (8, 4, [2, 2, 2, 2, 0]) => *first >= b'2' && *third != b'.',
        _ => text.starts_with('(') && (8..=12).contains(&digits.len()) && groups >= 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        use Phone::{Grouped, International, Possible};
        for (text, expected) in [
            ("+49 30 901820", Some(International)),
            ("+1 212-555-0123", Some(International)),
            ("+44 (0)20 7946 0958", Some(International)),
            ("0033 1 44 55 66 77", Some(International)),
            ("+39 06 6982", Some(International)),
            ("+358 40 1234567", Some(International)),
            ("905-674-3793", Some(Grouped)),
            ("(541) 714-1388", Some(Grouped)),
            ("541.714.1388", Some(Grouped)),
            ("07700 063 966", Some(Grouped)),
            ("01 44 55 66 77", Some(Grouped)),
            ("030 / 123456", Some(Grouped)),
            ("699 956 915", Some(Grouped)),
            ("60-56-85-91", Some(Grouped)),
            ("212-555-0123 ext. 12", Some(Grouped)),
            ("5417141388", Some(Possible)),
            ("0490 75 40 81", Some(Grouped)),
            ("+999 123456789", None),
            ("+7 (138) 526-04-48", Some(Grouped)),
            ("+49(0)0991 838734", Some(International)),
            ("Tel.: 030 901820", Some(Grouped)),
            ("tel:+49-30-901820", Some(International)),
            ("тел. 8 (495) 123-45-67", Some(Grouped)),
            ("06\u{a0}12\u{a0}34\u{a0}56\u{a0}78", Some(Grouped)),
            ("030–901820", Some(Grouped)),
            ("08-54 50 27", Some(Grouped)),
            ("07221 9260-0", Some(Grouped)),
            ("11 91234-5678", Some(Grouped)),
            ("55 1234 5678", Some(Grouped)),
            ("347 1234567", Some(Grouped)),
            ("532 123 45 67", Some(Grouped)),
            ("21 123 4567", Some(Grouped)),
            ("98765 43210", Some(Grouped)),
            ("138 1234 5678", Some(Grouped)),
            ("(1) 234 5678", Some(Grouped)),
            ("030 901820 / 0171 5551234", Some(Grouped)),
            ("+49 30 901820; +49 171 5551234", Some(International)),
            // A tax number of Poland, a day with its time, one of the United States, thousands, a version, a file's number.
            ("123-456-78-90", Some(Possible)),
            ("01-02-2023", Some(Possible)),
            ("12-3456789", Some(Possible)),
            ("26.123.456", Some(Possible)),
            ("Order 12345678", None),
            ("2023/12345", Some(Possible)),
            ("12345", None),
            ("3.14159265", None),
            ("1111111111", None),
            ("2020-01-01-2021-02-03-99", None),
            ("hello", None),
            ("12:30:45", None),
        ] {
            assert_eq!(phone(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn cells_of_signs_are_read_as_texts_are(text in "[0-9 +(),;./#|-]{1,30}") {
            let text = text.trim();
            let parted = text.bytes().any(|byte| !byte.is_ascii_digit() && !matches!(byte, b' ' | b'.' | b':'));
            proptest::prop_assert_eq!(phone_of_signs(text, parted), phone(text), "{}", text);
        }

        #[test]
        fn any_text_is_a_number_or_none(text in "\\PC{0,30}") {
            let _ = phone(&text);
        }
    }
}

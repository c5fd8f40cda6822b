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

/// Reads a telephone number: digits with blanks, dots, hyphens, slashes and parentheses, an extension aside.
pub(crate) fn phone(text: &str) -> Option<Phone> {
    let text = without_extension(text.trim());
    if !(6..=26).contains(&text.len()) {
        return None;
    }
    let mut digits = [0_u8; 18];
    let mut count = 0;
    let mut groups = 0_usize;
    let mut dots = 0_usize;
    let mut before = b' ';
    for (at, sign) in text.bytes().enumerate() {
        match sign {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = sign;
                count += 1;
                groups += usize::from(!before.is_ascii_digit());
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
        return international(rest).then_some(Phone::International);
    }
    // One dot is a decimal, and dates and versions have dots too.
    if dots == 1 || (dots > 0 && groups < 3) {
        return None;
    }
    if is_grouped(text, digits, groups) {
        return Some(Phone::Grouped);
    }
    (7..=13).contains(&count).then_some(Phone::Possible)
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
        _ => text,
    }
}

fn international(digits: &[u8]) -> bool {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    PLANS.iter().filter(|Plan(code, _, _)| code.as_bytes().first() == digits.first()).any(
        |Plan(code, lengths, starts)| {
            text.strip_prefix(code).is_some_and(|rest| {
                // `+44 (0)20`: the trunk digit is written although it is not dialled.
                let rest = if *code == "39" { rest } else { rest.strip_prefix('0').unwrap_or(rest) };
                lengths.contains(&rest.len())
                    && (starts.is_empty() || rest.chars().next().is_some_and(|first| starts.contains(first)))
            })
        },
    )
}

/// Whether the groups are those of a national number with its area code: `(212) 555-0123`, `030 / 123456`, `01 44 55 66 77`.
fn is_grouped(text: &str, digits: &[u8], groups: usize) -> bool {
    let [first, second, third, fourth, ..] = digits else { return false };
    let lengths = group_lengths(text);
    let nanp = |area: u8, exchange: u8| (b'2'..=b'9').contains(&area) && (b'2'..=b'9').contains(&exchange);
    match (digits.len(), groups, lengths) {
        (10, 3, [3, 3, 4, 0, 0]) => nanp(*first, *fourth),
        (11, 4, [1, 3, 3, 4, 0]) => *first == b'1' && nanp(*second, digits.get(4).copied().unwrap_or(0)),
        (10, 5, [2, 2, 2, 2, 2]) => *first == b'0',
        (9..=12, 2..=5, lengths) if *first == b'0' => {
            *second != b'0' && lengths.iter().all(|length| *length != 1) && lengths[0] >= 2
        }
        (9, 3, [3, 3, 3, 0, 0]) => (b'2'..=b'9').contains(first) && !(text.contains('.') || text.contains(',')),
        (8, 4, [2, 2, 2, 2, 0]) => *first >= b'2' && *third != b'.',
        _ => text.starts_with('(') && (9..=12).contains(&digits.len()) && groups >= 2,
    }
}

fn group_lengths(text: &str) -> [usize; 5] {
    let mut lengths = [0; 5];
    let groups = text.split(|sign: char| !sign.is_ascii_digit()).filter(|group| !group.is_empty());
    for (to, group) in lengths.iter_mut().zip(groups) {
        *to = group.len();
    }
    lengths
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
        fn any_text_is_a_number_or_none(text in "\\PC{0,30}") {
            let _ = phone(&text);
        }
    }
}

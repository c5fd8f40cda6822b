//! Identifiers of persons outside Europe. Each takes digits and capitals without separators.

use super::check::{digits, is_day, is_repdigit, letter, luhn, number, pair, verhoeff, weigh};

/// US social security number: what the administration never gives out is refused; there is no check digit.
pub(super) fn us_ssn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| {
        let area = number(&all[..3]);
        area != 0 && area != 666 && area < 900 && pair(&all, 3) > 0 && number(&all[5..]) > 0 && !is_repdigit(&all)
    })
}

/// US individual taxpayer number: 9, then a group of certain ranges.
pub(super) fn us_itin(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| all[0] == 9 && matches!(pair(&all, 3), 50..=65 | 70..=88 | 90..=92 | 94..=99))
}

/// Canadian social insurance number: Luhn, not beginning with 0 or 8.
pub(super) fn ca_sin(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| !matches!(all[0], 0 | 8) && luhn(&all) && !is_repdigit(&all))
}

/// Brazilian CPF: two check digits mod 11.
pub(super) fn br_cpf(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        weigh(&all[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 == i32::from(all[9])
            && weigh(&all[..10], &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 == i32::from(all[10])
            && !is_repdigit(&all)
    })
}

/// Mexican CURP: letters of the name, date, sex, state, check digit.
pub(super) fn mx_curp(value: &[u8]) -> bool {
    let letters =
        |range: std::ops::Range<usize>| value.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_uppercase));
    if value.len() != 18 || !letters(0..4) || !letters(11..16) || !matches!(value.get(10), Some(b'H' | b'M' | b'X')) {
        return false;
    }
    let Some(date) = value.get(4..10).and_then(digits::<6>) else { return false };
    // The alphabet has Ñ after N.
    let worth = |sign: u8| match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'N' => u32::from(sign - b'A') + 10,
        sign => u32::from(sign.saturating_sub(b'A')) + 11,
    };
    let sum: u32 = value.iter().take(17).zip((2..=18).rev()).map(|(sign, weight)| worth(*sign) * weight).sum();
    is_day(pair(&date, 2), pair(&date, 4))
        && value.get(17).is_some_and(|check| check.is_ascii_digit() && (10 - sum % 10) % 10 == worth(*check))
}

/// Argentine CUIL of a person.
pub(super) fn ar_cuil(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        let check = || match 11 - weigh(&all[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
            11 => 0,
            10 => 9,
            check => check,
        };
        matches!(pair(&all, 0), 20 | 23 | 24 | 25 | 26 | 27) && check() == i32::from(all[10])
    })
}

/// Chilean RUN of a person: below fifty million, mod 11 with K.
pub(super) fn cl_run(value: &[u8]) -> bool {
    let Some((check, body)) = value.split_last() else { return false };
    if !matches!(body.len(), 7 | 8) || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let plain: Vec<u8> = body.iter().map(|sign| sign - b'0').collect();
    let sum: u32 =
        plain.iter().rev().zip([2, 3, 4, 5, 6, 7, 2, 3]).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let expected = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        digit => u8::try_from(digit).unwrap_or(0) + b'0',
    };
    (1_000_000..50_000_000).contains(&number(&plain)) && *check == expected
}

/// Ecuadorian cédula: province, a small third digit, Luhn.
pub(super) fn ec_cedula(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| matches!(pair(&all, 0), 1..=24 | 30) && all[2] < 6 && luhn(&all))
}

/// Australian tax file number.
pub(super) fn au_tfn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| !is_repdigit(&all) && weigh(&all, &[1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0)
}

/// Australian Medicare card number, with or without the person's place on the card.
pub(super) fn au_medicare(value: &[u8]) -> bool {
    let Some(all) = value.get(..10).and_then(digits::<10>) else { return false };
    matches!(all[0], 2..=6) && weigh(&all[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == i32::from(all[8])
}

/// Indian Aadhaar: twelve digits, Verhoeff, not beginning with 0 or 1.
pub(super) fn in_aadhaar(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|all| all[0] > 1 && verhoeff(&all) && !is_repdigit(&all))
}

/// Indian PAN of a person: the fourth letter is P.
pub(super) fn in_pan(value: &[u8]) -> bool {
    let [a, b, c, b'P', d, middle @ .., last] = value else { return false };
    middle.len() == 4
        && middle.iter().all(u8::is_ascii_digit)
        && [a, b, c, d, last].iter().all(|sign| sign.is_ascii_uppercase())
}

/// South African identity number: date, serial, citizenship, Luhn.
pub(super) fn za_id(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|all| is_day(pair(&all, 2), pair(&all, 4)) && all[10] <= 2 && luhn(&all))
}

/// Korean resident registration number.
pub(super) fn kr_rrn(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|all| {
        is_day(pair(&all, 2), pair(&all, 4))
            && (11 - weigh(&all[..12], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == i32::from(all[12])
    })
}

/// Chinese resident identity number: region, date, serial, check sign (GB 11643).
pub(super) fn cn_id(value: &[u8]) -> bool {
    let (Some(head), Some(check)) = (value.get(..17).and_then(digits::<17>), value.get(17)) else { return false };
    let sum = weigh(&head, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    value.len() == 18
        && head[0] > 0
        && matches!(pair(&head, 6), 18..=20)
        && is_day(pair(&head, 10), pair(&head, 12))
        && usize::try_from(sum).ok().and_then(|at| b"10X98765432".get(at)) == Some(check)
}

/// Japanese individual number ("My Number").
pub(super) fn jp_my_number(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|all| {
        let rest = weigh(&all[..11], &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        !is_repdigit(&all) && (if rest <= 1 { 0 } else { 11 - rest }) == i32::from(all[11])
    })
}

/// Singaporean NRIC and FIN.
pub(super) fn sg_nric(value: &[u8]) -> bool {
    let [kind, body @ .., check] = value else { return false };
    let (offset, letters) = match kind {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    digits::<7>(body).is_some_and(|all| {
        let rest = (weigh(&all, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
        usize::try_from(rest).ok().and_then(|at| letters.get(at)) == Some(check)
    })
}

/// Turkish identity number.
pub(super) fn tr_tckn(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        let odd = || weigh(&all, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
        let even = || weigh(&all, &[0, 1, 0, 1, 0, 1, 0, 1]);
        all[0] > 0
            && weigh(&all, &[1; 10]) % 10 == i32::from(all[10])
            && (odd() * 7 - even()).rem_euclid(10) == i32::from(all[9])
    })
}

const TW_LETTERS: [i32; 26] =
    [10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33];

/// Taiwanese national identity number.
pub(super) fn tw_id(value: &[u8]) -> bool {
    let [first, rest @ ..] = value else { return false };
    let (Some(place), Some(all)) = (letter(*first), digits::<9>(rest)) else { return false };
    let Some(code) = TW_LETTERS.get(usize::from(place)) else { return false };
    let sum = code / 10 + code % 10 * 9 + weigh(&all, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(all[0], 1 | 2 | 8 | 9) && sum % 10 == 0
}

/// Hong Kong identity card number.
pub(super) fn hk_id(value: &[u8]) -> bool {
    let (letters, body, check) = match value {
        [a, body @ .., check] if body.len() == 6 => ([36, letter(*a).map_or(-1, |at| i32::from(at) + 10)], body, check),
        [a, b, body @ .., check] if body.len() == 6 => {
            ([a, b].map(|sign| letter(*sign).map_or(-1, |at| i32::from(at) + 10)), body, check)
        }
        _ => return false,
    };
    let check = match check {
        b'0'..=b'9' => i32::from(check - b'0'),
        b'A' => 10,
        _ => return false,
    };
    digits::<6>(body).is_some_and(|all| {
        let [a, b] = letters;
        a >= 10 && b >= 10 && (a * 9 + b * 8 + weigh(&all, &[7, 6, 5, 4, 3, 2]) + check) % 11 == 0
    })
}

/// Thai identity number.
pub(super) fn th_id(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|all| {
        let sum = weigh(&all[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        matches!(all[0], 1..=8) && (11 - sum % 11) % 10 == i32::from(all[12])
    })
}

/// Malaysian identity card number: date, state, serial; no check digit.
pub(super) fn my_nric(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|all| {
        is_day(pair(&all, 2), pair(&all, 4))
            && matches!(pair(&all, 6), 1..=16 | 21..=59 | 60..=68 | 71..=79 | 82..=93 | 98 | 99)
    })
}

/// Indonesian NIK: region, date with 40 more in women's days, serial.
pub(super) fn id_nik(value: &[u8]) -> bool {
    digits::<16>(value).is_some_and(|all| {
        let day = pair(&all, 6);
        matches!(pair(&all, 0), 11..=94)
            && is_day(pair(&all, 8), if day > 40 { day - 40 } else { day })
            && number(&all[12..]) > 0
    })
}

/// Israeli identity number: Luhn over nine digits.
pub(super) fn il_id(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| luhn(&all) && !is_repdigit(&all))
}

/// Egyptian national number: century, date, governorate.
pub(super) fn eg_id(value: &[u8]) -> bool {
    digits::<14>(value).is_some_and(|all| {
        matches!(all[0], 2 | 3) && is_day(pair(&all, 3), pair(&all, 5)) && matches!(pair(&all, 7), 1..=35 | 88)
    })
}

/// Kazakh individual number.
pub(super) fn kz_iin(value: &[u8]) -> bool {
    let Some(all) = digits::<12>(value) else { return false };
    if !matches!(all[6], 1..=6) || !is_day(pair(&all, 2), pair(&all, 4)) {
        return false;
    }
    let mut check = weigh(&all[..11], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    if check == 10 {
        check = weigh(&all[..11], &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    }
    check == i32::from(all[11])
}

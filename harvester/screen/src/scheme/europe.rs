//! Identifiers of persons in Europe. Each takes digits and capitals without separators.

use super::check::{digits, ean13, is_day, is_repdigit, letter, luhn, mod_11_10, number, pair, verhoeff, weigh};

/// UK National Insurance number: two letters, six digits, A to D.
pub(super) fn gb_nino(value: &[u8]) -> bool {
    let [first, second, middle @ .., last] = value else { return false };
    middle.len() == 6
        && middle.iter().all(u8::is_ascii_digit)
        && matches!(last, b'A'..=b'D')
        && first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !b"DFIQUV".contains(first)
        && !b"DFIQUVO".contains(second)
        && ![b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"].contains(&&[*first, *second])
}

/// NHS number of England and Wales: ten digits, mod 11.
pub(super) fn gb_nhs(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| !is_repdigit(&all) && weigh(&all, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0)
}

const CF_ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/// Letters that stand for digits where two people would share a code.
const CF_DIGITS: &[u8; 10] = b"LMNPQRSTUV";

/// Italian codice fiscale of a person: 16 signs, the last a check letter (decree of 23 December 1976).
pub(super) fn it_cf(value: &[u8]) -> bool {
    let digit = |at: usize| {
        let sign = *value.get(at)?;
        match sign {
            b'0'..=b'9' => Some(u32::from(sign - b'0')),
            sign => CF_DIGITS.iter().position(|letter| *letter == sign).and_then(|at| u32::try_from(at).ok()),
        }
    };
    let letters =
        |range: std::ops::Range<usize>| value.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_uppercase));
    if value.len() != 16 || !letters(0..6) || !letters(8..9) || !letters(11..12) || !letters(15..16) {
        return false;
    }
    let months = value.get(8).is_some_and(|month| b"ABCDEHLMPRST".contains(month));
    let (Some(tens), Some(ones)) = (digit(9), digit(10)) else { return false };
    let day = tens * 10 + ones;
    let numbers = [6, 7, 12, 13, 14].iter().all(|at| digit(*at).is_some());
    if !months || !numbers || !((1..=31).contains(&day) || (41..=71).contains(&day)) {
        return false;
    }
    let sum: u32 = value
        .iter()
        .take(15)
        .enumerate()
        .map(|(at, sign)| {
            let worth = letter(*sign).unwrap_or_else(|| sign.wrapping_sub(b'0'));
            match at % 2 {
                0 => CF_ODD.get(usize::from(worth)).copied().unwrap_or(0),
                _ => u32::from(worth),
            }
        })
        .sum();
    value.get(15).and_then(|sign| letter(*sign)).is_some_and(|check| sum % 26 == u32::from(check))
}

/// French NIR with its key: 15 digits, Corsica's departments with a letter.
pub(super) fn fr_nir(value: &[u8]) -> bool {
    let mut plain = [0_u8; 15];
    if value.len() != 15 {
        return false;
    }
    plain.copy_from_slice(value);
    match (plain.get(5), plain.get(6)) {
        (Some(b'2'), Some(b'A')) => plain[5..7].copy_from_slice(b"19"),
        (Some(b'2'), Some(b'B')) => plain[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    let Some(all) = digits::<15>(&plain) else { return false };
    let month = pair(&all, 3);
    matches!(all[0], 1..=4 | 7 | 8)
        && matches!(month, 1..=12 | 20 | 30..=42 | 50..=99)
        && 97 - number(&all[..13]) % 97 == number(&all[13..])
}

const DNI_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn dni_letter(number: u64, check: u8) -> bool {
    usize::try_from(number % 23).ok().and_then(|at| DNI_LETTERS.get(at)) == Some(&check)
}

/// Spanish DNI: eight digits and a letter.
pub(super) fn es_dni(value: &[u8]) -> bool {
    let Some((check, rest)) = value.split_last() else { return false };
    digits::<8>(rest).is_some_and(|all| dni_letter(number(&all), *check))
}

/// Spanish NIE: X, Y or Z, seven digits and a letter.
pub(super) fn es_nie(value: &[u8]) -> bool {
    let [first @ b'X'..=b'Z', rest @ .., check] = value else { return false };
    digits::<7>(rest).is_some_and(|all| dni_letter(u64::from(first - b'X') * 10_000_000 + number(&all), *check))
}

/// German tax identification number: eleven digits, one of the first ten twice or thrice, ISO 7064 mod 11,10.
pub(super) fn de_steuer_id(value: &[u8]) -> bool {
    let Some(all) = digits::<11>(value).filter(|all| all[0] != 0 && mod_11_10(all)) else { return false };
    let mut seen = [0_u8; 10];
    for digit in all.iter().take(10) {
        if let Some(count) = seen.get_mut(usize::from(*digit)) {
            *count += 1;
        }
    }
    let often = seen.iter().filter(|count| **count > 1).count();
    often == 1 && seen.iter().all(|count| *count <= 3)
}

/// German pension insurance number: area, birth date, initial, serial, check digit.
pub(super) fn de_svnr(value: &[u8]) -> bool {
    let (Some(head), Some(initial), Some(tail)) = (value.get(..8), value.get(8), value.get(9..)) else { return false };
    let (Some(head), Some(tail), Some(initial)) = (digits::<8>(head), digits::<3>(tail), letter(*initial)) else {
        return false;
    };
    let place = initial + 1;
    let all = [head.as_slice(), &[place / 10, place % 10], &tail[..2]].concat();
    let sum: i32 = all
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| i32::from(*digit) * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    is_day(pair(&head, 4), pair(&head, 2)) && sum % 10 == i32::from(tail[2])
}

/// Dutch BSN: nine digits, the eleven test with -1 for the last.
pub(super) fn nl_bsn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| !is_repdigit(&all) && weigh(&all, &[9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0)
}

/// Belgian national register number: birth date, serial, 97 minus the rest.
pub(super) fn be_nn(value: &[u8]) -> bool {
    let Some(all) = digits::<11>(value) else { return false };
    let (month, day) = (pair(&all, 2) % 20, pair(&all, 4));
    let (body, check) = (number(&all[..9]), number(&all[9..]));
    month <= 12
        && day <= 31
        && pair(&all, 2) < 60
        && (97 - body % 97 == check || 97 - (body + 2_000_000_000) % 97 == check)
}

/// Polish PESEL: birth date with the century in the month, weights 1 3 7 9.
pub(super) fn pl_pesel(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        is_day(pair(&all, 2) % 20, pair(&all, 4)) && weigh(&all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
    })
}

/// Portuguese NIF of a person: nine digits beginning with 1, 2, 3 or 45, mod 11.
pub(super) fn pt_nif(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| {
        let check = 11 - weigh(&all[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        (matches!(all[0], 1..=3) || (all[0], all[1]) == (4, 5))
            && (if check > 9 { 0 } else { check }) == i32::from(all[8])
    })
}

/// Portuguese citizen card: eight digits, a check digit, version and its check digit.
pub(super) fn pt_cc(value: &[u8]) -> bool {
    let (Some(head), Some(version), Some(last)) = (value.get(..9), value.get(9..11), value.get(11)) else {
        return false;
    };
    if value.len() != 12
        || digits::<9>(head).is_none()
        || !version.iter().all(u8::is_ascii_uppercase)
        || !last.is_ascii_digit()
    {
        return false;
    }
    let sum: u32 = value
        .iter()
        .enumerate()
        .map(|(at, sign)| {
            let worth = letter(*sign).map_or_else(|| u32::from(sign - b'0'), |letter| u32::from(letter) + 10);
            match (at % 2, worth) {
                (0, worth) if worth >= 5 => worth * 2 - 9,
                (0, worth) => worth * 2,
                (_, worth) => worth,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Swedish personal number, 10 or 12 digits; coordination numbers have 60 more in the day.
pub(super) fn se_personnummer(value: &[u8]) -> bool {
    let short = match (value.len(), value.get(..2)) {
        (10, _) => value,
        (12, Some(b"18" | b"19" | b"20")) => value.get(2..).unwrap_or_default(),
        _ => return false,
    };
    digits::<10>(short).is_some_and(|all| {
        let day = pair(&all, 4);
        is_day(pair(&all, 2), if day > 60 { day - 60 } else { day }) && luhn(&all)
    })
}

const HETU_CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// Finnish personal identity code: date, century sign, serial, check sign. The separator may be gone already.
pub(super) fn fi_hetu(value: &[u8]) -> bool {
    let (date, rest) = match (value.len(), value.get(..6), value.get(6)) {
        (11, Some(date), Some(b'A'..=b'F' | b'U'..=b'Y')) => (date, value.get(7..)),
        (10, Some(date), _) => (date, value.get(6..)),
        _ => return false,
    };
    let (Some(date), Some([a, b, c, check])) = (digits::<6>(date), rest) else { return false };
    let Some(serial) = digits::<3>(&[*a, *b, *c]) else { return false };
    let body = number(&date) * 1_000 + number(&serial);
    is_day(pair(&date, 2), pair(&date, 0))
        && usize::try_from(body % 31).ok().and_then(|at| HETU_CHECKS.get(at)) == Some(check)
}

/// Danish CPR number: a date and four digits; since 2007 there is no check digit.
pub(super) fn dk_cpr(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| is_day(pair(&all, 2), pair(&all, 0)))
}

/// Norwegian birth number, D and H numbers: two check digits.
pub(super) fn no_fnr(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        let (day, month) = (pair(&all, 0) % 40, pair(&all, 2) % 40);
        pair(&all, 0) <= 71
            && is_day(month, day)
            && weigh(&all, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 == 0
            && weigh(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    })
}

/// Estonian and Lithuanian personal code: sex and century, date, serial, check digit in two steps.
pub(super) fn baltic_code(value: &[u8]) -> bool {
    let Some(all) = digits::<11>(value) else { return false };
    if !matches!(all[0], 1..=8) || !is_day(pair(&all, 3), pair(&all, 5)) {
        return false;
    }
    let mut check = weigh(&all[..10], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    if check == 10 {
        check = weigh(&all[..10], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    }
    check == i32::from(all[10])
}

/// Latvian personal code with a date; the newer ones begin with 32 and say nothing.
pub(super) fn lv_code(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        all[6] <= 2
            && is_day(pair(&all, 2), pair(&all, 0))
            && (1_101 - weigh(&all[..10], &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11 % 10 == i32::from(all[10])
    })
}

/// Czech and Slovak birth number with ten digits: divisible by 11, women's months 50 later.
pub(super) fn cz_rc(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| {
        let whole = number(&all);
        let month = match pair(&all, 2) {
            month @ 71.. => month - 70,
            month @ 51.. => month - 50,
            month @ 21.. => month - 20,
            month => month,
        };
        is_day(month, pair(&all, 4)) && (whole.is_multiple_of(11) || (number(&all[..9]) % 11 == 10 && all[9] == 0))
    })
}

/// Romanian CNP.
pub(super) fn ro_cnp(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|all| {
        let check = || match weigh(&all[..12], &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
            10 => 1,
            check => check,
        };
        all[0] > 0
            && is_day(pair(&all, 3), pair(&all, 5))
            && (1..=52).contains(&pair(&all, 7))
            && check() == i32::from(all[12])
    })
}

/// Bulgarian EGN: months 20 later before 1900, 40 later from 2000.
pub(super) fn bg_egn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| {
        is_day(pair(&all, 2) % 20, pair(&all, 4))
            && pair(&all, 2) < 53
            && weigh(&all[..9], &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == i32::from(all[9])
    })
}

/// Croatian OIB: eleven digits, ISO 7064 mod 11,10. Companies have them too.
pub(super) fn hr_oib(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| mod_11_10(&all) && !is_repdigit(&all))
}

/// EMŠO and JMBG of Slovenia and its neighbours.
pub(super) fn jmbg(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|all| {
        let check = || match 11 - weigh(&all[..12], &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
            10.. => 0,
            check => check,
        };
        matches!(all[4], 8 | 9 | 0) && is_day(pair(&all, 2), pair(&all, 0)) && check() == i32::from(all[12])
    })
}

/// Hungarian personal identifier: sex and century, date, serial, check digit; weights turned round after 1996.
pub(super) fn hu_szemelyi(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        let late = matches!(all[0], 3 | 4) || pair(&all, 1) >= 97;
        let weights = if late { [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] } else { [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
        matches!(all[0], 1..=4)
            && is_day(pair(&all, 3), pair(&all, 5))
            && weigh(&all[..10], &weights) % 11 == i32::from(all[10])
    })
}

/// Hungarian social security number (TAJ): nine digits, weights 3 and 7.
pub(super) fn hu_taj(value: &[u8]) -> bool {
    digits::<9>(value)
        .is_some_and(|all| !is_repdigit(&all) && weigh(&all[..8], &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == i32::from(all[8]))
}

/// Hungarian tax identifier of a person: ten digits beginning with 8.
pub(super) fn hu_tax(value: &[u8]) -> bool {
    digits::<10>(value)
        .is_some_and(|all| all[0] == 8 && weigh(&all[..9], &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == i32::from(all[9]))
}

/// Greek AMKA: a date, then Luhn.
pub(super) fn gr_amka(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| is_day(pair(&all, 2), pair(&all, 0)) && luhn(&all))
}

/// Greek tax number (AFM); companies have them too.
pub(super) fn gr_afm(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|all| {
        !is_repdigit(&all) && weigh(&all[..8], &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == i32::from(all[8])
    })
}

/// Irish PPS number: seven digits, check letter, and a second letter since 2013.
pub(super) fn ie_pps(value: &[u8]) -> bool {
    let (Some(head), Some(check)) = (value.get(..7), value.get(7).and_then(|sign| letter(*sign))) else { return false };
    let second = match value.get(8) {
        None => 0,
        Some(b'W') => 0,
        Some(sign @ b'A'..=b'I') => i32::from(sign - b'A') + 1,
        Some(_) => return false,
    };
    digits::<7>(head).is_some_and(|all| {
        let rest = (weigh(&all, &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
        let expected = if rest == 0 { 22 } else { rest - 1 };
        i32::from(check) == expected
    })
}

/// Austrian social insurance number: serial, check digit, date.
pub(super) fn at_svnr(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| {
        all[0] > 0
            && matches!(pair(&all, 6), 1..=15)
            && matches!(pair(&all, 4), 1..=31)
            && weigh(&all, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == i32::from(all[3])
    })
}

/// Swiss AHV number: 756 and EAN-13.
pub(super) fn ch_ahv(value: &[u8]) -> bool {
    value.starts_with(b"756") && digits::<13>(value).is_some_and(|all| ean13(&all))
}

/// Luxembourg's matricule of a person: date, serial, Luhn and Verhoeff.
pub(super) fn lu_matricule(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|all| {
        let mut other = [0; 12];
        other[..11].copy_from_slice(&all[..11]);
        other[11] = all[12];
        matches!(pair(&all, 0), 18..=20) && is_day(pair(&all, 4), pair(&all, 6)) && luhn(&all[..12]) && verhoeff(&other)
    })
}

/// Icelandic kennitala of a person.
pub(super) fn is_kennitala(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| {
        is_day(pair(&all, 2), pair(&all, 0))
            && matches!(all[9], 0 | 8 | 9)
            && weigh(&all, &[3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    })
}

/// Ukrainian tax number of a person.
pub(super) fn ua_rnokpp(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|all| {
        !is_repdigit(&all) && weigh(&all[..9], &[-1, 5, 7, 9, 4, 6, 10, 5, 7]).rem_euclid(11) % 10 == i32::from(all[9])
    })
}

/// Russian insurance number (SNILS).
pub(super) fn ru_snils(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|all| {
        let sum = weigh(&all[..9], &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
        u32::try_from(sum).is_ok_and(|sum| sum == pair(&all, 9)) && !is_repdigit(&all[..9])
    })
}

/// Russian taxpayer number of a person: twelve digits, two of them checks.
pub(super) fn ru_inn(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|all| {
        !is_repdigit(&all)
            && weigh(&all[..10], &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == i32::from(all[10])
            && weigh(&all[..11], &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == i32::from(all[11])
    })
}

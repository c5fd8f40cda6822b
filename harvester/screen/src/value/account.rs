//! Bank accounts and payment cards.

use crate::scheme::check::{is_repdigit, luhn};

/// Lengths of IBANs by country, as the IBAN registry lists them.
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// The length that an IBAN beginning so must have.
pub(crate) fn iban_length(start: &[u8]) -> Option<usize> {
    let [a, b, c, d, ..] = start else { return None };
    let country = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
    if !c.is_ascii_digit() || !d.is_ascii_digit() {
        return None;
    }
    let [first, second] = country.map(|letter| usize::from(letter.wrapping_sub(b'A')));
    let length = LENGTH_BY_COUNTRY.get(first)?.get(second)?;
    (*length > 0).then_some(usize::from(*length))
}

/// The same lengths by the letters of the country; 0 for none.
static LENGTH_BY_COUNTRY: std::sync::LazyLock<[[u8; 26]; 26]> = std::sync::LazyLock::new(|| {
    let mut lengths = [[0; 26]; 26];
    for ([first, second], length) in IBAN_LENGTHS {
        let row = lengths.get_mut(usize::from(first - b'A'));
        if let Some(room) = row.and_then(|row| row.get_mut(usize::from(second - b'A'))) {
            *room = u8::try_from(*length).unwrap_or(0);
        }
    }
    lengths
});

/// Before another sign is taken in, the rest is smaller than this, so that it never overflows.
const REST_MAX: u64 = u64::MAX / 1_000;

/// Whether a value, blanks and hyphens aside, is an IBAN: country, length, mod 97 (ISO 13616, ISO/IEC 7064).
pub(crate) fn is_iban(compact: &[u8]) -> bool {
    if iban_length(compact) != Some(compact.len()) {
        return false;
    }
    let (Some(head), Some(body)) = (compact.get(..4), compact.get(4..)) else { return false };
    let mut rest = 0_u64;
    for sign in body.iter().chain(head) {
        if rest >= REST_MAX {
            rest %= 97;
        }
        rest = match sign.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => rest * 10 + u64::from(digit - b'0'),
            letter @ b'A'..=b'Z' => rest * 100 + u64::from(letter - b'A') + 10,
            _ => return false,
        };
    }
    rest % 97 == 1
}

/// Whether digits are the number of a payment card: an issuer's range with its lengths (ISO/IEC 7812), and Luhn.
pub(crate) fn is_card(compact: &[u8]) -> bool {
    if !(12..=19).contains(&compact.len()) || !compact.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let prefix = |digits: usize| {
        compact.get(..digits).unwrap_or_default().iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let length = compact.len();
    let ranged = match (prefix(2), prefix(4)) {
        (40..=49, _) => matches!(length, 13 | 16 | 19),
        (51..=55, _) | (_, 2_221..=2_720) | (_, 2_200..=2_204) => length == 16,
        (34 | 37, _) => length == 15,
        (_, 6_011 | 6_440..=6_599) => (16..=19).contains(&length),
        (_, 3_000..=3_059 | 3_095) | (36 | 38 | 39, _) => (14..=19).contains(&length),
        (_, 3_528..=3_589) => (16..=19).contains(&length),
        (_, 2_131 | 1_800) => length == 15,
        (62 | 81, _) => (16..=19).contains(&length),
        (50 | 56..=69, _) => (12..=19).contains(&length),
        _ => false,
    };
    let mut plain = [0_u8; 19];
    for (to, from) in plain.iter_mut().zip(compact) {
        *to = from - b'0';
    }
    let plain = plain.get(..length).unwrap_or_default();
    ranged && !is_repdigit(plain) && luhn(plain)
}

/// Whether digits pass Luhn's check, whatever they begin with.
pub(crate) fn passes_luhn(compact: &[u8]) -> bool {
    let plain: Vec<u8> = compact.iter().filter(|byte| byte.is_ascii_digit()).map(|digit| digit - b'0').collect();
    plain.len() == compact.len() && !is_repdigit(&plain) && luhn(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specimen_accounts_and_cards_pass() {
        for iban in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "gb29nwbk60161331926819",
        ] {
            assert!(is_iban(iban.as_bytes()), "{iban}");
        }
        for iban in ["DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000", "DE", ""] {
            assert!(!is_iban(iban.as_bytes()), "{iban}");
        }
        for card in [
            "4111111111111111",
            "5555555555554444",
            "378282246310005",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
            "2223003122003222",
        ] {
            assert!(is_card(card.as_bytes()), "{card}");
        }
        for card in ["4111111111111112", "1234567812345670", "0000000000000000", "411111111111"] {
            assert!(!is_card(card.as_bytes()), "{card}");
        }
    }

    proptest::proptest! {
        #[test]
        fn one_changed_sign_breaks_an_iban(at in 4_usize..22, by in 1_u8..10) {
            let mut iban = b"DE89370400440532013000".to_vec();
            iban[at] = b'0' + (iban[at] - b'0' + by) % 10;
            proptest::prop_assert!(!is_iban(&iban));
        }

        #[test]
        fn any_bytes_are_looked_at_calmly(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let _ = (is_iban(&bytes), is_card(&bytes));
        }
    }
}

//! Arithmetic of check digits. Values are digits 0 to 9, not characters.

/// The digits of a text of exactly `N` of them.
pub(crate) fn digits<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    if value.len() != N {
        return None;
    }
    for (to, from) in out.iter_mut().zip(value) {
        *to = from.wrapping_sub(b'0');
        if *to > 9 {
            return None;
        }
    }
    Some(out)
}

/// The sum of digits times weights.
pub(crate) fn weigh(digits: &[u8], weights: &[i32]) -> i32 {
    digits.iter().zip(weights).map(|(digit, weight)| i32::from(*digit) * weight).sum()
}

/// The number that digits make.
pub(crate) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(*digit)))
}

/// Two digits of a value from a place.
pub(crate) fn pair(digits: &[u8], at: usize) -> u32 {
    match digits.get(at..at + 2) {
        Some([tens, ones]) => u32::from(*tens) * 10 + u32::from(*ones),
        _ => u32::MAX,
    }
}

/// Luhn's check (ISO/IEC 7812-1, annex B), the last digit being the check digit.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| u32::from(if digit > 4 { digit * 2 - 9 } else { digit * 2 });
    let sum: u32 = digits
        .rchunks(2)
        .map(|pair| match pair {
            [first, last] => doubled(*first) + u32::from(*last),
            [last] => u32::from(*last),
            _ => 0,
        })
        .sum();
    sum.is_multiple_of(10)
}

const DIHEDRAL: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
const PERMUTED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// Verhoeff's check, the last digit being the check digit.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    let mut sum = 0_u8;
    for (at, digit) in digits.iter().rev().enumerate() {
        let mut turned = *digit;
        for _ in 0..at % 8 {
            turned = PERMUTED.get(usize::from(turned)).copied().unwrap_or(0);
        }
        let row = DIHEDRAL.get(usize::from(sum));
        sum = row.and_then(|row| row.get(usize::from(turned))).copied().unwrap_or(0);
    }
    sum == 0
}

/// ISO 7064, mod 11,10, the last digit being the check digit.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, rest)) = digits.split_last() else { return false };
    let product = rest.iter().fold(10_u8, |product, digit| {
        let row = PRODUCTS.get(usize::from(product));
        row.and_then(|row| row.get(usize::from(*digit))).copied().unwrap_or(0)
    });
    (11 - product) % 10 == *check
}

/// What a product of that check becomes with the next digit.
const PRODUCTS: [[u8; 10]; 11] = {
    let mut products = [[0; 10]; 11];
    let mut product = 0;
    while product < 11 {
        let mut digit = 0;
        while digit < 10 {
            let sum = (product + digit) % 10;
            products[product][digit] = ((if sum == 0 { 10 } else { sum }) * 2 % 11) as u8;
            digit += 1;
        }
        product += 1;
    }
    products
};

/// The check of EAN-13: weights 1 and 3.
pub(crate) fn ean13(digits: &[u8]) -> bool {
    weigh(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0
}

/// Whether a day exists in a month of some year; February has 29.
pub(crate) const fn is_day(month: u32, day: u32) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    day >= 1 && day <= last
}

/// Whether all digits are the same.
pub(crate) fn is_repdigit(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| match pair {
        [left, right] => left == right,
        _ => true,
    })
}

/// A letter's place in the alphabet, A being 0.
pub(crate) const fn letter(sign: u8) -> Option<u8> {
    if sign.is_ascii_uppercase() { Some(sign - b'A') } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<u8> {
        text.bytes().map(|sign| sign - b'0').collect()
    }

    #[test]
    fn published_examples_pass_and_their_neighbours_do_not() {
        assert!(luhn(&of("79927398713")) && !luhn(&of("79927398714")));
        assert!(verhoeff(&of("2363")) && !verhoeff(&of("2364")));
        assert!(mod_11_10(&of("94577403194")) && !mod_11_10(&of("94577403195")));
        assert!(ean13(&of("7569217076985")) && !ean13(&of("7569217076986")));
    }

    proptest::proptest! {
        /// Every check finds each change of one digit; it is what check digits are for.
        #[test]
        fn a_changed_digit_is_found(mut value in proptest::collection::vec(0_u8..10, 6..18), at in 0_usize..18, by in 1_u8..10) {
            for check in [luhn, verhoeff, mod_11_10] {
                let Some(last) = value.len().checked_sub(1) else { continue };
                let Some(right) = (0..10).find(|digit| { value[last] = *digit; check(&value) }) else { continue };
                value[last] = right;
                let mut other = value.clone();
                let at = at % other.len();
                other[at] = (other[at] + by) % 10;
                proptest::prop_assert!(check(&value) && !check(&other));
            }
        }
    }
}

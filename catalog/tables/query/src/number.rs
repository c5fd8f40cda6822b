//! Numbers as they are written, exact.

/// Digits and an exponent: `digits × 10^exponent`, at most 38 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExactNumber {
    negative: bool,
    digits: u128,
    exponent: i64,
}

/// Beyond every value that a column holds.
const FAR: i128 = i128::MAX / 4;
const DIGITS_END: u128 = 10u128.pow(38);

impl ExactNumber {
    /// Reads `-12.5e3`; `None` for anything else, and beyond 38 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Self::exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let fraction =
            if fraction.bytes().all(|b| b.is_ascii_digit()) { fraction.trim_end_matches('0') } else { fraction };
        let mut digits = 0u128;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            digits = digits.checked_mul(10)?.checked_add(u128::from(byte - b'0')).filter(|sum| *sum < DIGITS_END)?;
        }
        Some(Self { negative, digits, exponent: exponent - i64::try_from(fraction.len()).ok()? })
    }

    fn exponent(text: &str) -> Option<i64> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        text.parse().ok()
    }

    /// The number on the axis of whole multiples of `10^-scale`: twice the same place when it lies on one; when it lies
    /// between two, the upper one and the lower one, in this order, so that no place lies between.
    pub(crate) fn span(self, scale: u8) -> (i128, i128) {
        let shift = self.exponent.saturating_add(i64::from(scale));
        let signed = |size: u128| {
            let size = i128::try_from(size).unwrap_or(FAR).min(FAR);
            if self.negative { -size } else { size }
        };
        if self.digits == 0 {
            return (0, 0);
        }
        let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|by| 10u128.checked_pow(by));
        if shift >= 0 {
            let place = signed(power.and_then(|power| self.digits.checked_mul(power)).unwrap_or(u128::MAX));
            return (place, place);
        }
        let (quotient, rest) = match power {
            Some(power) => (self.digits / power, self.digits % power),
            None => (0, self.digits),
        };
        let toward_zero = signed(quotient);
        match (rest, self.negative) {
            (0, _) => (toward_zero, toward_zero),
            (_, false) => (toward_zero + 1, toward_zero),
            (_, true) => (toward_zero, toward_zero - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_find_their_place_on_a_scale() {
        for (text, scale, span) in [
            ("5", 0, (5, 5)),
            ("-5.0", 0, (-5, -5)),
            ("3.5", 0, (4, 3)),
            ("-3.5", 0, (-3, -4)),
            ("1.005", 2, (101, 100)),
            ("1.5e2", 0, (150, 150)),
            (".5", 1, (5, 5)),
            ("0.0001", 2, (1, 0)),
            ("-1e-900", 2, (0, -1)),
            ("1e900", 2, (FAR, FAR)),
            ("-1e900", 2, (-FAR, -FAR)),
            ("0e900", 2, (0, 0)),
            ("99999999999999999999999999999999999999", 0, (FAR, FAR)),
        ] {
            assert_eq!(ExactNumber::parse(text).unwrap().span(scale), span, "{text}");
        }
        for text in ["", "-", ".", "1.2.3", "1e", "e5", "0x1", "1_000", "NaN", "inf", "١"] {
            assert_eq!(ExactNumber::parse(text), None, "{text}");
        }
    }
}

//! Numbers and sizes as each language writes them.

use super::{Language, Whole};

impl Language {
    /// `12345` as `12,345`, `12 345` or `12.345`.
    #[must_use]
    pub fn count(self, number: impl Whole) -> String {
        group(&number.whole().to_string(), self)
    }

    /// Bytes as people say them, in powers of 1000: `1.2 MB`.
    #[must_use]
    pub fn size(self, bytes: impl Whole) -> String {
        let bytes = bytes.whole();
        let units = match self {
            Self::En | Self::De | Self::Es => ["TB", "GB", "MB", "kB"],
            Self::Fr => ["To", "Go", "Mo", "ko"],
        };
        let lengths = [1_000_000_000_000_u64, 1_000_000_000, 1_000_000, 1_000];
        for (unit, name) in lengths.into_iter().zip(units) {
            if bytes >= unit {
                let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
                let (whole, tenth) = (tenths / 10, tenths % 10);
                let said = if whole >= 100 || tenth == 0 {
                    whole.to_string()
                } else {
                    decimal(&whole.to_string(), &tenth.to_string(), self)
                };
                return format!("{said} {name}");
            }
        }
        self.t("words-bytes").with("count", bytes).text()
    }

    /// A number with these decimals: `12.50` or `12,50`.
    #[must_use]
    pub fn decimal(self, whole: u32, fraction: &str) -> String {
        decimal(&whole.to_string(), fraction, self)
    }

    /// A share in words: `99.95 %`. Cut off, not rounded: what failed is never hidden. A dash where there is none.
    #[must_use]
    pub fn share(self, share: &Share) -> String {
        let Some(ppm) = share.0 else { return "–".to_owned() };
        let hundredths = ppm.unsigned_abs() / 100;
        let said = decimal(&(hundredths / 100).to_string(), &format!("{:02}", hundredths % 100), self);
        format!("{said}\u{a0}%")
    }

    /// A duration of microseconds in words: `0.42 ms`, `13 ms`, `1.3 s`.
    #[must_use]
    pub fn duration(self, micros: impl Whole) -> String {
        let micros = micros.whole();
        let (unit, name) = if micros < 1_000_000 { (1_000, "ms") } else { (1_000_000, "s") };
        let (whole, hundredths) = ((micros / unit).to_string(), micros % unit * 100 / unit);
        let said = match micros / unit {
            0 => decimal("0", &format!("{hundredths:02}"), self),
            1..=9 => decimal(&whole, &(hundredths / 10).to_string(), self),
            _ => whole,
        };
        format!("{said}\u{a0}{name}")
    }
}

/// A part of a whole, in parts of a million; `None` where there is no whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(pub Option<i64>);

/// Digits in groups of three. Spanish leaves four digits together.
pub(super) fn group(digits: &str, language: Language) -> String {
    let (separator, fewest) = match language {
        Language::En => (',', 4),
        Language::Fr => ('\u{202f}', 4),
        Language::De => ('.', 4),
        Language::Es => ('.', 5),
    };
    if digits.len() < fewest || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.to_owned();
    }
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number with decimals.
pub(super) fn decimal(whole: &str, fraction: &str, language: Language) -> String {
    let mark = match language {
        Language::En => '.',
        Language::Fr | Language::De | Language::Es => ',',
    };
    format!("{}{mark}{fraction}", group(whole, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_separators() {
        for (number, en, fr, de, es) in [
            (0_u64, "0", "0", "0", "0"),
            (999, "999", "999", "999", "999"),
            (1_000, "1,000", "1\u{202f}000", "1.000", "1000"),
            (1_234_567, "1,234,567", "1\u{202f}234\u{202f}567", "1.234.567", "1.234.567"),
        ] {
            assert_eq!(Language::ALL.map(|language| language.count(number)), [en, fr, de, es]);
        }
    }

    #[test]
    fn sizes_are_said_in_their_largest_unit() {
        for (bytes, en, fr) in [
            (0, "0 bytes", "0 octet"),
            (1, "1 byte", "1 octet"),
            (999, "999 bytes", "999 octets"),
            (1_000, "1 kB", "1 ko"),
            (1_234_567, "1.2 MB", "1,2 Mo"),
            (250_400_000, "250 MB", "250 Mo"),
            (u64::MAX, "18446744 TB", "18446744 To"),
        ] {
            assert_eq!((Language::En.size(bytes), Language::Fr.size(bytes)), (en.to_owned(), fr.to_owned()));
        }
    }

    #[test]
    fn durations_and_shares_are_said_briefly() {
        for (micros, said) in [
            (0_u64, "0.00 ms"),
            (420, "0.42 ms"),
            (1_300, "1.3 ms"),
            (13_900, "13 ms"),
            (1_300_000, "1.3 s"),
            (61_000_000, "61 s"),
        ] {
            assert_eq!(Language::En.duration(micros).replace('\u{a0}', " "), said);
        }
        for (ppm, said) in [(1_000_000, "100.00 %"), (999_999, "99.99 %"), (0, "0.00 %"), (999_500, "99.95 %")] {
            assert_eq!(Language::En.share(&Share(Some(ppm))).replace('\u{a0}', " "), said);
        }
        assert_eq!(
            (Language::De.share(&Share(Some(5))), Language::De.share(&Share(None))),
            ("0,00\u{a0}%".into(), "–".into())
        );
    }
}
